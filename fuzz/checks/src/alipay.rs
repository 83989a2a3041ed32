//! Alipay's side: test keys, and signatures that cost nothing.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher as _},
    sync::{LazyLock, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alipay_core::{
    Client, Credentials,
    encrypt::AesKey,
    keys::{PrivateKey, SignatureError},
    verify::Verifier,
};
use alipay_mock::GatewayKeys;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// How many signatures of the app are kept.
const MOST_KNOWN: usize = 10_000;

/// The keys and vectors of the runtime's tests.
pub(crate) static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../alipay-core/tests/fixtures/vectors.json");
    serde_json::from_str(text).expect("JSON")
});

pub(crate) fn key(name: &str) -> &'static str {
    VECTORS["keys"][name].as_str().expect("a key")
}

/// A time at which the certificates are valid.
pub(crate) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// A signature that is a hash. RSA would take a thousand times as long, and what is behind it is the same.
fn stamp(message: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    hasher.write(message);
    hasher.finish().to_be_bytes()
}

/// The stamp of a message, as a signature is written.
pub(crate) fn stamped(message: &[u8]) -> String {
    STANDARD.encode(stamp(message))
}

struct Stamps;

impl Verifier for Stamps {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        if signature == stamp(message) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// Credentials of key mode that believe real signatures.
pub(crate) static KEYS: LazyLock<Credentials> = LazyLock::new(|| {
    let keys = Credentials::keys(key("app_id"), key("app_private_pkcs8"), key("alipay_public"));
    keys.and_then(|keys| keys.encrypt_key(key("aes_key"))).expect("keys")
});

/// Credentials of certificate mode.
pub(crate) static CERTIFICATES: LazyLock<Credentials> = LazyLock::new(|| {
    let credentials = Credentials::certificates_at(
        now(),
        key("app_id"),
        key("app_private_pkcs8"),
        key("app_cert"),
        [key("alipay_cert")],
        key("alipay_root_cert"),
    );
    credentials.and_then(|keys| keys.encrypt_key(key("aes_key"))).expect("certificates")
});

/// Credentials that believe stamps.
pub(crate) static STAMPS: LazyLock<Credentials> =
    LazyLock::new(|| KEYS.clone().verifier(Stamps).expect("key mode"));

/// The app's signature. Of what was signed before it is known, since RSA takes as long as all else.
pub(crate) fn signed_by_app(message: &[u8]) -> String {
    static KNOWN: Mutex<BTreeMap<Vec<u8>, String>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().expect("no check has failed");
    if known.len() > MOST_KNOWN {
        known.clear();
    }
    let make = || APP.sign(message).expect("signs");
    known.entry(message.to_owned()).or_insert_with(make).clone()
}

/// Alipay's private key.
pub(crate) static ALIPAY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::parse(key("alipay_private_pkcs8")).expect("a key"));

/// The app's private key.
pub(crate) static APP: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::parse(key("app_private_pkcs8")).expect("a key"));

/// The key of encrypted content.
pub(crate) static AES: LazyLock<AesKey> =
    LazyLock::new(|| AesKey::parse(key("aes_key")).expect("a key"));

/// The keys of a gateway, in key mode.
pub(crate) static GATEWAY: LazyLock<GatewayKeys> = LazyLock::new(|| {
    let keys =
        GatewayKeys::parse(key("app_private_pkcs8"), key("alipay_private_pkcs8"), key("aes_key"));
    keys.expect("keys")
});

/// A client that reads a response as often as it is given, whenever it was signed.
pub(crate) fn client(credentials: &Credentials) -> Client {
    let builder = Client::builder(credentials.clone()).clock(now());
    builder.timestamp_tolerance(None).remembered_responses(0).build().expect("a client")
}
