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
    /// The operation with this method and path.
    pub(crate) fn find(method: &str, path: &str) -> Option<Self> {
        Some(match (method, path.strip_prefix(FOLDER)?) {
            ("POST", "create") => Self::Create,
            ("POST", "publish") => Self::Publish,
            ("GET", "query") => Self::Query,
            ("POST", "send") => Self::Send,
            ("POST", "append") => Self::Append,
            ("POST", "modify") => Self::Modify,
            ("POST", "stop") => Self::Stop,
            _ => return None,
        })
    }

    /// The last word of its id.
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
}
