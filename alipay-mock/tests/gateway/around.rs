//! What stands around the vouchers: images, consult, the vouchers of users, and lists of activities and scopes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::support;

use std::time::Duration;

use alipay_mock::{Completion, ControlError, Gateway};
use serde_json::{Value, json};
use support::{
    Call, builder, create_request, gateway, old_create_request, published, send_request, with,
};

const FOLDER: &str = "/v3/alipay/marketing/";
const USER: &str = "2088000000000001";
const DAY: Duration = Duration::from_secs(86_400);

fn get<'a>(gateway: &'a Gateway, target: &str) -> Call<'a> {
    let join = if target.contains('?') { '&' } else { '?' };
    let target = format!("{FOLDER}{target}{join}merchant_access_mode=SELF_MODE");
    Call::new(gateway, "GET", &target, "")
}

fn post<'a>(gateway: &'a Gateway, path: &str, body: &Value) -> Call<'a> {
    Call::new(gateway, "POST", &format!("{FOLDER}{path}"), body.to_string())
}

fn send(gateway: &Gateway, id: &str, key: &str) -> String {
    let sent = Call::post(gateway, "send", &send_request(id, key, USER)).succeed();
    sent["voucher_id"].as_str().unwrap().to_owned()
}

/// The codes of consult for some activities.
fn consult(gateway: &Gateway, ids: &[&str]) -> Vec<String> {
    let asked: Vec<Value> = ids.iter().map(|id| json!({"activity_id": id})).collect();
    let request = json!({
        "merchant_access_mode": "SELF_MODE", "user_id": USER, "consult_activity_info_list": asked,
    });
    let response = post(gateway, "activity/consult", &request).succeed();
    assert_eq!(response["user_id"], USER);
    let results = response["consult_result_info_list"].as_array().unwrap().clone();
    let shown: Vec<_> = results.iter().map(|result| result["activity_id"].clone()).collect();
    assert_eq!(shown, ids);
    let code = |result: &Value| result["consult_result_code"].as_str().unwrap().to_owned();
    results.iter().map(code).collect()
}

const BOUNDARY: &str = "b0undary";

