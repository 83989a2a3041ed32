//! Messages that the caller names, with content of the caller's choice.

use serde_json::{Map, Value};

use crate::contract::example;
use crate::engine::Engine;
use crate::error::{KeysError, excerpt};
use crate::protocol::message::Notice;
use crate::voucher::MESSAGES;

/// A message that cannot be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// No message has this name.
    #[error("no message is named `{name}`; there are {known}, and any full name with dots")]
    Unknown {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The message cannot be signed or encrypted.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// A message of this name: a full name, or the last part of one in the description. Members that
/// `content` leaves out come from the description's example.
pub(crate) fn custom_message(
    engine: &Engine,
    name: &str,
    content: Map<String, Value>,
) -> Result<Notice, MessageError> {
    let contract = engine.catalogue.contract();
    let known = contract
        .messages
        .iter()
        .find(|known| known.name == name || known.name.strip_prefix(MESSAGES) == Some(name));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let mut all = known.map_or_else(Map::new, |known| example(contract, &known.content));
    let name = match known {
        Some(known) => known.name.clone(),
        None if name.contains('.') && name.len() <= 100 && name.chars().all(plain) => {
            name.to_owned()
        }
        None => {
            let names = contract.messages.iter().map(|message| message.name.as_str());
            let short = names.map(|full| full.strip_prefix(MESSAGES).unwrap_or(full));
            let known = short.collect::<Vec<_>>().join(", ");
            return Err(MessageError::Unknown { name: excerpt(name), known });
        }
    };
    // Every message has its own.
    all.retain(|name, _| !matches!(name.as_str(), "id" | "event_time"));
    all.extend(content);
    Ok(engine.service().notice(name, all, engine.clock.now_millis()))
}
