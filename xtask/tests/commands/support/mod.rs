//! Runs the command line, as a maintainer would.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// What a run printed and how it ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The workspace under test.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Runs `cargo xtask ARGUMENTS`.
pub(crate) fn xtask(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The local gateway's contract of all operations.
pub(crate) const CONTRACT: &str = "alipay-mock/src/contract/alipay.json";

/// The generated crates of the workspace.
pub(crate) const CRATES: [&str; 2] = ["alipay-voucher", "alipay-marketing"];

/// The table of all operations.
pub(crate) const CATALOGUE: &str = "alipay-core/src/catalogue/table.rs";

/// A copy of what the command line reads and writes: `spec`, the generated files, the workspace's
/// `Cargo.toml`.
pub(crate) struct Copy {
    folder: TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        copy(&workspace().join("spec"), &folder.path().join("spec"));
        let contracts = "alipay-mock/src/contract";
        fs::create_dir_all(folder.path().join(contracts)).unwrap();
        let from_workspace = |file: &str| {
            fs::copy(workspace().join(file), folder.path().join(file)).unwrap();
        };
        from_workspace("Cargo.toml");
        for name in CRATES {
            for generated in [format!("{name}/src/generated"), format!("{name}/tests/generated")] {
                copy(&workspace().join(&generated), &folder.path().join(&generated));
            }
            from_workspace(&format!("{name}/public-api.txt"));
            from_workspace(&format!("{contracts}/{name}.json"));
        }
        fs::create_dir_all(folder.path().join("alipay-core/src/catalogue")).unwrap();
        from_workspace(CATALOGUE);
        from_workspace(CONTRACT);
        // The generator adds the features of new groups to it.
        from_workspace("alipay-marketing/Cargo.toml");
        Self { folder }
    }

    /// A workspace without any generated crate.
    pub(crate) fn bare() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("spec")).unwrap();
        fs::write(folder.path().join("spec/crates.toml"), "# Which crate is made of what.\n")
            .unwrap();
        let copy = Self { folder };
        let manifest = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
        let (before, rest) = manifest.split_once("members = [").unwrap();
        let (_, after) = rest.split_once(']').unwrap();
        let manifest = format!("{before}members = [\"alipay-core\"]{after}");
        fs::write(copy.path("Cargo.toml"), manifest).unwrap();
        copy
    }

    /// Runs cargo in it, with warnings as errors.
    #[cfg(unix)]
    pub(crate) fn cargo(&self, arguments: &[&str]) {
        cargo(&self.path(""), arguments);
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces a text that must be there.
    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{old} is not in {path}");
        fs::write(self.path(path), text.replacen(old, new, 1)).unwrap();
    }

    pub(crate) fn xtask(&self, arguments: &[&str]) -> Run {
        let root = self.folder.path().to_str().unwrap();
        let mut all = vec!["--root", root];
        all.extend(arguments);
        xtask(&all)
    }

    /// Every file with its text.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push((path.clone(), fs::read(path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

/// Runs cargo in a folder, with warnings as errors, and without the variables of an Alipay application. Returns
/// what it printed.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> String {
    // What is built already need not be built again.
    let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap();
    let (subcommand, rest) = arguments.split_first().unwrap();
    let output = Command::new(env!("CARGO"))
        .args([subcommand, "--quiet"])
        .args(rest)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("RUSTFLAGS")
        .env_remove("ALIPAY_BASE_URL")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stdout}{stderr}");
    assert!(!stderr.contains("warning"), "{arguments:?}: {stderr}");
    stdout.into_owned()
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
