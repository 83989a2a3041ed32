//! Faults as strings, for the command line, the header and the HTTP interface.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::kind::{Fault, LONGEST};
use crate::error::{excerpt, nearest};

/// The faults with a value, for people.
const WITH_VALUE: &str = "delay:MS, slow-drip:MS, refuse:MS, rate-limited:S, oversized:BYTES, \
                          status:N, error:N:CODE, signed-error:N:CODE";

/// The same, with usual values.
const WITH_VALUE_EXAMPLES: &str = "delay:2000, slow-drip:2000, refuse:2000, rate-limited:2, oversized:1000000, \
                                   status:503, error:500:unknow-error, signed-error:400:SYSTEM_ERROR";

macro_rules! names {
    ($($name:literal => $fault:ident,)*) => {
        /// The faults without a value.
        const PLAIN: &[(&str, Fault)] = &[$(($name, Fault::$fault)),*];

        impl fmt::Display for Fault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$fault => f.write_str($name),)*
                    Self::Delay(time) => write!(f, "delay:{}", time.as_millis()),
                    Self::SlowDrip(time) => write!(f, "slow-drip:{}", time.as_millis()),
                    Self::RefuseConnections(time) => write!(f, "refuse:{}", time.as_millis()),
                    Self::RateLimited { retry_after } => {
                        write!(f, "rate-limited:{}", retry_after.as_secs())
                    }
                    Self::OversizedBody(bytes) => write!(f, "oversized:{bytes}"),
                    Self::Status(status) => write!(f, "status:{status}"),
                    Self::UnsignedError { status, code } => write!(f, "error:{status}:{code}"),
                    Self::SignedError { status, code } => {
                        write!(f, "signed-error:{status}:{code}")
                    }
                }
            }
        }
    };
}

names! {
    "no-signature" => NoSignature,
    "null-signature" => NullSignature,
    "wrong-signature" => WrongSignature,
    "garbage-signature" => GarbageSignature,
    "tampered-body" => TamperedBody,
    "stale-timestamp" => StaleTimestamp,
    "unknown-serial" => UnknownSerial,
    "duplicate-headers" => DuplicateHeaders,
    "html-502" => Html502,
    "empty-200" => Empty200,
    "truncated-json" => TruncatedJson,
    "plaintext-for-ciphertext" => PlaintextForCiphertext,
    "bad-padding" => BadPadding,
    "hang" => Hang,
    "half-body" => HalfBody,
    "close" => CloseBeforeResponse,
    "close-after-processing" => CloseAfterProcessing,
    "reset" => ResetBeforeHeaders,
    "reset-after-headers" => ResetAfterHeaders,
    "redirect" => Redirect,
    "accepted" => Accepted,
    "no-content" => NoContent,
}

/// A string that is not a fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ParseFaultError(String);

impl ParseFaultError {
    /// The number of a fault is none, or too large. `unit` says of what it is, and `example` is a right one.
    pub(super) fn number(text: &str, unit: &str, example: &str) -> Self {
        Self(format!(
            "the fault `{}` needs a whole number of {unit}, as in `{example}`",
            excerpt(text)
        ))
    }

    pub(super) fn long_path(length: usize, longest: usize) -> Self {
        Self(format!("the path of a fault has {length} bytes, at most {longest} allowed"))
    }

    fn unknown(text: &str) -> Self {
        let names = PLAIN.iter().map(|(name, _)| *name);
        let all = names.clone().collect::<Vec<_>>().join(", ");
        let given = text.split(':').next().unwrap_or(text);
        let with_value = WITH_VALUE.split(", ").filter_map(|fault| fault.split(':').next());
        let nearest = nearest(given, names.chain(with_value));
        let hint = match nearest {
            Some(name) => format!("did you mean `{name}`? There are"),
            None => "there are".to_owned(),
        };
        Self(format!("no fault is named `{}`; {hint} {all}, {WITH_VALUE}", excerpt(text)))
    }
}

/// Each fault in its string form, with a usual value.
pub(crate) fn examples() -> impl Iterator<Item = Fault> {
    let with_value = WITH_VALUE_EXAMPLES.split(", ").filter_map(|fault| fault.parse().ok());
    PLAIN.iter().map(|(_, fault)| fault.clone()).chain(with_value)
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        if let Some((_, fault)) = PLAIN.iter().find(|(name, _)| *name == text) {
            return Ok(fault.clone());
        }
        let (name, value) = text.split_once(':').ok_or_else(|| ParseFaultError::unknown(text))?;
        let number = |unit, example: &str| {
            let example = format!("{name}:{example}");
            value.parse::<u64>().map_err(|_| ParseFaultError::number(text, unit, &example))
        };
        // Longer ones would hold connections open, or the gateway closed.
        let time = || Ok(Duration::from_millis(number("milliseconds", "1000")?).min(LONGEST));
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
            "rate-limited" => {
                Self::RateLimited { retry_after: Duration::from_secs(number("seconds", "2")?) }
            }
            "oversized" => Self::OversizedBody(
                usize::try_from(number("bytes", "1000000")?).unwrap_or(usize::MAX),
            ),
            "status" => match u16::try_from(number("a status", "503")?) {
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
