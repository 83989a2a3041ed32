//! What requests must look like: fields, types, formats, and how fields depend on each other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use alipay_mock::Gateway;
use serde_json::{Value, json};
use support::{Call, builder, create_request, gateway, old_create_request, published};
use support::{send_request, simple_request, with};

/// The request fails as invalid, and the message has this part.
fn invalid(gateway: &Gateway, operation: &str, body: &Value, part: &str) {
    let reply = Call::post(gateway, operation, body).send();
    assert_eq!(reply.status, 400, "expected {part}");
    let (code, message) = (reply.code(), reply.message());
    assert_eq!(code, "INVALID_PARAMETER", "{message}");
    assert!(message.contains(part), "{message} (expected {part})");
    // The body says which field it is about.
    let body = reply.json();
    assert!(body["details"][0]["field"].as_str().is_some_and(|field| !field.is_empty()), "{body}");
}

#[test]
fn the_smallest_requests_of_both_styles_pass() {
    let gateway = gateway();
    Call::post(&gateway, "create", &create_request("new", 1000)).succeed();
    Call::post(&gateway, "create", &old_create_request("old", 1000)).succeed();
}

#[test]
fn fields_are_known_and_typed() {
    let gateway = gateway();
    let request = || create_request("1", 10);
    let rule = "/voucher_send_mode_info/voucher_send_rule_info";
    for (pointer, value, part) in [
        ("/actvity_name", json!("x"), "unknown field `actvity_name`"),
        (
            "/voucher_deduct_info/fix_voucher_info/ammount",
            json!("1"),
            "unknown field `voucher_deduct_info.fix_voucher_info.ammount`",
        ),
        ("/voucher_quantity", json!(1), "unknown field `voucher_quantity`"),
        ("/activity_base_info", json!("x"), "`activity_base_info` must be an object"),
        ("/out_biz_no", json!(1), "`out_biz_no` must be a string"),
        ("/out_biz_no", json!(""), "`out_biz_no` is required"),
        ("/out_biz_no", json!("x".repeat(65)), "at most 64"),
        (
            "/activity_name",
            json!("名".repeat(21)),
            "has 21 characters, at most 20 allowed (inferred)",
        ),
        ("/merchant_access_mode", json!("SELF"), "one of SELF_MODE, AGENCY_MODE"),
        ("/voucher_budget_supply_info/budget_type", json!("CASH"), "one of NO_CASH, RECHARGE"),
        ("/voucher_deduct_info/fix_voucher_info/amount", json!(1), "amount in yuan as a string"),
        ("/voucher_deduct_info/fix_voucher_info/amount", json!("1.001"), "two decimals"),
        ("/voucher_deduct_info/fix_voucher_info/amount", json!("1,00"), "two decimals"),
        (&format!("{rule}/publish_end_time"), json!("2026-01-31"), "yyyy-MM-dd HH:mm:ss"),
        (&format!("{rule}/publish_end_time"), json!("2026-02-30 00:00:00"), "yyyy-MM-dd"),
        (&format!("{rule}/quantity"), json!("10"), "whole number"),
        (&format!("{rule}/quantity"), json!(-1), "must be 0 to 99999999"),
        (&format!("{rule}/real_name_limit"), json!("true"), "true or false"),
        (
            "/voucher_available_scope_info/voucher_available_account_info/available_pids",
            json!("2088"),
            "an array of strings",
        ),
        (
            "/voucher_available_scope_info/voucher_available_account_info/available_pids",
            json!([2088]),
            "an array of strings",
        ),
        (
            "/voucher_use_rule_info/voucher_use_time_info/absolute_period_info/time_restrict_info",
            json!({"usable_period_info": [{"week_rule_info": {"day": "1"}}]}),
            "usable_period_info[0].week_rule_info.day`",
        ),
        (
            "/voucher_use_rule_info/voucher_use_time_info/absolute_period_info/time_restrict_info",
            json!({"usable_period_info": [1]}),
            "usable_period_info[0]` must be an object",
        ),
    ] {
        invalid(&gateway, "create", &with(request(), pointer, value), part);
    }
    let modify = with(
        simple_request("1", "1"),
        "/voucher_use_rule",
        json!({
            "available_app_ids": ["2021000000000002"]
        }),
    );
    invalid(&gateway, "modify", &modify, "a string that holds a JSON array of strings");
}

