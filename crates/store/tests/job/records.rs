//! A job's database, and what is kept in it.

use store::job::{JobStore, LinkRecord, LogRecord};
use store::sqlite::Sqlite;

pub fn database() -> Sqlite {
    let sql = Sqlite::in_memory().expect("a database");
    JobStore::open(&sql).expect("the schema");
    sql
}

pub fn link(source: &str, cycle: &str) -> LinkRecord {
    LinkRecord {
        source_id: source.into(),
        object_type: "User".into(),
        target_id: format!("t-{source}"),
        cycle_id: cycle.into(),
        delete_at: None,
        document: "{}".into(),
    }
}

pub fn entry(id: &str, at: i64, action: &str, status: &str, name: &str) -> LogRecord {
    LogRecord {
        sequence: 0,
        id: id.into(),
        at,
        cycle_id: "c1".into(),
        change_id: format!("change-{id}"),
        action: action.into(),
        status: status.into(),
        error_code: (status == "failure").then(|| "Conflict".to_owned()),
        source_id: format!("s-{id}"),
        source_name: name.into(),
        target_id: String::new(),
        duration: 10,
        document: "{}".into(),
    }
}
