//! The job's settings: Graph's `synchronizationJobSettings`, pairs of a name and a value.

use api::job::NameValue;
use provisioning::Deprovisioning;
use provisioning::target::Quirks;
use provisioning::template::JobTemplate;
use store::Settings as _;
use store::job::JobStore;

use super::configuration::reevaluate;
use super::control::settle;
use super::keys;
use super::pace::MAXIMUM_RATE;
use super::secrets::Secrets;
use super::thresholds::{self, Thresholds};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::settings::{save_setting, setting};

/// What becomes of the account of somebody who leaves: one of [`ACTIONS`]. Not in Graph.
const ACTION: &str = "DeprovisioningAction";
/// Days between disabling and deleting an account. Not in Graph.
const DAYS: &str = "DeleteAfterDays";
/// Requests a second to the target; 0 is no limit. Not in Graph.
const RATE: &str = "RequestsPerSecond";
/// How the target's dialect differs from RFC 7644: names, separated by commas. Not in Graph.
const QUIRKS: &str = "Quirks";
/// Whether an assignment of a group reaches people in groups within it. Not in Graph.
pub const NESTED: &str = "NestedGroups";
/// Values of [`ACTION`].
const ACTIONS: [&str; 3] = ["Disable", "DisableThenDelete", "Nothing"];
/// Days between disabling and deleting unless others are given.
const DEFAULT_DAYS: u32 = 30;
/// The most days between disabling and deleting.
const MAXIMUM_DAYS: u32 = 365;

/// What can be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Settings {
    policy: Deprovisioning,
    rate: Option<u32>,
    quirks: Option<Quirks>,
    nested: bool,
    thresholds: Thresholds,
}

impl Settings {
    fn load(store: &JobStore<'_>, secrets: &Secrets) -> Result<Self, ApiError> {
        Ok(Self {
            policy: setting(store, keys::DEPROVISIONING)?.unwrap_or_default(),
            rate: setting(store, keys::RATE)?,
            quirks: setting(store, keys::QUIRKS)?,
            nested: setting(store, keys::NESTED_GROUPS)?.unwrap_or_default(),
            thresholds: thresholds(store, secrets)?,
        })
    }
}

/// The target's dialect: as it was set, or else as the template says.
pub fn quirks(store: &JobStore<'_>, template: &JobTemplate) -> Result<Quirks, ApiError> {
    Ok(setting(store, keys::QUIRKS)?.unwrap_or(template.quirks))
}

/// The thresholds that are in force. Entra's switch decides whether deletions are held, the settings how many.
pub fn thresholds(store: &JobStore<'_>, secrets: &Secrets) -> Result<Thresholds, ApiError> {
    let deletions = setting(store, keys::DELETION_LIMITS)?.unwrap_or_default();
    Ok(Thresholds {
        deletions: secrets.notification().delete_threshold_enabled.then_some(deletions),
        escrows: setting(store, keys::ESCROW_LIMITS)?.unwrap_or_default(),
    })
}

/// The settings as the API shows them.
pub fn list(
    store: &JobStore<'_>,
    secrets: &Secrets,
    template: &JobTemplate,
) -> Result<Vec<NameValue>, ApiError> {
    let settings = Settings::load(store, secrets)?;
    let pair = |name: &str, value: String| NameValue { name: name.to_owned(), value };
    let mut list: Vec<NameValue> =
        settings.thresholds.list().iter().map(|(name, value)| pair(name, value.to_string())).collect();
    list.push(pair(ACTION, action(settings.policy).to_owned()));
    if let Deprovisioning::DisableThenDelete { days } = settings.policy {
        list.push(pair(DAYS, days.to_string()));
    }
    list.push(pair(NESTED, settings.nested.to_string()));
    list.extend(settings.rate.map(|rate| pair(RATE, rate.to_string())));
    let quirks = settings.quirks.unwrap_or(template.quirks);
    if quirks != Quirks::default() {
        list.push(pair(QUIRKS, quirks.names()));
    }
    Ok(list)
}

/// Changes what is given. Another policy, or another reach of assignments, makes the next cycle an initial one: it
/// concerns everybody.
pub async fn put(job: &Job, entries: &[NameValue]) -> Result<(), ApiError> {
    let concerns_all =
        |one: &Settings, other: &Settings| one.policy != other.policy || one.nested != other.nested;
    let store = job.store();
    let before = Settings::load(&store, &Secrets::of(job)?)?;
    if concerns_all(&before, &changed(before, entries)?) {
        settle(job).await?;
    }
    let record = job.record()?;
    let mut secrets = Secrets::of(job)?;
    let before = Settings::load(&store, &secrets)?;
    let after = changed(before, entries)?;
    let concerns_all = concerns_all(&before, &after);
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        if let Some(rate) = after.rate {
            save_setting(&store, keys::RATE, &rate)?;
        }
        if let Some(quirks) = after.quirks {
            save_setting(&store, keys::QUIRKS, &quirks)?;
        }
        let Thresholds { deletions, escrows } = after.thresholds;
        if deletions != before.thresholds.deletions {
            match deletions {
                Some(limits) => save_setting(&store, keys::DELETION_LIMITS, &limits)?,
                // Switched on again, it begins with the usual number.
                None => store.remove_setting(keys::DELETION_LIMITS)?,
            }
            if deletions.is_some() != before.thresholds.deletions.is_some() {
                secrets.prevent_deletions(deletions.is_some())?;
                secrets.save(&store, &job.env, &job.owner()?)?;
            }
        }
        if escrows != before.thresholds.escrows {
            save_setting(&store, keys::ESCROW_LIMITS, &escrows)?;
        }
        if concerns_all {
            save_setting(&store, keys::DEPROVISIONING, &after.policy)?;
            save_setting(&store, keys::NESTED_GROUPS, &after.nested)?;
            job.forget_watermark()?;
        }
        Ok(())
    })?;
    if concerns_all { reevaluate(job, &record).await } else { Ok(()) }
}

