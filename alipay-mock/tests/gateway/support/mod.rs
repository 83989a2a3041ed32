//! A small client of its own: it builds signed strings literally and speaks HTTP over a plain
//! socket, so that nothing of the gateway or of the generated clients is taken for granted.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of several tests, which fail by panicking"
)]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alipay_core::encrypt::AesKey;
use alipay_core::keys::{PrivateKey, PublicKey};
use alipay_mock::{Clock, Gateway, GatewayBuilder, GatewayKeys, Message};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// 2026-01-01 08:00:00 in Beijing.
pub(crate) const NEW_YEAR: i64 = 1_767_225_600_000;

pub(crate) fn vectors() -> &'static Value {
    static VECTORS: OnceLock<Value> = OnceLock::new();
    VECTORS
        .get_or_init(|| serde_json::from_str(include_str!("../../fixtures/vectors.json")).unwrap())
}

pub(crate) fn vector_key(name: &str) -> &'static str {
    vectors()["keys"][name].as_str().unwrap()
}

pub(crate) fn test_keys() -> GatewayKeys {
    let [app, alipay, aes] =
        ["app_private_pkcs8", "alipay_private_pkcs8", "aes_key"].map(vector_key);
    GatewayKeys::parse(app, alipay, aes).unwrap()
}

/// A gateway with the test keys, at New Year.
/// Numbers are of each operation, since most tests are not about them: `rules` has the one that is.
pub(crate) fn builder() -> GatewayBuilder {
    Gateway::builder().keys(test_keys()).clock(Clock::fixed(NEW_YEAR)).numbers_per_operation(true)
}

pub(crate) fn gateway() -> Gateway {
    builder().start_blocking().unwrap()
}

/// A response as received.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or("no code").to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or("no message").to_owned()
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.header("alipay-signature").is_some()
    }

    /// Checks the signature against the test key.
    pub(crate) fn verify(&self) -> Result<(), String> {
        let [signature, timestamp, nonce] =
            ["alipay-signature", "alipay-timestamp", "alipay-nonce"]
                .map(|name| self.header(name).ok_or(format!("no {name}")));
        let text = format!("{}\n{}\n{}\n", timestamp?, nonce?, self.body);
        PublicKey::parse(vector_key("alipay_public"))
            .unwrap()
            .verify(text.as_bytes(), signature?)
            .map_err(|e| e.to_string())
    }
}

/// The header that a request is sent with.
enum Authorization {
    Right,
    None,
    Other(String),
}

