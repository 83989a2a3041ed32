//! What is inferred from Alipay's texts, held against the examples and against what people have found out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{collections::BTreeMap, sync::LazyLock};

use alipay_openapi::{
    Description,
    diag::Sink,
    ir::{Api, Confidence, Field, OpenEnum, Struct, Ty, TypeId, fit::misfit},
    load::{Source, parse},
    overlay::{self, Document},
};
use serde_json::Value;

use crate::support::{self, Copy};

const INFERRED: &str = "spec/alipay/inferred.yaml";

fn source(file: &str) -> Source {
    Source::new(file, std::fs::read_to_string(support::workspace().join(file)).unwrap())
}

fn base() -> Description {
    Description::new(source("spec/alipay/openapi.yaml"))
}

/// The base of all groups with what is inferred. To read it takes seconds.
static INFERRED_OF_ALL: LazyLock<(Document, Api)> =
    LazyLock::new(|| read(&base().inferred(Some(source(INFERRED)))));

fn read(description: &Description) -> (Document, Api) {
    let mut sink = Sink::new();
    let read = description.read(&mut sink);
    let findings = sink.finish();
    assert!(read.is_some(), "{findings}");
    read.unwrap()
}

/// The rule that has inferred the type of a field.
fn rule_of<'d>(document: &'d Document, field: &Field) -> Option<&'d str> {
    let mut at = vec![field.origin.clone(), field.origin.join("schema")];
    for depth in 0..3 {
        at.push(at[2 * depth].join("items"));
        at.push(at[2 * depth + 1].join("items"));
    }
    let keys = ["format", "x-extensible-enum"];
    let said = at.iter().flat_map(|at| keys.map(|key| at.join(key)));
    said.filter(|at| document.value.pointer(at.as_str()).is_some())
        .find_map(|at| document.evidence(&at)?.rule.as_deref())
}

fn fields(api: &Api) -> impl Iterator<Item = (&Struct, &Field)> {
    api.structs.iter().flat_map(|item| item.fields.iter().map(move |field| (item, field)))
}

fn enums(api: &Api) -> BTreeMap<&TypeId, &OpenEnum> {
    api.enums.iter().map(|item| (&item.id, item)).collect()
}

#[test]
fn each_action_fits_the_base_and_changes_it() {
    let mut sink = Sink::new();
    // As an overlay of people's, which may not be wrong anywhere.
    let laid_over = base().overlay(Some(source(INFERRED)));
    let document = laid_over.document(alipay_openapi::Strictness::Whole, &mut sink);
    let findings = sink.finish();
    assert!(document.is_some() && findings.is_empty(), "{findings}");
}

#[test]
fn ninety_nine_of_a_hundred_examples_fit_what_each_rule_says() {
    let (document, api) = &*INFERRED_OF_ALL;
    let enums = enums(api);
    let find = |id: &TypeId| enums.get(id).copied();
    // Places, those with an example, and examples that do not fit.
    let mut found: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for (_, field) in fields(api) {
        let Some(rule) = rule_of(document, field) else { continue };
        let counts = found.entry(rule).or_default();
        counts.0 += 1;
        if let Some(example) = field.example.as_ref().filter(|example| !example.is_null()) {
            counts.1 += 1;
            counts.2 += usize::from(misfit(&find, &field.ty, example).is_some());
        }
    }
    // The counts stand in the file, so that a refresh shows what has moved.
    let overlay = parse(&source(INFERRED), &mut Sink::new()).unwrap().value;
    let count = |rule: &Value, key: &str| usize::try_from(rule[key].as_u64().unwrap()).unwrap();
    for (rule, counts) in overlay["x-rules"].as_object().unwrap() {
        let (places, examples) = (count(counts, "places"), count(counts, "examples"));
        assert!(places > 0, "{rule} finds nothing");
        assert!(count(counts, "misfits") * 100 <= examples, "{rule} left out too many");
        let Some((here, shown, misfits)) = found.remove(rule.as_str()) else { continue };
        assert_eq!((here, shown), (places, examples), "{rule}");
        assert!(misfits * 100 <= shown, "{rule}: {misfits} of {shown} examples do not fit");
    }
    assert!(found.is_empty(), "{found:?}");
}

/// What a type says, whatever enums are called.
fn said(enums: &BTreeMap<&TypeId, &OpenEnum>, ty: &Ty) -> Option<Vec<String>> {
    let values = |id: &TypeId| enums[id].values.iter().map(|value| value.wire.clone()).collect();
    match ty {
        Ty::List(inner) | Ty::Map(inner) => said(enums, inner),
        Ty::Enum(id) => Some(values(id)),
        Ty::Text | Ty::Struct { .. } => None,
        other => Some(vec![format!("{other:?}")]),
    }
}

