//! `alipay keys generate`.

use std::path::PathBuf;

use alipay_core::keys::{KeySize, PrivateKey};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::new_file::{self, NewFiles};
use super::request::{self, Subject};
use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output};

pub(super) const EXAMPLES: &str = "Examples:
  alipay keys generate --out keys
  alipay keys generate --bits 4096 --out keys --csr 'CN=example.com,O=Example Ltd,C=CN'
  alipay keys generate --print | vault kv put secret/alipay key=-

Files that it makes, which only you can read:
  app_private_key.pem         private key: PKCS#8, PEM; for programs with this SDK and openssl
  app_private_key_pkcs8.txt   private key: PKCS#8, bare base64; for Alipay's SDK for Java
  app_private_key_pkcs1.txt   private key: PKCS#1, bare base64; for Alipay's other SDKs
  app_public_key.txt          public key: bare base64; to be uploaded in the console (key mode)
  app_request.csr             with --csr: for the app's certificate (certificate mode)";

const PEM: &str = "app_private_key.pem";
const PKCS8: &str = "app_private_key_pkcs8.txt";
const PKCS1: &str = "app_private_key_pkcs1.txt";
const PUBLIC: &str = "app_public_key.txt";
const REQUEST: &str = "app_request.csr";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Size of the keys
    #[arg(long, value_enum, default_value_t = Bits::Bits2048)]
    bits: Bits,
    /// Folder to write the files to; it is made if it is not there
    #[arg(long, value_name = "DIR", required_unless_present = "print")]
    out: Option<PathBuf>,
    /// Make a certificate signing request (CSR), too, for this subject, such as `CN=example.com,O=Example Ltd,C=CN`
    #[arg(long, value_name = "SUBJECT")]
    csr: Option<Subject>,
    /// Print the private key (PKCS#8, PEM) instead of writing files, and the public key to standard error
    #[arg(long, conflicts_with_all = ["out", "csr"])]
    print: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bits {
    #[value(name = "2048")]
    Bits2048,
    #[value(name = "3072")]
    Bits3072,
    #[value(name = "4096")]
    Bits4096,
}

impl From<Bits> for KeySize {
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Bits2048 => Self::Bits2048,
            Bits::Bits3072 => Self::Bits3072,
            Bits::Bits4096 => Self::Bits4096,
        }
    }
}

pub(super) fn run(options: &Options, output: &Output) -> Outcome {
    let key = PrivateKey::generate_with(options.bits.into()).map_err(Failure::unusable)?;
    let public = key.public_key();
    let Some(folder) = &options.out else {
        let pem = key.to_pkcs8_pem().map_err(Failure::unusable)?;
        if output.is_json() {
            output.document(&json!({
                "private_key": pem.as_str(),
                "bits": public.bits(),
                "fingerprint": public.fingerprint(),
                "public_key": public.to_base64(),
            }));
            return Ok(());
        }
        output.note(Line::new().plain("public key for the console: ").plain(public.to_base64()));
        output.bytes(pem.as_bytes());
        return Ok(());
    };
    let request = options.csr.as_ref().map(|subject| request::make(&key, subject)).transpose()?;
    new_file::make_folder(folder)?;
    let mut files = NewFiles::default();
    let mut made = Vec::new();
    {
        let mut write = |name: &'static str, what: &'static str, text: &str| {
            made.push((name, what));
            files.write(&folder.join(name), text)
        };
        let pem = key.to_pkcs8_pem().map_err(Failure::unusable)?;
        write(PEM, "private key for programs with this SDK and openssl", &pem)?;
        let pkcs8 = key.to_pkcs8_base64().map_err(Failure::unusable)?;
        write(PKCS8, "private key for Alipay's SDK for Java", &pkcs8)?;
        let pkcs1 = key.to_pkcs1_base64().map_err(Failure::unusable)?;
        write(PKCS1, "private key for Alipay's other SDKs", &pkcs1)?;
        write(PUBLIC, "public key, to be uploaded in the console (key mode)", &public.to_base64())?;
        if let Some(request) = &request {
            write(REQUEST, "request for the app's certificate (certificate mode)", request)?;
        }
    }
    if output.is_json() {
        let files: Vec<_> = made.iter().map(|(name, _)| folder.join(name)).collect();
        output.document(&json!({
            "files": files,
            "bits": public.bits(),
            "fingerprint": public.fingerprint(),
            "public_key": public.to_base64(),
        }));
        return Ok(());
    }
    for (name, what) in made {
        let path = folder.join(name);
        output.line(Line::new().strong(path.display()).plain("  ").plain(what));
    }
    output.line(format!(
        "{} bits; SHA-256 of the public key {}",
        public.bits(),
        public.fingerprint()
    ));
    output.note(if request.is_some() {
        "Next: upload the request in the console (接口加签方式, 公钥证书), and download the three certificates there."
    } else {
        "Next: upload the public key in the console (接口加签方式, 公钥), and copy Alipay's public key (支付宝公钥) there."
    });
    Ok(())
}
