//! Strings of a server made fit to be shown: on one line, and without the request's personal data.

mod personal;

use std::fmt::{self, Write as _};

use personal::{End, is_unfit};
pub(crate) use personal::{LINE, Personal, PersonalStrings};

/// Shows a string on one line: control and invisible characters are escaped, and it is cut after so
/// many characters. The rest is not looked at.
pub(crate) struct OneLine<'a> {
    text: &'a str,
    end: End,
    personal: Option<&'a Personal>,
}

impl<'a> OneLine<'a> {
    pub(crate) fn new(text: &'a str, limit: usize) -> Self {
        let beginning = text.char_indices().nth(limit).and_then(|(end, _)| text.get(..end));
        let end = if beginning.is_some() { End::Cut } else { End::Whole };
        Self { text: beginning.unwrap_or(text).trim(), end, personal: None }
    }

    /// Replaces these by `[redacted]`.
    pub(crate) fn without(mut self, personal: &'a Personal) -> Self {
        self.personal = Some(personal);
        self
    }

    /// What of the string is looked at.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = 0;
        for echo in
            self.personal.map(|personal| personal.echoes(self.text, self.end)).iter().flatten()
        {
            write_fit(f, self.text.get(shown..echo.start).unwrap_or_default())?;
            f.write_str("[redacted]")?;
            shown = echo.end;
        }
        write_fit(f, self.text.get(shown..).unwrap_or_default())?;
        if self.end == End::Cut { f.write_char('…') } else { Ok(()) }
    }
}

fn write_fit(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for character in text.chars() {
        if is_unfit(character) {
            write!(f, "{}", character.escape_unicode())?;
        } else {
            f.write_char(character)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::OneLine;

    #[test]
    fn a_line_stays_a_line() {
        let line = |text| OneLine::new(text, 12).to_string();
        assert_eq!(line("a\nb\u{1b}[0m"), "a\\u{a}b\\u{1b}[0m");
        assert_eq!(line(" 活动已结束 "), "活动已结束");
        assert_eq!(line("\u{202e}x"), "\\u{202e}x");
        assert_eq!(line("1234567890123"), "123456789012…");
        assert_eq!(line("123456789012"), "123456789012");
    }
}
