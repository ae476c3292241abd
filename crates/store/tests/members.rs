//! Members and API keys of the organization.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use store::organization::{
    Added, ApiKeyRecord, MAX_API_KEYS, MAX_MEMBERS, MemberRecord, OrganizationStore, SignInOutcome,
};
use store::sqlite::Sqlite;

fn member(number: i64) -> MemberRecord {
    MemberRecord {
        id: format!("m{number}"),
        email: format!("m{number}@contoso.com"),
        role: "reader".into(),
        created_at: number,
        last_sign_in_at: None,
    }
}

fn key(number: i64) -> ApiKeyRecord {
    let id = format!("k{number}");
    ApiKeyRecord {
        id,
        label: "l".into(),
        role: "reader".into(),
        created_at: 1,
        expires_at: 100,
        last_used_at: None,
    }
}

#[test]
fn members_come_change_and_go() {
    let sql = Sqlite::in_memory().unwrap();
    let store = OrganizationStore::open(&sql).unwrap();
    assert_eq!(store.add_member(&member(1)).unwrap(), Added::Yes);
    assert_eq!(store.add_member(&MemberRecord { id: "other".into(), ..member(1) }).unwrap(), Added::Exists);
    assert_eq!(store.set_member_role("m1", "administrator").unwrap().unwrap().role, "reader");
    assert!(store.note_sign_in("m1@contoso.com", 7).unwrap());
    assert!(!store.note_sign_in("nobody@contoso.com", 7).unwrap());
    let found = store.member_by_email("m1@contoso.com").unwrap().unwrap();
    assert_eq!((found.role.as_str(), found.last_sign_in_at), ("administrator", Some(7)));
    store.add_sign_in_link("d", Some("m1@contoso.com"), 1).unwrap();
    assert!(store.remove_member("m1").unwrap().is_some());
    assert_eq!(store.use_sign_in_link("d", 2).unwrap(), SignInOutcome::Refused, "the link went, too");
    assert!(store.remove_member("m1").unwrap().is_none() && store.members().unwrap().is_empty());
}

#[test]
fn keys_are_found_by_digest_until_they_expire() {
    let sql = Sqlite::in_memory().unwrap();
    let store = OrganizationStore::open(&sql).unwrap();
    assert_eq!(store.add_api_key(&key(1), "digest").unwrap(), Added::Yes);
    assert_eq!(store.use_api_key("other", 5).unwrap(), None);
    assert_eq!(store.use_api_key("digest", 5).unwrap().unwrap().id, "k1");
    assert_eq!(store.api_keys().unwrap().first().unwrap().last_used_at, Some(5));
    store.use_api_key("digest", 6).unwrap();
    assert_eq!(store.api_keys().unwrap().first().unwrap().last_used_at, Some(5), "once a minute");
    assert_eq!(store.use_api_key("digest", 100).unwrap(), None, "expired");
    assert!(store.remove_api_key("k1").unwrap().is_some());
    assert!(store.remove_api_key("k1").unwrap().is_none());
    assert_eq!(store.use_api_key("digest", 5).unwrap(), None);
}

#[test]
fn there_are_not_more_than_there_may_be() {
    let sql = Sqlite::in_memory().unwrap();
    let store = OrganizationStore::open(&sql).unwrap();
    for number in 0..MAX_MEMBERS {
        assert_eq!(store.add_member(&member(number)).unwrap(), Added::Yes);
    }
    assert_eq!(store.add_member(&member(MAX_MEMBERS)).unwrap(), Added::Full);
    for number in 0..MAX_API_KEYS {
        assert_eq!(store.add_api_key(&key(number), &number.to_string()).unwrap(), Added::Yes);
    }
    assert_eq!(store.add_api_key(&key(MAX_API_KEYS), "one more").unwrap(), Added::Full);
}
