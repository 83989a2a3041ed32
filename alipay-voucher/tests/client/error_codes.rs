//! Every documented code of every operation decodes to its variant, whatever shape the rest of the
//! error body has.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use crate::support;

use alipay_core::operation::Operation;
use alipay_mock::Gateway;
use alipay_voucher::{Call, Client, Error, ErrorKind, models::*, operations};
use http::Response;

/// The error for a body, as `finish` makes it.
fn error_for<O: Operation>(
    client: &Client,
    request: &O::Request,
    status: u16,
    body: &str,
) -> Error {
    let prepared = Call::<O>::new(client, request).prepare().unwrap();
    let response = Response::builder().status(status).body(body.to_owned().into()).unwrap();
    match client.finish::<O>(prepared.context(), response) {
        Ok(_) => panic!("{body} was taken for a success"),
        Err(error) => error,
    }
}

/// Bodies seen, documented or thinkable for one code.
fn bodies(code: &str) -> Vec<String> {
    let rests = [
        r#""message":"说明""#,
        r#""message":"m","links":"https://open.alipay.com""#,
        r#""message":"m","links":[{"link":"https://open.alipay.com","desc":"解决方案"}]"#,
        r#""message":"m","links":null,"details":[{"field":"a","issue":"b"}]"#,
        r#""message":"m","details":{"field":"a"}"#,
        r#""message":7,"links":{"link":1}"#,
        r#""sub":"no message at all""#,
    ];
    rests.iter().map(|rest| format!(r#"{{"code":"{code}",{rest}}}"#)).collect()
}

/// What is checked of one operation.
struct Codes<C> {
    /// Its own codes.
    own: &'static [&'static str],
    is_known: fn(&C) -> bool,
    /// Whether the code was found among the gateway's.
    is_common: fn(&C) -> bool,
}

fn every_code<O, C>(client: &Client, request: &O::Request, codes: &Codes<C>)
where
    O: Operation,
    C: for<'a> From<&'a str> + AsRef<str>,
{
    for code in codes.own {
        for body in bodies(code) {
            let error = error_for::<O>(client, request, 400, &body);
            let found: C = error.code().unwrap_or_else(|| panic!("no code in {body}: {error}"));
            assert_eq!(error.kind(), ErrorKind::Api, "{body}");
            assert_eq!(found.as_ref(), *code, "{body}");
            assert!((codes.is_known)(&found), "{code}");
            assert!(!(codes.is_common)(&found), "{code} is the operation's own");
        }
    }
    for code in COMMON {
        let body = format!(r#"{{"code":"{code}","message":"m"}}"#);
        let found: C = error_for::<O>(client, request, 400, &body).code().unwrap();
        assert!((codes.is_common)(&found) && (codes.is_known)(&found), "{code}");
        assert_eq!(found.as_ref(), code);
    }
    let found: C = error_for::<O>(client, request, 400, r#"{"code":"NEW_CODE"}"#).code().unwrap();
    assert!(!(codes.is_known)(&found));
    assert_eq!(found.as_ref(), "NEW_CODE");
}

/// Some of the gateway's codes, among them the ones with odd spellings.
const COMMON: [&str; 6] = [
    "invalid-signature",
    "unknow-error",
    "app-key-security-risk, app-cert-expired",
    "sevice-not-been-subscribed-to",
    "app-call-limited",
    "decryption-error-not-valid-encrypt-type",
];

const BASE: &[&str] = &["SYSTEM_ERROR", "INVALID_PARAMETER"];
const SEND: &[&str] = &[
    "SYSTEM_ERROR",
    "INVALID_PARAMETER",
    "ACTIVITY_NOT_ACTIVE",
    "ACTIVITY_NOT_START",
    "ACTIVITY_IS_END",
    "ACTIVITY_IS_STOPED",
    "BUDGET_NOT_ENOUGH",
    "COUNT_OVER_LIMIT",
];

#[tokio::test]
async fn every_documented_code_is_typed() {
    let gateway = Gateway::start().await.unwrap();
    let client = support::client(&gateway);
    every_code::<operations::Append, _>(
        &client,
        &AppendRequest::new("1", support::key("2"), support::MODE, 3),
        &Codes {
            own: BASE,
            is_known: AppendErrorCode::is_known,
            is_common: |code| matches!(code, AppendErrorCode::Common(_)),
        },
    );
    every_code::<operations::Create, _>(
        &client,
        &support::create_request("1"),
        &Codes {
            own: &["SYSTEM_ERROR", "INVALID_PARAMETER", "BIZ_ERROR", "MATERIAL_AUDIT_WAITING"],
            is_known: CreateErrorCode::is_known,
            is_common: |code| matches!(code, CreateErrorCode::Common(_)),
        },
    );
    every_code::<operations::Modify, _>(
        &client,
        &ModifyRequest::new(support::key("1"), support::MODE, ActivityBaseInfo::new()),
        &Codes {
            own: BASE,
            is_known: ModifyErrorCode::is_known,
            is_common: |code| matches!(code, ModifyErrorCode::Common(_)),
        },
    );
    every_code::<operations::Publish, _>(
        &client,
        &PublishRequest::new("1", support::key("2"), support::MODE),
        &Codes {
            own: &["SYSTEM_ERROR", "INVALID_PARAMETER", "BIZ_ERROR", "BUSINESS_HAS_RISK"],
            is_known: PublishErrorCode::is_known,
            is_common: |code| matches!(code, PublishErrorCode::Common(_)),
        },
    );
    every_code::<operations::Query, _>(
        &client,
        &QueryRequest::new("1", support::MODE),
        &Codes {
            own: BASE,
            is_known: QueryErrorCode::is_known,
            is_common: |code| matches!(code, QueryErrorCode::Common(_)),
        },
    );
    every_code::<operations::SendOperation, _>(
        &client,
        &SendRequest::new("1", "send".parse().unwrap(), MerchantAccessMode::SelfMode),
        &Codes {
            own: SEND,
            is_known: SendErrorCode::is_known,
            is_common: |code| matches!(code, SendErrorCode::Common(_)),
        },
    );
    every_code::<operations::Stop, _>(
        &client,
        &StopRequest::new("1", support::key("2"), support::MODE),
        &Codes {
            own: BASE,
            is_known: StopErrorCode::is_known,
            is_common: |code| matches!(code, StopErrorCode::Common(_)),
        },
    );
}

#[tokio::test]
async fn bodies_without_a_code_are_errors_all_the_same() {
    let gateway = Gateway::start().await.unwrap();
    let client = support::client(&gateway);
    let request = StopRequest::new("1", support::key("2"), support::MODE);
    for (status, body) in
        [(502, "<html><body>Bad Gateway</body></html>"), (500, ""), (400, "[]"), (404, "{")]
    {
        let error = error_for::<operations::Stop>(&client, &request, status, body);
        assert_eq!(error.kind(), ErrorKind::Status, "{body}");
        assert_eq!(error.code::<StopErrorCode>(), None, "{body}");
        assert_eq!(error.status().unwrap(), status);
        assert!(!error.to_string().contains("<html>"), "{error}");
    }
}
