//! Regular expressions of a description: whether a string matches, and strings that do.
//!
//! They are matched as OpenAPI means them: anywhere in the string, and `\d` is an ASCII digit. Look-around and references back are
//! not known here: matching takes time in proportion to the length, whatever the pattern.

use regex_lite::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Deserializer};

/// How large a compiled pattern may be, in bytes.
const LARGEST: usize = 1024 * 1024;
/// How deep groups may be nested.
const DEEPEST: u32 = 50;
/// The longest string that is made for a pattern, in characters, and the steps it may take.
const LONGEST: usize = 10_000;
const MOST_STEPS: usize = 100_000;

/// A regular expression, compiled once.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    /// Or why it cannot be matched.
    compiled: Result<Regex, String>,
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Pattern {
    pub(super) fn new(text: String) -> Self {
        let compiled = RegexBuilder::new(&text).size_limit(LARGEST).nest_limit(DEEPEST).build();
        let compiled = compiled.map_err(|problem| problem.to_string());
        Self { text, compiled }
    }

    /// Whether a string matches; any does if the pattern is not known here.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.as_ref().map_or(true, |pattern| pattern.is_match(text))
    }

    /// Why it is not checked, if it is not.
    pub(super) fn problem(&self) -> Option<&str> {
        self.compiled.as_ref().err().map(String::as_str)
    }

    /// A string that should match, of at least so many characters if that can be; another one for each number. What
    /// stands around it is not looked at, so it has to be matched.
    pub(super) fn sample(&self, least: usize, number: usize) -> Option<String> {
        let mut parser = ParserBuilder::new();
        let hir = parser.nest_limit(DEEPEST).build().parse(&self.text).ok()?;
        let spare = least.saturating_sub(shortest(&hir));
        let mut sampler = Sampler { text: String::new(), spare, number, steps: MOST_STEPS };
        sampler.walk(&hir)?;
        Some(sampler.text)
    }
}

struct Sampler {
    text: String,
    /// How many characters more than the shortest string are wanted.
    spare: usize,
    /// Which of many strings is wanted.
    number: usize,
    steps: usize,
}

impl Sampler {
    fn walk(&mut self, hir: &Hir) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let chars = chars(class);
                let chosen = chars.get(self.choose(chars.len()))?;
                self.text.push(*chosen);
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.map_or(usize::MAX, whole);
                let least = whole(repetition.min);
                let length = shortest(&repetition.sub).max(1);
                let more = (self.spare / length).min(most.saturating_sub(least));
                self.spare -= more * length;
                for _ in 0..least.saturating_add(more) {
                    self.walk(&repetition.sub)?;
                }
            }
            HirKind::Capture(capture) => self.walk(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.walk(part))?,
            HirKind::Alternation(branches) => {
                let least = branches.iter().map(shortest).min()?;
                let within = |branch: &&Hir| shortest(branch) <= least.saturating_add(self.spare);
                let mut fitting: Vec<&Hir> = branches.iter().filter(within).collect();
                // The longer ones serve better where more is wanted.
                if self.spare > 0 {
                    let longest = |branch: &&Hir| {
                        branch.properties().maximum_len().map_or(0, |length| usize::MAX - length)
                    };
                    fitting.sort_by_key(longest);
                }
                let chosen = *fitting.get(self.choose(fitting.len()))?;
                self.spare = self.spare.saturating_sub(shortest(chosen) - least);
                self.walk(chosen)?;
            }
        }
        (self.text.len() <= LONGEST).then_some(())
    }

    /// Uses up a part of the number to choose one of so many.
    fn choose(&mut self, count: usize) -> usize {
        let chosen = self.number.checked_rem(count).unwrap_or_default();
        self.number = self.number.checked_div(count).unwrap_or_default();
        chosen
    }
}

/// How many characters the shortest matching string has, without regard to what stands around it.
fn shortest(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().count(),
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => {
            shortest(&repetition.sub).saturating_mul(whole(repetition.min))
        }
        HirKind::Capture(capture) => shortest(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().fold(0, |sum, part| sum.saturating_add(shortest(part)))
        }
        HirKind::Alternation(branches) => branches.iter().map(shortest).min().unwrap_or_default(),
    }
}

/// Characters of a class: those that people type, or else its first.
fn chars(class: &Class) -> Vec<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start(), range.end())).collect()
        }
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    let has = |one: &char| ranges.iter().any(|(from, to)| (from..=to).contains(&one));
    let typed: Vec<char> = ('0'..='9').chain('a'..='z').chain('A'..='Z').filter(has).collect();
    if !typed.is_empty() {
        return typed;
    }
    let signs: Vec<char> = (' '..='~').filter(has).collect();
    if !signs.is_empty() {
        return signs;
    }
    ranges.first().map(|(from, to)| (*from..=*to).take(100).collect()).unwrap_or_default()
}

fn whole(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn samples_match_and_are_as_long_as_wanted() {
        for (pattern, least, length) in [
            ("^[0-9]{32}$", 0, 32),
            ("^[A-Z]{2}[0-9]{4}$", 0, 6),
            ("^(a|bc|def)+$", 7, 7),
            ("^a*b?c*$", 3, 3),
            ("^(ab)*c?$", 3, 3),
            (r"^\d+(\.\d{1,2})?$", 0, 1),
            (r"^\w+@\w+\.com$", 12, 12),
            ("^[\\u4e00-\\u9fa5]{2,4}$", 3, 3),
            ("^[^0-9a-zA-Z]$", 0, 1),
            (r"^1[3-9]\d{9}$", 0, 11),
            ("^(?:20\\d\\d)-(0[1-9]|1[0-2])$", 0, 7),
            ("x", 0, 1),
        ] {
            let compiled = Pattern::new(pattern.to_owned());
            assert_eq!(compiled.problem(), None, "{pattern}");
            for number in 0..3 {
                let sample = compiled.sample(least, number).unwrap();
                assert!(compiled.is_match(&sample), "{pattern} {sample}");
            }
            assert_eq!(compiled.sample(least, 0).unwrap().chars().count(), length, "{pattern}");
        }
        let digits = Pattern::new("^[0-9]{4}$".to_owned());
        assert_ne!(digits.sample(0, 0), digits.sample(0, 1));
    }

    #[test]
    fn hostile_patterns_end() {
        for pattern in [
            "^(a{1000}){1000}$",
            "^(((){1000}){1000}){1000}$",
            "^(((a?){1000}){1000}){1000}$",
            &format!("^{}a{}$", "(".repeat(500), ")*".repeat(500)),
            "(?!x)y",
            r"(a)\1",
            "[",
        ] {
            let compiled = Pattern::new(pattern.to_owned());
            let sample = compiled.sample(100, 0);
            assert!(sample.is_none() || compiled.is_match(&sample.unwrap()), "{pattern}");
        }
        assert!(Pattern::new("(?!x)y".to_owned()).problem().unwrap().contains("look"));
        // A pattern that makes others search for years.
        let slow = Pattern::new("^(a+)+$".to_owned());
        assert!(!slow.is_match(&format!("{}b", "a".repeat(100_000))));
        // A digit is one of ten, as in JavaScript.
        assert!(!Pattern::new(r"^\d$".to_owned()).is_match("١"));
    }
}
