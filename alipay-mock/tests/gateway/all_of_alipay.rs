//! Without settings, a gateway serves all of Alipay's operations.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use alipay_mock::Gateway;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::support::{Call, Reply, builder, exchange, gateway, parse};

/// What is served, the contracts that know most last.
const CONTRACTS: [&str; 3] = [
    include_str!("../../src/contract/alipay.json"),
    include_str!("../../src/contract/alipay-marketing.json"),
    include_str!("../../src/contract/alipay-voucher.json"),
];
/// How many operations Alipay's description of 2026-09-23 has.
const COUNT: usize = 746;

/// An operation, and the contract that it is served by.
struct Served<'a> {
    operation: &'a Value,
    contract: &'a Value,
}

impl Served<'_> {
    fn text(&self, name: &str) -> &str {
        self.operation[name].as_str().unwrap()
    }

    /// The fields of its request or response.
    fn fields(&self, of: &str) -> &[Value] {
        self.contract["structs"][self.text(of)].as_array().unwrap()
    }

    fn placed(&self, place: Option<&str>) -> impl Iterator<Item = &Value> {
        self.fields("request").iter().filter(move |field| field["place"].as_str() == place)
    }

    /// The required fields of a struct, with the least that they can be.
    fn least(&self, fields: &[&Value]) -> Map<String, Value> {
        let required = fields.iter().filter(|field| field["required"] == true);
        required
            .map(|field| (field["name"].as_str().unwrap().to_owned(), self.value(field)))
            .collect()
    }

    fn value(&self, field: &Value) -> Value {
        let ty = &field["type"];
        if let Some(id) = ty["struct"].as_str() {
            let fields: Vec<_> = self.contract["structs"][id].as_array().unwrap().iter().collect();
            return self.least(&fields).into();
        }
        if let Some(id) = ty["enum"].as_str() {
            return self.contract["enums"][id]["values"][0].clone();
        }
        match ty.as_str() {
            Some("integer" | "number") => json!(1),
            Some("boolean") => json!(true),
            Some("yuan" | "decimal") => json!("1.00"),
            Some("date_time") => json!("2026-01-01 00:00:00"),
            Some("string") => field.get("example").map_or(json!("1"), |example| match example {
                Value::String(text) => json!(text),
                other => json!(other.to_string()),
            }),
            _ if ty.get("list").is_some() => json!([]),
            _ if ty.get("json_string").is_some() => json!("[]"),
            _ => panic!("{field}"),
        }
    }

    /// What of an object is not as its type says; each kind of fact is looked at here, and not by the gateway's own checks.
    fn faults(&self, id: &str, value: &Value, at: &str) -> Vec<String> {
        let Some(members) = value.as_object() else { return vec![format!("{at} is no object")] };
        let fields = self.contract["structs"][id].as_array().unwrap();
        let known = |name: &str| fields.iter().find(|field| field["name"] == *name);
        let faults = members.iter().flat_map(|(name, value)| {
            let at = format!("{at}.{name}");
            let Some(field) = known(name) else { return vec![format!("{at} is unknown")] };
            let mut faults = self.misfit(&field["type"], value, &at);
            for limit in field["limits"].as_array().into_iter().flatten() {
                let (bound, limit) = limit["bound"].as_object().unwrap().iter().next().unwrap();
                let text = value.as_str().unwrap_or_default();
                let chars = json!(text.chars().count()).as_u64();
                let items = value.as_array().map(|items| items.len() as u64);
                let number = || value.as_f64().unwrap_or_else(|| text.parse().unwrap());
                let other = || limit.as_str().unwrap().parse::<f64>().unwrap();
                let right = match bound.as_str() {
                    "min_length" => chars >= limit.as_u64(),
                    "max_length" => chars <= limit.as_u64(),
                    "min_items" => items >= limit.as_u64(),
                    "max_items" => items <= limit.as_u64(),
                    "minimum" => number() >= other(),
                    "maximum" => number() <= other(),
                    bound => panic!("{at}: {bound} has to be looked at, too"),
                };
                if !right {
                    faults.push(format!("{at} is {value}, against {bound} {limit}"));
                }
            }
            faults
        });
        faults.collect()
    }

    fn misfit(&self, ty: &Value, value: &Value, at: &str) -> Vec<String> {
        if let Some(id) = ty["struct"].as_str() {
            return self.faults(id, value, at);
        }
        if let (Some(inner), Some(items)) = (ty.get("list"), value.as_array()) {
            return items.iter().flat_map(|item| self.misfit(inner, item, at)).collect();
        }
        if let (Some(inner), Some(entries)) = (ty.get("map"), value.as_object()) {
            return entries.values().flat_map(|value| self.misfit(inner, value, at)).collect();
        }
        let text = value.as_str();
        if let (Some(inner), Some(text)) = (ty.get("json_string"), text) {
            return self.misfit(inner, &serde_json::from_str(text).unwrap(), at);
        }
        let has_form = |form: &str| {
            text.is_some_and(|text| {
                let right = |(given, wanted): (char, char)| match wanted {
                    '0' => given.is_ascii_digit(),
                    other => given == other,
                };
                text.len() == form.len() && text.chars().zip(form.chars()).all(right)
            })
        };
        let decimal = text.and_then(|text| text.parse::<f64>().ok());
        let right = match ty.as_str() {
            Some("any") => true,
            Some("string") => text.is_some(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("yuan") => {
                let cents =
                    text.and_then(|text| text.split_once('.')).map(|(_, cents)| cents.len());
                decimal.is_some() && cents == Some(2)
            }
            Some("decimal") => decimal.is_some(),
            Some("date_time") => has_form("0000-00-00 00:00:00"),
            Some("date") => has_form("0000-00-00"),
            Some("time") => has_form("00:00:00"),
            _ => {
                let listed = &self.contract["enums"][ty["enum"].as_str().unwrap_or_default()];
                let values = listed["values"].as_array();
                let is_known = values.is_some_and(|values| values.contains(value));
                text.is_some() && (is_known || listed["inferred"] == true)
            }
        };
        if right { Vec::new() } else { vec![format!("{at} is {value}, and no {ty}")] }
    }

    /// The least request, with more in its query.
    fn request<'a>(&self, gateway: &'a Gateway, more: &str) -> Call<'a> {
        let query: Vec<_> = self.placed(Some("query")).collect();
        let mut query: Vec<_> = self
            .least(&query)
            .iter()
            .map(|(name, value)| format!("{name}={}", in_query(value)))
            .collect();
        query.extend((!more.is_empty()).then(|| more.to_owned()));
        let path = self.text("path").split('/');
        let path: Vec<_> =
            path.map(|part| if part.starts_with('{') { "1" } else { part }).collect();
        let mut target = path.join("/");
        if !query.is_empty() {
            write!(target, "?{}", query.join("&")).unwrap();
        }
        let body: Vec<_> = self.placed(None).collect();
        let data = Value::Object(self.least(&body)).to_string();
        let (method, files) = (self.text("method"), self.placed(Some("file")).collect::<Vec<_>>());
        if !files.is_empty() {
            let mut parts =
                format!("--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{data}\r\n");
            for file in files {
                let name = file["name"].as_str().unwrap();
                write!(parts, "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\nx\r\n").unwrap();
            }
            parts.push_str("--b--\r\n");
            let call = Call::new(gateway, method, &target, parts.clone());
            let signed = call.right_text().replace(&parts, &data);
            return call.content_type("multipart/form-data; boundary=b").signed(signed);
        }
        let bodiless = body.is_empty() || matches!(method, "GET" | "DELETE");
        Call::new(gateway, method, &target, if bodiless { String::new() } else { data })
    }

    /// Its own code for bad parameters, or the gateway's.
    fn refusal(&self) -> &str {
        let codes = self.operation["codes"].as_array().unwrap();
        let own = ["INVALID_PARAMETER", "ACQ.INVALID_PARAMETER"];
        let own = own.into_iter().find(|own| codes.iter().any(|code| code == own));
        own.unwrap_or("invalid-parameter")
    }
}

