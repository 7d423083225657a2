//! Measures a finished tree and takes apart one that is too deep, both without recursion.
//!
//! Problem: `a.b.c.d...` and `1+1+1+...` are parsed by loops, so the parser succeeds, but the tree leans to the left as
//! deep as the chain is long, and merely dropping it would overflow the stack.
//! Idea: keep the nodes still to visit on a list of our own; the tree's visitors are asked for direct children only.
//! Holds: stack use is constant; nodes are visited once.

use std::cell::RefCell;

use cinder_text::{Ranged, TextRange};
use ruff_python_ast::visitor::transformer::{self, Transformer};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    AtomicNodeIndex, Expr, ExprNoneLiteral, InterpolatedStringElement, ModModule, Pattern, PatternMatchSingleton,
    Singleton, Stmt, StmtPass,
};

/// The first node met that lies more than `limit` levels below the module, if there is one.
pub(crate) fn find_deeper_than(module: &ModModule, limit: u32) -> Option<TextRange> {
    let mut children = Children { found: Vec::new() };
    let mut work: Vec<(Node, u32)> = module.body.iter().map(|stmt| (Node::Stmt(stmt), 1)).collect();
    while let Some((node, depth)) = work.pop() {
        if depth > limit {
            return Some(node.range());
        }
        match node {
            Node::Stmt(stmt) => visitor::walk_stmt(&mut children, stmt),
            Node::Expr(expr) => visitor::walk_expr(&mut children, expr),
            Node::Pattern(pattern) => visitor::walk_pattern(&mut children, pattern),
            Node::Element(element) => visitor::walk_interpolated_string_element(&mut children, element),
        }
        work.extend(children.found.drain(..).map(|child| (child, depth + 1)));
    }
    None
}

#[derive(Clone, Copy)]
enum Node<'a> {
    Stmt(&'a Stmt),
    Expr(&'a Expr),
    Pattern(&'a Pattern),
    Element(&'a InterpolatedStringElement),
}

impl Node<'_> {
    fn range(self) -> TextRange {
        match self {
            Node::Stmt(node) => node.range(),
            Node::Expr(node) => node.range(),
            Node::Pattern(node) => node.range(),
            Node::Element(node) => node.range(),
        }
    }
}

struct Children<'a> {
    found: Vec<Node<'a>>,
}

impl<'a> Visitor<'a> for Children<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.found.push(Node::Stmt(stmt));
    }
    fn visit_expr(&mut self, expr: &'a Expr) {
        self.found.push(Node::Expr(expr));
    }
    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.found.push(Node::Pattern(pattern));
    }
    fn visit_interpolated_string_element(&mut self, element: &'a InterpolatedStringElement) {
        self.found.push(Node::Element(element));
    }
}

/// Drops `module` with constant stack use.
pub(crate) fn dismantle(mut module: ModModule) {
    let taker = Taker::default();
    for stmt in &mut module.body {
        transformer::walk_stmt(&taker, stmt);
    }
    loop {
        // The borrow ends before the walk pushes again.
        let next = taker.exprs.borrow_mut().pop();
        if let Some(mut expr) = next {
            transformer::walk_expr(&taker, &mut expr);
            continue;
        }
        let next = taker.stmts.borrow_mut().pop();
        if let Some(mut stmt) = next {
            transformer::walk_stmt(&taker, &mut stmt);
            continue;
        }
        let next = taker.patterns.borrow_mut().pop();
        if let Some(mut pattern) = next {
            transformer::walk_pattern(&taker, &mut pattern);
            continue;
        }
        break;
    }
}

#[derive(Default)]
struct Taker {
    stmts: RefCell<Vec<Stmt>>,
    exprs: RefCell<Vec<Expr>>,
    patterns: RefCell<Vec<Pattern>>,
}

impl Transformer for Taker {
    fn visit_stmt(&self, stmt: &mut Stmt) {
        let leaf = Stmt::Pass(StmtPass { node_index: AtomicNodeIndex::NONE, range: TextRange::default() });
        self.stmts.borrow_mut().push(std::mem::replace(stmt, leaf));
    }
    fn visit_expr(&self, expr: &mut Expr) {
        let leaf =
            Expr::NoneLiteral(ExprNoneLiteral { node_index: AtomicNodeIndex::NONE, range: TextRange::default() });
        self.exprs.borrow_mut().push(std::mem::replace(expr, leaf));
    }
    fn visit_pattern(&self, pattern: &mut Pattern) {
        let leaf = Pattern::MatchSingleton(PatternMatchSingleton {
            node_index: AtomicNodeIndex::NONE,
            range: TextRange::default(),
            value: Singleton::None,
        });
        self.patterns.borrow_mut().push(std::mem::replace(pattern, leaf));
    }
}
