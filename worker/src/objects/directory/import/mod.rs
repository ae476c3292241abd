//! The CSV import: the file is stored in parts, then worked on by the object's alarm in slices, so that no event
//! takes long and a crash loses nothing. What is done is `store::directory::import`; here is when.

mod answer;
mod columns;
mod receive;
mod run;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use api::audit::AuditInitiator;
use api::directory::{ImportCounts, ImportProgress, ImportRecord};
use serde::{Deserialize, Serialize};
pub use store::directory::import::ImportOptions;
use store::directory::import::{ImportState, Imports, Machine};
use worker::Delay;

use super::{Directory, Profile};
use crate::error::{ApiError, ObjectError};
use crate::platform::clock;

/// Longest wait for the end of an import within one event, in milliseconds: less than a call may take.
pub const LONGEST_WAIT_MS: u64 = 20_000;
/// First pause between two looks whether an import has ended, in milliseconds; each is longer than the one before …
const FIRST_PAUSE_MS: u64 = 5;
/// … up to this.
const LONGEST_PAUSE_MS: u64 = 200;

/// What is asked for with a file, in the query of [`super::IMPORT_URL`].
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportRequest {
    /// How it is imported.
    pub options: ImportOptions,
    /// Who sends it.
    pub started_by: AuditInitiator,
    /// Bytes that are to arrive, if the sender told.
    pub length: Option<u64>,
    /// For how long to wait for the end, in milliseconds; [`LONGEST_WAIT_MS`] at most.
    pub wait_ms: u64,
}

/// An import, for the Worker that asks.
#[derive(Serialize, Deserialize)]
pub struct ImportStatus {
    /// Its id.
    pub id: String,
    /// Whether it is not at its end.
    pub running: bool,
    /// The API's `ImportRecord`.
    pub record: serde_json::Value,
    /// Why it failed or was stopped, as the answer to whoever waits for it.
    pub error: Option<ObjectError>,
    /// Whether people changed about which nobody was told. Each change is told once.
    pub news: bool,
}

/// What is under way, in memory.
#[derive(Default)]
pub(super) struct Importing {
    current: RefCell<Option<Current>>,
    /// Between two slices.
    machine: RefCell<Option<Machine>>,
    /// The number of the import that is to be stopped.
    stopped: Cell<Option<i64>>,
    /// Whether it is certain that the database has nothing to do for the alarm.
    idle: Cell<bool>,
}

/// The import under way, for whoever asks how far it is.
struct Current {
    number: i64,
    id: String,
    preview: bool,
    started_ms: i64,
    /// When the last piece of the file arrived; nothing once all did.
    received_ms: Option<i64>,
    counts: ImportCounts,
}

impl Importing {
    /// Forgets everything: the directory is removed.
    pub(super) fn clear(&self) {
        *self.current.borrow_mut() = None;
        *self.machine.borrow_mut() = None;
        self.stopped.set(None);
        self.idle.set(false);
    }

    fn is_current(&self, number: i64, id: &str) -> bool {
        self.current.borrow().as_ref().is_some_and(|current| current.number == number && current.id == id)
    }

    /// The import is over for those who ask.
    fn leave(&self, number: i64, id: &str) {
        if self.is_current(number, id) {
            self.clear();
        }
    }
}

