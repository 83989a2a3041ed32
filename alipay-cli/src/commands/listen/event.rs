//! What has happened, and how it is shown.

use std::borrow::Cow;

use alipay_core::notification::Notification;
use alipay_core::value::{LocalDateTime, Yuan};
use alipay_mock::description::{Field, Message, Operations};
use alipay_mock::hide_personal_data;
use alipay_openapi::diag::inline;
use serde_json::{Map, Value, json};

use super::labels;
use crate::output::Line;

const HIDDEN: &str = "***";
/// The longest value on a line, in characters.
const LONGEST: usize = 200;
/// Parameters of the protocol. They say nothing of the event.
const OF_PROTOCOL: [&str; 9] = [
    "alipay_cert_sn",
    "app_id",
    "biz_content",
    "charset",
    "encrypt_type",
    "msg_method",
    "notify_id",
    "sign_type",
    "version",
];
/// What is said of a member that the description of a message does not have.
const UNKNOWN: &str = "(not in the description)";
/// What merchants put into an order for themselves, so it can be anything.
const FREE: &str = "passback_params";

/// What has happened.
pub(super) enum Event {
    Verified(Box<Received>),
    /// A notification that does not verify, or cannot be read.
    Refused {
        reason: String,
    },
    /// A request that is no notification.
    Ignored {
        method: String,
        status: u16,
        reason: &'static str,
    },
}

/// A notification that verified.
pub(super) struct Received {
    pub(super) notification: Notification,
    /// The how-manieth delivery of its event it is.
    pub(super) delivery: u64,
    pub(super) reply: Reply,
}

/// What was responded.
pub(super) enum Reply {
    Own(&'static str),
    /// What the program has responded.
    Program {
        status: u16,
        accepted: bool,
    },
    /// The program has not responded.
    None {
        problem: String,
    },
}

impl Event {
    pub(super) fn is_notification(&self) -> bool {
        !matches!(self, Self::Ignored { .. })
    }

    /// Whether nothing is wrong: with the notification, or with the program that got it.
    pub(super) fn is_good(&self) -> bool {
        match self {
            Self::Verified(received) => match received.reply {
                Reply::Own(_) => true,
                Reply::Program { accepted, .. } => accepted,
                Reply::None { .. } => false,
            },
            Self::Refused { .. } => false,
            Self::Ignored { .. } => true,
        }
    }
}

/// How events are shown.
pub(super) struct Shown<'a> {
    pub(super) operations: &'a Operations,
    /// Whether personal data is shown.
    pub(super) personal: bool,
}

/// One member of a notification.
struct Member<'a> {
    name: Cow<'a, str>,
    value: Value,
    label: Option<&'a str>,
}

