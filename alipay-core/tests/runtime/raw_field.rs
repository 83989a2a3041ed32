//! Values that a caller puts into a request as they are.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking; the models are written like generated ones"
)]

use std::collections::HashMap;

use crate::{common, shop};

use alipay_core::{
    Call, Client, Error, ErrorKind, Model, Outcome, Prepared, Response,
    encrypt::AesKey,
    model, operation,
    transport::TransportErrorKind,
    value::{File, Json},
};
use common::{
    Create, Order as Stores, OrderRequest, Query, QueryRequest, Send, Stop, builder, client,
    create_request, credentials, query_request,
    script::{Script, Step},
    send_request, signed,
};
use serde_json::json;
use shop::{Goods, Order, Owner, Search};

operation! {
    /// With fields of all kinds.
    pub enum Pay {
        id: "alipay.shop.pay",
        http: Post "/v3/alipay/shop/pay",
        request: Order,
        reply: Response<Owner>,
        idempotent_by: "out_biz_no",
    }
}
operation! {
    /// With path, query and body.
    pub enum Find {
        id: "alipay.shop.find",
        http: Post "/v3/alipay/shop/{activity_id}/find",
        request: Search,
        reply: Response<Owner>,
    }
}
model! {
    /// Fields of one name, a header, and two parameters in one part of the path.
    pub struct Odd: optional {
        pub id: Option<String> = path("id"),
        pub of_query: Option<String> = query("id"),
        pub of_body: Option<String> = body("id"),
        pub day: Option<String> = path("day"),
        pub shop: Option<String> = header("x-shop"),
        pub tags: Option<Vec<String>> = query("tags"),
        pub any: Option<Json> = body("any"),
    }
}
operation! {
    /// Like no operation of Alipay's.
    pub enum Strange {
        id: "alipay.shop.strange",
        http: Post "/v3/{id}/x-{day}/{id}-{day}",
        request: Odd,
        reply: Response<Owner>,
    }
}
operation! {
    /// Whose key stands in several places.
    pub enum Keyed {
        id: "alipay.shop.keyed",
        http: Post "/v3/{id}/{day}",
        request: Odd,
        reply: Response<Owner>,
        idempotent_by: "id",
    }
}
operation! {
    /// The same without the part that two share.
    pub enum Plain {
        id: "alipay.shop.plain",
        http: Post "/v3/{id}/x-{day}.json/{id}",
        request: Odd,
        reply: Response<Owner>,
    }
}
model! {
    /// A file and what goes with it.
    pub struct Photo: optional {
        pub biz_code: Option<String> = body("biz_code"),
        pub photo: Option<File> = file("photo"),
    }
}
operation! {
    /// An upload.
    pub enum Upload {
        id: "alipay.shop.upload",
        http: Post "/v3/alipay/shop/upload",
        request: Photo,
        reply: Response<Owner>,
    }
}

fn order() -> Order {
    let seller = Owner { city: Some("杭州".to_owned()), ..Owner::default() };
    let goods = |id: &str| Goods {
        id: id.to_owned(),
        price: "1.00".parse().unwrap(),
        seller: seller.clone(),
        tags: vec!["a".to_owned()],
    };
    let goods = Some(vec![goods("1"), goods("2")]);
    Order { out_biz_no: "n-1".to_owned(), quantity: 1, goods, ..Model::blank() }
}

fn pay() -> Call<Pay> {
    Call::new(&client(), &order())
}

fn odd() -> Odd {
    Odd {
        id: Some("a/1".to_owned()),
        of_query: Some("b".to_owned()),
        of_body: Some("c".to_owned()),
        day: Some("d".to_owned()),
        shop: Some("e".to_owned()),
        tags: Some(vec!["f".to_owned(), "g".to_owned()]),
        any: Some("{ \"rate\": 1.10, \"list\": [ ] }".parse().unwrap()),
    }
}

fn body(call: Call<impl alipay_core::operation::Operation>) -> String {
    text(&call.prepare().unwrap())
}

fn text(prepared: &Prepared) -> String {
    String::from_utf8(prepared.request().body().as_bytes().unwrap().to_vec()).unwrap()
}

