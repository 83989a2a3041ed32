//! The gateway: whether it can be reached, what its clock says, and whether both keys are the right ones.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use alipay_core::http::{HeaderMap, Uri};
use alipay_core::settings::{Input, Settings};
use alipay_core::transport::reqwest;
use alipay_core::{Client, Credentials, Environment, Error, ErrorKind};
use serde_json::json;

use super::report::Report;
use crate::moment::Moment;
use crate::outcome::Failure;
use crate::runtime;

/// What is called: it only reads, and most apps may call it.
const OPERATION: &str = "alipay.trade.query";
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// More addresses of one name are not tried.
const MAX_ADDRESSES: usize = 4;
/// How far the clocks may be apart before it is worth a word, and before responses are refused (5 minutes unless set).
const NOTABLE: u64 = 60;
const TOO_FAR: u64 = 300;
/// The parts that findings are about.
const NETWORK: &str = "network";
const CLOCK: &str = "clock";
const CALL: &str = "signed call";
const ENCRYPTED: &str = "encrypted call";

/// What the settings say of a call, beside the credentials.
pub(super) struct Target {
    /// `None` if something is wrong with its address.
    gateway: Option<Gateway>,
    is_certificate_mode: bool,
}

impl Target {
    pub(super) fn of(settings: &Settings) -> Self {
        Self { gateway: Gateway::of(settings), is_certificate_mode: settings.is_certificate_mode() }
    }
}

pub(super) fn examine(
    target: Target,
    credentials: Option<Credentials>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let Target { gateway, is_certificate_mode } = target;
    let Some(gateway) = gateway else {
        report.note(NETWORK, "not looked at: the base URL comes first");
        return Ok(());
    };
    if !gateway.is_within_reach(report) {
        report.note(CALL, "not made: there is no connection");
        return Ok(());
    }
    let Some(credentials) = credentials else {
        runtime::block_on(gateway.greet(report))?;
        report.note(CALL, "not made: the problems above come first");
        return Ok(());
    };
    let examination = Examination { gateway, credentials, is_certificate_mode };
    runtime::block_on(examination.run(report))
}

/// The gateway's address, which is a right one.
struct Gateway {
    url: String,
    http_host: Option<String>,
    host: String,
    port: u16,
    /// Plain http, or on this computer: proxies of the environment are not used.
    is_direct: bool,
    is_plain: bool,
}

impl Gateway {
    fn of(settings: &Settings) -> Option<Self> {
        let of_address = [Some(Input::BaseUrl), Some(Input::HttpHost)];
        if settings.problems().iter().any(|problem| of_address.contains(&problem.input())) {
            return None;
        }
        let url = settings.get(Input::BaseUrl)?.trim().to_owned();
        let uri: Uri = url.parse().ok()?;
        let host = uri.host()?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_plain = uri.scheme_str() == Some("http");
        let is_here = host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        Some(Self {
            http_host: settings.get(Input::HttpHost).map(|host| host.to_string()),
            port: uri.port_u16().unwrap_or(if is_plain { 80 } else { 443 }),
            is_direct: is_plain || is_here,
            is_plain,
            host,
            url,
        })
    }

