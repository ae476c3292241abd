//! Whom the assignments reach, and what a removal would do: told before it is done.

use crate::api::scim;
use crate::cache::Remote;
use crate::parts::application::ApplicationData;
use crate::parts::remote::show;
use crate::text::{count, number};
use api::job::{NameValue, Secrets, secret_keys};
use leptos::prelude::*;
use serde_json::Value;

fn figure(answer: &Value, name: &str) -> u64 {
    answer.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// Whether a switch of the settings is on.
fn is_on(secrets: &Secrets, key: &str) -> bool {
    secrets.value.iter().any(|entry| entry.key == key && entry.value.eq_ignore_ascii_case("true"))
}

/// How many people are reached, in words.
fn words(answer: &Value) -> String {
    let (people, direct, groups) =
        (figure(answer, "people"), figure(answer, "direct"), figure(answer, "throughGroups"));
    if people == 0 {
        return "Nobody is reached: no assigned person or member is enabled and has a role that provisions."
            .to_owned();
    }
    let more = answer.get("truncated").and_then(Value::as_bool).unwrap_or_default();
    let more = if more { " There are more, which were not looked at." } else { "" };
    format!(
        "{} reached: {} directly, {} through groups. Scoping filters may leave some of them out.{more}",
        count(people, "person is", "people are"),
        number(direct),
        number(groups)
    )
}

/// The line above the list.
pub(super) fn summary(reach: Remote<Value>, secrets: Remote<Secrets>) -> AnyView {
    show(reach, move |answer| {
        let all = secrets.value().is_some_and(|secrets| is_on(&secrets, secret_keys::SYNC_ALL));
        let all = all.then(|| {
            let text =
                " The scope is all users and groups, so whoever is not assigned is provisioned as well.";
            view! { <strong>{text}</strong> }.into_any()
        });
        view! { <p role="status">{words(&answer)}{all}</p> }.into_any()
    })
}

/// What the next cycle does to an account that loses its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Everybody is in scope, assigned or not.
    Unconcerned,
    Kept,
    Disabled,
    /// After this many days.
    Deleted(u64),
}

impl Fate {
    /// What the settings say now.
    pub(super) fn now(data: ApplicationData, secrets: Remote<Secrets>) -> Self {
        let settings = data.job().map(|job| job.synchronization_job_settings).unwrap_or_default();
        Self::of(&secrets.value().unwrap_or(Secrets { value: Vec::new() }), &settings)
    }

    fn of(secrets: &Secrets, settings: &[NameValue]) -> Self {
        let get = |name: &str| settings.iter().find(|one| one.name == name).map(|one| one.value.as_str());
        if is_on(secrets, secret_keys::SYNC_ALL) {
            return Self::Unconcerned;
        }
        if is_on(secrets, secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS) {
            return Self::Kept;
        }
        match get("DeprovisioningAction") {
            Some("Nothing") => Self::Kept,
            Some("DisableThenDelete") => {
                Self::Deleted(get("DeleteAfterDays").and_then(|days| days.parse().ok()).unwrap_or(30))
            }
            _ => Self::Disabled,
        }
    }

    /// What becomes of the accounts, in words.
    fn words(self, application: &str) -> String {
        match self {
            Self::Unconcerned => format!(
                "The scope is all users and groups, so their accounts in {application} stay as they are."
            ),
            Self::Kept => format!("By the settings their accounts in {application} stay as they are."),
            Self::Disabled => format!("The next cycle disables their accounts in {application}."),
            Self::Deleted(days) => format!(
                "The next cycle disables their accounts in {application}, and deletes them after {}.",
                count(days, "day", "days")
            ),
        }
    }
}

/// What a removal does, from the answer about it; of a group also what becomes of the group itself.
pub(super) fn effect(answer: &Value, fate: Fate, application: &str, is_group: bool) -> String {
    people(answer, fate, application) + &group(fate, application, is_group)
}

