//! A made description of the size and shape of Alipay's whole one, which is not ours to keep here.
//!
//! The numbers are those of a census of the description of 2026-09-23. Names and texts are made from a
//! seed, so that every run reads the same.

use std::fmt::Write;

const OPERATIONS: usize = 746;
const TAGS: usize = 463;
const SHARED: usize = 745;
const UPLOADS: usize = 22;
/// Of the operations so many have a body of JSON.
const BODIES: usize = 462;
/// So many of the responses are empty.
const EMPTY: usize = 158;
const COMMON_CODES: usize = 93;
/// The properties of the schemas that are not those of errors.
const PROPERTIES: usize = 10_650;

const WORDS: [&str; 48] = [
    "account",
    "activity",
    "address",
    "agent",
    "agreement",
    "apply",
    "asset",
    "balance",
    "batch",
    "bill",
    "brand",
    "budget",
    "buyer",
    "campaign",
    "card",
    "channel",
    "charge",
    "city",
    "code",
    "contract",
    "coupon",
    "customer",
    "delivery",
    "device",
    "discount",
    "enterprise",
    "event",
    "fund",
    "goods",
    "image",
    "invoice",
    "item",
    "limit",
    "material",
    "member",
    "merchant",
    "order",
    "partner",
    "payment",
    "period",
    "product",
    "recharge",
    "rule",
    "scene",
    "settle",
    "shop",
    "store",
    "voucher",
];
const VERBS: [&str; 12] = [
    "query",
    "create",
    "modify",
    "batchquery",
    "delete",
    "sync",
    "apply",
    "send",
    "cancel",
    "get",
    "close",
    "publish",
];
const TEXTS: [&str; 8] = [
    "活动id，由创建活动接口返回",
    "调用方自己的单号，同一单号重复提交只算一次，结果以第一次为准，换单号才算新的请求",
    "商户接入模式",
    "虚构的款项，写作元，小数不多于两位",
    "状态枚举值：INIT 初始；DONE 完成",
    "用户的支付宝openId",
    "The name as shown to users, at most 32 characters.",
    "开始时间，格式为yyyy-MM-dd HH:mm:ss",
];

/// Makes numbers from a seed: enough disorder for names, the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end.max(1)
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts.get(self.below(texts.len())).copied().unwrap_or_default()
    }
}

/// The description; `share` is how many times smaller than Alipay's it is.
pub fn description(share: usize) -> String {
    let size = |whole: usize| whole.div_ceil(share);
    let mut made = Made {
        numbers: Numbers(2026),
        paths: String::new(),
        schemas: String::new(),
        shared: size(SHARED),
        referred: 0,
        per_schema: PROPERTIES / (BODIES + UPLOADS + OPERATIONS - EMPTY + SHARED),
    };
    let (operations, tags) = (size(OPERATIONS), size(TAGS));
    for number in 0..operations {
        made.operation(number, number % tags, number / tags, operations);
    }
    for number in 0..made.shared {
        let name = shared_name(number);
        made.schema(&name, number + 1);
    }
    let codes: String = (0..COMMON_CODES)
        .fold(String::new(), |codes, n| codes + &format!("          - common-error-{n}\n"));
    format!(
        "openapi: 3.0.3
info:
  title: 支付宝开放平台API
  version: 2026-09-23
paths:
{}components:
  schemas:
    CommonErrorType:
      properties:
        code:
          description: 错误码
          enum:
{codes}          type: string
        links:
          type: string
        message:
          type: string
      required:
      - code
      - message
      type: object
{}",
        made.paths, made.schemas
    )
}

fn shared_name(number: usize) -> String {
    format!("{}Info{number}", pascal(WORDS.get(number % WORDS.len()).copied().unwrap_or_default()))
}

