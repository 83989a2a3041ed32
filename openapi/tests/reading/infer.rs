//! What is inferred from Alipay's texts, and what is not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use alipay_openapi::{
    Description, Scope, Strictness,
    diag::{Diagnostics, Sink},
    infer::{Inferred, infer, tags, within},
    ir::{Api, Confidence, Field, Ty},
    load::{Source, load, parse},
    overlay::{self, Layers},
};
use serde_json::{Map, Value, json};

/// A description with these properties in a request.
fn described(properties: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/v3/shop/pay": {"post": {
            "operationId": "shop.pay",
            "tags": ["shop"],
            "parameters": [
                {"name": "kind", "in": "query", "schema": {"type": "string"}},
                {
                    "name": "since",
                    "in": "query",
                    "description": "起始时间",
                    "schema": {"type": "string", "example": "2026-01-31 08:30:00"},
                },
            ],
            "requestBody": {"content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/ShopPayModel",
            }}}},
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/ShopPayResponseModel",
            }}}}},
        }}},
        "components": {"schemas": {
            "ShopPayModel": {"type": "object", "properties": properties},
            "ShopPayResponseModel": {"type": "object"},
        }},
    })
}

fn inferred_with(description: &Value, table: Option<&str>) -> (Inferred, Diagnostics) {
    let mut sink = Sink::new();
    let raw = load(&Source::new("alipay.json", description.to_string()), &mut sink).unwrap();
    let table = table.map(|text| Source::new("required.tsv", text));
    let inferred = infer(&raw, table.as_ref(), &mut sink);
    (inferred, sink.finish())
}

fn inferred(description: &Value) -> Inferred {
    let (inferred, findings) = inferred_with(description, None);
    assert!(findings.is_empty(), "{findings}");
    inferred
}

fn overlay_of(inferred: &Inferred) -> &str {
    inferred.overlay.as_ref().unwrap()
}

/// The actions of an overlay: target, rule and update.
fn actions(inferred: &Inferred) -> Vec<(String, String, Value)> {
    let overlay = parse(&Source::new("inferred.yaml", overlay_of(inferred)), &mut Sink::new());
    let overlay = overlay.unwrap().value;
    let text = |action: &Value, key: &str| action[key].as_str().unwrap().to_owned();
    let actions = overlay["actions"].as_array().unwrap();
    actions
        .iter()
        .map(|action| (text(action, "target"), text(action, "x-rule"), action["update"].clone()))
        .collect()
}

/// What is inferred of a property, by all rules together.
fn of_property(name: &str, schema: &Value) -> Value {
    let description = described(&json!({name: schema}));
    let mut all = Map::new();
    for (target, _, update) in actions(&inferred(&description)) {
        if target == "$.components.schemas.ShopPayModel.properties" {
            all.extend(update[name].as_object().unwrap().clone());
        }
    }
    Value::Object(all)
}

/// The same for a string with a text and an example.
fn of_string(name: &str, text: &str, example: &str) -> Value {
    let mut schema = json!({"type": "string", "description": text});
    if !example.is_empty() {
        schema["example"] = json!(example);
    }
    of_property(name, &schema)
}

