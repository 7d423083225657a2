//! Names in text that is read as a type.
//!
//! Problem: `x: "Node"`, `Dict["Node", int]`, `cast("Node", x)` name things, `Literal["Node"]`, `d["Node"]` do not, and a rename must know.
//! Idea: the way from the text outwards decides: an annotation, the arguments of something that makes types, or the few functions that take types.

use cinder_db::{File, source_text};
use cinder_syntax::ast::{AnyNodeRef, Arguments, Expr, ExprSubscript};
use cinder_text::{Ranged, TextRange};

use crate::semantics::annotation::special_form;
use crate::semantics::{Def, Semantics};
use crate::syntax::is_name_char;
use crate::ty::Ty;

/// What `typing` makes types with, besides classes.
const FORMS: &[&str] = &[
    "Annotated",
    "Callable",
    "ClassVar",
    "Concatenate",
    "Deque",
    "DefaultDict",
    "Dict",
    "Final",
    "FrozenSet",
    "Generic",
    "List",
    "NotRequired",
    "Optional",
    "OrderedDict",
    "Protocol",
    "ReadOnly",
    "Required",
    "Set",
    "Tuple",
    "Type",
    "TypeGuard",
    "TypeIs",
    "Union",
    "Unpack",
];

impl<'db> Semantics<'db> {
    /// Whether the text at the end of `path` is read as a type.
    pub(crate) fn is_type_text(&self, file: File, path: &[AnyNodeRef<'db>]) -> bool {
        let Some(leaf) = path.last().map(Ranged::range) else { return false };
        let mut is_type = false;
        for node in path.iter().rev() {
            let within = |range: TextRange| range.contains_range(leaf);
            match node {
                AnyNodeRef::ExprSubscript(subscript) if within(subscript.slice.range()) => {
                    match special_form(&subscript.value) {
                        Some("Literal") => return false,
                        Some("Annotated") if !first_element(subscript).is_some_and(within) => return false,
                        Some(form) if FORMS.contains(&form) => is_type = true,
                        _ if self.is_generic(file, &subscript.value) => is_type = true,
                        _ if !is_type && !is_annotation(path, leaf) => return false,
                        _ => {}
                    }
                }
                AnyNodeRef::ExprCall(call) if within(call.arguments.range) => {
                    return is_type || takes_type(special_form(&call.func), &call.arguments, leaf);
                }
                _ if node.is_statement() => break,
                _ => {}
            }
        }
        is_type || is_annotation(path, leaf)
    }

    fn is_generic(&self, file: File, head: &'db Expr) -> bool {
        let Ty::Class(class, args) = self.expression(file, head) else { return false };
        let has_parameters = self.class_node(class).is_some_and(|node| {
            let is_form = |base: &Expr| matches!(base, Expr::Subscript(base) if matches!(special_form(&base.value), Some("Generic" | "Protocol")));
            node.type_params.is_some() || node.bases().iter().any(is_form)
        });
        has_parameters || !self.class_members(class, &args, "__class_getitem__").is_empty()
    }

    /// The definitions that a name in such text means; `a.b` is followed from `a`.
    pub(crate) fn quoted_defs(&self, file: File, range: TextRange) -> Vec<Def> {
        let text = source_text(self.db, file).as_str();
        let before = &text[..range.start().to_usize()];
        let chain = before.trim_end_matches(|c: char| is_name_char(c) || c == '.');
        let mut parts: Vec<&str> = before[chain.len()..].split('.').collect();
        let name = cinder_text::slice(text, range);
        // What follows the last dot is empty.
        parts.pop();
        let lookup = |name: &str| self.lookup(file, self.scope_at(file, range.start()), name);
        let Some((first, middle)) = parts.split_first() else { return lookup(name) };
        let Some(def) = self.follow_all(lookup(first), false).pop() else { return Vec::new() };
        let value = middle.iter().fold(self.type_of_def(&def), |value, part| self.member_type(&value, part));
        self.members(&value, name).into_iter().map(|member| member.def).collect()
    }
}

fn first_element(subscript: &ExprSubscript) -> Option<TextRange> {
    match &*subscript.slice {
        Expr::Tuple(tuple) => tuple.elts.first().map(Ranged::range),
        one => Some(one.range()),
    }
}

/// Whether a function takes a type where `leaf` stands.
fn takes_type(function: Option<&str>, arguments: &Arguments, leaf: TextRange) -> bool {
    let position = arguments.args.iter().position(|argument| argument.range().contains_range(leaf));
    let keyword = arguments.keywords.iter().find(|keyword| keyword.value.range().contains_range(leaf));
    let keyword = keyword.and_then(|keyword| keyword.arg.as_ref()).map(|name| name.as_str());
    match function {
        Some("cast") => position == Some(0) || keyword == Some("typ"),
        Some("TypeVar") => position.is_some_and(|at| at > 0) || matches!(keyword, Some("bound" | "default")),
        Some("NewType" | "assert_type") => position == Some(1),
        _ => false,
    }
}

/// Whether the path leads through an annotation.
fn is_annotation(path: &[AnyNodeRef<'_>], leaf: TextRange) -> bool {
    path.iter().any(|node| match node {
        AnyNodeRef::StmtAnnAssign(assign) => assign.annotation.range().contains_range(leaf),
        AnyNodeRef::Parameter(parameter) => parameter.annotation().is_some_and(|it| it.range().contains_range(leaf)),
        AnyNodeRef::StmtFunctionDef(function) => {
            function.returns.as_ref().is_some_and(|returns| returns.range().contains_range(leaf))
        }
        AnyNodeRef::StmtTypeAlias(alias) => alias.value.range().contains_range(leaf),
        _ => false,
    })
}
