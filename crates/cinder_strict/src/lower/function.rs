//! Functions, lambdas, classes, annotations, type parameters.

use std::sync::Arc;

use cinder_semantic::{ScopeFlags, ScopeId, ScopeKind};
use cinder_syntax::ast::{self, Expr, Stmt, StmtFunctionDef};
use cinder_text::{Ranged, TextRange, slice};

use super::{Lowerer, docstring};
use crate::code::{Body, ClassSpec, Code, CodeKind, FunctionSpec, Name, Op, Params};
use crate::value::Value;

impl<'a> Lowerer<'a> {
    pub(super) fn parameters(&mut self, scope: ScopeId, parameters: &ast::Parameters) -> Params {
        let name = |parameter: &ast::Parameter| -> Name {
            let entry = self.index.scope(scope);
            let mangled = entry.mangle(&parameter.name);
            self.interned(&cinder_semantic::mangle(self.class, &mangled))
        };
        let names = |list: &[ast::ParameterWithDefault]| -> Vec<Name> {
            list.iter().map(|parameter| name(&parameter.parameter)).collect()
        };
        let mut positional = names(&parameters.posonlyargs);
        let positional_only = positional.len();
        positional.extend(names(&parameters.args));
        Params {
            positional,
            positional_only,
            keyword_only: names(&parameters.kwonlyargs),
            rest: parameters.vararg.as_deref().map(name),
            keywords: parameters.kwarg.as_deref().map(name),
        }
    }

    /// Puts defaults on the stack: how many, and the names of the keyword-only ones.
    fn defaults(&mut self, parameters: &'a ast::Parameters, params: &Params) -> (usize, Vec<Name>) {
        let mut count = 0;
        for parameter in parameters.posonlyargs.iter().chain(&parameters.args) {
            if let Some(default) = &parameter.default {
                self.expression(default);
                count += 1;
            }
        }
        let mut names = Vec::new();
        for (parameter, name) in parameters.kwonlyargs.iter().zip(&params.keyword_only) {
            if let Some(default) = &parameter.default {
                self.expression(default);
                names.push(name.clone());
            }
        }
        (count, names)
    }

    /// The code of a function's body.
    pub(super) fn function_code(&mut self, function: &'a StmtFunctionDef, scope: ScopeId, qualname: &str) -> Code {
        self.function_unit(function, scope, qualname).0
    }

    fn function_unit(
        &mut self,
        function: &'a StmtFunctionDef,
        scope: ScopeId,
        qualname: &str,
    ) -> (Code, Vec<(ScopeId, Name)>) {
        let params = self.parameters(scope, &function.parameters);
        self.enter(scope, CodeKind::Function, &function.name, qualname, params);
        let flags = self.index.scope(scope).flags;
        let unit = self.unit();
        unit.is_generator = flags.contains(ScopeFlags::GENERATOR);
        unit.is_async = function.is_async;
        unit.doc = docstring(&function.body);
        self.at(function.name.range);
        self.suite(&function.body);
        self.finish_unit()
    }

