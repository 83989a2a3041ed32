//! `alipay call`: calls an operation.

mod explain;
mod report;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alipay_core::operation::{Method, Safety};
use alipay_core::settings::{Input, Settings};
use alipay_core::value::File;
use alipay_core::{Call, Client, Environment, ErrorKind, Raw};
use alipay_mock::description::{Finding, Operation, Request};
use alipay_mock::program::stop_signal;
use alipay_openapi::diag::inline;
use clap::Args;
use serde_json::json;
use serde_json::value::RawValue;

use self::explain::Explained;
use crate::input::{self, Given, Pair, pair};
use crate::lookup;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::runtime::block_on;

pub(crate) const EXAMPLES: &str = "Examples:
  alipay call alipay.trade.query --body '{\"out_trade_no\":\"20261127_0001\"}'
  alipay call alipay.trade.refund --body @refund.json --dry-run --explain
  alipay call GET /v3/alipay/marketing/activity/2016042700826004508401111111 --query merchant_access_mode=SELF_MODE
  alipay call alipay.merchant.item.file.upload --body '{\"scene\":\"SYNC_ORDER\"}' --file file_content=@photo.png

The settings are those of all commands; `alipay doctor` looks at them. With ALIPAY_ENCRYPT_KEY the content is
encrypted. The token of a merchant is in ALIPAY_APP_AUTH_TOKEN, as it is or as `@` and the path of a file.

The body of the response, verified and decrypted, is on standard output. All else is on standard error: status,
trace id, and of an error what it means for what the call should have done.

A call is repeated when it fails and only reads. Any other one is repeated only if it was not carried out for
certain; `--repeat` allows more.

Exit codes: 0 succeeded, 1 Alipay refused the call or its outcome is unknown, 2 the request is wrong or the
settings are, and nothing was sent.";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Options {
    /// Operation, by its id, or by its method and path
    #[arg(value_name = "OPERATION", required = true, num_args = 1..=2)]
    operation: Vec<String>,
    /// JSON of the body, or `@` and the path of a file with it, or `-` for standard input
    #[arg(long, value_name = "JSON")]
    body: Option<Given>,
    /// Parameter of the query; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    query: Vec<Pair>,
    /// Value for `{NAME}` of the path
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    path: Vec<Pair>,
    /// File to upload, in the part PART; may be repeated
    #[arg(long, value_name = "PART=@FILE", value_parser = pair)]
    file: Vec<Pair>,
    /// Encrypt the content, which is done anyway if ALIPAY_ENCRYPT_KEY is set
    #[arg(long, conflicts_with = "plain")]
    encrypted: bool,
    /// Do not encrypt the content
    #[arg(long)]
    plain: bool,
    /// File with the token of the merchant to act for (`@FILE`), or `-` for standard input; by default the variable
    /// ALIPAY_APP_AUTH_TOKEN
    #[arg(long, value_name = "@FILE")]
    app_auth_token: Option<String>,
    /// Longest time in seconds that the call may take, repeats included
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: Option<u64>,
    /// Repeat also when the outcome is unknown, since the same request has no further effect: mostly because it carries
    /// a number by which Alipay recognises a repeat
    #[arg(long, conflicts_with = "once")]
    repeat: bool,
    /// Never repeat
    #[arg(long)]
    once: bool,
    /// Send it even if the description says that it is wrong, or does not have the operation
    #[arg(long)]
    unchecked: bool,
    /// Show the request with its headers, and the string that is signed: also what is personal in them, but no secret
    #[arg(long)]
    explain: bool,
    /// Check the request and send nothing; with --explain, sign it, too
    #[arg(long)]
    dry_run: bool,
}

