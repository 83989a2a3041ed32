//! The personal texts of a request, found again in what a server writes.
//!
//! A server's text may be megabytes long, and so may be each of thousands of personal ones. Little of
//! it is ever shown, so only that is looked at: from each of its characters on, the personal texts,
//! which are in order, are searched for the one that stands there.

use std::{ops::Range, sync::Arc};

use zeroize::Zeroizing;

/// The most characters of a server's text that are shown.
///
/// Of a personal text no more are remembered: what begins like it fills the line.
pub(crate) const LINE: usize = 300;

/// How many bytes a text needs to be taken out also from within a word. Shorter ones of ASCII would
/// tear holes into words and ids; they are taken out where they stand alone.
const WITHIN_WORDS: usize = 4;

/// How many bytes of a text count as an echo where the server's text ends, as if it was cut there:
/// two Chinese characters, or six digits.
const CUT: usize = 6;

/// Texts of a request that must not be shown where a server repeats them.
///
/// They are kept by what of them [counts](significant), in order and each once, and wiped at the end:
/// the app auth token is among them.
#[derive(Clone, Default)]
pub(crate) struct Personal(Arc<[Known]>);

struct Known {
    text: Zeroizing<String>,
    /// The longest of the others that the text begins with.
    within: Option<usize>,
}

/// Whether a text of a server is all there is, or the beginning of a longer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Cut,
}

impl End {
    /// How many bytes an echo needs that goes on where the text ends.
    fn least(self) -> usize {
        match self {
            Self::Whole => CUT,
            Self::Cut => 1,
        }
    }
}

/// Takes up personal texts.
#[derive(Default)]
pub(crate) struct PersonalTexts(Vec<Zeroizing<String>>);

impl PersonalTexts {
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
            // In this order it is the one before, or within that.
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
    /// Whether a text repeats one of them.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_in(&self, text: &str) -> bool {
        !self.echoes(text, End::Whole).is_empty()
    }

    /// Where a text repeats them. Of a text that is cut, the beginning of an echo at its end counts.
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

    /// How many bytes at the beginning of what [counts](significant) of a text repeat one of them.
    ///
    /// If one of them goes on where the text ends, all of it does, and must be `least` bytes long.
    fn begins(&self, text: &str, least: usize, is_alone: impl Fn(usize) -> bool) -> Option<usize> {
        let behind = self.0.partition_point(|known| known.text.as_str() <= text);
        let goes_on = self.0.get(behind).is_some_and(|known| known.text.starts_with(text));
        if goes_on && text.len() >= least {
            return Some(text.len());
        }
        // The longest one that the text begins with is the last in order that is not behind the text,
        // or the longest within that one that is no longer than what that and the text have in common.
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

/// What [counts](significant) of a text.
struct Folded {
    text: String,
    /// Where each of its characters begins, and where what it stands for is in the text itself.
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

    /// The end in the text itself of what ends here.
    fn end(&self, end: usize) -> usize {
        let letters = self.letters.partition_point(|(at, _)| *at < end);
        let last = letters.checked_sub(1).and_then(|last| self.letters.get(last));
        last.map_or(0, |(_, place)| place.end)
    }
}

/// Whether no letter or digit of ASCII stands right before or behind a place in a text.
fn is_alone(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(..place.start).and_then(|text| text.chars().next_back());
    let behind = text.get(place.end..).and_then(|text| text.chars().next());
    let ascii = |character| significant(character).is_some_and(|letter| letter.is_ascii());
    !before.is_some_and(ascii) && !behind.is_some_and(ascii)
}

/// What counts of a character when texts are compared. Blanks, punctuation and what cannot be seen do
/// not: `138-0013 8000` is `13800138000`. Nor do case and width.
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
    // Of the few that become several in lower case, the first will do.
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

    /// Which bytes of a text repeat others, by trying everything everywhere.
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
            let mut texts = PersonalTexts::default();
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
