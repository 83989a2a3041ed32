//! What the gateway accepts and refuses before an operation is reached, and its responses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::fmt::Write as _;

use alipay_core::encrypt::AesKey;
use alipay_mock::{Clock, Gateway};
use serde_json::json;
use support::{Call, NEW_YEAR, builder, create_request, exchange, gateway, parse, test_keys};
use support::{vector_key, vectors};

const QUERY: &str = "/v3/alipay/marketing/activity/voucher/query";
const STOP: &str = "/v3/alipay/marketing/activity/voucher/stop";

/// A request that passes the protocol fails as business: its activity does not exist.
fn assert_passes(call: &Call<'_>) {
    let (code, message) = call.fail();
    assert_eq!((code.as_str(), message.contains("activity_id")), ("INVALID_PARAMETER", true));
}

/// A gateway refusal is unsigned and says why.
fn assert_refused(call: &Call<'_>, status: u16, code: &str, part_of_message: &str) {
    let reply = call.send();
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.body);
    assert!(reply.message().contains(part_of_message), "{}", reply.message());
    assert!(!reply.is_signed());
    assert_eq!(reply.header("alipay-trace-id").unwrap().len(), 30);
}

#[test]
fn recorded_requests_of_the_official_sdks_are_verified() {
    let [app, alipay, root] = ["app_cert", "alipay_cert", "alipay_root_cert"].map(vector_key);
    let keys = test_keys().with_certificates(app, alipay, root).unwrap();
    for case in vectors()["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let gateway = Gateway::builder()
            .keys(keys.clone())
            .app_id(vector_key("app_id"))
            .clock(Clock::fixed(NEW_YEAR + 1000))
            .start_blocking()
            .unwrap();
        let request = &case["request"];
        let [method, target, body] =
            ["method", "target", "body"].map(|name| request[name].as_str().unwrap());
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in request["headers"].as_object().unwrap() {
            write!(head, "{name}: {}\r\n", value.as_str().unwrap()).unwrap();
        }
        write!(head, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        parse(&exchange(&gateway, head.as_bytes()).unwrap()).unwrap();
        assert!(gateway.requests()[0].verified, "{name}: {:?}", gateway.requests()[0].message);
    }
}

#[test]
fn a_right_request_passes_whatever_the_order_of_its_pairs() {
    let gateway = gateway();
    let app_id = gateway.app_id();
    assert_passes(&Call::query(&gateway, "1"));
    assert_passes(&Call::query(&gateway, "1").token("202212BB_token"));
    for pairs in [
        format!("timestamp={NEW_YEAR},nonce=other-order,app_id={app_id}"),
        format!("app_id={app_id},timestamp={NEW_YEAR},nonce=docs-order,expired_seconds=120"),
    ] {
        assert_passes(&Call::query(&gateway, "1").pairs(pairs));
    }
}

#[test]
fn authorization_is_checked_in_the_real_gateways_order() {
    let gateway = gateway();
    let call = || Call::query(&gateway, "1");
    let app_id = gateway.app_id();
    let scheme = "ALIPAY-SHA256withRSA";
    let header = |pairs: &str| format!("{scheme} {pairs},sign=YQ==");
    let refused = |header: Option<&str>, code: &str, message: &str| {
        assert_refused(&call().authorization(header), 400, code, message);
    };
    refused(None, "missing-timestamp", "no Authorization");
    refused(Some("Bearer x"), "invalid-signature-type", "Bearer");
    refused(Some("ALIPAY-SM2 app_id=1"), "invalid-signature-type", "ALIPAY-SM2");
    refused(Some(&header(&format!("app_id={app_id},nonce=1"))), "missing-timestamp", "timestamp");
    refused(Some(&header("nonce=1,timestamp=1")), "missing-app-id", "app_id");
    // The app id comes before the age of the timestamp, and both before the signature.
    refused(Some(&header("app_id=9,nonce=1,timestamp=1")), "invalid-app-id", "`9`");
    let stale = format!("app_id={app_id},nonce=1,timestamp=1");
    refused(Some(&header(&stale)), "invalid-timestamp", "in seconds");
    let wrong = format!("app_id={app_id},nonce=1,timestamp=x1");
    refused(Some(&header(&wrong)), "illegal-timestamp", "digits");
    let right = format!("app_id={app_id},timestamp={NEW_YEAR}");
    refused(Some(&header(&right)), "invalid-parameter", "nonce");
    refused(Some(&format!("{scheme} {right},nonce=1")), "missing-signature", "sign");
    refused(Some(&format!("{scheme} {right},nonce=1,sign=a b")), "invalid-signature", "base64");
    let certificate = format!("app_id={app_id},app_cert_sn=1,nonce=1,timestamp={NEW_YEAR}");
    refused(Some(&header(&certificate)), "app-cert-not-exist", "key mode");
    refused(Some(&header(&format!("{right},app_id={app_id}"))), "invalid-parameter", "twice");
    let nonce = |length| format!("{right},nonce={}", "n".repeat(length));
    assert_passes(&call().pairs(nonce(128)));
    refused(Some(&header(&nonce(129))), "invalid-parameter", "too long");
}

#[test]
fn timestamps_are_good_for_ten_minutes_either_way() {
    let gateway = gateway();
    let app_id = gateway.app_id();
    let minutes = 60_000;
    let call = |nonce: &str, offset: i64| {
        let timestamp = NEW_YEAR + offset;
        Call::query(&gateway, "1")
            .pairs(format!("app_id={app_id},nonce={nonce},timestamp={timestamp}"))
    };
    assert_passes(&call("a", 10 * minutes));
    assert_passes(&call("b", -10 * minutes));
    assert_refused(&call("c", 10 * minutes + 1), 400, "invalid-timestamp", "600 s ahead");
    assert_refused(&call("d", -10 * minutes - 1), 400, "invalid-timestamp", "600 s behind");
    let pairs =
        format!("app_id={app_id},nonce=e,timestamp={},expired_seconds=60", NEW_YEAR - 61_000);
    let short = Call::query(&gateway, "1").pairs(pairs);
    assert_refused(&short, 400, "invalid-timestamp", "61 s behind");
    for (timestamp, seems_to_be_in_seconds) in
        [(99_999_999_999, true), (100_000_000_000, false), (NEW_YEAR / 10, false)]
    {
        let reply = call("g", timestamp - NEW_YEAR).send();
        assert_eq!(reply.code(), "invalid-timestamp");
        let message = reply.message();
        assert_eq!(message.contains("in seconds"), seems_to_be_in_seconds, "{message}");
    }
    gateway.clock().advance(std::time::Duration::from_secs(601));
    assert_refused(&call("f", 0), 400, "invalid-timestamp", "601 s behind");
}

#[test]
fn a_request_cannot_be_replayed() {
    let gateway = gateway();
    let call = Call::query(&gateway, "1");
    assert_passes(&call);
    assert_refused(&call, 400, "suspected-attack", "nonce");
    // A request that was refused for its signature has not used up its nonce.
    let call = Call::query(&gateway, "1");
    let wrong = Call::query(&gateway, "1").pairs(call.pairs.clone()).signed("x");
    assert_refused(&wrong, 400, "invalid-signature", "");
    assert_passes(&call);
}

#[test]
fn a_wrong_signature_is_explained() {
    let gateway = gateway();
    let query = || {
        let target = format!("{QUERY}?merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d");
        Call::new(&gateway, "GET", &target, "")
    };
    let body = " {\"b\":1, \"a\":\"中/\"}";
    let post = || Call::new(&gateway, "POST", STOP, body);
    let explained = |call: Call<'_>, change: &dyn Fn(String) -> String, message: &str| {
        let text = change(call.right_text());
        assert_refused(&call.signed(text), 400, "invalid-signature", message);
    };
    explained(post(), &|text| text[..text.len() - 1].to_owned(), "last line feed");
    explained(query(), &|text| text[..text.len() - 1].to_owned(), "line of the empty body");
    explained(query().token("t"), &|text| text.replace("\n\n", "\n"), "line of the empty body");
    explained(post(), &|text| text.replace('\n', ""), "without line feeds");
    explained(post(), &|text| text.replace('\n', "\r\n"), "CR LF");
    explained(post(), &|text| text.replace("POST", "post"), "lower case");
    explained(post(), &|text| format!("ALIPAY-SHA256withRSA {text}"), "scheme");
    explained(query(), &|text| text.replace("%2F", "/").replace("%20", " "), "decoded");
    explained(
        query(),
        &|text| text.replace("%2F", "/").replace("%20", " ").replace('+', " "),
        "decoded",
    );
    explained(query(), &|text| text.replace('+', "%20"), "another encoding");
    explained(
        query(),
        &|text| {
            text.replace(
                "merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d",
                "activity_id=a%2Fb+c%20d&merchant_access_mode=SELF_MODE",
            )
        },
        "sorted",
    );
    explained(
        query(),
        &|text| text.replace("?merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d", ""),
        "only the path",
    );
    let url = format!("{}{STOP}", gateway.base_url());
    explained(post(), &|text| text.replace(STOP, &url), "whole URL");
    explained(
        post().token("secret"),
        &|text| text.replace("secret\n", ""),
        "alipay-app-auth-token was sent but not signed",
    );
    explained(post(), &|text| text.replace(body, ""), "body was not signed");
    explained(post(), &|text| text.replace(body, body.trim()), "without the white space");
    explained(
        Call::new(&gateway, "POST", STOP, "{}\n"),
        &|text| text.replace("{}\n", "{}"),
        "without the white space",
    );
    for rendering in [
        "{\"b\":1,\"a\":\"中/\"}",
        "{\"a\":\"中/\",\"b\":1}",
        "{\"b\": 1, \"a\": \"\\u4e2d/\"}",
        "{\n  \"b\": 1,\n  \"a\": \"中/\"\n}",
    ] {
        explained(post(), &|text| text.replace(body, rendering), "written again");
    }
    explained(
        Call::new(&gateway, "POST", STOP, "{}").encrypted(),
        &|text| text.replace("/eOF74gJfXU1z9BJVGa5NA==", "{}"),
        "encrypt first",
    );
    explained(post(), &|_| "something else".to_owned(), "no known mistake");
    let lines = format!("method (4 bytes), path and query ({} bytes), body (20 bytes)", STOP.len());
    explained(post(), &|_| "something else".to_owned(), &lines);
}

