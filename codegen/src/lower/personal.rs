//! Personal data and secrets that nobody has marked.
//!
//! Most groups have no overlay that says what is personal. What is never to be printed is told by the
//! name then; `x-alipay-sensitive: false` says otherwise.

use crate::{
    document::Document,
    ir::{Api, Field, Ty},
};

/// The last words of names of personal data and secrets. Numbers, as in `picture_1`, do not count.
const ENDINGS: &[&[&str]] = &[
    &["buyer", "id"],
    &["cert", "no"],
    &["card", "no"],
    &["email"],
    &["ftoken"],
    &["login", "id"],
    &["login", "name"],
    &["logon"],
    &["logon", "id"],
    &["mobile"],
    &["mobile", "no"],
    &["mobile", "number"],
    &["open", "id"],
    &["openid"],
    &["password"],
    &["phone"],
    &["phone", "no"],
    &["phone", "num"],
    &["phone", "number"],
    &["real", "name"],
    &["secret"],
    &["tel"],
    &["telephone"],
    &["token"],
    &["user", "id"],
];

/// Marks the fields whose names say that they hold personal data or secrets.
pub(super) fn mark(api: &mut Api, document: &Document) {
    for field in api.structs.iter_mut().flat_map(|item| &mut item.fields) {
        if !field.sensitive && is_text(&field.ty) && is_personal(&field.wire) {
            field.sensitive = !is_denied(field, document);
        }
    }
}

fn is_text(ty: &Ty) -> bool {
    match ty {
        Ty::Text | Ty::Integer => true,
        Ty::List(item) | Ty::JsonText(item) => is_text(item),
        _ => false,
    }
}

fn is_personal(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = name.split('_').filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    let mut words: Vec<&str> = words.filter(|word| *word != "list").collect();
    // `user_ids` holds several of them.
    if let Some(last) = words.last_mut() {
        *last = last.strip_suffix('s').unwrap_or(last);
    }
    ENDINGS.iter().any(|ending| words.ends_with(ending))
}

/// Whether the description says that it is not personal.
fn is_denied(field: &Field, document: &Document) -> bool {
    let flag = |at: &str| document.value.pointer(at).and_then(serde_json::Value::as_bool);
    let origin = field.origin.as_str();
    ["", "/schema"]
        .iter()
        .any(|at| flag(&format!("{origin}{at}/x-alipay-sensitive")) == Some(false))
}

#[cfg(test)]
mod tests {
    use super::is_personal;

    #[test]
    fn names_tell() {
        for name in [
            "user_id",
            "open_id",
            "buyer_open_id",
            "employee_open_id_list",
            "alipay_user_id_list",
            "phone",
            "contact_mobile",
            "service_email",
            "buyer_logon_id",
            "login_ids",
            "cert_no",
            "card_no",
            "f_1_openid",
            "app_auth_token",
            "tokens",
            "test_password",
            "merchant_logon",
        ] {
            assert!(is_personal(name), "{name}");
        }
        for name in [
            "phone_number_limit",
            "mobile_type",
            "auth_token_type",
            "token_status",
            "real_name_limit",
            "activity_id",
            "status",
            "address",
            "open_time",
            "user_name_type",
            "is_mobile_auth",
            "",
        ] {
            assert!(!is_personal(name), "{name}");
        }
    }
}
