//! What must hold for any input. These functions panic where it does not; fuzz targets and a test over the
//! committed seeds call them.
#![allow(clippy::panic, clippy::expect_used, reason = "a panic is how a finding is told")]

use serde_json::{Map, Value, json};

use super::MemoryRepository;
use crate::filter::{Filter, matches, resolve};
use crate::patch::{apply, parse};
use crate::path::Path;
use crate::resource::ResourceType;
use crate::schema::{CustomAttribute, CustomExtension, CustomType, SchemaSet};
use crate::service::{Context, Method, Request, Response, handle};
use crate::urn;
use crate::validation::normalize;

/// A filter that is read prints and reads back; one that is not has an error with a place in the text.
pub fn check_filter(text: &str) {
    match Filter::parse(text) {
        Ok(filter) => {
            let printed = filter.to_string();
            let again = Filter::parse(&printed);
            assert_eq!(again.map(|filter| filter.to_string()), Ok(printed), "{text}");
            for kind in ResourceType::ALL {
                if let Ok(condition) = resolve(&filter, kind, &ResourceType::ALL, &schemas()) {
                    matches(&condition, &ada());
                }
            }
        }
        Err(error) => {
            assert!(error.span.start <= error.span.end && error.span.end <= text.len(), "{text}: {error}")
        }
    }
}

/// A path that is not read is an `invalidPath`.
pub fn check_path(text: &str) {
    for kind in ResourceType::ALL {
        if let Err(error) = Path::parse(text, kind, &schemas()) {
            assert_eq!(
                (error.status, error.scim_type.map(|kind| kind.as_str())),
                (400, Some("invalidPath")),
                "{text}"
            );
        }
    }
}

/// A PATCH body is refused with 400, or leads to a resource in canonical form.
pub fn check_patch(body: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
    let Ok(operations) = parse(&body) else { return };
    let schemas = schemas();
    match apply(ResourceType::User, &ada(), &operations, &schemas) {
        Ok(patched) => {
            let mut resource = patched.attributes.clone();
            resource.insert("schemas".to_owned(), json!([urn::USER]));
            let again = normalize(ResourceType::User, &Value::Object(resource), &schemas);
            assert_eq!(again.map(|input| input.attributes), Ok(patched.attributes), "{body}");
        }
        Err(error) => assert_eq!(error.status, 400, "{body}: {error}"),
    }
}

/// A Bulk body is answered, and whatever it left in the directory can be read.
pub fn check_bulk(body: &[u8]) {
    let mut repository = MemoryRepository::new();
    let mut ids = 0;
    let mut send = |request: &Request| -> Response {
        let mut new_id = || {
            ids += 1;
            format!("i{ids}")
        };
        let schemas = schemas();
        let mut context = Context {
            base_url: "https://example.com/v2",
            now_ms: 0,
            new_id: &mut new_id,
            schemas: &schemas,
            read_only: false,
        };
        handle(request, &mut repository, &mut context)
    };
    let answer = send(&Request::new(Method::Post, "/Bulk").body(body));
    assert!(matches!(answer.status, 200 | 400 | 413), "{:?}", answer.body);
    assert_eq!(answer.internal, None);
    let list = send(&Request::new(Method::Get, "/?count=1000"));
    let resources = list.body.as_ref().and_then(|body| body.get("Resources")?.as_array()).expect("a list");
    for resource in resources {
        let location = resource.pointer("/meta/location").and_then(Value::as_str).expect("an address");
        let target = location.strip_prefix("https://example.com/v2").expect("an address of this service");
        assert_eq!(send(&Request::new(Method::Get, target)).body.as_ref(), Some(resource));
    }
}

fn schemas() -> SchemaSet {
    let attributes = [
        ("Business Unit", CustomType::String),
        ("Salary", CustomType::Number),
        ("Remote", CustomType::Boolean),
    ]
    .into_iter()
    .filter_map(|(name, kind)| CustomAttribute::new(name, kind).ok())
    .collect();
    SchemaSet::new(Some(&CustomExtension {
        urn: urn::PEAKON_USER.to_owned(),
        name: "Peakon".to_owned(),
        attributes,
    }))
}

fn ada() -> Map<String, Value> {
    let body = json!({
        "schemas": [urn::USER],
        "userName": "ada",
        "name": {"givenName": "Ada"},
        "emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home"}],
        "addresses": [{"locality": "London", "type": "work"}],
        urn::ENTERPRISE_USER: {"department": "IT", "manager": {"value": "m"}},
        urn::PEAKON_USER: {"Business Unit": "R&D", "Salary": 1},
    });
    normalize(ResourceType::User, &body, &schemas()).map(|input| input.attributes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    /// The committed seeds of the fuzz targets.
    #[test]
    fn seeds() {
        let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        let check = |target: &str, check: &dyn Fn(&[u8])| {
            let files: Vec<_> = std::fs::read_dir(seeds.join(target)).unwrap().collect();
            assert!(!files.is_empty(), "{target}");
            files.into_iter().for_each(|file| check(&std::fs::read(file.unwrap().path()).unwrap()));
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        check("filter", &|bytes| super::check_filter(&text(bytes)));
        check("path", &|bytes| super::check_path(&text(bytes)));
        check("patch", &super::check_patch);
        check("bulk", &super::check_bulk);
    }
}
