//! Our own types in the file another checker would write.
//!
//! Holds: what is written is read back as the same claims, and types that no file can tell are left out.

use cinder_db::{Db, File, ParsedModule, parsed_module, source_text};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt};
use cinder_syntax::node_id;
use cinder_text::{ColumnEncoding, LineIndex, Ranged, TextSize};
use cinder_types::{ClassId, KnownClass, Type};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::queries::typed_module;
use crate::typed::{TypedModule, TypedUnit};

/// The types of a static module's expressions as a type file: one line for each entry and each location.
pub fn type_file_of(db: &dyn Db, file: File) -> String {
    let source = source_text(db, file);
    let mut walk = Walk {
        parsed: parsed_module(db, file),
        typed: typed_module(db, file),
        function: None,
        table: Table::default(),
        index: LineIndex::new(source),
        source,
        locations: Vec::new(),
    };
    walk.visit_body(walk.parsed.suite());
    let lines = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n    ");
    let (table, locations) = (lines(&walk.table.entries), lines(&walk.locations));
    format!("{{\n  \"type_table\": [\n    {table}\n  ],\n  \"locations\": [\n    {locations}\n  ]\n}}\n")
}

/// Entries, each type once.
#[derive(Default)]
struct Table {
    entries: Vec<Value>,
    known: FxHashMap<Type, Option<usize>>,
}

impl Table {
    fn number(&mut self, ty: &Type) -> Option<usize> {
        // Exactness is no matter of the format.
        let ty = &ty.to_inexact();
        if let Some(known) = self.known.get(ty) {
            return *known;
        }
        let entry = self.entry(ty);
        let number = entry.map(|entry| {
            self.entries.push(entry);
            self.entries.len() - 1
        });
        self.known.insert(ty.clone(), number);
        number
    }

    fn entry(&mut self, ty: &Type) -> Option<Value> {
        let class = |id: &ClassId| match id {
            ClassId::Known(known) => format!("{}.{}", known.module(), known.name()),
            ClassId::User(name) => format!("{}.{}", name.module, name.name),
        };
        let instance = |qname: String| json!({"kind": "class", "qname": qname, "args": []});
        Some(match ty {
            Type::None => json!({"kind": "other_form", "qname": "None", "args": []}),
            Type::Instance { class: id, .. } if !id.is(KnownClass::Object) => instance(class(id)),
            Type::EnumMember(member) => instance(class(&member.class)),
            Type::Prim(prim) => instance(format!("__static__.{}", prim.name())),
            Type::IntLiteral(_) | Type::BoolLiteral(_) => {
                let value = match ty {
                    Type::BoolLiteral(true) => "True".to_owned(),
                    Type::BoolLiteral(false) => "False".to_owned(),
                    Type::IntLiteral(value) => value.to_string(),
                    _ => return None,
                };
                json!({"kind": "literal", "value": value, "promoted_type": self.number(&ty.without_literal())?})
            }
            Type::Generic(generic) => {
                let args: Option<Vec<usize>> = generic.args.iter().map(|arg| self.number(arg)).collect();
                let qname = match generic.def {
                    cinder_types::GenericDef::CheckedDict => "__static__.CheckedDict",
                    cinder_types::GenericDef::CheckedList => "__static__.CheckedList",
                    cinder_types::GenericDef::Array => "__static__.Array",
                };
                json!({"kind": "class", "qname": qname, "args": args.unwrap_or_default()})
            }
            Type::Union(members) => {
                let args: Option<Vec<usize>> = members.iter().map(|member| self.number(member)).collect();
                json!({"kind": "other_form", "qname": "typing.Union", "args": args?})
            }
            Type::Class(object) => {
                json!({"kind": "other_form", "qname": "typing.Type", "args": [self.number(&object.instance)?]})
            }
            Type::Function(function) => {
                json!({"kind": "callable", "defining_func": format!("{}.{}", function.id.module, function.id.name)})
            }
            _ => return None,
        })
    }
}

struct Walk<'a> {
    parsed: &'a ParsedModule,
    typed: &'a TypedModule,
    function: Option<usize>,
    table: Table,
    index: LineIndex,
    source: &'a str,
    locations: Vec<Value>,
}

impl Walk<'_> {
    fn unit(&self) -> Option<&TypedUnit> {
        match self.function {
            Some(index) => self.typed.functions.get(index).map(|unit| &**unit),
            None => Some(&self.typed.module),
        }
    }

    fn place(&self, offset: TextSize) -> (u32, u32) {
        let place = self.index.position(self.source, offset, ColumnEncoding::Utf8);
        (place.line_index + 1, place.column_index)
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let index = match statement {
            Stmt::FunctionDef(def) if self.function.is_none() => self.parsed.function_index(def),
            _ => None,
        };
        let (Stmt::FunctionDef(def), Some(_)) = (statement, index) else { return walk_stmt(self, statement) };
        def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
        self.visit_parameters(&def.parameters);
        self.function = index;
        self.visit_body(&def.body);
        self.function = None;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let ty = node_id(expr).and_then(|id| Some(self.unit()?.exprs.get(&id)?.ty.clone()));
        if let Some(number) = ty.and_then(|ty| self.table.number(&ty)) {
            let ((start_line, start_col), (end_line, end_col)) = (self.place(expr.start()), self.place(expr.end()));
            self.locations.push(json!({
                "loc": {"start_line": start_line, "start_col": start_col, "end_line": end_line, "end_col": end_col},
                "type": number,
            }));
        }
        walk_expr(self, expr);
    }
}
