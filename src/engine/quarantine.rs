//! The quarantine: what could not be understood is kept once, sealed, and tried again when asked.

use super::api::{Outcome, Refusal, Retry};
use super::house::{House, Numbers};
use super::keeper::{KeepError, Origin};
use super::stored::StoredOrder;
use super::tables::{self, Quarantined};
use crate::domain::*;
use crate::feed::reread::{Reread, Shop};
use crate::store::{Store, StoreError, Write};
use crate::vault::{Vault, VaultError};
use std::collections::BTreeMap;
use std::collections::HashSet;

/// A stock figure that is dated further ahead than this is a slip: it would stand until then, whatever is
/// told meanwhile.
const AHEAD: Span = Span::days(1);
/// More units than this are on no shelf.
const MOST_ON_HAND: Qty = Qty::units(1_000_000_000);

/// Takes stock figures that cannot be meant out of a page from a feed, as rejects. `now` is the present.
pub(super) fn reject_odd_figures(page: &mut Page, now: Timestamp) {
    let latest = page.asked.max(now) + AHEAD;
    let Page { records, rejects, .. } = page;
    records.retain(|record| {
        let Record::Stock(report) = record else { return true };
        let Some(reason) = why_odd(report, latest) else { return true };
        let StockReport { sku, site, as_of, .. } = report;
        let qty = report.qty.map_or_else(|| "unknown".into(), |qty| qty.to_string());
        rejects.push(Reject {
            id: 0,
            place: text::clean(&format!("stock of {sku} at {site}")).into(),
            reason: reason.into(),
            excerpt: text::clean(&format!("{sku} at {site}: {qty} as of {as_of}")).into(),
            raw: None,
        });
        false
    });
}

fn why_odd(report: &StockReport, latest: Timestamp) -> Option<String> {
    let as_of = report.as_of;
    if as_of > latest {
        return Some(format!("the figure is as of {as_of}, which is to come; mend its date"));
    }
    let qty = report.qty.filter(|qty| *qty > MOST_ON_HAND || *qty < -MOST_ON_HAND)?;
    Some(format!("{qty} cannot be on a shelf; mend the quantity"))
}

impl House {
    /// Gives the rejects of a page from a feed their ids, leaves out those that were in quarantine
    /// before, and seals the others for the archive.
    pub(super) fn seal_rejects(
        &self,
        vault: &mut Vault,
        page: &mut Page,
        write: &Write<'_>,
    ) -> Result<(), KeepError> {
        for reject in &mut page.rejects {
            let text = match &reject.raw {
                Some(raw) => &raw.text,
                None => &reject.excerpt,
            };
            reject.id = vault.number_of(&[page.feed.as_str(), &reject.place, text]);
        }
        for (place, excerpt) in std::mem::take(&mut page.private.voids) {
            let id = vault.number_of(&[page.feed.as_str(), &place, &excerpt]);
            page.private.settles.push(id);
        }
        leave_out_known(&mut page.rejects, write)?;
        for reject in &mut page.rejects {
            let Some(raw) = reject.raw.take() else { continue };
            if let Some(raw) = seal(vault, reject.id, &raw)? {
                page.private.sealed.push(Sealed::Raw(reject.id, raw));
            }
        }
        Ok(())
    }

    /// Puts the rejects of a page into quarantine, and takes out what the page settles.
    pub(super) fn quarantine(
        &self,
        page: &Page,
        numbers: &mut Numbers,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        let mut raws: BTreeMap<u64, &SealedRaw> = BTreeMap::new();
        for sealed in &page.private.sealed {
            if let Sealed::Raw(id, raw) = sealed {
                raws.insert(*id, raw);
            }
        }
        let vault = self.vault.lock();
        for reject in &page.rejects {
            let raw = raws.get(&reject.id).copied();
            let raw = raw.filter(|raw| !vault.is_forgotten(&key_of(raw.customer.as_ref())));
            let kept = Quarantined {
                feed: page.feed.clone(),
                at: page.asked,
                reject: reject.clone(),
                raw: raw.cloned(),
                attempts: 0,
            };
            let seq = numbers.next_quarantine;
            numbers.next_quarantine += 1;
            write.put::<tables::Quarantine>(&seq, &kept)?;
            write.put::<tables::RejectIds>(&reject.id, &Some(seq))?;
            *numbers.quarantined.entry(page.feed.clone()).or_default() += 1;
        }
        for id in &page.private.settles {
            let Some(Some(seq)) = write.get::<tables::RejectIds>(id)? else { continue };
            write.delete::<tables::Quarantine>(&seq);
            write.put::<tables::RejectIds>(id, &None)?;
            let count = numbers.quarantined.entry(page.feed.clone()).or_default();
            *count = count.saturating_sub(1);
        }
        Ok(())
    }

