//! What is known of a call that failed: what codes say, what a response proves, and what all attempts
//! of a call are worth together.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use crate::common;

use std::fmt::Write as _;

use alipay_core::{
    Accepted, Call, Client, Error, ErrorKind, Outcome, Response,
    codes::{ErrorClass, ErrorCodes},
    operation::{Method, Operation, OperationInfo},
    transport::TransportErrorKind,
};
use bytes::Bytes;
use common::{
    ALIPAY, Create, CreateRequest, Nothing, Query, Stop, TIMESTAMP, create_request, query_request,
    script::{Script, Step},
    unsigned,
};
use proptest::prelude::*;
use serde_json::json;

/// A signed response with a nonce of its own.
fn signed(status: u16, body: &str) -> http::Response<Bytes> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NONCES: AtomicU64 = AtomicU64::new(0);
    let nonce = format!("outcomes{}", NONCES.fetch_add(1, Ordering::Relaxed));
    let signature = ALIPAY.sign(format!("{TIMESTAMP}\n{nonce}\n{body}\n").as_bytes()).unwrap();
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("alipay-timestamp", TIMESTAMP)
        .header("alipay-nonce", nonce)
        .header("alipay-signature", signature)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn refusal(status: u16, code: &str) -> http::Response<Bytes> {
    signed(status, &json!({ "code": code }).to_string())
}

fn client() -> Client {
    common::builder(common::credentials()).build().unwrap()
}

/// The error of a call that gets this response.
fn error_of<O: Operation>(request: &O::Request, response: http::Response<Bytes>) -> Error
where
    O::Reply: std::fmt::Debug,
{
    common::finished::<O>(&client(), request, response).unwrap_err()
}

/// All codes of Alipay's description of 2026-09-23, in how many lists each stands, and its class. A
/// signed refusal (400) with it must be worth what the class says.
///
/// To accept other classes: `INSTA_UPDATE=always cargo test -p alipay-core --test runtime outcomes`, then
/// read the diff.
#[test]
fn every_code_of_alipay_has_its_class() {
    const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/error_codes.tsv");
    let listed = std::fs::read_to_string(PATH).unwrap();
    let (client, mut now, mut lists) = (client(), String::new(), 0);
    for line in listed.lines() {
        let [code, count, _] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        lists += count.parse::<u32>().unwrap();
        let error = common::finished::<Create>(&client, &create_request(), refusal(400, code));
        let error = error.unwrap_err();
        let class = match error.class().unwrap() {
            ErrorClass::Refused => "refused",
            ErrorClass::AlreadyDone => "already done",
            ErrorClass::Failed => "failed",
            ErrorClass::Unclear => "unclear",
            other => panic!("{other:?}"),
        };
        let proven = matches!(class, "refused" | "already done");
        let due = if proven { Outcome::Rejected } else { Outcome::Unknown };
        assert_eq!(error.outcome(), due, "{code}");
        let limited = matches!(code, "app-call-limited" | "method-call-limited");
        assert_eq!(error.is_retryable(), class == "failed" || limited, "{code}");
        writeln!(now, "{code}\t{count}\t{class}").unwrap();
    }
    assert_eq!(lists, 6_400);
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(PATH, now).unwrap();
    } else {
        let changed = listed.lines().zip(now.lines()).find(|(listed, now)| listed != now);
        assert_eq!(changed, None, "what is listed, and what the code says");
    }
}

