//! Lists: filters, orders, pages.

use scim::ResourceType;
use scim::filter::{Filter, matches, resolve};
use scim::service::Method;
use scim::urn;
use serde_json::{Value as Json, json};

use super::super::Profile;
use super::{Directory, Failure, id, same, text};
use crate::sql::Sql;

/// Filters of every kind: indexed, partly indexed and not indexed at all.
const FILTERS: &[&str] = &[
    "userName eq \"USER7\"",
    "userName sw \"user1\"",
    "userName co \"7\"",
    "userName ew \"7\"",
    "userName gt \"user5\"",
    "userName le \"user2\"",
    "userName ne \"user7\"",
    "userName eq \"\"",
    "userName pr",
    "externalId eq \"x-3\"",
    "externalId eq \"X-3\"",
    "externalId co \"3\"",
    "displayName eq \"user 4\"",
    "displayName sw \"USER\"",
    "displayName co \"ER 4\"",
    "displayName pr",
    "not (displayName pr)",
    "not (displayName sw \"user\")",
    "active eq true",
    "active eq \"False\"",
    "active ne true",
    "title pr and active eq true",
    "title pr or active eq true",
    "title eq \"dr\" and userName sw \"user1\"",
    "emails eq \"user3@home\"",
    "emails.value eq \"USER3@home\"",
    "emails[type eq \"work\"].value eq \"user3@home\"",
    "emails[type eq \"home\"].value eq \"user3@home\"",
    "emails[type eq \"home\" and value co \"3\"]",
    "emails sw \"user1\"",
    "emails co \"@home\"",
    "not (emails pr)",
    "employeeNumber eq \"E5\"",
    "employeeNumber sw \"e1\"",
    "department eq \"it\"",
    "manager eq \"id-1\"",
    "manager.$ref ew \"id-1\"",
    "id eq \"id-5\"",
    "id eq \"id-5\" or userName eq \"user9\" or externalId eq \"x-3\"",
    "id eq \"id-5\" and userName eq \"user9\"",
    "(id eq \"id-5\" or title pr) and not (active eq false)",
    "meta.lastModified gt \"1970-01-01T00:00:10Z\"",
    "meta.created le \"1970-01-01T00:00:10.000Z\"",
    "meta.resourceType eq \"User\"",
    "meta.location ew \"/Users/id-5\"",
    "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
    "groups pr",
    "groups.display eq \"even\"",
    "groups[display eq \"All\" and type eq \"indirect\"]",
    "urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Business Unit eq \"a\"",
];

fn people(directory: &mut Directory<'_>, count: usize) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for index in 0..count {
        let mut more = json!({
            "emails": [{"value": format!("user{index}@work"), "type": "work"}, {"value": format!("User{index}@home"), "type": "home"}],
            urn::ENTERPRISE_USER: {"employeeNumber": format!("e{index}"), "department": if index % 2 == 0 { "IT" } else { "HR" }},
        });
        let mut put = |name: &str, value: Json| {
            if let Some(object) = more.as_object_mut() {
                object.insert(name.to_owned(), value);
            }
        };
        if index % 3 == 0 {
            put("title", json!(if index % 2 == 0 { "Dr" } else { "" }));
            put("externalId", json!(format!("x-{index}")));
        }
        if index % 4 == 0 {
            put("displayName", json!(format!("User {index}")));
            put(urn::PEAKON_USER, json!({"Business Unit": "A"}));
        }
        if index % 5 != 0 {
            put("active", json!(index % 2 == 0));
        }
        if index == 7 {
            put("emails", Json::Null);
            put(urn::ENTERPRISE_USER, json!({"manager": {"value": "id-1"}}));
        }
        ids.push(directory.user(&format!("user{index}"), more)?);
    }
    Ok(ids)
}

