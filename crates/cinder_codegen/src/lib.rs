//! Typed tree to typed bytecode.
