//! `alipay keys show`.

use alipay_core::contents::{self, Content};
use alipay_core::keys::{Form, KeyText, PublicKey};
use clap::Args;
use serde_json::{Map, Value, json};

use crate::facts;
use crate::input::Source;
use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output};

pub(super) const EXAMPLES: &str = "Examples:
  alipay keys show app_private_key.pem
  alipay keys show app_private_key.pem appCertPublicKey_2021000000000001.crt
  printenv ALIPAY_PUBLIC_KEY | alipay keys show -

Private keys and AES keys are never shown. The public key of a private key is: it is what the console has.
With two files, the exit code is 1 if they do not belong together.";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// File of a key, certificates or a request; `-` is standard input
    file: Source,
    /// Another file: whether the two belong together
    other: Option<Source>,
}

/// What a file holds.
struct Shown {
    name: String,
    things: Vec<Thing>,
}

/// One thing of it: what it is, and lines about it; or what is wrong.
struct Thing {
    what: &'static str,
    facts: Vec<(&'static str, String)>,
    key: Option<PublicKey>,
    problem: Option<String>,
}

pub(super) fn run(options: &Options, output: &Output) -> Outcome {
    let files: Vec<_> = std::iter::once(&options.file)
        .chain(&options.other)
        .map(Shown::read)
        .collect::<Result<_, _>>()?;
    let together = match files.as_slice() {
        [one, other] => Some(belong_together(one, other)),
        _ => None,
    };
    if output.is_json() {
        let shown: Vec<_> = files.iter().map(Shown::json).collect();
        output.document(&json!({ "files": shown, "belong_together": together.flatten() }));
    } else {
        for file in &files {
            file.print(output, files.len() > 1);
        }
        match together {
            Some(Some(true)) => output.line(Line::new().right("They belong together.")),
            Some(Some(false)) => {
                output.line(Line::new().wrong("They do not belong together: their keys differ."));
            }
            Some(None) => output
                .line("Whether they belong together cannot be told: not both have an RSA key."),
            None => {}
        }
    }
    let wrong = files.iter().any(|file| file.things.iter().any(|thing| thing.problem.is_some()));
    if wrong || together == Some(Some(false)) { Err(Failure::Found) } else { Ok(()) }
}

/// Whether both have the same key. `None` if one has none.
fn belong_together(one: &Shown, other: &Shown) -> Option<bool> {
    let (one, other): (Vec<_>, Vec<_>) = (one.keys().collect(), other.keys().collect());
    if one.is_empty() || other.is_empty() {
        return None;
    }
    Some(one.iter().any(|key| other.contains(key)))
}

impl Shown {
    fn read(source: &Source) -> Result<Self, Failure> {
        let bytes = source.bytes()?;
        let text = KeyText::from_bytes(&bytes);
        let binary = match std::str::from_utf8(&bytes) {
            Ok(_) => None,
            Err(_) if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) => Some(
                "UTF-16, as PowerShell writes it; other programs may not read that, but what `alipay keys convert` writes",
            ),
            Err(_) => Some("binary (DER)"),
        };
        let written = |form| binary.map_or_else(|| facts::written(&text, form), str::to_owned);
        let mut things: Vec<_> = contents::read(&text)
            .into_iter()
            .map(|content| match content {
                Ok(content) => Thing::of(&content, written),
                Err(error) => Thing {
                    problem: Some(error.to_string()),
                    ..Thing::new("nothing that can be used")
                },
            })
            .collect();
        let is_bundle = things.iter().filter(|thing| thing.what == ROOT).count() > 0;
        if let Some(serial) = is_bundle.then(|| contents::root_serial(&text).ok()).flatten() {
            let mut bundle = Thing::new("all root certificates together");
            bundle.facts.push(("serial (alipay-root-cert-sn)", serial));
            things.push(bundle);
        }
        Ok(Self { name: source.name(), things })
    }

    fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.things.iter().filter_map(|thing| thing.key.as_ref())
    }

    fn print(&self, output: &Output, named: bool) {
        if named {
            output.line(Line::new().strong(&self.name));
        }
        for thing in &self.things {
            match &thing.problem {
                Some(problem) => {
                    output.line(Line::new().wrong("problem").plain(": ").plain(problem));
                }
                None => output.line(Line::new().strong(thing.what)),
            }
            for (name, value) in &thing.facts {
                output.line(Line::new().plain("  ").faint(name).plain(": ").plain(value));
            }
        }
    }

    fn json(&self) -> Value {
        let things: Vec<_> = self
            .things
            .iter()
            .map(|thing| {
                let mut members = Map::new();
                members.insert("what".to_owned(), thing.what.into());
                if let Some(problem) = &thing.problem {
                    members.insert("problem".to_owned(), problem.as_str().into());
                }
                for (name, value) in &thing.facts {
                    members.insert((*name).to_owned(), value.as_str().into());
                }
                Value::Object(members)
            })
            .collect();
        json!({ "file": self.name, "holds": things })
    }
}

const ROOT: &str = "root certificate";

impl Thing {
    fn new(what: &'static str) -> Self {
        Self { what, facts: Vec::new(), key: None, problem: None }
    }

    fn of(content: &Content, written: impl Fn(Form) -> String) -> Self {
        match content {
            Content::PrivateKey(key, form) => {
                Self::new("private key").form(*form, &written(*form)).key(key.public_key(), true)
            }
            Content::PublicKey(key, form) => {
                Self::new("public key").form(*form, &written(*form)).key(key, true)
            }
            Content::Certificate(certificate) => {
                let what = match (certificate.is_root, &certificate.app_id) {
                    (true, _) => ROOT,
                    (false, Some(_)) => "certificate of an app",
                    (false, None) => "certificate",
                };
                let mut thing = Self::new(what).fact("serial (cert_sn)", &certificate.serial);
                if let Some(app_id) = &certificate.app_id {
                    thing = thing.fact("app id", app_id);
                }
                thing =
                    thing.fact("subject", &certificate.subject).fact("issuer", &certificate.issuer);
                match &certificate.validity {
                    Ok((from, until)) => {
                        thing = thing
                            .fact("valid from", &facts::time(*from))
                            .fact("valid until", &facts::time(*until));
                    }
                    Err(error) => thing = thing.fact("validity", &error.to_string()),
                }
                match &certificate.key {
                    Ok(key) => thing.key(key, false),
                    Err(error) => thing.fact("public key", &error.to_string()),
                }
            }
            Content::Request(request) => {
                let thing =
                    Self::new("certificate signing request").fact("subject", &request.subject);
                match &request.key {
                    Ok(key) => thing.key(key, false),
                    Err(error) => thing.fact("public key", &error.to_string()),
                }
            }
            Content::AesKey { bits } => {
                Self::new("something as long as an AES key").fact("bits", &bits.to_string())
            }
            _ => Self::new("something that this version does not know"),
        }
    }

    fn fact(mut self, name: &'static str, value: &str) -> Self {
        self.facts.push((name, value.to_owned()));
        self
    }

    fn form(self, form: Form, written: &str) -> Self {
        self.fact("form", &format!("{}, {written}", facts::form(form)))
    }

    /// The key, as the console shows it where nothing else does.
    fn key(mut self, key: &PublicKey, shown: bool) -> Self {
        self.key = Some(key.clone());
        let thing = self
            .fact("bits", &key.bits().to_string())
            .fact("SHA-256 of the public key", &key.fingerprint());
        if shown { thing.fact("public key", &key.to_base64()) } else { thing }
    }
}