    /// All of a record in quarantine; `None`: it is not kept.
    pub(super) fn raw_of(&self, kept: &Quarantined) -> Result<Option<RawRecord>, VaultError> {
        let Some(raw) = &kept.raw else { return Ok(None) };
        open(&self.vault.lock(), kept.reject.id, raw).map(Some)
    }

    /// Deletes what is kept of rejects that are about a person.
    pub(super) fn forget_rejects(
        &self,
        customer: &CustomerRef,
        store: &Store,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        for record in store.scan::<tables::Quarantine>(..) {
            let (seq, mut kept) = record?;
            if kept.raw.as_ref().is_some_and(|raw| raw.customer.as_ref() == Some(customer)) {
                kept.raw = None;
                write.put::<tables::Quarantine>(&seq, &kept)?;
            }
        }
        Ok(())
    }

    /// Reads records in quarantine again. What is understood leaves it in the same write that takes
    /// in what the record says.
    pub fn retry(
        &self,
        job: &Retry,
        shop_of: &dyn Fn(&FeedId) -> Option<Shop>,
    ) -> Result<Outcome, Refusal> {
        let wanted: HashSet<u64> = job.seqs.iter().copied().collect();
        let store = self.store().ok_or_else(|| Refusal::failed("the store is not open"))?;
        let mut chosen = Vec::new();
        for record in store.scan::<tables::Quarantine>(..) {
            let (seq, kept) = record?;
            let is_feeds = job.feed.as_ref().is_none_or(|feed| *feed == kept.feed);
            if is_feeds && (wanted.is_empty() || wanted.contains(&seq)) {
                chosen.push((seq, kept.reject.id, kept.feed));
            }
        }
        if chosen.is_empty() && (!wanted.is_empty() || job.feed.is_some()) {
            return Err(Refusal::usage(
                "nothing in quarantine is meant; `stockdeck quarantine` lists what is there",
            ));
        }
        drop(store);
        let (mut settled, mut left) = (0, 0);
        for (seq, id, feed) in chosen {
            match self.retry_one(job, seq, id, shop_of(&feed))? {
                Some(Retried::Settled) => settled += 1,
                Some(Retried::Left) => left += 1,
                None => {}
            }
        }
        self.changed();
        Ok(Outcome::Retried { settled, left })
    }

    /// Reads one record again; `None`: it is not in quarantine any more. The writer is held from the
    /// look at what is known to the end, or two rows of an order that are tried at once would each
    /// join the order without the other.
    fn retry_one(
        &self,
        job: &Retry,
        seq: u64,
        id: u64,
        shop: Option<Shop>,
    ) -> Result<Option<Retried>, Refusal> {
        let failed = |error: KeepError| Refusal::failed(error.to_string());
        let mut writer = self.writer.lock();
        let store = self.store().filter(|_| writer.is_some());
        let store = store.ok_or_else(|| failed(KeepError::Loading))?;
        let kept = store.get::<tables::Quarantine>(&seq)?;
        let Some(kept) = kept.filter(|kept| kept.reject.id == id) else { return Ok(None) };
        if kept.raw.is_none() {
            // Whole files: their feed reads them again when its mapping changes. The reason stands.
            return Ok(Some(Retried::Left));
        }
        let page = match self.read_again(job, &kept, shop) {
            Ok(read) => self.page_of(&kept, read, &store)?,
            Err(reason) => Err(reason),
        };
        match page {
            Ok(page) => {
                self.apply_held(&mut writer, page, Origin::Feed).map_err(failed)?;
                Ok(Some(Retried::Settled))
            }
            Err(reason) => {
                if let Err(error) = tried_in_vain(&store, seq, kept, reason) {
                    let error = error.into();
                    self.load_anew(&mut writer, &error);
                    return Err(failed(error));
                }
                Ok(Some(Retried::Left))
            }
        }
    }

    /// What a record in quarantine says now, or why it still says nothing.
    fn read_again(
        &self,
        job: &Retry,
        kept: &Quarantined,
        shop: Option<Shop>,
    ) -> Result<Read, String> {
        let raw = self.raw_of(kept).map_err(|error| error.to_string())?;
        let raw = raw.ok_or("its text was not kept; let the feed read it again")?;
        if raw.is_cut() {
            return Err("it is longer than 64 KiB and was cut; let the feed read it again".into());
        }
        let reread = Reread {
            feed: &kept.feed,
            pseudonyms: self.pseudonyms.clone(),
            shop,
            preset: job.preset.as_deref(),
            columns: &job.columns,
            asked: kept.at,
        };
        let (records, private) = reread.read(&raw)?;
        Ok(Read { records, private, is_part: crate::feed::reread::is_part(&raw) })
    }

