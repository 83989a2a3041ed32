//! From a description to all files of a crate, in memory.

use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use alipay_openapi::{
    Description, Strictness,
    diag::{Diagnostics, Sink},
    ir::Api,
    lint,
    load::Source,
    lower,
};

use crate::{
    digest::digest,
    emit::{self, Context, Emitted, trials},
    files::{self, File},
    layout::Layout,
    names::{self, GroupNames},
    print::{self, Unprintable, docs::clean},
    public_api::{self, NamedApi},
    scaffold::{self, Scaffold},
};

/// What the caller decides.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the crate, for example `alipay-voucher`.
    pub crate_name: String,
    /// What the tags share and no module is made of, for example `alipay.marketing`; found from the tags
    /// when it is not said. A crate whose tags may grow says it, so that its modules stay where they are.
    pub prefix: Option<String>,
    /// The names given by the last run: the text of `names.lock`.
    pub lock: Option<Source>,
    /// Where people change what is generated, for the headers of the files: as a rule the overlay.
    pub change: String,
    /// The hand-written files to begin with, for a crate that may not exist yet.
    pub scaffold: Option<Scaffold>,
}

impl Options {
    /// A crate of this name, and nothing else said.
    #[must_use]
    pub fn new(crate_name: impl Into<String>) -> Self {
        Self {
            crate_name: crate_name.into(),
            prefix: None,
            lock: None,
            change: "the overlay".to_owned(),
            scaffold: None,
        }
    }
}

/// What was generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The files of `src/generated`, by path below it.
    pub files: BTreeMap<String, String>,
    /// The files of `tests/generated`, by path below it.
    pub tests: BTreeMap<String, String>,
    /// The hand-written files to begin with, by path below the crate, when they were asked for.
    pub scaffold: BTreeMap<String, String>,
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
/// Everything that is wrong with the description; then nothing is generated.
pub fn generate(description: &Description, options: &Options) -> Result<Output, Diagnostics> {
    let mut sink = Sink::new();
    let emitted = description.read(&mut sink).and_then(|(document, api)| {
        lint::whole_examples(&api, &document, &mut sink);
        let emitted = emit_crate(&api, options, &digest(description.texts()), &mut sink);
        // The stages after the document know pointers only.
        sink.place(|pointer| document.locate(pointer));
        emitted
    });
    let failed = sink.has_errors();
    let findings = sink.finish();
    match emitted {
        Some(output) if !failed => Ok(Output { warnings: findings, ..output }),
        _ => Err(findings),
    }
}

/// Everything that is wrong with a description, or worth a look. A stage that fails does not hide what
/// later stages find in the rest.
#[must_use]
pub fn check(description: &Description) -> Diagnostics {
    let mut sink = Sink::new();
    if let Some(document) = description.document(Strictness::WhatFits, &mut sink) {
        let mut lowering = Sink::new();
        let api = lower::lower(&document, &description.tags, Strictness::WhatFits, &mut lowering);
        let whole = !lowering.has_errors();
        sink.append(lowering);
        if let Some(api) = api {
            lint::lint(&api, &document, &mut sink);
            // Names are looked at too: a collision is an error of the description. They need all of it.
            if whole {
                let mut naming = Sink::new();
                let options = Options::new("checked");
                let _ = emit_crate(&api, &options, &digest(description.texts()), &mut naming);
                naming.place(|pointer| document.locate(pointer));
                sink.append(naming);
            }
        }
    }
    sink.finish()
}

/// Below this number of files threads do not pay.
const FEW_FILES: usize = 8;

/// The back of the generator: from the IR to the files. `digest` identifies the texts of the description.
///
/// `None` when there was an error, which is in `sink` then.
#[must_use]
pub fn emit_crate(api: &Api, options: &Options, digest: &str, sink: &mut Sink) -> Option<Output> {
    let layout = Layout::of(api, sink);
    if sink.has_errors() {
        return None;
    }
    let lock = options.lock.as_ref().map(|lock| lock.text.as_str());
    let names = names::resolve(api, &layout, options.prefix.as_deref(), lock, sink)?;
    let krate = options.crate_name.replace('-', "_");
    let context = Context { api, layout: &layout, names: &names, krate: &krate, digest };
    let header = header(&options.change);
    let plan = files::files(api, &layout, &names);
    let texts = if plan.len() < FEW_FILES {
        plan.iter().map(|file| text(&context, &header, file)).collect()
    } else {
        in_parallel(&context, &header, &plan)
    };
    let mut files = BTreeMap::new();
    for (file, text) in plan.iter().zip(texts) {
        match text {
            Ok(text) => {
                files.insert(file.path.clone(), text);
            }
            Err(problem) => sink.push(problem.finding(&file.path)),
        }
    }
    let scaffold = match &options.scaffold {
        Some(kind) => scaffold::files(&context, &options.crate_name, kind, sink),
        None => BTreeMap::new(),
    };
    let generated_tests = trials::files(&context, &header);
    let lock = names.lock.render();
    let features = names.groups.iter().filter_map(GroupNames::feature).collect();
    let public_api = public_api::render(&NamedApi { api, layout: &layout, names: &names });
    (!sink.has_errors()).then_some(Output {
        files,
        tests: generated_tests,
        scaffold,
        lock,
        public_api,
        features,
        warnings: Diagnostics::default(),
    })
}

/// The line every file begins with. It does not name the description's version: a refresh would rewrite
/// every file.
fn header(change: &str) -> String {
    let change = clean::inline(change);
    format!("// @generated by `cargo xtask generate`. Do not edit: change {change} instead.\n")
}

/// One file: emitted and printed on one thread, since tokens cannot change threads.
fn text(context: &Context<'_>, header: &str, file: &File) -> Result<String, Unprintable> {
    Ok(match emit::file(context, file)? {
        Emitted::Rust(source) => print::render(header, source),
        Emitted::Text(text) => text,
    })
}

/// All files, by as many threads as there are processors; the result is in the order of the plan.
fn in_parallel(
    context: &Context<'_>,
    header: &str,
    plan: &[File],
) -> Vec<Result<String, Unprintable>> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(8);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((number, file)) = take(&next, plan) {
            done.push((number, text(context, header, file)));
        }
        done
    };
    let mut all = BTreeMap::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        all.extend(work());
        for thread in threads {
            // A thread that panicked leaves its files out, which is noticed below.
            all.extend(thread.join().unwrap_or_default());
        }
    });
    let lost = || Err(Unprintable("its thread was lost".to_owned()));
    (0..plan.len()).map(|number| all.remove(&number).unwrap_or_else(lost)).collect()
}

fn take<'p>(next: &AtomicUsize, plan: &'p [File]) -> Option<(usize, &'p File)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    plan.get(number).map(|file| (number, file))
}
