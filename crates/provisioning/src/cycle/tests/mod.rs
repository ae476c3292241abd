//! The engine against a simulated world.

mod basics;
mod codes;
mod decisions;
mod deprovision;
mod faults;
mod flows;
mod group_on_demand;
mod groups;
mod histories;
mod leavers;
mod references;
mod thresholds;

use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use super::{CycleResult, Report};
use crate::id::SourceId;
use crate::job::Job;
use crate::log::{Action, ProvisioningObjectSummary, Status};
use crate::simulate::{Outcome, Run, World, job};
use crate::template::{self, ApplicationTemplate};

static PEAKON: LazyLock<ApplicationTemplate> = LazyLock::new(|| template::search("peakon").remove(0));
static SCIM: LazyLock<ApplicationTemplate> = LazyLock::new(|| template::search("scim").remove(0));

/// The Peakon template.
fn peakon() -> &'static ApplicationTemplate {
    &PEAKON
}

/// The template of any SCIM application.
fn scim() -> &'static ApplicationTemplate {
    &SCIM
}

/// A job for Peakon with its default schema.
fn peakon_job() -> Job {
    job(peakon(), &peakon().schema).unwrap()
}

/// Id of the role that provisions.
fn user_role() -> String {
    peakon().app_roles.last().unwrap().id.clone()
}

fn id(number: usize) -> SourceId {
    SourceId::from(format!("s{number:03}"))
}

/// A world with so many people, all assigned; everybody but the first has a manager.
fn company(size: usize) -> World {
    let mut world = World::new(size as u64);
    for number in 0..size {
        let person = id(number);
        world.directory.put(person.as_str(), &format!("Person {number}"), |person| {
            let attributes = &mut person.attributes;
            attributes.insert("userPrincipalName".to_owned(), json!(format!("p{number}@contoso.example")));
            attributes.insert("givenName".to_owned(), json!("Zoë"));
            attributes.insert("surname".to_owned(), json!(format!("O'Neil-{number}")));
            attributes.insert("employeeId".to_owned(), json!(number.to_string()));
            attributes.insert("department".to_owned(), json!("Sales"));
            if number > 0 {
                attributes.insert("manager".to_owned(), json!(id((number - 1) / 3)));
            }
        });
        world.directory.assign(&person, &user_role());
    }
    world
}

/// Runs a cycle that must go through, and forgets the requests of before.
fn cycle(world: &mut World, job: &Job, run: &Run) -> Report {
    world.target.requests.clear();
    match world.run(job, run) {
        Outcome::Finished(report, _) => *report,
        other => panic!("{other:?}"),
    }
}

/// Runs a cycle in which nothing may fail.
fn clean(world: &mut World, job: &Job) -> Report {
    let report = cycle(world, job, &Run::default());
    assert_eq!(report.result, CycleResult::Succeeded, "{:?}", world.store.log.last());
    assert_eq!(world.store.violations, Vec::<String>::new());
    report
}

/// The account of a person.
fn account<'a>(world: &'a World, person: &SourceId) -> &'a Json {
    let link = world.store.links.get(person).expect("linked");
    world.target.accounts().get(link.target_id.as_str()).expect("an account")
}

/// Requests since the last cycle, as `METHOD /path`.
fn requests(world: &World) -> Vec<String> {
    let line = |request: &crate::target::ScimRequest| {
        let path = request.path_and_query.split('?').next().unwrap_or_default();
        let kind = if request.path_and_query.contains('?') { "?" } else { "" };
        format!("{} {path}{kind}", request.method.as_str())
    };
    world.target.requests.iter().map(line).collect()
}

/// The log's entries of one person.
fn log_of<'a>(world: &'a World, person: &SourceId) -> Vec<&'a ProvisioningObjectSummary> {
    world.store.log.iter().filter(|entry| entry.source_identity.id == person.as_str()).collect()
}

/// Action and outcome of an entry.
fn verdict(entry: &ProvisioningObjectSummary) -> (Action, Status) {
    (entry.provisioning_action, entry.provisioning_status_info.status)
}

/// Code of an entry.
fn code(entry: &ProvisioningObjectSummary) -> Option<&str> {
    Some(entry.provisioning_status_info.error_information.as_ref()?.error_code.as_str())
}
