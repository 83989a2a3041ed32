//! `cargo xtask package`: what would be published, looked at, compiled and used as a stranger would use it.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use crate::{
    cli, files,
    outcome::{Failure, Outcome},
    terminal::{complain, say},
};

/// What each package has.
const NEEDED: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];
/// What each package has one of at least: a library, or a program.
const ROOTS: [&str; 2] = ["src/lib.rs", "src/main.rs"];
/// Folders that stay in the repository.
const FOLDERS: [&str; 5] = ["benches", "fuzz", "proptest-regressions", "snapshots", "tests"];
/// Files that may be keys or certificates, and snapshots.
const EXTENSIONS: [&str; 8] = ["cer", "crt", "der", "key", "p12", "pem", "pfx", "snap"];
/// What base64 of an RSA private key has in its first line: before the key in PKCS#8, and before the modulus in PKCS#1.
const BARE: [&str; 2] = ["BAQEFAASC", "IBAAK"];
/// What the example of a new crate reads of its tests.
const CONTRACT: &str = "tests/generated/contract.json";

/// Packs the crates, looks into the packages, and compiles and uses them.
pub(crate) fn run(root: &Path, options: &cli::Package) -> Outcome {
    let workspace = Workspace::of(root)?;
    if options.for_release && !workspace.is_ready(root)? {
        return Err(Failure::Found);
    }
    let clean: &[&str] = if options.for_release { &[] } else { &["--allow-dirty"] };
    workspace.unpack(clean)?;
    if !workspace.holds_what_it_should()? {
        return Err(Failure::Found);
    }
    workspace.write_program(root)?;
    workspace.check_each()?;
    workspace.check_examples()?;
    workspace.run_program()
}

/// A crate that is published.
struct Package {
    name: String,
    version: String,
    repository: String,
}

