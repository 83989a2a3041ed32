//! The seven operations and the state behind them, over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::time::Duration;

use alipay_mock::{Completion, ControlError, Gateway, Message};
use serde_json::{Value, json};
use support::{Call, builder, create_request, gateway, old_create_request, published};
use support::{content, fields, send_request, simple_request, with};

const DAY: Duration = Duration::from_secs(86_400);

fn call<'a>(gateway: &'a Gateway, operation: &str, body: &Value) -> Call<'a> {
    Call::post(gateway, operation, body)
}

fn create(gateway: &Gateway, request: &Value) -> String {
    let created = call(gateway, "create", request).succeed();
    created["activity_id"].as_str().unwrap().to_owned()
}

fn code(call: &Call<'_>) -> String {
    call.fail().0
}

fn append_request(id: &str, key: &str, quantity: u64) -> Value {
    with(simple_request(id, key), "/voucher_quantity", quantity.into())
}

fn send_code(gateway: &Gateway, id: &str, key: &str, user: &str) -> String {
    let reply = call(gateway, "send", &send_request(id, key, user)).send();
    if reply.status == 200 { "sent".to_owned() } else { reply.code() }
}

fn names(messages: &[Message]) -> Vec<&str> {
    let last = |message: &'_ Message| message.name.rfind('.').unwrap() + 1;
    messages.iter().map(|message| &message.name[last(message)..]).collect()
}

#[test]
fn a_review_may_reject_a_publish() {
    let minute = Duration::from_secs(60);
    let gateway = builder().completion(Completion::After(minute)).start_blocking().unwrap();
    let id = create(&gateway, &create_request("create-1", 1));
    let audit = || Call::query(&gateway, &id).succeed()["audit_result_info"].clone();
    assert_eq!(gateway.reject("1", "no"), Err(ControlError::UnknownActivity("1".to_owned())));
    assert_eq!(gateway.reject(&id, "no"), Err(ControlError::NothingToReject));
    call(&gateway, "publish", &simple_request(&id, "publish-1")).succeed();
    assert_eq!(gateway.reject(&id, &"x".repeat(501)), Err(ControlError::ReasonTooLong));
    assert_eq!(audit(), Value::Null);
    gateway.reject(&id, "图片不合规").unwrap();
    let rejected = json!({
        "audit_type": "UNIFY_ACCESS_CHECK", "audit_result": "REJECT", "audit_reason": "图片不合规"
    });
    assert_eq!(audit(), rejected);
    gateway.clock().advance(minute / 2);

    // It may be published again, and takes its whole time.
    call(&gateway, "publish", &simple_request(&id, "publish-2")).succeed();
    assert_eq!(audit(), Value::Null);
    let status = || Call::query(&gateway, &id).succeed()["activity_status"].clone();
    gateway.clock().advance(minute / 2);
    assert_eq!(status(), "INIT");
    gateway.clock().advance(minute / 2);
    assert_eq!(status(), "ACTIVE");
    assert_eq!(gateway.reject(&id, "no"), Err(ControlError::NothingToReject));
    // No message says that a publish was rejected.
    assert_eq!(names(&gateway.take_messages().unwrap()), ["created"]);
    call(&gateway, "stop", &simple_request(&id, "stop-1")).succeed();
    assert_eq!(gateway.reject(&id, "no"), Err(ControlError::NothingToReject));
}

