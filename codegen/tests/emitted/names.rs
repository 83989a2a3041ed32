//! Names: rules, collisions, and the lock.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use crate::build::*;
use alipay_codegen::names::words;
use alipay_openapi::{
    ir::{Api, Confidence, Method, Ty},
    load::Source,
};
use proptest::prelude::*;

fn refused(api: &Api) -> String {
    generate(api, None).unwrap_err()
}

fn shared_api(structs: Vec<alipay_openapi::ir::Struct>) -> Api {
    let mut api = empty_api();
    operation(TAG, "send", Method::Post, Vec::new(), Vec::new()).add(&mut api, TAG);
    api.structs.extend(structs);
    api
}

#[test]
fn fields_of_one_name_collide() {
    let text = refused(&shared_api(vec![shared(
        "Info",
        vec![field("orderStr", Ty::Text), field("order_str", Ty::Text)],
    )]));
    assert_eq!(
        text,
        "error[name-collision]: two items would be called `order_str`; the other is \
         #/components/schemas/Info/properties/orderStr\n  \
         at #/components/schemas/Info/properties/order_str\n  \
         hint: give one of them another name with x-rust-name in the overlay"
    );
}

#[test]
fn a_pin_settles_a_collision_and_is_never_the_one_to_move() {
    let mut pinned = field("a-b", Ty::Text);
    pinned.pinned_name = Some("a_b".to_owned());
    let text = refused(&shared_api(vec![shared("Info", vec![field("aB", Ty::Text), pinned])]));
    assert!(text.contains("at #/components/schemas/Info/properties/aB"), "{text}");

    let mut pinned = field("a-b", Ty::Text);
    pinned.pinned_name = Some("other".to_owned());
    assert!(
        generate(&shared_api(vec![shared("Info", vec![field("aB", Ty::Text), pinned])]), None)
            .is_ok()
    );
}

#[test]
fn types_collide_with_types_of_operations() {
    let text = refused(&shared_api(vec![shared("SendRequest", Vec::new())]));
    assert!(
        text.starts_with("error[name-collision]: two items would be called `SendRequest`"),
        "{text}"
    );
}

