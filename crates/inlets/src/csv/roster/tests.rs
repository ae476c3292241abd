use std::collections::BTreeMap;

use super::super::Import;
use super::*;

/// People who are in the directory, with the managers they have there.
#[derive(Default)]
struct Stored(BTreeMap<String, Option<String>>);

impl Stored {
    fn of(people: &[(&str, &str)]) -> Self {
        let manager = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        Self(people.iter().map(|(name, of)| (name.to_lowercase(), manager(of))).collect())
    }
}

/// Settles, and answers what the roster asks about: the errors, and how often it asked.
fn settle(roster: &mut Roster, stored: &Stored) -> (Vec<RowError>, usize) {
    let mut asked = 0;
    loop {
        let before = roster.clone_of_managers();
        match roster.settle_managers() {
            Ok(errors) => return (errors, asked),
            Err(unasked) => {
                assert_eq!(roster.clone_of_managers(), before, "something is refused before all is known");
                let names: Vec<String> = roster.unasked_from(&unasked, 0).map(str::to_owned).collect();
                assert!(!names.is_empty());
                for name in names {
                    let found = stored.0.get(&name.to_lowercase());
                    roster.tell(&name, found.is_some(), found.and_then(Option::as_deref));
                }
                asked += 1;
            }
        }
    }
}

impl Roster {
    fn clone_of_managers(&self) -> Vec<NameId> {
        self.people.iter().map(|id| self.known[*id as usize].manager).collect()
    }
}

fn roster(text: &str) -> Roster {
    Import::read(text.as_bytes()).unwrap().0.into_roster()
}

/// `rows` are `person,manager`; expected are errors by line, then the managers that remain.
#[track_caller]
fn check(rows: &[&str], stored: &[(&str, &str)], errors: &[&str], managers: &[&str]) {
    let mut roster = file(rows);
    let (found, _) = settle(&mut roster, &Stored::of(stored));
    let lines: Vec<u64> = found.iter().map(|error| error.line).collect();
    let found: Vec<_> = found
        .iter()
        .map(|error| {
            assert_eq!(error.column, 2);
            match &error.problem {
                Problem::ManagerLoop(chain) => format!("{} loop {}", error.line, chain.join(">")),
                Problem::UnknownManager(name) => format!("{} unknown {name}", error.line),
                Problem::RefusedManager { line, .. } => format!("{} see {line}", error.line),
                Problem::OwnManager => format!("{} own", error.line),
                other => panic!("{other:?}"),
            }
        })
        .collect();
    assert_eq!(found, errors);
    assert_eq!(managers_of(&roster), managers);
    // Whoever reads the file again knows from the lines alone.
    let mut again = file(rows);
    again.keep_managers(&lines);
    assert_eq!(managers_of(&again), managers);
}

fn file(rows: &[&str]) -> Roster {
    roster(&format!("userPrincipalName,manager\n{}\n", rows.join("\n")))
}

fn managers_of(roster: &Roster) -> Vec<String> {
    let people = roster.people().map(|person| match person.manager {
        Cell::Absent => format!("{} =", person.user_name),
        Cell::Empty => format!("{} -", person.user_name),
        Cell::Value(manager) => format!("{} {manager}", person.user_name),
    });
    people.collect()
}

#[test]
fn managers_from_the_file_and_the_directory() {
    check(&["a,", "b,A", "c,x"], &[("X", "")], &[], &["a -", "b a", "c x"]);
}

#[test]
fn managers_that_cannot_be() {
    check(&["a,nobody", "b,a"], &[], &["2 unknown nobody"], &["a =", "b a"]);
    check(&["a,A", "b,a"], &[], &["2 own"], &["a =", "b a"]);
    check(&["a,b", "b,a,x"], &[], &["2 see 3"], &["a ="]);
    check(&["a,b", "b,a,x"], &[("b", "")], &[], &["a b"]);
}

#[test]
fn loops() {
    check(&["a,b", "b,a", "c,a"], &[], &["2 loop a>b>a", "3 loop b>a>b"], &["a =", "b =", "c a"]);
    check(&["c,a", "a,b", "b,a"], &[], &["3 loop a>b>a", "4 loop b>a>b"], &["c a", "a =", "b ="]);
    // Over somebody who is only in the directory.
    check(&["a,x"], &[("a", ""), ("x", "y"), ("y", "a")], &["2 loop a>x>y>a"], &["a ="]);
    // A loop that the directory already has is not the file's.
    check(&["a,x"], &[("x", "y"), ("y", "x")], &[], &["a x"]);
    // Two who change places: what the directory says about them no longer counts.
    check(&["a,", "b,a"], &[("a", "b"), ("b", "")], &[], &["a -", "b a"]);
    // The refused link of `a` leaves `b` in place, which closes the next loop.
    check(
        &["a,nobody", "b,a"],
        &[("a", "b"), ("b", "")],
        &["2 unknown nobody", "3 loop b>a>b"],
        &["a =", "b ="],
    );
}

/// A row that no file could hold, so that a limit is reached soon.
fn row(user_name: String, groups: Vec<String>) -> Row {
    Row { line: 2, user_name, attributes: Vec::new(), manager: Cell::Absent, groups: Cell::Value(groups) }
}

