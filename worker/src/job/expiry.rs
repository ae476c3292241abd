//! When the job's credentials run out, as far as that is known: from the date that the administrator gave, from a
//! Secret Token that is a JWT, or from the directory when the target is one of this deployment. People are told 30
//! and 7 days before, and when it is too late; each once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use store::Settings as _;
use store::job::JobStore;

use super::record::{JobRecord, ScheduleState};
use super::secrets::Secrets;
use super::{keys, notify};
use crate::error::ApiError;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::job::Job;
use crate::platform::clock;
use crate::platform::secret::digest;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// People are told so long before the end, and at the end.
const NOTICES_MS: [i64; 3] = [30 * DAY_MS, 7 * DAY_MS, 0];

/// What is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Expiry {
    /// Unix milliseconds.
    at: i64,
    /// How many of [`NOTICES_MS`] people were told.
    told: usize,
}

impl Expiry {
    /// Two numbers, which need no parser of their own.
    fn load(store: &JobStore<'_>) -> Result<Option<Self>, ApiError> {
        let text = store.setting(keys::EXPIRY)?.unwrap_or_default();
        let numbers =
            text.split_once(' ').and_then(|(at, told)| Some((at.parse().ok()?, told.parse().ok()?)));
        Ok(numbers.map(|(at, told)| Self { at, told }))
    }

    fn save(self, store: &JobStore<'_>) -> Result<(), ApiError> {
        Ok(store.set_setting(keys::EXPIRY, &format!("{} {}", self.at, self.told))?)
    }
}

/// When the credentials run out, in Unix milliseconds.
pub fn at(store: &JobStore<'_>) -> Result<Option<i64>, ApiError> {
    Ok(Expiry::load(store)?.map(|expiry| expiry.at))
}

/// Notes what the credentials say by themselves. Part of a transaction.
pub fn note(store: &JobStore<'_>, secrets: &Secrets) -> Result<(), ApiError> {
    let known = secrets.expires().or_else(|| secrets.bearer().and_then(jwt_expiry));
    save(store, known)
}

/// The same end is told once; another one anew.
fn save(store: &JobStore<'_>, known: Option<i64>) -> Result<(), ApiError> {
    let before = Expiry::load(store)?;
    match known {
        None => Ok(store.remove_setting(keys::EXPIRY)?),
        Some(at) if before.is_some_and(|before| before.at == at) => Ok(()),
        Some(at) => Expiry { at, told: 0 }.save(store),
    }
}

/// Asks the directory, when the target is one of this deployment, when the token ends. An answer that does not come
/// is no reason to hold up a cycle.
pub async fn ask(job: &Job, secrets: &Secrets) -> Result<(), ApiError> {
    let store = job.store();
    let origin = store.setting(keys::ORIGIN)?.unwrap_or_default();
    let target = secrets.target()?;
    let directory_id = target.own(&origin).and_then(|path| path.split('/').next());
    let (Some(directory_id), Some(token), None) = (directory_id, secrets.bearer(), secrets.expires()) else {
        return Ok(());
    };
    let command = DirectoryCommand::TokenExpiry { digest: digest(token) };
    match directory::call::<Option<i64>>(&job.env, directory_id, &command).await {
        Ok(known) => save(&store, known),
        Err(error) => {
            error.log("job");
            Ok(())
        }
    }
}

/// Writes down what people are to be told by now, if the job is on. Asked every minute: reads one row while there
/// is nothing to tell, none when no end is known.
pub fn tell(job: &Job) -> Result<(), ApiError> {
    let store = job.store();
    let Some(expiry) = Expiry::load(&store)? else { return Ok(()) };
    let due = due(expiry.at, clock::now_ms());
    if due <= expiry.told {
        return Ok(());
    }
    let record = JobRecord::load(&store)?.filter(|record| record.state != ScheduleState::Disabled);
    let Some(record) = record else { return Ok(()) };
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        Expiry { told: due, ..expiry }.save(&store)?;
        notify::note(job, &record, &notify::Event::Expiry { at: expiry.at, is_over: due == NOTICES_MS.len() })
    })
}

/// How many of the notices are due.
fn due(at: i64, now: i64) -> usize {
    NOTICES_MS.iter().filter(|before| at - now <= **before).count()
}

/// `exp` of a JSON Web Token (RFC 7519), in Unix milliseconds; nothing of anything else. The signature is not ours
/// to check.
fn jwt_expiry(token: &str) -> Option<i64> {
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    let exp = payload.get("exp")?;
    let seconds = exp.as_i64().or_else(|| exp.as_f64().map(|seconds| seconds as i64))?;
    seconds.checked_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_due_30_and_7_days_before_and_at_the_end() {
        let check = |days_left: i64, expected: usize| {
            assert_eq!(due(100 * DAY_MS, (100 - days_left) * DAY_MS), expected, "{days_left}");
        };
        check(31, 0);
        check(30, 1);
        check(8, 1);
        check(7, 2);
        check(1, 2);
        check(0, 3);
        check(-5, 3);
    }

    #[test]
    fn the_end_of_a_jwt_is_read() {
        let check = |payload: &str, expected: Option<i64>| {
            let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload));
            assert_eq!(jwt_expiry(&token), expected, "{payload}");
        };
        check(r#"{"exp":1795512600}"#, Some(1_795_512_600_000));
        check(r#"{"exp":1795512600.5}"#, Some(1_795_512_600_000));
        check(r#"{"exp":"soon"}"#, None);
        check(r#"{"exp":9223372036854775807}"#, None);
        check("{}", None);
        check("not JSON", None);
        for other in ["", "opaque", "a.b", "a.b.c", "a.b.c.d", "rct_1_2"] {
            assert_eq!(jwt_expiry(other), None, "{other}");
        }
    }
}
