//! `names.lock`.

use std::sync::LazyLock;

use alipay_codegen::{Options, Output};
use alipay_openapi::{Description, load::Source};

use crate::{description, fixtures};

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let text = fixtures::file("codegen/tests/fixtures/features/two_groups/openapi.yaml");
    Description::new(Source::new("openapi.yaml", text))
});

/// What is generated without a lock.
pub(crate) static NEW: LazyLock<Output> = LazyLock::new(|| {
    alipay_codegen::generate(&DESCRIPTION, &Options::new("fuzzed")).expect("a description")
});

/// A lock keeps all names, or stops the run.
pub fn lock(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    let source = Some(Source::new("names.lock", text));
    let options = Options { lock: source, ..Options::new("fuzzed") };
    match alipay_codegen::generate(&DESCRIPTION, &options) {
        Ok(output) => {
            description::shown(&output.warnings);
            assert!(output == *NEW, "a lock changes what is generated");
            true
        }
        Err(findings) => {
            description::shown(&findings);
            false
        }
    }
}