    pub(super) fn function_definition(&mut self, function: &'a StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.expression(&decorator.expression);
        }
        self.at(function.name.range);
        let outer = self.unit().naming;
        if let Some(parameters) = &function.type_params {
            self.type_parameters(parameters, function.range);
        }
        let item = self.source.items.and_then(|(file, number)| Some((file, number(function)?)));
        let scope = self.index.scope_of(ScopeKind::Function, function.range).unwrap_or(outer);
        let qualname = self.qualified(&function.name);
        let mut spec = match item {
            Some((file, index)) => {
                let params = Arc::new(self.parameters(scope, &function.parameters));
                let is_generator = self.index.scope(scope).flags.contains(ScopeFlags::GENERATOR);
                let body = Body::Item { file, index: index as u32, params, is_generator, is_async: function.is_async };
                FunctionSpec {
                    name: self.interned(function.name.as_str()),
                    qualname: qualname.as_str().into(),
                    body,
                    defaults: 0,
                    keyword_defaults: Vec::new(),
                    captured: Vec::new(),
                    annotations: None,
                    eager_annotations: false,
                    sees_class: false,
                }
            }
            None => {
                let (code, wanted) = self.function_unit(function, scope, &qualname);
                self.spec(code, &wanted)
            }
        };
        let params = spec.body.params().clone();
        let inner = std::mem::replace(&mut self.unit().naming, outer);
        (spec.defaults, spec.keyword_defaults) = self.defaults(&function.parameters, &params);
        self.unit().naming = inner;
        self.function_annotations(function, scope, &mut spec);
        self.unit().naming = outer;
        self.at(function.name.range);
        self.emit(Op::Function(Arc::new(spec)));
        for decorator in function.decorator_list.iter().rev() {
            self.at(decorator.expression.range());
            self.emit(Op::Call { count: 1, names: None });
        }
        self.at(function.name.range);
        self.store(&function.name);
    }

    /// The annotations of a function whose definition lies in an item tree, to be lowered when somebody asks for them. They use names of the module
    /// and of classes; those of type parameters lie in the frame that defines the function.
    fn annotations_item(&mut self, body: &Body, scope: Option<ScopeId>) -> Option<Arc<FunctionSpec>> {
        let Body::Item { file, index, .. } = body else { return None };
        let mut outer = Some(scope?);
        while let Some(scope) = outer {
            let entry = self.index.scope(scope);
            if entry.kind == ScopeKind::TypeParameters {
                return None;
            }
            outer = entry.parent;
        }
        let sees_class = self.index.scope(scope?).flags.contains(ScopeFlags::CAN_SEE_CLASS);
        let qualname = self.qualified("__annotate__");
        Some(Arc::new(FunctionSpec {
            name: self.interned("__annotate__"),
            qualname: qualname.as_str().into(),
            body: Body::Annotations { file: *file, index: *index },
            defaults: 0,
            keyword_defaults: Vec::new(),
            captured: Vec::new(),
            annotations: None,
            eager_annotations: false,
            sees_class,
        }))
    }

    /// The code that gives a function's annotations. `qualname` is that of the function.
    pub(super) fn annotations_code(&mut self, function: &'a StmtFunctionDef, qualname: &str) -> Option<Code> {
        let scope = self.index.scope_of(ScopeKind::Annotation, function.range)?;
        let qualname = match qualname.rsplit_once('.') {
            Some((outer, _)) => format!("{outer}.__annotate__"),
            None => "__annotate__".to_string(),
        };
        self.enter(scope, CodeKind::Annotations, "__annotate__", &qualname, Params::default());
        let annotations = self.annotations_of(function);
        self.annotations_unit(&annotations);
        Some(self.finish_unit().0)
    }

    fn annotations_of(&mut self, function: &'a StmtFunctionDef) -> Vec<(Name, &'a Expr)> {
        let mut annotations: Vec<(Name, &'a Expr)> = Vec::new();
        for parameter in function.parameters.iter() {
            let parameter = parameter.as_parameter();
            if let Some(annotation) = &parameter.annotation {
                annotations.push((self.mangled(&parameter.name), annotation));
            }
        }
        if let Some(returns) = &function.returns {
            annotations.push((self.interned("return"), returns));
        }
        annotations
    }

    fn function_annotations(&mut self, function: &'a StmtFunctionDef, scope: ScopeId, spec: &mut FunctionSpec) {
        let has_any = function.returns.is_some()
            || function.parameters.iter().any(|parameter| parameter.as_parameter().annotation.is_some());
        if !has_any {
            return;
        }
        let annotation_scope = self.index.scope_of(ScopeKind::Annotation, function.range);
        let annotation_scope = annotation_scope.or(self.index.scope(scope).annotation_scope);
        if self.source.has_lazy_annotations || self.source.has_future_annotations {
            spec.annotations = self.annotations_item(&spec.body, annotation_scope);
            if spec.annotations.is_none() {
                let annotations = self.annotations_of(function);
                spec.annotations = self.deferred_annotations(&annotations, annotation_scope);
            }
            return;
        }
        let annotations = self.annotations_of(function);
        let outer = self.unit().naming;
        if let Some(scope) = annotation_scope {
            self.unit().naming = scope;
        }
        let count = annotations.len() as u32;
        for (name, annotation) in annotations {
            self.constant(Value::Str(name));
            self.expression(annotation);
        }
        self.unit().naming = outer;
        self.emit(Op::Dict(count));
        spec.eager_annotations = true;
    }

    /// A function that gives the dictionary of annotations.
    fn deferred_annotations(
        &mut self,
        annotations: &[(Name, &'a Expr)],
        scope: Option<ScopeId>,
    ) -> Option<Arc<FunctionSpec>> {
        let scope = scope.unwrap_or(self.unit().naming);
        let qualname = self.qualified("__annotate__");
        self.enter(scope, CodeKind::Annotations, "__annotate__", &qualname, Params::default());
        self.annotations_unit(annotations);
        let sees_class = self.index.scope(scope).flags.contains(ScopeFlags::CAN_SEE_CLASS);
        let (code, wanted) = self.finish_unit();
        let mut spec = self.spec(code, &wanted);
        spec.sees_class = sees_class;
        Some(Arc::new(spec))
    }

    fn annotations_unit(&mut self, annotations: &[(Name, &'a Expr)]) {
        for (name, annotation) in annotations {
            self.constant(Value::Str(name.clone()));
            if self.source.has_future_annotations {
                let text = slice(self.source.text, annotation.range());
                self.constant(Value::Str(text.into()));
            } else {
                self.expression(annotation);
            }
        }
        self.emit(Op::Dict(annotations.len() as u32));
        self.emit(Op::Return);
    }

    /// An expression that is evaluated when somebody asks for it.
    pub(super) fn deferred(&mut self, value: &'a Expr, kind: ScopeKind, range: TextRange) -> Arc<FunctionSpec> {
        let scope = self.index.scope_of(kind, range).unwrap_or(self.unit().naming);
        let qualname = self.qualified("<value>");
        self.enter(scope, CodeKind::Annotations, "<value>", &qualname, Params::default());
        self.expression(value);
        self.emit(Op::Return);
        let sees_class = self.index.scope(scope).flags.contains(ScopeFlags::CAN_SEE_CLASS);
        let (code, wanted) = self.finish_unit();
        let mut spec = self.spec(code, &wanted);
        spec.sees_class = sees_class;
        Arc::new(spec)
    }

    /// Binds type parameters; names are looked up in their scope from here on.
    pub(super) fn type_parameters(&mut self, parameters: &'a ast::TypeParams, range: TextRange) {
        let Some(scope) = self.index.scope_of(ScopeKind::TypeParameters, range) else { return };
        self.unit().naming = scope;
        for parameter in &parameters.type_params {
            let kind = match parameter {
                ast::TypeParam::TypeVar(_) => 0,
                ast::TypeParam::TypeVarTuple(_) => 1,
                ast::TypeParam::ParamSpec(_) => 2,
            };
            let name = parameter.name().as_str();
            if let (super::Access::Cell(cell), _) = self.access(name) {
                self.emit(Op::FreshCell(cell));
            }
            self.emit(Op::NewTypeVar(name.into(), kind));
            self.store(name);
        }
    }

    pub(super) fn lambda(&mut self, lambda: &'a ast::ExprLambda) {
        let scope = self.index.scope_of(ScopeKind::Lambda, lambda.range).unwrap_or(self.unit().naming);
        let params = match lambda.parameters.as_deref() {
            Some(parameters) => self.parameters(scope, parameters),
            None => Params::default(),
        };
        let (defaults, keyword_defaults) = match lambda.parameters.as_deref() {
            Some(parameters) => self.defaults(parameters, &params),
            None => (0, Vec::new()),
        };
        let qualname = self.qualified("<lambda>");
        self.enter(scope, CodeKind::Function, "<lambda>", &qualname, params);
        self.unit().is_generator = self.index.scope(scope).flags.contains(ScopeFlags::GENERATOR);
        self.expression(&lambda.body);
        self.at(lambda.body.range());
        self.emit(Op::Return);
        let (code, wanted) = self.finish_unit();
        let mut spec = self.spec(code, &wanted);
        (spec.defaults, spec.keyword_defaults) = (defaults, keyword_defaults);
        self.emit(Op::Function(Arc::new(spec)));
    }

    pub(super) fn class_definition(&mut self, class: &'a ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.expression(&decorator.expression);
        }
        // The keyword, which is where the statement begins for a reader.
        let start = class.name.range.start();
        let keyword = start.checked_sub(6.into()).filter(|keyword| *keyword >= class.range.start()).unwrap_or(start);
        let place = TextRange::new(keyword, class.name.range.end());
        self.at(place);
        let outer = self.unit().naming;
        if let Some(parameters) = &class.type_params {
            self.type_parameters(parameters, class.range);
        }
        self.class_arguments(class);
        let scope = self.index.scope_of(ScopeKind::Class, class.range).unwrap_or(outer);
        let qualname = self.qualified(&class.name);
        self.enter(scope, CodeKind::Class, &class.name, &qualname, Params::default());
        self.at(place);
        self.constant(Value::Str(qualname.as_str().into()));
        self.emit(Op::StoreName("__qualname__".into()));
        if let Some(doc) = docstring(&class.body) {
            self.constant(Value::Str(doc));
            self.emit(Op::StoreName("__doc__".into()));
        }
        self.suite(&class.body);
        self.class_annotations(scope, &class.body, place);
        let (code, wanted) = self.finish_unit();
        let body = self.spec(code, &wanted);
        self.at(place);
        self.emit(Op::Class(Arc::new(ClassSpec { name: class.name.as_str().into(), body })));
        self.unit().naming = outer;
        for decorator in class.decorator_list.iter().rev() {
            self.at(decorator.expression.range());
            self.emit(Op::Call { count: 1, names: None });
        }
        self.at(place);
        self.store(&class.name);
    }

    /// Bases as a tuple, keywords as a dictionary.
    fn class_arguments(&mut self, class: &'a ast::StmtClassDef) {
        let arguments = class.arguments.as_deref();
        self.emit(Op::List(0));
        for base in arguments.map_or(&[][..], |arguments| &arguments.args) {
            match base {
                Expr::Starred(starred) => {
                    self.expression(&starred.value);
                    self.emit(Op::ListExtend(1));
                }
                base => {
                    self.expression(base);
                    self.emit(Op::ListAppend(1));
                }
            }
        }
        if let Some(parameters) = &class.type_params {
            self.generic_base(parameters);
        }
        self.emit(Op::ListToTuple);
        self.keyword_dictionary(arguments.map_or(&[][..], |arguments| &arguments.keywords));
    }

    /// `Generic[T]`, which a class with type parameters has as its last base.
    fn generic_base(&mut self, parameters: &'a ast::TypeParams) {
        self.constant(Value::Str("__generic__".into()));
        for parameter in &parameters.type_params {
            self.load(parameter.name().as_str());
        }
        self.emit(Op::Tuple(parameters.type_params.len() as u32 + 1));
        self.emit(Op::ListAppend(1));
    }

    fn class_annotations(&mut self, scope: ScopeId, body: &'a [Stmt], place: TextRange) {
        let mut found: Vec<(Name, &'a Expr)> = Vec::new();
        self.collect_annotations(body, &mut found);
        if found.is_empty() {
            return;
        }
        self.at(place);
        let annotation_scope = self.index.scope(scope).annotation_scope;
        if (self.source.has_lazy_annotations || self.source.has_future_annotations)
            && let Some(spec) = self.deferred_annotations(&found, annotation_scope)
        {
            self.emit(Op::Annotations(spec));
        }
    }

    fn collect_annotations(&mut self, body: &'a [Stmt], found: &mut Vec<(Name, &'a Expr)>) {
        for statement in body {
            match statement {
                Stmt::AnnAssign(assign) if assign.simple => {
                    if let Expr::Name(name) = &*assign.target {
                        found.push((self.mangled(&name.id), &assign.annotation));
                    }
                }
                Stmt::If(branch) => {
                    self.collect_annotations(&branch.body, found);
                    for clause in &branch.elif_else_clauses {
                        self.collect_annotations(&clause.body, found);
                    }
                }
                Stmt::Try(attempt) => self.collect_annotations(&attempt.body, found),
                Stmt::With(with) => self.collect_annotations(&with.body, found),
                Stmt::For(repeat) => self.collect_annotations(&repeat.body, found),
                _ => {}
            }
        }
    }
}
