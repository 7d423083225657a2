//! Definitions as people read them: headlines, signatures, documentation.

use cinder_db::{Db, parsed_module};
use cinder_semantic::{DefinitionKind, ScopeKind};
use cinder_syntax::ast::{AnyNodeRef, Expr, Parameter, ParameterWithDefault, Stmt, StmtClassDef, StmtFunctionDef};
use cinder_text::Ranged;

use crate::goto::name_of;
use crate::semantics::{Def, Semantics, decorator_names};
use crate::syntax::{one_line, path_to};
use crate::ty::{Place, Ty};

/// What kind of thing a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Module,
    Class,
    Enum,
    EnumMember,
    Function,
    Method,
    Property,
    Field,
    Variable,
    Constant,
    Parameter,
    TypeParameter,
    TypeAlias,
    Keyword,
}

impl Kind {
    /// The word people read.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Module => "module",
            Kind::Class => "class",
            Kind::Enum => "enum",
            Kind::EnumMember => "enum member",
            Kind::Function => "function",
            Kind::Method => "method",
            Kind::Property => "property",
            Kind::Field => "field",
            Kind::Variable => "variable",
            Kind::Constant => "constant",
            Kind::Parameter => "parameter",
            Kind::TypeParameter => "type parameter",
            Kind::TypeAlias => "type alias",
            Kind::Keyword => "keyword",
        }
    }
}

/// What a definition is, imports followed.
pub(crate) fn kind_of(semantics: &Semantics<'_>, def: &Def) -> Kind {
    let Def::Name(file, definition) = def else {
        return if matches!(def, Def::Module(_)) { Kind::Module } else { Kind::Field };
    };
    let is_in_class = semantics.scope_kind(def) == Some(ScopeKind::Class);
    match definition.kind {
        DefinitionKind::Import => match semantics.follow(def, false).pop() {
            Some(found) if found != *def => kind_of(semantics, &found),
            _ => Kind::Variable,
        },
        DefinitionKind::Function => {
            let place = Place { file: *file, range: definition.node };
            let decorators = semantics.decorators(place);
            let is_property =
                decorators.iter().any(|name| matches!(name.as_str(), "property" | "cached_property" | "setter"));
            match (is_in_class, is_property) {
                (true, true) => Kind::Property,
                (true, false) => Kind::Method,
                _ => Kind::Function,
            }
        }
        DefinitionKind::Class => match is_enum(semantics, Place { file: *file, range: definition.node }) {
            true => Kind::Enum,
            false => Kind::Class,
        },
        DefinitionKind::Parameter => Kind::Parameter,
        DefinitionKind::TypeParameter => Kind::TypeParameter,
        DefinitionKind::TypeAlias => Kind::TypeAlias,
        _ if is_in_class => match semantics.owner_class(def) {
            Some(class) if definition.kind == DefinitionKind::Assignment && is_enum(semantics, class) => {
                Kind::EnumMember
            }
            _ => Kind::Field,
        },
        _ => {
            let name = name_of(semantics.db, def);
            let is_loud = name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase);
            if is_loud && semantics.scope_kind(def) == Some(ScopeKind::Module) {
                Kind::Constant
            } else {
                Kind::Variable
            }
        }
    }
}

fn is_enum(semantics: &Semantics<'_>, class: Place) -> bool {
    // Without bases there is nothing to look up.
    semantics.class_node(class).is_some_and(|class| !class.bases().is_empty())
        && semantics.inherits(class, "enum", "Enum")
}

/// One parameter as written, comments and line breaks left out.
pub(crate) fn parameter_text(db: &dyn Db, file: cinder_db::File, parameter: &ParameterWithDefault) -> String {
    let mut text = bare_parameter(db, file, &parameter.parameter);
    if let Some(default) = &parameter.default {
        let is_annotated = parameter.parameter.annotation.is_some();
        text.push_str(if is_annotated { " = " } else { "=" });
        text.push_str(&one_line(db, file, default.range()));
    }
    text
}

fn bare_parameter(db: &dyn Db, file: cinder_db::File, parameter: &Parameter) -> String {
    match &parameter.annotation {
        Some(annotation) => format!("{}: {}", parameter.name, one_line(db, file, annotation.range())),
        None => parameter.name.to_string(),
    }
}

