//! What an annotation says.

use cinder_db::File;
use cinder_semantic::DefinitionKind;
use cinder_syntax::ast::{AnyNodeRef, Expr, Operator, StmtAssign};
use cinder_text::Ranged;

use super::member::elements;
use super::{Def, Semantics};
use crate::syntax;
use crate::ty::Ty;

impl<'db> Semantics<'db> {
    /// The type of values an annotation describes. The tree must be that of the file, because answers are remembered by address.
    pub(crate) fn annotation(&self, file: File, annotation: &'db Expr) -> Ty {
        let address = std::ptr::from_ref(annotation).addr();
        self.memory.remember(&self.memory.annotations, address, Ty::Unknown, || {
            self.deeper(|| self.annotation_inner(file, annotation)).unwrap_or(Ty::Unknown)
        })
    }

    fn annotation_inner(&self, file: File, annotation: &'db Expr) -> Ty {
        match annotation {
            Expr::NoneLiteral(_) => Ty::None,
            Expr::Name(_) | Expr::Attribute(_) => self.named_annotation(file, annotation),
            Expr::StringLiteral(text) => self.string_annotation(file, text.value.to_str(), annotation),
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                Ty::union([self.annotation(file, &binary.left), self.annotation(file, &binary.right)])
            }
            Expr::Subscript(subscript) => {
                let arguments = elements(&subscript.slice);
                let first = || arguments.first().map_or(Ty::Unknown, |first| self.annotation(file, first));
                match special_form(&subscript.value) {
                    Some("Optional") => Ty::union([first(), Ty::None]),
                    Some("Union") => Ty::union(arguments.iter().map(|argument| self.annotation(file, argument))),
                    Some("Annotated" | "ClassVar" | "Final" | "Required" | "NotRequired" | "ReadOnly" | "Unpack") => {
                        first()
                    }
                    Some("TypeGuard" | "TypeIs") => self.builtin("bool", Vec::new()),
                    Some("Literal") => Ty::union(arguments.iter().map(|argument| self.literal(argument))),
                    Some("Callable") => match arguments {
                        [_, returns] => Ty::Callable(Box::new(self.annotation(file, returns))),
                        _ => Ty::Unknown,
                    },
                    Some("Type" | "type") => match first() {
                        Ty::Instance(class, args) => Ty::Class(class, args),
                        _ => self.builtin("type", Vec::new()),
                    },
                    _ => match self.annotation(file, &subscript.value) {
                        Ty::Instance(class, _) => {
                            let is_argument = |argument: &&Expr| !matches!(argument, Expr::EllipsisLiteral(_));
                            let arguments = arguments.iter().filter(is_argument);
                            Ty::Instance(class, arguments.map(|argument| self.annotation(file, argument)).collect())
                        }
                        other => other,
                    },
                }
            }
            Expr::Starred(starred) => self.annotation(file, &starred.value),
            _ => Ty::Unknown,
        }
    }

    fn named_annotation(&self, file: File, annotation: &Expr) -> Ty {
        if matches!(special_form(annotation), Some("Self" | "LiteralString" | "Any" | "NoReturn" | "Never")) {
            return match special_form(annotation) {
                Some("Self") => Ty::Variable("Self".to_string(), None),
                Some("LiteralString") => self.builtin("str", Vec::new()),
                _ => Ty::Unknown,
            };
        }
        let defs = self.annotation_defs(file, annotation);
        let Some(def) = defs.last() else { return Ty::Unknown };
        if let Some(variable) = self.type_variable(def) {
            return variable;
        }
        if let Some(alias) = self.alias(def) {
            return alias;
        }
        match self.type_of_def(def) {
            Ty::Class(class, args) => Ty::Instance(class, args),
            Ty::Static(name) => Ty::Static(name),
            _ => Ty::Unknown,
        }
    }

    /// The definitions that a (dotted) name in an annotation means.
    fn annotation_defs(&self, file: File, annotation: &Expr) -> Vec<Def> {
        match annotation {
            Expr::Name(name) => {
                let found = self.bindings_at(file, name.range);
                // Text in quotes has no occurrences of its own.
                let found = if found.is_empty() {
                    self.lookup(file, self.scope_at(file, name.range.start()), &name.id)
                } else {
                    found
                };
                self.follow_all(found, false)
            }
            Expr::Attribute(attribute) => {
                let value = match self.annotation_defs(file, &attribute.value).pop() {
                    Some(def) => self.type_of_def(&def),
                    None => Ty::Unknown,
                };
                let members = self.members(&value, attribute.attr.as_str()).into_iter().map(|member| member.def);
                self.follow_all(members.collect(), false)
            }
            _ => Vec::new(),
        }
    }

    fn string_annotation(&self, file: File, text: &str, at: &Expr) -> Ty {
        let parsed = cinder_syntax::parse(text, cinder_syntax::Mode::Annotation);
        let Some(expression) = parsed.expression() else { return Ty::Unknown };
        let scope = self.scope_at(file, at.start());
        self.quoted(file, scope, expression)
    }

    /// Like [`Semantics::annotation`], for a tree that is not part of the file: names are looked up from a scope.
    fn quoted(&self, file: File, scope: cinder_semantic::ScopeId, annotation: &Expr) -> Ty {
        match annotation {
            Expr::NoneLiteral(_) => Ty::None,
            Expr::Name(name) if matches!(name.id.as_str(), "Self") => Ty::Variable("Self".to_string(), None),
            Expr::Name(name) => {
                let defs = self.follow_all(self.lookup(file, scope, &name.id), false);
                let Some(def) = defs.last() else { return Ty::Unknown };
                if let Some(variable) = self.type_variable(def) {
                    return variable;
                }
                match self.alias(def).unwrap_or_else(|| self.type_of_def(def)) {
                    Ty::Class(class, args) => Ty::Instance(class, args),
                    other @ (Ty::Instance(..) | Ty::Union(_) | Ty::Static(_) | Ty::None) => other,
                    _ => Ty::Unknown,
                }
            }
            Expr::Attribute(attribute) => match &*attribute.value {
                Expr::Name(name) => {
                    let module = self.follow_all(self.lookup(file, scope, &name.id), false);
                    let value = module.last().map_or(Ty::Unknown, |def| self.type_of_def(def));
                    match self.member_type(&value, attribute.attr.as_str()) {
                        Ty::Class(class, args) => Ty::Instance(class, args),
                        _ => Ty::Unknown,
                    }
                }
                _ => Ty::Unknown,
            },
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                Ty::union([self.quoted(file, scope, &binary.left), self.quoted(file, scope, &binary.right)])
            }
            Expr::Subscript(subscript) => {
                let arguments: Vec<Ty> =
                    elements(&subscript.slice).iter().map(|argument| self.quoted(file, scope, argument)).collect();
                match special_form(&subscript.value) {
                    Some("Optional") => Ty::union(arguments.into_iter().chain([Ty::None])),
                    Some("Union") => Ty::union(arguments),
                    _ => match self.quoted(file, scope, &subscript.value) {
                        Ty::Instance(class, _) => Ty::Instance(class, arguments),
                        other => other,
                    },
                }
            }
            _ => Ty::Unknown,
        }
    }

    fn literal(&self, value: &Expr) -> Ty {
        match value {
            Expr::StringLiteral(_) => self.builtin("str", Vec::new()),
            Expr::BytesLiteral(_) => self.builtin("bytes", Vec::new()),
            Expr::NumberLiteral(_) | Expr::UnaryOp(_) => self.builtin("int", Vec::new()),
            Expr::BooleanLiteral(_) => self.builtin("bool", Vec::new()),
            Expr::NoneLiteral(_) => Ty::None,
            _ => Ty::Unknown,
        }
    }

    fn assignment_of(&self, def: &Def) -> Option<(File, &'db StmtAssign)> {
        let Def::Name(file, definition) = def else { return None };
        if definition.kind != DefinitionKind::Assignment {
            return None;
        }
        let path = syntax::path_to(self.db, *file, definition.range);
        path.into_iter().rev().find_map(|node| match node {
            AnyNodeRef::StmtAssign(assign) => Some((*file, assign)),
            _ => None,
        })
    }

    /// The type variable that a definition makes, if it makes one.
    pub(super) fn type_variable(&self, def: &Def) -> Option<Ty> {
        if let (Some(DefinitionKind::TypeParameter), Some(file)) = (def.kind(), def.file()) {
            let name = cinder_text::slice(cinder_db::source_text(self.db, file), def.range()).to_string();
            let path = syntax::path_to(self.db, file, def.range());
            let bound = path.into_iter().rev().find_map(|node| match node {
                AnyNodeRef::TypeParamTypeVar(variable) => variable.bound.as_deref(),
                _ => None,
            });
            return Some(Ty::Variable(name, bound.and_then(|bound| self.bound(file, bound))));
        }
        let (file, assign) = self.assignment_of(def)?;
        let Expr::Call(call) = &*assign.value else { return None };
        let makes = matches!(special_form(&call.func), Some("TypeVar" | "ParamSpec" | "TypeVarTuple"));
        let [Expr::Name(target)] = assign.targets.as_slice() else { return None };
        let bound = || self.bound(file, &call.arguments.find_keyword("bound")?.value);
        makes.then(|| Ty::Variable(target.id.to_string(), bound()))
    }

    /// What every value of a type variable is.
    fn bound(&self, file: File, bound: &'db Expr) -> Option<Box<Ty>> {
        let bound = self.annotation(file, bound);
        (!matches!(bound, Ty::Unknown | Ty::Variable(..))).then(|| Box::new(bound))
    }

    /// The type an alias stands for: `Pairs = list[tuple[int, int]]`, `type Pairs = ...`, `X: TypeAlias = ...`, and the aliases of `typing`.
    fn alias(&self, def: &Def) -> Option<Ty> {
        if let Some((file, assign)) = self.assignment_of(def) {
            let is_type = match &*assign.value {
                Expr::Subscript(_) => true,
                Expr::BinOp(binary) => binary.op == Operator::BitOr,
                Expr::Name(_) | Expr::Attribute(_) => {
                    matches!(self.expression_of_alias(file, &assign.value), Ty::Class(..))
                }
                _ => false,
            };
            return is_type.then(|| self.annotation(file, &assign.value));
        }
        let Def::Name(file, definition) = def else { return None };
        let path = syntax::path_to(self.db, *file, definition.range);
        path.into_iter().rev().find_map(|node| match node {
            AnyNodeRef::StmtTypeAlias(alias) if definition.kind == DefinitionKind::TypeAlias => {
                Some(self.annotation(*file, &alias.value))
            }
            AnyNodeRef::StmtAnnAssign(assign) if special_form(&assign.annotation) == Some("TypeAlias") => {
                Some(self.annotation(*file, assign.value.as_deref()?))
            }
            _ => None,
        })
    }

    fn expression_of_alias(&self, file: File, value: &Expr) -> Ty {
        let defs = self.annotation_defs(file, value);
        defs.last().map_or(Ty::Unknown, |def| self.type_of_def(def))
    }
}

/// The last part of a name, by which forms of `typing` are known wherever they are imported from.
pub(crate) fn special_form(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(&name.id),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}
