//! What is possible in which state, and how states are reached from outside.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alipay_mock::{
    ActivityStatus, Completion, ControlError, Gateway, Review, VoucherStatus, WaitsFor,
};
use serde_json::{Value, json};
use support::{
    Call, builder, create_request, exchange, gateway, old_create_request, parse, published,
};
use support::{content, send_request, simple_request, with};

const DAY: Duration = Duration::from_secs(86_400);
const RULE: &str = "/voucher_send_mode_info/voucher_send_rule_info";

/// A create request with a budget that is paid in.
fn recharge_request(key: &str) -> Value {
    let recharge = json!({
        "budget_type": "RECHARGE",
        "voucher_recharge_info": {
            "recharge_type": "ALIPAY_BALANCE",
            "voucher_balance_recharge_info": {"amount": "10.00", "partner_id": "2088102111111111"}
        }
    });
    with(create_request(key, 10), "/voucher_budget_supply_info", recharge)
}

fn create(gateway: &Gateway, request: &Value) -> String {
    let created = Call::post(gateway, "create", request).succeed();
    created["activity_id"].as_str().unwrap().to_owned()
}

/// An activity in one of the states of the README's tables.
fn in_state(gateway: &Gateway, state: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let key = |name: &str| format!("{name}-{number}");
    let (c, a, s) = (&key("c"), &key("a"), &key("s"));
    // A gateway is used for several activities, since it takes a while to start.
    gateway.clock().set(support::NEW_YEAR);
    gateway.set_completion(Completion::After(Duration::ZERO));
    let id = match state {
        "no activity" => "7".to_owned(),
        "INIT" => create(gateway, &create_request(c, 10)),
        "INIT, publish running" => {
            gateway.set_completion(Completion::Manual);
            published(gateway, &create_request(c, 10))
        }
        "INIT, to be paid" => published(gateway, &recharge_request(c)),
        "INIT, never paid" => {
            let id = published(gateway, &recharge_request(c));
            gateway.clock().advance(3 * DAY + Duration::from_secs(1));
            id
        }
        "INIT, rejected" => {
            gateway.set_review(Review::Reject("no licence".to_owned())).unwrap();
            let id = published(gateway, &create_request(c, 10));
            assert_eq!(gateway.activity_state(&id).unwrap().audit_result, Some("REJECT"));
            gateway.set_review(Review::Off).unwrap();
            id
        }
        "ACTIVE, before its start" => {
            let start = json!("2026-01-02 00:00:00");
            published(
                gateway,
                &with(create_request(c, 10), &format!("{RULE}/publish_start_time"), start),
            )
        }
        "ACTIVE" => published(gateway, &create_request(c, 10)),
        "ACTIVE, append running" => {
            let id = published(gateway, &create_request(c, 10));
            gateway.activity_state(&id).unwrap();
            gateway.set_completion_of(&id, Completion::Manual).unwrap();
            let append = with(simple_request(&id, a), "/voucher_quantity", json!(20));
            Call::post(gateway, "append", &append).succeed();
            id
        }
        "ACTIVE, used up" => {
            let id = published(gateway, &create_request(c, 10));
            gateway.exhaust(&id).unwrap();
            id
        }
        "PAUSE" => {
            let id = published(gateway, &create_request(c, 10));
            gateway.pause(&id).unwrap();
            id
        }
        "FINISHED, stopped" => {
            let id = published(gateway, &create_request(c, 10));
            Call::post(gateway, "stop", &simple_request(&id, s)).succeed();
            id
        }
        "FINISHED, past its end" => {
            let id = published(gateway, &create_request(c, 10));
            gateway.clock().advance(31 * DAY);
            id
        }
        _ => panic!("{state} is in the README, and not here"),
    };
    if let Ok(known) = gateway.activity_state(&id) {
        assert!(state.starts_with(known.status.as_str()), "{state}: {known:?}");
    }
    id
}