#[test]
fn all_seven_operations_make_sense_together() {
    let gateway = gateway();
    let request = create_request("create-1", 1);
    let id = create(&gateway, &request);
    assert_eq!((id.len(), &id[..8]), (28, "20260101"));
    let state = || Call::query(&gateway, &id).succeed();

    let created = state();
    assert_eq!(created["activity_status"], "INIT");
    assert_eq!(created["activity_base_info"]["activity_name"], "满10减1活动");
    for group in ["voucher_send_mode_info", "voucher_deduct_info", "voucher_use_rule_info"] {
        assert_eq!(created[group], request[group]);
    }
    assert!(created.get("out_biz_no").is_none() && created.get("voucher_send_rule").is_none());
    assert_eq!(send_code(&gateway, &id, "s-0", "1"), "ACTIVITY_NOT_ACTIVE");

    let published = call(&gateway, "publish", &simple_request(&id, "publish-1")).succeed();
    assert_eq!(published, json!({}));
    let active = state();
    assert_eq!(active["activity_status"], "ACTIVE");
    assert_eq!(active["activity_base_info"]["activity_status"], "ACTIVE");
    assert!(active["activity_base_info"].get("activity_operation_status").is_none());

    let sent = call(&gateway, "send", &send_request(&id, "send-1", "2088000000000001")).succeed();
    assert_eq!(sent["voucher_id"].as_str().unwrap().len(), 28);
    assert_eq!(send_code(&gateway, &id, "send-2", "2088000000000002"), "BUDGET_NOT_ENOUGH");

    call(&gateway, "append", &append_request(&id, "append-1", 3)).succeed();
    assert_eq!(send_code(&gateway, &id, "send-2", "2088000000000002"), "sent");
    let rule = "/voucher_send_mode_info/voucher_send_rule_info/quantity";
    let counted = state();
    assert_eq!(counted.pointer(rule), Some(&json!(3)));
    assert_eq!(counted["summary"], json!({"publish_count": 2, "used_count": 0}));
    assert_eq!(counted["voucher_inventory_info"], json!({"send_count": 2, "use_count": 0}));

    let modify = json!({
        "out_biz_no": "modify-1",
        "merchant_access_mode": "SELF_MODE",
        "activity_base_info": {"activity_id": id, "activity_name": "new name"},
        "voucher_send_mode_info": {
            "voucher_send_rule_info": {"publish_end_time": "2026-02-10 23:59:59"}
        }
    });
    assert_eq!(call(&gateway, "modify", &modify).succeed(), json!({}));
    let modified = state();
    assert_eq!(modified["activity_base_info"]["activity_name"], "new name");
    let rule = &modified["voucher_send_mode_info"]["voucher_send_rule_info"];
    assert_eq!(rule["publish_end_time"], "2026-02-10 23:59:59");
    assert_eq!(rule["publish_start_time"], "2026-01-01 00:00:00");

    assert_eq!(call(&gateway, "stop", &simple_request(&id, "stop-1")).succeed(), json!({}));
    assert_eq!(state()["activity_status"], "FINISHED");
    assert_eq!(send_code(&gateway, &id, "send-3", "1"), "ACTIVITY_IS_STOPED");

    let messages = gateway.take_messages().unwrap();
    let expected = ["created", "received", "appended", "received", "modified", "stopped"];
    assert_eq!(names(&messages), expected);
    assert!(gateway.messages().unwrap().is_empty());
    for (message, key) in [(0, "publish-1"), (2, "append-1"), (4, "modify-1"), (5, "stop-1")] {
        let content = content(&messages[message]);
        assert_eq!(content["activity_id"], id.as_str());
        assert_eq!(content["out_biz_no"], key);
        assert_eq!(content["event_time"], "1767225600000");
    }
    let received = content(&messages[1]);
    assert_eq!(received["voucher_id"], sent["voucher_id"]);
    assert_eq!(received["user_id"], "2088000000000001");
    assert!(!format!("{messages:?}").contains("2088"));
}

#[test]
fn messages_are_signed_forms() {
    let gateway = gateway();
    published(&gateway, &create_request("1", 10));
    let messages = gateway.messages().unwrap();
    let fields = fields(&messages[0]);
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "app_id",
        "biz_content",
        "charset",
        "msg_method",
        "notify_id",
        "sign",
        "sign_type",
        "utc_timestamp",
        "version",
    ];
    assert_eq!(names, expected);
    assert_eq!(gateway.messages().unwrap(), messages);
}

