//! The documents are about what is there: each file that they name exists, `docs/architecture.md` has an entry
//! for each module, and pages in two languages say the same.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The documents. Records of decisions name what was, so only the links in them are followed.
const DOCUMENTS: &[&str] = &[
    ".github/ISSUE_TEMPLATE/bug.md",
    ".github/ISSUE_TEMPLATE/fact.md",
    ".github/ISSUE_TEMPLATE/question.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
    "CONTRIBUTING.md",
    "README.md",
    "README.zh-CN.md",
    "RELEASING.md",
    "SECURITY.md",
    "alipay-cli/README.md",
    "alipay-core/README.md",
    "codegen/README.md",
    "docs/architecture.md",
    "docs/diff.md",
    "docs/guide.md",
    "docs/guide.zh-CN.md",
    "docs/performance.md",
    "docs/style.md",
    "openapi/README.md",
];
/// The documents whose paths are files of this repository, not of an example.
const EXACT: &[&str] =
    &["RELEASING.md", "SECURITY.md", "docs/architecture.md", "docs/diff.md", "docs/style.md"];
/// Pages in English and in Chinese.
const IN_TWO_LANGUAGES: &[(&str, &str)] =
    &[("README.md", "README.zh-CN.md"), ("docs/guide.md", "docs/guide.zh-CN.md")];
/// Where the sources of each crate are.
const SOURCES: &[&str] = &[
    "alipay-cli/src",
    "alipay-core/src",
    "alipay-marketing/src",
    "alipay-mock/src",
    "alipay-voucher/src",
    "codegen/src",
    "examples/src",
    "long-runs/src",
    "openapi/src",
    "xtask/src",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What stands between two backticks, outside of blocks of code.
fn code_spans(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// The targets of links, and those of the definitions of links.
fn links(text: &str) -> Vec<&str> {
    let outside: Vec<_> = text.split("```").step_by(2).collect();
    let targets = outside.iter().flat_map(|text| text.split("](").skip(1));
    let targets = targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets
        .chain(outside.iter().flat_map(|text| definitions(text)).map(|(_, target)| target))
        .collect()
}

/// The definitions of links: their names and their targets.
fn definitions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "))
}

/// The blocks of code: their languages and what is in them.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let inside = text.split("```").skip(1).step_by(2);
    inside.map(|block| block.split_once('\n').unwrap()).collect()
}

/// The anchors, each of which stands above a heading, in their order with the levels of the headings.
fn sections(text: &str) -> Vec<(usize, &str)> {
    let outside = text.split("```").step_by(2);
    let mut sections = Vec::new();
    for part in outside {
        let mut anchor = None;
        for line in part.lines() {
            let level = line.bytes().take_while(|byte| *byte == b'#').count();
            if level > 1 {
                sections.push((level, anchor.unwrap_or("a heading without an anchor above it")));
            }
            anchor = line.strip_prefix("<a id=\"").and_then(|line| line.strip_suffix("\"></a>"));
        }
    }
    sections
}

