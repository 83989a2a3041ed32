//! Any description is served, and requests are held against it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::fmt::Write as _;

use alipay_mock::{Gateway, GatewayBuilder};
use serde_json::{Value, json};
use support::{Call, Reply, builder, create_request, exchange, gateway, parse};

const LIBRARY: &str = include_str!("../fixtures/library.yaml");

fn library() -> GatewayBuilder {
    builder().description(("library.yaml", LIBRARY), None).unwrap()
}

fn list(gateway: &Gateway, query: &str) -> Reply {
    Call::new(gateway, "GET", &format!("/v3/library/book/list{query}"), "").send()
}

fn change(gateway: &Gateway, id: &str, body: &Value) -> Reply {
    let target = format!("/v3/library/book/{id}");
    Call::new(gateway, "PATCH", &target, body.to_string()).send()
}

fn details(reply: &Reply) -> Vec<(String, String, String)> {
    reply.verify().unwrap();
    let json = reply.json();
    let details = json["details"].as_array().unwrap().iter();
    let text = |detail: &Value, name: &str| detail[name].as_str().unwrap().to_owned();
    details.map(|d| (text(d, "location"), text(d, "field"), text(d, "issue"))).collect()
}

#[test]
fn operations_respond_with_the_examples() {
    let gateway = library().start_blocking().unwrap();
    let book =
        json!({"title": "红楼梦", "lent": false, "author": {"name": "曹雪芹", "born": 1715}});
    let reply = list(&gateway, "?sort=TITLE&page=1");
    reply.verify().unwrap();
    assert_eq!(reply.json(), json!({"total": 2, "books": [book]}));
    let reply = change(&gateway, "b%201", &json!({"title": "石头记"}));
    assert_eq!((reply.status, reply.json()), (200, json!({"book": book})));
    // Only what the description has is there.
    let create = Call::post(&gateway, "create", &create_request("1", 1)).send();
    assert_eq!((create.status, create.code().as_str()), (404, "invalid-method"));
    let get = Call::new(&gateway, "GET", "/v3/library/book/7", "").send();
    assert_eq!((get.status, get.message().contains("PATCH")), (405, true));
}

#[test]
fn commands_on_the_page_quote_what_the_description_has() {
    let text = LIBRARY.replacen("/v3/library/book/list", "/v3/library/reader's/list", 1);
    let gateway = builder().description(("library.yaml", &text), None).unwrap();
    let gateway = gateway.start_blocking().unwrap();
    let target = "/?operation=library.book.list";
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let shown = parse(&exchange(&gateway, request.as_bytes()).unwrap()).unwrap().body;
    // Quotes are written as entities.
    assert!(shown.contains(r"reader&#39;\&#39;&#39;s/list"), "{shown}");
}

#[test]
fn amounts_in_responses_have_their_cents() {
    let price =
        "        price: {type: string, format: decimal, x-alipay-unit: yuan, example: '10'}\n";
    let title = "        title: {type: string, example: 红楼梦}\n";
    let text = LIBRARY.replacen(title, &format!("{title}{price}"), 1);
    let gateway = builder().description(("library.yaml", text.as_str()), None).unwrap();
    let gateway = gateway.start_blocking().unwrap();
    let reply = list(&gateway, "?sort=TITLE&page=1");
    assert_eq!(reply.json()["books"][0]["price"], "10.00");
}

#[test]
fn examples_of_types_within_themselves_end() {
    // Each book names ten more, each author ten books.
    let (mut book, mut author) = (String::new(), String::new());
    for n in 0..10 {
        let of_book = "$ref: \"#/components/schemas/Book\"";
        let of_author = "$ref: \"#/components/schemas/Author\"";
        let list = format!("{{type: array, items: {{{of_author}}}}}");
        writeln!(book, "        next_{n}: {{{of_book}}}\n        by_{n}: {list}").unwrap();
        writeln!(author, "        wrote_{n}: {{{of_book}}}").unwrap();
    }
    let text = LIBRARY
        .replace(
            "        title: {type: string, example: 红楼梦}\n",
            &format!("        title: {{type: string, example: 红楼梦}}\n{book}"),
        )
        .replace(
            "        name: {type: string, example: 曹雪芹}\n",
            &format!("        name: {{type: string, example: 曹雪芹}}\n{author}"),
        );
    let gateway =
        builder().description(("library.yaml", &text), None).unwrap().start_blocking().unwrap();
    let reply = list(&gateway, "?sort=TITLE");
    let shown = &reply.json()["books"][0];
    assert_eq!((&shown["title"], &shown["author"]["born"]), (&json!("红楼梦"), &json!(1715)));
    assert_eq!((&shown["next_0"], &shown["author"]["wrote_0"]), (&Value::Null, &Value::Null));
    assert!(reply.body.len() < 2000, "{}", reply.body.len());
}

