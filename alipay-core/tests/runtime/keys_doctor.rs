//! The common mistakes with keys and certificates: each is named, and what to do is said.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;
use crate::issuing;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alipay_core::{
    Credentials, ErrorKind, Outcome,
    keys::{PrivateKey, read_file},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{certified, key};
use insta::assert_snapshot;
use issuing::{Draft, OTHER, SM2};
use rsa::{RsaPublicKey, pkcs1::EncodeRsaPublicKey, pkcs8::DecodePublicKey};

const WEAK: &str = include_str!("../fixtures/keys/weak.pem");
const WEAK_PUBLIC: &str = include_str!("../fixtures/keys/weak_public.pem");
const EC_PUBLIC: &str = include_str!("../fixtures/keys/ec_public.pem");
const REQUEST: &str = include_str!("../fixtures/keys/request.pem");
const ENCRYPTED: &str = include_str!("../fixtures/keys/encrypted.pem");
const NEXT: &str = include_str!("../fixtures/certificates/next.pem");

fn problem(result: Result<Credentials, alipay_core::Error>) -> String {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    error.to_string()
}

/// The error of credentials of these keys.
fn keys(private: &str, public: &str) -> String {
    problem(Credentials::keys("2021000000000001", private, public))
}

/// What is given for certificate mode, good unless changed.
struct Given<'a> {
    now: SystemTime,
    private: &'a str,
    app: &'a str,
    alipay: Vec<&'a str>,
    root: &'a str,
}

impl Default for Given<'_> {
    fn default() -> Self {
        Self {
            now: certified(),
            private: key("app_private_pkcs8"),
            app: key("app_cert"),
            alipay: vec![key("alipay_cert")],
            root: key("alipay_root_cert"),
        }
    }
}

impl Given<'_> {
    fn make(self) -> Result<Credentials, alipay_core::Error> {
        let Self { now, private, app, alipay, root } = self;
        Credentials::certificates_at(now, "2021000000000001", private, app, alipay, root)
    }

    fn problem(self) -> String {
        problem(self.make())
    }
}

fn app(app: &str) -> String {
    Given { app, ..Given::default() }.problem()
}

fn alipay(alipay: &str) -> String {
    Given { alipay: vec![alipay], ..Given::default() }.problem()
}

fn root(root: &str) -> String {
    Given { root, ..Given::default() }.problem()
}

/// A PEM text without its first and last line, as some tools show it.
fn bare(pem: &str) -> String {
    pem.lines().skip(1).take_while(|line| !line.starts_with('-')).collect()
}

