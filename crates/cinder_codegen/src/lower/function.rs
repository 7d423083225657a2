//! Function definitions: defaults, annotations, closures, decorators.

use super::call::HEADER;
use super::{Lowerer, Reg, string};
use cinder_bytecode::{CodeObject, Constant, Opcode, flags, function_flags};
use cinder_semantic::{ScopeId, ScopeKind};
use cinder_syntax::ast::{self, Decorator, Parameters, Stmt};
use cinder_text::{Ranged, TextRange};
use std::sync::Arc;

/// The four registers MAKE_FUNCTION reads, and which of them are filled.
#[derive(Clone, Copy)]
pub(super) struct FunctionPlaces {
    pub(super) first: Reg,
    pub(super) flags: u16,
}

impl<'a> Lowerer<'a> {
    pub(super) fn function_statement(&mut self, node: &'a ast::StmtFunctionDef) {
        let mark = self.top;
        let managers = self.function_facts(node).map_or(&[][..], |(_, function)| &function.managers);
        let is_manager = |index: usize| managers.contains(&(index as u32));
        let decorators = node.decorator_list.iter().enumerate();
        let applied: Vec<&Decorator> =
            decorators.filter(|(index, _)| !is_manager(*index)).map(|(_, decorator)| decorator).collect();
        let hidden = self.decorators_of(node, is_manager);
        let header = self.header_range(node.range, &node.decorator_list);
        self.range = Some(header);
        self.next_managers = hidden;
        let function = match &node.type_params {
            None => {
                let first = self.top;
                let places = self.function_places(Some(&node.parameters));
                self.function(node, places, first)
            }
            Some(params) => self.generic_function(node, params),
        };
        self.apply_decorators(&applied, function);
        self.range = Some(header);
        self.store_name(&node.name.id, mark);
        self.top = mark;
    }

    /// Evaluates a function's decorators. Context managers are not applied: each is kept under a name of the module, and the names are given with
    /// the places of the decorators, outermost first.
    fn decorators_of(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        is_manager: impl Fn(usize) -> bool,
    ) -> Vec<(String, TextRange)> {
        let mut hidden = Vec::new();
        for (index, decorator) in node.decorator_list.iter().enumerate() {
            if !is_manager(index) {
                self.decorators(std::slice::from_ref(decorator));
                continue;
            }
            let mark = self.top;
            let manager = self.temporary(&decorator.expression);
            let outer = if self.outer.is_empty() { String::new() } else { format!("{}.", self.qualname) };
            let mut name = format!("<{outer}{}_decorator_{index}>", node.name);
            while !self.hidden_names.insert(name.clone()) {
                // Another function of this name: the getter of a property, another branch.
                name.insert(name.len() - 1, '\'');
            }
            self.at(&decorator.expression);
            self.emit_name(Opcode::STORE_GLOBAL, manager, 0, 0, &name);
            self.top = mark;
            hidden.push((name, decorator.expression.range()));
        }
        hidden
    }

    /// Evaluates decorators, each at the base of a window whose first argument is the next one's result.
    pub(super) fn decorators(&mut self, decorators: &'a [Decorator]) {
        for decorator in decorators {
            let base = self.temporary(&decorator.expression);
            self.top = base + HEADER;
            self.reserve(base + HEADER);
        }
    }

