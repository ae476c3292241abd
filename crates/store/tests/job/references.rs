//! What a job keeps of managers and members, over rusqlite.

use crate::records::{database, link};
use store::job::{Expansion, JobStore, LinkRecord, MemberDifference, PendingReferenceRecord, ReferencePlace};

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
fn members_that_wait_may_have_been_sent() {
    let sql = database();
    let store = JobStore::opened(&sql);
    let waiting = |id: &str, removal: bool| PendingReferenceRecord {
        source_id: "g".into(),
        path: "members".into(),
        referenced: id.into(),
        reported: false,
        document: if removal { r#"{"remove":true}"# } else { "{}" }.into(),
    };
    store.save_references(&[waiting("b", false), waiting("a", true)]).expect("save");
    store
        .save_reference(&PendingReferenceRecord { source_id: "h".into(), ..waiting("c", false) })
        .expect("save");
    let known = store.waiting_members("g").expect("waiting");
    assert_eq!(known, [("a".to_owned(), true), ("b".to_owned(), false)]);
    let check = |written: &[&str], wanted: &[&str], add: &[&str], remove: &[&str]| {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>();
        let (written, wanted) = (owned(written), owned(wanted));
        let mut found = MemberDifference::beside(&written, &known, &wanted);
        found.add.sort_unstable();
        found.remove.sort_unstable();
        assert_eq!(found, MemberDifference { add: add.to_vec(), remove: remove.to_vec() });
    };
    // What was sent is taken away; a removal that waits stays as it is.
    check(&[], &[], &[], &["b"]);
    check(&["a", "b"], &[], &[], &["a", "b"]);
    // What is wanted again, or still, is given again.
    check(&["a", "b"], &["a", "b"], &["a", "b"], &[]);
    check(&[], &["a", "b"], &["a", "b"], &[]);
    check(&["c"], &["b", "d"], &["b", "d"], &["c"]);
}

#[test]
fn members_are_told_with_their_accounts() {
    let sql = database();
    let store = JobStore::opened(&sql);
    let link = |source_id: &str, object_type: &str| {
        let link = LinkRecord {
            source_id: source_id.to_owned(),
            object_type: object_type.to_owned(),
            target_id: format!("t-{source_id}"),
            cycle_id: "c".to_owned(),
            delete_at: None,
            document: "{}".to_owned(),
        };
        store.save_link(&link).expect("a link");
    };
    for (id, object_type) in [("a", "User"), ("b", "User"), ("g", "Group"), ("h", "Group")] {
        link(id, object_type);
    }
    for member in ["b", "a", "unlinked"] {
        store.note_member("g", member, true).expect("note");
    }
    for referenced in ["h", "nobody"] {
        let waiting = PendingReferenceRecord {
            source_id: "g".into(),
            path: "members".into(),
            referenced: referenced.into(),
            reported: true,
            document: "{}".into(),
        };
        store.save_reference(&waiting).expect("a reference");
    }
    let accounts = |waiting: bool, after: &str| {
        let found = store.member_accounts("g", waiting, after).expect("members");
        found.into_iter().map(|(member, account)| format!("{member} {account}")).collect::<Vec<_>>()
    };
    assert_eq!(accounts(false, ""), ["a t-a", "b t-b"]);
    assert_eq!(accounts(false, "a"), ["b t-b"]);
    assert_eq!(accounts(true, ""), ["h t-h"]);
    let groups = |after: &str| store.next_group(after).expect("groups").map(|link| link.source_id);
    assert_eq!([groups(""), groups("g"), groups("h")], [Some("g".into()), Some("h".into()), None]);
    store.add_expansion(Expansion::Repaired, "g").expect("a repair");
    store.advance_expansion(Expansion::Repaired, "g", Some("how")).expect("a repair");
    assert_eq!(
        store.next_expansion(Expansion::Repaired).expect("repairs"),
        Some(("g".to_owned(), "how".to_owned()))
    );
}
