//! OData and SCIM query strings: literals, conditions and the next page.

use crate::text::encode;

/// An OData string literal.
pub(crate) fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A SCIM filter string literal.
pub(crate) fn scim_literal(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// `path?name=value&…` with values encoded; empty values are left out.
pub(crate) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    let mut separator = '?';
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(separator);
        text.push_str(name);
        text.push('=');
        text.push_str(&encode(value));
        separator = '&';
    }
    text
}

/// The `$skiptoken` of an `@odata.nextLink`, still encoded as in the link, decoded for reuse.
pub(crate) fn skip_token(next_link: &str) -> Option<String> {
    let (_, query) = next_link.split_once('?')?;
    query.split('&').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        (name == "$skiptoken" || name.eq_ignore_ascii_case("%24skiptoken"))
            .then(|| crate::text::decode(value))
    })
}

/// The SCIM filter of a search box: each word must occur in the name or the user name.
pub(crate) fn people_filter(search: &str) -> String {
    let words = search.split_whitespace().map(|word| {
        let word = scim_literal(word);
        format!("(displayName co {word} or userName co {word})")
    });
    words.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_escape_quotes() {
        assert_eq!(literal("O'Brien"), "'O''Brien'");
        assert_eq!(scim_literal(r#"a"b"#), r#""a\"b""#);
    }

    #[test]
    fn queries_leave_out_what_is_empty() {
        assert_eq!(with_query("/a", &[("x", ""), ("y", "1 2"), ("z", "&")]), "/a?y=1%202&z=%26");
        assert_eq!(with_query("/a", &[]), "/a");
    }

    #[test]
    fn the_next_page_is_found() {
        assert_eq!(skip_token("https://h/a?$top=5&$skiptoken=a%2Fb").as_deref(), Some("a/b"));
        assert_eq!(skip_token("https://h/a?%24skiptoken=7").as_deref(), Some("7"));
        assert_eq!(skip_token("https://h/a?$top=5"), None);
    }

    #[test]
    fn every_word_is_searched() {
        assert_eq!(people_filter(""), "");
        assert_eq!(
            people_filter("ada lo"),
            r#"(displayName co "ada" or userName co "ada") and (displayName co "lo" or userName co "lo")"#
        );
    }
}
