//! The whole journey of a voucher with one client: upload an image, create an activity that shows it, publish it, wait
//! until it is active, ask whether a user may receive vouchers, send some, look at them, and compare what was sent with
//! what Alipay says of it.
//!
//! Without settings it starts a gateway of its own on this machine, and redeems one of the vouchers there. With
//! `ALIPAY_BASE_URL` and the other variables of [`Client::from_env`] it runs against any other; then its vouchers are
//! redeemed by nobody.
//!
//! It prints one line per step and stops with exit code 1 at the first surprise. Ids of users are not printed. The
//! module `journey` of `alipay-marketing` says what belongs to the journey beyond these steps.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use alipay_examples::{
    activity::{self, merchant_id, user_id},
    program::{Failure, exit_code, say, say_accepted, say_response},
};
use alipay_marketing::{
    Client,
    activity::{
        ActivityApi,
        models::ConsultRequest,
        user::{
            UserApi,
            models::{BatchqueryvoucherRequest, QueryvoucherRequest},
        },
    },
    material::image::{
        ImageApi,
        models::{FileKey, UploadRequest},
    },
    models::{
        ConsultActivityInfo, ConsultResultCode, MerchantAccessMode, UserVoucherBaseInfo,
        VoucherStatus,
    },
    value::File,
};
use alipay_mock::{Gateway, client_from_env_or_gateway};
use alipay_voucher::{
    VoucherApi,
    models::{PublishRequest, QueryRequest, QueryResponse, SendRequest},
    smallest,
    value::IdempotencyKey,
};

const MODE: MerchantAccessMode = MerchantAccessMode::SelfMode;
/// How many vouchers are sent, and how many Alipay lists at a time: there is more than one page.
const VOUCHERS: i64 = 3;
const PAGE_SIZE: i64 = 2;
/// How soon, and how long at most, the example asks whether the activity is active.
const INTERVAL: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(60);
/// 600×600 pixels, as `FileKey::PromoBrandLogo` wants it. A file on the disk is `File::open("logo.png")?`.
const LOGO: &[u8] = include_bytes!("logo.png");

/// A voucher that was sent: what has to be kept of it.
struct Sent {
    out_biz_no: IdempotencyKey,
    voucher_id: String,
    redeemed: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let (client, gateway) = client_from_env_or_gateway().await?;
    let logo = upload(&client).await?;
    let activity_id = activate(&client, logo).await?;
    consult(&client, &activity_id).await?;
    let mut sent = send(&client, &activity_id).await?;
    look_at(&client, &activity_id, &sent).await?;
    if let Some(gateway) = &gateway {
        redeem_one(gateway, &mut sent)?;
    }
    reconcile(&client, &activity_id, &sent).await?;
    if let Some(gateway) = gateway {
        gateway.shutdown().await;
    }
    Ok(())
}

async fn upload(client: &Client) -> Result<String, Failure> {
    let logo = UploadRequest::new(FileKey::PromoBrandLogo, File::bytes("logo.png", LOGO));
    let uploaded = ImageApi::new(client.clone()).upload(logo).await?;
    let id = uploaded.resource_id.clone().ok_or("upload gave no resource_id")?;
    say_response("upload", &uploaded, format_args!("image {id}"));
    Ok(id)
}

/// Creates an activity with the image, publishes it and waits until it is active.
async fn activate(client: &Client, logo: String) -> Result<String, Failure> {
    let voucher = VoucherApi::new(client.clone());
    let mut create = smallest::no_cash(activity::parts(&merchant_id()?)?);
    create.voucher_display_pattern_info = create.voucher_display_pattern_info.brand_logo(logo);
    if let Some(rule) = &mut create.voucher_send_mode_info.voucher_send_rule_info {
        rule.quantity_limit_per_user = Some(VOUCHERS);
    }
    let created = voucher.create(create).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    say_response("create", &created, format_args!("activity {id}"));

    let publish = PublishRequest::new(&id, IdempotencyKey::random()?, MODE);
    say_accepted("publish", &voucher.publish(publish).await?);

    let wait = voucher.wait_until_active(QueryRequest::new(&id, MODE));
    let active = wait.interval(INTERVAL).deadline(PATIENCE).await?;
    let status = QueryResponse::status(&active).ok_or("query gave no status")?;
    say_response("active", &active, format_args!("status {status}"));
    Ok(id)
}

/// Asks whether the user may receive vouchers.
async fn consult(client: &Client, activity_id: &str) -> Result<(), Failure> {
    let asked = [ConsultActivityInfo::new().activity_id(activity_id)];
    let request = ConsultRequest::new(asked, MODE).user_id(user_id()?);
    let response = ActivityApi::new(client.clone()).consult(request).await?;
    let mut results = response.consult_result_info_list.iter().flatten();
    let result = results.find(|result| result.activity_id.as_deref() == Some(activity_id));
    let code = result.and_then(|result| result.consult_result_code.as_ref());
    let code = code.ok_or("consult gave no result for the activity")?;
    if *code != ConsultResultCode::Success {
        return Err(format!("consult says that the user may not receive vouchers: {code}").into());
    }
    say_response("consult", &response, format_args!("{code}, the user may receive them"));
    Ok(())
}

