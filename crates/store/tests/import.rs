//! Imports that are broken off anywhere end as those that are not: the same report, the same directory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may fail by panic"
)]

#[path = "import/directory.rs"]
mod directory;
#[path = "import/from_inlets.rs"]
mod from_inlets;
#[path = "import/meanwhile.rs"]
mod meanwhile;

use directory::Directory;
use inlets::csv::MAX_CHANGES;
use proptest::prelude::*;
use scim::ResourceType;
use scim::repository::Repository as _;
use store::directory::import::{CHUNK, Finished, ImportOptions, Imports, Step, Stop};
use store::sql::Sql as _;

const PREVIEW: ImportOptions = ImportOptions { preview: true, remove_missing: false, force: false };
const REMOVE: ImportOptions = ImportOptions { preview: false, remove_missing: true, force: false };

/// One row: whose, department, whose manager, groups; some of them wrong.
#[derive(Clone, Debug)]
struct Person {
    key: u8,
    department: u8,
    manager: Option<u8>,
    groups: Vec<u8>,
    bad: bool,
}

fn file(people: &[Person]) -> String {
    let mut file = "userPrincipalName,department,manager,groups,accountEnabled\n".to_owned();
    for person in people {
        let manager = person.manager.map(|key| format!("p{key}")).unwrap_or_default();
        let groups: Vec<String> = person.groups.iter().map(|key| format!("g{key}")).collect();
        let enabled = if person.bad { "perhaps" } else { "" };
        file += &format!("p{},d{},{manager},{},{enabled}\n", person.key, person.department, groups.join(";"));
    }
    file
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let person =
        (0_u8..250, 0_u8..3, prop::option::of(0_u8..255), prop::collection::vec(0_u8..6, 0..3), 0_u8..20);
    let person = person.prop_map(|(key, department, manager, groups, bad)| Person {
        key,
        department,
        manager,
        groups,
        bad: bad == 0,
    });
    prop::collection::vec(person, 0..260)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_broken_import_ends_as_one_that_was_not(
        first in people(),
        second in people(),
        breaks in prop::collection::vec(0_usize..9, 0..5),
        parts in (40_usize..4_000, 40_usize..4_000),
        failure in prop::option::of(0_u64..300),
        preview: bool,
        remove_missing: bool,
        force: bool,
    ) {
        let options = ImportOptions { preview, remove_missing, force };
        let (mut whole, mut broken) = (Directory::new(), Directory::new());
        for directory in [&mut whole, &mut broken] {
            directory.import(&file(&first), ImportOptions::default());
        }
        broken.until_failure = failure;
        let second = file(&second);
        let id = whole.begin(&second, options, parts.0);
        let expected = whole.work(&id, &[]);
        let id = broken.begin(&second, options, parts.1);
        let found = broken.work(&id, &breaks);
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(broken.everybody(), whole.everybody());
        prop_assert_eq!(Imports::new(&broken.sql).parts(), Ok(0));
        if let (false, Ok(finished)) = (preview, &expected) {
            prop_assert_eq!(finished.changes.len(), 0);
        }
    }

    /// What a preview says is what the import does.
    #[test]
    fn a_preview_says_what_the_import_does(first in people(), second in people(), remove_missing: bool) {
        let mut directory = Directory::new();
        directory.import(&file(&first), ImportOptions::default());
        let before = directory.everybody();
        let options = ImportOptions { remove_missing, force: true, preview: true };
        let preview = directory.import(&file(&second), options);
        prop_assert_eq!(directory.everybody(), before);
        let done = directory.import(&file(&second), ImportOptions { preview: false, ..options });
        prop_assert_eq!(&preview.report, &done.report);
        let changed = preview.report.created + preview.report.updated + preview.report.removed;
        prop_assert_eq!(preview.changes.len() as u64, changed);
    }
}

fn many(count: usize) -> String {
    let rows = (0..count).map(|key| format!("p{key},d,{},Everybody\n", if key > 0 { "p0" } else { "" }));
    ["userPrincipalName,department,manager,groups\n".to_owned()].into_iter().chain(rows).collect()
}

