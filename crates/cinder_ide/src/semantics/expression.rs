//! The type of an expression, at a glance.

use cinder_db::{File, FilePath};
use cinder_semantic::{Definition, DefinitionKind, semantic_index};
use cinder_syntax::ast::{AnyNodeRef, Expr, ExprName, ExprSubscript, Number, Operator, Pattern, Stmt, UnaryOp};
use cinder_text::{Ranged, TextRange, TextSize};

use super::annotation::special_form;
use super::call::erase_variables;
use super::{Def, Semantics};
use crate::syntax;
use crate::ty::{Place, Ty};

impl<'db> Semantics<'db> {
    /// The type of an expression of the file.
    pub(crate) fn expression(&self, file: File, expression: &'db Expr) -> Ty {
        let address = std::ptr::from_ref(expression).addr();
        self.memory.remember(&self.memory.expressions, address, Ty::Unknown, || {
            self.deeper(|| self.expression_inner(file, expression)).unwrap_or(Ty::Unknown)
        })
    }

    fn expression_inner(&self, file: File, expression: &'db Expr) -> Ty {
        if let Some(checked) = self.checked_type(file, expression) {
            let ty = self.value_of_checked(checked);
            if !ty.is_unknown() {
                return ty;
            }
        }
        let builtin = |name: &str| self.builtin(name, Vec::new());
        let first =
            |elements: &'db [Expr]| Ty::union(elements.iter().take(8).map(|element| self.element(file, element)));
        match expression {
            Expr::StringLiteral(_) | Expr::FString(_) => builtin("str"),
            Expr::TString(_) => self.library_instance("string.templatelib", "Template"),
            Expr::BytesLiteral(_) => builtin("bytes"),
            Expr::BooleanLiteral(_) | Expr::Compare(_) => builtin("bool"),
            Expr::NumberLiteral(number) => builtin(match number.value {
                Number::Int(_) => "int",
                Number::Float(_) => "float",
                Number::Complex { .. } => "complex",
            }),
            Expr::NoneLiteral(_) => Ty::None,
            Expr::EllipsisLiteral(_) => self.library_instance("types", "EllipsisType"),
            Expr::List(list) => self.builtin("list", vec![first(&list.elts)]),
            Expr::Set(set) => self.builtin("set", vec![first(&set.elts)]),
            Expr::Tuple(tuple) => {
                let elements = tuple.elts.iter().map(|element| self.element(file, element)).collect();
                self.builtin("tuple", elements)
            }
            Expr::Dict(dict) => {
                let (mut keys, mut values) = (Vec::new(), Vec::new());
                for item in dict.items.iter().take(8) {
                    let value = self.expression(file, &item.value);
                    match (&item.key, value) {
                        (Some(key), value) => {
                            keys.push(self.expression(file, key));
                            values.push(value);
                        }
                        // `{**other}`
                        (None, Ty::Instance(_, args)) if args.len() == 2 => {
                            keys.push(args[0].clone());
                            values.push(args[1].clone());
                        }
                        (None, _) => {}
                    }
                }
                self.builtin("dict", vec![Ty::union(keys), Ty::union(values)])
            }
            Expr::ListComp(comp) => self.builtin("list", vec![self.expression(file, &comp.elt)]),
            Expr::SetComp(comp) => self.builtin("set", vec![self.expression(file, &comp.elt)]),
            Expr::DictComp(comp) => {
                let key = comp.key.as_ref().map_or(Ty::Unknown, |key| self.expression(file, key));
                self.builtin("dict", vec![key, self.expression(file, &comp.value)])
            }
            Expr::Generator(generator) => {
                let element = self.expression(file, &generator.elt);
                self.library_class("types", "GeneratorType")
                    .map_or(Ty::Unknown, |class| Ty::Instance(class, vec![element, Ty::None, Ty::None]))
            }
            Expr::Name(name) => self.name(file, name),
            Expr::Attribute(attribute) => {
                let value = self.expression(file, &attribute.value);
                match self.member_type(&value, attribute.attr.as_str()) {
                    Ty::Unknown => {
                        let loose = self.loose_members(file, attribute);
                        Ty::union(loose.iter().map(|def| self.type_of_def(def)))
                    }
                    ty => ty,
                }
            }
            Expr::Call(call) => self.call(file, call),
            Expr::Subscript(subscript) => self.subscript(file, subscript),
            Expr::Await(await_) => self.awaited(self.expression(file, &await_.value)),
            Expr::BoolOp(operation) => {
                let last = operation.values.len().saturating_sub(1);
                let parts = operation.values.iter().enumerate().map(|(index, value)| {
                    let ty = self.expression(file, value);
                    let is_or = operation.op == cinder_syntax::ast::BoolOp::Or;
                    if is_or && index < last { ty.without_none() } else { ty }
                });
                Ty::union(parts)
            }
            Expr::BinOp(operation) => {
                let left = self.expression(file, &operation.left);
                let right = self.expression(file, &operation.right);
                self.binary(left, operation.op, right)
            }
            Expr::UnaryOp(operation) => match operation.op {
                UnaryOp::Not => builtin("bool"),
                _ => self.expression(file, &operation.operand),
            },
            Expr::If(choice) => Ty::union([self.expression(file, &choice.body), self.expression(file, &choice.orelse)]),
            Expr::Named(named) => self.expression(file, &named.value),
            Expr::Starred(starred) => self.expression(file, &starred.value),
            Expr::Slice(_) => builtin("slice"),
            Expr::Lambda(_) | Expr::Yield(_) | Expr::YieldFrom(_) | Expr::IpyEscapeCommand(_) => Ty::Unknown,
        }
    }

