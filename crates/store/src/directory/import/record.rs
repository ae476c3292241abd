//! Imports as they are kept: what was asked for, the file in parts, what each chunk did, and what came of it.

use inlets::csv::{ChunkOutcome, Tally};
use serde::{Deserialize, Serialize};

use crate::settings::Settings;
use crate::sql::{Row, Sql, SqlError, Value, in_transaction};

/// Bytes of a part of the file: half of what the platform takes as one value.
pub const PART_BYTES: usize = 1 << 20;
/// So many ended imports are remembered …
pub const MAX_IMPORTS: usize = 20;
/// … for so long: 30 days.
pub const IMPORTS_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Bytes of a text that lie in one row. A longer one lies in several, since a row is 2 MB at the most.
const PIECE_BYTES: usize = 500_000;

const COLUMNS: &str =
    "number, id, state, preview, remove_missing, forced, started, ended, started_by, columns,
    bytes, progress, audit, resumed";

/// How a file is imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportOptions {
    /// Remove who is not in the file.
    pub remove_missing: bool,
    /// However many they are.
    pub force: bool,
    /// Say what would be done, and write nothing.
    pub preview: bool,
}

/// Where an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// The file arrives.
    Receiving,
    /// The file is there, and is worked on.
    Running,
    /// It was done.
    Finished,
    /// It could not be done, or not to its end.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl ImportState {
    const ALL: [ImportState; 5] = [
        ImportState::Receiving,
        ImportState::Running,
        ImportState::Finished,
        ImportState::Failed,
        ImportState::Cancelled,
    ];

    /// The word of the management API.
    pub const fn word(self) -> &'static str {
        match self {
            ImportState::Receiving => "receiving",
            ImportState::Running => "running",
            ImportState::Finished => "finished",
            ImportState::Failed => "failed",
            ImportState::Cancelled => "cancelled",
        }
    }

    fn read(word: &str) -> Result<Self, SqlError> {
        let found = ImportState::ALL.into_iter().find(|state| state.word() == word);
        found.ok_or_else(|| SqlError::other(format!("an import is {word}")))
    }

    /// Whether nothing happens any more.
    pub const fn is_ended(self) -> bool {
        matches!(self, ImportState::Finished | ImportState::Failed | ImportState::Cancelled)
    }
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its number in this directory.
    pub number: i64,
    /// Its id.
    pub id: String,
    /// Where it is.
    pub state: ImportState,
    /// How it was asked for.
    pub options: ImportOptions,
    /// When it began, in Unix milliseconds.
    pub started_ms: i64,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// Who began it: the caller's JSON.
    pub started_by: String,
    /// What headers meant when it began: the caller's JSON.
    pub columns: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// How far it is: the caller's JSON.
    pub progress: String,
    /// The entry of the audit log that is not delivered yet: the caller's JSON.
    pub audit: Option<String>,
    /// How often it was taken up again without getting any further.
    pub resumed: i64,
}

/// How an import ended.
#[derive(Clone, Debug)]
pub struct ImportEnd<'a> {
    /// [`ImportState::is_ended`].
    pub state: ImportState,
    /// How far it came.
    pub progress: &'a str,
    /// The result, if it was finished.
    pub result: Option<&'a str>,
    /// Why it failed, if it did.
    pub error: Option<&'a str>,
    /// The entry of the audit log, to be delivered.
    pub audit: Option<&'a str>,
    /// Whether it changed people.
    pub changed: bool,
    /// Now, in Unix milliseconds.
    pub now_ms: i64,
}

/// What a kept text is: the outcomes of chunks, in the order of the passes, and what came of it all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Rows,
    Settled,
    Managers,
    Groups,
    Counted,
    Missing,
    Result,
    Error,
}

impl Kept {
    const OUTCOMES: [Kept; 6] =
        [Kept::Rows, Kept::Settled, Kept::Managers, Kept::Groups, Kept::Counted, Kept::Missing];

    const fn number(self) -> i64 {
        match self {
            Kept::Rows => 1,
            Kept::Settled => 2,
            Kept::Managers => 3,
            Kept::Groups => 4,
            Kept::Counted => 5,
            Kept::Missing => 6,
            Kept::Result => 7,
            Kept::Error => 8,
        }
    }
}