#[test]
fn an_amount_in_yuan_has_a_unit_and_the_name_of_money() {
    let yuan = json!({"format": "decimal", "x-alipay-unit": "yuan"});
    for (name, text, example) in [
        ("total_amount", "订单总额，单位为元", "88.88"),
        ("fee", "运费(单位：元)", ""),
        ("unit_price", "单价（元）", "3"),
        ("freeze_balance", "币种为人民币", "0.01"),
        ("refundAmount", "单位为“元”", "1.5"),
        ("discount_amount", "商家折扣的金额；单位元；", "1.00"),
        ("pay_money", "保留小数点后两位", "20.00"),
    ] {
        assert_eq!(of_string(name, text, example), yuan, "{name}: {text}");
    }
    for (name, text, example) in [
        // Only the name, or only the unit.
        ("total_amount", "订单总额", "88.88"),
        ("worth", "价值，单位为元", "8"),
        // Amounts in fen are strings, too.
        ("total_amount", "总额，以分为单位", "8888"),
        ("price", "单位：分", "100"),
        ("amount", "日元以元为单位，其他以（分）为单位", "10"),
        // Rates, weights, percentages, minutes, and numbers of things.
        ("fee_rate", "服务费率，小数点后两位", "0.38"),
        ("fee", "费率（%），小数点后两位", "0.38"),
        ("amount", "包裹的重量，单位kg，小数点后两位", "1.50"),
        ("deposit", "停车时长，单位：分钟，小数点后两位", "1.00"),
        ("balance", "次卡：剩余次数，单位次；储值：余额，单位元", "5"),
        ("salary_unit_price", "元/小时、元/天，单位为元", "3"),
        // What goes with an amount.
        ("fee_currency", "币种（元）", "CNY"),
        ("amount_type", "金额类型，单位为元", "A"),
        ("amount", "形如{\"amount\":\"1\"}，单位为元", ""),
        // More decimals than money has.
        ("unit_price", "单价（元），可精确到小数点后8位", ""),
        ("price", "单价，格式为2位小数，最大支持6位小数，单位元", ""),
    ] {
        assert_eq!(of_string(name, text, example), json!({}), "{name}: {text}");
    }
    // The unit price on an invoice.
    let price = json!({"type": "string", "description": "单价（元）", "example": "100"});
    let rate = json!({"type": "string", "description": "税率"});
    let found = actions(&inferred(&described(&json!({"price": price, "tax_rate": rate}))));
    assert!(found.iter().all(|(_, rule, _)| rule != "yuan"), "{found:?}");
    let integer = json!({"type": "integer", "description": "单位为元"});
    assert_eq!(of_property("amount", &integer), json!({}));
}

#[test]
fn times_are_those_of_their_examples() {
    const TIME: &str = "2026-01-31 08:30:00";
    for (name, text, example, format) in [
        ("gmt_create", "", TIME, "local-date-time"),
        ("dead_line", "截止日期", TIME, "local-date-time"),
        ("invoice_date", "开票日期", "2026-01-31", "local-date"),
        ("valid_date", "格式为yyyy-MM-dd，9999-12-31表示长期", "9999-12-31", "local-date"),
        ("service_time_start", "开始时间", "07:00:00", "local-time"),
    ] {
        assert_eq!(of_string(name, text, example), json!({"format": format}), "{name}: {text}");
    }
    for (name, text, example) in [
        // Only the words.
        ("gmt_create", "格式为yyyy-MM-dd HH:mm:ss", ""),
        ("gmt_create", "创建时间", "2026-01-31 08:30"),
        // The example has not the time zone that the text speaks of.
        ("create_time", "采用UTC时间，按照ISO8601标准表示", TIME),
        ("current_time", "当前时间戳", TIME),
        ("gmt_create", "毫秒", TIME),
        ("remark", "备注", TIME),
        // No value is one.
        ("gmt_create", "创建时间", "2026-02-30 08:30:00"),
        // Other forms are allowed as well.
        ("start_date", "yyyy-mm-dd 或 yyyy-mm-dd hh:mm:ss", "2026-01-31"),
        ("bill_date", "日账单为yyyy-MM-dd，月账单为yyyy-MM", "2026-01-31"),
        ("licence_date", "2020-10-20或长期", "2026-01-31"),
        ("expire_date", "长期有效时传“forever”", "2026-01-31"),
        ("date_limitation", "营业期限", "2026-01-31"),
        ("licence", "许可证", "2026-01-31"),
        ("shift", "班次", "07:00:00"),
    ] {
        assert_eq!(of_string(name, text, example), json!({}), "{name}: {text}");
    }
}

#[test]
fn one_time_in_utc_speaks_for_those_of_its_domain() {
    let time = |text: &str| json!({"type": "string", "description": text, "example": "2026-01-31 08:30:00"});
    let of_domains = |text: &str, other: &str| {
        let mut description = described(&json!({"update_time": time("更新时间")}));
        description["paths"]["/v3/shop/pay"]["post"]["tags"] = json!(["alipay.shop.pay"]);
        let mut agent = description["paths"]["/v3/shop/pay"].clone();
        agent["post"]["operationId"] = json!("shop.agent");
        agent["post"]["tags"] = json!([other]);
        agent["post"]["requestBody"] = json!({});
        agent["post"]["parameters"] = json!([]);
        agent["post"]["responses"]["200"]["content"]["application/json"]["schema"] =
            json!({"type": "object", "properties": {"create_time": time(text)}});
        description["paths"]["/v3/shop/agent"] = agent;
        actions(&inferred(&description)).len()
    };
    // The time and the parameter of `pay`, and the time of `agent`.
    assert_eq!(of_domains("创建时间", "alipay.shop.agent"), 3);
    assert_eq!(of_domains("采用UTC时间", "alipay.shop.agent"), 0);
    assert_eq!(of_domains("采用UTC时间", "alipay.office.agent"), 2);
    // A number of seconds says nothing of times.
    assert_eq!(of_domains("UTC 时间戳，单位：秒", "alipay.shop.agent"), 2);
    let properties = json!({"create_time": time("采用UTC时间"), "update_time": time("更新时间")});
    let found = actions(&inferred(&described(&properties)));
    assert!(found.iter().all(|(target, ..)| !target.contains("ShopPayModel")), "{found:?}");
}

