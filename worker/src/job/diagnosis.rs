//! Why an exchange with a target failed. The platform says little: an unknown host and a failed TLS handshake
//! are both "internal error", a refused connection is "Network connection lost". A plain connection to the same
//! host and port tells them apart.

use std::time::Duration;

use futures_util::future::{Either, select};
use provisioning::cycle::{ScimResponse, TransportError, TransportErrorKind};
use worker::{Delay, SecureTransport, Socket};

/// How long the plain connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the words of a failed exchange say by themselves.
pub fn classify(message: &str) -> TransportError {
    let lower = message.to_ascii_lowercase();
    let any = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    let kind = if any(&["dns", "name resolution", "not resolve", "lookup", "no such host", "enotfound"]) {
        TransportErrorKind::Dns
    } else if any(&["refused", "econnrefused"]) {
        TransportErrorKind::Refused
    } else if any(&["certificate", "tls", "ssl"]) {
        TransportErrorKind::Tls
    } else if any(&["timed out", "timeout"]) {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Other
    };
    TransportError { kind, message: message.to_owned() }
}

/// Looks again at a fault whose words say nothing.
pub async fn refine(error: TransportError, host: &str, port: u16) -> TransportError {
    if error.kind != TransportErrorKind::Other {
        return error;
    }
    let connects = connects(host, port).await;
    let (kind, message) = told(error.kind, &error.message, connects, host, port);
    TransportError { kind, message }
}

fn told(
    kind: TransportErrorKind,
    message: &str,
    connects: bool,
    host: &str,
    port: u16,
) -> (TransportErrorKind, String) {
    // The reference is the platform's own and means nothing to the reader.
    let hidden = message.contains("internal error");
    match (hidden, connects) {
        (true, true) => (
            TransportErrorKind::Tls,
            format!("{host}:{port} answers, but no trusted TLS connection comes about"),
        ),
        (true, false) => (TransportErrorKind::Dns, format!("no address is known for {host}")),
        (false, false) => (TransportErrorKind::Refused, format!("nobody listens at {host}:{port}")),
        (false, true) => (kind, message.to_owned()),
    }
}

async fn connects(host: &str, port: u16) -> bool {
    let Ok(mut socket) = Socket::builder().secure_transport(SecureTransport::Off).connect(host, port) else {
        return false;
    };
    let opened = match select(Box::pin(socket.opened()), Box::pin(Delay::from(CONNECT_TIMEOUT))).await {
        Either::Left((outcome, _)) => outcome.is_ok(),
        Either::Right(_) => false,
    };
    // It has served its purpose; one that does not close properly is no matter.
    drop(socket.close().await);
    opened
}

/// Deployed, the edge answers for a host that it cannot reach, with statuses of its own.
pub fn edge_error(response: ScimResponse) -> Result<ScimResponse, TransportError> {
    let kind = match response.status {
        521 => TransportErrorKind::Refused,
        522..=524 => TransportErrorKind::Timeout,
        525 | 526 => TransportErrorKind::Tls,
        530 if response.body.contains("1016") => TransportErrorKind::Dns,
        _ => return Ok(response),
    };
    Err(TransportError { kind, message: format!("the edge answered {} for the host", response.status) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart_by_their_words() {
        let check = |text: &str, kind: TransportErrorKind| assert_eq!(classify(text).kind, kind, "{text}");
        check("Error: DNS lookup failed.", TransportErrorKind::Dns);
        check("connect(): Connection refused", TransportErrorKind::Refused);
        check("TLS peer's certificate is not trusted", TransportErrorKind::Tls);
        check("Network connection lost.", TransportErrorKind::Other);
    }

    #[test]
    fn a_plain_connection_tells_the_rest_apart() {
        let check = |message: &str, connects: bool, kind: TransportErrorKind| {
            let (told, _) = told(TransportErrorKind::Other, message, connects, "x.example", 443);
            assert_eq!(told, kind, "{message} {connects}");
        };
        check("internal error; reference = abc", true, TransportErrorKind::Tls);
        check("internal error; reference = abc", false, TransportErrorKind::Dns);
        check("Network connection lost.", false, TransportErrorKind::Refused);
        check("Network connection lost.", true, TransportErrorKind::Other);
    }

    #[test]
    fn statuses_of_the_edge_are_faults_of_the_connection() {
        let check = |status: u16, body: &str, kind: Option<TransportErrorKind>| {
            let response = ScimResponse { status, body: body.to_owned(), ..ScimResponse::default() };
            assert_eq!(edge_error(response).err().map(|error| error.kind), kind, "{status}");
        };
        check(200, "", None);
        check(503, "", None);
        check(521, "", Some(TransportErrorKind::Refused));
        check(526, "", Some(TransportErrorKind::Tls));
        check(530, "error code: 1016", Some(TransportErrorKind::Dns));
        check(530, "something else", None);
    }
}
