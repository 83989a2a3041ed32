//! Operations, types and messages, as the generator writes them (`openapi/src/contract.rs`).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::pattern::Pattern;

/// The name of a struct or an enum within its contract.
pub(crate) type TypeId = String;

/// An API, as its description and overlay have it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contract {
    pub(crate) operations: Vec<Operation>,
    /// The fields of each struct.
    pub(crate) structs: HashMap<TypeId, Vec<Field>>,
    pub(crate) enums: HashMap<TypeId, Enum>,
    pub(crate) messages: Vec<Message>,
}

/// One operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    /// `operationId`.
    pub(crate) id: String,
    pub(crate) method: String,
    /// The path template, such as `/v3/alipay/user/{id}`.
    pub(crate) path: String,
    /// A name for people; may be empty.
    pub(crate) title: String,
    /// The struct of all its parameters.
    pub(crate) request: TypeId,
    /// The struct of its response.
    pub(crate) response: TypeId,
    pub(crate) codes: Vec<String>,
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// `msg_method`.
    pub(crate) name: String,
    /// A name for people; may be empty.
    pub(crate) title: String,
    pub(crate) content: TypeId,
}

/// One field of a struct.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the contract")]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) place: Place,
    /// A name for people; may be empty.
    #[serde(default)]
    pub(crate) title: String,
    /// What a number counts, such as `days`; may be empty.
    #[serde(default)]
    pub(crate) unit: String,
    #[serde(rename = "type")]
    pub(crate) ty: Ty,
    /// Whether the type, with its format, is inferred only.
    #[serde(default)]
    pub(crate) inferred: bool,
    /// Whether it is required, and that is not inferred.
    #[serde(default)]
    pub(crate) required: bool,
    /// Whether it is required, as far as can be inferred.
    #[serde(default)]
    pub(crate) required_inferred: bool,
    /// Whether Alipay has dropped it, says not to use it, or has another field in its place.
    #[serde(default)]
    pub(crate) deprecated: bool,
    /// Whether it holds personal data.
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) limits: Vec<Limit>,
    /// How it is written in the query, if it is a list there.
    #[serde(default)]
    pub(crate) list_style: ListStyle,
    #[serde(default, deserialize_with = "present")]
    pub(crate) example: Option<Value>,
}

/// Where a field is in a request.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    #[default]
    Body,
    Query,
    Path,
    Header,
    /// A file part of a multipart body.
    File,
}

impl Place {
    /// As `details` of a refusal name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Body | Self::File => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
        }
    }
}

/// The type of a field.
#[derive(Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ty {
    String,
    Boolean,
    Integer,
    Number,
    Any,
    /// A decimal string in yuan.
    Yuan,
    /// A decimal string.
    Decimal,
    DateTime,
    Date,
    Time,
    File,
    Enum(TypeId),
    Struct(TypeId),
    List(Box<Ty>),
    Map(Box<Ty>),
    /// A string that holds JSON of this type.
    JsonString(Box<Ty>),
}

impl Ty {
    fn innermost(&self) -> &Self {
        match self {
            Self::List(inner) | Self::Map(inner) | Self::JsonString(inner) => inner.innermost(),
            ty => ty,
        }
    }

    /// The struct of its values.
    pub(crate) fn in_struct(&self) -> Option<&TypeId> {
        if let Self::Struct(id) = self.innermost() { Some(id) } else { None }
    }

    /// The enum of its values.
    pub(crate) fn in_enum(&self) -> Option<&TypeId> {
        if let Self::Enum(id) = self.innermost() { Some(id) } else { None }
    }
}

/// An example, which may be `null`.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// How a list is written in the query.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListStyle {
    /// Once for each item.
    #[default]
    Repeated,
    Commas,
    Spaces,
    Pipes,
}

/// The known values of a string.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enum {
    pub(crate) values: Vec<String>,
    /// Whether the list is inferred, so that there may be more.
    #[serde(default)]
    pub(crate) inferred: bool,
}

/// A limit of a field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    pub(crate) bound: Bound,
    /// Whether it is inferred.
    #[serde(default)]
    pub(crate) inferred: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    MinLength(u64),
    MaxLength(u64),
    MinItems(u64),
    MaxItems(u64),
    MinKeys(u64),
    MaxKeys(u64),
    /// A decimal number.
    Minimum(String),
    /// A decimal number.
    Maximum(String),
    /// A decimal number, which is excluded.
    MoreThan(String),
    /// A decimal number, which is excluded.
    LessThan(String),
    /// A decimal number.
    MultipleOf(String),
    /// Numbers or booleans, as JSON writes them.
    OneOf(Vec<String>),
    Pattern(Pattern),
    /// One of OpenAPI's formats, or any other, which is not checked.
    Format(String),
    UniqueItems,
    Nullable,
    /// Not in requests.
    ReadOnly,
    /// Not in responses.
    WriteOnly,
    /// What holds for each item of a list, or each value of a map.
    Each(Box<Bound>),
}

