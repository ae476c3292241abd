use proptest::prelude::*;

use super::super::{Cell, MAX_GROUPS_PER_ROW, MAX_USER_NAME_BYTES, Problem};
use super::*;

/// The rows and errors of a file in one line each.
fn import(text: &[u8]) -> Vec<String> {
    let (_, items) = Import::read(text).unwrap();
    items
        .into_iter()
        .map(|item| match item {
            Ok(row) => {
                let attributes: Vec<_> = row
                    .attributes
                    .iter()
                    .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("-")))
                    .collect();
                format!("{} {} {}", row.line, row.user_name, attributes.join(" ")).trim_end().to_owned()
            }
            Err(error) => format!("{}:{} {:?}", error.line, error.column, error.problem),
        })
        .collect()
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &[&str]) {
    assert_eq!(import(text.as_ref()), expected);
}

#[track_caller]
fn check_file(text: impl AsRef<[u8]>, expected: &FileError) {
    assert_eq!(Import::read(text.as_ref()).err().as_ref(), Some(expected));
    // The same in small pieces, and before any row has been given.
    let mut import = Import::new();
    let result = text.as_ref().chunks(3).try_for_each(|piece| {
        assert_eq!(import.push(piece)?, []);
        Ok(())
    });
    assert_eq!(result.and_then(|()| import.finish().map(drop)).as_ref(), Err(expected));
}

#[test]
fn good_rows() {
    check(
        "userPrincipalName,displayName,extension_costCenter\n a@x , Ada ,1\n\nb@x,\"Bo,b\",\n,,\n",
        &["2 a@x displayName=Ada extension_costCenter=1", "4 b@x displayName=Bo,b extension_costCenter=-"],
    );
    let (_, items) = Import::read(b"userPrincipalName;manager;groups\na;b;\"S;T\"\nb;;").unwrap();
    let rows: Vec<_> = items.into_iter().map(Result::unwrap).collect();
    let groups = Cell::Value(vec!["S".to_owned(), "T".to_owned()]);
    assert_eq!((&rows[0].manager, &rows[0].groups), (&Cell::Value("b".to_owned()), &groups));
    assert_eq!((&rows[1].manager, &rows[1].groups), (&Cell::Empty, &Cell::Empty));
}

#[test]
fn a_delimiter_can_be_given() {
    let mut import = Import::with_delimiter(b';');
    let mut rows = import.push(b"version:v1.0\nuserPrincipalName;displayName\na,b,c;d\n").unwrap();
    rows.extend(import.finish().unwrap());
    assert_eq!(rows[0].as_ref().unwrap().user_name, "a,b,c");
}

#[test]
fn enabled_or_not() {
    let rows = "a,\nb,No\nc,TRUE\nd,0\n";
    check(
        format!("userPrincipalName,accountEnabled\n{rows}"),
        &[
            "2 a accountEnabled=true",
            "3 b accountEnabled=false",
            "4 c accountEnabled=true",
            "5 d accountEnabled=false",
        ],
    );
    check(
        format!("userPrincipalName,Block sign in (Yes/No) [accountEnabled] Required\n{rows}"),
        &[
            "2 a accountEnabled=true",
            "3 b accountEnabled=true",
            "4 c accountEnabled=false",
            "5 d accountEnabled=true",
        ],
    );
}

#[test]
fn bad_rows_among_good_ones() {
    check(
        "userPrincipalName,mail\na,1\n,2\nA,3\nb\nc,4,5\nd,6\n",
        &[
            "2 a mail=1",
            "3:1 MissingKey",
            "4:1 DuplicateKey { user_name: \"A\", first_line: 2 }",
            "5:2 WrongColumnCount { found: 1, expected: 2 }",
            "6:3 WrongColumnCount { found: 3, expected: 2 }",
            "7 d mail=6",
        ],
    );
    check(
        b"mail,userPrincipalName,accountEnabled\nx,a,maybe\n\xC3\xAB\xFF,b,\nx,c,1\nx,A,1",
        &[
            "2:3 NotBoolean { column: \"accountEnabled\", value: \"maybe\" }",
            "3:1 NotUtf8 { byte: 255, character: 2 }",
            "4 c mail=x accountEnabled=true",
            // The first row of `a` was not imported, so this one is.
            "5 A mail=x accountEnabled=true",
        ],
    );
}

