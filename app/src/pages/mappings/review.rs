//! What changed in a schema since it was loaded: added, changed and removed, with the old and the new.

use super::{edit, filter, schema};
use crate::api::scim::text;
use crate::ui::badge::{Tone, badge};
use crate::ui::table;
use leptos::prelude::*;
use serde_json::Value;

/// One difference; the side that does not exist is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What kind of thing it is.
    pub(crate) part: &'static str,
    pub(crate) name: String,
    pub(crate) old: String,
    pub(crate) new: String,
}

/// Everything that differs, in the order of the page. What no other line tells is one line at the end.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let count = schema::objects(before).len().max(schema::objects(after).len());
    for at in 0..count {
        let (old, new) = (schema::mappings(before, at), schema::mappings(after, at));
        compare(&mut found, "Mapping", old, new, edit::target, mapping_words);
        let object = schema::objects(after).get(at).map(|object| text(object, &["name"])).unwrap_or_default();
        let (old, new) = order(old, new);
        add(&mut found, "Order", object.clone(), old, new);
        let old_scope = filter::scope(before, at);
        let new_scope = filter::scope(after, at);
        for (name, part) in [("groups", "Scoping filter"), ("inputFilterGroups", "Input filter")] {
            let (old, new) = (schema::list(&old_scope, name), schema::list(&new_scope, name));
            // A filter has no name of its own, so its place tells which it is.
            for place in 0..old.len().max(new.len()) {
                let words = |list: &[Value]| list.get(place).map(filter::words).unwrap_or_default();
                add(&mut found, part, format!("Filter {}", place + 1), words(old), words(new));
            }
        }
        let settings = ["enabled", "flowTypes"];
        for name in settings {
            let get = |side: &Value| schema::objects(side).get(at).map(|object| text(object, &[name]));
            let label = format!("{object}: {name}");
            add(
                &mut found,
                "Setting",
                label,
                get(before).unwrap_or_default(),
                get(after).unwrap_or_default(),
            );
        }
        let (old, new) = (schema::target_attributes(before, at), schema::target_attributes(after, at));
        compare(&mut found, "Target attribute", old, new, |one| text(one, &["name"]), attribute_words);
    }
    if found.is_empty() && before != after {
        let (old, new) = ("As saved".to_owned(), "Changed".to_owned());
        add(&mut found, "Other", "Properties that this page does not show".to_owned(), old, new);
    }
    found
}

fn add(found: &mut Vec<Difference>, part: &'static str, name: String, old: String, new: String) {
    if old != new {
        found.push(Difference { part, name, old, new });
    }
}

/// Compares two lists of things that have a name.
fn compare(
    found: &mut Vec<Difference>,
    part: &'static str,
    before: &[Value],
    after: &[Value],
    name: fn(&Value) -> String,
    words: fn(&Value) -> String,
) {
    let find = |list: &[Value], wanted: &str| list.iter().find(|one| name(one) == wanted).cloned();
    for new in after {
        let old = find(before, &name(new));
        if old.as_ref() != Some(new) {
            add(found, part, name(new), old.as_ref().map(words).unwrap_or_default(), words(new));
        }
    }
    for old in before.iter().filter(|old| find(after, &name(old)).is_none()) {
        add(found, part, name(old), words(old), String::new());
    }
}

/// The mappings that are on both sides and stand in another order, before and after: from the first of them to the
/// last. Both are empty when the order is the same.
fn order(before: &[Value], after: &[Value]) -> (String, String) {
    let names = |list: &[Value], other: &[Value]| {
        let is_there = |name: &String| other.iter().any(|one| edit::target(one) == *name);
        list.iter().map(edit::target).filter(is_there).collect::<Vec<String>>()
    };
    let (mut old, mut new) = (names(before, after), names(after, before));
    while old.last().is_some_and(|last| Some(last) == new.last()) {
        old.pop();
        new.pop();
    }
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let words =
        |list: &[String]| list.iter().skip(same).map(|name| edit::short(name)).collect::<Vec<_>>().join(", ");
    (words(&old), words(&new))
}

/// A mapping in one line.
fn mapping_words(mapping: &Value) -> String {
    let mut words = edit::shown(mapping);
    let default = text(mapping, &["defaultValue"]);
    if !default.is_empty() {
        words.push_str(&format!("; default \"{default}\""));
    }
    if edit::precedence(mapping) > 0 {
        words.push_str(&format!("; matching, {}", edit::precedence(mapping)));
    }
    let applies = edit::applies(&text(mapping, &["flowType"]));
    if applies != "Always" {
        words.push_str(&format!("; {}", applies.to_ascii_lowercase()));
    }
    words
}

