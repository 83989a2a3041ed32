//! Turns any Unicode string into Markdown that shows it, and that rustdoc and rustc accept.
//!
//! Paragraphs, lists and code spans stay, and HTML becomes Markdown. All else that Markdown or
//! HTML would interpret is escaped, bare URLs become links, and invisible characters are left out.

use std::borrow::Cow;

use super::{
    html::{self, ADDRESS, BOLD, BOLD_END, LINK, LINK_END},
    visible::visible,
};

/// A part of a comment. Blank lines separate parts, except items of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph of Markdown, on one line.
    Paragraph(String),
    /// An item of a list: its marker and its text.
    Item(String, String),
    /// A heading.
    Heading(String),
    /// Rust code: the attributes of its fence, and its lines.
    Code(&'static str, Vec<String>),
}

/// A string on one line.
#[must_use]
pub fn inline(text: &str) -> String {
    escape(&single_spaced(&html::to_text(&visible(text))))
}

/// A string with paragraphs and lists. Nested lists become flat.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<(Option<String>, String)> = Vec::new();
    let mut open = false;
    for line in html::to_text(&visible(text)).split('\n') {
        let line = single_spaced(line).into_owned();
        if line.is_empty() {
            open = false;
            continue;
        }
        match (marker(&line), blocks.last_mut()) {
            (Some((marker, rest)), _) => {
                blocks.push((Some(marker), rest.to_owned()));
                open = true;
            }
            (None, Some((_, text))) if open => {
                text.push(' ');
                text.push_str(&line);
            }
            (None, _) => {
                blocks.push((None, line));
                open = true;
            }
        }
    }
    blocks
        .into_iter()
        .map(|(marker, text)| match marker {
            Some(marker) => Block::Item(marker, escape(&text)),
            None => Block::Paragraph(escape(&text)),
        })
        .collect()
}

/// A string as a code span; `None` when all of it is invisible.
#[must_use]
pub fn code_span(text: &str) -> Option<String> {
    let text = visible(text);
    let text = single_spaced(&text);
    if text.is_empty() {
        return None;
    }
    if !text.contains('`') {
        return Some(format!("`{text}`"));
    }
    // A fence of several backticks would have to be known to the wrapping of lines; this is rare.
    Some(escape(&text.replace('`', "'")))
}

/// Escapes what would open a block at the beginning of a line of a paragraph.
#[must_use]
pub fn guard(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (head, tail) = line.split_at(digits);
    match tail.chars().next() {
        Some('.' | ')') if digits > 0 => format!("{head}\\{tail}"),
        Some('#' | '>' | '+' | '-' | '*' | '=' | '|' | '~' | ':') if digits == 0 => {
            format!("\\{line}")
        }
        _ => line.to_owned(),
    }
}

/// The marker of a list's item in Markdown, and the item's text.
fn marker(line: &str) -> Option<(String, &str)> {
    if let Some(rest) = ["- ", "* ", "+ ", "• "].iter().find_map(|mark| line.strip_prefix(mark)) {
        return Some(("-".to_owned(), rest));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    let rest = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))?;
    let short = (1..=3).contains(&digits);
    short.then(|| (format!("{number}."), rest))
}

/// Words with one blank between them, of a string that has gone through [`visible`].
fn single_spaced(text: &str) -> Cow<'_, str> {
    if is_spaced(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Whether a string has no other blanks than single ones between words.
fn is_spaced(text: &str) -> bool {
    let blank = |b: Option<&u8>| b.is_none_or(u8::is_ascii_whitespace);
    let bytes = text.as_bytes();
    !blank(bytes.first())
        && !blank(bytes.last())
        && !bytes.iter().any(|b| *b != b' ' && b.is_ascii_whitespace())
        && !text.contains("  ")
}

/// Where a string stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    /// In the text of a link, which must hold no other.
    Link,
}

/// Escapes a string without line breaks. Code spans of single backticks stay.
fn escape(text: &str) -> String {
    let mut out = escape_within(text, Within::Text);
    out.retain(|c| !html::is_mark(c));
    out
}

fn escape_within(text: &str, within: Within) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let pairs = |mark: char| text.matches(mark).nth(1).is_some();
    let (stars, tildes) = (pairs('*') || text.contains([BOLD, BOLD_END]), pairs('~'));
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        let taken = match c {
            '`' => code(tail),
            LINK => link(tail),
            ADDRESS => tail.split_once(LINK_END).map(|(_, after)| (String::new(), after)),
            BOLD => bold(tail, out.chars().next_back(), within),
            'h' if within == Within::Text => url(rest),
            '<' if within == Within::Text => url(tail)
                .filter(|(_, after)| after.starts_with('>'))
                .map(|(link, after)| (link, after.trim_start_matches('>'))),
            _ => None,
        };
        if let Some((markdown, after)) = taken {
            out.push_str(&markdown);
            rest = after;
            continue;
        }
        let special = match c {
            '\\' | '`' | '[' | '<' => true,
            ']' => within == Within::Link,
            '*' => stars,
            '~' => tildes,
            '&' => entity(tail),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        rest = tail;
    }
    out
}

