//! Any text is a path of a PATCH operation or an error.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| scim::test_utils::check_path(text));
