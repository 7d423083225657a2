//! Calls: windows of registers, methods, keywords, `*` and `**`, `super()`.

use super::{Lowerer, Reg};
use cinder_bytecode::{Constant, FRAME_HEADER, Opcode, flags};
use cinder_semantic::{Resolution, ScopeKind};
use cinder_syntax::ast::{self, Expr, ExprContext, Keyword, name::Name};
use cinder_text::{Ranged, TextRange};

pub(super) const HEADER: Reg = FRAME_HEADER as Reg;

/// Calls with more arguments than this gather them in a tuple and a dict.
const WINDOW_LIMIT: usize = 250;

impl<'a> Lowerer<'a> {
    pub(super) fn call(&mut self, node: &'a ast::ExprCall, dst: Option<Reg>) -> Reg {
        let arguments = &node.arguments;
        let many = arguments.args.len() + arguments.keywords.len() > WINDOW_LIMIT;
        let spread = arguments.args.iter().any(Expr::is_starred_expr)
            || arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
        let mark = self.top;
        if many || spread {
            self.temporary(&node.func);
            return self.spread_call(mark, 0, &arguments.args, &arguments.keywords, None, node, dst);
        }
        if let Expr::Attribute(attribute) = &*node.func
            && attribute.ctx == ExprContext::Load
            && self.facts_of(&node.func).is_none()
        {
            return self.method_call(node, attribute, dst);
        }
        self.temporary(&node.func);
        self.top = mark + HEADER;
        self.reserve(mark + HEADER);
        let count = self.arguments(&arguments.args, &arguments.keywords);
        self.finish_call(mark, count, &arguments.keywords, false, node, dst)
    }

    fn method_call(&mut self, node: &'a ast::ExprCall, attribute: &'a ast::ExprAttribute, dst: Option<Reg>) -> Reg {
        let base = self.top;
        let name = self.mangled(&attribute.attr.id);
        if let Some((first, explicit)) = self.super_operands(attribute) {
            self.at_attribute(attribute);
            self.emit_name(Opcode::LOAD_SUPER_METHOD, base, first, explicit, &name);
        } else {
            let object = self.value(&attribute.value);
            self.at_attribute(attribute);
            self.emit_name(Opcode::LOAD_METHOD, base, object, 0, &name);
        }
        self.top = base + HEADER + 1;
        let end = self.top;
        self.reserve(end);
        let arguments = &node.arguments;
        let count = self.arguments(&arguments.args, &arguments.keywords);
        self.finish_call(base, count, &arguments.keywords, true, node, dst)
    }

    /// Lays positional and keyword values down from the top; gives their number.
    fn arguments(&mut self, args: &'a [Expr], keywords: &'a [Keyword]) -> u32 {
        for argument in args {
            self.temporary(argument);
        }
        for keyword in keywords {
            self.temporary(&keyword.value);
        }
        (args.len() + keywords.len()) as u32
    }

    fn finish_call(
        &mut self,
        base: Reg,
        count: u32,
        keywords: &'a [Keyword],
        is_method: bool,
        node: &'a ast::ExprCall,
        dst: Option<Reg>,
    ) -> Reg {
        let out = self.finish(base, dst);
        self.at(node);
        if is_method {
            self.at_method_call(node);
        }
        if keywords.is_empty() {
            let op = if is_method { Opcode::CALL_METHOD } else { Opcode::CALL };
            self.emit(op, out, base, count);
        } else {
            let names = self.keyword_names(keywords);
            let op = if is_method { Opcode::CALL_METHOD_KW } else { Opcode::CALL_KW };
            self.emit_number(op, out, base, count, names);
        }
        out
    }

    /// A method call whose name is on a later line than its beginning is shown from the name on.
    fn at_method_call(&mut self, node: &ast::ExprCall) {
        let Expr::Attribute(attribute) = &*node.func else { return };
        if self.expanded_at.is_some() {
            // The text may be another module's.
            return;
        }
        let (range, name) = (node.range(), attribute.attr.range);
        if self.line_number(range.start()) != self.line_number(name.start()) {
            self.range = Some(TextRange::new(name.start(), range.end()));
        }
    }

    pub(super) fn keyword_names(&mut self, keywords: &'a [Keyword]) -> u32 {
        let names = keywords
            .iter()
            .map(|keyword| {
                let name = keyword.arg.as_ref().expect("`**` goes through spread calls");
                Constant::Str(name.id.as_str().into())
            })
            .collect();
        self.constants.place(Constant::Tuple(names))
    }

    /// A call with `*`, `**` or very many arguments. The callable is at `base`; `given` further arguments stand at the window's first
    /// places (a class's body and name); `extra` is one more positional argument at the end.
    #[expect(clippy::too_many_arguments, reason = "the parts of a call, each of its own kind")]
    pub(super) fn spread_call(
        &mut self,
        base: Reg,
        given: u32,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        extra: Option<Reg>,
        node: &impl Ranged,
        dst: Option<Reg>,
    ) -> Reg {
        let positional = base + HEADER;
        self.top = positional + given;
        let end = self.top;
        self.reserve(end);
        match (given, args, extra) {
            (0, [Expr::Starred(only)], None) => {
                self.temporary(&only.value);
            }
            _ => self.spread_positional(positional, given, args, extra),
        }
        self.top = positional + 1;
        if !keywords.is_empty() {
            let dict = self.alloc();
            self.spread_keywords(base, dict, keywords, node);
        }
        self.reserve(base + HEADER + 2);
        let out = self.finish(base, dst);
        self.at(node);
        self.emit(Opcode::CALL_EX, out, base, Reg::from(!keywords.is_empty()));
        out
    }

