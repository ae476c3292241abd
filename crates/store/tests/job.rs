//! The job's store over rusqlite.

// Clippy's leave for tests does not reach the helpers of an integration test.
#![allow(clippy::expect_used)]

use store::job::{
    AssignmentMirror, COUNTED_ENTRIES, Comparison, CycleRecord, DAY_MS, EscrowRecord, Expansion, JobStore,
    KeptRecord, LOG_RETENTION_MS, LinkRecord, LogFilter, LogRecord, LogStatistics, MemberDifference,
    PendingReferenceRecord, PlanRecord, ReferencePlace, STATISTICS_DAYS, StagedRecord,
};
use store::organization::PrincipalType;
use store::sqlite::Sqlite;

fn database() -> Sqlite {
    let sql = Sqlite::in_memory().expect("a database");
    JobStore::open(&sql).expect("the schema");
    sql
}

fn link(source: &str, cycle: &str) -> LinkRecord {
    LinkRecord {
        source_id: source.into(),
        object_type: "User".into(),
        target_id: format!("t-{source}"),
        cycle_id: cycle.into(),
        delete_at: None,
        document: "{}".into(),
    }
}

fn entry(id: &str, at: i64, action: &str, status: &str, name: &str) -> LogRecord {
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

#[test]
fn dirty_objects_are_marked_once_and_cleared() {
    let sql = database();
    let store = JobStore::opened(&sql);
    let many: Vec<String> = (0..250).map(|number| format!("u{number:03}")).collect();
    store.mark_dirty("User", many.iter().map(String::as_str)).expect("mark");
    store.mark_dirty("User", ["u000", "u001"]).expect("mark again");
    assert_eq!(store.dirty_count().expect("count"), 250);
    let first = store.dirty("User", "", 2).expect("dirty");
    assert_eq!(first, ["u000", "u001"]);
    store.clear_dirty(&["u000", "u001", "unknown"]).expect("clear");
    assert_eq!(store.dirty("User", "", 1).expect("dirty"), ["u002"]);
}

#[test]
fn links_are_found_from_both_ends_and_the_unseen_are_marked() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for source in ["a", "b", "c"] {
        store.save_link(&link(source, "old")).expect("save");
    }
    store.touch_links(&["a", "c"], "new").expect("touch");
    assert_eq!(store.link("t-b").expect("by target"), Some(link("b", "old")));
    assert_eq!(store.links_of(&["a", "x"]).expect("links").len(), 1);
    let creation = KeptRecord { source_id: "d".into(), object_type: "User".into(), document: "{}".into() };
    store.save_creation(&creation).expect("save");
    assert_eq!(store.unseen("User", "new", "", 10).expect("unseen"), ["b", "d"]);
    assert_eq!(store.unseen("User", "new", "b", 10).expect("unseen"), ["d"]);
    assert!(store.unseen("Group", "new", "", 10).expect("unseen").is_empty());
    assert_eq!(store.creations_of(&["d", "e"]).expect("creations").get("d"), Some(&creation));
    store.remove_creation("d").expect("remove");
    let page = store.links("a", 1).expect("page");
    assert!(page.more);
    assert_eq!(page.links.first().map(|link| link.source_id.as_str()), Some("b"));
    store.remove_link("b").expect("remove");
    assert_eq!(store.link_counts().expect("counts"), [("User".to_owned(), 2)]);
}

