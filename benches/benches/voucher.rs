//! Calls of the voucher operations with their real models: over HTTP to the local gateway, and
//! without HTTP.

#![allow(
    clippy::semicolon_if_nothing_returned,
    clippy::unwrap_used,
    clippy::wildcard_imports,
    reason = "closures that hand on what they measure"
)]

#[path = "../../alipay-voucher/tests/client/support/mod.rs"]
mod tested;

use std::rc::Rc;

use alipay_benches::{client, cpu, cpu_of_calls, group, key, probe::Probe, runtime, server};
use alipay_mock::{Gateway, GatewayKeys};
use alipay_voucher::{VoucherApi, models::*};
use criterion::Criterion;
use serde_json::Value as Json;
use tested::create_request;

const OUT_BIZ_NO: &str = "20261122000100010001";

/// The gateway, with the keys of the benches.
fn gateway() -> Gateway {
    let keys =
        GatewayKeys::parse(key("app_private_pkcs8"), key("alipay_private_pkcs8"), key("aes_key"))
            .unwrap();
    Gateway::builder().app_id(key("app_id")).keys(keys).start_blocking().unwrap()
}

/// `create` without HTTP. The floor of writing is a tree of JSON values that is there already.
fn halves(criterion: &mut Criterion) {
    let api = VoucherApi::new(client("http://127.0.0.1:9"));
    let request = create_request(OUT_BIZ_NO);
    let json = serde_json::to_value(&request).unwrap();
    group(
        criterion,
        "voucher/write create",
        &mut [
            ("floor (JSON value)", &mut |bencher| cpu(bencher, || serde_json::to_vec(&json))),
            ("model", &mut |bencher| cpu(bencher, || serde_json::to_vec(&request))),
            ("call", &mut |bencher| cpu(bencher, || api.create(&request))),
        ],
    );
    let text = json.to_string();
    group(
        criterion,
        "voucher/read create",
        &mut [
            ("floor (JSON value)", &mut |bencher| {
                cpu(bencher, || serde_json::from_str::<Json>(&text))
            }),
            ("model", &mut |bencher| cpu(bencher, || serde_json::from_str::<CreateRequest>(&text))),
        ],
    );
}

/// `create`, to a server with one fixed response.
fn create(criterion: &mut Criterion) {
    let server = server::start(r#"{"activity_id":"2016042700826004508401111111"}"#);
    let runtime = runtime();
    for at_a_time in [1, 32] {
        let probe = Rc::new(Probe::new(&server, false));
        let json = Rc::new(serde_json::to_value(create_request(OUT_BIZ_NO)).unwrap());
        let by_hand = move || {
            let (probe, json) = (Rc::clone(&probe), Rc::clone(&json));
            async move {
                let target = "/v3/alipay/marketing/activity/voucher/create";
                probe.post::<_, Json>(target, &*json).await
            }
        };
        let api = VoucherApi::new(client(&server));
        let request = Rc::new(create_request(OUT_BIZ_NO));
        let call = move || {
            let call = api.create(&*request);
            async move { call.await.unwrap() }
        };
        group(
            criterion,
            &format!("voucher/create/{at_a_time} at a time"),
            &mut [
                ("floor", &mut |bencher| {
                    cpu_of_calls(bencher, &runtime, at_a_time, by_hand.clone())
                }),
                ("client", &mut |bencher| cpu_of_calls(bencher, &runtime, at_a_time, call.clone())),
            ],
        );
    }
}

/// `create`, to the local gateway, which keeps it under its idempotency key.
fn against_the_gateway(criterion: &mut Criterion) {
    let gateway = gateway();
    let runtime = runtime();
    let probe = Rc::new(Probe::new(gateway.base_url(), false));
    // One request for both: the gateway refuses a second one with the same `out_biz_no` and other content.
    let request = Rc::new(create_request(OUT_BIZ_NO));
    let json = Rc::new(serde_json::to_value(&*request).unwrap());
    let by_hand = move || {
        let (probe, json) = (Rc::clone(&probe), Rc::clone(&json));
        async move {
            let target = "/v3/alipay/marketing/activity/voucher/create";
            probe.post::<_, Json>(target, &*json).await
        }
    };
    let api = VoucherApi::new(client(gateway.base_url()));
    let call = move || {
        let call = api.create(&*request);
        async move { call.await.unwrap() }
    };
    group(
        criterion,
        "voucher/create at the gateway/32 at a time",
        &mut [
            ("floor", &mut |bencher| cpu_of_calls(bencher, &runtime, 32, by_hand.clone())),
            ("client", &mut |bencher| cpu_of_calls(bencher, &runtime, 32, call.clone())),
        ],
    );
}

fn main() {
    let mut criterion = alipay_benches::criterion();
    halves(&mut criterion);
    create(&mut criterion);
    against_the_gateway(&mut criterion);
    criterion.final_summary();
}
