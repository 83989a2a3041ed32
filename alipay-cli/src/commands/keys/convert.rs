//! `alipay keys convert`.

use std::path::PathBuf;

use alipay_core::contents::{self, Content};
use alipay_core::keys::{KeyError, KeyText, PrivateKey, PublicKey};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::new_file::NewFiles;
use crate::input::Source;
use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output};

pub(super) const EXAMPLES: &str = "Examples:
  alipay keys convert app_private_key.pem --to pkcs8 --out for_java.txt
  alipay keys convert app_private_key.pem --to public
  printenv ALIPAY_PRIVATE_KEY | alipay keys convert - --to pkcs1-pem --out app.pem

A private key is written to a new file that only you can read; `--out -` prints it. A public key is printed unless
`--out` names a file. The public key is also taken out of a private key, a certificate or a request.";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// File of a key, a certificate or a request; `-` is standard input
    file: Source,
    /// Form to write the key in
    #[arg(long, value_enum)]
    to: Form,
    /// File to write; `-` is standard output. No file is replaced
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Private key: PKCS#8, PEM
    Pkcs8Pem,
    /// Private key: PKCS#8, bare base64, as Alipay's SDK for Java takes it
    Pkcs8,
    /// Private key: PKCS#1, PEM
    Pkcs1Pem,
    /// Private key: PKCS#1, bare base64
    Pkcs1,
    /// Public key: PEM
    PublicPem,
    /// Public key: bare base64, as the console takes and shows it
    Public,
}

pub(super) fn run(options: &Options, output: &Output) -> Outcome {
    let name = options.file.name();
    let is_private = !matches!(options.to, Form::Public | Form::PublicPem);
    let out = options.out.as_deref().filter(|out| out.as_os_str() != "-");
    if is_private && options.out.is_none() {
        return Err(Failure::unusable(
            "a private key is not shown unasked; give `--out FILE`, or `--out -` to print it",
        ));
    }
    let text = KeyText::from_bytes(&options.file.bytes()?);
    let written = if is_private {
        private(&text).and_then(|key| in_form(&key, options.to).map_err(|e| e.to_string()))
    } else {
        public(&text).map(|key| {
            let text = if options.to == Form::Public { key.to_base64() } else { key.to_pem() };
            KeyText::from_bytes(text.as_bytes())
        })
    };
    let written = written.map_err(|problem| Failure::Unusable(format!("{name}: {problem}")))?;
    match out {
        Some(out) => {
            NewFiles::default().write(out, &written)?;
            if output.is_json() {
                output.document(&json!({ "file": out }));
            } else {
                output.line(Line::new().strong(out.display()).plain("  written"));
            }
        }
        None if output.is_json() => output.document(&json!({ "text": written.as_str() })),
        None => output.bytes(format!("{}\n", written.trim_end()).as_bytes()),
    }
    Ok(())
}

/// The private key of a text, which says what else is there.
fn private(text: &str) -> Result<PrivateKey, String> {
    PrivateKey::parse(text).map_err(|error| error.to_string())
}

/// The public key of a text, of whatever has one.
fn public(text: &str) -> Result<PublicKey, String> {
    let mut problem = None;
    for content in contents::read(text) {
        let key = match content {
            Ok(Content::PrivateKey(key, _)) => Ok(key.public_key().clone()),
            Ok(Content::PublicKey(key, _)) => Ok(key),
            Ok(Content::Certificate(certificate)) => certificate.key.map_err(|e| e.to_string()),
            Ok(Content::Request(request)) => request.key.map_err(|e| e.to_string()),
            Ok(_) => Err("there is no public key in it".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match key {
            Ok(key) => return Ok(key),
            Err(other) => problem = problem.or(Some(other)),
        }
    }
    Err(problem.unwrap_or_else(|| "there is nothing in it".to_owned()))
}

fn in_form(key: &PrivateKey, form: Form) -> Result<KeyText, KeyError> {
    match form {
        Form::Pkcs8Pem => key.to_pkcs8_pem(),
        Form::Pkcs1 => key.to_pkcs1_base64(),
        Form::Pkcs1Pem => key.to_pkcs1_pem(),
        _ => key.to_pkcs8_base64(),
    }
}
