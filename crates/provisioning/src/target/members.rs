//! The members of a group as the target has them, for what compares them with those that it was given.
//!
//! A group may have tens of thousands of members, and SCIM has no pages for them. So the answer is not read as a
//! whole: each member is read by itself, and its id and name are all that is kept.

use serde_json::Value as Json;

use super::failure::Failure;
use super::request::{Purpose, ScimRequest};
use super::response::{Outcome, accepted, incompatible};
use super::uri;
use crate::id::TargetId;

/// Asks for nothing but ids and names of members.
const NARROW: &str = "?attributes=members.value,members.display";
/// Between id and name of a member that is kept: comes before every character of an id.
const BREAK: char = '\0';

/// The request for a group's members. `narrow`: without the group's other attributes, which not every target
/// understands.
pub fn request(endpoint: &str, id: &TargetId, narrow: bool) -> ScimRequest {
    let query = if narrow { NARROW } else { "" };
    ScimRequest::get(format!("{}{query}", uri::resource(endpoint, id)), Purpose::Read)
}

/// Members of a group, and which of them were met.
#[derive(Debug, Default)]
pub struct Members {
    /// Id, [`BREAK`], name; in order.
    known: Vec<String>,
    met: Vec<bool>,
}

impl Members {
    /// Reads the answer. A group without members may leave them out, as may a target that does not tell them.
    ///
    /// # Errors
    /// The failure, classified.
    pub fn read(outcome: &Outcome) -> Result<Self, Failure> {
        let response = accepted(outcome, Purpose::Read)?;
        let mut known = Vec::new();
        let is_whole = each(&response.body, |member| known.extend(entry(member)));
        if !is_whole {
            return Err(incompatible(response, "The application's answer about a group is not JSON."));
        }
        known.sort_unstable();
        known.dedup_by(|one, other| id(one) == id(other));
        Ok(Self { met: vec![false; known.len()], known })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Notes that an account was to be looked for; says whether it is a member.
    pub fn meet(&mut self, account: &str) -> bool {
        let place = self.known.partition_point(|entry| id(entry) < account);
        let is_member = self.known.get(place).is_some_and(|entry| id(entry) == account);
        if let Some(met) = self.met.get_mut(place).filter(|_| is_member) {
            *met = true;
        }
        is_member
    }

    /// Id and name of the members that nobody looked for. The name may be empty.
    pub fn surplus(&self) -> impl Iterator<Item = (&str, &str)> {
        let surplus = self.known.iter().zip(&self.met).filter(|(_, met)| !**met);
        surplus.map(|(entry, _)| entry.split_once(BREAK).unwrap_or((entry, "")))
    }
}

fn id(entry: &str) -> &str {
    entry.split(BREAK).next().unwrap_or_default()
}

fn entry(member: &str) -> Option<String> {
    let member: Json = serde_json::from_str(member).ok()?;
    let id = match member.get("value")? {
        Json::String(id) => id.clone(),
        other => other.to_string(),
    };
    let name = member.get("display").and_then(Json::as_str).unwrap_or_default();
    Some(format!("{id}{BREAK}{name}"))
}

/// Hands out each object of the list `members` as its text; says whether the answer came to its end.
fn each<'a>(body: &'a str, mut take: impl FnMut(&'a str)) -> bool {
    let (mut depth, mut text, mut escaped, mut inside) = (0_u32, None, false, false);
    // The last text at the top: the name of the member of the object that is looked at.
    let (mut name, mut begin) = ("", 0);
    for (place, byte) in body.bytes().enumerate() {
        if let Some(start) = text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    if depth == 1 {
                        name = body.get(start..place).unwrap_or_default();
                    }
                    text = None;
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => text = Some(place + 1),
            b',' if depth == 1 => name = "",
            b'{' | b'[' => {
                inside |= byte == b'[' && depth == 1 && name.eq_ignore_ascii_case("members");
                if depth == 2 {
                    begin = place;
                }
                depth += 1;
            }
            b'}' | b']' => {
                let Some(left) = depth.checked_sub(1) else { return false };
                depth = left;
                match depth {
                    2 if inside => take(body.get(begin..=place).unwrap_or_default()),
                    1 => inside = false,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    depth == 0 && text.is_none() && body.trim_start().starts_with('{')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cycle::ScimResponse;

    fn answer(body: &str) -> Outcome {
        Ok(ScimResponse { status: 200, body: body.to_owned(), ..ScimResponse::default() })
    }

    fn surplus(members: &Members) -> Vec<(&str, &str)> {
        members.surplus().collect()
    }

    #[test]
    fn members_are_told_from_everything_else() {
        let check = |body: &str, expected: &[(&str, &str)]| {
            let members = Members::read(&answer(body)).unwrap();
            assert_eq!(surplus(&members), expected, "{body}");
        };
        check(
            r#" {"id":"g","members":[{"value":"b","display":"B"},{"value":"a","$ref":{"members":[{"value":"x"}]}}]}"#,
            &[("a", ""), ("b", "B")],
        );
        check(r#"{"displayName":"members","other":[{"value":"x"}],"Members":[{"value":7}]}"#, &[("7", "")]);
        check(r#"{"a":{"members":[{"value":"x"}]},"members":[]}"#, &[]);
        check(r#"{"members":null}"#, &[]);
        check("{}", &[]);
        check(
            r#"{"members":[{"value":"a \"}] b\\","display":"}{"},{"value":"a","display":"1"},{"value":"a","display":"2"}]}"#,
            &[("a", "1"), (r#"a "}] b\"#, "}{")],
        );
        check(r#"{"members":[{"display":"nobody"},"text",{"value":"ä"}]}"#, &[("ä", "")]);
    }

    #[test]
    fn what_does_not_end_is_no_answer() {
        for body in ["", "[]", "{", r#"{"members":[{"value":"a"}"#, r#"{"members":["#, "}", r#"{"a":"b"#] {
            assert!(Members::read(&answer(body)).is_err(), "{body}");
        }
        let gone = Ok(ScimResponse { status: 404, ..ScimResponse::default() });
        assert!(Members::read(&gone).is_err_and(|failure| failure.status == Some(404)));
    }

    #[test]
    fn whoever_was_not_looked_for_is_left() {
        let all: Vec<Json> = (0..50_000).map(|number| json!({"value": format!("u{number}")})).collect();
        let mut members = Members::read(&answer(&json!({"members": all}).to_string())).unwrap();
        for number in 0..49_998 {
            assert!(members.meet(&format!("u{number}")));
        }
        assert!(!members.meet("u") && !members.meet("u50000") && !members.meet(""));
        assert_eq!(surplus(&members), [("u49998", ""), ("u49999", "")]);
    }

    #[test]
    fn members_are_asked_for_with_and_without_the_rest() {
        let path = |narrow| request("/Groups", &TargetId::from("a b"), narrow).path_and_query;
        assert_eq!(path(true), "/Groups/a%20b?attributes=members.value,members.display");
        assert_eq!(path(false), "/Groups/a%20b");
    }
}
