//! The intermediate representation: what an API is, in plain data.
//!
//! Nothing here knows of OpenAPI, and nothing here knows Rust names: the generator maps each [`Pointer`]
//! to one. What the IR cannot say cannot be generated, so [`lower`](crate::lower) has to refuse it.

pub mod fit;

use std::{
    collections::{HashMap, VecDeque},
    fmt,
};

use serde::Serialize;
use serde_json::Value;

use crate::{diag::Location, pointer::Pointer};

/// One or several API groups and the types they need.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The groups, in the order of their tags' first appearance.
    pub groups: Vec<Group>,
    /// All structs, in the description's order: requests, responses, shared types.
    pub structs: Vec<Struct>,
    /// All open enums, in order of first use.
    pub enums: Vec<OpenEnum>,
    /// The codes that every operation of the gateway may return.
    pub common_codes: Option<CodeSet>,
    /// The asynchronous messages of the groups.
    pub messages: Vec<Message>,
    /// The operations that were left out, because they cannot be generated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// An operation that cannot be generated and was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its `operationId`; empty when it has none.
    pub id: String,
    /// Its method, as the description has it.
    pub method: String,
    /// Its path.
    pub path: String,
    /// The code of the first error.
    pub code: String,
    /// What the first error says.
    pub reason: String,
    /// Where that stands.
    pub place: Option<Location>,
}

impl Api {
    /// The fields on the way along a path of wire names, from a struct to the field it names.
    ///
    /// # Errors
    ///
    /// The fields as far as they go, when it leads nowhere.
    pub fn follow(&self, from: &TypeId, path: &str) -> Result<Way<'_>, Way<'_>> {
        let mut way = Way::new();
        let mut next = Some(from);
        for name in path.split('.') {
            let item = self.structs.iter().find(|item| Some(&item.id) == next);
            let found = item.and_then(|item| {
                let field = item.fields.iter().find(|field| field.wire == name)?;
                Some((item, field))
            });
            let Some((item, field)) = found else { return Err(way) };
            next = if let Ty::Struct { id, .. } = &field.ty { Some(id) } else { None };
            way.push((item, field));
        }
        Ok(way)
    }
}

/// Fields, each in the struct that the one before holds.
pub type Way<'a> = Vec<(&'a Struct, &'a Field)>;

/// The operations under one tag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The tag, for example `alipay.marketing.activity.voucher`.
    pub tag: String,
    /// Its operations, in the description's order.
    pub operations: Vec<Operation>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Operation {
    /// The `operationId`, for example `alipay.marketing.activity.voucher.create`.
    pub id: String,
    /// HTTP method.
    pub method: Method,
    /// Path template, for example `/v3/alipay/marketing/activity/{activity_id}`.
    pub path: String,
    /// The struct that carries all parameters, body fields and files.
    pub request: TypeId,
    /// The struct of the successful response.
    pub response: TypeId,
    /// Whether the response may have status 204, which has no body.
    pub no_content: bool,
    /// The operation's own error codes.
    pub codes: CodeSet,
    /// What a repeat does.
    pub safety: Safety,
    /// The message that says the change is done, when the response only says that it was accepted.
    pub completed_by: Option<Sourced<String>>,
    /// Where the status stands in the response.
    pub status: Option<Status>,
    /// What can be waited for by asking it.
    pub waiters: Vec<Waiter>,
    /// Whether upstream marks it as deprecated.
    pub deprecated: bool,
    /// Rules.
    pub limits: Vec<Sourced<Limit>>,
    /// The version of Alipay's description that dropped it, when it is only retained for those who use it.
    pub removed_in: Option<String>,
    /// What the description says of it.
    pub docs: Docs,
    /// Where it stands in the description.
    pub origin: Pointer,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What happens when a call is repeated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Safety {
    /// The call changes nothing.
    ReadOnly(Confidence),
    /// Repeating it with the same value of this request field (wire name) has no further effect.
    IdempotentBy(Sourced<String>),
    /// A repeat may act twice.
    Unsafe(Confidence),
    /// Nobody has said it.
    Unknown,
}

/// Where a status stands in a response.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// The fields, of which the first that is there counts: wire names with dots between.
    pub at: Vec<String>,
    /// How sure that is.
    pub confidence: Confidence,
    /// Where it stands in the description.
    pub origin: Pointer,
}

