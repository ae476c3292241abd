//! What others do while a file is imported.

use scim::ResourceType;
use scim::repository::Repository as _;
use store::directory::import::{ImportOptions, Stop};

use crate::directory::Directory;
use crate::{REMOVE, many};

/// The rows of [`many`] but for the first ones.
fn without(count: usize, first: usize) -> String {
    let rows = many(count);
    let mut lines = rows.lines();
    let header = lines.next().unwrap();
    let rest = lines.skip(first).map(|line| line.replace(",p0,", ",,"));
    [header.to_owned()].into_iter().chain(rest).map(|line| line + "\n").collect()
}

#[test]
fn whoever_came_while_the_file_was_imported_stays() {
    for force in [false, true] {
        let mut directory = Directory::new();
        directory.import(&many(100), ImportOptions::default());
        let id = directory.begin(&many(90), ImportOptions { force, ..REMOVE }, 1_000);
        let mut machine = directory.machine(&id);
        directory.hire("before-the-count", 2_001);
        directory.work_until(&mut machine, |machine| machine.reached().phase == "missing");
        directory.hire("after-the-count", 2_002);
        let finished = directory.rest(machine).unwrap();
        assert_eq!(finished.report.removed, 10);
        let people = directory.everybody();
        assert_eq!(people.len(), 92);
        assert!(people.contains_key("before-the-count") && people.contains_key("after-the-count"));
    }
}

#[test]
fn no_more_are_removed_than_were_counted() {
    let mut directory = Directory::new();
    directory.import(&many(300), ImportOptions::default());
    let id = directory.begin(&without(300, 10), REMOVE, 1_000);
    let mut machine = directory.machine(&id);
    directory.work_until(&mut machine, |machine| machine.report().removed > 0);
    for name in ["p200", "p250"] {
        directory.rename(name, 2_001);
    }
    assert_eq!(directory.rest(machine), Err(Stop::MoreRemovals { removed: 10 }));
    // Also when it is taken up again.
    let again = directory.machine(&id);
    assert_eq!(directory.rest(again), Err(Stop::MoreRemovals { removed: 10 }));
    let people = directory.everybody();
    assert_eq!(people.len(), 290);
    assert!(people.contains_key("p200-renamed") && people.contains_key("p250-renamed"));
}

#[test]
fn somebody_who_is_deleted_meanwhile_stops_nothing() {
    for phase in ["managers", "groups"] {
        let mut directory = Directory::new();
        directory.import(&many(5), ImportOptions::default());
        let id = directory.begin(&many(200), REMOVE, 1_000);
        let mut machine = directory.machine(&id);
        directory.work_until(&mut machine, |machine| machine.reached().phase == phase);
        // The manager of all, and one of them.
        for name in ["p0", "p150"] {
            let id = directory.id_of(name);
            directory.store().delete(ResourceType::User, &id, 2_001).unwrap();
        }
        let finished = directory.rest(machine).unwrap();
        assert_eq!((finished.report.created, finished.report.errors), (195, Vec::new()), "{phase}");
        let people = directory.everybody();
        assert_eq!(people.len(), 198);
        assert!(people.values().all(|(_, _, groups)| groups == &["Everybody"]), "{phase}");
        // Nobody gets a manager who is not there any more.
        let given = people.values().filter(|(_, manager, _)| manager == "removed").count();
        assert_eq!(given, if phase == "managers" { 4 } else { 198 }, "{phase}");
    }
}