fn action(policy: Deprovisioning) -> &'static str {
    match policy {
        Deprovisioning::Disable => "Disable",
        Deprovisioning::DisableThenDelete { .. } => "DisableThenDelete",
        Deprovisioning::Nothing => "Nothing",
    }
}

fn changed(before: Settings, entries: &[NameValue]) -> Result<Settings, ApiError> {
    let mut wanted = action(before.policy);
    let Settings { mut rate, mut quirks, mut nested, mut thresholds, .. } = before;
    let mut days = match before.policy {
        Deprovisioning::DisableThenDelete { days } => days,
        _ => DEFAULT_DAYS,
    };
    for entry in entries {
        let NameValue { name, value } = entry;
        match name.as_str() {
            ACTION => {
                wanted = ACTIONS.into_iter().find(|known| known == value).ok_or_else(|| {
                    ApiError::bad_request(format!("{ACTION} is `{value}`; use {}.", ACTIONS.join(", ")))
                })?;
            }
            DAYS => days = number(DAYS, value, MAXIMUM_DAYS)?,
            QUIRKS => {
                let read = Quirks::parse(value)
                    .map_err(|problem| ApiError::bad_request(format!("{QUIRKS} is wrong: {problem}.")))?;
                quirks = Some(read);
            }
            RATE => rate = Some(number(RATE, value, MAXIMUM_RATE)?),
            NESTED => {
                nested = value.parse().map_err(|_| {
                    ApiError::bad_request(format!("{NESTED} is `{value}`; use true or false."))
                })?;
            }
            known if thresholds::NAMES.contains(&known) => thresholds.set(entry)?,
            _ => {
                return Err(ApiError::bad_request(format!(
                    "`{name}` is not a setting that can be changed; use {ACTION}, {DAYS}, {NESTED}, {RATE}, {QUIRKS}, {}.",
                    thresholds::NAMES.join(", ")
                )));
            }
        }
    }
    let policy = match wanted {
        "DisableThenDelete" => Deprovisioning::DisableThenDelete { days },
        "Nothing" => Deprovisioning::Nothing,
        _ => Deprovisioning::Disable,
    };
    Ok(Settings { policy, rate, quirks, nested, thresholds: thresholds.checked()? })
}

pub(super) fn number(name: &str, value: &str, maximum: u32) -> Result<u32, ApiError> {
    value.parse().ok().filter(|number| *number <= maximum).ok_or_else(|| {
        ApiError::bad_request(format!("{name} is `{value}`; give a whole number from 0 to {maximum}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_changed_one_by_one() {
        let usual = Settings { thresholds: Thresholds::default(), ..Settings::default() };
        let check = |before: Deprovisioning, pairs: &[(&str, &str)], expected: Option<Deprovisioning>| {
            let entries: Vec<NameValue> = pairs
                .iter()
                .map(|(name, value)| NameValue { name: (*name).to_owned(), value: (*value).to_owned() })
                .collect();
            let settings = changed(Settings { policy: before, ..usual }, &entries);
            assert_eq!(settings.ok().map(|settings| settings.policy), expected, "{pairs:?}");
        };
        let delete = |days| Deprovisioning::DisableThenDelete { days };
        let disable = Deprovisioning::Disable;
        check(disable, &[], Some(disable));
        check(disable, &[(ACTION, "DisableThenDelete")], Some(delete(DEFAULT_DAYS)));
        check(disable, &[(ACTION, "DisableThenDelete"), (DAYS, "0")], Some(delete(0)));
        check(delete(7), &[(DAYS, "365")], Some(delete(MAXIMUM_DAYS)));
        check(delete(7), &[(ACTION, "Nothing")], Some(Deprovisioning::Nothing));
        check(delete(7), &[(ACTION, "Disable")], Some(disable));
        check(disable, &[(ACTION, "disable")], None);
        check(disable, &[(DAYS, "366")], None);
        check(disable, &[(DAYS, "-1")], None);
        check(disable, &[("Other", "1")], None);
        check(disable, &[(RATE, "1001")], None);
        check(disable, &[(QUIRKS, "Put, Other")], None);
        check(disable, &[(QUIRKS, "Put, StringBooleans")], Some(disable));
        check(disable, &[(NESTED, "True")], None);
        let entries = [(RATE, "10"), (NESTED, "true")]
            .map(|(name, value)| NameValue { name: name.to_owned(), value: value.to_owned() });
        let settings = changed(usual, &entries).expect("settings");
        assert_eq!(settings, Settings { rate: Some(10), nested: true, ..usual });
    }
}
