//! `*x` and `**x` in calls of known callees.
//!
//! Problem: what a sequence or a mapping holds is known only when the call is made, yet a direct call skips the callee's entry checks.
//! Idea: the one starred argument fills exactly the parameters that nothing else names: `*x` a run of them by position, `**x` any of them by
//! name. So each element has its parameter before the program runs, and its conversion with it.
//! What must hold: the run time hands out as many values as parameters are planned, or raises `TypeError`.
//!
//! Follows: the language specification, sections 7.2 and 19.

use cinder_syntax::ast::{self, Expr};
use cinder_types::{DefaultValue, Param, ParamKind, Signature, Type};

use super::Checker;
use crate::rules::Rule;
use crate::typed::ArgSource;

/// The starred arguments of a call.
#[derive(Clone, Copy)]
pub(super) struct Stars {
    /// How many `*x`.
    pub(super) positional: usize,
    /// How many `**x`.
    pub(super) named: usize,
    /// Positional arguments before the first `*x`.
    pub(super) leading: usize,
}

impl Stars {
    pub(super) fn of(call: &ast::ExprCall) -> Stars {
        let args = &call.arguments.args;
        Stars {
            positional: args.iter().filter(|arg| arg.is_starred_expr()).count(),
            named: call.arguments.keywords.iter().filter(|keyword| keyword.arg.is_none()).count(),
            leading: args.iter().take_while(|arg| !arg.is_starred_expr()).count(),
        }
    }

    pub(super) fn any(self) -> bool {
        self.positional + self.named > 0
    }

    /// A positional argument stands behind a `*x`.
    pub(super) fn followed(self, call: &ast::ExprCall) -> bool {
        self.leading + self.positional < call.arguments.args.len()
    }
}

/// Parameters that no argument of its own fills, with their places. `bound` parameters are filled before the arguments.
pub(super) fn open_params<'s>(
    call: &'s ast::ExprCall,
    signature: &'s Signature,
    bound: usize,
) -> impl Iterator<Item = (usize, &'s Param)> {
    let given = Stars::of(call).leading + bound;
    let open =
        move |(index, param): &(usize, &Param)| *index >= given && call.arguments.find_keyword(&param.name).is_none();
    signature.positional().enumerate().filter(open)
}

/// The shape allows a static call (section 7.2).
pub(super) fn is_static_shape(call: &ast::ExprCall, signature: &Signature, bound: usize) -> bool {
    if signature.is_variadic() || signature.has(ParamKind::KeywordOnly) {
        return false;
    }
    let stars = Stars::of(call);
    let mut open = open_params(call, signature, bound).peekable();
    match (stars.positional, stars.named) {
        // Every omitted parameter has a constant default, or is missing (which is reported).
        (0, 0) => open.all(|(_, param)| !matches!(param.default, DefaultValue::Evaluated)),
        // The elements go to a run of parameters right behind the other positional ones, each of which must be given.
        (1, 0) => {
            !stars.followed(call)
                && open.peek().is_some()
                && open.enumerate().all(|(offset, (index, param))| {
                    index == stars.leading + bound + offset && matches!(param.default, DefaultValue::Missing)
                })
        }
        // No key fills a positional-only parameter. The keys of private ones are not the names that are written.
        (0, 1) => {
            open_params(call, signature, bound).any(|(_, param)| param.kind == ParamKind::Standard)
                && open.all(|(_, param)| {
                    !matches!(param.default, DefaultValue::Evaluated) && !param.name.starts_with("__")
                })
        }
        _ => false,
    }
}

impl Checker<'_> {
    /// Visits a starred argument at `place` and plans an element of it for every parameter that is still open and not named by a keyword.
    pub(super) fn spread_argument(
        &mut self,
        argument: ast::ArgOrKeyword<'_>,
        place: u32,
        call: &ast::ExprCall,
        params: &[&Param],
        sources: &mut [Option<ArgSource>],
    ) {
        let is_named = matches!(argument, ast::ArgOrKeyword::Keyword(_));
        match argument {
            ast::ArgOrKeyword::Arg(whole) => self.starred(whole),
            ast::ArgOrKeyword::Keyword(keyword) => {
                self.object(&keyword.value, Rule::PrimitiveEscape, "Call argument cannot be a primitive");
            }
        }
        for (param, source) in params.iter().zip(sources) {
            let fits = !is_named || param.kind == ParamKind::Standard;
            if source.is_none() && fits && call.arguments.find_keyword(&param.name).is_none() {
                let convert = Self::conversion(&Type::Dynamic, &param.ty);
                *source = Some(ArgSource::Element { argument: place, convert });
            }
        }
    }

    /// Visits `*x`.
    pub(super) fn starred(&mut self, whole: &Expr) {
        let Expr::Starred(starred) = whole else { return };
        self.object(&starred.value, Rule::PrimitiveEscape, "starred expression cannot be primitive");
        self.set(whole, Type::Dynamic, crate::typed::ExprOp::Python);
    }
}
