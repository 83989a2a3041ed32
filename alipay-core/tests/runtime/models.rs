//! Table-driven models: reading, writing, redaction.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use crate::{common, shop};

use alipay_core::{
    Call, ErrorKind, Outcome, Response, model,
    model::{Field, ListStyle, Model, Place, Placed, Ref, Value as _},
    operation,
    value::{JsonText, Yuan},
};
use proptest::{collection::vec, option, prelude::*};
use serde::{
    Deserialize,
    de::{
        IntoDeserializer,
        value::{Error as PlainError, MapDeserializer},
    },
};
use serde_json::{Value as Json, json};
use shop::{Goods, Order, Owner, Search, Status};

fn read(json: &str) -> Result<Order, String> {
    serde_json::from_str(json).map_err(|problem| problem.to_string())
}

/// An order with the required fields and these.
fn order(fields: &Json) -> Json {
    let mut json = json!({"out_biz_no": "1", "quantity": 2});
    json.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json
}

fn read_fields(fields: &Json) -> Result<Order, String> {
    read(&order(fields).to_string())
}

/// What the error about these fields says, without the position.
fn problem(fields: &Json) -> String {
    let problem = read_fields(fields).unwrap_err();
    problem.split(" at line ").next().unwrap().to_owned()
}

fn full() -> Json {
    json!({
        "out_biz_no": "20260131-1", "quantity": 3, "amount": "50.00", "rate": "6.50",
        "created": "2026-01-31 08:30:00", "day": "2026-01-31", "opens": "08:30:00", "paid": true,
        "status": "ACTIVE", "user_id": "2088000000000001", "phones": ["13800000001"],
        "owner": {"type": "SHOP", "open_id": "open-secret", "city": "杭州", "shops": []},
        "goods": [
            {"id": "g1", "price": "0.10", "seller": {}, "tags": ["a", "b"]},
            {"id": "g2", "price": "-1.00", "seller": {"open_id": "seller-secret"}, "tags": []},
        ],
        "app_ids": "[\"2019\",\"2020\"]",
        "contact": "{\"open_id\":\"contact-secret\",\"city\":\"上海\"}",
        "parent": {"out_biz_no": "0", "quantity": -1, "user_id": "parent-secret"},
        "matrix": [[1, 2], [], [3]],
    })
}

#[test]
fn writes_back_what_it_read() {
    let text = full().to_string();
    let order = read(&text).unwrap();
    assert_eq!(serde_json::to_string(&order).unwrap(), text);
    assert_eq!(order.status, Some(Status::Active));
    assert_eq!(order.amount, Some(Yuan::from_fen(5_000)));
    assert_eq!(order.goods.as_ref().unwrap()[1].seller.open_id.as_deref(), Some("seller-secret"));
    assert_eq!(**order.app_ids.as_ref().unwrap(), ["2019", "2020"]);

    // The same from a tree instead of a text.
    assert_eq!(serde_json::from_value::<Order>(full()).unwrap(), order);
    assert_eq!(serde_json::to_value(&order).unwrap(), full());
}

