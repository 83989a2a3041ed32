//! The code generated for every construct that is supported (`openapi/CONSTRUCTS.md`), compiled and run
//! against a gateway that serves the same description.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "tests fail by panicking, and numbers come back as they were"
)]

#[rustfmt::skip]
#[path = "generated/examples/shop.rs"]
#[allow(dead_code, deprecated, reason = "all are compiled, some are sent")]
mod documented;

use std::collections::{BTreeMap, BTreeSet};

use alipay_constructs::{ShopApi, meta, models::*};
use alipay_core::{
    Error,
    model::Model,
    value::{File, Json, Yuan},
    wait::Failure as _,
};
use alipay_mock::{Gateway, RecordedRequest};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

fn gateway() -> Gateway {
    let contract = include_str!("generated/contract.json");
    Gateway::builder().contract(contract).start_blocking().unwrap()
}

/// What came of the last request.
fn last(gateway: &Gateway) -> RecordedRequest {
    let last = gateway.requests().pop().unwrap();
    assert!(last.verified && last.status == Some(200), "{last:?}");
    last
}

fn sent(gateway: &Gateway) -> serde_json::Value {
    serde_json::from_str(&last(gateway).body).unwrap()
}

/// Reads a text and writes it back.
fn again<T: Serialize + DeserializeOwned>(json: &str) -> String {
    serde_json::to_string(&serde_json::from_str::<T>(json).unwrap()).unwrap()
}

fn problem<T: DeserializeOwned>(json: &str) -> String {
    let problem = serde_json::from_str::<T>(json).err().unwrap().to_string();
    problem.split(" at line ").next().unwrap().to_owned()
}

#[tokio::test]
async fn what_can_be_waited_for() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    let request = WaitersRequest::new("1");
    // The gateway responds with the examples.
    let done = api.wait_until_done(&request).await.unwrap();
    assert_eq!(WaitersResponse::status(&done), Some(&PenState::Done));
    let short = std::time::Duration::from_millis(20);
    let wait = api.wait_until_not_yet(&request).interval(short / 4).deadline(short);
    let error = wait.await.unwrap_err();
    assert!(error.to_string().contains("not not-yet within 20ms"), "{error}");
    assert!(DoneFailure::KNOWN == [DoneFailure::Broken, DoneFailure::Unknown]);
    assert!(NotYetFailure::KNOWN.is_empty());
    let failures = DoneFailure::WAITER.failures;
    assert_eq!((failures[0].is, failures[0].reason), (&["BROKEN", "LOST"][..], Some("type.why")));
    assert_eq!((failures[1].at, failures[1].is), (&["level", "type.level"][..], &["-1"][..]));
}

