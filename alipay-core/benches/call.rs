//! Whole calls over HTTP, and their halves without it, against a client written by hand.

#[path = "support/mod.rs"]
mod support;

use std::rc::Rc;

use alipay_core::{
    Call, Response,
    model::{Field, Model, Table},
    operation::{Method, Operation, OperationInfo},
    value::Value,
};
use criterion::Criterion;
use serde::{Deserialize, Serialize};
use support::{BACKEND, client, cpu, cpu_of_calls, group, probe::Probe, runtime, server};

/// A model as the generator writes it, and serde's derives for the floor.
macro_rules! model {
    ($name:ident { $($field:ident),* $(,)? }) => {
        #[derive(Clone, Default, Serialize, Deserialize)]
        #[serde(default)]
        struct $name {
            $(#[serde(skip_serializing_if = "Option::is_none")] $field: Option<String>),*
        }

        impl Model for $name {
            fn table(&self) -> &'static Table {
                const TABLE: &Table =
                    &Table::new(stringify!($name), &[$(Field::body(stringify!($field))),*]);
                TABLE
            }

            #[allow(unused_assignments)]
            fn field(&self, index: usize) -> Option<&dyn Value> {
                let mut at = 0;
                $(if index == at { return Some(&self.$field); } at += 1;)*
                None
            }

            #[allow(unused_assignments)]
            fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
                let mut at = 0;
                $(if index == at { return Some(&mut self.$field); } at += 1;)*
                None
            }

            fn blank() -> Self {
                Self::default()
            }
        }
    };
}

model!(Request {
    out_biz_no,
    activity_name,
    merchant_access_mode,
    activity_id,
    begin_time,
    end_time,
    amount,
    merchant_id,
    brand_name,
    notify_url,
    description,
});

model!(Reply {
    activity_id,
    activity_name,
    activity_status,
    out_biz_no,
    begin_time,
    end_time,
    amount,
    merchant_id,
    brand_name,
    notify_url,
    description,
    recharge_url,
});

enum Create {}

const TARGET: &str = "/v3/alipay/marketing/activity/voucher/create";

impl Operation for Create {
    type Request = Request;
    type Response = Reply;
    type Reply = Response<Reply>;
    const INFO: &'static OperationInfo =
        &OperationInfo::new("alipay.marketing.activity.voucher.create", Method::Post, TARGET)
            .idempotent_by("out_biz_no");
}

fn request() -> Request {
    let text = |text: &str| Some(text.to_owned());
    Request {
        out_biz_no: text("20261122000100010001"),
        activity_name: text("满10减1活动"),
        merchant_access_mode: text("SELF_MODE"),
        activity_id: text("2016042700826004508401111111"),
        begin_time: text("2026-11-22 00:00:00"),
        end_time: text("2026-12-22 23:59:59"),
        amount: text("10.00"),
        merchant_id: text("2088202967380463"),
        brand_name: text("一家小店"),
        notify_url: text("https://example.com/alipay/notifications"),
        description: text("全场满十元立减一元,每人限领一张"),
    }
}

/// An answer of about one kilobyte.
fn reply() -> String {
    let request = request();
    let reply = Reply {
        activity_id: request.activity_id,
        activity_name: request.activity_name,
        activity_status: Some("ACTIVE".to_owned()),
        out_biz_no: request.out_biz_no,
        begin_time: request.begin_time,
        end_time: request.end_time,
        amount: request.amount,
        merchant_id: request.merchant_id,
        brand_name: request.brand_name,
        notify_url: request.notify_url,
        description: request.description,
        recharge_url: Some(format!("https://example.com/recharge?{}", "a=1&".repeat(100))),
    };
    serde_json::to_string(&reply).unwrap_or_default()
}

fn halves(criterion: &mut Criterion) {
    let client = client("http://127.0.0.1:9");
    for encrypted in [false, true] {
        let how = if encrypted { "encrypted" } else { "plain" };
        let probe = Probe::new("http://127.0.0.1:9", encrypted);
        let request = request();
        let call = || {
            let call = Call::<Create>::new(&client, &request);
            if encrypted { call.encrypted() } else { call }
        };
        group(
            criterion,
            &format!("call/encode and sign/{how}/{BACKEND}"),
            &mut [
                ("floor", &mut |bencher| cpu(bencher, || probe.sign("POST", TARGET, &request))),
                ("client", &mut |bencher| cpu(bencher, || call().prepare())),
            ],
        );
        let answer =
            if encrypted { server::encrypted_answer(&reply()) } else { server::answer(&reply()) };
        let Ok(prepared) = call().prepare() else { return };
        group(
            criterion,
            &format!("call/verify and decode/{how}/{BACKEND}"),
            &mut [
                ("floor", &mut |bencher| {
                    cpu(bencher, || probe.finish::<Reply>(answer.headers(), answer.body()));
                }),
                ("client", &mut |bencher| {
                    cpu(bencher, || {
                        let reply = client.finish::<Create>(prepared.context(), answer.clone());
                        assert!(reply.is_ok());
                        reply
                    });
                }),
            ],
        );
    }
}

fn whole(criterion: &mut Criterion) {
    let server = server::start(&reply());
    let runtime = runtime();
    for (encrypted, at_a_time) in [(false, 1), (false, 32), (true, 1), (true, 32)] {
        let how = if encrypted { "encrypted" } else { "plain" };
        let probe = Rc::new(Probe::new(&server, encrypted));
        let by_hand = move || {
            let probe = Rc::clone(&probe);
            async move { probe.post::<_, Reply>(TARGET, &request()).await }
        };
        let client = client(&server);
        let call = move || {
            let call = Call::<Create>::new(&client, &request());
            let call = if encrypted { call.encrypted() } else { call };
            async move { assert!(call.await.is_ok()) }
        };
        group(
            criterion,
            &format!("call/whole/{how}/{at_a_time} at a time/{BACKEND}"),
            &mut [
                ("floor", &mut |bencher| {
                    cpu_of_calls(bencher, &runtime, at_a_time, by_hand.clone())
                }),
                ("client", &mut |bencher| cpu_of_calls(bencher, &runtime, at_a_time, call.clone())),
            ],
        );
    }
}

fn main() {
    let mut criterion = support::criterion();
    halves(&mut criterion);
    whole(&mut criterion);
    criterion.final_summary();
}
