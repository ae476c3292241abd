//! A walk through the people (or groups) of the workforce directory, for questions that concern everybody.
//! It is bounded: an answer tells when there were more.

use super::describe;
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::objects::directory::{self, DirectoryCommand, ResourcesPage, SourceResource};
use serde_json::{Value, json};

/// People that one question looks at, at most.
pub const MAXIMUM_LOOKED_AT: u64 = 10_000;

/// People that are read at once.
const PAGE: usize = 500;

/// People that an answer names, at most.
pub const MAXIMUM_SAMPLE: usize = 10;

/// Whether there were more than were looked at.
pub type Truncated = bool;

/// Shows `look` everybody who is not in the recycle bin; `nested` tells groups of groups as well.
pub async fn walk(
    exchange: &Exchange,
    groups: bool,
    nested: bool,
    look: &mut dyn FnMut(&SourceResource),
) -> Result<Truncated, ApiError> {
    let workforce = describe(exchange).await?.workforce_directory_id;
    let (mut after, mut seen) = (0, 0);
    loop {
        let command = if groups {
            DirectoryCommand::GroupsPage { after, limit: PAGE }
        } else {
            DirectoryCommand::UsersPage { after, limit: PAGE, nested }
        };
        let page: ResourcesPage = directory::call(&exchange.env, &workforce, &command).await?;
        let Some(now) = show(&page, seen, look) else { return Ok(true) };
        seen = now;
        match page.resources.last() {
            Some(last) if page.more => after = last.place,
            _ => return Ok(false),
        }
    }
}

/// Shows a page after `seen` people, and tells how many it were then; nothing when there are more than are
/// looked at.
fn show(page: &ResourcesPage, mut seen: u64, look: &mut dyn FnMut(&SourceResource)) -> Option<u64> {
    for resource in page.resources.iter().filter(|resource| !resource.deleted) {
        if seen == MAXIMUM_LOOKED_AT {
            return None;
        }
        seen += 1;
        look(resource);
    }
    Some(seen)
}

/// Who it is, for a list: id and name.
pub fn named(resource: &SourceResource) -> Value {
    let text = |name: &str| resource.document.as_ref()?.get(name)?.as_str().filter(|text| !text.is_empty());
    let name = text("displayName").or_else(|| text("userName")).unwrap_or(&resource.id);
    json!({ "id": resource.id, "displayName": name })
}

/// Whether the account is enabled; one that does not say so is.
pub fn is_enabled(resource: &SourceResource) -> bool {
    resource.document.as_ref().and_then(|document| document.get("active")?.as_bool()).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_ends_at_the_limit_and_leaves_the_recycle_bin_out() {
        let one = SourceResource { deleted: false, ..SourceResource::gone("1") };
        let page =
            ResourcesPage { resources: vec![SourceResource::gone("0"), one.clone(), one], more: false };
        let check = |seen: u64, shown: usize, after: Option<u64>| {
            let mut count = 0;
            assert_eq!(show(&page, seen, &mut |_| count += 1), after);
            assert_eq!(count, shown);
        };
        check(0, 2, Some(2));
        check(MAXIMUM_LOOKED_AT - 2, 2, Some(MAXIMUM_LOOKED_AT));
        check(MAXIMUM_LOOKED_AT - 1, 1, None);
        check(MAXIMUM_LOOKED_AT, 0, None);
    }

    #[test]
    fn people_have_a_name_and_are_enabled_unless_they_say_not() {
        let person =
            |document: Value| SourceResource { document: Some(document), ..SourceResource::gone("1") };
        assert_eq!(named(&person(json!({"userName": "a@x"}))), json!({"id": "1", "displayName": "a@x"}));
        assert_eq!(named(&SourceResource::gone("1")), json!({"id": "1", "displayName": "1"}));
        assert!(is_enabled(&person(json!({}))));
        assert!(!is_enabled(&person(json!({"active": false}))));
    }
}
