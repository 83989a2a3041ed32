//! The formats of strings and numbers: which are known, and which are misspelt.

use super::shape::Kind;
use crate::diag::did_you_mean;

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
        Kind::String if string_format(word).is_some() => return Format::Known,
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
        (strsim::levenshtein(&plain, near) <= most).then_some(near)
    });
    near.map_or(Format::Foreign, Format::Misspelt)
}

/// Whether a format of a string says something of it, and leaves its type as it is.
pub(super) fn is_remark(word: &str) -> bool {
    word == "password"
        || string_format(word).is_some()
        || judge(Kind::String, word) == Format::Foreign
}

/// What a format says where the type does not.
pub(super) fn rule(kind: Kind, word: &str) -> Option<String> {
    match judge(kind, word) {
        Format::Known if kind == Kind::String => string_format(word).map(str::to_owned),
        Format::Foreign => Some(format!("Format: `{word}`.")),
        _ => None,
    }
}

/// What a string of one of OpenAPI's formats is. The formats say nothing a Rust type would, so the
/// values stay strings.
fn string_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "A time as RFC 3339 has it, like `2026-01-31T08:30:00+08:00`.",
        "byte" => "Bytes in Base64.",
        "email" => "An e-mail address.",
        "hostname" => "A host name.",
        "ipv4" => "An IPv4 address.",
        "ipv6" => "An IPv6 address.",
        "uri" => "A URI.",
        "uuid" => "A UUID.",
        _ => return None,
    })
}
