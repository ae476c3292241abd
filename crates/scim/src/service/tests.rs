use serde_json::{Value, json};

use super::*;
use crate::repository::RepositoryError;
use crate::test_utils::MemoryRepository;
use crate::urn;

const BASE_URL: &str = "https://example.com/v2";

struct Server {
    repository: MemoryRepository,
    schemas: SchemaSet,
    next_id: u32,
    read_only: bool,
}

impl Server {
    fn new() -> Self {
        Server {
            repository: MemoryRepository::new(),
            schemas: SchemaSet::new(None),
            next_id: 0,
            read_only: false,
        }
    }

    fn send(&mut self, request: &Request) -> Response {
        let next_id = &mut self.next_id;
        let mut new_id = || {
            *next_id += 1;
            format!("i{next_id}")
        };
        let mut context = Context {
            base_url: BASE_URL,
            now_ms: 0,
            new_id: &mut new_id,
            schemas: &self.schemas,
            read_only: self.read_only,
        };
        handle(request, &mut self.repository, &mut context)
    }

    fn call(&mut self, method: Method, target: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.send(&Request::new(method, target).body(body));
        (response.status, response.body.unwrap_or(Value::Null))
    }

    fn user(&mut self, name: &str) -> String {
        let body = json!({"schemas": [urn::USER], "userName": name});
        let (status, body) = self.call(Method::Post, "/Users", &body);
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    fn bulk(&mut self, body: Value) -> Vec<Value> {
        let mut request = json!({"schemas": [urn::BULK_REQUEST]});
        request.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let (status, answer) = self.call(Method::Post, "/Bulk", &request);
        assert_eq!((status, &answer["schemas"]), (200, &json!([urn::BULK_RESPONSE])), "{answer}");
        answer["Operations"].as_array().unwrap().clone()
    }
}

#[test]
fn addresses_and_methods() {
    let mut server = Server::new();
    server.user("ada");
    let mut check = |method: Method, target: &str, status: u16, allow: Option<&str>| {
        let response = server.send(&Request::new(method, target));
        let found =
            response.headers.iter().find(|(name, _)| *name == "Allow").map(|(_, value)| value.as_str());
        assert_eq!((response.status, found), (status, allow), "{method:?} {target}");
        if status >= 400 {
            let body = response.body.unwrap();
            assert_eq!(body["schemas"], json!([urn::ERROR]), "{target}");
            assert_eq!(body["status"], status.to_string(), "{target}");
        }
    };
    check(Method::Get, "/", 200, None);
    check(Method::Get, "/Users", 200, None);
    check(Method::Get, "/users/i1", 200, None);
    check(Method::Get, "/Users/i1/", 200, None);
    check(Method::Get, "/Users/i2", 404, None);
    check(Method::Get, "/Users/i1/emails", 404, None);
    check(Method::Get, "/Nonsense", 404, None);
    check(Method::Post, "/Users/i1", 405, Some("GET, HEAD, PUT, PATCH, DELETE"));
    check(Method::Delete, "/Users", 405, Some("GET, HEAD, POST"));
    check(Method::Other, "/Users", 405, Some("GET, HEAD, POST"));
    check(Method::Put, "/", 405, Some("GET, HEAD"));
    check(Method::Get, "/Bulk", 405, Some("POST"));
    check(Method::Get, "/Users/.search", 404, None);
    check(Method::Put, "/.search", 405, Some("POST"));
    check(Method::Post, "/Schemas", 405, Some("GET, HEAD"));
    check(Method::Get, "/Me", 501, None);
    check(Method::Patch, "/Me", 501, None);
    check(Method::Post, "/Users", 400, None);
}

/// HEAD is GET without the body (RFC 9110 section 9.3.2).
#[test]
fn head_is_get_without_the_body() {
    let mut server = Server::new();
    server.user("ada");
    for target in ["/", "/Users", "/Users/i1", "/Users/i2", "/Schemas", "/Me", "/Nonsense", "/Users?count=x"]
    {
        let get = server.send(&Request::new(Method::Get, target));
        assert!(get.body.is_some());
        let head = server.send(&Request::new(Method::from_name("head"), target));
        assert_eq!(head, Response { body: None, ..get }, "{target}");
    }
    let head = server.send(&Request::new(Method::Head, "/.search"));
    assert_eq!((head.status, head.body), (405, None));
    let target = "/Users/i1?attributes=userName";
    let unchanged = Request::new(Method::Head, target).header("If-None-Match", "W/\"1\"");
    assert_eq!(server.send(&unchanged).status, 304);
    let results = server.bulk(json!({"Operations": [{"method": "HEAD", "path": "/Users/i1"}]}));
    assert_eq!((&results[0]["method"], &results[0]["status"]), (&json!("HEAD"), &json!("400")));
}

#[test]
fn media_types_and_bodies() {
    let mut server = Server::new();
    let body = json!({"schemas": [urn::USER], "userName": "ada"}).to_string();
    let mut check = |header: (&str, &str), body: &[u8], status: u16| {
        let request = Request::new(Method::Post, "/Users").header(header.0, header.1).body(body);
        assert_eq!(server.send(&request).status, status, "{header:?} {}", body.len());
    };
    check(("Content-Type", "text/plain"), body.as_bytes(), 415);
    check(("Content-Type", "application/x-www-form-urlencoded"), body.as_bytes(), 415);
    check(("Accept", "text/html"), body.as_bytes(), 406);
    check(("Accept", "application/json;q=0"), body.as_bytes(), 406);
    check(("Content-Type", "application/scim+json; charset=utf-8"), body.as_bytes(), 201);
    check(("Content-Type", "APPLICATION/JSON"), body.as_bytes(), 409);
    check(("Accept", "text/html, application/scim+json"), body.as_bytes(), 409);
    check(("Accept", "*/*"), body.as_bytes(), 409);
    check(("Accept", ""), b"{", 400);
    check(("Accept", ""), b"\xff", 400);
    check(("Accept", ""), b"[1]", 400);
    check(("Accept", ""), "[".repeat(200).as_bytes(), 400);
    check(("Accept", ""), format!("{}1{}", "[".repeat(40), "]".repeat(40)).as_bytes(), 400);
    check(("Accept", ""), &vec![b' '; MAX_BODY_BYTES + 1], 413);
}

#[test]
fn a_reading_token_cannot_write() {
    let mut server = Server::new();
    let id = server.user("ada");
    server.read_only = true;
    let search = json!({"schemas": [urn::SEARCH_REQUEST]});
    let mut check = |method: Method, target: &str, status: u16| {
        assert_eq!(server.call(method, target, &search).0, status, "{method:?} {target}");
    };
    check(Method::Get, &format!("/Users/{id}"), 200);
    check(Method::Post, "/Users/.search", 200);
    check(Method::Post, "/Users", 403);
    check(Method::Put, &format!("/Users/{id}"), 403);
    check(Method::Patch, &format!("/Users/{id}"), 403);
    check(Method::Delete, &format!("/Users/{id}"), 403);
    check(Method::Post, "/Bulk", 403);
}

#[test]
fn discovery() {
    let mut server = Server::new();
    let (status, config) = server.call(Method::Get, "/ServiceProviderConfig", &Value::Null);
    assert_eq!(status, 200);
    assert_eq!(
        config["bulk"],
        json!({"supported": true, "maxOperations": 1_000, "maxPayloadSize": 8_388_608})
    );
    assert_eq!(config["pagination"]["cursor"], true);
    for (target, count) in [("/ResourceTypes", 2), ("/Schemas", 3)] {
        let (status, list) = server.call(Method::Get, target, &Value::Null);
        assert_eq!((status, &list["totalResults"]), (200, &json!(count)), "{target}");
        for resource in list["Resources"].as_array().unwrap() {
            let location = resource["meta"]["location"].as_str().unwrap();
            let target = location.strip_prefix(BASE_URL).unwrap();
            assert_eq!(server.call(Method::Get, target, &Value::Null), (200, resource.clone()), "{target}");
        }
        assert_eq!(server.call(Method::Get, &format!("{target}/nonsense"), &Value::Null).0, 404);
        assert_eq!(server.call(Method::Get, &format!("{target}?filter=id+pr"), &Value::Null).0, 403);
    }
    let (_, schema) = server.call(Method::Get, &format!("/Schemas/{}", urn::USER), &Value::Null);
    let user_name = &schema["attributes"][0];
    let expected = json!({
        "name": "userName", "type": "string", "multiValued": false, "required": true, "caseExact": false,
        "description": user_name["description"], "mutability": "readWrite", "returned": "default",
        "uniqueness": "server"
    });
    assert_eq!(user_name, &expected);
}

#[test]
fn search_in_a_body() {
    let mut server = Server::new();
    server.user("ada");
    server.user("bob");
    let group = json!({"schemas": [urn::GROUP], "displayName": "Ada's"});
    server.call(Method::Post, "/Groups", &group);
    let mut check = |target: &str, more: Value, expected: Value| {
        let mut body = json!({"schemas": [urn::SEARCH_REQUEST]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, found) = server.call(Method::Post, target, &body);
        assert_eq!((status, &found["Resources"]), (200, &expected), "{target} {more}: {found}");
    };
    let ada = json!({"schemas": [urn::USER], "id": "i1", "userName": "ada"});
    let group = json!({"schemas": [urn::GROUP], "id": "i3", "displayName": "Ada's"});
    let filter = "userName sw \"a\" or displayName sw \"a\"";
    let names = json!(["userName", "displayName"]);
    check("/.search", json!({"filter": filter, "attributes": names}), json!([ada, group]));
    check("/Users/.search", json!({"filter": "userName sw \"a\"", "attributes": ["userName"]}), json!([ada]));
    check(
        "/.search",
        json!({"filter": filter, "attributes": names, "startIndex": 2, "count": 1}),
        json!([group]),
    );
    check("/.search", json!({"sortBy": "displayName", "count": 1, "attributes": names}), json!([group]));
    check("/Users/.search", json!({"excludedAttributes": ["meta"], "count": 1}), json!([ada]));
    let (status, body) = server.call(Method::Post, "/.search", &json!({"filter": "userName pr"}));
    assert_eq!((status, &body["scimType"]), (400, &json!("invalidSyntax")));
    let body = json!({"schemas": [urn::SEARCH_REQUEST], "count": 1, "cursor": ""});
    let (_, page) = server.call(Method::Post, "/Users/.search", &body);
    let cursor = page["nextCursor"].as_str().unwrap().to_owned();
    let body = json!({"schemas": [urn::SEARCH_REQUEST], "count": 1, "cursor": cursor});
    let (_, page) = server.call(Method::Post, "/Users/.search", &body);
    assert_eq!((page["Resources"][0]["userName"].as_str(), page.get("nextCursor")), (Some("bob"), None));
    let body = json!({"schemas": [urn::SEARCH_REQUEST], "count": 2, "cursor": cursor});
    assert_eq!(server.call(Method::Post, "/Users/.search", &body).1["scimType"], "invalidCount");
}

#[test]
fn numbers_of_any_length() {
    let mut server = Server::new();
    server.user("ada");
    server.user("bob");
    let huge = "9".repeat(30);
    let longest = i32::MAX.to_string();
    for (parameters, expected) in [
        ("count=9223372036854775807", (1, 2)),
        ("count=4294967297", (1, 2)),
        (&format!("count={huge}"), (1, 2)),
        (&format!("count=-{huge}"), (1, 0)),
        (&format!("startIndex=-{huge}&count=1"), (1, 1)),
        ("startIndex=4294967297", (i32::MAX, 0)),
        ("startIndex=9223372036854775807", (i32::MAX, 0)),
        (&format!("startIndex={huge}&sortBy=userName"), (i32::MAX, 0)),
        (&format!("startIndex={longest}"), (i32::MAX, 0)),
    ] {
        let (status, list) = server.call(Method::Get, &format!("/Users?{parameters}"), &Value::Null);
        let found = (status, &list["startIndex"], &list["itemsPerPage"], &list["totalResults"]);
        let (start, items) = (json!(expected.0), json!(expected.1));
        assert_eq!(found, (200, &start, &items, &json!(2)), "{parameters}");
        // The same in a body, as a number and as a string.
        for as_text in [false, true] {
            let members = parameters.split('&').filter_map(|pair| pair.split_once('='));
            let members = members.map(|(name, value)| match as_text || name == "sortBy" {
                true => format!(",\"{name}\": \"{value}\""),
                false => format!(",\"{name}\": {value}"),
            });
            let body =
                format!("{{\"schemas\": [\"{}\"]{}}}", urn::SEARCH_REQUEST, members.collect::<String>());
            let response = server.send(&Request::new(Method::Post, "/Users/.search").body(body.clone()));
            assert_eq!(response.body.unwrap()["itemsPerPage"], items, "{body}");
        }
    }
    for count in ["many", "1.5", "", "9e99x", "0x10"] {
        let (status, body) = server.call(Method::Get, &format!("/Users?count={count}"), &Value::Null);
        assert_eq!((status, &body["scimType"]), (400, &json!("invalidValue")), "{count}");
    }
    for count in [json!(1.5), json!(true), json!(-0.5)] {
        let body = json!({"schemas": [urn::SEARCH_REQUEST], "count": count});
        let (status, body) = server.call(Method::Post, "/Users/.search", &body);
        assert_eq!((status, &body["scimType"]), (400, &json!("invalidValue")), "{count}");
    }
}

#[test]
fn bulk() {
    let mut server = Server::new();
    let id = server.user("old");
    let user = |name: &str| json!({"schemas": [urn::USER], "userName": name});
    let patch =
        json!({"schemas": [urn::PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "Dr"}]});
    let group = json!({"schemas": [urn::GROUP], "displayName": "Eng", "members": [{"value": "bulkId:a"}]});
    let results = server.bulk(json!({"Operations": [
        // It comes first, but waits for the user.
        {"method": "post", "path": "/Groups", "bulkId": "g", "data": group},
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": user("ada")},
        {"method": "PATCH", "path": "/Users/bulkId:a", "data": patch},
        {"method": "PUT", "path": format!("/Users/{id}"), "version": "W/\"1\"", "data": user("new")},
        {"method": "PUT", "path": format!("/Users/{id}"), "version": "W/\"1\"", "data": user("newer")},
        {"method": "DELETE", "path": format!("/Users/{id}")},
        {"method": "DELETE", "path": "/Users/nobody"},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("ADA")},
        {"method": "DELETE", "path": "/Users/bulkId:b"},
        {"method": "DELETE", "path": "/Users/bulkId:nonsense"},
        {"method": "GET", "path": "/Users"},
        {"method": "POST", "path": "/Bulk", "bulkId": "c", "data": {}}
    ]}));
    let statuses: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(
        statuses,
        ["201", "201", "200", "200", "412", "204", "404", "409", "409", "400", "400", "400"],
        "{results:#?}"
    );
    assert_eq!(
        results[1],
        json!({
            "method": "POST", "bulkId": "a", "version": "W/\"1\"", "location": format!("{BASE_URL}/Users/i2"), "status": "201"
        })
    );
    assert_eq!(results[7]["response"]["scimType"], "uniqueness");
    assert_eq!(results[8]["response"]["detail"], "bulkId:b was not created");
    let (_, group) = server.call(Method::Get, "/Groups/i3", &Value::Null);
    assert_eq!(group["members"][0]["value"], "i2");
    let (_, ada) = server.call(Method::Get, "/Users/i2", &Value::Null);
    assert_eq!(ada["title"], "Dr");
}

