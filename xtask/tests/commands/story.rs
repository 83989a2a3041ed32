//! A maintainer's day: Alipay publishes a new description, in which something was added, dropped and
//! renamed, and the overlay no longer fits.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support;

use std::process::Command;

use support::Copy;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/story");

fn file(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

/// A workspace with the crate `shop-pen` made from the older description, refined, and committed.
fn october() -> Copy {
    let copy = Copy::bare();
    let made = copy.xtask(&[
        "import",
        "--from",
        &file("2026-10-01.yaml"),
        "--crate",
        "shop-pen",
        "--tag",
        "shop.pen",
    ]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stdout.starts_with("shop-pen: 3 operations, 14 schemas, 26 properties\n"));
    copy.write(
        "spec/shop-pen/overlay.yaml",
        &std::fs::read_to_string(file("overlay.yaml")).unwrap(),
    );
    let generated = copy.xtask(&["generate"]);
    assert_eq!((generated.code, generated.stderr.as_str()), (0, ""));
    git(&copy, &["init", "--quiet"]);
    git(&copy, &["add", "--all"]);
    git(&copy, &["commit", "--quiet", "--message", "October"]);
    copy
}

fn git(copy: &Copy, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(copy.path(""))
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
        .args(["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .status()
        .unwrap();
    assert!(status.success());
}

fn november(copy: &Copy) -> support::Run {
    copy.xtask(&["import", "--from", &file("2026-11-01.yaml"), "--crate", "shop-pen"])
}

#[test]
fn from_a_new_description_to_a_changelog_entry() {
    let copy = october();

    // What would come is seen before anything is touched; a rename breaks users.
    let preview =
        copy.xtask(&["diff", "spec/shop-pen", &file("2026-11-01.yaml"), "--fail-on", "breaking"]);
    assert_eq!(preview.code, 1);
    assert!(preview.stdout.contains("verdict: major"), "{}", preview.stdout);
    assert!(preview.stdout.contains("breaking[type-renamed]: NibDetail"), "{}", preview.stdout);
    assert!(preview.stdout.contains("additive[operation-deprecated]: shop.pen.return"));

    // The refresh says what it took, what stays deprecated, and which refinements lost their hold.
    let run = november(&copy);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("3 operations, 13 schemas"), "{}", run.stdout);
    assert!(run.stdout.contains("the operation POST /v3/shop/pen/return: dropped by Alipay"));
    assert!(run.stdout.contains("`serial` of `ShopPenBuyResponseModel`: dropped by Alipay"));
    assert!(run.stderr.contains("overlay.yaml:22:15: warning[refines-retained]"), "{}", run.stderr);
    assert!(run.stderr.contains("overlay.yaml:24:3: warning[unmatched-target]"), "{}", run.stderr);
    assert!(!copy.read("spec/shop-pen/openapi.yaml").contains("上游"), "prose stays out");
    let refreshed = copy.files();
    let again = november(&copy);
    assert!(again.stdout.contains(", unchanged"), "{}", again.stdout);
    assert!(copy.files() == refreshed, "importing again changes no byte");

    // The rename orphaned an action: nothing is generated until someone has looked at it.
    let stopped = copy.xtask(&["generate"]);
    assert_eq!(stopped.code, 1);
    let first = stopped.stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "spec/shop-pen/overlay.yaml:24:3: error[unmatched-target]: the target \
         \"$.components.schemas.NibInfo\" selects nothing: there is no \"NibInfo\" there"
    );
    assert!(copy.files() == refreshed);

    // The comparison works all the same.
    let arguments = ["diff", "HEAD:spec/shop-pen", "spec/shop-pen"];
    let diff = copy.xtask(&arguments);
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    assert!(diff.stdout.contains("breaking[type-renamed]: NibDetail: renamed: was `NibInfo`"));
    assert!(diff.stdout.contains("additive[operation-deprecated]: shop.pen.return"));
    assert!(diff.stdout.contains("old  HEAD:spec/shop-pen/openapi.yaml:"), "{}", diff.stdout);
    assert!(diff.stdout.contains("new  spec/shop-pen/retained.yaml:"), "{}", diff.stdout);
    assert!(diff.stderr.contains("warning[unmatched-target]"), "{}", diff.stderr);

    // The name is pinned, so that the rename reaches nobody, and the new fields are refined.
    copy.replace(
        "spec/shop-pen/overlay.yaml",
        "- target: $.components.schemas.NibInfo\n  x-confidence: documented\n  x-source: A\n  update:\n",
        "- target: $.components.schemas.NibDetail\n  x-confidence: documented\n  x-source: A\n  update:\n    x-rust-name: NibInfo\n",
    );
    copy.replace(
        "spec/shop-pen/overlay.yaml",
        "      nib: {description",
        "      max_price: {description: What it may cost., format: decimal, x-alipay-unit: yuan}\n      nib: {description",
    );
    let generated = copy.xtask(&["generate"]);
    assert_eq!((generated.code, generated.stderr.as_str()), (0, ""), "{}", generated.stdout);
    assert!(generated.stdout.contains("0 removed, 0 changed"), "{}", generated.stdout);
    assert!(generated.stdout.contains("+ deprecated PenApi::return_"), "{}", generated.stdout);
    assert_eq!(copy.xtask(&["generate", "--check"]).code, 0);

    // Users are told by their compiler.
    let buy = copy.read("shop-pen/src/generated/operations/buy.rs");
    let note = "#[deprecated(note = \"Alipay dropped it in its description 2026-11-01\")]\n";
    assert!(buy.contains(&format!("{note}        pub price: Option<Yuan> = ")), "{buy}");
    assert!(buy.contains(&format!("{note}        NibBent = ")), "{buy}");
    assert!(
        copy.read("shop-pen/src/generated/api.rs").contains(&format!("{note}        fn return_"))
    );

    // Nothing breaks, and the changelog says what is new.
    let markdown = copy.xtask(&[
        "diff",
        "HEAD:spec/shop-pen",
        "spec/shop-pen",
        "--format",
        "markdown",
        "--fail-on",
        "breaking",
    ]);
    assert_eq!((markdown.code, markdown.stderr.as_str()), (0, ""), "{}", markdown.stdout);
    assert!(markdown.stdout.starts_with("### Description 2026-10-01 → 2026-11-01\n"));
    assert!(markdown.stdout.contains("next release: **minor**"), "{}", markdown.stdout);
    assert!(markdown.stdout.contains("- `shop.pen.refill`: new operation"), "{}", markdown.stdout);

    // What returns is no longer deprecated.
    let back = copy.xtask(&["import", "--from", &file("2026-10-01.yaml"), "--crate", "shop-pen"]);
    assert_eq!(back.code, 0);
    let record = copy.read("spec/shop-pen/retained.yaml");
    assert!(!record.contains("shop/pen/return") && record.contains("shop/pen/refill"), "{record}");
}

#[test]
fn what_only_the_wire_calls_otherwise_is_breaking_and_keeps_its_rust_name() {
    let copy = october();
    let text = std::fs::read_to_string(file("2026-10-01.yaml")).unwrap();
    let renamed = text
        .replace(" serial:", " Serial:")
        .replace("name: with_history", "name: withHistory")
        .replace("- NIB_BENT", "- nib-bent");
    copy.write("renamed.yaml", &renamed);
    let new = copy.path("renamed.yaml");
    let new = new.to_str().unwrap();
    let kinds = [
        "field-renamed]: ShopPenBuyResponseModel.Serial",
        "field-renamed]: ShopPenQueryModel.withHistory",
        "code-renamed]: shop.pen.buy: nib-bent",
    ];
    let preview = copy.xtask(&["diff", "spec/shop-pen", new, "--fail-on", "breaking"]);
    assert_eq!(preview.code, 1, "{}", preview.stderr);
    let run = copy.xtask(&["import", "--from", new, "--crate", "shop-pen"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said =
        "`serial` of `ShopPenBuyResponseModel`: renamed `Serial` by Alipay; keeps its name in Rust";
    assert!(run.stdout.contains(said) && !run.stdout.contains("dropped"), "{}", run.stdout);
    copy.replace("spec/shop-pen/overlay.yaml", "NIB_BENT:", "nib-bent:");
    let generated = copy.xtask(&["generate"]);
    assert_eq!(generated.code, 0, "{}", generated.stderr);
    assert!(copy.read("shop-pen/src/generated/operations/buy.rs").contains("body(\"Serial\")"));
    let after = copy.xtask(&["diff", "HEAD:spec/shop-pen", "spec/shop-pen"]);
    for kind in kinds {
        assert!(preview.stdout.contains(kind), "{kind}: {}", preview.stdout);
        assert!(after.stdout.contains(kind), "{kind}: {}", after.stdout);
    }
}

#[test]
fn reworded_texts_are_seen_and_not_stored() {
    let copy = october();
    let october = std::fs::read_to_string(file("2026-10-01.yaml")).unwrap();
    let base = copy.read("spec/shop-pen/openapi.yaml");
    // A name is a fact.
    assert!(base.contains("x-text: ") && base.contains("description: 成功\n"), "{base}");
    let text =
        |property: &str| format!("        {property}:\n          description: 上游的文字。\n");
    let with = |property: &str, text: &str| format!("        {property}:\n{text}");
    let mut changed = october.clone();
    for (property, new) in [
        ("price", "          description: 单位为元。\n"),
        ("note", ""),
        ("width", "          description: |-\n            上游的\n            文字。\n"),
    ] {
        assert!(changed.contains(&text(property)), "{property}");
        changed = changed.replacen(&text(property), &with(property, new), 1);
    }
    copy.write("changed.yaml", &changed);
    let changed = copy.path("changed.yaml");
    let changed = changed.to_str().unwrap();

    // Only what was reworded is a change, and the new text is shown.
    let same = copy.xtask(&["diff", "spec/shop-pen", &file("2026-10-01.yaml")]);
    assert_eq!((same.code, same.stderr.as_str()), (0, ""));
    assert!(same.stdout.contains(": no changes\n"), "{}", same.stdout);
    let diff = copy.xtask(&["diff", "spec/shop-pen", changed]);
    assert_eq!((diff.code, diff.stderr.as_str()), (0, ""));
    assert!(diff.stdout.contains(": 2 documentation\n"), "{}", diff.stdout);
    for expected in [
        "ShopPenBuyModel.price: text reworded\n",
        "      text “单位为元。”\n",
        "ShopPenBuyModel.note: text withdrawn\n",
    ] {
        assert!(diff.stdout.contains(expected), "{expected}: {}", diff.stdout);
    }
    for format in ["markdown", "json"] {
        let stored = copy.xtask(&["diff", "spec/shop-pen", changed, "--format", format]);
        assert!(stored.stdout.contains("text reworded"), "{}", stored.stdout);
        assert!(!stored.stdout.contains("单位为元"), "{}", stored.stdout);
    }

    // Two bases tell the same, without the text.
    let refresh = copy.xtask(&["import", "--from", changed, "--crate", "shop-pen"]);
    assert_eq!(refresh.code, 0, "{}", refresh.stderr);
    assert!(!copy.read("spec/shop-pen/openapi.yaml").contains("单位为元"));
    let diff = copy.xtask(&["diff", "HEAD:spec/shop-pen", "spec/shop-pen"]);
    assert!(diff.stdout.contains("ShopPenBuyModel.price: text reworded\n"), "{}", diff.stdout);
    assert!(diff.stdout.contains(": 2 documentation\n"), "{}", diff.stdout);

    // A base from before there were fingerprints says nothing of texts, and has no names.
    let base = copy.read("spec/shop-pen/openapi.yaml");
    let base = base.replace("description: 成功\n", "description: ''\n");
    let base = base.replace("description: 失败\n", "description: ''\n");
    let now = "Wire facts and names; none of Alipay's texts.";
    assert!(base.contains(now), "{base}");
    let base = base.replace(now, "Wire facts only; texts are in overlay.yaml.");
    let lines = base.lines().filter(|line| !line.trim_start().starts_with("x-text: "));
    copy.write(
        "spec/shop-pen/openapi.yaml",
        &lines.flat_map(|line| [line, "\n"]).collect::<String>(),
    );
    let diff = copy.xtask(&["diff", "spec/shop-pen", changed]);
    assert!(diff.stdout.contains(": no changes\n"), "{}", diff.stdout);
    assert!(diff.stderr.contains("warning[no-fingerprints]"), "{}", diff.stderr);
}

#[test]
fn reviewed_changes_can_be_accepted() {
    let copy = october();
    november(&copy);
    let diff = |more: &[&str]| {
        let mut all = vec!["diff", "HEAD:spec/shop-pen", "spec/shop-pen", "--fail-on", "breaking"];
        all.extend(more);
        copy.xtask(&all)
    };
    assert_eq!(diff(&[]).code, 1);
    let run = diff(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let breaking = json["changes"].as_array().unwrap().iter().filter(|c| c["rating"] == "breaking");
    let mut accepted: Vec<String> = breaking
        .map(|change| format!("{} seen", change["fingerprint"].as_str().unwrap()))
        .collect();
    assert!(!accepted.is_empty());
    accepted.push("0123456789abcdef long gone\n".to_owned());
    copy.write("spec/shop-pen/accepted.txt", &accepted.join("\n"));
    let run = diff(&[]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("accepted: seen") && run.stdout.contains("verdict: major"));
    assert!(run.stderr.contains("warning[stale-acceptance]: `0123456789abcdef`"), "{}", run.stderr);
    // Accepted or not, it is a change.
    let any = copy.xtask(&["diff", "HEAD:spec/shop-pen", "spec/shop-pen", "--fail-on", "any"]);
    assert_eq!(any.code, 1);
    copy.write("spec/shop-pen/accepted.txt", "what is this\n");
    assert_eq!(diff(&[]).code, 1);
}

#[test]
fn a_side_without_the_tags_asked_for_has_nothing_of_them() {
    let copy = Copy::bare();
    let pen = file("2026-10-01.yaml");
    let text = std::fs::read_to_string(&pen).unwrap();
    copy.write("cap.yaml", &text.replace("shop.pen", "shop.cap"));
    let cap = copy.path("cap.yaml");
    let cap = cap.to_str().unwrap();
    let diff = |old: &str, new: &str, tag: &str| {
        let run = copy.xtask(&["diff", old, new, "--tag", tag]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(!run.stderr.contains("has the tag"), "{}", run.stderr);
        run.stdout
    };
    for (old, new, tag, other) in
        [(pen.as_str(), cap, "shop.pen", "shop.cap"), (cap, &pen, "shop.cap", "shop.pen")]
    {
        let gone = diff(old, new, tag);
        assert!(gone.contains("breaking[group-removed]") && !gone.contains(other), "{gone}");
        assert!(!gone.contains("added"), "{gone}");
        let come = diff(new, old, tag);
        assert!(come.contains("additive[group-added]") && !come.contains(other), "{come}");
        assert!(!come.contains("removed"), "{come}");
    }
    // A tag that both have, and one of one of them.
    let run = copy.xtask(&["diff", &pen, cap, "--tag", "shop.pen", "--tag", "shop.cap"]);
    assert!(run.stdout.contains("group-removed") && run.stdout.contains("group-added"));
    // Other commands say that there is no such tag.
    let run = copy.xtask(&["lint", &pen, "--tag", "shop.pem"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let told = "error[unknown-tag]: no operation has the tag \"shop.pem\"";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `shop.pen`?"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let copy = Copy::bare();
    let old = file("2026-10-01.yaml");
    for (given, expected) in [
        ("nowhere.yaml", "neither a file, nor a folder"),
        ("HEAD:spec/shop-pen", "is not a git repository"),
        ("spec", "cannot read spec/openapi.yaml"),
    ] {
        let run = copy.xtask(&["diff", given, &old]);
        assert_eq!(run.code, 2, "{given}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{given}: {}", run.stderr);
    }
    let copy = october();
    for (given, expected) in [
        ("nonsense:spec/shop-pen", "git knows no revision `nonsense`"),
        ("HEAD:spec/shop-pencil", "there is no spec/shop-pencil in revision `HEAD`"),
    ] {
        let run = copy.xtask(&["diff", given, &old]);
        assert_eq!(run.code, 2, "{given}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{given}: {}", run.stderr);
    }
    let run = copy.xtask(&["diff", "spec/shop-pen", &old, "--tag", "shop.pem"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("has the tag `shop.pem`; did you mean `shop.pen`?"),
        "{}",
        run.stderr
    );
    // A description with errors is something found.
    copy.write("broken.yaml", "openapi: 3.0.3\npaths: [\n");
    let broken = copy.path("broken.yaml");
    let run = copy.xtask(&["diff", &old, broken.to_str().unwrap()]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[syntax]"), "{}", run.stderr);
    // The overlay would have warnings; they have nothing to do with the failure.
    copy.replace(
        "spec/shop-pen/overlay.yaml",
        "$.components.schemas.NibInfo",
        "$.components.schemas.Gone",
    );
    let run = copy.xtask(&["diff", "spec/shop-pen", broken.to_str().unwrap()]);
    assert_eq!(run.code, 1);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let text = std::fs::read_to_string(&old).unwrap().replace("type: integer", "type: array");
    copy.write("broken.yaml", &text);
    let run = copy.xtask(&["diff", "spec/shop-pen", broken.to_str().unwrap()]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[unsupported-construct]"), "{}", run.stderr);
    for unrelated in ["warning", "unmatched-target"] {
        assert!(!run.stderr.contains(unrelated), "{}", run.stderr);
    }
}

#[test]
fn lint_hides_nothing_behind_the_first_failing_stage() {
    let copy = october();
    november(&copy);
    copy.replace("spec/shop-pen/openapi.yaml", "type: boolean", "type: array");
    let base = copy.path("spec/shop-pen/openapi.yaml");
    let overlay = copy.path("spec/shop-pen/overlay.yaml");
    let run = copy.xtask(&["lint", base.to_str().unwrap(), "--overlay", overlay.to_str().unwrap()]);
    assert_eq!(run.code, 1);
    // The overlay's fault, the lowering's and a rule's, in one run.
    for code in ["error[unmatched-target]", "error[unsupported-construct]", "warning[undocumented]"]
    {
        assert!(run.stderr.contains(code), "{code}: {}", run.stderr);
    }
}

#[test]
fn without_git_only_revisions_are_out_of_reach() {
    let old = file("2026-10-01.yaml");
    let run = |given: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["diff", given, &old]).env("PATH", "").output().unwrap()
    };
    let revision = run("HEAD:spec/alipay-voucher");
    assert_eq!(revision.status.code(), Some(2));
    let stderr = String::from_utf8(revision.stderr).unwrap();
    assert!(stderr.contains("can only be compared with git, which cannot be run"), "{stderr}");
    assert_eq!(run(&old).status.code(), Some(0));
}