/// A request whose parts have something for each mistake.
fn long_query(gateway: &Gateway) -> Call<'_> {
    let target = format!("{QUERY}?merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d%E4%B8%AD");
    Call::new(gateway, "GET", &target, "")
}

/// Signs with `to` in place of `from`, and expects the refusal to name that.
fn explained(call: Call<'_>, from: &str, to: &str, message: &str) {
    let right = call.right_text();
    let signed = right.replace(from, to);
    assert_ne!(signed, right, "{message}");
    assert_refused(&call.signed(signed), 400, "invalid-signature", message);
}

#[test]
fn what_else_was_signed_is_named() {
    let gateway = gateway();
    let body = "{\"name\":\"中/<a>\",\"n\":[1,{\"b\":2}]}";
    let post = || Call::new(&gateway, "POST", STOP, body);
    let query = || long_query(&gateway);
    for (from, to, message) in [
        ("%", "%25", "percent-encoded twice"),
        ("+", "%20", "another encoding"),
        ("%20", "+", "another encoding"),
        (
            "merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d%E4%B8%AD",
            "",
            "only the path was signed",
        ),
        ("/v3/", "v3/", "first slash"),
        ("/v3/", "/", "without /v3"),
        ("GET", "Get", "lower case"),
        ("GET", "POST", "another method"),
        ("GET\n", "\n", "the method is missing"),
        (",", ", ", "with blanks between them"),
        (",nonce", "&nonce", "no known mistake"),
        ("\nGET", ",sign=\nGET", "empty `sign`"),
        ("app_id=", "Authorization: ALIPAY-SHA256withRSA app_id=", "name of the header"),
        ("app_id=2021000000000001", "app_id=\"2021000000000001\"", "no known mistake"),
        ("1767225600000", "1767225600", "in seconds"),
        ("1767225600000", "1767225599983", "taken anew between signing and sending"),
        ("1767225600000", "1767225601999", "taken anew between signing and sending"),
        ("1767225600000", "1767225700000", "no known mistake"),
        ("/v3/", "https://openapi.alipay.com/v3/", "whole URL"),
        (",timestamp=1767225600000", "", "`timestamp` was sent but not signed"),
        ("\n\n", "\n{}\n", "a body was signed, but none was sent"),
        ("\n\n", "\nnull\n", "a body was signed, but none was sent"),
        ("\n\n", "\n\n\n", "a line feed too many"),
        ("\n", "\\n", "a backslash and an n"),
        ("\n", " ", "joined with blanks"),
    ] {
        explained(query(), from, to, message);
    }
    let all = "the pairs were signed in another order";
    let call =
        query().pairs(format!("app_id={},nonce=order,timestamp={NEW_YEAR}", gateway.app_id()));
    let sorted = call.pairs.split(',').rev().collect::<Vec<_>>().join(",");
    let sent = call.pairs.clone();
    explained(call, &sent, &sorted, all);
    for (to, message) in [
        ("{\"n\":[1,{\"b\":2}],\"name\":\"中/<a>\"}", "written again"),
        ("{\"name\":\"\\u4E2D/<a>\",\"n\":[1,{\"b\":2}]}", "written again"),
        ("{\"name\":\"中\\/<a>\",\"n\":[1,{\"b\":2}]}", "written again"),
        ("{\"name\":\"中/\\u003ca\\u003e\",\"n\":[1,{\"b\":2}]}", "written again"),
        ("{\"name\": \"\\u4e2d/<a>\", \"n\": [1, {\"b\": 2}]}", "written again"),
        (
            "{\n\t\"name\": \"中/<a>\",\n\t\"n\": [\n\t\t1,\n\t\t{\n\t\t\t\"b\": 2\n\t\t}\n\t]\n}",
            "written again",
        ),
        ("\u{feff}{\"name\":\"中/<a>\",\"n\":[1,{\"b\":2}]}", "byte order mark"),
        ("{}", "a value without content was signed"),
        ("null", "a value without content was signed"),
        ("[object Object]", "a value without content was signed"),
        ("?", "no known mistake"),
    ] {
        explained(post(), body, to, message);
    }
    let token = || post().token("secret-token");
    let among = |call: &Call<'_>| format!("{},app_auth_token=secret-token", call.pairs);
    let text = token();
    let signed =
        text.right_text().replace("secret-token\n", "").replace(&text.pairs, &among(&text));
    assert_refused(&text.signed(signed), 400, "invalid-signature", "signed among the pairs");
    // Two mistakes at once are both named.
    let both = post();
    let signed = both.right_text().replace("POST", "post");
    let signed = signed.trim_end_matches('\n').to_owned();
    assert_refused(
        &both.signed(signed),
        400,
        "invalid-signature",
        "the method was signed in lower case; and the last line feed is missing",
    );
}

