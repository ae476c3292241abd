//! The job's log over rusqlite: its filters and pages, pruning, statistics.

use crate::records::{database, entry};
use store::job::{
    COUNTED_ENTRIES, Comparison, DAY_MS, JobStore, LOG_RETENTION_MS, LogFilter, LogPage, LogRecord,
    LogStatistics, STATISTICS_DAYS,
};

#[test]
fn the_log_is_filtered_and_paged_in_both_directions() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for (number, (action, status, name)) in [
        ("create", "success", "Ada"),
        ("create", "failure", "Bob"),
        ("update", "success", "Zoë Adams"),
        ("create", "success", "Cy"),
    ]
    .into_iter()
    .enumerate()
    {
        let document = serde_json::json!({
            "targetIdentity": {"displayName": name}, "durationInMilliseconds": number * 10
        });
        let document = document.to_string();
        let entry = LogRecord { document, ..entry(&number.to_string(), number as i64, action, status, name) };
        store.add_logs(&[entry]).expect("add");
    }
    store.add_logs(&[entry("0", 0, "create", "success", "Ada")]).expect("a replay changes nothing");
    let check = |filter: LogFilter, expected: &[&str]| {
        let page = store.logs(&filter, None, 10).expect("page");
        let ids: Vec<&str> = page.entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, expected, "{filter:?}");
        assert_eq!(store.log_count(&filter).expect("count"), expected.len() as i64);
    };
    check(LogFilter::default(), &["3", "2", "1", "0"]);
    check(LogFilter { action: Some("create".into()), ..LogFilter::default() }, &["3", "1", "0"]);
    check(LogFilter { name_contains: Some("aDA".into()), ..LogFilter::default() }, &["2", "0"]);
    check(LogFilter { error_code: Some("Conflict".into()), ..LogFilter::default() }, &["1"]);
    check(LogFilter { from: Some(1), to: Some(2), ..LogFilter::default() }, &["2", "1"]);
    check(LogFilter { cycle_id: Some("c2".into()), ..LogFilter::default() }, &[]);
    check(LogFilter { id: Some("2".into()), ..LogFilter::default() }, &["2"]);
    let member = |path: &str, comparison, value: &str| LogFilter {
        members: vec![(path.into(), comparison, value.into())],
        ..LogFilter::default()
    };
    check(member("targetIdentity.displayName", Comparison::Equal, "Bob"), &["1"]);
    check(member("targetIdentity.displayName", Comparison::Equal, "bob"), &[]);
    check(member("targetIdentity.displayName", Comparison::Contains, "ADA"), &["2", "0"]);
    check(member("durationInMilliseconds", Comparison::Above, "10"), &["3", "2"]);
    check(member("durationInMilliseconds", Comparison::Below, "20"), &["1", "0"]);
    check(member("nothing", Comparison::Equal, "x"), &[]);

    let page = store.logs(&LogFilter::default(), None, 3).expect("page");
    assert_eq!(page.next, page.entries.last().map(|entry| entry.sequence));
    let rest = store.logs(&LogFilter::default(), page.next, 3).expect("page");
    assert_eq!((rest.entries.len(), rest.next), (1, None));
    let forward = store.logs_forward(&LogFilter::default(), 0, 2).expect("page");
    assert_eq!(forward.entries.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["0", "1"]);
    let last = store.logs_forward(&LogFilter::default(), forward.next.expect("more"), 2).expect("page");
    assert_eq!(last.entries.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!(last.next, None);
    assert_eq!(
        store.logs(&LogFilter::default(), Some(77), 3).expect("page"),
        LogPage::default(),
        "no such place"
    );
    assert_eq!(store.error_counts("c1").expect("errors"), vec![("Conflict".to_owned(), 1)]);
}

#[test]
fn old_entries_are_pruned_in_slices() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for number in 0..3 {
        store.add_logs(&[entry(&number.to_string(), number, "create", "success", "x")]).expect("add");
    }
    assert!(store.prune_logs(LOG_RETENTION_MS + 2, 1).expect("prune"));
    assert!(store.prune_logs(LOG_RETENTION_MS + 2, 1).expect("prune"));
    assert!(!store.prune_logs(LOG_RETENTION_MS + 2, 1).expect("prune"));
    assert_eq!(store.log_count(&LogFilter::default()).expect("count"), 1);
}