#[test]
fn of_a_period_whose_ends_are_of_two_types_neither_is_inferred() {
    let time = |example: &str| json!({"type": "string", "description": "时间", "example": example});
    let period = |start: &str, end: &str| {
        let properties = json!({"start_date": time(start), "end_date": time(end)});
        let found = actions(&inferred(&described(&properties)));
        found.iter().filter(|(target, ..)| target.contains("ShopPayModel")).count()
    };
    assert_eq!(period("2026-01-31 08:30:00", "2026-02-28"), 0);
    assert_eq!(period("2026-01-31", "2026-02-28"), 1);
    // What is no time at all is another way to say it.
    assert_eq!(period("NowTime", "2026-02-28"), 1);
}

#[test]
fn listed_values_make_an_open_enum() {
    let open = |values: &[&str], meanings: &Value| {
        let mut update = json!({"x-extensible-enum": values});
        if *meanings != json!({}) {
            update["x-enum-descriptions"] = meanings.clone();
        }
        update
    };
    for (name, text, example, values, meanings) in [
        (
            "status",
            "状态：INIT：初始；PAID-已付 DONE（完成）",
            "PAID",
            &["INIT", "PAID", "DONE"][..],
            json!({"INIT": "初始", "PAID": "已付", "DONE": "完成"}),
        ),
        // A meaning that is a sentence is Alipay's.
        (
            "mode",
            "UPLOAD：商户上传，发券时随机选取 API：指定券码",
            "",
            &["UPLOAD", "API"],
            json!({"API": "指定券码"}),
        ),
        ("passed", "T:通过；F:不通过", "T", &["T", "F"], json!({"T": "通过", "F": "不通过"})),
        ("type", "01：在线，02：线下", "", &["01", "02"], json!({"01": "在线", "02": "线下"})),
        ("level", "2-高，1-低", "1", &["2", "1"], json!({"2": "高", "1": "低"})),
        ("kind", "PACKET<br>A：甲<br/>B：乙", "A", &["A", "B"], json!({"A": "甲", "B": "乙"})),
        // What means one thing here and another thing there has no name.
        ("code", "01：停；02：延。其他商户：01：已延", "01", &["01", "02"], json!({"02": "延"})),
    ] {
        assert_eq!(of_string(name, text, example), open(values, &meanings), "{name}: {text}");
    }
    for (name, text, example) in [
        // One value, or none that the example is.
        ("status", "INIT：初始", "INIT"),
        ("status", "INIT：初始；PAID：已付", "CLOSED"),
        ("gmt_pay", "格式：YYYY-MM-DD HH：时 MM：分", "2026"),
        // Several values in one string.
        ("status", "INIT：初始；PAID：已付；多个状态以逗号分隔", "INIT"),
        ("pay_type", "1：在线；2：现金；如支持多种方式以','连接", "2"),
        ("status", "A：甲；B：乙；A,B：两者", "A"),
        ("school", "1：小学；2：初中；可以连写，比如：12：两者", "1"),
        ("status", "JSON，INIT：初始；PAID：已付", ""),
        // What lists values is not always one of them.
        ("amount", "FUND：核销的金额；COUPON：核销的券", ""),
        ("rule_value", "CONST：直接取值；REQUEST：按请求取值", ""),
        ("passed", "T:通过；F:不通过", ""),
        ("address", "例1：道路门牌号；例2：建筑物", ""),
        ("opening", "营业时间12:00到13:00，1：是", ""),
    ] {
        assert_eq!(of_string(name, text, example), json!({}), "{name}: {text}");
    }
    let list = json!({
        "type": "array",
        "items": {"type": "string"},
        "description": "A：甲；B：乙",
        "example": ["B", "A"],
    });
    let items = open(&["A", "B"], &json!({"A": "甲", "B": "乙"}));
    assert_eq!(of_property("kinds", &list), json!({"items": items}));
}

