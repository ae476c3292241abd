//! The organization's store over rusqlite.

// Clippy's leave for tests does not reach the helpers of an integration test.
#![allow(clippy::expect_used)]

use store::organization::{
    AssignmentRecord, DirectoryRecord, InletRecord, OrganizationStore, PrincipalType,
    SIGN_IN_LINK_LIFETIME_MS, ServicePrincipalRecord, SignInOutcome,
};
use store::sqlite::Sqlite;

fn database() -> Sqlite {
    let sql = Sqlite::in_memory().expect("a database");
    OrganizationStore::open(&sql).expect("the schema");
    sql
}

fn assignment(id: &str, principal: &str, role: &str) -> AssignmentRecord {
    AssignmentRecord {
        id: id.into(),
        service_principal_id: "sp".into(),
        principal_id: principal.into(),
        principal_type: PrincipalType::User,
        principal_display_name: principal.to_uppercase(),
        app_role_id: role.into(),
        created_at: 1,
        inlet_id: None,
    }
}

#[test]
fn inlets_are_listed_and_removed() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    let inlet = |id: &str, created_at| InletRecord { id: id.into(), directory_id: "d".into(), created_at };
    for record in [inlet("b", 2), inlet("a", 1), inlet("b", 3)] {
        store.save_inlet(&record).expect("saved");
    }
    assert_eq!(store.inlets(), Ok(vec![inlet("a", 1), inlet("b", 3)]));
    store.remove_inlet("a").expect("removed");
    assert_eq!(store.inlets(), Ok(vec![inlet("b", 3)]));
}

#[test]
fn directories_are_listed_saved_and_removed() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    let mut directory = DirectoryRecord {
        id: "d".into(),
        display_name: "Peakon".into(),
        profile: "application".into(),
        enabled: false,
        created_at: 5,
    };
    store.save_directory(&directory).expect("save");
    directory.enabled = true;
    store.save_directory(&directory).expect("save again");
    assert_eq!(store.directories().expect("list"), vec![directory.clone()]);
    assert_eq!(store.directory("d").expect("get"), Some(directory));
    store.remove_directory("d").expect("remove");
    assert_eq!(store.directory("d").expect("get"), None);
}

#[test]
fn an_assignment_is_unique_per_role_and_every_change_is_logged() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    assert!(store.add_assignment(&assignment("a1", "ada", "r")).expect("add"));
    assert!(!store.add_assignment(&assignment("a2", "ada", "r")).expect("same again"));
    assert!(store.add_assignment(&assignment("a3", "ada", "other")).expect("another role"));
    assert_eq!(store.assignment_count("sp").expect("count"), 2);
    assert_eq!(store.remove_assignment("other-sp", "a1").expect("wrong application"), None);
    assert!(store.remove_assignment("sp", "a1").expect("remove").is_some());

    let first = store.assignment_changes_since("sp", 0, 2).expect("changes");
    assert!(first.more);
    let told: Vec<_> =
        first.changes.iter().map(|c| (c.assignment_id.as_str(), c.assignment.is_some())).collect();
    assert_eq!(told, vec![("a1", false), ("a3", true)], "each change tells the present state");
    let rest = store.assignment_changes_since("sp", first.sequence, 2).expect("changes");
    assert!(!rest.more);
    assert_eq!(rest.changes.len(), 1);
    let none = store.assignment_changes_since("sp", rest.sequence, 2).expect("changes");
    assert_eq!((none.changes.len(), none.sequence), (0, rest.sequence));
}

#[test]
fn removing_an_application_removes_its_assignments() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    let principal = ServicePrincipalRecord {
        id: "sp".into(),
        app_id: "app".into(),
        application_id: "object".into(),
        template_id: "t".into(),
        display_name: "Peakon".into(),
        account_enabled: true,
        created_at: 1,
    };
    store.save_service_principal(&principal).expect("save");
    store.add_assignment(&assignment("a1", "ada", "r")).expect("add");
    store.remove_service_principal("sp").expect("remove");
    assert_eq!(store.service_principals().expect("list"), vec![]);
    assert_eq!(store.assignments("sp", "", 10).expect("list"), vec![]);
}