#[test]
fn values_and_codes_collide_by_their_whole_text() {
    let mut parts = operation(TAG, "send", Method::Post, Vec::new(), Vec::new());
    parts.operation.codes = codes("X", &["A.B_C", "A_B.C"]);
    let mut api = empty_api();
    parts.add(&mut api, TAG);
    let text = refused(&api);
    assert!(text.contains("would be called `ABC`"), "{text}");
    assert!(text.contains("at #/components/schemas/X/properties/code/enum/A_B.C"), "{text}");

    let mut parts = operation(TAG, "send", Method::Post, Vec::new(), Vec::new());
    parts.operation.codes = codes("X", &["ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "AQC.SYSTEM_ERROR"]);
    let mut api = empty_api();
    parts.add(&mut api, TAG);
    assert!(generate(&api, None).is_ok());
}

#[test]
fn groups_have_scopes_of_their_own() {
    let output = generate(&grouped(), None).unwrap();
    assert!(output.lock.contains("\ttrade::models::QueryRequest\n"));
    assert!(output.lock.contains("\ttrade::refund::models::QueryRequest\n"));
    assert!(output.lock.contains("\topen::search::box_::operations::Query\n"));
}

#[test]
fn taken_names_get_an_ending_and_pinned_ones_are_refused() {
    for name in ["Option", "Result", "Yuan", "CommonErrorCode"] {
        let output = generate(&shared_api(vec![shared(name, Vec::new())]), None).unwrap();
        let line = format!("struct models::{name}Model\n");
        assert!(output.public_api.contains(&line), "{}", output.public_api);
        let mut pinned = shared(name, Vec::new());
        pinned.pinned_name = Some(name.to_owned());
        let text = refused(&shared_api(vec![pinned]));
        let start = format!("error[reserved-name]: the name `{name}` is taken");
        assert!(text.starts_with(&start), "{text}");
        assert!(text.contains("x-rust-name"), "{text}");
    }
}

#[test]
fn impossible_names_ask_for_a_pin() {
    for wire in ["名", "1st", "", "_", "=", "\u{202E}"] {
        let text = refused(&shared_api(vec![shared("Info", vec![field(wire, Ty::Text)])]));
        assert!(text.starts_with("error[bad-name]: no Rust name can be made of `"), "{text}");
        assert!(!text.lines().next().unwrap().contains('\u{202E}'));
    }
    // Each is one finding: that both have no name is no collision.
    let fields = ["名", "字"].map(|wire| field(wire, Ty::Text)).to_vec();
    let text = refused(&shared_api(vec![shared("Info", fields)]));
    assert_eq!(text.matches("error[bad-name]").count(), 2, "{text}");
    assert_eq!(text.matches("error[").count(), 2, "{text}");
    let mut pinned = field("a", Ty::Text);
    pinned.pinned_name = Some("Not a name".to_owned());
    let text = refused(&shared_api(vec![shared("Info", vec![pinned])]));
    assert!(text.contains("error[bad-name]"), "{text}");
    assert!(text.contains("hint: `x-rust-name` has it: give a snake_case name"), "{text}");
}

#[test]
fn operations_of_one_name_are_one_finding() {
    for verbs in [["getAll", "get_all"], ["send", "Send"]] {
        let mut api = empty_api();
        for verb in verbs {
            operation(TAG, verb, Method::Post, Vec::new(), Vec::new()).add(&mut api, TAG);
        }
        let text = refused(&api);
        assert!(text.starts_with("error[name-collision]: two items would be called"), "{text}");
        assert_eq!(text.matches("error[").count(), 1, "{text}");
        assert!(text.ends_with("give the operation another operationId in the overlay"), "{text}");
    }
}

#[test]
fn many_enums_in_one_file_take_time_in_proportion() {
    const MANY: usize = 6_000;
    let mut api = empty_api();
    let fields = (0..MANY).map(|n| {
        let wire = format!("kind{n}");
        let (item, ty) = open_enum("Info", &wire, &format!("Kind{n}"), &[("A", "")]);
        api.enums.push(item);
        required(field(&wire, ty), Confidence::Documented)
    });
    let fields: Vec<_> = fields.collect();
    operation(TAG, "send", Method::Post, fields, Vec::new()).add(&mut api, TAG);
    assert!(generate(&api, None).is_ok());
}

#[test]
fn the_lock_is_stable_and_complete() {
    let api = everything();
    let first = generate(&api, None).unwrap();
    let second = generate(&api, Some(&first.lock)).unwrap();
    assert_eq!(first.lock, second.lock);
    insta::with_settings!({
        snapshot_path => "snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!("lock", first.lock) });
}

#[test]
fn a_renamed_item_stops_the_run() {
    let mut api = everything();
    let lock = generate(&api, None).unwrap().lock;
    let price = api.structs.iter_mut().find(|item| item.upstream_name == "PriceInfoDTO").unwrap();
    price.fields[0].pinned_name = Some("cost".to_owned());
    let text = generate(&api, Some(&lock)).unwrap_err();
    assert_eq!(
        text,
        "error[renamed-item]: `models::PriceInfoDto::price` would become `models::PriceInfoDto::cost`\n  \
         at #/components/schemas/PriceInfoDTO/properties/price\n  \
         hint: keep the name with `x-rust-name: price` in the overlay; or delete the lines of \
         `models::PriceInfoDto::price` from names.lock to accept the new one"
    );
    let line = "/components/schemas/PriceInfoDTO/properties/price\tmodels::PriceInfoDto::price\n";
    let accepted = lock.replace(line, "");
    assert_ne!(accepted, lock);
    let output = generate(&api, Some(&accepted)).unwrap();
    let renamed = lock.replace(line, &line.replace("::price", "::cost"));
    assert_eq!(output.lock, renamed);
}

#[test]
fn a_renamed_item_takes_along_what_is_in_it() {
    let mut api = everything();
    let lock = generate(&api, None).unwrap().lock;
    let mode = api.enums.iter_mut().find(|item| item.name == "MerchantAccessMode").unwrap();
    mode.name = "SendRequestMode".to_owned();
    let text = generate(&api, Some(&lock)).unwrap_err();
    assert_eq!(
        text,
        "error[renamed-item]: `models::MerchantAccessMode` would become `models::SendRequestMode`\n  \
         at #/components/schemas/AlipayMarketingActivityVoucherSendModel/properties/merchant_access_mode/\
         x-extensible-enum\n  \
         hint: keep the name with `x-rust-name: MerchantAccessMode` beside `x-extensible-enum` in the overlay; \
         or delete the lines of `models::MerchantAccessMode` from names.lock to accept the new one"
    );
    let is_its = |line: &&str| line.contains("\tmodels::MerchantAccessMode");
    let accepted: Vec<_> = lock.lines().filter(|line| !is_its(line)).collect();
    assert!(generate(&api, Some(&accepted.join("\n"))).is_ok());
    // A value that is renamed besides is told.
    let mode = api.enums.iter_mut().find(|item| item.name == "SendRequestMode").unwrap();
    mode.values[0].pinned_name = Some("Other".to_owned());
    let text = generate(&api, Some(&lock)).unwrap_err();
    assert_eq!(text.matches("renamed-item").count(), 2, "{text}");
    assert!(text.contains("keep the name with `x-enum-names: {\""), "{text}");
}

#[test]
fn new_and_gone_items_are_no_errors() {
    let mut api = everything();
    let lock = generate(&api, None).unwrap().lock;
    let price = api.structs.iter_mut().find(|item| item.upstream_name == "PriceInfoDTO").unwrap();
    let id = price.id.clone();
    price.fields = vec![field("fresh", Ty::Text)];
    price.fields[0].origin = id.join("properties").join("fresh");
    let output = generate(&api, Some(&lock)).unwrap();
    assert!(output.lock.contains("\tmodels::PriceInfoDto::fresh\n"));
    assert!(!output.lock.contains("\tmodels::PriceInfoDto::price\n"));
}

#[test]
fn lines_that_are_none_are_refused() {
    // A path that is none would be shown as it is.
    let lock =
        "# fine\n\nnonsense\n/a b\n/a\ta::B\tc\n/a\ta\u{1b}[31m\n/a\t\u{202e}a\n/a\t\n/a\ta::B\n";
    let text = generate(&everything(), Some(lock)).unwrap_err();
    for line in 3..9 {
        let expected = format!("names.lock:{line}:1: error[bad-lock]: this line");
        assert!(text.contains(&expected), "{text}");
    }
    assert_eq!(text.matches("bad-lock").count(), 6, "{text}");
}

#[test]
fn crlf_in_the_lock_does_not_matter() {
    let lock = generate(&everything(), None).unwrap().lock;
    let output = generate(&everything(), Some(&lock.replace('\n', "\r\n"))).unwrap();
    assert_eq!(output.lock, lock);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_are_identifiers_or_none(text in "\\PC{0,20}|[a-zA-Z0-9_. -]{0,20}") {
        for name in [words::pascal(&text), words::snake(&text)].into_iter().flatten() {
            prop_assert!(syn::parse_str::<syn::Ident>(&name).is_ok(), "{text:?} gave {name:?}");
        }
        if let Some(name) = words::snake(&text) {
            let again = words::snake(&name);
            prop_assert_eq!(again.as_deref(), Some(name.as_str()));
        }
    }

    #[test]
    fn the_lock_survives_any_value(wires in proptest::collection::btree_set("[A-Z]{1,3}[\\PC\t\n%]{0,6}", 1..6)) {
        let mut lock = alipay_codegen::names::lock::Lock::default();
        for wire in &wires {
            lock.insert(schema("X").join(wire), "models::X::A".to_owned());
        }
        let mut sink = alipay_openapi::diag::Sink::new();
        let again = alipay_codegen::names::lock::Lock::parse(&Source::new("names.lock", lock.render()), &mut sink);
        prop_assert!(sink.finish().is_empty());
        prop_assert_eq!(again, lock);
    }
}
