//! `names.lock`: which public Rust path each item of the description has.
//!
//! One line per item: JSON pointer, a tab, and the path. Lines beginning with `#` are comments.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use alipay_openapi::{
    diag::{Diagnostic, Location, Sink, is_command, quote},
    load::Source,
    pointer::Pointer,
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const HEADER: &str = "# JSON pointer and public Rust path of every public item. Written by the generator; a line whose
# path would change stops it. To accept a new path, delete the line.
";

/// The items of a crate. A pointer may have several paths, when operations share a parameter; they are
/// sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock(BTreeMap<Pointer, Vec<String>>);

impl Lock {
    /// Notes an item.
    pub fn insert(&mut self, pointer: Pointer, path: String) {
        let paths = self.0.entry(pointer).or_default();
        if let Err(at) = paths.binary_search(&path) {
            paths.insert(at, path);
        }
    }

    /// Reads a lock. Lines that are none are errors `bad-lock`.
    pub fn parse(source: &Source, sink: &mut Sink) -> Self {
        let mut lock = Self::default();
        for (index, line) in source.text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parts = line.split_once('\t').map(|(pointer, path)| (pointer, path.trim_start()));
            match parts {
                Some((pointer, path)) if pointer.starts_with('/') && may_be_path(path) => {
                    let pointer = percent_decode_str(pointer).decode_utf8_lossy();
                    lock.insert(Pointer::parse(&pointer), path.to_owned());
                }
                _ => sink.push(
                    Diagnostic::error("bad-lock", "this line is not a pointer, a tab and a path")
                        .at(Location { source: source.name.clone(), line: index + 1, column: 1 })
                        .hint("delete the line; the generator writes it anew"),
                ),
            }
        }
        lock
    }

    /// The lock as text, sorted by pointer.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::from(HEADER);
        for (pointer, paths) in &self.0 {
            for path in paths {
                out.extend([&*escape(pointer.as_str()), "\t", path, "\n"]);
            }
        }
        out
    }

    /// Compares with the lock of the last run, the file `name`. Items with another path are errors
    /// `renamed-item`.
    pub(crate) fn compare(&self, old: &Self, name: &str, sink: &mut Sink) {
        let mut renamed = Vec::new();
        for (pointer, before) in &old.0 {
            let Some(paths) = self.0.get(pointer) else { continue };
            let gone = before.iter().filter(|path| !paths.contains(path));
            let new = paths.iter().filter(|path| !before.contains(path));
            renamed.extend(gone.zip(new).map(|(gone, new)| (pointer, gone.as_str(), new.as_str())));
        }
        // An item takes along what is in it.
        let new_of: HashMap<_, _> = renamed.iter().map(|(_, gone, new)| (*gone, *new)).collect();
        let is_taken_along = |gone, new: &str| {
            around(gone).any(|(around, rest)| {
                new_of.get(around).is_some_and(|around| new.strip_prefix(around) == Some(rest))
            })
        };
        for (pointer, gone, new) in renamed {
            if !is_taken_along(gone, new) {
                sink.push(
                    Diagnostic::error("renamed-item", format!("`{gone}` would become `{new}`"))
                        .pointer(pointer)
                        .hint(format!(
                            "{}; or delete the lines of `{gone}` from {name} to accept the new one",
                            keep(pointer, gone)
                        )),
                );
            }
        }
    }

    /// All items: where they stand in the description, and their paths.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&Pointer, &str)> {
        let all = self.0.iter();
        all.flat_map(|(pointer, paths)| paths.iter().map(move |path| (pointer, path.as_str())))
    }

    /// The paths of what stands at a place.
    pub(crate) fn paths_of(&self, pointer: &Pointer) -> impl Iterator<Item = &str> {
        self.0.get(pointer).into_iter().flatten().map(String::as_str)
    }
}

/// Errors show it as it is.
fn may_be_path(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || is_command(c))
}

/// The paths of the items that an item is in, each with what follows it.
fn around(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.rmatch_indices("::").map(|(at, _)| path.split_at(at))
}

/// What keeps the name of an item; of an operation, nothing does.
fn keep(pointer: &Pointer, path: &str) -> String {
    let name = path.rsplit("::").next().unwrap_or_default();
    let segments: Vec<String> = pointer.segments().collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let keep = match segments.as_slice() {
        ["paths", _, _]
        | ["paths", _, _, "operationId" | "responses", ..]
        | [.., "code", "enum"] => {
            return "the name follows from the `operationId`".to_owned();
        }
        [.., "required"] => "pin the name of its struct with `x-rust-name`".to_owned(),
        [.., list @ ("x-extensible-enum" | "enum")] => {
            format!("keep the name with `x-rust-name: {name}` beside `{list}`")
        }
        [.., list @ ("x-extensible-enum" | "enum"), wire] => {
            format!(
                "keep the name with `x-enum-names: {{{}: {name}}}` beside `{list}`",
                quote(wire)
            )
        }
        _ => format!("keep the name with `x-rust-name: {name}`"),
    };
    format!("{keep} in the overlay")
}

/// What could end the line of a pointer, or hide a part of it, as `%XX`.
fn escape(pointer: &str) -> Cow<'_, str> {
    if pointer.bytes().all(|b| b.is_ascii_graphic() && b != b'%') {
        return Cow::Borrowed(pointer);
    }
    let mut out = String::with_capacity(pointer.len());
    for c in pointer.chars() {
        if c == '%' || is_command(c) {
            out.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}
