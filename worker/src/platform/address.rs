//! Addresses that an administrator typed, parsed as the URL Standard says. The platform's own parser does it: the
//! crate `url` is 16 KB of the Worker of jobs, compressed. Tests on the host have no platform and use the crate,
//! which follows the same standard.

/// An absolute address in its normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `https`, without a colon.
    pub scheme: String,
    /// Whether it holds a user name or a password.
    pub has_credentials: bool,
    /// The host; an IPv6 address in brackets.
    pub host: String,
    /// The port, the scheme's own if none is given.
    pub port: u16,
    /// Scheme, host and port, the latter only where it is not the scheme's own.
    pub origin: String,
    /// The path, with its slash.
    pub path: String,
}

impl Address {
    /// Reads an absolute address; `None` when it is none.
    #[cfg(target_arch = "wasm32")]
    pub fn parse(text: &str) -> Option<Self> {
        let url = web_sys::Url::new(text).ok()?;
        let scheme = url.protocol().trim_end_matches(':').to_owned();
        Some(Self {
            has_credentials: !url.username().is_empty() || !url.password().is_empty(),
            host: url.hostname(),
            port: url.port().parse().ok().unwrap_or_else(|| usual_port(&scheme)),
            origin: url.origin(),
            path: url.pathname(),
            scheme,
        })
    }

    /// Reads an absolute address; `None` when it is none.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn parse(text: &str) -> Option<Self> {
        let url = worker::Url::parse(text).ok()?;
        let scheme = url.scheme().to_owned();
        Some(Self {
            has_credentials: !url.username().is_empty() || url.password().is_some(),
            host: url.host_str().unwrap_or("").to_owned(),
            port: url.port().unwrap_or_else(|| usual_port(&scheme)),
            origin: url.origin().ascii_serialization(),
            path: url.path().to_owned(),
            scheme,
        })
    }
}

fn usual_port(scheme: &str) -> u16 {
    if scheme == "http" { 80 } else { 443 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_their_normal_form() {
        let check = |text: &str, host: &str, port: u16, origin: &str, path: &str| {
            let address = Address::parse(text).expect(text);
            assert_eq!((address.host.as_str(), address.port), (host, port), "{text}");
            assert_eq!((address.origin.as_str(), address.path.as_str()), (origin, path), "{text}");
        };
        check("HTTPS://A.Example/SCIM/?x#y", "a.example", 443, "https://a.example", "/SCIM/");
        check("http://localhost:8787", "localhost", 8787, "http://localhost:8787", "/");
        check("https://[::1]:443/x", "[::1]", 443, "https://[::1]", "/x");
        assert!(Address::parse("https://me:pw@a.example/").expect("address").has_credentials);
        for wrong in ["", "a.example", "https://", "/scim"] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }
}
