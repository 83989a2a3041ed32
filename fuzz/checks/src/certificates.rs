//! Certificates and bundles of them: text, or the bytes of one.

use alipay_core::{
    CertificateInfo, Credentials,
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

/// A file in the place of each of the three is read or refused.
pub fn certificates(data: &[u8]) -> bool {
    let accepted = str::from_utf8(data).is_ok_and(read);
    let encoded = STANDARD.encode(data);
    read(&format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n"))
        || accepted
}

fn read(text: &str) -> bool {
    let mut accepted = false;
    let (app, alipay, root) = (key("app_cert"), key("alipay_cert"), key("alipay_root_cert"));
    for [app, alipay, root] in [[text, alipay, root], [app, text, root], [app, alipay, text]] {
        let made = Credentials::certificates_with_signer_at(
            now(),
            key("app_id"),
            Nobody,
            app,
            [alipay],
            root,
        );
        match made {
            Ok(credentials) => {
                accepted = true;
                let trust = credentials.trust();
                assert_eq!(trust.serials().len(), 1);
                assert!(trust.expires_at().is_some_and(|end| end >= now()));
                assert!(
                    credentials.root_certificate_serial().is_some_and(|serial| !serial.is_empty())
                );
                trust.certificates().iter().for_each(info);
            }
            Err(error) => errors::sound(&error, &[]),
        }
    }
    accepted
}

fn info(info: &CertificateInfo) {
    let is_serial = |byte: u8| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase();
    assert!(info.serial.len() == 32 && info.serial.bytes().all(is_serial), "{}", info.serial);
    assert!(!format!("{info:?}").is_empty());
}
