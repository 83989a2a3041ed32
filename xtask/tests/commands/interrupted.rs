//! `generate` and `import` write everything or nothing: when they are killed, when the disk is full, when a
//! folder cannot be written to, and when two run at once.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use support::Copy;

const STAGE: &str = ".xtask-run";
const JOURNAL: &str = ".xtask-run/journal.json";
const OPERATIONS: usize = 100;

/// A description with so many operations that files are written for a while. `word` is in each of them.
fn description(word: &str) -> String {
    let mut text = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths:\n".to_owned();
    for number in 0..OPERATIONS {
        write!(
            text,
            "  /v3/shop/pen/buy{number}:
    post:
      operationId: shop.pen.buy{number}
      summary: Buys {word} {number}
      tags: [shop.pen]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                {word}_{number}: {{type: string}}
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema:
                type: object
                properties:
                  {word}_id: {{type: string}}
        default:
          description: ''
          content:
            application/json:
              schema: {{$ref: '#/components/schemas/Failure'}}
"
        )
        .unwrap();
    }
    text + "components:
  schemas:
    Failure:
      type: object
      required: [code, message]
      properties:
        code: {type: string, enum: [OUT_OF_INK]}
        message: {type: string}
"
}

/// A description and the crate that is made of it.
struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    fn new() -> Self {
        let shop = Self { folder: tempfile::TempDir::new().unwrap() };
        for word in ["old", "new"] {
            fs::write(shop.path(&format!("{word}.yaml")), description(word)).unwrap();
            assert_eq!(shop.generate(word, word).status().unwrap().code(), Some(0));
        }
        shop
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The arguments that make the crate `out` of a description.
    fn arguments(&self, description: &str, out: &str) -> Vec<String> {
        let path = |path: String| self.path(&path).to_str().unwrap().to_owned();
        let (from, out) = (path(format!("{description}.yaml")), path(out.to_owned()));
        ["generate", "--from", &from, "--all-tags", "--name", "shop-pen", "--out", &out]
            .map(str::to_owned)
            .to_vec()
    }

    fn generate(&self, description: &str, out: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(self.arguments(description, out)).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs it in a shell, after some of its commands.
    fn after(&self, commands: &str, description: &str, out: &str) -> Option<i32> {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{commands}; exec \"$0\" \"$@\"")]);
        shell.arg(env!("CARGO_BIN_EXE_xtask")).args(self.arguments(description, out));
        shell.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().code()
    }

    /// The crate `work` as the old description makes it, but for its names, which are free to change.
    fn renew(&self) {
        let work = self.path("work");
        if work.exists() {
            fs::remove_dir_all(&work).unwrap();
        }
        support::copy(&self.path("old"), &work);
        fs::remove_file(work.join("names.lock")).unwrap();
    }

    /// All files of a crate but those that it begins with, which are its owner's.
    fn tree(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut tree = tree(&self.path(folder));
        let begun = ["Cargo.toml", "README.md", "examples"].map(Path::new);
        tree.retain(|path, _| begun.iter().all(|begun| !path.starts_with(begun)));
        tree
    }
}

/// All files below a folder, and folders that are empty.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(inner) = open.pop() {
        let mut is_empty = true;
        for entry in fs::read_dir(&inner).unwrap() {
            is_empty = false;
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(
                    path.strip_prefix(folder).unwrap().to_owned(),
                    fs::read(&path).unwrap(),
                );
            }
        }
        if is_empty {
            found.insert(inner.strip_prefix(folder).unwrap().to_owned(), Vec::new());
        }
    }
    found
}

