//! Class definitions.

use super::call::HEADER;
use super::{Lowerer, Reg, string};
use cinder_bytecode::{CodeObject, Constant, Opcode};
use cinder_semantic::{ScopeFlags, ScopeId, ScopeKind};
use cinder_syntax::ast::{self, Expr, Keyword, name::Name};

impl<'a> Lowerer<'a> {
    pub(super) fn class_statement(&mut self, node: &'a ast::StmtClassDef) {
        let mark = self.top;
        self.decorators(&node.decorator_list);
        let header = self.header_range(node.range, &node.decorator_list);
        self.range = Some(header);
        let class = match &node.type_params {
            None => self.class(node, None),
            Some(params) => self.generic_class(node, params),
        };
        self.apply_decorators(&node.decorator_list.iter().collect::<Vec<_>>(), class);
        self.range = Some(header);
        self.store_name(&node.name.id, mark);
        self.top = mark;
    }

    /// Calls `__build_class__`. A generic class has one more base, made by `generic_base`.
    pub(super) fn class(&mut self, node: &'a ast::StmtClassDef, generic_base: Option<&'static str>) -> Reg {
        let header = self.range;
        let base = self.alloc();
        self.emit(Opcode::LOAD_BUILD_CLASS, base, 0, 0);
        self.top = base + HEADER;
        self.reserve(base + HEADER);

        let first = self.top;
        let places = self.function_places(None);
        let scope = self.scope_at(ScopeKind::Class, node.range);
        let line = self.line_number(node.range.start());
        let typed = self.class_facts(node);
        let is_at_top = self.outer.is_empty() && self.facts.is_some();
        self.enter(scope, &node.name.id, line, None);
        if is_at_top {
            self.unit.flags |= cinder_bytecode::flags::STATIC_MODULE;
        }
        if let Some(typed) = typed {
            self.describe_class(typed);
        }
        self.range = header;
        self.class_body(node, scope, line);
        let code = self.leave();
        self.range = header;
        self.make_function(code, scope, places, None, first, None);
        let name = self.alloc();
        self.load_constant(name, Constant::Str(node.name.id.as_str().into()));

        let (args, keywords): (&'a [Expr], &'a [Keyword]) = match &node.arguments {
            Some(arguments) => (&arguments.args, &arguments.keywords),
            None => (&[], &[]),
        };
        let spread = args.iter().any(Expr::is_starred_expr) || keywords.iter().any(|keyword| keyword.arg.is_none());
        if spread {
            let extra = generic_base.map(|name| self.local_register(name).expect("the generic base is a local"));
            let range = HeaderRange(header.unwrap_or(node.range));
            return self.spread_call(base, 2, args, keywords, extra, &range, None);
        }
        for arg in args {
            self.temporary(arg);
        }
        if let Some(name) = generic_base {
            let register = self.alloc();
            self.load_name(name, Some(register));
        }
        for keyword in keywords {
            self.temporary(&keyword.value);
        }
        let count = 2 + args.len() as u32 + u32::from(generic_base.is_some()) + keywords.len() as u32;
        let out = self.finish(base, None);
        self.range = header;
        if keywords.is_empty() {
            self.emit(Opcode::CALL, out, base, count);
        } else {
            let names = self.keyword_names(keywords);
            self.emit_number(Opcode::CALL_KW, out, base, count, names);
        }
        out
    }

    fn class_body(&mut self, node: &'a ast::StmtClassDef, scope: ScopeId, line: u32) {
        let header = self.range;
        let temp = self.alloc();
        self.emit_name(Opcode::LOAD_NAME, temp, 0, 0, "__name__");
        self.emit_name(Opcode::STORE_NAME, temp, 0, 0, "__module__");
        let qualname = self.qualname.clone();
        self.store_constant(temp, Constant::Str(qualname), "__qualname__");
        self.store_constant(temp, Constant::Int(line.into()), "__firstlineno__");
        if node.type_params.is_some() {
            let cell = self.unit.free[&Name::new_static(".type_params")];
            let name = self.names.place(".type_params");
            self.emit(Opcode::LOAD_DEREF, temp, cell, name);
            self.emit_name(Opcode::STORE_NAME, temp, 0, 0, "__type_params__");
        }
        if let Some(cell) = self.unit.class_cells.get("__classdict__").copied() {
            self.emit(Opcode::LOAD_LOCALS, temp, 0, 0);
            self.emit(Opcode::STORE_DEREF, cell, temp, 0);
        }
        let conditional = self.index.scope(scope).flags.contains(ScopeFlags::CONDITIONAL_ANNOTATIONS);
        if conditional {
            self.make_conditional_set(temp);
        }
        self.set_up_future_annotations(scope);
        let mut body: &'a [ast::Stmt] = &node.body;
        if let Some((docstring, rest)) = string::docstring(body) {
            if self.options.optimize < 2 {
                let text = string::clean_docstring(&self.string_constant(docstring));
                self.at(docstring);
                self.store_constant(temp, text, "__doc__");
            }
            body = rest;
        }
        self.top = temp;
        self.statements(body);
        self.range = header;
        self.top = temp;
        self.finish_class_annotations(scope);
        let temp = self.alloc();
        let attributes = self.unit.static_attributes.iter().map(|name| Constant::Str(name.clone())).collect();
        self.store_constant(temp, Constant::Tuple(attributes), "__static_attributes__");
        if let Some(cell) = self.unit.class_cells.get("__classdict__").copied() {
            self.emit(Opcode::MOVE, temp, cell, 0);
            self.emit_name(Opcode::STORE_NAME, temp, 0, 0, "__classdictcell__");
        }
        if let Some(cell) = self.unit.class_cells.get("__class__").copied() {
            self.emit(Opcode::MOVE, temp, cell, 0);
            self.emit_name(Opcode::STORE_NAME, temp, 0, 0, "__classcell__");
        } else {
            self.load_none(temp);
        }
        self.emit_return(temp);
    }

    pub(super) fn store_constant(&mut self, temp: Reg, constant: Constant, name: &str) {
        self.load_constant(temp, constant);
        self.emit_name(Opcode::STORE_NAME, temp, 0, 0, name);
    }

    /// Ends a unit that returns `value`.
    pub(super) fn leave_with_return(&mut self, value: Reg) -> CodeObject {
        self.emit_return(value);
        self.leave()
    }
}

/// A place given as a range.
pub(super) struct HeaderRange(pub(super) cinder_text::TextRange);

impl cinder_text::Ranged for HeaderRange {
    fn range(&self) -> cinder_text::TextRange {
        self.0
    }
}
