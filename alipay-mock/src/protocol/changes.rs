//! What becomes of content between its signature and the one who verifies it, undone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

use super::rewritten::{LONGEST_BODY, rendered, reordered};

/// The most blanks for which it is tried which of them were `+`.
const MOST_BLANKS: usize = 8;
/// The most blanks of which up to three are tried.
const MOST_OF_THREE: usize = 20;
/// The longest content for which two changes at once are tried, in bytes.
const LONGEST_OF_TWO: usize = 2 * 1024;

/// What RFC 3986 leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What `encodeURIComponent` of JavaScript leaves as it is.
const COMPONENT: &AsciiSet =
    &UNRESERVED.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');
/// What forms (of browsers, `URLEncoder` of Java) leave as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');
/// What `urlencode` of PHP leaves as it is.
const PHP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
/// What `quote` of Python leaves as it is.
const PYTHON: &AsciiSet = &UNRESERVED.remove(b'/');
/// What `encodeURI` of JavaScript leaves as it is.
const URI: &AsciiSet = &COMPONENT
    .remove(b';')
    .remove(b',')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b'#');

/// A value as programs percent-encode it, for each value in the same order of programs.
pub(super) fn encodings(value: &[u8]) -> Vec<String> {
    let sets = [UNRESERVED, FORM, COMPONENT, PHP, PYTHON, URI].into_iter();
    let texts = sets.map(|set| percent_encode(value, set).to_string());
    texts
        .flat_map(|text| [text.replace("%20", "+"), text])
        .flat_map(|text| [lower_escapes(&text), text])
        .collect()
}

/// Percent-encoded bytes with small letters, as some libraries write them.
pub(super) fn lower_escapes(text: &str) -> String {
    let mut left = 0;
    let lower = |c: char| {
        if c == '%' {
            left = 2;
        } else if left > 0 {
            left -= 1;
            return c.to_ascii_lowercase();
        }
        c
    };
    text.chars().map(lower).collect()
}

/// A way in which content is changed after it was signed. The message continues "the body …" or "a value …".
struct Change {
    what: &'static str,
    undo: fn(&[u8]) -> Vec<Vec<u8>>,
}

