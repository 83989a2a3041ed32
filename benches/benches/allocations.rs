//! What a call allocates, counted: no noise, the same numbers on every machine.
//!
//! A byte that is copied into memory of its own is a byte allocated. So the bytes allocated for each
//! further byte of a body say how often the body is copied.

#![allow(clippy::cast_precision_loss, reason = "numbers far below 2^52")]

use std::rc::Rc;

use alipay_benches::{
    BACKEND, client,
    models::{Create, Reply, TARGET, reply, request},
    probe::Probe,
    runtime, server,
};
use alipay_core::Call;
use allocation_counter::{AllocationInfo, measure};

/// Bytes added to a body to see how often it is copied.
const MORE: usize = 256 * 1024;
const CALLS: u64 = 64;

/// What of a whole call is measured.
#[derive(Clone, Copy)]
struct Load {
    request: usize,
    reply: usize,
    at_a_time: u64,
}

fn floor(load: Load) -> AllocationInfo {
    let server = server::start(&padded(&reply(), load.reply));
    let probe = Rc::new(Probe::new(&server, false));
    let mut request = request();
    request.description = Some("x".repeat(load.request));
    let request = Rc::new(request);
    count(load.at_a_time, move || {
        let (probe, request) = (Rc::clone(&probe), Rc::clone(&request));
        async move { probe.post::<_, Reply>(TARGET, &*request).await }
    })
}

fn subject(load: Load) -> AllocationInfo {
    let server = server::start(&padded(&reply(), load.reply));
    let client = client(&server);
    let mut request = request();
    request.description = Some("x".repeat(load.request));
    count(load.at_a_time, move || {
        let call = Call::<Create>::new(&client, &request);
        async move { assert!(call.await.is_ok()) }
    })
}

/// A reply with so many bytes more, in a field that is skipped.
fn padded(reply: &str, more: usize) -> String {
    let start = reply.strip_suffix('}').unwrap_or_default();
    format!("{start},\"unknown\":\"{}\"}}", "x".repeat(more))
}

fn count<F: Future + 'static>(
    at_a_time: u64,
    call: impl Fn() -> F + Clone + 'static,
) -> AllocationInfo {
    let runtime = runtime();
    // Connections are opened, and buffers have grown.
    alipay_benches::run(&runtime, at_a_time, 4 * at_a_time, call.clone());
    measure(|| {
        alipay_benches::run(&runtime, at_a_time, CALLS, call);
    })
}

fn main() {
    let least = Load { request: 100, reply: 0, at_a_time: 1 };
    for (member, of) in [("floor", floor as fn(Load) -> AllocationInfo), ("client", subject)] {
        let base = of(least);
        let per_call = |count: u64| count as f64 / CALLS as f64;
        report("allocations/whole call", member, "allocations", per_call(base.count_total));
        report("allocations/bytes of a call", member, "bytes", per_call(base.bytes_total));
        let copies =
            |load| (per_call(of(load).bytes_total) - per_call(base.bytes_total)) / MORE as f64;
        let sent = copies(Load { request: MORE, ..least });
        report("allocations/bytes for each byte sent", member, "bytes", sent);
        let received = copies(Load { reply: MORE, ..least });
        report("allocations/bytes for each byte received", member, "bytes", received);
        let together = of(Load { at_a_time: CALLS, ..least });
        let held = (together.bytes_max - base.bytes_max) as f64 / (CALLS - 1) as f64;
        report("allocations/bytes held by a call under way", member, "bytes", held);
    }
}

#[allow(clippy::print_stdout, reason = "a bench")]
fn report(group: &str, member: &str, unit: &str, value: f64) {
    println!("{group}/{BACKEND} {member}: {value:.1} {unit}");
}
