//! The way around in a synchronization schema. It is edited as the JSON that it is: what this page does not
//! know is written back as it was.

use crate::api::scim::text;
use serde_json::Value;

/// The list that is a property of an object; empty when there is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The object mappings of all rules, in order.
pub(crate) fn objects(schema: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    for rule in list(schema, "synchronizationRules") {
        all.extend(list(rule, "objectMappings"));
    }
    all
}

/// The attribute mappings of an object mapping, by its position over all rules.
pub(crate) fn mappings(schema: &Value, at: usize) -> &[Value] {
    objects(schema).get(at).map(|object| list(object, "attributeMappings")).unwrap_or_default()
}

/// An object mapping, by its position over all rules, to change.
pub(crate) fn object_mut(schema: &mut Value, mut at: usize) -> Option<&mut Value> {
    for rule in schema.get_mut("synchronizationRules")?.as_array_mut()? {
        let objects = rule.get_mut("objectMappings")?.as_array_mut()?;
        if at < objects.len() {
            return objects.get_mut(at);
        }
        at -= objects.len();
    }
    None
}

/// The attribute mappings of an object mapping, to change.
pub(crate) fn mappings_mut(schema: &mut Value, at: usize) -> Option<&mut Vec<Value>> {
    object_mut(schema, at)?.get_mut("attributeMappings")?.as_array_mut()
}

/// Puts an attribute mapping in another place among those of its object mapping; tells whether both places exist.
pub(crate) fn move_mapping(schema: &mut Value, at: usize, from: usize, to: usize) -> bool {
    let Some(mappings) = mappings_mut(schema, at).filter(|list| from.max(to) < list.len()) else {
        return false;
    };
    let moved = mappings.remove(from);
    mappings.insert(to, moved);
    true
}

/// The attributes that an object mapping can write to.
pub(crate) fn target_attributes(schema: &Value, at: usize) -> &[Value] {
    let wanted = objects(schema).get(at).map(|object| text(object, &["targetObjectName"]));
    // The source comes first among the directories, the target last.
    let directory = list(schema, "directories").last();
    let object = directory.zip(wanted).and_then(|(directory, wanted)| {
        list(directory, "objects").iter().find(|object| text(object, &["name"]) == wanted)
    });
    object.map(|object| list(object, "attributes")).unwrap_or_default()
}

/// The same, to change.
pub(crate) fn target_attributes_mut(schema: &mut Value, at: usize) -> Option<&mut Vec<Value>> {
    let wanted = objects(schema).get(at).map(|object| text(object, &["targetObjectName"]))?;
    let directory = schema.get_mut("directories")?.as_array_mut()?.last_mut()?;
    let objects = directory.get_mut("objects")?.as_array_mut()?;
    let object = objects.iter_mut().find(|object| text(object, &["name"]) == wanted)?;
    object.get_mut("attributes")?.as_array_mut()
}

/// Names of the attributes that an object mapping can write to.
pub(crate) fn targets(schema: &Value, at: usize) -> Vec<String> {
    target_attributes(schema, at).iter().map(|attribute| text(attribute, &["name"])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({
            "synchronizationRules": [
                {"objectMappings": [{"name": "a", "attributeMappings": [1, 2]}]},
                {"objectMappings": [{"name": "b", "targetObjectName": "User", "attributeMappings": [3]}]}
            ],
            "directories": [{}, {"objects": [{"name": "User", "attributes": [{"name": "x"}, {"name": "y"}]}]}]
        })
    }

    #[test]
    fn object_mappings_are_counted_over_the_rules() {
        assert_eq!(objects(&schema()).len(), 2);
        assert_eq!(mappings(&schema(), 1), [json!(3)]);
        assert_eq!(mappings(&schema(), 2), Vec::<Value>::new());
        let mut changed = schema();
        mappings_mut(&mut changed, 1).unwrap().push(json!(4));
        assert_eq!(mappings(&changed, 1), [json!(3), json!(4)]);
        assert!(mappings_mut(&mut changed, 2).is_none());
    }

    #[test]
    fn a_mapping_is_moved_among_its_own() {
        let mut changed = schema();
        mappings_mut(&mut changed, 0).unwrap().push(json!(5));
        assert!(move_mapping(&mut changed, 0, 2, 0));
        assert_eq!(mappings(&changed, 0), [json!(5), json!(1), json!(2)]);
        assert!(move_mapping(&mut changed, 0, 0, 1));
        assert_eq!(mappings(&changed, 0), [json!(1), json!(5), json!(2)]);
        assert!(!move_mapping(&mut changed, 0, 3, 0));
        assert!(!move_mapping(&mut changed, 1, 0, 1));
        assert_eq!(mappings(&changed, 1), [json!(3)]);
    }

    #[test]
    fn targets_are_those_of_the_target_object() {
        assert_eq!(targets(&schema(), 1), ["x", "y"]);
        assert_eq!(targets(&schema(), 0), Vec::<String>::new());
        let mut changed = schema();
        target_attributes_mut(&mut changed, 1).unwrap().push(json!({"name": "z"}));
        assert_eq!(targets(&changed, 1), ["x", "y", "z"]);
        assert!(target_attributes_mut(&mut changed, 0).is_none());
    }
}
