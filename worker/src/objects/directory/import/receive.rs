//! The file of an import arrives: it is stored in parts, and worked on only when all of it is there.

use api::directory::ImportCounts;
use futures_util::StreamExt;
use inlets::csv::MAX_FILE_BYTES;
use store::directory::import::{ImportRecord, Imports, PART_BYTES};
use worker::{Request, console_error};

use super::super::Directory;
use super::{Current, ImportRequest, ImportStatus, answer};
use crate::error::ApiError;
use crate::platform::{clock, random};

/// A file of which nothing arrives for so long is given up.
const SILENCE_MS: i64 = 60_000;
/// How often that is looked at.
const LOOK_MS: i64 = 20_000;

impl Directory {
    /// Takes a file in, and waits for the end of its import as long as the request asks for.
    pub(in super::super) async fn import(
        &self,
        request: &mut Request,
        wanted: &ImportRequest,
    ) -> Result<ImportStatus, ApiError> {
        let imports = self.imports()?;
        self.require_none(imports)?;
        let (id, now) = (random::uuid()?, clock::now_ms());
        let started_by = crate::json::write(&wanted.started_by)?;
        let columns = crate::json::write(&self.import_columns()?)?;
        let number = imports.begin(&id, wanted.options, &started_by, &columns, now)?;
        *self.importing.current.borrow_mut() = Some(Current {
            number,
            id: id.clone(),
            preview: wanted.options.preview,
            started_ms: now,
            received_ms: Some(now),
            counts: ImportCounts {
                phase: "file".to_owned(),
                total_bytes: wanted.length.unwrap_or(0),
                ..ImportCounts::default()
            },
        });
        self.importing.idle.set(false);
        let bytes = match self.receive(request, number, &id, wanted.length).await {
            Ok(bytes) => bytes,
            Err(error) => {
                self.give_up(number, &id);
                return Err(error);
            }
        };
        imports.stored(number, bytes)?;
        if let Some(current) = self.importing.current.borrow_mut().as_mut() {
            current.received_ms = None;
            current.counts =
                ImportCounts { phase: "rows".to_owned(), total_bytes: bytes, ..ImportCounts::default() };
        }
        self.wake_within(0).await?;
        let status = self.import_status(&id, wanted.wait_ms).await?;
        status.ok_or_else(|| ApiError::conflict("The directory was removed while the file was imported."))
    }

    /// 409 while another import is under way: two would undo each other's groups.
    fn require_none(&self, imports: Imports<'_>) -> Result<(), ApiError> {
        let Some(record) = imports.current()? else { return Ok(()) };
        if self.is_silent(&record) {
            self.give_up(record.number, &record.id);
            return Ok(());
        }
        Err(ApiError::conflict(
            "A file is being imported into this directory already. Wait until that import has ended.",
        ))
    }

    /// Stores the body; how many bytes it has.
    async fn receive(
        &self,
        request: &mut Request,
        number: i64,
        id: &str,
        length: Option<u64>,
    ) -> Result<u64, ApiError> {
        self.wake_within(LOOK_MS).await?;
        let imports = self.imports()?;
        let (mut bytes, mut next_part) = (0_u64, 0_i64);
        let mut part: Vec<u8> = Vec::new();
        // A request may have no body at all: an empty file.
        if request.inner().body().is_some() {
            let mut stream = request.stream()?;
            while let Some(piece) = stream.next().await {
                let piece = piece.map_err(|error| broken_off(bytes, &error.to_string()))?;
                bytes += piece.len() as u64;
                if bytes > MAX_FILE_BYTES {
                    return Err(answer::too_large());
                }
                self.note_received(number, id, bytes)?;
                let mut rest = piece.as_slice();
                while !rest.is_empty() {
                    let room = PART_BYTES.saturating_sub(part.len());
                    let (fitting, others) = rest.split_at(room.min(rest.len()));
                    part.extend_from_slice(fitting);
                    rest = others;
                    if part.len() >= PART_BYTES {
                        imports.add_part(next_part, std::mem::take(&mut part))?;
                        next_part += 1;
                    }
                }
            }
        }
        if length.is_some_and(|length| length != bytes) {
            return Err(broken_off(bytes, "it is shorter than announced"));
        }
        self.note_received(number, id, bytes)?;
        if !part.is_empty() {
            imports.add_part(next_part, part)?;
        }
        Ok(bytes)
    }

    /// Notes that a piece arrived, unless the import was given up meanwhile.
    fn note_received(&self, number: i64, id: &str, bytes: u64) -> Result<(), ApiError> {
        let mut current = self.importing.current.borrow_mut();
        match current.as_mut().filter(|current| current.number == number && current.id == id) {
            Some(current) => {
                current.received_ms = Some(clock::now_ms());
                current.counts.bytes = bytes;
                Ok(())
            }
            None => Err(ApiError::conflict("The file took too long, so it was given up. Send it again.")),
        }
    }

    /// Whether a file is not there and does not arrive any more: its sender is gone, or this object was.
    fn is_silent(&self, record: &ImportRecord) -> bool {
        if record.state != store::directory::import::ImportState::Receiving {
            return false;
        }
        let current = self.importing.current.borrow();
        let received = current
            .as_ref()
            .filter(|current| current.id == record.id)
            .and_then(|current| current.received_ms);
        received.is_none_or(|at| clock::now_ms() - at > SILENCE_MS)
    }

    /// Looks after a file that arrives.
    pub(super) async fn watch_file(&self, record: &ImportRecord) -> Result<(), ApiError> {
        if self.is_silent(record) {
            self.give_up(record.number, &record.id);
            return Ok(());
        }
        self.wake_within(LOOK_MS).await
    }

    /// Forgets an import whose file did not arrive.
    fn give_up(&self, number: i64, id: &str) {
        self.importing.leave(number, id);
        let forgotten = self.imports().and_then(|imports| match imports.get(id)? {
            Some(record) => Ok(imports.forget(&record)?),
            None => Ok(()),
        });
        if let Err(error) = forgotten {
            // The next import drops its parts.
            console_error!("import: {}", error.internal.unwrap_or(error.message));
        }
    }
}

fn broken_off(bytes: u64, why: &str) -> ApiError {
    let error = ApiError::bad_request(format!(
        "The file broke off after {bytes} bytes. Nothing was imported; send it again."
    ));
    ApiError { internal: Some(why.to_owned()), ..error }
}
