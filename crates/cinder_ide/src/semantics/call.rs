//! What calls give: overloads, constructors, type variables solved from arguments.

use cinder_db::File;
use cinder_syntax::ast::{AnyNodeRef, Expr, ExprCall, Stmt};
use cinder_text::Ranged;

use super::annotation::special_form;
use super::{Def, Semantics};
use crate::syntax;
use crate::ty::{Place, Ty};

impl<'db> Semantics<'db> {
    /// What calling a method without arguments gives.
    pub(crate) fn method_result(&self, value: &Ty, name: &str) -> Ty {
        self.method_call(value, name, &[])
    }

    /// What calling a method with positional arguments of these types gives.
    pub(super) fn method_call(&self, value: &Ty, name: &str, arguments: &[Ty]) -> Ty {
        let Ty::Function(function, receiver) = self.member_type(value, name) else { return Ty::Unknown };
        let bound = self.members(value, name).pop().map(|member| member.bound).unwrap_or_default();
        let takes = |function: &&Place| {
            let Some(node) = self.function_node(**function) else { return false };
            let mut parameters = node.parameters.posonlyargs.iter().chain(&node.parameters.args).skip(1);
            let fits = arguments.iter().all(|argument| match parameters.next() {
                Some(parameter) => match &parameter.parameter.annotation {
                    Some(annotation) => self.accepts(function.file, annotation, argument),
                    None => true,
                },
                None => node.parameters.vararg.is_some(),
            });
            fits && parameters.all(|parameter| parameter.default.is_some())
        };
        let variants = self.overloads(function);
        let function = variants.iter().find(takes).or(variants.last()).copied().unwrap_or(function);
        self.returned(function, receiver.as_deref()).substitute(&bound)
    }

    pub(super) fn call(&self, file: File, call: &'db ExprCall) -> Ty {
        if let Some(special) = self.special_call(file, call) {
            return special;
        }
        let callee = self.expression(file, &call.func);
        Ty::union(callee.members().iter().map(|callee| match callee {
            Ty::Class(class, args) => self.constructed(file, *class, args, call),
            Ty::Function(function, receiver) => {
                // `pop = stack.pop` knows its stack, too.
                let bound = receiver.as_ref().and_then(|receiver| {
                    let name = self.function_node(*function)?.name.as_str();
                    self.members(receiver, name).pop().map(|member| member.bound)
                });
                let bound = bound.unwrap_or_default();
                let function = self.overload(file, *function, receiver.is_some(), call);
                let result = self.returned(function, receiver.as_deref()).substitute(&bound);
                self.solve(file, function, receiver.is_some(), call, result)
            }
            Ty::Instance(..) => self.method_result(callee, "__call__"),
            Ty::Callable(result) => erase_variables((**result).clone()),
            _ => Ty::Unknown,
        }))
    }

    /// All `@overload` variants of a function in order, or the function itself.
    pub(crate) fn overloads(&self, function: Place) -> Vec<Place> {
        let Some(node) = self.function_node(function) else { return Vec::new() };
        let siblings = self.siblings(function.file, node.name.range);
        let places = siblings.map(|definition| Place { file: function.file, range: definition.node });
        let variants: Vec<Place> =
            places.filter(|place| self.decorators(*place).iter().any(|name| name == "overload")).collect();
        if variants.is_empty() { vec![function] } else { variants }
    }

    /// The first overload that takes the arguments; the last if none does.
    fn overload(&self, file: File, function: Place, is_bound: bool, call: &'db ExprCall) -> Place {
        let variants = self.overloads(function);
        let fitting = variants.iter().find(|variant| self.takes(file, **variant, is_bound, call));
        fitting.or(variants.last()).copied().unwrap_or(function)
    }

