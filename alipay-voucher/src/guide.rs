//! How to: a page of recipes. It holds no code of its own.
//!
//! - [Keys](#keys), [certificates](#certificates), [a key held elsewhere](#a-key-held-elsewhere)
//! - [Encrypted content](#encrypted-content)
//! - [Acting for another merchant](#acting-for-another-merchant)
//! - [What a failed call means](#what-a-failed-call-means), [repeats](#repeats)
//! - [What the signature of a response proves](#what-the-signature-of-a-response-proves)
//! - [A value that its type does not allow](#a-value-that-its-type-does-not-allow)
//! - [Waiting until it is done](#waiting-until-it-is-done), [notifications](#notifications)
//! - [Runtimes](#runtimes), [without asynchronous code](#without-asynchronous-code)
//! - [Proxies and other settings of the HTTP client](#proxies-and-other-settings-of-the-http-client)
//! - [Operations that are not in this crate](#operations-that-are-not-in-this-crate)
//!
//! What comes before and after these operations (images, who may receive a voucher, the vouchers of users,
//! reconciliation) is [the whole journey](../../alipay_marketing/journey/index.html), a page of the crate
//! `alipay-marketing`.
//!
//! # Keys
//!
//! An app uses either keys or certificates, as chosen in Alipay's console (接口加签方式). With keys it
//! has two: the application private key (应用私钥), and the Alipay public key (支付宝公钥), which the
//! console shows after the app's public key was uploaded. Both may be PEM or bare base64, the private
//! key PKCS#1 or PKCS#8; [`keys`](crate::keys) says what else is read. They are read and checked once,
//! here. An error says which key is wrong, what it is, and what to do.
//!
//! ```no_run
//! use alipay_voucher::{Client, Credentials, Environment, Error, VoucherApi};
//!
//! fn connect(app_private_key: &str, alipay_public_key: &str) -> Result<VoucherApi, Error> {
//!     let credentials = Credentials::keys("2021000000000001", app_private_key, alipay_public_key)?;
//!     let client = Client::builder(credentials).environment(Environment::Sandbox).build()?;
//!     Ok(VoucherApi::new(client))
//! }
//! ```
//!
//! [`Client::from_env`](crate::Client::from_env) takes all of this from environment variables.
//!
//! A client is cheap to clone and shares its connections with its clones: make one, and keep it. It may
//! live in a `static` and be used [in any tokio runtime](#runtimes).
//!
//! # Certificates
//!
//! With certificates (公钥证书) the console gives three files instead of the public key.
//!
//! ```no_run
//! use alipay_voucher::{Credentials, Error, keys::read_file};
//!
//! fn credentials() -> Result<Credentials, Error> {
//!     Credentials::certificates(
//!         "2021000000000001",
//!         &read_file("app_private_key.pem")?,
//!         &read_file("appCertPublicKey_2021000000000001.crt")?,
//!         [read_file("alipayCertPublicKey_RSA2.crt")?.as_str()],
//!         &read_file("alipayRootCert.crt")?,
//!     )
//! }
//! ```
//!
//! The signature on each certificate is checked, up to the root bundle. A certificate that was not issued
//! by the issuer it names, or that names another app, is an error. Two things cannot be checked and are
//! accepted, since you have the files from the console: signatures with SM2 or ECDSA, and issuers whose
//! certificate is not in the files, as is usual for the app's certificate.
//! [`chain`](crate::CertificateInfo::chain) says what was checked. A program that has certificates from
//! anywhere else should look at it before it uses the credentials. Revocation is not checked. Host names
//! play no part here; TLS checks them.
//!
//! ```no_run
//! # fn f(credentials: &alipay_voucher::Credentials) {
//! use alipay_voucher::CertificateChain;
//!
//! for certificate in credentials.trust().certificates() {
//!     match certificate.chain {
//!         CertificateChain::Verified => println!("{}: verified", certificate.subject),
//!         CertificateChain::NotChecked(gap) => println!("{}: {gap}", certificate.subject),
//!     }
//! }
//! # }
//! ```
//!
//! Certificates expire. [`expires_at`](crate::TrustStore::expires_at) says when calls stop working
//! unless a certificate is replaced: when the app's certificate expires or the last of Alipay's,
//! whichever is earlier. Responses name the certificate they were signed with, so several of Alipay's
//! can be trusted at the same time. When Alipay announces a new one, add it, to new credentials or to
//! those in use.
//!
//! ```no_run
//! # fn f(credentials: &alipay_voucher::Credentials, new: &str) -> Result<(), alipay_voucher::Error> {
//! let serial = credentials.trust().add_alipay_certificate(new)?;
//! println!("{serial} is trusted by every client of these credentials");
//! # Ok(()) }
//! ```
//!
//! # A key held elsewhere
//!
//! A private key that must not leave a key management service or a hardware module signs there.
//!
//! ```no_run
//! use alipay_voucher::{
//!     Credentials, Error,
//!     sign::{SignError, Signer},
//!     transport::BoxFuture,
//! };
//!
//! struct Vault;
//!
//! impl Signer for Vault {
//!     fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
//!         Box::pin(async move {
//!             // Ask the service for RSASSA-PKCS1-v1_5 with SHA-256 over the message.
//!             # let _ = message;
//!             Err(SignError::new("the vault is sealed"))
//!         })
//!     }
//! }
//!
//! fn credentials(alipay_public_key: &str) -> Result<Credentials, Error> {
//!     Credentials::keys_with_signer("2021000000000001", Vault, alipay_public_key)
//! }
//! ```
//!
//! A function that blocks, as those of hardware modules mostly do, is called in
//! `tokio::task::spawn_blocking`; [`Signer`](crate::sign::Signer) shows how, and what happens otherwise.
//!
//! # Encrypted content
//!
//! Give the AES key of the console (接口内容加密方式), and say which calls are to be encrypted, or that
//! all are. A request is encrypted, then signed; a response is verified, then decrypted. A plaintext
//! response to an encrypted request is an error. Paths and queries are never encrypted.
//!
//! ```no_run
//! # use alipay_voucher::{Client, Credentials, VoucherApi, models::*};
//! # async fn f(credentials: Credentials, key: &str, request: SendRequest) -> Result<(), alipay_voucher::Error> {
//! let credentials = credentials.encrypt_key(key)?;
//! let voucher = VoucherApi::new(Client::builder(credentials).build()?);
//! voucher.send(&request).encrypted().await?;
//! # Ok(()) }
//! ```
//!
//! [`ClientBuilder::encrypted`](crate::ClientBuilder::encrypted) switches it on for all calls of a
//! client, and `.plain()` off again for one.
//!
//! # Acting for another merchant
//!
//! A service provider calls with the token (`app_auth_token`) of the merchant who authorised the
//! app. Set it for a call, or for a client; a call without a token uses the client's.
//!
//! ```no_run
//! # use alipay_voucher::{Client, Credentials, VoucherApi, models::*};
//! # async fn f(credentials: Credentials, voucher: VoucherApi, token: &str) -> Result<(), alipay_voucher::Error> {
//! let query = QueryRequest::new("2016042700826004508401111111", MerchantAccessMode::AgencyMode);
//! let response = voucher.query(&query).app_auth_token(token).await?;
//!
//! let for_one_merchant = Client::builder(credentials).app_auth_token(token).build()?;
//! # Ok(()) }
//! ```
//!
//! The token is signed with the request, and never shown in errors or logs.
//!
//! # What a failed call means
//!
//! A call that failed may have happened all the same. [`Error::outcome`](crate::Error::outcome) says
//! what is known.
//!
//! ```no_run
//! # use alipay_voucher::{Outcome, VoucherApi, models::*};
//! # async fn f(voucher: VoucherApi, request: SendRequest) {
//! match voucher.send(&request).await {
//!     Ok(sent) => println!("voucher {:?}, trace {:?}", sent.voucher_id, sent.trace_id()),
//!     Err(e) => match (e.outcome(), e.code()) {
//!         (Outcome::NotSent, _) => println!("nothing was sent: {e}"),
//!         (Outcome::Rejected, Some(SendErrorCode::BudgetNotEnough)) => println!("append first: {e}"),
//!         (Outcome::Rejected, _) => println!("Alipay refused, and signed that: {e}"),
//!         (Outcome::Unknown, _) => println!("repeat the same request, with the same out_biz_no: {e}"),
//!     },
//! }
//! # }
//! ```
//!
//! Look at the outcome before the code. An error that Alipay did not sign could come from anyone on
//! the way, so it proves nothing about a call that changes something: its outcome is `Unknown`. The
//! outcome is `Unknown`, too, when Alipay signed a code that does not prove a refusal: `SYSTEM_ERROR`,
//! or a code that this crate does not know and whose words do not say that the request was refused.
//! [`Outcome`](crate::Outcome) has the whole table, and the module [`codes`](crate::codes) the rule for
//! codes.
//!
//! `Rejected` speaks of this request only. Where Alipay refuses because an earlier request has
//! succeeded (`ACQ.TRADE_HAS_SUCCESS`), [`Error::class`](crate::Error::class) is
//! [`AlreadyDone`](crate::codes::ErrorClass::AlreadyDone).
//!
//! # Repeats
//!
//! The client repeats a failed call where that is safe and may help: calls that only read, calls with
//! their idempotency key (`out_biz_no`), and calls that were never sent. It makes three attempts in all,
//! with pauses, within the call's [timeout](crate::ClientBuilder::timeout). The module
//! [`retry`](crate::retry) has the rules.
//!
//! ```no_run
//! # use alipay_voucher::{Client, Credentials, RetryPolicy, models::*};
//! # use std::time::Duration;
//! # async fn f(credentials: Credentials, request: SendRequest) -> Result<(), alipay_voucher::Error> {
//! let patient = RetryPolicy::default()
//!     .max_attempts(5)
//!     .pauses(Duration::from_millis(500), Duration::from_secs(8));
//! let client = Client::builder(credentials)
//!     .retry(patient)
//!     .timeout(Duration::from_secs(60)) // all attempts together
//!     .attempt_timeout(Duration::from_secs(10))
//!     .build()?;
//! let voucher = alipay_voucher::VoucherApi::new(client);
//! voucher.send(&request).no_retry().await?;
//! # Ok(()) }
//! ```
//!
//! # What the signature of a response proves
//!
//! A response's signature covers its time, its nonce and its body: Alipay sent this body, at that
//! time. It does not cover the request or the operation, nor the HTTP status or other headers. That
//! a response belongs to its request rests on TLS. So whatever decrypts TLS on the way (a proxy, a load
//! balancer) could hand over a genuine response to another request.
//!
//! The client notices two such cases: each response is
//! [used once](crate::ClientBuilder::remembered_responses), and a response may not be older than its
//! request by more than [the clocks may differ](crate::ClientBuilder::timestamp_tolerance). Where more
//! is at stake, compare what the response repeats of the request, or query.
//!
//! # Values that are not of their types
//!
//! Now and then a response has a value that is not what is documented: a time without seconds, the amount
//! `1,000.00`. Such a value is absent from the model, and the rest of the response is there.
//! [`Response::unreadable`](crate::Response::unreadable) names it with its place and the reason, and
//! [`raw_body`](crate::Response::raw_body) still has it. For messages, ask `VoucherMessage::unreadable`.
//!
//! ```no_run
//! # async fn f(voucher: alipay_voucher::VoucherApi, request: alipay_voucher::models::QueryRequest) -> Result<(), alipay_voucher::Error> {
//! let activity = voucher.query(&request).await?;
//! for unreadable in activity.unreadable() {
//!     eprintln!("{unreadable}"); // `/publish_start_time`: expected a time like 2026-01-31 08:30:00
//! }
//! # Ok(()) }
//! ```
//!
//! Before you take an absent value for "there is none" where that costs money, see that it is not in this
//! list.
//!
//! # A value that its type does not allow
//!
//! A type or a format can be wrong, most of all where it is only inferred, and Alipay may have added a field
//! since this crate was made. [`raw_field`](crate::Call::raw_field) sends what you write, in place of what the
//! request has or beside it. The pointer is made of wire names and indices.
//!
//! ```no_run
//! # use alipay_voucher::{VoucherApi, models::*};
//! # async fn f(voucher: VoucherApi, request: CreateRequest) -> Result<(), alipay_voucher::Error> {
//! let created = voucher
//!     .create(&request)
//!     .raw_field("/voucher_deduct_info/fix_voucher_info/amount", "12.345")
//!     .raw_field("/voucher_send_mode_info/voucher_send_rule_info/quantity", "100")
//!     .await?;
//! # Ok(()) }
//! ```
//!
//! Objects on the way must be there. The idempotency key cannot be sent in this way.
//!
//! # Waiting until it is done
//!
//! `publish` and `stop` only accept a change. [`wait_until_active`](crate::VoucherApi::wait_until_active) and
//! [`wait_until_stopped`](crate::VoucherApi::wait_until_stopped) ask `query` until it has taken effect, with
//! growing pauses and a deadline.
//!
//! ```no_run
//! # use alipay_voucher::{VoucherApi, WaitError, models::*};
//! # use std::time::Duration;
//! # async fn f(voucher: VoucherApi, publish: PublishRequest, token: String) -> Result<(), Box<dyn std::error::Error>> {
//! voucher.publish(&publish).app_auth_token(&token).await?;
//! let wait = voucher
//!     .wait_until_active(QueryRequest::new(&publish.activity_id, MerchantAccessMode::AgencyMode))
//!     .interval(Duration::from_secs(5)) // the first pause
//!     .deadline(Duration::from_secs(1800))
//!     .each_call(move |call| call.app_auth_token(&token));
//! match wait.await {
//!     Ok(activity) => println!("{:?}", QueryResponse::status(&activity)),
//!     Err(WaitError::Failed { failure: ActiveFailure::Rejected, reason, .. }) => {
//!         println!("Alipay's review says no: {}", reason.unwrap_or_default());
//!     }
//!     Err(WaitError::TimedOut { status, .. }) => println!("not yet, but {status:?}: ask again later"),
//!     Err(e) => return Err(e.into()),
//! }
//! # Ok(()) }
//! ```
//!
//! A call that fails meanwhile is made again, unless Alipay refuses it. Only a refusal ends the wait as
//! [`WaitError::Call`](crate::WaitError::Call). What was not seen in time may still happen.
//!
//! Where [notifications](#notifications) arrive in the same program, give each verified one to the
//! [signals](crate::Wait::signal) of the waits under way. The message about the same activity ends the wait at
//! once.
//!
//! ```no_run
//! # use alipay_voucher::{VoucherApi, WaitSignal, models::*, notification::{Notification, Verified}};
//! # async fn f(voucher: VoucherApi, request: QueryRequest, keep: impl Fn(WaitSignal)) -> Result<(), Box<dyn std::error::Error>> {
//! let wait = voucher.wait_until_active(&request);
//! keep(wait.signal()); // where the handler of notifications finds it
//! let activity = wait.await?;
//! # let _ = activity; Ok(()) }
//!
//! fn handle(notification: &Verified<Notification>, waiting: &[WaitSignal]) {
//!     for signal in waiting {
//!         signal.message(notification);
//!     }
//! }
//! ```
//!
//! There is no waiter for `append` and `modify`: `query` names the operation in progress, and that none is
//! named does not prove that one is done. Their messages do.
//!
//! # Notifications
//!
//! `publish`, `modify`, `append` and `stop` only accept a change; a message that Alipay posts to the
//! app's gateway (应用网关) says that it is done. Give the body of the POST as received; only a
//! verified notification can be read. Alipay posts a message again until the response is
//! `success`, and sometimes afterwards. A guard recognises the repeats.
//!
//! ```no_run
//! use alipay_voucher::{
//!     Client,
//!     messages::VoucherMessage,
//!     notification::{FAIL, MemoryReplayGuard, ReplayGuard},
//! };
//!
//! /// The response body, with status 200.
//! fn receive(client: &Client, guard: &MemoryReplayGuard, form_body: &[u8]) -> &'static str {
//!     take(client, guard, form_body).unwrap_or(FAIL)
//! }
//!
//! fn take(
//!     client: &Client,
//!     guard: &MemoryReplayGuard,
//!     form_body: &[u8],
//! ) -> Result<&'static str, Box<dyn std::error::Error>> {
//!     let notification = client.verify_notification(form_body)?;
//!     let message = VoucherMessage::from_notification(&notification)?;
//!     let id = notification.event_id().ok_or("a message without an id")?;
//!     // Not remembered when it fails, so that the next delivery is handled.
//!     let handled = guard.once(id, || store(&message))?;
//!     Ok(handled.reply())
//! }
//!
//! fn store(message: &VoucherMessage) -> std::io::Result<()> {
//!     match message {
//!         VoucherMessage::Created(created) => println!("active: {:?}", created.activity_id),
//!         other => println!("{other:?}"), // without personal data
//!     }
//!     Ok(())
//! }
//! ```
//!
//! [`AsyncReplayGuard`](crate::notification::AsyncReplayGuard) has the same for asynchronous
//! handlers and stores; the example `notifications` is a whole server. Messages may come out of
//! order: [`event_time`](crate::notification::Notification::event_time) is the time to order them by.
//!
//! # Runtimes
//!
//! A call is awaited in a tokio runtime with IO and time (`#[tokio::main]`, `#[tokio::test]`, or a builder
//! with `enable_all`). Elsewhere it is an error of the kind
//! [`Configuration`](crate::ErrorKind::Configuration), and nothing is sent. One client may be used in
//! several runtimes: each has connections of its own. If a runtime ends during its call and the call is
//! waited for all the same, that is an error that says so.
//!
//! A server may close a connection at the very moment at which a request is sent on it. The client keeps
//! idle connections for 30 seconds only, looks at a connection before it uses it, and sends a request again
//! if none of it was written. Otherwise it cannot tell whether the server has read the request: the outcome
//! is unknown. A call that may not be repeated then fails; a new connection for each call
//! (`.http_client(|http| http.pool_max_idle_per_host(0))`) avoids that, for one handshake more per call.
//!
//! # Without asynchronous code
//!
//! With the feature `blocking` every call has `send_blocking`, which needs no runtime. It returns when
//! the call's time is up at the latest. A request that was not sent by then is never sent. A
//! [wait](#waiting-until-it-is-done) has `wait_blocking`.
//!
//! ```no_run
//! # use alipay_voucher::{VoucherApi, models::*};
//! # #[cfg(feature = "blocking")]
//! # fn f(voucher: VoucherApi, request: SendRequest) -> Result<(), alipay_voucher::Error> {
//! let sent = voucher.send(&request).send_blocking()?;
//! println!("voucher {:?}", sent.voucher_id);
//! # Ok(()) }
//! ```
//!
//! # Proxies and other settings of the HTTP client
//!
//! The client uses the proxies that the environment names (`HTTPS_PROXY`, `NO_PROXY`), but not for a
//! gateway on this computer. On Windows and macOS it uses those of the system, too, if some crate of
//! the program switches `reqwest`'s feature `system-proxy` on. It trusts the root certificates of the
//! system. Where there are none, as in small container images, install `ca-certificates`, set
//! `SSL_CERT_FILE`, or give them here. Everything else is set in the builder of the HTTP client, which
//! is that of `reqwest` 0.13. The crate is [re-exported](crate::transport::reqwest), so that its
//! version fits.
//!
//! ```no_run
//! # use alipay_voucher::{Client, Credentials, transport::reqwest};
//! # fn f(credentials: Credentials, pem: &[u8]) -> Result<Client, Box<dyn std::error::Error>> {
//! let proxy = reqwest::Proxy::all("http://proxy.example:3128")?;
//! let root = reqwest::Certificate::from_pem(pem)?;
//! let client = Client::builder(credentials)
//!     .http_client(move |http| http.proxy(proxy.clone()).add_root_certificate(root.clone()))
//!     .build()?;
//! # Ok(client) }
//! ```
//!
//! Redirects, `reqwest`'s own retries and decompression stay off whatever you set. Otherwise a failure to
//! connect would not prove that nothing was sent. A `reqwest::Client` that you have made yourself proves
//! nothing; [`http_client_unchecked`](crate::ClientBuilder::http_client_unchecked) says what using it
//! costs.
//!
//! # Operations that are not in this crate
//!
//! [`Client::operation`](crate::Client::operation) calls any of Alipay's operations by its id, with JSON that
//! you write. Such a call is signed, verified, encrypted and repeated like the others.
//!
//! ```no_run
//! # use alipay_voucher::Client;
//! # use serde_json::json;
//! # async fn f(client: Client) -> Result<(), alipay_voucher::Error> {
//! let body = json!({ "out_trade_no": "20261127-0001" });
//! let trade = client.operation("alipay.trade.query").json(&body).await?;
//! println!("{}", trade["trade_status"]);
//!
//! let activity = client
//!     .operation("alipay.marketing.activity.query")
//!     .path("activity_id", "2016042700826004508401111111")
//!     .query("merchant_access_mode", "SELF_MODE")
//!     .await?;
//! println!("{}", activity["activity_name"]);
//! # Ok(()) }
//! ```
//!
//! What only reads is repeated when it fails. Say [`idempotent`](crate::Call::idempotent) where a repeat has no
//! further effect, mostly because of an `out_biz_no`. A file makes the call an [upload](crate::Call::file).
//! [`catalogue`](crate::catalogue) lists all operations with their Chinese names. One that is newer than this list
//! is called by method and path:
//!
//! ```no_run
//! # use alipay_voucher::{Client, Method};
//! # async fn f(client: Client, body: serde_json::Value) -> Result<(), alipay_voucher::Error> {
//! client.raw(Method::Post, "/v3/alipay/trade/query").json(&body).await?;
//! # Ok(()) }
//! ```
