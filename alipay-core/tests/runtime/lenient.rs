//! Responses with values that are not of their types: the rest is read.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use crate::{common, shop};

use std::{
    collections::BTreeMap,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use alipay_core::{
    Accepted, Client, Error, ErrorKind, Response, Unreadable,
    keys::SignatureError,
    model, operation,
    operation::Operation,
    value::{Decimal, Json, JsonText, LocalDate, LocalDateTime, LocalTime, Yuan},
    verify::Verifier,
};
use common::{TIMESTAMP, builder, credentials, finished, unsigned};
use proptest::prelude::*;
use serde_json::{Value as Tree, json};
use shop::{Goods, Order, Owner, Status};

model! {
    /// Every kind of field.
    pub struct Everything: optional {
        pub name: Option<String> = body("name"),
        pub phone: Option<String> = body("phone").sensitive(),
        pub count: Option<i64> = body("count"),
        pub amount: Option<Yuan> = body("amount"),
        pub rate: Option<Decimal> = body("rate"),
        pub ratio: Option<f64> = body("ratio"),
        pub created: Option<LocalDateTime> = body("created"),
        pub day: Option<LocalDate> = body("day"),
        pub opens: Option<LocalTime> = body("opens"),
        pub paid: Option<bool> = body("paid"),
        pub status: Option<Status> = body("status"),
        pub any: Option<Json> = body("any"),
        pub tags: Option<Vec<String>> = body("tags"),
        pub owner: Option<Owner> = body("owner"),
        pub owners: Option<Vec<Owner>> = body("owners"),
        pub goods: Option<Vec<Goods>> = body("goods"),
        pub app_ids: Option<JsonText<Vec<i64>>> = body("app_ids"),
        pub contact: Option<JsonText<Owner>> = body("contact"),
        pub counts: Option<BTreeMap<String, i64>> = body("counts"),
        pub shops: Option<BTreeMap<String, Owner>> = body("shops"),
        pub matrix: Option<Vec<Vec<i64>>> = body("matrix"),
        pub next: Option<Box<Everything>> = body("next"),
        pub odd_name: Option<i64> = body("a/b~c"),
        pub last: Option<String> = body("last"),
    }
}
operation! {
    /// Asks for everything.
    pub enum Ask {
        id: "alipay.everything.ask",
        http: Get "/v3/alipay/everything/ask",
        request: common::Nothing,
        reply: Response<Everything>,
    }
}
operation! {
    /// Asks for it, and it takes a while.
    pub enum Begin {
        id: "alipay.everything.begin",
        http: Post "/v3/alipay/everything/begin",
        request: common::Nothing,
        reply: Accepted<Everything>,
        completed_by: "alipay.everything.begun",
    }
}
operation! {
    /// Asks for an order, whose model cannot do without two fields.
    pub enum AskOrder {
        id: "alipay.order.ask",
        http: Get "/v3/alipay/order/ask",
        request: common::Nothing,
        reply: Response<Order>,
    }
}

/// Takes any signature, so that the many responses here need not be signed.
struct Any;

impl Verifier for Any {
    fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), SignatureError> {
        Ok(())
    }
}

/// What an operation gives with a response of this body.
fn replied<O: Operation<Request = common::Nothing>>(body: &str) -> Result<O::Reply, Error> {
    static CLIENT: LazyLock<Client> =
        LazyLock::new(|| builder(credentials().verifier(Any).unwrap()).build().unwrap());
    static NONCES: AtomicU64 = AtomicU64::new(0);
    let mut response = unsigned(200, "application/json;charset=UTF-8", body);
    let headers = response.headers_mut();
    headers.insert("alipay-timestamp", TIMESTAMP.parse().unwrap());
    headers.insert("alipay-nonce", NONCES.fetch_add(1, Ordering::Relaxed).into());
    headers.insert("alipay-signature", "AAAA".parse().unwrap());
    finished::<O>(&CLIENT, &common::Nothing {}, response)
}

