//! The options of the commands, and what their help says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::delivery::Delivery;
use crate::fault::FaultRule;
use crate::gateway::{Gateway, GatewayBuilder};
use crate::voucher::{Completion, Review};

/// How the program is called, for its help and its errors.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    gateway: &'static str,
    commands: &'static str,
}

impl Names {
    /// What starts a gateway (and, with ` keys` behind it, prints keys), and what `trigger` and `control` follow.
    #[must_use]
    pub const fn new(gateway: &'static str, commands: &'static str) -> Self {
        Self { gateway, commands }
    }

    /// What follows the help of [`Serve`].
    #[must_use]
    pub fn help_of_serve(self) -> String {
        let Self { gateway, commands } = self;
        format!(
            "Examples:\n  \
             {gateway} --port 8787 --keys ./mock-keys\n  \
             {gateway} keys > mock.env    # then, with these variables, here and for the clients:\n  \
             {gateway} --host 0.0.0.0 --port 8787 --public-url http://alipay-mock:8787 --keys-from-env\n  \
             {gateway} --spec openapi.yaml --overlay overlay.yaml\n  \
             {gateway} --fault status:503*2@/voucher/send --notify http://127.0.0.1:3000/alipay\n  \
             {commands} trigger expired --to http://127.0.0.1:3000/alipay --keys ./mock-keys\n  \
             {commands} control pause activity_id=2016042700826004508401111111\n\n\
             Paste the printed `export` lines into another shell: clients that read these variables then\n\
             call this gateway. Its page shows operations, state and recent calls. Each request is logged\n\
             in one line, without its content. Ctrl-C and SIGTERM stop it."
        )
    }

    /// What follows the help of [`Trigger`].
    #[must_use]
    pub fn help_of_trigger(self) -> String {
        let Self { commands, .. } = self;
        format!(
            "Example:\n  \
             {commands} trigger received --to http://127.0.0.1:3000/alipay --keys ./mock-keys \\\n    \
             --set activity_id=2016042700826004508401111111"
        )
    }

    /// What follows the help of [`Control`].
    #[must_use]
    pub fn help_of_control(self) -> String {
        let Self { commands, .. } = self;
        format!(
            "{ACTIONS}\n\nExamples:\n  \
             {commands} control pause activity_id=2016042700826004508401111111\n  \
             {commands} control faults fault=wrong-signature times=2 --gateway http://127.0.0.1:8787"
        )
    }

    /// What prints new keys.
    pub(super) fn keys(self) -> String {
        format!("{} keys", self.gateway)
    }

    /// What has `control` say what there is.
    pub(super) fn control_help(self) -> String {
        format!("{} control --help", self.commands)
    }
}

/// What [`Names::help_of_control`] begins with.
const ACTIONS: &str = "Actions that look:\n  \
    state, orders, requests, messages, deliveries, faults, clock\n  \
    operations [find=WORD]\n  \
    vouchers activity_id=ID\n\n\
    Actions that change:\n  \
    pay, pause, resume or exhaust activity_id=ID\n  \
    pay or close out_trade_no=NUMBER\n  \
    reject activity_id=ID reason=WHY\n  \
    redeem voucher_id=ID\n  \
    complete [activity_id=ID]\n  \
    completion after_ms=MS|manual [activity_id=ID]\n  \
    review result=off|approve|reject [reason=WHY]\n  \
    styles old=true|false\n  \
    clock advance_seconds=N\n  \
    faults fault=FAULT [times=N] [path=END]\n  \
    deliveries notify_id=ID";

/// The options of the gateway.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "the flags are independent")]
pub struct Serve {
    /// Address or name to listen on; 0.0.0.0 or :: for all, so that others can reach the gateway
    #[arg(long, default_value = "127.0.0.1", value_name = "HOST")]
    host: String,
    /// TCP port; 0 takes any free one
    #[arg(long, default_value_t = 0, value_name = "N")]
    port: u16,
    /// URL that clients use, http://HOST:PORT, if it is not where the gateway listens
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Folder of the keys, made on first use [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(super) keys: Option<PathBuf>,
    /// Take the keys from ALIPAY_PRIVATE_KEY and the other variables of a client, and from ALIPAY_MOCK_PRIVATE_KEY, which
    /// the gateway signs with; each a value, or `@` and a path
    #[arg(long, conflicts_with = "keys")]
    pub(super) keys_from_env: bool,
    /// App id of the only app
    #[arg(long, value_name = "ID")]
    pub(super) app_id: Option<String>,
    /// Description to serve (OpenAPI 3.0) [default: all of Alipay's operations]
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Overlay that refines the description
    #[arg(long, value_name = "FILE", requires = "spec")]
    overlay: Option<PathBuf>,
    /// Accept requests that differ from the description
    #[arg(long)]
    lenient: bool,
    /// Fault NAME[*TIMES][@PATH-END], such as `delay:1000` (milliseconds); `*` alone means every request; may be repeated
    #[arg(long = "fault", value_name = "FAULT")]
    pub(super) faults: Vec<FaultRule>,
    /// Post messages to this URL as they happen
    #[arg(long, value_name = "URL")]
    notify: Option<String>,
    /// Post every message N more times, at most 100
    #[arg(long, default_value_t = 0, value_name = "N", requires = "notify",
        value_parser = clap::value_parser!(u32).range(0..=100))]
    notify_duplicates: u32,
    /// Post messages that come close together in reverse order
    #[arg(long, requires = "notify")]
    notify_disorder: bool,
    /// Encrypt the content of messages
    #[arg(long, requires = "notify")]
    notify_encrypted: bool,
    /// Milliseconds until an accepted publish, append, modify or stop takes effect, or `manual`: when
    /// `control complete` says so
    #[arg(long, default_value = "0", value_name = "MS", value_parser = completion)]
    complete_after: Completion,
    /// Review of each publish: off, approve or reject:REASON. A rejected one never takes effect, and sends no message
    #[arg(long, default_value = "off", value_name = "REVIEW", value_parser = review)]
    review: Review,
    /// Have query return the fields of the older style, too, for activities that were sent in the newer one
    #[arg(long)]
    old_twins: bool,
    /// Count prepaid budgets as paid at once
    #[arg(long)]
    auto_pay: bool,
    /// Take any id for an image of an activity, not only those that were uploaded here
    #[arg(long)]
    unknown_images: bool,
    /// Let each operation have `out_biz_no`s of its own; otherwise one that another operation has used is refused
    #[arg(long)]
    numbers_per_operation: bool,
    /// App auth token; others are then refused; may be repeated
    #[arg(long = "app-auth-token", value_name = "TOKEN")]
    app_auth_tokens: Vec<String>,
    /// Sign the gateway's own errors, too
    #[arg(long)]
    sign_gateway_errors: bool,
    /// Show personal data on the page and below /_mock/
    #[arg(long)]
    no_redaction: bool,
}