#[test]
fn every_kind_of_violation_names_its_field() {
    let gateway = library().start_blocking().unwrap();
    for (body, field, issue) in [
        (json!({"title": "x", "pages": 1}), "pages", "UNKNOWN_FIELD"),
        (json!({"title": "x", "author": {"age": 1}}), "author.age", "UNKNOWN_FIELD"),
        (json!({}), "title", "MISSING_REQUIRED"),
        (json!({"title": 1}), "title", "WRONG_TYPE"),
        (json!({"title": null}), "title", "WRONG_TYPE"),
        (json!({"title": "x", "author": {"born": "1715"}}), "author.born", "WRONG_TYPE"),
        (json!({"title": "x", "lent": "true"}), "lent", "WRONG_TYPE"),
        (json!({"title": "x", "tags": "a"}), "tags", "WRONG_TYPE"),
        (json!({"title": "x", "shelf": "TOP"}), "shelf", "UNKNOWN_VALUE"),
        (json!({"title": "12345678901"}), "title", "OVER_LIMIT"),
        (json!({"title": "x", "tags": ["a", "b", "c"]}), "tags", "OVER_LIMIT"),
    ] {
        let reply = change(&gateway, "1", &body);
        assert_eq!((reply.status, reply.code().as_str()), (400, "INVALID_PARAMETER"), "{body}");
        let expected = [("body".to_owned(), field.to_owned(), issue.to_owned())];
        assert_eq!(details(&reply), expected, "{body}");
        assert!(reply.message().contains(&format!("`{field}`")), "{}", reply.message());
    }
    let two = change(&gateway, "123456789", &json!({"title": 1}));
    assert_eq!(details(&two).len(), 2);
    assert!(two.message().ends_with("(and 1 more)"), "{}", two.message());
    // Without a code of its own, an operation has the gateway's.
    for (query, field, issue) in [
        ("", "sort", "MISSING_REQUIRED"),
        ("?sort=SIZE", "sort", "UNKNOWN_VALUE"),
        ("?sort=YEAR&page=x", "page", "WRONG_TYPE"),
        ("?sort=YEAR&page=0", "page", "OUT_OF_RANGE"),
        ("?sort=YEAR&x=1", "x", "UNKNOWN_FIELD"),
    ] {
        let reply = list(&gateway, query);
        assert_eq!(reply.code(), "invalid-parameter", "{query}");
        let expected = [("query".to_owned(), field.to_owned(), issue.to_owned())];
        assert_eq!(details(&reply), expected, "{query}");
        // A query has no quotes.
        assert!(!reply.message().contains("quotes"), "{}", reply.message());
    }
}

#[test]
fn leniency_takes_anything_but_what_the_state_needs() {
    let gateway = library().lenient(true).start_blocking().unwrap();
    assert_eq!(change(&gateway, "123456789", &json!({"pages": 1})).status, 200);
    let gateway = builder().lenient(true).start_blocking().unwrap();
    let mut request = create_request("1", 10);
    request["new_field"] = json!({"x": 1});
    request["voucher_send_mode_info"]["voucher_send_mode"] = json!("NEW_MODE");
    let id = Call::post(&gateway, "create", &request).succeed();
    let id = id["activity_id"].as_str().unwrap();
    assert_eq!(Call::query(&gateway, id).succeed()["new_field"], json!({"x": 1}));
    request["merchant_access_mode"] = Value::Null;
    let (code, message) = Call::post(&gateway, "create", &request).fail();
    assert_eq!(
        (code.as_str(), message.contains("merchant_access_mode")),
        ("INVALID_PARAMETER", true)
    );
}

