//! HTML in texts of a description: links, breaks, paragraphs, items, bold and code become what Markdown has
//! for them, other tags go, scripts with all they hold. What only looks like a tag stays (`Map<String, String>`).
//!
//! The result is text with line breaks and marks. The marks are characters that `visible`
//! removes, so that no text of a description can hold them; `clean` writes Markdown in their place.

use std::{borrow::Cow, collections::BTreeSet, fmt::Write as _};

use super::visible::is_hidden;

/// Begins the text of a link, its address, and ends it.
pub(super) const LINK: char = '\u{E000}';
pub(super) const ADDRESS: char = '\u{E001}';
pub(super) const LINK_END: char = '\u{E002}';
/// Begins and ends what is bold.
pub(super) const BOLD: char = '\u{E003}';
pub(super) const BOLD_END: char = '\u{E004}';

/// Whether a character is one of the marks.
pub(super) fn is_mark(c: char) -> bool {
    (LINK..=BOLD_END).contains(&c)
}

/// What becomes of a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The line ends, and a paragraph with it.
    Break,
    /// An item of a list begins.
    Item,
    /// A blank: the next cell of a table.
    Cell,
    Link,
    Bold,
    Code,
    /// Only the tag goes.
    Dropped,
    /// It goes with all up to its end.
    Hidden,
}

/// The tags that are known. Those that need an end are tags only where the text has one.
const TAGS: &[(&str, Kind)] = &[
    ("a", Kind::Link),
    ("b", Kind::Bold),
    ("big", Kind::Dropped),
    ("blockquote", Kind::Break),
    ("body", Kind::Dropped),
    ("br", Kind::Break),
    ("center", Kind::Break),
    ("code", Kind::Code),
    ("dd", Kind::Item),
    ("del", Kind::Dropped),
    ("div", Kind::Break),
    ("dl", Kind::Break),
    ("dt", Kind::Item),
    ("em", Kind::Dropped),
    ("font", Kind::Dropped),
    ("h1", Kind::Break),
    ("h2", Kind::Break),
    ("h3", Kind::Break),
    ("h4", Kind::Break),
    ("h5", Kind::Break),
    ("h6", Kind::Break),
    ("hr", Kind::Break),
    ("html", Kind::Dropped),
    ("i", Kind::Dropped),
    ("iframe", Kind::Dropped),
    ("img", Kind::Dropped),
    ("ins", Kind::Dropped),
    ("label", Kind::Dropped),
    ("li", Kind::Item),
    ("mark", Kind::Dropped),
    ("ol", Kind::Break),
    ("p", Kind::Break),
    ("pre", Kind::Break),
    ("s", Kind::Dropped),
    ("script", Kind::Hidden),
    ("section", Kind::Break),
    ("small", Kind::Dropped),
    ("span", Kind::Dropped),
    ("strike", Kind::Dropped),
    ("strong", Kind::Bold),
    ("style", Kind::Hidden),
    ("sub", Kind::Dropped),
    ("sup", Kind::Dropped),
    ("table", Kind::Break),
    ("tbody", Kind::Dropped),
    ("td", Kind::Cell),
    ("th", Kind::Cell),
    ("thead", Kind::Dropped),
    ("tr", Kind::Break),
    ("tt", Kind::Dropped),
    ("u", Kind::Dropped),
    ("ul", Kind::Break),
    ("wbr", Kind::Dropped),
];

/// Tags that stand without an end.
const ALONE: &[&str] = &["br", "dd", "dt", "hr", "img", "li", "p", "td", "th", "tr", "wbr"];

/// A longer tag is not looked for.
const LONGEST: usize = 1_000;

/// A tag in a text.
struct Tag<'t> {
    name: &'static str,
    kind: Kind,
    is_end: bool,
    attributes: &'t str,
    /// What follows it.
    after: &'t str,
}

