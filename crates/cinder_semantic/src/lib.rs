//! Scopes, symbols and definitions.
