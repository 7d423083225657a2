//! The type, field and function tables of a code object.

use super::super::Reg;
use cinder_bytecode::{FieldDescr, FunctionDescr, Primitive, StaticSignature, TypeDescr};
use cinder_semantic::{ScopeId, SymbolId};
use cinder_static::typed::FieldRef;
use cinder_types::{ClassId, FunctionId, Param, ParamKind, Prim, Signature, Type, TypeDescriptor};
use rustc_hash::FxHashMap;

#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) types: Vec<TypeDescr>,
    pub(crate) fields: Vec<FieldDescr>,
    pub(crate) functions: Vec<FunctionDescr>,
    /// Registers of raw names.
    pub(crate) raw_names: FxHashMap<(ScopeId, SymbolId), Reg>,
    /// The first of the registers that keep values of tested slots.
    pub(crate) first_refinement: Reg,
    type_places: FxHashMap<TypeDescr, u32>,
    field_places: FxHashMap<FieldDescr, u32>,
    function_places: FxHashMap<FunctionDescr, u32>,
}

fn intern<T: Clone + Eq + std::hash::Hash>(items: &mut Vec<T>, places: &mut FxHashMap<T, u32>, item: T) -> u32 {
    *places.entry(item).or_insert_with_key(|item| {
        items.push(item.clone());
        items.len() as u32 - 1
    })
}

impl Tables {
    pub(crate) fn descr(&mut self, descr: TypeDescr) -> u32 {
        intern(&mut self.types, &mut self.type_places, descr)
    }

    pub(crate) fn type_of(&mut self, ty: &Type) -> u32 {
        self.descr(type_descr(ty))
    }

    pub(crate) fn descriptor(&mut self, descriptor: &TypeDescriptor) -> u32 {
        self.descr(translate(descriptor))
    }

    pub(crate) fn class(&mut self, class: &ClassId) -> u32 {
        self.descr(class_descr(class))
    }

    pub(crate) fn field(&mut self, field: &FieldRef) -> u32 {
        let descr = FieldDescr {
            class: self.class(&field.class),
            name: (&*field.name).into(),
            field_type: self.type_of(&field.ty),
        };
        intern(&mut self.fields, &mut self.field_places, descr)
    }

    pub(crate) fn function(&mut self, id: &FunctionId, class: Option<&ClassId>, signature: StaticSignature) -> u32 {
        let class = class.map(|class| self.class(class));
        let descr = FunctionDescr { module: (&*id.module).into(), qualname: (&*id.name).into(), class, signature };
        intern(&mut self.functions, &mut self.function_places, descr)
    }

    pub(crate) fn signature(&mut self, signature: &Signature) -> StaticSignature {
        let parameters =
            signature.params.iter().filter(|param| is_plain(param)).map(|param| self.type_of(&param.ty)).collect();
        let result = self.result(signature);
        StaticSignature { parameters, result }
    }

    /// What a call gives: an untyped object for generators, something to await for coroutines.
    pub(crate) fn result(&mut self, signature: &Signature) -> u32 {
        if signature.flags.is_generator {
            return self.descr(TypeDescr::Dynamic);
        }
        let result = type_descr(&signature.returns);
        self.descr(match result {
            TypeDescr::Dynamic => result,
            result if signature.flags.is_async => TypeDescr::Awaitable(Box::new(result)),
            result => result,
        })
    }
}

/// Neither `*args` nor `**kwargs`.
pub(super) fn is_plain(param: &Param) -> bool {
    !matches!(param.kind, ParamKind::VarArgs | ParamKind::KwArgs)
}

pub(crate) fn primitive(prim: Prim) -> Primitive {
    match prim {
        // The language's `char` is a number, which code treats as `int8`.
        Prim::Int8 | Prim::Char => Primitive::Int8,
        Prim::Int16 => Primitive::Int16,
        Prim::Int32 => Primitive::Int32,
        Prim::Int64 => Primitive::Int64,
        Prim::UInt8 => Primitive::UInt8,
        Prim::UInt16 => Primitive::UInt16,
        Prim::UInt32 => Primitive::UInt32,
        Prim::UInt64 => Primitive::UInt64,
        Prim::Bool => Primitive::CBool,
        Prim::Double => Primitive::Double,
    }
}

pub(crate) fn type_descr(ty: &Type) -> TypeDescr {
    match ty {
        Type::Prim(prim) => TypeDescr::Primitive(primitive(*prim)),
        Type::PrimLiteral(_) => TypeDescr::Primitive(Primitive::Int64),
        // Entries and fields check the class of a literal only.
        _ => translate(&TypeDescriptor { literal: None, ..TypeDescriptor::of(ty) }),
    }
}

fn class_descr(class: &ClassId) -> TypeDescr {
    // Not `translate`: `object` is a class here, where for a value it means "no check".
    let descriptor = TypeDescriptor::of_class(class);
    let (module, qualname) = split_path(&descriptor);
    TypeDescr::Class { module, qualname, args: Box::default(), exact: false }
}

fn split_path(descriptor: &TypeDescriptor) -> (Box<str>, Box<str>) {
    let (module, names) = descriptor.path.split_first().expect("a descriptor names a module");
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    ((&**module).into(), names.join(".").into())
}

fn translate(descriptor: &TypeDescriptor) -> TypeDescr {
    let (module, qualname) = split_path(descriptor);
    if descriptor.primitive {
        return match Prim::from_name(&qualname) {
            Some(prim) => TypeDescr::Primitive(primitive(prim)),
            None => TypeDescr::Dynamic,
        };
    }
    if descriptor.is_object() {
        return TypeDescr::Dynamic;
    }
    if &*module == "builtins" && &*qualname == "None" {
        return TypeDescr::None;
    }
    let args = descriptor.args.iter().map(translate).collect();
    let class = match descriptor.literal {
        Some(value) => TypeDescr::Literal { value, is_bool: &*qualname == "bool" },
        None => TypeDescr::Class { module, qualname, args, exact: descriptor.exact },
    };
    if descriptor.optional { TypeDescr::Optional(Box::new(class)) } else { class }
}
