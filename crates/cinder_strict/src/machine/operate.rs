//! Operators and truth; comparison, containers and subscription have files of their own.

mod compare;
mod container;
mod item;

use cinder_syntax::ast::{Operator, UnaryOp};

use super::Machine;
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
            Value::Obj(obj)
                if matches!(self.body(*obj), Body::List(_))
                    && operator == Operator::Add
                    && self.settings.is_compatible =>
            {
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
                // Classes are equal to themselves only, and there may be many.
                self.steps += flat.len() as u64 / 16;
                let is_known = match self.as_class(&member) {
                    Some(_) => flat.contains(&member),
                    None => flat
                        .iter()
                        .any(|known| known.is_same(&member) || matches!(self.equal(known, &member), Ok(true))),
                };
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
            if let Some(unknown) = operand.as_unknown().filter(|unknown| unknown.is_harmless) {
                return Ok(Value::harmless(&format!("not {}", unknown.name)));
            }
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
