//! Properties that hold for any filter, path, patch and projection.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use scim::ResourceType;
use scim::filter::{AttributePath, Filter, Literal, Operator, Span, Term, Test, matches, resolve};
use scim::patch::{PropertyChange, apply, changes, parse};
use scim::path::Path;
use scim::projection::Projection;
use scim::schema::{CustomAttribute, CustomExtension, CustomType, SchemaSet};
use scim::urn;
use scim::validation::normalize;
use serde_json::{Map, Value, json};

fn schemas() -> SchemaSet {
    let custom = |name, kind| CustomAttribute::new(name, kind).unwrap();
    SchemaSet::new(Some(&CustomExtension {
        urn: urn::PEAKON_USER.into(),
        name: "Peakon".into(),
        attributes: vec![
            custom("Business Unit", CustomType::String),
            custom("Prix le plus bas", CustomType::Number),
            custom("Remote", CustomType::Boolean),
        ],
    }))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9@. ]{1,8}", "\\PC{1,6}", Just("\"\\\u{e9}\n".to_owned())]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i32>().prop_map(|number| Literal::Number(number.into())),
        text().prop_map(Literal::String),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let compare = (prop::sample::select(&Operator::ALL[..]), literal())
        .prop_map(|(operator, value)| Test::Compare { operator, value });
    prop_oneof![Just(Test::Present), compare]
}

fn attribute_path() -> impl Strategy<Value = AttributePath> {
    let name = "[a-zA-Z][a-zA-Z0-9_-]{0,6}".prop_filter("a word of the grammar", |name| {
        !["not", "and", "or"].contains(&name.to_ascii_lowercase().as_str())
    });
    let plain = (name, prop::option::of("[a-z][a-zA-Z]{0,5}")).prop_map(|(name, sub)| AttributePath {
        urn: None,
        name,
        sub,
    });
    let spaced = prop::sample::select(vec!["Business Unit", "Prix le plus bas", "x", "Not or and"]);
    let urn = spaced.prop_map(|name| AttributePath {
        urn: Some(urn::PEAKON_USER.to_owned()),
        name: name.to_owned(),
        sub: None,
    });
    prop_oneof![4 => plain, 1 => urn]
}

fn filter() -> impl Strategy<Value = Filter> {
    let span = Span::default();
    let leaf = (attribute_path(), test())
        .prop_map(move |(path, test)| Filter::Term(Term::Test { path, test, span }))
        .boxed();
    let combined = |inner: BoxedStrategy<Filter>| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Filter::And),
            vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    };
    let inner = leaf.clone().prop_recursive(2, 8, 3, move |inner| combined(inner.boxed()));
    let element = (attribute_path(), inner, prop::option::of(("[a-z][a-zA-Z]{0,5}", test()))).prop_map(
        move |(path, filter, rest)| {
            Filter::Term(Term::Element { path, filter: Box::new(filter), rest, span })
        },
    );
    prop_oneof![3 => leaf, 1 => element].prop_recursive(3, 16, 3, move |inner| combined(inner.boxed()))
}

/// The same filter without places.
fn without_spans(filter: &Filter) -> Filter {
    let span = Span::default();
    match filter {
        Filter::And(parts) => Filter::And(parts.iter().map(without_spans).collect()),
        Filter::Or(parts) => Filter::Or(parts.iter().map(without_spans).collect()),
        Filter::Not(inner) => Filter::Not(Box::new(without_spans(inner))),
        Filter::Term(Term::Test { path, test, .. }) => {
            Filter::Term(Term::Test { path: path.clone(), test: test.clone(), span })
        }
        Filter::Term(Term::Element { path, filter, rest, .. }) => Filter::Term(Term::Element {
            path: path.clone(),
            filter: Box::new(without_spans(filter)),
            rest: rest.clone(),
            span,
        }),
    }
}

/// A list of typed values: each type once, some without a type.
fn values() -> impl Strategy<Value = Value> {
    let kinds = ["work", "home", "other \"x\"", "a]b"];
    let element = (text(), prop::option::of(text()));
    (prop::sample::subsequence(kinds.to_vec(), 0..=3), vec(element, 3), any::<bool>()).prop_map(
        |(kinds, elements, has_primary)| {
            let mut values: Vec<Value> = Vec::new();
            for (kind, (value, display)) in kinds.iter().zip(elements) {
                let mut element = json!({"value": value, "type": kind});
                if let Some(display) = display {
                    element["display"] = Value::from(display);
                }
                if has_primary && values.is_empty() {
                    element["primary"] = Value::from(true);
                }
                values.push(element);
            }
            Value::Array(values)
        },
    )
}

/// A user in canonical form.
fn user() -> impl Strategy<Value = Map<String, Value>> {
    let singles =
        btree_map(prop::sample::select(vec!["displayName", "title", "nickName", "externalId"]), text(), 0..4);
    let name = btree_map(prop::sample::select(vec!["givenName", "familyName", "formatted"]), text(), 0..3);
    let enterprise = btree_map(prop::sample::select(vec!["department", "costCenter"]), text(), 0..2);
    let manager = prop::option::of("[a-z0-9]{1,6}");
    let custom = (prop::option::of(text()), prop::option::of(any::<i32>()), prop::option::of(any::<bool>()));
    let active = prop::option::of(any::<bool>());
    (singles, name, active, (values(), values()), enterprise, manager, custom).prop_map(
        |(singles, name, active, (emails, roles), enterprise, manager, custom)| {
            let mut extension = json!(enterprise);
            if let Some(manager) = manager {
                extension["manager"] = json!({"value": manager});
            }
            let (unit, price, remote) = custom;
            let body = json!({
                "schemas": [urn::USER],
                "userName": "ada",
                "name": name,
                "active": active,
                "emails": emails,
                "roles": roles,
                urn::ENTERPRISE_USER: extension,
                urn::PEAKON_USER: {"Business Unit": unit, "Prix le plus bas": price, "Remote": remote},
            });
            let mut body = body.as_object().unwrap().clone();
            body.extend(singles.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))));
            normalize(ResourceType::User, &Value::Object(body), &schemas()).unwrap().attributes
        },
    )
}

