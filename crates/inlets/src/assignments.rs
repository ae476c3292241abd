//! Assignments of people and groups to an application, as a source has them and as an inlet makes them here.
//!
//! An inlet makes and removes its own assignments only. One that somebody made by hand is neither touched nor made
//! a second time. A role is found here by its value, else by its name.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::guard::asks_first;

/// The role that everybody has who is assigned without one.
pub const DEFAULT_ACCESS: &str = "00000000-0000-0000-0000-000000000000";
/// Roles without a counterpart that are named.
pub const MAX_UNKNOWN_ROLES: usize = 10;

/// An application's assignments that are mirrored onto one of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mirrored {
    /// The service principal at the source.
    pub source: String,
    /// Ours.
    pub application: String,
    /// The roles of ours.
    #[serde(default)]
    pub roles: Vec<Role>,
}

/// A role of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Its id.
    pub id: String,
    /// The value that the application understands.
    pub value: Option<String>,
    /// Its name.
    pub display_name: String,
}

/// Who has which role at the source, by the ids there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// A person or group.
    pub principal: String,
    /// The role.
    pub role: String,
}

/// Everything that the source says about one application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Our application.
    pub application: String,
    /// Its roles.
    pub here: Vec<Role>,
    /// The roles at the source.
    pub roles: Vec<Role>,
    /// The assignments at the source: all of them.
    pub assigned: Vec<Assigned>,
    /// Whether a person let many removals through.
    pub removals_allowed: bool,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Outcome {
    /// Assignments at the source whose person or group is here.
    pub assigned: u64,
    /// Those whose person or group is not here (yet).
    pub waiting: u64,
    /// New here.
    pub added: u64,
    /// Gone from here.
    pub removed: u64,
    /// So many would go that they wait for a person.
    pub held: u64,
    /// Names of roles that have no counterpart here: who has them gets default access.
    pub unknown_roles: Vec<String>,
}

/// An assignment here that the inlet made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    /// Its id.
    pub id: String,
    /// Who, by the id here.
    pub principal: String,
    /// The role here.
    pub role: String,
}

/// A person or group of the source that is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// Its id at the source.
    pub source_id: String,
    /// Its id here.
    pub id: String,
    /// Whether it is a group.
    pub is_group: bool,
    /// Whether it is in use: who is in the recycle bin keeps assignments, and gets no new ones.
    pub is_live: bool,
    /// Its name here, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An assignment that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Add {
    /// Who, by the id at the source.
    pub source_id: String,
    /// The role here.
    pub role: String,
}

/// What is to be done, and what will have become of it if nothing comes in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// To be made.
    pub add: Vec<Add>,
    /// Ids of assignments that are to be removed.
    pub remove: Vec<String>,
    /// What will have become of it.
    pub outcome: Outcome,
}

/// Makes a plan from what the source says, whom the inlet has mirrored, and the assignments that it made so far.
pub fn plan(wanted: &Wanted, known: Vec<Known>, made: &[Made]) -> Plan {
    let known: HashMap<String, Known> =
        known.into_iter().map(|known| (known.source_id.clone(), known)).collect();
    let mut outcome = Outcome::default();
    let (mut pairs, mut sources) = (Vec::new(), Vec::new());
    for assigned in &wanted.assigned {
        let role = role_here(&assigned.role, &wanted.roles, &wanted.here);
        if role.is_none() {
            let named = wanted.roles.iter().find(|role| role.id == assigned.role);
            let name = named.map_or(&assigned.role, |role| &role.display_name);
            if !outcome.unknown_roles.contains(name) && outcome.unknown_roles.len() < MAX_UNKNOWN_ROLES {
                outcome.unknown_roles.push(name.clone());
            }
        }
        match known.get(&assigned.principal) {
            None => outcome.waiting += 1,
            Some(known) => {
                outcome.assigned += u64::from(known.is_live);
                outcome.waiting += u64::from(!known.is_live);
                pairs.push((known.id.clone(), role.unwrap_or(DEFAULT_ACCESS).to_owned()));
                sources.push(known);
            }
        }
    }
    let Difference { add, remove, held } = difference(&pairs, made, wanted.removals_allowed);
    let add = add.into_iter().filter_map(|place| {
        let (known, (_, role)) = (sources.get(place)?, pairs.get(place)?);
        known.is_live.then(|| Add { source_id: known.source_id.clone(), role: role.clone() })
    });
    let add: Vec<Add> = add.collect();
    (outcome.added, outcome.removed, outcome.held) = (add.len() as u64, remove.len() as u64, held);
    outcome.unknown_roles.sort_unstable();
    Plan { add, remove, outcome }
}

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Difference {
    /// Places in the list of what is wanted.
    add: Vec<usize>,
    /// Ids of assignments.
    remove: Vec<String>,
    /// Assignments whose removal looks like a mistake; they are not among those to remove.
    held: u64,
}

/// The role here for one at the source; `None` when there is no counterpart.
fn role_here<'a>(id: &str, there: &[Role], here: &'a [Role]) -> Option<&'a str> {
    if id == DEFAULT_ACCESS {
        return here.iter().find(|role| role.id == DEFAULT_ACCESS).map(|role| role.id.as_str());
    }
    let role = there.iter().find(|role| role.id == id)?;
    let value = role.value.as_deref().filter(|value| !value.is_empty());
    let by_value = here.iter().find(|ours| value.is_some() && ours.value.as_deref() == value);
    let by_name = || here.iter().find(|ours| ours.display_name.eq_ignore_ascii_case(&role.display_name));
    by_value.or_else(by_name).map(|role| role.id.as_str())
}

