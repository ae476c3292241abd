//! A simulated SCIM service provider.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::dice::Dice;
use crate::cycle::{ScimResponse, TransportError, TransportErrorKind};
use crate::target::uri::decode;
use crate::target::{Method, Outcome, Purpose, ScimRequest, TargetPath, current_value};
use crate::time::iso8601;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status, and not carried out.
    Status(u16),
    /// Answered with this status and text, and not carried out.
    Answer(u16, &'static str),
    /// Never arrived.
    Timeout,
    /// Carried out, and the answer was lost.
    LostAnswer,
}

/// An application with users and groups.
#[derive(Debug, Clone, Default)]
pub struct Target {
    resources: BTreeMap<String, Json>,
    groups: BTreeMap<String, Json>,
    created: u64,
    /// The time, Unix milliseconds: when accounts that are created from now on are created.
    pub now: i64,
    /// Whether it does not tell when an account was created.
    pub is_timeless: bool,
    /// Attributes by which it does not filter: a search by one of them finds everything.
    pub unfiltered: Vec<&'static str>,
    /// Attributes that it does not show.
    pub hidden: Vec<&'static str>,
    /// Requests that arrived, in order.
    pub requests: Vec<ScimRequest>,
    /// Faults of the next requests, in order; `None` lets one through.
    pub script: Vec<Option<Fault>>,
    /// Faults of the next requests with these purposes, whenever they come.
    pub faults: Vec<(Purpose, Fault)>,
    /// How many requests in a hundred go wrong at random.
    pub fault_percent: u64,
    /// Whether the token was revoked.
    pub locked: bool,
    /// Whether it takes two accounts of one name: then nothing but looking first prevents a second one.
    pub lenient: bool,
    /// Resources of a list at most, whatever is asked for; none for as many as that.
    pub page: Option<usize>,
    /// Operations of a Bulk request at most; none if there is no `/Bulk`.
    pub bulk: Option<usize>,
    /// The longest Bulk request that arrived, in operations.
    pub longest_bulk: usize,
}

impl Target {
    /// An empty application.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accounts by id.
    pub fn accounts(&self) -> &BTreeMap<String, Json> {
        &self.resources
    }

    /// Groups by id.
    pub fn groups(&self) -> &BTreeMap<String, Json> {
        &self.groups
    }

    /// Adds an account behind the engine's back.
    pub fn add(&mut self, resource: Json) -> String {
        self.insert("Users", resource)
    }

    fn kept(&mut self, kind: &str) -> &mut BTreeMap<String, Json> {
        if kind == "Groups" { &mut self.groups } else { &mut self.resources }
    }

    fn insert(&mut self, kind: &str, resource: Json) -> String {
        self.created += 1;
        let id = format!("t{}", self.created);
        let mut resource = resource;
        if let Some(members) = resource.as_object_mut() {
            members.insert("id".to_owned(), json!(id));
            if !self.is_timeless {
                members.insert("meta".to_owned(), json!({"created": iso8601(self.now)}));
            }
        }
        self.kept(kind).insert(id.clone(), resource);
        id
    }

    /// Removes an account behind the engine's back.
    pub fn remove(&mut self, id: &str) {
        self.resources.remove(id);
    }

    /// Changes an attribute of an account behind the engine's back.
    pub fn set(&mut self, id: &str, attribute: &str, value: Json) {
        if let Some(members) = self.resources.get_mut(id).and_then(Json::as_object_mut) {
            members.insert(attribute.to_owned(), value);
        }
    }

    /// Requests that changed something, or tried to.
    pub fn writes(&self) -> usize {
        self.requests.iter().filter(|request| request.is_write()).count()
    }

    /// Takes a request.
    pub fn handle(&mut self, request: &ScimRequest, dice: &Dice) -> Outcome {
        self.requests.push(request.clone());
        let purposeful = self.faults.iter().position(|(purpose, _)| *purpose == request.purpose);
        let fault = if let Some(index) = purposeful {
            Some(self.faults.remove(index).1)
        } else if self.script.is_empty() {
            dice.percent(self.fault_percent).then(|| self.random_fault(dice)).flatten()
        } else {
            self.script.remove(0)
        };
        let timeout =
            || TransportError { kind: TransportErrorKind::Timeout, message: "simulated".to_owned() };
        match fault {
            Some(Fault::Timeout) => Err(timeout()),
            Some(Fault::Status(status)) => Ok(error(status, None, "simulated fault")),
            Some(Fault::Answer(status, text)) => {
                Ok(ScimResponse { status, body: text.to_owned(), ..ScimResponse::default() })
            }
            Some(Fault::LostAnswer) => {
                if self.is_bulk(request) {
                    self.bulk(request, dice);
                } else {
                    self.carry_out(request);
                }
                Err(timeout())
            }
            None if self.is_bulk(request) => Ok(self.bulk(request, dice)),
            None => Ok(self.carry_out(request)),
        }
    }