#[test]
fn marks_are_what_a_clause_says() {
    let deprecated = json!({"deprecated": true});
    for text in [
        "该参数废弃",
        "已废弃，请勿使用",
        "总个数(废弃)",
        "【已废弃】",
        "注意：此字段已废弃。",
        "该字段已作废，长期有效",
        "用户号,该参数已废弃，请不要使用",
    ] {
        assert_eq!(of_string("note", text, ""), deprecated, "{text}");
    }
    for text in [
        "01：待审，03：已作废",
        "营业税已经在大部分行业废弃",
        "该字段将废弃，可用别的字段替换",
        "后续废弃",
        "不推荐使用",
        "活动状态，已下线",
    ] {
        assert_eq!(of_string("note", text, "").get("deprecated"), None, "{text}");
    }
    let marked = json!({"type": "string", "description": "已废弃", "deprecated": true});
    assert_eq!(of_property("note", &marked), json!({}));
    let range = json!({"x-alipay-limits": ["From 1 to 100, both included."]});
    assert_eq!(of_string("page_size", "取值范围：[1,100]", "20"), range);
    for text in
        ["取值范围(0,100]", "甲取值范围[1,2]，乙取值范围[3,4]", "取值范围1m～15d", "[1,100]"]
    {
        assert_eq!(of_string("page_size", text, "20"), json!({}), "{text}");
    }
}

#[test]
fn parameters_and_keys_have_targets_of_their_own() {
    let key =
        json!({"type": "string", "description": "幂等作用：再次请求返回与上一次相同的结果。"});
    let found = actions(&inferred(&described(&json!({"out_biz_no": key}))));
    let of_operation = "$.paths['/v3/shop/pay'].post";
    assert_eq!(
        found,
        [
            (
                of_operation.to_owned(),
                "idempotency-key".to_owned(),
                json!({"x-alipay-idempotency-key": "out_biz_no"})
            ),
            (
                format!("{of_operation}.parameters[1].schema"),
                "date-time".to_owned(),
                json!({"format": "local-date-time"})
            ),
        ]
    );
    // Of two keys, neither alone makes a repeat harmless.
    let found = actions(&inferred(&described(&json!({"out_biz_no": key, "no": key}))));
    assert!(found.iter().all(|(_, rule, _)| rule != "idempotency-key"), "{found:?}");
}

#[test]
fn the_table_of_required_fields_is_documentation() {
    let description = described(&json!({"total_amount": {"type": "string"}}));
    let table = "# names\nshop.pay\tkind total_amount total_amont\nshop.pey\tkind\n";
    let (inferred, findings) = inferred_with(&description, Some(table));
    let required = json!({"x-alipay-required": "Required."});
    let found = actions(&inferred);
    assert_eq!(found[0].0, "$.paths['/v3/shop/pay'].post.parameters[0]");
    assert_eq!(found[0].2, required);
    let (_, rule, update) = found.last().unwrap();
    assert_eq!((rule.as_str(), update), ("required-secondary", &json!({"total_amount": required})));
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["unknown-required"; 2], "{findings}");
    let text = findings.to_string();
    assert!(text.contains("required.tsv:2:1") && text.contains("required.tsv:3:1"), "{text}");
    assert!(
        text.contains("did you mean `total_amount`?") && text.contains("`shop.pay`?"),
        "{text}"
    );
}

#[test]
fn an_example_that_does_not_fit_counts_against_the_rule() {
    let amount =
        |example: &str| json!({"type": "string", "description": "单位为元", "example": example});
    // One of a hundred is left out; one of fifty speaks against the rule.
    for (many, wanted) in [(99, 99), (49, 0)] {
        let mut properties = Map::new();
        for number in 0..many {
            properties.insert(format!("amount_{number}"), amount("1.00"));
        }
        properties.insert("odd_amount".to_owned(), amount("3元"));
        let (inferred, findings) = inferred_with(&described(&Value::Object(properties)), None);
        let yuan = inferred.found.iter().find(|found| found.rule == "yuan").unwrap();
        assert_eq!((yuan.places, yuan.misfits), (wanted, 1), "{findings}");
        assert!(!overlay_of(&inferred).contains("odd_amount"));
        let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, if wanted == 0 { vec!["imprecise-rule"] } else { vec![] });
    }
}