/// Something that can be waited for by asking an operation again and again. What is neither success nor
/// failure goes on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiter {
    /// What is waited for, for example `active`.
    pub name: String,
    /// Any of these is success.
    pub success: Vec<Condition>,
    /// Any of these is failure, if there is no success; the first counts.
    pub failures: Vec<WaiterFailure>,
    /// The message that says the same as success.
    pub message: Option<WaiterMessage>,
    /// What the description says of it.
    pub docs: Docs,
    /// How sure the conditions are.
    pub confidence: Confidence,
    /// Where it stands in the description.
    pub origin: Pointer,
}

/// A field of a response that has one of some values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The fields, of which the first that is there counts; none for the status.
    pub at: Vec<String>,
    /// The values.
    pub is: Vec<String>,
}

/// A way in which a wait fails.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WaiterFailure {
    /// What it is called, for example `rejected`.
    pub name: String,
    /// What says so.
    pub condition: Condition,
    /// The field of the response that says why.
    pub reason: Option<String>,
    /// What the description says of it.
    pub docs: Docs,
    /// Where it stands in the description.
    pub origin: Pointer,
}

/// A message that ends a wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaiterMessage {
    /// Its name.
    pub name: String,
    /// The field that has to be the same in the request and in the message. Lowering sees to it that it is
    /// there.
    pub about: Option<String>,
}

/// The identity of a type: where it stands in the description.
pub type TypeId = Pointer;

/// An object with named fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Struct {
    /// Its identity, which is where it stands.
    pub id: TypeId,
    /// The name the description gives it, for example `FixVoucherInfo`; for requests that consist of
    /// parameters only, the name a body would have.
    pub upstream_name: String,
    /// What it is for.
    pub role: Role,
    /// Its fields, in the description's order.
    pub fields: Vec<Field>,
    /// The wire names of the required fields in the order of the constructor's parameters.
    pub required: Vec<String>,
    /// The family (file and module) a shared type belongs to, when the overlay names one.
    pub module: Option<String>,
    /// A name pinned by the overlay.
    pub pinned_name: Option<String>,
    /// A whole example.
    pub example: Option<Example>,
    /// What the description says of it.
    pub docs: Docs,
}

/// An example of an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    /// The example, as the description has it.
    pub value: Value,
    /// Where it stands in the description.
    pub origin: Pointer,
}

/// More required fields than this are not taken one by one: nobody reads so many arguments.
const FEW_PARAMETERS: usize = 5;

impl Struct {
    /// The required fields with their numbers, in the order of the constructor's parameters.
    #[must_use]
    pub fn required_fields(&self) -> Vec<(usize, &Field)> {
        // Fields of one name are required in the order in which they stand.
        let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for (place, name) in self.required.iter().enumerate() {
            places.entry(name).or_default().push_back(place);
        }
        let fields = self.fields.iter().enumerate().filter(|(_, field)| field.is_required());
        let mut ranked: Vec<_> = fields
            .map(|field| {
                let place = places.get_mut(field.1.wire.as_str()).and_then(VecDeque::pop_front);
                (place.unwrap_or(usize::MAX), field)
            })
            .collect();
        ranked.sort_by_key(|(place, (number, _))| (*place, *number));
        ranked.into_iter().map(|(_, field)| field).collect()
    }

