//! Expressions.

use cinder_vm::{PyResult, Value};

use super::Emitter;

/// What is done with an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Load,
    Store,
    Del,
    /// A parameter's annotation, where `*Ts` may stand alone.
    Annotation,
}

impl Context {
    fn class(self) -> &'static str {
        match self {
            Context::Load | Context::Annotation => "Load",
            Context::Store => "Store",
            Context::Del => "Del",
        }
    }
}

/// Symbol and level of a binary operator; operators of one level go from left to right.
fn binary_symbol(class: &str) -> Option<(&'static str, u8)> {
    Some(match class {
        "Add" => ("+", 2),
        "Sub" => ("-", 2),
        "Mult" => ("*", 3),
        "MatMult" => ("@", 3),
        "Div" => ("/", 3),
        "Mod" => ("%", 3),
        "Pow" => ("**", 0),
        "LShift" => ("<<", 1),
        "RShift" => (">>", 1),
        "BitOr" => ("|", 4),
        "BitXor" => ("^", 5),
        "BitAnd" => ("&", 6),
        "FloorDiv" => ("//", 3),
        _ => return None,
    })
}

fn comparison_symbol(class: &str) -> Option<&'static str> {
    Some(match class {
        "Eq" => "==",
        "NotEq" => "!=",
        "Lt" => "<",
        "LtE" => "<=",
        "Gt" => ">",
        "GtE" => ">=",
        "Is" => "is",
        "IsNot" => "is not",
        "In" => "in",
        "NotIn" => "not in",
        _ => return None,
    })
}

