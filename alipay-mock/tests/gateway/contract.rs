//! Each kind of fact that a contract holds has its effect.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use serde_json::{Value, json};

use crate::support::{Call, Reply, builder};

const CONTRACT: &str = r#"{
"operations": [
{"id":"shop.facts","method":"POST","path":"/v3/shop/facts","title":"","request":"facts","response":"none","codes":[]},
{"id":"shop.examples","method":"GET","path":"/v3/shop/examples","title":"","request":"none","response":"examples","codes":[]}
],
"structs": {
"none": [],
"facts": [
{"name":"must","type":"string","required":true},
{"name":"date","type":"date"},
{"name":"perhaps_date","type":"date","inferred":true},
{"name":"word","type":{"enum":"words"}},
{"name":"perhaps_word","type":{"enum":"perhaps_words"}},
{"name":"name","type":"string","limits":[{"bound":{"min_length":2}},{"bound":{"max_length":3},"inferred":true}]},
{"name":"items","type":{"list":"string"},"limits":[{"bound":{"min_items":1}},{"bound":{"max_items":2}}]},
{"name":"count","type":"number","limits":[{"bound":{"minimum":"1"}},{"bound":{"maximum":"1000"}}]},
{"name":"amount","type":"yuan","limits":[{"bound":{"maximum":"100.00"}}]},
{"name":"json","type":{"json_string":{"list":"string"}}},
{"name":"more","type":{"map":"integer"}},
{"name":"secret","type":"string","sensitive":true}
],
"examples": [
{"name":"short","type":"yuan","example":"88.8"},
{"name":"number","type":"yuan","example":5},
{"name":"mill","type":"yuan","example":"0.001"},
{"name":"none","type":"yuan"},
{"name":"rate","type":"decimal","example":"0.001"},
{"name":"words","type":"decimal","example":"a tenth"},
{"name":"time","type":"date_time","example":"2026-02-03 04:05:06"},
{"name":"no_time","type":"date_time","example":"20260203"}
]
},
"enums": {
"words": {"values":["a","b"]},
"perhaps_words": {"values":["a","b"],"inferred":true}
},
"messages": []
}"#;

fn good() -> Value {
    json!({
        "must": "x", "date": "2026-01-31", "perhaps_date": "soon", "word": "a", "perhaps_word": "z",
        "name": "ab", "items": ["x"], "count": 10, "amount": "99.99", "json": "[\"x\"]",
        "more": {"n": 1}, "secret": "a canary",
    })
}

fn send(gateway: &alipay_mock::Gateway, body: &Value) -> Reply {
    Call::new(gateway, "POST", "/v3/shop/facts", body.to_string()).send()
}

#[test]
fn each_fact_is_checked() {
    let gateway = builder().contract(CONTRACT).start_blocking().unwrap();
    let reply = send(&gateway, &good());
    assert_eq!(reply.status, 200, "{}", reply.body);
    for (name, value, issue) in [
        ("date", json!("soon"), "WRONG_TYPE"),
        ("word", json!("z"), "UNKNOWN_VALUE"),
        ("name", json!("a"), "UNDER_LIMIT"),
        ("name", json!("abcd"), "OVER_LIMIT"),
        ("items", json!([]), "UNDER_LIMIT"),
        ("items", json!(["x", "y", "z"]), "OVER_LIMIT"),
        ("count", json!(0), "OUT_OF_RANGE"),
        ("count", json!(10_000_000_000_000_000_000_u64), "OUT_OF_RANGE"),
        ("amount", json!("100.01"), "OVER_LIMIT"),
        ("amount", json!("100000000000000000.00"), "OVER_LIMIT"),
        ("json", json!("{}"), "WRONG_TYPE"),
        ("more", json!({"n": "x"}), "WRONG_TYPE"),
        ("unknown", json!(1), "UNKNOWN_FIELD"),
    ] {
        let mut body = good();
        body[name] = value;
        let reply = send(&gateway, &body);
        assert_eq!(reply.json()["details"][0]["issue"], issue, "{name}: {}", reply.body);
    }
    let mut body = good();
    body.as_object_mut().unwrap().remove("must");
    assert_eq!(send(&gateway, &body).json()["details"][0]["issue"], "MISSING_REQUIRED");
}

#[test]
fn examples_are_written_as_their_types_are() {
    let gateway = builder().contract(CONTRACT).start_blocking().unwrap();
    let shown = Call::new(&gateway, "GET", "/v3/shop/examples", "").succeed();
    let expected = json!({
        "short": "88.80", "number": "5.00", "mill": "1.00", "none": "1.00", "rate": "0.001", "words": "1.00",
        "time": "2026-02-03 04:05:06", "no_time": "2026-01-01 00:00:00",
    });
    assert_eq!(shown, expected);
}

#[test]
fn what_the_contract_calls_personal_is_hidden() {
    let gateway = builder().contract(CONTRACT).start_blocking().unwrap();
    assert_eq!(send(&gateway, &good()).status, 200);
    let shown = crate::support::exchange(
        &gateway,
        format!(
            "GET /_mock/requests HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            gateway.base_url().strip_prefix("http://").unwrap()
        )
        .as_bytes(),
    );
    let shown = String::from_utf8(shown.unwrap()).unwrap();
    assert!(shown.contains("/v3/shop/facts") && !shown.contains("canary"), "{shown}");
}