/// What the gateway says to an operation: `yes` or a code.
fn said_to(gateway: &Gateway, id: &str, operation: &str) -> String {
    let user = "2088000000000001";
    let key = format!("other-{operation}-{id}");
    let body = match operation {
        "query" => {
            let reply = Call::query(gateway, id).send();
            return if reply.status == 200 { "yes".to_owned() } else { reply.code() };
        }
        "consult" => {
            let body = json!({"merchant_access_mode": "SELF_MODE", "user_id": user, "consult_activity_info_list": [{"activity_id": id}]});
            let target = "/v3/alipay/marketing/activity/consult";
            let result = Call::new(gateway, "POST", target, body.to_string()).succeed();
            let code = &result["consult_result_info_list"][0]["consult_result_code"];
            return code.as_str().unwrap().to_owned();
        }
        "send" => send_request(id, &key, user),
        "append" => with(simple_request(id, &key), "/voucher_quantity", json!(30)),
        "modify" => {
            with(simple_request(id, &key), "/publish_end_time", json!("2026-02-10 23:59:59"))
        }
        _ => simple_request(id, &key),
    };
    let reply = Call::post(gateway, operation, &body).send();
    if reply.status == 200 { "yes".to_owned() } else { reply.code() }
}

/// The cells of a table in the README: the state, the column, and what stands there.
fn cells(first: &str) -> Vec<(String, String, String)> {
    let readme = include_str!("../../README.md");
    let mut lines = readme.lines().skip_while(|line| !line.starts_with(first));
    let row = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let columns = row(lines.next().unwrap());
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(row);
    let cells = rows.flat_map(|row| {
        let state = row[0].clone();
        let pairs = columns.iter().skip(1).cloned().zip(row.into_iter().skip(1));
        pairs.map(move |(column, cell)| (state.clone(), column, cell)).collect::<Vec<_>>()
    });
    cells.collect()
}

#[test]
fn operations_are_accepted_in_the_states_that_the_readme_says() {
    let cells = cells("| state | query |");
    assert_eq!(cells.len(), 13 * 7);
    let gateway = gateway();
    for (state, operation, expected) in cells {
        let id = in_state(&gateway, &state);
        assert_eq!(said_to(&gateway, &id, &operation), expected, "{operation} in {state}");
    }
}

#[test]
fn what_comes_from_outside_is_possible_in_the_states_that_the_readme_says() {
    let cells = cells("| state | pay |");
    assert_eq!(cells.len(), 13 * 6);
    let gateway = gateway();
    for (state, action, expected) in cells {
        let id = in_state(&gateway, &state);
        // The page offers what is possible, and nothing else.
        let button = format!("formaction=\"/_mock/{action}\"");
        assert_eq!(card(&gateway, &id).contains(&button), expected == "yes", "{action} in {state}");
        let result = match action.as_str() {
            "pay" => gateway.pay(&id),
            "reject" => gateway.reject(&id, "no"),
            "complete" => gateway.complete(&id),
            "pause" => gateway.pause(&id),
            "resume" => gateway.resume(&id),
            "exhaust" => gateway.exhaust(&id),
            _ => panic!("{action}"),
        };
        let (allowed, status) = match &result {
            Ok(_) => ("yes", 200),
            Err(ControlError::UnknownActivity(_)) => ("no", 404),
            Err(_) => ("no", 409),
        };
        assert_eq!(allowed, expected, "{action} in {state}: {result:?}");
        // Over HTTP it is the same, with the same state or reason.
        let id = in_state(&gateway, &state);
        let (by_http, shown) =
            control(&gateway, &action, &json!({"activity_id": id, "reason": "no"}));
        assert_eq!(by_http, status, "{action} in {state}: {shown}");
        match result {
            Ok(result) => assert_eq!(shown["status"], result.status.as_str()),
            Err(ControlError::UnknownActivity(_)) => {}
            Err(error) => assert_eq!(shown["error"], error.to_string()),
        }
    }
}

/// What the page shows of an activity, if it does.
fn card(gateway: &Gateway, id: &str) -> String {
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let page = parse(&exchange(gateway, request.as_bytes()).unwrap()).unwrap().body;
    let card = page.split_once(&format!("<li id=\"a-{id}\">")).map(|(_, rest)| rest.to_owned());
    card.unwrap_or_default().split("</form>").next().unwrap_or_default().to_owned()
}

