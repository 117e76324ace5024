//! Models of every kind, one that cannot be used, and half a year of accuracy.

use crate::domain::Day;
use crate::engine::api::*;
use crate::insight::accuracy::{Figures, Made, TotalFigures};
use crate::model::evaluate::Class;

/// The report.
pub fn models() -> ModelsReport {
    let version =
        |name: &str, about| ModelVersion { name: name.into(), in_use: name == "v0003", about };
    let own = |fingerprint: &str, judged: Option<Judged>| {
        let trained = judged.is_some();
        Ok(ModelAbout {
            kind: ModelKind::Own {
                data: "synthetic shops of every kind, and two years of a wholesaler of gifts"
                    .into(),
                seen_until: Day::parse(if trained { "2026-11-08" } else { "2011-05-31" }),
                steps: if trained { 1_900 } else { 24_000 },
                parent: trained.then(|| "shipped".into()),
            },
            fingerprint: fingerprint.into(),
            parameters: 1_312_420,
            judged,
        })
    };
    ModelsReport {
        versions: vec![
            version("shipped", own("0a1b2c3d4e5f", None)),
            version(
                "chronos-bolt-tiny-from-the-merchant",
                Ok(ModelAbout {
                    kind: ModelKind::Bolt { sees: 504 },
                    fingerprint: "77aa77aa77aa".into(),
                    parameters: 8_650_000,
                    judged: None,
                }),
            ),
            version("v0001", own("111111111111", Some(judged("2026-09-14T04:10:00Z", 0.7791)))),
            version(
                "v0002",
                Err("models/v0002/model.safetensors: header: no safetensors file".into()),
            ),
            version("v0003", own("333333333333", Some(judged("2026-11-09T04:02:11Z", 0.7702)))),
        ],
        before: Some("v0001".into()),
        foreign: vec!["holiday-photos".into(), "notes.txt".into()],
        forecasts: (2_804, 3_612),
        training: super::training::training(),
        accuracy: vec![
            accuracy("v0003", "333333333333", Made::Before, 2),
            accuracy("v0003", "333333333333", Made::Afterwards, 12),
            accuracy("shipped", "0a1b2c3d4e5f", Made::Before, 30),
        ],
    }
}

fn judged(made_at: &str, wql: f64) -> Judged {
    let figures = |by: f64| Judgement { wql: wql + by, tql: 0.361 + by, bias: 0.021 + by };
    Judged {
        made_at: made_at.into(),
        panel: (3_612, 700),
        best_step: 1_400,
        validation: [figures(0.012), figures(0.0)],
        test: Some([figures(0.02), figures(0.009)]),
    }
}

fn accuracy(model: &str, fingerprint: &str, made: Made, weeks: i32) -> ModelAccuracy {
    let first = Day::parse("2026-11-16").unwrap();
    let classes = [None].into_iter().chain(Class::ALL.map(Some)).enumerate().map(|(n, class)| {
        let figures = |week: i32| figures(n, week, weeks > 2 || week == 0);
        let weeks = (0..weeks).map(|week| (first.plus(-7 * (weeks - 1 - week)), figures(week)));
        ClassAccuracy { class, overall: figures(0), weeks: weeks.collect() }
    });
    ModelAccuracy {
        model: model.into(),
        fingerprint: fingerprint.into(),
        made,
        weeks: weeks as u32,
        classes: classes.collect(),
    }
}

fn figures(class: usize, week: i32, over: bool) -> Figures {
    let by = class as f32 * 0.09 + (week * 5 % 7) as f32 * 0.02;
    let total = |count| TotalFigures {
        count,
        tql: 0.31 + by,
        naive: 0.44 + by,
        under: [0.905 - by / 6.0, 0.951 - by / 8.0],
        bias: 0.02 - by / 2.0,
    };
    Figures {
        days: 25_284,
        wql: Some(0.66 + by),
        naive: Some(if class == 4 { 0.98 } else { 0.9 + 2.0 * by }),
        under: Some([0.91, 0.956]),
        totals: [Some(total(3_612)), over.then(|| total(3_600)), over.then(|| total(3_590))],
    }
}
