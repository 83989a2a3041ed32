//! Keys from environment variables, so that the gateway and its clients can share them.

use std::env;

use alipay_core::keys::read_file;

use super::arguments::Names;
use crate::error::KeysError;
use crate::gateway::GatewayBuilder;
use crate::keys::GatewayKeys;

// As a client has them.
const APP_ID: &str = "ALIPAY_APP_ID";
const PRIVATE_KEY: &str = "ALIPAY_PRIVATE_KEY";
const PUBLIC_KEY: &str = "ALIPAY_PUBLIC_KEY";
const ENCRYPT_KEY: &str = "ALIPAY_ENCRYPT_KEY";
const APP_CERT: &str = "ALIPAY_APP_CERT";
const CERT: &str = "ALIPAY_CERT";
const ROOT_CERT: &str = "ALIPAY_ROOT_CERT";
/// What the gateway signs with. No client has it, so that nobody starts a gateway with the keys of production
/// by mistake.
const GATEWAY_KEY: &str = "ALIPAY_MOCK_PRIVATE_KEY";

/// A gateway with the keys of the variables and, if none is given, their app id. Errors begin with the variable, and
/// show no value.
pub(super) fn set(
    builder: GatewayBuilder,
    app_id: Option<&str>,
    names: Names,
) -> Result<GatewayBuilder, String> {
    let (keys, of_variable) = read(names)?;
    let builder = builder.keys(keys);
    Ok(match app_id.map(str::to_owned).or(of_variable) {
        Some(app_id) => builder.app_id(app_id),
        None => builder,
    })
}

fn read(names: Names) -> Result<(GatewayKeys, Option<String>), String> {
    let not_set = |name: &str| {
        let command = names.keys();
        format!("{name}: it is not set; `{command}` prints keys for a gateway and its clients")
    };
    let required = |name| optional(name)?.ok_or_else(|| not_set(name));
    let (app, gateway) = (required(PRIVATE_KEY)?, required(GATEWAY_KEY)?);
    let keys = GatewayKeys::parse(&app, &gateway, &required(ENCRYPT_KEY)?)
        .map_err(|e| with_variable(&e))?;
    if let Some(key) = optional(PUBLIC_KEY)? {
        keys.check_alipay_public_key(&key).map_err(|e| with_variable(&e))?;
    }
    let certificates = [optional(APP_CERT)?, optional(CERT)?, optional(ROOT_CERT)?];
    let keys = if certificates.iter().all(Option::is_none) {
        keys
    } else {
        let [app, alipay, root] = certificates;
        let app = app.ok_or_else(|| not_set(APP_CERT))?;
        let alipay = alipay.ok_or_else(|| not_set(CERT))?;
        let root = root.ok_or_else(|| not_set(ROOT_CERT))?;
        keys.with_certificates(&app, &alipay, &root).map_err(|e| with_variable(&e))?
    };
    let app_id = optional(APP_ID)?.map(|id| id.trim().to_owned());
    Ok((keys, app_id))
}

/// New keys as variables, a line each.
pub(super) fn generate() -> Result<[String; 5], KeysError> {
    let keys = GatewayKeys::generate()?;
    Ok([
        (APP_ID, "2021000000000001"),
        (PRIVATE_KEY, keys.app_private_key()),
        (PUBLIC_KEY, keys.alipay_public_key()),
        (ENCRYPT_KEY, keys.encrypt_key()),
        (GATEWAY_KEY, keys.alipay_private_key()),
    ]
    .map(|(name, value)| format!("{name}={value}")))
}

/// The value of a variable, or the content of the file that it names with `@`, as clients read it.
fn optional(name: &str) -> Result<Option<String>, String> {
    let Some(value) = env::var_os(name) else { return Ok(None) };
    let value = value.into_string().map_err(|_| format!("{name}: it is not UTF-8"))?;
    let value = match value.trim().strip_prefix('@') {
        Some(path) => read_file(path).map_err(|e| format!("{name}: {e}"))?.to_string(),
        None => value,
    };
    Ok(Some(value).filter(|value| !value.trim().is_empty()))
}

/// An error about a key, with the variable that holds it in front.
fn with_variable(error: &KeysError) -> String {
    let text = error.to_string();
    let variables = [
        ("app private key", PRIVATE_KEY),
        ("Alipay private key", GATEWAY_KEY),
        ("encrypt key", ENCRYPT_KEY),
        ("Alipay public key", PUBLIC_KEY),
        ("app certificate", APP_CERT),
        ("Alipay certificate", CERT),
        ("root certificate", ROOT_CERT),
    ];
    let about = variables.into_iter().find(|(which, _)| text.starts_with(which));
    about.map_or_else(|| text.clone(), |(_, name)| format!("{name}: {text}"))
}
