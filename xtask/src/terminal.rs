//! What is printed, to whom. Names of a description are in all of it; what a terminal would take for a command
//! is printed as an escape.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use alipay_openapi::diag::{Diagnostic, Diagnostics, Severity, Sink, clean};

/// How many findings of one sort are shown, unless all are asked for.
const SHOWN: usize = 3;

/// Whether `--all` was given. It is a matter of the terminal alone, so no command hands it on.
static ALL: AtomicBool = AtomicBool::new(false);

/// Shows each finding from now on.
pub(crate) fn show_all(all: bool) {
    ALL.store(all, Ordering::Relaxed);
}

/// Whether each finding is shown.
pub(crate) fn shows_all() -> bool {
    ALL.load(Ordering::Relaxed)
}

/// Prints a line, if anybody still reads: who closes a pipe early has seen enough.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{}", clean(line));
}

/// Prints a line to standard error, if anybody still reads.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{}", clean(line));
}

/// Prints findings to standard error, if anybody still reads. Where there are too many to count them, their numbers
/// follow.
pub(crate) fn report(findings: &Diagnostics) {
    list(findings);
    if findings.iter().count() > SHOWN {
        complain(&total(findings));
    }
}

/// Prints findings to standard error, without their numbers.
pub(crate) fn list(findings: &Diagnostics) {
    if !findings.is_empty() {
        complain(&if shows_all() { findings.to_string() } else { grouped(findings) });
    }
}

/// Prints the findings of a sink to standard error. Says whether there is no error among them.
pub(crate) fn report_all(sink: Sink) -> bool {
    let good = !sink.has_errors();
    report(&sink.finish());
    good
}

/// Findings of one sort: of one code, with messages that differ in what they quote only.
struct Group<'f> {
    sort: String,
    findings: Vec<&'f Diagnostic>,
}

/// Errors before warnings, findings of one sort together, the first places of each sort.
fn grouped(findings: &Diagnostics) -> String {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known = BTreeMap::new();
    for finding in findings.iter() {
        let sort = sort_of(&finding.message);
        let key = (finding.severity, finding.code, sort.clone());
        let at = *known.entry(key).or_insert_with(|| {
            groups.push(Group { sort, findings: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.findings.push(finding);
        }
    }
    groups.sort_by_key(|group| group.findings.first().map(|first| first.severity));
    let groups: Vec<String> = groups.iter().map(Group::shown).collect();
    groups.join("\n")
}

impl Group<'_> {
    fn shown(&self) -> String {
        let all = &self.findings;
        let Some(first) = all.first().filter(|_| all.len() > SHOWN) else {
            let each: Vec<String> = all.iter().map(ToString::to_string).collect();
            return each.join("\n");
        };
        let same = all.iter().all(|finding| finding.message == first.message);
        let same_hint = all.iter().all(|finding| finding.hint == first.hint);
        let message = if same { &first.message } else { &self.sort };
        let severity = match first.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        // Writing to a string cannot fail.
        let mut out = String::new();
        let _ = write!(out, "{severity}[{}]: {message}: {} places", first.code, all.len());
        for finding in all.iter().take(SHOWN) {
            let place = finding
                .location
                .as_ref()
                .map(|at| format!("{}:{}:{}", at.source, at.line, at.column));
            let pointer = finding.pointer.as_ref().map(|pointer| format!("at {pointer}"));
            let what = if same { pointer } else { Some(finding.message.clone()) };
            let parts: Vec<String> = [place, what].into_iter().flatten().collect();
            let _ = write!(out, "\n  {}", parts.join(": "));
            if let Some(hint) = finding.hint.as_ref().filter(|_| !same_hint) {
                let _ = write!(out, "\n    hint: {hint}");
            }
        }
        let _ = write!(out, "\n  and {} more; --all shows each", all.len() - SHOWN);
        if let Some(hint) = first.hint.as_ref().filter(|_| same_hint) {
            let _ = write!(out, "\n  hint: {hint}");
        }
        out
    }
}

/// A message without what it quotes: names, strings, pointers and numbers.
fn sort_of(message: &str) -> String {
    let mut sort = String::new();
    let mut rest = message;
    while let Some(start) = rest.find(['`', '"']) {
        let (before, quoted) = rest.split_at(start);
        sort.push_str(before);
        let end = end_of_quote(quoted);
        let (_, after) = quoted.split_at(end.unwrap_or(quoted.len()));
        sort.push_str("`…`");
        rest = after;
    }
    sort.push_str(rest);
    let words = sort.split(' ').map(|word| {
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_number || word.starts_with("#/") { "…" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Where the quote ends that a string begins with.
fn end_of_quote(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let (_, mark) = chars.next()?;
    let mut escaped = false;
    for (at, c) in chars {
        match c {
            _ if escaped => escaped = false,
            '\\' if mark == '"' => escaped = true,
            c if c == mark => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}

/// The numbers of findings, also by code.
pub(crate) fn total(findings: &Diagnostics) -> String {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings.iter() {
        *codes.entry(finding.code).or_default() += 1;
    }
    let codes: Vec<String> = codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
    format!("total: {} ({})", numbers(findings), codes.join(", "))
}

/// The numbers of errors and warnings.
pub(crate) fn numbers(findings: &Diagnostics) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    format!("{} errors, {} warnings", count(Severity::Error), count(Severity::Warning))
}

#[cfg(test)]
mod tests {
    use super::sort_of;

    #[test]
    fn what_is_quoted_makes_no_difference() {
        assert_eq!(sort_of("`a` of `b` has 3 parts"), "`…` of `…` has … parts");
        assert_eq!(sort_of("found \"a \\\" b\" at #/a/b"), "found `…` at …");
        assert_eq!(sort_of("an open `quote"), "an open `…`");
        assert_eq!(sort_of("nothing quoted"), "nothing quoted");
        assert_eq!(sort_of("`券` and \"券"), "`…` and `…`");
    }
}
