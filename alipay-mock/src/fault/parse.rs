//! Faults as strings, for the command line, the header and the HTTP interface.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::kind::{Fault, LONGEST};
use crate::error::excerpt;

/// The faults without a value.
const PLAIN: [Fault; 22] = [
    Fault::NoSignature,
    Fault::NullSignature,
    Fault::WrongSignature,
    Fault::GarbageSignature,
    Fault::TamperedBody,
    Fault::StaleTimestamp,
    Fault::UnknownSerial,
    Fault::DuplicateHeaders,
    Fault::Html502,
    Fault::Empty200,
    Fault::TruncatedJson,
    Fault::PlaintextForCiphertext,
    Fault::BadPadding,
    Fault::Hang,
    Fault::HalfBody,
    Fault::CloseBeforeResponse,
    Fault::CloseAfterProcessing,
    Fault::ResetBeforeHeaders,
    Fault::ResetAfterHeaders,
    Fault::Redirect,
    Fault::Accepted,
    Fault::NoContent,
];
/// The faults with a value, for people.
const WITH_VALUE: &str = "delay:MS, slow-drip:MS, refuse:MS, rate-limited:S, oversized:BYTES, \
                          status:N, error:N:CODE, signed-error:N:CODE";

impl Fault {
    /// The name, without the value.
    fn name(&self) -> &'static str {
        match self {
            Self::NoSignature => "no-signature",
            Self::NullSignature => "null-signature",
            Self::WrongSignature => "wrong-signature",
            Self::GarbageSignature => "garbage-signature",
            Self::TamperedBody => "tampered-body",
            Self::StaleTimestamp => "stale-timestamp",
            Self::UnknownSerial => "unknown-serial",
            Self::DuplicateHeaders => "duplicate-headers",
            Self::Html502 => "html-502",
            Self::Empty200 => "empty-200",
            Self::TruncatedJson => "truncated-json",
            Self::PlaintextForCiphertext => "plaintext-for-ciphertext",
            Self::BadPadding => "bad-padding",
            Self::Hang => "hang",
            Self::HalfBody => "half-body",
            Self::CloseBeforeResponse => "close",
            Self::CloseAfterProcessing => "close-after-processing",
            Self::ResetBeforeHeaders => "reset",
            Self::ResetAfterHeaders => "reset-after-headers",
            Self::Redirect => "redirect",
            Self::Accepted => "accepted",
            Self::NoContent => "no-content",
            Self::Delay(_) => "delay",
            Self::SlowDrip(_) => "slow-drip",
            Self::RefuseConnections(_) => "refuse",
            Self::RateLimited { .. } => "rate-limited",
            Self::OversizedBody(_) => "oversized",
            Self::Status(_) => "status",
            Self::UnsignedError { .. } => "error",
            Self::SignedError { .. } => "signed-error",
        }
    }
}

/// A string that is not a fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ParseFaultError(String);

impl ParseFaultError {
    pub(super) fn number(text: &str) -> Self {
        Self(format!("the fault `{}` needs a whole number", excerpt(text)))
    }

    pub(super) fn long_path(length: usize, longest: usize) -> Self {
        Self(format!("the path of a fault has {length} bytes, at most {longest} allowed"))
    }

