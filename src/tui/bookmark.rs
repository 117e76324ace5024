//! Where a console is, kept for an owner that comes after and for going back and forth.

use super::event::Effect;
use super::layers::Layer;
use super::place::Goal;
use super::state::{Body, Page, Since, State, Zoom};
use super::update::forms::FormMemo;
use serde::{Deserialize, Serialize};

/// A page as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Memo {
    /// Where.
    pub goal: Goal,
    /// Column sorted by.
    pub sort: Option<String>,
    /// Largest first.
    pub descending: bool,
    /// The cursor.
    pub cursor: usize,
    /// The chart's zoom.
    pub zoom: Zoom,
}

/// Where a console is, as it is kept for an owner that comes after.
#[derive(Serialize, Deserialize)]
struct Bookmark {
    memos: Vec<Memo>,
    theme: String,
    since: Option<Since>,
    form: Option<FormMemo>,
}

impl State {
    /// Goes to where a bookmark says this person was; an unreadable one changes nothing.
    pub fn resume(&mut self, bookmark: &[u8]) -> Vec<Effect> {
        if let Ok(Bookmark { memos, theme, since, form }) = postcard::from_bytes(bookmark) {
            if let Some(palette) = self.themes.get(&theme) {
                self.theme = self.theme.with(palette);
            }
            self.since = since.or(self.since);
            self.restore(&memos);
            self.layers.extend(form.map(|memo| Layer::Form(memo.form())));
        }
        self.ask()
    }
    /// Where this console is, for [`State::resume`].
    pub fn bookmark(&self) -> Effect {
        Effect::Bookmark(self.written())
    }
    /// A bookmark, if this console is not where its last one says.
    pub(super) fn moved(&mut self) -> Option<Effect> {
        let written = self.written();
        (written != self.bookmarked).then(|| {
            self.bookmarked.clone_from(&written);
            Effect::Bookmark(written)
        })
    }
    fn written(&self) -> Vec<u8> {
        let form = self.layers.iter().find_map(|layer| match layer {
            Layer::Form(form) => FormMemo::of(form),
            _ => None,
        });
        let theme = self.theme.name().to_owned();
        let content = Bookmark { memos: self.memos(), theme, since: self.since, form };
        postcard::to_stdvec(&content).unwrap_or_default()
    }
    pub(super) fn memos(&self) -> Vec<Memo> {
        self.pages.iter().map(Memo::of).collect()
    }
    /// Replaces the stack by remembered pages; nothing happens without any.
    pub(super) fn restore(&mut self, memos: &[Memo]) {
        if memos.is_empty() {
            return;
        }
        self.pages = memos
            .iter()
            .map(|memo| {
                let mut page = self.new_page(memo.goal.place.clone());
                if let Some(table) = page.table_mut() {
                    table.set_filter(&memo.goal.filter);
                    table.set_order(memo.sort.as_deref(), memo.descending);
                    table.move_to(memo.cursor);
                }
                if let Some(cursor) = page.cursor_mut() {
                    *cursor = memo.cursor;
                }
                if let Body::Sku(_, zoom) = &mut page.body {
                    *zoom = memo.zoom;
                }
                page
            })
            .collect();
        self.layers.clear();
        self.layout();
        self.touch();
    }
}

impl Memo {
    fn of(page: &Page) -> Memo {
        let mut memo = Memo {
            goal: Goal::to(page.place.clone()),
            sort: None,
            descending: false,
            cursor: 0,
            zoom: Zoom::Days,
        };
        match (&page.body, page.table()) {
            (_, Some(table)) => {
                let (sort, descending) = table.order();
                memo.goal.filter = table.filter().to_owned();
                memo.sort = sort.map(str::to_owned);
                memo.descending = descending;
                memo.cursor = table.cursor();
            }
            (Body::Sku(panel, zoom), _) => (memo.cursor, memo.zoom) = (panel.cursor, *zoom),
            (Body::Order(panel), _) => memo.cursor = panel.cursor,
            (Body::Overview(panel), _) => memo.cursor = panel.cursor,
            (Body::Feeds(cursor), _) => memo.cursor = *cursor,
            (Body::Backtest(panel), _) => memo.cursor = panel.cursor,
            (Body::Purchase(panel), _) => memo.cursor = panel.cursor,
            (Body::Supplier(panel), _) => memo.cursor = panel.cursor,
            (Body::Models(panel, _), _) => memo.cursor = panel.cursor,
            (Body::Case(case), _) => memo.cursor = case.panel.cursor,
            (Body::Past(panel), _) => memo.cursor = panel.cursor,
            (Body::Rules(panel, _), _) => memo.cursor = panel.cursor,
            _ => {}
        }
        memo
    }
}