/// The setting that is there while there is anything to do.
const OPEN: &str = "importsOpen";

/// The imports of a directory.
#[derive(Clone, Copy)]
pub struct Imports<'a> {
    sql: &'a dyn Sql,
}

impl Settings for Imports<'_> {
    fn sql(&self) -> &dyn Sql {
        self.sql
    }
}

impl<'a> Imports<'a> {
    /// Those in a directory's database.
    pub fn new(sql: &'a dyn Sql) -> Self {
        Self { sql }
    }

    /// Begins one, whose file is still to come, and forgets those that are too many or too old.
    pub fn begin(
        &self,
        id: &str,
        options: ImportOptions,
        started_by: &str,
        columns: &str,
        now_ms: i64,
    ) -> Result<i64, SqlError> {
        in_transaction(self.sql, || {
            self.prune(now_ms, MAX_IMPORTS - 1)?;
            self.sql.query("DELETE FROM import_parts", &[])?;
            self.set_setting(OPEN, "true")?;
            self.sql.query(
                "INSERT INTO imports (id, state, preview, remove_missing, forced, started, started_by, columns)
                    VALUES (?, 'receiving', ?, ?, ?, ?, ?, ?)",
                &[
                    id.into(),
                    options.preview.into(),
                    options.remove_missing.into(),
                    options.force.into(),
                    now_ms.into(),
                    started_by.into(),
                    columns.into(),
                ],
            )?;
            let rows = self.sql.query("SELECT number FROM imports WHERE id = ?", &[id.into()])?;
            rows.first().ok_or_else(|| SqlError::other("an import is gone"))?.integer("number")
        })
    }

    /// Adds the next part of the file; the first is 0.
    pub fn add_part(&self, number: i64, bytes: Vec<u8>) -> Result<(), SqlError> {
        self.sql.query(
            "INSERT INTO import_parts (number, bytes) VALUES (?, ?)",
            &[number.into(), bytes.into()],
        )?;
        Ok(())
    }

    /// A part of the file; nothing after the last one.
    pub fn part(&self, number: i64) -> Result<Option<Vec<u8>>, SqlError> {
        let rows = self.sql.query("SELECT bytes FROM import_parts WHERE number = ?", &[number.into()])?;
        rows.first().map(|row| row.bytes("bytes").map(<[u8]>::to_vec)).transpose()
    }

    /// How many parts are kept.
    pub fn parts(&self) -> Result<i64, SqlError> {
        let rows = self.sql.query("SELECT count(*) AS parts FROM import_parts", &[])?;
        rows.first().map_or(Ok(0), |row| row.integer("parts"))
    }

