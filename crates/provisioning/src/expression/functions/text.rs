//! Parts, case and length of texts. Positions count characters (Unicode scalar values) from 1.

use super::arguments::{Arguments, map_text};
use super::{Function, Kind, Run, optional, required};
use crate::expression::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "Append",
        description: "The source with the suffix at its end; null if the source is null.",
        parameters: &[required("source", Kind::String), required("suffix", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "Append([userPrincipalName], \".test\") → a@x.com.test",
        run: Run::Values(append),
        check: None,
    },
    Function {
        name: "CStr",
        description: "The value as text; booleans become True and False.",
        parameters: &[required("value", Kind::Any)],
        repeats: 0,
        returns: Kind::String,
        example: "CStr([employeeNumber]) → 12",
        run: Run::Values(c_str),
        check: None,
    },
    Function {
        name: "InStr",
        description: "Position of the first occurrence from a start position, 0 if there is none. vbTextCompare disregards case; vbBinaryCompare, the default, does not.",
        parameters: &[
            required("source", Kind::String),
            required("find", Kind::String),
            optional("start", Kind::Integer),
            optional("compareType", Kind::CompareMode),
        ],
        repeats: 0,
        returns: Kind::Integer,
        example: "InStr(\"The quick brown fox\", \"quick\") → 5",
        run: Run::Values(in_str),
        check: None,
    },
    Function {
        name: "Left",
        description: "The first characters; an empty text for null, the whole text when the number is negative or too large.",
        parameters: &[required("source", Kind::String), required("numChars", Kind::Integer)],
        repeats: 0,
        returns: Kind::String,
        example: "Left(\"John Doe\", 3) → Joh",
        run: Run::Values(left),
        check: None,
    },
    Function {
        name: "Len",
        description: "Number of characters; 0 for null.",
        parameters: &[required("source", Kind::String)],
        repeats: 0,
        returns: Kind::Integer,
        example: "Len(\"abc\") → 3",
        run: Run::Values(len),
        check: None,
    },
    Function {
        name: "Mid",
        description: "So many characters from a start position, fewer at the end of the text.",
        parameters: &[
            required("source", Kind::String),
            required("start", Kind::Integer),
            required("length", Kind::Integer),
        ],
        repeats: 0,
        returns: Kind::String,
        example: "Mid(\"John\", 1, 3) → Joh",
        run: Run::Values(mid),
        check: None,
    },
    Function {
        name: "PCase",
        description: "Every word with a capital first letter and small ones after it. Words end at spaces, control characters, punctuation and symbols, or only at the given separators. Without separators a word all in capitals is also changed.",
        parameters: &[required("source", Kind::String), optional("wordSeparators", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "PCase(\"PINTO-DE'SILVA\", \" '-\") → Pinto-De'Silva",
        run: Run::Values(p_case),
        check: None,
    },
    Function {
        name: "StripSpaces",
        description: "The text without spaces (U+0020).",
        parameters: &[required("source", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "StripSpaces(\"a b c\") → abc",
        run: Run::Values(|arguments| map_text(arguments, |text| text.replace(' ', ""))),
        check: None,
    },
    Function {
        name: "ToLower",
        description: "The text in small letters, by the rules of Unicode that do not depend on a language. The culture is accepted; Turkish and Azeri (tr, az) change i and ı.",
        parameters: &[required("source", Kind::String), optional("culture", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "ToLower(\"John.Smith@C.com\") → john.smith@c.com",
        run: Run::Values(to_lower),
        check: None,
    },
    Function {
        name: "ToUpper",
        description: "The text in capital letters, by the rules of Unicode that do not depend on a language. The culture is accepted; Turkish and Azeri (tr, az) change i and ı.",
        parameters: &[required("source", Kind::String), optional("culture", Kind::String)],
        repeats: 0,
        returns: Kind::String,
        example: "ToUpper(\"usa\") → USA",
        run: Run::Values(to_upper),
        check: None,
    },
    Function {
        name: "Word",
        description: "The n-th word, where each of the given characters separates words; an empty text if there is none.",
        parameters: &[
            required("source", Kind::String),
            required("wordNumber", Kind::Integer),
            required("delimiters", Kind::String),
        ],
        repeats: 0,
        returns: Kind::String,
        example: "Word(\"The quick brown fox\", 3, \" \") → brown",
        run: Run::Values(word),
        check: None,
    },
];

fn append(arguments: &Arguments<'_>) -> Result<Value, String> {
    let suffix = arguments.text(1)?.unwrap_or_default();
    map_text(arguments, |text| text + &suffix)
}

fn c_str(arguments: &Arguments<'_>) -> Result<Value, String> {
    map_text(arguments, |text| text)
}

fn in_str(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (source, find) = (arguments.text(0)?.unwrap_or_default(), arguments.text(1)?.unwrap_or_default());
    let start = match arguments.number(2)?.unwrap_or(1) {
        start if start < 1 => return Err(format!("the start position is {start}, the first one is 1")),
        start => usize::try_from(start - 1).unwrap_or(usize::MAX),
    };
    let ignore_case = *arguments.value(3) == Value::Number(1);
    let fold = |text: &str| if ignore_case { text.to_lowercase() } else { text.to_owned() };
    let (source, find): (Vec<char>, Vec<char>) =
        (fold(&source).chars().collect(), fold(&find).chars().collect());
    let found = (start..=source.len().saturating_sub(find.len()))
        .find(|at| source.get(*at..*at + find.len()).is_some_and(|part| part == find));
    Ok(Value::Number(found.map_or(0, |at| at as i64 + 1)))
}

fn left(arguments: &Arguments<'_>) -> Result<Value, String> {
    let text = arguments.text(0)?.unwrap_or_default();
    Ok(Value::Text(match arguments.number(1)?.map(usize::try_from) {
        Some(Ok(count)) => text.chars().take(count).collect(),
        _ => text,
    }))
}

fn len(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Number(arguments.text(0)?.unwrap_or_default().chars().count() as i64))
}

fn mid(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (start, length) = (arguments.number(1)?.unwrap_or(1), arguments.number(2)?.unwrap_or(0));
    let Some(skip) = start.checked_sub(1).and_then(|start| usize::try_from(start).ok()) else {
        return Err(format!("the start position is {start}, the first one is 1"));
    };
    let length = usize::try_from(length).map_err(|_| format!("the length is {length}"))?;
    map_text(arguments, |text| text.chars().skip(skip).take(length).collect())
}

fn p_case(arguments: &Arguments<'_>) -> Result<Value, String> {
    let separators = arguments.text(1)?;
    let separates = |c: char| match &separators {
        Some(separators) => separators.contains(c),
        None => !c.is_alphanumeric() && c != '\'' && c != '’',
    };
    map_text(arguments, |text| {
        let mut first = true;
        let mut cased = String::with_capacity(text.len());
        for c in text.chars() {
            if first {
                cased.extend(c.to_uppercase())
            } else {
                cased.extend(c.to_lowercase())
            }
            first = separates(c);
        }
        cased
    })
}

/// Whether the culture writes dotted and dotless i.
fn is_turkic(arguments: &Arguments<'_>) -> Result<bool, String> {
    let culture = arguments.text(1)?.unwrap_or_default().to_ascii_lowercase();
    Ok(matches!(culture.split('-').next(), Some("tr" | "az")))
}

fn to_lower(arguments: &Arguments<'_>) -> Result<Value, String> {
    let turkic = is_turkic(arguments)?;
    map_text(arguments, |text| {
        if turkic { text.replace('I', "ı").replace('İ', "i").to_lowercase() } else { text.to_lowercase() }
    })
}

fn to_upper(arguments: &Arguments<'_>) -> Result<Value, String> {
    let turkic = is_turkic(arguments)?;
    map_text(
        arguments,
        |text| if turkic { text.replace('i', "İ").to_uppercase() } else { text.to_uppercase() },
    )
}

fn word(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (text, delimiters) = (arguments.text(0)?.unwrap_or_default(), arguments.text(2)?.unwrap_or_default());
    let number = arguments.number(1)?.unwrap_or(0);
    let found = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .and_then(|index| text.split(|c| delimiters.contains(c)).filter(|word| !word.is_empty()).nth(index));
    Ok(Value::from(found.unwrap_or_default()))
}