/// A signature in pieces, so that single parameters can be pointed at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SignatureText {
    pub(crate) parameters: Vec<ParameterText>,
    pub(crate) returns: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParameterText {
    /// Without stars; empty for `*` and `/`.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) kind: ParameterKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    PositionalOnly,
    Ordinary,
    Rest,
    KeywordOnly,
    KeywordRest,
    /// `*` or `/`.
    Mark,
}

impl SignatureText {
    pub(crate) fn show(&self) -> String {
        let parameters: Vec<&str> = self.parameters.iter().map(|parameter| parameter.text.as_str()).collect();
        let returns = self.returns.as_ref().map(|returns| format!(" -> {returns}")).unwrap_or_default();
        format!("({}){returns}", parameters.join(", "))
    }
}

/// The signature of a function; with `is_bound` the receiver is left out.
pub(crate) fn signature(semantics: &Semantics<'_>, function: Place, is_bound: bool) -> SignatureText {
    let Some(node) = semantics.function_node(function) else { return SignatureText::default() };
    let (db, file) = (semantics.db, function.file);
    let mut parameters = Vec::new();
    let mut add =
        |name: &str, text: String, kind| parameters.push(ParameterText { name: name.to_string(), text, kind });
    for parameter in &node.parameters.posonlyargs {
        add(parameter.parameter.name.as_str(), parameter_text(db, file, parameter), ParameterKind::PositionalOnly);
    }
    if !node.parameters.posonlyargs.is_empty() {
        add("", "/".to_string(), ParameterKind::Mark);
    }
    for parameter in &node.parameters.args {
        add(parameter.parameter.name.as_str(), parameter_text(db, file, parameter), ParameterKind::Ordinary);
    }
    match &node.parameters.vararg {
        Some(rest) => add(rest.name.as_str(), format!("*{}", bare_parameter(db, file, rest)), ParameterKind::Rest),
        None if !node.parameters.kwonlyargs.is_empty() => add("", "*".to_string(), ParameterKind::Mark),
        None => {}
    }
    for parameter in &node.parameters.kwonlyargs {
        add(parameter.parameter.name.as_str(), parameter_text(db, file, parameter), ParameterKind::KeywordOnly);
    }
    if let Some(rest) = &node.parameters.kwarg {
        add(rest.name.as_str(), format!("**{}", bare_parameter(db, file, rest)), ParameterKind::KeywordRest);
    }
    if is_bound && parameters.first().is_some_and(|first| first.kind != ParameterKind::Rest) {
        parameters.remove(0);
        if parameters.first().is_some_and(|first| first.text == "/") {
            parameters.remove(0);
        }
    }
    let returns = match &node.returns {
        Some(returns) => Some(one_line(db, file, returns.range())),
        None => semantics.inferred_return(function).map(|ty| ty.show(db)),
    };
    SignatureText { parameters, returns }
}

/// What calling a class takes: its constructor's parameters, or the fields of a data class or named tuple.
pub(crate) fn constructor(semantics: &Semantics<'_>, class: Place) -> SignatureText {
    let Some(node) = semantics.class_node(class) else { return SignatureText::default() };
    let is_generated = node.decorator_list.iter().any(|decorator| {
        let name = match &decorator.expression {
            Expr::Call(call) => crate::semantics::special_form(&call.func),
            other => crate::semantics::special_form(other),
        };
        matches!(name, Some("dataclass" | "define" | "frozen"))
    });
    let is_tuple = node.bases().iter().any(|base| crate::semantics::special_form(base) == Some("NamedTuple"));
    let own_init = semantics.own_members(class, "__init__");
    if (is_generated || is_tuple) && own_init.is_empty() {
        return SignatureText { parameters: field_parameters(semantics, class, node), returns: None };
    }
    let found = ["__init__", "__new__"].iter().find_map(|name| {
        let members = semantics.class_members(class, &[], name);
        let member = members.into_iter().next_back()?;
        let is_object = semantics.owner_class(&member.def).is_some_and(|owner| semantics.is_builtin(owner, "object"));
        match semantics.type_of_def(&member.def) {
            Ty::Function(function, _) if !is_object => Some(function),
            _ => None,
        }
    });
    let signature = found.map(|function| signature(semantics, function, true)).unwrap_or_default();
    SignatureText { returns: None, ..signature }
}

