//! The directory store and the repository in memory answer any sequence of requests alike, and a filter selects the
//! same by SQL and by evaluation.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use scim::service::{Context, Method, Request, Response, handle};
use scim::test_utils::MemoryRepository;
use scim::urn;
use serde_json::{Value, json};
use support::Server;

/// Names and values from small sets, so that requests meet each other.
const NAMES: [&str; 5] = ["ada", "ADA", "bob", "Søren", "eve"];
const TEXTS: [&str; 6] = ["a", "B", "ab", "søren", "", "%_'\""];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&NAMES[..])
}

fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&TEXTS[..])
}

/// Ids are given in order, so that requests can name resources before they exist.
fn id() -> impl Strategy<Value = String> {
    (2_u32..14).prop_map(|number| format!("00000000-0000-4000-8000-{number:012}"))
}

fn user() -> impl Strategy<Value = Value> {
    let optional = || prop::option::of(text());
    (name(), optional(), optional(), optional(), optional(), any::<bool>(), prop::option::weighted(0.2, id()))
        .prop_map(|(name, display, title, external, email, active, manager)| {
            let emails =
                email.map(|email| json!([{"type": "work", "value": email}, {"type": "home", "value": "x"}]));
            json!({
                "schemas": [urn::USER], "userName": name, "displayName": display, "title": title,
                "externalId": external, "emails": emails, "active": active,
                urn::ENTERPRISE_USER: {"department": title, "employeeNumber": external, "manager": manager},
            })
        })
}

fn group() -> impl Strategy<Value = Value> {
    (text().prop_filter("required", |text| !text.is_empty()), vec(id(), 0..4)).prop_map(|(name, members)| {
        let members: Value = members.iter().map(|id| json!({"value": id})).collect();
        json!({"schemas": [urn::GROUP], "displayName": name, "members": members})
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "replace", "Remove"]);
    let single = prop::sample::select(vec![
        "displayName",
        "title",
        "externalId",
        "userName",
        "emails[type eq \"work\"].value",
        "emails",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ]);
    let attribute = (op.clone(), single, text())
        .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}));
    let members = (op, vec(id(), 0..3)).prop_map(|(op, ids)| {
        let value: Value = ids.iter().map(|id| json!({"value": id})).collect();
        json!({"op": op, "path": "members", "value": value})
    });
    let all = Just(json!({"op": "remove", "path": "members"}));
    let by_type = Just(json!({"op": "remove", "path": "members[type eq \"User\"]"}));
    let manager = id().prop_map(|id| json!({"op": "add", "path": "manager", "value": id}));
    prop_oneof![4 => attribute, 4 => members, 1 => all, 1 => by_type, 1 => manager]
}

fn term() -> impl Strategy<Value = String> {
    let attribute = prop::sample::select(vec![
        "userName",
        "displayName",
        "title",
        "externalId",
        "emails",
        "emails.value",
        "emails[type eq \"work\"].value",
        "department",
        "employeeNumber",
        "name.givenName",
    ]);
    let operator = prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let compare = (attribute.clone(), operator, prop::sample::select([&NAMES[..], &TEXTS[..]].concat()))
        .prop_map(|(attribute, operator, value)| format!("{attribute} {operator} {}", Value::from(value)));
    let present = attribute.prop_map(|attribute| format!("{attribute} pr"));
    let by_id = (prop::sample::select(vec!["id", "manager", "groups.value"]), id())
        .prop_map(|(attribute, id)| format!("{attribute} eq \"{id}\""));
    let active = prop::sample::select(vec![
        "active eq true",
        "active ne \"False\"",
        "meta.created gt \"2024-02-01T09:30:05Z\"",
    ]);
    prop_oneof![6 => compare, 2 => present, 2 => by_id, 1 => active.prop_map(str::to_owned)]
}