    /// What an element of a display adds: `*values` adds what iterating gives.
    fn element(&self, file: File, element: &'db Expr) -> Ty {
        match element {
            Expr::Starred(starred) => self.iterated(self.expression(file, &starred.value)),
            _ => self.expression(file, element),
        }
    }

    fn library_instance(&self, module: &str, name: &str) -> Ty {
        self.library_class(module, name).map_or(Ty::Unknown, |class| Ty::Instance(class, Vec::new()))
    }

    fn name(&self, file: File, name: &ExprName) -> Ty {
        let defs = self.bindings_at(file, name.range);
        match self.type_at(file, name.range, defs) {
            // In the body of its class a property is an object with `setter`, not what it gives.
            Ty::Function(function, None) if self.decorators(function).iter().any(|name| name == "property") => {
                self.builtin("property", Vec::new())
            }
            ty => ty,
        }
    }

    /// The type of a name where it stands: of the nearest definition before it in the same scope, else of the last.
    pub(crate) fn type_at(&self, file: File, range: TextRange, defs: Vec<Def>) -> Ty {
        let index = semantic_index(self.db, file);
        let here = self.occurrence(file, range).map(|occurrence| index.frame_scope(occurrence.scope));
        let annotated = defs.iter().find(|def| def.kind() == Some(DefinitionKind::AnnotatedAssignment));
        let before = defs.iter().filter(|def| {
            let is_here = matches!(def, Def::Name(other, definition)
                if *other == file && Some(index.frame_scope(definition.scope)) == here);
            is_here && def.range().start() <= range.start()
        });
        // `x = f(x)`: the value is computed before the name is bound.
        let mut before =
            before.filter(|def| def.range() == range || !def.full_range().contains_range(range) || !is_assignment(def));
        let chosen = annotated.or_else(|| before.next_back()).or(defs.last());
        let Some(chosen) = chosen else { return Ty::Unknown };
        let ty = self.deeper(|| self.type_of_def(chosen)).unwrap_or(Ty::Unknown);
        let since = if chosen.file() == Some(file) { chosen.range().end() } else { range.start() };
        self.narrowed(file, range, since, ty)
    }

