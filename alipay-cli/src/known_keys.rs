//! The keys that captured signatures are verified with: from the settings, or from files that are given.

use std::time::SystemTime;

use alipay_core::contents::{self, Content};
use alipay_core::encrypt::AesKey;
use alipay_core::keys::{PrivateKey, PublicKey};
use alipay_core::settings::{Input, Settings};
use alipay_core::sign::{SignError, Signer};
use alipay_core::transport::BoxFuture;
use alipay_core::{Credentials, Error};
use alipay_mock::Signers;

use crate::captured::Kind;
use crate::input::Source;
use crate::outcome::Failure;

/// Who may have signed.
pub(crate) struct Keys {
    pub(crate) signers: Signers,
    /// Those of the runtime, for what Alipay signs.
    pub(crate) credentials: Option<Credentials>,
    /// The key that has to have signed, and where it is from.
    pub(crate) key: PublicKey,
    pub(crate) from: String,
    /// The serial of its certificate and where that is from, if it is known.
    pub(crate) serial: Option<(String, String)>,
    pub(crate) root_serial: Option<String>,
    pub(crate) app_id: Option<String>,
    pub(crate) aes: Option<AesKey>,
    /// Why what Alipay signs is not proven by the key of the settings.
    pub(crate) distrust: Vec<String>,
    /// What else is wrong with the settings that are used.
    pub(crate) problems: Vec<String>,
}

/// A public key, and where it is from.
struct Found {
    key: PublicKey,
    from: String,
    serial: Option<String>,
}

impl Keys {
    /// `given` is the file with the key or the certificate of the one who signs. `app_id` is the app's in what was captured.
    pub(crate) fn read(
        kind: Kind,
        given: Option<&Source>,
        app_id: Option<&str>,
        now: SystemTime,
    ) -> Result<Self, Failure> {
        let settings = Settings::from_env_at(now);
        let mut refused = None;
        let given = given.map(of_file).transpose()?;
        let is_given = given.is_some();
        let app = of_settings(&settings, &[Input::AppPrivateKey, Input::AppCertificate]);
        let alipay = of_settings(&settings, &[Input::AlipayCertificate, Input::AlipayPublicKey]);
        let (known, other) = if kind.is_of_app() { (app, alipay) } else { (alipay, app) };
        let (right, known) = match given {
            Some(given) => (given, known),
            None => (known.ok_or_else(|| missing(kind, &settings))?, None),
        };
        let mut signers = Signers::new(right.key.clone());
        if let Some(other) = other {
            let what = if kind.is_of_app() {
                "Alipay's private key; an app signs with its own, the application private key (应用私钥)".to_owned()
            } else {
                format!(
                    "the app's own private key (应用私钥, {}); Alipay signs with its own",
                    other.from
                )
            };
            signers = signers.or(other.key, what);
        }
        if let Some(known) = known {
            signers = signers.or(known.key, format!("another key, that of {}", known.from));
        }
        let aes = settings.get(Input::AesKey).and_then(|key| AesKey::parse(key).ok());
        if let Some(key) = &aes {
            signers = signers.aes_key(key.clone());
        }
        let app_id_set = settings.get(Input::AppId).map(|id| id.trim().to_owned());
        let mut credentials = None;
        if !kind.is_of_app() {
            let app_id = app_id_set.as_deref().or(app_id).unwrap_or("0");
            let of_all = (!is_given && settings.is_certificate_mode())
                .then(|| of_certificates(&settings, app_id, now))
                .flatten();
            let made = match of_all {
                Some(Ok(made)) => made,
                other => {
                    refused = other.and_then(Result::err);
                    Credentials::keys_with_signer(app_id, Nobody, &right.key.to_base64())
                        .map_err(Failure::unusable)?
                }
            };
            credentials = Some(match settings.get(Input::AesKey).filter(|_| aes.is_some()) {
                Some(key) => made.encrypt_key(key).map_err(Failure::unusable)?,
                None => made,
            });
        }
        let [distrust, problems] = wrong(&settings, kind, is_given, refused);
        // The key may be that of the app, and the serial that of its certificate.
        let certificate =
            if kind.is_of_app() { Input::AppCertificate } else { Input::AlipayCertificate };
        let serial = of_settings(&settings, &[certificate]).filter(|_| !is_given);
        let serial = match serial {
            Some(Found { key, from, serial: Some(serial) }) if key == right.key => {
                Some((serial, from))
            }
            _ => right.serial.map(|serial| (serial, right.from.clone())),
        };
        let root_serial = settings
            .get(Input::RootCertificates)
            .filter(|_| !is_given)
            .and_then(|roots| contents::root_serial(roots).ok());
        Ok(Self {
            signers,
            credentials,
            key: right.key,
            from: right.from,
            serial,
            root_serial,
            app_id: app_id_set,
            aes,
            distrust,
            problems,
        })
    }
}

