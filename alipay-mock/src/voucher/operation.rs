//! The seven operations, and their methods and paths.

/// Where the paths of the group begin.
const FOLDER: &str = "/v3/alipay/marketing/activity/voucher/";

/// An operation of the group.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Operation {
    Create,
    Publish,
    Query,
    Send,
    Append,
    Modify,
    Stop,
}

impl Operation {
    pub(crate) const ALL: [Self; 7] = [
        Self::Create,
        Self::Publish,
        Self::Query,
        Self::Send,
        Self::Append,
        Self::Modify,
        Self::Stop,
    ];

    /// The operation with this method and path.
    pub(crate) fn find(method: &str, path: &str) -> Option<Self> {
        let name = path.strip_prefix(FOLDER)?;
        Self::ALL.into_iter().find(|known| known.name() == name && known.method() == method)
    }

    /// The last part of its path and of its id.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Publish => "publish",
            Self::Query => "query",
            Self::Send => "send",
            Self::Append => "append",
            Self::Modify => "modify",
            Self::Stop => "stop",
        }
    }

    /// The only HTTP method it is called with.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Query => "GET",
            _ => "POST",
        }
    }
}

/// The operations and messages of the group, without a description of their fields.
#[cfg(not(feature = "spec"))]
pub(crate) fn contract() -> crate::contract::Contract {
    use crate::contract;

    let operation = |operation: Operation| contract::Operation {
        id: format!("alipay.marketing.activity.voucher.{}", operation.name()),
        method: operation.method().to_owned(),
        path: format!("{FOLDER}{}", operation.name()),
        title: String::new(),
        request: String::new(),
        response: String::new(),
        codes: Vec::new(),
    };
    let message = |name: &str| contract::Message {
        name: format!("alipay.marketing.activity.message.{name}"),
        content: String::new(),
    };
    contract::Contract {
        operations: Operation::ALL.map(operation).into(),
        messages: ["created", "appended", "modified", "stopped", "received"].map(message).into(),
        ..contract::Contract::default()
    }
}
