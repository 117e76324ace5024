//! What a console knows and shows. Plain data: no clock, no socket, no terminal.

use super::bookmark::Memo;
use super::event::Effect;
use super::freshness::{Freshness, gravity};
use super::layers::Layer;
pub use super::page::{Body, CaseBody, Page, Panel, Queue, Zoom};
use super::place::{Place, Screen};
use super::screens;
use super::target::Target;
use super::term::Clipboard;
use super::theme::{Role, Theme, Themes};
use super::update::Meant;
use super::update::desk::Deed;
use crate::domain::{FeedId, Timestamp, Zone};
use crate::engine::api::{Action, FlagCounts, LookedAt, Query, Status, StoreKind};
use crate::feed::FeedStatus;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a console starts with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether commands that change something are refused.
    pub read_only: bool,
    /// The user's name, as the owner knows it from the socket's peer.
    pub user: String,
    /// Styles and glyphs for this terminal.
    pub theme: Theme,
    /// The themes to choose from.
    pub themes: Themes,
    /// How text reaches the terminal's clipboard.
    pub clipboard: Clipboard,
    /// The owner's status, where it is known already.
    pub status: Option<Status>,
    /// Domain time.
    pub now: Timestamp,
    /// Wall time.
    pub wall: Timestamp,
    /// The store's zone.
    pub zone: Zone,
}

/// What a question was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The header's pulse.
    Status,
    /// The header's pulse.
    Feeds,
    /// The header's count of cases.
    FlagCounts,
    /// A page, by its id.
    Page(u64),
    /// What undo would undo.
    Undo,
    /// What the terms in a form would make of a proposal.
    WhatIf,
    /// What became of proposals.
    Conversion,
    /// The request that tells a supplier of an order.
    Requests,
}

/// One sentence for the person, until something else is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// How bad it is.
    pub role: Role,
    /// Wall time of the first tick that it has seen.
    pub since: Option<Timestamp>,
}

/// The figures at the moment this person began to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// Domain time.
    pub at: Timestamp,
    /// Orders in all.
    pub orders: u64,
    /// The journal's newest entry.
    pub entry: u64,
}

/// What is known of the feeds, and when it was told.
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    /// The feeds.
    pub feeds: Vec<FeedStatus>,
    /// Wall time at which they were told.
    pub told: Timestamp,
    /// Whether they were told at all.
    pub known: bool,
    /// How many cases wait, as told last.
    pub flags: Option<FlagCounts>,
    pub(super) flags_asked: bool,
    pub(super) flags_stale: bool,
    pub(super) feeds_asked: bool,
    pub(super) status_asked: bool,
    pub(super) feeds_stale: bool,
    pub(super) status_stale: bool,
}

impl Pulse {
    /// How fresh what a feed told is, at wall time `wall`. A feed that is not on the board (an
    /// import that is over) cannot be late.
    pub fn fresh(&self, feed: &FeedId, wall: Timestamp) -> Freshness {
        let feed = self.feeds.iter().find(|status| status.id == *feed);
        feed.map_or(Freshness::Live, |feed| Freshness::of_source(feed, self.told, wall))
    }
    /// The oldest of what the feeds told, and whose it is.
    pub fn oldest(&self, wall: Timestamp) -> Option<(&FeedStatus, Freshness)> {
        let fresh = |feed| (feed, Freshness::of_source(feed, self.told, wall));
        self.feeds.iter().map(fresh).max_by_key(|(_, fresh)| *fresh)
    }
}

/// A console.
pub struct State {
    /// Columns and rows.
    pub size: (u16, u16),
    /// Whether commands that change something are refused.
    pub read_only: bool,
    /// The user.
    pub user: String,
    /// Styles and glyphs.
    pub theme: Theme,
    /// The themes to choose from.
    pub themes: Themes,
    /// How text reaches the terminal's clipboard.
    pub clipboard: Clipboard,
    /// The store's zone.
    pub zone: Zone,
    /// Domain time as last told.
    pub now: Timestamp,
    /// Wall time as last told.
    pub wall: Timestamp,
    /// The owner's status as last told.
    pub status: Option<Status>,
    /// The feeds as last told.
    pub pulse: Pulse,
    /// The stack of pages; the last is shown. Never empty.
    pub pages: Vec<Page>,
    /// What lies over the page; the last takes the keys.
    pub layers: Vec<Layer>,
    /// What the person is told.
    pub notice: Option<Notice>,
    /// Whether feeds and simulated time stand still.
    pub paused: bool,
    /// Since when this person watches.
    pub since: Option<Since>,
    pub(super) parked: BTreeMap<Screen, Vec<Page>>,
    pub(super) history: Vec<Vec<Memo>>,
    pub(super) history_at: usize,
    pub(super) pending: BTreeMap<u64, Asked>,
    pub(super) deeds: BTreeMap<u64, Deed>,
    pub(super) quit_armed: bool,
    /// The case that others see this person look at.
    pub(super) looks_at: Option<LookedAt>,
    /// The cases that are to be decided on, as they were when that was asked.
    pub(super) judged: Vec<Meant>,
    pub(super) bookmarked: Vec<u8>,
    next_tag: u64,
    next_page: u64,
    dirty: bool,
    repaint: bool,
}

