//! Writing many files as one: after a failure, and after the next run if this one is killed, either all of them
//! are written or none is.
//!
//! A run prepares everything in the folder [`STAGE`]: new files below `new`, by the number of the step that
//! puts them in their place, and what they replace below `old`. Then it writes the journal, the list of steps.
//! From there to the removal of the journal the tree is in between, and whoever finds a journal undoes its
//! steps. A folder of the generator is replaced as a whole by two renames, so that it never holds new files
//! beside old ones. A file that is not changed moves over as a hard link: its time stays.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    thread,
};

use alipay_codegen::digest::digest;
use serde_json::{Value, json};

use crate::{
    files::{Difference, is_inside, shown, unusable},
    outcome::{Failure, Outcome},
    terminal::complain,
};

/// The folder with all that a run has not finished. Between runs there is none.
const STAGE: &str = ".xtask-run";
const JOURNAL: &str = "journal.json";
/// With more new files, threads wait for the disk.
const FEW_FILES: usize = 64;

/// One change of the tree. Paths are relative to the folder that is written to.
enum Step {
    /// A folder is put in its place, in that of one before it if it `replaces` one.
    Folder { path: PathBuf, replaces: bool },
    /// A file is put in its place. The digest is that of its text.
    File { path: PathBuf, replaces: bool, digest: String },
    /// A file is taken away.
    Remove { path: PathBuf },
}

/// Brings the disk to what is wanted, or leaves it as it was. `base` is a folder above all of the files, and the
/// caller is the only one who writes there.
pub(crate) fn write(base: &Path, differences: &[&Difference], root: &Path) -> Outcome {
    if differences.iter().any(|difference| !difference.is_empty()) {
        let outcome =
            prepare(base, differences, root).and_then(|steps| carry_out(base, &steps, root));
        if let Err(failure) = outcome {
            let undone = undo(base, root);
            if undone.is_err()
                && let Failure::Unusable(message) = failure
            {
                complain(&format!("error: {message}"));
                return undone;
            }
            return Err(failure);
        }
        remove_stage(base, root)?;
    }
    for folder in differences.iter().flat_map(|difference| &difference.owned) {
        remove_empty_folders(folder);
    }
    Ok(())
}

/// Whether a run was interrupted when it had begun to change the tree.
pub(crate) fn is_interrupted(base: &Path) -> bool {
    base.join(STAGE).join(JOURNAL).exists()
}

/// Undoes what an interrupted run has done, and removes what it left.
pub(crate) fn undo(base: &Path, root: &Path) -> Outcome {
    let journal = base.join(STAGE).join(JOURNAL);
    match fs::read(&journal) {
        Ok(text) => {
            let steps = parse(&text).ok_or_else(|| {
                Failure::Unusable(format!(
                    "{} is not what an interrupted run leaves; look at what has changed, then delete the folder",
                    shown(&journal, root)
                ))
            })?;
            for (number, step) in steps.iter().enumerate().rev() {
                step.undo(base, number, root).map_err(|error| {
                    stuck("put back", &shown(&base.join(step.path()), root), &error)
                })?;
            }
            flush_parents(base, &steps)
                .and_then(|()| fs::remove_file(&journal))
                .map_err(|error| stuck("remove", &shown(&journal, root), &error))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unusable("cannot read", &shown(&journal, root), &error)),
    }
    remove_stage(base, root)
}

/// The tree is in between, and stays so for now.
fn stuck(what: &str, name: &str, error: &io::Error) -> Failure {
    Failure::Unusable(format!(
        "cannot {what} {name}: {error}; the run is undone only in part: mend that, then run it again"
    ))
}

fn remove_stage(base: &Path, root: &Path) -> Outcome {
    let stage = base.join(STAGE);
    match fs::remove_dir_all(&stage) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(unusable("cannot remove", &shown(&stage, root), &error))
        }
        _ => Ok(()),
    }
}

