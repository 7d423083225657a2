//! `try` in all its forms, `with`, `raise` and `assert`.
//!
//! Registers of a handler: the exception and, after it, what was being handled before (`PUSH_EXC`). Code in a handler is covered by a
//! second handler that restores the latter and raises on; it is left out where no code of this frame could see the difference.

use super::unit::BlockKind;
use super::{Label, Lowerer, Reg, call::HEADER};
use cinder_bytecode::{CommonConstant, Intrinsic, Opcode, SpecialMethod};
use cinder_syntax::ast::{self, ExceptHandler};
use cinder_text::{Ranged, TextRange};

impl<'a> Lowerer<'a> {
    pub(super) fn try_statement(&mut self, node: &'a ast::StmtTry) {
        // Entering costs nothing, but the line is passed.
        self.emit(Opcode::NOP, 0, 0, 0);
        if node.finalbody.is_empty() {
            return self.try_except(node);
        }
        let (handler, end) = (self.label(), self.label());
        let mark = self.top;
        self.enter_block(BlockKind::Finally(&node.finalbody));
        self.handler = Some(handler);
        if node.handlers.is_empty() {
            self.statements(&node.body);
        } else {
            self.try_except(node);
        }
        self.leave_block();
        self.statements(&node.finalbody);
        self.range = None;
        self.jump(end);

        self.place(handler);
        let exception = self.push_exception();
        let cleanup = self.begin_cleanup(exception, None, false);
        self.statements(&node.finalbody);
        self.range = None;
        self.emit(Opcode::RERAISE, exception, 0, 0);
        self.end_cleanup(exception, None, cleanup);
        self.place(end);
        self.top = mark;
    }

    fn try_except(&mut self, node: &'a ast::StmtTry) {
        let (handler, end) = (self.label(), self.label());
        let mark = self.top;
        self.enter_block(BlockKind::Try);
        self.handler = Some(handler);
        self.statements(&node.body);
        self.leave_block();
        self.statements(&node.orelse);
        self.range = None;
        self.jump(end);
        self.place(handler);
        if node.is_star {
            self.except_star(&node.handlers, end);
        } else {
            self.except(&node.handlers, end);
        }
        self.place(end);
        self.top = mark;
    }

    /// Begins a handler: the exception and what it replaces in two registers.
    fn push_exception(&mut self) -> Reg {
        let exception = self.alloc_run(2);
        self.emit(Opcode::PUSH_EXC, exception, 0, 0);
        exception
    }

    /// Enters the block of a handler. Gives the label of its cleanup, when one is needed.
    fn begin_cleanup(&mut self, exception: Reg, name: Option<&'a ast::Identifier>, always: bool) -> Option<Label> {
        let needed = always || self.needs_cleanup();
        self.enter_block(BlockKind::Handler { exception, name });
        needed.then(|| {
            let cleanup = self.label();
            self.handler = Some(cleanup);
            cleanup
        })
    }

    /// Leaves the block and emits the cleanup, which nothing falls into.
    fn end_cleanup(&mut self, exception: Reg, name: Option<&'a ast::Identifier>, cleanup: Option<Label>) {
        self.leave_block();
        let Some(cleanup) = cleanup else { return };
        self.range = None;
        self.place(cleanup);
        let mark = self.top;
        let raised = self.push_exception();
        if let Some(name) = name {
            self.forget_name(&name.id);
        }
        self.emit(Opcode::POP_EXC, exception, 0, 0);
        self.emit(Opcode::RERAISE, raised, 0, 0);
        self.top = mark;
    }

    fn except(&mut self, handlers: &'a [ExceptHandler], end: Label) {
        let exception = self.push_exception();
        let outer_cleanup = self.begin_cleanup(exception, None, false);
        for handler in handlers {
            let ExceptHandler::ExceptHandler(clause) = handler;
            let next = self.label();
            let mark = self.top;
            if let Some(class) = &clause.type_ {
                let class_register = self.value(class);
                let matched = self.finish(mark, None);
                self.at(clause);
                self.emit(Opcode::CHECK_EXC_MATCH, matched, exception, class_register);
                self.jump_if(matched, false, next);
                self.top = mark;
            }
            self.except_body(clause, exception, end);
            self.place(next);
        }
        self.range = None;
        self.emit(Opcode::RERAISE, exception, 0, 0);
        self.end_cleanup(exception, None, outer_cleanup);
    }

