//! Resources as they are kept, and how they become what a client reads.

use serde_json::{Map, Value, json};

use crate::filter::{Condition, matches};
use crate::schema::SchemaSet;
use crate::{etag, time, urn};

/// The kinds of resources of a directory (RFC 7643 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// RFC 7643 section 4.1.
    User,
    /// RFC 7643 section 4.2.
    Group,
}

impl ResourceType {
    /// All of them, in the order in which a query over the root answers them.
    pub const ALL: [ResourceType; 2] = [ResourceType::User, ResourceType::Group];

    /// `User`, `Group`.
    pub fn name(self) -> &'static str {
        match self {
            ResourceType::User => "User",
            ResourceType::Group => "Group",
        }
    }

    /// The type with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The path segment under which the resources live: `Users`, `Groups`.
    pub fn endpoint(self) -> &'static str {
        match self {
            ResourceType::User => "Users",
            ResourceType::Group => "Groups",
        }
    }

    /// The type that lives under this path segment.
    pub fn from_endpoint(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.endpoint().eq_ignore_ascii_case(segment))
    }

    /// The URN of the core schema.
    pub fn schema_urn(self) -> &'static str {
        match self {
            ResourceType::User => urn::USER,
            ResourceType::Group => urn::GROUP,
        }
    }

    /// The address of a resource of this type.
    pub fn location(self, base_url: &str, id: &str) -> String {
        format!("{base_url}/{}/{id}", self.endpoint())
    }
}

/// A resource as a repository keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its type.
    pub kind: ResourceType,
    /// Its id: unique in the directory, never used again.
    pub id: String,
    /// Counts changes, from 1. The ETag is made of it.
    pub version: i64,
    /// When it was created, in Unix milliseconds.
    pub created_ms: i64,
    /// When it was last changed, in Unix milliseconds.
    pub modified_ms: i64,
    /// The attributes that clients write, in canonical names; extensions are objects under their URN. Without
    /// `schemas`, `id`, `meta`, `members` and `groups`.
    pub attributes: Map<String, Value>,
}

/// One member of a group (RFC 7643 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member's id.
    pub id: String,
    /// The member's type: groups may hold groups.
    pub kind: ResourceType,
    /// The member's `displayName`, or for a user without one the `userName`.
    pub display: Option<String>,
}

/// One group that a user belongs to (RFC 7643 section 4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReference {
    /// The group's id.
    pub id: String,
    /// The group's `displayName`.
    pub display: Option<String>,
    /// Whether the user is a member itself (`direct`) or by a group in the group (`indirect`).
    pub direct: bool,
}

impl Resource {
    /// The whole resource as JSON: `schemas`, `id`, the attributes and `meta` (RFC 7643 section 3), with
    /// `manager.$ref` filled in. `members` and `groups` are added by [`add_members`] and [`add_groups`].
    pub fn into_json(mut self, base_url: &str, schemas: &SchemaSet) -> Map<String, Value> {
        let attributes = std::mem::take(&mut self.attributes);
        let mut json = Map::with_capacity(attributes.len() + 4);
        json.insert("schemas".to_owned(), schema_urns(self.kind, &attributes, schemas));
        json.insert("id".to_owned(), Value::from(self.id.as_str()));
        json.extend(attributes);
        if let Some(manager) = json
            .get_mut(urn::ENTERPRISE_USER)
            .and_then(|extension| extension.get_mut("manager"))
            .and_then(Value::as_object_mut)
            && let Some(id) = manager.get("value").and_then(Value::as_str)
        {
            let location = ResourceType::User.location(base_url, id);
            manager.insert("$ref".to_owned(), Value::from(location));
        }
        json.insert("meta".to_owned(), self.meta(base_url));
        json
    }

    /// Whether the resource fulfils a condition. `members` and `groups` count only if the condition mentions
    /// them, and need not be read otherwise.
    pub fn fulfils(
        &mut self,
        condition: &Condition,
        base_url: &str,
        schemas: &SchemaSet,
        members: &[Member],
        groups: &[GroupReference],
    ) -> bool {
        if !condition.is_over_document() {
            let mut json = self.clone().into_json(base_url, schemas);
            add_members(&mut json, members, base_url);
            add_groups(&mut json, groups, base_url);
            return matches(condition, &json);
        }
        // The usual case, which may run over every resource of the directory, copies nothing.
        let mut json = std::mem::take(&mut self.attributes);
        json.insert("id".to_owned(), Value::from(self.id.as_str()));
        let fulfils = matches(condition, &json);
        json.shift_remove("id");
        self.attributes = json;
        fulfils
    }

    /// The name that others see: `displayName`, else a person's formatted name or `userName`.
    pub fn display(&self) -> Option<&str> {
        let text =
            |name: &str| self.attributes.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let formatted = || self.attributes.get("name")?.get("formatted")?.as_str();
        text("displayName").or_else(formatted).or_else(|| text("userName"))
    }

    /// `meta` (RFC 7643 section 3.1).
    pub fn meta(&self, base_url: &str) -> Value {
        json!({
            "resourceType": self.kind.name(),
            "created": time::format(self.created_ms),
            "lastModified": time::format(self.modified_ms),
            "version": etag::format(self.version),
            "location": self.kind.location(base_url, &self.id),
        })
    }
}

/// `schemas`: the core schema and every extension that has a value.
fn schema_urns(kind: ResourceType, attributes: &Map<String, Value>, schemas: &SchemaSet) -> Value {
    let extensions = schemas
        .extensions(kind)
        .iter()
        .map(|schema| schema.urn.as_ref())
        .filter(|urn| attributes.contains_key(*urn));
    std::iter::once(kind.schema_urn()).chain(extensions).collect()
}

/// Puts `members` into a group's JSON, before `meta`.
pub fn add_members(json: &mut Map<String, Value>, members: &[Member], base_url: &str) {
    let members = members.iter().map(|member| member_json(member, base_url)).collect();
    insert_before_meta(json, "members", members);
}

/// One member as JSON.
pub fn member_json(member: &Member, base_url: &str) -> Value {
    let mut json = json!({
        "value": member.id,
        "$ref": member.kind.location(base_url, &member.id),
        "type": member.kind.name(),
    });
    if let (Some(display), Some(object)) = (&member.display, json.as_object_mut()) {
        object.insert("display".to_owned(), Value::from(display.as_str()));
    }
    json
}

/// Puts `groups` into a user's JSON, before `meta`. A user of no group has no `groups`.
pub fn add_groups(json: &mut Map<String, Value>, groups: &[GroupReference], base_url: &str) {
    if groups.is_empty() {
        return;
    }
    let groups = groups
        .iter()
        .map(|group| {
            let mut json = json!({
                "value": group.id,
                "$ref": ResourceType::Group.location(base_url, &group.id),
                "type": if group.direct { "direct" } else { "indirect" },
            });
            if let (Some(display), Some(object)) = (&group.display, json.as_object_mut()) {
                object.insert("display".to_owned(), Value::from(display.as_str()));
            }
            json
        })
        .collect();
    insert_before_meta(json, "groups", groups);
}

fn insert_before_meta(json: &mut Map<String, Value>, name: &str, value: Value) {
    let meta = json.shift_remove("meta");
    json.insert(name.to_owned(), value);
    if let Some(meta) = meta {
        json.insert("meta".to_owned(), meta);
    }
}
