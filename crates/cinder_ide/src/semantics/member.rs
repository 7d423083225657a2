//! Attributes of values, classes and modules.

use std::sync::Arc;

use cinder_db::File;
use cinder_module_resolver::submodules;
use cinder_semantic::{DefinitionKind, ScopeKind, semantic_index};
use cinder_syntax::ast::{Expr, StmtClassDef};

use super::{Bases, Def, Semantics};
use crate::fields::fields_within;
use crate::syntax;
use crate::ty::{Place, Ty};

/// An attribute found on a class.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) def: Def,
    /// Of the class that has it: the type arguments as seen from the receiver.
    pub(crate) bound: Vec<(String, Ty)>,
}

/// More assignments to an attribute are not looked at.
const MAX_ASSIGNMENTS: usize = 6;
/// Longer chains of bases are cut.
const MAX_BASES: usize = 64;

impl<'db> Semantics<'db> {
    pub(crate) fn class_node(&self, class: Place) -> Option<&'db StmtClassDef> {
        syntax::class(self.db, class.file, class.range)
    }

    /// Names of a class's type parameters, in order.
    pub(crate) fn type_parameters(&self, class: Place) -> Arc<[String]> {
        self.class_header(class).parameters
    }

    /// The direct bases with their type arguments in terms of the class's own parameters.
    pub(crate) fn bases(&self, class: Place) -> Arc<[(Place, Vec<Ty>)]> {
        self.class_header(class).bases
    }

    fn class_header(&self, class: Place) -> Bases {
        self.memory.remember(&self.memory.bases, class, Bases::default(), || Bases {
            bases: self.find_bases(class).into(),
            parameters: self.find_type_parameters(class).into(),
        })
    }

    fn find_type_parameters(&self, class: Place) -> Vec<String> {
        let Some(node) = self.class_node(class) else { return Vec::new() };
        if let Some(parameters) = &node.type_params {
            return parameters.iter().map(|parameter| parameter.name().id.to_string()).collect();
        }
        let mut names: Vec<String> = Vec::new();
        for base in node.bases() {
            let Expr::Subscript(subscript) = base else { continue };
            for argument in elements(&subscript.slice) {
                collect_variables(&self.annotation(class.file, argument), &mut names);
            }
        }
        names
    }

    /// The type arguments of a class as seen from inside: its own parameters.
    pub(super) fn own_arguments(&self, class: Place) -> Vec<Ty> {
        self.type_parameters(class).iter().map(|name| Ty::Variable(name.clone(), None)).collect()
    }

    fn find_bases(&self, class: Place) -> Vec<(Place, Vec<Ty>)> {
        let Some(node) = self.class_node(class) else { return Vec::new() };
        let bases = node.bases().iter().map(|base| self.annotation(class.file, base));
        let mut found: Vec<_> = bases
            .filter_map(|base| match base {
                Ty::Instance(base, args) if base != class => Some((base, args)),
                _ => None,
            })
            .collect();
        if found.is_empty() && !self.is_builtin(class, "object") {
            found.extend(self.library_class("builtins", "object").map(|object| (object, Vec::new())));
        }
        found
    }

    /// The class and all it inherits from, nearest first, each with what its type parameters are.
    pub(crate) fn ancestors(&self, class: Place, args: &[Ty]) -> Vec<(Place, Vec<(String, Ty)>)> {
        let mut found: Vec<(Place, Vec<(String, Ty)>)> = Vec::new();
        let mut todo = vec![(class, args.to_vec())];
        while let Some((class, args)) = todo.pop() {
            if found.iter().any(|(known, _)| *known == class) || found.len() >= MAX_BASES {
                continue;
            }
            let names = self.type_parameters(class);
            let bound: Vec<(String, Ty)> = match &*names {
                // `tuple[int, str]` is a `tuple` of either.
                [name] if args.len() > 1 => vec![(name.clone(), Ty::union(args))],
                _ => names.iter().cloned().zip(args.into_iter().chain(std::iter::repeat(Ty::Unknown))).collect(),
            };
            let bases = self.bases(class);
            let seen = |args: &[Ty]| args.iter().map(|arg| arg.clone().substitute(&bound)).collect();
            todo.extend(bases.iter().rev().map(|(base, args)| (*base, seen(args))));
            found.push((class, bound));
        }
        // `object` comes last, whatever the order of the bases.
        let object = found.iter().position(|(class, _)| self.is_builtin(*class, "object"));
        if let Some(index) = object {
            let object = found.remove(index);
            found.push(object);
        }
        found
    }

    pub(crate) fn inherits(&self, class: Place, module: &str, name: &str) -> bool {
        let Some(base) = self.library_class(module, name) else { return false };
        self.ancestors(class, &[]).iter().any(|(ancestor, _)| *ancestor == base)
    }

    /// What the class body itself and its methods bind.
    pub(crate) fn own_members(&self, class: Place, name: &str) -> Vec<Def> {
        let index = semantic_index(self.db, class.file);
        let mut found = Vec::new();
        if let Some(scope) = index.scope_of(ScopeKind::Class, class.range) {
            let scope = index.scope(scope);
            let symbol = scope.symbol(&scope.mangle(name));
            let definitions = symbol.iter().flat_map(|symbol| &symbol.definitions).map(|id| index.definition(*id));
            let kept = definitions.filter(|definition| definition.kind != DefinitionKind::Delete);
            found.extend(kept.map(|definition| Def::Name(class.file, definition.clone())));
        }
        if found.is_empty() {
            let inside = fields_within(self.db, class.file, class.range).iter();
            let own = inside.filter(|field| field.class == Some(class.range) && &*field.name == name);
            found.extend(own.map(|field| Def::Field(class.file, field.clone())));
        }
        found
    }

    /// What an attribute of an instance or of the class is: the definitions in the nearest class that has it.
    pub(crate) fn class_members(&self, class: Place, args: &[Ty], name: &str) -> Vec<Member> {
        for (owner, bound) in self.ancestors(class, args) {
            let found = self.own_members(owner, name);
            if !found.is_empty() {
                return found.into_iter().map(|def| Member { def, bound: bound.clone() }).collect();
            }
        }
        Vec::new()
    }

    /// The attributes `name` of a value.
    pub(crate) fn members(&self, value: &Ty, name: &str) -> Vec<Member> {
        let plain = |def| Member { def, bound: Vec::new() };
        match value {
            Ty::Module(module) => self.module_members(module, name, false).into_iter().map(plain).collect(),
            Ty::Instance(class, args) => self.class_members(*class, args, name),
            Ty::Class(class, args) => {
                let found = self.class_members(*class, args, name);
                let object = found.first().and_then(|member| self.owner_class(&member.def));
                let is_from_object = object.is_some_and(|class| self.is_builtin(class, "object"));
                // `__name__`, `mro` and the like belong to the class object.
                if found.is_empty() || is_from_object {
                    let metaclass = self.library_class("builtins", "type");
                    let own = metaclass.map(|class| self.class_members(class, &[], name)).unwrap_or_default();
                    if found.is_empty() { own } else { found }
                } else {
                    found
                }
            }
            Ty::Function(..) => match self.library_class("types", "FunctionType") {
                Some(class) => self.class_members(class, &[], name),
                None => Vec::new(),
            },
            Ty::None => match self.library_class("types", "NoneType") {
                Some(class) => self.class_members(class, &[], name),
                None => Vec::new(),
            },
            Ty::Union(parts) => {
                let mut found: Vec<Member> = Vec::new();
                for part in parts.iter().filter(|part| **part != Ty::None) {
                    for member in self.members(part, name) {
                        if !found.iter().any(|known| known.def == member.def) {
                            found.push(member);
                        }
                    }
                }
                found
            }
            Ty::Variable(_, Some(bound)) => self.members(bound, name),
            Ty::Callable(_) => match self.library_class("types", "FunctionType") {
                Some(class) => self.class_members(class, &[], name),
                None => Vec::new(),
            },
            Ty::Unknown | Ty::Variable(_, None) | Ty::Static(_) => Vec::new(),
        }
    }

    /// The type of `value.name`.
    pub(crate) fn member_type(&self, value: &Ty, name: &str) -> Ty {
        if let Ty::Union(parts) = value {
            let parts = parts.iter().filter(|part| **part != Ty::None);
            return Ty::union(parts.map(|part| self.member_type(part, name)));
        }
        if let Ty::Variable(_, Some(bound)) = value {
            return self.member_type(bound, name);
        }
        if let (Ty::Instance(class, _), "value" | "_value_") = (value, name)
            && self.inherits(*class, "enum", "Enum")
        {
            let values = self.deeper(|| self.enum_values(*class)).unwrap_or(Ty::Unknown);
            if !values.is_unknown() {
                return values;
            }
        }
        let members = self.members(value, name);
        // The last definition is what stands at the end of the class body; overloads are alike enough. A property is what its getter says.
        let getter = members.iter().rev().find(|member| members.len() == 1 || !self.is_accessor(&member.def));
        let Some(member) = getter.or(members.last()) else { return Ty::Unknown };
        let type_of = |member: &Member| self.deeper(|| self.type_of_member(value, member)).unwrap_or(Ty::Unknown);
        let mut ty = type_of(member);
        // What one assignment leaves open another one says.
        if ty.is_unknown() && matches!(member.def, Def::Field(..)) {
            ty = Ty::union(members.iter().take(MAX_ASSIGNMENTS).map(type_of));
        }
        let ty = ty.substitute(&member.bound);
        self.read_descriptor(value, &member.def, &ty).unwrap_or(ty)
    }

    /// A function with `@name.setter` or `@name.deleter`.
    fn is_accessor(&self, def: &Def) -> bool {
        let Def::Name(file, definition) = def else { return false };
        definition.kind == DefinitionKind::Function && {
            let decorators = self.decorators(Place { file: *file, range: definition.node });
            decorators.iter().any(|name| matches!(name.as_str(), "setter" | "deleter"))
        }
    }

    /// What reading an attribute of a class body gives when its value has `__get__`.
    fn read_descriptor(&self, value: &Ty, def: &Def, ty: &Ty) -> Option<Ty> {
        let (Ty::Instance(class, args), Def::Name(..)) = (ty, def) else { return None };
        self.owner_class(def)?;
        if self.class_members(*class, args, "__get__").is_empty() {
            return None;
        }
        let (instance, owner) = match value {
            Ty::Instance(class, args) => (value.clone(), Ty::Class(*class, args.clone())),
            Ty::Class(..) => (Ty::None, value.clone()),
            _ => return None,
        };
        let read = self.deeper(|| self.method_call(ty, "__get__", &[instance, owner]))?;
        (!read.is_unknown()).then_some(read)
    }

    /// What the members of an enumeration are made from.
    fn enum_values(&self, class: Place) -> Ty {
        let index = semantic_index(self.db, class.file);
        let Some(scope) = index.scope_of(ScopeKind::Class, class.range) else { return Ty::Unknown };
        let symbols = index.scope(scope).symbols.iter().filter(|symbol| !symbol.name.starts_with('_'));
        let definitions = symbols.flat_map(|symbol| &symbol.definitions).map(|id| index.definition(*id));
        let assigned = definitions.filter(|definition| definition.kind == DefinitionKind::Assignment);
        Ty::union(assigned.map(|definition| self.type_of_def(&Def::Name(class.file, definition.clone()))))
    }

    fn type_of_member(&self, value: &Ty, member: &Member) -> Ty {
        let owner = self.owner_class(&member.def);
        match self.type_of_def(&member.def) {
            Ty::Function(function, _) if owner.is_some() => self.bind(value, function),
            ty => match (value, &member.def) {
                // Members of an enumeration are instances of it.
                (Ty::Class(class, _), Def::Name(_, definition))
                    if definition.kind == DefinitionKind::Assignment && self.inherits(*class, "enum", "Enum") =>
                {
                    Ty::Instance(*class, Vec::new())
                }
                _ => ty,
            },
        }
    }

    /// What reading a method off a value gives.
    fn bind(&self, value: &Ty, function: Place) -> Ty {
        let decorators = self.decorators(function);
        let has = |names: &[&str]| decorators.iter().any(|name| names.contains(&name.as_str()));
        if has(&["property", "cached_property", "getter", "setter", "deleter", "abstractproperty", "_magic_enum_attr"])
        {
            return self.returned(function, Some(value));
        }
        match value {
            _ if has(&["staticmethod"]) => Ty::Function(function, None),
            Ty::Class(..) if !has(&["classmethod"]) => Ty::Function(function, None),
            _ => Ty::Function(function, Some(Box::new(value.clone()))),
        }
    }

    /// Names of all attributes of a value, nearest first, each once.
    pub(crate) fn member_names(&self, value: &Ty) -> Vec<(String, Def)> {
        let mut found: Vec<(String, Def)> = Vec::new();
        let mut known = rustc_hash::FxHashSet::default();
        let mut add = |name: &str, def: Def| {
            if known.insert(name.to_string()) {
                found.push((name.to_string(), def));
            }
        };
        match value {
            Ty::Module(module) => {
                if let Some(file) = module.declaration() {
                    self.each_module_name(file, &mut add);
                }
                for inner in submodules(self.db, module) {
                    if let Some(inner) = self.module(inner.as_str(), module.declaration()) {
                        let name = inner.name.components().next_back().unwrap_or_default().to_string();
                        add(&name, Def::Module(inner));
                    }
                }
            }
            Ty::Instance(class, args) | Ty::Class(class, args) => {
                for (owner, _) in self.ancestors(*class, args) {
                    self.each_own_member(owner, &mut add);
                }
                if let (Ty::Class(..), Some(metaclass)) = (value, self.library_class("builtins", "type")) {
                    self.each_own_member(metaclass, &mut add);
                }
            }
            Ty::Function(..) | Ty::Callable(_) | Ty::None => {
                let name = if *value == Ty::None { "NoneType" } else { "FunctionType" };
                for (owner, _) in self.library_class("types", name).iter().flat_map(|class| self.ancestors(*class, &[]))
                {
                    self.each_own_member(owner, &mut add);
                }
            }
            Ty::Union(parts) => {
                for (name, def) in
                    parts.iter().filter(|part| **part != Ty::None).flat_map(|part| self.member_names(part))
                {
                    add(&name, def);
                }
            }
            Ty::Variable(_, Some(bound)) => {
                for (name, def) in self.member_names(bound) {
                    add(&name, def);
                }
            }
            Ty::Unknown | Ty::Variable(_, None) | Ty::Static(_) => {}
        }
        found
    }

    fn each_own_member(&self, class: Place, add: &mut dyn FnMut(&str, Def)) {
        let index = semantic_index(self.db, class.file);
        if let Some(scope) = index.scope_of(ScopeKind::Class, class.range) {
            for symbol in &index.scope(scope).symbols {
                if let Some(id) = symbol.definitions.last() {
                    add(&symbol.name, Def::Name(class.file, index.definition(*id).clone()));
                }
            }
        }
        for field in
            fields_within(self.db, class.file, class.range).iter().filter(|field| field.class == Some(class.range))
        {
            add(&field.name, Def::Field(class.file, field.clone()));
        }
    }

    /// Names a module binds on its own level, star imports included.
    pub(crate) fn each_module_name(&self, file: File, add: &mut dyn FnMut(&str, Def)) {
        let index = semantic_index(self.db, file);
        for symbol in &index.scope(index.module_scope()).symbols {
            let last = symbol.definitions.iter().map(|id| index.definition(*id));
            if let Some(definition) = last.rev().find(|it| it.kind != DefinitionKind::Delete) {
                add(&symbol.name, Def::Name(file, definition.clone()));
            }
        }
        for (level, name) in super::name::star_imports(cinder_db::parsed_module(self.db, file).suite()) {
            let module = cinder_module_resolver::resolve_import(self.db, file, level, name).ok();
            let Some(inner) = module.and_then(|module| module.declaration()).filter(|inner| *inner != file) else {
                continue;
            };
            self.deeper(|| {
                self.each_module_name(inner, &mut |name: &str, def| {
                    if !name.starts_with('_') {
                        add(name, def);
                    }
                });
            });
        }
    }
}

/// The elements of a subscript's slice: a tuple's, or the one.
pub(crate) fn elements(slice: &Expr) -> &[Expr] {
    match slice {
        Expr::Tuple(tuple) => &tuple.elts,
        other => std::slice::from_ref(other),
    }
}

fn collect_variables(ty: &Ty, names: &mut Vec<String>) {
    match ty {
        Ty::Variable(name, _) if !names.contains(name) => names.push(name.clone()),
        Ty::Callable(result) => collect_variables(result, names),
        Ty::Instance(_, args) | Ty::Class(_, args) => args.iter().for_each(|arg| collect_variables(arg, names)),
        Ty::Union(members) => members.iter().for_each(|member| collect_variables(member, names)),
        _ => {}
    }
}
