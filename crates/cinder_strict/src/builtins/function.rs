//! Builtin functions, and what only models may say.

use std::sync::Arc;

use cinder_syntax::ast::{CmpOp, Operator};
use num_bigint::BigInt;

use super::{arity, known, plain, required};
use crate::code::Piece;
use crate::machine::{Frame, Machine};
use crate::object::{Body, Iterator, Ty};
use crate::rules::Rule;
use crate::value::{Args, Native, R, Value};

pub(super) static FUNCTIONS: &[Native] = &[
    plain!("abs", |m, a| {
        arity(m, &a, "abs", 1, 1)?;
        if let Some(value) = known(m, &a.pos[0], "__abs__")? {
            return Ok(value);
        }
        super::number::absolute(m, &a.pos[0])
    }),
    plain!("all", |m, a| quantify(m, &a, "all", false)),
    plain!("any", |m, a| quantify(m, &a, "any", true)),
    plain!("ascii", |m, a| {
        arity(m, &a, "ascii", 1, 1)?;
        let text = m.repr(&a.pos[0])?;
        Ok(Value::Str(crate::machine::ascii(&text).into()))
    }),
    plain!("bin", |m, a| in_base(m, &a, 2, "0b")),
    plain!("oct", |m, a| in_base(m, &a, 8, "0o")),
    plain!("hex", |m, a| in_base(m, &a, 16, "0x")),
    plain!("callable", |m, a| {
        arity(m, &a, "callable", 1, 1)?;
        let x = &a.pos[0];
        let is_callable = match x {
            Value::Native(_) => true,
            Value::Unknown(unknown) if unknown.is_harmless => true,
            Value::Unknown(unknown) => return Ok(Value::unknown(&format!("callable({})", unknown.name))),
            Value::Obj(obj) => {
                matches!(
                    m.body(*obj),
                    Body::Class(_)
                        | Body::Function(_)
                        | Body::Method { .. }
                        | Body::StaticMethod(_)
                        | Body::Alias { .. }
                ) || m.has_special(x, "__call__")
            }
            _ => false,
        };
        Ok(Value::Bool(is_callable))
    }),
    plain!("chr", |m, a| {
        arity(m, &a, "chr", 1, 1)?;
        let code = m.as_index(&a.pos[0])?;
        match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(character) => Ok(Value::Str(character.to_string().into())),
            None if (0xd800..0xe000).contains(&code) => Ok(Value::harmless("<surrogate>")),
            None => m.raise(Ty::ValueError, "chr() arg not in range(0x110000)"),
        }
    }),
    plain!("ord", |m, a| {
        arity(m, &a, "ord", 1, 1)?;
        match m.plain(&a.pos[0]) {
            Value::Str(text) if text.chars().count() == 1 => {
                Ok(Value::Int(text.chars().next().map_or(0, |character| i64::from(u32::from(character)))))
            }
            Value::Bytes(bytes) if bytes.len() == 1 => Ok(Value::Int(i64::from(bytes[0]))),
            unknown @ Value::Unknown(_) => m.unsupported_value("ord", &unknown),
            _ => m.type_error("ord() expected a character"),
        }
    }),
    plain!("delattr", |m, a| {
        arity(m, &a, "delattr", 2, 2)?;
        let name = name_of(m, &a)?;
        m.delete_attr(&a.pos[0], &name)?;
        Ok(Value::None)
    }),
    plain!("setattr", |m, a| {
        arity(m, &a, "setattr", 3, 3)?;
        let name = name_of(m, &a)?;
        m.set_attr(&a.pos[0], &name, a.pos[2].clone())?;
        Ok(Value::None)
    }),
    plain!("getattr", |m, a| {
        arity(m, &a, "getattr", 2, 3)?;
        let name = known_name(m, &a)?;
        match (m.find_attr(&a.pos[0], &name), a.pos.get(2)) {
            (Ok(Some(value)), _) => Ok(value),
            (Ok(None), Some(default)) => Ok(default.clone()),
            (Ok(None), None) => m.get_attr(&a.pos[0], &name),
            (Err(fail), Some(default)) if m.is_raised(&fail, Ty::AttributeError) => Ok(default.clone()),
            (Err(fail), _) => Err(fail),
        }
    }),
    plain!("hasattr", |m, a| {
        arity(m, &a, "hasattr", 2, 2)?;
        let name = known_name(m, &a)?;
        if let Some(unknown) = a.pos[0].as_unknown().filter(|unknown| unknown.is_harmless) {
            return Ok(Value::harmless(&format!("hasattr({}, {name})", unknown.name)));
        }
        match m.find_attr(&a.pos[0], &name) {
            Ok(found) => Ok(Value::Bool(found.is_some())),
            Err(fail) if m.is_raised(&fail, Ty::AttributeError) => Ok(Value::Bool(false)),
            Err(fail) => Err(fail),
        }
    }),
    plain!("dir", |m, a| match a.pos.first() {
        Some(x) => dir(m, &x.clone()),
        None => {
            let names = namespace(m);
            let keys = m.iterate(&names)?;
            let sorted = sort(m, keys, None, None)?;
            Ok(m.new_list(sorted))
        }
    }),
    plain!("vars", |m, a| match a.pos.first() {
        Some(x) => m.get_attr(&x.clone(), "__dict__"),
        None => Ok(namespace(m)),
    }),
    plain!("globals", |m, _| Ok(m.contexts.last().map_or(Value::None, |context| Value::Obj(context.globals)))),
    plain!("locals", |m, _| Ok(namespace(m))),
    plain!("id", |m, a| {
        arity(m, &a, "id", 1, 1)?;
        Ok(identity(m, &a.pos[0]))
    }),
    plain!("divmod", |m, a| {
        arity(m, &a, "divmod", 2, 2)?;
        if let Some(value) = m.overrides(&a.pos[0], "__divmod__") {
            return m.call(&value, a);
        }
        let quotient = m.binary(Operator::FloorDiv, &a.pos[0], &a.pos[1], false)?;
        let rest = m.binary(Operator::Mod, &a.pos[0], &a.pos[1], false)?;
        Ok(Value::tuple([quotient, rest]))
    }),
    plain!("eval", |m, a| run_text(m, &a, true)),
    plain!("exec", |m, a| run_text(m, &a, false)),
    plain!("format", |m, a| {
        let value = required(m, &a, 0, "format")?;
        let spec = a.pos.get(1).cloned().unwrap_or(Value::str(""));
        m.format(&value, &spec)
    }),
    plain!("hash", |m, a| {
        arity(m, &a, "hash", 1, 1)?;
        if let Some(value) = known(m, &a.pos[0], "__hash__")? {
            return Ok(value);
        }
        let plain = m.plain(&a.pos[0]);
        if let Some(method) = m.overrides(&a.pos[0], "__hash__")
            && !method.is_none()
        {
            return m.call(&method, a);
        }
        let hash = m.hash(&a.pos[0])?;
        Ok(match plain {
            Value::Int(value) => Value::Int(value),
            Value::Bool(value) => Value::Int(i64::from(value)),
            _ => Value::Int(hash as i64 >> 3),
        })
    }),
    plain!("isinstance", |m, a| {
        arity(m, &a, "isinstance", 2, 2)?;
        if let Some(unknown) = a.pos[0].as_unknown().filter(|unknown| unknown.is_harmless)
            && !m.is_in_model()
        {
            return Ok(Value::harmless(&format!("isinstance({}, ...)", unknown.name)));
        }
        m.check_instance(&a.pos[0], &a.pos[1]).map(Value::Bool)
    }),
    plain!("issubclass", |m, a| {
        arity(m, &a, "issubclass", 2, 2)?;
        m.check_subclass(&a.pos[0], &a.pos[1]).map(Value::Bool)
    }),
    plain!("iter", |m, a| {
        arity(m, &a, "iter", 1, 2)?;
        match a.pos.get(1) {
            Some(sentinel) => {
                let state = Iterator::Call { function: a.pos[0].clone(), sentinel: sentinel.clone() };
                Ok(m.new_obj(Ty::Iterator, Body::Iterator(Box::new(state))))
            }
            None => {
                if let Some(value) = known(m, &a.pos[0], "__iter__")? {
                    return Ok(value);
                }
                m.get_iter(&a.pos[0])
            }
        }
    }),
    plain!("len", |m, a| {
        arity(m, &a, "len", 1, 1)?;
        Ok(Value::Int(m.len(&a.pos[0])? as i64))
    }),
    plain!("max", |m, a| extreme(m, &a, CmpOp::Gt, "max")),
    plain!("min", |m, a| extreme(m, &a, CmpOp::Lt, "min")),
    plain!("next", |m, a| {
        arity(m, &a, "next", 1, 2)?;
        let found = if m.overrides(&a.pos[0], "__next__").is_some() {
            match m.call_special(&a.pos[0], "__next__", Vec::new()) {
                Err(fail) if m.is_raised(&fail, Ty::StopIteration) && a.pos.len() > 1 => None,
                result => result?,
            }
        } else {
            m.next(&a.pos[0])?
        };
        match (found, a.pos.get(1)) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => m.raise_with(Ty::StopIteration, Vec::new()),
        }
    }),
    plain!("pow", |m, a| {
        let (x, y) = (required(m, &a, 0, "pow")?, required(m, &a, 1, "pow")?);
        match a.get(2, "mod") {
            Some(modulus) if !modulus.is_none() => super::number::power(m, &x, &y, &modulus.clone()),
            _ => m.binary(Operator::Pow, &x, &y, false),
        }
    }),
    plain!("print", |m, a| {
        for (name, _) in &a.kw {
            if !matches!(&**name, "sep" | "end" | "file" | "flush") {
                let message = format!("print() got an unexpected keyword argument '{name}'");
                return m.type_error(message);
            }
        }
        let fail = m.violation(Rule::PrintsAtImport, &["print"], Value::None);
        if let crate::value::Fail::Violation(violation) = fail {
            m.record_aside(*violation);
        }
        Ok(Value::None)
    }),
    plain!("repr", |m, a| {
        arity(m, &a, "repr", 1, 1)?;
        Ok(Value::Str(m.repr(&a.pos[0])?.into()))
    }),
    plain!("round", |m, a| {
        let x = required(m, &a, 0, "round")?;
        if let Some(value) = known(m, &x, "__round__")? {
            return Ok(value);
        }
        super::number::round(m, &x, a.get(1, "ndigits").cloned())
    }),
    plain!("sorted", |m, a| {
        let items = {
            let value = required(m, &a, 0, "sorted")?;
            m.iterate(&value)?
        };
        let sorted = sort(m, items, a.keyword("key").cloned(), a.keyword("reverse").cloned())?;
        Ok(m.new_list(sorted))
    }),
    plain!("sum", |m, a| {
        let items = {
            let value = required(m, &a, 0, "sum")?;
            m.iterate(&value)?
        };
        let mut total = a.get(1, "start").cloned().unwrap_or(Value::Int(0));
        for item in items {
            total = m.add(&total, &item)?;
        }
        Ok(total)
    }),
    plain!("compile", compile),
    plain!("__import__", |m, a| {
        let name = required(m, &a, 0, "__import__")?;
        import_by_name(m, &name, true)
    }),
    plain!("input", |m, _| prohibit(m, "input")),
    plain!("open", |m, _| prohibit(m, "open")),
    plain!("breakpoint", |m, _| prohibit(m, "breakpoint")),
    plain!("help", |m, _| prohibit(m, "help")),
    plain!("exit", |m, _| prohibit(m, "exit")),
    plain!("quit", |m, _| prohibit(m, "quit")),
    plain!("aiter", |m, _| m.unsupported("aiter", "")),
    plain!("anext", |m, _| m.unsupported("anext", "")),
    plain!("copyright", |m, _| prohibit(m, "copyright")),
    plain!("credits", |m, _| prohibit(m, "credits")),
    plain!("license", |m, _| prohibit(m, "license")),
];

