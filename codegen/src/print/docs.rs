//! Documentation comments: from strings of the description, which may hold anything, to lines that
//! rustdoc accepts.
//!
//! Strings of the description pass through [`clean`] exactly once. A [`Doc`] is given Markdown that is
//! known to be good.

pub mod clean;

use self::clean::Block;
use crate::print::columns::wrap;
use alipay_openapi::ir::{Confidence, Docs};

/// The columns generated files keep to.
const COLUMNS: usize = 100;

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
            word => self
                .item(format!("Confidence of this description:{}.", word.replace(['(', ')'], ""))),
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
        let bare = summary.trim_end_matches(['.', '。']);
        let summary = match note {
            // Alipay often says the name once more.
            Some(note) if note != bare => format!("{bare} ({note})."),
            Some(note) => format!("{note}."),
            None => end_sentence(summary),
        };
        let mut parts = vec![Block::Paragraph(summary)];
        if !rest.is_empty() {
            parts.push(Block::Paragraph(rest.to_owned()));
        }
        blocks.splice(0..1, parts);
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
    let body = sentence.trim_end_matches(['.', '。']);
    // Some sentences say it themselves, and what is not published is not inferred either.
    if body.ends_with(')') && WORDS.iter().any(|word| body.ends_with(word))
        || body.ends_with("not published")
    {
        return format!("{body}.");
    }
    format!("{body}{}.", confidence_suffix(confidence))
}

/// How a sentence ends that tells its own confidence.
const WORDS: [&str; 4] = ["(documented)", "(documented-older)", "(secondary)", "(inferred)"];

/// Ends a sentence with a full stop if it has no end.
#[must_use]
pub fn end_sentence(text: &str) -> String {
    match text.chars().last() {
        Some('.' | '。' | '!' | '?' | '！' | '？' | ':' | '：') | None => text.to_owned(),
        _ => format!("{text}."),
    }
}

/// The first sentence of a paragraph, and the rest. A sentence ends with a full stop, a blank and a
/// capital, so that "e.g. this" does not end one, or with a Chinese full stop.
fn split_sentence(text: &str) -> (&str, &str) {
    for (at, c) in text.char_indices() {
        let (head, tail) = text.split_at(at + c.len_utf8());
        let ends = match c {
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
        assert_eq!(Doc::about(&docs(Some("活动id"), None), "x").lines(0), ["活动id."]);
        assert_eq!(
            Doc::about(&docs(None, Some(" \n ")), "The field `x`.").lines(0),
            ["The field `x`."]
        );
        let twice = docs(Some("查询订单"), Some("查询订单。"));
        assert_eq!(Doc::about(&twice, "x").lines(0), ["查询订单."]);
        let list = Doc::about(&docs(Some("名"), Some("- one\n- two")), "x");
        assert_eq!(list.lines(0), ["名.", "", "- one", "- two"]);
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
