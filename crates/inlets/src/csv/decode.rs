//! From bytes to records: RFC 4180 with positions, and recovery after broken quoting.
//!
//! Quoting is strict, since a file with one quote too many can be read in several ways and the
//! wrong one would put people's data into each other's rows. Where it breaks, the record is given
//! up and reading goes on with the next line: with the line after the opening quote when the broken
//! cell reached over several lines, so that one lost quote does not swallow the people below it.
//! A line read twice in this way holds an even number of quotes and so cannot open another cell
//! that runs on; the work stays linear.

use super::encoding::{Encoding, MIXED, Transcoder};
use super::{Problem, RowError};

/// Most bytes of one cell, quotes included.
pub const MAX_FIELD_BYTES: usize = 32 * 1024;
/// Most bytes of one record.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;
/// Most cells of a record; more are counted but not kept.
pub const MAX_COLUMNS: usize = 512;

/// What the bulk-create template starts with.
const VERSION: &[u8] = b"version:";

/// The text of one record: its cells without quoting.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Record {
    line: u64,
    bytes: Vec<u8>,
    cells: Vec<Span>,
    /// All cells, those over [`MAX_COLUMNS`] included.
    count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    end: usize,
    line: u64,
}

impl Record {
    /// The line on which the record starts, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How many cells the record has.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether the record is an empty line.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.count <= 1
    }

    /// The cells as they are in the file, and the line on which each starts.
    pub fn cells(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let starts = std::iter::once(0).chain(self.cells.iter().map(|span| span.end));
        starts
            .zip(&self.cells)
            .map(|(start, span)| (span.line, self.bytes.get(start..span.end).unwrap_or(&[])))
    }

    /// The cells as text, or the first that is not.
    pub fn texts(&self) -> Result<Vec<&str>, RowError> {
        let texts = self.cells().zip(1..).map(|((line, bytes), column)| text(bytes, line, column));
        texts.collect()
    }

    fn clear(&mut self, line: u64) {
        self.line = line;
        self.bytes.clear();
        self.cells.clear();
        self.count = 0;
    }

    fn end_cell(&mut self, line: u64) {
        self.count += 1;
        if self.count <= MAX_COLUMNS {
            self.cells.push(Span { end: self.bytes.len(), line });
        } else {
            self.bytes.truncate(self.cells.last().map_or(0, |span| span.end));
        }
    }
}

fn text(bytes: &[u8], line: u64, column: u64) -> Result<&str, RowError> {
    let (line, problem) = match std::str::from_utf8(bytes) {
        Ok(text) => {
            match text.char_indices().find(|(_, c)| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
                None => return Ok(text),
                Some((at, control)) => {
                    (line + line_ends(bytes.get(..at).unwrap_or(bytes)), Problem::ControlCharacter(control))
                }
            }
        }
        Err(error) => {
            let (good, bad) = bytes.split_at_checked(error.valid_up_to()).unwrap_or((bytes, &[]));
            let before = String::from_utf8_lossy(good);
            let byte = bad.first().copied().unwrap_or_default();
            let character = before.chars().count() + 1;
            let problem =
                if byte == MIXED { Problem::MixedEncodings } else { Problem::NotUtf8 { byte, character } };
            (line + line_ends(good), problem)
        }
    };
    Err(RowError { line, column, problem })
}

fn line_ends(bytes: &[u8]) -> u64 {
    let mut ends = 0;
    let mut after_return = false;
    for &byte in bytes {
        if byte == b'\r' || byte == b'\n' && !after_return {
            ends += 1;
        }
        after_return = byte == b'\r';
    }
    ends
}

/// The reader of records: bytes go in by [`push`](Self::push), records come out by
/// [`next_record`](Self::next_record).
#[derive(Debug, Default)]
pub struct Decoder {
    transcoder: Transcoder,
    text: Vec<u8>,
    /// Where in `text` the next record starts.
    start: usize,
    /// Line ends before `start`.
    lines: u64,
    delimiter: Option<u8>,
    /// The first line that is no preamble has been seen.
    started: bool,
    /// The rest of a line that was given up is still to be passed over.
    skipping: bool,
    finished: bool,
}

impl Decoder {
    /// A reader at the start of a file. Blank lines and preambles (`version:v1.0`, `sep=;`) before
    /// the first record are passed over. Without a delimiter that record's line decides: comma,
    /// semicolon or tab, whichever it has most of.
    pub fn new(delimiter: Option<u8>) -> Self {
        Self { delimiter, ..Self::default() }
    }

    /// How the file is written, as far as its bytes so far tell.
    pub fn encoding(&self) -> Encoding {
        self.transcoder.encoding()
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.finished {
            self.text.drain(..self.start);
            self.start = 0;
            self.transcoder.push(bytes, false, &mut self.text);
        }
    }

