//! `cargo xtask bench`: all benches, and one table of what they measured.
//!
//! Benches are criterion's. Their groups say what is measured; a member whose name starts with
//! `floor` is the least work that does the same, and the others are shown as multiples of it. Rounds
//! are repeated, so that floor and subject are measured in turns, and the medians are shown.

mod report;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Failure, Outcome, cli};
use report::{Measured, Row};

/// The runs of cargo that make up a round: all benches, and those of the other cryptographic library.
const RUNS: &[&str] = &[
    "bench --quiet --locked --workspace --bench *",
    "bench --quiet --locked -p alipay-core --no-default-features --features rsa,reqwest --bench *",
];

/// Runs the benches and prints what they measured.
pub(crate) fn run(root: &Path, options: &cli::Bench) -> Outcome {
    let folder = root.join("target").join("bench");
    let earlier = match &options.compare {
        Some(name) => Some(load(&saved(&folder, name)?)?),
        None => None,
    };
    let mut rounds = Vec::new();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        rounds.push(measure(root, &folder.join("criterion"), options.filter.as_deref())?);
    }
    let rows = report::rows(&rounds);
    if rows.is_empty() {
        return Err(Failure::Unusable("no bench has a name like that".to_owned()));
    }
    print!("{}", report::table(&rows, earlier.as_deref()));
    match &options.save {
        Some(name) => save(&folder, &saved(&folder, name)?, &rows),
        None => Ok(()),
    }
}

/// One round.
fn measure(root: &Path, results: &Path, filter: Option<&str>) -> Result<Vec<Measured>, Failure> {
    match fs::remove_dir_all(results) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(unusable(results, &error));
        }
        _ => {}
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for arguments in RUNS {
        let status = Command::new(&cargo)
            .args(arguments.split(' '))
            .args(["--", "--noplot"])
            .args(filter)
            .env("CRITERION_HOME", results)
            .current_dir(root)
            .stdout(Stdio::null())
            .status()
            .map_err(|error| Failure::Unusable(format!("cannot run cargo: {error}")))?;
        if !status.success() {
            eprintln!("error: cargo {arguments} failed");
            return Err(Failure::Found);
        }
    }
    let mut measured = Vec::new();
    if results.is_dir() {
        collect(results, &mut measured)?;
    }
    Ok(measured)
}

/// Reads the results below a folder.
fn collect(folder: &Path, found: &mut Vec<Measured>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| unusable(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| unusable(folder, &error))?.path();
        if path.file_name().is_some_and(|name| name == "new") && path.is_dir() {
            let read = |name| {
                let file = path.join(name);
                let text = fs::read_to_string(&file).map_err(|error| unusable(&file, &error))?;
                serde_json::from_str(&text).map_err(|error| unusable(&file, &error))
            };
            found.extend(Measured::read(&read("benchmark.json")?, &read("estimates.json")?));
        } else if path.is_dir() {
            collect(&path, found)?;
        }
    }
    Ok(())
}

/// Where figures of a name are kept.
fn saved(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(fits) {
        return Err(Failure::Unusable(format!(
            "`{name}` does not do as a name: take letters, digits, `-`, `_` and `.`"
        )));
    }
    Ok(folder.join(format!("{name}.json")))
}

fn save(folder: &Path, file: &Path, rows: &[Row]) -> Outcome {
    let content: BTreeMap<_, _> = rows.iter().map(|row| (row.name(), row.value)).collect();
    let text = serde_json::to_string_pretty(&content).map_err(|error| unusable(file, &error))?;
    fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    fs::write(file, text + "\n").map_err(|error| unusable(file, &error))
}

fn load(file: &Path) -> Result<Vec<(String, f64)>, Failure> {
    let text = fs::read_to_string(file).map_err(|error| unusable(file, &error))?;
    let content: BTreeMap<String, f64> =
        serde_json::from_str(&text).map_err(|error| unusable(file, &error))?;
    Ok(content.into_iter().collect())
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Unusable(format!("{}: {error}", path.display()))
}
