//! Every known value of an enum is explained.

use super::Warn;
use crate::ir::Api;

pub(super) fn check(api: &Api, warn: &mut Warn<'_>) {
    for item in &api.enums {
        for value in item.values.iter().filter(|value| value.meaning.is_none()) {
            let message = format!("the value `{}` of `{}` is not explained", value.wire, item.name);
            warn("unexplained-value", &item.id, message, "explain it in `x-enum-descriptions`");
        }
    }
}
