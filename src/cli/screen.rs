//! `stockdeck screen`: a frame of the console as text or as a picture.

use super::args::{ConsoleArgs, ScreenFormat};
use super::ask::{odd_answer, print_line};
use super::place::Place;
use super::serve;
use crate::domain::{Timestamp, Zone};
use crate::engine::api::*;
use crate::owner::client::Client;
use crate::tui;
use crate::tui::event::{Effect, Event};
use crate::tui::session::ScreenSetup;
use crate::tui::term::{Clipboard, Depth, frame_of};
use crate::tui::theme::{Theme, Themes};
use ratatui::layout::Size;
use std::collections::VecDeque;

/// Most questions that a screen may ask before it is drawn.
const MOST_QUESTIONS: usize = 64;

/// A screen to be printed.
pub struct Picture {
    name: String,
    subject: String,
    size: Size,
    format: ScreenFormat,
}

/// Understands which screen is to be printed, and how.
pub fn picture(
    name: &str,
    subject: Option<&str>,
    size: &str,
    format: ScreenFormat,
) -> Result<Picture, Refusal> {
    let size = parse_size(size)?;
    let subject = subject.unwrap_or("");
    // Opening it on nothing says whether there is such a screen and what it wants to know.
    let nothing = ScreenSetup {
        size,
        read_only: true,
        user: "".into(),
        theme: Theme::default(),
        themes: Default::default(),
        clipboard: Clipboard::Absent,
        now: Timestamp::default(),
        wall: Timestamp::wall_now(),
        status: None,
    };
    tui::open(&mut serve::state(nothing, Zone::utc()), name, subject).map_err(Refusal::usage)?;
    Ok(Picture { name: name.into(), subject: subject.into(), size, format })
}

/// Prints a screen, once everything it asks for is there.
pub async fn screen(client: &mut Client, place: &Place, picture: Picture) -> Result<(), Refusal> {
    let Picture { name, subject, size, format } = picture;
    let palette = serve::palette(&place.config, &ConsoleArgs::default())?;
    let Answer::Status(status) = client.ask(Query::Status).await? else {
        return Err(odd_answer());
    };
    let setup = ScreenSetup {
        size,
        read_only: false,
        user: crate::owner::peer::own_name().into(),
        theme: Theme::new(&palette, Depth::True, true),
        themes: Themes::default(),
        clipboard: Clipboard::Terminal,
        now: status.now,
        wall: Timestamp::wall_now(),
        status: Some(*status),
    };
    let mut state = serve::state(setup, zone(place));
    let mut effects: VecDeque<Effect> = state.start().into();
    let opened = tui::open(&mut state, &name, &subject).map_err(Refusal::usage)?;
    effects.extend(opened);
    let mut asked = 0;
    while let Some(effect) = effects.pop_front() {
        if let Effect::Ask { tag, query } = effect
            && asked < MOST_QUESTIONS
        {
            asked += 1;
            let answer = client.ask(query).await.map_err(Refusal::from);
            effects.extend(tui::update(&mut state, Event::Answer { tag, answer }));
        }
    }
    let buffer = frame_of(size, |frame| tui::view(&state, frame));
    match format {
        ScreenFormat::Text => print_line(tui::dump::text(&buffer).trim_end()),
        ScreenFormat::Svg => print_line(tui::dump::svg(&buffer, &palette, "stockdeck").trim_end()),
    }
}

fn zone(place: &Place) -> Zone {
    crate::engine::zone_of(place.kind, &place.config)
}

fn parse_size(text: &str) -> Result<Size, Refusal> {
    let wrong =
        || Refusal::usage(format!("--size {text}: write it as 120x40, from 1x1 to 500x200"));
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    let (width, height) =
        (width.parse().map_err(|_| wrong())?, height.parse().map_err(|_| wrong())?);
    let fits = (1..=500).contains(&width) && (1..=200).contains(&height);
    if fits { Ok(Size { width, height }) } else { Err(wrong()) }
}
