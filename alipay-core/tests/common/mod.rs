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

pub mod script;

use std::{
    fmt,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alipay_core::{
    Accepted, Client, ClientBuilder, Credentials, Response,
    keys::PrivateKey,
    model::{self, Field, Model, Table},
    nonce::{NoRandomness, NonceSource},
    operation::{Method, Operation, OperationInfo},
    transport::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind},
    value::Value,
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

/// Alipay's key, to sign answers with.
pub static ALIPAY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::parse(key("alipay_private_pkcs8")).unwrap());

pub const TIMESTAMP: &str = "1767225600456";

/// An answer signed by Alipay, at this time, like no other.
pub fn signed_at(timestamp: &str, status: u16, body: &str) -> http::Response<Bytes> {
    static NONCES: AtomicU64 = AtomicU64::new(0);
    let nonce = format!("{:032x}", NONCES.fetch_add(1, Ordering::Relaxed));
    let signature = ALIPAY.sign(format!("{timestamp}\n{nonce}\n{body}\n").as_bytes()).unwrap();
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json;charset=UTF-8")
        .header("alipay-timestamp", timestamp)
        .header("alipay-nonce", nonce)
        .header("alipay-signature", signature)
        .header("alipay-trace-id", "0b43c93517672256004561234e0a1b")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

/// An answer signed by Alipay.
pub fn signed(status: u16, body: &str) -> http::Response<Bytes> {
    signed_at(TIMESTAMP, status, body)
}

/// An answer without a signature.
pub fn unsigned(status: u16, content_type: &str, body: &str) -> http::Response<Bytes> {
    http::Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("alipay-trace-id", "0b43c93517672256004561234e0a1b")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

/// What a call gives that was answered like this.
pub fn answered<O: Operation>(
    client: &Client,
    request: &O::Request,
    answer: http::Response<Bytes>,
) -> Result<O::Reply, alipay_core::Error> {
    let prepared = alipay_core::Call::<O>::new(client, request).prepare().unwrap();
    client.finish::<O>(prepared.context(), answer)
}

/// A model as the generator writes it: fields, table, accessors.
macro_rules! model {
    ($name:ident { $($field:ident : $type:ty = $fact:expr),* $(,)? }) => {
        #[derive(Clone, Default, PartialEq)]
        pub struct $name { $(pub $field: $type),* }

        impl Model for $name {
            fn table(&self) -> &'static Table {
                const TABLE: &Table = &Table::new(stringify!($name), &[$($fact),*]);
                TABLE
            }
            #[allow(unused_assignments, unused_variables, unused_mut)]
            fn field(&self, index: usize) -> Option<&dyn Value> {
                let mut at = 0;
                $(if index == at { return Some(&self.$field); } at += 1;)*
                None
            }
            #[allow(unused_assignments, unused_variables, unused_mut)]
            fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
                let mut at = 0;
                $(if index == at { return Some(&mut self.$field); } at += 1;)*
                None
            }
            fn blank() -> Self { Self::default() }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { model::fmt_debug(self, f) }
        }
    };
}

macro_rules! operation {
    ($name:ident, $request:ty, $response:ty, $reply:ty, $info:expr) => {
        #[derive(Debug)]
        pub enum $name {}

        impl Operation for $name {
            type Request = $request;
            type Response = $response;
            type Reply = $reply;
            const INFO: &'static OperationInfo = &$info;
        }
    };
}

model!(SendRule {
    voucher_quantity: Option<i64> = Field::body("voucher_quantity"),
    voucher_quantity_limit_per_user: Option<i64> = Field::body("voucher_quantity_limit_per_user"),
});
model!(CreateRequest {
    out_biz_no: Option<String> = Field::body("out_biz_no"),
    activity_name: Option<String> = Field::body("activity_name"),
    voucher_send_rule: Option<SendRule> = Field::body("voucher_send_rule"),
});
model!(CreateResponse { activity_id: Option<String> = Field::body("activity_id") });
operation!(
    Create,
    CreateRequest,
    CreateResponse,
    Response<CreateResponse>,
    OperationInfo::new(
        "alipay.marketing.activity.voucher.create",
        Method::Post,
        "/v3/alipay/marketing/activity/voucher/create",
    )
    .idempotent_by("out_biz_no")
);

model!(QueryRequest {
    activity_id: Option<String> = Field::query("activity_id"),
    merchant_access_mode: Option<String> = Field::query("merchant_access_mode"),
    page: Option<i64> = Field::query("page"),
});
model!(QueryResponse {
    activity_id: Option<String> = Field::body("activity_id"),
    activity_name: Option<String> = Field::body("activity_name"),
    activity_status: Option<String> = Field::body("activity_status"),
    voucher_quantity: Option<i64> = Field::body("voucher_quantity"),
});
operation!(
    Query,
    QueryRequest,
    QueryResponse,
    Response<QueryResponse>,
    OperationInfo::new(
        "alipay.marketing.activity.voucher.query",
        Method::Get,
        "/v3/alipay/marketing/activity/voucher/query",
    )
);

model!(SendRequest {
    activity_id: Option<String> = Field::body("activity_id"),
    out_biz_no: Option<String> = Field::body("out_biz_no"),
    user_id: Option<String> = Field::body("user_id").sensitive(),
});
model!(SendResponse {
    voucher_id: Option<String> = Field::body("voucher_id"),
    user_id: Option<String> = Field::body("user_id").sensitive(),
});
operation!(
    Send,
    SendRequest,
    SendResponse,
    Response<SendResponse>,
    OperationInfo::new(
        "alipay.marketing.activity.voucher.send",
        Method::Post,
        "/v3/alipay/marketing/activity/voucher/send",
    )
    .idempotent_by("out_biz_no")
);

model!(Nothing {});
operation!(
    Stop,
    Nothing,
    Nothing,
    Accepted<Nothing>,
    OperationInfo::new(
        "alipay.marketing.activity.voucher.stop",
        Method::Post,
        "/v3/alipay/marketing/activity/voucher/stop",
    )
    .completed_by("alipay.marketing.activity.message.stopped")
);

model!(OrderRequest {
    activity_id: Option<String> = Field::path("activity_id"),
    note: Option<String> = Field::body("note"),
});
operation!(
    Order,
    OrderRequest,
    Nothing,
    Response<Nothing>,
    OperationInfo::new(
        "alipay.marketing.ordervoucher.activity.modify",
        Method::Patch,
        "/v3/alipay/marketing/activity/{activity_id}/stores",
    )
);

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