fn seconds(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn key_mode() {
    let (private, alipay) = (key("app_private_pkcs8"), key("alipay_public"));
    assert_snapshot!(keys("", alipay), @"the app's private key (应用私钥): the text is empty; is the variable set, and the file written?");
    assert_snapshot!(keys(alipay, alipay), @"the app's private key (应用私钥): this is a public key; the app's private key (应用私钥) belongs here");
    assert_snapshot!(keys(&private[..800], alipay), @"the app's private key (应用私钥): a part of the text is missing: 824 characters of base64, by the length that the data states; copy the whole text again (a `+` that became a blank is missing, too)");
    assert_snapshot!(keys("/etc/alipay/app.pem", alipay), @"the app's private key (应用私钥): this is the path or name of a file; give its content, which keys::read_file reads, or in an environment variable `@` and the path");
    assert_snapshot!(keys(WEAK, alipay), @"the app's private key (应用私钥): the key has 1024 bits; RSA2 needs at least 2048");
    assert_snapshot!(keys(ENCRYPTED, alipay), @"the app's private key (应用私钥): the private key is encrypted with a password; decrypt it with: openssl pkey -in FILE -out app.pem (DER: add -inform DER)");
    assert_snapshot!(keys(REQUEST, alipay), @"the app's private key (应用私钥): this is a certificate signing request; give the private key that it was made with");
    assert_snapshot!(keys(private, private), @"Alipay's public key (支付宝公钥): this is a private key; Alipay's public key (支付宝公钥) belongs here, copied from the console");
    assert_snapshot!(keys(private, key("app_public")), @"Alipay's public key (支付宝公钥): this is the app's own public key (应用公钥); give Alipay's, which the console shows beside it");
    assert_snapshot!(keys(private, WEAK_PUBLIC), @"Alipay's public key (支付宝公钥): the key has 1024 bits; RSA2 needs at least 2048");
    assert_snapshot!(keys(private, EC_PUBLIC), @"Alipay's public key (支付宝公钥): this is not an RSA key, but one of an elliptic curve (EC); Alipay's RSA2 signatures need an RSA key");
    // The public key may be PKCS#1 as well, and that does not hide whose it is.
    let app = RsaPublicKey::from_public_key_der(&STANDARD.decode(key("app_public")).unwrap());
    let pkcs1 = STANDARD.encode(app.unwrap().to_pkcs1_der().unwrap().as_bytes());
    assert_eq!(keys(private, &pkcs1), keys(private, key("app_public")));
}

#[test]
fn app_ids() {
    let (private, alipay) = (key("app_private_pkcs8"), key("alipay_public"));
    let of = |app_id: &str| problem(Credentials::keys(app_id, private, alipay));
    assert_snapshot!(of(""), @"the app id: it is empty");
    assert_snapshot!(of("2021 1"), @"the app id: it is malformed; it consists of digits, usually 16, without blanks and quotes");
    for app_id in ["a,b", "中", "2021\n", "2021=1", &"1".repeat(65)] {
        assert_eq!(of(app_id), of("2021 1"));
    }
    Credentials::keys("1".repeat(64), private, alipay).unwrap();
}

#[test]
fn certificates_in_key_mode() {
    let private = key("app_private_pkcs8");
    assert_snapshot!(keys(private, key("alipay_cert")), @"Alipay's public key (支付宝公钥): this is a certificate, not a key; certificates belong to certificate mode (公钥证书模式), Credentials::certificates; the console shows which of the two the app is in (接口加签方式)");
    assert_snapshot!(keys(key("app_cert"), key("alipay_public")), @"the app's private key (应用私钥): this is a certificate, not a key; certificates belong to certificate mode (公钥证书模式), Credentials::certificates; the console shows which of the two the app is in (接口加签方式)");
    assert_eq!(keys(private, &bare(key("alipay_cert"))), keys(private, key("alipay_cert")));
}

#[test]
fn keys_in_certificate_mode() {
    assert_snapshot!(app(key("app_public")), @"the app's certificate (应用公钥证书): this is a public key; the certificate (.crt) belongs here, or the key into key mode (公钥模式), Credentials::keys; the console shows which of the two the app is in (接口加签方式)");
    assert_snapshot!(app(key("app_private_pkcs1")), @"the app's certificate (应用公钥证书): this is a private key; the certificate (.crt) belongs here, as the console gives it");
    assert_snapshot!(app(REQUEST), @"the app's certificate (应用公钥证书): this is a certificate signing request; the certificate (.crt) that was issued for it belongs here");
    assert_snapshot!(app(&bare(REQUEST)), @"the app's certificate (应用公钥证书): this is a certificate signing request; the certificate (.crt) that was issued for it belongs here");
    assert_snapshot!(alipay(key("alipay_public")), @"Alipay's certificate (支付宝公钥证书): this is a public key; the certificate (.crt) belongs here, or the key into key mode (公钥模式), Credentials::keys; the console shows which of the two the app is in (接口加签方式)");
    let pem = PrivateKey::parse(key("app_private_pkcs8")).unwrap();
    assert_eq!(alipay(&pem.public_key().to_pem()), alipay(key("alipay_public")));
    assert_eq!(app(&pem.to_pkcs8_pem().unwrap()), app(key("app_private_pkcs1")));
    assert_snapshot!(root(key("alipay_public")), @"the root certificates (支付宝根证书): this is a public key; the certificate (.crt) belongs here, or the key into key mode (公钥模式), Credentials::keys; the console shows which of the two the app is in (接口加签方式)");
    let private = Given { private: key("app_cert"), ..Given::default() };
    assert_snapshot!(private.problem(), @"the app's private key (应用私钥): this is a certificate, not a key; certificates belong to certificate mode (公钥证书模式), Credentials::certificates; the console shows which of the two the app is in (接口加签方式)");
}

#[test]
fn certificates_of_others() {
    Given::default().make().unwrap();
    assert_snapshot!(app(key("alipay_cert")), @"the app's certificate (应用公钥证书): it was issued for another key than the app's private key (应用私钥); give the key its request was made with");
    assert_snapshot!(app(key("alipay_root_cert")), @"the app's certificate (应用公钥证书): this is one of the root certificates (支付宝根证书), alipayRootCert.crt; give appCertPublicKey_….crt");
    assert_snapshot!(alipay(key("app_cert")), @"Alipay's certificate (支付宝公钥证书): this is the app's certificate (应用公钥证书); give alipayCertPublicKey_RSA2.crt");
    assert_snapshot!(alipay(key("alipay_root_cert")), @"Alipay's certificate (支付宝公钥证书): this is one of the root certificates (支付宝根证书), alipayRootCert.crt; give alipayCertPublicKey_RSA2.crt");
    assert_snapshot!(root(key("app_cert")), @"the root certificates (支付宝根证书): the app's certificate (应用公钥证书) is among them; give alipayRootCert.crt");
    assert_snapshot!(root(key("alipay_cert")), @"the root certificates (支付宝根证书): Alipay's certificate (支付宝公钥证书) is among them; give alipayRootCert.crt");
    let none = Given { alipay: Vec::new(), ..Given::default() };
    assert_snapshot!(none.problem(), @"Alipay's certificate (支付宝公钥证书): none is given");
    let weak = Given { private: WEAK, ..Given::default() };
    assert_snapshot!(weak.problem(), @"the app's private key (应用私钥): the key has 1024 bits; RSA2 needs at least 2048");
}

#[test]
fn certificates_that_are_none() {
    assert_snapshot!(app(""), @"the app's certificate (应用公钥证书): the text is empty; is the variable set, and the file written?");
    assert_snapshot!(app("AAAA"), @"the app's certificate (应用公钥证书): the data is not a key or certificate in any known form; was its beginning or another part lost? Copy the whole text again");
    assert_snapshot!(app("alipay/appCertPublicKey.crt"), @"the app's certificate (应用公钥证书): this is the path or name of a file; give its content, which keys::read_file reads, or in an environment variable `@` and the path");
    assert_snapshot!(alipay(&key("alipay_cert")[..500]), @"Alipay's certificate (支付宝公钥证书): the PEM text has no end line; a part of it is missing; copy the whole text again");
    assert_snapshot!(alipay(&bare(key("alipay_cert"))[..500]), @"Alipay's certificate (支付宝公钥证书): a part of the text is missing: 627 characters of base64, by the length that the data states; copy the whole text again (a `+` that became a blank is missing, too)");
    assert_snapshot!(root(""), @"the root certificates (支付宝根证书): the text is empty; is the variable set, and the file written?");
    let sm2_only = key("alipay_root_cert").split_inclusive("-----END CERTIFICATE-----").next();
    assert_snapshot!(root(sm2_only.unwrap()), @"the root certificates (支付宝根证书): none of them is signed with RSA; give alipayRootCert.crt as it is");
}

/// Of the root bundle only certificates signed with RSA count, so that only those must be readable.
#[test]
fn unreadable_certificates_among_the_roots() {
    let pem = |der: &[u8]| {
        let text = STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    let roots = key("alipay_root_cert");
    let serial = |root: &str| {
        let credentials = Given { root, ..Given::default() }.make().unwrap();
        credentials.root_certificate_serial().unwrap().to_owned()
    };
    let genuine = serial(roots);
    let garbage = pem(b"garbage");
    assert_eq!(serial(&format!("{garbage}{roots}\n{garbage}")), genuine);
    assert_snapshot!(root(&garbage), @"the root certificates (支付宝根证书): the data is not a key or certificate in any known form; was its beginning or another part lost? Copy the whole text again");
    // The serial number of this certificate begins here; now it is no integer.
    let damaged = |pem_text: &str| {
        let mut der = STANDARD.decode(bare(pem_text)).unwrap();
        assert_eq!(der[8], 0x02);
        der[8] = 0x03;
        pem(&der)
    };
    let signed_with_rsa = damaged(key("app_cert"));
    assert_snapshot!(root(&format!("{roots}\n{signed_with_rsa}")), @"the root certificates (支付宝根证书): the data is not a certificate; was a part of it lost?");
}

/// What this gives, which it must do in less than a minute: slow work grows with the square of what
/// is given.
fn soon<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    waiting.recv_timeout(Duration::from_secs(60)).unwrap()
}

#[test]
fn serial_numbers_have_twenty_bytes_at_most() {
    let (app_key, alipay_key) = (key("app_public"), key("alipay_public"));
    let issued = |public: &str, number: &[u8]| {
        let public = alipay_core::keys::PublicKey::parse(public).unwrap();
        Draft { number: number.to_vec(), ..Draft::new("elsewhere", "x") }.issue(&public, &OTHER)
    };
    let longest = [[0x7f; 20].to_vec(), [&[0], &[0xff; 20][..]].concat()];
    for number in &longest {
        let (app, alipay) = (issued(app_key, number), issued(alipay_key, number));
        Given { app: &app, ..Given::default() }.make().unwrap();
        Given { alipay: vec![&alipay], ..Given::default() }.make().unwrap();
    }
    assert_snapshot!(app(&issued(app_key, &[0x7f; 21])), @"the app's certificate (应用公钥证书): its serial number has 21 bytes, and at most 20 are allowed (RFC 5280); download the certificate from the console");
    assert_snapshot!(alipay(&issued(alipay_key, &[0x7f; 21])), @"Alipay's certificate (支付宝公钥证书): its serial number has 21 bytes, and at most 20 are allowed (RFC 5280); download the certificate from the console");
    let bundle = format!("{}{}", key("alipay_root_cert"), issued(alipay_key, &[0x7f; 21]));
    assert_snapshot!(root(&bundle), @"the root certificates (支付宝根证书): its serial number has 21 bytes, and at most 20 are allowed (RFC 5280); download the certificate from the console");
    // Others do not make the serial, so that theirs may be as they are.
    let sm2 = Draft { number: vec![0x7f; 21], algorithm: SM2, ..Draft::authority("sm2", "sm2") };
    let bundle = format!("{}{}", key("alipay_root_cert"), sm2.issue(OTHER.public_key(), &OTHER));
    Given { root: &bundle, ..Given::default() }.make().unwrap();
    for text in soon(move || {
        let long = vec![0x7f; 1024 * 1024];
        let bundle = issued(alipay_key, &long);
        [app(&issued(app_key, &long)), alipay(&issued(alipay_key, &long)), root(&bundle)]
    }) {
        assert!(text.contains("its serial number has 1048576 bytes"), "{text}");
    }
}

#[test]
fn bundles_have_fifty_certificates_at_most() {
    let (bundle, leaf) = (key("alipay_root_cert"), key("alipay_cert"));
    let extra = Draft { algorithm: SM2, ..Draft::authority("sm2", "sm2") };
    let extra = extra.issue(OTHER.public_key(), &OTHER);
    let with = |text: &str, count: usize| format!("{text}\n{}", extra.repeat(count));
    // There are four in the bundle, and two in the file of Alipay's.
    Given { root: &with(bundle, 46), ..Given::default() }.make().unwrap();
    Given { alipay: vec![&with(leaf, 48)], ..Given::default() }.make().unwrap();
    assert_snapshot!(root(&with(bundle, 47)), @"the root certificates (支付宝根证书): there are more than 50 certificates in the text; give the file as the console gives it");
    assert_snapshot!(alipay(&with(leaf, 49)), @"Alipay's certificate (支付宝公钥证书): there are more than 50 certificates in the text; give the file as the console gives it");
    assert_snapshot!(app(&with(key("app_cert"), 50)), @"the app's certificate (应用公钥证书): there are more than 50 certificates in the text; give the file as the console gives it");
    let texts = soon(|| {
        let lines = "-----BEGIN CERTIFICATE-----\n".repeat(100_000);
        let after = |text: &str| format!("{text}\n{lines}");
        let few = "-----BEGIN CERTIFICATE-----\n".repeat(46) + &"A".repeat(1024 * 1024);
        [
            root(&lines),
            root(&after(key("alipay_root_cert"))),
            root(&few),
            alipay(&lines),
            app(&lines),
        ]
    });
    assert_snapshot!(texts.join("\n"), @r"
the root certificates (支付宝根证书): there are more than 50 certificates in the text; give the file as the console gives it
the root certificates (支付宝根证书): there are more than 50 certificates in the text; give the file as the console gives it
the root certificates (支付宝根证书): the PEM text has no end line; a part of it is missing; copy the whole text again
Alipay's certificate (支付宝公钥证书): there are more than 50 certificates in the text; give the file as the console gives it
the app's certificate (应用公钥证书): there are more than 50 certificates in the text; give the file as the console gives it
");
}

/// Without one of its certificates it would have the serial of another bundle.
#[test]
fn bundles_of_which_a_part_is_missing() {
    let bundle = key("alipay_root_cert").trim_end();
    let without = |lost: std::ops::Range<usize>| {
        root(&format!("{}{}", &bundle[..lost.start], &bundle[lost.end..]))
    };
    let all = bundle.len();
    let no_end = without(all - 25..all);
    assert_snapshot!(no_end, @"the root certificates (支付宝根证书): the PEM text has no end line; a part of it is missing; copy the whole text again");
    for length in [26, 500] {
        assert_eq!(without(all - length..all), no_end);
    }
    let half_an_end = without(all - 17..all);
    assert!(half_an_end.contains("the end line of the PEM text is damaged"), "{half_an_end}");
    // Of the second, which is signed with RSA: its end line, a line, half a line, a character.
    let end = bundle.match_indices("-----END").nth(1).unwrap().0;
    assert_eq!(without(end..end + 25), no_end);
    assert_snapshot!(without(end - 130..end - 65), @"the root certificates (支付宝根证书): a part of the text is missing: 64 characters of base64, by the length that the data states; copy the whole text again (a `+` that became a blank is missing, too)");
    for (part, missing) in [(end - 98..end - 66, 32), (end - 67..end - 66, 1)] {
        let lost = without(part);
        assert!(lost.contains(&format!("missing: {missing} characters")), "{lost}");
    }
}

#[test]
fn certificates_out_of_their_time() {
    // The app's certificate is valid from 2026-11-22 04:21:47 to 2056-11-14 04:21:47 UTC, Alipay's
    // starts 271 seconds later.
    let at = |now| Given { now, ..Given::default() };
    assert_snapshot!(at(seconds(0)).problem(), @"the app's certificate (应用公钥证书): it is valid only from 2026-11-22 12:21:47 Beijing time on; is this computer's clock right?");
    assert_snapshot!(at(seconds(1_795_321_306)).problem(), @"the app's certificate (应用公钥证书): it is valid only from 2026-11-22 12:21:47 Beijing time on; is this computer's clock right?");
    assert_snapshot!(at(seconds(1_795_321_307)).problem(), @"Alipay's certificate (支付宝公钥证书): it is valid only from 2026-11-22 12:26:18 Beijing time on; is this computer's clock right?");
    at(seconds(1_795_321_578)).make().unwrap();
    at(seconds(2_741_401_307)).make().unwrap();
    assert_snapshot!(at(seconds(2_741_401_308)).problem(), @"the app's certificate (应用公钥证书): it expired at 2056-11-14 12:21:47 Beijing time; download the present one from the console");
    // A newer one of Alipay's ends before.
    let next = |now| Given { now, alipay: vec![NEXT], ..Given::default() };
    next(seconds(1_830_297_600)).make().unwrap();
    assert_snapshot!(next(seconds(1_830_297_601)).problem(), @"Alipay's certificate (支付宝公钥证书): it expired at 2028-01-01 08:00:00 Beijing time; download the present one from the console");
}

/// A certificate that is good in all but its dates' form.
#[test]
fn dates_that_are_none() {
    let text = bare(key("app_cert"));
    let mut der = STANDARD.decode(text).unwrap();
    let at = der.windows(13).position(|window| window == b"261122042147Z").unwrap();
    der[at + 12] = b'z';
    assert_snapshot!(app(&STANDARD.encode(der)), @"the app's certificate (应用公钥证书): the data is not a certificate; was a part of it lost?");
}

/// With the key elsewhere, the certificates are checked all the same.
#[test]
fn certificates_with_a_signer() {
    let private = || PrivateKey::parse(key("app_private_pkcs8")).unwrap();
    let make = |app, alipay, root| {
        Credentials::certificates_with_signer_at(
            certified(),
            key("app_id"),
            private(),
            app,
            [alipay],
            root,
        )
    };
    let (app, alipay, root) = (key("app_cert"), key("alipay_cert"), key("alipay_root_cert"));
    make(app, alipay, root).unwrap();
    assert_snapshot!(problem(make(root, alipay, root)), @"the app's certificate (应用公钥证书): this is one of the root certificates (支付宝根证书), alipayRootCert.crt; give appCertPublicKey_….crt");
    assert_snapshot!(problem(make(key("app_public"), alipay, root)), @"the app's certificate (应用公钥证书): this is a public key; the certificate (.crt) belongs here, or the key into key mode (公钥模式), Credentials::keys; the console shows which of the two the app is in (接口加签方式)");
    let keys = Credentials::keys_with_signer(key("app_id"), private(), alipay);
    assert_snapshot!(problem(keys), @"Alipay's public key (支付宝公钥): this is a certificate, not a key; certificates belong to certificate mode (公钥证书模式), Credentials::certificates; the console shows which of the two the app is in (接口加签方式)");
    // Whose key this is cannot be known.
    Credentials::keys_with_signer(key("app_id"), private(), key("app_public")).unwrap();
}

/// A file of this test's own, which is gone at its end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("alipay-core-{}-{name}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn files() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    assert_eq!(&*read_file(format!("{folder}/keys/weak.pem")).unwrap(), WEAK);
    let file = Scratch::new("alipay.crt");
    std::fs::write(&file.0, STANDARD.decode(bare(key("alipay_cert"))).unwrap()).unwrap();
    let der = read_file(&file.0).unwrap();
    Given { alipay: vec![&der], ..Given::default() }.make().unwrap();
    let missing = read_file("/nowhere/app.pem").unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Configuration);
    let text = missing.to_string();
    assert!(text.starts_with("the file /nowhere/app.pem cannot be read: "), "{text}");
}

