//! `Debug` of models, without personal data.

use std::fmt;

use super::value::{Model, Ref, items, present};

/// Prints a model as a derived `Debug` would, without absent fields and personal data.
pub fn fmt_debug(model: &dyn Model, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(model.table().name);
    for (field, value) in present(model) {
        let key = field.key(model.table().fields);
        if field.sensitive {
            out.field(&key, &format_args!("[redacted]"));
        } else {
            out.field(&key, &value);
        }
    }
    out.finish()
}

impl fmt::Debug for Ref<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("None"),
            Self::String(text) => fmt::Debug::fmt(text, f),
            Self::Integer(number) => fmt::Debug::fmt(number, f),
            Self::Float(number) => fmt::Debug::fmt(number, f),
            Self::Json(json) => fmt::Debug::fmt(json, f),
            Self::Bool(truth) => fmt::Debug::fmt(truth, f),
            Self::Model(model) => fmt_debug(*model, f),
            Self::File(file) => fmt::Debug::fmt(file, f),
            // The value inside knows what is personal.
            Self::JsonText(value) => fmt::Debug::fmt(&value.get(), f),
            Self::Map(map) => {
                let mut out = f.debug_map();
                map.each(&mut |key, value| {
                    out.entry(&key, &value.get());
                });
                out.finish()
            }
            Self::List(list) => f.debug_list().entries(items(*list)).finish(),
        }
    }
}
