//! What the protocol tests share: the vectors, a client that stands still in time, models as the
//! generator writes them, and Alipay's side of an exchange.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test support, of which each test file uses a part"
)]

#[cfg(feature = "tracing")]
pub mod recorder;
pub mod script;
pub mod server;

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alipay_core::{
    Accepted, Client, ClientBuilder, Credentials, Response,
    keys::PrivateKey,
    model,
    nonce::{NoRandomness, NonceSource},
    operation,
    operation::Operation,
    transport::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind},
};
use bytes::Bytes;
use serde_json::Value as Json;

/// The vectors, made with the official SDKs.
pub static VECTORS: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/vectors.json")).unwrap());

pub fn key(name: &str) -> &'static str {
    VECTORS["keys"][name].as_str().unwrap()
}

/// The case of a name.
pub fn case(name: &str) -> &'static Json {
    VECTORS["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap()
}

/// The time at which the vectors' requests were made, in milliseconds.
pub const NOW: u64 = 1_767_225_600_123;

pub fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(NOW)
}

/// Gives `5f9fba93-bbb2-40f0-b328-04d5ead3e131` for ever.
pub struct SameNonce;

impl NonceSource for SameNonce {
    fn next(&self) -> Result<[u8; 16], NoRandomness> {
        Ok(0x5f9f_ba93_bbb2_40f0_b328_04d5_ead3_e131_u128.to_be_bytes())
    }
}

pub fn credentials() -> Credentials {
    static CREDENTIALS: LazyLock<Credentials> = LazyLock::new(make_credentials);
    CREDENTIALS.clone()
}

fn make_credentials() -> Credentials {
    Credentials::keys(key("app_id"), key("app_private_pkcs8"), key("alipay_public"))
        .unwrap()
        .encrypt_key(key("aes_key"))
        .unwrap()
}

/// A time at which the certificates are valid; they are younger than the vectors' requests.
pub fn certified() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

pub fn certificate_credentials() -> Credentials {
    Credentials::certificates_at(
        certified(),
        key("app_id"),
        key("app_private_pkcs8"),
        key("app_cert"),
        [key("alipay_cert")],
        key("alipay_root_cert"),
    )
    .unwrap()
}

/// A client whose requests are the vectors', if their models are, and which sends none.
pub fn builder(credentials: Credentials) -> ClientBuilder {
    Client::builder(credentials).clock(now()).nonces(SameNonce).transport(Nowhere)
}

/// Sends nothing.
struct Nowhere;

impl Transport for Nowhere {
    fn send(
        &self,
        _: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async { Err(TransportError::new(TransportErrorKind::Unsendable)) })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

pub fn client() -> Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| builder(credentials()).build().unwrap());
    CLIENT.clone()
}

/// Alipay's key, to sign responses with.
pub static ALIPAY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::parse(key("alipay_private_pkcs8")).unwrap());

pub const TIMESTAMP: &str = "1767225600456";

/// A response signed by Alipay, at this time, like no other.
pub fn signed_at(timestamp: &str, status: u16, body: &str) -> http::Response<Bytes> {
    signed_bytes(timestamp, status, body.as_bytes())
}

fn signed_bytes(timestamp: &str, status: u16, body: &[u8]) -> http::Response<Bytes> {
    static NONCES: AtomicU64 = AtomicU64::new(0);
    let nonce = format!("{:032x}", NONCES.fetch_add(1, Ordering::Relaxed));
    let head = format!("{timestamp}\n{nonce}\n");
    let signature = ALIPAY.sign(&[head.as_bytes(), body, b"\n"].concat()).unwrap();
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json;charset=UTF-8")
        .header("alipay-timestamp", timestamp)
        .header("alipay-nonce", nonce)
        .header("alipay-signature", signature)
        .header("alipay-trace-id", "0b43c93517672256004561234e0a1b")
        .body(Bytes::copy_from_slice(body))
        .unwrap()
}

/// A response signed by Alipay, of any bytes and any type.
pub fn signed_as(content_type: &str, status: u16, body: &[u8]) -> http::Response<Bytes> {
    let mut response = signed_bytes(TIMESTAMP, status, body);
    response.headers_mut().insert("content-type", content_type.parse().unwrap());
    response
}

/// A response signed by Alipay.
pub fn signed(status: u16, body: &str) -> http::Response<Bytes> {
    signed_at(TIMESTAMP, status, body)
}

