//! The faults there are.

use std::time::Duration;

/// The longest time a fault takes, when it comes from outside.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// What goes wrong with one request's answer.
///
/// Faults of the answer let the operation happen first, so its effects stay: a client must treat
/// the outcome as unknown. Those marked "not processed" answer before the operation is reached.
///
/// Each has a text form for the command line, the header `alipay-mock-fault` and the HTTP
/// interface, given in parentheses; [`Display`](std::fmt::Display) writes it, `parse` reads it. The
/// times of `delay`, `slow-drip` and `refuse` are at most ten minutes: `parse` cuts longer ones to
/// that.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A success without `alipay-signature` (`no-signature`).
    NoSignature,
    /// A success whose `alipay-signature` is the text `null` (`null-signature`).
    NullSignature,
    /// A success signed over another text (`wrong-signature`).
    WrongSignature,
    /// A success whose signature is not base64 (`garbage-signature`).
    GarbageSignature,
    /// A success whose body was changed after it was signed (`tampered-body`).
    TamperedBody,
    /// A rightly signed success that is an hour old (`stale-timestamp`).
    StaleTimestamp,
    /// A rightly signed success whose `alipay-sn` names no certificate anybody has
    /// (`unknown-serial`). Clients in key mode have no use for the header.
    UnknownSerial,
    /// A success with every signature header twice, a wrong one first (`duplicate-headers`).
    DuplicateHeaders,
    /// The HTML page of a proxy, status 502 (`html-502`). Not processed.
    Html502,
    /// Status 200 with an empty body, rightly signed (`empty-200`).
    Empty200,
    /// A rightly signed success whose JSON ends half way (`truncated-json`).
    TruncatedJson,
    /// A rightly signed success in plain text although encryption was asked for
    /// (`plaintext-for-ciphertext`).
    PlaintextForCiphertext,
    /// A rightly signed ciphertext with wrong padding (`bad-padding`); no fault unless encryption
    /// was asked for.
    BadPadding,
    /// A rightly signed success with so many blanks after its JSON, at most 64 MiB
    /// (`oversized:BYTES`).
    OversizedBody(usize),
    /// The right answer, so much later (`delay:MILLISECONDS`).
    Delay(Duration),
    /// No answer at all, until the client gives up; at most ten minutes (`hang`).
    Hang,
    /// The right answer, its body in small pieces over so long a time
    /// (`slow-drip:MILLISECONDS`).
    SlowDrip(Duration),
    /// The right head, then half of the body, then the end of the connection (`half-body`).
    HalfBody,
    /// The connection is closed without an answer (`close`). Not processed.
    CloseBeforeResponse,
    /// The connection is closed without an answer, after the operation has happened
    /// (`close-after-processing`).
    CloseAfterProcessing,
    /// The connection is reset without an answer (`reset`). Not processed.
    ResetBeforeHeaders,
    /// The connection is reset after the head of the right answer (`reset-after-headers`).
    ResetAfterHeaders,
    /// The connection is reset, and for so long no new one is accepted
    /// (`refuse:MILLISECONDS`). Not processed.
    RefuseConnections(Duration),
    /// Status 429 with `Retry-After` in whole seconds and code `app-call-limited`, unsigned
    /// (`rate-limited:SECONDS`). Not processed.
    RateLimited {
        /// What `Retry-After` says.
        retry_after: Duration,
    },
    /// Status 302 to another place of this gateway (`redirect`). Not processed.
    Redirect,
    /// Status 202 with an empty body: accepted, not processed, to be sent again (`accepted`).
    Accepted,
    /// Status 204 without a body: done (`no-content`).
    NoContent,
    /// This status with an empty body, unsigned (`status:503`). Not processed.
    Status(u16),
    /// An error body with this status and code, unsigned (`error:500:unknow-error`). Not
    /// processed.
    UnsignedError {
        /// HTTP status.
        status: u16,
        /// The `code` of the body.
        code: String,
    },
    /// An error body with this status and code, signed (`signed-error:400:SYSTEM_ERROR`). Not
    /// processed.
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
                | Self::ResetBeforeHeaders
                | Self::RefuseConnections(_)
                | Self::RateLimited { .. }
                | Self::Redirect
                | Self::Accepted
                | Self::Status(_)
                | Self::UnsignedError { .. }
                | Self::SignedError { .. }
        )
    }
}
