//! People: what pages say of them is sealed before anything is written, read back only by a
//! journalled decision, and forgotten by destroying its key.

use super::api::{Outcome, Refusal, Revealed};
use super::house::House;
use super::keeper::KeepError;
use super::tables;
use crate::domain::*;
use crate::orders::OrderIndex;
use crate::store::{Store, StoreError, Write};
use crate::vault::{Vault, VaultError};
use std::collections::BTreeMap;
use std::sync::Arc;

impl House {
    /// Seals what a page says in clear: what is news goes into the write, and into the page for
    /// the archive. The keys are on disk when this returns, so that nothing is kept that they
    /// would not open.
    pub(super) fn seal_private(
        &self,
        page: &mut Page,
        write: &mut Write<'_>,
    ) -> Result<(), KeepError> {
        let persons = std::mem::take(&mut page.private.persons);
        let notes = std::mem::take(&mut page.private.notes);
        let nothing = persons.is_empty() && notes.is_empty() && page.private.voids.is_empty();
        if nothing && page.rejects.is_empty() {
            return Ok(());
        }
        let mut told: BTreeMap<CustomerRef, PersonClear> = BTreeMap::new();
        for (customer, person) in persons {
            told.entry(customer).or_default().merge(person);
        }
        let mut vault = self.vault.lock();
        let sealed = &mut page.private.sealed;
        for (customer, person) in told {
            sealed.extend(seal_person(&mut vault, customer, person, write)?);
        }
        for note in notes {
            sealed.extend(seal_note(&mut vault, note, write)?);
        }
        self.seal_rejects(&mut vault, page, write)?;
        Ok(vault.sync()?)
    }

    /// Takes what an archived page holds sealed. What was forgotten since is left out.
    pub(super) fn take_sealed(
        &self,
        page: &mut Page,
        write: &mut Write<'_>,
    ) -> Result<(), StoreError> {
        super::quarantine::leave_out_known(&mut page.rejects, write)?;
        let vault = self.vault.lock();
        for sealed in &page.private.sealed {
            match sealed {
                Sealed::Person(customer, bytes) => {
                    if !vault.is_forgotten(&key_of(Some(customer), None)) {
                        write.put::<tables::People>(customer, bytes)?;
                    }
                }
                Sealed::Note(order, note) => {
                    if !vault.is_forgotten(&key_of(note.customer.as_ref(), Some(order))) {
                        write.put::<tables::CustomerNotes>(order, note)?;
                    }
                }
                // It goes into quarantine with its reject.
                Sealed::Raw(..) => {}
            }
        }
        Ok(())
    }

    /// What is known in clear. The decision to read it is in the journal as `seq`.
    pub(super) fn reveal(&self, whose: &Whose, seq: u64) -> Result<Outcome, Refusal> {
        let store = self.store().ok_or_else(|| Refusal::failed("the store is not open"))?;
        let mut revealed = Revealed {
            seq,
            whose: whose.clone(),
            person: PersonClear::default(),
            notes: Vec::new(),
            raw: None,
        };
        let orders = match whose {
            Whose::Customer(customer) => {
                if let Some(sealed) = store.get::<tables::People>(customer)? {
                    let vault = self.vault.lock();
                    revealed.person = open_person(&vault, customer, &sealed).map_err(unreadable)?;
                }
                orders_of(&self.orders.read(), customer)
            }
            Whose::Order(order) => vec![order.clone()],
            Whose::Rejected(seq) => {
                if let Some(kept) = store.get::<tables::Quarantine>(seq)? {
                    let raw = self.raw_of(&kept).map_err(unreadable)?;
                    revealed.raw = raw.map(|raw| raw.text);
                }
                Vec::new()
            }
        };
        for order in orders {
            if let Some(note) = store.get::<tables::CustomerNotes>(&order)? {
                let text = open_note(&self.vault.lock(), &order, &note).map_err(unreadable)?;
                revealed.notes.push((order, text));
            }
        }
        Ok(Outcome::Revealed(Box::new(revealed)))
    }

    /// What was written with an order, for the detection alone: it says what it found in it and never
    /// what it says. `None`: nothing was, or nobody can read it any more.
    pub(super) fn note_for_flags(&self, store: &Store, order: &Order) -> Option<Arc<str>> {
        if !order.aside.noted {
            return None;
        }
        let sealed = store.get::<tables::CustomerNotes>(&order.key).ok().flatten()?;
        open_note(&self.vault.lock(), &order.key, &sealed).ok().map(Into::into)
    }

