//! Settings from the environment of the process: credentials, a client, and all that is wrong with them.

use std::{env, ffi::OsString, fmt, time::SystemTime};

#[cfg(feature = "reqwest")]
use crate::client::Client;
pub use crate::input::Input;
use crate::{
    certificates::{CertificateOwner, EndEntity},
    client::{BaseUrl, read_http_host},
    credentials::{
        Credentials, check_alipay_key, check_app_id, check_app_key, check_app_named, check_roots,
        parse_aes_key, parse_alipay_key, parse_private_key, parse_roots,
    },
    error::Error,
    input::term,
    keys::{KeyText, PrivateKey, PublicKey, read_file},
    trust::check_alipay_certificate,
};

/// What the environment variables of [`Client::from_env`](crate::Client) hold, and all that is wrong with it.
///
/// [`Client::from_env`](crate::Client) gives the first problem; here are all of them, for programs that help people to set
/// a client up. `Debug` shows no value.
///
/// ```no_run
/// use alipay_core::settings::{Input, Settings};
///
/// let settings = Settings::from_env();
/// for input in Input::ALL {
///     println!("{}: {}", input.variable(), settings.get(input).is_some());
/// }
/// for problem in settings.problems() {
///     println!("{problem}");
/// }
/// ```
pub struct Settings {
    /// When the certificates must be valid.
    now: SystemTime,
    values: Vec<(Input, KeyText)>,
    problems: Vec<Error>,
}

impl Settings {
    /// Reads the variables, each on its own.
    #[must_use]
    pub fn from_env() -> Self {
        Self::from_env_at(SystemTime::now())
    }

    /// As [`from_env`](Self::from_env), with the time at which the certificates must be valid.
    #[must_use]
    pub fn from_env_at(now: SystemTime) -> Self {
        let mut settings = Self { now, values: Vec::new(), problems: Vec::new() };
        for input in Input::ALL {
            match read(input.variable()) {
                Ok(value) => settings.values.extend(value.map(|value| (input, value))),
                Err(error) => settings.problems.push(error.with_input(input)),
            }
        }
        settings.check_presence();
        settings.check();
        settings
    }

    /// What is given for it, or `None` if the variable is not set or its file cannot be read.
    #[must_use]
    pub fn get(&self, input: Input) -> Option<&KeyText> {
        self.values.iter().find(|(other, _)| *other == input).map(|(_, value)| value)
    }

    /// Whether it is certificate mode (公钥证书模式): any of the three certificates is given.
    #[must_use]
    pub fn is_certificate_mode(&self) -> bool {
        CERTIFICATES.into_iter().any(|input| self.is_given(input))
    }

    /// All that is wrong, each with what to do: what is missing, what is wrong with a value, then what does
    /// not belong together. [`Error::input`] says which setting it is. A message begins with the
    /// variable's name, and shows no value.
    #[must_use]
    pub fn problems(&self) -> &[Error] {
        &self.problems
    }

    /// The same, as if this had not been given, and nothing were wrong with it.
    #[must_use]
    pub fn without(mut self, input: Input) -> Self {
        self.values.retain(|(other, _)| *other != input);
        self.problems.retain(|problem| problem.input() != Some(input));
        self
    }

    /// The credentials, or what is wrong first.
    ///
    /// # Errors
    ///
    /// As for [`Credentials::from_env`].
    pub fn into_credentials(mut self) -> Result<Credentials, Error> {
        self.has_no_problem(&[Input::BaseUrl, Input::HttpHost])?;
        self.credentials().map_err(with_variable)
    }

    /// The first problem, if there is one that is not about these settings, or about one that is not used.
    fn has_no_problem(&mut self, besides: &[Input]) -> Result<(), Error> {
        let unused = self.is_certificate_mode().then_some(Input::AlipayPublicKey);
        let counts = |problem: &Error| {
            problem.input().is_none_or(|input| unused != Some(input) && !besides.contains(&input))
        };
        match self.problems.iter().position(counts) {
            Some(first) => Err(self.problems.swap_remove(first)),
            None => Ok(()),
        }
    }

