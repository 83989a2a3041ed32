//! Messages that the caller names, with content of the caller's choice.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::contract::example;
use crate::engine::Engine;
use crate::error::{KeysError, excerpt, nearest};
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
    /// The message has no such member.
    #[error("the message `{message}` has no member `{member}`; {hint} (`--lenient` sends any)")]
    UnknownMember {
        /// The message's name.
        message: String,
        /// The member's name.
        member: String,
        /// The member that was probably meant, or all there are.
        hint: String,
    },
    /// The message cannot be signed or encrypted.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// Every message has these, with values of its own.
const OWN: [&str; 2] = ["id", "event_time"];

/// A message of this name: a full name, or the last part of one in the description. Members that
/// `content` leaves out come from the description's example. Other members are refused, unless the gateway is lenient.
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
    if let Some(known) = known.filter(|_| !engine.lenient) {
        let fields = contract.structs.get(&known.content).map_or(&[][..], Vec::as_slice);
        let members = fields.iter().map(|field| field.name.as_str());
        check_members(&name, &content, &members.chain(OWN).collect())?;
    }
    all.retain(|name, _| !OWN.contains(&name.as_str()));
    all.extend(content);
    Ok(engine.service().notice(name, all, engine.clock.now_millis()))
}

fn check_members(
    message: &str,
    content: &Map<String, Value>,
    known: &BTreeSet<&str>,
) -> Result<(), MessageError> {
    let Some(member) = content.keys().find(|name| !known.contains(name.as_str())) else {
        return Ok(());
    };
    let hint = match nearest(member, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("there are {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    let (message, member) = (message.to_owned(), excerpt(member));
    Err(MessageError::UnknownMember { message, member, hint })
}
