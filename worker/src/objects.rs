//! The Durable Objects.

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

macro_rules! object {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[durable_object]
        pub struct $name {
            _state: State,
        }

        impl DurableObject for $name {
            fn new(state: State, _env: Env) -> Self {
                Self { _state: state }
            }

            async fn fetch(&self, _request: Request) -> Result<Response> {
                Response::error("not found", 404)
            }
        }
    };
}

object!(Directory, "A store of SCIM resources.");
object!(Job, "A synchronization job.");
object!(Organization, "Who signs in to the portal.");
