//! The stages in their order.

use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostics, Sink},
    document::Document,
    generate::{self, Options},
    ir::Api,
    lint,
    load::{self, Source},
    lower, overlay,
};

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The description.
    pub base: Source,
    /// What is known beyond it.
    pub overlay: Option<Source>,
    /// The names given by the last run.
    pub lock: Option<Source>,
    /// The tags to generate; all when empty.
    pub tags: Vec<String>,
    /// The name of the crate.
    pub crate_name: String,
    /// Where people change what is generated, for the headers of the files, as a rule the overlay.
    pub change: String,
}

/// What a run makes.
#[derive(Clone, Debug)]
pub struct Output {
    /// The files of `src/generated`, by path below it.
    pub files: BTreeMap<String, String>,
    /// The names given, for the next run.
    pub lock: String,
    /// What is worth a look, though nothing is wrong.
    pub warnings: Diagnostics,
}

/// Generates the source files of a client crate.
///
/// # Errors
///
/// Everything that is wrong with the inputs; then nothing is generated.
pub fn generate(inputs: &Inputs) -> Result<Output, Diagnostics> {
    let mut sink = Sink::new();
    let emitted = understand(inputs, &mut sink).and_then(|(_, api)| {
        let lock = inputs.lock.as_ref().map(|lock| lock.text.as_str());
        generate::emit_crate(&api, lock, &options(inputs), &mut sink)
    });
    let failed = sink.has_errors();
    let findings = sink.finish();
    match emitted {
        Some(emitted) if !failed => {
            Ok(Output { files: emitted.files, lock: emitted.lock, warnings: findings })
        }
        _ => Err(findings),
    }
}

/// What the description means, without generating anything.
///
/// # Errors
///
/// Everything that is wrong with the inputs.
pub fn api(inputs: &Inputs) -> Result<Api, Diagnostics> {
    let mut sink = Sink::new();
    understand(inputs, &mut sink).map(|(_, api)| api).ok_or_else(|| sink.finish())
}

/// Everything that is wrong with a description, or worth a look.
#[must_use]
pub fn check(base: &Source, overlay: Option<&Source>) -> Diagnostics {
    let mut sink = Sink::new();
    let inputs = Inputs {
        base: base.clone(),
        overlay: overlay.cloned(),
        lock: None,
        tags: Vec::new(),
        crate_name: "checked".to_owned(),
        change: String::new(),
    };
    if let Some((document, api)) = understand(&inputs, &mut sink) {
        lint::lint(&api, &document, &mut sink);
        // Names are looked at too: a collision is an error of the description.
        let _ = generate::emit_crate(&api, None, &options(&inputs), &mut sink);
    }
    sink.finish()
}

/// The files around the generated ones, for a crate that does not exist yet.
///
/// # Errors
///
/// Everything that is wrong with the inputs.
pub fn scaffold(inputs: &Inputs, core_path: &str) -> Result<BTreeMap<String, String>, Diagnostics> {
    let mut sink = Sink::new();
    let frame = understand(inputs, &mut sink)
        .and_then(|(_, api)| generate::scaffold(&api, &options(inputs), core_path, &mut sink));
    frame.ok_or_else(|| sink.finish())
}

fn understand(inputs: &Inputs, sink: &mut Sink) -> Option<(Document, Api)> {
    let raw = load::load(&inputs.base, sink)?;
    let document = overlay::apply(raw, inputs.overlay.as_ref(), sink)?;
    let api = lower::lower(&document, &inputs.tags, sink)?;
    Some((document, api))
}

fn options(inputs: &Inputs) -> Options {
    // Line ends are not content.
    let texts = [Some(&inputs.base), inputs.overlay.as_ref()].into_iter().flatten();
    let texts: Vec<String> = texts.map(|source| source.text.replace('\r', "")).collect();
    Options {
        crate_name: inputs.crate_name.clone(),
        description_digest: generate::digest(texts.iter().map(String::as_str)),
        command: "cargo xtask generate".to_owned(),
        change: inputs.change.clone(),
    }
}