pub(super) fn filters(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ids = people(&mut directory, 20)?;
    let even: Vec<&str> = ids.iter().step_by(2).map(String::as_str).collect();
    let even = directory.group("Even", &even)?;
    directory.group("All", &[&even])?;
    let everybody = directory.get("/Users?count=1000")?;
    let everybody = everybody.get("Resources").and_then(Json::as_array).cloned().unwrap_or_default();
    for text in FILTERS {
        let failure = |error: &dyn std::fmt::Display| Failure(format!("{text}: {error}"));
        let filter = Filter::parse(text).map_err(|error| failure(&error))?;
        let condition =
            resolve(&filter, ResourceType::User, &[], &directory.schemas).map_err(|error| failure(&error))?;
        let expected: Vec<String> = everybody
            .iter()
            .filter(|user| user.as_object().is_some_and(|user| matches(&condition, user)))
            .map(id)
            .collect();
        let target = format!("/Users?count=1000&filter={}", encode(text));
        let list = directory.get(&target)?;
        same(list.get("totalResults"), Some(&json!(expected.len())), &format!("totalResults of {text}"))?;
        same(directory.column(&target, "id")?, expected.clone(), text)?;
        // The same list, walked over with pages and cursors, and sorted.
        let mut paged = Vec::new();
        for start in (1..=expected.len() + 2).step_by(2) {
            paged.extend(
                directory.column(
                    &format!("{target}&count=2&startIndex={start}").replace("count=1000&", ""),
                    "id",
                )?,
            );
        }
        same(paged, expected.clone(), &format!("pages of {text}"))?;
        let walked = walk_all(&mut directory, &target.replace("count=1000", "count=3"))?;
        same(walked, expected.clone(), &format!("cursors of {text}"))?;
        let mut sorted = directory.column(&format!("{target}&sortBy=userName&sortOrder=descending"), "id")?;
        sorted.sort();
        let mut expected = expected;
        expected.sort();
        same(sorted, expected, &format!("sorted {text}"))?;
    }
    Ok(())
}

/// All ids of a list, by cursors.
fn walk_all(directory: &mut Directory<'_>, target: &str) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = directory.get(&format!("{target}&cursor={cursor}"))?;
        let resources = page.get("Resources").and_then(Json::as_array).cloned().unwrap_or_default();
        ids.extend(resources.iter().map(id));
        cursor = text(&page, "nextCursor");
        if cursor.is_empty() {
            return Ok(ids);
        }
    }
}