#[tokio::test]
async fn every_operation_is_served() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    macro_rules! passes {
        ($($call:ident($request:expr $(,)?)),* $(,)?) => {
            $(
                let response = api.$call($request).await;
                response.unwrap_or_else(|error| panic!("{}: {error}", stringify!($call)));
                last(&gateway);
            )*
        };
    }
    passes! {
        all_of(AllOfRequest::new("a", "blue")),
        all_of_beside_properties(AllOfBesidePropertiesRequest::new().id("1").size(2)),
        all_of_one_reference(AllOfOneReferenceRequest::new().ink(AllOfOneReferenceInk::Blue)),
        all_of_same_property(AllOfSamePropertyRequest::new().id("1").a("a").b("b")),
        allow_empty(AllowEmptyRequest::new().q("")),
        answer_201(Answer201Request::new()),
        answer_204(Answer204Request::new()),
        answer_range(AnswerRangeRequest::new()),
        bounds(BoundsRequest::new().a("abc").b(2).c(["x"]).d(0.5)),
        closed_object(ClosedObjectRequest::new().cap(ClosedObjectCap::new().colour("red"))),
        defaults(DefaultsRequest::new().page(1)),
        deprecated(DeprecatedRequest::new().a("a")),
        error_answers(ErrorAnswersRequest::new()),
        examples(ExamplesRequest::new().page(1).a("a")),
        external_docs(ExternalDocsRequest::new().a("a")),
        inline_bodies(InlineBodiesRequest::new("1")),
        integers(IntegersRequest::new().a(i64::MIN).b(i32::MAX.into()).c(i64::MAX)),
        links(LinksRequest::new()),
        listed_numbers(ListedNumbersRequest::new().a(2).b(true)),
        media_type_parameters(MediaTypeParametersRequest::new().a("a")),
        shared_error(SharedErrorRequest::new()),
        shared_error_again(SharedErrorAgainRequest::new()),
        object_without_type(
            ObjectWithoutTypeRequest::new().cap(ObjectWithoutTypeCap::new().colour("red")),
        ),
        open_object(OpenObjectRequest::new().cap(OpenObjectCap::new().colour("red"))),
        parameters_of_one_name(ParametersOfOneNameRequest::new("1")),
        encoded_references(
            EncodedReferencesRequest::new().white(EncodedCard::new().no("1")).tilde(EncodedTilde::A),
        ),
        keys_of_items(KeysOfItemsRequest::new().codes(["a1"])),
        named_values(NamedValuesRequest::new().named_order(NamedOrder::Plus)),
        enums_of_one_name(
            EnumsOfOneNameRequest::new()
                .variety(Variety::Round)
                .hub(EnumsHub::new().variety(EnumsHubVariety::Wide))
                .dock(EnumsDock::new().variety(EnumsHubVariety::Narrow))
                .lid(EnumsLid::new().variety(Variety::Square)),
        ),
        other_formats(OtherFormatsRequest::new().account("a").size(1)),
        reference_with_keys(ReferenceWithKeysRequest::new().part(ReferenceWithKeysPart::new())),
        parameter_and_property(ParameterAndPropertyRequest::new("1", "a note", "new")),
        parameter_and_part(ParameterAndPartRequest::new(File::bytes("a.png", "image"))),
        limits(LimitsRequest::new("AB1234", "0".repeat(32)).step(15)),
        path_item_parameters(PathItemParametersRequest::new("a/b 1").page(2)),
        path_parts(PathPartsRequest::new("a:b 1")),
        path_parts_cancel(PathPartsCancelRequest::new("a:b 1")),
        path_parts_bill(PathPartsBillRequest::new(1, 31)),
        read_only(ReadOnlyRequest::new().password("secret")),
        references(ReferencesRequest::new().page(1).cap(ReferencesCap::new().colour("red"))),
        security(SecurityRequest::new()),
        servers(ServersRequest::new()),
        several_equal_answers(SeveralEqualAnswersRequest::new()),
        several_media_types(SeveralMediaTypesRequest::new().a("a")),
        shared_body(SharedBodyRequest::new().cap(SharedBodyCap::new().colour("red"))),
        shared_body_again(SharedBodyAgainRequest::new().cap(SharedBodyCap::new().colour("red"))),
        shared_upload(SharedUploadRequest::new().title("A pen").photo(File::bytes("a.png", "image"))),
        shared_upload_again(SharedUploadAgainRequest::new().photo(File::bytes("a.png", "image"))),
        text_formats(TextFormatsRequest::new().day("2026-01-31".parse().unwrap()).key("00000000-0000-4000-8000-000000000000")),
        text_values(
            TextValuesRequest::new()
                .order(Order::Asc)
                .sizes([Sizes::S, Sizes::L])
                .inner(TextValuesInk::Blue)
                .by_day([("mon", TextValuesInk::Black)]),
        ),
        upload(UploadRequest::new(File::bytes("a.png", "image")).title("A pen")),
        // Those below have tests of their own.
        free_form(FreeFormRequest::new()),
        header_parameters(HeaderParametersRequest::new("plain")),
        inline_objects(InlineObjectsRequest::new()),
        lists(ListsRequest::new()),
        maps(MapsRequest::new()),
        media_example(MediaExampleRequest::new()),
        nullable(NullableRequest::new()),
        numbers(NumbersRequest::new()),
        query_lists(QueryListsRequest::new([1])),
        recursion(RecursionRequest::new()),
        waiters(WaitersRequest::new("1")),
        whole_example(documented::whole_example().unwrap()),
    }
    let served = gateway.requests().into_iter().filter_map(|request| request.operation);
    let served: BTreeSet<String> = served.collect();
    let described = meta::OPERATIONS.iter().map(|operation| operation.id.to_owned());
    assert_eq!(served, described.collect());
}

/// What the documentation of an operation shows is the example of the description.
#[tokio::test]
async fn documented_requests_are_the_examples() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    api.whole_example(documented::whole_example().unwrap()).await.unwrap();
    // That of `codegen/tests/fixtures/constructs/whole_example.yaml`.
    let example = json!({
        "order_no": "order-1",
        "title": "笔 \"fine\"",
        "prices": ["1.00", "2.50"],
        "stock": {"a": 1, "b": -2},
        "cap": {"colour": "RED", "size": 3},
        "colours": ["BLUE", "RED"],
        "codes": "[\"x\",\"y\"]",
        "tags": ["new", "old"],
        "caps": [{"size": 1}, {"size": 2, "inner": {}}],
        "by_name": {"small": {"size": 0}},
        "since": "2028-02-29 23:59:59",
        "until": "2028-03-01",
        "opens": "08:30:00",
        "weight": 1.25,
        "discount": "6.5",
        "anything": {"a": [1, null, "x"]},
    });
    assert_eq!(sent(&gateway), example);
    assert!(last(&gateway).target.ends_with("/A1"), "the path has the parameter's own example");
    api.media_example(documented::media_example().unwrap()).await.unwrap();
    assert_eq!(sent(&gateway), json!({"colour": "blue"}));
}

