//! JSON to value. `serde_json` says whether a text is JSON and decodes its strings; the walk here knows
//! where everything stands. What else is checked is checked as in YAML, by the same pass.

use std::borrow::Cow;

use saphyr_parser::{Event, ScalarStyle};
use serde::de::IgnoredAny;
use serde_json::{Map, Number, Value};

use super::{
    events::{Pass, SYNTAX},
    spans::{Position, Spans},
};
use crate::diag::{Diagnostic, Sink};

/// Why a text is no JSON.
pub(super) struct Problem {
    code: &'static str,
    message: String,
    at: Position,
    hint: &'static str,
    /// Whether it is a comment as JavaScript has it. YAML would read it as a part of a key.
    pub(super) is_comment: bool,
}

impl Problem {
    pub(super) fn finding(self, name: &str) -> Diagnostic {
        let location = Spans::new(name).location(Some(self.at));
        Diagnostic::error(self.code, self.message).at(location).hint(self.hint)
    }
}

/// Whether a text may be JSON with an object or a list in it. A flow mapping of YAML begins so, too.
pub(super) fn may_be(text: &str) -> bool {
    text.trim_start_matches(is_blank).starts_with(['{', '['])
}

/// Whether a text that is neither JSON nor YAML was meant as JSON.
pub(super) fn is_meant(text: &str) -> bool {
    let mut first = text.trim_start_matches(is_blank).chars();
    let opening = first.next();
    let inside = first.as_str().trim_start_matches(is_blank).chars().next();
    match opening {
        Some('{') => inside.is_none_or(|next| matches!(next, '"' | '}' | '/' | ',' | '{' | '[')),
        Some('[') => inside.is_none_or(|next| matches!(next, '"' | ']' | '/' | ',' | '{' | '[')),
        _ => false,
    }
}

/// Why a text is no JSON; `None` when it is.
pub(super) fn problem(text: &str) -> Option<Problem> {
    let error = serde_json::from_str::<IgnoredAny>(text).err()?;
    let offset = offset(text, error.line(), error.column());
    Some(describe(text, &error, offset))
}

fn describe(text: &str, error: &serde_json::Error, offset: usize) -> Problem {
    let whole = error.to_string();
    let words = whole.split(" at line ").next().unwrap_or_default();
    let here = text.get(offset..).unwrap_or_default();
    let at = position_of(text, offset);
    if words == "trailing characters" && here.starts_with(['{', '[']) {
        return Problem {
            code: "several-documents",
            message: "a second JSON document starts here; one file holds one".to_owned(),
            at,
            hint: "put it into a file of its own",
            is_comment: false,
        };
    }
    let is_comment = here.starts_with("//") || here.starts_with("/*");
    let hint = if is_comment || here.starts_with('#') {
        "JSON has no comments: remove it"
    } else if here.starts_with('\'') {
        "strings of JSON stand in double quotes"
    } else if words.starts_with("trailing comma") {
        "remove the comma"
    } else if words.starts_with("EOF") {
        "the file ends too early: see whether it was fetched or saved as a whole"
    } else if words.starts_with("control character") {
        "write the character as an escape, such as `\\n` or `\\t`"
    } else if words.contains("surrogate") || words.contains("hex escape") {
        "a character beyond U+FFFF is escaped as two halves, one after the other: write both, or the \
         character itself"
    } else {
        "correct the file there or just above; commas and quotes are the usual causes"
    };
    Problem { code: SYNTAX, message: format!("this is not JSON: {words}"), at, hint, is_comment }
}

/// Reads a text that is JSON.
pub(super) fn read(name: &str, text: &str, sink: &mut Sink) -> Option<(Value, Spans)> {
    let start = Position { line: 1, column: 1 };
    let mut pass = Pass::new(name, sink);
    let mut walk = Walk { text, offset: 0, counted: (0, start) };
    match walk.value(&mut pass) {
        Ok(value) => pass.finish().map(|scan| (value, scan.into_spans())),
        Err(stop) => {
            if let Stop::Problem(problem) = stop {
                sink.push(problem.finding(name));
            }
            None
        }
    }
}

/// Why a walk ends early.
enum Stop {
    /// The pass has said why.
    Said,
    Problem(Box<Problem>),
}

/// A walk over a text that is known to be JSON.
struct Walk<'text> {
    text: &'text str,
    offset: usize,
    /// How far lines and characters were counted.
    counted: (usize, Position),
}

