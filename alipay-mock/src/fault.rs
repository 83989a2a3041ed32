//! Misbehaviour on demand, for testing clients.

use std::time::Duration;

/// What goes wrong with one request's answer.
///
/// Faults of the answer let the operation happen first, so its effects stay: a client must treat
/// the outcome as unknown. Those marked "not processed" answer before the operation is reached.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A success without `alipay-signature`.
    NoSignature,
    /// A success whose `alipay-signature` is the text `null`.
    NullSignature,
    /// A success signed over another text.
    WrongSignature,
    /// A success whose signature is not base64.
    GarbageSignature,
    /// A success whose body was changed after it was signed.
    TamperedBody,
    /// A rightly signed success that is an hour old.
    StaleTimestamp,
    /// The HTML page of a proxy, status 502. Not processed.
    Html502,
    /// Status 200 with an empty body, rightly signed.
    Empty200,
    /// A rightly signed success whose JSON ends half way.
    TruncatedJson,
    /// A rightly signed success in plain text although encryption was asked for.
    PlaintextForCiphertext,
    /// The right answer, so much later.
    Delay(Duration),
    /// The connection is closed without an answer. Not processed.
    CloseBeforeResponse,
    /// The connection is closed without an answer, after the operation has happened.
    CloseAfterProcessing,
    /// This status with an empty body, unsigned. Not processed.
    Status(u16),
    /// An error body with this status and code, unsigned. Not processed.
    UnsignedError {
        /// HTTP status.
        status: u16,
        /// The `code` of the body.
        code: String,
    },
    /// An error body with this status and code, signed. Not processed.
    SignedError {
        /// HTTP status.
        status: u16,
        /// The `code` of the body.
        code: String,
    },
}

impl Fault {
    /// Whether the request reaches its operation all the same.
    pub(crate) fn is_processed(&self) -> bool {
        !matches!(
            self,
            Self::Html502
                | Self::CloseBeforeResponse
                | Self::Status(_)
                | Self::UnsignedError { .. }
                | Self::SignedError { .. }
        )
    }
}
