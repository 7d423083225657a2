//! Finds the functions of a file and writes the item tree's text.
//!
//! Holds: the text parses whenever the file does. Where cutting could change the meaning (a definition that does not begin its line, a header the parser
//! had to repair), nothing is cut: the function stays in the item tree with its body.

use std::sync::Arc;

use cinder_syntax::ast::token::TokenKind;
use cinder_syntax::ast::visitor::{Visitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt, StmtFunctionDef};
use cinder_syntax::{Parsed, ast};
use cinder_text::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashMap;

use super::map::{Anchor, Segment, SourceMap};

/// Stands before an indented function so that it parses by itself.
pub(super) const WRAPPER: &str = "if 1:\n";

/// A file taken to pieces.
#[derive(Clone, Debug)]
pub(super) struct Split {
    pub(super) functions: Vec<SplitFunction>,
    pub(super) item_text: Arc<str>,
    pub(super) map: SourceMap,
}

/// A function that is an item.
#[derive(Clone, Debug)]
pub(super) struct SplitFunction {
    pub(super) qualname: Box<str>,
    pub(super) ordinal: u32,
    /// Its lines in the file, from the indentation of the first to the end of the last statement.
    pub(super) range: TextRange,
}

pub(super) fn split(source: &str, parsed: &Parsed) -> Split {
    let mut finder = Finder { source, classes: Vec::new(), found: Vec::new() };
    finder.visit_body(parsed.suite());

    let mut writer = Writer { source, text: String::with_capacity(source.len() / 2), segments: Vec::new() };
    let mut trivia = Trivia::new(source, parsed);
    let mut ordinals: FxHashMap<Box<str>, u32> = FxHashMap::default();
    let mut functions = Vec::with_capacity(finder.found.len());
    let mut anchors = Vec::with_capacity(finder.found.len());
    let mut at = TextSize::new(0);
    for Found { function, qualname, header_end } in finder.found {
        let range = TextRange::new(line_start(source, function.start()), function.end());
        writer.copy(&mut trivia, TextRange::new(at, header_end));
        writer.stub(function, &qualname);
        at = function.end();

        let wrapper = if is_indented(&source[range.to_std_range()]) { WRAPPER.len() as u32 } else { 0 };
        anchors.push(Anchor { base: range.start().to_u32().wrapping_sub(wrapper), range });
        let count = ordinals.entry(qualname.clone()).or_default();
        functions.push(SplitFunction { qualname, ordinal: *count, range });
        *count += 1;
    }
    writer.copy(&mut trivia, TextRange::new(at, TextSize::of(source)));
    let map = SourceMap { functions: anchors.into(), segments: writer.segments.into() };
    Split { functions, item_text: writer.text.into(), map }
}

/// Whether the first line begins with blanks.
pub(super) fn is_indented(text: &str) -> bool {
    text.starts_with([' ', '\t'])
}

/// Where the header of `function` ends, after its colon; `None` when the function cannot be cut out.
pub(super) fn header_end(source: &str, function: &StmtFunctionDef) -> Option<TextSize> {
    let start = line_start(source, function.start());
    let indent = &source[TextRange::new(start, function.start()).to_std_range()];
    // A definition can only continue a line that holds nothing but the backslash.
    let before = &source[..start.to_usize()];
    let before = before.strip_suffix("\r\n").or_else(|| before.strip_suffix(['\n', '\r'])).unwrap_or(before);
    let continues_line = before.rsplit(['\n', '\r']).next().is_some_and(|line| line.trim() == "\\");
    if continues_line || !indent.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
        return None;
    }
    let first = function.body.first()?;
    let mut at = function.returns.as_ref().map_or(function.parameters.end(), |returns| returns.end());
    // Between the last part of the header and the colon there may be a closing parenthesis around the annotation, blanks, comments.
    loop {
        if at >= first.start() {
            return None;
        }
        match source.as_bytes()[at.to_usize()] {
            b':' => return Some(at + TextSize::new(1)),
            b'#' => {
                let rest = &source[at.to_usize()..];
                at += TextSize::of(&rest[..rest.find(['\n', '\r'])?]);
            }
            b' ' | b'\t' | b'\x0c' | b'\n' | b'\r' | b'\\' | b')' => at += TextSize::new(1),
            _ => return None,
        }
    }
}

