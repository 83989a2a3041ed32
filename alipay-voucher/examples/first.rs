//! Creates an activity, publishes it, and waits until it is active.

use alipay_voucher::{VoucherApi, models::*, smallest, value::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (client, _gateway) = alipay_mock::client_from_env_or_gateway().await?;
    let voucher = VoucherApi::new(client);

    let merchant = std::env::var("ALIPAY_MERCHANT_ID").unwrap_or("2088102111111111".to_owned());
    let now = LocalDateTime::try_from(std::time::SystemTime::now())?;
    let created = voucher
        .create(smallest::no_cash(smallest::Parts {
            out_biz_no: IdempotencyKey::random()?,
            merchant_id: &merchant,
            amount: Yuan::from_fen(1_00),
            floor_amount: Yuan::from_fen(10_00),
            quantity: 100,
            publish_start_time: now,
            publish_end_time: now.plus_days(30),
            valid_end_time: now.plus_days(60),
        }))
        .await?;
    let id = created.activity_id.as_deref().ok_or("the response has no activity_id")?;
    println!("created {id}, trace {}", created.trace_id().unwrap_or("-"));

    let mode = MerchantAccessMode::SelfMode;
    let publish = PublishRequest::new(id, IdempotencyKey::random()?, mode.clone());
    voucher.publish(publish).await?;
    let activity = voucher.wait_until_active(QueryRequest::new(id, mode)).await?;
    let status = QueryResponse::status(&activity).ok_or("the response has no status")?;
    println!("{status}, trace {}", activity.trace_id().unwrap_or("-"));
    Ok(())
}