    /// The numbers of the fields that the members of an example mean, by their names: of several with one
    /// name, that of the body, or else the first.
    #[must_use]
    pub fn members(&self) -> HashMap<&str, usize> {
        let mut members = HashMap::with_capacity(self.fields.len());
        for (number, field) in self.fields.iter().enumerate() {
            let known = members.entry(field.wire.as_str()).or_insert(number);
            if field.place == Place::Body {
                *known = number;
            }
        }
        members
    }

    /// The keys of the fields where the runtime writes the struct as one map.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let mut of_name: HashMap<&str, usize> = HashMap::new();
        for field in &self.fields {
            *of_name.entry(&field.wire).or_default() += 1;
        }
        let keys = self.fields.iter().map(|field| {
            let place = match field.place {
                Place::Body => None,
                Place::Query => Some("query"),
                Place::Path => Some("path"),
                Place::Header => Some("header"),
                Place::File => Some("file"),
            };
            let is_shared = of_name.get(field.wire.as_str()).is_some_and(|count| *count > 1);
            match place.filter(|_| is_shared) {
                Some(place) => format!("{place}.{}", field.wire),
                None => field.wire.clone(),
            }
        });
        keys.collect()
    }

    /// Whether callers should send another field instead: only requests have it, and it may be left out.
    #[must_use]
    pub fn is_old_style(&self, field: &Field) -> bool {
        let only_sent = matches!(
            self.role,
            Role::Request(_) | Role::Shared { in_request: true, in_response: false }
        );
        only_sent && field.legacy.is_some() && !field.is_required()
    }

    /// Whether its constructor takes a struct of the required parts.
    #[must_use]
    pub fn has_parts(&self) -> bool {
        let required = self.fields.iter().filter(|field| field.is_required()).count();
        self.role.takes_input() && required > FEW_PARAMETERS
    }
}

impl Role {
    /// Whether callers make values of it.
    #[must_use]
    pub fn takes_input(&self) -> bool {
        matches!(self, Self::Request(_) | Self::Shared { in_request: true, .. })
    }
}

impl Field {
    /// Whether it must be given, and so is no `Option`.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.place == Place::Path || matches!(self.presence, Presence::Required(_))
    }
}

/// What a struct is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Role {
    /// The request of the operation with this id.
    Request(String),
    /// The response of the operation with this id.
    Response(String),
    /// The content of the message of this name.
    Message(String),
    /// A part of requests, responses or messages. `in_response` says whether a response or a message
    /// may hold it: then no field of it is promised.
    Shared {
        /// Whether a request may hold it.
        in_request: bool,
        /// Whether a response or a message may hold it.
        in_response: bool,
    },
}

/// One field of a struct.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// The name on the wire.
    pub wire: String,
    /// Where in the HTTP message it travels.
    pub place: Place,
    /// Its type.
    pub ty: Ty,
    /// Whether it is the idempotency key of the request: a string with a type of its own in Rust.
    pub is_key: bool,
    /// Whether it has to be there.
    pub presence: Presence,
    /// Whether it is personal data that must not be shown.
    pub sensitive: bool,
    /// Whether upstream marks it as deprecated.
    pub deprecated: bool,
    /// The version of Alipay's description that dropped it, when it is only retained for those who use it.
    pub removed_in: Option<String>,
    /// Whether it is the old-style twin of another field.
    pub legacy: Option<Legacy>,
    /// Bounds and rules.
    pub limits: Vec<Sourced<Limit>>,
    /// The unit of its value, for example `yuan` or `days`.
    pub unit: Option<String>,
    /// A sentence that says when it is required, where [`Presence`] cannot.
    pub required_when: Option<Sourced<String>>,
    /// The confidence of the type where the overlay refined it.
    pub ty_confidence: Confidence,
    /// How it stands in the query, when it is a list there.
    pub list_style: Option<ListStyle>,
    /// What counts when it is left out, as the description has it.
    pub default: Option<Value>,
    /// An example, as the description has it.
    pub example: Option<Value>,
    /// A name pinned by the overlay.
    pub pinned_name: Option<String>,
    /// What the description says of it.
    pub docs: Docs,
    /// Where it stands in the description.
    pub origin: Pointer,
}

