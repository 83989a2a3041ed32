//! Values to YAML text: block style, two blanks, one way to write each value.
//!
//! What is written reads back as the same value, with this crate's reader and with any reader of YAML
//! 1.1 or 1.2: a string that could be taken for something else is quoted.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Keys longer than this need YAML's explicit form; the limit of the format is 1,024 characters.
const LONGEST_KEY: usize = 500;

/// Writes `value` as YAML, with a newline at its end.
#[must_use]
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, &mut out),
        Value::Array(items) if !items.is_empty() => list(items, 0, &mut out),
        other => {
            scalar(other, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

/// Writes members line by line; the cursor stands where the first key goes.
fn mapping(map: &Map<String, Value>, indent: usize, out: &mut String) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            blanks(indent, out);
        }
        let key = one_line(key);
        if key.len() > LONGEST_KEY {
            out.push_str("? ");
            out.push_str(&key);
            out.push('\n');
            blanks(indent, out);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                out.push('\n');
                blanks(indent + 2, out);
                mapping(map, indent + 2, out);
            }
            // List items stand under their key, not to the right of it; only the explicit form needs
            // the room.
            Value::Array(items) if !items.is_empty() => {
                let indent = if key.len() > LONGEST_KEY { indent + 2 } else { indent };
                out.push('\n');
                blanks(indent, out);
                list(items, indent, out);
            }
            other => {
                out.push(' ');
                scalar(other, indent, out);
                out.push('\n');
            }
        }
    }
}

/// Writes items line by line; the cursor stands where the first dash goes.
fn list(items: &[Value], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            blanks(indent, out);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => mapping(map, indent + 2, out),
            Value::Array(items) if !items.is_empty() => list(items, indent + 2, out),
            other => {
                scalar(other, indent, out);
                out.push('\n');
            }
        }
    }
}

fn scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) if is_block(text) => block(text, indent, out),
        Value::String(text) => out.push_str(&one_line(text)),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

fn blanks(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// Whether a string of several lines can stand as it is.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && body.split('\n').all(|line| !line.ends_with(' ') && line.chars().all(is_printable))
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { "|" } else { "|-" });
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            blanks(indent + 2, out);
            out.push_str(line);
        }
    }
}

/// A string on one line: plain when nothing could mistake it, else quoted.
fn one_line(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if !text.chars().all(is_printable) {
        return escaped(text);
    }
    if text.contains(['"', '\\']) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    format!("\"{text}\"")
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => {
                // Writing to a string cannot fail.
                let _ = match u32::from(c) {
                    code @ ..=0xff => write!(out, "\\x{code:02x}"),
                    code @ ..=0xffff => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// Whether a character may stand as it is: seen by the reader, and no line break for any parser.
fn is_printable(c: char) -> bool {
    let hidden = matches!(
        c,
        // Marks that do not show, line breaks, and marks that turn the direction of the text.
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // The byte order mark, what is no character, and tags.
        | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}'
    );
    matches!(c, ' '..='~' | '\u{a0}'..) && !hidden
}

/// Whether a string can stand without quotes.
fn is_plain(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '_' | '$'))
        && text.chars().all(|c| is_printable(c) && (c == ' ' || !c.is_whitespace()))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains('\t')
        && !is_word_of_yaml(text)
}

/// Whether some reader takes this word for a bool, a number or null.
fn is_word_of_yaml(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity",
        "nil",
    ];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
