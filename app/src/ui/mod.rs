//! Parts of the screen that know neither routes nor the API.

pub(crate) mod badge;
pub(crate) mod button;
pub(crate) mod confirm;
pub(crate) mod copy;
pub(crate) mod dialog;
pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod live;
pub(crate) mod page;
pub(crate) mod panel;
pub(crate) mod state;
pub(crate) mod table;
pub(crate) mod tabs;
pub(crate) mod time;
pub(crate) mod toast;

use std::sync::atomic::{AtomicU32, Ordering};

/// An id that no other element of the document has.
pub(crate) fn unique_id(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
