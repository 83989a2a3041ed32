//! The members of the workspace, and the features of each.

use std::path::{Path, PathBuf};

use alipay_openapi::load::Source;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::{files, outcome::Failure};

/// The text of the workspace's `Cargo.toml` with one more member; none when it is one already.
pub(crate) fn with(root: &Path, name: &str) -> Result<Option<String>, Failure> {
    let source = files::read(&root.join("Cargo.toml"), root)?;
    let mut document = document(&source)?;
    let members = document.get_mut("workspace").and_then(|workspace| workspace.get_mut("members"));
    let Some(members) = members.and_then(Item::as_array_mut) else {
        return Err(Failure::Unusable(format!(
            "{} has no `workspace.members`, to which `{name}` would have to be added",
            source.name
        )));
    };
    let names: Vec<&str> = members.iter().filter_map(|member| member.as_str()).collect();
    if names.contains(&name) {
        return Ok(None);
    }
    // Before the first member that comes after it by name.
    let at = names.iter().position(|member| *member > name).unwrap_or(names.len());
    members.insert(at, name);
    // An entry that moved to the front or from it keeps the layout of its old place otherwise.
    let one_line = !source.text.contains("members = [\n");
    if one_line {
        members.fmt();
    }
    Ok(Some(document.to_string()))
}

/// Whether a folder is a member of the workspace, or the workspace itself.
pub(crate) fn has(root: &Path, folder: &Path) -> Result<bool, Failure> {
    let Some(source) = files::read_if_exists(&root.join("Cargo.toml"), root)? else {
        return Ok(false);
    };
    let document = document(&source)?;
    let members = document.get("workspace").and_then(|workspace| workspace.get("members"));
    let mut members = members.and_then(Item::as_array).into_iter().flatten();
    Ok(folder.as_os_str().is_empty()
        || members.any(|member| member.as_str().is_some_and(|member| Path::new(member) == folder)))
}

/// The folder of the workspace in which cargo looks for a crate as a member, if it looks in one.
pub(crate) fn around(krate: &Path, root: &Path) -> Result<Option<PathBuf>, Failure> {
    for folder in krate.ancestors().skip(1) {
        if let Some(source) = files::read_if_exists(&folder.join("Cargo.toml"), root)?
            && document(&source)?.contains_key("workspace")
        {
            return Ok(Some(folder.to_path_buf()));
        }
    }
    Ok(None)
}

/// The folder of the crate in whose `src` a folder is, if it is in one.
pub(crate) fn with_code(folder: &Path, root: &Path) -> Result<Option<PathBuf>, Failure> {
    let sources = folder.ancestors().filter(|folder| folder.ends_with("src"));
    for krate in sources.filter_map(Path::parent) {
        let manifest = files::read_if_exists(&krate.join("Cargo.toml"), root)?;
        if manifest.as_ref().map(package_of).transpose()?.flatten().is_some() {
            return Ok(Some(krate.to_path_buf()));
        }
    }
    Ok(None)
}

/// The text of a crate's `Cargo.toml` with a feature for each group; none when it has them all. What
/// else is in it stays as people wrote it.
pub(crate) fn with_features(
    manifest: &Source,
    features: &[String],
) -> Result<Option<String>, Failure> {
    let mut document = document(manifest)?;
    let table = document.entry("features").or_insert_with(|| Item::Table(Table::new()));
    let Some(table) = table.as_table_like_mut() else {
        return Err(Failure::Unusable(format!("{}: `features` is no table", manifest.name)));
    };
    let missing: Vec<_> = features.iter().filter(|name| !table.contains_key(name)).collect();
    for name in &missing {
        table.insert(name, value(Array::new()));
    }
    Ok((!missing.is_empty()).then(|| document.to_string()))
}

/// The name of the package that a `Cargo.toml` describes, if it describes one.
pub(crate) fn package_of(manifest: &Source) -> Result<Option<String>, Failure> {
    let document = document(manifest)?;
    let name = document.get("package").and_then(|package| package.get("name"));
    Ok(name.and_then(Item::as_str).map(str::to_owned))
}

/// The folder from which a crate takes a dependency, if it takes it from one.
pub(crate) fn path_of(manifest: &Source, dependency: &str) -> Result<Option<String>, Failure> {
    let document = document(manifest)?;
    let dependency = document.get("dependencies").and_then(|all| all.get(dependency));
    let path = dependency.and_then(|dependency| dependency.get("path"));
    Ok(path.and_then(Item::as_str).map(str::to_owned))
}

fn document(source: &Source) -> Result<DocumentMut, Failure> {
    source.text.parse().map_err(|error: toml_edit::TomlError| {
        Failure::Unusable(format!("{}: {}", source.name, error.to_string().trim_end()))
    })
}
