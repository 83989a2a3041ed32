//! The operations with state, and their methods and paths.

/// Where the paths begin.
const FOLDER: &str = "/v3/alipay/marketing/";

/// An operation of the payment vouchers, or of what stands around them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Operation {
    Create,
    Publish,
    Query,
    Send,
    Append,
    Modify,
    Stop,
    Upload,
    Consult,
    QueryActivity,
    Activities,
    UserVoucher,
    UserVouchers,
    Merchants,
    Shops,
    Apps,
    Goods,
}

impl Operation {
    /// The operation with this method and path.
    pub(crate) fn find(method: &str, path: &str) -> Option<Self> {
        Some(match (method, path.strip_prefix(FOLDER)?) {
            ("POST", "activity/voucher/create") => Self::Create,
            ("POST", "activity/voucher/publish") => Self::Publish,
            ("GET", "activity/voucher/query") => Self::Query,
            ("POST", "activity/voucher/send") => Self::Send,
            ("POST", "activity/voucher/append") => Self::Append,
            ("POST", "activity/voucher/modify") => Self::Modify,
            ("POST", "activity/voucher/stop") => Self::Stop,
            ("POST", "material/image") => Self::Upload,
            ("POST", "activity/consult") => Self::Consult,
            ("GET", "activity/{activity_id}") => Self::QueryActivity,
            ("POST", "activity/batchquery") => Self::Activities,
            ("GET", "activity/ordervoucher/user/voucher") => Self::UserVoucher,
            ("GET", "activity/ordervoucher/user/batchqueryvoucher") => Self::UserVouchers,
            ("GET", "activity/{activity_id}/merchant/batchquery") => Self::Merchants,
            ("GET", "activity/{activity_id}/shop/batchquery") => Self::Shops,
            ("GET", "activity/{activity_id}/app/batchquery") => Self::Apps,
            ("GET", "activity/{activity_id}/goods/batchquery") => Self::Goods,
            _ => return None,
        })
    }

    /// Whether its requests come in two styles, so that the description cannot say what is required.
    pub(crate) fn has_styles(self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::Publish
                | Self::Query
                | Self::Send
                | Self::Append
                | Self::Modify
                | Self::Stop
        )
    }

    /// The last word of its id, for the operations that have an `out_biz_no`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Publish => "publish",
            Self::Send => "send",
            Self::Append => "append",
            Self::Modify => "modify",
            Self::Stop => "stop",
            _ => "another operation",
        }
    }
}
