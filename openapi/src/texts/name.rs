//! Which texts are no more than a name.
//!
//! What Alipay calls a field or an operation is a fact, as its wire name is. A sentence, a rule or a remark is not.

/// The length of the longest text that counts as a name, in characters.
const LONGEST: usize = 16;
/// The length of the longest aside in parentheses, such as a unit. A longer one is a remark.
const LONGEST_ASIDE: usize = 4;
/// Marks that names have, besides letters, digits and parentheses.
const MARKS: &str = " -－_/、";
/// Words of rules, which Alipay also writes without a full stop: when a value is absent, what it may be, and so on.
const WORDS_OF_RULES: &[&str] = &[
    "不传",
    "为空",
    "可空",
    "默认为",
    "仅支持",
    "不支持",
    "支持传入",
    "统一传入",
    "只有",
    "才会",
    "时需",
    "需要按照",
    "不能",
    "不做",
    "保持",
    "最多",
    "最长",
    "请上传",
    "填入",
    "选填",
    "逗号",
];

/// Whether a text is only a name: short, without the punctuation of sentences, and without a word of a rule.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let chars: Vec<char> = text.trim().chars().collect();
    chars.len() <= LONGEST
        && chars.iter().any(|c| c.is_alphabetic())
        && (0..chars.len()).all(|at| has_place(&chars, at))
        && has_short_asides(text)
        && !WORDS_OF_RULES.iter().any(|word| text.contains(word))
}

/// Whether a character of a name may stand where it does: `2.0` is a version, and `1-20` a rule.
fn has_place(chars: &[char], at: usize) -> bool {
    let is_digit =
        |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let between_digits = is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1));
    match chars.get(at) {
        Some('.') => between_digits,
        Some('-') => !between_digits,
        Some('(' | ')' | '（' | '）') => true,
        Some(c) => c.is_alphanumeric() || MARKS.contains(*c),
        None => false,
    }
}

fn has_short_asides(text: &str) -> bool {
    let mut parts = text.split(['(', '（']).map(|part| part.split([')', '）']));
    let before =
        parts.next().is_some_and(|mut before| before.next().is_some() && before.next().is_none());
    before
        && parts.all(|mut part| {
            let aside = part.next().map_or(0, |aside| aside.chars().count());
            let is_closed = part.next().is_some() && part.next().is_none();
            is_closed && (1..=LONGEST_ASIDE).contains(&aside)
        })
}
