//! What this process holds: memory, open files, threads. Linux tells; elsewhere each figure is 0.

use std::{
    fmt, fs,
    time::{Duration, Instant},
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) memory_mb: u64,
    pub(crate) files: usize,
    pub(crate) threads: usize,
}

pub(crate) fn held() -> Held {
    let count = |folder| fs::read_dir(folder).map_or(0, Iterator::count);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = memory.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Held {
        memory_mb: kilobytes.unwrap_or_default() / 1024,
        files: count("/proc/self/fd"),
        threads: count("/proc/self/task"),
    }
}

/// Waits until there are no more open files and threads than these, for a while. What ends in the background needs it.
pub(crate) fn settled(most: Held) -> Result<Held, String> {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let now = held();
        if now.files <= most.files && now.threads <= most.threads {
            return Ok(now);
        }
        if Instant::now() > patience {
            return Err(format!("something is left behind: {now} now, {most} before"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_mb, files, threads } = self;
        write!(f, "{memory_mb} MB, {files} open files, {threads} threads")
    }
}
