//! The sample is what the tutorial says it is, and the committed file is what the generator makes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail by panic")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;

use inlets::csv::{Cell, Import, Row};
use sample_data::{COLUMNS, FULL_DEPTH, Level, People, write_people};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/contoso.csv");

fn sample(users: usize) -> Vec<u8> {
    let mut file = Vec::new();
    write_people(users, &mut file).unwrap();
    file
}

fn rows(users: usize) -> Vec<Row> {
    let (import, rows) = Import::read(&sample(users)).unwrap();
    assert_eq!(import.header().unwrap().problems, []);
    rows.into_iter().map(Result::unwrap).collect()
}

/// With `UPDATE_GOLDEN=1` the committed file is written anew.
#[test]
fn the_committed_file_is_what_the_generator_makes() {
    let made = sample(1_000);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(COMMITTED, &made).unwrap();
    }
    assert!(
        fs::read(COMMITTED).unwrap() == made,
        "run again with UPDATE_GOLDEN=1 and look at the difference"
    );
}

#[test]
fn any_size_has_as_many_people() {
    for users in (0..80).chain([999, 1_000, 5_000]) {
        assert_eq!(People::new(users).count(), users);
        assert_eq!(sample(users).iter().filter(|byte| **byte == b'\n').count(), users + 1);
    }
}

#[test]
fn one_tree_six_levels_deep() {
    for users in [FULL_DEPTH, 11, 12, 70, 1_000, 20_000] {
        let rows = rows(users);
        let managers: HashMap<_, _> = rows.iter().map(|row| (row.user_name.as_str(), &row.manager)).collect();
        assert_eq!(managers.len(), users);
        let tops = rows.iter().filter(|row| row.manager == Cell::Empty);
        assert_eq!(tops.map(title).collect::<Vec<_>>(), ["Chief Executive Officer"]);
        let depth_of = |row: &Row| {
            let mut depth = 1;
            let mut manager = &row.manager;
            while let Cell::Value(name) = manager {
                depth += 1;
                manager = managers[name.as_str()];
            }
            depth
        };
        let depths: BTreeSet<_> = rows.iter().map(depth_of).collect();
        assert_eq!(depths, BTreeSet::from([1, 2, 3, 4, 5, Level::Staff as usize + 1]));

        let mut roster = Import::read(&sample(users)).unwrap().0.into_roster();
        assert_eq!(roster.settle_managers(), Ok(Vec::new()));
    }
}

fn value<'r>(row: &'r Row, name: &str) -> Option<&'r str> {
    row.attributes.iter().find(|(other, _)| other == name)?.1.as_deref()
}

fn title(row: &Row) -> &str {
    value(row, "jobTitle").unwrap()
}

#[test]
fn names_are_unique_ascii_and_those_of_many_countries() {
    let rows = rows(20_000);
    let names: HashSet<_> = rows.iter().map(|row| row.user_name.to_lowercase()).collect();
    let numbers: HashSet<_> = rows.iter().map(|row| value(row, "employeeId").unwrap()).collect();
    assert_eq!((names.len(), numbers.len()), (rows.len(), rows.len()));
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
    assert!(names.iter().all(|name| name.strip_suffix("@contoso.com").unwrap().chars().all(is_plain)));

    let names: HashSet<_> =
        rows.iter().flat_map(|row| [value(row, "givenName"), value(row, "surname")]).collect();
    for name in ["Zoë", "O'Neill", "Pinto-Silva", "Łukasz", "Nguyễn"] {
        assert!(names.contains(&Some(name)), "{name}");
    }
}

#[test]
fn the_thousand_people_of_the_tutorial() {
    let rows = rows(1_000);
    let count = |name, wanted: Option<&str>| rows.iter().filter(|row| value(row, name) == wanted).count();
    let distinct = |name| rows.iter().filter_map(|row| value(row, name)).collect::<HashSet<_>>().len();

    let disabled = count("accountEnabled", Some("false"));
    assert!((25..=35).contains(&disabled), "{disabled} disabled");
    for name in ["mail", "state", "streetAddress", "telephoneNumber", "mobile", "preferredLanguage"] {
        assert!((5..=900).contains(&count(name, None)), "{name} is empty {} times", count(name, None));
    }
    for name in
        ["displayName", "givenName", "surname", "jobTitle", "extension_costCenter", "extension_businessUnit"]
    {
        assert_eq!(count(name, None), 0, "{name}");
    }
    assert_eq!((distinct("department"), distinct("country"), distinct("officeLocation")), (12, 12, 13));
    assert!(rows.iter().any(|row| row.user_name.ends_with("2@contoso.com")), "two people of one name");

    let groups: HashSet<_> = rows
        .iter()
        .flat_map(|row| match &row.groups {
            Cell::Value(groups) => groups.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(groups.contains("All Employees") && groups.contains("Sales Department"));
    assert!(groups.contains("London Office") && groups.contains("Remote Workers"));
    assert_eq!(groups.len(), 1 + 12 + 13);
}

#[test]
fn the_columns_are_those_that_the_import_knows() {
    let header = COLUMNS.join(",") + "\n";
    let (import, _) = Import::read(header.as_bytes()).unwrap();
    assert_eq!(import.header().unwrap().problems, []);
}
