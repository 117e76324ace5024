//! The allocation table: open orders that need a choice from where they ship, what is proposed, and what
//! the other ways cost.

use super::super::canvas::Canvas;
use super::super::place::Goal;
use super::super::table::{Row, Table};
use super::super::target::{Target, order_place};
use super::super::theme::{Glyphs, Role};
use super::super::widgets::table::{self, Cell, Column, left, right};
use super::super::words;
use super::Scene;
use crate::domain::{Allocation, Currency, Money, Subject, ship_words};
use crate::engine::api::{AllocationAbout, AllocationRow};
use crate::plan::shipping::{Need, ShipChoice};

impl Row for AllocationRow {
    fn key(&self) -> String {
        self.key.number.to_string()
    }
    fn target(&self) -> Target {
        Target::from(self)
    }
}

impl From<&AllocationRow> for Target {
    fn from(row: &AllocationRow) -> Target {
        let needs: Vec<&str> = row.needs.iter().map(|need| need.word()).collect();
        let proposal = row.proposal.as_ref().map_or_else(String::new, |choice| {
            let money = Money { minor: choice.cost.total(), currency: row.currency };
            format!(", proposed {} for {money} {}", way(choice), row.currency)
        });
        Target {
            key: row.key.number.to_string(),
            subject: Some(Subject::Order(row.key.clone())),
            site: Some(row.site.clone()),
            goal: Some(Goal::to(order_place(&row.key))),
            ship: Some(accepted(row).map(Box::new)),
            saw: format!(
                "order {}, {} units from {}: {}{proposal}",
                row.key,
                row.units,
                row.site,
                needs.join(", ")
            ),
            ..Target::default()
        }
    }
}

/// What accepting the proposal decides, or why it cannot be accepted.
fn accepted(row: &AllocationRow) -> Result<Allocation, String> {
    if let Some(one) = row.decided.as_ref().filter(|one| one.refused.is_none()) {
        let why = one.fails.as_ref().map_or(String::new(), |why| format!("; {why}"));
        return Err(format!(
            "{} decided already: {}{why}; entry {} is taken back in the Journal",
            one.who, one.what, one.entry
        ));
    }
    match &row.proposal {
        Some(choice) if !choice.ships.is_empty() => Ok(Allocation {
            order: row.key.clone(),
            home: row.site.clone(),
            ships: choice.ships.clone(),
            waits: Vec::new(),
            proposed: true,
        }),
        Some(_) => Err("nothing of it can ship; hold it for stock".into()),
        None => Err(row.notes.first().map_or("nothing is proposed".into(), ToString::to_string)),
    }
}

/// `3 from LEEDS, 1 waits`, or that all waits.
pub fn way(choice: &ShipChoice) -> String {
    match choice.ships.is_empty() {
        true => "all of it waits".into(),
        false => ship_words(&choice.ships, &choice.waits),
    }
}

/// `+£ 1.20`: what a way costs more than another, with its sign.
fn more(minor: i64, currency: Currency, glyphs: &Glyphs) -> String {
    let sign = if minor < 0 { "-" } else { "+" };
    format!("{sign}{}", words::price(Money { minor: minor.abs(), currency }, glyphs))
}

/// What makes a way dearer or cheaper than another: the two parts of its cost that differ the most.
pub fn differs(
    choice: &ShipChoice,
    from: &ShipChoice,
    currency: Currency,
    glyphs: &Glyphs,
) -> String {
    let parts = choice.cost.parts().into_iter().zip(from.cost.parts());
    let mut parts: Vec<(&str, i64)> =
        parts.map(|((name, cost), (_, other))| (name, cost - other)).collect();
    parts.retain(|(_, by)| *by != 0);
    parts.sort_by_key(|(_, by)| -by.abs());
    let part = |(name, by): &(&str, i64)| format!("{name} {}", more(*by, currency, glyphs));
    parts.iter().take(2).map(part).collect::<Vec<_>>().join(", ")
}

fn needs(row: &AllocationRow) -> Cell {
    if let Some(one) = &row.decided {
        return match one {
            _ if one.refused.is_some() => ("refused".into(), Role::Bad),
            _ if one.fails.is_some() => ("cannot ship".into(), Role::Bad),
            _ if one.holds => ("held".into(), Role::Warn),
            _ => ("decided".into(), Role::Good),
        };
    }
    let words: Vec<&str> = row.needs.iter().map(|need| need.word()).collect();
    let role = match row.needs.first() {
        Some(Need::Blocked) => Role::Bad,
        Some(Need::Short | Need::Late) => Role::Warn,
        _ => Role::Text,
    };
    (words.join(", "), role)
}