impl Emitter<'_> {
    /// Symbol of a binary operator.
    pub(super) fn operator(&self, op: Value) -> PyResult<&'static str> {
        let class = self.kind(op, "operator")?;
        Ok(binary_symbol(&class).map_or("", |found| found.0))
    }

    pub(super) fn expression(&mut self, node: Value) -> PyResult<()> {
        self.expression_in(node, Context::Load)
    }

    pub(super) fn expression_in(&mut self, node: Value, context: Context) -> PyResult<()> {
        self.vm.check_native_stack()?;
        let class = self.kind(node, "expr")?;
        let place = self.place(node, "expr")?;
        let class = class.as_str();
        self.check_context(node, class, context)?;
        let is_atom = matches!(
            class,
            "Name"
                | "Constant"
                | "Tuple"
                | "List"
                | "Set"
                | "Dict"
                | "ListComp"
                | "SetComp"
                | "DictComp"
                | "GeneratorExp"
                | "Call"
                | "Attribute"
                | "Subscript"
                | "JoinedStr"
                | "TemplateStr"
                | "FormattedValue"
                | "Interpolation"
                | "Starred"
                | "Slice"
        );
        if !is_atom {
            self.push("(");
        }
        let start = self.text.len();
        self.bare(node, class, context)?;
        self.note(start, place);
        if !is_atom {
            self.push(")");
        }
        Ok(())
    }

    /// Whether the node may stand here and says so itself.
    fn check_context(&self, node: Value, class: &str, context: Context) -> PyResult<()> {
        if !matches!(class, "Name" | "Attribute" | "Subscript" | "Starred" | "List" | "Tuple") {
            if context == Context::Store || context == Context::Del {
                return Err(self
                    .vm
                    .value_error(format!("expression which can't be assigned to in {} context", context.class())));
            }
            return Ok(());
        }
        let given = self.required(node, class, "ctx")?;
        let given = self.kind(given, "expr_context")?;
        if given != context.class() {
            let wanted = context.class();
            return Err(self.vm.value_error(format!("expression must have {wanted} context but has {given} instead")));
        }
        Ok(())
    }

    /// The expression without parentheses around it.
    fn bare(&mut self, node: Value, class: &str, context: Context) -> PyResult<()> {
        match class {
            "Name" => {
                let id = self.name_field(node, class, "id")?;
                self.push(&id);
                Ok(())
            }
            "Constant" => {
                let value = match self.attribute(node, "value")? {
                    Some(value) => value,
                    None => return Err(self.vm.type_error("required field \"value\" missing from Constant")),
                };
                self.constant(value)
            }
            "BoolOp" => self.bool_op(node, class),
            "NamedExpr" => {
                let (target, value) = (self.required(node, class, "target")?, self.required(node, class, "value")?);
                if self.kind(target, "expr")? != "Name" {
                    return Err(self.vm.type_error("NamedExpr target must be a Name"));
                }
                self.expression_in(target, Context::Store)?;
                self.push(" := ");
                self.expression(value)
            }
            "BinOp" => self.bin_op(node, class),
            "UnaryOp" => {
                let (op, operand) = (self.required(node, class, "op")?, self.required(node, class, "operand")?);
                self.push(match &*self.kind(op, "unaryop")? {
                    "Invert" => "~",
                    "Not" => "not ",
                    "UAdd" => "+",
                    _ => "-",
                });
                self.expression(operand)
            }
            "Lambda" => {
                let (args, body) = (self.required(node, class, "args")?, self.required(node, class, "body")?);
                self.push("lambda ");
                self.parameters(args, false)?;
                self.push(": ");
                self.expression(body)
            }
            "IfExp" => {
                let test = self.required(node, class, "test")?;
                let (body, orelse) = (self.required(node, class, "body")?, self.required(node, class, "orelse")?);
                self.expression(body)?;
                self.push(" if ");
                self.expression(test)?;
                self.push(" else ");
                self.expression(orelse)
            }
            "Dict" => self.dict(node, class),
            "Set" | "List" | "Tuple" => self.display(node, class, context),
            "ListComp" | "SetComp" | "GeneratorExp" => {
                let elt = self.required(node, class, "elt")?;
                let (open, close) = match class {
                    "ListComp" => ("[", "]"),
                    "SetComp" => ("{", "}"),
                    _ => ("(", ")"),
                };
                self.push(open);
                self.expression(elt)?;
                self.generators(node, class)?;
                self.push(close);
                Ok(())
            }
            "DictComp" => {
                let (key, value) = (self.required(node, class, "key")?, self.required(node, class, "value")?);
                self.push("{");
                self.expression(key)?;
                self.push(": ");
                self.expression(value)?;
                self.generators(node, class)?;
                self.push("}");
                Ok(())
            }
            "Await" | "YieldFrom" => {
                let value = self.required(node, class, "value")?;
                self.push(if class == "Await" { "await " } else { "yield from " });
                self.expression(value)
            }
            "Yield" => {
                self.push("yield");
                match self.optional(node, "value")? {
                    Some(value) => {
                        self.push(" ");
                        self.expression(value)
                    }
                    None => Ok(()),
                }
            }
            "Compare" => self.compare(node, class),
            "Call" => {
                let func = self.required(node, class, "func")?;
                let (args, keywords) = (self.items(node, class, "args")?, self.items(node, class, "keywords")?);
                self.primary(func)?;
                self.push("(");
                self.arguments(&args, &keywords)?;
                self.push(")");
                Ok(())
            }
            "JoinedStr" | "TemplateStr" => {
                self.push(if class == "JoinedStr" { "f'" } else { "t'" });
                self.interpolated(node, class, false)?;
                self.push("'");
                Ok(())
            }
            "FormattedValue" | "Interpolation" => {
                self.push(if class == "FormattedValue" { "f'" } else { "t'" });
                self.field(node, class)?;
                self.push("'");
                Ok(())
            }
            "Attribute" => {
                let value = self.required(node, class, "value")?;
                let attribute = self.name_field(node, class, "attr")?;
                self.primary(value)?;
                self.push(".");
                self.push(&attribute);
                Ok(())
            }
            "Subscript" => {
                let (value, slice) = (self.required(node, class, "value")?, self.required(node, class, "slice")?);
                self.primary(value)?;
                self.push("[");
                self.slice(slice)?;
                self.push("]");
                Ok(())
            }
            "Starred" => {
                let value = self.required(node, class, "value")?;
                self.push("*");
                self.expression_in(value, if context == Context::Annotation { Context::Load } else { context })
            }
            "Slice" => self.slice_parts(node),
            _ => Err(self.vm.system_error(format!("unexpected expression {class}"))),
        }
    }

    /// What `.`, `(` or `[` follows: numbers in parentheses.
    fn primary(&mut self, node: Value) -> PyResult<()> {
        let in_parentheses = self.kind(node, "expr")? == "Constant";
        if in_parentheses {
            self.push("(");
        }
        self.expression(node)?;
        if in_parentheses {
            self.push(")");
        }
        Ok(())
    }

    fn bool_op(&mut self, node: Value, class: &str) -> PyResult<()> {
        let (op, values) = (self.required(node, class, "op")?, self.items(node, class, "values")?);
        if values.len() < 2 {
            return Err(self.vm.value_error("BoolOp with less than 2 values"));
        }
        let symbol = if self.kind(op, "boolop")? == "And" { " and " } else { " or " };
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.push(symbol);
            }
            self.not_none(*value)?;
            self.expression(*value)?;
        }
        Ok(())
    }

    fn not_none(&self, value: Value) -> PyResult<()> {
        if value.is_none() { Err(self.vm.value_error("None disallowed in expression list")) } else { Ok(()) }
    }

    fn bin_op(&mut self, node: Value, class: &str) -> PyResult<()> {
        let (left, right) = (self.required(node, class, "left")?, self.required(node, class, "right")?);
        let op = self.required(node, class, "op")?;
        let (symbol, level) = binary_symbol(&self.kind(op, "operator")?).unwrap_or(("", 0));
        // Long chains stay flat: they lean to the left.
        let left_level = match &*self.kind(left, "expr")? {
            "BinOp" => {
                let op = self.required(left, "BinOp", "op")?;
                binary_symbol(&self.kind(op, "operator")?).map_or(0, |found| found.1)
            }
            _ => 0,
        };
        if level != 0 && left_level == level {
            self.vm.check_native_stack()?;
            let place = self.place(left, "expr")?;
            let start = self.text.len();
            self.bin_op(left, "BinOp")?;
            self.note(start, place);
        } else {
            self.expression(left)?;
        }
        self.push(&format!(" {symbol} "));
        self.expression(right)
    }

    fn compare(&mut self, node: Value, class: &str) -> PyResult<()> {
        let left = self.required(node, class, "left")?;
        let (ops, comparators) = (self.items(node, class, "ops")?, self.items(node, class, "comparators")?);
        if comparators.is_empty() {
            return Err(self.vm.value_error("Compare with no comparators"));
        }
        if ops.len() != comparators.len() {
            return Err(self.vm.value_error("Compare has a different number of comparators and operands"));
        }
        self.expression(left)?;
        for (op, comparator) in ops.iter().zip(comparators.iter()) {
            let symbol = comparison_symbol(&self.kind(*op, "cmpop")?).unwrap_or_default();
            self.push(&format!(" {symbol} "));
            self.not_none(*comparator)?;
            self.expression(*comparator)?;
        }
        Ok(())
    }

    fn dict(&mut self, node: Value, class: &str) -> PyResult<()> {
        let (keys, values) = (self.items(node, class, "keys")?, self.items(node, class, "values")?);
        if keys.len() != values.len() {
            return Err(self.vm.value_error("Dict doesn't have the same number of keys as values"));
        }
        self.push("{");
        for (key, value) in keys.iter().zip(values.iter()) {
            if key.is_none() {
                self.push("**");
            } else {
                self.expression(*key)?;
                self.push(": ");
            }
            self.not_none(*value)?;
            self.expression(*value)?;
            self.push(", ");
        }
        self.push("}");
        Ok(())
    }

    fn display(&mut self, node: Value, class: &str, context: Context) -> PyResult<()> {
        let items = self.items(node, class, "elts")?;
        let (open, close) = match class {
            "Set" => ("{", "}"),
            "List" => ("[", "]"),
            _ => ("(", ")"),
        };
        self.push(open);
        if class == "Set" && items.is_empty() {
            // There is no display of an empty set.
            self.push("*()");
        }
        let context = if context == Context::Annotation { Context::Load } else { context };
        for item in &items {
            self.not_none(*item)?;
            self.expression_in(*item, context)?;
            self.push(", ");
        }
        self.push(close);
        Ok(())
    }

    fn generators(&mut self, node: Value, class: &str) -> PyResult<()> {
        let clauses = self.items(node, class, "generators")?;
        if clauses.is_empty() {
            return Err(self.vm.value_error("comprehension with no generators"));
        }
        for clause in &clauses {
            let target = self.required(*clause, "comprehension", "target")?;
            let iter = self.required(*clause, "comprehension", "iter")?;
            let is_async = self.number(*clause, "is_async")?.unwrap_or(0) != 0;
            self.push(if is_async { " async for " } else { " for " });
            self.expression_in(target, Context::Store)?;
            self.push(" in ");
            self.expression(iter)?;
            for condition in &self.items(*clause, "comprehension", "ifs")? {
                self.push(" if ");
                self.expression(*condition)?;
            }
        }
        Ok(())
    }

    /// Arguments of a call or a class statement.
    pub(super) fn arguments(&mut self, args: &[Value], keywords: &[Value]) -> PyResult<()> {
        for arg in args {
            self.not_none(*arg)?;
            self.expression(*arg)?;
            self.push(", ");
        }
        for keyword in keywords {
            let place = self.place(*keyword, "keyword")?;
            let start = self.text.len();
            match self.optional(*keyword, "arg")? {
                Some(name) => {
                    let name = self.identifier(name)?;
                    self.push(&name);
                    self.push("=");
                }
                None => self.push("**"),
            }
            let value = self.required(*keyword, "keyword", "value")?;
            self.expression(value)?;
            self.note(start, place);
            self.push(", ");
        }
        Ok(())
    }

    fn slice(&mut self, node: Value) -> PyResult<()> {
        let class = self.kind(node, "expr")?;
        if class != "Tuple" {
            return self.expression(node);
        }
        let items = self.items(node, "Tuple", "elts")?;
        let mut has_slice = false;
        for item in &items {
            has_slice |= self.kind(*item, "expr")? == "Slice";
        }
        if !has_slice {
            return self.expression(node);
        }
        let place = self.place(node, "expr")?;
        let start = self.text.len();
        for item in &items {
            self.expression(*item)?;
            self.push(", ");
        }
        self.note(start, place);
        Ok(())
    }

    fn slice_parts(&mut self, node: Value) -> PyResult<()> {
        for (name, colon) in [("lower", ":"), ("upper", ""), ("step", "")] {
            if let Some(part) = self.optional(node, name)? {
                if name == "step" {
                    self.push(":");
                }
                self.expression(part)?;
            }
            self.push(colon);
        }
        Ok(())
    }

    /// The inside of an f-string or t-string, or of a format specification.
    fn interpolated(&mut self, node: Value, class: &str, in_spec: bool) -> PyResult<()> {
        for part in &self.items(node, class, "values")? {
            self.not_none(*part)?;
            match &*self.kind(*part, "expr")? {
                "Constant" => {
                    let value = self.required(*part, "Constant", "value")?;
                    if !self.vm.is_str(value) {
                        return Err(self.vm.type_error("a constant of a JoinedStr must be a str"));
                    }
                    self.interpolated_text(value, in_spec);
                }
                kind @ ("FormattedValue" | "Interpolation") => {
                    let place = self.place(*part, "expr")?;
                    let start = self.text.len();
                    self.field(*part, kind)?;
                    self.note(start, place);
                }
                // A string in a string: its value is formatted.
                _ => {
                    self.push("{ ");
                    self.expression(*part)?;
                    self.push("}");
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, node: Value, class: &str) -> PyResult<()> {
        let value = self.required(node, class, "value")?;
        self.push("{");
        let start = self.text.len();
        self.expression(value)?;
        if self.text[start..].starts_with('{') {
            self.text.insert(start, ' ');
            for (from, to, _) in &mut self.places {
                // What was written in this field moved by one.
                if *from as usize >= start {
                    *from += 1;
                    *to += 1;
                }
            }
        }
        match self.number(node, "conversion")?.unwrap_or(-1) {
            -1 => {}
            115 => self.push("!s"),
            114 => self.push("!r"),
            97 => self.push("!a"),
            other => return Err(self.vm.system_error(format!("Unrecognized conversion character {other}"))),
        }
        if let Some(spec) = self.optional(node, "format_spec")? {
            self.push(":");
            match &*self.kind(spec, "expr")? {
                "JoinedStr" => self.interpolated(spec, "JoinedStr", true)?,
                _ => {
                    self.push("{ ");
                    self.expression(spec)?;
                    self.push("}");
                }
            }
        }
        self.push("}");
        Ok(())
    }
}