/// A value as it is written in a query.
fn in_query(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
}

/// What is wrong with the response to an operation's request.
fn success(gateway: &Gateway, served: &Served<'_>) -> Result<(), String> {
    let reply = served.request(gateway, "").send();
    if reply.status != 200 {
        return Err(format!("{} {}", reply.status, reply.body));
    }
    reply.verify()?;
    let trace_id = reply.header("alipay-trace-id").ok_or("no trace id")?;
    let record = gateway.request(trace_id).ok_or("no record")?;
    if record.operation.as_deref() != Some(served.text("id")) {
        return Err(format!("is received as {:?}", record.operation));
    }
    let faults = served.faults(served.text("response"), &reply.json(), "");
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    let shown = reply.json();
    let shown: BTreeSet<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    let fields = served.fields("response").iter();
    let fields: BTreeSet<&str> = fields.map(|field| field["name"].as_str().unwrap()).collect();
    if shown == fields { Ok(()) } else { Err(format!("has {shown:?} instead of {fields:?}")) }
}

/// What is wrong with its refusal.
fn refusal(gateway: &Gateway, served: &Served<'_>) -> Result<(), String> {
    let reply = served.request(gateway, "no_such_field=1").send();
    let issue = reply.json()["details"][0]["issue"].clone();
    if (reply.status, reply.code().as_str(), issue)
        == (400, served.refusal(), json!("UNKNOWN_FIELD"))
    {
        reply.verify()
    } else {
        Err(format!("is refused with {} {}", reply.status, reply.body))
    }
}

