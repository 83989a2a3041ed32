//! Whether the string that is signed can be read in more than one way.
//!
//! Nothing in it is escaped: `a=1&b=2` is two parameters, or one whose value contains `&b=2`, and both
//! have the same signature. An attacker who has such a notification, or can choose a value that Alipay
//! signs, could post it in the other form. A *reading* is a way to split the string into parameters.
//! Three facts limit the readings:
//!
//! - The string is sorted, so the names ascend.
//! - The parameters of messages are known. Their values contain no `&`, except for the content, and
//!   that is one JSON object (or a ciphertext), so its end is known.
//! - Every message has most of these parameters: where they occur, no reading leaves them out.
//!
//! In a message, the known parameters are accepted if all readings agree on each of them. Then it does
//! not matter how the message was posted, or what its other parameters contain.
//!
//! In other notifications only the order of names is known, and any parameter could be a part of the
//! value before it. They are accepted as posted if that is the finest reading, in which every possible
//! parameter is one. So of all forms with the same string at most one is accepted. It is still the
//! wrong one if the genuine notification has a value that continues with `&` and a name that fits the
//! order; the string cannot show that.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::form::{
    APP_ID, CERTIFICATE_SERIAL, CHARSET, CONTENT, ENCRYPT_TYPE, METHOD, NOTIFY_ID, SIGN, SIGN_TYPE,
    UTC_TIMESTAMP, is_name, join,
};

/// Parameters whose values contain no `&`.
const PLAIN: [&str; 14] = [
    CERTIFICATE_SERIAL,
    APP_ID,
    "auth_app_id",
    CHARSET,
    ENCRYPT_TYPE,
    METHOD,
    "msg_type",
    "msg_uid",
    NOTIFY_ID,
    "notify_time",
    "notify_type",
    SIGN_TYPE,
    UTC_TIMESTAMP,
    "version",
];
/// Parameters that each message has, as documented. The content is not among them: it is what is
/// acted on, so it is not presumed.
const ALWAYS: [&str; 6] = [APP_ID, CHARSET, METHOD, NOTIFY_ID, UTC_TIMESTAMP, "version"];

/// Why it is not certain that the parameters were signed as they were posted. The messages continue
/// "the notification …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Ambiguity {
    #[error("has a {0} that contains `&`, which Alipay's never does")]
    NotPlain(String),
    #[error(
        "can be read in more than one way: a value contains what could be another parameter \
         ({0}); query Alipay for what it reports"
    )]
    Known(String),
    #[error(
        "can be read in more than one way: a value contains what could be another parameter; \
         query Alipay for what it reports, and percent-encode strings of your own that contain `&`"
    )]
    Other,
}

