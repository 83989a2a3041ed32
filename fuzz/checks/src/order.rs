//! Orders for pages and apps: the first line has the method, and what is done with it. Lines `name=value` follow, an empty
//! line, and what is ordered.

use std::{
    pin::pin,
    sync::LazyLock,
    task::{Context, Poll, Waker},
};

use alipay_core::{
    Client, Error, ErrorKind, Outcome,
    order::{PageOrder, SignedOrder},
};
use alipay_mock::{Clock, Gateway, Offline};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, value::RawValue};

use crate::{
    alipay::{AES, APP, CERTIFICATES, GATEWAY, KEYS, client, key, now},
    errors,
    form::{self, Pair},
    page,
};

/// The methods that the gateway takes.
const METHODS: [&str; 3] =
    ["alipay.trade.page.pay", "alipay.trade.wap.pay", "alipay.trade.app.pay"];
/// The shortest string that no error has by chance.
const SECRET: usize = 12;

static OF_KEYS: LazyLock<Client> = LazyLock::new(|| client(&KEYS));
static OF_CERTIFICATES: LazyLock<Client> = LazyLock::new(|| client(&CERTIFICATES));

/// An order is refused by a sound error, or it is the same as a link, a string and a form, signed by the protocol's rule,
/// and the gateway takes its signature. It takes none that was changed. From one that is paid the buyer returns.
pub fn order(data: &[u8]) -> bool {
    let Some(given) = str::from_utf8(data).ok().and_then(Given::read) else { return false };
    let Some(order) = given.order() else { return false };
    match signed(order) {
        Ok(order) => {
            let pairs = same(&order);
            ordered(&given, &pairs);
            is_signed(&order, &pairs);
            !given.has("certified") && at_the_gateway(&given, &order, &pairs)
        }
        Err(error) => {
            errors::sound(&error, &given.secrets());
            assert_eq!(error.outcome(), Outcome::NotSent);
            assert_eq!(error.kind(), ErrorKind::Request, "{error:?}");
            false
        }
    }
}

struct Given<'a> {
    method: &'a str,
    words: Vec<&'a str>,
    lines: Vec<(&'a str, &'a str)>,
    content: &'a str,
}

impl<'a> Given<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (head, content) = text.split_once("\n\n")?;
        let mut head = head.lines();
        let mut words = head.next()?.split(' ');
        let method = words.next()?;
        let lines = head.map(|line| line.split_once('=')).collect::<Option<_>>()?;
        Some(Self { method, words: words.collect(), lines, content })
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// The byte that is changed on the way.
    fn change(&self) -> Option<usize> {
        self.words.iter().find_map(|word| word.parse().ok())
    }

    /// `None` if JSON has to be there and is not.
    fn order(&self) -> Option<PageOrder> {
        let client = if self.has("certified") { &OF_CERTIFICATES } else { &OF_KEYS };
        let mut order = client.page_order(self.method);
        if !self.content.is_empty() {
            order = order.biz_content(&serde_json::from_str::<&RawValue>(self.content).ok()?);
        }
        for (name, value) in &self.lines {
            order = match *name {
                "notify_url" => order.notify_url(value),
                "return_url" => order.return_url(value),
                "app_auth_token" => order.app_auth_token(value),
                "auth_token" => order.auth_token(value),
                "raw_field" => {
                    let (pointer, value) = value.split_once(' ')?;
                    order.raw_field(pointer, serde_json::from_str::<&RawValue>(value).ok()?)
                }
                _ => order.parameter(name, value),
            };
        }
        Some(if self.has("encrypted") { order.encrypted() } else { order })
    }

    /// What no error may show, unless it is a name, too.
    fn secrets(&self) -> Vec<&'a str> {
        let names = || self.lines.iter().map(|(name, _)| *name).chain([self.method]);
        let tokens = self.lines.iter().filter(|(name, _)| name.ends_with("auth_token"));
        let secrets = tokens.map(|(_, token)| *token).chain([self.content]);
        let is_secret =
            |secret: &&str| secret.len() >= SECRET && !names().any(|name| name.contains(*secret));
        secrets.filter(is_secret).collect()
    }
}

/// With a key in memory nothing is waited for.
fn signed(order: PageOrder) -> Result<SignedOrder, Error> {
    match pin!(order.sign()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(order) => order,
        Poll::Pending => panic!("it waits for a key in memory"),
    }
}

/// The parameters, which are the same in each form.
fn same(order: &SignedOrder) -> Vec<Pair> {
    let string = order.order_string();
    let pairs = form::read(string.as_bytes()).expect("a form");
    let of_string = pairs.iter().map(|pair| (&*pair.name, &*pair.value));
    let parameters = order.parameters().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    assert!(of_string.eq(parameters), "{string}");
    let url = order.url();
    assert_eq!(url.split_once('?').map(|(_, query)| query), Some(&*string));
    let form = order.form();
    assert!(form.is_ascii() && !form.contains(|c: char| c.is_control()), "{form}");
    let (action, inputs) = page::form(&form).expect("a form");
    assert!(url.starts_with(&action.replace("charset=utf-8", "")), "{url} and {action}");
    assert!(
        inputs.iter().map(|(name, value)| (&**name, &**value)).eq(order.parameters()),
        "{form}"
    );
    assert!(order.form_with_script().starts_with(&form));
    pairs
}