fn pascal(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

struct Made {
    numbers: Numbers,
    paths: String,
    schemas: String,
    shared: usize,
    /// How many references to shared types there are so far.
    referred: usize,
    per_schema: usize,
}

impl Made {
    fn operation(&mut self, number: usize, tag: usize, verb: usize, operations: usize) {
        let word = |n: usize| WORDS.get(n % WORDS.len()).copied().unwrap_or_default();
        let tag = ["alipay", word(tag / 20), word(tag * 7 + 3), &format!("group{tag}")].join(".");
        let verb = VERBS.get(verb % VERBS.len()).copied().unwrap_or_default();
        let id = format!("{tag}.{verb}");
        let base: String = id.split('.').map(pascal).collect();
        let share = |part: usize| part * operations / OPERATIONS;
        let upload = number < share(UPLOADS).max(1);
        let json = !upload && number < share(UPLOADS + BODIES);
        let method = if upload || json { "post" } else { "get" };
        let text = self.numbers.pick(&TEXTS);
        let path = id.replace('.', "/");
        let lower = id.replace('.', "_");
        let _ = write!(
            self.paths,
            "  /v3/{path}:\n    {method}:\n      description: {text}\n      operationId: {id}\n"
        );
        if upload {
            let _ = write!(
                self.paths,
                "      requestBody:
        content:
          multipart/form-data:
            encoding:
              file_content:
                contentType: '*/*'
                style: form
              data:
                contentType: application/json
                style: form
            schema:
              $ref: '#/components/schemas/{lower}_request'
        required: false
"
            );
            let _ = write!(
                self.schemas,
                "    {lower}_request:
      properties:
        data:
          $ref: '#/components/schemas/{base}Model'
        file_content:
          format: binary
          type: string
      type: object
"
            );
        } else if json {
            let _ = write!(
                self.paths,
                "      requestBody:
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/{base}Model'
        required: false
"
            );
        } else {
            self.parameters();
        }
        let _ = write!(
            self.paths,
            "      responses:
        \"200\":
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/{base}ResponseModel'
          description: common response
        default:
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/{lower}_default_response'
          description: 请求失败
      summary: {text}
      tags:
      - {tag}
      x-accepts: application/json
"
        );
        if upload || json {
            self.schema(&format!("{base}Model"), 0);
        }
        if number.is_multiple_of(OPERATIONS / EMPTY) {
            let _ = write!(self.schemas, "    {base}ResponseModel:\n      type: object\n");
        } else {
            self.schema(&format!("{base}ResponseModel"), 0);
        }
        self.failure(&base, &lower);
    }

    fn parameters(&mut self) {
        self.paths.push_str("      parameters:\n");
        for number in 0..3 {
            let (word, text) = (self.numbers.pick(&WORDS), self.numbers.pick(&TEXTS));
            let _ = write!(
                self.paths,
                "      - description: {text}
        explode: true
        in: query
        name: {word}_no_{number}
        required: false
        schema:
          example: \"2016042700826004508401111111\"
          type: string
        style: form
"
            );
        }
    }

    fn failure(&mut self, base: &str, lower: &str) {
        let _ = write!(
            self.schemas,
            "    {lower}_default_response:
      anyOf:
      - $ref: '#/components/schemas/CommonErrorType'
      - $ref: '#/components/schemas/{base}ErrorResponseModel'
    {base}ErrorResponseModel:
      properties:
        code:
          description: 错误码
          enum:
"
        );
        for number in 0..=self.numbers.below(9) {
            let word = self.numbers.pick(&WORDS).to_uppercase();
            let _ = writeln!(self.schemas, "          - {word}_NOT_VALID_{number}");
        }
        self.schemas.push_str(
            "          type: string
        links:
          description: 解决方案链接
          type: string
        message:
          description: 错误描述
          type: string
      required:
      - code
      - message
      type: object
",
        );
    }

    /// A schema with properties. It may refer to shared types from number `from` on, so that no type
    /// holds itself.
    fn schema(&mut self, name: &str, from: usize) {
        let _ = write!(self.schemas, "    {name}:\n      properties:\n");
        let most = self.per_schema * 2;
        for number in 0..=self.numbers.below(most) {
            let (first, second) = (self.numbers.pick(&WORDS), self.numbers.pick(&WORDS));
            let text = self.numbers.pick(&TEXTS);
            let kind = self.numbers.below(100);
            let property = format!("        {first}_{second}_{number}:\n");
            self.schemas.push_str(&property);
            if kind < 17 && from < self.shared {
                self.referred += 1;
                let target = shared_name(from + self.referred % (self.shared - from));
                let _ = if kind < 12 {
                    writeln!(self.schemas, "          $ref: '#/components/schemas/{target}'")
                } else {
                    write!(
                        self.schemas,
                        "          description: {text}
          items:
            $ref: '#/components/schemas/{target}'
          type: array
"
                    )
                };
                continue;
            }
            let ty = match kind {
                0..=91 => "example: \"2088512417841101\"\n          type: string",
                92..=95 => "example: 10\n          type: integer",
                96..=97 => "example: true\n          type: boolean",
                _ => "items:\n            type: string\n          type: array",
            };
            let _ = write!(self.schemas, "          description: {text}\n          {ty}\n");
        }
        self.schemas.push_str("      type: object\n");
    }
}
