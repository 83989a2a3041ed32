//! What happens to activities and vouchers from outside: payments, the review, other tools of the merchant, redemption.

use super::activity::{Activity, Audit, Pending};
use super::service::Service;
use super::state::{
    ActivityState, ActivityStatus, Completion, ControlError, LONGEST_REASON, Review, VoucherState,
    WaitsFor,
};
use crate::error::excerpt;

type Result<T> = std::result::Result<T, ControlError>;

impl Service {
    /// How an activity's life goes.
    pub(crate) fn state(&mut self, activity_id: &str, now_millis: i64) -> Result<ActivityState> {
        let activity = self.known_activity(activity_id, now_millis)?;
        let (quantity, sent, used) = activity.counts();
        let pending = activity.pending.as_ref();
        Ok(ActivityState {
            activity_id: activity_id.to_owned(),
            status: activity.status(now_millis / 1000),
            operation: pending.map(|pending| pending.change.status()),
            waits_for: pending.map(|pending| pending.wait),
            audit_result: activity.audit.as_ref().map(Audit::result),
            quantity,
            sent,
            used,
        })
    }

    /// What has become of a voucher.
    pub(crate) fn voucher(&mut self, voucher_id: &str, now_millis: i64) -> Result<VoucherState> {
        self.settle(now_millis);
        let voucher = self.issued.find(voucher_id);
        let state = voucher.and_then(|voucher| voucher.state(now_millis / 1000));
        state.ok_or_else(|| ControlError::UnknownVoucher(excerpt(voucher_id)))
    }

    /// The vouchers of an activity that were sent, oldest first, at most `most`.
    pub(crate) fn vouchers(
        &mut self,
        activity_id: &str,
        most: usize,
        now_millis: i64,
    ) -> Result<Vec<VoucherState>> {
        self.known_activity(activity_id, now_millis)?;
        let vouchers = self.issued.of_activity(activity_id);
        Ok(vouchers.filter_map(|voucher| voucher.state(now_millis / 1000)).take(most).collect())
    }

    /// The newest vouchers of all activities, newest first, at most `most`.
    pub(crate) fn newest_vouchers(&mut self, most: usize, now_millis: i64) -> Vec<VoucherState> {
        self.settle(now_millis);
        let newest = self.issued.newest().take(most);
        newest.filter_map(|voucher| voucher.state(now_millis / 1000)).collect()
    }

    /// Pays the budget of an accepted publish or append.
    pub(crate) fn pay(&mut self, activity_id: &str, now_millis: i64) -> Result<ActivityState> {
        let activity = self.known_activity(activity_id, now_millis)?;
        match activity.pending.take() {
            Some(Pending { change, out_biz_no, wait: WaitsFor::Payment { .. } }) => {
                self.schedule(activity_id, change, &out_biz_no, now_millis);
                self.state(activity_id, now_millis)
            }
            other => {
                activity.pending = other;
                let expired = activity.unpaid && activity.pending.is_none();
                Err(if expired { ControlError::LinkExpired } else { ControlError::NothingToPay })
            }
        }
    }

    /// Has the review reject an accepted publish.
    pub(crate) fn reject(
        &mut self,
        activity_id: &str,
        reason: &str,
        now_millis: i64,
    ) -> Result<ActivityState> {
        let activity = self.known_activity(activity_id, now_millis)?;
        check_reason(reason)?;
        if !activity.reject(reason) {
            return Err(ControlError::NothingToReject);
        }
        // The next publish has a time of its own.
        self.due.retain(|_, id| id != activity_id);
        self.state(activity_id, now_millis)
    }

    /// What the review does with each publish that takes effect from now on.
    pub(crate) fn set_review(&mut self, review: Review) -> Result<()> {
        if let Review::Reject(reason) = &review {
            check_reason(reason)?;
        }
        self.settings.review = review;
        Ok(())
    }

    /// Whether query has the fields of the older style, too, for what was sent in the newer one.
    pub(crate) fn set_old_twins(&mut self, old_twins: bool) {
        self.settings.old_twins = old_twins;
    }

    /// When operations take effect that are accepted from now on.
    pub(crate) fn set_completion(&mut self, completion: Completion) {
        self.settings.completion = completion;
    }