/// The likelier first.
const CHANGES: [Change; 18] = [
    Change {
        what: "was HTML-escaped after it was signed (such as `&quot;` for a quotation mark)",
        undo: |content| edit(content, unescape_html),
    },
    Change {
        what: "lost its `+` after it was signed: they became blanks, as when a form is decoded twice",
        undo: plus_for_blanks,
    },
    Change {
        what: "has `+` where blanks were signed",
        undo: |content| edit(content, |text| text.replace('+', " ")),
    },
    Change {
        what: "was percent-encoded once more after it was signed",
        undo: |content| {
            let with_blanks: Vec<u8> =
                content.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
            let decoded = |content: &[u8]| percent_decode(content).collect();
            other_than(content, [decoded(content), decoded(&with_blanks)])
        },
    },
    Change {
        what: "was changed from GBK to UTF-8 after it was signed",
        undo: |content| misread(content, false),
    },
    Change {
        what: "was read as GBK after it was signed, but is UTF-8",
        undo: |content| misread(content, true),
    },
    Change {
        what: "was changed from UTF-8 to GBK after it was signed",
        undo: |content| {
            // Some bytes of GBK are UTF-8 as well.
            if content.is_ascii() {
                return Vec::new();
            }
            let text =
                encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(content);
            text.map(|text| text.into_owned().into_bytes()).into_iter().collect()
        },
    },
    Change {
        what: "was read as ISO-8859-1 after it was signed, but is UTF-8 or GBK",
        undo: |content| {
            let Ok(text) = std::str::from_utf8(content) else { return Vec::new() };
            let latin: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
            let (windows, _, damaged) = encoding_rs::WINDOWS_1252.encode(text);
            let windows = (!damaged).then(|| windows.into_owned());
            other_than(content, latin.into_iter().chain(windows))
        },
    },
    Change {
        what: "has a byte order mark that was not signed",
        undo: |content| content.strip_prefix(BOM).map(<[u8]>::to_vec).into_iter().collect(),
    },
    Change {
        what: "lost its byte order mark after it was signed",
        undo: |content| vec![[BOM, content].concat()],
    },
    Change {
        what: "has other line ends than the ones signed (CR LF and LF)",
        undo: |content| {
            edit(content, |text| text.replace("\r\n", "\n"))
                .into_iter()
                .chain(edit(content, |text| text.replace("\r\n", "\n").replace('\n', "\r\n")))
                .chain(edit(content, |text| text.replace('\r', "")))
                .collect()
        },
    },
    Change {
        what: "has white space around it that was not signed",
        undo: |content| {
            let trimmed =
                [content.trim_ascii(), content.trim_ascii_end(), content.trim_ascii_start()];
            other_than(content, trimmed.map(<[u8]>::to_vec))
        },
    },
    Change {
        what: "was trimmed after it was signed: white space around it is missing",
        undo: |content| {
            let ends = [&b"\n"[..], b"\r\n", b" ", b"\n\n", b"\t"].into_iter();
            ends.flat_map(|end| [[content, end].concat(), [end, content].concat()]).collect()
        },
    },
    Change {
        what: "was escaped after it was signed: it has backslashes before its quotation marks",
        undo: |content| {
            let quoted = [&b"\""[..], content, b"\""].concat();
            let inner = [content.to_vec(), quoted]
                .into_iter()
                .filter_map(|text| serde_json::from_slice::<String>(&text).ok())
                .map(String::into_bytes);
            other_than(content, inner.chain(edit(content, without_backslashes)))
        },
    },
    Change {
        what: "is JSON that was written again after it was signed (blanks, indents, escapes or order); take the bytes as \
               they came",
        undo: |content| {
            if content.len() > LONGEST_BODY || !content.trim_ascii_start().starts_with(b"{") {
                return Vec::new();
            }
            rendered(content).into_iter().chain(reordered(content)).collect()
        },
    },
    Change {
        what: "has typographic quotation marks or blanks, as word processors make them, that were not signed",
        undo: |content| {
            edit(content, |text| {
                text.replace(['\u{201c}', '\u{201d}'], "\"")
                    .replace(['\u{2018}', '\u{2019}'], "'")
                    .replace('\u{a0}', " ")
            })
        },
    },
    Change {
        what: "was put in base64 after it was signed",
        undo: |content| STANDARD.decode(content.trim_ascii()).into_iter().collect(),
    },
    Change {
        what: "was broken into lines after it was signed",
        undo: |content| edit(content, |text| text.replace(['\r', '\n'], "")),
    },
];

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The content as it may have been signed, each with what was done to it since. The likelier are first, and two changes
/// at once are last.
pub(super) fn undone(content: &[u8]) -> impl Iterator<Item = (Vec<&'static str>, Vec<u8>)> + use<> {
    let content = content.to_vec();
    let small = content.len() <= LONGEST_OF_TWO && !content.is_empty();
    let original = content.clone();
    let once = once(&content).map(|(what, undone)| (vec![what], undone)).collect::<Vec<_>>();
    // Of those with many outcomes the first few are changed once more.
    let begun: Vec<_> = if small {
        let firsts = CHANGES.iter().flat_map(|change| {
            (change.undo)(&original).into_iter().take(4).map(|undone| (change.what, undone))
        });
        firsts.collect()
    } else {
        Vec::new()
    };
    let twice = begun.into_iter().flat_map(move |(first, undone)| {
        let others = self::once(&undone).map(|(second, undone)| {
            let second = if second == first { "was changed in this way twice" } else { second };
            (vec![first, second], undone)
        });
        others.collect::<Vec<_>>()
    });
    once.into_iter().chain(twice.filter(move |(_, undone)| *undone != original))
}

