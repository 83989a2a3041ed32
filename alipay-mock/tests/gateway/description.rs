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
use support::{Call, Reply, builder, create_request, gateway};

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