#[test]
fn bulk_stops_after_errors() {
    let mut server = Server::new();
    let operations: Vec<Value> = ["a", "A", "b", "B", "c"]
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let data = json!({"schemas": [urn::USER], "userName": name});
            json!({"method": "POST", "path": "/Users", "bulkId": index.to_string(), "data": data})
        })
        .collect();
    let results = server.bulk(json!({"failOnErrors": 2, "Operations": operations}));
    let statuses: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "409", "201", "409"]);
    assert_eq!(server.call(Method::Get, "/Users", &Value::Null).1["totalResults"], 2);
}

#[test]
fn bulk_in_a_circle() {
    let mut server = Server::new();
    let user = |name: &str, manager: &str| {
        json!({
            "schemas": [urn::USER, urn::ENTERPRISE_USER], "userName": name,
            urn::ENTERPRISE_USER: {"department": "IT", "manager": {"value": format!("bulkId:{manager}")}}
        })
    };
    let results = server.bulk(json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": user("a", "b")},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("b", "c")},
        {"method": "POST", "path": "/Users", "bulkId": "c", "data": user("c", "a")}
    ]}));
    for result in &results {
        assert_eq!(result["status"], "201", "{results:#?}");
    }
    for (name, manager) in [("a", "b"), ("b", "c"), ("c", "a")] {
        let find = |server: &mut Server, name: &str| {
            let target = format!("/Users?filter=userName+eq+%22{name}%22");
            server.call(Method::Get, &target, &Value::Null).1["Resources"][0].clone()
        };
        let (user, manager) = (find(&mut server, name), find(&mut server, manager));
        assert_eq!(user[urn::ENTERPRISE_USER]["manager"]["value"], manager["id"], "{name}");
        assert_eq!(user[urn::ENTERPRISE_USER]["department"], "IT", "{name}");
    }
}

