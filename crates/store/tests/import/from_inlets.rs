//! People whom an inlet knows as well: an import and its preview say how many of them it concerns.

use store::directory::import::ImportOptions;

use crate::directory::Directory;
use crate::{PREVIEW, REMOVE, many};

/// Imports 200 people of whom an inlet has some, then a file with another department in some of their rows.
fn check(options: ImportOptions, rows: &[&str], expected: (u64, u64, u64)) {
    for preview in [true, false] {
        let mut directory = Directory::new();
        directory.import(&many(200), ImportOptions::default());
        directory.mirror(&["p0", "p1", "p150", "p199"]);
        let file = ["userPrincipalName,department\n".to_owned(), rows.join("\n"), "\n".to_owned()].concat();
        let report = directory.import(&file, ImportOptions { preview, force: true, ..options }).report;
        assert_eq!((report.updated, report.removed, report.from_inlets), expected, "preview: {preview}");
    }
}

#[test]
fn who_is_changed_and_comes_from_an_inlet_is_counted() {
    check(PREVIEW, &["p0,new", "p1,d", "p150,new", "p7,new"], (3, 0, 2));
    check(PREVIEW, &["p7,new", "p8,new"], (2, 0, 0));
}

#[test]
fn who_is_removed_and_comes_from_an_inlet_is_counted() {
    let others = |left_out: &[usize]| -> Vec<String> {
        (0..200).filter(|key| !left_out.contains(key)).map(|key| format!("p{key},d")).collect()
    };
    let rows = others(&[1, 20, 199]);
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    check(REMOVE, &rows, (0, 3, 2));
}

#[test]
fn without_an_inlet_nobody_is_counted() {
    let mut directory = Directory::new();
    directory.import(&many(20), ImportOptions::default());
    let report = directory.import("userPrincipalName,department\np0,new\n", PREVIEW).report;
    assert_eq!((report.updated, report.from_inlets), (1, 0));
}
