//! `cargo xtask full-scale`: all of a description, generated, compiled and tested.

mod measure;

use std::{
    ffi::OsString,
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use alipay_codegen::{Options, Output};
use alipay_openapi::{
    Description, Strictness,
    diag::{Diagnostics, Sink},
    import::tags,
    load::{Source, load},
};

use crate::{
    cli, crates,
    given::Given,
    hold::Hold,
    outcome::{Failure, Outcome},
    outside::Place,
    terminal::{complain, report, report_all, say},
};
use measure::{Measured, Table, measured};

/// The crate that is generated.
const NAME: &str = "alipay-full-scale";
/// The variable with the file to which the generated tests add what they did.
const REPORT: &str = "ALIPAY_TEST_REPORT";

/// Generates, checks and tests a crate of all tags, or of those asked for.
pub(crate) fn run(root: &Path, options: &cli::FullScale) -> Outcome {
    let out = options.out.clone().unwrap_or_else(|| root.join("target/full-scale"));
    fs::create_dir_all(&out).map_err(|e| unusable("cannot make", &out, &e))?;
    // Cargo runs in the crate's folder.
    let out = fs::canonicalize(&out).map_err(|e| unusable("cannot find", &out, &e))?;
    let krate = Crate { place: Place::own(out.join("crate"), root)?, target: out.join("target") };
    let mut table = Table::default();
    let mut sink = Sink::new();
    let given = Given::of_file_or_all(options.from.as_deref(), root, &mut sink)?;
    report_all(sink);
    let description = given.description;
    let description = description.tags(&options.tags).ignoring(&options.ignored.extensions);
    count(&description.base, &options.tags, &mut table)?;
    let redacted = redacted(&description, &mut table);
    let output = twice(root, &description, &krate, &mut table)?;
    let good = redacted && krate.prepare() && check(&krate, &output, &mut table)? && {
        let report = out.join("report.txt");
        test(&krate, &output, &report, &mut table)?
    };
    say(&format!("{table}"));
    if !good {
        complain(&format!(
            "error: {} is not as it should be; it stays there",
            krate.place.folder.display()
        ));
        return Err(Failure::Found);
    }
    if !options.keep {
        fs::remove_dir_all(&krate.place.folder)
            .map_err(|e| unusable("cannot remove", &krate.place.folder, &e))?;
    }
    Ok(())
}

fn unusable(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!("{what} {}: {error}", path.display()))
}

/// Says what is going on, where someone may be watching.
fn progress(what: &str) {
    if io::stderr().is_terminal() {
        complain(&format!("== {what}"));
    }
}

/// Counts what the description has.
fn count(base: &Source, wanted: &[String], table: &mut Table) -> Outcome {
    let mut sink = Sink::new();
    let raw = load(base, &mut sink);
    report_all(sink);
    let Some(raw) = raw else { return Err(Failure::Found) };
    let tags = tags(&raw);
    let chosen = tags.iter().filter(|tag| wanted.is_empty() || wanted.contains(&tag.tag));
    let (groups, operations) = chosen.fold((0, 0), |(n, sum), tag| (n + 1, sum + tag.operations));
    table.row("groups", &groups);
    table.row("operations", &operations);
    if wanted.is_empty() {
        let schemas = raw.value.pointer("/components/schemas").and_then(|s| s.as_object());
        table.row("schemas", &schemas.map_or(0, serde_json::Map::len));
    }
    Ok(())
}

/// Whether everything that Alipay labels as personal is redacted.
fn redacted(description: &Description, table: &mut Table) -> bool {
    let findings = alipay_codegen::check(description);
    let shown = findings.iter().filter(|finding| finding.code == "personal-not-marked");
    let shown: Vec<_> = shown.inspect(|finding| complain(&finding.to_string())).collect();
    table.row("personal fields that are shown", &shown.len());
    shown.is_empty()
}

