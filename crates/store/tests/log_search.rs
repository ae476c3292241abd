//! Searches of a long log: what they read, and that page by page they find everything once.
#![allow(clippy::expect_used, reason = "a test that panics has failed")]

use store::job::{
    Comparison, JobStore, LogFilter, LogRecord, SEARCHED_DOCUMENTS, SEARCHED_ENTRIES, SEARCHED_NAMES,
};
use store::sqlite::Sqlite;

const SMALL: i64 = 2_000;
const LARGE: i64 = 30_000;

/// A log over some days, a hundredth of it failures. Times rise only nearly: entries come out of order.
fn filled(entries: i64) -> Sqlite {
    let sql = Sqlite::in_memory().expect("a database");
    let store = JobStore::open(&sql).expect("the schema");
    let made = |number: i64| LogRecord {
        sequence: 0,
        id: format!("i{number}"),
        at: number * 10 + number * 7 % 50,
        cycle_id: format!("c{}", number / 500),
        change_id: format!("change{number}"),
        action: if number % 5 == 0 { "create" } else { "update" }.into(),
        status: if number % 100 == 7 { "failure" } else { "success" }.into(),
        error_code: (number % 100 == 7).then(|| "Conflict".to_owned()),
        source_id: format!("s{}", number % 1_000),
        source_name: format!("Person {}", number % 1_000),
        target_id: if number % 3 == 0 { String::new() } else { format!("t{}", number % 1_000) },
        duration: 10,
        document: format!("{{\"durationInMilliseconds\":{number}}}"),
    };
    for from in (0..entries).step_by(500) {
        let some: Vec<LogRecord> = (from..from + 500).map(made).collect();
        store.add_logs(&some).expect("add");
    }
    sql
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

/// Filters that an index knows everything about.
fn indexed() -> Vec<LogFilter> {
    let none = LogFilter::default();
    vec![
        none.clone(),
        LogFilter { id: text("i777"), ..none.clone() },
        LogFilter { change_id: text("change777"), ..none.clone() },
        LogFilter { change_id: text("nothing"), ..none.clone() },
        LogFilter { cycle_id: text("c2"), ..none.clone() },
        LogFilter { action: text("delete"), ..none.clone() },
        LogFilter { status: text("warning"), ..none.clone() },
        LogFilter { status: text("success"), to: Some(3_000), ..none.clone() },
        LogFilter { error_code: text("Nothing"), ..none.clone() },
        LogFilter { target_id: text("nobody"), ..none.clone() },
        LogFilter { from: Some(4_000), to: Some(4_400), ..none.clone() },
        LogFilter { from: Some(MUCH), ..none.clone() },
        LogFilter { to: Some(-1), ..none },
    ]
}

/// Later than every entry.
const MUCH: i64 = 1_000_000_000;

/// Filters that compare entries one by one.
fn compared() -> Vec<LogFilter> {
    let none = LogFilter::default();
    let member =
        |comparison, value: &str| vec![("durationInMilliseconds".to_owned(), comparison, value.to_owned())];
    vec![
        LogFilter { name_contains: text("nobody"), ..none.clone() },
        LogFilter { name_contains: text("PERSON 99"), ..none.clone() },
        LogFilter { name_contains: text("son 1"), status: text("failure"), ..none.clone() },
        LogFilter { members: member(Comparison::Below, "40"), ..none.clone() },
        LogFilter { members: member(Comparison::Above, "1000000"), ..none.clone() },
        LogFilter { members: member(Comparison::Below, "300"), action: text("create"), ..none.clone() },
        LogFilter { status: text("success"), action: text("create"), ..none.clone() },
        LogFilter { status: text("failure"), cycle_id: text("c1"), ..none.clone() },
        LogFilter { target_id: text(""), to: Some(700), ..none.clone() },
        LogFilter { source_id: text("s7"), status: text("failure"), ..none },
    ]
}

fn steps(sql: &Sqlite, filter: &LogFilter) -> u64 {
    let before = sql.steps();
    JobStore::opened(sql).logs(filter, None, 50).expect("page");
    sql.steps() - before
}

#[test]
fn what_an_index_knows_costs_the_same_in_any_log() {
    let (small, large) = (filled(SMALL), filled(LARGE));
    for filter in indexed() {
        let (few, many) = (steps(&small, &filter), steps(&large, &filter));
        assert!(many <= few + few / 4 + 100, "{few} and {many} steps: {filter:?}");
    }
    // Whoever has many entries has more in a longer log, of which a page is read.
    let source = LogFilter { source_id: text("s77"), ..LogFilter::default() };
    assert!(steps(&large, &source) < 1_500);
}

#[test]
fn what_is_compared_one_by_one_is_looked_for_in_a_part_of_the_log() {
    let sql = filled(LARGE);
    let store = JobStore::opened(&sql);
    let nothing = |filter: &LogFilter| {
        let page = store.logs(filter, None, 50).expect("page");
        assert!(page.entries.is_empty(), "{filter:?}");
        page.next
    };
    let place = |number: i64| Some(number);
    let slow = compared().into_iter().nth(4).expect("a filter");
    let next = nothing(&slow).expect("a place to go on");
    assert!((next - (LARGE - SEARCHED_DOCUMENTS)).abs() < 60, "{next}");
    let both = LogFilter { status: text("success"), action: text("delete"), ..LogFilter::default() };
    assert_eq!(nothing(&both), None, "the index of actions knows it");
    let both = LogFilter {
        cycle_id: text("c2"),
        status: text("success"),
        action: text("x"),
        ..LogFilter::default()
    };
    assert_eq!(nothing(&both), None, "a cycle of 500");
    let name = LogFilter { name_contains: text("nobody"), ..LogFilter::default() };
    assert_eq!(nothing(&name), None, "names are looked through far");
    const { assert!(LARGE > SEARCHED_ENTRIES && LARGE < SEARCHED_NAMES) };
    let both =
        LogFilter { target_id: text(""), action: text("update"), to: Some(90), ..LogFilter::default() };
    assert!(store.logs(&both, place(LARGE), 50).expect("page").next.is_none());
    // What is frequent is found among the first: the rest is not looked at.
    let many = LogFilter { name_contains: text("person"), ..LogFilter::default() };
    assert!(steps(&sql, &many) < 40_000, "{}", steps(&sql, &many));
}

#[test]
fn page_by_page_everything_is_found_once_and_in_order() {
    let sql = filled(LARGE);
    let store = JobStore::opened(&sql);
    for filter in compared().into_iter().chain(indexed().into_iter().skip(1)) {
        let (mut found, mut before, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = store.logs(&filter, before, 333).expect("page");
            found.extend(page.entries.into_iter().map(|entry| (entry.at, entry.sequence)));
            pages += 1;
            before = page.next;
            if before.is_none() || pages > 200 {
                break;
            }
        }
        let expected = store.log_count(&filter).expect("count");
        if pages <= 200 {
            assert_eq!(found.len() as i64, expected, "{filter:?}");
        }
        assert!(found.is_sorted_by(|one, other| one > other), "newest first, each once: {filter:?}");
    }
}
