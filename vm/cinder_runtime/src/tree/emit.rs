//! Objects of `_ast` to source text with places.
//!
//! Shape: one line per simple statement, one space of indentation per level; every expression that is more than an atom stands in parentheses,
//! except the left operand of an operator of the same level.

mod constant;
mod expression;
mod pattern;
mod statement;

use cinder_codegen::{Place, Places};
use cinder_heap::Gc;
use cinder_vm::interp::CompileMode;
use cinder_vm::types::dict::PyDict;
use cinder_vm::{PyResult, Value, Vm};

use super::stand_in::StandIns;

/// Text that means a tree.
pub(crate) struct Emitted {
    pub(crate) text: String,
    pub(crate) places: Places,
    /// What stands for names that the text cannot spell.
    pub(crate) stand_ins: StandIns,
}

/// Writes `tree`, which must be what `mode` wants: `_ast.Module`, `Expression` or `Interactive`.
///
/// Errors: TypeError and ValueError for trees that are none, as CPython's; RecursionError.
pub(crate) fn emit_tree(vm: &Vm, tree: Value, mode: CompileMode) -> PyResult<Emitted> {
    let classes = vm.import("_ast")?;
    let classes = vm.module_dict(classes).ok_or_else(|| vm.system_error("_ast is not a module"))?;
    let mut emitter =
        Emitter { vm, classes, text: String::new(), indent: 0, places: Vec::new(), stand_ins: StandIns::default() };
    let wanted = match mode {
        CompileMode::Exec => "Module",
        CompileMode::Eval => "Expression",
        CompileMode::Single => "Interactive",
    };
    if emitter.class_of(tree)?.as_deref() != Some(wanted) {
        let name = vm.type_name(tree);
        return Err(vm.type_error(format!("expected {wanted} node, got {name}")));
    }
    if mode == CompileMode::Eval {
        let body = emitter.required(tree, wanted, "body")?;
        emitter.expression(body)?;
    } else {
        emitter.statements(tree, wanted, "body")?;
        emitter.text.push('\n');
    }
    Ok(Emitted { text: emitter.text, places: Places::new(emitter.places), stand_ins: emitter.stand_ins })
}

struct Emitter<'a> {
    vm: &'a Vm,
    /// Namespace of `_ast`.
    classes: Gc<PyDict>,
    text: String,
    indent: usize,
    places: Vec<(u32, u32, Place)>,
    stand_ins: StandIns,
}

