//! Requests to the local gateway: the first line has method, target, and whether it is signed and encrypted. A line of
//! `%%` begins the next request; `{id}` stands for the activity that was created last.

use alipay_mock::{Clock, Gateway};
use bytes::Bytes;
use serde_json::Value;

use crate::{
    alipay::{AES, GATEWAY, signed_by_app},
    message::Message,
};

/// 2026-01-01 08:00:00 in Beijing.
const NOW: i64 = 1_767_225_600_000;
const APP_ID: &str = "2021000000000001";
const BETWEEN: &[u8] = b"\n%%\n";
/// More requests than this are slow, and no different.
const MOST: usize = 8;

/// Whatever is asked, there is a response that can be read, or a fault that was asked for.
pub fn gateway(data: &[u8]) -> bool {
    let gateway = Gateway::builder().keys(GATEWAY.clone()).clock(Clock::fixed(NOW));
    let gateway = gateway.offline().expect("a gateway");
    let (mut last, mut accepted, mut spoilt) = (String::new(), false, false);
    for (number, request) in split(data).into_iter().take(MOST).enumerate() {
        let request = replaced(request, &last);
        let Some(request) = read(&request, number) else { continue };
        // Faults are asked for by a header, or for later requests.
        spoilt |= request.headers().contains_key("alipay-mock-fault")
            || request.uri().path().starts_with("/_mock/faults");
        let Some(response) = gateway.respond(request) else { continue };
        accepted |= response.status().is_success();
        let kind = response.headers().get("content-type");
        let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if !spoilt && is_json && !response.body().is_empty() {
            let body: Value = serde_json::from_slice(response.body()).expect("JSON");
            if let Some(id) = body["activity_id"].as_str() {
                id.clone_into(&mut last);
            }
        }
    }
    accepted
}

fn split(data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = data;
    while let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    parts.push(rest);
    parts
}

fn replaced(request: &[u8], id: &str) -> Vec<u8> {
    match str::from_utf8(request) {
        Ok(text) => text.replace("{id}", id).into(),
        Err(_) => request.to_owned(),
    }
}

fn read(text: &[u8], number: usize) -> Option<http::Request<Bytes>> {
    let mut message = Message::read(text)?;
    let [method, target, ..] = message.words[..] else { return None };
    let body: Bytes = if message.has("encrypted") {
        message.add("alipay-encrypt-type", "AES");
        message.add("content-type", "text/plain");
        AES.encrypt(message.body).expect("encrypts").into()
    } else {
        message.add("content-type", "application/json");
        message.body.to_owned().into()
    };
    if message.has("signed") {
        let pairs = format!("app_id={APP_ID},nonce=n{number},timestamp={NOW}");
        let mut signed =
            [pairs.as_bytes(), b"\n", method.as_bytes(), b"\n", target.as_bytes(), b"\n"].concat();
        signed.extend_from_slice(&body);
        signed.push(b'\n');
        let token = message.value("alipay-app-auth-token");
        if !token.is_empty() {
            signed.extend([token.as_bytes(), b"\n"].concat());
        }
        let signature = signed_by_app(&signed);
        message.add("authorization", &format!("ALIPAY-SHA256withRSA {pairs},sign={signature}"));
    }
    message.add("host", "localhost");
    let builder = http::Request::builder().method(method).uri(target);
    let mut request = builder.body(body).ok()?;
    *request.headers_mut() = message.headers;
    Some(request)
}
