//! The faults there are.

use std::fmt;
use std::time::Duration;

/// The longest time a fault takes, if it comes from outside.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// What goes wrong with one request.
///
/// Most faults spoil the response after the operation has happened, so its effects stay: a client
/// must treat the outcome as unknown. With a fault that is marked "not processed" the operation does
/// not happen. A fault that spoils a success waits for one: requests that are refused leave it for the next.
///
/// Each fault has a string form for the command line, the header `alipay-mock-fault` and the HTTP
/// interface, given in parentheses. [`Display`](std::fmt::Display) writes it, `parse` reads it.
/// `parse` cuts the times of `delay`, `slow-drip` and `refuse` to ten minutes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A success without `alipay-signature` (`no-signature`).
    NoSignature,
    /// A success whose `alipay-signature` is the string `null` (`null-signature`).
    NullSignature,
    /// A success whose signature is that of other content (`wrong-signature`).
    WrongSignature,
    /// A success whose signature is not base64 (`garbage-signature`).
    GarbageSignature,
    /// A success whose body was changed after it was signed (`tampered-body`).
    TamperedBody,
    /// A correctly signed success that is an hour old (`stale-timestamp`).
    StaleTimestamp,
    /// A correctly signed success whose `alipay-sn` is not the serial of any certificate
    /// (`unknown-serial`). Clients in key mode ignore the header.
    UnknownSerial,
    /// A success with every signature header twice, a wrong one first (`duplicate-headers`).
    DuplicateHeaders,
    /// The HTML page of a proxy, status 502 (`html-502`). Not processed.
    Html502,
    /// Status 200 with an empty body, correctly signed (`empty-200`).
    Empty200,
    /// A correctly signed success whose JSON ends half way (`truncated-json`).
    TruncatedJson,
    /// A correctly signed success that is plain although encryption was requested
    /// (`plaintext-for-ciphertext`).
    PlaintextForCiphertext,
    /// A correctly signed ciphertext with wrong padding (`bad-padding`). It waits for a request that asks for
    /// encryption, as `plaintext-for-ciphertext` does.
    BadPadding,
    /// A correctly signed success with this many spaces after its JSON, at most 64 MiB
    /// (`oversized:BYTES`).
    OversizedBody(usize),
    /// The correct response, after this time (`delay:MILLISECONDS`).
    Delay(Duration),
    /// No response, until the client gives up; at most ten minutes (`hang`).
    Hang,
    /// The correct response, its body in small pieces over this time
    /// (`slow-drip:MILLISECONDS`).
    SlowDrip(Duration),
    /// The correct headers, then half of the body, then the end of the connection (`half-body`).
    HalfBody,
    /// The connection is closed without a response (`close`). Not processed.
    CloseBeforeResponse,
    /// The connection is closed without a response, after the operation has happened
    /// (`close-after-processing`).
    CloseAfterProcessing,
    /// The connection is reset without a response (`reset`). Not processed.
    ResetBeforeHeaders,
    /// The connection is reset after the correct headers (`reset-after-headers`).
    ResetAfterHeaders,
    /// The connection is reset, and for this time no new one is accepted
    /// (`refuse:MILLISECONDS`). Not processed.
    RefuseConnections(Duration),
    /// Status 429 with `Retry-After` in whole seconds and code `app-call-limited`, unsigned
    /// (`rate-limited:SECONDS`). Not processed.
    RateLimited {
        /// The value of `Retry-After`.
        retry_after: Duration,
    },
    /// Status 302 to another path of this gateway (`redirect`). Not processed.
    Redirect,
    /// Status 202 with an empty body (`accepted`): the request was accepted, but not processed, and
    /// is to be sent again.
    Accepted,
    /// Status 204 without a body: the operation has happened (`no-content`).
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

/// What a fault needs, so that it has an effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Needs {
    /// Any request.
    Request,
    /// A success, whatever its body.
    Success,
    /// A success with a body.
    Body,
    /// A success with a body that is to be encrypted.
    EncryptedBody,
}

impl Needs {
    /// Whether a success is enough.
    pub(crate) fn are_met(self, has_body: bool, is_encrypted: bool) -> bool {
        match self {
            Self::Request | Self::Success => true,
            Self::Body => has_body,
            Self::EncryptedBody => has_body && is_encrypted,
        }
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "a request",
            Self::Success => "a success",
            Self::Body => "a success with a body",
            Self::EncryptedBody => "a success of a request that asks for encryption",
        })
    }
}

impl Fault {
    pub(crate) fn needs(&self) -> Needs {
        match self {
            Self::NoSignature
            | Self::NullSignature
            | Self::WrongSignature
            | Self::GarbageSignature
            | Self::TamperedBody
            | Self::StaleTimestamp
            | Self::UnknownSerial
            | Self::DuplicateHeaders
            | Self::OversizedBody(_)
            | Self::NoContent => Needs::Success,
            Self::Empty200 | Self::TruncatedJson => Needs::Body,
            Self::PlaintextForCiphertext | Self::BadPadding => Needs::EncryptedBody,
            Self::Html502
            | Self::Delay(_)
            | Self::Hang
            | Self::SlowDrip(_)
            | Self::HalfBody
            | Self::CloseBeforeResponse
            | Self::CloseAfterProcessing
            | Self::ResetBeforeHeaders
            | Self::ResetAfterHeaders
            | Self::RefuseConnections(_)
            | Self::RateLimited { .. }
            | Self::Redirect
            | Self::Accepted
            | Self::Status(_)
            | Self::UnsignedError { .. }
            | Self::SignedError { .. } => Needs::Request,
        }
    }
}
