//! Answers of the server, remembered by address: shown at once, fetched again when they are old.
//!
//! What is remembered is the answer's JSON, so that this module exists once and not once a type. A
//! [`Remote`] reads it as a type and fetches again whenever its entry is [invalidated](Client::invalidate).

use crate::api::{ApiError, Body, FromJson, Method, decode, endpoints, parse, read_as, send, upload};
use crate::browser;
use crate::ui::live::{memo, memo_with, on_change};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde_json::Value;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// For how long an answer is good without asking again, in milliseconds.
const FRESH: i64 = 30_000;

/// Time between two questions about what is under way.
const POLL: Duration = Duration::from_secs(2);

/// Time between two attempts to fetch again what could not be fetched again.
pub(crate) const RETRY: Duration = Duration::from_secs(5);

/// What is known about an address: nothing yet, an answer, or an error.
type Answer = Option<Result<Arc<Value>, ApiError>>;

#[derive(Clone)]
struct Entry {
    answer: ArcRwSignal<Answer>,
    /// Counts up to make whoever shows it fetch again.
    generation: ArcRwSignal<u32>,
    state: Arc<std::sync::Mutex<Freshness>>,
}

#[derive(Default)]
struct Freshness {
    fetched: i64,
    fetching: bool,
    stale: bool,
    /// Why the answer that is there could not be fetched again.
    trouble: Option<ApiError>,
    /// How many show it.
    followers: u32,
}

impl Freshness {
    /// Whether the answer is good without asking again.
    fn is_fresh(&self) -> bool {
        !self.stale && self.fetched > 0 && browser::now() - self.fetched < FRESH
    }
}

impl Entry {
    /// Makes whoever shows it fetch again.
    fn count_up(&self) {
        self.generation.update(|generation| *generation = generation.wrapping_add(1));
    }

    /// Whether a good answer is there.
    fn is_good(&self) -> bool {
        self.answer.read_untracked().as_ref().is_some_and(Result::is_ok)
    }
}

/// The cache and the sender, in the context of the whole application.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    /// By address. A list: a visit sees some dozens of them.
    entries: StoredValue<Vec<(String, Entry)>>,
    /// Set by any answer 401: the session is over.
    pub(crate) signed_out: RwSignal<bool>,
    /// Addresses on the screen whose answer is an old one, because the last attempt to fetch it failed.
    troubled: RwSignal<Vec<String>>,
}

impl Client {
    /// To be called once, by the application.
    pub(crate) fn new() -> Self {
        Self {
            entries: StoredValue::new(Vec::new()),
            signed_out: RwSignal::new(false),
            troubled: RwSignal::new(Vec::new()),
        }
    }

    fn entry(self, path: &str) -> Entry {
        let known = self.entries.with_value(|entries| {
            entries.iter().find(|(known, _)| known == path).map(|(_, entry)| entry.clone())
        });
        known.unwrap_or_else(|| {
            let entry = Entry {
                answer: ArcRwSignal::new(None),
                generation: ArcRwSignal::new(0),
                state: Arc::default(),
            };
            self.entries.update_value(|entries| entries.push((path.to_owned(), entry.clone())));
            entry
        })
    }

    /// Fetches an address unless its answer is fresh or on its way.
    fn refresh(self, path: String) {
        let entry = self.entry(&path);
        {
            let Ok(mut state) = entry.state.lock() else { return };
            if state.fetching || state.is_fresh() {
                return;
            }
            state.fetching = true;
            state.stale = false;
        }
        spawn_local(async move {
            let answer = self.send(Method::Get, &path, Body::Empty).await;
            let answer = answer.and_then(|text| parse(&text)).map(Arc::new);
            // What is on the screen is worth more than an error that passes.
            let trouble =
                answer.as_ref().err().filter(|error| error.is_passing() && entry.is_good()).cloned();
            let (failed, kept) = (answer.is_err(), trouble.is_some());
            // That nobody is signed in is told by the whole portal.
            let told = trouble.as_ref().is_some_and(|error| !error.is_unauthorized());
            let mut followed = false;
            let again = entry.state.lock().is_ok_and(|mut state| {
                state.fetching = false;
                state.fetched = if failed { 0 } else { browser::now() };
                state.trouble = trouble;
                followed = state.followers > 0;
                // Something was written while this was on its way: it may show the state before.
                state.stale
            });
            self.note(&path, told && followed);
            if kept {
                // The answer is the same; who waits for a fresh one looks again.
                entry.answer.update(|_| ());
            } else {
                entry.answer.set(Some(answer));
            }
            if again {
                self.refresh(path);
            }
        });
    }

