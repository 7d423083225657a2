//! Names that no text can spell.
//!
//! Problem: a tree may name variables as it likes (`.self`, `@py_assert1`); programs that rewrite code rely on such names not to meet others.
//! Idea: the text has a stand-in for each, and the compiled code gets the names back wherever it tells names.

use std::cell::RefCell;
use std::sync::Arc;

use cinder_bytecode::{CodeObject, Constant};
use cinder_vm::types::str_::methods::is_identifier_text;
use cinder_vm::{Value, Vm};

/// Begins every stand-in.
const MARK: &str = "cinder_stand_in_";

/// The odd names of one tree; a name's number is its place.
#[derive(Default)]
pub(crate) struct StandIns(RefCell<Vec<String>>);

/// Whether text can spell the name: an identifier, parts of a dotted name, or the star of an import.
fn is_plain(vm: &Vm, name: Value, text: &str) -> bool {
    let is_identifier = vm.as_str(name).is_some_and(|name| is_identifier_text(&name));
    let is_dotted = text.contains('.')
        && text.split('.').all(|part| {
            part.chars().enumerate().all(|(at, c)| c == '_' || c.is_alphabetic() || (at > 0 && c.is_alphanumeric()))
                && !part.is_empty()
        });
    is_identifier || is_dotted || text == "*"
}

impl StandIns {
    /// The name as text can spell it.
    pub(super) fn spell(&self, vm: &Vm, name: Value, text: String) -> String {
        if is_plain(vm, name, &text) {
            return text;
        }
        let mut known = self.0.borrow_mut();
        let number = known.iter().position(|odd| *odd == text).unwrap_or_else(|| {
            known.push(text);
            known.len() - 1
        });
        format!("{MARK}{number}_")
    }

    /// Puts the names back, in nested code too.
    pub(crate) fn restore(&self, code: CodeObject) -> CodeObject {
        if self.0.borrow().is_empty() { code } else { self.restored(code) }
    }

    fn restored(&self, mut code: CodeObject) -> CodeObject {
        self.name(&mut code.name);
        self.name(&mut code.qualname);
        code.names.iter_mut().for_each(|name| self.name(name));
        code.locals.iter_mut().for_each(|local| self.name(&mut local.name));
        code.constants.iter_mut().for_each(|constant| self.constant(constant));
        code
    }

    fn name(&self, name: &mut Box<str>) {
        if !name.contains(MARK) {
            return;
        }
        let mut text = name.to_string();
        for (number, odd) in self.0.borrow().iter().enumerate() {
            text = text.replace(&format!("{MARK}{number}_"), odd);
        }
        *name = text.into();
    }

    fn constant(&self, constant: &mut Constant) {
        match constant {
            Constant::Str(text) => self.name(text),
            Constant::Tuple(items) | Constant::FrozenSet(items) => {
                items.iter_mut().for_each(|item| self.constant(item));
            }
            Constant::Code(code) => *code = Arc::new(self.restored(CodeObject::clone(code))).into(),
            _ => {}
        }
    }
}