fn prohibit(m: &mut Machine<'_>, name: &str) -> R {
    Err(m.violation(Rule::ProhibitedBuiltin, &[name], Value::unknown(&format!("{name}()"))))
}

/// As [`name_of`], to look something up: what nobody knows gives what nobody knows.
fn known_name(m: &mut Machine<'_>, a: &Args) -> R<Arc<str>> {
    match &a.pos[1] {
        Value::Unknown(_) => m.unsupported_value("attribute name", &a.pos[1]),
        _ => name_of(m, a),
    }
}

fn name_of(m: &mut Machine<'_>, a: &Args) -> R<Arc<str>> {
    match m.plain(&a.pos[1]) {
        Value::Str(name) => Ok(name),
        Value::Unknown(unknown) => {
            let shown = unknown.name.clone();
            m.unsupported("attribute name", &shown)
        }
        _ => m.type_error("attribute name must be string"),
    }
}

/// The namespace of the frame that calls.
/// A number that is the same for the same object and no other's. The real one differs in each process, and nothing but comparing may be done
/// with it.
fn identity(m: &Machine<'_>, value: &Value) -> Value {
    match value {
        Value::Obj(obj) if obj.heap == 0 => Value::Int((1 << 40) + i64::from(obj.index) * 16),
        Value::Obj(obj) if obj.heap == m.unit => Value::Int((1 << 44) + i64::from(obj.index) * 16),
        Value::None => Value::Int(1 << 41),
        // Objects of other modules have numbers that depend on the order of evaluation.
        _ => Value::harmless("id()"),
    }
}

