//! Calls `batchquery` in Alipay's sandbox. The keys are read from the environment: `ALIPAY_APP_ID`,
//! `ALIPAY_PRIVATE_KEY`, `ALIPAY_PUBLIC_KEY`.

#![expect(clippy::print_stdout, reason = "an example prints what it receives")]

use std::{env, error::Error};

use alipay_marketing::activity::{ActivityApi, models::BatchqueryRequest};
use alipay_marketing::models::{ActivityStatus, MerchantAccessMode};
use alipay_marketing::{Client, Credentials, Environment};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = |name: &str| env::var(name).map_err(|_| format!("set {name}"));
    let (app_id, private_key) = (key("ALIPAY_APP_ID")?, key("ALIPAY_PRIVATE_KEY")?);
    let credentials = Credentials::keys(app_id, &private_key, &key("ALIPAY_PUBLIC_KEY")?)?;
    let client = Client::builder(credentials).environment(Environment::Sandbox).build()?;
    let api = ActivityApi::new(client);
    let request = BatchqueryRequest::new(MerchantAccessMode::SelfMode, 1, 20);
    let response = api.batchquery(request.activity_status(ActivityStatus::Active)).await?;
    println!("{response:?}");
    Ok(())
}
