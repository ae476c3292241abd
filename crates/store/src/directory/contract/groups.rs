//! Groups and memberships.

use scim::service::Method;
use scim::urn;
use serde_json::{Value as Json, json};

use super::super::Profile;
use super::{BASE_URL, Directory, Failure, same, text};
use crate::sql::Sql;

pub(super) fn members(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ada = directory.user("ada", json!({"displayName": "Ada"}))?;
    let bob = directory.user("bob", json!({}))?;
    let group = directory.group("Eng", &[&ada])?;
    let target = format!("/Groups/{group}");
    let member = |id: &str| json!({"value": id, "$ref": format!("{BASE_URL}/Users/{id}"), "type": "User"});
    same(directory.get(&target)?.get("members"), Some(&json!([member(&ada)])), "members after POST")?;
    let answer = directory.patch(
        &target,
        json!([{"op": "Add", "path": "members", "value": [
            {"$ref": null, "value": ada}, {"$ref": null, "value": bob}
        ]}]),
    )?;
    same(answer.pointer("/meta/version"), Some(&json!("W/\"2\"")), "version after adding a member")?;
    let both = json!([member(&ada), member(&bob)]);
    same(answer.get("members"), Some(&both), "PATCH answers members that it changes if they are few")?;
    let answer = directory.patch(&target, json!([{"op": "replace", "path": "externalId", "value": "e"}]))?;
    same(answer.get("members"), None, "PATCH answers without members that it does not change")?;
    same(directory.get(&target)?.get("members"), Some(&both), "members after PATCH")?;
    let body = json!({"schemas": [urn::PATCH_OP], "Operations": [{"op": "remove", "path": "members[value eq \"x\"]"}]});
    let answer = directory.expect(200, Method::Patch, &format!("{target}?attributes=members"), &body)?;
    same(answer.get("members"), Some(&both), "PATCH answers members if asked")?;
    let left_out = directory.get(&format!("{target}?excludedAttributes=members"))?;
    same(left_out.get("members"), None, "excludedAttributes=members")?;

    let named = directory.get(&format!("{target}?attributes=members.value,members.display"))?;
    let names = json!([{"value": ada, "display": "Ada"}, {"value": bob, "display": "bob"}]);
    same(named.get("members"), Some(&names), "names of members on request")?;

    let groups = json!([{
        "value": group, "$ref": format!("{BASE_URL}/Groups/{group}"), "type": "direct", "display": "Eng"
    }]);
    same(directory.get(&format!("/Users/{bob}"))?.get("groups"), Some(&groups), "groups of a member")?;
    let find = format!("/Groups?filter=members.value+eq+%22{bob}%22");
    same(directory.column(&find, "id")?, [group.as_str()], "groups by member")?;
    let find = format!("/Users?filter=groups.value+eq+%22{group}%22");
    same(directory.column(&find, "userName")?, ["ada", "bob"], "users by group")?;

    let removal = json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": ada}]}]);
    directory.patch(&target, removal)?;
    same(
        directory.get(&target)?.get("members"),
        Some(&json!([member(&bob)])),
        "only the listed one is removed",
    )?;
    directory.patch(
        &target,
        json!([{"op": "remove", "path": "members[type eq \"User\" and display sw \"b\"]"}]),
    )?;
    same(directory.get(&target)?.get("members"), Some(&json!([])), "a group without members")?;
    same(directory.get(&format!("/Users/{ada}"))?.get("groups"), None, "a user without groups")?;

    let add = json!([{"op": "add", "path": "members", "value": [{"value": ada}, {"value": "nobody"}]}]);
    let body = json!({"schemas": [urn::PATCH_OP], "Operations": add});
    let refused = directory.expect(400, Method::Patch, &target, &body)?;
    same(text(&refused, "scimType"), "invalidValue", "unknown member")?;
    same(text(&refused, "detail").contains("nobody"), true, "the error names the member")?;
    same(directory.get(&target)?.get("members"), Some(&json!([])), "a refused PATCH adds nobody")?;
    let body = json!({"schemas": [urn::GROUP], "displayName": "X", "members": [{"value": "nobody"}]});
    directory.expect(400, Method::Post, "/Groups", &body)?;
    same(directory.store.counts()?.groups, 1, "a refused POST stores nothing")?;

    directory.store = directory.store.ignoring_unknown_members(true);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": ada}, {"value": "nobody"}]}]);
    directory.patch(&target, add)?;
    let known = json!([member(&ada)]);
    same(directory.get(&target)?.get("members"), Some(&known), "unknown members are passed over if so set")
}

pub(super) fn nesting(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ada = directory.user("ada", json!({}))?;
    let inner = directory.group("Inner", &[&ada])?;
    let middle = directory.group("Middle", &[&inner])?;
    let outer = directory.group("Outer", &[&middle, &ada])?;
    let user = directory.get(&format!("/Users/{ada}"))?;
    let groups: Vec<(String, String)> = user
        .get("groups")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .map(|group| (text(group, "display"), text(group, "type")))
        .collect();
    let expected = [("Inner", "direct"), ("Outer", "direct"), ("Middle", "indirect")];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(display, kind)| ((*display).to_owned(), (*kind).to_owned())).collect();
    same(groups, expected, "direct and indirect groups")?;
    let find = format!("/Users?filter=groups.value+eq+%22{outer}%22");
    same(directory.column(&find, "userName")?, ["ada"], "users by outer group")?;
    let find = format!("/Users?filter=groups%5Bvalue+eq+%22{middle}%22+and+type+eq+%22direct%22%5D");
    same(directory.column(&find, "userName")?, Vec::<String>::new(), "users by direct group")?;
    for (group, member) in [(&inner, &outer), (&inner, &middle), (&inner, &inner)] {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": add});
        let refused = directory.expect(400, Method::Patch, &format!("/Groups/{group}"), &body)?;
        same(text(&refused, "scimType"), "invalidValue", "a group in itself")?;
    }
    let kind = directory.get(&format!("/Groups/{outer}"))?;
    same(kind.pointer("/members/0/type"), Some(&json!("User")), "type of a user")?;
    same(kind.pointer("/members/1/type"), Some(&json!("Group")), "type of a group")
}

pub(super) fn large(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let mut ids = Vec::new();
    for index in 0..1_200 {
        ids.push(directory.user(&format!("user{index}"), json!({}))?);
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    let group = directory.group("All", &all)?;
    let target = format!("/Groups/{group}");
    let count = |group: &Json| group.get("members").and_then(Json::as_array).map(Vec::len);
    same(count(&directory.get(&target)?), Some(1_200), "members")?;
    let first = json!([{"op": "remove", "path": "members", "value": [{"value": ids.first()}]}]);
    same(count(&directory.patch(&target, first)?), None, "PATCH answers without members if they are many")?;
    let half: Json = ids.iter().take(600).map(|id| json!({"value": id})).collect();
    directory.patch(&target, json!([{"op": "remove", "path": "members", "value": half}]))?;
    same(count(&directory.get(&target)?), Some(600), "members after removing half")?;
    directory.patch(&target, json!([{"op": "replace", "path": "members", "value": half}]))?;
    same(count(&directory.get(&target)?), Some(600), "members after replacing")?;
    let mut walked = Vec::new();
    let mut after = 0;
    loop {
        let page = directory.store.group_member_ids(&group, after, 250)?;
        let Some(last) = page.last() else { break };
        after = last.0;
        walked.extend(page.into_iter().map(|(_, _, id)| id));
    }
    same(walked, ids.iter().take(600).cloned().collect::<Vec<_>>(), "members in pages")
}
