//! The files of a crate with their paths, and what stands in each.

use std::collections::BTreeMap;

use crate::{
    layout::Home,
    named::{COMMON_CODES, NamedApi},
};

/// A file to be written, and what stands in it. The numbers are those of the [`Api`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Its path below `src/generated`, with `/`.
    pub(crate) path: String,
    /// What stands in it.
    pub(crate) content: Content,
}

/// What stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The root module, or a module on the way to groups: the segments of its path.
    Module(Vec<String>),
    /// A group's calls.
    Api(usize),
    /// The list of a group's operations.
    Operations(usize),
    /// One operation: numbers of group and operation.
    Operation(usize, usize),
    /// The list of all models (of a crate with one group) or of the shared ones.
    Models,
    /// The list of a group's own models, in a crate with several groups.
    GroupModels(usize),
    /// A family of shared types.
    Family(String),
    /// Open enums that several files use.
    Enums,
    /// The gateway's codes.
    CommonErrorCode,
    /// The messages.
    Messages,
    /// Facts about the description.
    Meta,
    /// The table of operations, in Markdown.
    OperationsTable,
}

/// All files, sorted by path, each once.
#[must_use]
pub(crate) fn files(items: &NamedApi<'_>) -> Vec<File> {
    let NamedApi { api, layout, names, elsewhere } = *items;
    let mut files = BTreeMap::new();
    let mut add = |path: String, content| {
        files.insert(path, content);
    };
    add("mod.rs".to_owned(), Content::Module(Vec::new()));
    add("models/mod.rs".to_owned(), Content::Models);
    add("meta.rs".to_owned(), Content::Meta);
    add("OPERATIONS.md".to_owned(), Content::OperationsTable);
    if api.common_codes.is_some() && !elsewhere.contains_key(COMMON_CODES) {
        add("models/common_error_code.rs".to_owned(), Content::CommonErrorCode);
    }
    if !api.messages.is_empty() {
        add("messages.rs".to_owned(), Content::Messages);
    }
    for (g, group) in names.groups.iter().enumerate() {
        for depth in 1..=group.path.len() {
            let path: Vec<_> = group.path.iter().take(depth).cloned().collect();
            add(format!("{}/mod.rs", path.join("/")), Content::Module(path));
        }
        let folder: String = group.path.iter().flat_map(|segment| [segment, "/"]).collect();
        add(format!("{folder}api.rs"), Content::Api(g));
        add(format!("{folder}operations/mod.rs"), Content::Operations(g));
        for (o, operation) in group.operations.iter().enumerate() {
            add(format!("{folder}operations/{}.rs", operation.method), Content::Operation(g, o));
        }
        if !group.path.is_empty() {
            add(format!("{folder}models.rs"), Content::GroupModels(g));
        }
    }
    for home in layout.homes() {
        let is_empty =
            items.structs_of(home).next().is_none() && items.enums_of(home).next().is_none();
        match home {
            _ if is_empty => {}
            Home::Family(module) => {
                add(format!("models/{module}.rs"), Content::Family(module.clone()));
            }
            Home::Enums => add("models/enums.rs".to_owned(), Content::Enums),
            Home::Operation(..) | Home::Messages => {}
        }
    }
    files.into_iter().map(|(path, content)| File { path, content }).collect()
}
