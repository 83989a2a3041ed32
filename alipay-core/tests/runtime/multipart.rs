//! Uploads.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests fail by panicking; the models are written like generated ones"
)]

use crate::common;

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use alipay_core::{
    Call, ErrorKind, Response,
    encrypt::AesKey,
    model,
    nonce::{NoRandomness, NonceSource},
    operation,
    operation::Method,
    transport::{BoxFuture, TransportErrorKind, http_body::Body as _},
    value::{Content, File},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use common::{
    builder, case, client, credentials,
    script::{Script, Step},
    signed,
};
use serde_json::json;

model! {
    /// `UploadRequest`.
    pub struct UploadRequest: optional {
        pub biz_code: Option<String> = body("biz_code"),
        pub file_content: Option<File> = file("file_content"),
        pub more: Option<Vec<File>> = file("more"),
    }
}
model! {
    /// `UploadResponse`.
    pub struct UploadResponse: optional {
        pub file_id: Option<String> = body("file_id"),
    }
}
operation! {
    /// `alipay.open.file.upload`.
    pub enum Upload {
        id: "alipay.open.file.upload",
        http: Post "/v3/alipay/open/file/upload",
        request: UploadRequest,
        reply: Response<UploadResponse>,
    }
}

fn photo() -> File {
    File::bytes("a.jpg", b"\xff\xd8\xff\x00".as_slice())
}

fn request() -> UploadRequest {
    UploadRequest {
        biz_code: Some("图片".to_owned()),
        file_content: Some(photo()),
        ..UploadRequest::default()
    }
}

#[tokio::test]
async fn the_vectors_signature_and_body() {
    let client = client();
    let prepared = Call::<Upload>::new(&client, &request()).prepare().unwrap();
    let (request, context) = prepared.into_parts();
    let vector = &case("upload")["request"];
    assert_eq!(request.uri().path_and_query().unwrap().as_str(), vector["target"]);
    assert_eq!(
        request.headers()["authorization"],
        vector["headers"]["authorization"].as_str().unwrap()
    );
    let boundary = |content_type: &str| {
        content_type.strip_prefix("multipart/form-data; boundary=").unwrap().to_owned()
    };
    let ours = boundary(request.headers()["content-type"].to_str().unwrap());
    let theirs = boundary(vector["headers"]["content-type"].as_str().unwrap());
    let expected = STANDARD.decode(vector["body_base64"].as_str().unwrap()).unwrap();
    let size = request.body().len();
    assert!(request.body().as_bytes().is_none());
    let body = request.into_body().into_bytes().await.unwrap();
    assert_eq!(u64::try_from(body.len()).unwrap(), size);
    // The same to the byte, but for the boundary.
    let text = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    assert_eq!(text(&body).replace(&ours, &theirs), text(&expected));

    let expected = &case("upload")["response"];
    let mut response = http::Response::builder().status(200);
    for (header, value) in expected["headers"].as_object().unwrap() {
        response = response.header(header, value.as_str().unwrap());
    }
    let response = response.body(Bytes::from(expected["body"].as_str().unwrap())).unwrap();
    let uploaded = client.finish::<Upload>(&context, response).unwrap();
    assert_eq!(uploaded.file_id.as_deref(), Some("x"));
}

/// Whoever knows the boundary could write parts of his own into a file.
#[test]
fn each_upload_has_a_boundary_of_its_own() {
    struct Counted(AtomicUsize);
    impl NonceSource for Counted {
        fn next(&self) -> Result<[u8; 16], NoRandomness> {
            Ok((self.0.fetch_add(1, Ordering::SeqCst) as u128).to_be_bytes())
        }
    }
    let client = builder(credentials()).nonces(Counted(AtomicUsize::new(0))).build().unwrap();
    let boundary = || {
        let prepared = Call::<Upload>::new(&client, &request()).prepare().unwrap();
        prepared.request().headers()["content-type"].to_str().unwrap().to_owned()
    };
    let all: std::collections::BTreeSet<_> = (0..9).map(|_| boundary()).collect();
    assert_eq!(all.len(), 9);
}

/// A transport of somebody else's may read bodies as its HTTP client does.
#[tokio::test]
async fn a_body_is_one_of_http_body() {
    let client = client();
    let json = client.raw(Method::Post, "/v3/x").json(&json!({"user": "2088"})).prepare().unwrap();
    let upload = Call::<Upload>::new(&client, &request()).prepare().unwrap();
    let empty = client.raw(Method::Get, "/v3/x").prepare().unwrap();
    assert!(*json.request().body() == *r#"{"user":"2088"}"#);
    assert!(*json.request().body() != *r#"{"user":"2089"}"#);
    assert!(*upload.request().body() != *"" && *empty.request().body() == *"");
    for prepared in [json, upload, empty] {
        let mut body = prepared.into_parts().0.into_body();
        let (size, whole) = (body.len(), body.clone().into_bytes().await.unwrap());
        assert_eq!(format!("{body:?}"), format!("Body {{ len: {size}, .. }}"));
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(size), size == 0));
        let mut read = Vec::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            read.extend(frame.unwrap().into_data().unwrap());
        }
        assert_eq!(read, whole);
    }
}

