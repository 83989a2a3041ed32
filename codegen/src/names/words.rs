//! Names in the description to Rust identifiers.

use heck::{ToSnakeCase, ToUpperCamelCase};

use super::reserved;

/// The name of a type or variant; `None` when no Rust name can be made of it.
///
/// Words are separated by anything that is no letter or digit, and by a change to capitals; runs of
/// capitals become one word (`AddressInfoDTO` is `AddressInfoDto`). A name that would begin with a
/// digit begins with `V`.
#[must_use]
pub fn pascal(text: &str) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let name = text.to_upper_camel_case();
    match name.bytes().next()? {
        b'0'..=b'9' => Some(format!("V{name}")),
        _ => Some(reserved::escape_keyword(name)),
    }
}

/// The name of a field, method or module; `None` when no Rust name can be made of it.
///
/// A snake_case identifier stays as it is; keywords get an underscore at the end.
#[must_use]
pub fn snake(text: &str) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let name = if is_snake(text) { text.to_owned() } else { text.to_snake_case() };
    let starts_well = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
    let says_something = name.bytes().any(|b| b != b'_');
    (starts_well && says_something).then(|| reserved::escape_keyword(name))
}

/// Whether a string is an identifier of lower-case letters, digits and single underscores.
fn is_snake(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !text.contains("__")
}

/// Whether a pinned name may stand as the name of a type or variant.
#[must_use]
pub(crate) fn is_pascal(name: &str) -> bool {
    name.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
        && !reserved::is_keyword(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_variants() {
        for (text, name) in [
            ("SELF_MODE", "SelfMode"),
            ("ACQ.TRADE_NOT_EXIST", "AcqTradeNotExist"),
            ("isv.invalid-arguments", "IsvInvalidArguments"),
            ("app-key-security-risk, app-cert-expired", "AppKeySecurityRiskAppCertExpired"),
            ("AddressInfoDTO", "AddressInfoDto"),
            ("FixVoucherInfo", "FixVoucherInfo"),
            ("SELF", "Self_"),
            ("0x00BFFF", "V0x00Bfff"),
            ("2088", "V2088"),
        ] {
            assert_eq!(pascal(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(pascal(""), None);
        assert_eq!(pascal("="), None);
        assert_eq!(pascal("未激活"), None);
    }

    #[test]
    fn fields() {
        for (text, name) in [
            ("orderStr", "order_str"),
            ("h_5_extra_pic", "h_5_extra_pic"),
            ("type", "type_"),
            ("box", "box_"),
            ("a", "a"),
            ("some.dotted-name", "some_dotted_name"),
        ] {
            assert_eq!(snake(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(snake("1st"), None);
        assert_eq!(snake("_"), None);
        assert_eq!(snake("名"), None);
    }
}
