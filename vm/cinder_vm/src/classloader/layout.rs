//! Layout of static classes: typed fields at fixed offsets, no instance dictionary.

use cinder_bytecode::{RegisterKind, StaticClass, TypeDescr};
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::object::shape::{ExtMode, Shape};
use crate::types::code::PyCode;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

/// Typed layout of a static class.
#[derive(Default)]
pub struct StaticTypeInfo {
    /// Typed fields in layout order, inherited ones first.
    pub fields: Vec<StaticField>,
    /// Virtual methods by vtable index, inherited ones first.
    pub vtable: Vec<Box<str>>,
    /// Module and qualified name when the class was made: the name that typed code knows it by.
    pub home: Box<str>,
    pub qualname: Box<str>,
}

/// One typed field.
#[derive(Clone)]
pub struct StaticField {
    pub name: Box<str>,
    /// Byte offset from the start of the object.
    pub offset: u32,
    pub kind: RegisterKind,
    /// The declared type, for the checks of the field's descriptor.
    pub declared: TypeDescr,
}

impl StaticTypeInfo {
    pub fn field(&self, name: &str) -> Option<&StaticField> {
        self.fields.iter().rev().find(|field| &*field.name == name)
    }
}

/// Register kind of a described type.
pub(crate) fn kind_of(descr: &TypeDescr) -> RegisterKind {
    use cinder_bytecode::Primitive;
    match descr {
        TypeDescr::Primitive(Primitive::Double | Primitive::Single) => RegisterKind::Double,
        TypeDescr::Primitive(_) => RegisterKind::Int,
        _ => RegisterKind::Tagged,
    }
}

impl Vm {
    /// Layout facts of the class body that has just run, taken once.
    pub(crate) fn take_static_class(&self) -> Option<Gc<PyCode>> {
        let code = self.statics.class_in_progress.take()?;
        self.downcast_exact::<PyCode>(code).filter(|code| code.object().static_class.is_some())
    }