    /// What tests say about a name whose value was made at `since`: those of the `if` statements around it, assertions before it, and tests before it
    /// that leave the block.
    fn narrowed(&self, file: File, range: TextRange, since: TextSize, ty: Ty) -> Ty {
        let name = cinder_text::slice(cinder_db::source_text(self.db, file), range);
        let holds = |body: &[Stmt]| {
            let ends = body.first().zip(body.last());
            ends.is_some_and(|(first, last)| TextRange::new(first.start(), last.end()).contains_range(range))
        };
        let path = syntax::path_to(self.db, file, range);
        // Values of other functions are not followed through time.
        let inner = path.iter().rposition(|node| {
            matches!(node, AnyNodeRef::StmtFunctionDef(_) | AnyNodeRef::ExprLambda(_) | AnyNodeRef::StmtClassDef(_))
        });
        let mut ty = ty;
        for (depth, node) in path.iter().enumerate() {
            if inner.is_none_or(|inner| depth >= inner) {
                for body in bodies_of(*node).into_iter().filter(|body| holds(body)) {
                    ty = self.after_tests(file, body, range, since, name, ty);
                }
            }
            let AnyNodeRef::StmtIf(stmt) = node else { continue };
            if holds(&stmt.body) {
                ty = self.assume(file, &stmt.test, name, ty);
            }
            let clause = stmt.elif_else_clauses.iter().find(|clause| holds(&clause.body));
            if let Some(test) = clause.and_then(|clause| clause.test.as_ref()) {
                ty = self.assume(file, test, name, ty);
            }
        }
        ty
    }

    /// What holds behind the statements of a block that stand between `since` and a place in it.
    fn after_tests(&self, file: File, body: &'db [Stmt], range: TextRange, since: TextSize, name: &str, ty: Ty) -> Ty {
        let first = body.partition_point(|stmt| stmt.start() < since);
        let before = body[first..].iter().take_while(|stmt| stmt.end() <= range.start());
        before.fold(ty, |ty, stmt| match stmt {
            Stmt::Assert(assertion) => self.assume(file, &assertion.test, name, ty),
            Stmt::If(stmt) if stmt.elif_else_clauses.is_empty() && super::function::ends_flow(&stmt.body) => {
                self.assume_not(file, &stmt.test, name, ty)
            }
            _ => ty,
        })
    }

    /// What holds of `name` when a test fails.
    fn assume_not(&self, file: File, test: &'db Expr, name: &str, ty: Ty) -> Ty {
        let is_it = |expression: &Expr| matches!(expression, Expr::Name(it) if it.id == name);
        match test {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => self.assume(file, &not.operand, name, ty),
            Expr::Compare(compare) if is_it(&compare.left) => match (&*compare.ops, &*compare.comparators) {
                ([cinder_syntax::ast::CmpOp::Is], [Expr::NoneLiteral(_)]) => ty.without_none(),
                _ => ty,
            },
            Expr::BoolOp(either) if either.op == cinder_syntax::ast::BoolOp::Or => {
                either.values.iter().fold(ty, |ty, test| self.assume_not(file, test, name, ty))
            }
            _ => ty,
        }
    }

    /// What holds of `name` when a test succeeds.
    fn assume(&self, file: File, test: &'db Expr, name: &str, ty: Ty) -> Ty {
        let is_it = |expression: &Expr| matches!(expression, Expr::Name(it) if it.id == name);
        match test {
            Expr::Name(_) if is_it(test) => ty.without_none(),
            Expr::Named(named) if is_it(&named.target) => ty.without_none(),
            Expr::Compare(compare) if is_it(&compare.left) => match (&*compare.ops, &*compare.comparators) {
                ([cinder_syntax::ast::CmpOp::IsNot], [Expr::NoneLiteral(_)]) => ty.without_none(),
                ([cinder_syntax::ast::CmpOp::Is], [Expr::NoneLiteral(_)]) => Ty::None,
                _ => ty,
            },
            Expr::BoolOp(both) if both.op == cinder_syntax::ast::BoolOp::And => {
                both.values.iter().fold(ty, |ty, test| self.assume(file, test, name, ty))
            }
            Expr::Call(call) if special_form(&call.func) == Some("isinstance") => match &*call.arguments.args {
                [subject, classes] if is_it(subject) => match self.instances_of(file, classes) {
                    Ty::Unknown => ty,
                    found => found,
                },
                _ => ty,
            },
            // `inspect.ismethod(x)`
            Expr::Call(call) if call.arguments.args.first().is_some_and(is_it) => {
                match self.told_by(self.expression(file, &call.func)) {
                    found @ (Ty::Instance(..) | Ty::Class(..) | Ty::Union(_)) => found,
                    _ => ty,
                }
            }
            _ => ty,
        }
    }

