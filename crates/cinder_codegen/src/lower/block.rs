//! Loops, and leaving blocks by `return`, `break` and `continue`.
//!
//! Idea: what a block must do when it is left early is kept in a list; an exit runs the list from the inside out, each step in the
//! surroundings of its block, and then jumps. A `finally` body is generated once more per exit, as CPython does.

use super::comprehension::OpenLoop;
use super::unit::{Block, BlockKind};
use super::{Lowerer, Reg};
use cinder_bytecode::{Constant, Opcode, RegisterKind};
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::TextRange;

/// Blocks within each other in one function, as CPython limits them.
const BLOCK_LIMIT: usize = 21;

impl<'a> Lowerer<'a> {
    pub(super) fn enter_block(&mut self, kind: BlockKind<'a>) {
        if self.blocks.len() == BLOCK_LIMIT {
            self.error("too many statically nested blocks", self.range.unwrap_or_default());
        }
        let outer = self.handler;
        self.blocks.push(Block { kind, outer });
    }

    pub(super) fn leave_block(&mut self) {
        let block = self.blocks.pop().expect("blocks are entered and left in pairs");
        self.handler = block.outer;
    }

    pub(super) fn for_statement(&mut self, node: &'a ast::StmtFor) {
        if self.typed_loop(node) {
            return;
        }
        let mark = self.top;
        let iterator = self.loop_iterator(node);
        let end = self.label();
        let open = if node.is_async {
            let range = cinder_text::Ranged::range(&*node.iter);
            self.begin_async_loop(iterator, &node.target, range)
        } else {
            self.begin_loop(iterator, &node.target, &node.iter)
        };
        self.enter_block(BlockKind::Loop { top: open.top, end });
        self.conditional_statements(&node.body);
        self.leave_block();
        self.range = None;
        self.end_loop(open, cinder_text::Ranged::range(&*node.iter));
        self.top = mark;
        self.conditional_statements(&node.orelse);
        self.place(end);
    }

    fn loop_iterator(&mut self, node: &'a ast::StmtFor) -> Reg {
        let mark = self.top;
        let iterable = match self.constant_container(&node.iter) {
            Some(constant) if !node.is_async => {
                self.at(&*node.iter);
                self.constant_value(constant, None)
            }
            _ => self.value(&node.iter),
        };
        let iterator = self.finish(mark, None);
        self.at(&*node.iter);
        let op = if node.is_async { Opcode::GET_AITER } else { Opcode::GET_ITER };
        self.emit(op, iterator, iterable, 0);
        iterator
    }

    /// Opens a loop over the iterator in `iterator`.
    pub(super) fn begin_loop(&mut self, iterator: Reg, target: &'a Expr, iterable: &'a Expr) -> OpenLoop {
        let end = self.label();
        let top = self.here();
        self.at(iterable);
        let mark = self.top;
        match self.plain_target(target) {
            Some(register) => self.emit_jump(Opcode::FOR_ITER, register, iterator, 0, end),
            None => {
                let item = self.alloc();
                self.emit_jump(Opcode::FOR_ITER, item, iterator, 0, end);
                self.store(target, item);
            }
        }
        self.top = mark;
        OpenLoop { top, end, stop: None }
    }

    /// Opens an `async for` loop over the asynchronous iterator in `iterator`.
    pub(super) fn begin_async_loop(&mut self, iterator: Reg, target: &'a Expr, range: TextRange) -> OpenLoop {
        let (end, stop) = (self.label(), self.label());
        let top = self.here();
        self.range = Some(range);
        let mark = self.top;
        let outer = self.handler.replace(stop);
        let item = self.alloc();
        self.emit(Opcode::GET_ANEXT, item, iterator, 0);
        self.delegate(item);
        self.handler = outer;
        self.store(target, item);
        self.top = mark;
        OpenLoop { top, end, stop: Some((stop, outer)) }
    }

    /// Closes a loop over the iterable at `range`.
    pub(super) fn end_loop(&mut self, open: OpenLoop, range: TextRange) {
        self.jump_back(open.top);
        self.range = Some(range);
        if let Some((stop, outer)) = open.stop {
            debug_assert_eq!(self.handler, outer);
            self.place(stop);
            let mark = self.top;
            let exception = self.alloc_run(2);
            self.emit(Opcode::PUSH_EXC, exception, 0, 0);
            self.emit(Opcode::POP_EXC, exception, 0, 0);
            self.emit(Opcode::END_ASYNC_FOR, exception, 0, 0);
            self.top = mark;
        }
        self.place(open.end);
    }

    pub(super) fn while_statement(&mut self, node: &'a ast::StmtWhile) {
        let (otherwise, end) = (self.label(), self.label());
        let top = self.here();
        self.condition(&node.test, false, otherwise);
        self.enter_block(BlockKind::Loop { top, end });
        self.conditional_statements(&node.body);
        self.leave_block();
        self.range = None;
        self.jump_back(top);
        self.place(otherwise);
        self.conditional_statements(&node.orelse);
        self.place(end);
    }

