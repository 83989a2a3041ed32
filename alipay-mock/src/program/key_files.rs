//! The program's keys, in a folder, so that they stay the same from run to run.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::private::{create_private_file, create_private_folder};
use crate::error::KeysError;
use crate::gateway::GatewayBuilder;
use crate::keys::GatewayKeys;

const APP_PRIVATE: &str = "app_private_key.txt";
const APP_PUBLIC: &str = "app_public_key.txt";
const ALIPAY_PRIVATE: &str = "alipay_private_key.txt";
const ALIPAY_PUBLIC: &str = "alipay_public_key.txt";
const ENCRYPT: &str = "encrypt_key.txt";
const APP_CERTIFICATE: &str = "app_certificate.crt";
const ALIPAY_CERTIFICATE: &str = "alipay_certificate.crt";
const ROOT_CERTIFICATE: &str = "root_certificate.crt";
/// What git leaves out.
const IGNORED: &str = ".gitignore";
const KEYS: [&str; 5] = [APP_PRIVATE, ALIPAY_PRIVATE, ENCRYPT, APP_PUBLIC, ALIPAY_PUBLIC];
const CERTIFICATES: [&str; 3] = [APP_CERTIFICATE, ALIPAY_CERTIFICATE, ROOT_CERTIFICATE];

/// The message of an error of the file system.
fn io_error(what: &str, path: &Path) -> impl FnOnce(io::Error) -> String {
    move |e| format!("cannot {what} {}: {e}", path.display())
}

/// A gateway with the keys of the files.
pub(super) fn set(
    builder: GatewayBuilder,
    files: &KeyFiles,
    app_id: Option<&str>,
) -> Result<GatewayBuilder, String> {
    let builder = builder.keys(files.load_or_create()?);
    Ok(match app_id {
        Some(app_id) => builder.app_id(app_id),
        None => builder,
    })
}

/// A folder with the five key files and the three certificates.
pub(super) struct KeyFiles {
    folder: PathBuf,
    /// Removes the folder when it is dropped.
    temporary: Option<TempDir>,
}

impl KeyFiles {
    /// A folder the user chose.
    pub(super) fn at(folder: PathBuf) -> Self {
        Self { folder, temporary: None }
    }

    /// A new folder that is removed at the end.
    pub(super) fn temporary() -> Result<Self, String> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("alipay-mock-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let parent = std::env::temp_dir();
        let folder = builder.tempdir_in(&parent).map_err(io_error("make a folder in", &parent))?;
        Ok(Self { folder: folder.path().to_owned(), temporary: Some(folder) })
    }

    /// Reads the keys. Makes and writes them if the folder has none. No file is ever replaced.
    pub(super) fn load_or_create(&self) -> Result<GatewayKeys, String> {
        if !self.folder.is_dir() {
            create_private_folder(&self.folder)
                .map_err(io_error("make the folder", &self.folder))?;
            // The folder may be in a repository.
            self.write(IGNORED, "*")?;
        }
        let [app, alipay, encrypt, app_public, alipay_public] = KEYS.map(|name| self.read(name));
        let public = [app_public?, alipay_public?];
        let has_public = public.iter().any(Option::is_some);
        let missing = match (app?, alipay?, encrypt?) {
            (Some(app), Some(alipay), Some(encrypt)) => {
                let keys = GatewayKeys::parse(&app, &alipay, &encrypt);
                let keys = keys.map_err(|e| self.unusable(&e))?;
                self.check_or_write_public(&keys, public)?;
                return self.load_or_create_certificates(keys);
            }
            (None, None, None) if !has_public => {
                return self.load_or_create_certificates(self.create()?);
            }
            (None, ..) => APP_PRIVATE,
            (_, None, _) => ALIPAY_PRIVATE,
            (_, _, None) => ENCRYPT,
        };
        Err(self.incomplete("keys", missing, &KEYS))
    }

    fn incomplete(&self, what: &str, missing: &str, all: &[&str]) -> String {
        format!(
            "{} has some of the {what} but no {missing}; restore it, or delete the others of {} to have \
             all made again",
            self.folder.display(),
            all.join(", "),
        )
    }

