//! `names.lock`: which public Rust path each item of the description has.
//!
//! One line per item: JSON pointer, a tab, and the path. Lines beginning with `#` are comments.

use std::{borrow::Cow, collections::BTreeMap};

use alipay_openapi::{
    diag::{Diagnostic, Location, Sink, is_command},
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
            match line.split_once('\t') {
                Some((pointer, path)) if pointer.starts_with('/') => {
                    let pointer = percent_decode_str(pointer).decode_utf8_lossy();
                    lock.insert(Pointer::parse(&pointer), path.trim_start().to_owned());
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
        for (pointer, before) in &old.0 {
            let Some(paths) = self.0.get(pointer) else { continue };
            let gone = before.iter().filter(|path| !paths.contains(path));
            let new = paths.iter().filter(|path| !before.contains(path));
            for (gone, new) in gone.zip(new) {
                sink.push(
                    Diagnostic::error("renamed-item", format!("`{gone}` would become `{new}`"))
                        .pointer(pointer)
                        .hint(format!(
                            "keep the name with x-rust-name in the overlay, or delete this pointer's \
                             line from {name} to accept the new one"
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
