//! A filter's text as tokens.

use super::ast::Span;
use super::error::{FilterError, FilterErrorKind};

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind<'a> {
    /// A name, an operator, a number, `true` …
    Word(&'a str),
    /// A JSON string, without its quotes and escapes.
    String(String),
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
}

/// A token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) span: Span,
}

/// Splits the text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, FilterError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let start = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { break };
        let single = match first {
            '(' => Some(TokenKind::OpenParen),
            ')' => Some(TokenKind::CloseParen),
            '[' => Some(TokenKind::OpenBracket),
            ']' => Some(TokenKind::CloseBracket),
            _ => None,
        };
        let (kind, length) = match single {
            Some(kind) => (kind, 1),
            None if first == '"' => string(rest, start)?,
            None => word(rest),
        };
        tokens.push(Token { kind, span: Span { start, end: start + length } });
        rest = rest.get(length..).unwrap_or("");
    }
    Ok(tokens)
}

fn word(text: &str) -> (TokenKind<'_>, usize) {
    let length = text.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(text.len());
    (TokenKind::Word(text.get(..length).unwrap_or(text)), length)
}

/// A string token from its opening quote on, and how many bytes it takes.
fn string(text: &str, start: usize) -> Result<(TokenKind<'static>, usize), FilterError> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let length = index + 1;
                let literal = text.get(..length).unwrap_or(text);
                let span = Span { start, end: start + length };
                return serde_json::from_str(literal)
                    .map(|string| (TokenKind::String(string), length))
                    .map_err(|_| FilterError::new(FilterErrorKind::InvalidString, span));
            }
            _ => {}
        }
    }
    let span = Span { start, end: start + text.len() };
    Err(FilterError::new(FilterErrorKind::UnterminatedString, span))
}