/// Where a field travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Place {
    /// In the JSON body.
    Body,
    /// In the query string.
    Query,
    /// In the path.
    Path,
    /// As a header.
    Header,
    /// As a file part of a multipart body.
    File,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Ty {
    /// Any string.
    Text,
    /// A JSON boolean.
    Boolean,
    /// A JSON integer of up to 64 bits.
    Integer,
    /// A JSON number with a binary fraction.
    Float,
    /// Any JSON, as it is written.
    Json,
    /// An amount of money: a decimal string in yuan, with at most two decimals.
    Yuan,
    /// An exact decimal, as a string.
    Decimal,
    /// `yyyy-MM-dd HH:mm:ss`, Beijing time.
    LocalDateTime,
    /// `yyyy-MM-dd`.
    LocalDate,
    /// `HH:mm:ss`.
    LocalTime,
    /// The bytes of a file.
    File,
    /// One of an open set of strings.
    Enum(TypeId),
    /// An object. `boxed` breaks a cycle.
    Struct {
        /// The struct.
        id: TypeId,
        /// Whether it has to be boxed because the types form a cycle here.
        boxed: bool,
    },
    /// A list.
    List(Box<Ty>),
    /// An object with keys of its own and values of this type.
    Map(Box<Ty>),
    /// A string that holds JSON of this type.
    JsonText(Box<Ty>),
}

impl Ty {
    /// What a list, a map or a JSON string is made of.
    #[must_use]
    pub fn inner(&self) -> Option<&Self> {
        match self {
            Self::List(inner) | Self::Map(inner) | Self::JsonText(inner) => Some(inner),
            _ => None,
        }
    }

    /// What lists, maps and JSON strings hold at the bottom; any other type is its own.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        self.inner().map_or(self, Self::innermost)
    }

    /// The enum it is, or holds at the bottom.
    #[must_use]
    pub fn innermost_enum(&self) -> Option<&TypeId> {
        if let Self::Enum(id) = self.innermost() { Some(id) } else { None }
    }

    /// The struct it is, or holds at the bottom.
    #[must_use]
    pub fn innermost_struct(&self) -> Option<&TypeId> {
        if let Self::Struct { id, .. } = self.innermost() { Some(id) } else { None }
    }

    /// Whether a value is one string, number or bool, so that it can stand in a path, a query or a
    /// header.
    #[must_use]
    pub fn is_single(&self) -> bool {
        match self {
            Self::Text
            | Self::Boolean
            | Self::Integer
            | Self::Float
            | Self::Yuan
            | Self::Decimal
            | Self::LocalDateTime
            | Self::LocalDate
            | Self::LocalTime
            | Self::Enum(_)
            | Self::JsonText(_) => true,
            Self::Json | Self::File | Self::Struct { .. } | Self::List(_) | Self::Map(_) => false,
        }
    }
}

/// How a list stands in the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ListStyle {
    /// Once per item: `id=1&id=2`.
    Repeated,
    /// Separated by commas: `id=1,2`.
    Commas,
    /// Separated by spaces: `id=1%202`.
    Spaces,
    /// Separated by bars: `id=1%7C2`.
    Pipes,
}

/// Whether a field has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Presence {
    /// A caller must give it. Only requests have such fields, and only where a published text says
    /// so.
    Required(Confidence),
    /// A caller may leave it out.
    Optional,
    /// Alipay may return it; callers must not rely on it.
    Returned,
}

/// An old-style field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Legacy {
    /// The path of the new-style field, when there is one.
    pub successor: Option<String>,
}

