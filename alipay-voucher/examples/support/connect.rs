//! The gateway an example talks to: one of its own, or the one that the environment names.

use alipay_mock::Gateway;
use alipay_voucher::Client;

use crate::settings::{Failure, configured_credentials, credentials_for, required, setting};

/// Settings that mean nothing to a gateway of one's own.
const OF_ANOTHER_GATEWAY: [&str; 5] = [
    "ALIPAY_APP_ID",
    "ALIPAY_PRIVATE_KEY",
    "ALIPAY_PUBLIC_KEY",
    "ALIPAY_APP_CERT",
    "ALIPAY_ENCRYPT_KEY",
];

/// A client, and the gateway if it was started here.
pub(crate) async fn connect() -> Result<(Client, Option<Gateway>), Failure> {
    if let Some(base_url) = setting("ALIPAY_BASE_URL")? {
        let client = Client::builder(configured_credentials()?)
            .base_url(&base_url)
            .encrypted(setting("ALIPAY_ENCRYPT_KEY")?.is_some())
            .build()?;
        return Ok((client, None));
    }
    // Whoever has set these would take the local gateway for the one that was meant.
    for name in OF_ANOTHER_GATEWAY {
        if setting(name)?.is_some() {
            required("ALIPAY_BASE_URL")
                .map_err(|error| format!("{name} is set, so {error}; or unset {name}"))?;
        }
    }
    let gateway = Gateway::start().await?;
    let client =
        Client::builder(credentials_for(&gateway)?).base_url(gateway.base_url()).build()?;
    Ok((client, Some(gateway)))
}

/// The user who receives vouchers.
pub(crate) fn user_id() -> Result<String, Failure> {
    Ok(setting("ALIPAY_USER_ID")?.unwrap_or_else(|| "2088102146225135".to_owned()))
}
