//! Cutting a group out of a description.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use alipay_openapi::{
    Description,
    diag::Sink,
    import::{ImportOptions, Imported, import, tags, to_yaml},
    load::{Source, load, parse},
    texts::is_name,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const SHOP: &str = include_str!("../fixtures/shop.yaml");
const FACTS: ImportOptions = ImportOptions { with_prose: false };
const PROSE: ImportOptions = ImportOptions { with_prose: true };

fn cut(text: &str, tags: &[&str], options: ImportOptions) -> Imported {
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    let mut sink = Sink::new();
    let raw = load(&Source::new("shop.yaml", text), &mut sink).unwrap();
    let imported = import(&raw, &tags, options, &mut sink);
    let findings = sink.finish();
    assert!(findings.is_empty(), "{findings}");
    imported.unwrap()
}

fn value(yaml: &str) -> Value {
    load(&Source::new("cut.yaml", yaml), &mut Sink::new()).unwrap().value
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../fixtures/diagnostics/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn a_group_is_cut_without_prose() {
    let imported = cut(SHOP, &["shop.order"], FACTS);
    assert_eq!((imported.operations, imported.schemas, imported.properties), (2, 4, 9));
    settings().bind(|| insta::assert_snapshot!("import-facts", imported.yaml));
}

#[test]
fn what_only_messages_hold_stays() {
    let message = "x-webhooks:
  shop.order.paid:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Paid'}
";
    let schema = "  schemas:
    Paid: {type: object, properties: {order_id: {type: string}}}
";
    let text = SHOP.replacen("  schemas:\n", schema, 1) + message;
    let cut = value(&cut(&text, &["shop.order"], FACTS).yaml);
    assert!(cut.pointer("/components/schemas/Paid").is_some(), "{cut}");
}

#[test]
fn a_group_is_cut_with_prose() {
    let imported = cut(SHOP, &["shop.order"], PROSE);
    settings().bind(|| insta::assert_snapshot!("import-prose", imported.yaml));
}

#[test]
fn a_fingerprint_changes_with_its_text_only() {
    let fingerprint = |item: Value| -> Option<String> {
        let mut shop = value(SHOP);
        *shop.pointer_mut("/components/schemas/Item").unwrap() = item;
        let cut = value(&cut(&to_yaml(&shop), &["shop.order"], FACTS).yaml);
        let item = cut.pointer("/components/schemas/Item").unwrap();
        assert!(item.get("description").is_none(), "{item}");
        item.get("x-text").map(|text| text.as_str().unwrap().to_owned())
    };
    let object = |more: Value| {
        let mut item = json!({"type": "object", "properties": {"x-text": {"type": "string"}}});
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item
    };
    let text = |text: &str| fingerprint(object(json!({ "description": text })));
    let known = text("一件商品，\n单价以元计。").unwrap();
    assert_eq!(known.len(), 8);
    for same in ["一件商品，单价以元计。", " 一件商品，\r\n\t单价 以元计。\u{3000}\n"]
    {
        assert_eq!(text(same).as_ref(), Some(&known), "{same}");
    }
    for other in ["一件商品，单价以分计。", "一件商品，单价以元计", "一件商品。"]
    {
        assert!(text(other).is_some_and(|other| other != known), "{other}");
    }
    // The order of keys is no part of it, and neither is whatever is no text.
    let both = |item| fingerprint(object(item)).unwrap();
    assert_eq!(
        both(json!({"title": "a", "description": "b."})),
        both(json!({"description": "b.", "title": "a", "externalDocs": {"url": "https://a"}}))
    );
    for none in [json!({}), json!({"description": ""}), json!({"description": " \n"})] {
        assert_eq!(fingerprint(object(none)), None);
    }
}

#[test]
fn a_name_is_short_and_says_nothing_else() {
    for name in [
        "券名称",
        "用户open_id",
        "appx2.0包地址",
        "联系人电话/手机号",
        "地址、电话",
        "退款金额（元）",
        "创建流程（E签宝）",
        "common response",
        " 券名称\n",
        "是否必填",
        "默认头像",
        "知识库-问答-创建",
        "商品单位",
    ] {
        assert!(is_name(name), "{name}");
    }
    for text in [
        "",
        " ",
        "12",
        "--",
        "一二三四五六七八九十一二三四五六七",
        "用户的名称。",
        "券名称，必填",
        "名称；",
        "支付宝：账号",
        "a:b",
        "券名称!",
        "是吗？",
        "券\n名称",
        "券\t名称",
        "“券”",
        "[已废弃] 列表",
        "a=b",
        "A|B",
        "3.",
        ".5",
        "分页1000-2000",
        "签署地址（三十天内有效）",
        "券（",
        "券）",
        "（）",
        "券((元))",
        "不传默认为1",
        "签约类型可为空",
        "仅支持CERT",
        "最多五个",
        "只有失败才会返回",
        "以逗号分割的列表",
        "请上传手机正面照",
        "填入真实姓名",
        "选填手机号",
    ] {
        assert!(!is_name(text), "{text}");
    }
}

/// A shop with one parameter, one schema and the texts in which Alipay says what they are.
const NAMED: &str = "openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /v3/shop/pen:
    get:
      description: 查询一支笔。需要授权。
      operationId: shop.pen.query
      parameters:
      - {description: 笔的编号, in: query, name: pen_id, schema: {type: string}}
      - {description: '颜色，可空', in: query, name: color, schema: {type: string}}
      responses:
        '200':
          description: common response
          content: {application/json: {schema: {$ref: '#/components/schemas/Pen'}}}
        default: {description: 请求失败。}
      summary: 查询笔
      tags: [shop.pen]
components:
  schemas:
    Pen:
      properties:
        name: {description: 笔名, example: 笔, type: string}
        price: {description: '单价，以元计', type: string}
        title: {description: ' 称呼 ', type: string}
      type: object
";

#[test]
fn names_stay_and_need_no_fingerprint() {
    let base = value(&cut(NAMED, &[], FACTS).yaml);
    let at = |pointer: &str| base.pointer(pointer).cloned();
    let query = "/paths/~1v3~1shop~1pen/get";
    assert_eq!(at(&format!("{query}/summary")), Some(json!("查询笔")));
    assert_eq!(at(&format!("{query}/description")), None);
    // What is said of the operation besides its name.
    assert!(at(&format!("{query}/x-text")).is_some());
    // A parameter has no title; its schema has.
    let parameter = |number: usize| at(&format!("{query}/parameters/{number}")).unwrap();
    assert_eq!(
        parameter(0),
        json!({"in": "query", "name": "pen_id", "schema": {"title": "笔的编号", "type": "string"}})
    );
    assert_eq!(parameter(1).get("schema"), Some(&json!({"type": "string"})));
    assert!(parameter(1).get("x-text").is_some());
    let response = |status: &str| at(&format!("{query}/responses/{status}")).unwrap();
    assert_eq!(response("200").get("description"), Some(&json!("common response")));
    assert_eq!(response("200").get("x-text"), None);
    assert_eq!(response("default").get("description"), Some(&json!("")));
    assert!(response("default").get("x-text").is_some());
    let pen = at("/components/schemas/Pen/properties").unwrap();
    assert_eq!(pen.get("name"), Some(&json!({"title": "笔名", "example": "笔", "type": "string"})));
    assert_eq!(pen.get("title"), Some(&json!({"title": "称呼", "type": "string"})));
    assert_eq!(pen.get("price").unwrap().get("title"), None);
    assert!(pen.get("price").unwrap().get("x-text").is_some());
}

#[test]
fn a_base_has_the_same_texts_as_the_description_it_was_made_of() {
    let texts = |text: &str| {
        let outline = Description::new(Source::new("shop.yaml", text)).outline().unwrap();
        let texts = outline.texts.unwrap();
        texts.iter().map(|(at, text)| (at.clone(), text.fingerprint.clone())).collect::<Vec<_>>()
    };
    for text in [NAMED, SHOP] {
        let base = cut(text, &[], FACTS).yaml;
        assert!(!texts(&base).is_empty());
        assert_eq!(texts(&base), texts(text));
        assert_eq!(cut(&base, &[], FACTS).yaml, base);
    }
    // Another name is another text.
    let renamed = cut(&NAMED.replace("笔的编号", "笔的号码"), &[], FACTS).yaml;
    let (old, new) = (texts(NAMED), texts(&renamed));
    let changed = old.iter().zip(&new).filter(|(old, new)| old != new);
    let changed: Vec<_> = changed.map(|((at, _), _)| at.as_str()).collect();
    assert_eq!(changed, ["/paths/~1v3~1shop~1pen/get/parameters/0"]);
}

#[test]
fn importing_the_outcome_changes_no_byte() {
    for options in [FACTS, PROSE] {
        for tags in
            [vec!["shop.order"], vec!["shop.goods"], vec!["shop.goods", "shop.order"], vec![]]
        {
            let once = cut(SHOP, &tags, options);
            assert_eq!(cut(&once.yaml, &tags, options), once);
        }
    }
}

#[test]
fn all_tags_with_prose_keep_everything_that_is_reached() {
    let mut whole = value(SHOP);
    whole
        .pointer_mut("/components/schemas")
        .unwrap()
        .as_object_mut()
        .unwrap()
        .shift_remove("Unreached");
    assert_eq!(value(&cut(SHOP, &[], PROSE).yaml), whole);
}

#[test]
fn facts_survive_line_endings_and_json() {
    let expected = cut(SHOP, &["shop.order"], FACTS);
    assert_eq!(cut(&SHOP.replace('\n', "\r\n"), &["shop.order"], FACTS), expected);
    let as_json = serde_json::to_string(&value(SHOP)).unwrap();
    assert_eq!(cut(&as_json, &["shop.order"], FACTS), expected);
}

#[test]
fn tags_are_counted() {
    let raw = load(&Source::new("shop.yaml", SHOP), &mut Sink::new()).unwrap();
    let found: Vec<_> =
        tags(&raw).into_iter().map(|tag| (tag.tag, tag.operations, tag.schemas)).collect();
    assert_eq!(found, [("shop.order".to_owned(), 2, 4), ("shop.goods".to_owned(), 1, 2)]);
}

#[test]
fn an_unknown_tag_is_told_what_may_have_been_meant() {
    let tags = [
        "alipay.trade",
        "alipay.trade.order",
        "alipay.fund.trans.uni",
        "alipay.fund.auth",
        "alipay.fund.jointaccount.trade",
    ];
    let operation = |tag| {
        format!(
            "  /v3/{tag}:\n    get: {{operationId: {tag}.query, tags: [{tag}], responses: {{}}}}\n"
        )
    };
    let head = "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths:\n".to_owned();
    let shop = head + &tags.map(operation).concat();
    let hint = |tag: &str| {
        let mut sink = Sink::new();
        let raw = load(&Source::new("shop.yaml", shop.clone()), &mut sink).unwrap();
        assert!(import(&raw, &[tag.to_owned()], FACTS, &mut sink).is_none());
        let findings = sink.finish();
        let finding = findings.iter().next().unwrap();
        assert_eq!(finding.code, "unknown-tag");
        finding.hint.clone().unwrap()
    };
    assert_eq!(hint("alipay.trade.ordr"), "did you mean `alipay.trade.order`?");
    assert_eq!(
        hint("alipay.trad"),
        "did you mean one of these? `alipay.trade`, `alipay.trade.order`"
    );
    assert_eq!(
        hint("trade"),
        "did you mean one of these? `alipay.trade`, `alipay.trade.order`, `alipay.fund.jointaccount.trade`"
    );
    let below = "give those you want of the tags below it: ";
    assert_eq!(hint("alipay.trade.*"), format!("{below}`alipay.trade`, `alipay.trade.order`"));
    assert_eq!(
        hint("alipay.fund"),
        format!(
            "{below}`alipay.fund.auth`, `alipay.fund.jointaccount.trade`, `alipay.fund.trans.uni`"
        )
    );
    for far in ["", "*", "xyz"] {
        assert_eq!(hint(far), "`cargo xtask tags [FILE]` lists the tags");
    }
}

#[test]
fn a_version_cannot_end_the_comment() {
    let hostile = SHOP.replace("version: 2026-09-23", "version: \"1\\nopenapi: 9 \\u2028 x\"");
    let imported = cut(&hostile, &["shop.order"], FACTS);
    assert_eq!(imported.yaml.lines().filter(|line| line.starts_with("openapi")).count(), 1);
    assert_eq!(value(&imported.yaml).pointer("/info/version").unwrap(), "1\nopenapi: 9 \u{2028} x");
}

/// Any text at all: what is awkward in YAML comes up often.
fn any_text() -> impl Strategy<Value = String> {
    let awkward = proptest::sample::select(vec![
        "",
        " ",
        "-",
        "- a",
        "? a",
        ": a",
        "a: b",
        "a:",
        "#",
        " #",
        "a #b",
        "~",
        "null",
        "NO",
        "yes",
        "true",
        "=",
        "<<",
        "01",
        "1_0",
        "1e3",
        "0x1F",
        ".5",
        "+1",
        "2026-09-23",
        "12:30:45",
        "[a",
        "{a",
        "]",
        "!tag",
        "&a",
        "*a",
        "%a",
        "@a",
        "`a",
        "'",
        "''",
        "\"",
        "\\",
        "\\n",
        "|",
        ">",
        "---",
        "...",
        "--- a",
        "\t",
        "\r",
        "\r\n",
        "a\n",
        "\na",
        "a\n\n",
        " a\nb",
        "a \nb",
        "a\n b\n",
        "a\n\nb",
        "\n",
        "\n\n",
        "券：",
        "，",
        "a\u{85}b",
        "\u{2028}",
        "\u{2029}",
        "\u{feff}",
        "\u{feff}a",
        "\u{0}",
        "\u{7f}",
        "\u{a0}",
        "\u{3000}x",
        "\u{202e}",
        "\u{f06c}",
        "\u{fffe}",
        "\u{10ffff}",
        "😀",
        "$ref",
        "# a",
        "a\u{2028}\nb",
        "a\tb\nc",
        "...\nb",
        "---\nb",
    ]);
    prop_oneof![3 => awkward.prop_map(str::to_owned), 2 => any::<String>(), 1 => "[ -~\n]{0,30}", 1 => "[a-z]{501,1200}"]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((any_text(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_written_reads_back_as_the_same_value(members in proptest::collection::vec((any_text(), any_value()), 0..5)) {
        let value = Value::Object(members.into_iter().collect());
        let yaml = to_yaml(&value);
        let mut sink = Sink::new();
        let raw = parse(&Source::new("t.yaml", yaml.clone()), &mut sink);
        let findings = sink.finish();
        prop_assert!(findings.is_empty(), "{findings}\n{yaml}");
        let read = raw.unwrap();
        prop_assert_eq!(&read.value, &value, "{}", yaml);
        prop_assert_eq!(serde_json::to_string(&read.value).unwrap(), serde_json::to_string(&value).unwrap());
        prop_assert_eq!(to_yaml(&read.value), yaml);
    }

    /// The plain reader of the same text, without our rules on scalars, sees the same.
    #[test]
    fn any_reader_sees_the_same(text in any_text()) {
        let value = json!({ "a": [text.clone()], text.clone(): text });
        let read: Value = serde_yaml::from_str(&to_yaml(&value)).unwrap();
        prop_assert_eq!(read, value);
    }

    #[test]
    fn any_text_survives_import(text in any_text(), name in any_text()) {
        let mut shop = value(SHOP);
        let item = shop.pointer_mut("/components/schemas/Item").unwrap();
        *item = json!({"type": "object", "properties": {name.clone(): {"type": "string", "example": text.clone()}}});
        let imported = cut(&to_yaml(&shop), &["shop.order"], FACTS);
        let read = value(&imported.yaml);
        let properties = read.pointer("/components/schemas/Item/properties").unwrap();
        prop_assert_eq!(properties, &json!({name: {"type": "string", "example": text}}));
    }
}

#[test]
fn only_comparisons_read_fingerprints() {
    let text = "openapi: 3.0.3
info: {title: A, version: '1', x-text: '00000000'}
paths:
  /v3/shop/pen/buy:
    post:
      operationId: shop.pen.buy
      x-text: '11111111'
      tags: [shop.pen]
      responses:
        '200':
          description: ''
          x-text: '22222222'
          content:
            application/json:
              schema:
                allOf:
                - type: object
                  properties: {pen_id: {type: string, x-text: abcdef01}}
                - type: object
                  properties: {pen_id: {type: string, x-text: abcdef02}}
";
    let api = |text: &str| Description::new(Source::new("base.yaml", text)).api().unwrap();
    let mut without = text.to_owned();
    for line in ["      x-text: '11111111'\n", "          x-text: '22222222'\n"] {
        without = without.replace(line, "");
    }
    for member in [", x-text: '00000000'", ", x-text: abcdef01", ", x-text: abcdef02"] {
        without = without.replace(member, "");
    }
    assert!(!without.contains("x-text"), "{without}");
    assert_eq!(api(text), api(&without));
    // What is no fingerprint is an extension of which nothing is known.
    for wrong in ["some prose", "12345", "123456789"] {
        let text = text.replace("'11111111'", &format!("'{wrong}'"));
        let mut sink = Sink::new();
        Description::new(Source::new("base.yaml", text)).read(&mut sink).unwrap();
        let findings = sink.finish();
        assert!(findings.to_string().contains("x-text"), "{findings}");
    }
}
