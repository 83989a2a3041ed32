//! Text in columns: the width of characters and the wrapping of lines.

/// One unbreakable piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece<'a> {
    text: &'a str,
    /// Whether a blank stands before it when it is not the first on its line.
    spaced: bool,
}

/// The number of columns a text takes in an editor.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char_width).sum()
}

/// The number of columns of a character: 2 for CJK and full-width characters, 0 for combining ones.
fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// Breaks Markdown text into lines of at most `columns` columns where it can.
///
/// Lines break at blanks, never inside code spans and `<…>` links. Between CJK characters they break
/// only where there is no blank to break at, since a reader sees a blank there.
#[must_use]
pub fn wrap(markdown: &str, columns: usize) -> Vec<String> {
    // Most texts fit as they are.
    if width(markdown) <= columns && is_spaced(markdown) {
        return vec![markdown.to_owned()];
    }
    let pieces = pieces(markdown);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in pieces.chunk_by(|_, next| !next.spaced) {
        let wide: usize = word.iter().map(|piece| width(piece.text)).sum();
        if !line.is_empty() && used + 1 + wide > columns && wide <= columns {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        let mut gap = usize::from(!line.is_empty());
        for piece in word {
            let wide = width(piece.text);
            if !line.is_empty() && used + gap + wide > columns {
                lines.push(std::mem::take(&mut line));
                used = 0;
            } else if gap == 1 {
                line.push(' ');
                used += 1;
            }
            gap = 0;
            line.push_str(piece.text);
            used += wide;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Whether a text has no other blanks than single ones between words.
pub(crate) fn is_spaced(text: &str) -> bool {
    let blank = |b: Option<&u8>| b.is_none_or(u8::is_ascii_whitespace);
    let bytes = text.as_bytes();
    !blank(bytes.first())
        && !blank(bytes.last())
        && !bytes.iter().any(|b| *b != b' ' && b.is_ascii_whitespace())
        && !text.contains("  ")
}

/// Cuts Markdown text into pieces between which a line may break.
fn pieces(markdown: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut spaced = false;
    let mut start = 0;
    let mut previous = None;
    let mut chars = markdown.char_indices().peekable();
    let mut close = |start: usize, end: usize, spaced: bool| {
        if let Some(text) = markdown.get(start..end).filter(|text| !text.is_empty()) {
            pieces.push(Piece { text, spaced });
        }
    };
    while let Some((at, c)) = chars.next() {
        let whole = match c {
            ' ' => {
                close(start, at, spaced);
                start = at + 1;
                spaced = true;
                previous = None;
                continue;
            }
            '\\' => {
                chars.next();
                None
            }
            '`' => Some('`'),
            '<' => Some('>'),
            _ => None,
        };
        if previous.is_some_and(|previous| may_break(previous, c)) {
            close(start, at, spaced);
            start = at;
            spaced = false;
        }
        if let Some(end) = whole {
            for (_, inner) in chars.by_ref() {
                if inner == end {
                    break;
                }
            }
        }
        previous = Some(c);
    }
    close(start, markdown.len(), spaced);
    pieces
}

/// Whether a line may break between two characters that no blank separates.
fn may_break(left: char, right: char) -> bool {
    let wide = char_width(left) == 2 && char_width(right) == 2;
    wide && !"（【《「『“‘".contains(left) && !"，。、；：！？）】》」』”’…".contains(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_between_cjk_characters() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("满减券，面额", 8), ["满减券，", "面额"]);
        assert_eq!(wrap("满减券，面额", 6), ["满减", "券，面", "额"]);
        assert_eq!(wrap("a sum (满减券)", 12), ["a sum", "(满减券)"]);
    }

    #[test]
    fn code_spans_and_links_stay_whole() {
        assert_eq!(wrap("a `b c d e` f", 4), ["a", "`b c d e`", "f"]);
        assert_eq!(wrap("see <https://a.b/c> now", 6), ["see", "<https://a.b/c>", "now"]);
    }

    #[test]
    fn escapes_do_not_open_spans() {
        assert_eq!(wrap(r"\` a b\` c", 5), [r"\` a", r"b\` c"]);
    }
}
