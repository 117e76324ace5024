//! How long a frame takes at 200x60 for the overview, the orders and the stock, from state to the
//! bytes for the terminal, beside a stock ratatui table of the same size. Every frame differs from
//! the last one by a moved cursor. Then a storm of 10,000 flagged orders: keys on the queue of cases while
//! it arrives, and on the queue and in its largest case once it is there. `cargo bench --bench frame`.

mod measure;

use crossterm::event::{Event as InputEvent, KeyCode, KeyEvent, KeyModifiers};
use measure::report;
use measure::shop::{Shop, Told, engine};
use measure::stores::{Home, number};
use ratatui::layout::{Constraint, Rect, Size};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Row, Table, TableState};
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::time::{Duration, Instant};
use stockdeck::domain::Span;
use stockdeck::engine::api::{Cases, CasesAsked, PageOf, Query, StoreKind};
use stockdeck::engine::{Backend, Handle};
use stockdeck::tui::event::{Effect, Event};
use stockdeck::tui::term::{Caps, Clipboard, Painter};
use stockdeck::tui::theme::{Palette, Theme};
use stockdeck::tui::{State, open, update, view};

const SIZE: Size = Size { width: 200, height: 60 };
const ROUNDS: usize = 400;
const BAR_MS: f64 = 2.0;
/// Orders of the storm, and milliseconds that a key may take under it.
const STORM: usize = 10_000;
const KEY_MS: f64 = 16.0;

fn main() {
    report::machine();
    let home = match number("STOCKDECK_BENCH_ORDERS", 0) {
        0 => Home::demo(),
        orders => Home::orders(orders),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let backend = Handle(engine(&home.data_dir(), StoreKind::Demo));
        report::head("frame at 200x60: update, draw and encode");
        let mut worst = 0.0_f64;
        for screen in ["overview", "orders", "stock"] {
            let mut state = state(&backend);
            let effects = state.start();
            answer(&backend, &mut state, effects).await;
            let effects = open(&mut state, screen, "").unwrap();
            answer(&backend, &mut state, effects).await;
            worst = worst.max(frames(screen, &mut state));
        }
        let stock = stock_table();
        report::line("worst of ours / stock table, p50", worst / stock, "times", None);
        storm().await;
    });
}

/// A thousand usual orders of the weeks before, and then fifty accounts that order 10,000 times.
async fn storm() {
    report::head(&format!("a storm of {STORM} flagged orders"));
    let shop = Shop::open(&Home::fresh("storm")).await;
    let now = shop.backend.now();
    let told = |n: usize, before: Span, who: String, units: u32| Told {
        number: format!("{who}-{n}"),
        at: now - before,
        customer: who,
        note: "",
        lines: vec![
            (format!("SKU-{}", n % 25), units, 2.5),
            (format!("SKU-{}", n % 7), units, 4.0),
        ],
    };
    let usual: Vec<Told<'_>> = (0..1_000)
        .map(|n| told(n, Span::minutes(50_000 - 35 * n as i64), format!("C{}", n % 40), 3))
        .collect();
    for page in shop.pages(&usual) {
        shop.tell(page).await;
    }
    let storm: Vec<Told<'_>> = (0..STORM)
        .map(|n| {
            told(n, Span::seconds(1_500 - (n * 1_500 / STORM) as i64), format!("S{}", n % 50), 90)
        })
        .collect();
    let pages = shop.pages(&storm);
    let mut state = state(&shop.backend);
    let effects = state.start();
    answer(&shop.backend, &mut state, effects).await;
    let effects = open(&mut state, "flags", "").unwrap();
    answer(&shop.backend, &mut state, effects).await;
    let arriving = async {
        for page in pages {
            shop.tell(page).await;
        }
        let all = |orders: u64| orders as usize >= STORM * 98 / 100;
        shop.until("the storm", |counts| all(counts.orders)).await
    };
    // Keys are pressed thirty times a second while all of it arrives, on this thread as in the owner.
    let mut times = Vec::new();
    let mut painter = Painter::new(SIZE, Caps::FULL);
    let pressing = async {
        loop {
            let pressed = Instant::now();
            let input = InputEvent::Key(KeyEvent::new(KeyCode::Down, KeyModifiers::NONE));
            let _ = update(&mut state, Event::Input(input));
            painter.paint(|frame| view(&state, frame));
            times.push(pressed.elapsed().as_secs_f64() * 1e3);
            tokio::time::sleep(Duration::from_millis(33)).await;
        }
    };
    let began = Instant::now();
    let counts = tokio::select! {
        counts = arriving => counts,
        _ = pressing => unreachable!("keys are pressed for ever"),
    };
    report::line("until all of it was flagged", began.elapsed().as_secs_f64(), "s", None);
    report::line("flagged orders that wait", counts.orders as f64, "", None);
    report::line("cases that they are", counts.open as f64, "", Some(8.0));
    report::line(
        "a key while it arrives, p95",
        report::percentile(&times, 0.95),
        "ms",
        Some(KEY_MS),
    );
    let page = PageOf { limit: 100, ..PageOf::default() };
    let asked = CasesAsked { which: Cases::Queue, page, me: "bench".into() };
    let mut answers = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        shop.backend.ask(Query::Flags(asked.clone())).await.unwrap();
        answers.push(began.elapsed().as_secs_f64() * 1e3);
    }
    report::line("the queue is answered in, p95", report::percentile(&answers, 0.95), "ms", None);
    let effects = open(&mut state, "flags", "").unwrap();
    answer(&shop.backend, &mut state, effects).await;
    frames("the queue of cases", &mut state);
    let enter = InputEvent::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
    let effects = update(&mut state, Event::Input(enter));
    answer(&shop.backend, &mut state, effects).await;
    frames("its largest case", &mut state);
}

