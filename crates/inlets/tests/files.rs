//! Whole imports into a directory in memory: the files of `tests/data`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail by panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use inlets::attributes;
use inlets::csv::{
    Cell, FileError, Group, Import, Outcome, Report, Tally, apply_manager, apply_row, is_managed_group,
    new_group, plan_memberships,
};
use serde_json::{Value, json};

fn data(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "data", path].iter().collect()
}

/// A directory: resources by folded name, groups with the folded names of their members.
#[derive(Clone, Default, PartialEq, Debug)]
struct Memory {
    people: BTreeMap<String, Value>,
    groups: BTreeMap<String, (Value, Vec<String>)>,
    next_id: u32,
}

impl Memory {
    fn manager_of(&self, user_name: &str) -> Option<&str> {
        let person = self.people.get(&user_name.to_lowercase())?;
        let id = attributes::get(person, "manager")?;
        self.people.values().find(|other| other.get("id") == Some(id))?["userName"].as_str()
    }

    /// The import as the edge does it, in pieces of this size.
    fn import(&mut self, file: &[u8], piece: usize, remove_missing: bool) -> Result<Report, FileError> {
        let mut tally = Tally::default();
        let mut notes = tally.notes();
        let mut import = Import::new();
        for bytes in file.chunks(piece).map(Some).chain([None]) {
            let rows = match bytes {
                Some(bytes) => import.push(bytes)?,
                None => import.finish()?,
            };
            for row in rows {
                let row = match row {
                    Ok(row) => row,
                    Err(error) => {
                        notes.fail(&error);
                        continue;
                    }
                };
                let key = row.user_name.to_lowercase();
                let outcome = apply_row(self.people.get(&key), &row).unwrap();
                notes.row(&row, &outcome);
                self.store(&key, outcome);
            }
        }
        for problem in &import.header().unwrap().problems {
            notes.error(problem);
        }
        let mut roster = import.into_roster();
        let errors = loop {
            let unasked = match roster.settle_managers() {
                Ok(errors) => break errors,
                Err(unasked) => unasked,
            };
            let names: Vec<String> = roster.unasked_from(&unasked, 0).map(str::to_owned).collect();
            for name in names {
                let exists = self.people.contains_key(&name.to_lowercase());
                roster.tell(&name, exists, self.manager_of(&name));
            }
        };
        for error in &errors {
            notes.keep_manager(error);
        }
        for name in roster.groups() {
            self.groups.entry(name.to_lowercase()).or_insert_with(|| (new_group(name), Vec::new()));
        }
        for person in roster.people() {
            let key = person.user_name.to_lowercase();
            let manager = match person.manager {
                Cell::Absent => None,
                Cell::Empty => Some(None),
                Cell::Value(name) => {
                    Some(self.people[&name.to_lowercase()]["id"].as_str().map(str::to_owned))
                }
            };
            if let Some(manager) = manager {
                let outcome = apply_manager(&self.people[&key], manager.as_deref()).unwrap();
                self.store(&key, outcome);
            }
            match person.groups {
                Cell::Absent => {}
                Cell::Empty => self.set_memberships(&key, &[]),
                Cell::Value(groups) => self.set_memberships(&key, &groups),
            }
        }
        if remove_missing {
            match roster.is_complete() {
                Ok(()) => {
                    let before = self.people.len();
                    self.people.retain(|user_name, _| roster.names(user_name));
                    (self.people.len()..before).for_each(|_| notes.remove(""));
                }
                Err(error) => notes.error(&error),
            }
        }
        tally.fold(notes.take());
        Ok(tally.finish().0)
    }

    fn store(&mut self, key: &str, outcome: Outcome) {
        let resource = match outcome {
            Outcome::Created(mut resource) => {
                self.next_id += 1;
                resource["id"] = json!(self.next_id.to_string());
                resource
            }
            Outcome::Updated { resource, .. } => resource,
            Outcome::Unchanged => return,
        };
        self.people.insert(key.to_owned(), resource);
    }

    fn set_memberships(&mut self, key: &str, wanted: &[&str]) {
        let current: Vec<_> = self
            .groups
            .iter()
            .filter(|(_, (_, members))| members.iter().any(|member| member == key))
            .map(|(id, (group, _))| Group {
                id: id.clone(),
                display_name: group["displayName"].as_str().unwrap().to_owned(),
                managed: is_managed_group(group),
            })
            .collect();
        let plan = plan_memberships(&current, wanted);
        for name in plan.add {
            self.groups.get_mut(&name.to_lowercase()).unwrap().1.push(key.to_owned());
        }
        for id in plan.remove {
            self.groups.get_mut(&id).unwrap().1.retain(|member| member != key);
        }
    }

    fn members(&self, group: &str) -> usize {
        self.groups[&group.to_lowercase()].1.len()
    }
}

