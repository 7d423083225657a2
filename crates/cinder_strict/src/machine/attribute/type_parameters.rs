//! Type variables, and the parameters of aliases that name them.

use super::super::Machine;
use crate::code::Name;
use crate::object::{Body, Ty};
use crate::value::{R, Value};

impl Machine<'_> {
    pub(crate) fn alias_parameters(&mut self, args: &Value) -> Value {
        let mut found: Vec<Value> = Vec::new();
        self.collect_parameters(args, &mut found, 0);
        Value::tuple(found)
    }

    fn collect_parameters(&mut self, value: &Value, found: &mut Vec<Value>, depth: u32) {
        if depth > 20 {
            return;
        }
        match value {
            Value::Tuple(items) => {
                for item in items.iter() {
                    self.collect_parameters(item, found, depth + 1);
                }
            }
            Value::Obj(obj) => {
                let class = self.obj(*obj).class;
                if [Ty::TypeVar, Ty::ParamSpec, Ty::TypeVarTuple].iter().any(|ty| class == ty.obj()) {
                    if !found.contains(value) {
                        found.push(value.clone());
                    }
                    return;
                }
                let inner = match self.body(*obj) {
                    Body::Alias { args, .. } => Some(args.clone()),
                    Body::Union(members) => Some(Value::tuple(members.clone())),
                    Body::List(items) => Some(Value::tuple(items.clone())),
                    Body::Plain => self.own_attr(value, "__parameters__"),
                    _ => None,
                };
                if let Some(inner) = inner {
                    self.collect_parameters(&inner, found, depth + 1);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn new_type_var(&mut self, ty: Ty, name: &Name) -> R {
        let value = self.new_obj(ty, Body::Plain);
        for (key, value_of) in [
            ("__name__", Value::Str(name.clone())),
            ("__bound__", Value::None),
            ("__constraints__", Value::tuple([])),
            ("__covariant__", Value::Bool(false)),
            ("__contravariant__", Value::Bool(false)),
        ] {
            self.set_hidden(&value, key, value_of);
        }
        Ok(value)
    }
}
