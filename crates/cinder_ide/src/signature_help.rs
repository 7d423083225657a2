//! The parameters of the call that is being written.

use cinder_db::{Db, File, source_text};
use cinder_syntax::ast::{AnyNodeRef, ArgOrKeyword, ExprCall};
use cinder_text::{Ranged, TextRange, TextSize};

use crate::describe::{ParameterKind, SignatureText, constructor, documentation, signature};
use crate::semantics::Semantics;
use crate::syntax::path_to;
use crate::ty::{Place, Ty};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHelp {
    pub signatures: Vec<Signature>,
    /// The one that fits the arguments written so far.
    pub active: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name and all parameters.
    pub label: String,
    /// The parts of `label` that are parameters, in bytes.
    pub parameters: Vec<(usize, usize)>,
    /// The parameter the cursor is at.
    pub active_parameter: Option<usize>,
    pub documentation: Option<String>,
}

pub fn signature_help(db: &dyn Db, file: File, offset: TextSize) -> Option<SignatureHelp> {
    let semantics = Semantics::new(db);
    let call = enclosing_call(db, file, offset)?;
    let callee = semantics.expression(file, &call.func);
    let mut signatures = Vec::new();
    let argument = Argument::at(db, file, call, offset);
    for callee in callee.members() {
        for (name, text, documentation) in signatures_of(&semantics, callee) {
            signatures.push(render(&name, &text, documentation, &argument));
        }
    }
    if signatures.is_empty() {
        return None;
    }
    let fits = |signature: &Signature| argument.is_before_all() || signature.active_parameter.is_some();
    let active = signatures.iter().position(fits).unwrap_or(0);
    Some(SignatureHelp { signatures, active })
}

/// The innermost call whose parentheses are around the cursor.
pub(crate) fn enclosing_call(db: &dyn Db, file: File, offset: TextSize) -> Option<&ExprCall> {
    let text = source_text(db, file).as_str();
    let before = offset.to_usize().min(text.len());
    // A call that is not closed may end before the spaces in front of the cursor.
    let trimmed = text[..cinder_text::floor_char_boundary(text, before)].trim_end().len();
    let places = [offset, TextSize::new(trimmed as u32)];
    places.into_iter().find_map(|place| {
        path_to(db, file, TextRange::empty(place)).into_iter().rev().find_map(|node| match node {
            AnyNodeRef::ExprCall(call) => {
                let range = call.arguments.range;
                let is_closed =
                    text.get(range.to_std_range()).is_some_and(|text| text.ends_with(')') && text.len() > 1);
                let is_inside = range.start() < place && (place < range.end() || !is_closed);
                is_inside.then_some(call)
            }
            // The arguments of a call around a function are not what is being written in its body.
            _ => None,
        })
    })
}

fn signatures_of(semantics: &Semantics<'_>, callee: &Ty) -> Vec<(String, SignatureText, Option<String>)> {
    let of_function = |function: Place, is_bound: bool| {
        let node = semantics.function_node(function)?;
        let def = semantics.def_with_range(function.file, node.name.range);
        let documentation = def.and_then(|def| documentation(semantics, &def));
        Some((node.name.to_string(), signature(semantics, function, is_bound), documentation))
    };
    match callee {
        Ty::Function(function, receiver) => {
            let all = semantics.overloads(*function);
            all.into_iter().filter_map(|function| of_function(function, receiver.is_some())).collect()
        }
        Ty::Class(class, _) => {
            let Some(node) = semantics.class_node(*class) else { return Vec::new() };
            let def = semantics.def_with_range(class.file, node.name.range);
            let documentation = def.and_then(|def| documentation(semantics, &def));
            let init = semantics.class_members(*class, &[], "__init__").pop();
            let init = init.and_then(|member| match semantics.type_of_def(&member.def) {
                Ty::Function(function, _) => Some(semantics.overloads(function)),
                _ => None,
            });
            match init {
                Some(all) if all.len() > 1 => all
                    .into_iter()
                    .map(|function| {
                        let text = SignatureText { returns: None, ..signature(semantics, function, true) };
                        (node.name.to_string(), text, documentation.clone())
                    })
                    .collect(),
                _ => vec![(node.name.to_string(), constructor(semantics, *class), documentation)],
            }
        }
        Ty::Instance(..) => match semantics.member_type(callee, "__call__") {
            bound @ Ty::Function(..) => signatures_of(semantics, &bound),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Which argument the cursor is at.
struct Argument {
    /// Positional arguments before it.
    position: usize,
    keyword: Option<String>,
    /// Keyword arguments given elsewhere.
    given: Vec<String>,
    is_empty: bool,
}

impl Argument {
    fn at(db: &dyn Db, file: File, call: &ExprCall, offset: TextSize) -> Argument {
        let text = source_text(db, file).as_str();
        let mut argument = Argument { position: 0, keyword: None, given: Vec::new(), is_empty: true };
        for given in call.arguments.iter_source_order() {
            argument.is_empty = false;
            let end = given.range().end();
            // Up to the comma an argument is the one being written.
            let gap = text.get(end.to_usize()..offset.to_usize());
            let is_past = end < offset && gap.is_some_and(|gap| gap.contains(','));
            match given {
                ArgOrKeyword::Keyword(keyword) => {
                    if let Some(name) = &keyword.arg {
                        if is_past || given.range().start() > offset {
                            argument.given.push(name.to_string());
                        } else {
                            argument.keyword = Some(name.to_string());
                        }
                    }
                }
                ArgOrKeyword::Arg(_) if is_past => argument.position += 1,
                ArgOrKeyword::Arg(_) => {}
            }
        }
        argument
    }

    fn is_before_all(&self) -> bool {
        self.is_empty
    }

    fn parameter(&self, signature: &SignatureText) -> Option<usize> {
        if let Some(keyword) = &self.keyword {
            let named = signature.parameters.iter().position(|it| {
                it.name == *keyword
                    && !matches!(
                        it.kind,
                        ParameterKind::PositionalOnly | ParameterKind::Rest | ParameterKind::KeywordRest
                    )
            });
            return named.or_else(|| signature.parameters.iter().position(|it| it.kind == ParameterKind::KeywordRest));
        }
        let mut left = self.position;
        for (index, parameter) in signature.parameters.iter().enumerate() {
            match parameter.kind {
                ParameterKind::Rest => return Some(index),
                // Given by name already: the next one.
                ParameterKind::PositionalOnly | ParameterKind::Ordinary
                    if left == 0 && self.given.contains(&parameter.name) => {}
                ParameterKind::PositionalOnly | ParameterKind::Ordinary if left == 0 => return Some(index),
                ParameterKind::PositionalOnly | ParameterKind::Ordinary => left -= 1,
                ParameterKind::KeywordOnly if !self.given.contains(&parameter.name) => return None,
                _ => {}
            }
        }
        None
    }
}

fn render(name: &str, text: &SignatureText, documentation: Option<String>, argument: &Argument) -> Signature {
    let mut label = format!("{name}(");
    let mut parameters = Vec::new();
    for (index, parameter) in text.parameters.iter().enumerate() {
        if index > 0 {
            label.push_str(", ");
        }
        parameters.push((label.len(), label.len() + parameter.text.len()));
        label.push_str(&parameter.text);
    }
    label.push(')');
    if let Some(returns) = &text.returns {
        label.push_str(&format!(" -> {returns}"));
    }
    Signature { label, parameters, active_parameter: argument.parameter(text), documentation }
}
