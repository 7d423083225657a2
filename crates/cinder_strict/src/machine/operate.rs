//! Operators, comparison, truth, hashing, subscription.

use std::cmp::Ordering;
use std::sync::Arc;

use cinder_syntax::ast::{CmpOp, Operator, UnaryOp};
use num_bigint::BigInt;

use super::Machine;
use crate::dict::{Dict, hash_plain};
use crate::number;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, Fail, Obj, R, Value};

/// The methods of an operator: plain, reflected, in place.
fn methods(operator: Operator) -> (&'static str, &'static str, &'static str) {
    match operator {
        Operator::Add => ("__add__", "__radd__", "__iadd__"),
        Operator::Sub => ("__sub__", "__rsub__", "__isub__"),
        Operator::Mult => ("__mul__", "__rmul__", "__imul__"),
        Operator::MatMult => ("__matmul__", "__rmatmul__", "__imatmul__"),
        Operator::Div => ("__truediv__", "__rtruediv__", "__itruediv__"),
        Operator::Mod => ("__mod__", "__rmod__", "__imod__"),
        Operator::Pow => ("__pow__", "__rpow__", "__ipow__"),
        Operator::LShift => ("__lshift__", "__rlshift__", "__ilshift__"),
        Operator::RShift => ("__rshift__", "__rrshift__", "__irshift__"),
        Operator::BitOr => ("__or__", "__ror__", "__ior__"),
        Operator::BitXor => ("__xor__", "__rxor__", "__ixor__"),
        Operator::BitAnd => ("__and__", "__rand__", "__iand__"),
        Operator::FloorDiv => ("__floordiv__", "__rfloordiv__", "__ifloordiv__"),
    }
}

