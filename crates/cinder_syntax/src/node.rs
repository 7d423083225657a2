//! Numbers for nodes.
//!
//! Problem: side tables (types, scopes) need a key per node that is dense, cheap and independent of text offsets.
//! Idea: number the nodes in source order, parents before children, and store the number in the node.
//! Holds: equal trees get equal numbers; a number is meaningful within its tree only.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{AnyNodeRef, HasNodeIndex, ModModule, NodeIndex};

/// The number of a node within its module: dense, from zero, in source order, parents first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Numbers all nodes of `module` and returns how many there are. Numbering again gives the same numbers.
pub fn number_nodes(module: &ModModule) -> u32 {
    let mut numberer = Numberer { next: 0 };
    numberer.enter_node(AnyNodeRef::ModModule(module));
    numberer.visit_body(&module.body);
    numberer.next
}

/// The number of `node`, if its module was numbered.
pub fn node_id(node: &impl HasNodeIndex) -> Option<NodeId> {
    node.node_index().load().as_u32().map(NodeId)
}

struct Numberer {
    next: u32,
}

impl<'a> SourceOrderVisitor<'a> for Numberer {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        node.node_index().set(NodeIndex::from(self.next));
        self.next += 1;
        TraversalSignal::Traverse
    }
}
