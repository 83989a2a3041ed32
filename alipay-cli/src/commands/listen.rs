//! `alipay listen`: receives notifications, verifies and prints them, and passes them on.

mod credentials;
mod event;
mod labels;
mod seen;
mod server;

use std::net::SocketAddr;
use std::sync::Arc;

use alipay_mock::description::Operations;
use alipay_mock::program::{Target, stop_signal};
use clap::{Args, ValueEnum};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use self::event::{Event, Shown};
use self::server::{Answer, Server};
use crate::input::Source;
use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output};

pub(crate) const EXAMPLES: &str = "Examples:
  alipay listen --port 8123
  alipay listen --port 8123 --forward http://127.0.0.1:3000/alipay
  alipay listen --public-key alipay_public_key.txt --app-id 2021000000000001 --once
  alipay listen --json --count 3 | jq -r .message

Alipay reaches it through a tunnel or a proxy that ends at this port. Verification needs the settings of
the environment, though not ALIPAY_PRIVATE_KEY and ALIPAY_BASE_URL. Ctrl-C and SIGTERM end it.

Exit codes: 0 all notifications verified, 1 one was refused, or the program did not respond with
`success`, 2 bad usage or settings.";

/// How many events wait to be printed. More of them wait with their connections.
const WAITING: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address or name to listen on; 0.0.0.0 or :: for all
    #[arg(long, default_value = "127.0.0.1", value_name = "HOST")]
    host: String,
    /// TCP port; 0 takes any free one
    #[arg(long, default_value_t = 0, value_name = "N")]
    port: u16,
    /// Path that takes notifications [default: any]
    #[arg(long, value_name = "PATH", value_parser = path)]
    path: Option<String>,
    /// Post what verifies to this URL, as received, and respond with what its program responds
    #[arg(long, value_name = "URL", value_parser = Target::parse)]
    forward: Option<Target>,
    /// What to respond to notifications that verify; others always get `fail`
    #[arg(long, value_enum, default_value_t = Reply::Success, value_name = "REPLY", conflicts_with = "forward")]
    answer: Reply,
    /// End after the first notification
    #[arg(long, conflicts_with = "count")]
    once: bool,
    /// End after N notifications
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// File with Alipay's public key (支付宝公钥), in place of the settings; `-` for standard input
    #[arg(long, value_name = "FILE")]
    public_key: Option<Source>,
    /// App id, in place of ALIPAY_APP_ID
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// Show personal data
    #[arg(long)]
    show_personal: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reply {
    Success,
    Fail,
}

fn path(given: &str) -> Result<String, String> {
    if given.starts_with('/') && !given.contains(['?', '#', ' ']) {
        return Ok(given.to_owned());
    }
    Err("expected a path, such as /alipay".to_owned())
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let credentials = credentials::given(options.public_key.as_ref(), options.app_id.as_deref())?;
    let operations = Operations::of_alipay().map_err(Failure::unusable)?;
    let answer = match (&options.forward, options.answer) {
        (Some(target), _) => Answer::Of(target.clone()),
        (None, Reply::Success) => Answer::Success,
        (None, Reply::Fail) => Answer::Fail,
    };
    let (events, received) = mpsc::channel(WAITING);
    let (stop, stopping) = watch::channel(false);
    let path = options.path.clone();
    let server = Arc::new(Server::new(credentials, path, answer, events, stopping));
    let shown = Shown { operations: &operations, personal: options.show_personal };
    let last = if options.once { Some(1) } else { options.count };
    // Events are printed on this thread. Where nobody reads what is printed, others go on.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let cannot = |error| Failure::Unusable(format!("cannot start: {error}"));
    runtime.map_err(cannot)?.block_on(async {
        let cannot = |error| Failure::Unusable(format!("cannot wait for Ctrl-C: {error}"));
        let stopped = stop_signal().map_err(cannot)?;
        let Options { host, port, .. } = options;
        let cannot = |error| Failure::Unusable(format!("cannot listen on {host}:{port}: {error}"));
        let listener = TcpListener::bind((host.as_str(), *port)).await.map_err(cannot)?;
        begun(listener.local_addr().map_err(cannot)?, options, output);
        let serving = tokio::spawn(server::serve(listener, server));
        let mut printer = Printer { last, shown, output, notifications: 0, all_good: true };
        print_all(received, stopped, &stop, serving, &mut printer).await;
        if printer.all_good { Ok(()) } else { Err(Failure::Found) }
    })
}

/// Says where it listens.
fn begun(address: SocketAddr, options: &Options, output: &Output) {
    let path = options.path.as_deref().unwrap_or("/");
    let url = format!("http://{address}{path}");
    if output.is_json() {
        output.event(&json!({"event": "listening", "url": url}));
    } else {
        output.line(Line::new().plain("listening on ").strong(url));
    }
}

/// Prints events until there are enough of them, or until somebody stops it. Then the server is stopped, and what it
/// still receives is printed, too.
async fn print_all(
    mut received: mpsc::Receiver<Event>,
    stopped: impl Future<Output = ()>,
    stop: &watch::Sender<bool>,
    mut serving: JoinHandle<()>,
    printer: &mut Printer<'_>,
) {
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped, if !*stop.borrow() => {
                stop.send_replace(true);
            }
            Some(event) = received.recv() => {
                if printer.print(&event) {
                    stop.send_replace(true);
                }
            }
            // A connection that goes on beyond the grace is left to itself.
            _ = &mut serving => break,
        }
    }
    while let Ok(event) = received.try_recv() {
        printer.print(&event);
    }
}

/// Prints events, and counts them.
struct Printer<'a> {
    /// How many notifications are enough.
    last: Option<u64>,
    shown: Shown<'a>,
    output: &'a Output,
    notifications: u64,
    all_good: bool,
}

impl Printer<'_> {
    /// Prints an event. Says whether there are enough.
    fn print(&mut self, event: &Event) -> bool {
        if self.output.is_json() {
            self.output.event(&self.shown.json(event));
        } else {
            self.shown.lines(event).into_iter().for_each(|line| self.output.line(line));
        }
        self.notifications += u64::from(event.is_notification());
        self.all_good &= event.is_good();
        self.last.is_some_and(|last| self.notifications >= last)
    }
}
