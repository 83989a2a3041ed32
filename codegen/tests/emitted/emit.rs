//! What the generator writes: a snapshot per construct, and laws of all files.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use crate::build::*;
use alipay_codegen::{catalogue, elsewhere::Shared, generate::emit_crate};
use alipay_openapi::ir::{Api, Confidence, Field, Limit, Method, Place, Retry, Safety, Ty};

/// A file of a generated crate.
fn file(api: &Api, path: &str) -> String {
    let output = generate(api, None).unwrap();
    let files: Vec<_> = output.files.keys().cloned().collect();
    output.files.get(path).unwrap_or_else(|| panic!("no {path} in {files:?}")).clone()
}

/// An API with one operation.
fn one(parts: Parts) -> Api {
    let mut api = empty_api();
    parts.add(&mut api, TAG);
    api
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn operation_with_optional_fields() {
    snapshot("operation_with_optional_fields", &file(&everything(), "operations/send.rs"));
}

#[test]
fn accepted_operation_with_required_fields() {
    snapshot(
        "accepted_operation_with_required_fields",
        &file(&everything(), "operations/append.rs"),
    );
}

#[test]
fn get_with_query_and_path_parameters_and_no_codes() {
    snapshot("get_with_query_and_path_parameters", &file(&everything(), "operations/query.rs"));
}

#[test]
fn empty_request_and_response_and_keyword_as_verb() {
    snapshot("empty_request_and_response", &file(&everything(), "operations/use_.rs"));
}

#[test]
fn shared_types_with_all_kinds_of_fields() {
    snapshot("shared_types", &file(&everything(), "models/voucher_use.rs"));
}

#[test]
fn enum_that_several_files_use() {
    snapshot("shared_enum", &file(&everything(), "models/enums.rs"));
}

#[test]
fn codes_of_the_gateway() {
    snapshot("common_codes", &file(&everything(), "models/common_error_code.rs"));
}

#[test]
fn calls() {
    snapshot("calls", &file(&everything(), "api.rs"));
}

#[test]
fn messages() {
    snapshot("messages", &file(&everything(), "messages.rs"));
}

#[test]
fn lists_of_modules_and_facts() {
    let api = everything();
    let paths = ["mod.rs", "models/mod.rs", "operations/mod.rs", "meta.rs", "OPERATIONS.md"];
    let texts: Vec<_> =
        paths.iter().map(|path| format!("== {path}\n{}", file(&api, path))).collect();
    snapshot("modules", &texts.join("\n"));
}

#[test]
fn several_groups() {
    let output = generate(&grouped(), None).unwrap();
    let listed = output.files.keys().map(String::as_str).collect::<Vec<_>>().join("\n");
    let paths = ["mod.rs", "trade/mod.rs", "trade/models.rs", "trade/refund/api.rs", "meta.rs"];
    let texts: Vec<_> =
        paths.iter().map(|path| format!("== {path}\n{}", output.files[*path])).collect();
    snapshot("several_groups", &format!("{listed}\n\n{}", texts.join("\n")));
}

#[test]
fn the_catalogue_lists_all_operations_by_their_ids() {
    let mut api = everything();
    api.groups.extend(grouped().groups);
    let operation = &mut api.groups[0].operations[0];
    operation.safety = Safety::ReadOnly(Confidence::Inferred);
    operation.docs.title = Some("发放支付券".to_owned());
    let text = catalogue(&api);
    snapshot("catalogue", &text);
    let operations = api.groups.iter().flat_map(|group| &group.operations).count();
    assert_eq!(text.lines().filter(|line| line.contains("Entry {")).count(), operations);
    api.groups.reverse();
    assert_eq!(catalogue(&api), text);
}

#[test]
fn scaffold_of_a_new_crate() {
    let alone = alipay_codegen::Scaffold::Alone(alipay_codegen::Alone {
        folder: "pilot".to_owned(),
        core_path: "../alipay-core".to_owned(),
        mock_path: "../alipay-mock".to_owned(),
        version: "1.2.3".to_owned(),
        own_workspace: true,
        command: "cargo xtask generate --out ../pilot".to_owned(),
    });
    let texts = [alone, alipay_codegen::Scaffold::Member].map(|kind| {
        let mut sink = alipay_openapi::diag::Sink::new();
        let options = alipay_codegen::Options { scaffold: Some(kind), ..options() };
        let output =
            alipay_codegen::generate::emit_crate(&grouped(), &options, DIGEST, &mut sink).unwrap();
        let files = output.scaffold;
        files.iter().map(|(path, text)| format!("== {path}\n{text}")).collect::<Vec<_>>().join("\n")
    });
    snapshot("scaffold", &texts.join("\n==== member\n\n"));
}

#[test]
fn facts_reach_the_operation() {
    let mut parts = operation(
        TAG,
        "send",
        Method::Post,
        vec![
            at(required(field("id", Ty::Text), Confidence::Documented), Place::Path),
            field("key", Ty::Text),
        ],
        Vec::new(),
    );
    parts.operation.safety = Safety::IdempotentBy(sourced("key".to_owned(), Confidence::Secondary));
    parts.operation.codes =
        explained(codes("X", &["A_B"]), "Meaning. More of it", "act", Retry::SameRequest);
    let api = one(parts);
    let text = file(&api, "operations/send.rs");
    for row in [
        "        idempotent_by: \"key\",\n",
        "        pub id: String = path(\"id\"),\n",
        "        pub key: Option<String> = body(\"key\"),\n",
        "        /// Meaning (`A_B`).\n        ///\n        /// More of it\n",
        "        AB = \"A_B\" => Failed,\n",
    ] {
        assert!(text.contains(row), "{row}{text}");
    }
    assert!(
        file(&api, "api.rs")
            .contains("/// A call may be repeated with the same `key` (secondary).\n")
    );
}

#[test]
fn every_file_is_rust_and_says_where_it_comes_from() {
    for api in [everything(), grouped()] {
        let output = generate(&api, None).unwrap();
        for (path, text) in &output.files {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
            assert!(
                !text.contains('\r') && !text.contains('\t') && !text.contains(" \n"),
                "{path}"
            );
            assert!(text.contains("@generated by `cargo xtask generate`"), "{path}");
            if path != "OPERATIONS.md" {
                syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
                assert!(text.starts_with(
                    "// @generated by `cargo xtask generate`. Do not edit: change spec/alipay-voucher/overlay.yaml instead.\n\n//! "
                ));
            }
        }
    }
}

#[test]
fn descriptions_that_do_not_fit_together_are_refused() {
    let mut api = everything();
    api.structs[0].fields.push(field("lost", object("Nowhere")));
    api.structs[0].required.push("gone".to_owned());
    api.structs[2].fields.push(field("pic", Ty::File));
    api.groups[0].operations[1].safety =
        Safety::IdempotentBy(sourced("no_such_key".to_owned(), Confidence::Documented));
    snapshot("refused", &generate(&api, None).unwrap_err());
}

#[test]
fn a_long_list_of_codes_is_cut_and_the_enum_has_them_all() {
    let wires: Vec<String> = (0..11).map(|number| format!("CODE_{number}")).collect();
    let wires: Vec<&str> = wires.iter().map(String::as_str).collect();
    for (count, end) in
        [(8, "`CODE_7`."), (9, "`CODE_7` and 1 other."), (11, "`CODE_7` and 3 others.")]
    {
        let mut parts = operation(TAG, "send", Method::Post, Vec::new(), Vec::new());
        parts.operation.codes = codes("X", &wires[..count]);
        let api = one(parts);
        let comment = file(&api, "api.rs").replace("\n        ///", "");
        assert!(comment.contains(end), "{comment}");
        assert!(file(&api, "operations/send.rs").contains(&format!("\"CODE_{}\"", count - 1)));
    }
}

#[test]
fn what_nothing_is_known_of_is_said_by_what_it_belongs_to() {
    let clip = documented(field("clip", Ty::Text), "夹子", "");
    let mut api = empty_api();
    let nib = shared("Nib", vec![field("width", Ty::Integer), clip]);
    let mut cap = shared("Cap", vec![field("nib", object("Nib"))]);
    cap.docs = docs("笔帽", "");
    api.structs.extend([nib, cap]);
    let fields = (0..3).map(|n| field(&format!("nib_{n}"), list(object("Nib"))));
    let fields = fields.chain([field("cap", object("Cap"))]).collect();
    let mut send = operation(TAG, "send", Method::Post, fields, Vec::new());
    send.operation.docs = docs("发送", "");
    send.add(&mut api, TAG);
    let text = file(&api, "models/nib.rs");
    assert!(
        text.contains("/// Part of requests and responses: `Cap.nib`, `SendRequest.nib_0`, `SendRequest.nib_1` and 1\n    /// other.\n"),
        "{text}"
    );
    assert!(text.contains("/// No description.\n        pub width"), "{text}");
    assert!(text.contains("/// 夹子。\n        pub clip"), "{text}");
    assert!(file(&api, "models/cap.rs").contains("/// 笔帽。\n    ///\n    /// Part of"), "{text}");
    let text = file(&api, "operations/send.rs");
    assert!(text.contains("/// 笔帽。\n        pub cap"), "{text}");
    assert!(text.contains("voucher/send` (发送)."), "{text}");
}

#[test]
fn a_page_that_says_how_sure_it_is_says_what_that_means() {
    const LINK: &str = "(alipay_core#how-sure-a-statement-is)";
    let plain = one(operation(TAG, "send", Method::Post, vec![field("a", Ty::Text)], Vec::new()));
    assert!(generate(&plain, None).unwrap().files.values().all(|text| !text.contains(LINK)));

    let limited = limited(field("a", Ty::Text), Limit::MaxLength(3), Confidence::Inferred);
    let mut parts = operation(TAG, "send", Method::Post, vec![limited], Vec::new());
    parts.operation.safety = Safety::ReadOnly(Confidence::Inferred);
    parts.operation.codes = explained(codes("X", &["A"]), "Odd.", "Wait.", Retry::Never);
    let api = one(parts);
    // The request and the codes; the response says nothing.
    assert_eq!(file(&api, "operations/send.rs").matches(LINK).count(), 2);
    assert_eq!(file(&api, "api.rs").matches(LINK).count(), 1);
}

#[test]
fn an_example_shows_what_is_known_to_be_needed() {
    let when = |field: Field, when: &str| Field {
        required_when: Some(sourced(when.to_owned(), Confidence::Documented)),
        ..field
    };
    let nib = shared(
        "Nib",
        vec![
            when(field("width", Ty::Integer), "Required when the object is sent (inferred)."),
            when(field("gold", Ty::Text), "Required when `metal` is `GOLD`."),
            field("metal", Ty::Text),
        ],
    );
    let parts = operation(
        TAG,
        "send",
        Method::Post,
        vec![
            required(field("nib", object("Nib")), Confidence::Secondary),
            when(field("shop", Ty::Text), "Required (inferred)."),
            when(field("open_id", Ty::Text), "Exactly one of the ids is required."),
            when(field("user_id", Ty::Text), "Exactly one of the ids is required."),
            when(field("note", Ty::Text), "Whether it is required is not published."),
            legacy(when(field("old", Ty::Text), "Required (inferred)."), None),
        ],
        Vec::new(),
    );
    let mut api = empty_api();
    api.structs.push(nib);
    parts.add(&mut api, TAG);
    let text = file(&api, "api.rs");
    let start = text.find("let request").unwrap();
    let shown: String = text[start..text.find("let response").unwrap()]
        .replace("///", "")
        .split_whitespace()
        .collect();
    assert_eq!(
        shown,
        "letrequest=SendRequest::new(Nib::new().width(1)).shop(\"…\").open_id(\"…\");"
    );
}

#[test]
fn tables_of_operations_name_module_and_feature_and_link() {
    let add = |api: &mut Api, tag: &str, count: usize| {
        for number in 0..count {
            let verb = format!("verb{number}");
            operation(tag, &verb, Method::Post, Vec::new(), Vec::new()).add(api, tag);
        }
    };
    let mut api = empty_api();
    add(&mut api, "shop.pen", 2);
    let table = file(&api, "OPERATIONS.md");
    assert!(table.contains("| method | 中文 |\n"), "{table}");
    assert!(table.contains("| [`PenApi::verb1`](struct.PenApi.html#method.verb1) |"), "{table}");

    add(&mut api, "shop.ink.black", 28);
    let table = file(&api, "OPERATIONS.md");
    assert_eq!(table.matches("| feature |").count(), 1, "{table}");
    let row = "| [`ink::black::BlackApi::verb0`](ink/black/struct.BlackApi.html#method.verb0) |";
    let row = table.lines().find(|line| line.starts_with(row)).unwrap_or_else(|| panic!("{table}"));
    assert!(row.ends_with("| `ink-black` |"), "{row}");

    add(&mut api, "shop.cap", 1);
    let table = file(&api, "OPERATIONS.md");
    for heading in ["\n\n## `shop.pen`\n\n", "\n\n## `shop.ink.black`\n\n", "\n\n## `shop.cap`\n\n"]
    {
        assert!(table.contains(heading), "{table}");
    }
    assert_eq!(table.matches("| feature |").count(), 3, "{table}");
}

#[test]
fn markers_hide_no_name_of_the_prelude() {
    let mut api = empty_api();
    let verbs = ["send", "sync", "copy", "drop", "fn", "asyncFn", "default", "some", "sendall"];
    for verb in verbs {
        operation(TAG, verb, Method::Post, Vec::new(), Vec::new()).add(&mut api, TAG);
    }
    let text = file(&api, "operations/mod.rs");
    for marker in ["Send", "Sync", "Copy", "Drop", "Fn", "AsyncFn", "Default", "Some"] {
        assert!(text.contains(&format!("::{marker}Operation")), "{marker}: {text}");
    }
    assert!(text.contains("::Sendall;"), "{text}");
}

/// The crate with everything once, and what another crate makes of the types it shares with it.
fn sharing(other: &Api) -> alipay_codegen::Output {
    let alipay_codegen::Output { lock, public_api, .. } = generate(&everything(), None).unwrap();
    let shared = Shared { package: "alipay-voucher".to_owned(), lock, public_api };
    let options =
        alipay_codegen::Options { shared: Some(shared), ..alipay_codegen::Options::new("stall") };
    let mut sink = alipay_openapi::diag::Sink::new();
    emit_crate(other, &options, DIGEST, &mut sink).unwrap()
}

#[test]
fn types_that_two_crates_have_are_those_of_the_first() {
    let output = sharing(&everything());
    let models = &output.files["models/mod.rs"];
    let types = "pub use alipay_voucher::models::{
    CommonErrorCode, LabelOption, MerchantAccessMode, PeriodType, PriceInfoDto, VoucherUseRule,
};";
    assert!(models.contains("pub use alipay_voucher::models::"), "{models}");
    for name in types.split([' ', '\n', ',']).filter(|name| name.starts_with(char::is_uppercase)) {
        assert!(models.contains(name), "{name} is not in\n{models}");
    }
    assert!(!output.files.contains_key("models/voucher_use.rs"));
    assert!(!output.files.contains_key("models/common_error_code.rs"));
    // What users see is the same, wherever it is defined, and it is said where that is.
    let own = generate(&everything(), None).unwrap().public_api;
    let (shared, items): (Vec<_>, Vec<_>) =
        output.public_api.lines().partition(|line| line.starts_with("use "));
    assert_eq!(items, own.lines().collect::<Vec<_>>());
    assert!(shared.contains(&"use models::PriceInfoDto = alipay_voucher::models::PriceInfoDto"));
}

#[test]
fn a_type_with_another_field_is_a_crates_own_and_so_are_those_that_hold_it() {
    let mut api = everything();
    let option = api.structs.iter_mut().find(|item| item.upstream_name == "Option").unwrap();
    option.fields.push(Field { origin: option.id.join("colour"), ..field("colour", Ty::Text) });
    let rule = api.structs.iter_mut().find(|item| item.upstream_name == "VoucherUseRule").unwrap();
    let holder = Field { origin: rule.id.join("option"), ..field("option", object("Option")) };
    rule.fields.push(holder);
    let output = sharing(&api);
    let family = &output.files["models/voucher_use.rs"];
    assert!(family.contains("pub struct VoucherUseRule"), "{family}");
    // The other of the family is shared still.
    assert!(!family.contains("pub struct PriceInfoDto"), "{family}");
    let models = &output.files["models/mod.rs"];
    let (_, shared) = models.split_once("pub use alipay_voucher::models::").unwrap();
    let (shared, _) = shared.split_once(';').unwrap();
    assert!(shared.contains("PriceInfoDto"), "{models}");
    assert!(!shared.contains("VoucherUseRule") && !shared.contains("LabelOption"), "{models}");
}
