//! Annotations: PEP 649's `__annotate__` functions, and PEP 563's strings.

use super::unit::DeferredAnnotation;
use super::{Lowerer, Reg};
use cinder_bytecode::{CodeObject, Constant, Opcode};
use cinder_semantic::{ScopeFlags, ScopeId, ScopeKind};
use cinder_syntax::ast::{self, Expr, name::Name};
use cinder_text::Ranged;
use num_bigint::BigInt;
use std::sync::Arc;

const CONDITIONAL: &str = "__conditional_annotations__";

impl<'a> Lowerer<'a> {
    pub(super) fn annotated_assign(&mut self, node: &'a ast::StmtAnnAssign) {
        let mark = self.top;
        if let Some(value) = &node.value {
            match self.plain_target(&node.target) {
                Some(register) => self.value_to(value, register),
                None => {
                    let register = self.value(value);
                    self.store(&node.target, register);
                }
            }
            self.top = mark;
        }
        match &*node.target {
            Expr::Name(name) if node.simple && !self.kind.is_function_like() => self.body_annotation(node, name),
            // What a target that is not a name would need is evaluated all the same.
            Expr::Attribute(target) if node.value.is_none() => self.discard(&target.value),
            Expr::Subscript(target) if node.value.is_none() => {
                self.discard(&target.value);
                self.discard(&target.slice);
            }
            _ => {}
        }
    }

    fn body_annotation(&mut self, node: &'a ast::StmtAnnAssign, name: &'a ast::ExprName) {
        let mark = self.top;
        if self.index.future().annotations {
            let text = self.annotation_text(&node.annotation);
            let value = self.alloc();
            self.load_constant(value, text);
            let mapping = self.alloc();
            self.at(node);
            self.emit_name(Opcode::LOAD_NAME, mapping, 0, 0, "__annotations__");
            let key = self.alloc();
            let mangled = self.mangled(&name.id);
            self.load_constant(key, Constant::Str(mangled.as_str().into()));
            self.emit(Opcode::STORE_SUBSCR, mapping, key, value);
            self.top = mark;
            return;
        }
        let is_module = self.kind == ScopeKind::Module;
        let conditional = (is_module || self.conditional).then(|| {
            let number = self.conditional_annotations;
            self.conditional_annotations += 1;
            number
        });
        if let Some(number) = conditional {
            self.at(node);
            self.mark_reached(number);
        }
        let annotation = &*node.annotation;
        self.annotations.push(DeferredAnnotation { name: &name.id, annotation, range: node.range, conditional });
    }

    /// Notes in the set of conditional annotations that number `number` was reached.
    fn mark_reached(&mut self, number: u32) {
        let base = self.top;
        let set = self.alloc();
        self.load_conditional_set(set);
        self.emit_name(Opcode::LOAD_METHOD, base, set, 0, "add");
        self.top = base + super::call::HEADER + 1;
        let argument = self.alloc();
        self.load_constant(argument, Constant::Int(BigInt::from(number)));
        self.emit(Opcode::CALL_METHOD, base, base, 1);
        self.top = base;
    }

    fn load_conditional_set(&mut self, dst: Reg) {
        match self.unit.class_cells.get(CONDITIONAL).copied() {
            Some(cell) => {
                let name = self.names.place(CONDITIONAL);
                self.emit(Opcode::LOAD_DEREF, dst, cell, name);
            }
            None => self.emit_name(Opcode::LOAD_NAME, dst, 0, 0, CONDITIONAL),
        }
    }

    /// With `from __future__ import annotations` a body fills `__annotations__` itself, which has to be there.
    pub(super) fn set_up_future_annotations(&mut self, scope: ScopeId) {
        let used = self.index.scope(scope).flags.contains(ScopeFlags::ANNOTATIONS_USED);
        if used && self.index.future().annotations {
            let mark = self.top;
            let mapping = self.alloc();
            self.emit(Opcode::BUILD_MAP, mapping, mapping, 0);
            self.emit_name(Opcode::STORE_NAME, mapping, 0, 0, "__annotations__");
            self.top = mark;
        }
    }

    /// Makes the set of conditional annotations of a module or class body.
    pub(super) fn make_conditional_set(&mut self, temp: Reg) {
        self.emit(Opcode::BUILD_SET, temp, temp, 0);
        match self.unit.class_cells.get(CONDITIONAL).copied() {
            Some(cell) => self.emit(Opcode::STORE_DEREF, cell, temp, 0),
            None => self.emit_name(Opcode::STORE_NAME, temp, 0, 0, CONDITIONAL),
        }
    }

    /// A module's `__annotate__` exists from the start, so that half-run modules have annotations; its code is known at the end.
    /// Gives the constant to be filled.
    pub(super) fn begin_module_annotations(&mut self) -> u32 {
        let mark = self.top;
        let places = self.function_places(None);
        let constant = self.constants.reserve();
        self.emit_number(Opcode::MAKE_FUNCTION, places.first, places.first, 0, constant);
        self.emit_name(Opcode::STORE_NAME, places.first, 0, 0, "__annotate__");
        self.make_conditional_set(places.first);
        self.top = mark;
        constant
    }

