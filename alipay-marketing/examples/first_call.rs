//! Calls `alipay.marketing.activity.batchquery`: at a gateway that it starts itself or, with `ALIPAY_BASE_URL`
//! and the other settings of [`Client::from_env`], at any other.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

use std::{env, error::Error, process::ExitCode};

use alipay_marketing::Client;
use alipay_marketing::activity::{ActivityApi, models::BatchqueryRequest};
use alipay_marketing::models::{ActivityStatus, MerchantAccessMode};
use alipay_mock::Gateway;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let gateway = match env::var_os("ALIPAY_BASE_URL").filter(|url| !url.is_empty()) {
        Some(_) => None,
        None => Some(Gateway::start().await?),
    };
    let client = match &gateway {
        Some(gateway) => gateway.client()?,
        None => Client::from_env()?,
    };
    let api = ActivityApi::new(client);
    let request = BatchqueryRequest::new(MerchantAccessMode::SelfMode, 1, 20);
    let response = api.batchquery(request.activity_status(ActivityStatus::Active)).await?;
    println!("{response:?}");
    Ok(())
}
