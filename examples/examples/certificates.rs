//! Certificate mode (公钥证书模式), and a change of Alipay's certificate while the program runs.
//!
//! The app and Alipay know each other by certificates of the same authorities. Each response names the certificate that
//! it is signed with. The example reports when certificates expire, calls, meets a certificate that it does not trust,
//! adds it to the `TrustStore` of the client in use, and calls again. It starts two gateways for that, one after the
//! other at the same address: Alipay before the change and after it.

use std::{
    process::ExitCode,
    time::{Duration, SystemTime},
};

use alipay_examples::program::{Failure, exit_code, say, say_response};
use alipay_mock::{Fault, Gateway, GatewayKeys};
use alipay_voucher::{
    CertificateChain, Client, Credentials, Outcome, TrustStore, value::LocalDateTime,
};

/// How long before the end a real program would wake somebody.
const WARNING: Duration = Duration::from_secs(60 * 24 * 3600);

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let (before, after) = keys()?;
    let gateway = Gateway::builder().keys(before).start().await?;
    let port = gateway.base_url().rsplit(':').next().ok_or("an address without a port")?.parse()?;

    // The four files of the console: the private key, the app's certificate, Alipay's, and the roots.
    // `Client::from_env` reads them from ALIPAY_PRIVATE_KEY, ALIPAY_APP_CERT, ALIPAY_CERT and ALIPAY_ROOT_CERT.
    let files = gateway.certificates()?;
    let credentials = Credentials::certificates(
        gateway.app_id(),
        gateway.app_private_key(),
        &files.app,
        [files.alipay.as_str()],
        &files.root,
    )?;
    let client = Client::builder(credentials.clone()).base_url(gateway.base_url()).build()?;
    let trust = credentials.trust();
    report(trust)?;
    call(&client, "first").await?;

    // A certificate that nobody knows. The call only reads; it is not repeated, since the next response might be as bad.
    gateway.fail_next(Fault::UnknownSerial);
    refused(&client, "unknown").await?;

    // Alipay announces its next certificate in the console, some days before it signs with it. Here it comes without
    // notice: calls fail until it is added. No new client is needed.
    let next = after.certificates()?.alipay.clone();
    gateway.shutdown().await;
    let gateway = Gateway::builder().keys(after).port(port).start().await?;
    refused(&client, "changed").await?;
    let serial = trust.add_alipay_certificate(&next)?;
    say(format_args!("add      -   {serial} is trusted, too"));
    call(&client, "second").await?;
    report(trust)?;
    gateway.shutdown().await;
    Ok(())
}

/// A call that any gateway takes, whatever its state.
async fn call(client: &Client, step: &str) -> Result<(), Failure> {
    let response = client
        .operation("alipay.trade.order.settle.query")
        .query("settle_no", "20261127-0001")
        .await?;
    let serial = response.headers().get("alipay-sn").ok_or("a response without a serial")?;
    say_response(step, &response, format_args!("signed with {}", serial.to_str()?));
    Ok(())
}

/// A call whose response is not believed.
async fn refused(client: &Client, step: &str) -> Result<(), Failure> {
    match client
        .operation("alipay.trade.order.settle.query")
        .query("settle_no", "20261127-0001")
        .no_retry()
        .await
    {
        Err(error) if error.outcome() == Outcome::Unknown => {
            say(format_args!("{step:<8} -   {error}"));
            Ok(())
        }
        other => Err(format!("{step}: {other:?}").into()),
    }
}

/// What a program shows at its start, and watches daily.
fn report(trust: &TrustStore) -> Result<(), Failure> {
    for certificate in trust.certificates() {
        let chain = match certificate.chain {
            CertificateChain::Verified => "its chain was checked".to_owned(),
            CertificateChain::NotChecked(gap) => gap.to_string(),
        };
        let end = LocalDateTime::try_from(certificate.not_after)?;
        say(format_args!(
            "expiry   -   {:?} {}, {chain}, until {end}",
            certificate.owner, certificate.serial
        ));
    }
    let end = trust.expires_at().ok_or("there are no certificates")?;
    if end.duration_since(SystemTime::now())? < WARNING {
        say("expiry   -   calls stop soon: get new certificates");
    }
    Ok(())
}

/// The keys of the gateways before and after: those of the app stay, and both of Alipay's certificates are issued by
/// authorities of the same bundle.
fn keys() -> Result<(GatewayKeys, GatewayKeys), Failure> {
    let before = GatewayKeys::generate()?;
    let new = GatewayKeys::generate()?;
    let after = GatewayKeys::parse(
        before.app_private_key(),
        new.alipay_private_key(),
        before.encrypt_key(),
    )?;
    let (old, new) = (before.certificates()?.clone(), after.certificates()?.clone());
    let roots = format!("{}{}", old.root, new.root);
    let before = before.with_certificates(&old.app, &old.alipay, &roots)?;
    let after = after.with_certificates(&old.app, &new.alipay, &roots)?;
    Ok((before, after))
}