/// SQLite refuses expressions that are deep. What does not become SQL is evaluated, with the same outcome.
pub(super) fn long_filters(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    people(&mut directory, 3)?;
    directory.group("Eng", &[])?;
    let any = |term: &str, count: usize, word: &str| vec![term; count].join(word);
    let nested = |term: &str, depth: usize| format!("{}{term}{}", "not (".repeat(depth), ")".repeat(depth));
    // Nested by turns: what is inside gets deeper by two of SQLite's levels and more with each turn.
    let turns = (0..15).fold("userName eq \"user1\"".to_owned(), |inner, _| {
        format!("userName eq \"user1\" or (active pr and userName sw \"user\" and ({inner}))")
    });
    for (filter, total) in [
        (any("userName eq \"user1\"", 100, " or "), 1),
        (any("userName eq \"user1\"", 100, " and "), 1),
        (any("members.value eq \"nobody\"", 100, " or "), 0),
        (format!("displayName eq \"Eng\" or {}", any("userName eq \"user1\"", 100, " or ")), 2),
        (format!("not ({})", any("userName eq \"user1\"", 100, " or ")), 3),
        (format!("not ({})", any("not (userName eq \"user1\")", 100, " or ")), 1),
        (nested("userName eq \"user1\"", 30), 1),
        (nested("userName eq \"user1\"", 31), 3),
        (nested(&format!("({})", any("displayName eq \"Eng\"", 60, " or ")), 30), 1),
        (nested(&format!("({})", any("id pr and id eq \"id-2\"", 60, " or ")), 30), 1),
        (turns, 1),
        // As deep and as long as what becomes SQL, and a little more.
        (nested(&format!("({})", any("displayName eq \"Eng\"", 60, " or ")), 6), 1),
        (nested(&format!("({})", any("displayName eq \"Eng\"", 60, " or ")), 7), 3),
        (any("displayName eq \"Eng\"", 61, " or "), 1),
        (any("members.value eq \"nobody\"", 60, " or "), 0),
        (any("groups.value eq \"nobody\"", 12, " or "), 0),
        (any("groups.value eq \"nobody\"", 60, " or "), 0),
        (any("groups.value eq \"nobody\" and emails.value eq \"x\"", 10, " or "), 0),
        (any("not (groups.value eq \"nobody\")", 60, " and "), 4),
        (any("emails.value sw \"user1@\"", 30, " or "), 1),
        (any("userName co \"user1\"", 60, " or "), 1),
    ] {
        for list in ["/?count=10", "/?sortBy=displayName", "/?cursor="] {
            let found = directory.get(&format!("{list}&filter={}", encode(&filter)))?;
            let resources = found.get("Resources").and_then(Json::as_array).map(Vec::len);
            same(resources, Some(total), &format!("{list} {filter:.150}"))?;
        }
        let body = json!({"schemas": [urn::SEARCH_REQUEST], "filter": filter});
        let found = directory.expect(200, Method::Post, "/.search", &body)?;
        same(found.get("totalResults"), Some(&json!(total)), &format!("/.search {filter:.150}"))?;
    }
    Ok(())
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub(super) fn pages(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let empty = directory.get("/Users")?;
    let expected = json!({
        "schemas": [urn::LIST_RESPONSE], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []
    });
    same(empty, expected, "an empty list")?;
    people(&mut directory, 10)?;
    directory.group("Eng", &[])?;
    let mut check = |target: &str, total: usize, names: &[&str]| {
        let list = directory.get(target)?;
        same(list.get("totalResults"), Some(&json!(total)), target)?;
        same(list.get("itemsPerPage"), Some(&json!(names.len())), target)?;
        same(directory.column(target, "userName")?, names, target)
    };
    check("/Users?count=2", 10, &["user0", "user1"])?;
    check("/Users?startIndex=9&count=5", 10, &["user8", "user9"])?;
    check("/Users?startIndex=11", 10, &[])?;
    check("/Users?startIndex=100", 10, &[])?;
    check("/Users?startIndex=-5&count=1", 10, &["user0"])?;
    check("/Users?count=0", 10, &[])?;
    check("/Users?count=-1", 10, &[])?;
    check("/Users?filter=title+pr&count=1", 2, &["user0"])?;
    check("/Users?filter=title+pr&count=0", 2, &[])?;
    check("/Users?filter=title+pr&startIndex=2", 2, &["user6"])?;
    check("/Users?sortBy=userName&sortOrder=descending&count=2", 10, &["user9", "user8"])?;
    check("/Users?sortBy=displayName&count=4", 10, &["user0", "user4", "user8", "user1"])?;
    check(
        "/Users?sortBy=displayName&sortOrder=descending&startIndex=7",
        10,
        &["user1", "user8", "user4", "user0"],
    )?;
    check("/Users?sortBy=title&count=3", 10, &["user0", "user6", "user1"])?;
    check("/Users?sortBy=emails.value&sortOrder=descending&count=2", 10, &["user7", "user9"])?;
    check("/Users?sortBy=meta.lastModified&sortOrder=descending&count=1", 10, &["user9"])?;
    check("/Users?sortBy=employeeNumber&filter=active+eq+true&count=2", 4, &["user2", "user4"])?;
    check("/?count=3&startIndex=9", 11, &["user8", "user9", ""])?;
    check("/?filter=displayName+eq+%22Eng%22", 1, &[""])?;
    check("/?sortBy=displayName&count=1", 11, &[""])?;
    for (target, scim_type) in [
        ("/Users?sortBy=nonsense", "invalidValue"),
        ("/Users?sortBy=name", "invalidValue"),
        ("/Users?sortOrder=sideways", "invalidValue"),
        ("/Users?count=many", "invalidValue"),
        ("/Users?filter=nonsense+pr", "invalidFilter"),
        ("/Users?cursor=nonsense", "invalidCursor"),
    ] {
        let refused = directory.expect(400, Method::Get, target, &Json::Null)?;
        same(text(&refused, "scimType"), scim_type, target)?;
    }
    for sort in ["userName", "displayName", "title", "meta.lastModified", "id", "emails.value"] {
        for order in ["ascending", "descending"] {
            let target = format!("/Users?sortBy={sort}&sortOrder={order}&count=3");
            let walked = walk_all(&mut directory, &target)?;
            let whole = directory.column(&target.replace("count=3", "count=1000"), "id")?;
            same(walked, whole, &format!("cursors by {sort} {order}"))?;
        }
    }
    Ok(())
}

/// Others create and delete while a client walks: whoever is there all the time is seen once.
pub(super) fn walk(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ids = people(&mut directory, 30)?;
    for filter in ["", "&filter=title+pr+or+userName+pr", "&sortBy=userName", "&sortBy=title"] {
        let mut seen: Vec<String> = Vec::new();
        let mut cursor = String::new();
        let mut created = Vec::new();
        loop {
            let page = directory.get(&format!("/Users?count=4&cursor={cursor}{filter}"))?;
            let resources = page.get("Resources").and_then(Json::as_array).cloned().unwrap_or_default();
            seen.extend(resources.iter().map(id));
            cursor = text(&page, "nextCursor");
            if cursor.is_empty() {
                break;
            }
            // The one where the cursor stands goes if it is new, and a new one comes.
            let last = resources.last().map(id).unwrap_or_default();
            if created.contains(&last) {
                directory.expect(204, Method::Delete, &format!("/Users/{last}"), &Json::Null)?;
            }
            if created.len() < 8 {
                created.push(directory.user(&format!("user1-{}-{}", seen.len(), created.len()), json!({}))?);
            }
        }
        let mut stable: Vec<String> = seen.iter().filter(|id| ids.contains(id)).cloned().collect();
        stable.sort();
        let mut expected = ids.clone();
        expected.sort();
        same(stable, expected, &format!("a walk with {filter}"))?;
        for id in created {
            let _ = directory.request(Method::Delete, &format!("/Users/{id}"), &Json::Null);
        }
    }
    Ok(())
}
