//! What is read beside SCIM: change log, people for the engine and the portal, tokens, attributes, settings.

use scim::schema::CustomType;
use scim::urn;
use serde_json::json;

use super::super::tokens::{self, Scope, TokenRecord};
use super::super::{AttributeError, ChangeKind, DirectoryStore, Profile};
use super::{Directory, Failure, same};
use crate::Settings as _;
use crate::sql::Sql;

pub(super) fn change_log(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    same(directory.store.latest_sequence()?, 0, "an empty log")?;
    let ada = directory.user("ada", json!({"title": "Dr", urn::ENTERPRISE_USER: {"department": "IT"}}))?;
    let group = directory.group("Eng", &[&ada])?;
    let department = format!("{}:department", urn::ENTERPRISE_USER);
    directory.patch(
        &format!("/Users/{ada}"),
        json!([{"op": "replace", "path": "name.givenName", "value": "A"}, {"op": "remove", "path": department}]),
    )?;
    directory.patch(&format!("/Groups/{group}"), json!([{"op": "remove", "path": "members"}]))?;
    let entries = directory.store.changes_since(0, 100)?;
    let found: Vec<_> = entries
        .iter()
        .map(|entry| (entry.kind, entry.id.as_str(), entry.member_id.as_deref(), entry.attributes.join(",")))
        .collect();
    let expected = [
        (ChangeKind::Create, ada.as_str(), None, format!("userName,title,{department}")),
        (ChangeKind::Create, group.as_str(), None, "displayName".to_owned()),
        (ChangeKind::MemberAdded, group.as_str(), Some(ada.as_str()), "members".to_owned()),
        (ChangeKind::Update, ada.as_str(), None, format!("{department},name")),
        (ChangeKind::MemberRemoved, group.as_str(), Some(ada.as_str()), "members".to_owned()),
    ];
    same(found, expected, "entries")?;
    let latest = directory.store.latest_sequence()?;
    let second = entries.get(1).map_or(0, |entry| entry.sequence);
    same(directory.store.changes_since(second, 2)?.len(), 2, "entries after a number, limited")?;
    same(directory.store.changes_since(latest, 10)?.len(), 0, "entries after the last")?;

    same(directory.store.prune_changes(0, 10)?, 0, "nothing is older")?;
    same(directory.store.prune_changes(directory.now_ms + 1, 2)?, 2, "pruned in steps")?;
    same(directory.store.prune_changes(directory.now_ms + 1, 10)?, 2, "the newest entry stays")?;
    same(directory.store.prune_changes(directory.now_ms + 1, 10)?, 0, "pruning is done")?;
    same(directory.store.latest_sequence()?, latest, "the number of the newest entry")?;
    same(directory.store.oldest_sequence()?, Some(latest), "the number of the oldest entry")?;
    directory.user("bob", json!({}))?;
    let next = directory.store.changes_since(latest, 10)?;
    same(next.len(), 1, "entries after pruning")
}

pub(super) fn people(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Workforce)?;
    let mut ids = Vec::new();
    for index in 0..25 {
        ids.push(directory.user(&format!("User{index}"), json!({}))?);
    }
    let (first, second) = (ids.first().cloned().unwrap_or_default(), ids.get(1).cloned().unwrap_or_default());
    let eng = directory.group("Eng", &[&first, &second])?;
    let all = directory.group("All", &[&eng, &first])?;
    directory.expect(204, scim::Method::Delete, &format!("/Users/{second}"), &serde_json::Value::Null)?;
    for include_deleted in [false, true] {
        let (mut walked, mut after) = (Vec::new(), 0);
        loop {
            let page = directory.store.users_page(after, 10, include_deleted)?;
            let Some(last) = page.last() else { break };
            after = last.rowid;
            walked.extend(page);
        }
        let expected: Vec<&String> = ids.iter().filter(|id| include_deleted || **id != second).collect();
        let found: Vec<&String> = walked.iter().map(|user| &user.resource.id).collect();
        same(found, expected, "users in pages")?;
        let groups = walked.first().map(|user| user.group_ids.clone());
        same(groups, Some(vec![eng.clone(), all.clone()]), "direct groups")?;
        let deleted = walked.iter().filter(|user| user.deleted_ms.is_some()).count();
        same(deleted, usize::from(include_deleted), "deleted users")?;
    }
    let found = directory.store.users_by_user_names(&["USER0", "user24", "nobody", "user1"])?;
    let mut found: Vec<String> = found.into_iter().map(|user| user.resource.id).collect();
    found.sort();
    let mut expected = vec![first, ids.last().cloned().unwrap_or_default()];
    expected.sort();
    same(found, expected, "live users by name")?;
    let groups = directory.store.groups_by_ids(&[&eng, "nobody"])?;
    same(groups.len(), 1, "groups by id")?;
    let page = directory.store.groups_page(0, 10)?;
    let ids: Vec<String> = page.into_iter().map(|(_, group)| group.id).collect();
    same(ids, [eng.clone(), all.clone()], "groups in pages")?;
    directory.expect(204, scim::Method::Delete, &format!("/Groups/{eng}"), &serde_json::Value::Null)?;
    let both = directory.store.groups_by_ids_with_deleted(&[&eng, &all, "nobody"])?;
    let both: Vec<(String, bool)> = both.into_iter().map(|(group, deleted)| (group.id, deleted)).collect();
    same(both, vec![(eng.clone(), true), (all, false)], "groups by id with deleted ones")?;
    let members = directory.store.group_member_ids(&eng, 0, 10)?;
    same(members.len(), 1, "live members of a deleted group")
}

