//! Diagnostics, rule registry and renderers.
