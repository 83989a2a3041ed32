//! Keys from environment variables, so that the gateway and its clients can share them.

use alipay_core::keys::KeyText;
use alipay_core::settings::{self, Input};
use alipay_mock::{GatewayKeys, KeysError, KeysPart};

/// What the gateway signs with. No client has it, so that nobody starts a gateway with the keys of production
/// by mistake.
const GATEWAY_KEY: &str = "ALIPAY_MOCK_PRIVATE_KEY";

/// The keys of the variables, and the app id if it is set. Errors begin with the variable, and show no
/// value.
pub(crate) fn read() -> Result<(GatewayKeys, Option<String>), String> {
    let (app, gateway) = (required(of(Input::AppPrivateKey))?, required(GATEWAY_KEY)?);
    let keys = GatewayKeys::parse(&app, &gateway, &required(of(Input::AesKey))?)
        .map_err(|e| with_variable(&e))?;
    if let Some(key) = optional(of(Input::AlipayPublicKey))? {
        keys.check_alipay_public_key(&key).map_err(|e| with_variable(&e))?;
    }
    let [app, alipay, root] =
        [Input::AppCertificate, Input::AlipayCertificate, Input::RootCertificates].map(of);
    let given = (optional(app)?, optional(alipay)?, optional(root)?);
    let keys = match given {
        (None, None, None) => keys,
        (Some(app), Some(alipay), Some(root)) => {
            keys.with_certificates(&app, &alipay, &root).map_err(|e| with_variable(&e))?
        }
        (None, ..) => return Err(not_set(app)),
        (_, None, _) => return Err(not_set(alipay)),
        (.., None) => return Err(not_set(root)),
    };
    let app_id = optional(of(Input::AppId))?.map(|id| id.trim().to_owned());
    Ok((keys, app_id))
}

/// New keys as variables, a line each.
pub(crate) fn generate() -> Result<[String; 5], KeysError> {
    let keys = GatewayKeys::generate()?;
    Ok([
        (of(Input::AppId), "2021000000000001"),
        (of(Input::AppPrivateKey), keys.app_private_key()),
        (of(Input::AlipayPublicKey), keys.alipay_public_key()),
        (of(Input::AesKey), keys.encrypt_key()),
        (GATEWAY_KEY, keys.alipay_private_key()),
    ]
    .map(|(name, value)| format!("{name}={value}")))
}

fn of(input: Input) -> &'static str {
    input.variable()
}

fn required(name: &str) -> Result<KeyText, String> {
    optional(name)?.ok_or_else(|| not_set(name))
}

fn not_set(name: &str) -> String {
    format!("{name}: it is not set; `alipay-mock keys` prints keys for a gateway and its clients")
}

fn optional(name: &str) -> Result<Option<KeyText>, String> {
    settings::read(name).map_err(|e| e.to_string())
}

/// An error about a key, with the variable that holds it in front.
fn with_variable(error: &KeysError) -> String {
    let name = match error.about() {
        KeysPart::AppPrivateKey => of(Input::AppPrivateKey),
        KeysPart::AlipayPrivateKey => GATEWAY_KEY,
        KeysPart::EncryptKey => of(Input::AesKey),
        KeysPart::AlipayPublicKey => of(Input::AlipayPublicKey),
        KeysPart::AppCertificate => of(Input::AppCertificate),
        KeysPart::AlipayCertificate => of(Input::AlipayCertificate),
        KeysPart::RootCertificate => of(Input::RootCertificates),
        _ => return error.to_string(),
    };
    format!("{name}: {error}")
}