    /// The public keys follow from the private ones. Other ones would be given to clients.
    fn check_or_write_public(
        &self,
        keys: &GatewayKeys,
        [app, alipay]: [Option<String>; 2],
    ) -> Result<(), String> {
        match app {
            Some(key) => keys.check_app_public_key(&key).map_err(|e| self.unusable(&e))?,
            None => self.write(APP_PUBLIC, keys.app_public_key())?,
        }
        match alipay {
            Some(key) => keys.check_alipay_public_key(&key).map_err(|e| self.unusable(&e)),
            None => self.write(ALIPAY_PUBLIC, keys.alipay_public_key()),
        }
    }

    /// Reads the certificates. Makes and writes them if there are none.
    fn load_or_create_certificates(&self, keys: GatewayKeys) -> Result<GatewayKeys, String> {
        let [app, alipay, root] = CERTIFICATES.map(|name| self.read(name));
        let missing = match (app?, alipay?, root?) {
            (Some(app), Some(alipay), Some(root)) => {
                return keys.with_certificates(&app, &alipay, &root).map_err(|e| {
                    format!(
                        "the certificates in {} cannot be used: {e}; delete {} to have them made again",
                        self.folder.display(),
                        CERTIFICATES.join(", "),
                    )
                });
            }
            (None, None, None) => None,
            (None, ..) => Some(APP_CERTIFICATE),
            (_, None, _) => Some(ALIPAY_CERTIFICATE),
            (_, _, None) => Some(ROOT_CERTIFICATE),
        };
        if let Some(missing) = missing {
            return Err(self.incomplete("certificates", missing, &CERTIFICATES));
        }
        let made = keys.certificates().map_err(|e| self.unusable(&e))?;
        for (name, text) in CERTIFICATES.into_iter().zip([&made.app, &made.alipay, &made.root]) {
            self.write(name, text.trim_end())?;
        }
        Ok(keys)
    }

    fn unusable(&self, error: &KeysError) -> String {
        format!("the keys in {} cannot be used: {error}", self.folder.display())
    }

    /// The paths of the certificates: the app's, Alipay's, the root.
    pub(super) fn certificates(&self) -> [PathBuf; 3] {
        CERTIFICATES.map(|name| self.folder.join(name))
    }

    pub(super) fn app_private_key(&self) -> PathBuf {
        self.folder.join(APP_PRIVATE)
    }

    pub(super) fn alipay_public_key(&self) -> PathBuf {
        self.folder.join(ALIPAY_PUBLIC)
    }

    pub(super) fn encrypt_key(&self) -> PathBuf {
        self.folder.join(ENCRYPT)
    }

    fn create(&self) -> Result<GatewayKeys, String> {
        let keys = GatewayKeys::generate().map_err(|e| self.unusable(&e))?;
        let texts = [
            (APP_PUBLIC, keys.app_public_key()),
            (ALIPAY_PUBLIC, keys.alipay_public_key()),
            (APP_PRIVATE, keys.app_private_key()),
            (ALIPAY_PRIVATE, keys.alipay_private_key()),
            (ENCRYPT, keys.encrypt_key()),
        ];
        // In a folder that was there, only these files are hidden from git.
        if !self.folder.join(IGNORED).exists() {
            self.write(IGNORED, &[&KEYS[..], &CERTIFICATES].concat().join("\n"))?;
        }
        for (name, text) in texts {
            self.write(name, text)?;
        }
        Ok(keys)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(name);
        create_private_file(&path)
            .and_then(|mut file| writeln!(file, "{text}"))
            .map_err(io_error("write", &path))
    }

    fn read(&self, name: &str) -> Result<Option<String>, String> {
        let path = self.folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(io_error("read", &path)(e)),
        }
    }
}

impl fmt::Display for KeyFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.temporary.is_some() { " (removed at the end)" } else { "" };
        write!(f, "{}{note}", self.folder.display())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::KeyFiles;

    #[test]
    fn temporary_folders_do_not_collide() {
        let one = KeyFiles::temporary().unwrap();
        let other = KeyFiles::temporary().unwrap();
        assert_ne!(one.folder, other.folder);
        let folder = one.folder.clone();
        assert!(folder.is_dir());
        drop(one);
        assert!(!folder.exists() && other.folder.is_dir());
    }
}