#[test]
fn a_sign_in_link_works_once_and_not_for_long() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    let now = 1_000_000;
    store.add_sign_in_link("one", Some("ada@example.com"), now).expect("add");
    store.add_sign_in_link("two", None, now).expect("add");
    assert_eq!(
        store.use_sign_in_link("one", now + 1).expect("use"),
        SignInOutcome::SignedIn(Some("ada@example.com".into()))
    );
    assert_eq!(store.use_sign_in_link("one", now + 2).expect("again"), SignInOutcome::Refused);
    assert_eq!(
        store.use_sign_in_link("two", now + SIGN_IN_LINK_LIFETIME_MS).expect("late"),
        SignInOutcome::Refused
    );
    assert_eq!(store.use_sign_in_link("three", now).expect("unknown"), SignInOutcome::Refused);
}

#[test]
fn audits_page_backwards() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    for number in 0..5 {
        store.add_audit(number, &format!("\"{number}\""), None).expect("add");
    }
    let page = store.audits(None, 3).expect("page");
    assert!(page.more);
    let documents: Vec<_> = page.documents.iter().map(|(_, document)| document.as_str()).collect();
    assert_eq!(documents, ["\"4\"", "\"3\"", "\"2\""]);
    let last = page.documents.last().map(|(sequence, _)| *sequence);
    let page = store.audits(last, 3).expect("page");
    assert!(!page.more);
    assert_eq!(page.documents.len(), 2);
}

#[test]
fn an_entry_that_is_handed_over_again_is_there_once() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    for key in ["import1", "import1", "import2"] {
        store.add_audit(1, &format!("\"{key}\""), Some(key)).expect("add");
    }
    store.add_audit(2, "\"import1\"", None).expect("without a key");
    let documents = store.audits(None, 9).expect("page").documents;
    let documents: Vec<_> = documents.iter().map(|(_, document)| document.as_str()).collect();
    assert_eq!(documents, ["\"import1\"", "\"import2\"", "\"import1\""]);
}

#[test]
fn an_inlet_removes_its_own_assignments_only() {
    let sql = database();
    let store = OrganizationStore::opened(&sql);
    let made = |id: &str, principal: &str| AssignmentRecord {
        inlet_id: Some("i".into()),
        ..assignment(id, principal, "r")
    };
    let change = |add: &[AssignmentRecord], remove: &[&str]| {
        let remove: Vec<String> = remove.iter().map(|id| (*id).to_owned()).collect();
        store.change_made_assignments("sp", "i", add, &remove).expect("changed")
    };
    assert_eq!(change(&[made("a", "p1")], &[]), (0, 0), "the application is not there");
    let application = ServicePrincipalRecord {
        id: "sp".into(),
        app_id: "app".into(),
        application_id: "object".into(),
        template_id: "scim".into(),
        display_name: "App".into(),
        account_enabled: true,
        created_at: 1,
    };
    store.save_service_principal(&application).expect("saved");
    store.add_assignment(&assignment("hand", "p1", "r")).expect("added");
    // Twice, as after a crash; what is there by hand is not made again.
    for expected in [(2, 0), (0, 0)] {
        assert_eq!(change(&[made("a", "p1"), made("b", "p2"), made("c", "p3")], &[]), expected);
    }
    let ids = || {
        let made = store.made_assignments("sp", "i", "", 10).expect("a page");
        made.into_iter().map(|made| made.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(), ["b", "c"]);
    assert_eq!(store.made_assignments("sp", "i", "b", 10).expect("a page").len(), 1);
    let before = store.assignment_changes_since("sp", 0, 100).expect("changes").sequence;
    assert_eq!(change(&[], &["hand", "b", "unknown"]), (0, 1));
    assert_eq!(store.assignment_changes_since("sp", before, 100).expect("changes").changes.len(), 1);
    assert_eq!(store.assignment_count("sp"), Ok(2));
    store.release_assignments("i", &["sp".to_owned()]).expect("kept");
    assert_eq!(ids(), ["c"]);
    store.release_assignments("i", &[]).expect("released");
    assert_eq!(ids(), Vec::<String>::new());
    assert_eq!(change(&[], &["c"]), (0, 0), "it is somebody's now");
}
