//! Rows of items, stock, suppliers and receipts to records.

use super::dates::Dates;
use super::orders::{Rules, currency, not_a};
use super::preset::{Field, Layout, RowKind};
use super::text::{cleaned, decode, plain_number};
use crate::domain::text::clean;
use crate::domain::{
    Category, Money, PoLine, PoNumber, PoStatus, PriceBreak, Product, PurchaseOrder, Qty, Receipt,
    Record, SiteId, Sku, SkuTerms, StockBasis, StockBounds, StockReport, Supplier, SupplierId,
    Timestamp, UnitPrice,
};
use csv::ByteRecord;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// One row with what is needed to read it.
pub struct RowView<'a> {
    /// Where the fields lie.
    pub layout: &'a Layout,
    /// The row.
    pub row: &'a ByteRecord,
    /// How numbers and money are read.
    pub rules: &'a Rules,
}

impl RowView<'_> {
    fn text(&self, field: Field) -> Option<Box<str>> {
        cleaned(self.layout.get(self.row, field))
    }
    fn due(&self, field: Field) -> Result<Box<str>, String> {
        self.text(field).ok_or_else(|| format!("`{}` is empty", field.name()))
    }
    fn qty(&self, field: Field) -> Result<Option<Qty>, String> {
        match self.layout.get(self.row, field) {
            b"" => Ok(None),
            text => Qty::parse(&plain_number(text, self.rules.decimal_comma))
                .map(Some)
                .ok_or_else(|| not_a("quantity", field, text)),
        }
    }
    fn time(&self, field: Field, dates: &mut Dates) -> Result<Option<Timestamp>, String> {
        match self.layout.get(self.row, field) {
            b"" => Ok(None),
            text => dates.read(text).map(Some).ok_or_else(|| not_a("time", field, text)),
        }
    }
    fn small<T: std::str::FromStr>(&self, field: Field, what: &str) -> Result<Option<T>, String> {
        match self.layout.get(self.row, field) {
            b"" => Ok(None),
            text => decode(text).parse().map(Some).map_err(|_| not_a(what, field, text)),
        }
    }
    fn site(&self) -> SiteId {
        self.text(Field::Site).map_or_else(SiteId::main, SiteId::new)
    }

    fn product(&self) -> Result<Product, String> {
        let mut product = Product::bare(Sku::new(self.due(Field::Sku)?));
        product.name = self.text(Field::Name);
        product.category = self.text(Field::Category).map(Category::new);
        product.pack = self.qty(Field::Pack)?;
        product.moq = self.qty(Field::Moq)?;
        product.supplier = self.text(Field::Supplier).map(SupplierId::new);
        let cost = self.layout.get(self.row, Field::UnitCost);
        if !cost.is_empty() {
            let price = self.cost(Field::UnitCost, cost)?;
            product.cost = Some(price.ok_or_else(|| not_a("cost", Field::UnitCost, cost))?);
        }
        Ok(product)
    }

    /// A cost of one unit in the row's currency; `None`: the text is none. Nobody pays for being sold
    /// something.
    fn cost(&self, field: Field, text: &[u8]) -> Result<Option<UnitPrice>, String> {
        let money = currency(self.layout.get(self.row, Field::Currency), self.rules.currency)?;
        let cost = UnitPrice::parse(&plain_number(text, self.rules.decimal_comma), money);
        if cost.is_some_and(|cost| cost.e4 < 0) {
            let shown: String = clean(&decode(text)).chars().take(40).collect();
            return Err(format!("`{}` has a cost below 0: `{shown}`", field.name()));
        }
        Ok(cost)
    }

    /// What binds buying the item, beside its product; `None`: the row says nothing of it.
    fn terms(&self, dates: &mut Dates) -> Result<Option<SkuTerms>, String> {
        let mut terms = SkuTerms::bare(Sku::new(self.due(Field::Sku)?));
        terms.breaks = self.price_breaks()?;
        terms.shelf_life_days = self.small(Field::ShelfLifeDays, "number of days")?;
        terms.most = self.qty(Field::MaxStock)?.filter(|_| self.text(Field::Site).is_none());
        let until = self.layout.get(self.row, Field::SoldUntil);
        if !until.is_empty() {
            let day = dates.day(until).ok_or_else(|| not_a("day", Field::SoldUntil, until))?;
            terms.sold_until = Some(day);
        }
        Ok(Some(terms).filter(|terms| !terms.is_bare()))
    }

    /// Between what stock is to be kept, at the row's site or at all; `None`: the row says nothing of it.
    fn bounds(&self) -> Result<Option<StockBounds>, String> {
        let bound = |field: Field| -> Result<Option<Qty>, String> {
            match self.qty(field)? {
                Some(qty) if qty.is_negative() => {
                    Err(format!("`{}` is below 0: `{qty}`", field.name()))
                }
                qty => Ok(qty),
            }
        };
        let (least, most) = (bound(Field::MinStock)?, bound(Field::MaxStock)?);
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            return Err(format!("`min_stock` {least} is above `max_stock` {most}"));
        }
        let site = self.text(Field::Site).map(SiteId::new);
        let bounds = StockBounds {
            sku: Sku::new(self.due(Field::Sku)?),
            // Of all sites the terms say it.
            most: most.filter(|_| site.is_some()),
            least,
            site,
        };
        Ok(Some(bounds).filter(|bounds| bounds.least.is_some() || bounds.most.is_some()))
    }

    fn price_breaks(&self) -> Result<Option<Box<[PriceBreak]>>, String> {
        let text = self.layout.get(self.row, Field::PriceBreaks);
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || {
            let told = not_a("list of units and cost", Field::PriceBreaks, text);
            format!("{told}; write it as in `100:4.50; 500:4.00`")
        };
        let one = |part: &[u8]| -> Result<PriceBreak, String> {
            let colon = part.iter().position(|byte| *byte == b':').ok_or_else(wrong)?;
            let (from, cost) = (part[..colon].trim_ascii(), part[colon + 1..].trim_ascii());
            let from = Qty::parse(&plain_number(from, self.rules.decimal_comma));
            let from = from.filter(|units| units.is_positive()).ok_or_else(wrong)?;
            Ok(PriceBreak { from, cost: self.cost(Field::PriceBreaks, cost)?.ok_or_else(wrong)? })
        };
        let parts = text.split(|byte| matches!(byte, b';' | b'|')).map(<[u8]>::trim_ascii);
        parts.filter(|part| !part.is_empty()).map(one).collect::<Result<_, _>>().map(Some)
    }

    fn stock(&self, dates: &mut Dates) -> Result<StockReport, String> {
        let as_of = self.time(Field::AsOf, dates)?;
        Ok(StockReport {
            sku: Sku::new(self.due(Field::Sku)?),
            site: self.site(),
            qty: self.qty(Field::OnHand)?,
            basis: StockBasis::OnHand,
            as_of: as_of.ok_or("`as_of` is empty; a stock figure needs its time")?,
        })
    }

    fn supplier(&self) -> Result<Supplier, String> {
        let id = self.due(Field::Supplier)?;
        let least = self.layout.get(self.row, Field::MinOrderValue);
        let min_order = if least.is_empty() {
            None
        } else {
            let money = currency(self.layout.get(self.row, Field::Currency), self.rules.currency)?;
            let amount = Money::parse(&plain_number(least, self.rules.decimal_comma), money);
            Some(amount.ok_or_else(|| not_a("amount", Field::MinOrderValue, least))?)
        };
        let weekday: Option<u8> = self.small(Field::ReviewWeekday, "weekday from 0 to 6")?;
        if weekday.is_some_and(|d| d > 6) {
            return Err("`review_weekday` goes from 0 (Monday) to 6 (Sunday)".into());
        }
        Ok(Supplier {
            name: self.text(Field::Name).unwrap_or_else(|| id.clone()),
            id: SupplierId::new(id),
            lead_time_days: self.small(Field::LeadTimeDays, "number of days")?,
            review_weekday: weekday,
            min_order,
        })
    }
}

