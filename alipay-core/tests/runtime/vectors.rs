//! The client against what the official SDKs sent, received and encrypted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use alipay_core::{
    Call, Client, Credentials, ErrorKind, Prepared,
    encrypt::AesKey,
    keys::{PrivateKey, PublicKey},
};
use bytes::Bytes;
use common::{
    Create, Nothing, Query, QueryRequest, Send, Stop, VECTORS, builder, case,
    certificate_credentials, certified, client, create_request, credentials, key, send_request,
};
use serde_json::Value as Json;

/// The request is the one of the vector: target, body, and the headers of the protocol.
fn assert_same_request(prepared: &Prepared, name: &str) {
    let expected = &case(name)["request"];
    let request = prepared.request();
    assert_eq!(request.method().as_str(), expected["method"]);
    assert_eq!(request.uri().path_and_query().unwrap().as_str(), expected["target"]);
    assert_eq!(request.body(), expected["body"].as_str().unwrap().as_bytes());
    for (header, value) in expected["headers"].as_object().unwrap() {
        // The first is that SDK's own, the second nobody else sends.
        if !matches!(header.as_str(), "user-agent" | "alipay-encryption-algm") {
            assert_eq!(request.headers()[header], value.as_str().unwrap(), "{header}");
        }
    }
}

/// The response of the vector.
fn response(name: &str) -> http::Response<Bytes> {
    let recorded = &case(name)["response"];
    let mut response = http::Response::builder()
        .status(u16::try_from(recorded["status"].as_u64().unwrap()).unwrap());
    for (header, value) in recorded["headers"].as_object().unwrap() {
        response = response.header(header, value.as_str().unwrap());
    }
    response.body(Bytes::from(recorded["body"].as_str().unwrap())).unwrap()
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap()
}

#[test]
fn post_with_json() {
    let client = client();
    let prepared = Call::<Create>::new(&client, &create_request()).prepare().unwrap();
    assert_same_request(&prepared, "post-json");
    let created = client.finish::<Create>(prepared.context(), response("post-json")).unwrap();
    assert_eq!(created.activity_id.as_deref(), Some("2016042700826004508401111111"));
    assert_eq!(created.trace_id(), Some("0b43c93517672256004561234e0a1b"));
    assert_eq!(created.request_id(), "5f9fba93bbb240f0b32804d5ead3e131");
    assert_eq!(created.raw_body(), text(&case("post-json")["response"]["body"]).as_bytes());
    assert!(created.verified());
}

#[test]
fn post_in_certificate_mode_for_another_merchant() {
    let client = builder(certificate_credentials()).build().unwrap();
    let token = text(&case("cert-post-token")["request"]["headers"]["alipay-app-auth-token"]);
    let prepared =
        Call::<Send>::new(&client, &send_request()).app_auth_token(token).prepare().unwrap();
    assert_same_request(&prepared, "cert-post-token");
    let sent = client.finish::<Send>(prepared.context(), response("cert-post-token")).unwrap();
    assert_eq!(sent.voucher_id.as_deref(), Some("2021072900073002214009F8QHR3"));
}

