//! The clouds of Microsoft, and where each has its login and its Graph. Tokens of one are no good in another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which cloud a tenant is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cloud {
    /// The worldwide one, and GCC.
    #[default]
    Global,
    /// US Government L4: GCC High.
    UsGovernmentL4,
    /// US Government L5: DoD.
    UsGovernmentL5,
    /// China, operated by 21Vianet.
    China,
    /// Origins that are given: a proxy, or a test.
    Custom,
}

/// Longest origin that is taken.
const MAX_ORIGIN: usize = 256;

/// Where login and Graph are: origins, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where access tokens come from.
    pub login: String,
    /// Where the directory is read.
    pub graph: String,
}

/// Why origins cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloudError {
    /// The cloud is `custom` and an origin is missing.
    Missing(&'static str),
    /// The cloud has its origins, and others were given.
    Unexpected(&'static str),
    /// Not an origin, or one that would send secrets in the clear.
    Invalid(&'static str, String),
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => {
                write!(f, "The cloud is `custom`, so {name} is needed, such as https://graph.example.")
            }
            Self::Unexpected(name) => {
                write!(f, "{name} belongs to the cloud `custom`; leave it out, or set `cloud` to `custom`.")
            }
            Self::Invalid(name, text) => write!(
                f,
                "{name} is `{text}`; give an origin such as https://graph.example, without a path. http:// is taken on this machine only."
            ),
        }
    }
}

impl std::error::Error for CloudError {}

impl Cloud {
    /// The origins of login and Graph; `None` for those that are given. Sources: Microsoft Entra, authentication and
    /// national clouds; Microsoft Graph, national cloud deployments. The latter still names `login.chinacloudapi.cn`,
    /// another name of the same service.
    pub fn origins(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Global => Some(("https://login.microsoftonline.com", "https://graph.microsoft.com")),
            Self::UsGovernmentL4 => Some(("https://login.microsoftonline.us", "https://graph.microsoft.us")),
            Self::UsGovernmentL5 => {
                Some(("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"))
            }
            Self::China => {
                Some(("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"))
            }
            Self::Custom => None,
        }
    }

    /// The endpoints, with what was given for a custom cloud.
    pub fn endpoints(self, login: Option<&str>, graph: Option<&str>) -> Result<Endpoints, CloudError> {
        let given = [("loginOrigin", login), ("graphOrigin", graph)];
        let given = given.map(|(name, origin)| (name, origin.map(str::trim).filter(|text| !text.is_empty())));
        match self.origins() {
            Some((login, graph)) => match given.iter().find(|(_, origin)| origin.is_some()) {
                Some((name, _)) => Err(CloudError::Unexpected(name)),
                None => Ok(Endpoints { login: login.to_owned(), graph: graph.to_owned() }),
            },
            None => {
                let [login, graph] = given;
                Ok(Endpoints { login: origin(login)?, graph: origin(graph)? })
            }
        }
    }
}

impl Endpoints {
    /// Whether an address lies under the Graph origin. The access token goes nowhere else.
    pub fn is_graph(&self, url: &str) -> bool {
        url.strip_prefix(self.graph.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

fn origin((name, text): (&'static str, Option<&str>)) -> Result<String, CloudError> {
    let text = text.ok_or(CloudError::Missing(name))?;
    let invalid = || CloudError::Invalid(name, text.to_owned());
    let origin = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let (scheme, authority) = origin.split_once("://").ok_or_else(invalid)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if authority.is_empty() || !authority.chars().all(is_plain) || origin.len() > MAX_ORIGIN {
        return Err(invalid());
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            port.parse::<u16>().map_err(|_| invalid())?;
            host
        }
        _ => authority,
    };
    let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if scheme == "https" || (scheme == "http" && is_local) { Ok(origin.clone()) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_has_its_hosts() {
        let check = |cloud: &str, login: &str, graph: &str| {
            let cloud: Cloud = serde_json::from_value(serde_json::json!(cloud)).unwrap();
            let endpoints = cloud.endpoints(None, None).unwrap();
            assert_eq!((endpoints.login.as_str(), endpoints.graph.as_str()), (login, graph));
        };
        check("global", "https://login.microsoftonline.com", "https://graph.microsoft.com");
        check("usGovernmentL4", "https://login.microsoftonline.us", "https://graph.microsoft.us");
        check("usGovernmentL5", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us");
        check("china", "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn");
    }

    #[test]
    fn origins_belong_to_the_custom_cloud_and_are_checked() {
        let check = |graph: &str, expected: Option<&str>| {
            let endpoints = Cloud::Custom.endpoints(Some("https://login.example"), Some(graph));
            assert_eq!(endpoints.ok().map(|found| found.graph).as_deref(), expected, "{graph}");
        };
        check("https://graph.example", Some("https://graph.example"));
        check(" https://Graph.Example:8443/ ", Some("https://graph.example:8443"));
        check("http://127.0.0.1:9", Some("http://127.0.0.1:9"));
        check("http://[::1]:9", Some("http://[::1]:9"));
        check("http://localhost", Some("http://localhost"));
        check("http://graph.example", None);
        check("http://127.0.0.1.graph.example", None);
        check("https://graph.example/v1.0", None);
        check("https://user@graph.example", None);
        check("https://graph.example:99999", None);
        check("https://", None);
        check("graph.example", None);
        check("", None);
        assert_eq!(Cloud::Custom.endpoints(None, None), Err(CloudError::Missing("loginOrigin")));
        assert_eq!(
            Cloud::Global.endpoints(None, Some("https://graph.example")),
            Err(CloudError::Unexpected("graphOrigin"))
        );
    }

    #[test]
    fn links_to_other_places_are_told() {
        let endpoints = Cloud::Global.endpoints(None, None).unwrap();
        assert!(endpoints.is_graph("https://graph.microsoft.com/v1.0/users/delta?$skiptoken=x"));
        assert!(!endpoints.is_graph("https://graph.microsoft.com.example/v1.0/users"));
        assert!(!endpoints.is_graph("https://graph.microsoft.com@example/v1.0/users"));
        assert!(!endpoints.is_graph("http://graph.microsoft.com/v1.0/users"));
    }
}
