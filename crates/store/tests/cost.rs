//! What queries cost: an indexed read does the same work in a directory of 200 people and in one of 4,000, and
//! what is not wanted is not read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use scim::ResourceType;
use serde_json::{Value, json};
use store::directory::Profile;
use support::Server;

const SMALL: usize = 200;
const LARGE: usize = 4_000;

fn filled(users: usize) -> (Server, Vec<String>) {
    let mut server = Server::new();
    let mut ids = Vec::new();
    for index in 0..users {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("user{index}@example.com"),
            "displayName": format!("User {index}"),
            "externalId": format!("x{index}"),
            "active": true,
            "emails": [{"type": "work", "value": format!("user{index}@work.example.com")}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": format!("e{index}")}
        });
        ids.push(server.post(201, "/Users", &body)["id"].as_str().unwrap().to_owned());
    }
    let members: Value = ids.iter().map(|id| json!({"value": id})).collect();
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "All", "members": members
    });
    let id = server.post(201, "/Groups", &group)["id"].as_str().unwrap().to_owned();
    ids.push(id);
    (server, ids)
}

/// Steps of SQLite's machine and statements that a piece of work takes.
fn cost(server: &mut Server, work: &mut dyn FnMut(&mut Server)) -> (u64, u64) {
    work(server);
    let before = (server.sql.steps(), server.sql.statements());
    work(server);
    (server.sql.steps() - before.0, server.sql.statements() - before.1)
}

#[test]
fn indexed_reads_cost_the_same_in_any_directory() {
    let (mut small, small_ids) = filled(SMALL);
    let (mut large, large_ids) = filled(LARGE);
    let mut check = |name: &str, statements: u64, target: &dyn Fn(&[String]) -> String| {
        let (small_target, large_target) = (target(&small_ids), target(&large_ids));
        let (few, _) = cost(&mut small, &mut |server| {
            server.get(200, &small_target);
        });
        let (many, found) = cost(&mut large, &mut |server| {
            server.get(200, &large_target);
        });
        assert!(many <= few + few / 5 + 20, "{name}: {few} steps with {SMALL} people, {many} with {LARGE}");
        assert_eq!(found, statements, "{name}: statements");
    };
    check("by id", 2, &|ids| format!("/Users/{}", ids[77]));
    check("userName eq", 2, &|_| "/Users?filter=userName+eq+%22USER77@example.com%22".into());
    check("userName sw", 3, &|_| "/Users?filter=userName+sw+%22user77@%22&count=1".into());
    check("externalId eq", 2, &|_| "/Users?filter=externalId+eq+%22x77%22".into());
    check("displayName eq", 2, &|_| "/Users?filter=displayName+eq+%22user+77%22".into());
    check("employeeNumber eq", 2, &|_| "/Users?filter=employeeNumber+eq+%22E77%22".into());
    check("emails.value eq", 2, &|_| "/Users?filter=emails.value+eq+%22user77@work.example.com%22".into());
    check("emails[type].value eq", 2, &|_| {
        "/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22user77@work.example.com%22".into()
    });
    check("id and manager", 1, &|ids| {
        format!("/Users?filter=id+eq+%22{}%22+and+manager+eq+%22m%22", ids[77])
    });
    check("or", 2, &|_| "/Users?filter=userName+eq+%22user7@example.com%22+or+externalId+eq+%22x9%22".into());
    check("no hit", 1, &|_| "/Users?filter=userName+eq+%22nobody%22".into());
    check("no hit, not all of it indexed", 1, &|_| {
        "/Users?filter=userName+eq+%22nobody%22+and+title+pr".into()
    });
    check("a page", 3, &|_| "/Users?count=10".into());
    check("a page at the end of a cursor", 3, &|_| "/Users?count=10&cursor=".into());
    check("sorted by userName", 3, &|_| "/Users?sortBy=userName&count=10".into());
    check("sorted by userName, descending", 3, &|_| {
        "/Users?sortBy=userName&sortOrder=descending&count=10".into()
    });
    check("sorted by displayName", 3, &|_| "/Users?sortBy=displayName&count=10".into());
    check("sorted by displayName, descending", 3, &|_| {
        "/Users?sortBy=displayName&sortOrder=descending&count=10".into()
    });
    check("groups by member", 1, &|ids| {
        format!("/Groups?filter=members.value+eq+%22{}%22&excludedAttributes=members", ids[77])
    });
    check("a group without members", 1, &|ids| {
        format!("/Groups/{}?excludedAttributes=members", ids.last().unwrap())
    });
    check("groups without members", 2, &|_| "/Groups?excludedAttributes=members&count=1".into());
    check("nothing but the count", 1, &|_| "/Users?count=0".into());
    check("without groups", 1, &|ids| format!("/Users/{}?excludedAttributes=groups", ids[77]));
}

