//! `…/appRoleAssignedTo/reach` (not in Graph): how many people the assignments reach, directly and through
//! groups, and who would lose access without one of them. Scoping filters come later and are not part of it.

use std::collections::HashSet;

use api::application::DEFAULT_ACCESS_ROLE;
use provisioning::template::{self, AppRole};
use serde_json::{Value, json};
use store::organization::{AssignmentRecord, ServicePrincipalRecord};
use worker::Response;

use super::{organization, people};
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::job::settings::NESTED;
use crate::objects::directory::SourceResource;
use crate::objects::job::{self, JobCommand};
use crate::objects::organization::OrganizationCommand;

/// Assignments that are looked at, at most.
const MAXIMUM_ASSIGNMENTS: usize = 10_000;

/// Assignments that are read at once.
const PAGE: i64 = 1_000;

/// Answers the request; `?without={assignmentId}` also tells who would lose access.
pub async fn answer(exchange: &Exchange, application: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    let (records, cut) = assignments(exchange, application).await?;
    let without = exchange.parameter("without");
    if let Some(id) = without.filter(|id| !records.iter().any(|record| record.id == *id)) {
        return Err(ApiError::not_found("assignment", id));
    }
    let roles = Roles::of(application);
    let mut reach = Reach::new(&records, &roles, without);
    let truncated =
        people::walk(exchange, false, nested(exchange, application).await?, &mut |person| reach.look(person))
            .await?;
    ok(&reach.answer(truncated || cut))
}

/// Whether the application's job also reaches the members of groups in groups; without a job it does not.
pub(super) async fn nested(
    exchange: &Exchange,
    application: &ServicePrincipalRecord,
) -> Result<bool, ApiError> {
    let job: Value = job::call(&exchange.env, &application.id, &JobCommand::Describe).await?;
    let settings = job.get("synchronizationJobSettings").and_then(Value::as_array);
    let is_on = |setting: &Value| {
        setting.get("name").and_then(Value::as_str) == Some(NESTED)
            && setting.get("value").and_then(Value::as_str) == Some("true")
    };
    Ok(settings.is_some_and(|settings| settings.iter().any(is_on)))
}

/// All assignments, and whether there are more than are looked at.
pub(super) async fn assignments(
    exchange: &Exchange,
    application: &ServicePrincipalRecord,
) -> Result<(Vec<AssignmentRecord>, bool), ApiError> {
    let mut records: Vec<AssignmentRecord> = Vec::new();
    loop {
        let command = OrganizationCommand::Assignments {
            service_principal_id: application.id.clone(),
            after: records.last().map(|last| last.id.clone()).unwrap_or_default(),
            limit: PAGE,
        };
        let page: Vec<AssignmentRecord> = organization(exchange, &command).await?;
        let full = page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
        records.extend(page);
        if !full || records.len() >= MAXIMUM_ASSIGNMENTS {
            return Ok((records, full));
        }
    }
}

/// Roles of an application, and whether each provisions.
pub(super) struct Roles(Vec<(AppRole, bool)>);

impl Roles {
    /// Those of its template.
    pub(super) fn of(application: &ServicePrincipalRecord) -> Self {
        let template = template::find(&application.template_id);
        let roles = template.into_iter().flat_map(|template| {
            let excludes = template.excludes_default_access;
            template.app_roles.into_iter().map(move |role| {
                let provisions = role.is_enabled && !(excludes && role.id == DEFAULT_ACCESS_ROLE);
                (role, provisions)
            })
        });
        Self(roles.collect())
    }

    /// Whether an assignment with this role provisions.
    pub(super) fn provision(&self, id: &str) -> bool {
        self.0.iter().any(|(role, provisions)| *provisions && role.id.eq_ignore_ascii_case(id))
    }