/// What is wrong with the settings that are used: first what keeps a key from proving anything. `refused` is why they make no
/// credentials.
fn wrong(
    settings: &Settings,
    kind: Kind,
    is_given: bool,
    refused: Option<Error>,
) -> [Vec<String>; 2] {
    let used = if is_given {
        &[Input::AesKey][..]
    } else if kind.is_of_app() {
        &[Input::AppPrivateKey, Input::AppCertificate, Input::AesKey][..]
    } else {
        &[Input::AlipayPublicKey, Input::AlipayCertificate, Input::RootCertificates, Input::AesKey]
    };
    let is_used = |problem: &&Error| {
        problem.input().is_some_and(|input| used.contains(&input) && settings.get(input).is_some())
    };
    let wrong: Vec<&Error> = settings.problems().iter().filter(is_used).collect();
    // The settings tell the same, with the name of the variable in front.
    let refused = refused.filter(|refused| {
        !wrong.iter().any(|known| known.to_string().ends_with(&refused.to_string()))
    });
    let is_of_trust = |error: &&Error| {
        let others = [None, Some(Input::AesKey), Some(Input::AppId), Some(Input::AppCertificate)];
        !kind.is_of_app() && !others.contains(&error.input())
    };
    let (distrust, problems): (Vec<&Error>, Vec<&Error>) =
        wrong.into_iter().chain(&refused).partition(is_of_trust);
    [distrust, problems].map(|errors| errors.iter().map(ToString::to_string).collect())
}

/// The credentials of certificate mode, without the app's private key.
fn of_certificates(
    settings: &Settings,
    app_id: &str,
    now: SystemTime,
) -> Option<Result<Credentials, Error>> {
    let app = settings.get(Input::AppCertificate)?;
    let alipay = settings.get(Input::AlipayCertificate)?;
    let roots = settings.get(Input::RootCertificates)?;
    Some(Credentials::certificates_with_signer_at(
        now,
        app_id,
        Nobody,
        app,
        [alipay.as_str()],
        roots,
    ))
}

/// The first of these settings that has a key.
fn of_settings(settings: &Settings, inputs: &[Input]) -> Option<Found> {
    inputs.iter().find_map(|input| {
        let found = first(settings.get(*input)?)?;
        Some(Found { from: input.variable().to_owned(), ..found })
    })
}

fn of_file(source: &Source) -> Result<Found, Failure> {
    let text = source.text()?;
    let name = source.name();
    if let Some(found) = first(&text) {
        return Ok(Found { from: name, ..found });
    }
    let problem = match PublicKey::parse(&text) {
        Err(error) => error.to_string(),
        Ok(_) => "it holds no key".to_owned(),
    };
    Err(Failure::Unusable(format!("{name}: {problem}")))
}

/// The first key of a text: a public one, that of a certificate, or that which belongs to a private key.
fn first(text: &str) -> Option<Found> {
    contents::read(text).into_iter().flatten().find_map(|content| {
        let (key, serial) = match content {
            Content::PublicKey(key, _) => (key, None),
            Content::PrivateKey(key, _) => (key.public_key().clone(), None),
            Content::Certificate(facts) => (facts.key.ok()?, Some(facts.serial)),
            _ => return None,
        };
        Some(Found { key, from: String::new(), serial })
    })
}

fn missing(kind: Kind, settings: &Settings) -> Failure {
    let (inputs, whose) = if kind.is_of_app() {
        ([Input::AppPrivateKey, Input::AppCertificate], "the app's key, with which it signs")
    } else {
        ([Input::AlipayPublicKey, Input::AlipayCertificate], "Alipay's key, with which it signs")
    };
    let is_set =
        |input: &Input| std::env::var_os(input.variable()).is_some_and(|value| !value.is_empty());
    // What is set and cannot be read says why.
    let wrong = settings.problems().iter().find(|problem| {
        problem.input().is_some_and(|input| inputs.contains(&input) && is_set(&input))
    });
    if let Some(problem) = wrong {
        return Failure::unusable(problem);
    }
    let [first, second] = inputs.map(Input::variable);
    Failure::Unusable(format!(
        "a {} needs {whose}: set {first} or {second}, or give --public-key FILE or --cert FILE",
        kind.name(),
    ))
}

/// Stands for the private key where nothing is signed.
pub(crate) struct Nobody;

impl Signer for Nobody {
    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(async { Err(SignError::new("nothing is signed")) })
    }
}

/// The private key of a file.
pub(crate) fn private_key(source: &Source) -> Result<PrivateKey, Failure> {
    let text = source.text()?;
    PrivateKey::parse(&text)
        .map_err(|error| Failure::Unusable(format!("{}: {error}", source.name())))
}
