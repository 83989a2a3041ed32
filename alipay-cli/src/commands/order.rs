//! `alipay order`: an order that a buyer's browser or app takes to Alipay, signed with the settings.

use std::fmt;
use std::str::FromStr;

use alipay_core::Client;
use alipay_core::order::{PageOrder, Payment, SignedOrder};
use alipay_core::value::Yuan;
use clap::Args;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use serde_json::value::RawValue;

use crate::input::{APP_AUTH_TOKEN, Given, Pair, app_auth_token, pair};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::runtime::block_on;

pub(crate) const EXAMPLES: &str = "Examples:
  alipay order page --out-trade-no 20261127_0001 --amount 88.88 --subject Tea \\
    --return-url https://shop.example/paid --notify-url https://shop.example/alipay/notify
  alipay order wap --out-trade-no 20261127_0002 --amount 88.88 --subject Tea --form > pay.html
  alipay order app --out-trade-no 20261127-0003 --amount 88.88 --subject Tea --biz '{\"timeout_express\":\"30m\"}'
  alipay order page --biz @order.json --explain

Nothing is sent. With ALIPAY_ENCRYPT_KEY the order is encrypted, unless --plain is given. With
ALIPAY_APP_AUTH_TOKEN it is made for the merchant of that token, which is then part of it.";

const HIDDEN: &str = "***";
/// What can be paid at most.
const MOST: Yuan = Yuan::from_fen(10_000_000_000);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What pays it: `page` on computers, `wap` on phones, `app`, or the name of another such method
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// The shop's number of the order (商户订单号)
    #[arg(long, value_name = "NUMBER")]
    out_trade_no: Option<String>,
    /// What is to be paid, in yuan, such as 88.88
    #[arg(long, value_name = "YUAN", value_parser = amount, allow_negative_numbers = true)]
    amount: Option<Yuan>,
    /// What the buyer sees that it is for
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Where Alipay posts the notification about the payment
    #[arg(long, value_name = "URL")]
    notify_url: Option<String>,
    /// Where Alipay leads the buyer's browser afterwards
    #[arg(long, value_name = "URL")]
    return_url: Option<String>,
    /// More of what is ordered (biz_content): a JSON object, or `@` and a file with it
    #[arg(long, value_name = "JSON")]
    biz: Option<Given>,
    /// A parameter beside biz_content; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<Pair>,
    /// Do not encrypt it, though there is an AES key
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    shape: Shape,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
#[allow(clippy::struct_excessive_bools, reason = "clap knows that they exclude each other")]
struct Shape {
    /// Print a link for the browser (default of page and wap)
    #[arg(long)]
    url: bool,
    /// Print an HTML form with a button
    #[arg(long)]
    form: bool,
    /// Print the string for Alipay's SDK in the app (default of app and others)
    #[arg(long)]
    string: bool,
    /// Print the string to sign, to compare it with what another program signs
    #[arg(long)]
    explain: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Page,
    Wap,
    App,
    /// The name of a method.
    Other(String),
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        match given {
            "page" | "alipay.trade.page.pay" => Ok(Self::Page),
            "wap" | "alipay.trade.wap.pay" => Ok(Self::Wap),
            "app" | "alipay.trade.app.pay" => Ok(Self::App),
            method if method.contains('.') => Ok(Self::Other(method.to_owned())),
            _ => Err("expected page, wap, app, or the name of a method with dots".to_owned()),
        }
    }
}

fn amount(given: &str) -> Result<Yuan, String> {
    let amount: Yuan = given.parse().map_err(|error| format!("{error}"))?;
    if amount <= Yuan::ZERO || amount > MOST {
        return Err(format!("the amount must be from 0.01 to {MOST}"));
    }
    Ok(amount)
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let client = Client::from_env().map_err(Failure::unusable)?;
    let content = match &options.biz {
        Some(given) => object(given)?,
        None => Members::default(),
    };
    let mut order = filled(&client, options, content)?;
    if let Some(url) = &options.notify_url {
        order = order.notify_url(url);
    }
    if let Some(url) = &options.return_url {
        order = order.return_url(url);
    }
    for (index, (name, value)) in options.parameters.iter().enumerate() {
        if options.parameters.iter().take(index).any(|(before, _)| before == name) {
            return Err(Failure::Unusable(format!("--param {name} is given twice")));
        }
        order = order.parameter(name, value);
    }
    if options.plain {
        order = order.plain();
    }
    let token = app_auth_token()?;
    if let Some(token) = &token {
        order = order.app_auth_token(token);
    }
    let order = block_on(order.sign())?.map_err(Failure::unusable)?;
    if token.is_some() && !options.shape.explain {
        output.warning(format_args!(
            "the order has the token of {APP_AUTH_TOKEN} in it: give it to the buyer's browser or app only"
        ));
    }
    show(&order, options, output);
    Ok(())
}

