//! Dataclasses: the decorator's options, fields, inheritance, constructor calls.
//!
//! Fields are typed slots of an ordinary static class; the methods are written by the decorator when the program runs, so calls of them are
//! ordinary calls. What the decorator would refuse, and what its constructor would, is told here. Follows: the language specification, section 9.

use std::sync::Arc;

use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::{Ranged, TextRange};
use cinder_types::{
    ClassId, ClassLookup, ConstValue, DefaultValue, FunctionFlags, Name, Param, ParamKind, QualName, Signature,
    Special, Type,
};

use super::Checker;
use crate::fold::fold;
use crate::resolve::{Entity, Place, Qualifier};
use crate::rules::Rule;
use crate::summary::{ClassSummary, MemberSummary};
use crate::type_expr::TypeExpr;

const OPTIONS: [&str; 8] = ["init", "repr", "eq", "order", "unsafe_hash", "frozen", "kw_only", "slots"];

/// Options of the decorator, with the defaults of the standard library.
#[derive(Clone, Copy)]
struct Options {
    init: bool,
    eq: bool,
    order: bool,
    unsafe_hash: bool,
    frozen: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum FieldKind {
    Field,
    ClassVar,
    InitVar,
}

#[derive(Clone, Debug)]
struct Field {
    name: Name,
    ty: Type,
    kind: FieldKind,
    has_default: bool,
    in_init: bool,
}

fn options_of(decorators: &[TypeExpr], is_dataclass: impl Fn(&TypeExpr) -> bool) -> Option<Options> {
    let decorator = decorators.iter().find(|decorator| is_dataclass(decorator))?;
    let mut options = Options { init: true, eq: true, order: false, unsafe_hash: false, frozen: false };
    if let TypeExpr::Call(_, keywords) = decorator {
        for (name, value) in keywords {
            let Some(ConstValue::Bool(value)) = value else { continue };
            match name.as_str() {
                "init" => options.init = *value,
                "eq" => options.eq = *value,
                "order" => options.order = *value,
                "unsafe_hash" => options.unsafe_hash = *value,
                "frozen" => options.frozen = *value,
                _ => {}
            }
        }
    }
    Some(options)
}

impl Checker<'_> {
    fn dataclass_options(&self, module: &Name, class: &ClassSummary) -> Option<Options> {
        self.resolver().in_module(module, |resolver| {
            options_of(&class.decorators, |decorator| resolver.entity(decorator) == Entity::Special(Special::Dataclass))
        })
    }

    /// Rules of a class statement that carries the decorator.
    pub(super) fn dataclass_rules(&mut self, def: &ast::StmtClassDef, summary: &Arc<ClassSummary>) {
        let module = self.cx.module.name.clone();
        let options = self.dataclass_options(&module, summary);
        let is_static = !self.resolver().is_dynamic_class(&module, summary);
        if options.is_none() || !is_static {
            self.stray_fields(def);
        }
        if options.is_some() && !is_static {
            self.lint_dataclass(def, &ClassId::user(&module, &summary.qualname));
        }
        let Some(options) = options else { return };
        for decorator in &def.decorator_list {
            if let Expr::Call(call) = &decorator.expression
                && self.resolver().entity(&TypeExpr::lower(&call.func)) == Entity::Special(Special::Dataclass)
            {
                self.dataclass_decorator(def, call);
            }
        }
        if options.order && !options.eq {
            self.report(Rule::InvalidDataclass, def.name.range, "eq must be true if order is true");
        }
        self.generated_methods(def, options);
        let inherited = self.inherited_fields(def, summary, options);
        for stmt in &def.body {
            if let Stmt::AnnAssign(assign) = stmt
                && let Expr::Name(name) = &*assign.target
            {
                self.field(def, &name.id, assign, &inherited);
            }
        }
        if options.init {
            self.default_order(def, summary);
        }
    }

    /// `field(...)` means something to the decorator of a static class only.
    fn stray_fields(&mut self, def: &ast::StmtClassDef) {
        for stmt in &def.body {
            let Stmt::AnnAssign(assign) = stmt else { continue };
            let Some(value) = &assign.value else { continue };
            if self.field_call(value).is_none() {
                continue;
            }
            let lowered = TypeExpr::lower(&assign.annotation);
            let Ok(declared) = self.resolver().declared(&lowered, Place::ClassBody) else { continue };
            if !declared.ty.is_dynamic() {
                let message = format!("type mismatch: dataclasses.Field cannot be assigned to {}", declared.ty);
                self.report(Rule::InvalidAssignment, value.range(), message);
            }
        }
    }