#[test]
fn a_killed_run_leaves_no_mix_and_the_next_repairs() {
    let shop = Shop::new();
    let (old, new) = (shop.tree("old/src/generated"), shop.tree("new/src/generated"));
    assert!(new.len() > OPERATIONS);
    shop.renew();
    let start = Instant::now();
    shop.generate("new", "work").status().unwrap();
    let whole = start.elapsed();
    let wait_for = |path: &str, run: &mut Child| {
        while !shop.path("work").join(path).exists() && run.try_wait().unwrap().is_none() {
            sleep(Duration::from_micros(50));
        }
    };
    for number in 0..12_u32 {
        shop.renew();
        let mut run = shop.generate("new", "work").spawn().unwrap();
        match number % 4 {
            // Anywhere; while files are staged; while they are put in their places.
            0 => sleep(whole * number / 12),
            1 => {
                wait_for(STAGE, &mut run);
                sleep(Duration::from_millis(u64::from(number)));
            }
            _ => {
                wait_for(JOURNAL, &mut run);
                sleep(Duration::from_micros(u64::from(number) * 20));
            }
        }
        let kill = |mut run: Child| {
            run.kill().unwrap();
            run.wait().unwrap();
            let generated = shop.path("work/src/generated");
            // Between two renames there is none.
            if generated.exists() {
                let left = tree(&generated);
                assert!(left == old || left == new, "kill {number} left a mix");
            }
        };
        kill(run);
        if number % 4 == 3 {
            // The run that undoes what was begun is killed, too.
            let run = shop.generate("new", "work").spawn().unwrap();
            sleep(Duration::from_millis(u64::from(number)));
            kill(run);
        }
        assert_eq!(shop.generate("new", "work").status().unwrap().code(), Some(0), "kill {number}");
        assert!(shop.tree("work") == shop.tree("new"), "the run after kill {number}");
    }
}

#[test]
fn a_killed_run_that_makes_a_crate_is_repaired_too() {
    let shop = Shop::new();
    for millis in [20, 80, 150] {
        let mut run = shop.generate("new", "a/work").spawn().unwrap();
        sleep(Duration::from_millis(millis));
        run.kill().unwrap();
        run.wait().unwrap();
        assert_eq!(shop.generate("new", "a/work").status().unwrap().code(), Some(0));
        assert!(shop.tree("a/work") == shop.tree("new"));
        fs::remove_dir_all(shop.path("a")).unwrap();
    }
}

#[test]
fn a_full_disk_changes_nothing() {
    let shop = Shop::new();
    shop.renew();
    let before = shop.tree("work");
    // Files may have a kilobyte: as the write fails that goes beyond it, or as it ends the process.
    assert_eq!(shop.after("trap '' XFSZ; ulimit -f 2", "new", "work"), Some(2));
    assert!(shop.tree("work") == before, "a failed write left something");
    assert_eq!(shop.after("trap '' XFSZ; ulimit -f 2", "new", "made/work"), Some(2));
    assert!(!shop.path("made").exists(), "a failed write left a folder");
    assert_eq!(shop.after("ulimit -f 2", "new", "work"), None);
    assert_eq!(shop.generate("new", "work").status().unwrap().code(), Some(0));
    assert!(shop.tree("work") == shop.tree("new"));
}

#[test]
fn a_folder_that_cannot_be_written_to_changes_nothing() {
    let shop = Shop::new();
    // Nothing is forbidden to root, so that the run is somebody else's then.
    let is_root = shop.folder.path().metadata().unwrap().uid() == 0;
    let run = |out: &str| {
        let mut command = Command::new(if is_root { "setpriv" } else { "env" });
        if is_root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        command.arg(env!("CARGO_BIN_EXE_xtask")).args(shop.arguments("new", out));
        command.output().unwrap()
    };
    let restrict = |path: PathBuf, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for folder in ["work", "work/src", "work/tests", "work/src/generated"] {
        shop.renew();
        if is_root {
            restrict(shop.path(""), 0o755);
            let mut all = vec![shop.path("work")];
            while let Some(path) = all.pop() {
                chown(&path, Some(65534), Some(65534)).unwrap();
                if path.is_dir() {
                    all.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                }
            }
        }
        let before = shop.tree("work");
        restrict(shop.path(folder), 0o555);
        let output = run("work");
        restrict(shop.path(folder), 0o755);
        let stderr = String::from_utf8(output.stderr).unwrap();
        // Whether a folder can be renamed that cannot be written to depends on the system.
        if output.status.code() == Some(0) {
            assert_eq!(folder, "work/src/generated");
            continue;
        }
        assert_eq!(output.status.code(), Some(2), "{folder}: {stderr}");
        assert!(stderr.contains("ermission denied"), "{folder}: {stderr}");
        assert!(shop.tree("work") == before, "{folder}");
        assert_eq!(run("work").status.code(), Some(0), "{folder}");
        assert!(shop.tree("work") == shop.tree("new"), "{folder}");
    }
}

