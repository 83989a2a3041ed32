//! `alipay order`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use alipay_core::keys::PrivateKey;
use alipay_mock::{Gateway, TradeStatus};
use serde_json::{Value, json};

use crate::harness::{Run, alipay, canaries, personal, two_gateways};
use crate::listen::{Listening, SUCCESS, Shop, get, post};

const TEA: [&str; 6] =
    ["--out-trade-no", "20261127_0001", "--amount", "88.8", "--subject", "Tea & 茶 <b>\"'"];

/// `alipay order` with the tea, to be run.
fn order(gateway: &Gateway, arguments: &[&str]) -> Run {
    let arguments = [&["order"], arguments, &TEA].concat();
    alipay(arguments).plain_settings(gateway)
}

/// The pairs of a query or an order string.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), decoded(value))
    };
    text.trim_end().split('&').map(pair).collect()
}

fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// That the signature of the pairs is the app's.
fn verify(gateway: &Gateway, pairs: &BTreeMap<String, String>) {
    let signed = pairs.iter().filter(|(name, _)| *name != "sign");
    let signed: Vec<_> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    let key = PrivateKey::parse(gateway.app_private_key()).unwrap();
    key.public_key().verify(signed.join("&").as_bytes(), &pairs["sign"]).unwrap();
}

#[test]
fn pages_get_a_link_and_apps_a_string() {
    let (gateway, _) = two_gateways();
    for (kind, method, product) in [
        ("page", "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        ("wap", "alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        ("app", "alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
    ] {
        let more = ["--notify-url", "https://shop.example/n?a=1&b=2", "--param", "format=JSON"];
        let printed = order(&gateway, &[&[kind][..], &more].concat()).run().ends(0);
        assert_eq!(printed.stderr, "");
        let link = format!("{}/gateway.do?", gateway.base_url());
        let text = if kind == "app" {
            printed.stdout.as_str()
        } else {
            printed.stdout.strip_prefix(&link).unwrap()
        };
        let pairs = pairs(text);
        verify(&gateway, &pairs);
        assert_eq!(pairs["method"], method);
        assert_eq!(pairs["notify_url"], "https://shop.example/n?a=1&b=2");
        assert_eq!(pairs["format"], "JSON");
        let content: Value = serde_json::from_str(&pairs["biz_content"]).unwrap();
        let expected = json!({
            "out_trade_no": "20261127_0001",
            "total_amount": "88.80",
            "subject": "Tea & 茶 <b>\"'",
            "product_code": product,
        });
        assert_eq!(content, expected);
    }
}

#[test]
fn other_shapes_are_printed_on_demand() {
    let (gateway, _) = two_gateways();
    let form = order(&gateway, &["page", "--form"]).run().ends(0).stdout;
    assert!(form.starts_with("<form method=\"post\" action=\"") && !form.contains("<b>"), "{form}");
    let string = order(&gateway, &["page", "--string"]).run().ends(0).stdout;
    assert!(string.starts_with("app_id="), "{string}");
    let link = order(&gateway, &["app", "--url"]).run().ends(0).stdout;
    assert!(link.starts_with(gateway.base_url()), "{link}");
    let explained = order(&gateway, &["page", "--explain"]).run().ends(0).stdout;
    assert!(explained.contains("&biz_content={\"out_trade_no\":\"20261127_0001\""), "{explained}");
    assert!(!explained.contains("&sign="), "{explained}");
    order(&gateway, &["page", "--explain", "--form"]).run().ends(2);

    let all = order(&gateway, &["page", "--json"]).run().ends(0).json();
    assert_eq!(all["method"], "alipay.trade.page.pay");
    let string = all["order_string"].as_str().unwrap();
    assert!(all["url"].as_str().unwrap().ends_with(string));
    let signed = pairs(string);
    verify(&gateway, &signed);
    assert!(all["string_to_sign"].as_str().unwrap().starts_with("app_id="));
}

#[test]
fn more_of_what_is_ordered_comes_as_json() {
    let (gateway, _) = two_gateways();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("order.json");
    let content = json!({
        "out_trade_no": "1",
        "total_amount": "0.01",
        "subject": "Tea",
        "a/b": {"c": [1, "2"]},
        "timeout_express": "30m",
    });
    std::fs::write(&file, content.to_string()).unwrap();
    let given = format!("@{}", file.display());
    let run = |arguments: &[&str]| alipay(arguments).plain_settings(&gateway);
    let string = run(&["order", "app", "--biz", &given]).run().ends(0).stdout;
    let ordered: Value = serde_json::from_str(&pairs(&string)["biz_content"]).unwrap();
    assert_eq!((&ordered["a/b"], &ordered["timeout_express"]), (&content["a/b"], &json!("30m")));
    assert_eq!(ordered["product_code"], "QUICK_MSECURITY_PAY");

    // Numbers are ordered as they are written.
    let numbers = r#"{"price":1.10,"id":12345678901234567890123}"#;
    let tea = ["--out-trade-no", "1", "--amount", "1", "--subject", "Tea", "--biz", numbers];
    for kind in ["page", "alipay.fund.auth.order.app.freeze"] {
        let explained = run(&[&["order", kind, "--explain"], &tea[..]].concat()).run().ends(0);
        let written = r#""price":1.10,"id":12345678901234567890123"#;
        assert!(explained.stdout.contains(written), "{}", explained.stdout);
    }

    // Of another method nothing is known.
    let other = ["order", "alipay.fund.auth.order.app.freeze", "--biz", r#"{"order_title":"x"}"#];
    let string = run(&other).run().ends(0).stdout;
    let signed = pairs(&string);
    verify(&gateway, &signed);
    assert_eq!(signed["biz_content"], r#"{"order_title":"x"}"#);
}

#[test]
fn it_is_encrypted_and_in_certificate_mode_as_the_settings_say() {
    let (gateway, _) = two_gateways();
    let encrypted = || order(&gateway, &["app"]).settings(&gateway);
    let signed = pairs(&encrypted().run().ends(0).stdout);
    verify(&gateway, &signed);
    assert_eq!(signed["encrypt_type"], "AES");
    assert!(
        !signed["biz_content"].starts_with('{') && !signed["biz_content"].contains("total_amount")
    );
    let plain = order(&gateway, &["app", "--plain"]).settings(&gateway);
    assert!(!pairs(&plain.run().ends(0).stdout).contains_key("encrypt_type"));

    let certificates = gateway.certificates().unwrap();
    let run = order(&gateway, &["app"])
        .without("ALIPAY_PUBLIC_KEY")
        .env("ALIPAY_APP_CERT", &certificates.app)
        .env("ALIPAY_CERT", &certificates.alipay)
        .env("ALIPAY_ROOT_CERT", &certificates.root);
    let signed = pairs(&run.run().ends(0).stdout);
    verify(&gateway, &signed);
    assert!(signed.contains_key("app_cert_sn") && signed.contains_key("alipay_root_cert_sn"));
}

#[test]
fn a_merchants_token_is_in_the_order_and_nowhere_else() {
    let (gateway, _) = two_gateways();
    let explained = order(&gateway, &["page", "--explain"]);
    // The harness sees to it that the token is in no output.
    let explained = explained.env("ALIPAY_APP_AUTH_TOKEN", personal::TOKEN).run().ends(0);
    assert!(explained.stdout.contains("app_auth_token=***&"), "{}", explained.stdout);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, personal::TOKEN).unwrap();
    let given = format!("@{}", file.display());
    let made = order(&gateway, &["app"]).env("ALIPAY_APP_AUTH_TOKEN", given).run().ends(0);
    let signed = pairs(&made.stdout);
    verify(&gateway, &signed);
    assert_eq!(signed["app_auth_token"], personal::TOKEN);
    assert!(made.stderr.starts_with("warning: the order has the token"), "{}", made.stderr);
    assert!(!made.stderr.contains(personal::TOKEN));
}

#[test]
fn what_makes_no_order_is_said_in_one_line() {
    let (gateway, _) = two_gateways();
    let problem = |arguments: &[&str]| {
        let arguments = [&["order"], arguments].concat();
        let output = alipay(arguments).plain_settings(&gateway).run().ends(2);
        assert_eq!(output.stdout, "");
        output.stderr
    };
    let tea = |more: &[&str]| problem(&[&["page"], &TEA[..], more].concat());
    let needs = ["--out-trade-no", "1", "--subject", "Tea"];
    for wrong in ["0", "-1", "1.234", "1,00", "1e2", "100000000.01"] {
        let amount = format!("--amount={wrong}");
        let said = problem(&[&["page"], &needs[..], &[amount.as_str()]].concat());
        assert!(said.contains("--amount"), "{said}");
    }
    let negative = problem(&[&["page"], &needs[..], &["--amount", "-1"]].concat());
    assert!(negative.contains("the amount must be from 0.01"), "{negative}");
    for (said, part) in [
        (
            problem(&["page", "--out-trade-no", "", "--amount", "1", "--subject", "Tea"]),
            "error: --out-trade-no is empty",
        ),
        (
            problem(&["page", "--amount", "1", "--biz", r#"{"out_trade_no":"1","subject":" "}"#]),
            "error: --subject is empty",
        ),
        (tea(&["--biz", r#"{"body":"a","body":"b"}"#]), "error: --biz: `body` is there twice"),
        (problem(&[&["page"], &needs[..]].concat()), "error: --amount is missing"),
        (problem(&["page", "--biz", "[1]"]), "error: --biz: this is JSON, and no object"),
        (problem(&["page", "--biz", "{"]), "error: --biz: this is no JSON"),
        (problem(&["page", "--biz", "@/no/such"]), "error: cannot read /no/such"),
        (tea(&["--biz", r#"{"subject":"x"}"#]), "`subject` is given twice"),
        (
            problem(&[&["page"], &needs[..], &["--biz", r#"{"total_amount":1.5}"#]].concat()),
            "must be a string",
        ),
        (tea(&["--return-url", "shop.example"]), "the return_url"),
        (tea(&["--param", "sign=x"]), "`sign`"),
        (tea(&["--param", "a=1", "--param", "a=2"]), "error: --param a is given twice"),
        (problem(&["alipay.trade.query", "--biz", "{}"]), "this is a call of v3"),
        (problem(&["pay"]), "expected page, wap, app"),
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let without = alipay(["order", "page"]).run().ends(2).stderr;
    assert!(without.starts_with("error: ALIPAY_"), "{without}");
    assert_eq!(without.lines().count(), 1);
}

/// The value of a header of a response.
fn header<'a>(response: &'a str, name: &str) -> &'a str {
    let (head, _) = response.split_once("\r\n\r\n").unwrap();
    let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_else(|| panic!("no {name}: {response}"))
}

/// From the order to the shop's program that learns of the payment, and the buyer's return.
#[test]
fn an_order_is_paid_and_the_program_learns_of_it() {
    let (gateway, other) = two_gateways();
    let shop = Shop::start(&[SUCCESS]);
    let listen = ["listen", "--once", "--forward", &shop.url];
    let mut listening = Listening::start(alipay(listen).settings(&gateway));
    let more = [
        "page",
        "--notify-url",
        &listening.url.clone(),
        "--return-url",
        "http://127.0.0.1:1/paid?from=alipay",
        "--biz",
        r#"{"passback_params":"phone%3D13800138765"}"#,
    ];

    // An app with another key cannot order in this one's name.
    let forged = order(&gateway, &more).env("ALIPAY_PRIVATE_KEY", other.app_private_key());
    let forged = get(forged.run().ends(0).stdout.trim_end());
    assert!(
        !forged.starts_with("HTTP/1.1 302") && forged.contains("invalid-signature"),
        "{forged}"
    );
    assert!(gateway.orders().is_empty());

    // The buyer's browser follows the link, and pays.
    let link = order(&gateway, &more).run().ends(0).stdout;
    let accepted = get(link.trim_end());
    assert!(accepted.starts_with("HTTP/1.1 302"), "{accepted}");
    let page = format!("{}{}", gateway.base_url(), header(&accepted, "location"));
    assert!(get(&page).contains("88.80"));
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let paid = post(&page, form, "do=pay");
    assert_eq!(gateway.order("20261127_0001").unwrap().status, TradeStatus::TradeSuccess);

    // The program has the notification as Alipay has signed it.
    let received = shop.request();
    let (_, body) = received.split_once("\r\n\r\n").unwrap();
    let client = gateway.client().unwrap();
    let notification = client.verify_notification(body.as_bytes()).unwrap();
    assert_eq!(notification.parameter("trade_status"), Some("TRADE_SUCCESS"));
    assert_eq!(notification.parameter("total_amount"), Some("88.80"));
    assert!(other.client().unwrap().verify_notification(body.as_bytes()).is_err());
    assert_eq!(listening.line(), "verified trade_status_sync  TRADE_SUCCESS (paid)");
    let output = listening.ended().ends(0);
    for shown in [
        "  88.80  订单金额\n",
        "  20261127_0001  商家订单号\n",
        "  ***  买家支付宝用户号\n",
        "  ***  回传参数\n",
        "  the program responded 200 `success`\n",
    ] {
        assert!(output.stdout.contains(shown), "{shown}: {}", output.stdout);
    }

    // The return is verified, too, and proves less.
    let (_, query) = header(&paid, "location").split_once('?').unwrap();
    assert!(client.verify_return(query).is_ok());
    assert!(client.verify_notification(query.as_bytes()).is_err());
}

#[test]
fn forms_and_strings_are_accepted_as_well() {
    let (gateway, _) = two_gateways();
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let string = order(&gateway, &["app"]).run().ends(0).stdout;
    let posted = post(&format!("{}/gateway.do", gateway.base_url()), kind, string.trim_end());
    assert!(posted.starts_with("HTTP/1.1 "), "{posted}");
    assert_eq!(gateway.orders().len(), 1);
    let control = ["control", "pay", "out_trade_no=20261127_0001", "--gateway", gateway.base_url()];
    let paid = alipay(control).run().ends(0);
    canaries(&paid);
    assert_eq!(paid.json()["status"], "TRADE_SUCCESS");

    // A browser reads the fields of the form as they were meant.
    let wap =
        ["order", "wap", "--out-trade-no", "2", "--amount", "1", "--subject", TEA[5], "--form"];
    let form = alipay(wap).settings(&gateway).run().ends(0).stdout;
    let (_, action) = form.split_once("action=\"").unwrap();
    let (action, _) = action.split_once('"').unwrap();
    let fields: Vec<String> = form
        .split("name=\"")
        .skip(1)
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            let (value, _) = rest.split_once('"').unwrap();
            format!("{name}={}", encoded(&unescaped(value)))
        })
        .collect();
    let posted = post(action, kind, &fields.join("&"));
    assert!(posted.starts_with("HTTP/1.1 30"), "{posted}");
    assert_eq!(gateway.order("2").unwrap().subject, TEA[5]);
}

/// HTML without its character references, which are all numbers.
fn unescaped(html: &str) -> String {
    let mut parts = html.split("&#");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(';').unwrap();
        text.push(char::from_u32(number.parse().unwrap()).unwrap());
        text.push_str(rest);
    }
    text
}

fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        write!(text, "%{byte:02X}").unwrap();
    }
    text
}
