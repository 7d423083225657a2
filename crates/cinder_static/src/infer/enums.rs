//! Static enums: what their bodies and uses must look like.
//!
//! An enum class is built as an ordinary class, so its attributes are reached by ordinary operations whose results are checked: a member is
//! an exact instance that knows the type of its value. Follows: the language specification, section 10.

use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::{Ranged, TextRange};
use cinder_types::{ClassId, ClassLookup, KnownClass, Type};

use super::Checker;
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::type_expr::TypeExpr;

impl Checker<'_> {
    /// The enum root a class derives from directly, when the entity is an enum class of a static module.
    fn enum_kind(&self, entity: &Entity) -> Option<KnownClass> {
        let Entity::Class { module, class } = entity else { return None };
        self.resolver().in_module(module, |resolver| {
            class.bases.iter().find_map(|base| match resolver.entity(base) {
                Entity::Known(root) if root.is_enum_root() => Some(root),
                _ => None,
            })
        })
    }

    /// The enum class an expression names.
    fn named_enum(&self, expr: &Expr) -> Option<(KnownClass, ClassId)> {
        let local = matches!(expr, Expr::Name(name) if self.is_frame_local(&name.id) && !self.is_global_here(&name.id));
        if local || !matches!(expr, Expr::Name(_) | Expr::Attribute(_)) {
            return None;
        }
        let entity = self.resolver().entity(&TypeExpr::lower(expr));
        let root = self.enum_kind(&entity)?;
        let Entity::Class { module, class } = entity else { return None };
        Some((root, ClassId::user(module, &class.qualname)))
    }

    /// Rules of a class statement whose bases name an enum.
    pub(super) fn enum_rules(&mut self, def: &ast::StmtClassDef) {
        let mut root = None;
        for base in def.bases() {
            let entity = self.resolver().entity(&TypeExpr::lower(base));
            if let Some(kind) = self.enum_kind(&entity) {
                let message = format!("Static {} types do not allow subclassing", kind.name());
                self.report(Rule::InvalidEnum, def.name.range, message);
                return;
            }
            if let Entity::Known(known) = entity
                && known.is_enum_root()
            {
                root = Some(known);
            }
        }
        let Some(root) = root else { return };
        if def.bases().len() > 1 {
            let bases: Vec<String> = def.bases().iter().map(|base| self.text(base.range())).collect();
            let message = format!("Static {} types cannot support multiple bases: {}", root.name(), bases.join(", "));
            self.report(Rule::InvalidEnum, def.name.range, message);
        }
        for stmt in &def.body {
            if let Stmt::Assign(assign) = stmt {
                self.enum_value(root, &assign.value);
            }
        }
    }

    fn enum_value(&mut self, root: KnownClass, value: &Expr) {
        let wanted = match root {
            KnownClass::IntEnum => Type::int(),
            KnownClass::StringEnum => Type::str(),
            _ => return,
        };
        self.silent += 1;
        let ty = self.expr(value, None);
        self.silent -= 1;
        if !ty.is_dynamic() && !self.assignable(&wanted, &ty) {
            let message = format!("{} values must be {wanted}, not {ty}", root.name());
            self.report(Rule::InvalidEnum, value.range(), message);
        }
    }

    /// `E.A = v`, `del E.A`, `E.A.x = v`.
    pub(super) fn enum_store(&mut self, target: &Expr, attribute: &ast::ExprAttribute) {
        if self.named_enum(&attribute.value).is_some() {
            self.report(Rule::InvalidEnum, target.range(), "Static Enum values cannot be modified or deleted");
        } else if let Expr::Attribute(inner) = &*attribute.value
            && self.named_enum(&inner.value).is_some()
        {
            self.report(Rule::InvalidEnum, target.range(), "Enum values cannot be modified or deleted");
        }
    }

    /// The value is a member of some static enum.
    fn is_enum_value(&self, ty: &Type) -> bool {
        ty.class_id().is_some_and(|class| self.is_enum_class(&class))
    }

    pub(super) fn is_enum_class(&self, class: &ClassId) -> bool {
        self.cx.head(class).is_some_and(|head| head.is_enum())
    }

    /// The type of `e.name` and `e.value`, unless the class has something of its own there.
    pub(super) fn enum_field(&self, receiver: &Type, name: &str) -> Option<Type> {
        let class = receiver.class_id()?;
        let is_field = matches!(name, "name" | "value")
            && self.is_enum_class(&class)
            && self.cx.own_member(&class, name).is_none();
        is_field.then(|| match receiver {
            _ if name == "name" => Type::exact(KnownClass::Str),
            Type::EnumMember(member) => member.value.clone(),
            _ => Type::Dynamic,
        })
    }

    /// `e.x = v`, `del e.x` for a member `e`, however it is reached.
    pub(super) fn enum_value_store(&mut self, target: &Expr, receiver: &Type) {
        if self.is_enum_value(receiver) {
            self.report(Rule::InvalidEnum, target.range(), "Enum values cannot be modified or deleted");
        }
    }

    /// `E(v)` takes exactly one argument.
    pub(super) fn enum_call(&mut self, expr: &Expr, call: &ast::ExprCall) {
        let given = call.arguments.len();
        if given != 1
            && let Some((_, id)) = self.named_enum(&call.func)
        {
            let message = format!("Type[{id}] requires a single argument ({given} given)");
            self.report(Rule::InvalidEnum, expr.range(), message);
        }
    }

    pub(super) fn text(&self, range: TextRange) -> String {
        self.source.get(range.to_std_range()).unwrap_or_default().to_owned()
    }
}
