//! The formats of strings and numbers: which are known, and which are misspelt.

use super::shape::Kind;
use crate::diag::{did_you_mean, distance};
use crate::ir::{Limit, of_format};

/// What a format is to the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One of those it knows.
    Known,
    /// One that is nearly this, and so misspelt: values would get the wrong type.
    Misspelt(&'static str),
    /// An exact number, which no JSON number is.
    Exact,
    /// Any other. To OpenAPI a format is an annotation, and the type stays what it is.
    Foreign,
}

/// The formats of strings that decide on the type in Rust, or on what `Debug` shows.
const TYPES: &[&str] = &[
    "binary",
    "date",
    "date-time",
    "decimal",
    "local-date",
    "local-date-time",
    "local-time",
    "password",
];

/// What a format is, for a schema of this kind.
pub(super) fn judge(kind: Kind, word: &str) -> Format {
    let (known, fit): (&[&'static str], &[&str]) = match kind {
        Kind::String if of_format(word).is_some() => return Format::Known,
        Kind::String => (TYPES, &[]),
        Kind::Number if word == "decimal" => return Format::Exact,
        Kind::Number => (&["float", "double"], &[]),
        // An `i64` holds all of these.
        _ => (&["int32", "int64"], &["int8", "int16", "uint8", "uint16", "uint32"]),
    };
    if known.contains(&word) {
        return Format::Known;
    }
    if fit.contains(&word) {
        return Format::Foreign;
    }
    let plain = word.to_ascii_lowercase().replace(['_', ' ', '.'], "-");
    let near = did_you_mean(&plain, known.iter().copied()).and_then(|near| {
        let near = known.iter().copied().find(|word| *word == near)?;
        let most = (plain.chars().count() / 4).max(1);
        (distance(&plain, near) <= most).then_some(near)
    });
    near.map_or(Format::Foreign, Format::Misspelt)
}

/// Whether a format of a string says something of it, and leaves its type as it is.
pub(super) fn is_remark(word: &str) -> bool {
    word == "password" || of_format(word).is_some() || judge(Kind::String, word) == Format::Foreign
}

/// What a format says where the type does not.
pub(super) fn limit(kind: Kind, word: &str) -> Option<Limit> {
    let says_more = match judge(kind, word) {
        Format::Known => kind == Kind::String && of_format(word).is_some(),
        Format::Foreign => true,
        Format::Misspelt(_) | Format::Exact => false,
    };
    says_more.then(|| Limit::Format(word.to_owned()))
}
