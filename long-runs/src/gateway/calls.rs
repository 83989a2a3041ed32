//! The calls of a connection, as an application makes them, and what came of them.

use std::collections::BTreeSet;

use alipay_voucher::{
    Error, ErrorKind, Outcome, Response, VoucherApi,
    models::*,
    smallest::{self, Parts},
    value::LocalDateTime,
};

use crate::{
    checked::Checked,
    model::{self, PER_USER, QUANTITY, Request},
};

const MODE: MerchantAccessMode = MerchantAccessMode::SelfMode;
/// The codes of faults.
const CODES: [&str; 3] = ["BUSINESS_HAS_RISK", "app-call-limited", "BIZ_ERROR"];

/// An activity, as its owner calls it.
pub(super) struct Activity {
    pub(super) api: VoucherApi,
    pub(super) name: String,
    /// Empty until it is created.
    pub(super) id: String,
}

impl Activity {
    pub(super) async fn query(&self, encrypted: bool) -> Result<Response<QueryResponse>, Error> {
        let call = self.api.query(QueryRequest::new(&self.id, MODE));
        if encrypted { call.encrypted().await } else { call.await }
    }

    /// Sends a request. The id is that of the voucher, if one was sent.
    pub(super) async fn send(
        &self,
        request: &Request,
        number: &str,
        encrypted: bool,
    ) -> Result<Option<String>, Error> {
        macro_rules! sent {
            ($call:expr) => {{
                let call = $call;
                if encrypted { call.encrypted().await? } else { call.await? }
            }};
        }
        let (api, id) = (&self.api, &self.id);
        let number = number.parse().unwrap();
        match request {
            Request::Publish => drop(sent!(api.publish(PublishRequest::new(id, number, MODE)))),
            Request::Append(total) => {
                let total = i64::try_from(*total).unwrap();
                drop(sent!(api.append(AppendRequest::new(id, number, MODE, total))));
            }
            Request::Rename(name) => {
                let name = model::renamed(&self.name, *name);
                let base = ActivityBaseInfo::new().activity_id(id).activity_name(name);
                drop(sent!(api.modify(ModifyRequest::new(number, MODE, base))));
            }
            Request::Stop => drop(sent!(api.stop(StopRequest::new(id, number, MODE)))),
            Request::Send(user) => {
                let request = SendRequest::new(id, number, MODE);
                let sent = sent!(api.send(request.user_id(format!("20880000000000{user:02}"))));
                return Ok(sent.voucher_id.clone());
            }
        }
        Ok(None)
    }
}

/// What came of calls with the same number at the same time.
pub(super) struct Results(pub(super) Vec<Result<Option<String>, Error>>);

impl Results {
    pub(super) fn any_success(&self) -> bool {
        self.0.iter().any(Result::is_ok)
    }

    pub(super) fn any(&self, outcome: Outcome) -> bool {
        self.0.iter().any(|result| result.as_ref().is_err_and(|e| e.outcome() == outcome))
    }

    /// What was refused at last was refused with this code, or with that of a fault.
    pub(super) fn refused(&self, code: &str) -> Checked<()> {
        let errors = self.0.iter().filter_map(|result| result.as_ref().err());
        let mut rejected = errors
            .filter(|error| error.outcome() == Outcome::Rejected && error.kind() == ErrorKind::Api);
        let other = rejected.find(|error| {
            error.code_text().is_none_or(|found| found != code && !CODES.contains(&found))
        });
        other.map_or(Ok(()), |error| Err(format!("expected {code}, got {error}")))
    }

    /// The id that a success has; all have the same.
    pub(super) fn made(&self) -> Checked<Option<&str>> {
        let made: BTreeSet<&str> =
            self.0.iter().filter_map(|r| r.as_ref().ok()?.as_deref()).collect();
        if made.len() > 1 {
            return Err(format!("one number has made two things: {made:?}"));
        }
        Ok(made.first().copied())
    }

    pub(super) fn shown(&self) -> String {
        let shown = self.0.iter().map(|result| match result {
            Ok(_) => "success".to_owned(),
            Err(error) => format!("{:?}: {error}", error.outcome()),
        });
        shown.collect::<Vec<_>>().join("; ")
    }
}

pub(super) fn create_request(name: &str, number: &str) -> Checked<CreateRequest> {
    let now = LocalDateTime::try_from(std::time::SystemTime::now()).map_err(|e| e.to_string())?;
    let number = number.parse().map_err(|_| "no number")?;
    let parts = Parts {
        quantity: u32::try_from(QUANTITY).unwrap(),
        ..Parts::sample(number, "2088102111111111", now)
    };
    let mut request = smallest::no_cash(parts);
    request.activity_base_info.activity_name = Some(name.to_owned());
    let mode = &mut request.voucher_send_mode_info;
    mode.voucher_send_rule_info.as_mut().unwrap().quantity_limit_per_user =
        Some(i64::try_from(PER_USER).unwrap());
    Ok(request)
}
