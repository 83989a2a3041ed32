//! What the client makes of everything a gateway can do wrong.
//!
//! Whatever happens, a call ends with an error that says what is known of its outcome, or with a
//! success that was proven. Nothing that was carried out is ever reported as refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use crate::support;

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use alipay_mock::{Fault, FaultRule, Gateway};
use alipay_voucher::{
    Client, Error, ErrorKind, Outcome, VoucherApi,
    models::{BudgetType, CreateErrorCode, CreateRequest},
};

/// For responses that come too late, and for all others.
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(20);

/// A client that tries once.
fn once(gateway: &Gateway, patience: Duration) -> Client {
    let builder = Client::builder(support::credentials(gateway)).base_url(gateway.base_url());
    builder.timeout(patience).no_retry().build().unwrap()
}

/// The same request each time: it holds the time it was made.
fn request() -> CreateRequest {
    static REQUEST: OnceLock<CreateRequest> = OnceLock::new();
    REQUEST.get_or_init(|| support::create_request("1")).clone()
}

/// Creates an activity under a fault, encrypted or not.
async fn create(client: Client, encrypted: bool) -> Result<(), Error> {
    let call = VoucherApi::new(client).create(request());
    let result = if encrypted { call.encrypted().await } else { call.await };
    let created = result?;
    assert!(created.activity_id.is_some());
    Ok(())
}

/// What a fault is to become.
struct Expected {
    fault: &'static str,
    kind: ErrorKind,
    outcome: Outcome,
    /// Whether the activity was created all the same.
    carried_out: bool,
}

const fn expected(
    fault: &'static str,
    kind: ErrorKind,
    outcome: Outcome,
    carried_out: bool,
) -> Expected {
    Expected { fault, kind, outcome, carried_out }
}

use ErrorKind::{
    Api, BodyTooLarge, Decode, Decryption, Processing, Status, Timeout, Transport, Verification,
};
use Outcome::{Rejected, Unknown};

const PLAIN: [Expected; 34] = [
    expected("no-signature", Verification, Unknown, true),
    expected("null-signature", Verification, Unknown, true),
    expected("wrong-signature", Verification, Unknown, true),
    expected("garbage-signature", Verification, Unknown, true),
    expected("tampered-body", Verification, Unknown, true),
    expected("stale-timestamp", Verification, Unknown, true),
    expected("duplicate-headers", Verification, Unknown, true),
    expected("no-content", Verification, Unknown, true),
    expected("truncated-json", Decode, Unknown, true),
    expected("oversized:9000000", BodyTooLarge, Unknown, true),
    expected("delay:2000", Timeout, Unknown, true),
    expected("slow-drip:4000", Timeout, Unknown, true),
    expected("hang", Timeout, Unknown, true),
    expected("half-body", Transport, Unknown, true),
    expected("reset-after-headers", Transport, Unknown, true),
    expected("close-after-processing", Transport, Unknown, true),
    expected("close", Transport, Unknown, false),
    expected("reset", Transport, Unknown, false),
    expected("refuse:100", Transport, Unknown, false),
    expected("html-502", Status, Unknown, false),
    expected("redirect", Status, Unknown, false),
    expected("status:200", Verification, Unknown, false),
    expected("status:429", Status, Unknown, false),
    expected("status:503", Status, Unknown, false),
    expected("accepted", Processing, Unknown, false),
    expected("rate-limited:1", Api, Unknown, false),
    expected("error:500:unknow-error", Api, Unknown, false),
    expected("error:400:BIZ_ERROR", Api, Unknown, false),
    expected("signed-error:400:SYSTEM_ERROR", Api, Unknown, false),
    expected("signed-error:400:BIZ_ERROR", Api, Rejected, false),
    expected("signed-error:400:BRAND_NEW_CODE", Api, Unknown, false),
    expected("signed-error:400:BUSINESS_HAS_RISK", Api, Rejected, false),
    expected("signed-error:400:app-auth-token-time-out", Api, Rejected, false),
    expected("signed-error:400:invalid-response-data", Api, Unknown, false),
];

const ENCRYPTED: [Expected; 3] = [
    expected("plaintext-for-ciphertext", Decryption, Unknown, true),
    expected("bad-padding", Decryption, Unknown, true),
    expected("tampered-body", Verification, Unknown, true),
];

