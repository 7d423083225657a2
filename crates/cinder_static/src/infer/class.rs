//! Class and module bodies: what may be declared, overridden, decorated, imported.
//!
//! Follows: the language specification, sections 2.1, 8.2, 8.5, 8.8 and 8.9.

use std::sync::Arc;

use cinder_semantic::ScopeKind;
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::{Ranged, TextRange};
use cinder_types::{
    ClassDef, ClassId, ClassLookup, KnownClass, Member, MethodKind, Name, Param, ParamKind, PropertyKind, Signature,
    Special, Type,
};
use rustc_hash::FxHashMap;

use super::attribute::LONG_LINE;
use super::{Checker, FrameKind};
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::summary::{ClassSummary, Symbol};
use crate::type_expr::TypeExpr;
use crate::typed::TypedClass;

impl Checker<'_> {
    // ---- modules -----------------------------------------------------------------------------------

    /// Rules about the module as a whole: the flag's place and duplicate declarations.
    pub(super) fn module_rules(&mut self, body: &[Stmt]) {
        self.flag_place(body);
        self.duplicate_definitions(body);
    }

    /// `import __static__` comes before anything but a docstring, `__future__` imports, constants and other flags.
    fn flag_place(&mut self, body: &[Stmt]) {
        let mut late = false;
        for stmt in body {
            match stmt {
                Stmt::Import(import) => {
                    let flag = import.names.iter().map(|alias| alias.name.as_str()).find(|name| is_flag(name));
                    match flag {
                        Some(name) if late => {
                            self.report(
                                Rule::MisplacedFlag,
                                import.range,
                                format!("Cinder flag {name} must be at the top of a file"),
                            );
                        }
                        Some(_) => {}
                        None => late = true,
                    }
                }
                Stmt::ImportFrom(import)
                    if import.module.as_ref().is_some_and(|module| module.as_str() == "__future__") => {}
                Stmt::Expr(stmt) if crate::fold::fold(&stmt.value).is_some() => {}
                _ => late = true,
            }
        }
    }

    pub(super) fn import_flags(&mut self, import: &ast::StmtImport) {
        for alias in &import.names {
            let name = alias.name.as_str();
            if !is_flag(name) {
                continue;
            }
            if import.names.len() > 1 {
                let message = format!("{name} flag may not be combined with other imports");
                self.report(Rule::MisplacedFlag, import.range, message);
            }
            if alias.asname.is_some() {
                self.report(Rule::MisplacedFlag, import.range, format!("{name} flag may not be aliased"));
            }
        }
    }

    /// A name of the module has one declaration: function, class, or annotated variable.
    fn duplicate_definitions(&mut self, body: &[Stmt]) {
        let mut seen: FxHashMap<Name, (Declaration, TextRange)> = FxHashMap::default();
        self.declarations(body, true, &mut seen);
    }

    fn declarations(&mut self, body: &[Stmt], top: bool, seen: &mut FxHashMap<Name, (Declaration, TextRange)>) {
        for stmt in body {
            match stmt {
                Stmt::FunctionDef(def) => {
                    let overload = def
                        .decorator_list
                        .iter()
                        .any(|decorator| self.is_decorator(&decorator.expression, Special::Overload));
                    if !overload {
                        let kind =
                            if def.decorator_list.is_empty() { Declaration::Function } else { Declaration::Decorated };
                        self.declaration(seen, &def.name.id, kind, def.name.range);
                    }
                }
                Stmt::ClassDef(def) => {
                    let kind = if top { Declaration::Class } else { Declaration::ConditionalClass };
                    self.declaration(seen, &def.name.id, kind, def.name.range);
                }
                Stmt::AnnAssign(assign) => {
                    if let Expr::Name(name) = &*assign.target {
                        self.declaration(seen, &name.id, Declaration::Variable, name.range);
                    }
                }
                Stmt::Import(import) => {
                    for alias in &import.names {
                        if let Some(name) = &alias.asname {
                            self.declaration(seen, &name.id, Declaration::Import, alias.range);
                        }
                    }
                }
                Stmt::ImportFrom(import) => {
                    for alias in &import.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name);
                        self.declaration(seen, &name.id, Declaration::Import, alias.range);
                    }
                }
                Stmt::Try(stmt) => {
                    self.declarations(&stmt.body, false, seen);
                    for handler in &stmt.handlers {
                        let ast::ExceptHandler::ExceptHandler(handler) = handler;
                        self.declarations(&handler.body, false, seen);
                    }
                }
                Stmt::If(stmt) => {
                    if let Some(body) = crate::summary::live_branch(stmt) {
                        self.declarations(body, top, seen);
                        continue;
                    }
                    self.declarations(&stmt.body, false, seen);
                    for clause in &stmt.elif_else_clauses {
                        self.declarations(&clause.body, false, seen);
                    }
                }
                _ => {}
            }
        }
    }

    fn declaration(
        &mut self,
        seen: &mut FxHashMap<Name, (Declaration, TextRange)>,
        name: &Name,
        kind: Declaration,
        range: TextRange,
    ) {
        let Some((first, at)) = seen.get(name).copied() else {
            seen.insert(name.clone(), (kind, range));
            return;
        };
        let module = &self.cx.module.name;
        let (rule, message) = match (first, kind) {
            // Names without a type of their own may be bound again.
            (Declaration::Import, Declaration::Import | Declaration::Decorated)
            | (Declaration::Decorated, Declaration::Import)
            | (Declaration::ConditionalClass, _)
            | (_, Declaration::ConditionalClass) => return,
            (Declaration::Function, Declaration::Function) => {
                (Rule::ConflictingMember, format!("function 'function {module}.{name}' conflicts with other member"))
            }
            (_, Declaration::Function | Declaration::Decorated)
                if !matches!(first, Declaration::Import | Declaration::Variable) =>
            {
                (Rule::ConflictingMember, format!("function conflicts with other member {name} in {module}"))
            }
            _ => (Rule::Redefinition, format!("Cannot redefine local variable {name}")),
        };
        self.push_finding(crate::Finding::new(rule, range, message).with_note(at, "first declared here"));
    }

    fn is_decorator(&self, decorator: &Expr, special: Special) -> bool {
        self.resolver().entity(&TypeExpr::lower(decorator)) == Entity::Special(special)
    }

    // ---- class statements --------------------------------------------------------------------------

    pub(super) fn class_def(&mut self, def: &ast::StmtClassDef) {
        for decorator in &def.decorator_list {
            self.object(&decorator.expression, Rule::PrimitiveEscape, "decorator cannot be a primitive");
            self.class_decorator(decorator);
        }
        for base in def.bases() {
            self.class_base(def, base);
        }
        for keyword in def.keywords() {
            self.object(&keyword.value, Rule::PrimitiveEscape, "class kwarg cannot be a primitive");
        }
        let key = Self::key(def);
        self.enum_rules(def);
        let nested_in_function = self.frames.iter().any(|frame| frame.kind == FrameKind::Function);
        let summary = if nested_in_function { None } else { self.class_summary(&def.name.id) };
        if self.frame().kind == FrameKind::Function {
            self.bind_name(&def.name.id, Type::Dynamic, def.name.range, key);
        }
        if def.type_params.is_some() && !nested_in_function {
            self.report(Rule::GenericClass, def.name.range, "Type params not supported in static Python yet");
        }
        let outer_flow = std::mem::take(&mut self.flow);
        let outer_inner = std::mem::take(&mut self.inner_scopes);
        let scope = self.index.scope_of(ScopeKind::Class, def.range).unwrap_or_else(|| self.scope());
        self.push_frame(FrameKind::Class, scope);
        match &summary {
            Some(summary) if self.resolver().is_protocol(&self.cx.module.name, summary) => {}
            Some(summary) => {
                self.classes.push(summary.clone());
                self.body(&def.body);
                self.class_rules(def, summary);
                self.classes.pop();
            }
            None => {
                // A class in a function is an ordinary class: its methods are checked, its members are dynamic.
                let outer = std::mem::take(&mut self.classes);
                self.body(&def.body);
                self.classes = outer;
            }
        }
        self.frames.pop();
        self.flow = outer_flow;
        self.inner_scopes = outer_inner;
        if self.frame().kind != FrameKind::Function {
            self.flow.set_local(def.name.id.clone(), Type::Dynamic);
        }
        if let Some(summary) = &summary {
            self.dataclass_rules(def, summary);
            self.lint_dynamic_class(def, summary);
        }
        self.clobber();
        if let (Some(summary), Some(key)) = (summary, key) {
            self.typed_class(key, &summary);
        }
    }

    fn class_summary(&self, name: &Name) -> Option<Arc<ClassSummary>> {
        match self.classes.last() {
            Some(outer) => outer.nested(name).cloned(),
            None => match self.cx.env.symbol(&self.cx.module.name, name) {
                Some(Symbol::Class(class)) => Some(class),
                _ => None,
            },
        }
    }

    fn typed_class(&mut self, key: cinder_syntax::NodeId, summary: &ClassSummary) {
        let id = ClassId::user(&self.cx.module.name, &summary.qualname);
        let Some(def) = self.cx.class(&id) else { return };
        let own_layout = !def.head.mro.dynamic
            && def.head.mro.classes.iter().all(|id| id.known().is_none_or(|known| known == KnownClass::Object));
        if def.is_dynamic() || def.head.flags.do_not_compile || !own_layout {
            return;
        }
        let inherited = |name: &str| {
            def.head
                .mro
                .classes
                .iter()
                .skip(1)
                .any(|base| matches!(self.cx.own_member(base, name), Some(Member::Slot(_))))
        };
        let fields = def.fields().into_iter().filter(|field| !inherited(&field.name)).collect();
        let mut final_methods: Vec<Name> = def
            .head
            .mro
            .classes
            .iter()
            .filter_map(|base| self.cx.class(base))
            .flat_map(|base| {
                base.members
                    .iter()
                    .filter(|(_, member)| matches!(member, Member::Method(method) if method.signature.flags.is_final))
                    .map(|(name, _)| name.clone())
                    .collect::<Vec<_>>()
            })
            .collect();
        final_methods.sort();
        final_methods.dedup();
        self.unit.classes.insert(key, TypedClass { def, fields, final_methods });
    }

    fn class_decorator(&mut self, decorator: &ast::Decorator) {
        let shown = match self.resolver().entity(&TypeExpr::lower(&decorator.expression)) {
            Entity::Known(KnownClass::Property) => "property",
            Entity::Special(Special::CachedProperty) => "cached_property",
            Entity::Special(Special::AsyncCachedProperty) => "async_cached_property",
            Entity::Special(Special::Overload) => "overload",
            Entity::Special(Special::Native) => "native",
            _ => return,
        };
        self.report(Rule::InvalidDecorator, decorator.range, format!("Cannot decorate a class with @{shown}"));
    }

    fn class_base(&mut self, def: &ast::StmtClassDef, base: &Expr) {
        let ty = self.object(base, Rule::PrimitiveEscape, "class base cannot be a primitive");
        let Type::Class(class) = &ty else { return };
        match &class.instance {
            Type::Prim(prim) => {
                let message = format!("Primitive type {prim} cannot be subclassed: {}", def.name.id);
                self.report(Rule::PrimitiveSubclass, def.name.range, message);
            }
            Type::Generic(_) => self.final_base(def, &class.instance.to_string()),
            instance => {
                let Some(id) = instance.class_id() else { return };
                let is_final = match &id {
                    ClassId::Known(known) => known.is_final(),
                    ClassId::User(_) => self.cx.head(&id).is_some_and(|class| class.flags.is_final),
                };
                if is_final {
                    self.final_base(def, &id.to_string());
                }
            }
        }
    }

    fn final_base(&mut self, def: &ast::StmtClassDef, base: &str) {
        let own = match self.classes.last() {
            Some(outer) => format!("{}.{}.{}", self.cx.module.name, outer.qualname, def.name.id),
            None => format!("{}.{}", self.cx.module.name, def.name.id),
        };
        let message = format!("Class `{own}` cannot subclass a Final class: `{base}`");
        self.report(Rule::FinalSubclass, def.name.range, message);
    }

    // ---- member rules ------------------------------------------------------------------------------

    fn class_rules(&mut self, def: &ast::StmtClassDef, summary: &ClassSummary) {
        let id = ClassId::user(&self.cx.module.name, &summary.qualname);
        let Some(class) = self.cx.class(&id) else { return };
        if class.is_dynamic() {
            return;
        }
        if self.resolver().consistent_mro(&id).is_none() {
            let bases: Vec<&str> = class.head.bases.iter().map(ClassId::name).collect();
            let message =
                format!("Cannot create a consistent method resolution order (MRO) for bases: {}", bases.join(", "));
            self.report(Rule::InvalidBases, def.name.range, message);
        }
        self.duplicate_members(def, &id);
        self.final_members(def, &class);
        for (name, member) in &class.members {
            let range = member_range(&def.body, name).unwrap_or(def.name.range);
            self.overrides(&class, name, member, range);
        }
    }

    /// A typed attribute is declared once: in the body or in `__init__`; a method is defined once.
    fn duplicate_members(&mut self, def: &ast::StmtClassDef, id: &ClassId) {
        let mut slots: FxHashMap<Name, TextRange> = FxHashMap::default();
        let mut methods: FxHashMap<Name, TextRange> = FxHashMap::default();
        for stmt in &def.body {
            match stmt {
                Stmt::AnnAssign(assign) => {
                    let Expr::Name(name) = &*assign.target else { continue };
                    if let Some(first) = slots.get(&name.id).copied() {
                        let message = format!("Cannot re-declare member '{}' in '{id}'", name.id);
                        let finding = crate::Finding::new(Rule::ConflictingMember, name.range, message)
                            .with_note(first, "first declared here");
                        self.push_finding(finding);
                    } else if methods.contains_key(&name.id) {
                        let message = format!("slot conflicts with other member {} in Type[{id}]", name.id);
                        self.report(Rule::ConflictingMember, name.range, message);
                    }
                    slots.entry(name.id.clone()).or_insert(name.range);
                }
                Stmt::FunctionDef(function) => {
                    let name = &function.name.id;
                    let exempt = function.decorator_list.iter().any(|decorator| {
                        matches!(&decorator.expression, Expr::Attribute(attribute) if matches!(attribute.attr.as_str(), "setter" | "deleter" | "getter"))
                            || self.is_decorator(&decorator.expression, Special::Overload)
                    });
                    self.cached_accessor(function, id);
                    if exempt {
                        continue;
                    }
                    if slots.contains_key(name) {
                        let message = format!("function conflicts with other member {name} in Type[{id}]");
                        self.report(Rule::ConflictingMember, function.name.range, message);
                    } else if methods.contains_key(name) && function.decorator_list.is_empty() {
                        let message = format!("function 'function {id}.{name}' conflicts with other member");
                        self.report(Rule::ConflictingMember, function.name.range, message);
                    }
                    methods.entry(name.clone()).or_insert(function.name.range);
                    if name == "__init__" {
                        self.init_redeclarations(function, id, &slots);
                    }
                }
                _ => {}
            }
        }
    }

    /// Cached properties have no accessors but their getter.
    fn cached_accessor(&mut self, function: &ast::StmtFunctionDef, id: &ClassId) {
        for decorator in &function.decorator_list {
            let Expr::Attribute(attribute) = &decorator.expression else { continue };
            let Expr::Name(property) = &*attribute.value else { continue };
            let kind = match self.cx.own_member(id, &property.id) {
                Some(Member::Property(property)) => property.kind,
                _ => continue,
            };
            let shown = match kind {
                PropertyKind::Plain => continue,
                PropertyKind::Cached => "cached_property",
                PropertyKind::AsyncCached => "async_cached_property",
            };
            let what = format!("{}s", attribute.attr);
            let message = format!("{shown} {id}.{} does not support {what}", property.id);
            self.report(Rule::InvalidDecorator, decorator.range, message);
        }
    }

    /// `self.x: T` in `__init__` for an attribute the class body annotates already. Seen in units that hold the body (or its stub).
    fn init_redeclarations(&mut self, init: &ast::StmtFunctionDef, id: &ClassId, slots: &FxHashMap<Name, TextRange>) {
        let mut seen: Vec<Name> = Vec::new();
        for slot in crate::summary::self_slots(init) {
            if slot.annotation.is_none() {
                continue;
            }
            if slots.contains_key(&slot.name) || seen.contains(&slot.name) {
                let message = format!("Cannot re-declare member '{}' in '{id}'", slot.name);
                self.report(Rule::ConflictingMember, init.name.range, message);
            }
            seen.push(slot.name);
        }
    }

    fn final_members(&mut self, def: &ast::StmtClassDef, class: &ClassDef) {
        for (name, member) in &class.members {
            if let Member::Slot(slot) = member
                && slot.is_final
                && !slot.initialised
            {
                let message = format!("Final attribute not initialized: {}:{name}", class.head.id);
                let range = member_range(&def.body, name).unwrap_or(def.name.range);
                self.report(Rule::FinalNotInitialized, range, message);
            }
        }
    }

    // ---- overrides (section 8.8) -------------------------------------------------------------------

    fn overrides(&mut self, class: &ClassDef, name: &Name, member: &Member, range: TextRange) {
        if matches!(name.as_str(), "__init__" | "__new__" | "__init_subclass__") {
            return;
        }
        let bases = &class.head.mro.classes[1..];
        for base in bases {
            if *base == ClassId::Known(KnownClass::ContextDecorator) && name == "__exit__" {
                self.swallowing_exit(member, range);
            }
            if bases.len() > LONG_LINE && self.cx.member_names(base).is_none_or(|names| !names.contains(name)) {
                continue;
            }
            let Some(inherited) = self.cx.own_member(base, name) else { continue };
            if let Some((rule, message)) = self.override_error(class, name, member, base, &inherited) {
                self.report(rule, range, message);
                return;
            }
        }
    }

    /// A `ContextDecorator` promises that exceptions pass, and functions it decorates rely on that.
    fn swallowing_exit(&mut self, member: &Member, range: TextRange) {
        let Member::Method(method) = member else { return };
        let never = Type::BoolLiteral(false);
        let result = method.signature.call_result();
        if !result.is_dynamic() && result != Type::None && !self.assignable(&never, &result) {
            let message = format!(
                "{} overrides ContextDecorator.__exit__ inconsistently. Returned type `{result}` is not a subtype of the overridden return `{never}`",
                method.id
            );
            self.report(Rule::InvalidOverride, range, message);
        }
    }

    fn override_error(
        &self,
        class: &ClassDef,
        name: &Name,
        member: &Member,
        base: &ClassId,
        inherited: &Member,
    ) -> Option<(Rule, String)> {
        let final_attribute = |shown: String| {
            Some((Rule::AssignToFinal, format!("Cannot assign to a Final attribute of {}:{shown}", class.head.id)))
        };
        let type_changed = |shown: String| {
            Some((
                Rule::InvalidOverride,
                format!("Cannot change type of inherited attribute (inherited type '{shown}')"),
            ))
        };
        let hidden =
            |shown: String| Some((Rule::InvalidOverride, format!("class cannot hide inherited member: {shown}")));
        let with_property =
            || Some((Rule::InvalidOverride, "Cannot override attribute with property method".to_owned()));
        match (inherited, member) {
            (_, Member::Dynamic | Member::NestedClass(_) | Member::EnumValue { .. }) => None,
            (Member::Bare | Member::Dynamic | Member::NestedClass(_) | Member::EnumValue { .. }, _) => None,
            (Member::Method(old), _) if old.signature.flags.is_final => {
                final_attribute(format!("function {base}.{name}"))
            }
            (Member::Slot(old), Member::Slot(_)) if old.is_final => final_attribute(name.to_string()),
            (Member::Slot(old), Member::Slot(new)) => {
                let same = old.ty == new.ty || !new.annotated;
                if same { None } else { type_changed(old.ty.to_string()) }
            }
            (Member::Slot(_), Member::Bare) => None,
            (Member::Slot(old), Member::ClassVar { .. }) => type_changed(old.ty.to_string()),
            (Member::Slot(_), Member::Method(_)) => hidden(SHOWN_SLOT.to_owned()),
            (Member::Slot(old), Member::Property(new)) => {
                if !old.has_default {
                    with_property()
                } else if new.kind == PropertyKind::AsyncCached || new.getter.signature.returns != old.ty {
                    type_changed(old.ty.to_string())
                } else {
                    None
                }
            }
            (Member::ClassVar { ty, is_final }, new) => {
                let shown = format!("{}[{ty}]", if *is_final { "Final" } else { "ClassVar" });
                match new {
                    Member::Slot(_) => type_changed(shown),
                    Member::Bare if *is_final => final_attribute(name.to_string()),
                    Member::ClassVar { is_final: true, .. } if *is_final => final_attribute(name.to_string()),
                    Member::ClassVar { is_final: true, .. } => type_changed(shown),
                    Member::ClassVar { ty: new, .. } if new != ty || *is_final => type_changed(shown),
                    Member::Method(_) => hidden(SHOWN_SLOT.to_owned()),
                    Member::Property(_) => with_property(),
                    _ => None,
                }
            }
            (Member::Method(old), Member::Method(new)) => {
                let fits = match old.kind {
                    // Both are called without the receiver.
                    MethodKind::Static => new.kind != MethodKind::Instance,
                    kind => new.kind == kind,
                };
                if !fits {
                    return hidden(shown_method(old.kind, base, name));
                }
                let skip = usize::from(old.kind != MethodKind::Static);
                let reason = self.signature_error(&old.signature, &new.signature, skip)?;
                let message = format!("{} overrides {} inconsistently. {reason}", new.id, old.id);
                Some((Rule::InvalidOverride, message))
            }
            (Member::Method(old), Member::Property(new)) if old.kind == MethodKind::Static => {
                let reason = self.signature_error(&old.signature, &new.getter.signature, 0)?;
                let message = format!("{} overrides {} inconsistently. {reason}", new.getter.id, old.id);
                Some((Rule::InvalidOverride, message))
            }
            (Member::Method(old), Member::Slot(_) | Member::ClassVar { .. } | Member::Property(_)) => {
                hidden(shown_method(old.kind, base, name))
            }
            (Member::Method(_), Member::Bare) => None,
            (Member::Property(old), Member::Property(new)) => {
                let reason = self.signature_error(&old.getter.signature, &new.getter.signature, 1)?;
                let message = format!("{} overrides {} inconsistently. {reason}", new.getter.id, old.getter.id);
                Some((Rule::InvalidOverride, message))
            }
            (Member::Property(old), Member::Slot(new)) => {
                let inherited = old.getter.signature.call_result();
                let same = inherited == new.ty && old.kind != PropertyKind::AsyncCached;
                if same { None } else { type_changed(inherited.to_string()) }
            }
            (Member::Property(old), Member::ClassVar { .. }) => {
                type_changed(old.getter.signature.call_result().to_string())
            }
            (Member::Property(_), Member::Method(_)) => hidden(format!("<{base}.{name}>")),
            (Member::Property(_), Member::Bare) => None,
        }
    }

    /// Why `new` may not stand in for `old`. `skip` leading parameters are exempt.
    fn signature_error(&self, old: &Signature, new: &Signature, skip: usize) -> Option<String> {
        let (old_result, new_result) = (old.call_result(), new.call_result());
        let narrower = old_result.is_dynamic()
            || (!new_result.is_dynamic() && self.assignable(&old_result, &new_result))
            || new_result == Type::Unknown;
        if !narrower {
            return Some(format!(
                "Returned type `{new_result}` is not a subtype of the overridden return `{old_result}`"
            ));
        }
        if old.has(ParamKind::VarArgs) != new.has(ParamKind::VarArgs) {
            return Some("Functions differ by including *args".to_owned());
        }
        if old.has(ParamKind::KwArgs) != new.has(ParamKind::KwArgs) {
            return Some("Functions differ by including **kwargs".to_owned());
        }
        let fixed = |signature: &Signature| -> Vec<Param> {
            let fixed = |param: &&Param| !matches!(param.kind, ParamKind::VarArgs | ParamKind::KwArgs);
            signature.params.iter().filter(fixed).cloned().collect()
        };
        let (old_params, new_params) = (fixed(old), fixed(new));
        if old_params.len() != new_params.len() && !old.has(ParamKind::KwArgs) {
            return Some("Number of arguments differ".to_owned());
        }
        for (index, (old, new)) in old_params.iter().zip(&new_params).enumerate() {
            if let Some(reason) = self.param_error(index, old, new, index < skip) {
                return Some(reason);
            }
        }
        None
    }

    fn param_error(&self, index: usize, old: &Param, new: &Param, exempt: bool) -> Option<String> {
        let by_keyword = |param: &Param| param.kind == ParamKind::KeywordOnly;
        if by_keyword(old) != by_keyword(new) {
            return Some(format!("`{}` differs by keyword only vs positional", new.name));
        }
        if !exempt && new.kind == ParamKind::PositionalOnly && old.kind != ParamKind::PositionalOnly {
            return Some(format!("`{}` is positional-only in override, not in base", new.name));
        }
        if !exempt && old.name != new.name && old.kind != ParamKind::PositionalOnly {
            return Some(if by_keyword(old) {
                format!("Keyword only argument `{}` is overridden as `{}`", old.name, new.name)
            } else {
                format!("Positional argument {} named `{}` is overridden as `{}`", index + 1, old.name, new.name)
            });
        }
        let wider = exempt || new.ty.is_dynamic() || self.assignable(&new.ty, &old.ty);
        if !wider {
            return Some(format!(
                "Parameter {} of type `{}` is not a supertype of the overridden parameter `{}`",
                new.name, new.ty, old.ty
            ));
        }
        None
    }
}