#[test]
fn links_lead_somewhere() {
    let root = root();
    let records = fs::read_dir(root.join("docs/decisions")).unwrap();
    let records = records.map(|entry| entry.unwrap().path());
    let mut broken = Vec::new();
    for document in DOCUMENTS.iter().map(|path| root.join(path)).chain(records) {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            // Pages in two languages have anchors, since headings make other ones in each.
            let anchored = || {
                let page = path.canonicalize().unwrap();
                let pages =
                    IN_TWO_LANGUAGES.iter().flat_map(|(english, chinese)| [english, chinese]);
                let page =
                    pages.into_iter().find(|of| root.join(of).canonicalize().unwrap() == page);
                let text = page.map(|page| fs::read_to_string(root.join(page)).unwrap());
                text.is_none_or(|text| sections(&text).iter().any(|(_, id)| *id == anchor))
            };
            if !path.exists() || (!anchor.is_empty() && !anchored()) {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn files_that_are_named_exist() {
    let root = root();
    let mut missing = Vec::new();
    for document in EXACT {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let paths = code_spans(&text).into_iter().filter(|span| {
            let (folder, _) = span.split_once('/').unwrap_or_default();
            !folder.is_empty() && !span.contains([' ', '=', '<']) && !folder.starts_with('-')
        });
        for path in paths {
            let known = root.join(path).exists()
                || SOURCES.iter().any(|source| root.join(source).join(path).exists());
            if !known {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "files that do not exist:\n{}", missing.join("\n"));
}

#[test]
#[cfg(unix)]
fn ci_run_says_what_it_does_and_takes_nothing_else() {
    // Without a path it can need nothing.
    let run = |arguments: &[&str]| {
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", "PATH=; source \"$0\" \"$@\""]).arg(root().join(".ci/run"));
        bash.args(arguments).output().unwrap()
    };
    let help = run(&["--help"]);
    assert!(help.status.success() && help.stdout.starts_with(b"Usage: .ci/run\n"), "{help:?}");
    for refused in [&["--quick"][..], &["--help", "tests"]] {
        let run = run(refused);
        assert_eq!(run.status.code(), Some(2), "{run:?}");
        assert!(run.stderr.starts_with(b"error: .ci/run takes no arguments"), "{run:?}");
    }
}

/// What prepares a machine is in the last column of the table, or what every machine has.
#[test]
fn workflows_run_the_commands_that_contributors_run() {
    let root = root();
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let (_, table) = text.split_once("### Workflows\n").unwrap();
    let table = table.split("\n### ").next().unwrap();
    let (mut listed, mut prepared) = (BTreeSet::new(), BTreeSet::new());
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        listed.insert((cells[1].to_owned(), code_spans(cells[2]).concat()));
        prepared.extend(code_spans(cells[3]));
    }
    let mut run = BTreeSet::new();
    for file in fs::read_dir(root.join(".github/workflows")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("\nname: {name}\n")), "{name}");
        // Least permissions, and an end.
        assert!(text.contains("\npermissions:\n  contents: read\n"), "{name}");
        let jobs = text.matches("runs-on: ").count();
        assert_eq!(text.matches("timeout-minutes: ").count(), jobs, "{name}");
        // A command that goes over several lines is folded into one.
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(command) = line.trim_start().strip_prefix("- run: ") else { continue };
            let indent = line.len() - line.trim_start().len();
            let rest = lines[at + 1..].iter().take_while(|next| {
                command == ">-" && next.len() - next.trim_start().len() > indent
            });
            let folded: Vec<&str> = rest.map(|line| line.trim()).collect();
            let command = if command == ">-" { folded.join(" ") } else { command.to_owned() };
            let usual = ["rustup update ", "sudo apt-get "];
            if !prepared.contains(command.as_str())
                && !usual.iter().any(|begin| command.starts_with(begin))
            {
                run.insert((name.clone(), command));
            }
        }
    }
    assert!(listed.len() > 10, "{listed:?}");
    let differing: Vec<_> = listed.symmetric_difference(&run).collect();
    assert!(
        differing.is_empty(),
        "in CONTRIBUTING.md or in a workflow, not in both: {differing:#?}"
    );
}

#[test]
fn each_module_has_an_entry() {
    let root = root();
    let text = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let mut missing = Vec::new();
    for source in SOURCES {
        let heading = format!("### `{source}`\n");
        let section = text.split_once(&heading).map(|(_, rest)| rest).unwrap_or_default();
        let section = section.split("\n### ").next().unwrap_or_default();
        // Entries begin with the names of the modules they are about.
        let entries: Vec<&str> = section
            .lines()
            .filter_map(|line| line.strip_prefix("- ")?.split(':').next())
            .flat_map(code_spans)
            .collect();
        for entry in fs::read_dir(root.join(source)).unwrap() {
            let path = entry.unwrap().path();
            let module = path.file_stem().unwrap().to_str().unwrap();
            if !matches!(module, "lib" | "main") && !entries.contains(&module) {
                missing.push(format!("{source}: {module}"));
            }
        }
    }
    assert!(missing.is_empty(), "modules without an entry:\n{}", missing.join("\n"));
}

#[test]
fn both_languages_have_the_same_sections() {
    let read = |page: &str| fs::read_to_string(root().join(page)).unwrap();
    for (english, chinese) in IN_TWO_LANGUAGES {
        let (one, other) = (read(english), read(chinese));
        let (found, expected) = (sections(&other), sections(&one));
        assert!(expected.len() > 5, "{english}: {expected:?}");
        assert_eq!(found, expected, "{chinese} has other sections than {english}");
        // In each section the same blocks of code. The comments in them may be translated.
        let kinds =
            |text| blocks(text).into_iter().map(|(kind, _)| kind.to_owned()).collect::<Vec<_>>();
        assert_eq!(kinds(&other), kinds(&one), "{chinese} has other blocks of code than {english}");
        for ((kind, found), (_, expected)) in blocks(&other).into_iter().zip(blocks(&one)) {
            if matches!(kind, "sh" | "text" | "toml") {
                let commands = |text: &str| {
                    let lines =
                        text.lines().map(|line| line.split('#').next().unwrap().trim().to_owned());
                    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
                };
                assert_eq!(commands(found), commands(expected), "{chinese}");
            }
        }
        // Each leads to the other.
        for (page, text, to) in [(english, &one, chinese), (chinese, &other, english)] {
            let name = Path::new(to).file_name().unwrap().to_str().unwrap();
            assert!(links(text).contains(&name), "{page} does not link to {to}");
        }
    }
}

