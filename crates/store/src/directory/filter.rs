//! Conditions as SQL. What cannot be said in SQL is left out, so the rows are a superset, and the whole
//! condition is evaluated on them.

use scim::filter::{Check, Condition, Operand, Operator, Target};
use scim::{ResourceType, urn};

use crate::sql::Value;

/// How many terms of a condition become SQL, each with one parameter and at most one query inside: below the
/// platform's limit on parameters, and SQLite's on queries in one statement, which are 100.
const MAX_TERMS: usize = 60;

/// As how many terms a search of groups in groups counts, which has several queries inside.
const RECURSIVE_TERMS: usize = 5;

/// How deep a condition may be that becomes SQL. The platform refuses expressions deeper than 100, and the statement
/// around the condition has some levels as well.
const MAX_DEPTH: usize = 80;

/// More than the levels of any condition on one attribute, with the queries inside.
const TERM_DEPTH: usize = 8;

const USER_NAME: &str = "r.user_name_key";

/// The only column of an order that may be null.
pub(super) const DISPLAY_NAME: &str = "r.display_name_key";

/// A condition over `resources AS r`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compiled {
    /// The expression.
    pub(super) sql: String,
    /// Its parameters, in order.
    pub(super) parameters: Vec<Value>,
    /// Whether it selects exactly what the condition does.
    pub(super) is_exact: bool,
    /// Whether an index serves it, so that it need not go over all resources.
    pub(super) is_indexed: bool,
    /// How many levels SQLite's tree of the expression has at the most. A chain of `AND` or `OR` gets one deeper with
    /// each part.
    depth: usize,
    /// How much of [`MAX_TERMS`] it takes.
    terms: usize,
}

impl Compiled {
    fn new(sql: impl Into<String>, parameters: Vec<Value>, is_indexed: bool) -> Self {
        let terms = parameters.len();
        Compiled { sql: sql.into(), parameters, is_exact: true, is_indexed, depth: TERM_DEPTH, terms }
    }

    /// The levels of a chain with another part, which has so many itself.
    fn depth_with(&self, part: usize) -> usize {
        if self.sql.is_empty() { part } else { self.depth.max(part) + 1 }
    }

    /// All resources, where the condition says nothing that SQL could.
    fn everything(is_exact: bool) -> Self {
        Compiled { is_exact, ..Self::new("1", Vec::new(), false) }
    }
}

/// Compiles the condition of a query over one type.
pub(super) fn compile(condition: Option<&Condition>, kind: ResourceType) -> Compiled {
    match condition {
        None => Compiled::everything(true),
        Some(condition) => part(condition, kind)
            .filter(|compiled| compiled.terms <= MAX_TERMS)
            .unwrap_or_else(|| Compiled::everything(false)),
    }
}

fn part(condition: &Condition, kind: ResourceType) -> Option<Compiled> {
    match condition {
        Condition::And(parts) => {
            let mut all = Compiled { sql: String::new(), ..Compiled::everything(true) };
            for condition in parts {
                let compiled = part(condition, kind).filter(|compiled| {
                    all.terms + compiled.terms <= MAX_TERMS && all.depth_with(compiled.depth) <= MAX_DEPTH
                });
                let Some(compiled) = compiled else {
                    all.is_exact = false;
                    continue;
                };
                all.depth = all.depth_with(compiled.depth);
                all.terms += compiled.terms;
                let and = if all.sql.is_empty() { "" } else { " AND " };
                all.sql = format!("{}{and}({})", all.sql, compiled.sql);
                all.parameters.extend(compiled.parameters);
                all.is_exact &= compiled.is_exact;
                all.is_indexed |= compiled.is_indexed;
            }
            (!all.sql.is_empty()).then_some(all)
        }
        Condition::Or(parts) => {
            let mut any = Compiled { sql: String::new(), is_indexed: true, ..Compiled::everything(true) };
            for condition in parts {
                let compiled = part(condition, kind)?;
                any.depth = any.depth_with(compiled.depth + 1);
                any.terms += compiled.terms;
                let or = if any.sql.is_empty() { "" } else { " OR " };
                // SQLite uses an index over the living for a branch only if the branch says so itself.
                any.sql = format!("{}{or}(({}) AND r.deleted IS NULL)", any.sql, compiled.sql);
                any.parameters.extend(compiled.parameters);
                any.is_exact &= compiled.is_exact;
                any.is_indexed &= compiled.is_indexed;
                if any.depth > MAX_DEPTH || any.terms > MAX_TERMS {
                    return None;
                }
            }
            Some(any)
        }
        Condition::Not(inner) => {
            let inner = part(inner, kind).filter(|inner| inner.is_exact)?;
            let depth = inner.depth + 2;
            let sql = format!("NOT coalesce(({}), 0)", inner.sql);
            (depth <= MAX_DEPTH).then_some(Compiled { sql, depth, is_indexed: false, ..inner })
        }
        Condition::Constant(constant) => {
            Some(Compiled::new(if *constant { "1" } else { "0" }, Vec::new(), false))
        }
        Condition::Test { target, check } => test(target, check, kind),
        Condition::Element { target, condition } => element(target, condition, kind),
    }
}