    /// Notes whether what is on the screen could not be fetched again.
    fn note(self, path: &str, failed: bool) {
        let known = self.troubled.with_untracked(|paths| paths.iter().any(|known| known == path));
        if known != failed {
            self.troubled.update(|paths| {
                paths.retain(|known| known != path);
                if failed {
                    paths.push(path.to_owned());
                }
            });
        }
    }

    /// Whether something on the screen is old, because it could not be fetched again.
    pub(crate) fn is_troubled(self) -> bool {
        !self.troubled.read().is_empty()
    }

    /// To be called once, by the frame: what could not be fetched again is tried again.
    pub(crate) fn retry(self) {
        every(RETRY, move || {
            if !browser::is_visible() || self.signed_out.get_untracked() {
                return;
            }
            for path in self.troubled.get_untracked() {
                self.entry(&path).count_up();
            }
        });
    }

    /// Somebody is signed in again: what nobody was allowed to see meanwhile is fetched again. Not the session itself,
    /// whose new end would make the page anew, with what is typed in it.
    pub(crate) fn signed_in_again(self) {
        self.signed_out.set(false);
        let refused = |entry: &Entry| {
            let trouble = entry.state.lock().is_ok_and(|state| {
                state.followers > 0 && state.trouble.as_ref().is_some_and(ApiError::is_unauthorized)
            });
            let answer = entry.answer.read_untracked();
            trouble
                || answer.as_ref().is_some_and(|answer| answer.as_ref().is_err_and(ApiError::is_unauthorized))
        };
        let session = endpoints::session();
        let entries: Vec<Entry> = self.entries.with_value(|entries| {
            entries.iter().filter(|(path, _)| *path != session).map(|(_, entry)| entry.clone()).collect()
        });
        for entry in entries.iter().filter(|entry| refused(entry)) {
            entry.count_up();
        }
    }

    /// Counts who shows an address, from now to the end of the owner.
    fn count(self, path: &str) {
        let (entry, path) = (self.entry(path), path.to_owned());
        if let Ok(mut state) = entry.state.lock() {
            state.followers += 1;
        }
        on_cleanup(move || {
            let left = entry.state.lock().is_ok_and(|mut state| {
                state.followers = state.followers.saturating_sub(1);
                if state.followers == 0 {
                    // Who comes back waits for an answer, and is not told of an old failure.
                    state.trouble = None;
                }
                state.followers == 0
            });
            if left {
                self.note(&path, false);
            }
        });
    }

    /// Whether an answer, good or bad, is there; asks for it when nobody did.
    pub(crate) fn known(self, path: &str) -> bool {
        let known = self.entry(path).answer.read().is_some();
        if !known {
            self.refresh(path.to_owned());
        }
        known
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
            entry.count_up();
        }
    }

    /// Forgets one answer: who shows it next waits for a new one instead of seeing the old one first.
    pub(crate) fn forget(self, path: &str) {
        self.entries.update_value(|entries| entries.retain(|(known, _)| known != path));
    }

    /// Forgets everything: somebody else may sign in.
    pub(crate) fn clear(self) {
        self.entries.update_value(Vec::clear);
    }

    /// Sends a request that is not remembered.
    pub(crate) fn send(self, method: Method, path: &str, body: Body) -> Reply {
        let path = path.to_owned();
        // Boxed, so that the states of a request exist once and not in every caller.
        Box::pin(async move {
            let answer = send(method, &path, body).await;
            if answer.as_ref().is_err_and(ApiError::is_unauthorized) {
                self.signed_out.set(true);
            }
            answer
        })
    }

    /// `POST` of a file; `progress` gets how many percent of it are gone.
    pub(crate) fn upload(
        self,
        path: String,
        kind: &'static str,
        file: web_sys::File,
        progress: impl Fn(u64) + 'static,
    ) -> Reply {
        Box::pin(async move {
            let answer = upload(&path, kind, &file, progress).await;
            if answer.as_ref().is_err_and(ApiError::is_unauthorized) {
                self.signed_out.set(true);
            }
            answer
        })
    }

    /// `GET` whose answer is not remembered.
    pub(crate) async fn get<T: FromJson>(self, path: &str) -> Result<T, ApiError> {
        decode(&self.send(Method::Get, path, Body::Empty).await?)
    }

    /// `POST` of JSON.
    pub(crate) fn post<B: Serialize>(self, path: &str, body: &B) -> Reply {
        self.send(Method::Post, path, Body::json(body))
    }

    /// `PUT` of JSON.
    pub(crate) fn put<B: Serialize>(self, path: &str, body: &B) -> Reply {
        self.send(Method::Put, path, Body::json(body))
    }

    /// `DELETE`.
    pub(crate) fn delete(self, path: &str) -> Reply {
        self.send(Method::Delete, path, Body::Empty)
    }
}

/// The text of an answer, on its way.
pub(crate) type Reply = Pin<Box<dyn Future<Output = Result<String, ApiError>>>>;

