//! From when until when a certificate is valid.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{
    der::{DerError, Element, Reader},
    value::LocalDateTime,
};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A span of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
}

impl Validity {
    pub(super) fn read(mut times: Reader<'_>) -> Result<Self, DerError> {
        let mut next = || time(times.next()?).ok_or(DerError::Malformed);
        let (not_before, not_after) = (next()?, next()?);
        times.end()?;
        Ok(Self { not_before, not_after })
    }
}

/// `YYMMDDhhmmssZ`, in the years 1950 to 2049, or `YYYYMMDDhhmmssZ`. Fractions of a second and other
/// zones are not DER.
fn time(time: Element<'_>) -> Option<SystemTime> {
    let digits = std::str::from_utf8(time.content.strip_suffix(b"Z")?).ok()?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let century = match (time.tag, digits.len()) {
        (UTC_TIME, 12) if digits < "50" => "20",
        (UTC_TIME, 12) => "19",
        (GENERALIZED_TIME, 14) => "",
        _ => return None,
    };
    let (year, rest) = digits.split_at_checked(4 - century.len())?;
    let year = format!("{century}{year}").parse().ok()?;
    let pair = |index: usize| rest.get(2 * index..2 * index + 2)?.parse().ok();
    let time = LocalDateTime::new(year, pair(0)?, pair(1)?, pair(2)?, pair(3)?, pair(4)?).ok()?;
    // Both are reckoned in the same zone, so the difference is the same in any.
    let epoch = LocalDateTime::new(1970, 1, 1, 0, 0, 0).ok()?;
    let seconds = time.unix_seconds() - epoch.unix_seconds();
    let since = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(since) } else { UNIX_EPOCH.checked_add(since) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::der::SEQUENCE;

    fn parse(der: &[u8]) -> Result<Validity, DerError> {
        Validity::read(Reader::new(der).sequence()?)
    }

    /// A sequence of one or two times, each of a tag and a text.
    fn sequence(times: &[(u8, &str)]) -> Vec<u8> {
        let mut content = Vec::new();
        for (tag, text) in times {
            content.extend([*tag, u8::try_from(text.len()).unwrap()]);
            content.extend(text.as_bytes());
        }
        [&[SEQUENCE, u8::try_from(content.len()).unwrap()], &*content].concat()
    }

    fn seconds(time: SystemTime) -> i64 {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap(),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap(),
        }
    }

    #[test]
    fn both_kinds_of_time() {
        for (tag, text, expected) in [
            (UTC_TIME, "700101000000Z", 0),
            (UTC_TIME, "261122042147Z", 1_795_321_307),
            (UTC_TIME, "491231235959Z", 2_524_607_999),
            (UTC_TIME, "500101000000Z", -631_152_000),
            (UTC_TIME, "000229120000Z", 951_825_600),
            (GENERALIZED_TIME, "19700101000000Z", 0),
            (GENERALIZED_TIME, "20561114042147Z", 2_741_401_307),
            (GENERALIZED_TIME, "99991231235959Z", 253_402_300_799),
        ] {
            let der = sequence(&[(tag, text), (tag, text)]);
            let validity = parse(&der).unwrap();
            assert_eq!(validity.not_before, validity.not_after);
            assert_eq!(seconds(validity.not_after), expected, "{text}");
        }
        let der = sequence(&[(UTC_TIME, "261122042147Z"), (GENERALIZED_TIME, "20561114042147Z")]);
        let validity = parse(&der).unwrap();
        assert_eq!(seconds(validity.not_before), 1_795_321_307);
        assert_eq!(seconds(validity.not_after), 2_741_401_307);
    }

    #[test]
    fn what_is_no_time() {
        for (tag, text) in [
            (UTC_TIME, ""),
            (UTC_TIME, "261122042147"),
            (UTC_TIME, "2611220421Z"),
            (UTC_TIME, "261122042147+0800"),
            (UTC_TIME, "261122042147ZZ"),
            (UTC_TIME, "261322042147Z"),
            (UTC_TIME, "260230042147Z"),
            (UTC_TIME, "261122242147Z"),
            (UTC_TIME, "+61122042147Z"),
            (UTC_TIME, "20261122042147Z"),
            (GENERALIZED_TIME, "261122042147Z"),
            (GENERALIZED_TIME, "20561114042147.5Z"),
            (GENERALIZED_TIME, "00001114042147Z"),
            (0x13, "261122042147Z"),
        ] {
            let good = (UTC_TIME, "261122042147Z");
            assert!(parse(&sequence(&[good, (tag, text)])).is_err(), "{text}");
            assert!(parse(&sequence(&[(tag, text), good])).is_err(), "{text}");
        }
        let time = (UTC_TIME, "261122042147Z");
        assert!(parse(&sequence(&[time])).is_err());
        assert!(parse(&sequence(&[time, time, time])).is_err());
    }

    proptest! {
        #[test]
        fn anything_is_taken_calmly(bytes: Vec<u8>, first in "[0-9Z.+-]{0,16}", second in "\\PC{0,9}") {
            let _ = parse(&bytes);
            for tag in [UTC_TIME, GENERALIZED_TIME] {
                let _ = parse(&sequence(&[(tag, &first), (tag, &second)]));
                let _ = parse(&sequence(&[(tag, &second), (tag, &first)]));
            }
        }
    }
}