#[test]
fn uploads_are_signed_by_their_data_part() {
    let gateway = library().start_blocking().unwrap();
    let upload = |parts: &[(&str, &str)], signed: Option<&str>| {
        let mut body = String::new();
        for (name, text) in parts {
            let file = if *name == "data" { "" } else { "; filename=\"a.png\"" };
            let part = format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n"
            );
            body.push_str(&part);
        }
        body += "--b--\r\n";
        let mut call = Call::new(&gateway, "POST", "/v3/library/book/cover", body.clone())
            .content_type("multipart/form-data; boundary=b");
        let text = call.right_text().replace(&body, signed.unwrap_or_default());
        call = call.signed(text);
        call.send()
    };
    let data = "{\"book_id\":\"1\"}";
    let parts = [("data", data), ("cover", "not really an image")];
    let reply = upload(&parts, Some(data));
    assert_eq!((reply.status, reply.json()), (200, json!({"cover_id": "77"})), "{}", reply.body);
    // Without `data` an empty text is signed.
    assert_eq!(upload(&parts[1..], None).status, 200);
    let reply = upload(&[("data", data), ("back", "x")], Some(data));
    assert!(reply.message().contains("unknown field `back`"), "{}", reply.message());
    let reply = upload(&[parts[0], parts[1], parts[1]], Some(data));
    assert!(reply.message().contains("the part `cover` is there twice"), "{}", reply.message());
    assert_eq!(upload(&parts, None).code(), "invalid-signature");

    let whole = Call::new(
        &gateway,
        "POST",
        "/v3/library/book/cover",
        "--b\r\nContent-Disposition: \
        form-data; name=\"data\"\r\n\r\n{}\r\n--b--",
    )
    .content_type("multipart/form-data; boundary=b");
    let reply = whole.send();
    assert!(reply.message().contains("whole multipart body"), "{}", reply.message());
    let broken = Call::new(&gateway, "POST", "/v3/library/book/cover", "x")
        .content_type("multipart/form-data; boundary=b");
    assert_eq!(broken.send().code(), "invalid-request-data");
}

#[test]
fn a_description_that_cannot_be_served_says_why() {
    let error = |text: &str| {
        Gateway::builder().description(("my.yaml", text), None).unwrap_err().to_string()
    };
    assert!(error("x: 1").contains("\nmy.yaml:1:1: error[not-a-description]"), "{}", error("x: 1"));
    let slip = LIBRARY.replace("type: boolean", "type: boolen");
    assert!(error(&slip).contains("my.yaml:"), "{}", error(&slip));
}

#[test]
fn requests_name_their_operation() {
    let gateway = gateway();
    Call::query(&gateway, "1").send();
    let requests = gateway.requests();
    assert_eq!(requests[0].operation.as_deref(), Some("alipay.marketing.activity.voucher.query"));
}

/// A description with this response, and examples of it where a test wants them.
fn serving(properties: &str) -> Value {
    let text = format!(
        r#"
openapi: 3.0.3
info: {{title: A made description, version: "2026-01-31"}}
paths:
  /v3/shop/go:
    get:
      tags: [shop]
      operationId: shop.go
      responses:
        "200":
          description: done
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Go'}}}}}}
components:
  schemas:
    Go:
      type: object
      properties:
{properties}"#
    );
    let gateway = builder().description(("go.yaml", text), None).unwrap().start_blocking().unwrap();
    let first = Call::new(&gateway, "GET", "/v3/shop/go", "").succeed();
    // The same is made each time.
    assert_eq!(first, Call::new(&gateway, "GET", "/v3/shop/go", "").succeed());
    first
}

