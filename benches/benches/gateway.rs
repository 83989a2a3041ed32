//! The local gateway under load: 32 connections, 100,000 calls. Is a call lost, and does its memory grow?
//!
//! Gateway and floor are processes of their own, so that their memory and CPU time are theirs alone. The floor is a
//! bare server that signs the same response. Not one of criterion's: a run is as long as it has to be.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::wildcard_imports,
    reason = "a bench, with numbers far below 2^52"
)]

#[path = "../../alipay-voucher/tests/client/support/mod.rs"]
mod tested;

use std::{
    cell::Cell,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    time::Instant,
};

use alipay_benches::{credentials, key, runtime, server};
use alipay_core::Client;
use alipay_mock::{Gateway, GatewayKeys};
use alipay_voucher::{VoucherApi, models::*};
use cpu_time::ProcessTime;
use tested::{MODE, create_request, key as key_of};

const AT_A_TIME: u64 = 32;
/// Alipay's and ours: an activity may have so many vouchers.
const QUANTITY: i64 = 1_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--serve", "floor", body] => serve(&server::start(body)),
        ["--serve", "gateway"] => serve(gateway().base_url()),
        others => {
            let filter = others.iter().find(|argument| !argument.starts_with('-'));
            if filter.is_none_or(|filter| "gateway".contains(filter)) {
                // Without `--bench` it is tried only.
                measure(if others.contains(&"--bench") { 100_000 } else { 100 });
            }
        }
    }
}

/// The process that is measured: its address, then for each line that it gets its CPU time.
fn serve(base_url: &str) {
    println!("{base_url}");
    for _ in std::io::stdin().lines() {
        println!("{}", ProcessTime::now().as_duration().as_micros());
    }
}

fn gateway() -> Gateway {
    let keys =
        GatewayKeys::parse(key("app_private_pkcs8"), key("alipay_private_pkcs8"), key("aes_key"));
    Gateway::builder().app_id(key("app_id")).keys(keys.unwrap()).start_blocking().unwrap()
}

fn measure(calls: u64) {
    let runtime = runtime();
    let mut gateway = Server::start(&["gateway"]);
    let api = gateway.api();
    let mut request = create_request("activity");
    let mode = &mut request.voucher_send_mode_info;
    mode.voucher_send_rule_info.as_mut().unwrap().quantity = Some(QUANTITY);
    let id = runtime.block_on(async {
        let id = api.create(&request).await.unwrap().activity_id.clone().unwrap();
        api.publish(PublishRequest::new(&id, key_of("publish"), MODE)).await.unwrap();
        id
    });
    let query = QueryRequest::new(&id, MODE);
    let body = runtime.block_on(async { api.query(&query).await.unwrap().raw_body().clone() });
    let mut floor = Server::start(&["floor", std::str::from_utf8(&body).unwrap()]);

    println!(
        "{calls} calls on {AT_A_TIME} connections, response of {} bytes\n\
         {:<16} {:>8} {:>5} {:>8} {:>14}  RSS at start, middle, end (MB)",
        body.len(),
        "",
        "calls",
        "lost",
        "calls/s",
        "CPU µs/call",
    );
    for (name, server) in [("floor", &mut floor), ("gateway, query", &mut gateway)] {
        let (api, query) = (server.api(), query.clone());
        server.measure(&runtime, name, calls, move |_| api.query(&query).into_future());
    }
    // Each leaves a voucher, a message and an idempotency key, so memory grows until there are as many as are kept.
    let api = gateway.api();
    gateway.measure(&runtime, "gateway, send", calls / 2, move |number| {
        let request = SendRequest::new(&id, key_of(&format!("send-{number}")), MODE);
        api.send(request.user_id(format!("2088{number:012}"))).into_future()
    });
}

/// A process that serves, and ends with this one.
struct Server {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    base_url: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("--serve")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { child, stdin, stdout, base_url: String::new() };
        server.base_url = server.line();
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// What it has used of the processors so far, in microseconds.
    fn cpu(&mut self) -> f64 {
        self.stdin.write_all(b"\n").unwrap();
        self.line().parse().unwrap()
    }

    /// Its memory in MB. `ps` has it in kB wherever there is one.
    fn memory(&self) -> f64 {
        let id = self.child.id().to_string();
        let output = Command::new("ps").args(["-o", "rss=", "-p", &id]).output().unwrap();
        let size: f64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        size / 1024.0
    }

    /// A client that sends each call once.
    fn api(&self) -> VoucherApi {
        let client = Client::builder(credentials()).base_url(&self.base_url).no_retry();
        VoucherApi::new(client.build().unwrap())
    }

    fn measure<T, F>(
        &mut self,
        runtime: &tokio::runtime::Runtime,
        name: &str,
        calls: u64,
        call: impl Fn(u64) -> F + Clone + 'static,
    ) where
        F: Future<Output = Result<T, alipay_core::Error>> + 'static,
    {
        let (number, lost) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let counted = {
            let (number, lost) = (Rc::clone(&number), Rc::clone(&lost));
            move || {
                let called = call(number.replace(number.get() + 1));
                let lost = Rc::clone(&lost);
                async move {
                    if called.await.is_err() {
                        lost.set(lost.get() + 1);
                    }
                }
            }
        };
        // Connections are open, and buffers have grown.
        alipay_benches::run(runtime, AT_A_TIME, calls / 20, counted.clone());
        let mut memory = vec![self.memory()];
        let (cpu, start) = (self.cpu(), Instant::now());
        for _ in 0..2 {
            alipay_benches::run(runtime, AT_A_TIME, calls / 2, counted.clone());
            memory.push(self.memory());
        }
        let (cpu, time) = (self.cpu() - cpu, start.elapsed().as_secs_f64());
        let memory: Vec<_> = memory.iter().map(|size| format!("{size:.1}")).collect();
        println!(
            "{name:<16} {calls:>8} {:>5} {:>8.0} {:>14.0}  {}",
            lost.get(),
            calls as f64 / time,
            cpu / calls as f64,
            memory.join(", ")
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It would end by itself when its input does.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
