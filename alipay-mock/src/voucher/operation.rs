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
