//! Statements.

use std::sync::Arc;

use cinder_syntax::ast::{self, ExceptHandler, Expr, Stmt};
use cinder_text::{Ranged, TextRange};

use cinder_semantic::ScopeKind;

use super::{Block, Lowerer};
use crate::code::{CodeKind, ImportSpec, Name, Op};
use crate::value::Value;

impl<'a> Lowerer<'a> {
    pub(super) fn suite(&mut self, body: &'a [Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        let range = statement.range();
        let outer = self.at(range);
        match statement {
            Stmt::Expr(node) => {
                self.expression(&node.value);
                self.emit(Op::Pop);
            }
            Stmt::Assign(node) => self.assign(node),
            Stmt::AnnAssign(node) => self.annotated_assign(node),
            Stmt::AugAssign(node) => self.augmented_assign(node),
            Stmt::Delete(node) => node.targets.iter().for_each(|target| self.delete_target(target)),
            Stmt::If(node) => self.branch(node),
            Stmt::While(node) => self.while_loop(node),
            Stmt::For(node) => self.for_loop(node),
            Stmt::With(node) => self.with_items(&node.items, &node.body, node.is_async, range),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Raise(node) => {
                let parts = [node.exc.as_deref(), node.cause.as_deref()];
                let parts = parts.into_iter().flatten().map(|part| self.expression(part)).count();
                self.at(range);
                self.emit(Op::Raise(parts as u8));
            }
            Stmt::Assert(node) => self.assert_statement(node),
            Stmt::FunctionDef(node) => self.function_definition(node),
            Stmt::ClassDef(node) => self.class_definition(node),
            Stmt::Return(node) => self.return_statement(node),
            Stmt::Import(node) => self.import(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Break(_) => self.break_statement(),
            Stmt::Continue(_) => self.continue_statement(),
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Match(node) => self.match_statement(node),
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) => {}
            Stmt::IpyEscapeCommand(_) => {
                self.emit(Op::Unsupported("shell command"));
            }
        }
        self.at(outer);
    }

    fn assign(&mut self, node: &'a ast::StmtAssign) {
        self.expression(&node.value);
        for (index, target) in node.targets.iter().enumerate() {
            if index + 1 < node.targets.len() {
                self.emit(Op::Dup);
            }
            self.assign_to(target);
        }
    }