/// What is to be done so that the inlet's assignments are what is wanted: pairs of a person or group and a role,
/// both by the ids here. Many who would lose their last one are held, unless a person let them.
fn difference(wanted: &[(String, String)], made: &[Made], removals_allowed: bool) -> Difference {
    let pair = |principal: &'_ str, role: &'_ str| (principal.to_owned(), role.to_owned());
    let have: HashSet<(String, String)> = made.iter().map(|made| pair(&made.principal, &made.role)).collect();
    let mut seen: HashSet<&(String, String)> = HashSet::new();
    let mut add = Vec::new();
    for (place, each) in wanted.iter().enumerate() {
        if seen.insert(each) && !have.contains(each) {
            add.push(place);
        }
    }
    let stay: HashSet<&str> = wanted.iter().map(|(principal, _)| principal.as_str()).collect();
    let (mut remove, mut leave) = (Vec::new(), Vec::new());
    for made in made {
        if seen.contains(&pair(&made.principal, &made.role)) {
            continue;
        }
        // Another role in the place of one is no removal that takes anybody's access.
        let list = if stay.contains(made.principal.as_str()) { &mut remove } else { &mut leave };
        list.push(made.id.clone());
    }
    let count = leave.len() as u64;
    let held = if !removals_allowed && asks_first(count, made.len() as u64) { count } else { 0 };
    if held == 0 {
        remove.append(&mut leave);
    }
    Difference { add, remove, held }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::REMOVED_UNASKED;

    fn role(id: &str, value: Option<&str>, name: &str) -> Role {
        Role { id: id.into(), value: value.map(str::to_owned), display_name: name.into() }
    }

    #[test]
    fn roles_are_found_by_value_and_by_name() {
        let here = [
            role(DEFAULT_ACCESS, None, "Default Access"),
            role("h1", Some("User"), "User"),
            role("h2", Some("Admin"), "Administrator"),
        ];
        let there = [
            role("t1", Some("Admin"), "User"),
            role("t2", None, "user"),
            role("t3", Some(""), "Administrator"),
            role("t4", Some("Owner"), "Owner"),
        ];
        let check = |id: &str, expected: Option<&str>| {
            assert_eq!(role_here(id, &there, &here), expected, "{id}");
        };
        check("t1", Some("h2"));
        check("t2", Some("h1"));
        check("t3", Some("h2"));
        check("t4", None);
        check("unknown", None);
        check(DEFAULT_ACCESS, Some(DEFAULT_ACCESS));
    }

    fn made(id: u64, principal: &str, role: &str) -> Made {
        Made { id: id.to_string(), principal: principal.into(), role: role.into() }
    }

    fn wanted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(principal, role)| ((*principal).to_owned(), (*role).to_owned())).collect()
    }

    #[test]
    fn only_differences_are_done() {
        let have = [made(1, "a", "r"), made(2, "b", "r"), made(3, "c", "r")];
        let equal = wanted(&[("a", "r"), ("b", "r"), ("c", "r"), ("a", "r")]);
        assert_eq!(difference(&equal, &have, false), Difference::default());
        let other = wanted(&[("a", "r"), ("b", "s"), ("d", "r"), ("d", "r")]);
        let expected = Difference { add: vec![1, 2], remove: vec!["2".into(), "3".into()], held: 0 };
        assert_eq!(difference(&other, &have, false), expected);
    }

    #[test]
    fn whoever_is_not_here_waits_and_whoever_is_in_the_bin_keeps_what_is_there() {
        let assigned =
            |principal: &str, role: &str| Assigned { principal: principal.into(), role: role.into() };
        let known = |source_id: &str, is_live| Known {
            source_id: source_id.into(),
            id: format!("here-{source_id}"),
            is_group: false,
            is_live,
            name: None,
        };
        let wanted = Wanted {
            application: "app".into(),
            here: vec![role(DEFAULT_ACCESS, None, "Default Access"), role("h1", Some("User"), "User")],
            roles: vec![role("t1", Some("User"), "User"), role("t2", None, "Owner")],
            assigned: vec![
                assigned("a", "t1"),
                assigned("b", "t2"),
                assigned("c", "t1"),
                assigned("bin", "t1"),
                assigned("old", "t1"),
            ],
            removals_allowed: false,
        };
        let made = [made(1, "here-old", "h1"), made(2, "here-gone", "h1")];
        let all = vec![known("a", true), known("b", true), known("bin", false), known("old", false)];
        let plan = plan(&wanted, all, &made);
        let add = |source_id: &str, role: &str| Add { source_id: source_id.into(), role: role.into() };
        assert_eq!(plan.add, [add("a", "h1"), add("b", DEFAULT_ACCESS)]);
        assert_eq!(plan.remove, ["2"]);
        let Outcome { assigned, waiting, added, removed, held, unknown_roles } = plan.outcome;
        assert_eq!((assigned, waiting, added, removed, held), (2, 3, 2, 1, 0));
        assert_eq!(unknown_roles, ["Owner"]);
    }

    #[test]
    fn many_removals_are_held_and_other_roles_are_not() {
        let have: Vec<Made> = (0..=REMOVED_UNASKED).map(|id| made(id, &id.to_string(), "r")).collect();
        let none = difference(&[], &have, false);
        assert_eq!((none.remove.len(), none.held), (0, REMOVED_UNASKED + 1));
        assert_eq!(difference(&[], &have, true).remove.len(), have.len());
        let others: Vec<_> = have.iter().map(|made| (made.principal.clone(), "s".to_owned())).collect();
        let changed = difference(&others, &have, false);
        assert_eq!((changed.add.len(), changed.remove.len(), changed.held), (have.len(), have.len(), 0));
    }
}