    /// What a function that gives `TypeIs[T]` or `TypeGuard[T]` tells about its argument.
    fn told_by(&self, callee: Ty) -> Ty {
        let Ty::Function(function, _) = callee else { return Ty::Unknown };
        match self.function_node(function).and_then(|node| node.returns.as_deref()) {
            Some(Expr::Subscript(of)) if matches!(special_form(&of.value), Some("TypeIs" | "TypeGuard")) => {
                self.annotation(function.file, &of.slice)
            }
            _ => Ty::Unknown,
        }
    }

    /// Instances of a class, or of any class of a tuple or union.
    fn instances_of(&self, file: File, classes: &'db Expr) -> Ty {
        match classes {
            Expr::Tuple(tuple) => Ty::union(tuple.elts.iter().map(|class| self.instances_of(file, class))),
            Expr::BinOp(binary) => {
                Ty::union([self.instances_of(file, &binary.left), self.instances_of(file, &binary.right)])
            }
            _ => match self.expression(file, classes) {
                Ty::Class(class, args) => Ty::Instance(class, args),
                _ => Ty::Unknown,
            },
        }
    }

    /// The type of what a definition binds.
    pub(crate) fn type_of_def(&self, def: &Def) -> Ty {
        match def {
            Def::Module(module) => Ty::Module(module.clone()),
            Def::Name(file, definition) => self.type_of_definition(*file, definition),
            Def::Field(file, field) => self.type_of_target(*file, field.range),
        }
    }

    fn type_of_definition(&self, file: File, definition: &Definition) -> Ty {
        let def = || Def::Name(file, definition.clone());
        match definition.kind {
            DefinitionKind::Import => match self.follow(&def(), false).pop() {
                Some(found) if found != def() => self.deeper(|| self.type_of_def(&found)).unwrap_or(Ty::Unknown),
                _ => Ty::Unknown,
            },
            DefinitionKind::Function => Ty::Function(Place { file, range: definition.node }, None),
            DefinitionKind::Class => Ty::Class(Place { file, range: definition.node }, Vec::new()),
            DefinitionKind::Parameter => self.parameter_type(file, definition),
            DefinitionKind::TypeParameter => self.type_variable(&def()).unwrap_or(Ty::Unknown),
            DefinitionKind::TypeAlias | DefinitionKind::Delete => Ty::Unknown,
            DefinitionKind::Assignment | DefinitionKind::AnnotatedAssignment if self.is_typing(file) => {
                match self.typing_alias(file, definition) {
                    Some(class) => Ty::Class(class, Vec::new()),
                    None => self.type_of_target(file, definition.range),
                }
            }
            _ => self.type_of_target(file, definition.range),
        }
    }

    fn is_typing(&self, file: File) -> bool {
        matches!(file.path(self.db), FilePath::Vendored(path) if matches!(&**path, "stdlib/typing.pyi" | "stdlib/typing_extensions.pyi"))
    }

    /// `List`, `Deque` and the like stand for classes, which the stubs do not say.
    fn typing_alias(&self, file: File, definition: &Definition) -> Option<Place> {
        let name = cinder_text::slice(cinder_db::source_text(self.db, file), definition.range);
        let (module, class) = match name {
            "List" => ("builtins", "list"),
            "Dict" => ("builtins", "dict"),
            "Set" => ("builtins", "set"),
            "FrozenSet" => ("builtins", "frozenset"),
            "Tuple" => ("builtins", "tuple"),
            "Type" => ("builtins", "type"),
            "DefaultDict" => ("collections", "defaultdict"),
            "Deque" => ("collections", "deque"),
            "Counter" | "ChainMap" | "OrderedDict" => ("collections", name),
            _ => return None,
        };
        self.library_class(module, class)
    }