/// An order with all that is ordered.
fn filled(client: &Client, options: &Options, mut content: Members) -> Result<PageOrder, Failure> {
    let Options { kind, out_trade_no, amount, subject, .. } = options;
    let amount = amount.map(|amount| amount.to_string());
    let mut given = [
        ("out_trade_no", "--out-trade-no", out_trade_no.clone()),
        ("total_amount", "--amount", amount),
        ("subject", "--subject", subject.clone()),
    ];
    for (member, option, value) in &mut given {
        let Some(written) = content.take(member) else { continue };
        if value.is_some() {
            return Err(Failure::Unusable(format!(
                "`{member}` is given twice: by {option} and in --biz"
            )));
        }
        let text = serde_json::from_str(written.get());
        *value = Some(
            text.map_err(|_| Failure::Unusable(format!("`{member}` in --biz must be a string")))?,
        );
    }
    if let Kind::Other(method) = kind {
        let order = client.page_order(method).biz_content(&content);
        return Ok(given.into_iter().fold(order, |order, (member, _, value)| match value {
            Some(value) => order.raw_field(&format!("/{member}"), value),
            None => order,
        }));
    }
    let needed = |option: &str, value: Option<String>| match value {
        Some(value) if !value.trim().is_empty() => Ok(value),
        Some(_) => Err(Failure::Unusable(format!("{option} is empty"))),
        None => {
            Err(Failure::Unusable(format!("{option} is missing, and --biz has no such member")))
        }
    };
    let [(_, number, out_trade_no), (_, yuan, total), (_, text, subject)] = given;
    let total = self::amount(&needed(yuan, total)?)
        .map_err(|problem| Failure::Unusable(format!("`total_amount` in --biz: {problem}")))?;
    let payment = Payment::new(needed(number, out_trade_no)?, total, needed(text, subject)?);
    let order = match kind {
        Kind::Page => client.page_pay(&payment),
        Kind::Wap => client.wap_pay(&payment),
        Kind::App | Kind::Other(_) => client.app_pay(&payment),
    };
    Ok(content.0.into_iter().fold(order, |order, (name, value)| {
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        order.raw_field(&pointer, value)
    }))
}

fn object(given: &Given) -> Result<Members, Failure> {
    let name = given.name("--biz");
    let text = given.text()?;
    let no_json = |error| Failure::Unusable(format!("{name}: this is no JSON: {error}"));
    let json: &RawValue =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(no_json)?;
    if !json.get().starts_with('{') {
        return Err(Failure::Unusable(format!("{name}: this is JSON, and no object")));
    }
    serde_json::from_str(json.get()).map_err(|error| Failure::Unusable(format!("{name}: {error}")))
}

/// The members of a JSON object as they are written, since an order must have the numbers that were given. None is
/// there twice.
#[derive(Default)]
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        let index = self.0.iter().position(|(member, _)| member == name)?;
        Some(self.0.remove(index).1)
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadMembers)
    }
}

struct ReadMembers;

impl<'de> Visitor<'de> for ReadMembers {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some((name, value)) = entries.next_entry::<String, Box<RawValue>>()? {
            if members.0.iter().any(|(before, _)| *before == name) {
                return Err(A::Error::custom(format_args!("`{name}` is there twice")));
            }
            members.0.push((name, value));
        }
        Ok(members)
    }
}

fn show(order: &SignedOrder, options: &Options, output: &Output) {
    let Shape { url, form, string, explain } = options.shape;
    if output.is_json() {
        output.document(&json!({
            "method": order.method(),
            "url": order.url(),
            "form": order.form(),
            "order_string": order.order_string(),
            "string_to_sign": string_to_sign(order),
        }));
    } else if explain {
        output.line(string_to_sign(order));
    } else if form {
        output.line(order.form());
    } else if url || !string && matches!(options.kind, Kind::Page | Kind::Wap) {
        output.line(order.url());
    } else {
        output.line(order.order_string());
    }
}

/// The string to sign, without a token.
fn string_to_sign(order: &SignedOrder) -> String {
    let text = order.string_to_sign();
    let token = order.parameters().find(|(name, _)| *name == "app_auth_token");
    match token {
        Some((name, token)) => {
            text.replace(&format!("{name}={token}"), &format!("{name}={HIDDEN}"))
        }
        None => text,
    }
}
