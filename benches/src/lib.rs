//! What the benches share: a clock that counts only the measuring thread, keys, a server that gives
//! one fixed response, and the floor of a call: what one would write by hand for a single endpoint.
//!
//! Groups are named after what is measured; in each, the member `floor` is the least work that does
//! the same, and the ratio to it says more than the time does.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "bench support, which fails by panicking"
)]

pub mod crypto;
pub mod made;
pub mod models;
pub mod probe;
pub mod server;

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alipay_core::{Client, Credentials};
use cpu_time::ThreadTime;
use criterion::{Bencher, Criterion, SamplingMode, measurement::WallTime};
use serde_json::Value as Json;

/// The cryptographic library in use, for the names of groups.
pub const BACKEND: &str = if cfg!(feature = "aws-lc-rs") { "aws-lc-rs" } else { "rsa" };

/// Keys of no account.
pub fn key(name: &str) -> &'static str {
    static VECTORS: LazyLock<Json> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../alipay-core/tests/fixtures/vectors.json")).unwrap()
    });
    VECTORS["keys"][name].as_str().unwrap()
}

pub fn credentials() -> Credentials {
    Credentials::keys(key("app_id"), key("app_private_pkcs8"), key("alipay_public"))
        .unwrap()
        .encrypt_key(key("aes_key"))
        .unwrap()
}

/// A client as it is by default, of a server here.
pub fn client(base_url: &str) -> Client {
    Client::builder(credentials()).base_url(base_url).build().unwrap()
}

/// Short runs, so that floor and subject are measured soon after each other.
pub fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(20)
        .without_plots()
        .configure_from_args()
}

/// A member of a group: its name, and what to measure.
pub type Member<'a> = (&'a str, &'a mut dyn FnMut(&mut Bencher<'_, WallTime>));

/// A group of the same thing done by the floor and by others.
pub fn group(criterion: &mut Criterion, name: &str, members: &mut [Member<'_>]) {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    for (name, member) in members {
        group.bench_function(*name, |bencher| member(bencher));
    }
    group.finish();
}

/// Measures the CPU time of this thread: other programs and the server do not count.
pub fn cpu<T>(bencher: &mut Bencher<'_, WallTime>, mut work: impl FnMut() -> T) {
    bencher.iter_custom(|iterations| {
        let start = ThreadTime::now();
        for _ in 0..iterations {
            std::hint::black_box(work());
        }
        start.elapsed()
    });
}

/// Measures the CPU time of calls, so many at a time, in this thread.
pub fn cpu_of_calls<F: Future + 'static>(
    bencher: &mut Bencher<'_, WallTime>,
    runtime: &tokio::runtime::Runtime,
    at_a_time: u64,
    call: impl Fn() -> F + Clone + 'static,
) {
    bencher.iter_custom(|iterations| run(runtime, at_a_time, iterations, call.clone()));
}

/// The CPU time of a number of calls, so many at a time.
pub fn run<F: Future + 'static>(
    runtime: &tokio::runtime::Runtime,
    at_a_time: u64,
    calls: u64,
    call: impl Fn() -> F + Clone + 'static,
) -> Duration {
    let left = std::rc::Rc::new(AtomicU64::new(calls));
    let local = tokio::task::LocalSet::new();
    let start = ThreadTime::now();
    local.block_on(runtime, async {
        let workers: Vec<_> = (0..at_a_time.min(calls))
            .map(|_| {
                let (left, call) = (left.clone(), call.clone());
                tokio::task::spawn_local(async move {
                    let next = |left: u64| left.checked_sub(1);
                    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok() {
                        std::hint::black_box(call().await);
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
    });
    start.elapsed()
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