#[test]
fn leaves_absent_fields_out() {
    let order = read(r#"{"quantity":2,"out_biz_no":""}"#).unwrap();
    assert_eq!(serde_json::to_string(&order).unwrap(), r#"{"out_biz_no":"","quantity":2}"#);
}

#[test]
fn skips_unknown_fields() {
    let order = read_fields(
        &json!({"new": {"out_biz_no": [1, {"a": null}]}, "": 1, "Paid": false, "paid": true}),
    )
    .unwrap();
    assert_eq!(order.out_biz_no, "1");
    assert_eq!(order.paid, Some(true));
}

#[test]
fn takes_null_as_absent() {
    let names = [
        "amount", "rate", "created", "paid", "status", "user_id", "owner", "goods", "app_ids",
        "parent",
    ];
    for name in names {
        assert_eq!(
            read_fields(&json!({name: null})).unwrap(),
            read_fields(&json!({})).unwrap(),
            "{name}"
        );
    }
    let order =
        read_fields(&json!({"phones": [null, "1", null], "matrix": [null, [null, 1]]})).unwrap();
    assert_eq!(order.phones.unwrap(), ["1"]);
    assert_eq!(order.matrix.unwrap(), [[1]]);
}

#[test]
fn takes_a_blank_for_none_where_no_text_belongs() {
    let order =
        read_fields(&json!({"amount": "", "created": "", "paid": "", "owner": "", "goods": "", "user_id": "", "status": ""}))
            .unwrap();
    assert_eq!((order.amount, order.created, order.paid), (None, None, None));
    assert!(order.owner.is_none() && order.goods.is_none());
    // A blank text is a text.
    assert_eq!(order.user_id.as_deref(), Some(""));
    assert_eq!(order.status.unwrap().as_str(), "");
}

#[test]
fn the_last_of_equal_keys_counts() {
    let read = |json| read(json).unwrap();
    let order = read(
        r#"{"out_biz_no":"1","quantity":1,"quantity":2,"owner":{"city":"a"},"owner":{"type":"b"},
        "phones":["1"],"phones":["2"],"amount":"1","amount":null}"#,
    );
    assert_eq!(order.quantity, 2);
    assert_eq!(order.owner, Some(Owner { type_: Some("b".into()), ..Owner::default() }));
    assert_eq!(order.phones.unwrap(), ["2"]);
    assert_eq!(order.amount, None);
}

#[test]
fn misses_required_fields() {
    let problem_of =
        |json: &str| read(json).unwrap_err().split(" at line ").next().unwrap().to_owned();
    assert_eq!(problem_of("{}"), "missing field `out_biz_no`");
    assert_eq!(problem_of(r#"{"out_biz_no":"1"}"#), "missing field `quantity`");
    assert_eq!(problem_of(r#"{"out_biz_no":null,"quantity":1}"#), "missing field `out_biz_no`");
    assert_eq!(
        problem_of(r#"{"out_biz_no":"1","out_biz_no":null,"quantity":1}"#),
        "missing field `out_biz_no`"
    );
    assert_eq!(problem_of(r#"{"out_biz_no":"1","quantity":""}"#), "missing field `quantity`");
    let goods = json!({"goods": [{"id": "1", "price": "1", "seller": {}, "tags": []}, {"id": "1", "price": "1"}]});
    assert_eq!(problem(&goods), "`goods[1]`: missing field `seller`");
    assert_eq!(
        problem(&json!({"parent": {"quantity": 1}})),
        "`parent`: missing field `out_biz_no`"
    );
}

#[test]
fn understands_numbers_without_quotes_and_with() {
    let order = read(
        r#"{"out_biz_no":20260131,"quantity":"-9223372036854775808","amount":50.5,"rate":18446744073709551615e-19}"#,
    );
    assert!(order.is_err(), "more digits than a float keeps");

    let order = read(
        r#"{"out_biz_no":18446744073709551615,"quantity":"-9223372036854775808","amount":50.5,"rate":-0.05,"user_id":true}"#,
    )
    .unwrap();
    assert_eq!(order.out_biz_no, "18446744073709551615");
    assert_eq!(order.quantity, i64::MIN);
    assert_eq!(order.amount, Some(Yuan::from_fen(5_050)));
    assert_eq!(order.rate.unwrap().to_string(), "-0.05");
    assert_eq!(order.user_id.as_deref(), Some("true"));
    assert_eq!(read_fields(&json!({"paid": "false"})).unwrap().paid, Some(false));
}

#[test]
fn never_changes_a_number_it_cannot_hold() {
    // Such numbers reach the reader rounded, so it must not pretend to know them.
    for number in
        ["2026013112345678901234567890", "1e15", "1e300", "123456789012345.6", "0.1234567890123456"]
    {
        let json = format!(r#"{{"quantity":1,"out_biz_no":{number}}}"#);
        let problem = read(&json).unwrap_err();
        assert!(
            problem.starts_with(
                "`out_biz_no`: expected a string, found a number too long to be read exactly"
            ),
            "{problem}"
        );
    }
    for (number, text) in [
        ("123456789012345", "123456789012345"),
        ("99999999.9999999", "99999999.9999999"),
        ("1e3", "1000"),
    ] {
        assert_eq!(
            read(&format!(r#"{{"quantity":1,"out_biz_no":{number}}}"#)).unwrap().out_biz_no,
            text
        );
    }
}

#[test]
fn names_the_path_and_the_kind_found() {
    for (fields, expected) in [
        (
            json!({"amount": "1.005"}),
            "`amount`: expected an amount in yuan with at most two decimals, like 50.00",
        ),
        (
            json!({"amount": true}),
            "`amount`: expected a decimal number in a string, found a boolean",
        ),
        (json!({"created": "2026"}), "`created`: expected a time like 2026-01-31 08:30:00"),
        (
            json!({"created": 1_769_819_400}),
            "`created`: expected a time in a string, found a number",
        ),
        (json!({"paid": "yes"}), "`paid`: expected a boolean, found a string"),
        (json!({"paid": 1}), "`paid`: expected a boolean, found a number"),
        (
            json!({"quantity": 1.5}),
            "`quantity`: expected a whole number, found a fraction or a number beyond 64 bits",
        ),
        (
            json!({"quantity": u64::MAX}),
            "`quantity`: expected a whole number, found a fraction or a number beyond 64 bits",
        ),
        (json!({"quantity": "three"}), "`quantity`: expected a whole number, found a string"),
        (json!({"quantity": []}), "`quantity`: expected a whole number, found a list"),
        (json!({"user_id": {}}), "`user_id`: expected a string, found an object"),
        (json!({"phones": ["1", ["2"]]}), "`phones[1]`: expected a string, found a list"),
        (json!({"owner": "x"}), "`owner`: expected an object, found a string"),
        (json!({"owner": []}), "`owner`: expected an object, found a list"),
        (json!({"goods": {}}), "`goods`: expected a list, found an object"),
        (
            json!({"parent": {"parent": {"owner": {"shops": [{}]}}}}),
            "`parent.parent.owner.shops[0]`: expected a string, found an object",
        ),
        (
            json!({"matrix": [[1], [2, "x"]]}),
            "`matrix[1][1]`: expected a whole number, found a string",
        ),
        (json!({"app_ids": ["1"]}), "`app_ids`: expected a string, found a list"),
        (
            json!({"app_ids": "[1"}),
            "`app_ids`: expected a string that holds JSON of the field's type",
        ),
    ] {
        assert_eq!(problem(&fields), expected, "{fields}");
    }
}

#[test]
fn a_model_is_an_object() {
    for (json, found) in [
        ("null", "nothing"),
        ("true", "a boolean"),
        ("8675309", "a number"),
        ("-8675309", "a number"),
        ("8675309.5", "a number"),
        (r#""8675309""#, "a string"),
        (r#"["8675309", 1]"#, "a list"),
    ] {
        let problem = read(json).unwrap_err();
        assert!(problem.starts_with(&format!("expected an object, found {found}")), "{problem}");
        let tree: Json = serde_json::from_str(json).unwrap();
        let problem = serde_json::from_value::<Order>(tree).unwrap_err().to_string();
        assert_eq!(problem, format!("expected an object, found {found}"));
    }
    for json in [
        "",
        "{",
        r#"{"out_biz_no":"1","quantity":1} {}"#,
        r#"{"out_biz_no":"1","quantity":1,}"#,
        "{1:2}",
    ] {
        assert!(read(json).is_err(), "{json}");
    }
}

#[test]
fn other_formats_do_not_leak_either() {
    fn complaint<'de>(value: impl IntoDeserializer<'de, PlainError>) -> String {
        Order::deserialize(value.into_deserializer()).unwrap_err().to_string()
    }
    let complaints = [
        complaint(8_675_309_i128),
        complaint(8_675_309_u128),
        complaint(8_u8),
        complaint(8_675_309.5_f32),
        complaint('8'),
        complaint(true),
        complaint(&b"8675309"[..]),
        complaint(()),
    ];
    for problem in complaints {
        assert!(problem.starts_with("expected an object, found"), "{problem}");
        assert!(!problem.contains('8') && !problem.contains("true"), "{problem}");
    }
    for number in [f64::NAN, f64::INFINITY] {
        let fields = MapDeserializer::<_, PlainError>::new([("user_id", number)].into_iter());
        let problem = Order::deserialize(fields).unwrap_err().to_string();
        assert!(problem.starts_with("`user_id`: expected a string, found"), "{problem}");
    }
}

#[test]
fn refuses_to_go_too_deep() {
    let deep =
        format!("{}{}", r#"{"out_biz_no":"1","quantity":1,"parent":"#.repeat(10_000), "null");
    assert!(read(&deep).unwrap_err().starts_with("recursion limit exceeded"));
    // What is skipped takes no stack.
    let deep = format!(
        r#"{{"out_biz_no":"1","quantity":1,"new":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(read(&deep), read_fields(&json!({"quantity": 1})));
}

#[test]
fn unknown_values_of_open_enums_survive() {
    let order = read_fields(&json!({"status": "FROZEN"})).unwrap();
    assert!(matches!(&order.status, Some(Status::Unknown(text)) if text.as_str() == "FROZEN"));
    assert_eq!(serde_json::to_value(&order).unwrap()["status"], "FROZEN");
    assert_eq!(read_fields(&json!({"status": "CLOSED"})).unwrap().status, Some(Status::Closed));
}

#[test]
fn writes_the_fields_of_one_place() {
    let search = Search { activity_id: "2016".into(), page: Some(2), note: Some("n".into()) };
    let placed = |place| serde_json::to_value(Placed { model: &search, place }).unwrap();
    assert_eq!(placed(Place::Path), json!({"activity_id": "2016"}));
    assert_eq!(placed(Place::Query), json!({"page": 2}));
    assert_eq!(placed(Place::Body), json!({"note": "n"}));
    assert_eq!(placed(Place::File), json!({}));
    assert_eq!(
        serde_json::to_value(&search).unwrap(),
        json!({"activity_id": "2016", "page": 2, "note": "n"})
    );
}

#[test]
fn fields_of_one_name_have_keys_of_their_own() {
    for (fields, keys) in [
        ([Field::path("id"), Field::query("id"), Field::body("x")], ["path.id", "query.id", "x"]),
        ([Field::path("id"), Field::body("id"), Field::header("x")], ["path.id", "id", "x"]),
        ([Field::path("a"), Field::query("b"), Field::file("c")], ["a", "b", "c"]),
    ] {
        assert_eq!(fields.each_ref().map(|field| field.key(&fields)), keys);
    }
}

model! {
    /// A list in each of the styles.
    pub struct Lists: optional {
        pub key: Option<String> = path("key"),
        pub repeated: Option<Vec<String>> = query("repeated"),
        pub commas: Option<Vec<String>> = query("commas").list(ListStyle::Commas),
        pub spaces: Option<Vec<i64>> = query("spaces").list(ListStyle::Spaces),
        pub pipes: Option<Vec<i64>> = query("pipes").list(ListStyle::Pipes),
        pub rate: Option<f64> = query("rate"),
        pub share: Option<f64> = body("share"),
    }
}
operation! {
    /// What is listed.
    pub enum Listed {
        id: "alipay.shop.list",
        http: Get "/v3/alipay/shop/{key}",
        request: Lists,
        reply: Response<Owner>,
    }
}
operation! {
    /// Described wrongly: no field has the name in the path.
    pub enum Nameless {
        id: "alipay.shop.list",
        http: Get "/v3/alipay/shop/{name}",
        request: Lists,
        reply: Response<Owner>,
    }
}

#[test]
fn lists_in_a_query_are_written_in_their_style() {
    let request = Lists {
        key: Some("1".to_owned()),
        repeated: Some(vec!["a b".to_owned(), "c&d".to_owned()]),
        commas: Some(vec!["a,b".to_owned(), "c".to_owned(), "d".to_owned()]),
        spaces: Some(vec![1, 2, 3]),
        pipes: Some(vec![1, 2]),
        rate: None,
        share: None,
    };
    let client = common::client();
    let prepared = Call::<Listed>::new(&client, &request).prepare().unwrap();
    let query = "repeated=a%20b&repeated=c%26d&commas=a%2Cb,c,d&spaces=1%202%203&pipes=1%7C2";
    assert_eq!(prepared.request().uri().query(), Some(query));
    let empty = Lists { repeated: Some(Vec::new()), commas: Some(Vec::new()), ..request };
    let prepared = Call::<Listed>::new(&client, &empty).prepare().unwrap();
    assert_eq!(prepared.request().uri().query(), Some("spaces=1%202%203&pipes=1%7C2"));
}

#[test]
fn a_number_that_is_sent_is_finite() {
    let client = common::client();
    let listed = |rate| {
        let request = Lists { key: Some("1".to_owned()), rate: Some(rate), ..Lists::default() };
        Call::<Listed>::new(&client, &request).prepare()
    };
    assert_eq!(listed(0.5).unwrap().request().uri().query(), Some("rate=0.5"));
    for rate in [f64::NAN, f64::INFINITY] {
        let error = listed(rate).unwrap_err();
        assert_eq!(error.to_string(), "alipay.shop.list: `rate` is not a finite number");
        // JSON would have `null` for it.
        let request = Lists { share: Some(rate), ..Lists::default() };
        assert!(serde_json::to_string(&Placed { model: &request, place: Place::Body }).is_err());
    }
}

#[test]
fn what_a_path_needs_is_asked_for() {
    let client = common::client();
    let absent = Call::<Listed>::new(&client, &Lists::default()).prepare().unwrap_err();
    let unknown = Call::<Nameless>::new(&client, &Lists::default()).prepare().unwrap_err();
    for (error, expected) in [
        (absent, "`key` is part of the path and must not be empty"),
        (unknown, "`name` of the path is not a field of the request"),
    ] {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
        assert_eq!(error.to_string(), format!("alipay.shop.list: {expected}"));
    }
}

#[test]
fn plain_values_have_a_text() {
    let order: Order = serde_json::from_value(full()).unwrap();
    let text =
        |index| order.field(index).and_then(|value| value.get().into_text().map(String::from));
    assert_eq!(text(0).as_deref(), Some("20260131-1"));
    assert_eq!(text(1).as_deref(), Some("3"));
    assert_eq!(text(2).as_deref(), Some("50.00"));
    assert_eq!(text(7).as_deref(), Some("true"));
    assert_eq!(text(13).as_deref(), Some(r#"["2019","2020"]"#));
    assert_eq!((text(10), text(11), text(99)), (None, None, None));
    assert!(matches!(None::<JsonText<Vec<String>>>.get(), Ref::Absent));
}

#[test]
fn debug_hides_personal_data_at_any_depth() {
    let order: Order = serde_json::from_value(full()).unwrap();
    let shown = [
        format!("{order:?}"),
        format!("{order:#?}"),
        format!("{:?}", Some(vec![Box::new(order.clone())])),
    ];
    for shown in shown {
        for secret in ["2088000000000001", "13800000001", "secret"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert_eq!(shown.matches("[redacted]").count(), 6, "{shown}");
        for open in ["20260131-1", "50.00", "杭州", "上海", "g2", "ACTIVE"] {
            assert!(shown.contains(open), "no {open} in {shown}");
        }
    }
    let small = read_fields(&json!({"user_id": "2088", "paid": false, "phones": null})).unwrap();
    assert_eq!(
        format!("{small:?}"),
        r#"Order { out_biz_no: "1", quantity: 2, paid: false, user_id: [redacted] }"#
    );
}

/// The same shapes with serde's own derives.
mod twin {
    use alipay_core::value::{Decimal, JsonText, LocalDate, LocalDateTime, LocalTime, Yuan};
    use serde::{Deserialize, Serialize};

    use crate::shop::Status;

    macro_rules! skipping {
        ($name:ident { $($required:ident: $required_type:ty,)* } { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
            #[derive(Serialize, Deserialize)]
            pub(crate) struct $name {
                $($required: $required_type,)*
                $(#[serde(skip_serializing_if = "Option::is_none")] $(#[$meta])* $field: Option<$type>,)*
            }
        };
    }

    skipping!(Order { out_biz_no: String, quantity: i64, } {
        amount: Yuan,
        rate: Decimal,
        created: LocalDateTime,
        day: LocalDate,
        opens: LocalTime,
        paid: bool,
        status: Status,
        user_id: String,
        phones: Vec<String>,
        owner: Owner,
        goods: Vec<Goods>,
        app_ids: JsonText<Vec<String>>,
        contact: JsonText<crate::shop::Owner>,
        parent: Box<Order>,
        matrix: Vec<Vec<i64>>,
    });

    skipping!(Owner {} {
        #[serde(rename = "type")]
        type_: String,
        open_id: String,
        city: String,
        shops: Vec<String>,
    });

    skipping!(Goods { id: String, price: Yuan, seller: Owner, tags: Vec<String>, } {});
}

const NAMES: &[&str] = &[
    "out_biz_no",
    "quantity",
    "amount",
    "rate",
    "created",
    "day",
    "opens",
    "paid",
    "status",
    "user_id",
    "phones",
    "owner",
    "goods",
    "app_ids",
    "contact",
    "parent",
    "matrix",
    "type",
    "open_id",
    "city",
    "shops",
    "id",
    "price",
    "seller",
    "tags",
];

const TEXTS: &[&str] = &[
    "",
    "1",
    "50.00",
    "6.5",
    "1.005",
    "2026-01-31 08:30:00",
    "2026-01-31",
    "08:30:00",
    "2026-02-30",
    "true",
    "ACTIVE",
    "NEW",
    "[\"1\"]",
    "{\"city\":\"x\"}",
    "[",
    "null",
    "\u{0}\"\\",
    "杭州",
];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![4 => proptest::sample::select(TEXTS).prop_map(str::to_owned), 1 => any::<String>()]
}

/// Any JSON, with the models' names for keys more often than not.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any_text().prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 48, 8, |inner| {
        let key = prop_oneof![9 => proptest::sample::select(NAMES).prop_map(str::to_owned), 1 => any::<String>()];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            vec((key, inner), 0..12).prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

/// JSON that is an order more often than not.
fn near_order() -> impl Strategy<Value = Json> {
    let changes = vec((proptest::sample::select(NAMES), any_json()), 0..3);
    (changes, vec(any::<bool>(), NAMES.len())).prop_map(|(changes, keep)| {
        let mut json = full();
        let fields = json.as_object_mut().unwrap();
        for (name, _) in NAMES.iter().zip(keep).skip(2).filter(|(_, keep)| !keep) {
            fields.shift_remove(*name);
        }
        fields.extend(changes.into_iter().map(|(name, value)| (name.to_owned(), value)));
        json
    })
}

fn any_owner() -> impl Strategy<Value = Owner> {
    (
        option::of(any_text()),
        option::of(any_text()),
        option::of(any_text()),
        option::of(vec(any_text(), 0..3)),
    )
        .prop_map(|(type_, open_id, city, shops)| Owner { type_, open_id, city, shops })
}

fn any_goods() -> impl Strategy<Value = Goods> {
    (any_text(), any::<i64>(), any_owner(), vec(any_text(), 0..3))
        .prop_map(|(id, fen, seller, tags)| Goods { id, price: Yuan::from_fen(fen), seller, tags })
}

fn any_order() -> impl Strategy<Value = Order> {
    let plain = (
        any_text(),
        any::<i64>(),
        option::of(any::<i64>()),
        option::of(any::<bool>()),
        option::of(any_text()),
    );
    let lists = (
        option::of(vec(any_text(), 0..3)),
        option::of(vec(any_goods(), 0..3)),
        option::of(vec(vec(any::<i64>(), 0..3), 0..3)),
    );
    let parts = (option::of(any_owner()), option::of(any_owner()), option::of(any_text()));
    let order = (plain, lists, parts).prop_map(|(plain, lists, parts)| Order {
        out_biz_no: plain.0,
        quantity: plain.1,
        amount: plain.2.map(Yuan::from_fen),
        paid: plain.3,
        user_id: plain.4,
        phones: lists.0.clone(),
        app_ids: lists.0.map(JsonText::from),
        goods: lists.1,
        matrix: lists.2,
        owner: parts.0,
        contact: parts.1.map(JsonText::from),
        status: parts.2.map(|text| text.as_str().into()),
        ..Model::blank()
    });
    order.prop_recursive(3, 4, 1, |inner| {
        (inner.clone(), inner)
            .prop_map(|(order, parent)| Order { parent: Some(Box::new(parent)), ..order })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(order in any_order()) {
        let json = serde_json::to_vec(&order).unwrap();
        prop_assert_eq!(&serde_json::from_slice::<Order>(&json).unwrap(), &order);
        let tree = serde_json::to_value(&order).unwrap();
        prop_assert_eq!(&serde_json::from_value::<Order>(tree).unwrap(), &order);
    }

    #[test]
    fn any_json_is_read_or_refused(json in any_json()) {
        let read = serde_json::from_str::<Order>(&json.to_string());
        if let Ok(order) = &read {
            let again = serde_json::to_string(order).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Order>(&again).unwrap(), order);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, text in "[{}\\[\\]\",:a-z0-9.\\\\-]*") {
        prop_assert!(serde_json::from_slice::<Order>(&bytes).is_err());
        // None of these texts holds an underscore, so the required field is never there.
        prop_assert!(serde_json::from_str::<Order>(&text).is_err());
    }

    #[test]
    fn what_serde_reads_is_read_the_same(json in prop_oneof![near_order(), any_json()]) {
        let text = json.to_string();
        if let Ok(expected) = serde_json::from_str::<twin::Order>(&text) {
            let order = read(&text).unwrap();
            prop_assert_eq!(serde_json::to_string(&order).unwrap(), serde_json::to_string(&expected).unwrap());
        }
    }

    #[test]
    fn errors_show_no_values(name in proptest::sample::select(NAMES), value in any_json()) {
        fn spoil(json: &mut Json) {
            match json {
                Json::Null => {}
                Json::Bool(_) | Json::Number(_) => *json = 8_675_309.into(),
                Json::String(text) => *text = format!("CANARY {text}"),
                Json::Array(items) => items.iter_mut().for_each(spoil),
                Json::Object(fields) => fields.values_mut().for_each(spoil),
            }
        }
        let mut value = value;
        spoil(&mut value);
        let mut json = full();
        for place in ["", "/owner", "/goods/1", "/goods/1/seller", "/parent"] {
            let object = json.pointer_mut(place).and_then(Json::as_object_mut).unwrap();
            let before = object.insert(name.to_owned(), value.clone());
            for problem in [
                serde_json::from_str::<Order>(&json.to_string()).map_err(|problem| problem.to_string()),
                serde_json::from_value::<Order>(json.clone()).map_err(|problem| problem.to_string()),
            ] {
                if let Err(problem) = problem {
                    prop_assert!(!problem.contains("CANARY") && !problem.contains("8675309"), "{}", problem);
                }
            }
            let object = json.pointer_mut(place).and_then(Json::as_object_mut).unwrap();
            match before {
                Some(before) => object.insert(name.to_owned(), before),
                None => object.remove(name),
            };
        }
    }
}

#[test]
fn the_twins_agree_on_a_whole_order() {
    let text = full().to_string();
    let twin: twin::Order = serde_json::from_str(&text).unwrap();
    assert_eq!(
        serde_json::to_string(&twin).unwrap(),
        serde_json::to_string(&read(&text).unwrap()).unwrap()
    );
}

/// Where names of the prelude mean something else.
mod renamed {
    #![deny(warnings)]
    #![allow(dead_code, reason = "names that the macros must not use")]

    type Result<T> = std::result::Result<T, std::fmt::Error>;
    struct Option;
    struct String;

    alipay_core::model! {
        #[deprecated]
        pub struct Old: optional input {
            pub default: std::option::Option<std::string::String> = body("default"),
        }
    }
    alipay_core::open_enum! {
        #[deprecated]
        pub enum Either {
            Left = "LEFT",
            Right = "RIGHT",
        }
    }
}

#[test]
#[allow(deprecated, reason = "it is what is tried")]
fn macros_go_by_whole_paths() {
    let old = renamed::Old::new().default("1");
    assert_eq!(serde_json::to_value(&old).unwrap(), json!({"default": "1"}));
    assert_eq!(renamed::Either::from("LEFT"), renamed::Either::Left);
}

#[test]
fn names_of_the_macro_are_free_for_models() {
    alipay_core::model! {
        /// A type called as the macro calls things.
        pub struct Number: optional input {
            pub first: Option<String> = body("first"),
            pub index: Option<String> = body("index"),
            pub model: Option<String> = body("model"),
            pub f: Option<String> = body("f"),
            pub serializer: Option<String> = body("serializer"),
            pub deserializer: Option<String> = body("deserializer"),
            pub self_: Option<String> = body("self"),
            pub table: Option<String> = body("table"),
            pub field: Option<String> = body("field"),
            pub last: Option<String> = body("last"),
        }
    }
    let names = "first index model f serializer deserializer self table field last";
    let json: serde_json::Map<_, _> =
        names.split(' ').map(|name| (name.to_owned(), json!(name))).collect();
    let json = Json::Object(json);
    let number: Number = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(number.index.as_deref(), Some("index"));
    assert_eq!(serde_json::to_value(&number).unwrap(), json);
    let number = Number::new().index("4").model("m");
    assert_eq!(serde_json::to_value(&number).unwrap(), json!({"index": "4", "model": "m"}));
}
