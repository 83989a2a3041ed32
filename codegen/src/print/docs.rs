//! Documentation comments: from strings of the description, which may hold anything, to lines that
//! rustdoc accepts.
//!
//! Strings of the description pass through [`clean`] exactly once. A [`Doc`] is given Markdown that is
//! known to be good.

pub mod clean;
mod html;
mod visible;

use self::clean::Block;
use crate::print::columns::wrap;
use alipay_openapi::ir::{Confidence, Docs};

/// The columns generated files keep to.
const COLUMNS: usize = 100;

/// How an item of a list begins that says how sure the whole is.
const DOUBT: &str = "Confidence";

/// Where the words for confidence are explained.
const CONFIDENCE: &str =
    "Words such as (inferred) say [how sure a statement is](alipay_core#how-sure-a-statement-is).";

/// A documentation comment under construction.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    blocks: Vec<Block>,
}

impl Doc {
    /// An empty comment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A comment of one paragraph of Markdown.
    #[must_use]
    pub fn line(markdown: impl Into<String>) -> Self {
        Self::new().paragraph(markdown)
    }

    /// A comment from what the description says: the first sentence with the Chinese name, then the rest.
    /// Where the description says nothing, the comment is `fallback`, which is Markdown.
    #[must_use]
    pub fn about(docs: &Docs, fallback: &str) -> Self {
        let title = docs.title.as_deref().map(clean::inline);
        Self::described(docs.description.as_deref(), title.as_deref(), fallback)
            .doubt(docs.confidence)
    }

    /// Says how sure the description is, unless it is documented.
    #[must_use]
    pub fn doubt(self, confidence: Confidence) -> Self {
        match confidence_suffix(confidence) {
            "" => self,
            word => {
                self.item(format!("{DOUBT} of this description:{}.", word.replace(['(', ')'], "")))
            }
        }
    }

    /// A comment from one string of the description, with a note (Markdown) in its first sentence.
    #[must_use]
    pub fn described(text: Option<&str>, note: Option<&str>, fallback: &str) -> Self {
        let mut blocks = clean::blocks(text.unwrap_or_default());
        let note = note.filter(|note| !note.is_empty());
        let first = match blocks.first_mut() {
            Some(Block::Paragraph(text)) => std::mem::take(text),
            _ => String::new(),
        };
        if first.is_empty() {
            let summary = note.map_or_else(|| fallback.to_owned(), end_sentence);
            blocks.insert(0, Block::Paragraph(summary));
            return Self { blocks };
        }
        let (summary, rest) = split_sentence(&first);
        let summary = match note {
            Some(note) => annotated(summary, bare(note)),
            None => end_sentence(summary),
        };
        let mut parts = vec![Block::Paragraph(summary)];
        if !rest.is_empty() {
            parts.push(Block::Paragraph(rest.to_owned()));
        }
        blocks.splice(0..1, parts);
        for block in &mut blocks {
            if let Block::Paragraph(text) = block
                && text.ends_with('.')
            {
                *text = end_sentence(text);
            }
        }
        Self { blocks }
    }

    /// Adds a paragraph of Markdown.
    #[must_use]
    pub fn paragraph(mut self, markdown: impl Into<String>) -> Self {
        self.blocks.push(Block::Paragraph(markdown.into()));
        self
    }

    /// Adds an item to a list.
    #[must_use]
    pub fn item(mut self, markdown: impl Into<String>) -> Self {
        self.blocks.push(Block::Item("-".to_owned(), markdown.into()));
        self
    }

    /// Adds a heading.
    #[must_use]
    pub fn heading(mut self, title: &str) -> Self {
        self.blocks.push(Block::Heading(title.to_owned()));
        self
    }

    /// Adds lines of Rust that are compiled as a test; `attributes` stand behind the fence.
    #[must_use]
    pub fn code(mut self, attributes: &'static str, lines: Vec<String>) -> Self {
        self.blocks.push(Block::Code(attributes, lines));
        self
    }