/// The parts of a body: head and content.
fn parts(content_type: &str, body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let mark = format!("--{boundary}").into_bytes();
    let mut cuts: Vec<usize> =
        (0..body.len()).filter(|at| body[*at..].starts_with(&mark)).collect();
    assert_eq!(&body[cuts.pop().unwrap()..], [&mark[..], b"--\r\n"].concat());
    cuts.push(body.len() - mark.len() - 4);
    let cut = |range: &[usize]| {
        let part = &body[range[0] + mark.len() + 2..range[1] - 2];
        let end = part.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (String::from_utf8(part[..end].to_vec()).unwrap(), part[end + 4..].to_vec())
    };
    cuts.windows(2).map(cut).collect()
}

fn sent(script: &Script) -> Vec<(String, Vec<u8>)> {
    let seen = script.seen();
    let seen = seen.last().unwrap();
    parts(seen.header("content-type"), &seen.body)
}

#[tokio::test]
async fn names_cannot_break_out() {
    let script = Script::new([Step::Response(signed(200, "{}"))]);
    let client = script.builder().build().unwrap();
    let more = vec![
        File::bytes("\"; x=\"\r\nX-Evil: 1\r\n\r\n.PNG", Bytes::new()),
        File::bytes("报告", b"\r\n--alipay".as_slice()).with_media_type("application/x-报告"),
    ];
    let bad = UploadRequest { more: Some(more.clone()), ..request() };
    let error = Call::<Upload>::new(&client, &bad).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("`more`: the media type"), "{error}");
    let more = vec![more[0].clone(), more[1].clone().with_media_type("text/plain")];
    let request = UploadRequest { more: Some(more), ..request() };
    Call::<Upload>::new(&client, &request).await.unwrap();
    let parts = sent(&script);
    let heads: Vec<_> = parts.iter().map(|(head, _)| head.as_str()).collect();
    assert_eq!(
        heads,
        [
            "\r\nContent-Disposition: form-data; name=\"data\"\r\nContent-Type: application/json",
            "\r\nContent-Disposition: form-data; name=\"file_content\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg",
            "\r\nContent-Disposition: form-data; name=\"more\"; filename=\"%22; x=%22%0D%0AX-Evil: 1%0D%0A%0D%0A.PNG\"\r\nContent-Type: image/png",
            "\r\nContent-Disposition: form-data; name=\"more\"; filename=\"报告\"\r\nContent-Type: text/plain",
        ]
        .map(|head| head.trim_start_matches("\r\n"))
    );
    assert_eq!(parts[1].1, b"\xff\xd8\xff\x00");
    assert_eq!(parts[3].1, b"\r\n--alipay");
}