impl State {
    /// A console on the overview; nothing has been asked yet.
    pub fn new(setup: Setup) -> State {
        let mut state = State {
            size: setup.size,
            read_only: setup.read_only,
            user: setup.user,
            theme: setup.theme,
            themes: setup.themes,
            clipboard: setup.clipboard,
            zone: setup.zone,
            now: setup.now,
            wall: setup.wall,
            status: setup.status,
            pulse: Pulse {
                feeds_stale: true,
                status_stale: true,
                flags_stale: true,
                ..Pulse::default()
            },
            pages: Vec::new(),
            layers: Vec::new(),
            notice: None,
            paused: false,
            since: None,
            parked: BTreeMap::new(),
            history: Vec::new(),
            history_at: 0,
            pending: BTreeMap::new(),
            deeds: BTreeMap::new(),
            quit_armed: false,
            looks_at: None,
            judged: Vec::new(),
            bookmarked: Vec::new(),
            next_tag: 1,
            next_page: 1,
            dirty: true,
            repaint: false,
        };
        let page = state.new_page(Place::Overview);
        state.pages.push(page);
        state.layout();
        state
    }
    /// The first questions.
    pub fn start(&mut self) -> Vec<Effect> {
        self.ask()
    }
    /// Whether the frame would differ from the last one drawn.
    pub fn dirty(&self) -> bool {
        self.dirty
    }
    /// Whether to draw; the next call says no until something changed.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }
    /// Whether the person asked for everything to be painted again.
    pub fn take_repaint(&mut self) -> bool {
        std::mem::take(&mut self.repaint)
    }
    pub(super) fn touch(&mut self) {
        self.dirty = true;
    }
    pub(super) fn repaint(&mut self) {
        self.dirty = true;
        self.repaint = true;
    }
    pub(super) fn tag(&mut self) -> u64 {
        self.next_tag += 1;
        self.next_tag
    }
    pub(super) fn new_page(&mut self, place: Place) -> Page {
        self.next_page += 1;
        Page::new(self.next_page, place)
    }
    /// The page that is shown.
    pub fn page(&self) -> &Page {
        // The stack is never empty: it starts with a page, and nothing takes the last one off.
        &self.pages[self.pages.len() - 1]
    }
    /// The page that is shown.
    pub fn page_mut(&mut self) -> &mut Page {
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }
    /// The screen that is shown.
    pub fn screen(&self) -> Screen {
        self.page().place.screen()
    }
    /// What the cursor points at.
    pub fn target(&self) -> Option<Target> {
        self.page().table().map_or_else(
            || screens::selected(self, self.page()).map(|item| item.target),
            |table| table.target(),
        )
    }
    /// What a decision goes to: what is marked, else what is under the cursor.
    pub fn targets(&self) -> Vec<Target> {
        match self.page().table() {
            Some(table) => table.targets(),
            None => self.target().into_iter().collect(),
        }
    }
    /// Tells the person something.
    pub fn notify(&mut self, role: Role, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), role, since: None });
        self.dirty = true;
    }
    /// Whether the store's time can be stopped.
    pub fn can_pause(&self) -> bool {
        self.status.as_ref().is_some_and(|s| matches!(s.kind, StoreKind::Demo | StoreKind::Replay))
    }
    /// The feed that the header speaks of: the one in the worst state.
    pub fn worst_feed(&self) -> Option<&FeedStatus> {
        let pulse = &self.pulse;
        pulse.feeds.iter().rev().max_by_key(|feed| gravity(feed, pulse.told, self.wall))
    }
    /// A feed by name.
    pub fn feed(&self, id: &FeedId) -> Option<&FeedStatus> {
        self.pulse.feeds.iter().find(|feed| feed.id == *id)
    }
    /// Fits tables to the terminal.
    pub(super) fn layout(&mut self) {
        let size = self.size;
        let screen = self.screen();
        let rows = screens::table_rows(size, screen);
        let page = self.page_mut();
        if let Some(table) = page.table_mut() {
            table.set_height(rows);
        }
        self.peek();
    }
    /// Keeps the pane beside a table on the selected row.
    fn peek(&mut self) {
        let wide = screens::has_peek(self.size, self.screen());
        let target = wide.then(|| self.target()).flatten();
        let Some((goal, site)) = target.and_then(|target| Some((target.goal?, target.site))) else {
            self.page_mut().peek = None;
            return;
        };
        let shown = self.page_mut().peek.as_mut().filter(|peek| peek.place == goal.place);
        if let Some(peek) = shown {
            site.into_iter().for_each(|site| peek.select_site(site));
            return;
        }
        // A question under way is let come home first, so that a held key asks one at a time.
        if self.page().peek.as_ref().is_some_and(|peek| peek.is_waiting()) {
            return;
        }
        let mut page = self.new_page(goal.place);
        site.into_iter().for_each(|site| page.select_site(site));
        self.page_mut().peek = Some(Box::new(page));
    }
    /// Whatever is to be asked now.
    pub(super) fn ask(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.layout();
        if self.pulse.status_stale && !self.pulse.status_asked {
            (self.pulse.status_stale, self.pulse.status_asked) = (false, true);
            effects.push(self.question(Asked::Status, Query::Status));
        }
        if self.pulse.feeds_stale && !self.pulse.feeds_asked {
            (self.pulse.feeds_stale, self.pulse.feeds_asked) = (false, true);
            effects.push(self.question(Asked::Feeds, Query::Feeds));
        }
        if self.pulse.flags_stale && !self.pulse.flags_asked {
            (self.pulse.flags_stale, self.pulse.flags_asked) = (false, true);
            effects.push(self.question(Asked::FlagCounts, Query::FlagCounts));
        }
        if let Some(mut query) = self.page().wanted() {
            if let Query::Flags(asked) = &mut query {
                asked.me = self.user.as_str().into();
            }
            let id = self.page().id;
            let effect = self.question(Asked::Page(id), query.clone());
            if let Effect::Ask { tag, .. } = &effect {
                self.page_mut().asked(*tag, &query);
            }
            effects.push(effect);
        }
        let peek = self.page().peek.as_ref();
        if let Some((id, query)) = peek.and_then(|peek| Some((peek.id, peek.wanted()?))) {
            let effect = self.question(Asked::Page(id), query.clone());
            if let (Effect::Ask { tag, .. }, Some(peek)) = (&effect, &mut self.page_mut().peek) {
                peek.asked(*tag, &query);
            }
            effects.push(effect);
        }
        effects.extend(self.say_what_is_looked_at());
        effects
    }
    /// Lets others see which case or reorder line this person looks at, once it is here to be looked at.
    fn say_what_is_looked_at(&mut self) -> Option<Effect> {
        let shown = |page: &Page| match &page.body {
            Body::Case(case) => {
                case.panel.data.as_ref().map(|detail| LookedAt::Case(detail.row.case))
            }
            Body::Reorders(table) => table
                .selected()
                .map(|row| LookedAt::Line(row.stock.sku.clone(), row.stock.site.clone())),
            _ => None,
        };
        let page = self.page();
        let looks_at = shown(page).or_else(|| page.peek.as_deref().and_then(shown));
        if looks_at.is_none()
            && (page.is_waiting() || page.peek.as_ref().is_some_and(|p| p.is_waiting()))
        {
            // What is looked at next is on its way.
            return None;
        }
        if self.looks_at == looks_at || self.read_only {
            return None;
        }
        self.looks_at = looks_at.clone();
        // Nobody is told what comes of it: its tag is nobody's.
        let tag = self.tag();
        Some(Effect::Act { tag, action: Action::LookAt(looks_at) })
    }
    pub(super) fn question(&mut self, asked: Asked, query: Query) -> Effect {
        let tag = self.tag();
        self.pending.insert(tag, asked);
        Effect::Ask { tag, query }
    }
    /// A page on the stack, parked, or beside a table.
    pub(super) fn page_by_id(&mut self, id: u64) -> Option<&mut Page> {
        let pages = self.pages.iter_mut().chain(self.parked.values_mut().flatten());
        for page in pages {
            if page.id == id {
                return Some(page);
            }
            if let Some(peek) = &mut page.peek
                && peek.id == id
            {
                return Some(peek);
            }
        }
        None
    }
}
