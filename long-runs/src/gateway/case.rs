//! One activity of one connection, held against a [`Model`] and the gateway's record after each call:
//!
//! - a success has happened, once;
//! - what failed as `NotSent` or `Rejected` has changed nothing, and of what was not sent nothing arrived;
//! - what failed as `Unknown` has happened or not, and repeated with its number it happens once;
//! - each change has its message, and there are no others.

use std::time::Instant;

use alipay_voucher::{Outcome, VoucherApi, models::QueryResponse};

use super::{
    calls::{Activity, Results, create_request},
    world::{ATTEMPT, World, name_of},
};
use crate::{
    checked::{Checked, same},
    model::{How, Model, Request, Seen, Step},
};

/// How often a call is made again at most, until it is known what came of it.
const TURNS: usize = 300;

/// Whether the case goes on.
pub(super) enum Done {
    Settled,
    /// A request that the state refuses may still be under way, and would succeed in a later state.
    Abandoned,
}

/// One activity, and what is known of it.
pub(super) struct Case<'a> {
    world: &'a World,
    activity: Activity,
    model: Model,
    /// How many numbers were used.
    numbers: u64,
}

impl<'a> Case<'a> {
    pub(super) async fn create(world: &'a World, case: u64) -> Checked<Self> {
        let name = format!("c{case}");
        let api = VoucherApi::new(world.client.clone());
        let activity = Activity { api, name: name.clone(), id: String::new() };
        let mut new = Self { world, activity, model: Model::new(name), numbers: 0 };
        let number = new.number();
        let request = create_request(&new.activity.name, &number)?;
        let is_there = || {
            let activities = world.gateway.activities();
            activities.iter().any(|activity| name_of(activity) == new.activity.name)
        };
        let mut may_be_there = false;
        for _ in 0..TURNS {
            let result = new.activity.api.create(&request).await;
            world.count(&result).await;
            match result {
                Ok(created) => {
                    may_be_there = true;
                    if let Some(id) = &created.activity_id {
                        new.activity.id.clone_from(id);
                        world.tally.add("change: create");
                        new.agrees(&world.look(&new.activity.id)?)?;
                        return Ok(new);
                    }
                }
                Err(error) if error.outcome() == Outcome::Unknown => may_be_there = true,
                Err(error) if !may_be_there && is_there() => {
                    return Err(format!("an activity was created in spite of {error}"));
                }
                Err(_) => {}
            }
        }
        Err("create never succeeds".to_owned())
    }

    /// What must be.
    pub(super) fn model(&self) -> &Model {
        &self.model
    }

    /// A new `out_biz_no`.
    fn number(&mut self) -> String {
        self.numbers += 1;
        format!("{}-{}", self.activity.name, self.numbers)
    }

    fn agrees(&self, seen: &Seen) -> Checked<()> {
        same("the gateway has", seen, self.model.seen())
    }

    pub(super) async fn step(&mut self, step: &Step) -> Checked<Done> {
        match step {
            Step::Fault(fault) => {
                self.world.gateway.fail_next(fault.parse().map_err(|_| "no such fault")?);
            }
            Step::Call { request, how } => return self.call(request.clone(), *how).await,
            Step::Again { ago, how } if !self.model.known.is_empty() => {
                let (request, number, made) = ago.get(&self.model.known).clone();
                self.again(&request, &number, made.as_deref(), *how).await?;
            }
            Step::Taken { ago, request } if !self.model.known.is_empty() => {
                let (known, number, _) = ago.get(&self.model.known).clone();
                if known != *request {
                    let how = How { encrypted: false, twice: false };
                    let code = "INVALID_PARAMETER";
                    return self.refused(request, &number, how, code).await;
                }
            }
            Step::Query { encrypted } => self.query(*encrypted).await?,
            Step::Complete => {
                let completed = self.world.gateway.complete(&self.activity.id).is_ok();
                same("completed", &completed, &self.model.complete())?;
                if completed {
                    self.world.tally.add("change: takes effect");
                }
            }
            Step::Redeem { ago } if !self.model.vouchers.is_empty() => {
                let index = ago.index(self.model.vouchers.len());
                let redeemed = self.world.gateway.redeem(&self.model.vouchers[index].0).is_ok();
                same("redeemed", &redeemed, &self.model.redeem(index))?;
                if redeemed {
                    self.world.tally.add("change: redeem");
                }
            }
            Step::Again { .. } | Step::Taken { .. } | Step::Redeem { .. } => {}
        }
        self.agrees(&self.world.look(&self.activity.id)?)?;
        Ok(Done::Settled)
    }

