//! `alipay-mock control`: asks a running gateway.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::arguments::Control;
use crate::output;

/// The variable that the gateway prints for clients.
const VARIABLE: &str = "ALIPAY_BASE_URL";
/// Actions that look, unless they are given something to set.
const LOOKS: [&str; 7] =
    ["state", "orders", "requests", "faults", "clock", "messages", "deliveries"];
/// Actions that look, and may be told at what.
const QUERIES: [&str; 2] = ["operations", "vouchers"];
/// What a query has as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_');
/// How long the gateway may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn run(options: &Control) -> Result<(), Box<dyn Error>> {
    let url = match (&options.gateway, std::env::var(VARIABLE)) {
        (Some(url), _) => url.clone(),
        (None, Ok(url)) => url,
        (None, Err(_)) => {
            return Err(
                format!("give --gateway URL, or set {VARIABLE}, as the gateway prints it").into()
            );
        }
    };
    let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let authority = authority.filter(|rest| !rest.contains('/'));
    let authority = authority.ok_or_else(|| {
        format!("`{url}` is not the address of a local gateway: http://HOST:PORT")
    })?;
    let Control { action, members, .. } = options;
    if !action.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(format!("`{action}` is no action; see `alipay-mock control --help`").into());
    }
    let encoded = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let looks = QUERIES.contains(&action.as_str());
    let (method, query, body) = if looks || (members.is_empty() && LOOKS.contains(&action.as_str()))
    {
        let pairs =
            members.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        ("GET", pairs.collect::<Vec<_>>().join("&"), String::new())
    } else {
        let body: Map<String, Value> =
            members.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        ("POST", String::new(), Value::Object(body).to_string())
    };
    let request = format!(
        "{method} /_mock/{action}?{query} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    let cannot = |e: std::io::Error| format!("cannot ask the gateway at {authority}: {e}");
    let response = exchange(authority, request.as_bytes()).map_err(cannot)?;
    let (head, body) = response.split_once("\r\n\r\n").ok_or("the gateway sent no response")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        output::print(body.trim_end());
        return Ok(());
    }
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    let reason = value.get("error").and_then(Value::as_str).unwrap_or("it does not say why");
    Err(format!("the gateway refuses this with {status}: {reason}").into())
}

fn exchange(authority: &str, request: &[u8]) -> std::io::Result<String> {
    // A port has to be named; 80 is the one of http.
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { authority.to_owned() } else { format!("{authority}:80") };
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}
