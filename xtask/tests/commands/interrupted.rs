//! `generate` and `import` write everything or nothing: when they are killed, when the disk is full, when a
//! folder cannot be written to, and when two run at once.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use crate::support;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use support::Copy;

const STAGE: &str = ".xtask-run";
const JOURNAL: &str = ".xtask-run/journal.json";
/// So many that files are written for a while.
const OPERATIONS: usize = 100;
/// Without a formatter, whose reads and writes are no changes of the disk.
const NO_PROGRAMS: &str = "PATH=/nowhere";
/// The calls of the operating system that change a disk. Not every processor has each.
const CHANGES: [&str; 13] = [
    "fsync",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "unlink",
    "unlinkat",
    "write",
];

/// A description of some operations, with `word` in each of them.
fn description(word: &str, operations: usize) -> String {
    let mut text = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths:\n".to_owned();
    for number in 0..operations {
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
        Self::of(OPERATIONS)
    }

    fn of(operations: usize) -> Self {
        let shop = Self { folder: tempfile::TempDir::new().unwrap() };
        for word in ["old", "new"] {
            fs::write(shop.path(&format!("{word}.yaml")), description(word, operations)).unwrap();
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

/// A run that is made again and again from the same state.
struct Trial {
    /// The folder that it writes to is a copy of this one, or begins as none.
    start: Option<PathBuf>,
    work: PathBuf,
    arguments: Vec<String>,
    /// What is there before a run, and after one.
    old: BTreeMap<PathBuf, Vec<u8>>,
    new: BTreeMap<PathBuf, Vec<u8>>,
    /// Each change of the disk that a run makes: the call, and which one of its kind it is.
    changes: Vec<(String, usize)>,
}

impl Trial {
    fn new(start: Option<PathBuf>, work: PathBuf, arguments: Vec<String>) -> Self {
        let nothing = BTreeMap::new();
        let mut trial = Self {
            start,
            work,
            arguments,
            old: nothing.clone(),
            new: nothing,
            changes: Vec::new(),
        };
        trial.begin();
        trial.old = trial.left();
        let log = trial.work.with_extension("log");
        let output = strace(&log, "").args(&trial.arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        trial.new = trial.left();
        assert_ne!(trial.old, trial.new);
        let mut counts = BTreeMap::new();
        for line in fs::read_to_string(log).unwrap().lines() {
            // The number of the process, then the call.
            let call = line.split(' ').find_map(|word| word.split_once('(')).unwrap_or_default().0;
            if CHANGES.contains(&call) && !line.contains("write(1,") && !line.contains("write(2,") {
                let count = counts.entry(call.to_owned()).or_insert(0);
                *count += 1;
                trial.changes.push((call.to_owned(), *count));
            }
        }
        assert!(trial.changes.len() > 20, "{:?}", trial.changes);
        trial
    }

    fn begin(&self) {
        if self.work.exists() {
            fs::remove_dir_all(&self.work).unwrap();
        }
        if let Some(start) = &self.start {
            support::copy(start, &self.work);
        }
    }

    /// The tree without what a run has not finished.
    fn left(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        if !self.work.exists() {
            return BTreeMap::new();
        }
        let mut left = tree(&self.work);
        left.retain(|path, _| !path.starts_with(STAGE) && path != Path::new(""));
        left
    }

    /// Runs it while a change of the disk is tampered with.
    fn tampered(&self, (call, number): &(String, usize), how: &str) -> Output {
        let inject =
            format!("inject={call}:{}", how.replacen("when=", &format!("when={number}"), 1));
        strace(Path::new("/dev/null"), &inject).args(&self.arguments).output().unwrap()
    }

    /// No mix: it is all old or all new, or a journal says that it is neither, and then no folder of the generator
    /// is a mix.
    fn is_no_mix(&self, when: &str) {
        let left = self.left();
        if !self.work.join(JOURNAL).exists() {
            assert!(left == self.old || left == self.new, "{when}: a mix without a journal");
            return;
        }
        let inside = |tree: &BTreeMap<PathBuf, Vec<u8>>, folder: &str| {
            let mut tree = tree.clone();
            tree.retain(|path, _| path.to_str().unwrap().contains(folder));
            tree
        };
        for folder in ["src/generated", "tests/generated"] {
            let left = inside(&left, folder);
            let is_whole =
                [&self.old, &self.new].into_iter().any(|tree| inside(tree, folder) == left);
            assert!(is_whole || left.is_empty(), "{when}: a mix in {folder}");
        }
    }

    /// The next run does what this one should have done, and leaves nothing else.
    fn repair(&self, when: &str) {
        let mut next = Command::new("env");
        next.args([NO_PROGRAMS, env!("CARGO_BIN_EXE_xtask")]).args(&self.arguments);
        let next = next.output().unwrap();
        let stderr = String::from_utf8_lossy(&next.stderr);
        assert_eq!(next.status.code(), Some(0), "the run after {when}: {stderr}");
        assert!(self.left() == self.new, "the run after {when}");
        assert!(!self.work.join(STAGE).exists(), "the run after {when}");
    }

    /// As many changes as `KILLS` says, spread evenly, and each if they are no more.
    fn some(&self) -> impl Iterator<Item = &(String, usize)> {
        let kills = std::env::var("KILLS").map_or(4, |kills| kills.parse().unwrap());
        let step = self.changes.len().div_ceil(kills).max(1);
        // A later run begins elsewhere.
        let begin =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_micros();
        self.changes.iter().skip(begin as usize % step).step_by(step)
    }
}

/// The generator, with a log of its changes of the disk, some of which are tampered with.
fn strace(log: &Path, inject: &str) -> Command {
    let mut command = Command::new("strace");
    let calls = CHANGES.map(|call| format!("?{call}")).join(",");
    command.args(["-f", "-qq", "-e", "signal=none", "-e", &format!("trace={calls}")]);
    command.args(["-E", NO_PROGRAMS]).arg("-o").arg(log);
    if !inject.is_empty() {
        command.args(inject.split(' ').flat_map(|inject| ["-e", inject]));
    }
    command.arg(env!("CARGO_BIN_EXE_xtask"));
    command
}

/// Whether runs can be tampered with here.
fn has_strace() -> bool {
    let has = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let has = has.is_ok_and(|output| output.status.success());
    if !has {
        eprintln!("skipped: `strace` is not installed, or may not trace");
    }
    has
}

/// A crate is replaced; one is made; one is imported into a workspace; the base of one is refreshed.
fn trials(shop: &Shop) -> Vec<(&'static str, Trial)> {
    let mut trials = Vec::new();
    let start = shop.path("start");
    support::copy(&shop.path("old"), &start);
    fs::remove_file(start.join("names.lock")).unwrap();
    let arguments = shop.arguments("new", "work");
    trials.push(("replace", Trial::new(Some(start), shop.path("work"), arguments)));
    let arguments = shop.arguments("new", "made");
    trials.push(("make", Trial::new(None, shop.path("made"), arguments)));
    let (root, bare) = (shop.path("workspace"), shop.path("bare"));
    support::copy(&Copy::bare().path(""), &bare);
    let import = |word: &str, rest: &[&str]| {
        let (root, from) = (root.display().to_string(), shop.path(&format!("{word}.yaml")));
        let from = from.display().to_string();
        let all = ["--root", &root, "import", "--from", &from, "--crate", "shop-pen"];
        [&all, rest].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let trial = Trial::new(Some(bare), root.clone(), import("old", &["--tag", "shop.pen"]));
    trial.repair("nothing");
    let imported = shop.path("imported");
    support::copy(&root, &imported);
    trials.push(("import", trial));
    fs::remove_file(imported.join("spec/shop-pen/names.lock")).unwrap();
    trials.push(("refresh", Trial::new(Some(imported), root.clone(), import("new", &[]))));
    trials
}

/// `KILLS=1000 cargo test -p xtask --test commands interrupted` kills and fails at every change.
#[test]
fn a_run_may_be_killed_before_any_change_of_the_disk() {
    if !has_strace() {
        return;
    }
    let shop = Shop::of(2);
    for (name, trial) in trials(&shop) {
        for change in trial.some() {
            let when = format!("{name}, killed before {change:?}");
            trial.begin();
            let killed = trial.tampered(change, "signal=KILL:when=");
            assert!(!killed.status.success(), "{when}");
            trial.is_no_mix(&when);
            // The run that undoes what was begun is killed, too, and so is the next.
            for again in [("rename", 1), ("unlink", 1), ("unlinkat", 2)] {
                trial.tampered(&(again.0.to_owned(), again.1), "signal=KILL:when=");
                trial.is_no_mix(&format!("{when}, then {again:?}"));
            }
            trial.repair(&when);
        }
    }
}

#[test]
fn any_change_of_the_disk_may_fail() {
    if !has_strace() {
        return;
    }
    let shop = Shop::of(2);
    for (name, trial) in trials(&shop) {
        for change in trial.some() {
            // Once, or from there on, so that nothing can be put back.
            for how in ["error=ENOSPC:when=", "error=EACCES:when=", "error=ENOSPC:when=+"] {
                let when = format!("{name}, {how} at {change:?}");
                trial.begin();
                let failed = trial.tampered(change, how);
                let stderr = String::from_utf8_lossy(&failed.stderr);
                let is_interrupted = trial.work.join(JOURNAL).exists();
                match failed.status.code() {
                    // What failed has another way, or matters only to the order of things on the disk.
                    Some(0) => assert!(trial.left() == trial.new && !is_interrupted, "{when}"),
                    Some(2) => trial.is_no_mix(&when),
                    code => panic!("{when}: {code:?}, {stderr}"),
                }
                assert!(!is_interrupted || how.ends_with('+'), "{when}: not put back: {stderr}");
                // Nothing can be said any more where nothing can be written.
                if failed.status.code() == Some(2) && !(how.ends_with('+') && change.0 == "write") {
                    assert!(stderr.contains("error: "), "{when}: {stderr}");
                    assert_eq!(is_interrupted, stderr.contains("run it again"), "{when}: {stderr}");
                }
                trial.repair(&when);
            }
        }
    }
}

/// As in some layers of containers. A run that is killed while it copies is repaired, too.
#[test]
fn a_folder_that_cannot_be_renamed_is_copied() {
    if !has_strace() {
        return;
    }
    let shop = Shop::of(2);
    let trials = trials(&shop);
    let (_, trial) = trials.first().unwrap();
    let mut copied = 0;
    for change in trial.changes.iter().filter(|(call, _)| call == "rename") {
        trial.begin();
        let run = trial.tampered(change, "error=EXDEV:when=");
        let is_new = run.status.success();
        let expected = if is_new { &trial.new } else { &trial.old };
        assert!(trial.left() == *expected, "{change:?}");
        if is_new {
            copied += 1;
            // While it copies, where that is the first to be copied, and while it removes.
            let kills = ["linkat:signal=KILL:when=12", "unlinkat:signal=KILL:when=2"];
            for kill in &kills[usize::from(copied > 1)..] {
                trial.begin();
                let how = format!("error=EXDEV:when= inject={kill}");
                assert!(!trial.tampered(change, &how).status.success(), "{change:?}, {kill}");
                trial.repair(&format!("{change:?} is a copy, {kill}"));
            }
        }
    }
    // The folders of sources and of tests.
    assert_eq!(copied, 2);
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

/// A disk of its own, which is full at different moments: of bytes, or of files.
#[test]
fn a_small_disk_changes_nothing() {
    const SCRIPT: &str = "limit=$0 disk=$1 work=$2 after=$3; shift 3
        mount -t tmpfs -o \"$limit\" disk \"$disk\" || exit 77
        cp -R \"$work\" \"$disk/work\" || exit 78
        \"$@\"; code=$?
        cp -R \"$disk/work\" \"$after\" || exit 78
        exit $code";
    let shop = Shop::new();
    shop.renew();
    fs::create_dir(shop.path("disk")).unwrap();
    let run = |limit: &str| {
        let after = shop.path("after");
        if after.exists() {
            fs::remove_dir_all(&after).unwrap();
        }
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, limit]);
        command.args([shop.path("disk"), shop.path("work"), after]);
        command.arg(env!("CARGO_BIN_EXE_xtask")).args(shop.arguments("new", "disk/work"));
        command.output().ok().filter(|output| output.status.code() != Some(77))
    };
    let (old, new) = (shop.tree("work"), shop.tree("new"));
    let pages: usize =
        tree(&shop.path("work")).values().map(|text| text.len().div_ceil(4096)).sum();
    let files = old.len();
    let mut codes = Vec::new();
    for eighth in [0, 1, 4, 7, 12] {
        let room = pages * eighth / 8 + 16;
        for limit in [
            format!("size={}k", 4 * (pages + room)),
            // Folders are files, too.
            format!("nr_inodes={}", files + 32 + files * eighth / 4),
        ] {
            let Some(output) = run(&limit) else {
                eprintln!("skipped: no disk can be mounted here");
                return;
            };
            let stderr = String::from_utf8_lossy(&output.stderr);
            let after = shop.tree("after");
            match output.status.code() {
                Some(0) => assert!(after == new, "{limit}"),
                Some(2) => {
                    assert!(stderr.contains("No space left on device"), "{limit}: {stderr}");
                    assert!(after == old, "{limit}: {stderr}");
                }
                code => panic!("{limit}: {code:?} {stderr}"),
            }
            codes.push(output.status.code());
        }
    }
    assert!(codes.contains(&Some(0)) && codes.iter().filter(|code| **code == Some(2)).count() > 4);
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
fn imports_and_generations_at_once_are_one_after_the_other() {
    let shop = Shop::of(20);
    let whole = Copy::bare();
    let from = shop.path("new.yaml").display().to_string();
    let import = ["import", "--from", &from, "--crate", "shop-pen", "--tag", "shop.pen"];
    assert_eq!(whole.xtask(&import).code, 0);
    for _ in 0..3 {
        let copy = Copy::bare();
        let root = copy.path("").display().to_string();
        let run = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
            command.args(["--root", &root]).args(arguments);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let mut imports = [run(&import), run(&import)];
        let mut generation = run(&["generate"]);
        for import in &mut imports {
            assert_eq!(import.wait().unwrap().code(), Some(0));
        }
        // It is first when there is no crate yet.
        assert!(matches!(generation.wait().unwrap().code(), Some(0 | 2)));
        assert!(tree(&copy.path("")) == tree(&whole.path("")));
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
    let half = "[[\"remove\",\"spec/alipay-vou";
    for text in ["[[\"remove\",\"../x\"]]", "[[\"folder\",\"/x\",false]]", "", "{}", half] {
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
        copy.write("shop.yaml", &description("new", OPERATIONS));
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
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let unchanged = shop.path("work/src/generated/operations/buy7.rs");
    fs::File::options().write(true).open(&unchanged).unwrap().set_modified(long_ago).unwrap();
    let text = description("old", OPERATIONS).replace("Buys old 8\n", "Buys an old eighth\n");
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
