//! Removals that are many wait for a person, and nothing stays allowed that nobody waits for.

use super::*;
use crate::assignments::{Mirrored, Outcome};

#[test]
fn many_removals_are_held_until_a_person_lets_them() {
    let mut driver = Driver::new(State::default());
    let many = Absent { users: 60, all_users: 100, groups: 0, all_groups: 3 };
    assert_eq!(read_all(&mut driver, 1), Effect::Weigh { users: 1, groups: 1 });
    assert_eq!(driver.feed(Event::Weighed(many)), Effect::Settle { after: 0 });
    assert_eq!(driver.feed(Event::Applied(Applied::default())), Effect::Finish);
    assert_eq!(driver.kept.held, Some(many));
    let error = driver.kept.error.clone().unwrap();
    assert_eq!(error.code, "TooManyRemovals");
    assert!(error.message.contains("60 of 100 people"), "{}", error.message);

    // The next round follows the changes, and asks again; the same is said once.
    assert_eq!(read_all(&mut driver, 2), Effect::Weigh { users: 1, groups: 1 });
    assert_eq!(driver.feed(Event::Weighed(many)), Effect::Settle { after: 0 });
    assert_eq!(driver.feed(Event::Applied(Applied::default())), Effect::Finish);
    let held = driver.notes.iter().filter(|note| note.code == "TooManyRemovals").count();
    assert_eq!(held, 1);

    // A person lets them.
    driver.kept.allow_removals();
    assert_eq!(read_all(&mut driver, 3), Effect::Sweep { sweep: Sweep::Objects(Kind::User), pass: 1 });
    for _ in 0..4 {
        driver.feed(Event::Applied(Applied::default()));
    }
    assert_eq!(driver.feed(Event::Applied(Applied::default())), Effect::Finish);
    let State { held, removals_allowed, error, users, groups, .. } = driver.kept.clone();
    assert_eq!((held, removals_allowed, error, users.sweep, groups.sweep), (None, false, None, false, false));
}

#[test]
fn who_comes_back_ends_what_is_held() {
    let mut driver = Driver::new(State::default());
    read_all(&mut driver, 1);
    driver.feed(Event::Weighed(Absent { groups: 51, all_groups: 51, ..Absent::default() }));
    driver.feed(Event::Applied(Applied::default()));
    assert!(driver.kept.held.is_some());
    read_all(&mut driver, 2);
    let few = Absent { groups: 1, all_groups: 51, ..Absent::default() };
    assert!(matches!(driver.feed(Event::Weighed(few)), Effect::Sweep { .. }));
}

#[test]
fn removals_are_not_allowed_for_longer_than_somebody_waits_for_it() {
    let mut driver = Driver::new(State::default());
    let mirrored = Mirrored { source: "source".to_owned(), application: "app".to_owned(), roles: Vec::new() };
    driver.settings.assignments = vec![mirrored];
    // A round without removals of people, to where assignments are read.
    let assignments = |driver: &mut Driver, token| {
        let mut effect = read_all(driver, token);
        loop {
            effect = match effect {
                Effect::Weigh { .. } => driver.feed(Event::Weighed(Absent::default())),
                Effect::Sweep { .. } | Effect::Settle { .. } => {
                    driver.feed(Event::Applied(Applied::default()))
                }
                Effect::Get { url, .. } => {
                    break assert!(url.contains("/servicePrincipals/source?"), "{url}");
                }
                other => panic!("{other:?}"),
            };
        }
    };
    assignments(&mut driver, 1);
    driver.feed(answer(200, &json!({"appRoles": []})));
    assert!(matches!(driver.feed(answer(200, &json!({"value": []}))), Effect::Assign(_)));
    let held = Outcome { held: 60, ..Outcome::default() };
    assert_eq!(driver.feed(Event::Assigned(Some(held))), Effect::Finish);
    assert_eq!(driver.kept.error.as_ref().map(|error| error.code.as_str()), Some("TooManyUnassignments"));

    // The application is deleted at the source, and a person lets its removals through.
    for round in 2..4 {
        assignments(&mut driver, round);
        assert_eq!(driver.feed(refusal(404, "Request_ResourceNotFound")), Effect::Finish);
        assert_eq!(driver.kept.assignments[0].outcome.held, 60, "they still wait");
    }
    driver.kept.allow_removals();
    assignments(&mut driver, 4);
    driver.feed(refusal(404, "Request_ResourceNotFound"));
    assert!(!driver.kept.removals_allowed);

    // A pass that begins in the round for which it was said is meant, and a failure that passes ends nothing.
    driver.kept.allow_removals();
    assert!(matches!(driver.crash(), Effect::Token(_)));
    driver.feed(login(3599));
    assert!(matches!(driver.feed(refusal(410, "")), Effect::Get { .. }));
    driver.feed(refusal(503, ""));
    assert!(driver.kept.removals_allowed);
    // What somebody has to see to may last for weeks.
    driver.now += INTERVAL;
    driver.crash();
    driver.feed(login(3599));
    driver.feed(refusal(403, "Authorization_RequestDenied"));
    assert!(!driver.kept.removals_allowed);
}

#[test]
fn assignments_are_read_though_groups_cannot_be() {
    let mut driver = Driver::new(State::default());
    let mirrored = Mirrored { source: "source".to_owned(), application: "app".to_owned(), roles: Vec::new() };
    driver.settings.assignments = vec![mirrored];
    driver.crash();
    driver.feed(login(3599));
    driver.feed(page(json!([]), &at("users/delta?$deltatoken=1")));
    driver.feed(refusal(403, "Authorization_RequestDenied"));
    driver.now += TOKEN_LIFE_MS / 7;
    driver.crash();
    driver.feed(login(3599));
    let mut effect = driver.feed(page(json!([]), &at("users/delta?$deltatoken=2")));
    while let Effect::Weigh { .. } | Effect::Sweep { .. } | Effect::Settle { .. } = effect {
        effect = match effect {
            Effect::Weigh { .. } => driver.feed(Event::Weighed(Absent::default())),
            _ => driver.feed(Event::Applied(Applied::default())),
        };
    }
    assert!(url(effect).contains("/servicePrincipals/source?"));
    driver.feed(answer(200, &json!({"appRoles": []})));
    assert!(matches!(driver.feed(answer(200, &json!({"value": []}))), Effect::Assign(_)));
    let groups = driver.feed(Event::Assigned(Some(Outcome::default())));
    assert!(url(groups).starts_with(&at("groups/delta")));
}
