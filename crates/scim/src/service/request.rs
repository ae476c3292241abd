//! A request as plain data.

/// The methods of SCIM (RFC 7644 table 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    #[default]
    Get,
    /// Answers what [`Method::Get`] does, without the body.
    Head,
    /// Creates, searches, or does many things at once.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
    /// Anything else; no address answers it.
    Other,
}

impl Method {
    /// The method with this name, in any case.
    pub fn from_name(name: &str) -> Self {
        match name.to_ascii_uppercase().as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            "DELETE" => Method::Delete,
            _ => Method::Other,
        }
    }
}

/// The preconditions of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The decoded segments of the path after `/v2`.
    pub path: Vec<String>,
    /// The decoded parameters of the query, in order.
    pub query: Vec<(String, String)>,
    /// `If-Match` and `If-None-Match`.
    pub conditions: Conditions,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Accept`.
    pub accept: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request from its target: the path after `/v2`, and the query after a question mark.
    pub fn new(method: Method, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path =
            path.split('/').filter(|segment| !segment.is_empty()).map(|segment| decode(segment, false));
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), decode(value, true))
        });
        Request { method, path: path.collect(), query: query.collect(), ..Request::default() }
    }

    /// Takes over a header if the service reads it. Names are compared in any case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let field = match name.to_ascii_lowercase().as_str() {
            "if-match" => &mut self.conditions.if_match,
            "if-none-match" => &mut self.conditions.if_none_match,
            "content-type" => &mut self.content_type,
            "accept" => &mut self.accept,
            _ => return self,
        };
        *field = Some(value.to_owned());
        self
    }

    /// Puts the body in.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Request { body: body.into(), ..self }
    }
}

/// Takes percent-encoding away; in a query `+` is a space, as forms encode it. What is not encoded properly
/// stays as it is.
fn decode(text: &str, plus_is_space: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (b'+', _) if plus_is_space => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_decoded() {
        let check = |target: &str, path: &[&str], query: &[(&str, &str)]| {
            let request = Request::new(Method::Get, target);
            let pairs: Vec<(&str, &str)> =
                request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(request.path, path, "{target}");
            assert_eq!(pairs, query, "{target}");
        };
        check("", &[], &[]);
        check("/Users", &["Users"], &[]);
        check("/Users/", &["Users"], &[]);
        check("/Users/a%2Fb+c", &["Users", "a/b+c"], &[]);
        check("/Users?filter=userName+eq+%22a%2Bb%22", &["Users"], &[("filter", "userName eq \"a+b\"")]);
        check("/Users?aadOptscim062020&count=1", &["Users"], &[("aadOptscim062020", ""), ("count", "1")]);
        check("/Users?a=100%&b=%zz", &["Users"], &[("a", "100%"), ("b", "%zz")]);
    }
}
