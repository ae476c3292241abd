//! Deletion, for good and for a while.

use scim::ResourceType;
use scim::repository::RepositoryError;
use scim::service::{Method, Request};
use scim::urn;
use serde_json::{Value as Json, json};

use super::super::{ChangeKind, Counts, Profile};
use super::{Directory, Failure, same};
use crate::sql::Sql;

pub(super) fn application(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let boss = directory.user("boss", json!({"emails": [{"value": "boss@x"}]}))?;
    let managed = json!({urn::ENTERPRISE_USER: {"manager": {"value": boss}, "department": "IT"}});
    let ada = directory.user("ada", managed)?;
    let group = directory.group("Eng", &[&boss, &ada])?;
    let outer = directory.group("Outer", &[&group])?;
    directory.expect(204, Method::Delete, &format!("/Users/{boss}"), &Json::Null)?;
    let members = directory.get(&format!("/Groups/{group}"))?;
    same(members.pointer("/members/0/value"), Some(&json!(ada)), "the other member stays")?;
    same(members.pointer("/members/1"), None, "the membership is gone")?;
    same(members.pointer("/meta/version"), Some(&json!("W/\"2\"")), "the group has changed")?;
    let left = directory.get(&format!("/Users/{ada}"))?;
    let extension = left.get(urn::ENTERPRISE_USER).cloned();
    same(extension, Some(json!({"department": "IT"})), "nobody keeps a manager who is gone")?;
    let find = "/Users?filter=emails.value+eq+%22boss@x%22";
    same(directory.column(find, "id")?, Vec::<String>::new(), "the address is gone")?;
    directory.user("boss", json!({}))?;

    directory.expect(204, Method::Delete, &format!("/Groups/{group}"), &Json::Null)?;
    same(
        directory.get(&format!("/Users/{ada}"))?.get("groups"),
        None,
        "groups of a member of a deleted group",
    )?;
    let members = directory.get(&format!("/Groups/{outer}"))?;
    same(members.get("members"), Some(&json!([])), "the group is gone from the outer one")?;
    let restored = directory.store.restore(ResourceType::User, &boss, 0);
    same(restored, Err(RepositoryError::NotFound), "nothing can be restored")?;
    let counts = Counts { users: 2, groups: 1, deleted_users: 0, deleted_groups: 0 };
    same(directory.store.counts()?, counts, "counts")
}

pub(super) fn workforce(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Workforce)?;
    let ada = directory.user("ada", json!({"title": "Dr", "emails": [{"value": "ada@x"}]}))?;
    let bob = directory.user("bob", json!({urn::ENTERPRISE_USER: {"manager": {"value": ada}}}))?;
    let group = directory.group("Eng", &[&ada, &bob])?;
    let before = directory.get(&format!("/Users/{ada}"))?;
    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    directory.expect(404, Method::Get, &format!("/Users/{ada}"), &Json::Null)?;
    directory.expect(404, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    same(directory.column("/Users", "userName")?, ["bob"], "the list")?;
    let find = "/Users?filter=emails.value+eq+%22ada@x%22";
    same(directory.column(find, "id")?, Vec::<String>::new(), "the address")?;
    let find = format!("/Groups?filter=members.value+eq+%22{ada}%22");
    same(directory.column(&find, "id")?, Vec::<String>::new(), "groups by a deleted member")?;
    let members = directory.get(&format!("/Groups/{group}"))?;
    same(members.pointer("/members/0/value"), Some(&json!(bob)), "only the living are members")?;
    let counts = Counts { users: 1, groups: 1, deleted_users: 1, deleted_groups: 0 };
    same(directory.store.counts()?, counts, "counts after deletion")?;

    // The engine still sees it, with its groups.
    let (found, missing) = directory.store.users_by_ids(&[&ada, "nobody"])?;
    let found: Vec<_> =
        found.iter().map(|user| (user.deleted_ms.is_some(), user.group_ids.clone())).collect();
    same(found, [(true, vec![group.clone()])], "a deleted user by id")?;
    same(missing, ["nobody"], "missing ids")?;

    // The recycle bin lists it.
    let listed = directory.store.deleted_page(None, 10)?;
    let names: Vec<_> = listed.iter().map(|record| record.user_name.clone()).collect();
    same(names, [Some("ada".to_owned())], "the recycle bin")?;
    same(directory.store.deleted_kind(&ada)?, Some(ResourceType::User), "what is in the recycle bin")?;
    same(directory.store.deleted_kind(&bob)?, None, "what is not in the recycle bin")?;

    // Its name is free at once, and while another has it, it cannot come back.
    let other = directory.user("ADA", json!({}))?;
    let now_ms = directory.now_ms;
    let refused = directory.store.restore(ResourceType::User, &ada, now_ms);
    same(matches!(refused, Err(RepositoryError::Conflict { .. })), true, "restore with a name in use")?;
    directory.expect(204, Method::Delete, &format!("/Users/{other}"), &Json::Null)?;
    let mut walked = Vec::new();
    let mut after = None;
    while let Some(record) = directory.store.deleted_page(after, 1)?.into_iter().next() {
        after = Some((record.deleted_ms, record.place));
        walked.push(record.id);
    }
    same(walked, [other.clone(), ada.clone()], "the recycle bin, the last deleted first, page by page")?;
    directory.store.restore(ResourceType::User, &ada, now_ms)?;
    let after = directory.get(&format!("/Users/{ada}"))?;
    same(after.get("title"), before.get("title"), "title after restoring")?;
    same(after.get("groups"), before.get("groups"), "groups after restoring")?;

    // What is old enough goes for good.
    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    let deleted_ms = directory.now_ms;
    same(directory.store.purge_deleted(deleted_ms, 10, deleted_ms)?, 1, "purge of what is older")?;
    same(directory.store.purge_deleted(deleted_ms + 1, 10, deleted_ms)?, 1, "purge")?;
    same(directory.store.purge_deleted(deleted_ms + 1, 10, deleted_ms)?, 0, "purge is done")?;
    let restored = directory.store.restore(ResourceType::User, &ada, now_ms);
    same(restored, Err(RepositoryError::NotFound), "restore after purge")?;
    let (_, missing) = directory.store.users_by_ids(&[&ada])?;
    same(missing, [ada.as_str()], "a purged user by id")?;
    same(directory.get(&format!("/Users/{bob}"))?.get(urn::ENTERPRISE_USER), None, "manager after purge")?;
    let counts = Counts { users: 1, groups: 1, deleted_users: 0, deleted_groups: 0 };
    same(directory.store.counts()?, counts, "counts after purge")?;
    let entries = directory.store.changes_since(0, 1_000)?;
    let of_ada = entries.iter().filter(|entry| entry.id == ada).map(|entry| entry.kind);
    let expected =
        [ChangeKind::Create, ChangeKind::Delete, ChangeKind::Restore, ChangeKind::Delete, ChangeKind::Purge];
    same(of_ada.collect::<Vec<_>>(), expected, "change log")
}