    /// Says that the file is there, so many bytes long.
    pub fn stored(&self, number: i64, bytes: u64) -> Result<(), SqlError> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.sql.query(
            "UPDATE imports SET state = 'running', bytes = ? WHERE number = ?",
            &[bytes.into(), number.into()],
        )?;
        Ok(())
    }

    /// Forgets an import, with its file if that is still there.
    pub fn forget(&self, record: &ImportRecord) -> Result<(), SqlError> {
        in_transaction(self.sql, || {
            if !record.state.is_ended() {
                self.sql.query("DELETE FROM import_parts", &[])?;
            }
            self.sql.query("DELETE FROM import_texts WHERE import = ?", &[record.number.into()])?;
            self.sql.query("DELETE FROM imports WHERE number = ?", &[record.number.into()])?;
            self.close()
        })
    }

    /// The one that has not ended.
    pub fn current(&self) -> Result<Option<ImportRecord>, SqlError> {
        self.find("ended IS NULL", &[])
    }

    /// Whether there is anything to do: one that has not ended, whose entry in the audit log is not delivered, or
    /// about whose changes nobody was told. Reads no row when there is not: a key that is absent costs none, while
    /// the platform counts one for a look into an empty table.
    pub fn is_open(&self) -> Result<bool, SqlError> {
        Ok(self.setting(OPEN)?.is_some())
    }

    /// Notes when there is nothing to do any more.
    fn close(&self) -> Result<(), SqlError> {
        let rows = self.sql.query(
            "SELECT 1 FROM imports WHERE ended IS NULL OR audit IS NOT NULL OR news = 1 LIMIT 1",
            &[],
        )?;
        if rows.rows.is_empty() {
            self.remove_setting(OPEN)?;
        }
        Ok(())
    }

    /// One by its id.
    pub fn get(&self, id: &str) -> Result<Option<ImportRecord>, SqlError> {
        self.find("id = ?", &[id.into()])
    }

    /// One that ended and whose entry in the audit log is not delivered.
    pub fn undelivered(&self) -> Result<Option<ImportRecord>, SqlError> {
        self.find("audit IS NOT NULL", &[])
    }

    fn find(&self, condition: &str, values: &[Value]) -> Result<Option<ImportRecord>, SqlError> {
        let statement = format!("SELECT {COLUMNS} FROM imports WHERE {condition} ORDER BY number LIMIT 1");
        self.sql.query(&statement, values)?.first().map(read).transpose()
    }

    /// Those whose file arrived, the newest first.
    pub fn list(&self, now_ms: i64) -> Result<Vec<ImportRecord>, SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM imports WHERE state <> 'receiving' AND started > ?
                ORDER BY number DESC LIMIT {MAX_IMPORTS}"
        );
        let rows = self.sql.query(&statement, &[(now_ms - IMPORTS_KEPT_MS).into()])?;
        rows.rows.iter().map(read).collect()
    }

    /// Forgets ended ones that are too old, or beyond so many.
    pub fn prune(&self, now_ms: i64, kept: usize) -> Result<(), SqlError> {
        let kept = i64::try_from(kept).unwrap_or(i64::MAX);
        self.sql.query(
            "DELETE FROM imports WHERE ended IS NOT NULL AND audit IS NULL
                AND (started <= ? OR number NOT IN (SELECT number FROM imports ORDER BY number DESC LIMIT ?))",
            &[(now_ms - IMPORTS_KEPT_MS).into(), kept.into()],
        )?;
        self.sql.query("DELETE FROM import_texts WHERE import NOT IN (SELECT number FROM imports)", &[])?;
        Ok(())
    }

    /// Notes how far it is, for whoever asks while the object starts again.
    pub fn note_progress(&self, number: i64, progress: &str) -> Result<(), SqlError> {
        self.sql
            .query("UPDATE imports SET progress = ? WHERE number = ?", &[progress.into(), number.into()])?;
        Ok(())
    }

    /// Notes that it got further than ever before.
    pub(super) fn note_further(&self, number: i64) -> Result<(), SqlError> {
        self.sql
            .query("UPDATE imports SET resumed = 0 WHERE number = ? AND resumed > 0", &[number.into()])?;
        Ok(())
    }

    /// Counts that it is taken up again. The count begins anew when it gets further.
    pub fn note_resumed(&self, number: i64) -> Result<(), SqlError> {
        self.sql.query("UPDATE imports SET resumed = resumed + 1 WHERE number = ?", &[number.into()])?;
        Ok(())
    }

    /// Ends it: the file and the outcomes of its chunks are dropped, however it ended.
    pub fn end(&self, number: i64, end: &ImportEnd<'_>) -> Result<(), SqlError> {
        in_transaction(self.sql, || {
            self.sql.query("DELETE FROM import_parts", &[])?;
            self.sql.query("DELETE FROM import_texts WHERE import = ?", &[number.into()])?;
            for (kept, text) in [(Kept::Result, end.result), (Kept::Error, end.error)] {
                if let Some(text) = text {
                    self.keep(number, kept, 0, text)?;
                }
            }
            self.sql.query(
                "UPDATE imports SET state = ?, progress = ?, audit = ?, news = ?, ended = ? WHERE number = ?",
                &[
                    end.state.word().into(),
                    end.progress.into(),
                    end.audit.into(),
                    end.changed.into(),
                    end.now_ms.into(),
                    number.into(),
                ],
            )?;
            self.close()
        })
    }

    /// The result of a finished one.
    pub fn result(&self, number: i64) -> Result<Option<String>, SqlError> {
        self.kept(number, Kept::Result, 0)
    }

    /// Why one failed.
    pub fn error(&self, number: i64) -> Result<Option<String>, SqlError> {
        self.kept(number, Kept::Error, 0)
    }

    /// Says that the entry in the audit log is delivered.
    pub fn delivered(&self, number: i64) -> Result<(), SqlError> {
        in_transaction(self.sql, || {
            self.sql.query("UPDATE imports SET audit = NULL WHERE number = ?", &[number.into()])?;
            self.close()
        })
    }

    /// Whether one ended that changed people, since this was asked last.
    pub fn take_news(&self) -> Result<bool, SqlError> {
        in_transaction(self.sql, || {
            let rows = self.sql.query("UPDATE imports SET news = 0 WHERE news = 1 RETURNING number", &[])?;
            self.close()?;
            Ok(!rows.rows.is_empty())
        })
    }

    /// What the chunks of an import did that is not at its end, from their outcomes alone.
    pub fn tally(&self, record: &ImportRecord) -> Result<Tally, SqlError> {
        let mut tally = Tally::new(record.options.preview);
        for kept in Kept::OUTCOMES {
            for chunk in 0.. {
                let Some(outcome) = self.outcome(record.number, kept, chunk)? else { break };
                tally.fold(outcome);
            }
        }
        Ok(tally)
    }

    /// What a chunk did, if it was done.
    pub(super) fn outcome(
        &self,
        import: i64,
        kept: Kept,
        chunk: i64,
    ) -> Result<Option<ChunkOutcome>, SqlError> {
        let Some(text) = self.kept(import, kept, chunk)? else { return Ok(None) };
        let outcome = serde_json::from_str(&text)
            .map_err(|error| SqlError::other(format!("the outcome of chunk {chunk}: {error}")))?;
        Ok(Some(outcome))
    }

    /// Keeps what a chunk did.
    pub(super) fn keep_outcome(
        &self,
        import: i64,
        kept: Kept,
        chunk: i64,
        outcome: &ChunkOutcome,
    ) -> Result<(), SqlError> {
        let text = serde_json::to_string(outcome).map_err(|error| SqlError::other(error.to_string()))?;
        self.keep(import, kept, chunk, &text)
    }

    fn keep(&self, import: i64, kept: Kept, chunk: i64, text: &str) -> Result<(), SqlError> {
        for (piece, text) in (0_i64..).zip(pieces(text)) {
            self.sql.query(
                "INSERT INTO import_texts (import, kind, number, piece, text) VALUES (?, ?, ?, ?, ?)",
                &[import.into(), kept.number().into(), chunk.into(), piece.into(), text.into()],
            )?;
        }
        Ok(())
    }

    fn kept(&self, import: i64, kept: Kept, chunk: i64) -> Result<Option<String>, SqlError> {
        let rows = self.sql.query(
            "SELECT text FROM import_texts WHERE import = ? AND kind = ? AND number = ? ORDER BY piece",
            &[import.into(), kept.number().into(), chunk.into()],
        )?;
        let mut text: Option<String> = None;
        for row in &rows.rows {
            text.get_or_insert_default().push_str(row.text("text")?);
        }
        Ok(text)
    }
}

/// A text in pieces that fit into rows; one at least.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > PIECE_BYTES {
        let end = (1..=PIECE_BYTES).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let Some((piece, others)) = rest.split_at_checked(end) else { break };
        pieces.push(piece);
        rest = others;
    }
    pieces.push(rest);
    pieces
}

fn read(row: &Row) -> Result<ImportRecord, SqlError> {
    Ok(ImportRecord {
        number: row.integer("number")?,
        id: row.text("id")?.to_owned(),
        state: ImportState::read(row.text("state")?)?,
        options: ImportOptions {
            remove_missing: row.boolean("remove_missing")?,
            force: row.boolean("forced")?,
            preview: row.boolean("preview")?,
        },
        started_ms: row.integer("started")?,
        ended_ms: row.optional_integer("ended")?,
        started_by: row.text("started_by")?.to_owned(),
        columns: row.text("columns")?.to_owned(),
        bytes: u64::try_from(row.integer("bytes")?).unwrap_or(0),
        progress: row.text("progress")?.to_owned(),
        audit: row.optional_text("audit")?.map(str::to_owned),
        resumed: row.integer("resumed")?,
    })
}

#[cfg(test)]
mod tests;
