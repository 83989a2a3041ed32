//! Delivers messages to the application gateway URL.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::settings::{Delivery, DeliveryAttempt, DeliveryError};
use crate::engine::Engine;
use crate::protocol::message::{Notice, NoticeKind};

/// How many attempts are kept, and how many messages wait; the oldest are dropped first.
const CAPACITY: usize = 1000;
/// How long messages are collected before they are sent in reverse order.
const GATHERING: Duration = Duration::from_millis(150);
/// How often the service is asked for messages that have become due.
const TICK: Duration = Duration::from_millis(50);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A message in the queue.
#[derive(Clone)]
struct Queued {
    notice: Notice,
    delivery: Delivery,
    tried: u32,
    /// Whether it is sent again until it is accepted.
    retry: bool,
    /// How many more times it is sent at once.
    duplicates: u32,
}

impl Queued {
    fn once(notice: Notice, delivery: Delivery) -> Self {
        Self { notice, delivery, tried: 0, retry: false, duplicates: 0 }
    }
}

#[derive(Default)]
struct Queues {
    waiting: VecDeque<Queued>,
    /// The last messages that were sent. They can be sent again on demand.
    sent: VecDeque<Queued>,
    attempts: VecDeque<DeliveryAttempt>,
}

/// Delivers messages. Clones share their queues.
#[derive(Clone, Default)]
pub(crate) struct Sender {
    queues: Arc<Mutex<Queues>>,
}

impl Sender {
    /// Delivers until `stop` changes. The service's messages go to `delivery`, if there is one.
    pub(crate) async fn run(
        self,
        engine: Arc<Engine>,
        delivery: Option<Delivery>,
        mut stop: watch::Receiver<bool>,
    ) {
        let work = async {
            loop {
                tokio::select! {
                    () = engine.woken() => {}
                    () = sleep(TICK), if delivery.is_some() || engine.orders().are_waiting() => {}
                }
                self.collect(&engine, delivery.as_ref()).await;
                self.send_all(&engine).await;
            }
        };
        tokio::select! {
            () = work => {}
            _ = stop.changed() => {}
        }
    }

    /// Sends a message once, to a place of its own.
    pub(crate) fn send_once(&self, engine: &Engine, notice: Notice, delivery: Delivery) {
        self.push(Queued::once(notice, delivery));
        engine.wake_sender();
    }

    /// Sends a message again that was sent with this `notify_id`; false when there is none.
    pub(crate) fn redeliver(&self, engine: &Engine, notify_id: &str) -> bool {
        let sent = {
            let queues = self.queues();
            queues.sent.iter().rev().find(|sent| sent.notice.notify_id == notify_id).cloned()
        };
        let Some(Queued { notice, delivery, .. }) = sent else { return false };
        self.send_once(engine, notice, delivery);
        true
    }

    pub(crate) fn attempts(&self) -> Vec<DeliveryAttempt> {
        self.queues().attempts.iter().cloned().collect()
    }

    fn queues(&self) -> std::sync::MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, queued: Queued) {
        bounded(&mut self.queues().waiting, queued);
    }

    /// Queues the messages that the services have sent: those of payments go to the URLs of their orders, with or without a
    /// `delivery` for the others.
    async fn collect(&self, engine: &Engine, delivery: Option<&Delivery>) {
        // Many vouchers can expire at once: what does not fit into the queue comes later.
        let room = || CAPACITY.saturating_sub(self.queues().waiting.len());
        let take = |most| {
            let mut notices = engine.settled_orders().outbox.take_undelivered(most);
            let rest = most.saturating_sub(notices.len());
            notices.extend(engine.settled().outbox.take_undelivered(rest));
            notices
        };
        let mut notices = take(room());
        if delivery.is_some_and(|delivery| delivery.disorder) && !notices.is_empty() {
            sleep(GATHERING).await;
            notices.extend(take(room().saturating_sub(notices.len())));
            notices.reverse();
        }
        for notice in notices {
            let delivery = match (&notice.kind, delivery) {
                (NoticeKind::Message, Some(delivery)) => Ok(delivery.clone()),
                (NoticeKind::Message, None) => continue,
                (NoticeKind::Payment { notify_url }, Some(usual)) => usual.redirected(notify_url),
                (NoticeKind::Payment { notify_url }, None) => Delivery::to(notify_url),
            };
            match delivery {
                Ok(delivery) => {
                    let duplicates = delivery.duplicates;
                    let queued = Queued::once(notice, delivery);
                    self.push(Queued { retry: true, duplicates, ..queued });
                }
                Err(e) => self.note(engine, notice, e),
            }
        }
    }

    /// Keeps that a notification cannot be posted.
    fn note(&self, engine: &Engine, notice: Notice, error: DeliveryError) {
        let NoticeKind::Payment { notify_url } = notice.kind else { return };
        let DeliveryError(reason) = error;
        let attempt = DeliveryAttempt::new(notice.name, notice.notify_id, notify_url, Err(reason));
        bounded(&mut self.queues().attempts, attempt);
        engine.changed();
    }

    async fn send_all(&self, engine: &Arc<Engine>) {
        loop {
            let Some(mut queued) = self.queues().waiting.pop_front() else { return };
            // Duplicates do not wait in the queue, where they would displace other messages.
            let duplicates = std::mem::take(&mut queued.duplicates);
            self.send(engine, queued.clone()).await;
            queued.retry = false;
            for _ in 0..duplicates {
                self.send(engine, queued.clone()).await;
            }
        }
    }

    async fn send(&self, engine: &Arc<Engine>, mut queued: Queued) {
        queued.tried += 1;
        let Delivery { target, url, encryption, .. } = &queued.delivery;
        let reply = match queued.notice.form_body(&engine.app_id, &engine.keys, *encryption) {
            Ok(form) => target.post(form).await,
            Err(e) => Err(e.to_string()),
        };
        let Notice { name, notify_id, .. } = queued.notice.clone();
        let attempt = DeliveryAttempt::new(name, notify_id, url.clone(), reply);
        let accepted = attempt.accepted;
        {
            let mut all = self.queues();
            bounded(&mut all.attempts, attempt);
            bounded(&mut all.sent, queued.clone());
        }
        engine.changed();
        if !accepted && queued.retry && queued.tried < queued.delivery.attempts {
            let doublings = queued.tried.saturating_sub(1).min(16);
            let pause = queued.delivery.pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
            let (sender, engine) = (self.clone(), Arc::clone(engine));
            // Other messages do not wait for it. So they may arrive out of order, as at Alipay.
            tokio::spawn(async move {
                sleep(pause).await;
                sender.push(queued);
                engine.wake_sender();
            });
        }
    }
}

fn bounded<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() >= CAPACITY {
        queue.pop_front();
    }
    queue.push_back(item);
}