#[test]
fn limits() {
    let mut roster = Roster::default();
    for letter in 'a'..='z' {
        let name = letter.to_string().repeat(MAX_ROSTER_BYTES / 26);
        assert!(roster.admit(Ok(row(name, Vec::new()))).is_ok());
    }
    assert_eq!(roster.admit(Ok(row("a".repeat(40), Vec::new()))), Err(FileError::TooManyNames));

    let mut roster = Roster { memberships: vec![0; MAX_MEMBERSHIPS - 1], ..Roster::default() };
    assert!(roster.admit(Ok(row("a".to_owned(), vec!["g".to_owned()]))).is_ok());
    let one_more = row("x".to_owned(), vec!["g".to_owned()]);
    assert_eq!(roster.admit(Ok(one_more)), Err(FileError::TooManyNames));
}

#[test]
fn a_file_that_explains_itself_asks_nothing_and_a_chain_is_asked_along() {
    let mut alone = file(&["a,", "b,a", "c,b"]);
    assert_eq!(settle(&mut alone, &Stored::default()), (Vec::new(), 0));
    let mut along = file(&["a,x", "b,x", "c,y"]);
    let stored = Stored::of(&[("x", "z"), ("y", "z"), ("z", "top"), ("top", "")]);
    assert_eq!(settle(&mut along, &stored), (Vec::new(), 3), "x and y, then z, then top");
}

#[test]
fn the_description_of_a_long_loop_is_short() {
    let rows: Vec<_> = (0..1_000).map(|n| format!("p{n},p{}", (n + 1) % 1_000)).collect();
    let mut roster = roster(&format!("userPrincipalName,manager\n{}\n", rows.join("\n")));
    let (errors, asked) = settle(&mut roster, &Stored::default());
    assert_eq!((errors.len(), asked), (1_000, 1), "the refused are asked about together");
    let Problem::ManagerLoop(chain) = &errors[5].problem else { panic!("a loop") };
    assert_eq!(chain.join(">"), "p5>p6>p7>p8>p9>p10>p11>… 993 more …>p5");
}

#[test]
fn without_the_columns_nothing_is_said() {
    let mut roster = roster("userPrincipalName\na\n");
    assert_eq!(roster.settle_managers(), Ok(Vec::new()));
    let people: Vec<_> = roster.people().collect();
    assert_eq!(people, [Person { line: 2, user_name: "a", manager: Cell::Absent, groups: Cell::Absent }]);
    assert!(!roster.has_groups() && !roster.has_managers());
}

#[test]
fn groups_are_kept_once() {
    let roster = roster("userPrincipalName,groups\na,Sales; Paris;sales;\nb,\nc,paris\n");
    assert_eq!(roster.groups().collect::<Vec<_>>(), ["Sales", "Paris"]);
    let groups: Vec<_> = roster.people_from(0).map(|person| person.groups).collect();
    assert_eq!(groups, [Cell::Value(vec!["Sales", "Paris"]), Cell::Empty, Cell::Value(vec!["Paris"])]);
    assert_eq!(["PARIS", "Rome"].map(|name| roster.names_group(name)), [true, false]);
    assert_eq!(roster.people_from(2).count(), 1);
}

#[test]
fn who_is_missing() {
    let complete = roster("userPrincipalName,manager,accountEnabled\nA,,maybe\nb,boss,\n");
    let named: Vec<_> = ["a", "B", "boss", "c"].iter().map(|name| complete.names(name)).collect();
    assert_eq!(named, [true, true, false, false]);
    assert_eq!((complete.len(), complete.is_complete()), (1, Ok(())));

    let withheld = |line, column| Err(RowError { line, column, problem: Problem::RemovalWithheld });
    let key_first = "userPrincipalName,displayName\n";
    let key_last = "displayName,userPrincipalName\n";
    assert_eq!(roster(&format!("{key_first}a,b,c\n")).is_complete(), Ok(()));
    assert_eq!(roster(&format!("{key_last}b,c,a\n")).is_complete(), withheld(2, 3));
    assert_eq!(roster(&format!("{key_first},b\n")).is_complete(), withheld(2, 1));
    assert_eq!(roster(&format!("{key_first}a,b\n\"c,d\ne,f\n")).is_complete(), withheld(3, 1));
}

#[test]
fn a_person_refused_by_the_directory_is_left_out_of_the_later_passes() {
    let mut roster = roster("userPrincipalName,manager\na,\nb,a\n");
    roster.refuse(&["A".to_owned()]);
    let (errors, _) = settle(&mut roster, &Stored::default());
    let problem = Problem::RefusedManager { user_name: "a".to_owned(), line: 2 };
    assert_eq!(errors, [RowError { line: 3, column: 2, problem }]);
    assert_eq!((roster.people().count(), roster.names("a")), (1, true));
}

#[test]
fn portions_of_people_meet_everybody_once_whomever_the_directory_refused() {
    let mut roster = roster("userPrincipalName\na\nb\nc\nd\ne\nf\n");
    roster.refuse(&["b".to_owned(), "d".to_owned()]);
    let (mut place, mut met) = (0, Vec::new());
    loop {
        let names: Vec<&str> = roster.people_from(place).take(2).map(|person| person.user_name).collect();
        if names.is_empty() {
            break;
        }
        place += names.len();
        met.extend(names);
    }
    assert_eq!(met, ["a", "c", "e", "f"]);
}