#[tokio::test]
async fn lists_in_the_query_are_sent_as_described_and_signed_as_sent() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    let request = QueryListsRequest::new([1, -2])
        .ids(["a,b", "c d", "&=|é"])
        .words(["x|y", "1,2"])
        .inks([Inks::Red, "A B".into()])
        .flags([true, false]);
    // `A B` is no ink that is known to the gateway.
    let refused = api.query_lists(&request).await.unwrap_err();
    assert!(refused.to_string().contains("inks[1]"), "{refused}");
    api.query_lists(request.inks([Inks::Red, Inks::Blue])).await.unwrap();
    assert_eq!(
        last(&gateway).target,
        "/v3/shop/query_lists?ids=a%2Cb&ids=c%20d&ids=%26%3D%7C%C3%A9&sizes=1,-2\
         &words=x%7Cy%201%2C2&inks=RED%7CBLUE&flags=true&flags=false"
    );
    let unfit = api.query_lists(QueryListsRequest::new([1]).words(["a b"])).await.unwrap_err();
    assert!(unfit.to_string().contains("an item of `words` holds the character"), "{unfit}");
    let unfit =
        api.query_lists(QueryListsRequest::new([1]).inks(["a|b".into()])).await.unwrap_err();
    assert!(unfit.to_string().contains("an item of `inks` holds the character"), "{unfit}");
    // Nothing is left of an empty list.
    let refused = api.query_lists(QueryListsRequest::new([])).await.unwrap_err();
    assert!(refused.to_string().contains("`sizes` is required"), "{refused}");
}

#[tokio::test]
async fn headers_are_sent_and_cannot_smuggle() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    let request = HeaderParametersRequest::new("plain").x_retry(2).mode(Mode::Fast);
    let prepared = api.header_parameters(&request).prepare().unwrap();
    let headers = prepared.request().headers();
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!((header("x-request-kind"), header("x-retry")), (Some("plain"), Some("2")));
    assert_eq!((header("mode"), header("x-token")), (Some("FAST"), None));
    api.header_parameters(request.clone()).await.unwrap();
    last(&gateway);

    let wrong = api.header_parameters(request.clone().mode("SLOW".into())).await.unwrap_err();
    assert!(wrong.to_string().contains("`Mode`"), "{wrong}");
    for value in ["a\r\nalipay-app-auth-token: x", "中", " a"] {
        let unfit = api.header_parameters(HeaderParametersRequest::new(value)).await.unwrap_err();
        assert!(unfit.to_string().contains("`X-Request-Kind` has characters"), "{unfit}");
    }
    let secret = format!("{:?}", request.x_token("hush"));
    assert!(!secret.contains("hush") && secret.contains("[redacted]"), "{secret}");
}

