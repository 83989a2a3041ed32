//! What a run wrote, in files and in items of the public API.

use std::path::Path;

use alipay_codegen::public_api::ItemChanges;
use alipay_openapi::ir::LeftOut;

use crate::{
    files::{self, Difference},
    terminal::say,
};

/// A crate's public API, beside its `Cargo.toml`.
pub(crate) const PUBLIC_API: &str = "public-api.txt";
/// How many lines of each kind are shown. Files that are removed are all shown.
const SHOWN: usize = 20;

/// Prints what was written, or would be.
pub(crate) fn print(name: &str, difference: &Difference, root: &Path, dry: bool) {
    let Difference { written, removed, unchanged, .. } = difference;
    if difference.is_empty() {
        say(&up_to_date(name, difference));
        return;
    }
    let would = if dry { "would be " } else { "" };
    say(&format!(
        "{name}: {} files {would}written, {} removed, {} unchanged",
        written.len(),
        removed.len(),
        unchanged.len()
    ));
    for (path, _) in removed {
        say(&format!("  - {}", files::shown(path, root)));
    }
    let new = written.iter().filter(|(_, old, _)| old.is_none());
    lines('+', new.map(|(path, ..)| files::shown(path, root)));
    let changed = written.iter().filter(|(_, old, _)| old.is_some());
    lines('~', changed.map(|(path, ..)| files::shown(path, root)));
    let public_api = written.iter().find(|(path, ..)| path.ends_with(PUBLIC_API));
    let Some((_, Some(old), text)) = public_api else { return };
    let items = ItemChanges::between(old, text);
    say(&format!(
        "{name}: {} items added, {} removed, {} changed",
        items.added.len(),
        items.removed.len(),
        items.changed.len()
    ));
    lines('+', items.added.into_iter());
    lines('-', items.removed.into_iter());
    lines('~', items.changed.into_iter().map(|(old, new)| format!("{old}\n    {new}")));
}

/// Says that nothing has to be written.
pub(crate) fn up_to_date(name: &str, difference: &Difference) -> String {
    format!("{name}: up to date, {} files", difference.unchanged.len())
}

/// Prints the operations that a crate lacks, because they cannot be generated.
pub(crate) fn left_out(name: &str, left_out: &[LeftOut]) {
    if left_out.is_empty() {
        return;
    }
    say(&format!(
        "{name}: {} operations left out, because they cannot be generated",
        left_out.len()
    ));
    let line =
        |left: &LeftOut| format!("{} {}", left.method.to_uppercase(), left.path.escape_debug());
    let width = left_out.iter().map(|left| line(left).chars().count()).max().unwrap_or_default();
    for left in left_out {
        let LeftOut { code, reason, place, .. } = left;
        let place = place.as_ref().map(|place| format!(", at {place}")).unwrap_or_default();
        say(&format!("  {:width$}  {code}: {reason}{place}", line(left)));
    }
}

fn lines(mark: char, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    for line in lines.by_ref().take(SHOWN) {
        say(&format!("  {mark} {line}"));
    }
    let rest = lines.count();
    if rest > 0 {
        say(&format!("  {mark} … and {rest} more"));
    }
}
