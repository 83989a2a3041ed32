//! The table of constructs (`CONSTRUCTS.md`) is true: a test per row compares it with its fixture.
//!
//! The fixtures that generate are also merged into one description, whose code stands in
//! `codegen/tests/compiled/`, where it is compiled and run. `INSTA_UPDATE=always` writes it anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use alipay_codegen::Options;
use alipay_openapi::{
    Description,
    diag::{Diagnostics, Sink},
    import::{ImportOptions, import},
    load::{self, Source},
};
use libtest_mimic::Trial;
use serde_json::{Map, Value, json};

use crate::support::{functions, test};

/// The tests of this file.
pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = functions![
        each_row_has_a_fixture_and_each_fixture_a_row,
        defaults_and_amounts_that_do_not_fit_are_warnings,
        whole_examples_that_do_not_fit_are_warnings,
        what_is_compiled_of_examples_is_what_is_documented,
        the_compiled_code_is_that_of_the_fixtures,
        an_object_of_too_many_parts_is_refused_at_once,
        what_is_made_of_personal_data_is_personal,
        names_of_values_are_checked,
        an_enum_keeps_its_name_when_another_comes_later,
    ];
    for row in rows() {
        let fixture = row.fixture.clone();
        if let Outcome::Refused(code) = row.outcome.clone() {
            tests.push(test(format!("refused::{fixture}"), move || refused(&row, &code)));
        } else {
            let same = row.clone();
            tests.push(test(format!("supported::{fixture}"), move || supported(&row)));
            tests.push(test(format!("prose::{fixture}"), move || without_prose(&same)));
        }
    }
    tests
}

const TABLE: &str = include_str!("../../../openapi/CONSTRUCTS.md");

/// A row of the table.
#[derive(Clone, Debug)]
struct Row {
    construct: String,
    outcome: Outcome,
    fixture: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Supported,
    Documentation,
    Ignored,
    Refused(String),
}

fn rows() -> Vec<Row> {
    let lines =
        TABLE.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| construct"));
    lines
        .filter(|line| !line.starts_with("| ---"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [construct, outcome, _, fixture] = cells[..] else { panic!("four cells: {line}") };
            let outcome = match outcome {
                "supported" => Outcome::Supported,
                "documentation" => Outcome::Documentation,
                "ignored" => Outcome::Ignored,
                other => {
                    let code =
                        other.strip_prefix("refused: `").and_then(|code| code.strip_suffix('`'));
                    Outcome::Refused(code.unwrap_or_else(|| panic!("{line}")).to_owned())
                }
            };
            Row {
                construct: construct.to_owned(),
                outcome,
                fixture: fixture.trim_matches('`').to_owned(),
            }
        })
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/constructs")
}

fn source(fixture: &str) -> Source {
    let name = format!("{fixture}.yaml");
    Source::new(&name, fs::read_to_string(folder().join(&name)).unwrap())
}

fn options() -> Options {
    Options { change: "the fixtures".to_owned(), ..Options::new("alipay-constructs") }
}

fn lint(base: &Source) -> Diagnostics {
    alipay_codegen::check(&Description::new(base.clone()))
}

fn each_row_has_a_fixture_and_each_fixture_a_row() {
    let rows = rows();
    assert!(rows.len() > 80, "the table is not read: {}", rows.len());
    let named: BTreeSet<String> = rows.iter().map(|row| format!("{}.yaml", row.fixture)).collect();
    assert_eq!(named.len(), rows.len(), "a fixture has two rows");
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let files: BTreeSet<String> = files.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(named, files);
}

/// The compiled constructs show the code; what is snapshot are warnings.
fn supported(row: &Row) {
    let output = alipay_codegen::generate(&Description::new(source(&row.fixture)), &options())
        .unwrap_or_else(|findings| panic!("{}:\n{findings}", row.construct));
    if !output.warnings.is_empty() {
        return snapshot(row, &output.warnings);
    }
    let file = format!("cases__constructs__construct_{}.snap", row.fixture);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/snapshots").join(file);
    assert!(!file.exists(), "a warning that {} shows is gone", file.display());
}

