//! The messages that the service sends.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::ids::Ids;
use crate::protocol::message::Notice;

/// How many messages are kept. The oldest are dropped first.
const CAPACITY: usize = 10_000;

/// What has happened to an activity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    Created,
    Appended,
    Modified,
    Stopped,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "alipay.marketing.activity.message.created",
            Self::Appended => "alipay.marketing.activity.message.appended",
            Self::Modified => "alipay.marketing.activity.message.modified",
            Self::Stopped => "alipay.marketing.activity.message.stopped",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Appended => "APPENDED",
            Self::Modified => "MODIFIED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// Who received a voucher.
#[derive(Clone, Copy)]
pub(crate) enum Recipient<'a> {
    User(&'a str),
    Open(&'a str),
}

#[derive(Default)]
pub(crate) struct Outbox {
    notices: VecDeque<Notice>,
    /// The messages that are still to be delivered; `None` if nothing is delivered.
    undelivered: Option<VecDeque<Notice>>,
}

impl Outbox {
    /// Sends that an operation has taken effect.
    pub(crate) fn changed(
        &mut self,
        ids: &mut Ids,
        event: Event,
        activity_id: &str,
        out_biz_no: &str,
        at_millis: i64,
    ) {
        let content = json!({
            "id": ids.event(event.kind(), at_millis / 1000),
            "activity_id": activity_id,
            "event_time": at_millis.to_string(),
            "out_biz_no": out_biz_no,
        });
        self.push(ids, event.name(), content, at_millis);
    }

    /// Sends that a user has received a voucher.
    pub(crate) fn received(
        &mut self,
        ids: &mut Ids,
        activity_id: &str,
        voucher_id: &str,
        recipient: Recipient<'_>,
        at_millis: i64,
    ) {
        // `receive_user_id` is known from a public handler. The field for open ids is inferred.
        let (field, user) = match recipient {
            Recipient::User(id) => ("receive_user_id", id),
            Recipient::Open(id) => ("receive_open_id", id),
        };
        let content = json!({
            "id": ids.event("RECEIVED", at_millis / 1000),
            "activity_id": activity_id,
            "event_time": at_millis.to_string(),
            "voucher_id": voucher_id,
            field: user,
        });
        let name = "alipay.marketing.activity.message.received";
        self.push(ids, name, content, at_millis);
    }

    /// Keeps messages for delivery from now on.
    pub(crate) fn deliver(&mut self) {
        self.undelivered.get_or_insert_default();
    }

    /// Takes the messages that are to be delivered, oldest first.
    pub(crate) fn take_undelivered(&mut self) -> Vec<Notice> {
        self.undelivered.iter_mut().flat_map(std::mem::take).collect()
    }

    /// All messages that wait, oldest first.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.notices.iter().cloned().collect()
    }

    /// Takes all messages that wait, oldest first.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices).into()
    }

    fn push(&mut self, ids: &mut Ids, name: &str, content: Value, at_millis: i64) {
        let notify_id = ids.notification(at_millis / 1000);
        let name = name.to_owned();
        let notice = Notice { name, notify_id, utc_millis: at_millis, content };
        for queue in self.undelivered.iter_mut().chain([&mut self.notices]) {
            if queue.len() >= CAPACITY {
                queue.pop_front();
            }
            queue.push_back(notice.clone());
        }
    }
}
