//! A webhook for chat and paging: a message as the body of a signed POST.

use super::alert::Message;
use crate::domain::Timestamp;
use crate::outbox::{DeliveryError, Login, Post, Request};
use std::time::Duration;

/// How a message looks as a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All that is known, for programs that page somebody.
    Event,
    /// A text alone, as chats want it.
    Chat,
}

impl Shape {
    /// Its word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Shape::Event => "event",
            Shape::Chat => "chat",
        }
    }
}

/// An address that takes messages.
pub struct Hook {
    post: Post,
    shape: Shape,
}

impl Hook {
    /// One of this name at an address. `within`: how long a request may take.
    pub fn new(
        name: &str,
        url: &str,
        secret: Login,
        shape: Shape,
        within: Duration,
    ) -> Result<Self, DeliveryError> {
        Ok(Hook { post: Post::new(name, url, secret, within)?, shape })
    }

    /// Sends it, once; `key` tells it from others when it is sent again.
    pub async fn tell(&self, message: &Message, key: &str) -> Result<(), DeliveryError> {
        self.post.post(key, self.body(message)).await
    }

    /// What would be sent, to the byte; `now` is the moment that the signature states.
    pub fn request(&self, message: &Message, key: &str, now: Timestamp) -> Request {
        self.post.shown(key, self.body(message), now)
    }

    fn body(&self, message: &Message) -> String {
        match self.shape {
            Shape::Event => message.event(),
            Shape::Chat => message.chat(),
        }
    }
}
