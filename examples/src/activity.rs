//! An activity to begin with, for programs that are about something else.

use std::time::{Duration, SystemTime};

use alipay_voucher::{VoucherApi, models::*, smallest, value::*};

use crate::program::{Failure, setting};

/// The merchant whose voucher it is.
///
/// # Errors
///
/// The variable `ALIPAY_MERCHANT_ID` is not UTF-8.
pub fn merchant_id() -> Result<String, Failure> {
    setting("ALIPAY_MERCHANT_ID", "2088102111111111")
}

/// The user who receives vouchers.
///
/// # Errors
///
/// The variable `ALIPAY_USER_ID` is not UTF-8.
pub fn user_id() -> Result<String, Failure> {
    setting("ALIPAY_USER_ID", "2088102146225135")
}

/// A voucher to try, from now on.
///
/// # Errors
///
/// As for [`merchant_id`], and when the system has no time or no random numbers.
pub fn parts(merchant_id: &str) -> Result<smallest::Parts<'_>, Failure> {
    let now = LocalDateTime::try_from(SystemTime::now())?;
    Ok(smallest::Parts::sample(IdempotencyKey::random()?, merchant_id, now))
}

/// Creates an activity, publishes it and waits until it is active. Returns its id.
///
/// # Errors
///
/// That of the first step that fails.
pub async fn active(voucher: &VoucherApi, create: CreateRequest) -> Result<String, Failure> {
    let created = voucher.create(create).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    let mode = MerchantAccessMode::SelfMode;
    voucher.publish(PublishRequest::new(&id, IdempotencyKey::random()?, mode.clone())).await?;
    let wait = voucher.wait_until_active(QueryRequest::new(&id, mode));
    wait.interval(Duration::from_millis(250)).deadline(Duration::from_secs(60)).await?;
    Ok(id)
}

/// Makes an activity and sends a voucher of it. At Alipay, and at the local gateway, two messages tell of that.
///
/// # Errors
///
/// That of the first step that fails.
pub async fn with_a_voucher(voucher: &VoucherApi) -> Result<(), Failure> {
    let id = active(voucher, smallest::no_cash(parts(&merchant_id()?)?)).await?;
    let mode = MerchantAccessMode::SelfMode;
    let send = SendRequest::new(&id, IdempotencyKey::random()?, mode).user_id(user_id()?);
    voucher.send(send).await?;
    Ok(())
}
