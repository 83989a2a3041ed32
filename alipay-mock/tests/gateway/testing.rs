//! The checks of generated tests find what is wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt;

use alipay_core::model::Value;
use alipay_core::model::{self, Field, Model, Table};
use alipay_core::operation::{Method, Operation, OperationInfo};
use alipay_core::{Call, Response};
use alipay_mock::testing::{self, Callable, Case, Failures, Served, round_trips};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const MODELS: &str = r#"{"models": {"Trade": {
  "all": {"trade_no": "🔒trade_no", "total": 3},
  "least": {"trade_no": "🔒trade_no"}
}}}"#;

/// A model like a generated one, with or without a flaw.
#[derive(Clone, Default, PartialEq)]
struct Trade<const FLAW: char> {
    trade_no: String,
    total: Option<i64>,
}

const NONE: char = ' ';

impl<const FLAW: char> Model for Trade<FLAW> {
    fn table(&self) -> &'static Table {
        const RIGHT: &Table = &Table::new(
            "Trade",
            &[Field::body("trade_no").required().sensitive(), Field::body("total")],
        );
        const SHOWN: &Table =
            &Table::new("Trade", &[Field::body("trade_no").required(), Field::body("total")]);
        const OPTIONAL: &Table =
            &Table::new("Trade", &[Field::body("trade_no").sensitive(), Field::body("total")]);
        const RENAMED: &Table = &Table::new(
            "Trade",
            &[Field::body("trade_no").required().sensitive(), Field::body("sum")],
        );
        match FLAW {
            's' => SHOWN,
            'o' => OPTIONAL,
            'r' => RENAMED,
            _ => RIGHT,
        }
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        Some(match index {
            0 => &self.trade_no,
            1 => &self.total,
            _ => return None,
        })
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        Some(match index {
            0 => &mut self.trade_no,
            1 => &mut self.total,
            _ => return None,
        })
    }

    fn blank() -> Self {
        Self::default()
    }
}

impl<const FLAW: char> Serialize for Trade<FLAW> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        model::serialize(self, serializer)
    }
}

impl<'de, const FLAW: char> Deserialize<'de> for Trade<FLAW> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut trade = Self::default();
        model::deserialize(&mut trade, deserializer)?;
        Ok(trade)
    }
}

impl<const FLAW: char> fmt::Debug for Trade<FLAW> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        model::fmt_debug(self, f)
    }
}

fn problems(outcome: Result<(), Failures>) -> String {
    outcome.err().map(|failures| failures.lines().join("\n")).unwrap_or_default()
}

#[test]
fn a_type_that_keeps_everything_passes() {
    let cases = [Case::of::<Trade<NONE>>("Trade")];
    assert_eq!(problems(round_trips(&cases, MODELS)), "");
}

#[test]
fn what_is_lost_shown_or_not_asked_for_is_found() {
    let found = |case| problems(round_trips(&[case], MODELS));
    assert!(found(Case::of::<Trade<'r'>>("Trade")).contains("`total` is lost"));
    let shown = found(Case::of::<Trade<'s'>>("Trade"));
    assert!(shown.contains("shows personal data"), "{shown}");
    let optional = found(Case::of::<Trade<'o'>>("Trade"));
    assert!(optional.contains("is read without `trade_no`"), "{optional}");
    assert!(found(Case::of::<Trade<NONE>>("Other")).contains("no instance"));
    assert!(found(Case::of::<i64>("Trade")).contains("Trade: "));
}

#[test]
fn a_table_without_rows_fails() {
    assert_eq!(problems(round_trips(&[], MODELS)), "the table has no types");
    assert_eq!(problems(SERVED.calls(&[], CALLS)), "the table has no operations");
}

/// An open set that knows one value; a closed one refuses the others.
#[derive(Clone, PartialEq)]
struct Status<const CLOSED: bool>(String);

impl<const CLOSED: bool> fmt::Debug for Status<CLOSED> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == "OPEN" { f.write_str("Open") } else { write!(f, "Unknown({:?})", self.0) }
    }
}

impl<const CLOSED: bool> Serialize for Status<CLOSED> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, const CLOSED: bool> Deserialize<'de> for Status<CLOSED> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if CLOSED && text != "OPEN" {
            return Err(serde::de::Error::custom("unknown"));
        }
        Ok(Self(text))
    }
}

