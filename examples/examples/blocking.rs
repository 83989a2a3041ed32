//! A command without an asynchronous runtime: every call has `send_blocking`, and a wait has `wait_blocking`.
//!
//! It needs the feature `blocking` of `alipay-voucher`. Without settings it starts a gateway of its own; with the
//! variables of [`Client::from_env`] it runs against any other.

use std::{process::ExitCode, time::Duration};

use alipay_examples::{
    activity::{self, merchant_id, user_id},
    program::{Failure, exit_code, say_accepted, say_response},
};
use alipay_mock::Gateway;
use alipay_voucher::{Client, VoucherApi, models::*, smallest, value::IdempotencyKey};

const MODE: MerchantAccessMode = MerchantAccessMode::SelfMode;

fn main() -> ExitCode {
    exit_code(run())
}

fn run() -> Result<(), Failure> {
    let Some(client) = Client::from_env_if_set()? else {
        // It has threads of its own, and runs until it is dropped.
        let gateway = Gateway::builder().start_blocking()?;
        return work(&VoucherApi::new(gateway.client()?));
    };
    work(&VoucherApi::new(client))
}

fn work(voucher: &VoucherApi) -> Result<(), Failure> {
    let create = smallest::no_cash(activity::parts(&merchant_id()?)?);
    let created = voucher.create(create).send_blocking()?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    say_response("create", &created, format_args!("activity {id}"));

    let publish = PublishRequest::new(&id, IdempotencyKey::random()?, MODE);
    say_accepted("publish", &voucher.publish(publish).send_blocking()?);

    let wait = voucher.wait_until_active(QueryRequest::new(&id, MODE));
    let wait = wait.interval(Duration::from_millis(250)).deadline(Duration::from_secs(60));
    let active = wait.wait_blocking()?;
    let status = QueryResponse::status(&active).ok_or("query gave no status")?;
    say_response("active", &active, format_args!("status {status}"));

    // It returns when its time is up at the latest, whatever happens.
    let request = SendRequest::new(&id, IdempotencyKey::random()?, MODE).user_id(user_id()?);
    let sent = voucher.send(request).timeout(Duration::from_secs(20)).send_blocking()?;
    let voucher_id = sent.voucher_id.as_deref().ok_or("send gave no voucher_id")?;
    say_response("send", &sent, format_args!("voucher {voucher_id}"));

    let stop = StopRequest::new(&id, IdempotencyKey::random()?, MODE);
    say_accepted("stop", &voucher.stop(stop).send_blocking()?);
    Ok(())
}
