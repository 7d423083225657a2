//! What to show about the thing under the mouse.

use cinder_db::{Db, File};
use cinder_text::{TextRange, TextSize};

use crate::describe::{documentation, headline};
use crate::goto::value_at;
use crate::native;
use crate::semantics::Semantics;
use crate::spot::Spot;
use crate::ty::Ty;

/// Shown in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Python.
    Code(String),
    /// Documentation as the author wrote it.
    Text(String),
    /// A remark of ours: how it compiles, what is not known.
    Remark(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    pub range: TextRange,
    pub parts: Vec<Part>,
}

/// Headlines beyond this number are left out: overloads repeat themselves.
const MAX_HEADLINES: usize = 6;

pub fn hover(db: &dyn Db, file: File, offset: TextSize) -> Option<Hover> {
    let semantics = Semantics::new(db);
    let (range, spot) = semantics.spot(file, offset)?;
    let defs = semantics.defs_of(file, range, &spot, false, true);
    let mut parts = Vec::new();
    let (_, value) = value_at(&semantics, file, offset).unwrap_or((range, Ty::Unknown));
    if let Some(checked) = checked_text(&semantics, file, range, &spot) {
        parts.push(Part::Remark(format!("checked type: `{checked}`")));
    }
    let mut code: Vec<String> = Vec::new();
    for def in &defs {
        let own = semantics.type_of_def(def);
        // What is known at this place, unless the thing is a class or function, which introduces itself.
        let ty = match (&own, &value) {
            (Ty::Function(..), Ty::Function(..)) if defs.len() == 1 => &value,
            (Ty::Class(..) | Ty::Function(..), _) if !is_value(&semantics, def) => &own,
            (_, Ty::Unknown) => &own,
            _ => &value,
        };
        let line = headline(&semantics, def, ty);
        if !code.contains(&line) {
            code.push(line);
        }
    }
    if defs.is_empty() {
        let name = cinder_text::slice(cinder_db::source_text(db, file), range);
        match value {
            Ty::Unknown => code.push(format!("{name}: Unknown")),
            value => code.push(format!("{name}: {}", value.show(db))),
        }
    }
    let hidden = code.len().saturating_sub(MAX_HEADLINES);
    code.truncate(MAX_HEADLINES);
    if hidden > 0 {
        code.push(format!("# and {hidden} more"));
    }
    parts.insert(0, Part::Code(code.join("\n")));
    // What runs says more than what declares it, if there are two.
    let in_stub = defs.iter().any(|def| def.file().is_some_and(|file| file.is_stub(db) && !semantics.is_library(file)));
    let sources = if in_stub { semantics.defs_of(file, range, &spot, true, true) } else { Vec::new() };
    let documented = sources.iter().chain(&defs).find_map(|def| documentation(&semantics, def));
    parts.extend(documented.filter(|text| !text.is_empty()).map(Part::Text));
    parts.extend(defs.first().and_then(|def| native::remark(&semantics, def)).map(Part::Remark));
    Some(Hover { range, parts })
}

/// A variable whose value is a class or a function is still a variable.
fn is_value(semantics: &Semantics<'_>, def: &crate::semantics::Def) -> bool {
    use crate::describe::{Kind, kind_of};
    !matches!(kind_of(semantics, def), Kind::Class | Kind::Enum | Kind::Function | Kind::Method)
}

/// What the static checker says, where it says more than we show anyway.
fn checked_text(semantics: &Semantics<'_>, file: File, range: TextRange, spot: &Spot<'_>) -> Option<String> {
    let path = crate::syntax::path_to(semantics.db, file, range);
    let expression = path.iter().rev().find_map(|node| match (node, spot) {
        (cinder_syntax::ast::AnyNodeRef::ExprName(name), Spot::Name) => {
            semantics.unit(file, name.range)?.exprs.get(&cinder_syntax::node_id(*name)?)
        }
        (cinder_syntax::ast::AnyNodeRef::ExprAttribute(attribute), Spot::Attribute(_)) => {
            semantics.unit(file, attribute.range)?.exprs.get(&cinder_syntax::node_id(*attribute)?)
        }
        _ => None,
    })?;
    use cinder_types::Type;
    let is_plain = matches!(expression.ty, Type::Function(_) | Type::Class(_) | Type::Module(_));
    (!is_plain).then(|| expression.ty.to_string())
}
