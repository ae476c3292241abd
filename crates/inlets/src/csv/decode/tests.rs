use proptest::prelude::*;

use super::*;

/// Records as `line: cell|cell`, errors as `line:column kind`, read in pieces of `size`.
fn decode(text: &[u8], size: usize) -> Vec<String> {
    let mut decoder = Decoder::new(None);
    let mut record = Record::default();
    let mut found = Vec::new();
    let mut drain = |decoder: &mut Decoder| {
        while let Some(read) = decoder.next_record(&mut record) {
            found.push(match read.and_then(|()| record.texts()) {
                Ok(texts) => format!("{}: {}", record.line(), texts.join("|")),
                Err(error) => format!("{}:{} {:?}", error.line, error.column, error.problem),
            });
        }
    };
    for piece in text.chunks(size) {
        decoder.push(piece);
        drain(&mut decoder);
    }
    decoder.finish();
    drain(&mut decoder);
    found
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &[&str]) {
    let text = text.as_ref();
    for size in [text.len().max(1), 1, 2, 3, 7] {
        assert_eq!(decode(text, size), expected, "in pieces of {size}");
    }
}

#[test]
fn plain_records_and_line_ends() {
    check("", &[]);
    check("a", &["1: a"]);
    check("a,b\nc,d\n", &["1: a|b", "2: c|d"]);
    check("a,b\r\nc,d\r\n", &["1: a|b", "2: c|d"]);
    check("a,b\rc,d\r", &["1: a|b", "2: c|d"]);
    check("a,b\r\n\r\nc,\n,\n", &["1: a|b", "2: ", "3: c|", "4: |"]);
    check("\u{FEFF}a,ë\n", &["1: a|ë"]);
}

#[test]
fn quoted_cells() {
    check("\"a\",\"b,c\"\n", &["1: a|b,c"]);
    check("\"a\"\"b\",\"\"\r\n\"\"\"\"", &["1: a\"b|", "2: \""]);
    check("\"a\nb\",c\nd,e", &["1: a\nb|c", "3: d|e"]);
    check("\"a\r\n\r\nb\",c\r\nd,e", &["1: a\r\n\r\nb|c", "4: d|e"]);
}

#[test]
fn delimiters_are_told_by_the_first_line_that_counts() {
    check("a;b\n1,5;c", &["1: a|b", "2: 1,5|c"]);
    check("a\tb\n1;5\tc", &["1: a|b", "2: 1;5|c"]);
    check("\"x;y;z\",b\n", &["1: x;y;z|b"]);
    check("sep=;\na,b;c\n", &["2: a,b|c"]);
    check("version:v1.0\na;b\n", &["2: a|b"]);
    check("\u{FEFF}\"version:v1.0\",,\r\n\r\na;b\r\n", &["3: a|b"]);
    check(",,\n\na,b", &["3: a|b"]);
    check("sep=\t\nversion:v1.0\na,b\tc", &["3: a,b|c"]);
    check("version:v1.0", &[]);
    check("version:v1,0;x\n", &["1: version:v1|0;x"]);
}

#[test]
fn broken_quoting_costs_one_row() {
    check("a,b\nO\"Neill,x\nc,d", &["1: a|b", "2:1 StrayQuote", "3: c|d"]);
    check("a,b\nx, \"y\"\nc,d", &["1: a|b", "2:2 StrayQuote", "3: c|d"]);
    check("a,b\nx,\"y\" z\nc,d", &["1: a|b", "2:2 TextAfterQuote", "3: c|d"]);
    check("a,b\nx,\"y\" z,\"\r\nc,d", &["1: a|b", "2:2 TextAfterQuote", "3: c|d"]);
    check("a,b\nx,\"y\nc,d\n", &["1: a|b", "2:2 UnclosedQuote", "3: c|d"]);
    check("a,b\nx,\"y", &["1: a|b", "2:2 UnclosedQuote"]);
}

#[test]
fn a_lost_quote_does_not_swallow_the_rows_below() {
    check(
        "a,b\n\"x,y\nc,d\n\"e\",f\ng,\"h\"\"h\"\ni,j\n",
        &["1: a|b", "2:1 UnclosedQuote", "3: c|d", "4: e|f", "5: g|h\"h", "6: i|j"],
    );
    check("a,b\r\n\"1\r\n2\",\"x\r\n\"e\",f\r\ng,h", &["1: a|b", "3:2 UnclosedQuote", "4: e|f", "5: g|h"]);
}