/// What becomes of a group in the application, on a line of its own. There is no disabling of a group, so it goes where
/// a person's account is disabled; nothing where it stays, and of people.
pub(super) fn group(fate: Fate, application: &str, is_group: bool) -> String {
    if !is_group || matches!(fate, Fate::Unconcerned | Fate::Kept) {
        return String::new();
    }
    format!(
        "\nThe group itself is deleted in {application}, if groups are provisioned there and it keeps no other role."
    )
}

/// Who goes out of scope, and what becomes of their accounts.
fn people(answer: &Value, fate: Fate, application: &str) -> String {
    let losing = answer.get("losing").unwrap_or(&Value::Null);
    let people = figure(losing, "people");
    if people == 0 {
        return "Nobody goes out of scope: all who are concerned are assigned in another way as well, or disabled."
            .to_owned();
    }
    let sample = losing.get("sample").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = sample.iter().map(|one| scim::text(one, &["displayName"])).collect::<Vec<_>>();
    let rest = people.saturating_sub(u64::try_from(names.len()).unwrap_or_default());
    let rest = if rest > 0 { format!(" and {} more", number(rest)) } else { String::new() };
    format!(
        "{} no longer assigned in any way: {}{rest}.\n{}",
        count(people, "person is", "people are"),
        names.join(", "),
        fate.words(application)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::job::SecretEntry;
    use serde_json::json;

    #[test]
    fn the_reach_is_put_in_words() {
        let answer = json!({"people": 1200, "direct": 3, "throughGroups": 1199, "truncated": false});
        assert!(words(&answer).starts_with("1,200 people are reached: 3 directly, 1,199 through groups."));
        assert!(words(&json!({"people": 0})).starts_with("Nobody"));
    }

    #[test]
    fn an_effect_names_people_and_what_becomes_of_accounts() {
        let answer =
            json!({"losing": {"people": 3, "sample": [{"displayName": "Ada"}, {"displayName": "Bob"}]}});
        assert_eq!(
            effect(&answer, Fate::Deleted(7), "Peakon", false),
            "3 people are no longer assigned in any way: Ada, Bob and 1 more.\n\
             The next cycle disables their accounts in Peakon, and deletes them after 7 days."
        );
        assert!(
            effect(&json!({"losing": {"people": 0, "sample": []}}), Fate::Disabled, "P", false)
                .starts_with("Nobody")
        );
    }

    #[test]
    fn a_group_goes_where_accounts_are_disabled() {
        let check = |fate: Fate, is_group: bool, goes: bool| {
            let told = effect(&json!({"losing": {"people": 0, "sample": []}}), fate, "Peakon", is_group);
            assert_eq!(
                told.contains("\nThe group itself is deleted in Peakon, if groups"),
                goes,
                "{fate:?}: {told}"
            );
        };
        check(Fate::Disabled, true, true);
        check(Fate::Deleted(7), true, true);
        check(Fate::Kept, true, false);
        check(Fate::Unconcerned, true, false);
        check(Fate::Disabled, false, false);
    }

    #[test]
    fn settings_decide_the_fate() {
        let secrets = |key: &str| Secrets {
            value: vec![SecretEntry { key: key.to_owned(), value: "True".to_owned() }],
        };
        let setting = |name: &str, value: &str| NameValue { name: name.to_owned(), value: value.to_owned() };
        let none = Secrets { value: Vec::new() };
        assert_eq!(Fate::of(&none, &[]), Fate::Disabled);
        let delete = [setting("DeprovisioningAction", "DisableThenDelete"), setting("DeleteAfterDays", "5")];
        assert_eq!(Fate::of(&none, &delete), Fate::Deleted(5));
        assert_eq!(Fate::of(&none, &[setting("DeprovisioningAction", "Nothing")]), Fate::Kept);
        assert_eq!(Fate::of(&secrets(secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS), &delete), Fate::Kept);
        assert_eq!(Fate::of(&secrets(secret_keys::SYNC_ALL), &delete), Fate::Unconcerned);
    }
}