/// RFC 7644 section 3.7.1 lets two groups contain each other. Groups that contain themselves are refused here,
/// so one of the two is taken back.
#[test]
fn bulk_of_groups_in_each_other() {
    let mut server = Server::new();
    let group = |name: &str, member: &str| {
        let members = json!([{"type": "Group", "value": format!("bulkId:{member}")}]);
        json!({"schemas": [urn::GROUP], "displayName": name, "members": members})
    };
    let results = server.bulk(json!({"Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "qwerty", "data": group("Group A", "ytrewq")},
        {"method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": group("Group B", "qwerty")}
    ]}));
    assert_eq!(
        (&results[0]["status"], &results[1]["status"]),
        (&json!("409"), &json!("201")),
        "{results:#?}"
    );
    let (_, list) = server.call(Method::Get, "/Groups", &Value::Null);
    assert_eq!((&list["totalResults"], &list["Resources"][0]["members"]), (&json!(1), &json!([])));
}

#[test]
fn bulk_requests_that_are_refused() {
    let mut server = Server::new();
    let mut check = |body: Value, status: u16| {
        let (found, answer) = server.call(Method::Post, "/Bulk", &body);
        assert_eq!(found, status, "{answer}");
    };
    let delete = json!({"method": "DELETE", "path": "/Users/x"});
    check(json!({"Operations": [delete]}), 400);
    check(json!({"schemas": [urn::BULK_REQUEST]}), 400);
    check(json!({"schemas": [urn::BULK_REQUEST], "Operations": [{"method": "DELETE"}]}), 400);
    check(
        json!({"schemas": [urn::BULK_REQUEST], "Operations": [{"method": "POST", "path": "/Users", "data": {}}]}),
        400,
    );
    check(json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": 0, "Operations": [delete]}), 400);
    let twice = json!({"method": "POST", "path": "/Users", "bulkId": "a", "data": {}});
    check(json!({"schemas": [urn::BULK_REQUEST], "Operations": [twice, twice]}), 400);
    check(json!({"schemas": [urn::BULK_REQUEST], "Operations": vec![delete.clone(); 1_001]}), 413);
    check(json!({"schemas": [urn::BULK_REQUEST], "Operations": vec![delete; 1_000]}), 200);
}

#[test]
fn changes_are_told() {
    let mut server = Server::new();
    let body = json!({"schemas": [urn::USER], "userName": "ada", "title": "Dr"});
    let created = server.send(&Request::new(Method::Post, "/Users").body(body.to_string()));
    let change = &created.changes[0];
    assert_eq!((change.kind, change.id.as_str(), change.properties.len()), (ChangeKind::Created, "i1", 2));
    let patch = json!({"schemas": [urn::PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "Prof"}]});
    let request = Request::new(Method::Patch, "/Users/i1").body(patch.to_string());
    let patched = server.send(&request);
    let property = &patched.changes[0].properties[0];
    let expected = ("title", Some(json!("Dr")), Some(json!("Prof")));
    assert_eq!((property.name.as_str(), property.old.clone(), property.new.clone()), expected);
    assert_eq!(server.send(&request).changes, Vec::new(), "no change the second time");
    let group = json!({"schemas": [urn::GROUP], "displayName": "Eng"});
    server.send(&Request::new(Method::Post, "/Groups").body(group.to_string()));
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "i1"}]}]);
    let patch = json!({"schemas": [urn::PATCH_OP], "Operations": add});
    let patched = server.send(&Request::new(Method::Patch, "/Groups/i2").body(patch.to_string()));
    assert_eq!((patched.changes[0].members_added, patched.changes[0].members_removed), (1, 0));
}

#[test]
fn answers_before_the_service() {
    let check = |response: Response, status: u16, header: Option<(&'static str, &str)>| {
        assert_eq!(response.status, status);
        assert_eq!(response.body.as_ref().unwrap()["status"], status.to_string());
        if let Some((name, value)) = header {
            assert!(response.headers.contains(&(name, value.to_owned())), "{:?}", response.headers);
        }
    };
    check(Response::unauthorized(None), 401, Some(("WWW-Authenticate", "Bearer realm=\"scim\"")));
    let challenge = "Bearer realm=\"scim\", error=\"invalid_token\"";
    check(Response::unauthorized(Some("The token is not valid")), 401, Some(("WWW-Authenticate", challenge)));
    check(Response::forbidden("no"), 403, None);
    check(Response::too_large(), 413, None);
    check(Response::too_many_requests(30), 429, Some(("Retry-After", "30")));
    check(Response::internal("disk"), 500, None);
    check(Response::unavailable(5), 503, Some(("Retry-After", "5")));
    assert_eq!(Response::internal("disk").internal.as_deref(), Some("disk"));
    let error: ScimError = RepositoryError::Internal("disk".into()).into();
    assert!(!error.body().to_string().contains("disk"));
}