fn refused(row: &Row, code: &str) {
    let description = Description::new(source(&row.fixture));
    let Err(findings) = alipay_codegen::generate(&description, &options()) else {
        panic!("{} was generated", row.construct);
    };
    let found: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(found, [code], "{}:\n{findings}", row.construct);
    crate::support::assert_helpful(&findings);
    snapshot(row, &findings);
}

fn snapshot(row: &Row, findings: &Diagnostics) {
    insta::with_settings!({ omit_expression => true, description => &row.construct }, {
        insta::assert_snapshot!(format!("construct_{}", row.fixture), findings.to_string());
    });
}

/// The warnings the table speaks of.
fn defaults_and_amounts_that_do_not_fit_are_warnings() {
    let text = source("defaults").text.replace("default: 3", "default: three");
    let findings = lint(&Source::new("defaults.yaml", text)).to_string();
    assert!(findings.contains("warning[default-misfit]"), "{findings}");
    assert!(!lint(&source("defaults")).to_string().contains("misfit"));
    let text = source("numbers").text.replace("weight", "price");
    let findings = lint(&Source::new("numbers.yaml", text)).to_string();
    assert!(findings.contains("warning[money-not-decimal]"), "{findings}");
}

/// Whoever generates is told, too: what does not fit is not shown.
fn whole_examples_that_do_not_fit_are_warnings() {
    let text = source("whole_example").text;
    for (from, to, said) in [
        ("        title: 笔", "        titel: 笔", "`titel`, which is no field of `WholeExample`"),
        ("        title: 笔", "        titel: 笔", "lacks `title`, which is required"),
        ("        title: 笔", "        titel: 笔", "did you mean `title`?"),
        ("\"2.50\"]", "\"2.505\"]", "`prices` does not fit: it has to be an amount"),
        ("b: -2", "b: two", "`stock` does not fit: it has to be an integer"),
        ("size: 3}", "size: 3.5}", "`size` does not fit: it has to be an integer"),
        ("[BLUE, RED]\n        codes", "[GREEN]\n        codes", "one of the known values"),
        ("order-1", "order 1", "`order_no` does not fit: it has to be 1 to 64 visible ASCII"),
        ("tags: [new, old]", "tags: []", "it has to be a list of at least one item"),
        ("{size: 2, inner: {}}", "{size: 2, inner: x}", "it has to be an object"),
        ("2028-02-29", "2027-02-29", "`since` does not fit: it has to be a time"),
    ] {
        assert!(text.contains(from), "{from}");
        let base = Source::new("whole_example.yaml", text.replacen(from, to, 1));
        let generated =
            alipay_codegen::generate(&Description::new(base.clone()), &options()).unwrap().warnings;
        let linted: Vec<String> = lint(&base).iter().map(ToString::to_string).collect();
        assert!(!generated.is_empty(), "{to}");
        for finding in generated.iter() {
            assert_eq!(finding.code, "example-misfit", "{finding}");
            let line = finding.location.as_ref().unwrap().line;
            assert!(text.lines().take(line).any(|line| line == "      example:"), "{finding}");
            assert!(linted.contains(&finding.to_string()), "{finding}");
        }
        assert!(generated.to_string().contains(said), "{to}: {generated}");
    }
    assert!(!lint(&source("whole_example")).to_string().contains("misfit"));
}

