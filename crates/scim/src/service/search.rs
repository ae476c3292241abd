//! Many resources: GET on a type or on the root, and `.search` (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865).

use serde_json::{Map, Value, json};

use super::cursor;
use super::query::Parameters;
use super::resources::{Members, present};
use super::response::Response;
use super::{Call, Context};
use crate::error::ScimError;
use crate::filter::{Filter, resolve};
use crate::repository::{ListQuery, Page, Repository, Selection};
use crate::resource::ResourceType;
use crate::sort::SortBy;
use crate::urn;

/// A query in a URL.
pub(super) fn get(
    call: &Call<'_>,
    kinds: &[ResourceType],
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    search(&Parameters::from_query(call.query)?, kinds, repository, context)
}

/// A query in a body.
pub(super) fn post(
    call: &Call<'_>,
    kinds: &[ResourceType],
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    search(&Parameters::from_body(call.body()?)?, kinds, repository, context)
}

fn search(
    parameters: &Parameters,
    kinds: &[ResourceType],
    repository: &mut dyn Repository,
    context: &Context<'_>,
) -> Result<Response, ScimError> {
    let count = parameters.count();
    let kind_names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let kind_names = kind_names.join(",");
    let or_empty = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let (filter, sort_by) = (or_empty(&parameters.filter), or_empty(&parameters.sort_by));
    let is_descending = parameters.is_descending()?;
    let order = if is_descending { "descending" } else { "ascending" };
    let identity = [context.base_url, &kind_names, &filter, &sort_by, order];
    let cursor_query = cursor::Query { identity: &identity, count };
    let start = parameters.start();
    let page = match parameters.cursor.as_deref() {
        None => Page::Index(start - 1),
        Some("") => Page::First,
        Some(text) => Page::After(cursor::read(&cursor_query, text, context.now_ms)?),
    };
    let is_index = matches!(page, Page::Index(_));
    let selections = selections(parameters, kinds, context)?;
    let list = repository.list(&ListQuery {
        selections,
        descending: is_descending,
        page,
        count,
        base_url: context.base_url,
        schemas: context.schemas,
    })?;
    let next = list.next.filter(|_| !is_index && count > 0);
    let projection = parameters.projection();
    let resources = present(list.resources, &projection, Members::Default, repository, context)?;

    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([urn::LIST_RESPONSE]));
    if let Some(total) = list.total {
        body.insert("totalResults".to_owned(), Value::from(total));
    }
    if is_index {
        body.insert("startIndex".to_owned(), Value::from(start));
    }
    body.insert("itemsPerPage".to_owned(), Value::from(resources.len()));
    if let Some(next) = next {
        let cursor = cursor::write(&cursor_query, &next, context.now_ms);
        body.insert("nextCursor".to_owned(), Value::from(cursor));
    }
    body.insert("Resources".to_owned(), Value::Array(resources));
    Ok(Response::json(200, Value::Object(body)))
}

/// What the query asks of each type.
fn selections(
    parameters: &Parameters,
    kinds: &[ResourceType],
    context: &Context<'_>,
) -> Result<Vec<Selection>, ScimError> {
    let filter = parameters.filter.as_deref().map(Filter::parse).transpose()?;
    let sort = match &parameters.sort_by {
        Some(name) => SortBy::resolve(name, kinds, context.schemas)?.into_iter().map(Some).collect(),
        None => vec![None; kinds.len()],
    };
    let mut selections = Vec::with_capacity(kinds.len());
    for (kind, sort) in kinds.iter().zip(sort) {
        let condition = match &filter {
            Some(filter) => Some(resolve(filter, *kind, kinds, context.schemas)?),
            None => None,
        };
        selections.push(Selection { kind: *kind, condition, sort });
    }
    Ok(selections)
}