#[test]
fn the_first_program_is_an_example() {
    let example = fs::read_to_string(root().join("alipay-voucher/examples/first.rs")).unwrap();
    for page in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let programs = blocks(&text);
        let (_, program) = programs.iter().find(|(kind, _)| kind.starts_with("rust")).unwrap();
        assert_eq!(*program, example, "{page}: alipay-voucher/examples/first.rs differs");
    }
}

/// Lines for a `Cargo.toml` name packages of this workspace as they are.
#[test]
fn dependencies_on_pages_are_those_of_this_workspace() {
    let root = root();
    let manifest = |folder: &str| -> toml_edit::DocumentMut {
        fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap().parse().unwrap()
    };
    let version = manifest("")["workspace"]["package"]["version"].as_str().unwrap().to_owned();
    let mut count = 0;
    for page in DOCUMENTS.iter().chain(&["alipay-mock/README.md", "alipay-marketing/README.md"]) {
        let text = fs::read_to_string(root.join(page)).unwrap();
        for (_, block) in blocks(&text).into_iter().filter(|(kind, _)| *kind == "toml") {
            let block: toml_edit::DocumentMut = block.parse().unwrap();
            let tables = block.iter().filter_map(|(_, item)| item.as_table());
            for (name, dependency) in tables.flat_map(|table| table.iter()).chain(block.iter()) {
                if !name.starts_with("alipay-") {
                    continue;
                }
                count += 1;
                let wanted =
                    dependency.as_str().or_else(|| dependency["version"].as_str()).unwrap();
                assert!(version.starts_with(wanted), "{page}: {name} {wanted} is not {version}");
                let features = dependency.get("features").and_then(toml_edit::Item::as_array);
                for feature in features.into_iter().flatten() {
                    let feature = feature.as_str().unwrap();
                    let known = manifest(name)["features"].get(feature).is_some();
                    assert!(known, "{page}: {name} has no feature {feature}");
                }
            }
        }
    }
    assert!(count > 5, "{count}");
}

/// In rustdoc a page is a part of a module, whose definitions of links come first.
#[test]
fn links_of_the_guide_are_defined_for_rustdoc() {
    for (page, module) in [("docs/guide.md", "guide.rs"), ("docs/guide.zh-CN.md", "guide/zh.rs")] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let module = fs::read_to_string(root().join("alipay-voucher/src").join(module)).unwrap();
        let mut count = 0;
        for (name, _) in definitions(&text) {
            assert!(module.contains(&format!("//! [{name}]: ")), "{page}: [{name}]");
            count += 1;
        }
        assert!(count > 3, "{page}");
        // Another link to a file would lead nowhere there.
        let elsewhere = links(&text).into_iter().filter(|link| !link.starts_with('#'));
        assert_eq!(
            elsewhere.count(),
            count,
            "{page}: a link to a file that is not defined at its end"
        );
    }
}

/// rustdoc hides lines of a program that begin with `#`; a forge shows them.
#[test]
fn no_line_of_a_program_is_hidden() {
    let root = root();
    let of_crates =
        ["alipay-core", "alipay-marketing", "alipay-mock", "alipay-voucher", "codegen/templates"];
    let of_crates = of_crates.map(|folder| format!("{folder}/README.md"));
    let pages = DOCUMENTS.iter().map(|page| (*page).to_owned()).chain(of_crates);
    for page in pages.filter(|page| root.join(page).exists()) {
        let text = fs::read_to_string(root.join(&page)).unwrap();
        for (_, program) in blocks(&text).into_iter().filter(|(kind, _)| kind.starts_with("rust")) {
            let hidden = program
                .lines()
                .find(|line| matches!(line.trim(), "#") || line.trim().starts_with("# "));
            assert_eq!(hidden, None, "{page}: a forge shows it, and rustdoc does not");
        }
    }
}

#[test]
fn the_guide_has_every_setting() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let source = read("alipay-core/src/input.rs");
    let variables = source.split('"').skip(1).step_by(2).filter(|text| text.starts_with("ALIPAY_"));
    let variables: Vec<_> = variables.collect();
    assert!(variables.len() >= 8, "{variables:?}");
    for page in ["docs/guide.md", "docs/guide.zh-CN.md"] {
        let text = read(page);
        for variable in &variables {
            assert!(text.contains(&format!("\n| `{variable}` | ")), "{page}: {variable}");
        }
    }
}
