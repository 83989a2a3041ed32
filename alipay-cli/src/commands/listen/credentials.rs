//! Whom to believe. Notifications are verified without the app's private key.

use alipay_core::keys::KeyText;
use alipay_core::settings::{Input, Settings};
use alipay_core::{Credentials, Error};

use crate::input::Source;
use crate::known_keys::Nobody;
use crate::outcome::Failure;

/// The credentials of the settings, as far as verification needs them. A public key in a file, and an app id, take
/// the place of those of the settings.
pub(super) fn given(
    public_key: Option<&Source>,
    app_id: Option<&str>,
) -> Result<Credentials, Failure> {
    let settings = Settings::from_env();
    let app_id = match app_id {
        Some(app_id) => app_id,
        None => needed(&settings, Input::AppId)?.trim(),
    };
    let credentials =
        match public_key {
            Some(source) => Credentials::keys_with_signer(app_id, Nobody, &source.text()?)
                .map_err(|error| match error.input() {
                    Some(Input::AlipayPublicKey) => {
                        Failure::Unusable(format!("{}: {error}", source.name()))
                    }
                    _ => wrong(&error),
                })?,
            None if settings.is_certificate_mode() => {
                let certificates =
                    [Input::AppCertificate, Input::AlipayCertificate, Input::RootCertificates];
                let [app, alipay, root] = certificates.map(|input| needed(&settings, input));
                Credentials::certificates_with_signer(app_id, Nobody, app?, [alipay?], root?)
                    .map_err(|error| wrong(&error))?
            }
            None => {
                let key = needed(&settings, Input::AlipayPublicKey)?;
                Credentials::keys_with_signer(app_id, Nobody, key).map_err(|error| wrong(&error))?
            }
        };
    match optional(&settings, Input::AesKey)? {
        Some(key) => credentials.encrypt_key(key).map_err(|error| wrong(&error)),
        None => Ok(credentials),
    }
}

/// A setting that must be there, and must be right as far as is known.
fn needed(settings: &Settings, input: Input) -> Result<&str, Failure> {
    match optional(settings, input)? {
        Some(value) => Ok(value),
        // The problem of one that is missing is among the others.
        None => Err(Failure::Unusable(format!("{}: it is not set", input.variable()))),
    }
}

/// A setting, if it is there. One that is wrong, by itself or beside others, is an error.
fn optional(settings: &Settings, input: Input) -> Result<Option<&str>, Failure> {
    match settings.problems().iter().find(|problem| problem.input() == Some(input)) {
        Some(problem) => Err(Failure::unusable(problem)),
        None => Ok(settings.get(input).map(KeyText::as_str)),
    }
}

/// An error about a value, with the variable that holds it.
fn wrong(error: &Error) -> Failure {
    match error.input() {
        Some(input) => Failure::Unusable(format!("{}: {error}", input.variable())),
        None => Failure::unusable(error),
    }
}
