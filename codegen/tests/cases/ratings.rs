//! Each kind of change, tried: one description, and a table of what is replaced in it and what comes of that.
//!
//! Each row is tried in both directions. `docs/diff.md` has the same kinds with the same ratings.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, fs, path::Path};

use alipay_codegen::diff::{Change, Compared, Format, KINDS, Report, diff, render};
use alipay_openapi::{Description, load::Source};
use libtest_mimic::Trial;

use crate::support::{functions, test};

/// The tests of this file.
pub(crate) fn tests() -> Vec<Trial> {
    let rows = ROWS.iter().map(|row| test(format!("ratings::{}", row.name), || row.check()));
    let others = functions![each_kind_is_tried, the_table_of_the_documentation_is_the_codes];
    rows.chain(others).collect()
}

const DESCRIPTION: &str = "openapi: 3.0.3
info: {title: A made description, version: '2026-10-01'}
paths:
  /v3/shop/pen/{pen_id}/buy:
    post:
      operationId: shop.pen.buy
      tags: [shop.pen]
      parameters:
      - {name: pen_id, in: path, required: true, schema: {type: string}}
      - {name: colour, in: query, schema: {type: string}}
      - {name: shop, in: header, schema: {type: string}}
      - {name: sizes, in: query, style: form, explode: true, schema: {type: array, items: {type: string}}}
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/ShopPenBuyModel'}
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema: {$ref: '#/components/schemas/ShopPenBuyResponseModel'}
        default:
          description: ''
          content:
            application/json:
              schema: {$ref: '#/components/schemas/shop_pen_buy_default_response'}
  /v3/shop/pen/wait:
    post:
      operationId: shop.pen.wait
      tags: [shop.pen]
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema: {$ref: '#/components/schemas/ShopPenWaitResponseModel'}
  /v3/shop/pen/show:
    post:
      operationId: shop.pen.show
      tags: [shop.pen]
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties:
                picture: {type: string, format: binary}
                data: {$ref: '#/components/schemas/ShopPenShowModel'}
      responses:
        '200': {description: ''}
components:
  schemas:
    ShopPenBuyModel:
      type: object
      required: [out_biz_no, amount]
      properties:
        out_biz_no: {type: string}
        amount: {type: string, format: decimal}
        userId: {type: string}
        owner_name: {type: string, x-alipay-sensitive: true}
        date: {type: string, format: local-date-time}
        paid: {type: string, format: decimal, x-alipay-unit: yuan}
        status: {type: string, x-extensible-enum: [open, closed]}
        days: {type: integer, x-alipay-unit: days, default: 3}
        code: {type: string, minLength: 2, maxLength: 32}
        pids: {type: array, maxItems: 50, items: {type: string}}
        count: {type: integer, minimum: 1, maximum: 10, multipleOf: 2}
        kind: {type: integer, enum: [1, 2]}
        weight: {type: number, minimum: 0.5}
        extra: {type: object, maxProperties: 5, additionalProperties: {type: string}}
        note: {type: string, x-alipay-limits: [No line breaks.]}
        nib: {$ref: '#/components/schemas/Nib'}
        tip: {$ref: '#/components/schemas/Tip'}
    ShopPenShowModel:
      type: object
      properties:
        title: {type: string}
    ShopPenBuyResponseModel:
      type: object
      properties:
        pen_id: {type: string}
        tip: {$ref: '#/components/schemas/Tip'}
        buyerName: {type: string}
        price: {type: string, maxLength: 10}
        labels: {type: array, minItems: 1, items: {type: string}}
        state: {type: string, x-extensible-enum: [sold, lost]}
    ShopPenWaitResponseModel:
      type: object
      properties:
        box: {$ref: '#/components/schemas/Box'}
    Nib:
      type: object
      properties:
        width: {type: integer}
        metal: {type: string}
    Tip:
      type: object
      properties:
        mark: {type: string, maxLength: 9}
    Box:
      type: object
      properties:
        size: {type: integer}
    shop_pen_buy_default_response:
      anyOf:
      - $ref: '#/components/schemas/CommonErrorType'
      - $ref: '#/components/schemas/ShopPenBuyErrorResponseModel'
    ShopPenBuyErrorResponseModel:
      type: object
      required: [code, message]
      properties:
        message: {type: string}
        code:
          type: string
          enum: [PEN_SOLD_OUT, SHOP_CLOSED]
          x-error-codes:
            SHOP_CLOSED: {meaning: It is night., retry: never}
    CommonErrorType:
      type: object
      required: [code, message]
      properties:
        code: {type: string, enum: [invalid-signature]}
        message: {type: string}