    /// Whether a function takes the arguments, as far as it can be told.
    fn takes(&self, file: File, function: Place, is_bound: bool, call: &'db ExprCall) -> bool {
        let Some(node) = self.function_node(function) else { return false };
        let parameters = &node.parameters;
        let positional: Vec<_> =
            parameters.posonlyargs.iter().chain(&parameters.args).skip(usize::from(is_bound)).collect();
        let arguments = &call.arguments;
        if arguments.args.iter().any(Expr::is_starred_expr) {
            return true;
        }
        if arguments.args.len() > positional.len() && parameters.vararg.is_none() {
            return false;
        }
        let has_parameter = |name: &str| {
            let mut named = positional.iter().copied().chain(&parameters.kwonlyargs);
            parameters.kwarg.is_some() || named.any(|parameter| parameter.parameter.name.as_str() == name)
        };
        if arguments.keywords.iter().any(|keyword| keyword.arg.as_ref().is_some_and(|name| !has_parameter(name))) {
            return false;
        }
        let named = |name: &str| {
            arguments.keywords.iter().find(|keyword| keyword.arg.as_ref().is_some_and(|it| it.as_str() == name))
        };
        let mut given: Vec<(&'db Expr, &'db Expr)> = Vec::new();
        for (index, parameter) in positional.iter().copied().chain(&parameters.kwonlyargs).enumerate() {
            let argument = match arguments.args.get(index).filter(|_| index < positional.len()) {
                Some(argument) => Some(argument),
                None => named(parameter.parameter.name.as_str()).map(|keyword| &keyword.value),
            };
            match (argument, &parameter.parameter.annotation) {
                (None, _) if parameter.default.is_none() => return false,
                (Some(argument), Some(annotation)) => given.push((annotation, argument)),
                _ => {}
            }
        }
        given.into_iter().all(|(annotation, argument)| {
            if let (Expr::StringLiteral(text), Some(literals)) =
                (argument, self.literal_strings(function.file, annotation))
            {
                return literals.iter().any(|literal| literal == text.value.to_str());
            }
            self.accepts(function.file, annotation, &self.expression(file, argument))
        })
    }

    /// Whether a value may be passed for an annotation. What is not understood is accepted.
    fn accepts(&self, file: File, annotation: &'db Expr, value: &Ty) -> bool {
        self.fits(value, &self.annotation(file, annotation))
    }

    fn fits(&self, value: &Ty, wanted: &Ty) -> bool {
        let one = |value: &Ty, wanted: &Ty| match (value, wanted) {
            (Ty::Instance(class, args), Ty::Instance(wanted, wanted_args)) => {
                let is = |class: Place, names: &[&str]| names.iter().any(|name| self.is_builtin(class, name));
                if is(*wanted, &["float", "complex"]) && is(*class, &["int", "bool", "float"]) {
                    return true;
                }
                let ancestors = self.ancestors(*class, args);
                match ancestors.iter().find(|(ancestor, _)| ancestor == wanted) {
                    // What is in containers counts as far as it is known; tuples are compared as a whole.
                    Some((_, bound)) if bound.len() == wanted_args.len() => {
                        bound.iter().zip(wanted_args).all(|((_, arg), wanted)| self.fits(arg, wanted))
                    }
                    Some(_) => true,
                    None => self.implements(*class, *wanted),
                }
            }
            (Ty::None, Ty::Instance(..)) | (Ty::Instance(..), Ty::None) => false,
            _ => true,
        };
        value.members().iter().all(|value| wanted.members().iter().any(|wanted| one(value, wanted)))
    }