/// What is not in the list, or is spelled otherwise.
#[test]
fn spelling_does_not_make_a_refusal() {
    use ErrorClass::{AlreadyDone, Failed, Refused, Unclear};
    for (code, class) in [
        ("system_error", Failed),
        ("SystemError", Failed),
        ("systemError", Failed),
        ("SYSTEMERROR", Failed),
        ("system.error", Failed),
        ("ACQ.SYSTEM_ERROR.X", Failed),
        ("X_SYSTEM_BUSY", Failed),
        ("SYSTEM_ERRORS", Failed),
        ("isp.remote-service-timeout", Failed),
        ("read time out", Unclear),
        ("ORDER_IS_DEALING", Failed),
        ("PROCESSING_ENDED", Unclear),
        ("ILLEGAL_STATE_EXCEPTION", Unclear),
        ("TRANSFER_FAIL", Unclear),
        ("BIZ_ERROR", Unclear),
        ("SUCCESS", Unclear),
        ("PARTIAL_SUCCESS", Unclear),
        ("REFUND_HAS_NOT_SUCCEEDED", Unclear),
        ("refund-has-succeeded", AlreadyDone),
        ("10000", Unclear),
        ("失败", Unclear),
        ("-", Unclear),
        ("NOT_SUCCESS", Unclear),
        ("order-not-exist", Refused),
        ("orderNotExist", Refused),
        ("Order.Has.Success", AlreadyDone),
        (" INVALID_PARAMETER ", Refused),
        // No response from behind, or no end yet.
        ("SERVICE_NOT_AVAILABLE", Unclear),
        ("isp.service-not-available", Unclear),
        ("NO_AVAILABLE_SERVER", Unclear),
        ("CHANNEL_CLOSED", Unclear),
        ("BANK_NOT_RESPONDING", Unclear),
        ("NO_REPLY_FROM_BANK", Unclear),
        ("NO_ACK", Unclear),
        ("CANNOT_REACH_BANK", Unclear),
        ("BANK_RETURN_EMPTY", Unclear),
        ("NULL_POINTER", Unclear),
        ("PAYMENT_NOT_COMPLETED", Unclear),
        ("REFUND_NOT_FINISH", Unclear),
        ("NOT_YET_DONE", Unclear),
        ("TRADE_EXIST_AND_PAYING", Unclear),
        ("ALREADY_ACCEPTED", Unclear),
        ("ALREADY_IN_QUEUE", Unclear),
        ("WAIT_VERIFY", Unclear),
        ("CANNOT_DETERMINE", Unclear),
        ("DEADLINE_EXCEEDED", Unclear),
        ("TIME_LIMIT_EXCEEDED", Unclear),
        ("OVER_TIME", Unclear),
        ("TIMED_OUT_NOT_EXIST", Unclear),
        // Partly done, or undone.
        ("PARTIALLY_REFUSED", Unclear),
        ("NOT_ALL_REFUNDED", Unclear),
        ("SUCCESS_BUT_NOT_NOTIFIED", Unclear),
        ("PAID_BUT_NOT_SETTLED", Unclear),
        ("NOT_ROLLED_BACK", Unclear),
        ("TRADE_NOT_HAS_SUCCESS", Unclear),
        ("PARTIAL_REFUND_ALREADY_SUCCESS", Unclear),
        ("TRADE_HAS_SUCCESS_PARTIALLY", Unclear),
        ("LAST_TIME_SUCCESS_ROLLBACK", Unclear),
        ("HAS_SUCCESSOR", Unclear),
        // No codes.
        ("The bank did not respond", Unclear),
        ("order not found", Unclear),
        ("系统繁忙_INVALID", Unclear),
        // The gateway's own, and prefixes.
        ("auth-token-time-out", Refused),
        ("app-auth-token-time-out", Refused),
        ("app-auth-invoke-limit", Refused),
        ("ACQ.NO_PAYMENT_INSTRUMENTS", Refused),
    ] {
        let error = error_of::<Create>(&create_request(), refusal(400, code));
        assert_eq!(error.class(), Some(class), "{code}");
        let proven = matches!(class, Refused | AlreadyDone);
        assert_eq!(error.outcome() == Outcome::Rejected, proven, "{code}");
    }
    // No code has more than 128 bytes, whatever it begins with.
    for (length, class) in [(128, Refused), (129, Unclear)] {
        let code = format!("{:X<length$}", "INVALID_");
        let error = error_of::<Create>(&create_request(), refusal(400, &code));
        assert_eq!(error.class(), Some(class), "{length}");
    }
}

#[derive(Debug)]
enum Described {}

