//! A crate that has become part of a larger one: its public items, at their old paths, as re-exports.
//!
//! A crate made for one tag may join the crate of its domain without breaking a user. It keeps its own
//! description and its lock; here each of its types is found in the larger crate by the place in the
//! description both were made from, and every line of its public API is looked for there. What the larger
//! crate lacks is an error, so nothing is lost unnoticed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    generate::Output,
    named::last,
    names::lock::Lock,
    print::docs::{Doc, clean},
    print::{self, Exports, Module, SourceFile, Visibility},
};
use alipay_openapi::{
    diag::{Diagnostic, Diagnostics, Sink},
    load::Source,
};

/// The files of `src/generated`, by path below it, of a crate whose items come from another.
///
/// `own` is the crate as it was generated so far, whose public API stays; `package` is the name of the
/// larger crate, and `other` that crate.
///
/// # Errors
///
/// `missing-re-export` for each item that the larger crate does not have, or has in another form.
pub fn re_export(
    own: &Output,
    package: &str,
    other: &Output,
) -> Result<BTreeMap<String, String>, Diagnostics> {
    let mut sink = Sink::new();
    let mut lock =
        |output: &Output| Lock::parse(&Source::new("names.lock", output.lock.clone()), &mut sink);
    let (own_lock, other_lock) = (lock(own), lock(other));
    if own.public_api.lines().any(|line| line.starts_with("feature ")) {
        sink.push(
            Diagnostic::error(
                "missing-re-export",
                format!("a crate of several groups cannot be a re-export of `{package}`"),
            )
            .hint("take `re-exports` out of spec/crates.toml"),
        );
    }
    let moved = moved(&own_lock, &other_lock);
    let offered: BTreeSet<&str> = other.public_api.lines().collect();
    for line in own.public_api.lines().filter(|line| is_item(line)) {
        let expected = translate(line, &moved);
        if !offered.contains(expected.as_str()) {
            let message =
                format!("`{package}` does not have `{expected}`, which stays public here");
            sink.push(Diagnostic::error("missing-re-export", message).hint(
                "add the tag to the larger crate, and what this crate's overlay says to its overlay",
            ));
        }
    }
    if sink.has_errors() {
        return Err(sink.finish());
    }
    Ok(files(&moved, package))
}

/// Whether a line of a public API is an item. Others name the description or a feature.
fn is_item(line: &str) -> bool {
    !line.starts_with('#') && !line.starts_with("const meta::") && !line.starts_with("feature ")
}

/// The path of each type in the other crate, by its path in its own.
fn moved(own: &Lock, other: &Lock) -> BTreeMap<String, String> {
    // A set of values stands where it is used first, which need not be the same place: its name decides.
    let mut by_name: HashMap<&str, Option<&str>> = HashMap::new();
    for (_, path) in other.items().filter(|(_, path)| is_type(path)) {
        let seen = by_name.entry(last(path)).or_insert(Some(path));
        *seen = seen.filter(|seen| *seen == path);
    }
    let mut moved = BTreeMap::new();
    for (pointer, path) in own.items().filter(|(_, path)| is_type(path)) {
        let mut same_place = other.paths_of(pointer).filter(|path| is_type(path));
        let found = same_place.next().filter(|_| same_place.next().is_none());
        if let Some(found) = found.or_else(|| by_name.get(last(path)).copied().flatten()) {
            moved.insert(path.to_owned(), found.to_owned());
        }
    }
    moved
}

/// Whether a path is that of a type, and not of a part of one.
fn is_type(path: &str) -> bool {
    let upper = |segment: &str| segment.starts_with(|c: char| c.is_ascii_uppercase());
    let mut segments = path.rsplit("::");
    segments.next().is_some_and(upper) && !segments.next().is_some_and(upper)
}

/// A line of a public API with the paths of the other crate.
fn translate(line: &str, moved: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(line.len());
    let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut rest = line;
    while let Some(start) = rest.find(is_path) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_path(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        out.push_str(&translated(word, moved));
        rest = after;
    }
    out + rest
}

/// A path with the type it begins with replaced; the longest such type counts.
fn translated(path: &str, moved: &BTreeMap<String, String>) -> String {
    let mut end = path.len();
    loop {
        let (head, tail) = path.split_at(end);
        if let Some(target) = moved.get(head) {
            return format!("{target}{tail}");
        }
        match head.rfind("::") {
            Some(shorter) => end = shorter,
            None => return path.to_owned(),
        }
    }
}

fn files(moved: &BTreeMap<String, String>, package: &str) -> BTreeMap<String, String> {
    let krate = package.replace('-', "_");
    let span = clean::code_span(package).unwrap_or_default();
    let mut exports: BTreeMap<&str, Exports> = BTreeMap::new();
    for (path, target) in moved {
        let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
        let renamed = if last(target) == name { String::new() } else { format!(" as {name}") };
        exports.entry(module).or_default().add(&[], &format!("{krate}::{target}{renamed}"));
    }
    let mut root = exports.remove("").unwrap_or_default();
    root.add(&[], &format!("{krate}::meta"));
    let header =
        "// @generated by `cargo xtask generate`. Do not edit: change spec/crates.toml instead.\n";
    let mut files = BTreeMap::new();
    let mut add = |path: String, file: SourceFile| {
        files.insert(path, print::render(header, file));
    };
    let modules = exports.keys().map(|module| Module::new(module, Visibility::Public)).collect();
    let doc = Doc::line(format!("The items of this crate, re-exported from {span}."));
    add("mod.rs".to_owned(), SourceFile { doc, modules, exports: root, ..SourceFile::default() });
    for (module, exports) in exports {
        let doc = Doc::line(format!("The module `{module}`, re-exported from {span}."));
        add(format!("{module}.rs"), SourceFile { doc, exports, ..SourceFile::default() });
    }
    files
}
