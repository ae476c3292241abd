//! A mapping as the dialog has it, and as the API keeps it.

use crate::api::scim::{object, text};
use serde_json::{Map, Value};

/// Where the value of a mapping comes from: the three types of the screen, and none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Direct,
    Constant,
    Expression,
    None,
}

impl Kind {
    /// Value in the form.
    pub(crate) const fn value(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Constant => "constant",
            Self::Expression => "expression",
            Self::None => "none",
        }
    }

    /// Its word on the screen.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Direct => "Direct",
            Self::Constant => "Constant",
            Self::Expression => "Expression",
            Self::None => "None",
        }
    }

    pub(crate) fn from_value(value: &str) -> Self {
        [Self::Direct, Self::Constant, Self::Expression]
            .into_iter()
            .find(|kind| kind.value() == value)
            .unwrap_or(Self::None)
    }

    /// The kind of an expression, from its own text: `[attribute]`, `"text"`, or a function.
    fn of(expression: &str) -> Self {
        let expression = expression.trim();
        if attribute_of(expression).is_some() {
            Self::Direct
        } else if constant_of(expression).is_some() {
            Self::Constant
        } else if expression.is_empty() {
            Self::None
        } else {
            Self::Expression
        }
    }
}

fn attribute_of(expression: &str) -> Option<&str> {
    let name = expression.strip_prefix('[')?.strip_suffix(']')?;
    (!name.contains(['[', ']'])).then_some(name)
}

/// The text of `"…"`, in which `\` stands before `"` and `\`.
fn constant_of(expression: &str) -> Option<String> {
    let inner = expression.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek().is_some_and(|next| matches!(next, '"' | '\\')) => {
                text.extend(letters.next())
            }
            '"' => return None,
            other => text.push(other),
        }
    }
    Some(text)
}

/// The mapping as the dialog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    /// Of a direct mapping.
    pub(crate) attribute: String,
    /// Of a constant one.
    pub(crate) constant: String,
    /// Of an expression.
    pub(crate) expression: String,
    pub(crate) target: String,
    pub(crate) default: String,
    /// 0: does not match.
    pub(crate) precedence: u64,
    /// Whether it only applies when an account is created.
    pub(crate) create_only: bool,
}

impl Draft {
    /// For a new mapping.
    pub(crate) fn empty() -> Self {
        Self {
            kind: Kind::Direct,
            attribute: String::new(),
            constant: String::new(),
            expression: String::new(),
            target: String::new(),
            default: String::new(),
            precedence: 0,
            create_only: false,
        }
    }

    /// For a mapping that is there.
    pub(crate) fn of(mapping: &Value) -> Self {
        let expression = text(mapping, &["source", "expression"]);
        Self {
            kind: Kind::of(&expression),
            attribute: attribute_of(&expression).unwrap_or_default().to_owned(),
            constant: constant_of(&expression).unwrap_or_default(),
            target: target(mapping),
            default: text(mapping, &["defaultValue"]),
            precedence: precedence(mapping),
            create_only: text(mapping, &["flowType"]) == "ObjectAddOnly",
            expression,
        }
    }

    /// The source, written out.
    pub(crate) fn source(&self) -> String {
        match self.kind {
            Kind::Direct => format!("[{}]", self.attribute.trim()),
            Kind::Constant => format!("\"{}\"", self.constant.replace('\\', "\\\\").replace('"', "\\\"")),
            Kind::Expression => self.expression.trim().to_owned(),
            Kind::None => String::new(),
        }
    }