    /// The type of what is stored in the target at this range.
    fn type_of_target(&self, file: File, range: TextRange) -> Ty {
        let path = syntax::path_to(self.db, file, range);
        for node in path.iter().rev() {
            match node {
                AnyNodeRef::StmtAssign(assign) => {
                    let target = assign.targets.iter().find(|target| target.range().contains_range(range));
                    let Some(target) = target else { return Ty::Unknown };
                    return self.unpacked(file, target, range, Source::Value(&assign.value));
                }
                AnyNodeRef::StmtAnnAssign(assign) => {
                    let annotation = self.annotation(file, &assign.annotation);
                    let is_bare_final = special_form(&assign.annotation) == Some("Final");
                    return match (&assign.value, is_bare_final || annotation.is_unknown()) {
                        (Some(value), true) => self.expression(file, value),
                        _ => annotation,
                    };
                }
                AnyNodeRef::StmtAugAssign(assign) => return self.expression(file, &assign.value),
                AnyNodeRef::ExprNamed(named) if named.target.range().contains_range(range) => {
                    return self.expression(file, &named.value);
                }
                AnyNodeRef::StmtFor(loop_) if loop_.target.range().contains_range(range) => {
                    let iterable = self.expression(file, &loop_.iter);
                    let element = if loop_.is_async { self.iterated_async(&iterable) } else { self.iterated(iterable) };
                    return self.unpacked(file, &loop_.target, range, Source::Type(element));
                }
                AnyNodeRef::Comprehension(clause) if clause.target.range().contains_range(range) => {
                    let iterable = self.expression(file, &clause.iter);
                    let element =
                        if clause.is_async { self.iterated_async(&iterable) } else { self.iterated(iterable) };
                    return self.unpacked(file, &clause.target, range, Source::Type(element));
                }
                AnyNodeRef::WithItem(item) => {
                    let Some(target) = &item.optional_vars else { return Ty::Unknown };
                    let manager = self.expression(file, &item.context_expr);
                    let is_async = path.iter().any(|node| {
                        matches!(node, AnyNodeRef::StmtWith(with)
                        if with.is_async && with.items.iter().any(|other| other.range == item.range))
                    });
                    let entered = match is_async {
                        true => self.awaited(self.method_result(&manager, "__aenter__")),
                        false => self.method_result(&manager, "__enter__"),
                    };
                    return self.unpacked(file, target, range, Source::Type(entered));
                }
                AnyNodeRef::ExceptHandlerExceptHandler(handler) => {
                    return handler.type_.as_ref().map_or(Ty::Unknown, |class| self.instances_of(file, class));
                }
                AnyNodeRef::MatchCase(case) => return self.matched(file, &case.pattern, range),
                _ => {}
            }
        }
        Ty::Unknown
    }

    /// `case C() as name`, `case C(name)`: the first is an instance.
    fn matched(&self, file: File, pattern: &'db Pattern, range: TextRange) -> Ty {
        match pattern {
            Pattern::MatchAs(pattern) if pattern.name.as_ref().is_some_and(|name| name.range == range) => {
                match pattern.pattern.as_deref() {
                    Some(Pattern::MatchClass(class)) => self.instances_of(file, &class.cls),
                    _ => Ty::Unknown,
                }
            }
            _ => Ty::Unknown,
        }
    }

