//! `docs/error-codes.md` tells of every code, and each is produced by the test that it names.

use std::collections::BTreeMap;
use std::path::Path;

use super::ErrorCode;
use crate::quarantine::QuarantineReason;

const DOCUMENT: &str = include_str!("../../../../docs/error-codes.md");

/// Reasons of a quarantine that nothing here puts a job into; they are Graph's.
const FOREIGN: [QuarantineReason; 2] = [QuarantineReason::Unknown, QuarantineReason::QuarantinedOnDemand];

/// The rows of the two tables by their first cell: codes, and reasons of a quarantine.
fn tables() -> [BTreeMap<&'static str, Vec<&'static str>>; 2] {
    let (codes, reasons) = DOCUMENT.split_once("## Reasons of a quarantine").unwrap();
    [codes, reasons].map(|text| {
        text.lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .map(|line| {
                let cells: Vec<&str> = line.trim_end_matches(" |").split(" | ").collect();
                (cells[0].trim_end_matches('`'), cells)
            })
            .collect()
    })
}

/// The sources of this crate.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Checks that a row names a test, and that the test's file knows the code.
fn check_test(code: &str, row: &[&str], sources: &[String]) {
    let name = row.last().unwrap().trim_matches('`');
    let begin = format!("#[test]\nfn {name}()");
    let file = sources.iter().find(|source| source.contains(&begin));
    let file = file.unwrap_or_else(|| panic!("{code}: there is no test `{name}`"));
    assert!(file.contains(code), "{code}: the file of `{name}` does not mention it");
}

#[test]
fn every_code_is_documented_and_produced_by_a_test() {
    let [codes, reasons] = tables();
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    for code in ErrorCode::ALL {
        let row = codes.get(code.as_str()).unwrap_or_else(|| panic!("{code} is not in docs/error-codes.md"));
        assert_eq!(row.len(), 4, "{code}: {row:?}");
        assert!(row[1].ends_with('.'), "{code}: a reason is a sentence");
        assert_eq!(row[2], code.recommended_action(), "{code}");
        check_test(code.as_str(), row, &found);
    }
    for reason in QuarantineReason::ALL {
        let name = format!("{reason:?}");
        match reasons.get(name.as_str()) {
            Some(row) => check_test(&name, row, &found),
            None => assert!(FOREIGN.contains(reason) && DOCUMENT.contains(&format!("`{name}`")), "{name}"),
        }
    }
    let known = |name: &&str| ErrorCode::ALL.iter().any(|code| code.as_str() == *name);
    assert!(codes.keys().all(known), "a code that does not exist is documented");
    assert_eq!(reasons.len() + FOREIGN.len(), QuarantineReason::ALL.len());
}
