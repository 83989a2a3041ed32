//! `spec/crates.toml`: which crate is made from which tags.

use std::path::Path;

use alipay_openapi::diag::{did_you_mean, quote};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::{files, outcome::Failure};

/// What a section may have.
const KEYS: &[&str] =
    &["tags", "prefix", "re-exports", "contract", "ignored-extensions", "skip-unsupported"];

/// The manifest.
pub(crate) struct Manifest {
    document: DocumentMut,
    name: String,
}

/// One crate of it.
#[derive(Clone, Default)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) tags: Vec<String>,
    /// What the tags share and no module is made of; found from the tags when it is not said.
    pub(crate) prefix: Option<String>,
    /// The crate of the manifest that it has become part of.
    pub(crate) re_exports: Option<String>,
    /// The file of the local gateway that holds a copy of its contract.
    pub(crate) contract: Option<String>,
    /// Extensions of its description of which nothing is known, and that are ignored.
    pub(crate) ignored_extensions: Vec<String>,
    /// Whether operations that cannot be generated are left out.
    pub(crate) skip_unsupported: bool,
}

impl Entry {
    /// The prefix its modules were made with.
    pub(crate) fn module_prefix(&self) -> String {
        let tags = self.tags.iter().map(String::as_str);
        self.prefix.clone().unwrap_or_else(|| alipay_codegen::names::prefix(tags))
    }
}

impl Manifest {
    /// Reads `spec/crates.toml` of a workspace.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let source = files::read(&root.join("spec/crates.toml"), root)?;
        let document = source.text.parse().map_err(|error: toml_edit::TomlError| {
            Failure::Unusable(format!("{}: {}", source.name, error.to_string().trim_end()))
        })?;
        Ok(Self { document, name: source.name })
    }

    /// The same where it need not be.
    pub(crate) fn read_if_exists(root: &Path) -> Result<Option<Self>, Failure> {
        let is_there = files::is_there(&root.join("spec/crates.toml"), root)?;
        is_there.then(|| Self::read(root)).transpose()
    }

    /// All crates, in the order of the file.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, Failure> {
        self.document.iter().map(|(name, item)| self.entry(name, item)).collect()
    }

    /// The crate of that name in the manifest of a workspace, where there is one.
    pub(crate) fn of(root: &Path, name: &str) -> Result<Option<Entry>, Failure> {
        Ok(Self::read_if_exists(root)?.map(|manifest| manifest.find(name)).transpose()?.flatten())
    }

    /// The crate of that name.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Entry>, Failure> {
        Ok(self.entries()?.into_iter().find(|entry| entry.name == name))
    }

    fn entry(&self, name: &str, item: &Item) -> Result<Entry, Failure> {
        let bad = |what: String| Failure::Unusable(format!("{}: {what}", self.name));
        let section = item
            .as_table_like()
            .ok_or_else(|| bad(format!("`{name}` stands in no section `[CRATE]`")))?;
        if !is_crate_name(name) {
            return Err(bad(format!("{} is not a crate name (a-z, 0-9, -, _)", quote(name))));
        }
        for (key, _) in section.iter() {
            if !KEYS.contains(&key) {
                let advice = did_you_mean(key, KEYS.iter().copied()).map_or_else(
                    || format!("the keys are `{}`", KEYS.join("`, `")),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err(bad(format!("`{name}` has an unknown key {}; {advice}", quote(key))));
            }
        }
        let string = |key: &str| match section.get(key) {
            None => Ok(None),
            Some(item) => match item.as_str() {
                Some(text) if !text.is_empty() => Ok(Some(text.to_owned())),
                _ => Err(bad(format!("`{key}` of `{name}` has to be a string"))),
            },
        };
        let list = |key: &str| -> Option<Vec<String>> {
            let list = section.get(key)?.as_array()?;
            list.iter().map(|one| one.as_str().map(str::to_owned)).collect()
        };
        let tags = list("tags")
            .filter(|tags| !tags.is_empty())
            .ok_or_else(|| bad(format!("`{name}` needs `tags = [\"…\"]`")))?;
        let ignored_extensions = match section.get("ignored-extensions") {
            None => Vec::new(),
            Some(_) => list("ignored-extensions")
                .filter(|names| names.iter().all(|name| name.starts_with("x-")))
                .ok_or_else(|| bad(format!("`{name}` needs `ignored-extensions = [\"x-…\"]`")))?,
        };
        let skip_unsupported = match section.get("skip-unsupported") {
            None => false,
            Some(flag) => flag.as_bool().ok_or_else(|| {
                bad(format!("`skip-unsupported` of `{name}` has to be `true` or `false`"))
            })?,
        };
        let contract = string("contract")?;
        if let Some(path) = &contract
            && !(files::is_inside(path)
                && Path::new(path).extension().is_some_and(|kind| kind == "json"))
        {
            return Err(bad(format!(
                "`contract` of `{name}` has to be a file `….json` below the workspace"
            )));
        }
        Ok(Entry {
            name: name.to_owned(),
            tags,
            prefix: string("prefix")?,
            re_exports: string("re-exports")?,
            contract,
            ignored_extensions,
            skip_unsupported,
        })
    }

    /// Adds a crate or replaces its tags, leaving everything else as people wrote it.
    pub(crate) fn set(&mut self, entry: &Entry) {
        let tags: Array = entry.tags.iter().collect();
        let item = self.document.entry(&entry.name).or_insert_with(|| Item::Table(Table::new()));
        if let Some(table) = item.as_table_like_mut() {
            table.insert("tags", value(tags));
            if let Some(prefix) = &entry.prefix {
                table.insert("prefix", value(prefix));
            }
            if !entry.ignored_extensions.is_empty() {
                let names: Array = entry.ignored_extensions.iter().collect();
                table.insert("ignored-extensions", value(names));
            }
        }
    }

    /// The text of the manifest.
    pub(crate) fn text(&self) -> String {
        self.document.to_string()
    }
}

/// Whether a crate and its folder can have this name.
pub(crate) fn is_crate_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}