    /// Gives a static class its shape: the base's fixed slots, then its own typed ones.
    ///
    /// Errors: TypeError when the base's layout leaves no room for fixed slots.
    pub(crate) fn lay_out_static(&self, class: Gc<PyType>, base: Gc<PyType>, code: Gc<PyCode>) -> PyResult<()> {
        let object = code.object();
        let StaticClass { slots, is_final, final_methods } = object.static_class.as_ref().expect("caller checked");
        let base_shape = self.shapes.get(base.root_shape.get());
        let mut info = match &*base.static_info.borrow() {
            Some(base) => {
                StaticTypeInfo { fields: base.fields.clone(), vtable: base.vtable.clone(), ..StaticTypeInfo::default() }
            }
            None => StaticTypeInfo::default(),
        };
        if base.layout.variable.is_some() && !slots.is_empty() {
            return Err(self.type_error(format!("nonempty __slots__ not supported for subtype of '{}'", base.name())));
        }
        if !final_methods.is_empty() {
            let names: crate::value_vec::ValueVec<[Value; 8]> =
                final_methods.iter().map(|name| self.intern(name)).collect();
            let names = self.new_tuple(&names)?;
            self.dict_set_interned(class.dict.get(), self.intern("__final_method_names__"), names)?;
        }
        let has_dict = base.has(type_flags::HAS_DICT);
        let mut raw_words = base_shape.raw_words.clone();
        let mut offset = base.layout.size + base_shape.fixed_words() * 8;
        for slot in slots {
            let declared = object.types[slot.slot_type as usize].clone();
            let kind = kind_of(&declared);
            if info.fields.iter().any(|field| field.name == slot.name && field.kind == kind) {
                // Redeclared with a compatible type: the inherited slot serves.
                let at = info.fields.iter().position(|field| field.name == slot.name).expect("just found");
                info.fields[at].declared = declared;
                continue;
            }
            if kind != RegisterKind::Tagged {
                raw_words.push((offset / 8) as u32);
            }
            let field = StaticField { name: slot.name.clone(), offset: offset as u32, kind, declared };
            let name = self.intern(&slot.name);
            // A value in the body is the default of the slot.
            let default = class.dict.get().get_interned(name);
            if let Some(default) = default {
                self.check_default(&field, default)?;
            }
            let member = self.new_typed_member(class, name, &field, default)?;
            self.dict_set_interned(class.dict.get(), name, member)?;
            info.fields.push(field);
            offset += 8;
        }
        for name in self.cached_properties(class).iter().copied() {
            let hidden: Box<str> = format!("<{}>", self.str_text(name)).into();
            let field = StaticField {
                name: hidden.clone(),
                offset: offset as u32,
                kind: RegisterKind::Tagged,
                declared: TypeDescr::Dynamic,
            };
            let hidden = self.intern(&hidden);
            let member = self.new_typed_member(class, hidden, &field, None)?;
            self.dict_set_interned(class.dict.get(), hidden, member)?;
            info.fields.push(field);
            offset += 8;
        }
        class.fixed_slots.set((offset - base.layout.size) as u32);
        let (ext, inline) = if has_dict { (ExtMode::Slots, base_shape.inline_capacity) } else { (ExtMode::Absent, 0) };
        let mut shape = Shape::root(class, class.layout, ext, offset as u32, inline);
        shape.raw_words = raw_words;
        shape.raw_defaults.clone_from(&base_shape.raw_defaults);
        class.root_shape.set(self.add_shape(shape).id);
        self.set_raw_defaults(class, &info.fields)?;
        let mut flags = class.flags.get() | type_flags::STATIC | type_flags::HAS_WEAKREF;
        if *is_final {
            flags = flags & !type_flags::BASE | type_flags::FINAL;
        }
        if !has_dict {
            flags &= !type_flags::HAS_DICT;
        }
        class.flags.set(flags);
        self.extend_vtable(class, &mut info);
        self.show_layout(class, slots.len(), &info)?;
        info.home = self.home_of(class).unwrap_or_default().into();
        info.qualname = class.qualname.borrow().clone();
        self.note_static_class(&info.home, &info.qualname);
        *class.static_info.borrow_mut() = Some(Box::new(info));
        Ok(())
    }

    /// The attributes that tell a program about the typed slots: names, defaults, types as tuples. Source: specification section 8.11.
    fn show_layout(&self, class: Gc<PyType>, declared: usize, info: &StaticTypeInfo) -> PyResult<()> {
        let dict = class.dict.get();
        let (defaults, types) = (self.new_pydict()?, self.new_pydict()?);
        let mut names: crate::value_vec::ValueVec<[Value; 8]> = crate::value_vec::ValueVec::new();
        let own = info.fields.iter().filter(|field| !field.name.starts_with('<'));
        for field in own.rev().take(declared).collect::<Vec<_>>().into_iter().rev() {
            let name = self.intern(&field.name);
            names.push(name);
            let tuple = self.type_tuple(&field.declared)?;
            self.dict_insert(types, name, tuple)?;
            let member =
                dict.get_interned(name).and_then(|own| self.downcast_exact::<super::member::PyTypedMember>(own));
            if let Some(default) = member.and_then(|member| member.default.get()) {
                self.dict_insert(defaults, name, default)?;
            }
        }
        let names = self.new_tuple(&names)?;
        for (name, value) in [
            ("__slots__", names),
            ("__slots_with_default__", defaults.as_value()),
            ("__slot_types__", types.as_value()),
        ] {
            let name = self.intern(name);
            if dict.get_interned(name).is_none() {
                self.dict_set_interned(dict, name, value)?;
            }
        }
        Ok(())
    }

