//! The Static Python checker.
