//! The threads that blocking calls are made on.
//!
//! Those of tokio will not do: it panics in the caller where the system gives no thread.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread::Builder,
    time::Duration,
};

/// The most threads, blocked ones included.
pub(super) const MOST: usize = 4096;

/// How long a thread without work waits for some before it ends.
const KEPT: Duration = Duration::from_secs(10);

type Work = Box<dyn FnOnce() + Send>;

static STATE: Mutex<State> = Mutex::new(State { waiting: VecDeque::new(), threads: 0, idle: 0 });
static ADDED: Condvar = Condvar::new();

struct State {
    waiting: VecDeque<Work>,
    threads: usize,
    /// How many of the threads wait for work.
    idle: usize,
}

fn state() -> MutexGuard<'static, State> {
    // Each step leaves a valid state.
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does the work on a thread: one that is idle, or a new one. If there can be no more threads, the work
/// waits for a busy one. If there are none at all, that is an error.
pub(super) fn start(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut state = state();
    if state.idle <= state.waiting.len() && state.threads < MOST {
        match Builder::new().name("alipay-blocking-call".to_owned()).spawn(serve) {
            Ok(_) => state.threads += 1,
            Err(problem) if state.threads == 0 => return Err(problem),
            Err(_) => {}
        }
    }
    state.waiting.push_back(Box::new(work));
    ADDED.notify_one();
    Ok(())
}

fn serve() {
    let mut all = state();
    loop {
        if let Some(work) = all.waiting.pop_front() {
            drop(all);
            // A panic drops the channel that its caller waits for, who notices that.
            let _ = catch_unwind(AssertUnwindSafe(work));
            all = state();
            continue;
        }
        all.idle += 1;
        let (woken, wait) = ADDED.wait_timeout(all, KEPT).unwrap_or_else(PoisonError::into_inner);
        all = woken;
        all.idle -= 1;
        if wait.timed_out() && all.waiting.is_empty() {
            all.threads -= 1;
            return;
        }
    }
}