impl Emitter<'_> {
    /// Name of the class of `_ast` the node is an instance of; subclasses made elsewhere count as their base.
    fn class_of(&self, node: Value) -> PyResult<Option<String>> {
        let mut class = Some(self.vm.type_of(node));
        while let Some(found) = class {
            let name = found.name();
            let known = self.classes.get_interned(self.vm.intern(&name));
            if known.is_some_and(|known| self.vm.is(known, found.as_value())) {
                return Ok(Some(name));
            }
            class = found.base.get();
        }
        Ok(None)
    }

    /// The class of a node of category `category` (`expr`, `stmt` ...).
    fn kind(&self, node: Value, category: &str) -> PyResult<String> {
        let wanted = self.classes.get_interned(self.vm.intern(category)).and_then(|class| self.vm.as_class(class));
        if wanted.is_some_and(|wanted| self.vm.is_instance(node, wanted))
            && let Some(name) = self.class_of(node)?.filter(|name| name != category)
        {
            return Ok(name);
        }
        let shown = self.vm.repr_text(node)?;
        Err(self.vm.type_error(format!("expected some sort of {category}, but got {shown}")))
    }

    fn attribute(&self, node: Value, name: &str) -> PyResult<Option<Value>> {
        self.vm.getattr_opt(node, self.vm.intern(name))
    }

    /// A field that has to be there and is not None.
    fn required(&self, node: Value, class: &str, name: &str) -> PyResult<Value> {
        match self.attribute(node, name)? {
            None => Err(self.vm.type_error(format!("required field \"{name}\" missing from {class}"))),
            Some(value) if value.is_none() => {
                Err(self.vm.value_error(format!("field '{name}' is required for {class}")))
            }
            Some(value) => Ok(value),
        }
    }

    fn optional(&self, node: Value, name: &str) -> PyResult<Option<Value>> {
        Ok(self.attribute(node, name)?.filter(|value| !value.is_none()))
    }

    /// The items of a field that is a list; a copy, since looking at a node may run Python.
    fn items(&self, node: Value, class: &str, name: &str) -> PyResult<cinder_vm::value_vec::ValueVec<[Value; 8]>> {
        let mut items = cinder_vm::value_vec::ValueVec::new();
        let Some(field) = self.attribute(node, name)? else { return Ok(items) };
        let Some(list) = self.vm.as_list(field) else {
            let found = self.vm.type_name(field);
            return Err(self.vm.type_error(format!("{class} field \"{name}\" must be a list, not a {found}")));
        };
        let mut index = 0;
        while let Some(item) = list.get(index) {
            items.push(item);
            index += 1;
        }
        Ok(items)
    }

    fn identifier(&self, value: Value) -> PyResult<String> {
        if !self.vm.is_str(value) {
            return Err(self.vm.type_error("AST identifier must be of type str"));
        }
        let text = self.vm.str_text(value).into_owned();
        if matches!(&*text, "None" | "True" | "False") {
            return Err(self.vm.value_error(format!("identifier field can't represent '{text}' constant")));
        }
        Ok(self.stand_ins.spell(self.vm, value, text))
    }

    fn name_field(&self, node: Value, class: &str, name: &str) -> PyResult<String> {
        self.identifier(self.required(node, class, name)?)
    }

    fn number(&self, node: Value, name: &str) -> PyResult<Option<i64>> {
        match self.optional(node, name)? {
            None => Ok(None),
            Some(value) => match self.vm.int_to_i64(value) {
                Some(number) if i32::try_from(number).is_ok() => Ok(Some(number)),
                Some(_) => Err(self.vm.overflow_error("Python int too large to convert to C int")),
                None => {
                    let shown = self.vm.repr_text(value)?;
                    Err(self.vm.value_error(format!("invalid integer value: {shown}")))
                }
            },
        }
    }

    /// The place of a node of category `category`, checked.
    fn place(&self, node: Value, category: &str) -> PyResult<Place> {
        let required = |name: &str| {
            self.number(node, name)?
                .ok_or_else(|| self.vm.type_error(format!("required field \"{name}\" missing from {category}")))
        };
        let (line, column) = (required("lineno")?, required("col_offset")?);
        let end_line = self.number(node, "end_lineno")?.unwrap_or(line);
        let end_column = self.number(node, "end_col_offset")?.unwrap_or(column);
        if line > end_line {
            return Err(self.vm.value_error(format!("AST node line range ({line}, {end_line}) is not valid")));
        }
        if (line < 0 && end_line != line) || (column < 0 && column != end_column) {
            return Err(self.vm.value_error(format!(
                "AST node column range ({column}, {end_column}) for line range ({line}, {end_line}) is not valid"
            )));
        }
        if line == end_line && column > end_column {
            return Err(self.vm.value_error(format!("line {line}, column {column}-{end_column} is not a valid range")));
        }
        let word = |number: i64| u32::try_from(number).unwrap_or(0);
        Ok(Place { line: word(line), column: word(column), end_line: word(end_line), end_column: word(end_column) })
    }

    /// Notes that the text from `start` to here stands for `place`.
    fn note(&mut self, start: usize, place: Place) {
        self.places.push((start as u32, self.text.len() as u32, place));
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn line(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend(std::iter::repeat_n(' ', self.indent));
    }

    /// `items` with `, ` between them.
    fn separated(&mut self, items: &[Value], mut write: impl FnMut(&mut Self, Value) -> PyResult<()>) -> PyResult<()> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, *item)?;
        }
        Ok(())
    }
}