#[test]
fn sets_are_open_and_know_their_values() {
    let sets = |values: &str| format!(r#"{{"sets": {{"Status": {values}}}}}"#);
    let open = [Case::of::<Status<false>>("Status")];
    assert_eq!(problems(round_trips(&open, &sets(r#"["OPEN"]"#))), "");
    let unknown = problems(round_trips(&open, &sets(r#"["OPEN", "CLOSED"]"#)));
    assert!(unknown.contains(r#"does not know "CLOSED""#), "{unknown}");
    let closed = [Case::of::<Status<true>>("Status")];
    let refused = problems(round_trips(&closed, &sets(r#"["OPEN"]"#)));
    assert!(refused.contains("does not keep an unknown value"), "{refused}");
}

const CONTRACT: &str = r#"{
"operations": [
{"id":"shop.trade.pay","method":"POST","path":"/v3/shop/trade/{trade_no}","title":"","request":"pay","response":"total","codes":[]},
{"id":"shop.trade.list","method":"GET","path":"/v3/shop/trade/list","title":"","request":"none","response":"total","codes":[]}
],
"structs": {
"pay": [{"name":"trade_no","place":"path","type":"string","required":true},{"name":"page","place":"query","type":"integer"},{"name":"total","type":"integer"}],
"none": [],
"total": [{"name":"total","type":"integer"}]
},
"enums": {},
"messages": []
}"#;

/// A request with a field in each place, or with some where they do not belong.
#[derive(Clone, Default, PartialEq)]
struct Pay<const FLAW: char> {
    trade_no: String,
    page: Option<i64>,
    total: Option<i64>,
}

impl<const FLAW: char> Model for Pay<FLAW> {
    fn table(&self) -> &'static Table {
        const RIGHT: &Table = &Table::new(
            "Pay",
            &[Field::path("trade_no"), Field::query("page"), Field::body("total")],
        );
        const MOVED: &Table = &Table::new(
            "Pay",
            &[Field::path("trade_no"), Field::body("page"), Field::body("total")],
        );
        if FLAW == 'm' { MOVED } else { RIGHT }
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        Some(match index {
            0 => &self.trade_no,
            1 => &self.page,
            2 => &self.total,
            _ => return None,
        })
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        Some(match index {
            0 => &mut self.trade_no,
            1 => &mut self.page,
            2 => &mut self.total,
            _ => return None,
        })
    }

    fn blank() -> Self {
        Self::default()
    }
}

impl<'de, const FLAW: char> Deserialize<'de> for Pay<FLAW> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut pay = Self::default();
        model::deserialize(&mut pay, deserializer)?;
        Ok(pay)
    }
}

/// The response: all of it, or nothing.
#[derive(Clone, Default)]
struct Paid<const FLAW: char> {
    total: Option<i64>,
}

impl<const FLAW: char> Model for Paid<FLAW> {
    fn table(&self) -> &'static Table {
        const RIGHT: &Table = &Table::new("Paid", &[Field::body("total")]);
        const EMPTY: &Table = &Table::new("Paid", &[]);
        if FLAW == 'e' { EMPTY } else { RIGHT }
    }

    fn field(&self, _: usize) -> Option<&dyn Value> {
        Some(&self.total)
    }

    fn field_mut(&mut self, _: usize) -> Option<&mut dyn Value> {
        Some(&mut self.total)
    }

    fn blank() -> Self {
        Self::default()
    }
}

enum PayCall<const FLAW: char> {}

impl<const FLAW: char> Operation for PayCall<FLAW> {
    type Request = Pay<FLAW>;
    type Response = Paid<FLAW>;
    type Reply = Response<Paid<FLAW>>;
    const INFO: &'static OperationInfo =
        &OperationInfo::new("shop.trade.pay", Method::Post, "/v3/shop/trade/{trade_no}");
}

/// A code that is known, or is not.
#[derive(Debug)]
enum Code<const FLAW: char> {
    Sold,
    Unknown(String),
}

impl<const FLAW: char> From<&str> for Code<FLAW> {
    fn from(text: &str) -> Self {
        if FLAW != 'c' && text == "SOLD" { Self::Sold } else { Self::Unknown(text.to_owned()) }
    }
}

impl<const FLAW: char> fmt::Display for Code<FLAW> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sold => f.write_str("SOLD"),
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

const CALLS: &str = r#"{
  "models": {"Pay": {"all": {"trade_no": "a/b ü", "page": 2, "total": 3}}},
  "calls": {"shop.trade.pay": {"request": "Pay", "codes": ["SOLD"]}}
}"#;

static SERVED: Served = Served::new(CONTRACT);

fn called<const FLAW: char>(instances: &str) -> String {
    let call: testing::Call<PayCall<FLAW>, Code<FLAW>> =
        testing::Call::new(|client, request| Call::new(client, &request));
    let calls: [&dyn Callable; 1] = [&call];
    problems(SERVED.calls(&calls, instances))
}

#[test]
fn an_operation_that_is_called_rightly_passes() {
    assert_eq!(called::<NONE>(CALLS), "");
}

#[test]
fn what_does_not_arrive_is_found() {
    let moved = called::<'m'>(CALLS);
    assert!(moved.contains("unknown field `page`"), "{moved}");
    let response = called::<'e'>(CALLS);
    assert!(response.contains("response: `total` is lost"), "{response}");
    let code = called::<'c'>(CALLS);
    assert!(code.contains("the code SOLD is not known"), "{code}");
    assert!(code.contains("refused with SOLD, which the client reads as Unknown"), "{code}");
    assert!(called::<NONE>("{}").contains("there is no request for it"));
    assert!(called::<NONE>("").contains("not JSON"));
}

#[test]
fn a_contract_that_cannot_be_read_is_an_error() {
    static BROKEN: Served = Served::new("{}");
    let calls: [&dyn Callable; 0] = [];
    assert!(problems(BROKEN.calls(&calls, "{}")).contains("this is no contract"));
    for (right, wrong) in [
        (r#""request":"pay""#, r#""request":"pays""#),
        (r#""required":true"#, r#""requierd":true"#),
        (r#""type":"integer"}],"#, r#""type":{"list":{"enum":"none"}}}],"#),
    ] {
        assert!(CONTRACT.contains(right), "{right}");
        let broken = CONTRACT.replacen(right, wrong, 1);
        let error = alipay_mock::Gateway::builder().contract(broken).start_blocking().unwrap_err();
        assert!(error.to_string().starts_with("this is no contract"), "{error}");
    }
}
