//! Annotations, bases and decorators without positions.
//!
//! Problem: what a class or function *declares* must compare equal when text moves, so it cannot hold a tree.
//! Idea: lower the expressions that matter to a small form; everything that can never be a type becomes [`TypeExpr::Value`].

use cinder_syntax::ast::{self, Expr};
use cinder_types::{ConstValue, Name};

use crate::fold::fold;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TypeExpr {
    Name(Name),
    Attribute(Box<Self>, Name),
    Subscript(Box<Self>, Vec<Self>),
    /// `A | B`.
    Either(Box<Self>, Box<Self>),
    None,
    Const(Box<ConstValue>),
    /// A string annotation that parsed.
    Quoted(Box<Self>),
    /// A string annotation that does not parse.
    Malformed,
    Slice,
    /// A call: decorators with arguments. Named arguments, with constant values where they have any.
    Call(Box<Self>, Vec<(Name, Option<ConstValue>)>),
    /// An expression that is not a type.
    Value,
}

impl TypeExpr {
    /// Lowers an annotation, base or decorator.
    pub fn lower(expr: &Expr) -> Self {
        match expr {
            Expr::Name(name) => Self::Name(name.id.clone()),
            Expr::Attribute(attribute) => {
                Self::Attribute(Box::new(Self::lower(&attribute.value)), attribute.attr.id.clone())
            }
            Expr::Subscript(subscript) => {
                let args = match &*subscript.slice {
                    Expr::Tuple(tuple) => tuple.elts.iter().map(Self::lower).collect(),
                    slice => vec![Self::lower(slice)],
                };
                Self::Subscript(Box::new(Self::lower(&subscript.value)), args)
            }
            Expr::BinOp(ast::ExprBinOp { left, op: ast::Operator::BitOr, right, .. }) => {
                Self::Either(Box::new(Self::lower(left)), Box::new(Self::lower(right)))
            }
            Expr::NoneLiteral(_) => Self::None,
            Expr::Slice(_) => Self::Slice,
            Expr::StringLiteral(string) => Self::quoted(string.value.to_str()),
            Expr::Call(call) => Self::Call(
                Box::new(Self::lower(&call.func)),
                call.arguments
                    .keywords
                    .iter()
                    .map(|keyword| {
                        let name = keyword.arg.as_ref().map_or_else(Name::empty, |name| name.id.clone());
                        (name, fold(&keyword.value))
                    })
                    .collect(),
            ),
            _ => fold(expr).map_or(Self::Value, |value| Self::Const(Box::new(value))),
        }
    }

    fn quoted(text: &str) -> Self {
        let parsed = cinder_syntax::parse(text, cinder_syntax::Mode::Annotation);
        match parsed.expression() {
            Some(inner) if parsed.is_valid() => Self::Quoted(Box::new(Self::lower(inner))),
            _ => Self::Malformed,
        }
    }
}