    pub(super) fn return_statement(&mut self, node: &'a ast::StmtReturn) {
        let mark = self.top;
        if !self.kind.is_function_like() {
            self.error("'return' outside function", node.range);
        }
        if self.in_except_star() {
            self.error("'break', 'continue' and 'return' cannot appear in an except* block", node.range);
        }
        // Leaving a `with` or `finally` block moves the place of the return there.
        let constant = match &node.value {
            Some(value) if self.is_raw(value) => None,
            Some(value) => self.constant(value),
            None => Some(Constant::None),
        };
        if let Some(constant) = constant {
            // Loaded after the blocks are left, since nothing can change it.
            self.unwound(0, None, |this, _| {
                let register = this.constant_value(constant, None);
                this.emit_typed_return(register);
            });
        } else {
            let value = node.value.as_ref().expect("a missing value is a constant");
            let mut register = self.value(value);
            if self.is_named(register) && self.blocks.iter().any(|block| runs_code(&block.kind)) {
                let copy = self.alloc_like(register);
                self.move_to(copy, register);
                register = copy;
            }
            self.at(node);
            self.unwound(0, Some(register), |this, kept| {
                this.emit_typed_return(kept.unwrap_or(register));
            });
        }
        self.top = mark;
    }

    fn in_except_star(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block.kind, BlockKind::ExceptStar))
    }

    /// Does what leaving all blocks from number `depth` on takes, then `leave`, outside them. A value to be kept may move; `leave`
    /// is given its register.
    fn unwound(&mut self, depth: usize, mut value: Option<Reg>, leave: impl FnOnce(&mut Self, Option<Reg>)) {
        let (blocks, handler, range) = (self.blocks.clone(), self.handler, self.range);
        while self.blocks.len() > depth {
            let block = self.blocks.pop().expect("the loop condition saw it");
            self.handler = block.outer;
            value = self.unwind(&block.kind, value);
        }
        leave(self, value);
        self.blocks = blocks;
        self.handler = handler;
        self.range = range;
    }

    fn unwind(&mut self, kind: &BlockKind<'a>, value: Option<Reg>) -> Option<Reg> {
        match kind {
            BlockKind::Loop { .. } | BlockKind::Try | BlockKind::ExceptStar => value,
            BlockKind::Finally(body) => {
                self.statements(body);
                self.range = None;
                value
            }
            BlockKind::Handler { exception, name } => {
                self.emit(Opcode::POP_EXC, *exception, 0, 0);
                if let Some(name) = name {
                    self.forget_name(&name.id);
                }
                value
            }
            BlockKind::With { window, keep, is_async, range } => {
                // Raw registers lie below all windows.
                let kept = value.map(|value| {
                    if self.kind_of(value) != RegisterKind::Tagged {
                        return value;
                    }
                    self.move_to(*keep, value);
                    *keep
                });
                let mark = self.top;
                self.range = Some(*range);
                self.exit_without_exception(*window, *is_async);
                self.top = mark;
                kept
            }
        }
    }

    pub(super) fn break_statement(&mut self, range: TextRange) {
        self.leave_loop(range, false);
    }

    pub(super) fn continue_statement(&mut self, range: TextRange) {
        self.leave_loop(range, true);
    }

    fn leave_loop(&mut self, range: TextRange, again: bool) {
        let found = self.blocks.iter().rposition(|block| matches!(block.kind, BlockKind::Loop { .. }));
        let starred = self.blocks.iter().rposition(|block| matches!(block.kind, BlockKind::ExceptStar));
        if starred.is_some() && found.is_none_or(|found| starred > Some(found)) {
            return self.error("'break', 'continue' and 'return' cannot appear in an except* block", range);
        }
        let Some(depth) = found else {
            let message = if again { "'continue' not properly in loop" } else { "'break' outside loop" };
            return self.error(message, range);
        };
        let BlockKind::Loop { top, end } = self.blocks[depth].kind else { unreachable!("rposition found a loop") };
        self.range = Some(range);
        self.unwound(depth + 1, None, |this, _| {
            if again {
                this.jump_back(top);
            } else {
                this.jump(end);
            }
        });
    }

    pub(super) fn conditional_statements(&mut self, body: &'a [Stmt]) {
        let saved = std::mem::replace(&mut self.conditional, true);
        self.statements(body);
        self.conditional = saved;
    }
}

/// Whether leaving the block runs code that could assign a local or use registers.
fn runs_code(kind: &BlockKind) -> bool {
    matches!(kind, BlockKind::Finally(_) | BlockKind::With { .. } | BlockKind::Handler { .. })
}