    /// Says that the file has no more bytes.
    pub fn finish(&mut self) {
        if !self.finished {
            self.transcoder.push(&[], true, &mut self.text);
            self.finished = true;
        }
    }

    /// The text that is not yet given out as records.
    pub fn pending(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or(&[])
    }

    /// Reads the next record into `record`. `None` when more bytes are needed, or after
    /// [`finish`](Self::finish) at the end.
    ///
    /// After an error the contents of `record` mean nothing and reading can go on.
    pub fn next_record(&mut self, record: &mut Record) -> Option<Result<(), RowError>> {
        if self.skipping && !self.skip_line() {
            return None;
        }
        let delimiter = self.delimiter()?;
        if self.pending().is_empty() {
            return None;
        }
        record.clear(self.lines + 1);
        let text = self.text.get(self.start..).unwrap_or(&[]);
        match scan(text, delimiter, self.finished, record) {
            Scan::Incomplete => None,
            Scan::Record { length, lines } => {
                self.start += length;
                self.lines += lines;
                Some(Ok(()))
            }
            Scan::Broken { problem, line, column, resume } => {
                match resume {
                    Resume::At { length, lines } => {
                        self.start += length;
                        self.lines += lines;
                    }
                    Resume::AfterLine { length } => {
                        self.start += length;
                        self.lines = line - 1;
                        self.skipping = true;
                    }
                }
                Some(Err(RowError { line, column, problem }))
            }
        }
    }

    /// Passes over the rest of a line; whether its end has been found.
    fn skip_line(&mut self) -> bool {
        match find_line(self.pending(), self.finished) {
            Some((_, length)) => {
                self.start += length;
                self.lines += 1;
                self.skipping = false;
            }
            // The last byte may be the first half of a CRLF.
            None => self.start = self.text.len() - usize::from(self.pending().ends_with(b"\r")),
        }
        !self.skipping
    }

    /// What separates cells, once the lines before the header have been passed over.
    fn delimiter(&mut self) -> Option<u8> {
        while !self.started {
            let last = self.finished || self.pending().len() > MAX_RECORD_BYTES;
            let (end, length) = find_line(self.pending(), last)?;
            let line = self.pending().get(..end).unwrap_or(&[]);
            let (preamble, named, likely) =
                (is_preamble(line), named_delimiter(line), likely_delimiter(line));
            if preamble {
                self.delimiter = self.delimiter.or(named);
                self.start += length;
                self.lines += 1;
            } else {
                self.delimiter = self.delimiter.or(Some(likely));
                self.started = true;
            }
        }
        self.delimiter
    }
}

/// The end of the first line and the start of the second. `None` when there is no line end and
/// `last` does not say that the text ends here.
fn find_line(text: &[u8], last: bool) -> Option<(usize, usize)> {
    let Some(end) = text.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else {
        return (last && !text.is_empty()).then_some((text.len(), text.len()));
    };
    match (text.get(end), text.get(end + 1)) {
        (Some(b'\r'), Some(b'\n')) => Some((end, end + 2)),
        (Some(b'\r'), None) if !last => None,
        _ => Some((end, end + 1)),
    }
}

/// A blank line, the template's `version:v1.0` or a spreadsheet's `sep=;`, with or without the
/// empty cells that spreadsheets add.
fn is_preamble(line: &[u8]) -> bool {
    let is_filling = |byte: &u8| matches!(byte, b',' | b';' | b'\t' | b' ' | b'"');
    if line.iter().all(is_filling) || named_delimiter(line).is_some() {
        return true;
    }
    let mut word = line.iter().skip_while(|byte| is_filling(byte));
    let is_version =
        VERSION.iter().all(|letter| word.next().is_some_and(|byte| byte.eq_ignore_ascii_case(letter)));
    is_version && !word.skip_while(|byte| !is_filling(byte)).any(|byte| !is_filling(byte))
}

fn named_delimiter(line: &[u8]) -> Option<u8> {
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter @ (b',' | b';' | b'\t')] => Some(*delimiter),
        _ => None,
    }
}

fn likely_delimiter(line: &[u8]) -> u8 {
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0)];
    let mut quoted = false;
    for &byte in line {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += u32::from(!quoted && byte == *delimiter);
        }
    }
    // `max_by_key` gives the last of equals, so the comma wins a tie.
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

enum Scan {
    /// The record does not end in this text.
    Incomplete,
    /// A record of so many bytes and line ends.
    Record { length: usize, lines: u64 },
    /// The record cannot be read.
    Broken { problem: Problem, line: u64, column: u64, resume: Resume },
}

