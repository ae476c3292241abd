//! The ring of requests, and what happened to a person.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use serde_json::{Value, json};
use store::directory::requests::{BLOCK, MAX_REQUESTS, append, before, next_number};
use store::directory::{ChangeKind, DirectoryStore, HISTORY_SCAN};
use store::sql::Sql as _;
use store::sqlite::Sqlite;
use support::Server;

fn records(from: i64, many: i64) -> Vec<Value> {
    (from..from + many).map(|number| json!([number])).collect()
}

fn numbers(sql: &Sqlite, below: i64, limit: usize) -> Vec<i64> {
    let found = before(sql, below, limit, |_| true).unwrap();
    assert!(found.iter().all(|(number, record)| record[0] == *number));
    found.into_iter().map(|(number, _)| number).collect()
}

#[test]
fn the_newest_requests_are_kept_whatever_they_come_in() {
    for step in [1, 7, 50, 120] {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        assert_eq!((next_number(&sql).unwrap(), numbers(&sql, 1 << 40, 10)), (1, vec![]));
        let mut next = 1;
        while next <= 3 * MAX_REQUESTS {
            append(&sql, &records(next, step)).unwrap();
            next += step;
            assert_eq!(next_number(&sql).unwrap(), next);
        }
        let all = numbers(&sql, 1 << 40, usize::MAX);
        let (most, least) = (MAX_REQUESTS + 2 * i64::try_from(BLOCK).unwrap(), MAX_REQUESTS);
        let many = i64::try_from(all.len()).unwrap();
        assert!((least..=most).contains(&many), "{many} records in steps of {step}");
        assert_eq!(all, (next - many..next).rev().collect::<Vec<_>>());
        assert_eq!(numbers(&sql, next - 3, 4), (next - 7..next - 3).rev().collect::<Vec<_>>());
        let even = |record: &Value| record[0].as_i64().unwrap() % 2 == 0;
        let found = before(&sql, next, 60, even).unwrap();
        assert!(found.len() == 60 && found.iter().all(|(number, _)| number % 2 == 0));
        let blocks = sql.query("SELECT count(*) AS n FROM request_blocks", &[]).unwrap();
        assert!(blocks.first().unwrap().integer("n").unwrap() <= most / i64::try_from(BLOCK).unwrap());
    }
}

#[test]
fn a_history_tells_who_did_what_page_by_page() {
    let mut server = Server::new();
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"});
    let id = server.post(201, "/Users", &user)["id"].as_str().unwrap().to_owned();
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "G",
        "members": [{"value": id}]});
    server.post(201, "/Groups", &group);
    server.patch(200, &format!("/Users/{id}"), json!([{"op": "replace", "path": "title", "value": "T"}]));
    let mut named = server.store().by("Entra ID");
    scim::repository::Repository::delete(&mut named, scim::ResourceType::User, &id, 5).unwrap();
    let store = server.store();
    let first = store.history(&id, None, 3).unwrap();
    let told: Vec<_> = first.entries.iter().map(|entry| (entry.kind, entry.client.as_deref())).collect();
    assert_eq!(
        told,
        [
            (ChangeKind::Delete, Some("Entra ID")),
            (ChangeKind::MemberRemoved, Some("Entra ID")),
            (ChangeKind::Update, None)
        ]
    );
    assert_eq!(first.entries[2].attributes, ["title"]);
    let second = store.history(&id, first.next, 3).unwrap();
    let kinds: Vec<_> = second.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!((kinds, second.next), (vec![ChangeKind::MemberAdded, ChangeKind::Create], None));
}

#[test]
fn a_page_of_a_history_looks_at_a_part_of_the_log() {
    let server = Server::new();
    let add = "INSERT INTO change_log (at, kind, type, id, attributes) VALUES (1, 'update', 'User', ?, '[]')";
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT INTO change_log (at, kind, type, id, attributes) SELECT 1, 'update', 'User', 'other', '[]' FROM n";
    server.sql.query(add, &["ada".into()]).unwrap();
    server.sql.query(many, &[HISTORY_SCAN.into()]).unwrap();
    let first = server.store().history("ada", None, 10).unwrap();
    assert_eq!((first.entries.len(), first.next), (0, Some(2)), "there is more, further back");
    let second = server.store().history("ada", first.next, 10).unwrap();
    assert_eq!((second.entries.len(), second.next), (1, None));
}