    /// Adds the parts of another comment.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        self.blocks.extend(other.blocks);
        self
    }

    /// Says where the words for confidence are explained, if it or one of the parts has one: all of them
    /// stand on one page.
    #[must_use]
    pub(crate) fn explained<'d>(self, parts: impl IntoIterator<Item = &'d Self>) -> Self {
        let tells = self.tells_confidence() || parts.into_iter().any(Self::tells_confidence);
        if tells { self.paragraph(CONFIDENCE) } else { self }
    }

    /// Whether it says how sure a statement is.
    fn tells_confidence(&self) -> bool {
        let tells =
            |text: &str| text.starts_with(DOUBT) || WORDS.iter().any(|word| text.contains(word));
        self.blocks.iter().any(|block| match block {
            Block::Paragraph(text) | Block::Item(_, text) => tells(text),
            Block::Heading(_) | Block::Code(..) => false,
        })
    }

    /// The first paragraph.
    #[must_use]
    pub fn summary(&self) -> &str {
        match self.blocks.first() {
            Some(Block::Paragraph(text)) => text,
            _ => "",
        }
    }

    /// The lines, without comment marks, for a comment indented by `indent` columns.
    #[must_use]
    pub fn lines(&self, indent: usize) -> Vec<String> {
        let columns = COLUMNS.saturating_sub(indent + "/// ".len());
        let mut lines: Vec<String> = Vec::new();
        let mut previous: Option<&Block> = None;
        for block in &self.blocks {
            // An item with a number cannot follow one with a bullet without a blank line.
            let listed = match (previous, block) {
                (Some(Block::Item(before, _)), Block::Item(marker, _)) => {
                    (before == "-") == (marker == "-")
                }
                _ => false,
            };
            if previous.is_some() && !listed {
                lines.push(String::new());
            }
            previous = Some(block);
            match block {
                Block::Paragraph(text) => {
                    lines.extend(wrap(text, columns).iter().map(|line| clean::guard(line)));
                }
                Block::Item(marker, text) => {
                    let hang = marker.len() + 1;
                    for (n, line) in wrap(text, columns - hang).iter().enumerate() {
                        let line = clean::guard(line);
                        lines.push(match n {
                            0 => format!("{marker} {line}"),
                            _ => format!("{:hang$}{line}", ""),
                        });
                    }
                }
                Block::Heading(title) => lines.push(format!("# {title}")),
                Block::Code(attributes, code) => {
                    lines.push(format!("```{attributes}"));
                    lines.extend(code.iter().cloned());
                    lines.push("```".to_owned());
                }
            }
        }
        lines
    }
}

/// The word for a confidence, in parentheses with a blank before it; empty for what is documented.
#[must_use]
pub fn confidence_suffix(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Documented => "",
        Confidence::DocumentedOlder => " (documented-older)",
        Confidence::Secondary => " (secondary)",
        Confidence::Inferred => " (inferred)",
    }
}

/// Puts the confidence into a sentence, before its full stop.
#[must_use]
pub fn with_confidence(sentence: &str, confidence: Confidence) -> String {
    let body = bare(sentence);
    // Some sentences say it themselves, and what is not published is not inferred either.
    if body.ends_with(')') && WORDS.iter().any(|word| body.ends_with(word))
        || body.ends_with("not published")
    {
        return end_sentence(body);
    }
    format!("{body}{}{}", confidence_suffix(confidence), full_stop(body))
}

/// How a sentence ends that tells its own confidence.
const WORDS: [&str; 4] = ["(documented)", "(documented-older)", "(secondary)", "(inferred)"];

/// Ends a sentence with a full stop if it has no end. What the description puts at the end of rows (`；`)
/// is no end.
#[must_use]
pub fn end_sentence(text: &str) -> String {
    let is_end = |c: char| ".。".contains(c);
    let body = text.trim_end_matches(|c| is_end(c) || ROW_ENDS.contains(&c));
    let end = text.get(body.len()..).unwrap_or_default();
    let foreign = end.starts_with("。.") || end == "." && is_chinese(body);
    if body.is_empty() || !end.is_empty() && end.chars().all(is_end) && !foreign {
        return text.to_owned();
    }
    match body.chars().last() {
        Some('!' | '?' | '！' | '？' | ':' | '：' | '…') => body.to_owned(),
        _ if ["。）", "。)", "。”", "。**"].iter().any(|end| body.ends_with(end)) => {
            body.to_owned()
        }
        _ => format!("{body}{}", full_stop(body)),
    }
}