    /// What is wrong with it; empty when nothing is.
    pub(crate) fn problem(&self) -> &'static str {
        if self.target.trim().is_empty() {
            "Choose a target attribute."
        } else if self.kind == Kind::Direct && self.attribute.trim().is_empty() {
            "Choose a source attribute."
        } else if self.kind == Kind::Expression && self.expression.trim().is_empty() {
            "Write an expression."
        } else if self.kind == Kind::None && self.default.is_empty() {
            "A mapping without a source needs a default value."
        } else {
            ""
        }
    }

    /// Puts the draft into a mapping; what the dialog does not show stays.
    pub(crate) fn apply(&self, mapping: &mut Value) {
        if !mapping.is_object() {
            *mapping = Value::Object(Map::new());
        }
        let source = self.source();
        let unchanged = text(mapping, &["source", "expression"]) == source;
        let flow = text(mapping, &["flowType"]);
        let Some(mapping) = mapping.as_object_mut() else { return };
        let mut set = |name: &str, value: Value| mapping.insert(name.to_owned(), value);
        set("targetAttributeName", self.target.trim().into());
        set("defaultValue", if self.default.is_empty() { Value::Null } else { self.default.as_str().into() });
        set("matchingPriority", self.precedence.into());
        if self.create_only {
            set("flowType", "ObjectAddOnly".into());
        } else if flow == "ObjectAddOnly" || flow.is_empty() {
            // The add-only kinds of Graph have no box in the dialog and stay.
            set("flowType", "Always".into());
        }
        if source.is_empty() {
            set("source", Value::Null);
        } else if !unchanged {
            let kind = match self.kind {
                Kind::Direct => "Attribute",
                Kind::Constant => "Constant",
                _ => "Function",
            };
            set("source", object([("expression", source.into()), ("type", kind.into())]));
        }
    }

    /// A new mapping.
    pub(crate) fn to_mapping(&self) -> Value {
        let mut mapping = Value::Null;
        self.apply(&mut mapping);
        mapping
    }
}

/// The target attribute of a mapping.
pub(crate) fn target(mapping: &Value) -> String {
    text(mapping, &["targetAttributeName"])
}

/// The last part of a target attribute's name, which is all that tells an extension's attributes apart.
pub(crate) fn short(target: &str) -> &str {
    target.rsplit_once(':').map_or(target, |(_, last)| last)
}

/// The matching precedence of a mapping; 0 when it does not match.
pub(crate) fn precedence(mapping: &Value) -> u64 {
    mapping.get("matchingPriority").and_then(Value::as_u64).unwrap_or_default()
}

/// The source of a mapping as the table shows it.
pub(crate) fn shown(mapping: &Value) -> String {
    let expression = text(mapping, &["source", "expression"]);
    if expression.is_empty() { "(default value only)".to_owned() } else { expression }
}

/// The word for when a mapping applies.
pub(crate) fn applies(flow_type: &str) -> &'static str {
    match flow_type {
        "ObjectAddOnly" => "Only during object creation",
        "MultiValueAddOnly" | "ValueAddOnly" | "AttributeAddOnly" => "Only additions",
        _ => "Always",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mapping(target: &str, expression: &str) -> Value {
        let mut draft = Draft { target: target.to_owned(), kind: Kind::Expression, ..Draft::empty() };
        draft.expression = expression.to_owned();
        draft.to_mapping()
    }

    #[test]
    fn drafts_keep_every_kind() {
        for (expression, kind) in [
            ("[mail]", Kind::Direct),
            (r#""a \"b\" \\ c""#, Kind::Constant),
            ("Not([IsSoftDeleted])", Kind::Expression),
            (r#"Join("-", "a", "b")"#, Kind::Expression),
        ] {
            let draft = Draft::of(&mapping("x", expression));
            assert_eq!((draft.kind, draft.source().as_str()), (kind, expression));
        }
        assert_eq!(Draft::of(&mapping("x", r#""a \"b\"""#)).constant, r#"a "b""#);
    }

    #[test]
    fn applying_keeps_what_the_dialog_does_not_show() {
        let before = json!({
            "targetAttributeName": "x", "defaultValue": null, "matchingPriority": 1, "flowType": "ValueAddOnly",
            "flowBehavior": "FlowAlways", "source": {"expression": "[mail]", "type": "Attribute", "name": "mail"}
        });
        let mut mapping = before.clone();
        Draft::of(&mapping).apply(&mut mapping);
        assert_eq!(mapping, before);
    }

    #[test]
    fn names_of_extensions_are_short() {
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        assert_eq!([short(department), short("name.givenName")], ["department", "name.givenName"]);
    }

    #[test]
    fn problems_are_named() {
        let draft = Draft { target: "a".to_owned(), ..Draft::empty() };
        assert_eq!(draft.problem(), "Choose a source attribute.");
        assert_eq!(Draft { kind: Kind::Constant, ..draft.clone() }.problem(), "");
        assert_eq!(Draft { target: " ".to_owned(), ..draft }.problem(), "Choose a target attribute.");
    }
}
