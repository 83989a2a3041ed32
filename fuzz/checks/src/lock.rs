//! `names.lock`.

use std::sync::LazyLock;

use alipay_codegen::{Options, Output, generate::emit_crate};
use alipay_openapi::{Description, diag::Sink, ir::Api, load::Source, overlay::Document};

use crate::{description, fixtures};

/// It is read once: that takes longer than all else.
static READ: LazyLock<(Document, Api)> = LazyLock::new(|| {
    let text = fixtures::file("codegen/tests/fixtures/features/two_groups/openapi.yaml");
    let description = Description::new(Source::new("openapi.yaml", text));
    description.read(&mut Sink::new()).expect("a description")
});

/// What is generated without a lock.
pub(crate) static NEW: LazyLock<Output> =
    LazyLock::new(|| generated(&Options::new("fuzzed"), &mut Sink::new()).expect("a crate"));

fn generated(options: &Options, sink: &mut Sink) -> Option<Output> {
    let (document, api) = &*READ;
    emit_crate(api, options, document.digest(), sink)
}

/// A lock keeps all names, or stops the run.
pub fn lock(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    let source = Some(Source::new("names.lock", text));
    let mut sink = Sink::new();
    let output = generated(&Options { lock: source, ..Options::new("fuzzed") }, &mut sink);
    let has_errors = sink.has_errors();
    description::shown(&sink.finish());
    match output {
        Some(output) => {
            assert!(output == *NEW, "a lock changes what is generated");
            !has_errors
        }
        None => {
            assert!(has_errors, "nothing is generated, and no finding says why");
            false
        }
    }
}