/// What stands between rows or parts, and not at the end of a sentence.
const ROW_ENDS: [char; 7] = [' ', ';', '；', '﹔', ',', '，', '、'];

/// Items of a list in a sentence; more than `most` are counted.
pub(crate) fn shortened(items: &[String], most: usize) -> String {
    match items.len().checked_sub(most) {
        Some(rest @ 1..) => {
            let (shown, _) = items.split_at(most);
            let others = if rest == 1 { "other" } else { "others" };
            format!("{} and {rest} {others}", shown.join(", "))
        }
        _ => items.join(", "),
    }
}

/// A sentence without its full stop.
fn bare(text: &str) -> &str {
    text.trim_end_matches(ROW_ENDS).trim_end_matches(['.', '。']).trim_end_matches(ROW_ENDS)
}

/// A sentence with a note in parentheses before its end. Alipay often says the name once more: then it is
/// no note.
pub(crate) fn annotated(sentence: &str, note: &str) -> String {
    let body = bare(sentence);
    if body == note {
        return end_sentence(body);
    }
    let open = body.trim_end_matches([':', '：', '?', '？', '!', '！', ' ']);
    let end = body.get(open.len()..).unwrap_or_default().trim();
    let end = if end.is_empty() { full_stop(open) } else { end };
    if is_chinese(open) {
        format!("{open}（{note}）{end}")
    } else {
        format!("{open} ({note}){end}")
    }
}

/// The full stop of a sentence's language.
fn full_stop(text: &str) -> &'static str {
    if is_chinese(text) { "。" } else { "." }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

/// Whether a sentence is Chinese: it ends in Chinese punctuation, or has more Chinese characters than other
/// words. A name in parentheses does not count.
fn is_chinese(text: &str) -> bool {
    let (mut han, mut words, mut depth, mut last, mut in_word) = (0, 0, 0_u32, ' ', false);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => continue,
            _ => last = if c == '*' { last } else { c },
        }
        han += u32::from(is_han(c));
        words += u32::from(c.is_ascii_alphanumeric() && !in_word);
        in_word = c.is_ascii_alphanumeric();
    }
    han > words || "，。、；：！？）】》」』％".contains(last)
}

/// The first sentence of a paragraph, and the rest. A sentence ends with a full stop, a blank and a
/// capital, so that "e.g. this" does not end one, or with a Chinese full stop. It does not end inside of
/// code, links, and what is bold.
fn split_sentence(text: &str) -> (&str, &str) {
    let mut is_free = outside();
    for (at, c) in text.char_indices() {
        let free = is_free(c);
        let (head, tail) = text.split_at(at + c.len_utf8());
        let ends = match c {
            _ if !free => false,
            '。' => true,
            '.' | '!' | '?' => {
                let mut after = tail.chars();
                after.next() == Some(' ') && after.next().is_some_and(|c| !c.is_lowercase())
            }
            _ => false,
        };
        if ends {
            return (head, tail.trim_start());
        }
    }
    (text, "")
}

