//! One resource: POST, GET, PUT, PATCH, DELETE (RFC 7644 sections 3.3 to 3.6). Users and groups differ by their
//! schema, and by members and groups, which are not part of the document.

use serde_json::{Map, Value, json};

use super::query::Parameters;
use super::references;
use super::response::{ChangeKind, ResourceChange, Response};
use super::{Call, Context};
use crate::error::ScimError;
use crate::etag::{self, Precondition};
use crate::filter::{Condition, matches};
use crate::patch::{self, MemberEdit, PropertyChange};
use crate::projection::Projection;
use crate::repository::{MemberChange, NewResource, Repository, Update};
use crate::resource::{GroupReference, Resource, ResourceType, add_groups, add_members, member_json};
use crate::validation::normalize;

/// POST (RFC 7644 section 3.3).
pub(super) fn create(
    call: &Call<'_>,
    kind: ResourceType,
    repository: &mut dyn Repository,
    context: &mut Context<'_>,
) -> Result<Response, ScimError> {
    let projection = Parameters::from_query(call.query)?.projection();
    let input = normalize(kind, call.body()?, context.schemas)?;
    references::check(&Map::new(), &input.attributes, repository, context.schemas)?;
    let members_added = input.members.len();
    let new = NewResource {
        kind,
        id: (context.new_id)(),
        attributes: input.attributes,
        members: input.members,
        now_ms: context.now_ms,
    };
    let resource = repository.create(&new)?;
    let change = ResourceChange {
        kind: ChangeKind::Created,
        resource: kind,
        id: resource.id.clone(),
        properties: patch::changes(&Map::new(), &resource.attributes),
        members_added,
        members_removed: 0,
    };
    let response = one(201, resource, &projection, Members::Default, repository, context)?;
    Ok(Response { changes: vec![change], ..response })
}

/// GET (RFC 7644 section 3.4.1). A user's version does not count what happens to groups, so an answer that shows a
/// user's groups is never left out because of `If-None-Match`.
pub(super) fn read(
    call: &Call<'_>,
    kind: ResourceType,
    id: &str,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    let projection = Parameters::from_query(call.query)?.projection();
    let resource = find(kind, id, repository)?;
    let shows_groups = kind == ResourceType::User && projection.wants(kind, "groups", context.schemas);
    match etag::check(call.conditions, resource.version) {
        Precondition::Failed => Err(etag::precondition_failed(resource.version)),
        Precondition::Unchanged if !shows_groups => {
            Ok(Response::empty(304).header("ETag", etag::format(resource.version)))
        }
        Precondition::Unchanged | Precondition::Met => {
            one(200, resource, &projection, Members::Default, repository, context)
        }
    }
}

/// PUT (RFC 7644 section 3.5.1). What the body leaves out is removed, members included.
pub(super) fn replace(
    call: &Call<'_>,
    kind: ResourceType,
    id: &str,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    let projection = Parameters::from_query(call.query)?.projection();
    let resource = find(kind, id, repository)?;
    etag::check_write(call.conditions, resource.version)?;
    let input = normalize(kind, call.body()?, context.schemas)?;
    let members = match kind {
        ResourceType::Group => vec![MemberChange::Replace(input.members)],
        ResourceType::User => Vec::new(),
    };
    let (resource, change) = update(resource, input.attributes, members, repository, context)?;
    let response = one(200, resource, &projection, Members::Default, repository, context)?;
    Ok(Response { changes: change.into_iter().collect(), ..response })
}

/// PATCH (RFC 7644 section 3.5.2). The answer is the resource. Because clients change groups of any size, a group
/// is answered with its members only if `attributes` names them, or if the request changes them and they are few.
pub(super) fn patch(
    call: &Call<'_>,
    kind: ResourceType,
    id: &str,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    let projection = Parameters::from_query(call.query)?.projection();
    let resource = find(kind, id, repository)?;
    etag::check_write(call.conditions, resource.version)?;
    let operations = patch::parse(call.body()?)?;
    let patched = patch::apply(kind, &resource.attributes, &operations, context.schemas)?;
    let wanted = if patched.members.is_empty() { Members::Named } else { Members::NamedOrFew };
    let members = member_changes(&resource, patched.members, repository, context)?;
    let (resource, change) = update(resource, patched.attributes, members, repository, context)?;
    let response = one(200, resource, &projection, wanted, repository, context)?;
    Ok(Response { changes: change.into_iter().collect(), ..response })
}

/// DELETE (RFC 7644 section 3.6).
pub(super) fn delete(
    call: &Call<'_>,
    kind: ResourceType,
    id: &str,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    let resource = find(kind, id, repository)?;
    etag::check_write(call.conditions, resource.version)?;
    repository.delete(kind, id, context.now_ms)?;
    let change = ResourceChange {
        kind: ChangeKind::Deleted,
        resource: kind,
        id: id.to_owned(),
        properties: patch::changes(&resource.attributes, &Map::new()),
        members_added: 0,
        members_removed: 0,
    };
    Ok(Response { changes: vec![change], ..Response::empty(204) })
}

fn find(kind: ResourceType, id: &str, repository: &mut dyn Repository) -> Result<Resource, ScimError> {
    repository.get(kind, id)?.ok_or_else(|| ScimError::not_found(kind.name(), id))
}