/// What is ordered is what was given.
fn ordered(given: &Given<'_>, pairs: &[Pair]) {
    let content = pairs.iter().find(|pair| pair.name == b"biz_content").expect("biz_content");
    let content = if given.has("encrypted") {
        AES.decrypt(&content.value).expect("decrypts")
    } else {
        content.value.clone()
    };
    let is_changed = given.lines.iter().any(|(name, _)| *name == "raw_field");
    if let (Ok(given), false) = (serde_json::from_str::<Value>(given.content), is_changed) {
        let content: Value = serde_json::from_slice(&content).expect("JSON");
        assert_eq!(content, given);
    }
}

/// All parameters are signed, sorted by their names.
fn is_signed(order: &SignedOrder, pairs: &[Pair]) {
    let (signature, pairs) = pairs.split_last().expect("parameters");
    assert_eq!(signature.name, b"sign");
    let signature = str::from_utf8(&signature.value).expect("base64");
    let signed = form::signed(pairs);
    assert!(pairs.iter().all(|pair| !pair.value.trim_ascii().is_empty()));
    assert_eq!(order.string_to_sign().as_bytes(), signed);
    assert_eq!(APP.public_key().verify(&signed, signature), Ok(()));
}

/// Whether the gateway takes it: by each way, or by none.
fn at_the_gateway(given: &Given<'_>, order: &SignedOrder, pairs: &[Pair]) -> bool {
    let millis = now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_millis();
    let clock = Clock::fixed(i64::try_from(millis).expect("a time"));
    let gateway = Gateway::builder().keys(GATEWAY.clone()).app_id(key("app_id")).clock(clock);
    let gateway = gateway.offline().expect("a gateway");
    let string = order.order_string();
    if let Some(at) = given.change() {
        let at = at % string.len();
        let mut changed = string.clone().into_bytes();
        changed[at] ^= 1;
        let placed = match form::read(&changed) {
            // Base64 has more than one form, and so have escapes.
            Some(read) if is_same(&read, pairs) => None,
            _ => String::from_utf8(changed).ok().and_then(|changed| by_link(&gateway, &changed)),
        };
        assert!(
            placed.is_none_or(|(page, _)| page.is_none()),
            "with a changed byte {at}: {string}"
        );
    }
    let (page, body) = by_link(&gateway, &string).expect("a link");
    if METHODS.contains(&order.method()) {
        assert!(!body.contains("invalid-signature"), "{body}");
    }
    let (again, _) = by_form(&gateway, pairs);
    assert_eq!(page, again, "as a link, and as a form: {string}");
    if let Some(page) = &page {
        let is_plain =
            |(name, url): &&(&str, &str)| *name == "return_url" && !url.contains(['?', '#']);
        paid(&gateway, page, given.lines.iter().rfind(is_plain).is_some());
    }
    page.is_some()
}

/// The buyer pays, and returns to the shop with a query that verifies. It is no notification.
fn paid(gateway: &Offline, page: &str, returns: bool) {
    let request = http::Request::post(page)
        .header("host", "localhost")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("do=pay".into());
    let (address, body) = placed(gateway, request.expect("a request"));
    let address = address.unwrap_or_else(|| panic!("{body}"));
    let Some((_, query)) = address.split_once('?').filter(|(_, query)| !query.is_empty()) else {
        return;
    };
    if returns {
        let returned = OF_KEYS.verify_return(&address).expect("verifies");
        assert!(returned.out_trade_no().is_some() && returned.total_amount().is_some());
        assert!(OF_KEYS.verify_notification(query.as_bytes()).is_err(), "{query}");
    }
}

/// The order's page, or why there is none.
type Placed = (Option<String>, String);

fn by_link(gateway: &Offline, query: &str) -> Option<Placed> {
    let request = http::Request::get(format!("/gateway.do?{query}")).body(Bytes::new());
    Some(placed(gateway, request.ok()?))
}

fn by_form(gateway: &Offline, pairs: &[Pair]) -> Placed {
    let pairs: Vec<_> = pairs.iter().map(Pair::as_posted).collect();
    let request = http::Request::post("/gateway.do?charset=utf-8")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form::write(&pairs).into());
    placed(gateway, request.expect("a request"))
}

fn placed(gateway: &Offline, request: http::Request<Bytes>) -> Placed {
    let response = gateway.respond(request).expect("a response");
    let page = response.headers().get("location").map(|page| page.to_str().expect("a path").into());
    assert_eq!(page.is_some(), response.status() == StatusCode::FOUND, "{response:?}");
    (page, String::from_utf8_lossy(response.body()).into_owned())
}

/// Whether two orders are the same to the protocol.
fn is_same(pairs: &[Pair], others: &[Pair]) -> bool {
    let split = |pairs: &[Pair]| {
        let (signature, rest): (Vec<Pair>, Vec<Pair>) =
            pairs.iter().cloned().partition(|pair| pair.name == b"sign");
        let bytes: Vec<_> = signature.iter().map(|pair| form::base64(&pair.value)).collect();
        (bytes, form::signed(&rest))
    };
    split(pairs) == split(others)
}
