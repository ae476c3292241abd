//! Searches in one request: `userName eq "a" or userName eq "b"`.
//!
//! What is found is given to the search that it belongs to. Where that could be told differently by the target
//! (a value that differs in case, a resource that nobody asked for, more hits than were returned), the search is
//! made again alone. So the answer is that of a single search, or there is none.

use std::collections::{HashMap, VecDeque};

use scim::uri::encode;
use serde_json::Value as Json;

use super::Item;
use crate::cycle::ScimResponse;
use crate::target::{Purpose, ScimRequest, TargetPath, current_value, uri};

/// Searches in one request at most, whatever the target allows: the store makes an index search of every one up to 60.
pub const MAX_JOINED: usize = 50;
/// Resources that are asked for in one request at most, whatever the target allows.
pub const MAX_PAGE: usize = 2 * MAX_JOINED;
/// Bytes of the conditions of one request at most, percent-encoded.
const MAX_FILTER: usize = 6_000;
const FILTER: &str = "filter=";

/// A search that can be joined with others.
struct Search<'a> {
    /// Path and query up to the filter: what joined ones have in common.
    prefix: String,
    /// The condition, percent-encoded.
    condition: std::borrow::Cow<'a, str>,
    path: TargetPath,
    value: String,
    /// Whether one resource is asked for by its id: no hit is 404, a hit is the resource itself.
    is_read: bool,
}

/// Reads a request: `/Users?filter=name eq "value"`, or `/Users/{id}`.
fn search(item: &Item) -> Option<Search<'_>> {
    let text = item.request.path_and_query.as_str();
    match item.request.purpose {
        Purpose::Match => {
            let start = text.find(FILTER)?;
            let (prefix, condition) = (text.get(..start)?, text.get(start + FILTER.len()..)?);
            let filter = uri::decode(condition);
            let (name, value) = filter.split_once(" eq ")?;
            let path = TargetPath::parse(name).ok().filter(|path| path.element.is_none())?;
            let Ok(Json::String(value)) = serde_json::from_str(value) else { return None };
            if value.is_empty() {
                return None;
            }
            Some(Search {
                prefix: prefix.to_owned(),
                condition: condition.into(),
                path,
                value,
                is_read: false,
            })
        }
        Purpose::Read => {
            let (path, query) = text.split_once('?').unwrap_or((text, ""));
            let (endpoint, id) = path.rsplit_once('/')?;
            let value = uri::decode(id);
            let separator = if query.is_empty() { "" } else { "&" };
            let condition = encode(&format!("id eq {}", Json::from(value.as_str())));
            Some(Search {
                prefix: format!("{endpoint}?{query}{separator}"),
                condition: condition.into(),
                path: TargetPath::parse("id").ok()?,
                value,
                is_read: true,
            })
        }
        _ => None,
    }
}

/// What reads have in common that go together; none for what cannot be joined.
pub(super) fn kind(item: &Item) -> Option<String> {
    search(item).map(|search| search.prefix)
}

/// The first and those of the queue that go with it: no more than a page may hold.
pub(super) fn take(first: Item, queue: &mut VecDeque<Item>, page: usize) -> Vec<Item> {
    let key =
        |item: &Item| search(item).map(|search| (search.prefix, search.is_read, search.condition.len()));
    let Some((prefix, is_read, mut size)) = key(&first) else { return vec![first] };
    let mut items = vec![first];
    while items.len() < MAX_JOINED.min(page)
        && let Some(next) = queue.front()
        && let Some((other, other_is_read, length)) = key(next)
        && other == prefix
        && other_is_read == is_read
        && size + length + OR.len() <= MAX_FILTER
    {
        size += length + OR.len();
        items.extend(queue.pop_front());
    }
    items
}

/// ` or `, percent-encoded.
const OR: &str = "%20or%20";