    /// Destroys the key, and deletes what can no longer be read.
    pub(super) fn forget(
        &self,
        whose: &Whose,
        index: &OrderIndex,
        store: &Store,
        write: &mut Write<'_>,
    ) -> Result<(), KeepError> {
        self.vault.lock().forget(&whose.to_string())?;
        match whose {
            Whose::Customer(customer) => {
                write.delete::<tables::People>(customer);
                self.forget_rejects(customer, store, write)?;
                for order in orders_of(index, customer) {
                    write.delete::<tables::CustomerNotes>(&order);
                }
            }
            Whose::Order(order) => write.delete::<tables::CustomerNotes>(order),
            Whose::Rejected(_) => {}
        }
        Ok(())
    }
}

/// The subject under whose key something lies: the customer where there is one, else the order.
fn key_of(customer: Option<&CustomerRef>, order: Option<&OrderKey>) -> String {
    match (customer, order) {
        (Some(customer), _) => Whose::Customer(customer.clone()).to_string(),
        (None, Some(order)) => Whose::Order(order.clone()).to_string(),
        (None, None) => String::new(),
    }
}

fn orders_of(index: &OrderIndex, customer: &CustomerRef) -> Vec<OrderKey> {
    let rows = index.of_customer(customer, usize::MAX).into_iter();
    rows.filter_map(|row| Some(index.row(row)?.key)).collect()
}

fn seal_person(
    vault: &mut Vault,
    customer: CustomerRef,
    told: PersonClear,
    write: &mut Write<'_>,
) -> Result<Option<Sealed>, KeepError> {
    let known = write.get::<tables::People>(&customer)?;
    // What no key opens any more is told anew.
    let known = known.and_then(|sealed| open_person(vault, &customer, &sealed).ok());
    let mut person = known.unwrap_or_default();
    if !person.merge(told) {
        return Ok(None);
    }
    let clear = postcard::to_stdvec(&person).map_err(|_| VaultError::NoKey)?;
    let Some(bytes) = vault.seal(&key_of(Some(&customer), None), &clear)? else { return Ok(None) };
    write.put::<tables::People>(&customer, &bytes)?;
    Ok(Some(Sealed::Person(customer, bytes)))
}

fn open_person(
    vault: &Vault,
    customer: &CustomerRef,
    sealed: &[u8],
) -> Result<PersonClear, VaultError> {
    let clear = vault.open_sealed(&key_of(Some(customer), None), sealed)?;
    postcard::from_bytes(&clear).map_err(|_| VaultError::NoKey)
}

/// Of two versions the newer one's note stands; of one moment, the larger text, so that the order
/// in which they come does not matter.
fn seal_note(
    vault: &mut Vault,
    note: CustomerNote,
    write: &mut Write<'_>,
) -> Result<Option<Sealed>, KeepError> {
    let CustomerNote { order, customer, at, text } = note;
    if let Some(known) = write.get::<tables::CustomerNotes>(&order)? {
        let standing = open_note(vault, &order, &known).ok();
        let standing = standing.as_deref();
        let same_key = known.customer == customer;
        let stands = |standing: &str| standing == &*text || (known.at, standing) > (at, &*text);
        if same_key && standing.is_some_and(stands) {
            return Ok(None);
        }
    }
    let subject = key_of(customer.as_ref(), Some(&order));
    let Some(bytes) = vault.seal(&subject, text.as_bytes())? else { return Ok(None) };
    let sealed = SealedNote { customer, at, bytes };
    write.put::<tables::CustomerNotes>(&order, &sealed)?;
    Ok(Some(Sealed::Note(order, sealed)))
}

fn open_note(vault: &Vault, order: &OrderKey, note: &SealedNote) -> Result<Box<str>, VaultError> {
    let clear = vault.open_sealed(&key_of(note.customer.as_ref(), Some(order)), &note.bytes)?;
    String::from_utf8(clear).map(Into::into).map_err(|_| VaultError::NoKey)
}

fn unreadable(error: VaultError) -> Refusal {
    Refusal::failed(format!("what is kept cannot be read: {error}"))
}

#[cfg(test)]
pub(super) mod tests;