async fn check(expected: &Expected, encrypted: bool) {
    let Expected { fault, kind, outcome, carried_out } = *expected;
    let gateway = Gateway::start().await.unwrap();
    gateway.fail_next(fault.parse().unwrap());
    let started = Instant::now();
    let patience = if kind == Timeout { SHORT } else { LONG };
    let error = match create(once(&gateway, patience), encrypted).await {
        Ok(()) => panic!("{fault} was taken for a success"),
        Err(error) => error,
    };
    assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{fault}: {error}");
    assert!(started.elapsed() < LONG / 2, "{fault} took {:?}", started.elapsed());
    // An error for people: one line, with the operation, without the page of a proxy.
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.contains('<'), "{fault}: {text}");
    assert!(text.contains("alipay.marketing.activity.voucher.create"), "{fault}: {text}");
    assert_eq!(gateway.activities().len(), usize::from(carried_out), "{fault}");
}

#[tokio::test]
async fn every_fault_becomes_an_error_that_tells_the_outcome() {
    for expected in &PLAIN {
        check(expected, false).await;
    }
}

#[tokio::test]
async fn faults_of_encryption_are_noticed() {
    for expected in &ENCRYPTED {
        check(expected, true).await;
    }
}

#[tokio::test]
async fn the_table_has_every_fault() {
    let first_part = |fault: &&Expected| fault.fault.split(':').next().unwrap();
    let tested: Vec<&str> = PLAIN.iter().chain(&ENCRYPTED).map(|e| first_part(&e)).collect();
    let error = "nonsense".parse::<Fault>().unwrap_err().to_string();
    let names = error.split("there are ").nth(1).unwrap();
    for name in names.split(", ").map(|name| name.split(':').next().unwrap()) {
        // Two are no errors in key mode; they have tests of their own.
        let elsewhere = ["unknown-serial", "empty-200"].contains(&name);
        assert!(tested.contains(&name) || elsewhere, "{name} has no test");
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_noticed_in_certificate_mode() {
    let gateway = Gateway::start().await.unwrap();
    gateway.fail_next(Fault::UnknownSerial);
    let client = gateway.certificate_client().unwrap();
    let error = create(client, false).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Verification, Unknown), "{error}");
    create(gateway.certificate_client().unwrap(), false).await.unwrap();
    // In key mode there is one key, whatever the response calls it.
    gateway.fail_next(Fault::UnknownSerial);
    create(gateway.client().unwrap(), false).await.unwrap();
    assert_eq!(gateway.activities().len(), 1);
}

#[tokio::test]
async fn an_empty_response_that_is_signed_is_a_success_without_content() {
    let gateway = Gateway::start().await.unwrap();
    gateway.fail_next(Fault::Empty200);
    let api = VoucherApi::new(once(&gateway, LONG));
    let created = api.create(request()).await.unwrap();
    // No field of a response is promised: the same request again brings what was missing.
    assert_eq!(created.activity_id, None);
    create(once(&gateway, LONG), false).await.unwrap();
    assert_eq!(gateway.activities().len(), 1);
}

#[tokio::test]
async fn nobody_listening_means_not_sent() {
    let gateway = Gateway::start().await.unwrap();
    gateway.refuse_connections().await;
    let error = create(once(&gateway, LONG), false).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotSent), "{error}");
    gateway.accept_connections().await;
    create(once(&gateway, LONG), false).await.unwrap();
}

#[tokio::test]
async fn what_passes_by_is_repeated_and_happens_once() {
    for fault in [
        "close",
        "close-after-processing",
        "reset",
        "reset-after-headers",
        "half-body",
        "html-502",
        "status:503",
        "accepted",
        "error:500:unknow-error",
        "signed-error:400:SYSTEM_ERROR",
    ] {
        let gateway = Gateway::start().await.unwrap();
        gateway.fail(FaultRule::new(fault.parse().unwrap()).times(2));
        let api = VoucherApi::new(gateway.client().unwrap());
        let created = api.create(request()).await;
        let created = created.unwrap_or_else(|e| panic!("{fault}: {e}"));
        assert_eq!(created.attempts(), 3, "{fault}");
        assert_eq!(gateway.activities().len(), 1, "{fault}");
        let bodies: Vec<String> = gateway.requests().into_iter().map(|r| r.body).collect();
        assert!(bodies.windows(2).all(|pair| pair.first() == pair.last()), "{fault}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let gateway = Gateway::start().await.unwrap();
    let mut request = request();
    request.voucher_budget_supply_info.budget_type = Some(BudgetType::from("CASH"));
    let api = VoucherApi::new(gateway.client().unwrap());
    let error = api.create(request).await.unwrap_err();
    assert_eq!(error.code(), Some(CreateErrorCode::InvalidParameter), "{error}");
    assert_eq!(error.outcome(), Rejected);
    let details: Vec<_> = error.details().iter().map(|detail| detail.field.clone()).collect();
    assert_eq!(details, [Some("voucher_budget_supply_info.budget_type".to_owned())]);
}
