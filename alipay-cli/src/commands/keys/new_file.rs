//! New files that only their owner can read. No file is ever replaced.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use alipay_mock::program::{create_private_file, create_private_folder};

use crate::outcome::Failure;

/// The files of one run: all of them or none.
#[derive(Default)]
pub(super) struct NewFiles {
    written: Vec<PathBuf>,
}

impl NewFiles {
    /// Writes a text and a line feed. If that fails, what was written before is removed.
    pub(super) fn write(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        let mut file = create_private_file(path).map_err(|error| self.failed(path, &error))?;
        self.written.push(path.to_owned());
        let text = text.trim_end();
        writeln!(file, "{text}")
            .and_then(|()| file.sync_all())
            .map_err(|error| self.failed(path, &error))
    }

    fn failed(&mut self, path: &Path, error: &io::Error) -> Failure {
        for written in self.written.drain(..) {
            // It cannot be helped.
            let _ = fs::remove_file(written);
        }
        let path = path.display();
        Failure::Unusable(match error.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("{path} is there already, and no file is replaced; give another path")
            }
            _ => format!("cannot write {path}: {error}"),
        })
    }
}

/// Makes a folder that only its owner can use, unless it is there. A new one is hidden from git.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    let cannot =
        |error| Failure::Unusable(format!("cannot make the folder {}: {error}", folder.display()));
    create_private_folder(folder).map_err(cannot)?;
    fs::write(folder.join(".gitignore"), "*\n").map_err(cannot)
}
