//! The typed module as text: `cinder dump types`, and the expectations of `testdata/static`.
//!
//! Shape: a line per expression that has facts other than those of ordinary Python, in source order, indented by nesting:
//! the source, its type, how it is made, and the conversion on the way out.

use std::fmt::{self, Write as _};

use cinder_db::{Db, File, function_body, item_tree, module_items};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal, walk_expr, walk_stmt};
use cinder_syntax::ast::{AnyNodeRef, Expr, HasNodeIndex, Stmt, StmtFunctionDef};
use cinder_syntax::node_id;
use cinder_text::{Ranged, TextRange};
use cinder_types::{ConstValue, Type};

use crate::queries::{function_unit, module_unit};
use crate::typed::{
    ArgSource, AugmentedPlan, CallPlan, CallTarget, Container, Convert, ExprFacts, ExprOp, FastContainer, LocalFacts,
    LoopPlan, TypedFunction, TypedUnit,
};

/// The facts of `function` (qualified name), of the module level when it is empty, or of everything when it is `None`.
pub fn dump_types(db: &dyn Db, file: File, function: Option<&str>) -> String {
    let mut out = String::new();
    if function.is_none_or(str::is_empty) {
        let tree = item_tree(db, file);
        let is_item = |def: &StmtFunctionDef| tree.function_index(def).is_some();
        let mut walk = Walk {
            unit: &module_unit(db, file).unit,
            text: tree.text(),
            is_item: &is_item,
            out: String::new(),
            depth: 1,
        };
        walk.visit_body(tree.body());
        if !walk.out.is_empty() {
            out.push_str("module\n");
            out.push_str(&walk.out);
        }
    }
    for item in &module_items(db, file).functions {
        if function.is_some_and(|wanted| wanted != &**item.qualname(db)) {
            continue;
        }
        let unit = &function_unit(db, *item).unit;
        let body = function_body(db, *item);
        let Some(def) = body.function() else { continue };
        if let Some(typed) = &unit.function {
            header(&mut out, item.qualname(db), typed);
        }
        let text = item.text(db);
        let lead = usize::from(body.parsed().module().range.len()).saturating_sub(text.len());
        let text = format!("{}{text}", " ".repeat(lead));
        let mut walk = Walk { unit, text: &text, is_item: &|_| false, out: String::new(), depth: 1 };
        walk.visit_body(&def.body);
        out.push_str(&walk.out);
    }
    out
}

fn header(out: &mut String, name: &str, function: &TypedFunction) {
    let _ = write!(out, "def {name}");
    let checks: Vec<String> =
        function.checks().iter().map(|(index, descriptor)| format!("{index}: {descriptor}")).collect();
    let _ = write!(out, "({}) -> {}", checks.join(", "), function.result());
    let raw: Vec<String> = function.locals.iter().filter_map(register).collect();
    if !raw.is_empty() {
        let _ = write!(out, " raw {}", raw.join(", "));
    }
    out.push('\n');
}

fn register(local: &LocalFacts) -> Option<String> {
    let prim = local.raw?;
    Some(format!(
        "{}: {prim}{}{}",
        local.name,
        if local.zero { " = 0" } else { "" },
        if local.tagged { " and tagged" } else { "" }
    ))
}

struct Walk<'a> {
    unit: &'a TypedUnit,
    text: &'a str,
    /// The function has a unit of its own; what stands for its body here is a stub.
    is_item: &'a dyn Fn(&StmtFunctionDef) -> bool,
    out: String,
    depth: usize,
}

impl Walk<'_> {
    fn source(&self, range: TextRange) -> String {
        let text = self.text.get(range.to_std_range()).unwrap_or("?");
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > 40 { line.chars().take(37).chain("...".chars()).collect() } else { line }
    }

    fn line(&mut self, expr: &Expr) {
        let Some(node) = node_id(expr) else { return };
        let facts = self.unit.expr(node);
        if let Some(plan) = self.unit.loops.get(&node) {
            let text = match plan {
                LoopPlan::Python => None,
                LoopPlan::CRange => Some("crange".to_owned()),
                LoopPlan::Sequence(container) => Some(format!("sequence {}", container_name(*container))),
            };
            if let Some(text) = text {
                let _ = writeln!(self.out, "{}for {}: {text}", "  ".repeat(self.depth), self.source(expr.range()));
            }
        }
        if let Some(AugmentedPlan::Prim { op, prim }) = self.unit.augmented.get(&node) {
            let _ = writeln!(self.out, "{}{} op= {op:?} {prim}", "  ".repeat(self.depth), self.source(expr.range()));
        }
        if !is_ordinary(expr, &facts) {
            let _ = writeln!(self.out, "{}{}: {}", "  ".repeat(self.depth), self.source(expr.range()), Shown(&facts));
        }
    }
}

