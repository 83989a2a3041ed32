//! Each target on its seeds, and on some changes of each.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

use alipay_fuzz_checks::{TARGETS, seeds};

/// About how many changed inputs a target gets: some seconds in all.
const CHANGES: usize = 300;
/// Bytes that mean something somewhere.
const SIGNS: &[u8] = b"\0\n %&=\"'{}[]:,-0123456789aZ\x7f\xff";

/// Random enough, and the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or_default()
    }

    /// A seed with a few bytes changed, taken out, repeated, or taken from another seed.
    fn change(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        let mut input = seed.to_owned();
        for _ in 0..=self.below(4) {
            let from = self.below(input.len());
            let to = (from + self.below(16)).min(input.len());
            let piece = match self.below(6) {
                0 => vec![SIGNS[self.below(SIGNS.len())]],
                1 => Vec::new(),
                2 => input.get(from..to).unwrap_or_default().repeat(2),
                3 => {
                    let from = self.below(other.len());
                    other.iter().skip(from).take(self.below(64)).copied().collect()
                }
                4 => input.iter().skip(from).take(to - from).map(|byte| byte ^ 1).collect(),
                _ => input.get(from..to).unwrap_or_default().iter().rev().copied().collect(),
            };
            input.splice(from.min(to)..to, piece);
        }
        input
    }
}

fn smoke(target: &str) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let seeds = seeds(target);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut accepted, mut refused) = (0, 0);
    for seed in &seeds {
        accepted += usize::from(check(seed));
        for _ in 0..CHANGES.div_ceil(seeds.len()) {
            let other = &seeds[random.below(seeds.len())];
            refused += usize::from(!check(&random.change(seed, other)));
        }
    }
    assert!(accepted > 0 && refused > 0, "{accepted} seeds accepted, {refused} changes refused");
}

macro_rules! targets {
    ($($target:ident)*) => {
        $(#[test]
        fn $target() {
            smoke(stringify!($target));
        })*

        #[test]
        fn each_target_is_here_and_has_a_file() {
            let here = [$(stringify!($target)),*];
            let known: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(here[..], known);
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz_targets");
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let mut names: Vec<_> =
                files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
            names.sort();
            assert_eq!(names, known);
        }
    };
}

targets! {
    captured certificates description gateway keys lock model notification order overlay response returned
    values
}