    fn spread_positional(&mut self, list: Reg, given: u32, args: &'a [Expr], extra: Option<Reg>) {
        let leading = args.iter().take_while(|arg| !arg.is_starred_expr()).count().min(super::display::CHUNK);
        self.top = list + given;
        for argument in &args[..leading] {
            self.temporary(argument);
        }
        let end = (list + 1).max(self.top);
        self.reserve(end);
        self.emit(Opcode::BUILD_LIST, list, list, given + leading as u32);
        self.top = list + 1;
        for argument in &args[leading..] {
            self.append_item(list, argument);
        }
        if let Some(extra) = extra {
            self.emit(Opcode::LIST_APPEND, list, extra, 0);
        }
    }

    fn spread_keywords(&mut self, callable: Reg, dict: Reg, keywords: &'a [Keyword], node: &impl Ranged) {
        self.at(node);
        self.emit(Opcode::BUILD_MAP, dict, dict, 0);
        let mut since_spread = false;
        for keyword in keywords {
            let mark = self.top;
            match &keyword.arg {
                None => {
                    let value = self.value(&keyword.value);
                    self.at(node);
                    self.emit(Opcode::DICT_MERGE, dict, value, callable);
                    since_spread = true;
                }
                Some(name) => {
                    let key = self.alloc();
                    let name = Constant::Str(name.id.as_str().into());
                    self.load_constant(key, name);
                    let value = self.temporary(&keyword.value);
                    self.at(node);
                    if since_spread {
                        // It may repeat a key of the mapping before it, which is an error.
                        let single = self.top;
                        self.reserve(single + 1);
                        self.emit(Opcode::BUILD_MAP, single, key, 1);
                        self.emit(Opcode::DICT_MERGE, dict, single, callable);
                    } else {
                        self.emit(Opcode::MAP_ADD, dict, key, value);
                    }
                }
            }
            self.top = mark;
        }
    }

    /// `super().name` and `super(C, self).name` without making the super object.
    pub(super) fn super_attribute(&mut self, node: &'a ast::ExprAttribute, dst: Option<Reg>) -> Option<Reg> {
        let mark = self.top;
        let (first, explicit) = self.super_operands(node)?;
        let name = self.mangled(&node.attr.id);
        let out = self.finish(mark, dst);
        self.at_attribute(node);
        self.emit_name(Opcode::LOAD_SUPER_ATTR, out, first, explicit, &name);
        Some(out)
    }

    /// Lays down `super`, class and object for an access through a plain `super` call; 1 when they were written out.
    fn super_operands(&mut self, node: &'a ast::ExprAttribute) -> Option<(Reg, Reg)> {
        let Expr::Call(call) = &*node.value else { return None };
        let Expr::Name(callee) = &*call.func else { return None };
        if callee.id.as_str() != "super" || !call.arguments.keywords.is_empty() || !self.is_plain_super() {
            return None;
        }
        match &*call.arguments.args {
            [] => self.implicit_super(callee, call).map(|first| (first, 0)),
            [class, object] if !class.is_starred_expr() && !object.is_starred_expr() => {
                self.at(callee);
                let first = self.alloc();
                self.load_name("super", Some(first));
                self.temporary(class);
                self.temporary(object);
                Some((first, 1))
            }
            _ => None,
        }
    }

    /// Whether `super` is the builtin as far as scopes tell.
    fn is_plain_super(&self) -> bool {
        let scope = self.index.scope(self.naming);
        self.kind.is_function_like()
            && scope.symbol("super").is_some_and(|symbol| symbol.resolution == Resolution::GlobalImplicit)
            && self
                .index
                .scope(self.index.module_scope())
                .symbol("super")
                .is_none_or(|symbol| symbol.definitions.is_empty())
    }

    fn implicit_super(&mut self, callee: &ast::ExprName, call: &ast::ExprCall) -> Option<Reg> {
        let class_name = Name::new_static("__class__");
        let cell = *self.unit.free.get(&class_name)?;
        if self.argument_count == 0
            || !matches!(self.kind, ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Generator)
        {
            return None;
        }
        debug_assert!(self.flags & flags::OPTIMIZED != 0);
        self.at(callee);
        let first = self.alloc_run(3);
        self.load_name("super", Some(first));
        self.at(call);
        let name = self.names.place("__class__");
        self.emit(Opcode::LOAD_DEREF, first + 1, cell, name);
        let own = self.locals[0].name.clone();
        if self.locals[0].kind == cinder_bytecode::LocalKind::Cell {
            let name = self.names.place(&own);
            self.emit(Opcode::LOAD_DEREF, first + 2, 0, name);
        } else {
            self.emit_name(Opcode::CHECK_BOUND, 0, 0, 0, &own);
            self.emit(Opcode::MOVE, first + 2, 0, 0);
        }
        Some(first)
    }
}