#[test]
fn the_older_style_works_the_same() {
    let gateway = gateway();
    let request = old_create_request("1", 1);
    let id = published(&gateway, &request);
    assert_eq!(send_code(&gateway, &id, "1", "1"), "sent");
    assert_eq!(send_code(&gateway, &id, "2", "2"), "BUDGET_NOT_ENOUGH");
    call(&gateway, "append", &append_request(&id, "append", 10)).succeed();
    assert_eq!(send_code(&gateway, &id, "3", "1"), "sent");
    assert_eq!(send_code(&gateway, &id, "4", "1"), "COUNT_OVER_LIMIT");
    let modify = json!({
        "out_biz_no": "modify",
        "merchant_access_mode": "SELF_MODE",
        "activity_id": id,
        "publish_end_time": "2026-03-31 23:59:59",
        "voucher_use_rule": {
            "available_app_ids": "[\"2021000000000002\",\"2021000000000003\"]",
            "voucher_valid_period": {"valid_days_after_receive": 9}
        }
    });
    call(&gateway, "modify", &modify).succeed();
    let state = Call::query(&gateway, &id).succeed();
    assert_eq!(state["activity_name"], "满10减1活动");
    assert_eq!(state["voucher_send_rule"]["voucher_quantity"], 10);
    assert_eq!(state["publish_end_time"], "2026-03-31 23:59:59");
    let rule = state["voucher_use_rule"].as_object().unwrap();
    assert_eq!(rule["voucher_valid_period"]["valid_days_after_receive"], 9);
    // Query leaves out the lists of the older use rule.
    assert!(!rule.contains_key("available_merchant") && !rule.contains_key("available_app_ids"));
    // The widened list is the one that later changes are held against.
    let narrower =
        with(modify, "/voucher_use_rule/available_app_ids", json!("[\"2021000000000002\"]"));
    let (code, message) =
        call(&gateway, "modify", &with(narrower, "/out_biz_no", json!("2"))).fail();
    assert_eq!(code, "INVALID_PARAMETER");
    assert!(message.contains("voucher_use_rule.available_app_ids"), "{message}");
}

#[test]
fn a_repeat_with_the_same_key_gives_the_first_response() {
    let gateway = builder().start_blocking().unwrap();
    let request = create_request("1", 2);
    let first = call(&gateway, "create", &request).send();
    let id = first.json()["activity_id"].as_str().unwrap().to_owned();
    assert_eq!(call(&gateway, "create", &request).send().body, first.body);
    // Other white space and another order are the same parameters.
    let mut sorted = request.clone();
    sorted.sort_all_objects();
    let pretty = serde_json::to_string_pretty(&sorted).unwrap();
    let target = "/v3/alipay/marketing/activity/voucher/create";
    assert_eq!(Call::new(&gateway, "POST", target, pretty).send().body, first.body);
    // Other parameters are not.
    let (code, message) = call(&gateway, "create", &create_request("1", 3)).fail();
    assert_eq!(code, "INVALID_PARAMETER");
    assert!(message.contains("out_biz_no"), "{message}");
    let publish = simple_request(&id, "1");
    call(&gateway, "publish", &publish).succeed();
    let request = send_request(&id, "1", "7");
    let sent = call(&gateway, "send", &request).send().body;
    assert_eq!(call(&gateway, "send", &request).send().body, sent);
    let stop = simple_request(&id, "1");
    call(&gateway, "stop", &stop).succeed();
    // The responses stay, whatever has become of the activity.
    assert_eq!(call(&gateway, "publish", &publish).send().body, "{}");
    assert_eq!(call(&gateway, "send", &request).send().body, sent);
    assert_eq!(names(&gateway.messages().unwrap()), ["created", "received", "stopped"]);
}

#[test]
fn a_failure_is_not_remembered() {
    let gateway = gateway();
    let id = create(&gateway, &create_request("1", 2));
    assert_eq!(send_code(&gateway, &id, "send", "1"), "ACTIVITY_NOT_ACTIVE");
    call(&gateway, "publish", &simple_request(&id, "1")).succeed();
    assert_eq!(send_code(&gateway, &id, "send", "1"), "sent");
}

