//! `alipay verify`: whether what was captured is signed right, or the likeliest mistake.

use alipay_core::http::Response;
use alipay_core::keys::PublicKey;
use alipay_core::{Error, ErrorKind};
use alipay_mock::{Captured, Diagnosis, Rule, hide_personal_data, hide_tokens};
use clap::Args;
use serde_json::{Value, json};

use crate::captured::{self, Capture, Content, Kind};
use crate::facts;
use crate::input::Source;
use crate::known_keys::Keys;
use crate::moment::Moment;
use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output, print_string};

pub(crate) const EXAMPLES: &str = "Examples:
  curl -i … > response.txt && alipay verify response.txt --public-key alipay.pem
  pbpaste | alipay verify - --as notification
  alipay verify request.txt --at '2026-01-01 08:00:00' --json

Read are: requests and responses with their headers (`curl -i`, `curl --trace -`, HAR), bodies of notifications, the address
with which a buyer comes back, and orders for pages and apps: a link, a form or an order string.

What Alipay signs is verified with ALIPAY_PUBLIC_KEY or ALIPAY_CERT, what the app signs with the key that belongs to
ALIPAY_PRIVATE_KEY or ALIPAY_APP_CERT; a private key is not needed. Exit codes: 0 verified, 1 not, 2 unreadable.";

/// How far a request's time may be from Alipay's clock.
const WINDOW: i64 = 10 * 60 * 1000;
/// How far Beijing time is ahead of UTC.
const BEIJING: i64 = 8 * 60 * 60 * 1000;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: Source,
    /// What it is, if that is not recognised
    #[arg(long = "as", value_enum, value_name = "KIND")]
    kind: Option<Kind>,
    /// The file with the public key of the one who signs: Alipay's; of a request or an order, the app's
    #[arg(long, value_name = "FILE", conflicts_with = "cert")]
    public_key: Option<Source>,
    /// The file with the certificate of the one who signs
    #[arg(long, value_name = "FILE")]
    cert: Option<Source>,
    /// When it was received: it then has to be new, and certificates valid at that time
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Show the string that is signed also if the signature is right
    #[arg(long)]
    explain: bool,
    /// Show encrypted content, decrypted with ALIPAY_ENCRYPT_KEY
    #[arg(long)]
    decrypt: bool,
    /// Show personal data, too; otherwise `***` stands in its place
    #[arg(long)]
    show_personal: bool,
}

