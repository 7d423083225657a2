//! Names: locals, cells, globals and the namespaces of modules and classes.

use super::Frame;
use crate::code::{Name, Op};
use crate::dict::hash_str;
use crate::lower::FREE;
use crate::machine::Machine;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Fail, Obj, R, Value};

impl Machine<'_> {
    /// The variables of a function as a new dictionary.
    pub(super) fn locals_of(&mut self, frame: &Frame) -> R {
        let dict = self.new_dict();
        let code = frame.code.clone();
        let cells = code.cells.iter().map(|(name, _)| name).zip(&frame.cells).chain(code.free.iter().zip(&frame.free));
        let mut found: Vec<(Name, Value)> = Vec::new();
        for (name, cell) in cells {
            if let Body::Cell(Some(value)) = self.body(*cell) {
                found.push((name.clone(), value.clone()));
            }
        }
        let plain = code.locals.iter().zip(&frame.locals);
        found.extend(plain.filter_map(|(name, value)| Some((name.clone(), value.clone()?))));
        for (name, value) in found.into_iter().filter(|(name, _)| !name.starts_with('.')) {
            self.dict_put(dict, Value::Str(name), value, true)?;
        }
        Ok(Value::Obj(dict))
    }

    pub(super) fn fast(&mut self, frame: &mut Frame, op: &Op) -> R<()> {
        match op {
            Op::LoadFast(slot) => match &frame.locals[*slot as usize] {
                Some(value) => frame.stack.push(value.clone()),
                None => {
                    let name = frame.code.locals[*slot as usize].clone();
                    return self.unbound_local(&name);
                }
            },
            Op::StoreFast(slot) => frame.locals[*slot as usize] = Some(frame.pop()),
            Op::DeleteFast(slot) if frame.locals[*slot as usize].take().is_none() => {
                let name = frame.code.locals[*slot as usize].clone();
                return self.unbound_local(&name);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn unbound_local<T>(&mut self, name: &str) -> R<T> {
        let message = format!("cannot access local variable '{name}' where it is not associated with a value");
        self.raise(Ty::UnboundLocalError, message)
    }

    pub(super) fn cell(&mut self, frame: &mut Frame, op: &Op) -> R<()> {
        let at = |frame: &Frame, cell: u16| {
            if cell & FREE != 0 { frame.free.get((cell & !FREE) as usize) } else { frame.cells.get(cell as usize) }
                .copied()
        };
        let name_of = |frame: &Frame, cell: u16| match cell & FREE != 0 {
            true => frame.code.free[(cell & !FREE) as usize].clone(),
            false => frame.code.cells[cell as usize].0.clone(),
        };
        match op {
            Op::LoadClassCell(cell, name) => {
                if let Some(value) = self.namespace_get(frame, name)? {
                    frame.stack.push(value);
                    return Ok(());
                }
                return self.cell(frame, &Op::LoadCell(*cell));
            }
            Op::LoadCell(cell) => {
                let content = at(frame, *cell).map(|obj| self.body(obj).clone());
                match content {
                    Some(Body::Cell(Some(value))) => frame.stack.push(value),
                    _ => {
                        let name = name_of(frame, *cell);
                        let message = format!(
                            "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
                        );
                        return self.raise(Ty::NameError, message);
                    }
                }
            }
            Op::StoreCell(cell) => {
                let value = frame.pop();
                self.set_cell(at(frame, *cell), Some(value), &name_of(frame, *cell))?;
            }
            Op::DeleteCell(cell) => self.set_cell(at(frame, *cell), None, &name_of(frame, *cell))?,
            Op::FreshCell(cell) => {
                let fresh = self.alloc(Ty::Cell.obj(), Body::Cell(None));
                frame.cells[*cell as usize] = fresh;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn set_cell(&mut self, cell: Option<Obj>, value: Option<Value>, name: &str) -> R<()> {
        let Some(cell) = cell else { return Ok(()) };
        if !self.is_own(cell) {
            let owner = self.obj(cell).owner;
            let (owner, current) = (self.module_name(owner), self.module_name(self.owner));
            return Err(self.violation(Rule::ForeignRebind, &[name, &owner, &current], Value::None));
        }
        if let Some(object) = self.own_mut(cell) {
            object.body = Body::Cell(value);
        }
        Ok(())
    }

    pub(crate) fn load_global(&mut self, globals: Obj, name: &Name) -> R {
        let found = match self.body(globals) {
            Body::Dict(dict) => dict.get_str(name).cloned(),
            _ => None,
        };
        match found {
            Some(Value::Lazy(lazy)) => {
                let value = self.force(&lazy)?;
                self.settle(globals, name, &value);
                Ok(value)
            }
            Some(value) => Ok(value),
            None => match crate::builtins::lookup(name) {
                Some(value) => Ok(value),
                None => self.missing_name(name),
            },
        }
    }

    pub(super) fn missing_name(&mut self, name: &str) -> R {
        match crate::builtins::prohibited(name) {
            Some(value) => Ok(value),
            // It may be one of those that a star import would have brought.
            None if self
                .current_module()
                .and_then(|module| self.module_of(module))
                .is_some_and(|module| module.is_broken) =>
            {
                Ok(Value::harmless(name))
            }
            None => self.raise(Ty::NameError, format!("name {name} is not defined")),
        }
    }

    /// Puts a value that an import turned out to be where the import was.
    pub(crate) fn settle(&mut self, dict: Obj, name: &str, value: &Value) {
        if let Some(object) = self.own_mut(dict)
            && let Body::Dict(dict) = &mut object.body
            && matches!(dict.get_str(name), Some(Value::Lazy(_)))
        {
            dict.insert_str(name, value.clone());
        }
    }

    pub(super) fn store_global(&mut self, globals: Obj, name: &Name, value: Value) -> R<()> {
        if !self.is_own(globals) {
            return Err(self.foreign_rebind(globals, name));
        }
        if let Some(object) = self.own_mut(globals)
            && let Body::Dict(dict) = &mut object.body
        {
            dict.insert(hash_str(name), Value::Str(name.clone()), value);
        }
        Ok(())
    }

    pub(super) fn delete_global(&mut self, globals: Obj, name: &Name) -> R<()> {
        if !self.is_own(globals) {
            return Err(self.foreign_rebind(globals, name));
        }
        let removed = match self.own_mut(globals).map(|object| &mut object.body) {
            Some(Body::Dict(dict)) => dict.remove_str(name),
            _ => None,
        };
        match removed {
            Some(_) => Ok(()),
            None if self.settings.is_compatible => Ok(()),
            None => self.raise(Ty::NameError, format!("name {name} is not defined")),
        }
    }

    pub(super) fn foreign_rebind(&mut self, globals: Obj, name: &str) -> Fail {
        let owner = self.obj(globals).owner;
        let (owner, current) = (self.module_name(owner), self.module_name(self.owner));
        self.violation(Rule::ForeignRebind, &[name, &owner, &current], Value::None)
    }

    /// What the frame's own namespace has under a name.
    pub(super) fn namespace_get(&mut self, frame: &Frame, name: &Name) -> R<Option<Value>> {
        let Some(Value::Obj(namespace)) = &frame.names else { return Ok(None) };
        let object = self.obj(*namespace);
        let is_own = object.class != Ty::Dict.obj() && !matches!(object.body, Body::Class(_));
        if is_own && !self.reads_as_dict(*namespace) {
            // A mapping of the program's own, from `__prepare__`.
            let key = Value::Str(name.clone());
            let namespace = Value::Obj(*namespace);
            return match self.get_item(&namespace, &key) {
                Ok(value) => Ok(Some(value)),
                Err(fail) if self.is_raised(&fail, Ty::KeyError) => Ok(None),
                Err(fail) => Err(fail),
            };
        }
        let found = match &object.body {
            Body::Dict(dict) => dict.get_str(name).cloned(),
            Body::Class(class) => class.dict.get_str(name).cloned(),
            _ => None,
        };
        match found {
            Some(Value::Lazy(lazy)) => {
                let namespace = *namespace;
                let value = self.force(&lazy)?;
                self.settle(namespace, name, &value);
                Ok(Some(value))
            }
            found => Ok(found),
        }
    }

    /// Whether an object of a subclass of `dict` is read as dictionaries are.
    fn reads_as_dict(&self, namespace: Obj) -> bool {
        let value = Value::Obj(namespace);
        matches!(self.body(namespace), Body::Dict(_))
            && ["__getitem__", "__missing__", "__contains__"].iter().all(|name| self.overrides(&value, name).is_none())
    }

    pub(super) fn load_name(&mut self, frame: &Frame, name: &Name) -> R {
        match self.namespace_get(frame, name)? {
            Some(value) => Ok(value),
            None => self.load_global(frame.globals, name),
        }
    }

    pub(super) fn store_name(&mut self, frame: &Frame, name: &Name, value: Value) -> R<()> {
        match &frame.names {
            Some(Value::Obj(namespace)) if *namespace != frame.globals => {
                let object = self.obj(*namespace);
                if object.class != Ty::Dict.obj() {
                    let namespace = Value::Obj(*namespace);
                    return self.set_item(&namespace, Value::Str(name.clone()), value);
                }
                let object = self.change(*namespace)?;
                if let Body::Dict(dict) = &mut object.body {
                    dict.insert(hash_str(name), Value::Str(name.clone()), value);
                }
                Ok(())
            }
            _ => self.store_global(frame.globals, name, value),
        }
    }

    pub(super) fn delete_name(&mut self, frame: &Frame, name: &Name) -> R<()> {
        match &frame.names {
            Some(Value::Obj(namespace)) if *namespace != frame.globals => {
                let namespace = Value::Obj(*namespace);
                match self.delete_item(&namespace, &Value::Str(name.clone())) {
                    Err(fail) if self.is_raised(&fail, Ty::KeyError) => {
                        self.raise(Ty::NameError, format!("name {name} is not defined"))
                    }
                    result => result,
                }
            }
            _ => self.delete_global(frame.globals, name),
        }
    }
}
