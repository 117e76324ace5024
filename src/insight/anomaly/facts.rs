//! What stands out or does not about an order and its lines, in numbers.
//!
//! Quantities and prices are compared in log2: 1 means twice as much. What cannot be known yet (a new
//! item, a new customer) is 0 where 0 says "as usual".

/// One line against its item's and its customer's past.
#[derive(Debug, Clone, Default)]
pub struct LineFacts {
    /// The item's number.
    pub(super) sku: u32,
    /// log2 of the quantity.
    pub quantity: f32,
    /// Units.
    pub units: f64,
    /// Price of one unit.
    pub price: f64,
    /// Lines of the item sold before.
    pub lines: f32,
    /// log2 of the item's median quantity.
    pub median: f32,
    /// log2 of its 10 % quantile.
    pub low: f32,
    /// log2 of its 90 % quantile.
    pub high: f32,
    /// log2 of the most ever sold in a line.
    pub most: f32,
    /// The item's spread in log2.
    pub spread: f32,
    /// Quantity over the median.
    pub offset: f32,
    /// The same in spreads.
    pub z: f32,
    /// Lines of it that this customer bought before.
    pub own_count: f32,
    /// Quantity over the last of them.
    pub own_last: f32,
    /// Quantity over the most of them.
    pub own_most: f32,
    /// Price over the item's median price.
    pub price_ratio: f32,
    /// Price over the nearest price that was paid for it.
    pub price_nearest: f32,
    /// Price over the list price; 0 where none is known.
    pub list: f32,
    /// log2 of the item's median price, `None` before the first sale.
    pub price_median: Option<f32>,
    /// Lines sold at this price before.
    pub level_count: f32,
    /// Their mean log2 quantity over the item's median.
    pub level_offset: f32,
    /// Quantity over the item's units a week.
    pub week: f32,
    /// Units a week of the item.
    pub weekly: f64,
    /// Units of the last day with this line, over what a day usually has.
    pub day: f32,
    /// 1 for a part of a unit of an item that only ever sold whole.
    pub part: f32,
    /// Times exactly this quantity was sold.
    pub exact: f32,
    /// How much oftener (ln) the item was sold in the number that was meant if a key was hit twice.
    pub slip: f32,
    /// How far the quantity is above what its item, its customer and its price speak for: the most
    /// lenient of them, in spreads.
    pub excess: f32,
}

impl LineFacts {
    /// Whether its quantity or price cannot be.
    pub fn cannot_be(&self) -> bool {
        self.units <= 0.0 || self.price <= 0.0 || self.part > 0.0
    }
}

