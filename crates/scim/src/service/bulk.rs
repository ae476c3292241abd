//! Bulk (RFC 7644 section 3.7).
//!
//! Operations run in the order of the request, except that one that names a `bulkId` waits for the operation
//! that creates it. Where operations wait for each other in a circle, one of them is created without the
//! references that are missing, and completed as soon as they exist. A resource that cannot be completed is
//! taken back, so nothing stays half stored.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::request::{Conditions, Method, Request};
use super::response::Response;
use super::{Call, Context, MAX_BULK_OPERATIONS, route};
use crate::error::ScimError;
use crate::repository::Repository;
use crate::resource::ResourceType;
use crate::urn;
use crate::value::{member, message};

const PREFIX: &str = "bulkId:";

/// Answers POST `/Bulk`.
pub(super) fn post(
    call: &Call<'_>,
    repository: &mut dyn Repository,
    context: &mut Context<'_>,
) -> Result<Response, ScimError> {
    let (operations, fail_on_errors) = read(call.body()?)?;
    let mut job =
        Job { operations, ids: HashMap::new(), errors: 0, fail_on_errors, done: Response::empty(200) };
    job.run(repository, context);
    let results: Vec<Value> =
        job.operations.iter().filter_map(|operation| operation.result(context.base_url)).collect();
    let body = json!({"schemas": [urn::BULK_RESPONSE], "Operations": results});
    let Response { changes, internal, .. } = job.done;
    Ok(Response { changes, internal, ..Response::json(200, body) })
}

/// One operation and how far it is.
struct Operation {
    method: Method,
    path: Vec<String>,
    bulk_id: Option<String>,
    version: Option<String>,
    data: Value,
    /// The path with ids for `bulkId`s, once they are known.
    resolved_path: Option<Vec<String>>,
    state: State,
}

enum State {
    /// Not run yet.
    Waiting,
    /// Created without the references in its data that did not exist.
    Incomplete(Response),
    /// Answered.
    Done(Response),
}

/// What became of a `bulkId`.
enum Created {
    As(String),
    Failed,
}

struct Job {
    operations: Vec<Operation>,
    ids: HashMap<String, Created>,
    errors: u64,
    fail_on_errors: Option<u64>,
    /// Collects the changes and internal errors of all operations.
    done: Response,
}

impl Job {
    fn run(&mut self, repository: &mut dyn Repository, context: &mut Context<'_>) {
        while !self.is_stopped() {
            if let Some(index) = self.find(|operation, job| job.is_ready(operation)) {
                self.execute(index, repository, context);
            } else if let Some(index) = self.find(|operation, _| operation.method == Method::Post) {
                self.create_incomplete(index, repository, context);
            } else if let Some(index) = self.find(|_, _| true) {
                let error = ScimError::new(409, "The operation waits for a bulkId that waits for it");
                self.finish(index, Response::error(&error));
            } else {
                break;
            }
        }
        for index in 0..self.operations.len() {
            self.complete(index, repository, context);
        }
    }

    fn is_stopped(&self) -> bool {
        self.fail_on_errors.is_some_and(|limit| self.errors >= limit)
    }

    fn find(&self, wanted: impl Fn(&Operation, &Job) -> bool) -> Option<usize> {
        self.operations
            .iter()
            .position(|operation| matches!(operation.state, State::Waiting) && wanted(operation, self))
    }

    /// Whether all that the operation names exists or will never exist.
    fn is_ready(&self, operation: &Operation) -> bool {
        let is_pending = |id: &str| {
            !self.ids.contains_key(id)
                && self.operations.iter().any(|other| other.bulk_id.as_deref() == Some(id))
        };
        !operation.path.iter().any(|segment| reference(segment).is_some_and(is_pending))
            && !any_reference(&operation.data, &is_pending)
    }

    fn execute(&mut self, index: usize, repository: &mut dyn Repository, context: &mut Context<'_>) {
        let Some(operation) = self.operations.get(index) else { return };
        let (path, response) = match self.resolved(operation) {
            Ok((path, data)) => {
                let response = call(operation, &path, &data, repository, context);
                (Some(path), response)
            }
            Err(error) => (None, Response::error(&error)),
        };
        if let Some(operation) = self.operations.get_mut(index) {
            operation.resolved_path = path;
        }
        self.finish(index, response);
    }

    /// The path and data with ids for `bulkId`s.
    fn resolved(&self, operation: &Operation) -> Result<(Vec<String>, Value), ScimError> {
        let resolve = |id: &str| match self.ids.get(id) {
            Some(Created::As(id)) => Ok(id.clone()),
            Some(Created::Failed) => Err(ScimError::new(409, format!("{PREFIX}{id} was not created"))),
            None => Err(ScimError::invalid_value(format!("No operation creates {PREFIX}{id}"))),
        };
        let path = operation.path.iter().map(|segment| match reference(segment) {
            Some(id) => resolve(id),
            None => Ok(segment.clone()),
        });
        Ok((path.collect::<Result<_, _>>()?, replace(&operation.data, &resolve)?))
    }