/// The joined request; none for a single one.
pub(super) fn join(items: &[Item], page: usize) -> Option<ScimRequest> {
    let [first, _, ..] = items else { return None };
    let prefix = search(first)?.prefix;
    let conditions =
        items.iter().map(|item| Some(search(item)?.condition.into_owned())).collect::<Option<Vec<_>>>()?;
    // Twice as many, so that a value that several have does not fill the page.
    let count = (items.len() * 2).min(page);
    Some(ScimRequest::get(
        format!("{prefix}count={count}&{FILTER}{}", conditions.join(OR)),
        first.request.purpose,
    ))
}

/// What an answer to joined searches says.
pub(super) struct Split {
    /// The answer of each search, in the order of the items; none where it has to be made again.
    pub(super) answers: Vec<Option<ScimResponse>>,
    /// How many resources the answer has, if it says that there are more (RFC 7644, section 3.4.2.4).
    pub(super) cut_at: Option<usize>,
}

/// Takes the answer to joined searches apart.
pub(super) fn split(items: &[Item], response: &ScimResponse) -> Split {
    found(items, response).unwrap_or_else(|| Split { answers: vec![None; items.len()], cut_at: None })
}

fn found(items: &[Item], response: &ScimResponse) -> Option<Split> {
    let mut body: Json = serde_json::from_str(&response.body).ok()?;
    let total = body.get("totalResults")?.as_u64()?;
    let resources = match body.get_mut("Resources").map(Json::take) {
        Some(Json::Array(resources)) => resources,
        None | Some(Json::Null) if total == 0 => Vec::new(),
        _ => return None,
    };
    let number = u64::try_from(resources.len()).ok()?;
    let cut_at = (number > 0 && number < total).then_some(resources.len());
    if number != total && cut_at.is_none() {
        return None;
    }
    let searches = items.iter().map(search).collect::<Option<Vec<_>>>()?;
    // All searches of one request ask for one attribute, as a rule.
    let mut paths: Vec<&TargetPath> = Vec::new();
    let mut by_value: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, search) in searches.iter().enumerate() {
        by_value.entry(search.value.to_lowercase()).or_default().push(index);
        if !paths.contains(&&search.path) {
            paths.push(&search.path);
        }
    }
    let mut hits: Vec<Vec<&Json>> = vec![Vec::new(); items.len()];
    let mut is_clear = vec![true; items.len()];
    for resource in &resources {
        let mut is_wanted = false;
        for path in &paths {
            let Some(value) = current_value(resource, path).and_then(Json::as_str) else { continue };
            for index in by_value.get(&value.to_lowercase()).into_iter().flatten() {
                let asked = searches.get(*index).filter(|search| search.path == **path);
                if let (Some(asked), Some(hits), Some(is_clear)) =
                    (asked, hits.get_mut(*index), is_clear.get_mut(*index))
                {
                    is_wanted = true;
                    hits.push(resource);
                    *is_clear &= asked.value == value;
                }
            }
        }
        if !is_wanted {
            return None;
        }
    }
    let answer = |((search, hits), is_clear): ((&Search<'_>, &Vec<&Json>), &bool)| {
        let body = match (search.is_read, hits.as_slice()) {
            _ if !is_clear => return None,
            // Others may have the value, too, and an id is nobody else's.
            (false, _) if cut_at.is_some() => return None,
            (true, [resource]) => resource.to_string(),
            // Nobody has the id: the single request says how that is answered.
            (true, _) => return None,
            (false, hits) => list(hits),
        };
        Some(ScimResponse {
            status: 200,
            content_type: response.content_type.clone(),
            body,
            ..ScimResponse::default()
        })
    };
    let answers = searches.iter().zip(&hits).zip(&is_clear).map(answer).collect();
    Some(Split { answers, cut_at })
}

fn list(hits: &[&Json]) -> String {
    let resources: Vec<String> = hits.iter().map(ToString::to_string).collect();
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{},"Resources":[{}]}}"#,
        hits.len(),
        resources.join(",")
    )
}