    pub(super) fn finish_module_annotations(&mut self, constant: u32) {
        let scope = self.scope().annotation_scope.expect("an annotation made the module conditional");
        let code = self.annotate_function(scope);
        self.constants.fill(constant, Constant::Code(Arc::new(code).into()));
    }

    pub(super) fn finish_class_annotations(&mut self, scope: ScopeId) {
        if self.annotations.is_empty() {
            return;
        }
        let mark = self.top;
        let annotate = self.index.scope(scope).annotation_scope.expect("the body has annotations");
        let places = self.function_places(None);
        let header = self.range;
        let code = self.annotate_function(annotate);
        self.range = header;
        let function = self.make_function(code, annotate, places, None, mark, None);
        self.emit_name(Opcode::STORE_NAME, function, 0, 0, "__annotate_func__");
        self.top = mark;
    }

    /// The `__annotate__` of the annotations gathered from the current body.
    fn annotate_function(&mut self, scope: ScopeId) -> CodeObject {
        let annotations = std::mem::take(&mut self.unit.annotations);
        let header = self.range;
        let line = self.unit.first_line;
        self.enter(scope, "__annotate__", line, None);
        self.range = header;
        self.check_format();
        let result = self.alloc();
        self.emit(Opcode::BUILD_MAP, result, result, 0);
        for deferred in &annotations {
            let mark = self.top;
            let skip = self.label();
            self.range = Some(deferred.range);
            if let Some(number) = deferred.conditional {
                self.skip_unless_reached(number, skip);
            }
            let key = self.alloc();
            let value = self.annotation_value(deferred.annotation);
            let mangled = self.mangled(deferred.name);
            self.load_constant(key, Constant::Str(mangled.as_str().into()));
            self.emit(Opcode::MAP_ADD, result, key, value);
            self.place(skip);
            self.top = mark;
        }
        self.range = header;
        self.leave_with_return(result)
    }

    fn skip_unless_reached(&mut self, number: u32, skip: super::Label) {
        let mark = self.top;
        let reached = self.alloc();
        let own = self.alloc();
        self.load_constant(own, Constant::Int(BigInt::from(number)));
        match self.unit.free.get(&Name::new_static(CONDITIONAL)).copied() {
            Some(cell) => {
                let name = self.names.place(CONDITIONAL);
                self.emit(Opcode::LOAD_DEREF, reached, cell, name);
            }
            None => self.emit_name(Opcode::LOAD_GLOBAL, reached, 0, 0, CONDITIONAL),
        }
        self.emit(Opcode::CONTAINS_OP, reached, own, reached);
        self.jump_if(reached, false, skip);
        self.top = mark;
    }

    fn annotation_value(&mut self, annotation: &'a Expr) -> Reg {
        match annotation {
            Expr::Starred(starred) => self.unpacked_type(&starred.value, starred.range),
            _ => self.value(annotation),
        }
    }

    /// The `__annotate__` of a function's signature and its scope; `None` when nothing is annotated.
    pub(super) fn signature_annotations(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        function: ScopeId,
    ) -> Option<(CodeObject, ScopeId)> {
        let scope = self.index.scope(function).annotation_scope?;
        let header = self.range;
        let parameters = &node.parameters;
        let annotated: Vec<(Name, &'a Expr)> = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .map(|parameter| &parameter.parameter)
            .chain(parameters.vararg.as_deref())
            .chain(parameters.kwonlyargs.iter().map(|parameter| &parameter.parameter))
            .chain(parameters.kwarg.as_deref())
            .filter_map(|parameter| Some((parameter.name.id.clone(), parameter.annotation.as_deref()?)))
            .chain(node.returns.as_deref().map(|returns| (Name::new_static("return"), returns)))
            .collect();
        let line = self.line_number(header.map_or(node.range.start(), |range| range.start()));
        self.enter(scope, "__annotate__", line, None);
        self.qualname = annotate_qualname(&self.qualname, &node.name.id);
        self.range = header;
        self.check_format();
        let result = self.alloc();
        self.emit(Opcode::BUILD_MAP, result, result, 0);
        for (name, annotation) in annotated {
            let mark = self.top;
            let key = self.alloc();
            let mangled = self.mangled(&name);
            self.range = Some(annotation.range());
            self.load_constant(key, Constant::Str(mangled.as_str().into()));
            let value = if self.index.future().annotations {
                let text = self.annotation_text(annotation);
                self.constant_value(text, None)
            } else {
                self.annotation_value(annotation)
            };
            self.range = Some(annotation.range());
            self.emit(Opcode::MAP_ADD, result, key, value);
            self.top = mark;
        }
        self.range = header;
        let code = self.leave_with_return(result);
        Some((code, scope))
    }

    /// The source of an annotation, for `from __future__ import annotations`.
    fn annotation_text(&self, annotation: &Expr) -> Constant {
        let text = cinder_text::slice(self.source, annotation.range());
        Constant::Str(text.split_whitespace().collect::<Vec<_>>().join(" ").into())
    }
}

/// `f.__annotate__` beside `f`.
fn annotate_qualname(own: &str, function: &str) -> Box<str> {
    let outer = own.strip_suffix("__annotate__").unwrap_or(own);
    format!("{outer}{function}.__annotate__").into()
}
