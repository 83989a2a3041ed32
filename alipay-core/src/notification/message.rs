//! A notification that was verified, and what all messages have in common.

use std::{
    collections::BTreeMap,
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use super::form::{APP_ID, CONTENT, METHOD, NOTIFY_ID, UTC_TIMESTAMP};
use crate::{
    clock::from_unix_millis,
    error::{Error, ErrorKind},
    model::{Model, Unreadable, decode},
    observe,
};

/// A verified notification. It has only parameters that the signature covers, and its content is
/// decrypted.
///
/// Alipay signs the parameters joined as `name=value&name=value` and escapes nothing. So a value that
/// contains `&name=value` could be read as two parameters, and two parameters as one value. Messages,
/// which have `msg_method` and `biz_content`, are protected: only the parameters that are
/// [known](Self::parameter) are kept, and a message in which one of them could be read in two ways is
/// refused. (This relies on each message having the parameters that are documented for all:
/// `app_id`, `charset`, `msg_method`, `notify_id`, `utc_timestamp` and `version`.)
#[derive(Clone)]
pub struct Notification {
    parameters: BTreeMap<String, String>,
    event: Event,
}

impl Notification {
    pub(super) fn new(parameters: BTreeMap<String, String>) -> Self {
        let content = parameters.get(CONTENT).map_or("", String::as_str);
        Self { event: Event::of(content), parameters }
    }

    /// The notification's id (`notify_id`), which stays the same when it is delivered again; empty
    /// if there is none. To recognise repeats, use the [event's id](Self::event_id).
    #[must_use]
    pub fn id(&self) -> &str {
        self.parameter(NOTIFY_ID).unwrap_or_default()
    }

    /// The kind of message (`msg_method`), for example
    /// `alipay.marketing.activity.message.created`; empty if there is none.
    #[must_use]
    pub fn method(&self) -> &str {
        self.parameter(METHOD).unwrap_or_default()
    }

    /// The app it is for. Verification checked that it is the app of the credentials.
    #[must_use]
    pub fn app_id(&self) -> &str {
        self.parameter(APP_ID).unwrap_or_default()
    }

    /// The id of the event (`id` in the content), or of the notification if the content has none. A
    /// [`ReplayGuard`](super::ReplayGuard) recognises repeats by it.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.event.id().or(Some(self.id()).filter(|id| !id.is_empty()))
    }

    /// When the event happened (`event_time` in the content, read by [`event_time`]). It gives the
    /// order of messages.
    #[must_use]
    pub fn event_time(&self) -> Option<SystemTime> {
        event_time(self.event.time.as_deref()?)
    }

    /// When it was sent (`utc_timestamp`, in milliseconds since 1970).
    #[must_use]
    pub fn utc_timestamp(&self) -> Option<SystemTime> {
        from_unix_millis(self.parameter(UTC_TIMESTAMP)?)
    }

    /// The content, a JSON string, decrypted; empty if there is none. It may hold personal data.
    #[must_use]
    pub fn biz_content(&self) -> &str {
        self.parameter(CONTENT).unwrap_or_default()
    }

    /// Any parameter that the signature covers.
    ///
    /// A message has only those that messages can have: `alipay_cert_sn`, `app_id`, `auth_app_id`,
    /// `biz_content`, `charset`, `encrypt_type`, `msg_method`, `msg_type`, `msg_uid`, `notify_id`,
    /// `notify_time`, `notify_type`, `sign_type`, `utc_timestamp`, `version`.
    ///
    /// Any other notification, for example of a payment, has all of its parameters. They are only as
    /// trustworthy as the free text that Alipay signs with them. If a buyer chooses the subject
    /// `x&trade_status=TRADE_SUCCESS`, Alipay signs the same string as for a notification with a
    /// parameter `trade_status`; if the genuine notification has no such parameter, the two cannot be
    /// told apart. Before acting on it, compare order and amount with your own records, or query
    /// Alipay.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The parameters that [`parameter`](Self::parameter) knows, with their values, by name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The content as a model. What is not of its type is absent; [`unreadable`](Self::unreadable)
    /// lists it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it is not an object, or lacks a field that the model cannot do without.
    pub fn decode<M: Model>(&self) -> Result<M, Error> {
        let mut model = M::blank();
        let unreadable = self.decode_into(&mut model)?;
        observe::unreadable(self.method(), None, &unreadable);
        Ok(model)
    }

    /// What is absent when the content is [decoded](Self::decode) as this model, since it is not of its
    /// type; by the same rules as [`Response::unreadable`](crate::Response::unreadable).
    ///
    /// # Errors
    ///
    /// The same as those of [`decode`](Self::decode).
    pub fn unreadable<M: Model>(&self) -> Result<Vec<Unreadable>, Error> {
        self.decode_into(&mut M::blank())
    }

    fn decode_into(&self, model: &mut dyn Model) -> Result<Vec<Unreadable>, Error> {
        decode(model, self.biz_content()).map_err(|error| {
            Error::new(
                ErrorKind::Decode,
                format!("the notification's content does not fit the message: {error}"),
            )
            .not_sent()
        })
    }
}

/// Shows which message it is, and nothing of its content.
impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("method", &self.method())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// Numbers below are seconds, others milliseconds. This one is a day in 1973 as milliseconds, and in
/// the year 5138 as seconds.
const FIRST_MILLISECONDS: u128 = 100_000_000_000;

/// Reads the `event_time` of a message. It consists of digits: milliseconds since 1970 or, as in
/// Alipay's own sample, seconds. `None` if it is anything else.
///
/// ```
/// use alipay_core::notification::event_time;
///
/// assert_eq!(event_time("1767225600000"), event_time("1767225600"));
/// assert_eq!(event_time("2026-01-01 08:00:00"), None);
/// ```
#[must_use]
pub fn event_time(text: &str) -> Option<SystemTime> {
    let since_1970 = from_unix_millis(text)?.duration_since(UNIX_EPOCH).ok()?;
    let is_seconds = since_1970.as_millis() < FIRST_MILLISECONDS;
    UNIX_EPOCH.checked_add(since_1970 * if is_seconds { 1000 } else { 1 })
}

crate::model! {
    /// The members that all messages have in their content.
    struct Event: optional {
        id: Option<String> = body("id"),
        time: Option<String> = body("event_time"),
    }
}

impl Event {
    /// What is not a string is left out, and both are if the content is not a JSON object.
    fn of(content: &str) -> Self {
        let mut event = Self::default();
        match decode(&mut event, content) {
            Ok(_) => event,
            Err(_) => Self::default(),
        }
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }
}
