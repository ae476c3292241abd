//! Other alphabets: numbers in bits, bytes in base64 and hexadecimal, letters without accents.

use super::arguments::{Arguments, map_text};
use super::{Function, Kind, Run, required};
use crate::expression::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "BitAnd",
        description: "The bits that both numbers have.",
        parameters: &[required("value1", Kind::Integer), required("value2", Kind::Integer)],
        repeats: 0,
        returns: Kind::Integer,
        example: "BitAnd(&HF, &HF7) → 7",
        run: Run::Values(bit_and),
        check: None,
    },
    Function {
        name: "ConvertToBase64",
        description: "The text's UTF-16 bytes (little endian) in base64.",
        parameters: &[required("source", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "ConvertToBase64(\"Hello world!\") → SABlAGwAbABvACAAdwBvAHIAbABkACEA",
        run: Run::Values(|arguments| {
            map_text(arguments, |text| {
                let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                base64(&bytes)
            })
        }),
        check: None,
    },
    Function {
        name: "ConvertToUTF8Hex",
        description: "The text's UTF-8 bytes in hexadecimal, with capital letters.",
        parameters: &[required("source", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "ConvertToUTF8Hex(\"Hello world!\") → 48656C6C6F20776F726C6421",
        run: Run::Values(|arguments| {
            map_text(arguments, |text| text.bytes().map(|byte| format!("{byte:02X}")).collect())
        }),
        check: None,
    },
    Function {
        name: "NormalizeDiacritics",
        description: "Letters with accents become those without: ä is a, ø is oe, ß is ss. Others stay as they are.",
        parameters: &[required("source", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "NormalizeDiacritics(\"Zoë\") → Zoe",
        run: Run::Values(|arguments| map_text(arguments, |text| text.chars().map(plain).collect())),
        check: None,
    },
];

fn bit_and(arguments: &Arguments<'_>) -> Result<Value, String> {
    match (arguments.number(0)?, arguments.number(1)?) {
        (Some(left), Some(right)) => Ok(Value::Number(left & right)),
        _ => Ok(Value::Null),
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |group: u32, position: u32| {
        let index = (group >> (18 - 6 * position)) & 0x3f;
        ALPHABET.get(index as usize).map_or('=', |byte| char::from(*byte))
    };
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |position: usize| u32::from(chunk.get(position).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let filled = position as usize <= chunk.len();
            text.push(if filled { digit(group, position) } else { '=' });
        }
    }
    text
}

/// Small letters and what they become; capitals are derived.
const PLAIN: &[(&str, &str)] = &[
    ("äàâãåáąăāǟǡǻ", "a"),
    ("æǣ", "ae"),
    ("çčć", "c"),
    ("ď", "d"),
    ("ëèéêęěėē", "e"),
    ("ğ", "g"),
    ("ïîìíıī", "i"),
    ("ľł", "l"),
    ("ñńň", "n"),
    ("öòőõôóōǭȭ", "o"),
    ("øœ", "oe"),
    ("ř", "r"),
    ("ß", "ss"),
    ("šśșş", "s"),
    ("ťț", "t"),
    ("üùûúůűū", "u"),
    ("ÿý", "y"),
    ("źžż", "z"),
];

fn plain(c: char) -> String {
    if c == 'İ' {
        return "I".to_owned();
    }
    let mut small = c.to_lowercase();
    let (Some(lower), None) = (small.next(), small.next()) else { return c.to_string() };
    match PLAIN.iter().find(|(letters, _)| letters.contains(lower)) {
        Some((_, plain)) if lower == c => (*plain).to_owned(),
        Some((_, plain)) => plain.to_uppercase(),
        None => c.to_string(),
    }
}
