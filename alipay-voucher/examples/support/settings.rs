//! Settings of the examples: a gateway of their own, or what the environment says.

use alipay_mock::Gateway;
use alipay_voucher::Credentials;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The credentials for a local gateway.
pub(crate) fn credentials_for(gateway: &Gateway) -> Result<Credentials, Failure> {
    Ok(Credentials::keys(gateway.app_id(), gateway.app_private_key(), gateway.alipay_public_key())?)
}

/// The credentials that the environment describes, in key mode or, with `ALIPAY_APP_CERT`, in
/// certificate mode.
pub(crate) fn configured_credentials() -> Result<Credentials, Failure> {
    let app_id = required("ALIPAY_APP_ID")?;
    let private_key = required("ALIPAY_PRIVATE_KEY")?;
    let credentials = match setting("ALIPAY_APP_CERT")? {
        None => Credentials::keys(app_id, &private_key, &required("ALIPAY_PUBLIC_KEY")?)?,
        Some(app_certificate) => Credentials::certificates(
            app_id,
            &private_key,
            &app_certificate,
            [required("ALIPAY_CERT")?.as_str()],
            &required("ALIPAY_ROOT_CERT")?,
        )?,
    };
    Ok(match setting("ALIPAY_ENCRYPT_KEY")? {
        Some(key) => credentials.encrypt_key(&key)?,
        None => credentials,
    })
}

/// A setting that must be there.
pub(crate) fn required(name: &str) -> Result<String, Failure> {
    setting(name)?.ok_or_else(|| format!("set {name} (text, or @path of a file)").into())
}

/// A setting from the environment: the text itself, or the content of the file after `@`.
pub(crate) fn setting(name: &str) -> Result<Option<String>, Failure> {
    let value = match std::env::var(name) {
        Ok(value) if !value.trim().is_empty() => value,
        Ok(_) | Err(std::env::VarError::NotPresent) => return Ok(None),
        Err(error) => return Err(format!("{name}: {error}").into()),
    };
    match value.strip_prefix('@') {
        None => Ok(Some(value)),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("{name}: cannot read {path}: {error}"))?;
            Ok(Some(text.trim().to_owned()))
        }
    }
}