/// Asks the control interface.
fn control(gateway: &Gateway, action: &str, body: &Value) -> (u16, Value) {
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let body = body.to_string();
    let request = format!(
        "POST /_mock/{action} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let reply = parse(&exchange(gateway, request.as_bytes()).unwrap()).unwrap();
    (reply.status, reply.json())
}

fn audit(gateway: &Gateway, id: &str) -> Value {
    Call::query(gateway, id).succeed()["audit_result_info"].clone()
}

fn names(gateway: &Gateway) -> Vec<String> {
    let messages = gateway.take_messages().unwrap();
    messages.iter().map(|message| message.name.rsplit('.').next().unwrap().to_owned()).collect()
}

#[test]
fn a_review_says_how_far_it_is() {
    let minute = Duration::from_secs(60);
    let start = |review| {
        let builder = builder().completion(Completion::After(minute)).review(review);
        let gateway = builder.start_blocking().unwrap();
        let id = published(&gateway, &create_request("1", 1));
        (gateway, id)
    };
    let says = |result: &str| json!({"audit_type": "UNIFY_ACCESS_CHECK", "audit_result": result});
    let (gateway, id) = start(Review::Approve);
    assert_eq!(audit(&gateway, &id), says("SUBMIT"));
    gateway.clock().advance(minute);
    assert_eq!(audit(&gateway, &id), says("APPROVE"));
    assert_eq!(
        (gateway.activity_state(&id).unwrap().status, names(&gateway)),
        (ActivityStatus::Active, vec!["created".to_owned()])
    );

    let (gateway, id) = start(Review::Reject("图片不合规".to_owned()));
    assert_eq!(audit(&gateway, &id), says("SUBMIT"));
    gateway.clock().advance(minute);
    let rejected = with(says("REJECT"), "/audit_reason", json!("图片不合规"));
    assert_eq!(audit(&gateway, &id), rejected);
    let state = gateway.activity_state(&id).unwrap();
    assert_eq!((state.status, state.operation), (ActivityStatus::Init, None));
    assert!(names(&gateway).is_empty());
    // The mistake is corrected, and the review passes.
    gateway.set_review(Review::Approve).unwrap();
    Call::post(&gateway, "publish", &simple_request(&id, "again")).succeed();
    assert_eq!(audit(&gateway, &id), says("SUBMIT"));
    assert_eq!(gateway.complete(&id).unwrap().audit_result, Some("APPROVE"));
    // Other operations are not reviewed.
    gateway.set_review(Review::Reject("no".to_owned())).unwrap();
    Call::post(&gateway, "stop", &simple_request(&id, "stop")).succeed();
    assert_eq!(gateway.complete(&id).unwrap().status, ActivityStatus::Finished);
    assert_eq!(audit(&gateway, &id), says("APPROVE"));
    assert_eq!(
        gateway.set_review(Review::Reject("x".repeat(501))),
        Err(ControlError::ReasonTooLong)
    );

    // A review that is switched off does not go on for ever.
    let (gateway, id) = start(Review::Approve);
    gateway.set_review(Review::Off).unwrap();
    assert_eq!(gateway.complete(&id).unwrap().audit_result, Some("APPROVE"));

    // Over HTTP, and without a review there is no result.
    let gateway = support::gateway();
    assert_eq!(control(&gateway, "review", &json!({"result": "reject", "reason": "no"})).0, 200);
    let id = published(&gateway, &create_request("1", 1));
    assert_eq!(audit(&gateway, &id)["audit_reason"], "no");
    assert_eq!(control(&gateway, "review", &json!({"result": "off"})).0, 200);
    Call::post(&gateway, "publish", &simple_request(&id, "again")).succeed();
    assert_eq!(audit(&gateway, &id), Value::Null);
    for wrong in
        [json!({}), json!({"result": "reject"}), json!({"result": "approve", "reason": "x"})]
    {
        assert_eq!(control(&gateway, "review", &wrong).0, 400);
    }
}

#[test]
fn a_review_of_what_is_never_paid_has_no_result() {
    let minute = Duration::from_secs(60);
    let builder = builder().completion(Completion::After(minute)).review(Review::Approve);
    let gateway = builder.start_blocking().unwrap();
    let id = create(&gateway, &recharge_request("1"));
    Call::post(&gateway, "publish", &simple_request(&id, "p")).succeed();
    assert_eq!(audit(&gateway, &id)["audit_result"], "SUBMIT");
    gateway.clock().advance(3 * DAY + minute);
    assert_eq!(audit(&gateway, &id), Value::Null);
    assert_eq!(gateway.activity_state(&id).unwrap().audit_result, None);
}

#[test]
fn each_activity_can_take_its_own_time() {
    let gateway = gateway();
    let slow = create(&gateway, &create_request("1", 1));
    let quick = create(&gateway, &create_request("2", 1));
    gateway.set_completion_of(&slow, Completion::After(DAY)).unwrap();
    for id in [&slow, &quick] {
        Call::post(&gateway, "publish", &simple_request(id, &format!("p-{id}"))).succeed();
    }
    let status = |id: &str| gateway.activity_state(id).unwrap().status;
    assert_eq!((status(&slow), status(&quick)), (ActivityStatus::Init, ActivityStatus::Active));
    let waits = gateway.activity_state(&slow).unwrap();
    let at_millis = support::NEW_YEAR + 86_400_000;
    assert_eq!(
        (waits.operation, waits.waits_for),
        (Some("CREATING"), Some(WaitsFor::Time { at_millis }))
    );
    gateway.clock().advance(DAY);
    assert_eq!(status(&slow), ActivityStatus::Active);

    let (code, _) = control(&gateway, "completion", &json!({"after_ms": "manual"}));
    assert_eq!(code, 200);
    let id = published(&gateway, &create_request("3", 1));
    assert_eq!(gateway.activity_state(&id).unwrap().waits_for, Some(WaitsFor::Command));
    let (code, state) = control(&gateway, "complete", &json!({"activity_id": id}));
    assert_eq!(
        (code, &state["status"], &state["operation"]),
        (200, &json!("ACTIVE"), &Value::Null)
    );
    let own = json!({"activity_id": id, "after_ms": 60_000});
    assert_eq!(control(&gateway, "completion", &own).0, 200);
    Call::post(&gateway, "stop", &simple_request(&id, "stop")).succeed();
    gateway.clock().advance(Duration::from_secs(60));
    assert_eq!(status(&id), ActivityStatus::Finished);
    for (wrong, code) in [
        (json!({}), 400),
        (json!({"after_ms": "soon"}), 400),
        (json!({"after_ms": -1}), 400),
        (json!({"after_ms": 1, "activity_id": "7"}), 404),
    ] {
        assert_eq!(control(&gateway, "completion", &wrong).0, code, "{wrong}");
    }
    let unknown = Err(ControlError::UnknownActivity("7".to_owned()));
    assert_eq!(gateway.set_completion_of("7", Completion::Manual), unknown);
    assert_eq!(gateway.activity_state("7"), unknown);
}

fn send(gateway: &Gateway, id: &str, key: &str, user: &str) -> String {
    let sent = Call::post(gateway, "send", &send_request(id, key, user)).succeed();
    sent["voucher_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_voucher_is_used_as_often_as_its_activity_says() {
    let gateway = gateway();
    let request =
        with(create_request("1", 10), "/voucher_use_rule_info/voucher_max_use_times", json!(3));
    let id = published(&gateway, &request);
    let voucher = send(&gateway, &id, "s1", "1");
    let expiring = send(&gateway, &id, "s2", "2");
    let first = gateway.redeem(&voucher).unwrap();
    assert_eq!(
        (first.status, first.used_times, first.max_use_times),
        (VoucherStatus::Sended, 1, 3)
    );
    assert_eq!(first.valid_end_time.as_deref(), Some("2026-02-28 23:59:59"));
    // One that was used once of three times is still there, and the counts go on.
    let target = "/v3/alipay/marketing/activity/ordervoucher/user/voucher?user_id=1&voucher_id=";
    let shown = Call::new(&gateway, "GET", &format!("{target}{voucher}"), "").succeed();
    let base = &shown["user_voucher_base_info"];
    let times =
        (&base["voucher_status"], &base["voucher_used_times"], &base["voucher_max_use_times"]);
    assert_eq!(times, (&json!("SENDED"), &json!(1), &json!(3)));
    gateway.redeem(&voucher).unwrap();
    let (code, state) = control(&gateway, "redeem", &json!({"voucher_id": voucher}));
    assert_eq!((code, &state["status"], &state["used_times"]), (200, &json!("USED"), &json!(3)));
    assert_eq!(gateway.redeem(&voucher), Err(ControlError::Used));
    assert_eq!(control(&gateway, "redeem", &json!({"voucher_id": voucher})).0, 409);
    assert_eq!(control(&gateway, "redeem", &json!({"voucher_id": "7"})).0, 404);
    assert_eq!(gateway.activity_state(&id).unwrap().used, 3);
    let counts = Call::query(&gateway, &id).succeed();
    assert_eq!(counts["voucher_inventory_info"], json!({"send_count": 2, "use_count": 3}));
    assert_eq!(names(&gateway), ["created", "received", "received", "used", "used", "used"]);
    // One that was used in part expires; one that is used up does not.
    gateway.redeem(&expiring).unwrap();
    gateway.clock().advance(100 * DAY);
    let states: Vec<_> = gateway
        .vouchers(&id)
        .unwrap()
        .into_iter()
        .map(|one| (one.status, one.used_times))
        .collect();
    assert_eq!(states, [(VoucherStatus::Used, 3), (VoucherStatus::Expired, 1)]);
    assert_eq!(gateway.redeem(&expiring), Err(ControlError::Expired));
    assert_eq!(gateway.voucher_state(&expiring).unwrap().status, VoucherStatus::Expired);
    assert_eq!(names(&gateway), ["used", "expired"]);
    gateway.clock().advance(200 * DAY);
    assert_eq!(gateway.voucher_state(&expiring), Err(ControlError::UnknownVoucher(expiring)));
}

#[test]
fn uses_are_limited_by_user_and_period() {
    let gateway = gateway();
    let rule = "/voucher_use_rule_info";
    let request =
        with(create_request("1", 10), &format!("{rule}/quantity_limit_per_user"), json!(1));
    let request =
        with(request, &format!("{rule}/quantity_limit_per_user_period_type"), json!("DAY"));
    let id = published(&gateway, &request);
    let [one, two, other] =
        [("s1", "1"), ("s2", "1"), ("s3", "2")].map(|(key, user)| send(&gateway, &id, key, user));
    gateway.redeem(&one).unwrap();
    assert_eq!(gateway.redeem(&two), Err(ControlError::UserLimit("today")));
    gateway.redeem(&other).unwrap();
    gateway.clock().advance(DAY);
    assert_eq!(gateway.redeem(&two).unwrap().status, VoucherStatus::Used);
}

#[test]
fn a_voucher_that_waits_is_not_valid_yet() {
    let gateway = gateway();
    let begin =
        "/voucher_use_rule_info/voucher_use_time_info/absolute_period_info/valid_begin_time";
    let id =
        published(&gateway, &with(create_request("1", 10), begin, json!("2026-01-05 00:00:00")));
    let voucher = send(&gateway, &id, "s1", "1");
    assert_eq!(gateway.redeem(&voucher), Err(ControlError::NotYetValid));
    gateway.clock().advance(4 * DAY);
    // That its activity is paused or stopped does not matter.
    gateway.pause(&id).unwrap();
    gateway.redeem(&voucher).unwrap();
}

#[test]
fn a_pause_is_over_when_it_is_resumed_or_the_activity_ends() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    assert_eq!(gateway.pause(&id).unwrap().status, ActivityStatus::Pause);
    let shown = Call::query(&gateway, &id).succeed();
    assert_eq!(
        (&shown["activity_status"], &shown["activity_base_info"]["activity_status"]),
        (&json!("PAUSE"), &json!("PAUSE"))
    );
    let (code, message) = Call::post(&gateway, "send", &send_request(&id, "s", "1")).fail();
    assert_eq!(
        (code.as_str(), message.contains("paused") && message.contains("inferred")),
        ("ACTIVITY_NOT_ACTIVE", true)
    );
    assert_eq!(gateway.pause(&id), Err(ControlError::NotActive(ActivityStatus::Pause)));
    assert_eq!(gateway.resume(&id).unwrap().status, ActivityStatus::Active);
    assert_eq!(gateway.resume(&id), Err(ControlError::NotPaused(ActivityStatus::Active)));
    send(&gateway, &id, "s", "1");
    // A change that was accepted goes on in a pause.
    gateway.pause(&id).unwrap();
    let append = with(simple_request(&id, "a"), "/voucher_quantity", json!(20));
    Call::post(&gateway, "append", &append).succeed();
    assert_eq!(gateway.activity_state(&id).unwrap().quantity, 20);
    gateway.clock().advance(31 * DAY);
    assert_eq!(gateway.activity_state(&id).unwrap().status, ActivityStatus::Finished);
    assert_eq!(gateway.resume(&id), Err(ControlError::NotPaused(ActivityStatus::Finished)));
    assert_eq!(said_to(&gateway, &id, "send"), "ACTIVITY_IS_END");
    assert_eq!(names(&gateway), ["created", "received", "appended"]);
}

#[test]
fn a_budget_that_has_run_out_is_raised_by_append() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let (code, state) = control(&gateway, "exhaust", &json!({"activity_id": id}));
    assert_eq!((code, &state["sent"], &state["quantity"]), (200, &json!(10), &json!(10)));
    assert_eq!(said_to(&gateway, &id, "send"), "BUDGET_NOT_ENOUGH");
    let counts = Call::query(&gateway, &id).succeed();
    assert_eq!(counts["voucher_inventory_info"]["send_count"], 10);
    assert_eq!(counts["summary"]["publish_count"], 10);
    assert_eq!(said_to(&gateway, &id, "append"), "yes");
    let sent = Call::post(&gateway, "send", &send_request(&id, "s", "1")).succeed();
    assert!(sent["voucher_id"].is_string());
    assert_eq!(gateway.activity_state(&id).unwrap().sent, 11);
}

