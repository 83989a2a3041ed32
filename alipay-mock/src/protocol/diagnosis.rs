//! What was wrong with a signature.

use std::cmp::Reverse;
use std::fmt;
use std::fmt::Write as _;

use serde::Serialize;

/// The longest string that is kept, in characters.
const LONGEST: usize = 16 * 1024;
/// How many characters an excerpt has on each side of the first difference.
const AROUND: usize = 24;

/// Why a signature does not match.
///
/// The strings are what was sent or captured, with the app auth token hidden. `Debug` leaves them out, since they may hold
/// personal data; [`without_personal_data`](Self::without_personal_data) hides that.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The mistake; `None` if no known one explains the signature.
    pub mistake: Option<String>,
    /// The string that has to be signed. Bytes that are not UTF-8 are written as `\xNN`, and of a long string
    /// the first 16,384 characters are kept.
    pub expected: String,
    /// The string that was signed; `None` if it could not be found out.
    pub signed: Option<String>,
    /// Where the two differ first; `None` if what was signed is right, or unknown.
    pub difference: Option<Difference>,
    /// What no known mistake explains; `None` if the mistake explains all. It continues "no known mistake explains".
    #[serde(skip)]
    pub unexplained: Option<&'static str>,
    #[serde(skip)]
    layout: Layout,
}

/// How a signed string is divided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Layout {
    Request {
        has_token: bool,
    },
    Response,
    /// Those of a form or a query, in one line.
    Parameters,
}

/// The first difference between the string that has to be signed and the one that was signed.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The line of the expected string, from 1.
    pub line: usize,
    /// What is there: `authorization pairs`, `method`, `path and query`, `body` or `app auth token` of a request;
    /// `timestamp`, `nonce` or `body` of a response; the parameter of anything else.
    pub part: String,
    /// The character of the line, from 1.
    pub character: usize,
    /// The surroundings in the expected string. The character is between `»` and `«`, which have nothing between them
    /// where the string ends, and control characters are escaped: a line feed is `\n`.
    pub expected: String,
    /// The same in the string that was signed.
    pub signed: String,
}

impl Diagnosis {
    /// Compares the two strings.
    pub(super) fn new(
        mistake: Option<String>,
        expected: String,
        signed: Option<String>,
        layout: Layout,
        unexplained: Option<&'static str>,
    ) -> Self {
        let difference =
            signed.as_ref().and_then(|signed| Difference::find(&expected, signed, layout));
        let (expected, signed) = (cut(expected), signed.map(cut));
        Self { mistake, expected, signed, difference, unexplained, layout }
    }

    /// The same with other strings, in which something is hidden.
    pub(crate) fn with_strings(&self, expected: String, signed: Option<String>) -> Self {
        let hidden = || "(hidden)".to_owned();
        let difference = self.difference.as_ref().map(|difference| {
            let found =
                signed.as_ref().and_then(|signed| Difference::find(&expected, signed, self.layout));
            let excerpts = found.map(|found| (found.expected, found.signed));
            let (expected, signed) = excerpts.unwrap_or_else(|| (hidden(), hidden()));
            Difference { expected, signed, ..difference.clone() }
        });
        Self { expected, signed, difference, ..self.clone() }
    }

    /// Its size in bytes, roughly.
    pub(crate) fn size(&self) -> usize {
        self.expected.len() + self.signed.as_ref().map_or(0, String::len)
    }
}

impl Difference {
    fn find(expected: &str, signed: &str, layout: Layout) -> Option<Self> {
        let mut common = expected.chars().zip(signed.chars());
        let at = common.position(|(a, b)| a != b);
        let (expected_length, signed_length) = (expected.chars().count(), signed.chars().count());
        let at = match at {
            Some(at) => at,
            None if expected_length == signed_length => return None,
            None => expected_length.min(signed_length),
        };
        let before: String = expected.chars().take(at).collect();
        let line = 1 + before.matches('\n').count();
        let character = 1 + before.chars().rev().take_while(|c| *c != '\n').count();
        let lines = expected.matches('\n').count();
        let part = match (layout, line) {
            (Layout::Request { .. }, 1) => "authorization pairs",
            (Layout::Request { .. }, 2) => "method",
            (Layout::Request { .. }, 3) => "path and query",
            (Layout::Request { has_token: true }, last) if last >= lines => "app auth token",
            (Layout::Response, 1) => "timestamp",
            (Layout::Response, 2) => "nonce",
            (Layout::Request { .. } | Layout::Response, _) => "body",
            (Layout::Parameters, _) => parameter_at(expected, before.len()),
        };
        let part = part.to_owned();
        Some(Self {
            line,
            part,
            character,
            expected: excerpt(expected, at),
            signed: excerpt(signed, at),
        })
    }
}

/// The name of the parameter that this place of a signed form belongs to.
fn parameter_at(text: &str, at: usize) -> &str {
    let start = text.get(..at).and_then(|before| before.rfind('&')).map_or(0, |before| before + 1);
    let rest = text.get(start..).unwrap_or_default();
    let name = rest.split('=').next().unwrap_or_default();
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name(name) { name } else { "" }
}

/// Where it is, without content.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, part, character, .. } = self;
        write!(f, "line {line} ({part}), character {character}")
    }
}

impl fmt::Debug for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Diagnosis");
        shown
            .field("mistake", &self.mistake)
            .field("difference", &self.difference)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The characters around one of a string, which is marked.
fn excerpt(text: &str, at: usize) -> String {
    let from = at.saturating_sub(AROUND);
    let mut excerpt = String::new();
    let visible = |text: &mut String, c: char| {
        if c.is_control() { text.extend(c.escape_default()) } else { text.push(c) }
    };
    if from > 0 {
        excerpt.push('…');
    }
    let mut rest = text.chars().skip(from);
    rest.by_ref().take(at - from).for_each(|c| visible(&mut excerpt, c));
    excerpt.push('»');
    rest.by_ref().take(1).for_each(|c| visible(&mut excerpt, c));
    excerpt.push('«');
    rest.by_ref().take(AROUND).for_each(|c| visible(&mut excerpt, c));
    if rest.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// What is shown in place of a token.
const HIDDEN: &str = "***";
/// A shorter token is one of a test. To replace it would change other parts of the string, too.
const SHORTEST_SECRET: usize = 6;

/// A string that is signed, for people: without tokens.
pub(crate) fn shown<'a>(signed: &[u8], tokens: impl IntoIterator<Item = &'a [u8]>) -> String {
    hide_tokens(readable(signed), tokens.into_iter().map(readable))
}

/// A string without tokens, such as the app auth token, which is a merchant's secret.
#[must_use]
pub fn hide_tokens(text: String, tokens: impl IntoIterator<Item = String>) -> String {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    tokens.retain(|token| token.len() >= SHORTEST_SECRET);
    // One may be the beginning of another.
    tokens.sort_by_key(|token| Reverse(token.len()));
    tokens.into_iter().fold(text, |text, token| text.replace(&token, HIDDEN))
}

/// The beginning of a long string.
pub(crate) fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Bytes as a string: those that are not UTF-8 are written as `\xNN`.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}