/// The options of `control`.
#[derive(Debug, clap::Args)]
pub struct Control {
    /// What to look at, or to do
    pub(super) action: String,
    /// What the action needs
    #[arg(value_name = "NAME=VALUE", value_parser = member)]
    pub(super) members: Vec<(String, String)>,
    /// Address of the gateway [default: the variable ALIPAY_BASE_URL]
    #[arg(long, value_name = "URL")]
    pub(super) gateway: Option<String>,
}

/// The options of `trigger`.
#[derive(Debug, clap::Args)]
pub struct Trigger {
    /// Message: a full name, or its last part, such as `created`
    pub(super) message: String,
    /// URL to post it to; must start with http://
    #[arg(long, value_name = "URL")]
    pub(super) to: String,
    /// Folder of the keys to sign with, made on first use
    #[arg(long, value_name = "DIR", required_unless_present = "keys_from_env")]
    pub(super) keys: Option<PathBuf>,
    /// Take the keys from variables, as the gateway does
    #[arg(long, conflicts_with = "keys")]
    pub(super) keys_from_env: bool,
    /// App id of the receiver
    #[arg(long, value_name = "ID")]
    pub(super) app_id: Option<String>,
    /// Member of the content; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = member)]
    pub(super) members: Vec<(String, String)>,
    /// Take members that the message does not have in the description
    #[arg(long)]
    pub(super) lenient: bool,
    /// Encrypt the content
    #[arg(long)]
    pub(super) encrypted: bool,
    /// Post it N times
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub(super) times: u32,
}

fn member(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn completion(text: &str) -> Result<Completion, String> {
    match text.parse() {
        Ok(after) => Ok(Completion::After(Duration::from_millis(after))),
        Err(_) if text == "manual" => Ok(Completion::Manual),
        Err(_) => Err("expected a number of milliseconds, or `manual`".to_owned()),
    }
}

fn review(text: &str) -> Result<Review, String> {
    match text.split_once(':') {
        None if text == "off" => Ok(Review::Off),
        None if text == "approve" => Ok(Review::Approve),
        Some(("reject", reason)) if !reason.is_empty() => Ok(Review::Reject(reason.to_owned())),
        _ => Err("expected `off`, `approve` or `reject:REASON`".to_owned()),
    }
}

impl Serve {
    /// The gateway's settings, without its keys and app id.
    pub(super) fn builder(&self) -> Result<GatewayBuilder, String> {
        let mut builder = Gateway::builder()
            .host(&self.host)
            .port(self.port)
            .lenient(self.lenient)
            .auto_pay(self.auto_pay)
            .known_images(!self.unknown_images)
            .numbers_per_operation(self.numbers_per_operation)
            .completion(self.complete_after)
            .review(self.review.clone())
            .old_twins(self.old_twins)
            .sign_gateway_errors(self.sign_gateway_errors)
            .redact(!self.no_redaction);
        if let Some(url) = &self.public_url {
            builder = builder.public_url(url);
        }
        for token in &self.app_auth_tokens {
            builder = builder.app_auth_token(token);
        }
        if let Some(url) = &self.notify {
            let delivery = Delivery::to(url).map_err(|e| format!("--notify: {e}"))?;
            builder = builder.deliver_messages(
                delivery
                    .duplicates(self.notify_duplicates)
                    .disorder(self.notify_disorder)
                    .encrypted(self.notify_encrypted),
            );
        }
        match &self.spec {
            None => Ok(builder),
            Some(spec) => described(builder, spec, self.overlay.as_deref()),
        }
    }
}

fn described(
    builder: GatewayBuilder,
    spec: &Path,
    overlay: Option<&Path>,
) -> Result<GatewayBuilder, String> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path)
            .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        Ok::<_, String>((path.display().to_string(), text))
    };
    let base = read(spec)?;
    let overlay = overlay.map(read).transpose()?;
    let overlay = overlay.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    builder.description(base, overlay).map_err(|error| error.to_string())
}