/// The parameters that were certainly signed, of those that were posted and are covered by the
/// signature.
pub(super) fn settle(
    posted: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Ambiguity> {
    let mut plain = posted.iter().filter(|(name, _)| PLAIN.contains(&name.as_str()));
    if let Some((name, _)) = plain.find(|(_, value)| value.contains('&')) {
        return Err(Ambiguity::NotPlain(name.clone()));
    }
    let joined = join(posted.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    let text = Text::of(&joined);
    let mut readings = text.readings(Vec::new());
    if readings.are_several() {
        // Every notification is for an app. If it certainly has a content, it is a message.
        readings = text.readings(readings.occurring(&[APP_ID]));
        let content = readings.starts().find(|(_, start)| start.name == CONTENT);
        if content.is_some_and(|(index, _)| readings.agree_on(index)) {
            readings = text.readings(readings.occurring(&ALWAYS));
        }
    }
    if readings.occurring(&[METHOD, CONTENT]).is_empty() {
        let starts = readings.starts().map(|(index, _)| index);
        let agrees = starts.eq(starts_as_posted(&posted));
        return if agrees { Ok(posted) } else { Err(Ambiguity::Other) };
    }
    let mut known = posted;
    known.retain(|name, _| name == CONTENT || PLAIN.contains(&name.as_str()));
    let mut expected = known.iter();
    for (index, start) in readings.starts() {
        let End::Known { value, .. } = start.end else { continue };
        let is_expected = expected
            .next()
            .is_some_and(|(name, posted)| name == start.name && posted.as_bytes() == value);
        if !is_expected || !readings.agree_on(index) {
            return Err(Ambiguity::Known(start.name.to_owned()));
        }
    }
    match expected.next() {
        None => Ok(known),
        Some((name, _)) => Err(Ambiguity::Known(name.clone())),
    }
}

/// The pieces at which the posted parameters start.
fn starts_as_posted(posted: &BTreeMap<String, String>) -> impl Iterator<Item = usize> {
    posted.values().scan(0, |next, value| {
        let start = *next;
        *next += pieces(value.as_bytes());
        Some(start)
    })
}

/// Whether a string is one JSON object.
pub(super) fn is_object(text: &str) -> bool {
    object(text.as_bytes()).is_some_and(|length| length == text.len())
}

/// The length of the JSON object at the start, with the white space after it.
///
/// Of two objects of which one begins inside the other, at most one is read past the next `&`: the
/// `&` would be inside a JSON string in both, but the quotes before it fit only one. So reading an
/// object at each place where one can begin takes at most twice the length of the string.
fn object(text: &[u8]) -> Option<usize> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let rest = text.get(values.byte_offset()..)?;
    Some(text.len() - rest.trim_ascii_start().len())
}

/// How many pieces a value has, split at `&`.
fn pieces(value: &[u8]) -> usize {
    value.split(|byte| *byte == b'&').count()
}

/// The string that is signed, split at `&`: for each piece, the parameter that can start there.
struct Text<'a> {
    pieces: Vec<Option<Start<'a>>>,
}

/// Where a parameter can start.
struct Start<'a> {
    name: &'a str,
    end: End<'a>,
}

enum End<'a> {
    /// The parameter has this value, and the next one starts at this piece.
    Known { value: &'a [u8], next: usize },
    /// The value can continue over any number of pieces.
    Open,
}

/// The ways to split a string into parameters that include all required names.
struct Readings<'t, 'a> {
    text: &'t Text<'a>,
    required: Vec<&'static str>,
    /// For each piece, whether a parameter starts there in any reading.
    live: Vec<bool>,
}

impl<'a> Start<'a> {
    /// The parameter that starts at a piece, which is the first of the rest of the string.
    fn at(index: usize, piece: &'a [u8], rest: &'a [u8]) -> Option<Self> {
        let equals = piece.iter().position(|byte| *byte == b'=')?;
        let (name, _) = piece.split_at_checked(equals)?;
        let name = std::str::from_utf8(name).ok().filter(|name| is_name(name.as_bytes()))?;
        let value = piece.get(equals + 1..)?;
        let known = |value| Some(End::Known { value, next: index + pieces(value) });
        let end = if name == SIGN {
            None
        } else if name == CONTENT && value.trim_ascii_start().starts_with(b"{") {
            let rest = rest.get(equals + 1..)?;
            let (value, after) = rest.split_at_checked(object(rest)?)?;
            known(value).filter(|_| matches!(after.first(), None | Some(b'&')))
        } else if name == CONTENT || PLAIN.contains(&name) {
            known(value)
        } else {
            Some(End::Open)
        };
        end.map(|end| Self { name, end })
    }

    /// Whether the other parameter can follow: the names ascend, and no required one is left out.
    fn precedes(&self, other: &Self, required: &[&str]) -> bool {
        self.name < other.name && self.stage(required) == other.stage_before(required)
    }

    /// How many of the required parameters a reading has up to this one.
    fn stage(&self, required: &[&str]) -> usize {
        required.iter().filter(|name| **name <= self.name).count()
    }

    /// How many of the required parameters a reading has before this one.
    fn stage_before(&self, required: &[&str]) -> usize {
        required.iter().filter(|name| **name < self.name).count()
    }
}

impl<'a> Text<'a> {
    fn of(text: &'a [u8]) -> Self {
        let mut rest = text;
        let mut pieces = Vec::new();
        for (index, piece) in text.split(|byte| *byte == b'&').enumerate() {
            pieces.push(Start::at(index, piece, rest));
            rest = rest.get(piece.len() + 1..).unwrap_or_default();
        }
        Self { pieces }
    }

