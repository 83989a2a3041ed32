//! From a description to all files of a crate, in memory.

use std::{
    collections::BTreeMap,
    iter,
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use alipay_openapi::{
    Description, Strictness,
    diag::{Diagnostic, Diagnostics, Sink},
    ir::{Api, LeftOut},
    lint,
    load::Source,
    lower,
    pointer::Pointer,
};

use crate::{
    elsewhere::Shared,
    emit::{self, generated_tests},
    files::{self, File},
    layout::Layout,
    named::NamedApi,
    names::{self, GroupNames},
    print::docs::clean,
    public_api,
    scaffold::{self, Scaffold},
};

/// What the caller decides.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the crate, for example `alipay-voucher`.
    pub crate_name: String,
    /// The segments that all tags begin with and module paths leave out, for example `alipay.marketing`. By
    /// default it is found from the tags. A crate that may get more tags gives it, so that its modules stay
    /// where they are.
    pub prefix: Option<String>,
    /// The names given by the last run: the text of `names.lock`.
    pub lock: Option<Source>,
    /// Where people change what is generated, for the headers of the files: as a rule the overlay.
    pub change: String,
    /// The hand-written files that a new crate begins with; none for a crate that exists.
    pub scaffold: Option<Scaffold>,
    /// The crate whose types are re-exported where this one has the same.
    pub shared: Option<Shared>,
}

impl Options {
    /// A crate of this name, with defaults for the rest.
    #[must_use]
    pub fn new(crate_name: impl Into<String>) -> Self {
        Self {
            crate_name: crate_name.into(),
            prefix: None,
            lock: None,
            change: "the overlay".to_owned(),
            scaffold: None,
            shared: None,
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
    /// The hand-written files that a new crate begins with, by path below the crate.
    pub scaffold: BTreeMap<String, String>,
    /// The names given, for the next run.
    pub lock: String,
    /// The crate's public API, one line per item.
    pub public_api: String,
    /// The cargo features of the groups.
    pub features: Vec<String>,
    /// The operations that were left out.
    pub left_out: Vec<LeftOut>,
    /// Warnings.
    pub warnings: Diagnostics,
}

/// Generates the source files of a client crate.
///
/// # Errors
///
/// All that is wrong with the description. Nothing is generated then. Where operations may be left out, only
/// what is not about one of them.
pub fn generate(description: &Description, options: &Options) -> Result<Output, Diagnostics> {
    description.leaving_out(|description| generate_all(description, options))
}

fn generate_all(description: &Description, options: &Options) -> Result<Output, Diagnostics> {
    let mut sink = Sink::new();
    let emitted = description.read(&mut sink).and_then(|(document, api)| {
        some_operations(&api, &mut sink);
        lint::whole_examples(&api, &document, &mut sink);
        let emitted = emit_crate(&api, options, document.digest(), &mut sink);
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

/// All errors and warnings about a description. A stage that fails does not hide what
/// later stages find in the rest.
#[must_use]
pub fn check(description: &Description) -> Diagnostics {
    let mut sink = Sink::new();
    if let Some(document) = description.document(Strictness::WhatFits, &mut sink) {
        let mut lowering = Sink::new();
        let api =
            lower::lower(&document, &description.scope.tags, Strictness::WhatFits, &mut lowering);
        let whole = !lowering.has_errors();
        sink.append(lowering);
        if let Some(api) = api {
            // Where operations are refused, their errors say why there is none.
            if whole {
                let mut empty = Sink::new();
                some_operations(&api, &mut empty);
                empty.place(|pointer| document.locate(pointer));
                sink.append(empty);
            }
            lint::lint(&api, &document, &mut sink);
            // Names are looked at too: a collision is an error of the description. They need all of it.
            if whole {
                let mut naming = Sink::new();
                let options = Options::new("checked");
                let _ = emit_crate(&api, &options, document.digest(), &mut naming);
                naming.place(|pointer| document.locate(pointer));
                sink.append(naming);
            }
        }
    }
    sink.finish()
}

/// A client without a method is nothing that anybody wants.
fn some_operations(api: &Api, sink: &mut Sink) {
    if api.groups.iter().all(|group| group.operations.is_empty()) {
        sink.push(
            Diagnostic::error("no-operations", "there is no operation to make a client for")
                .pointer(&Pointer::parse("/paths"))
                .hint("look at the paths of the description, and at what the overlay removes"),
        );
    }
}

/// With fewer files, threads do not pay.
const FEW_FILES: usize = 8;

/// The second half of the generator: from the IR to the files. `digest` identifies the description.
///
/// `None` when there was an error, which is in `sink` then.
#[must_use]
pub fn emit_crate(api: &Api, options: &Options, digest: &str, sink: &mut Sink) -> Option<Output> {
    let layout = Layout::of(api, sink);
    if sink.has_errors() {
        return None;
    }
    let lock = options.lock.as_ref();
    let names = names::resolve(api, &layout, options.prefix.as_deref(), lock, sink)?;
    let krate = options.crate_name.replace('-', "_");
    let own = NamedApi::new(api, &layout, &names);
    let elsewhere = match &options.shared {
        Some(shared) => shared.types(&names.lock, &public_api::render(&own), sink),
        None => BTreeMap::new(),
    };
    let items = NamedApi { elsewhere: &elsewhere, ..own };
    let header = header(&options.change);
    let plan = files::files(&items);
    let mut files = BTreeMap::new();
    for (path, text) in in_parallel(&plan, |file| emit::file(&items, &krate, digest, &header, file))
    {
        match text {
            Ok(text) => _ = files.insert(path.clone(), text),
            Err(problem) => sink.push(problem.finding(path)),
        }
    }
    let scaffold = match &options.scaffold {
        Some(kind) => scaffold::files(&items, &options.crate_name, &krate, kind, sink),
        None => BTreeMap::new(),
    };
    (!sink.has_errors()).then(|| Output {
        files,
        tests: generated_tests::files(&items, &krate, &header),
        scaffold,
        lock: names.lock.render(),
        public_api: public_api::render(&items),
        features: names.groups.iter().filter_map(GroupNames::feature).collect(),
        left_out: api.left_out.clone(),
        warnings: Diagnostics::default(),
    })
}

/// The line every file begins with. It does not name the description's version, since a new version would
/// rewrite every file.
fn header(change: &str) -> String {
    let change = clean::inline(change);
    format!("// @generated by `cargo xtask generate`. Do not edit: change {change} instead.\n")
}

/// What is made of each file, by as many threads as there are processors.
fn in_parallel<T: Send>(plan: &[File], make: impl Fn(&File) -> T + Sync) -> BTreeMap<&String, T> {
    let workers = if plan.len() < FEW_FILES {
        1
    } else {
        thread::available_parallelism().map_or(1, NonZero::get).min(8)
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let files = iter::from_fn(|| plan.get(next.fetch_add(1, Ordering::Relaxed)));
        files.map(|file| (&file.path, make(file))).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut done = BTreeMap::from_iter(work());
        for thread in threads {
            done.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    })
}
