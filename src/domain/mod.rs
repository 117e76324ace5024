//! The words of the trade: orders, SKUs, sites, stock, suppliers, money, time.
//!
//! Nothing here does I/O, and nothing here knows another module of the crate. Records that are
//! kept on disk (store, archive, journal) are defined here too, so that there is one place that
//! decides their shape.

pub mod allocation;
pub mod clock;
pub mod coordination;
pub mod decision;
pub mod expectation;
pub mod flag;
pub mod ids;
pub mod money;
pub mod order;
pub mod person;
pub mod procurement;
pub mod product;
pub mod purchase;
pub mod qty;
pub mod record;
pub mod service;
pub mod severity;
pub mod stock;
pub mod terms;
pub mod text;
pub mod time;
pub mod traces;
pub mod version;

pub use allocation::{Allocation, ShipFrom, ship_words};
pub use clock::{Clock, SimClock, WallClock};
pub use coordination::{Ask, LineRequest, Measure, Reply, TransferOrder};
pub use decision::{Actor, Decision, Entry, Subject};
pub use expectation::{Expectation, MOST_PERCENT};
pub use flag::{CaseAct, CaseId, CaseKind, CaseSubject, FlaggedOrder, MuteOf, ShopWord, Threshold};
pub use ids::{
    Category, Country, CustomerRef, FeedId, OrderKey, OrderNo, PoNumber, SiteId, Sku, SupplierId,
};
pub use money::{Currency, Money, UnitPrice};
pub use order::{LATE_AFTER, LineClass, Order, OrderKind, OrderLine, OrderStatus};
pub use person::{
    CustomerNote, PersonClear, Private, RawRecord, Sealed, SealedNote, SealedRaw, Whose,
};
pub use procurement::{
    Approval, BuyingState, ConfirmedLine, PlacedLine, Review, Suggestion, Told, Total, own_number,
    total,
};
pub use product::{Product, Site, Supplier};
pub use purchase::{PoLine, PoStatus, PurchaseOrder, Receipt};
pub use qty::Qty;
pub use record::{Cursor, Page, Progress, Record, Reject};
pub use service::Service;
pub use severity::Severity;
pub use stock::{Position, StockAdjustment, StockBasis, StockReport, StockSource};
pub use terms::{PriceBreak, SkuTerms, StockBounds};
pub use time::{Day, Span, Timestamp, Zone};
pub use traces::{AccountRef, AddressRef, Aside, Traces};
pub use version::Version;