/// The functions that tests call hold the lines of the documentation.
fn what_is_compiled_of_examples_is_what_is_documented() {
    let description = everything().to_string();
    let output = alipay_codegen::generate(
        &Description::new(Source::new("openapi.json", description.as_str())),
        &options(),
    );
    let output = output.unwrap_or_else(|findings| panic!("{findings}"));
    let documented: Vec<&str> = output.files["api.rs"]
        .lines()
        .map(|line| line.trim_start().trim_start_matches("///"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let documented = documented.join("\n");
    let functions = output.tests["examples/shop.rs"].split("\npub fn ").skip(1);
    let mut count = 0;
    for function in functions {
        let body = function.lines().skip(1).take_while(|line| *line != "    Ok(request)");
        let body: Vec<&str> = body.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        assert!(documented.contains(&body.join("\n")), "{function}");
        count += 1;
    }
    // Methods that wait are documented with the request of the operation that is asked.
    let waits = documented.matches("= api.wait_until_").count();
    assert_eq!(count, documented.matches("\n```no_run\n").count() - waits);
}

/// All fixtures that generate, as one description.
fn everything() -> Value {
    let mut all = json!({
        "openapi": "3.0.3",
        "info": {"title": "All supported constructs", "version": "2026-01-31"},
        "paths": {},
        "components": {},
    });
    for row in rows().iter().filter(|row| !matches!(row.outcome, Outcome::Refused(_))) {
        let mut sink = Sink::new();
        let raw = load::parse(&source(&row.fixture), &mut sink).unwrap();
        let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
        merge(&mut all, "paths", members(&raw.value["paths"]));
        for (section, parts) in members(&raw.value["components"]) {
            merge(&mut all["components"], &section, members(&parts));
        }
    }
    all
}

fn merge(into: &mut Value, key: &str, members: Map<String, Value>) {
    let known = into.as_object_mut().unwrap().entry(key).or_insert_with(|| json!({}));
    for (name, member) in members {
        let before = known.as_object_mut().unwrap().insert(name.clone(), member);
        assert!(before.is_none() || section_may_repeat(key), "{key}/{name} is in two fixtures");
    }
}

fn section_may_repeat(section: &str) -> bool {
    section == "securitySchemes"
}

fn the_compiled_code_is_that_of_the_fixtures() {
    let description = everything().to_string();
    let output = alipay_codegen::generate(
        &Description::new(Source::new("openapi.json", description.as_str())),
        &options(),
    )
    .unwrap_or_else(|findings| panic!("{findings}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compiled");
    let folders = [("src/generated", &output.files), ("tests/generated", &output.tests)];
    let mut wanted: BTreeMap<PathBuf, &String> = BTreeMap::new();
    for (folder, files) in &folders {
        wanted.extend(files.iter().map(|(path, text)| (root.join(folder).join(path), text)));
    }
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        for (folder, _) in &folders {
            let _ = fs::remove_dir_all(root.join(folder));
        }
        for (path, text) in &wanted {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    for (path, text) in &wanted {
        let found = fs::read_to_string(path).unwrap_or_default();
        assert!(
            found.replace('\r', "") == **text,
            "{} is stale: run INSTA_UPDATE=always cargo test -p alipay-codegen --test cases",
            path.display()
        );
    }
}

/// Parts of parts, each level twice the one below: what would take for ever is refused.
fn an_object_of_too_many_parts_is_refused_at_once() {
    for leaf in ["{type: object, properties: {a: {type: string}}}", "{type: string}"] {
        let mut text = source("all_of_itself").text;
        let start = text.find("    AllOfItself:").unwrap();
        text.truncate(start);
        for level in 0..60 {
            let name = if level == 0 { String::new() } else { level.to_string() };
            let next = level + 1;
            let part = format!("{{$ref: \"#/components/schemas/AllOfItself{next}\"}}");
            writeln!(text, "    AllOfItself{name}: {{allOf: [{part}, {part}]}}").unwrap();
        }
        writeln!(text, "    AllOfItself60: {leaf}").unwrap();
        let findings =
            alipay_codegen::generate(&Description::new(Source::new("deep.yaml", text)), &options())
                .err()
                .unwrap();
        let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
        assert!(codes.is_subset(&["too-large", "unsupported-construct"].into()), "{findings}");
    }
}

fn what_is_made_of_personal_data_is_personal() {
    let text = source("maps").text.replace(
        "labels: {type: object, additionalProperties: {type: string}, minProperties: 1}",
        "labels: {type: object, additionalProperties: {$ref: \"#/components/schemas/Secrets\"}}\n        \
         noted: {description: A note., allOf: [{$ref: \"#/components/schemas/Secrets\"}]}\n        \
         phones: {type: array, items: {type: string, x-alipay-sensitive: true}}",
    );
    let text = text.replace(
        "    MapsCap:",
        "    Secrets: {type: array, items: {type: string, format: password}}\n    MapsCap:",
    );
    let api = Description::new(Source::new("maps.yaml", text)).api().unwrap();
    let fields = api.structs.iter().flat_map(|item| &item.fields);
    let sensitive = fields.filter(|field| field.sensitive).map(|field| field.wire.as_str());
    assert_eq!(sensitive.collect::<Vec<_>>(), ["labels", "noted", "phones"]);
}

/// What the overlay calls values is checked, and what is said of it can be followed.
fn names_of_values_are_checked() {
    let text = source("named_values").text;
    for (from, to, said) in [
        ("ASC: Upper", "ACS: Upper", "error[unknown-enum-value]: \"ACS\" has a name"),
        ("ASC: Upper", "ACS: Upper", "did you mean `ASC`?"),
        ("ASC: Upper", "ASC: upper", "error[bad-name]: no Rust name can be made of `upper`"),
        ("ASC: Upper", "ASC: \"\"", "`x-enum-names` has it for the value \"ASC\""),
        ("ASC: Upper", "ASC: Desc", "error[name-collision]: two items would be called `Desc`"),
        ("ASC: Upper", "ASC: Plus", "error[name-collision]: two items would be called `Plus`"),
        ("ASC: Upper", "ASC: Unknown", "error[reserved-name]"),
        ("ASC: Upper", "ASC: Self", "error[bad-name]"),
        ("ASC: Upper, ", "", "`x-enum-names: {\"ASC\": AnotherName}`"),
        (", 升序: Ascending", "", "`x-enum-names: {\"升序\": AnotherName}`"),
        (", \"\": Empty", "", "`x-enum-names: {\"\": AnotherName}`"),
        (", \"😀\": Smile", "", "`x-enum-names: {\"😀\": AnotherName}`"),
        ("a-b: Hyphen", "a-b: AB", "error[name-collision]"),
        (
            ", x-enum-names: {named.value: Dotted}",
            "",
            "`x-enum-names: {\"named.value\": AnotherName}`",
        ),
        ("{named.value: Dotted}", "{other.value: Dotted}", "error[unknown-enum-value]"),
        ("[NAMED_VALUE, named.value]", "[NAMED_VALUE, NAMED_VALUE]", "error[duplicate-value]"),
        (
            "[a-b, a_b]",
            "[a-b, a_b, a-b]",
            "error[duplicate-value]: the value \"a-b\" is listed twice",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let base = Source::new("named_values.yaml", text.replacen(from, to, 1));
        let findings = alipay_codegen::generate(&Description::new(base), &options()).err().unwrap();
        crate::support::assert_helpful(&findings);
        assert!(findings.to_string().contains(said), "{from} -> {to}:\n{findings}");
        assert!(!findings.to_string().contains("Nameless"), "{findings}");
    }
}

/// The first of the description keeps the name of its field, whichever is met first.
fn an_enum_keeps_its_name_when_another_comes_later() {
    let text = source("enums_of_one_name").text;
    let names = |text: &str| {
        let api = Description::new(Source::new("enums.yaml", text)).api().unwrap();
        api.enums.into_iter().map(|item| item.name).collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&text), ["EnumsHubVariety".to_owned(), "Variety".to_owned()].into());
    let more =
        "    EnumsMore: {type: object, properties: {variety: {type: string, enum: [OTHER]}}}\n";
    let hub = "        hub: ";
    let text = text.replace(
        hub,
        &format!("        more: {{$ref: \"#/components/schemas/EnumsMore\"}}\n{hub}"),
    );
    let known = ["EnumsHubVariety", "EnumsMoreVariety", "Variety"].map(str::to_owned);
    assert_eq!(names(&format!("{text}{more}")), known.into());
}

/// Prose can be left out of a base; what is said of values cannot.
fn without_prose(row: &Row) {
    let whole = source(&row.fixture);
    let mut sink = Sink::new();
    let tags = ["shop".to_owned()];
    let raw = load::load(&whole, &mut sink).unwrap();
    let cut = import(&raw, &tags, ImportOptions::default(), &mut sink).unwrap();
    let meaning = |source: Source| {
        let mut api = Description::new(source).api().unwrap();
        for field in api.structs.iter_mut().flat_map(|item| &mut item.fields) {
            field.docs = alipay_openapi::ir::Docs::default();
        }
        for item in &mut api.structs {
            item.docs = alipay_openapi::ir::Docs::default();
        }
        api
    };
    let cut = Source::new("cut.yaml", cut.yaml);
    assert_eq!(meaning(cut).structs, meaning(whole).structs);
}
