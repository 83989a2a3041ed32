//! Many requests, without a network between.
use std::fmt::Write as _;

use alipay_core::keys::PrivateKey;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::gateway::GatewayBuilder;

const FOLDER: &str = "/v3/alipay/marketing/activity/voucher/";

/// An engine, and the key that signs requests for it.
struct Bench {
    engine: Engine,
    key: PrivateKey,
    sent: u64,
}

impl Bench {
    fn new() -> Self {
        let keys = GatewayKeys::generate().unwrap();
        let key = PrivateKey::parse(keys.app_private_key()).unwrap();
        // 2026-01-01 08:00:00 in Beijing.
        let clock = Clock::fixed(1_767_225_600_000);
        let builder = GatewayBuilder::default().keys(keys).clock(clock);
        let engine = builder.numbers_per_operation(true).engine().unwrap();
        Self { engine, key, sent: 0 }
    }

    fn send(&mut self, method: &str, operation: &str, body: &str) -> Value {
        self.sent += 1;
        let mut pairs = String::new();
        let now = self.engine.clock.now_millis();
        let app_id = &self.engine.app_id;
        write!(pairs, "app_id={app_id},nonce={},timestamp={now}", self.sent).unwrap();
        let target = format!("{FOLDER}{operation}");
        let text = format!("{pairs}\n{method}\n{target}\n{body}\n");
        let sign = self.key.sign(text.as_bytes()).unwrap();
        let header = format!("ALIPAY-SHA256withRSA {pairs},sign={sign}");
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&header).unwrap());
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let (method, body) = (method.to_owned(), body.to_owned().into());
        match self.engine.respond(&RawRequest { method, target, headers, body }) {
            Ending::Respond(_, response) => serde_json::from_slice(&response.body).unwrap(),
            _ => panic!("no response"),
        }
    }

    /// A life in ten requests, some of them refused.
    fn live(&mut self, number: u64) {
        let create = json!({
            "out_biz_no": number.to_string(),
            "merchant_access_mode": "SELF_MODE",
            "publish_start_time": "2026-01-01 00:00:00",
            "publish_end_time": "2026-01-31 23:59:59",
            "voucher_type": "FIX_VOUCHER",
            "voucher_budget_info": {"budget_type": "NO_CASH"},
            "voucher_send_rule": {"voucher_quantity": 5},
            "voucher_use_rule": {
                "available_merchant": {"available_pids": ["2088102111111111"]},
                "fix_voucher": {"amount": "1.00"},
                "voucher_valid_period": {"type": "RELATIVE", "valid_days_after_receive": 7}
            }
        });
        let created = self.send("POST", "create", &create.to_string());
        let id = created["activity_id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned();
        let request = json!({
            "activity_id": id,
            "out_biz_no": number.to_string(),
            "merchant_access_mode": "SELF_MODE"
        });
        let request = request.to_string();
        self.send("POST", "publish", &request);
        self.send("POST", "publish", &request);
        let send = json!({
            "activity_id": id,
            "merchant_access_mode": "SELF_MODE",
            "out_biz_no": id,
            "user_id": number.to_string()
        });
        let issued = self.send("POST", "send", &send.to_string());
        assert!(issued["voucher_id"].is_string(), "{issued}");
        let query = format!("query?activity_id={id}&merchant_access_mode=SELF_MODE");
        assert_eq!(self.send("GET", &query, "")["activity_id"], json!(id));
        self.send("POST", "stop", &request);
        self.send("POST", "stop", "{");
        self.send("POST", "stop", r#"{"unknown":1}"#);
        self.send("POST", "nothing", &"x".repeat(10_000));
        self.send("GET", &format!("stop?{number}"), "");
    }
}

/// The memory of an engine is bounded, and grows little until then.
#[test]
fn ten_thousand_requests_leave_memory_flat() {
    let mut bench = Bench::new();
    for number in 0..200 {
        bench.live(number);
    }
    // Counted for this thread alone: other tests run beside it.
    let grown = allocation_counter::measure(|| {
        for number in 200..1200 {
            bench.live(number);
        }
    })
    .bytes_current;
    assert_eq!(bench.sent, 12_000);
    // 1,000 activities with their vouchers and messages, 5,000 remembered responses, 10,000 nonces.
    assert!(grown < 24 * 1024 * 1024, "{grown} bytes more");
}