/// A request under construction; what is not changed is right.
pub(crate) struct Call<'a> {
    gateway: &'a Gateway,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) token: Option<String>,
    pub(crate) pairs: String,
    pub(crate) content_type: Option<String>,
    signed: Option<Vec<u8>>,
    authorization: Authorization,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        gateway: &'a Gateway,
        method: &str,
        target: &str,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let nonce = NONCE.fetch_add(1, Ordering::Relaxed);
        let now = gateway.clock().now_millis();
        let body = body.into();
        Self {
            gateway,
            method: method.to_owned(),
            target: target.to_owned(),
            content_type: (!body.is_empty()).then(|| "application/json".to_owned()),
            body,
            headers: Vec::new(),
            token: None,
            pairs: format!("app_id={},nonce=n-{nonce},timestamp={now}", gateway.app_id()),
            signed: None,
            authorization: Authorization::Right,
        }
    }

    pub(crate) fn post(gateway: &'a Gateway, operation: &str, body: &Value) -> Self {
        let target = format!("/v3/alipay/marketing/activity/voucher/{operation}");
        Self::new(gateway, "POST", &target, body.to_string())
    }

    pub(crate) fn query(gateway: &'a Gateway, activity_id: &str) -> Self {
        let target = format!(
            "/v3/alipay/marketing/activity/voucher/query?activity_id={activity_id}\
             &merchant_access_mode=SELF_MODE"
        );
        Self::new(gateway, "GET", &target, "")
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn pairs(mut self, pairs: impl Into<String>) -> Self {
        self.pairs = pairs.into();
        self
    }

    pub(crate) fn content_type(mut self, content_type: &str) -> Self {
        self.content_type = Some(content_type.to_owned());
        self
    }

    /// Signs this text instead of the right one.
    pub(crate) fn signed(self, text: impl Into<String>) -> Self {
        self.signed_bytes(text.into().into_bytes())
    }

    /// The same for what is not UTF-8.
    pub(crate) fn signed_bytes(mut self, bytes: Vec<u8>) -> Self {
        self.signed = Some(bytes);
        self
    }

    /// Sends this header, or none, instead of the right one.
    pub(crate) fn authorization(mut self, header: Option<&str>) -> Self {
        let other = |header: &str| Authorization::Other(header.to_owned());
        self.authorization = header.map_or(Authorization::None, other);
        self
    }

    /// Encrypts the body and requests an encrypted response.
    pub(crate) fn encrypted(mut self) -> Self {
        if !self.body.is_empty() {
            let key = AesKey::parse(vector_key("aes_key")).unwrap();
            self.body = key.encrypt(&self.body).unwrap().into_bytes();
        }
        self.content_type("text/plain").header("alipay-encrypt-type", "AES")
    }

    /// The text the protocol wants signed.
    pub(crate) fn right_text(&self) -> String {
        let body = String::from_utf8(self.body.clone()).unwrap();
        let token = self.token.as_ref().map(|token| format!("{token}\n")).unwrap_or_default();
        format!("{}\n{}\n{}\n{body}\n{token}", self.pairs, self.method, self.target)
    }

    /// The request's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        static KEY: OnceLock<PrivateKey> = OnceLock::new();
        let key = KEY.get_or_init(|| PrivateKey::parse(vector_key("app_private_pkcs8")).unwrap());
        let text = self.signed.clone().unwrap_or_else(|| self.right_text().into_bytes());
        let sign = key.sign(&text).unwrap();
        let authorization = match &self.authorization {
            Authorization::Right => {
                Some(format!("ALIPAY-SHA256withRSA {},sign={sign}", self.pairs))
            }
            Authorization::None => None,
            Authorization::Other(header) => Some(header.clone()),
        };
        let host = self.gateway.base_url().strip_prefix("http://").unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.target);
        let mut headers = self.headers.clone();
        headers.extend(authorization.map(|value| ("Authorization".to_owned(), value)));
        let token = self.token.clone();
        headers.extend(token.map(|value| ("alipay-app-auth-token".to_owned(), value)));
        let content_type = self.content_type.clone();
        headers.extend(content_type.map(|value| ("Content-Type".to_owned(), value)));
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        write!(head, "Content-Length: {}\r\nConnection: close\r\n\r\n", self.body.len()).unwrap();
        [head.as_bytes(), &self.body].concat()
    }

    /// Sends the request; no response is an error.
    pub(crate) fn try_send(&self) -> Result<Reply, String> {
        let bytes = exchange(self.gateway, &self.bytes()).map_err(|e| e.to_string())?;
        parse(&bytes)
    }

    pub(crate) fn send(&self) -> Reply {
        self.try_send().unwrap()
    }

    /// Sends the request, expects a signed success, and returns its JSON.
    pub(crate) fn succeed(&self) -> Value {
        let reply = self.send();
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.verify().unwrap();
        reply.json()
    }

    /// Sends the request, expects a signed business failure, and returns its code and message.
    pub(crate) fn fail(&self) -> (String, String) {
        let reply = self.send();
        assert_eq!(reply.status, 400, "{}", reply.body);
        reply.verify().unwrap();
        (reply.code(), reply.message())
    }
}