#[tokio::test]
async fn objects_maps_lists_and_any_json_arrive_as_they_were_given() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    let request = MapsRequest::new()
        .labels([("z", "1"), ("a", "2")])
        .counts([("n", 3)])
        .caps([("top", MapsCap::new().colour("red"))])
        .colours([("warm", vec!["red".to_owned()])])
        .nested([("x", [("y", true)])])
        .named([("pen", Yuan::from_fen(150))]);
    api.maps(request).await.unwrap();
    assert_eq!(
        sent(&gateway),
        json!({
            "labels": {"a": "2", "z": "1"}, "counts": {"n": 3}, "caps": {"top": {"colour": "red"}},
            "colours": {"warm": ["red"]}, "nested": {"x": {"y": true}}, "named": {"pen": "1.50"},
        })
    );

    let text = r#"{ "big": 12345678901234567890.10, "a": [null] }"#;
    let request = FreeFormRequest::new()
        .options(text.parse().unwrap())
        .extra(json!({"x": 1}).into())
        .list([Json::default(), Json::of(&1.5).unwrap()])
        .secret(json!({"phone": "13800000001"}).into());
    let shown = format!("{request:?}");
    assert!(shown.contains("12345678901234567890.10") && !shown.contains("13800000001"), "{shown}");
    api.free_form(request).await.unwrap();
    assert_eq!(
        last(&gateway).body,
        format!(
            r#"{{"options":{text},"extra":{{"x":1}},"list":[null,1.5],"secret":{{"phone":"13800000001"}}}}"#
        )
    );

    let leaf = || RecursionNode::new().name("leaf");
    let request = RecursionRequest::new()
        .tree(RecursionNode::new().parent(leaf()).children([leaf()]).named([("a", leaf())]));
    api.recursion(request).await.unwrap();
    let leaf = json!({"name": "leaf"});
    let tree = json!({"parent": leaf, "children": [leaf], "named": {"a": leaf}});
    assert_eq!(sent(&gateway), json!({"tree": tree}));

    let request = InlineObjectsRequest::new()
        .cap(ShopInlineObjectsRequestCap::new().clip(ShopInlineObjectsRequestCapClip::new(true)))
        .parts([ShopInlineObjectsRequestParts::new().name("nib")])
        .spares([("nib", ShopInlineObjectsRequestSpares::new().count(2))])
        .box_(PenBox::new().size(1));
    api.inline_objects(request).await.unwrap();
    assert_eq!(
        sent(&gateway),
        json!({
            "cap": {"clip": {"long": true}}, "parts": [{"name": "nib"}],
            "spares": {"nib": {"count": 2}}, "box": {"size": 1},
        })
    );

    let request =
        ListsRequest::new().names(["a"]).matrix([vec![1, 2], vec![]]).rows([vec!["x".to_owned()]]);
    api.lists(request).await.unwrap();
    assert_eq!(sent(&gateway), json!({"names": ["a"], "matrix": [[1, 2], []], "rows": [["x"]]}));
}

