//! Personal data and secrets that no overlay has marked.
//!
//! Most groups have no overlay that says what is personal. Then a field's name decides whether its value
//! is printed, unless `x-alipay-sensitive: false` says that it may be.

use heck::ToSnakeCase;

use crate::{
    ir::{Api, Field, Ty},
    overlay::Document,
};

/// The last words of names of personal data and secrets. Numbers, as in `picture_1`, do not count.
const ENDINGS: &str = "
    account_no account_number aes_key bankcard_no buyer_id cert_no card_no card_number email
    email_address encrypt_key ftoken identity_card login_id login_name logon logon_id mobile
    mobile_no mobile_number open_id openid password phone phone_no phone_num phone_number
    private_key real_name secret secret_key tel telephone token user_id
";

/// Marks the fields whose names say that they hold personal data or secrets.
pub(super) fn mark(api: &mut Api, document: &Document) {
    for field in api.structs.iter_mut().flat_map(|item| &mut item.fields) {
        if !field.sensitive && is_text(&field.ty) && is_personal(&field.wire) {
            field.sensitive = !is_denied(field, document);
        }
    }
}

/// Whether `Debug` would show the value itself. An object shows its fields, which have names of their own.
fn is_text(ty: &Ty) -> bool {
    matches!(ty.innermost(), Ty::Text | Ty::Integer | Ty::Float | Ty::Decimal | Ty::Json)
}

fn is_personal(name: &str) -> bool {
    // `userId` and `X-User-Id` as well.
    let name = name.to_snake_case();
    let words = name.split('_').filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    let mut words: Vec<&str> = words.filter(|word| *word != "list").collect();
    // `user_ids` holds several of them.
    if let Some(last) = words.last_mut() {
        *last = last.strip_suffix('s').filter(|one| !one.ends_with('s')).unwrap_or(last);
    }
    let name = format!("_{}", words.join("_"));
    ENDINGS.split_whitespace().any(|ending| name.ends_with(&format!("_{ending}")))
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
        let personal = "
            user_id open_id buyer_open_id employee_open_id_list alipay_user_id_list phone
            contact_mobile service_email buyer_logon_id login_ids cert_no card_no f_1_openid
            app_auth_token tokens test_password aes_key accessToken userId X-User-Token mobiles
            bankcard_no email_address merchant_logon
        ";
        for name in personal.split_whitespace() {
            assert!(is_personal(name), "{name}");
        }
        let others = "
            phone_number_limit mobile_type auth_token_type token_status real_name_limit
            activity_id address file_key status address open_time user_name_type is_mobile_auth
        ";
        for name in others.split_whitespace().chain([""]) {
            assert!(!is_personal(name), "{name}");
        }
    }
}
