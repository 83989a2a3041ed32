//! A server in a thread of its own that gives one fixed answer, signed beforehand: it costs as
//! little as a server can, and the measuring thread nothing.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use alipay_core::{encrypt::AesKey, keys::PrivateKey};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;

use super::key;

pub const NONCE: &str = "7b1c2d3e4f5061728394a5b6c7d8e9f0";

/// An answer as Alipay makes it, signed now.
pub fn answer(body: &str) -> http::Response<Bytes> {
    signed(body.to_owned(), "application/json;charset=UTF-8")
}

/// An answer with its body encrypted.
pub fn encrypted_answer(body: &str) -> http::Response<Bytes> {
    let aes = AesKey::parse(key("aes_key")).unwrap();
    signed(aes.encrypt(body.as_bytes()).unwrap(), "text/plain;charset=UTF-8")
}

fn signed(body: String, kind: &str) -> http::Response<Bytes> {
    let alipay = PrivateKey::parse(key("alipay_private_pkcs8")).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let signature = alipay.sign(format!("{now}\n{NONCE}\n{body}\n").as_bytes()).unwrap();
    http::Response::builder()
        .header("content-type", kind)
        .header("alipay-timestamp", now.to_string())
        .header("alipay-nonce", NONCE)
        .header("alipay-signature", signature)
        .header("alipay-trace-id", "0b43c93517672256004561234e0a1b")
        .body(Bytes::from(body))
        .unwrap()
}

/// Starts the server and gives its address. Requests for encryption get the encrypted answer.
pub fn start(body: &str) -> String {
    let answers = Arc::new((answer(body), encrypted_answer(body)));
    let (sender, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || super::runtime().block_on(serve(answers, sender)));
    format!("http://{}", address.recv().unwrap())
}

type Answers = (http::Response<Bytes>, http::Response<Bytes>);

async fn serve(answers: Arc<Answers>, started: std::sync::mpsc::Sender<SocketAddr>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    started.send(listener.local_addr().unwrap()).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            let service = service_fn(|request: hyper::Request<Incoming>| {
                let answers = Arc::clone(&answers);
                async move {
                    let encrypted = request.headers().contains_key("alipay-encrypt-type");
                    request.into_body().collect().await.unwrap();
                    let answer = if encrypted { &answers.1 } else { &answers.0 };
                    Ok::<_, Infallible>(answer.clone().map(Full::new))
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
