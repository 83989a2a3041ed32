//! Takes from a text what was put into it or around it on its way, and cannot belong to a key.

use std::str::Chars;

use zeroize::Zeroizing;

/// Names of characters in HTML and XML.
const ENTITIES: &[(&str, char)] =
    &[("quot", '"'), ("apos", '\''), ("amp", '&'), ("lt", '<'), ("gt", '>'), ("nbsp", ' ')];
/// Line breaks in HTML.
const BREAKS: &[&str] = &["<br>", "<br/>", "<br />"];
/// More bytes than an entity has.
const MAX_ENTITY: usize = 12;
/// The longest name in front of a value. The base64 of 32 bytes is longer, so that one of two of them
/// is never taken for a name.
const MAX_NAME: usize = 40;

/// The text without invisible characters, with plain blanks, line feeds and ASCII characters for their
/// look-alikes of full width, and with escapes resolved, however often they were escaped.
pub(super) fn tidy(text: &str) -> Zeroizing<String> {
    // Allocated once: nothing gets longer, and a string that grows leaves parts of a key behind.
    let mut tidy = Zeroizing::new(String::with_capacity(text.len()));
    // Where `+` is escaped, a bare one is a blank, as in forms.
    let plus_is_blank = text.contains("%2B") || text.contains("%2b");
    let mut rest = text.chars();
    loop {
        let escaped = escape(&rest);
        let next = match escaped {
            Some((c, after)) => {
                rest = after;
                c
            }
            None => match rest.next() {
                Some('+') if plus_is_blank => ' ',
                Some(c) => c,
                None => return tidy,
            },
        };
        tidy.extend(plain(next));
    }
}

/// The plain character for one that looks like it, and none for one that is invisible.
fn plain(c: char) -> Option<char> {
    match c {
        '\0'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c).wrapping_sub(0xfee0)),
        '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

/// The character that an escape stands for, if the text begins with one, and what is after it.
fn escape<'a>(text: &Chars<'a>) -> Option<(char, Chars<'a>)> {
    let (rest, c) = match text.clone().next()? {
        // A run of them is looked at once.
        '\\' => {
            let after = text.as_str().trim_start_matches('\\');
            backslash(after).unwrap_or((after, '\\'))
        }
        '%' => percent(text.as_str())?,
        '&' => entity(text.as_str())?,
        '<' => {
            let after = |mark: &&str| {
                let start = text.as_str().get(..mark.len())?;
                if start.eq_ignore_ascii_case(mark) {
                    text.as_str().get(mark.len()..)
                } else {
                    None
                }
            };
            (BREAKS.iter().find_map(after)?, '\n')
        }
        _ => return None,
    };
    Some((c, rest.chars()))
}

/// What follows one backslash or several: `\n`, `\/`, `\"`, `\u002b`, and a line that is continued.
fn backslash(after: &str) -> Option<(&str, char)> {
    let mut rest = after.chars();
    let c = match rest.next()? {
        'n' | 'r' | '\n' | '\r' => '\n',
        't' => ' ',
        c @ ('/' | '"' | '\'') => c,
        'u' => {
            let digits = rest.as_str().get(..4)?;
            rest = rest.as_str().get(4..)?.chars();
            number(digits, 16)?
        }
        _ => return None,
    };
    Some((rest.as_str(), c))
}

/// The character of a number in digits.
fn number(digits: &str, radix: u32) -> Option<char> {
    let all = digits.chars().all(|digit| digit.is_digit(radix));
    let number = u32::from_str_radix(digits, radix).ok().filter(|_| all)?;
    char::from_u32(number)
}

/// `%2B`, `%252B` and so on, of an ASCII character.
fn percent(text: &str) -> Option<(&str, char)> {
    let mut rest = text.strip_prefix('%')?;
    while let Some(escaped) = rest.strip_prefix("25") {
        rest = escaped;
    }
    let c = number(rest.get(..2)?, 16).filter(char::is_ascii)?;
    Some((rest.get(2..)?, c))
}

/// `&quot;`, `&#43;`, `&#x2b;` and so on.
fn entity(text: &str) -> Option<(&str, char)> {
    let end = text.bytes().take(MAX_ENTITY).position(|byte| byte == b';')?;
    let (name, rest) = text.split_at_checked(end)?;
    let (name, rest) = (name.strip_prefix('&')?, rest.strip_prefix(';')?);
    let c = match name.strip_prefix('#') {
        Some(code) => match code.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(code, 10),
        },
        None => ENTITIES.iter().find(|(entity, _)| *entity == name).map(|(_, c)| *c),
    };
    Some((rest, c?))
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '`'
            | '´'
            | '“'
            | '”'
            | '„'
            | '‟'
            | '‘'
            | '’'
            | '‚'
            | '‛'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '「'
            | '」'
            | '『'
            | '』'
    )
}

