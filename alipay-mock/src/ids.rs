//! Identifiers with the form of the published examples.

use std::io;

use crate::calendar;
use crate::protocol::nonce::random;

/// Makes identifiers that are unique within a gateway and, almost surely, between gateways.
#[derive(Debug)]
pub(crate) struct Ids {
    /// Five random digits.
    salt: u32,
    last: u64,
}

impl Ids {
    pub(crate) fn new() -> io::Result<Self> {
        let mut bytes = [0; 4];
        random(&mut bytes)?;
        Ok(Self { salt: u32::from_be_bytes(bytes) % 100_000, last: 0 })
    }

    /// 28 digits, the first eight a date.
    pub(crate) fn activity(&mut self, now_seconds: i64) -> String {
        let (date, salt, number) = self.next(now_seconds);
        format!("{date}00826{salt:05}{number:010}")
    }

    /// 28 digits and letters, the first eight a date.
    pub(crate) fn voucher(&mut self, now_seconds: i64) -> String {
        let (date, salt, number) = self.next(now_seconds);
        format!("{date}000730{salt:05X}{number:09}")
    }

    /// A `trade_no`: 28 digits, the first eight a date.
    pub(crate) fn trade(&mut self, now_seconds: i64) -> String {
        let (date, salt, number) = self.next(now_seconds);
        format!("{date}22001{salt:05}{number:010}")
    }

    /// 32 letters and digits.
    pub(crate) fn image(&mut self, now_seconds: i64) -> String {
        let (date, salt, number) = self.next(now_seconds);
        format!("Mock{date}{salt:05}{number:015}")
    }

    /// The id of an event, `KIND_` and 28 digits.
    pub(crate) fn event(&mut self, kind: &str, now_seconds: i64) -> String {
        let (date, salt, number) = self.next(now_seconds);
        format!("{kind}_{date}00826{salt:05}{number:010}")
    }

    /// The id of a delivery, 34 digits.
    pub(crate) fn notification(&mut self, now_seconds: i64) -> String {
        let (date, salt, number) = self.next(now_seconds);
        format!("{date}00222{salt:05}{number:016}")
    }

    fn next(&mut self, now_seconds: i64) -> (String, u32, u64) {
        self.last += 1;
        let date = calendar::date_of(now_seconds);
        let date = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
        (date, self.salt, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn lengths_are_those_of_the_examples() {
        let mut ids = Ids::new().unwrap();
        let (activity, voucher) = (ids.activity(0), ids.voucher(0));
        assert_eq!((activity.len(), voucher.len()), (28, 28));
        assert_eq!(ids.image(0).len(), 32);
        assert!(activity.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(ids.notification(0).len(), 34);
        assert_ne!(ids.activity(0), activity);
    }
}
