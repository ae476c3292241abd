use proptest::prelude::*;

use super::super::{Cell, Problem};
use super::*;

fn row(line: u64) -> Row {
    let user_name = format!("p{line}");
    Row { line, user_name, attributes: Vec::new(), manager: Cell::Absent, groups: Cell::Absent }
}

fn updated() -> Outcome {
    let change = super::super::Change { attribute: "city".to_owned(), old: None, new: None };
    Outcome::Updated { resource: serde_json::Value::Null, changed: vec![change] }
}

fn error(line: u64) -> RowError {
    RowError { line, column: 1, problem: Problem::MissingKey }
}

#[test]
fn rows_that_said_nothing_new_may_change_later_once() {
    let mut tally = Tally::new(true);
    let mut notes = tally.notes();
    for line in [2, 3, 5] {
        notes.row(&row(line), &Outcome::Unchanged);
    }
    notes.row(&row(6), &updated());
    let outcome = notes.take();
    assert_eq!(outcome.unchanged, [(2, 2), (5, 1)]);
    tally.fold(outcome);
    for attribute in ["manager", "groups"] {
        let mut notes = tally.notes();
        for line in [3, 6] {
            notes.changed_later(attribute, line, &format!("p{line}"));
        }
        tally.fold(notes.take());
    }
    let (report, changes) = tally.finish();
    assert_eq!((report.updated, report.unchanged), (2, 2));
    let listed: Vec<_> =
        changes.iter().map(|change| (change.user_name.as_str(), change.attributes.join(","))).collect();
    assert_eq!(listed, [("p3", "manager,groups".to_owned()), ("p6", "city,manager,groups".to_owned())]);
}

#[test]
fn what_is_listed_is_bounded_over_all_chunks_and_the_counts_are_not() {
    let mut tally = Tally::new(true);
    let chunk = 600;
    for start in [2, 2 + chunk, 2 + 2 * chunk] {
        let mut notes = tally.notes();
        for line in start..start + chunk {
            notes.fail(&error(line));
            notes.row(&row(10_000 + line), &updated());
            notes.remove("x");
        }
        tally.fold(notes.take());
    }
    let (report, changes) = tally.finish();
    assert_eq!(
        (report.failed, report.error_count, report.updated, report.removed),
        (1_800, 1_800, 1_800, 1_800)
    );
    assert_eq!((report.errors.len(), changes.len()), (MAX_REPORTED_ERRORS, MAX_CHANGES));
}

#[test]
fn only_a_preview_lists_changes() {
    let mut tally = Tally::new(false);
    let mut notes = tally.notes();
    notes.row(&row(2), &updated());
    notes.changed_later("manager", 3, "p3");
    notes.remove("x");
    let outcome = notes.take();
    assert_eq!((outcome.changes.len(), &outcome.later), (0, &vec![(3, String::new())]));
    tally.fold(outcome);
    assert_eq!(tally.finish().1, []);
}

/// What happens to one line, as a number.
fn happen(notes: &mut Notes, line: u64, what: u8) {
    match what {
        0 | 1 => notes.row(&row(line), &Outcome::Unchanged),
        2 => notes.row(&row(line), &Outcome::Created(serde_json::Value::Null)),
        3 => notes.row(&row(line), &updated()),
        4 => notes.fail(&error(line)),
        5 => notes.refuse("p", &error(line)),
        _ => notes.keep_manager(&error(line)),
    }
}

proptest! {
    /// An outcome that went through the database says what it said, so a fold after a crash is the fold without one.
    #[test]
    fn kept_outcomes_fold_to_the_same_report(
        chunks in prop::collection::vec(prop::collection::vec(0_u8..7, 0..40), 1..8),
        later in prop::collection::vec(2_u64..200, 0..60),
        crash in 0_usize..9,
        preview: bool,
    ) {
        let mut whole = Tally::new(preview);
        let mut kept = Vec::new();
        let mut line = 2;
        for chunk in &chunks {
            let mut notes = whole.notes();
            for what in chunk {
                happen(&mut notes, line, *what);
                line += 1;
            }
            let outcome = notes.take();
            kept.push(serde_json::to_string(&outcome).unwrap());
            whole.fold(outcome);
        }
        let mut notes = whole.notes();
        for line in &later {
            notes.changed_later("groups", *line, "p");
        }
        notes.remove("gone");
        let outcome = notes.take();
        kept.push(serde_json::to_string(&outcome).unwrap());
        whole.fold(outcome);

        let mut again = Tally::new(preview);
        for text in kept.iter().take(crash) {
            again.fold(serde_json::from_str(text).unwrap());
        }
        // The chunks after the crash see the same room as before it.
        let mut line = 2;
        for (index, chunk) in chunks.iter().enumerate() {
            if index >= crash {
                let mut notes = again.notes();
                for (offset, what) in (0_u64..).zip(chunk) {
                    happen(&mut notes, line + offset, *what);
                }
                again.fold(notes.take());
            }
            line += chunk.len() as u64;
        }
        if crash <= chunks.len() {
            again.fold(serde_json::from_str(kept.last().unwrap()).unwrap());
        }
        prop_assert_eq!(again.finish(), whole.finish());
    }
}