impl<'text> Walk<'text> {
    fn value(&mut self, pass: &mut Pass<'text, '_>) -> Result<Value, Stop> {
        self.skip_blanks();
        let at = self.position();
        let mut event = |event| pass.event(event, at).ok_or(Stop::Said);
        match self.peek() {
            Some('{') => {
                event(Event::MappingStart(0, None))?;
                self.offset += 1;
                let mut map = Map::new();
                while let Some(at) = self.next_member('}') {
                    let key = self.string()?;
                    let name = key.clone().into_owned();
                    let event = Event::Scalar(key, ScalarStyle::DoubleQuoted, 0, None);
                    pass.event(event, at).ok_or(Stop::Said)?;
                    self.skip_blanks();
                    self.offset += 1;
                    map.insert(name, self.value(pass)?);
                }
                pass.event(Event::MappingEnd, at).ok_or(Stop::Said)?;
                Ok(Value::Object(map))
            }
            Some('[') => {
                event(Event::SequenceStart(0, None))?;
                self.offset += 1;
                let mut list = Vec::new();
                while self.next_member(']').is_some() {
                    list.push(self.value(pass)?);
                }
                pass.event(Event::SequenceEnd, at).ok_or(Stop::Said)?;
                Ok(Value::Array(list))
            }
            Some('"') => {
                let text = self.string()?;
                let value = Value::String(text.clone().into_owned());
                event(Event::Scalar(text, ScalarStyle::DoubleQuoted, 0, None))?;
                Ok(value)
            }
            _ => {
                let text = self.word();
                event(Event::Scalar(Cow::Borrowed(text), ScalarStyle::DoubleQuoted, 0, None))?;
                Ok(match text {
                    "null" => Value::Null,
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    number => self::number(number),
                })
            }
        }
    }

    /// Goes to the next member of an object or a list, and gives its place; `None` at the end.
    fn next_member(&mut self, end: char) -> Option<Position> {
        self.skip_blanks();
        if self.peek()? == end {
            self.offset += 1;
            return None;
        }
        if self.peek()? == ',' {
            self.offset += 1;
            self.skip_blanks();
        }
        Some(self.position())
    }

    /// Reads a string.
    fn string(&mut self) -> Result<Cow<'text, str>, Stop> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let length = end.map_or(rest.len(), |end| end + 2);
        let written = rest.get(..length).unwrap_or_default();
        let plain = written.get(1..length.saturating_sub(1)).filter(|text| !text.contains('\\'));
        let text = match plain {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(serde_json::from_str(written).map_err(|error| {
                let within = offset(written, error.line(), error.column());
                Stop::Problem(Box::new(describe(self.text, &error, self.offset + within)))
            })?),
        };
        self.offset += length;
        Ok(text)
    }

    /// Reads a number, `true`, `false` or `null`.
    fn word(&mut self) -> &'text str {
        let rest = self.rest();
        let is_end = |c: char| is_blank(c) || matches!(c, ',' | ']' | '}');
        let word = rest.split(is_end).next().unwrap_or_default();
        self.offset += word.len();
        word
    }

    fn rest(&self) -> &'text str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - rest.trim_start_matches(is_blank).len();
    }

    /// Where the walk is.
    fn position(&mut self) -> Position {
        let (from, position) = self.counted;
        let passed = self.text.get(from..self.offset).unwrap_or_default();
        self.counted = (self.offset, advance(position, passed));
        self.counted.1
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The byte that serde_json's line and column mean. Both begin at 1, and columns count bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let above: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (above + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn position_of(text: &str, offset: usize) -> Position {
    let passed = text.get(..offset).unwrap_or_default();
    advance(Position { line: 1, column: 1 }, passed)
}

/// The position behind `passed`, which begins at `from`.
fn advance(from: Position, passed: &str) -> Position {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    match passed.rsplit_once('\n') {
        None => {
            let column = from.column.saturating_add(count(passed.chars().count()));
            Position { column, ..from }
        }
        Some((above, last)) => {
            let lines = above.bytes().filter(|byte| *byte == b'\n').count() + 1;
            let column = count(last.chars().count()).saturating_add(1);
            Position { line: from.line.saturating_add(count(lines)), column }
        }
    }
}

/// A number as it is written. One that no 64 bits hold exactly stays a string, as in YAML: it may be an
/// example or a bound, whose digits all count.
fn number(text: &str) -> Value {
    let exact = if text == "-0" {
        Some(Number::from(0))
    } else if let Ok(number) = text.parse::<i64>() {
        Some(Number::from(number))
    } else if let Ok(number) = text.parse::<u64>() {
        Some(Number::from(number))
    } else {
        let nearest = text.parse().ok().and_then(Number::from_f64);
        nearest.filter(|nearest| decimal(&nearest.to_string()) == decimal(text))
    };
    exact.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

/// The digits of a number without zeros around them, and the power of ten of the last digit. `None` when
/// that is no number of 64 bits.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let negative = whole.starts_with('-');
    let digits = [whole.trim_start_matches('-'), fraction].concat();
    let kept = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
    let decimals = i64::try_from(fraction.len()).ok()?;
    let exponent = exponent.parse::<i64>().ok()?.checked_sub(decimals)?.checked_add(dropped)?;
    let kept = kept.trim_start_matches('0');
    Some(if kept.is_empty() {
        (false, String::new(), 0)
    } else {
        (negative, kept.to_owned(), exponent)
    })
}
