//! The engine as others reach it: questions, actions, and feeds of their own.

use super::{Engine, blocking};
use crate::domain::*;
use crate::engine::api::{Action, Answer, Outcome, Query, Refusal};
use crate::engine::{Backend, Call, Cancel, questions};
use crate::feed::{FeedContext, Pending};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

impl Engine {
    async fn answer(self: Arc<Self>, query: Query) -> Result<Answer, Refusal> {
        let at_once = matches!(query, Query::Overview | Query::Status | Query::Feeds);
        if !at_once {
            self.ready().await?;
        }
        let house = self.house.clone();
        let mut answer = blocking(move || questions::answer(&house, query)).await?;
        if let Answer::Status(status) = &mut answer {
            status.paused = *self.pause.borrow();
            status.following = *self.started.borrow();
            status.feeds_left_out = self.setup.config.left_out;
        }
        Ok(answer)
    }
}

/// The engine as consoles and commands reach it.
#[derive(Clone)]
pub struct Handle(pub Arc<Engine>);

impl Handle {
    /// Puts a feed on the board whose source is not among the configured ones, and says what it runs
    /// with. Its pages are refused until the store is loaded.
    pub fn feed(&self, id: &FeedId, kind: &str, stop: watch::Receiver<bool>) -> FeedContext {
        let house = &self.0.house;
        house.register(id, kind, Duration::from_secs(5));
        FeedContext {
            id: id.clone(),
            ledger: house.clone(),
            board: house.board.clone(),
            pseudonyms: house.pseudonyms.clone(),
            stop,
        }
    }
}

impl Backend for Handle {
    fn ask(&self, query: Query) -> Pending<'static, Result<Answer, Refusal>> {
        Box::pin(self.0.clone().answer(query))
    }
    fn act(
        &self,
        actor: Actor,
        action: Action,
        cancel: Cancel,
    ) -> Pending<'static, Result<Outcome, Refusal>> {
        Box::pin(self.0.clone().do_it(actor, action, cancel))
    }
    fn at_work(&self) -> watch::Receiver<usize> {
        self.0.house.works.asked()
    }
    fn changes(&self) -> watch::Receiver<u64> {
        self.0.house.revision.subscribe()
    }
    fn calls(&self) -> broadcast::Receiver<Call> {
        self.0.house.notices.calls()
    }
    fn now(&self) -> Timestamp {
        self.0.house.clock.now()
    }
    fn consoles(&self, names: Vec<Box<str>>) {
        *self.0.house.consoles.lock() = names;
    }
}