    fn unknown(text: &str) -> Self {
        let names = PLAIN.each_ref().map(Fault::name).join(", ");
        let text = excerpt(text);
        Self(format!("no fault is named `{text}`; there are {names}, {WITH_VALUE}"))
    }
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        if let Some(fault) = PLAIN.iter().find(|fault| fault.name() == text) {
            return Ok(fault.clone());
        }
        let (name, value) = text.split_once(':').ok_or_else(|| ParseFaultError::unknown(text))?;
        let number = || value.parse::<u64>().map_err(|_| ParseFaultError::number(text));
        // Longer ones would hold connections open, or the gateway closed.
        let time = || Ok(Duration::from_millis(number()?).min(LONGEST));
        let error = || {
            let (status, code) = value.split_once(':')?;
            let status = status.parse().ok().filter(|status| (400..=599).contains(status))?;
            let plain = |b: u8| b.is_ascii_graphic() || b == b' ';
            (!code.is_empty() && code.len() <= 128 && code.bytes().all(plain))
                .then(|| (status, code.to_owned()))
        };
        let bad_error = || {
            let text = excerpt(text);
            ParseFaultError(format!("`{text}` needs a status of 400 to 599 and a code"))
        };
        Ok(match name {
            "delay" => Self::Delay(time()?),
            "slow-drip" => Self::SlowDrip(time()?),
            "refuse" => Self::RefuseConnections(time()?),
            "rate-limited" => Self::RateLimited { retry_after: Duration::from_secs(number()?) },
            "oversized" => Self::OversizedBody(
                usize::try_from(number()?).map_err(|_| ParseFaultError::number(text))?,
            ),
            "status" => match u16::try_from(number()?) {
                Ok(status) if (200..=599).contains(&status) => Self::Status(status),
                _ => {
                    return Err(ParseFaultError(format!("`{text}` is not a status of 200 to 599")));
                }
            },
            "error" => {
                let (status, code) = error().ok_or_else(bad_error)?;
                Self::UnsignedError { status, code }
            }
            "signed-error" => {
                let (status, code) = error().ok_or_else(bad_error)?;
                Self::SignedError { status, code }
            }
            _ => return Err(ParseFaultError::unknown(text)),
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Delay(time) | Self::SlowDrip(time) | Self::RefuseConnections(time) => {
                write!(f, ":{}", time.as_millis())
            }
            Self::RateLimited { retry_after } => write!(f, ":{}", retry_after.as_secs()),
            Self::OversizedBody(bytes) => write!(f, ":{bytes}"),
            Self::Status(status) => write!(f, ":{status}"),
            Self::UnsignedError { status, code } | Self::SignedError { status, code } => {
                write!(f, ":{status}:{code}")
            }
            // The others are a name alone.
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use proptest::prelude::*;

    use super::*;
    use crate::fault::FaultRule;

    #[test]
    fn every_fault_survives_its_text() {
        let mut names: Vec<String> = PLAIN.iter().map(ToString::to_string).collect();
        names.extend(
            ["delay:1", "slow-drip:20", "refuse:3", "rate-limited:4", "oversized:5"]
                .map(str::to_owned),
        );
        names.extend(["status:503", "error:500:X", "signed-error:400:a b"].map(str::to_owned));
        for name in names {
            assert_eq!(name.parse::<Fault>().unwrap().to_string(), name);
            for rule in ["", "*", "*3", "@/send", "*2@/a@b"] {
                let text = format!("{name}{rule}");
                assert_eq!(text.parse::<FaultRule>().unwrap().to_string(), text);
            }
        }
    }

    #[test]
    fn times_are_ten_minutes_at_most() {
        for name in ["delay", "slow-drip", "refuse"] {
            for (given, read) in [(599_999, 599_999), (600_001, 600_000), (u64::MAX, 600_000)] {
                let fault: Fault = format!("{name}:{given}").parse().unwrap();
                assert_eq!(fault.to_string(), format!("{name}:{read}"));
            }
        }
    }

    #[test]
    fn paths_have_a_limit() {
        let longest = format!("hang@{}", "x".repeat(256));
        assert_eq!(longest.parse::<FaultRule>().unwrap().to_string(), longest);
        let error = format!("{longest}x").parse::<FaultRule>().unwrap_err().to_string();
        assert!(error.contains("257 bytes, at most 256"), "{error}");
    }

    #[test]
    fn others_are_refused_with_the_names_there_are() {
        let error = "wrong-signatur".parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains("wrong-signature, garbage-signature"), "{error}");
        for wrong in ["status:99", "status:x", "error:200:X", "error:500:", "delay:-1", "reset*x"] {
            assert!(wrong.parse::<FaultRule>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = text.parse::<FaultRule>();
        }
    }
}
