//! The gateway's address: scheme and host, nothing more.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

use crate::{error::Error, input::Input, value::is_decimal};

/// Alipay's gateways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// `https://openapi.alipay.com`
    #[default]
    Production,
    /// `https://openapi-sandbox.dl.alipaydev.com`, with an app id and keys of its own.
    Sandbox,
}

impl Environment {
    /// The gateway's address.
    #[must_use]
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Production => "https://openapi.alipay.com",
            Self::Sandbox => "https://openapi-sandbox.dl.alipaydev.com",
        }
    }
}

/// Scheme, host and port, for example `https://openapi.alipay.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    pub(crate) url: String,
    /// Whether the proxies of the environment are left out: they do not lead to this computer, nor to a
    /// gateway for tests that is called by plain HTTP.
    pub(crate) direct: bool,
}

impl BaseUrl {
    /// Whether it is plain HTTP.
    #[cfg(feature = "reqwest")]
    pub(crate) fn is_plain(&self) -> bool {
        self.url.starts_with("http://")
    }

    /// The host as it stands in the address, and the port: the scheme's own where the address names
    /// none.
    #[cfg(feature = "tracing")]
    pub(crate) fn host_and_port(&self) -> (&str, u16) {
        let (scheme, authority) = self.url.split_once("://").unwrap_or(("https", &self.url));
        let (host, port) = split(authority);
        let standard = if scheme == "http" { 80 } else { 443 };
        (host, port.and_then(|port| port.parse().ok()).unwrap_or(standard))
    }

    /// Reads an address. Refuses parts that would not be signed. Plain HTTP is for this computer and the
    /// named host.
    pub(crate) fn parse(url: &str, http_host: Option<&str>) -> Result<Self, Error> {
        let http_host = http_host.map(read_http_host).transpose()?;
        let uri: Uri = url.trim().parse().map_err(|_| problem("it is not a URL"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(problem("it must be like https://host or https://host:port"));
        };
        let authority = authority.as_str();
        if authority.contains('@') {
            return Err(problem("it must not hold a user name"));
        }
        let (host, port) = split(authority);
        check_host(host)?;
        if let Some(port) = port {
            check_port(port)?;
        }
        match uri.path() {
            "" | "/" => {}
            "/gateway.do" => {
                return Err(problem(
                    "/gateway.do belongs to the older protocol; the address of OpenAPI v3 has no \
                     path",
                ));
            }
            _ => return Err(problem("it must not have a path, which would not be signed")),
        }
        if uri.query().is_some() || url.contains('#') {
            return Err(problem("it must not have a query or a fragment"));
        }
        let local = is_this_computer(host);
        let named = http_host.is_some_and(|named| is_same_host(named, host));
        match scheme {
            "https" => {}
            "http" if local || named => {}
            "http" if is_alipays(host) => {
                return Err(problem("Alipay's own hosts are called by https only; use https"));
            }
            "http" => {
                return Err(problem(
                    "plain http is allowed for this computer only (localhost); use https, or name the \
                     host of a gateway for tests with `allow_http_for` (`ALIPAY_ALLOW_HTTP_FOR`)",
                ));
            }
            _ => return Err(problem("it must begin with https://")),
        }
        let url = format!("{scheme}://{authority}");
        // This also checks international names, which begin with `xn--`.
        #[cfg(feature = "reqwest")]
        reqwest::Url::parse(&url).map_err(|_| problem("it is not a URL"))?;
        Ok(Self { url, direct: local || (named && scheme == "http") })
    }
}

/// The host, with its brackets if it has any, and what follows the colon after it.
fn split(authority: &str) -> (&str, Option<&str>) {
    let after_brackets = authority.find(']').map_or(0, |at| at + 1);
    match authority.get(after_brackets..).and_then(|rest| rest.find(':')) {
        Some(colon) => {
            let (host, port) = authority.split_at(after_brackets + colon);
            (host, port.get(1..))
        }
        None => (authority, None),
    }
}

fn check_host(host: &str) -> Result<(), Error> {
    if host.starts_with('[') {
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        return match inner.map(str::parse::<Ipv6Addr>) {
            Some(Ok(_)) => Ok(()),
            _ => Err(problem("in brackets belongs an IPv6 address, without a zone")),
        };
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return Ok(());
    }
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let inner = !label.starts_with('-') && !label.ends_with('-');
        (1..=63).contains(&label.len()) && inner && label.bytes().all(fits)
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(problem(
            "the host must be an IP address, or a name of letters, digits and hyphens between dots",
        ));
    }
    // Some programs read `127.1` and `0x7f000001` as IPv4 addresses, others as names.
    let last = host.rsplit('.').next().unwrap_or(host);
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let hex_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_decimal(last) || hexadecimal.is_some_and(hex_digits) {
        return Err(problem("the host ends in a number, but is no IPv4 address such as 127.0.0.1"));
    }
    Ok(())
}

fn check_port(port: &str) -> Result<(), Error> {
    // `+443` and `0443` would be parsed too.
    let number = port.parse::<u16>().ok().filter(|number| *number > 0);
    match number {
        Some(number) if number.to_string() == port => Ok(()),
        _ => Err(problem("the port must be a number from 1 to 65535")),
    }
}

fn is_this_computer(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host that plain HTTP is allowed for, without brackets.
pub(crate) fn read_http_host(text: &str) -> Result<&str, Error> {
    let host = text.trim();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if host.parse::<Ipv6Addr>().is_err() && check_host(host).is_err() {
        return Err(Error::wrong(
            Input::HttpHost,
            "it must be one host, such as alipay-mock, without scheme and port",
        ));
    }
    if is_alipays(host) {
        return Err(Error::wrong(
            Input::HttpHost,
            "Alipay's own hosts are called by https only; name the host of a gateway for tests",
        ));
    }
    Ok(host)
}

/// Whether it is the host of this name or address.
fn is_same_host(named: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match (named.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        (Ok(named), Ok(host)) => named == host,
        _ => named.eq_ignore_ascii_case(host),
    }
}

/// Whether the host is one of Alipay's. Real money and secrets never travel in the clear.
fn is_alipays(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    ["alipay.com", "alipaydev.com"].into_iter().any(|domain| {
        host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

fn problem(problem: &str) -> Error {
    Error::wrong(Input::BaseUrl, problem)
}