/// Writes all that is new to the stage, then the journal.
fn prepare(base: &Path, differences: &[&Difference], root: &Path) -> Result<Vec<Step>, Failure> {
    let stage = base.join(STAGE);
    for folder in ["new", "old"] {
        fs::create_dir_all(stage.join(folder))
            .map_err(|error| unusable("cannot write to", &shown(base, root), &error))?;
    }
    let mut steps = steps(base, differences);
    // A workspace is not readable when it has a member without a manifest, so that manifests come last, and the
    // outermost at the very end.
    steps.sort_by_key(|step| {
        let depth = step.path().components().count();
        step.path().ends_with("Cargo.toml").then_some(usize::MAX - depth)
    });
    let mut new = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let place = base.join(step.path());
        let (to, old) = staged(base, number);
        let outcome = match step {
            Step::Folder { .. } => {
                let inside = |path: &Path| path.strip_prefix(&place).ok().map(|rest| to.join(rest));
                new.extend(differences.iter().flat_map(|difference| {
                    difference.written.iter().filter_map(|(path, _, text)| {
                        inside(path).map(|staged| (staged, path, text))
                    })
                }));
                let kept = differences.iter().flat_map(|difference| &difference.unchanged);
                let mut kept = kept.filter_map(|path| inside(path).map(|staged| (path, staged)));
                fs::create_dir_all(&to)
                    .and_then(|()| kept.try_for_each(|(path, staged)| link(path, &staged)))
            }
            Step::File { replaces, .. } => {
                let written = differences.iter().flat_map(|difference| &difference.written);
                new.extend(
                    written
                        .filter(|(path, ..)| *path == place)
                        .map(|(path, _, text)| (to.clone(), path, text)),
                );
                if *replaces { link(&place, &old) } else { Ok(()) }
            }
            Step::Remove { .. } => Ok(()),
        };
        outcome.map_err(|error| unusable("cannot write", &shown(&place, root), &error))?;
    }
    write_all(&new)
        .map_err(|(path, error)| unusable("cannot write", &shown(path, root), &error))?;
    let journal = stage.join(JOURNAL);
    write_journal(&stage, &journal, &steps)
        .map_err(|error| unusable("cannot write", &shown(&journal, root), &error))?;
    Ok(steps)
}

/// What has to be done, in no order.
fn steps(base: &Path, differences: &[&Difference]) -> Vec<Step> {
    let mut steps = Vec::new();
    let relative = |path: &Path| path.strip_prefix(base).unwrap_or(path).to_path_buf();
    for difference in differences {
        let is_owned = |path: &Path| difference.owned.iter().any(|folder| path.starts_with(folder));
        for folder in &difference.owned {
            if difference.paths().any(|path| path.starts_with(folder)) {
                steps.push(Step::Folder { path: relative(folder), replaces: folder.exists() });
            }
        }
        for (path, old, text) in difference.written.iter().filter(|(path, ..)| !is_owned(path)) {
            steps.push(Step::File {
                path: relative(path),
                replaces: old.is_some(),
                digest: digest([text.as_str()]),
            });
        }
        for (path, _) in difference.removed.iter().filter(|(path, _)| !is_owned(path)) {
            steps.push(Step::Remove { path: relative(path) });
        }
    }
    steps
}

type Written<'a> = (PathBuf, &'a PathBuf, &'a String);

/// Writes the staged files, so that they are on the disk: staged path, place, text.
fn write_all<'a>(new: &[Written<'a>]) -> Result<(), (&'a Path, io::Error)> {
    let write = |files: &[Written<'a>]| {
        files.iter().try_for_each(|(staged, place, text)| {
            write_file(staged, text.as_bytes()).map_err(|error| (place.as_path(), error))
        })
    };
    if new.len() <= FEW_FILES {
        return write(new);
    }
    thread::scope(|scope| {
        let parts = new.chunks(new.len().div_ceil(8));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || write(part))).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

fn write_file(path: &Path, text: &[u8]) -> io::Result<()> {
    make_parents(path)?;
    let mut file = File::create(path)?;
    file.write_all(text)?;
    file.sync_all()
}

fn make_parents(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

/// The same file at a second path, with its time. Not every file system has hard links.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    make_parents(to)?;
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to)?;
    let time = fs::metadata(from)?.modified()?;
    File::options().write(true).open(to)?.set_modified(time)
}

/// The journal appears with all of its text or not at all.
fn write_journal(stage: &Path, journal: &Path, steps: &[Step]) -> io::Result<()> {
    let list: Value = steps.iter().map(Step::to_json).collect::<io::Result<_>>()?;
    let staged = stage.join("journal.new");
    write_file(&staged, list.to_string().as_bytes())?;
    fs::rename(&staged, journal)?;
    flush_folder(stage)
}

fn parse(text: &[u8]) -> Option<Vec<Step>> {
    let list: Value = serde_json::from_slice(text).ok()?;
    list.as_array()?.iter().map(Step::from_json).collect()
}

/// Takes the steps of a journal, then removes it.
fn carry_out(base: &Path, steps: &[Step], root: &Path) -> Outcome {
    for (number, step) in steps.iter().enumerate() {
        step.take(base, number).map_err(|error| {
            let what = if matches!(step, Step::Remove { .. }) {
                "cannot remove"
            } else {
                "cannot replace"
            };
            unusable(what, &shown(&base.join(step.path()), root), &error)
        })?;
    }
    let journal = base.join(STAGE).join(JOURNAL);
    flush_parents(base, steps)
        .and_then(|()| fs::remove_file(&journal))
        .map_err(|error| unusable("cannot remove", &shown(&journal, root), &error))
}

/// Where the new and the old are while a step is not done.
fn staged(base: &Path, number: usize) -> (PathBuf, PathBuf) {
    let stage = base.join(STAGE);
    let number = number.to_string();
    (stage.join("new").join(&number), stage.join("old").join(&number))
}

impl Step {
    fn path(&self) -> &Path {
        match self {
            Self::Folder { path, .. } | Self::File { path, .. } | Self::Remove { path } => path,
        }
    }