    fn random_fault(&self, dice: &Dice) -> Option<Fault> {
        let faults =
            [Fault::Status(500), Fault::Status(429), Fault::Status(503), Fault::Timeout, Fault::LostAnswer];
        faults.get(dice.below(faults.len())).copied()
    }

    fn is_bulk(&self, request: &ScimRequest) -> bool {
        self.bulk.is_some() && !self.locked && request.path_and_query == "/Bulk"
    }

    /// A Bulk request. Single operations in it go wrong as single requests do: refused, or left out of the answer
    /// though they were carried out.
    fn bulk(&mut self, request: &ScimRequest, dice: &Dice) -> ScimResponse {
        let operations = request.body.as_ref().and_then(|body| body.get("Operations")?.as_array());
        let operations = operations.cloned().unwrap_or_default();
        self.longest_bulk = self.longest_bulk.max(operations.len());
        if self.bulk.is_some_and(|most| operations.len() > most) {
            return error(413, None, "too many operations");
        }
        let mut results = Vec::new();
        for operation in &operations {
            let text = |name: &str| operation.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
            let method = match text("method").as_str() {
                "POST" => Method::Post,
                "PATCH" => Method::Patch,
                _ => Method::Delete,
            };
            let single = ScimRequest {
                method,
                path_and_query: text("path"),
                body: operation.get("data").cloned(),
                purpose: Purpose::Update,
                idempotent: false,
            };
            let fault = dice.percent(self.fault_percent).then(|| self.random_fault(dice)).flatten();
            let response = match fault {
                Some(Fault::Status(status)) => error(status, None, "simulated fault"),
                Some(Fault::Answer(status, text)) => {
                    ScimResponse { status, body: text.to_owned(), ..ScimResponse::default() }
                }
                Some(Fault::Timeout) => continue,
                Some(Fault::LostAnswer) => {
                    self.carry_out(&single);
                    continue;
                }
                None => self.carry_out(&single),
            };
            let body: Option<Json> = serde_json::from_str(&response.body).ok();
            let id = body.as_ref().and_then(|body| body.get("id")?.as_str().map(str::to_owned));
            let location = id.map(|id| format!("https://target.example{}/{id}", single.path_and_query));
            let said = body.filter(|_| response.status >= 400 || dice.percent(30));
            results.push(json!({
                "method": text("method"),
                "bulkId": text("bulkId"),
                "location": location,
                "status": response.status.to_string(),
                "response": said,
            }));
        }
        let schema = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
        answer(200, &json!({"schemas": [schema], "Operations": results}))
    }

    fn carry_out(&mut self, request: &ScimRequest) -> ScimResponse {
        if self.locked {
            return error(401, None, "the token is not valid");
        }
        let (path, query) = request.path_and_query.split_once('?').unwrap_or((&request.path_and_query, ""));
        let path = path.trim_start_matches('/');
        let (kind, id) = match path.split_once('/') {
            Some((kind, id)) => (kind, Some(decode(id))),
            None => (path, None),
        };
        match (request.method, id) {
            (Method::Post, None) if kind == "Bulk" => error(404, None, "there is no such endpoint"),
            (Method::Get, None) => self.search(kind, query),
            (Method::Get, Some(id)) => match self.kept(kind).get(&id) {
                Some(resource) => answer(200, resource),
                None => error(404, None, "no such resource"),
            },
            (Method::Post, None) => self.create(kind, request.body.clone().unwrap_or_default()),
            (Method::Patch, Some(id)) => self.change(kind, &id, request.body.as_ref()),
            (Method::Delete, Some(id)) => self.delete(kind, &id),
            _ => error(405, None, "no such method"),
        }
    }

