//! How the log is searched: which index leads, and how far one request looks.
//!
//! A search follows one index from the newest entry to the oldest, and what the others would know is compared on the
//! way. So that no request reads a whole log to find nothing, it looks at so many entries and answers with the place
//! where the next one goes on.

use super::logs::{LogFilter, LogPage};
use super::{JobStore, LogRecord};
use crate::sql::{MAX_INTEGER, SqlError, Value};

/// Entries that are looked at in one request when what is asked for stands in their documents.
pub const SEARCHED_DOCUMENTS: i64 = 5_000;
/// The same when it stands in their columns.
pub const SEARCHED_ENTRIES: i64 = 20_000;
/// The same when it is the name, which an index has.
pub const SEARCHED_NAMES: i64 = 100_000;
/// Entries that are looked at first; what is frequent is found among them.
const FIRST_STRETCH: i64 = 500;
/// How much longer each further stretch is.
const GROWTH: i64 = 5;

/// A search.
pub(super) struct Search {
    /// The condition of the index that leads.
    indexed: (String, Vec<Value>),
    /// The times that it is narrowed to: each bound stands in a statement once, or SQLite takes the wrong one.
    from: i64,
    to: i64,
    /// The others.
    compared: (String, Vec<Value>),
    /// How far it looks; no bound when the index knows everything.
    bound: Option<i64>,
}

/// A place in the log: when, and the number.
type Place = (i64, i64);

/// Before every entry.
const START: Place = (MAX_INTEGER, MAX_INTEGER);

impl Search {
    pub(super) fn new(filter: &LogFilter) -> Self {
        let equal = filter.equal();
        let leads = leading(filter);
        let mut indexed = (String::new(), Vec::new());
        let mut compared = filter.scanned();
        for (column, value) in equal {
            let Some(value) = value else { continue };
            if leads == Some(column) {
                indexed.0.push_str(&format!(" AND {column} = ?"));
                // The indexes of these have no entry where there is nothing.
                match column {
                    "target_id" => indexed.0.push_str(" AND target_id <> ''"),
                    "error_code" => indexed.0.push_str(" AND error_code IS NOT NULL"),
                    _ => {}
                }
                indexed.1.push(value.into());
            } else {
                // The sign keeps its index out of it.
                compared.0.push_str(&format!(" AND +{column} = ?"));
                compared.1.push(value.into());
            }
        }
        let bound = match (filter.members.is_empty(), &filter.name_contains, leads) {
            _ if compared.0.is_empty() => None,
            (false, ..) => Some(SEARCHED_DOCUMENTS),
            (true, Some(_), None) => Some(SEARCHED_NAMES),
            (true, ..) => Some(SEARCHED_ENTRIES),
        };
        let (from, to) = (filter.from.unwrap_or(-MAX_INTEGER), filter.to.unwrap_or(MAX_INTEGER));
        Self { indexed, from, to, compared, bound }
    }

    /// All conditions, each after `AND`, and their values.
    pub(super) fn conditions(self) -> (String, Vec<Value>) {
        let (mut text, mut values) = self.indexed;
        if self.from > -MAX_INTEGER || self.to < MAX_INTEGER {
            text.push_str(" AND at >= ? AND at <= ?");
            values.extend([self.from.into(), self.to.into()]);
        }
        text.push_str(&self.compared.0);
        values.extend(self.compared.1);
        (text, values)
    }
}

/// The column whose index leads: the one that leaves least. None for times and names, whose index is one.
fn leading(filter: &LogFilter) -> Option<&'static str> {
    let failed = filter.status.as_deref().is_some_and(|status| status != "success");
    let named = filter.name_contains.is_some();
    let candidates = [
        ("id", filter.id.is_some()),
        ("change_id", filter.change_id.is_some()),
        ("source_id", filter.source_id.is_some()),
        ("target_id", filter.target_id.as_deref().is_some_and(|id| !id.is_empty())),
        ("error_code", filter.error_code.is_some()),
        ("status", failed && !named),
        ("cycle_id", filter.cycle_id.is_some() && !named),
        ("action", filter.action.is_some() && !named),
        ("status", filter.status.is_some() && !named),
    ];
    candidates.into_iter().find(|(_, asked)| *asked).map(|(column, _)| column)
}

