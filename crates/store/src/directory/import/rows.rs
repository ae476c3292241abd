//! The first pass of an import: everybody's attributes.

use std::collections::VecDeque;

use inlets::csv::{Column, FileError, Import, Outcome, Problem, Row, RowError};

use super::people::by_user_name;
use super::record::{Imports, Kept};
use super::{CHUNK, Machine, Pass, Step, Stop, Work, key, understood};
use crate::sql::Sql;

/// Bytes of a part that are read at once: what they give is small.
const PIECE: usize = 64 * 1024;

/// The file while it is read.
pub(super) struct Reading {
    import: Import,
    /// The part that is read, and how far.
    part: Vec<u8>,
    place: usize,
    next_part: i64,
    ended: bool,
    /// Rows that are read and not worked on.
    items: VecDeque<Result<Row, RowError>>,
    /// Whether the attributes of the columns are there.
    prepared: bool,
}

impl Reading {
    pub(super) fn new(import: Import) -> Self {
        Self {
            import,
            part: Vec::new(),
            place: 0,
            next_part: 0,
            ended: false,
            items: VecDeque::new(),
            prepared: false,
        }
    }

    /// Reads on until there is a chunk of rows, or to the end.
    fn fill(&mut self, sql: &dyn Sql) -> Result<(), Stop> {
        while self.items.len() < CHUNK && !self.ended {
            if self.place >= self.part.len() {
                match Imports::new(sql).part(self.next_part)? {
                    Some(part) => {
                        self.part = part;
                        self.place = 0;
                        self.next_part += 1;
                    }
                    None => {
                        self.part = Vec::new();
                        self.ended = true;
                        self.items.extend(self.import.finish().map_err(Stop::File)?);
                        return Ok(());
                    }
                }
            }
            let end = self.part.len().min(self.place + PIECE);
            let piece = self.part.get(self.place..end).unwrap_or_default();
            self.items.extend(self.import.push(piece).map_err(Stop::File)?);
            self.place = end;
        }
        Ok(())
    }

    /// The directory's own attributes that the columns are about.
    fn attributes(&self) -> Vec<String> {
        let columns = self.import.header().into_iter().flat_map(|header| &header.columns);
        let names = columns.filter_map(|column| match column {
            Column::Extension(name) => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }
}

impl Machine {
    pub(super) fn rows(&mut self, work: &mut Work<'_>, mut reading: Box<Reading>) -> Result<Step, Stop> {
        reading.fill(work.store.sql)?;
        self.reached.bytes = reading.import.bytes();
        self.reached.rows = reading.import.rows();
        // A preview adds no attributes.
        if !reading.prepared && !self.options.preview {
            reading.prepared = true;
            let names = reading.attributes();
            if !names.is_empty() {
                self.pass = Pass::Rows(reading);
                return Ok(Step::Attributes(names));
            }
        }
        let items: Vec<_> = {
            let count = reading.items.len().min(CHUNK);
            reading.items.drain(..count).collect()
        };
        let is_first = self.chunk == 0;
        if items.is_empty() && !is_first {
            return self.end_rows(*reading);
        }
        let worked = items.len();
        let now_ms = self.now_ms;
        let header = reading.import.header().filter(|_| is_first);
        let outcome = self.chunk(work, Kept::Rows, |_, work, notes| {
            for problem in header.into_iter().flat_map(|header| &header.problems) {
                notes.error(problem);
            }
            let good = items.iter().filter_map(|item| item.as_ref().ok());
            let names: Vec<&str> = good.map(|row| row.user_name.as_str()).collect();
            let existing = by_user_name(&work.store, &names)?;
            let mut updated: Vec<&str> = Vec::new();
            for item in &items {
                let row = match item {
                    Ok(row) => row,
                    Err(error) => {
                        notes.fail(error);
                        continue;
                    }
                };
                let user = existing.get(&key(&row.user_name));
                match work.apply(user, row, now_ms)? {
                    Ok(outcome) => {
                        if let (Outcome::Updated { .. }, Some(user)) = (&outcome, user) {
                            updated.push(&user.resource.id);
                        }
                        notes.row(row, &outcome);
                    }
                    Err(reason) => {
                        let problem = Problem::Refused(reason);
                        notes.refuse(&row.user_name, &RowError { line: row.line, column: 1, problem });
                    }
                }
            }
            notes.from_inlets(work.store.known_to_inlets(&updated)?);
            Ok(())
        })?;
        self.refused.extend(outcome.refused);
        self.pass = Pass::Rows(reading);
        Ok(Step::Worked(worked))
    }

    fn end_rows(&mut self, reading: Reading) -> Result<Step, Stop> {
        let import = reading.import;
        let Some(header) = import.header() else { return Err(Stop::File(FileError::Empty)) };
        self.columns = understood(header);
        self.encoding = import.encoding().name();
        self.roster = import.into_roster();
        self.roster.refuse(&std::mem::take(&mut self.refused));
        self.enter(Pass::Settle, "managers");
        Ok(Step::Worked(0))
    }
}
