//! The inlet as the API shows it.

use api::inlet::{
    AppRoleMirror, AppRoleMirrorStatus, Inlet, InletCounts, InletDetails, InletError, InletLogEntry,
    InletRules, InletRun, InletStatus, MirroredAppRoles,
};
use inlets::assignments::{Mirrored, Outcome};
use inlets::graph::{LastError, Phase, State};
use inlets::mirror::{Counts, Kind};
use serde::{Deserialize, Serialize};
use store::inlet::{InletLogRecord, InletStore};

use super::record::{InletSettings, KIND, cloud_name};
use super::{credential, keys};
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::settings::setting;

/// An inlet with its place among others.
#[derive(Clone, Serialize, Deserialize)]
pub struct Described {
    /// The inlet.
    #[serde(flatten)]
    pub inlet: Inlet,
    /// Its rules.
    #[serde(flatten)]
    pub rules: InletRules,
    /// What else there is to tell.
    #[serde(flatten)]
    pub details: InletDetails,
}

/// Describes an inlet. `at_work`: whether a slice runs at this moment.
pub async fn describe(
    store: &InletStore<'_>,
    settings: &InletSettings,
    at_work: bool,
    now: i64,
) -> Result<Described, ApiError> {
    let state: State = setting(store, keys::STATE)?.unwrap_or_default();
    let next_run: i64 = setting(store, keys::NEXT_RUN)?.unwrap_or(now);
    let counts: InletCounts = setting(store, keys::MIRRORED)?.unwrap_or_default();
    let endpoints = settings.endpoints()?;
    let mut inlet = Inlet {
        id: settings.id.clone(),
        directory_id: settings.directory_id.clone(),
        kind: KIND.to_owned(),
        display_name: settings.display_name.clone(),
        tenant_id: settings.tenant_id.clone(),
        client_id: settings.client_id.clone(),
        cloud: cloud_name(settings.cloud),
        login_origin: endpoints.login,
        graph_origin: endpoints.graph,
        interval: settings.interval.clone(),
        extension_attributes: settings.extension_attributes.clone(),
        created_date_time: clock::rfc3339(settings.created_at),
        status: status(&state, settings.paused, at_work || next_run <= now, next_run, counts, now),
    };
    let mut details = InletDetails::default();
    if let Some(record) = &settings.certificate {
        details.key_credential = Some(record.describe(now).await?);
        if inlet.status.last_error.is_none() {
            inlet.status.last_error = record.warning(now).map(|message| InletError {
                code: credential::EXPIRES.to_owned(),
                message,
                date_time: clock::rfc3339(now),
            });
        }
    }
    details.app_role_assignments = settings.assignments.iter().map(|each| mirrored(each, &state)).collect();
    Ok(Described { inlet, rules: settings.api_rules(), details })
}

fn mirrored(mirrored: &Mirrored, state: &State) -> MirroredAppRoles {
    let known = state.assignments.iter().find(|known| known.application == mirrored.application);
    MirroredAppRoles {
        mirror: AppRoleMirror {
            source_service_principal_id: mirrored.source.clone(),
            service_principal_id: mirrored.application.clone(),
        },
        status: known.map(|known| {
            let Outcome { assigned, waiting, added, removed, held, unknown_roles } = known.outcome.clone();
            AppRoleMirrorStatus {
                assigned,
                waiting,
                added,
                removed,
                held,
                unknown_roles,
                last_run_date_time: (known.at > 0).then(|| clock::rfc3339(known.at)),
                last_error: known.error.as_ref().map(error),
            }
        }),
    }
}

fn error(error: &LastError) -> InletError {
    InletError {
        code: error.code.clone(),
        message: error.message.clone(),
        date_time: clock::rfc3339(error.at),
    }
}

fn status(
    state: &State,
    paused: bool,
    busy: bool,
    next_run: i64,
    counts: InletCounts,
    now: i64,
) -> InletStatus {
    let resting = state.rest_until.filter(|until| *until > now);
    let (name, next) = match resting {
        _ if paused => ("paused", None),
        Some(until) => ("waiting", Some(until)),
        None if state.round.is_some() || busy => ("running", None),
        None => ("idle", Some(next_run)),
    };
    InletStatus {
        state: name.to_owned(),
        last_run: state.last.as_ref().map(|last| {
            run(
                last.full,
                "done",
                (last.started, Some(last.ended)),
                (last.pages, last.users, last.groups),
                &last.counts,
            )
        }),
        current_run: state.round.as_ref().map(|round| {
            let phase = match round.phase {
                Phase::Read(Kind::User) => "users",
                Phase::Read(Kind::Group) => "groups",
                Phase::Weigh | Phase::Sweep(_) => "sweep",
                Phase::Settle { .. } => "settle",
                Phase::Assign { .. } => "assignments",
            };
            let read = (round.pages, round.users, round.groups);
            run(round.full, phase, (round.started, None), read, &round.counts)
        }),
        last_error: state.error.as_ref().map(error),
        next_run_date_time: next.map(clock::rfc3339),
        counts,
        held_removals: state.held.map(|held| InletCounts { users: held.users, groups: held.groups }),
    }
}

fn run(
    full: bool,
    phase: &str,
    (started, ended): (i64, Option<i64>),
    (pages, users_read, groups_read): (u64, u64, u64),
    counts: &Counts,
) -> InletRun {
    InletRun {
        kind: if full { "full" } else { "incremental" }.to_owned(),
        phase: phase.to_owned(),
        started_date_time: clock::rfc3339(started),
        ended_date_time: ended.map(clock::rfc3339),
        pages,
        users_read,
        groups_read,
        created: counts.created,
        joined: counts.joined,
        updated: counts.updated,
        unchanged: counts.unchanged,
        restored: counts.restored,
        deleted: counts.deleted,
        failed: counts.failed,
        members_added: counts.members_added,
        members_removed: counts.members_removed,
    }
}

/// An entry of the log.
pub fn log_entry(record: InletLogRecord) -> InletLogEntry {
    InletLogEntry {
        id: record.sequence.to_string(),
        date_time: clock::rfc3339(record.at),
        level: record.level,
        code: record.code,
        message: record.message,
        source_id: record.source_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_told() {
        let check = |state: State, paused: bool, busy: bool, expected: &str| {
            let told = status(&state, paused, busy, 200, InletCounts::default(), 100);
            assert_eq!(told.state, expected);
        };
        let error = Some(LastError { code: "x".into(), message: "y".into(), at: 1 });
        let resting = State { rest_until: Some(101), error, ..State::default() };
        check(State::default(), false, true, "running");
        check(State::default(), false, false, "idle");
        check(State::default(), true, true, "paused");
        check(resting.clone(), false, true, "waiting");
        check(resting, true, false, "paused");
    }
}
