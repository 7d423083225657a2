//! What the static checker knows about an expression.

use cinder_db::{Db, File, module_items, parsed_module};
use cinder_static::queries::{function_unit, module_header, module_unit};
use cinder_static::typed::{ExprFacts, TypedUnit};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt};
use cinder_syntax::node_id;
use cinder_text::{Ranged, TextRange};
use cinder_types::{ClassId, Type};

use super::Semantics;
use crate::ty::{Place, Ty};

/// Where a static module's functions have their bodies, in order, each with its place among the module's items; `None` for other modules.
///
/// Depends on: the file's text.
#[salsa::tracked(returns(ref), no_eq, lru = 64)]
fn function_bodies(db: &dyn Db, file: File) -> Option<Box<[(TextRange, usize)]>> {
    if !module_header(db, file).is_static {
        return None;
    }
    let parsed = parsed_module(db, file);
    let mut bodies = Bodies { parsed, found: Vec::new() };
    bodies.visit_body(parsed.suite());
    Some(bodies.found.into())
}

struct Bodies<'a> {
    parsed: &'a cinder_db::ParsedModule,
    found: Vec<(TextRange, usize)>,
}

impl<'a> SourceOrderVisitor<'a> for Bodies<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                let (first, last) = (function.body.first(), function.body.last());
                if let (Some(index), Some(first), Some(last)) = (self.parsed.function_index(function), first, last) {
                    self.found.push((TextRange::new(first.start(), last.end()), index));
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

impl<'db> Semantics<'db> {
    pub(crate) fn is_static(&self, file: File) -> bool {
        function_bodies(self.db, file).is_some()
    }

    /// The unit that a place of a static module belongs to; `None` for other modules.
    pub(crate) fn unit(&self, file: File, range: TextRange) -> Option<&'db TypedUnit> {
        let bodies = function_bodies(self.db, file).as_deref()?;
        let after = bodies.partition_point(|(body, _)| body.start() <= range.start());
        let around = after.checked_sub(1).map(|index| bodies[index]).filter(|(body, _)| body.contains_range(range));
        let item = around.and_then(|(_, index)| module_items(self.db, file).functions.get(index));
        Some(match item {
            Some(item) => &function_unit(self.db, *item).unit,
            None => &module_unit(self.db, file).unit,
        })
    }

    pub(crate) fn expression_facts(&self, file: File, expression: &Expr) -> Option<&'db ExprFacts> {
        self.unit(file, expression.range())?.exprs.get(&node_id(expression)?)
    }

    /// The checker's type of an expression; `None` where it knows no more than that it is a value.
    pub(crate) fn checked_type(&self, file: File, expression: &Expr) -> Option<&'db Type> {
        let ty = &self.expression_facts(file, expression)?.ty;
        (!matches!(ty, Type::Dynamic | Type::Unknown)).then_some(ty)
    }

    pub(crate) fn value_of_checked(&self, ty: &Type) -> Ty {
        let builtin = |name: &str| self.builtin(name, Vec::new());
        match ty {
            Type::None => Ty::None,
            Type::Instance { class, .. } => {
                self.class_of(class).map_or(Ty::Unknown, |class| Ty::Instance(class, Vec::new()))
            }
            Type::IntLiteral(_) => builtin("int"),
            Type::BoolLiteral(_) => builtin("bool"),
            Type::Union(members) => Ty::union(members.iter().map(|member| self.value_of_checked(member))),
            Type::Class(class) => match self.value_of_checked(&class.instance) {
                Ty::Instance(class, args) => Ty::Class(class, args),
                _ => Ty::Unknown,
            },
            Type::Prim(_) | Type::PrimLiteral(_) | Type::Generic(_) => Ty::Static(ty.to_string()),
            Type::Module(name) => self.module(name, None).map_or(Ty::Unknown, Ty::Module),
            _ => Ty::Unknown,
        }
    }

    fn class_of(&self, class: &ClassId) -> Option<Place> {
        let file = self.module(class.module(), None)?;
        let file = if class.known().is_some() { file.declaration()? } else { file.source.or(file.stub)? };
        let dotted = match class {
            ClassId::Known(known) => known.name().to_string(),
            ClassId::User(name) => name.name.to_string(),
        };
        let mut parts = dotted.split('.');
        let mut found = self.module_names(file, parts.next()?).into_iter().last()?;
        for part in parts {
            let Ty::Class(class, _) = self.type_of_def(&found) else { return None };
            found = self.own_members(class, part).into_iter().last()?;
        }
        match self.type_of_def(&found) {
            Ty::Class(class, _) => Some(class),
            _ => None,
        }
    }
}
