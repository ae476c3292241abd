//! The parameters of a query, from a URL (RFC 7644 section 3.4.2) or a body (section 3.4.3).

use std::num::IntErrorKind;

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::projection::Projection;
use crate::urn;
use crate::value::{member, message};

/// How many resources a page has at most. A larger `count` is lowered to it.
pub const MAX_COUNT: usize = 1_000;

/// How many resources a page has where the request does not say.
pub const DEFAULT_COUNT: usize = 100;

/// Where a page begins at the latest. A later `startIndex` is lowered to it: no directory has as many resources, and
/// in a Worker, where addresses have 32 bits, a sum with a page's length stays one.
pub const MAX_START_INDEX: usize = 0x7fff_ffff;

/// The parameters of a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parameters {
    pub(super) attributes: Option<String>,
    pub(super) excluded_attributes: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) sort_by: Option<String>,
    pub(super) sort_order: Option<String>,
    pub(super) start_index: Option<i64>,
    pub(super) count: Option<i64>,
    pub(super) cursor: Option<String>,
}

impl Parameters {
    /// From the query of a URL. Unknown parameters are ignored; of a repeated one the first counts.
    pub(super) fn from_query(query: &[(String, String)]) -> Result<Self, ScimError> {
        let find = |wanted: &str| {
            let found = query.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.clone())
        };
        let integer = |name: &str| find(name).map(|value| read_integer(name, &value)).transpose();
        Ok(Parameters {
            attributes: find("attributes"),
            excluded_attributes: find("excludedAttributes"),
            filter: find("filter").filter(|filter| !filter.trim().is_empty()),
            sort_by: find("sortBy").filter(|name| !name.trim().is_empty()),
            sort_order: find("sortOrder"),
            start_index: integer("startIndex")?,
            count: integer("count")?,
            cursor: find("cursor"),
        })
    }

    /// From the body of a SearchRequest.
    pub(super) fn from_body(body: &Value) -> Result<Self, ScimError> {
        let body = message(body, urn::SEARCH_REQUEST)?;
        let text = |name: &str| match parameter(body, name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ScimError::invalid_syntax(format!("{name} must be a string"))),
        };
        Ok(Parameters {
            attributes: names(body, "attributes")?,
            excluded_attributes: names(body, "excludedAttributes")?,
            filter: text("filter")?.filter(|filter| !filter.trim().is_empty()),
            sort_by: text("sortBy")?.filter(|name| !name.trim().is_empty()),
            sort_order: text("sortOrder")?,
            start_index: integer(body, "startIndex")?,
            count: integer(body, "count")?,
            cursor: text("cursor")?,
        })
    }

    /// Which attributes are wanted.
    pub(super) fn projection(&self) -> Projection {
        Projection::new(self.attributes.as_deref(), self.excluded_attributes.as_deref())
    }

    /// How many resources are wanted: at most [`MAX_COUNT`]; a negative number is 0.
    pub(super) fn count(&self) -> usize {
        match self.count {
            None => DEFAULT_COUNT,
            Some(count) => lowered(count, MAX_COUNT),
        }
    }

    /// The number of the first resource wanted, from 1 to [`MAX_START_INDEX`].
    pub(super) fn start(&self) -> usize {
        self.start_index.map_or(1, |start| lowered(start, MAX_START_INDEX).max(1))
    }

    /// Whether the list is turned round.
    pub(super) fn is_descending(&self) -> Result<bool, ScimError> {
        match self.sort_order.as_deref() {
            None | Some("") => Ok(false),
            Some(order) if order.eq_ignore_ascii_case("ascending") => Ok(false),
            Some(order) if order.eq_ignore_ascii_case("descending") => Ok(true),
            Some(_) => Err(ScimError::invalid_value("sortOrder must be ascending or descending")),
        }
    }
}

/// A parameter of a body; null is none.
fn parameter<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    member(body, name).filter(|value| !value.is_null())
}

/// A number from 0 to a maximum. Compared while it has 64 bits: where addresses have 32, `usize` is narrower.
fn lowered(number: i64, maximum: usize) -> usize {
    // What is no `usize` after that is beyond every maximum.
    usize::try_from(number.max(0)).unwrap_or(usize::MAX).min(maximum)
}

/// A whole number of any length; beyond 64 bits, the last one on that side.
fn read_integer(name: &str, text: &str) -> Result<i64, ScimError> {
    text.trim().parse().or_else(|error: std::num::ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => Ok(i64::MAX),
        IntErrorKind::NegOverflow => Ok(i64::MIN),
        _ => Err(not_whole(name)),
    })
}

fn not_whole(name: &str) -> ScimError {
    ScimError::invalid_value(format!("{name} must be a whole number"))
}

fn integer(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, ScimError> {
    match parameter(body, name) {
        None => Ok(None),
        Some(Value::String(text)) => read_integer(name, text).map(Some),
        Some(value) => {
            // JSON's numbers beyond 64 bits are floats; the conversion keeps to the bounds.
            let beyond = |float: &f64| float.abs() >= i64::MAX as f64;
            let number = value.as_i64().or_else(|| value.as_f64().filter(beyond).map(|float| float as i64));
            number.map(Some).ok_or_else(|| not_whole(name))
        }
    }
}

/// A list of names: an array, or a string with commas.
fn names(body: &Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    match parameter(body, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Array(values)) => {
            let names: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            let refused = || ScimError::invalid_syntax(format!("{name} must be an array of strings"));
            names.map(|names| Some(names.join(","))).ok_or_else(refused)
        }
        Some(_) => Err(ScimError::invalid_syntax(format!("{name} must be an array of strings"))),
    }
}
