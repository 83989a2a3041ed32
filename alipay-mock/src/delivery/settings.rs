//! The settings of delivery, and the result of each attempt.

use std::time::Duration;

use super::post::Target;
use crate::protocol::message::Encryption;

/// How many times more than needed a message is sent at most.
const MOST_DUPLICATES: u32 = 100;

/// How messages are delivered.
///
/// As at Alipay, a message is sent again unless the response has status 200 and the body `success`.
/// The pauses are shorter: one second, doubled each time, at most a minute. They are real time, however the
/// gateway's clock is moved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    pub(super) target: Target,
    pub(super) url: String,
    pub(super) duplicates: u32,
    pub(super) disorder: bool,
    pub(super) encryption: Encryption,
    pub(super) attempts: u32,
    pub(super) pause: Duration,
}

/// A URL to which messages cannot be delivered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct DeliveryError(pub(crate) String);

impl Delivery {
    /// To this URL, which must start with `http://`.
    pub fn to(url: &str) -> Result<Self, DeliveryError> {
        Ok(Self {
            target: Target::parse(url).map_err(DeliveryError)?,
            url: url.to_owned(),
            duplicates: 0,
            disorder: false,
            encryption: Encryption::Off,
            attempts: 8,
            pause: Duration::from_secs(1),
        })
    }

    /// The same to another URL.
    pub(super) fn redirected(&self, url: &str) -> Result<Self, DeliveryError> {
        let Self { target, url, .. } = Self::to(url)?;
        Ok(Self { target, url, ..self.clone() })
    }

    /// Sends every message this many times more than needed, at most 100.
    #[must_use]
    pub fn duplicates(mut self, duplicates: u32) -> Self {
        self.duplicates = duplicates.min(MOST_DUPLICATES);
        self
    }

    /// Sends messages that come close together in reverse order.
    #[must_use]
    pub fn disorder(mut self, disorder: bool) -> Self {
        self.disorder = disorder;
        self
    }

    /// Encrypts the content with the AES key.
    #[must_use]
    pub fn encrypted(mut self, encrypted: bool) -> Self {
        self.encryption = Encryption::aes(encrypted);
        self
    }

    /// How often a message is sent at most, until it is accepted. Default: 8.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The pause before the second attempt. Default: one second.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
}

/// One attempt to deliver a message.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The message's `msg_method`; of a payment `trade_status_sync`.
    pub message: String,
    /// The message's `notify_id`; the same in every attempt.
    pub notify_id: String,
    /// Where it went.
    pub url: String,
    /// The status of the response; `None` when there was none.
    pub status: Option<u16>,
    /// Whether the response was `success`.
    pub accepted: bool,
    /// Why there was no response.
    pub error: Option<String>,
}

impl DeliveryAttempt {
    pub(crate) fn new(
        message: String,
        notify_id: String,
        url: String,
        response: Result<(u16, bool), String>,
    ) -> Self {
        let (status, accepted, error) = match response {
            Ok((status, accepted)) => (Some(status), accepted, None),
            Err(error) => (None, false, Some(error)),
        };
        Self { message, notify_id, url, status, accepted, error }
    }
}
