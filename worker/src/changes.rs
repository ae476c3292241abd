//! Starting jobs when something changes. Whoever writes people, groups or assignments goes through this Worker,
//! which tells the jobs concerned after it has answered; a job then runs within seconds instead of at its next
//! scheduled time.
//!
//! A write costs nothing for it: the jobs are told in the background, and at most once in a while for each
//! directory or application ([`QUIET`]). A job that is told waits for the rest of the debounce before it runs, so
//! that writes in between are part of the same cycle.

use std::cell::RefCell;
use std::collections::HashMap;

use store::organization::ServicePrincipalRecord;
use worker::{Context, Env, Method, console_error};

use crate::error::ApiError;
use crate::objects::job::{self, JobCommand};
use crate::objects::organization::{Description, NAME, OrganizationCommand};
use crate::platform::clock;
use crate::platform::stub::{self, ObjectKind};

/// The variable of the Worker that sets how many seconds a job waits after a change; 0 switches it off.
const VARIABLE: &str = "CHANGE_DEBOUNCE_SECONDS";
/// How many seconds a job waits after a change unless the variable says otherwise.
const DEFAULT_DEBOUNCE_SECONDS: i64 = 5;
/// The part of the debounce during which the same jobs are not told again. Less than the whole: a write is told,
/// or was made before the job that was told last runs.
const QUIET: (i64, i64) = (4, 5);

thread_local! {
    /// When jobs were told last, by what changed.
    static TOLD: RefCell<HashMap<String, i64>> = RefCell::default();
    /// The workforce directory, once it is known. It never changes.
    static WORKFORCE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What a request may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// People or groups of a directory.
    Directory(String),
    /// Assignments of an application.
    Assignments(String),
}

impl Change {
    /// What a request changes when it succeeds: a path of this deployment, and how it is asked for.
    pub fn of(method: &Method, path: &str) -> Option<Change> {
        if matches!(method, Method::Get | Method::Head | Method::Options) {
            return None;
        }
        if let Some(rest) = path.strip_prefix("/scim/") {
            let (directory, rest) = rest.split_once('/')?;
            let is_resource = rest.starts_with("v2/") && !rest.ends_with("/.search");
            return is_resource.then(|| Change::Directory(directory.to_owned()));
        }
        let mut parts = path.strip_prefix("/api/v1.0/")?.split('/');
        match (parts.next()?, parts.next()?, parts.next()?) {
            ("directories", id, "import" | "deletedItems" | "attributePrecedence") => {
                Some(Change::Directory(id.to_owned()))
            }
            // Another place in the order of the inlets, or one fewer.
            ("directories", id, "inlets") if matches!(method, Method::Patch | Method::Delete) => {
                Some(Change::Directory(id.to_owned()))
            }
            ("servicePrincipals", id, "appRoleAssignedTo") => Some(Change::Assignments(id.to_owned())),
            _ => None,
        }
    }

    /// Tells the jobs concerned, after the answer has gone out.
    pub fn follow(self, env: &Env, context: &Context) {
        let debounce = debounce(env);
        if debounce <= 0 || !self.may_concern() {
            return;
        }
        let env = env.clone();
        context.wait_until(async move {
            if let Err(error) = self.tell(&env, debounce).await {
                TOLD.with_borrow_mut(|told| told.remove(self.name()));
                error.log("changes");
            }
        });
    }

    /// Tells the jobs concerned, for a caller that waits: always, since a job may have been made since they were told
    /// last, and what is announced is announced once.
    pub async fn announce(self, env: &Env) -> Result<(), ApiError> {
        TOLD.with_borrow_mut(|told| told.remove(self.name()));
        match debounce(env) {
            ..=0 => Ok(()),
            debounce => self.tell(env, debounce).await,
        }
    }

    fn name(&self) -> &str {
        match self {
            Change::Directory(id) | Change::Assignments(id) => id,
        }
    }

    /// Whether it may be a job's business: changes of applications' directories are nobody's.
    fn may_concern(&self) -> bool {
        match self {
            Change::Directory(id) => {
                WORKFORCE.with_borrow(|known| known.as_ref().is_none_or(|known| known == id))
            }
            Change::Assignments(_) => true,
        }
    }

