//! Messages made by hand.

use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::protocol::message::Notice;
use crate::text;

/// Where the names of the group's messages begin.
const PREFIX: &str = "alipay.marketing.activity.message.";
/// The messages the voucher service sends, when no description names more.
#[cfg(not(feature = "spec"))]
const KNOWN: [&str; 5] = ["created", "appended", "modified", "stopped", "received"];

/// A name no message has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no message is named `{name}`; there are {known}, and any full name with dots")]
pub struct UnknownMessage {
    name: String,
    known: String,
}

/// A message of this name: a full one, or the last part of one the description has. What
/// `content` leaves out comes from the description's example.
pub(crate) fn by_hand(
    engine: &Engine,
    name: &str,
    content: Map<String, Value>,
) -> Result<Notice, UnknownMessage> {
    let known = known(engine);
    let full = known.iter().find(|full| *full == name || full.strip_prefix(PREFIX) == Some(name));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let full = match full {
        Some(full) => full.clone(),
        None if name.contains('.') && name.len() <= 100 && name.chars().all(plain) => {
            name.to_owned()
        }
        None => {
            let short = |full: &String| full.strip_prefix(PREFIX).unwrap_or(full).to_owned();
            let known: Vec<String> = known.iter().map(short).collect();
            return Err(UnknownMessage { name: text::shown(name), known: known.join(", ") });
        }
    };
    let mut all = example(engine, &full);
    // New ones are made for every message.
    all.retain(|name, _| !matches!(name.as_str(), "id" | "event_time"));
    all.extend(content);
    Ok(engine.service().notice(full, &all, engine.clock.now_millis()))
}

#[cfg(feature = "spec")]
fn known(engine: &Engine) -> Vec<String> {
    engine.redaction.types().message_names().map(str::to_owned).collect()
}

#[cfg(not(feature = "spec"))]
fn known(_: &Engine) -> Vec<String> {
    KNOWN.iter().map(|name| format!("{PREFIX}{name}")).collect()
}

#[cfg(feature = "spec")]
fn example(engine: &Engine, name: &str) -> Map<String, Value> {
    match engine.redaction.types().message_example(name) {
        Some(Value::Object(example)) => example,
        _ => Map::new(),
    }
}

#[cfg(not(feature = "spec"))]
fn example(_: &Engine, _: &str) -> Map<String, Value> {
    Map::new()
}
