//! Descriptions (OpenAPI and an overlay): which operations there are, what their requests must
//! look like, and what they answer.

mod check;
mod example;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use alipay_openapi::ir::{Api, Method, OpenEnum, Place, Struct, Ty, TypeId};
use alipay_openapi::load::Source;

use crate::catalogue::{Behaviour, Catalogue, Endpoint};
use crate::failure::Failure;
use crate::input::Input;
use crate::voucher::Operation;

/// The voucher group, served unless another description is given.
const VOUCHERS: (&str, &str) = (
    include_str!("../../spec/alipay-voucher/openapi.yaml"),
    include_str!("../../spec/alipay-voucher/overlay.yaml"),
);

/// A description that cannot be served; the text lists what is wrong with it, a line each.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct DescriptionError(String);

/// What a description says, ready to be looked up.
#[derive(Debug)]
pub(crate) struct Types {
    structs: HashMap<TypeId, Struct>,
    enums: HashMap<TypeId, OpenEnum>,
    /// The struct of each message's content, by the message's name.
    messages: Vec<(String, TypeId)>,
    /// The wire names of fields with personal data.
    sensitive: BTreeSet<String>,
}

/// One operation's request and answer.
#[derive(Clone, Debug)]
pub(crate) struct Contract {
    types: Arc<Types>,
    request: TypeId,
    response: TypeId,
    /// The code for bad parameters: the operation's own if it has one, else the gateway's.
    bad_parameter: &'static str,
}

/// A description that was read and understood.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) types: Arc<Types>,
}

impl Description {
    /// The description of the voucher group; read once per process.
    pub(crate) fn vouchers() -> Result<Self, DescriptionError> {
        static READ: OnceLock<Result<Description, DescriptionError>> = OnceLock::new();
        READ.get_or_init(|| {
            Self::read(("voucher", VOUCHERS.0), Some(("overlay", VOUCHERS.1)), None)
        })
        .clone()
    }

    /// Reads a description and what is laid over it, each with the name messages call it by.
    pub(crate) fn read(
        base: (&str, &str),
        overlay: Option<(&str, &str)>,
        removed: Option<(&str, &str)>,
    ) -> Result<Self, DescriptionError> {
        let source = |(name, text): (&str, &str)| Source::new(name, text);
        let description = alipay_openapi::Description::new(source(base))
            .overlay(overlay.map(source))
            .retained(removed.map(source));
        let api = description.api().map_err(|e| DescriptionError(e.to_string()))?;
        Ok(Self::from_api(api))
    }

    /// The operations, each answering with its example.
    pub(crate) fn stateless(&self) -> Catalogue {
        let endpoints = self.catalogue.endpoints().iter();
        Catalogue::new(
            endpoints
                .map(|endpoint| Endpoint { behaviour: Behaviour::Example, ..endpoint.clone() })
                .collect(),
        )
    }

    fn from_api(api: Api) -> Self {
        let sensitive = api.structs.iter().flat_map(|item| &item.fields);
        let sensitive = sensitive.filter(|field| field.sensitive).map(|field| field.wire.clone());
        let types = Arc::new(Types {
            sensitive: sensitive.collect(),
            structs: api.structs.into_iter().map(|item| (item.id.clone(), item)).collect(),
            enums: api.enums.into_iter().map(|item| (item.id.clone(), item)).collect(),
            messages: api.messages.into_iter().map(|item| (item.name, item.content)).collect(),
        });
        let operations = api.groups.into_iter().flat_map(|group| group.operations);
        let endpoints = operations.map(|operation| {
            let method = method(operation.method);
            let stateful = Operation::at(&operation.path).filter(|known| known.method() == method);
            let own = operation.codes.codes.iter().any(|code| code.wire == "INVALID_PARAMETER");
            Endpoint {
                method,
                title: operation.docs.title.unwrap_or_default(),
                behaviour: stateful.map_or(Behaviour::Example, Behaviour::Voucher),
                contract: Some(Contract {
                    types: Arc::clone(&types),
                    request: operation.request,
                    response: operation.response,
                    bad_parameter: if own { "INVALID_PARAMETER" } else { "invalid-parameter" },
                }),
                id: operation.id,
                path: operation.path,
            }
        });
        Self { catalogue: Arc::new(Catalogue::new(endpoints.collect())), types }
    }
}

impl Types {
    pub(crate) fn is_sensitive(&self, wire: &str) -> bool {
        self.sensitive.contains(wire)
    }

    /// The names of the messages.
    pub(crate) fn message_names(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().map(|(name, _)| name.as_str())
    }

    /// The example content of a message.
    pub(crate) fn message_example(&self, name: &str) -> Option<serde_json::Value> {
        let (_, content) = self.messages.iter().find(|(known, _)| known == name)?;
        Some(example::of_struct(self, content))
    }

    fn get(&self, id: &TypeId) -> Option<&Struct> {
        self.structs.get(id)
    }
}

impl Contract {
    /// Checks the parameters; `required` says whether absent ones are looked for.
    pub(crate) fn check(&self, input: &Input, required: bool) -> Result<(), Failure> {
        let details = check::request(&self.types, &self.request, input, required);
        if details.is_empty() {
            return Ok(());
        }
        Err(Failure { code: self.bad_parameter, ..Failure::fields(details) })
    }

    /// Whether a request has a body.
    pub(crate) fn needs_body(&self) -> bool {
        let fields = self.types.get(&self.request).map(|item| item.fields.as_slice());
        fields.unwrap_or_default().iter().any(|field| field.place == Place::Body)
    }

    /// Whether a parameter of the query is a list.
    pub(crate) fn takes_list(&self, name: &str) -> bool {
        let fields = self.types.get(&self.request).map(|item| item.fields.as_slice());
        fields.unwrap_or_default().iter().any(|field| {
            field.place == Place::Query && field.wire == name && matches!(field.ty, Ty::List(_))
        })
    }

    /// An answer made of the description's examples.
    pub(crate) fn example(&self) -> String {
        example::of_struct(&self.types, &self.response).to_string()
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}