/// The link whose text stands at the beginning of a string, and what follows it.
fn link(tail: &str) -> Option<(String, &str)> {
    let (text, rest) = tail.split_once(ADDRESS)?;
    let (address, after) = rest.split_once(LINK_END)?;
    let text = escape_within(text, Within::Link);
    Some((format!("[{text}]({address})"), after))
}

/// What is bold at the beginning of a string, and what follows it. Markdown sees it only where the stars
/// touch a word on their inside, or anything else on their outside.
fn bold(tail: &str, before: Option<char>, within: Within) -> Option<(String, &str)> {
    let (inner, after) = tail.split_once(BOLD_END)?;
    // A link that begins inside and ends outside.
    if inner.matches(LINK).count() != inner.matches(LINK_END).count() {
        return None;
    }
    let inner = inner.trim();
    let text = escape_within(inner, within);
    let touches = |inside: Option<char>, outside: Option<char>| {
        inside.is_some_and(char::is_alphanumeric)
            || inside.is_some() && outside.is_none_or(|c| !c.is_alphanumeric())
    };
    let good = touches(inner.chars().next(), before)
        && touches(inner.chars().next_back(), after.chars().next());
    Some((if good { format!("**{text}**") } else { text }, after))
}

/// The code span whose opening backtick stands before `tail`, and what follows it.
fn code(tail: &str) -> Option<(String, &str)> {
    let (inner, after) = tail.split_once('`')?;
    let good = !inner.trim().is_empty() && !after.starts_with('`');
    good.then(|| (format!("`{inner}`"), after))
}

/// The URL at the beginning of a string as a link, and what follows it.
fn url(text: &str) -> Option<(String, &str)> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let end = host
        .find(|c: char| !c.is_ascii_graphic() || r#"<>"'`\{}|^[]()"#.contains(c))
        .unwrap_or(host.len());
    let address = host.get(..end)?.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~']);
    let (link, after) = text.split_at(text.len() - host.len() + address.len());
    address.contains('.').then(|| (format!("<{link}>"), after))
}

/// Whether an ampersand before `tail` begins an HTML entity.
fn entity(tail: &str) -> bool {
    let name = tail.find(';').and_then(|end| tail.get(..end)).unwrap_or_default();
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_and_html_could_see_is_escaped() {
        assert_eq!(inline("a[0] <b>x<b> & &x;\t\r\n#"), r"a\[0] \<b>x\<b> & \&x; #");
        assert_eq!(inline("2*3"), "2*3");
        assert_eq!(inline("2*3*4"), r"2\*3\*4");
        assert_eq!(inline(r"C:\x"), r"C:\\x");
        assert_eq!(guard("- x"), r"\- x");
        assert_eq!(guard("12. x"), r"12\. x");
    }

    #[test]
    fn code_spans_stay_when_they_are_closed() {
        assert_eq!(inline("the `a[0]` of"), "the `a[0]` of");
        assert_eq!(inline("the `a"), r"the \`a");
        assert_eq!(inline("```rust```"), r"\`\`\`rust\`\`\`");
    }

    #[test]
    fn urls_become_links() {
        assert_eq!(inline("见https://a.b/c?d=e。好"), "见<https://a.b/c?d=e>。好");
        assert_eq!(inline("(<http://a.b/c>)."), "(<http://a.b/c>).");
        assert_eq!(inline("http://x"), "http://x");
    }

    #[test]
    fn hidden_characters_go() {
        assert_eq!(inline("a\u{F06C}b\u{202E}c\u{200B}\u{0007}"), "abc");
        assert_eq!(inline("a\u{3000}b\u{a0}c"), "a b c");
    }

    #[test]
    fn paragraphs_and_lists_stay() {
        assert_eq!(
            blocks("One\r\ntwo\n\n- a\n  b\n* c\n\n1. d\n2) e"),
            [
                Block::Paragraph("One two".to_owned()),
                Block::Item("-".to_owned(), "a b".to_owned()),
                Block::Item("-".to_owned(), "c".to_owned()),
                Block::Item("1.".to_owned(), "d".to_owned()),
                Block::Item("2.".to_owned(), "e".to_owned()),
            ]
        );
    }
}
