//! The blocks of a PEM text, and what is wrong with their lines.

use std::ops::Range;

use super::given::Given;

/// The characters of a label that are looked at.
const MAX_LABEL: usize = 64;
/// Words of a label, one of which makes a damaged line recognisable.
const WORDS: &[&str] =
    &["KEY", "CERTIFICATE", "REQUEST", "PGP", "CRL", "PKCS", "CMS", "PARAMETERS"];

/// What is between a begin and an end line.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    /// The lines between, or what is wrong with the begin or end line.
    pub(super) body: Result<&'a str, Given>,
}

/// A begin or end line, or what is left of one.
struct Line<'a> {
    begins: bool,
    label: &'a str,
    is_sound: bool,
    has_dashes: bool,
    range: Range<usize>,
}

/// The blocks of a tidied text, in order; none if it is no PEM text.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut lines = lines(text);
    // Words without dashes may be a comment, unless there is nothing else.
    if lines.iter().any(|line| line.has_dashes) {
        lines.retain(|line| line.has_dashes);
    }
    let mut blocks = Vec::new();
    let mut open: Option<Line<'_>> = None;
    for line in lines {
        let begin = open.take();
        if line.begins {
            let unfinished =
                begin.map(|begin| Block { label: begin.label, body: Err(begin.unfinished()) });
            blocks.extend(unfinished);
            open = Some(line);
            continue;
        }
        let body = match &begin {
            None => Err(Given::NoBeginLine),
            Some(begin) if !begin.is_sound => Err(Given::BeginLine),
            Some(_) if !line.is_sound => Err(Given::EndLine),
            Some(begin) => Ok(text.get(begin.range.end..line.range.start).unwrap_or_default()),
        };
        blocks.push(Block { label: begin.map_or(line.label, |begin| begin.label), body });
    }
    blocks.extend(open.map(|begin| Block { label: begin.label, body: Err(begin.unfinished()) }));
    blocks
}

impl Line<'_> {
    /// What is wrong if no end line follows.
    fn unfinished(&self) -> Given {
        if self.is_sound { Given::NoEndLine } else { Given::BeginLine }
    }
}

/// All lines of a text that are begin or end lines, or look like one.
fn lines(text: &str) -> Vec<Line<'_>> {
    let starts =
        text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'B' | b'b' | b'E' | b'e'));
    starts.filter_map(|(at, _)| line_at(text, at)).collect()
}

/// The line whose word BEGIN or END stands here.
fn line_at(text: &str, at: usize) -> Option<Line<'_>> {
    let (before, from) = text.split_at_checked(at)?;
    let (word, begins) = [("BEGIN", true), ("END", false)].into_iter().find(|(word, _)| {
        from.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    })?;
    let (written, after) = from.split_at_checked(word.len())?;

    let head = before.trim_end_matches(' ');
    let bare = head.trim_end_matches(is_dash);
    let dashes_before = head.get(bare.len()..)?;

    let in_label = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '+');
    let length = after.chars().take_while(in_label).take(MAX_LABEL).map(char::len_utf8).sum();
    let (label, tail) = after.split_at_checked(length)?;
    let dashes_after = tail.get(..tail.len() - tail.trim_start_matches(is_dash).len())?;

    let known = || WORDS.iter().any(|word| label.to_ascii_uppercase().contains(word));
    let (left, right) = (dashes_before.chars().count(), dashes_after.chars().count());
    let has_dashes = left >= 4 || left + right >= 2 && known();
    let is_word = || !bare.ends_with(char::is_alphanumeric);
    if !(has_dashes || is_word() && known()) {
        return None;
    }
    // Without a line feed between, the dashes of two lines follow one another.
    let rest = tail.get(dashes_after.len()..)?;
    let joins = |word| dashes_after == "----------" && rest.starts_with(word);
    let ends = dashes_after == "-----" || joins("BEGIN ") || joins("END ");
    let starts = dashes_before == "-----"
        || dashes_before == "----------" && bare.ends_with(|c: char| c.is_ascii_uppercase());
    let is_sound = starts
        && head.len() == before.len()
        && written == word
        && label.starts_with(' ')
        && !label.contains(|c: char| c.is_ascii_lowercase() || matches!(c, '_' | '+'))
        && ends;
    let range = bare.len()..text.len() - tail.len() + dashes_after.len();
    Some(Line { begins, label: label.trim(), is_sound, has_dashes, range })
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{fe58}' | '\u{fe63}')
}