#[test]
fn a_slice_of_pruning_costs_the_same_however_much_is_old() {
    let slice = |entries: i64| {
        let sql = database();
        let store = JobStore::opened(&sql);
        let entries: Vec<LogRecord> =
            (0..entries).map(|number| entry(&number.to_string(), number, "create", "success", "x")).collect();
        store.add_logs(&entries).expect("add");
        let before = sql.steps();
        assert!(store.prune_logs(LOG_RETENTION_MS + 1_000_000, 100).expect("prune"));
        let steps = sql.steps() - before;
        let left = store.log_count(&LogFilter::default()).expect("count");
        assert_eq!(left, entries.len() as i64 - 100, "a slice is a hundred entries");
        assert_eq!(store.log_statistics(&LogFilter::default()).expect("statistics").days.len(), 1);
        steps
    };
    let (few, many) = (slice(200), slice(4_000));
    assert!(many <= few + few / 5, "{few} steps with 200 old entries, {many} with 4,000");
}

#[test]
fn statistics_cost_the_days_and_not_the_entries() {
    let sql = database();
    let store = JobStore::opened(&sql);
    let day = DAY_MS;
    let steps = |filter: &LogFilter| {
        let before = sql.steps();
        let found = store.log_statistics(filter).expect("statistics");
        (found, sql.steps() - before)
    };
    let fill = |from: i64, entries: i64| {
        let batch: Vec<LogRecord> = (from..from + entries)
            .map(|number| {
                let status = if number % 10 == 0 { "failure" } else { "success" };
                let at = number % 30 * day + 1;
                LogRecord {
                    duration: number % 7 * 20,
                    ..entry(&number.to_string(), at, "create", status, "x")
                }
            })
            .collect();
        batch.chunks(100).for_each(|chunk| store.add_logs(chunk).expect("add"));
        store.add_logs(batch.get(..1).unwrap_or_default()).expect("a replay is not counted");
    };
    fill(0, 600);
    let (few, little) = steps(&LogFilter::default());
    fill(600, 5_400);
    let (many, much) = steps(&LogFilter::default());
    assert!(much <= little + little / 5, "{little} steps for 600 entries, {much} for 6,000");
    let total = |found: &LogStatistics| found.days.iter().map(|(.., count)| count).sum::<i64>();
    assert_eq!((total(&few), total(&many)), (600, 6_000));
    assert_eq!(
        many.errors.iter().map(|(code, count, _)| (code.as_str(), *count)).collect::<Vec<_>>(),
        [("Conflict", 600)]
    );
    let example = many.errors.first().map(|(.., id)| id.clone());
    assert_eq!(
        store.logs(&LogFilter { id: example, ..LogFilter::default() }, None, 2).expect("page").entries.len(),
        1
    );
    assert_eq!(many.durations.iter().map(|(.., count)| count).sum::<i64>(), 6_000);

    let (two, _) =
        steps(&LogFilter { from: Some(3 * day + 7), to: Some(4 * day + 7), ..LogFilter::default() });
    assert_eq!(total(&two), 400, "whole days");
    let (failed, _) = steps(&LogFilter { status: Some("failure".into()), ..LogFilter::default() });
    assert_eq!(total(&failed), 600);
    // What counters do not know is counted from the entries.
    let (cycle, _) =
        steps(&LogFilter { cycle_id: Some("c1".into()), from: Some(3 * day + 7), ..LogFilter::default() });
    assert_eq!((total(&cycle), cycle.truncated), (5_200, false));
    let (person, _) = steps(&LogFilter { source_id: Some("s-7".into()), ..LogFilter::default() });
    assert_eq!(total(&person), 1);
    fill(6_000, COUNTED_ENTRIES);
    let (cycle, _) = steps(&LogFilter { cycle_id: Some("c1".into()), ..LogFilter::default() });
    assert_eq!((total(&cycle), cycle.truncated), (COUNTED_ENTRIES, true));

    store.prune_statistics((STATISTICS_DAYS + 29) * day).expect("prune");
    assert_eq!(steps(&LogFilter::default()).0.days.len(), 1, "the last day is left");
}
