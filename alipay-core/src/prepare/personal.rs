//! The personal data of a request, so that it can be taken out of what a server echoes.

use crate::{model::Model, value::Ref};

/// The texts of sensitive fields.
pub(super) fn collect(request: &dyn Model) -> Vec<String> {
    let mut found = Vec::new();
    collect_model(request, false, &mut found);
    found
}

fn collect_model(model: &dyn Model, sensitive: bool, found: &mut Vec<String>) {
    for (index, field) in model.table().fields.iter().enumerate() {
        if let Some(value) = model.field(index) {
            collect_from(&value.get(), sensitive || field.sensitive, found);
        }
    }
}

fn collect_from(value: &Ref<'_>, sensitive: bool, found: &mut Vec<String>) {
    match value {
        Ref::Text(text) if sensitive => found.push(text.clone().into_owned()),
        Ref::Integer(number) if sensitive => found.push(number.to_string()),
        Ref::Json(value) => collect_from(&value.get(), sensitive, found),
        Ref::Model(model) => collect_model(*model, sensitive, found),
        Ref::List(list) => {
            for item in (0..list.len()).filter_map(|index| list.item(index)) {
                collect_from(&item.get(), sensitive, found);
            }
        }
        _ => {}
    }
}