    /// A new request, until it is known what came of it.
    async fn call(&mut self, request: Request, how: How) -> Checked<Done> {
        let number = self.number();
        if let Some(code) = self.model.refusal(&request) {
            return self.refused(&request, &number, how, code).await;
        }
        let (before, after) = (self.model.seen().clone(), self.model.after(&request));
        let (mut may_have, mut has) = (false, false);
        for turn in 0..TURNS {
            let how = How { twice: how.twice && turn == 0, ..how };
            let arrived = self.world.arrived(&number);
            let results = self.send(&request, &number, how).await;
            let seen = self.world.look(&self.activity.id)?;
            let what = || format!("{} after {}", number, results.shown());
            if results.any_success() {
                (may_have, has) = (true, true);
            }
            may_have |= results.any(Outcome::Unknown);
            if seen != before || has {
                same(&what(), &seen, &after)?;
                has = true;
            }
            if seen != before && !may_have {
                return Err(format!("it has happened: {}", what()));
            }
            // What was given up in an earlier turn may have arrived only now.
            let not_sent = !may_have && !results.any(Outcome::Rejected);
            if not_sent && self.world.arrived(&number) != arrived {
                return Err(format!("it was sent: {}", what()));
            }
            let made = results.made()?.map(str::to_owned);
            let is_whole = made.is_some() || !matches!(request, Request::Send(_));
            if results.any_success() && is_whole {
                let name = format!("{request:?}");
                let name = name.split('(').next().unwrap_or_default();
                self.world.tally.add(format!("change: {}", name.to_lowercase()));
                self.model.happened(request, number, made);
                return Ok(Done::Settled);
            }
        }
        Err(format!("{request:?} never succeeds"))
    }

    /// A request that is refused with this code, and changes nothing.
    async fn refused(
        &self,
        request: &Request,
        number: &str,
        how: How,
        code: &str,
    ) -> Checked<Done> {
        for _ in 0..TURNS {
            let start = Instant::now();
            let results = self.send(request, number, how).await;
            self.agrees(&self.world.look(&self.activity.id)?)?;
            if results.any_success() {
                return Err(format!("{number} succeeds, and {code} was expected"));
            }
            results.refused(code)?;
            // What was given up may arrive later.
            if start.elapsed() >= ATTEMPT {
                return Ok(Done::Abandoned);
            }
            if results.any(Outcome::Rejected) {
                return Ok(Done::Settled);
            }
        }
        Err(format!("{number} is never refused"))
    }

    /// A request that has succeeded: it has the same response, and changes nothing.
    async fn again(
        &self,
        request: &Request,
        number: &str,
        expected: Option<&str>,
        how: How,
    ) -> Checked<()> {
        for _ in 0..TURNS {
            let results = self.send(request, number, how).await;
            self.agrees(&self.world.look(&self.activity.id)?)?;
            results.refused("none")?;
            if results.any_success() {
                return match results.made()? {
                    Some(made) if Some(made) != expected => {
                        Err(format!("{number} has made {made}, and {expected:?} before"))
                    }
                    _ => Ok(()),
                };
            }
        }
        Err(format!("{number} never succeeds again"))
    }

    async fn query(&self, encrypted: bool) -> Checked<()> {
        for _ in 0..TURNS {
            let result = self.activity.query(encrypted).await;
            self.world.count(&result).await;
            let Ok(found) = result else { continue };
            // Signed, and empty.
            if found.activity_id.is_none() {
                continue;
            }
            let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
            let base = found.activity_base_info.as_ref();
            let inventory = found.voucher_inventory_info.as_ref();
            let status = QueryResponse::status(&found).map(AsRef::as_ref);
            let seen = self.model.seen();
            let name = base.and_then(|base| base.activity_name.as_deref());
            let sent = inventory.and_then(|inventory| inventory.send_count);
            return same(
                "query",
                &(text(found.activity_id.as_deref()), text(status), text(name), sent),
                &(
                    self.activity.id.clone(),
                    seen.status.to_owned(),
                    seen.name.clone(),
                    i64::try_from(seen.sent).ok(),
                ),
            );
        }
        Err("query never succeeds".to_owned())
    }

    async fn send(&self, request: &Request, number: &str, how: How) -> Results {
        let once = || self.activity.send(request, number, how.encrypted);
        let results = if how.twice {
            let (first, second) = tokio::join!(once(), once());
            vec![first, second]
        } else {
            vec![once().await]
        };
        for result in &results {
            self.world.count(result).await;
        }
        Results(results)
    }

    /// Whatever has happened is in the record, and nothing else.
    pub(super) fn end(self) -> Checked<()> {
        self.agrees(&self.world.look(&self.activity.id)?)?;
        let vouchers =
            self.world.gateway.vouchers(&self.activity.id).map_err(|error| error.to_string())?;
        let vouchers: Vec<_> =
            vouchers.into_iter().map(|v| (v.voucher_id, v.used_times > 0)).collect();
        same("vouchers", &vouchers, &self.model.vouchers)?;
        let came = self.world.messages(&self.activity.id)?;
        let own =
            self.model.messages.iter().map(|(kind, about)| ((*kind).to_owned(), about.clone()));
        same("messages", &came, &own.collect())?;
        let name = &self.activity.name;
        self.world.forget((1..=self.numbers).map(|number| format!("{name}-{number}")));
        Ok(())
    }
}