#[test]
fn files_that_cannot_be_imported() {
    check_file("", &FileError::Empty);
    check_file("\u{FEFF}", &FileError::Empty);
    check_file("\n\r\n,,\n", &FileError::Empty);
    check_file("version:v1.0\n", &FileError::Empty);
    check_file("a@x,Ada\nb@x,Bob\n", &FileError::NoHeader { texts: texts(["a@x", "Ada"]) });
    check_file(
        "displayName,mail\nAda,a@x\n",
        &FileError::NoKeyColumn { line: 1, texts: texts(["displayName", "mail"]) },
    );
    check_file(b"PK\x03\x04\x14\0\x06\0\n", &FileError::NotText("an Excel workbook or another zip archive"));
    check_file(
        b"\x7FELF\0\0\n",
        &FileError::UnreadableHeader(RowError {
            line: 1,
            column: 1,
            problem: Problem::ControlCharacter('\x7f'),
        }),
    );
    check_file(b"a\0b\n", &FileError::NotText("binary data"));
    let problem = Problem::NotUtf8 { byte: 0xEB, character: 2 };
    check_file(b"\xC3\xAB\xEB,x\n", &FileError::UnreadableHeader(RowError { line: 1, column: 1, problem }));
    let problem = Problem::UnclosedQuote;
    check_file(
        "\"userPrincipalName\n",
        &FileError::UnreadableHeader(RowError { line: 1, column: 1, problem }),
    );
}

#[test]
fn every_message_says_what_to_do() {
    let check = |problem: Problem, expected: &str| assert_eq!(problem.to_string(), expected);
    check(
        Problem::WrongColumnCount { found: 1, expected: 3 },
        "The row has 1 cell, the header 3. Add what is missing; an empty cell still needs its separator.",
    );
    check(
        Problem::DuplicateKey { user_name: "a@x".to_owned(), first_line: 2 },
        "a@x is already in line 2. Keep one row for each person.",
    );
    check(
        Problem::NotUtf8 { byte: 0xEB, character: 3 },
        "Byte EB at character 3 of the cell is not UTF-8. Save the file as \"CSV UTF-8\".",
    );
    let error = FileError::NoKeyColumn { line: 2, texts: Vec::new() };
    assert_eq!(error.code(), "noKeyColumn");
    assert_eq!(
        error.to_string(),
        "The header in line 2 has no column userPrincipalName. Add it, or choose the column that \
         holds it: it says who each row is about."
    );
}

#[test]
fn limits_of_a_row() {
    let name = "x".repeat(MAX_USER_NAME_BYTES);
    let text = format!("userPrincipalName\n{name}\n{name}x\n");
    check(&text, &[&format!("2 {name}"), "3:1 KeyTooLong"]);
    let groups: Vec<_> = (0..=MAX_GROUPS_PER_ROW).map(|n| n.to_string()).collect();
    let enough = groups[1..].join(";");
    let text = format!("userPrincipalName,groups\na,{enough}\nb,{enough};x\nc,{enough};1\n");
    check(&text, &["2 a", "3:2 TooManyGroups", "4 c"]);
}

#[test]
fn limits_of_a_file() {
    assert_eq!(Import::check_length(MAX_FILE_BYTES), Ok(()));
    assert_eq!(Import::check_length(MAX_FILE_BYTES + 1), Err(FileError::TooLarge));

    let mut import = Import::new();
    import.push(b"userPrincipalName\n").unwrap();
    import.rows = MAX_ROWS - 1;
    assert_eq!(import.push(b"x\n").map(|rows| rows.len()), Ok(1));
    assert_eq!(import.push(b"y\n"), Err(FileError::TooManyRows));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(prop_oneof![
        4 => proptest::sample::select(b"ab,\"\"\r\n\n;@".to_vec()),
        1 => any::<u8>(),
    ], 0..200), with_header: bool) {
        let mut text = if with_header { b"userPrincipalName,manager,groups\n".to_vec() } else { Vec::new() };
        text.extend(bytes);
        if let Ok((import, items)) = Import::read(&text) {
            prop_assert_eq!(items.len() as u64, import.rows());
            let good = items.iter().filter(|item| item.is_ok()).count();
            prop_assert_eq!(import.roster().people().count(), good);
        }
    }

    #[test]
    fn rows_written_are_the_rows_read(rows in proptest::collection::vec(
        ("[a-zë\"',]{1,8}", proptest::option::of("[!-~\u{a1}-\u{17f}]{1,9}"), proptest::option::of("[\"a-z,]{1,5}"))
    , 0..20)) {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = "userPrincipalName,displayName,manager\r\n".to_owned();
        let mut expected = Vec::new();
        for (number, (name, display, manager)) in rows.iter().enumerate() {
            let name = format!("{name}{number}");
            let cells = [Some(&name), display.as_ref(), manager.as_ref()].map(|cell| quoted(cell.map_or("", |cell| cell)));
            text += &cells.join(",");
            text += "\r\n";
            expected.push(Row {
                line: number as u64 + 2,
                user_name: name,
                attributes: vec![("displayName".to_owned(), display.clone())],
                manager: manager.clone().map_or(Cell::Empty, Cell::Value),
                groups: Cell::Absent,
            });
        }
        let (_, items) = Import::read(text.as_bytes()).unwrap();
        let found: Vec<_> = items.into_iter().map(Result::unwrap).collect();
        prop_assert_eq!(found, expected);
    }
}

fn texts(texts: [&str; 2]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}
