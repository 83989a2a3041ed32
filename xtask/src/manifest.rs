//! `spec/crates.toml`: which crate is made from which tags.

use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::{files, outcome::Failure};

/// The manifest.
pub(crate) struct Manifest {
    document: DocumentMut,
    name: String,
}

/// One crate of it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) tags: Vec<String>,
    /// What the tags share and no module is made of; found from the tags when it is not said.
    pub(crate) prefix: Option<String>,
    /// The crate of the manifest that it has become part of.
    pub(crate) re_exports: Option<String>,
    /// The file of the local gateway that holds a copy of its contract.
    pub(crate) contract: Option<String>,
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

    /// All crates, in the order of the file.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, Failure> {
        self.document.iter().map(|(name, item)| self.entry(name, item)).collect()
    }

    /// The crate of that name.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Entry>, Failure> {
        self.document.get(name).map(|item| self.entry(name, item)).transpose()
    }

    fn entry(&self, name: &str, item: &Item) -> Result<Entry, Failure> {
        let tags = item.get("tags").and_then(Item::as_array);
        let tags =
            tags.and_then(|tags| tags.iter().map(|tag| tag.as_str().map(str::to_owned)).collect());
        match tags {
            Some(tags) => {
                let text = |key: &str| item.get(key).and_then(Item::as_str).map(str::to_owned);
                Ok(Entry {
                    name: name.to_owned(),
                    tags,
                    prefix: text("prefix"),
                    re_exports: text("re-exports"),
                    contract: text("contract"),
                })
            }
            None => {
                Err(Failure::Unusable(format!("{}: `{name}` needs `tags = [\"…\"]`", self.name)))
            }
        }
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
        }
    }

    /// The text of the manifest.
    pub(crate) fn text(&self) -> String {
        self.document.to_string()
    }
}