#[tokio::test]
async fn only_the_data_is_encrypted() {
    let key = AesKey::parse(common::key("aes_key")).unwrap();
    let script = Script::new([Step::Response(signed(200, &key.encrypt(b"{}").unwrap()))]);
    let client = builder(credentials()).transport(script.clone()).build().unwrap();
    Call::<Upload>::new(&client, &request()).encrypted().await.unwrap();
    let parts = sent(&script);
    let seen = &script.seen()[0];
    assert_eq!(seen.header("alipay-encrypt-type"), "AES");
    assert!(parts[0].0.ends_with("Content-Type: text/plain"), "{}", parts[0].0);
    assert_eq!(key.decrypt(&parts[0].1).unwrap(), "{\"biz_code\":\"图片\"}".as_bytes());
    assert_eq!(parts[1].1, b"\xff\xd8\xff\x00");
    // The ciphertext is what is signed.
    let auth = seen.header("authorization").strip_prefix("ALIPAY-SHA256withRSA ").unwrap();
    let (auth, signature) = auth.split_once(",sign=").unwrap();
    let cipher = String::from_utf8(parts[0].1.clone()).unwrap();
    let text = format!("{auth}\nPOST\n/v3/alipay/open/file/upload\n{cipher}\n");
    let app = alipay_core::keys::PrivateKey::parse(common::key("app_private_pkcs8")).unwrap();
    app.public_key().verify(text.as_bytes(), signature).unwrap();
}

#[test]
fn without_data_nothing_of_the_body_is_signed() {
    let client = client();
    let path = "/v3/alipay/open/file/upload";
    let upload = client.raw(Method::Post, path).file("f", photo()).prepare().unwrap();
    let empty = client.raw(Method::Post, path).prepare().unwrap();
    let auth =
        |prepared: &alipay_core::Prepared| prepared.request().headers()["authorization"].clone();
    assert_eq!(auth(&upload), auth(&empty));
}

/// It would pass for the part with the JSON parameters.
#[test]
fn a_file_is_not_named_as_the_parameters_are() {
    let call = client().raw(Method::Post, "/v3/x").file("data", photo());
    let error = call.prepare().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("must not be named `data`"), "{error}");
}

/// Content that is made up while it is read, and counts.
struct Counted {
    size: u64,
    reads: Arc<AtomicUsize>,
    largest: u64,
}

impl Content for Counted {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, position: u64) -> BoxFuture<'static, io::Result<Bytes>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let length = self.largest.min(1_000_000 - position);
        let chunk: Vec<u8> = (position..position + length).map(|at| (at % 251) as u8).collect();
        Box::pin(std::future::ready(Ok(chunk.into())))
    }
}