    async fn tell(&self, env: &Env, debounce: i64) -> Result<(), ApiError> {
        if WORKFORCE.with_borrow(Option::is_none) {
            let organization: Description =
                stub::call(env, ObjectKind::Organization, NAME, &OrganizationCommand::Describe).await?;
            WORKFORCE.with_borrow_mut(|known| *known = Some(organization.workforce_directory_id));
        }
        if !self.may_concern() || !claim(self.name(), clock::now_ms(), debounce) {
            return Ok(());
        }
        let command = JobCommand::Changed { debounce };
        match self {
            Change::Assignments(id) => job::call(env, id, &command).await,
            Change::Directory(_) => {
                let applications: Vec<ServicePrincipalRecord> =
                    stub::call(env, ObjectKind::Organization, NAME, &OrganizationCommand::ServicePrincipals)
                        .await?;
                for application in applications.iter().filter(|application| application.account_enabled) {
                    // One that fails does not keep the others waiting for their schedule.
                    if let Err(error) = job::call::<()>(env, &application.id, &command).await {
                        console_error!("changes: {}: {}", application.id, error.message);
                    }
                }
                Ok(())
            }
        }
    }
}

fn debounce(env: &Env) -> i64 {
    let given = env.var(VARIABLE).ok().and_then(|text| text.to_string().parse::<i64>().ok());
    given.unwrap_or(DEFAULT_DEBOUNCE_SECONDS).saturating_mul(1_000)
}

/// Whether jobs are to be told now: not when they were a moment ago.
fn claim(name: &str, now: i64, debounce: i64) -> bool {
    TOLD.with_borrow_mut(|told| {
        let quiet = debounce.saturating_mul(QUIET.0) / QUIET.1;
        let is_recent = told.get(name).is_some_and(|at| (0..quiet).contains(&(now - at)));
        if !is_recent {
            told.insert(name.to_owned(), now);
        }
        !is_recent
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_told_from_reads() {
        let check = |method: Method, path: &str, expected: Option<Change>| {
            assert_eq!(Change::of(&method, path), expected, "{path}");
        };
        let directory = || Some(Change::Directory("d".to_owned()));
        check(Method::Post, "/scim/d/v2/Users", directory());
        check(Method::Patch, "/scim/d/v2/Groups/g", directory());
        check(Method::Post, "/scim/d/v2/Bulk", directory());
        check(Method::Get, "/scim/d/v2/Users", None);
        check(Method::Post, "/scim/d/v2/Users/.search", None);
        check(Method::Post, "/scim/d/oauth/token", None);
        check(Method::Post, "/api/v1.0/directories/d/import", directory());
        check(Method::Post, "/api/v1.0/directories/d/deletedItems/u/restore", directory());
        check(Method::Post, "/api/v1.0/directories/d/tokens", None);
        check(Method::Put, "/api/v1.0/directories/d/attributePrecedence", directory());
        check(Method::Get, "/api/v1.0/directories/d/attributePrecedence", None);
        check(Method::Patch, "/api/v1.0/directories/d/inlets/i", directory());
        check(Method::Delete, "/api/v1.0/directories/d/inlets/i", directory());
        check(Method::Post, "/api/v1.0/directories/d/inlets/i/run", None);
        let assignments = || Some(Change::Assignments("a".to_owned()));
        check(Method::Post, "/api/v1.0/servicePrincipals/a/appRoleAssignedTo", assignments());
        check(Method::Delete, "/api/v1.0/servicePrincipals/a/appRoleAssignedTo/x", assignments());
        check(Method::Get, "/api/v1.0/servicePrincipals/a/appRoleAssignedTo", None);
        check(Method::Patch, "/api/v1.0/servicePrincipals/a", None);
        check(Method::Post, "/elsewhere", None);
    }

    #[test]
    fn jobs_are_told_once_in_a_while_and_never_too_seldom() {
        assert!(claim("a", 10_000, 5_000));
        assert!(!claim("a", 13_999, 5_000), "part of the cycle that runs at 15,000");
        assert!(claim("b", 13_999, 5_000));
        assert!(claim("a", 14_000, 5_000));
        assert!(claim("a", 9_000, 5_000), "a clock that went back holds nobody up");
    }
}
