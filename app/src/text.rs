//! Text without a browser: percent-encoding, numbers, durations and relative times.

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            const HEX: [char; 16] =
                ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(HEX.get(usize::from(digit)).copied().unwrap_or('0'));
            }
        }
    }
    out
}

/// The reverse of [`encode`]; what is not valid stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let hex = match (first, tail) {
            (b'%', [high, low, ..]) => char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16)),
            _ => None,
        };
        match hex {
            Some((high, low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = tail.get(2..).unwrap_or_default();
            }
            None => bytes.push(first),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// `1234567` as `1,234,567`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `3 people`, `1 person`.
pub(crate) fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// A duration in milliseconds, for people.
pub(crate) fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        ..1 => format!("{milliseconds} ms"),
        1..60 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How far `then` is from `now`, both in milliseconds: `5 minutes ago`, `in 2 hours`.
pub(crate) fn relative(then: i64, now: i64) -> String {
    let seconds = (then.abs_diff(now) + 500) / 1000;
    let rounded = |unit: u64| (seconds + unit / 2) / unit;
    let (value, one, many) = match seconds {
        0..10 => return if then > now { "in a moment" } else { "just now" }.to_owned(),
        10..60 => (seconds, "second", "seconds"),
        60..3600 => (rounded(60), "minute", "minutes"),
        3600..86_400 => (rounded(3600), "hour", "hours"),
        _ => (rounded(86_400), "day", "days"),
    };
    let distance = count(value, one, many);
    if then > now { format!("in {distance}") } else { format!("{distance} ago") }
}

/// Every text once, in the order of its first appearance; for few different ones.
pub(crate) fn distinct<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(text) {
            found.push(text.clone());
        }
    }
    found
}

/// Small letters, for comparing. The browser knows them; tables of our own would be 20 kilobytes.
pub(crate) fn fold(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_lowercase();
}

/// A code in camel case as words: `projectManagement` as `Project management`.
pub(crate) fn words(code: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for letter in code.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_ascii_uppercase() => word.push(letter),
            _ => words.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    let words = words.into_iter().map(|word| match word.as_str() {
        "crm" | "hr" | "id" | "it" | "url" => word.to_ascii_uppercase(),
        _ => word,
    });
    capitalize(&words.collect::<Vec<_>>().join(" "))
}

/// The parts of a technical name between which a line may end, each with its separator.
pub(crate) fn pieces(name: &str) -> Vec<&str> {
    name.split_inclusive([':', '.', '@']).collect()
}

/// Upper-cases the first letter, for codes that are shown as words.
pub(crate) fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        std::iter::once(first.to_ascii_uppercase()).chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_reversible() {
        for text in ["a b/c", "Zoë & 100%", "", "x=y&z", "日本"] {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(encode("ä/"), "%C3%A4%2F");
        assert_eq!(decode("100%"), "100%");
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "person", "people"), "1 person");
    }

    #[test]
    fn codes_become_words() {
        let check = |code: &str, expected: &str| assert_eq!(words(code), expected);
        check("humanResources", "Human resources");
        check("itInfrastructure", "IT infrastructure");
        check("appRoleId", "App role ID");
        check("", "");
        assert_eq!(pieces("urn:a:2.0:User:b"), ["urn:", "a:", "2.", "0:", "User:", "b"]);
    }

    #[test]
    fn durations_and_times_read_well() {
        assert_eq!(duration(250), "250 ms");
        assert_eq!(duration(2_785), "2.7 s");
        assert_eq!(duration(61_000), "1 min 1 s");
        assert_eq!(relative(0, 60_000), "1 minute ago");
        assert_eq!(relative(7_200_000, 0), "in 2 hours");
        assert_eq!(relative(0, 2_000), "just now");
    }
}
