//! Text to tokens.

use super::error::{ErrorKind, ExpressionError, Span};

/// A token with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// Name of a function or of a constant.
    Name(String),
    /// `[name]`.
    Attribute(String),
    /// `"text"`, unescaped.
    Text(String),
    /// Whole number.
    Number(i64),
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `,`.
    Comma,
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`.
    Compare(&'static str),
    /// After the last token.
    End,
}

impl TokenKind {
    /// The token in an error message.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Name(name) => format!("'{name}'"),
            Self::Attribute(name) => format!("[{name}]"),
            Self::Text(_) => "a text".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Open => "'('".to_owned(),
            Self::Close => "')'".to_owned(),
            Self::Comma => "','".to_owned(),
            Self::Compare(operator) => format!("'{operator}'"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Splits `text` into tokens, the last of which is [`TokenKind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let end = token.kind == TokenKind::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let taken: String = self.rest().chars().take_while(|c| accept(*c)).collect();
        self.at += taken.len();
        taken
    }

    fn error<T>(
        &self,
        kind: ErrorKind,
        start: usize,
        message: impl Into<String>,
    ) -> Result<T, ExpressionError> {
        Err(ExpressionError::new(kind, Span { start, end: self.at.max(start) }, message))
    }

    fn next(&mut self) -> Result<Token, ExpressionError> {
        self.take_while(char::is_whitespace);
        let start = self.at;
        let kind = match self.peek() {
            None => TokenKind::End,
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                TokenKind::Name(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_'))
            }
            Some(c) if c.is_ascii_digit() || c == '-' => self.number(start)?,
            Some('&') => self.hexadecimal(start)?,
            Some('[') => self.attribute(start)?,
            Some('"') => self.string(start)?,
            Some('(') => self.single(TokenKind::Open),
            Some(')') => self.single(TokenKind::Close),
            Some(',') => self.single(TokenKind::Comma),
            Some('=' | '<' | '>') => self.comparison(),
            Some(c) => {
                self.bump();
                let message = match c {
                    '“' | '”' | '„' | '\'' | '‘' | '’' => {
                        "text stands in straight double quotes, as in \"text\"".to_owned()
                    }
                    _ => format!("unexpected character '{c}'"),
                };
                return self.error(ErrorKind::UnexpectedCharacter, start, message);
            }
        };
        Ok(Token { kind, span: Span { start, end: self.at } })
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.bump();
        kind
    }

    fn comparison(&mut self) -> TokenKind {
        for operator in ["<>", "<=", ">=", "=", "<", ">"] {
            if self.rest().starts_with(operator) {
                self.at += operator.len();
                return TokenKind::Compare(operator);
            }
        }
        TokenKind::End
    }

    fn number(&mut self, start: usize) -> Result<TokenKind, ExpressionError> {
        let sign = if self.peek() == Some('-') { self.bump().map(String::from) } else { None };
        let digits = self.take_while(|c| c.is_ascii_alphanumeric() || c == '.');
        match format!("{}{digits}", sign.unwrap_or_default()).parse() {
            Ok(number) => Ok(TokenKind::Number(number)),
            Err(_) => self.error(ErrorKind::BadNumber, start, "expected a whole number such as 12 or &HF7"),
        }
    }

    fn hexadecimal(&mut self, start: usize) -> Result<TokenKind, ExpressionError> {
        self.bump();
        let letter = self.bump();
        let digits = self.take_while(|c| c.is_ascii_alphanumeric());
        match (letter, i64::from_str_radix(&digits, 16)) {
            (Some('H' | 'h'), Ok(number)) => Ok(TokenKind::Number(number)),
            _ => self.error(
                ErrorKind::BadNumber,
                start,
                "expected a hexadecimal number such as &HF7 after '&'",
            ),
        }
    }

    fn attribute(&mut self, start: usize) -> Result<TokenKind, ExpressionError> {
        self.bump();
        let name = self.take_while(|c| !matches!(c, ']' | '['));
        if self.bump() != Some(']') {
            return self.error(ErrorKind::Unterminated, start, "expected ']' after the attribute name");
        }
        match name.trim() {
            "" => self.error(
                ErrorKind::UnexpectedToken,
                start,
                "expected an attribute name between '[' and ']'",
            ),
            name => Ok(TokenKind::Attribute(name.to_owned())),
        }
    }

    /// A backslash before anything but `"` and `\` stands for itself, so that `"\d"` works as well
    /// as the documented `"\\d"`.
    fn string(&mut self, start: usize) -> Result<TokenKind, ExpressionError> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('"') => return Ok(TokenKind::Text(text)),
                Some('\\') => match self.peek() {
                    Some(c @ ('"' | '\\')) => {
                        self.bump();
                        text.push(c);
                    }
                    _ => text.push('\\'),
                },
                Some(c) => text.push(c),
                None => {
                    return self.error(
                        ErrorKind::Unterminated,
                        start,
                        "expected '\"' at the end of the text",
                    );
                }
            }
        }
    }
}
