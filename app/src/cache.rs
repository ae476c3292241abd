//! Answers of the server, remembered by address: shown at once, fetched again when they are old.
//!
//! What is remembered is the text of the answer, so that this module exists once and not once a type.
//! A [`Remote`] reads it as a type and fetches again whenever its entry is [invalidated](Client::invalidate).

use crate::api::{ApiError, Body, decode, send};
use crate::browser;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// For how long an answer is good without asking again, in milliseconds.
const FRESH: f64 = 30_000.0;

/// What is known about an address: nothing yet, an answer, or an error.
type Answer = Option<Result<Arc<str>, ApiError>>;

#[derive(Clone)]
struct Entry {
    answer: ArcRwSignal<Answer>,
    /// Counts up to make whoever shows it fetch again.
    generation: ArcRwSignal<u32>,
    state: Arc<std::sync::Mutex<Freshness>>,
}

#[derive(Default)]
struct Freshness {
    fetched: f64,
    fetching: bool,
    stale: bool,
}

/// The cache and the sender, in the context of the whole application.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    entries: StoredValue<HashMap<String, Entry>>,
    /// Set by any answer 401: the session is over.
    pub(crate) signed_out: RwSignal<bool>,
}

impl Client {
    /// To be called once, by the application.
    pub(crate) fn new() -> Self {
        Self { entries: StoredValue::new(HashMap::new()), signed_out: RwSignal::new(false) }
    }

    fn entry(self, path: &str) -> Entry {
        let known = self.entries.with_value(|entries| entries.get(path).cloned());
        known.unwrap_or_else(|| {
            let entry = Entry {
                answer: ArcRwSignal::new(None),
                generation: ArcRwSignal::new(0),
                state: Arc::default(),
            };
            self.entries.update_value(|entries| {
                entries.insert(path.to_owned(), entry.clone());
            });
            entry
        })
    }

    /// Fetches an address unless its answer is fresh or on its way.
    fn refresh(self, path: String) {
        let entry = self.entry(&path);
        {
            let Ok(mut state) = entry.state.lock() else { return };
            let fresh = !state.stale && state.fetched > 0.0 && browser::now() - state.fetched < FRESH;
            if state.fetching || fresh {
                return;
            }
            state.fetching = true;
            state.stale = false;
        }
        spawn_local(async move {
            let answer = self.send(Method::GET, &path, Body::Empty).await;
            let failed = answer.is_err();
            let again = entry.state.lock().is_ok_and(|mut state| {
                state.fetching = false;
                state.fetched = if failed { 0.0 } else { browser::now() };
                // Something was written while this was on its way: it may show the state before.
                state.stale
            });
            entry.answer.set(Some(answer.map(Arc::from)));
            if again {
                self.refresh(path);
            }
        });
    }

    /// Everything whose address starts so is old; what is on the screen is fetched again at once.
    pub(crate) fn invalidate(self, prefix: &str) {
        let touched: Vec<Entry> = self.entries.with_value(|entries| {
            entries
                .iter()
                .filter(|(path, _)| path.starts_with(prefix))
                .map(|(_, entry)| entry.clone())
                .collect()
        });
        for entry in touched {
            if let Ok(mut state) = entry.state.lock() {
                state.stale = true;
            }
            entry.generation.update(|generation| *generation = generation.wrapping_add(1));
        }
    }

    /// Forgets everything: somebody else may sign in.
    pub(crate) fn clear(self) {
        self.entries.update_value(HashMap::clear);
    }

    /// Sends a request that is not remembered.
    pub(crate) async fn send(self, method: Method, path: &str, body: Body) -> Result<String, ApiError> {
        let answer = send(method, path, body).await;
        if answer.as_ref().is_err_and(ApiError::is_unauthorized) {
            self.signed_out.set(true);
        }
        answer
    }

    /// `GET` whose answer is not remembered.
    pub(crate) async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, ApiError> {
        decode(&self.send(Method::GET, path, Body::Empty).await?)
    }

    /// `POST` of JSON.
    pub(crate) async fn post<B: Serialize>(self, path: &str, body: &B) -> Result<String, ApiError> {
        self.send(Method::POST, path, Body::json(body)).await
    }

    /// `PUT` of JSON.
    pub(crate) async fn put<B: Serialize>(self, path: &str, body: &B) -> Result<String, ApiError> {
        self.send(Method::PUT, path, Body::json(body)).await
    }

    /// `PATCH` of JSON.
    pub(crate) async fn patch<B: Serialize>(self, path: &str, body: &B) -> Result<String, ApiError> {
        self.send(Method::PATCH, path, Body::json(body)).await
    }

    /// `DELETE`.
    pub(crate) async fn delete(self, path: &str) -> Result<String, ApiError> {
        self.send(Method::DELETE, path, Body::Empty).await
    }
}

/// The client of this application.
pub(crate) fn use_client() -> Client {
    use_context::<Client>().unwrap_or_else(Client::new)
}

/// An answer of the server as a value that follows it.
pub(crate) struct Remote<T: Send + Sync + 'static> {
    /// Nothing yet, a value, or an error.
    pub(crate) data: Memo<Option<Result<T, ApiError>>>,
    path: Memo<String>,
    client: Client,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Clone + PartialEq + DeserializeOwned + Send + Sync + 'static> Remote<T> {
    /// Follows an address, which may change. An empty address is not asked for.
    pub(crate) fn new(path: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::build(path, false)
    }

    /// The same, but the last value stays on the screen while the next address is on its way: for searches.
    pub(crate) fn keeping(path: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::build(path, true)
    }

    fn build(path: impl Fn() -> String + Send + Sync + 'static, keep: bool) -> Self {
        let client = use_client();
        let path = Memo::new(move |_| path());
        follow(client, path);
        let data = Memo::new(move |last: Option<&Option<Result<T, ApiError>>>| {
            let path = path.get();
            if path.is_empty() {
                return None;
            }
            match client.entry(&path).answer.get() {
                Some(answer) => Some(answer.and_then(|text| decode(&text))),
                None if keep => last.cloned().flatten(),
                None => None,
            }
        });
        Self { data, path, client }
    }

    /// The value, when there is one.
    pub(crate) fn value(self) -> Option<T> {
        self.data.get().and_then(Result::ok)
    }

    /// Asks again.
    pub(crate) fn reload(self) {
        self.client.invalidate(&self.path.get_untracked());
    }
}

/// Keeps the entry of an address fresh as long as the owner lives.
fn follow(client: Client, path: Memo<String>) {
    Effect::new(move |_| {
        let path = path.get();
        if !path.is_empty() {
            client.entry(&path).generation.track();
            client.refresh(path);
        }
    });
}

/// Asks again every few seconds while `wanted` holds and the tab can be seen.
pub(crate) fn poll(prefix: impl Fn() -> String + 'static, wanted: impl Fn() -> bool + 'static) {
    let client = use_client();
    let tick = move || {
        if browser::is_visible() && wanted() {
            client.invalidate(&prefix());
        }
    };
    if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(2)) {
        on_cleanup(move || handle.clear());
    }
}
