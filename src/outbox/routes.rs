//! Which target takes whose orders.

use super::Target;
use crate::domain::{SiteId, SupplierId};
use std::sync::Arc;

/// A target and whose orders it takes.
#[derive(Clone)]
pub struct Route {
    /// The target.
    pub target: Arc<dyn Target>,
    /// Whose orders; empty: those that no other target takes.
    pub suppliers: Vec<SupplierId>,
    /// Tries before an order is given up.
    pub tries: u32,
}

/// All targets.
#[derive(Clone, Default)]
pub struct Routes(pub Vec<Route>);

impl Routes {
    /// The target that takes a supplier's orders: the first that names the supplier, else the first
    /// that names none.
    pub fn to(&self, supplier: &SupplierId) -> Option<&Route> {
        let named = self.0.iter().find(|route| route.suppliers.contains(supplier));
        named.or_else(|| self.0.iter().find(|route| route.suppliers.is_empty()))
    }
    /// The target that takes the transfers from an own site: only one that names the site among the
    /// suppliers, so that nobody outside is told of them by accident.
    pub fn from_site(&self, site: &SiteId) -> Option<&Route> {
        let names = |route: &&Route| route.suppliers.iter().any(|id| id.as_str() == site.as_str());
        self.0.iter().find(names)
    }
}