fn test(target: &Target, check: &Check, kind: ResourceType) -> Option<Compiled> {
    let Check::Compare { operator, operand } = check else { return None };
    let is_enterprise = target.extension.as_deref() == Some(urn::ENTERPRISE_USER);
    match operand {
        // What is empty is not there for a filter, but it is in a column.
        Operand::Text { text, .. } if text.is_empty() => None,
        Operand::Text { text, .. } => match (target.attribute.as_str(), target.sub.as_deref()) {
            ("employeeNumber", None) if is_enterprise => compare("r.employee_number_key", *operator, text),
            ("manager", Some("value")) if is_enterprise => compare("r.manager_id", *operator, text),
            _ if target.extension.is_some() => None,
            ("id", None) => compare("r.id", *operator, text),
            ("externalId", None) => compare("r.external_id", *operator, text),
            ("userName", None) => compare(USER_NAME, *operator, text),
            ("displayName", None) => compare(DISPLAY_NAME, *operator, text),
            ("emails", Some("value")) => email(*operator, text),
            ("members", Some("value")) if kind == ResourceType::Group => member(*operator, text),
            ("groups", Some("value")) if kind == ResourceType::User => group(*operator, text),
            _ => None,
        },
        Operand::Boolean(wanted) if target.is("active", None) && *operator == Operator::Eq => {
            Some(Compiled::new("r.active = ?", vec![Value::from(*wanted)], false))
        }
        Operand::Instant(instant) if target.is("meta", Some("lastModified")) => {
            order("r.modified", *operator, Value::from(*instant), true)
        }
        Operand::Instant(instant) if target.is("meta", Some("created")) => {
            order("r.created", *operator, Value::from(*instant), false)
        }
        Operand::Boolean(_) | Operand::Instant(_) | Operand::Number(_) => None,
    }
}

/// A comparison of a text column that holds what the filter compares.
fn compare(column: &str, operator: Operator, text: &str) -> Option<Compiled> {
    match operator {
        Operator::Sw => {
            let from = format!("{column} >= ?");
            Some(match prefix_end(text) {
                Some(end) => {
                    let parameters = vec![Value::from(text), Value::from(end)];
                    Compiled::new(format!("{from} AND {column} < ?"), parameters, true)
                }
                None => Compiled::new(from, vec![Value::from(text)], true),
            })
        }
        Operator::Co if column == USER_NAME || column == DISPLAY_NAME => {
            // Goes over the index of the column, which is much smaller than the table.
            let column = column.replace("r.", "s.");
            let sql = format!(
                "r.seq IN (SELECT s.seq FROM resources AS s WHERE s.deleted IS NULL AND instr({column}, ?) > 0)"
            );
            Some(Compiled::new(sql, vec![Value::from(text)], true))
        }
        Operator::Co => {
            Some(Compiled::new(format!("instr({column}, ?) > 0"), vec![Value::from(text)], false))
        }
        _ => order(column, operator, Value::from(text), true),
    }
}

fn order(column: &str, operator: Operator, value: Value, is_indexed: bool) -> Option<Compiled> {
    let sign = match operator {
        Operator::Eq => "=",
        Operator::Gt => ">",
        Operator::Ge => ">=",
        Operator::Lt => "<",
        Operator::Le => "<=",
        Operator::Ne | Operator::Co | Operator::Sw | Operator::Ew => return None,
    };
    Some(Compiled::new(format!("{column} {sign} ?"), vec![value], is_indexed))
}

/// The first text after all that start with this one. Columns compare by bytes, and so do characters.
pub(super) fn prefix_end(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

fn email(operator: Operator, text: &str) -> Option<Compiled> {
    let key = compare("e.value_key", operator, text)?;
    let sql = format!("r.seq IN (SELECT e.seq FROM emails AS e WHERE {})", key.sql);
    Some(Compiled::new(sql, key.parameters, true))
}

/// Groups with this member.
fn member(operator: Operator, id: &str) -> Option<Compiled> {
    let sql = "r.seq IN (SELECT m.group_seq FROM members AS m JOIN resources AS x ON x.seq = m.member_seq
        WHERE x.id = ? AND x.deleted IS NULL)";
    (operator == Operator::Eq).then(|| Compiled::new(sql, vec![Value::from(id)], true))
}

/// Users in this group, or in a group in it.
fn group(operator: Operator, id: &str) -> Option<Compiled> {
    let sql = "r.seq IN (WITH RECURSIVE down (seq) AS (
            SELECT g.seq FROM resources AS g WHERE g.id = ? AND g.type = 'Group' AND g.deleted IS NULL
            UNION
            SELECT m.member_seq FROM down JOIN members AS m ON m.group_seq = down.seq
            JOIN resources AS x ON x.seq = m.member_seq AND x.deleted IS NULL
        ) SELECT seq FROM down)";
    let found = Compiled::new(sql, vec![Value::from(id)], true);
    (operator == Operator::Eq).then_some(Compiled { terms: RECURSIVE_TERMS, ..found })
}

