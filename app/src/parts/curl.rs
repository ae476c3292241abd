//! A request as a command of curl, to be tried by hand. Where it goes and its credential are variables of the shell,
//! so that neither is in what is copied: the portal does not know the credential either.

/// The address of a target's SCIM endpoint, in the shell.
const ADDRESS: &str = "$TENANT_URL";
/// Its credential.
const TOKEN: &str = "$SECRET_TOKEN";

/// The command. `url` is whole, or a path below the endpoint; `headers` are lines, whose credential is replaced.
pub(crate) fn curl(method: &str, url: &str, headers: &str, body: &str) -> String {
    let address = if url.starts_with('/') { format!("\"{ADDRESS}\"{}", quoted(url)) } else { quoted(url) };
    let mut parts =
        vec![format!("curl -X {method} {address}"), format!("-H \"Authorization: Bearer {TOKEN}\"")];
    let is_credential =
        |line: &str| line.get(..14).is_some_and(|name| name.eq_ignore_ascii_case("authorization:"));
    let mut others =
        headers.lines().filter(|line| !is_credential(line)).map(str::to_owned).collect::<Vec<_>>();
    if others.is_empty() && !body.is_empty() {
        others.push("Content-Type: application/scim+json".to_owned());
    }
    parts.extend(others.iter().map(|line| format!("-H {}", quoted(line))));
    if !body.is_empty() {
        parts.push(format!("--data-raw {}", quoted(body)));
    }
    parts.join(" \\\n  ")
}

/// A word of the shell: within single quotes nothing has a meaning, and a quote itself is put between two words.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_become_commands() {
        let check = |url: &str, headers: &str, body: &str, expected: &str| {
            assert_eq!(curl("PATCH", url, headers, body), expected);
        };
        check(
            "https://t.example/scim/Users/1",
            "Authorization: Bearer *\nContent-Type: application/scim+json\nUser-Agent: Rollcall",
            r#"{"a":"O'Neil $HOME"}"#,
            concat!(
                "curl -X PATCH 'https://t.example/scim/Users/1' \\\n",
                "  -H \"Authorization: Bearer $SECRET_TOKEN\" \\\n",
                "  -H 'Content-Type: application/scim+json' \\\n",
                "  -H 'User-Agent: Rollcall' \\\n",
                "  --data-raw '{\"a\":\"O'\\''Neil $HOME\"}'"
            ),
        );
        check(
            "/Users?filter=userName eq \"a\"",
            "",
            "",
            concat!(
                "curl -X PATCH \"$TENANT_URL\"'/Users?filter=userName eq \"a\"' \\\n",
                "  -H \"Authorization: Bearer $SECRET_TOKEN\""
            ),
        );
        check(
            "/Users",
            "",
            "{}",
            concat!(
                "curl -X PATCH \"$TENANT_URL\"'/Users' \\\n",
                "  -H \"Authorization: Bearer $SECRET_TOKEN\" \\\n",
                "  -H 'Content-Type: application/scim+json' \\\n",
                "  --data-raw '{}'"
            ),
        );
    }
}
