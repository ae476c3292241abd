//! Tokens to a tree: recursive descent, one function a rule.
//!
//! ```text
//! expression = operand
//! operand    = attribute | text | number | constant | call
//! call       = name "(" [ argument { "," argument } ] ")"
//! argument   = [ operand [ comparison operand ] ]
//! ```

use super::ast::{Comparison, Literal, Node};
use super::error::{ErrorKind, ExpressionError, Span};
use super::lexer::{Token, TokenKind, tokens};
use super::{MAX_DEPTH, MAX_LENGTH, functions};

/// Reads an expression; names are resolved, arguments are not checked yet.
pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    if text.chars().nth(MAX_LENGTH).is_some() {
        let span = Span { start: 0, end: text.len() };
        let message = format!("an expression has at most {MAX_LENGTH} characters");
        return Err(ExpressionError::new(ErrorKind::TooLong, span, message));
    }
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), last: Span::default() };
    let root = parser.operand(0)?;
    match parser.advance() {
        Token { kind: TokenKind::End, .. } => Ok(root),
        Token { kind: TokenKind::Compare(_), span } => Err(misplaced(span)),
        token => Err(unexpected(&token, "expected the end of the expression")),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    last: Span,
}

impl Parser {
    fn advance(&mut self) -> Token {
        let end = Span { start: self.last.end, end: self.last.end };
        let token = self.tokens.next().unwrap_or(Token { kind: TokenKind::End, span: end });
        self.last = token.span;
        token
    }

    fn at(&mut self, kind: &TokenKind) -> bool {
        self.tokens.peek().is_some_and(|token| token.kind == *kind)
    }

    fn operand(&mut self, depth: usize) -> Result<Node, ExpressionError> {
        let token = self.advance();
        let span = token.span;
        match token.kind {
            TokenKind::Attribute(name) => Ok(Node::Attribute { name, span }),
            TokenKind::Text(text) => Ok(Node::Literal { value: Literal::Text(text), span }),
            TokenKind::Number(number) => Ok(Node::Literal { value: Literal::Number(number), span }),
            TokenKind::Name(name) => self.named(&name, span, depth),
            _ => Err(unexpected(&token, "expected a function, an [attribute] or a \"text\"")),
        }
    }

    fn named(&mut self, name: &str, span: Span, depth: usize) -> Result<Node, ExpressionError> {
        if self.at(&TokenKind::Open) {
            return self.call(name, span, depth);
        }
        match name {
            "vbBinaryCompare" => Ok(Node::Literal { value: Literal::CompareMode { binary: true }, span }),
            "vbTextCompare" => Ok(Node::Literal { value: Literal::CompareMode { binary: false }, span }),
            _ if functions::find(name).is_some() => {
                let message = format!("expected '(' after {name}");
                Err(ExpressionError::new(ErrorKind::UnexpectedToken, span, message))
            }
            _ => {
                let message = format!("'{name}' is neither a function, an [attribute] nor a \"text\"");
                Err(ExpressionError::new(ErrorKind::UnexpectedToken, span, message))
            }
        }
    }

    fn call(&mut self, name: &str, span: Span, depth: usize) -> Result<Node, ExpressionError> {
        if depth >= MAX_DEPTH {
            let message = format!("functions are nested deeper than {MAX_DEPTH}");
            return Err(ExpressionError::new(ErrorKind::TooDeep, span, message));
        }
        let function = functions::find(name).ok_or_else(|| unknown(name, span))?;
        self.advance();
        let mut arguments = Vec::new();
        if !self.at(&TokenKind::Close) {
            arguments.push(self.argument(depth + 1)?);
            while self.at(&TokenKind::Comma) {
                self.advance();
                arguments.push(self.argument(depth + 1)?);
            }
        }
        let close = self.advance();
        match close.kind {
            TokenKind::Close => Ok(Node::Call { function, arguments, span: span.to(close.span) }),
            _ => Err(unexpected(&close, "expected ',' or ')'")),
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Option<Node>, ExpressionError> {
        if self.at(&TokenKind::Comma) || self.at(&TokenKind::Close) {
            return Ok(None);
        }
        let left = self.operand(depth)?;
        let Some(Token { kind: TokenKind::Compare(operator), .. }) = self.tokens.peek() else {
            return Ok(Some(left));
        };
        let operator = match *operator {
            "=" => Comparison::Equal,
            "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            _ => Comparison::GreaterOrEqual,
        };
        self.advance();
        let right = self.operand(depth)?;
        let span = left.span().to(right.span());
        Ok(Some(Node::Compare { operator, left: Box::new(left), right: Box::new(right), span }))
    }
}

fn unexpected(token: &Token, expected: &str) -> ExpressionError {
    let message = format!("{expected}, found {}", token.kind.describe());
    ExpressionError::new(ErrorKind::UnexpectedToken, token.span, message)
}

/// A comparison where none may stand.
pub(super) fn misplaced(span: Span) -> ExpressionError {
    let message = "a comparison can only stand in the condition of IIF or CBool";
    ExpressionError::new(ErrorKind::MisplacedComparison, span, message)
}

fn unknown(name: &str, span: Span) -> ExpressionError {
    let message = match functions::similar(name) {
        Some(known) => format!("there is no function {name}; did you mean {known}? Names are case-sensitive"),
        None => format!("there is no function {name}"),
    };
    ExpressionError::new(ErrorKind::UnknownFunction, span, message)
}