/// A text, of which hidden characters have been removed, without HTML.
pub(super) fn to_text(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '&']) {
        return Cow::Borrowed(text);
    }
    let ended: BTreeSet<_> = text
        .match_indices("</")
        .filter_map(|(at, _)| tag(text.get(at..)?))
        .map(|tag| tag.name)
        .collect();
    let mut writer =
        Writer { out: String::with_capacity(text.len()), link: None, endless: BTreeSet::new() };
    let mut comments = text.contains("-->");
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        let known = match c {
            '`' => code_span(tail).and_then(|length| {
                writer.out.push_str(rest.get(..length)?);
                rest.get(length..)
            }),
            '<' if comments && tail.starts_with("!--") => {
                let after = tail.split_once("-->").map(|(_, after)| after);
                comments = after.is_some();
                after
            }
            '<' => tag(rest).filter(|tag| is_html(tag, &ended)).map(|tag| writer.tag(&tag)),
            '&' => entity(tail).map(|(decoded, after)| {
                writer.out.extend(decoded);
                after
            }),
            _ => None,
        };
        rest = known.unwrap_or_else(|| {
            writer.out.push(c);
            tail
        });
    }
    writer.finish()
}

/// A text under construction.
struct Writer {
    out: String,
    /// Where the link that is open begins, and its address.
    link: Option<(usize, String)>,
    /// Tags of which no other end follows.
    endless: BTreeSet<&'static str>,
}

impl Writer {
    /// Takes a tag; what follows it is given back.
    fn tag<'t>(&mut self, tag: &Tag<'t>) -> &'t str {
        match (tag.kind, tag.is_end) {
            (Kind::Break, _) => self.out.push_str("\n\n"),
            (Kind::Item, false) => self.out.push_str("\n- "),
            (Kind::Item, true) => self.out.push('\n'),
            (Kind::Cell, _) => self.out.push(' '),
            (Kind::Link, false) => {
                self.end_link();
                if let Some(address) = address(tag.attributes) {
                    self.link = Some((self.out.len(), address));
                }
            }
            (Kind::Link, true) => self.end_link(),
            (Kind::Bold, false) => self.out.push(BOLD),
            (Kind::Bold, true) => self.out.push(BOLD_END),
            (Kind::Code, _) => self.out.push('`'),
            (Kind::Hidden, false) if !self.endless.contains(tag.name) => match after_end(tag) {
                Some(after) => return after,
                None => _ = self.endless.insert(tag.name),
            },
            (Kind::Dropped | Kind::Hidden, _) => {}
        }
        tag.after
    }

    fn end_link(&mut self) {
        let Some((start, address)) = self.link.take() else { return };
        let text = self.out.split_off(start);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || text == address {
            self.out.push_str(&address);
        } else {
            self.out.extend([LINK.to_string(), text, ADDRESS.to_string(), address]);
            self.out.push(LINK_END);
        }
    }

    fn finish<'t>(mut self) -> Cow<'t, str> {
        // Nothing says where the text of a link without an end ends.
        if let Some((start, address)) = self.link.take() {
            self.out.insert_str(start, &format!("{address} "));
        }
        Cow::Owned(self.out)
    }
}

/// What follows the end of a tag that hides all up to it, if there is one.
fn after_end<'t>(tag: &Tag<'t>) -> Option<&'t str> {
    let end = |(at, _): (usize, &str)| {
        let found = self::tag(tag.after.get(at..)?)?;
        (found.name == tag.name).then_some(found.after)
    };
    tag.after.match_indices("</").find_map(end)
}