/// The request that makes changes.
fn operations(changes: &[PropertyChange]) -> Value {
    let operations: Vec<Value> = changes
        .iter()
        .map(|change| match &change.new {
            Some(new) => json!({"op": "replace", "path": change.name, "value": new}),
            None => json!({"op": "remove", "path": change.name}),
        })
        .collect();
    json!({"schemas": [urn::PATCH_OP], "Operations": operations})
}

fn patch(attributes: &Map<String, Value>, body: &Value) -> Map<String, Value> {
    let operations = parse(body).unwrap();
    apply(ResourceType::User, attributes, &operations, &schemas()).unwrap().attributes
}

/// The values of multi-valued attributes have no order.
fn unordered(attributes: &Map<String, Value>) -> Map<String, Value> {
    let sort = |value: &Value| match value {
        Value::Array(values) => {
            let mut values = values.clone();
            values.sort_by_key(|value| value.get("type").and_then(Value::as_str).map(str::to_owned));
            Value::Array(values)
        }
        other => other.clone(),
    };
    attributes.iter().map(|(name, value)| (name.clone(), sort(value))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_filter_reads_back(filter in filter()) {
        let printed = filter.to_string();
        let read = Filter::parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
        prop_assert_eq!(without_spans(&read), filter, "{}", printed);
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_with_a_place(text in "[a-z()\\[\\] .\"\\\\:0-9-]{0,60}|\\PC{0,40}") {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len(), "{:?}", error);
        }
    }

    #[test]
    fn any_text_is_a_path_or_an_error(text in "[a-z()\\[\\] .\"\\\\:0-9-]{0,60}|\\PC{0,40}") {
        let schemas = schemas();
        let _ = Path::parse(&text, ResourceType::User, &schemas);
    }

    #[test]
    fn a_condition_and_its_opposite_exclude_each_other(user in user(), value in text(), index in 0_usize..9) {
        let operator = Operator::ALL[index].as_str();
        let value = Value::from(value);
        for name in ["userName", "displayName", "name.givenName", "emails.value", "department"] {
            let text = format!("{name} {operator} {value}");
            let evaluate = |text: &str| {
                let filter = Filter::parse(text).unwrap();
                matches(&resolve(&filter, ResourceType::User, &[], &schemas()).unwrap(), &user)
            };
            prop_assert_ne!(evaluate(&text), evaluate(&format!("not ({text})")), "{}", text);
        }
    }

    #[test]
    fn a_patch_made_of_changes_leads_to_the_other_state(before in user(), after in user()) {
        let there = changes(&before, &after);
        if there.is_empty() {
            prop_assert_eq!(&before, &after);
            return Ok(());
        }
        let patched = patch(&before, &operations(&there));
        prop_assert_eq!(unordered(&patched), unordered(&after), "{:?}", there);
        // The same patch again changes nothing, and the inverse leads back.
        prop_assert_eq!(patch(&patched, &operations(&there)), patched.clone());
        let back: Vec<PropertyChange> = there
            .into_iter()
            .map(|change| PropertyChange { name: change.name, old: change.new, new: change.old })
            .collect();
        let restored = patch(&patched, &operations(&back));
        prop_assert_eq!(unordered(&restored), unordered(&before), "{:?}", back);
    }

    #[test]
    fn what_is_canonical_stays_as_it_is(user in user()) {
        let mut body = user.clone();
        body.insert("schemas".to_owned(), json!([urn::USER]));
        let again = normalize(ResourceType::User, &Value::Object(body), &schemas()).unwrap();
        prop_assert_eq!(again.attributes, user);
    }

    #[test]
    fn a_replace_of_everything_is_everything(before in user(), after in user()) {
        let mut value = after.clone();
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            value.insert(name.clone(), Value::Null);
        }
        // Complex attributes and extensions are merged, so what they lose has to be named.
        for (name, old) in &before {
            if let (Value::Object(old), Some(Value::Object(new))) = (old, value.get_mut(name)) {
                for sub in old.keys() {
                    new.entry(sub.clone()).or_insert(Value::Null);
                }
            }
        }
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": [{"op": "replace", "value": value}]});
        prop_assert_eq!(patch(&before, &body), after);
    }

    #[test]
    fn projections_only_take_away(user in user(), names in prop::sample::subsequence(
        vec!["userName", "name", "name.givenName", "emails", "emails.value", "roles.type", "department", "manager"], 0..=4,
    )) {
        let mut json = user;
        json.insert("id".to_owned(), json!("1"));
        let schemas = schemas();
        let names = names.join(",");
        for projection in [Projection::new(Some(&names), None), Projection::new(None, Some(&names))] {
            let found = projection.apply(ResourceType::User, json.clone(), &schemas);
            prop_assert_eq!(found.get("id"), Some(&json!("1")));
            prop_assert!(is_part(&Value::Object(found.clone()), &Value::Object(json.clone())), "{}", names);
            let again = projection.apply(ResourceType::User, found.clone(), &schemas);
            prop_assert_eq!(again, found);
        }
    }
}

/// Whether a value is another one with parts taken away.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|whole| is_part(value, whole)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.iter().all(|value| whole.iter().any(|whole| is_part(value, whole)))
        }
        _ => part == whole,
    }
}
