//! Creates an activity, publishes it, and waits until it is active.

use std::{env, time::SystemTime};

use alipay_voucher::{VoucherApi, models::*, smallest, value::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _gateway) = alipay_mock::client_from_env_or_gateway().await?;
    let voucher = VoucherApi::new(client);

    let merchant = env::var("ALIPAY_MERCHANT_ID").unwrap_or("2088102111111111".to_owned());
    let now = SystemTime::now().try_into()?;
    let parts = smallest::Parts::sample(IdempotencyKey::random()?, &merchant, now);
    let created = voucher.create(smallest::no_cash(parts)).await?;
    let id = created.activity_id.as_deref().ok_or("the response has no activity_id")?;
    println!("created {id}, trace {}", created.trace_id().unwrap_or("-"));

    let mode = MerchantAccessMode::SelfMode;
    voucher.publish(PublishRequest::new(id, IdempotencyKey::random()?, mode.clone())).await?;
    let activity = voucher.wait_until_active(QueryRequest::new(id, mode)).await?;
    println!("active, trace {}", activity.trace_id().unwrap_or("-"));
    Ok(())
}
