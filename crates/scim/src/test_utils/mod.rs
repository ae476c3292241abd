//! For the tests of this crate and of what is built on top: a repository in memory, and what must hold for any
//! input, for fuzzing.

mod input;
mod memory;

pub use input::{check_bulk, check_filter, check_patch, check_path};
pub use memory::MemoryRepository;
