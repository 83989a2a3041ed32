//! A crate outside this workspace: where it may stand, and what it has to know of its place.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alipay_codegen::{Alone, Output, Scaffold};

use crate::{
    files, members,
    outcome::{Failure, Outcome},
};

/// The place of a crate outside this workspace.
pub(crate) struct Place {
    /// Its folder, as it was given.
    pub(crate) folder: PathBuf,
    /// The same from the root of the file system.
    full: PathBuf,
    /// The folder of this workspace, in the same way.
    workspace: PathBuf,
    /// The folder of the workspace in which cargo looks for the crate as a member, if it looks in one.
    around: Option<PathBuf>,
}

impl Place {
    /// The place of a folder that the generator has to itself.
    pub(crate) fn own(folder: PathBuf, root: &Path) -> Result<Self, Failure> {
        let (full, workspace) = (files::full(&folder, root)?, files::full(root, root)?);
        let around = members::around(&full, root)?;
        Ok(Self { folder, full, workspace, around })
    }

    /// The place of a folder that somebody has chosen. It is refused where that is a link, a file or a crate of the
    /// workspace, or in the code of any crate, before anything is made there.
    pub(crate) fn chosen(folder: &Path, root: &Path) -> Result<Self, Failure> {
        // Without a slash at the end, which would follow a link.
        let folder: PathBuf = folder.components().collect();
        if folder.as_os_str().is_empty() {
            return Err(Failure::Unusable("--out needs a folder".to_owned()));
        }
        let shown = folder.display().to_string();
        match fs::symlink_metadata(&folder) {
            Ok(there) if there.is_symlink() => {
                return Err(Failure::Unusable(format!(
                    "{shown} is a link; give --out the folder itself"
                )));
            }
            Ok(there) if !there.is_dir() => {
                return Err(Failure::Unusable(format!(
                    "{shown} is not a folder; give --out another"
                )));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(files::unusable("cannot read", &shown, &error)),
        }
        let place = Self::own(folder, root)?;
        if let Ok(member) = place.full.strip_prefix(&place.workspace)
            && members::has(root, member)?
        {
            return Err(Failure::Unusable(format!(
                "{shown} is a crate of this workspace; give --out another folder, or run `cargo xtask generate` \
                 without --out if it is in spec/crates.toml"
            )));
        }
        if let Some(krate) = members::with_code(&place.full, root)? {
            return Err(Failure::Unusable(format!(
                "{shown} is in the folder `src` of another crate, {}; give --out a folder outside it",
                files::shown(&krate, root)
            )));
        }
        Ok(place)
    }

    /// The way to it from this workspace.
    pub(crate) fn way_from_workspace(&self) -> PathBuf {
        files::relative(&self.workspace, &self.full)
    }

    /// The workspace of others in whose folder it is, and the way to it from there.
    pub(crate) fn in_others(&self) -> Option<(&Path, PathBuf)> {
        let others = self.around.as_deref().filter(|around| *around != self.workspace)?;
        Some((others, files::relative(others, &self.full)))
    }

    /// The scaffold of a crate there. `command` has made it.
    pub(crate) fn scaffold(
        &self,
        core_path: Option<&Path>,
        command: String,
        root: &Path,
    ) -> Result<Scaffold, Failure> {
        let core = core(core_path, root)?;
        Ok(Scaffold::Alone(Alone {
            folder: portable(self.full.file_name().map_or(&self.full, Path::new))?,
            mock_path: portable(&files::relative(&self.full, &mock(&core, root)?))?,
            core_path: portable(&files::relative(&self.full, &core))?,
            // Runtime, gateway and generator have one version, and what is generated needs that runtime.
            version: env!("CARGO_PKG_VERSION").to_owned(),
            own_workspace: self.around.as_ref() == Some(&self.workspace),
            command,
        }))
    }

    /// A new crate begins with the versions that this workspace is tested with, unless it stands in another
    /// workspace, whose versions count.
    pub(crate) fn add_versions(&self, output: &mut Output, root: &Path) -> Outcome {
        if self.in_others().is_none()
            && let Some(lock) = files::read_if_exists(&root.join("Cargo.lock"), root)?
        {
            output.scaffold.insert("Cargo.lock".to_owned(), lock.text);
        }
        Ok(())
    }

    /// `--core-path` is for the manifest of a new crate. One that there is says itself where the runtime is.
    pub(crate) fn check_core(&self, given: Option<&Path>, root: &Path) -> Outcome {
        let Some(given) = given else { return Ok(()) };
        let manifest = files::read_if_exists(&self.folder.join("Cargo.toml"), root)?;
        let Some(manifest) = manifest else { return Ok(()) };
        let stated = members::path_of(&manifest, "alipay-core")?;
        let same = stated.as_ref().is_some_and(|stated| {
            let found = fs::canonicalize(self.folder.join(stated));
            found.is_ok_and(|found| fs::canonicalize(given).is_ok_and(|given| found == given))
        });
        if same {
            return Ok(());
        }
        Err(Failure::Unusable(format!(
            "{} takes alipay-core {}, and is its owner's: change it there, and leave out --core-path",
            manifest.name,
            stated.map_or_else(|| "from no folder".to_owned(), |path| format!("from {path}"))
        )))
    }
}

/// The folder of the runtime.
fn core(given: Option<&Path>, root: &Path) -> Result<PathBuf, Failure> {
    let path = given.map_or_else(|| root.join("alipay-core"), PathBuf::from);
    let full = fs::canonicalize(&path).map_err(|error| {
        Failure::Unusable(format!("cannot find alipay-core at {}: {error}", path.display()))
    })?;
    let manifest = files::read_if_exists(&full.join("Cargo.toml"), root)?;
    let package = manifest.as_ref().map(members::package_of).transpose()?.flatten();
    if package.as_deref() != Some("alipay-core") {
        return Err(Failure::Unusable(format!("{} is not the crate alipay-core", path.display())));
    }
    Ok(full)
}

/// The gateway beside the runtime; where there is none, that of this workspace.
fn mock(core: &Path, root: &Path) -> Result<PathBuf, Failure> {
    let beside = core.with_file_name("alipay-mock");
    if beside.exists() { Ok(beside) } else { files::full(&root.join("alipay-mock"), root) }
}

/// A path as all systems write it.
fn portable(path: &Path) -> Result<String, Failure> {
    let path = path
        .to_str()
        .ok_or_else(|| Failure::Unusable(format!("{} is not UTF-8", path.display())))?;
    Ok(if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() })
}