impl Shown<'_> {
    pub(super) fn lines(&self, event: &Event) -> Vec<Line> {
        match event {
            Event::Verified(received) => self.received(received),
            Event::Refused { reason } => {
                vec![Line::new().wrong("refused").plain("  ").plain(reason)]
            }
            Event::Ignored { method, status, reason } => {
                let method = inline(method);
                vec![
                    Line::new()
                        .doubtful("ignored")
                        .plain(format_args!("  {method} {status}: {reason}")),
                ]
            }
        }
    }

    fn received(&self, received: &Received) -> Vec<Line> {
        let Received { notification, delivery, reply } = received;
        let mut head = Line::new().right("verified").plain(" ").strong(inline(name(notification)));
        if let Some(title) = self.title(notification) {
            head = head.plain("  ").plain(inline(&title));
        }
        if *delivery > 1 {
            head = head.plain("  ").doubtful(format_args!("seen before (delivery {delivery})"));
        }
        let mut members = self.members(notification);
        let id = notification.id();
        if !id.is_empty() {
            members.insert(0, Member { name: "notify_id".into(), value: id.into(), label: None });
        }
        let width =
            members.iter().map(|member| member.name.len()).max().unwrap_or_default().min(32);
        let mut lines = vec![head];
        lines.extend(members.iter().map(|member| {
            let Member { name, value, label } = member;
            let line = Line::new().plain(format_args!("  {:width$}  ", inline(name)));
            let line = line.plain(inline(&text(value)));
            let line = match meaning(name, value) {
                Some(meaning) => line.plain(format_args!(" ({meaning})")),
                None => line,
            };
            match label {
                Some(label) => line.plain("  ").faint(label),
                None => line,
            }
        }));
        lines.push(match reply {
            Reply::Own(reply) => Line::new().faint(format_args!("  responded `{reply}`")),
            Reply::Program { status, accepted: true } => {
                Line::new().faint(format_args!("  the program responded {status} `success`"))
            }
            Reply::Program { status, accepted: false } => Line::new().doubtful(format_args!(
                "  the program responded {status}, not 200 `success`: Alipay posts it again"
            )),
            Reply::None { problem } => Line::new()
                .wrong(format_args!("  the program did not respond: {}", inline(problem)))
                .plain("; Alipay posts it again"),
        });
        lines
    }

    pub(super) fn json(&self, event: &Event) -> Value {
        match event {
            Event::Verified(received) => self.received_json(received),
            Event::Refused { reason } => json!({"event": "refused", "reason": reason}),
            Event::Ignored { method, status, reason } => {
                json!({"event": "ignored", "method": method, "status": status, "reason": reason})
            }
        }
    }

    fn received_json(&self, received: &Received) -> Value {
        let Received { notification, delivery, reply } = received;
        let members: Map<String, Value> = self
            .members(notification)
            .into_iter()
            .map(|member| (member.name.into_owned(), member.value))
            .collect();
        let reply = match reply {
            Reply::Own(reply) => {
                json!({"by": "listen", "status": 200, "accepted": *reply == "success"})
            }
            Reply::Program { status, accepted } => {
                json!({"by": "program", "status": status, "accepted": accepted})
            }
            Reply::None { problem } => {
                json!({"by": "program", "accepted": false, "problem": problem})
            }
        };
        json!({
            "event": "verified",
            "message": name(notification),
            "title": self.title(notification),
            "notify_id": notification.id(),
            "event_id": notification.event_id(),
            "delivery": delivery,
            "seen_before": *delivery > 1,
            "members": members,
            "response": reply,
        })
    }

    fn message(&self, notification: &Notification) -> Option<Message<'_>> {
        let mut messages = self.operations.messages().into_iter();
        messages.find(|message| message.name() == notification.method())
    }

    /// What it is about, for people.
    fn title(&self, notification: &Notification) -> Option<String> {
        let Some(message) = self.message(notification) else {
            let status = notification.parameter("trade_status")?;
            return Some(match labels::of_status(status) {
                Some(meaning) => format!("{status} ({meaning})"),
                None => status.to_owned(),
            });
        };
        Some(message.title()).filter(|title| !title.is_empty()).map(str::to_owned)
    }

    /// What it says: the members of a message's content, or all parameters of another notification.
    fn members<'n>(&'n self, notification: &'n Notification) -> Vec<Member<'n>> {
        let fields = self.message(notification).map(|message| message.fields());
        let content: Option<Map<String, Value>> =
            serde_json::from_str(notification.biz_content()).ok();
        let parameters = notification.parameters();
        let parameters =
            parameters.filter(|(name, value)| !OF_PROTOCOL.contains(name) && !value.is_empty());
        let mut members: Vec<Member<'_>> = parameters
            .map(|(name, value)| Member {
                name: name.into(),
                value: self.hidden(name, value.into()),
                label: labels::of_trade(name),
            })
            .collect();
        members.extend(content.into_iter().flatten().map(|(name, value)| {
            let known = fields.as_ref().map(|fields| {
                let mut fields = fields.iter().filter(|field| field.depth() == 0);
                fields.find(|field| field.name() == name).map_or(UNKNOWN, Field::title)
            });
            Member {
                value: self.hidden(&name, value),
                name: name.into(),
                label: known.filter(|label| !label.is_empty()),
            }
        }));
        members
    }

    /// A value without the personal data in it.
    fn hidden(&self, name: &str, value: Value) -> Value {
        if self.personal {
            return value;
        }
        if name == FREE || self.operations.is_personal(name) {
            return HIDDEN.into();
        }
        match value {
            Value::Object(members) => {
                let hide = |(name, value): (String, Value)| {
                    let value = self.hidden(&name, value);
                    (name, value)
                };
                Value::Object(members.into_iter().map(hide).collect())
            }
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.hidden(name, item)).collect())
            }
            // Lists in notifications are strings of JSON.
            Value::String(text) => match serde_json::from_str::<Value>(&text) {
                Ok(inner @ (Value::Object(_) | Value::Array(_))) => {
                    self.hidden("", inner).to_string().into()
                }
                _ if is_number(name) => text.into(),
                _ => hide_personal_data(&text).into(),
            },
            Value::Number(number) if !is_number(name) => {
                let text = number.to_string();
                let shown = hide_personal_data(&text);
                if shown == text { Value::Number(number) } else { shown.into() }
            }
            scalar => scalar,
        }
    }
}

/// Whether it is a number of a trade or of a merchant, which may look like that of a phone or a user.
fn is_number(name: &str) -> bool {
    name.ends_with("_no") || name == "seller_id"
}

/// What kind of notification it is.
fn name(notification: &Notification) -> &str {
    let kind = || notification.parameter("notify_type").filter(|kind| !kind.is_empty());
    let method = Some(notification.method()).filter(|method| !method.is_empty());
    method.or_else(kind).unwrap_or("a notification without a name")
}

/// What a value says, as far as its name tells its type.
fn meaning(name: &str, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    match name {
        "event_time" | "utc_timestamp" => {
            let time = alipay_core::notification::event_time(text)?;
            LocalDateTime::try_from(time).ok().map(|time| format!("{time}, Beijing time"))
        }
        _ if name.ends_with("_amount") || name.ends_with("_fee") => {
            text.parse::<Yuan>().is_err().then(|| "this is no amount in yuan".to_owned())
        }
        _ => None,
    }
}

/// A value on one line.
fn text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
