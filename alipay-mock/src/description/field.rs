//! The fields of requests and responses.

use serde_json::Value;

use crate::contract::{Bound, Contract, Field as Described, Limit, Place, Ty};

/// How deep fields are described.
const DEEPEST: usize = 6;

/// A field of a request, a response or a message, at any depth.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    contract: &'a Contract,
    described: &'a Described,
    path: String,
    depth: usize,
}

/// Whether a field has to be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Required {
    /// It has to.
    Yes,
    /// It has to, as far as can be inferred: a request without it is not refused here.
    Inferred,
    /// It may be left out, as far as is known.
    No,
}

impl<'a> Field<'a> {
    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.described.name
    }

    /// The names that lead to it, such as `goods_detail[].price`: `[]` is an item of a list, `{}` a value of a map.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many fields it is within.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Where it is sent: `body`, `query`, `path`, `header`, or `file` for a part of an upload.
    #[must_use]
    pub fn place(&self) -> &'static str {
        match self.described.place {
            Place::File => "file",
            place => place.as_str(),
        }
    }

    /// Alipay's short name of it, mostly Chinese; empty if it has none.
    #[must_use]
    pub fn title(&self) -> &'a str {
        &self.described.title
    }

    /// Its type in words, such as `list of object`.
    #[must_use]
    pub fn type_name(&self) -> String {
        type_name(&self.described.ty)
    }

    /// Whether the type is inferred only.
    #[must_use]
    pub fn has_inferred_type(&self) -> bool {
        self.described.inferred
    }

    /// Whether it has to be there.
    #[must_use]
    pub fn required(&self) -> Required {
        match self.described {
            Described { required: true, .. } => Required::Yes,
            Described { required_inferred: true, .. } => Required::Inferred,
            _ => Required::No,
        }
    }

    /// Whether Alipay has dropped it, says not to use it, or has another field in its place.
    #[must_use]
    pub fn is_deprecated(&self) -> bool {
        self.described.deprecated
    }

    /// Whether it holds personal data.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.described.sensitive
    }

    /// What a number counts, such as `days`; empty if that is not known or the type says it.
    #[must_use]
    pub fn unit(&self) -> &'a str {
        &self.described.unit
    }

    /// Its limits in words, such as `at most 64 characters`.
    #[must_use]
    pub fn limits(&self) -> Vec<String> {
        let limits = self.described.limits.iter().filter_map(|Limit { bound, inferred }| {
            let note = if *inferred { " (inferred)" } else { "" };
            Some(self::bound(bound)? + note)
        });
        limits.collect()
    }

    /// The values it may have; empty if they are not known.
    #[must_use]
    pub fn values(&self) -> &'a [String] {
        let all = self.described.ty.in_enum().and_then(|id| self.contract.enums.get(id));
        all.map_or(&[], |all| &all.values)
    }

    /// Whether the values are inferred, so that there may be others.
    #[must_use]
    pub fn has_inferred_values(&self) -> bool {
        let all = self.described.ty.in_enum().and_then(|id| self.contract.enums.get(id));
        all.is_some_and(|all| all.inferred)
    }

    /// An example, as Alipay's description has it.
    #[must_use]
    pub fn example(&self) -> Option<&'a Value> {
        self.described.example.as_ref()
    }
}

/// The fields of a struct and of what is in them, each followed by those within it.
pub(super) fn fields<'a>(contract: &'a Contract, id: &'a str) -> Vec<Field<'a>> {
    let mut all = Vec::new();
    add(contract, id, "", &mut Vec::new(), &mut all);
    all
}

fn add<'a>(
    contract: &'a Contract,
    id: &'a str,
    within: &str,
    around: &mut Vec<&'a str>,
    all: &mut Vec<Field<'a>>,
) {
    // A type within itself would never end.
    if around.len() >= DEEPEST || around.contains(&id) {
        return;
    }
    around.push(id);
    for field in contract.structs.get(id).into_iter().flatten() {
        let path = format!("{within}{}", field.name);
        let inner = format!("{path}{}.", suffix(&field.ty));
        all.push(Field { contract, described: field, path, depth: around.len() - 1 });
        if let Some(id) = field.ty.in_struct() {
            add(contract, id, &inner, around, all);
        }
    }
    around.pop();
}

/// What stands between a field's name and those of its fields.
fn suffix(ty: &Ty) -> String {
    match ty {
        Ty::List(inner) => format!("[]{}", suffix(inner)),
        Ty::Map(inner) => format!("{{}}{}", suffix(inner)),
        Ty::JsonString(inner) => suffix(inner),
        _ => String::new(),
    }
}

fn type_name(ty: &Ty) -> String {
    match ty {
        Ty::String | Ty::Enum(_) => "string".to_owned(),
        Ty::Boolean => "boolean".to_owned(),
        Ty::Integer => "integer".to_owned(),
        Ty::Number => "number".to_owned(),
        Ty::Any => "any".to_owned(),
        Ty::Yuan => "decimal string, yuan".to_owned(),
        Ty::Decimal => "decimal string".to_owned(),
        Ty::DateTime => "yyyy-MM-dd HH:mm:ss".to_owned(),
        Ty::Date => "yyyy-MM-dd".to_owned(),
        Ty::Time => "HH:mm:ss".to_owned(),
        Ty::File => "file".to_owned(),
        Ty::Struct(_) => "object".to_owned(),
        Ty::List(inner) => format!("list of {}", type_name(inner)),
        Ty::Map(inner) => format!("map of {}", type_name(inner)),
        Ty::JsonString(inner) => format!("string of JSON: {}", type_name(inner)),
    }
}

fn bound(bound: &Bound) -> Option<String> {
    Some(match bound {
        Bound::MinLength(least) => format!("at least {least} characters"),
        Bound::MaxLength(most) => format!("at most {most} characters"),
        Bound::MinItems(least) => format!("at least {least} items"),
        Bound::MaxItems(most) => format!("at most {most} items"),
        Bound::MinKeys(least) => format!("at least {least} members"),
        Bound::MaxKeys(most) => format!("at most {most} members"),
        Bound::Minimum(least) => format!("at least {least}"),
        Bound::Maximum(most) => format!("at most {most}"),
        Bound::MoreThan(least) => format!("more than {least}"),
        Bound::LessThan(most) => format!("less than {most}"),
        Bound::MultipleOf(unit) => format!("a multiple of {unit}"),
        Bound::OneOf(values) => values.join(" "),
        Bound::Pattern(pattern) => format!("pattern {}", pattern.text),
        Bound::Format(format) => format.clone(),
        Bound::UniqueItems => "no item twice".to_owned(),
        Bound::Nullable => "or null".to_owned(),
        Bound::ReadOnly | Bound::WriteOnly => return None,
        Bound::Each(inner) => format!("each: {}", self::bound(inner)?),
    })
}