/// What was found out.
struct Report {
    kind: Kind,
    verified: bool,
    signature: &'static str,
    /// What is wrong, in the order of what to look at first.
    mistakes: Vec<String>,
    /// What the library says that refuses it.
    refused: Option<String>,
    diagnosis: Option<Diagnosis>,
    string_to_sign: Option<String>,
    signed_at: Option<Moment>,
    /// What does not keep it from being verified.
    warnings: Vec<String>,
    notes: Vec<String>,
    about: Vec<(&'static str, String)>,
    key: PublicKey,
    key_from: String,
    content: Option<String>,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let name = options.file.name();
    let bytes = options.file.bytes()?;
    let capture = captured::read(&bytes, options.kind)
        .map_err(|problem| Failure::Unusable(format!("cannot read {name}: {problem}")))?;
    let now = options.at.unwrap_or_else(Moment::now);
    let given = options.public_key.as_ref().or(options.cert.as_ref());
    let app_id = capture.parameter("app_id");
    let keys = Keys::read(capture.kind, given, app_id.as_deref(), now.time())?;
    let report = look(&capture, &keys, options, now);
    let good = report.verified;
    if output.is_json() {
        output.document(&report.json(now));
    } else {
        report.print(options, now, output);
    }
    if good { Ok(()) } else { Err(Failure::Found) }
}

/// What the library, or for what the app signs the local gateway, says of one reading.
struct Verdict {
    /// `None` if there is no signature.
    right: Option<bool>,
    /// Why it is refused, and of which kind that is.
    refused: Option<(String, Option<ErrorKind>)>,
    about: Vec<(&'static str, String)>,
    plain: Option<String>,
}

fn judge(
    kind: Kind,
    capture: &Capture,
    captured: &Captured,
    body: &[u8],
    keys: &Keys,
    now: Moment,
) -> Verdict {
    let right = captured.verify(&keys.signers);
    let missing = right.as_ref().err().map(ToString::to_string);
    let right = right.ok();
    let Some(credentials) = &keys.credentials else {
        let refused = missing.map(|problem| (problem, None));
        return Verdict { right, refused, about: Vec::new(), plain: None };
    };
    let at = now.time();
    let mut about = Vec::new();
    let mut plain = None;
    let result: Result<(), Error> = match kind {
        Kind::Notification => credentials.verify_notification_at(body, at).map(|notification| {
            let known = [
                ("message", "msg_method"),
                ("type", "notify_type"),
                ("trade status", "trade_status"),
                ("id", "notify_id"),
            ];
            about.extend(known.into_iter().filter_map(|(title, name)| {
                notification.parameter(name).map(|value| (title, value.to_owned()))
            }));
            plain =
                Some(notification.biz_content().to_owned()).filter(|content| !content.is_empty());
        }),
        Kind::Return => {
            credentials.verify_return_at(&String::from_utf8_lossy(body), at).map(|returned| {
                about.extend(
                    returned.out_trade_no().map(|number| ("out_trade_no", number.to_owned())),
                );
            })
        }
        _ => {
            let mut response = Response::new(body.to_vec().into());
            if let Content::Http(message) = &capture.content {
                *response.headers_mut() = message.headers.clone();
            }
            credentials.check_response_signature(&response, at)
        }
    };
    let refused = result.err().map(|error| (error.to_string(), Some(error.kind())));
    Verdict { right, refused, about, plain }
}

/// A return that verifies, without parameters that were in the `return_url` already; `None` if there are none.
fn without_own(capture: &Capture, keys: &Keys, now: Moment) -> Option<Vec<u8>> {
    let Content::Form(form) = &capture.content else { return None };
    let credentials = keys.credentials.as_ref().filter(|_| capture.kind == Kind::Return)?;
    let form = std::str::from_utf8(form).ok()?;
    let returned = credentials.verify_return_at(form, now.time()).ok()?;
    let is_alipays = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        matches!(name, "sign" | "sign_type" | "alipay_cert_sn")
            || returned.parameter(name).is_some()
    };
    let kept = form.split('&').filter(is_alipays).collect::<Vec<_>>().join("&");
    (kept != form).then(|| kept.into_bytes())
}

fn look(capture: &Capture, keys: &Keys, options: &Options, now: Moment) -> Report {
    let kind = capture.kind;
    let mut notes = capture.remarks.notes.clone();
    let mut readings = capture.readings();
    if let Some(form) = without_own(capture, keys, now) {
        notes.push(
            "parameters that Alipay did not sign are left out: they are the shop's own".into(),
        );
        readings = vec![(Captured::form(Rule::Notification, form.clone().into()), form)];
    }
    let mut judged = { readings.iter() }
        .map(|(captured, body)| (captured, body, judge(kind, capture, captured, body, keys, now)))
        .collect::<Vec<_>>();
    // What is right counts; otherwise the likeliest reading.
    let best = judged.iter().position(|(.., verdict)| verdict.right == Some(true)).unwrap_or(0);
    let (captured, body, verdict) = judged.swap_remove(best);
    let Verdict { right, refused, about, plain } = verdict;
    let mut report = Report {
        kind,
        verified: false,
        signature: match right {
            Some(true) => "right",
            Some(false) => "wrong",
            None => "missing",
        },
        mistakes: Vec::new(),
        refused: None,
        diagnosis: None,
        string_to_sign: captured.string_to_sign().ok().map(|text| shown(&text, capture)),
        signed_at: None,
        warnings: keys.problems.clone(),
        notes,
        about,
        key: keys.key.clone(),
        key_from: keys.from.clone(),
        content: None,
    };
    report.mistakes.extend(capture.remarks.changes.iter().chain(&keys.distrust).cloned());
    if right == Some(false) {
        report.mistakes.append(&mut report.warnings);
        report.diagnosis = captured.diagnose(&keys.signers).ok();
        report.mistakes.extend(report.diagnosis.iter().filter_map(|found| found.mistake.clone()));
        let is_explained =
            report.diagnosis.as_ref().is_some_and(|found| found.unexplained.is_none());
        let hints = capture.remarks.hints.iter().cloned();
        if is_explained {
            report.notes.extend(hints);
        } else {
            report.mistakes.extend(hints);
        }
    }
    let (content, undecrypted) = report.look_at_content(capture, body, plain, keys, options);
    report.content = content;
    let is_undecrypted =
        refused.as_ref().is_some_and(|(_, kind)| *kind == Some(ErrorKind::Decryption));
    match refused {
        // Nobody asked for its content.
        Some((problem, _)) if is_undecrypted && keys.aes.is_none() => report.warnings.push(problem),
        Some((problem, _)) => {
            if right != Some(false) {
                report.mistakes.push(problem.clone());
            }
            report.refused = Some(problem);
        }
        None => {}
    }
    if right.is_none() && kind == Kind::Response {
        report.notes.extend(refusal(body));
    }
    if let Some(problem) = undecrypted.filter(|_| !is_undecrypted) {
        report.mistakes.push(problem);
    }
    report.compare_serials(capture, keys);
    report.look_at_time(capture, options.at.is_some(), now);
    report.verified = right == Some(true) && report.mistakes.is_empty();
    if !options.show_personal {
        report.hide();
    }
    report
}

/// What an error without a signature says, which is why it came.
fn refusal(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let code = plain(body.get("code")?.as_str()?);
    let message: String = body.get("message")?.as_str()?.chars().take(300).collect();
    let message = hide_personal_data(&message);
    Some(format!(
        "the body is an error, `{code}` ({message}); Alipay does not sign all of its errors"
    ))
}

/// A string that is signed, without tokens.
fn shown(text: &[u8], capture: &Capture) -> String {
    let of_header = capture.header("alipay-app-auth-token").map(str::to_owned);
    let of_form = ["app_auth_token", "auth_token"].map(|name| capture.parameters(name));
    let tokens = of_header.into_iter().chain(of_form.into_iter().flatten());
    hide_tokens(String::from_utf8_lossy(text).into_owned(), tokens)
}

impl Report {
    /// The content of what is encrypted, and why it cannot be decrypted.
    fn look_at_content(
        &mut self,
        capture: &Capture,
        body: &[u8],
        plain: Option<String>,
        keys: &Keys,
        options: &Options,
    ) -> (Option<String>, Option<String>) {
        let cipher = match &capture.content {
            Content::Http(_) => {
                let is_text = capture
                    .header("content-type")
                    .is_some_and(|kind| kind.starts_with("text/plain"));
                let is_encrypted = is_text || capture.header("alipay-encrypt-type").is_some();
                let is_json = body.trim_ascii_start().starts_with(b"{");
                (is_encrypted && !is_json && !body.is_empty()).then(|| body.trim_ascii().to_vec())
            }
            Content::Form(_) => {
                let is_encrypted =
                    capture.parameter("encrypt_type").is_some_and(|kind| !kind.is_empty());
                capture.parameter("biz_content").filter(|_| is_encrypted).map(String::into_bytes)
            }
        };
        let Some(cipher) = cipher else { return (None, None) };
        let Some(key) = &keys.aes else {
            self.notes.push(
                "the content is encrypted; with ALIPAY_ENCRYPT_KEY it is looked at, too".to_owned(),
            );
            return (None, None);
        };
        let decrypted = match plain {
            Some(plain) => Ok(plain.into_bytes()),
            None => key.decrypt(&cipher),
        };
        match decrypted {
            Ok(plain) => {
                let is_json = serde_json::from_slice::<Value>(&plain).is_ok();
                let what = if is_json { "JSON" } else { "no JSON" };
                self.about.push((
                    "content",
                    format!("encrypted; it decrypts to {what}, {} bytes", plain.len()),
                ));
                let text = String::from_utf8_lossy(&plain).into_owned();
                (Some(text).filter(|_| options.decrypt), None)
            }
            Err(error) => {
                (None, Some(format!("the content is encrypted, and does not decrypt: {error}")))
            }
        }
    }

