//! `alipay verify`: what is right verifies, and each planted mistake is found.

use std::sync::LazyLock;

use alipay_core::encrypt::AesKey;
use alipay_core::keys::PrivateKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{Output, alipay, canaries, personal};

const APP: &str = "2021000000000001";
/// A time, and the same in milliseconds.
const AT: &str = "2026-01-01 08:00:00";
const MILLIS: i64 = 1_767_225_600_000;

/// Our own keys: the app's, Alipay's and a third pair.
static APP_KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
static ALIPAY_KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
static OTHER_KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
const AES: &str = "rkNevYhRYMmpJn3w4q8mSw==";

/// `alipay verify -` with the settings, and what it is given.
fn run(input: impl Into<Vec<u8>>, more: &[&str]) -> Output {
    let arguments = ["verify", "-"].iter().chain(more).copied();
    alipay(arguments)
        .env("ALIPAY_APP_ID", APP)
        .env("ALIPAY_PRIVATE_KEY", APP_KEY.to_pkcs8_base64().unwrap().as_str())
        .env("ALIPAY_PUBLIC_KEY", ALIPAY_KEY.public_key().to_base64())
        .env("ALIPAY_ENCRYPT_KEY", AES)
        .stdin(input)
        .run()
}

/// The same, which shows no secret and nothing personal.
fn verify(input: impl Into<Vec<u8>>, more: &[&str]) -> Output {
    let output = run(input, more);
    canaries(&output);
    output
}

/// That a mistake is found, and the string to sign shown.
#[track_caller]
fn finds(input: impl Into<Vec<u8>>, mistake: &str) -> Output {
    let output = verify(input, &[]).ends(1);
    assert!(output.stdout.starts_with("not verified"), "{}", output.stdout);
    assert!(output.stdout.contains(mistake), "{mistake}: {}", output.stdout);
    assert!(output.stdout.contains("expected string, by this file"), "{}", output.stdout);
    output
}

/// A content with personal data of tests.
fn content() -> String {
    json!({
        "out_trade_no": "20260101-0001",
        "note": "50% off & a+b=c/\"红包\" <b>",
        "buyer_user_id": personal::USER_ID,
        "open_id": personal::OPEN_ID,
        "phone": personal::PHONE,
        "buyer_logon_id": personal::LOGON_ID,
    })
    .to_string()
}

fn response_with(body: &str, key: &PrivateKey) -> String {
    let sign = key.sign(format!("{MILLIS}\nn-1\n{body}\n").as_bytes()).unwrap();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json;charset=UTF-8\r\nalipay-timestamp: {MILLIS}\r\n\
         alipay-nonce: n-1\r\nalipay-signature: {sign}\r\n\r\n{body}"
    )
}

fn response() -> String {
    response_with(&content(), &ALIPAY_KEY)
}

/// Its headers, with another body.
fn with_body(message: &str, body: &str) -> String {
    let end = if message.contains("\r\n\r\n") { "\r\n\r\n" } else { "\n\n" };
    format!("{}{end}{body}", message.split_once(end).unwrap().0)
}

fn request_over(target: &str, body: &str, change: impl Fn(String) -> String) -> String {
    let pairs = format!("app_id={APP},nonce=n-1,timestamp={MILLIS}");
    let token = personal::TOKEN;
    let text = change(format!("{pairs}\nPOST\n{target}\n{body}\n{token}\n"));
    let sign = APP_KEY.sign(text.as_bytes()).unwrap();
    format!(
        "POST {target} HTTP/1.1\nauthorization: ALIPAY-SHA256withRSA {pairs},sign={sign}\nalipay-app-auth-token: {token}\n\
         content-type: application/json\n\n{body}"
    )
}

fn request() -> String {
    request_over("/v3/alipay/trade/query?a=1+2%2B3%2F%E7%BA%A2&user_id=1%202", &content(), |text| {
        text
    })
}

type Pairs = Vec<(&'static str, String)>;

fn encoded(value: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let code = |byte: &u8| {
        if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }
    };
    value.iter().map(code).collect()
}

fn form(pairs: &Pairs, change: impl Fn(&str) -> Vec<u8>) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encoded(&change(value)))).collect();
    pairs.join("&")
}

fn signed(mut pairs: Pairs, unsigned: &[&str], key: &PrivateKey) -> Pairs {
    let mut sorted: Vec<_> = pairs.iter().filter(|(name, _)| !unsigned.contains(name)).collect();
    sorted.sort();
    let text: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.push(("sign", key.sign(text.join("&").as_bytes()).unwrap()));
    pairs
}

