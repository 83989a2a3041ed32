//! Notifications (From-Ant messages): what Alipay posts to the app's gateway address.
//!
//! Give the body of the POST, as received, to
//! [`Client::verify_notification`](crate::Client::verify_notification) or
//! [`Credentials::verify_notification`]. Only a verified notification can be read.
//!
//! Answer with status 200 and the body [`SUCCESS`]; anything else, such as [`FAIL`], makes Alipay
//! post it again. It may come more than once and out of order anyhow: a [`ReplayGuard`] tells
//! repeats by the [event's id](Notification::event_id), and the
//! [event's time](Notification::event_time) gives the order.
//!
//! ```no_run
//! use alipay_core::{
//!     Client,
//!     notification::{FAIL, MemoryReplayGuard, Notification, ReplayGuard},
//! };
//!
//! fn on_post(client: &Client, guard: &MemoryReplayGuard, body: &[u8]) -> &'static str {
//!     // Log the error: it says what is wrong, and shows no content.
//!     let Ok(notification) = client.verify_notification(body) else { return FAIL };
//!     let Some(id) = notification.event_id() else { return FAIL };
//!     match guard.once(id, || store(&notification)) {
//!         Ok(handled) => handled.reply(),
//!         Err(_) => FAIL,
//!     }
//! }
//!
//! fn store(notification: &Notification) -> std::io::Result<()> {
//!     println!("{} {:?}", notification.method(), notification.event_time());
//!     Ok(())
//! }
//! ```

mod charset;
mod damage;
mod event;
mod form;
mod joined;
mod memory;
mod readings;
mod replay;
mod rule;

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Deref, time::SystemTime};

use crate::{
    clock::from_unix_millis,
    credentials::Credentials,
    error::{Error, ErrorKind},
    model::{Model, decode_json},
};
use charset::Charset;
use event::Event;
use readings::is_object;
use rule::Rule;

pub use event::event_time;
pub use memory::MemoryReplayGuard;
pub use replay::{AsyncReplayGuard, Begun, Claim, Handled, OnceError, ReplayError, ReplayGuard};

/// The answer to a notification that was taken.
pub const SUCCESS: &str = "success";

/// The answer to a notification that was refused or could not be processed.
pub const FAIL: &str = "fail";

/// Parameters that are never part of what the rule v1 signs.
const SIGN: &str = "sign";
const SIGN_TYPE: &str = "sign_type";
const CONTENT: &str = "biz_content";
/// Some gateways add this on the way without signing it.
const CERTIFICATE_SERIAL: &str = "alipay_cert_sn";

/// Something that is proven to be from Alipay. Only verification makes one.
#[derive(Clone)]
pub struct Verified<T> {
    value: T,
}

impl<T> Verified<T> {
    /// What was verified.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.value).finish()
    }
}

/// A notification: only what its signature covers, its content decrypted.
///
/// What Alipay signs is the parameters joined as `name=value&name=value`, with nothing escaped, so a
/// value that holds `&name=value` could be read as parameters, and the reverse. Messages, which have
/// `msg_method` and `biz_content`, are safe from that: here they have the parameters that are
/// [known](Self::parameter), each of which has one meaning whatever the others hold, or are refused.
/// (This counts on each message having what is documented for all: `app_id`, `charset`, `msg_method`,
/// `notify_id`, `utc_timestamp` and `version`.)
#[derive(Clone)]
pub struct Notification {
    parameters: BTreeMap<String, String>,
    event: Event,
}

impl Notification {
    /// The notification's id (`notify_id`), the same when it is delivered again; blank if it has
    /// none. What tells repeats is the [event's id](Self::event_id).
    #[must_use]
    pub fn id(&self) -> &str {
        self.parameter("notify_id").unwrap_or_default()
    }

    /// Which message it is (`msg_method`), for example
    /// `alipay.marketing.activity.message.created`; blank if it has none.
    #[must_use]
    pub fn method(&self) -> &str {
        self.parameter("msg_method").unwrap_or_default()
    }

    /// The app it is for, which is the one it was verified for.
    #[must_use]
    pub fn app_id(&self) -> &str {
        self.parameter("app_id").unwrap_or_default()
    }