fn namespace(m: &Machine<'_>) -> Value {
    match m.contexts.last() {
        Some(context) => context.names.clone().unwrap_or(Value::Obj(context.globals)),
        None => Value::None,
    }
}

fn quantify(m: &mut Machine<'_>, a: &Args, name: &str, wanted: bool) -> R {
    arity(m, a, name, 1, 1)?;
    let iterator = m.get_iter_soft(&a.pos[0])?;
    let mut undecided = None;
    while let Some(item) = m.next(&iterator)? {
        if item.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
            undecided = Some(Value::harmless(&format!("{name}()")));
        } else if m.test(&item)? == Some(wanted) {
            return Ok(Value::Bool(wanted));
        }
    }
    Ok(undecided.unwrap_or(Value::Bool(!wanted)))
}

fn in_base(m: &mut Machine<'_>, a: &Args, radix: u32, prefix: &str) -> R {
    arity(m, a, "base", 1, 1)?;
    let number = match m.plain(&a.pos[0]) {
        Value::Big(value) => (*value).clone(),
        _ => BigInt::from(m.as_index(&a.pos[0])?),
    };
    let digits = number.magnitude().to_str_radix(radix);
    let sign = if number.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    Ok(Value::Str(format!("{sign}{prefix}{digits}").into()))
}

