//! From text to tree, by the grammar of RFC 7644 figure 1.

use serde_json::Number;

use super::ast::{AttributePath, Filter, Literal, Operator, Span, Term, Test};
use super::error::{FilterError, FilterErrorKind};
use super::lexer::{Token, TokenKind, tokens};

/// How many bytes a filter may have.
pub const MAX_LENGTH: usize = 8 * 1024;
/// How deep parentheses, `not` and brackets may nest.
pub const MAX_DEPTH: usize = 32;
/// How many comparisons a filter may have.
pub const MAX_TERMS: usize = 256;

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let mut parser = Parser::new(text)?;
        let filter = parser.or()?;
        parser.end()?;
        Ok(filter)
    }
}

/// Reads the path of a PATCH operation that has brackets: `attribute[filter]` or `attribute[filter].sub`.
/// `bracket` is where the opening bracket stands.
pub(crate) fn parse_path(text: &str, bracket: usize) -> Result<(Filter, Option<String>), FilterError> {
    let mut parser = Parser::new(text)?;
    parser.position = parser.tokens.iter().take_while(|token| token.span.start < bracket).count();
    let filter = parser.brackets()?;
    let sub = parser.suffix().map(str::to_owned);
    parser.end()?;
    Ok((filter, sub))
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    position: usize,
    depth: usize,
    terms: usize,
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, FilterError> {
        if text.len() > MAX_LENGTH {
            let span = Span { start: MAX_LENGTH, end: text.len() };
            return Err(FilterError::new(FilterErrorKind::TooLong, span));
        }
        let tokens = tokens(text)?;
        Ok(Parser { text, tokens, position: 0, depth: 0, terms: 0, in_brackets: false })
    }

    fn or(&mut self) -> Result<Filter, FilterError> {
        self.chain("or", Filter::Or, Self::and)
    }

    fn and(&mut self) -> Result<Filter, FilterError> {
        self.chain("and", Filter::And, Self::unary)
    }

    /// One or more parts with a word between them.
    fn chain(
        &mut self,
        word: &str,
        node: fn(Vec<Filter>) -> Filter,
        part: fn(&mut Self) -> Result<Filter, FilterError>,
    ) -> Result<Filter, FilterError> {
        let first = part(self)?;
        if !self.at_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.at_word(word) {
            self.position += 1;
            parts.push(part(self)?);
        }
        Ok(node(parts))
    }

    fn unary(&mut self) -> Result<Filter, FilterError> {
        if self.at(&TokenKind::OpenParen) {
            return self.parentheses();
        }
        if self.at_word("not") {
            self.position += 1;
            if !self.at(&TokenKind::OpenParen) {
                return Err(self.expected("( after not"));
            }
            return Ok(Filter::Not(Box::new(self.parentheses()?)));
        }
        self.term().map(Filter::Term)
    }

    fn parentheses(&mut self) -> Result<Filter, FilterError> {
        self.nested(Self::or, &TokenKind::CloseParen, "and, or, or )")
    }

    fn brackets(&mut self) -> Result<Filter, FilterError> {
        if self.in_brackets {
            return Err(FilterError::new(FilterErrorKind::NestedBrackets, self.span()));
        }
        self.in_brackets = true;
        let filter = self.nested(Self::or, &TokenKind::CloseBracket, "and, or, or ]")?;
        self.in_brackets = false;
        Ok(filter)
    }

    /// From an opening parenthesis or bracket to its end.
    fn nested(
        &mut self,
        inner: fn(&mut Self) -> Result<Filter, FilterError>,
        close: &TokenKind<'_>,
        wanted: &'static str,
    ) -> Result<Filter, FilterError> {
        if self.depth == MAX_DEPTH {
            return Err(FilterError::new(FilterErrorKind::TooDeep, self.span()));
        }
        self.depth += 1;
        self.position += 1;
        let filter = inner(self)?;
        if !self.at(close) {
            return Err(self.expected(wanted));
        }
        self.position += 1;
        self.depth -= 1;
        Ok(filter)
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let span = self.name_span()?;
        let name = self.text.get(span.start..span.end).unwrap_or_default();
        let path = attribute_path(name).ok_or(FilterError::new(FilterErrorKind::InvalidName, span))?;
        if self.at(&TokenKind::OpenBracket) {
            let filter = Box::new(self.brackets()?);
            let rest = match self.suffix() {
                Some(sub) => Some((sub.to_owned(), self.test()?)),
                None => None,
            };
            return Ok(Term::Element { path, filter, rest, span });
        }
        Ok(Term::Test { path, test: self.test()?, span })
    }

    /// The extent of an attribute's name. After a URN it goes on over spaces up to the operator or bracket.
    fn name_span(&mut self) -> Result<Span, FilterError> {
        let Some(Token { kind: TokenKind::Word(first), span }) = self.tokens.get(self.position) else {
            return Err(self.expected("an attribute"));
        };
        let mut span = *span;
        self.position += 1;
        if crate::urn::is_urn(first) {
            while let Some(Token { kind: TokenKind::Word(_), span: next }) = self.tokens.get(self.position) {
                if self.at_operator() {
                    break;
                }
                span.end = next.end;
                self.position += 1;
            }
        }
        Ok(span)
    }

    /// Whether an operator stands here and what follows suits it, so that it is not a word of a name.
    fn at_operator(&self) -> bool {
        let Some(TokenKind::Word(word)) = self.kind() else { return false };
        let next = self.tokens.get(self.position + 1).map(|token| &token.kind);
        if word.eq_ignore_ascii_case("pr") {
            return match next {
                None | Some(TokenKind::CloseParen | TokenKind::CloseBracket) => true,
                Some(TokenKind::Word(word)) => {
                    word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or")
                }
                Some(_) => false,
            };
        }
        Operator::from_word(word).is_some()
            && match next {
                Some(TokenKind::String(_)) => true,
                Some(TokenKind::Word(word)) => literal(word).is_some(),
                _ => false,
            }
    }

    fn test(&mut self) -> Result<Test, FilterError> {
        let Some(TokenKind::Word(word)) = self.kind() else {
            return Err(self.expected("an operator"));
        };
        let operator = Operator::from_word(word);
        let present = word.eq_ignore_ascii_case("pr");
        if operator.is_none() && !present {
            return Err(self.expected("one of the operators eq, ne, co, sw, ew, gt, ge, lt, le, pr"));
        }
        if self.terms == MAX_TERMS {
            return Err(FilterError::new(FilterErrorKind::TooManyTerms, self.span()));
        }
        self.terms += 1;
        self.position += 1;
        let Some(operator) = operator else { return Ok(Test::Present) };
        let value = match self.kind() {
            Some(TokenKind::String(string)) => Some(Literal::String(string.clone())),
            Some(TokenKind::Word(word)) => literal(word),
            _ => None,
        };
        let value = value.ok_or_else(|| {
            self.expected("a value: a string in double quotes, a number, true, false, null")
        })?;
        self.position += 1;
        Ok(Test::Compare { operator, value })
    }

    /// `.sub` after a closing bracket.
    fn suffix(&mut self) -> Option<&'a str> {
        let Some(TokenKind::Word(word)) = self.kind() else { return None };
        let sub = word.strip_prefix('.').filter(|sub| is_name(sub))?;
        self.position += 1;
        Some(sub)
    }

    fn end(&self) -> Result<(), FilterError> {
        match self.tokens.get(self.position) {
            None => Ok(()),
            Some(_) => Err(self.expected("and, or, or the end")),
        }
    }

    fn kind(&self) -> Option<&TokenKind<'a>> {
        self.tokens.get(self.position).map(|token| &token.kind)
    }

    fn at(&self, kind: &TokenKind<'_>) -> bool {
        self.kind() == Some(kind)
    }

    fn at_word(&self, wanted: &str) -> bool {
        matches!(self.kind(), Some(TokenKind::Word(word)) if word.eq_ignore_ascii_case(wanted))
    }

    fn span(&self) -> Span {
        let end = Span { start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.position).map_or(end, |token| token.span)
    }

    fn expected(&self, what: &'static str) -> FilterError {
        FilterError::new(FilterErrorKind::Expected(what), self.span())
    }
}

/// A value that is not a string.
fn literal(word: &str) -> Option<Literal> {
    match word {
        _ if word.eq_ignore_ascii_case("null") => Some(Literal::Null),
        _ if word.eq_ignore_ascii_case("true") => Some(Literal::Boolean(true)),
        _ if word.eq_ignore_ascii_case("false") => Some(Literal::Boolean(false)),
        _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            word.parse::<Number>().ok().map(Literal::Number)
        }
        _ => None,
    }
}

/// Splits and checks the name of an attribute.
fn attribute_path(text: &str) -> Option<AttributePath> {
    let path = AttributePath::split(text);
    let name = path.name.as_str();
    let name_is_good = if path.urn.is_some() { !name.trim().is_empty() } else { is_name(name) };
    (name_is_good && path.sub.as_deref().is_none_or(is_name)).then_some(path)
}

/// `ATTRNAME` of RFC 7643 section 2.1, and `$ref`.
fn is_name(text: &str) -> bool {
    let rest = text.strip_prefix('$').unwrap_or(text);
    rest.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
