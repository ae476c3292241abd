//! Lists, in OData's shape.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collection<T> {
    /// How many there are over all pages; present when `$count=true` was asked.
    #[serde(rename = "@odata.count", skip_serializing_if = "Option::is_none", default)]
    pub count: Option<u64>,
    /// Where the next page is; absent on the last one. Absolute.
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none", default)]
    pub next_link: Option<String>,
    /// This page.
    pub value: Vec<T>,
}

impl<T> Collection<T> {
    /// A list that fits one page.
    pub fn of(value: Vec<T>) -> Self {
        Self { count: None, next_link: None, value }
    }
}