    fn search(&mut self, kind: &str, query: &str) -> ScimResponse {
        let filter = query.split('&').find_map(|pair| pair.strip_prefix("filter=")).map(decode);
        let Some(filter) = filter else { return error(400, Some("invalidFilter"), "a filter is expected") };
        let mut conditions = Vec::new();
        for condition in filter.split(" or ") {
            let Some((name, value)) = condition.rsplit_once(" eq ") else {
                return error(400, Some("invalidFilter"), "a comparison is expected");
            };
            let (Ok(path), Ok(value)) = (TargetPath::parse(name), serde_json::from_str::<Json>(value)) else {
                return error(400, Some("invalidFilter"), "the filter cannot be read");
            };
            conditions.push((path, value));
        }
        let unfiltered = self.unfiltered.clone();
        let fits = |resource: &Json| {
            conditions.iter().any(|(path, value)| {
                unfiltered.contains(&path.attribute.as_str()) || same(current_value(resource, path), value)
            })
        };
        let (page, hidden) = (self.page, self.hidden.clone());
        let mut found: Vec<&Json> = self.kept(kind).values().filter(|resource| fits(resource)).collect();
        let total = found.len();
        let count = query.split('&').find_map(|pair| pair.strip_prefix("count="));
        found.truncate(count.and_then(|count| count.parse().ok()).unwrap_or(usize::MAX));
        found.truncate(page.unwrap_or(usize::MAX));
        let shown = |resource: &Json| {
            let mut resource = resource.clone();
            if let Some(members) = resource.as_object_mut() {
                members.retain(|name, _| !hidden.contains(&name.as_str()));
            }
            resource
        };
        let found: Vec<Json> = found.into_iter().map(shown).collect();
        answer(
            200,
            &json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": total,
                "Resources": found,
            }),
        )
    }

    fn create(&mut self, kind: &str, resource: Json) -> ScimResponse {
        if self.is_taken(resource.get("userName"), None) {
            return error(409, Some("uniqueness"), "the userName is taken");
        }
        let id = self.insert(kind, resource);
        self.kept(kind).get(&id).map_or_else(ScimResponse::default, |resource| answer(201, resource))
    }

    fn change(&mut self, kind: &str, id: &str, body: Option<&Json>) -> ScimResponse {
        let Some(mut resource) = self.kept(kind).get(id).cloned() else {
            return error(404, None, "no such resource");
        };
        let operations = body.and_then(|body| body.get("Operations")).and_then(Json::as_array);
        for operation in operations.into_iter().flatten() {
            if let Err(message) = crate::target::patch::apply(&mut resource, operation) {
                return error(400, Some("invalidPath"), &message);
            }
        }
        if self.is_taken(resource.get("userName"), Some(id)) {
            return error(409, Some("uniqueness"), "the userName is taken");
        }
        let response = answer(200, &resource);
        self.kept(kind).insert(id.to_owned(), resource);
        response
    }

    /// Deleting a user takes it out of every group.
    fn delete(&mut self, kind: &str, id: &str) -> ScimResponse {
        if self.kept(kind).remove(id).is_none() {
            return error(404, None, "no such resource");
        }
        for group in self.groups.values_mut() {
            if let Some(members) = group.get_mut("members").and_then(Json::as_array_mut) {
                members.retain(|member| member.get("value") != Some(&json!(id)));
            }
        }
        ScimResponse { status: 204, ..ScimResponse::default() }
    }

    fn is_taken(&self, user_name: Option<&Json>, but: Option<&str>) -> bool {
        let Some(user_name) = user_name.filter(|_| !self.lenient) else { return false };
        self.resources
            .iter()
            .any(|(id, resource)| Some(id.as_str()) != but && same(resource.get("userName"), user_name))
    }
}

fn same(value: Option<&Json>, wanted: &Json) -> bool {
    match (value.and_then(Json::as_str), wanted.as_str()) {
        (Some(value), Some(wanted)) => value.to_lowercase() == wanted.to_lowercase(),
        _ => value == Some(wanted),
    }
}

fn answer(status: u16, body: &Json) -> ScimResponse {
    ScimResponse {
        status,
        content_type: Some("application/scim+json".to_owned()),
        body: body.to_string(),
        ..ScimResponse::default()
    }
}

fn error(status: u16, scim_type: Option<&str>, detail: &str) -> ScimResponse {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.to_string(),
        "scimType": scim_type,
        "detail": detail,
    });
    answer(status, &body)
}