/// Generates the crate twice, the second time from the same description as JSON with its schemas in
/// reversed order, and writes the first.
fn twice(
    root: &Path,
    description: &Description,
    krate: &Crate,
    table: &mut Table,
) -> Result<Output, Failure> {
    let shuffled = Description { base: reversed(description), ..description.clone() };
    let scaffold = krate.place.scaffold(None, "cargo xtask full-scale".to_owned(), root)?;
    let options = Options { scaffold: Some(scaffold), ..Options::new(NAME) };
    progress("generating");
    let start = Instant::now();
    let output =
        alipay_codegen::generate(description, &options).map_err(|findings| found(&findings))?;
    table.row("generated in", &format!("{:.1} s", start.elapsed().as_secs_f64()));
    table.row("findings", &output.warnings.iter().count());
    let size: usize = output.files.values().map(String::len).sum();
    let tests: usize = output.tests.values().map(String::len).sum();
    table.row("files", &format!("{}, {:.1} MB", output.files.len(), megabytes(size)));
    table.row("files of tests", &format!("{}, {:.1} MB", output.tests.len(), megabytes(tests)));
    progress("generating again, from the same description in another order");
    let again = alipay_codegen::generate(&shuffled, &options);
    let again = again.map_err(|findings| found(&findings))?;
    let different = different(&output, &again);
    let (shown, more) = different.split_at(different.len().min(5));
    for path in shown {
        complain(&format!("error: {path} depends on the order of the description"));
    }
    table.row("files that depend on the order", &different.len());
    if !more.is_empty() {
        complain(&format!("error: and {} more", more.len()));
    }
    krate.write(root, &output)?;
    if different.is_empty() { Ok(output) } else { Err(Failure::Found) }
}

fn found(findings: &Diagnostics) -> Failure {
    report(findings);
    Failure::Found
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The same description as JSON, its schemas in reversed order. Those with open enums come last, as they were: of
/// several enums of one name, the first of the description has it.
fn reversed(description: &Description) -> Source {
    const SCHEMAS: &str = "/components/schemas";
    let base = &description.base;
    let document = description.document(Strictness::WhatFits, &mut Sink::new());
    let has_enums = |name: &str| {
        let schemas = document.as_ref().and_then(|document| document.value.pointer(SCHEMAS));
        let schema = schemas.and_then(|schemas| schemas.get(name));
        schema.is_some_and(|schema| schema.to_string().contains("\"x-extensible-enum\":"))
    };
    let raw = load(base, &mut Sink::new());
    let text = raw.map(|mut raw| {
        if let Some(schemas) = raw.value.pointer_mut(SCHEMAS)
            && let Some(members) = schemas.as_object_mut()
        {
            let all = std::mem::take(members);
            let (last, first): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|(name, _)| has_enums(name));
            *members = first.into_iter().rev().chain(last).collect();
        }
        raw.value.to_string()
    });
    // What cannot be read is told of elsewhere.
    Source::new(base.name.clone(), text.unwrap_or_default())
}

/// The files in which two outputs differ by more than the digest of their description.
fn different(one: &Output, other: &Output) -> Vec<String> {
    let digests = [one, other].map(|output| {
        let meta = output.files.get("meta.rs").map(String::as_str).unwrap_or_default();
        let constant = meta.split_once("DESCRIPTION_DIGEST: &str = \"");
        let digest = constant.and_then(|(_, rest)| rest.split_once('"'));
        digest.map(|(digest, _)| digest.to_owned()).unwrap_or_default()
    });
    let same = |a: &String, b: Option<&String>| {
        let [one, other] = &digests;
        b.is_some_and(|b| a == b || (!one.is_empty() && *a == b.replace(other.as_str(), one)))
    };
    let pairs = one.files.iter().map(|(path, text)| (path, text, other.files.get(path)));
    let gone = other.files.keys().filter(|path| !one.files.contains_key(*path));
    let changed = pairs.filter(|(_, a, b)| !same(a, *b)).map(|(path, ..)| path);
    let mut paths: Vec<_> = changed.chain(gone).cloned().collect();
    for (path, a, b) in [
        ("names.lock", &one.lock, &other.lock),
        ("public-api.txt", &one.public_api, &other.public_api),
    ] {
        if !same(a, Some(b)) {
            paths.push(path.to_owned());
        }
    }
    paths
}

/// The crate that is generated, and where it is built.
struct Crate {
    place: Place,
    target: PathBuf,
}

