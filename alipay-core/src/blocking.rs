//! Blocking calls: [`Call::send_blocking`](crate::Call::send_blocking) and
//! [`RawCall::send_blocking`](crate::RawCall::send_blocking).
//!
//! They are the same calls, waited for. There is no runtime to start: one thread of this crate does
//! the work of all blocking calls of the program, and the calling thread sleeps meanwhile.
//!
//! Blocking calls may be made from within an asynchronous runtime, too, and do not deadlock: they
//! need nothing of that runtime. But they stop the thread they are called on, and whatever else
//! should run on it; `.await` is the better choice there. Only a client with a
//! [transport](crate::ClientBuilder::transport) or an
//! [HTTP client](crate::ClientBuilder::http_client_unchecked) of one's own, or a
//! [signer](crate::sign::Signer), should not be used for both at the same time within a runtime of
//! one thread: its connections may need the runtime they were made in. And a transport or a signer
//! must not itself make blocking calls, which would wait for the thread they are made on: they are
//! refused there.

use std::{
    cell::Cell,
    io,
    sync::{Arc, OnceLock, mpsc},
};

use tokio::runtime::{Builder, Handle};

use crate::{
    call::exchange::Exchange,
    client::Inner,
    error::{Error, ErrorKind},
    observe,
    response::finish::Received,
    transport::Transport,
};

thread_local! {
    /// Whether this is the thread that does the work of blocking calls.
    static WORKS: Cell<bool> = const { Cell::new(false) };
}

/// Makes a call and waits for it.
pub(crate) fn run(exchange: Exchange) -> Result<Received, Error> {
    if WORKS.get() {
        return Err(Error::new(
            ErrorKind::Configuration,
            "a blocking call is made on the thread that does the work of blocking calls, by a \
             transport or a signer, and would wait for ever: await the call there",
        ));
    }
    let runtime = runtime()?;
    let transport = transport(exchange.client());
    let (answer, answered) = mpsc::sync_channel(1);
    runtime.spawn(observe::carried(async move {
        let result = exchange.run_over(&*transport).await;
        // There is always someone who waits.
        let _ = answer.send(result);
    }));
    answered.recv().unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Transport, "the transport panicked during a blocking call"))
    })
}

/// The transport of a client's blocking calls: one that needs no runtime of the caller's.
fn transport(client: &Arc<Inner>) -> Arc<dyn Transport> {
    let make = || client.transport.detached().unwrap_or_else(|| Arc::clone(&client.transport));
    Arc::clone(client.blocking.get_or_init(make))
}

/// The runtime of all blocking calls, on a thread of its own.
fn runtime() -> Result<&'static Handle, Error> {
    static RUNTIME: OnceLock<io::Result<Handle>> = OnceLock::new();
    RUNTIME.get_or_init(start).as_ref().map_err(|problem| {
        let text = "the thread for blocking calls cannot be started";
        Error::new(ErrorKind::Configuration, format!("{text}: {problem}"))
    })
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name("alipay-blocking".to_owned()).spawn(move || {
        WORKS.set(true);
        runtime.block_on(std::future::pending::<()>());
    })?;
    Ok(handle)
}