    /// Proxies, name, connection: what can be seen without a request. A proxy may reach what this computer does not.
    fn is_within_reach(&self, report: &mut Report<'_>) -> bool {
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            if let Some(path) = std::env::var_os(name).filter(|path| !path.is_empty()) {
                let path = path.to_string_lossy();
                report.note(name, format_args!("root certificates for TLS are read from {path}"));
            }
        }
        let proxies = proxies();
        for (name, proxy) in &proxies {
            let use_ = if self.is_direct { "not used for this gateway" } else { "may be used" };
            report.note(name, format_args!("the proxy {proxy}; {use_}"));
        }
        if !proxies.is_empty() && !self.is_direct {
            report.note(NETWORK, "name and connection are not looked at, since a proxy is set");
            return true;
        }
        let addresses = match resolve(&self.host, self.port) {
            Ok(addresses) => addresses,
            Err(problem) => {
                report.problem(
                    NETWORK,
                    format_args!(
                        "the name {} is not found: {problem}; is this computer in a network, and may it ask DNS?",
                        self.host
                    ),
                );
                return false;
            }
        };
        let mut last = None;
        for address in addresses.iter().take(MAX_ADDRESSES) {
            let start = Instant::now();
            match TcpStream::connect_timeout(address, CONNECT_TIMEOUT) {
                Ok(_) => {
                    let took = start.elapsed().as_millis();
                    report.ok(
                        NETWORK,
                        format_args!("{} is {address}, connected in {took} ms", self.host),
                    );
                    return true;
                }
                Err(problem) => last = Some((address, problem)),
            }
        }
        if let Some((address, problem)) = last {
            report.problem(
                NETWORK,
                format_args!(
                    "no connection to {} ({address}): {problem}; does a firewall forbid it, or is a proxy needed (HTTPS_PROXY)?",
                    self.host
                ),
            );
        }
        false
    }

    /// Asks the gateway for anything, where the settings make no call.
    async fn greet(&self, report: &mut Report<'_>) {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        let builder = if self.is_direct { builder.no_proxy() } else { builder };
        let builder = if self.is_plain { builder.tls_certs_only([]) } else { builder };
        let before = SystemTime::now();
        let sent = match builder.build() {
            Ok(client) => client.get(&self.url).send().await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(response) => {
                report.ok(NETWORK, format_args!("{} responds", self.url));
                note_clock(Skew::of(response.headers(), before, SystemTime::now()), report);
            }
            Err(error) => {
                let mut cause: &dyn std::error::Error = &error;
                while let Some(deeper) = cause.source() {
                    cause = deeper;
                }
                unreachable(&self.url, &cause.to_string(), report);
            }
        }
    }
}

/// Whether a response has what only the gateway's responses have.
fn is_signed(error: &Error) -> bool {
    error.headers().is_none_or(|headers| headers.contains_key("alipay-signature"))
}

/// A gateway that gives no response.
fn unreachable(url: &str, problem: &str, report: &mut Report<'_>) {
    let hint = if problem.contains("certificate") || problem.contains("root") {
        "; is it Alipay's server that responds, or a proxy that opens TLS? Its root certificate can be given in SSL_CERT_FILE"
    } else if problem.contains("InvalidContentType") {
        "; what is there does not speak TLS: is the port right, or is it http that is meant?"
    } else {
        ""
    };
    report.problem(NETWORK, format_args!("{url} cannot be called: {problem}{hint}"));
}

/// The addresses of a name. The system may take long to say that there are none.
fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (sender, receiver) = mpsc::channel();
    let name = host.to_owned();
    std::thread::spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        // Nobody waits any more, maybe.
        let _ = sender.send(found);
    });
    let late = || io::Error::new(io::ErrorKind::TimedOut, "there is no response");
    match receiver.recv_timeout(TIMEOUT).map_err(|_| late())?? {
        none if none.is_empty() => Err(io::Error::new(io::ErrorKind::NotFound, "no address")),
        found => Ok(found),
    }
}

/// The proxies that are set: the variable, and the proxy without its password.
fn proxies() -> Vec<(String, String)> {
    let names = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
    let names = names.into_iter().flat_map(|name| [name.to_owned(), name.to_lowercase()]);
    let set = names.filter_map(|name| {
        let value = std::env::var(&name).ok().filter(|value| !value.trim().is_empty())?;
        let host = value.rsplit_once('@').map_or(value.as_str(), |(_, host)| host);
        let host = host.split_once("://").map_or(host, |(_, host)| host);
        Some((name, host.to_owned()))
    });
    set.collect()
}

/// How far the gateway's clock is ahead of this computer's, in milliseconds.
#[derive(Clone, Copy)]
struct Skew(i64);

impl Skew {
    /// By what a response says of the time. `None` if it says nothing.
    fn of(headers: &HeaderMap, before: SystemTime, after: SystemTime) -> Option<Self> {
        let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let stamp = value("alipay-timestamp").and_then(|stamp| stamp.parse::<i64>().ok());
        let date = || {
            let date = Moment::of(httpdate::parse_http_date(value("date")?).ok()?).0;
            // It is cut to seconds.
            Some((date, date.saturating_add(999)))
        };
        let (earliest, latest) = stamp.map(|stamp| (stamp, stamp)).or_else(date)?;
        // The response was made in between.
        let (before, after) = (Moment::of(before).0, Moment::of(after).0);
        Some(Self(if earliest > after {
            earliest.saturating_sub(after)
        } else {
            latest.saturating_sub(before).min(0)
        }))
    }

