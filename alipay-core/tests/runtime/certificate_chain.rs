//! What is known of a certificate from those above it: verified, not checked, or wrong.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;
use crate::issuing;

use alipay_core::{CertificateChain, ChainGap, Credentials, Error, ErrorKind, Outcome};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{ALIPAY, certificate_credentials, certified, key};
use insta::assert_snapshot;
use issuing::{
    COMMON_NAME, Draft, MIDDLE, ORGANIZATION, OTHER, PSS, ROOT, SHA1, SHA384, SHA512, SM2,
    authority, der, extension, name, pem, sequence, unpem, usage,
};
use proptest::prelude::*;

const EC_PUBLIC: &str = include_str!("../fixtures/keys/ec_public.pem");
const WEAK_PUBLIC: &str = include_str!("../fixtures/keys/weak_public.pem");

/// The time of [`certified`], as certificates have it.
const NOW: &str = "270115080000Z";

/// The chain of Alipay's certificate.
type Known = Result<CertificateChain, String>;

const VERIFIED: Known = Ok(CertificateChain::Verified);

fn make(alipay: &str, roots: &str) -> Result<Credentials, Error> {
    let (private, app) = (key("app_private_pkcs8"), key("app_cert"));
    Credentials::certificates_at(certified(), key("app_id"), private, app, [alipay], roots)
}

fn text(error: &Error) -> String {
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    error.to_string()
}

/// What is found of the certificate of Alipay's in this file, with this bundle. The app's certificate
/// is from elsewhere.
fn chain(alipay: &str, roots: &str) -> Known {
    let made = make(alipay, roots).map_err(|error| text(&error))?;
    let [app, alipay] = &made.trust().certificates()[..] else { unreachable!("two were given") };
    assert_eq!(app.chain, CertificateChain::NotChecked(ChainGap::IssuerMissing));
    Ok(alipay.chain)
}

/// What is wrong with it.
fn wrong(alipay: &str, roots: &str) -> String {
    chain(alipay, roots).unwrap_err()
}

/// The certificate of a root, good unless changed.
fn root_of(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = Draft::authority("root", "root");
    change(&mut draft);
    draft.issue(ROOT.public_key(), &ROOT)
}

/// One of an authority below the root, good unless changed.
fn middle_of(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = Draft::authority("root", "middle");
    change(&mut draft);
    draft.issue(MIDDLE.public_key(), &ROOT)
}

/// Alipay's, from the authority between, good unless changed.
fn leaf_of(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = Draft::new("middle", "Alipay");
    change(&mut draft);
    draft.issue(ALIPAY.public_key(), &MIDDLE)
}

fn good(_: &mut Draft) {}

/// Alipay's, from the root itself, good unless changed.
fn direct_of(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = Draft::new("root", "Alipay");
    change(&mut draft);
    draft.issue(ALIPAY.public_key(), &ROOT)
}

#[test]
fn certificates_below_the_roots() {
    // Those of the vectors, made with another program.
    let made = certificate_credentials();
    for certificate in made.trust().certificates() {
        assert_eq!(certificate.chain, CertificateChain::Verified);
        let issuer = "CN=Ant Test Root R1,OU=Certification Authority test,O=Ant Test Org,C=CN";
        assert_eq!(certificate.issuer, issuer);
    }
    let (root, middle, leaf) = (root_of(good), middle_of(good), leaf_of(good));
    assert_eq!(chain(&direct_of(good), &root), VERIFIED);
    assert_eq!(chain(&format!("{leaf}{middle}"), &root), VERIFIED);
    assert_eq!(chain(&leaf, &format!("{middle}{root}")), VERIFIED);
    assert_eq!(chain(&leaf, &format!("{root}\nsubject=middle\n{middle}")), VERIFIED);
    // With others around, in any order.
    let other = Draft::authority("other", "other").issue(OTHER.public_key(), &OTHER);
    let sm2 = Draft { algorithm: SM2, ..Draft::authority("sm2", "sm2") };
    let sm2 = pem(&sm2.issue_der(&unpem(EC_PUBLIC), &OTHER));
    let bundle = format!("{sm2}{other}{root}");
    assert_eq!(chain(&format!("{leaf}{sm2}{other}{root}{middle}{leaf}"), &bundle), VERIFIED);
    // A root need not say what it is, and may be as old as it likes.
    let old = root_of(|root| (root.from, root.until) = ("990101000000Z", "000101000000Z"));
    for root in [old, root_of(|root| root.extensions.clear())] {
        assert_eq!(chain(&format!("{leaf}{middle}"), &root), VERIFIED);
    }
}

