//! What a target begins with, made of the fixtures of the tests.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{
    alipay::{VECTORS, key},
    fixtures::{exists, file, files, folders},
    lock::NEW,
    model::MODELS,
    response::USER,
};

/// The seeds of a target: of the fixtures, and what was found before (`fuzz/seeds`).
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = match target {
        "captured" => captured(),
        "certificates" => certificates(),
        "description" => description(),
        "gateway" => gateway(),
        "keys" => keys(),
        "lock" => lock(),
        "model" => model(),
        "notification" => notification(),
        "order" => order(),
        "overlay" => overlay(),
        "response" => response(),
        "returned" => returned(),
        "values" => values(),
        other => panic!("there is no target {other}"),
    };
    let found = format!("fuzz/seeds/{target}");
    if exists(&found) {
        seeds.extend(files(&found, ""));
    }
    seeds
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_owned()).into()
}

/// The bytes in PEM or bare base64.
fn bytes(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('-'));
    STANDARD.decode(lines.collect::<String>()).unwrap_or_default()
}

fn captured() -> Vec<Vec<u8>> {
    let json = format!(
        r#"{{"out_trade_no":"1","note":"50% a+b=c/\"红包\" <b>","buyer_user_id":"{USER}"}}"#
    );
    let token = "alipay-app-auth-token: 202601BBxyz0123456789";
    let form = format!(
        "app_id=2021000000000001&notify_id=n1&msg_method=alipay.a.b&biz_content=%7B%22user_id%22%3A%22{USER}%22%7D&memo=a%2Bb+c%26d"
    );
    let order = "app_id=2021000000000001&method=alipay.trade.page.pay&charset=utf-8&version=1.0&timestamp=2026-01-01+08%3A00%3A00&app_auth_token=202601BBxyz0123456789&biz_content=%7B%22subject%22%3A%22a%2Bb%22%7D";
    let returned = "app_id=2021000000000001&method=alipay.trade.page.pay.return&out_trade_no=1&total_amount=1.00&timestamp=2026-01-01+08%3A00%3A00";
    let mut seeds = Vec::new();
    for change in ["", " 7"] {
        seeds.extend(
            [
                format!("request POST /v3/alipay/trade/query{change}\n{token}\n\n{json}"),
                format!("request GET /v3/alipay/trade/query?a=%2B&b=%22{USER}%22{change}\n\n1"),
                format!(
                    "response{change}\nalipay-trace-id: 0b43c93517672256004561234e0a1b\n\n{json}"
                ),
                format!("notification{change}\n{form}"),
                format!("return{change}\n{returned}"),
                format!("order{change}\n{order}"),
            ]
            .map(String::into_bytes),
        );
    }
    let signed = format!(
        "alipay-timestamp: 1767225600000\r\nalipay-nonce: n1\r\nalipay-signature: YQ==\r\n\r\n{json}"
    );
    let authorization = "authorization: ALIPAY-SHA256withRSA app_id=2021000000000001,nonce=n1,timestamp=1767225600000,sign=YQ==";
    seeds.extend(
        [
            format!("HTTP/1.1 200 OK\r\n{signed}"),
            format!("* Connected\n> POST / HTTP/1.1\n> {authorization}\n>\n< HTTP/2 200\n< {}", signed.replace("\r\n", "\n< ")),
            format!("POST /v3/alipay/trade/query HTTP/1.1\n{authorization}\n{token}\n\n{json}"),
            format!("POST /v3/a HTTP/1.1\n{authorization}\ncontent-type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{{}}\r\n--b--\r\n"),
            format!("https://shop.example/paid?{returned}&sign=YQ%3D%3D&sign_type=RSA2"),
            format!("{form}&sign=YQ%3D%3D&sign_type=RSA2"),
            format!("2026-01-01 INFO body={}&amp;sign=YQ==", form.replace('&', "&amp;")),
            format!("{order}&sign=YQ%3D%3D&sign_type=RSA2"),
            r#"<form action="https://openapi.alipay.com/gateway.do?charset=utf-8" method="post"><input type="hidden" name="biz_content" value="{&quot;a&quot;:1}"><input name='sign' value='YQ=='></form>"#.to_owned(),
            r#"{"app_id":"1","sign":["YQ=="],"biz_content":{"a":1},"sign_type":"RSA2"}"#.to_owned(),
            r#"{"log":{"entries":[{"request":{"method":"POST","url":"https://openapi.alipay.com/v3/a","headers":[{"name":"Authorization","value":"ALIPAY-SHA256withRSA app_id=1,nonce=n,timestamp=1,sign=YQ=="}],"postData":{"text":"{}"}},"response":{"headers":[{"name":"alipay-signature","value":"YQ=="}],"content":{"encoding":"base64","text":"e30="}}}]}}"#.to_owned(),
            "=> Send header, 20 bytes (0x14)\n0000: POST /v3/a HTTP/1.1\n<= Recv header, 17 bytes (0x11)\n0000: 48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d HTTP/1.1 200 OK.\n0010: 0a".to_owned(),
        ]
        .map(|file| format!("file\n{file}").into_bytes()),
    );
    seeds
}

