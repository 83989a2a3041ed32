//! The gateway's address: scheme and host, nothing more.

use std::net::IpAddr;

use http::Uri;

use super::Environment;
use crate::error::{Error, ErrorKind};

/// Scheme, host and port, for example `https://openapi.alipay.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    url: String,
    local: bool,
}

impl BaseUrl {
    pub(crate) fn of(environment: Environment) -> Self {
        Self { url: environment.base_url().to_owned(), local: false }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether the gateway runs on this computer.
    #[cfg_attr(not(feature = "reqwest"), expect(dead_code, reason = "asked by that transport"))]
    pub(crate) fn is_local(&self) -> bool {
        self.local
    }

    /// The host, as it stands in the address.
    #[cfg(feature = "tracing")]
    pub(crate) fn host(&self) -> &str {
        let (host, _) = self.host_and_port();
        host
    }

    /// The port, the scheme's own where the address names none.
    #[cfg(feature = "tracing")]
    pub(crate) fn port(&self) -> u16 {
        let (_, port) = self.host_and_port();
        port
    }

    #[cfg(feature = "tracing")]
    fn host_and_port(&self) -> (&str, u16) {
        let (scheme, authority) = self.url.split_once("://").unwrap_or(("https", &self.url));
        match authority.rsplit_once(':').map(|(host, port)| (host, port.parse())) {
            Some((host, Ok(port))) => (host, port),
            _ => (authority, if scheme == "http" { 80 } else { 443 }),
        }
    }

    /// Reads an address and refuses what would not be part of the signature.
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let uri: Uri = url.trim().parse().map_err(|_| problem("it is not a URL"))?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return Err(problem("it must be like https://host or https://host:port"));
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(problem("it must not hold a user name"));
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
        match scheme {
            "https" => {}
            "http" if local => {}
            "http" => {
                return Err(problem(
                    "plain http is allowed for this computer only (localhost); use https",
                ));
            }
            _ => return Err(problem("it must begin with https://")),
        }
        let authority = uri.authority().map_or("", http::uri::Authority::as_str);
        Ok(Self { url: format!("{scheme}://{authority}"), local })
    }
}

fn is_this_computer(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn problem(problem: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("the base URL: {problem}"))
}