#[test]
fn a_field_name_cannot_forge_a_message() {
    let gateway = gateway();
    let name = format!("a\n\u{1b}[31m{}", "x".repeat(10_000));
    let (_, message) = Call::post(&gateway, "stop", &json!({name: 1})).fail();
    assert!(message.len() < 200 && !message.contains('\n'), "{message}");
    assert!(message.contains("a\\n\\u{1b}"), "{message}");
}

#[test]
fn what_every_operation_needs_is_required() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    for operation in ["publish", "append", "modify", "stop"] {
        for field in ["activity_id", "out_biz_no", "merchant_access_mode"] {
            let request = with(simple_request(&id, "2"), &format!("/{field}"), Value::Null);
            let request = if operation == "append" {
                with(request, "/voucher_quantity", json!(20))
            } else {
                request
            };
            invalid(&gateway, operation, &request, &format!("`{field}` is required"));
        }
        let request = simple_request("2016042700826004508401111111", "2");
        let request = if operation == "append" {
            with(request, "/voucher_quantity", json!(20))
        } else {
            request
        };
        invalid(&gateway, operation, &request, "no activity has this id");
    }
    for field in ["activity_id", "out_biz_no", "merchant_access_mode"] {
        let send = with(send_request(&id, "3", "1"), &format!("/{field}"), Value::Null);
        invalid(&gateway, "send", &send, &format!("`{field}` is required"));
    }
    for (query, part) in [
        ("", "merchant_access_mode"),
        ("?activity_id=1", "merchant_access_mode"),
        ("?merchant_access_mode=SELF_MODE", "activity_id"),
        ("?merchant_access_mode=X&activity_id=1", "SELF_MODE"),
        ("?merchant_access_mode=SELF_MODE&activity_id=1&x=1", "unknown field `x`"),
        ("?activity_id=1&activity_id=2", "twice"),
        ("?activity_id=%FF", "UTF-8"),
    ] {
        let target = format!("/v3/alipay/marketing/activity/voucher/query{query}");
        let (code, message) = Call::new(&gateway, "GET", &target, "").fail();
        assert_eq!(code, "INVALID_PARAMETER");
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn one_style_is_needed_whole() {
    let gateway = gateway();
    for group in ["voucher_deduct_info", "voucher_display_pattern_info"] {
        let request = with(create_request("1", 10), &format!("/{group}"), Value::Null);
        invalid(&gateway, "create", &request, &format!("`{group}` is required"));
    }
    let nothing = json!({"out_biz_no": "1", "merchant_access_mode": "SELF_MODE"});
    invalid(&gateway, "create", &nothing, "voucher_send_rule_info.quantity");
    for (pointer, part) in [
        ("/publish_end_time", "publish_end_time"),
        ("/voucher_send_rule/voucher_quantity", "voucher_quantity"),
        ("/voucher_budget_info", "budget_type"),
    ] {
        let request = with(old_create_request("1", 10), pointer, Value::Null);
        invalid(&gateway, "create", &request, part);
    }
}

#[test]
fn rules_between_fields_of_create() {
    let gateway = gateway();
    let rule = "/voucher_send_mode_info/voucher_send_rule_info";
    let validity = "/voucher_use_rule_info/voucher_use_time_info";
    let scope = "/voucher_available_scope_info";
    let supply = "/voucher_budget_supply_info";
    let paid = |details: Value| {
        json!({
            "budget_type": "RECHARGE",
            "voucher_recharge_info": {
                "recharge_type": "ALIPAY_BALANCE",
                "voucher_balance_recharge_info": details
            }
        })
    };
    for (pointer, value, part) in [
        (format!("{rule}/quantity"), json!(0), "1 to 99999999"),
        (format!("{rule}/quantity"), json!(100_000_000), "0 to 99999999"),
        (format!("{rule}/publish_end_time"), json!("2025-12-31 00:00:00"), "must be after"),
        (format!("{rule}/publish_end_time"), json!("2026-06-30 00:00:01"), "180 days"),
        (format!("{rule}/publish_end_time"), json!("2026-02-28 23:59:59"), "valid_end_time"),
        (format!("{rule}/max_quantity_by_day"), json!(1), "for 31 days"),
        (format!("{rule}/quantity_limit_per_user"), json!(0), "natural_person"),
        (format!("{validity}/absolute_period_info"), json!({}), "valid_begin_time"),
        (format!("{validity}/period_type"), json!("RELATIVE"), "at least 1"),
        (format!("{scope}/voucher_available_account_info"), json!({}), "available_smids"),
        (
            format!("{scope}/voucher_available_goods_info"),
            json!({"available_goods_sku_ids": ["1"], "exclude_goods_sku_ids": ["2"]}),
            "exclude each other",
        ),
        ("/merchant_access_mode".to_owned(), json!("AGENCY_MODE"), "belong_merchant_info"),
        ("/voucher_deduct_info/fix_voucher_info/amount".to_owned(), json!("0.09"), "0.1 to 3000"),
        ("/voucher_deduct_info/fix_voucher_info/amount".to_owned(), json!("3000.01"), "3000"),
        (
            "/voucher_deduct_info/fix_voucher_info/floor_amount".to_owned(),
            json!("50000.01"),
            "50000",
        ),
        (supply.to_owned(), json!({"budget_type": "RECHARGE"}), "voucher_recharge_info"),
        (supply.to_owned(), paid(json!({"amount": "10.00"})), "exactly one of"),
        (
            supply.to_owned(),
            paid(json!({"amount": "10.00", "logon_id": "a", "partner_id": "b"})),
            "exactly one of",
        ),
        (
            supply.to_owned(),
            paid(json!({"amount": "9.99", "logon_id": "a"})),
            "times the number of vouchers",
        ),
    ] {
        let mut request = with(create_request("1", 10), &pointer, value);
        if part == "natural_person" {
            request = with(request, &format!("{rule}/natural_person_limit"), json!(true));
            invalid(&gateway, "create", &request, "counted by person");
        } else {
            invalid(&gateway, "create", &request, part);
        }
    }
    // An empty string counts as absent.
    let right = paid(json!({"amount": "10.0", "logon_id": "a", "partner_id": ""}));
    Call::post(&gateway, "create", &with(create_request("1", 10), supply, right)).succeed();
    let longest = with(
        create_request("2", 10),
        &format!("{rule}/publish_end_time"),
        json!("2026-06-30 00:00:00"),
    );
    let later = with(
        longest,
        &format!("{validity}/absolute_period_info/valid_end_time"),
        json!("2026-06-30 00:00:01"),
    );
    Call::post(&gateway, "create", &later).succeed();

    let use_rule = "/voucher_use_rule";
    for (pointer, value, part) in [
        (format!("{use_rule}/use_mode"), json!("SELF_LINK"), "use_url"),
        (
            format!("{use_rule}/available_merchant"),
            json!({"available_pids": []}),
            "available_smids",
        ),
        (
            "/voucher_budget_info/budget_type".to_owned(),
            json!("RECHARGE"),
            "voucher_budget_info.recharge_info",
        ),
    ] {
        invalid(&gateway, "create", &with(old_create_request("3", 10), &pointer, value), part);
    }
}

#[test]
fn an_activity_takes_something_off_somewhere_for_some_time() {
    let gateway = gateway();
    let deduct = "/voucher_deduct_info";
    let scope = "/voucher_available_scope_info";
    let place = "/voucher_available_scope_info/voucher_available_geography_scope_info";
    let guide = "/voucher_customer_guide_info/voucher_use_guide_info";
    let validity = "/voucher_use_rule_info/voucher_use_time_info";
    let kind = "available_geography_scope_type` is SHOP";
    let app = "needs exactly one of `mini_app_service_codes` and `mini_app_url`";
    let shops = |shops: Value| {
        json!({
            "available_geography_scope_type": "SHOP", "available_geography_shop_info": shops,
        })
    };
    let cities = |cities: Value| {
        json!({
            "available_geography_scope_type": "CITY_CODE", "available_geography_city_info": cities,
        })
    };
    let mini_app = |app: Value| {
        json!({
            "use_guide_mode": ["MINI_APP"], "mini_app_use_guide_info": app,
        })
    };
    let url = "alipays://platformapi/startapp?appId=2021000000000002";
    for (pointer, value, part) in [
        (deduct, json!({}), "`voucher_deduct_info.voucher_type` (old style: `voucher_type`) is"),
        (deduct, json!({"voucher_type": "", "fix_voucher_info": {"amount": "1"}}), "voucher_type"),
        (deduct, json!({"voucher_type": "FIX_VOUCHER"}), "fix_voucher_info.amount"),
        (deduct, json!({"voucher_type": "FIX_VOUCHER", "fix_voucher_info": {}}), "info.amount"),
        ("/voucher_budget_supply_info", json!({"budget_type": ""}), "budget_type"),
        (scope, json!({}), "at least one merchant"),
        (
            scope,
            json!({"voucher_available_account_info": {"available_pids": [""]}}),
            "at least one",
        ),
        (validity, json!({}), "period_type` (old style"),
        (validity, json!({"period_type": ""}), "period_type"),
        (place, json!({}), kind),
        (place, json!({"available_geography_scope_type": ""}), kind),
        (place, json!({"available_geography_scope_type": "SHOP"}), kind),
        (place, shops(json!({})), kind),
        (place, shops(json!({"available_shop_ids": []})), kind),
        (
            place,
            shops(json!({"available_shop_ids": ["1"], "available_real_shop_ids": ["2"]})),
            kind,
        ),
        (
            place,
            shops(json!({"available_shop_ids": ["1"], "available_geography_all_shop": {}})),
            kind,
        ),
        (place, cities(json!({})), kind),
        (place, cities(json!({"all_city": false, "available_city_codes": []})), kind),
        (guide, json!({"use_guide_mode": ["CAN_USE", "MINI_APP"]}), app),
        (guide, mini_app(json!({})), app),
        (guide, mini_app(json!({"mini_app_url": "", "mini_app_service_codes": []})), app),
        (guide, mini_app(json!({"mini_app_url": url, "mini_app_service_codes": ["1"]})), app),
        (
            "/voucher_display_pattern_info/voucher_detail_images",
            json!(["1"]),
            "need a cover, `voucher_display_pattern_info.voucher_image`",
        ),
    ] {
        invalid(&gateway, "create", &with(create_request("1", 10), pointer, value), part);
    }
    for (pointer, part) in [
        ("/voucher_use_rule", "voucher_deduct_info.fix_voucher_info.amount"),
        ("/voucher_use_rule/available_merchant", "at least one merchant"),
        ("/voucher_use_rule/voucher_valid_period", "period_type"),
        ("/voucher_type", "voucher_type"),
    ] {
        let request = with(old_create_request("1", 10), pointer, Value::Null);
        invalid(&gateway, "create", &request, part);
    }
    let many: Vec<String> = (0..10_000).map(|n| format!("20180119005020000000{n:08}")).collect();
    for (number, (pointer, value)) in [
        (place, shops(json!({"available_shop_ids": many}))),
        (place, shops(json!({"available_geography_all_shop": {"merchant_ids": ["2088"]}}))),
        (place, cities(json!({"all_city": true}))),
        (place, cities(json!({"available_city_codes": ["310100"]}))),
        (guide, mini_app(json!({"mini_app_url": url}))),
        (guide, mini_app(json!({"mini_app_service_codes": ["1"]}))),
        (
            "/voucher_available_scope_info/voucher_available_goods_info",
            json!({"available_goods_sku_ids": [], "exclude_goods_sku_ids": ["1"]}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let request = with(create_request(&number.to_string(), 10), pointer, value);
        Call::post(&gateway, "create", &request).succeed();
    }
}

#[test]
fn what_is_empty_is_not_modified() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let base = json!({"activity_name": "", "out_activity_id": "7"});
    let modify = with(simple_request(&id, "2"), "/activity_base_info", base);
    Call::post(&gateway, "modify", &modify).succeed();
    let state = Call::query(&gateway, &id).succeed();
    assert_eq!(state["activity_base_info"]["activity_name"], "满10减1活动");
    assert_eq!(state["activity_base_info"]["out_activity_id"], "7");
}

#[test]
fn a_missing_parameter_is_named_with_its_place() {
    let gateway = gateway();
    let folder = "/v3/alipay/marketing/activity";
    for (target, field) in [
        ("voucher/query?merchant_access_mode=SELF_MODE", "activity_id"),
        ("ordervoucher/user/voucher?user_id=1&voucher_code=2", "activity_id"),
    ] {
        let reply = Call::new(&gateway, "GET", &format!("{folder}/{target}"), "").send();
        let detail = &reply.json()["details"][0];
        assert_eq!((&detail["field"], &detail["location"]), (&json!(field), &json!("query")));
    }
    let reply = Call::post(&gateway, "stop", &json!({"merchant_access_mode": "SELF_MODE"})).send();
    assert_eq!(reply.json()["details"][0]["location"], "body");
}

#[test]
fn refusals_of_the_state_name_their_field() {
    let gateway = gateway();
    let detail = |operation: &str, body: &Value| {
        let reply = Call::post(&gateway, operation, body).send();
        let json = reply.json();
        let detail = &json["details"][0];
        assert_eq!(detail["description"], json["message"], "{json}");
        assert_eq!(detail["location"], "body", "{operation} {json}");
        let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
        (text("field"), text("issue"))
    };
    let rule = "voucher_send_mode_info.voucher_send_rule_info";
    let late = with(
        create_request("1", 10),
        &format!("/{}/publish_end_time", rule.replace('.', "/")),
        json!("2020-01-01 00:00:00"),
    );
    let broken = |field: &str| (field.to_owned(), "BREAKS_RULE".to_owned());
    assert_eq!(detail("create", &late), broken(&format!("{rule}.publish_end_time")));
    let old = with(old_create_request("1", 10), "/publish_end_time", json!("2020-01-01 00:00:00"));
    assert_eq!(detail("create", &old), broken("publish_end_time"));

    let created = Call::post(&gateway, "create", &create_request("2", 10)).succeed();
    let id = created["activity_id"].as_str().unwrap();
    assert_eq!(detail("send", &send_request(id, "3", "2088000000000001")), broken("activity_id"));
    let nowhere = simple_request("1", "4");
    assert_eq!(detail("publish", &nowhere), broken("activity_id"));
    Call::post(&gateway, "publish", &simple_request(id, "5")).succeed();
    assert_eq!(detail("publish", &simple_request(id, "6")), broken("activity_id"));
    let other = with(simple_request(id, "5"), "/merchant_access_mode", json!("AGENCY_MODE"));
    assert_eq!(detail("publish", &other), broken("out_biz_no"));
    let append = with(simple_request(id, "7"), "/voucher_quantity", json!(10));
    assert_eq!(detail("append", &append), broken("voucher_quantity"));
}

#[test]
fn the_value_of_a_request_cannot_forge_a_message() {
    let gateway = builder().lenient(true).start_blocking().unwrap();
    let kind = format!("a\n\u{1b}[31m{}", "x".repeat(10_000));
    let request = with(create_request("1", 10), "/voucher_deduct_info/voucher_type", json!(kind));
    let (_, message) = Call::post(&gateway, "create", &request).fail();
    assert!(message.len() < 300 && !message.contains(['\n', '\u{1b}']), "{message}");
}

#[test]
fn rules_of_modify() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let relative = published(&gateway, &old_create_request("2", 10));
    let modify = |id: &str, group: &str, value: Value| {
        with(simple_request(id, "1"), &format!("/{group}"), value)
    };
    let period = |value: Value| json!({"voucher_use_time_info": value});
    let send_rule = |value: Value| json!({"voucher_send_rule_info": value});
    for (id, group, value, part) in [
        (&id, "publish_end_time", json!("2026-01-31 23:59:58"), "only be moved later"),
        (&id, "publish_end_time", json!("2026-02-28 23:59:59"), "after `publish_end_time`"),
        (&relative, "publish_end_time", json!("2026-07-31 00:00:00"), "180 days"),
        (&id, "voucher_send_mode_info", send_rule(json!({"quantity": 11})), "use append"),
        (
            &id,
            "voucher_send_mode_info",
            send_rule(json!({"publish_start_time": "2026-01-02 00:00:00"})),
            "start of issue",
        ),
        (
            &id,
            "voucher_use_rule_info",
            period(json!({"absolute_period_info": {"valid_end_time": "2026-02-28 23:59:58"}})),
            "`valid_end_time` can only be moved later",
        ),
        (
            &id,
            "voucher_use_rule_info",
            period(json!({"relative_period_info": {"valid_days_after_receive": 5}})),
            "this activity's is ABSOLUTE",
        ),
        (
            &id,
            "voucher_use_rule_info",
            period(json!({
                "period_type": "RELATIVE",
                "relative_period_info": {"valid_days_after_receive": 5}
            })),
            "kind of validity",
        ),
        (
            &relative,
            "voucher_use_rule",
            json!({"voucher_valid_period": {"valid_days_after_receive": 6}}),
            "only be increased",
        ),
        (
            &relative,
            "voucher_use_rule",
            json!({"voucher_valid_period": {"valid_end_time": "2026-05-01 00:00:00"}}),
            "this activity's is RELATIVE",
        ),
        (
            &id,
            "voucher_available_scope_info",
            json!({"voucher_available_account_info": {"available_pids": ["2088000000000009"]}}),
            "only be widened",
        ),
        (&id, "activity_base_info", json!({"activity_id": relative}), "different activities"),
    ] {
        invalid(&gateway, "modify", &modify(id, group, value), part);
    }
    for (key, group, value) in [
        ("1", "publish_end_time", json!("2026-02-10 00:00:00")),
        (
            "2",
            "voucher_available_scope_info",
            json!({"voucher_available_account_info": {
                "available_pids": ["2088000000000009", "2088102111111111"]
            }}),
        ),
        (
            "3",
            "voucher_use_rule_info",
            period(json!({"absolute_period_info": {"valid_end_time": "2026-03-31 00:00:00"}})),
        ),
    ] {
        let request = with(modify(&id, group, value), "/out_biz_no", json!(key));
        Call::post(&gateway, "modify", &request).succeed();
    }
    // The end given in the older style has moved the one of the newer.
    let state = Call::query(&gateway, &id).succeed();
    let end = "/voucher_send_mode_info/voucher_send_rule_info/publish_end_time";
    assert_eq!(state.pointer(end), Some(&json!("2026-02-10 00:00:00")));
}

#[test]
fn modify_cannot_narrow_what_a_voucher_is_for() {
    let gateway = gateway();
    let scope = "voucher_available_scope_info";
    let goods = |value: Value| json!({"voucher_available_goods_info": value});
    let place = |value: Value| json!({"voucher_available_geography_scope_info": value});
    let cities = |all: bool| {
        place(json!({
            "available_geography_scope_type": "CITY_CODE",
            "available_geography_city_info": {"all_city": all, "available_city_codes": ["310100"]}
        }))
    };
    let shops = |ids: Value| {
        place(json!({
            "available_geography_scope_type": "SHOP",
            "available_geography_shop_info": {"available_shop_ids": ids}
        }))
    };
    let apps = |ids: Value| json!({"voucher_available_app_info": {"available_app_ids": ids}});
    let old = |name: &str, value: Value| json!({name: value});
    let limits = |base: Value, scope: &str, more: &Value| {
        let mut request = base;
        let group = request[scope].as_object_mut().unwrap();
        group.extend(more.as_object().unwrap().clone());
        request
    };
    let newer = create_request("", 10);
    let older = old_create_request("", 10);
    let use_rule = "voucher_use_rule";
    let exclude = |ids: Value| goods(json!({"exclude_goods_sku_ids": ids}));
    let allow = |ids: Value| goods(json!({"available_goods_sku_ids": ids}));
    for (number, (base, group, before, after, refusal)) in [
        (&newer, scope, json!({}), apps(json!(["1"])), Some("only be widened")),
        (&newer, scope, json!({}), allow(json!(["1"])), Some("only be widened")),
        (&newer, scope, json!({}), shops(json!(["1"])), Some("only be widened")),
        (&newer, scope, json!({}), exclude(json!(["1"])), Some("only be shortened")),
        (&newer, scope, exclude(json!(["1"])), exclude(json!(["1", "2"])), Some("shortened")),
        (&newer, scope, exclude(json!(["1", "2"])), exclude(json!(["2"])), None),
        (&newer, scope, cities(true), cities(false), Some("all_city")),
        (&newer, scope, cities(false), cities(true), None),
        (&newer, scope, cities(false), shops(json!(["1"])), Some("scope_type")),
        (&newer, scope, shops(json!(["1"])), cities(false), Some("scope_type")),
        (&newer, scope, shops(json!(["1"])), cities(true), None),
        (&newer, scope, shops(json!(["1"])), shops(json!(["2"])), Some("only be widened")),
        (&newer, scope, shops(json!(["1"])), shops(json!(["2", "1"])), None),
        (&newer, scope, apps(json!(["1"])), apps(json!(["1", "2"])), None),
        (
            &older,
            use_rule,
            json!({}),
            old("available_store_ids", json!("[\"1\"]")),
            Some("widened"),
        ),
        (
            &older,
            use_rule,
            json!({}),
            old("available_goods", json!({"goods_ids": ["1"]})),
            Some("only be widened"),
        ),
        (
            &older,
            use_rule,
            json!({}),
            old("available_app_ids", json!("[\"2021000000000002\",\"1\"]")),
            None,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let create =
            with(limits(base.clone(), group, &before), "/out_biz_no", json!(number.to_string()));
        let id = published(&gateway, &create);
        let request = with(simple_request(&id, &number.to_string()), &format!("/{group}"), after);
        match refusal {
            Some(part) => invalid(&gateway, "modify", &request, part),
            None => {
                Call::post(&gateway, "modify", &request).succeed();
            }
        }
    }
}

#[test]
fn rules_between_fields_can_be_switched_off() {
    let gateway = builder().cross_field_rules(false).start_blocking().unwrap();
    let rule = "/voucher_send_mode_info/voucher_send_rule_info/publish_end_time";
    let request = with(create_request("1", 10), rule, json!("2027-01-01 00:00:00"));
    let id = published(&gateway, &request);
    let modify = with(simple_request(&id, "1"), "/publish_end_time", json!("2026-06-01 00:00:00"));
    Call::post(&gateway, "modify", &modify).succeed();
    // Names and types are checked all the same.
    invalid(&gateway, "create", &with(request, "/x", json!(1)), "unknown field `x`");
}

#[test]
fn a_number_is_unique_among_all_operations() {
    let gateway = builder().numbers_per_operation(false).start_blocking().unwrap();
    let created = Call::post(&gateway, "create", &create_request("1", 10)).succeed();
    let id = created["activity_id"].as_str().unwrap();
    invalid(&gateway, "publish", &simple_request(id, "1"), "by create; take a new number");
    Call::post(&gateway, "publish", &simple_request(id, "2")).succeed();
    gateway.complete_pending();
    invalid(&gateway, "send", &send_request(id, "2", "7"), "was used before by publish");
    Call::post(&gateway, "send", &send_request(id, "3", "7")).succeed();
    // A repeat is still a repeat.
    Call::post(&gateway, "publish", &simple_request(id, "2")).succeed();
}

#[test]
fn payment_vouchers_take_a_fixed_amount_off() {
    let kind = "/voucher_deduct_info/voucher_type";
    let other = with(create_request("1", 10), kind, json!("DISCOUNT_VOUCHER"));
    invalid(&gateway(), "create", &other, "is DISCOUNT_VOUCHER: payment vouchers");
}

#[test]
fn a_service_provider_names_the_owner_and_the_kind_of_its_id() {
    let gateway = gateway();
    let agency = with(create_request("1", 10), "/merchant_access_mode", json!("AGENCY_MODE"));
    let owned =
        |owner: Value| with(agency.clone(), "/activity_base_info/belong_merchant_info", owner);
    let needs = "needs the owner's `activity_base_info.belong_merchant_info.";
    invalid(&gateway, "create", &agency, &format!("{needs}merchant_id`"));
    let half = owned(json!({"merchant_id": "2088000000000001"}));
    invalid(&gateway, "create", &half, &format!("{needs}merchant_id_type`"));
    let blank = owned(json!({"merchant_id": "", "merchant_id_type": "PID"}));
    invalid(&gateway, "create", &blank, &format!("{needs}merchant_id`"));
    let platform = owned(json!({"business_type": "ISV"}));
    invalid(&gateway, "create", &platform, "ISV is for exchange vouchers");
    let whole = owned(json!({"merchant_id": "2088000000000001", "merchant_id_type": "PID"}));
    Call::post(&gateway, "create", &whole).succeed();
}
