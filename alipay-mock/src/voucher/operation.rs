//! The seven operations and where they are found.

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
    /// The operation behind a path.
    pub(crate) fn at(path: &str) -> Option<Self> {
        match path.strip_prefix("/v3/alipay/marketing/activity/voucher/")? {
            "create" => Some(Self::Create),
            "publish" => Some(Self::Publish),
            "query" => Some(Self::Query),
            "send" => Some(Self::Send),
            "append" => Some(Self::Append),
            "modify" => Some(Self::Modify),
            "stop" => Some(Self::Stop),
            _ => None,
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