#[test]
fn post_with_encryption() {
    let client = client();
    let prepared = Call::<Create>::new(&client, &create_request()).encrypted().prepare().unwrap();
    assert_same_request(&prepared, "encrypted-post");
    let created = client.finish::<Create>(prepared.context(), response("encrypted-post")).unwrap();
    assert_eq!(created.activity_id.as_deref(), Some("2016042700826004508401111111"));
    assert_eq!(created.raw_body(), br#"{"activity_id":"2016042700826004508401111111"}"#.as_slice());
}

#[test]
fn post_without_a_body() {
    let client = client();
    let prepared = Call::<Stop>::new(&client, &Nothing {}).prepare().unwrap();
    let expected = &case("post-empty")["request"]["headers"]["authorization"];
    assert_eq!(prepared.request().headers()["authorization"], text(expected));
    assert!(prepared.request().body().is_empty());
    let stopped = client.finish::<Stop>(prepared.context(), response("post-empty")).unwrap();
    assert_eq!(stopped.completed_by(), "alipay.marketing.activity.message.stopped");
}

/// Each SDK encodes a query in its own way and signs its own rendering; ours is RFC 3986.
#[test]
fn get_with_a_query() {
    let client = client();
    let request = QueryRequest {
        activity_id: Some("2016042700826004508401111111".to_owned()),
        merchant_access_mode: Some("A B+C&D=E/~*'()!中".to_owned()),
        page: None,
    };
    let prepared = Call::<Query>::new(&client, &request).prepare().unwrap();
    let target = "/v3/alipay/marketing/activity/voucher/query\
                  ?activity_id=2016042700826004508401111111\
                  &merchant_access_mode=A%20B%2BC%26D%3DE%2F~%2A%27%28%29%21%E4%B8%AD";
    assert_eq!(prepared.request().uri().path_and_query().unwrap().as_str(), target);
    let auth = "app_id=2021000000000001,nonce=5f9fba93-bbb2-40f0-b328-04d5ead3e131,\
                timestamp=1767225600123";
    let key = PrivateKey::parse(key("app_private_pkcs1")).unwrap();
    let signature = key.sign(format!("{auth}\nGET\n{target}\n\n").as_bytes()).unwrap();
    assert_eq!(
        prepared.request().headers()["authorization"],
        format!("ALIPAY-SHA256withRSA {auth},sign={signature}")
    );
    assert!(!prepared.request().headers().contains_key("content-type"));
    let found = client.finish::<Query>(prepared.context(), response("get-query")).unwrap();
    assert_eq!(found.activity_name.as_deref(), Some("满减/活动"));
}

#[test]
fn every_string_to_sign_gives_the_signature_and_every_response_verifies() {
    let app = PrivateKey::parse(key("app_private_pkcs1")).unwrap();
    let alipay = PublicKey::parse(key("alipay_public")).unwrap();
    let cases = VECTORS["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let request = &case["request"];
        let signature = app.sign(text(&request["string_to_sign"]).as_bytes()).unwrap();
        assert_eq!(signature, text(&request["signature"]), "{}", case["name"]);
        app.public_key().verify(text(&request["string_to_sign"]).as_bytes(), &signature).unwrap();
        let response = &case["response"];
        let signature = text(&response["headers"]["alipay-signature"]);
        // The response in certificate mode is signed with the same key.
        alipay.verify(text(&response["string_to_verify"]).as_bytes(), signature).unwrap();
    }
}

#[test]
fn any_changed_byte_of_a_response_is_found_out() {
    let client = client();
    let prepared = Call::<Create>::new(&client, &create_request()).prepare().unwrap();
    let refused = |response| {
        let error = client.finish::<Create>(prepared.context(), response).unwrap_err();
        error.kind() == ErrorKind::Verification
    };
    let genuine = response("post-json");
    for index in 0..genuine.body().len() {
        let mut body = genuine.body().to_vec();
        body[index] ^= 1;
        let (head, _) = response("post-json").into_parts();
        assert!(refused(http::Response::from_parts(head, Bytes::from(body))), "body at {index}");
    }
    for header in ["alipay-timestamp", "alipay-nonce"] {
        for index in 0..genuine.headers()[header].len() {
            let mut value = genuine.headers()[header].as_bytes().to_vec();
            value[index] ^= 1;
            let mut response = response("post-json");
            response.headers_mut().insert(header, value.as_slice().try_into().unwrap());
            assert!(refused(response), "{header} at {index}");
        }
    }
    let (head, body) = response("post-json").into_parts();
    let longer = [&*body, b" "].concat();
    assert!(refused(http::Response::from_parts(head.clone(), Bytes::from(longer))));
    assert!(refused(http::Response::from_parts(head, body.slice(..body.len() - 1))));
}

#[test]
fn content_encryption_both_ways() {
    let vectors = VECTORS["aes"].as_array().unwrap();
    assert_eq!(vectors.len(), 8);
    for vector in vectors {
        let key = AesKey::parse(text(&vector["key"])).unwrap();
        let (plain, cipher) = (text(&vector["plain"]), text(&vector["cipher"]));
        assert_eq!(key.encrypt(plain.as_bytes()).unwrap(), cipher);
        assert_eq!(key.decrypt(cipher.as_bytes()).unwrap(), plain.as_bytes());
    }
}

#[test]
fn serials_of_certificates() {
    let credentials = certificate_credentials();
    let serials = &VECTORS["cert_sn"];
    assert_eq!(credentials.root_certificate_serial(), serials["root_bundle_sn"].as_str());
    assert_eq!(
        credentials.app_certificate_serial(),
        case("cert-post-token")["request"]["headers"]["authorization"]
            .as_str()
            .unwrap()
            .split([',', '='])
            .nth(3)
    );
    // The app's and Alipay's have theirs; a bundle of one certificate has that certificate's serial,
    // which makes the others testable.
    let made = serials["made_here"].as_array().unwrap();
    assert_eq!(made.len(), 11);
    for vector in made {
        let (app, mut alipay) = (key("app_cert"), key("alipay_cert"));
        let (first, _) = text(&vector["pem"]).split_once("-----END").unwrap();
        let first = format!("{first}-----END CERTIFICATE-----\n");
        let mut root = key("alipay_root_cert");
        let name = text(&vector["name"]);
        match name {
            "app_cert" => {}
            "alipay_cert" | "serial_of_128_bits" => alipay = &first,
            _ => root = &first,
        }
        let private = key("app_private_pkcs1");
        let credentials =
            Credentials::certificates_at(certified(), key("app_id"), private, app, [alipay], root)
                .unwrap();
        let trusted = credentials.trust().serials();
        let serial = match name {
            "app_cert" => credentials.app_certificate_serial(),
            "alipay_cert" | "serial_of_128_bits" => trusted.first().map(String::as_str),
            _ => credentials.root_certificate_serial(),
        };
        assert_eq!(serial, vector["sn"].as_str(), "{name}");
    }
}

#[test]
fn private_keys_in_all_forms_sign_alike() {
    let message = b"message";
    let expected = PrivateKey::parse(key("app_private_pkcs1")).unwrap().sign(message).unwrap();
    let pem = |label: &str, base64: &str| {
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    let pkcs1 = pem("RSA PRIVATE KEY", key("app_private_pkcs1"));
    let pkcs8 = pem("PRIVATE KEY", key("app_private_pkcs8"));
    for text in [
        key("app_private_pkcs8"),
        &pkcs1,
        &pkcs8,
        &pkcs8.replace('\n', "\r\n"),
        &pkcs8.replace('\n', "\\n"),
        &format!("\u{feff}  {}\n", key("app_private_pkcs1")),
    ] {
        assert_eq!(PrivateKey::parse(text).unwrap().sign(message).unwrap(), expected);
    }
    let public = pem("PUBLIC KEY", key("app_public"));
    for text in [key("app_public"), &public] {
        PublicKey::parse(text).unwrap().verify(message, &expected).unwrap();
    }
    assert_eq!(PrivateKey::parse(&pkcs1).unwrap().public_key().to_base64(), key("app_public"));
}

/// In key mode the `alipay-sn` of a response means nothing.
#[test]
fn a_response_of_certificate_mode_verifies_in_key_mode() {
    let client: Client = builder(credentials()).build().unwrap();
    let prepared = Call::<Send>::new(&client, &send_request()).prepare().unwrap();
    let mut response = response("cert-post-token");
    response.headers_mut().append("alipay-sn", "another".parse().unwrap());
    client.finish::<Send>(prepared.context(), response).unwrap();
}

/// Without a serial any of the trusted certificates may have signed; with two there is no telling.
#[test]
fn serials_of_responses_in_certificate_mode() {
    let client = builder(certificate_credentials()).build().unwrap();
    let prepared = Call::<Send>::new(&client, &send_request()).prepare().unwrap();
    let mut none = response("cert-post-token");
    none.headers_mut().remove("alipay-sn");
    client.finish::<Send>(prepared.context(), none).unwrap();
    let mut two = response("cert-post-token");
    two.headers_mut().append("alipay-sn", "another".parse().unwrap());
    let error = client.finish::<Send>(prepared.context(), two).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
}

#[test]
fn a_response_signed_with_an_unknown_certificate_names_it() {
    let client = builder(certificate_credentials()).build().unwrap();
    let prepared = Call::<Send>::new(&client, &send_request()).prepare().unwrap();
    let mut response = response("cert-post-token");
    response.headers_mut().insert("alipay-sn", "00000000000000000000000000000000".parse().unwrap());
    let error = client.finish::<Send>(prepared.context(), response).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
    assert!(
        error.to_string().contains("certificate (支付宝公钥证书) 00000000000000000000000000000000"),
        "{error}"
    );
}
