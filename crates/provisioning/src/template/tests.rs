use super::*;
use crate::expression::Expression;
use crate::schema::{AttributeMapping, MappingSource};
use crate::schema::{Severity, SynchronizationSchema, compile, validate};

const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";

#[test]
fn every_file_is_read() {
    for text in file::FILES {
        file::read(text).unwrap_or_else(|error| panic!("{error} in {}", text.lines().nth(2).unwrap()));
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), file::FILES.len(), "every file has its line");
}

#[test]
fn quirks_are_names_that_exist() {
    let with = |quirks: &str| {
        let text = file::FILES[0].replacen("\"objects\"", &format!("\"quirks\": {quirks}, \"objects\""), 1);
        file::read(&text).map(|template| template.quirks.names())
    };
    assert_eq!(with(r#"["Put", "StringBooleans"]"#).unwrap(), "StringBooleans, Put");
    assert!(with(r#"["Other"]"#).is_err());
}

#[test]
fn every_template_is_sound() {
    let mut ids: Vec<String> = gallery().into_iter().map(|template| template.id).collect();
    ids.sort();
    ids.dedup();
    assert!(ids.len() >= 10);
    assert_eq!(ids.len(), gallery().len(), "ids are unique");
    for template in gallery() {
        let problems = validate(&template.schema);
        assert!(problems.is_empty(), "{}: {problems:?}", template.display_name);
        compile(&template.schema).unwrap();
        assert_eq!(template.app_roles[0].id, DEFAULT_ACCESS);
        assert!(template.app_roles.iter().skip(1).all(|role| role.value.is_some()));
        for mapping in &template.schema.synchronization_rules[0].object_mappings {
            for attribute in &mapping.attribute_mappings {
                let source = attribute.source.as_ref().unwrap();
                assert_eq!(Expression::parse(&source.expression).unwrap().to_source(), *source);
            }
        }
        let json = serde_json::to_string(&template.schema).unwrap();
        assert_eq!(serde_json::from_str::<SynchronizationSchema>(&json).unwrap(), template.schema);
    }
}

#[test]
fn search_finds_by_every_word_in_any_case() {
    let names = |query: &str| -> Vec<String> {
        search(query).into_iter().map(|template| template.display_name).collect()
    };
    assert_eq!(names("PEAK"), ["Peakon"]);
    assert_eq!(names("humanresources peakon"), ["Peakon"]);
    assert_eq!(names(" ").len(), gallery().len());
    assert!(names("nobody makes this").is_empty());
}

#[test]
fn default_access_does_not_provision_to_peakon() {
    let peakon = search("peakon").remove(0);
    assert!(peakon.excludes_default_access);
    assert_eq!(find(&peakon.id.to_uppercase()).unwrap(), peakon);
    let json = serde_json::to_value(&peakon).unwrap();
    assert_eq!(json["excludesDefaultAccess"], true);
    assert!(json.get("schema").is_none());
}

#[test]
fn peakons_default_mappings_are_the_documented_ones() {
    let schema = search("peakon").remove(0).schema;
    let rows: Vec<(String, String, i32)> = schema.synchronization_rules[0].object_mappings[0]
        .attribute_mappings
        .iter()
        .map(|mapping| {
            let expression = mapping.source.as_ref().unwrap().expression.clone();
            (mapping.target_attribute_name.clone(), expression, mapping.matching_priority)
        })
        .collect();
    let enterprise =
        |name: &str| format!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:{name}");
    let expected = [
        ("userName".to_owned(), "[userPrincipalName]", 1),
        ("active".to_owned(), "Not([IsSoftDeleted])", 0),
        ("name.givenName".to_owned(), "[givenName]", 0),
        ("name.familyName".to_owned(), "[surname]", 0),
        (enterprise("employeeNumber"), "[employeeId]", 0),
        (enterprise("department"), "[department]", 0),
        (enterprise("manager"), "[manager]", 0),
    ];
    assert_eq!(rows, expected.map(|(target, source, priority)| (target, source.to_owned(), priority)));
}

#[test]
fn peakons_own_attributes_take_names_with_spaces() {
    let mut schema = search("peakon").remove(0).schema;
    let target = format!("{}:Business Unit", EXTENSION);
    schema.synchronization_rules[0].object_mappings[0].attribute_mappings.push(AttributeMapping {
        target_attribute_name: target,
        source: Some(MappingSource { expression: "[department]".to_owned(), ..MappingSource::default() }),
        ..AttributeMapping::default()
    });
    let problems = validate(&schema);
    assert!(problems.iter().all(|problem| problem.severity == Severity::Warning), "{problems:?}");
    let compiled = compile(&schema).unwrap();
    let path = &compiled.mappings[0].attributes.last().unwrap().path;
    assert_eq!((path.extension(), path.attribute.as_str()), (Some(EXTENSION), "Business Unit"));
}