impl Directory {
    fn imports(&self) -> Result<Imports<'_>, ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Err(ApiError::bad_request("Only a workforce directory takes a file."));
        }
        Ok(Imports::new(&self.sql))
    }

    /// How far the import under way is.
    pub(super) fn import_progress(&self) -> Result<ImportProgress, ApiError> {
        self.setup()?;
        if let Some(current) = self.importing.current.borrow().as_ref() {
            return Ok(ImportProgress {
                running: true,
                preview: current.preview,
                started_date_time: Some(clock::rfc3339(current.started_ms)),
                import_id: current.received_ms.is_none().then(|| current.id.clone()),
                counts: current.counts.clone(),
            });
        }
        let Some(record) = Imports::new(&self.sql).current()? else { return Ok(ImportProgress::default()) };
        let is_running = record.state == ImportState::Running;
        Ok(ImportProgress {
            running: is_running,
            preview: record.options.preview,
            started_date_time: Some(clock::rfc3339(record.started_ms)),
            import_id: is_running.then(|| record.id.clone()),
            counts: answer::counts_of(&record)?,
        })
    }

    /// The last imports, the newest first.
    pub(super) async fn import_list(&self) -> Result<Vec<ImportRecord>, ApiError> {
        let imports = self.imports()?;
        let records = imports.list(clock::now_ms())?;
        let mut list = Vec::with_capacity(records.len());
        for record in &records {
            if record.state == ImportState::Running {
                self.revive().await?;
            }
            list.push(self.import_record(record)?);
        }
        Ok(list)
    }

    /// One import, once it has ended or the time is over.
    pub(super) async fn import_status(
        &self,
        id: &str,
        wait_ms: u64,
    ) -> Result<Option<ImportStatus>, ApiError> {
        let (imports, began) = (self.imports()?, clock::now_ms());
        let mut pause = FIRST_PAUSE_MS;
        loop {
            let is_current = self.importing.current.borrow().as_ref().is_some_and(|current| current.id == id);
            let waited = u64::try_from(clock::now_ms() - began).unwrap_or(0);
            let over = waited >= wait_ms.min(LONGEST_WAIT_MS);
            // Nothing is read while it is at work.
            if !is_current || over {
                let Some(record) = imports.get(id)? else { return Ok(None) };
                if !is_current && record.state == ImportState::Running {
                    self.revive().await?;
                }
                if over || (!is_current && record.state.is_ended()) {
                    return Ok(Some(self.status_of(imports, &record)?));
                }
            }
            Delay::from(Duration::from_millis(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE_MS);
        }
    }

    /// Stops an import that runs, and forgets one that has ended; whether there is one.
    pub(super) async fn end_import(&self, id: &str) -> Result<bool, ApiError> {
        let imports = self.imports()?;
        let Some(record) = imports.get(id)?.filter(|record| record.state != ImportState::Receiving) else {
            return Ok(false);
        };
        if record.state.is_ended() {
            if record.audit.is_some() {
                // Its entry for the audit log would be lost.
                return Err(ApiError::unavailable("the audit log did not take an import yet"));
            }
            imports.forget(&record)?;
            return Ok(true);
        }
        self.importing.stopped.set(Some(record.number));
        self.wake_within(0).await?;
        match self.import_status(id, LONGEST_WAIT_MS).await? {
            Some(status) if status.running => Err(ApiError::unavailable("an import did not stop in time")),
            _ => Ok(true),
        }
    }

    /// From cron: sees to it that an import goes on; whether people changed about which nobody was told.
    pub(super) async fn wake(&self) -> Result<bool, ApiError> {
        let imports = self.imports()?;
        if !imports.is_open()? {
            return Ok(false);
        }
        if imports.current()?.is_some() || imports.undelivered()?.is_some() {
            self.revive().await?;
        }
        Ok(imports.take_news()?)
    }

    /// Sets the alarm, unless this object knows of one: it may have been lost.
    async fn revive(&self) -> Result<(), ApiError> {
        if self.importing.current.borrow().is_some() {
            return Ok(());
        }
        self.importing.idle.set(false);
        self.wake_within(0).await
    }

    fn status_of(
        &self,
        imports: Imports<'_>,
        record: &store::directory::import::ImportRecord,
    ) -> Result<ImportStatus, ApiError> {
        let mut shown = self.import_record(record)?;
        let mut error = None;
        if record.state.is_ended() {
            shown.result = match imports.result(record.number)? {
                Some(text) => Some(crate::json::read(&text)?),
                None => None,
            };
            error = match imports.error(record.number)? {
                Some(text) => Some(crate::json::read::<ObjectError>(&text)?),
                None => None,
            };
            shown.error = error.as_ref().map(ObjectError::shown);
        }
        Ok(ImportStatus {
            id: record.id.clone(),
            running: !record.state.is_ended(),
            record: crate::json::value(&shown)?,
            error,
            news: record.state.is_ended() && imports.take_news()?,
        })
    }

    /// An import as the API shows it, but for its result.
    fn import_record(
        &self,
        record: &store::directory::import::ImportRecord,
    ) -> Result<ImportRecord, ApiError> {
        let current = self.importing.current.borrow();
        let current = current.as_ref().filter(|current| current.number == record.number);
        let progress = match current {
            Some(current) if !record.state.is_ended() => current.counts.clone(),
            _ => answer::counts_of(record)?,
        };
        answer::record(record, progress)
    }
}