/// One value of an attribute that fulfils several things: one of them can find it.
fn element(target: &Target, condition: &Condition, kind: ResourceType) -> Option<Compiled> {
    if let Condition::And(parts) = condition {
        let found = parts.iter().find_map(|part| element(target, part, kind))?;
        return Some(Compiled { is_exact: false, ..found });
    }
    let Condition::Test { target: sub, check } = condition else { return None };
    if sub.attribute != "value" {
        return None;
    }
    let whole = Target { sub: Some("value".to_owned()), ..target.clone() };
    test(&whole, check, kind)
}

#[cfg(test)]
mod tests {
    use scim::filter::{Filter, resolve};
    use scim::schema::SchemaSet;

    use super::*;

    #[test]
    fn what_becomes_sql() {
        let check = |kind: ResourceType, filter: &str, sql: &str, is_exact: bool, is_indexed: bool| {
            let filter = Filter::parse(filter).unwrap();
            let condition = resolve(&filter, kind, &ResourceType::ALL, &SchemaSet::new(None)).unwrap();
            let compiled = compile(Some(&condition), kind);
            let found: Vec<&str> = compiled.sql.split_whitespace().collect();
            let found = found.join(" ");
            assert!(found.contains(sql), "{filter}: {found}");
            assert_eq!((compiled.is_exact, compiled.is_indexed), (is_exact, is_indexed), "{filter}: {found}");
        };
        let user = |filter: &str, sql: &str, is_exact: bool, is_indexed: bool| {
            check(ResourceType::User, filter, sql, is_exact, is_indexed);
        };
        user("userName eq \"a\"", "r.user_name_key = ?", true, true);
        user("userName sw \"a\"", "r.user_name_key >= ? AND r.user_name_key < ?", true, true);
        user("userName co \"a\"", "instr(s.user_name_key, ?) > 0", true, true);
        user("externalId co \"a\"", "instr(r.external_id, ?) > 0", true, false);
        user("userName ew \"a\"", "1", false, false);
        user("userName eq \"\"", "1", false, false);
        user("title eq \"a\" and userName eq \"a\"", "(r.user_name_key = ?)", false, true);
        user("title eq \"a\" or userName eq \"a\"", "1", false, false);
        user(
            "id eq \"a\" or userName eq \"a\"",
            "((r.id = ?) AND r.deleted IS NULL) OR ((r.user_name_key",
            true,
            true,
        );
        user("not (userName eq \"a\")", "NOT coalesce((r.user_name_key = ?), 0)", true, false);
        user("not (title eq \"a\")", "1", false, false);
        user("active eq \"False\"", "r.active = ?", true, false);
        user("emails co \"a\"", "r.seq IN (SELECT e.seq FROM emails", true, true);
        user("emails[type eq \"work\"].value eq \"a\"", "e.value_key = ?", false, true);
        user("meta.lastModified gt \"2024-01-01T00:00:00Z\"", "r.modified > ?", true, true);
        user("manager eq \"m\" and id eq \"u\"", "(r.manager_id = ?) AND (r.id = ?)", true, true);
        user("groups.value eq \"g\"", "WITH RECURSIVE", true, true);
        user("groups[value eq \"g\" and type eq \"direct\"]", "WITH RECURSIVE", false, true);
        user("members.value eq \"u\"", "0", true, false);
        check(ResourceType::Group, "members[value eq \"u\"]", "SELECT m.group_seq", true, true);
        check(ResourceType::Group, "members.display eq \"u\"", "1", false, false);
        let many = |term: &str, count: usize| vec![term; count].join(" or ");
        user(&many("userName eq \"a\"", 200), "1", false, false);
        // What only groups have says nothing about users, however long it is.
        user(&many("members.value eq \"u\"", 200), "0", true, false);
        let mixed = format!("userName eq \"a\" or {}", many("members.value eq \"u\"", 200));
        user(&mixed, "r.user_name_key = ?", true, true);
        user("not (members.value eq \"u\")", "1", true, false);
        user("not (members.value eq \"u\") and userName eq \"a\"", "r.user_name_key = ?", true, true);
        user("members.value eq \"u\" and userName eq \"a\"", "0", true, false);
        // Six times `not` around 60 terms is just as deep as it may be.
        let nested = |depth: usize| {
            format!("{}{}{}", "not (".repeat(depth), many("userName eq \"a\"", 60), ")".repeat(depth))
        };
        user(&nested(6), "NOT coalesce", true, false);
        user(&nested(7), "1", false, false);
        user(&many("groups.value eq \"g\"", 12), "WITH RECURSIVE", true, true);
        user(&many("groups.value eq \"g\"", 13), "1", false, false);
    }

    #[test]
    fn ends_of_prefixes() {
        assert_eq!(prefix_end("ab").as_deref(), Some("ac"));
        assert_eq!(prefix_end("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(prefix_end("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(prefix_end("\u{10ffff}"), None);
    }
}