/// What stands around lines and is not base64: quotes, marks of quoted mails and of comments, what
/// separates values, and the mark of some shells for a line without an end.
fn is_around(c: char) -> bool {
    c.is_whitespace()
        || is_quote(c)
        || matches!(
            c,
            '>' | '|' | '│' | '#' | '*' | ';' | ',' | '(' | ')' | '[' | ']' | '\\' | '@' | '%'
        )
}

/// A text without blanks and quotes around it.
pub(super) fn unquoted(text: &str) -> &str {
    let around = |c: char| c.is_whitespace() || is_quote(c) || matches!(c, ';' | ',' | '\u{feff}');
    text.trim_matches(around)
}

/// The value of a text without the name in front, as in `KEY=…`, `export KEY="…"`, `key: …`.
pub(super) fn value(text: &str) -> &str {
    let mut value = unquoted(text);
    if let Some((kind, data)) = value.split_once(";base64,") {
        if kind.starts_with("data:") {
            value = data;
        }
    }
    // As in `$env:KEY = "…"`.
    for _ in 0..3 {
        let Some(after) = after_name(value) else { break };
        value = unquoted(after);
    }
    // How a block of lines begins in YAML.
    ["|-", "|+", "|", ">-", ">+"].iter().find_map(|mark| value.strip_prefix(mark)).unwrap_or(value)
}

/// What is after a name and `=` or `:`.
fn after_name(text: &str) -> Option<&str> {
    let at = text.find(['=', ':', '\n'])?;
    let (name, rest) = text.split_at_checked(at)?;
    let fits = |c: char| c.is_alphanumeric() || c == ' ' || is_quote(c) || "_.-$[]@#/*".contains(c);
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(fits) {
        return None;
    }
    let mut rest = rest.chars();
    let separator = rest.next()?;
    let value = rest.as_str();
    let line = value.lines().next().unwrap_or_default().trim();
    // Base64 ends with `=`, so nothing is a value that is empty or begins with one.
    let is_value = match separator {
        '=' => !line.is_empty() && !line.starts_with('='),
        ':' => !value.trim().is_empty() && !line.starts_with("//"),
        _ => false,
    };
    is_value.then_some(value)
}

/// How many lines are a name and its value.
pub(super) fn settings(text: &str) -> usize {
    let lines = text.lines().map(|line| line.trim_matches(is_around));
    lines.filter(|line| !line.is_empty() && after_name(line).is_some()).count()
}

/// The base64 of a text, on one line and in the standard alphabet, without what is around its lines.
/// Whatever else is in the text stays.
pub(super) fn compact(text: &str) -> Zeroizing<Vec<u8>> {
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    let numbers = are_numbered(text);
    for line in text.lines() {
        let line = if numbers { after_number(line).map_or(line, |(_, rest)| rest) } else { line };
        for c in unwrapped(line).chars().filter(|c| *c != ' ' && !is_quote(*c)) {
            let c = match c {
                '-' => '+',
                '_' => '/',
                c => c,
            };
            compact.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    compact
}

/// A line without what is around it, such as the operators that join strings in a program: `"…" +`.
fn unwrapped(line: &str) -> &str {
    const JOINED: [char; 3] = ['+', '.', '&'];
    let mut line =
        line.trim_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | ')' | '\\'));
    if let Some(before) = line.strip_suffix(JOINED).map(str::trim_end) {
        if before.ends_with(is_quote) {
            line = before;
        }
    }
    if let Some(after) = line.strip_prefix(JOINED).map(str::trim_start) {
        if after.starts_with(is_quote) {
            line = after;
        }
    }
    let line = line.trim_matches(is_around);
    // An entry of a list in YAML.
    line.strip_prefix("- ").map_or(line, |entry| entry.trim_matches(is_around))
}

/// Whether each line begins with its number.
fn are_numbered(text: &str) -> bool {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let mut expected = None;
    lines().nth(1).is_some()
        && lines().all(|line| {
            let Some((number, _)) = after_number(line) else { return false };
            let fits = expected.is_none_or(|expected| expected == number);
            expected = Some(number.wrapping_add(1));
            fits
        })
}

/// The number in front of a line, and the rest.
fn after_number(line: &str) -> Option<(u32, &str)> {
    let line = line.trim_start_matches(is_around);
    let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
    let (number, rest) = line.split_at_checked(digits.min(7))?;
    let separated = rest.is_empty() || rest.starts_with([' ', ':', '|', '│', '.', ')', ']', '→']);
    let number = number.parse().ok().filter(|_| separated)?;
    Some((number, rest.trim_start_matches(|c: char| is_around(c) || matches!(c, ':' | '.' | '→'))))
}
