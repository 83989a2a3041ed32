//! The gateway under many connections, with faults at random. Each connection has an activity of its own at a time, and
//! a model that says what the gateway must hold after each step; the client and the faults belong to all.

mod calls;
mod case;
mod world;

use std::{
    sync::{OnceLock, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tokio::runtime::{Builder, Runtime};

use self::{
    case::{Case, Done},
    world::World,
};
use crate::{
    checked::Checked,
    model::{self, Step},
    process,
};

/// Runs for this time, and prints figures.
pub(crate) fn run(time: Duration, connections: u64, seed: u64) -> Checked<()> {
    let world = World::new()?;
    let (start, stopped) = (Instant::now(), OnceLock::new());
    let going_on = || start.elapsed() < time && stopped.get().is_none();
    println!("gateway: {connections} connections for {} s, seed {seed}", time.as_secs());
    println!("  at start: {}", process::held());
    let mut found: Checked<()> = Ok(());
    thread::scope(|scope| {
        let (world, going_on, stopped) = (&world, &going_on, &stopped);
        let workers: Vec<_> = (0..connections)
            .map(|number| {
                scope.spawn(move || work(world, number, seed ^ (number << 32), going_on, stopped))
            })
            .collect();
        let mut told = 0;
        while going_on() {
            thread::sleep(Duration::from_millis(200));
            if let Err(problem) = world.collect().and_then(|()| world.no_twins()) {
                stopped.get_or_init(|| NOBODY);
                found = Err(problem);
            }
            let tenth = start.elapsed().as_secs() * 10 / time.as_secs().max(1);
            if tenth > told && tenth < 10 {
                told = tenth;
                println!("  after {} s: {}", start.elapsed().as_secs(), process::held());
            }
        }
        for worker in workers {
            let result = worker.join().unwrap_or_else(|_| Err("a connection panicked".to_owned()));
            if found.is_ok() {
                found = result;
            }
        }
    });
    println!("  at the end: {}", process::held());
    println!(
        "  {} calls, {} requests, {} faults, {} changes of state, {} messages, {} activities\n{}",
        world.tally.sum("call: "),
        world.tally.sum("request: "),
        world.tally.sum("fault: "),
        world.tally.sum("change: "),
        world.tally.sum("message: "),
        world.cases.load(Ordering::SeqCst),
        world.tally,
    );
    found?;
    world.no_twins()
}

/// The number of no connection.
const NOBODY: u64 = u64::MAX;

/// One connection: one list of steps after the other. The first that finds something stops all others, and looks for
/// a shorter list that shows it.
fn work(
    world: &World,
    number: u64,
    seed: u64,
    going_on: &(dyn Fn() -> bool + Sync),
    stopped: &OnceLock<u64>,
) -> Checked<()> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: 100,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let bytes: Vec<u8> = seed.to_le_bytes().repeat(4);
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    while going_on() {
        let mut runner = TestRunner::new_with_rng(config.clone(), rng);
        rng = runner.new_rng();
        let result = runner.run(&model::steps(), |steps| match one(world, &runtime, &steps) {
            Err(problem) if *stopped.get_or_init(|| number) == number => {
                Err(TestCaseError::fail(problem))
            }
            _ => Ok(()),
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(problem, steps)) => {
                return Err(format!("{problem}\nthese steps lead to it: {steps:?}"));
            }
            Err(other) => return Err(other.to_string()),
        }
    }
    Ok(())
}

fn one(world: &World, runtime: &Runtime, steps: &[Step]) -> Checked<()> {
    let number = world.cases.fetch_add(1, Ordering::SeqCst);
    runtime.block_on(async {
        let mut case = Case::create(world, number).await?;
        for step in steps {
            let done = case.step(step).await;
            let done =
                done.map_err(|problem| format!("{step:?}: {problem}\n{:?}", case.model()))?;
            if matches!(done, Done::Abandoned) {
                break;
            }
        }
        case.end()
    })
}
