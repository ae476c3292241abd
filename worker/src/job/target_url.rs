//! Addresses of targets: which are taken, what a path makes of them, and whether they are of this deployment.

use provisioning::cycle::TransportError;

use super::diagnosis;
use super::pace::DEFAULT_RATE;
use crate::error::ApiError;
use crate::platform::address::Address;

/// The target's SCIM root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetUrl {
    origin: String,
    path: String,
    host: String,
    port: u16,
}

impl TargetUrl {
    /// Reads an address: `https://`, or `http://` on this machine. A query (such as a compatibility flag)
    /// and a slash at the end are dropped.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        Self::read(text, "tenant URL")
    }

    /// Reads an address whose name is told when it is wrong.
    pub(super) fn read(text: &str, what: &str) -> Result<Self, ApiError> {
        let Address { scheme, has_credentials, host, port, origin, path } = Address::parse(text.trim())
            .ok_or_else(|| {
                ApiError::bad_request(format!(
                    "The {what} `{text}` is not an address such as https://example.com/scim/v2."
                ))
            })?;
        let local = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        if scheme != "https" && !(scheme == "http" && local) {
            return Err(ApiError::bad_request(format!(
                "The {what} `{text}` must begin with https://, so that nothing secret is sent in the clear."
            )));
        }
        if has_credentials {
            return Err(ApiError::bad_request(format!(
                "The {what} holds a user name or password; give the credentials in fields of their own."
            )));
        }
        Ok(Self { origin, path: path.trim_end_matches('/').to_owned(), host, port })
    }

    /// The address with a path appended.
    pub fn join(&self, path_and_query: &str) -> String {
        format!("{}{}{path_and_query}", self.origin, self.path)
    }

    /// Looks again at a fault that says nothing.
    pub(super) async fn refine(&self, error: TransportError) -> TransportError {
        diagnosis::refine(error, &self.host, self.port).await
    }

    /// How many requests a second the target gets at most unless the job says otherwise: no limit for this
    /// deployment's own directories, and for this machine.
    pub(super) fn usual_rate(&self, origin: &str) -> u32 {
        let is_local = matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        if is_local || self.own(origin).is_some() { 0 } else { DEFAULT_RATE }
    }

    /// The path after `/scim/` when the target is a directory of the deployment at `origin`.
    pub(super) fn own(&self, origin: &str) -> Option<&str> {
        (self.origin == origin).then(|| self.path.strip_prefix("/scim/")).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_joined() {
        let check = |text: &str, expected: Option<&str>| {
            let url = TargetUrl::parse(text).ok().map(|url| url.join("/Users"));
            assert_eq!(url.as_deref(), expected, "{text}");
        };
        check("https://api.peakon.com/scim/v2", Some("https://api.peakon.com/scim/v2/Users"));
        check(" https://api.peakon.com/scim/v2/ ", Some("https://api.peakon.com/scim/v2/Users"));
        check("https://x.example/scim?aadOptscim062020", Some("https://x.example/scim/Users"));
        check("http://127.0.0.1:8787/scim/d/v2", Some("http://127.0.0.1:8787/scim/d/v2/Users"));
        check("http://x.example/scim", None);
        check("https://user:secret@x.example/scim", None);
        check("ftp://x.example", None);
        check("x.example", None);
        check("", None);
    }

    #[test]
    fn others_services_are_spared() {
        let check = |text: &str, expected: u32| {
            let url = TargetUrl::parse(text).expect("an address");
            assert_eq!(url.usual_rate("https://rollcall.example"), expected, "{text}");
        };
        check("https://api.peakon.com/scim/v2", DEFAULT_RATE);
        check("https://rollcall.example/scim/d1/v2", 0);
        check("https://rollcall.example/elsewhere", DEFAULT_RATE);
        check("http://127.0.0.1:9000/scim/v2", 0);
    }

    #[test]
    fn a_directory_of_this_deployment_is_recognized() {
        let url = TargetUrl::parse("http://localhost:8787/scim/d1/v2").expect("an address");
        assert_eq!(url.own("http://localhost:8787"), Some("d1/v2"));
        assert_eq!(url.own("http://localhost:8788"), None);
        let url = TargetUrl::parse("http://localhost:8787/other/v2").expect("an address");
        assert_eq!(url.own("http://localhost:8787"), None);
    }
}