#[test]
fn a_chunk_that_was_done_is_not_done_again() {
    let mut directory = Directory::new();
    let id = directory.begin(&many(1_000), ImportOptions::default(), 5_000);
    let mut machine = directory.machine(&id);
    while machine.reached().phase != "groups" {
        directory.step(&mut machine).unwrap();
    }
    let written = |directory: &Directory| {
        let rows = directory.sql.query("SELECT max(seq) AS last FROM change_log", &[]).unwrap();
        rows.first().unwrap().integer("last").unwrap()
    };
    let before = written(&directory);
    let mut again = directory.machine(&id);
    while again.reached().phase != "groups" {
        assert_ne!(directory.step(&mut again).unwrap(), Step::Done);
    }
    assert_eq!(written(&directory), before);
    assert_eq!(again.report(), machine.report());
    assert_eq!(again.report().created, 1_000);
    let finished = directory.work(&id, &[]).unwrap();
    assert_eq!((finished.report.created, finished.report.unchanged, finished.report.updated), (1_000, 0, 0));
    assert_eq!(directory.import(&many(1_000), ImportOptions::default()).report.unchanged, 1_000);
}

#[test]
fn no_step_works_on_more_than_a_chunk() {
    let mut directory = Directory::new();
    directory.import(&many(500), ImportOptions::default());
    // Managers whom the file does not have, and people who go.
    let rows: String = (0..400).map(|key| format!("q{key},p{key}\n")).collect();
    let id = directory.begin(
        &format!("userPrincipalName,manager\n{rows}"),
        ImportOptions { force: true, ..REMOVE },
        800,
    );
    let mut machine = directory.machine(&id);
    let mut steps = 0;
    loop {
        match directory.step(&mut machine).unwrap() {
            Step::Worked(count) => assert!(count <= CHUNK, "{count} in one step"),
            Step::Attributes(names) => panic!("{names:?}"),
            Step::Done => break,
        }
        steps += 1;
    }
    assert!(steps > 20, "{steps}");
    let Finished { report, .. } = machine.finish();
    assert_eq!((report.created, report.removed, report.errors), (400, 500, Vec::new()));
}

#[test]
fn removals_that_were_allowed_go_on_after_a_break() {
    let mut directory = Directory::new();
    directory.import(&many(1_000), ImportOptions::default());
    // 190 of 1,000 are under a fifth. A count after some of them are gone would come to something else.
    let id = directory.begin(&many(810), REMOVE, 1_000);
    for breaks in 1..40 {
        let mut machine = directory.machine(&id);
        for _ in 0..breaks {
            directory.step(&mut machine).unwrap();
        }
    }
    let finished = directory.work(&id, &[]).unwrap();
    assert_eq!((finished.report.removed, finished.report.unchanged), (190, 810));
    assert_eq!(directory.everybody().len(), 810);

    let id = directory.begin(&many(100), REMOVE, 1_000);
    let held = directory.work(&id, &[]);
    assert_eq!(held, Err(Stop::TooManyRemovals { missing: 710, all: 810 }));
    assert_eq!(directory.everybody().len(), 810);
}

#[test]
fn people_whom_the_file_brings_do_not_hide_how_many_go() {
    let mut directory = Directory::new();
    directory.import(&many(300), ImportOptions::default());
    let new: String = (0..2_000).map(|key| format!("q{key}\n")).collect();
    let id = directory.begin(&format!("userPrincipalName\n{new}"), REMOVE, 1_000);
    // Also when it is broken off while they are counted.
    let held = directory.work(&id, &[40]);
    assert_eq!(held, Err(Stop::TooManyRemovals { missing: 300, all: 300 }));
    assert_eq!(directory.everybody().len(), 2_300);
}