impl Package {
    /// Its name and version, as its file and its folder are called.
    fn file_stem(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

/// The crates that are published, and where they are built.
struct Workspace {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<Package>,
}

impl Workspace {
    /// Asks cargo.
    fn of(root: &Path) -> Result<Self, Failure> {
        let mut cargo = cargo(root);
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).stderr(Stdio::inherit());
        let output = cargo.output().map_err(|error| no_cargo(&error))?;
        let metadata = serde_json::from_slice::<Value>(&output.stdout).ok();
        let metadata = metadata.filter(|_| output.status.success());
        let target = metadata.as_ref().and_then(|metadata| metadata.get("target_directory"));
        let all = metadata.as_ref().and_then(|metadata| metadata.get("packages"));
        let (Some(target), Some(all)) = (target.and_then(Value::as_str), all) else {
            return Err(Failure::Unusable(
                "`cargo metadata` does not say what it should".to_owned(),
            ));
        };
        let text = |package: &Value, key| {
            package.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        // `publish` is the list of registries: all of them if there is none.
        let published = all.as_array().into_iter().flatten().filter(|package| {
            !matches!(package.get("publish"), Some(Value::Array(registries)) if registries.is_empty())
        });
        let packages: Vec<_> = published
            .map(|package| Package {
                name: text(package, "name"),
                version: text(package, "version"),
                repository: text(package, "repository"),
            })
            .collect();
        if packages.is_empty() {
            return Err(Failure::Unusable(
                "no crate of the workspace is to be published".to_owned(),
            ));
        }
        Ok(Self { root: root.to_owned(), target: PathBuf::from(target), packages })
    }

    /// Whether nothing is missing that a release needs.
    fn is_ready(&self, root: &Path) -> Result<bool, Failure> {
        let changelog = files::read(&root.join("CHANGELOG.md"), root)?.text;
        let without =
            self.packages.iter().filter(|package| !package.repository.starts_with("https://"));
        let without: Vec<_> = without.map(|package| package.name.as_str()).collect();
        let mut missing = Vec::new();
        if !without.is_empty() {
            missing.push(format!(
                "`repository` is no address: set it in [workspace.package] of Cargo.toml ({})",
                without.join(", ")
            ));
        }
        let versions: BTreeSet<_> = self.packages.iter().map(|package| &package.version).collect();
        for heading in versions.into_iter().map(|version| format!("## {version}")) {
            if !changelog.lines().any(|line| line.split(" - ").next() == Some(&heading)) {
                missing.push(format!(
                    "CHANGELOG.md has no `{heading} - DATE`: put what is unreleased below it"
                ));
            }
        }
        Ok(good(&missing))
    }

    /// The folder of the scratch project, in which the packages are unpacked.
    fn scratch(&self) -> PathBuf {
        self.target.join("packages")
    }

    /// Packs all crates without building them, and unpacks what came of it.
    fn unpack(&self, options: &[&str]) -> Outcome {
        let mut cargo = cargo(&self.root);
        // It would warn of each test that is left out.
        cargo.args(["package", "--quiet", "--locked", "--no-verify"]).args(options);
        cargo.args(self.packages.iter().flat_map(|package| ["-p", &package.name]));
        step("packing", cargo)?;
        let scratch = self.scratch();
        if scratch.exists() {
            fs::remove_dir_all(&scratch)
                .map_err(|e| files::unusable("cannot remove", &self.shown(&scratch), &e))?;
        }
        fs::create_dir_all(&scratch)
            .map_err(|e| files::unusable("cannot make", &self.shown(&scratch), &e))?;
        for package in &self.packages {
            let file = self.target.join("package").join(format!("{}.crate", package.file_stem()));
            let mut tar = Command::new("tar");
            // Files of a package are as old as cargo says, which takes only new ones for changed.
            tar.arg("-xzmf").arg(&file).arg("-C").arg(&scratch);
            let status = tar.status().map_err(|error| {
                Failure::Unusable(format!("cannot run tar, which unpacks packages: {error}"))
            })?;
            if !status.success() {
                return Err(Failure::Unusable(format!("cannot unpack {}", self.shown(&file))));
            }
        }
        Ok(())
    }

    /// Whether each package holds what it should, and nothing else.
    fn holds_what_it_should(&self) -> Result<bool, Failure> {
        let mut wrong = Vec::new();
        for package in &self.packages {
            let name = &package.name;
            let folder = self.scratch().join(package.file_stem());
            let unreadable = |e| files::unusable("cannot read", &self.shown(&folder), &e);
            let found = files::files_below(&folder).map_err(unreadable)?;
            let found: Vec<_> = found
                .iter()
                .map(|(path, kind)| (path.strip_prefix(&folder).unwrap_or(path), *kind))
                .collect();
            let has = |wanted: &str| found.iter().any(|(path, _)| *path == Path::new(wanted));
            for needed in NEEDED.into_iter().filter(|needed| !has(needed)) {
                wrong.push(format!("{name}: {needed} is missing: add or link it"));
            }
            if !ROOTS.into_iter().any(has) {
                wrong.push(format!("{name}: it has neither {} nor {}", ROOTS[0], ROOTS[1]));
            }
            for (path, kind) in &found {
                let shown = path.display();
                if stays_here(path) {
                    wrong.push(format!(
                        "{name}: {shown} does not belong in a package: see `include`"
                    ));
                } else if kind.is_symlink() {
                    wrong.push(format!("{name}: {shown} is a link: it leads nowhere for others"));
                } else {
                    let bytes = fs::read(folder.join(path)).map_err(unreadable)?;
                    let problem = problem_of(&String::from_utf8_lossy(&bytes));
                    wrong.extend(problem.map(|problem| format!("{name}: {shown} {problem}")));
                }
            }
        }
        Ok(good(&wrong))
    }

    /// Writes the scratch project: a workspace of the packages, and at its root README's first program with the lines
    /// that README has for `Cargo.toml`.
    fn write_program(&self, root: &Path) -> Outcome {
        let voucher = self.packages.iter().find(|package| package.name == "alipay-voucher");
        let voucher = voucher.ok_or_else(|| {
            Failure::Unusable("`alipay-voucher` is not to be published".to_owned())
        })?;
        let scratch = self.scratch();
        let write = |path: &str, text: &str| {
            let path = scratch.join(path);
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            made.and_then(|()| fs::write(&path, text))
                .map_err(|e| files::unusable("cannot write", &self.shown(&path), &e))
        };
        let readme = files::read(&root.join("README.md"), root)?.text;
        let block = readme.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```"));
        let (dependencies, _) = block.ok_or_else(|| {
            Failure::Unusable("README.md has no lines for Cargo.toml, a block of `toml`".to_owned())
        })?;
        let folders = self.packages.iter().map(Package::file_stem);
        let members: Vec<_> = folders.map(|folder| format!("{folder:?}")).collect();
        let manifest = format!(
            "[package]\nname = \"first\"\nedition = \"2024\"\n\n{dependencies}\n\
             [workspace]\nmembers = [{}]\n\n{}",
            members.join(", "),
            self.replacements(root)?
        );
        write("Cargo.toml", &manifest)?;
        // Nothing is resolved anew then.
        write("Cargo.lock", &files::read(&root.join("Cargo.lock"), root)?.text)?;
        write("src/lib.rs", "")?;
        let program = scratch.join(voucher.file_stem()).join("examples/first.rs");
        write("examples/first.rs", &files::read(&program, root)?.text)
    }

    /// The unpacked packages in place of those of the registry, and the profiles of this workspace, so that
    /// dependencies that are built need not be built again.
    fn replacements(&self, root: &Path) -> Result<String, Failure> {
        let source = files::read(&root.join("Cargo.toml"), root)?;
        let manifest: DocumentMut =
            source.text.parse().map_err(|error: toml_edit::TomlError| {
                Failure::Unusable(format!("{}: {}", source.name, error.to_string().trim_end()))
            })?;
        let mut patches = Table::new();
        for package in &self.packages {
            let path = InlineTable::from_iter([("path", package.file_stem())]);
            patches.insert(&package.name, value(path));
        }
        let mut registries = Table::new();
        registries.set_implicit(true);
        registries.insert("crates-io", Item::Table(patches));
        let mut document = DocumentMut::new();
        document.insert("patch", Item::Table(registries));
        if let Some(profiles) = manifest.get("profile") {
            document.insert("profile", profiles.clone());
        }
        Ok(document.to_string())
    }

    /// Compiles each package by itself, with the features that it asks for.
    ///
    /// Cargo would do so while it packs them, but would take what they need of each other from where it unpacked them
    /// the last time, if the versions are the same, whatever has changed since.
    fn check_each(&self) -> Outcome {
        for package in &self.packages {
            let mut cargo = self.cargo_in_scratch();
            cargo.args(["check", "--quiet", "-p", &package.name]);
            step(&format!("checking {}", package.file_stem()), cargo)?;
        }
        Ok(())
    }

    /// The examples in the packages compile, and the packages do with all features.
    fn check_examples(&self) -> Outcome {
        let mut cargo = self.cargo_in_scratch();
        cargo.args(["check", "--quiet", "--workspace", "--all-features", "--examples"]);
        step("checking the packages with all features, and their examples", cargo)
    }

    /// Builds and runs the program, at the gateway that it starts itself.
    fn run_program(&self) -> Outcome {
        let mut cargo = self.cargo_in_scratch();
        cargo.args(["run", "--quiet", "--example", "first"]);
        let settings = env::vars_os().map(|(name, _)| name);
        for name in settings.filter(|name| name.to_string_lossy().starts_with("ALIPAY_")) {
            cargo.env_remove(name);
        }
        step("running the first program of README.md on the packages", cargo)
    }

    fn cargo_in_scratch(&self) -> Command {
        let mut cargo = cargo(&self.scratch());
        cargo.env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    fn shown(&self, path: &Path) -> String {
        files::shown(path, &self.root)
    }
}

/// Whether a file is for those who work on the crate only.
fn stays_here(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    let is_in = |folder: &&str| path.iter().any(|part| part == *folder);
    (FOLDERS.iter().any(is_in) && path != Path::new(CONTRACT))
        || EXTENSIONS.iter().any(|one| extension == *one)
}

/// What is wrong with a file, by its text.
fn problem_of(text: &str) -> Option<&'static str> {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let mut keys = text.split("PRIVATE KEY-----").skip(1);
    let is_pem =
        keys.any(|rest| rest.trim_start().chars().take_while(|c| is_base64(*c)).count() >= 40);
    // As Alipay's tools write keys. What follows is PKCS#8's and PKCS#1's own, and in no public key or certificate.
    let is_bare = text.split(|c| !is_base64(c)).any(|run| {
        run.len() >= 40 && run.contains("MII") && BARE.iter().any(|mark| run.contains(mark))
    });
    if is_pem || is_bare {
        return Some("has a private key: packages have none");
    }
    // Where git does not make links it writes where they lead to.
    (text.starts_with("../") && text.trim_end().lines().count() == 1)
        .then_some("has the text of a link: check out with `git config core.symlinks true`")
}

/// Prints what is wrong. Says whether nothing is.
fn good(problems: &[String]) -> bool {
    for problem in problems {
        complain(&format!("error: {problem}"));
    }
    problems.is_empty()
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

fn no_cargo(error: &std::io::Error) -> Failure {
    Failure::Unusable(format!("cannot run cargo: {error}"))
}

/// Runs a command to its end.
fn step(what: &str, mut command: Command) -> Outcome {
    say(&format!("== {what}"));
    let status = command.status().map_err(|error| no_cargo(&error))?;
    if status.success() {
        return Ok(());
    }
    complain(&format!("error: {what} failed"));
    Err(Failure::Found)
}
