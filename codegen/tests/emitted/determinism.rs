//! The output depends on the input, byte for byte, and on nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use crate::build::*;
use alipay_openapi::ir::{Api, Docs, Method, Ty};

/// Enough files for all threads.
fn many_files() -> Api {
    let mut api = everything();
    for n in 0..100 {
        let mut item = shared(
            &format!("Shared{n}Info"),
            vec![field("a", Ty::Yuan), field("b", Ty::LocalDate)],
        );
        item.docs = docs("名", &format!("The {n}th."));
        api.structs.push(item);
    }
    api
}

#[test]
fn runs_do_not_differ() {
    for api in [everything(), grouped(), many_files()] {
        let first = generate(&api, None).unwrap();
        for _ in 0..4 {
            assert!(first == generate(&api, None).unwrap(), "a second run gave another output");
        }
    }
}

#[test]
fn a_thread_of_its_own_makes_no_difference() {
    let here = generate(&many_files(), None).unwrap();
    let there = std::thread::spawn(|| generate(&many_files(), None).unwrap()).join().unwrap();
    assert!(here == there);
}

#[test]
fn the_order_of_groups_and_structs_changes_no_file_of_theirs() {
    let mut api = grouped();
    let first = generate(&api, None).unwrap();
    api.groups.reverse();
    api.structs.rotate_left(3);
    let second = generate(&api, None).unwrap();
    assert_eq!(first.lock, second.lock);
    for (path, text) in first.files.iter().filter(|(path, _)| path.contains("operations/")) {
        assert_eq!(text, &second.files[path], "{path}");
    }
}

/// What a type is part of is said in an order that the description does not choose.
#[test]
fn the_order_of_shared_structs_changes_no_file() {
    let mut api = everything();
    for (name, fields) in [
        ("HeldInfo", vec![field("a", Ty::Text)]),
        ("OneHolder", vec![field("held", object("HeldInfo"))]),
        ("OtherHolder", vec![field("held", object("HeldInfo"))]),
    ] {
        let mut item = shared(name, fields);
        item.docs = Docs::default();
        api.structs.push(item);
    }
    let first = generate(&api, None).unwrap();
    assert!(first.files["models/held_info.rs"].contains("`OtherHolder.held`"));
    let last = api.structs.len() - 1;
    api.structs.swap(last, last - 1);
    let second = generate(&api, None).unwrap();
    for (path, text) in first.files.iter().filter(|(path, _)| path.contains("models/")) {
        assert_eq!(text, &second.files[path], "{path}");
    }
}

#[test]
fn a_change_to_one_struct_touches_its_file_only() {
    let mut api = many_files();
    let first = generate(&api, None).unwrap();
    let item = api.structs.iter_mut().find(|item| item.upstream_name == "Shared7Info").unwrap();
    item.fields[0].docs = docs("面额", "Amount.");
    let second = generate(&api, Some(&first.lock)).unwrap();
    let changed: Vec<_> =
        second.files.iter().filter(|(path, text)| first.files.get(*path) != Some(*text)).collect();
    assert_eq!(
        changed.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["models/shared7_info.rs"]
    );
}

#[test]
fn the_digest_keeps_texts_apart() {
    assert_eq!(alipay_codegen::digest::digest([]), "cbf29ce484222325");
    assert_ne!(
        alipay_codegen::digest::digest(["ab", "c"]),
        alipay_codegen::digest::digest(["a", "bc"])
    );
}

#[test]
fn an_operation_more_changes_the_lists_only() {
    let mut api = everything();
    let first = generate(&api, None).unwrap();
    operation(TAG, "stop", Method::Post, Vec::new(), Vec::new()).add(&mut api, TAG);
    let second = generate(&api, Some(&first.lock)).unwrap();
    let changed: Vec<_> = second
        .files
        .iter()
        .filter(|(path, text)| first.files.get(*path) != Some(*text))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(
        changed,
        [
            "OPERATIONS.md",
            "api.rs",
            "meta.rs",
            "models/mod.rs",
            "operations/mod.rs",
            "operations/stop.rs"
        ]
    );
}

/// A new description with one field more: its version and its digest stand in two files, and nowhere else.
#[test]
fn a_refresh_touches_the_files_of_what_changed() {
    let output = |name: &str| {
        let folder =
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/diff/02_optional_request_field");
        let text = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        let base = alipay_openapi::load::Source::new("openapi.yaml", text);
        alipay_codegen::generate(
            &alipay_openapi::Description::new(base),
            &alipay_codegen::Options::new("shop"),
        )
        .unwrap_or_else(|findings| panic!("{findings}"))
    };
    let (old, new) = (output("old.yaml"), output("new.yaml"));
    let changed = new.files.iter().filter(|(path, text)| old.files.get(*path) != Some(*text));
    let changed: Vec<_> = changed.map(|(path, _)| path.as_str()).collect();
    assert_eq!(changed, ["OPERATIONS.md", "meta.rs", "operations/buy.rs"]);
}
