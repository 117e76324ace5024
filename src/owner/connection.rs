//! The two halves of a socket as channels, each served by its own task, so that neither end's
//! loop ever waits for the other.

use super::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages that wait to be taken in before the other end is left to wait.
const INBOX: usize = 64;

/// Messages from the other end; the channel closes when the line does.
pub(super) fn reading<T, R>(mut half: R) -> mpsc::Receiver<T>
where
    T: DeserializeOwned + Send + 'static,
    R: AsyncRead + Unpin + Send + 'static,
{
    let (send, receive) = mpsc::channel(INBOX);
    tokio::spawn(async move {
        loop {
            let message = match wire::read(&mut half).await {
                Ok(Some(content)) => wire::parse(&content),
                Ok(None) => break,
                Err(error) => Err(error),
            };
            match message {
                Ok(message) => {
                    if send.send(message).await.is_err() {
                        break;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection ended");
                    break;
                }
            }
        }
    });
    receive
}

/// Frames to the other end, at most `waiting` of them besides the one being written.
pub(super) struct Outbox {
    frames: mpsc::Sender<Vec<u8>>,
    task: JoinHandle<()>,
}

impl Outbox {
    /// Writes to this half from now on.
    pub(super) fn new<W: AsyncWrite + Unpin + Send + 'static>(mut half: W, waiting: usize) -> Self {
        let (frames, mut receive) = mpsc::channel::<Vec<u8>>(waiting);
        let task = tokio::spawn(async move {
            while let Some(frame) = receive.recv().await {
                if half.write_all(&frame).await.is_err() {
                    break;
                }
            }
            let _ = half.shutdown().await;
        });
        Outbox { frames, task }
    }

    /// The channel into it.
    pub(super) fn frames(&self) -> &mpsc::Sender<Vec<u8>> {
        &self.frames
    }

    /// Sends a message; `false`: the line is gone, or the message cannot be sent.
    pub(super) async fn send<T: Serialize>(&self, message: &T) -> bool {
        match wire::frame(message) {
            Ok(frame) => self.frames.send(frame).await.is_ok(),
            Err(error) => {
                tracing::warn!(%error, "a message was not sent");
                false
            }
        }
    }

    /// Waits until everything is written.
    pub(super) async fn finish(self) {
        drop(self.frames);
        let _ = self.task.await;
    }
}
