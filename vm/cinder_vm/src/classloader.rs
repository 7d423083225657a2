//! The class loader of Static Python: from type descriptors to classes, slots and vtables.

/// Typed layout of a static class.
#[derive(Default)]
pub struct StaticTypeInfo {
    /// Typed fields in layout order, inherited ones first.
    pub fields: Vec<StaticField>,
    /// Virtual methods: vtable index per name, inherited ones first.
    pub vtable_names: Vec<Box<str>>,
}

/// One typed field.
#[derive(Clone)]
pub struct StaticField {
    pub name: Box<str>,
    /// Byte offset from the start of the object.
    pub offset: u32,
    pub kind: cinder_bytecode::RegisterKind,
    /// The declared type, for the checks of the field's descriptor.
    pub declared: cinder_bytecode::TypeDescr,
}