#[test]
fn lines_in_another_order_or_left_out_are_named() {
    let gateway = gateway();
    let body = "{\"n\":1}";
    let post = || Call::new(&gateway, "POST", STOP, body);
    for (from, to, message) in [
        (STOP, "alipay.marketing.activity.voucher.stop", "the operation's name was signed"),
        ("POST\n", "", "the line of the method is missing"),
        (&format!("{STOP}\n"), "", "the line of path and query is missing"),
        (
            &format!("POST\n{STOP}\n{body}\n"),
            &format!("{STOP}\nPOST\n{body}\n"),
            "in another order",
        ),
        (
            &format!("POST\n{STOP}\n{body}\n"),
            &format!("{body}\n{STOP}\nPOST\n"),
            "in another order",
        ),
    ] {
        explained(post(), from, to, message);
    }
    let (first, without) = (post(), post());
    let of_pairs = format!("{}\n", without.pairs);
    explained(without, &of_pairs, "", "the line of the authorization pairs is missing");
    let rest = format!("POST\n{STOP}\n{body}\n");
    let (from, to) = (format!("{}\n{rest}", first.pairs), format!("{rest}{}\n", first.pairs));
    explained(first, &from, &to, "in another order");
}

#[test]
fn how_it_was_signed_is_named_apart_from_what_was() {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/signatures.json")).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let (pairs, target) = (text(&all["pairs"]), text(&all["target"]));
    for case in all["cases"].as_array().unwrap() {
        let gateway = gateway();
        let header = format!("ALIPAY-SHA256withRSA {pairs},sign={}", text(&case["sign"]));
        let call = Call::new(&gateway, "GET", &target, "")
            .pairs(pairs.clone())
            .authorization(Some(&header));
        let reply = call.send();
        let message = reply.message();
        assert_eq!(reply.code(), "invalid-signature");
        for part in case["says"].as_array().unwrap() {
            assert!(message.contains(&text(part)), "{}: {message}", case["name"]);
        }
        assert!(message.lines().count() == 1 && !message.contains(". and"), "{message}");
    }
    // A signature that is broken into lines, as `base64` and others do.
    let sign = all["cases"][0]["sign"].as_str().unwrap();
    for end in [" ", "\\n", "%0A"] {
        let (gateway, (first, rest)) = (gateway(), sign.split_at(76));
        let header = format!("ALIPAY-SHA256withRSA {pairs},sign={first}{end}{rest}{end}");
        let call = Call::new(&gateway, "GET", &target, "")
            .pairs(pairs.clone())
            .authorization(Some(&header));
        assert_refused(&call, 400, "invalid-signature", "broken into lines");
    }
}

