//! What the reading of descriptions and the runtime both know: they must agree.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::support;

use alipay_core::{
    Call, Response,
    operation::{Method, Operation, OperationInfo},
    value,
};
use alipay_openapi::{
    Description,
    ir::Ty,
    ir::fit::{is_key, misfit},
    load::Source,
};
use serde_json::json;
use support::gateway;

/// An example is shown only if it is a value of its type, which the runtime decides.
#[test]
fn examples_fit_when_the_runtime_reads_them() {
    let strings = [
        "",
        "0",
        "-0",
        "1",
        "-1",
        "+1",
        "01",
        "1.",
        ".5",
        "-.5",
        "1.5",
        "1.50",
        "1.505",
        "1e3",
        "1,5",
        " 1",
        "1 ",
        "١",
        "999999999999999999",
        "9999999999999999999",
        "9999999999999999.99",
        "0.999999999999999999",
        "1.000",
        "000000000000000001",
        "0000000000000000001",
        "-999999999999999999",
        "--1",
        "-",
        "1.5.5",
        "NaN",
        "inf",
        "99999999999999999.9",
        "9223372036854775807",
        "0.0000000000000000001",
        "00000000000000000.01",
        "2026-01-31",
        "2026-02-29",
        "2028-02-29",
        "2000-02-29",
        "1900-02-29",
        "2100-02-28",
        "2026-04-31",
        "2026-13-01",
        "2026-00-10",
        "2026-1-01",
        "2026-01-00",
        "0000-01-01",
        "9999-12-31",
        "10000-01-01",
        "2026/01/31",
        "+026-01-31",
        "08:30:00",
        "24:00:00",
        "23:59:59",
        "23:59:60",
        "00:00:00",
        "8:30:00",
        "08:30",
        "08:30:00.0",
        "+8:30:00",
        "2026-01-31 08:30:00",
        "2026-01-31T08:30:00",
        "2026-01-31  08:30:00",
        "2026-02-30 08:30:00",
        "2026-01-31 08:30:60",
        "2026-01-31 08:30:00 ",
        "0000-00-00 00:00:00",
    ];
    for string in strings {
        for (ty, is_read) in [
            (Ty::Decimal, string.parse::<value::Decimal>().is_ok()),
            (Ty::Yuan, string.parse::<value::Yuan>().is_ok()),
            (Ty::LocalDate, string.parse::<value::LocalDate>().is_ok()),
            (Ty::LocalTime, string.parse::<value::LocalTime>().is_ok()),
            (Ty::LocalDateTime, string.parse::<value::LocalDateTime>().is_ok()),
        ] {
            let why = misfit(&|_| None, &ty, &json!(string));
            // The runtime reads these as well, but no example should be written so.
            let is_lenient = ty == Ty::Yuan && string == "1.000" || string == "+1";
            let fits = why.is_none();
            assert!(fits == is_read || is_read && is_lenient, "{string:?} as {ty:?}: {why:?}");
        }
    }
}

#[test]
fn keys_fit_when_the_runtime_takes_them() {
    let long = "k".repeat(64);
    for key in ["", " ", "a", "a b", "~", "\u{7f}", "\t", "é", &long, &format!("{long}k")] {
        assert_eq!(is_key(key), value::IdempotencyKey::new(key).is_ok(), "{key:?}");
    }
}

/// A description with a header parameter.
fn header(name: &str) -> Source {
    let description = json!({
        "openapi": "3.0.3",
        "info": { "title": "Shop", "version": "1" },
        "paths": { "/v3/shop": { "get": {
            "operationId": "shop.query",
            "tags": ["shop"],
            "parameters": [{ "name": name, "in": "header", "schema": { "type": "string" } }],
            "responses": { "200": { "description": "" } },
        } } },
    });
    Source::new("shop.json", description.to_string())
}

/// A header that a description may name can be sent, and no other can be.
#[test]
fn a_header_is_refused_by_both_or_by_none() {
    macro_rules! headers {
        ($($module:ident: $header:literal,)*) => {
            $(mod $module {
                use super::*;

                alipay_core::model! {
                    /// A request with one header.
                    pub(super) struct Request: optional {
                        pub(super) value: Option<String> = header($header),
                    }
                }

                pub(super) enum Query {}

                impl Operation for Query {
                    type Request = Request;
                    type Response = Request;
                    type Reply = Response<Request>;
                    const INFO: &'static OperationInfo =
                        &OperationInfo::new("shop.query", Method::Get, "/v3/shop");
                }
            })*
            let client = gateway().client().unwrap();
            $({
                let request = $module::Request { value: Some("1".to_owned()) };
                let sent = Call::<$module::Query>::new(&client, &request).prepare().is_ok();
                let read = Description::new(header($header)).api().is_ok();
                assert_eq!(sent, read, "{:?}: the runtime, then the description", $header);
            })*
        };
    }
    headers! {
        h01: "x-shop-id", h02: "Idempotency-Key", h03: "range", h04: "if-match", h05: "accept-language",
        h06: "referer", h07: "origin", h08: "date", h09: "via", h10: "x-alipay", h11: "cache-control",
        h12: "accept", h13: "Accept-Encoding", h14: "authorization", h15: "connection",
        h16: "content-encoding", h17: "content-length", h18: "Content-Type", h19: "cookie", h20: "expect",
        h21: "Host", h22: "te", h23: "trailer", h24: "transfer-encoding", h25: "upgrade",
        h26: "user-agent", h27: "alipay-request-id", h28: "ALIPAY-ANYTHING", h29: "proxy-authorization",
        h30: "not a name", h31: "", h32: "keep-alive", h33: "a:b", h34: "é", h35: "content-language",
    }
}
