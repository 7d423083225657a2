//! Attributes that methods give to their instances, and that others give to things they have a name for.

use cinder_db::{Db, File, parsed_module};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_syntax::ast::{Expr, ExprAttribute, Stmt, StmtFunctionDef};
use cinder_text::{Ranged, TextRange};

/// `self.name = ...` or `self.name: T` in a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: Box<str>,
    /// The class whose method it is; `None` for attributes given from outside, as to a `threading.local`.
    pub(crate) class: Option<TextRange>,
    /// The identifier after the dot.
    pub(crate) range: TextRange,
    pub(crate) statement: TextRange,
    pub(crate) is_annotated: bool,
}

/// All of a file, in order of place: those of classes, and those given from outside.
#[derive(Default)]
struct Fields {
    own: Vec<Field>,
    loose: Vec<Field>,
}

/// Depends on: the file's text.
#[salsa::tracked(returns(ref), no_eq, lru = 256)]
fn fields(db: &dyn Db, file: File) -> Fields {
    let mut walk = Walk { class: None, receiver: None, fields: Fields::default() };
    walk.visit_body(parsed_module(db, file).suite());
    walk.fields
}

/// Those given from outside.
pub(crate) fn loose_fields(db: &dyn Db, file: File) -> &[Field] {
    &fields(db, file).loose
}

/// Those that stand within a range.
pub(crate) fn fields_within(db: &dyn Db, file: File, within: TextRange) -> &[Field] {
    let all = &fields(db, file).own;
    let first = all.partition_point(|field| field.range.start() < within.start());
    let count = all[first..].partition_point(|field| field.range.start() < within.end());
    &all[first..first + count]
}

struct Walk<'a> {
    class: Option<TextRange>,
    /// The class and the name of the first parameter of the method we are in.
    receiver: Option<(TextRange, &'a str)>,
    fields: Fields,
}

/// `a`, `a.b`, `a.b.c`.
pub(crate) fn is_dotted_name(expression: &Expr) -> bool {
    match expression {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_dotted_name(&attribute.value),
        _ => false,
    }
}

impl<'a> Walk<'a> {
    fn target(&mut self, target: &'a Expr, statement: TextRange, is_annotated: bool) {
        match target {
            Expr::Attribute(attribute) => self.attribute(attribute, statement, is_annotated),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| self.target(item, statement, false)),
            Expr::List(list) => list.elts.iter().for_each(|item| self.target(item, statement, false)),
            Expr::Starred(starred) => self.target(&starred.value, statement, false),
            _ => {}
        }
    }

    fn attribute(&mut self, attribute: &'a ExprAttribute, statement: TextRange, is_annotated: bool) {
        let is_self =
            |(_, receiver): &(TextRange, &str)| matches!(&*attribute.value, Expr::Name(name) if name.id == *receiver);
        let class = self.receiver.filter(is_self).map(|(class, _)| class);
        let name = attribute.attr.as_str().into();
        let field = Field { name, class, range: attribute.attr.range, statement, is_annotated };
        if class.is_some() {
            self.fields.own.push(field);
        } else if is_dotted_name(&attribute.value) {
            self.fields.loose.push(field);
        }
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        let first = function.parameters.posonlyargs.first().or(function.parameters.args.first());
        let is_static = function
            .decorator_list
            .iter()
            .any(|decorator| matches!(&decorator.expression, Expr::Name(name) if name.id == "staticmethod"));
        let outer = (self.class.take(), self.receiver);
        if let (Some(class), Some(first), false) = (outer.0, first, is_static) {
            self.receiver = Some((class, first.parameter.name.as_str()));
        }
        self.visit_body(&function.body);
        (self.class, self.receiver) = outer;
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ClassDef(class) => {
                let outer = self.class.replace(class.range);
                let receiver = self.receiver.take();
                self.visit_body(&class.body);
                (self.class, self.receiver) = (outer, receiver);
            }
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.target(target, assign.range, false));
            }
            Stmt::AnnAssign(assign) => self.target(&assign.target, assign.range, true),
            Stmt::For(loop_) => {
                self.target(&loop_.target, loop_.range, false);
                walk_stmt(self, stmt);
            }
            Stmt::With(with) => {
                for target in with.items.iter().filter_map(|item| item.optional_vars.as_deref()) {
                    self.target(target, with.range(), false);
                }
                walk_stmt(self, stmt);
            }
            _ => walk_stmt(self, stmt),
        }
    }

    // Expressions hold no assignments to attributes.
    fn visit_expr(&mut self, _: &'a Expr) {}
}