impl Machine<'_> {
    pub(crate) fn binary(&mut self, operator: Operator, left: &Value, right: &Value, in_place: bool) -> R {
        // Whether a class of the program's own is involved.
        let own = |machine: &Self, value: &Value| machine.class_of(value).is_none_or(|class| class.heap != 0);
        if !own(self, left) && !own(self, right) {
            if let Some(value) = self.builtin_binary(operator, left, right, in_place)? {
                return Ok(value);
            }
            return self.no_operator(operator, left, right, in_place);
        }
        if left.is_unknown() || right.is_unknown() {
            return self.unknown_binary(operator, left, right);
        }
        let (plain, reflected, changing) = methods(operator);
        if in_place
            && let Some(value) = self.call_special(left, changing, vec![right.clone()])?
            && value != Value::NotImplemented
        {
            return Ok(value);
        }
        let (left_class, right_class) = (self.class_of(left), self.class_of(right));
        let mut tried_right = false;
        if let (Some(a), Some(b)) = (left_class, right_class)
            && a != b
            && self.is_subclass(b, a)
            && self.lookup_known(b, reflected) != self.lookup_known(a, reflected)
        {
            tried_right = true;
            if let Some(value) = self.call_operator(right, reflected, left)? {
                return Ok(value);
            }
        }
        if let Some(value) = self.call_operator(left, plain, right)? {
            return Ok(value);
        }
        if !tried_right
            && left_class != right_class
            && let Some(value) = self.call_operator(right, reflected, left)?
        {
            return Ok(value);
        }
        // Instances of subclasses of builtins behave like what is inside them.
        let (a, b) = (self.plain(left), self.plain(right));
        if let Some(value) = self.builtin_binary(operator, &a, &b, in_place)? {
            return Ok(value);
        }
        self.no_operator(operator, left, right, in_place)
    }

    fn call_operator(&mut self, object: &Value, name: &str, other: &Value) -> R<Option<Value>> {
        // Builtin operators are not looked up by name.
        let Some(class) = self.class_of(object) else { return Ok(None) };
        match self.lookup(class, name)? {
            Some(Value::Native(_)) | None => Ok(None),
            Some(found) => {
                let method = self.bind_method(&found, object, class)?;
                let value = self.call(&method, Args::new([other.clone()]))?;
                Ok((value != Value::NotImplemented).then_some(value))
            }
        }
    }

    fn no_operator(&mut self, operator: Operator, left: &Value, right: &Value, in_place: bool) -> R {
        let sign = if in_place { "=" } else { "" };
        let (a, b) = (self.type_name(left), self.type_name(right));
        self.type_error(format!("unsupported operand type(s) for {operator}{sign}: '{a}' and '{b}'"))
    }

    fn unknown_binary(&mut self, operator: Operator, left: &Value, right: &Value) -> R {
        let harmless = |value: &Value| value.as_unknown().is_none_or(|unknown| unknown.is_harmless);
        let (a, b) = (self.show(left), self.show(right));
        if harmless(left) && harmless(right) {
            return Ok(Value::harmless(&format!("{a} {operator} {b}")));
        }
        if left.is_unknown() {
            let result = format!("{a}{operator}{b}");
            return Err(self.on_unknown(Rule::UnknownValueBinaryOp, &[&a, operator.as_str(), &b], left, &result));
        }
        let plain = self.plain(left);
        match &plain {
            Value::Str(_) | Value::Bytes(_) if matches!(operator, Operator::Add | Operator::Mod) => {
                let name = methods(operator).0;
                let origin = right.as_unknown().and_then(|unknown| unknown.origin);
                let result = format!("{a}{operator}{b}");
                let mut fail = self.violation(Rule::Unsupported, &[name, &b], Value::unknown(&result));
                if let Fail::Violation(violation) = &mut fail {
                    violation.origin = origin;
                }
                Err(fail)
            }
            Value::Obj(obj) if matches!(self.body(*obj), Body::Plain) => {
                if let Some(value) = self.call_operator(left, methods(operator).0, right)? {
                    return Ok(value);
                }
                let result = format!("{b}{operator}{a}");
                Err(self.on_unknown(Rule::UnknownValueBinaryOp, &[&b, operator.as_str(), &a], right, &result))
            }
            Value::Obj(obj) if matches!(self.body(*obj), Body::List(_)) && operator == Operator::Add => {
                let name = self.type_name(right);
                self.type_error(format!("can only concatenate list (not \"{name}\") to list"))
            }
            _ => {
                let result = format!("{b}{operator}{a}");
                Err(self.on_unknown(Rule::UnknownValueBinaryOp, &[&b, operator.as_str(), &a], right, &result))
            }
        }
    }

    /// An operator of a builtin type, as its method gives it.
    pub(crate) fn operator_method(&mut self, operator: Operator, left: &Value, right: &Value, in_place: bool) -> R {
        let (a, b) = (self.plain(left), self.plain(right));
        Ok(self.builtin_binary(operator, &a, &b, in_place)?.unwrap_or(Value::NotImplemented))
    }

    /// Operators of builtin types; `None` when they do not apply.
    fn builtin_binary(&mut self, operator: Operator, left: &Value, right: &Value, in_place: bool) -> R<Option<Value>> {
        if let Some(result) = number::binary(operator, left, right) {
            return match result {
                Ok(value) => {
                    if let Value::Big(value) = &value {
                        self.charge(value.bits() as usize / 64)?;
                    }
                    Ok(Some(value))
                }
                Err(number::Trouble::ZeroDivision(message)) => self.raise(Ty::ZeroDivisionError, message),
                Err(number::Trouble::Value(message)) => self.raise(Ty::ValueError, message),
                Err(number::Trouble::Overflow(message)) => self.raise(Ty::OverflowError, message),
                Err(number::Trouble::TooLarge) => {
                    Err(self.violation(Rule::BudgetExceeded, &["size"], Value::unknown("<too large>")))
                }
            };
        }
        match (operator, left, right) {
            (Operator::Add, Value::Str(a), Value::Str(b)) => {
                self.check_size(a.len() + b.len())?;
                Ok(Some(Value::Str(format!("{a}{b}").into())))
            }
            (Operator::Add, Value::Bytes(a), Value::Bytes(b)) => {
                self.check_size(a.len() + b.len())?;
                Ok(Some(Value::Bytes([&a[..], &b[..]].concat().into())))
            }
            (Operator::Add, Value::Tuple(a), Value::Tuple(b)) => {
                self.check_len(a.len() + b.len())?;
                Ok(Some(Value::tuple([&a[..], &b[..]].concat())))
            }
            (Operator::Mult, sequence, Value::Int(_) | Value::Bool(_)) if is_sequence(self, sequence) => {
                self.repeat(sequence, right, in_place).map(Some)
            }
            (Operator::Mult, Value::Int(_) | Value::Bool(_), sequence) if is_sequence(self, sequence) => {
                self.repeat(sequence, left, false).map(Some)
            }
            (Operator::Mod, Value::Str(format), _) => {
                let format = format.clone();
                self.percent_format(&format, right).map(Some)
            }
            // Formatting bytes is not followed; the result is harmless.
            (Operator::Mod, Value::Bytes(_), _) => Ok(Some(Value::harmless("<bytes>"))),
            (Operator::BitOr, ..) if self.is_type_like(left) && self.is_type_like(right) => {
                if left.is_none() && right.is_none() {
                    return Ok(None);
                }
                Ok(Some(self.make_union(vec![left.clone(), right.clone()])))
            }
            (_, Value::Obj(a), _) => self.container_binary(operator, *a, left, right, in_place),
            _ => Ok(None),
        }
    }

    /// What may stand in a union written with `|`.
    fn is_type_like(&self, value: &Value) -> bool {
        match value {
            Value::None => true,
            Value::Obj(obj) => {
                matches!(self.body(*obj), Body::Class(_) | Body::Alias { .. } | Body::Union(_) | Body::TypeAlias { .. })
                    || [Ty::TypeVar, Ty::ParamSpec].iter().any(|ty| self.obj(*obj).class == ty.obj())
            }
            _ => false,
        }
    }

    pub(crate) fn make_union(&mut self, members: Vec<Value>) -> Value {
        let mut flat: Vec<Value> = Vec::new();
        for member in members {
            let inner = match member.as_obj().map(|obj| self.body(obj)) {
                Some(Body::Union(inner)) => inner.clone(),
                _ => vec![if member.is_none() { Ty::NoneType.value() } else { member }],
            };
            for member in inner {
                let is_known =
                    flat.iter().any(|known| known.is_same(&member) || matches!(self.equal(known, &member), Ok(true)));
                if !is_known {
                    flat.push(member);
                }
            }
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => self.new_obj(Ty::Union, Body::Union(flat)),
        }
    }

    fn container_binary(
        &mut self,
        operator: Operator,
        a: Obj,
        left: &Value,
        right: &Value,
        in_place: bool,
    ) -> R<Option<Value>> {
        let other = right.as_obj();
        match (operator, self.body(a), other.map(|other| self.body(other))) {
            (Operator::Add, Body::List(_), _) if in_place => {
                let more = self.iterate(right)?;
                self.check_len(more.len())?;
                if let Body::List(items) = &mut self.change(a)?.body {
                    items.extend(more);
                }
                Ok(Some(left.clone()))
            }
            (Operator::Add, Body::List(x), Some(Body::List(y))) => {
                let joined = [&x[..], &y[..]].concat();
                self.check_len(joined.len())?;
                Ok(Some(self.new_list(joined)))
            }
            (Operator::BitOr, Body::Dict(_), Some(Body::Dict(_) | Body::Proxy(_)))
            | (Operator::BitOr, Body::Proxy(_), _) => {
                let pairs = self.mapping_items(right)?;
                let target = if in_place { a } else { self.copy_dict(left) };
                for (key, value) in pairs {
                    self.dict_put(target, key, value, !in_place)?;
                }
                Ok(Some(Value::Obj(target)))
            }
            (_, Body::Set(_) | Body::View { .. }, Some(Body::Set(_) | Body::View { .. })) => {
                self.set_binary(operator, a, right, in_place)
            }
            _ => Ok(None),
        }
    }

    fn set_binary(&mut self, operator: Operator, a: Obj, right: &Value, in_place: bool) -> R<Option<Value>> {
        let mine = self.iterate(&Value::Obj(a))?;
        let theirs = self.iterate(right)?;
        let class = self.obj(a).class;
        let ty = if class == Ty::FrozenSet.obj() { Ty::FrozenSet } else { Ty::Set };
        let first = self.new_set(ty, mine.clone())?;
        let second = self.new_set(ty, theirs.clone())?;
        let keep = |machine: &mut Self, items: &[Value], set: &Value, wanted: bool| -> R<Vec<Value>> {
            let mut kept = Vec::new();
            for item in items {
                if machine.contains(set, item)? == wanted {
                    kept.push(item.clone());
                }
            }
            Ok(kept)
        };
        let items = match operator {
            Operator::BitOr => [mine, theirs].concat(),
            Operator::BitAnd => keep(self, &mine, &second, true)?,
            Operator::Sub => keep(self, &mine, &second, false)?,
            Operator::BitXor => {
                let mut items = keep(self, &mine, &second, false)?;
                items.extend(keep(self, &theirs, &first, false)?);
                items
            }
            _ => return Ok(None),
        };
        let result = self.new_set(ty, items)?;
        if in_place && ty == Ty::Set && matches!(self.body(a), Body::Set(_)) {
            let content = result.as_obj().map(|obj| self.body(obj).clone());
            let object = self.change(a)?;
            if let Some(content) = content {
                object.body = content;
            }
            return Ok(Some(Value::Obj(a)));
        }
        Ok(Some(result))
    }

    fn repeat(&mut self, sequence: &Value, times: &Value, in_place: bool) -> R {
        let times = match times {
            Value::Int(times) => (*times).max(0) as usize,
            Value::Bool(times) => usize::from(*times),
            _ => 0,
        };
        match sequence {
            Value::Str(text) => {
                self.check_size(text.len().saturating_mul(times))?;
                Ok(Value::Str(text.repeat(times).into()))
            }
            Value::Bytes(bytes) => {
                self.check_size(bytes.len().saturating_mul(times))?;
                Ok(Value::Bytes(bytes.repeat(times).into()))
            }
            Value::Tuple(items) => {
                self.check_len(items.len().saturating_mul(times))?;
                {
                    let items = items.iter().cloned();
                    let len = items.len() * times;
                    Ok(Value::tuple(items.cycle().take(len).collect::<Vec<_>>()))
                }
            }
            Value::Obj(obj) => {
                let Body::List(items) = self.body(*obj) else { return Ok(sequence.clone()) };
                let (items, obj) = (items.clone(), *obj);
                self.check_len(items.len().saturating_mul(times))?;
                let len = items.len() * times;
                let repeated: Vec<Value> = items.iter().cloned().cycle().take(len).collect();
                if in_place {
                    self.change(obj)?.body = Body::List(repeated);
                    return Ok(sequence.clone());
                }
                Ok(self.new_list(repeated))
            }
            _ => Ok(sequence.clone()),
        }
    }

    pub(crate) fn unary(&mut self, operator: UnaryOp, operand: &Value) -> R {
        if operator == UnaryOp::Not {
            return Ok(match self.truth(operand)? {
                true => Value::Bool(false),
                false => Value::Bool(true),
            });
        }
        if let Value::Unknown(unknown) = operand {
            let shown = unknown.name.clone();
            let result = format!("{operator}{shown}");
            if unknown.is_harmless {
                return Ok(Value::harmless(&result));
            }
            return Err(self.on_unknown(Rule::UnknownValueUnaryOp, &[operator.as_str(), &shown], operand, &result));
        }
        let name = match operator {
            UnaryOp::USub => "__neg__",
            UnaryOp::UAdd => "__pos__",
            _ => "__invert__",
        };
        let plain = self.plain(operand);
        if let Some(value) = self.overrides(operand, name) {
            return self.call(&value, Args::new([operand.clone()]));
        }
        match number::unary(operator, &plain) {
            Some(value) => Ok(value),
            None => {
                let shown = self.type_name(operand);
                self.type_error(format!("bad operand type for unary {operator}: '{shown}'"))
            }
        }
    }

    pub(crate) fn truth(&mut self, value: &Value) -> R<bool> {
        Ok(match value {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Big(_) | Value::Ellipsis | Value::Native(_) | Value::NotImplemented => true,
            Value::Float(value) => *value != 0.0,
            Value::Complex(real, imag) => *real != 0.0 || *imag != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Tuple(items) => !items.is_empty(),
            Value::Unknown(unknown) => {
                let shown = unknown.name.clone();
                let result = format!("bool({shown})");
                return Err(self.on_unknown(Rule::UnknownValueBool, &[&shown], value, &result));
            }
            Value::Lazy(lazy) => {
                let value = self.force(lazy)?;
                self.truth(&value)?
            }
            Value::Obj(obj) => {
                let obj = *obj;
                if self.obj(obj).class.heap != 0 || matches!(self.body(obj), Body::Plain) {
                    for name in ["__bool__", "__len__"] {
                        if let Some(method) = self.overrides(value, name) {
                            let result = self.call(&method, Args::new([value.clone()]))?;
                            if name == "__bool__" && !matches!(result, Value::Bool(_) | Value::Unknown(_)) {
                                let shown = self.type_name(&result);
                                return self.type_error(format!("__bool__ should return bool, returned {shown}"));
                            }
                            return self.truth(&result);
                        }
                    }
                }
                match self.body(obj) {
                    Body::List(items) => !items.is_empty(),
                    Body::Dict(dict) | Body::Set(dict) => dict.len() > 0,
                    Body::ByteArray(bytes) => !bytes.is_empty(),
                    Body::Scalar(inner) => {
                        let inner = inner.clone();
                        self.truth(&inner)?
                    }
                    Body::Range(..) | Body::View { .. } | Body::Proxy(_) => self.len(value)? > 0,
                    _ => true,
                }
            }
        })
    }

    // Comparison

    pub(crate) fn compare(&mut self, operator: CmpOp, left: &Value, right: &Value) -> R {
        match operator {
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

    fn contains_op(&mut self, operator: CmpOp, left: &Value, right: &Value) -> R {
        if left.is_unknown() && !right.is_unknown() && !self.is_hashed(right) {
            return self.unknown_compare(operator, left, right);
        }
        let found = self.contains(right, left)?;
        Ok(Value::Bool(found == (operator == CmpOp::In)))
    }

    fn is_hashed(&self, value: &Value) -> bool {
        value.as_obj().is_some_and(|obj| matches!(self.body(obj), Body::Dict(_) | Body::Set(_) | Body::View { .. }))
    }

    fn unknown_compare(&mut self, operator: CmpOp, left: &Value, right: &Value) -> R {
        let (a, b) = (self.show(left), self.show(right));
        let result = format!("{a}{operator}{b}");
        if left.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
            return Ok(Value::harmless(&result));
        }
        Err(self.on_unknown(Rule::UnknownValueBinaryOp, &[&a, operator.as_str(), &b], left, &result))
    }

    fn rich_compare(&mut self, operator: CmpOp, name: &str, left: &Value, right: &Value) -> R {
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
                        return Ok(Value::Bool(!self.truth(&value)?));
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

    fn compare_with_unknown(&mut self, operator: CmpOp, reflected: &str, left: &Value, right: &Value, name: &str) -> R {
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

    fn call_compare(&mut self, object: &Value, name: &str, other: &Value) -> R<Option<Value>> {
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

    fn equal_items(&mut self, a: &[Value], b: &[Value]) -> R<bool> {
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

    fn equal_dicts(&mut self, a: &Dict, b: &Dict) -> R<bool> {
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
        if self.depth >= super::BUDGET.depth {
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

    fn order_items(&mut self, a: &[Value], b: &[Value], operator: CmpOp) -> R<Option<bool>> {
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

    // Containers

    pub(crate) fn contains(&mut self, container: &Value, item: &Value) -> R<bool> {
        if let Value::Unknown(unknown) = container {
            if unknown.is_harmless {
                return Ok(false);
            }
            let shown = unknown.name.clone();
            let result = format!("{}in{shown}", self.show(item));
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__contains__"], container, &result));
        }
        if self.overrides(container, "__contains__").is_some() {
            let result = self.call_special(container, "__contains__", vec![item.clone()])?;
            return self.truth(&result.unwrap_or(Value::Bool(false)));
        }
        self.plain_contains(container, item)
    }

    /// What `__contains__` of builtin types does.
    pub(crate) fn plain_contains(&mut self, container: &Value, item: &Value) -> R<bool> {
        let plain = self.plain(container);
        match &plain {
            Value::Str(text) => match self.plain(item) {
                Value::Str(part) => return Ok(text.contains(&*part)),
                _ => {
                    let name = self.type_name(item);
                    return self.type_error(format!("'in <string>' requires string as left operand, not {name}"));
                }
            },
            Value::Bytes(bytes) => match self.plain(item) {
                Value::Int(byte) => return Ok(bytes.iter().any(|known| i64::from(*known) == byte)),
                Value::Bytes(part) => {
                    return Ok(part.is_empty() || bytes.windows(part.len()).any(|window| window == &part[..]));
                }
                _ => return self.type_error("a bytes-like object is required"),
            },
            Value::Obj(obj) => match self.body(*obj) {
                Body::Dict(_) | Body::Set(_) => {
                    let obj = *obj;
                    return Ok(self.dict_lookup(obj, item)?.is_some());
                }
                Body::View { dict, kind: crate::object::ViewKind::Keys } => {
                    let dict = *dict;
                    return Ok(self.dict_lookup(dict, item)?.is_some());
                }
                Body::Proxy(_) => {
                    let (hash, key) = (hash_plain(item), item.clone());
                    return Ok(self.dict_of(container).is_some_and(|dict| dict.get(hash, &key).is_some()));
                }
                Body::Range(start, stop, step) => {
                    let (start, stop, step) = (*start, *stop, *step);
                    if let Value::Int(value) = self.plain(item) {
                        let inside =
                            if step > 0 { value >= start && value < stop } else { value <= start && value > stop };
                        return Ok(inside && (value - start) % step == 0);
                    }
                }
                _ => {}
            },
            _ => {}
        }
        let iterator = match self.get_iter(container) {
            Err(fail) if self.is_raised(&fail, Ty::TypeError) => {
                let name = self.type_name(container);
                return self.type_error(format!("argument of type '{name}' is not iterable"));
            }
            result => result?,
        };
        while let Some(value) = self.next(&iterator)? {
            if self.equal(&value, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The hash, through the object's own `__hash__` if it has one.
    pub(crate) fn hash(&mut self, value: &Value) -> R<u64> {
        match value {
            Value::Obj(obj) => {
                let class = self.obj(*obj).class;
                if class.heap != 0
                    && let Some(method) = self.lookup_known(class, "__hash__")
                    && !matches!(method, Value::Native(_))
                {
                    if method.is_none() {
                        let name = self.type_name(value);
                        return self.type_error(format!("unhashable type: '{name}'"));
                    }
                    let method = self.bind_method(&method, value, class)?;
                    let result = self.call(&method, Args::default())?;
                    return match self.plain(&result) {
                        number @ (Value::Int(_) | Value::Big(_) | Value::Bool(_)) => Ok(hash_plain(&number)),
                        Value::Unknown(_) => Ok(hash_plain(value)),
                        _ => self.type_error("__hash__ method should return an integer"),
                    };
                }
                match self.body(*obj) {
                    Body::List(_) | Body::Dict(_) | Body::ByteArray(_) => {
                        let name = self.type_name(value);
                        self.type_error(format!("unhashable type: '{name}'"))
                    }
                    Body::Set(_) if !self.is_instance(value, Ty::FrozenSet) => {
                        let name = self.type_name(value);
                        self.type_error(format!("unhashable type: '{name}'"))
                    }
                    Body::Set(set) => Ok(set.entries().fold(7, |hash, (item, _, _)| hash ^ item)),
                    Body::Scalar(inner) => {
                        let inner = inner.clone();
                        self.hash(&inner)
                    }
                    Body::Alias { origin, args } => Ok(hash_plain(origin) ^ hash_plain(args).rotate_left(5)),
                    Body::Union(members) => Ok(members.iter().fold(3, |hash, member| hash ^ hash_plain(member))),
                    _ => Ok(hash_plain(value)),
                }
            }
            Value::Tuple(items) => {
                let mut hash = 0xcbf2_9ce4_8422_2325u64;
                let items = items.clone();
                for item in items.iter() {
                    hash = hash.rotate_left(5) ^ self.hash(item)?.wrapping_mul(0x0100_0000_01b3);
                }
                Ok(hash)
            }
            value => Ok(hash_plain(value)),
        }
    }

    /// The key as the dictionary has it, with its hash.
    fn find_key(&mut self, dict: Obj, key: &Value) -> R<(u64, Value)> {
        let hash = self.hash(key)?;
        let simple = !matches!(key, Value::Obj(_) | Value::Tuple(_));
        let candidates = match self.body(dict) {
            Body::Dict(content) | Body::Set(content) => {
                if content.get(hash, key).is_some() || (simple && content.len() == 0) {
                    return Ok((hash, key.clone()));
                }
                content.candidates(hash)
            }
            _ => Vec::new(),
        };
        for candidate in candidates {
            if self.equal(&candidate, key)? {
                return Ok((hash, candidate));
            }
        }
        Ok((hash, key.clone()))
    }

    /// An entry of a dictionary or set.
    pub(crate) fn dict_lookup(&mut self, dict: Obj, key: &Value) -> R<Option<Value>> {
        if let Value::Unknown(unknown) = key
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], key, &shown));
        }
        let (hash, key) = self.find_key(dict, key)?;
        let found = match self.body(dict) {
            Body::Dict(content) | Body::Set(content) => content.get(hash, &key).cloned(),
            _ => None,
        };
        match found {
            Some(Value::Lazy(lazy)) => self.force(&lazy).map(Some),
            found => Ok(found),
        }
    }

    /// Sets an entry. `is_new`: the machine is making the dictionary, so nobody else can own it.
    pub(crate) fn dict_put(&mut self, dict: Obj, key: Value, value: Value, is_new: bool) -> R<()> {
        if !is_new
            && let Value::Unknown(unknown) = &key
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], &key, &shown));
        }
        let (hash, key) = self.find_key(dict, &key)?;
        let object = self.change(dict)?;
        if let Body::Dict(content) = &mut object.body {
            content.insert(hash, key, value);
            let len = content.len();
            if len > super::BUDGET.elements {
                return self.check_len(len);
            }
        }
        Ok(())
    }

    pub(crate) fn dict_remove(&mut self, dict: Obj, key: &Value) -> R<Option<(Value, Value)>> {
        if let Value::Unknown(unknown) = key
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], key, &shown));
        }
        let (hash, key) = self.find_key(dict, key)?;
        Ok(match &mut self.change(dict)?.body {
            Body::Dict(content) | Body::Set(content) => content.remove(hash, &key),
            _ => None,
        })
    }

    pub(crate) fn set_put(&mut self, set: Obj, item: Value, is_new: bool) -> R<()> {
        if !is_new
            && let Value::Unknown(unknown) = &item
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], &item, &shown));
        }
        let (hash, item) = self.find_key(set, &item)?;
        let object = self.change(set)?;
        if let Body::Set(content) = &mut object.body
            && content.get(hash, &item).is_none()
        {
            content.insert(hash, item, Value::None);
        }
        Ok(())
    }

    pub(crate) fn new_set(&mut self, ty: Ty, items: Vec<Value>) -> R {
        let set = self.alloc(ty.obj(), Body::Set(Dict::default()));
        for item in items {
            self.set_put(set, item, true)?;
        }
        Ok(Value::Obj(set))
    }

    /// A dictionary with the same entries.
    pub(crate) fn copy_dict(&mut self, dict: &Value) -> Obj {
        let content = self.dict_of(dict).cloned().unwrap_or_default();
        self.alloc(Ty::Dict.obj(), Body::Dict(content))
    }

    pub(crate) fn len(&mut self, value: &Value) -> R<usize> {
        if let Value::Unknown(unknown) = value {
            if unknown.is_harmless {
                return Ok(0);
            }
            let shown = unknown.name.clone();
            let result = format!("len({shown})");
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__len__"], value, &result));
        }
        if self.overrides(value, "__len__").is_some() {
            let result = self.call_special(value, "__len__", Vec::new())?.unwrap_or(Value::None);
            return match self.plain(&result) {
                Value::Int(len) if len >= 0 => Ok(len as usize),
                Value::Int(_) => self.raise(Ty::ValueError, "__len__() should return >= 0"),
                Value::Bool(len) => Ok(usize::from(len)),
                Value::Unknown(_) => Err(self.violation(Rule::UnknownValueCall, &["len"], Value::unknown("len()"))),
                _ => self.type_error("'__len__' result cannot be interpreted as an integer"),
            };
        }
        self.plain_len(value)
    }

    /// What `__len__` of builtin types does.
    pub(crate) fn plain_len(&mut self, value: &Value) -> R<usize> {
        let plain = self.plain(value);
        Ok(match &plain {
            Value::Str(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Tuple(items) => items.len(),
            Value::Obj(obj) => match self.body(*obj) {
                Body::List(items) => items.len(),
                Body::Dict(dict) | Body::Set(dict) => dict.len(),
                Body::ByteArray(bytes) => bytes.len(),
                Body::Range(start, stop, step) => range_len(*start, *stop, *step),
                Body::View { dict, .. } => match self.body(*dict) {
                    Body::Dict(content) => content.len(),
                    _ => 0,
                },
                Body::Proxy(_) => self.dict_of(&plain).map_or(0, Dict::len),
                _ => {
                    let name = self.type_name(value);
                    return self.type_error(format!("object of type '{name}' has no len()"));
                }
            },
            _ => {
                let name = self.type_name(value);
                return self.type_error(format!("object of type '{name}' has no len()"));
            }
        })
    }

    pub(crate) fn get_item(&mut self, object: &Value, index: &Value) -> R {
        if let Value::Unknown(unknown) = object {
            let (shown, key) = (unknown.name.clone(), self.show(index));
            let result = format!("{shown}[{key}]");
            if unknown.is_harmless {
                if crate::effects::level_of(&format!("{shown}[")) == Some(crate::effects::Effect::Environment)
                    && matches!(&*shown, "sys.argv" | "sys.path" | "sys.executable")
                {
                    return Err(self.violation(Rule::ReadsEnvironment, &[&shown], Value::harmless(&result)));
                }
                return Ok(Value::harmless(&result));
            }
            return Err(self.on_unknown(Rule::UnknownValueIndex, &[&shown, &key], object, &result));
        }
        if let Some(class) = self.as_class(object) {
            return self.class_item(object, class, index);
        }
        if self.overrides(object, "__getitem__").is_some() {
            let value = self.call_special(object, "__getitem__", vec![index.clone()])?;
            return Ok(value.unwrap_or(Value::None));
        }
        self.builtin_item(object, index)
    }

    /// What `__getitem__` of builtin types does.
    pub(crate) fn builtin_item(&mut self, object: &Value, index: &Value) -> R {
        let plain = self.plain(object);
        match &plain {
            Value::Str(text) => {
                let text = text.clone();
                if let Some((start, stop, step)) = self.slice_parts(index, text.chars().count())? {
                    let characters: Vec<char> = text.chars().collect();
                    let picked: String = number::slice_indices(start, stop, step).map(|at| characters[at]).collect();
                    return Ok(Value::Str(picked.into()));
                }
                let at = self.index_in(index, || text.chars().count(), "string")?;
                Ok(text.chars().nth(at).map_or(Value::None, |character| Value::Str(character.to_string().into())))
            }
            Value::Bytes(bytes) => {
                let bytes = bytes.clone();
                self.byte_item(&bytes, index, false)
            }
            Value::Tuple(items) => {
                let items = items.clone();
                if let Some((start, stop, step)) = self.slice_parts(index, items.len())? {
                    let picked: Vec<Value> =
                        number::slice_indices(start, stop, step).map(|at| items[at].clone()).collect();
                    return Ok(Value::tuple(picked));
                }
                let at = self.index_in(index, || items.len(), "tuple")?;
                Ok(items[at].clone())
            }
            Value::Obj(obj) => self.object_item(*obj, object, index),
            _ => self.not_subscriptable(object),
        }
    }

    fn byte_item(&mut self, bytes: &[u8], index: &Value, is_array: bool) -> R {
        if let Some((start, stop, step)) = self.slice_parts(index, bytes.len())? {
            let picked: Vec<u8> = number::slice_indices(start, stop, step).map(|at| bytes[at]).collect();
            return Ok(match is_array {
                true => self.new_obj(Ty::ByteArray, Body::ByteArray(picked)),
                false => Value::Bytes(picked.into()),
            });
        }
        let at = self.index_in(index, || bytes.len(), "index")?;
        Ok(Value::Int(i64::from(bytes[at])))
    }

    fn not_subscriptable(&mut self, object: &Value) -> R {
        let name = self.type_name(object);
        self.type_error(format!("'{name}' object is not subscriptable"))
    }

    fn object_item(&mut self, obj: Obj, object: &Value, index: &Value) -> R {
        match self.body(obj) {
            Body::List(items) => {
                let len = items.len();
                if let Some((start, stop, step)) = self.slice_parts(index, len)? {
                    let Body::List(items) = self.body(obj) else { return Ok(Value::None) };
                    let picked = number::slice_indices(start, stop, step).map(|at| items[at].clone()).collect();
                    return Ok(self.new_list(picked));
                }
                let at = self.index_in(index, || len, "list")?;
                match self.body(obj) {
                    Body::List(items) => Ok(items[at].clone()),
                    _ => Ok(Value::None),
                }
            }
            Body::Dict(_) => match self.dict_lookup(obj, index)? {
                Some(value) => Ok(value),
                None => {
                    if let Some(missing) = self.overrides(object, "__missing__") {
                        return self.call(&missing, Args::new([object.clone(), index.clone()]));
                    }
                    self.raise_with(Ty::KeyError, vec![index.clone()])
                }
            },
            Body::Proxy(_) => {
                let hash = self.hash(index)?;
                match self.dict_of(object).and_then(|dict| dict.get(hash, index)).cloned() {
                    Some(value) => self.forced(value),
                    None => self.raise_with(Ty::KeyError, vec![index.clone()]),
                }
            }
            Body::ByteArray(bytes) => {
                let bytes = bytes.clone();
                self.byte_item(&bytes, index, true)
            }
            Body::Range(start, stop, step) => {
                let (start, stop, step) = (*start, *stop, *step);
                let len = range_len(start, stop, step);
                if let Some((from, to, by)) = self.slice_parts(index, len)? {
                    let items: Vec<i64> =
                        number::slice_indices(from, to, by).map(|at| start + at as i64 * step).collect();
                    let first = items.first().copied().unwrap_or(start);
                    let step = step * by as i64;
                    let stop = items.last().map_or(first, |last| last + step.signum());
                    return Ok(self.new_obj(Ty::Range, Body::Range(first, stop, step)));
                }
                let at = self.index_in(index, || len, "range object")?;
                Ok(Value::Int(start + at as i64 * step))
            }
            Body::Alias { .. } | Body::Union(_) => self.alias_item(obj, object, index),
            _ => self.not_subscriptable(object),
        }
    }

    /// Puts arguments in place of a generic alias's parameters.
    fn alias_item(&mut self, obj: Obj, object: &Value, index: &Value) -> R {
        let given = match index {
            Value::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let (origin, args) = match self.body(obj) {
            Body::Alias { origin, args } => (Some(origin.clone()), args.clone()),
            Body::Union(members) => (None, Value::tuple(members.clone())),
            _ => return self.not_subscriptable(object),
        };
        let parameters = match self.alias_parameters(&args) {
            Value::Tuple(parameters) => parameters,
            _ => Arc::from([]),
        };
        if parameters.is_empty() {
            let shown = self.show(object);
            return self.type_error(format!("{shown} is not a generic class"));
        }
        let has_variadic = parameters.iter().any(|parameter| {
            let class = self.class_of(parameter);
            class == Some(Ty::TypeVarTuple.obj()) || class == Some(Ty::ParamSpec.obj())
        });
        if given.len() != parameters.len() && !has_variadic {
            let shown = self.show(object);
            let word = if given.len() > parameters.len() { "many" } else { "few" };
            return self.type_error(format!("Too {word} arguments for {shown}"));
        }
        let replaced = self.substitute(&args, &parameters, &given);
        Ok(match origin {
            Some(origin) => self.new_obj(Ty::Alias, Body::Alias { origin, args: replaced }),
            None => match replaced {
                Value::Tuple(members) => self.make_union(members.to_vec()),
                other => other,
            },
        })
    }

    fn substitute(&mut self, value: &Value, parameters: &[Value], given: &[Value]) -> Value {
        if let Some(at) = parameters.iter().position(|parameter| parameter == value) {
            return given.get(at).cloned().unwrap_or_else(|| value.clone());
        }
        match value {
            Value::Tuple(items) => {
                Value::tuple(items.iter().map(|item| self.substitute(item, parameters, given)).collect::<Vec<_>>())
            }
            Value::Obj(obj) => match self.body(*obj).clone() {
                Body::Alias { origin, args } => {
                    let args = self.substitute(&args, parameters, given);
                    self.new_obj(Ty::Alias, Body::Alias { origin, args })
                }
                Body::Union(members) => {
                    let members = members.iter().map(|member| self.substitute(member, parameters, given)).collect();
                    self.make_union(members)
                }
                _ => value.clone(),
            },
            _ => value.clone(),
        }
    }

    /// `C[index]`.
    fn class_item(&mut self, object: &Value, class: Obj, index: &Value) -> R {
        if self.overrides(object, "__getitem__").is_some() {
            let value = self.call_special(object, "__getitem__", vec![index.clone()])?;
            return Ok(value.unwrap_or(Value::None));
        }
        let found = match self.lookup(class, "__class_getitem__") {
            Err(Fail::Violation(_)) if self.settings.is_compatible => None,
            result => result?,
        };
        match found {
            Some(Value::Native(_)) if class == Ty::Union.obj() => {
                let members = match index {
                    Value::Tuple(items) => items.to_vec(),
                    other => vec![other.clone()],
                };
                Ok(self.make_union(members))
            }
            Some(Value::Native(_)) => Ok(self.generic_alias(object, index)),
            Some(found) => {
                let method = self.bind_on_class(&found, class)?;
                self.call(&method, Args::new([index.clone()]))
            }
            None => {
                let name = self.class_name(class);
                self.type_error(format!("type '{name}' is not subscriptable"))
            }
        }
    }

    pub(crate) fn generic_alias(&mut self, origin: &Value, index: &Value) -> Value {
        let args = match index {
            Value::Tuple(_) => index.clone(),
            other => Value::tuple([other.clone()]),
        };
        self.new_obj(Ty::Alias, Body::Alias { origin: origin.clone(), args })
    }

    /// The bounds of a slice within a length; `None` for an index.
    fn slice_parts(&mut self, index: &Value, len: usize) -> R<Option<(i64, i64, i64)>> {
        let Some(obj) = index.as_obj() else { return Ok(None) };
        let Body::Slice(parts) = self.body(obj) else { return Ok(None) };
        let [start, stop, step] = (**parts).clone();
        let read = |machine: &mut Self, value: &Value| -> R<Option<i64>> {
            if value.is_none() { Ok(None) } else { machine.as_index(value).map(Some) }
        };
        let step = read(self, &step)?.unwrap_or(1);
        if step == 0 {
            return self.raise(Ty::ValueError, "slice step cannot be zero");
        }
        let (start, stop) = (read(self, &start)?, read(self, &stop)?);
        let (start, stop) = number::slice_bounds(start, stop, step, len as i64);
        self.charge(len / 8)?;
        Ok(Some((start, stop, step)))
    }

    /// An integer, through `__index__`.
    pub(crate) fn as_index(&mut self, value: &Value) -> R<i64> {
        match self.plain(value) {
            Value::Int(value) => Ok(value),
            Value::Bool(value) => Ok(i64::from(value)),
            Value::Big(value) => Ok(if *value > BigInt::from(0) { i64::MAX } else { i64::MIN }),
            Value::Unknown(unknown) => {
                let shown = unknown.name.clone();
                Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__index__"], value, &shown))
            }
            _ => match self.overrides(value, "__index__") {
                Some(method) => {
                    let result = self.call(&method, Args::new([value.clone()]))?;
                    self.as_index(&result)
                }
                None => {
                    let name = self.type_name(value);
                    self.type_error(format!("'{name}' object cannot be interpreted as an integer"))
                }
            },
        }
    }

    fn index_in(&mut self, index: &Value, len: impl FnOnce() -> usize, what: &str) -> R<usize> {
        let plain = self.plain(index);
        let is_number = matches!(plain, Value::Int(_) | Value::Bool(_) | Value::Big(_));
        if !is_number && !plain.is_unknown() && self.overrides(index, "__index__").is_none() {
            let name = self.type_name(index);
            return self.type_error(format!("{what} indices must be integers or slices, not {name}"));
        }
        let at = self.as_index(index)?;
        let len = len() as i64;
        let at = if at < 0 { at + len } else { at };
        if at < 0 || at >= len {
            return self.raise(Ty::IndexError, format!("{what} index out of range"));
        }
        Ok(at as usize)
    }

    pub(crate) fn set_item(&mut self, object: &Value, index: Value, value: Value) -> R<()> {
        if let Value::Unknown(unknown) = object {
            let (shown, key) = (unknown.name.clone(), self.show(&index));
            if unknown.is_harmless {
                return Err(self.violation(Rule::MutatesProcess, &[&shown], Value::None));
            }
            return Err(self.on_unknown(Rule::UnknownValueIndex, &[&shown, &key], object, &shown));
        }
        if self.overrides(object, "__setitem__").is_some() {
            self.call_special(object, "__setitem__", vec![index, value])?;
            return Ok(());
        }
        self.builtin_set_item(object, index, value)
    }

    pub(crate) fn builtin_set_item(&mut self, object: &Value, index: Value, value: Value) -> R<()> {
        let Some(obj) = object.as_obj() else { return self.no_assignment(object) };
        match self.body(obj) {
            Body::Dict(_) => self.dict_put(obj, index, value, false),
            Body::List(items) => {
                let len = items.len();
                if let Some((start, stop, step)) = self.slice_parts(&index, len)? {
                    let items = self.iterate(&value)?;
                    return self.assign_slice(obj, start, stop, step, items);
                }
                let at = self.index_in(&index, || len, "list assignment")?;
                if let Body::List(items) = &mut self.change(obj)?.body {
                    items[at] = value;
                }
                Ok(())
            }
            Body::ByteArray(bytes) => {
                let len = bytes.len();
                let at = self.index_in(&index, || len, "bytearray")?;
                let byte = self.as_index(&value)?;
                let Ok(byte) = u8::try_from(byte) else {
                    return self.raise(Ty::ValueError, "byte must be in range(0, 256)");
                };
                if let Body::ByteArray(bytes) = &mut self.change(obj)?.body {
                    bytes[at] = byte;
                }
                Ok(())
            }
            _ => self.no_assignment(object),
        }
    }

    fn no_assignment(&mut self, object: &Value) -> R<()> {
        let name = self.type_name(object);
        self.type_error(format!("'{name}' object does not support item assignment"))
    }

    fn assign_slice(&mut self, obj: Obj, start: i64, stop: i64, step: i64, new: Vec<Value>) -> R<()> {
        let places: Vec<usize> = number::slice_indices(start, stop, step).collect();
        if step != 1 && places.len() != new.len() {
            let message =
                format!("attempt to assign sequence of size {} to extended slice of size {}", new.len(), places.len());
            return self.raise(Ty::ValueError, message);
        }
        let Body::List(items) = &mut self.change(obj)?.body else { return Ok(()) };
        if step == 1 {
            let start = (start as usize).min(items.len());
            let stop = (stop.max(start as i64) as usize).min(items.len());
            items.splice(start..stop, new);
        } else {
            for (at, value) in places.into_iter().zip(new) {
                items[at] = value;
            }
        }
        Ok(())
    }

    pub(crate) fn delete_item(&mut self, object: &Value, index: &Value) -> R<()> {
        if let Value::Unknown(unknown) = object {
            let (shown, key) = (unknown.name.clone(), self.show(index));
            return Err(self.on_unknown(Rule::UnknownValueIndex, &[&shown, &key], object, &shown));
        }
        if self.overrides(object, "__delitem__").is_some() {
            self.call_special(object, "__delitem__", vec![index.clone()])?;
            return Ok(());
        }
        let Some(obj) = object.as_obj() else { return self.no_assignment(object) };
        match self.body(obj) {
            Body::Dict(_) => match self.dict_remove(obj, index)? {
                Some(_) => Ok(()),
                None => self.raise_with(Ty::KeyError, vec![index.clone()]),
            },
            Body::List(items) => {
                let len = items.len();
                let places: Vec<usize> = match self.slice_parts(index, len)? {
                    Some((start, stop, step)) => number::slice_indices(start, stop, step).collect(),
                    None => vec![self.index_in(index, || len, "list")?],
                };
                if let Body::List(items) = &mut self.change(obj)?.body {
                    let mut at = 0;
                    items.retain(|_| {
                        at += 1;
                        !places.contains(&(at - 1))
                    });
                }
                Ok(())
            }
            _ => {
                let name = self.type_name(object);
                self.type_error(format!("'{name}' object doesn't support item deletion"))
            }
        }
    }
}

fn is_sequence(machine: &Machine<'_>, value: &Value) -> bool {
    match value {
        Value::Str(_) | Value::Bytes(_) | Value::Tuple(_) => true,
        Value::Obj(obj) => matches!(machine.body(*obj), Body::List(_)),
        _ => false,
    }
}

pub(crate) fn range_len(start: i64, stop: i64, step: i64) -> usize {
    let (start, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    let span = if step > 0 { stop - start } else { start - stop };
    if span <= 0 { 0 } else { ((span + step.abs() - 1) / step.abs()).min(usize::MAX as i128) as usize }
}