macro_rules! facts {
    ($($doc:literal: $($name:ident),+;)*) => {
        /// What stands out or does not about one order.
        #[derive(Debug, Clone, Default)]
        pub struct Facts { $($(#[doc = $doc] pub $name: f32,)+)* }

        impl Facts {
            /// Their names, in the order of [`Facts::numbers`].
            pub const NAMES: &'static [&'static str] = &[$($(stringify!($name),)+)*];

            /// All of them, for the network.
            pub fn numbers(&self) -> Vec<f32> {
                vec![$($(self.$name,)+)*]
            }
        }
    };
}

facts! {
    "1 for a return.":
        is_return;
    "1 without a customer.":
        guest;
    "log2 of lines, of value, of units.":
        line_count, value, units;
    "Share of lines of items never sold before.":
        unknown_items;
    "Highest, second, mean and lowest quantity over the item's median in its spreads.":
        z_top, z_second, z_mean, z_low;
    "Quantity over the median: highest, mean, lowest, and highest over the mean of the \
     others.":
        offset_top, offset_mean, offset_low, offset_alone;
    "Highest quantity over the most ever sold of the item; lines of that kind.":
        over_most, over_most_lines;
    "Quantity over the customer's last of the item: highest, mean, lowest; share of such \
     lines.":
        own_top, own_mean, own_low, own_share;
    "Highest quantity over the most that this customer ever took of the item.":
        own_over_most;
    "The order's mean offset against the customer's usual one, in the customer's spreads.":
        shift_customer;
    "Highest line against the customer's usual offset, in the customer's spreads.":
        line_customer;
    "The customer's usual offset and its spread.":
        usual_offset, usual_spread;
    "Quantity against what others took at the same price: highest, mean, lowest.":
        level_top, level_mean, level_low;
    "Share of lines with a quantity that the item never had, and with an often had one.":
        never_exact, often_exact;
    "Excess over item, customer and price: highest and second line; of the highest its share \
     of a week, its slip, its worth over everybody's orders, its share of the order.":
        excess_top, excess_second, excess_week, excess_slip, excess_value, excess_share;
    "Share of the order's value in its largest line.":
        top_share;
    "Highest quantity over a week's units of its item, for items that sell; the same in a \
     small basket.":
        week_top, week_small;
    "Highest share of a week of a popular item beyond what customer and price speak for.":
        hoard;
    "Highest total of a day over the usual day of its item.":
        day_top;
    "Price over the item's median: highest, lowest, mean, median; share of lines 30 % off or \
     more.":
        price_top, price_low, price_mean, price_median, price_off;
    "Price against the nearest price paid: highest, lowest, mean of sizes; share of lines \
     off.":
        nearest_top, nearest_low, nearest_mean, nearest_off;
    "Mean price over the median against the customer's usual.":
        price_customer;
    "Value against the customer's and against everybody's, in spreads.":
        value_customer, value_all;
    "Lines against the customer's, in spreads.":
        lines_customer;
    "1 for a first order; log2 of 1 + sales; log2 of 1 + days known.":
        first_order, sales, days_known;
    "First order times value over everybody's, in spreads.":
        first_value;
    "1 when the address is new to the customer; when nobody used it; log2 of customers at it.":
        address_new, address_unused, address_customers;
    "1 when it goes elsewhere than the bill; when the country is new to the customer.":
        mismatch, country_new;
    "Rarity of the countries of shipping and bill: -ln of their share.":
        ship_rarity, bill_rarity;
    "1 when the feed is new to the customer.":
        feed_new;
    "Strangeness of where it goes (address, country, mismatch) times value over everybody's.":
        away_value;
    "Rarity of the hour for everybody, for the customer, and of the hour on this weekday.":
        hour_rarity, hour_customer, hour_weekday;
    "log2 of 1 + the customer's orders in a quarter, an hour, a day, a week.":
        own_quarter, own_hour, own_day, own_week;
    "The same of the address in a quarter and a day.":
        place_quarter, place_day;
    "log2 of 1 + small orders of new people in a quarter and an hour; over what is usual.":
        fresh_quarter, fresh_hour, fresh_usual;
    "The same if this order is one of them.":
        fresh_own;
    "All orders in a quarter over what is usual.":
        crowd_usual;
    "log2 of 1 + orders of its commonest item in the last hour over what is usual.":
        item_hour;
    "Overlap with the customer's best match in two days, lines of it times overlap, its \
     nearness.":
        same_overlap, same_lines, same_near;
    "The same among everybody's orders.":
        like_overlap, like_lines, like_near;
    "log2 of 1 + returns of the customer in 14 and 60 days.":
        returns_fortnight, returns_season;
    "Share of bought units that come back, and its mean with the returns of 60 days.":
        returned_share, returned_usual;
    "Value returned in 60 days with this over value bought.":
        returned_value;
    "Share of returned lines that were never bought, or more than was bought.":
        returned_unbought;
    "Fortnight's returns times share.":
        returned_often;
    "Returns for each sale of the customer.":
        returns_per_sale;
    "Share of lines bought before against the customer's usual, in spreads.":
        repeats_customer;
    "Mean log2 of the weekly units of the items.":
        popularity;
    "Lines of an item that is in the order twice, as a share.":
        twice;
    "Share of lines with a quantity or price that cannot be, parts of whole units among them.":
        odd_numbers;
}