    /// The class and its summary, when it carries the decorator.
    fn dataclass_of(&self, class: &ClassId) -> Option<(Name, Arc<ClassSummary>, Options)> {
        let ClassId::User(id) = class else { return None };
        let summary = self.resolver().class_summary(class)?;
        let options = self.dataclass_options(&id.module, &summary)?;
        Some((id.module.clone(), summary, options))
    }

    /// The decorator writes method `name` of this class.
    pub(super) fn is_generated(&self, class: &ClassId, name: &str) -> bool {
        let Some((_, _, options)) = self.dataclass_of(class) else { return false };
        let Some(body) = self.resolver().class_body(class) else { return false };
        let written = body.members.iter().any(|(own, _)| own == name);
        !written
            && match name {
                "__init__" => options.init,
                "__eq__" => options.eq,
                "__lt__" | "__le__" | "__gt__" | "__ge__" => options.order,
                "__setattr__" | "__delattr__" => options.frozen,
                "__repr__" | "__hash__" | "__replace__" | "__match_args__" => true,
                _ => false,
            }
    }

    /// Instances are made by a generated `__init__`, the nearest one.
    pub(super) fn has_generated_init(&self, class: &ClassId) -> bool {
        let mro = self.cx.mro(class);
        if mro.classes.iter().any(|base| self.cx.own_member(base, "__new__").is_some()) {
            return false;
        }
        let found = mro
            .classes
            .iter()
            .find(|base| self.is_generated(base, "__init__") || self.cx.own_member(base, "__init__").is_some());
        found.is_some_and(|base| self.is_generated(base, "__init__"))
    }

    /// Fields of frozen dataclasses are neither stored to nor deleted, whatever the class of the receiver hides.
    pub(super) fn is_frozen(&self, class: &ClassId) -> bool {
        let mro = self.cx.mro(class);
        mro.classes.iter().any(|base| self.dataclass_of(base).is_some_and(|(_, _, options)| options.frozen))
    }

    pub(super) fn frozen_store(&mut self, target: &Expr, class: &ClassId, name: &Name, what: &str) {
        if self.is_frozen(class) {
            let message = format!("cannot {what} field '{name}' of frozen dataclass '{class}'");
            self.report(Rule::InvalidDataclass, target.range(), message);
        }
    }

