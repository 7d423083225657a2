//! Classes: members, linearisation, memory layout.
//!
//! Problem: code generation trusts field indices, so the layout must be a function of declarations alone and be the same for
//! everyone who asks.
//! Idea: a [`ClassDef`] holds the members a class body declares itself; inherited ones are found along the MRO through
//! [`ClassLookup`].
//! Holds: [`ClassDef::fields`] is ordered by size descending, then name (section 8.3), and contains own fields only.

use std::sync::Arc;

use crate::{ClassId, FunctionId, KnownClass, Name, Prim, Signature, Type};

/// Linearisation of a class, itself first. `dynamic` tells that an unknown class stands somewhere among the bases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mro {
    pub classes: Arc<[ClassId]>,
    pub dynamic: bool,
}

/// Where class ids become classes.
pub trait ClassLookup {
    /// `None` for builtin classes (see [`KnownClass`]) and for classes that do not exist (any more).
    fn class(&self, id: &ClassId) -> Option<Arc<ClassDef>>;

    /// The class without its members: what most questions are about, and what stays the same while members are edited.
    fn head(&self, id: &ClassId) -> Option<Arc<ClassHead>> {
        self.class(id).map(|class| class.head.clone())
    }

    fn mro(&self, id: &ClassId) -> Mro {
        match id {
            ClassId::Known(known) => Mro { classes: known.mro().map(ClassId::Known).collect(), dynamic: false },
            ClassId::User(_) => self.head(id).map_or_else(
                || Mro { classes: Arc::new([id.clone(), ClassId::Known(KnownClass::Object)]), dynamic: true },
                |class| class.mro.clone(),
            ),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ClassKind {
    /// Typed slots, frozen.
    Static,
    /// Its members are known; built as an ordinary class.
    Enum,
    /// The class object and its instances are `dynamic` (section 3.10); built as an ordinary class.
    Dynamic,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct ClassFlags {
    pub is_final: bool,
    pub allow_weakrefs: bool,
    /// `@mutable`: attributes of the class object may be set.
    pub mutable: bool,
    pub do_not_compile: bool,
}

/// A typed instance slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotDef {
    pub ty: Type,
    /// `x: T = v` in the class body: falls back to a class-level default, loads and stores are virtual (section 8.4).
    pub has_default: bool,
    pub is_final: bool,
    /// Declared with an annotation, not only by an assignment in `__init__`.
    pub annotated: bool,
    /// Assigned in `__init__` or by a default.
    pub initialised: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MethodKind {
    Instance,
    Static,
    Class,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MethodDef {
    pub id: FunctionId,
    pub kind: MethodKind,
    pub signature: Arc<Signature>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PropertyKind {
    Plain,
    Cached,
    AsyncCached,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PropertyDef {
    pub kind: PropertyKind,
    pub getter: MethodDef,
    pub setter: Option<MethodDef>,
    pub deleter: Option<MethodDef>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Member {
    Slot(SlotDef),
    ClassVar {
        ty: Type,
        is_final: bool,
    },
    /// `x = v`: an ordinary class attribute.
    Bare,
    Method(MethodDef),
    Property(PropertyDef),
    NestedClass(ClassId),
    /// An enum member with the type of its value.
    EnumValue {
        value: Type,
    },
    /// Decorated by something unknown.
    Dynamic,
}

/// One own field of an instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldLayout {
    pub name: Name,
    pub ty: Type,
    /// Raw kind, or None for a tagged word.
    pub prim: Option<Prim>,
    /// Offset from the end of the base's fields. Units: bytes; aligned to the field's own size.
    pub offset: u32,
}

/// A class without its members.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassHead {
    pub id: ClassId,
    /// Direct bases that are known, in order; `object` when none is written.
    pub bases: Box<[ClassId]>,
    pub mro: Mro,
    pub kind: ClassKind,
    pub flags: ClassFlags,
}

impl ClassHead {
    pub fn is_dynamic(&self) -> bool {
        self.kind == ClassKind::Dynamic
    }

    pub fn is_enum(&self) -> bool {
        self.kind == ClassKind::Enum
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassDef {
    pub head: Arc<ClassHead>,
    /// Own members in source order; unique by name.
    pub members: Vec<(Name, Member)>,
}

impl ClassDef {
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|(own, _)| own == name).map(|(_, member)| member)
    }

    pub fn is_dynamic(&self) -> bool {
        self.head.is_dynamic()
    }

    /// Own slots, laid out: size descending, then name. The total is rounded up to 8 bytes by the user of the last offset.
    ///
    /// A slot that repeats a base's slot of the same type is still listed; [`crate::ClassLookup`] users drop it by name.
    pub fn fields(&self) -> Vec<FieldLayout> {
        let mut fields: Vec<FieldLayout> = self
            .members
            .iter()
            .filter_map(|(name, member)| match member {
                Member::Slot(slot) => {
                    Some(FieldLayout { name: name.clone(), ty: slot.ty.clone(), prim: slot.ty.prim(), offset: 0 })
                }
                _ => None,
            })
            .collect();
        let size = |field: &FieldLayout| field.prim.map_or(8, Prim::size_bytes);
        fields.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
        let mut offset = 0;
        for field in &mut fields {
            field.offset = offset;
            offset += size(field);
        }
        fields
    }
}

/// C3 linearisation of a class from those of its bases; `None` when there is no consistent order.
pub fn linearise(id: &ClassId, bases: &[Mro]) -> Option<Mro> {
    let dynamic = bases.iter().any(|base| base.dynamic);
    if let [base] = bases {
        let classes = std::iter::once(id).chain(base.classes.iter()).cloned().collect();
        return Some(Mro { classes, dynamic });
    }
    let heads: Vec<ClassId> = bases.iter().filter_map(|base| base.classes.first().cloned()).collect();
    let mut sequences: Vec<Vec<ClassId>> = bases.iter().map(|base| base.classes.to_vec()).collect();
    sequences.push(heads);
    let mut result = vec![id.clone()];
    loop {
        sequences.retain(|sequence| !sequence.is_empty());
        if sequences.is_empty() {
            break;
        }
        let next = sequences
            .iter()
            .map(|sequence| &sequence[0])
            .find(|candidate| !sequences.iter().any(|sequence| sequence[1..].contains(candidate)))?
            .clone();
        for sequence in &mut sequences {
            if sequence[0] == next {
                sequence.remove(0);
            }
        }
        result.push(next);
    }
    let object = ClassId::Known(KnownClass::Object);
    if result.last() != Some(&object) {
        result.push(object);
    }
    Some(Mro { classes: result.into(), dynamic })
}