    pub(super) fn apply_decorators(&mut self, decorators: &[&'a Decorator], value: Reg) {
        let mut argument = value;
        for decorator in decorators.iter().rev() {
            let base = argument - HEADER;
            self.at(&decorator.expression);
            self.emit(Opcode::CALL, base, base, 1);
            argument = base;
        }
    }

    /// Reserves the places of MAKE_FUNCTION at the top and evaluates the defaults into them.
    pub(super) fn function_places(&mut self, parameters: Option<&'a Parameters>) -> FunctionPlaces {
        let first = self.alloc_run(4);
        let mut places = FunctionPlaces { first, flags: 0 };
        let Some(parameters) = parameters else { return places };
        if self.default_tuple(parameters, first) {
            places.flags |= function_flags::DEFAULTS;
        }
        if self.keyword_defaults(parameters, first + 1) {
            places.flags |= function_flags::KWDEFAULTS;
        }
        places
    }

    pub(super) fn default_tuple(&mut self, parameters: &'a Parameters, dst: Reg) -> bool {
        let defaults: Vec<_> = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .filter_map(|parameter| parameter.default.as_deref())
            .collect();
        if defaults.is_empty() {
            return false;
        }
        let constants: Option<Vec<Constant>> = defaults.iter().map(|default| self.constant(default)).collect();
        if let Some(constants) = constants {
            self.load_constant(dst, Constant::Tuple(constants.into()));
            return true;
        }
        let mark = self.top;
        let range = self.range;
        for default in &defaults {
            self.temporary(default);
        }
        self.range = range;
        self.emit(Opcode::BUILD_TUPLE, dst, mark, defaults.len() as Reg);
        self.top = mark;
        true
    }

    pub(super) fn keyword_defaults(&mut self, parameters: &'a Parameters, dst: Reg) -> bool {
        let mark = self.top;
        let range = self.range;
        let mut count = 0;
        for parameter in &parameters.kwonlyargs {
            let Some(default) = &parameter.default else { continue };
            let name = self.mangled(&parameter.parameter.name.id);
            let key = self.alloc();
            self.load_constant(key, Constant::Str(name.as_str().into()));
            self.temporary(default);
            count += 1;
        }
        self.range = range;
        if count > 0 {
            self.emit(Opcode::BUILD_MAP, dst, mark, count);
        }
        self.top = mark;
        count > 0
    }

    /// The function itself, in the temporary at `mark`.
    pub(super) fn function(&mut self, node: &'a ast::StmtFunctionDef, places: FunctionPlaces, mark: Reg) -> Reg {
        let header = self.range;
        let scope = self.scope_at(ScopeKind::Function, node.range);
        let annotate = self.signature_annotations(node, scope);
        self.next_function = self.function_facts(node);
        let managers = std::mem::take(&mut self.next_managers);
        let line = self.line_number(node.range.start());
        self.enter(scope, &node.name.id, line, Some(&node.parameters));
        self.function_body(&node.body, &managers);
        let code = self.leave();
        self.range = header;
        self.make_function(code, scope, places, annotate, mark, None)
    }

    /// `managers` are the names of context managers the body runs in, outermost first.
    fn function_body(&mut self, body: &'a [Stmt], managers: &[(String, TextRange)]) {
        let mut body = body;
        if let Some((docstring, rest)) = string::docstring(body) {
            if self.options.optimize < 2 {
                let text = string::clean_docstring(&self.string_constant(docstring));
                if let Constant::Str(text) = &text {
                    self.unit.docstring = Some(text.clone());
                }
                self.constants.place(text);
                self.flags |= flags::HAS_DOCSTRING;
            }
            body = rest;
        }
        self.managed(managers, body);
        self.range = None;
        self.fall_off();
    }

    fn managed(&mut self, managers: &[(String, TextRange)], body: &'a [Stmt]) {
        let Some(((name, range), rest)) = managers.split_first() else { return self.statements(body) };
        let manager = |this: &mut Self| {
            this.range = Some(*range);
            let base = this.alloc_run(HEADER + 1);
            this.emit_name(Opcode::LOAD_GLOBAL, base, 0, 0, name);
            this.emit_name(Opcode::LOAD_METHOD, base, base, 0, "_recreate_cm");
            this.emit(Opcode::CALL_METHOD, base, base, 0);
            this.top = base + 1;
            base
        };
        let range = *range;
        super::grow(|| {
            self.with_manager(range, false, manager, |this, _, after| {
                this.top = after;
                this.managed(rest, body);
            });
        });
    }

    /// Makes a function of `code`. `annotate` is the code of its annotations' function and that code's scope.
    pub(super) fn make_function(
        &mut self,
        code: CodeObject,
        scope: ScopeId,
        mut places: FunctionPlaces,
        annotate: Option<(CodeObject, ScopeId)>,
        mark: Reg,
        dst: Option<Reg>,
    ) -> Reg {
        let first = places.first;
        self.top = first + 4;
        if let Some((annotate, annotate_scope)) = annotate {
            let inner = self.function_places(None);
            let mark = inner.first;
            self.make_function(annotate, annotate_scope, inner, None, mark, Some(first + 2));
            self.top = first + 4;
            places.flags |= function_flags::ANNOTATE;
        }
        if self.closure(scope, first + 3) {
            places.flags |= function_flags::CLOSURE;
        }
        let constant = self.constants.place(Constant::Code(Arc::new(code).into()));
        let out = self.finish(mark, dst);
        self.emit_number(Opcode::MAKE_FUNCTION, out, first, places.flags.into(), constant);
        out
    }
}
