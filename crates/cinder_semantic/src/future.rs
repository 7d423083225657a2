//! `from __future__ import ...`: which features, and whether the statements stand where they may.

use crate::SymbolError;
use cinder_syntax::ast::{self, Stmt};

/// Features that change how a module is compiled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FutureFeatures {
    /// PEP 563: annotations are kept as strings.
    pub annotations: bool,
    /// PEP 401: `<>` is the inequality operator.
    pub barry_as_flufl: bool,
}

impl FutureFeatures {
    pub fn union(self, other: Self) -> Self {
        Self {
            annotations: self.annotations || other.annotations,
            barry_as_flufl: self.barry_as_flufl || other.barry_as_flufl,
        }
    }
}

const NO_LONGER_FUTURE: [&str; 8] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "generator_stop",
];

/// Reads the `__future__` imports of a module body and adds an error for each that is unknown or comes too late.
pub fn future_features(body: &[Stmt], errors: &mut Vec<SymbolError>) -> FutureFeatures {
    let mut features = FutureFeatures::default();
    let mut done = false;
    for (index, statement) in body.iter().enumerate() {
        match statement {
            Stmt::ImportFrom(import) if is_future(import) => {
                if done {
                    errors.push(too_late(import));
                    return features;
                }
                for alias in &import.names {
                    read_feature(alias, &mut features, errors);
                }
            }
            Stmt::Expr(expression) if index == 0 && expression.value.is_string_literal_expr() => {}
            _ => done = true,
        }
    }
    features
}

pub(crate) fn is_future(import: &ast::StmtImportFrom) -> bool {
    import.level == 0 && import.module.as_deref() == Some("__future__")
}

pub(crate) fn too_late(import: &ast::StmtImportFrom) -> SymbolError {
    SymbolError {
        message: "from __future__ imports must occur at the beginning of the file".into(),
        range: import.range,
    }
}

fn read_feature(alias: &ast::Alias, features: &mut FutureFeatures, errors: &mut Vec<SymbolError>) {
    match alias.name.as_str() {
        "annotations" => features.annotations = true,
        "barry_as_FLUFL" => features.barry_as_flufl = true,
        "braces" => errors.push(SymbolError { message: "not a chance".into(), range: alias.range }),
        name if NO_LONGER_FUTURE.contains(&name) => {}
        name => {
            errors.push(SymbolError { message: format!("future feature {name} is not defined"), range: alias.range });
        }
    }
}