#[test]
fn what_people_have_found_out_does_not_contradict_it() {
    let (document, inferred) = &*INFERRED_OF_ALL;
    let enums_of_all = enums(inferred);
    let mut compared = 0;
    for name in support::CRATES {
        let overlay = source(&format!("spec/{name}/overlay.yaml"));
        let shared =
            overlay::shares(&overlay).map(|name| source(&format!("spec/{name}/overlay.yaml")));
        let curated = Description::new(source(&format!("spec/{name}/openapi.yaml")));
        let (_, curated) = read(&curated.shared(shared).overlay(Some(overlay)));
        let enums_of_people = enums(&curated);
        let known: BTreeMap<_, _> = fields(&curated)
            .map(|(item, field)| ((item.upstream_name.as_str(), field.wire.as_str()), field))
            .collect();
        for (item, field) in fields(inferred) {
            let rule = rule_of(document, field);
            let person = known.get(&(item.upstream_name.as_str(), field.wire.as_str()));
            let (Some(rule), Some(person)) = (rule, person) else { continue };
            let by_rule = said(&enums_of_all, &field.ty);
            let by_person = said(&enums_of_people, &person.ty);
            // People may know of more values, and may have left a type as it is.
            let (Some(by_rule), Some(by_person)) = (by_rule, by_person) else { continue };
            let place = format!("{rule} says of `{}` of `{}`", field.wire, item.upstream_name);
            assert!(
                by_rule.iter().all(|value| by_person.contains(value)),
                "{place} {by_rule:?}, a person {by_person:?}"
            );
            compared += 1;
        }
    }
    assert!(compared > 20, "only {compared} fields were compared");
}

#[test]
fn traps_are_left_alone() {
    let all: Vec<_> = fields(&INFERRED_OF_ALL.1).collect();
    let of = |owner: &str, wire: &str| {
        let mut found = all
            .iter()
            .filter(|(item, field)| item.upstream_name.starts_with(owner) && field.wire == wire);
        let (_, field) = found.next().unwrap_or_else(|| unreachable!("no {wire} of {owner}"));
        (field.ty.clone(), field.ty_confidence)
    };
    for (owner, wire) in [
        // UTC, although the examples look like other times.
        ("AlipayIserviceCcmAgentGetResponseModel", "create_time"),
        ("AlipayIserviceCcmAgentSchedulelogQueryModel", "start_time"),
        ("AgentScheduleLog", "end_time"),
        // Times of their domain.
        ("AgentVO", "create_time"),
        ("ArticleInfo", "update_time"),
        // Of a period from a time to a date, one end is wrong.
        ("AuthorizeInfo", "end_date"),
        ("BrandRegistrationInfo", "start_date"),
        // Fen in strings.
        ("AlipayOpenSpIsvBillSyncModel", "price"),
        ("AlipayEbppInvoiceExpensecontrolQuotaModifyModel", "amount"),
        // A rate, a weight, a currency, a price of six decimals.
        ("AlipayOpenAgentFacetofaceSignModel", "rate"),
        ("GoodsInfoIstd", "weight"),
        ("MutipleCurrencyDetail", "payment_currency"),
        ("InvoiceItem", "price"),
        ("InvoiceContentInfo", "price"),
        // What lists values and is none.
        ("BenefitInfoDetail", "amount"),
        ("TemplateFieldRuleDTO", "rule_value"),
        ("AlipayEcoEduKtSchoolinfoModifyModel", "school_type"),
    ] {
        assert_eq!(of(owner, wire), (Ty::Text, Confidence::Documented), "{wire} of {owner}");
    }
    let inferred = |ty: Ty| (ty, Confidence::Inferred);
    assert_eq!(of("AlipayTradeCustomsDeclareModel", "amount"), inferred(Ty::Yuan));
    assert_eq!(of("AlipayTradePayModel", "total_amount"), inferred(Ty::Yuan));
    assert_eq!(of("AlipayTradeQueryResponseModel", "send_pay_date"), inferred(Ty::LocalDateTime));
}

/// A description with texts, as Alipay publishes it.
const ALIPAY: &str = "openapi: 3.0.3
info: {title: Alipay, version: '2026-12-01'}
paths:
  /v3/alipay/shop/pay:
    post:
      operationId: alipay.shop.pay
      tags: [alipay.shop]
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/AlipayShopPayModel'}
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema: {$ref: '#/components/schemas/AlipayShopPayResponseModel'}
components:
  schemas:
    AlipayShopPayModel:
      type: object
      properties:
        total_amount: {type: string, description: 总金额，单位为元。, example: '88.88'}
    AlipayShopPayResponseModel:
      type: object
      properties:
        pay_status: {type: string, description: '状态。DONE：完成；OPEN：未完成', example: DONE}