    /// Compares the serials and the app that are named with those that are known.
    fn compare_serials(&mut self, capture: &Capture, keys: &Keys) {
        let mut missed = Vec::new();
        let mut compare = |name: &str, named: Option<String>, known: Option<(&str, &str)>| {
            let pair = named.filter(|named| !named.is_empty()).zip(known);
            if let Some((named, (known, from))) = pair.filter(|(named, (known, _))| named != known)
            {
                let named = plain(&named);
                self.mistakes.push(format!("{name} is {named}, but that of {from} is {known}"));
            }
        };
        let header = |name: &str| capture.header(name).map(str::to_owned);
        let serial = keys.serial.as_ref().map(|(serial, from)| (serial.as_str(), from.as_str()));
        match capture.kind {
            Kind::Request | Kind::Order => {
                let own = capture.parameter("app_cert_sn");
                let root = header("alipay-root-cert-sn")
                    .or_else(|| capture.parameter("alipay_root_cert_sn"));
                let missing = [
                    ("app_cert_sn", own.as_ref(), serial.is_some()),
                    (
                        "the serial of the root certificates",
                        root.as_ref(),
                        keys.root_serial.is_some(),
                    ),
                ];
                let missing = missing
                    .into_iter()
                    .filter(|(_, named, is_known)| *is_known && named.is_none_or(String::is_empty));
                missed.extend(missing.map(|(name, ..)| {
                    format!("{name} is missing, which certificate mode (公钥证书模式) needs")
                }));
                compare("app_cert_sn", own, serial);
                let known = keys.root_serial.as_deref().map(|serial| (serial, "ALIPAY_ROOT_CERT"));
                compare("the serial of the root certificates", root, known);
                let known = keys.app_id.as_deref().map(|id| (id, "ALIPAY_APP_ID"));
                compare("app_id", capture.parameter("app_id"), known);
            }
            Kind::Response => compare("alipay-sn", header("alipay-sn"), serial),
            Kind::Notification | Kind::Return => {
                compare("alipay_cert_sn", capture.parameter("alipay_cert_sn"), serial);
            }
        }
        self.mistakes.append(&mut missed);
    }