impl Operation for Described {
    type Request = CreateRequest;
    type Response = Nothing;
    type Reply = Response<Nothing>;
    const INFO: &'static OperationInfo =
        &OperationInfo::new("alipay.test.described", Method::Post, "/v3/alipay/test/described")
            .idempotent_by("out_biz_no")
            .no_content()
            .codes(&CLASSIFIED);
}

const CLASSIFIED: ErrorCodes = ErrorCodes::new(&[
    ("INVALID_STATE", ErrorClass::Failed),
    ("unknown-sub-code", ErrorClass::Refused),
    ("SYSTEM_RATE_LIMIT", ErrorClass::Refused),
    ("MATERIAL_AUDIT_WAITING", ErrorClass::Refused),
    ("TRADE_HAS_SUCCESS", ErrorClass::Refused),
    ("ACTIVITY_NOT_ACTIVE", ErrorClass::Unclear),
])
.or(&ErrorCodes::new(&[
    ("auth-token-time-out", ErrorClass::Refused),
    ("invalid-response-data", ErrorClass::Refused),
    ("INVALID_STATE", ErrorClass::Refused),
]));

/// What people have classified counts more than the words, but for the gateway's open codes.
#[test]
fn the_description_decides() {
    use ErrorClass::{AlreadyDone, Failed, Refused, Unclear};
    for (code, class) in [
        ("ACTIVITY_NOT_ACTIVE", Unclear),
        ("INVALID_STATE", Failed),
        ("SYSTEM_RATE_LIMIT", Refused),
        ("MATERIAL_AUDIT_WAITING", Refused),
        ("TRADE_HAS_SUCCESS", AlreadyDone),
        ("auth-token-time-out", Refused),
        ("invalid-response-data", Failed),
        ("unknown-sub-code", Failed),
        ("unknow-error", Failed),
        ("NOT_LISTED", Refused),
    ] {
        let error = error_of::<Described>(&create_request(), refusal(400, code));
        assert_eq!(error.class(), Some(class), "{code}");
    }
}

#[test]
fn refused_because_it_is_done_is_told_apart() {
    let error = error_of::<Create>(&create_request(), refusal(400, "ACQ.TRADE_HAS_SUCCESS"));
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.class(), Some(ErrorClass::AlreadyDone));
    insta::assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: refused (HTTP 400): ACQ.TRADE_HAS_SUCCESS; this request did nothing, since an earlier one has succeeded");
}

/// The word "refused" stands only where the code and the status say so.
#[test]
fn what_is_no_refusal_is_not_called_one() {
    for (status, code, words) in [
        (400, "INVALID_PARAMETER", "refused (HTTP 400)"),
        (400, "ACQ.TRADE_HAS_SUCCESS", "refused (HTTP 400)"),
        (400, "SYSTEM_ERROR", "returned an error (HTTP 400)"),
        (400, "BIZ_ERROR", "returned an error (HTTP 400)"),
        (408, "INVALID_PARAMETER", "returned an error (HTTP 408)"),
        (500, "INVALID_PARAMETER", "failed (HTTP 500)"),
    ] {
        let error = error_of::<Create>(&create_request(), refusal(status, code)).to_string();
        assert!(error.contains(&format!(".create: {words}: {code}")), "{error}");
    }
}

/// For calls that only read, the last attempt counts alone only if it reached the server.
#[tokio::test]
async fn a_call_that_only_reads_and_whose_last_attempt_was_not_sent() {
    let steps = [Step::Response(signed(503, "")), Step::Response(refusal(429, "app-call-limited"))];
    let last = [Step::Fail(TransportErrorKind::Connect)];
    let script = Script::new(steps.into_iter().chain(last));
    let client = script.builder().build().unwrap();
    let error = Call::<Query>::new(&client, &query_request()).await.unwrap_err();
    assert_eq!((error.attempts(), error.outcome()), (3, Outcome::Unknown));
}