fn field_parameters(semantics: &Semantics<'_>, class: Place, node: &StmtClassDef) -> Vec<ParameterText> {
    let mut parameters = Vec::new();
    for (base, _) in semantics.bases(class).iter() {
        if let Some(base_node) = semantics.class_node(*base).filter(|_| !semantics.is_library(base.file)) {
            parameters.extend(field_parameters(semantics, *base, base_node));
        }
    }
    for stmt in &node.body {
        let Stmt::AnnAssign(assign) = stmt else { continue };
        let Expr::Name(name) = &*assign.target else { continue };
        let annotation = match &*assign.annotation {
            Expr::Subscript(subscript) => crate::semantics::special_form(&subscript.value),
            other => crate::semantics::special_form(other),
        };
        if annotation == Some("ClassVar") {
            continue;
        }
        let mut text = format!("{}: {}", name.id, one_line(semantics.db, class.file, assign.annotation.range()));
        if assign.value.is_some() {
            text.push_str(" = ...");
        }
        parameters.retain(|known: &ParameterText| known.name != name.id.as_str());
        parameters.push(ParameterText { name: name.id.to_string(), text, kind: ParameterKind::Ordinary });
    }
    parameters
}

/// The line of code that introduces a definition.
pub(crate) fn headline(semantics: &Semantics<'_>, def: &Def, ty: &Ty) -> String {
    let name = name_of(semantics.db, def);
    match (kind_of(semantics, def), ty) {
        (Kind::Module, _) => match def {
            Def::Module(module) => format!("(module) {}", module.name),
            _ => format!("(module) {name}"),
        },
        (Kind::Class | Kind::Enum, Ty::Class(class, _)) => class_headline(semantics, *class),
        (kind @ (Kind::Function | Kind::Method), Ty::Function(function, receiver)) => {
            let Some(node) = semantics.function_node(*function) else { return name };
            let prefix = if node.is_async { "async def" } else { "def" };
            let owner = match (kind, semantics.method_class(*function)) {
                (Kind::Method, Some(class)) => {
                    semantics.class_node(class).map(|class| format!("{}.", class.name)).unwrap_or_default()
                }
                _ => String::new(),
            };
            let decorators: String = decorator_names(node)
                .iter()
                .filter(|name| matches!(name.as_str(), "staticmethod" | "classmethod" | "overload" | "abstractmethod"))
                .map(|name| format!("@{name}\n"))
                .collect();
            format!(
                "{decorators}{prefix} {owner}{}{}",
                node.name,
                signature(semantics, *function, receiver.is_some()).show()
            )
        }
        (kind, ty) => {
            let ty = match ty {
                Ty::Unknown => written_annotation(semantics, def),
                // The parameters are told by nothing else.
                Ty::Callable(_) => written_annotation(semantics, def).or_else(|| Some(ty.show(semantics.db))),
                ty => Some(ty.show(semantics.db)),
            };
            let value = constant_value(semantics, def).map(|value| format!(" = {value}")).unwrap_or_default();
            match ty {
                Some(ty) => format!("({}) {name}: {ty}{value}", kind.name()),
                None => format!("({}) {name}{value}", kind.name()),
            }
        }
    }
}

/// What the annotation of a parameter or variable says, where that is no type we know.
fn written_annotation(semantics: &Semantics<'_>, def: &Def) -> Option<String> {
    let file = def.file()?;
    let annotation = path_to(semantics.db, file, def.range()).into_iter().rev().find_map(|node| match node {
        AnyNodeRef::Parameter(parameter) => Some(parameter.annotation().map(Ranged::range)),
        AnyNodeRef::StmtAnnAssign(assign) => Some(Some(assign.annotation.range())),
        _ if node.is_statement() => Some(None),
        _ => None,
    });
    annotation.flatten().map(|range| one_line(semantics.db, file, range))
}

