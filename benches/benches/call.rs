//! Whole calls over HTTP, and their halves without it, against a client written by hand.

#![allow(clippy::semicolon_if_nothing_returned, reason = "closures that hand on what they measure")]

use std::rc::Rc;

use alipay_benches::{
    BACKEND, client, cpu, cpu_of_calls, credentials, group,
    models::{Create, Reply, Request, TARGET, reply, request},
    probe::Probe,
    runtime,
    server::{self, Response},
};
use alipay_core::{Call, Client, model};
use criterion::Criterion;

/// Models read and written by their tables, against serde's derives for the same structs.
fn models(criterion: &mut Criterion) {
    struct Table<'a>(&'a Request);
    impl serde::Serialize for Table<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            model::serialize(self.0, serializer)
        }
    }
    let (request, reply) = (request(), reply());
    group(
        criterion,
        "model/encode",
        &mut [
            ("floor (derive)", &mut |bencher| cpu(bencher, || serde_json::to_vec(&request))),
            ("table", &mut |bencher| cpu(bencher, || serde_json::to_vec(&Table(&request)))),
        ],
    );
    group(
        criterion,
        "model/decode",
        &mut [
            ("floor (derive)", &mut |bencher| {
                cpu(bencher, || serde_json::from_str::<Reply>(&reply));
            }),
            ("table", &mut |bencher| {
                cpu(bencher, || {
                    let mut model = Reply::default();
                    let mut json = serde_json::Deserializer::from_str(&reply);
                    model::deserialize(&mut model, &mut json).map(|()| model)
                });
            }),
        ],
    );
}

/// How many responses a client remembers whose work is measured with responses made beforehand.
const REMEMBERED: usize = 16;

fn halves(criterion: &mut Criterion) {
    let client = Client::builder(credentials()).remembered_responses(REMEMBERED).build();
    let Ok(client) = client else { return };
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
        let response =
            if encrypted { Response::encrypted(&reply()) } else { Response::plain(&reply()) };
        // More than the client remembers, so that each is new to it when its turn comes again.
        let responses: Vec<_> = (0..3 * REMEMBERED).map(|_| response.signed()).collect();
        let (mut for_floor, mut for_client) = (responses.iter().cycle(), responses.iter().cycle());
        let Ok(prepared) = call().prepare() else { return };
        group(
            criterion,
            &format!("call/verify and decode/{how}/{BACKEND}"),
            &mut [
                ("floor", &mut |bencher| {
                    cpu(bencher, || {
                        let Some(response) = for_floor.next() else { return };
                        probe.finish::<Reply>(response.headers(), response.body());
                    });
                }),
                ("client", &mut |bencher| {
                    cpu(bencher, || {
                        let response = for_client.next()?;
                        let reply = client.finish::<Create>(prepared.context(), response.clone());
                        assert!(reply.is_ok());
                        reply.ok()
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
    let mut criterion = alipay_benches::criterion();
    models(&mut criterion);
    halves(&mut criterion);
    whole(&mut criterion);
    criterion.final_summary();
}
