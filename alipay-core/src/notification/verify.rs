//! Verifying a notification or a return: its signature, its app, and that it can be read in one way only.

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Deref, time::SystemTime};

use super::{
    damage,
    form::{
        self, APP_ID, CERTIFICATE_SERIAL, CHARSET, CONTENT, Charset, ENCRYPT_TYPE, METHOD,
        NOTIFY_ID, SIGN, SIGN_TYPE, Source, join,
    },
    message::Notification,
    readings::{self, is_object},
    returned::{self, Returned},
};
use crate::{
    credentials::Credentials,
    error::{Error, ErrorKind},
    input::term,
    observe,
    trust::TrustedKeys,
};

/// A value whose signature by Alipay was verified. Only verification makes one.
#[derive(Clone)]
pub struct Verified<T> {
    value: T,
}

impl<T> Verified<T> {
    /// The value.
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

impl Credentials {
    /// Verifies a notification without a client; see [`crate::notification`].
    ///
    /// - The signature must be RSA2 and match the bytes as received, under one of the two rules in
    ///   use (with or without `sign_type`).
    /// - The notification must be for this app.
    /// - Its content must be a JSON object, after decryption if it is encrypted.
    ///
    /// Values are in the charset that the notification names: UTF-8, GBK, GB2312 or GB18030. Its age
    /// is not checked: Alipay repeats deliveries, for payment notifications and the general message
    /// service for more than a day, as documented.
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

    /// As [`verify_notification`](Self::verify_notification), but in certificate mode Alipay's
    /// certificates must be valid at the given time.
    pub fn verify_notification_at(
        &self,
        form_body: &[u8],
        now: SystemTime,
    ) -> Result<Verified<Notification>, Error> {
        let result = self.verified(form_body, now);
        if let Err(error) = &result {
            observe::notification_refused(error);
        }
        result
    }

    fn verified(&self, form_body: &[u8], now: SystemTime) -> Result<Verified<Notification>, Error> {
        let (charset, signed) = self.signed_strings(form_body, Source::Notification, now)?;
        let is_encrypted = signed.get(ENCRYPT_TYPE).is_some_and(|kind| !kind.is_empty());
        if !is_encrypted && signed.get(CONTENT).is_some_and(|content| !is_object(content)) {
            return Err(malformed("the notification's content is not one JSON object"));
        }
        if returned::is_return(&signed) {
            return Err(malformed(
                "the notification is the query of a return_url, which proves no payment: give it to \
                 `verify_return`",
            ));
        }
        let mut parameters = self.settled(signed, Source::Notification)?;
        match parameters.get(ENCRYPT_TYPE).map(String::as_str) {
            None | Some("") => {}
            Some("AES") => {
                if let Some(content) = parameters.get_mut(CONTENT) {
                    *content = self.decrypted(content, charset)?;
                }
            }
            Some(_) => {
                return Err(undecryptable("the notification's encrypt_type is not AES"));
            }
        }
        Ok(Verified { value: Notification::new(parameters) })
    }

    /// Verifies without a client what Alipay has added to the `return_url` of an order; see [`Returned`].
    ///
    /// `query` is the query of the address as the browser sent it, not decoded; what stands before its `?` may be
    /// there, too. Its rules are those of [notifications](Self::verify_notification). Parameters of the shop's own
    /// that were in the `return_url` may be among them; they are left out unless Alipay signs them. Its age is not
    /// checked: buyers load pages again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Notification`] when it is malformed, for another app, or a notification,
    /// [`ErrorKind::Verification`] when it is not proven to be from Alipay.
    pub fn verify_return(&self, query: &str) -> Result<Verified<Returned>, Error> {
        self.verify_return_at(query, SystemTime::now())
    }

    /// As [`verify_return`](Self::verify_return), but in certificate mode Alipay's certificates must be valid at the
    /// given time.
    pub fn verify_return_at(
        &self,
        query: &str,
        now: SystemTime,
    ) -> Result<Verified<Returned>, Error> {
        // A `?` may also stand in a value. Names of parameters have no `/`, so it shows where a path may have `=`.
        let is_address =
            |before: &str| before.split_once('=').is_none_or(|(name, _)| name.contains('/'));
        let query = match query.split_once('?') {
            Some((address, query)) if is_address(address) => query,
            _ => query,
        };
        let (_, signed) = self.signed_strings(query.as_bytes(), Source::Return, now)?;
        if signed.contains_key(NOTIFY_ID) || signed.contains_key(METHOD) {
            return Err(malformed(
                "the return is a notification: give it to `verify_notification`",
            ));
        }
        let parameters = self.settled(signed, Source::Return)?;
        Ok(Verified { value: Returned::new(parameters) })
    }

    /// The parameters that the signature covers, and the charset they were in.
    fn signed_strings(
        &self,
        form: &[u8],
        source: Source,
        now: SystemTime,
    ) -> Result<(Charset, BTreeMap<String, String>), Error> {
        let parameters = form::parse(form).map_err(|problem| {
            let advice = if problem.is_change() { source.advice() } else { "" };
            let separator = if advice.is_empty() { "" } else { "; " };
            malformed(format!("{} {problem}{separator}{advice}", source.name()))
        })?;
        let signed = match source {
            Source::Notification => self.signed_part(parameters, source, now),
            Source::Return => {
                // The others were in the `return_url` already, and Alipay may not sign them.
                let mut added = parameters.clone();
                added.retain(|name, _| returned::is_known(name));
                let signed = self.signed_part(parameters, source, now);
                signed.or_else(|error| self.signed_part(added, source, now).map_err(|_| error))
            }
        };
        decoded(signed?, source)
    }