impl Crate {
    fn write(&self, root: &Path, output: &Output) -> Outcome {
        if self.place.folder.exists() {
            fs::remove_dir_all(&self.place.folder)
                .map_err(|error| unusable("cannot remove", &self.place.folder, &error))?;
        }
        let lock = self.place.folder.join("names.lock");
        let mut output = output.clone();
        // Nothing is resolved anew then.
        self.place.add_versions(&mut output, root)?;
        let difference =
            crates::change(root, &self.place.folder, lock, output)?.difference(root)?;
        Hold::to_write(&self.place.folder, root)?.write(&[&difference], root)
    }

    /// Cargo in the folder of the crate; it prints what is wrong, and on a terminal how far it is.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "0");
        if !io::stderr().is_terminal() {
            command.arg("--quiet");
        }
        command.args(arguments).current_dir(&self.place.folder);
        command
    }

    /// Builds what the crate depends on without features, so that it is not measured.
    fn prepare(&self) -> bool {
        progress("building the dependencies");
        let checked = self.cargo(&["check", "--lib"]).status();
        checked.is_ok_and(|status| status.success())
    }

    /// Runs cargo as if the crate had just been changed, and measures the compiler.
    fn afresh(&self, arguments: &[&str]) -> Result<Measured, Failure> {
        let library = self.place.folder.join("src/lib.rs");
        let touched = fs::read(&library).and_then(|text| fs::write(&library, text));
        touched.map_err(|error| unusable("cannot write", &library, &error))?;
        measured(self.cargo(arguments))
            .map_err(|error| Failure::Unusable(format!("cannot run cargo: {error}")))
    }
}

/// `cargo check` with no feature, with one, and with all; warnings are errors.
fn check(krate: &Crate, output: &Output, table: &mut Table) -> Result<bool, Failure> {
    let first = output.features.first();
    let one = first.map(|feature| ["--features", feature.as_str()].to_vec());
    let runs =
        [("no feature", Some(Vec::new())), ("one tag", one), ("all", Some(vec!["--all-features"]))];
    for (what, features) in runs {
        let Some(features) = features else { continue };
        progress(&format!("cargo check, {what}"));
        let mut arguments = vec!["rustc", "--lib", "--profile", "check"];
        arguments.extend(features);
        arguments.extend(["--", "-D", "warnings"]);
        let run = krate.afresh(&arguments)?;
        table.row(&format!("check, {what}"), &run);
        if !run.success {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Compiles and runs the generated tests with all features.
fn test(krate: &Crate, output: &Output, report: &Path, table: &mut Table) -> Result<bool, Failure> {
    let arguments = ["test", "--test", "generated", "--all-features"];
    progress("compiling the generated tests");
    let compiled = krate.afresh(&[&arguments[..], &["--no-run"]].concat())?;
    table.row("compiling the tests", &compiled);
    if !compiled.success {
        return Ok(false);
    }
    progress("running the generated tests");
    // From an earlier run, as a rule there is none.
    let _ = fs::remove_file(report);
    let run = measured_tests(krate, &arguments, report)?;
    table.row("running the tests", &format!("{:.1} s", run.1));
    let report = fs::read_to_string(report).unwrap_or_default();
    let in_tables = |mark: &str| -> usize {
        output.tests.values().map(|text| text.matches(mark).count()).sum()
    };
    let mut good = run.0;
    for (what, name, all) in [
        ("round trips passed", "round-trips", Some(in_tables("Case::of::<"))),
        ("calls passed", "calls", Some(in_tables("&Call::<"))),
        ("refused calls passed", "refusals", None),
        ("error codes passed", "codes", None),
    ] {
        let passed: usize = report
            .lines()
            .filter_map(|line| {
                line.strip_prefix(name)?.split_whitespace().next()?.parse::<usize>().ok()
            })
            .sum();
        match all {
            Some(all) => table.row(what, &format!("{passed} of {all}")),
            None => table.row(what, &passed),
        }
        good &= all.is_none_or(|all| all == passed);
    }
    Ok(good)
}

/// Whether the tests passed, and how long they took.
fn measured_tests(
    krate: &Crate,
    arguments: &[&str],
    report: &Path,
) -> Result<(bool, f64), Failure> {
    let start = Instant::now();
    let status = krate
        .cargo(arguments)
        .env(REPORT, report)
        .status()
        .map_err(|error| Failure::Unusable(format!("cannot run cargo: {error}")))?;
    Ok((status.success(), start.elapsed().as_secs_f64()))
}
