//! Regular expressions: one flavour for `Replace` and for the scoping filters.
//!
//! The engine is `regex-lite`: Perl-like syntax with `(?<name>…)`, without look-around and
//! back-references; `\d`, `\w` and `\s` are ASCII. Matching costs at most pattern × text, whatever
//! the pattern, where .NET's own engine can take exponential time.

use regex_lite::{Regex, RegexBuilder};

/// Compiled size of a pattern at most, in bytes: a bound on `(a{1000}){1000}`.
const SIZE_LIMIT: usize = 1 << 20;

/// Compiles a pattern.
///
/// # Errors
/// What is wrong with it, for the person who wrote it.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| format!("the regular expression cannot be used: {error}"))
}

/// Compiles a pattern that must fit the whole value.
///
/// # Errors
/// As [`compile`].
pub(crate) fn compile_anchored(pattern: &str) -> Result<Regex, String> {
    compile(pattern)?;
    compile(&format!("^(?:{pattern})$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compile_refuses_what_costs_too_much_or_is_not_regular() {
        for pattern in ["(a{1000}){1000}", "(?=a)", "(a)\\1", "(", "a)|(b"] {
            assert!(compile_anchored(pattern).is_err(), "{pattern}");
        }
    }

    /// An engine that tries one way after the other would not come to an end with these.
    #[test]
    fn no_pattern_costs_more_than_its_length_times_the_texts() {
        let text = "a".repeat(20_000) + "!";
        for pattern in ["(a+)+$", "(a|a)*b", "(a*)*b", "(.*)(.*)(.*)b$", "(a?){50}a{50}b"] {
            assert!(!compile(pattern).unwrap().is_match(&text), "{pattern}");
        }
    }

    #[test]
    fn compile_anchored_fits_the_whole_value() {
        let regex = compile_anchored("a|bc").unwrap();
        assert!(regex.is_match("a") && regex.is_match("bc"));
        assert!(!regex.is_match("ab") && !regex.is_match("abc"));
    }
}
