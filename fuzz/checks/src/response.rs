//! Responses: the first line says to which operation, the status, and whether it is signed and encrypted.

use std::sync::LazyLock;

use alipay_core::{
    Accepted, Call, Callable, Client, Credentials, Error, ErrorKind, Method, Outcome, Raw,
    Response, operation::Operation, prepare::Context,
};
use alipay_voucher::operations::{Query, SendOperation, Stop};
use bytes::Bytes;
use serde_json::json;

use crate::{
    alipay::{AES, ALIPAY, CERTIFICATES, STAMPS, client, stamped},
    errors,
    message::Message,
};

/// The user whom a voucher is sent to: no error may name them.
pub(crate) const USER: &str = "2088102146225135";
/// Another response than `query` without a signature proves nothing.
const OPERATIONS: [&str; 4] = ["query", "send", "stop", "raw"];

/// A client, and what is known of its requests: of each operation, plain and encrypted.
struct Caller {
    client: Client,
    contexts: [[Context; OPERATIONS.len()]; 2],
}

impl Caller {
    fn new(credentials: &Credentials) -> Self {
        let client = client(credentials);
        let contexts = [false, true].map(|encrypted| {
            [
                context(typed::<Query>(&client), encrypted),
                context(typed::<SendOperation>(&client), encrypted),
                context(typed::<Stop>(&client), encrypted),
                context(
                    client.raw(Method::Post, "/v3/x").json(&json!({"user_id": USER})),
                    encrypted,
                ),
            ]
        });
        Self { client, contexts }
    }
}

fn typed<O: Operation>(client: &Client) -> Call<O>
where
    O::Request: serde::de::DeserializeOwned,
{
    let request = json!({
        "activity_id": "2016042700826004508401111111",
        "merchant_access_mode": "SELF_MODE",
        "out_biz_no": "s-1",
        "user_id": USER,
    });
    Call::new(client, &serde_json::from_value(request).expect("a request"))
}

fn context<O: Callable>(call: Call<O>, encrypted: bool) -> Context {
    let call = if encrypted { call.encrypted() } else { call.plain() };
    call.prepare().expect("a request").context().clone()
}

static STAMPED: LazyLock<Caller> = LazyLock::new(|| Caller::new(&STAMPS));
static CERTIFIED: LazyLock<Caller> = LazyLock::new(|| Caller::new(&CERTIFICATES));

/// A response is a success, whose content is signed, or a sound error.
pub fn response(data: &[u8]) -> bool {
    let Some(mut message) = Message::read(data) else { return false };
    let [operation, status, ..] = message.words[..] else { return false };
    let Ok(status) = status.parse::<http::StatusCode>() else { return false };
    let Some(operation) = OPERATIONS.iter().position(|name| *name == operation) else {
        return false;
    };
    let certified = message.has("certified");
    let caller = if certified { &*CERTIFIED } else { &*STAMPED };
    let encrypted = message.has("encrypted");
    // What is called encrypted and begins with `!` is what was to be decrypted.
    let body = match message.body {
        [b'!', body @ ..] => body.to_owned(),
        body if encrypted && !body.is_empty() => AES.encrypt(body).expect("encrypts").into(),
        body => body.to_owned(),
    };
    let signed = message.has("signed");
    if signed {
        message.add("alipay-timestamp", "1800000000123");
        message.add("alipay-nonce", "e5a8b3d0f1c24e6789ab0123456789cd");
        let (timestamp, nonce) = (message.value("alipay-timestamp"), message.value("alipay-nonce"));
        let text = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", &body, b"\n"].concat();
        if certified {
            message.add("alipay-sn", &caller.client.trust().serials()[0]);
            message.add("alipay-signature", &ALIPAY.sign(&text).expect("signs"));
        } else {
            message.add("alipay-signature", &stamped(&text));
        }
    }
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = message.headers;
    let context = &caller.contexts[usize::from(encrypted)][operation];
    let client = &caller.client;
    match operation {
        0 => {
            let queried = client.finish::<Query>(context, response);
            let _ = format!("{queried:?}");
            check(queried, signed, true, &[])
        }
        1 => check(client.finish::<SendOperation>(context, response), signed, false, &[USER]),
        2 => {
            let accepted = client.finish::<Stop>(context, response);
            check(accepted.map(Accepted::into_response), signed, false, &[])
        }
        _ => check(client.finish::<Raw>(context, response), signed, false, &[USER]),
    }
}

/// `personal` is what the request says of people.
fn check<T>(
    result: Result<Response<T>, Error>,
    signed: bool,
    reads: bool,
    personal: &[&str],
) -> bool {
    match result {
        Ok(response) => {
            assert!(signed && response.verified() && response.status().is_success());
            for part in response.unreadable() {
                errors::one_line(&part.to_string());
            }
            true
        }
        Err(error) => {
            errors::sound(&error, personal);
            assert!(signed || !error.authenticated(), "{error:?}");
            assert_ne!(error.outcome(), Outcome::NotSent, "{error:?}");
            assert!(signed || reads || error.outcome() == Outcome::Unknown, "{error:?}");
            let _ = (error.is_retryable(), error.class(), error.trace_id(), error.message());
            let _ = (error.links().len(), error.details().len(), error.code_text());
            assert_ne!(error.kind(), ErrorKind::Configuration, "{error:?}");
            false
        }
    }
}