    fn look_at_time(&mut self, capture: &Capture, is_strict: bool, now: Moment) {
        let (name, text) = match capture.kind {
            Kind::Response => {
                ("alipay-timestamp", capture.header("alipay-timestamp").map(str::to_owned))
            }
            Kind::Notification => match capture.parameter("utc_timestamp") {
                Some(millis) => ("utc_timestamp", Some(millis)),
                None => ("notify_time", capture.parameter("notify_time")),
            },
            Kind::Request | Kind::Return | Kind::Order => {
                ("timestamp", capture.parameter("timestamp"))
            }
        };
        let Some(text) = text else { return };
        let Some(signed) = Moment::of_millis(&text).or_else(|| Moment::of_beijing(&text)) else {
            self.warnings.push(format!("{name} is no time that can be read"));
            return;
        };
        let in_seconds = capture.kind == Kind::Request && signed.0 < 100_000_000_000;
        if in_seconds {
            self.mistakes
                .push("the timestamp is in seconds; it has to be in milliseconds".to_owned());
        }
        let signed = if in_seconds { Moment(signed.0 * 1000) } else { signed };
        self.signed_at = Some(signed);
        let age = now.0.saturating_sub(signed.0);
        let is_stale = age.unsigned_abs() > WINDOW.unsigned_abs();
        let matters = matches!(capture.kind, Kind::Request | Kind::Response | Kind::Order);
        if !is_stale || !matters {
            return;
        }
        let by = if is_strict { "when it was received" } else { "by this computer's clock" };
        let apart = signed.from(now).replace(" ago", " old");
        let takes = match capture.kind {
            Kind::Response => "a client takes a response only near the time of its request",
            _ => "Alipay takes only what is at most 10 minutes away from its clock",
        };
        let mut stale = format!("stale: the timestamp is {apart} {by}; {takes}");
        if capture.kind == Kind::Order
            && age.saturating_sub(BEIJING).unsigned_abs() <= WINDOW.unsigned_abs()
        {
            stale.push_str("; it seems to be in UTC, and has to be in Beijing time");
        }
        if is_strict { self.mistakes.push(stale) } else { self.warnings.push(stale) }
    }

