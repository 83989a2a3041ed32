//! Everything public has a description.

use super::Warn;
use crate::ir::{Api, Field, Struct};

pub(super) fn check_field(item: &Struct, field: &Field, warn: &mut Warn<'_>) {
    if field.docs.description.is_none() {
        warn(
            "undocumented",
            &field.origin,
            format!("`{}` of `{}` has no description", field.wire, item.upstream_name),
            "describe it in the overlay",
        );
    }
}

pub(super) fn check_items(api: &Api, warn: &mut Warn<'_>) {
    let operations = api.groups.iter().flat_map(|group| &group.operations);
    let operations =
        operations.map(|operation| (&operation.docs, &operation.origin, operation.id.as_str()));
    let structs =
        api.structs.iter().map(|item| (&item.docs, &item.id, item.upstream_name.as_str()));
    for (docs, pointer, name) in operations.chain(structs) {
        if docs.description.is_none() {
            warn(
                "undocumented",
                pointer,
                format!("`{name}` has no description"),
                "describe it in the overlay",
            );
        }
    }
    let sets =
        api.groups.iter().flat_map(|group| &group.operations).map(|operation| &operation.codes);
    for set in sets.chain(&api.common_codes) {
        for code in set.codes.iter().filter(|code| code.meaning.is_none()) {
            let message = format!("the error code `{}` has no meaning", code.wire);
            warn("undocumented", &set.origin, message, "explain it in `x-error-codes`");
        }
    }
}