#[test]
fn a_base_says_nothing_since_its_texts_are_left_out() {
    let mut base = described(&json!({"total_amount": {"type": "string", "title": "单位为元"}}));
    base["info"]["x-text"] = json!("0123abcd");
    let (inferred, findings) = inferred_with(&base, None);
    assert!(findings.is_empty(), "{findings}");
    assert_eq!(inferred, Inferred { overlay: None, found: Vec::new() });
}

#[test]
fn the_tags_of_which_something_is_inferred_are_known() {
    let mut description =
        described(&json!({"total_amount": {"type": "string", "description": "单位为元"}}));
    description["paths"]["/v3/shop/pay"]["post"]["parameters"] = json!([]);
    let mut other = description["paths"]["/v3/shop/pay"].clone();
    other["post"]["operationId"] = json!("till.open");
    other["post"]["tags"] = json!(["till"]);
    other["post"].as_object_mut().unwrap().remove("requestBody");
    description["paths"]["/v3/till/open"] = other;
    let weak = Source::new("inferred.yaml", overlay_of(&inferred(&description)));
    let raw = load(&Source::new("alipay.json", description.to_string()), &mut Sink::new()).unwrap();
    let tags = tags(&raw, &weak, &mut Sink::new()).unwrap();
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), ["shop"]);
}

#[test]
fn a_damaged_layer_is_an_error_and_no_empty_one() {
    let description = described(&json!({"fee": {"type": "string", "description": "单位为元"}}));
    let base = Source::new("alipay.json", description.to_string());
    let raw = load(&base, &mut Sink::new()).unwrap();
    let head = "overlay: 1.0.0\ninfo: {title: T, version: '1'}\n";
    for (layer, code) in [
        (head.to_owned(), "overlay-structure"),
        (format!("{head}actions: {{}}\n"), "overlay-structure"),
        ("actions: []\n".to_owned(), "not-an-overlay"),
    ] {
        let layer = Source::new("inferred.yaml", layer);
        let (mut of_tags, mut of_part) = (Sink::new(), Sink::new());
        let _ = tags(&raw, &layer, &mut of_tags);
        assert_eq!(within(&layer, &base, &mut of_part), None);
        for sink in [of_tags, of_part] {
            let findings = sink.finish();
            assert!(findings.has_errors(), "{layer:?}");
            assert!(findings.iter().any(|finding| finding.code == code), "{findings}");
        }
    }
}

/// What a description means with what is inferred, and with an overlay of a person.
fn understood(properties: &Value, overlay: Option<&str>) -> (Api, Diagnostics) {
    let description = described(properties);
    let weak = Source::new("inferred.yaml", overlay_of(&inferred(&description)));
    let head = "overlay: 1.0.0\ninfo:\n  title: More\n  version: \"1\"\nactions:\n";
    let overlay = overlay.map(|text| Source::new("overlay.yaml", format!("{head}{text}")));
    let base = Source::new("alipay.json", description.to_string());
    let description = Description::new(base).inferred(Some(weak)).overlay(overlay);
    let mut sink = Sink::new();
    let api = description.read(&mut sink);
    let findings = sink.finish();
    assert!(api.is_some(), "{findings}");
    (api.unwrap().1, findings)
}

fn field<'a>(api: &'a Api, wire: &str) -> &'a Field {
    api.structs.iter().flat_map(|item| &item.fields).find(|field| field.wire == wire).unwrap()
}

#[test]
fn what_is_inferred_decides_on_types_and_says_so() {
    let properties = json!({
        "total_amount": {"type": "string", "description": "单位为元"},
        "fees": {"type": "array", "items": {"type": "string"}, "description": "单位为元"},
    });
    let (api, findings) = understood(&properties, None);
    assert!(findings.is_empty(), "{findings}");
    let amount = field(&api, "total_amount");
    assert_eq!((&amount.ty, amount.ty_confidence), (&Ty::Yuan, Confidence::Inferred));
    let fees = field(&api, "fees");
    assert_eq!(fees.ty, Ty::List(Box::new(Ty::Yuan)));
    assert_eq!(fees.ty_confidence, Confidence::Inferred);
    let since = field(&api, "since");
    assert_eq!((&since.ty, since.ty_confidence), (&Ty::LocalDateTime, Confidence::Inferred));
}

