//! The operations of the language on any object: what CPython calls the abstract object layer (Objects/abstract.c, Objects/object.c).
//!
//! Each operation looks at the slot table of its operand's class and raises CPython's error when the slot is missing. Interpreter,
//! builtins and native modules use these and nothing below them.

mod attribute;
mod call;
mod class_check;
mod compare;
mod iterate;
mod number;
mod sequence;
mod text;
