//! The import of one file: bytes in, rows and errors out.

use super::row::Refusal;
use super::{ColumnNames, Decoder, Encoding, FileError, Header, Record, Roster, Row, RowError};

/// Largest file, in bytes: 100 MB, enough for 300,000 people with all columns.
pub const MAX_FILE_BYTES: u64 = 100 << 20;
/// Most rows of a file, those with errors included.
pub const MAX_ROWS: u64 = 500_000;

/// What files start with that people take for CSV files.
const NOT_TEXT: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xD0\xCF\x11\xE0", "an Excel workbook of the old kind"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"%PDF", "a PDF document"),
];

/// The state of reading one file.
///
/// ```
/// use inlets::csv::Import;
///
/// let mut import = Import::new();
/// let mut rows = import.push(b"userPrincipalName,displayName\r\nada@contoso.com,Ada L")?;
/// rows.extend(import.push(b"ovelace\r\ngrace@contoso.com\r\n")?);
/// rows.extend(import.finish()?);
///
/// assert_eq!(rows[0].as_ref().unwrap().user_name, "ada@contoso.com");
/// assert_eq!(rows[1].as_ref().unwrap_err().line, 3);
/// # Ok::<(), inlets::csv::FileError>(())
/// ```
#[derive(Debug, Default)]
pub struct Import {
    decoder: Decoder,
    record: Record,
    names: ColumnNames,
    header: Option<Header>,
    roster: Roster,
    bytes: u64,
    rows: u64,
}

impl Import {
    /// An import at the start of its file.
    pub fn new() -> Self {
        Self::default()
    }

    /// An import whose cells are separated by this byte, whatever the header looks like.
    pub fn with_delimiter(delimiter: u8) -> Self {
        Self { decoder: Decoder::new(Some(delimiter)), ..Self::default() }
    }

    /// An import of a file whose headers have these meanings.
    pub fn with_names(names: ColumnNames) -> Self {
        Self { names, ..Self::default() }
    }

    /// Whether a file of this length can be imported; to be asked before it is read.
    pub fn check_length(bytes: u64) -> Result<(), FileError> {
        if bytes > MAX_FILE_BYTES { Err(FileError::TooLarge) } else { Ok(()) }
    }

    /// Takes the next bytes and gives the rows that they complete. Pieces of some 64 KB keep the
    /// answers small.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Result<Row, RowError>>, FileError> {
        self.bytes += bytes.len() as u64;
        Self::check_length(self.bytes)?;
        self.decoder.push(bytes);
        self.drain()
    }

    /// Says that the file ends here and gives the last rows.
    pub fn finish(&mut self) -> Result<Vec<Result<Row, RowError>>, FileError> {
        self.decoder.finish();
        let rows = self.drain()?;
        if self.header.is_none() { Err(FileError::Empty) } else { Ok(rows) }
    }

    /// Reads a file that is in memory as a whole.
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<Result<Row, RowError>>), FileError> {
        Self::check_length(bytes.len() as u64)?;
        let mut import = Self::new();
        let mut rows = import.push(bytes)?;
        rows.extend(import.finish()?);
        Ok((import, rows))
    }

    /// How the file is written, as far as its bytes so far tell.
    pub fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// The header, once it has been read. Its problems belong into the report.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Rows so far, those with errors included.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes so far, for a progress bar.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What the rows so far say about names, managers and groups.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Ends the import and keeps what the later passes need.
    pub fn into_roster(self) -> Roster {
        self.roster
    }

    fn drain(&mut self) -> Result<Vec<Result<Row, RowError>>, FileError> {
        let mut rows = Vec::new();
        if self.header.is_none() {
            let start = self.decoder.pending();
            if let Some((_, what)) = NOT_TEXT.iter().find(|(magic, _)| start.starts_with(magic)) {
                return Err(FileError::NotText(what));
            }
        }
        while let Some(read) = self.decoder.next_record(&mut self.record) {
            let Some(header) = &self.header else {
                read.map_err(FileError::UnreadableHeader)?;
                let header = Header::read(&self.record, &self.names)?;
                self.roster = Roster::new(&header);
                self.header = Some(header);
                continue;
            };
            if read.is_ok()
                && (self.record.is_empty()
                    || self.record.cells().all(|(_, cell)| cell.trim_ascii().is_empty()))
            {
                continue;
            }
            self.rows += 1;
            if self.rows > MAX_ROWS {
                return Err(FileError::TooManyRows);
            }
            let row = match read {
                Ok(()) => Row::read(&self.record, header),
                Err(error) => Err(Refusal { error, user_name: None }),
            };
            rows.push(self.roster.admit(row)?);
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests;
