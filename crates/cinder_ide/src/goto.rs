//! From a name to where it is defined.

use cinder_db::{Db, File, source_text};
use cinder_semantic::DefinitionKind;
use cinder_text::{TextRange, TextSize};

use crate::Search;
use crate::semantics::{Def, Semantics};
use crate::subclasses;
use crate::ty::{Place, Ty};

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub file: File,
    /// The name.
    pub range: TextRange,
    /// The whole definition.
    pub full_range: TextRange,
}

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destinations {
    /// The name that was asked about.
    pub origin: TextRange,
    pub targets: Vec<Target>,
}

pub(crate) fn target(def: &Def) -> Option<Target> {
    Some(Target { file: def.file()?, range: def.range(), full_range: def.full_range() })
}

fn destinations(origin: TextRange, targets: impl Iterator<Item = Target>) -> Option<Destinations> {
    let mut unique: Vec<Target> = Vec::new();
    for target in targets {
        if !unique.contains(&target) {
            unique.push(target);
        }
    }
    (!unique.is_empty()).then_some(Destinations { origin, targets: unique })
}

/// Where the thing itself is defined: imports are followed, sources are preferred to stubs.
pub fn definition(db: &dyn Db, file: File, offset: TextSize) -> Option<Destinations> {
    let semantics = Semantics::new(db);
    let (origin, defs) = semantics.defs_at(file, offset, true)?;
    destinations(origin, defs.iter().filter_map(target))
}

/// Where this file, or a stub, declares the name: the import statement of an imported name.
pub fn declaration(db: &dyn Db, file: File, offset: TextSize) -> Option<Destinations> {
    let semantics = Semantics::new(db);
    let (origin, spot) = semantics.spot(file, offset)?;
    let own = match spot {
        crate::spot::Spot::Name => semantics.bindings_at(file, origin),
        _ => Vec::new(),
    };
    let defs = if own.is_empty() { semantics.defs_of(file, origin, &spot, false, true) } else { own };
    destinations(origin, defs.iter().filter_map(target))
}

/// Where the class of the value is defined.
pub fn type_definition(db: &dyn Db, file: File, offset: TextSize) -> Option<Destinations> {
    let semantics = Semantics::new(db);
    let (origin, ty) = value_at(&semantics, file, offset)?;
    let places = ty.members().iter().filter_map(|member| match member {
        Ty::Instance(class, _) | Ty::Class(class, _) => class_target(&semantics, *class),
        Ty::Function(function, _) => function_target(&semantics, *function),
        Ty::None => class_target(&semantics, semantics.library_class("types", "NoneType")?),
        Ty::Module(module) => target(&Def::Module(module.clone())),
        _ => None,
    });
    destinations(origin, places)
}

/// The type of what stands at a place.
pub(crate) fn value_at(semantics: &Semantics<'_>, file: File, offset: TextSize) -> Option<(TextRange, Ty)> {
    use crate::spot::Spot;
    let (range, spot) = semantics.spot(file, offset)?;
    let ty = match &spot {
        Spot::Name => {
            let defs = semantics.bindings_at(file, range);
            semantics.type_at(file, range, defs)
        }
        Spot::Attribute(attribute) => {
            let value = semantics.expression(file, &attribute.value);
            semantics.member_type(&value, attribute.attr.as_str())
        }
        _ => semantics
            .defs_of(file, range, &spot, false, true)
            .last()
            .map_or(Ty::Unknown, |def| semantics.type_of_def(def)),
    };
    Some((range, ty))
}

pub(crate) fn class_target(semantics: &Semantics<'_>, class: Place) -> Option<Target> {
    let node = semantics.class_node(class)?;
    Some(Target { file: class.file, range: node.name.range, full_range: class.range })
}

pub(crate) fn function_target(semantics: &Semantics<'_>, function: Place) -> Option<Target> {
    let node = semantics.function_node(function)?;
    Some(Target { file: function.file, range: node.name.range, full_range: function.range })
}

/// Subclasses of a class, overriding methods of a method, sources of what a stub declares.
pub fn implementation(db: &dyn Db, file: File, offset: TextSize, search: Search<'_>) -> Option<Destinations> {
    let semantics = Semantics::new(db);
    let (origin, defs) = semantics.defs_at(file, offset, true)?;
    let mut targets = Vec::new();
    for def in &defs {
        match (def.kind(), semantics.owner_class(def)) {
            (Some(DefinitionKind::Class), _) => {
                let Ty::Class(class, _) = semantics.type_of_def(def) else { continue };
                let below = subclasses::all_below(&semantics, class, search);
                targets.extend(below.into_iter().filter_map(|class| class_target(&semantics, class)));
            }
            (_, Some(class)) => {
                let name = name_of(db, def);
                for class in subclasses::all_below(&semantics, class, search) {
                    targets.extend(semantics.own_members(class, &name).iter().filter_map(target));
                }
            }
            _ => {}
        }
        if targets.is_empty() {
            targets.extend(target(def));
        }
    }
    destinations(origin, targets.into_iter())
}

/// The name a definition binds.
pub(crate) fn name_of(db: &dyn Db, def: &Def) -> String {
    match def {
        Def::Module(module) => module.name.components().next_back().unwrap_or_default().to_string(),
        Def::Name(file, definition) => {
            let text = cinder_text::slice(source_text(db, *file), definition.range);
            // `import a.b` binds `a`.
            text.split('.').next().unwrap_or(text).trim().to_string()
        }
        Def::Field(_, field) => field.name.to_string(),
    }
}
