//! Performance lints: places in static code that stay dynamic, each with the reason and the cure.
//!
//! Idea: the checker knows where it gives up a direct call, an offset or a type; when asked it says so. Nothing here changes types or code.
//!
//! Follows: the language specification, section 17.3, whose messages the first kinds bear; what hides types from everybody who uses a name
//! (annotations that are not checked, decorators, dynamic classes, unannotated variables), and calls of unknown values are told besides.

use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::{Ranged, TextRange};
use cinder_types::{ClassId, ClassLookup, DefaultValue, KnownClass, Name, ParamKind, Signature, Special, Type};

use super::spread::{Stars, open_params};
use super::{Checker, FrameKind, Lints};
use crate::declare::{Decorated, Role};
use crate::finding::Finding;
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::summary::{ClassSummary, Symbol};
use crate::type_expr::TypeExpr;

impl Checker<'_> {
    fn lint(&mut self, range: TextRange, message: impl Into<String>, help: impl Into<String>) {
        if self.lints == Lints::Performance {
            self.push_finding(Finding::new(Rule::SlowOperation, range, message).with_help(help));
        }
    }

    /// Parameters without a type.
    pub(super) fn lint_parameters(&mut self, def: &ast::StmtFunctionDef, is_method: bool) {
        if self.lints == Lints::Off {
            return;
        }
        let is_static = def
            .decorator_list
            .iter()
            .any(|decorator| matches!(&decorator.expression, Expr::Name(name) if name.id == "staticmethod"));
        let parameters = &def.parameters;
        let groups = [
            ("positional-only argument", &parameters.posonlyargs),
            ("argument", &parameters.args),
            ("keyword-only argument", &parameters.kwonlyargs),
        ];
        let mut is_receiver = is_method && !is_static;
        for (kind, group) in groups {
            for parameter in group {
                let skipped = std::mem::take(&mut is_receiver);
                if skipped || parameter.parameter.annotation.is_some() {
                    continue;
                }
                let name = &parameter.parameter.name.id;
                let message = format!(
                    "Missing type annotation for {kind} '{name}' prevents type specialization in Static Python"
                );
                self.lint(parameter.range, message, "annotate the parameter");
            }
        }
    }

    /// What keeps callers from knowing the function: annotations that say nothing, an unknown result, a decorator.
    pub(super) fn lint_header(&mut self, def: &ast::StmtFunctionDef, how: &Decorated) {
        // Nobody calls an overload's stub.
        if self.lints == Lints::Off || how.overload {
            return;
        }
        for param in def.parameters.iter_non_variadic_params() {
            if let Some(annotation) = param.annotation() {
                self.lint_annotation(annotation);
            }
        }
        if let Some(annotation) = &def.returns {
            self.lint_annotation(annotation);
        }
        if how.role == Role::Unknown {
            let hiding = def.decorator_list.iter().find(|decorator| {
                matches!(
                    self.resolver().entity(&TypeExpr::lower(&decorator.expression)),
                    Entity::Dynamic | Entity::Function { .. }
                )
            });
            let range = hiding.map_or(def.name.range, |decorator| decorator.range);
            let message =
                format!("What the decorator makes of '{}' is not known, so calls of it are ordinary ones", def.name);
            self.lint(range, message, "leave the decorator out, or do its work in a context decorator or in the body");
        }
    }

    /// A result that callers know nothing about. `def` has its body.
    pub(super) fn lint_result(&mut self, def: &ast::StmtFunctionDef) {
        if self.lints == Lints::Performance && def.returns.is_none() && gives_value(&def.body) {
            let message = format!("Missing return annotation of '{}', so its result is dynamic to callers", def.name);
            self.lint(def.name.range, message, "annotate the result");
        }
    }

    /// An annotation that the run time cannot check, so that the value is dynamic.
    fn lint_annotation(&mut self, annotation: &Expr) {
        let lowered = TypeExpr::lower(annotation);
        if self.resolver().ty(&lowered) != Ok(Type::Dynamic) {
            return;
        }
        let inner = if let TypeExpr::Quoted(inner) = &lowered { inner } else { &lowered };
        let head = if let TypeExpr::Subscript(head, _) = inner { head } else { inner };
        let (why, help) = match (inner, self.resolver().entity(head)) {
            (_, Entity::Known(KnownClass::Float)) => (
                "`float` takes ints, too, so it is not checked",
                "use `double` for arithmetic, or convert with `float(x)`",
            ),
            (TypeExpr::Either(..), _) | (_, Entity::Special(Special::Union | Special::Optional)) => {
                ("a union of several classes is not checked", "name a common base class, or narrow with `isinstance`")
            }
            (_, Entity::Class { .. }) => {
                ("instances of this class are dynamic", "see what keeps the class from being static")
            }
            (_, Entity::Special(Special::DynamicForm)) => return,
            _ => ("nothing is known about this type", "import the class from a static module"),
        };
        self.lint(annotation.range(), format!("The annotation leaves the value dynamic: {why}"), help);
    }

    /// A class that is dynamic as a whole.
    pub(super) fn lint_dynamic_class(&mut self, def: &ast::StmtClassDef, class: &ClassSummary) {
        if self.lints == Lints::Off {
            return;
        }
        let Some(reason) = self.resolver().dynamic_reason(&self.cx.module.name, class) else { return };
        let message = format!("Class {} is dynamic as a whole: {reason}", def.name);
        self.lint(def.name.range, message, "write it as a plain class of typed attributes where speed matters");
    }

    /// A module variable whose type readers do not know.
    pub(super) fn lint_variable(&mut self, expr: &Expr, name: &str) {
        if self.frames.iter().any(|frame| frame.kind == FrameKind::Function) {
            let message = format!("Module variable '{name}' has no annotation, so what it holds is not known here");
            self.lint(expr.range(), message, "annotate it where it is assigned, with `Final` if it never changes");
        }
    }

    /// A call of a known function that is made the ordinary way.
    pub(super) fn lint_ordinary_call(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        signature: &Signature,
        bound: usize,
    ) {
        if self.lints == Lints::Off {
            return;
        }
        let stars = Stars::of(call);
        let omitted: Vec<_> = open_params(call, signature, bound).map(|(_, param)| &param.default).collect();
        let uses_defaults = omitted.iter().any(|default| !matches!(default, DefaultValue::Missing));
        let evaluates = omitted.iter().any(|default| matches!(default, DefaultValue::Evaluated));
        let (message, help) = if stars.positional > 1 {
            ("Multiple *args prevents more efficient static call", "put the values into one sequence first")
        } else if stars.followed(call) {
            ("Positional arg after *args prevents more efficient static call", "put the starred argument last")
        } else if stars.named > 1 {
            ("Multiple **kwargs prevents more efficient static call", "put the values into one dict first")
        } else if stars.positional > 0 && uses_defaults {
            (
                "Passing *args to function with default values prevents more efficient static call",
                "pass the arguments one by one",
            )
        } else if signature.has(ParamKind::KeywordOnly) {
            (
                "Keyword-only args in called function prevents more efficient static call",
                "let the function take them by position, too",
            )
        } else if signature.is_variadic() {
            ("The called function takes any arguments, which prevents a static call", "give it fixed parameters")
        } else if stars.any() && !evaluates {
            ("Starred arguments prevent a static call", "pass the arguments one by one")
        } else {
            (
                "A default that is no constant prevents a static call",
                "pass the argument, or make the default a constant",
            )
        };
        self.lint(expr.range(), message, help);
    }

    /// A method found through the class's table although nothing overrides it, perhaps.
    pub(super) fn lint_virtual(&mut self, expr: &Expr, name: &str) {
        let message = format!("Method {name} can be overridden. Make method or class final for more efficient call");
        self.lint(expr.range(), message, "decorate the method or the class with `@final`");
    }

    pub(super) fn lint_property(&mut self, expr: &Expr, name: &str, is_store: bool) {
        let (part, what) = if is_store { ("Setter", "store") } else { ("Getter", "load") };
        let message = format!(
            "{part} for property {name} can be overridden. Make method or class final for more efficient property {what}"
        );
        self.lint(expr.range(), message, "decorate the property or the class with `@final`");
    }

    /// An attribute that is looked up by name.
    pub(super) fn lint_attribute(&mut self, expr: &Expr, class: Option<&ClassId>, name: &str, is_store: bool) {
        if self.lints == Lints::Off {
            return;
        }
        let what = if is_store { "store" } else { "load" };
        match class {
            None => {
                let message =
                    format!("Define the object's class in a Static Python module for more efficient attribute {what}");
                let cure = match self.foreign_module(expr) {
                    Some(module) => format!(
                        "nothing is known about what `{module}` holds, since it is not a static module: keep the value in an annotated variable, or make the module static"
                    ),
                    None => "annotate the value with a class of a static module".to_owned(),
                };
                self.lint(expr.range(), message, cure);
            }
            Some(class) if self.cx.mro(class).dynamic => {
                let message = format!(
                    "Make the base class of {class} that defines attribute {name} static for more efficient attribute {what}"
                );
                self.lint(expr.range(), message, "add `import __static__` to the module of the base class");
            }
            Some(_) => {}
        }
    }

    /// A field that is found by name: it has a default in its class, or the class has no layout of its own.
    pub(super) fn lint_slot(&mut self, expr: &Expr, owner: &ClassId, has_default: bool, is_store: bool) {
        let (Lints::Performance, Expr::Attribute(attribute)) = (self.lints, expr) else { return };
        let (name, what) = (&attribute.attr, if is_store { "store" } else { "load" });
        if has_default {
            let message = format!("Field {name} has a default in its class, so each {what} looks for it by name");
            self.lint(expr.range(), message, "assign the default in `__init__`");
        } else if self.cx.mro(owner).dynamic {
            let message = format!("Make the base classes of {owner} static for more efficient attribute {what}");
            self.lint(expr.range(), message, "add `import __static__` to the modules of the base classes");
        } else {
            let message = format!("{owner} derives from a builtin class, so each {what} looks for {name} by name");
            self.lint(expr.range(), message, "keep the builtin object in a field instead of deriving from its class");
        }
    }

    /// A method of a builtin container that has an instruction of its own, were the container no instance of a subclass.
    pub(super) fn lint_inexact(&mut self, expr: &Expr, receiver: &Type, name: &str) {
        if self.lints == Lints::Off {
            return;
        }
        let message = format!("A subclass of {receiver} may have its own {name}, so the call is an ordinary one");
        let help = format!(
            "annotate it as `Annotated[{receiver}, \"Exact\"]`, or keep it in a variable assigned from a display"
        );
        self.lint(expr.range(), message, help);
    }

    /// An attribute that is deleted.
    pub(super) fn lint_delete(&mut self, target: &Expr, name: &str) {
        let message = format!("`del` looks for {name} by name");
        self.lint(target.range(), message, "assign `None` to an `Optional` field instead");
    }

    /// The manager of a `with` statement.
    pub(super) fn lint_manager(&mut self, manager: &Expr) {
        let message = "A `with` statement looks for the methods of its manager by name";
        let help = "where it runs often, call methods of a typed object before `try` and in `finally`";
        self.lint(manager.range(), message, help);
    }

    /// A method that is not called where it is named.
    pub(super) fn lint_bound_method(&mut self, expr: &Expr) {
        let message = "The method is found by name, and an object is made that binds it";
        self.lint(expr.range(), message, "call it on the object");
    }

    /// A class variable.
    pub(super) fn lint_class_variable(&mut self, expr: &Expr) {
        let (Lints::Performance, Expr::Attribute(attribute)) = (self.lints, expr) else { return };
        let message = format!("Class variable {} is looked up by name", attribute.attr);
        self.lint(expr.range(), message, "use a `Final` constant of the module, or a field");
    }

    /// A class method of a class that is known, reached through an instance.
    pub(super) fn lint_class_method(&mut self, expr: &Expr, qualname: &str) {
        let name = qualname.rsplit('.').next().unwrap_or_default();
        let message =
            format!("Class method {name} is called through an instance, which makes the call an ordinary one");
        self.lint(expr.range(), message, "call it on the class");
    }

    /// A constructor that is called the ordinary way.
    pub(super) fn lint_construction(&mut self, expr: &Expr, class: &ClassId, has_unknown_base: bool) {
        let (message, help) = if has_unknown_base {
            (
                format!("Make the base classes of {class} static for more efficient construction"),
                "add `import __static__` to the modules of the base classes",
            )
        } else {
            (
                format!(
                    "The constructor of dataclass {class} is made when the program runs, so the call is an ordinary one"
                ),
                "write `__init__` where many objects are made",
            )
        };
        self.lint(expr.range(), message, help);
    }

    /// The module that `module.name` reads, by the name it was imported under.
    fn foreign_module(&self, expr: &Expr) -> Option<Name> {
        let Expr::Attribute(attribute) = expr else { return None };
        let Expr::Name(name) = &*attribute.value else { return None };
        let is_local = self.is_frame_local(&name.id) && !self.is_global_here(&name.id);
        match self.cx.env.symbol(&self.cx.module.name, &name.id).filter(|_| !is_local)? {
            Symbol::Import(module) => Some(module),
            _ => None,
        }
    }

    /// A call of a value that nothing is known about.
    pub(super) fn lint_unknown_call(&mut self, expr: &Expr, call: &ast::ExprCall, callee: &Type) {
        if *callee == Type::exact(KnownClass::Method) {
            let message = "A bound method that was kept as a value is called the ordinary way";
            self.lint(expr.range(), message, "call it on the object");
        }
        // Attributes of unknown objects, and module variables, were told of already.
        if callee.is_dynamic() && !matches!(&*call.func, Expr::Attribute(_)) {
            let message = "Nothing is known about the called value, so the call is an ordinary one";
            self.lint(expr.range(), message, "import it from a static module, or call a function of this one");
        }
    }

    pub(super) fn lint_dataclass(&mut self, def: &ast::StmtClassDef, class: &ClassId) {
        let message = format!(
            "Dataclass {class} has a dynamic base. Convert all of its bases to Static Python to resolve dataclass at compile time."
        );
        self.lint(def.name.range, message, "add `import __static__` to the modules of the bases");
    }
}

/// The body has a `return` with a value of its own.
fn gives_value(body: &[Stmt]) -> bool {
    struct Find(bool);
    impl<'a> SourceOrderVisitor<'a> for Find {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::Return(stmt) => self.0 |= stmt.value.as_ref().is_some_and(|value| !value.is_none_literal_expr()),
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
                stmt => walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut find = Find(false);
    body.iter().for_each(|stmt| find.visit_stmt(stmt));
    find.0
}
