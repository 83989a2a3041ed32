//! The stages in their order.

#[cfg(feature = "emit")]
use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostics, Sink},
    document::Document,
    ir::Api,
    load::{self, Raw, Source},
    lower, overlay, removed,
};
#[cfg(feature = "emit")]
use crate::{
    emit::{Described, trials},
    generate::{self, Frame, Options},
    import, lint,
};

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The description.
    pub base: Source,
    /// What is known beyond it.
    pub overlay: Option<Source>,
    /// What Alipay has dropped and is kept as deprecated.
    pub removed: Option<Source>,
    /// The names given by the last run.
    pub lock: Option<Source>,
    /// The tags to generate; all when empty.
    pub tags: Vec<String>,
    /// What the tags share and no module is made of, for example `alipay.marketing`; found from the tags
    /// when it is not said. A crate whose tags may grow says it, so that its modules stay where they are.
    pub prefix: Option<String>,
    /// The name of the crate.
    pub crate_name: String,
    /// Where people change what is generated, for the headers of the files, as a rule the overlay.
    pub change: String,
    /// The folder with the description (`openapi.yaml`, `overlay.yaml`, `removed.yaml`) as seen from
    /// `tests/generated`, for the generated tests; without one, they get a copy of what they need of it.
    pub described_in: Option<String>,
}

/// What a run makes.
#[cfg(feature = "emit")]
#[derive(Clone, Debug)]
pub struct Output {
    /// The files of `src/generated`, by path below it.
    pub files: BTreeMap<String, String>,
    /// The files of `tests/generated`, by path below it.
    pub tests: BTreeMap<String, String>,
    /// The names given, for the next run.
    pub lock: String,
    /// The crate's public API, one line per item.
    pub public_api: String,
    /// The cargo features of the groups.
    pub features: Vec<String>,
    /// What is worth a look, though nothing is wrong.
    pub warnings: Diagnostics,
}

/// Generates the source files of a client crate.
///
/// # Errors
///
/// Everything that is wrong with the inputs; then nothing is generated.
#[cfg(feature = "emit")]
pub fn generate(inputs: &Inputs) -> Result<Output, Diagnostics> {
    run(inputs, None).map(|(output, _)| output)
}

/// The same, and the files around the generated ones, for a crate that may not exist yet.
///
/// # Errors
///
/// Everything that is wrong with the inputs; then nothing is generated.
#[cfg(feature = "emit")]
pub fn generate_with_frame(
    inputs: &Inputs,
    frame: &Frame,
) -> Result<(Output, BTreeMap<String, String>), Diagnostics> {
    run(inputs, Some(frame))
}

#[cfg(feature = "emit")]
fn run(
    inputs: &Inputs,
    frame: Option<&Frame>,
) -> Result<(Output, BTreeMap<String, String>), Diagnostics> {
    let mut sink = Sink::new();
    let emitted = understand(inputs, &mut sink).and_then(|(document, api)| {
        lint::whole_examples(&api, &document, &mut sink);
        let lock = inputs.lock.as_ref().map(|lock| lock.text.as_str());
        let mut emitted = generate::emit_crate(&api, lock, &options(inputs), frame, &mut sink);
        if let (Some(emitted), None) = (&mut emitted, &inputs.described_in) {
            let copy = import::served(&document.value, &inputs.tags);
            emitted.tests.insert(trials::DESCRIPTION.to_owned(), copy);
        }
        // The stages after the document know pointers only.
        sink.place(|pointer| document.locate(pointer));
        emitted
    });
    let failed = sink.has_errors();
    let findings = sink.finish();
    match emitted {
        Some(emitted) if !failed => {
            let output = Output {
                files: emitted.files,
                tests: emitted.tests,
                lock: emitted.lock,
                public_api: emitted.public_api,
                features: emitted.features,
                warnings: findings,
            };
            Ok((output, emitted.frame))
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

/// Everything that is wrong with a description, or worth a look. A stage that fails does not hide what
/// later stages find in the rest.
#[cfg(feature = "emit")]
#[must_use]
pub fn check(base: &Source, overlay: Option<&Source>, removed: Option<&Source>) -> Diagnostics {
    let mut sink = Sink::new();
    let inputs = Inputs {
        base: base.clone(),
        overlay: overlay.cloned(),
        removed: removed.cloned(),
        lock: None,
        tags: Vec::new(),
        prefix: None,
        crate_name: "checked".to_owned(),
        change: String::new(),
        described_in: None,
    };
    if let Some(raw) = read(&inputs, &mut sink)
        && let Some(document) = overlay::apply_what_fits(raw, overlay, &mut sink)
    {
        let mut lowering = Sink::new();
        let api = lower::lower_what_can_be(&document, &inputs.tags, &mut lowering);
        let whole = !lowering.has_errors();
        sink.append(lowering);
        lint::lint(&api, &document, &mut sink);
        // Names are looked at too: a collision is an error of the description. They need all of it.
        if whole {
            let mut naming = Sink::new();
            let _ = generate::emit_crate(&api, None, &options(&inputs), None, &mut naming);
            naming.place(|pointer| document.locate(pointer));
            sink.append(naming);
        }
    }
    sink.finish()
}

/// A description as far as it can be understood, for comparisons: findings of an overlay that does not
/// fit (yet) are warnings, and its actions are left out.
///
/// # Errors
///
/// When it cannot be understood at all.
#[cfg(feature = "emit")]
pub(crate) fn outline(inputs: &Inputs) -> Result<(Document, Api, Sink), Diagnostics> {
    let mut sink = Sink::new();
    let Some(raw) = read(inputs, &mut sink) else { return Err(sink.finish()) };
    let mut laying = Sink::new();
    let document = overlay::apply_what_fits(raw, inputs.overlay.as_ref(), &mut laying);
    let Some(document) = document else {
        sink.append(laying);
        return Err(sink.finish());
    };
    let api = lower::lower(&document, &inputs.tags, &mut sink);
    match api {
        Some(api) => {
            sink.append(laying.errors_as_warnings());
            Ok((document, api, sink))
        }
        None => {
            sink.append(laying);
            Err(sink.finish())
        }
    }
}

fn understand(inputs: &Inputs, sink: &mut Sink) -> Option<(Document, Api)> {
    let raw = read(inputs, sink)?;
    let document = overlay::apply(raw, inputs.overlay.as_ref(), sink)?;
    let api = lower::lower(&document, &inputs.tags, sink)?;
    Some((document, api))
}

/// The base with what is kept of what it lost.
fn read(inputs: &Inputs, sink: &mut Sink) -> Option<Raw> {
    let raw = load::load(&inputs.base, sink)?;
    match &inputs.removed {
        Some(removed) => removed::restore(raw, removed, sink),
        None => Some(raw),
    }
}

#[cfg(feature = "emit")]
fn options(inputs: &Inputs) -> Options {
    let texts = [Some(&inputs.base), inputs.overlay.as_ref(), inputs.removed.as_ref()];
    let texts = texts.into_iter().flatten().map(|source| source.text.as_str());
    Options {
        crate_name: inputs.crate_name.clone(),
        prefix: inputs.prefix.clone(),
        description_digest: generate::digest(texts),
        command: "cargo xtask generate".to_owned(),
        change: inputs.change.clone(),
        described: Described {
            folder: inputs.described_in.clone(),
            overlay: inputs.overlay.is_some(),
            removed: inputs.removed.is_some(),
        },
    }
}
