//! Statements.

use super::{Lowerer, Mode, grow};
use cinder_bytecode::{Intrinsic, Opcode};
use cinder_semantic::ScopeKind;
use cinder_syntax::ast::{self, Expr, Stmt};

impl<'a> Lowerer<'a> {
    pub(super) fn statements(&mut self, body: &'a [Stmt]) {
        for statement in body {
            let mark = self.top;
            let raw = self.raw.mark();
            grow(|| self.statement(statement));
            self.raw.release(raw);
            self.top = mark;
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        self.at(statement);
        match statement {
            Stmt::FunctionDef(node) => self.function_statement(node),
            Stmt::ClassDef(node) => self.class_statement(node),
            Stmt::Return(node) => self.return_statement(node),
            Stmt::Delete(node) => {
                for target in &node.targets {
                    self.delete(target);
                }
            }
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Assign(node) => self.assign(node),
            Stmt::AugAssign(node) => self.augmented_assign(node),
            Stmt::AnnAssign(node) => self.annotated_assign(node),
            Stmt::For(node) => self.for_statement(node),
            Stmt::While(node) => self.while_statement(node),
            Stmt::If(node) => self.if_statement(node),
            Stmt::With(node) => self.with_statement(node),
            Stmt::Match(node) => self.match_statement(node),
            Stmt::Raise(node) => self.raise_statement(node),
            Stmt::Try(node) => {
                let saved = std::mem::replace(&mut self.conditional, true);
                self.try_statement(node);
                self.conditional = saved;
            }
            Stmt::Assert(node) => self.assert_statement(node),
            Stmt::Import(node) => self.import(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Expr(node) => self.expression_statement(node),
            Stmt::Break(node) => self.break_statement(node.range),
            Stmt::Continue(node) => self.continue_statement(node.range),
            Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            // Nothing runs, but the line is passed.
            Stmt::Pass(_) => self.emit(Opcode::NOP, 0, 0, 0),
            Stmt::IpyEscapeCommand(node) => self.error("invalid syntax", node.range),
        }
    }

    fn if_statement(&mut self, node: &'a ast::StmtIf) {
        let end = self.label();
        self.if_branch(Some(&node.test), &node.body, node.elif_else_clauses.is_empty(), end);
        for (position, clause) in node.elif_else_clauses.iter().enumerate() {
            let last = position + 1 == node.elif_else_clauses.len();
            self.if_branch(clause.test.as_ref(), &clause.body, last, end);
        }
        self.place(end);
    }

    fn if_branch(&mut self, test: Option<&'a Expr>, body: &'a [Stmt], last: bool, end: super::Label) {
        let next = self.label();
        if let Some(test) = test {
            self.condition(test, false, next);
        }
        self.conditional_statements(body);
        if !last {
            self.range = None;
            self.jump(end);
        }
        self.place(next);
    }

    fn expression_statement(&mut self, node: &'a ast::StmtExpr) {
        if self.options.mode == Mode::Single && self.kind == ScopeKind::Module && self.outer.is_empty() {
            let value = self.temporary(&node.value);
            self.at(node);
            self.emit(Opcode::CALL_INTRINSIC, value, value, Intrinsic::Print.number().into());
            return;
        }
        if self.constant(&node.value).is_some() {
            return self.emit(Opcode::NOP, 0, 0, 0);
        }
        self.discard(&node.value);
    }
}