    /// The parameters that were certainly signed, which are for this app.
    fn settled(
        &self,
        signed: BTreeMap<String, String>,
        source: Source,
    ) -> Result<BTreeMap<String, String>, Error> {
        let source = source.name();
        let parameters =
            readings::settle(signed).map_err(|problem| malformed(format!("{source} {problem}")))?;
        match parameters.get(APP_ID) {
            Some(app_id) if app_id == self.app_id() => Ok(parameters),
            Some(_) => Err(malformed(format!("{source} is for another app"))),
            None => Err(malformed(format!("{source} does not say which app it is for"))),
        }
    }

    /// The parameters that the signature covers, as they were received.
    fn signed_part(
        &self,
        parameters: BTreeMap<String, Vec<u8>>,
        source: Source,
        now: SystemTime,
    ) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let name = source.name();
        match parameters.get(SIGN_TYPE).map(Vec::as_slice) {
            Some(b"RSA2") => {}
            Some(b"RSA") => {
                return Err(unproven(format!(
                    "{name} is signed with SHA-1 (sign_type RSA), which proves nothing; set the app to \
                     RSA2 in the console (接口加签方式)"
                )));
            }
            _ => return Err(unproven(format!("{name}'s sign_type is not RSA2"))),
        }
        let signature = parameters
            .get(SIGN)
            .filter(|signature| !signature.is_empty())
            .ok_or_else(|| unproven(format!("{name} is not signed")))?;
        let signature = String::from_utf8_lossy(signature);
        let serial = parameters.get(CERTIFICATE_SERIAL).filter(|serial| !serial.is_empty());
        let serial = serial.map(|serial| String::from_utf8_lossy(serial));
        let keys = self
            .alipay_keys(serial.as_deref(), now)
            .map_err(|problem| unproven(format!("{name} {problem}")))?;
        let rule = Rule::all().find(|rule| {
            rule.applies_to(&parameters) && rule.matches(&parameters, &keys, &signature)
        });
        let Some(rule) = rule else {
            return Err(match damage::seen_in(&parameters) {
                Some(damage) => unproven(format!("{name}'s {damage}; {}", source.advice())),
                None => unproven(format!(
                    concat!("{}'s ", term!(signature_is_wrong), ": ", term!(why_it_is_wrong)),
                    name
                )),
            });
        };
        Ok(parameters.into_iter().filter(|(name, value)| rule.covers(name, value)).collect())
    }

    fn decrypted(&self, content: &str, charset: Charset) -> Result<String, Error> {
        let key = self.aes_key().ok_or_else(|| {
            undecryptable(concat!(
                "the notification is encrypted, but the credentials lack ",
                term!(aes_key),
                ": add it with Credentials::encrypt_key (`ALIPAY_ENCRYPT_KEY`)"
            ))
        })?;
        let plain = key.decrypt(content.as_bytes()).map_err(|problem| {
            undecryptable(format!("the notification's content cannot be decrypted: {problem}"))
        })?;
        // A wrong key can pass for the right one by chance.
        charset.decode(plain).filter(|text| is_object(text)).ok_or_else(|| {
            undecryptable(concat!(
                "the notification's decrypted content is not a JSON object: check ",
                term!(aes_key)
            ))
        })
    }
}

/// The parameters as strings, and the charset they were in.
fn decoded(
    parameters: BTreeMap<String, Vec<u8>>,
    source: Source,
) -> Result<(Charset, BTreeMap<String, String>), Error> {
    let source = source.name();
    let name = parameters.get(CHARSET).map(Vec::as_slice);
    let charset = Charset::named(name).map_err(|name| {
        malformed(format!(
            "{source}'s charset is `{name}`; UTF-8, GBK, GB2312 and GB18030 can be read"
        ))
    })?;
    let strings = parameters.into_iter().map(|(name, value)| Some((name, charset.decode(value)?)));
    match strings.collect() {
        Some(strings) => Ok((charset, strings)),
        None => Err(malformed(format!("{source} has a value that is not {}", charset.name()))),
    }
}

/// Which parameters the signature covers. Each rule is tried by verifying the signature over the
/// bytes as they were received.
#[derive(Clone, Copy)]
struct Rule {
    /// Rule v2 signs `sign_type`, v1 does not.
    sign_type: bool,
    blank_values: bool,
    certificate_serial: bool,
}

impl Rule {
    /// All rules in use, the most frequent first.
    fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|number| Self {
            sign_type: number & 1 != 0,
            blank_values: number & 2 == 0,
            certificate_serial: number & 4 == 0,
        })
    }

    /// Whether the rule differs from those before it for these parameters.
    fn applies_to(self, parameters: &BTreeMap<String, Vec<u8>>) -> bool {
        (self.blank_values || parameters.values().any(Vec::is_empty))
            && (self.certificate_serial || parameters.contains_key(CERTIFICATE_SERIAL))
    }

    fn covers(self, name: &str, value: &[u8]) -> bool {
        match name {
            SIGN => false,
            SIGN_TYPE => self.sign_type,
            CERTIFICATE_SERIAL if !self.certificate_serial => false,
            _ => self.blank_values || !value.is_empty(),
        }
    }

    /// Whether the signature is over the covered parameters, sorted by name and joined.
    fn matches(
        self,
        parameters: &BTreeMap<String, Vec<u8>>,
        keys: &TrustedKeys,
        signature: &str,
    ) -> bool {
        let parameters = parameters.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let covered = parameters.filter(|(name, value)| self.covers(name, value));
        keys.verify(&[&join(covered)], signature)
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
