//! Marks: what is deprecated, which values are allowed, and which field makes a repeat harmless.

use serde_json::{Map, Value, json};

use super::{
    subject::Subject,
    text::{has, squeezed},
};

/// What is deprecated: a clause of the text says so, and no more.
pub(super) fn deprecated(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    if subject.is_deprecated {
        return None;
    }
    let is_mark = |c: char| c.is_whitespace() || "，,。.；;！!（）()【】[]".contains(c);
    let is_gone = subject.text.split(is_mark).any(|clause| {
        let clause = clause.trim_start_matches("注意：").trim_start_matches("注意:");
        let bare = ["该", "此", "本"].iter().find_map(|word| clause.strip_prefix(word));
        let named = bare.is_some();
        let rest = bare.unwrap_or(clause);
        let rest = ["参数", "字段", "入参", "出参"]
            .iter()
            .find_map(|word| rest.strip_prefix(word))
            .unwrap_or(rest);
        let rest = ["已经", "已"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
        matches!(rest, "废弃" | "弃用" | "废弃字段" | "废弃参数") || named && rest == "作废"
    });
    is_gone.then(|| Map::from_iter([("deprecated".to_owned(), json!(true))]))
}

/// A range with both ends in it, such as `取值范围[0.01,100000000]`. It is only said in the documentation.
pub(super) fn range(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    let ranges: Vec<&str> = subject.text.split("取值范围").skip(1).collect();
    let [range] = ranges.as_slice() else { return None };
    let range = range.trim_start_matches(|c: char| c.is_whitespace() || "：:为是".contains(c));
    let (inside, after) = range.strip_prefix('[')?.split_once(']')?;
    let (low, high) = inside.split_once([',', '，', '~', '-'])?;
    let number = |text: &str| {
        let text = text.trim();
        let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        (digits && text.parse::<f64>().is_ok()).then(|| text.to_owned())
    };
    let (low, high) = (number(low)?, number(high)?);
    // Another range may hold for another product.
    if after.contains('[') || !matches!(subject.kind, "string" | "integer" | "number") {
        return None;
    }
    let rule = format!("From {low} to {high}, both included.");
    Some(Map::from_iter([("x-alipay-limits".to_owned(), json!([rule]))]))
}

/// Whether a text says that a repeat with the same value gives the earlier result.
pub(super) fn makes_harmless(subject: &Subject<'_>) -> bool {
    has(&squeezed(&subject.text), &["请求返回与上一次相同的结果"])
}