#[test]
fn every_operation_is_called_and_refused() {
    let contracts = CONTRACTS.map(|text| serde_json::from_str::<Value>(text).unwrap());
    let mut all = BTreeMap::new();
    for contract in &contracts {
        for operation in contract["operations"].as_array().unwrap() {
            all.insert(operation["id"].as_str().unwrap(), Served { operation, contract });
        }
    }
    assert_eq!(all.len(), COUNT);
    let gateway = builder().with_examples_only().sign_gateway_errors(true);
    let gateway = gateway.start_blocking().unwrap();
    let mut wrong = String::new();
    for (id, served) in &all {
        for outcome in [success(&gateway, served), refusal(&gateway, served)] {
            if let Err(problem) = outcome {
                writeln!(wrong, "{id} {problem}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn get(gateway: &Gateway, target: &str) -> Reply {
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    parse(&exchange(gateway, request.as_bytes()).unwrap()).unwrap()
}

#[test]
fn the_page_and_the_list_find_operations() {
    let gateway = gateway();
    let page = |target: &str| get(&gateway, target).body;
    assert!(page("/").len() < 24_000, "{}", page("/").len());
    assert!(page("/").contains("17 of 746") && !page("/").contains("alipay.trade.query"));
    let found = page("/?find=Trade.Q");
    assert!(found.contains("<code>POST /v3/alipay/trade/query</code>"), "{found}");
    assert!(page("/?find=%3Ci%3E").contains("0 of 746 operations"));
    assert!(!page("/?find=%3Ci%3E").contains("<i>"));
    let list = |query: &str| get(&gateway, &format!("/_mock/operations{query}")).json();
    assert_eq!(list("").as_array().unwrap().len(), COUNT);
    let found = list("?find=alipay.trade.pay");
    assert_eq!(found[0]["operation"], "alipay.trade.pay");
    assert_eq!(list("?find=activity.voucher.create")[0]["stateful"], true);
}

#[test]
fn a_path_that_is_nearly_right_is_named() {
    let gateway = gateway();
    let message = |path: &str| Call::new(&gateway, "POST", path, "{}").send().message();
    for slip in [
        "/v3/alipay/trade/qeury",
        "/v3/alipay.trade.query",
        "/alipay/trade/query",
        "/v3/alipay/trade/query/",
        "/v3/Alipay/Trade/Query",
    ] {
        let message = message(slip);
        assert!(message.ends_with("; did you mean POST /v3/alipay/trade/query?"), "{message}");
    }
    let voucher = message("/v3/alipay/marketing/activity/vouchers/create");
    assert!(voucher.ends_with("POST /v3/alipay/marketing/activity/voucher/create?"), "{voucher}");
    let within = message("/v3/alipay/marketing/activity/20160427007/apps/batchquery");
    assert!(within.contains("/{activity_id}/app/batchquery?"), "{within}");
    // The id of an operation is not always its path.
    let by_id = message("/v3/ant/merchant/expand/shop/query");
    assert!(by_id.ends_with("; did you mean GET /v3/ant/merchant/shop?"), "{by_id}");
    assert_eq!(message("/v3/nowhere"), "no operation has the path /v3/nowhere");
    let get = Call::new(&gateway, "GET", "/v3/alipay/trade/query", "").send();
    assert_eq!((get.status, get.message().as_str()), (405, "this path takes POST only"));
}

#[test]
fn personal_data_of_all_operations_is_hidden() {
    let gateway = gateway();
    let body = json!({"out_trade_no": "1", "buyer_id": "2088000000000001", "terminal_id": "t1"});
    let pay = Call::new(&gateway, "POST", "/v3/alipay/trade/create", body.to_string()).send();
    assert_eq!(pay.status, 200, "{}", pay.body);
    let shown = get(&gateway, "/_mock/requests").json();
    assert_eq!(shown[0]["operation"], "alipay.trade.create");
    assert_eq!(
        (&shown[0]["body"]["buyer_id"], &shown[0]["body"]["out_trade_no"]),
        (&json!("***"), &json!("1"))
    );
}