/// A response without a signature.
pub fn unsigned(status: u16, content_type: &str, body: &str) -> http::Response<Bytes> {
    http::Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("alipay-trace-id", "0b43c93517672256004561234e0a1b")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

/// What a call gives that gets this response.
pub fn finished<O: Operation>(
    client: &Client,
    request: &O::Request,
    response: http::Response<Bytes>,
) -> Result<O::Reply, alipay_core::Error> {
    let prepared = alipay_core::Call::<O>::new(client, request).prepare().unwrap();
    client.finish::<O>(prepared.context(), response)
}

model! {
    /// `SendRule`.
    pub struct SendRule: optional {
        pub voucher_quantity: Option<i64> = body("voucher_quantity"),
        pub voucher_quantity_limit_per_user: Option<i64> = body("voucher_quantity_limit_per_user"),
    }
}
model! {
    /// `CreateRequest`.
    pub struct CreateRequest: optional {
        pub out_biz_no: Option<String> = body("out_biz_no"),
        pub activity_name: Option<String> = body("activity_name"),
        pub voucher_send_rule: Option<SendRule> = body("voucher_send_rule"),
    }
}
model! {
    /// `CreateResponse`.
    pub struct CreateResponse: optional {
        pub activity_id: Option<String> = body("activity_id"),
    }
}
operation! {
    /// `alipay.marketing.activity.voucher.create`.
    pub enum Create {
        id: "alipay.marketing.activity.voucher.create",
        http: Post "/v3/alipay/marketing/activity/voucher/create",
        request: CreateRequest,
        reply: Response<CreateResponse>,
        idempotent_by: "out_biz_no",
    }
}

model! {
    /// `QueryRequest`.
    pub struct QueryRequest: optional {
        pub activity_id: Option<String> = query("activity_id"),
        pub merchant_access_mode: Option<String> = query("merchant_access_mode"),
        pub page: Option<i64> = query("page"),
    }
}
model! {
    /// `QueryResponse`.
    pub struct QueryResponse: optional {
        pub activity_id: Option<String> = body("activity_id"),
        pub activity_name: Option<String> = body("activity_name"),
        pub activity_status: Option<String> = body("activity_status"),
        pub voucher_quantity: Option<i64> = body("voucher_quantity"),
    }
}
operation! {
    /// `alipay.marketing.activity.voucher.query`.
    pub enum Query {
        id: "alipay.marketing.activity.voucher.query",
        http: Get "/v3/alipay/marketing/activity/voucher/query",
        request: QueryRequest,
        reply: Response<QueryResponse>,
    }
}

model! {
    /// `SendRequest`.
    pub struct SendRequest: optional {
        pub activity_id: Option<String> = body("activity_id"),
        pub out_biz_no: Option<String> = body("out_biz_no"),
        pub user_id: Option<String> = body("user_id").sensitive(),
    }
}
model! {
    /// `SendResponse`.
    pub struct SendResponse: optional {
        pub voucher_id: Option<String> = body("voucher_id"),
        pub user_id: Option<String> = body("user_id").sensitive(),
    }
}
operation! {
    /// `alipay.marketing.activity.voucher.send`.
    pub enum Send {
        id: "alipay.marketing.activity.voucher.send",
        http: Post "/v3/alipay/marketing/activity/voucher/send",
        request: SendRequest,
        reply: Response<SendResponse>,
        idempotent_by: "out_biz_no",
    }
}

model! {
    /// `Nothing`.
    pub struct Nothing: optional {}
}
operation! {
    /// `alipay.marketing.activity.voucher.stop`.
    pub enum Stop {
        id: "alipay.marketing.activity.voucher.stop",
        http: Post "/v3/alipay/marketing/activity/voucher/stop",
        request: Nothing,
        reply: Accepted<Nothing>,
        completed_by: "alipay.marketing.activity.message.stopped",
    }
}

model! {
    /// `OrderRequest`.
    pub struct OrderRequest: optional {
        pub activity_id: Option<String> = path("activity_id"),
        pub note: Option<String> = body("note"),
    }
}
operation! {
    /// `alipay.marketing.ordervoucher.activity.modify`.
    pub enum Order {
        id: "alipay.marketing.ordervoucher.activity.modify",
        http: Patch "/v3/alipay/marketing/activity/{activity_id}/stores",
        request: OrderRequest,
        reply: Response<Nothing>,
    }
}

pub fn create_request() -> CreateRequest {
    CreateRequest {
        out_biz_no: Some("2026010100001".to_owned()),
        activity_name: Some("满10减1活动 \"A\"/\\ é".to_owned()),
        voucher_send_rule: Some(SendRule {
            voucher_quantity: Some(100),
            voucher_quantity_limit_per_user: Some(1),
        }),
    }
}

pub fn send_request() -> SendRequest {
    SendRequest {
        activity_id: Some("2016042700826004508401111111".to_owned()),
        out_biz_no: Some("s-1".to_owned()),
        user_id: Some("2088102146225135".to_owned()),
    }
}

pub fn query_request() -> QueryRequest {
    QueryRequest { activity_id: Some("1".to_owned()), ..QueryRequest::default() }
}