fn certificates() -> Vec<Vec<u8>> {
    let next = file("alipay-core/tests/fixtures/certificates/next.pem");
    let of_vectors = ["app_cert", "alipay_cert", "alipay_root_cert"].map(key);
    let mut files: Vec<Vec<u8>> = of_vectors.into_iter().chain([&*next]).map(Into::into).collect();
    files.extend(["app_cert", "alipay_cert"].map(|name| bytes(key(name))));
    let places = ["app", "alipay", "root"].iter();
    let in_place = |place: &str, file: &[u8]| [place.as_bytes(), b"\n", file].concat();
    places.flat_map(|place| files.iter().map(move |file| in_place(place, file))).collect()
}

fn keys() -> Vec<Vec<u8>> {
    let names = [
        "app_private_pkcs1",
        "app_private_pkcs8",
        "app_public",
        "alipay_public",
        "aes_key",
        "app_cert",
    ];
    let mut seeds = texts(names.map(key));
    seeds.extend(names.map(|name| bytes(key(name))));
    let files = files("alipay-core/tests/fixtures/keys", ".pem");
    // As Kubernetes keeps secrets.
    seeds.extend(files.iter().map(|file| STANDARD.encode(file).into_bytes()));
    seeds.extend(files);
    seeds
}

fn description() -> Vec<Vec<u8>> {
    let mut seeds = files("codegen/tests/fixtures/constructs", ".yaml");
    seeds.extend(files("openapi/tests/fixtures/diagnostics", ".yaml"));
    for folder in ["features", "refused"] {
        for (_, folder) in folders(&format!("codegen/tests/fixtures/{folder}")) {
            seeds.push(fs::read(folder.join("openapi.yaml")).expect("a file"));
        }
    }
    // JSON is read by other rules.
    seeds.push(br#"{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/v3/a/{b}":{"get":{"tags":["a"],"operationId":"a.b","parameters":[{"name":"b","in":"path","required":true,"schema":{"type":"integer"}}],"responses":{"200":{"description":"d","content":{"application/json":{"schema":{"type":"object","properties":{"c":{"type":"number","maximum":1e2}}}}}}}}}}}"#.to_vec());
    seeds
}

fn overlay() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (name, folder) in folders("codegen/tests/fixtures/features") {
        for layer in ["overlay", "inferred", "shared", "retained"] {
            if let Ok(text) = fs::read_to_string(folder.join(format!("{layer}.yaml"))) {
                seeds.push(format!("{name} {layer}\n{text}").into());
            }
        }
    }
    let others = files("openapi/tests/fixtures/diagnostics", ".overlay.yaml");
    seeds.extend(others.iter().map(|text| [b"two_groups overlay\n", &**text].concat()));
    seeds
}

