//! Writes the seeds of all targets to `fuzz/corpus`, where libFuzzer looks for them.

#![allow(clippy::expect_used, reason = "a person reads why it fails")]

use std::{
    fs,
    hash::{DefaultHasher, Hasher as _},
    path::Path,
};

fn main() {
    for (target, _) in alipay_fuzz_checks::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(target);
        fs::create_dir_all(&folder).expect("a folder");
        for seed in alipay_fuzz_checks::seeds(target) {
            let mut hasher = DefaultHasher::new();
            hasher.write(&seed);
            fs::write(folder.join(format!("{:016x}", hasher.finish())), seed).expect("a file");
        }
    }
}
