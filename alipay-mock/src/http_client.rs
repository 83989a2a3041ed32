//! Requests over plain HTTP, to programs on the same computer or network.

use std::error::Error;
use std::time::Duration;

use alipay_core::notification::SUCCESS;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a receiver may take to respond.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How much of a response to a message is read, in bytes.
const LARGEST: usize = 64 * 1024;

/// The longest URL, in bytes. It is kept with every message.
const LONGEST_URL: usize = 2048;

/// Where requests go: an `http` URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    authority: String,
    path: String,
}

/// What a request has besides its target.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Target {
    /// Reads a URL. The error says what is wrong with it.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.len() > LONGEST_URL {
            let length = url.len();
            return Err(format!("the URL has {length} bytes, at most {LONGEST_URL} allowed"));
        }
        let uri: http::Uri = url.parse().map_err(|e| format!("the URL is not valid: {e}"))?;
        if uri.scheme_str() != Some("http") {
            return Err("the URL must start with http://: this is for local use, over plain HTTP"
                .to_owned());
        }
        let authority = uri.authority().ok_or("the URL has no host")?;
        if authority.as_str().contains('@') {
            return Err("the URL must not hold a user name".to_owned());
        }
        let port = authority.port_u16().unwrap_or(80);
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        Ok(Self { authority: format!("{}:{port}", authority.host()), path: path.to_owned() })
    }

    /// The same with this query, unless it has one of its own.
    #[cfg(feature = "program")]
    #[must_use]
    pub fn with_query(&self, query: &str) -> Self {
        let Self { authority, path } = self.clone();
        let path = if path.contains('?') { path } else { format!("{path}?{query}") };
        Self { authority, path }
    }

    /// Posts a message. Returns the status of the response, and whether the message is accepted. The error says why
    /// there is no response.
    pub(crate) async fn post(&self, form: String) -> Result<(u16, bool), String> {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
        let response = self.forward(headers, form.into(), PATIENCE).await?;
        Ok((response.status().as_u16(), is_accepted(&response)))
    }

    /// Posts a body with these headers. Of the response, at most 64 KiB are read. The error says why there is no
    /// response.
    pub async fn forward(
        &self,
        headers: HeaderMap,
        body: Bytes,
        patience: Duration,
    ) -> Result<Response<Bytes>, String> {
        let sent = Sent { method: Method::POST, headers, body };
        let cannot = |problem| format!("cannot post to {}: {problem}", self.authority);
        self.send(sent, patience, LARGEST).await.map_err(cannot)
    }

    /// Sends a request; at most `largest` bytes of the response's body are read.
    pub(crate) async fn send(
        &self,
        sent: Sent,
        patience: Duration,
        largest: usize,
    ) -> Result<Response<Bytes>, String> {
        match timeout(patience, self.exchange(sent, largest)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(e)) => Err(e.to_string()),
            Err(_) => Err(format!("it did not respond within {} s", patience.as_secs())),
        }
    }

    async fn exchange(
        &self,
        sent: Sent,
        largest: usize,
    ) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
        // The brackets of an IPv6 address are for URLs only.
        let address = self.authority.replace(['[', ']'], "");
        let stream = match address.rsplit_once(':') {
            Some((host, port)) => TcpStream::connect((host, port.parse()?)).await?,
            None => return Err("no port".into()),
        };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let mut request = Request::new(Full::new(sent.body));
        *request.method_mut() = sent.method;
        *request.uri_mut() = self.path.parse()?;
        *request.headers_mut() = sent.headers;
        let headers = request.headers_mut();
        headers.insert(header::HOST, HeaderValue::from_str(&self.authority)?);
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        let response = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, largest).collect().await?.to_bytes();
            Ok(Response::from_parts(head, body))
        };
        tokio::pin!(response);
        tokio::select! {
            received = &mut response => received,
            // Without its connection the request ends by itself.
            _ = connection => response.await,
        }
    }
}

/// Whether a response to a notification accepts it, so that it is not posted again: status 200 and `success`.
#[must_use]
pub fn is_accepted(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::OK && response.body().trim_ascii() == SUCCESS.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn urls_are_plain_http() {
        let port = |url| Target::parse(url).map(|target| (target.authority, target.path));
        let parts = |authority: &str, path: &str| Ok((authority.to_owned(), path.to_owned()));
        assert_eq!(
            port("http://localhost:8080/notify?x=1"),
            parts("localhost:8080", "/notify?x=1")
        );
        assert_eq!(port("http://[::1]"), parts("[::1]:80", "/"));
        for wrong in ["https://x", "localhost:8080", "http://a@b/", "", "http://"] {
            assert!(port(wrong).is_err(), "{wrong}");
        }
        assert!(port(&format!("http://a/{}", "x".repeat(2048))).is_err());
    }
}
