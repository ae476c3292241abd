//! Lists: filter, sort, page.
//!
//! Where the condition is said in SQL exactly, SQL counts and pages. Else candidates are read in batches and
//! evaluated, and only what the page needs is kept. Orders that no index serves are in module `sorted`.

use scim::Resource;
use scim::repository::{ListPage, ListQuery, Page, Position, RepositoryError, Selection};
use scim::resource::{GroupReference, Member};
use scim::sort::SortKey;

use super::DirectoryStore;
use super::columns::{COLUMNS, Stored, stored};
use super::filter::{Compiled, DISPLAY_NAME, compile};
use crate::sql::{SqlError, Value};

/// How many candidates are read at a time.
pub(super) const BATCH: usize = 200;

/// One type of a query, with its condition as SQL.
pub(super) struct Part<'q> {
    pub(super) selection: &'q Selection,
    pub(super) compiled: Compiled,
}

impl DirectoryStore<'_> {
    pub(super) fn list_page(&self, query: &ListQuery<'_>) -> Result<ListPage, RepositoryError> {
        let parts: Vec<Part<'_>> = query
            .selections
            .iter()
            .map(|selection| Part {
                selection,
                compiled: compile(selection.condition.as_ref(), selection.kind),
            })
            .collect();
        let is_sorted = query.selections.iter().any(|selection| selection.sort.is_some());
        match parts.as_slice() {
            [part] if is_sorted => match sort_column(part) {
                Some(column) => self.list_by_column(query, part, column),
                None => self.list_by_key(query, &parts),
            },
            _ if is_sorted => self.list_by_key(query, &parts),
            _ => self.list_by_creation(query, &parts),
        }
    }

    /// The order of creation, type after type.
    fn list_by_creation(
        &self,
        query: &ListQuery<'_>,
        parts: &[Part<'_>],
    ) -> Result<ListPage, RepositoryError> {
        let mut page = Collector::new(query);
        let mut total = Some(0);
        let first = match &query.page {
            Page::After(position) => {
                parts.iter().position(|part| part.selection.kind == position.kind).unwrap_or(parts.len())
            }
            Page::Index(_) | Page::First => 0,
        };
        for (index, part) in parts.iter().enumerate() {
            let is_before = index < first;
            let after = match &query.page {
                Page::After(position) if index == first => position.sequence,
                _ => 0,
            };
            let count = if part.compiled.is_exact {
                let found = if is_before { None } else { Some(self.page_of_part(part, after, &mut page)?) };
                Some(match found.flatten() {
                    Some(count) => count,
                    None => self.count(part)?,
                })
            } else if is_before {
                None
            } else {
                self.scan(query, part, after, &mut page)?
            };
            total = total.zip(count).map(|(total, count)| total + count);
        }
        Ok(page.finish(total))
    }

    /// The rows that a page takes of a part that SQL selects exactly. Answers the count of the part where the
    /// rows show it.
    fn page_of_part(
        &self,
        part: &Part<'_>,
        after: i64,
        page: &mut Collector,
    ) -> Result<Option<usize>, RepositoryError> {
        let limit = page.missing();
        if limit == 0 {
            return Ok(None);
        }
        let skip = page.skip;
        let rows = self.select_by_creation(part, after, limit, skip)?;
        // Fewer rows than asked for: this was the end of the part.
        let count =
            (rows.len() < limit && after == 0 && (skip == 0 || !rows.is_empty())).then(|| skip + rows.len());
        if rows.is_empty() && skip > 0 {
            let count = self.count(part)?;
            page.skip = skip.saturating_sub(count);
            return Ok(Some(count));
        }
        page.skip = 0;
        rows.into_iter().for_each(|row| page.push(row, None));
        Ok(count)
    }

    /// Evaluates the condition on all candidates of a part. Answers how many fulfil it, unless it stops before.
    fn scan(
        &self,
        query: &ListQuery<'_>,
        part: &Part<'_>,
        after: i64,
        page: &mut Collector,
    ) -> Result<Option<usize>, RepositoryError> {
        let counts = matches!(query.page, Page::Index(_));
        let mut last = after;
        let mut count = 0;
        loop {
            if !counts && page.missing() == 0 {
                return Ok(None);
            }
            let rows = self.select_by_creation(part, last, BATCH, 0)?;
            let is_last = rows.len() < BATCH;
            for mut row in rows {
                last = row.seq;
                if self.fulfils(query, part, &mut row)? {
                    count += 1;
                    page.offer(row);
                }
            }
            if is_last {
                return Ok(counts.then_some(count));
            }
        }
    }

    /// An order that an index serves.
    fn list_by_column(
        &self,
        query: &ListQuery<'_>,
        part: &Part<'_>,
        column: &str,
    ) -> Result<ListPage, RepositoryError> {
        let mut page = Collector::new(query);
        let (direction, nulls) = if query.descending { ("DESC", "FIRST") } else { ("ASC", "LAST") };
        // Every user has the other columns, and an order of nulls would only keep an index from being used.
        let nulls = if column == DISPLAY_NAME { format!(" NULLS {nulls}") } else { String::new() };
        let order = format!("{column} {direction}{nulls}, r.seq {direction}");
        let mut bounded = Part { selection: part.selection, compiled: part.compiled.clone() };
        bounded.compiled.is_indexed = true;
        if let Page::After(position) = &query.page {
            let (bound, parameters) = bound(column, position, query.descending);
            bounded.compiled.sql = format!("({}) AND ({bound})", bounded.compiled.sql);
            bounded.compiled.parameters.extend(parameters);
        }
        let (skip, limit) = (page.skip, page.missing());
        page.skip = 0;
        let sort = part.selection.sort.as_ref();
        for row in self.select(&bounded, "1", &order, limit, skip)? {
            let key = sort.and_then(|sort| sort.key(&row.resource));
            page.push(row, key);
        }
        let total = self.count(part)?;
        Ok(page.finish(Some(total)))
    }

    /// Live rows of a part after a number, in the order of creation.
    pub(super) fn select_by_creation(
        &self,
        part: &Part<'_>,
        after: i64,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Stored>, RepositoryError> {
        let sequence = format!("{}r.seq", plus(part));
        self.select(part, &format!("{sequence} > {after}"), &sequence, limit, offset)
    }

    /// Live rows of a part.
    fn select(
        &self,
        part: &Part<'_>,
        bound: &str,
        order: &str,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Stored>, RepositoryError> {
        let condition = condition(part);
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r WHERE {condition} AND {bound} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        );
        let rows = self.sql.query(&statement, &parameters(part))?;
        Ok(rows.rows.iter().map(stored).collect::<Result<_, SqlError>>()?)
    }

    /// How many live rows SQL selects of a part.
    fn count(&self, part: &Part<'_>) -> Result<usize, RepositoryError> {
        if part.selection.condition.is_none() {
            return Ok(self.live(part.selection.kind)?);
        }
        let statement = format!("SELECT count(*) AS n FROM resources AS r WHERE {}", condition(part));
        let rows = self.sql.query(&statement, &parameters(part))?;
        let count = rows.first().map(|row| row.integer("n")).transpose()?.unwrap_or(0);
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Whether a candidate fulfils the whole condition. Members and groups are read only if it mentions them.
    pub(super) fn fulfils(
        &self,
        query: &ListQuery<'_>,
        part: &Part<'_>,
        row: &mut Stored,
    ) -> Result<bool, RepositoryError> {
        let Some(condition) = &part.selection.condition else { return Ok(true) };
        let members: Vec<Member> = if condition.mentions("members") {
            self.members_of(&row.resource.id, usize::MAX)?
        } else {
            Vec::new()
        };
        let groups: Vec<GroupReference> = if condition.mentions("groups") {
            self.groups_of_users(&[&row.resource.id])?.into_iter().map(|(_, group)| group).collect()
        } else {
            Vec::new()
        };
        Ok(row.resource.fulfils(condition, query.base_url, query.schemas, &members, &groups))
    }
}

/// The index over all resources of a type gives the order of creation for nothing. Where another index finds the
/// rows, `+` before a column keeps SQLite from going over all resources for the sake of that order.
pub(super) fn plus(part: &Part<'_>) -> &'static str {
    if part.compiled.is_indexed { "+" } else { "" }
}

/// `WHERE` of a part.
pub(super) fn condition(part: &Part<'_>) -> String {
    format!("{}r.type = ? AND r.deleted IS NULL AND ({})", plus(part), part.compiled.sql)
}

/// The parameters of [`condition`].
pub(super) fn parameters(part: &Part<'_>) -> Vec<Value> {
    let mut parameters = vec![Value::from(part.selection.kind.name())];
    parameters.extend(part.compiled.parameters.iter().cloned());
    parameters
}

/// The column whose order is that of the sort, if SQL selects the rows exactly.
fn sort_column(part: &Part<'_>) -> Option<&'static str> {
    let target = part.selection.sort.as_ref()?.target.as_ref()?;
    if !part.compiled.is_exact || target.extension.is_some() {
        return None;
    }
    match (target.attribute.as_str(), target.sub.as_deref()) {
        ("userName", None) => Some("r.user_name_key"),
        ("displayName", None) => Some(DISPLAY_NAME),
        ("id", None) => Some("r.id"),
        ("meta", Some("lastModified")) => Some("r.modified"),
        _ => None,
    }
}

/// What comes after a position in the order of a column.
fn bound(column: &str, position: &Position, descending: bool) -> (String, Vec<Value>) {
    let sign = if descending { "<" } else { ">" };
    let sequence = position.sequence;
    let value = match &position.key {
        None if descending => {
            return (
                format!("({column} IS NULL AND r.seq < {sequence}) OR {column} IS NOT NULL"),
                Vec::new(),
            );
        }
        None => return (format!("{column} IS NULL AND r.seq > {sequence}"), Vec::new()),
        Some(SortKey::Text(text)) => Value::from(text.as_str()),
        Some(SortKey::Number(number)) => Value::from(*number),
    };
    let nulls = if descending { String::new() } else { format!(" OR {column} IS NULL") };
    let sql = format!("{column} {sign} ? OR ({column} = ? AND r.seq {sign} {sequence}){nulls}");
    (sql, vec![value.clone(), value])
}

/// Collects one page and notices whether there is more.
struct Collector {
    skip: usize,
    count: usize,
    is_index: bool,
    resources: Vec<Resource>,
    last: Option<Position>,
    has_more: bool,
}

impl Collector {
    fn new(query: &ListQuery<'_>) -> Self {
        let (skip, is_index) = match query.page {
            Page::Index(index) => (index, true),
            Page::First | Page::After(_) => (0, false),
        };
        Collector { skip, count: query.count, is_index, resources: Vec::new(), last: None, has_more: false }
    }

    /// How many more rows are of use: with cursors one more than the page has, to see whether it is the last.
    fn missing(&self) -> usize {
        if self.has_more || self.count == 0 {
            return 0;
        }
        self.count - self.resources.len() + usize::from(!self.is_index)
    }

    /// Takes a row unless it comes before the page or after it.
    fn offer(&mut self, row: Stored) {
        if self.skip > 0 {
            self.skip -= 1;
        } else {
            self.push(row, None);
        }
    }

    fn push(&mut self, row: Stored, key: Option<SortKey>) {
        if self.resources.len() >= self.count {
            self.has_more = self.count > 0;
            return;
        }
        self.last = Some(Position { kind: row.resource.kind, key, sequence: row.seq });
        self.resources.push(row.resource);
    }

    fn finish(self, total: Option<usize>) -> ListPage {
        let next = self.last.filter(|_| self.has_more);
        ListPage { resources: self.resources, total, next }
    }
}
