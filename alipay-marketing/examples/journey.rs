//! The whole journey of a voucher with one client: upload an image, create an activity that shows it, publish it, wait
//! until it is active, ask whether a user may receive vouchers, send some, look at them, and compare what was sent with
//! what Alipay says of it.
//!
//! Without settings it starts a gateway of its own on this machine, and redeems one of the vouchers there. With
//! `ALIPAY_BASE_URL` and the other variables of [`Client::from_env`] it runs against any other; then its vouchers are
//! redeemed by nobody.
//!
//! It prints one line per step and stops with exit code 1 at the first surprise. Ids of users are not printed. The page
//! `journey` of the crate's documentation says what belongs to the journey beyond these steps.

use std::{
    collections::BTreeMap,
    env::{self, VarError},
    error::Error,
    process::ExitCode,
    time::{Duration, SystemTime},
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
    Accepted, Response, VoucherApi,
    models::{CreateRequest, PublishRequest, QueryRequest, QueryResponse, SendRequest},
    smallest,
    value::{IdempotencyKey, LocalDateTime, Yuan},
};

type Failure = Box<dyn Error>;

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
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
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
    print("upload", &uploaded, &format!("image {id}"));
    Ok(id)
}

/// Creates an activity, publishes it and waits until it is active.
async fn activate(client: &Client, logo: String) -> Result<String, Failure> {
    let voucher = VoucherApi::new(client.clone());
    let mut create = create_request()?;
    create.voucher_display_pattern_info = create.voucher_display_pattern_info.brand_logo(logo);
    if let Some(rule) = &mut create.voucher_send_mode_info.voucher_send_rule_info {
        rule.quantity_limit_per_user = Some(VOUCHERS);
    }
    let created = voucher.create(create).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    print("create", &created, &format!("activity {id}"));

    let publish = PublishRequest::new(&id, IdempotencyKey::random()?, MODE);
    print_accepted("publish", &voucher.publish(publish).await?);

    let query = QueryRequest::new(&id, MODE);
    let active = voucher.wait_until_active(query).interval(INTERVAL).deadline(PATIENCE).await?;
    let status = QueryResponse::status(&active).ok_or("query gave no status")?;
    print("active", &active, &format!("status {status}"));
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
    print("consult", &response, &format!("{code}, the user may receive them"));
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
        print("send", &sent, &format!("voucher {voucher_id}"));
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
        print("voucher", &response, &format!("{voucher_id} {}", describe(base)?));
    }
    Ok(())
}

/// Redeems the first voucher, as a payment would.
fn redeem_one(gateway: &Gateway, sent: &mut [Sent]) -> Result<(), Failure> {
    let first = sent.first_mut().ok_or("nothing was sent")?;
    gateway.redeem(&first.voucher_id)?;
    first.redeemed = true;
    println!("{:<8} -   voucher {}, at the example's own gateway", "redeem", first.voucher_id);
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
        print("list", &response, &format!("page {page}, vouchers: {}", listed.len()));
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
    println!("{:<8} -   {voucher_id} {said}, sent as {out_biz_no}", "compare");
    Ok(())
}

fn describe(base: &UserVoucherBaseInfo) -> Result<String, Failure> {
    let status = base.voucher_status.as_ref().ok_or("Alipay gave no voucher_status")?;
    let times = base.voucher_used_times.ok_or("Alipay gave no voucher_used_times")?;
    Ok(format!("{status}, used {times}"))
}

/// The merchant whose voucher it is.
fn merchant_id() -> Result<String, Failure> {
    setting("ALIPAY_MERCHANT_ID", "2088102111111111")
}

/// The user who receives vouchers.
fn user_id() -> Result<String, Failure> {
    setting("ALIPAY_USER_ID", "2088102146225135")
}

/// One yuan off from ten, a hundred times, for a month.
fn create_request() -> Result<CreateRequest, Failure> {
    let now = LocalDateTime::try_from(SystemTime::now())?;
    Ok(smallest::no_cash(smallest::Parts {
        out_biz_no: IdempotencyKey::random()?,
        merchant_id: &merchant_id()?,
        amount: Yuan::from_fen(1_00),
        floor_amount: Yuan::from_fen(10_00),
        quantity: 100,
        publish_start_time: now,
        publish_end_time: now.plus_days(30),
        valid_end_time: now.plus_days(60),
    }))
}

/// A variable of the environment, or the value otherwise.
fn setting(name: &str, otherwise: &str) -> Result<String, Failure> {
    match env::var(name) {
        Ok(value) if !value.trim().is_empty() => Ok(value),
        Ok(_) | Err(VarError::NotPresent) => Ok(otherwise.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name}: it is not UTF-8").into()),
    }
}

fn print<T>(step: &str, response: &Response<T>, outcome: &str) {
    let trace = response.trace_id().unwrap_or("-");
    println!("{step:<8} {} {outcome:<40} trace {trace}", response.status().as_u16());
}

fn print_accepted<T>(step: &str, accepted: &Accepted<T>) {
    let message = accepted.completed_by();
    let short = message.strip_prefix("alipay.marketing.activity.").unwrap_or(message);
    print(step, accepted, &format!("accepted, {short} completes it"));
}
