//! Signing with a key that never leaves its keeper, such as a key management service.
//!
//! The service is played by a task behind a channel, which holds the key; the client only holds the
//! sending end. Nothing is sent anywhere: the signed request is made and looked at.
//!
//! ```text
//! cargo run -p alipay-core --example remote_signer
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use alipay_core::{
    Client, Credentials,
    keys::PrivateKey,
    operation::Method,
    sign::{SignError, Signer},
    transport::BoxFuture,
};
use tokio::sync::{mpsc, oneshot};

/// What the service is asked: a message, and where the response goes.
struct Request {
    message: Vec<u8>,
    reply: oneshot::Sender<Result<Vec<u8>, String>>,
}

/// The service: the only place where the private key is.
async fn serve(key: PrivateKey, mut requests: mpsc::Receiver<Request>) {
    while let Some(Request { message, reply }) = requests.recv().await {
        println!("key service: signing {} bytes", message.len());
        // `Signer` of a key at hand gives the raw bytes, as a real service does.
        let signature = Signer::sign(&key, &message).await.map_err(|error| error.to_string());
        // Who asked may have given up meanwhile.
        let _ = reply.send(signature);
    }
}

/// The client's side of the service.
struct KeyService {
    requests: mpsc::Sender<Request>,
}

impl Signer for KeyService {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(async move {
            let (reply, response) = oneshot::channel();
            let request = Request { message: message.to_vec(), reply };
            self.requests.send(request).await.map_err(|_| SignError::new("no key service"))?;
            response.await.map_err(SignError::new)?.map_err(SignError::new)
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Keys made up for the occasion; the first is the app's, and moves into the service.
    let app_key = PrivateKey::generate()?;
    let alipay_public_key = PrivateKey::generate()?.public_key().to_base64();
    let (requests, queue) = mpsc::channel(16);
    tokio::spawn(serve(app_key, queue));

    let signer = KeyService { requests };
    let credentials =
        Credentials::keys_with_signer("2021000000000001", signer, &alipay_public_key)?;
    let client = Client::builder(credentials).build()?;

    // `.await` on the call itself would sign in the same way, and send.
    let prepared = client
        .raw(Method::Get, "/v3/alipay/marketing/activity/{activity_id}")
        .path("activity_id", "2016042700826004508401111111")
        .query("merchant_access_mode", "SELF_MODE")
        .prepare_async()
        .await?;

    let request = prepared.request();
    println!("{} {}", request.method(), request.uri());
    let authorization = request.headers()["authorization"].to_str()?;
    let (shown, signature) = authorization.split_once(",sign=").ok_or("there is no signature")?;
    println!("authorization: {shown},sign=({} characters of base64)", signature.len());
    Ok(())
}