fn line_start(source: &str, offset: TextSize) -> TextSize {
    let before = &source[..offset.to_usize()];
    TextSize::of(&before[..before.rfind(['\n', '\r']).map_or(0, |end| end + 1)])
}

struct Found<'a> {
    function: &'a StmtFunctionDef,
    qualname: Box<str>,
    header_end: TextSize,
}

/// Collects the functions that are items, in order of appearance.
struct Finder<'a> {
    source: &'a str,
    classes: Vec<&'a str>,
    found: Vec<Found<'a>>,
}

impl<'a> Visitor<'a> for Finder<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ClassDef(class) => {
                self.classes.push(class.name.as_str());
                self.visit_body(&class.body);
                self.classes.pop();
            }
            Stmt::FunctionDef(function) => {
                if let Some(header_end) = header_end(self.source, function) {
                    let mut qualname = self.classes.join(".");
                    if !qualname.is_empty() {
                        qualname.push('.');
                    }
                    qualname.push_str(&function.name);
                    self.found.push(Found { function, qualname: qualname.into(), header_end });
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    // Expressions hold no definitions.
    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// What is left out when text is copied: comments and blank lines, sorted.
struct Trivia {
    ranges: std::vec::IntoIter<TextRange>,
    pending: Option<TextRange>,
}

impl Trivia {
    fn new(source: &str, parsed: &Parsed) -> Trivia {
        let mut ranges: Vec<TextRange> = Vec::new();
        // The line of the last comment that has a line of its own.
        let mut comment_line = None;
        for token in parsed.tokens() {
            if !matches!(token.kind(), TokenKind::Comment | TokenKind::NonLogicalNewline) {
                continue;
            }
            let start = line_start(source, token.start());
            let before = source[..token.start().to_usize()].trim_end_matches([' ', '\t', '\x0c']);
            let is_first = before.len() <= start.to_usize();
            match token.kind() {
                TokenKind::Comment if is_first => {
                    comment_line = Some(start);
                    ranges.push(TextRange::new(start, token.end()));
                }
                TokenKind::Comment => ranges.push(TextRange::new(TextSize::of(before), token.end())),
                // A line break after a comment is logical, and kept, when the comment stands after a backslash.
                _ if is_first || comment_line == Some(start) => {
                    let start = if is_first { start } else { token.start() };
                    ranges.push(TextRange::new(start, token.end()));
                }
                _ => {}
            }
        }
        let mut ranges = ranges.into_iter();
        Trivia { pending: ranges.next(), ranges }
    }

    /// The next piece to leave out that ends after `at`.
    fn next_after(&mut self, at: TextSize) -> Option<TextRange> {
        while self.pending.is_some_and(|range| range.end() <= at) {
            self.pending = self.ranges.next();
        }
        self.pending
    }
}

struct Writer<'a> {
    source: &'a str,
    text: String,
    segments: Vec<Segment>,
}

impl Writer<'_> {
    fn copy(&mut self, trivia: &mut Trivia, range: TextRange) {
        let mut at = range.start();
        while at < range.end() {
            let gap = trivia.next_after(at).filter(|gap| gap.start() < range.end());
            let Some(gap) = gap else {
                return self.push_source(TextRange::new(at, range.end()));
            };
            if gap.start() > at {
                self.push_source(TextRange::new(at, gap.start()));
            }
            at = gap.end();
        }
    }

    /// Writes what the body of `function` tells the outside, as simple statements on the line of the header.
    fn stub(&mut self, function: &StmtFunctionDef, qualname: &str) {
        let mut surface = Surface::default();
        surface.read(function, qualname);
        let place = function.body.first().map_or(function.end(), Ranged::start);
        let mut is_first = true;
        let mut separate = |writer: &mut Self| {
            writer.push_made(if std::mem::take(&mut is_first) { " " } else { "; " }, place);
        };
        for names in &surface.globals {
            separate(self);
            self.push_made("global ", names.start());
            self.push_source(*names);
        }
        for attribute in &surface.attributes {
            separate(self);
            self.push_source(attribute.target);
            if let Some(annotation) = attribute.annotation {
                // In parentheses, because the annotation may go over several lines.
                self.push_made(": (", attribute.target.end());
                self.push_source(annotation);
                self.push_made(")", annotation.end());
            }
            if attribute.has_value {
                self.push_made(" = ...", attribute.target.end());
            }
        }
        if surface.is_generator {
            separate(self);
            self.push_made("yield", place);
        }
        if is_first_write(&surface) {
            self.push_made(" ...", place);
        }
    }

    fn push_source(&mut self, range: TextRange) {
        self.segments.push(Segment { start: TextSize::of(&self.text), source: range });
        self.text.push_str(&self.source[range.to_std_range()]);
    }

    fn push_made(&mut self, text: &str, place: TextSize) {
        self.segments.push(Segment { start: TextSize::of(&self.text), source: TextRange::empty(place) });
        self.text.push_str(text);
    }
}

