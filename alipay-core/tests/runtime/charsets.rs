//! Bodies in other charsets than UTF-8, and what is said of bodies that are no JSON.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use alipay_core::{Call, Error, ErrorKind, Raw, encrypt::AesKey, operation::Method};
use bytes::Bytes;
use common::{
    Query, builder, client, credentials, finished, key, query_request, signed, signed_as, unsigned,
};
use http::Response;
use insta::assert_snapshot;

const JSON: &str = "application/json;charset=UTF-8";
/// 系统繁忙 in GBK.
const BUSY: &[u8] = b"\xcf\xb5\xcd\xb3\xb7\xb1\xc3\xa6";
/// 联通 in GBK, which by chance is valid UTF-8.
const UNICOM: &[u8] = b"\xc1\xaa\xcd\xa8";

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

fn object(before: &str, value: &[u8]) -> Vec<u8> {
    [before.as_bytes(), value, b"\"}"].concat()
}

fn error_of(message: &[u8]) -> Vec<u8> {
    object(r#"{"code":"unknow-error","message":""#, message)
}

fn queried(
    response: Response<Bytes>,
) -> Result<alipay_core::Response<common::QueryResponse>, Error> {
    finished::<Query>(&client(), &query_request(), response)
}

fn unsigned_as(content_type: &str, status: u16, body: &[u8]) -> Response<Bytes> {
    unsigned(status, content_type, "").map(|_| Bytes::copy_from_slice(body))
}

#[test]
fn the_code_of_an_error_is_read_in_any_charset() {
    let utf8 = r#"{"code":"unknow-error","message":"系统繁忙"}"#;
    let marked = |mark: &[u8], body: &[u8]| [mark, body].concat();
    let whole = Some("系统繁忙");
    for (what, kind, body, message) in [
        ("UTF-8", JSON, utf8.as_bytes().to_vec(), whole),
        ("GBK, said to be UTF-8", JSON, error_of(BUSY), whole),
        ("GBK", "application/json;charset=GBK", error_of(BUSY), whole),
        ("GBK, quoted", "application/json; charset=\"gb2312\"; x=y", error_of(BUSY), whole),
        ("GBK of no charset", "text/html", error_of(BUSY), whole),
        ("GBK, said to be Latin", "text/html;charset=ISO-8859-1", error_of(BUSY), whole),
        ("GBK, said to be UTF-16", "text/html;charset=UTF-16", error_of(BUSY), whole),
        ("GBK, said to be something", "text/html;charset=x-nothing", error_of(BUSY), whole),
        (
            "GB18030",
            "application/json;charset=GB18030",
            error_of(b"\x81\x30\x81\x30"),
            Some("\u{80}"),
        ),
        ("GBK that could be UTF-8", "text/html;charset=GBK", error_of(UNICOM), Some("联通")),
        // One character of UTF-8 by chance, and one byte that is none.
        ("GBK that is half UTF-8", JSON, error_of(b"\xe4\xb8\xad\x80"), Some("涓瓈")),
        ("UTF-8, said to be GBK", "application/json;charset=GBK", utf8.as_bytes().to_vec(), whole),
        ("Big5", "application/json;charset=Big5", error_of(b"\xa8\x74\xb2\xce"), Some("系統")),
        ("UTF-8 with a mark", JSON, marked(b"\xef\xbb\xbf", utf8.as_bytes()), whole),
        ("UTF-16LE with a mark", JSON, marked(b"\xff\xfe", &utf16(utf8, u16::to_le_bytes)), whole),
        ("UTF-16BE with a mark", JSON, marked(b"\xfe\xff", &utf16(utf8, u16::to_be_bytes)), whole),
        ("UTF-16LE", "application/json;charset=UTF-16", utf16(utf8, u16::to_le_bytes), whole),
        ("UTF-16BE", "application/json;charset=UTF-16", utf16(utf8, u16::to_be_bytes), whole),
        (
            "UTF-8, cut",
            JSON,
            error_of("系统\u{7e41}".as_bytes().split_at(8).0),
            Some("系统\u{fffd}"),
        ),
        ("GBK, cut", JSON, error_of(&BUSY[..7]), Some("系统繁\u{fffd}")),
        ("no charset at all", JSON, error_of(b"\xff\xff"), Some("\u{fffd}\u{fffd}")),
        ("half a character", JSON, error_of(br"\ud83d"), None),
    ] {
        for response in [signed_as(kind, 400, &body), unsigned_as(kind, 400, &body)] {
            let error = queried(response).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Api, "{what}");
            assert_eq!(error.code_text(), Some("unknow-error"), "{what}");
            assert_eq!(error.message(), message, "{what}");
            assert_eq!(error.raw_body().unwrap(), &body, "{what}");
            let shown = error.to_string();
            assert!(!shown.contains("without a code") && !shown.contains("not JSON"), "{shown}");
        }
    }
}