    fn hide(&mut self) {
        let before = self.string_to_sign.clone();
        self.string_to_sign = self.string_to_sign.as_deref().map(hide_personal_data);
        if before != self.string_to_sign {
            self.notes.push("personal data is hidden (`***`); --show-personal shows it".to_owned());
        }
        self.diagnosis = self.diagnosis.as_ref().map(Diagnosis::without_personal_data);
        self.content = self.content.as_deref().map(hide_personal_data);
        for (_, value) in &mut self.about {
            *value = hide_personal_data(value);
        }
    }

    fn json(&self, now: Moment) -> Value {
        let difference = self.diagnosis.as_ref().and_then(|found| found.difference.as_ref());
        json!({
            "kind": self.kind.name(),
            "verified": self.verified,
            "signature": self.signature,
            "mistakes": self.mistakes,
            "unexplained": self.diagnosis.as_ref().and_then(|found| found.unexplained),
            "refused": self.refused,
            "string_to_sign": self.string_to_sign,
            "signed": self.diagnosis.as_ref().and_then(|found| found.signed.as_ref()),
            "difference": difference,
            "signed_at": self.signed_at.map(|at| at.0),
            "age_seconds": self.signed_at.map(|at| now.0.saturating_sub(at.0) / 1000),
            "key": { "from": self.key_from, "sha256": self.key.fingerprint() },
            "about": self.about.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
            "content": self.content,
            "warnings": self.warnings,
            "notes": self.notes,
        })
    }

    fn print(&self, options: &Options, now: Moment, output: &Output) {
        let kind = self.kind.name();
        if self.verified {
            let who = if self.kind.is_of_app() { "the app" } else { "Alipay" };
            output.line(
                Line::new()
                    .right("verified")
                    .plain(format_args!(": the {kind} was signed by {who}")),
            );
        } else {
            let what = match self.signature {
                "right" => format!(": the signature of the {kind} is right, but"),
                "wrong" => format!(": the signature of the {kind} is wrong (验签失败)"),
                _ => format!(": the {kind} has no signature that can be read"),
            };
            output.line(Line::new().wrong("not verified").plain(what));
        }
        let row = |title: &str, value: &str| {
            output.line(Line::new().plain("  ").faint(format_args!("{title:<14}")).plain(value));
        };
        for (number, mistake) in self.mistakes.iter().enumerate() {
            row(if number == 0 { "mistake" } else { "" }, mistake);
        }
        if let Some(unexplained) = self.diagnosis.as_ref().and_then(|found| found.unexplained) {
            row("unexplained", &format!("no known mistake explains {unexplained}"));
        }
        if let Some(refused) =
            self.refused.as_ref().filter(|refused| !self.mistakes.contains(refused))
        {
            row("refused", refused);
        }
        if let Some(difference) =
            self.diagnosis.as_ref().and_then(|found| found.difference.as_ref())
        {
            row("difference", &format!("in {difference}"));
            row("  in the file", &difference.expected);
            row("  signed", &difference.signed);
        }
        if let Some(at) = self.signed_at {
            let time = facts::time(at.time());
            row("signed at", &format!("{time}, {}", at.from(now)));
        }
        row("key", &format!("{}, SHA-256 {}", self.key_from, self.key.fingerprint()));
        for (title, value) in &self.about {
            row(title, value);
        }
        if let Some(text) =
            self.string_to_sign.as_ref().filter(|_| options.explain || !self.verified)
        {
            print_string(output, "expected string, by this file", text);
        }
        let signed = self.diagnosis.as_ref().and_then(|found| found.signed.as_ref());
        if let Some(signed) = signed.filter(|signed| Some(*signed) != self.string_to_sign.as_ref())
        {
            print_string(output, "string that was signed", signed);
        }
        if let Some(content) = &self.content {
            output.line("");
            output.line(Line::new().strong("decrypted content"));
            output.line(content.as_str());
        }
        for warning in &self.warnings {
            output.warning(warning);
        }
        for note in &self.notes {
            output.note(Line::new().faint("note:").plain(" ").plain(note));
        }
    }
}

/// A serial or an id that may be anything.
fn plain(value: &str) -> String {
    let short: String = value.chars().take(80).collect();
    hide_personal_data(&short)
}