fn proposal(row: &AllocationRow) -> Cell {
    if let Some(one) = &row.decided {
        return match one.trouble() {
            Some(why) => (why, Role::Bad),
            None => (one.what.to_string(), Role::Muted),
        };
    }
    match &row.proposal {
        Some(choice) if choice.ships.is_empty() => (way(choice), Role::Muted),
        Some(choice) => (way(choice), Role::Accent),
        None => (row.notes.first().map_or(String::new(), ToString::to_string), Role::Bad),
    }
}

/// The columns.
pub const COLUMNS: &[Column<AllocationRow>] = &[
    left("order", "order", (8, 14), 100, |row, _| (row.key.number.to_string(), Role::Text)),
    left("", "why", (9, 14), 98, |row, _| needs(row)),
    left("site", "now from", (8, 12), 90, |row, _| (row.site.to_string(), Role::Text)),
    left("zone", "zone", (6, 12), 50, |row, _| (row.zone.to_string(), Role::Muted)),
    left("", "country", (7, 7), 30, |row, look| match &row.country {
        Some(country) => (country.to_string(), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
    right("units", "units", 5, 80, |row, _| (words::qty(row.units), Role::Text)),
    left("", "proposal", (24, 60), 97, |row, _| proposal(row)),
    right("saves", "saves", 8, 95, |row, look| match row.saves() {
        Some(0) | None => (look.glyphs.dash.to_owned(), Role::Muted),
        Some(minor) => {
            let role = if minor > 0 { Role::Good } else { Role::Warn };
            let money = Money { minor, currency: row.currency };
            let text = words::price(money, look.glyphs);
            // What is too long goes without its pence.
            let fits = words::width(&text) <= 8;
            (if fits { text } else { words::value(money, look.glyphs) }, role)
        }
    }),
    left("", "promised", (8, 9), 60, |row, look| match row.promise {
        Some(day) if day < look.now.day(look.zone) => (words::date(day), Role::Bad),
        Some(day) => (words::date(day), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
    left("", "method", (7, 14), 40, |row, look| match &row.method {
        Some(method) if row.priority == Some(1) => (method.to_string(), Role::Accent),
        Some(method) => (method.to_string(), Role::Muted),
        None => (look.glyphs.dash.to_owned(), Role::Muted),
    }),
    left("placed", "placed", (6, 12), 45, |row, look| {
        (words::brief(row.placed_at, look.now, look.zone).trim().to_owned(), Role::Muted)
    }),
    left("", "in doubt", (14, 60), 70, |row, _| match (&row.decided, &row.doubt) {
        (Some(one), _) => {
            let waits = one.waits_for.as_ref().map_or(String::new(), |what| what.to_string());
            (waits, Role::Warn)
        }
        (None, Some(doubt)) => (doubt.to_string(), Role::Muted),
        (None, None) => ("clear".into(), Role::Good),
    }),
];

/// Lines below the table: how all orders are allocated, and the ways to ship the selected one.
pub const fn below(height: u16) -> u16 {
    match height {
        0..20 => 0,
        20..40 => 9,
        _ => 14,
    }
}

/// Draws the table and the ways to ship the selected order.
pub fn draw(
    canvas: &mut Canvas<'_>,
    scene: &Scene<'_>,
    rows: &Table<AllocationRow>,
    about: Option<&AllocationAbout>,
) {
    let trouble = about.and_then(|about| about.trouble.as_deref());
    let empty = trouble.unwrap_or(
        "No open order needs a choice: each ships whole, in time and at the least cost from where the \
         shop put it. While histories are read and forecasts are made that is not known yet.",
    );
    let (width, height) = (canvas.width(), canvas.height());
    let upper = u16::try_from(rows.height).unwrap_or(u16::MAX).saturating_add(1).min(height);
    table::draw(&mut canvas.part(0, 0, width, upper), rows, COLUMNS, &scene.look(), empty);
    let Some(left) = height.checked_sub(upper).filter(|left| *left >= 3) else { return };
    let mut canvas = canvas.part(0, upper, width, left);
    canvas.rule(0);
    if let Some(about) = about {
        let currency = rows.rows.first().map_or(Currency::GBP, |row| row.currency);
        let room = usize::from(width.saturating_sub(6));
        let [whole, some, least] = together(about, currency, scene.glyphs());
        let text = words::fitting(room, [&whole, &some, &least]);
        canvas.line(2, 0, &format!(" {} ", words::fit(text, room, "")), Role::Title);
    }
    if let Some(row) = rows.selected() {
        ways(&mut canvas.part(0, 1, width, left - 1), row, scene.glyphs());
    }
}

/// `212 open orders cost £ 812.40, gap 0.4 %, £ 96.20 below the shop's way: £ 110.00 of sales that would wait,
/// £ -13.80 shipping`, where the gap is to the least that they can cost; then the same in fewer words, twice.
pub fn together(about: &AllocationAbout, currency: Currency, glyphs: &Glyphs) -> [String; 3] {
    let money = |minor| words::price(Money { minor, currency }, glyphs);
    if about.at.is_none() {
        return [(); 3].map(|()| "open orders are not allocated yet".into());
    }
    let cut = if about.cut_short { ", cut short" } else { "" };
    let below = about.shop_way - about.cost;
    let least = format!(
        "{} cost {}, gap {:.1} %{cut}",
        words::plural(about.orders[0], "open order", "open orders"),
        money(about.cost),
        100.0 * about.gap(),
    );
    let some = format!("{least}, {} below the shop's way", money(below));
    let whole = match about.waiting {
        0 => some.clone(),
        waiting => format!(
            "{some}: {} of sales that would wait, {} shipping",
            money(waiting),
            money(below - waiting)
        ),
    };
    [whole, some, least]
}

/// The proposal and the other ways, numbered as picking them takes them.
pub fn choices(row: &AllocationRow) -> impl Iterator<Item = &ShipChoice> {
    row.proposal.iter().chain(&row.others).filter(|choice| !choice.ships.is_empty())
}

fn ways(canvas: &mut Canvas<'_>, row: &AllocationRow, glyphs: &Glyphs) {
    let width = canvas.width();
    let room = usize::from(width.saturating_sub(4));
    let mut y = 0;
    let mut put = |canvas: &mut Canvas<'_>, text: &str, role| {
        for line in words::wrap(text, room) {
            if y < canvas.height() {
                canvas.line(3, y, &line, role);
            }
            y += 1;
        }
    };
    if let Some(one) = &row.decided {
        let text = format!("{} decided (entry {}): {}", one.who, one.entry, one.what);
        put(canvas, &text, Role::Text);
        if let Some(why) = one.trouble() {
            put(canvas, &why, Role::Bad);
        }
        if one.fails.is_some() {
            let mend = format!(
                "take entry {} back in the Journal (u), or receive or count stock",
                one.entry
            );
            put(canvas, &mend, Role::Warn);
        }
        if let Some(what) = &one.waits_for {
            put(canvas, what, Role::Warn);
        }
    }
    for note in &row.notes {
        put(canvas, note, Role::Warn);
    }
    if !row.service.is_empty() {
        put(canvas, &row.service, Role::Muted);
    }
    let Some(best) = &row.proposal else { return };
    if row.decided.as_ref().is_some_and(|one| one.refused.is_none()) {
        return;
    }
    for (number, choice) in (1..).zip(choices(row)) {
        let money = Money { minor: choice.cost.total(), currency: row.currency };
        let money = words::price(money, glyphs);
        let late = match choice.late_days {
            0 => String::new(),
            days => format!(", {days} d late"),
        };
        let (tail, role) = match choice == best {
            true => ("proposed".to_owned(), Role::Accent),
            false => {
                let by = more(choice.cost.total() - best.cost.total(), row.currency, glyphs);
                (format!("{by}: {}", differs(choice, best, row.currency, glyphs)), Role::Text)
            }
        };
        put(canvas, &format!("{number}  {money}  {}{late}  {tail}", way(choice)), role);
    }
    if let Some(now) = row.now.as_ref().filter(|now| now.ships != best.ships) {
        let by = more(now.cost.total() - best.cost.total(), row.currency, glyphs);
        let what = match now.ships.is_empty() {
            true => format!("left alone it waits at {}", row.site),
            false => format!("left alone: {}", way(now)),
        };
        let text = format!("{what}  {by}: {}", differs(now, best, row.currency, glyphs));
        put(canvas, &text, Role::Muted);
    }
    let money = |minor| words::price(Money { minor, currency: row.currency }, glyphs);
    if let (Some(all), Some(waiting)) = (row.saves(), row.saves_waiting().filter(|it| *it != 0)) {
        let text = format!(
            "saves {}: {} of sales that would wait (not their margin), {} shipping and scarcity",
            money(all),
            money(waiting),
            money(all - waiting)
        );
        put(canvas, &text, Role::Muted);
    }
}
