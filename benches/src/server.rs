//! A server in a thread of its own that gives one fixed response. Each is signed anew, since a response is
//! used once; that costs the measuring thread nothing.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::{SystemTime, UNIX_EPOCH},
};

use alipay_core::{encrypt::AesKey, keys::PrivateKey};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;

use crate::{crypto::random, key};

/// A response as Alipay makes it, to be signed.
pub struct Response {
    body: String,
    kind: &'static str,
}

impl Response {
    pub fn plain(body: &str) -> Self {
        Self { body: body.to_owned(), kind: "application/json;charset=UTF-8" }
    }

    pub fn encrypted(body: &str) -> Self {
        let aes = AesKey::parse(key("aes_key")).unwrap();
        let body = aes.encrypt(body.as_bytes()).unwrap();
        Self { body, kind: "text/plain;charset=UTF-8" }
    }

    /// Signed now, like no other.
    pub fn signed(&self) -> http::Response<Bytes> {
        static ALIPAY: LazyLock<PrivateKey> =
            LazyLock::new(|| PrivateKey::parse(key("alipay_private_pkcs8")).unwrap());
        let Self { body, kind } = self;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let nonce = format!("{:032x}", u128::from_be_bytes(random()));
        let signature = ALIPAY.sign(format!("{now}\n{nonce}\n{body}\n").as_bytes()).unwrap();
        http::Response::builder()
            .header("content-type", *kind)
            .header("alipay-timestamp", now.to_string())
            .header("alipay-nonce", nonce)
            .header("alipay-signature", signature)
            .header("alipay-trace-id", "0b43c93517672256004561234e0a1b")
            .body(Bytes::from(body.clone()))
            .unwrap()
    }
}

/// Starts the server and gives its address. Requests for encryption get the encrypted response.
pub fn start(body: &str) -> String {
    let responses = Arc::new((Response::plain(body), Response::encrypted(body)));
    let (sender, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || crate::runtime().block_on(serve(responses, sender)));
    format!("http://{}", address.recv().unwrap())
}

type Responses = (Response, Response);

async fn serve(responses: Arc<Responses>, started: std::sync::mpsc::Sender<SocketAddr>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    started.send(listener.local_addr().unwrap()).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let responses = Arc::clone(&responses);
        tokio::spawn(async move {
            let service = service_fn(|request: hyper::Request<Incoming>| {
                let responses = Arc::clone(&responses);
                async move {
                    let encrypted = request.headers().contains_key("alipay-encrypt-type");
                    request.into_body().collect().await.unwrap();
                    let response = if encrypted { &responses.1 } else { &responses.0 };
                    Ok::<_, Infallible>(response.signed().map(Full::new))
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
