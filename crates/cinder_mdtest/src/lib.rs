//! Markdown test runner.
