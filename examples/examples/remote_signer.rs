//! Signing with a key that never leaves its keeper, such as a key management service (KMS).
//!
//! The service is played by a server of HTTP on this machine: `POST /sign` gives the RSA signature of the body to whoever
//! has the token. It alone holds the app's private key. The client has the service's address, and calls a gateway that
//! the example starts. At last the service is gone, and a call fails before anything is sent.

use std::{process::ExitCode, sync::Arc, time::Duration};

use alipay_examples::{
    activity,
    program::{Failure, exit_code, say, say_response},
};
use alipay_mock::Gateway;
use alipay_voucher::{
    Client, Credentials, Outcome, VoucherApi,
    keys::PrivateKey,
    sign::{SignError, Signer},
    smallest,
    transport::{BoxFuture, reqwest},
};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    routing::post,
};
use tokio::net::TcpListener;

const TOKEN: &str = "Bearer of-this-example";

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let gateway = Gateway::start().await?;
    let key = Arc::new(PrivateKey::parse(gateway.app_private_key())?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/sign", listener.local_addr()?);
    let router = Router::new().route("/sign", post(sign)).with_state(Arc::clone(&key));
    let service = tokio::spawn(async { axum::serve(listener, router).await });

    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    let signer = KeyService { http, url };
    // The public key belongs to the private one, so a service that signs with another key is noticed here.
    let credentials =
        Credentials::keys_with_signer(gateway.app_id(), signer, gateway.alipay_public_key())?;
    let client = Client::builder(credentials).base_url(gateway.base_url()).build()?;
    let voucher = VoucherApi::new(client);

    let create = smallest::no_cash(activity::parts("2088102111111111")?);
    let created = voucher.create(&create).await?;
    say_response("create", &created, "verified by the gateway");
    // A repeat is signed anew.
    let repeated = voucher.create(&create).await?;
    if repeated.activity_id != created.activity_id {
        return Err("the repeat made another activity".into());
    }
    say_response("create", &repeated, "once more: the same activity");

    service.abort();
    let _ = service.await;
    match voucher.create(&create).no_retry().await {
        Err(error) if error.outcome() == Outcome::NotSent => {
            say(format_args!("create   -   {error}"));
        }
        other => return Err(format!("without the service: {other:?}").into()),
    }
    gateway.shutdown().await;
    Ok(())
}

/// The service's side.
async fn sign(
    State(key): State<Arc<PrivateKey>>,
    headers: HeaderMap,
    message: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    if headers.get(AUTHORIZATION).is_none_or(|given| given != TOKEN) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    say(format_args!("service  -   signs {} bytes", message.len()));
    // `Signer` of a key at hand gives the raw bytes, as a real service does.
    Signer::sign(&*key, &message).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// The client's side. It holds no key.
struct KeyService {
    http: reqwest::Client,
    url: String,
}

impl Signer for KeyService {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(async move {
            let request = self.http.post(&self.url).header(AUTHORIZATION, TOKEN);
            let response = request.body(message.to_vec()).send().await;
            let response = response.and_then(reqwest::Response::error_for_status);
            let signature = response.map_err(SignError::new)?.bytes().await;
            Ok(signature.map_err(SignError::new)?.to_vec())
        })
    }
}
