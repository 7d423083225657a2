//! Functions and classes of static modules: signatures, registers of raw names, entry checks, class layouts.

use super::super::{Lowerer, Reg};
use super::tables::primitive;
use super::{kind_of_prim, kind_of_repr};
use cinder_bytecode::{LocalKind, Opcode, RegisterKind, SlotDescr, StaticClass, flags};
use cinder_semantic::{DefinitionKind, Resolution};
use cinder_static::typed::{Repr, TypedClass, TypedFunction, TypedUnit};
use cinder_syntax::ast;
use cinder_types::{Prim, Type};

impl<'a> Lowerer<'a> {
    /// What is known about a function and about the nodes of its body.
    pub(in super::super) fn function_facts(
        &self,
        node: &ast::StmtFunctionDef,
    ) -> Option<(&'a TypedUnit, &'a TypedFunction)> {
        let facts = self.facts?;
        if facts.parsed.function_index(node).is_some() {
            return facts.function(node);
        }
        let unit = self.unit.typed?;
        let id = cinder_syntax::node_id(node)?;
        unit.functions.get(&id).map(|function| (unit, function))
    }

    pub(in super::super) fn class_facts(&self, node: &ast::StmtClassDef) -> Option<&'a TypedClass> {
        let id = cinder_syntax::node_id(node)?;
        self.unit.typed?.classes.get(&id)
    }

    /// Puts a static class's layout on the code object of its body.
    pub(in super::super) fn describe_class(&mut self, class: &TypedClass) {
        let slots = class
            .fields
            .iter()
            .map(|field| SlotDescr {
                name: (&*field.name).into(),
                slot_type: self.tables.type_of(&field.ty),
                is_final: is_final_slot(class, &field.name),
            })
            .collect();
        let final_methods = class.final_methods.iter().map(|name| (&**name).into()).collect();
        self.unit.static_class = Some(StaticClass { slots, is_final: class.def.head.flags.is_final, final_methods });
    }

    /// The signature and entry check of a static function, before anything else in its code.
    pub(in super::super) fn begin_static_function(&mut self) {
        let Some(function) = self.unit.typed_function else { return };
        self.unit.flags |= flags::STATIC;
        let signature = self.tables.signature(&function.signature);
        self.unit.static_signature = Some(signature);
        self.emit(Opcode::CHECK_ARGS, 0, 0, 0);
    }

    /// Registers for raw lives of names and for refinements.
    pub(in super::super) fn add_typed_registers(&mut self) {
        let Some(function) = self.unit.typed_function else { return };
        let parameters: Vec<RegisterKind> = self.parameter_kinds(function);
        self.kinds = vec![RegisterKind::Tagged; self.unit.locals.len()];
        for (register, kind) in parameters.iter().enumerate() {
            self.kinds[register] = *kind;
        }
        for local in &function.locals {
            let Some(prim) = local.raw else { continue };
            let scope = self.unit.scope;
            let mangled = self.mangled(&local.name);
            let Some(id) = self.index.scope(scope).symbol_id(&mangled) else { continue };
            if self.index.scope(scope).symbol_by_id(id).resolution != Resolution::Local {
                continue;
            }
            let Some(register) = self.registers.get(&(scope, id)).copied() else { continue };
            let kind = kind_of_prim(prim);
            let is_parameter = (register as usize) < parameters.len();
            let raw = if self.kinds[register as usize] == kind {
                register
            } else if !local.tagged && !is_parameter {
                self.kinds[register as usize] = kind;
                self.unit.locals[register as usize].kind = LocalKind::Hidden;
                register
            } else {
                let extra = self.add_local(&mangled, LocalKind::Hidden);
                self.kinds.push(kind);
                extra
            };
            self.tables.raw_names.insert((scope, id), raw);
            if raw == register && local.tagged {
                let tagged = self.add_local(&mangled, LocalKind::Local);
                self.kinds.push(RegisterKind::Tagged);
                self.registers.insert((scope, id), tagged);
            }
        }
        self.tables.first_refinement = self.named();
        for _ in 0..function.refinements {
            self.add_local(".kept", LocalKind::Hidden);
            self.kinds.push(RegisterKind::Tagged);
        }
    }

    /// Kinds of the parameter registers, which are in signature order: `*args` and `**kwargs` come last.
    fn parameter_kinds(&self, function: &TypedFunction) -> Vec<RegisterKind> {
        let params = function.signature.params.iter().filter(|param| super::tables::is_plain(param));
        params.map(|param| kind_of_repr(Repr::of(&param.ty))).collect()
    }

    /// A raw parameter that an inner function reads moves to a cell as an object.
    pub(in super::super) fn box_captured_parameters(&mut self) {
        let Some(function) = self.unit.typed_function else { return };
        let params: Vec<&Type> = function
            .signature
            .params
            .iter()
            .filter(|param| super::tables::is_plain(param))
            .map(|param| &param.ty)
            .collect();
        for (register, ty) in params.iter().enumerate() {
            let Type::Prim(prim) = ty else { continue };
            if self.unit.locals[register].kind != LocalKind::Cell {
                continue;
            }
            let name = self.unit.locals[register].name.clone();
            self.error(
                format!("internal: primitive parameter '{name}' is captured by an inner function"),
                self.scope().range,
            );
            self.emit_box(*prim, register as Reg, register as Reg);
        }
    }

    fn emit_box(&mut self, prim: Prim, out: Reg, value: Reg) {
        if prim == Prim::Double {
            self.emit(Opcode::PRIMITIVE_BOX_DOUBLE, out, value, 0);
        } else {
            self.emit(Opcode::PRIMITIVE_BOX_INT, out, value, primitive(prim).number().into());
        }
    }

    pub(in super::super) fn note_raw_walrus_targets(&mut self) {
        let registers: Vec<Reg> = self
            .unit
            .tables
            .raw_names
            .iter()
            .filter(|((scope, symbol), _)| {
                let symbol = self.index.scope(*scope).symbol_by_id(*symbol);
                symbol.definitions.iter().any(|id| self.index.definition(*id).kind == DefinitionKind::Named)
            })
            .map(|(_, register)| *register)
            .collect();
        self.unit.walrus.extend(registers);
    }

    /// Returns a value in the representation the signature promises.
    pub(in super::super) fn emit_typed_return(&mut self, register: Reg) {
        let Some(prim) = self.returned_prim() else { return self.emit_return(register) };
        let register = if self.kind_of(register) == kind_of_prim(prim) {
            register
        } else {
            // A value that was found to be an object after all: None, at the end of a function that should have returned.
            let raw = self.alloc_kind(kind_of_prim(prim));
            self.emit_unbox(prim, raw, register);
            raw
        };
        self.emit(Opcode::RETURN_PRIMITIVE, register, primitive(prim).number().into(), 0);
    }

    /// The end of a function's body. Where a result is promised, this is reached only when a context manager swallows an exception although its
    /// class says it never does: callers rely on the result, so they must not get None.
    pub(in super::super) fn fall_off(&mut self) {
        let register = self.alloc();
        self.load_none(register);
        let promised = self.unit.typed_function.filter(|function| !function.signature.flags.is_generator);
        if let Some(function) = promised
            && let returns = &function.signature.returns
            && !returns.is_prim()
            && !matches!(returns, Type::None | Type::Unknown)
            && !returns.is_optional()
        {
            let descriptor = function.result();
            if !descriptor.is_object() {
                let descr = self.tables.descriptor(&descriptor);
                self.emit_number(Opcode::CAST, register, register, 0, descr);
            }
        }
        self.emit_typed_return(register);
        self.top = register;
    }

    fn returned_prim(&self) -> Option<Prim> {
        let signature = &self.unit.typed_function?.signature;
        if signature.flags.is_async || signature.flags.is_generator {
            return None;
        }
        match &signature.returns {
            Type::Prim(prim) => Some(*prim),
            Type::PrimLiteral(_) => Some(Prim::Int64),
            _ => None,
        }
    }
}

impl<'a> super::super::Facts<'a> {
    /// What is known about a function that is not inside another one.
    pub(super) fn function(&self, node: &ast::StmtFunctionDef) -> Option<(&'a TypedUnit, &'a TypedFunction)> {
        match self.parsed.function_index(node) {
            Some(index) => {
                let unit: &'a TypedUnit = self.typed.functions.get(index)?;
                unit.function.as_ref().map(|function| (unit, function))
            }
            // Functions of one line are part of the module's unit.
            None => {
                let id = cinder_syntax::node_id(node)?;
                let unit: &'a TypedUnit = &self.typed.module;
                unit.functions.get(&id).map(|function| (unit, function))
            }
        }
    }
}

fn is_final_slot(class: &TypedClass, name: &str) -> bool {
    matches!(class.def.member(name), Some(cinder_types::Member::Slot(slot)) if slot.is_final)
}
