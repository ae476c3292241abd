//! Any Bulk body is answered, and leaves a directory in which everything can be read.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| scim::test_utils::check_bulk(body));
