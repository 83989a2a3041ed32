//! Where in a crate a tag's module stands.

use std::collections::BTreeSet;

use alipay_openapi::diag::Diagnostic;

/// What the module paths of a crate leave out: the segments all tags begin with, though at least one
/// segment of each tag stays. A single tag is left out altogether.
#[must_use]
pub fn prefix<'t>(tags: impl Iterator<Item = &'t str>) -> String {
    let tags: BTreeSet<_> = tags.collect();
    let tags: Vec<_> = tags.into_iter().collect();
    let mut shared = shared(&tags);
    if tags.len() > 1 && tags.contains(&shared.join(".").as_str()) {
        shared.pop();
    }
    shared.join(".")
}

/// The segments that all tags begin with.
fn shared<'t>(tags: &[&'t str]) -> Vec<&'t str> {
    let Some((first, others)) = tags.split_first() else { return Vec::new() };
    let mut shared: Vec<_> = first.split('.').collect();
    for tag in others {
        let same = shared.iter().zip(tag.split('.')).take_while(|(a, b)| **a == *b).count();
        shared.truncate(same);
    }
    shared
}

/// The segments of a tag that follow the prefix of its crate: those of its module's path. A tag that
/// is `alone` in its crate may be the prefix itself. `None` when the tag does not begin with the prefix.
#[must_use]
pub fn segments<'t>(tag: &'t str, prefix: &str, alone: bool) -> Option<Vec<&'t str>> {
    let rest = match tag.strip_prefix(prefix)? {
        "" => return alone.then(Vec::new),
        rest if prefix.is_empty() => rest,
        rest => rest.strip_prefix('.')?,
    };
    Some(rest.split('.').collect())
}

/// What is wrong with a tag that has no [segments].
#[must_use]
pub fn outside(tag: &str, prefix: &str) -> Diagnostic {
    let message = format!("the tag `{tag}` has no place in a crate for `{prefix}`");
    Diagnostic::error("tag-outside-prefix", message).hint(
        "the tags of a crate with several begin with its prefix and go on; make a crate with a shorter \
         prefix, or one of its own for this tag",
    )
}