    /// Stores the top value. Failures are at the statement.
    pub(super) fn assign_to(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => self.store(&name.id),
            Expr::Attribute(node) => {
                let place = self.at(node.range);
                self.expression(&node.value);
                self.at(place);
                let name = self.mangled(&node.attr);
                self.emit(Op::StoreAttr(name));
            }
            Expr::Subscript(node) => {
                self.expression(&node.value);
                self.expression(&node.slice);
                self.emit(Op::StoreItem);
            }
            Expr::Starred(node) => self.assign_to(&node.value),
            Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) => {
                match elts.iter().position(Expr::is_starred_expr) {
                    None => self.emit(Op::Unpack(elts.len() as u32)),
                    Some(star) => self.emit(Op::UnpackRest(star as u32, (elts.len() - star - 1) as u32)),
                };
                elts.iter().for_each(|element| self.assign_to(element));
            }
            _ => {
                self.emit(Op::Pop);
            }
        }
    }

    fn annotated_assign(&mut self, node: &'a ast::StmtAnnAssign) {
        if let Some(value) = &node.value {
            self.expression(value);
            self.assign_to(&node.target);
        }
        let is_own = matches!(self.unit().kind, CodeKind::Module | CodeKind::Class);
        if self.source.has_lazy_annotations || self.source.has_future_annotations || !is_own || !node.simple {
            return;
        }
        // Before Python 3.14 the annotation is evaluated here.
        let naming = self.unit().naming;
        if let Some(scope) = self.index.scope(naming).annotation_scope {
            self.unit().naming = scope;
        }
        let place = self.at(node.annotation.range());
        self.expression(&node.annotation);
        self.at(place);
        self.unit().naming = naming;
        match (&*node.target, self.unit().kind) {
            (Expr::Name(name), CodeKind::Class) => {
                let name = self.mangled(&name.id);
                self.emit(Op::LoadName("__annotations__".into()));
                self.constant(Value::Str(name));
                self.emit(Op::StoreItem);
            }
            _ => {
                self.emit(Op::Pop);
            }
        }
    }

    fn augmented_assign(&mut self, node: &'a ast::StmtAugAssign) {
        let place = node.range;
        match &*node.target {
            Expr::Attribute(target) => {
                self.expression(&target.value);
                self.emit(Op::Dup);
                let name = self.mangled(&target.attr);
                self.at(target.range);
                self.emit(Op::LoadAttr(name.clone()));
                self.at(place);
                self.expression(&node.value);
                self.emit(Op::InPlace(node.op));
                self.emit(Op::Swap);
                self.emit(Op::StoreAttr(name));
            }
            Expr::Subscript(target) => {
                self.expression(&target.value);
                self.expression(&target.slice);
                self.emit(Op::Dup2);
                self.at(target.range);
                self.emit(Op::LoadItem);
                self.at(place);
                self.expression(&node.value);
                self.emit(Op::InPlace(node.op));
                self.emit(Op::Sink3);
                self.emit(Op::StoreItem);
            }
            target => {
                self.expression(target);
                self.expression(&node.value);
                self.emit(Op::InPlace(node.op));
                self.assign_to(target);
            }
        }
    }

    fn delete_target(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => self.delete(&name.id),
            Expr::Attribute(node) => {
                self.expression(&node.value);
                let name = self.mangled(&node.attr);
                self.emit(Op::DeleteAttr(name));
            }
            Expr::Subscript(node) => {
                self.expression(&node.value);
                self.expression(&node.slice);
                self.emit(Op::DeleteItem);
            }
            Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) => {
                elts.iter().for_each(|element| self.delete_target(element));
            }
            _ => {}
        }
    }

    fn branch(&mut self, node: &'a ast::StmtIf) {
        let mut ends = Vec::new();
        let mut undecided = Vec::new();
        self.expression(&node.test);
        let mut test = self.emit(Op::JumpIf { on: false, target: 0, unknown: 0 });
        undecided.push(test);
        self.suite(&node.body);
        let mut has_else = false;
        for clause in &node.elif_else_clauses {
            self.at(clause.range);
            ends.push(self.emit(Op::Jump(0)));
            self.land(test);
            if let Some(condition) = &clause.test {
                self.expression(condition);
                test = self.emit(Op::JumpIf { on: false, target: 0, unknown: 0 });
                undecided.push(test);
            } else {
                has_else = true;
            }
            self.suite(&clause.body);
        }
        if !has_else {
            self.land(test);
        }
        let end = self.here();
        ends.into_iter().for_each(|at| self.aim(at, end));
        undecided.into_iter().for_each(|at| self.aim_unknown(at, end));
    }

    fn while_loop(&mut self, node: &'a ast::StmtWhile) {
        let counter = self.unit().loops;
        self.unit().loops += 1;
        self.emit(Op::LoopStart(counter));
        let start = self.here();
        let tick = self.emit(Op::LoopTick(counter, 0));
        self.expression(&node.test);
        let test = self.emit(Op::JumpIf { on: false, target: 0, unknown: 0 });
        self.unit().blocks.push(Block::Loop { start, breaks: Vec::new(), has_iterator: false });
        self.suite(&node.body);
        self.emit(Op::Jump(start));
        let block = self.unit().blocks.pop();
        self.land(test);
        self.suite(&node.orelse);
        let end = self.here();
        self.aim(tick, end);
        self.aim_unknown(test, end);
        if let Some(Block::Loop { breaks, .. }) = block {
            breaks.into_iter().for_each(|at| self.aim(at, end));
        }
    }

    fn for_loop(&mut self, node: &'a ast::StmtFor) {
        self.expression(&node.iter);
        if node.is_async {
            self.emit(Op::Await);
        }
        self.emit(Op::GetIter);
        let start = self.here();
        let next = self.emit(Op::ForIter(0));
        self.assign_to(&node.target);
        self.unit().blocks.push(Block::Loop { start, breaks: Vec::new(), has_iterator: true });
        self.suite(&node.body);
        self.emit(Op::Jump(start));
        let block = self.unit().blocks.pop();
        self.land(next);
        self.suite(&node.orelse);
        let end = self.here();
        if let Some(Block::Loop { breaks, .. }) = block {
            breaks.into_iter().for_each(|at| self.aim(at, end));
        }
    }

    fn with_items(&mut self, items: &'a [ast::WithItem], body: &'a [Stmt], is_async: bool, range: TextRange) {
        let Some((item, rest)) = items.split_first() else {
            self.suite(body);
            return;
        };
        self.expression(&item.context_expr);
        self.at(range);
        if is_async {
            self.emit(Op::Await);
        }
        self.emit(Op::WithEnter);
        let setup = self.emit(Op::SetupWith(0));
        match &item.optional_vars {
            Some(target) => self.assign_to(target),
            None => {
                self.emit(Op::Pop);
            }
        }
        self.unit().blocks.push(Block::With);
        self.with_items(rest, body, is_async, range);
        self.unit().blocks.pop();
        self.at(range);
        self.emit(Op::PopBlock);
        self.emit(Op::WithExit);
        let over = self.emit(Op::Jump(0));
        self.land(setup);
        let swallowed = self.emit(Op::WithExcept(0));
        let end = self.here();
        self.aim(swallowed, end);
        self.aim(over, end);
    }

    fn try_statement(&mut self, node: &'a ast::StmtTry) {
        if node.finalbody.is_empty() {
            self.try_except(node);
            return;
        }
        let setup = self.emit(Op::SetupExcept(0));
        self.unit().blocks.push(Block::Finally(&node.finalbody));
        self.try_except(node);
        self.unit().blocks.pop();
        self.emit(Op::PopBlock);
        self.suite(&node.finalbody);
        let over = self.emit(Op::Jump(0));
        self.land(setup);
        self.unit().blocks.push(Block::FinallyHandler);
        self.suite(&node.finalbody);
        self.unit().blocks.pop();
        self.emit(Op::Reraise);
        self.land(over);
    }

    fn try_except(&mut self, node: &'a ast::StmtTry) {
        if node.handlers.is_empty() {
            self.suite(&node.body);
            self.suite(&node.orelse);
            return;
        }
        let guards = u32::from(node.handlers.iter().any(handles_import_errors));
        let setup = self.emit(Op::SetupExcept(0));
        self.unit().blocks.push(Block::Except);
        self.unit().import_guards += guards;
        self.suite(&node.body);
        self.unit().import_guards -= guards;
        self.unit().blocks.pop();
        self.emit(Op::PopBlock);
        self.suite(&node.orelse);
        let mut ends = vec![self.emit(Op::Jump(0))];
        self.land(setup);
        for handler in &node.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            let place = self.at(handler.range);
            let miss = handler.type_.as_ref().map(|kind| {
                self.expression(kind);
                self.at(handler.range);
                self.emit(Op::MatchExcept { target: 0, is_star: node.is_star })
            });
            if let Some(name) = &handler.name {
                self.emit(Op::Dup);
                self.store(name);
            }
            let name = handler.name.as_ref().map(|name| Name::from(name.as_str()));
            self.unit().blocks.push(Block::Handler { name: name.clone() });
            self.suite(&handler.body);
            self.unit().blocks.pop();
            self.emit(Op::PopExcept);
            self.forget(name.as_deref());
            ends.push(self.emit(Op::Jump(0)));
            if let Some(miss) = miss {
                self.land(miss);
            }
            self.at(place);
        }
        self.emit(Op::Reraise);
        ends.into_iter().for_each(|at| self.land(at));
    }

    /// Unbinds the name of a handler.
    fn forget(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            self.constant(Value::None);
            self.store(name);
            self.delete(name);
        }
    }

    fn assert_statement(&mut self, node: &'a ast::StmtAssert) {
        self.expression(&node.test);
        let test = self.emit(Op::JumpIf { on: true, target: 0, unknown: 0 });
        self.constant(crate::object::exception_class("AssertionError"));
        if let Some(message) = &node.msg {
            self.expression(message);
            self.emit(Op::Call { count: 1, names: None });
        }
        self.at(node.range);
        self.emit(Op::Raise(1));
        let end = self.here();
        self.aim(test, end);
        self.aim_unknown(test, end);
    }

    fn return_statement(&mut self, node: &'a ast::StmtReturn) {
        match &node.value {
            Some(value) => self.expression(value),
            None => self.constant(Value::None),
        }
        let blocks = self.unit().blocks.clone();
        self.leave_blocks(&blocks, 0, true);
        self.unit().blocks = blocks;
        self.emit(Op::Return);
    }

    /// Leaves the blocks above `keep`, innermost first. `has_value`: a result lies on top of the stack.
    fn leave_blocks(&mut self, blocks: &[Block<'a>], keep: usize, has_value: bool) {
        for at in (keep..blocks.len()).rev() {
            // What runs on the way out is outside the block it leaves.
            self.unit().blocks = blocks[..at].to_vec();
            match &blocks[at] {
                Block::Loop { has_iterator, .. } => {
                    if *has_iterator {
                        self.drop_below(has_value);
                    }
                }
                Block::Except => {
                    self.emit(Op::PopBlock);
                }
                Block::Handler { name } => {
                    if has_value {
                        self.emit(Op::Swap);
                    }
                    self.emit(Op::PopExcept);
                    self.forget(name.clone().as_deref());
                }
                Block::Finally(body) => {
                    self.emit(Op::PopBlock);
                    let body: &'a [Stmt] = body;
                    self.suite(body);
                }
                Block::FinallyHandler => {
                    if has_value {
                        self.emit(Op::Swap);
                    }
                    self.emit(Op::PopExcept);
                }
                Block::With => {
                    self.emit(Op::PopBlock);
                    if has_value {
                        self.emit(Op::Swap);
                    }
                    self.emit(Op::WithExit);
                }
            }
        }
    }

    fn drop_below(&mut self, has_value: bool) {
        if has_value {
            self.emit(Op::Swap);
        }
        self.emit(Op::Pop);
    }

    fn break_statement(&mut self) {
        let blocks = self.unit().blocks.clone();
        let Some(at) = blocks.iter().rposition(|block| matches!(block, Block::Loop { .. })) else { return };
        self.leave_blocks(&blocks, at + 1, false);
        if matches!(blocks[at], Block::Loop { has_iterator: true, .. }) {
            self.emit(Op::Pop);
        }
        let jump = self.emit(Op::Jump(0));
        self.unit().blocks = blocks;
        if let Some(Block::Loop { breaks, .. }) = self.unit().blocks.get_mut(at) {
            breaks.push(jump);
        }
    }

    fn continue_statement(&mut self) {
        let blocks = self.unit().blocks.clone();
        let Some(at) = blocks.iter().rposition(|block| matches!(block, Block::Loop { .. })) else { return };
        self.leave_blocks(&blocks, at + 1, false);
        if let Block::Loop { start, .. } = blocks[at] {
            self.emit(Op::Jump(start));
        }
        self.unit().blocks = blocks;
    }

    fn import(&mut self, node: &'a ast::StmtImport) {
        let is_guarded = self.unit().import_guards > 0;
        for alias in &node.names {
            if node.names.len() == 1
                && matches!(alias.name.as_str(), "__strict__" | "__static__")
                && alias.asname.is_none()
            {
                // A flag; the name is bound all the same.
            }
            let spec = ImportSpec {
                module: alias.name.as_str().into(),
                level: 0,
                name: None,
                alias: alias.asname.as_ref().map(|name| name.as_str().into()),
                is_lazy: false,
                is_guarded,
            };
            self.emit(Op::Import(Arc::new(spec)));
            match &alias.asname {
                Some(name) => self.store(name),
                None => {
                    let first = alias.name.split('.').next().unwrap_or_default();
                    self.store(first);
                }
            }
        }
    }

    fn import_from(&mut self, node: &'a ast::StmtImportFrom) {
        let module: Name = node.module.as_ref().map_or("", |name| name.as_str()).into();
        if node.level == 0 && &*module == "__future__" {
            return;
        }
        let is_lazy = self.unit().kind == CodeKind::Module;
        let is_guarded = self.unit().import_guards > 0;
        for alias in &node.names {
            let spec = Arc::new(ImportSpec {
                module: module.clone(),
                level: node.level,
                name: Some(alias.name.as_str().into()),
                alias: alias.asname.as_ref().map(|name| name.as_str().into()),
                is_lazy: is_lazy && !is_guarded,
                is_guarded,
            });
            if &alias.name == "*" {
                self.emit(Op::ImportStar(spec));
                continue;
            }
            self.emit(Op::ImportFrom(spec));
            self.store(alias.asname.as_ref().unwrap_or(&alias.name));
        }
    }

    fn type_alias(&mut self, node: &'a ast::StmtTypeAlias) {
        let Expr::Name(name) = &*node.name else { return };
        let outer = self.unit().naming;
        if let Some(parameters) = &node.type_params {
            self.type_parameters(parameters, node.range);
        }
        let value = self.deferred(&node.value, ScopeKind::TypeAlias, node.range);
        self.emit(Op::TypeAlias(name.id.as_str().into(), value));
        self.unit().naming = outer;
        self.store(&name.id);
    }
}

/// Whether a handler catches the failure of an import.
fn handles_import_errors(handler: &ExceptHandler) -> bool {
    let ExceptHandler::ExceptHandler(handler) = handler;
    let is_import_error = |kind: &Expr| matches!(kind, Expr::Name(name) if matches!(name.id.as_str(), "ImportError" | "ModuleNotFoundError"));
    match handler.type_.as_deref() {
        None => true,
        Some(Expr::Tuple(tuple)) => tuple.elts.iter().any(is_import_error),
        Some(Expr::Name(name)) if matches!(name.id.as_str(), "Exception" | "BaseException") => true,
        Some(kind) => is_import_error(kind),
    }
}
