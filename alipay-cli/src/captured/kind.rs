//! What captures are, and what is said of them while they are read.

use clap::ValueEnum;

/// What it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// A request of an app to Alipay
    Request,
    /// Alipay's response
    Response,
    /// What Alipay posts to the app
    Notification,
    /// The address with which a buyer comes back (`return_url`), or its query
    Return,
    /// An order for a page or an app: a link, a form or an order string
    Order,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Notification => "notification",
            Self::Return => "return",
            Self::Order => "order",
        }
    }

    /// Whether the app signs it, rather than Alipay.
    pub(crate) fn is_of_app(self) -> bool {
        matches!(self, Self::Request | Self::Order)
    }
}

/// What is found while a file is read.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    /// What is worth to know, and no mistake.
    pub(crate) notes: Vec<String>,
    /// What was changed since it was sent, other than its content: it does not verify as it stands.
    pub(crate) changes: Vec<String>,
    /// What may be behind a wrong signature.
    pub(crate) hints: Vec<String>,
}
