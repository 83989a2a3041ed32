//! Header parameters that a description has: which names and values can be sent.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::borrow::Cow;

use crate::common::client;
use alipay_core::{
    Call, Error, ErrorKind, Prepared, Response,
    operation::{Method, Operation, OperationInfo},
};

/// A request with one header parameter, whose name is a parameter of the type.
macro_rules! operation_with_header {
    ($module:ident, $header:literal) => {
        mod $module {
            use super::*;

            alipay_core::model! {
                /// A request with one header.
                pub(super) struct Request: optional {
                    pub(super) value: Option<String> = header($header),
                }
            }

            pub(super) enum Call {}

            impl Operation for Call {
                type Request = Request;
                type Response = Request;
                type Reply = Response<Request>;
                const INFO: &'static OperationInfo =
                    &OperationInfo::new("shop.header", Method::Get, "/v3/shop/header");
            }
        }
    };
}

operation_with_header!(own, "x-shop-id");

fn own(value: &str) -> Result<Prepared, Error> {
    Call::<own::Call>::new(&client(), &own::Request { value: Some(value.to_owned()) }).prepare()
}

#[test]
fn a_value_is_sent_as_it_is_or_not_at_all() {
    for value in ["17", "a b", "~!@#$%^&*()[]{}\"'<>,.?/\\|", "a:b;c=d"] {
        let sent = own(value).unwrap();
        assert_eq!(sent.request().headers()["x-shop-id"], value);
    }
    // A server strips what is around a value, reads other bytes in its own way, and takes a line
    // break for the end.
    for value in [" 17", "17 ", "\t17", "1\t7", "é", "活动", "a\r\nb", "a\nb", "\u{7f}", "\0"] {
        let error = own(value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{value:?}");
        assert!(error.to_string().contains("`x-shop-id`"), "{error}");
    }
    let absent =
        Call::<own::Call>::new(&client(), &own::Request { value: None }).prepare().unwrap();
    assert!(!absent.request().headers().contains_key("x-shop-id"));
}

/// What the protocol or the HTTP stack sets cannot be set by a description, in any spelling.
#[test]
fn names_of_the_protocol_are_refused() {
    macro_rules! refused {
        ($($module:ident: $header:literal),* $(,)?) => {
            $(operation_with_header!($module, $header);)*
            $({
                let request = $module::Request { value: Some("1".to_owned()) };
                let error = Call::<$module::Call>::new(&client(), &request).prepare().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Request, $header);
                let name = Cow::from($header);
                assert!(error.to_string().contains(&*name), "{error}");
            })*
        };
    }
    refused! {
        a: "host",
        b: "content-length",
        c: "transfer-encoding",
        d: "cookie",
        e: "authorization",
        f: "alipay-app-auth-token",
        g: "alipay-root-cert-sn",
        h: "alipay-request-id",
        i: "alipay-encrypt-type",
        j: "Alipay-Signature",
        k: "ALIPAY-ANYTHING",
        l: "Authorization",
        m: "accept",
        n: "accept-encoding",
        o: "connection",
        p: "content-encoding",
        q: "content-type",
        r: "expect",
        s: "te",
        t: "trailer",
        u: "upgrade",
        v: "user-agent",
        w: "proxy-authorization",
        x: "not a name",
        y: "",
    }
}