#[test]
fn operations_take_effect_when_told() {
    let gateway = builder().completion(Completion::Manual).start_blocking().unwrap();
    let id = published(&gateway, &create_request("1", 2));
    let status = || {
        let base = Call::query(&gateway, &id).succeed()["activity_base_info"].clone();
        let text = |name: &str| base[name].as_str().unwrap_or("none").to_owned();
        (text("activity_status"), text("activity_operation_status"))
    };
    let is = |status: (String, String), activity: &str, operation: &str| {
        assert_eq!(status, (activity.to_owned(), operation.to_owned()));
    };
    is(status(), "INIT", "CREATING");
    assert_eq!(code(&call(&gateway, "publish", &simple_request(&id, "2"))), "BIZ_ERROR");
    assert!(gateway.messages().unwrap().is_empty());
    gateway.complete_pending();
    is(status(), "ACTIVE", "none");
    call(&gateway, "append", &append_request(&id, "1", 3)).succeed();
    is(status(), "ACTIVE", "APPENDING");
    assert_eq!(code(&call(&gateway, "stop", &simple_request(&id, "1"))), "INVALID_PARAMETER");
    gateway.complete_pending();
    let modify = with(simple_request(&id, "1"), "/publish_end_time", json!("2026-02-01 00:00:00"));
    call(&gateway, "modify", &modify).succeed();
    is(status(), "ACTIVE", "MODIFYING");
    gateway.complete_pending();
    call(&gateway, "stop", &simple_request(&id, "1")).succeed();
    is(status(), "ACTIVE", "FINISHEING");
    gateway.complete_pending();
    is(status(), "FINISHED", "none");
    assert_eq!(names(&gateway.messages().unwrap()), ["created", "appended", "modified", "stopped"]);
}

#[test]
fn operations_take_effect_in_time() {
    let delay = Duration::from_secs(5);
    let gateway = builder().completion(Completion::After(delay)).start_blocking().unwrap();
    let first = published(&gateway, &create_request("1", 2));
    gateway.clock().advance(Duration::from_secs(4));
    published(&gateway, &create_request("2", 2));
    assert!(gateway.messages().unwrap().is_empty());
    gateway.clock().advance(Duration::from_secs(1));
    let messages = gateway.messages().unwrap();
    assert_eq!(names(&messages), ["created"]);
    assert_eq!(content(&messages[0])["activity_id"], first.as_str());
    // The time of the event is when it was due, however late the clock is looked at.
    gateway.clock().advance(DAY);
    assert_eq!(content(&gateway.messages().unwrap()[1])["event_time"], "1767225609000");
}

#[test]
fn pre_paid_budgets_wait_for_their_payment() {
    let recharge = json!({
        "budget_type": "RECHARGE",
        "voucher_recharge_info": {
            "recharge_type": "ALIPAY_BALANCE",
            "voucher_balance_recharge_info": {"amount": "2.00", "partner_id": "2088102111111111"}
        }
    });
    let request =
        |key: &str| with(create_request(key, 2), "/voucher_budget_supply_info", recharge.clone());
    let gateway = gateway();
    let id = create(&gateway, &request("1"));
    assert_eq!(gateway.pay(&id), Err(ControlError::NothingToPay));
    assert_eq!(gateway.pay("1"), Err(ControlError::UnknownActivity("1".to_owned())));
    let publish = call(&gateway, "publish", &simple_request(&id, "1")).succeed();
    assert!(publish["recharge_url"].as_str().unwrap().starts_with("https://"));
    assert_eq!(send_code(&gateway, &id, "1", "1"), "ACTIVITY_NOT_ACTIVE");
    gateway.pay(&id).unwrap();
    assert_eq!(send_code(&gateway, &id, "1", "1"), "sent");
    assert_eq!(gateway.pay(&id), Err(ControlError::NothingToPay));

    let append = call(&gateway, "append", &append_request(&id, "1", 3)).succeed();
    assert!(append["recharge_url"].is_string());
    let base = Call::query(&gateway, &id).succeed()["activity_base_info"].clone();
    assert_eq!(base["activity_operation_status"], "APPENDING");
    // After three days the link is void, and the operation may be asked for again.
    gateway.clock().advance(3 * DAY + Duration::from_secs(1));
    assert_eq!(gateway.pay(&id), Err(ControlError::LinkExpired));
    call(&gateway, "append", &append_request(&id, "2", 4)).succeed();
    gateway.pay(&id).unwrap();
    assert_eq!(names(&gateway.messages().unwrap()), ["created", "received", "appended"]);

    let gateway = builder().auto_pay(true).start_blocking().unwrap();
    let id = create(&gateway, &request("1"));
    let publish = call(&gateway, "publish", &simple_request(&id, "1")).succeed();
    assert!(publish["recharge_url"].is_string());
    assert_eq!(send_code(&gateway, &id, "1", "1"), "sent");
}

