//! Matching patterns.

use super::Machine;
use crate::code::Pattern;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{R, Value};

impl Machine<'_> {
    pub(crate) fn match_pattern(
        &mut self,
        pattern: &Pattern,
        subject: &Value,
        values: &[Value],
        bound: &mut [Value],
    ) -> R<bool> {
        let is_test = !matches!(pattern, Pattern::Bind(None, _) | Pattern::Or(_) | Pattern::Bind(..));
        if is_test && let Value::Unknown(unknown) = subject {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueBool, &[&shown], subject, &shown));
        }
        match pattern {
            Pattern::Value(at) => self.equal(subject, &values[*at]),
            Pattern::Singleton(value) => Ok(subject.is_same(value)),
            Pattern::Bind(inner, name) => {
                if let Some(inner) = inner
                    && !self.match_pattern(inner, subject, values, bound)?
                {
                    return Ok(false);
                }
                if let Some(at) = name {
                    bound[*at] = subject.clone();
                }
                Ok(true)
            }
            Pattern::Or(alternatives) => {
                for alternative in alternatives {
                    if self.match_pattern(alternative, subject, values, bound)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Pattern::Star(_) => Ok(true),
            Pattern::Sequence(parts) => self.match_sequence(parts, subject, values, bound),
            Pattern::Mapping(keys, parts, rest) => {
                let Some(dict) = subject.as_obj().filter(|obj| matches!(self.body(*obj), Body::Dict(_))) else {
                    return Ok(false);
                };
                for (key, part) in keys.iter().zip(parts) {
                    let Some(value) = self.dict_lookup(dict, &values[*key])? else { return Ok(false) };
                    if !self.match_pattern(part, &value, values, bound)? {
                        return Ok(false);
                    }
                }
                if let Some(at) = rest {
                    let copy = self.copy_dict(subject);
                    for key in keys {
                        self.dict_remove(copy, &values[*key])?;
                    }
                    bound[*at] = Value::Obj(copy);
                }
                Ok(true)
            }
            Pattern::Class(class, positional, keywords) => {
                let class = &values[*class];
                if !self.check_instance(subject, class)? {
                    return Ok(false);
                }
                self.match_class(class, positional, keywords, subject, values, bound)
            }
        }
    }

    fn match_sequence(&mut self, parts: &[Pattern], subject: &Value, values: &[Value], bound: &mut [Value]) -> R<bool> {
        let is_sequence = match self.plain(subject) {
            Value::Tuple(_) => true,
            Value::Obj(obj) => matches!(self.body(obj), Body::List(_) | Body::Range(..)),
            _ => false,
        };
        if !is_sequence {
            return Ok(false);
        }
        let items = self.iterate(subject)?;
        let star = parts.iter().position(|part| matches!(part, Pattern::Star(_)));
        let Some(star) = star else {
            if items.len() != parts.len() {
                return Ok(false);
            }
            return self.match_all(parts, &items, values, bound);
        };
        let after = parts.len() - star - 1;
        if items.len() < star + after {
            return Ok(false);
        }
        let (head, rest) = items.split_at(star);
        let (middle, tail) = rest.split_at(rest.len() - after);
        if !self.match_all(&parts[..star], head, values, bound)?
            || !self.match_all(&parts[star + 1..], tail, values, bound)?
        {
            return Ok(false);
        }
        if let Pattern::Star(Some(at)) = &parts[star] {
            bound[*at] = self.new_list(middle.to_vec());
        }
        Ok(true)
    }

    fn match_all(&mut self, parts: &[Pattern], items: &[Value], values: &[Value], bound: &mut [Value]) -> R<bool> {
        for (part, item) in parts.iter().zip(items) {
            if !self.match_pattern(part, item, values, bound)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn match_class(
        &mut self,
        class: &Value,
        positional: &[Pattern],
        keywords: &[(crate::code::Name, Pattern)],
        subject: &Value,
        values: &[Value],
        bound: &mut [Value],
    ) -> R<bool> {
        let takes_itself = [Ty::Int, Ty::Float, Ty::Str, Ty::Bytes, Ty::List, Ty::Tuple, Ty::Dict, Ty::Set, Ty::Bool];
        let is_simple = class.as_obj().and_then(Ty::of_obj).is_some_and(|ty| takes_itself.contains(&ty));
        if is_simple && positional.len() == 1 {
            if !self.match_pattern(&positional[0], subject, values, bound)? {
                return Ok(false);
            }
        } else if !positional.is_empty() {
            let names = match self.find_attr(class, "__match_args__")? {
                Some(names) => self.iterate(&names)?,
                None => Vec::new(),
            };
            if positional.len() > names.len() {
                return self.type_error(format!("accepts {} positional sub-patterns", names.len()));
            }
            for (part, name) in positional.iter().zip(&names) {
                let Value::Str(name) = name else { return Ok(false) };
                let Some(value) = self.find_attr(subject, name)? else { return Ok(false) };
                if !self.match_pattern(part, &value, values, bound)? {
                    return Ok(false);
                }
            }
        }
        for (name, part) in keywords {
            let value = match self.find_attr(subject, name) {
                Ok(Some(value)) => value,
                Ok(None) => return Ok(false),
                Err(fail) if self.is_raised(&fail, Ty::AttributeError) => return Ok(false),
                Err(fail) => return Err(fail),
            };
            if !self.match_pattern(part, &value, values, bound)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