fn class_headline(semantics: &Semantics<'_>, class: Place) -> String {
    let Some(node) = semantics.class_node(class) else { return String::new() };
    let bases: Vec<String> = node.bases().iter().map(|base| one_line(semantics.db, class.file, base.range())).collect();
    let bases = if bases.is_empty() { String::new() } else { format!("({})", bases.join(", ")) };
    format!("class {}{bases}", node.name)
}

/// The literal that a constant or enum member is set to.
fn constant_value(semantics: &Semantics<'_>, def: &Def) -> Option<String> {
    let Def::Name(file, definition) = def else { return None };
    if !matches!(kind_of(semantics, def), Kind::Constant | Kind::EnumMember) {
        return None;
    }
    let value = path_to(semantics.db, *file, definition.range).into_iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtAssign(assign) => Some(&*assign.value),
        AnyNodeRef::StmtAnnAssign(assign) => assign.value.as_deref(),
        _ => None,
    })?;
    let text = one_line(semantics.db, *file, value.range());
    (value.is_literal_expr() && text.len() <= 60).then_some(text)
}

/// The documentation of a definition: its docstring, an inherited method's, or the comment above a variable.
pub(crate) fn documentation(semantics: &Semantics<'_>, def: &Def) -> Option<String> {
    let body = match def {
        Def::Module(module) => {
            let file = module.source.or(module.stub)?;
            return docstring(parsed_module(semantics.db, file).suite());
        }
        Def::Name(file, definition) => match definition.kind {
            DefinitionKind::Function => {
                let place = Place { file: *file, range: definition.node };
                let node: &StmtFunctionDef = semantics.function_node(place)?;
                return docstring(&node.body).or_else(|| inherited_documentation(semantics, place));
            }
            DefinitionKind::Class => &semantics.class_node(Place { file: *file, range: definition.node })?.body,
            DefinitionKind::Import => {
                let found = semantics.follow(def, true).pop().filter(|found| found != def)?;
                return documentation(semantics, &found);
            }
            _ => return attribute_documentation(semantics, *file, definition.node),
        },
        Def::Field(file, field) => return attribute_documentation(semantics, *file, field.statement),
    };
    docstring(body)
}

fn inherited_documentation(semantics: &Semantics<'_>, function: Place) -> Option<String> {
    let name = semantics.function_node(function)?.name.as_str();
    let class = semantics.method_class(function)?;
    semantics.ancestors(class, &[]).into_iter().skip(1).find_map(|(ancestor, _)| {
        let def = semantics.own_members(ancestor, name).pop()?;
        match semantics.type_of_def(&def) {
            Ty::Function(function, _) => docstring(&semantics.function_node(function)?.body),
            _ => None,
        }
    })
}

/// The string statement after an assignment, as documentation tools read it.
fn attribute_documentation(
    semantics: &Semantics<'_>,
    file: cinder_db::File,
    statement: cinder_text::TextRange,
) -> Option<String> {
    let path = path_to(semantics.db, file, statement);
    let bodies = path.iter().rev().filter_map(|node| match node {
        AnyNodeRef::StmtClassDef(class) => Some(&class.body[..]),
        AnyNodeRef::StmtFunctionDef(function) => Some(&function.body[..]),
        AnyNodeRef::ModModule(module) => Some(&module.body[..]),
        _ => None,
    });
    for body in bodies {
        let Some(index) = body.iter().position(|stmt| stmt.range() == statement) else { continue };
        return docstring(&body[index + 1..]);
    }
    None
}

/// The docstring at the beginning of a body, indentation removed.
pub(crate) fn docstring(body: &[Stmt]) -> Option<String> {
    match body.first()? {
        Stmt::Expr(stmt) => match &*stmt.value {
            Expr::StringLiteral(text) => Some(clean(text.value.to_str())),
            _ => None,
        },
        _ => None,
    }
}

/// Removes the indentation that a docstring has from its place in the source. Source: PEP 257.
fn clean(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let margin =
        lines.iter().skip(1).filter(|line| !line.trim().is_empty()).map(|line| indent(line)).min().unwrap_or(0);
    let cleaned = lines.iter().enumerate().map(|(number, line)| match number {
        0 => line.trim(),
        _ => line.get(margin..).unwrap_or_default().trim_end(),
    });
    cleaned.collect::<Vec<_>>().join("\n").trim().to_string()
}