#[test]
fn assignments_are_found_by_principal_and_groups_expand_page_by_page() {
    let sql = database();
    let store = JobStore::opened(&sql);
    let assignment = AssignmentMirror {
        id: "a".into(),
        principal_id: "g".into(),
        principal_type: PrincipalType::Group,
        app_role_id: "r".into(),
    };
    store.save_assignment(&assignment).expect("save");
    assert_eq!(store.assignments_of(&["g", "u"]).expect("find").get("g"), Some(&vec![assignment]));
    assert!(store.is_assigned("g").expect("asked"));
    store.remove_assignment("a").expect("remove");
    assert!(!store.is_assigned("g").expect("asked"));

    for why in [Expansion::Changed, Expansion::Members] {
        store.add_expansion(why, "g").expect("add");
        assert_eq!(store.next_expansion(why).expect("next"), Some(("g".into(), String::new())));
        store.advance_expansion(why, "g", Some("m9")).expect("advance");
        assert_eq!(store.next_expansion(why).expect("next"), Some(("g".into(), "m9".into())));
        store.advance_expansion(why, "g", None).expect("done");
        assert_eq!(store.next_expansion(why).expect("next"), None);
    }
    let group = LinkRecord { object_type: "Group".into(), ..link("g", "c1") };
    store.save_link(&group).expect("link");
    store.save_link(&link("u", "c1")).expect("link");
    store.expand_linked_groups(Expansion::Members).expect("expand");
    assert_eq!(store.next_expansion(Expansion::Members).expect("next"), Some(("g".into(), String::new())));
    store.clear_expansions(Expansion::Members).expect("clear");
    assert_eq!(store.next_expansion(Expansion::Members).expect("next"), None);
}

#[test]
fn due_escrows_become_dirty() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for (source, next) in [("a", 10), ("b", 20)] {
        let escrow = EscrowRecord {
            source_id: source.into(),
            object_type: "User".into(),
            next_attempt: next,
            document: "{}".into(),
        };
        store.save_escrow(&escrow).expect("save");
    }
    store.mark_due_escrows(10).expect("mark");
    assert_eq!(store.dirty("User", "", 10).expect("dirty"), ["a"]);
    store.remove_escrow("a").expect("remove");
    assert_eq!(store.escrows_of(&["a", "b"]).expect("find").len(), 1);
}

#[test]
fn due_deletions_become_dirty_once() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for (source, delete_at) in [("a", Some(10)), ("b", Some(20)), ("c", None)] {
        store.save_link(&LinkRecord { delete_at, ..link(source, "c1") }).expect("save");
    }
    store.mark_due_deletions(10).expect("mark");
    assert_eq!(store.dirty("User", "", 10).expect("dirty"), ["a"]);
    assert_eq!(store.link("a").expect("find").and_then(|link| link.delete_at), None);
    store.clear_all_dirty().expect("clear");
    store.mark_due_deletions(15).expect("mark");
    assert_eq!(store.dirty_count().expect("count"), 0);
}

#[test]
fn references_are_workable_once_both_ends_are_linked_or_while_unreported() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for (source, referenced, reported) in [("a", "boss", true), ("b", "nobody", false), ("c", "nobody", true)]
    {
        let reference = PendingReferenceRecord {
            source_id: source.into(),
            path: "manager".into(),
            referenced: referenced.into(),
            reported,
            document: "{}".into(),
        };
        store.save_reference(&reference).expect("save");
    }
    store.save_link(&link("a", "c1")).expect("link");
    let workable = |after: &str| -> Vec<(String, bool, bool)> {
        let after =
            ReferencePlace { source_id: after.into(), path: "manager".into(), referenced: "z".into() };
        let rows = store.workable_references(&after, 10).expect("page");
        rows.into_iter()
            .map(|row| (row.reference.source_id, row.link.is_some(), row.referenced_link.is_some()))
            .collect()
    };
    assert_eq!(workable(""), [("b".to_owned(), false, false)]);
    store.save_link(&link("boss", "c1")).expect("link");
    store.ready_references(&["boss"]).expect("ready");
    assert_eq!(workable(""), [("a".to_owned(), true, true), ("b".to_owned(), false, false)]);
    assert_eq!(workable("a"), [("b".to_owned(), false, false)]);
    assert_eq!(store.references_of(&["a", "x"]).expect("find").len(), 1);
    store.remove_reference("a", "manager", "boss").expect("remove");
    assert_eq!(store.reference_count().expect("count"), 2);
    store.remove_references_of("b").expect("remove");
    assert_eq!(store.reference_count().expect("count"), 1);
}