x-webhooks:
  shop.pen.message.bought:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                biz_content: {$ref: '#/components/schemas/Box'}
      responses: {}
";

/// A change of the description.
struct Row {
    name: &'static str,
    /// What is replaced, and by what.
    replaced: &'static [(&'static str, &'static str)],
    /// The changes, as rating and kind.
    there: &'static [&'static str],
    /// The changes in the other direction.
    back: &'static [&'static str],
}

const fn row(
    name: &'static str,
    replaced: &'static [(&'static str, &'static str)],
    there: &'static [&'static str],
    back: &'static [&'static str],
) -> Row {
    Row { name, replaced, there, back }
}

const RENAMED: &[&str] = &["breaking field-renamed"];
const TYPE: &[&str] = &["breaking type-changed"];
const PLACE: &[&str] = &["breaking place-changed"];
const STYLE: &[&str] = &["breaking list-style-changed"];
const TIGHTENED: &[&str] = &["risky limit-tightened"];
const WIDENED: &[&str] = &["documentation limit-widened"];
const RENAMED_OPERATION: &[&str] =
    &["breaking operation-renamed", "breaking rust-name-changed", "documentation documentation"];
const TEXT: &[&str] = &["documentation documentation"];

const ROWS: &[Row] = &[
    row("nothing", &[], &[], &[]),
    // Names on the wire.
    row("a_body_field", &[("userId: {", "user_id: {")], RENAMED, RENAMED),
    row(
        "a_body_field_of_another_name_and_type",
        &[(
            "userId: {type: string}",
            "buyer: {type: integer, x-rust-name: user_id, x-alipay-sensitive: true}",
        )],
        &["breaking field-renamed", "breaking type-changed"],
        &["breaking field-renamed", "breaking type-changed"],
    ),
    row("a_query_parameter", &[("name: colour,", "name: Colour,")], RENAMED, RENAMED),
    row("a_header", &[("name: shop,", "name: Shop,")], RENAMED, RENAMED),
    row("a_field_of_a_response", &[("buyerName:", "buyer_name:")], RENAMED, RENAMED),
    row("a_file", &[("picture: {", "Picture: {")], RENAMED, RENAMED),
    row("a_field_of_a_shared_type", &[("metal:", "Metal:")], RENAMED, RENAMED),
    row(
        "a_value",
        &[("[open, closed]", "[OPEN, closed]")],
        &["breaking value-renamed"],
        &["breaking value-renamed"],
    ),
    row(
        "a_value_of_a_response",
        &[("[sold, lost]", "[sold, LOST]")],
        &["breaking value-renamed"],
        &["breaking value-renamed"],
    ),
    row(
        "an_error_code",
        &[("[PEN_SOLD_OUT,", "[pen-sold-out,")],
        &["breaking code-renamed"],
        &["breaking code-renamed"],
    ),
    row(
        "a_part_of_the_path",
        &[("{pen_id}", "{penId}"), ("name: pen_id, in: path", "name: penId, in: path")],
        &["breaking field-renamed", "breaking operation-moved"],
        &["breaking field-renamed", "breaking operation-moved"],
    ),
    // Where it travels.
    row(
        "from_query_to_header",
        &[("name: colour, in: query", "name: colour, in: header")],
        PLACE,
        PLACE,
    ),
    row(
        "from_query_to_body",
        &[
            ("      - {name: colour, in: query, schema: {type: string}}\n", ""),
            ("        userId: {", "        colour: {type: string}\n        userId: {"),
        ],
        PLACE,
        PLACE,
    ),
    row(
        "from_query_to_body_under_another_name",
        &[
            ("      - {name: colour, in: query, schema: {type: string}}\n", ""),
            ("        userId: {", "        Colour: {type: string}\n        userId: {"),
        ],
        &["breaking field-renamed", "breaking place-changed"],
        &["breaking field-renamed", "breaking place-changed"],
    ),
    row(
        "from_query_to_path",
        &[
            ("/{pen_id}/buy", "/{pen_id}/{colour}/buy"),
            ("name: colour, in: query,", "name: colour, in: path, required: true,"),
        ],
        &["breaking now-required", "breaking operation-moved", "breaking place-changed"],
        &["breaking no-longer-required", "breaking operation-moved", "breaking place-changed"],
    ),
    row(
        "the_path",
        &[("/v3/shop/pen/wait", "/v3/shop/pen/waiting")],
        &["breaking operation-moved"],
        &["breaking operation-moved"],
    ),
    row(
        "the_method",
        &[("pen/wait:\n    post:", "pen/wait:\n    put:")],
        &["breaking operation-moved"],
        &["breaking operation-moved"],
    ),
    row(
        "json_becomes_multipart",
        &[(
            "application/json:\n            schema: {$ref: '#/components/schemas/ShopPenBuyModel'}",
            "multipart/form-data:\n            schema:\n              type: object\n              properties:\n                proof: {type: string, format: binary}\n                data: {$ref: '#/components/schemas/ShopPenBuyModel'}",
        )],
        &["additive field-added", "breaking body-changed"],
        &["breaking body-changed", "breaking field-removed"],
    ),
    row(
        "a_body_where_there_was_none",
        &[(
            "operationId: shop.pen.wait\n",
            "operationId: shop.pen.wait\n      requestBody:\n        content:\n          application/json:\n            schema: {type: object, properties: {until: {type: string}}}\n",
        )],
        &["additive field-added", "documentation documentation", "risky body-added"],
        &["breaking body-changed", "breaking field-removed", "documentation documentation"],
    ),
    // What stands in the JSON.
    row("an_integer", &[("userId: {type: string}", "userId: {type: integer}")], TYPE, TYPE),
    row(
        "a_number",
        &[("amount: {type: string, format: decimal}", "amount: {type: number}")],
        TYPE,
        TYPE,
    ),
    row("a_boolean", &[("userId: {type: string}", "userId: {type: boolean}")], TYPE, TYPE),
    row(
        "money",
        &[(
            "amount: {type: string, format: decimal}",
            "amount: {type: string, format: decimal, x-alipay-unit: yuan}",
        )],
        TYPE,
        TYPE,
    ),
    row(
        "any_string_that_was_a_decimal",
        &[("amount: {type: string, format: decimal}", "amount: {type: string}")],
        TYPE,
        TYPE,
    ),
    row("another_format_of_time", &[("local-date-time}", "local-date}")], TYPE, TYPE),
    row("a_time_of_day", &[("local-date-time}", "local-time}")], TYPE, TYPE),
    row(
        "a_list",
        &[("userId: {type: string}", "userId: {type: array, items: {type: string}}")],
        TYPE,
        TYPE,
    ),
    row(
        "a_map",
        &[(
            "userId: {type: string}",
            "userId: {type: object, additionalProperties: {type: string}}",
        )],
        TYPE,
        TYPE,
    ),
    row(
        "a_string_that_holds_json",
        &[(
            "pids: {type: array, maxItems: 50, items: {type: string}}",
            "pids: {type: string, x-alipay-json-text: {type: array, items: {type: string}}}",
        )],
        &["breaking type-changed", "documentation limit-widened"],
        &["breaking type-changed", "risky limit-tightened"],
    ),
    row(
        "another_unit",
        &[("x-alipay-unit: days", "x-alipay-unit: hours")],
        &["breaking unit-changed"],
        &["breaking unit-changed"],
    ),
    row("a_unit_is_stated", &[("x-alipay-unit: days, ", "")], TEXT, TEXT),
    row("joined_by_commas", &[("explode: true", "explode: false")], STYLE, STYLE),
    row(
        "joined_by_bars",
        &[("style: form, explode: true", "style: pipeDelimited, explode: false")],
        STYLE,
        STYLE,
    ),
    row(
        "a_joined_string",
        &[(
            "style: form, explode: true, schema: {type: array, items: {type: string}}",
            "schema: {type: string}",
        )],
        TYPE,
        TYPE,
    ),
    // Repeats and completion.
    row(
        "idempotent",
        &[(
            "operationId: shop.pen.buy\n",
            "operationId: shop.pen.buy\n      x-alipay-idempotency-key: out_biz_no\n",
        )],
        &["additive idempotency-gained", "breaking type-changed"],
        &["breaking idempotency-lost", "breaking type-changed"],
    ),
    row(
        "reading_only",
        &[("pen/wait:\n    post:", "pen/wait:\n    get:")],
        &["additive read-only-gained", "breaking operation-moved"],
        &["breaking operation-moved", "breaking read-only-lost"],
    ),
    row(
        "known_to_act",
        &[(
            "operationId: shop.pen.wait\n",
            "operationId: shop.pen.wait\n      x-alipay-safety: unsafe\n",
        )],
        &["documentation safety-stated"],
        &["documentation safety-stated"],
    ),
    row(
        "completed_by_a_message",
        &[(
            "operationId: shop.pen.wait\n",
            "operationId: shop.pen.wait\n      x-alipay-completed-by: shop.pen.message.bought\n",
        )],
        &["breaking completion-changed"],
        &["breaking completion-changed"],
    ),
    row(
        "no_content",
        &[(
            "        '200': {description: ''}\n",
            "        '200': {description: ''}\n        '204': {description: ''}\n",
        )],
        &["additive no-content-gained"],
        &["breaking no-content-lost"],
    ),
    // Limits of requests.
    row("fewer_characters", &[("maxLength: 32", "maxLength: 16")], TIGHTENED, WIDENED),
    row("more_characters_at_least", &[("minLength: 2", "minLength: 3")], TIGHTENED, WIDENED),
    row("no_length", &[(", maxLength: 32", "")], WIDENED, TIGHTENED),
    row(
        "a_pattern",
        &[("maxLength: 32", "maxLength: 32, pattern: '^[a-z]+$'")],
        TIGHTENED,
        WIDENED,
    ),
    row("fewer_items", &[("maxItems: 50", "maxItems: 10")], TIGHTENED, WIDENED),
    row("some_items", &[("maxItems: 50", "maxItems: 50, minItems: 1")], TIGHTENED, WIDENED),
    row("unique_items", &[("maxItems: 50", "maxItems: 50, uniqueItems: true")], TIGHTENED, WIDENED),
    row("a_higher_minimum", &[("minimum: 1,", "minimum: 9,")], TIGHTENED, WIDENED),
    row("a_higher_maximum", &[("maximum: 10,", "maximum: 9007199254740993,")], WIDENED, TIGHTENED),
    row(
        "an_excluded_minimum",
        &[("minimum: 0.5", "minimum: 0.5, exclusiveMinimum: true")],
        TIGHTENED,
        WIDENED,
    ),
    row("a_longer_fraction", &[("minimum: 0.5", "minimum: 0.25")], WIDENED, TIGHTENED),
    row("a_greater_step", &[("multipleOf: 2", "multipleOf: 4")], TIGHTENED, WIDENED),
    row("fewer_numbers", &[("enum: [1, 2]", "enum: [1]")], TIGHTENED, WIDENED),
    row(
        "other_numbers",
        &[("enum: [1, 2]", "enum: [1, 3]")],
        &["documentation limit-widened", "risky limit-tightened"],
        &["documentation limit-widened", "risky limit-tightened"],
    ),
    row("fewer_keys", &[("maxProperties: 5", "maxProperties: 4")], TIGHTENED, WIDENED),
    row(
        "a_rule",
        &[("[No line breaks.]", "[No line breaks., No more than 2 MB.]")],
        TIGHTENED,
        WIDENED,
    ),
    row(
        "another_rule",
        &[("[No line breaks.]", "[No line breaks and no tabs.]")],
        &["documentation limit-widened", "risky limit-tightened"],
        &["documentation limit-widened", "risky limit-tightened"],
    ),
    row(
        "nullable",
        &[("userId: {type: string}", "userId: {type: string, nullable: true}")],
        WIDENED,
        TIGHTENED,
    ),
    row(
        "a_format_of_strings",
        &[("userId: {type: string}", "userId: {type: string, format: email}")],
        TIGHTENED,
        WIDENED,
    ),
    row(
        "a_condition",
        &[(
            "userId: {type: string}",
            "userId: {type: string, x-alipay-required: Unless there is a note.}",
        )],
        TIGHTENED,
        WIDENED,
    ),
    row(
        "tightened_and_widened",
        &[("minLength: 2, maxLength: 32", "minLength: 4, maxLength: 64")],
        &["documentation limit-widened", "risky limit-tightened"],
        &["documentation limit-widened", "risky limit-tightened"],
    ),
    row(
        "a_rule_of_a_file",
        &[("format: binary}", "format: binary, x-alipay-limits: [No more than 2 MB.]}")],
        TIGHTENED,
        WIDENED,
    ),
    row(
        "a_limit_of_a_query_parameter",
        &[(
            "name: colour, in: query, schema: {type: string}",
            "name: colour, in: query, schema: {type: string, maxLength: 3}",
        )],
        TIGHTENED,
        WIDENED,
    ),
    row(
        "a_limit_of_items",
        &[(
            "maxItems: 50, items: {type: string}",
            "maxItems: 50, items: {type: string, maxLength: 3}",
        )],
        TIGHTENED,
        WIDENED,
    ),
    row(
        "a_limit_of_values_of_a_map",
        &[(
            "additionalProperties: {type: string}",
            "additionalProperties: {type: string, maxLength: 3}",
        )],
        TIGHTENED,
        WIDENED,
    ),
    row(
        "a_limit_on_both_sides",
        &[("mark: {type: string, maxLength: 9}", "mark: {type: string, maxLength: 8}")],
        TIGHTENED,
        &["risky limit-widened"],
    ),
    // Limits of responses, the other way round.
    row(
        "more_characters_return",
        &[("price: {type: string, maxLength: 10}", "price: {type: string, maxLength: 20}")],
        &["risky limit-widened"],
        &["documentation limit-tightened"],
    ),
    row(
        "no_items_return",
        &[("minItems: 1, ", "")],
        &["risky limit-widened"],
        &["documentation limit-tightened"],
    ),
    // Fields.
    row(
        "an_optional_field",
        &[("        userId: {", "        hue: {type: string}\n        userId: {")],
        &["additive field-added"],
        &["breaking field-removed"],
    ),
    row(
        "a_required_field",
        &[
            ("        userId: {", "        hue: {type: string}\n        userId: {"),
            ("[out_biz_no, amount]", "[out_biz_no, amount, hue]"),
        ],
        &["breaking required-field-added"],
        &["breaking field-removed"],
    ),
    row(
        "required",
        &[("[out_biz_no, amount]", "[out_biz_no, amount, userId]")],
        &["breaking now-required"],
        &["breaking no-longer-required"],
    ),
    row(
        "another_order",
        &[("[out_biz_no, amount]", "[amount, out_biz_no]")],
        &["breaking constructor-order"],
        &["breaking constructor-order"],
    ),
    row(
        "another_default",
        &[("default: 3", "default: 7")],
        &["risky default-changed"],
        &["risky default-changed"],
    ),
    row("no_default", &[(", default: 3", "")], &["risky default-changed"], TEXT),
    row(
        "shown",
        &[("x-alipay-sensitive: true", "x-alipay-sensitive: false")],
        &["breaking redaction-lost"],
        &["documentation redaction-gained"],
    ),
    row(
        "marked_deprecated",
        &[("userId: {type: string}", "userId: {type: string, deprecated: true}")],
        TEXT,
        TEXT,
    ),
    row(
        "old_style",
        &[("userId: {type: string}", "userId: {type: string, x-alipay-legacy: true}")],
        &["additive field-deprecated", "documentation documentation"],
        &["documentation documentation", "documentation restored"],
    ),
    row(
        "an_example",
        &[("userId: {type: string}", "userId: {type: string, example: a}")],
        TEXT,
        TEXT,
    ),
    row(
        "a_description",
        &[("userId: {type: string}", "userId: {type: string, description: Who buys.}")],
        TEXT,
        TEXT,
    ),
    row(
        "a_text_of_an_operation",
        &[("operationId: shop.pen.buy\n", "operationId: shop.pen.buy\n      description: Buys.\n")],
        TEXT,
        TEXT,
    ),
    row(
        "a_text_of_a_response",
        &[("'200': {description: ''}", "'200': {description: Shown.}")],
        TEXT,
        TEXT,
    ),
    row(
        "a_text_of_a_parameter",
        &[("name: colour,", "name: colour, description: Of the ink.,")],
        TEXT,
        TEXT,
    ),
    row(
        "a_text_of_the_schema_of_a_parameter",
        &[(
            "in: header, schema: {type: string}",
            "in: header, schema: {type: string, title: Shop}",
        )],
        TEXT,
        TEXT,
    ),
    row(
        "a_text_of_items",
        &[(
            "items: {type: string}}\n        count",
            "items: {type: string, description: One.}}\n        count",
        )],
        TEXT,
        TEXT,
    ),
    row(
        "a_text_of_a_type",
        &[("    Nib:\n", "    Nib:\n      description: The tip.\n")],
        TEXT,
        TEXT,
    ),
    row("a_text_of_a_path", &[("pen/wait:\n", "pen/wait:\n    summary: Waiting.\n")], TEXT, TEXT),
    row("a_text_of_the_description", &[("info: {", "info: {description: A shop., ")], TEXT, TEXT),
    row(
        "a_text_of_a_message",
        &[("bought:\n    post:\n", "bought:\n    post:\n      summary: Sold.\n")],
        TEXT,
        TEXT,
    ),
    row(
        "a_text_laid_out_anew",
        &[("meaning: It is night.", "meaning: ' It\n              is   night. '")],
        &[],
        &[],
    ),
    row("a_title", &[("A made description", "Another title")], TEXT, TEXT),
    row(
        "a_rust_name",
        &[("userId: {type: string}", "userId: {type: string, x-rust-name: buyer}")],
        &["breaking rust-name-changed"],
        &["breaking rust-name-changed"],
    ),
    row(
        "dropped_field",
        &[("userId: {type: string}", "userId: {type: string, x-alipay-removed-in: '2'}")],
        &["additive field-deprecated"],
        &["documentation restored"],
    ),
    // Values and codes.
    row(
        "a_new_value",
        &[("[open, closed]", "[open, closed, lost]")],
        &["additive value-added"],
        &["breaking value-removed"],
    ),
    row(
        "a_dropped_value",
        &[(
            "x-extensible-enum: [open, closed]",
            "enum: [open, closed], x-alipay-removed-values: {open: '2'}",
        )],
        &["risky value-deprecated"],
        &["documentation restored"],
    ),
    row(
        "a_dropped_value_of_a_response",
        &[(
            "x-extensible-enum: [sold, lost]",
            "enum: [sold, lost], x-alipay-removed-values: {sold: '2'}",
        )],
        &["additive value-deprecated"],
        &["documentation restored"],
    ),
    row(
        "known_values",
        &[("userId: {type: string}", "userId: {type: string, x-extensible-enum: [a]}")],
        &["additive enum-added", "breaking type-changed"],
        &["breaking enum-removed", "breaking type-changed"],
    ),
    row(
        "values_of_another_name",
        &[("status: {type: string, ", "status: {type: string, x-rust-name: PenStatus, ")],
        &["breaking enum-renamed"],
        &["breaking enum-renamed"],
    ),
    row(
        "a_new_code",
        &[("SHOP_CLOSED]", "SHOP_CLOSED, NO_INK]")],
        &["additive code-added"],
        &["breaking code-removed"],
    ),
    row(
        "a_dropped_code",
        &[(
            "enum: [PEN_SOLD_OUT, SHOP_CLOSED]",
            "enum: [PEN_SOLD_OUT, SHOP_CLOSED]\n          x-alipay-removed-values: {SHOP_CLOSED: '2'}",
        )],
        &["additive code-deprecated"],
        &["documentation restored"],
    ),
    row(
        "another_outcome",
        &[("retry: never", "retry: same-request")],
        &["breaking code-outcome-changed", "documentation documentation"],
        &["breaking code-outcome-changed", "documentation documentation"],
    ),
    row(
        "no_outcome",
        &[(", retry: never", "")],
        &["documentation documentation", "risky code-outcome-stated"],
        &["documentation documentation", "risky code-outcome-stated"],
    ),
    row("another_meaning", &[("It is night.", "It is Sunday.")], TEXT, TEXT),
    row(
        "common_codes",
        &[("      - $ref: '#/components/schemas/CommonErrorType'\n", "")],
        &["breaking codes-removed"],
        &["additive codes-added"],
    ),
    // Types, operations, groups and messages.
    row(
        "a_type",
        &[
            (
                "nib: {$ref: '#/components/schemas/Nib'}",
                "nib: {$ref: '#/components/schemas/Nib'}\n        cap: {$ref: '#/components/schemas/Cap'}",
            ),
            (
                "    Box:\n",
                "    Cap: {type: object, properties: {height: {type: integer}}}\n    Box:\n",
            ),
        ],
        &["additive field-added", "additive type-added"],
        &["breaking field-removed", "breaking type-removed"],
    ),
    row(
        "a_type_of_another_name",
        &[("schemas/Nib'", "schemas/NibDetail'"), ("    Nib:\n", "    NibDetail:\n")],
        &["breaking type-renamed"],
        &["breaking type-renamed"],
    ),
    row(
        "a_schema_of_another_name",
        &[
            ("schemas/Nib'", "schemas/NibDetail'"),
            ("    Nib:\n", "    NibDetail:\n      x-rust-name: Nib\n"),
        ],
        &["documentation schema-renamed"],
        &["documentation schema-renamed"],
    ),
    row(
        "sent_too",
        &[(
            "nib: {$ref: '#/components/schemas/Nib'}",
            "nib: {$ref: '#/components/schemas/Nib'}\n        box: {$ref: '#/components/schemas/Box'}",
        )],
        &["additive field-added", "additive now-sent"],
        &["breaking field-removed", "breaking no-longer-sent"],
    ),
    row(
        "an_operation_of_another_name",
        &[("operationId: shop.pen.wait", "operationId: shop.pen.waste")],
        RENAMED_OPERATION,
        RENAMED_OPERATION,
    ),
    row(
        "dropped_operation",
        &[(
            "operationId: shop.pen.wait\n",
            "operationId: shop.pen.wait\n      x-alipay-removed-in: '2'\n",
        )],
        &["additive operation-deprecated"],
        &["documentation restored"],
    ),
    row(
        "an_operation",
        &[(
            "  /v3/shop/pen/wait:",
            "  /v3/shop/pen/rest:\n    post:\n      operationId: shop.pen.rest\n      tags: [shop.pen]\n      responses:\n        '200':\n          description: ''\n          content:\n            application/json:\n              schema: {type: object, properties: {hours: {type: integer}}}\n  /v3/shop/pen/wait:",
        )],
        &["additive operation-added"],
        &["breaking operation-removed"],
    ),
    row(
        "a_group",
        &[(
            "  /v3/shop/pen/wait:",
            "  /v3/shop/ink/mix:\n    post:\n      operationId: shop.ink.mix\n      tags: [shop.ink]\n      responses:\n        '200':\n          description: ''\n          content:\n            application/json:\n              schema: {type: object, properties: {hue: {type: string}}}\n  /v3/shop/pen/wait:",
        )],
        &["additive group-added", "additive operation-added"],
        &["breaking group-removed", "breaking operation-removed"],
    ),
    row(
        "a_message",
        &[("shop.pen.message.bought:", "shop.pen.message.sold:")],
        &["additive message-added", "breaking message-removed"],
        &["additive message-added", "breaking message-removed"],
    ),
];

