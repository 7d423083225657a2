//! Expressions, comprehensions and assignment expressions.

use super::{Builder, grow};
use crate::{DefinitionKind, ScopeFlags, ScopeKind, SymbolFlags};
use cinder_syntax::ast::{self, Expr, ExprContext, InterpolatedStringElement, name::Name};
use cinder_text::{Ranged, TextRange};

impl Builder {
    pub(super) fn visit(&mut self, expression: &Expr) {
        grow(|| self.expression_node(expression));
    }

    fn expression_node(&mut self, expression: &Expr) {
        match expression {
            Expr::BoolOp(node) => self.visit_all(&node.values),
            Expr::Named(node) => self.named(node),
            Expr::BinOp(node) => {
                self.visit(&node.left);
                self.visit(&node.right);
            }
            Expr::UnaryOp(node) => self.visit(&node.operand),
            Expr::Lambda(node) => self.lambda(node),
            Expr::If(node) => {
                self.visit(&node.test);
                self.visit(&node.body);
                self.visit(&node.orelse);
            }
            Expr::Dict(node) => {
                for item in &node.items {
                    self.visit_optional(item.key.as_ref());
                    self.visit(&item.value);
                }
            }
            Expr::Set(node) => self.visit_all(&node.elts),
            Expr::ListComp(node) => {
                self.comprehension(ScopeKind::ListComp, "listcomp", node.range, &node.generators, &[&node.elt])
            }
            Expr::SetComp(node) => {
                self.comprehension(ScopeKind::SetComp, "setcomp", node.range, &node.generators, &[&node.elt])
            }
            Expr::DictComp(node) => {
                let mut parts: Vec<&Expr> = node.key.as_deref().into_iter().collect();
                parts.push(&node.value);
                self.comprehension(ScopeKind::DictComp, "dictcomp", node.range, &node.generators, &parts);
            }
            Expr::Generator(node) => {
                self.comprehension(ScopeKind::Generator, "genexpr", node.range, &node.generators, &[&node.elt])
            }
            Expr::Await(node) => {
                self.forbid("await expression", node.range);
                self.visit(&node.value);
                self.scope_mut().flags |= ScopeFlags::COROUTINE;
            }
            Expr::Yield(node) => {
                self.forbid("yield expression", node.range);
                self.visit_optional(node.value.as_deref());
                self.yields(node.range);
            }
            Expr::YieldFrom(node) => {
                self.forbid("yield expression", node.range);
                self.visit(&node.value);
                self.yields(node.range);
            }
            Expr::Compare(node) => {
                self.visit(&node.left);
                self.visit_all(&node.comparators);
            }
            Expr::Call(node) => {
                self.visit(&node.func);
                self.visit_all(&node.arguments.args);
                for keyword in &node.arguments.keywords {
                    if keyword.arg.as_deref() == Some("__debug__") {
                        self.error("cannot assign to __debug__", keyword.range);
                    }
                    self.visit(&keyword.value);
                }
            }
            Expr::FString(node) => self.interpolated(node.value.elements()),
            Expr::TString(node) => self.interpolated(node.value.elements()),
            Expr::Attribute(node) => {
                if node.ctx != ExprContext::Load && node.attr.as_str() == "__debug__" {
                    let verb = if node.ctx == ExprContext::Del { "delete" } else { "assign to" };
                    self.error(format!("cannot {verb} __debug__"), node.range);
                }
                self.visit(&node.value);
            }
            Expr::Subscript(node) => {
                self.visit(&node.value);
                self.visit(&node.slice);
            }
            Expr::Starred(node) => self.visit(&node.value),
            Expr::Name(node) => self.name(node),
            Expr::List(node) => self.visit_all(&node.elts),
            Expr::Tuple(node) => self.visit_all(&node.elts),
            Expr::Slice(node) => {
                self.visit_optional(node.lower.as_deref());
                self.visit_optional(node.upper.as_deref());
                self.visit_optional(node.step.as_deref());
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => {}
        }
    }

    fn name(&mut self, node: &ast::ExprName) {
        match node.ctx {
            ExprContext::Load => {
                self.read(&node.id, node.range);
                if node.id.as_str() == "super" && self.kind().is_function_like() {
                    self.declare("__class__", SymbolFlags::USE, node.range);
                }
            }
            ExprContext::Del if node.id.as_str() == "__debug__" => self.error("cannot delete __debug__", node.range),
            ExprContext::Store | ExprContext::Del => self.bind(&node.id, SymbolFlags::LOCAL, node.range),
            // The parser has reported what is wrong here.
            ExprContext::Invalid => self.read(&node.id, node.range),
        }
    }

    fn interpolated<'a>(&mut self, elements: impl Iterator<Item = &'a InterpolatedStringElement>) {
        for element in elements {
            if let InterpolatedStringElement::Interpolation(part) = element {
                self.visit(&part.expression);
                if let Some(spec) = &part.format_spec {
                    grow(|| self.interpolated(spec.elements.iter()));
                }
            }
        }
    }

    /// Marks a generator; `yield` in a comprehension is an error.
    fn yields(&mut self, range: TextRange) {
        let place = match self.kind() {
            ScopeKind::ListComp => "list comprehension",
            ScopeKind::SetComp => "set comprehension",
            ScopeKind::DictComp => "dict comprehension",
            ScopeKind::Generator => "generator expression",
            _ => {
                self.scope_mut().flags |= ScopeFlags::GENERATOR;
                return;
            }
        };
        self.error(format!("'yield' inside {place}"), range);
    }