pub(super) fn search(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Workforce)?;
    directory.user("zoe@x", json!({"displayName": "Zoë Adams", "emails": [{"value": "first@mail"}]}))?;
    directory.user("adam@x", json!({"displayName": "Bo"}))?;
    directory.user("c@x", json!({"displayName": "Adam 100%"}))?;
    directory.group("Adam's", &[])?;
    let names = |found: Vec<scim::Resource>| -> Vec<String> {
        let name = |user: &scim::Resource| {
            user.attributes.get("userName").and_then(|name| name.as_str()).map(str::to_owned)
        };
        found.iter().filter_map(name).collect()
    };
    same(names(directory.store.search_people("ADAM", 10)?), ["adam@x", "c@x", "zoe@x"], "starts come first")?;
    same(names(directory.store.search_people("adam", 2)?), ["adam@x", "c@x"], "limited")?;
    same(names(directory.store.search_people("ZOË", 10)?), ["zoe@x"], "any letter, any case")?;
    same(names(directory.store.search_people("first@", 10)?), ["zoe@x"], "by address")?;
    same(names(directory.store.search_people("irst", 10)?), ["zoe@x"], "inside of an address")?;
    same(names(directory.store.search_people("0%", 10)?), ["c@x"], "signs are letters")?;
    same(names(directory.store.search_people("nobody", 10)?), Vec::<String>::new(), "nobody")?;
    same(directory.store.search_people(" ", 2)?.len(), 2, "anybody")
}

pub(super) fn tokens(sql: &dyn Sql) -> Result<(), Failure> {
    DirectoryStore::migrate(sql)?;
    let token = |id: &str, expires_ms: Option<i64>| TokenRecord {
        id: id.to_owned(),
        label: format!("Token {id}"),
        digest: format!("digest-{id}"),
        created_ms: 1_000,
        expires_ms,
        last_used_ms: None,
        scope: Scope::ReadWrite,
        revoked_ms: None,
    };
    tokens::create(sql, &token("a", None))?;
    tokens::create(sql, &token("b", Some(5_000)))?;
    let twice = tokens::create(sql, &TokenRecord { id: "c".to_owned(), ..token("a", None) });
    same(twice.is_err(), true, "a digest is one token's")?;
    let found = tokens::find_by_digest(sql, "digest-b")?.ok_or(Failure("no token".to_owned()))?;
    same(&found, &token("b", Some(5_000)), "a token by digest")?;
    same((found.is_valid(4_999), found.is_valid(5_000)), (true, false), "expiry")?;
    same(tokens::find_by_digest(sql, "digest")?, None, "no token by another digest")?;
    tokens::touch(sql, &found, 2_000)?;
    tokens::touch(sql, &TokenRecord { last_used_ms: Some(2_000), ..found }, 61_999)?;
    let used = tokens::find_by_digest(sql, "digest-b")?.and_then(|token| token.last_used_ms);
    same(used, Some(2_000), "last used, once a minute")?;
    same(tokens::revoke(sql, "a", 3_000)?, true, "revoked")?;
    same(tokens::revoke(sql, "a", 4_000)?, false, "revoked once")?;
    let found =
        tokens::find_by_digest(sql, "digest-a")?.map(|token| (token.revoked_ms, token.is_valid(3_001)));
    same(found, Some((Some(3_000), false)), "a revoked token")?;
    same(tokens::list(sql)?.len(), 2, "all tokens")
}

pub(super) fn attributes(sql: &dyn Sql) -> Result<(), Failure> {
    let directory = Directory::new(sql, Profile::Application)?;
    let store = directory.store;
    same(
        store.schema_set(urn::PEAKON_USER, "Peakon")?.schema(urn::PEAKON_USER).is_some(),
        false,
        "no extension",
    )?;
    store.add_custom_attribute("1", "Business Unit", CustomType::String, 5)?;
    store.add_custom_attribute("2", "Age", CustomType::Number, 6)?;
    let twice = store.add_custom_attribute("3", "business unit", CustomType::Date, 7);
    same(twice, Err(AttributeError::Exists), "the same name in another case")?;
    let bad = store.add_custom_attribute("4", "a.b", CustomType::Date, 7);
    same(matches!(bad, Err(AttributeError::Name(_))), true, "a name with a dot")?;
    same(store.set_custom_attribute_type("1", CustomType::Option)?, true, "another type")?;
    same(store.set_custom_attribute_type("9", CustomType::Option)?, false, "another type of none")?;
    let kinds: Vec<CustomType> =
        store.custom_attributes()?.into_iter().map(|record| record.attribute.kind()).collect();
    same(kinds, [CustomType::Option, CustomType::Number], "types")?;
    let names: Vec<String> =
        store.custom_attributes()?.into_iter().map(|record| record.attribute.name().to_owned()).collect();
    same(names, ["Business Unit", "Age"], "attributes")?;
    let schemas = store.schema_set(urn::PEAKON_USER, "Peakon")?;
    let attributes = schemas.schema(urn::PEAKON_USER).map(|schema| schema.attributes.len());
    same(attributes, Some(2), "attributes of the extension")?;
    same(
        (store.remove_custom_attribute("1")?, store.remove_custom_attribute("1")?),
        (true, false),
        "removed",
    )?;
    same(store.setting("name")?, None, "no setting")?;
    store.set_setting("name", "a")?;
    store.set_setting("name", "b")?;
    same(store.setting("name")?.as_deref(), Some("b"), "a setting")?;
    store.remove_setting("name")?;
    same(store.setting("name")?, None, "a setting that was removed")
}
