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
{"name":"secret","type":"string","sensitive":true},
{"name":"code","type":"string","limits":[{"bound":{"pattern":"^[A-Z]{2}\\d{4}$"}}]},
{"name":"ahead","type":"string","limits":[{"bound":{"pattern":"^(?!x)"}}]},
{"name":"step","type":"integer","limits":[{"bound":{"multiple_of":"5"}},{"bound":{"more_than":"0"}}]},
{"name":"share","type":"number","limits":[{"bound":{"multiple_of":"0.1"}},{"bound":{"less_than":"1"}}]},
{"name":"rate","type":"decimal"},
{"name":"level","type":"integer","limits":[{"bound":{"one_of":["1","2"]}}]},
{"name":"always","type":"boolean","limits":[{"bound":{"one_of":["true"]}}]},
{"name":"pids","type":{"list":"string"},"limits":[{"bound":"unique_items"},{"bound":{"each":{"max_length":4}}}]},
{"name":"labels","type":{"map":"string"},"limits":[{"bound":{"min_keys":1}},{"bound":{"max_keys":2}},{"bound":{"each":{"min_length":1}},"inferred":true}]},
{"name":"at","type":"string","limits":[{"bound":{"format":"date-time"}}]},
{"name":"mail","type":"string","limits":[{"bound":{"format":"email"}}]},
{"name":"own","type":"string","limits":[{"bound":{"format":"of-our-own"}}]},
{"name":"maybe","type":"string","limits":[{"bound":"nullable"},{"bound":{"min_length":2}}]},
{"name":"created","type":"string","limits":[{"bound":"read_only"}]},
{"name":"password","type":"string","limits":[{"bound":"write_only"}]},
{"name":"page","place":"query","type":"integer","limits":[{"bound":{"multiple_of":"2"}},{"bound":{"one_of":["2","4"]}}]},
{"name":"tags","place":"query","type":{"list":"string"},"limits":[{"bound":"unique_items"},{"bound":{"each":{"pattern":"^[a-z]+$"}}}]}
],
"examples": [
{"name":"short","type":"yuan","example":"88.8"},
{"name":"number","type":"yuan","example":5},
{"name":"mill","type":"yuan","example":"0.001"},
{"name":"none","type":"yuan"},
{"name":"rate","type":"decimal","example":"0.001"},
{"name":"words","type":"decimal","example":"a tenth"},
{"name":"time","type":"date_time","example":"2026-02-03 04:05:06"},
{"name":"no_time","type":"date_time","example":"20260203"},
{"name":"null","type":"string","example":null,"limits":[{"bound":"nullable"}]},
{"name":"no_null","type":"string","example":null}
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
        "more": {"n": 1}, "secret": "a canary", "code": "AB1234", "ahead": "anything", "step": 10, "share": 0.3,
        "rate": "-0.125", "level": 2, "always": true, "pids": ["1", "2"], "labels": {"a": "x"},
        "at": "2026-01-31T08:30:00+08:00", "mail": "a@b.cn", "own": "anything", "maybe": null, "password": "x",
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
        ("code", json!("ab1"), "WRONG_PATTERN"),
        ("code", json!("AB１２３４"), "WRONG_PATTERN"),
        ("step", json!(7), "NOT_A_MULTIPLE"),
        ("step", json!(0), "UNDER_LIMIT"),
        ("share", json!(0.35), "NOT_A_MULTIPLE"),
        ("share", json!(1), "OVER_LIMIT"),
        ("rate", json!("1e5"), "WRONG_TYPE"),
        ("level", json!(3), "UNKNOWN_VALUE"),
        ("always", json!(false), "UNKNOWN_VALUE"),
        ("pids", json!(["2088", "2088"]), "DUPLICATE_ITEM"),
        ("pids", json!(["20881"]), "OVER_LIMIT"),
        ("labels", json!({}), "UNDER_LIMIT"),
        ("labels", json!({"a": "x", "b": "y", "c": "z"}), "OVER_LIMIT"),
        ("labels", json!({"a": ""}), "UNDER_LIMIT"),
        ("at", json!("yesterday"), "WRONG_FORMAT"),
        ("mail", json!("nobody"), "WRONG_FORMAT"),
        ("maybe", json!("a"), "UNDER_LIMIT"),
        ("must", json!(null), "WRONG_TYPE"),
        ("created", json!("2026"), "READ_ONLY"),
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
fn a_mistake_within_a_value_is_named_by_its_path() {
    let gateway = builder().contract(CONTRACT).start_blocking().unwrap();
    let mut body = good();
    body["pids"] = json!(["1", "20881"]);
    body["labels"] = json!({"a": ""});
    body["level"] = json!(3);
    let reply = send(&gateway, &body);
    let json = reply.json();
    let fields = json["details"].as_array().unwrap().iter().map(|detail| &detail["field"]);
    assert_eq!(fields.collect::<Vec<_>>(), ["level", "pids[1]", "labels.a"]);
    let message = |number: usize| json["details"][number]["description"].as_str().unwrap();
    assert_eq!(message(0), "`level` must be one of 1, 2");
    assert_eq!(message(1), "`pids[1]` has 5 characters, at most 4 allowed");
    assert_eq!(message(2), "`labels.a` has 0 characters, at least 1 allowed (inferred)");
}

#[test]
fn parameters_of_a_query_are_checked_like_a_body() {
    let gateway = builder().contract(CONTRACT).start_blocking().unwrap();
    let issue = |query: &str| {
        let target = format!("/v3/shop/facts?{query}");
        let reply = Call::new(&gateway, "POST", &target, good().to_string()).send();
        let detail = reply.json()["details"][0].clone();
        assert_eq!(detail["location"], "query", "{}", reply.body);
        detail["issue"].clone()
    };
    assert_eq!(issue("page=3"), "NOT_A_MULTIPLE");
    assert_eq!(issue("page=6"), "UNKNOWN_VALUE");
    assert_eq!(issue("tags=a&tags=a"), "DUPLICATE_ITEM");
    assert_eq!(issue("tags=a&tags=A"), "WRONG_PATTERN");
    for target in ["/v3/shop/facts?page=4&tags=a&tags=b", "/v3/shop/facts"] {
        Call::new(&gateway, "POST", target, good().to_string()).succeed();
    }
}

#[test]
fn what_cannot_be_kept_to_is_said_once() {
    let contract = CONTRACT.replace(
        r#"{"name":"short","type":"yuan","example":"88.8"},"#,
        r#"{"name":"short","type":"string","limits":[{"bound":{"min_length":3}},{"bound":{"max_length":2}}]},
           {"name":"free","type":"string","limits":[{"bound":{"pattern":"^(?=a)"}}]},"#,
    );
    let gateway = builder().contract(contract).start_blocking().unwrap();
    let notes = gateway.notes();
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(
        notes[0].starts_with("`ahead`: the pattern `^(?!x)` is not checked: look-around"),
        "{notes:?}"
    );
    assert!(notes[1].starts_with("`free`: the pattern `^(?=a)` is not checked"), "{notes:?}");
    assert_eq!(
        notes[2],
        "`shop.examples`: the response lacks `short`, since no value is found that fits its limits"
    );
    let shown = Call::new(&gateway, "GET", "/v3/shop/examples", "").succeed();
    assert_eq!((shown.get("short"), &shown["free"]), (None, &json!("example")));
    assert!(crate::support::gateway().notes().is_empty());
}

#[test]
fn examples_are_written_as_their_types_are() {
    let gateway = builder().contract(CONTRACT).start_blocking().unwrap();
    let shown = Call::new(&gateway, "GET", "/v3/shop/examples", "").succeed();
    let expected = json!({
        "short": "88.80", "number": "5.00", "mill": "1.00", "none": "1.00", "rate": "0.001", "words": "1.00",
        "time": "2026-02-03 04:05:06", "no_time": "2026-01-01 00:00:00",
        "null": null, "no_null": "example",
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
