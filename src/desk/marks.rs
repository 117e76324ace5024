//! Notes, pins and acknowledgements, folded from the journal.

use crate::domain::{
    Allocation, Approval, Decision, Entry, LineRequest, MuteOf, Subject, Timestamp, TransferOrder,
    Whose,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the journal's entries add up to, stock apart. In memory; made again by applying every
/// entry in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    last: u64,
    about: HashMap<Subject, Vec<u64>>,
    notes: HashMap<Subject, Vec<u64>>,
    note_subjects: HashMap<u64, Subject>,
    pinned: Vec<(u64, Subject)>,
    acknowledged: HashMap<Subject, (u64, Timestamp)>,
    undone_by: HashMap<u64, u64>,
    undoes: BTreeMap<u64, u64>,
    decided: HashMap<Box<str>, Vec<u64>>,
    /// What has no inverse.
    lasting: HashSet<u64>,
    /// The later parts of each act, by the entry that began it.
    acts: HashMap<u64, Vec<u64>>,
}

impl Marks {
    /// Folds an entry in. Entries come in the order of their numbers; one that was applied already
    /// changes nothing.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq <= self.last {
            return;
        }
        self.last = entry.seq;
        match entry.undoes {
            Some(target) => {
                self.undone_by.insert(target, entry.seq);
                self.undoes.insert(entry.seq, target);
            }
            // What was read or forgotten is not what an undo without a number means.
            None if entry.decision.is_about_people() => {}
            None => self.decided.entry(entry.actor.user.clone()).or_default().push(entry.seq),
        }
        if !entry.decision.can_be_undone() {
            self.lasting.insert(entry.seq);
        }
        if let Some(first) = entry.act {
            self.acts.entry(first).or_default().push(entry.seq);
        }
        if let Some(subject) = self.subject_of(&entry.decision) {
            self.about.entry(subject).or_default().push(entry.seq);
        }
        match &entry.decision {
            Decision::Note { subject, .. } => {
                // A note that was taken back and is put back is the first note again.
                let seq = self.original(entry.seq);
                let notes = self.notes.entry(subject.clone()).or_default();
                notes.insert(notes.partition_point(|known| *known < seq), seq);
                self.note_subjects.insert(seq, subject.clone());
            }
            Decision::Retract { seq } => {
                let notes = self.note_subjects.get(seq).and_then(|of| self.notes.get_mut(of));
                if let Some(notes) = notes {
                    notes.retain(|known| known != seq);
                }
            }
            Decision::Pin { subject, on } => {
                self.pinned.retain(|(_, known)| known != subject);
                if *on {
                    self.pinned.insert(0, (entry.seq, subject.clone()));
                }
            }
            Decision::Acknowledge { subject, on: true } => {
                self.acknowledged.insert(subject.clone(), (entry.seq, entry.at));
            }
            Decision::Acknowledge { subject, on: false } => {
                self.acknowledged.remove(subject);
            }
            Decision::AskSupplier(_)
            | Decision::SendTransfer(_)
            | Decision::Dispatch { .. }
            | Decision::TurnDown { .. }
            | Decision::Receive { .. }
            | Decision::Count { .. }
            | Decision::Uncount { .. }
            | Decision::Adjust { .. }
            | Decision::Transfer { .. }
            | Decision::Reveal { .. }
            | Decision::Forget { .. }
            | Decision::Override { .. }
            | Decision::EndOverride { .. }
            | Decision::UseModel { .. }
            | Decision::Approve(_)
            | Decision::Reject { .. }
            | Decision::Snooze { .. }
            | Decision::Countersign { .. }
            | Decision::Withdraw { .. }
            | Decision::Place { .. }
            | Decision::Tell { .. }
            | Decision::Resend { .. }
            | Decision::CancelOrder { .. }
            | Decision::CloseOrder { .. }
            | Decision::Flag { .. }
            | Decision::Unflag { .. }
            | Decision::Mute { .. }
            | Decision::EndMute { .. }
            | Decision::SwitchRule { .. }
            | Decision::SetThreshold { .. }
            | Decision::UseFlagModel { .. }
            | Decision::Allocate(_)
            | Decision::HoldForStock { .. }
            | Decision::Unallocate { .. }
            | Decision::TellShipping { .. }
            | Decision::TellShop { .. } => {}
        }
    }

    /// The number of the last entry that was applied; 0: none.
    pub fn last(&self) -> u64 {
        self.last
    }
    /// Numbers of the entries about a subject, oldest first: notes and marks, and for a SKU all
    /// that was done to its stock.
    pub fn about(&self, subject: &Subject) -> &[u64] {
        self.about.get(subject).map_or(&[], Vec::as_slice)
    }
    /// Numbers of the notes on a subject that stand, oldest first.
    pub fn notes(&self, subject: &Subject) -> &[u64] {
        self.notes.get(subject).map_or(&[], Vec::as_slice)
    }
    /// Subjects with notes that stand, and how many each has.
    pub fn noted(&self) -> impl Iterator<Item = (&Subject, usize)> {
        let counted = self.notes.iter().map(|(subject, notes)| (subject, notes.len()));
        counted.filter(|(_, count)| *count > 0)
    }
    /// Whether a note was taken back.
    pub fn is_retracted(&self, note: u64) -> bool {
        self.note_subjects.get(&note).is_some_and(|of| !self.notes(of).contains(&note))
    }
    /// What is pinned, newest first.
    pub fn pinned(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.pinned.iter().map(|(_, subject)| subject)
    }
    /// Whether a subject is pinned.
    pub fn is_pinned(&self, subject: &Subject) -> bool {
        self.pinned.iter().any(|(_, known)| known == subject)
    }
    /// By which entry, and when, a subject was acknowledged, if it still is. What has come up
    /// after that moment has not been seen.
    pub fn acknowledged(&self, subject: &Subject) -> Option<(u64, Timestamp)> {
        self.acknowledged.get(subject).copied()
    }
    /// What is acknowledged, and when it was.
    pub fn acknowledgements(&self) -> impl Iterator<Item = (&Subject, Timestamp)> {
        self.acknowledged.iter().map(|(subject, (_, at))| (subject, *at))
    }
    /// The entry that undid this one, unless that was undone itself.
    pub fn undone_by(&self, seq: u64) -> Option<u64> {
        let by = *self.undone_by.get(&seq)?;
        if self.undone_by(by).is_some() { None } else { Some(by) }
    }
    /// The entry that this one undoes.
    pub fn undoes(&self, seq: u64) -> Option<u64> {
        self.undoes.get(&seq).copied()
    }
    /// The decision at the root of a chain of undoing; an entry that undoes nothing is its own.
    pub fn original(&self, seq: u64) -> u64 {
        // An entry undoes an earlier one, so that this ends.
        let mut root = seq;
        while let Some(earlier) = self.undoes(root).filter(|earlier| *earlier < root) {
            root = earlier;
        }
        root
    }
    /// A user's last decision that is no undo and still stands; it may be one that has no inverse.
    pub fn last_standing(&self, user: &str) -> Option<u64> {
        let decided = self.decided.get(user)?.iter().rev();
        decided.copied().find(|seq| self.undone_by(*seq).is_none())
    }
    /// The last of a user's decisions before an entry that is no undo, still stands and has an inverse.
    pub fn standing_before(&self, user: &str, entry: u64) -> Option<u64> {
        let decided = self.decided.get(user)?.iter().rev().copied();
        let has_inverse = |seq: &u64| !self.lasting.contains(seq);
        let mut before = decided.skip_while(|seq| *seq >= entry).filter(has_inverse);
        before.find(|seq| self.undone_by(*seq).is_none())
    }
    /// The entry that began the act which this decision belongs to; `None`: it stands alone.
    pub fn act_of(&self, seq: u64) -> Option<u64> {
        if self.acts.contains_key(&seq) {
            return Some(seq);
        }
        // Parts of an act lie after the entry that began it.
        self.acts
            .iter()
            .find(|(_, parts)| parts.binary_search(&seq).is_ok())
            .map(|(first, _)| *first)
    }
    /// What still stands of an act, newest first.
    pub fn standing_of_act(&self, first: u64) -> Vec<u64> {
        let parts = self.acts.get(&first).into_iter().flatten().rev().copied();
        parts.chain([first]).filter(|seq| self.undone_by(*seq).is_none()).collect()
    }

    fn subject_of(&self, decision: &Decision) -> Option<Subject> {
        match decision {
            Decision::Note { subject, .. }
            | Decision::Pin { subject, .. }
            | Decision::Acknowledge { subject, .. } => Some(subject.clone()),
            Decision::Receive { sku, .. }
            | Decision::Count { sku, .. }
            | Decision::Uncount { sku, .. }
            | Decision::Adjust { sku, .. }
            | Decision::Transfer { sku, .. }
            | Decision::Override { sku, .. }
            | Decision::EndOverride { sku, .. }
            | Decision::Approve(Approval { sku, .. })
            | Decision::Reject { sku, .. }
            | Decision::Snooze { sku, .. }
            | Decision::Countersign { sku, .. }
            | Decision::Withdraw { sku, .. }
            | Decision::AskSupplier(LineRequest { sku, .. })
            | Decision::SendTransfer(TransferOrder { sku, .. })
            | Decision::Dispatch { sku, .. } => Some(Subject::Sku(sku.clone())),
            Decision::TurnDown { measure, .. } => Some(Subject::Sku(measure.sku().clone())),
            // Of an act on one order the order's history tells; of one on many, the case's.
            Decision::Flag { orders, .. } => match &**orders {
                [only] => Some(Subject::Order(only.order.clone())),
                _ => None,
            },
            Decision::Mute { of: MuteOf::Sku(sku), .. } => Some(Subject::Sku(sku.clone())),
            Decision::Mute { of: MuteOf::Feed(feed), .. } => Some(Subject::Feed(feed.clone())),
            Decision::Allocate(Allocation { order, .. })
            | Decision::HoldForStock { order, .. }
            | Decision::Unallocate { order, .. }
            | Decision::TellShipping { order, .. } => Some(Subject::Order(order.clone())),
            Decision::UseModel { .. }
            | Decision::Unflag { .. }
            | Decision::Mute { .. }
            | Decision::EndMute { .. }
            | Decision::SwitchRule { .. }
            | Decision::SetThreshold { .. }
            | Decision::UseFlagModel { .. }
            | Decision::TellShop { .. }
            | Decision::Place { .. }
            | Decision::Tell { .. }
            | Decision::Resend { .. }
            | Decision::CancelOrder { .. }
            | Decision::CloseOrder { .. } => None,
            Decision::Reveal { whose, .. } | Decision::Forget { whose, .. } => match whose {
                Whose::Order(order) => Some(Subject::Order(order.clone())),
                Whose::Customer(_) | Whose::Rejected(_) => None,
            },
            Decision::Retract { seq } => self.note_subjects.get(seq).cloned(),
        }
    }
}