/// Stores new attributes and member edits. No change is no write.
fn update(
    resource: Resource,
    attributes: Map<String, Value>,
    members: Vec<MemberChange>,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<(Resource, Option<ResourceChange>), ScimError> {
    let changes: Vec<PropertyChange> = patch::changes(&resource.attributes, &attributes);
    if changes.is_empty() && members.is_empty() {
        return Ok((resource, None));
    }
    references::check(&resource.attributes, &attributes, repository, context.schemas)?;
    let update = Update { previous: resource, attributes, changes, members, now_ms: context.now_ms };
    let updated = repository.update(&update)?;
    let change = (updated.resource.version != update.previous.version).then(|| ResourceChange {
        kind: ChangeKind::Updated,
        resource: update.previous.kind,
        id: update.previous.id,
        properties: update.changes,
        members_added: updated.members_added,
        members_removed: updated.members_removed,
    });
    Ok((updated.resource, change))
}

/// The edits of a PATCH request with the ids that their conditions select. Only a condition that does not name
/// ids reads the list of members.
fn member_changes(
    group: &Resource,
    edits: Vec<MemberEdit>,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Vec<MemberChange>, ScimError> {
    let mut changes: Vec<MemberChange> = Vec::with_capacity(edits.len());
    for edit in edits {
        let change = match edit {
            MemberEdit::Add(ids) => MemberChange::Add(ids),
            MemberEdit::Remove(ids) => MemberChange::Remove(ids),
            MemberEdit::Replace(ids) => MemberChange::Replace(ids),
            MemberEdit::RemoveWhere(condition) => {
                let selected = selected_members(group, &changes, &condition, repository, context)?;
                MemberChange::Remove(selected)
            }
        };
        changes.push(change);
    }
    Ok(changes)
}

/// The ids of the members that fulfil a condition, with those that the same request adds before.
fn selected_members(
    group: &Resource,
    before: &[MemberChange],
    condition: &Condition,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Vec<String>, ScimError> {
    let fulfils = |json: &Value| json.as_object().is_some_and(|member| matches(condition, member));
    let stored = repository.members(&group.id, usize::MAX)?;
    let stored = stored.iter().filter(|member| fulfils(&member_json(member, context.base_url)));
    let mut ids: Vec<String> = stored.map(|member| member.id.clone()).collect();
    for change in before {
        if let MemberChange::Add(added) | MemberChange::Replace(added) = change {
            let added = added.iter().filter(|id| fulfils(&json!({"value": id})));
            ids.extend(added.cloned());
        }
    }
    Ok(ids)
}

/// When a group's members are part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Members {
    /// Unless they are excluded.
    Default,
    /// Only if `attributes` names them.
    Named,
    /// If `attributes` names them, or if there are at most [`FEW_MEMBERS`] and they are not excluded.
    NamedOrFew,
}

/// How many members the answer to a PATCH has without being asked.
const FEW_MEMBERS: usize = 100;

fn one(
    status: u16,
    resource: Resource,
    projection: &Projection,
    members: Members,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    let version = etag::format(resource.version);
    let location = resource.kind.location(context.base_url, &resource.id);
    let json = present(vec![resource], projection, members, repository, context)?;
    let body = json.into_iter().next().unwrap_or(Value::Null);
    Ok(Response::json(status, body).header("ETag", version).header("Location", location))
}

/// Resources as the request wants them. What it does not want is not read.
pub(super) fn present(
    resources: Vec<Resource>,
    projection: &Projection,
    members: Members,
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Vec<Value>, ScimError> {
    let schemas = context.schemas;
    let wants_groups = projection.wants(ResourceType::User, "groups", schemas);
    let member_limit = match members {
        Members::Named | Members::NamedOrFew if projection.names(ResourceType::Group, "members", schemas) => {
            usize::MAX
        }
        Members::Named => 0,
        _ if !projection.wants(ResourceType::Group, "members", schemas) => 0,
        Members::Default => usize::MAX,
        Members::NamedOrFew => FEW_MEMBERS + 1,
    };
    let users: Vec<&str> = resources
        .iter()
        .filter(|resource| wants_groups && resource.kind == ResourceType::User)
        .map(|resource| resource.id.as_str())
        .collect();
    let mut groups: std::collections::HashMap<String, Vec<GroupReference>> = std::collections::HashMap::new();
    if !users.is_empty() {
        for (user, group) in repository.groups_of(&users)? {
            groups.entry(user).or_default().push(group);
        }
    }
    let mut values = Vec::with_capacity(resources.len());
    for resource in resources {
        let (kind, id) = (resource.kind, resource.id.clone());
        let mut json = resource.into_json(context.base_url, schemas);
        if let Some(groups) = groups.get(&id) {
            add_groups(&mut json, groups, context.base_url);
        }
        if member_limit > 0 && kind == ResourceType::Group {
            let members = repository.members(&id, member_limit)?;
            if members.len() < member_limit {
                add_members(&mut json, &members, context.base_url);
            }
        }
        values.push(Value::Object(projection.apply(kind, json, schemas)));
    }
    Ok(values)
}
