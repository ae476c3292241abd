//! The job's store over rusqlite: what is to be done, links, assignments, cycles, plans, held deletions; its log and
//! references in modules of their own.

// Clippy's leave for tests does not reach the helpers of an integration test.
#![allow(clippy::expect_used, unreachable_pub, reason = "a test may fail by panic")]

#[path = "job/log.rs"]
mod log;
#[path = "job/records.rs"]
mod records;
#[path = "job/references.rs"]
mod references;

use records::{database, link};
use store::job::{
    AssignmentMirror, CycleRecord, EscrowRecord, Expansion, JobStore, KeptRecord, LinkRecord, PlanRecord,
    StagedRecord,
};
use store::organization::PrincipalType;

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
fn unknown_objects_wait_for_nothing() {
    let sql = database();
    let store = JobStore::opened(&sql);
    for object_type in ["User", "Group"] {
        store.mark_dirty(object_type, ["a", "b"]).expect("mark");
    }
    let escrow = |source_id: &str, object_type: &str| EscrowRecord {
        source_id: source_id.to_owned(),
        object_type: object_type.to_owned(),
        next_attempt: 1,
        document: "{}".to_owned(),
    };
    store.save_escrow(&escrow("a", "User")).expect("escrow");
    store.save_escrow(&escrow("b", "Group")).expect("escrow");
    store.forget_unknown("User", &["a".to_owned(), "b".to_owned()]).expect("forget");
    assert!(store.dirty("User", "", 10).expect("page").is_empty());
    assert_eq!(store.dirty("Group", "", 10).expect("page"), ["a", "b"]);
    let left = store.escrows_of(&["a", "b"]).expect("escrows");
    assert_eq!(left.keys().collect::<Vec<_>>(), ["b"]);
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