    /// The page that tells what was read and settles its record, or why there is none.
    fn page_of(
        &self,
        kept: &Quarantined,
        read: Read,
        store: &Store,
    ) -> Result<Result<Page, String>, StoreError> {
        let Read { mut records, mut private, is_part } = read;
        let mut after = self.clock.now();
        for record in &mut records {
            let (true, Record::Order(order)) = (is_part, record) else { continue };
            let Some(known) = self.known(&order.key, store)? else { continue };
            if known.is_gone() {
                return Ok(Err("the order that it is a line of is gone".into()));
            }
            after = after.max(known.heard_at());
            add_to_known(order, known.into_order());
        }
        private.settles.push(kept.reject.id);
        Ok(Ok(Page {
            feed: kept.feed.clone(),
            // After what told the rest of the order, should the clock stand still: of two versions
            // of one moment, the one without this line might be kept.
            asked: after + Span::millis(1),
            records,
            rejects: Vec::new(),
            private,
            cursor: None,
            progress: None,
        }))
    }

    fn known(&self, order: &OrderKey, store: &Store) -> Result<Option<StoredOrder>, StoreError> {
        let row = self.orders.read().find(order);
        row.map_or(Ok(None), |row| store.get::<tables::Orders>(&row))
    }
}

/// A row of a file is a line of an order, whose other lines are known already.
fn add_to_known(told: &mut Order, mut whole: Order) {
    whole.lines.append(&mut told.lines);
    whole.total.minor = whole.total.minor.saturating_add(told.total.minor);
    whole.aside.noted |= told.aside.noted;
    whole.updated_at = whole.updated_at.max(told.updated_at);
    *told = whole;
}

/// What became of a record that was tried again.
enum Retried {
    /// It was understood, and is in quarantine no more.
    Settled,
    /// It is still in quarantine.
    Left,
}

/// What a record says.
struct Read {
    records: Vec<Record>,
    private: Private,
    /// Whether its orders are only parts of orders.
    is_part: bool,
}

fn tried_in_vain(
    store: &Store,
    seq: u64,
    mut kept: Quarantined,
    reason: String,
) -> Result<(), StoreError> {
    kept.attempts += 1;
    kept.reject.reason = reason.into();
    let mut write = store.write();
    write.put::<tables::Quarantine>(&seq, &kept)?;
    write.commit()
}

/// Leaves out rejects that are, or were, in quarantine, and what a page repeats.
pub(super) fn leave_out_known(
    rejects: &mut Vec<Reject>,
    write: &Write<'_>,
) -> Result<(), StoreError> {
    let mut here = HashSet::new();
    let mut news = Vec::new();
    for reject in std::mem::take(rejects) {
        if here.insert(reject.id) && write.get::<tables::RejectIds>(&reject.id)?.is_none() {
            news.push(reject);
        }
    }
    *rejects = news;
    Ok(())
}

fn key_of(customer: Option<&CustomerRef>) -> String {
    customer.map(|customer| Whose::Customer(customer.clone()).to_string()).unwrap_or_default()
}

fn about(id: u64) -> String {
    format!("reject {id:016x}")
}

/// Under the key of whom the record is about, where it says so. Each is bound to its own record.
fn seal(vault: &mut Vault, id: u64, raw: &RawRecord) -> Result<Option<SealedRaw>, VaultError> {
    let clear = postcard::to_stdvec(&(about(id), raw)).map_err(|_| VaultError::NoKey)?;
    let customer = raw.customer.clone();
    let bytes = match &customer {
        Some(_) => vault.seal(&key_of(customer.as_ref()), &clear)?,
        None => Some(vault.seal_shared(&about(id), &clear)?),
    };
    Ok(bytes.map(|bytes| SealedRaw { customer, bytes }))
}

fn open(vault: &Vault, id: u64, raw: &SealedRaw) -> Result<RawRecord, VaultError> {
    let clear = match &raw.customer {
        Some(_) => vault.open_sealed(&key_of(raw.customer.as_ref()), &raw.bytes)?,
        None => vault.open_shared(&about(id), &raw.bytes)?,
    };
    match postcard::from_bytes::<(String, RawRecord)>(&clear) {
        Ok((of, raw)) if of == about(id) => Ok(raw),
        _ => Err(VaultError::NoKey),
    }
}

#[cfg(test)]
mod tests;