#[test]
fn writes_cost_by_what_they_change() {
    let (mut small, small_ids) = filled(SMALL);
    let (mut large, large_ids) = filled(LARGE);
    let mut check = |name: &str, work: &dyn Fn(&mut Server, &[String])| {
        let (few, _) = cost(&mut small, &mut |server| work(server, &small_ids));
        let (many, _) = cost(&mut large, &mut |server| work(server, &large_ids));
        assert!(many <= few + few / 5 + 20, "{name}: {few} steps with {SMALL} people, {many} with {LARGE}");
    };
    let toggle = |path: &'static str, one: Value, other: Value| {
        move |server: &mut Server, ids: &[String]| {
            for value in [&one, &other] {
                let target = format!("/Users/{}", ids[77]);
                server.patch(200, &target, json!([{"op": "replace", "path": path, "value": value}]));
            }
        }
    };
    check("PATCH active", &toggle("active", json!(false), json!(true)));
    check("PATCH userName", &toggle("userName", json!("x"), json!("y")));
    check("PATCH emails", &toggle("emails[type eq \"work\"].value", json!("x"), json!("y")));
    check("a member goes and comes back", &|server, ids| {
        let target = format!("/Groups/{}", ids.last().unwrap());
        let one = json!([{"value": ids[77]}]);
        server.patch(200, &target, json!([{"op": "remove", "path": "members", "value": one}]));
        server.patch(200, &target, json!([{"op": "add", "path": "members", "value": one}]));
    });
    check("a user comes and goes", &|server, _| {
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new"});
        let created = server.post(201, "/Users", &body);
        server.delete(204, &format!("/Users/{}", created["id"].as_str().unwrap()));
    });
}

#[test]
fn the_recycle_bin_costs_by_the_groups_of_who_goes_there() {
    let there_and_back = |users: usize| {
        let (mut server, ids) = filled(users);
        server.profile = store::directory::Profile::Workforce;
        cost(&mut server, &mut |server| {
            server.delete(204, &format!("/Users/{}", ids[77]));
            server.store().restore(scim::ResourceType::User, &ids[77], server.now_ms()).unwrap();
        })
    };
    let (few, _) = there_and_back(SMALL);
    let (many, _) = there_and_back(LARGE);
    assert!(many <= few + few / 5 + 20, "{few} steps with {SMALL} people, {many} with {LARGE}");
}

#[test]
fn the_engine_and_the_portal_read_by_index() {
    let (mut small, _) = filled(SMALL);
    let (mut large, _) = filled(LARGE);
    let mut check = |name: &str, work: &dyn Fn(&Server)| {
        let (few, _) = cost(&mut small, &mut |server| work(server));
        let (many, _) = cost(&mut large, &mut |server| work(server));
        assert!(many <= few + few / 5 + 20, "{name}: {few} steps with {SMALL} people, {many} with {LARGE}");
    };
    for include_deleted in [false, true] {
        check("a page of users", &|server| {
            assert_eq!(server.store().users_page(50, 20, include_deleted).unwrap().len(), 20);
        });
    }
    check("users by name", &|server| {
        assert_eq!(
            server.store().users_by_user_names(&["user7@example.com", "USER9@example.com"]).unwrap().len(),
            2
        );
    });
    check("counts", &|server| assert_eq!(server.store().counts().unwrap().groups, 1));
    check("prefixes", &|server| assert_eq!(server.store().search_people("user1", 5).unwrap().len(), 5));
    check("changes", &|server| assert_eq!(server.store().changes_since(10, 20).unwrap().len(), 20));
    check("latest change", &|server| assert!(server.store().latest_sequence().unwrap() > 0));
    check("pruning nothing", &|server| assert_eq!(server.store().prune_changes(0, 50).unwrap(), 0));
    check("purging nothing", &|server| assert_eq!(server.store().purge_deleted(1, 50, 1).unwrap(), 0));
}

#[test]
fn a_group_that_goes_for_good_tells_its_members_in_portions() {
    let statements = |people: usize| {
        let (mut server, ids) = filled(people);
        server.profile = Profile::Workforce;
        let group = ids.last().unwrap();
        server.delete(204, &format!("/Groups/{group}"));
        let (before, latest) = (server.sql.statements(), server.store().latest_sequence().unwrap());
        server.store().purge(ResourceType::Group, group, server.now_ms()).unwrap();
        let statements = server.sql.statements() - before;
        let told = server.store().changes_since(latest, people + 10).unwrap();
        assert_eq!(told.len(), people + 1, "each member, and the group");
        statements
    };
    assert_eq!(statements(SMALL), statements(LARGE));
}