#[test]
fn who_is_refused_does_not_come_back_from_the_recycle_bin() {
    let long = "x".repeat(2_000);
    let file = format!("userPrincipalName,accountEnabled,displayName\np7,false,{long}\n");
    for row in [&file, "userPrincipalName,accountEnabled\np7,perhaps\n"] {
        let mut directory = Directory::new();
        directory.import(&many(10), ImportOptions::default());
        let id = directory.id_of("p7");
        directory.store().delete(ResourceType::User, &id, 1).unwrap();
        let report = directory.import(row, ImportOptions::default()).report;
        assert_eq!((report.updated, report.errors.len()), (0, 1));
        assert!(!directory.everybody().contains_key("p7"));
    }
    // Others of the chunk are written.
    let mut directory = Directory::new();
    directory.import(&many(10), ImportOptions::default());
    let id = directory.id_of("p7");
    directory.store().delete(ResourceType::User, &id, 1).unwrap();
    let report = directory.import(&format!("{file}p8,,Eight\n"), ImportOptions::default()).report;
    assert_eq!((report.updated, report.errors.len()), (1, 1));
    assert!(!directory.everybody().contains_key("p7"));
}

#[test]
fn columns_that_are_new_are_asked_for_once_and_not_in_a_preview() {
    let mut directory = Directory::new();
    let text = "userPrincipalName,extension_costCenter\na,1\n";
    let id = directory.begin(text, ImportOptions::default(), 9);
    let mut machine = directory.machine(&id);
    let first = directory.step(&mut machine).unwrap();
    assert_eq!(first, Step::Attributes(vec!["extension_costCenter".to_owned()]));
    assert_eq!(directory.step(&mut machine).unwrap(), Step::Worked(1));
    directory.work(&id, &[]).unwrap();
    let id = directory.begin(text, PREVIEW, 9);
    let mut machine = directory.machine(&id);
    assert_eq!(directory.step(&mut machine).unwrap(), Step::Worked(1));
}

#[test]
fn a_preview_lists_no_more_than_its_limit() {
    let mut directory = Directory::new();
    let finished = directory.import(&many(MAX_CHANGES + 200), PREVIEW);
    assert_eq!((finished.report.created, finished.changes.len()), (MAX_CHANGES as u64 + 200, MAX_CHANGES));
    assert_eq!(directory.everybody().len(), 0);
}

#[test]
fn memberships_that_are_lost_count_as_work() {
    let mut directory = Directory::new();
    let rows = |groups: &str| -> String {
        let rows = (0..100).map(|key| format!("p{key},{groups}\n"));
        ["userPrincipalName,groups\n".to_owned()].into_iter().chain(rows).collect()
    };
    directory.import(&rows("g1;g2;g3"), ImportOptions::default());
    let id = directory.begin(&rows(""), ImportOptions::default(), 1_000);
    let mut machine = directory.machine(&id);
    directory.work_until(&mut machine, |machine| machine.reached().phase == "groups");
    let mut worked = 0;
    while let Step::Worked(count) = directory.step(&mut machine).unwrap() {
        worked += count;
    }
    // 3 groups are looked at, 100 people gone through, 300 memberships taken away.
    assert_eq!(worked, 3 + 100 + 300);
}

#[test]
fn an_import_that_gets_further_may_be_broken_off_again() {
    let mut directory = Directory::new();
    let id = directory.begin(&many(300), ImportOptions::default(), 1_000);
    let resumed = |directory: &Directory| {
        let imports = Imports::new(&directory.sql);
        imports.get(&id).unwrap().unwrap().resumed
    };
    let mut machine = directory.machine(&id);
    directory.step(&mut machine).unwrap();
    for _ in 0..3 {
        Imports::new(&directory.sql).note_resumed(1).unwrap();
    }
    // What was done before is no progress …
    let mut again = directory.machine(&id);
    directory.step(&mut again).unwrap();
    assert_eq!(resumed(&directory), 3);
    // … and the next chunk is, even when the slice does not come to its end.
    directory.step(&mut again).unwrap();
    assert_eq!(resumed(&directory), 0);
}