/// Members of a group who have no account are not read again and again.
#[test]
fn many_members_are_saved_at_once_and_those_that_wait_cost_nothing() {
    let sql = database();
    let store = JobStore::opened(&sql);
    store.save_link(&link("u007", "c1")).expect("link");
    let member = |number: usize| PendingReferenceRecord {
        source_id: "g".into(),
        path: "members".into(),
        referenced: format!("u{number:03}"),
        reported: true,
        document: format!("{{\"n\":{number}}}"),
    };
    let members: Vec<_> = (0..500).map(member).collect();
    store.save_references(&members).expect("save");
    assert_eq!(store.reference_count().expect("count"), 500);
    let start = ReferencePlace::default();
    let ready = |after: &ReferencePlace| -> Vec<PendingReferenceRecord> {
        let rows = store.workable_references(after, 10).expect("page");
        rows.into_iter().map(|row| row.reference).collect()
    };
    assert_eq!(ready(&start), [member(7)]);
    store.save_link(&link("u009", "c1")).expect("link");
    store.ready_references(&["u009"]).expect("ready");
    assert_eq!(ready(&start), [member(7), member(9)]);
    let place = ReferencePlace { source_id: "g".into(), path: "members".into(), referenced: "u007".into() };
    assert_eq!(ready(&place), [member(9)], "a page may end within a group");
    let removal = PendingReferenceRecord { reported: false, document: "{}".into(), ..member(3) };
    store.save_references(&[member(3), removal.clone()]).expect("save");
    assert_eq!(ready(&start), [removal, member(7), member(9)], "the last one counts");
}

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
    assert!(page.more);
    let before = page.entries.last().map(|entry| entry.sequence);
    let rest = store.logs(&LogFilter::default(), before, 3).expect("page");
    assert_eq!((rest.entries.len(), rest.more), (1, false));
    let forward = store.logs_forward(&LogFilter::default(), 0, 2).expect("page");
    assert_eq!(forward.entries.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["0", "1"]);
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
fn cycles_are_saved_over_and_listed_newest_first() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for (id, state) in [("c1", "running"), ("c2", "running"), ("c1", "succeeded")] {
        let cycle = CycleRecord { id: id.into(), state: state.into(), started_at: 1, document: "{}".into() };
        store.save_cycle(&cycle).expect("save");
    }
    let ids: Vec<String> = store.cycles(0, 10).expect("list").into_iter().map(|cycle| cycle.id).collect();
    assert_eq!(ids, ["c2", "c1"]);
    assert_eq!(store.cycle("c1").expect("get").map(|cycle| cycle.state), Some("succeeded".into()));
}

#[test]
fn plans_are_made_page_by_page_and_forgotten() {
    let sql = database();
    let store = JobStore::opened(&sql);
    let plan = |id: &str, created_at, progress: Option<&str>| PlanRecord {
        id: id.into(),
        created_at,
        progress: progress.map(str::to_owned),
        document: format!("{{\"id\":\"{id}\"}}"),
    };
    store.save_plan(&plan("a", 10, Some("{}"))).expect("save");
    assert_eq!(store.running_plan().expect("running"), Some(plan("a", 10, Some("{}"))));
    let items = |from: i64, to: i64| (from..=to).map(|number| number.to_string()).collect::<Vec<_>>();
    store.add_plan_items("a", &items(1, 3)).expect("add");
    store.add_plan_items("a", &items(4, 5)).expect("add");
    store.save_plan(&plan("a", 10, None)).expect("save");
    assert_eq!(store.running_plan().expect("running"), None);
    let page = store.plan_items("a", 1, 2).expect("page");
    assert_eq!((page.documents, page.more), (vec![(2, "2".to_owned()), (3, "3".to_owned())], true));
    assert!(!store.plan_items("a", 3, 2).expect("page").more);
    for (id, at) in [("b", 20), ("c", 30), ("d", 40)] {
        store.save_plan(&plan(id, at, None)).expect("save");
    }
    store.prune_plans(20, 2).expect("prune");
    let kept: Vec<String> = store.plans().expect("plans").into_iter().map(|plan| plan.id).collect();
    assert_eq!(kept, ["d", "c"]);
    assert!(store.plan_items("a", 0, 9).expect("page").documents.is_empty());
    assert!(store.remove_plan("d").expect("remove") && !store.remove_plan("d").expect("remove"));
    store.add_plan_items("d", &items(1, 1)).expect("a plan that is gone takes nothing");
}