/// Tells of the characters of Markdown, one after the other, whether each is outside of code, links, and
/// what is bold.
fn outside() -> impl FnMut(char) -> bool {
    let (mut end, mut escaped, mut bold, mut previous) = (None, false, false, ' ');
    move |c| {
        let before = std::mem::replace(&mut previous, c);
        if std::mem::take(&mut escaped) {
            return false;
        }
        match (end, c) {
            (Some('`'), '`') | (Some('>'), '>') | (Some(')'), ')') => end = None,
            (Some('`' | '>' | ')'), _) => {}
            (_, '\\') => escaped = true,
            // All other brackets are escaped. An address holds no parentheses.
            (Some(_), ']') => end = Some(')'),
            (Some(_), _) => {}
            (None, '[') => end = Some(']'),
            (None, '`') => end = Some('`'),
            (None, '<') => end = Some('>'),
            (None, '*') if before == '*' => bold = !bold,
            (None, _) => return !bold,
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docs(title: Option<&str>, description: Option<&str>) -> Docs {
        Docs {
            title: title.map(str::to_owned),
            description: description.map(str::to_owned),
            confidence: Confidence::Documented,
        }
    }

    #[test]
    fn the_summary_is_the_first_sentence_with_the_chinese_name() {
        let doc = Doc::about(
            &docs(Some("活动id"), Some("Activity, e.g. a sale. Keep it.\n\nMore.")),
            "-",
        );
        assert_eq!(doc.lines(4), ["Activity, e.g. a sale (活动id).", "", "Keep it.", "", "More."]);
    }

    #[test]
    fn without_a_description_the_name_stands_alone() {
        assert_eq!(Doc::about(&docs(Some("活动id"), None), "x").lines(0), ["活动id。"]);
        assert_eq!(
            Doc::about(&docs(None, Some(" \n ")), "The field `x`.").lines(0),
            ["The field `x`."]
        );
        let twice = docs(Some("查询订单"), Some("查询订单。"));
        assert_eq!(Doc::about(&twice, "x").lines(0), ["查询订单。"]);
        let list = Doc::about(&docs(Some("名"), Some("- one\n- two")), "x");
        assert_eq!(list.lines(0), ["名。", "", "- one", "- two"]);
    }

    #[test]
    fn sentences_end_as_their_language_has_it() {
        for (text, ended) in [
            ("车辆出场的出口通道名称；", "车辆出场的出口通道名称。"),
            ("指定的收单机构的pid;", "指定的收单机构的pid。"),
            ("支付宝交易号，", "支付宝交易号。"),
            ("有效的；。", "有效的。"),
            ("有效的.", "有效的。"),
            ("Up to 16 characters, or the text 优惠.", "Up to 16 characters, or the text 优惠."),
            ("有效的。.", "有效的。"),
            ("有效的;.", "有效的。"),
            ("小程序应用 ID", "小程序应用 ID。"),
            ("（见文档。）", "（见文档。）"),
            ("取值：", "取值："),
            ("A pen;", "A pen."),
            ("A pen (钢笔)", "A pen (钢笔)."),
            ("etc...", "etc..."),
            ("", ""),
        ] {
            assert_eq!(end_sentence(text), ended);
        }
        for (text, annotation) in [
            ("该接口提供查询；", "该接口提供查询（名）。"),
            ("可选值：", "可选值（名）："),
            ("A pen; ", "A pen (名)."),
            ("Which pen?", "Which pen (名)?"),
            ("Passed (审核通过).", "Passed (审核通过) (名)."),
            ("名；", "名。"),
        ] {
            assert_eq!(annotated(text, "名"), annotation);
        }
        assert_eq!(with_confidence("条件；", Confidence::Inferred), "条件 (inferred)。");
    }

    #[test]
    fn the_first_sentence_does_not_end_in_links_code_and_bold() {
        for text in [
            "[a。b](https://c.d/e)。",
            "`a. B`。",
            "**a。b** 。",
            r"[a\]。b](https://c.d)。",
            "<https://a. B>。",
        ] {
            assert_eq!(split_sentence(&format!("{text}c")), (text, "c"));
        }
        assert_eq!(split_sentence(r"\[a。b"), (r"\[a。", "b"));
    }

    #[test]
    fn long_lists_are_cut() {
        let items: Vec<_> = ["a", "b", "c", "d"].map(str::to_owned).into();
        assert_eq!(shortened(&items, 4), "a, b, c, d");
        assert_eq!(shortened(&items, 3), "a, b, c and 1 other");
        assert_eq!(shortened(&items, 2), "a, b and 2 others");
    }

    #[test]
    fn doubt_is_said() {
        let mut inferred = docs(None, Some("An id."));
        inferred.confidence = Confidence::Inferred;
        assert_eq!(
            Doc::about(&inferred, "x").lines(0),
            ["An id.", "", "- Confidence of this description: inferred."]
        );
        assert_eq!(with_confidence("Required.", Confidence::Secondary), "Required (secondary).");
        assert_eq!(with_confidence("Odd (secondary).", Confidence::Secondary), "Odd (secondary).");
    }
}
