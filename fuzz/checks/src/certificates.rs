//! Certificates and bundles of them: the first line says in which place, then text, or the bytes of one.

use std::sync::LazyLock;

use alipay_core::{
    CertificateInfo, Credentials, Error,
    sign::{SignError, Signer},
    transport::BoxFuture,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    alipay::{key, now},
    errors,
};

/// To read a private key takes longer than all certificates.
struct Nobody;

impl Signer for Nobody {
    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(async { Err(SignError::new("there is no key")) })
    }
}

/// The first line says in which place of the three the file is: it is read or refused there.
pub fn certificates(data: &[u8]) -> bool {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return false };
    let (place, file) = (&data[..end], &data[end + 1..]);
    match str::from_utf8(file) {
        Ok(text) => read(place, text),
        Err(_) => {
            let encoded = STANDARD.encode(file);
            let pem =
                format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
            read(place, &pem)
        }
    }
}

/// The root that Alipay's certificate leads to. To read others takes as long as all else.
static ROOT: LazyLock<String> = LazyLock::new(|| {
    let end = "-----END CERTIFICATE-----\n";
    let mut roots = key("alipay_root_cert").split_inclusive(end);
    let is_root = |root: &&str| credentials([key("app_cert"), key("alipay_cert"), root]).is_ok();
    roots.find(is_root).expect("a root").to_owned()
});

fn credentials([app, alipay, root]: [&str; 3]) -> Result<Credentials, Error> {
    let app_id = key("app_id");
    Credentials::certificates_with_signer_at(now(), app_id, Nobody, app, [alipay], root)
}

fn read(place: &[u8], text: &str) -> bool {
    let (app, alipay) = (key("app_cert"), key("alipay_cert"));
    let files = match place {
        b"app" => [text, alipay, &ROOT],
        b"alipay" => [app, text, &ROOT],
        b"root" => [app, alipay, text],
        _ => return false,
    };
    match credentials(files) {
        Ok(credentials) => {
            let trust = credentials.trust();
            assert_eq!(trust.serials().len(), 1);
            assert!(trust.expires_at().is_some_and(|end| end >= now()));
            let serial = credentials.root_certificate_serial();
            assert!(serial.is_some_and(|serial| !serial.is_empty()));
            trust.certificates().iter().for_each(info);
            true
        }
        Err(error) => {
            errors::sound(&error, &[]);
            false
        }
    }
}

fn info(info: &CertificateInfo) {
    let is_serial = |byte: u8| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase();
    assert!(info.serial.len() == 32 && info.serial.bytes().all(is_serial), "{}", info.serial);
    assert!(!format!("{info:?}").is_empty());
}