/// The signature covers the bytes as they were received, and not what they mean.
#[test]
fn verification_comes_before_decoding() {
    let body = error_of(BUSY);
    let text = "{\"code\":\"unknow-error\",\"message\":\"系统繁忙\"}";
    let (head, _) = signed_as(JSON, 400, &body).into_parts();
    let recoded = Response::from_parts(head, Bytes::from_static(text.as_bytes()));
    assert_eq!(queried(recoded).unwrap_err().kind(), ErrorKind::Verification);
    let (head, _) = signed_as(JSON, 200, b"{}").into_parts();
    let marked = Response::from_parts(head, Bytes::from_static(b"\xef\xbb\xbf{}"));
    assert_eq!(queried(marked).unwrap_err().kind(), ErrorKind::Verification);
}

#[test]
fn a_success_is_read_in_any_charset() {
    let utf8 = r#"{"voucher_quantity":7,"activity_name":"系统繁忙"}"#;
    let gbk = |name: &[u8]| object(r#"{"voucher_quantity":7,"activity_name":""#, name);
    let marked = |mark: &[u8], body: &[u8]| [mark, body].concat();
    for (what, kind, body, name) in [
        ("GBK, said to be UTF-8", JSON, gbk(BUSY), "系统繁忙"),
        ("GBK", "application/json;charset=GBK", gbk(BUSY), "系统繁忙"),
        ("GBK that could be UTF-8", "text/json; Charset=gbk", gbk(UNICOM), "联通"),
        (
            "UTF-8, said to be GBK",
            "application/json;charset=GBK",
            utf8.as_bytes().to_vec(),
            "系统繁忙",
        ),
        ("UTF-8 with a mark", JSON, marked(b"\xef\xbb\xbf", utf8.as_bytes()), "系统繁忙"),
        (
            "UTF-16 with a mark",
            JSON,
            marked(b"\xff\xfe", &utf16(utf8, u16::to_le_bytes)),
            "系统繁忙",
        ),
    ] {
        let response = queried(signed_as(kind, 200, &body)).unwrap();
        assert_eq!(response.activity_name.as_deref(), Some(name), "{what}");
        assert_eq!(response.voucher_quantity, Some(7), "{what}");
        assert!(response.unreadable().is_empty(), "{what}");
        assert_eq!(response.raw_body(), &body, "{what}");

        let call = client().raw(Method::Get, "/v3/x").prepare().unwrap();
        let raw = client().finish::<Raw>(call.context(), signed_as(kind, 200, &body)).unwrap();
        assert_eq!(
            (raw["activity_name"].as_str(), raw["voucher_quantity"].as_i64()),
            (Some(name), Some(7))
        );

        // Encryption does not change that.
        let cipher = AesKey::parse(key("aes_key")).unwrap().encrypt(&body).unwrap();
        let client = client();
        let call = Call::<Query>::new(&client, &query_request()).encrypted().prepare().unwrap();
        let decrypted = client
            .finish::<Query>(call.context(), signed_as(kind, 200, cipher.as_bytes()))
            .unwrap();
        assert_eq!(decrypted.activity_name.as_deref(), Some(name), "{what}");
    }
    // A mark alone is nothing.
    let empty = queried(signed_as(JSON, 200, b"\xef\xbb\xbf")).unwrap();
    assert_eq!(empty.activity_name, None);
}

/// The signature does not cover the type: it must not close a string of the body at another place.
#[test]
fn the_type_does_not_change_what_is_utf8() {
    let body = r#"{"activity_name":"Á\"z","voucher_quantity":7}"#;
    for charset in ["UTF-8", "Shift_JIS", "Big5", "EUC-KR", "EUC-JP", "ISO-2022-JP", "UTF-16"] {
        let kind = format!("application/json;charset={charset}");
        let response = queried(signed_as(&kind, 200, body.as_bytes())).unwrap();
        assert_eq!(response.activity_name.as_deref(), Some("Á\"z"), "{charset}");
        assert_eq!(response.voucher_quantity, Some(7), "{charset}");
    }
    // No character of GBK takes the backslash.
    let response = queried(signed_as("text/json;charset=GBK", 200, body.as_bytes())).unwrap();
    assert!(response.activity_name.as_deref().unwrap().ends_with("\"z"));
    assert_eq!(response.voucher_quantity, Some(7));
}

/// A string that is not as it was sent is not shown as if it were.
#[test]
fn a_string_that_is_cut_within_a_character_is_absent_and_named() {
    let body = "{\"activity_id\":\"杭州\",\"activity_name\":\"系统CUT\",\"voucher_quantity\":7}";
    let (before, after) = body.split_once("CUT").unwrap();
    let body = [before.as_bytes(), b"\xe7\xb9", after.as_bytes()].concat();
    let response = queried(signed_as(JSON, 200, &body)).unwrap();
    assert_eq!(response.activity_id.as_deref(), Some("杭州"));
    assert_eq!((response.activity_name.as_deref(), response.voucher_quantity), (None, Some(7)));
    assert_eq!(
        response.unreadable()[0].to_string(),
        "`/activity_name`: expected a string, found characters that are not valid"
    );
    assert_eq!(response.raw_body(), &body);
    // There are no fields to leave out of any JSON.
    let call = client().raw(Method::Get, "/v3/x").prepare().unwrap();
    let error = client().finish::<Raw>(call.context(), signed_as(JSON, 200, &body)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    // U+FFFD itself is a character.
    let sent = queried(signed(200, "{\"activity_name\":\"\u{fffd}\"}")).unwrap();
    assert_eq!(sent.activity_name.as_deref(), Some("\u{fffd}"));
}

#[test]
fn one_odd_member_does_not_hide_the_code() {
    let deep = format!(r#"{{"code":"A","details":{}{}}}"#, "[".repeat(9_000), "]".repeat(9_000));
    for body in [
        r#"{"code":"A","message":"\ud83d"}"#,
        r#"{"code":"A","message":1e400,"links":[1e400]}"#,
        r#"{"code":"A","newer":1e400}"#,
        r#"{"code":"B","code":"A"}"#,
        &deep,
    ] {
        assert_eq!(queried(signed(400, body)).unwrap_err().code_text(), Some("A"), "{body}");
    }
    // Lists that are described as strings are read from strings, too.
    let body = r#"{"code":"A","links":"[{\"link\":\"https://a/\"},\"https://b/\"]","details":"{\"field\":\"f\"}"}"#;
    let error = queried(signed(400, body)).unwrap_err();
    let links: Vec<_> = error.links().iter().map(|link| &*link.link).collect();
    assert_eq!(links, ["https://a/", "https://b/"]);
    assert_eq!(error.details()[0].field.as_deref(), Some("f"));
    let error = queried(signed(400, r#"{"code":"A","details":"[not JSON"}"#)).unwrap_err();
    assert_eq!(error.details()[0].description.as_deref(), Some("[not JSON"));
}

/// What is said of bodies that have no code is true, and shows nothing that is in them.
#[test]
fn bodies_without_a_code_are_described() {
    let said = |status, kind: &str, body: &[u8]| {
        let error = queried(unsigned_as(kind, status, body)).unwrap_err();
        let text = error.to_string();
        assert!(!text.contains("2088"), "{text}");
        let (_, said) = text.split_once("its body is ").unwrap();
        said.split_once(" (HTTP").unwrap().0.to_owned()
    };
    let html = b"<html><body>2088102146225135</body></html>";
    let xml = "<?xml version=\"1.0\"?><e>2088102146225135</e>";
    let lines = [
        said(502, "text/html; charset=utf-8", html),
        said(502, "application/json", html),
        said(502, "text/html", b"\xef\xbb\xbf  <!DOCTYPE html><p>2088102146225135"),
        said(502, "text/html;charset=GBK", b"<HTML>\xcf\xb5"),
        said(503, "application/xml", xml.as_bytes()),
        said(503, "text/xml", &utf16(xml, u16::to_le_bytes)),
        said(502, "text/plain", b"upstream 2088102146225135 timed out"),
        said(502, "text/plain", b"x"),
        said(502, "application/json", br#"{"code":"A","message":"20881"#),
        said(502, "application/json", br#"{"code":"A" 2088}"#),
        said(502, "application/json", br#"{"code":A}"#),
        said(502, "application/json", b"{}"),
        said(502, "application/json", b"null"),
        said(502, "application/json", br#"["2088102146225135"]"#),
        said(502, "application/json", br#"{"code":{"x":2088}}"#),
        said(502, "application/json", b"{\"code\":\"A\xff\xff\"}"),
        said(502, "application/json", b" \n"),
        said(502, "application/json", b""),
        said(502, "application/octet-stream", b"\0\0\x01\xff"),
        said(200, "application/json", br#"{"code":"A"}"#),
        said(200, "application/json", br#"{"activity_id":"2088"}"#),
    ];
    assert_snapshot!(lines.join("\n"), @"
    HTML (text/html; charset=utf-8, 42 bytes)
    HTML (application/json, 42 bytes)
    HTML (text/html, 39 bytes)
    HTML (text/html;charset=GBK, 8 bytes)
    XML (application/xml, 44 bytes)
    XML (text/xml, 88 bytes)
    not JSON (text/plain, 35 bytes)
    not JSON (text/plain, 1 byte)
    JSON that is cut off (application/json, 28 bytes)
    JSON with a syntax error (application/json, 17 bytes)
    JSON with a syntax error (application/json, 10 bytes)
    JSON without a code (application/json, 2 bytes)
    JSON without a code (application/json, 4 bytes)
    JSON without a code (application/json, 20 bytes)
    JSON with a code that cannot be read (application/json, 19 bytes)
    JSON with a code that cannot be read (application/json, 14 bytes)
    not JSON (application/json, 2 bytes)
    empty
    not JSON (application/octet-stream, 4 bytes)
    JSON (application/json, 12 bytes)
    JSON without a code (application/json, 22 bytes)
    ");
    let mut untyped = unsigned_as("text/html", 502, html);
    untyped.headers_mut().remove("content-type");
    let text = queried(untyped).unwrap_err().to_string();
    assert!(text.contains("its body is HTML (42 bytes) (HTTP 502)"), "{text}");
}

/// An encrypted error may be in another charset as well.
#[test]
fn an_encrypted_error_in_gbk() {
    let client = builder(credentials()).build().unwrap();
    let call = Call::<Query>::new(&client, &query_request()).encrypted().prepare().unwrap();
    let cipher = AesKey::parse(key("aes_key")).unwrap().encrypt(&error_of(BUSY)).unwrap();
    let error = client.finish::<Query>(call.context(), signed(400, &cipher)).unwrap_err();
    assert_eq!((error.code_text(), error.message()), (Some("unknow-error"), Some("系统繁忙")));
}
