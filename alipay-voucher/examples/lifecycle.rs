//! All seven voucher operations, one after the other, and the messages that complete them.
//!
//! Without settings it starts a gateway of its own on this machine. With these environment variables
//! (text, or `@path` of a file that holds it) it runs against any other, Alipay's sandbox included:
//!
//! | variable | what |
//! | --- | --- |
//! | `ALIPAY_BASE_URL` | the gateway, for example `https://openapi-sandbox.dl.alipaydev.com` |
//! | `ALIPAY_APP_ID` | the application |
//! | `ALIPAY_PRIVATE_KEY` | the application's private key |
//! | `ALIPAY_PUBLIC_KEY` | Alipay's public key (key mode) |
//! | `ALIPAY_APP_CERT`, `ALIPAY_CERT`, `ALIPAY_ROOT_CERT` | the three certificates (certificate mode) |
//! | `ALIPAY_ENCRYPT_KEY` | the AES key, if calls are to be encrypted |
//! | `ALIPAY_USER_ID` | who receives the voucher; a made-up user by default |
//!
//! It prints one line per operation and stops with exit code 1 at the first surprise.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

use std::{process::ExitCode, time::Duration};

use alipay_mock::Gateway;
use alipay_voucher::{
    Accepted, Client, Credentials, Response, VoucherApi,
    messages::VoucherMessage,
    models::*,
    value::{LocalDateTime, Yuan},
};

type Surprise = Box<dyn std::error::Error>;