/// Collects what rows of master data say. Purchase orders are whole only at the end of the file.
#[derive(Default)]
pub struct MasterBook {
    orders: BTreeMap<Box<str>, PurchaseOrder>,
    seen: FxHashMap<String, u32>,
}

impl MasterBook {
    /// Takes a row and hands over its records; the error says what is wrong with it.
    pub fn take(
        &mut self,
        kind: RowKind,
        view: &RowView<'_>,
        dates: &mut Dates,
        into: &mut impl Extend<Record>,
    ) -> Result<(), String> {
        match kind {
            RowKind::Items => {
                let (product, terms) = (view.product()?, view.terms(dates)?);
                let terms = terms.map(Record::Terms).into_iter();
                let bounds = view.bounds()?.map(Record::Bounds);
                into.extend([Record::Product(product)].into_iter().chain(terms).chain(bounds));
            }
            RowKind::Stock => into.extend([Record::Stock(view.stock(dates)?)]),
            RowKind::Suppliers => into.extend([Record::Supplier(view.supplier()?)]),
            RowKind::Receipts => into.extend(self.receipt(view, dates)?.map(Record::Receipt)),
            // Order rows go to the order book.
            RowKind::Orders => {}
        }
        Ok(())
    }

    /// Purchase orders, by number, at the end of the file.
    pub fn close(&mut self, into: &mut impl Extend<Record>) {
        for (_, mut order) in std::mem::take(&mut self.orders) {
            let received = |line: &PoLine| line.open().is_zero();
            order.status = if order.lines.iter().all(received) {
                PoStatus::Received
            } else if order.lines.iter().any(|line| line.received.is_positive()) {
                PoStatus::PartlyReceived
            } else {
                PoStatus::Sent
            };
            into.extend([Record::PurchaseOrder(order)]);
        }
    }

