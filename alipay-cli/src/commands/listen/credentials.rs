//! Whom to believe. Notifications are verified without the app's private key.

use alipay_core::Credentials;
use alipay_core::sign::{SignError, Signer};
use alipay_core::transport::BoxFuture;

use crate::input::Source;
use crate::outcome::Failure;

/// The credentials of the settings, or those of a key in a file.
pub(super) fn given(
    public_key: Option<&Source>,
    app_id: Option<&str>,
) -> Result<Credentials, Failure> {
    let Some(source) = public_key else {
        return Credentials::from_env().map_err(Failure::unusable);
    };
    let app_id = app_id.unwrap_or_default();
    Credentials::keys_with_signer(app_id, NoKey, &source.text()?)
        .map_err(|error| Failure::Unusable(format!("{}: {error}", source.name())))
}

/// Stands for the private key: nothing is signed here.
struct NoKey;

impl Signer for NoKey {
    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(async { Err(SignError::new("`alipay listen` signs nothing")) })
    }
}