#[test]
fn a_budget_that_is_never_paid_leaves_the_activity_as_it_was() {
    let gateway = gateway();
    let id = create(&gateway, &recharge_request("1"));
    let publish = simple_request(&id, "p1");
    let link = Call::post(&gateway, "publish", &publish).succeed();
    let until_millis = support::NEW_YEAR + 3 * 86_400_000;
    assert_eq!(
        gateway.activity_state(&id).unwrap().waits_for,
        Some(WaitsFor::Payment { until_millis })
    );
    // Neither time nor a command replaces the payment.
    gateway.complete_pending();
    assert_eq!(gateway.complete(&id), Err(ControlError::WaitsForPayment));
    gateway.clock().advance(3 * DAY);
    assert_eq!(gateway.activity_state(&id).unwrap().operation, Some("CREATING"));
    gateway.clock().advance(Duration::from_millis(1));
    let state = gateway.activity_state(&id).unwrap();
    assert_eq!(
        (state.status, state.operation, names(&gateway).len()),
        (ActivityStatus::Init, None, 0)
    );
    let error = gateway.pay(&id).unwrap_err();
    assert_eq!(error, ControlError::LinkExpired);
    assert!(error.to_string().contains("another `out_biz_no`"), "{error}");
    // The same number gets the first response, whose link is void; another one gets a new link.
    assert_eq!(Call::post(&gateway, "publish", &publish).succeed(), link);
    assert_eq!(gateway.pay(&id), Err(ControlError::LinkExpired));
    Call::post(&gateway, "publish", &simple_request(&id, "p2")).succeed();
    let paid = gateway.pay(&id).unwrap();
    assert_eq!((paid.operation, paid.waits_for), (None, None));
    assert_eq!(gateway.activity_state(&id).unwrap().status, ActivityStatus::Active);
    assert_eq!(gateway.pay(&id), Err(ControlError::NothingToPay));
    // An append that is not paid leaves the total, and the activity active.
    let append = with(simple_request(&id, "a1"), "/voucher_quantity", json!(20));
    Call::post(&gateway, "append", &append).succeed();
    assert_eq!(said_to(&gateway, &id, "send"), "yes");
    gateway.clock().advance(4 * DAY);
    let state = gateway.activity_state(&id).unwrap();
    assert_eq!((state.status, state.quantity), (ActivityStatus::Active, 10));
    assert_eq!(names(&gateway), ["created", "received"]);
}