async fn send(client: &Client, activity_id: &str) -> Result<Vec<Sent>, Failure> {
    let voucher = VoucherApi::new(client.clone());
    let mut all = Vec::new();
    for _ in 0..VOUCHERS {
        // A real application stores the number before it sends, and repeats with the same one.
        let out_biz_no = IdempotencyKey::random()?;
        let request = SendRequest::new(activity_id, out_biz_no.clone(), MODE).user_id(user_id()?);
        let sent = voucher.send(request).await?;
        let voucher_id = sent.voucher_id.clone().ok_or("send gave no voucher_id")?;
        say_response("send", &sent, format_args!("voucher {voucher_id}"));
        all.push(Sent { out_biz_no, voucher_id, redeemed: false });
    }
    Ok(all)
}

/// Reads each voucher by its id.
async fn look_at(client: &Client, activity_id: &str, sent: &[Sent]) -> Result<(), Failure> {
    let users = UserApi::new(client.clone());
    for Sent { voucher_id, .. } in sent {
        let request = QueryvoucherRequest::new()
            .activity_id(activity_id)
            .voucher_id(voucher_id)
            .user_id(user_id()?);
        let response = users.queryvoucher(request).await?;
        let base = response.user_voucher_base_info.as_ref();
        let base = base.ok_or("queryvoucher gave no user_voucher_base_info")?;
        say_response("voucher", &response, format_args!("{voucher_id} {}", describe(base)?));
    }
    Ok(())
}

/// Redeems the first voucher, as a payment would.
fn redeem_one(gateway: &Gateway, sent: &mut [Sent]) -> Result<(), Failure> {
    let first = sent.first_mut().ok_or("nothing was sent")?;
    gateway.redeem(&first.voucher_id)?;
    first.redeemed = true;
    say(format_args!(
        "{:<8} -   voucher {}, at the example's own gateway",
        "redeem", first.voucher_id
    ));
    Ok(())
}

/// Compares the vouchers that were sent with those that Alipay lists.
async fn reconcile(client: &Client, activity_id: &str, sent: &[Sent]) -> Result<(), Failure> {
    let users = UserApi::new(client.clone());
    let mut not_listed: BTreeMap<&str, &Sent> =
        sent.iter().map(|sent| (sent.voucher_id.as_str(), sent)).collect();
    for page in 1.. {
        let request = BatchqueryvoucherRequest::new(page, MODE, PAGE_SIZE)
            .activity_id(activity_id)
            .sender_merchant_id(merchant_id()?)
            .user_id(user_id()?);
        let response = users.batchqueryvoucher(request).await?;
        // A list that cannot be read is no empty list.
        if let Some(unreadable) = response.unreadable().first() {
            return Err(format!("batchqueryvoucher: {unreadable}").into());
        }
        let listed = response.user_voucher_infos.as_deref().unwrap_or_default();
        say_response("list", &response, format_args!("page {page}, vouchers: {}", listed.len()));
        for voucher in listed {
            let base = voucher.user_voucher_base_info.as_ref();
            let base = base.ok_or("batchqueryvoucher gave a voucher without its base info")?;
            let id = base.voucher_id.as_deref();
            let id = id.ok_or("batchqueryvoucher gave a voucher without its id")?;
            let sent = not_listed.remove(id).ok_or_else(|| {
                format!("voucher {id} is listed, and was not sent by this run, or is listed twice")
            })?;
            compare(sent, base)?;
        }
        if listed.len() < usize::try_from(PAGE_SIZE)? {
            break;
        }
    }
    match not_listed.values().next() {
        None => Ok(()),
        Some(Sent { out_biz_no, voucher_id, .. }) => Err(format!(
            "voucher {voucher_id} was sent as {out_biz_no}, and is not among the user's vouchers"
        )
        .into()),
    }
}

fn compare(sent: &Sent, base: &UserVoucherBaseInfo) -> Result<(), Failure> {
    let Sent { out_biz_no, voucher_id, redeemed } = sent;
    let wanted = match redeemed {
        false => (VoucherStatus::Sended, 0),
        true => (VoucherStatus::Used, 1),
    };
    let said = describe(base)?;
    if (base.voucher_status.as_ref(), base.voucher_used_times) != (Some(&wanted.0), Some(wanted.1))
    {
        let (status, times) = wanted;
        return Err(format!(
            "voucher {voucher_id}, sent as {out_biz_no}, is {said}; expected {status}, used {times}"
        )
        .into());
    }
    say(format_args!("{:<8} -   {voucher_id} {said}, sent as {out_biz_no}", "compare"));
    Ok(())
}

fn describe(base: &UserVoucherBaseInfo) -> Result<String, Failure> {
    let status = base.voucher_status.as_ref().ok_or("Alipay gave no voucher_status")?;
    let times = base.voucher_used_times.ok_or("Alipay gave no voucher_used_times")?;
    Ok(format!("{status}, used {times}"))
}