/// An attribute of the target in one line.
pub(crate) fn attribute_words(attribute: &Value) -> String {
    let is = |name: &str| attribute.get(name).and_then(Value::as_bool).unwrap_or_default();
    let mut words = text(attribute, &["type"]);
    for (name, word) in [("multivalued", ", several values"), ("required", ", required")] {
        if is(name) {
            words.push_str(word);
        }
    }
    words
}

/// The differences as a table.
pub(crate) fn difference_table(differences: &[Difference]) -> AnyView {
    let rows = differences.iter().map(|one| {
        let (tone, word) = match (one.old.is_empty(), one.new.is_empty()) {
            (true, _) => (Tone::Good, "Added"),
            (_, true) => (Tone::Bad, "Removed"),
            _ => (Tone::Info, "Changed"),
        };
        table::row(vec![
            table::cell(badge(tone, word)),
            table::text(one.part),
            view! { <th scope="row">{table::technical(&one.name)}</th> }.into_any(),
            side(&one.old),
            side(&one.new),
        ])
    });
    table::table("Changes", &["Change", "What", "Name", "Before", "After"], rows.collect())
}

fn side(words: &str) -> AnyView {
    if words.is_empty() { table::text("–") } else { table::code(words) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema(mappings: Value, scope: Value, attributes: Value) -> Value {
        json!({
            "version": "1",
            "synchronizationRules": [{"objectMappings": [{
                "name": "Users", "targetObjectName": "User", "enabled": true, "attributeMappings": mappings, "scope": scope
            }]}],
            "directories": [{}, {"objects": [{"name": "User", "attributes": attributes}]}]
        })
    }

    fn mapping(target: &str, expression: &str) -> Value {
        json!({"targetAttributeName": target, "flowType": "Always", "source": {"expression": expression}})
    }

    fn lines(before: &Value, after: &Value) -> Vec<String> {
        let lines = differences(before, after).into_iter();
        lines.map(|one| format!("{} {}: {} → {}", one.part, one.name, one.old, one.new)).collect()
    }

    #[test]
    fn every_part_is_compared() {
        let none = json!(null);
        let before = schema(
            json!([mapping("a", "[x]"), mapping("b", "[y]"), mapping("c", "[z]")]),
            none.clone(),
            json!([{"name": "a", "type": "String"}]),
        );
        let mut b = mapping("b", "[y]");
        b["defaultValue"] = "w".into();
        let clause = json!({"sourceOperandName": "city", "operatorName": "IS NOT NULL", "targetOperand": {"values": []}});
        let mut after = schema(
            json!([mapping("a", "[x]"), b, mapping("d", "[z]")]),
            json!({"groups": [{"name": "", "clauses": [clause]}]}),
            json!([{"name": "a", "type": "String"}, {"name": "n", "type": "Integer", "required": true}]),
        );
        assert_eq!(
            lines(&before, &after),
            [
                "Mapping b: [y] → [y]; default \"w\"",
                "Mapping d:  → [z]",
                "Mapping c: [z] → ",
                "Scoping filter Filter 1:  → city IS NOT NULL",
                "Target attribute n:  → Integer, required",
            ]
        );
        assert_eq!(lines(&before, &before), Vec::<String>::new());
        after["synchronizationRules"][0]["objectMappings"][0]["enabled"] = false.into();
        assert!(lines(&before, &after).contains(&"Setting Users: enabled: true → false".to_owned()));
    }

    #[test]
    fn another_order_is_one_line_of_what_moved() {
        let sides = |before: &[&str], after: &[&str]| {
            let of = |names: &[&str]| {
                let list = names.iter().map(|name| mapping(name, "[x]")).collect::<Vec<_>>();
                schema(list.into(), json!(null), json!([]))
            };
            lines(&of(before), &of(after))
        };
        let extension = "urn:x:User:d";
        assert_eq!(
            sides(&["a", "b", "c", extension, "e"], &["a", extension, "b", "c", "e"]),
            ["Order Users: b, c, d → d, b, c"]
        );
        // What came and went moved nothing.
        assert_eq!(sides(&["a", "b", "c"], &["n", "a", "c"]), ["Mapping n:  → [x]", "Mapping b: [x] → "]);
        assert_eq!(sides(&["a", "b", "c"], &["c", "a"]), ["Mapping b: [x] → ", "Order Users: a, c → c, a"]);
    }

    #[test]
    fn what_is_not_shown_is_told_all_the_same() {
        let before = schema(json!([]), json!(null), json!([]));
        let mut after = before.clone();
        after["other"] = 1.into();
        assert_eq!(lines(&before, &after).len(), 1);
    }
}