    fn take(&self, base: &Path, number: usize) -> io::Result<()> {
        let place = base.join(self.path());
        let (new, old) = staged(base, number);
        match self {
            Self::Folder { replaces, .. } => {
                make_parents(&place)?;
                if *replaces {
                    move_folder(&place, &old)?;
                }
                fs::rename(new, place)
            }
            Self::File { .. } => {
                make_parents(&place)?;
                fs::rename(new, place)
            }
            Self::Remove { .. } => fs::rename(place, old),
        }
    }

    /// Undoes the step, if it was taken or begun. An interrupted undoing is undone to its end.
    fn undo(&self, base: &Path, number: usize, root: &Path) -> io::Result<()> {
        let place = base.join(self.path());
        let (new, old) = staged(base, number);
        match self {
            Self::Folder { replaces: true, .. } => {
                if old.exists() {
                    // Away in one step, where that can be, so that a kill leaves no part of it.
                    if place.exists() && fs::rename(&place, old.with_extension("undone")).is_err() {
                        fs::remove_dir_all(&place)?;
                    }
                    make_parents(&place)?;
                    fs::rename(old, place)?;
                }
            }
            Self::Folder { replaces: false, .. } => {
                if !new.exists() && place.exists() {
                    fs::rename(&place, new)?;
                }
                remove_empty_parents(&place, base);
            }
            Self::File { replaces, digest: written, .. } => {
                // The old one is gone when this was undone already.
                if !new.exists() && (!*replaces || old.exists()) {
                    let there = fs::read(&place).ok();
                    let is_another =
                        |text: &Vec<u8>| digest([&*String::from_utf8_lossy(text)]) != *written;
                    if let Some(there) = there.as_ref().filter(|text| is_another(text)) {
                        // Somebody has changed it since; often it is what it was.
                        if !*replaces || *there != fs::read(&old)? {
                            complain(&format!(
                                "warning: {} was changed after a run that was interrupted; it stays as it is",
                                shown(&place, root)
                            ));
                        }
                    } else if *replaces {
                        make_parents(&place)?;
                        fs::rename(old, &place)?;
                    } else if there.is_some() {
                        fs::remove_file(&place)?;
                    }
                }
                remove_empty_parents(&place, base);
            }
            Self::Remove { .. } => {
                if old.exists() && !place.exists() {
                    make_parents(&place)?;
                    fs::rename(old, place)?;
                }
            }
        }
        Ok(())
    }

    fn to_json(&self) -> io::Result<Value> {
        let path = self.path().to_str().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidFilename, "the name of the file is not UTF-8")
        })?;
        Ok(match self {
            Self::Folder { replaces, .. } => json!(["folder", path, replaces]),
            Self::File { replaces, digest, .. } => json!(["file", path, replaces, digest]),
            Self::Remove { .. } => json!(["remove", path]),
        })
    }

    /// A step of a journal; none when it leads out of the folder.
    fn from_json(step: &Value) -> Option<Self> {
        let step = step.as_array()?;
        let string = |at: usize| step.get(at).and_then(Value::as_str);
        let path = PathBuf::from(string(1)?);
        if !is_inside(&path) {
            return None;
        }
        let replaces = step.get(2).and_then(Value::as_bool);
        match string(0)? {
            "folder" => Some(Self::Folder { path, replaces: replaces? }),
            "file" => Some(Self::File { path, replaces: replaces?, digest: string(3)?.to_owned() }),
            "remove" => Some(Self::Remove { path }),
            _ => None,
        }
    }
}

/// Moves a folder. In a container a folder of a lower layer cannot be renamed; it is copied then, and removed
/// when the copy is complete.
fn move_folder(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let copy = to.with_extension("copy");
            link_folder(from, &copy)?;
            fs::rename(copy, to)?;
            fs::remove_dir_all(from)
        }
        outcome => outcome,
    }
}

fn link_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            link_folder(&entry.path(), &copy)?;
        } else {
            link(&entry.path(), &copy)?;
        }
    }
    Ok(())
}

/// What was renamed stays renamed when the machine stops.
fn flush_parents(base: &Path, steps: &[Step]) -> io::Result<()> {
    let places = steps.iter().map(|step| base.join(step.path()));
    let mut parents: Vec<_> =
        places.filter_map(|place| place.parent().map(PathBuf::from)).collect();
    parents.sort();
    parents.dedup();
    parents.iter().filter(|parent| parent.exists()).try_for_each(|parent| flush_folder(parent))
}

#[cfg(unix)]
fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders cannot be opened here.
#[cfg(not(unix))]
fn flush_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes the folders above a place that hold nothing any more, up to `base`.
fn remove_empty_parents(place: &Path, base: &Path) {
    for folder in place.ancestors().skip(1).take_while(|folder| *folder != base) {
        // One with something in it cannot be removed so.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// Removes the folders below a folder that hold nothing. That it cannot be done is no failure of the run.
fn remove_empty_folders(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty_folders(&entry.path());
            let _ = fs::remove_dir(entry.path());
        }
    }
}
