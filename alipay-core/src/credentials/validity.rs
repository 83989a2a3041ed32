//! From when until when a certificate is valid.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{
    der::{DerError, Element, Reader, SEQUENCE},
    value::LocalDateTime,
};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// What Beijing is ahead of the time certificates use, in seconds.
const BEIJING: i64 = 8 * 3600;

/// A span of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
}

impl Validity {
    /// Reads the sequence of the two times.
    pub(super) fn read(validity: Element<'_>) -> Result<Self, DerError> {
        let mut times = validity.inner();
        let not_before = time(&mut times)?;
        let not_after = time(&mut times)?;
        times.end()?;
        Ok(Self { not_before, not_after })
    }

    /// Reads the element itself.
    pub(super) fn parse(der: &[u8]) -> Result<Self, DerError> {
        Self::read(Reader::new(der).read(SEQUENCE)?)
    }
}

fn time(times: &mut Reader<'_>) -> Result<SystemTime, DerError> {
    let time = times.next()?;
    let read = match time.tag {
        UTC_TIME => utc_time(time.content),
        GENERALIZED_TIME => generalized_time(time.content),
        _ => return Err(DerError::Unexpected),
    };
    read.ok_or(DerError::Malformed)
}

/// `YYMMDDhhmmssZ`, in the years 1950 to 2049.
fn utc_time(text: &[u8]) -> Option<SystemTime> {
    let (year, rest) = text.split_first_chunk::<2>()?;
    let year = u16::from(number(*year)?);
    in_year(if year < 50 { 2000 + year } else { 1900 + year }, rest)
}

/// `YYYYMMDDhhmmssZ`.
fn generalized_time(text: &[u8]) -> Option<SystemTime> {
    let (century, rest) = text.split_first_chunk::<2>()?;
    let (year, rest) = rest.split_first_chunk::<2>()?;
    in_year(100 * u16::from(number(*century)?) + u16::from(number(*year)?), rest)
}

/// The rest after the year. Fractions of a second and other zones are not DER.
fn in_year(year: u16, text: &[u8]) -> Option<SystemTime> {
    let (numbers, zone) = text.split_first_chunk::<10>()?;
    if zone != b"Z" {
        return None;
    }
    let mut numbers = numbers.chunks_exact(2).map(|pair| number(pair.try_into().ok()?));
    let mut next = || numbers.next().flatten();
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    let time = LocalDateTime::new(year, month, day, hour, minute, second).ok()?;
    let seconds = time.unix_seconds().checked_add(BEIJING)?;
    let since = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(since) } else { UNIX_EPOCH.checked_add(since) }
}

/// Two digits.
fn number([tens, ones]: [u8; 2]) -> Option<u8> {
    let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    digits.then(|| 10 * (tens - b'0') + (ones - b'0'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use proptest::prelude::*;

    use super::*;

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
            let validity = Validity::parse(&der).unwrap();
            assert_eq!(validity.not_before, validity.not_after);
            assert_eq!(seconds(validity.not_after), expected, "{text}");
        }
        let der = sequence(&[(UTC_TIME, "261122042147Z"), (GENERALIZED_TIME, "20561114042147Z")]);
        let validity = Validity::parse(&der).unwrap();
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
            assert!(Validity::parse(&sequence(&[good, (tag, text)])).is_err(), "{text}");
            assert!(Validity::parse(&sequence(&[(tag, text), good])).is_err(), "{text}");
        }
        let time = (UTC_TIME, "261122042147Z");
        assert!(Validity::parse(&sequence(&[time])).is_err());
        assert!(Validity::parse(&sequence(&[time, time, time])).is_err());
    }

    proptest! {
        #[test]
        fn anything_is_taken_calmly(bytes: Vec<u8>, first in "[0-9Z.+-]{0,16}", second in "\\PC{0,9}") {
            let _ = Validity::parse(&bytes);
            for tag in [UTC_TIME, GENERALIZED_TIME] {
                let _ = Validity::parse(&sequence(&[(tag, &first), (tag, &second)]));
                let _ = Validity::parse(&sequence(&[(tag, &second), (tag, &first)]));
            }
        }
    }
}