#[test]
fn two_at_once_are_one_after_the_other() {
    let shop = Shop::new();
    for (first, second) in [("old", "new"), ("new", "new"), ("new", "old")] {
        for out in ["work", "fresh/work"] {
            let mut runs = [first, second].map(|word| shop.generate(word, out).spawn().unwrap());
            for run in &mut runs {
                // The names of one description are those that the other would change.
                let code = run.wait().unwrap().code();
                assert!(code == Some(0) || (code == Some(1) && first != second), "{code:?}");
            }
            let made = shop.tree(out);
            let mut good = [first, second].into_iter().map(|word| shop.tree(word));
            assert!(good.any(|tree| tree == made), "{first} and {second} were mixed");
            fs::remove_dir_all(shop.path(out)).unwrap();
        }
    }
}

#[test]
fn whoever_waits_says_so() {
    let copy = Copy::new();
    let held = fs::File::open(copy.path("")).unwrap();
    held.lock().unwrap();
    let root = copy.path("").display().to_string();
    let run = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["--root", &root, "generate"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = String::new();
    let mut run = run;
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(run.stderr.as_mut().unwrap()),
        &mut seen,
    )
    .unwrap();
    assert_eq!(seen, "waiting for another run in this workspace\n");
    held.unlock().unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(0));
}

/// The state between the renames, as a run leaves it that is killed there.
#[test]
fn what_was_begun_is_undone() {
    let copy = Copy::new();
    let whole = copy.files();
    let generated = "alipay-voucher/src/generated";
    let api = "alipay-voucher/public-api.txt";
    let record = "spec/alipay-voucher/retained.yaml";
    let new = "const NEW: &str\n";
    let digest = alipay_codegen::digest::digest([new]);
    fs::create_dir_all(copy.path(".xtask-run/old")).unwrap();
    fs::create_dir_all(copy.path(".xtask-run/new/0")).unwrap();
    fs::rename(copy.path(generated), copy.path(".xtask-run/old/0")).unwrap();
    fs::rename(copy.path(api), copy.path(".xtask-run/old/1")).unwrap();
    copy.write(api, new);
    copy.write("spec/alipay-pen/openapi.yaml", new);
    copy.write(
        JOURNAL,
        &format!(
            "[[\"folder\",\"{generated}\",true],[\"file\",\"{api}\",true,\"{digest}\"],\
             [\"file\",\"spec/alipay-pen/openapi.yaml\",false,\"{digest}\"],[\"remove\",\"{record}\"]]"
        ),
    );
    let between = copy.files();
    // Who only looks says what there is.
    for arguments in [
        &["generate", "--check"][..],
        &["generate", "--dry-run"],
        &["diff", "spec/alipay-voucher", "spec/alipay-voucher"],
    ] {
        let root = copy.path("").display().to_string();
        let run = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["--root", &root])
            .args(arguments)
            .current_dir(copy.path(""))
            .output()
            .unwrap();
        let stderr = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains("was interrupted; run `cargo xtask generate`"), "{stderr}");
        assert!(copy.files() == between);
    }
    let run = copy.xtask(&["generate"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("up to date"), "{}", run.stdout);
    assert!(copy.files() == whole);
    assert!(!copy.path("spec/alipay-pen").exists());
}

