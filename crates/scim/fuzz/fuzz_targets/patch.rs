//! Any PATCH body is refused, or leads to a resource that is in canonical form.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| scim::test_utils::check_patch(body));