/// The tag that a text begins with, if it is one of the known.
fn tag(text: &str) -> Option<Tag<'_>> {
    let inner = text.strip_prefix('<')?;
    let (inner, is_end) = inner.strip_prefix('/').map_or((inner, false), |inner| (inner, true));
    let length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, rest) = inner.split_at(length);
    // A blank that was forgotten.
    let forgotten = name.eq_ignore_ascii_case("ahref") && rest.starts_with('=');
    let (name, rest) = if forgotten { inner.split_at(1) } else { (name, rest) };
    let (name, kind) = TAGS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
    if !forgotten && !rest.starts_with([' ', '\n', '/', '>']) {
        return None;
    }
    let end = end_of(rest)?;
    let (attributes, after) = rest.split_at(end);
    let after = after.strip_prefix('>')?;
    let fine = attributes.contains('=') || attributes.trim_matches([' ', '\n', '/']).is_empty();
    fine.then_some(Tag { name, kind: *kind, is_end, attributes, after })
}

/// Where a tag ends: at the first `>` that no quotation marks enclose.
fn end_of(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in rest.char_indices().take(LONGEST) {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return Some(at),
            (None, '<') => return None,
            _ => {}
        }
    }
    // A quotation mark that is one too many.
    rest.char_indices().take(LONGEST).find(|(_, c)| *c == '>').map(|(at, _)| at)
}

/// Whether what looks like a tag is one: `List<b>` is none without its end.
fn is_html(tag: &Tag<'_>, ended: &BTreeSet<&str>) -> bool {
    match tag.kind {
        Kind::Code | Kind::Hidden => ended.contains(tag.name),
        _ => {
            tag.is_end
                || ALONE.contains(&tag.name)
                || tag.attributes.contains(['=', '/'])
                || ended.contains(tag.name)
        }
    }
}

/// The address of a link: what follows an `=` and is a URL of the web.
fn address(attributes: &str) -> Option<String> {
    let is_start = |at: &usize| {
        let before = attributes.get(..*at).unwrap_or_default();
        before.trim_end_matches([' ', '\n', '"', '\'', '\\', '‘', '’', '“', '”']).ends_with('=')
    };
    let start = attributes.match_indices("http").map(|(at, _)| at).find(is_start)?;
    let from = attributes.get(start..)?;
    let end = from.find([' ', '\n', '"', '\'', '\\', '‘', '’', '“', '”', '<', '>', '`']);
    let url = from.get(..end.unwrap_or(from.len()))?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    if !host.starts_with(|c: char| c.is_ascii_alphanumeric()) || !host.contains('.') {
        return None;
    }
    let mut address = String::with_capacity(url.len());
    for byte in url.replace("&amp;", "&").bytes() {
        if byte.is_ascii_graphic() && !b"()[]{}|^*~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    Some(address)
}

/// The length of the code span whose opening backtick stands before `tail`, with both backticks.
fn code_span(tail: &str) -> Option<usize> {
    let (inner, after) = tail.split_once('`')?;
    let good = !inner.trim().is_empty() && !inner.contains('\n') && !after.starts_with('`');
    good.then_some(inner.len() + 2)
}

/// The character of the entity whose ampersand stands before `tail`, if it can be seen, and what follows it.
fn entity(tail: &str) -> Option<(Option<char>, &str)> {
    let (end, _) = tail.char_indices().take(12).find(|(_, c)| *c == ';')?;
    let (name, after) = (tail.get(..end)?, tail.get(end + 1..)?);
    let decoded = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "middot" => '·',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "times" => '×',
        "yen" => '¥',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            let c = char::from_u32(code.ok()?)?;
            if c.is_whitespace() { ' ' } else { c }
        }
    };
    Some((Some(decoded).filter(|c| !is_hidden(*c)), after))
}

#[cfg(test)]
mod tests {
    use super::super::clean::{Block, blocks, inline};

    fn paragraph(text: &str) -> Block {
        Block::Paragraph(text.to_owned())
    }