#[test]
fn text_in_gbk_is_told_from_text_in_utf_8() {
    let gateway = gateway();
    // 中 in GBK, which is no UTF-8.
    let gbk = b"{\"a\":\"\xd6\xd0\"}";
    let call = Call::new(&gateway, "POST", STOP, "{\"a\":\"中\"}");
    let text = [format!("{}\nPOST\n{STOP}\n", call.pairs).as_bytes(), gbk, b"\n"].concat();
    let reply = call.signed_bytes(text).send();
    assert!(reply.message().contains("signed in GBK"), "{}", reply.message());
    let difference = &reply.json()["diagnosis"]["difference"];
    assert_eq!(difference["expected"], "…vity/voucher/stop\\n{\"a\":\"»中«\"}\\n");
    assert_eq!(difference["signed"], "…vity/voucher/stop\\n{\"a\":\"»\\«xD6\\xD0\"}\\n");
    let call = Call::new(&gateway, "POST", STOP, gbk);
    let text = format!("{}\nPOST\n{STOP}\n{{\"a\":\"中\"}}\n", call.pairs);
    let reply = call.signed(text).send();
    assert!(reply.message().contains("sent in GBK"), "{}", reply.message());
}

#[test]
fn both_strings_are_shown_with_their_first_difference() {
    let gateway = gateway();
    let call = long_query(&gateway);
    let right = call.right_text();
    let signed = right.replace("%2F", "%5C");
    let reply = call.signed(signed.clone()).send();
    // Another character is no mistake that is known.
    assert_eq!(reply.json()["diagnosis"]["expected"], right.as_str());
    assert_eq!(reply.json()["diagnosis"]["signed"], json!(null));

    let call = long_query(&gateway);
    let right = call.right_text();
    let signed = right.replace("%2F", "%2f").replace("%E4%B8%AD", "%e4%b8%ad");
    let reply = call.signed(signed.clone()).send();
    let diagnosis = &reply.json()["diagnosis"];
    assert_eq!(diagnosis["expected"], right.as_str());
    assert_eq!(diagnosis["signed"], signed.as_str());
    let column = right.lines().nth(2).unwrap().find("%2F").unwrap() + 3;
    let expected = json!({
        "line": 3,
        "part": "path and query",
        "character": column,
        "expected": "…ELF_MODE&activity_id=a%2»F«b+c%20d%E4%B8%AD\\n\\n",
        "signed": "…ELF_MODE&activity_id=a%2»f«b+c%20d%e4%b8%ad\\n\\n",
    });
    assert_eq!(diagnosis["difference"], expected);
    let message = reply.message();
    assert!(
        message.contains(&format!("in line 3 (path and query), character {column}")),
        "{message}"
    );
    let record = gateway.requests().pop().unwrap().diagnosis.unwrap();
    assert_eq!(record.signed.as_deref(), Some(signed.as_str()));
    assert_eq!(record.difference.as_ref().map(|difference| difference.line), Some(3));
    // A line feed that is missing at the end can be seen.
    let call = Call::new(&gateway, "POST", STOP, "{}");
    let signed = call.right_text().trim_end().to_owned();
    let reply = call.signed(signed).send();
    let difference = &reply.json()["diagnosis"]["difference"];
    assert_eq!((&difference["part"], &difference["character"]), (&json!("body"), &json!(3)));
    assert!(difference["expected"].as_str().unwrap().ends_with("\\n{}»\\n«"), "{difference}");
    assert!(difference["signed"].as_str().unwrap().ends_with("\\n{}»«"), "{difference}");
    // Where the right string was signed, nothing differs.
    let call = Call::query(&gateway, "1");
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/signatures.json")).unwrap();
    let (pairs, sha1) = (all["pairs"].as_str().unwrap(), all["cases"][0]["sign"].as_str().unwrap());
    let header = format!("ALIPAY-SHA256withRSA {pairs},sign={sha1}");
    let diagnosis = call.authorization(Some(&header)).send().json()["diagnosis"].clone();
    assert_eq!(diagnosis["expected"], diagnosis["signed"]);
    assert_eq!(diagnosis["difference"], json!(null));
}