    /// The computed attribute `appRoleAssignments` of who holds these roles, like [`provisioning::scope::role_values`].
    pub(super) fn values(&self, held: &[&str]) -> Vec<Value> {
        let mut values = Vec::new();
        for id in held {
            let role = self.0.iter().map(|(role, _)| role).find(|role| role.id.eq_ignore_ascii_case(id));
            let Some((role, value)) = role.and_then(|role| Some((role, role.value.as_ref()?))) else {
                continue;
            };
            let value = json!({ "id": role.id, "value": value, "displayName": role.display_name });
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    /// Roles of an id, which is the name too, and a value; and whether they are enabled.
    #[cfg(test)]
    pub(super) fn named(roles: &[(&str, Option<&str>, bool)]) -> Self {
        let role = |(id, value, is_enabled): &(&str, Option<&str>, bool)| {
            let role = AppRole {
                id: (*id).to_owned(),
                display_name: (*id).to_owned(),
                description: String::new(),
                value: value.map(str::to_owned),
                is_enabled: *is_enabled,
            };
            (role, *is_enabled)
        };
        Self(roles.iter().map(role).collect())
    }
}

/// Who is reached, counted while people go by.
struct Reach<'a> {
    /// Principals with an assignment that provisions.
    principals: HashSet<&'a str>,
    /// Those of them that have one without the assignment in question.
    others: HashSet<&'a str>,
    people: u64,
    direct: u64,
    through_groups: u64,
    losing: u64,
    sample: Vec<Value>,
}

impl<'a> Reach<'a> {
    fn new(records: &'a [AssignmentRecord], roles: &Roles, without: Option<&str>) -> Self {
        let good = records.iter().filter(|record| roles.provision(&record.app_role_id));
        let others = good.clone().filter(|record| without != Some(record.id.as_str()));
        Self {
            principals: good.map(|record| record.principal_id.as_str()).collect(),
            others: others.map(|record| record.principal_id.as_str()).collect(),
            people: 0,
            direct: 0,
            through_groups: 0,
            losing: 0,
            sample: Vec::new(),
        }
    }

    /// Only who is enabled has access to lose.
    fn look(&mut self, person: &SourceResource) {
        if !people::is_enabled(person) {
            return;
        }
        let has = |set: &HashSet<&str>, id: &str| set.contains(id);
        let direct = has(&self.principals, &person.id);
        let by_group = person.group_ids.iter().any(|group| has(&self.principals, group));
        if !direct && !by_group {
            return;
        }
        self.people += 1;
        self.direct += u64::from(direct);
        self.through_groups += u64::from(by_group);
        let keeps =
            has(&self.others, &person.id) || person.group_ids.iter().any(|group| has(&self.others, group));
        if !keeps {
            self.losing += 1;
            if self.sample.len() < people::MAXIMUM_SAMPLE {
                self.sample.push(people::named(person));
            }
        }
    }

    fn answer(self, truncated: bool) -> Value {
        json!({
            "people": self.people,
            "direct": self.direct,
            "throughGroups": self.through_groups,
            "truncated": truncated,
            "losing": { "people": self.losing, "sample": self.sample },
        })
    }
}

/// For tests: a person's assignment.
#[cfg(test)]
pub(super) fn assignment(id: &str, principal: &str, role: &str) -> AssignmentRecord {
    AssignmentRecord {
        id: id.to_owned(),
        service_principal_id: String::new(),
        principal_id: principal.to_owned(),
        principal_type: store::organization::PrincipalType::User,
        principal_display_name: String::new(),
        app_role_id: role.to_owned(),
        created_at: 0,
        inlet_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, groups: &[&str], active: bool) -> SourceResource {
        SourceResource {
            document: Some(json!({"displayName": id, "active": active})),
            deleted: false,
            group_ids: groups.iter().map(|group| (*group).to_owned()).collect(),
            ..SourceResource::gone(id)
        }
    }

    #[test]
    fn people_are_counted_once_and_whoever_has_another_way_keeps_access() {
        let records = [
            assignment("1", "ada", "role"),
            assignment("2", "all", "role"),
            assignment("3", "bob", "other"),
            assignment("4", "all", "more"),
        ];
        let roles = Roles::named(&[("ROLE", None, true), ("more", None, true), ("other", None, false)]);
        let crowd = [
            person("ada", &["all"], true),
            person("bob", &[], true),
            person("eve", &["all"], true),
            person("off", &["all"], false),
        ];
        let check = |without: Option<&str>, losing: Value| {
            let mut reach = Reach::new(&records, &roles, without);
            crowd.iter().for_each(|person| reach.look(person));
            let answer = reach.answer(false);
            assert_eq!(
                answer,
                json!({"people": 2, "direct": 1, "throughGroups": 2, "truncated": false, "losing": losing})
            );
        };
        let nobody = json!({"people": 0, "sample": []});
        check(None, nobody.clone());
        check(Some("1"), nobody.clone());
        // The group has another role.
        check(Some("2"), nobody);
        let one = [assignment("1", "ada", "role"), assignment("2", "all", "role")];
        let mut reach = Reach::new(&one, &roles, Some("2"));
        crowd.iter().for_each(|person| reach.look(person));
        assert_eq!(reach.sample, [json!({"id": "eve", "displayName": "eve"})]);
    }
}