/// The report on each bad file is the one beside it, whatever the pieces; with `UPDATE_GOLDEN=1`
/// it is written anew. A file that cannot be imported changes nothing.
#[test]
fn reports_on_bad_files() {
    let mut files: Vec<_> = fs::read_dir(data("bad")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    assert!(files.len() >= 17);
    for path in files {
        let file = fs::read(&path).unwrap();
        let mut memory = Memory::default();
        let result = memory.import(&file, 1 << 16, false);
        for piece in [1, 7] {
            let mut again = Memory::default();
            assert_eq!(
                (again.import(&file, piece, false), &again),
                (result.clone(), &memory),
                "{}",
                path.display()
            );
        }
        let found = match result {
            Ok(report) => serde_json::to_value(report).unwrap(),
            Err(error) => {
                assert_eq!(memory, Memory::default());
                json!({"code": error.code(), "message": error.to_string()})
            }
        };
        let found = serde_json::to_string_pretty(&found).unwrap() + "\n";
        let golden = path.with_extension("json");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &found).unwrap();
        }
        assert_eq!(fs::read_to_string(&golden).unwrap_or_default(), found, "{}", golden.display());
    }
}

/// What spreadsheets on Windows save as "CSV".
#[test]
fn windows_1252_is_read_as_such() {
    let file = fs::read(data("latin1.csv")).unwrap();
    for piece in [1, 7, 1 << 16] {
        let mut memory = Memory::default();
        let report = memory.import(&file, piece, false).unwrap();
        assert_eq!((counts(&report), report.errors), ([2, 0, 0, 0, 0], vec![]));
        let person = &memory.people["juergen@contoso.com"];
        assert_eq!(person["displayName"], "Jürgen Weiß");
        assert_eq!(attributes::get(person, "streetAddress").unwrap(), "Königstraße 4 – Hof");
    }
    let (import, _) = Import::read(&file).unwrap();
    assert_eq!(import.encoding().name(), "windows-1252");
}

fn counts(report: &Report) -> [u64; 5] {
    [report.created, report.updated, report.unchanged, report.failed, report.removed]
}

#[test]
fn contoso_twice_and_then_changed() {
    let file = fs::read_to_string(data("contoso.csv")).unwrap();
    let mut memory = Memory::default();
    let report = memory.import(file.as_bytes(), 4_096, false).unwrap();
    assert_eq!((counts(&report), report.errors), ([1_000, 0, 0, 0, 0], vec![]));
    assert_eq!(memory.members("All Employees"), 1_000);
    let chiefs = memory.people.values().filter(|person| attributes::get(person, "manager").is_none());
    assert_eq!(chiefs.count(), 1);

    let before = memory.clone();
    let report = memory.import(file.as_bytes(), 1 << 16, true).unwrap();
    assert_eq!((counts(&report), &memory), ([0, 0, 1_000, 0, 0], &before));

    // One person less, one title changed, one broken row: who has a row is not removed.
    let mut lines: Vec<_> = file.lines().map(str::to_owned).collect();
    let gone = lines.remove(500);
    lines[1] = lines[1].replace("Chief Executive Officer", "President");
    lines[2] += ",";
    let edited = lines.join("\r\n");
    let report = memory.import(edited.as_bytes(), 1 << 16, true).unwrap();
    assert_eq!(counts(&report), [0, 1, 997, 1, 1]);
    assert_eq!((report.errors[0].line, report.errors[0].column), (3, 26));
    assert!(!memory.people.contains_key(gone.split(',').next().unwrap()));
    assert_eq!(memory.people.len(), 999);
}

#[test]
fn groups_follow_the_file_and_other_groups_are_left_alone() {
    let mut memory = Memory::default();
    let import = |memory: &mut Memory, rows: &str| {
        let file = format!("userPrincipalName,groups\n{rows}");
        assert_eq!(memory.import(file.as_bytes(), 64, false).unwrap().errors, []);
    };
    let hand_made = json!({"displayName": "Fire Wardens"});
    memory.groups.insert("fire wardens".to_owned(), (hand_made, vec!["ada".to_owned()]));

    import(&mut memory, "ada,Sales;Paris\nbob,sales\ncid,Fire wardens\n");
    assert_eq!(["Sales", "Paris", "Fire Wardens"].map(|group| memory.members(group)), [2, 1, 2]);
    import(&mut memory, "ada,Paris\nbob,\ncid,\n");
    assert_eq!(["Sales", "Paris", "Fire Wardens"].map(|group| memory.members(group)), [0, 1, 2]);
    // Who is not in the file keeps what they have.
    import(&mut memory, "bob,Sales\n");
    assert_eq!(["Sales", "Paris", "Fire Wardens"].map(|group| memory.members(group)), [1, 1, 2]);
}
