//! Whom a message about a received voucher is about.

use std::fmt;

use crate::generated::messages::ReceivedMessage;

/// The user who received a voucher, by one of the two kinds of id that Alipay has for users.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recipient<'a> {
    /// The id of the user in the application.
    OpenId(&'a str),
    /// The Alipay user id.
    UserId(&'a str),
}

/// An id of a user is personal data.
impl fmt::Debug for Recipient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenId(_) => "OpenId([redacted])",
            Self::UserId(_) => "UserId([redacted])",
        })
    }
}

impl<'a> Recipient<'a> {
    /// The user who received the voucher, under whichever name the message has it.
    ///
    /// No page documents the content of this message. A sample of 2021 has `receive_user_id`; the message about
    /// expired vouchers, which is documented, has `open_id` or `user_id`; `receive_open_id` is a guess.
    #[must_use]
    pub fn of(message: &'a ReceivedMessage) -> Option<Self> {
        let open = message.open_id.as_deref().or(message.receive_open_id.as_deref());
        let user = message.user_id.as_deref().or(message.receive_user_id.as_deref());
        open.map(Self::OpenId).or(user.map(Self::UserId))
    }
}

#[cfg(test)]
mod tests {
    use super::{ReceivedMessage, Recipient};

    #[test]
    fn each_name_is_read_and_none_is_shown() {
        let read = |json: &str| serde_json::from_str::<ReceivedMessage>(json).ok();
        for (name, expected) in [
            ("open_id", Recipient::OpenId("canary")),
            ("receive_open_id", Recipient::OpenId("canary")),
            ("user_id", Recipient::UserId("canary")),
            ("receive_user_id", Recipient::UserId("canary")),
        ] {
            let message = read(&format!(r#"{{"{name}":"canary"}}"#));
            let recipient = message.as_ref().and_then(Recipient::of);
            assert_eq!(recipient, Some(expected));
            assert!(!format!("{recipient:?}").contains("canary"));
        }
        assert_eq!(read("{}").as_ref().and_then(Recipient::of), None);
    }
}