/// No more is read than a key or bundle can have, whatever the file system says of the size.
#[test]
fn files_without_an_end() {
    const MAX: usize = 1024 * 1024;
    let file = Scratch::new("large.pem");
    std::fs::write(&file.0, vec![b'A'; MAX]).unwrap();
    assert_eq!(read_file(&file.0).unwrap().len(), MAX);
    let terabyte = std::fs::OpenOptions::new().append(true).open(&file.0).unwrap();
    for size in [MAX as u64 + 1, 2 * MAX as u64, 1 << 40] {
        terabyte.set_len(size).unwrap();
        let large = read_file(&file.0).unwrap_err();
        assert_eq!(large.kind(), ErrorKind::Configuration);
        assert!(large.to_string().ends_with("is too large for a key or certificate"), "{large}");
    }
    // This one has several megabytes, and says none.
    #[cfg(target_os = "linux")]
    if std::fs::metadata("/proc/kallsyms").is_ok_and(|file| file.len() == 0) {
        let large = read_file("/proc/kallsyms").unwrap_err().to_string();
        assert!(large.ends_with("is too large for a key or certificate"), "{large}");
    }
}

/// Devices and pipes may never end, and opening a pipe waits for a writer.
#[cfg(unix)]
#[test]
fn files_that_are_none() {
    let pipe = Scratch::new("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe.0).status().unwrap();
    assert!(made.success());
    let paths = ["/dev/zero".into(), std::env::temp_dir(), pipe.0.clone()];
    let (done, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(paths.map(|path| read_file(path).unwrap_err())));
    for error in waiting.recv_timeout(Duration::from_secs(60)).unwrap() {
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let folder = text.ends_with(" is a directory; give the path of a file in it");
        let expected = "is not a regular file; read it yourself, and give its content";
        assert!(text.starts_with("the file /") && (folder || text.ends_with(expected)), "{text}");
    }
}

#[test]
fn modes_do_not_mix() {
    let keys = common::credentials();
    let error = keys.trust().add_alipay_certificate_at(key("alipay_cert"), certified());
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_snapshot!(error.to_string(), @"Alipay's certificate (支付宝公钥证书): the credentials are in key mode (公钥模式), where responses are verified with Alipay's public key (支付宝公钥); see Credentials::certificates");
    let verifier = common::ALIPAY.public_key().clone();
    let certificates = common::certificate_credentials();
    assert_snapshot!(problem(certificates.verifier(verifier)), @"a verifier takes the place of Alipay's public key (支付宝公钥), in key mode (公钥模式); these credentials are in certificate mode (公钥证书模式)");
}
