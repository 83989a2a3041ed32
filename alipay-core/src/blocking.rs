//! Blocking calls: [`Call::send_blocking`](crate::Call::send_blocking).
//!
//! They are the same calls, waited for. There is no runtime to start: threads of this crate do the work,
//! and the calling thread sleeps meanwhile. Each call under way has a thread of its own, which is used
//! again afterwards; another one does the input and output of all calls of the program.
//!
//! A [signer](crate::sign::Signer), or whatever else a client was given, may block in a blocking call:
//! that delays this call and no other. A call that is not done in its time is given up, whatever holds
//! it: what has not been sent by then is never sent, and the outcome is
//! [`NotSent`](crate::Outcome::NotSent). The thread is free again once what holds it returns; there are
//! up to 4096 of them, or as many as the system gives, and calls beyond wait for one. Where it gives
//! none at all, a call fails with [`ErrorKind::Configuration`], and nothing was sent.
//!
//! Blocking calls may be made from within an asynchronous runtime, too, and do not deadlock: they
//! need nothing of that runtime. But they stop the thread they are called on, and whatever else
//! should run on it; `.await` is the better choice there. Only a client with a
//! [transport](crate::ClientBuilder::transport) or an
//! [HTTP client](crate::ClientBuilder::http_client_unchecked) of one's own, or a
//! [signer](crate::sign::Signer), should not be used for both at the same time within a runtime of
//! one thread: its connections may need the runtime they were made in. And tasks that a transport
//! spawns must not themselves make blocking calls, which would stop the input and output they wait
//! for: they are refused there.

mod threads;

use std::{
    cell::Cell,
    io,
    sync::{
        Arc, OnceLock,
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use tokio::runtime::{Builder, Handle};

use crate::{
    call::{
        exchange::{Exchange, no_response_within},
        shared::Shared,
    },
    client::Client,
    error::{Error, ErrorKind},
    finish::Received,
    observe,
    transport::Transport,
};

/// How much longer than its time a call gets to end by itself, which says more of what it did.
const GRACE: Duration = Duration::from_millis(50);

thread_local! {
    /// Whether this is the thread that does the input and output of blocking calls.
    static SERVES: Cell<bool> = const { Cell::new(false) };
}

/// Makes a call and waits for it.
pub(crate) fn run(exchange: Exchange) -> Result<Received, Error> {
    if SERVES.get() {
        return Err(Error::new(
            ErrorKind::Configuration,
            "a blocking call is made on the thread that does the input and output of blocking \
             calls, by a task of a transport, and would stop them all: await the call there",
        ));
    }
    let runtime = runtime()?;
    let (timeout, info) = (exchange.timeout(), exchange.info());
    let shared = Arc::new(Shared::default());
    let (sender, receiver) = mpsc::sync_channel(1);
    let of_call = Arc::clone(&shared);
    let call = observe::carried(async move {
        let transport = transport(exchange.client());
        exchange.run_over(&*transport, &of_call).await
    });
    let limit = timeout.saturating_add(GRACE);
    let of_thread = Arc::clone(&shared);
    // On a thread where whatever is waited for may block; the runtime's own does input and output.
    let started = threads::start(move || {
        if of_thread.is_given_up() {
            return;
        }
        // Also for what is dropped at the end.
        let _within = runtime.enter();
        let call = async move { tokio::time::timeout(limit, call).await };
        let result = runtime.block_on(call);
        // Whoever waited may have given up.
        let _ = sender.send(result.ok());
    });
    let reason = match started.map(|()| receiver.recv_timeout(limit.saturating_add(GRACE))) {
        Err(problem) => no_thread(&problem),
        Ok(Ok(Some(result))) => return result,
        Ok(Ok(None) | Err(RecvTimeoutError::Timeout)) => no_response_within(timeout),
        Ok(Err(RecvTimeoutError::Disconnected)) => Error::new(
            ErrorKind::Transport,
            "a transport, a signer or something else that the client was given panicked",
        ),
    };
    let reason = match info {
        Some(info) => reason.about(&info),
        None => reason,
    };
    let reason = shared.give_up(reason);
    // It may have come to its end just now.
    receiver.try_recv().ok().flatten().unwrap_or(Err(reason))
}

/// The transport of a client's blocking calls: one that needs no runtime of the caller's.
fn transport(client: &Client) -> Arc<dyn Transport> {
    let client = &*client.inner;
    let make = || client.transport.detached().unwrap_or_else(|| Arc::clone(&client.transport));
    Arc::clone(client.blocking.get_or_init(make))
}

/// The runtime of all blocking calls, on a thread of its own.
fn runtime() -> Result<&'static Handle, Error> {
    static RUNTIME: OnceLock<io::Result<Handle>> = OnceLock::new();
    RUNTIME.get_or_init(start).as_ref().map_err(no_thread)
}

fn no_thread(problem: &io::Error) -> Error {
    let text = "the thread for blocking calls cannot be started";
    Error::new(ErrorKind::Configuration, format!("{text}: {problem}"))
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_name("alipay-blocking-name")
        // Names of hosts are looked up on them.
        .max_blocking_threads(threads::MOST)
        .build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name("alipay-blocking".to_owned()).spawn(move || {
        SERVES.set(true);
        runtime.block_on(std::future::pending::<()>());
    })?;
    Ok(handle)
}