    fn seconds(self) -> u64 {
        self.0.unsigned_abs() / 1000
    }
}

/// This computer's clock, set right.
struct Corrected(Skew);

impl alipay_core::clock::Clock for Corrected {
    fn now(&self) -> SystemTime {
        let now = SystemTime::now();
        let by = Duration::from_millis(self.0.0.unsigned_abs());
        let moved = if self.0.0 < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        moved.unwrap_or(now)
    }
}

fn note_clock(skew: Option<Skew>, report: &mut Report<'_>) {
    let Some(skew) = skew else {
        report.note(CLOCK, "not compared: the gateway's response has no time");
        return;
    };
    let seconds = skew.seconds();
    let which = if skew.0 > 0 { "behind" } else { "ahead of" };
    let apart = if seconds < 120 {
        format!("{seconds} s")
    } else {
        format!("about {} minutes", (seconds + 30) / 60)
    };
    let text = format!("this computer's clock is {apart} {which} the gateway's");
    if seconds > TOO_FAR {
        report.problem(
            CLOCK,
            format_args!(
                "{text}; set it right (NTP): clients refuse responses that are more than 5 minutes off, and Alipay requests more than 10"
            ),
        );
    } else if seconds > NOTABLE {
        report.warning(CLOCK, format_args!("{text}; set it right (NTP) before it is 5 minutes"));
    } else if seconds == 0 {
        report.ok(CLOCK, "this computer's clock and the gateway's show the same time");
    } else {
        report.ok(CLOCK, text);
    }
}

/// A call and what is told by it.
struct Examination {
    gateway: Gateway,
    credentials: Credentials,
    is_certificate_mode: bool,
}

impl Examination {
    async fn run(self, report: &mut Report<'_>) {
        let before = SystemTime::now();
        let mut result = self.call(None, false).await;
        let after = SystemTime::now();
        let headers = match &result {
            Ok(headers) => Some(headers),
            Err(error) => error.headers(),
        };
        let skew = headers.and_then(|headers| Skew::of(headers, before, after));
        if headers.is_some() {
            if !self.gateway.is_plain {
                let host = &self.gateway.host;
                report.ok(NETWORK, format_args!("TLS: {host} has a certificate of a known root"));
            }
            note_clock(skew, report);
        }
        // A wrong clock hides what else is wrong.
        let skew = skew.filter(|skew| skew.seconds() > TOO_FAR);
        if skew.is_some() && result.is_err() {
            result = self.call(skew, false).await;
        }
        let proven = match &result {
            Ok(_) => {
                self.both_right("", report);
                true
            }
            Err(error) => self.told_by(error, report),
        };
        match (self.credentials.has_encrypt_key(), proven) {
            (true, true) => self.examine_encryption(skew, report).await,
            (true, false) => {
                report.note(
                    ENCRYPTED,
                    "not made, since the call without encryption proves too little",
                );
            }
            (false, _) => {}
        }
    }

    async fn call(&self, skew: Option<Skew>, encrypted: bool) -> Result<HeaderMap, Error> {
        // A copy of a response is no problem here, and the clock is looked at by itself.
        let mut builder = Client::builder(self.credentials.clone())
            .base_url(&self.gateway.url)
            .timeout(TIMEOUT)
            .no_retry()
            .timestamp_tolerance(None);
        if let Some(host) = &self.gateway.http_host {
            builder = builder.allow_http_for(host);
        }
        if let Some(skew) = skew {
            builder = builder.clock(Corrected(skew));
        }
        let number = format!("alipay-doctor-{}", Moment::now().0);
        let body = json!({ "out_trade_no": number });
        let call = builder.build()?.operation(OPERATION).json(&body);
        let response = if encrypted { call.encrypted().await? } else { call.await? };
        Ok(response.headers().clone())
    }

