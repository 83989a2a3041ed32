//! What the generator writes: a snapshot per construct, and laws of all files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

#[path = "fixtures/back/build.rs"]
mod build;

use build::{TAG, everything, generate};

#[test]
fn dump() {
    let mut api = everything();
    if std::env::var("GROUPS").is_ok() {
        api = build::two_groups();
    }
    let output = generate(&api, None).unwrap();
    let mut sink = codegen::diag::Sink::new();
    let frame =
        codegen::generate::scaffold(&api, &build::options(), "/work/main/alipay-core", &mut sink).unwrap();
    if let Ok(dir) = std::env::var("DUMP") {
        let generated = output.files.iter().map(|(p, t)| (format!("src/generated/{p}"), t));
        for (path, text) in generated.chain(frame.iter().map(|(p, t)| (p.clone(), t))) {
            let path = std::path::Path::new(&dir).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::write(std::path::Path::new(&dir).join("names.lock"), &output.lock).unwrap();
    }
    let _ = TAG;
}
