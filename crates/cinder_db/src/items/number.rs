//! Gives tree nodes ids that stay the same while the grain they belong to is unchanged.
//!
//! Nodes outside function bodies are counted through the module, in source order and from zero; nodes of a body (of a function that is an item) are
//! counted from zero in each body. The definition itself, its decorators, type parameters, parameters and return annotation belong to the module.
//!
//! In the tree of a single function the body is counted first, then the other nodes, so a node of the body has the same id in the tree of the
//! file and in the function's own; and a node outside of bodies has the same id in the tree of the file and in the item tree. Bodies of the item
//! tree (stubs) have no ids.

use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal, walk_body, walk_stmt};
use cinder_syntax::ast::{AnyNodeRef, HasNodeIndex, ModModule, NodeIndex, Stmt, StmtFunctionDef};
use cinder_text::{Ranged, TextSize};

use super::split;

/// Ids of the definitions that are items, ascending; the position is the function's index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionIds(Box<[(u32, TextSize)]>);

impl FunctionIds {
    pub fn index_of(&self, function: &StmtFunctionDef) -> Option<usize> {
        let id = function.node_index.load().as_u32()?;
        let index = self.0.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        // Ids of bodies overlap with ids of the module; the place tells them apart.
        (self.0[index].1 == function.start()).then_some(index)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The id of a node within its grain; `None` before numbering and in stubs.
pub fn node_id(node: impl HasNodeIndex) -> Option<u32> {
    node.node_index().load().as_u32()
}

/// Numbers the tree of a module whose source is `source`.
pub(crate) fn module(tree: &ModModule, source: &str) -> FunctionIds {
    let mut walk = NumberModule { source, next: 0, functions: Vec::new() };
    tree.node_index.set(NodeIndex::from(0));
    walk.next = 1;
    walk_body(&mut walk, &tree.body);
    FunctionIds(walk.functions.into())
}

/// Numbers the tree of a single function.
pub(crate) fn function(function: &StmtFunctionDef) {
    let mut walk = NumberAll { next: 0 };
    walk_body(&mut walk, &function.body);
    walk.signature(function);
}

struct NumberModule<'a> {
    source: &'a str,
    next: u32,
    functions: Vec<(u32, TextSize)>,
}

impl<'a> SourceOrderVisitor<'a> for NumberModule<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        node.node_index().set(NodeIndex::from(self.next));
        self.next += 1;
        TraversalSignal::Traverse
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let Stmt::FunctionDef(function) = stmt else {
            return walk_stmt(self, stmt);
        };
        if split::header_end(self.source, function).is_none() {
            let mut walk = NumberAll { next: self.next };
            walk.visit_stmt(stmt);
            self.next = walk.next;
            return;
        }
        self.functions.push((self.next, function.start()));
        let mut walk = NumberAll { next: self.next };
        walk.signature(function);
        self.next = walk.next;
        let mut body = NumberAll { next: 0 };
        walk_body(&mut body, &function.body);
    }
}

struct NumberAll {
    next: u32,
}

impl NumberAll {
    fn signature(&mut self, function: &StmtFunctionDef) {
        self.enter_node(AnyNodeRef::from(function));
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        self.visit_identifier(&function.name);
        if let Some(type_params) = &function.type_params {
            self.visit_type_params(type_params);
        }
        self.visit_parameters(&function.parameters);
        if let Some(returns) = &function.returns {
            self.visit_annotation(returns);
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for NumberAll {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        node.node_index().set(NodeIndex::from(self.next));
        self.next += 1;
        TraversalSignal::Traverse
    }
}