    #[test]
    fn links_of_the_web_stay_links() {
        for tag in [
            r#"<a href="https://a.b/c">"#,
            r#"<a  target="_blank" href = 'https://a.b/c'>"#,
            "<a href=https://a.b/c>",
            "<a href=‘https://a.b/c’>",
            r#"<a herf="https://a.b/c" onclick="x('>')">"#,
            r#"<A HREF="https://a.b/c">"#,
            r#"<ahref="https://a.b/c">"#,
            r#"<a href=\"https://a.b/c\">"#,
        ] {
            assert_eq!(
                inline(&format!("见{tag}渠道 列表</a>。")),
                "见[渠道 列表](https://a.b/c)。",
                "{tag}"
            );
        }
        assert_eq!(
            inline(r#"<a href="https://a.b/c?d=1&amp;e=(2)">x</a>"#),
            "[x](https://a.b/c?d=1&e=%282%29)"
        );
        assert_eq!(inline("<a href='http://a.b'>http://a.b</a>"), "<http://a.b>");
        assert_eq!(inline("<a href='http://a.b'></a>"), "<http://a.b>");
        assert_eq!(inline("<a href='http://a.b'>a]b [c]</a>"), r"[a\]b \[c\]](http://a.b)");
        assert_eq!(
            inline("<a href='http://a.b'>see http://c.d</a>"),
            "[see http://c.d](http://a.b)"
        );
        assert_eq!(
            inline("<a href='http://a.b'>x <a href='http://c.d'>y</a>"),
            "[x](http://a.b)[y](http://c.d)"
        );
        assert_eq!(inline("<a href='http://a.b'>no end"), "<http://a.b> no end");
    }

    #[test]
    fn other_addresses_and_scripts_go() {
        assert_eq!(inline("<a href='javascript:x()'>x</a>"), "x");
        assert_eq!(inline("<a href='#top'>x</a><a name=x></a>"), "x");
        assert_eq!(inline("a<script type='x'>alert('<b>')</script >b"), "ab");
        assert_eq!(inline("a<style>p { }</style>b<!-- c -->d"), "abd");
        assert_eq!(inline("<img src='http://a.b/c' onerror=x()>y"), "y");
        assert_eq!(inline("<script>"), r"\<script>");
    }

    #[test]
    fn breaks_paragraphs_and_items_stay() {
        for tag in ["<br>", "<br/>", "</br>", "<BR />", "</p><p>", "<hr>"] {
            assert_eq!(blocks(&format!("a{tag}b")), [paragraph("a"), paragraph("b")], "{tag}");
        }
        let item = |text: &str| Block::Item("-".to_owned(), text.to_owned());
        assert_eq!(
            blocks("<p>one</p><ul><li>a</li><li><b>b</b> c</li></ul>two"),
            [paragraph("one"), item("a"), item("**b** c"), paragraph("two")]
        );
    }

    #[test]
    fn bold_is_bold_where_markdown_can_say_it() {
        assert_eq!(inline("a <b>b c</b> d*e"), r"a **b c** d\*e");
        assert_eq!(inline("注意<strong>必填：</strong>值"), "注意必填：值");
        assert_eq!(inline("<b> x </b>"), "**x**");
        assert_eq!(inline("<b></b><b>x<a href='http://a.b'>y</b>z</a>"), "x[yz](http://a.b)");
    }

    #[test]
    fn what_is_no_html_stays() {
        assert_eq!(inline("Map<String, String>"), r"Map\<String, String>");
        assert_eq!(inline("List<b>"), r"List\<b>");
        assert_eq!(inline("a<b && c>d, a < b"), r"a\<b && c>d, a \< b");
        assert_eq!(inline("<xxx店> <rules></rules> <u"), r"\<xxx店> \<rules>\</rules> \<u");
        assert_eq!(inline("`<b>x</b> &lt;` <code>y</code>"), "`<b>x</b> &lt;` `y`");
    }

    #[test]
    fn entities_are_characters() {
        assert_eq!(
            inline("a&nbsp;&lt;b&gt; &amp;lt; &#20013;&#x6587; R&D; &x"),
            r"a \<b> \&lt; 中文 R\&D; &x"
        );
        assert_eq!(inline("a&#x202E;&#xE000;&#0;&#xD800;b"), r"a\&#xD800;b");
    }
}
