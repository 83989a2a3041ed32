//! Calls per second against the official Node SDK: same server, same requests, in turns.
//!
//! Not a part of the other benches, for it needs that SDK; see README.md in this folder.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a bench that is run by hand"
)]

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use alipay_benches::{client, key, runtime, server};
use alipay_mock::{Gateway, GatewayKeys};
use alipay_voucher::{
    VoucherApi,
    models::{MerchantAccessMode, QueryRequest},
};
use cpu_time::ThreadTime;

const ROUNDS: usize = 5;
const CALLS: u64 = 1500;

/// Calls and CPU seconds, both per second of the clock and of the processor.
#[derive(Clone, Copy)]
struct Speed {
    per_second: f64,
    cpu_micros: f64,
}

fn main() {
    let Some(sdk) = std::env::var_os("ALIPAY_NODE_SDK").map(PathBuf::from) else {
        println!("peers: skipped; ALIPAY_NODE_SDK names no folder with the SDK in it");
        return;
    };
    let keys =
        GatewayKeys::parse(key("app_private_pkcs8"), key("alipay_private_pkcs8"), key("aes_key"))
            .unwrap();
    let gateway = Gateway::builder().app_id(key("app_id")).keys(keys).start_blocking().unwrap();
    let fixed = server::start(r#"{"activity_id":"2016042700826004508401111111"}"#);
    println!("server     at a time  client  calls/s  CPU µs/call");
    for (name, base) in [("gateway", gateway.base_url()), ("fixed", fixed.as_str())] {
        for at_a_time in [1, 32] {
            let (mut of_node, mut of_ours) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                of_node.push(node(&sdk, base, at_a_time));
                of_ours.push(ours(base, at_a_time));
            }
            let (node, ours) = (median(&of_node), median(&of_ours));
            for (client, speed) in [("node", node), ("rust", ours)] {
                let Speed { per_second, cpu_micros } = speed;
                println!(
                    "{name:<9}  {at_a_time:>9}  {client:<6}  {per_second:>7.0}  {cpu_micros:>11.0}"
                );
            }
            println!(
                "{name:<9}  {at_a_time:>9}  ratio   {:>6.1}x  {:>10.1}x",
                ours.per_second / node.per_second,
                node.cpu_micros / ours.cpu_micros
            );
        }
    }
}

fn ours(base: &str, at_a_time: u64) -> Speed {
    let runtime = runtime();
    let api = VoucherApi::new(client(base));
    let call = move || {
        let mode = MerchantAccessMode::SelfMode;
        let call = api.query(QueryRequest::new("2016042700826004508401111111", mode));
        // The gateway knows no such activity, and says so in a signed response.
        async move { call.await.is_ok() }
    };
    alipay_benches::run(&runtime, at_a_time, CALLS / 5, call.clone());
    let (start, cpu) = (Instant::now(), ThreadTime::now());
    alipay_benches::run(&runtime, at_a_time, CALLS, call);
    let (cpu, wall) = (cpu.elapsed().as_secs_f64(), start.elapsed().as_secs_f64());
    Speed { per_second: CALLS as f64 / wall, cpu_micros: cpu * 1e6 / CALLS as f64 }
}

fn node(sdk: &Path, base: &str, at_a_time: u64) -> Speed {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/node.mjs");
    let output = Command::new("node")
        .arg(script)
        .arg(sdk)
        .args([base, &at_a_time.to_string(), &CALLS.to_string()])
        .env("APP_ID", key("app_id"))
        .env("APP_PRIVATE_KEY", key("app_private_pkcs8"))
        .env("ALIPAY_PUBLIC_KEY", key("alipay_public"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text.split_whitespace().map(str::parse::<f64>);
    match (figures.next(), figures.next()) {
        (Some(Ok(per_second)), Some(Ok(cpu_micros))) => Speed { per_second, cpu_micros },
        _ => {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            std::process::exit(1);
        }
    }
}

fn median(speeds: &[Speed]) -> Speed {
    let middle = |of: fn(&Speed) -> f64| {
        let mut values: Vec<_> = speeds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Speed {
        per_second: middle(|speed| speed.per_second),
        cpu_micros: middle(|speed| speed.cpu_micros),
    }
}
