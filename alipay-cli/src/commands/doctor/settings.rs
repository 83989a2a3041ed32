//! The settings: each alone, then what belongs together.

use std::time::{Duration, SystemTime};

use alipay_core::contents::{self, CertificateFacts, Content};
use alipay_core::keys::{KeyText, PublicKey};
use alipay_core::settings::{Input, Settings};
use alipay_core::{CertificateChain, CertificateOwner, Credentials, Environment};

use super::report::{Report, State, counted};
use crate::facts;

/// How long before its end a certificate is warned of.
const SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(super) fn examine(settings: &Settings, now: SystemTime, report: &mut Report<'_>) {
    let mode = if settings.is_certificate_mode() {
        "certificate mode (公钥证书模式), since a certificate is set"
    } else {
        "key mode (公钥模式), since no certificate is set"
    };
    report.note(
        "mode",
        format_args!("{mode}; the console shows which one the app is in (接口加签方式)"),
    );
    for input in Input::ALL {
        let name = input.variable();
        let problems = settings.problems().iter().filter(|problem| problem.input() == Some(input));
        let problems: Vec<_> = problems.map(ToString::to_string).collect();
        let prefix = format!("{name}: ");
        for problem in &problems {
            report.problem(name, problem.strip_prefix(&prefix).unwrap_or(problem));
        }
        match settings.get(input) {
            Some(value) => {
                let fact = Fact::of(input, value, settings, now, problems.is_empty());
                for (state, text) in fact.0 {
                    report.add(state, name, text);
                }
            }
            None if problems.is_empty() => report.note(name, not_set(input, settings)),
            None => {}
        }
    }
    together(settings, report);
}

/// Why it need not be set.
fn not_set(input: Input, settings: &Settings) -> &'static str {
    match input {
        Input::HttpHost => {
            "not set; only a gateway for tests that is called by plain http needs it"
        }
        Input::AlipayPublicKey if settings.is_certificate_mode() => {
            "not set; certificate mode (公钥证书模式) does not need it"
        }
        Input::AesKey => "not set; calls are not encrypted",
        _ => "not set; key mode (公钥模式) does not need it",
    }
}

/// What there is to say of a value.
struct Fact(Vec<(State, String)>);

impl Fact {
    fn of(
        input: Input,
        value: &KeyText,
        settings: &Settings,
        now: SystemTime,
        is_right: bool,
    ) -> Self {
        let mut fact = Self(Vec::new());
        let fine = if is_right { State::Ok } else { State::Note };
        match input {
            // A wrong one may be a secret in the wrong place.
            Input::BaseUrl | Input::HttpHost | Input::AppId if !is_right => {}
            Input::BaseUrl => fact.base_url(value.trim()),
            Input::HttpHost => {
                fact.add(State::Ok, format!("plain http is allowed for {}", value.trim()));
            }
            Input::AppId => fact.app_id(value.trim()),
            Input::AppPrivateKey => fact.key(value, fine, true),
            Input::AlipayPublicKey => {
                fact.key(value, fine, false);
                if settings.is_certificate_mode() {
                    let text = "it is not used: a certificate is set, so this is certificate mode (公钥证书模式)";
                    fact.add(State::Warning, text);
                }
            }
            Input::AppCertificate | Input::AlipayCertificate => {
                if let Some(certificate) = certificate(value) {
                    fact.certificate(&certificate, fine, now);
                }
            }
            Input::RootCertificates => fact.roots(value, fine),
            _ => {
                for content in contents::read(value).into_iter().flatten() {
                    if let Content::AesKey { bits } = content {
                        fact.add(fine, format!("AES key, {bits} bits; calls are encrypted"));
                    }
                }
            }
        }
        fact
    }

    fn add(&mut self, state: State, text: impl Into<String>) {
        self.0.push((state, text.into()));
    }

    fn base_url(&mut self, url: &str) {
        let url = url.trim_end_matches('/');
        let is = |environment: Environment| url.eq_ignore_ascii_case(environment.base_url());
        let host = url.split_once("://").map_or(url, |(_, host)| host).to_ascii_lowercase();
        if is(Environment::Production) {
            self.add(State::Ok, format!("{url}, Alipay's production"));
        } else if is(Environment::Sandbox) {
            self.add(State::Ok, format!("{url}, Alipay's sandbox (沙箱)"));
        } else if host.ends_with("alipay.com") || host.ends_with("alipaydev.com") {
            self.add(
                State::Warning,
                format!(
                    "{url} is not among the addresses of OpenAPI v3 that are known: {} and, for the sandbox, {}",
                    Environment::Production.base_url(),
                    Environment::Sandbox.base_url()
                ),
            );
        } else {
            self.add(State::Ok, format!("{url}, a gateway that is not Alipay's own"));
        }
    }

    fn app_id(&mut self, app_id: &str) {
        if app_id.starts_with("2088") {
            let pid = "begins as the ids of merchants do (PID, 2088…); give the app's id, which the console shows with the app";
            self.add(State::Warning, format!("{app_id} {pid}"));
        } else if app_id.len() == 16 && app_id.bytes().all(|byte| byte.is_ascii_digit()) {
            self.add(State::Ok, app_id);
        } else {
            self.add(State::Warning, format!("{app_id}; app ids of Alipay's have 16 digits"));
        }
    }