/// An upload of a file. Only the part `data` is signed.
fn upload(gateway: &Gateway, file_key: &str, name: &str, content: &[u8]) -> support::Reply {
    let data = json!({"file_key": file_key}).to_string();
    let mut call = Call::new(gateway, "POST", &format!("{FOLDER}material/image"), data.clone());
    let signed = call.right_text();
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"data\"\r\nContent-Type: application/json\r\n\r\n\
         {data}\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file_content\"; \
         filename=\"{name}\"\r\n\r\n"
    );
    call.body = [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
    call.signed(signed).content_type(&format!("multipart/form-data; boundary={BOUNDARY}")).send()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and more";

fn image(gateway: &Gateway, file_key: &str) -> String {
    let reply = upload(gateway, file_key, "photo.png", PNG);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.verify().unwrap();
    let response = reply.json();
    let id = response["resource_id"].as_str().unwrap().to_owned();
    assert!(response["resource_url"].as_str().unwrap().ends_with(&id), "{response}");
    assert_eq!(response["resource_enhance"], false);
    id
}

#[test]
fn the_images_of_an_activity_are_those_that_were_uploaded() {
    let gateway = gateway();
    let (logo, cover) =
        (image(&gateway, "PROMO_BRAND_LOGO"), image(&gateway, "PROMO_VOUCHER_IMAGE"));
    let create = |key: &str, logo: &str| {
        let request = create_request(key, 10);
        let request = with(request, "/voucher_display_pattern_info/brand_logo", logo.into());
        with(request, "/voucher_display_pattern_info/voucher_image", cover.as_str().into())
    };
    let id = published(&gateway, &create("1", &logo));
    let activity = get(&gateway, &format!("activity/{id}")).succeed();
    let display = &activity["voucher_display_pattern_info"];
    assert_eq!(display["brand_logo"], json!(logo));
    assert!(display["brand_logo_url"].as_str().unwrap().ends_with(&logo), "{display}");
    let refused = |logo: &str| Call::post(&gateway, "create", &create("2", logo)).fail();
    let (code, message) = refused("adeDSktiQO-u5vJUqVbcQwAAACMAAQED");
    assert_eq!(code, "INVALID_PARAMETER");
    assert!(
        message.contains("`voucher_display_pattern_info.brand_logo` is no `resource_id`"),
        "{message}"
    );
    let (code, message) = refused(&cover);
    assert_eq!(code, "INVALID_PARAMETER");
    assert!(message.contains("uploaded with PROMO_VOUCHER_IMAGE"), "{message}");
    // The older style, lists, and the switch.
    let old = with(old_create_request("3", 10), "/voucher_display_info", json!({}));
    let old = with(old, "/voucher_display_info/voucher_image", cover.as_str().into());
    let old = with(old, "/voucher_display_info/voucher_detail_images", json!(["x"]));
    let message = Call::post(&gateway, "create", &old).fail().1;
    assert!(message.contains("`voucher_display_info.voucher_detail_images`"), "{message}");
    let any = builder().known_images(false).start_blocking().unwrap();
    Call::post(&any, "create", &old).succeed();
}

#[test]
fn a_gateway_without_uploads_takes_any_image() {
    let vouchers = include_str!("../../src/contract/alipay-voucher.json");
    let gateway = builder().contract(vouchers).start_blocking().unwrap();
    let request =
        with(create_request("1", 10), "/voucher_display_pattern_info/brand_logo", "x".into());
    Call::post(&gateway, "create", &request).succeed();
    assert_eq!(upload(&gateway, "PROMO_BRAND_LOGO", "photo.png", PNG).status, 404);
}

#[test]
fn what_is_no_image_is_refused() {
    let gateway = gateway();
    let large = [PNG, &vec![0; 2 * 1024 * 1024]].concat();
    let code = |key: &str, name: &str, content: &[u8]| {
        let reply = upload(&gateway, key, name, content);
        assert_eq!(reply.status, 400, "{}", reply.body);
        reply.code()
    };
    assert_eq!(code("PROMO_BRAND_LOGO", "photo.gif", PNG), "PIC_SUFFIX_ILLEGAL");
    assert_eq!(code("PROMO_BRAND_LOGO", "photo", PNG), "PIC_SUFFIX_ILLEGAL");
    assert_eq!(code("PROMO_BRAND_LOGO", "photo.png", b"GIF89a"), "FILE_TYPE_ERROR");
    assert_eq!(code("PROMO_BRAND_LOGO", "photo.png", &large), "FILE_SIZE_OUT_OF_RANGE");
    let medium = &large[..300 * 1024];
    assert_eq!(code("DELIVERY_CHANNEL_PIC", "photo.png", medium), "FILE_SIZE_OUT_OF_RANGE");
    assert_eq!(upload(&gateway, "PROMO_BRAND_LOGO", "photo.PNG", medium).status, 200);
    assert_eq!(code("SOMETHING_ELSE", "photo.png", PNG), "INVALID_PARAMETER");
}

#[test]
fn consult_says_what_send_would_do() {
    let gateway = gateway();
    let open = published(&gateway, &create_request("1", 10));
    let small = published(
        &gateway,
        &with(
            create_request("2", 1),
            "/voucher_send_mode_info/voucher_send_rule_info/quantity_limit_per_user",
            5.into(),
        ),
    );
    let later = published(
        &gateway,
        &with(
            create_request("3", 10),
            "/voucher_send_mode_info/voucher_send_rule_info/publish_start_time",
            "2026-01-15 00:00:00".into(),
        ),
    );
    let created = Call::post(&gateway, "create", &create_request("4", 10)).succeed();
    let created = created["activity_id"].as_str().unwrap();
    let all = [open.as_str(), &small, &later, created, "7"];
    let before = ["SUCCESS", "SUCCESS", "ACTIVITY_NOT_START", "OTHER", "OTHER"];
    assert_eq!(consult(&gateway, &all), before);
    // To ask changes nothing.
    assert_eq!(consult(&gateway, &all), before);
    send(&gateway, &open, "s1");
    assert_eq!(consult(&gateway, &[&open]), ["SUCCESS"]);
    send(&gateway, &open, "s2");
    send(&gateway, &small, "s3");
    assert_eq!(consult(&gateway, &[&open, &small]), ["COUNT_OVER_LIMIT", "BUDGET_NOT_ENOUGH"]);
    gateway.clock().advance(DAY * 20);
    assert_eq!(consult(&gateway, &[&later]), ["SUCCESS"]);
    gateway.clock().advance(DAY * 20);
    assert_eq!(consult(&gateway, &[&later]), ["OTHER"]);
    let nobody = json!({"merchant_access_mode": "SELF_MODE", "consult_activity_info_list": []});
    let (code, message) = post(&gateway, "activity/consult", &nobody).fail();
    assert_eq!(code, "INVALID_PARAMETER");
    assert!(message.contains("exactly one of `user_id` and `open_id`"), "{message}");
    let none = json!({
        "merchant_access_mode": "SELF_MODE", "user_id": USER, "consult_activity_info_list": [],
    });
    let reply = post(&gateway, "activity/consult", &none).send();
    let detail = &reply.json()["details"][0];
    assert_eq!(detail["issue"], "MISSING_REQUIRED", "{}", reply.body);
    assert_eq!(detail["field"], "consult_activity_info_list");
}

/// The statuses of a user's vouchers, newest first.
fn statuses(gateway: &Gateway, more: &str) -> Vec<String> {
    let target = format!(
        "activity/ordervoucher/user/batchqueryvoucher?user_id={USER}&belong_merchant_id=2088000000000009\
         &page_num=1&page_size=20{more}"
    );
    let page = get(gateway, &target).succeed();
    let vouchers = page["user_voucher_infos"].as_array().unwrap().clone();
    assert_eq!(page["total_size"], json!(vouchers.len()));
    let status = |voucher: &Value| {
        assert_eq!(voucher["voucher_status"], voucher["user_voucher_base_info"]["voucher_status"]);
        voucher["voucher_status"].as_str().unwrap().to_owned()
    };
    vouchers.iter().map(status).collect()
}

fn redeem_by_http(gateway: &Gateway, voucher_id: &str) -> support::Reply {
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let body = json!({"voucher_id": voucher_id}).to_string();
    let request = format!(
        "POST /_mock/redeem HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    support::parse(&support::exchange(gateway, request.as_bytes()).unwrap()).unwrap()
}

#[test]
fn the_vouchers_of_a_user_are_those_that_were_sent() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    assert!(statuses(&gateway, "").is_empty());
    let (first, second) = (send(&gateway, &id, "s1"), send(&gateway, &id, "s2"));
    assert_eq!(statuses(&gateway, ""), ["SENDED", "SENDED"]);
    let one = |voucher: &str, user: &str| {
        let target = format!("activity/ordervoucher/user/voucher?{user}&voucher_id={voucher}");
        get(&gateway, &target)
    };
    let user = format!("user_id={USER}");
    let voucher = one(&first, &user).succeed();
    let base = &voucher["user_voucher_base_info"];
    assert_eq!(base["voucher_id"], json!(first));
    assert_eq!(
        (&base["voucher_max_use_times"], &base["voucher_used_times"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(base["create_time"], "2026-01-01 08:00:00");
    assert_eq!(voucher["activity_id"], json!(id));
    assert_eq!(voucher["voucher_deduct_info"]["voucher_type"], "FIX_VOUCHER");
    // Of another user, of another activity, of nobody.
    assert_eq!(one(&first, "user_id=2088000000000002").fail().0, "VOUCHER_NOT_EXIST");
    assert_eq!(one(&first, &format!("open_id={USER}")).fail().0, "VOUCHER_NOT_EXIST");
    assert_eq!(one(&first, &format!("{user}&activity_id=7")).fail().0, "VOUCHER_NOT_EXIST");
    assert_eq!(one("7", &user).fail().0, "VOUCHER_NOT_EXIST");
    // A payment voucher has no code. A code stands in the place of the id, and beside the activity.
    let by_code = |more: &str| {
        get(&gateway, &format!("activity/ordervoucher/user/voucher?{user}{more}")).fail().0
    };
    assert_eq!(by_code("&voucher_code=ABE44&activity_id=7"), "VOUCHER_NOT_EXIST");
    assert_eq!(by_code("&voucher_code=ABE44"), "INVALID_PARAMETER");
    assert_eq!(by_code(""), "INVALID_PARAMETER");
    let both = format!("&voucher_code=ABE44&activity_id={id}&voucher_id={first}");
    assert_eq!(by_code(&both), "INVALID_PARAMETER");

    assert_eq!(redeem_by_http(&gateway, &first).status, 200);
    assert_eq!(statuses(&gateway, ""), ["SENDED", "USED"]);
    assert_eq!(statuses(&gateway, "&voucher_status=USED"), ["USED"]);
    assert!(statuses(&gateway, "&activity_id=7").is_empty());
    assert_eq!(one(&first, &user).succeed()["user_voucher_base_info"]["voucher_used_times"], 1);
    assert_eq!(gateway.redeem(&first), Err(ControlError::Used));
    assert_eq!(gateway.redeem("7"), Err(ControlError::UnknownVoucher("7".to_owned())));
    assert_eq!(redeem_by_http(&gateway, &first).status, 409);
    let activity = gateway.activity(&id).unwrap();
    assert_eq!(activity["voucher_inventory_info"], json!({"send_count": 2, "use_count": 1}));
    let messages = gateway.messages().unwrap();
    assert_eq!(messages.last().unwrap().name, "alipay.marketing.activity.message.used");

    // Past its validity, and then for six months.
    gateway.clock().advance(DAY * 100);
    assert_eq!(statuses(&gateway, ""), ["EXPIRED", "USED"]);
    assert_eq!(gateway.redeem(&second), Err(ControlError::Expired));
    gateway.clock().advance(DAY * 300);
    assert_eq!(statuses(&gateway, ""), ["USED"]);
    assert_eq!(one(&second, &user).fail().0, "VOUCHER_NOT_EXIST");
}

#[test]
fn validity_that_is_counted_from_receipt_ends_with_a_day() {
    let times = |wait: u64, rounding: Option<&str>| {
        let gateway = gateway();
        let mut days = json!({"wait_days_after_receive": wait, "valid_days_after_receive": 2});
        if let Some(rounding) = rounding {
            days["valid_days_relative_type"] = rounding.into();
        }
        let time = json!({"period_type": "RELATIVE", "relative_period_info": days});
        let request =
            with(create_request("1", 10), "/voucher_use_rule_info/voucher_use_time_info", time);
        let id = published(&gateway, &request);
        send(&gateway, &id, "s1");
        let target = format!(
            "activity/ordervoucher/user/batchqueryvoucher?user_id={USER}&sender_merchant_id=1\
             &page_num=1&page_size=1"
        );
        let page = get(&gateway, &target).succeed();
        let voucher = &page["user_voucher_infos"][0];
        ["available_begin_time", "available_end_time"]
            .map(|name| voucher[name].as_str().unwrap().to_owned())
    };
    assert_eq!(times(0, Some("ROUND_FORWARD")), ["2026-01-01 08:00:00", "2026-01-02 23:59:59"]);
    assert_eq!(times(0, Some("ROUND_BACKWARD")), ["2026-01-01 08:00:00", "2026-01-03 23:59:59"]);
    assert_eq!(times(1, None), ["2026-01-02 00:00:00", "2026-01-04 23:59:59"]);
    assert_eq!(times(u64::MAX, None), ["9999-12-31 00:00:00", "9999-12-31 23:59:59"]);
}

#[test]
fn activities_are_listed_by_status_and_page() {
    let gateway = builder().completion(Completion::Manual).start_blocking().unwrap();
    let mut ids = Vec::new();
    for key in 0..25 {
        let created =
            Call::post(&gateway, "create", &create_request(&key.to_string(), 10)).succeed();
        ids.push(created["activity_id"].as_str().unwrap().to_owned());
    }
    let publish =
        json!({"activity_id": ids[0], "out_biz_no": "p", "merchant_access_mode": "SELF_MODE"});
    Call::post(&gateway, "publish", &publish).succeed();
    gateway.complete_pending();
    let list = |more: Value| {
        let mut request =
            json!({"merchant_access_mode": "SELF_MODE", "page_num": 1, "page_size": 20});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        post(&gateway, "activity/batchquery", &request)
    };
    let first = list(json!({})).succeed();
    assert_eq!(first["total_size"], "25");
    assert_eq!(first["activity_lite_infos"].as_array().unwrap().len(), 20);
    assert_eq!(first["activity_lite_infos"][0]["activity_id"], json!(ids[24]));
    assert_eq!(first["activity_lite_infos"][0]["create_time"], "2026-01-01 08:00:00");
    let second = list(json!({"page_num": 2})).succeed();
    assert_eq!(second["activity_lite_infos"].as_array().unwrap().len(), 5);
    assert_eq!(list(json!({"page_num": 3})).succeed()["activity_lite_infos"], json!([]));
    let active = list(json!({"activity_status": "ACTIVE"})).succeed();
    assert_eq!(active["total_size"], "1");
    assert_eq!(active["activity_lite_infos"][0]["activity_base_info"]["activity_status"], "ACTIVE");
    // An older text allows more of them than of other things.
    let many = list(json!({"page_size": 30})).succeed();
    assert_eq!(many["activity_lite_infos"].as_array().unwrap().len(), 25);
    for wrong in [json!({"page_num": 0}), json!({"page_size": 31}), json!({"page_size": 0})] {
        assert_eq!(list(wrong).fail().0, "INVALID_PARAMETER");
    }
    // An activity that was not activated is not shown.
    assert_eq!(get(&gateway, &format!("activity/{}", ids[1])).fail().0, "ACTIVITY_NOT_ACTIVE");
    assert_eq!(get(&gateway, "activity/7").fail().0, "INVALID_PARAMETER");
    get(&gateway, &format!("activity/{}", ids[0])).succeed();
}

#[test]
fn scopes_are_those_that_were_given_to_create() {
    // Both kinds of shops at once are against the rules.
    let gateway = builder().cross_field_rules(false).start_blocking().unwrap();
    let pids: Vec<String> = (0..25).map(|n| format!("20880000000001{n:02}")).collect();
    let scope = json!({
        "voucher_available_account_info": {"available_pids": pids, "available_smids": ["2088900000000001"]},
        "voucher_available_app_info": {"available_app_ids": ["2021000000000002"]},
        "voucher_available_geography_scope_info": {
            "available_geography_scope_type": "SHOP",
            "available_geography_shop_info": {
                "available_shop_ids": ["2018011900502000000005124744"],
                "available_real_shop_ids": ["2018011900502000000005124745"],
            },
        },
        "voucher_available_goods_info": {"exclude_goods_sku_ids": ["tea", "coffee"]},
        "voucher_available_item_info": {
            "item_id": "1", "out_item_info": [{"item_app_id": "2", "out_item_id": "3"}],
        },
    });
    let id =
        published(&gateway, &with(create_request("1", 10), "/voucher_available_scope_info", scope));
    let list = |what: &str, more: &str| {
        get(&gateway, &format!("activity/{id}/{what}/batchquery?page_size=20{more}"))
    };
    let merchants = list("merchant", "&page_num=2").succeed();
    assert_eq!((&merchants["total_size"], &merchants["activity_id"]), (&json!(26), &json!(id)));
    let merchants = merchants["merchant_infos"].as_array().unwrap().clone();
    assert_eq!(merchants.len(), 6);
    assert_eq!(merchants[0], json!({"merchant_id": pids[20], "merchant_id_type": "PID"}));
    assert_eq!(merchants[5]["merchant_id_type"], "SMID");
    assert_eq!(
        list("shop", "&page_num=1").succeed()["shop_infos"],
        json!([
            {"shop_id": "2018011900502000000005124744", "shop_type": "PAYMENT_SHOP"},
            {"shop_id": "2018011900502000000005124745", "shop_type": "REAL_SHOP"},
        ])
    );
    let apps = list("app", "&page_num=1").succeed();
    assert_eq!(apps["app_infos"], json!([{"mini_app_id": "2021000000000002"}]));
    let goods = list("goods", "&page_num=1").succeed();
    assert_eq!(goods["total_size"], 2);
    assert_eq!(
        goods["goods_infos"][0],
        json!({"goods_id": "tea", "goods_use_type": "UNAVAILABLE"})
    );
    assert_eq!(goods["app_item_infos"].as_array().unwrap().len(), 2);
    let available = list("goods", "&page_num=1&goods_use_type=AVAILABLE").succeed();
    assert_eq!((&available["total_size"], &available["goods_infos"]), (&json!(0), &json!([])));
    for what in ["merchant", "shop", "app", "goods"] {
        assert_eq!(list(what, "&page_num=0").fail().0, "INVALID_PARAMETER", "{what}");
        assert_eq!(list(what, "").fail().0, "INVALID_PARAMETER", "{what}");
    }
    for what in ["merchant", "shop", "app", "goods"] {
        let path = format!("activity/{id}/{what}/batchquery?page_num=1&page_size=21");
        assert_eq!(get(&gateway, &path).fail().0, "INVALID_PARAMETER", "{what}");
    }
}

/// An activity of the older style, with every setting that the newer one has, too.
fn full_old_request(gateway: &Gateway) -> Value {
    let (cover, detail) =
        (image(gateway, "PROMO_VOUCHER_IMAGE"), image(gateway, "PROMO_VOUCHER_DETAIL_IMAGE"));
    let mut request = old_create_request("1", 10);
    let more = json!({
        "belong_merchant_info": {"merchant_id": "2088102111111112", "merchant_id_type": "PID"},
        "voucher_budget_info": {
            "amount": "10.00",
            "budget_type": "RECHARGE",
            "recharge_info": {
                "recharge_type": "ALIPAY_BALANCE",
                "alipay_balance_recharge_info": {"user_id": "2088102111111113"},
            },
        },
        "voucher_display_info": {
            "brand_name": "茶馆", "voucher_image": cover, "voucher_detail_images": [detail],
            "customer_service_mobile": "057188888888", "voucher_description": "全场通用",
        },
        "voucher_send_rule": {
            "voucher_quantity": 10, "voucher_quantity_limit_per_user": 2, "real_name_limit": true,
        },
    });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let use_rule = json!({
        "available_store_ids": ["2018011900502000000005124744"],
        "available_goods": {"goods_ids": ["tea"]},
        "use_mode": "SELF_LINK",
        "use_url": "alipays://platformapi/startapp?appId=2021000000000002",
        "voucher_quantity_limit_per_user": 1,
    });
    request["voucher_use_rule"]
        .as_object_mut()
        .unwrap()
        .extend(use_rule.as_object().unwrap().clone());
    request
}

#[test]
fn an_activity_of_the_older_style_is_shown_in_the_newer_one() {
    let gateway = builder().auto_pay(true).start_blocking().unwrap();
    let request = full_old_request(&gateway);
    let id = published(&gateway, &request);
    let display = &request["voucher_display_info"];
    let link = |id: &Value| format!("https://alipay-mock.invalid/images/{}", id.as_str().unwrap());
    let send_rule = json!({
        "quantity": 10,
        "quantity_limit_per_user": 2,
        "real_name_limit": true,
        "publish_start_time": "2026-01-01 00:00:00",
        "publish_end_time": "2026-01-31 23:59:59",
    });
    let groups = [
        (
            "voucher_send_mode_info",
            json!({
                "voucher_send_mode": "DIRECT_SEND_MODE", "voucher_send_rule_info": send_rule,
            }),
        ),
        (
            "voucher_deduct_info",
            json!({
                "voucher_type": "FIX_VOUCHER",
                "fix_voucher_info": {"amount": "1.00", "floor_amount": "10.00"},
            }),
        ),
        (
            "voucher_use_rule_info",
            json!({
                "quantity_limit_per_user": 1,
                "voucher_use_time_info": {
                    "period_type": "RELATIVE", "relative_period_info": {"valid_days_after_receive": 7},
                },
            }),
        ),
        (
            "voucher_available_scope_info",
            json!({
                "voucher_available_account_info": {"available_pids": ["2088102111111111"]},
                "voucher_available_app_info": {"available_app_ids": ["2021000000000002"]},
                "voucher_available_geography_scope_info": {
                    "available_geography_scope_type": "SHOP",
                    "available_geography_shop_info": {
                        "available_shop_ids": ["2018011900502000000005124744"],
                    },
                },
                "voucher_available_goods_info": {"available_goods_sku_ids": ["tea"]},
            }),
        ),
        (
            "voucher_customer_guide_info",
            json!({"voucher_use_guide_info": {
                "use_guide_mode": ["MINI_APP"],
                "mini_app_use_guide_info": {
                    "mini_app_url": "alipays://platformapi/startapp?appId=2021000000000002",
                },
            }}),
        ),
        (
            "voucher_display_pattern_info",
            json!({
                "brand_name": "茶馆",
                "customer_service_mobile": "057188888888",
                "voucher_description": "全场通用",
                "voucher_image": display["voucher_image"],
                "voucher_image_url": link(&display["voucher_image"]),
                "voucher_detail_images": display["voucher_detail_images"],
                "voucher_detail_image_urls": [link(&display["voucher_detail_images"][0])],
            }),
        ),
    ];
    let queried = Call::query(&gateway, &id).succeed();
    let activity = get(&gateway, &format!("activity/{id}")).succeed();
    for (group, expected) in groups {
        assert_eq!(queried[group], expected);
        assert_eq!(activity[group], expected);
    }
    assert_eq!(
        queried["voucher_budget_supply_info"],
        json!({"budget_type": "RECHARGE", "voucher_recharge_info": {
            "recharge_type": "ALIPAY_BALANCE",
            "voucher_balance_recharge_info": {"amount": "10.00", "partner_id": "2088102111111113"},
        }})
    );
    let base = &queried["activity_base_info"];
    assert_eq!(base["activity_name"], request["activity_name"]);
    assert_eq!(base["belong_merchant_info"], request["belong_merchant_info"]);
    assert_eq!(base["activity_status"], "ACTIVE");
    // What was sent is there as well.
    for group in ["voucher_send_rule", "voucher_budget_info", "voucher_display_info"] {
        assert_eq!(queried[group], request[group]);
    }
    assert_eq!(activity["publish_start_time"], request["publish_start_time"]);
    for what in ["merchant", "app", "shop", "goods"] {
        let all =
            get(&gateway, &format!("activity/{id}/{what}/batchquery?page_num=1&page_size=20"));
        assert_eq!(all.succeed()["total_size"], 1, "{what}");
    }
}

#[test]
fn what_is_empty_in_the_older_style_is_absent_in_the_newer_one() {
    let gateway = gateway();
    let request = with(old_create_request("1", 10), "/voucher_use_rule/use_mode", "".into());
    let request = with(request, "/voucher_use_rule/available_store_ids", json!([]));
    let request = with(request, "/voucher_use_rule/available_app_ids", json!([]));
    let request = with(request, "/voucher_budget_info/amount", "10.00".into());
    let id = published(&gateway, &request);
    let queried = Call::query(&gateway, &id).succeed();
    assert_eq!(
        queried["voucher_available_scope_info"],
        json!({"voucher_available_account_info": {"available_pids": ["2088102111111111"]}})
    );
    assert_eq!(
        queried["voucher_customer_guide_info"],
        json!({"voucher_use_guide_info": {"use_guide_mode": ["CAN_USE"]}})
    );
    // Nothing is paid for this budget.
    assert_eq!(queried["voucher_budget_supply_info"], json!({"budget_type": "NO_CASH"}));
}

#[test]
fn query_has_the_newer_style_only_unless_the_older_was_sent() {
    let gateway = gateway();
    let logo = image(&gateway, "PROMO_BRAND_LOGO");
    let request = create_request("1", 10);
    let request = with(request, "/voucher_display_pattern_info/brand_logo", logo.as_str().into());
    let id = published(&gateway, &request);
    let queried = || Call::query(&gateway, &id).succeed();
    let display = &queried()["voucher_display_pattern_info"];
    assert_eq!(display["brand_logo"], json!(logo));
    assert_eq!(display["brand_logo_url"], format!("https://alipay-mock.invalid/images/{logo}"));
    for older in ["publish_end_time", "voucher_type", "voucher_send_rule", "voucher_use_rule"] {
        assert!(queried().get(older).is_none(), "{older}");
    }
    // A modify in the older style changes the newer one.
    let modify = json!({
        "activity_id": id, "out_biz_no": "2", "merchant_access_mode": "SELF_MODE",
        "publish_end_time": "2026-02-01 00:00:00",
        "voucher_use_rule": {
            "available_merchant": {"available_pids": ["2088102111111111", "2088102111111112"]},
        },
    });
    Call::post(&gateway, "modify", &modify).succeed();
    let queried = queried();
    assert_eq!(queried["publish_end_time"], "2026-02-01 00:00:00");
    let rule = &queried["voucher_send_mode_info"]["voucher_send_rule_info"];
    assert_eq!(rule["publish_end_time"], "2026-02-01 00:00:00");
    let pids = "/voucher_available_scope_info/voucher_available_account_info/available_pids";
    assert_eq!(queried.pointer(pids), Some(&json!(["2088102111111111", "2088102111111112"])));
}

/// A create request whose vouchers can be used for some days after they were received.
fn relative_request(key: &str, days: u64) -> Value {
    let time = json!({
        "period_type": "RELATIVE",
        "relative_period_info": {
            "valid_days_after_receive": days, "valid_days_relative_type": "ROUND_FORWARD",
        },
    });
    with(create_request(key, 10), "/voucher_use_rule_info/voucher_use_time_info", time)
}

/// The name, the voucher and the time of each message since the last time.
fn told(gateway: &Gateway) -> Vec<(String, Value, Value)> {
    let messages = gateway.take_messages().unwrap();
    let told = messages.iter().map(|message| {
        let name = message.name.rsplit('.').next().unwrap().to_owned();
        let content = support::content(message);
        (name, content["voucher_id"].clone(), content["event_time"].clone())
    });
    told.collect()
}

#[test]
fn vouchers_expire_once_with_a_message() {
    let gateway = gateway();
    // Until 3 January, and until 28 February.
    let relative = published(&gateway, &relative_request("1", 3));
    let absolute = published(&gateway, &create_request("2", 10));
    let (used, first) = (send(&gateway, &relative, "s1"), send(&gateway, &relative, "s2"));
    let last = send(&gateway, &absolute, "s3");
    gateway.clock().advance(DAY * 2);
    let second = {
        let request = json!({
            "activity_id": relative, "out_biz_no": "s4", "merchant_access_mode": "SELF_MODE",
            "open_id": "074a1CcTG1LelxKe4xQC0zgNd",
        });
        Call::post(&gateway, "send", &request).succeed()["voucher_id"].clone()
    };
    gateway.redeem(&used).unwrap();
    let _ = gateway.take_messages().unwrap();

    // The last second of validity is 3 January, 23:59:59 in Beijing.
    let end = 1_767_456_000_000_i64;
    gateway.clock().set(end - 1);
    assert_eq!(statuses(&gateway, ""), ["SENDED", "SENDED", "USED"]);
    assert_eq!(told(&gateway), []);
    gateway.clock().set(end);
    let messages = gateway.messages().unwrap();
    assert_eq!(messages.len(), 1);
    let content = support::content(&messages[0]);
    assert_eq!(content["activity_id"], json!(relative));
    assert_eq!((&content["user_id"], content.get("open_id")), (&json!(USER), None));
    assert_eq!(told(&gateway), [("expired".to_owned(), json!(first), json!(end.to_string()))]);
    assert_eq!(statuses(&gateway, ""), ["SENDED", "EXPIRED", "USED"]);
    assert_eq!(gateway.redeem(&first), Err(ControlError::Expired));

    // Many days later: in the order of time, and with the time at which it happened.
    gateway.clock().advance(DAY * 100);
    let messages = gateway.messages().unwrap();
    let content = support::content(&messages[0]);
    let open_id = (&content["open_id"], content.get("user_id"));
    assert_eq!(open_id, (&json!("074a1CcTG1LelxKe4xQC0zgNd"), None));
    let expired = |voucher: Value, at: &str| ("expired".to_owned(), voucher, json!(at));
    assert_eq!(
        told(&gateway),
        [expired(second, "1767628800000"), expired(json!(last), "1772294400000")]
    );
    // Once only, even if the clock goes back.
    gateway.clock().set(end - 1);
    assert_eq!(statuses(&gateway, ""), ["EXPIRED", "EXPIRED", "USED"]);
    gateway.clock().advance(DAY * 100);
    assert_eq!(told(&gateway), []);
}

#[test]
fn what_modify_extends_expires_later() {
    let gateway = builder().completion(Completion::After(DAY)).start_blocking().unwrap();
    let id = published(&gateway, &relative_request("1", 3));
    gateway.clock().advance(DAY);
    let early = send(&gateway, &id, "s1");
    let modify = |key: &str, days: u64| {
        let request = json!({
            "activity_id": id, "out_biz_no": key, "merchant_access_mode": "SELF_MODE",
            "voucher_use_rule_info": {"voucher_use_time_info": {
                "relative_period_info": {"valid_days_after_receive": days},
            }},
        });
        Call::post(&gateway, "modify", &request).succeed();
    };
    modify("m1", 5);
    let names = || told(&gateway).into_iter().map(|(name, ..)| name).collect::<Vec<_>>();
    assert_eq!(names(), ["created", "received"]);
    // The modify takes effect on the third, and moves the end from the fourth to the sixth.
    gateway.clock().advance(DAY * 4);
    assert_eq!(statuses(&gateway, ""), ["SENDED"]);
    assert_eq!(names(), ["modified"]);
    gateway.clock().advance(DAY);
    // What has expired stays so.
    assert_eq!(names(), ["expired"]);
    modify("m2", 30);
    gateway.clock().advance(DAY * 2);
    assert_eq!(names(), ["modified"]);
    assert_eq!(statuses(&gateway, ""), ["EXPIRED"]);
    assert_eq!(gateway.redeem(&early), Err(ControlError::Expired));
}