/// The status has a say, too: not every 4xx is a refusal.
#[test]
fn a_refusal_needs_its_status() {
    for status in [400, 401, 403, 404, 409, 422, 429] {
        let error = error_of::<Create>(&create_request(), refusal(status, "INVALID_PARAMETER"));
        assert_eq!(error.outcome(), Outcome::Rejected, "{status}");
    }
    for status in [302, 408, 500, 501, 503] {
        let error = error_of::<Create>(&create_request(), refusal(status, "INVALID_PARAMETER"));
        assert_eq!(error.outcome(), Outcome::Unknown, "{status}");
    }
    let whatever = error_of::<Create>(&create_request(), refusal(429, "WHATEVER"));
    assert_eq!((whatever.outcome(), whatever.is_retryable()), (Outcome::Rejected, true));
    let busy = error_of::<Create>(&create_request(), refusal(429, "SYSTEM_BUSY"));
    assert_eq!((busy.outcome(), busy.is_retryable()), (Outcome::Unknown, true));
}

/// An unsigned 204 could come from anybody on the way.
#[test]
fn an_unsigned_204_counts_only_where_it_is_allowed() {
    let nothing = || unsigned(204, "text/plain", "");
    let client = client();

    let stop = || Call::<Stop>::new(&client, &Nothing {});
    let finish = |call: Call<Stop>| -> Result<Accepted<Nothing>, Error> {
        client.finish::<Stop>(call.prepare().unwrap().context(), nothing())
    };
    let error = finish(stop()).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Verification, Outcome::Unknown));
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("allow it with allow_unsigned_204"), "{error}");
    assert!(!finish(stop().allow_unsigned_204()).unwrap().verified());

    let raw = |method| client.raw(method, "/v3/alipay/fund/trans/uni/transfer");
    for method in [Method::Get, Method::Post, Method::Delete] {
        let prepared = raw(method).prepare().unwrap();
        let error = client.finish::<alipay_core::Raw>(prepared.context(), nothing()).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Verification, Outcome::Unknown));
        let prepared = raw(method).allow_unsigned_204().prepare().unwrap();
        let done = client.finish::<alipay_core::Raw>(prepared.context(), nothing()).unwrap();
        assert_eq!((done.verified(), done.into_inner()), (false, serde_json::Value::Null));
        // It stays an error with a body, with another status, and with a wrong signature.
        let body = unsigned(204, "application/json", "{}");
        client.finish::<alipay_core::Raw>(prepared.context(), body).unwrap_err();
        client
            .finish::<alipay_core::Raw>(prepared.context(), unsigned(200, "text/plain", ""))
            .unwrap_err();
        let mut wrong = signed(204, "");
        wrong.headers_mut().insert("alipay-nonce", "another".parse().unwrap());
        client.finish::<alipay_core::Raw>(prepared.context(), wrong).unwrap_err();
    }
    // Where the description has it, nobody needs to ask.
    let prepared = Call::<Described>::new(&client, &create_request()).prepare().unwrap();
    let done = client.finish::<Described>(prepared.context(), nothing()).unwrap();
    assert!(!done.verified());
    // Signed, it is as good as any other response.
    let done = common::finished::<Stop>(&client, &Nothing {}, signed(204, "")).unwrap();
    assert!(done.verified());
}

/// Encrypted or not, an empty signed response says the same.
#[test]
fn an_encrypted_empty_response_is_an_empty_response() {
    let key = alipay_core::encrypt::AesKey::parse(common::key("aes_key")).unwrap();
    let client = client();
    let prepared = Call::<Stop>::new(&client, &Nothing {}).encrypted().prepare().unwrap();
    let empty = String::from_utf8(key.encrypt(b"").unwrap().into()).unwrap();
    assert!(client.finish::<Stop>(prepared.context(), signed(200, &empty)).unwrap().verified());
    assert!(client.finish::<Stop>(prepared.context(), signed(200, "")).unwrap().verified());
    // Anything else that is not JSON looks like the wrong key.
    let text = String::from_utf8(key.encrypt(b"done").unwrap().into()).unwrap();
    let error = client.finish::<Stop>(prepared.context(), signed(200, &text)).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decryption, Outcome::Unknown));
}

