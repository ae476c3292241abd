//! Errors of both kinds of endpoint, in one type that a page can show.

use api::error::{ErrorBody, ErrorDetail};
use wasm_bindgen::{JsCast, JsValue};

/// Why a request did not succeed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    /// HTTP status; 0 when there was no answer.
    pub(crate) status: u16,
    /// For programs: the API's code, or SCIM's `scimType`.
    pub(crate) code: String,
    /// For people.
    pub(crate) message: String,
    /// Single problems of the request.
    pub(crate) details: Vec<ErrorDetail>,
    /// Names the request in the log of the deployment.
    pub(crate) request_id: Option<String>,
}

impl ApiError {
    fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), details: Vec::new(), request_id: None }
    }

    /// No answer came.
    pub(crate) fn unreachable(error: &JsValue) -> Self {
        let why = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        Self::new(
            0,
            "Unreachable",
            format!(
                "The server did not answer ({}). Check that it runs, then try again.",
                why.unwrap_or_default()
            ),
        )
    }

    /// An answer came that is not what the contract says.
    pub(crate) fn unreadable(why: &str) -> Self {
        Self::new(0, "Unreadable", format!("The server's answer could not be read: {why}"))
    }

    /// Reads the error body of the management API or of SCIM.
    pub(crate) fn from_answer(status: u16, text: &str) -> Self {
        if let Ok(body) = super::decode::<ErrorBody>(text) {
            let error = body.error;
            return Self {
                status,
                code: error.code,
                message: error.message,
                details: error.details,
                request_id: error.inner_error.map(|inner| inner.request_id),
            };
        }
        let scim = super::parse(text).unwrap_or_default();
        let detail = scim.get("detail").and_then(|detail| detail.as_str());
        let code = scim.get("scimType").and_then(|kind| kind.as_str()).unwrap_or_default();
        Self::new(
            status,
            code,
            detail.map_or_else(|| format!("The server answered {status}."), str::to_owned),
        )
    }

    /// Whether nobody is signed in.
    pub(crate) fn is_unauthorized(&self) -> bool {
        self.status == 401
    }

    /// Whether the same request may succeed later: nothing is said about what was asked for.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.status, 0 | 401 | 429 | 500..)
    }

    /// Message and single problems, as one text.
    pub(crate) fn text(&self) -> String {
        let mut text = self.message.clone();
        for detail in &self.details {
            text.push('\n');
            if let Some(target) = &detail.target {
                text.push_str(target);
                text.push_str(": ");
            }
            text.push_str(&detail.message);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::ApiError;

    #[test]
    fn management_errors_keep_code_details_and_request() {
        let error = ApiError::from_answer(
            409,
            r#"{"error":{"code":"Conflict","message":"Somebody saved.","innerError":{"request-id":"r1","date":"d"},
               "details":[{"code":"X","message":"wrong","target":"a.b"}]}}"#,
        );
        assert_eq!((error.status, error.code.as_str()), (409, "Conflict"));
        assert_eq!(error.request_id.as_deref(), Some("r1"));
        assert_eq!(error.text(), "Somebody saved.\na.b: wrong");
    }

    #[test]
    fn what_passes_says_nothing_of_what_was_asked_for() {
        let passing = |status| ApiError::from_answer(status, "").is_passing();
        assert!([0, 401, 429, 500, 502, 503, 599].into_iter().all(passing));
        assert!(![400, 403, 404, 409, 410, 412, 422].into_iter().any(passing));
    }

    #[test]
    fn scim_errors_and_other_pages_are_told() {
        let scim = ApiError::from_answer(
            409,
            r#"{"schemas":[],"scimType":"uniqueness","detail":"taken","status":"409"}"#,
        );
        assert_eq!((scim.code.as_str(), scim.message.as_str()), ("uniqueness", "taken"));
        let page = ApiError::from_answer(502, "<html>");
        assert_eq!(page.message, "The server answered 502.");
    }
}