    /// The type of the part of `target` at `range` when the source is stored in the whole.
    fn unpacked(&self, file: File, target: &'db Expr, range: TextRange, source: Source<'db>) -> Ty {
        let elements = match target {
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            Expr::Starred(starred) => {
                let inner = match source {
                    Source::Type(ty) => ty,
                    Source::Value(value) => self.expression(file, value),
                };
                return self.unpacked(file, &starred.value, range, Source::Type(self.builtin("list", vec![inner])));
            }
            _ => {
                return match source {
                    Source::Type(ty) => ty,
                    Source::Value(value) => self.expression(file, value),
                };
            }
        };
        let Some(index) = elements.iter().position(|element| element.range().contains_range(range)) else {
            return Ty::Unknown;
        };
        let has_star = elements[..=index].iter().any(Expr::is_starred_expr);
        if let (Source::Value(Expr::Tuple(values)), false) = (&source, has_star)
            && values.elts.len() == elements.len()
        {
            return self.unpacked(file, &elements[index], range, Source::Value(&values.elts[index]));
        }
        let whole = match source {
            Source::Type(ty) => ty,
            Source::Value(value) => self.expression(file, value),
        };
        let part = match &whole {
            Ty::Instance(class, args)
                if self.is_builtin(*class, "tuple") && args.len() == elements.len() && !has_star =>
            {
                args[index].clone()
            }
            Ty::Instance(class, _) if !has_star => match self.named_fields(*class).get(index) {
                Some(field) => field.clone(),
                None => self.iterated(whole),
            },
            _ => self.iterated(whole),
        };
        self.unpacked(file, &elements[index], range, Source::Type(part))
    }

    /// The types of a named tuple's fields, in order; none for other classes.
    fn named_fields(&self, class: Place) -> Vec<Ty> {
        let Some(node) = self.class_node(class) else { return Vec::new() };
        let is_written = node.bases().iter().any(|base| special_form(base) == Some("NamedTuple"));
        let annotations = node.body.iter().filter_map(|stmt| match stmt {
            Stmt::AnnAssign(field) if is_written => Some(&*field.annotation),
            _ => None,
        });
        annotations.map(|annotation| self.annotation(class.file, annotation)).collect()
    }

    /// What iterating over a value gives.
    pub(crate) fn iterated(&self, value: Ty) -> Ty {
        match &value {
            Ty::Union(parts) => Ty::union(parts.iter().map(|part| self.iterated(part.clone()))),
            Ty::Instance(class, args) if self.is_builtin(*class, "tuple") => Ty::union(args.clone()),
            Ty::Instance(class, _) => {
                let fields = self.named_fields(*class);
                if !fields.is_empty() {
                    return Ty::union(fields);
                }
                let iterator = self.method_result(&value, "__iter__");
                self.method_result(&iterator, "__next__")
            }
            _ => Ty::Unknown,
        }
    }

    /// What `async for` over a value gives.
    fn iterated_async(&self, value: &Ty) -> Ty {
        let iterator = self.method_result(value, "__aiter__");
        self.awaited(self.method_result(&iterator, "__anext__"))
    }

    /// What awaiting a value gives.
    fn awaited(&self, value: Ty) -> Ty {
        match &value {
            Ty::Instance(class, args) => {
                let name = self.class_node(*class).map_or("", |class| class.name.as_str());
                match (name, args.as_slice()) {
                    ("CoroutineType" | "Coroutine", [.., result]) => result.clone(),
                    (_, [result]) => result.clone(),
                    _ => Ty::Unknown,
                }
            }
            Ty::Union(parts) => Ty::union(parts.iter().map(|part| self.awaited(part.clone()))),
            _ => Ty::Unknown,
        }
    }

    fn subscript(&self, file: File, subscript: &'db ExprSubscript) -> Ty {
        let value = self.expression(file, &subscript.value);
        let is_slice = subscript.slice.is_slice_expr();
        Ty::union(value.members().iter().map(|value| match value {
            // A member by its name.
            Ty::Class(class, _) if self.inherits(*class, "enum", "Enum") => Ty::Instance(*class, Vec::new()),
            Ty::Class(class, _) => {
                let arguments = super::member::elements(&subscript.slice);
                Ty::Class(*class, arguments.iter().map(|argument| self.annotation(file, argument)).collect())
            }
            Ty::Instance(class, _) if is_slice && self.is_sequence(*class) => value.clone(),
            Ty::Instance(class, args) if self.is_builtin(*class, "tuple") => match &*subscript.slice {
                Expr::NumberLiteral(number) => match &number.value {
                    Number::Int(index) => match index.as_usize() {
                        Some(index) if index < args.len() => args[index].clone(),
                        _ => Ty::union(args.clone()),
                    },
                    _ => Ty::Unknown,
                },
                _ => Ty::union(args.clone()),
            },
            Ty::Instance(..) => {
                let index = self.expression(file, &subscript.slice);
                erase_variables(self.method_call(value, "__getitem__", &[index]))
            }
            _ => Ty::Unknown,
        }))
    }