fn ask(body: &str) -> Result<Response<Everything>, Error> {
    replied::<Ask>(body)
}

fn unreadable(response: &Response<Everything>) -> Vec<String> {
    response.unreadable().iter().map(ToString::to_string).collect()
}

/// Reads the fields between two that are fine, and gives what was kept of them and what was not.
fn odd(fields: &str) -> (String, Vec<String>) {
    let body = format!(r#"{{"name":"first",{fields},"last":"last"}}"#);
    let response = ask(&body).unwrap_or_else(|error| panic!("{fields}: {error}"));
    assert_eq!(response.name.as_deref(), Some("first"), "{fields}");
    assert_eq!(response.last.as_deref(), Some("last"), "{fields}");
    assert_eq!(response.raw_body(), body.as_bytes());
    let rest = Everything { name: None, last: None, ..(*response).clone() };
    (serde_json::to_string(&rest).unwrap(), unreadable(&response))
}

#[test]
fn an_odd_value_is_absent_and_named() {
    const TIME: &str = "expected a time like 2026-01-31 08:30:00";
    const YUAN: &str = "expected an amount in yuan with at most two decimals, like 50.00";
    for (field, value, reason) in [
        ("created", r#""2026-01-31 08:30""#, TIME),
        ("created", r#""2026-01-31 08:30:00.0""#, TIME),
        ("created", r#""2026-01-31 08:30:00.123""#, TIME),
        ("created", r#""2026-01-31T08:30:00""#, TIME),
        ("created", r#""2026-01-31T08:30:00+08:00""#, TIME),
        ("created", r#""2026-01-31T00:30:00Z""#, TIME),
        ("created", r#""2026-02-30 08:30:00""#, TIME),
        ("created", r#""0000-00-00 00:00:00""#, TIME),
        ("created", r#""1769819400000""#, TIME),
        ("created", r#"" ""#, TIME),
        ("created", "1769819400000", "expected a time in a string, found a number"),
        ("created", "1769819400.5", "expected a time in a string, found a number"),
        ("created", "{\"time\":1}", "expected a time in a string, found an object"),
        ("day", r#""2026-1-3""#, "expected a date like 2026-01-31"),
        ("day", r#""20260131""#, "expected a date like 2026-01-31"),
        ("day", r#""2026-01-31 00:00:00""#, "expected a date like 2026-01-31"),
        ("opens", r#""08:30""#, "expected a time of day like 08:30:00"),
        ("opens", r#""24:00:00""#, "expected a time of day like 08:30:00"),
        ("amount", r#""1,000.00""#, YUAN),
        ("amount", r#""1.005""#, YUAN),
        ("amount", r#""¥50.00""#, YUAN),
        ("amount", r#""50.00元""#, YUAN),
        ("amount", r#""5e1""#, YUAN),
        ("amount", r#"".5""#, YUAN),
        ("amount", r#"" 50.00""#, YUAN),
        ("amount", "1.005", YUAN),
        ("amount", "9223372036854775807", YUAN),
        ("amount", "true", "expected a decimal number in a string, found a boolean"),
        (
            "amount",
            r#"{"amount":"1.00","currency":"CNY"}"#,
            "expected a decimal number in a string, found an object",
        ),
        ("rate", r#""65%""#, "expected a decimal number of at most 18 digits"),
        ("count", "1.5", "expected a whole number, found a fraction or a number beyond 64 bits"),
        ("count", "1e400", "expected a whole number, found a number out of range"),
        ("count", r#""three""#, "expected a whole number, found a string"),
        ("count", r#""1,000""#, "expected a whole number, found a string"),
        ("count", r#"" 1""#, "expected a whole number, found a string"),
        ("count", "false", "expected a whole number, found a boolean"),
        ("count", "[1]", "expected a whole number, found a list"),
        ("ratio", r#""half""#, "expected a number, found a string"),
        ("ratio", r#""NaN""#, "expected a number, found a number out of range"),
        ("paid", r#""yes""#, "expected a boolean, found a string"),
        ("paid", r#""TRUE""#, "expected a boolean, found a string"),
        ("paid", r#""T""#, "expected a boolean, found a string"),
        ("paid", "1", "expected a boolean, found a number"),
        ("phone", r#"["13800000001"]"#, "expected a string, found a list"),
        ("phone", r#"{"number":"13800000001"}"#, "expected a string, found an object"),
        (
            "phone",
            "1380000000113800000001",
            "expected a string, found a number too long to be read exactly",
        ),
        ("phone", r#""\ud83d""#, "expected a string, found a string with half a character"),
        ("status", "[]", "expected a string, found a list"),
        ("tags", r#"{"tag":"a"}"#, "expected a list, found an object"),
        ("tags", r#""a""#, "expected a list, found a string"),
        ("tags", r#""a,b""#, "expected a list, found a string"),
        ("tags", "true", "expected a list, found a boolean"),
        ("owners", r#"{"city":"杭州"}"#, "expected a list, found an object"),
        ("owner", r#"[{"city":"杭州"}]"#, "expected an object, found a list"),
        ("owner", r#""{\"city\"""#, "expected an object, found a string"),
        ("owner", r#""null""#, "expected an object, found a string"),
        ("owner", "7", "expected an object, found a number"),
        ("app_ids", r#""[1""#, "expected a string that holds JSON of the field's type"),
        ("app_ids", "true", "expected a string that holds JSON of the field's type"),
        ("contact", r#""""#, "expected a string that holds JSON of the field's type"),
        ("counts", "[1]", "expected an object, found a list"),
        ("next", r#""x""#, "expected an object, found a string"),
        ("a/b~c", r#""x""#, "expected a whole number, found a string"),
    ] {
        let pointer = field.replace('~', "~0").replace('/', "~1");
        let (rest, unreadable) = odd(&format!("\"{field}\":{value}"));
        assert_eq!(rest, "{}", "{field}: {value}");
        assert_eq!(unreadable, [format!("`/{pointer}`: {reason}")], "{field}: {value}");
    }
}

/// What was read before still is, and is not named.
#[test]
fn what_can_be_read_is_not_named() {
    for (fields, rest) in [
        (r#""name":"first","amount":50.5"#, r#"{"amount":"50.50"}"#),
        (r#""phone":13800000001"#, r#"{"phone":"13800000001"}"#),
        (r#""phone":true"#, r#"{"phone":"true"}"#),
        (r#""phone":"""#, r#"{"phone":""}"#),
        (r#""count":"7""#, r#"{"count":7}"#),
        (r#""paid":"true""#, r#"{"paid":true}"#),
        (r#""created":"","amount":"","owner":"","tags":"","count":"","paid":"""#, "{}"),
        (r#""created":null,"tags":null,"owner":null"#, "{}"),
        (r#""tags":[null,"a",null]"#, r#"{"tags":["a"]}"#),
        (r#""tags":[null],"owners":[]"#, r#"{"tags":[],"owners":[]}"#),
        (r#""status":"NEWER","newer":{"a":[1e400,"\ud83d"]}"#, r#"{"status":"NEWER"}"#),
        (r#""any":{"b":1.10,"a":[1e400]}"#, r#"{"any":{"b":1.10,"a":[1e400]}}"#),
    ] {
        assert_eq!(odd(fields), (rest.to_owned(), Vec::new()), "{fields}");
        // The same beside a value that is odd.
        let (beside, unreadable) = odd(&format!(r#"{fields},"opens":{{}}"#));
        assert_eq!((beside.as_str(), unreadable.len()), (rest, 1), "{fields}");
    }
}

#[test]
fn objects_and_lists_are_read_from_strings() {
    for (fields, rest) in [
        (r#""tags":"[\"a\",\"b\"]""#, r#"{"tags":["a","b"]}"#),
        (r#""tags":" [] ""#, r#"{"tags":[]}"#),
        (r#""owner":"{\"city\":\"杭州\",\"newer\":1}""#, r#"{"owner":{"city":"杭州"}}"#),
        (
            r#""owners":["{\"city\":\"a\"}",{"city":"b"}]"#,
            r#"{"owners":[{"city":"a"},{"city":"b"}]}"#,
        ),
        (r#""owners":"[\"{\\\"city\\\":\\\"a\\\"}\"]""#, r#"{"owners":[{"city":"a"}]}"#),
        (r#""counts":"{\"a\":1}""#, r#"{"counts":{"a":1}}"#),
        (r#""matrix":["[1,2]","[3]"]"#, r#"{"matrix":[[1,2],[3]]}"#),
        // And the other way round.
        (r#""app_ids":[1,2]"#, r#"{"app_ids":"[1,2]"}"#),
        (r#""contact":{"city":"a"}"#, r#"{"contact":"{\"city\":\"a\"}"}"#),
    ] {
        assert_eq!(odd(fields), (rest.to_owned(), Vec::new()), "{fields}");
    }
    // What is odd inside is named by a pointer that goes on inside.
    let (rest, unreadable) =
        odd(r#""owners":"[{\"city\":[],\"type\":\"x\"}]","app_ids":"[1,\"x\"]""#);
    assert_eq!(rest, r#"{"owners":[{"type":"x"}],"app_ids":"[1]"}"#);
    assert_eq!(
        unreadable,
        [
            "`/owners/0/city`: expected a string, found a list",
            "`/app_ids/1`: expected a whole number, found a string",
        ]
    );
}

#[test]
fn an_item_that_cannot_be_read_is_left_out_and_named() {
    let (rest, unreadable) = odd(r#""tags":["a",["b"],"c",{}],"matrix":[[1,"x",2],["y"],7]"#);
    assert_eq!(rest, r#"{"tags":["a","c"],"matrix":[[1,2]]}"#);
    assert_eq!(
        unreadable,
        [
            "`/tags/1`: expected a string, found a list",
            "`/tags/3`: expected a string, found an object",
            "`/matrix/0/1`: expected a whole number, found a string",
            "`/matrix/1/0`: expected a whole number, found a string",
            "`/matrix/2`: expected a list, found a number",
        ]
    );
    // An empty list would say that there are none.
    let (rest, unreadable) = odd(r#""tags":[["a"],null]"#);
    assert_eq!((rest.as_str(), unreadable.len()), ("{}", 1));
}

/// Keys are data, so neither place nor reason shows them.
#[test]
fn an_entry_that_cannot_be_read_is_left_out() {
    let (rest, unreadable) =
        odd(r#""counts":{"2088":"x","b":2,"c":null},"shops":{"2089":{"city":{}},"2090":[]}"#);
    assert_eq!(rest, r#"{"counts":{"b":2},"shops":{"2089":{}}}"#);
    assert_eq!(
        unreadable,
        [
            "`/counts`: in an entry: expected a whole number, found a string",
            "`/shops`: in an entry: expected a string, found an object",
            "`/shops`: in an entry: expected an object, found a list",
        ]
    );
    // A map of which nothing can be read is absent: empty, it would say that there are none.
    let (rest, unreadable) = odd(r#""counts":{"2088":"x"},"shops":{}"#);
    assert_eq!(rest, r#"{"shops":{}}"#);
    assert_eq!(unreadable, ["`/counts`: in an entry: expected a whole number, found a string"]);
}

#[test]
fn an_object_that_cannot_do_without_the_value_is_absent() {
    let (rest, unreadable) = odd(r#""goods":[{"id":"1","price":"1,0","seller":{},"tags":[]},
            {"id":"2","price":"1","seller":{},"tags":["a",[]]},
            {"id":"3","price":"1","seller":{}},
            {"id":"4","price":"1","seller":{},"tags":[[]]}]"#);
    assert_eq!(rest, r#"{"goods":[{"id":"2","price":"1.00","seller":{},"tags":["a"]}]}"#);
    assert_eq!(
        unreadable,
        [
            "`/goods/0/price`: expected an amount in yuan with at most two decimals, like 50.00",
            "`/goods/1/tags/1`: expected a string, found a list",
            "`/goods/2`: missing field `tags`",
            "`/goods/3/tags/0`: expected a string, found a list",
        ]
    );
    // Nothing is left of an order without a quantity.
    let ask = replied::<AskOrder>;
    for (body, problem) in [
        (
            r#"{"out_biz_no":"1","quantity":"secret","amount":"1,0"}"#,
            "`/quantity`: expected a whole number, found a string",
        ),
        (r#"{"out_biz_no":"1","amount":"1,0"}"#, "missing field `quantity`"),
        (r#"{"out_biz_no":"1","quantity":null}"#, "missing field `quantity`"),
    ] {
        let error = ask(body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert!(error.to_string().contains(&format!("cannot be read: {problem} (HTTP")), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
    let order =
        ask(r#"{"out_biz_no":"1","quantity":2,"parent":{"quantity":1},"amount":[]}"#).unwrap();
    assert_eq!((order.quantity, order.parent.is_none()), (2, true));
    assert_eq!(order.unreadable().len(), 2);
    assert_eq!(order.unreadable()[1].pointer(), "/parent");
}

#[test]
fn what_is_no_object_is_an_error() {
    for body in [
        "[]",
        "null",
        "17",
        "true",
        r#""x""#,
        r#""{}""#,
        r#"{"name":"first""#,
        r#"{"count":01}"#,
        r#"{"count":NaN}"#,
        "{'name':1}",
        "{} {}",
        "<p>",
        "\0",
    ] {
        assert_eq!(ask(body).unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let response =
        ask(r#"{"count":"x","count":1,"day":"2026-01-31","day":"x","opens":{}}"#).unwrap();
    assert_eq!((response.count, response.day), (Some(1), None));
    assert_eq!(unreadable(&response).len(), 2);
}

#[test]
fn nesting_is_bounded() {
    for levels in [10, 100, 130, 3_000] {
        let body = format!(
            r#"{{"name":"first","next":{}{{"name":"in","opens":{{}}}}{},"tags":{}{}}}"#,
            r#"{"name":"in","next":"#.repeat(levels),
            "}".repeat(levels),
            "[".repeat(levels),
            "]".repeat(levels),
        );
        let response = ask(&body).unwrap();
        assert_eq!(response.name.as_deref(), Some("first"));
        let reached = std::iter::successors(response.next.as_ref(), |next| next.next.as_ref());
        let reached = reached.count();
        assert_eq!(reached, (levels + 1).min(128));
        let reasons: Vec<_> = response.unreadable().iter().map(Unreadable::reason).collect();
        let inside = if levels < 128 {
            "expected a time in a string, found an object"
        } else {
            "it is nested more than 128 levels deep"
        };
        assert_eq!(reasons, ["expected a string, found a list", inside]);
    }
}

#[test]
fn it_is_said_how_many_and_never_which_values() {
    let phone = "13800000001";
    let body = format!(
        r#"{{"phone":["{phone}"],"owner":{{"open_id":{{"{phone}":1}}}},"counts":{{"{phone}":"{phone}x"}},"created":"{phone}"}}"#
    );
    let response = ask(&body).unwrap();
    assert_eq!(response.unreadable().len(), 4);
    let shown = format!("{response:?} {:?} {:?}", response.unreadable(), unreadable(&response));
    assert!(!shown.contains(phone), "{shown}");
    assert!(format!("{response:?}").contains("attempts: 1, unreadable: 4, body: "), "{response:?}");
    let clean = ask("{}").unwrap();
    assert!(!format!("{clean:?}").contains("unreadable"));
    assert!(clean.unreadable().is_empty());
}

#[test]
fn what_is_accepted_is_read_as_leniently() {
    let accepted = replied::<Begin>(r#"{"name":"n","day":1}"#);
    let accepted = accepted.unwrap();
    assert_eq!((accepted.name.as_deref(), accepted.unreadable()[0].pointer()), (Some("n"), "/day"));
    assert_eq!(accepted.completed_by(), "alipay.everything.begun");
}

/// The body of an error is one only if nothing of the response is in it.
#[test]
fn an_odd_response_is_no_error() {
    let response = ask(r#"{"code":"A","message":"m","name":"n","day":1}"#).unwrap();
    assert_eq!(response.name.as_deref(), Some("n"));
    assert_eq!(ask(r#"{"code":"A","message":"m","day":1}"#).unwrap_err().code_text(), Some("A"));
}

/// Who reads a model by hand gets an error, as before.
#[test]
fn reading_by_hand_stays_strict() {
    for json in [r#"{"day":1}"#, r#"{"tags":"[]"}"#, r#"{"app_ids":[1]}"#, r#"{"tags":["a",[]]}"#] {
        assert!(serde_json::from_str::<Everything>(json).is_err(), "{json}");
    }
}

fn full() -> Tree {
    json!({
        "name": "n", "phone": "13800000001", "count": 3, "amount": "50.00", "rate": "6.50",
        "ratio": 0.5, "created": "2026-01-31 08:30:00", "day": "2026-01-31", "opens": "08:30:00",
        "paid": true, "status": "ACTIVE", "tags": ["a", "b"], "any": {"a": [1]},
        "owner": {"type": "SHOP", "open_id": "o", "city": "杭州", "shops": ["s"]},
        "owners": [{"city": "a"}, {"city": "b"}],
        "goods": [{"id": "1", "price": "1.00", "seller": {"city": "c"}, "tags": ["t", "u"]}],
        "app_ids": "[1,2]", "contact": "{\"city\":\"上海\"}", "counts": {"a": 1, "b": 2},
        "matrix": [[1, 2], [3]], "next": {"name": "m", "day": "2026-01-31"}, "a/b~c": 1,
        "last": "l",
    })
}

/// The members of the full response, and their members.
fn places(value: &Tree, at: &str, places: &mut Vec<String>) {
    let members: Vec<(String, &Tree)> = match value {
        Tree::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), value)).collect()
        }
        Tree::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in members {
        let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places.push(at.clone());
        self::places(value, &at, places);
    }
}

fn any_json() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::from),
        any::<i64>().prop_map(Tree::from),
        any::<u64>().prop_map(Tree::from),
        any::<f64>().prop_map(Tree::from),
        "\\PC{0,12}".prop_map(Tree::from),
        "[0-9:., T+-]{0,20}".prop_map(Tree::from),
        "[\\[{][\\[\\]{}\"a:1,]{0,12}".prop_map(Tree::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Tree::from),
            prop::collection::btree_map("[a-z_]{0,6}|city|name|next", inner.clone(), 0..4)
                .prop_map(Tree::from_iter),
            inner.prop_map(|value| Tree::from(value.to_string())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_in_place_of_any_other_leaves_the_rest(at: prop::sample::Index, value in any_json()) {
        let mut all = Vec::new();
        places(&full(), "", &mut all);
        let at = at.get(&all);
        let mut body = full();
        *body.pointer_mut(at).unwrap() = value;
        let body = body.to_string();
        let response = ask(&body);
        let response = response.map_err(|error| TestCaseError::fail(error.to_string()))?;
        // All but the field of the response that it is in.
        let top = at.split('/').nth(1).unwrap().replace("~1", "/").replace("~0", "~");
        let mut rest = serde_json::to_value(&*response).unwrap();
        let mut expected = full();
        rest.as_object_mut().unwrap().remove(&top);
        expected.as_object_mut().unwrap().remove(&top);
        prop_assert_eq!(rest, expected);
        // What is named is at or below that place, or holds it.
        for odd in response.unreadable() {
            let named = odd.pointer();
            prop_assert!(named.starts_with(at.as_str()) || at.starts_with(named), "{odd} for {at}");
        }
        prop_assert_eq!(response.raw_body(), body.as_bytes());
    }
}
