//! Displays: tuples, lists, sets and dicts, with `*` and `**` anywhere.

use super::{Lowerer, Reg};
use cinder_bytecode::{Constant, Opcode};
use cinder_syntax::ast::{self, Expr};
use cinder_text::Ranged;

/// Items laid down in registers at once; the rest are appended one by one.
pub(super) const CHUNK: usize = 32;

impl<'a> Lowerer<'a> {
    pub(super) fn tuple(&mut self, items: &'a [Expr], node: &impl Ranged, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        if items.len() <= 4 * CHUNK && !items.iter().any(Expr::is_starred_expr) {
            for item in items {
                self.temporary(item);
            }
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit(Opcode::BUILD_TUPLE, out, mark, items.len() as Reg);
            return out;
        }
        let list = self.alloc();
        self.build_list(list, items, node);
        let out = self.finish(mark, dst);
        self.at(node);
        self.emit(Opcode::LIST_TO_TUPLE, out, list, 0);
        out
    }

    pub(super) fn list(&mut self, items: &'a [Expr], node: &impl Ranged, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        if items.len() > 2
            && let Some(constants) = self.constants(items)
        {
            let list = self.accumulator(dst);
            self.at(node);
            self.emit(Opcode::BUILD_LIST, list, list, 0);
            let all = self.constant_value(Constant::Tuple(constants.into()), None);
            self.emit(Opcode::LIST_EXTEND, list, all, 0);
            return self.settle(mark, list, dst);
        }
        if items.len() <= CHUNK && !items.iter().any(Expr::is_starred_expr) {
            for item in items {
                self.temporary(item);
            }
            let out = self.finish(mark, dst);
            self.at(node);
            self.emit(Opcode::BUILD_LIST, out, mark, items.len() as Reg);
            return out;
        }
        let list = self.accumulator(dst);
        self.build_list(list, items, node);
        self.settle(mark, list, dst)
    }

    /// A list in a temporary, which also serves where registers above it are free for its first items.
    fn build_list(&mut self, list: Reg, items: &'a [Expr], node: &impl Ranged) {
        let leading = items.iter().take_while(|item| !item.is_starred_expr()).count().min(CHUNK);
        let mark = self.top;
        for item in &items[..leading] {
            self.temporary(item);
        }
        self.top = mark;
        self.at(node);
        let first = if leading == 0 { list } else { mark };
        self.emit(Opcode::BUILD_LIST, list, first, leading as Reg);
        for item in &items[leading..] {
            self.append_item(list, item);
        }
    }

    pub(super) fn append_item(&mut self, list: Reg, item: &'a Expr) {
        let mark = self.top;
        match item {
            Expr::Starred(starred) => {
                let value = self.value(&starred.value);
                self.at(starred);
                self.emit(Opcode::LIST_EXTEND, list, value, 0);
            }
            _ => {
                let value = self.value(item);
                self.at(item);
                self.emit(Opcode::LIST_APPEND, list, value, 0);
            }
        }
        self.top = mark;
    }

    pub(super) fn set(&mut self, node: &'a ast::ExprSet, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let items = &node.elts;
        if items.len() > 2
            && let Some(constants) = self.constants(items)
        {
            let set = self.accumulator(dst);
            self.at(node);
            self.emit(Opcode::BUILD_SET, set, set, 0);
            let all = self.constant_value(Constant::FrozenSet(constants.into()), None);
            self.emit(Opcode::SET_UPDATE, set, all, 0);
            return self.settle(mark, set, dst);
        }
        let set = self.accumulator(dst);
        let leading = items.iter().take_while(|item| !item.is_starred_expr()).count().min(CHUNK);
        let first = self.top;
        for item in &items[..leading] {
            self.temporary(item);
        }
        self.top = first;
        self.at(node);
        self.emit(Opcode::BUILD_SET, set, if leading == 0 { set } else { first }, leading as Reg);
        for item in &items[leading..] {
            let inner = self.top;
            let (value, op) = match item {
                Expr::Starred(starred) => (self.value(&starred.value), Opcode::SET_UPDATE),
                _ => (self.value(item), Opcode::SET_ADD),
            };
            self.at(node);
            self.emit(op, set, value, 0);
            self.top = inner;
        }
        self.settle(mark, set, dst)
    }

    pub(super) fn dict(&mut self, node: &'a ast::ExprDict, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let dict = self.accumulator(dst);
        let leading = node.items.iter().take_while(|item| item.key.is_some()).count().min(CHUNK / 2);
        let first = self.top;
        for item in &node.items[..leading] {
            self.temporary(item.key.as_ref().expect("leading items have keys"));
            self.temporary(&item.value);
        }
        self.top = first;
        self.at(node);
        self.emit(Opcode::BUILD_MAP, dict, if leading == 0 { dict } else { first }, leading as Reg);
        for item in &node.items[leading..] {
            let inner = self.top;
            match &item.key {
                Some(key) => {
                    let key = self.operand(key);
                    let value = self.value(&item.value);
                    self.at(node);
                    self.emit(Opcode::MAP_ADD, dict, key, value);
                }
                None => {
                    let value = self.value(&item.value);
                    self.at(node);
                    self.emit(Opcode::DICT_UPDATE, dict, value, 0);
                }
            }
            self.top = inner;
        }
        self.settle(mark, dict, dst)
    }
}