/// Only what Alipay signed is worth decrypting.
#[test]
fn an_unsigned_error_is_not_decrypted() {
    let key = alipay_core::encrypt::AesKey::parse(common::key("aes_key")).unwrap();
    let client = client();
    let prepared = Call::<Create>::new(&client, &create_request()).encrypted().prepare().unwrap();
    let body = key.encrypt(br#"{"code":"INVALID_PARAMETER"}"#).unwrap();
    let body = String::from_utf8(body.into()).unwrap();
    let error = client.finish::<Create>(prepared.context(), signed(400, &body)).unwrap_err();
    assert_eq!(error.code_text(), Some("INVALID_PARAMETER"));
    let error = client
        .finish::<Create>(prepared.context(), unsigned(400, "text/plain", &body))
        .unwrap_err();
    assert_eq!((error.code_text(), error.kind()), (None, ErrorKind::Status));
}

/// A success whose body is that of an error is none.
#[test]
fn an_error_with_the_status_of_a_success() {
    for body in [r#"{"code":"SYSTEM_ERROR","message":"x"}"#, r#"{"code":"INVALID_PARAMETER"}"#] {
        for error in [
            error_of::<Stop>(&Nothing {}, signed(200, body)),
            error_of::<Create>(&create_request(), signed(200, body)),
        ] {
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Api, Outcome::Unknown));
            assert!(error.authenticated());
            assert!(error.code_text().is_some());
        }
    }
    // A field of the operation's own says that it is a response, whatever else is there.
    let body = r#"{"activity_id":"1","code":"10000"}"#;
    let client = client();
    common::finished::<Create>(&client, &create_request(), signed(200, body)).unwrap();
}

