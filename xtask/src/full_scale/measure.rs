//! What the compiler takes: processor time and memory, as Linux tells them below `/proc`.

use std::{
    collections::HashMap,
    fmt, fs, io,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// How often the compiler is looked at.
const PAUSE: Duration = Duration::from_millis(20);
/// The kernel's unit of processor time, the same on every Linux since long: a hundredth of a second.
const TICKS: f64 = 100.0;

/// What a run of cargo took.
pub(crate) struct Measured {
    pub(crate) success: bool,
    wall: Duration,
    /// Seconds of processor time of all compilers, and the most memory of one in MB; none where the
    /// system does not tell.
    compiler: Option<(f64, u64)>,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = if self.success { "" } else { ", failed" };
        let wall = self.wall.as_secs_f64();
        match self.compiler {
            Some((cpu, memory)) => write!(f, "{cpu:.1} s CPU, {memory} MB, {wall:.1} s{failed}"),
            None => write!(f, "{wall:.1} s{failed}"),
        }
    }
}

/// Runs cargo and watches the compilers of some crates that it starts.
pub(crate) fn measured(mut cargo: Command, crates: &[&str]) -> io::Result<Measured> {
    let start = Instant::now();
    let mut child = cargo.spawn()?;
    let parent = child.id();
    let mut compilers = HashMap::new();
    let status = loop {
        look(parent, crates, &mut compilers);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(PAUSE);
    };
    let ticks: u32 = compilers.values().map(|(ticks, _)| ticks).sum();
    let memory = compilers.values().map(|(_, memory)| *memory).max();
    let compiler = memory.map(|memory| (f64::from(ticks) / TICKS, memory / 1024));
    Ok(Measured { success: status.success(), wall: start.elapsed(), compiler })
}

/// Notes processor time and peak memory (in kB) of each compiler that is a child of a process.
fn look(parent: u32, crates: &[&str], found: &mut HashMap<u32, (u32, u64)>) {
    let Ok(processes) = fs::read_dir("/proc") else { return };
    for process in processes.flatten() {
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let Some(ticks) = ticks_of_child(id, parent) else { continue };
        if !found.contains_key(&id) && !compiles(id, crates) {
            continue;
        }
        let (most_ticks, most_memory) = found.entry(id).or_default();
        *most_ticks = ticks.max(*most_ticks);
        *most_memory = memory(id).unwrap_or_default().max(*most_memory);
    }
}

fn ticks_of_child(id: u32, parent: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program stands in parentheses and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let found: u32 = fields.nth(1)?.parse().ok()?;
    if found != parent {
        return None;
    }
    let user: u32 = fields.nth(9)?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn compiles(id: u32, crates: &[&str]) -> bool {
    let command = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let arguments: Vec<_> = command.split(|byte| *byte == 0).collect();
    arguments.windows(2).any(|pair| {
        matches!(pair, [b"--crate-name", name] if crates.iter().any(|known| known.as_bytes() == *name))
    })
}

fn memory(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