    fn credentials(&self) -> Result<Credentials, Error> {
        let app_id = self.required(Input::AppId)?.trim();
        let private_key = self.required(Input::AppPrivateKey)?;
        let credentials = if self.is_certificate_mode() {
            let [app, alipay, root] = CERTIFICATES.map(|input| self.required(input));
            let (app, alipay, root) = (app?, alipay?, root?);
            Credentials::certificates_at(self.now, app_id, private_key, app, [alipay], root)?
        } else {
            Credentials::keys(app_id, private_key, self.required(Input::AlipayPublicKey)?)?
        };
        match self.get(Input::AesKey) {
            Some(key) => credentials.encrypt_key(key),
            None => Ok(credentials),
        }
    }

    fn required(&self, input: Input) -> Result<&str, Error> {
        self.get(input).map(KeyText::as_str).ok_or_else(|| not_set(input))
    }

    /// Whether the variable is set, whether or not it can be read.
    fn is_given(&self, input: Input) -> bool {
        let unread = || self.problems.iter().any(|problem| problem.input() == Some(input));
        self.get(input).is_some() || unread()
    }

    /// Notes what is missing.
    fn check_presence(&mut self) {
        let by_mode =
            if self.is_certificate_mode() { &CERTIFICATES[..] } else { &[Input::AlipayPublicKey] };
        let needed = [Input::BaseUrl, Input::AppId, Input::AppPrivateKey];
        let missing = needed.iter().chain(by_mode).filter(|input| !self.is_given(**input));
        let missing: Vec<_> = missing.map(|input| with_variable(not_set(*input))).collect();
        self.problems.extend(missing);
    }

    /// Notes what is wrong with a value, and what does not belong together.
    fn check(&mut self) {
        let mut found = Vec::new();
        {
            let mut note = |problem: Error| found.push(with_variable(problem));
            let host = self.get(Input::HttpHost).map(KeyText::as_str);
            let host = host.filter(|host| read_http_host(host).map_err(&mut note).is_ok());
            if let Some(url) = self.get(Input::BaseUrl) {
                let _ = BaseUrl::parse(url.trim(), host).map_err(&mut note);
            }
            let app_id = self.get(Input::AppId).map(|id| id.trim().to_owned());
            let app_id = app_id.and_then(|id| check_app_id(id).map_err(&mut note).ok());
            let private = self.get(Input::AppPrivateKey);
            let private = private.and_then(|key| parse_private_key(key).map_err(&mut note).ok());
            let private = private.as_ref().map(PrivateKey::public_key);
            if let Some(key) = self.get(Input::AesKey) {
                let _ = parse_aes_key(key).map_err(&mut note);
            }
            let together = if self.is_certificate_mode() {
                self.check_certificates(app_id.as_deref(), private, &mut note)
            } else {
                let alipay = self.get(Input::AlipayPublicKey);
                let alipay = alipay.and_then(|key| parse_alipay_key(key).map_err(&mut note).ok());
                let pair = alipay.zip(private);
                vec![pair.map_or(Ok(()), |(alipay, app)| check_alipay_key(&alipay, app))]
            };
            together.into_iter().filter_map(Result::err).for_each(note);
        }
        self.problems.extend(found);
    }

