//! Products and variations in WooCommerce's shape.

use super::orders::{Shaper, family_id, item_id};
use super::wire::{Links, Nothing, Pounds, Stamp};
use crate::feed::demo::catalogue::{Item, SITES};
use crate::feed::demo::words::RANGES;
use serde::Serialize;

/// A product or variation.
#[derive(Serialize)]
pub struct ProductShape<'a> {
    id: u64,
    name: &'a str,
    slug: String,
    permalink: String,
    date_created: Stamp<'a>,
    date_created_gmt: Stamp<'a>,
    date_modified: Stamp<'a>,
    date_modified_gmt: Stamp<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    featured: bool,
    catalog_visibility: &'static str,
    description: &'static str,
    short_description: &'static str,
    sku: &'a str,
    price: Price,
    regular_price: Price,
    sale_price: Price,
    on_sale: bool,
    purchasable: bool,
    r#virtual: bool,
    downloadable: bool,
    tax_status: &'static str,
    tax_class: &'static str,
    manage_stock: bool,
    stock_quantity: Option<i32>,
    stock_status: &'static str,
    backorders: &'static str,
    backorders_allowed: bool,
    backordered: bool,
    weight: &'static str,
    parent_id: u64,
    categories: Vec<CategoryShape>,
    tags: Nothing,
    images: Nothing,
    attributes: Nothing,
    variations: Vec<u64>,
    menu_order: u32,
    meta_data: Nothing,
    _links: Links,
}

#[derive(Serialize)]
struct CategoryShape {
    id: usize,
    name: &'static str,
    slug: String,
}

/// An amount, or the empty text where there is none.
#[derive(Serialize)]
#[serde(untagged)]
enum Price {
    Some(Pounds),
    None(&'static str),
}

/// A place in the product list: an item sold by itself, or a product with variations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Index of an item.
    Item(u16),
    /// Index of a family.
    Family(u16),
}

impl Listed {
    /// Its number in WordPress.
    pub fn id(self) -> u64 {
        match self {
            Listed::Item(item) => item_id(item),
            Listed::Family(family) => family_id(family),
        }
    }
}

impl<'a> Shaper<'a> {
    /// Products on the list today, by number.
    pub fn listed(&self) -> Vec<Listed> {
        let catalogue = self.merchant.catalogue();
        let today = self.merchant.today().number();
        let alone = (0..)
            .zip(&catalogue.items)
            .filter(|(_, item)| item.family.is_none() && item.is_listed(today));
        let families = (0..catalogue.families.len() as u16)
            .filter(|family| self.variations_of(*family).next().is_some());
        alone.map(|(i, _)| Listed::Item(i)).chain(families.map(Listed::Family)).collect()
    }

    /// Items that are variations of a family, on the list today.
    pub fn variations_of(&self, family: u16) -> impl Iterator<Item = u16> + '_ {
        let today = self.merchant.today().number();
        (0_u16..)
            .zip(&self.merchant.catalogue().items)
            .filter(move |(_, item)| item.family == Some(family) && item.is_listed(today))
            .map(|(i, _)| i)
    }

    /// Its SKU; a product with variations has none.
    pub fn sku(&self, listed: Listed) -> &str {
        match listed {
            Listed::Item(item) => &self.merchant.catalogue().items[usize::from(item)].code,
            Listed::Family(_) => "",
        }
    }

    /// When anything about it last changed: its stock, that is.
    pub fn product_changed(&self, listed: Listed) -> u32 {
        let changed = |item: u16| {
            let shelf = |site| self.merchant.shelf(item.into(), site).changed;
            (0..SITES.len()).map(shelf).max().unwrap_or(0)
        };
        match listed {
            Listed::Item(item) => changed(item),
            Listed::Family(family) => self.variations_of(family).map(changed).max().unwrap_or(0),
        }
    }

    /// A product.
    pub fn product(&self, listed: Listed) -> ProductShape<'_> {
        match listed {
            Listed::Item(index) => self.item(index, false),
            Listed::Family(family) => {
                let variations: Vec<u16> = self.variations_of(family).collect();
                let first = variations.first().copied().unwrap_or(0);
                let mut shape = self.item(first, false);
                shape.id = family_id(family);
                shape.name = &self.merchant.catalogue().families[usize::from(family)];
                shape.slug = slug(shape.name);
                shape.kind = "variable";
                shape.sku = "";
                shape.regular_price = Price::None("");
                shape.sale_price = Price::None("");
                shape.manage_stock = false;
                shape.stock_quantity = None;
                shape._links = Links::new(&format!("{}/products", self.base), shape.id, None);
                shape.variations = variations.into_iter().map(item_id).collect();
                shape
            }
        }
    }

    /// A variation of a family.
    pub fn variation(&self, item: u16) -> ProductShape<'_> {
        self.item(item, true)
    }

    fn item(&self, index: u16, variation: bool) -> ProductShape<'_> {
        let item = &self.merchant.catalogue().items[usize::from(index)];
        let id = item_id(index);
        let off = u32::from(self.merchant.discount(index));
        let sale = (item.list * (100 - off) / 100).max(1);
        let stock: i32 =
            (0..SITES.len()).map(|site| self.merchant.told_available(index.into(), site)).sum();
        let slug = slug(&item.name);
        let parent = item.family.filter(|_| variation).map_or(0, family_id);
        let list = match parent {
            0 => format!("{}/products", self.base),
            _ => format!("{}/products/{parent}/variations", self.base),
        };
        let up = (parent != 0).then(|| format!("{}/products/{parent}", self.base));
        let changed = self.product_changed(Listed::Item(index));
        ProductShape {
            id,
            name: &item.name,
            permalink: format!("https://demo.example/product/{slug}/"),
            slug,
            date_created: self.stamp(self.merchant.listed_since(item)),
            date_created_gmt: Stamp(self.merchant.listed_since(item), None),
            date_modified: self.stamp(changed),
            date_modified_gmt: Stamp(changed, None),
            kind: if variation { "variation" } else { "simple" },
            status: "publish",
            featured: false,
            catalog_visibility: "visible",
            description: "",
            short_description: "",
            sku: &item.code,
            price: Price::Some(Pounds(sale.into())),
            regular_price: Price::Some(Pounds(item.list.into())),
            sale_price: if off > 0 { Price::Some(Pounds(sale.into())) } else { Price::None("") },
            on_sale: off > 0,
            purchasable: true,
            r#virtual: false,
            downloadable: false,
            tax_status: "taxable",
            tax_class: "",
            manage_stock: true,
            stock_quantity: Some(stock),
            stock_status: match (stock > 0, item.backorder) {
                (true, _) => "instock",
                (false, true) => "onbackorder",
                (false, false) => "outofstock",
            },
            backorders: if item.backorder { "notify" } else { "no" },
            backorders_allowed: item.backorder,
            backordered: stock < 0,
            weight: "",
            parent_id: parent,
            categories: vec![category(item)],
            tags: [],
            images: [],
            attributes: [],
            variations: Vec::new(),
            menu_order: 0,
            meta_data: [],
            _links: Links::new(&list, id, up),
        }
    }

    fn stamp(&self, second: u32) -> Stamp<'_> {
        Stamp(second, Some(self.zone))
    }
}

fn category(item: &Item) -> CategoryShape {
    let name = RANGES[usize::from(item.category)].name;
    CategoryShape { id: 15 + usize::from(item.category), name, slug: slug(name) }
}

fn slug(name: &str) -> String {
    let dashed = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let raw: String = name.chars().map(dashed).collect();
    raw.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
