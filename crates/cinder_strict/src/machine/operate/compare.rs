//! Comparison and equality.

use std::cmp::Ordering;

use cinder_syntax::ast::{CmpOp, UnaryOp};

use super::super::Machine;
use crate::dict::Dict;
use crate::number;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, R, Value};

impl Machine<'_> {
    pub(crate) fn compare(&mut self, operator: CmpOp, left: &Value, right: &Value) -> R {
        match operator {
            CmpOp::Is | CmpOp::IsNot if self.may_be_none(left) && right.is_none() => {
                return Ok(Value::harmless(&format!("{} {operator} None", self.show(left))));
            }
            // Two values of which only harmlessness is known may be one.
            CmpOp::Is | CmpOp::IsNot if is_harmless(left) && is_harmless(right) && !left.is_same(right) => {
                return Ok(Value::harmless(&format!("{} {operator} {}", self.show(left), self.show(right))));
            }
            CmpOp::Is => return Ok(Value::Bool(left.is_same(right))),
            CmpOp::IsNot => return Ok(Value::Bool(!left.is_same(right))),
            CmpOp::In | CmpOp::NotIn => return self.contains_op(operator, left, right),
            _ => {}
        }
        let name = match operator {
            CmpOp::Eq => "__eq__",
            CmpOp::NotEq => "__ne__",
            CmpOp::Lt => "__lt__",
            CmpOp::LtE => "__le__",
            CmpOp::Gt => "__gt__",
            _ => "__ge__",
        };
        self.rich_compare(operator, name, left, right)
    }

    /// Whether a value of which nothing is known can be `None`: results and elements can, what a module offers is not.
    fn may_be_none(&self, value: &Value) -> bool {
        let Some(unknown) = value.as_unknown().filter(|unknown| unknown.is_harmless) else { return false };
        unknown.name.contains(['(', '[', '<']) && !self.is_in_model()
    }

    pub(super) fn contains_op(&mut self, operator: CmpOp, left: &Value, right: &Value) -> R {
        let is_harmless = |value: &Value| value.as_unknown().is_some_and(|unknown| unknown.is_harmless);
        if is_harmless(right) && !self.is_in_model() {
            let is_modules = right.as_unknown().is_some_and(|unknown| &*unknown.name == "sys.modules");
            if is_modules
                && let Value::Str(name) = self.plain(left)
                && self.loaded_module(&name).is_some()
            {
                return Ok(Value::Bool(operator == CmpOp::In));
            }
            self.reads_environment(right)?;
            return Ok(Value::harmless(&format!("{} {operator} {}", self.show(left), self.show(right))));
        }
        if is_harmless(left) && self.is_hashed(right) && !self.is_in_model() {
            return Ok(Value::harmless(&format!("{} {operator} {}", self.show(left), self.show(right))));
        }
        if left.is_unknown() && !right.is_unknown() && !self.is_hashed(right) {
            return self.unknown_compare(operator, left, right);
        }
        let found = self.contains(right, left)?;
        Ok(Value::Bool(found == (operator == CmpOp::In)))
    }

    pub(super) fn is_hashed(&self, value: &Value) -> bool {
        value.as_obj().is_some_and(|obj| matches!(self.body(obj), Body::Dict(_) | Body::Set(_) | Body::View { .. }))
    }

    pub(super) fn unknown_compare(&mut self, operator: CmpOp, left: &Value, right: &Value) -> R {
        let (a, b) = (self.show(left), self.show(right));
        let result = format!("{a}{operator}{b}");
        if left.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
            return Ok(Value::harmless(&result));
        }
        Err(self.on_unknown(Rule::UnknownValueBinaryOp, &[&a, operator.as_str(), &b], left, &result))
    }

    pub(super) fn rich_compare(&mut self, operator: CmpOp, name: &str, left: &Value, right: &Value) -> R {
        if left.is_unknown() {
            return self.unknown_compare(operator, left, right);
        }
        let own = |machine: &Self, value: &Value| machine.class_of(value).is_none_or(|class| class.heap != 0);
        let reflected = match name {
            "__lt__" => "__gt__",
            "__gt__" => "__lt__",
            "__le__" => "__ge__",
            "__ge__" => "__le__",
            name => name,
        };
        if own(self, left) || own(self, right) {
            let right_first = match (self.class_of(left), self.class_of(right)) {
                (Some(a), Some(b)) => a != b && self.is_subclass(b, a) && self.overrides(right, reflected).is_some(),
                _ => false,
            };
            if right_first && let Some(value) = self.call_compare(right, reflected, left)? {
                return Ok(value);
            }
            if let Some(value) = self.call_compare(left, name, right)? {
                return Ok(value);
            }
            if !right_first && let Some(value) = self.call_compare(right, reflected, left)? {
                return Ok(value);
            }
            // `!=` is the opposite of a defined `==`.
            if name == "__ne__" {
                for (a, b) in [(left, right), (right, left)] {
                    if let Some(value) = self.call_compare(a, "__eq__", b)? {
                        return self.unary(UnaryOp::Not, &value);
                    }
                }
            }
        }
        if let Value::Unknown(unknown) = right {
            return self.compare_with_unknown(operator, reflected, left, right, &unknown.name.clone());
        }
        match operator {
            CmpOp::Eq => Ok(Value::Bool(self.equal_plain(left, right)?)),
            CmpOp::NotEq => Ok(Value::Bool(!self.equal_plain(left, right)?)),
            _ => match self.order_plain(left, right, operator)? {
                Some(value) => Ok(Value::Bool(value)),
                None => {
                    let (a, b) = (self.type_name(left), self.type_name(right));
                    self.type_error(format!("'{operator}' not supported between instances of '{a}' and '{b}'"))
                }
            },
        }
    }

    pub(super) fn compare_with_unknown(
        &mut self,
        operator: CmpOp,
        reflected: &str,
        left: &Value,
        right: &Value,
        name: &str,
    ) -> R {
        if right.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
            return Ok(Value::harmless(&format!("{} {operator} {name}", self.show(left))));
        }
        let plain = self.plain(left);
        let is_number = matches!(plain, Value::Int(_) | Value::Bool(_) | Value::Big(_) | Value::Float(_));
        let is_equality = matches!(operator, CmpOp::Eq | CmpOp::NotEq);
        match &plain {
            Value::Str(_) | Value::Bytes(_) if !is_equality => {
                let method = match operator {
                    CmpOp::Lt => "__lt__",
                    CmpOp::LtE => "__le__",
                    CmpOp::Gt => "__gt__",
                    _ => "__ge__",
                };
                let fail = self.violation(Rule::Unsupported, &[method, name], Value::unknown(name));
                Err(fail)
            }
            _ if is_equality && !is_number => Ok(Value::Bool(operator == CmpOp::NotEq)),
            _ => {
                let shown = self.show(left);
                let result = format!("{shown}{operator}{name}");
                let fail = self.on_unknown(Rule::UnknownValueAttribute, &[name, reflected], right, &result);
                if is_equality {
                    self.soft(fail)?;
                    return Ok(Value::Bool(operator == CmpOp::NotEq));
                }
                Err(fail)
            }
        }
    }

    pub(super) fn call_compare(&mut self, object: &Value, name: &str, other: &Value) -> R<Option<Value>> {
        let Some(method) = self.overrides(object, name) else { return Ok(None) };
        let Some(class) = self.class_of(object) else { return Ok(None) };
        if method.is_none() {
            return Ok(None);
        }
        let method = self.bind_method(&method, object, class)?;
        let value = self.call(&method, Args::new([other.clone()]))?;
        Ok((value != Value::NotImplemented).then_some(value))
    }

    /// `==` as a truth value.
    pub(crate) fn equal(&mut self, left: &Value, right: &Value) -> R<bool> {
        if left.is_same(right) {
            return Ok(true);
        }
        if left.is_unknown() || right.is_unknown() {
            return Ok(false);
        }
        let result = self.rich_compare(CmpOp::Eq, "__eq__", left, right)?;
        self.truth(&result)
    }

    /// Equality without methods of the program's own at the top.
    pub(crate) fn equal_plain(&mut self, left: &Value, right: &Value) -> R<bool> {
        let (a, b) = (self.plain(left), self.plain(right));
        if let Some(order) = number::compare(&a, &b) {
            return Ok(order == Some(Ordering::Equal));
        }
        match (&a, &b) {
            (Value::Str(a), Value::Str(b)) => Ok(a == b),
            (Value::Bytes(a), Value::Bytes(b)) => Ok(a == b),
            (Value::Tuple(a), Value::Tuple(b)) => self.equal_items(&a.clone(), &b.clone()),
            (Value::Obj(x), Value::Obj(y)) if x == y => Ok(true),
            // Large bodies that are only equal to themselves must not be copied.
            (Value::Obj(x), _) if matches!(self.body(*x), Body::Plain | Body::Class(_) | Body::Function(_)) => {
                Ok(false)
            }
            (Value::Obj(x), Value::Obj(y)) => {
                let pair = (self.body(*x).clone(), self.body(*y).clone());
                match pair {
                    (Body::List(a), Body::List(b)) => self.equal_items(&a, &b),
                    (Body::Dict(a), Body::Dict(b)) => self.equal_dicts(&a, &b),
                    (Body::Proxy(_), Body::Proxy(_)) => {
                        let (a, b) = (self.dict_of(&a).cloned(), self.dict_of(&b).cloned());
                        match (a, b) {
                            (Some(a), Some(b)) => self.equal_dicts(&a, &b),
                            _ => Ok(false),
                        }
                    }
                    (Body::Set(_) | Body::View { .. }, Body::Set(_) | Body::View { .. }) => {
                        let (mine, theirs) = (self.iterate(&a)?, self.iterate(&b)?);
                        if mine.len() != theirs.len() {
                            return Ok(false);
                        }
                        for item in &mine {
                            if !self.contains(&b, item)? {
                                return Ok(false);
                            }
                        }
                        Ok(true)
                    }
                    (Body::ByteArray(a), Body::ByteArray(b)) => Ok(a == b),
                    (Body::Range(..), Body::Range(..)) => {
                        let (mine, theirs) = (self.iterate(&a)?, self.iterate(&b)?);
                        Ok(mine == theirs)
                    }
                    (Body::Method { function: f, receiver: a }, Body::Method { function: g, receiver: b }) => {
                        Ok(f == g && a.is_same(&b))
                    }
                    (Body::Alias { origin: o, args: a }, Body::Alias { origin: p, args: b }) => {
                        Ok(o == p && self.equal(&a, &b)?)
                    }
                    (Body::Union(a), Body::Union(b)) => {
                        Ok(a.len() == b.len() && a.iter().all(|member| b.contains(member)))
                    }
                    (Body::Slice(a), Body::Slice(b)) => self.equal_items(&a[..], &b[..]),
                    _ => Ok(false),
                }
            }
            (Value::Bytes(bytes), Value::Obj(other)) | (Value::Obj(other), Value::Bytes(bytes)) => {
                Ok(matches!(self.body(*other), Body::ByteArray(content) if content[..] == bytes[..]))
            }
            _ => Ok(a.is_same(&b)),
        }
    }

    pub(super) fn equal_items(&mut self, a: &[Value], b: &[Value]) -> R<bool> {
        self.deeper(|machine| {
            if a.len() != b.len() {
                return Ok(false);
            }
            machine.charge(a.len())?;
            for (x, y) in a.iter().zip(b) {
                if !machine.equal(x, y)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    pub(super) fn equal_dicts(&mut self, a: &Dict, b: &Dict) -> R<bool> {
        self.deeper(|machine| {
            if a.len() != b.len() {
                return Ok(false);
            }
            machine.charge(a.len())?;
            for (hash, key, value) in a.entries() {
                match b.get(hash, key).cloned() {
                    Some(other) if machine.equal(value, &other)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        })
    }

    /// Runs work that follows the nesting of values.
    pub(crate) fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> R<T>) -> R<T> {
        if self.depth >= super::super::BUDGET.depth {
            return self.raise(Ty::RecursionError, "maximum recursion depth exceeded");
        }
        self.depth += 1;
        let result = cinder_syntax::with_deep_stack(|| work(self));
        self.depth -= 1;
        result
    }

    /// An ordering comparison of builtin values; `None` when they have no order.
    pub(crate) fn order_plain(&mut self, left: &Value, right: &Value, operator: CmpOp) -> R<Option<bool>> {
        let (a, b) = (self.plain(left), self.plain(right));
        let holds = |order: Ordering| match operator {
            CmpOp::Lt => order.is_lt(),
            CmpOp::LtE => order.is_le(),
            CmpOp::Gt => order.is_gt(),
            _ => order.is_ge(),
        };
        if let Some(order) = number::compare(&a, &b) {
            return Ok(Some(order.is_some_and(holds)));
        }
        match (&a, &b) {
            (Value::Str(a), Value::Str(b)) => Ok(Some(holds(a.cmp(b)))),
            (Value::Bytes(a), Value::Bytes(b)) => Ok(Some(holds(a.cmp(b)))),
            (Value::Tuple(a), Value::Tuple(b)) => self.order_items(&a.clone(), &b.clone(), operator),
            (Value::Obj(x), Value::Obj(y)) => match (self.body(*x).clone(), self.body(*y).clone()) {
                (Body::List(a), Body::List(b)) => self.order_items(&a, &b, operator),
                (Body::Set(_) | Body::View { .. }, Body::Set(_) | Body::View { .. }) => {
                    let (small, large) = match operator {
                        CmpOp::Lt | CmpOp::LtE => (&a, &b),
                        _ => (&b, &a),
                    };
                    let is_strict = matches!(operator, CmpOp::Lt | CmpOp::Gt);
                    let items = self.iterate(small)?;
                    let other = self.len(large)?;
                    for item in &items {
                        if !self.contains(large, item)? {
                            return Ok(Some(false));
                        }
                    }
                    Ok(Some(if is_strict { items.len() < other } else { items.len() <= other }))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    pub(super) fn order_items(&mut self, a: &[Value], b: &[Value], operator: CmpOp) -> R<Option<bool>> {
        for (x, y) in a.iter().zip(b) {
            if !self.equal(x, y)? {
                let value = self.compare(operator, x, y)?;
                return self.truth(&value).map(Some);
            }
        }
        let order = a.len().cmp(&b.len());
        Ok(Some(match operator {
            CmpOp::Lt => order.is_lt(),
            CmpOp::LtE => order.is_le(),
            CmpOp::Gt => order.is_gt(),
            _ => order.is_ge(),
        }))
    }
}

fn is_harmless(value: &Value) -> bool {
    value.as_unknown().is_some_and(|unknown| unknown.is_harmless)
}
