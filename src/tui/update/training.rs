//! Training the model in use: what is asked of the person before.

use super::super::layers::{Confirm, Layer};
use super::super::state::State;
use super::push;
use crate::engine::TRAINING;
use crate::engine::api::Action;

/// Whether a training runs.
pub fn trains(state: &State) -> bool {
    let work = state.status.iter().flat_map(|status| &status.work);
    work.into_iter().any(|work| &*work.progress.what == TRAINING)
}

/// Asks whether the model in use is to be trained.
pub fn train(state: &mut State) -> Result<(), String> {
    if trains(state) {
        return Err("A training runs already; X cancels it.".into());
    }
    let sentence =
        "Train the model in use on this store's demand, in the background; what comes of it is \
                    used if it is better on days that it has not seen."
            .to_owned();
    let actions = vec![Action::StartTraining];
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "The training has begun." }));
    Ok(())
}