#[test]
fn serials_in_capitals_are_named() {
    let [app, alipay, root] = ["app_cert", "alipay_cert", "alipay_root_cert"].map(vector_key);
    let keys = test_keys().with_certificates(app, alipay, root).unwrap();
    let gateway =
        Gateway::builder().keys(keys).clock(Clock::fixed(NEW_YEAR)).start_blocking().unwrap();
    let certificates = gateway.certificates().unwrap();
    let app = certificates.app_serial().to_owned();
    let root = certificates.root_serial().to_owned();
    let pairs = |app: &str, nonce: u8| {
        format!("app_id={},app_cert_sn={app},nonce={nonce},timestamp={NEW_YEAR}", gateway.app_id())
    };
    let call = |app: &str, nonce: u8| Call::query(&gateway, "1").pairs(pairs(app, nonce));
    let capitals = "small letters";
    assert_refused(&call(&app.to_uppercase(), 1), 400, "app-cert-not-exist", capitals);
    assert_refused(&call(&root, 2), 400, "app-cert-not-exist", "that is the serial of the root");
    let other = call(&app, 3).header("alipay-root-cert-sn", &root.to_uppercase());
    assert_refused(&other, 400, "invalid-alipay-root-cert-sn", capitals);
    assert_passes(&call(&app, 4).header("alipay-root-cert-sn", &root));
}