";

#[test]
fn what_is_inferred_from_a_file_types_the_crate() {
    let copy = Copy::new();
    let file = copy.path("alipay.yaml");
    std::fs::write(&file, ALIPAY).unwrap();
    let file = file.to_str().unwrap();
    let out = copy.path("alipay-shop");
    let core = support::workspace().join("alipay-core");
    let generate = [
        "generate",
        "--tag",
        "alipay.shop",
        "--name",
        "alipay-shop",
        "--out",
        out.to_str().unwrap(),
        "--core-path",
        core.to_str().unwrap(),
    ];
    let run = copy.xtask(&[&generate[..], &["--from", file]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let pay = copy.read("alipay-shop/src/generated/operations/pay.rs");
    assert!(pay.contains("pub total_amount: Option<Yuan>"), "{pay}");
    assert!(pay.contains("In yuan, with at most two decimals (inferred)."), "{pay}");
    assert!(pay.contains("pub pay_status: Option<PayStatus>"), "{pay}");
    // The base has no texts; what was inferred stands beside it, and stays when the base is imported again.
    std::fs::remove_file(copy.path("spec/alipay/openapi.yaml")).unwrap();
    let run = copy.xtask(&["import", "--from", file, "--all-tags"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("  inferred by yuan: 1, 1 with an example"), "{}", run.stdout);
    let inferred = copy.read(INFERRED);
    assert!(inferred.contains("target: $.components.schemas.AlipayShopPayModel.properties"));
    let again = copy.path("spec/alipay/openapi.yaml");
    let run = copy.xtask(&["import", "--from", again.to_str().unwrap(), "--all-tags"]);
    assert!(run.stdout.ends_with(", unchanged\n"), "{}{}", run.stdout, run.stderr);
    assert_eq!(copy.read(INFERRED), inferred);
    let check = copy.xtask(&[&generate[..], &["--check"]].concat());
    let amount = "+        /// 总金额";
    assert!(!check.stdout.contains(amount), "{}", check.stdout);
    // The texts make no difference for the types.
    let diff = copy.xtask(&["diff", "spec/alipay", file]);
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    assert!(!diff.stdout.contains("breaking"), "{}", diff.stdout);
}

#[test]
fn a_rule_that_does_not_fit_a_file_is_told() {
    let copy = Copy::new();
    let file = copy.path("alipay.yaml");
    std::fs::write(&file, ALIPAY.replace("'88.88'", "'a lot'")).unwrap();
    let file = file.to_str().unwrap();
    let out = copy.path("alipay-shop");
    let core = support::workspace().join("alipay-core");
    let (out, core) = (out.to_str().unwrap(), core.to_str().unwrap());
    let made = ["--tag", "alipay.shop", "--name", "alipay-shop", "--out", out, "--core-path", core];
    for arguments in [
        &["lint", file][..],
        &["lint", file, "--format", "json"],
        &["tags", file],
        &["diff", file, file],
        &["import", "--from", file, "--crate", "alipay-shop-pay", "--tag", "alipay.shop"],
        &[&["generate", "--from", file][..], &made].concat(),
    ] {
        let run = copy.xtask(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(
            all.contains("the rule `yuan` is left out: 1 of 1 examples"),
            "{arguments:?}: {all}"
        );
        // The table is about all groups.
        assert!(!all.contains("unknown-required"), "{arguments:?}: {all}");
    }
}

#[test]
fn a_new_crate_begins_with_what_is_inferred() {
    let copy = Copy::new();
    let from = copy.path("spec/alipay/openapi.yaml");
    let import = [
        "import",
        "--from",
        from.to_str().unwrap(),
        "--crate",
        "alipay-trade-settle",
        "--tag",
        "alipay.trade.settle",
    ];
    let run = copy.xtask(&import);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let inferred = copy.read("spec/alipay-trade-settle/inferred.yaml");
    assert!(inferred.contains("AlipayTradeSettleConfirmResponseModel.properties"), "{inferred}");
    assert!(
        !inferred.contains("AlipayTradePayModel") && !inferred.contains("x-rules"),
        "{inferred}"
    );
    let api = copy.read("alipay-trade-settle/public-api.txt");
    assert!(api.contains("ConfirmResponse::settle_amount: Option<Yuan>"), "{api}");
    let before = copy.files();
    let run = copy.xtask(&import);
    assert!(run.stdout.ends_with(", unchanged\n"), "{}{}", run.stdout, run.stderr);
    assert!(copy.files() == before);
    let run = copy.xtask(&["generate", "--check", "alipay-trade-settle"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}
