//! What comes from outside of the person: chance, and the organization's domain.

use super::arguments::Arguments;
use super::{Function, Kind, Run, optional, required};
use crate::expression::Value;
use crate::expression::ast::{Literal, Node};
use crate::expression::error::{ErrorKind, ExpressionError};
use crate::id::{Random, random_guid};

/// Longest random text.
const MAX_LENGTH: i64 = 256;
const DIGITS: &str = "0123456789";
const SPECIAL: &str = "!#$%&()*+,-./:;<=>?@[]^_{|}~";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "DefaultDomain",
        description: "The organization's default domain.",
        parameters: &[],
        repeats: 0,
        returns: Kind::String,
        example: "Join(\"@\", \"a\", DefaultDomain()) → a@contoso.com",
        run: Run::Values(|arguments| Ok(Value::from(arguments.environment().default_domain))),
        check: None,
    },
    Function {
        name: "Guid",
        description: "A new random GUID. Map it with \"only during object creation\".",
        parameters: &[],
        repeats: 0,
        returns: Kind::String,
        example: "Guid() → 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        run: Run::Values(|arguments| Ok(Value::Text(random_guid(arguments.environment().random)))),
        check: None,
    },
    Function {
        name: "RandomString",
        description: "A random text with at least so many digits, special characters, capital and small letters, and none of the characters to avoid. Map it with \"only during object creation\".",
        parameters: &[
            required("length", Kind::Integer),
            required("minimumNumbers", Kind::Integer),
            required("minimumSpecialCharacters", Kind::Integer),
            required("minimumCapital", Kind::Integer),
            required("minimumLowerCase", Kind::Integer),
            optional("charactersToAvoid", Kind::String),
        ],
        repeats: 0,
        returns: Kind::String,
        example: "RandomString(6, 3, 0, 0, 3) → 1a73qt",
        run: Run::Values(random_string),
        check: Some(check_length),
    },
];

fn check_length(arguments: &[Option<Node>]) -> Result<(), ExpressionError> {
    let mut numbers = Vec::new();
    for argument in arguments.iter().take(5) {
        let Some(Node::Literal { value: Literal::Number(number), .. }) = argument else { return Ok(()) };
        numbers.push(*number);
    }
    let span = arguments.iter().flatten().map(Node::span).reduce(|a, b| a.to(b)).unwrap_or_default();
    lengths(&numbers)
        .map(drop)
        .map_err(|message| ExpressionError::new(ErrorKind::BadArguments, span, message))
}

/// Length and the four minimums, checked.
fn lengths(numbers: &[i64]) -> Result<(usize, Vec<usize>), String> {
    let (length, minimums) = numbers.split_first().ok_or("a length is expected")?;
    if numbers.iter().any(|number| !(0..=MAX_LENGTH).contains(number)) {
        return Err(format!("length and minimums are between 0 and {MAX_LENGTH}"));
    }
    if minimums.iter().sum::<i64>() > *length {
        return Err("the minimums together are more than the length".to_owned());
    }
    let size = |number: &i64| usize::try_from(*number).unwrap_or(0);
    Ok((size(length), minimums.iter().map(size).collect()))
}

fn random_string(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut numbers = Vec::new();
    for position in 0..5 {
        numbers.push(arguments.number(position)?.unwrap_or(0));
    }
    let (length, minimums) = lengths(&numbers)?;
    let avoid = arguments.text(5)?.unwrap_or_default();
    let random = arguments.environment().random;
    let allowed = |letters: &str| -> Vec<char> { letters.chars().filter(|c| !avoid.contains(*c)).collect() };
    let kinds = [allowed(DIGITS), allowed(SPECIAL), allowed(CAPITALS), allowed(SMALL)];
    let mut characters: Vec<char> = Vec::with_capacity(length);
    for (kind, minimum) in kinds.iter().zip(&minimums) {
        for _ in 0..*minimum {
            characters.push(pick(kind, random)?);
        }
    }
    // The rest comes from the kinds that were asked for, or from letters and digits.
    let wanted: Vec<char> =
        kinds.iter().zip(&minimums).filter(|(_, m)| **m > 0).flat_map(|(k, _)| k.clone()).collect();
    let [digits, _, capitals, small] = &kinds;
    let rest = if wanted.is_empty() { [digits.as_slice(), capitals, small].concat() } else { wanted };
    while characters.len() < length {
        characters.push(pick(&rest, random)?);
    }
    for last in (1..characters.len()).rev() {
        characters.swap(last, below(last + 1, random));
    }
    Ok(Value::Text(characters.into_iter().collect()))
}

fn pick(characters: &[char], random: &dyn Random) -> Result<char, String> {
    let index = below(characters.len().max(1), random);
    characters
        .get(index)
        .copied()
        .ok_or_else(|| "all characters of a kind that is needed are to be avoided".to_owned())
}

/// An even choice below `limit`, which is at most 256: bytes beyond the last full round are thrown
/// away.
fn below(limit: usize, random: &dyn Random) -> usize {
    let rounds = 256 - 256 % limit.clamp(1, 256);
    loop {
        let mut byte = [0_u8; 1];
        random.fill(&mut byte);
        let number = usize::from(u8::from_le_bytes(byte));
        if number < rounds {
            return number % limit.clamp(1, 256);
        }
    }
}
