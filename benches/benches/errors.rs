//! Errors written as a line, with the request's personal texts taken out.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

use alipay_benches::{client, cpu, group};
use alipay_core::{Error, operation::Method};
use bytes::Bytes;
use criterion::Criterion;

/// As many as responses may have by default.
const LARGEST: usize = 8_000_000;

/// Personal texts with much in common.
fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("user-number-{number:08}")).collect()
}

/// An error with this message, of a call with these texts.
fn error(texts: &[String], message: &str) -> Error {
    let client = client("http://127.0.0.1:9");
    let call = client.raw(Method::Post, "/v3/x").json(&texts).prepare().unwrap();
    let body = format!(r#"{{"code":"X","message":"{message}"}}"#);
    let response = http::Response::builder().status(400).body(Bytes::from(body)).unwrap();
    client.finish::<alipay_core::Raw>(call.context(), response).unwrap_err()
}

/// The floor knows nothing personal and has little to say.
fn lines(criterion: &mut Criterion) {
    let floor = error(&[], "no such user");
    let filled = |unit: &str, size: usize| unit.repeat(size / unit.len());
    // Begins like all of the texts, and goes on otherwise, very often.
    let echo = "user-number-0000";
    let few = error(&texts(1), &filled(echo, 300));
    let many = error(&texts(1_000), &filled(echo, LARGEST));
    let very_many = error(&texts(100_000), &filled(echo, LARGEST));
    let nested: Vec<_> = (0..1_000).map(|length| "a".repeat(length) + "0").collect();
    let nested = error(&nested, &filled("a", LARGEST));
    let long = error(&[filled("b", LARGEST)], &filled("b", LARGEST));
    let line = |error: &Error| assert!(error.to_string().len() > 40);
    group(
        criterion,
        "error/line",
        &mut [
            ("floor (nothing personal)", &mut |bencher| cpu(bencher, || line(&floor))),
            ("1 text, 300 bytes of message", &mut |bencher| cpu(bencher, || line(&few))),
            ("1,000 texts, 8 MB of message", &mut |bencher| cpu(bencher, || line(&many))),
            ("100,000 texts, 8 MB", &mut |bencher| cpu(bencher, || line(&very_many))),
            ("1,000 texts that begin alike, 8 MB", &mut |bencher| cpu(bencher, || line(&nested))),
            ("1 text of 8 MB, 8 MB", &mut |bencher| cpu(bencher, || line(&long))),
        ],
    );
}

/// What it costs to know the texts, which every call pays. The floor has as much to sign, but one text.
fn calls(criterion: &mut Criterion) {
    let client = client("http://127.0.0.1:9");
    let many = texts(1_000);
    let one = [many.concat()];
    let call = |texts: &[String]| {
        assert!(client.raw(Method::Post, "/v3/x").json(&texts).prepare().is_ok());
    };
    group(
        criterion,
        "error/call with texts",
        &mut [
            ("floor (1 text)", &mut |bencher| cpu(bencher, || call(&one))),
            ("1,000 texts", &mut |bencher| cpu(bencher, || call(&many))),
        ],
    );
}

fn main() {
    let mut criterion = alipay_benches::criterion();
    lines(&mut criterion);
    calls(&mut criterion);
    criterion.final_summary();
}
