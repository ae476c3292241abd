//! Deletion, for good and for a while.

use scim::ResourceType;
use scim::repository::RepositoryError;
use scim::service::Method;
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
