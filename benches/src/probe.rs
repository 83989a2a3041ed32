//! The floor of a call: a client written by hand for one endpoint, with nothing it could do without.
//! It knows no errors, no repeats, no time limits, no certificates; it signs and verifies.

use std::time::{SystemTime, UNIX_EPOCH};

use alipay_core::encrypt::AesKey;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::HeaderMap;
use serde::{Serialize, de::DeserializeOwned};

use crate::{crypto, key};

pub struct Probe {
    pub http: reqwest::Client,
    keys: crypto::Keys,
    aes: Option<AesKey>,
    base: String,
}

impl Probe {
    pub fn new(base: &str, encrypted: bool) -> Self {
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            keys: crypto::keys(),
            aes: encrypted.then(|| AesKey::parse(key("aes_key")).unwrap()),
            base: base.to_owned(),
        }
    }

    pub async fn post<T: Serialize, R: DeserializeOwned>(&self, target: &str, content: &T) -> R {
        let (body, authorization) = self.sign("POST", target, content);
        let request = self.http.post(format!("{}{target}", self.base));
        let request = self.headers(request, authorization).body(body);
        let mut response = request.send().await.unwrap();
        assert!(response.status().is_success());
        let headers = std::mem::take(response.headers_mut());
        let body = response.bytes().await.unwrap();
        self.finish(&headers, &body)
    }

    pub fn headers(
        &self,
        request: reqwest::RequestBuilder,
        authorization: String,
    ) -> reqwest::RequestBuilder {
        let request = request
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("user-agent", "probe")
            .header("alipay-request-id", format!("{:032x}", u128::from_be_bytes(crypto::random())));
        match &self.aes {
            None => request.header("content-type", "application/json"),
            Some(_) => {
                request.header("content-type", "text/plain").header("alipay-encrypt-type", "AES")
            }
        }
    }

    /// Body and authorization.
    pub fn sign<T: Serialize>(&self, method: &str, target: &str, content: &T) -> (String, String) {
        let body = serde_json::to_string(content).unwrap();
        let body = match &self.aes {
            Some(aes) => aes.encrypt(body.as_bytes()).unwrap(),
            None => body,
        };
        let auth = auth();
        let text = format!("{auth}\n{method}\n{target}\n{body}\n");
        let signature = STANDARD.encode(self.keys.sign(text.as_bytes()));
        (body, format!("ALIPAY-SHA256withRSA {auth},sign={signature}"))
    }

    pub fn finish<R: DeserializeOwned>(&self, headers: &HeaderMap, body: &Bytes) -> R {
        let header = |name: &str| headers[name].to_str().unwrap();
        let mut text = Vec::with_capacity(body.len() + 64);
        text.extend_from_slice(header("alipay-timestamp").as_bytes());
        text.push(b'\n');
        text.extend_from_slice(header("alipay-nonce").as_bytes());
        text.push(b'\n');
        text.extend_from_slice(body);
        text.push(b'\n');
        self.keys.verify(&text, &STANDARD.decode(header("alipay-signature")).unwrap());
        match &self.aes {
            Some(aes) => serde_json::from_slice(&aes.decrypt(body).unwrap()).unwrap(),
            None => serde_json::from_slice(body).unwrap(),
        }
    }
}

/// What of the authorization is signed.
pub fn auth() -> String {
    let nonce = u128::from_be_bytes(crypto::random());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    format!("app_id={},nonce={nonce:032x},timestamp={now}", key("app_id"))
}