fn filter() -> impl Strategy<Value = String> {
    term().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

fn list() -> impl Strategy<Value = Request> {
    let sort = prop::sample::select(vec![
        "",
        "userName",
        "displayName",
        "title",
        "emails.value",
        "meta.lastModified",
    ]);
    let order = prop::sample::select(vec!["ascending", "descending"]);
    let page = prop_oneof![
        (0_usize..8, 1_usize..6).prop_map(|(start, count)| format!("startIndex={start}&count={count}")),
        Just("count=1000".to_owned())
    ];
    (prop::option::of(filter()), sort, order, page).prop_map(|(filter, sort, order, page)| {
        let filter = filter.map(|filter| format!("&filter={}", encode(&filter))).unwrap_or_default();
        let sort = if sort.is_empty() { String::new() } else { format!("&sortBy={sort}&sortOrder={order}") };
        Request::new(Method::Get, &format!("/Users?{page}{filter}{sort}"))
    })
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn request() -> impl Strategy<Value = Request> {
    let endpoint = prop::sample::select(vec!["Users", "Groups"]);
    let target = (endpoint, id()).prop_map(|(endpoint, id)| format!("/{endpoint}/{id}")).boxed();
    let post = prop_oneof![
        3 => user().prop_map(|body| Request::new(Method::Post, "/Users").body(body.to_string())),
        2 => group().prop_map(|body| Request::new(Method::Post, "/Groups").body(body.to_string())),
    ];
    let put = prop_oneof![
            (id(), user()).prop_map(
                |(id, body)| Request::new(Method::Put, &format!("/Users/{id}")).body(body.to_string())
            ),
            (id(), group()).prop_map(
                |(id, body)| Request::new(Method::Put, &format!("/Groups/{id}")).body(body.to_string())
            ),
        ];
    let patch = (target.clone(), vec(operation(), 1..4)).prop_map(|(target, operations)| {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        Request::new(Method::Patch, &target).body(body.to_string())
    });
    let get = target.clone().prop_map(|target| Request::new(Method::Get, &target));
    let delete = target.prop_map(|target| Request::new(Method::Delete, &target));
    let groups = filter_of_groups();
    prop_oneof![6 => post, 2 => put, 6 => patch, 2 => get, 1 => delete, 4 => list(), 1 => groups]
}

fn filter_of_groups() -> impl Strategy<Value = Request> {
    (id(), any::<bool>()).prop_map(|(id, element)| {
        let filter = if element {
            format!("members[value eq \"{id}\"]")
        } else {
            format!("members.value eq \"{id}\"")
        };
        Request::new(Method::Get, &format!("/Groups?filter={}", encode(&filter)))
    })
}

/// The same service over the repository in memory.
fn in_memory(
    repository: &mut MemoryRepository,
    server: &Server,
    ids: &mut u64,
    now_ms: i64,
    request: &Request,
) -> Response {
    let mut new_id = || {
        *ids += 1;
        format!("00000000-0000-4000-8000-{ids:012}")
    };
    let mut context = Context {
        base_url: Server::BASE_URL,
        now_ms,
        new_id: &mut new_id,
        schemas: &server.schemas,
        read_only: false,
    };
    handle(request, repository, &mut context)
}

/// Which of several mistakes an error tells of is left open.
fn without_detail(mut response: Response) -> Response {
    if let Some(body) =
        response.body.as_mut().filter(|_| response.status >= 400).and_then(Value::as_object_mut)
    {
        body.shift_remove("detail");
    }
    response
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn store_and_memory_answer_alike(requests in vec(request(), 1..40)) {
        let mut server = Server::new();
        let mut repository = MemoryRepository::new();
        let mut ids = 1;
        for (index, request) in requests.iter().enumerate() {
            let stored = server.send(request);
            let expected = in_memory(&mut repository, &server, &mut ids, server.now_ms(), request);
            let (stored, expected) = (without_detail(stored), without_detail(expected));
            let body = String::from_utf8_lossy(&request.body).into_owned();
            prop_assert_eq!(&stored, &expected, "request {}: {:?} {:?} {:?} {}", index, request.method, request.path, request.query, body);
        }
    }
}
