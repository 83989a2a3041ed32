//! Finds the personal data of a request in strings of a server.
//!
//! A string of a server may be megabytes long, and so may each of thousands of personal ones. Only what
//! is shown of it is searched. The personal strings are sorted; at each character, a binary search finds
//! the one that stands there.

use std::{ops::Range, sync::Arc};

use zeroize::Zeroizing;

/// The most characters of a server's string that are shown. No more are kept of a personal string.
pub(crate) const LINE: usize = 300;

/// From this many bytes on, a string is also found within a word. Shorter ones of ASCII would be found in
/// many words and ids, so they are found only where they stand alone.
const WITHIN_WORDS: usize = 4;

/// How many bytes of a personal string count as an echo at the end of a server's string, which the
/// server may have cut: two Chinese characters, or six digits.
const CUT: usize = 6;

/// Strings of a request that must not be shown where a server repeats them.
///
/// Only their [significant] characters are kept, sorted and without duplicates. They are wiped when
/// dropped: the app auth token is among them.
#[derive(Clone, Default)]
pub(crate) struct Personal(Arc<[Known]>);

struct Known {
    text: Zeroizing<String>,
    /// The longest of the others that is a prefix of it.
    within: Option<usize>,
}

/// Whether a string of a server is whole, or the beginning of a longer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Cut,
}

impl End {
    /// How many bytes count as an echo at the end of the string.
    fn least(self) -> usize {
        match self {
            Self::Whole => CUT,
            Self::Cut => 1,
        }
    }
}

#[derive(Default)]
pub(crate) struct PersonalStrings(Vec<Zeroizing<String>>);

impl PersonalStrings {
    pub(crate) fn add(&mut self, text: &str) {
        let mut folded = Zeroizing::new(String::with_capacity(text.len().min(LINE)));
        folded.extend(text.chars().filter_map(significant).take(LINE));
        if !folded.is_empty() {
            self.0.push(folded);
        }
    }

    pub(crate) fn finish(self) -> Personal {
        let Self(mut texts) = self;
        texts.sort_unstable_by(|one, other| one.as_str().cmp(other));
        texts.dedup();
        let mut known: Vec<Known> = Vec::with_capacity(texts.len());
        for text in texts {
            // In this order it is the one before, or a prefix of that.
            let mut within = known.len().checked_sub(1);
            while let Some(before) = within.and_then(|index| known.get(index)) {
                if text.starts_with(before.text.as_str()) {
                    break;
                }
                within = before.within;
            }
            known.push(Known { text, within });
        }
        Personal(known.into())
    }
}

impl Personal {
    /// Whether a string repeats one of them.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_in(&self, text: &str) -> bool {
        !self.echoes(text, End::Whole).is_empty()
    }

    /// Where a string repeats them. At the end of a string that is cut, the beginning of one counts.
    pub(super) fn echoes(&self, text: &str, end: End) -> Vec<Range<usize>> {
        let mut echoes: Vec<Range<usize>> = Vec::new();
        if self.0.is_empty() {
            return echoes;
        }
        let folded = Folded::new(text);
        let least = end.least();
        for &(at, ref letter) in &folded.letters {
            let rest = folded.text.get(at..).unwrap_or_default();
            let place = |length| letter.start..folded.end(at + length);
            let Some(length) = self.begins(rest, least, |length| is_alone(text, &place(length)))
            else {
                continue;
            };
            let place = place(length);
            match echoes.last_mut() {
                Some(before) if before.end >= place.start => {
                    before.end = before.end.max(place.end);
                }
                _ => echoes.push(place),
            }
        }
        echoes
    }

    /// How many bytes at the beginning of a string, of its [significant] characters, repeat one of them.
    ///
    /// If the whole string is the beginning of one of them, it counts from `least` bytes on.
    fn begins(&self, text: &str, least: usize, is_alone: impl Fn(usize) -> bool) -> Option<usize> {
        let behind = self.0.partition_point(|known| known.text.as_str() <= text);
        let goes_on = self.0.get(behind).is_some_and(|known| known.text.starts_with(text));
        if goes_on && text.len() >= least {
            return Some(text.len());
        }
        // The longest one that is a prefix of the string is the last one not sorted after the string, or
        // the longest prefix of that one which is no longer than what both have in common.
        let mut known = self.0.get(behind.checked_sub(1)?)?;
        let both = known.text.bytes().zip(text.bytes());
        let common = both.take_while(|(one, other)| one == other).count();
        loop {
            let length = known.text.len();
            let anywhere = length >= WITHIN_WORDS || !known.text.is_ascii();
            if length <= common && (anywhere || is_alone(length)) {
                return Some(length);
            }
            known = self.0.get(known.within?)?;
        }
    }
}