    fn receipt(
        &mut self,
        view: &RowView<'_>,
        dates: &mut Dates,
    ) -> Result<Option<Receipt>, String> {
        let sku = Sku::new(view.due(Field::Sku)?);
        let (po, supplier) = (view.text(Field::Po), view.text(Field::Supplier));
        let ordered = view.qty(Field::Qty)?.ok_or("`qty` is empty")?;
        let ordered_at = view.time(Field::OrderedAt, dates)?;
        let due_at = view.time(Field::DueAt, dates)?;
        let received_at = view.time(Field::ReceivedAt, dates)?;
        let told = view.qty(Field::ReceivedQty)?;
        if told.is_some_and(Qty::is_positive) && received_at.is_none() {
            return Err("`received_qty` is given without `received_at`".into());
        }
        // A receipt without a figure of its own is the whole line.
        let received = received_at.map_or(Qty::ZERO, |_| told.unwrap_or(ordered));
        if po.is_none() && received_at.is_none() {
            return Err("the row names neither a purchase order nor a receipt".into());
        }
        if let (Some(number), Some(supplier), Some(at)) = (&po, &supplier, ordered_at) {
            let order = self.orders.entry(number.clone()).or_insert_with(|| PurchaseOrder {
                number: PoNumber::new(number.clone()),
                supplier: SupplierId::new(supplier.clone()),
                site: view.site(),
                status: PoStatus::Sent,
                ordered_at: at,
                due_at,
                updated_at: at,
                lines: Vec::new(),
            });
            order.updated_at = order.updated_at.max(received_at.unwrap_or(at));
            order.due_at = order.due_at.max(due_at);
            // Deliveries in parts repeat the line with the same ordered quantity.
            let same = order.lines.iter_mut().find(|line| {
                line.sku == sku
                    && line.qty == ordered
                    && line.received.is_positive()
                    && line.received + received <= ordered
            });
            match same {
                Some(line) => line.received += received,
                None => {
                    order.lines.push(PoLine {
                        sku: sku.clone(),
                        qty: ordered,
                        received,
                        cost: None,
                    });
                }
            }
        }
        let Some(received_at) = received_at else { return Ok(None) };
        let place = view.site();
        let key = match &po {
            Some(po) => format!("{po}/{sku}"),
            None => format!("-/{sku}/{place}/{}", received_at.as_millis()),
        };
        let nth = self.seen.entry(key.clone()).or_default();
        *nth += 1;
        Ok(Some(Receipt {
            id: format!("{key}/{nth}").into(),
            po: po.map(PoNumber::new),
            supplier: supplier.map(SupplierId::new),
            sku,
            site: place,
            qty: received,
            ordered_at,
            due_at,
            received_at,
        }))
    }
}
