//! Cursors (RFC 9865): a position in a list, sealed against mistakes. They hold no rights: each page is read
//! with the credential and the query of its own request.

use crate::error::{ScimError, ScimType};
use crate::repository::Position;
use crate::resource::ResourceType;
use crate::sort::SortKey;

/// How long a cursor is good for. Published as `pagination.cursorTimeout`.
pub const CURSOR_TIMEOUT_SECONDS: i64 = 3_600;

/// What a cursor belongs to: everything of the query that must stay the same.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query<'a> {
    /// The directory, the type, filter, sorting: what another query would differ in.
    pub(super) identity: &'a [&'a str],
    /// The page size.
    pub(super) count: usize,
}

/// Writes a cursor of unreserved characters (RFC 9865 section 2).
pub(super) fn write(query: &Query<'_>, position: &Position, now_ms: i64) -> String {
    let key = match &position.key {
        None => String::new(),
        Some(SortKey::Text(text)) => format!("t{text}"),
        Some(SortKey::Number(number)) => format!("n{number}"),
    };
    let seconds = now_ms.div_euclid(1_000);
    let text = format!("{seconds}\n{}\n{}\n{}\n{key}", query.count, position.kind.name(), position.sequence);
    let seal = seal(query, &text);
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{seal:016x}{hex}")
}

/// Reads a cursor of the same query.
pub(super) fn read(query: &Query<'_>, cursor: &str, now_ms: i64) -> Result<Position, ScimError> {
    let invalid =
        || ScimError::bad_request(ScimType::InvalidCursor, "The cursor does not belong to this query");
    let (found_seal, hex) = cursor.split_at_checked(16).ok_or_else(invalid)?;
    let text = from_hex(hex).ok_or_else(invalid)?;
    let mut parts = text.splitn(5, '\n');
    let mut next = || parts.next().ok_or_else(invalid);
    let (seconds, count, kind, sequence, key) = (next()?, next()?, next()?, next()?, next()?);
    let count: usize = count.parse().map_err(|_| invalid())?;
    let original = Query { identity: query.identity, count };
    if format!("{:016x}", seal(&original, &text)) != found_seal {
        return Err(invalid());
    }
    if count != query.count {
        let detail = format!("count must stay {count} as in the first request of this list");
        return Err(ScimError::bad_request(ScimType::InvalidCount, detail));
    }
    let seconds: i64 = seconds.parse().map_err(|_| invalid())?;
    if now_ms.div_euclid(1_000) - seconds > CURSOR_TIMEOUT_SECONDS {
        let detail = format!("A cursor is good for {CURSOR_TIMEOUT_SECONDS} seconds; start the list again");
        return Err(ScimError::bad_request(ScimType::ExpiredCursor, detail));
    }
    let key = match key.split_at_checked(1) {
        None => None,
        Some(("t", text)) => Some(SortKey::Text(text.to_owned())),
        Some((_, number)) => Some(SortKey::Number(number.parse().map_err(|_| invalid())?)),
    };
    Ok(Position {
        kind: ResourceType::from_name(kind).ok_or_else(invalid)?,
        key,
        sequence: sequence.parse().map_err(|_| invalid())?,
    })
}

fn from_hex(hex: &str) -> Option<String> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high * 16 + low),
        _ => None,
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

/// FNV-1a over the query and the position: finds cursors that were mixed up or changed.
fn seal(query: &Query<'_>, text: &str) -> u64 {
    let count = query.count.to_string();
    let parts = query.identity.iter().copied().chain([count.as_str(), text]);
    let bytes = parts.flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: Query<'_> = Query { identity: &["directory", "Users", "title pr"], count: 10 };

    fn position(key: Option<SortKey>) -> Position {
        Position { kind: ResourceType::User, key, sequence: 42 }
    }

    #[test]
    fn reads_what_it_wrote() {
        for key in [None, Some(SortKey::Text("søren\n".into())), Some(SortKey::Number(-1.5))] {
            let cursor = write(&QUERY, &position(key.clone()), 1_000);
            assert!(cursor.chars().all(|c| c.is_ascii_alphanumeric()), "{cursor}");
            assert_eq!(read(&QUERY, &cursor, 3_601_000), Ok(position(key)));
        }
    }

    #[test]
    fn refuses_what_is_not_of_this_query() {
        let cursor = write(&QUERY, &position(None), 1_000);
        let check = |query: &Query<'_>, cursor: &str, now_ms: i64, expected: ScimType| {
            assert_eq!(read(query, cursor, now_ms).unwrap_err().scim_type, Some(expected), "{cursor}");
        };
        check(
            &Query { identity: &["directory", "Users"], count: 10 },
            &cursor,
            1_000,
            ScimType::InvalidCursor,
        );
        check(&Query { count: 11, ..QUERY }, &cursor, 1_000, ScimType::InvalidCount);
        check(&QUERY, &cursor, 3_602_000, ScimType::ExpiredCursor);
        check(&QUERY, "nonsense", 1_000, ScimType::InvalidCursor);
        check(&QUERY, &cursor.replace("0a34320a", "0a34330a"), 1_000, ScimType::InvalidCursor);
        check(&QUERY, &format!("{cursor}a"), 1_000, ScimType::InvalidCursor);
    }
}
