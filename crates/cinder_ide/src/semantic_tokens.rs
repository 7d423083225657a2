//! What kind of thing each name is, for colours.

/// Names of token types, in the order of their numbers.
pub const TYPES: &[&str] = &["namespace", "type", "class", "enum", "parameter", "variable", "property", "function", "method", "decorator"];
/// Names of modifiers, in the order of their bits.
pub const MODIFIERS: &[&str] = &["declaration", "readonly", "static", "async", "defaultLibrary"];