    /// Finds type variables of a protocol's arguments by what the value's methods give.
    fn match_protocol(&self, protocol: Place, args: &[Ty], value: &Ty, found: &mut Vec<(String, Ty)>) {
        let Some(node) = self.class_node(protocol) else { return };
        // An iterator's `__iter__` gives an iterator.
        let pair = (protocol, value.clone());
        if self.matching.borrow().contains(&pair) {
            self.memory.cut();
            return;
        }
        self.matching.borrow_mut().push(pair);
        let mut inner = Vec::new();
        for stmt in &node.body {
            let Stmt::FunctionDef(method) = stmt else { continue };
            let Some(returns) = &method.returns else { continue };
            let pattern = self.annotation(protocol.file, returns);
            if mentions_variable(&pattern) {
                let actual = self.deeper(|| self.method_result(value, method.name.as_str())).unwrap_or(Ty::Unknown);
                match_types(&pattern, &actual, &mut inner, self);
            }
        }
        self.matching.borrow_mut().pop();
        for (name, arg) in self.type_parameters(protocol).iter().zip(args) {
            if let Some((_, ty)) = inner.iter().find(|(known, _)| known == name) {
                match_types(arg, ty, found, self);
            }
        }
    }

    /// Whether a class has all methods that a protocol names itself.
    fn implements(&self, class: Place, protocol: Place) -> bool {
        let Some(node) = self.class_node(protocol) else { return false };
        let is_protocol = node.bases().iter().any(|base| match base {
            Expr::Subscript(subscript) => special_form(&subscript.value) == Some("Protocol"),
            base => special_form(base) == Some("Protocol"),
        });
        is_protocol
            && node.body.iter().all(|stmt| match stmt {
                Stmt::FunctionDef(method) => !self.class_members(class, &[], method.name.as_str()).is_empty(),
                _ => true,
            })
    }

    /// The strings of `Literal["a", "b"]`, through aliases; `None` when anything else is allowed, too.
    fn literal_strings(&self, file: File, annotation: &'db Expr) -> Option<Vec<String>> {
        match annotation {
            Expr::Subscript(subscript) if special_form(&subscript.value) == Some("Literal") => {
                let elements = super::member::elements(&subscript.slice).iter();
                elements.map(|element| Some(element.as_string_literal_expr()?.value.to_str().to_string())).collect()
            }
            Expr::Subscript(subscript) if special_form(&subscript.value) == Some("Union") => {
                let elements = super::member::elements(&subscript.slice).iter();
                let all: Option<Vec<_>> = elements.map(|element| self.literal_strings(file, element)).collect();
                Some(all?.into_iter().flatten().collect())
            }
            Expr::BinOp(binary) => {
                let mut all = self.literal_strings(file, &binary.left)?;
                all.extend(self.literal_strings(file, &binary.right)?);
                Some(all)
            }
            Expr::Name(name) => {
                let defs = self.follow_all(self.bindings_at(file, name.range), false);
                let Some(Def::Name(file, definition)) = defs.last() else { return None };
                let value =
                    syntax::path_to(self.db, *file, definition.range).into_iter().rev().find_map(
                        |node| match node {
                            AnyNodeRef::StmtAnnAssign(assign) => assign.value.as_deref(),
                            AnyNodeRef::StmtAssign(assign) => Some(&*assign.value),
                            _ => None,
                        },
                    )?;
                self.deeper(|| self.literal_strings(*file, value)).flatten()
            }
            _ => None,
        }
    }

    /// Calls whose result no signature tells.
    pub(super) fn special_call(&self, file: File, call: &'db ExprCall) -> Option<Ty> {
        let Expr::Name(name) = &*call.func else { return None };
        match (name.id.as_str(), &*call.arguments.args) {
            ("super", []) => {
                let path = syntax::path_to(self.db, file, call.range());
                let class = path.iter().rev().find_map(|node| match node {
                    AnyNodeRef::StmtClassDef(class) => Some(Place { file, range: class.range }),
                    _ => None,
                })?;
                let (base, args) = self.bases(class).first()?.clone();
                Some(Ty::Instance(base, args))
            }
            ("type", [value]) => match self.expression(file, value) {
                Ty::Instance(class, args) => Some(Ty::Class(class, args)),
                _ => None,
            },
            ("cast", [class, _]) => Some(self.annotation(file, class)),
            _ => None,
        }
    }