/// A job follows the change log, and asks for the members of a group that was deleted: it must find them there once
/// nobody can tell them any more.
pub(super) fn group(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Workforce)?;
    let ada = directory.user("ada", json!({}))?;
    let bob = directory.user("bob", json!({}))?;
    let inner = directory.group("Inner", &[&bob])?;
    let group = directory.group("Eng", &[&ada, &inner])?;
    let outer = directory.group("Outer", &[&group])?;
    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    let before = directory.store.latest_sequence()?;
    directory.expect(204, Method::Delete, &format!("/Groups/{group}"), &Json::Null)?;
    directory.store.purge(ResourceType::Group, &group, directory.now_ms)?;
    let removed =
        |group: &String, member: &String| (ChangeKind::MemberRemoved, group.clone(), Some(member.clone()));
    let expected = [
        (ChangeKind::Delete, group.clone(), None),
        removed(&group, &ada),
        removed(&group, &inner),
        removed(&outer, &group),
        (ChangeKind::Purge, group.clone(), None),
    ];
    same(told(&directory, before)?, expected, "what is told of a group that is gone")?;
    let absent = directory.store.not_live(&["nobody", &ada, &outer, &group])?;
    let absent: Vec<_> = absent.iter().map(|(id, gone)| (id.as_str(), *gone)).collect();
    same(absent, [("nobody", true), (ada.as_str(), false), (group.as_str(), true)], "who is not live")?;
    same(directory.store.not_live(&[])?.len(), 0, "nobody is not live")?;
    same(sql.query("SELECT * FROM members", &[])?.rows.len(), 1, "memberships that are left")?;

    // Whoever follows the log has read a deletion that it does not keep any more, and was told the members then.
    directory.expect(204, Method::Delete, &format!("/Groups/{inner}"), &Json::Null)?;
    directory.user("eve", json!({}))?;
    directory.store.prune_changes(directory.now_ms, 1_000)?;
    let before = directory.store.latest_sequence()?;
    same(directory.store.purge_deleted(directory.now_ms, 10, directory.now_ms)?, 2, "purge")?;
    let expected = [(ChangeKind::Purge, ada, None), (ChangeKind::Purge, inner, None)];
    same(told(&directory, before)?, expected, "what is told of a group that was deleted long ago")?;
    same(sql.query("SELECT * FROM members", &[])?.rows.len(), 0, "memberships that are left in the end")
}

type Told = Vec<(ChangeKind, String, Option<String>)>;

fn told(directory: &Directory<'_>, since: i64) -> Result<Told, Failure> {
    let entries = directory.store.changes_since(since, 100)?;
    Ok(entries.into_iter().map(|entry| (entry.kind, entry.id, entry.member_id)).collect())
}