#[test]
fn responses_are_within_all_limits() {
    let shown = serving(
        r#"
        short: {type: string, maxLength: 3}
        long: {type: string, minLength: 20}
        blank: {type: string, maxLength: 0}
        no: {type: string, pattern: "^[0-9]{32}$"}
        sized: {type: string, pattern: "^a+b*$", minLength: 6, maxLength: 6}
        inside: {type: string, pattern: "[0-9]{3}", minLength: 8}
        either: {type: string, pattern: "^(?:A|BB|CCC)$", minLength: 3}
        han: {type: string, pattern: "^[\\u4e00-\\u9fa5]{2}$"}
        n: {type: integer, minimum: 10, maximum: 12}
        below: {type: integer, maximum: -3}
        step: {type: integer, minimum: 7, multipleOf: 5}
        small: {type: number, minimum: 0.5, exclusiveMinimum: true, maximum: 0.6, exclusiveMaximum: true}
        large: {type: integer, minimum: 9000000000000000000}
        level: {type: integer, enum: [3, 4]}
        never: {type: boolean, enum: [false]}
        letter: {type: string, enum: [A, BB], minLength: 2}
        time: {type: string, format: date-time}
        bytes: {type: string, format: byte, minLength: 20}
        key: {type: string, format: uuid}
        mail: {type: string, format: email, minLength: 30}
        link: {type: string, format: uri, maxLength: 20}
        host: {type: string, format: hostname}
        v4: {type: string, format: ipv4}
        v6: {type: string, format: ipv6}
        amount: {type: string, format: decimal, x-alipay-unit: yuan, x-alipay-minimum: "5.005"}
        rate: {type: string, format: decimal, x-alipay-maximum: "-0.5"}
        names: {type: array, minItems: 3, uniqueItems: true, items: {type: string, maxLength: 4}}
        days: {type: array, minItems: 40, uniqueItems: true, items: {type: string, format: local-date}}
        codes: {type: array, minItems: 12, uniqueItems: true, items: {type: string, pattern: "^[A-Z]{2}$"}}
        grid: {type: array, minItems: 2, items: {type: array, minItems: 3, items: {type: integer, minimum: 5}}}
        empty: {type: array, maxItems: 0, items: {type: string}}
        labels: {type: object, minProperties: 3, additionalProperties: {type: integer, maximum: 0}}
        any: {type: object, minProperties: 2}
        secret: {type: string, writeOnly: true}
        created: {type: string, readOnly: true}
        impossible: {type: string, minLength: 3, maxLength: 2}
        one_of_two: {type: array, minItems: 3, uniqueItems: true, items: {type: boolean}}
"#,
    );
    let text = |name: &str| shown[name].as_str().unwrap_or_else(|| panic!("{name} {shown}"));
    let chars = |name: &str| text(name).chars().count();
    assert_eq!((text("short"), chars("long"), text("blank")), ("exa", 20, ""));
    assert!(text("no").len() == 32 && text("no").bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!((text("sized"), text("either"), text("letter")), ("aaaaaa", "CCC", "BB"));
    assert!(chars("inside") >= 8 && text("inside").contains("000"), "{shown}");
    assert!(text("han").chars().all(|one| ('\u{4e00}'..='\u{9fa5}').contains(&one)));
    assert_eq!(
        ["n", "below", "step", "level"].map(|name| shown[name].as_i64()),
        [Some(10), Some(-3), Some(10), Some(3)]
    );
    let small = shown["small"].as_f64().unwrap();
    assert!(0.5 < small && small < 0.6, "{small}");
    assert!(shown["large"].as_i64().unwrap() >= 9_000_000_000_000_000_000);
    assert_eq!(shown["never"], false);
    assert_eq!(text("time"), "2026-01-01T00:00:00+08:00");
    assert!(chars("bytes") >= 20 && chars("bytes") % 4 == 0);
    assert!(chars("key") == 36 && chars("mail") >= 30 && text("mail").ends_with("@b.cn"));
    assert!(text("link").starts_with("https://") && chars("link") <= 20);
    assert!(text("v4").parse::<std::net::Ipv4Addr>().is_ok());
    assert!(text("v6").parse::<std::net::Ipv6Addr>().is_ok());
    assert_eq!((text("host"), text("amount"), text("rate")), ("a.cn", "5.01", "-0.50"));
    let items = |name: &str| shown[name].as_array().unwrap().clone();
    for (name, count) in [("names", 3), ("days", 40), ("codes", 12)] {
        let items = items(name);
        let different: std::collections::HashSet<_> = items.iter().collect();
        assert_eq!((items.len(), different.len()), (count, count), "{items:?}");
    }
    assert!(items("names").iter().all(|name| name.as_str().unwrap().len() <= 4));
    assert_eq!(shown["grid"], json!([[5, 5, 5], [5, 5, 5]]));
    assert_eq!(shown["empty"], json!([]));
    let labels = shown["labels"].as_object().unwrap();
    assert!(labels.len() == 3 && labels.values().all(|label| label.as_i64().unwrap() <= 0));
    assert_eq!(shown["any"].as_object().unwrap().len(), 2);
    assert_eq!(shown["created"], "example");
    for name in ["secret", "impossible", "one_of_two"] {
        assert_eq!(shown.get(name), None, "{name}");
    }
}

#[test]
fn an_example_counts_if_it_fits() {
    let shown = serving(
        r#"
        name: {type: string, maxLength: 3, example: "红楼"}
        long: {type: string, maxLength: 3, example: "红楼梦传"}
        code: {type: string, pattern: "^[A-Z]+$", example: "KEY"}
        wrong: {type: string, pattern: "^[A-Z]+$", example: "key"}
        letter: {type: string, enum: [A, B], example: B}
        other: {type: string, enum: [A, B], example: C}
        n: {type: integer, maximum: 5, example: 4}
        many: {type: integer, maximum: 5, example: 6}
        amount: {type: string, format: decimal, x-alipay-unit: yuan, example: 88.8}
        time: {type: string, format: date-time, example: "yesterday"}
        list: {type: array, items: {type: string}, example: [a, b]}
        text: {type: array, items: {type: string}, example: '["a", "b"]'}
        item: {type: array, items: {type: string}, example: a}
        few: {type: array, maxItems: 1, items: {type: string}, example: [a, b]}
        more: {type: array, minItems: 3, uniqueItems: true, items: {type: string}, example: [a, a]}
        bits: {type: array, items: {type: string, maxLength: 1}, example: [a, bb]}
        map: {type: object, minProperties: 3, additionalProperties: {type: integer, minimum: 3}, example: {key2: 4, a: 2}}
"#,
    );
    let expected = json!({
        "name": "红楼", "long": "exa", "code": "KEY", "wrong": "A", "letter": "B", "other": "A", "n": 4, "many": 1,
        "amount": "88.80", "time": "2026-01-01T00:00:00+08:00",
        "list": ["a", "b"], "text": ["a", "b"], "item": ["a"], "few": ["a"],
        "more": ["a", "exampl2", "exampl3"], "bits": ["a", "e"],
        "map": {"key2": 4, "a": 3, "key3": 3},
    });
    assert_eq!(shown, expected);
}

#[test]
fn parameters_may_be_parts_of_a_segment() {
    let operation = |method: &str, id: &str, names: &[&str]| {
        let parameters: Vec<_> = names
            .iter()
            .map(|name| {
                format!("{{name: {name}, in: path, required: true, schema: {{type: string}}}}")
            })
            .collect();
        format!(
            "    {method}: {{tags: [shop], operationId: shop.{id}, parameters: [{}], responses: {{\"200\": \
             {{description: done}}}}}}\n",
            parameters.join(", ")
        )
    };
    let mut text = String::from(
        "openapi: 3.0.3\ninfo: {title: A made description, version: \"2026-01-31\"}\npaths:\n",
    );
    for (path, method, id, names) in [
        ("/v3/shop/{id}", "get", "query", &["id"][..]),
        ("/v3/shop/{id}:cancel", "post", "cancel", &["id"]),
        ("/v3/shop/{id}:cancel:now", "post", "cancel_now", &["id"]),
        ("/v3/shop/list", "get", "list", &[]),
        ("/v3/bill/{day}.csv", "get", "bill", &["day"]),
        ("/v3/bill/{from}-{to}", "get", "bills", &["from", "to"]),
        ("/v3/bill/v{major}.{minor}.json", "get", "version", &["major", "minor"]),
    ] {
        writeln!(text, "  \"{path}\":").unwrap();
        text.push_str(&operation(method, id, names));
    }
    let gateway =
        builder().description(("shop.yaml", text), None).unwrap().start_blocking().unwrap();
    for (method, path, expected) in [
        ("GET", "/v3/shop/7", "shop.query"),
        ("GET", "/v3/shop/list", "shop.list"),
        ("GET", "/v3/shop/7%3Acancel", "shop.query"),
        ("POST", "/v3/shop/7:cancel", "shop.cancel"),
        ("POST", "/v3/shop/%E7%BA%A2%2F1:cancel", "shop.cancel"),
        ("POST", "/v3/shop/7:cancel:now", "shop.cancel_now"),
        ("GET", "/v3/bill/20260131.csv", "shop.bill"),
        ("GET", "/v3/bill/20260101-20260131", "shop.bills"),
        ("GET", "/v3/bill/2026-01.csv", "shop.bill"),
        ("GET", "/v3/bill/v1.2.json", "shop.version"),
    ] {
        let reply = Call::new(&gateway, method, path, "").send();
        assert_eq!(reply.status, 200, "{method} {path} {}", reply.body);
        let record = gateway.requests().pop().unwrap();
        assert_eq!(record.operation.as_deref(), Some(expected), "{method} {path}");
    }
    let refused = |method: &str, path: &str| {
        let reply = Call::new(&gateway, method, path, "").send();
        (reply.status, reply.message())
    };
    assert_eq!(
        refused("DELETE", "/v3/shop/7:cancel"),
        (405, "this path takes POST, GET only".to_owned())
    );
    assert_eq!(refused("POST", "/v3/bill/1.csv"), (405, "this path takes GET only".to_owned()));
    assert_eq!(refused("GET", "/v3/bill/1.csv/2").0, 404);
    assert_eq!(refused("POST", "/v3/shop/:cancel").0, 405);
    assert_eq!(refused("GET", "/v3/bill/.csv").0, 404);
    assert!(refused("GET", "/v3/shop/%ff").1.contains("no operation has the path"));
}

#[test]
fn requests_that_can_be_read_in_two_ways_are_refused() {
    let gateway = library().start_blocking().unwrap();
    let change = |body: &str| Call::new(&gateway, "PATCH", "/v3/library/book/1", body).send();
    for (body, key) in [
        (r#"{"title": "x", "title": "y"}"#, "title"),
        (r#"{"title": "x", "author": {"name": "a", "name": "b"}}"#, "name"),
        (r#"{"title": "x", "ti\u0074le": "y"}"#, "title"),
    ] {
        let reply = change(body);
        assert_eq!((reply.status, reply.code().as_str()), (400, "illegal-json"), "{body}");
        let expected = format!("the body is not JSON: `{key}` is there twice in one object");
        assert!(reply.message().starts_with(&expected), "{}", reply.message());
    }
    assert_eq!(change(r#"{"title": "x", "author": {"name": "x"}}"#).status, 200);
    for query in ["?sort=%zz", "?sort=YEAR&%", "?sort=YEAR%2"] {
        let reply = list(&gateway, query);
        assert_eq!(reply.status, 400, "{query}");
        let wrong = "the query has a % that is not followed by two hexadecimal digits";
        assert_eq!(reply.message(), wrong, "{query}");
    }
    for query in ["?sort=%zz", "?sort=%ff", "?sort=YEAR&sort=TITLE"] {
        let expected = [("query".to_owned(), "sort".to_owned(), "BREAKS_RULE".to_owned())];
        assert_eq!(details(&list(&gateway, query)), expected, "{query}");
    }
    // There is no other way to leave a parameter out that a form sends empty.
    for query in ["?sort=", "?sort"] {
        let reply = list(&gateway, query);
        let expected = [("query".to_owned(), "sort".to_owned(), "MISSING_REQUIRED".to_owned())];
        assert_eq!(details(&reply), expected, "{query}");
    }
    assert_eq!(list(&gateway, "?sort=YEAR&page=").status, 400);
}

#[test]
fn limits_that_nobody_can_keep_cost_little() {
    let mut many = String::new();
    for n in 0..50 {
        writeln!(many, "        s{n}: {{type: string, minLength: 100000}}").unwrap();
    }
    let shown = serving(&format!(
        r#"
        endless: {{type: array, minItems: 4000000000, items: {{type: string}}}}
        long: {{type: string, minLength: 4000000000}}
        deep: {{type: string, pattern: "^(((a{{1000}}){{1000}}){{1000}})$"}}
        wide: {{type: object, minProperties: 4000000000, additionalProperties: {{type: integer}}}}
        zero: {{type: integer, multipleOf: 0}}
        last: {{type: integer}}
{many}"#
    ));
    for name in ["endless", "long", "wide"] {
        assert_eq!(shown.get(name), None, "{name}");
    }
    // A pattern that is too large is not looked at.
    assert_eq!((&shown["deep"], &shown["last"]), (&json!("example"), &json!(1)));
    assert!(shown.to_string().len() < 2_000_000);
}
