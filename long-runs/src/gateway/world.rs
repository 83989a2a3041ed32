//! What all connections share: the gateway, the client, and what arrives at both.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use alipay_mock::{Completion, Gateway};
use alipay_voucher::{Client, Error, ErrorKind, RetryBudget, messages::VoucherMessage};
use serde_json::Value;

use crate::{checked::Checked, model::Seen, tally::Tally};

/// Longer than the gateway takes for anything but a fault that hangs.
pub(super) const ATTEMPT: Duration = Duration::from_secs(3);
/// How long a connection waits when the gateway refuses connections.
const PAUSE: Duration = Duration::from_millis(20);

/// What all connections share.
pub(super) struct World {
    pub(super) gateway: Gateway,
    pub(super) client: Client,
    pub(super) tally: Arc<Tally>,
    /// How many requests with a number have arrived.
    arrived: Arc<Mutex<HashMap<String, u64>>>,
    /// The messages of each activity that nobody has looked at yet.
    messages: Mutex<HashMap<String, Vec<(String, String)>>>,
    pub(super) cases: AtomicU64,
}

impl World {
    pub(super) fn new() -> Checked<Self> {
        let tally = Arc::<Tally>::default();
        let arrived = Arc::<Mutex<HashMap<String, u64>>>::default();
        let (of_tally, of_arrived) = (Arc::clone(&tally), Arc::clone(&arrived));
        let builder =
            Gateway::builder().completion(Completion::Manual).on_request(move |request| {
                let status =
                    request.status.map_or("closed".to_owned(), |status| status.to_string());
                of_tally.add(format!("request: {status}"));
                if let Some(fault) = &request.fault {
                    of_tally.add(format!("fault: {fault}"));
                }
                let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
                if let Some(number) = body["out_biz_no"].as_str() {
                    *of_arrived.lock().unwrap().entry(number.to_owned()).or_default() += 1;
                }
            });
        let gateway = builder.start_blocking().map_err(|error| error.to_string())?;
        let client = gateway.client_builder().and_then(|builder| {
            builder
                .attempt_timeout(ATTEMPT)
                .timeout(4 * ATTEMPT)
                .jitter(Duration::from_millis(5))
                .retry_budget(RetryBudget::unlimited())
                .build()
        });
        let client = client.map_err(|error| error.to_string())?;
        let (messages, cases) = (Mutex::default(), AtomicU64::default());
        Ok(Self { gateway, client, tally, arrived, messages, cases })
    }

    /// Counts a call. Waits for a moment when it was not sent: the port is closed then.
    pub(super) async fn count<T>(&self, result: &Result<T, Error>) {
        self.tally.add(match result {
            Ok(_) => "call: success".to_owned(),
            Err(error) => format!("call: {:?}, {:?}", error.outcome(), error.kind()),
        });
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Connect) {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What the gateway holds of an activity.
    pub(super) fn look(&self, id: &str) -> Checked<Seen> {
        let state = self.gateway.activity_state(id).map_err(|error| error.to_string())?;
        let activity = self.gateway.activity(id).ok_or("the activity is lost")?;
        Ok(Seen {
            status: state.status.as_str(),
            operation: state.operation,
            quantity: state.quantity,
            sent: state.sent,
            used: state.used,
            name: name_of(&activity).to_owned(),
        })
    }

    /// Takes the messages that have come, each verified and read as an application does it.
    pub(super) fn collect(&self) -> Checked<()> {
        let mut messages = self.messages.lock().unwrap();
        for message in self.gateway.take_messages().map_err(|error| error.to_string())? {
            let verified = self.client.verify_notification(message.form_body.as_bytes());
            let verified = verified.map_err(|error| error.to_string())?;
            let read = VoucherMessage::from_notification(&verified).map_err(|e| e.to_string())?;
            let (activity, about) = match read {
                VoucherMessage::Created(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Modified(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Appended(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Stopped(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Received(message) => (message.activity_id, message.voucher_id),
                VoucherMessage::Used(message) => (message.activity_id, message.voucher_id),
                other => return Err(format!("nobody expects {}", other.name())),
            };
            let (Some(activity), Some(about)) = (activity, about) else {
                return Err(format!("a message says too little: {}", message.name));
            };
            let kind = message.name.rsplit('.').next().unwrap_or_default().to_owned();
            self.tally.add(format!("message: {kind}"));
            messages.entry(activity).or_default().push((kind, about));
        }
        Ok(())
    }

    /// How many requests with this number have arrived.
    pub(super) fn arrived(&self, number: &str) -> u64 {
        self.arrived.lock().unwrap().get(number).copied().unwrap_or_default()
    }

    /// These numbers are not used again.
    pub(super) fn forget(&self, numbers: impl Iterator<Item = String>) {
        let mut arrived = self.arrived.lock().unwrap();
        for number in numbers {
            arrived.remove(&number);
        }
    }

    /// Takes the messages of an activity: their kinds, and the number or the voucher they are about.
    pub(super) fn messages(&self, id: &str) -> Checked<Vec<(String, String)>> {
        self.collect()?;
        Ok(self.messages.lock().unwrap().remove(id).unwrap_or_default())
    }

    /// No number has made two activities: each has a name of its own.
    pub(super) fn no_twins(&self) -> Checked<()> {
        let mut names = BTreeSet::new();
        for activity in self.gateway.activities() {
            let name = name_of(&activity).split(' ').next().unwrap_or_default().to_owned();
            if let Some(twin) = names.replace(name) {
                return Err(format!("two activities were created for {twin}"));
            }
        }
        Ok(())
    }
}

pub(super) fn name_of(activity: &Value) -> &str {
    activity["activity_base_info"]["activity_name"].as_str().unwrap_or_default()
}
