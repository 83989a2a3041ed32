//! The gateway an example talks to: one of its own, or the one that the environment names.

use std::env;

use alipay_mock::Gateway;
use alipay_voucher::Client;

use crate::activity::{Failure, setting};

/// Settings of another gateway. Whoever has set one of them would take a local gateway for that one.
const OF_ANOTHER_GATEWAY: [&str; 6] = [
    "ALIPAY_BASE_URL",
    "ALIPAY_APP_ID",
    "ALIPAY_PRIVATE_KEY",
    "ALIPAY_PUBLIC_KEY",
    "ALIPAY_APP_CERT",
    "ALIPAY_ENCRYPT_KEY",
];

/// A client, and the gateway if it was started here.
pub(crate) async fn connect() -> Result<(Client, Option<Gateway>), Failure> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if OF_ANOTHER_GATEWAY.into_iter().any(is_set) {
        return Ok((Client::from_env()?, None));
    }
    let gateway = Gateway::start().await?;
    Ok((gateway.client()?, Some(gateway)))
}

/// The user who receives vouchers.
pub(crate) fn user_id() -> Result<String, Failure> {
    setting("ALIPAY_USER_ID", "2088102146225135")
}