    /// The id of the event that is reported (`id` in the content), or of the notification where the
    /// content has none: what a [`ReplayGuard`] tells repeats by.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.event.id().or(Some(self.id()).filter(|id| !id.is_empty()))
    }

    /// When the event happened (`event_time` in the content, read by [`event_time`]); by it messages
    /// are put in order.
    #[must_use]
    pub fn event_time(&self) -> Option<SystemTime> {
        self.event.time()
    }

    /// When it was sent (`utc_timestamp`, in milliseconds since 1970).
    #[must_use]
    pub fn utc_timestamp(&self) -> Option<SystemTime> {
        from_unix_millis(self.parameter("utc_timestamp")?)
    }

    /// The content, a JSON text, in plaintext; blank if it has none. It may hold personal data.
    #[must_use]
    pub fn biz_content(&self) -> &str {
        self.parameter(CONTENT).unwrap_or_default()
    }

    /// Any other parameter that is covered by the signature.
    ///
    /// Of a message, only those that all messages have or can have: `alipay_cert_sn`, `app_id`,
    /// `auth_app_id`, `biz_content`, `charset`, `encrypt_type`, `msg_method`, `msg_type`, `msg_uid`,
    /// `notify_id`, `notify_time`, `notify_type`, `sign_type`, `utc_timestamp`, `version`.
    ///
    /// Of any other notification, for example a payment's, all of them. They are only as good as
    /// every free text that Alipay signs: if a buyer chooses `x&trade_status=TRADE_SUCCESS` as a
    /// subject, the signed text is the same as with a parameter `trade_status`, and if the genuine
    /// notification has none of its own, nothing shows the difference. Before acting on it, compare
    /// order and amount with your own, or query Alipay.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The content as a model.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it does not fit.
    pub fn decode<M: Model>(&self) -> Result<M, Error> {
        let mut model = M::blank();
        self.decode_into(&mut model)?;
        Ok(model)
    }

    fn decode_into(&self, model: &mut dyn Model) -> Result<(), Error> {
        decode_json(model, self.biz_content().as_bytes()).map_err(|error| {
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

impl Credentials {
    /// Verifies a notification, without a client; see [`crate::notification`].
    ///
    /// The signature must be RSA2 and match the bytes as received under one of the two rules in use
    /// (with or without `sign_type`), the notification must be for this app, and its content must be
    /// a JSON object, after decryption if it is encrypted. Texts are in the charset that the
    /// notification names: UTF-8, GBK, GB2312 or GB18030. How old it is, is not judged: deliveries
    /// are repeated, which for payment notifications and the general message service is documented to
    /// go on for more than a day.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Notification`] when it is malformed, for another app, or can be read in more than
    /// one way (see [`Notification`]),
    /// [`ErrorKind::Verification`] when it is not proven to be from Alipay,
    /// [`ErrorKind::Decryption`] when its content cannot be decrypted.
    pub fn verify_notification(&self, form_body: &[u8]) -> Result<Verified<Notification>, Error> {
        self.verify_notification_at(form_body, SystemTime::now())
    }

    /// As [`verify_notification`](Self::verify_notification), at another time than now: in
    /// certificate mode, Alipay's certificates must be valid then.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn verify_notification_at(
        &self,
        form_body: &[u8],
        now: SystemTime,
    ) -> Result<Verified<Notification>, Error> {
        let posted = form::parse(form_body)
            .map_err(|problem| malformed(format!("the notification {problem}")))?;
        let signed = self.signed_part(posted, now)?;
        let (charset, signed) = decoded(signed)?;
        let encrypted = signed.get("encrypt_type").is_some_and(|kind| !kind.is_empty());
        if !encrypted && signed.get(CONTENT).is_some_and(|content| !is_object(content)) {
            return Err(malformed("the notification's content is not one JSON object"));
        }
        let parameters = readings::settle(signed)
            .map_err(|problem| malformed(format!("the notification {problem}")))?;
        let mut notification = Notification { parameters, event: Event::default() };
        match notification.parameter("app_id") {
            Some(app_id) if app_id == self.app_id() => {}
            Some(_) => return Err(malformed("the notification is for another app")),
            None => return Err(malformed("the notification does not say for which app it is")),
        }
        match notification.parameter("encrypt_type") {
            None | Some("") => {}
            Some("AES") => self.decrypt_content(&mut notification, charset)?,
            Some(_) => {
                return Err(undecryptable("the notification's encrypt_type is other than AES"));
            }
        }
        notification.event = Event::of(notification.biz_content());
        Ok(Verified { value: notification })
    }

    /// The parameters that are covered by the signature, as they were received.
    fn signed_part(
        &self,
        parameters: BTreeMap<String, Vec<u8>>,
        now: SystemTime,
    ) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        match parameters.get(SIGN_TYPE).map(Vec::as_slice) {
            Some(b"RSA2") => {}
            Some(b"RSA") => {
                return Err(unproven(
                    "the notification is signed with SHA-1 (sign_type RSA), which proves nothing; \
                     set the app to RSA2 in the console",
                ));
            }
            _ => return Err(unproven("the notification's sign_type is not RSA2")),
        }
        let signature = parameters
            .get(SIGN)
            .filter(|signature| !signature.is_empty())
            .ok_or_else(|| unproven("the notification is not signed"))?;
        let signature = String::from_utf8_lossy(signature);
        let serial = parameters.get(CERTIFICATE_SERIAL).filter(|serial| !serial.is_empty());
        let serial = serial.map(|serial| String::from_utf8_lossy(serial));
        let keys = self
            .alipay_keys(serial.as_deref(), now)
            .map_err(|problem| unproven(format!("the notification {problem}")))?;
        let rule = Rule::all().into_iter().find(|rule| {
            rule.applies_to(&parameters) && rule.matches(&parameters, &keys, &signature)
        });
        let Some(rule) = rule else {
            return Err(match damage::seen_in(&parameters) {
                Some(damage) => unproven(format!(
                    "the notification's {damage}; give the body of the POST as received"
                )),
                None => unproven(
                    "the notification's signature is wrong: it was changed on the way, or the key \
                     given as Alipay's is not Alipay's",
                ),
            });
        };
        Ok(parameters.into_iter().filter(|(name, value)| rule.covers(name, value)).collect())
    }

    fn decrypt_content(
        &self,
        notification: &mut Notification,
        charset: Charset,
    ) -> Result<(), Error> {
        let Some(content) = notification.parameters.get_mut(CONTENT) else {
            return Ok(());
        };
        let key = self.aes_key().ok_or_else(|| {
            undecryptable(
                "the notification is encrypted, but the credentials have no AES key: add it with \
                 Credentials::encrypt_key",
            )
        })?;
        let plain = key.decrypt(content.as_bytes()).map_err(|problem| {
            undecryptable(format!("the notification's content cannot be decrypted: {problem}"))
        })?;
        // A wrong key can pass for the right one by chance.
        let text = charset.decode(plain).filter(|text| is_object(text));
        *content = text.ok_or_else(|| {
            undecryptable(
                "the notification's content decrypts to something other than a JSON object; is the \
                 AES key right?",
            )
        })?;
        Ok(())
    }
}

/// The parameters as texts, and the charset they are in.
fn decoded(
    parameters: BTreeMap<String, Vec<u8>>,
) -> Result<(Charset, BTreeMap<String, String>), Error> {
    let name = parameters.get("charset").map(Vec::as_slice);
    let charset = Charset::named(name).map_err(|name| {
        malformed(format!(
            "the notification's charset is `{name}`; UTF-8, GBK, GB2312 and GB18030 can be read"
        ))
    })?;
    let texts = parameters.into_iter().map(|(name, value)| Some((name, charset.decode(value)?)));
    match texts.collect() {
        Some(texts) => Ok((charset, texts)),
        None => {
            Err(malformed(format!("the notification has a value that is not {}", charset.name())))
        }
    }
}

fn malformed(problem: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Notification, problem).not_sent()
}

fn unproven(problem: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Verification, problem).not_sent()
}

fn undecryptable(problem: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Decryption, problem).not_sent()
}