    fn except_body(&mut self, clause: &'a ast::ExceptHandlerExceptHandler, exception: Reg, end: Label) {
        let Some(name) = &clause.name else {
            self.statements(&clause.body);
            self.range = None;
            self.emit(Opcode::POP_EXC, exception, 0, 0);
            return self.jump(end);
        };
        self.at(clause);
        self.store_name(&name.id, exception);
        // The clause's own cleanup forgets the name too; it replaces the statement's.
        let statement_handler = self.blocks.pop().expect("begin_cleanup entered a block");
        let outside = std::mem::replace(&mut self.handler, statement_handler.outer);
        let cleanup = self.begin_cleanup(exception, Some(name), true);
        self.statements(&clause.body);
        self.range = None;
        self.leave_block();
        self.emit(Opcode::POP_EXC, exception, 0, 0);
        self.forget_name(&name.id);
        self.jump(end);
        self.enter_block(BlockKind::Handler { exception, name: Some(name) });
        self.end_cleanup(exception, Some(name), cleanup);
        self.blocks.push(statement_handler);
        self.handler = outside;
    }

    /// `except*`: each clause splits the group; what clauses raise and what no clause took is raised together at the end.
    fn except_star(&mut self, handlers: &'a [ExceptHandler], end: Label) {
        let exception = self.push_exception();
        let cleanup = self.begin_cleanup(exception, None, false);
        let original = self.alloc();
        let raised = self.alloc();
        let rest = self.alloc_run(2);
        let matched = rest + 1;
        self.emit(Opcode::MOVE, original, exception, 0);
        self.emit(Opcode::BUILD_LIST, raised, raised, 0);
        self.emit(Opcode::MOVE, rest, exception, 0);
        for handler in handlers {
            let ExceptHandler::ExceptHandler(clause) = handler;
            self.except_star_clause(clause, exception, raised, rest, matched);
        }
        self.range = None;
        let all_taken = self.label();
        self.emit_jump(Opcode::JUMP_IF_NONE, rest, 0, 0, all_taken);
        self.emit(Opcode::LIST_APPEND, raised, rest, 0);
        self.place(all_taken);
        let result = self.alloc();
        self.emit(Opcode::CALL_INTRINSIC, result, original, Intrinsic::PrepReraiseStar.number().into());
        let reraise = self.label();
        self.emit_jump(Opcode::JUMP_IF_NOT_NONE, result, 0, 0, reraise);
        self.emit(Opcode::POP_EXC, exception, 0, 0);
        self.jump(end);
        self.place(reraise);
        self.emit(Opcode::RERAISE, result, 0, 0);
        self.end_cleanup(exception, None, cleanup);
    }

    fn except_star_clause(
        &mut self,
        clause: &'a ast::ExceptHandlerExceptHandler,
        exception: Reg,
        raised: Reg,
        rest: Reg,
        matched: Reg,
    ) {
        let mark = self.top;
        let next = self.label();
        let Some(class) = &clause.type_ else {
            return self.error("expected one or more exception types", clause.range);
        };
        let class = self.value(class);
        self.at(clause);
        self.emit(Opcode::CHECK_EG_MATCH, rest, rest, class);
        self.top = mark;
        self.emit_jump(Opcode::JUMP_IF_NONE, matched, 0, 0, next);
        let failed = self.label();
        if let Some(name) = &clause.name {
            self.store_name(&name.id, matched);
        }
        // While the clause runs, the part it took is what is being handled.
        let outer = self.handler;
        self.enter_block(BlockKind::ExceptStar);
        self.handler = Some(failed);
        self.statements(&clause.body);
        self.leave_block();
        debug_assert_eq!(self.handler, outer);
        self.range = None;
        if let Some(name) = &clause.name {
            self.forget_name(&name.id);
        }
        self.jump(next);

        self.place(failed);
        let inner = self.push_exception();
        if let Some(name) = &clause.name {
            self.forget_name(&name.id);
        }
        self.emit(Opcode::LIST_APPEND, raised, inner, 0);
        self.emit(Opcode::POP_EXC, inner, 0, 0);
        self.place(next);
        self.top = mark;
        debug_assert!(exception < raised);
    }

    pub(super) fn with_statement(&mut self, node: &'a ast::StmtWith) {
        self.with_items(&node.items, node);
    }

    fn with_items(&mut self, items: &'a [ast::WithItem], node: &'a ast::StmtWith) {
        let Some((item, rest)) = items.split_first() else { return self.conditional_statements(&node.body) };
        super::grow(|| self.with_item(item, rest, node));
    }

    fn with_item(&mut self, item: &'a ast::WithItem, rest: &'a [ast::WithItem], node: &'a ast::StmtWith) {
        let range = item.context_expr.range();
        let manager = |this: &mut Self| this.value(&item.context_expr);
        self.with_manager(range, node.is_async, manager, |this, entered, after| {
            if let Some(target) = &item.optional_vars {
                this.store(target, entered);
            }
            this.top = after;
            this.with_items(rest, node);
        });
    }