#[test]
fn query_has_both_styles_when_asked() {
    let gateway = builder().old_twins(true).start_blocking().unwrap();
    let mut request = create_request("1", 10);
    request["voucher_customer_guide_info"]["voucher_use_guide_info"] = json!({
        "use_guide_mode": ["MINI_APP"],
        "mini_app_use_guide_info": {"mini_app_url": "alipays://platformapi/startapp?appId=1"},
    });
    let id = published(&gateway, &request);
    let shown = Call::query(&gateway, &id).succeed();
    assert_eq!(shown["activity_name"], "满10减1活动");
    assert_eq!(shown["publish_end_time"], "2026-01-31 23:59:59");
    assert_eq!(shown["voucher_type"], "FIX_VOUCHER");
    assert_eq!(shown["voucher_budget_info"], json!({"budget_type": "NO_CASH"}));
    assert_eq!(
        shown["voucher_send_rule"],
        json!({"voucher_quantity": 10, "voucher_quantity_limit_per_user": 2})
    );
    assert_eq!(
        shown["voucher_use_rule"],
        json!({
            "fix_voucher": {"amount": "1.00", "floor_amount": "10.00"},
            "use_mode": "SELF_LINK",
            "use_url": "alipays://platformapi/startapp?appId=1",
            "voucher_valid_period": {
                "type": "ABSOLUTE",
                "valid_begin_time": "2026-01-01 00:00:00",
                "valid_end_time": "2026-02-28 23:59:59",
            },
        })
    );
    // The newer style is as it was, and what was sent in the older one is not doubled.
    for (name, value) in request.as_object().unwrap() {
        if name != "activity_base_info" && name.starts_with("voucher") {
            assert_eq!(&shown[name], value, "{name}");
        }
    }
    for old in [json!(false), json!("true")] {
        assert_eq!(control(&gateway, "styles", &json!({ "old": old })).0, 200);
        assert_eq!(gateway.activity(&id).unwrap().get("activity_name").is_some(), old == "true");
    }
    assert_eq!(control(&gateway, "styles", &json!({"old": "perhaps"})).0, 400);
    let old = published(&gateway, &old_create_request("2", 10));
    let plain = support::gateway();
    let same = published(&plain, &old_create_request("2", 10));
    let ids = |value: Value, id: &str| value.to_string().replace(id, "ID");
    assert_eq!(
        ids(Call::query(&gateway, &old).succeed(), &old),
        ids(Call::query(&plain, &same).succeed(), &same)
    );
}

#[test]
fn vouchers_are_listed_without_their_users() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let voucher = send(&gateway, &id, "s1", "2088000000000001");
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let get = |query: &str| {
        let head = format!(
            "GET /_mock/vouchers{query} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        );
        parse(&exchange(&gateway, head.as_bytes()).unwrap()).unwrap()
    };
    let shown = get(&format!("?activity_id={id}"));
    assert_eq!(shown.json()[0]["voucher_id"], json!(voucher));
    assert_eq!(shown.json()[0]["status"], "SENDED");
    assert!(!shown.body.contains("2088000000000001"), "{}", shown.body);
    assert_eq!((get("").status, get("?activity_id=7").status), (400, 404));
    assert_eq!(gateway.vouchers("7"), Err(ControlError::UnknownActivity("7".to_owned())));
    assert_eq!(content(&gateway.messages().unwrap()[1])["voucher_id"], json!(voucher));
}