impl JobStore<'_> {
    /// A page of entries, newest first, before a place in the log (`None`: from the newest). It may be short or
    /// empty and still have a next one.
    pub fn logs(&self, filter: &LogFilter, before: Option<i64>, limit: i64) -> Result<LogPage, SqlError> {
        let search = Search::new(filter);
        let mut place = match before {
            None => START,
            Some(sequence) => match self.when(sequence)? {
                Some(at) => (at, sequence),
                // What came after it is older, and went before.
                None => return Ok(LogPage::default()),
            },
        };
        if place.0 > search.to {
            place = (search.to, MAX_INTEGER);
        }
        let mut page = LogPage::default();
        let (mut seen, mut stretch) = (0, search.bound.map(|bound| bound.min(FIRST_STRETCH)));
        loop {
            let end = match stretch {
                Some(length) => self.end(&search, place, length)?,
                None => None,
            };
            let found = i64::try_from(page.entries.len()).unwrap_or(limit);
            page.entries.extend(self.stretch(&search, place, end, limit + 1 - found)?);
            let wanted = usize::try_from(limit).unwrap_or(0);
            if page.entries.len() > wanted {
                page.entries.truncate(wanted);
                page.next = page.entries.last().map(|entry| entry.sequence);
                return Ok(page);
            }
            let (Some(end), Some(length), Some(bound)) = (end, stretch, search.bound) else {
                return Ok(page);
            };
            place = end;
            seen += length;
            if seen >= bound {
                page.next = Some(end.1);
                return Ok(page);
            }
            stretch = Some((length * GROWTH).min(bound - seen));
        }
    }

    /// A page of entries, oldest first, after a place in the log.
    pub fn logs_forward(&self, filter: &LogFilter, after: i64, limit: i64) -> Result<LogPage, SqlError> {
        let search = Search::new(filter);
        let at = self.when(after)?.unwrap_or(-MAX_INTEGER);
        let (conditions, mut values) = search.conditions();
        values.splice(0..0, [Value::from(at), at.into(), after.into()]);
        values.push((limit + 1).into());
        let statement = format!(
            "SELECT * FROM logs WHERE at >= ? AND (at > ? OR sequence > ?){conditions} ORDER BY at, sequence LIMIT ?"
        );
        let mut entries = self.log_records(&statement, &values)?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let more = entries.len() > wanted;
        entries.truncate(wanted);
        let next = entries.last().map(|entry| entry.sequence).filter(|_| more);
        Ok(LogPage { entries, next })
    }

    fn when(&self, sequence: i64) -> Result<Option<i64>, SqlError> {
        let rows = self.sql.query("SELECT at FROM logs WHERE sequence = ?", &[sequence.into()])?;
        rows.first().map(|row| row.integer("at")).transpose()
    }

    /// The place of the entry so many further on, of those that the index leads to.
    fn end(&self, search: &Search, from: Place, length: i64) -> Result<Option<Place>, SqlError> {
        let mut values = vec![from.0.into(), from.0.into(), from.1.into(), search.from.into()];
        values.extend(search.indexed.1.iter().cloned());
        values.push((length - 1).into());
        let statement = format!(
            "SELECT at, sequence FROM logs WHERE at <= ? AND (at < ? OR sequence < ?) AND at >= ?{}
             ORDER BY at DESC, sequence DESC LIMIT 1 OFFSET ?",
            search.indexed.0
        );
        let rows = self.sql.query(&statement, &values)?;
        rows.first().map(|row| Ok((row.integer("at")?, row.integer("sequence")?))).transpose()
    }

    /// What fits between two places.
    fn stretch(
        &self,
        search: &Search,
        from: Place,
        end: Option<Place>,
        limit: i64,
    ) -> Result<Vec<LogRecord>, SqlError> {
        let (at, sequence) = end.unwrap_or((search.from, 0));
        let mut values: Vec<Value> = [from.0, from.0, from.1, at, at, sequence].map(Value::from).to_vec();
        values.extend(search.indexed.1.iter().cloned());
        values.extend(search.compared.1.iter().cloned());
        values.push(limit.into());
        let statement = format!(
            "FROM logs WHERE at <= ? AND (at < ? OR sequence < ?) AND at >= ? AND (at > ? OR sequence >= ?){}{}
             ORDER BY at DESC, sequence DESC LIMIT ?",
            search.indexed.0, search.compared.0
        );
        let statement = if search.compared.0.is_empty() {
            format!("SELECT * {statement}")
        } else {
            // Entries are read once it is known which: a name is found in the index alone.
            format!(
                "SELECT * FROM logs WHERE sequence IN (SELECT sequence {statement}) ORDER BY at DESC, sequence DESC"
            )
        };
        self.log_records(&statement, &values)
    }
}