#[tokio::test]
async fn numbers_are_finite_and_null_counts_as_absent() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    api.numbers(NumbersRequest::new().weight(1.5).length(-0.0).width(1e300)).await.unwrap();
    assert_eq!(sent(&gateway), json!({"weight": 1.5, "length": -0.0, "width": 1e300}));
    for number in [f64::NAN, f64::INFINITY] {
        let unfit: Error = api.numbers(NumbersRequest::new().weight(number)).await.unwrap_err();
        assert!(unfit.to_string().contains("not finite"), "{unfit}");
    }
    let read = |json| serde_json::from_str::<NumbersRequest>(json).unwrap().weight;
    assert_eq!((read(r#"{"weight":2}"#), read(r#"{"weight":"2.5"}"#)), (Some(2.0), Some(2.5)));
    assert_eq!((read(r#"{"weight":null}"#), read(r#"{"weight":""}"#)), (None, None));
    assert_eq!(
        problem::<NumbersRequest>(r#"{"weight":true}"#),
        "`weight`: expected a number, found a boolean"
    );

    api.nullable(NullableRequest::new().colour("red")).await.unwrap();
    assert_eq!(last(&gateway).body, r#"{"colour":"red"}"#);
    assert_eq!(again::<NullableRequest>(r#"{"colour":null,"cap":null,"size":null}"#), "{}");
    assert_eq!(problem::<AllOfRequest>(r#"{"name":null,"colour":"a"}"#), "missing field `name`");
}

#[test]
fn what_is_read_is_written_back() {
    for json in [
        r#"{"labels":{"a":"1","b":""},"counts":{"a":-1},"colours":{"x":[],"y":["z"]}}"#,
        r#"{"nested":{"a":{"b":true}},"named":{"a":"0.10"}}"#,
    ] {
        assert_eq!(again::<MapsRequest>(json), json);
    }
    // The last of equal keys counts, and a value that is nothing is none.
    assert_eq!(
        again::<MapsRequest>(r#"{"counts":{"a":1,"b":2,"a":3,"b":null}}"#),
        r#"{"counts":{"a":3}}"#
    );
    assert_eq!(
        problem::<MapsRequest>(r#"{"counts":{"secret":"x"}}"#),
        "`counts[0]`: expected a whole number, found a string"
    );
    assert_eq!(
        problem::<MapsRequest>(r#"{"counts":[1]}"#),
        "`counts`: expected an object, found a list"
    );
    let json = r#"{"options":{"a": 1.10},"anything":"text","list":[null,{"x":[]}]}"#;
    assert_eq!(again::<FreeFormRequest>(json), json);
    // The same from a tree as from a text.
    let tree: FreeFormRequest = serde_json::from_value(json!({"options": {"a": 1}})).unwrap();
    assert_eq!(tree.options.unwrap().as_str(), r#"{"a":1}"#);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lists_in_the_query_can_be_read_back(
        ids in prop::collection::vec(any::<String>(), 1..5),
        sizes in prop::collection::vec(any::<i64>(), 1..5),
        words in prop::collection::vec("[^ ]{1,8}", 1..5),
    ) {
        let request = QueryListsRequest::new(sizes.clone()).ids(ids.clone()).words(words.clone());
        let target = target_of(&request);
        let query = target.split_once('?').unwrap().1;
        prop_assert!(query.bytes().all(|byte| byte.is_ascii_graphic()));
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
        };
        let values = |name: &str| -> Vec<String> {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).collect()
        };
        prop_assert_eq!(values("ids").iter().map(|id| decoded(id)).collect::<Vec<_>>(), ids);
        let read: Vec<i64> = values("sizes")[0].split(',').map(|n| n.parse().unwrap()).collect();
        prop_assert_eq!(read, sizes);
        let read: Vec<String> = values("words")[0].split("%20").map(decoded).collect();
        prop_assert_eq!(read, words);
    }

    #[test]
    fn maps_and_any_json_survive(
        labels in prop::collection::btree_map(any::<String>(), any::<String>(), 0..5),
        weight in prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL,
        digits in "[1-9][0-9]{0,40}\\.[0-9]{1,40}",
    ) {
        let maps = MapsRequest::new().labels(labels.clone());
        let read: MapsRequest = serde_json::from_str(&serde_json::to_string(&maps).unwrap()).unwrap();
        let expected: BTreeMap<String, String> = labels;
        prop_assert_eq!(read.labels, Some(expected));
        let numbers = NumbersRequest::new().weight(weight);
        let read: NumbersRequest = serde_json::from_str(&serde_json::to_string(&numbers).unwrap()).unwrap();
        prop_assert_eq!(read.weight, Some(weight));
        let json = format!("{{\"extra\":[ {digits} ]}}");
        prop_assert_eq!(again::<FreeFormRequest>(&json), json);
    }
}

/// Path and query as they are signed and sent.
fn target_of(request: &QueryListsRequest) -> String {
    use std::sync::OnceLock;
    static API: OnceLock<(Gateway, ShopApi)> = OnceLock::new();
    let (_, api) = API.get_or_init(|| {
        let gateway = gateway();
        let api = ShopApi::new(gateway.client().unwrap());
        (gateway, api)
    });
    let prepared = api.query_lists(request).prepare().unwrap();
    prepared.request().uri().path_and_query().unwrap().as_str().to_owned()
}

#[test]
fn tables_and_fields_agree() {
    let request = QueryListsRequest::new([1]);
    assert_eq!(request.table().fields.len(), 5);
    assert!(request.field(4).is_some() && request.field(5).is_none());
}

#[tokio::test]
async fn parameters_of_one_name_are_sent_where_they_belong() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    api.parameters_of_one_name(ParametersOfOneNameRequest::new("1")).await.unwrap();
    assert_eq!(last(&gateway).target, "/v3/shop/parameters_of_one_name/1");
    api.parameters_of_one_name(ParametersOfOneNameRequest::new("1").filter_id("2")).await.unwrap();
    assert_eq!(last(&gateway).target, "/v3/shop/parameters_of_one_name/1?id=2");
}

#[tokio::test]
async fn a_parameter_and_a_property_of_one_name_are_sent_where_they_belong() {
    let gateway = gateway();
    let api = ShopApi::new(gateway.client().unwrap());
    let request = ParameterAndPropertyRequest::new("old", "of the query", "new")
        .page(2)
        .page_of_query(1)
        .name_of_header("third");
    api.parameter_and_property(&request).await.unwrap();
    let sent = last(&gateway);
    let target = "/v3/shop/parameter_and_property/old?page=1&note=of%20the%20query";
    assert_eq!(sent.target, target);
    assert_eq!(sent.body, r#"{"name":"new","page":2}"#);
    // As one map, the fields stay apart.
    let json = serde_json::to_value(&request).unwrap();
    let expected = serde_json::json!({
        "path.name": "old", "query.page": 1, "header.name": "third", "query.note": "of the query",
        "name": "new", "page": 2,
    });
    assert_eq!(json, expected);
    let back: ParameterAndPropertyRequest = serde_json::from_value(json).unwrap();
    assert_eq!(back, request);
    let request = ParameterAndPartRequest::new(File::bytes("a.png", "image"))
        .title("A pen")
        .title_of_query("x");
    api.parameter_and_part(request).await.unwrap();
    assert_eq!(last(&gateway).target, "/v3/shop/parameter_and_part?title=x");
    assert!(last(&gateway).body.contains("A pen"));
}