/// The content with one change undone.
pub(super) fn once(content: &[u8]) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    CHANGES.iter().flat_map(move |change| {
        (change.undo)(content).into_iter().map(|undone| (change.what, undone))
    })
}

fn other_than(content: &[u8], all: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    all.into_iter().filter(|undone| undone != content).collect()
}

/// An edit of text; nothing if the content is none, or stays the same.
fn edit(content: &[u8], edit: impl Fn(&str) -> String) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(content).ok();
    other_than(content, text.map(edit).map(String::into_bytes))
}

/// The bytes of GBK behind text, if they are UTF-8 or if they are not.
fn misread(content: &[u8], is_utf8: bool) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(content) else { return Vec::new() };
    if text.is_ascii() {
        return Vec::new();
    }
    let (gbk, _, damaged) = encoding_rs::GBK.encode(text);
    let fits = !damaged && std::str::from_utf8(&gbk).is_ok() == is_utf8;
    if fits { vec![gbk.into_owned()] } else { Vec::new() }
}

/// `+` for blanks: for all of them, and for some.
fn plus_for_blanks(content: &[u8]) -> Vec<Vec<u8>> {
    let blanks: Vec<usize> =
        content.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at).collect();
    let with = |is_plus: &dyn Fn(usize) -> bool| {
        let mut text = content.to_vec();
        for at in blanks.iter().enumerate().filter(|(number, _)| is_plus(*number)) {
            if let Some(byte) = text.get_mut(*at.1) {
                *byte = b'+';
            }
        }
        text
    };
    let count = blanks.len();
    let mut texts = Vec::new();
    if count == 0 {
        return texts;
    }
    texts.push(with(&|_| true));
    if count <= MOST_BLANKS {
        let some = 1..(1_usize << count) - 1;
        texts.extend(some.map(|chosen| with(&|number| chosen >> number & 1 == 1)));
        return texts;
    }
    // One, two or three of them, or all but so many.
    let near = count.min(if content.len() <= LONGEST_OF_TWO { MOST_OF_THREE } else { 1 });
    for first in 0..near {
        for second in first..near {
            for third in second..near {
                let is_chosen = |number: usize| [first, second, third].contains(&number);
                texts.push(with(&is_chosen));
                texts.push(with(&|number| !is_chosen(number)));
            }
        }
    }
    texts
}

/// The characters behind escapes of HTML: of the usual names, and of numbers.
#[must_use]
pub fn unescape_html(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let end = escape.find(';').filter(|end| *end <= 10);
        let character = end.and_then(|end| escape.get(1..end)).and_then(named);
        match (character, end) {
            (Some(character), Some(end)) => {
                plain.push(character);
                rest = escape.get(end + 1..).unwrap_or_default();
            }
            _ => {
                plain.push('&');
                rest = escape.get(1..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']);
            let number = match hexadecimal {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            return char::from_u32(number.ok()?);
        }
    })
}

/// Text without the backslashes that escape the character after them.
fn without_backslashes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_to_content_is_undone() {
        for (changed, original) in [
            ("{&quot;a&quot;:1}", "{\"a\":1}"),
            ("a&#x2B;b&amp;lt;", "a+b&lt;"),
            ("a b c", "a+b c"),
            ("%7B%22a%22%3A1%7D", "{\"a\":1}"),
            ("{\\\"a\\\":1}", "{\"a\":1}"),
            ("{\n  \"b\": \"/\",\n  \"a\": 1\n}", "{\"a\":1,\"b\":\"\\/\"}"),
            ("\u{feff}x", "x"),
            ("x", "x\n"),
            ("绾㈠寘", "红包"),
            ("ä¸\u{ad}", "中"),
        ] {
            let found = once(changed.as_bytes()).any(|(_, undone)| undone == original.as_bytes());
            assert!(found, "{changed}");
        }
        let twice = undone(b"{&quot;a&quot;: &quot;1 1&quot;}");
        assert!(
            twice.into_iter().any(|(what, undone)| what.len() == 2 && undone == b"{\"a\":\"1 1\"}")
        );
    }
}
