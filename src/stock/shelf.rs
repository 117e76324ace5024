//! One SKU at one site: the position, and what each source last said of it.

use crate::domain::{Position, Qty, StockBasis, StockSource, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// What is kept on disk of one SKU at one site.
///
/// `position.report` is always the newest figure among what the sources last said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    /// Where stock stands.
    pub position: Position,
    heard: Vec<Heard>,
}

/// What one source last said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heard {
    pub source: StockSource,
    pub as_of: Timestamp,
    /// `None`: the source does not know, or took its figure back.
    pub figure: Option<(Qty, StockBasis)>,
    /// Number in the journal where a person said it, else 0.
    pub seq: u64,
}

impl Heard {
    /// Orders what one source said: the larger is what counts. People are ordered by the journal,
    /// feeds by the moment. A feed that tells two figures for one moment is believed the more
    /// cautious one: unknown, then the smaller.
    fn rank(&self) -> impl Ord + use<> {
        let figure = self.figure.map(|(qty, basis)| (Reverse(qty), basis == StockBasis::Available));
        (self.seq, self.as_of, figure.is_none(), figure)
    }
    /// Orders figures of different sources: the later counts; at one moment a person's, then the
    /// feed's whose name sorts last.
    fn standing(&self) -> (Timestamp, bool, &str) {
        match &self.source {
            StockSource::Count => (self.as_of, true, ""),
            StockSource::Feed(feed) => (self.as_of, false, feed.as_str()),
        }
    }
}

/// What became of something that a source said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    /// The source's first word.
    New,
    /// Newer than its last word.
    Changed,
    /// Its last word again, or older.
    Same,
}

impl Shelf {
    /// Notes what a source says and brings the report up to date. What came after the report is
    /// the caller's to mend when the report's moment has moved.
    pub(super) fn hear(&mut self, heard: Heard) -> Hearing {
        let hearing = match self.heard.iter_mut().find(|known| known.source == heard.source) {
            Some(known) if known.rank() < heard.rank() => {
                *known = heard;
                Hearing::Changed
            }
            Some(_) => return Hearing::Same,
            None => {
                // Sorted by source, so that the record does not depend on who spoke first.
                let place = self.heard.partition_point(|k| source_key(k) < source_key(&heard));
                self.heard.insert(place, heard);
                Hearing::New
            }
        };
        let truth = self.heard.iter().filter(|h| h.figure.is_some()).max_by_key(|h| h.standing());
        self.position.report = truth.and_then(|h| {
            let (qty, basis) = h.figure?;
            Some((qty, basis, h.as_of, h.source.clone()))
        });
        hearing
    }
    /// Whether a source's word would be its newest.
    pub(super) fn is_newer(&self, heard: &Heard) -> bool {
        let known = self.heard.iter().find(|known| known.source == heard.source);
        known.is_none_or(|known| known.rank() < heard.rank())
    }
    /// The figure that a source stands by; `None`: it never said a word.
    pub(super) fn said_by(&self, source: &StockSource) -> Option<Option<(Qty, StockBasis)>> {
        self.heard.iter().find(|known| known.source == *source).map(|known| known.figure)
    }
    /// The moment of the oldest figure that a source stands by.
    pub(super) fn oldest_figure(&self) -> Option<Timestamp> {
        self.heard.iter().filter(|h| h.figure.is_some()).map(|h| h.as_of).min()
    }
}

fn source_key(heard: &Heard) -> Option<&str> {
    match &heard.source {
        StockSource::Count => None,
        StockSource::Feed(feed) => Some(feed.as_str()),
    }
}