/// Who is in the recycle bin is nobody's member, so their groups are other groups without them.
pub(super) fn groups_of_the_deleted(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Workforce)?;
    let ada = directory.user("ada", json!({}))?;
    let bob = directory.user("bob", json!({}))?;
    let inner = directory.group("Inner", &[&ada, &bob])?;
    let outer = directory.group("Outer", &[&inner])?;
    let other = directory.group("Other", &[&bob])?;
    let binned = directory.group("Binned", &[&ada])?;
    directory.expect(204, Method::Delete, &format!("/Groups/{binned}"), &Json::Null)?;
    let meta = |directory: &mut Directory<'_>, id: &str| -> Result<(String, String), Failure> {
        let group = directory.get(&format!("/Groups/{id}"))?;
        let text = |name: &str| group.pointer(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        Ok((text("/meta/version"), text("/meta/lastModified")))
    };
    let at = |version: u32, seconds: i64| {
        (format!("W/\"{version}\""), format!("1970-01-01T00:00:{seconds:02}.000Z"))
    };
    let stale = meta(&mut directory, &inner)?.0;

    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    let deleted = directory.now_ms / 1_000;
    same(meta(&mut directory, &inner)?, at(2, deleted), "the group after the deletion")?;
    same(meta(&mut directory, &outer)?.0, at(1, 0).0, "its members are the same")?;
    same(meta(&mut directory, &other)?.0, at(1, 0).0, "a group of others")?;
    let target = format!("/Groups/{inner}");
    let read = Request::new(Method::Get, &target).header("If-None-Match", &stale);
    same(directory.send(&read).status, 200, "a conditional GET sees that somebody is gone")?;
    let body = json!({"schemas": [urn::GROUP], "displayName": "Inner", "members": []}).to_string();
    let put = Request::new(Method::Put, &target).header("If-Match", &stale).body(body);
    same(directory.send(&put).status, 412, "a PUT for the group as it was")?;

    directory.store.restore(ResourceType::User, &ada, 40_000)?;
    same(meta(&mut directory, &inner)?, at(3, 40), "the group after the person came back")?;
    directory.expect(204, Method::Delete, &target, &Json::Null)?;
    same(meta(&mut directory, &outer)?.0, at(2, 0).0, "a group that lost a group")?;
    directory.store.restore(ResourceType::Group, &inner, 41_000)?;
    same(meta(&mut directory, &outer)?, at(3, 41), "a group that got a group back")?;
    directory.store.restore(ResourceType::Group, &binned, 42_000)?;
    same(meta(&mut directory, &binned)?, at(3, 42), "a group in the recycle bin changes when it comes back")?;

    // Going for good changes nothing more that anybody sees.
    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    let before = meta(&mut directory, &inner)?;
    directory.store.purge(ResourceType::User, &ada, 50_000)?;
    same(meta(&mut directory, &inner)?, before, "the group after the purge")?;
    let entries = directory.store.changes_since(0, 1_000)?;
    let left = entries.iter().filter(|entry| entry.kind == ChangeKind::MemberRemoved);
    same(left.count(), 2, "the log tells the two memberships that ended")
}

/// What no answer shows is not replaced: a PUT of what GET answered leaves it as it is.
pub(super) fn replaced_meanwhile(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Workforce)?;
    let ada = directory.user("ada", json!({}))?;
    let bob = directory.user("bob", json!({}))?;
    let group = directory.group("Eng", &[&ada, &bob])?;
    let target = format!("/Groups/{group}");
    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    let seen = directory.get(&target)?;
    let latest = directory.store.latest_sequence()?;
    let answer = directory.expect(200, Method::Put, &target, &seen)?;
    same(&answer, &seen, "PUT of what GET answered")?;
    let operation = json!([{"op": "replace", "path": "members", "value": [{"value": bob}]}]);
    let patched = directory.patch(&target, operation)?;
    same(patched.get("meta"), seen.get("meta"), "PATCH with the members that GET answered")?;
    same(directory.store.latest_sequence()?, latest, "nothing is logged")?;

    let now_ms = directory.now_ms;
    directory.store.restore(ResourceType::User, &ada, now_ms)?;
    let groups = directory.get(&format!("/Users/{ada}"))?;
    same(groups.pointer("/groups/0/value"), Some(&json!(group)), "the group after restoring")?;
    let members = directory.get(&target)?.get("members").and_then(Json::as_array).map(Vec::len);
    same(members, Some(2), "members after restoring")?;

    // Whoever is named goes, deleted or not.
    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    let one = json!([{"op": "remove", "path": "members", "value": [{"value": ada}]}]);
    directory.patch(&target, one)?;
    let now_ms = directory.now_ms;
    directory.store.restore(ResourceType::User, &ada, now_ms)?;
    same(directory.get(&format!("/Users/{ada}"))?.get("groups"), None, "taken out while deleted")?;
    let all = json!([{"op": "replace", "path": "members", "value": [{"value": ada}]}]);
    directory.patch(&target, all)?;
    same(directory.column(&format!("/Users?filter=groups.value+eq+%22{group}%22"), "id")?, [ada], "replaced")
}
