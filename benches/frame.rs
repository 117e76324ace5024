//! How long a frame takes at 200x60 for the overview, the orders and the stock, from state to the
//! bytes for the terminal, beside a stock ratatui table of the same size. Every frame differs from
//! the last one by a moved cursor. `cargo bench --bench frame`.

mod measure;

use crossterm::event::{Event as InputEvent, KeyCode, KeyEvent, KeyModifiers};
use measure::report;
use measure::stores::{Home, number};
use ratatui::layout::{Constraint, Rect, Size};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Row, Table, TableState};
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::path::Path;
use std::time::Instant;
use stockdeck::engine::api::{Query, StoreKind};
use stockdeck::engine::demo::DemoSetup;
use stockdeck::engine::{Backend, Engine, Handle, Setup};
use stockdeck::tui::event::{Effect, Event};
use stockdeck::tui::term::{Caps, Clipboard, Painter};
use stockdeck::tui::theme::{Palette, Theme};
use stockdeck::tui::{State, open, update, view};

const SIZE: Size = Size { width: 200, height: 60 };
const ROUNDS: usize = 400;
const BAR_MS: f64 = 2.0;

fn main() {
    report::machine();
    let home = match number("STOCKDECK_BENCH_ORDERS", 0) {
        0 => Home::demo(),
        orders => Home::orders(orders),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let backend = Handle(engine(&home.data_dir()));
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
    });
}

fn engine(data_dir: &Path) -> std::sync::Arc<Engine> {
    let kind = StoreKind::Demo;
    let setup = Setup {
        data_dir: data_dir.to_owned(),
        kind,
        config: stockdeck::config::Config::default(),
        demo: DemoSetup::default(),
        paused: true,
        trainer: None,
    };
    Engine::open(setup).unwrap()
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