#[test]
fn messages_and_the_control_interface_show_nothing_personal_of_a_wrong_request() {
    let gateway = gateway();
    let body =
        json!({"user_id": "2088000000000000", "activity_id": "1", "list": [{"phone": "138"}]});
    let spaced = |call: &Call<'_>| {
        call.right_text()
            .replace(&body.to_string(), &body.to_string().replace(':', ": ").replace(',', ", "))
    };
    let call = || Call::post(&gateway, "send", &body).token("secret-token");
    let first = call();
    let reply = first.signed("x").send();
    assert_eq!(reply.code(), "invalid-signature");
    assert!(!reply.message().contains("2088") && !reply.body.contains("secret"), "{}", reply.body);
    let second = call();
    let text = spaced(&second);
    let reply = second.signed(text).send();
    assert!(!reply.message().contains("2088") && !reply.body.contains("secret"), "{}", reply.body);
    // The caller gets its own content back, so that it can compare.
    assert!(
        reply.json()["diagnosis"]["signed"]
            .as_str()
            .unwrap()
            .contains("\"user_id\": \"2088000000000000\"")
    );
    let third = Call::new(&gateway, "GET", &format!("{QUERY}?buyer%5Fid=2088&page=1"), "");
    let text = third.right_text().replace("%5F", "_");
    assert!(third.signed(text).send().message().contains("decoded"));
    let shown = format!("{:?} {:?}", gateway.requests(), gateway.requests()[1].diagnosis);
    assert!(!shown.contains("2088"), "{shown}");
    let head = "GET /_mock/requests HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    let shown = parse(&exchange(&gateway, head.as_bytes()).unwrap()).unwrap().json();
    let strings = shown[1]["diagnosis"]["signed"].as_str().unwrap();
    assert!(strings.contains("\"user_id\": ***, \"activity_id\": \"1\""), "{strings}");
    assert!(strings.contains("[{\"phone\": ***}]"), "{strings}");
    let strings = shown[0]["diagnosis"]["signed"].as_str().unwrap();
    assert!(strings.contains("?buyer_id=***&page=1"), "{strings}");
    for hidden in ["2088", "138", "secret-token"] {
        assert!(!shown.to_string().contains(hidden), "{hidden} in {shown}");
    }
}

