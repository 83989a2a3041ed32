//! What is asked of Alipay's texts: which words stand in them.

/// A text without HTML: a tag ends a line.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let is_tag = tag.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic());
        match tag.split_once('>').filter(|_| is_tag) {
            Some((_, after)) => {
                out.push('\n');
                rest = after;
            }
            None => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A text as it is searched for words: in small letters, without blanks, quotes, brackets and colons, of
/// which Alipay writes all kinds.
pub(super) fn squeezed(text: &str) -> String {
    const LEFT_OUT: &str = "\"'“”‘’「」『』()（）[]【】:：=＝";
    let kept = text.chars().filter(|c| !c.is_whitespace() && !LEFT_OUT.contains(*c));
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether one of these stands in a text.
pub(super) fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Whether a character is Chinese.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}