    /// Creates a resource without the references that are missing.
    fn create_incomplete(
        &mut self,
        index: usize,
        repository: &mut dyn Repository,
        context: &mut Context<'_>,
    ) {
        let Some(operation) = self.operations.get(index) else { return };
        let is_missing = |id: &str| !matches!(self.ids.get(id), Some(Created::As(_)));
        let data = without(&operation.data, &is_missing).unwrap_or_else(|| operation.data.clone());
        let resolve = |id: &str| match self.ids.get(id) {
            Some(Created::As(id)) => Ok(id.clone()),
            _ => Err(ScimError::invalid_value(format!("{PREFIX}{id} cannot be named here"))),
        };
        let response = match replace(&data, &resolve) {
            Ok(data) => call(operation, &operation.path, &data, repository, context),
            Err(error) => Response::error(&error),
        };
        if response.status >= 400 {
            return self.finish(index, response);
        }
        self.record_id(index, &response);
        if let Some(operation) = self.operations.get_mut(index) {
            operation.state = State::Incomplete(response);
        }
    }

    /// Writes the whole data of a resource that was created without some of its references.
    fn complete(&mut self, index: usize, repository: &mut dyn Repository, context: &mut Context<'_>) {
        let Some(operation) = self.operations.get(index) else { return };
        let State::Incomplete(created) = &operation.state else { return };
        let (created, id) = (created.clone(), id_of(created).unwrap_or_default());
        let mut path = operation.path.clone();
        path.push(id.clone());
        let whole = Operation { method: Method::Put, version: None, ..operation.copy() };
        let response = match self.resolved(operation) {
            Ok((_, data)) => call(&whole, &path, &data, repository, context),
            Err(error) => Response::error(&error),
        };
        if response.status < 400 {
            let mut changes = created.changes;
            changes.extend(response.changes);
            return self.finish(index, Response { status: created.status, changes, ..response });
        }
        let back = Operation { method: Method::Delete, version: None, ..operation.copy() };
        call(&back, &path, &Value::Null, repository, context);
        if let Some(bulk_id) = operation.bulk_id.clone() {
            self.ids.insert(bulk_id, Created::Failed);
        }
        let status = 409;
        self.finish(index, Response { status, body: with_status(response.body, status), ..response });
    }

    fn record_id(&mut self, index: usize, response: &Response) {
        let Some(operation) = self.operations.get(index) else { return };
        if let (Method::Post, Some(bulk_id)) = (operation.method, operation.bulk_id.clone()) {
            let created = id_of(response).map_or(Created::Failed, Created::As);
            self.ids.insert(bulk_id, created);
        }
    }

    fn finish(&mut self, index: usize, mut response: Response) {
        if response.status >= 400 {
            self.errors += 1;
        }
        if let Some(operation) = self.operations.get(index)
            && matches!(operation.state, State::Waiting)
        {
            self.record_id(index, &response);
        }
        self.done.changes.append(&mut response.changes);
        if let Some(internal) = response.internal.take() {
            self.done.internal = Some(internal);
        }
        if let Some(operation) = self.operations.get_mut(index) {
            operation.state = State::Done(response);
        }
    }
}

impl Operation {
    fn copy(&self) -> Self {
        Operation {
            method: self.method,
            path: self.path.clone(),
            bulk_id: self.bulk_id.clone(),
            version: self.version.clone(),
            data: Value::Null,
            resolved_path: None,
            state: State::Waiting,
        }
    }

    /// The operation in the answer; none if it was not run.
    fn result(&self, base_url: &str) -> Option<Value> {
        let State::Done(response) = &self.state else { return None };
        let mut result = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                result.insert(name.to_owned(), value);
            }
        };
        let header = |wanted: &str| {
            let found = response.headers.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| Value::from(value.as_str()))
        };
        // Every resource has an address, except one that was not created (RFC 7644 section 3.7.3).
        let location = match self.method {
            Method::Post => header("Location"),
            _ => {
                self.resolved_path.as_ref().map(|path| Value::from(format!("{base_url}/{}", path.join("/"))))
            }
        };
        put("method", Some(Value::from(method_name(self.method))));
        put("bulkId", self.bulk_id.as_deref().map(Value::from));
        put("version", header("ETag"));
        put("location", location);
        put("status", Some(Value::from(response.status.to_string())));
        if response.status >= 400 {
            put("response", response.body.clone());
        }
        Some(Value::Object(result))
    }
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
        Method::Other => "",
    }
}

/// Runs one operation as a request of its own.
fn call(
    operation: &Operation,
    path: &[String],
    data: &Value,
    repository: &mut dyn Repository,
    context: &mut Context<'_>,
) -> Response {
    let is_write = matches!(operation.method, Method::Post | Method::Put | Method::Patch | Method::Delete);
    let is_resource = path.first().is_some_and(|segment| ResourceType::from_endpoint(segment).is_some());
    if !is_write || !is_resource || path.iter().any(|segment| segment == ".search") {
        let error =
            ScimError::invalid_value("A Bulk operation is POST, PUT, PATCH or DELETE on a user or group");
        return Response::error(&error);
    }
    let conditions = Conditions { if_match: operation.version.clone(), if_none_match: None };
    let call = Call {
        method: operation.method,
        path: path.iter().map(String::as_str).collect(),
        query: &[],
        conditions: &conditions,
        body: (!data.is_null()).then_some(data),
    };
    route(&call, repository, context).unwrap_or_else(|error| Response::error(&error))
}