fn compare(old: &str, new: &str) -> Report {
    let side = |name: &str, text: &str| Compared {
        description: Description::new(Source::new(name, text)),
        prefix: Some("shop".to_owned()),
    };
    diff(&side("old.yaml", old), &side("new.yaml", new))
        .unwrap_or_else(|findings| panic!("{findings}"))
}

impl Row {
    fn reports(&self) -> [Report; 2] {
        let mut new = DESCRIPTION.to_owned();
        for (old, by) in self.replaced {
            assert!(new.contains(old), "{}: nothing to replace: {old}", self.name);
            new = new.replace(old, by);
        }
        [compare(DESCRIPTION, &new), compare(&new, DESCRIPTION)]
    }

    fn check(&self) {
        for (report, expected) in self.reports().iter().zip([self.there, self.back]) {
            let kind = |change: &Change| format!("{} {}", change.rating.as_str(), change.kind);
            let mut found: Vec<String> = report.changes.iter().map(kind).collect();
            found.sort();
            found.dedup();
            assert_eq!(found, expected, "{}", render(report, Format::Text));
        }
    }
}

fn each_kind_is_tried() {
    let kinds = ROWS.iter().flat_map(|row| row.there.iter().chain(row.back));
    let tried: BTreeSet<&str> = kinds.map(|expected| expected.split_once(' ').unwrap().1).collect();
    let known: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(tried, known);
}

fn the_table_of_the_documentation_is_the_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diff.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let documented: Vec<String> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let [_, kind, what, request, response, _] = cells[..] else { panic!("{row}") };
            assert!(what.ends_with('.'), "{row}");
            format!("{} {request} {response}", kind.trim_matches('`'))
        })
        .collect();
    let kinds = KINDS
        .iter()
        .map(|kind| format!("{} {} {}", kind.name, kind.request.as_str(), kind.response.as_str()));
    assert_eq!(documented, kinds.collect::<Vec<_>>());
}
