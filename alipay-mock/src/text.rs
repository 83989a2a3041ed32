//! Showing text that came from outside.

/// The longest excerpt of foreign text in a message or a log line, in characters.
const LONGEST: usize = 64;

/// `text` made safe for one line: control characters escaped, long text cut.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
