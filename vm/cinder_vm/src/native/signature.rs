//! Signatures of native functions: parsing the text form and binding arguments to slots.

use crate::value_vec::ValueVec;
use cinder_layout::Value;

use super::{Arg, NativeDef, NativeKind, PyResult};
use crate::vm::Vm;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterKind {
    PositionalOnly,
    PositionalOrKeyword,
    VarArgs,
    KeywordOnly,
    VarKeywords,
}

#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: ParameterKind,
    pub required: bool,
}

/// Parsed parameters in declaration order.
#[derive(Debug)]
pub struct Signature {
    parameters: Box<[Parameter]>,
    /// Positional parameters (both kinds).
    positional: usize,
    required_positional: usize,
    var_args: Option<usize>,
    var_keywords: Option<usize>,
}

impl Signature {
    /// Parses `inspect`'s text form. The text is ours, so a malformed one is a bug and panics in tests.
    pub fn parse(text: &'static str) -> Signature {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut kind = ParameterKind::PositionalOrKeyword;
        for piece in split_top_level(text) {
            let piece = piece.trim();
            if piece.is_empty() {
                continue;
            }
            if piece == "/" {
                for parameter in &mut parameters {
                    parameter.kind = ParameterKind::PositionalOnly;
                }
            } else if piece == "*" {
                kind = ParameterKind::KeywordOnly;
            } else if let Some(name) = piece.strip_prefix("**") {
                parameters.push(Parameter { name, kind: ParameterKind::VarKeywords, required: false });
            } else if let Some(name) = piece.strip_prefix('*') {
                parameters.push(Parameter { name, kind: ParameterKind::VarArgs, required: false });
                kind = ParameterKind::KeywordOnly;
            } else {
                let (name, required) = match piece.split_once('=') {
                    Some((name, _)) => (name.trim(), false),
                    None => (piece, true),
                };
                parameters.push(Parameter { name: name.trim_start_matches('$'), kind, required });
            }
        }
        let is_positional =
            |p: &&Parameter| matches!(p.kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword);
        let positional = parameters.iter().filter(is_positional).count();
        let required_positional = parameters.iter().filter(is_positional).filter(|p| p.required).count();
        let find = |kind| parameters.iter().position(|p| p.kind == kind);
        let (var_args, var_keywords) = (find(ParameterKind::VarArgs), find(ParameterKind::VarKeywords));
        let parameters = parameters.into();
        Signature { parameters, positional, required_positional, var_args, var_keywords }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Binds and calls. `args` ends with the values of `keyword_names`.
    pub(super) fn call(
        &self,
        vm: &Vm,
        def: &NativeDef,
        args: &[Value],
        keyword_names: Option<Value>,
    ) -> PyResult<Value> {
        let names = match keyword_names {
            Some(names) => vm.tuple_items(names),
            None => &[],
        };
        let (given, values) = args.split_at(args.len() - names.len());
        if let Some(slots) = self.bind_simply(vm, given, names, values) {
            return (def.func)(vm, &slots[..self.parameters.len()]);
        }
        let mut slots: ValueVec<[Arg; 8]> = ValueVec::from_elem(None, self.parameters.len());
        let direct = given.len().min(self.positional);
        for (slot, value) in slots.iter_mut().zip(&given[..direct]) {
            *slot = Some(*value);
        }
        if given.len() > self.positional && self.var_args.is_none() {
            return Err(self.too_many(vm, def, given.len(), !names.is_empty()));
        }
        if let Some(index) = self.var_args {
            slots[index] = Some(vm.new_tuple(&given[direct..])?);
        }
        let mut extra: Option<Value> = None;
        for (name, value) in names.iter().zip(values) {
            self.bind_keyword(vm, def, &mut slots, &mut extra, *name, *value)?;
        }
        if let Some(index) = self.var_keywords {
            slots[index] = extra;
        }
        for (index, parameter) in self.parameters.iter().enumerate() {
            if parameter.required && slots[index].is_none() {
                return Err(self.missing(vm, def, index, given.len()));
            }
        }
        (def.func)(vm, &slots)
    }

    /// Slots of a call that needs neither tuple nor dict and has no mistake; `None`: the general way.
    fn bind_simply(&self, vm: &Vm, given: &[Value], names: &[Value], values: &[Value]) -> Option<[Arg; 8]> {
        let mut slots: [Arg; 8] = [None; 8];
        if self.parameters.len() > slots.len() || self.var_args.is_some() || given.len() > self.positional {
            return None;
        }
        for (slot, value) in slots.iter_mut().zip(given) {
            *slot = Some(*value);
        }
        for (name, value) in names.iter().zip(values) {
            let text = vm.as_str(*name)?;
            let text = text.as_ascii()?;
            let takes = |p: &Parameter| {
                p.name == text && matches!(p.kind, ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly)
            };
            let slot = &mut slots[self.parameters.iter().position(takes)?];
            if slot.replace(*value).is_some() {
                return None;
            }
        }
        let is_complete = self.parameters.iter().zip(&slots).all(|(p, slot)| !p.required || slot.is_some());
        is_complete.then_some(slots)
    }

    fn bind_keyword(
        &self,
        vm: &Vm,
        def: &NativeDef,
        slots: &mut [Arg],
        extra: &mut Option<Value>,
        name: Value,
        value: Value,
    ) -> PyResult<()> {
        let text = vm.str_text(name);
        let found = self.parameters.iter().position(|p| {
            p.name == text && matches!(p.kind, ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly)
        });
        match found {
            Some(index) if slots[index].is_some() => {
                let place = index + 1 - self.self_count(def);
                Err(vm
                    .type_error(format!("argument for {}() given by name ('{text}') and position ({place})", def.name)))
            }
            Some(index) => {
                slots[index] = Some(value);
                Ok(())
            }
            None if self.var_keywords.is_some() => {
                let dict = match *extra {
                    Some(dict) => dict,
                    None => *extra.insert(vm.new_dict()?),
                };
                vm.dict_set(dict, name, value)
            }
            None if self.takes_keywords() => {
                let named = self
                    .parameters
                    .iter()
                    .filter(|p| matches!(p.kind, ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly));
                let similar = crate::exception::suggest::closest(&text, named.map(|p| p.name));
                let hint = similar.map_or_else(String::new, |similar| format!(". Did you mean '{similar}'?"));
                Err(vm.type_error(format!("{}() got an unexpected keyword argument '{text}'{hint}", def.name)))
            }
            None => Err(vm.type_error(format!("{}() takes no keyword arguments", self.display_name(vm, def)))),
        }
    }

    fn takes_keywords(&self) -> bool {
        self.parameters
            .iter()
            .any(|p| matches!(p.kind, ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly))
    }

    /// Parameters that the user does not write: self or cls.
    fn self_count(&self, def: &NativeDef) -> usize {
        usize::from(matches!(def.kind, NativeKind::Method | NativeKind::ClassMethod))
    }

    /// `list.append` for methods, `len` for functions, as in CPython's messages.
    fn display_name(&self, vm: &Vm, def: &NativeDef) -> String {
        vm.native_display_name(def)
    }

    /// Whether CPython would declare the function with METH_O, which has errors of its own: no constructor, no keywords.
    fn is_one_object(&self, def: &NativeDef, display_name: &str) -> bool {
        let is_constructor = def.kind == NativeKind::Method && !display_name.contains('.');
        self.var_keywords.is_none() && !is_constructor
    }

    fn too_many(&self, vm: &Vm, def: &NativeDef, given: usize, _keywords: bool) -> crate::native::Raised {
        let own = self.self_count(def);
        let (given, most, least) = (given - own, self.positional - own, self.required_positional - own);
        let name = self.display_name(vm, def);
        if self.takes_keywords() {
            if most == 0 {
                return vm.type_error(format!("{}() takes no positional arguments", def.name));
            }
            let at_most = if most == least { "exactly" } else { "at most" };
            let kind =
                if self.parameters.iter().any(|p| p.kind == ParameterKind::KeywordOnly) { " positional" } else { "" };
            let plural = if most == 1 { "" } else { "s" };
            return vm
                .type_error(format!("{}() takes {at_most} {most}{kind} argument{plural} ({given} given)", def.name));
        }
        vm.type_error(match (most, least) {
            (0, _) => format!("{name}() takes no arguments ({given} given)"),
            (1, 1) if self.is_one_object(def, &name) => format!("{name}() takes exactly one argument ({given} given)"),
            _ if most == least => {
                format!("{} expected {most} argument{}, got {given}", def.name, if most == 1 { "" } else { "s" })
            }
            _ => format!(
                "{} expected at most {most} argument{}, got {given}",
                def.name,
                if most == 1 { "" } else { "s" }
            ),
        })
    }

    fn missing(&self, vm: &Vm, def: &NativeDef, index: usize, given: usize) -> crate::native::Raised {
        let own = self.self_count(def);
        let parameter = &self.parameters[index];
        if index < own {
            return vm.type_error(format!("unbound method {}() needs an argument", def.name));
        }
        if parameter.kind != ParameterKind::PositionalOnly {
            return vm.type_error(format!(
                "{}() missing required argument '{}' (pos {})",
                def.name,
                parameter.name,
                index + 1 - own
            ));
        }
        let (given, most, least) = (given.saturating_sub(own), self.positional - own, self.required_positional - own);
        let name = self.display_name(vm, def);
        vm.type_error(match (most, least) {
            (1, 1) if self.is_one_object(def, &name) => format!("{name}() takes exactly one argument ({given} given)"),
            _ if most == least => {
                format!("{} expected {most} argument{}, got {given}", def.name, if most == 1 { "" } else { "s" })
            }
            _ => format!(
                "{} expected at least {least} argument{}, got {given}",
                def.name,
                if least == 1 { "" } else { "s" }
            ),
        })
    }
}

/// Splits at commas outside brackets and quotes.
fn split_top_level(text: &'static str) -> Vec<&'static str> {
    let (mut pieces, mut depth, mut start, mut quote) = (Vec::new(), 0i32, 0, None);
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                pieces.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}
