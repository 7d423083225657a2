//! `await`, `yield` and `yield from`.

use super::{Lowerer, Reg};
use cinder_bytecode::Opcode;
use cinder_syntax::ast::{self, Comprehension, Expr, Stmt, visitor};

impl<'a> Lowerer<'a> {
    pub(super) fn await_expression(&mut self, node: &'a ast::ExprAwait, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let value = self.value(&node.value);
        let iterator = self.finish(mark, None);
        self.at(node);
        self.emit(Opcode::GET_AWAITABLE, iterator, value, 0);
        self.delegate(iterator);
        self.settle(mark, iterator, dst)
    }

    pub(super) fn yield_from(&mut self, node: &'a ast::ExprYieldFrom, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let value = self.value(&node.value);
        let iterator = self.finish(mark, None);
        self.at(node);
        self.emit(Opcode::GET_YIELD_FROM_ITER, iterator, value, 0);
        self.delegate(iterator);
        self.settle(mark, iterator, dst)
    }

    pub(super) fn yield_expression(&mut self, node: &'a ast::ExprYield, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let value = match &node.value {
            Some(value) => self.value(value),
            None => {
                self.at(node);
                let register = self.alloc();
                self.load_none(register);
                register
            }
        };
        let out = self.finish(mark, dst);
        self.at(node);
        if dst.is_some_and(|dst| self.is_named(dst)) {
            // The wrapped value of an async generator passes through a temporary.
            let temp = self.alloc();
            self.emit_yield(value, temp);
            self.move_to(out, temp);
            self.top = mark;
        } else {
            self.emit_yield(value, out);
        }
        out
    }

    /// Yields everything the iterator in temporary `iterator` yields; its return value replaces it there.
    ///
    /// A `throw` goes to the inner iterator first; when that ends by it, the handler takes its value.
    pub(super) fn delegate(&mut self, iterator: Reg) {
        let mark = self.top;
        let sent = self.alloc();
        let yielded = self.alloc();
        let (done, thrown) = (self.label(), self.label());
        self.load_none(sent);
        let again = self.here();
        self.emit_jump(Opcode::SEND, yielded, iterator, sent, done);
        let outer = self.handler.replace(thrown);
        self.emit(Opcode::YIELD_VALUE, sent, yielded, iterator + 1);
        self.handler = outer;
        self.jump_back(again);
        self.place(thrown);
        let exception = self.alloc_run(2);
        self.emit(Opcode::PUSH_EXC, exception, 0, 0);
        self.emit(Opcode::POP_EXC, exception, 0, 0);
        self.emit(Opcode::CLEANUP_THROW, yielded, exception, 0);
        self.place(done);
        self.emit(Opcode::MOVE, iterator, yielded, 0);
        self.top = mark;
    }
}

/// Whether code of the module itself awaits: not that of its functions and classes.
pub(super) fn awaits(body: &[Stmt]) -> bool {
    let mut finder = AwaitFinder { found: false };
    visitor::Visitor::visit_body(&mut finder, body);
    finder.found
}

struct AwaitFinder {
    found: bool,
}

impl AwaitFinder {
    fn defaults(&mut self, parameters: &ast::Parameters) {
        for default in parameters.iter().filter_map(|parameter| parameter.default()) {
            visitor::Visitor::visit_expr(self, default);
        }
    }

    fn clauses(&mut self, clauses: &[Comprehension]) {
        self.found |= clauses.iter().any(|clause| clause.is_async);
    }
}

impl<'a> visitor::Visitor<'a> for AwaitFinder {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(node) => {
                node.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.defaults(&node.parameters);
            }
            Stmt::ClassDef(node) => {
                node.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                if let Some(arguments) = &node.arguments {
                    self.visit_arguments(arguments);
                }
            }
            Stmt::For(ast::StmtFor { is_async: true, .. }) | Stmt::With(ast::StmtWith { is_async: true, .. }) => {
                self.found = true;
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Await(_) => self.found = true,
            Expr::Lambda(node) => {
                if let Some(parameters) = &node.parameters {
                    self.defaults(parameters);
                }
            }
            Expr::Generator(node) => {
                if let Some(first) = node.generators.first() {
                    self.visit_expr(&first.iter);
                }
            }
            Expr::ListComp(node) => self.clauses(&node.generators),
            Expr::SetComp(node) => self.clauses(&node.generators),
            Expr::DictComp(node) => self.clauses(&node.generators),
            _ => {}
        }
        if !matches!(expression, Expr::Lambda(_) | Expr::Generator(_)) {
            visitor::walk_expr(self, expression);
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_type_params(&mut self, _: &'a ast::TypeParams) {}
}