#[test]
fn members_that_were_written_are_known_and_compared() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for member in ["c", "a", "b"] {
        store.note_member("g", member, true).expect("note");
    }
    store.note_member("h", "a", true).expect("note");
    store.note_member("g", "c", false).expect("note");
    let written = store.written_members("g").expect("members");
    assert_eq!(written, ["a", "b"]);
    assert_eq!(store.written_among("g", &["c", "b", "x"]).expect("members"), ["b"]);
    let check = |written: &[&str], wanted: &[&str], add: &[&str], remove: &[&str]| {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>();
        let (written, wanted) = (owned(written), owned(wanted));
        let expected = MemberDifference { add: add.to_vec(), remove: remove.to_vec() };
        assert_eq!(MemberDifference::of(&written, &wanted), expected);
    };
    check(&[], &[], &[], &[]);
    check(&["a", "b"], &["b", "c"], &["c"], &["a"]);
    check(&["a"], &[], &[], &["a"]);
    check(&[], &["a", "b"], &["a", "b"], &[]);

    // Whoever has another account is to be added again, but where that waits already.
    let waiting = PendingReferenceRecord {
        source_id: "h".into(),
        path: "members".into(),
        referenced: "a".into(),
        reported: true,
        document: "{}".into(),
    };
    store.save_reference(&waiting).expect("a reference");
    assert_eq!(store.forget_member("a").expect("groups"), ["g"]);
    assert_eq!(store.written_members("g").expect("members"), ["b"]);
    store.forget_members("g").expect("forget");
    assert!(store.written_members("g").expect("members").is_empty());
    // Many, page by page.
    for number in 0..5_002 {
        store.note_member("many", &format!("u{number:05}"), true).expect("note");
    }
    assert_eq!(store.written_members("many").expect("members").len(), 5_002);
    store.clear_links().expect("clear");
    assert!(store.written_members("many").expect("members").is_empty());
}

#[test]
fn held_deletions_are_decided_about_and_cost_what_is_looked_at() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for number in 0..250 {
        let staged = StagedRecord {
            source_id: format!("s{number:03}"),
            object_type: if number % 2 == 0 { "User" } else { "Group" }.into(),
            decision: "held".into(),
            document: "{}".into(),
        };
        store.save_staged(&staged).expect("save");
    }
    let ids: Vec<String> = (0..240).map(|number| format!("s{number:03}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).chain(["nobody"]).collect();
    assert_eq!(store.decide("rejected", &ids).expect("decide"), 240);
    assert_eq!(store.decide_all("approved").expect("decide"), 10);
    let count = |decision| store.staged_count(decision).expect("count");
    assert_eq!((count(None), count(Some("rejected")), count(Some("held"))), (250, 240, 0));
    assert_eq!(store.staged_waiting("User", "", 3).expect("page"), ["s240", "s242", "s244"]);
    assert_eq!(store.staged_waiting("User", "s244", 3).expect("page"), ["s246", "s248"]);
    let page = store.staged_page(Some("approved"), "s247", 2).expect("page");
    assert_eq!(page.iter().map(|staged| staged.source_id.as_str()).collect::<Vec<_>>(), ["s248", "s249"]);
    assert_eq!(store.staged_page(None, "", 7).expect("page").len(), 7);
    let before = sql.steps();
    store.staged_waiting("User", "", 100).expect("page");
    assert!(sql.steps() - before < 200, "rejected ones are not read: {} steps", sql.steps() - before);
    store.remove_staged("s000").expect("remove");
    store.clear_staged().expect("clear");
    assert_eq!(count(None), 0);
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