/// The client of this application.
pub(crate) fn use_client() -> Client {
    use_context::<Client>().unwrap_or_else(Client::new)
}

/// An answer of the server that follows it. It is read as a type when it is asked for.
pub(crate) struct Remote<T> {
    answer: Memo<Answer>,
    path: Memo<String>,
    client: Client,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Remote<T> {}

impl<T> Remote<T> {
    /// Follows an address, which may change. An empty address is not asked for.
    pub(crate) fn new(path: impl Fn() -> String + Send + Sync + 'static) -> Self {
        let (client, path) = (use_client(), memo(path));
        Self { answer: follow(client, path, false), path, client, kind: PhantomData }
    }

    /// The same, but the last value stays on the screen while the next address is on its way: for searches.
    pub(crate) fn keeping(path: impl Fn() -> String + Send + Sync + 'static) -> Self {
        let (client, path) = (use_client(), memo(path));
        Self { answer: follow(client, path, true), path, client, kind: PhantomData }
    }

    /// Whether an answer, good or bad, is there.
    pub(crate) fn is_known(self) -> bool {
        self.answer.read().is_some()
    }

    /// The error, when that is the answer.
    pub(crate) fn error(self) -> Option<ApiError> {
        self.answer.read().as_ref().and_then(|answer| answer.as_ref().err().cloned())
    }

    /// Whether a good answer is there that is fresh, and not only remembered from before.
    pub(crate) fn is_current(self) -> bool {
        let path = self.path.get();
        if path.is_empty() {
            return false;
        }
        let entry = self.client.entry(&path);
        // Not the value of it, which may stay the same while it becomes a fresh one.
        entry.answer.track();
        entry.is_good() && entry.state.lock().is_ok_and(|state| state.is_fresh() && !state.fetching)
    }

    /// Why there is no answer, or only an old one.
    pub(crate) fn trouble(self) -> Option<ApiError> {
        let path = self.path.get();
        if path.is_empty() {
            return None;
        }
        let entry = self.client.entry(&path);
        entry.answer.track();
        self.error().or_else(|| entry.state.lock().ok().and_then(|state| state.trouble.clone()))
    }

    /// Fetches it anew when it is old.
    pub(crate) fn freshen(self) {
        let path = self.path.get();
        if !path.is_empty() {
            self.client.refresh(path);
        }
    }

    /// Asks again.
    pub(crate) fn reload(self) {
        self.client.invalidate(&self.path.get_untracked());
    }
}

impl<T: FromJson> Remote<T> {
    /// Nothing yet, a value, or an error.
    pub(crate) fn get(self) -> Option<Result<T, ApiError>> {
        self.answer.get().map(|answer| answer.and_then(|value| read_as(&value)))
    }

    /// The value, when there is one.
    pub(crate) fn value(self) -> Option<T> {
        self.get().and_then(Result::ok)
    }
}

/// Keeps the entry of an address fresh as long as the owner lives, and gives its answer.
fn follow(client: Client, path: Memo<String>, keep: bool) -> Memo<Answer> {
    on_change(move || {
        let path = path.get();
        if !path.is_empty() {
            client.count(&path);
        }
    });
    on_change(move || {
        let path = path.get();
        if !path.is_empty() {
            client.entry(&path).generation.track();
            client.refresh(path);
        }
    });
    memo_with(move |last: Option<&Answer>| {
        let path = path.get();
        let answer = if path.is_empty() { return None } else { client.entry(&path).answer.get() };
        if answer.is_none() && keep { last.cloned().flatten() } else { answer }
    })
}

/// Asks again while something is under way, and for a while after a command, which takes a moment to show: as many
/// times as the signal is set to.
pub(crate) fn watch(
    prefix: impl Fn() -> String + 'static,
    under_way: impl Fn() -> bool + 'static,
) -> RwSignal<u8> {
    let watched = RwSignal::new(0_u8);
    poll(prefix, move || {
        let left = watched.get_untracked();
        watched.set(left.saturating_sub(1));
        left > 0 || under_way()
    });
    watched
}

/// Asks again every few seconds while `wanted` holds and the tab can be seen.
pub(crate) fn poll(prefix: impl Fn() -> String + 'static, wanted: impl Fn() -> bool + 'static) {
    let client = use_client();
    every(POLL, move || {
        // `wanted` may count, so it comes last.
        if browser::is_visible() && !client.signed_out.get_untracked() && wanted() {
            client.invalidate(&prefix());
        }
    });
}

/// Does something again and again, until the owner ends.
pub(crate) fn every(time: Duration, act: impl Fn() + 'static) {
    if let Ok(handle) = set_interval_with_handle(act, time) {
        on_cleanup(move || handle.clear());
    }
}