#[test]
fn headers_are_checked() {
    let gateway = gateway();
    let body = json!({"activity_id": "1", "merchant_access_mode": "SELF_MODE", "out_biz_no": "1"});
    let stop = || Call::post(&gateway, "stop", &body);
    for id in ["a", "0123456789abcdef_BCDEF-123456789"] {
        assert_passes(&stop().header("alipay-request-id", id));
    }
    for id in ["", "5f9fba93-bbb2-40f0-b328-04d5ead3e131", "a b"] {
        let call = stop().header("alipay-request-id", id);
        assert_refused(&call, 400, "invalid-parameter", "alipay-request-id");
    }
    assert_passes(&stop().content_type("Application/JSON; charset=utf-8"));
    let form = stop().content_type("application/x-www-form-urlencoded");
    assert_refused(&form, 400, "invalid-parameter", "application/json");
    let text = stop().content_type("text/plain");
    assert_refused(&text, 400, "missing-encrypt-type", "alipay-encrypt-type");
    assert_passes(&stop().encrypted());
    let json = stop().encrypted().content_type("application/json");
    assert_refused(&json, 400, "invalid-parameter", "text/plain");
    let des = stop().header("alipay-encrypt-type", "DES").content_type("text/plain");
    assert_refused(&des, 400, "invalid-encrypt-type", "AES");
    let plain = stop().header("alipay-encrypt-type", "AES").content_type("text/plain");
    assert_refused(&plain, 400, "decryption-error-unknown", "plain JSON");
    let garbage = Call::new(&gateway, "POST", STOP, "QUJD")
        .header("alipay-encrypt-type", "AES")
        .content_type("text/plain");
    assert_refused(&garbage, 400, "decryption-error-unknown", "does not decrypt");
}

