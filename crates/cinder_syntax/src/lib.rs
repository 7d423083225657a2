//! Parsing: text to a tree and all its errors.
