//! Any text is a filter that prints and reads back, or an error with a place in the text.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| scim::test_utils::check_filter(text));