/// What becomes of one attempt, as a server or a network could have it.
#[derive(Clone, Debug)]
enum Seen {
    Lost(TransportErrorKind),
    Signed(u16, &'static str),
    Unsigned(u16, &'static str),
    Page(u16),
    Done,
    DoneUnsigned,
    Garbled,
}

const CODES: [(&str, ErrorClass); 6] = [
    ("INVALID_PARAMETER", ErrorClass::Refused),
    ("app-call-limited", ErrorClass::Refused),
    ("ACQ.TRADE_HAS_SUCCESS", ErrorClass::AlreadyDone),
    ("SYSTEM_ERROR", ErrorClass::Failed),
    ("invalid-response-data", ErrorClass::Failed),
    ("BIZ_ERROR", ErrorClass::Unclear),
];

impl Seen {
    fn step(&self) -> Step {
        match *self {
            Self::Lost(kind) => Step::Fail(kind),
            Self::Signed(status, code) => Step::Response(refusal(status, code)),
            Self::Unsigned(status, code) => {
                let body = json!({ "code": code }).to_string();
                Step::Response(unsigned(status, "application/json", &body))
            }
            Self::Page(status) => Step::Response(unsigned(status, "text/html", "<html>")),
            Self::Done => Step::Response(signed(200, "{}")),
            Self::DoneUnsigned => Step::Response(unsigned(200, "application/json", "{}")),
            Self::Garbled => Step::Response(signed(200, "{")),
        }
    }

    /// The row of the table of [`Outcome`]: what it proves of the one attempt, and whether a repeat may
    /// help. `None` when the call is done.
    fn row(&self, reads: bool) -> Option<(Outcome, bool)> {
        use Outcome::{NotSent, Rejected, Unknown};
        use TransportErrorKind as Kind;
        let class = |code| CODES.iter().find(|(other, _)| *other == code).unwrap().1;
        let passing = |status| matches!(status, 429 | 500 | 502..=504);
        Some(match *self {
            Self::Done => return None,
            Self::Lost(Kind::Unsendable) => (NotSent, false),
            Self::Lost(Kind::Connect) => (NotSent, true),
            Self::Lost(Kind::Timeout | Kind::Io)
            | Self::Signed(202, _)
            | Self::Unsigned(202, _)
            | Self::Page(202) => (Unknown, true),
            Self::Lost(_) | Self::DoneUnsigned | Self::Garbled => (Unknown, false),
            Self::Page(status) => (Unknown, passing(status)),
            Self::Signed(status, code) | Self::Unsigned(status, code) => {
                let class = class(code);
                let helps =
                    passing(status) || class == ErrorClass::Failed || code == "app-call-limited";
                let refused = match class {
                    ErrorClass::Refused | ErrorClass::AlreadyDone => true,
                    ErrorClass::Unclear => status == 429,
                    _ => false,
                };
                let can_refuse = matches!(status, 400 | 403 | 429);
                let believed = reads || matches!(self, Self::Signed(..));
                if refused && can_refuse && believed { (Rejected, helps) } else { (Unknown, helps) }
            }
        })
    }
}

fn seen() -> impl Strategy<Value = Seen> {
    use TransportErrorKind::{BodyTooLarge, Connect, Io, Timeout, Unsendable};
    let status = prop::sample::select(vec![202, 400, 403, 408, 429, 500, 501, 503]);
    let code = prop::sample::select(CODES.map(|(code, _)| code).to_vec());
    let kind = prop::sample::select(vec![Connect, Io, Timeout, Unsendable, BodyTooLarge]);
    prop_oneof![
        3 => kind.prop_map(Seen::Lost),
        3 => (status.clone(), code.clone()).prop_map(|(status, code)| Seen::Signed(status, code)),
        2 => (status.clone(), code).prop_map(|(status, code)| Seen::Unsigned(status, code)),
        1 => status.prop_map(Seen::Page),
        1 => Just(Seen::Done),
        1 => prop_oneof![Just(Seen::DoneUnsigned), Just(Seen::Garbled)],
    ]
}

/// The calls of the three kinds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Keyed,
    Reads,
    Unsafe,
}

/// How a call of so many attempts ends, by the table of [`Outcome`] alone: how often it is tried, and
/// what is known then; `None` when it is done.
fn expected(kind: Kind, steps: &[Seen]) -> (usize, Option<Outcome>) {
    let mut worst = Outcome::NotSent;
    for (index, step) in steps.iter().enumerate() {
        let Some((outcome, helps)) = step.row(kind == Kind::Reads) else {
            return (index + 1, None);
        };
        let before = worst;
        worst = worst.max(outcome);
        let harmless = kind != Kind::Unsafe || worst != Outcome::Unknown;
        if !helps || !harmless || index + 1 == steps.len() {
            let reads = kind == Kind::Reads && outcome != Outcome::NotSent;
            return (index + 1, Some(if reads { outcome } else { before.max(outcome) }));
        }
    }
    panic!("there are steps")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// No sequence of attempts makes the call claim more than the table proves, nor repeat what may act
    /// twice.
    #[test]
    fn attempts_together_are_worth_what_the_table_says(
        steps in prop::collection::vec(seen(), 1..5),
        kind in prop::sample::select(vec![Kind::Keyed, Kind::Reads, Kind::Unsafe]),
    ) {
        let script = Script::new(steps.iter().map(Seen::step));
        let attempts = u32::try_from(steps.len()).unwrap();
        let policy = alipay_core::RetryPolicy::default().max_attempts(attempts);
        let client = script.builder().retry(policy).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let result: Result<(), Error> = runtime.block_on(async {
            match kind {
                Kind::Keyed => Call::<Create>::new(&client, &create_request()).await.map(drop),
                Kind::Reads => Call::<Query>::new(&client, &query_request()).await.map(drop),
                Kind::Unsafe => Call::<Stop>::new(&client, &Nothing {}).await.map(drop),
            }
        });
        let outcome = result.as_ref().err().map(Error::outcome);
        prop_assert_eq!((script.seen().len(), outcome), expected(kind, &steps));
        if let Err(error) = result {
            let text = error.to_string();
            let claims = |words| text.contains(words);
            match error.outcome() {
                Outcome::NotSent => prop_assert!(!claims("nothing was done")),
                Outcome::Rejected => prop_assert!(!claims("nothing was sent")),
                Outcome::Unknown => prop_assert!(
                    !claims("nothing was sent") && !claims("nothing was done")
                        && !claims("did nothing"),
                    "{}", text
                ),
            }
        }
    }
}
