//! Models: structs whose fields are known from a table.
//!
//! Generated structs do not derive serde's traits. They list their fields in a [`Table`] and give access
//! to each by its index. Reading, writing and printing are done here, once for all structs. That keeps
//! compile times low (derived serde code takes most of the time of large generated clients), and keeps
//! redaction in one place.
//!
//! For serde a model is an ordinary type: its `Serialize` and `Deserialize` call [`serialize`] and
//! [`deserialize`].

mod debug;
mod lenient;
mod read;
mod table;
pub(crate) mod value;
mod write;

pub use debug::fmt_debug;
pub use lenient::Unreadable;
pub(crate) use lenient::{decode, decode_text};
pub use read::deserialize;
pub(crate) use read::{decode_json, read_value};
pub use table::{Field, ListStyle, Place, Table};
pub use value::{List, Map, Model, Ref, SetString, Slot, Value};
pub(crate) use value::{items, present};
pub(crate) use write::encode_json;
pub use write::{Placed, serialize};

#[cfg(test)]
mod tests {
    use super::*;

    crate::model! {
        struct Page: optional {
            number: Option<i64> = body("number"),
            token: Option<String> = query("token"),
        }
    }

    #[test]
    fn a_document_holds_one_model_and_no_more() {
        let mut page = Page::default();
        assert!(decode_json(&mut page, br#" {"number":1,"token":"t"} "#).is_ok());
        assert_eq!(page, Page { number: Some(1), token: Some("t".to_owned()) });
        for json in [&b""[..], b"{}{}", b"{} x", b"[]", b"\xff", b"{\"number\":\"\xff\"}"] {
            assert!(decode_json(&mut Page::default(), json).is_err(), "{json:?}");
        }
    }

    #[test]
    fn a_body_holds_the_fields_of_the_body() {
        let page = Page { number: Some(1), token: Some("t".to_owned()) };
        assert_eq!(encode_json(&page, Place::Body).ok(), Some(br#"{"number":1}"#.to_vec()));
        assert_eq!(encode_json(&page, Place::Query).ok(), Some(br#"{"token":"t"}"#.to_vec()));
        assert_eq!(encode_json(&page, Place::Path).ok(), Some(b"{}".to_vec()));
    }
}