fn order() -> Vec<Vec<u8>> {
    let content = r#"{"out_trade_no":"1","total_amount":"88.88","subject":"满10减1 \"A\"+b&c='d' <e>","product_code":"PRODUCT","time_expire":"2027-01-15 17:00:00","passback_params":"a%3D1"}"#;
    let urls = "notify_url=https://shop.example/n?x=1&y=%20\nreturn_url=https://shop.example/paid";
    let tokens = "app_auth_token=202601BBxyz0123456789\nauth_token=composeB0123456789\nformat=JSON";
    let mut seeds = Vec::new();
    for (method, product) in [
        ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        ("alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
        ("alipay.user.agreement.page.sign", "P"),
    ] {
        let content = content.replace("PRODUCT", product);
        for words in ["", " encrypted", " certified", " 77", " encrypted 300"] {
            seeds.push(format!("{method}{words}\n{urls}\n{tokens}\n\n{content}").into());
        }
    }
    let content = content.replace("PRODUCT", "FAST_INSTANT_TRADE_PAY");
    for given in [
        format!(
            "alipay.trade.page.pay\nraw_field=/extend_params {{\"hb_fq_num\":\"3\"}}\nraw_field=/subject \"\u{85}\"\n\n{content}"
        ),
        "alipay.trade.page.pay\n\n{\n\t\"a\": [1e3, null]\r\n}".to_owned(),
        "alipay.trade.query\n\n{}".to_owned(),
        "alipay.trade.page.pay\nnotify_url=shop.example\n\n{}".to_owned(),
        "no method\nsign=1\n\n[]".to_owned(),
    ] {
        seeds.push(given.into());
    }
    seeds
}

fn returned() -> Vec<Vec<u8>> {
    let query = "charset=utf-8&out_trade_no=20260101-0001&method=alipay.trade.page.pay.return&total_amount=88.88&trade_no=2026010122001400001400000001&auth_app_id=2021000000000001&version=1.0&app_id=2021000000000001&seller_id=2088000000000001&timestamp=2026-01-01+08%3A01%3A00";
    let mut seeds: Vec<Vec<u8>> = vec![query.into(), format!("lang=zh&sub=&{query}").into()];
    seeds.push(query.replace("utf-8", "GBK").replace("88.88", "%B2%E8").into());
    for more in
        ["notify_id=n1", "msg_method=alipay.a.b", "alipay_cert_sn=0123", "biz_content=%7B%7D"]
    {
        seeds.push(format!("{query}&{more}").into());
    }
    seeds
}

fn lock() -> Vec<Vec<u8>> {
    let lock = file("spec/alipay-voucher/names.lock");
    let mut seeds: Vec<Vec<u8>> =
        lock.lines().filter(|line| line.len() < 200).step_by(40).map(Into::into).collect();
    seeds.push(NEW.lock.clone().into());
    seeds
}

fn model() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (krate, path) in [
        ("alipay_constructs", "codegen/tests/compiled/tests/generated/shop.json"),
        ("alipay_voucher", "alipay-voucher/tests/generated/voucher.json"),
        ("alipay_voucher", "alipay-voucher/tests/generated/messages.json"),
    ] {
        let instances: Value = serde_json::from_str(&file(path)).expect("JSON");
        for (name, forms) in instances["models"].as_object().expect("an object") {
            let name = format!("{krate}::{name}");
            if MODELS.iter().any(|(known, _)| *known == name) {
                let forms = ["all", "least"].map(|form| &forms[form]);
                seeds.extend(
                    forms
                        .iter()
                        .filter(|form| form.is_object())
                        .map(|form| format!("{name}\n{form}").into()),
                );
            }
        }
    }
    seeds
}

fn notification() -> Vec<Vec<u8>> {
    let vectors = ["v1", "v2"].map(|rule| &VECTORS["notifications"][rule]["body"]);
    let mut seeds = texts(vectors.map(|body| body.as_str().expect("a form")));
    let event =
        "notify_id=n1&app_id=2021000000000001&msg_method=alipay.marketing.activity.message.";
    let content = "%7B%22id%22%3A%22e1%22%2C%22event_time%22%3A%221767225600000%22%2C%22activity_id%22%3A%222016%22%2C%22user_id%22%3A%222088%22%7D";
    for rest in ["created", "received", "used", "expired", "other"] {
        seeds.push(format!("{event}{rest}&biz_content={content}&charset=UTF-8&version=1.1").into());
    }
    for rest in
        ["encrypt_type=AES", "charset=GBK", "charset=gb18030", "memo=&utc_timestamp=1767225600789"]
    {
        seeds.push(format!("{event}stopped&biz_content={content}&{rest}").into());
    }
    seeds.push(b"notify_id=n&app_id=2021000000000001&notify_type=trade_status_sync&subject=a+b%26c&total_amount=1.00&trade_status=TRADE_SUCCESS".into());
    seeds
}