    fn dataclass_decorator(&mut self, def: &ast::StmtClassDef, call: &ast::ExprCall) {
        let at = call.range();
        if !call.arguments.args.is_empty() {
            self.report(Rule::InvalidDataclass, at, "dataclass() takes no positional arguments");
        }
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().map_or("**", |name| name.as_str());
            if !OPTIONS.contains(&name) {
                self.report(
                    Rule::InvalidDataclass,
                    at,
                    format!("dataclass() got an unexpected keyword argument '{name}'"),
                );
                continue;
            }
            match fold(&keyword.value) {
                Some(ConstValue::Bool(value)) => {
                    if name == "slots" && !value {
                        let message = format!(
                            "Dataclass {} sets slots=False but Static Python defaults to and only supports slots=True",
                            def.name.id
                        );
                        self.report(Rule::InvalidDataclass, at, message);
                    }
                }
                _ => self.report(Rule::InvalidDataclass, at, "dataclass() arguments must be boolean constants"),
            }
        }
    }

    /// Methods the decorator would write over.
    fn generated_methods(&mut self, def: &ast::StmtClassDef, options: Options) {
        for stmt in &def.body {
            let Stmt::FunctionDef(method) = stmt else { continue };
            let name = method.name.as_str();
            let ordering = matches!(name, "__lt__" | "__le__" | "__gt__" | "__ge__");
            let clash = (ordering && options.order)
                || (matches!(name, "__setattr__" | "__delattr__") && options.frozen)
                || (name == "__hash__" && options.unsafe_hash);
            if clash {
                let hint = if ordering { ". Consider using functools.total_ordering" } else { "" };
                let message = format!("Cannot overwrite attribute {name} in class {}{hint}", def.name.id);
                self.report(Rule::InvalidDataclass, method.name.range, message);
            }
        }
    }

    /// The fields of the bases, nearest last; also checks that frozen and unfrozen classes do not mix.
    fn inherited_fields(&mut self, def: &ast::StmtClassDef, summary: &ClassSummary, options: Options) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for base in self.dataclass_bases(&self.cx.module.name.clone(), summary) {
            let (module, class) = base;
            let Some(base_options) = self.dataclass_options(&module, &class) else { continue };
            if base_options.frozen && !options.frozen {
                self.report(
                    Rule::InvalidDataclass,
                    def.name.range,
                    "cannot inherit non-frozen dataclass from a frozen one",
                );
            } else if !base_options.frozen && options.frozen {
                self.report(
                    Rule::InvalidDataclass,
                    def.name.range,
                    "cannot inherit frozen dataclass from a non-frozen one",
                );
            }
            for field in self.own_fields(&module, &class) {
                match fields.iter_mut().find(|own| own.name == field.name) {
                    Some(own) => {
                        // Two bases that know nothing of each other; in a chain it was told where it happened.
                        if own.ty != field.ty && summary.bases.len() > 1 {
                            let message = format!(
                                "Type of field '{}' on class '{}.{}' conflicts with base type. Base field has annotation {}, but overridden field has annotation {}",
                                field.name, self.cx.module.name, def.name.id, own.ty, field.ty
                            );
                            self.report(Rule::InvalidDataclass, def.name.range, message);
                        }
                        *own = field;
                    }
                    None => fields.push(field),
                }
            }
        }
        fields
    }

    /// Classes above this one in static modules, in the order in which their fields count: farthest first.
    fn dataclass_bases(&self, module: &Name, summary: &ClassSummary) -> Vec<(Name, Arc<ClassSummary>)> {
        let resolver = self.resolver();
        let mro = resolver.mro(&ClassId::user(module, &summary.qualname));
        let above = mro.classes.iter().skip(1).rev();
        above.filter_map(|base| Some((Name::new(base.module()), resolver.class_summary(base)?))).collect()
    }

    fn own_fields(&self, module: &Name, class: &ClassSummary) -> Vec<Field> {
        let Some(body) = self.cx.env.class_body(module, &class.qualname) else { return Vec::new() };
        self.resolver().in_module(module, |resolver| {
            body.members
                .iter()
                .filter_map(|(name, member)| {
                    let MemberSummary::Annotated { annotation, value } = member else { return None };
                    let declared = resolver.declared(annotation, Place::ClassBody).ok()?;
                    let kind = field_kind(declared.qualifier);
                    Some(Field {
                        name: name.clone(),
                        ty: declared.ty,
                        kind,
                        has_default: value.is_some(),
                        in_init: true,
                    })
                })
                .collect()
        })
    }

    fn field(&mut self, def: &ast::StmtClassDef, name: &Name, assign: &ast::StmtAnnAssign, inherited: &[Field]) {
        let declared = self.resolver().declared(&TypeExpr::lower(&assign.annotation), Place::ClassBody);
        let unknown = crate::resolve::Declared { ty: Type::Unknown, qualifier: Qualifier::None, infer: false };
        let declared = declared.unwrap_or(unknown);
        let kind = field_kind(declared.qualifier);
        if let Some(base) = inherited.iter().find(|field| field.name == *name) {
            self.field_override(def, name, kind, &declared.ty, base, assign.target.range());
        }
        let Some(value) = &assign.value else { return };
        match self.field_call(value) {
            Some(call) => self.field_options(name, kind, &declared.ty, call),
            None => self.mutable_default(name, kind, value),
        }
    }

    /// The value is a call of `dataclasses.field`.
    fn field_call<'e>(&self, value: &'e Expr) -> Option<&'e ast::ExprCall> {
        let Expr::Call(call) = value else { return None };
        let entity = self.resolver().entity(&TypeExpr::lower(&call.func));
        (entity == Entity::Special(Special::DataclassField)).then_some(call)
    }

    /// The value of an attribute of the class body in hand is a field description that the decorator replaces.
    pub(super) fn is_dataclass_field(&self, value: &Expr) -> bool {
        let Some(class) = self.classes.last() else { return false };
        let module = &self.cx.module.name;
        self.field_call(value).is_some()
            && self.dataclass_options(module, class).is_some()
            && !self.resolver().is_dynamic_class(module, class)
    }

    /// The default a field description gives, or what its factory makes, must fit the field. The description was visited.
    pub(super) fn field_default(&mut self, value: &Expr, ty: &Type) {
        let Some(call) = self.field_call(value) else { return };
        for keyword in &call.arguments.keywords {
            let given = self.facts_mut(&keyword.value).map(|facts| facts.ty.clone());
            let found = match (keyword.arg.as_ref().map(|name| name.as_str()), given) {
                (Some("default"), Some(given)) => given,
                (Some("default_factory"), Some(Type::Class(class))) => class.instance.clone(),
                (Some("default_factory"), Some(Type::Function(function))) => function.signature.call_result(),
                _ => continue,
            };
            if !ty.is_prim() && !self.assignable(ty, &found) {
                let message = self.mismatch(ty, &found);
                self.report(Rule::InvalidAssignment, keyword.value.range(), message);
            }
        }
    }

    fn field_override(
        &mut self,
        def: &ast::StmtClassDef,
        name: &Name,
        kind: FieldKind,
        ty: &Type,
        base: &Field,
        at: TextRange,
    ) {
        let pseudo = |kind| if kind == FieldKind::ClassVar { "ClassVar" } else { "InitVar" };
        if kind != base.kind {
            let message = if base.kind == FieldKind::Field {
                format!("Override of field '{name}' cannot be a {}", pseudo(kind))
            } else {
                format!("Override of field '{name}' must be a {}", pseudo(base.kind))
            };
            self.report(Rule::InvalidDataclass, at, message);
        } else if *ty != base.ty {
            let message = format!(
                "Type of field '{name}' on class '{}.{}' conflicts with base type. Base field has annotation {}, but overridden field has annotation {ty}",
                self.cx.module.name, def.name.id, base.ty
            );
            self.report(Rule::InvalidDataclass, at, message);
        }
    }

    fn field_options(&mut self, name: &Name, kind: FieldKind, ty: &Type, call: &ast::ExprCall) {
        let at = call.range();
        if !call.arguments.args.is_empty() {
            self.report(Rule::InvalidDataclass, at, "dataclasses.field() takes no positional arguments");
        }
        let mut has_default = false;
        let mut has_factory = false;
        for keyword in &call.arguments.keywords {
            let option = keyword.arg.as_ref().map_or("**", |name| name.as_str());
            let value = fold(&keyword.value);
            match option {
                "default" => {
                    has_default = true;
                    self.default_value(name, kind, ty, &keyword.value);
                }
                "default_factory" => has_factory = true,
                "metadata" => {}
                "init" | "repr" | "compare" => match value {
                    Some(ConstValue::Bool(false)) if option == "init" && kind == FieldKind::InitVar => {
                        self.report(Rule::InvalidDataclass, at, "InitVar fields must have init=True");
                    }
                    Some(ConstValue::Bool(_)) => {}
                    _ => {
                        let message = format!("dataclasses.field() argument '{option}' must be a boolean constant");
                        self.report(Rule::InvalidDataclass, at, message);
                    }
                },
                "hash" => {
                    if !matches!(value, Some(ConstValue::Bool(_) | ConstValue::None)) {
                        let message = "dataclasses.field() argument 'hash' must be None or a boolean constant";
                        self.report(Rule::InvalidDataclass, at, message);
                    }
                }
                _ => {
                    let message = format!("dataclasses.field() got an unexpected keyword argument '{option}'");
                    self.report(Rule::InvalidDataclass, at, message);
                }
            }
        }
        if has_default && has_factory {
            self.report(Rule::InvalidDataclass, at, "cannot specify both default and default_factory");
        }
        if has_factory && kind != FieldKind::Field {
            self.report(Rule::InvalidDataclass, at, format!("field {name} cannot have a default factory"));
        }
    }

    fn default_value(&mut self, name: &Name, kind: FieldKind, ty: &Type, value: &Expr) {
        self.silent += 1;
        let found = self.expr(value, Some(ty));
        self.silent -= 1;
        if !self.assignable(ty, &found) {
            let message = self.mismatch(ty, &found);
            self.report(Rule::InvalidAssignment, value.range(), message);
        }
        self.mutable_default(name, kind, value);
    }

    fn mutable_default(&mut self, name: &Name, kind: FieldKind, value: &Expr) {
        let shown = match value {
            Expr::List(_) | Expr::ListComp(_) => "list",
            Expr::Dict(_) | Expr::DictComp(_) => "dict",
            Expr::Set(_) | Expr::SetComp(_) => "set",
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) if matches!(name.id.as_str(), "list" | "dict" | "set") => name.id.as_str(),
                _ => return,
            },
            _ => return,
        };
        if kind != FieldKind::ClassVar {
            let message = format!("mutable default {shown} for field {name} is not allowed: use default_factory");
            self.report(Rule::InvalidDataclass, value.range(), message);
        }
    }

    /// Fields in the order of the constructor, with what is known about their defaults.
    fn all_fields(&self, module: &Name, summary: &Arc<ClassSummary>) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let classes = self.dataclass_bases(module, summary).into_iter().chain([(module.clone(), summary.clone())]);
        for (module, class) in classes {
            if self.dataclass_options(&module, &class).is_none() {
                continue;
            }
            for mut field in self.own_fields(&module, &class) {
                match fields.iter_mut().find(|own| own.name == field.name) {
                    Some(own) => {
                        // The class still finds the base's default.
                        field.has_default |= own.has_default;
                        *own = field;
                    }
                    None => fields.push(field),
                }
            }
        }
        fields.retain(|field| field.kind != FieldKind::ClassVar && field.in_init);
        fields
    }

    fn default_order(&mut self, def: &ast::StmtClassDef, summary: &Arc<ClassSummary>) {
        // Which `field(...)` calls give a default is seen in this body only; elsewhere a value counts as one.
        let undecided: Vec<Name> = def
            .body
            .iter()
            .filter_map(|stmt| {
                let Stmt::AnnAssign(assign) = stmt else { return None };
                let (Expr::Name(name), Some(value)) = (&*assign.target, &assign.value) else { return None };
                let call = self.field_call(value)?;
                let has = |option: &str| call.arguments.find_keyword(option).is_some();
                let plain = (has("default") || has("default_factory")) && !has("init");
                (!plain).then(|| name.id.clone())
            })
            .collect();
        let keyword_only = summary.decorators.iter().any(|decorator| {
            matches!(decorator, TypeExpr::Call(_, keywords) if keywords.iter().any(|(name, value)| name == "kw_only" && *value == Some(ConstValue::Bool(true))))
        });
        if keyword_only || !undecided.is_empty() {
            return;
        }
        let mut after_default = false;
        for field in self.all_fields(&self.cx.module.name.clone(), summary) {
            if field.has_default {
                after_default = true;
            } else if after_default {
                let message = format!("non-default argument '{}' follows default argument", field.name);
                self.report(Rule::InvalidDataclass, def.name.range, message);
                return;
            }
        }
    }

    /// The constructor's signature, when the class's own decorator writes it and its parameters are certain.
    pub(super) fn dataclass_init(&self, id: &ClassId) -> Option<(Arc<QualName>, Arc<Signature>)> {
        let (module, class, options) = self.dataclass_of(id)?;
        let certain_options = class.decorators.iter().all(|decorator| {
            !matches!(decorator, TypeExpr::Call(_, keywords) if keywords.iter().any(|(name, _)| name == "kw_only"))
        });
        if !options.init || !certain_options || self.resolver().mro(id).dynamic {
            return None;
        }
        let fields = self.all_fields(&module, &class);
        // `field(...)` may take a field out of the constructor or give it a default; such values fold to nothing.
        let bases = self.dataclass_bases(&module, &class);
        let uncertain =
            bases.iter().map(|(module, base)| (module, base)).chain([(&module, &class)]).any(|(module, class)| {
                let Some(body) = self.cx.env.class_body(module, &class.qualname) else { return true };
                let is_unknown =
                    |member: &MemberSummary| matches!(member, MemberSummary::Annotated { value: Some(None), .. });
                body.members.iter().any(|(_, member)| is_unknown(member))
            });
        if uncertain {
            return None;
        }
        let own = Param {
            name: Name::new("self"),
            kind: ParamKind::Standard,
            ty: Type::Dynamic,
            annotated: false,
            default: DefaultValue::Missing,
        };
        let params = std::iter::once(own).chain(fields.into_iter().map(|field| Param {
            name: field.name,
            kind: ParamKind::Standard,
            ty: field.ty,
            annotated: true,
            default: if field.has_default {
                DefaultValue::Constant(Box::new(ConstValue::None))
            } else {
                DefaultValue::Missing
            },
        }));
        let signature = Signature {
            params: params.collect(),
            returns: Type::None,
            returns_annotated: true,
            flags: FunctionFlags::default(),
        };
        let id = Arc::new(QualName { module, name: Name::new(format!("{}.__init__", class.qualname)) });
        Some((id, Arc::new(signature)))
    }
}

fn field_kind(qualifier: Qualifier) -> FieldKind {
    match qualifier {
        Qualifier::ClassVar => FieldKind::ClassVar,
        Qualifier::InitVar => FieldKind::InitVar,
        Qualifier::None | Qualifier::Final => FieldKind::Field,
    }
}
