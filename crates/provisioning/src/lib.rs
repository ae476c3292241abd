//! The sync engine: expressions, mappings, scoping, plan, and the cycle as a state machine.