/// Reads a BulkRequest.
fn read(body: &Value) -> Result<(Vec<Operation>, Option<u64>), ScimError> {
    let body = message(body, urn::BULK_REQUEST)?;
    let fail_on_errors =
        match member(body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(limit) => Some(limit.as_u64().filter(|limit| *limit > 0).ok_or_else(|| {
                ScimError::invalid_value("failOnErrors must be a whole number of at least 1")
            })?),
        };
    let operations = member(body, "Operations")
        .and_then(Value::as_array)
        .ok_or_else(|| ScimError::invalid_syntax("Operations must be an array"))?;
    if operations.len() > MAX_BULK_OPERATIONS {
        let detail = format!("The number of operations exceeds maxOperations ({MAX_BULK_OPERATIONS})");
        return Err(ScimError::new(413, detail));
    }
    let operations = operations.iter().map(operation).collect::<Result<Vec<_>, _>>()?;
    let mut bulk_ids: Vec<&str> =
        operations.iter().filter_map(|operation| operation.bulk_id.as_deref()).collect();
    bulk_ids.sort_unstable();
    if let Some([twice, _]) = bulk_ids.windows(2).find(|pair| matches!(pair, [one, other] if one == other)) {
        return Err(ScimError::invalid_value(format!("The bulkId {twice} is used twice")));
    }
    Ok((operations, fail_on_errors))
}

fn operation(value: &Value) -> Result<Operation, ScimError> {
    let operation =
        value.as_object().ok_or_else(|| ScimError::invalid_syntax("An operation must be an object"))?;
    let text = |name: &str| member(operation, name).and_then(Value::as_str).map(str::to_owned);
    let method = text("method").map_or(Method::Other, |method| Method::from_name(&method));
    let path = text("path").ok_or_else(|| ScimError::invalid_syntax("An operation needs a path"))?;
    let bulk_id = text("bulkId").filter(|bulk_id| !bulk_id.is_empty());
    if method == Method::Post && bulk_id.is_none() {
        return Err(ScimError::invalid_value("A POST operation needs a bulkId"));
    }
    Ok(Operation {
        method,
        path: Request::new(method, &path).path,
        bulk_id,
        version: text("version").filter(|version| !version.is_empty()),
        data: member(operation, "data").cloned().unwrap_or(Value::Null),
        resolved_path: None,
        state: State::Waiting,
    })
}

fn id_of(response: &Response) -> Option<String> {
    response.body.as_ref()?.get("id")?.as_str().map(str::to_owned)
}

fn reference(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// Whether any `bulkId` in the data is such.
fn any_reference(data: &Value, is_such: &dyn Fn(&str) -> bool) -> bool {
    match data {
        Value::String(text) => reference(text).is_some_and(is_such),
        Value::Array(values) => values.iter().any(|value| any_reference(value, is_such)),
        Value::Object(object) => object.values().any(|value| any_reference(value, is_such)),
        _ => false,
    }
}

/// The data with something else for each `bulkId`.
fn replace(data: &Value, with: &dyn Fn(&str) -> Result<String, ScimError>) -> Result<Value, ScimError> {
    Ok(match data {
        Value::String(text) => match reference(text) {
            Some(id) => Value::String(with(id)?),
            None => data.clone(),
        },
        Value::Array(values) => values.iter().map(|value| replace(value, with)).collect::<Result<_, _>>()?,
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(name, value)| Ok((name.clone(), replace(value, with)?)))
                .collect::<Result<_, ScimError>>()?,
        ),
        other => other.clone(),
    })
}

/// The data without the values that name such a `bulkId`: list elements and complex attributes go as a whole.
fn without(data: &Value, is_such: &dyn Fn(&str) -> bool) -> Option<Value> {
    let is_named = |value: &Value| value.as_str().and_then(reference).is_some_and(is_such);
    match data {
        Value::Array(values) => Some(values.iter().filter_map(|value| without(value, is_such)).collect()),
        Value::Object(object) if object.contains_key("schemas") || !object.values().any(is_named) => {
            let kept = object
                .iter()
                .filter_map(|(name, value)| without(value, is_such).map(|value| (name.clone(), value)));
            Some(Value::Object(kept.collect()))
        }
        Value::Object(_) => None,
        value if is_named(value) => None,
        value => Some(value.clone()),
    }
}

fn with_status(body: Option<Value>, status: u16) -> Option<Value> {
    let mut body = body?;
    if let Some(object) = body.as_object_mut() {
        object.insert("status".to_owned(), Value::from(status.to_string()));
        object.shift_remove("scimType");
    }
    Some(body)
}