    fn is_sequence(&self, class: Place) -> bool {
        ["str", "bytes", "list", "tuple"].iter().any(|name| self.is_builtin(class, name))
    }

    fn binary(&self, left: Ty, op: Operator, right: Ty) -> Ty {
        let rank = |ty: &Ty| match ty {
            Ty::Instance(class, _) => {
                ["bool", "int", "float", "complex"].iter().position(|name| self.is_builtin(*class, name))
            }
            _ => None,
        };
        if let (Some(one), Some(other)) = (rank(&left), rank(&right)) {
            let rank = match op {
                Operator::Div => one.max(other).max(2),
                _ => one.max(other).max(1),
            };
            return self.builtin(["bool", "int", "float", "complex"][rank], Vec::new());
        }
        // `3 * [0]`
        if let (Ty::Instance(number, _), Operator::Mult, Ty::Instance(class, _)) = (&left, op, &right)
            && self.is_builtin(*number, "int")
            && self.is_sequence(*class)
        {
            return right;
        }
        if let Ty::Instance(class, _) = &left
            && self.is_sequence(*class)
            && matches!(op, Operator::Add | Operator::Mult | Operator::Mod)
            && !(op == Operator::Add && right.is_unknown())
        {
            return left;
        }
        let name = match op {
            Operator::Add => "__add__",
            Operator::Sub => "__sub__",
            Operator::Mult => "__mul__",
            Operator::MatMult => "__matmul__",
            Operator::Div => "__truediv__",
            Operator::Mod => "__mod__",
            Operator::Pow => "__pow__",
            Operator::LShift => "__lshift__",
            Operator::RShift => "__rshift__",
            Operator::BitOr => "__or__",
            Operator::BitXor => "__xor__",
            Operator::BitAnd => "__and__",
            Operator::FloorDiv => "__floordiv__",
        };
        erase_variables(self.method_call(&left, name, &[right]))
    }
}

/// What is stored: an expression whose parts can be looked at, or only its type.
enum Source<'db> {
    Value(&'db Expr),
    Type(Ty),
}

fn is_assignment(def: &Def) -> bool {
    use DefinitionKind::{AnnotatedAssignment, Assignment, AugmentedAssignment};
    matches!(def.kind(), Some(Assignment | AnnotatedAssignment | AugmentedAssignment))
}

/// The blocks of a node.
fn bodies_of<'a>(node: AnyNodeRef<'a>) -> Vec<&'a [Stmt]> {
    match node {
        AnyNodeRef::ModModule(module) => vec![module.body.as_slice()],
        AnyNodeRef::StmtFunctionDef(function) => vec![function.body.as_slice()],
        AnyNodeRef::StmtClassDef(class) => vec![class.body.as_slice()],
        AnyNodeRef::StmtIf(stmt) => {
            let clauses = stmt.elif_else_clauses.iter().map(|clause| clause.body.as_slice());
            std::iter::once(stmt.body.as_slice()).chain(clauses).collect()
        }
        AnyNodeRef::StmtFor(stmt) => vec![stmt.body.as_slice(), stmt.orelse.as_slice()],
        AnyNodeRef::StmtWhile(stmt) => vec![stmt.body.as_slice(), stmt.orelse.as_slice()],
        AnyNodeRef::StmtWith(stmt) => vec![stmt.body.as_slice()],
        AnyNodeRef::StmtTry(stmt) => vec![stmt.body.as_slice(), stmt.orelse.as_slice(), stmt.finalbody.as_slice()],
        AnyNodeRef::ExceptHandlerExceptHandler(handler) => vec![handler.body.as_slice()],
        AnyNodeRef::MatchCase(case) => vec![case.body.as_slice()],
        _ => Vec::new(),
    }
}