/// A slot or class variable in messages about what hides it.
const SHOWN_SLOT: &str = "<types.MemberDescriptorType>";

/// A method in messages about what hides it.
fn shown_method(kind: MethodKind, base: &ClassId, name: &Name) -> String {
    let kind = match kind {
        MethodKind::Instance => "function",
        MethodKind::Static => "staticmethod",
        MethodKind::Class => "classmethod",
    };
    format!("<{kind} {base}.{name}>")
}

/// How a module-level name is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declaration {
    Function,
    Decorated,
    Class,
    /// Under a condition: an ordinary class.
    ConditionalClass,
    Variable,
    Import,
}

fn is_flag(name: &str) -> bool {
    matches!(name, "__static__" | "__strict__")
}

/// Where a member is declared in the class body.
fn member_range(body: &[Stmt], name: &str) -> Option<TextRange> {
    body.iter().find_map(|stmt| match stmt {
        Stmt::FunctionDef(def) if def.name.as_str() == name => Some(def.name.range),
        Stmt::ClassDef(def) if def.name.as_str() == name => Some(def.name.range),
        Stmt::AnnAssign(assign) => match &*assign.target {
            Expr::Name(own) if own.id == name => Some(own.range),
            _ => None,
        },
        Stmt::Assign(assign) => assign.targets.iter().find_map(|target| match target {
            Expr::Name(own) if own.id == name => Some(target.range()),
            _ => None,
        }),
        _ => None,
    })
}