/// Nothing code generation would not do anyway, and nothing worth reading.
fn is_ordinary(expr: &Expr, facts: &ExprFacts) -> bool {
    let plain = matches!(facts.op, ExprOp::Python) && facts.convert == Convert::None;
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => {
            facts.convert == Convert::None && !facts.ty.is_prim()
        }
        _ => {
            plain
                && matches!(
                    facts.ty,
                    Type::Dynamic | Type::Unknown | Type::Class(_) | Type::Function(_) | Type::Special(_)
                )
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'_> {
    fn enter_node(&mut self, _: AnyNodeRef<'a>) -> TraversalSignal {
        TraversalSignal::Traverse
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) if (self.is_item)(def) => {
                def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.visit_parameters(&def.parameters);
            }
            stmt => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if expr.node_index().load().as_u32().is_some() {
            self.line(expr);
        }
        self.depth += 1;
        walk_expr(self, expr);
        self.depth -= 1;
    }
}

struct Shown<'a>(&'a ExprFacts);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.ty.with_exactness())?;
        match &self.0.op {
            ExprOp::Python => {}
            ExprOp::IsInstance(tested) => write!(f, " = python, which proves {tested}")?,
            ExprOp::PythonThen(convert) => write!(f, " = python then {}", convert_text(convert))?,
            ExprOp::Const(value) => write!(f, " = {}", constant(value))?,
            ExprOp::Forward(index) => write!(f, " = argument {index}")?,
            ExprOp::Call(plan) => write!(f, " = {}", call_text(plan))?,
            ExprOp::Field(field) => write!(f, " = field {}.{}", field.class, field.name)?,
            ExprOp::FieldKeep(field, temp) => write!(f, " = field {}.{} keep %{temp}", field.class, field.name)?,
            ExprOp::Refined(temp) => write!(f, " = kept %{temp}")?,
            ExprOp::Getter { id, direct, .. } => write!(f, " = getter {id}{}", if *direct { "" } else { " virtual" })?,
            ExprOp::PrimBinary { op, prim } => write!(f, " = {op:?} {prim}")?,
            ExprOp::PrimCompare(ops) => {
                let ops: Vec<String> = ops.iter().map(|(op, prim)| format!("{op:?} {prim}")).collect();
                write!(f, " = {}", ops.join(", "))?;
            }
            ExprOp::PrimUnary { op, prim } => write!(f, " = {op:?} {prim}")?,
            ExprOp::PrimBool => f.write_str(" = raw and/or")?,
            ExprOp::Sequence(fast) => write!(f, " = item of {}", fast_text(*fast))?,
            ExprOp::FastLen(fast) => write!(f, " = length of {}", fast_text(*fast))?,
            ExprOp::Append(fast) => write!(f, " = append to {}", fast_text(*fast))?,
            ExprOp::Pop(fast) => write!(f, " = pop of {}", fast_text(*fast))?,
            ExprOp::Checked(descriptor) => write!(f, " = build {descriptor}")?,
            ExprOp::NewChecked(descriptor) => write!(f, " = new {descriptor}")?,
        }
        match &self.0.convert {
            Convert::None => Ok(()),
            convert => write!(f, " -> {}", convert_text(convert)),
        }
    }
}

fn convert_text(convert: &Convert) -> String {
    match convert {
        Convert::None => "nothing".to_owned(),
        Convert::Cast(descriptor) => format!("cast {descriptor}"),
        Convert::Box(prim) => format!("box {prim}"),
        Convert::Unbox(prim) => format!("unbox {prim}"),
        Convert::Prim { from, to } => format!("{from} to {to}"),
        Convert::Truth => "truth".to_owned(),
    }
}

fn constant(value: &ConstValue) -> String {
    match value {
        ConstValue::None => "None".to_owned(),
        ConstValue::Ellipsis => "...".to_owned(),
        ConstValue::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        ConstValue::Int(value) => value.to_string(),
        ConstValue::BigInt(digits) => digits.to_string(),
        ConstValue::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        ConstValue::Complex(re, im) => format!("{:?}+{:?}j", f64::from_bits(*re), f64::from_bits(*im)),
        ConstValue::Str(text) => format!("{text:?}"),
        ConstValue::Bytes(bytes) => format!("{} bytes", bytes.len()),
        ConstValue::Tuple(items) => format!("({})", items.iter().map(constant).collect::<Vec<_>>().join(", ")),
    }
}

fn container_name(container: Container) -> String {
    format!("{container:?}").to_lowercase()
}

fn fast_text(fast: FastContainer) -> String {
    format!("{}{}", container_name(fast.container), if fast.exact { "" } else { " or subclass" })
}

fn call_text(plan: &CallPlan) -> String {
    let args: Vec<String> = plan
        .args
        .iter()
        .map(|arg| match arg {
            ArgSource::Receiver => "self".to_owned(),
            ArgSource::Class(class) => format!("class {class}"),
            ArgSource::Argument(index) => format!("#{index}"),
            ArgSource::Element { argument, convert: Convert::None } => format!("of #{argument}"),
            ArgSource::Element { argument, convert } => format!("{} of #{argument}", convert_text(convert)),
            ArgSource::Default { value, prim } => match prim {
                Some(prim) => format!("{prim} {}", constant(value)),
                None => constant(value),
            },
        })
        .collect();
    let args = args.join(", ");
    match &plan.target {
        CallTarget::Direct(id) => format!("direct {id}({args})"),
        CallTarget::Virtual { id, .. } => format!("virtual {id}({args})"),
        CallTarget::Construct { class, init: Some(init) } => format!("new {class}, {init}({args})"),
        CallTarget::Construct { class, init: None } => format!("new {class}"),
    }
}