    /// The same, for one activity.
    pub(crate) fn set_completion_of(
        &mut self,
        activity_id: &str,
        completion: Completion,
        now_millis: i64,
    ) -> Result<ActivityState> {
        self.known_activity(activity_id, now_millis)?.completion = Some(completion);
        self.state(activity_id, now_millis)
    }

    /// Completes the accepted change of an activity.
    pub(crate) fn complete(&mut self, activity_id: &str, now_millis: i64) -> Result<ActivityState> {
        let activity = self.known_activity(activity_id, now_millis)?;
        match activity.pending.as_ref().map(|pending| pending.wait) {
            None => return Err(ControlError::NothingToComplete),
            Some(WaitsFor::Payment { .. }) => return Err(ControlError::WaitsForPayment),
            Some(WaitsFor::Time { .. } | WaitsFor::Command) => {}
        }
        self.due.retain(|_, id| id != activity_id);
        self.finish(activity_id, now_millis);
        self.state(activity_id, now_millis)
    }

    /// Completes all changes that do not wait for a payment, due or not.
    pub(crate) fn complete_pending(&mut self, now_millis: i64) {
        self.settle(now_millis);
        let mut ids: Vec<String> = std::mem::take(&mut self.due).into_values().collect();
        let waiting = self.activities.iter().filter(|(_, activity)| {
            activity.pending.as_ref().is_some_and(|pending| pending.wait == WaitsFor::Command)
        });
        let mut waiting: Vec<String> = waiting.map(|(id, _)| id.clone()).collect();
        // Ids grow, so the order is that of creation.
        waiting.sort_unstable();
        ids.extend(waiting);
        for id in ids {
            self.finish(&id, now_millis);
        }
    }

    /// Pauses an activity, or has it go on. Documented: the status. No operation of the description leads to it.
    pub(crate) fn pause(
        &mut self,
        activity_id: &str,
        paused: bool,
        now_millis: i64,
    ) -> Result<ActivityState> {
        let activity = self.known_activity(activity_id, now_millis)?;
        match (activity.status(now_millis / 1000), paused) {
            (ActivityStatus::Active, true) | (ActivityStatus::Pause, false) => {
                activity.pause(paused);
            }
            (status, true) => return Err(ControlError::NotActive(status)),
            (status, false) => return Err(ControlError::NotPaused(status)),
        }
        self.state(activity_id, now_millis)
    }

    /// Uses up the vouchers of an activity, as if others had received them.
    pub(crate) fn exhaust(&mut self, activity_id: &str, now_millis: i64) -> Result<ActivityState> {
        self.known_activity(activity_id, now_millis)?.exhaust();
        self.state(activity_id, now_millis)
    }

    /// Redeems a voucher, as a payment would. Inferred: that its activity is paused or has ended does not matter.
    pub(crate) fn redeem(&mut self, voucher_id: &str, now_millis: i64) -> Result<VoucherState> {
        self.settle(now_millis);
        let now = now_millis / 1000;
        let unknown = || ControlError::UnknownVoucher(excerpt(voucher_id));
        let voucher = self.issued.find(voucher_id).ok_or_else(unknown)?;
        let activity = self.activities.get_mut(&voucher.activity_id).ok_or_else(unknown)?;
        voucher.check(now)?;
        if let Some(period) = activity.uses_exceeded(&voucher.user, now) {
            return Err(ControlError::UserLimit(period));
        }
        activity.count_use(&voucher.user, now);
        let voucher = self.issued.redeem(voucher_id).ok_or_else(unknown)?;
        // Inferred: the fields are those of the message that a voucher has expired.
        self.tell_of("used", &voucher, now_millis);
        voucher.state(now).ok_or_else(unknown)
    }

    fn known_activity(&mut self, activity_id: &str, now_millis: i64) -> Result<&mut Activity> {
        self.settle(now_millis);
        let activity = self.activities.get_mut(activity_id);
        let activity =
            activity.ok_or_else(|| ControlError::UnknownActivity(excerpt(activity_id)))?;
        activity.expire_payment(now_millis);
        Ok(activity)
    }
}

fn check_reason(reason: &str) -> Result<()> {
    if reason.chars().count() > LONGEST_REASON { Err(ControlError::ReasonTooLong) } else { Ok(()) }
}
