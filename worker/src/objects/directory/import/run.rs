//! The work on a stored file: a slice at each call of the alarm, until it is done.

use std::time::Duration;

use api::directory::ImportCounts;
use inlets::csv::{ColumnName, ColumnNames};
use store::Settings as _;
use store::directory::import::{ImportEnd, ImportRecord, ImportState, Imports, Machine, Step, Work};
use worker::{Delay, console_error};

use super::super::{Directory, keys};
use super::{Current, answer};
use crate::audit;
use crate::error::{ApiError, ObjectError};
use crate::platform::{clock, random};

/// Rows, people and memberships of one slice. The clock stands still while code runs, so it is no time.
const SLICE: usize = 3_000;
/// Steps after which others get their turn: who asks how far it is, who signs in.
const STEPS_A_TURN: usize = 10;
/// How often an import is taken up again without getting any further.
const MAX_RESUMED: i64 = 10;
/// How long to wait after something went wrong with the import itself or its entry in the audit log.
const RETRY_MS: i64 = 10_000;
/// Whose changes they are, in the change log.
const CLIENT: &str = "CSV import";

/// How a slice ended the import.
enum End {
    Finished,
    Stopped,
    Failed(ApiError),
}

impl Directory {
    /// What the alarm does about imports. Never an error: the platform would repeat it on its own schedule.
    pub(in super::super) async fn work_on_import(&self) {
        if self.importing.idle.get() {
            return;
        }
        let worked = match self.try_work().await {
            // An alarm of a directory that is gone, or of one that takes no files.
            Err(error) if matches!(error.status, 404 | 400) => {
                self.importing.idle.set(true);
                return;
            }
            worked => worked,
        };
        if let Err(error) = worked {
            console_error!("import: {}", error.internal.unwrap_or(error.message));
            if let Err(error) = self.wake_within(RETRY_MS).await {
                console_error!("import: no alarm: {}", error.internal.unwrap_or(error.message));
            }
        }
    }

    async fn try_work(&self) -> Result<(), ApiError> {
        let imports = self.imports()?;
        match imports.current()? {
            Some(record) if record.state == ImportState::Receiving => self.watch_file(&record).await?,
            Some(record) => self.slice(imports, &record).await?,
            None => {
                self.importing.clear();
                self.deliver(imports).await?;
                self.importing.idle.set(imports.current()?.is_none());
            }
        }
        Ok(())
    }

    /// Works on a stored file for a while.
    async fn slice(&self, imports: Imports<'_>, record: &ImportRecord) -> Result<(), ApiError> {
        let is_new = !self.importing.is_current(record.number, &record.id);
        if is_new {
            // The object was started again in the middle of it.
            imports.note_resumed(record.number)?;
            self.remember(record)?;
        }
        if self.importing.stopped.get() == Some(record.number) {
            return self.stop_import(imports, record).await;
        }
        if record.resumed > MAX_RESUMED {
            let message = format!("import {} was broken off {MAX_RESUMED} times at one place", record.id);
            let error = ApiError::internal(message);
            error.log(&record.id);
            return self.end_by_outcomes(imports, record, ImportState::Failed, &error).await;
        }
        let kept = self.importing.machine.borrow_mut().take();
        let mut machine = match kept {
            Some(machine) => machine,
            None => self.machine(record)?,
        };
        let began = clock::now_ms();
        let (mut worked, mut steps) = (0, 0_usize);
        let end = loop {
            match self.step(record, &mut machine) {
                Ok(Some(count)) => worked += count.max(1),
                Ok(None) => break End::Finished,
                Err(error) => break End::Failed(error),
            }
            steps += 1;
            let over = worked >= SLICE;
            if over || steps.is_multiple_of(STEPS_A_TURN) {
                self.note_reached(record, &machine);
                Delay::from(Duration::ZERO).await;
                if !self.importing.is_current(record.number, &record.id) {
                    // The directory was removed meanwhile.
                    return Ok(());
                }
                if self.importing.stopped.get() == Some(record.number) {
                    break End::Stopped;
                }
            }
            if over {
                self.note_slice(began);
                return self.pause(imports, record, machine).await;
            }
        };
        self.note_slice(began);
        self.finish(imports, record, machine, end).await
    }