/// What is called.
struct Target<'a> {
    /// Its id, or its method and path.
    name: String,
    operation: Option<Operation<'a>>,
    method: Method,
    path: String,
    parameters: Vec<Pair>,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let operations = lookup::operations()?;
    let name = options.operation.join(" ");
    if name.contains('?') {
        return Err(Failure::unusable("the path has a query: give it with `--query NAME=VALUE`"));
    }
    let target = match lookup::find(&operations, &name) {
        Ok(operation) => described(operation, &name, options)?,
        Err(unknown) => undescribed(&name, options).ok_or(unknown)?,
    };
    let body = body(options, &target)?;
    if let (Some(operation), false) = (&target.operation, options.unchecked) {
        check(operation, &target, body.as_deref(), options, output)?;
    }
    if options.dry_run && !options.explain {
        if output.is_json() {
            output.document(
                &json!({ "operation": target.name, "outcome": "not_sent", "findings": [] }),
            );
        } else {
            let checked = if options.unchecked { "not checked" } else { "the request is right" };
            output.line(format!("{}: {checked}; nothing was sent", target.name));
        }
        return Ok(());
    }
    let settings = Settings::from_env();
    let base_url = settings.get(Input::BaseUrl).map(|url| url.trim().to_owned());
    let client = settings.into_client().map_err(|error| {
        Failure::Unusable(format!("{error}; `alipay doctor` looks at all settings"))
    })?;
    let call = prepared_call(&client, &target, body.as_deref(), options)?;
    if options.dry_run {
        let prepared = block_on(call.prepare_async())?.map_err(Failure::unusable)?;
        explain_alone(&target, &Explained::new(&prepared), output);
        return Ok(());
    }
    send(call, &target, &base_url.unwrap_or_default(), options, output)
}

/// An operation of the description.
fn described<'a>(
    operation: Operation<'a>,
    name: &str,
    options: &Options,
) -> Result<Target<'a>, Failure> {
    let mut parameters = options.path.clone();
    // A path that is written out has the values itself.
    if let Some((_, path)) = name.trim().split_once(char::is_whitespace)
        && path.trim() != operation.path()
    {
        let values = operation.values_of(path.trim()).unwrap_or_default();
        if let Some((name, _)) = values.first().filter(|_| !parameters.is_empty()) {
            let problem = format!("`{name}` is in the path already: leave out `--path`");
            return Err(Failure::Unusable(problem));
        }
        parameters = values;
    }
    let method = lookup::method(operation.method()).ok_or_else(|| {
        Failure::Unusable(format!("the method {} cannot be called", operation.method()))
    })?;
    Ok(Target {
        name: operation.id().to_owned(),
        method,
        path: operation.path().to_owned(),
        operation: Some(operation),
        parameters,
    })
}

/// A method and path that the description does not have, where that is allowed.
fn undescribed(name: &str, options: &Options) -> Option<Target<'static>> {
    let (method_name, path) = name.trim().split_once(char::is_whitespace)?;
    let method = lookup::method(&method_name.to_ascii_uppercase())?;
    let path = path.trim().to_owned();
    (options.unchecked && path.starts_with('/')).then(|| Target {
        name: format!("{} {path}", method.as_str()),
        operation: None,
        method,
        path,
        parameters: options.path.clone(),
    })
}

/// The body as it is sent. An operation that has one gets an empty object for none.
fn body(options: &Options, target: &Target<'_>) -> Result<Option<Box<RawValue>>, Failure> {
    let (name, text) = match &options.body {
        Some(given) => (given.name("--body"), given.text()?),
        None if options.file.is_empty()
            && target.method != Method::Get
            && target.operation.is_some_and(|operation| operation.has_body()) =>
        {
            (String::new(), "{}".to_owned())
        }
        None => return Ok(None),
    };
    if target.method == Method::Get {
        return Err(Failure::unusable("a GET has no body; give its parameters with `--query`"));
    }
    let text = text.trim_start_matches('\u{feff}').trim().to_owned();
    match RawValue::from_string(text) {
        Ok(body) => Ok(Some(body)),
        // The reader's message says what is wrong and where; it does not quote the body.
        Err(error) => Err(Failure::Unusable(format!("{name} is not JSON: {error}"))),
    }
}

/// Holds the request against the description.
fn check(
    operation: &Operation<'_>,
    target: &Target<'_>,
    body: Option<&RawValue>,
    options: &Options,
    output: &Output,
) -> Outcome {
    let mut request = Request::new();
    for (name, value) in &target.parameters {
        request = request.path(name, value);
    }
    for (name, value) in &options.query {
        request = request.query(name, value);
    }
    for (part, _) in &options.file {
        request = request.file(part);
    }
    if let Some(body) = body {
        request = request.body(body.get());
    }
    let findings = operation.check(&request);
    if findings.is_empty() {
        return Ok(());
    }
    if output.is_json() {
        let findings: Vec<_> = findings
            .iter()
            .map(|Finding { place, pointer, issue, message, .. }| {
                json!({ "place": place, "pointer": pointer, "issue": issue, "message": message })
            })
            .collect();
        let id = operation.id();
        output.document(&json!({ "operation": id, "outcome": "not_sent", "findings": findings }));
    } else {
        for Finding { place, pointer, message, .. } in &findings {
            let space = if pointer.is_empty() { "" } else { " " };
            output.problem(format_args!("{place}{space}{}: {message}", inline(pointer)));
        }
    }
    Err(Failure::Unusable(format!(
        "the request is not as the description says, so nothing was sent; `alipay describe {}` shows the fields, \
         `--unchecked` sends it anyway",
        operation.id()
    )))
}

