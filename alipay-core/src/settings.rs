//! Credentials and a client from the environment of the process.

use std::{env, ffi::OsString};

#[cfg(feature = "reqwest")]
use crate::client::Client;
use crate::{
    credentials::Credentials,
    error::Error,
    input::{Input, term},
    keys::{KeyText, read_file},
};

const BASE_URL: &str = "ALIPAY_BASE_URL";
const ALLOW_HTTP_FOR: &str = "ALIPAY_ALLOW_HTTP_FOR";
const APP_ID: &str = "ALIPAY_APP_ID";
const PRIVATE_KEY: &str = "ALIPAY_PRIVATE_KEY";
const PUBLIC_KEY: &str = "ALIPAY_PUBLIC_KEY";
const APP_CERT: &str = "ALIPAY_APP_CERT";
const CERT: &str = "ALIPAY_CERT";
const ROOT_CERT: &str = "ALIPAY_ROOT_CERT";
const ENCRYPT_KEY: &str = "ALIPAY_ENCRYPT_KEY";

#[cfg(feature = "reqwest")]
const VARIABLES: [&str; 9] = [
    BASE_URL,
    ALLOW_HTTP_FOR,
    APP_ID,
    PRIVATE_KEY,
    PUBLIC_KEY,
    APP_CERT,
    CERT,
    ROOT_CERT,
    ENCRYPT_KEY,
];

impl Credentials {
    /// The credentials that environment variables describe.
    ///
    /// A variable holds the value itself, or `@` and the path of a file with it, which is read by
    /// [`keys::read_file`](crate::keys::read_file). One that is empty counts as not set; a file that is
    /// empty is an error.
    ///
    /// | variable | value |
    /// | --- | --- |
    /// | `ALIPAY_APP_ID` | the app's id |
    /// | `ALIPAY_PRIVATE_KEY` | the app's private key (应用私钥) |
    /// | `ALIPAY_PUBLIC_KEY` | in key mode: Alipay's public key (支付宝公钥) |
    /// | `ALIPAY_APP_CERT` | in certificate mode: the app's certificate (应用公钥证书) |
    /// | `ALIPAY_CERT` | in certificate mode: Alipay's certificate (支付宝公钥证书) |
    /// | `ALIPAY_ROOT_CERT` | in certificate mode: the root certificates (支付宝根证书) |
    /// | `ALIPAY_ENCRYPT_KEY` | if content is encrypted: the AES key (接口内容加密方式的 AES 密钥) |
    ///
    /// With any of the three certificates it is certificate mode, and all three are needed.
    ///
    /// ```no_run
    /// # fn f() -> Result<(), alipay_core::Error> {
    /// let credentials = alipay_core::Credentials::from_env()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`keys`](Self::keys) and [`certificates`](Self::certificates), and when a variable is
    /// missing or its file cannot be read. The message begins with the variable's name. It never shows
    /// a value.
    pub fn from_env() -> Result<Self, Error> {
        let app_id = required(Input::AppId)?;
        let private_key = required(Input::AppPrivateKey)?;
        let (app_id, private_key) = (app_id.trim(), private_key.as_str());
        let app = optional(Input::AppCertificate)?;
        let alipay = optional(Input::AlipayCertificate)?;
        let root = optional(Input::RootCertificates)?;
        let credentials = if app.is_none() && alipay.is_none() && root.is_none() {
            Self::keys(app_id, private_key, &required(Input::AlipayPublicKey)?)
        } else {
            let app = app.ok_or_else(|| no_certificate(Input::AppCertificate))?;
            let alipay = alipay.ok_or_else(|| no_certificate(Input::AlipayCertificate))?;
            let root = root.ok_or_else(|| no_certificate(Input::RootCertificates))?;
            Self::certificates(app_id, private_key, &app, [alipay.as_str()], &root)
        };
        let credentials = credentials.map_err(with_variable)?;
        match optional(Input::AesKey)? {
            Some(key) => credentials.encrypt_key(&key).map_err(with_variable),
            None => Ok(credentials),
        }
    }
}

