//! Markdown in columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks Markdown into lines of at most `columns` columns where it can.
///
/// Lines break at blanks, never inside code spans and `<…>` links. Between CJK characters they break
/// only where there is no blank to break at, since a reader sees a blank there.
#[must_use]
pub(crate) fn wrap(markdown: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    let mut is_free = outside();
    for word in markdown.split(move |c| is_free(c) && c == ' ').filter(|word| !word.is_empty()) {
        let pieces = if word.width() > columns { pieces(word) } else { vec![word] };
        let mut gap = " ";
        for piece in pieces {
            let width = piece.width();
            if !line.is_empty() && used + gap.len() + width > columns {
                lines.push(std::mem::take(&mut line));
                used = 0;
            } else if !line.is_empty() {
                line.push_str(gap);
                used += gap.len();
            }
            gap = "";
            line.push_str(piece);
            used += width;
        }
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    lines
}

/// Tells of the characters of Markdown, one after the other, whether each is outside code spans, links and
/// escapes.
fn outside() -> impl FnMut(char) -> bool {
    let mut end = None;
    let mut escaped = false;
    move |c| {
        if let Some(mark) = end {
            end = Some(mark).filter(|mark| c != *mark);
            return false;
        }
        if escaped {
            escaped = false;
            return false;
        }
        match c {
            '`' => end = Some('`'),
            '<' => end = Some('>'),
            _ => escaped = c == '\\',
        }
        true
    }
}

/// The pieces of a word between which a line may break.
fn pieces(word: &str) -> Vec<&str> {
    let mut is_free = outside();
    let mut pieces = Vec::new();
    let (mut rest, mut start, mut previous) = (word, 0, None);
    for (at, c) in word.char_indices() {
        let free = is_free(c);
        if free && previous.is_some_and(|previous| may_break(previous, c)) {
            let (piece, after) = rest.split_at(at - start);
            pieces.push(piece);
            (rest, start) = (after, at);
        }
        previous = free.then_some(c);
    }
    pieces.push(rest);
    pieces
}

/// Whether a line may break between two characters that no blank separates.
fn may_break(left: char, right: char) -> bool {
    let wide = left.width() == Some(2) && right.width() == Some(2);
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