    /// Notes what is wrong with each certificate; returns what is found of them together.
    fn check_certificates(
        &self,
        app_id: Option<&str>,
        private: Option<&PublicKey>,
        note: &mut impl FnMut(Error),
    ) -> Vec<Result<(), Error>> {
        let mut read = |input, owner| {
            let certificate = EndEntity::parse(owner, self.get(input)?).map_err(&mut *note).ok()?;
            // One that has expired still shows what it belongs to.
            let _ = certificate.check_validity(self.now).map_err(&mut *note);
            Some(certificate)
        };
        let app = read(Input::AppCertificate, CertificateOwner::App);
        let alipay = read(Input::AlipayCertificate, CertificateOwner::Alipay);
        let roots = self.get(Input::RootCertificates);
        let roots = roots.and_then(|bundle| parse_roots(bundle).map_err(&mut *note).ok());
        let mut together = Vec::new();
        if let Some(app) = &app {
            together.extend(private.map(|key| check_app_key(app, key)));
            together.extend(app_id.map(|app_id| check_app_named(app, app_id)));
        }
        if let Some(alipay) = &alipay {
            // The certificates may be given in each other's place.
            let own = private.or(app.as_ref().map(|app| &app.key));
            together.push(check_alipay_certificate(alipay, own));
        }
        if let Some(roots) = &roots {
            let given = [&app, &alipay].into_iter().flatten();
            together.extend(given.map(|given| given.chain(roots, self.now).map(|_| ())));
            let [app, alipay] = [&app, &alipay].map(|given| given.as_ref().map(EndEntity::serial));
            together.push(check_roots(&roots.serials(), app.as_ref(), alipay.as_slice()));
        }
        together
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given: Vec<_> = self.values.iter().map(|(input, _)| input).collect();
        f.debug_struct("Settings")
            .field("given", &given)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

/// The certificates of certificate mode.
const CERTIFICATES: [Input; 3] =
    [Input::AppCertificate, Input::AlipayCertificate, Input::RootCertificates];

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
        Settings::from_env().into_credentials()
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
        Settings::from_env().into_client()
    }

    /// The client of [`from_env`](Self::from_env), or `None` if none of its variables is set.
    ///
    /// For programs that have another client otherwise. A part of the settings is not taken for none.
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env), if any of the variables is set.
    pub fn from_env_if_set() -> Result<Option<Self>, Error> {
        let is_set =
            |input: Input| env::var_os(input.variable()).is_some_and(|value| !value.is_empty());
        if Input::ALL.into_iter().any(is_set) { Self::from_env().map(Some) } else { Ok(None) }
    }
}

#[cfg(feature = "reqwest")]
impl Settings {
    /// The client, or what is wrong first.
    ///
    /// # Errors
    ///
    /// As for [`Client::from_env`].
    pub fn into_client(mut self) -> Result<Client, Error> {
        self.has_no_problem(&[])?;
        self.client().map_err(with_variable)
    }

    fn client(&self) -> Result<Client, Error> {
        let credentials = self.credentials()?;
        let encrypted = credentials.aes_key().is_some();
        let base_url = self.required(Input::BaseUrl)?.trim();
        let mut builder = Client::builder(credentials).base_url(base_url).encrypted(encrypted);
        if let Some(host) = self.get(Input::HttpHost) {
            builder = builder.allow_http_for(host);
        }
        builder.build()
    }
}

/// The error for what must be set.
fn not_set(input: Input) -> Error {
    if !CERTIFICATES.contains(&input) {
        return Error::wrong(
            input,
            "it is not set; give the value, or `@` and the path of a file with it",
        );
    }
    let [app, alipay, root] = CERTIFICATES.map(Input::variable);
    Error::wrong(
        input,
        format!(
            "it is not set; {} needs {app}, {alipay} and {root}, and {} none of them",
            term!(certificate_mode),
            term!(key_mode),
        ),
    )
}

/// What an environment variable holds, or the file that it names after `@`, as all variables of
/// [`Client::from_env`](crate::Client) are read. `None` if it is not set, or blank.
///
/// # Errors
///
/// When it is not UTF-8, or its file is empty or cannot be read. The message begins with the variable's
/// name, and shows no value.
pub fn read(variable: &str) -> Result<Option<KeyText>, Error> {
    let problem = |what: &str| Error::configuration(format!("{variable}: {what}"));
    let value = env::var_os(variable).map(OsString::into_string);
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
            error.in_setting(variable)
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
        Some(input) => error.in_setting(input.variable()),
        None => error,
    }
}