fn response() -> Vec<Vec<u8>> {
    let error = format!(
        r#"{{"code":"INVALID_PARAMETER","message":"user {USER} is unknown","links":[{{"link":"https://open.alipay.com/x","desc":"d"}}],"details":[{{"field":"user_id","value":"{USER}","issue":"i","description":"d","location":"body"}}]}}"#
    );
    let (json, text) = ("content-type: application/json;charset=UTF-8", "content-type: text/plain");
    let instances: Value =
        serde_json::from_str(&file("alipay-voucher/tests/generated/voucher.json")).expect("JSON");
    let query = &instances["models"]["models::QueryResponse"]["all"];
    let mut seeds = Vec::new();
    for words in ["signed", "signed encrypted", "", "signed certified"] {
        for (first, head, body) in [
            ("query 200", json, query.to_string()),
            ("send 200", json, r#"{"voucher_id":"1"}"#.to_owned()),
            ("stop 200", json, "{}".to_owned()),
            ("raw 200", json, "[1,{}]".to_owned()),
            ("send 400", json, error.clone()),
            ("send 500", json, r#"{"code":"SYSTEM_ERROR"}"#.to_owned()),
            ("send 202", json, r#"{"code":"PROCESSING"}"#.to_owned()),
            ("stop 204", text, String::new()),
            ("query 502", "content-type: text/html", "<html>502</html>".to_owned()),
            (
                "query 200",
                "content-type: application/json;charset=GBK",
                r#"{"activity_name":"a"}"#.to_owned(),
            ),
            ("send 200", text, "!AAAAAAAAAAAAAAAAAAAAAA==".to_owned()),
        ] {
            seeds.push(format!("{first} {words}\n{head}\nalipay-trace-id: 0b43c93517672256004561234e0a1b\n\n{body}").into());
        }
    }
    seeds
}

fn gateway() -> Vec<Vec<u8>> {
    let folder = "/v3/alipay/marketing/activity/voucher";
    let instances: Value =
        serde_json::from_str(&file("alipay-voucher/tests/generated/voucher.json")).expect("JSON");
    let create = &instances["models"]["models::CreateRequest"]["all"];
    let short = r#"{"out_biz_no":"c1","merchant_access_mode":"SELF_MODE","publish_start_time":"2026-01-01 00:00:00","publish_end_time":"2026-01-31 23:59:59","voucher_type":"FIX_VOUCHER","voucher_budget_info":{"budget_type":"NO_CASH"},"voucher_send_rule":{"voucher_quantity":5},"voucher_use_rule":{"available_merchant":{"available_pids":["2088102111111111"]},"fix_voucher":{"amount":"1.00"},"voucher_valid_period":{"type":"RELATIVE","valid_days_after_receive":7}}}"#;
    let of = |name: &str, more: &str| {
        format!(
            "POST {folder}/{name} signed\n\n{{\"activity_id\":\"{{id}}\",\"merchant_access_mode\":\"SELF_MODE\",\"out_biz_no\":\"{name}\"{more}}}"
        )
    };
    let life = [
        format!("POST {folder}/create signed\n\n{short}"),
        of("publish", ""),
        of("send", r#","user_id":"2088102146225135""#),
        format!("GET {folder}/query?activity_id={{id}}&merchant_access_mode=SELF_MODE signed\n\n"),
        of("append", r#","voucher_quantity":9"#),
        of("stop", ""),
        "GET /_mock/state plain\n\n".to_owned(),
        "POST /_mock/messages plain\n\n{\"message\":\"alipay.marketing.activity.message.used\",\"content\":{}}".to_owned(),
    ];
    let mut seeds = vec![life.join("\n%%\n").into_bytes()];
    for request in [
        format!("POST {folder}/create signed\n\n{create}"),
        format!("POST {folder}/create signed encrypted\n\n{short}"),
        format!("POST {folder}/create plain\nauthorization: ALIPAY-SHA256withRSA app_id=2021000000000001,nonce=n,timestamp=1767225600000,sign=YQ==\n\n{{}}"),
        format!("POST {folder}/stop signed\nalipay-mock-fault: wrong-signature\nalipay-app-auth-token: t\n\n{{}}"),
        "POST /v3/alipay/marketing/material/image signed\ncontent-type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"data\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\nContent-Disposition: form-data; name=\"image_content\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n".to_owned(),
        "GET / plain\n\n".to_owned(),
        "GET /_mock/operations?words=voucher plain\n\n".to_owned(),
        "POST /_mock/faults plain\n\n{\"fault\":\"html-502\",\"times\":2}\n%%\nGET /_mock/faults plain\n\n\n%%\nPOST /v3/alipay/trade/close signed\n\n{\"out_trade_no\":\"1\"}".to_owned(),
        "POST /_mock/clock plain\n\n{\"advance_seconds\":86400}".to_owned(),
        "POST /v3/alipay/trade/pay signed\n\n{\"out_trade_no\":\"1\",\"total_amount\":\"1.00\",\"subject\":\"s\"}".to_owned(),
    ] {
        seeds.push(request.into());
    }
    seeds
}

fn values() -> Vec<Vec<u8>> {
    texts([
        "50.00",
        "+0.5",
        "-1.000",
        "92233720368547758.07",
        "0.000000000000000001",
        "-9223372036854775808",
        "999999999999999999",
        "2026-01-31",
        "08:30:00",
        "2026-01-31 08:30:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "1767225600000",
        "\"6.50\"",
        "[1,2.5,\"a\"]",
        "\"[1.5,\\\"2\\\"]\"",
        "{\"a\":[null,true,1e300]}",
        "20260101-a_b",
        "\u{1}\0\0\0\0\0\0\0\u{2}",
        "12345678\u{12}",
    ])
}