/// The [significant] characters of a string.
struct Folded {
    text: String,
    /// Where each of its characters begins, and where it stands in the string itself.
    letters: Vec<(usize, Range<usize>)>,
}

impl Folded {
    fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), letters: Vec::new() };
        for (at, character) in text.char_indices() {
            if let Some(letter) = significant(character) {
                folded.letters.push((folded.text.len(), at..at + character.len_utf8()));
                folded.text.push(letter);
            }
        }
        folded
    }

    /// The end in the string itself of the characters up to here.
    fn end(&self, end: usize) -> usize {
        let letters = self.letters.partition_point(|(at, _)| *at < end);
        let last = letters.checked_sub(1).and_then(|last| self.letters.get(last));
        last.map_or(0, |(_, place)| place.end)
    }
}

/// Whether no ASCII letter or digit stands directly before or after a place in a string.
fn is_alone(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(..place.start).and_then(|text| text.chars().next_back());
    let behind = text.get(place.end..).and_then(|text| text.chars().next());
    let ascii = |character| significant(character).is_some_and(|letter| letter.is_ascii());
    !before.is_some_and(ascii) && !behind.is_some_and(ascii)
}

/// A character as strings are compared: in lower case and narrow. Spaces, punctuation and invisible
/// characters are left out: `138-0013 8000` is `13800138000`.
fn significant(character: char) -> Option<char> {
    let narrow = match character {
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        other => other,
    };
    if narrow.is_ascii() {
        return narrow.is_ascii_alphanumeric().then_some(narrow.to_ascii_lowercase());
    }
    let counts = narrow.is_alphanumeric()
        || !(is_unfit(narrow) || narrow.is_whitespace() || is_punctuation(narrow));
    // A few become several characters in lower case; the first is enough.
    if counts { narrow.to_lowercase().next() } else { None }
}

/// Whether a character could break the line, hide, or reorder what follows it.
pub(super) fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Punctuation beyond ASCII, and marks that change how a character looks. Symbols are none: a name
/// may be of emoji.
fn is_punctuation(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{bf}'
            | '\u{300}'..='\u{36f}'
            | '\u{2000}'..='\u{206f}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{2212}'
            | '\u{3000}'..='\u{303f}'
            | '\u{30fb}'
            | '\u{fe00}'..='\u{fe6f}'
            | '\u{ff5f}'..='\u{ff65}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Which bytes of a string repeat others, by trying each at each place.
    fn tried(text: &str, end: End, known: &[String]) -> Vec<bool> {
        let folded = Folded::new(text);
        let mut repeated = vec![false; text.len()];
        let known = known.iter().map(|known| known.chars().filter_map(significant).collect());
        for known in known.filter(|known: &String| !known.is_empty()) {
            for (at, letter) in &folded.letters {
                let (_, rest) = folded.text.split_at(*at);
                let enough = end.least();
                let length = if rest.starts_with(&known) {
                    known.len()
                } else if known.starts_with(rest) && rest.len() >= enough {
                    rest.len()
                } else {
                    continue;
                };
                let place = letter.start..folded.end(at + length);
                let short = known.len() < WITHIN_WORDS && known.is_ascii();
                if length < known.len() || !short || is_alone(text, &place) {
                    repeated
                        .iter_mut()
                        .skip(place.start)
                        .take(place.len())
                        .for_each(|it| *it = true);
                }
            }
        }
        repeated
    }

    proptest! {
        #[test]
        fn nothing_is_missed_and_nothing_made_up(
            text in "[ab1王 -]{0,30}",
            known in vec("[ab1王 ]{0,9}", 0..12),
            cut: bool,
        ) {
            let mut texts = PersonalStrings::default();
            for text in &known {
                texts.add(text);
            }
            let end = if cut { End::Cut } else { End::Whole };
            let echoes = texts.finish().echoes(&text, end);
            let found: Vec<bool> =
                (0..text.len()).map(|at| echoes.iter().any(|echo| echo.contains(&at))).collect();
            prop_assert_eq!(found, tried(&text, end, &known));
            for (echo, next) in echoes.iter().zip(echoes.iter().skip(1)) {
                prop_assert!(echo.end < next.start);
            }
        }
    }
}
