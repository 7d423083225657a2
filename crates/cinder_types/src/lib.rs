//! The type representation of Static Python.
