//! Test Connection probe by probe: the requests, in their order, and what the target answers. The edge Worker
//! judges the answers (`api/connection`); the credentials stay here.

use api::job::ValidateCredentials;
use provisioning::schema::ObjectType;
use provisioning::target::{Method, Outcome, Purpose, ScimRequest, current_value, probe, read_list, uri};
use serde::{Deserialize, Serialize};

use super::configuration;
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::{clock, random};

/// A search for somebody who cannot be there.
pub const USERS: &str = "users";
/// What the target says that it can do.
pub const CONFIG: &str = "serviceProviderConfig";
/// Any one account.
pub const SAMPLE: &str = "sample";
/// A search for that account by the matching attribute.
pub const MATCHING: &str = "matchingAttribute";
/// A search for a group that cannot be there.
pub const GROUPS: &str = "groups";
/// The schemas.
pub const SCHEMAS: &str = "schemas";

/// A request that was sent.
#[derive(Serialize, Deserialize)]
pub struct Probed {
    /// One of the names above.
    pub name: String,
    /// How long the answer took.
    pub millis: i64,
    /// The answer.
    pub outcome: Outcome,
    /// What was looked for: the matching attribute, or the account's id.
    pub wanted: Option<String>,
}

/// Sends the probes, up to one that leaves no hope for the others.
pub async fn run(job: &Job, request: ValidateCredentials, origin: String) -> Result<Vec<Probed>, ApiError> {
    let (target, compiled, quirks, _) = configuration::tried(job, request, origin)?;
    let users = compiled.mapping(ObjectType::User).or(compiled.mappings.first());
    let users = users.ok_or_else(configuration::nothing_mapped)?;
    let guid = random::uuid()?;
    let get = |path_and_query: String| ScimRequest {
        method: Method::Get,
        path_and_query,
        body: None,
        purpose: Purpose::Probe,
        idempotent: true,
    };
    let matching = users.matching_attributes().next();
    let mut plan = vec![
        (USERS, probe::request(users, &guid)),
        (CONFIG, get("/ServiceProviderConfig".to_owned())),
        (SAMPLE, get(format!("{}?count=1&startIndex=1", users.endpoint))),
        (SCHEMAS, get("/Schemas".to_owned())),
    ];
    if let Some(groups) = compiled.mapping(ObjectType::Group) {
        plan.insert(3, (GROUPS, probe::request(groups, &guid)));
    }
    let mut probed = Vec::new();
    for (name, request) in plan {
        let began = clock::now_ms();
        let outcome = target.send(&quirks.translate(request)).await;
        let is_hopeless = outcome.as_ref().map_or(true, |response| response.status == 401);
        let sample = (name == SAMPLE).then(|| read_list(&outcome, Purpose::Probe).ok()).flatten();
        let wanted = matching.map(|attribute| attribute.name.clone());
        probed.push(Probed { name: name.to_owned(), millis: clock::now_ms() - began, outcome, wanted });
        if is_hopeless {
            break;
        }
        let account = sample.and_then(|found| found.into_iter().next());
        if let (Some(account), Some(attribute)) = (account, matching)
            && let Some(value) = current_value(&account.json, &attribute.path)
        {
            let began = clock::now_ms();
            let outcome = target.send(&get(uri::search(&users.endpoint, &attribute.path, value))).await;
            probed.push(Probed {
                name: MATCHING.to_owned(),
                millis: clock::now_ms() - began,
                outcome,
                wanted: Some(account.id.to_string()),
            });
        }
    }
    Ok(probed)
}