/// Where to go on after a broken record.
enum Resume {
    /// So many bytes and line ends further on.
    At { length: usize, lines: u64 },
    /// After the end of the line that goes on at this byte.
    AfterLine { length: usize },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// After a quote within a quoted cell: the end of the cell, or the first of two.
    Quote,
}

/// Reads one record from the start of `text`, which is not empty.
fn scan(text: &[u8], delimiter: u8, last: bool, record: &mut Record) -> Scan {
    let mut scanner =
        Scanner { record, state: State::CellStart, lines: 0, cell_start: 0, cell_lines: 0, next_line: None };
    let mut at = 0;
    // A cell's bytes are copied a run at a time: `run` is where the run began.
    let mut run = 0;
    while let Some(&byte) = text.get(at) {
        let special = byte == b'"' || byte == delimiter || byte == b'\r' || byte == b'\n';
        if !special && matches!(scanner.state, State::Plain | State::Quoted) {
            at += 1;
            continue;
        }
        if at - scanner.cell_start > MAX_FIELD_BYTES || at > MAX_RECORD_BYTES {
            return scanner.too_long(at);
        }
        let line_end = match (byte, text.get(at + 1)) {
            (b'\n', _) => 1,
            (b'\r', Some(b'\n')) => 2,
            (b'\r', None) if !last => break,
            (b'\r', _) => 1,
            _ => 0,
        };
        match scanner.state {
            State::CellStart | State::Plain | State::Quote if byte == delimiter || line_end > 0 => {
                if scanner.state == State::Plain {
                    scanner.copy(text, run, at);
                }
                scanner.end_cell(at + 1);
                if line_end > 0 {
                    return Scan::Record { length: at + line_end, lines: scanner.lines + 1 };
                }
                at += 1;
            }
            State::CellStart if byte == b'"' => {
                scanner.state = State::Quoted;
                at += 1;
                run = at;
            }
            State::CellStart => {
                scanner.state = State::Plain;
                run = at;
                at += 1;
            }
            State::Plain => return scanner.broken(Problem::StrayQuote, at),
            State::Quoted if byte == b'"' => {
                scanner.copy(text, run, at);
                scanner.state = State::Quote;
                at += 1;
            }
            State::Quoted => {
                if line_end > 0 {
                    scanner.lines += 1;
                    scanner.next_line.get_or_insert((at + line_end, scanner.lines));
                }
                at += line_end.max(1);
            }
            State::Quote if byte == b'"' => {
                // The second of two quotes begins the next run.
                scanner.state = State::Quoted;
                run = at;
                at += 1;
            }
            State::Quote => return scanner.broken(Problem::TextAfterQuote, at),
        }
    }
    if at - scanner.cell_start > MAX_FIELD_BYTES || at > MAX_RECORD_BYTES {
        return scanner.too_long(at);
    }
    match scanner.state {
        _ if !last => Scan::Incomplete,
        State::Quoted => scanner.broken(Problem::UnclosedQuote, text.len()),
        state => {
            if state == State::Plain {
                scanner.copy(text, run, at);
            }
            scanner.end_cell(at);
            Scan::Record { length: text.len(), lines: scanner.lines + 1 }
        }
    }
}

struct Scanner<'r> {
    record: &'r mut Record,
    state: State,
    /// Line ends before the current byte.
    lines: u64,
    /// Where the current cell starts, and the line ends before it.
    cell_start: usize,
    cell_lines: u64,
    /// The first line that starts within the current cell, and the line ends before it.
    next_line: Option<(usize, u64)>,
}

impl Scanner<'_> {
    fn copy(&mut self, text: &[u8], from: usize, to: usize) {
        self.record.bytes.extend_from_slice(text.get(from..to).unwrap_or(&[]));
    }

    fn end_cell(&mut self, next: usize) {
        self.record.end_cell(self.record.line + self.cell_lines);
        self.state = State::CellStart;
        self.cell_start = next;
        self.cell_lines = self.lines;
        self.next_line = None;
    }

    fn broken(&self, problem: Problem, at: usize) -> Scan {
        // A cell that ran on over a line end lost its closing quote before that.
        let problem = if self.next_line.is_some() { Problem::UnclosedQuote } else { problem };
        Scan::Broken {
            problem,
            line: self.record.line + self.cell_lines,
            column: self.record.count as u64 + 1,
            resume: match self.next_line {
                Some((length, lines)) => Resume::At { length, lines },
                None => Resume::AfterLine { length: at },
            },
        }
    }

    fn too_long(&self, at: usize) -> Scan {
        let problem = if at - self.cell_start > MAX_FIELD_BYTES {
            Problem::FieldTooLong
        } else {
            Problem::RecordTooLong
        };
        self.broken(problem, at)
    }
}

#[cfg(test)]
mod tests;