#[test]
fn bodies_in_another_charset_are_named() {
    let gateway = gateway();
    for (body, message) in [
        (&b"{\"a\":\"\xd6\xd0\"}"[..], "not UTF-8, but GBK"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"{\"a\":\"\xff\"}", "not JSON"),
    ] {
        let call = Call::new(&gateway, "POST", STOP, body);
        let text = [format!("{}\nPOST\n{STOP}\n", call.pairs).as_bytes(), body, b"\n"].concat();
        assert_refused(&call.signed_bytes(text), 400, "illegal-json", message);
    }
}

#[test]
fn bodies_must_be_json_objects() {
    let gateway = gateway();
    for (body, message) in [
        ("{\"a\":", "not JSON"),
        ("[]", "not an object"),
        ("1", "not an object"),
        ("", "empty"),
        ("{} x", "not JSON"),
    ] {
        let call = Call::new(&gateway, "POST", STOP, body);
        assert_refused(&call, 400, "illegal-json", message);
    }
    let deep = "[".repeat(10_000);
    assert_refused(&Call::new(&gateway, "POST", STOP, deep), 400, "illegal-json", "not JSON");
}

#[test]
fn unknown_paths_and_methods_are_refused() {
    let gateway = gateway();
    for path in
        ["/", "/v3/alipay/trade/nothing", "/v3/alipay/marketing/activity/voucher/", "/gateway"]
    {
        assert_refused(&Call::new(&gateway, "POST", path, "{}"), 404, "invalid-method", path);
    }
    let get = Call::new(&gateway, "GET", STOP, "");
    assert_refused(&get, 405, "invalid-method", "POST only");
    let post = Call::new(&gateway, "POST", QUERY, "{}");
    assert_refused(&post, 405, "invalid-method", "GET only");
}

#[test]
fn responses_are_signed_and_named() {
    let gateway = gateway();
    let first = Call::post(&gateway, "create", &create_request("1", 10)).send();
    first.verify().unwrap();
    assert_eq!(first.header("content-type"), Some("application/json;charset=UTF-8"));
    assert_eq!(first.header("alipay-timestamp"), Some("1767225600000"));
    let second = Call::post(&gateway, "create", &create_request("2", 10)).send();
    for name in ["alipay-trace-id", "alipay-nonce", "alipay-signature"] {
        assert_ne!(first.header(name).unwrap(), second.header(name).unwrap());
    }
}

#[test]
fn encrypted_requests_get_encrypted_responses() {
    let gateway = gateway();
    let reply = Call::post(&gateway, "create", &create_request("1", 10)).encrypted().send();
    reply.verify().unwrap();
    assert_eq!(reply.header("content-type"), Some("text/plain;charset=UTF-8"));
    let key = AesKey::parse(vector_key("aes_key")).unwrap();
    let plain = key.decrypt(reply.body.as_bytes()).unwrap();
    let created: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    let id = created["activity_id"].as_str().unwrap();
    // A GET has no body to encrypt, but requests an encrypted response.
    let reply = Call::query(&gateway, id).encrypted().send();
    reply.verify().unwrap();
    let plain = key.decrypt(reply.body.as_bytes()).unwrap();
    assert!(String::from_utf8(plain).unwrap().contains(id));
    // Errors come in plain JSON.
    let (code, _) = Call::query(&gateway, "1").encrypted().fail();
    assert_eq!(code, "INVALID_PARAMETER");
}

#[test]
fn which_errors_are_signed_can_be_switched() {
    let gateway =
        builder().sign_gateway_errors(true).sign_business_errors(false).start_blocking().unwrap();
    let refused = Call::query(&gateway, "1").signed("x").send();
    assert_eq!(refused.code(), "invalid-signature");
    refused.verify().unwrap();
    let failed = Call::query(&gateway, "1").send();
    assert_eq!(failed.code(), "INVALID_PARAMETER");
    assert!(!failed.is_signed());
    assert!(failed.json()["links"][0]["link"].is_string());
}