#[cfg(feature = "reqwest")]
impl Client {
    /// A client with the [credentials that environment variables describe](Credentials::from_env), for
    /// the gateway in `ALIPAY_BASE_URL`. With `ALIPAY_ENCRYPT_KEY` its calls are encrypted.
    ///
    /// All that a client reads of the environment:
    ///
    /// | variable | value |
    /// | --- | --- |
    /// | `ALIPAY_BASE_URL` | the [gateway's address](crate::ClientBuilder::base_url) |
    /// | `ALIPAY_ALLOW_HTTP_FOR` | if a gateway for tests has no `https`: [its host](crate::ClientBuilder::allow_http_for), such as `alipay-mock` |
    /// | `ALIPAY_APP_ID` and so on | [credentials](Credentials::from_env) |
    /// | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, also in lower case | proxies; not for a gateway on this computer, or one called by plain http |
    /// | `SSL_CERT_FILE`, `SSL_CERT_DIR` | root certificates in place of the system's, where that has files of them (Linux) |
    ///
    /// Those of proxies and root certificates are read by the default HTTP client, so also by a client of a
    /// [builder](Self::builder), whose [`http_client`](crate::ClientBuilder::http_client) can change that.
    ///
    /// The gateway is always named, so that nothing goes to production by mistake. Alipay's are
    /// `https://openapi.alipay.com` and, for the sandbox, `https://openapi-sandbox.dl.alipaydev.com`
    /// ([`Environment`](crate::Environment)). Other settings than these need a
    /// [builder](Self::builder).
    ///
    /// ```no_run
    /// # fn f() -> Result<(), alipay_core::Error> {
    /// let client = alipay_core::Client::from_env()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Credentials::from_env`], and when the gateway's address is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        let base_url = required(Input::BaseUrl)?;
        let credentials = Credentials::from_env()?;
        let encrypted = credentials.aes_key().is_some();
        let mut builder = Self::builder(credentials).base_url(base_url.trim()).encrypted(encrypted);
        if let Some(host) = optional(Input::HttpHost)? {
            builder = builder.allow_http_for(&host);
        }
        builder.build().map_err(with_variable)
    }

    /// The client of [`from_env`](Self::from_env), or `None` if none of its variables is set.
    ///
    /// For programs that have another client otherwise. A part of the settings is not taken for none.
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env), if any of the variables is set.
    pub fn from_env_if_set() -> Result<Option<Self>, Error> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if VARIABLES.into_iter().any(is_set) { Self::from_env().map(Some) } else { Ok(None) }
    }
}

/// What must be set.
fn required(input: Input) -> Result<KeyText, Error> {
    const HINT: &str = "it is not set; give the value, or `@` and the path of a file with it";
    optional(input)?.ok_or_else(|| with_variable(Error::wrong(input, HINT)))
}

/// The error for a certificate that is missing beside another.
fn no_certificate(input: Input) -> Error {
    with_variable(Error::wrong(
        input,
        format!(
            "it is not set; {} needs {APP_CERT}, {CERT} and {ROOT_CERT}, and {} none of them",
            term!(certificate_mode),
            term!(key_mode),
        ),
    ))
}

/// What a variable holds, or the file that it names.
fn optional(input: Input) -> Result<Option<KeyText>, Error> {
    let name = variable(input);
    let problem = |what: &str| Error::configuration(format!("{name}: {what}"));
    let value = env::var_os(name).map(OsString::into_string);
    // The value is not shown, as `std::env::VarError` does.
    let value = value.transpose().map_err(|_| {
        problem("it is not UTF-8; write the value to a file, and give `@` and its path")
    })?;
    let Some(value) = value.map(KeyText::new) else { return Ok(None) };
    let Some(path) = value.trim().strip_prefix('@') else {
        return Ok((!value.trim().is_empty()).then_some(value));
    };
    if path.is_empty() {
        return Err(problem("the path of a file is missing after `@`"));
    }
    let content = read_file(path).map_err(|error| {
        if path.starts_with("~/") {
            problem("`~` stands for no folder after `@`, since no shell replaces it there; write the whole path")
        } else {
            error.in_setting(name)
        }
    })?;
    // Whoever names a file means to set the variable.
    if content.trim().is_empty() {
        return Err(problem(&format!("the file {path} is empty")));
    }
    Ok(Some(content))
}

/// An error about a value, with the variable that holds it in front.
fn with_variable(error: Error) -> Error {
    match error.input() {
        Some(input) => error.in_setting(variable(input)),
        None => error,
    }
}

/// The variable that holds it.
fn variable(input: Input) -> &'static str {
    match input {
        Input::BaseUrl => BASE_URL,
        Input::HttpHost => ALLOW_HTTP_FOR,
        Input::AppId => APP_ID,
        Input::AppPrivateKey => PRIVATE_KEY,
        Input::AlipayPublicKey => PUBLIC_KEY,
        Input::AppCertificate => APP_CERT,
        Input::AlipayCertificate => CERT,
        Input::RootCertificates => ROOT_CERT,
        Input::AesKey => ENCRYPT_KEY,
    }
}
