//! Personal data is marked, so that it is never shown.

use super::{Warn, has_word};
use crate::ir::Field;

const NAMES: &[&str] = &[
    "user_id",
    "open_id",
    "logon_id",
    "login_id",
    "receive_user_id",
    "buyer_id",
    "buyer_open_id",
    "cert_no",
    "id_card_no",
];
const WORDS: &[&str] = &["mobile", "phone", "email"];
const OTHER: &[&str] = &["type", "limit", "need", "flag"];

pub(super) fn check(field: &Field, warn: &mut Warn<'_>) {
    let name = field.wire.as_str();
    let looks_like_it = NAMES.contains(&name) || (has_word(name, WORDS) && !has_word(name, OTHER));
    if looks_like_it && !field.sensitive {
        warn(
            "personal-data-not-marked",
            &field.origin,
            format!("`{name}` looks like personal data, but is not marked"),
            "mark it with `x-alipay-sensitive: true`, so that it is never printed",
        );
    }
}