#[tokio::test]
async fn repeats_read_the_file_again_and_send_the_same() {
    let reads = Arc::new(AtomicUsize::new(0));
    let content = Counted { size: 1_000_000, reads: Arc::clone(&reads), largest: 65_536 };
    let script = Script::new([
        Step::Fail(TransportErrorKind::Connect),
        Step::Response(signed(200, r#"{"file_id":"1"}"#)),
    ]);
    let client = script.builder().build().unwrap();
    let response = client
        .raw(Method::Post, "/v3/alipay/open/file/upload")
        .json(&json!({}))
        .file("file_content", File::streamed("big.bin", content))
        .await
        .unwrap();
    assert_eq!((response.attempts(), &response["file_id"]), (2, &json!("1")));
    let seen = script.seen();
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(reads.load(Ordering::SeqCst), 2 * 16);
    let file = &sent(&script)[1].1;
    assert!(file.iter().enumerate().all(|(at, byte)| *byte == (at % 251) as u8));
    assert_eq!(file.len(), 1_000_000);
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let error = File::open("photos/gone.jpg").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().starts_with("cannot open photos/gone.jpg: "), "{error}");
}

/// A folder fails only while it is sent, and a pipe or a device looks as if it were empty.
#[test]
fn what_is_no_regular_file_is_not_opened_for_an_upload() {
    let folder = std::env::temp_dir();
    let others = if cfg!(unix) { vec!["/dev/null".into(), folder] } else { vec![folder] };
    for other in others {
        assert!(File::open(&other).is_err(), "{}", other.display());
    }
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_file_of_the_disk_over_a_connection() {
    use std::io::{Read as _, Write as _};
    let path = std::env::temp_dir().join(format!("alipay-core-{}.png", std::process::id()));
    let content: Vec<u8> = (0..300_000_u32).map(|at| (at % 253) as u8).collect();
    std::fs::write(&path, &content).unwrap();
    let file = File::open(&path).unwrap();
    assert_eq!((file.size(), file.media_type()), (300_000, "image/png"));

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 8192];
        let (head, length) = loop {
            let count = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..count]);
            if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8(request.drain(..end + 4).collect()).unwrap();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                break (head.clone(), length.unwrap().parse::<usize>().unwrap());
            }
        };
        while request.len() < length {
            let count = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(b"HTTP/1.1 204 x\r\n\r\n").unwrap();
        (head, request)
    });
    let client = alipay_core::Client::builder(credentials()).base_url(&url).build().unwrap();
    let call = client.raw(Method::Post, "/v3/x").file("f", file).no_retry();
    let response = call.allow_unsigned_204().await.unwrap();
    assert_eq!((response.status().as_u16(), response.verified()), (204, false));
    let (head, body) = server.join().unwrap();
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap();
    assert_eq!(parts(kind, &body)[0].1, content);
    assert!(!head.contains("transfer-encoding"), "{head}");
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_file_that_is_shorter_than_it_said_is_an_error() {
    let content = Counted { size: 2_000_000, reads: Arc::default(), largest: 500_000 };
    let client = client();
    let call = client.raw(Method::Post, "/v3/x").file("f", File::streamed("x", content));
    let (request, _) = call.prepare().unwrap().into_parts();
    let error = request.into_body().into_bytes().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_file_that_is_longer_than_it_said_is_cut() {
    let content = Counted { size: 5, reads: Arc::default(), largest: 100 };
    let client = client();
    let call = client.raw(Method::Post, "/v3/x").file("f", File::streamed("x", content));
    let (request, _) = call.prepare().unwrap().into_parts();
    let kind = request.headers()["content-type"].to_str().unwrap().to_owned();
    let body = request.into_body().into_bytes().await.unwrap();
    assert_eq!(parts(&kind, &body)[0].1, [0, 1, 2, 3, 4]);
}

#[test]
fn the_name_of_a_file_says_its_type() {
    for (name, media_type) in [
        ("a.bmp", "image/bmp"),
        ("a.gif", "image/gif"),
        ("a.jpg", "image/jpeg"),
        ("a.b.JPEG", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.webp", "image/webp"),
        ("a.mp4", "video/mp4"),
        ("a.pdf", "application/pdf"),
        ("a.zip", "application/zip"),
        ("a.csv", "text/csv"),
        ("a.txt", "text/plain"),
        ("a.exe", "application/octet-stream"),
        ("png", "application/octet-stream"),
    ] {
        assert_eq!(File::bytes(name, Bytes::new()).media_type(), media_type, "{name}");
    }
}

#[test]
fn files_are_values_of_models() {
    let same = File::streamed("x", Counted { size: 1, reads: Arc::default(), largest: 1 });
    assert_eq!(same, same.clone());
    let other = File::streamed("x", Counted { size: 1, reads: Arc::default(), largest: 1 });
    assert!(same != other);
    assert_eq!(photo(), photo());
    assert!(photo() != photo().with_media_type("image/png"));
    // Neither name nor content shows.
    let text = format!("{:?}", request());
    assert!(text.contains("image/jpeg") && !text.contains("a.jpg"), "{text}");
    // They have no JSON form.
    let json =
        serde_json::to_string(&model::Placed { model: &request(), place: model::Place::File });
    assert!(json.is_err());
}

#[test]
fn without_randomness_there_is_no_boundary() {
    struct Broken;
    impl NonceSource for Broken {
        fn next(&self) -> Result<[u8; 16], NoRandomness> {
            Err(NoRandomness)
        }
    }
    let client = builder(credentials()).nonces(Broken).build().unwrap();
    let error = Call::<Upload>::new(&client, &request()).prepare().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
}