    /// What may not stand in annotations and type parameters.
    fn forbid(&mut self, what: &str, range: TextRange) {
        let place = match self.kind() {
            ScopeKind::Annotation => "an annotation",
            ScopeKind::TypeVariable => self.type_variable_place,
            ScopeKind::TypeAlias => "a type alias",
            ScopeKind::TypeParameters => "the definition of a generic",
            _ => return,
        };
        self.error(format!("{what} cannot be used within {place}"), range);
    }

    fn named(&mut self, node: &ast::ExprNamed) {
        self.forbid("named expression", node.range);
        let Expr::Name(target) = &*node.target else {
            self.visit(&node.target);
            return self.visit(&node.value);
        };
        if self.position.comp_iterable > 0 {
            self.error("assignment expression cannot be used in a comprehension iterable expression", node.range);
        }
        self.binding_as(DefinitionKind::Named, node, |this| {
            if this.kind().is_comprehension() {
                this.named_in_comprehension(target);
            }
            this.visit(&node.value);
            if this.kind().is_comprehension() {
                // Bound further out; the comprehension has it as a `global` or `nonlocal` of its own.
                this.declare(&target.id, SymbolFlags::LOCAL, target.range);
            } else {
                this.bind(&target.id, SymbolFlags::LOCAL, target.range);
            }
        });
    }

    /// Binds a walrus target in the scope that holds the comprehensions.
    fn named_in_comprehension(&mut self, target: &ast::ExprName) {
        let mangled = self.mangled(&target.id);
        let mut id = self.current;
        loop {
            let scope = self.index.scope(id);
            let flags = scope.flags_of(&mangled);
            match scope.kind {
                kind if kind.is_comprehension() => {
                    if flags.contains(SymbolFlags::COMP_ITER)
                        && flags.intersects(SymbolFlags::LOCAL | SymbolFlags::GLOBAL)
                    {
                        let message = format!(
                            "assignment expression cannot rebind comprehension iteration variable '{}'",
                            target.id
                        );
                        return self.error(message, target.range);
                    }
                }
                ScopeKind::Function | ScopeKind::Lambda => {
                    let outer =
                        if flags.contains(SymbolFlags::GLOBAL) { SymbolFlags::GLOBAL } else { SymbolFlags::NONLOCAL };
                    self.declare(&target.id, outer, target.range);
                    self.record_directive(&target.id, target.range);
                    self.add_flags(id, &mangled, SymbolFlags::LOCAL);
                    return self.define(id, &target.id, target.range);
                }
                ScopeKind::Module => {
                    self.declare(&target.id, SymbolFlags::GLOBAL, target.range);
                    self.record_directive(&target.id, target.range);
                    self.add_flags(id, &mangled, SymbolFlags::GLOBAL);
                    return self.define(id, &target.id, target.range);
                }
                kind => {
                    let place = match kind {
                        ScopeKind::Class => "a class body",
                        ScopeKind::TypeParameters => "the definition of a generic",
                        ScopeKind::TypeAlias => "a type alias",
                        ScopeKind::TypeVariable => "a TypeVar bound",
                        _ => "an annotation",
                    };
                    let message = format!("assignment expression within a comprehension cannot be used in {place}");
                    return self.error(message, target.range);
                }
            }
            id = scope.parent.expect("the walk ends at the module");
        }
    }

    fn comprehension(
        &mut self,
        kind: ScopeKind,
        name: &'static str,
        range: TextRange,
        clauses: &[ast::Comprehension],
        parts: &[&Expr],
    ) {
        let Some((outermost, inner)) = clauses.split_first() else {
            return self.visit_all(parts.iter().copied());
        };
        self.iterable(&outermost.iter);
        let scope = self.make_scope(kind, &Name::new_static(name), range);
        self.within(scope, |this| {
            if outermost.is_async {
                this.scope_mut().flags |= ScopeFlags::COROUTINE;
            }
            this.declare(".0", SymbolFlags::PARAM, outermost.iter.range());
            this.clause_target(outermost);
            this.visit_all(&outermost.ifs);
            for clause in inner {
                this.clause_target(clause);
                this.iterable(&clause.iter);
                this.visit_all(&clause.ifs);
                if clause.is_async {
                    this.scope_mut().flags |= ScopeFlags::COROUTINE;
                }
            }
            this.visit_all(parts.iter().copied());
            if kind == ScopeKind::Generator {
                this.scope_mut().flags |= ScopeFlags::GENERATOR;
            }
        });
        if kind != ScopeKind::Generator && self.index.scope(scope).flags.contains(ScopeFlags::COROUTINE) {
            self.scope_mut().flags |= ScopeFlags::COROUTINE;
        }
    }

    fn clause_target(&mut self, clause: &ast::Comprehension) {
        let saved = std::mem::replace(&mut self.position.comp_target, true);
        self.binding_as(DefinitionKind::Comprehension, clause, |this| this.visit(&clause.target));
        self.position.comp_target = saved;
    }

    fn iterable(&mut self, iterable: &Expr) {
        self.position.comp_iterable += 1;
        self.visit(iterable);
        self.position.comp_iterable -= 1;
    }
}