/// How often, and how long in all, the example asks whether the activity is active.
const POLL: Duration = Duration::from_millis(250);
const PATIENCE: u32 = 40;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(surprise) => {
            eprintln!("surprise: {surprise}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Surprise> {
    let gateway = match setting("ALIPAY_BASE_URL")? {
        Some(_) => None,
        None => Some(Gateway::start().await?),
    };
    let client = match &gateway {
        Some(gateway) => embedded_client(gateway)?,
        None => configured_client()?,
    };
    walk(&client).await?;
    if let Some(gateway) = gateway {
        receive_messages(&client, &gateway)?;
        gateway.shutdown().await;
    }
    Ok(())
}

/// The life of an activity, from creation to its end.
async fn walk(client: &Client) -> Result<(), Surprise> {
    let voucher = VoucherApi::new(client.clone());
    let run = run_number();

    let created = voucher.create(create_request(&run)?).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    print("create", &created, &format!("activity {id}"));

    let published = voucher
        .publish(PublishRequest::new(&id, format!("publish-{run}"), MerchantAccessMode::SelfMode))
        .await?;
    print_accepted("publish", &published);

    let active = wait_until_active(&voucher, &id).await?;
    print("query", &active, &describe(&active));

    let user = setting("ALIPAY_USER_ID")?.unwrap_or_else(|| "2088102146225135".to_owned());
    let sent = voucher
        .send(
            SendRequest::new()
                .activity_id(&id)
                .out_biz_no(format!("send-{run}"))
                .merchant_access_mode(MerchantAccessMode::SelfMode)
                .user_id(user),
        )
        .await?;
    let voucher_id = sent.voucher_id.as_deref().ok_or("send gave no voucher_id")?;
    print("send", &sent, &format!("voucher {voucher_id}"));

    let appended = voucher
        .append(AppendRequest::new(&id, format!("append-{run}"), MerchantAccessMode::SelfMode, 200))
        .await?;
    print_accepted("append", &appended);

    let modified = voucher
        .modify(ModifyRequest::new(
            format!("modify-{run}"),
            MerchantAccessMode::SelfMode,
            ActivityBaseInfo::new().activity_id(&id).activity_name("满10减1 (renamed)"),
        ))
        .await?;
    print_accepted("modify", &modified);

    let stopped = voucher
        .stop(StopRequest::new(&id, format!("stop-{run}"), MerchantAccessMode::SelfMode))
        .await?;
    print_accepted("stop", &stopped);
    Ok(())
}

/// The smallest activity: one yuan off from ten, free to receive, paid by the merchant.
fn create_request(run: &str) -> Result<CreateRequest, Surprise> {
    let now = LocalDateTime::from_unix_seconds(unix_seconds())?;
    let end_of_issue = now.plus_days(30);
    let end_of_use = now.plus_days(60);
    Ok(CreateRequest::new(
        format!("create-{run}"),
        MerchantAccessMode::SelfMode,
        ActivityBaseInfo::new().activity_name("满10减1"),
        VoucherSendModeInfo::new()
            .voucher_send_mode(VoucherSendMode::DirectSendMode)
            .voucher_send_rule_info(
                VoucherSendRuleInfo::new()
                    .quantity(100)
                    .quantity_limit_per_user(1)
                    .publish_start_time(now)
                    .publish_end_time(end_of_issue),
            ),
        VoucherDeductInfo::new().voucher_type(VoucherType::FixVoucher).fix_voucher_info(
            FixVoucherInfo::new().amount(Yuan::from_fen(1_00)).floor_amount(Yuan::from_fen(10_00)),
        ),
        VoucherAvailableScopeInfo::new().voucher_available_account_info(
            VoucherAvailableAccountInfo::new().available_pids(["2088102111111111"]),
        ),
        VoucherUseRuleInfo::new().voucher_use_time_info(
            VoucherUseTimeInfo::new().period_type(ValidPeriodType::Absolute).absolute_period_info(
                VoucherAbsolutePeriodInfo::new().valid_begin_time(now).valid_end_time(end_of_use),
            ),
        ),
        VoucherCustomerGuideInfo::new().voucher_use_guide_info(
            VoucherUseGuideInfo::new().use_guide_mode([UseGuideMode::CanUse]),
        ),
        VoucherDisplayPatternInfo::new()
            .brand_name("商家优惠")
            .voucher_description("One yuan off from ten yuan on."),
        VoucherBudgetSupplyInfo::new().budget_type(BudgetType::NoCash),
    ))
}

/// Publishing only asks for activation; ask until it has happened.
async fn wait_until_active(
    voucher: &VoucherApi,
    id: &str,
) -> Result<Response<QueryResponse>, Surprise> {
    let mut asked = 0;
    loop {
        let answer = voucher.query(QueryRequest::new(id, MerchantAccessMode::SelfMode)).await?;
        asked += 1;
        if status(&answer) == Some(&ActivityStatus::Active) || asked == PATIENCE {
            return Ok(answer);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The status, which old-style and new-style answers keep in different places.
fn status(answer: &QueryResponse) -> Option<&ActivityStatus> {
    let base = answer.activity_base_info.as_ref();
    answer.activity_status.as_ref().or_else(|| base?.activity_status.as_ref())
}

fn describe(answer: &QueryResponse) -> String {
    status(answer).map_or_else(|| "no status".to_owned(), |status| format!("status {status}"))
}

/// What Alipay would post to the application's gateway.
fn receive_messages(client: &Client, gateway: &Gateway) -> Result<(), Surprise> {
    for message in gateway.take_messages() {
        let notification = client.verify_notification(message.form_body.as_bytes())?;
        let line = match VoucherMessage::from_notification(&notification)? {
            VoucherMessage::Received(received) => {
                format!("voucher {}", received.voucher_id.unwrap_or_default())
            }
            VoucherMessage::Unknown(name) => return Err(format!("unknown message {name}").into()),
            _ => "verified".to_owned(),
        };
        println!("{:<8} {:<44} {line}", "message", notification.method());
    }
    Ok(())
}

fn print<T>(operation: &str, response: &Response<T>, outcome: &str) {
    let trace = response.trace_id().unwrap_or("-");
    println!("{operation:<8} {} {outcome:<40} trace {trace}", response.status().as_u16());
}

fn print_accepted<T>(operation: &str, accepted: &Accepted<T>) {
    print(
        operation,
        accepted,
        &format!("accepted, {} completes it", short(accepted.completed_by())),
    );
}

/// The last two segments of a message's name.
fn short(message: &str) -> &str {
    message.strip_prefix("alipay.marketing.activity.").unwrap_or(message)
}

fn embedded_client(gateway: &Gateway) -> Result<Client, Surprise> {
    let credentials = Credentials::keys(
        gateway.app_id(),
        &gateway.app_private_key(),
        &gateway.alipay_public_key(),
    )?;
    Ok(Client::builder(credentials).base_url(&gateway.base_url()).build()?)
}

fn configured_client() -> Result<Client, Surprise> {
    let app_id = required("ALIPAY_APP_ID")?;
    let private_key = required("ALIPAY_PRIVATE_KEY")?;
    let mut credentials = match setting("ALIPAY_APP_CERT")? {
        None => Credentials::keys(app_id, &private_key, &required("ALIPAY_PUBLIC_KEY")?)?,
        Some(app_certificate) => Credentials::certificates(
            app_id,
            &private_key,
            &app_certificate,
            [required("ALIPAY_CERT")?.as_str()],
            &required("ALIPAY_ROOT_CERT")?,
        )?,
    };
    let key = setting("ALIPAY_ENCRYPT_KEY")?;
    if let Some(key) = &key {
        credentials = credentials.encrypt_key(key)?;
    }
    let base_url = required("ALIPAY_BASE_URL")?;
    Ok(Client::builder(credentials).base_url(&base_url).encrypted(key.is_some()).build()?)
}

fn required(name: &str) -> Result<String, Surprise> {
    setting(name)?.ok_or_else(|| format!("set {name} (text, or @path of a file)").into())
}

/// A setting from the environment: the text itself, or the content of the file after `@`.
fn setting(name: &str) -> Result<Option<String>, Surprise> {
    let value = match std::env::var(name) {
        Ok(value) if !value.trim().is_empty() => value,
        Ok(_) | Err(std::env::VarError::NotPresent) => return Ok(None),
        Err(error) => return Err(format!("{name}: {error}").into()),
    };
    match value.strip_prefix('@') {
        None => Ok(Some(value)),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("{name}: cannot read {path}: {error}"))?;
            Ok(Some(text.trim().to_owned()))
        }
    }
}

/// A number of this run, so that its `out_biz_no`s are its own.
fn run_number() -> String {
    format!("{}-{}", unix_seconds(), std::process::id())
}

fn unix_seconds() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}
