//! An operation that is in no crate: called by its id, with JSON and a file.
//!
//! `Client::operation` knows the method and path of all of Alipay's operations, and signs, verifies and repeats as for
//! any other call. This one takes a file (`alipay.merchant.item.file.upload`); the JSON is signed, the file is not.
//!
//! Without settings it starts a gateway of its own, which responds with the example of Alipay's description. With the
//! variables of [`Client::from_env`](alipay_voucher::Client::from_env) it runs against any other.

use std::{path::Path, process::ExitCode};

use alipay_examples::program::{Failure, exit_code, say, say_response};
use alipay_mock::client_from_env_or_gateway;
use alipay_voucher::{Outcome, value::File};
use serde_json::json;

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let (client, gateway) = client_from_env_or_gateway().await?;

    // Read while it is sent, so it may be large. `File::bytes` takes one from memory.
    let image = File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/logo.png"))?;
    let uploaded = client
        .operation("alipay.merchant.item.file.upload")
        .json(&json!({"scene": "SYNC_ORDER"}))
        .file("file_content", image)
        .await?;
    let id = uploaded.get("material_id").and_then(|id| id.as_str());
    say_response("upload", &uploaded, id.ok_or("there is no material_id")?);

    // A call that is not in the list is not sent.
    match client.operation("alipay.merchant.item.file.uplaod").await {
        Err(error) if error.outcome() == Outcome::NotSent => {
            say(format_args!("misspelt -   {error}"));
        }
        other => return Err(format!("a misspelt operation: {other:?}").into()),
    }
    if let Some(gateway) = gateway {
        gateway.shutdown().await;
    }
    Ok(())
}