#[test]
fn vouchers_are_sent_within_the_window_only() {
    let gateway = gateway();
    let rule = "/voucher_send_mode_info/voucher_send_rule_info/publish_start_time";
    let request = with(create_request("1", 10), rule, json!("2026-01-01 08:00:01"));
    let id = published(&gateway, &request);
    assert_eq!(send_code(&gateway, &id, "1", "1"), "ACTIVITY_NOT_START");
    gateway.clock().advance(Duration::from_secs(1));
    assert_eq!(send_code(&gateway, &id, "1", "1"), "sent");
    gateway.clock().advance(31 * DAY);
    assert_eq!(send_code(&gateway, &id, "2", "1"), "ACTIVITY_IS_END");
    assert_eq!(Call::query(&gateway, &id).succeed()["activity_status"], "FINISHED");
    for (operation, body) in [
        ("append", append_request(&id, "1", 99)),
        (
            "modify",
            with(simple_request(&id, "1"), "/publish_end_time", json!("2026-03-01 00:00:00")),
        ),
    ] {
        assert_eq!(code(&call(&gateway, operation, &body)), "INVALID_PARAMETER");
    }
    assert_eq!(code(&call(&gateway, "publish", &simple_request(&id, "2"))), "BIZ_ERROR");
    // Stopping what has ended does nothing.
    call(&gateway, "stop", &simple_request(&id, "1")).succeed();
    assert_eq!(send_code(&gateway, &id, "2", "1"), "ACTIVITY_IS_END");
    assert_eq!(names(&gateway.messages().unwrap()), ["created", "received"]);
}

#[test]
fn an_activity_whose_window_has_passed_cannot_begin() {
    let gateway = gateway();
    let rule = "/voucher_send_mode_info/voucher_send_rule_info/publish_end_time";
    let request = with(create_request("1", 10), rule, json!("2026-01-01 08:00:00"));
    let id = create(&gateway, &request);
    gateway.clock().advance(Duration::from_secs(1));
    let (code, message) =
        call(&gateway, "create", &with(request, "/out_biz_no", json!("2"))).fail();
    assert_eq!(code, "INVALID_PARAMETER");
    assert!(message.contains("`publish_end_time` has passed"), "{message}");
    let old = old_create_request("3", 10);
    let old = with(old, "/publish_start_time", json!("2025-12-01 00:00:00"));
    let old = with(old, "/publish_end_time", json!("2025-12-31 23:59:59"));
    assert!(call(&gateway, "create", &old).fail().1.contains("has passed"));
    let (code, message) = call(&gateway, "publish", &simple_request(&id, "4")).fail();
    assert_eq!(code, "BIZ_ERROR");
    assert!(message.contains("modify it first"), "{message}");
    let modify = with(simple_request(&id, "5"), "/publish_end_time", json!("2026-01-31 00:00:00"));
    call(&gateway, "modify", &modify).succeed();
    call(&gateway, "publish", &simple_request(&id, "4")).succeed();
    assert_eq!(send_code(&gateway, &id, "6", "1"), "sent");

    // Without the rules it begins, and has ended.
    let any = builder().cross_field_rules(false).start_blocking().unwrap();
    let id = published(&any, &old);
    assert_eq!(send_code(&any, &id, "7", "1"), "ACTIVITY_IS_END");
}