fn extreme(m: &mut Machine<'_>, a: &Args, operator: CmpOp, name: &str) -> R {
    if let Some((key, _)) = a.kw.iter().find(|(key, _)| !matches!(&**key, "key" | "default")) {
        let message = format!("{name}() got an unexpected keyword argument '{key}'");
        return m.type_error(message);
    }
    let items = match &a.pos[..] {
        [] => return m.type_error(format!("{name} expected at least 1 argument, got 0")),
        [only] => m.iterate(&only.clone())?,
        many => many.to_vec(),
    };
    let key = a.keyword("key").cloned().filter(|key| !key.is_none());
    let mut best: Option<(Value, Value)> = None;
    for item in items {
        let rank = match &key {
            Some(key) => m.call(key, Args::new([item.clone()]))?,
            None => item.clone(),
        };
        let is_better = match &best {
            None => true,
            Some((_, known)) => {
                let verdict = m.compare(operator, &rank, &known.clone())?;
                m.truth(&verdict)?
            }
        };
        if is_better {
            best = Some((item, rank));
        }
    }
    match (best, a.keyword("default")) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => m.raise(Ty::ValueError, format!("{name}() iterable argument is empty")),
    }
}

/// Sorts stably, by merging, so that comparisons may fail.
pub(super) fn sort(
    m: &mut Machine<'_>,
    items: Vec<Value>,
    key: Option<Value>,
    reverse: Option<Value>,
) -> R<Vec<Value>> {
    let reverse = match reverse {
        Some(reverse) => m.truth(&reverse)?,
        None => false,
    };
    let mut ranked = Vec::with_capacity(items.len());
    for item in items {
        let rank = match key.as_ref().filter(|key| !key.is_none()) {
            Some(key) => m.call(key, Args::new([item.clone()]))?,
            None => item.clone(),
        };
        ranked.push((rank, item));
    }
    if reverse {
        ranked.reverse();
    }
    let mut width = 1;
    while width < ranked.len() {
        m.charge(ranked.len())?;
        let mut merged = Vec::with_capacity(ranked.len());
        for chunk in ranked.chunks(2 * width) {
            let (left, right) = chunk.split_at(width.min(chunk.len()));
            let (mut i, mut j) = (0, 0);
            while i < left.len() && j < right.len() {
                let verdict = m.compare(CmpOp::Lt, &right[j].0, &left[i].0)?;
                if m.truth(&verdict)? {
                    merged.push(right[j].clone());
                    j += 1;
                } else {
                    merged.push(left[i].clone());
                    i += 1;
                }
            }
            merged.extend_from_slice(&left[i..]);
            merged.extend_from_slice(&right[j..]);
        }
        ranked = merged;
        width *= 2;
    }
    if reverse {
        ranked.reverse();
    }
    Ok(ranked.into_iter().map(|(_, item)| item).collect())
}