fn target(call: Call<impl alipay_core::operation::Operation>) -> String {
    call.prepare().unwrap().request().uri().path_and_query().unwrap().to_string()
}

#[test]
fn a_value_of_the_body_is_replaced_and_nothing_else() {
    let sent = body(pay());
    let price = |value: &str| sent.replacen("\"price\":\"1.00\"", &format!("\"price\":{value}"), 1);
    let second = |value: &str| {
        let (first, second) = sent.split_once("\"id\":\"2\"").unwrap();
        format!("{first}\"id\":{value}{second}")
    };
    assert_eq!(body(pay().raw_field("/goods/0/price", "12.345")), price("\"12.345\""));
    assert_eq!(body(pay().raw_field("/goods/0/price", 12)), price("12"));
    assert_eq!(body(pay().raw_field("/goods/0/price", true)), price("true"));
    assert_eq!(body(pay().raw_field("/goods/0/price", None::<i64>)), price("null"));
    assert_eq!(body(pay().raw_field("/goods/0/price", "\"}\n")), price(r#""\"}\n""#));
    assert_eq!(
        body(pay().raw_field("/goods/1/id", json!(["x", {"y": 1}]))),
        second(r#"["x",{"y":1}]"#)
    );
    // Numbers of any length.
    let long: Json = "12345678901234567890.10".parse().unwrap();
    assert_eq!(body(pay().raw_field("/goods/1/id", &long)), second(long.as_str()));
    assert_eq!(body(pay().raw_field("/goods/1/id", u128::MAX)), second(&u128::MAX.to_string()));
    // Models, too.
    let owner = Owner { city: Some("上海".to_owned()), ..Owner::default() };
    let seller = r#""seller":{"city":"杭州"}"#;
    assert_eq!(
        body(pay().raw_field("/goods/0/seller", &owner)),
        sent.replacen(seller, r#""seller":{"city":"上海"}"#, 1)
    );
    let whole = body(pay().raw_field("/goods", [1]));
    assert!(whole.contains(r#""goods":[1]"#) && !whole.contains("seller"), "{whole}");
}

#[test]
fn a_member_that_is_not_there_is_added() {
    let sent = body(pay());
    let (before, _) = sent.rsplit_once('}').unwrap();
    assert_eq!(body(pay().raw_field("/amount", "1")), format!("{before},\"amount\":\"1\"}}"));
    let added = body(pay().raw_field("/new \"~1~0名", 1));
    assert_eq!(added, format!("{before},\"new \\\"/~名\":1}}"));
    let seller = r#""seller":{"city":"杭州"}"#;
    assert_eq!(
        body(pay().raw_field("/goods/0/seller/type", "x")),
        sent.replacen(seller, r#""seller":{"city":"杭州","type":"x"}"#, 1)
    );
    // One after another, also below what was added.
    let call = pay().raw_field("/owner", json!({})).raw_field("/owner/city", "x");
    let call = call.raw_field("/owner/shops", json!([])).raw_field("/owner/city", "y");
    assert_eq!(body(call), format!("{before},\"owner\":{{\"city\":\"y\",\"shops\":[]}}}}"));
    // What has a blank body, or JSON of any layout.
    assert_eq!(
        body(
            Call::<Create>::new(&client(), &common::CreateRequest::default())
                .raw_field("/activity_name", "x")
        ),
        r#"{"activity_name":"x"}"#
    );
    let call = Call::<Plain>::new(&client(), &odd());
    let call = call.raw_field("/any/list", 2).raw_field("/any/new", 3);
    assert_eq!(body(call), r#"{"id":"c","any":{ "rate": 1.10, "list": 2 ,"new":3}}"#);
}

#[test]
fn a_parameter_is_replaced_or_added() {
    let query = |request: &QueryRequest| Call::<Query>::new(&client(), request);
    let path = "/v3/alipay/marketing/activity/voucher/query";
    let request = QueryRequest { page: Some(1), ..query_request() };
    assert_eq!(
        target(query(&request).raw_field("/page", "all")),
        format!("{path}?activity_id=1&page=all")
    );
    assert_eq!(
        target(query(&request).raw_field("/page", 1.5)),
        format!("{path}?activity_id=1&page=1.5")
    );
    assert_eq!(
        target(query(&request).raw_field("/activity_id", "a&b=c/ %中")),
        format!("{path}?activity_id=a%26b%3Dc%2F%20%25%E4%B8%AD&page=1")
    );
    assert_eq!(
        target(query(&request).raw_field("/activity", false).raw_field("/new name", "")),
        format!("{path}?activity_id=1&page=1&activity=false&new%20name=")
    );
    assert_eq!(
        target(query(&QueryRequest::default()).raw_field("/page", "2")),
        format!("{path}?page=2")
    );
    let find = || {
        Call::<Find>::new(
            &client(),
            &Search { activity_id: "a?b/c".to_owned(), page: Some(1), note: Some("n".to_owned()) },
        )
    };
    let call =
        || find().raw_field("/activity_id", "x/y?z").raw_field("/note", 5).raw_field("/page", "p");
    assert_eq!(target(call()), "/v3/alipay/shop/x%2Fy%3Fz/find?page=p");
    assert_eq!(body(call()), r#"{"note":5}"#);
    // A name that is not known goes where the request has most of its fields.
    assert_eq!(body(find().raw_field("/new", 1)), r#"{"note":"n","new":1}"#);
    let stop = Call::<Stop>::new(&client(), &common::Nothing::default());
    assert!(target(stop.raw_field("/new", 1)).ends_with("/stop?new=1"));
}

#[test]
fn fields_of_one_name_are_told_apart() {
    let call = || Call::<Plain>::new(&client(), &odd());
    assert_eq!(target(call()), "/v3/a%2F1/x-d.json/a%2F1?id=b&tags=f&tags=g");
    assert_eq!(target(call().raw_field("/path.id", "z")), "/v3/z/x-d.json/z?id=b&tags=f&tags=g");
    assert_eq!(
        target(call().raw_field("/query.id", "z")),
        "/v3/a%2F1/x-d.json/a%2F1?id=z&tags=f&tags=g"
    );
    assert_eq!(
        target(call().raw_field("/day", "z")),
        "/v3/a%2F1/x-z.json/a%2F1?id=b&tags=f&tags=g"
    );
    assert_eq!(
        target(call().raw_field("/tags", "h,i")),
        "/v3/a%2F1/x-d.json/a%2F1?id=b&tags=h%2Ci"
    );
    assert!(body(call().raw_field("/id", "z")).starts_with(r#"{"id":"z","#));
    let prepared = call().raw_field("/x-shop", 17).prepare().unwrap();
    let headers: Vec<_> = prepared.request().headers().get_all("x-shop").iter().collect();
    assert_eq!(headers, ["17"]);
}

#[tokio::test]
async fn a_part_of_an_upload_is_replaced() {
    let photo = File::bytes("a.jpg", b"x".as_slice());
    let request = Photo { biz_code: Some("b".to_owned()), photo: Some(photo) };
    let call = || Call::<Upload>::new(&client(), &request);
    let sent = async |call: Call<Upload>| {
        let (request, _) = call.prepare().unwrap().into_parts();
        String::from_utf8(request.into_body().into_bytes().await.unwrap().to_vec()).unwrap()
    };
    let raw = call().raw_field("/biz_code", 5).raw_field("/new", "n");
    let typed = sent(call()).await;
    assert_eq!(
        sent(raw).await,
        typed.replace(r#"{"biz_code":"b"}"#, r#"{"biz_code":5,"new":"n"}"#)
    );
    let error = call().raw_field("/photo", "x").prepare().unwrap_err();
    assert_eq!(error.to_string(), "alipay.shop.upload: `/photo` is a file: set it in the request");
}

/// The strings that are signed are the same as for a request that has the value in its type.
#[test]
fn it_is_signed_like_the_rest() {
    let typed = Call::<Create>::new(&client(), &create_request()).prepare().unwrap();
    let mut request = create_request();
    request.activity_name = Some("x".to_owned());
    let call = Call::<Create>::new(&client(), &request);
    let raw = call.raw_field("/activity_name", create_request().activity_name).prepare().unwrap();
    assert_eq!(text(&raw), text(&typed));
    assert_eq!(raw.request().headers(), typed.request().headers());
    let typed = Call::<Query>::new(&client(), &query_request()).prepare().unwrap();
    let call = Call::<Query>::new(&client(), &QueryRequest::default());
    let raw = call.raw_field("/activity_id", "1").prepare().unwrap();
    assert_eq!(raw.request().uri(), typed.request().uri());
    assert_eq!(raw.request().headers(), typed.request().headers());
}

#[tokio::test]
async fn all_attempts_send_it_encrypted_if_asked_for() {
    let key = AesKey::parse(common::key("aes_key")).unwrap();
    let response = || Step::Response(signed(200, &key.encrypt(br#"{"voucher_id":"1"}"#).unwrap()));
    let script = Script::new([
        Step::Fail(TransportErrorKind::Io),
        Step::Response(signed(503, "")),
        response(),
        response(),
    ]);
    let client = script.builder().build().unwrap();
    let call = || {
        let call = Call::<Send>::new(&client, &send_request());
        call.encrypted().raw_field("/activity_id", 17)
    };
    assert_eq!(call().await.unwrap().attempts(), 3);
    #[cfg(feature = "blocking")]
    assert_eq!(call().send_blocking().unwrap().attempts(), 1);
    let expected = r#"{"activity_id":17,"out_biz_no":"s-1","user_id":"2088102146225135"}"#;
    for seen in script.seen() {
        assert_eq!(key.decrypt(&seen.body).unwrap(), expected.as_bytes());
        assert_eq!(seen.body, script.seen()[0].body);
    }
}

fn refused(call: Call<impl alipay_core::operation::Operation>) -> String {
    let error = call.prepare().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
    let text = error.to_string();
    let (operation, problem) = text.split_once(": ").unwrap();
    assert_eq!(error.operation(), Some(operation));
    assert!(!problem.contains('\n'), "{problem}");
    problem.to_owned()
}

#[test]
fn what_leads_nowhere_is_refused() {
    let refused_in_body = |pointer: &str| refused(pay().raw_field(pointer, "13800138000"));
    for (pointer, expected) in [
        ("", "the pointer of a raw field names no field"),
        ("13800138000", "the pointer of a raw field must begin with `/`, like `/goods/0/price`"),
        ("/", "the pointer of a raw field names no field"),
        ("//price", "the pointer of a raw field names no field"),
        ("/a~2", "the pointer of a raw field has a `~` that is not followed by `0` or `1`"),
        ("/a~", "the pointer of a raw field has a `~` that is not followed by `0` or `1`"),
        ("/owner/city", "the request has no `/owner`: set it first"),
        ("/goods/0/buyer/city", "the request has no `/goods/0/buyer`: set it first"),
        ("/goods/2", "`/goods` of the request has 2 items, and none is `/goods/2`"),
        ("/goods/2/price", "`/goods` of the request has 2 items, and none is `/goods/2`"),
        ("/goods/-", "`/goods` of the request has 2 items, and none is `/goods/-`"),
        ("/goods/+1", "`/goods` of the request has 2 items, and none is `/goods/+1`"),
        ("/goods/01", "`/goods` of the request has 2 items, and none is `/goods/01`"),
        ("/goods/price", "`/goods` of the request has 2 items, and none is `/goods/price`"),
        (
            "/goods/99999999999999999999",
            "`/goods` of the request has 2 items, and none is `/goods/99999999999999999999`",
        ),
        ("/quantity/x", "`/quantity` of the request is neither an object nor a list"),
        ("/goods/0/id/x/y", "`/goods/0/id` of the request is neither an object nor a list"),
        ("/a\nb/c", "the request has no `/a\\u{a}b`: set it first"),
    ] {
        assert_eq!(refused_in_body(pointer), expected, "{pointer:?}");
    }
    let strange = || Call::<Strange>::new(&client(), &odd());
    let stores = || {
        let request = OrderRequest { activity_id: Some("1".to_owned()), note: None };
        Call::<Stores>::new(&client(), &request)
    };
    let query = || Call::<Query>::new(&client(), &query_request());
    for (problem, expected) in [
        (
            refused(strange().raw_field("/day", "z")),
            "`day` shares a part of the path with another parameter: set it in the request",
        ),
        (
            refused(stores().raw_field("/activity_id", "")),
            "`activity_id` is part of the path and must not be empty",
        ),
        (
            refused(stores().raw_field("/activity_id", "..")),
            "`activity_id` is part of the path and cannot be dots",
        ),
        (refused(query().raw_field("/page/0", 1)), "`/page` is not in the body and has no parts"),
        (
            refused(query().raw_field("/page", [1])),
            "`/page` is not in the body: its value must be a string, a number or a bool",
        ),
        (
            refused(query().raw_field("/page", None::<i64>)),
            "`/page` is not in the body: its value must be a string, a number or a bool",
        ),
        (
            refused(strange().raw_field("/x-shop", "13800138000\r\nx: y")),
            "`x-shop` has characters that no header can hold",
        ),
        (
            refused(pay().raw_field("/amount", HashMap::from([((1, 2), 3)]))),
            "the value of `/amount` has no JSON form",
        ),
    ] {
        assert_eq!(problem, expected);
    }
    // The first problem is told.
    let call = pay().raw_field("/goods/7", 1).raw_field("/quantity", 1).raw_field("", 1);
    assert!(refused(call).contains("/goods/7"));
}

#[tokio::test]
async fn a_raw_idempotency_key_makes_no_repeat_safe() {
    let script =
        Script::new([Step::Fail(TransportErrorKind::Io), Step::Response(signed(200, "{}"))]);
    let client = script.builder().build().unwrap();
    let call = Call::<Send>::new(&client, &send_request()).raw_field("/out_biz_no", "店铺 1");
    let error = call.await.unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Outcome::Unknown, 1));
    // Errors name a key that was checked, and this one may be anything.
    assert!(!format!("{error} {error:?}").contains("店铺"), "{error:?}");
    let body = script.seen()[0].body.clone();
    assert!(String::from_utf8(body.to_vec()).unwrap().contains(r#""out_biz_no":"店铺 1""#));
    for (pointer, expected) in [("/path.id", "/v3/x/"), ("/query.id", "id=x")] {
        let call = Call::<Keyed>::new(&client, &odd()).raw_field(pointer, "x");
        let uri = call.prepare().unwrap().request().uri().to_string();
        assert!(uri.contains(expected), "{uri}");
    }
}

#[test]
fn the_value_is_not_shown() {
    let error = |client: &Client, call: Call<Pay>| -> Error {
        let prepared = call.prepare().unwrap();
        let message = "13800138000 2088102146225135 张三丰先生 amount";
        let body = json!({"code": "X", "message": message}).to_string();
        client.finish::<Pay>(prepared.context(), signed(400, &body)).unwrap_err()
    };
    let client = builder(credentials()).build().unwrap();
    let call = Call::<Pay>::new(&client, &order())
        .raw_field("/amount", "13800138000")
        .raw_field("/owner", json!({"open_id": ["张三丰先生"]}))
        .raw_field("/quantity", 2_088_102_146_225_135_u64);
    assert!(!format!("{call:?}").contains("138"), "{call:?}");
    let error = error(&client, call);
    assert!(error.to_string().contains("X, [redacted] [redacted] [redacted] amount"), "{error}");
    for secret in ["13800138000", "2088102146225135", "张三丰先生"] {
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
    let query = Call::<Query>::new(&client, &query_request()).raw_field("/page", "a b/张三丰");
    let body = json!({"code": "X", "message": "a%20b%2F%E5%BC%A0%E4%B8%89%E4%B8%B0"}).to_string();
    let prepared = query.prepare().unwrap();
    let error = client.finish::<Query>(prepared.context(), signed(400, &body)).unwrap_err();
    assert!(error.to_string().contains("X, [redacted] ["), "{error}");
}