fn state(backend: &Handle) -> State {
    State::new(stockdeck::tui::Setup {
        size: (SIZE.width, SIZE.height),
        read_only: false,
        user: "bench".into(),
        theme: Theme::new(&Palette::default(), Caps::FULL.colors, true),
        themes: Default::default(),
        clipboard: Clipboard::Terminal,
        status: None,
        now: backend.now(),
        wall: stockdeck::domain::Timestamp::wall_now(),
        zone: stockdeck::domain::Zone::utc(),
    })
}

/// Answers questions until the screen has no more.
async fn answer(backend: &Handle, state: &mut State, effects: Vec<Effect>) {
    let mut left = effects;
    while let Some(effect) = left.pop() {
        if let Effect::Ask { tag, query } = effect {
            // The figures are asked for again once the store is loaded.
            let _ = backend.ask(Query::Orders(Default::default())).await;
            let answer = backend.ask(query).await;
            left.extend(update(state, Event::Answer { tag, answer }));
        }
    }
}

/// Times frames after one key each; the median in milliseconds.
fn frames(screen: &str, state: &mut State) -> f64 {
    let mut painter = Painter::new(SIZE, Caps::FULL);
    let mut times = Vec::with_capacity(ROUNDS);
    let mut bytes = Vec::with_capacity(ROUNDS);
    painter.paint(|frame| view(state, frame));
    for round in 0..ROUNDS {
        // Down a screenful and up again, so that rows scroll too.
        let key = if round / 70 % 2 == 0 { KeyCode::Down } else { KeyCode::Up };
        let input = InputEvent::Key(KeyEvent::new(key, KeyModifiers::NONE));
        let began = Instant::now();
        // Questions that a key asks are answered elsewhere, while frames go on.
        let _ = update(state, Event::Input(input));
        let painted = painter.paint(|frame| view(state, frame));
        times.push(began.elapsed().as_secs_f64() * 1e3);
        bytes.push(painted.map_or(0.0, |painted| painted.len() as f64));
    }
    let (p50, p95) = (report::percentile(&times, 0.5), report::percentile(&times, 0.95));
    report::line(&format!("{screen}, p50"), p50, "ms", Some(BAR_MS));
    report::line(&format!("{screen}, p95"), p95, "ms", Some(BAR_MS));
    report::line(&format!("{screen}, bytes a key, p50"), report::percentile(&bytes, 0.5), "", None);
    p50
}

/// A ratatui table of 56 rows and 8 columns whose bytes go nowhere.
fn stock_table() -> f64 {
    let area = Rect::new(0, 0, SIZE.width, SIZE.height);
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    let backend = ratatui::backend::CrosstermBackend::new(std::io::sink());
    let mut terminal = Terminal::with_options(backend, options).unwrap();
    let mut selected = TableState::default();
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        selected.select(Some(round % 56));
        let began = Instant::now();
        let rows = (0..56).map(|row| Row::new((0..8).map(move |n| format!("cell {row}/{n} text"))));
        let table = Table::new(rows, [Constraint::Fill(1); 8])
            .header(Row::new((0..8).map(|n| format!("column {n}"))))
            .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
        terminal.draw(|frame| frame.render_stateful_widget(table, area, &mut selected)).unwrap();
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let p50 = report::percentile(&times, 0.5);
    report::line("a stock ratatui table, p50", p50, "ms", None);
    p50
}
