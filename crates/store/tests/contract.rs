//! The contract of the directory store over rusqlite.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

use store::directory::contract::CASES;
use store::sqlite::Sqlite;

#[test]
fn directory_contract() {
    let failures: Vec<String> = CASES
        .iter()
        .filter_map(|(name, case)| {
            let sql = Sqlite::in_memory().unwrap();
            case(&sql).err().map(|failure| format!("{name}: {}", failure.0))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