fn prepared_call(
    client: &Client,
    target: &Target<'_>,
    body: Option<&RawValue>,
    options: &Options,
) -> Result<Call<Raw>, Failure> {
    let mut call = match &target.operation {
        Some(operation) => client.operation(operation.id()),
        None => client.raw(target.method, &target.path),
    };
    for (name, value) in &target.parameters {
        call = call.path(name, value);
    }
    for (name, value) in &options.query {
        call = call.query(name, value);
    }
    if let Some(body) = body {
        call = call.json(&body);
    }
    for (part, path) in &options.file {
        let path = path.strip_prefix('@').unwrap_or(path);
        // The error names the path.
        call = call.file(part, File::open(path).map_err(Failure::unusable)?);
    }
    if let Some(token) = app_auth_token(options)? {
        call = call.app_auth_token(&token);
    }
    if let Some(seconds) = options.timeout {
        call = call.timeout(Duration::from_secs(seconds));
    }
    if options.encrypted {
        call = call.encrypted();
    }
    if options.plain {
        call = call.plain();
    }
    if options.repeat {
        call = call.idempotent();
    }
    if options.once {
        call = call.no_retry();
    }
    Ok(call)
}

/// The token of the merchant, which is a secret.
fn app_auth_token(options: &Options) -> Result<Option<String>, Failure> {
    match &options.app_auth_token {
        Some(source) => input::secret("--app-auth-token", source).map(Some),
        None => input::app_auth_token(),
    }
}

/// Prints what would be sent.
fn explain_alone(target: &Target<'_>, explained: &Explained, output: &Output) {
    if output.is_json() {
        output.document(&json!({
            "operation": target.name,
            "outcome": "not_sent",
            "requests": [explained.document()],
        }));
    } else {
        for line in explained.lines() {
            output.line(line);
        }
        output.note("nothing was sent");
    }
}

fn send(
    call: Call<Raw>,
    target: &Target<'_>,
    base_url: &str,
    options: &Options,
    output: &Output,
) -> Outcome {
    let reads_only = match &target.operation {
        Some(operation) => lookup::safety(operation) != Safety::Unsafe,
        None => target.method == Method::Get,
    };
    if !reads_only && base_url.trim_end_matches('/') == Environment::Production.base_url() {
        output.note(format!("this call goes to production: {base_url}"));
    }
    let sent = Arc::new(Mutex::new(Vec::new()));
    let call = if options.explain {
        let sent = Arc::clone(&sent);
        call.inspect(move |prepared| {
            sent.lock().unwrap_or_else(PoisonError::into_inner).push(Explained::new(prepared));
        })
    } else {
        call
    };
    let result = block_on(async {
        if reads_only {
            // It may end at once.
            return Ok::<_, io::Error>(Some(call.send().await));
        }
        let stopped = stop_signal()?;
        tokio::select! {
            result = call.send() => Ok(Some(result)),
            () = stopped => Ok(None),
        }
    })?;
    let cannot = |error: io::Error| Failure::Unusable(format!("cannot wait for Ctrl-C: {error}"));
    let result = result.map_err(cannot)?;
    let sent = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));
    if !output.is_json() {
        for explained in &sent {
            for line in explained.lines() {
                output.note(line);
            }
            output.note("");
        }
    }
    let requests: Vec<_> = sent.iter().map(Explained::document).collect();
    let Some(result) = result else {
        report::interrupted(&target.name, requests, output);
        return Err(Failure::Found);
    };
    match result {
        Ok(response) => {
            report::succeeded(&target.name, &response, requests, output);
            // The other exit code says that nothing was sent.
            output.finish().map_err(|failure| {
                if let Failure::Unusable(problem) = failure {
                    output.problem(problem);
                }
                Failure::Found
            })
        }
        Err(error) if matches!(error.kind(), ErrorKind::Request | ErrorKind::Configuration) => {
            Err(Failure::unusable(error))
        }
        Err(error) => {
            report::failed(&target.name, &error, requests, reads_only, output);
            Err(Failure::Found)
        }
    }
}