    /// Runs `body` within a context manager. `body` is given what entering gave, and where its own temporaries may begin.
    pub(super) fn with_manager(
        &mut self,
        range: TextRange,
        is_async: bool,
        manager: impl FnOnce(&mut Self) -> Reg,
        body: impl FnOnce(&mut Self, Reg, Reg),
    ) {
        let mark = self.top;
        // Below the window: the exception, or a value that a `return` carries out.
        let keep = self.alloc_run(2);
        let window = self.top;
        let after = window + HEADER + 4;
        self.top = after;
        self.reserve(after);
        let manager = manager(self);
        self.range = Some(range);
        let (enter, exit) = if is_async {
            (SpecialMethod::AsyncEnter, SpecialMethod::AsyncExit)
        } else {
            (SpecialMethod::Enter, SpecialMethod::Exit)
        };
        self.emit(Opcode::LOAD_SPECIAL, window, manager, exit.number().into());
        let call = self.alloc();
        self.emit(Opcode::LOAD_SPECIAL, call, manager, enter.number().into());
        self.reserve(call + HEADER + 1);
        self.top = after;
        let entered = self.alloc();
        self.emit(Opcode::CALL_METHOD, entered, call, 0);
        if is_async {
            self.emit(Opcode::GET_AWAITABLE, entered, entered, 1);
            self.delegate(entered);
        }

        let (handler, end) = (self.label(), self.label());
        self.enter_block(BlockKind::With { window, keep, is_async, range });
        self.handler = Some(handler);
        body(self, entered, after);
        self.leave_block();
        self.range = Some(range);
        self.exit_without_exception(window, is_async);
        self.range = None;
        self.jump(end);

        self.place(handler);
        self.range = Some(range);
        self.emit(Opcode::PUSH_EXC, keep, 0, 0);
        let cleanup = self.begin_cleanup(keep, None, false);
        self.emit(Opcode::EXC_INFO, window + HEADER + 1, keep, 0);
        self.emit(Opcode::CALL_METHOD, window, window, 3);
        if is_async {
            self.top = window + 1;
            self.emit(Opcode::GET_AWAITABLE, window, window, 2);
            self.delegate(window);
        }
        let suppress = self.label();
        self.jump_if(window, true, suppress);
        self.emit(Opcode::RERAISE, keep, 0, 0);
        self.place(suppress);
        self.emit(Opcode::POP_EXC, keep, 0, 0);
        self.range = None;
        self.jump(end);
        self.top = window;
        self.end_cleanup(keep, None, cleanup);
        self.place(end);
        self.top = mark;
    }

    /// Calls the `__exit__` that waits in `window` with three Nones.
    pub(super) fn exit_without_exception(&mut self, window: Reg, is_async: bool) {
        for position in 1..4 {
            self.load_none(window + HEADER + position);
        }
        self.emit(Opcode::CALL_METHOD, window, window, 3);
        if is_async {
            self.top = window + 1;
            self.emit(Opcode::GET_AWAITABLE, window, window, 2);
            self.delegate(window);
        }
    }

    pub(super) fn raise_statement(&mut self, node: &'a ast::StmtRaise) {
        let mark = self.top;
        match (&node.exc, &node.cause) {
            (Some(exception), Some(cause)) => {
                let exception = self.operand(exception);
                let cause = self.value(cause);
                self.at(node);
                self.emit(Opcode::RAISE_FROM, exception, cause, 0);
            }
            (Some(exception), None) => {
                let exception = self.value(exception);
                self.at(node);
                self.emit(Opcode::RAISE, exception, 0, 0);
            }
            (None, _) => {
                self.at(node);
                self.emit(Opcode::RAISE_AGAIN, 0, 0, 0);
            }
        }
        self.top = mark;
    }

    pub(super) fn assert_statement(&mut self, node: &'a ast::StmtAssert) {
        if self.options.optimize > 0 && !self.keeps_assert(node) {
            return;
        }
        let holds = self.label();
        self.condition(&node.test, true, holds);
        let mark = self.top;
        self.at(node);
        let error = self.alloc();
        self.emit_number(Opcode::LOAD_COMMON_CONSTANT, error, 0, 0, CommonConstant::AssertionError.number().into());
        if let Some(message) = &node.msg {
            self.top = error + HEADER;
            self.reserve(error + HEADER);
            self.temporary(message);
            self.at(node);
            self.emit(Opcode::CALL, error, error, 1);
        }
        self.at(&*node.test);
        self.emit(Opcode::RAISE, error, 0, 0);
        self.top = mark;
        self.place(holds);
    }
}
