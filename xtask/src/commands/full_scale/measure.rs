//! What a run of cargo takes (time, processor time and memory), and the table that shows it.

use std::{
    fmt, io,
    process::Command,
    time::{Duration, Instant},
};

use wait4::Wait4 as _;

/// What a run of cargo took.
pub(super) struct Measured {
    pub(super) success: bool,
    wall: Duration,
    /// Processor time of cargo and all that it started.
    cpu: Duration,
    /// The most memory that one of them took, in bytes.
    memory: u64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = if self.success { "" } else { ", failed" };
        let [cpu, wall] = [self.cpu, self.wall].map(|time| time.as_secs_f64());
        write!(f, "{cpu:.1} s CPU, {} MB, {wall:.1} s{failed}", self.memory / 1_000_000)
    }
}

/// Runs cargo to its end.
pub(super) fn measured(mut cargo: Command) -> io::Result<Measured> {
    let start = Instant::now();
    let ended = cargo.spawn()?.wait4()?;
    let used = ended.rusage;
    Ok(Measured {
        success: ended.status.success(),
        wall: start.elapsed(),
        cpu: used.utime + used.stime,
        memory: used.maxrss,
    })
}

/// Rows of a name and a value.
#[derive(Default)]
pub(super) struct Table(Vec<(String, String)>);

impl Table {
    pub(super) fn row(&mut self, name: &str, value: &dyn fmt::Display) {
        self.0.push((name.to_owned(), value.to_string()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut rows = self.0.iter();
        if let Some((name, value)) = rows.next() {
            write!(f, "{name:width$}  {value}")?;
        }
        rows.try_for_each(|(name, value)| write!(f, "\n{name:width$}  {value}"))
    }
}