pub(super) fn dir(m: &mut Machine<'_>, x: &Value) -> R {
    if m.overrides(x, "__dir__").is_some() {
        let names = m.call_special(x, "__dir__", Vec::new())?.unwrap_or(Value::None);
        let names = m.iterate(&names)?;
        let sorted = sort(m, names, None, None)?;
        return Ok(m.new_list(sorted));
    }
    if let Some(value) = known(m, x, "__dir__")? {
        return Ok(value);
    }
    let mut names: Vec<Value> = Vec::new();
    if let Some(obj) = x.as_obj() {
        if let Some(dict) = m.module_of(obj).map(|module| module.dict) {
            // What modules inherit is left out.
            let names = m.iterate(&Value::Obj(dict))?;
            let sorted = sort(m, names, None, None)?;
            return Ok(m.new_list(sorted));
        }
        let own = m.obj(obj).attrs;
        if let Some(dict) = own {
            names.extend(m.iterate(&Value::Obj(dict))?);
        }
    }
    let class = m.as_class(x).or_else(|| m.class_of(x));
    for base in class.and_then(|class| m.class(class)).map(|class| class.mro.clone()).unwrap_or_default() {
        if let Some(class) = base.as_obj().and_then(|base| m.class(base)) {
            names.extend(class.dict.iter().map(|(key, _)| key.clone()));
        }
    }
    let mut unique: Vec<Arc<str>> = names.iter().filter_map(|name| name.as_str().cloned()).collect();
    unique.sort();
    unique.dedup();
    let unique = unique.into_iter().map(Value::Str).collect();
    Ok(m.new_list(unique))
}

/// A code object that holds its text; `exec` and `eval` parse it.
fn compile(m: &mut Machine<'_>, a: Args) -> R {
    let source = required(m, &a, 0, "compile")?;
    match m.plain(&source) {
        text @ Value::Str(_) => Ok(m.new_obj(Ty::Code, Body::Scalar(text))),
        Value::Unknown(unknown) if unknown.is_harmless => Ok(Value::harmless("compile()")),
        _ => Ok(source),
    }
}

/// `exec` and `eval`.
fn run_text(m: &mut Machine<'_>, a: &Args, is_eval: bool) -> R {
    let name = if is_eval { "eval" } else { "exec" };
    if a.pos.is_empty() || a.pos.len() > 3 {
        return m.type_error(format!("{name} expected 1 to 3 arguments"));
    }
    if let Some(value) = known(m, &a.pos[0], "__str__")? {
        return Ok(value);
    }
    let text = match m.plain(&a.pos[0]) {
        Value::Str(text) => text,
        _ => return m.type_error(format!("{name}() arg 1 must be a string, bytes or code object")),
    };
    let given = a.get(1, "globals").cloned().filter(|globals| !globals.is_none());
    if given.is_none() && m.settings.is_compatible {
        return m.type_error(format!("calling {name}() without globals is not supported"));
    }
    let context = m.contexts.last().map(|context| (context.globals, context.module, context.names.clone()));
    let Some((current, module, current_names)) = context else { return Ok(Value::None) };
    let globals = match &given {
        Some(globals) => match globals.as_obj().filter(|obj| matches!(m.body(*obj), Body::Dict(_))) {
            Some(dict) => dict,
            None => return m.type_error(format!("{name}() globals must be a dict")),
        },
        None => current,
    };
    let names = match a.get(2, "locals").cloned().filter(|locals| !locals.is_none()) {
        Some(locals) => locals,
        None if given.is_some() => Value::Obj(globals),
        None => current_names.unwrap_or(Value::Obj(globals)),
    };
    let mode = if is_eval { cinder_syntax::Mode::Expression } else { cinder_syntax::Mode::Module };
    let mut parsed = cinder_syntax::parse(text.trim_start_matches([' ', '\t']), mode);
    // Statements may be given to `eval` when they are compiled.
    let is_compiled = a.pos[0].as_obj().is_some_and(|obj| m.obj(obj).class == Ty::Code.obj());
    let mut is_eval = is_eval;
    if is_eval && is_compiled && !parsed.is_valid() {
        let statements = cinder_syntax::parse_module(&text);
        if statements.is_valid() {
            (parsed, is_eval) = (statements, false);
        }
    }
    if let Some(error) = parsed.first_error() {
        let message = error.message.clone();
        return m.raise(Ty::SyntaxError, message);
    }
    m.charge(text.len() / 8)?;
    let source = crate::lower::Source {
        module: parsed.module(),
        text: &text,
        piece: Piece::Text,
        items: None,
        has_lazy_annotations: m.settings.python_minor >= 14,
        has_future_annotations: false,
    };
    let code = if is_eval { crate::lower::lower_eval(&source) } else { crate::lower::lower_module(&source) };
    let mut code = code;
    // Positions inside the text mean nothing outside; failures are at the call.
    let here = m.span();
    code.piece = here.piece;
    code.spans.iter_mut().for_each(|span| *span = here.range);
    let mut frame = Frame::new(Arc::new(code), module, globals);
    frame.names = Some(names);
    m.prepare(&mut frame);
    let is_collecting = m.is_collecting();
    match m.enter(&mut frame, is_collecting)? {
        crate::machine::Exit::Return(value) if is_eval => Ok(value),
        _ => Ok(Value::None),
    }
}