    /// One step: how much was done, or nothing when there is no more to do.
    fn step(&self, record: &ImportRecord, machine: &mut Machine) -> Result<Option<usize>, ApiError> {
        let schemas = self.schemas()?;
        let mut new_id = random::new_id;
        let store = self.store()?.by(CLIENT);
        let mut work = Work { store, schemas: schemas.as_ref(), new_id: &mut new_id };
        match machine.step(&mut work) {
            Ok(Step::Worked(count)) => Ok(Some(count)),
            Ok(Step::Done) => Ok(None),
            Ok(Step::Attributes(names)) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.ensure_text_attributes(&names)?;
                Ok(Some(0))
            }
            Err(stop) => {
                let report = machine.report();
                let written = !record.options.preview && report.created + report.updated > 0;
                Err(answer::error(stop, written))
            }
        }
    }

    fn machine(&self, record: &ImportRecord) -> Result<Machine, ApiError> {
        let names: Vec<ColumnName> = crate::json::read(&record.columns)?;
        let names = ColumnNames::new(names).map_err(|error| ApiError::internal(error.to_string()))?;
        Ok(Machine::new(record, names))
    }

    /// Tells whoever asks that it is under way.
    fn remember(&self, record: &ImportRecord) -> Result<(), ApiError> {
        *self.importing.machine.borrow_mut() = None;
        *self.importing.current.borrow_mut() = Some(Current {
            number: record.number,
            id: record.id.clone(),
            preview: record.options.preview,
            started_ms: record.started_ms,
            received_ms: None,
            counts: answer::counts_of(record)?,
        });
        Ok(())
    }

    /// Notes how far it is.
    fn note_reached(&self, record: &ImportRecord, machine: &Machine) -> ImportCounts {
        let mut current = self.importing.current.borrow_mut();
        let Some(current) = current.as_mut() else { return ImportCounts::default() };
        current.counts = answer::counts(&current.counts, record.bytes, machine.reached(), machine.report());
        current.counts.clone()
    }

    /// Notes the end of a slice.
    fn note_slice(&self, began: i64) {
        if let Some(current) = self.importing.current.borrow_mut().as_mut() {
            let took = u64::try_from(clock::now_ms() - began).unwrap_or(0);
            let counts = &mut current.counts;
            counts.slices += 1;
            counts.longest_slice_in_milliseconds = counts.longest_slice_in_milliseconds.max(took);
        }
    }

    /// The end of a slice that is not the last one.
    async fn pause(
        &self,
        imports: Imports<'_>,
        record: &ImportRecord,
        machine: Machine,
    ) -> Result<(), ApiError> {
        let counts = self.note_reached(record, &machine);
        imports.note_progress(record.number, &crate::json::write(&counts)?)?;
        *self.importing.machine.borrow_mut() = Some(machine);
        self.wake_within(0).await
    }

    /// Stops one between two slices.
    async fn stop_import(&self, imports: Imports<'_>, record: &ImportRecord) -> Result<(), ApiError> {
        let kept = self.importing.machine.borrow_mut().take();
        match kept {
            Some(machine) => self.finish(imports, record, machine, End::Stopped).await,
            None => {
                let stopped = stopped(record.options.preview);
                self.end_by_outcomes(imports, record, ImportState::Cancelled, &stopped).await
            }
        }
    }

    /// Ends one whose machine is not there: what it did is told by what its chunks kept.
    async fn end_by_outcomes(
        &self,
        imports: Imports<'_>,
        record: &ImportRecord,
        state: ImportState,
        error: &ApiError,
    ) -> Result<(), ApiError> {
        let tally = imports.tally(record)?;
        let counts = answer::with_report(answer::counts_of(record)?, tally.report());
        self.end(imports, record, state, &counts, None, Some(error)).await
    }

    async fn finish(
        &self,
        imports: Imports<'_>,
        record: &ImportRecord,
        machine: Machine,
        end: End,
    ) -> Result<(), ApiError> {
        let counts = self.note_reached(record, &machine);
        let (state, error) = match end {
            End::Finished => (ImportState::Finished, None),
            End::Stopped => (ImportState::Cancelled, Some(stopped(record.options.preview))),
            End::Failed(error) => (ImportState::Failed, Some(error)),
        };
        if let Some(error) = &error {
            error.log(&record.id);
        }
        let result = match error {
            None => Some(answer::result(machine.finish(), record.options.preview)?),
            Some(_) => None,
        };
        self.end(imports, record, state, &counts, result.as_deref(), error.as_ref()).await
    }

    /// Writes the end down, tells the audit log, and then those who wait.
    async fn end(
        &self,
        imports: Imports<'_>,
        record: &ImportRecord,
        state: ImportState,
        counts: &ImportCounts,
        result: Option<&str>,
        error: Option<&ApiError>,
    ) -> Result<(), ApiError> {
        let now = clock::now_ms();
        let audit = match record.options.preview {
            true => None,
            false => {
                let store = self.store()?;
                let id = store.setting(keys::ID)?.unwrap_or_default();
                let name = store.setting(keys::DISPLAY_NAME)?.unwrap_or_default();
                Some(answer::audit(record, (&id, &name), state, counts, error, now)?)
            }
        };
        let error = error.map(|error| crate::json::write(&ObjectError::from(error.clone()))).transpose()?;
        let changed = counts.created + counts.updated + counts.removed > 0;
        imports.end(
            record.number,
            &ImportEnd {
                state,
                progress: &crate::json::write(counts)?,
                result,
                error: error.as_deref(),
                audit: audit.as_deref(),
                changed: changed && !record.options.preview,
                now_ms: now,
            },
        )?;
        let delivered = self.deliver(imports).await;
        self.importing.leave(record.number, &record.id);
        delivered
    }

    /// Hands entries to the audit log. One that does not get through is handed over again.
    async fn deliver(&self, imports: Imports<'_>) -> Result<(), ApiError> {
        while let Some(record) = imports.undelivered()? {
            let document = record.audit.unwrap_or_default();
            audit::deliver(&self.env, &document, Some(&record.id)).await?;
            imports.delivered(record.number)?;
        }
        Ok(())
    }
}

/// What whoever waits for an import gets when somebody stops it.
fn stopped(preview: bool) -> ApiError {
    ApiError::conflict(if preview {
        "The preview was stopped. Nothing was written."
    } else {
        "The import was stopped before its end. What it had written until then stays."
    })
}