/// A bound or rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Limit {
    /// At least so many characters.
    MinLength(u64),
    /// At most so many characters.
    MaxLength(u64),
    /// At least so many items.
    MinItems(u64),
    /// At most so many items.
    MaxItems(u64),
    /// At least so many keys.
    MinKeys(u64),
    /// At most so many keys.
    MaxKeys(u64),
    /// At least this number, as a decimal string.
    Minimum(String),
    /// At most this number, as a decimal string.
    Maximum(String),
    /// More than this number, as a decimal string.
    MoreThan(String),
    /// Less than this number, as a decimal string.
    LessThan(String),
    /// A multiple of this number, as a decimal string.
    MultipleOf(String),
    /// One of these numbers or booleans, as JSON writes them.
    OneOf(Vec<String>),
    /// Matches this regular expression.
    Pattern(String),
    /// Is of this format, by the word of the description. The type says nothing of it.
    Format(String),
    /// No two items are the same.
    UniqueItems,
    /// May be `null`.
    Nullable,
    /// Only in responses.
    ReadOnly,
    /// Only in requests.
    WriteOnly,
    /// What holds for each item of a list, or each value of a map.
    Each(Box<Limit>),
    /// Anything else, as an English sentence.
    Rule(String),
}

/// The limit as an English sentence.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |f: &mut fmt::Formatter<'_>, bound, n: u64, what| {
            write!(f, "At {bound} {n} {what}{}.", if n == 1 { "" } else { "s" })
        };
        match self {
            Self::MinLength(n) => count(f, "least", *n, "character"),
            Self::MaxLength(n) => count(f, "most", *n, "character"),
            Self::MinItems(n) => count(f, "least", *n, "item"),
            Self::MaxItems(n) => count(f, "most", *n, "item"),
            Self::MinKeys(n) => count(f, "least", *n, "key"),
            Self::MaxKeys(n) => count(f, "most", *n, "key"),
            Self::Minimum(number) => write!(f, "At least {number}."),
            Self::Maximum(number) => write!(f, "At most {number}."),
            Self::MoreThan(number) => write!(f, "More than {number}."),
            Self::LessThan(number) => write!(f, "Less than {number}."),
            Self::MultipleOf(number) => write!(f, "A multiple of {number}."),
            Self::OneOf(values) => match values.as_slice() {
                [] => f.write_str("No value."),
                [only] => write!(f, "Always `{only}`."),
                [most @ .., last] => write!(f, "One of `{}` and `{last}`.", most.join("`, `")),
            },
            Self::Pattern(pattern) => write!(f, "Matches `{pattern}`."),
            Self::Format(word) => match of_format(word) {
                Some(sentence) => f.write_str(sentence),
                None => write!(f, "Format: `{word}`."),
            },
            Self::UniqueItems => f.write_str("No two items are the same."),
            Self::Nullable => f.write_str("May be `null`, which counts as absent."),
            Self::ReadOnly => f.write_str("Only in responses: not to be sent."),
            Self::WriteOnly => f.write_str("Only in requests: responses do not have it."),
            Self::Each(limit) => {
                let sentence = limit.to_string();
                let mut chars = sentence.chars();
                let first = chars.next().map(|first| first.to_ascii_lowercase());
                write!(f, "Each: {}{}", String::from_iter(first), chars.as_str())
            }
            Self::Rule(rule) => f.write_str(rule),
        }
    }
}

/// What a string of a well-known format is, where the type does not say it: the formats say nothing a Rust type
/// would, so the values stay strings.
#[must_use]
pub fn of_format(word: &str) -> Option<&'static str> {
    Some(match word {
        "date-time" => "A time as RFC 3339 has it, like `2026-01-31T08:30:00+08:00`.",
        "byte" => "Bytes in Base64.",
        "email" => "An e-mail address.",
        "hostname" => "A host name.",
        "ipv4" => "An IPv4 address.",
        "ipv6" => "An IPv6 address.",
        "uri" => "A URI.",
        "uuid" => "A UUID.",
        _ => return None,
    })
}