/// The state of an undoing that is killed: files are back, the journal is still there.
#[test]
fn what_was_undone_already_is_not_taken_for_a_change() {
    let copy = Copy::new();
    let whole = copy.files();
    copy.write(JOURNAL, "[[\"file\",\"alipay-voucher/public-api.txt\",true,\"0123456789abcdef\"]]");
    let run = copy.xtask(&["generate"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(copy.files() == whole);
}

#[test]
fn what_people_changed_since_stays() {
    let copy = Copy::new();
    let whole = copy.files();
    let manifest = copy.read("Cargo.toml");
    copy.write(".xtask-run/old/0", "[workspace]\nmembers = [\"alipay-core\"]\n");
    copy.write(JOURNAL, "[[\"file\",\"Cargo.toml\",true,\"0123456789abcdef\"]]");
    let run = copy.xtask(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("Cargo.toml was changed after a run"), "{}", run.stderr);
    assert_eq!(copy.read("Cargo.toml"), manifest);
    assert!(copy.files() == whole);
    // A journal says nothing of what is elsewhere, and nothing that is no journal is taken for one.
    for text in ["[[\"remove\",\"../x\"]]", "[[\"folder\",\"/x\",false]]", "", "{}"] {
        copy.write(JOURNAL, text);
        let run = copy.xtask(&["generate"]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains("is not what an interrupted run leaves"), "{}", run.stderr);
    }
}

#[test]
fn files_that_an_earlier_version_staged_are_removed() {
    let copy = Copy::new();
    let good = copy.files();
    for path in [
        "alipay-voucher/src/generated/.api.rs.new",
        "alipay-voucher/src/generated/models/.gone.rs.new",
        "alipay-voucher/.public-api.txt.new",
        "spec/alipay-voucher/.names.lock.new",
    ] {
        copy.write(path, "");
    }
    copy.replace("alipay-voucher/src/generated/api.rs", "use", "us");
    let run = copy.xtask(&["generate"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(copy.files() == good);
}

#[test]
fn an_import_that_is_killed_is_repaired_by_the_next() {
    let made = |copy: &Copy| {
        copy.write("shop.yaml", &description("new"));
        let from = copy.path("shop.yaml").display().to_string();
        let root = copy.path("").display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["--root", &root, "import", "--from", &from, "--crate", "shop-pen"]);
        command.args(["--tag", "shop.pen"]).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let whole = Copy::bare();
    let start = Instant::now();
    assert_eq!(made(&whole).status().unwrap().code(), Some(0));
    let time = start.elapsed();
    for number in 1..6_u32 {
        let copy = Copy::bare();
        let mut run = made(&copy).spawn().unwrap();
        sleep(time * number / 6);
        run.kill().unwrap();
        run.wait().unwrap();
        // The workspace has the member only when the member is there.
        let is_member = copy.read("Cargo.toml").contains("shop-pen");
        assert!(!is_member || copy.path("shop-pen/Cargo.toml").exists());
        assert_eq!(made(&copy).status().unwrap().code(), Some(0), "kill {number}");
        assert!(tree(&copy.path("")) == tree(&whole.path("")), "kill {number}");
    }
}

#[test]
fn files_that_do_not_change_keep_their_time() {
    let shop = Shop::new();
    shop.renew();
    let long_ago = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let unchanged = shop.path("work/src/generated/operations/buy7.rs");
    fs::File::options().write(true).open(&unchanged).unwrap().set_modified(long_ago).unwrap();
    let text = description("old").replace("Buys old 8\n", "Buys an old eighth\n");
    fs::write(shop.path("eighth.yaml"), text).unwrap();
    assert_eq!(shop.generate("eighth", "work").status().unwrap().code(), Some(0));
    assert!(
        fs::read_to_string(shop.path("work/src/generated/operations/buy8.rs"))
            .unwrap()
            .contains("eighth")
    );
    assert_eq!(fs::metadata(&unchanged).unwrap().modified().unwrap(), long_ago);
    assert_eq!(fs::metadata(&unchanged).unwrap().nlink(), 1);
}
