//! Types that another crate has, too: where they are there.
//!
//! Crates of one domain share types. One of them defines such a type, and the others re-export it, so that a value of
//! one crate can be given to another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{named::last, names::lock::Lock};
use alipay_openapi::{diag::Sink, load::Source};

/// Where shared types stand.
const MODELS: &str = "models::";
/// The end of the name of a struct with the required parts of another.
const PARTS: &str = "Parts";

/// A crate with which types are shared.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The name of its package.
    pub package: String,
    /// Its `names.lock`.
    pub lock: String,
    /// Its public API.
    pub public_api: String,
}

impl Shared {
    /// The types of a crate that this one has in the same form: their paths, and those in this crate.
    ///
    /// A type is the same if it is made from the same place of the description and all its public items are there.
    /// The types in it have to be the same, too. A sentence that only one of the overlays has makes no difference.
    pub(crate) fn types(
        &self,
        lock: &Lock,
        public_api: &str,
        sink: &mut Sink,
    ) -> BTreeMap<String, String> {
        let other = Lock::parse(&Source::new("names.lock", self.lock.as_str()), sink);
        let own: BTreeSet<&str> =
            lock.items().map(|(_, path)| path).filter(|path| is_type(path)).collect();
        let offered: BTreeSet<&str> = self.public_api.lines().collect();
        let mut lines: HashMap<&str, Vec<&str>> = HashMap::new();
        for line in public_api.lines() {
            if let Some(subject) = subject(line) {
                lines.entry(subject).or_default().push(line);
            }
        }
        let mut same = moved(lock, &other);
        same.retain(|path, there| {
            path.starts_with(MODELS) && there.starts_with(MODELS) && last(path) == last(there)
        });
        // A type that is not the same takes those with it that hold it.
        loop {
            let kept: BTreeMap<String, String> = same
                .iter()
                .filter(|(path, _)| {
                    // The parts of a struct are defined beside it.
                    let whole = path.strip_suffix(PARTS).filter(|whole| own.contains(whole));
                    if whole.is_some_and(|whole| !same.contains_key(whole)) {
                        return false;
                    }
                    let mut lines = lines.get(path.as_str()).into_iter().flatten();
                    lines.all(|line| {
                        let known = words(line).filter_map(|word| own.get(type_of(word)));
                        let complete = known.into_iter().all(|path| same.contains_key(*path));
                        complete && offered.contains(translate(line, &same).as_str())
                    })
                })
                .map(|(path, there)| (path.clone(), there.clone()))
                .collect();
            if kept.len() == same.len() {
                break;
            }
            same = kept;
        }
        let krate = self.package.replace('-', "_");
        same.into_iter().map(|(path, there)| (path, format!("{krate}::{there}"))).collect()
    }
}

/// The type that a line of a public API is about, if it is one of the shared ones.
fn subject(line: &str) -> Option<&str> {
    let path = line.strip_prefix("impl Default for ").or_else(|| Some(line.split_once(' ')?.1))?;
    let path = words(path).next()?;
    path.starts_with(MODELS).then(|| type_of(path))
}

/// The type in the module of models that a path begins with.
fn type_of(path: &str) -> &str {
    let name = path
        .strip_prefix(MODELS)
        .map_or(path.len(), |rest| MODELS.len() + rest.find("::").unwrap_or(rest.len()));
    path.get(..name).unwrap_or(path)
}

/// The paths and other words of a line of a public API.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !is_path(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.trim_end_matches(':'))
}

fn is_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// The path of each type in the other crate, by its path in its own.
pub(crate) fn moved(own: &Lock, other: &Lock) -> BTreeMap<String, String> {
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
pub(crate) fn translate(line: &str, moved: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(line.len());
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