    /// A descriptor in the form of specification section 13.1.
    fn type_tuple(&self, descr: &TypeDescr) -> PyResult<Value> {
        let mut parts: crate::value_vec::ValueVec<[Value; 8]> = crate::value_vec::ValueVec::new();
        let mut text = |text: &str| -> PyResult<()> {
            parts.push(self.new_str(text)?);
            Ok(())
        };
        match descr {
            TypeDescr::None => {
                text("builtins")?;
                text("None")?;
            }
            TypeDescr::Primitive(kind) => {
                text("__static__")?;
                text(kind.text())?;
                text("#")?;
            }
            TypeDescr::Literal { is_bool, .. } => {
                text("builtins")?;
                text(if *is_bool { "bool" } else { "int" })?;
            }
            TypeDescr::Optional(inner) => {
                let inner = self.type_tuple(inner)?;
                parts.extend(self.tuple_items(inner).iter().copied());
                parts.push(self.new_str("?")?);
            }
            TypeDescr::Class { module, qualname, args, exact } => {
                text(module)?;
                for name in qualname.split('.') {
                    text(name)?;
                }
                if !args.is_empty() {
                    let args = args
                        .iter()
                        .map(|arg| self.type_tuple(arg))
                        .collect::<PyResult<crate::value_vec::ValueVec<[Value; 4]>>>()?;
                    parts.push(self.new_tuple(&args)?);
                }
                if *exact {
                    parts.push(self.new_str("!")?);
                }
            }
            TypeDescr::Dynamic | TypeDescr::Union(_) | TypeDescr::Awaitable(_) => {
                text("builtins")?;
                text("object")?;
            }
        }
        self.new_tuple(&parts)
    }

    /// Names of the cached properties in the class's body: each keeps its value in a slot of its own.
    fn cached_properties(&self, class: Gc<PyType>) -> crate::value_vec::ValueVec<[Value; 4]> {
        let dict = class.dict.get();
        let mut names = crate::value_vec::ValueVec::new();
        for number in 0..dict.entry_count() {
            let Some((name, value)) = dict.entry(number) else { continue };
            let kind = self.type_of(value);
            let is_cached = matches!(kind.name.borrow().as_ref(), "cached_property" | "async_cached_property");
            if is_cached && kind.has(type_flags::HEAP) && self.class_module_text(kind) == "cinderx" {
                names.push(name);
            }
        }
        names
    }

    /// Adds the methods that the class introduces.
    fn extend_vtable(&self, class: Gc<PyType>, info: &mut StaticTypeInfo) {
        let dict = class.dict.get();
        for number in 0..dict.entry_count() {
            let Some((name, value)) = dict.entry(number) else { continue };
            if self.as_function(value).is_some() {
                let name = self.str_text(name);
                if !info.vtable.iter().any(|known| **known == *name) {
                    info.vtable.push((&*name).into());
                }
            }
        }
    }

    /// Field `name` of a static class.
    pub(crate) fn static_field(&self, class: Gc<PyType>, name: &str) -> PyResult<StaticField> {
        let found = class.static_info.borrow().as_ref().and_then(|info| info.field(name).cloned());
        found.ok_or_else(|| {
            let class = class.name();
            self.static_type_error(format!("bad field for class loader ('{class}', '{name}')"))
        })
    }

    /// Whether instances of the class may have typed words: asked by `object.__reduce_ex__` and the like.
    pub fn is_static_class(&self, class: Gc<PyType>) -> bool {
        class.static_info.borrow().is_some()
    }

    /// A value of a fixed word by its field.
    ///
    /// # Safety
    /// The instance has the field.
    pub(crate) unsafe fn field_bits(&self, instance: Value, field: &StaticField) -> u64 {
        // SAFETY: contract.
        unsafe { instance.as_ptr::<u8>().add(field.offset as usize).cast::<u64>().read() }
    }
}

impl Vm {
    /// Code object of a static class's body.
    pub(crate) fn static_class_code(&self, body: Value) -> Option<Value> {
        let code = self.as_function(body)?.code.get();
        code.object().static_class.is_some().then(|| code.as_value())
    }

    /// Whether the body of a class at the top of a static module is about to run.
    pub(crate) fn is_static_body(&self, body: Value) -> bool {
        let flags = self.as_function(body).map_or(0, |body| body.code.get().object().flags);
        flags & cinder_bytecode::flags::STATIC_MODULE != 0
    }
}