/// An open set of strings with known members.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenEnum {
    /// Identity: the place of its first appearance.
    pub id: TypeId,
    /// The name the Rust type gets, PascalCase, derived from the field or pinned.
    pub name: String,
    /// Whether the overlay pins the name.
    pub pinned: bool,
    /// The known values, in the description's order.
    pub values: Vec<EnumValue>,
    /// How sure the list is.
    pub confidence: Confidence,
    /// The wire names of the fields that have this type.
    pub used_by: Vec<String>,
    /// What the description says of the first of these fields that it describes.
    pub docs: Docs,
}

/// One known value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EnumValue {
    /// The string on the wire.
    pub wire: String,
    /// A variant name pinned by the overlay.
    pub pinned_name: Option<String>,
    /// Its meaning.
    pub meaning: Option<String>,
    /// The version of Alipay's description that dropped it, when it is only retained for those who use it.
    pub removed_in: Option<String>,
}

/// The error codes of one operation, or the gateway's common ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CodeSet {
    /// The codes, in the description's order.
    pub codes: Vec<Code>,
    /// Where the list stands in the description.
    pub origin: Pointer,
}

/// One error code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Code {
    /// The string on the wire.
    pub wire: String,
    /// A variant name pinned by the overlay.
    pub pinned_name: Option<String>,
    /// What it means.
    pub meaning: Option<String>,
    /// What the caller should do.
    pub action: Option<String>,
    /// Whether a repeat can help.
    pub retry: Option<Retry>,
    /// How sure meaning and action are.
    pub confidence: Confidence,
    /// The version of Alipay's description that dropped it, when it is only retained for those who use it.
    pub removed_in: Option<String>,
}

/// Whether repeating a refused call can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// Repeat the very same request, with the same key, after a pause. It may have been carried out.
    SameRequest,
    /// The request was refused. Repeat it when something else has happened.
    Later,
    /// The request was refused. Repeating it will not help.
    Never,
}

/// An asynchronous message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// The message's name, for example `alipay.marketing.activity.message.created`.
    pub name: String,
    /// The struct of its `biz_content`.
    pub content: TypeId,
    /// A variant name pinned by the overlay, for example `Created`.
    pub pinned_name: Option<String>,
    /// What the description says of it.
    pub docs: Docs,
    /// Where it stands in the description.
    pub origin: Pointer,
}

/// Title and description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Docs {
    /// The Chinese name, for example `满减券`.
    pub title: Option<String>,
    /// English text; its first sentence is the summary.
    pub description: Option<String>,
    /// How sure the description is.
    pub confidence: Confidence,
}

/// A statement with the confidence it is made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    /// The statement.
    pub value: T,
    /// How sure it is.
    pub confidence: Confidence,
}

/// How sure a statement is; the words are those of overlay actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Stated by Alipay in the current description or on an official page.
    #[default]
    Documented,
    /// Stated by Alipay in an older official text that nothing contradicts.
    DocumentedOlder,
    /// Enforced by a third-party client that follows the official page.
    Secondary,
    /// Derived from examples, sample calls or sibling operations.
    Inferred,
}

impl Confidence {
    /// All levels, from the surest to the least sure.
    pub const ALL: [Self; 4] =
        [Self::Documented, Self::DocumentedOlder, Self::Secondary, Self::Inferred];

    /// The word used in overlays and documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::DocumentedOlder => "documented-older",
            Self::Secondary => "secondary",
            Self::Inferred => "inferred",
        }
    }

    /// The confidence named by an overlay's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|confidence| confidence.as_str() == word)
    }
}

/// The IR as stable, readable JSON, for snapshots and comparisons. What is absent, empty or
/// `false` is left out.
#[must_use]
pub fn dump(api: &Api) -> String {
    // Plain data always has a JSON form.
    serde_json::to_value(api)
        .map(present)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|error| format!("not printable: {error}"))
}

/// A value without members that are null, `false` or empty.
fn present(value: Value) -> Value {
    let says_something = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, member)| says_something(member));
            Value::Object(members.map(|(key, member)| (key, present(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(present).collect()),
        value => value,
    }
}