#[test]
fn limits_count_by_user_day_week_and_month() {
    let sends = |limits: Value, days: &[u64]| {
        let gateway = gateway();
        let mut request = create_request("1", 100);
        let rule = request.pointer_mut("/voucher_send_mode_info/voucher_send_rule_info").unwrap();
        rule.as_object_mut().unwrap().remove("quantity_limit_per_user").unwrap();
        rule.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        let id = published(&gateway, &request);
        let mut today = 0;
        let mut codes = Vec::new();
        for (number, day) in days.iter().enumerate() {
            gateway.clock().advance(DAY * u32::try_from(day - today).unwrap());
            today = *day;
            codes.push(send_code(&gateway, &id, &number.to_string(), "1"));
        }
        // Another user is not affected, but for the limit of a whole day.
        codes.push(send_code(&gateway, &id, "other", "2"));
        codes
    };
    let (sent, over) = ("sent", "COUNT_OVER_LIMIT");
    // New Year 2026 is a Thursday: the next week starts four days later.
    for (limits, days, codes) in [
        (json!({}), vec![0; 3], vec![sent; 4]),
        (json!({"quantity_limit_per_user": 0}), vec![0; 3], vec![sent; 4]),
        (json!({"quantity_limit_per_user": 1}), vec![0, 0, 20], vec![sent, over, over, sent]),
        (
            json!({"quantity_limit_per_user": 1, "quantity_limit_per_user_period_type": "DAY"}),
            vec![0, 0, 1],
            vec![sent, over, sent, sent],
        ),
        (
            json!({"quantity_limit_per_user": 1, "quantity_limit_per_user_period_type": "WEEK"}),
            vec![0, 3, 4],
            vec![sent, over, sent, sent],
        ),
        (json!({"quantity_week_limit_per_user": 1}), vec![0, 3, 4], vec![sent, over, sent, sent]),
        (json!({"quantity_month_limit_per_user": 1}), vec![0, 30], vec![sent, over, sent]),
        (
            json!({"quantity_day_limit_per_user": 2, "quantity_month_limit_per_user": 3}),
            vec![0, 0, 0, 1, 2],
            vec![sent, sent, over, sent, over, sent],
        ),
        (
            json!({"max_quantity_by_day": 1}),
            vec![0, 0, 1],
            vec![sent, "BUDGET_NOT_ENOUGH", sent, "BUDGET_NOT_ENOUGH"],
        ),
    ] {
        assert_eq!(sends(limits.clone(), &days), codes, "{limits}");
    }
}

#[test]
fn a_voucher_is_sent_to_one_of_both_ids() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let open = with(send_request(&id, "1", ""), "/open_id", json!("074a1CcTG1LelxKe4xQC0zgNd"));
    let open = with(open, "/user_id", Value::Null);
    call(&gateway, "send", &open).succeed();
    let received = content(&gateway.messages().unwrap()[1]);
    assert_eq!(received["open_id"], "074a1CcTG1LelxKe4xQC0zgNd");
    for wrong in [
        with(open.clone(), "/open_id", Value::Null),
        with(open.clone(), "/open_id", json!("")),
        with(open, "/user_id", json!("2088")),
    ] {
        let (code, message) =
            call(&gateway, "send", &with(wrong, "/out_biz_no", json!("2"))).fail();
        assert_eq!(code, "INVALID_PARAMETER");
        assert!(message.contains("exactly one"), "{message}");
    }
}

#[test]
fn append_only_grows_the_total() {
    let gateway = gateway();
    let id = create(&gateway, &create_request("1", 10));
    let append = |key: &str, quantity: Value| {
        let body = with(simple_request(&id, key), "/voucher_quantity", quantity);
        let (code, message) = call(&gateway, "append", &body).fail();
        assert_eq!(code, "INVALID_PARAMETER");
        message
    };
    assert!(append("1", json!(20)).contains("not activated"));
    call(&gateway, "publish", &simple_request(&id, "1")).succeed();
    assert!(append("1", json!(10)).contains("larger"));
    assert!(append("1", json!(9)).contains("larger"));
    assert!(append("1", json!(100_000_000)).contains("99999999"));
    assert!(append("1", json!("20")).contains("whole number"));
    assert!(append("1", json!(20.5)).contains("whole number"));
    let (_, message) = call(&gateway, "append", &simple_request(&id, "1")).fail();
    assert!(message.contains("`voucher_quantity` is required"), "{message}");
    call(&gateway, "append", &append_request(&id, "1", 99_999_999)).succeed();
}

#[test]
fn acknowledgements_can_be_empty() {
    let gateway = builder().empty_acknowledgements(true).start_blocking().unwrap();
    let id = published(&gateway, &create_request("1", 10));
    let reply = call(&gateway, "stop", &simple_request(&id, "1")).encrypted().send();
    reply.verify().unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(names(&gateway.messages().unwrap()), ["created", "stopped"]);
}

#[test]
fn the_user_of_a_received_voucher_has_the_name_asked_for() {
    for (sample, name) in [(false, "user_id"), (true, "receive_user_id")] {
        let gateway = builder().sample_recipient_names(sample).start_blocking().unwrap();
        let id = published(&gateway, &create_request("1", 10));
        call(&gateway, "send", &send_request(&id, "2", "2088000000000001")).succeed();
        assert_eq!(content(&gateway.messages().unwrap()[1])[name], "2088000000000001");
    }
}
