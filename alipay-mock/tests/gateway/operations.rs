//! What programs are told of operations.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use alipay_mock::description::{Field, Operations, Request, Required};

fn operations() -> Operations {
    Operations::of_alipay().unwrap()
}

#[test]
fn operations_are_found_by_their_names() {
    let operations = operations();
    assert_eq!(operations.all().len(), 746);
    let query = operations.find(" alipay.trade.query ").unwrap();
    for name in ["POST /v3/alipay/trade/query", "post  /v3/alipay/trade/query "] {
        assert_eq!(operations.find(name).unwrap().id(), query.id(), "{name}");
    }
    assert!(operations.find("GET /v3/alipay/trade/query").is_none());
    let named = operations.search("支付券 CREATE");
    assert_eq!(named[0].id(), "alipay.marketing.activity.voucher.create");

    let one = operations.find("GET /v3/alipay/marketing/activity/2016").unwrap();
    assert_eq!(one.path(), "/v3/alipay/marketing/activity/{activity_id}");
    let values = one.values_of("/v3/alipay/marketing/activity/20%2F16").unwrap();
    assert_eq!(values, [("activity_id".to_owned(), "20/16".to_owned())]);
    assert_eq!(one.values_of("/v3/alipay/trade/query"), None);
}

#[test]
fn each_example_passes_the_check() {
    for operation in operations().all() {
        let example = operation.example();
        let findings = operation.check(&example.to_request());
        assert_eq!(findings, [], "{}: {example:?}", operation.id());
        let fields = operation.request_fields();
        let deprecated = fields.iter().filter(|field| field.depth() == 0 && field.is_deprecated());
        for field in deprecated.filter(|field| field.required() != Required::Yes) {
            let body = example.body.as_ref();
            assert!(body.is_none_or(|body| !body.contains_key(field.name())), "{field:?}");
        }
    }
}

#[test]
fn fields_are_described_at_each_depth() {
    let operations = operations();
    let field = |id: &str, path: &str| -> Field<'_> {
        let fields = operations.find(id).unwrap().request_fields();
        fields.into_iter().find(|field| field.path() == path).unwrap()
    };
    let price = field("alipay.trade.pay", "goods_detail[].price");
    assert_eq!((price.name(), price.depth(), price.place()), ("price", 1, "body"));
    let create = "alipay.marketing.activity.voucher.create";
    let number = field("alipay.marketing.activity.voucher.append", "out_biz_no");
    assert_eq!((number.required(), number.type_name().as_str()), (Required::Yes, "string"));
    assert!(number.limits().contains(&"at most 64 characters".to_owned()));
    assert!(!number.title().is_empty());
    assert!(field(create, "merchant_access_mode").values().contains(&"SELF_MODE".to_owned()));
    let refund = field("alipay.trade.refund", "refund_amount");
    assert_eq!(refund.type_name(), "decimal string, yuan");

    let messages = operations.messages();
    let named =
        |name: &str| messages.iter().find(|message| message.name().ends_with(name)).unwrap();
    assert_eq!(named(".created").title(), "券活动创建通知");
    assert!(named(".created").fields().iter().any(|field| field.name() == "activity_id"));
}

#[test]
fn all_findings_have_pointers() {
    let operations = operations();
    let create = operations.find("alipay.marketing.activity.voucher.create").unwrap();
    let wrong = r#"{"a/b~c":1,"out_biz_no":7,"voucher_display_info":{"x":1}}"#;
    let findings = create.check(&Request::new().body(wrong));
    let found: Vec<_> = findings.iter().map(|f| (f.pointer.as_str(), f.issue.as_str())).collect();
    for expected in [
        ("/a~1b~0c", "UNKNOWN_FIELD"),
        ("/out_biz_no", "WRONG_TYPE"),
        ("/voucher_display_info/x", "UNKNOWN_FIELD"),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    assert!(findings.iter().all(|finding| finding.place == "body"));

    let pay = operations.find("alipay.trade.pay").unwrap();
    let wrong = r#"{"goods_detail":[{"goods_name":"a"},{"goods_name":1,"goods_nam":"b"}]}"#;
    let findings = pay.check(&Request::new().body(wrong));
    let found: Vec<_> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
    assert!(found.contains(&"/goods_detail/1/goods_name"), "{findings:?}");
    assert!(found.contains(&"/goods_detail/1/goods_nam"), "{findings:?}");

    // More than a response names.
    let many: Vec<_> = (0..50).map(|number| format!("\"f{number}\":1")).collect();
    let many = create.check(&Request::new().body(format!("{{{}}}", many.join(","))));
    assert!(many.iter().filter(|finding| finding.issue == "UNKNOWN_FIELD").count() == 50);

    for body in ["", "[]", "{\"a\":1,\"a\":2}", "\u{feff}{}"] {
        let finding = &create.check(&Request::new().body(body))[0];
        assert_eq!((finding.issue.as_str(), finding.pointer.as_str()), ("illegal-json", ""));
    }
}

#[test]
fn queries_paths_and_files_are_checked() {
    let operations = operations();
    let one = operations.find("alipay.marketing.activity.query").unwrap();
    let places = |request: &Request| -> Vec<(&str, String)> {
        one.check(request).into_iter().map(|finding| (finding.place, finding.pointer)).collect()
    };
    let right = one.example().to_request();
    assert_eq!(places(&right), []);
    assert!(places(&Request::new()).contains(&("path", "/activity_id".to_owned())));
    assert_eq!(places(&right.clone().query("x y&z", "1")), [("query", "/x y&z".to_owned())]);
    assert_eq!(places(&right.clone().path("other", "1")), [("path", "/other".to_owned())]);
    assert_eq!(places(&right.file("a")), [("body", "/a".to_owned())]);

    let upload = operations.all().into_iter().find(|one| !one.example().files.is_empty()).unwrap();
    let findings = upload.check(&Request::new().body("{}").file("no_such_part"));
    assert!(findings.iter().any(|finding| finding.pointer == "/no_such_part"), "{findings:?}");
}