fn is_first_write(surface: &Surface) -> bool {
    surface.globals.is_empty() && surface.attributes.is_empty() && !surface.is_generator
}

/// What a body tells the outside.
#[derive(Default)]
struct Surface {
    /// Ranges of the names in `global` statements, one range per name.
    globals: Vec<TextRange>,
    attributes: Vec<Attribute>,
    is_generator: bool,
    /// The first parameter, while statements of `__init__` itself are read.
    receiver: Option<ast::name::Name>,
    names: Vec<(ast::name::Name, usize)>,
    depth: u32,
}

/// An attribute that `__init__` declares.
struct Attribute {
    target: TextRange,
    annotation: Option<TextRange>,
    has_value: bool,
}

impl Surface {
    fn read(&mut self, function: &StmtFunctionDef, qualname: &str) {
        if function.name.as_str() == "__init__" && qualname.contains('.') {
            let parameters = &function.parameters;
            let first = parameters.posonlyargs.first().or(parameters.args.first());
            self.receiver = first.map(|first| first.parameter.name.id.clone());
        }
        self.visit_body(&function.body);
    }

    fn declare(&mut self, target: &Expr, annotation: Option<&Expr>, has_value: bool) {
        let (Some(receiver), Expr::Attribute(attribute)) = (&self.receiver, target) else { return };
        if self.depth > 0 || !matches!(&*attribute.value, Expr::Name(name) if name.id == *receiver) {
            return;
        }
        let declared = Attribute { target: target.range(), annotation: annotation.map(Ranged::range), has_value };
        match self.names.iter().find(|(name, _)| *name == attribute.attr.id) {
            None => {
                self.names.push((attribute.attr.id.clone(), self.attributes.len()));
                self.attributes.push(declared);
            }
            Some((_, index)) => {
                let first = &mut self.attributes[*index];
                // A second declaration with a type is kept beside the first, so that conflicts are seen.
                if annotation.is_some() && first.annotation.is_some() {
                    self.attributes.push(declared);
                } else if annotation.is_some() {
                    *first = Attribute { has_value: true, ..declared };
                } else {
                    first.has_value = true;
                }
            }
        }
    }
}

impl<'a> Visitor<'a> for Surface {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
                self.depth += 1;
                walk_stmt(self, stmt);
                self.depth -= 1;
                return;
            }
            Stmt::Global(global) => self.globals.extend(global.names.iter().map(Ranged::range)),
            Stmt::AnnAssign(assign) => {
                self.declare(&assign.target, Some(&assign.annotation), assign.value.is_some());
            }
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.declare(target, None, true)),
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(_) => {
                self.depth += 1;
                walk_expr(self, expr);
                self.depth -= 1;
                return;
            }
            Expr::Yield(_) | Expr::YieldFrom(_) if self.depth == 0 => self.is_generator = true,
            _ => {}
        }
        walk_expr(self, expr);
    }
}