    fn readings(&self, required: Vec<&'static str>) -> Readings<'_, 'a> {
        let (before, _) = self.forward(&required, None);
        let after = self.backward(&required);
        let live = before.iter().zip(&after).map(|(before, after)| *before && *after).collect();
        Readings { text: self, required, live }
    }

    /// For each piece, whether what is before it allows a parameter to start there; and whether
    /// there is a whole reading. No parameter starts at the piece `without`.
    fn forward(&self, required: &[&str], without: Option<usize>) -> (Vec<bool>, bool) {
        let all = required.len();
        let mut reached = vec![false; self.pieces.len()];
        // For each stage, the lowest name of a parameter that can continue to any piece.
        let mut lowest: Vec<Option<&str>> = vec![None; all + 1];
        let mut whole = false;
        for (index, piece) in self.pieces.iter().enumerate() {
            let Some(start) = piece.as_ref().filter(|_| without != Some(index)) else { continue };
            let before = start.stage_before(required);
            let from_open = lowest.get(before).copied().flatten().is_some_and(|l| l < start.name);
            let Some(here) = reached.get_mut(index) else { break };
            *here |= from_open || (index == 0 && before == 0);
            if !*here {
                continue;
            }
            let stage = start.stage(required);
            match start.end {
                End::Known { next, .. } => match self.pieces.get(next) {
                    Some(Some(other)) if start.precedes(other, required) => {
                        if let Some(there) = reached.get_mut(next) {
                            *there = true;
                        }
                    }
                    Some(_) => {}
                    None => whole |= stage == all,
                },
                End::Open => {
                    if let Some(lowest) = lowest.get_mut(stage) {
                        *lowest = Some(lowest.map_or(start.name, |name| name.min(start.name)));
                    }
                    whole |= stage == all;
                }
            }
        }
        (reached, whole)
    }

    /// For each piece, whether a parameter that starts there can be followed by others up to the end.
    fn backward(&self, required: &[&str]) -> Vec<bool> {
        let all = required.len();
        let mut reaches = vec![false; self.pieces.len()];
        // For each stage, the highest name of a parameter that can follow.
        let mut highest: Vec<Option<&str>> = vec![None; all + 1];
        for (index, piece) in self.pieces.iter().enumerate().rev() {
            let Some(start) = piece else { continue };
            let stage = start.stage(required);
            let reaches_end = match start.end {
                End::Known { next, .. } => match self.pieces.get(next) {
                    Some(Some(other)) => {
                        start.precedes(other, required)
                            && reaches.get(next).copied().unwrap_or_default()
                    }
                    Some(None) => false,
                    None => stage == all,
                },
                End::Open => {
                    stage == all
                        || highest.get(stage).copied().flatten().is_some_and(|h| h > start.name)
                }
            };
            if !reaches_end {
                continue;
            }
            if let Some(here) = reaches.get_mut(index) {
                *here = true;
            }
            if let Some(highest) = highest.get_mut(start.stage_before(required)) {
                *highest = Some(highest.map_or(start.name, |name| name.max(start.name)));
            }
        }
        reaches
    }
}

impl<'a> Readings<'_, 'a> {
    /// The pieces at which a parameter starts in any reading.
    fn starts(&self) -> impl Iterator<Item = (usize, &Start<'a>)> {
        let pieces = self.text.pieces.iter().zip(&self.live).enumerate();
        pieces.filter_map(|(index, (piece, live))| Some((index, piece.as_ref().filter(|_| *live)?)))
    }

    /// Those of the names that occur in any reading.
    fn occurring(&self, names: &[&'static str]) -> Vec<&'static str> {
        let occurs = |name: &&str| self.starts().any(|(_, start)| start.name == *name);
        names.iter().copied().filter(occurs).collect()
    }

    /// Whether there is more than one: so it is if any value can have several ends.
    fn are_several(&self) -> bool {
        self.starts().any(|(_, start)| matches!(start.end, End::Open))
    }

    /// Whether a parameter starts at this piece in all of them.
    fn agree_on(&self, index: usize) -> bool {
        !self.are_several() || !self.text.forward(&self.required, Some(index)).1
    }
}
