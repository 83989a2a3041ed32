//! The generator stage by stage, each against the least that does the same: for the voucher group, for a
//! made description of the size of Alipay's whole one, and for the file that `ALIPAY_DESCRIPTION` names.
//!
//! CPU time of the whole process is measured, since files are emitted by several threads.

#![allow(clippy::expect_used, clippy::semicolon_if_nothing_returned)] // benches

use std::{collections::BTreeMap, fs, hint::black_box, path::Path, time::Duration};

use alipay_codegen::{NamedApi, Options, generate, layout::Layout, names, public_api};
use alipay_openapi::{
    Description, Scope, Strictness, audit,
    diag::Sink,
    load::{self, Source},
    lower,
    overlay::{self, Layers},
};
use cpu_time::ProcessTime;
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};

/// The made description is this many times smaller where a bench only shows that it works.
const SMALL: usize = 20;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/alipay-voucher");
    stages(
        &mut criterion,
        "voucher",
        &Description::new(file(&spec.join("openapi.yaml")))
            .overlay(Some(file(&spec.join("overlay.yaml")))),
    );
    let share = if cfg!(debug_assertions) { SMALL } else { 1 };
    let text = alipay_benches::made::description(share);
    stages(
        &mut criterion,
        "made",
        &Description::new(Source { name: "made.yaml".to_owned(), text }),
    );
    if let Some(path) = std::env::var_os("ALIPAY_DESCRIPTION") {
        stages(&mut criterion, "given", &Description::new(file(Path::new(&path))));
    }
    criterion.final_summary();
}

fn file(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("the description can be read");
    Source { name: path.display().to_string(), text }
}

/// A member of a group: what comes first is not measured.
fn measure<I, O>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    input: impl Fn() -> I,
    routine: impl Fn(I) -> O,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                let input = input();
                let start = ProcessTime::now();
                let output = black_box(routine(input));
                spent += start.elapsed();
                drop(output);
            }
            spent
        });
    });
}

fn stages(criterion: &mut Criterion, what: &str, description: &Description) {
    let (scope, whole) = (Scope::default(), Strictness::Whole);
    let mut sink = Sink::new();
    let raw = load::load(&description.base, &mut sink).expect("the description can be read");
    let layers = Layers { overlay: description.overlay.as_ref(), ..Layers::default() };
    let document = overlay::apply(raw.clone(), layers, &scope, whole, &mut sink);
    let Some(document) = document else { return complain(what, sink) };
    let Some(api) = lower::lower(&document, &[], Strictness::Whole, &mut sink) else {
        return complain(what, sink);
    };
    let options = Options::new("alipay-measured");
    let Some(output) = generate::emit_crate(&api, &options, "", &mut sink) else {
        return complain(what, sink);
    };

    let mut group = criterion.benchmark_group(format!("generate/{what}/read"));
    measure(
        &mut group,
        "floor: serde_yaml into openapiv3",
        || (),
        |()| serde_yaml::from_str::<openapiv3::OpenAPI>(&description.base.text),
    );
    measure(&mut group, "load", || (), |()| load::load(&description.base, &mut Sink::new()));
    measure(&mut group, "audit", || (), |()| audit::audit(&raw, &mut Sink::new()));
    group.finish();

    let mut group = criterion.benchmark_group(format!("generate/{what}/understand"));
    if description.overlay.is_some() {
        measure(
            &mut group,
            "overlay, with its load and two audits",
            || raw.clone(),
            |raw| overlay::apply(raw, layers, &scope, whole, &mut Sink::new()),
        );
    }
    measure(
        &mut group,
        "lower",
        || (),
        |()| lower::lower(&document, &[], Strictness::Whole, &mut Sink::new()),
    );
    measure(
        &mut group,
        "names",
        || (),
        |()| {
            let mut sink = Sink::new();
            let layout = Layout::of(&api, &mut sink);
            names::resolve(&api, &layout, None, None, &mut sink)
        },
    );
    group.finish();

    let mut group = criterion.benchmark_group(format!("generate/{what}/emit"));
    let parsed: Vec<_> = output
        .files
        .iter()
        .filter(|(path, _)| *path != "OPERATIONS.md")
        .filter_map(|(_, text)| syn::parse_file(text).ok())
        .collect();
    measure(
        &mut group,
        "floor: prettyplease of what is parsed already",
        || (),
        |()| parsed.iter().map(prettyplease::unparse).map(|text| text.len()).sum::<usize>(),
    );
    drop(parsed);
    let layout = Layout::of(&api, &mut sink);
    let names = names::resolve(&api, &layout, None, None, &mut sink);
    if let Some(names) = &names {
        measure(
            &mut group,
            "public API",
            || (),
            |()| public_api::render(&NamedApi::new(&api, &layout, names)),
        );
    }
    measure(
        &mut group,
        "names, files, lock and public API",
        || (),
        |()| generate::emit_crate(&api, &options, "", &mut Sink::new()),
    );
    measure(
        &mut group,
        "write",
        || tempfile::tempdir().ok(),
        |folder| folder.map(|folder| write(folder.path(), &output.files).map(|()| folder)),
    );
    group.finish();

    let mut group = criterion.benchmark_group(format!("generate/{what}/whole"));
    measure(
        &mut group,
        "floor: serde_yaml into openapiv3",
        || (),
        |()| serde_yaml::from_str::<openapiv3::OpenAPI>(&description.base.text),
    );
    measure(&mut group, "generate", || (), |()| alipay_codegen::generate(description, &options));
    group.finish();
}

fn write(folder: &Path, files: &BTreeMap<String, String>) -> std::io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a bench reports to people")]
fn complain(what: &str, sink: Sink) {
    eprintln!("{what} cannot be generated:\n{}", sink.finish());
}