impl Bound {
    /// What holds for each item or value.
    pub(super) fn each(&self) -> Option<&Self> {
        if let Self::Each(bound) = self { Some(bound) } else { None }
    }

    /// The pattern it is, or has for items or values.
    fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::Pattern(pattern) => Some(pattern),
            bound => bound.each()?.pattern(),
        }
    }
}

impl Field {
    pub(super) fn has(&self, wanted: impl Fn(&Bound) -> bool) -> bool {
        self.limits.iter().any(|limit| wanted(&limit.bound))
    }
}

/// Text that is no contract.
#[derive(Clone, Debug, thiserror::Error)]
#[error("this is no contract as `cargo xtask generate` writes it: {0}")]
pub struct ContractError(String);

impl Contract {
    pub(crate) fn parse(text: &str) -> Result<Self, ContractError> {
        let contract: Self =
            serde_json::from_str(text).map_err(|error| ContractError(error.to_string()))?;
        // A type that is lost would turn off the checks of what has it.
        match contract.missing_type() {
            Some(id) => Err(ContractError(format!("it has no type `{id}`"))),
            None => Ok(contract),
        }
    }

    /// Several contracts as one. A type that several have is the same in all of them, but for the field whose
    /// place its sets of values are called by.
    pub(crate) fn parse_all(texts: &[&str]) -> Result<Self, ContractError> {
        let mut all = Self::default();
        for text in texts {
            let Self { operations, structs, enums, messages } = Self::parse(text)?;
            all.operations.extend(operations);
            all.messages.extend(messages);
            for (id, fields) in structs {
                all.structs.entry(id).or_insert(fields);
            }
            all.enums.extend(enums);
        }
        Ok(all)
    }

    /// A type that is referred to and not there.
    fn missing_type(&self) -> Option<&TypeId> {
        let fields = self.structs.values().flatten().map(|field| &field.ty);
        let of_operations =
            self.operations.iter().flat_map(|operation| [&operation.request, &operation.response]);
        let of_messages = self.messages.iter().map(|message| &message.content);
        let mut structs =
            of_operations.chain(of_messages).chain(fields.clone().filter_map(Ty::in_struct));
        let mut enums = fields.filter_map(Ty::in_enum);
        structs
            .find(|id| !self.structs.contains_key(*id))
            .or_else(|| enums.find(|id| !self.enums.contains_key(*id)))
    }

    /// The patterns that cannot be checked, each with its field and the reason.
    pub(crate) fn unchecked_patterns(&self) -> Vec<String> {
        let fields = self.structs.values().flatten();
        let patterns = fields.flat_map(|field| {
            let bounds = field.limits.iter().filter_map(|limit| limit.bound.pattern());
            bounds.map(move |pattern| (field, pattern))
        });
        let mut unchecked: Vec<String> = patterns
            .filter_map(|(field, pattern)| {
                let (name, text, problem) = (&field.name, &pattern.text, pattern.problem()?);
                Some(format!("`{name}`: the pattern `{text}` is not checked: {problem}"))
            })
            .collect();
        unchecked.sort_unstable();
        unchecked.dedup();
        unchecked
    }

    /// Whether a request of the operation has a body, as far as is known.
    pub(crate) fn has_body(&self, operation: &Operation) -> bool {
        let fields = self.structs.get(&operation.request);
        fields.is_none_or(|fields| fields.iter().any(|field| field.place == Place::Body))
    }

    /// Where a field of the operation's request is, given its path.
    pub(crate) fn location(&self, operation: &Operation, path: &str) -> &'static str {
        let name = path.split(['.', '[']).next().unwrap_or_default();
        let fields = self.structs.get(&operation.request).into_iter().flatten();
        let mut places = fields.filter(|field| field.name == name).map(|field| field.place);
        places.next().unwrap_or_default().as_str()
    }

    /// How a parameter of the operation's query is written, if it is a list.
    pub(crate) fn list_style(&self, operation: &Operation, name: &str) -> Option<ListStyle> {
        let fields = self.structs.get(&operation.request).into_iter().flatten();
        let mut query = fields.filter(|field| field.place == Place::Query && field.name == name);
        let list = query.find(|field| matches!(field.ty, Ty::List(_)))?;
        Some(list.list_style)
    }
}