fn import_by_name(m: &mut Machine<'_>, name: &Value, wants_first: bool) -> R {
    let Value::Str(name) = m.plain(name) else {
        let shown = m.show(name);
        return m.unsupported("import", &shown);
    };
    let wanted = if wants_first { name.split('.').next().unwrap_or_default() } else { &name };
    let importer = m.owner;
    match m.locate(&name, importer) {
        crate::machine::import::Located::Value(_) => match m.locate(wanted, importer) {
            crate::machine::import::Located::Value(module) => Ok(Value::Obj(module)),
            _ => Ok(Value::unknown(&format!("<imported module {name}>"))),
        },
        crate::machine::import::Located::Harmless => Ok(Value::harmless(wanted)),
        // A module whose package is known and does not have it.
        crate::machine::import::Located::Missing
            if name.rsplit_once('.').is_some_and(|(parent, _)| {
                matches!(m.locate(parent, importer), crate::machine::import::Located::Value(_))
            }) =>
        {
            Err(m.import_error(&name))
        }
        _ => Ok(Value::unknown(&format!("<imported module {name}>"))),
    }
}

/// Names that mean something in models only, and in user-written `.pys` stubs.
pub(super) static INTRINSICS: &[Native] = &[
    plain!("loose_isinstance", |m, a| {
        let (x, kind) = (required(m, &a, 0, "loose_isinstance")?, required(m, &a, 1, "loose_isinstance")?);
        if x.is_unknown() || kind.is_unknown() {
            return Ok(Value::Bool(false));
        }
        m.check_instance(&x, &kind).map(Value::Bool)
    }),
    plain!("__strict_copy__", |m, a| {
        let x = required(m, &a, 0, "__strict_copy__")?;
        deep_copy(m, &x)
    }),
    plain!("__strict_tryimport__", |m, a| {
        let name = required(m, &a, 0, "__strict_tryimport__")?;
        let value = import_by_name(m, &name, false)?;
        Ok(if value.is_unknown() { Value::None } else { value })
    }),
    plain!("_known_unknown_obj", |m, a| {
        let name = required(m, &a, 0, "_known_unknown_obj")?;
        Ok(Value::unknown(&m.show(&name)))
    }),
    plain!("_known_unknown_callable", |m, a| {
        let name = required(m, &a, 0, "_known_unknown_callable")?;
        let shown = m.show(&name);
        Ok(Value::unknown(&format!("{shown}()")))
    }),
    // Harmless, contents unknown.
    plain!("__opaque__", |m, a| {
        let name = required(m, &a, 0, "__opaque__")?;
        Ok(Value::harmless(&m.show(&name)))
    }),
    plain!("__is_unknown__", |_, a| Ok(Value::Bool(a.pos.first().is_some_and(Value::is_unknown)))),
    // A violation: the level, and what does it.
    plain!("__effect__", |m, a| {
        let (level, what) = (required(m, &a, 0, "__effect__")?, required(m, &a, 1, "__effect__")?);
        let (level, what) = (m.show(&level), m.show(&what));
        let rule = match &*level {
            "environment" => Rule::ReadsEnvironment,
            "nondeterministic" => Rule::Nondeterministic,
            "process" => Rule::MutatesProcess,
            "registers" => Rule::Registers,
            _ => Rule::PerformsIo,
        };
        Err(m.violation(rule, &[&what], Value::unknown(&format!("{what}()"))))
    }),
    // The class's own annotations, evaluated.
    plain!("__annotations_of__", |m, a| {
        let x = required(m, &a, 0, "__annotations_of__")?;
        match m.as_class(&x) {
            Some(class) => m.class_annotations(class),
            None => m.get_attr(&x, "__annotations__"),
        }
    }),
    plain!("__union__", |m, a| Ok(m.make_union(a.pos))),
    plain!("__alias__", |m, a| {
        let (origin, args) = (required(m, &a, 0, "__alias__")?, required(m, &a, 1, "__alias__")?);
        Ok(m.generic_alias(&origin, &args))
    }),
    plain!("__builtin_type__", |m, a| {
        let name = required(m, &a, 0, "__builtin_type__")?;
        Ok(Ty::by_name(&m.show(&name)).map_or(Value::None, Ty::value))
    }),
    // The name of the module whose code called the model's function.
    plain!("__caller__", |m, _| {
        let current = m.current_module();
        let caller = m.contexts.iter().rev().map(|context| context.module).find(|module| Some(*module) != current);
        let name = caller.and_then(|module| m.module_of(module)).map(|module| module.name.clone());
        Ok(name.map_or(Value::None, Value::Str))
    }),
    // Begins or ends a block after which the warning filters are as before; whether the caller runs inside one.
    plain!("__filters_are_kept__", |m, a| {
        // The frames of this model's function do not count.
        let frames = m.contexts.len().saturating_sub(1);
        match a.pos.first() {
            Some(Value::Bool(true)) => m.filter_guards.push(frames),
            Some(Value::Bool(false)) => {
                m.filter_guards.pop();
            }
            _ => {}
        }
        Ok(Value::Bool(!m.filter_guards.is_empty()))
    }),
    plain!("__platform__", |m, _| Ok(Value::str(&m.settings.platform.clone()))),
    plain!("__python_minor__", |m, _| Ok(Value::Int(i64::from(m.settings.python_minor)))),
    plain!("__import_module__", |m, a| {
        let name = required(m, &a, 0, "import_module")?;
        import_by_name(m, &name, false)
    }),
    plain!("__mark_mutable__", |m, a| {
        let x = required(m, &a, 0, "mutable")?;
        if let Some(class) = m.as_class(&x)
            && let Body::Class(class) = &mut m.change(class)?.body
        {
            class.is_mutable = true;
        }
        Ok(x)
    }),
    plain!("__check_owner__", |m, a| {
        let x = required(m, &a, 0, "marker")?;
        if let Some(obj) = x.as_obj() {
            m.change(obj)?;
        }
        Ok(x)
    }),
];

fn deep_copy(m: &mut Machine<'_>, x: &Value) -> R {
    let Some(obj) = x.as_obj() else {
        if let Value::Tuple(items) = x {
            let mut copies = Vec::new();
            for item in items.iter() {
                copies.push(deep_copy(m, item)?);
            }
            return Ok(Value::tuple(copies));
        }
        return Ok(x.clone());
    };
    m.charge(1)?;
    m.deeper(|m| match m.body(obj).clone() {
        Body::List(items) => {
            let mut copies = Vec::new();
            for item in &items {
                copies.push(deep_copy(m, item)?);
            }
            Ok(m.new_list(copies))
        }
        Body::Dict(dict) => {
            let copy = m.new_dict();
            for (key, value) in dict.iter() {
                let (key, value) = (deep_copy(m, key)?, deep_copy(m, value)?);
                m.dict_put(copy, key, value, true)?;
            }
            Ok(Value::Obj(copy))
        }
        Body::Set(set) => {
            let items = set.iter().map(|(key, _)| key.clone()).collect();
            m.new_set(Ty::Set, items)
        }
        Body::Plain => {
            let shown = m.show(x);
            m.unsupported("__strict_copy__", &shown)
        }
        _ => Ok(x.clone()),
    })
}