#[test]
fn an_enum_gives_way_to_a_type_and_an_operation_of_its_name() {
    let listed = json!({"type": "string", "description": "A：甲；B：乙", "example": "A"});
    let properties = json!({
        "scene": listed,
        "pay": listed,
        "status": listed,
        "royalty": {"$ref": "#/components/schemas/Scene"},
    });
    let mut description = described(&properties);
    description["components"]["schemas"]["Scene"] =
        json!({"type": "object", "properties": {"id": {"type": "string"}}});
    let weak = Source::new("inferred.yaml", overlay_of(&inferred(&description)));
    let base = Source::new("alipay.json", description.to_string());
    let api = Description::new(base).inferred(Some(weak)).api().unwrap();
    let names: Vec<_> = api.enums.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["ShopPayRequestScene", "ShopPayRequestPay", "Status"]);
}

#[test]
fn people_change_and_confirm_what_is_inferred() {
    let properties = json!({
        "total_amount": {"type": "string", "description": "单位为元"},
        "fee": {"type": "string", "description": "单位为元"},
        "status": {"type": "string", "description": "A：甲；B：乙", "example": "A"},
        "type": {"type": "string", "description": "A：甲；B：乙", "example": "A"},
    });
    let action = |update: &str| {
        format!(
            "- target: $.components.schemas.ShopPayModel.properties\n  x-confidence: documented\n  \
             x-source: Y\n  update: {update}\n"
        )
    };
    let overlay = action("{total_amount: {format: decimal, x-alipay-unit: yuan}}")
        + &action("{fee: {format: decimal}}")
        + &action("{status: {x-extensible-enum: [A, C]}, type: {format: local-date}}");
    let (api, findings) = understood(&properties, Some(&overlay));
    assert!(findings.is_empty(), "{findings}");
    let known = |wire: &str| (field(&api, wire).ty.clone(), field(&api, wire).ty_confidence);
    assert_eq!(known("total_amount"), (Ty::Yuan, Confidence::Documented));
    // Nothing is left of the rest that was inferred.
    assert_eq!(known("fee"), (Ty::Decimal, Confidence::Documented));
    assert_eq!(known("type"), (Ty::LocalDate, Confidence::Documented));
    let values: Vec<_> =
        api.enums[0].values.iter().map(|value| (&value.wire, &value.meaning)).collect();
    assert_eq!(values, [(&"A".to_owned(), &None), (&"C".to_owned(), &None)]);
    assert_eq!(api.enums[0].confidence, Confidence::Documented);
}

#[test]
fn a_word_of_a_person_that_takes_out_what_is_inferred_is_needed() {
    let source = |confidence: &str, update: &str| {
        let text = format!(
            "overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n\
             - target: $.components.schemas.ShopPayModel.properties.fee\n  \
             x-confidence: {confidence}\n  x-source: Y\n  update: {update}\n"
        );
        Some(Source::new(format!("{confidence}.yaml"), text))
    };
    let base = described(&json!({"fee": {"type": "string", "format": "decimal"}}));
    let read = |person: Option<Source>| {
        let base = Source::new("alipay.json", base.to_string());
        let description =
            Description::new(base).inferred(source("inferred", "{x-alipay-unit: yuan}"));
        let mut sink = Sink::new();
        let api = description.overlay(person).read(&mut sink).unwrap().1;
        (field(&api, "fee").ty.clone(), sink.finish().to_string())
    };
    assert_eq!(read(None), (Ty::Yuan, String::new()));
    assert_eq!(read(source("documented", "{format: decimal}")), (Ty::Decimal, String::new()));
}

#[test]
fn what_does_not_fit_is_only_inferred() {
    let whole = described(&json!({"total_amount": {"type": "string", "description": "单位为元"}}));
    let weak = Source::new("inferred.yaml", overlay_of(&inferred(&whole)));
    let mut other = described(&json!({"note": {"type": "string"}}));
    other["paths"]["/v3/shop/pay"]["post"]["parameters"].as_array_mut().unwrap().pop();
    let base = load(&Source::new("base.json", other.to_string()), &mut Sink::new()).unwrap();
    let layers = Layers { inferred: Some(&weak), ..Layers::default() };
    let mut sink = Sink::new();
    let document =
        overlay::apply(base, layers, &Scope::default(), Strictness::Whole, &mut sink).unwrap();
    let findings = sink.finish();
    assert!(findings.is_empty(), "{findings}");
    assert_eq!(
        document.value.pointer("/components/schemas/ShopPayModel/properties/total_amount"),
        None
    );
}
