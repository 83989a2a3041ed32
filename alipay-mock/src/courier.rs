//! Delivers messages to the application gateway URL.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::engine::Engine;
use crate::post::{Reply, Target};
use crate::protocol::message::Notice;

/// How many attempts are remembered, and how many messages wait; the oldest go first.
const CAPACITY: usize = 1000;
/// How long messages are gathered that are to arrive in disorder.
const GATHERING: Duration = Duration::from_millis(150);
/// How often is looked whether something has become due.
const TICK: Duration = Duration::from_millis(50);
/// How many times more than needed a message is sent at most.
const MOST_DUPLICATES: u32 = 100;
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How messages are delivered.
///
/// As at Alipay, whatever is not answered with status 200 and `success` is sent again. The pauses
/// are shorter: one second, doubled each time, at most a minute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    target: Target,
    url: String,
    duplicates: u32,
    disorder: bool,
    encrypted: bool,
    attempts: u32,
    pause: Duration,
}

/// A URL messages cannot be delivered to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct DeliveryError(pub(crate) String);

impl Delivery {
    /// To this URL, which must start with `http://`.
    pub fn to(url: &str) -> Result<Self, DeliveryError> {
        Ok(Self {
            target: Target::parse(url).map_err(DeliveryError)?,
            url: url.to_owned(),
            duplicates: 0,
            disorder: false,
            encrypted: false,
            attempts: 8,
            pause: Duration::from_secs(1),
        })
    }

    /// Sends every message so many times more than needed, at most 100.
    #[must_use]
    pub fn duplicates(mut self, duplicates: u32) -> Self {
        self.duplicates = duplicates.min(MOST_DUPLICATES);
        self
    }

    /// Messages that come close together are sent last first.
    #[must_use]
    pub fn disorder(mut self, disorder: bool) -> Self {
        self.disorder = disorder;
        self
    }

    /// Encrypts the content with the AES key.
    #[must_use]
    pub fn encrypted(mut self, encrypted: bool) -> Self {
        self.encrypted = encrypted;
        self
    }

    /// How often a message that is not taken is sent at most. Default: 8.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The pause before the second attempt. Default: one second.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
}

/// One attempt to deliver a message.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The message's `msg_method`.
    pub message: String,
    /// The message's `notify_id`; the same in every attempt.
    pub notify_id: String,
    /// Where it went.
    pub url: String,
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// Whether the answer was `success`.
    pub accepted: bool,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl DeliveryAttempt {
    pub(crate) fn new(
        message: String,
        notify_id: String,
        url: String,
        reply: Result<Reply, String>,
    ) -> Self {
        let (status, accepted, error) = match reply {
            Ok(Reply { status, accepted }) => (Some(status), accepted, None),
            Err(error) => (None, false, Some(error)),
        };
        Self { message, notify_id, url, status, accepted, error }
    }
}

/// A message on its way.
#[derive(Clone)]
struct Letter {
    notice: Notice,
    delivery: Delivery,
    /// Attempts so far.
    tried: u32,
    /// Whether it is sent again if it is not taken.
    insist: bool,
    /// How many more of it are sent along.
    duplicates: u32,
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<Letter>,
    /// What was sent lately, to be sent again on demand.
    sent: VecDeque<Letter>,
    attempts: VecDeque<DeliveryAttempt>,
}

/// Delivers messages; clones share what they know.
#[derive(Clone, Default)]
pub(crate) struct Courier {
    desk: Arc<Mutex<Desk>>,
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Courier").finish_non_exhaustive()
    }
}

impl Courier {
    /// Delivers until told to stop: what the service has to tell goes to `delivery`.
    pub(crate) async fn run(
        self,
        engine: Arc<Engine>,
        delivery: Option<Delivery>,
        mut stop: watch::Receiver<bool>,
    ) {
        let work = async {
            loop {
                tokio::select! {
                    () = engine.news.notified() => {}
                    () = sleep(TICK), if delivery.is_some() => {}
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

    /// Hands over a message for another place than the usual one, once.
    pub(crate) fn hand_over(&self, engine: &Engine, notice: Notice, delivery: Delivery) {
        self.wait(Letter { notice, delivery, tried: 0, insist: false, duplicates: 0 });
        engine.news.notify_one();
    }

    /// Sends once more what was sent with this `notify_id`; false when nothing was.
    pub(crate) fn redeliver(&self, engine: &Engine, notify_id: &str) -> bool {
        let letter = {
            let desk = self.desk();
            desk.sent.iter().rev().find(|letter| letter.notice.notify_id == notify_id).cloned()
        };
        let Some(letter) = letter else { return false };
        self.wait(Letter { tried: 0, insist: false, duplicates: 0, ..letter });
        engine.news.notify_one();
        true
    }

    pub(crate) fn attempts(&self) -> Vec<DeliveryAttempt> {
        self.desk().attempts.iter().cloned().collect()
    }

    fn desk(&self) -> std::sync::MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, letter: Letter) {
        bounded(&mut self.desk().waiting, letter);
    }

    /// Takes what the service has to tell.
    async fn collect(&self, engine: &Engine, delivery: Option<&Delivery>) {
        let Some(delivery) = delivery else { return };
        let take = || {
            let mut service = engine.service();
            service.settle(engine.clock.now_millis());
            service.take_undelivered()
        };
        let mut notices = take();
        if delivery.disorder && !notices.is_empty() {
            sleep(GATHERING).await;
            notices.extend(take());
            notices.reverse();
        }
        for notice in notices {
            let (delivery, duplicates) = (delivery.clone(), delivery.duplicates);
            self.wait(Letter { notice, delivery, tried: 0, insist: true, duplicates });
        }
    }

    async fn send_all(&self, engine: &Arc<Engine>) {
        loop {
            let Some(mut letter) = self.desk().waiting.pop_front() else { return };
            // They do not wait in the queue, where they would push others out.
            let duplicates = std::mem::take(&mut letter.duplicates);
            self.send(engine, letter.clone()).await;
            letter.insist = false;
            for _ in 0..duplicates {
                self.send(engine, letter.clone()).await;
            }
        }
    }

    async fn send(&self, engine: &Arc<Engine>, mut letter: Letter) {
        letter.tried += 1;
        let form = letter.notice.form_body(&engine.app_id, &engine.keys, letter.delivery.encrypted);
        let reply = letter.delivery.target.post(form).await;
        let Notice { name, notify_id, .. } = letter.notice.clone();
        let attempt = DeliveryAttempt::new(name, notify_id, letter.delivery.url.clone(), reply);
        let accepted = attempt.accepted;
        {
            let mut desk = self.desk();
            bounded(&mut desk.attempts, attempt);
            bounded(&mut desk.sent, letter.clone());
        }
        if !accepted && letter.insist && letter.tried < letter.delivery.attempts {
            let doublings = letter.tried.saturating_sub(1).min(16);
            let pause = letter.delivery.pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
            let (courier, engine) = (self.clone(), Arc::clone(engine));
            // Others do not wait for it: that is one way messages get out of order.
            tokio::spawn(async move {
                sleep(pause).await;
                courier.wait(letter);
                engine.news.notify_one();
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
