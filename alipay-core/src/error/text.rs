//! Text of others made fit for one line of a log.

use std::fmt::{self, Write as _};

/// Shows a text on one line: control and invisible characters escaped, cut at `limit` characters.
pub(crate) struct OneLine<'a> {
    pub(crate) text: &'a str,
    pub(crate) limit: usize,
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.text.trim().chars();
        for character in chars.by_ref().take(self.limit) {
            if is_unfit(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        if chars.next().is_some() { f.write_char('…') } else { Ok(()) }
    }
}

/// Whether a character could break the line, hide, or reorder what follows it.
fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// How long a personal text must be to be replaced, in characters: very short ones would tear holes
/// into unrelated words.
pub(crate) const SHORTEST: usize = 4;

/// Replaces what a server echoed of the caller's personal data.
pub(crate) fn without(text: &str, personal: &[String]) -> String {
    let long = personal.iter().filter(|part| part.chars().count() >= SHORTEST);
    let mut parts: Vec<&str> = long.map(String::as_str).collect();
    // One that is a part of another would leave the rest of that.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.iter().fold(text.to_owned(), |text, part| text.replace(part, "[redacted]"))
}

#[cfg(test)]
mod tests {
    use super::{OneLine, without};

    #[test]
    fn a_line_stays_a_line() {
        let line = |text| OneLine { text, limit: 12 }.to_string();
        assert_eq!(line("a\nb\u{1b}[0m"), "a\\u{a}b\\u{1b}[0m");
        assert_eq!(line(" 活动已结束 "), "活动已结束");
        assert_eq!(line("\u{202e}x"), "\\u{202e}x");
        assert_eq!(line("1234567890123"), "123456789012…");
    }

    #[test]
    fn echoes_of_personal_data_go() {
        let personal = ["2088102146225135".to_owned(), "ab".to_owned()];
        assert_eq!(
            without("user 2088102146225135 is absent", &personal),
            "user [redacted] is absent"
        );
    }

    #[test]
    fn a_text_within_another_leaves_no_rest() {
        let personal = ["2088".to_owned(), "2088102146225135".to_owned(), "2088102".to_owned()];
        assert_eq!(without("2088102146225135/2088", &personal), "[redacted]/[redacted]");
    }
}