    fn key(&mut self, value: &KeyText, state: State, private: bool) {
        for content in contents::read(value).into_iter().flatten() {
            let (what, form, key) = match &content {
                Content::PrivateKey(key, form) if private => {
                    ("private key", *form, key.public_key())
                }
                Content::PublicKey(key, form) if !private => ("public key", *form, key),
                _ => continue,
            };
            let (form, written) = (facts::form(form), facts::written(value, form));
            self.add(
                state,
                format!(
                    "{what}, {form}, {written}, {} bits; SHA-256 of the public key {}",
                    key.bits(),
                    key.fingerprint()
                ),
            );
        }
    }

    fn certificate(&mut self, certificate: &CertificateFacts, state: State, now: SystemTime) {
        let app = certificate.app_id.as_ref();
        let app = app.map_or_else(String::new, |app_id| format!(", of the app {app_id}"));
        let key = certificate.key.as_ref().map_or_else(
            |_| String::new(),
            |key| format!(", {} bits; SHA-256 of the public key {}", key.bits(), key.fingerprint()),
        );
        let text = format!("certificate with the serial {}{app}{key}", certificate.serial);
        self.add(state, text);
        let Ok((_, until)) = certificate.validity else { return };
        let left = until.duration_since(now).unwrap_or_default();
        if left < SOON && !left.is_zero() {
            let days = left.as_secs() / (24 * 60 * 60);
            let until = facts::time(until);
            self.add(
                State::Warning,
                format!("it expires at {until}, in {days} days: get a new one from the console (更新证书) before"),
            );
        } else {
            self.add(State::Note, format!("valid until {}", facts::time(until)));
        }
    }

    fn roots(&mut self, value: &KeyText, state: State) {
        let Ok(serial) = contents::root_serial(value) else { return };
        let certificates = contents::read(value).into_iter().filter_map(|content| match content {
            Ok(Content::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<_> = certificates.collect();
        let others = certificates.iter().filter(|certificate| !certificate.signed_with_rsa).count();
        self.add(
            state,
            format!(
                "{}; the serial of the bundle is {serial}",
                counted(certificates.len(), "certificate")
            ),
        );
        if others > 0 {
            self.add(
                State::Note,
                format!("{others} of them are not signed with RSA, but for SM2 (国密), say: they are not checked, and do not count"),
            );
        }
    }
}

/// The first certificate of a text, which is the one that counts.
fn certificate(text: &str) -> Option<CertificateFacts> {
    contents::read(text).into_iter().flatten().find_map(|content| match content {
        Content::Certificate(certificate) => Some(*certificate),
        _ => None,
    })
}

/// What belongs together and does. What does not is a problem of the settings.
fn together(settings: &Settings, report: &mut Report<'_>) {
    let is_right = |input| !settings.problems().iter().any(|found| found.input() == Some(input));
    let private = settings.get(Input::AppPrivateKey).and_then(|text| public_key(text, true));
    if !settings.is_certificate_mode() {
        let alipay = settings.get(Input::AlipayPublicKey).and_then(|text| public_key(text, false));
        if private.zip(alipay).is_some_and(|(app, alipay)| app != alipay) {
            report.ok("keys", "the key that is given as Alipay's is not the app's own");
        }
        return;
    }
    let app = settings.get(Input::AppCertificate).and_then(|text| certificate(text));
    let key = app.and_then(|certificate| certificate.key.ok());
    if private.zip(key).is_some_and(|(private, certified)| private == certified) {
        report.ok("keys", "the private key and the app's certificate belong together");
    }
    let all = [Input::AppCertificate, Input::AlipayCertificate, Input::RootCertificates];
    if all.into_iter().all(|input| settings.get(input).is_some() && is_right(input)) {
        report.ok("certificates", "each is in its place: the app's, Alipay's, the root bundle");
    }
}

/// Whether the signatures on the certificates were checked up to a root.
pub(super) fn chains(credentials: &Credentials, report: &mut Report<'_>) {
    for certificate in credentials.trust().certificates() {
        let input = match certificate.owner {
            CertificateOwner::App => Input::AppCertificate,
            _ => Input::AlipayCertificate,
        };
        match certificate.chain {
            CertificateChain::Verified => {
                report.ok(input.variable(), "its signatures lead up to a root certificate");
            }
            CertificateChain::NotChecked(gap) => report.warning(
                input.variable(),
                format_args!("its signatures cannot be checked up to a root: {gap}; download the three files from the console"),
            ),
        }
    }
}

/// The public key of the key in a text.
fn public_key(text: &str, private: bool) -> Option<PublicKey> {
    contents::read(text).into_iter().flatten().find_map(|content| match content {
        Content::PrivateKey(key, _) if private => Some(key.public_key().clone()),
        Content::PublicKey(key, _) if !private => Some(key),
        _ => None,
    })
}
