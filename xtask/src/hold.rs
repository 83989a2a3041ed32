//! One run at a time: a folder is held while a run reads and writes what is in it.
//!
//! The folder itself is locked, so that there is no file for it, and the lock ends with the process, however that
//! ends.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::{
    files::{Difference, shown, unusable},
    outcome::{Failure, Outcome},
    terminal::complain,
    transaction,
};

/// A folder that is held.
pub(crate) struct Hold {
    folder: PathBuf,
    /// The folders that were made to hold it, the innermost first.
    made: Vec<PathBuf>,
    /// None where folders cannot be locked, and where there is no folder yet.
    lock: Option<File>,
}

impl Hold {
    /// Holds a folder to write to it. What an interrupted run has left in it is undone.
    pub(crate) fn to_write(folder: &Path, root: &Path) -> Result<Self, Failure> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let mut hold = Self { folder: folder.to_path_buf(), made: Vec::new(), lock: None };
        loop {
            let missing = folder.ancestors().take_while(missing);
            hold.made.extend(missing.map(Path::to_path_buf));
            fs::create_dir_all(folder)
                .map_err(|error| unusable("cannot make", &shown(folder, root), &error))?;
            hold.lock = lock(folder, root, File::try_lock, File::lock)?;
            // A run that waited may hold a folder that the other has removed.
            if hold.lock.as_ref().is_none_or(|lock| is_still(lock, folder)) {
                break;
            }
        }
        transaction::undo(folder, root)?;
        Ok(hold)
    }

    /// Holds a folder to look at it, beside others who look.
    pub(crate) fn to_read(folder: &Path, root: &Path) -> Result<Self, Failure> {
        let lock = if folder.exists() {
            lock(folder, root, File::try_lock_shared, File::lock_shared)?
        } else {
            None
        };
        refuse_interrupted(folder, root)?;
        Ok(Self { folder: folder.to_path_buf(), made: Vec::new(), lock })
    }

    /// The folder that is held.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes all of the differences or nothing.
    pub(crate) fn write(&self, differences: &[&Difference], root: &Path) -> Outcome {
        transaction::write(&self.folder, differences, root)
    }
}

/// A run that failed leaves no folder that it made.
impl Drop for Hold {
    fn drop(&mut self) {
        for folder in &self.made {
            // One with something in it cannot be removed so.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// What a run has begun to change is neither the old nor the new.
pub(crate) fn refuse_interrupted(folder: &Path, root: &Path) -> Outcome {
    if transaction::is_interrupted(folder) {
        return Err(Failure::Unusable(format!(
            "a run that wrote to {} was interrupted; run `cargo xtask generate` as it was run before, which \
             puts back what that run changed",
            named(folder, root)
        )));
    }
    Ok(())
}

fn named(folder: &Path, root: &Path) -> String {
    let shown = shown(folder, root);
    if shown.is_empty() { "this workspace".to_owned() } else { shown }
}

fn lock(
    folder: &Path,
    root: &Path,
    attempt: impl FnOnce(&File) -> Result<(), TryLockError>,
    wait: impl FnOnce(&File) -> io::Result<()>,
) -> Result<Option<File>, Failure> {
    let locked = File::open(folder).and_then(|file| {
        match attempt(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                complain(&format!("waiting for another run in {}", named(folder, root)));
                wait(&file)?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(file)
    });
    match locked {
        Ok(file) => Ok(Some(file)),
        Err(error) if folder.is_dir() => {
            complain(&format!(
                "warning: {} cannot be locked ({error}): see to it that no other run writes there",
                named(folder, root)
            ));
            Ok(None)
        }
        Err(error) => Err(unusable("cannot open", &named(folder, root), &error)),
    }
}

/// Whether the folder at the path is the one that was opened.
#[cfg(unix)]
fn is_still(opened: &File, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (opened.metadata(), fs::metadata(folder)) {
        (Ok(opened), Ok(there)) => opened.dev() == there.dev() && opened.ino() == there.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(_: &File, _: &Path) -> bool {
    true
}