    fn both_right(&self, how: &str, report: &mut Report<'_>) {
        let (own, alipays) = if self.is_certificate_mode {
            ("the app's certificate is the one that Alipay has", "Alipay's certificate is right")
        } else {
            (
                "the app's public key (应用公钥) in the console belongs to the private key",
                "Alipay's public key (支付宝公钥) is right",
            )
        };
        report.ok(
            CALL,
            format_args!(
                "{OPERATION}{how}: Alipay accepts our signature, so {own}; its own signature is verified, so {alipays}"
            ),
        );
    }

    /// Says what an error of the call tells; whether both keys are proven to be right.
    fn told_by(&self, error: &Error, report: &mut Report<'_>) -> bool {
        let is = |code: &str| error.code_text().is_some_and(|text| text.contains(code));
        let base_url = &self.gateway.url;
        match error.kind() {
            ErrorKind::Api if is("signature") => {
                let todo = if self.is_certificate_mode {
                    "the app's certificate in the console was issued for another private key"
                } else {
                    "upload the public key of this private key in the console (接口加签方式): `alipay keys show` prints it"
                };
                let name = Input::AppPrivateKey.variable();
                report.problem(name, format_args!("Alipay does not accept its signatures; {todo} ({error})"));
            }
            ErrorKind::Api if is("app-id") => {
                let sandbox = Environment::Sandbox.base_url();
                report.problem(
                    Input::AppId.variable(),
                    format_args!(
                        "{base_url} does not know this app; the sandbox ({sandbox}) has app ids and keys of its own: do the app id and the base URL belong together? ({error})"
                    ),
                );
            }
            ErrorKind::Api if is("root-cert") => {
                report.problem(
                    Input::RootCertificates.variable(),
                    format_args!("Alipay does not take them; download alipayRootCert.crt from the console ({error})"),
                );
            }
            ErrorKind::Api if is("app-cert") => {
                report.problem(
                    Input::AppCertificate.variable(),
                    format_args!(
                        "Alipay does not take it; download the present one from the console, or set none of the certificates for key mode (公钥模式) ({error})"
                    ),
                );
            }
            ErrorKind::Api if error.authenticated() => {
                let code = error.code_text().unwrap_or_default();
                self.both_right(&format!(" is refused with {code}, and that is signed"), report);
                return true;
            }
            // The gateway's own codes are in small letters.
            ErrorKind::Api if error.code_text().is_some_and(|code| code.contains(char::is_uppercase)) => {
                report.warning(
                    CALL,
                    format_args!(
                        "the gateway has passed the call on, so Alipay accepts our signature; but the response is not signed, which proves nothing of Alipay's key: make a call that succeeds, with `alipay call` ({error})"
                    ),
                );
            }
            ErrorKind::Api => {
                report.warning(
                    CALL,
                    format_args!("the refusal is not signed, so it proves neither key ({error})"),
                );
            }
            // Without a signature a response says nothing of a key.
            ErrorKind::Verification if is_signed(error) => {
                let name = if self.is_certificate_mode {
                    Input::AlipayCertificate
                } else {
                    Input::AlipayPublicKey
                };
                report.problem(name.variable(), error);
            }
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport => {
                unreachable(base_url, &error.to_string(), report);
            }
            ErrorKind::Status | ErrorKind::Verification => report.problem(
                Input::BaseUrl.variable(),
                format_args!("no gateway of OpenAPI v3 responds there, but a proxy or another server ({error})"),
            ),
            _ => report.problem(CALL, error),
        }
        false
    }

    async fn examine_encryption(&self, skew: Option<Skew>, report: &mut Report<'_>) {
        let right = "is understood on both sides: the AES key is the console's";
        let Err(error) = self.call(skew, true).await else {
            return report.ok(ENCRYPTED, format_args!("{OPERATION} {right}"));
        };
        let is = |part| error.code_text().is_some_and(|code| code.contains(part));
        if error.kind() == ErrorKind::Decryption || is("crypt") {
            report.problem(
                Input::AesKey.variable(),
                format_args!(
                    "it is not the key that Alipay has; copy it from the console (接口内容加密方式) again ({error})"
                ),
            );
        } else if error.kind() == ErrorKind::Api && error.authenticated() {
            report.ok(ENCRYPTED, format_args!("{OPERATION} {right}"));
        } else {
            report.warning(ENCRYPTED, format_args!("it proves nothing of the AES key ({error})"));
        }
    }
}
