//! A mapping as the dialog has it, as the API keeps it, and what changed since it was loaded.

use api::schema::{AttributeMapping, MappingSource, ObjectMapping};
use serde_json::Map;

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
    pub(crate) precedence: u32,
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
    pub(crate) fn of(mapping: &AttributeMapping) -> Self {
        let expression = mapping.source.as_ref().map_or("", |source| source.expression.as_str());
        Self {
            kind: Kind::of(expression),
            attribute: attribute_of(expression).unwrap_or_default().to_owned(),
            constant: constant_of(expression).unwrap_or_default(),
            expression: expression.to_owned(),
            target: mapping.target_attribute_name.clone(),
            default: mapping.default_value.clone().unwrap_or_default(),
            precedence: mapping.matching_priority,
            create_only: mapping.flow_type == "ObjectAddOnly",
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
    pub(crate) fn apply(&self, mapping: &mut AttributeMapping) {
        self.target.trim().clone_into(&mut mapping.target_attribute_name);
        mapping.default_value = (!self.default.is_empty()).then(|| self.default.clone());
        mapping.matching_priority = self.precedence;
        if self.create_only {
            "ObjectAddOnly".clone_into(&mut mapping.flow_type);
        } else if mapping.flow_type == "ObjectAddOnly" || mapping.flow_type.is_empty() {
            // The add-only kinds of Graph have no box in the dialog and stay.
            "Always".clone_into(&mut mapping.flow_type);
        }
        let source = self.source();
        let unchanged = mapping.source.as_ref().is_some_and(|known| known.expression == source);
        if source.is_empty() {
            mapping.source = None;
        } else if !unchanged {
            let kind = match self.kind {
                Kind::Direct => "Attribute",
                Kind::Constant => "Constant",
                _ => "Function",
            };
            mapping.source =
                Some(MappingSource { expression: source, kind: kind.to_owned(), other: Map::new() });
        }
    }

    /// A new mapping.
    pub(crate) fn to_mapping(&self) -> AttributeMapping {
        let mut mapping = AttributeMapping {
            target_attribute_name: String::new(),
            default_value: None,
            flow_type: String::new(),
            matching_priority: 0,
            source: None,
            other: Map::new(),
        };
        self.apply(&mut mapping);
        mapping
    }
}

/// What changed between two states of a mapping list, one line a change.
pub(crate) fn changes(before: &ObjectMapping, after: &ObjectMapping) -> Vec<String> {
    let find = |mapping: &ObjectMapping, target: &str| {
        mapping.attribute_mappings.iter().find(|known| known.target_attribute_name == target).cloned()
    };
    let mut lines = Vec::new();
    for new in &after.attribute_mappings {
        match find(before, &new.target_attribute_name) {
            None => lines.push(format!("Added: {} ← {}", new.target_attribute_name, shown(new))),
            Some(old) if old != *new => {
                lines.push(format!(
                    "Changed: {}: {} → {}",
                    new.target_attribute_name,
                    shown(&old),
                    shown(new)
                ));
            }
            Some(_) => {}
        }
    }
    for old in &before.attribute_mappings {
        if find(after, &old.target_attribute_name).is_none() {
            lines.push(format!("Removed: {}", old.target_attribute_name));
        }
    }
    lines
}

/// The source of a mapping as the table shows it.
pub(crate) fn shown(mapping: &AttributeMapping) -> String {
    mapping
        .source
        .as_ref()
        .map_or_else(|| "(default value only)".to_owned(), |source| source.expression.clone())
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

    fn mapping(target: &str, expression: &str) -> AttributeMapping {
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
        let mut mapping = mapping("x", "[mail]");
        mapping.other.insert("flowBehavior".to_owned(), "FlowAlways".into());
        mapping.flow_type = "ValueAddOnly".to_owned();
        let before = mapping.clone();
        Draft::of(&mapping).apply(&mut mapping);
        assert_eq!(mapping, before);
    }

    #[test]
    fn problems_are_named() {
        let draft = Draft { target: "a".to_owned(), ..Draft::empty() };
        assert_eq!(draft.problem(), "Choose a source attribute.");
        assert_eq!(Draft { kind: Kind::Constant, ..draft.clone() }.problem(), "");
        assert_eq!(Draft { target: " ".to_owned(), ..draft }.problem(), "Choose a target attribute.");
    }

    #[test]
    fn changes_are_listed() {
        let list = |mappings: Vec<AttributeMapping>| ObjectMapping {
            name: String::new(),
            enabled: true,
            flow_types: String::new(),
            source_object_name: "User".to_owned(),
            target_object_name: "User".to_owned(),
            attribute_mappings: mappings,
            scope: None,
            other: Map::new(),
        };
        let before = list(vec![mapping("a", "[x]"), mapping("b", "[y]"), mapping("c", "[z]")]);
        let after = list(vec![mapping("a", "[x]"), mapping("b", "[w]"), mapping("d", "[z]")]);
        assert_eq!(changes(&before, &after), ["Changed: b: [y] → [w]", "Added: d ← [z]", "Removed: c"]);
        assert_eq!(changes(&before, &before), Vec::<String>::new());
    }
}