/// Writes bytes to a gateway and reads until it closes the connection.
pub(crate) fn exchange(gateway: &Gateway, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(gateway.base_url().strip_prefix("http://").unwrap())?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(bytes)?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    Ok(response)
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Reply, String> {
    let text = String::from_utf8(bytes.to_vec()).map_err(|e| e.to_string())?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("no response")?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or("no status")?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Ok(Reply { status: status.parse().map_err(|_| "bad status")?, headers, body: body.to_owned() })
}

/// A create request in the newer style, issuing in January 2026.
pub(crate) fn create_request(out_biz_no: &str, quantity: u64) -> Value {
    json!({
        "out_biz_no": out_biz_no,
        "merchant_access_mode": "SELF_MODE",
        "activity_base_info": {"activity_name": "满10减1活动"},
        "voucher_send_mode_info": {
            "voucher_send_mode": "DIRECT_SEND_MODE",
            "voucher_send_rule_info": {
                "quantity": quantity,
                "quantity_limit_per_user": 2,
                "publish_start_time": "2026-01-01 00:00:00",
                "publish_end_time": "2026-01-31 23:59:59"
            }
        },
        "voucher_deduct_info": {
            "voucher_type": "FIX_VOUCHER",
            "fix_voucher_info": {"amount": "1.00", "floor_amount": "10.00"}
        },
        "voucher_available_scope_info": {
            "voucher_available_account_info": {"available_pids": ["2088102111111111"]}
        },
        "voucher_use_rule_info": {
            "voucher_use_time_info": {
                "period_type": "ABSOLUTE",
                "absolute_period_info": {
                    "valid_begin_time": "2026-01-01 00:00:00",
                    "valid_end_time": "2026-02-28 23:59:59"
                }
            }
        },
        "voucher_customer_guide_info": {
            "voucher_use_guide_info": {"use_guide_mode": ["CAN_USE"]}
        },
        "voucher_display_pattern_info": {"brand_name": "商家优惠"},
        "voucher_budget_supply_info": {"budget_type": "NO_CASH"}
    })
}

/// A create request in the older style, for the same kind of activity.
pub(crate) fn old_create_request(out_biz_no: &str, quantity: u64) -> Value {
    json!({
        "out_biz_no": out_biz_no,
        "merchant_access_mode": "SELF_MODE",
        "activity_name": "满10减1活动",
        "publish_start_time": "2026-01-01 00:00:00",
        "publish_end_time": "2026-01-31 23:59:59",
        "voucher_type": "FIX_VOUCHER",
        "voucher_budget_info": {"budget_type": "NO_CASH"},
        "voucher_send_rule": {
            "voucher_quantity": quantity,
            "voucher_quantity_limit_per_user": 2
        },
        "voucher_use_rule": {
            "available_merchant": {"available_pids": ["2088102111111111"]},
            "available_app_ids": ["2021000000000002"],
            "fix_voucher": {"amount": "1.00", "floor_amount": "10.00"},
            "voucher_valid_period": {"type": "RELATIVE", "valid_days_after_receive": 7}
        }
    })
}

/// The request most operations share.
pub(crate) fn simple_request(activity_id: &str, out_biz_no: &str) -> Value {
    json!({
        "activity_id": activity_id,
        "out_biz_no": out_biz_no,
        "merchant_access_mode": "SELF_MODE"
    })
}

/// Creates and publishes an activity; returns its id.
pub(crate) fn published(gateway: &Gateway, request: &Value) -> String {
    let created = Call::post(gateway, "create", request).succeed();
    let id = created["activity_id"].as_str().unwrap().to_owned();
    Call::post(gateway, "publish", &simple_request(&id, &format!("publish-{id}"))).succeed();
    id
}

pub(crate) fn send_request(activity_id: &str, out_biz_no: &str, user_id: &str) -> Value {
    json!({
        "activity_id": activity_id,
        "out_biz_no": out_biz_no,
        "merchant_access_mode": "SELF_MODE",
        "user_id": user_id,
    })
}

/// Changes a request in place, for a test of one rule.
pub(crate) fn with(mut request: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = request.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name).unwrap();
    } else {
        parent.insert(name.to_owned(), value);
    }
    request
}

/// The parameters of a form or query whose signature is Alipay's (rule v1), sorted.
pub(crate) fn verified(form: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = form
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            let value = percent_decode_str(value).decode_utf8().unwrap().into_owned();
            (name.to_owned(), value)
        })
        .collect();
    pairs.sort();
    let mut signed = pairs.clone();
    signed.retain(|(name, _)| name != "sign" && name != "sign_type");
    let signed: Vec<String> =
        signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let key = PublicKey::parse(vector_key("alipay_public")).unwrap();
    key.verify(signed.join("&").as_bytes(), value(&pairs, "sign")).unwrap();
    pairs
}

/// A parameter's value; empty if there is none.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// The fields of a message's form, verified.
pub(crate) fn fields(message: &Message) -> Vec<(String, String)> {
    let fields = verified(&message.form_body);
    assert_eq!(value(&fields, "sign_type"), "RSA2");
    assert_eq!(value(&fields, "msg_method"), message.name);
    fields
}

/// The content of a message, verified.
pub(crate) fn content(message: &Message) -> Value {
    let fields = fields(message);
    let (_, content) = fields.iter().find(|(name, _)| name == "biz_content").unwrap();
    serde_json::from_str(content).unwrap()
}