    fn constructed(&self, file: File, class: Place, args: &[Ty], call: &'db ExprCall) -> Ty {
        if !args.is_empty() {
            return Ty::Instance(class, args.to_vec());
        }
        let names = self.type_parameters(class);
        if names.is_empty() {
            return Ty::Instance(class, Vec::new());
        }
        if let Some(made) = self.made_by_new(file, class, call) {
            return made;
        }
        // `list(values)`, `Box(1)`: what the parameters of the constructor say.
        let found = self.constructor_bindings(file, class, call);
        let args = names
            .iter()
            .map(|name| found.iter().find(|(known, _)| known == name).map_or(Ty::Unknown, |(_, ty)| ty.clone()));
        Ty::Instance(class, args.collect())
    }

    /// What the class's own `__new__` says it gives, for example `zip[tuple[int, str]]`.
    fn made_by_new(&self, file: File, class: Place, call: &'db ExprCall) -> Option<Ty> {
        let own = self.own_members(class, "__new__");
        let Ty::Function(function, _) = self.type_of_def(own.last()?) else { return None };
        let function = self.overload(file, function, true, call);
        let parameters = self.own_arguments(class);
        let result = self.returned(function, Some(&Ty::Instance(class, parameters)));
        match self.solve(file, function, true, call, result) {
            // `def __new__(cls, *args) -> Self` says nothing.
            Ty::Instance(found, args) if found == class && args.iter().any(|arg| !arg.is_unknown()) => {
                Some(Ty::Instance(found, args))
            }
            _ => None,
        }
    }

    fn constructor_bindings(&self, file: File, class: Place, call: &'db ExprCall) -> Vec<(String, Ty)> {
        let takes_iterable = ["list", "set", "frozenset", "tuple"].iter().any(|name| self.is_builtin(class, name));
        if let ([argument], true) = (&*call.arguments.args, takes_iterable) {
            let element = self.iterated(self.expression(file, argument));
            return self.type_parameters(class).iter().map(|name| (name.clone(), element.clone())).collect();
        }
        let mut found = Vec::new();
        let Some(member) = self.class_members(class, &[], "__init__").pop() else { return found };
        let Ty::Function(function, _) = self.type_of_def(&member.def) else { return found };
        let function = self.overload(file, function, true, call);
        self.bind_arguments(file, function, true, call, &mut found);
        // `def __init__(self: dict[str, V], **values: V)`
        let own = self.function_node(function).and_then(|node| {
            let parameters = &node.parameters;
            parameters.posonlyargs.first().or(parameters.args.first())?.parameter.annotation()
        });
        match own.map(|own| self.annotation(function.file, own)) {
            Some(Ty::Instance(of, args)) if of == class => {
                let solved = args.into_iter().map(|arg| erase_variables(arg.substitute(&found)));
                self.type_parameters(class).iter().cloned().zip(solved).collect()
            }
            _ => found,
        }
    }

    /// Replaces the type variables of a result by what the arguments say about them.
    fn solve(&self, file: File, function: Place, is_bound: bool, call: &'db ExprCall, result: Ty) -> Ty {
        if !mentions_variable(&result) {
            return result;
        }
        let mut found = Vec::new();
        self.bind_arguments(file, function, is_bound, call, &mut found);
        erase_variables(result.substitute(&found))
    }