#[test]
fn hashes_that_are_checked() {
    for algorithm in [SHA384, SHA512] {
        let middle = middle_of(|middle| middle.algorithm = algorithm);
        let leaf = leaf_of(|leaf| leaf.algorithm = algorithm);
        assert_eq!(chain(&format!("{leaf}{middle}"), &root_of(good)), VERIFIED);
        let mut damaged = unpem(&leaf);
        *damaged.last_mut().unwrap() ^= 1;
        let text = wrong(&format!("{}{middle}", pem(&damaged)), &root_of(good));
        assert!(text.contains("does not match its issuer"), "{text}");
    }
}

#[test]
fn what_cannot_be_checked_is_told() {
    let missing = Ok(CertificateChain::NotChecked(ChainGap::IssuerMissing));
    let (root, middle, leaf) = (root_of(good), middle_of(good), leaf_of(good));
    let other = Draft::authority("other", "other").issue(OTHER.public_key(), &OTHER);
    assert_eq!(chain(&leaf, &root), missing);
    assert_eq!(chain(&leaf, &other), missing);
    assert_eq!(chain(&format!("{leaf}{middle}"), &other), missing);
    // As the sandbox has given it: what follows is from elsewhere.
    let elsewhere = Draft::authority("root", "elsewhere").issue(OTHER.public_key(), &ROOT);
    assert_eq!(chain(&format!("{leaf}{elsewhere}"), &root), missing);
    // Only those of the bundle are roots.
    let issued_by_other = Draft::new("other", "Alipay").issue(ALIPAY.public_key(), &OTHER);
    assert_eq!(chain(&format!("{issued_by_other}{other}"), &root), missing);
    assert_eq!(chain(&format!("{issued_by_other}{other}"), &format!("{other}{root}")), VERIFIED);

    let algorithm = Ok(CertificateChain::NotChecked(ChainGap::Algorithm));
    for kind in [SHA1, PSS, SM2] {
        assert_eq!(chain(&direct_of(|leaf| leaf.algorithm = kind), &root), algorithm);
        let middle = middle_of(|middle| middle.algorithm = kind);
        assert_eq!(chain(&format!("{leaf}{middle}"), &root), algorithm);
    }
    let spki = |pem: &str| unpem(pem);
    for key in [spki(EC_PUBLIC), spki(WEAK_PUBLIC)] {
        let issuer = pem(&Draft::authority("root", "middle").issue_der(&key, &ROOT));
        assert_eq!(chain(&format!("{leaf}{issuer}"), &root), algorithm);
    }
    // A name proves nothing: the other of this name may be the right one.
    let sm2 = pem(&Draft::authority("root", "middle").issue_der(&spki(EC_PUBLIC), &ROOT));
    let false_one = Draft::authority("root", "middle").issue(OTHER.public_key(), &ROOT);
    for (one, two) in [(&sm2, &false_one), (&false_one, &sm2)] {
        assert_eq!(chain(&format!("{leaf}{one}{two}"), &root), algorithm);
        assert_eq!(chain(&format!("{leaf}{one}{two}{middle}"), &root), VERIFIED);
    }

    let unknown = Ok(CertificateChain::NotChecked(ChainGap::Extension));
    let constraint = |draft: &mut Draft| {
        draft.extensions.push(extension(&[0x55, 0x1d, 0x1e], true, &sequence(&[])));
    };
    assert_eq!(chain(&direct_of(constraint), &root), unknown);
    assert_eq!(chain(&format!("{leaf}{}", middle_of(constraint)), &root), unknown);
    let ignored = |draft: &mut Draft| {
        draft.extensions.push(extension(&[0x55, 0x1d, 0x1e], false, &sequence(&[])));
    };
    assert_eq!(chain(&direct_of(ignored), &root), VERIFIED);
    // Obsolete, and yet allowed.
    for tag in [0x81, 0x82] {
        let unique = |draft: &mut Draft| draft.unique_id = der(tag, &[0, 1]);
        assert_eq!(chain(&direct_of(unique), &root), VERIFIED);
    }
    let other = middle_of(|middle| middle.unique_id = der(0x84, &[0, 1]));
    assert_eq!(chain(&format!("{leaf}{other}"), &root), unknown);
    let twice = middle_of(|middle| middle.extensions.push(authority(true, None)));
    assert_eq!(chain(&format!("{leaf}{twice}"), &root), unknown);

    // In a circle, and with many of one name.
    let up = Draft::authority("middle", "upper").issue(OTHER.public_key(), &MIDDLE);
    let down = Draft::authority("upper", "middle").issue(MIDDLE.public_key(), &OTHER);
    assert_eq!(
        chain(&format!("{leaf}{up}{down}"), &root),
        Ok(CertificateChain::NotChecked(ChainGap::TooLong))
    );
    let many = format!("{leaf}{}", format!("{up}{down}").repeat(24));
    assert_eq!(chain(&many, &root), Ok(CertificateChain::NotChecked(ChainGap::TooLong)));

    let told =
        [ChainGap::IssuerMissing, ChainGap::Algorithm, ChainGap::Extension, ChainGap::TooLong];
    assert_snapshot!(told.map(|gap| gap.to_string()).join("\n"), @r"
the certificate of an issuer is neither in the same file nor in the root bundle
a signature or key is not RSA with SHA-256 or better
a certificate has an unknown or damaged extension
there are too many certificates that may be issuers
");
}

#[test]
fn what_is_proven_to_be_wrong_is_refused() {
    let (root, middle, leaf) = (root_of(good), middle_of(good), leaf_of(good));
    // Another key under the issuer's name.
    let forged = Draft::new("root", "Alipay").issue(ALIPAY.public_key(), &OTHER);
    assert_snapshot!(wrong(&forged, &root), @"Alipay's certificate (支付宝公钥证书): its signature does not match its issuer, whose certificate was given too; one of the two is damaged or forged: download them from the console");
    let not_issued = wrong(&forged, &root);
    let forged = Draft::new("middle", "Alipay").issue(ALIPAY.public_key(), &OTHER);
    assert_eq!(wrong(&format!("{forged}{middle}"), &root), not_issued);
    let false_middle = Draft::authority("root", "middle").issue(MIDDLE.public_key(), &OTHER);
    assert_eq!(wrong(&format!("{leaf}{false_middle}"), &root), not_issued);
    // One's own root under the name of another.
    let own = Draft::authority("root", "root").issue(OTHER.public_key(), &OTHER);
    let issued = Draft::new("root", "Alipay").issue(ALIPAY.public_key(), &OTHER);
    assert_eq!(wrong(&format!("{issued}{own}"), &root), not_issued);
    // A bit of what was signed, and of the signature.
    let genuine = unpem(&direct_of(good));
    for at in [genuine.len() - 1, genuine.windows(6).position(|six| six == b"Alipay").unwrap()] {
        let mut damaged = genuine.clone();
        damaged[at] ^= 1;
        assert_eq!(wrong(&pem(&damaged), &root), not_issued);
    }

    // Those who may not issue any: an app with its genuine certificate, above all.
    let may_not = wrong(&format!("{leaf}{}", middle_of(|app| app.extensions.clear())), &root);
    assert_snapshot!(may_not, @"Alipay's certificate (支付宝公钥证书): it was issued with a certificate that may not issue others; it is not to be trusted: download it from the console");
    let none: [Vec<Vec<u8>>; 5] = [
        vec![usage(0xf8)],
        vec![authority(false, None)],
        vec![authority(true, None), usage(0xf8)],
        vec![usage(0x06)],
        vec![authority(false, Some(0)), usage(0x06)],
    ];
    for extensions in none {
        let middle = middle_of(|middle| middle.extensions = extensions.clone());
        assert_eq!(wrong(&format!("{leaf}{middle}"), &root), may_not);
    }
    for extensions in [vec![authority(false, None)], vec![usage(0xf8)]] {
        let root = root_of(|root| root.extensions = extensions);
        assert_eq!(wrong(&direct_of(good), &root), may_not);
    }
    // As many others below as it may have.
    for (length, expected) in [(0, false), (1, true), (2, true)] {
        let root = root_of(|root| root.extensions = vec![authority(true, Some(length))]);
        assert_eq!(chain(&format!("{leaf}{middle}"), &root).is_ok(), expected);
        assert_eq!(chain(&direct_of(good), &root), VERIFIED);
        let middle = middle_of(|middle| middle.extensions = vec![authority(true, Some(length))]);
        assert_eq!(chain(&format!("{leaf}{middle}"), &root_of(good)), VERIFIED);
    }

    let expired = middle_of(|middle| middle.until = "260101000000Z");
    assert_snapshot!(wrong(&format!("{leaf}{expired}"), &root), @"Alipay's certificate (支付宝公钥证书): the certificate of its issuer expired at 2026-01-01 08:00:00 Beijing time; download the present one from the console");
    let early = middle_of(|middle| middle.from = "280101000000Z");
    assert_snapshot!(wrong(&format!("{leaf}{early}"), &root), @"Alipay's certificate (支付宝公钥证书): the certificate of its issuer is valid only from 2028-01-01 08:00:00 Beijing time on; is this computer's clock right?");
    // The second of `certified` is within the time.
    for limit in [|middle: &mut Draft| middle.from = NOW, |middle: &mut Draft| middle.until = NOW] {
        assert_eq!(chain(&format!("{leaf}{}", middle_of(limit)), &root), VERIFIED);
    }
    // Not when there is a good one of the same name.
    assert_eq!(chain(&format!("{leaf}{expired}{early}{middle}"), &root), VERIFIED);
}

/// The app's own certificate is looked at in the same way.
#[test]
fn the_chain_of_the_apps_certificate() {
    let make = |app: &str, roots: &str| {
        let private = key("app_private_pkcs8");
        let alipay = [key("alipay_cert")];
        Credentials::certificates_at(certified(), key("app_id"), private, app, alipay, roots)
    };
    let known =
        |app: &str, roots: &str| make(app, roots).map(|made| made.trust().certificates()[0].chain);
    let public = alipay_core::keys::PublicKey::parse(key("app_public")).unwrap();
    let app = Draft::new("middle", "2088000000000000-2021000000000001").issue(&public, &MIDDLE);
    let (root, middle) = (root_of(good), middle_of(good));
    let missing = CertificateChain::NotChecked(ChainGap::IssuerMissing);
    assert_eq!(known(&app, &root).unwrap(), missing);
    assert_eq!(known(&format!("{app}{middle}"), &root).unwrap(), CertificateChain::Verified);
    let forged = Draft::new("middle", "app").issue(&public, &OTHER);
    assert_snapshot!(text(&known(&format!("{forged}{middle}"), &root).unwrap_err()), @"the app's certificate (应用公钥证书): its signature does not match its issuer, whose certificate was given too; one of the two is damaged or forged: download them from the console");
    let authority = Draft::authority("middle", "app").issue(&public, &MIDDLE);
    assert_snapshot!(text(&known(&authority, &root).unwrap_err()), @"the app's certificate (应用公钥证书): this is the certificate of an authority, which issues others; give appCertPublicKey_….crt");
}

#[test]
fn certificates_added_later_are_checked_against_the_same_bundle() {
    let made = make(&direct_of(good), &root_of(good)).unwrap();
    let trust = made.trust();
    let add = |certificate: &str| {
        let serial = trust.add_alipay_certificate_at(certificate, certified());
        let serial = serial.map_err(|error| text(&error))?;
        let all = trust.certificates();
        Ok(all.iter().find(|one| one.serial == serial).unwrap().chain)
    };
    let number = |number: u8| move |draft: &mut Draft| draft.number = vec![number];
    assert_eq!(add(&format!("{}{}", leaf_of(number(1)), middle_of(good))), VERIFIED);
    assert_eq!(add(&leaf_of(number(2))), Ok(CertificateChain::NotChecked(ChainGap::IssuerMissing)));
    let forged = Draft { number: vec![3], ..Draft::new("root", "Alipay") };
    let forged = forged.issue(ALIPAY.public_key(), &OTHER);
    let error: Known = add(&forged);
    assert_eq!(error, Err(wrong(&forged, &root_of(good))));
    assert_eq!(trust.serials().len(), 3);
    // By this computer's clock.
    let serial = trust.add_alipay_certificate(&leaf_of(number(4))).unwrap();
    assert_eq!(trust.serials()[3..], [serial]);
}

/// Authorities, and apps: theirs are issued by the same authorities as Alipay's.
#[test]
fn certificates_that_are_not_alipays() {
    let root = root_of(good);
    let middle = middle_of(good);
    assert_snapshot!(wrong(&middle, &root), @"Alipay's certificate (支付宝公钥证书): this is the certificate of an authority, which issues others; give alipayCertPublicKey_RSA2.crt");
    let other_app =
        direct_of(|app| app.subject = issuing::named("2088000000000009-2021000000000009"));
    assert_snapshot!(wrong(&other_app, &root), @"Alipay's certificate (支付宝公钥证书): this is the certificate of an app; give alipayCertPublicKey_RSA2.crt");
    let of_merchant = direct_of(|app| app.subject = issuing::named("2088000000000009"));
    assert_eq!(wrong(&of_merchant, &root), wrong(&other_app, &root));
    for alipay in ["支付宝(中国)网络技术有限公司-2088000000000009", "Alipay-2021000000000009"]
    {
        let alipay = direct_of(|leaf| leaf.subject = issuing::named(alipay));
        assert_eq!(chain(&alipay, &root), VERIFIED);
    }
}

#[test]
fn the_app_a_certificate_names() {
    let public = alipay_core::keys::PublicKey::parse(key("app_public")).unwrap();
    let of = |app_id: &str, subject: Vec<u8>| {
        let draft = Draft { subject, ..Draft::new("elsewhere", "") };
        let app = draft.issue(&public, &OTHER);
        let (private, alipay) = (key("app_private_pkcs8"), [key("alipay_cert")]);
        let roots = key("alipay_root_cert");
        Credentials::certificates_at(certified(), app_id, private, &app, alipay, roots).map(drop)
    };
    let named = |common: &str| of("2021000000000001", issuing::named(common));
    named("2088000000000000-2021000000000001").unwrap();
    let other = named("2088000000000000-2021000000000002").unwrap_err();
    assert_snapshot!(text(&other), @"the app's certificate (应用公钥证书): it is that of the app 2021000000000002, and the app id that was given is 2021000000000001; give the two of the same app");
    // Given at first with another certificate, the id is the one that is wrong.
    let subject = || issuing::named("2088000000000000-2021000000000001");
    assert_snapshot!(text(&of("2021", subject()).unwrap_err()), @"the app's certificate (应用公钥证书): it is that of the app 2021000000000001, and the app id that was given is 2021; give the two of the same app");
    // Nothing certain: newer certificates name the merchant alone.
    for common in [
        "2088000000000000",
        "2021000000000002",
        "2088000000000000-202100000000000",
        "2088000000000000-20210000000000022",
        "2088000000000000-2021000000000002-1",
        "2021000000000000-2021000000000002",
        "2088000000000000-202100000000000a",
        "2088000000000000 - 2021000000000002",
        "x,CN=2088000000000000-2021000000000002",
        "",
    ] {
        named(common).unwrap();
    }
    let common = "2088000000000000-2021000000000002";
    for attributes in [
        vec![(ORGANIZATION, common)],
        vec![(COMMON_NAME, common), (COMMON_NAME, "x")],
        vec![(COMMON_NAME, "x"), (COMMON_NAME, common)],
    ] {
        of("2021000000000001", name(&attributes)).unwrap();
    }
    // Whatever stands around it.
    of("2021000000000001", name(&[(COMMON_NAME, common), (ORGANIZATION, "x")])).unwrap_err();
}

/// Names make the serials of certificates, so they are written as other programs write them (RFC 2253).
#[test]
fn names_are_written_in_the_form_of_rfc_2253() {
    let uid = [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01];
    let street = [0x55, 0x04, 0x09];
    for (kind, tag, value, expected) in [
        (&street[..], 0x0c, "文三路 1 号".as_bytes(), "STREET=文三路 1 号"),
        (&uid[..], 0x13, b"7", "UID=7"),
        // Latin-1, four bytes to a character, and two.
        (ORGANIZATION, 0x14, b"M\xfcller", "O=Müller"),
        (ORGANIZATION, 0x1c, b"\0\0\x4e\x2d\0\x01\xf6\0", "O=中😀"),
        (ORGANIZATION, 0x1e, b"\x4e\x2d\xd8\x3d\xde\0", "O=中😀"),
        // What has no characters is written in hexadecimal.
        (ORGANIZATION, 0x1c, b"\0\x4e\x2d", "O=#1c03004e2d"),
        (ORGANIZATION, 0x1c, b"\0\0\xd8\0", "O=#1c040000d800"),
        (ORGANIZATION, 0x1e, b"\x4e\x2d\x4e", "O=#1e034e2d4e"),
        (ORGANIZATION, 0x1e, b"\xd8\x3d", "O=#1e02d83d"),
        (ORGANIZATION, 0x04, b"x", "O=#040178"),
    ] {
        let attribute = sequence(&[&der(0x06, kind), &der(tag, value)]);
        let alipay = direct_of(|leaf| leaf.subject = sequence(&[&der(0x31, &attribute)]));
        let made = make(&alipay, &root_of(good)).unwrap();
        assert_eq!(made.trust().certificates()[1].subject, expected);
    }
}

/// Programs may read such bytes in different ways.
#[test]
fn what_is_not_der_is_refused() {
    let long = [&[0x0c, 0x80][..], &[b'x'; 128]].concat();
    for value in [
        &[0x0c, 0x81, 0x01, b'x'][..],
        &[&[0x0c, 0x82, 0x00, 0x80][..], &[b'x'; 128]].concat(),
        // The length is indefinite; the number of the tag is above 30.
        &long,
        &[0x1f, 0x01, b'x'],
    ] {
        let attribute = sequence(&[&der(0x06, ORGANIZATION), value]);
        let alipay = direct_of(|leaf| leaf.subject = sequence(&[&der(0x31, &attribute)]));
        let text = wrong(&alipay, &root_of(good));
        assert!(text.ends_with("the data is not a certificate; was a part of it lost?"), "{text}");
    }
}

proptest! {
    /// Chains that are nearly good reach the depths of the readers; and only the good one is verified.
    #[test]
    fn damaged_chains_are_taken_calmly(
        which in 0usize..3,
        at: prop::sample::Index,
        to: u8,
        cut: prop::sample::Index,
    ) {
        static CHAIN: std::sync::LazyLock<[Vec<u8>; 3]> = std::sync::LazyLock::new(|| {
            [leaf_of(good), middle_of(good), root_of(good)].map(|certificate| unpem(&certificate))
        });
        let mut damaged = CHAIN.clone();
        let at = at.index(damaged[which].len());
        let same = damaged[which][at] == to;
        damaged[which][at] = to;
        let [leaf, middle, root] = damaged.clone().map(|der| pem(&der));
        let known = chain(&format!("{leaf}{middle}"), &root);
        // The signature of the root itself is nobody's business.
        prop_assert!(same || which == 2 || known != VERIFIED, "{} at {}", which, at);
        let length = cut.index(damaged[which].len());
        damaged[which].truncate(length);
        let [leaf, middle, root] = damaged.map(|der| pem(&der));
        let known = chain(&format!("{leaf}{middle}"), &root);
        prop_assert!(known != VERIFIED, "{} to {}", which, length);
    }
}

/// Base64 of what is no certificate in the places of all three, and behind them.
#[test]
fn what_follows_may_be_anything() {
    let (leaf, root) = (direct_of(good), root_of(good));
    for rest in ["", "\n", "x", "-----BEGIN CERTIFICATE-----", &pem(b""), &pem(b"x"), "\u{feff}"] {
        assert_eq!(chain(&format!("{leaf}{rest}"), &root), VERIFIED, "{rest}");
    }
    assert_eq!(chain(&STANDARD.encode(unpem(&leaf)), &root), VERIFIED);
}