#[test]
fn text_that_is_none() {
    check(b"a,\xC3\xAB\nZo\xEB,x\nc,d", &["1: a|ë", "2:1 NotUtf8 { byte: 235, character: 3 }", "3: c|d"]);
    check(b"a,b\nZo\xEB,x\n\xC3\xAB,d", &["1: a|b", "2: Zoë|x", "3:1 MixedEncodings"]);
    check(
        b"a,b\nx,\"\xC3\xAB\n\xC3\n\"\nc,d",
        &["1: a|b", "3:2 NotUtf8 { byte: 195, character: 3 }", "5: c|d"],
    );
    check("a,b\nx,\"1\r\n2\0\"\nc,d", &["1: a|b", "3:2 ControlCharacter('\\0')", "4: c|d"]);
    check(b"\xFF\xFEa\0,\0b\0\n\0", &["1: a|b"]);
}

#[test]
fn limits() {
    let field = "x".repeat(MAX_FIELD_BYTES);
    check_limit(&format!("a\n{field}\nc"), &["1: a", &format!("2: {field}"), "3: c"]);
    check_limit(&format!("a\n{field}x\nc"), &["1: a", "2:1 FieldTooLong", "3: c"]);
    check_limit(&format!("a\n\"{field}\"\nc"), &["1: a", "2:1 FieldTooLong", "3: c"]);
    check_limit(&format!("a\n\"x\n{field}\"\nc"), &["1: a", "2:1 UnclosedQuote", "3:1 StrayQuote", "4: c"]);
    check_limit(&format!("a\n{field}{field}{field}"), &["1: a", "2:1 FieldTooLong"]);

    let record = format!("{field},").repeat(MAX_RECORD_BYTES / MAX_FIELD_BYTES + 1);
    check_limit(&format!("a\n{record}\nc"), &["1: a", "2:8 RecordTooLong", "3: c"]);

    let mut decoder = Decoder::new(None);
    let mut read = Record::default();
    decoder.push(",".repeat(MAX_COLUMNS + 9).as_bytes());
    decoder.push(b"x\n");
    assert_eq!(decoder.next_record(&mut read), Some(Ok(())));
    assert_eq!((read.len(), read.cells().count()), (MAX_COLUMNS + 10, MAX_COLUMNS));
}

#[track_caller]
fn check_limit(text: &str, expected: &[&str]) {
    for size in [text.len(), 5_000] {
        let found = decode(text.as_bytes(), size);
        assert!(
            found == expected,
            "{:?}",
            found.iter().map(|line| line.chars().take(40).collect::<String>()).collect::<Vec<_>>()
        );
    }
}

#[test]
fn every_open_quote_costs_one_row() {
    let lines = 1_000;
    let text = format!("x,\"y\n{}", "z\n".repeat(lines)).repeat(20);
    let found = decode(text.as_bytes(), 64 * 1024);
    assert_eq!(found.len(), 20 * (lines + 1));
    assert_eq!(found.iter().filter(|line| line.ends_with(":2 UnclosedQuote")).count(), 20);
}

fn write(rows: &[Vec<String>], quote_all: bool, line_end: &str) -> String {
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row
            .iter()
            .map(|cell| match quote_all || cell.contains([',', '"', '\r', '\n']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            })
            .collect();
        text += &cells.join(",");
        text += line_end;
    }
    text
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rows in proptest::collection::vec(proptest::collection::vec("[ -~\u{a1}-\u{17f}\r\n\"',;]{0,12}", 2..5), 1..12),
        quote_all: bool,
        line_end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        size in 1_usize..200,
    ) {
        // Blank lines in front would be passed over.
        let mut rows = rows;
        rows.insert(0, vec!["x".to_owned()]);
        let text = write(&rows, quote_all, line_end);
        let mut decoder = Decoder::new(Some(b','));
        let mut record = Record::default();
        let mut found: Vec<Vec<String>> = Vec::new();
        for piece in text.as_bytes().chunks(size).map(Some).chain([None]) {
            match piece {
                Some(piece) => decoder.push(piece),
                None => decoder.finish(),
            }
            while let Some(read) = decoder.next_record(&mut record) {
                prop_assert_eq!(read, Ok(()));
                let texts = record.texts();
                found.push(texts.unwrap().into_iter().map(str::to_owned).collect());
            }
        }
        prop_assert_eq!(found, rows);
    }

    #[test]
    fn any_bytes_are_read_alike_in_any_pieces(
        bytes in proptest::collection::vec(prop_oneof![
            4 => proptest::sample::select(b"a,\"\"\r\n\n;".to_vec()),
            1 => any::<u8>(),
        ], 0..120),
        size in 1_usize..40,
    ) {
        prop_assert_eq!(decode(&bytes, size), decode(&bytes, bytes.len().max(1)));
    }
}
