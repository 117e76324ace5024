//! `stockdeck notify`: the channels on which people are told of cases.

use super::args::{Format, FormatArgs};
use super::ask::{odd_answer, print};
use super::format::{Cell, Grid};
use super::ready::Ready;
use crate::engine::api::{Action, NotifyTest, Outcome, Refusal};
use crate::owner::client::Client;
use clap::Subcommand;
use std::future::pending;

/// `notify …`
#[derive(Subcommand, Debug)]
pub enum NotifyCommand {
    /// Send a test to each channel, or to one, and say what was sent or why not
    ///
    /// It is a message like others: quiet hours and the rate hold for it, unless --anyway is given. To a
    /// webhook it is sent once and not tried again.
    Test {
        /// The channel's name
        channel: Option<String>,
        /// In quiet hours and beyond the rate, too
        #[arg(long)]
        anyway: bool,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
}

impl NotifyCommand {
    /// Understands the command.
    pub fn ready(self) -> Ready {
        let NotifyCommand::Test { channel, anyway, format } = self;
        let channel = channel.map(Into::into);
        Ready::TestNotify(NotifyTest { channel, anyway }, format.format)
    }
}

/// Tries channels and prints what came of it; fails where one was not told.
pub async fn test(client: &mut Client, wanted: NotifyTest, format: Format) -> Result<(), Refusal> {
    let outcome = client.act(Action::TestNotify(wanted), |_| {}, pending()).await?;
    let Outcome::NotifyTested(tested) = outcome else { return Err(odd_answer()) };
    let mut grid = Grid::new(&["channel", "kind", "sent", "what"]);
    for one in &tested {
        grid.push(vec![
            Cell::text(&one.channel),
            Cell::text(&one.kind),
            Cell::Flag(one.sent),
            Cell::text(&one.said),
        ]);
    }
    print(&grid, format)?;
    match tested.iter().filter(|one| !one.sent).count() {
        0 => Ok(()),
        1 => Err(Refusal::failed("one channel was not told")),
        n => Err(Refusal::failed(format!("{n} channels were not told"))),
    }
}