    fn bind_arguments(
        &self,
        file: File,
        function: Place,
        is_bound: bool,
        call: &'db ExprCall,
        found: &mut Vec<(String, Ty)>,
    ) {
        let Some(node) = self.function_node(function) else { return };
        let parameters = &node.parameters;
        let mut positional = parameters.posonlyargs.iter().chain(&parameters.args).skip(usize::from(is_bound));
        for argument in call.arguments.args.iter().take_while(|argument| !argument.is_starred_expr()) {
            let annotation = match positional.next() {
                Some(parameter) => parameter.parameter.annotation(),
                None => parameters.vararg.as_ref().and_then(|parameter| parameter.annotation()),
            };
            self.bind_argument(function.file, annotation, file, argument, found);
        }
        for keyword in &call.arguments.keywords {
            let Some(name) = &keyword.arg else { continue };
            let mut named = parameters.iter_non_variadic_params();
            let annotation = match named.find(|parameter| parameter.parameter.name.id == name.id) {
                Some(parameter) => parameter.parameter.annotation(),
                None => parameters.kwarg.as_ref().and_then(|parameter| parameter.annotation()),
            };
            self.bind_argument(function.file, annotation, file, &keyword.value, found);
        }
    }

    fn bind_argument(
        &self,
        declared_in: File,
        annotation: Option<&'db Expr>,
        file: File,
        argument: &'db Expr,
        found: &mut Vec<(String, Ty)>,
    ) {
        let Some(annotation) = annotation else { return };
        if let Expr::Subscript(callable) = annotation
            && special_form(&callable.value) == Some("Callable")
            && let [_, returns] = super::member::elements(&callable.slice)
        {
            let given = match (argument, self.expression(file, argument)) {
                (Expr::Lambda(lambda), _) => self.expression(file, &lambda.body),
                (_, Ty::Function(function, receiver)) => self.returned(function, receiver.as_deref()),
                (_, Ty::Class(class, args)) => Ty::Instance(class, args),
                _ => return,
            };
            return match_types(&self.annotation(declared_in, returns), &given, found, self);
        }
        match_types(&self.annotation(declared_in, annotation), &self.expression(file, argument), found, self);
    }
}

fn mentions_variable(ty: &Ty) -> bool {
    match ty {
        Ty::Variable(..) => true,
        Ty::Callable(result) => mentions_variable(result),
        Ty::Class(_, args) | Ty::Instance(_, args) => args.iter().any(mentions_variable),
        Ty::Union(members) => members.iter().any(mentions_variable),
        _ => false,
    }
}

/// A variable that nothing is known about is unknown.
pub(super) fn erase_variables(ty: Ty) -> Ty {
    match ty {
        Ty::Variable(_, bound) => bound.map_or(Ty::Unknown, |bound| *bound),
        Ty::Callable(result) => Ty::Callable(Box::new(erase_variables(*result))),
        Ty::Instance(class, args) => Ty::Instance(class, args.into_iter().map(erase_variables).collect()),
        Ty::Class(class, args) => Ty::Class(class, args.into_iter().map(erase_variables).collect()),
        Ty::Union(members) => Ty::union(members.into_iter().map(erase_variables)),
        other => other,
    }
}

/// Finds what variables of `pattern` are when a value of type `ty` is passed for it.
fn match_types(pattern: &Ty, ty: &Ty, found: &mut Vec<(String, Ty)>, semantics: &Semantics<'_>) {
    match pattern {
        Ty::Variable(name, _) if !ty.is_unknown() => match found.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = Ty::union([known.clone(), ty.clone()]),
            None => found.push((name.clone(), ty.clone())),
        },
        Ty::Instance(class, args) => {
            let Ty::Instance(actual, actual_args) = ty else { return };
            // A tuple's elements one by one.
            if actual == class && args.len() == actual_args.len() {
                args.iter().zip(actual_args).for_each(|(arg, actual)| match_types(arg, actual, found, semantics));
                return;
            }
            let seen = semantics.ancestors(*actual, actual_args).into_iter().find(|(ancestor, _)| ancestor == class);
            let Some((_, bound)) = seen else { return semantics.match_protocol(*class, args, ty, found) };
            for (arg, (_, actual)) in args.iter().zip(&bound) {
                match_types(arg, actual, found, semantics);
            }
        }
        Ty::Union(members) => members.iter().for_each(|member| match_types(member, ty, found, semantics)),
        _ => {}
    }
}