/// A notification whose signature has a `+`, as nearly all have.
fn notification() -> Pairs {
    let number = |number: i32| {
        let pairs: Pairs = [
            ("notify_id", number.to_string().as_str()),
            ("notify_time", AT),
            ("notify_type", "trade_status_sync"),
            ("app_id", APP),
            ("charset", "UTF-8"),
            ("version", "1.0"),
            ("sign_type", "RSA2"),
            ("trade_status", "TRADE_SUCCESS"),
            ("buyer_logon_id", personal::LOGON_ID),
            ("passback_params", "a=1&b=2+3"),
            ("subject", "满10减1 \"A\" & <b>"),
            ("biz_content", &content()),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into();
        signed(pairs, &["sign_type"], &ALIPAY_KEY)
    };
    (0..99).map(number).find(|pairs| pairs.last().unwrap().1.contains('+')).unwrap()
}

fn order() -> Pairs {
    let pairs: Pairs = [
        ("app_id", APP),
        ("method", "alipay.trade.page.pay"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", AT),
        ("version", "1.0"),
        ("notify_url", "https://shop.example/n?x=1"),
        ("biz_content", &content()),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    signed(pairs, &[], &APP_KEY)
}

fn plain(value: &str) -> Vec<u8> {
    value.into()
}

fn html(value: &str) -> Vec<u8> {
    let value = value.replace('&', "&amp;").replace('"', "&quot;");
    value.replace('<', "&lt;").replace('>', "&gt;").into_bytes()
}

#[test]
fn what_is_right_verifies() {
    let link = format!("https://openapi.alipay.com/gateway.do?{}", form(&order(), plain));
    let posted = |body: &str| {
        format!(
            "POST /notify HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n{body}"
        )
    };
    let parameters: serde_json::Map<String, Value> =
        notification().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    for (kind, text) in [
        ("response", response()),
        ("response", format!("{}\n", response())),
        ("response", response().replace("\r\n", "\n").replace("HTTP/1.1", "HTTP/2")),
        ("response", format!("HTTP/1.1 100 Continue\r\n\r\n{}", response())),
        ("response", response().split_once("\r\n").unwrap().1.to_owned()),
        ("request", request()),
        ("request", request().replace("POST /", "POST https://openapi.alipay.com/")),
        ("notification", form(&notification(), plain)),
        ("notification", format!("{}\n", form(&notification(), plain))),
        ("notification", posted(&form(&notification(), plain))),
        ("notification", Value::from(parameters).to_string()),
        ("order", form(&order(), plain)),
        ("order", link),
    ] {
        let output = verify(text.clone(), &["--json"]).ends(0).json();
        assert_eq!((&output["kind"], &output["verified"]), (&json!(kind), &json!(true)), "{text}");
        let forced = verify(text, &["--as", kind]).ends(0);
        assert!(forced.stdout.starts_with("verified: the"), "{}", forced.stdout);
    }
}

#[test]
fn a_form_that_was_printed_verifies() {
    let order = ["order", "page", "--form", "--out-trade-no", "1", "--amount", "88.88"];
    let page = alipay(order.into_iter().chain(["--subject", "茶 & <b>\"A\"'s</b> &amp;"]))
        .env("ALIPAY_BASE_URL", "https://openapi.alipay.com")
        .env("ALIPAY_APP_ID", APP)
        .env("ALIPAY_PRIVATE_KEY", APP_KEY.to_pkcs8_base64().unwrap().as_str())
        .env("ALIPAY_PUBLIC_KEY", ALIPAY_KEY.public_key().to_base64())
        .run()
        .ends(0)
        .stdout;
    assert!(page.contains("&#33590;") && page.contains("&#62;"), "{page}");
    // Others write references by their hexadecimal numbers, and leave `>` as it is.
    for page in [page.clone(), page.replace("&#33590;", "&#x8336;").replace("&#62;", ">")] {
        let output = verify(page, &["--explain"]).ends(0);
        assert!(output.stdout.contains("茶 & <b>"), "{}", output.stdout);
    }
}

#[test]
fn what_the_settings_do_not_trust_is_not_verified() {
    let gateway = alipay_mock::Gateway::builder().start_blocking().unwrap();
    let certificates = gateway.certificates().unwrap();
    let verify = |key: &PrivateKey, settings: &[(&str, &str)]| {
        let run = alipay(["verify", "-"]).env("ALIPAY_APP_ID", APP);
        let run = settings.iter().fold(run, |run, (name, value)| run.env(name, value));
        run.stdin(response_with(r#"{"a":1}"#, key)).run()
    };
    let of = |alipay| {
        [
            ("ALIPAY_APP_CERT", certificates.app.as_str()),
            ("ALIPAY_CERT", alipay),
            ("ALIPAY_ROOT_CERT", certificates.root.as_str()),
        ]
    };
    let alipays = PrivateKey::parse(gateway.keys().alipay_private_key()).unwrap();
    for part in [0..3, 1..3, 1..2] {
        verify(&alipays, &of(&certificates.alipay)[part]).ends(0);
    }
    // The app's own certificate is none of Alipay's, although its key fits.
    let app = PrivateKey::parse(gateway.app_private_key()).unwrap();
    let output = verify(&app, &of(&certificates.app)).ends(1);
    let found = "the signature of the response is right, but\n  mistake       ALIPAY_CERT: ";
    assert!(output.stdout.contains(found), "{}", output.stdout);
    assert_eq!(output.stderr.matches("warning: ").count(), 1, "{}", output.stderr);
    // Nor is the app's own key.
    let (own, private) = (app.public_key().to_base64(), app.to_pkcs8_base64().unwrap());
    let own = [("ALIPAY_PUBLIC_KEY", own.as_str()), ("ALIPAY_PRIVATE_KEY", private.as_str())];
    let own = verify(&app, &own).ends(1);
    assert!(own.stdout.contains("mistake       ALIPAY_PUBLIC_KEY: "), "{}", own.stdout);
}

#[test]
fn what_curl_prints_is_read() {
    let response = response();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n", "\n< ");
    let sent = "> GET /v3/x HTTP/1.1\n> host: a\n>\n";
    for text in [
        format!("* Trying…\n{sent}< {head}\n< \n{body}* Connection #0 to host a left intact\n"),
        format!(
            "{sent}< {head}\n< \n{{ [93 bytes data]\n{body}\n* Connection #0 to host a left intact\n"
        ),
    ] {
        let output = verify(text, &[]).ends(0);
        assert!(output.stderr.contains("`--as request` looks at the request"), "{}", output.stderr);
    }
    let request = request();
    let (head, _) = request.split_once("\n\n").unwrap();
    let text = format!(
        "> {}\n> \n* upload completely sent off\n< HTTP/1.1 200 OK\n< \n",
        head.replace('\n', "\n> ")
    );
    let output = verify(text, &["--as", "request"]).ends(1);
    assert!(output.stdout.contains("`curl -v` prints none"), "{}", output.stdout);
}

#[test]
fn the_name_of_a_header_may_have_any_sign_of_a_token() {
    let response =
        response().replace("\r\nalipay-nonce", "\r\nx!#$%&'*+.^_`|~-1: 2\r\nalipay-nonce");
    verify(response, &[]).ends(0);
}

#[test]
fn a_body_may_hold_what_looks_like_another_capture() {
    let trace = "\n=> Send header, 1 bytes (0x1)\n0000: a";
    let curl = "\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n";
    for part in ["[sign] => a", "x, sign:[a]", "{'sign': 'a'}", curl, trace] {
        let body = format!("{{\"note\": \"\",{part}}}");
        verify(request_over("/v3/x", &body, |text| text), &[]).ends(0);
        verify(response_with(&body, &ALIPAY_KEY), &[]).ends(0);
    }
    let mut pairs = order();
    pairs.retain(|(name, _)| *name != "sign");
    pairs.push(("passback_params", trace.to_owned()));
    let pairs = signed(pairs, &[], &APP_KEY).into_iter();
    let order: serde_json::Map<_, _> =
        pairs.map(|(name, value)| (name.to_owned(), value.into())).collect();
    verify(serde_json::to_string(&order).unwrap(), &["--as", "order"]).ends(0);
}

#[test]
fn the_official_sdks_verify() {
    let all: Value =
        serde_json::from_str(include_str!("../../../alipay-mock/tests/fixtures/vectors.json"))
            .unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let keys = &all["keys"];
    let run = |input: String, is_certified: bool| {
        let mut run = alipay(["verify", "-", "--json"])
            .env("ALIPAY_APP_ID", text(&keys["app_id"]))
            .env("ALIPAY_PRIVATE_KEY", text(&keys["app_private_pkcs8"]))
            .env("ALIPAY_PUBLIC_KEY", text(&keys["alipay_public"]))
            .stdin(input);
        if is_certified {
            run = run
                .env("ALIPAY_APP_CERT", text(&keys["app_cert"]))
                .env("ALIPAY_CERT", text(&keys["alipay_cert"]))
                .env("ALIPAY_ROOT_CERT", text(&keys["alipay_root_cert"]));
        }
        run.run().ends(0).json()
    };
    let message = |first: String, message: &Value| {
        let headers = message["headers"].as_object().unwrap().iter();
        let headers: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {}\n", text(value))).collect();
        format!("{first}\n{}\n{}", headers.concat(), text(&message["body"]))
    };
    let cases = all["cases"].as_array().unwrap();
    assert!(cases.len() > 4);
    for case in cases {
        let request = &case["request"];
        let is_certified = request["headers"]["alipay-root-cert-sn"].is_string();
        let first = format!("{} {} HTTP/1.1", text(&request["method"]), text(&request["target"]));
        let read = run(message(first, request), is_certified);
        assert_eq!(read["kind"], "request");
        let read = run(message("HTTP/1.1 200 OK".to_owned(), &case["response"]), is_certified);
        assert_eq!(read["kind"], "response");
    }
    let posted: Pairs = all["message"]["form"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (&*name.clone().leak(), text(value)))
        .collect();
    assert_eq!(run(form(&posted, plain), false)["kind"], "notification");
    let orders: Value =
        serde_json::from_str(include_str!("../../../alipay-core/tests/fixtures/orders.json"))
            .unwrap();
    let orders: Vec<_> = orders.as_object().unwrap().values().filter_map(Value::as_str).collect();
    let orders: Vec<_> = orders.into_iter().filter(|order| order.contains("&sign=")).collect();
    assert!(!orders.is_empty());
    for order in orders {
        assert_eq!(run(order.to_owned(), false)["kind"], "order", "{order}");
    }
}

#[test]
fn a_return_verifies_as_a_return() {
    let pairs: Pairs = [
        ("app_id", APP),
        ("method", "alipay.trade.page.pay.return"),
        ("charset", "utf-8"),
        ("version", "1.0"),
        ("sign_type", "RSA2"),
        ("timestamp", AT),
        ("out_trade_no", "20260101-0001"),
        ("trade_no", "2026010122001"),
        ("total_amount", "88.88"),
        ("seller_id", personal::USER_ID),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    let query = form(&signed(pairs, &["sign_type"], &ALIPAY_KEY), plain);
    for text in [
        format!("https://shop.example/back?{query}"),
        format!("/back?{query}#top"),
        query.clone(),
        format!("GET /back?{query} HTTP/1.1\r\nhost: shop.example\r\n\r\n"),
    ] {
        let output = verify(text, &["--json"]).ends(0).json();
        assert_eq!(output["kind"], "return");
    }
    finds(format!("/back?{}", query.replace("88.88", "0.01")), "no known mistake explains");
    // What the shop had in its address is not signed, and verify_return leaves it out.
    for own in [format!("/back?lang=zh&{query}"), format!("/back/order=1?{query}&lang=zh")] {
        let output = verify(own, &["--explain"]).ends(0);
        assert!(output.stderr.contains("they are the shop's own"), "{}", output.stderr);
        assert!(!output.stdout.contains("lang"), "{}", output.stdout);
    }
    finds(format!("/back?{}&lang=zh", query.replace("88.88", "0.01")), "signature");
}

#[test]
fn lost_plus() {
    let twice = |value: &str| plain(&value.replace('+', " "));
    let output = finds(form(&notification(), twice), "its `+` became blanks");
    assert!(output.stdout.contains("lost its `+`"), "{}", output.stdout);
    finds(form(&order(), twice), "lost its `+`");
    // A signature alone.
    let (head, signature) = response()
        .split_once("alipay-signature: ")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    if signature.split('\r').next().unwrap().contains('+') {
        let (sign, rest) = signature.split_once('\r').unwrap();
        finds(
            format!("{head}alipay-signature: {}\r{rest}", sign.replace('+', " ")),
            "its `+` became blanks",
        );
    }
}

#[test]
fn html_escaped() {
    finds(form(&notification(), html), "HTML-escaped");
    finds(form(&notification(), plain).replace('&', "&amp;"), "HTML-escaped");
    finds(
        form(&notification(), |value| html(std::str::from_utf8(&html(value)).unwrap())),
        "HTML-escaped",
    );
    let body = String::from_utf8(html(&content())).unwrap();
    finds(with_body(&response(), &body), "HTML-escaped");
    finds(with_body(&request(), &body), "HTML-escaped");
    finds(form(&order(), html), "HTML-escaped");
}

#[test]
fn decoded_query() {
    let target = "/v3/alipay/trade/query?a=1+2%2B3%2F%E7%BA%A2&user_id=1%202";
    let decoded = "/v3/alipay/trade/query?a=1 2+3/红&user_id=1 2";
    // The client has signed what it has not sent.
    let wrong = request_over(target, "{}", |text| text.replace(target, decoded));
    finds(wrong, "signed decoded");
    // What was captured is not what was sent.
    let right = request_over("/v3/a?a=1%202%2B3%26%E7%BA%A2&b=2", "{}", |text| text);
    finds(right.replace("1%202%2B3%26%E7%BA%A2", "1 2+3&红"), "decoded here");
    // Of a form.
    let decoded: Vec<String> =
        notification().iter().map(|(name, value)| format!("{name}={value}")).collect();
    finds(decoded.join("&"), "the form was decoded before");
}

#[test]
fn a_second_token_is_not_shown_either() {
    // The second begins as the first does.
    let tokens =
        "app_auth_token=202601BBfirst&app_auth_token=202601BBfirst-tail&auth_token=202601BBthird";
    for kind in ["order", "notification"] {
        let order = format!("{}&{tokens}", form(&order(), plain));
        let output = run(order, &["--show-personal", "--as", kind]).ends(1);
        assert!(output.stdout.contains("auth_token=***"), "{}", output.stdout);
        assert!(!output.stdout.contains("202601BB"), "{}", output.stdout);
        assert!(!output.stdout.contains("-tail"), "{}", output.stdout);
    }
}

#[test]
fn percent_encoded_twice() {
    finds(form(&notification(), |value| encoded(value.as_bytes()).into_bytes()), "percent-encoded");
    finds(encoded(form(&notification(), plain).as_bytes()), "percent-encoded");
}

#[test]
fn missing_last_line_feed() {
    let without = |text: String| text.trim_end_matches('\n').to_owned();
    finds(request_over("/v3/x", "{}", without), "the last line feed is missing");
    let body = "{}";
    let sign = ALIPAY_KEY.sign(format!("{MILLIS}\nn-1\n{body}").as_bytes()).unwrap();
    let response = response_with(body, &ALIPAY_KEY);
    let right = response.split_once("alipay-signature: ").unwrap().1.split_once('\r').unwrap().0;
    finds(response.replace(right, &sign), "the last line feed is missing");
    finds(request_over("/v3/x", "{}", |text| text.replace('\n', "\r\n")), "CR LF");
}

#[test]
fn another_key() {
    finds(response_with("{}", &OTHER_KEY), "another key than the one known as Alipay's");
    finds(
        response_with("{}", &APP_KEY),
        "the app's own private key (应用私钥, ALIPAY_PRIVATE_KEY)",
    );
    let wrong =
        signed(order().into_iter().filter(|(name, _)| *name != "sign").collect(), &[], &OTHER_KEY);
    finds(form(&wrong, plain), "another private key than this app's");
    // The key that is known as Alipay's is the app's own.
    let output = alipay(["verify", "-"])
        .env("ALIPAY_APP_ID", APP)
        .env("ALIPAY_PRIVATE_KEY", APP_KEY.to_pkcs8_base64().unwrap().as_str())
        .env("ALIPAY_PUBLIC_KEY", APP_KEY.public_key().to_base64())
        .stdin(response())
        .run()
        .ends(1);
    assert!(output.stdout.contains("the app's own public key (应用公钥)"), "{}", output.stdout);
    // Only the key is needed, and no settings.
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, key: &PrivateKey| {
        let path = folder.path().join(name);
        std::fs::write(&path, key.public_key().to_pem()).unwrap();
        path.display().to_string()
    };
    let (right, wrong) = (write("right.pem", &ALIPAY_KEY), write("wrong.pem", &OTHER_KEY));
    for (key, code) in [(&right, 0), (&wrong, 1)] {
        for text in [response(), form(&notification(), plain)] {
            let output = alipay(["verify", "-", "--public-key", key]).stdin(text).run().ends(code);
            canaries(&output);
        }
    }
    let nothing = alipay(["verify", "-"]).stdin(response()).run().ends(2);
    assert!(nothing.stderr.contains("ALIPAY_PUBLIC_KEY"), "{}", nothing.stderr);
}

#[test]
fn gbk() {
    // 红包 in GBK.
    let in_gbk = |text: &str| {
        let (before, after) = text.split_once("红包").unwrap_or((text, ""));
        let middle: &[u8] = if before.len() < text.len() { b"\xba\xec\xb0\xfc" } else { b"" };
        let bytes = [before.as_bytes(), middle, after.as_bytes()].concat();
        let subject: &[u8] = b"\xc2\xfa10\xbc\xf51";
        if text.starts_with("满") { [subject, " \"A\" & <b>".as_bytes()].concat() } else { bytes }
    };
    finds(form(&notification(), in_gbk), "GBK");
    let response = response();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    finds([head.as_bytes(), b"\r\n\r\n", &in_gbk(body)].concat(), "GBK");
    // Read as GBK or as ISO-8859-1, and written in UTF-8.
    finds(with_body(&response, &body.replace("红包", "绾㈠寘")), "read as GBK");
    let latin: String = "红包".bytes().map(char::from).collect();
    finds(with_body(&response, &body.replace("红包", &latin)), "read as ISO-8859-1");
    // What is lost cannot be brought back.
    finds(with_body(&response, &body.replace("红包", "\u{fffd}\u{fffd}")), "U+FFFD");
}

#[test]
fn stale() {
    let request = request();
    let output = verify(request.clone(), &["--at", "2026-01-01 11:00:01"]).ends(1);
    assert!(
        output.stdout.contains("the signature of the request is right, but"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("stale: the timestamp is 3 h old"), "{}", output.stdout);
    for at in [
        "2026-01-01 08:09:59",
        "2026-01-01T00:09:59Z",
        "2026-01-01T08:09:59+08:00",
        "1767225600000",
    ] {
        verify(request.clone(), &["--at", at]).ends(0);
    }
    verify(request.clone(), &["--at", "2026-01-01T07:49:59+08:00"]).ends(1);
    // Without it, an old capture is no mistake; it is said all the same.
    let output = verify(request.clone(), &[]).ends(0);
    assert!(output.stderr.contains("warning: stale: the timestamp is"), "{}", output.stderr);
    let json = verify(request.clone(), &["--json"]).ends(0).json();
    assert_eq!((&json["signature"], &json["signed_at"]), (&json!("right"), &json!(MILLIS)));
    verify(response(), &["--at", "2026-01-01 09:00:00"]).ends(1);
    let wrong = verify(request, &["--at", "yesterday"]).ends(2);
    assert!(wrong.stderr.contains("2026-01-01T00:00:00Z"), "{}", wrong.stderr);
}

#[test]
fn reserialised_body() {
    let body: Value = serde_json::from_str(&content()).unwrap();
    let pretty = serde_json::to_string_pretty(&body).unwrap();
    let mut sorted = serde_json::from_str::<Value>(r#"{"b":"1","a":{"y":1,"x":2},"c":3}"#).unwrap();
    let original = sorted.to_string();
    sorted.sort_all_objects();
    let escaped = content().replace("红", "\\u7ea2").replace("包", "\\u5305").replace('/', "\\/");
    for changed in
        [pretty.clone(), escaped, content().replace("\":", "\": ").replace("\",", "\", ")]
    {
        let output =
            finds(with_body(&response(), &changed), "was written again after it was signed");
        assert!(output.stdout.contains("string that was signed"), "{}", output.stdout);
    }
    finds(with_body(&response_with(&original, &ALIPAY_KEY), &sorted.to_string()), "written again");
    finds(with_body(&request(), &pretty), "written again");
    let again = |value: &str| {
        if value.starts_with('{') { pretty.clone().into_bytes() } else { plain(value) }
    };
    finds(form(&notification(), again), "`biz_content` is JSON that was written again");
    finds(form(&order(), again), "written again");
}

#[test]
fn changed_on_the_way_otherwise() {
    let quoted = Value::from(content()).to_string();
    let trimmed = response_with(&format!("{}\n\n", content()), &ALIPAY_KEY);
    for (text, mistake) in [
        (with_body(&response(), &quoted), "backslashes before its quotation marks"),
        (with_body(&response(), &format!("\u{feff}{}", content())), "byte order mark"),
        (
            with_body(&response(), &format!("{}  ", content())),
            "white space around it that was not signed",
        ),
        (with_body(&trimmed, &content()), "was trimmed"),
        (with_body(&response(), &content().replace('"', "\u{201c}")), "typographic"),
        (
            response().replace("alipay-signature", "X-Alipay-Signature"),
            "is called X-Alipay-Signature here",
        ),
        (
            response().replace("alipay-nonce", "HTTP_ALIPAY_NONCE"),
            "is called HTTP_ALIPAY_NONCE here",
        ),
        (response().replace("alipay-nonce: n-1\r\n", ""), "alipay-nonce"),
        (
            format!("{}&s=%2Fnotify", form(&notification(), plain)),
            "`s` is among the parameters but was not signed",
        ),
        (form(&notification(), plain).replace("&charset=UTF-8", ""), "`charset` is missing"),
        (form(&notification(), plain).replace("&charset=UTF-8", "&charset=GBK"), "`charset=UTF-8`"),
        (form(&notification(), plain).replace('&', "\n"), "lines of their own"),
    ] {
        let output = verify(text, &[]).ends(1);
        assert!(output.stdout.contains(mistake), "{mistake}: {}", output.stdout);
    }
}

#[test]
fn signed_otherwise_by_programs_under_test() {
    let pairs: Pairs = notification().into_iter().filter(|(name, _)| *name != "sign").collect();
    let joined = |pairs: &[(&str, String)], change: &dyn Fn(&str) -> String| {
        let pairs: Vec<String> = pairs
            .iter()
            .filter(|(name, _)| *name != "sign_type")
            .map(|(name, value)| format!("{name}={}", change(value)))
            .collect();
        pairs.join("&")
    };
    let mut sorted = pairs.clone();
    sorted.sort();
    let same = |value: &str| value.to_owned();
    for (text, mistake) in [
        (joined(&pairs, &same), "in the order they stand"),
        (joined(&sorted, &|value| encoded(value.as_bytes())), "signed percent-encoded"),
        (format!("{}&", joined(&sorted, &same)), "with an `&` at its end"),
    ] {
        let mut pairs = pairs.clone();
        pairs.push(("sign", ALIPAY_KEY.sign(text.as_bytes()).unwrap()));
        finds(form(&pairs, plain), mistake);
    }
}

#[test]
fn what_was_tampered_with_is_not_explained() {
    for text in [
        form(&notification(), plain).replace("TRADE_SUCCESS", "TRADE_CLOSED"),
        response().replace("20260101-0001", "20260101-0002"),
        response().replace("n-1", "n-2"),
        request().replace("20260101-0001", "20260101-0002"),
        form(&order(), plain).replace("20260101-0001", "20260101-0002"),
    ] {
        finds(text, "no known mistake explains it");
    }
    let other = form(&notification(), plain);
    let output = alipay(["verify", "-"])
        .env("ALIPAY_APP_ID", "2021000000000002")
        .env("ALIPAY_PUBLIC_KEY", ALIPAY_KEY.public_key().to_base64())
        .stdin(other)
        .run()
        .ends(1);
    assert!(output.stdout.contains("the notification is for another app"), "{}", output.stdout);
}

#[test]
fn encrypted_content_is_decrypted_when_asked() {
    let cipher = AesKey::parse(AES).unwrap().encrypt(content().as_bytes()).unwrap();
    let response = response_with(&cipher, &ALIPAY_KEY).replace("application/json", "text/plain");
    let output = verify(response.clone(), &[]).ends(0);
    assert!(output.stdout.contains("it decrypts to JSON"), "{}", output.stdout);
    assert!(!output.stdout.contains("20260101-0001"), "{}", output.stdout);
    let output = verify(response.clone(), &["--decrypt"]).ends(0);
    assert!(output.stdout.contains("20260101-0001"), "{}", output.stdout);
    let run = |key: Option<&str>, text: String| {
        let run = alipay(["verify", "-"])
            .env("ALIPAY_APP_ID", APP)
            .env("ALIPAY_PUBLIC_KEY", ALIPAY_KEY.public_key().to_base64())
            .stdin(text);
        match key {
            Some(key) => run.env("ALIPAY_ENCRYPT_KEY", key).run(),
            None => run.run(),
        }
    };
    let wrong = run(Some("AAECAwQFBgcICQoLDA0ODw=="), response.clone()).ends(1);
    assert!(wrong.stdout.contains("does not decrypt"), "{}", wrong.stdout);
    let mut pairs: Pairs = notification();
    pairs.retain(|(name, _)| !matches!(*name, "sign" | "biz_content"));
    pairs.extend([("encrypt_type", "AES".to_owned()), ("biz_content", cipher)]);
    let text = form(&signed(pairs, &["sign_type"], &ALIPAY_KEY), plain);
    for text in [response, text] {
        run(None, text.clone()).ends(0);
        let shown = verify(text, &["--decrypt", "--json"]).ends(0).json();
        assert!(shown["content"].as_str().unwrap().contains("20260101-0001"));
    }
}

#[test]
fn personal_data_is_shown_when_asked() {
    let output = alipay(["verify", "-", "--explain", "--show-personal"])
        .env("ALIPAY_PUBLIC_KEY", ALIPAY_KEY.public_key().to_base64())
        .stdin(response())
        .run()
        .ends(0);
    assert!(output.stdout.contains(personal::USER_ID), "{}", output.stdout);
    output.hides([personal::TOKEN]);
    let output = verify(response(), &["--explain"]).ends(0);
    assert!(output.stderr.contains("--show-personal shows it"), "{}", output.stderr);
}

#[test]
fn what_cannot_be_read_is_said() {
    for (text, problem) in [
        ("", "it is empty"),
        ("hello", "neither a request nor a response"),
        ("{\"a\":1}", "the headers are needed, too"),
        ("{\"alipay_trade_app_pay_response\":{},\"sign\":\"a\"}", "older protocol"),
        ("{", "and is none"),
        ("https://shop.example/back", "an address without a query"),
    ] {
        let output = verify(text, &[]).ends(2);
        assert!(output.stderr.contains(problem), "{problem}: {}", output.stderr);
        assert_eq!(output.stdout, "");
    }
    let output = verify("a=1&sign=2", &["--as", "response"]).ends(2);
    assert!(output.stderr.contains("capture it with `curl -i`"), "{}", output.stderr);
    let unread = alipay(["verify", "-"]).stdin(response());
    let unread = unread.env("ALIPAY_PUBLIC_KEY", "@/nowhere/not set.pem").run().ends(2).stderr;
    assert!(
        unread.starts_with("error: ALIPAY_PUBLIC_KEY: the file /nowhere/not set.pem"),
        "{unread}"
    );
    let output = alipay(["verify", "no-such-file"]).run().ends(2);
    assert!(output.stderr.contains("no-such-file"), "{}", output.stderr);
    // Any bytes are read or refused.
    for bytes in [
        &b"\xff\xfe\x00"[..],
        b"\x1f\x8b\x08",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"&&&==sign=%",
        b"< \n> \n:path: x",
    ] {
        let output = verify(bytes, &[]);
        assert!(matches!(output.code, 1 | 2), "{output:?}");
    }
}

#[test]
fn what_stands_around_a_form_is_left_out() {
    let body = form(&notification(), plain);
    let parameters: serde_json::Map<String, Value> =
        notification().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let parameters = Value::from(parameters).to_string();
    let link = format!("/back?{}", form(&order(), plain));
    for (kind, text) in [
        (
            "notification",
            format!("2026-01-01 08:00:00.123 INFO [http-1] c.e.Pay - notify body={body}\n"),
        ),
        (
            "notification",
            format!(
                "1.2.3.4 - - [01/Jan/2026] \"POST /notify HTTP/1.1\" 200 \"{body}\" \"https://a.example/?b=1&c=2\""
            ),
        ),
        (
            "notification",
            format!(
                "curl 'https://shop.example/notify?a=1&b=2' \\\n  -H 'a: b' --data-raw '{body}'\n"
            ),
        ),
        (
            "notification",
            json!({ "level": "info", "request": { "path": "/n", "body": body } }).to_string(),
        ),
        ("notification", json!({ "level": "info", "params": parameters }).to_string()),
        ("notification", format!("[2026-01-01] production.INFO: notify {parameters} []")),
        (
            "order",
            format!("opened {}\n", link.replace("/back", "https://openapi.alipay.com/gateway.do")),
        ),
        ("order", json!({ "orderStr": form(&order(), plain) }).to_string()),
    ] {
        let output = verify(text.clone(), &["--json"]).ends(0).json();
        assert_eq!(output["kind"], kind, "{text}");
        assert!(output["notes"].to_string().contains("out of the text around it"), "{output}");
    }
    let twice = verify(format!("body={body}\nbody={body}&a=1\n"), &[]).ends(2);
    assert!(twice.stderr.contains("more than once; keep one"), "{}", twice.stderr);
    // Only a part of one that was decoded, or broken into lines, would be found.
    let decoded: Vec<String> =
        notification().iter().map(|(name, value)| format!("{name}={value}")).collect();
    finds(decoded.join("&"), "the form was decoded before");
    let (start, end) = body.split_at(40);
    finds(format!("{start}\n{end}"), "the form was broken into lines");
}

#[test]
fn a_dump_says_what_to_capture() {
    let pairs = notification();
    let dump = |begin: &str, end: &str, pair: &dyn Fn(&str, &str) -> String| {
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| pair(name, value)).collect();
        format!("{begin}{}{end}", pairs.concat())
    };
    for text in [
        dump("Array\n(\n", ")\n", &|name, value| format!("    [{name}] => {value}\n")),
        dump("array(9) {\n", "}\n", &|name, value| {
            format!("  [\"{name}\"]=>\n  string(1) \"{value}\"\n")
        }),
        dump("array (\n", ")\n", &|name, value| format!("  '{name}' => '{value}',\n")),
        dump("{a=1", "}", &|name, value| format!(", {name}={value}")),
        dump("map[a:[1]", "]", &|name, value| format!(" {name}:[{value}]")),
        dump("{'a': '1'", "}", &|name, value| format!(", '{name}': '{value}'")),
        dump("", "", &|name, value| format!("{name}={value}\n")),
        dump("", "", &|name, value| format!("{name}: {value}\n")),
        dump("", "", &|name, value| format!("{name}\t{value}\n")),
    ] {
        let output = verify(text.clone(), &[]).ends(2);
        assert!(
            output.stderr.contains("file_get_contents('php://input')"),
            "{text}{}",
            output.stderr
        );
    }
    let request = request();
    let header = request.lines().nth(1).unwrap();
    let output =
        verify(format!("curl 'https://openapi.alipay.com/v3/a' \\\n -H '{header}' -d '{{}}'"), &[]);
    assert!(output.ends(2).stderr.contains("it is a command, and not what it sent"));
}

#[test]
fn archives_have_bodies_in_base64() {
    let response = response();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let headers: Vec<Value> = { head.lines().skip(1) }
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let archive = |content: Value| {
        let response = json!({ "headers": headers, "content": content });
        json!({ "log": { "entries": [{ "request": {}, "response": response }] } }).to_string()
    };
    let content = json!({ "encoding": "base64", "text": STANDARD.encode(body) });
    let good = archive(content);
    verify(good.as_str(), &[]).ends(0);
    // As in any other form.
    let renamed = verify(good.replace("alipay-nonce", "x-alipay-nonce"), &[]).ends(1);
    let mistake = "the header alipay-nonce is called x-alipay-nonce here";
    assert!(renamed.stdout.contains(mistake), "{}", renamed.stdout);
    let output = verify(archive(json!({ "size": 9 })), &[]).ends(2);
    assert!(output.stderr.contains("has no body of the response"), "{}", output.stderr);
}

#[test]
fn what_an_editor_or_curl_left_out_of_a_response_is_said() {
    let output = verify(response().replace("\r\n\r\n", "\r\n"), &[]).ends(0);
    assert!(output.stderr.contains("the empty line between the headers and"), "{}", output.stderr);
    let response = response();
    let (head, _) = response.split_once("\r\n\r\n").unwrap();
    finds(format!("{head}\r\n\r\n"), "the response has no body here; capture it with `curl -i`");
}

#[test]
fn a_page_whose_values_are_not_escaped() {
    let inputs: Vec<String> = { order().into_iter() }
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"))
        .collect();
    let page = format!(
        "<form action=\"https://openapi.alipay.com/gateway.do\">{}</form>",
        inputs.concat()
    );
    finds(page, "`biz_content` is JSON that is cut off");
}

#[test]
fn an_order_in_utc() {
    let order = form(&order(), plain);
    let output = verify(order.clone(), &["--at", "2026-01-01 16:00:30"]).ends(1);
    assert!(output.stdout.contains("it seems to be in UTC"), "{}", output.stdout);
    let output = verify(order, &["--at", "2026-01-01 17:00:00"]).ends(1);
    assert!(!output.stdout.contains("UTC"), "{}", output.stdout);
}

#[test]
fn errors_are_json_for_programs() {
    let output = verify("hello", &["--json"]).ends(2);
    assert!(output.json()["error"].as_str().unwrap().contains("neither a request"));
    for arguments in
        [&["verify", "--json"][..], &["nothing", "--json"], &["keys", "show", "none", "--json"]]
    {
        let output = alipay(arguments).run().ends(2);
        let document = output.json();
        let message = document["error"].as_str().unwrap();
        assert!(output.stderr.contains(message) && !message.is_empty(), "{output:?}");
    }
    assert_eq!(alipay(["verify", "none"]).run().ends(2).stdout, "");
}

#[test]
fn traces_of_curl_are_read() {
    let hex = |block: &[u8]| -> String {
        let lines = block.chunks(16).enumerate().map(|(number, bytes)| {
            let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
            let pairs = pairs.concat();
            format!("{:04x}: {pairs:<48}{}\n", number * 16, ".".repeat(bytes.len()))
        });
        lines.collect()
    };
    let ascii = |block: &[u8]| -> String {
        let mut lines = Vec::new();
        let mut at = 0;
        while at < block.len() {
            let rest = &block[at..];
            let end = rest.windows(2).take(65).position(|two| two == b"\r\n");
            let part = &rest[..end.unwrap_or(64).min(rest.len())];
            let shown =
                part.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '.' });
            lines.push(format!("{at:04x}: {}\n", shown.collect::<String>()));
            at += part.len() + if end.is_some() { 2 } else { 0 };
        }
        lines.concat()
    };
    let trace = |print: &dyn Fn(&[u8]) -> String| {
        let (request, response) = (request(), response());
        let (head, body) = request.split_once("\n\n").unwrap();
        let head = format!("{}\r\n\r\n", head.replace('\n', "\r\n"));
        let mut text = "== Info:   Trying 127.0.0.1:1...\n".to_owned();
        for (mark, part) in [
            ("=> Send header", &head),
            ("=> Send data", &body.to_owned()),
            ("<= Recv data", &response),
        ] {
            text.push_str(
                &[mark, ", ", &part.len().to_string(), " bytes (0x0)\n", &print(part.as_bytes())]
                    .concat(),
            );
        }
        text + "== Info: Connection #0 to host a left intact\n"
    };
    for kind in ["request", "response"] {
        let output = verify(trace(&hex), &["--as", kind]).ends(0);
        assert!(output.stderr.contains("a trace of curl"), "{}", output.stderr);
        let output = verify(trace(&ascii), &["--as", kind]).ends(1);
        assert!(output.stdout.contains("`--trace -` prints all bytes"), "{}", output.stdout);
    }
    let plain = response_with("{\"code\":\"A\"}", &ALIPAY_KEY);
    verify(
        format!("<= Recv data, {} bytes\n{}<= Recv header", plain.len(), ascii(plain.as_bytes())),
        &[],
    )
    .ends(0);
}

#[test]
fn an_error_without_a_signature_says_why_it_came() {
    let body = json!({ "code": "invalid-nonce", "message": "seen before" });
    let output = verify(
        format!("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\r\n{body}"),
        &[],
    );
    let output = output.ends(1);
    assert!(output.stderr.contains("`invalid-nonce` (seen before)"), "{}", output.stderr);
}

#[test]
fn a_request_in_certificate_mode_without_its_serials() {
    let all: Value =
        serde_json::from_str(include_str!("../../../alipay-mock/tests/fixtures/vectors.json"))
            .unwrap();
    let keys = &all["keys"];
    let key = PrivateKey::parse(keys["app_private_pkcs8"].as_str().unwrap()).unwrap();
    let pairs = format!("app_id={APP},nonce=n-1,timestamp={MILLIS}");
    let sign = key.sign(format!("{pairs}\nGET\n/v3/a\n\n").as_bytes()).unwrap();
    let request =
        format!("GET /v3/a HTTP/1.1\nauthorization: ALIPAY-SHA256withRSA {pairs},sign={sign}\n\n");
    let run = || {
        alipay(["verify", "-"])
            .env("ALIPAY_PRIVATE_KEY", keys["app_private_pkcs8"].as_str().unwrap())
            .stdin(request.clone())
    };
    run().run().ends(0);
    let output = run()
        .env("ALIPAY_APP_CERT", keys["app_cert"].as_str().unwrap())
        .env("ALIPAY_ROOT_CERT", keys["alipay_root_cert"].as_str().unwrap())
        .run()
        .ends(1);
    for missing in ["app_cert_sn is missing", "the serial of the root certificates is missing"] {
        assert!(output.stdout.contains(missing), "{}", output.stdout);
    }
}
