//! What can be folded, and how a selection grows.

use cinder_db::{Db, File, line_index, parsed_module, source_text};
use cinder_syntax::ast::AnyNodeRef;
use cinder_syntax::ast::token::TokenKind;
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use cinder_text::{Ranged, TextRange, TextSize};

use crate::syntax::{identifier_at, path_to};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldKind {
    Code,
    Comment,
    Imports,
    Region,
}

/// Lines that can be folded; both ends are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    pub range: TextRange,
    pub kind: FoldKind,
}

/// Folds in order of place, each over at least two lines.
pub fn folding_ranges(db: &dyn Db, file: File) -> Vec<Fold> {
    let parsed = parsed_module(db, file);
    let mut walk = Folds { folds: Vec::new(), imports: None };
    walk.visit_body(parsed.suite());
    walk.end_imports();
    let mut folds = walk.folds;
    comments(db, file, &mut folds);
    let (text, lines) = (source_text(db, file), line_index(db, file));
    // Ends at the end of a line belong to that line.
    folds.retain(|fold| lines.line_of(fold.range.start()) < lines.line_of(last_place(text, fold.range)));
    folds.sort_by_key(|fold| (fold.range.start(), std::cmp::Reverse(fold.range.end()), fold.kind));
    folds.dedup();
    folds
}

fn last_place(text: &str, range: TextRange) -> TextSize {
    let trimmed = cinder_text::slice(text, range).trim_end();
    range.start() + TextSize::new(trimmed.len() as u32)
}

struct Folds {
    folds: Vec<Fold>,
    /// Neighbouring import statements.
    imports: Option<TextRange>,
}

impl Folds {
    fn end_imports(&mut self) {
        if let Some(range) = self.imports.take() {
            self.folds.push(Fold { range, kind: FoldKind::Imports });
        }
    }

    fn add(&mut self, range: TextRange) {
        self.folds.push(Fold { range, kind: FoldKind::Code });
    }
}

impl<'a> SourceOrderVisitor<'a> for Folds {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        if node.is_statement() {
            match node {
                AnyNodeRef::StmtImport(_) | AnyNodeRef::StmtImportFrom(_) => {
                    let range = node.range();
                    self.imports = Some(self.imports.map_or(range, |imports| imports.cover(range)));
                }
                _ => self.end_imports(),
            }
        }
        match node {
            AnyNodeRef::StmtFunctionDef(function) => self.add(TextRange::new(function.name.start(), function.end())),
            AnyNodeRef::StmtClassDef(class) => self.add(TextRange::new(class.name.start(), class.end())),
            AnyNodeRef::StmtIf(_)
            | AnyNodeRef::ElifElseClause(_)
            | AnyNodeRef::StmtFor(_)
            | AnyNodeRef::StmtWhile(_)
            | AnyNodeRef::StmtWith(_)
            | AnyNodeRef::StmtTry(_)
            | AnyNodeRef::ExceptHandlerExceptHandler(_)
            | AnyNodeRef::StmtMatch(_)
            | AnyNodeRef::MatchCase(_)
            | AnyNodeRef::ExprCall(_)
            | AnyNodeRef::ExprList(_)
            | AnyNodeRef::ExprSet(_)
            | AnyNodeRef::ExprDict(_)
            | AnyNodeRef::ExprTuple(_)
            | AnyNodeRef::ExprListComp(_)
            | AnyNodeRef::ExprSetComp(_)
            | AnyNodeRef::ExprDictComp(_) => self.add(node.range()),
            AnyNodeRef::ExprStringLiteral(_) => self.folds.push(Fold { range: node.range(), kind: FoldKind::Comment }),
            _ => {}
        }
        TraversalSignal::Traverse
    }
}

/// Neighbouring comments, and what stands between `# region` and `# endregion`.
fn comments(db: &dyn Db, file: File, folds: &mut Vec<Fold>) {
    let text = source_text(db, file).as_str();
    let lines = line_index(db, file);
    let mut regions: Vec<TextSize> = Vec::new();
    let mut run: Option<TextRange> = None;
    for token in parsed_module(db, file).tokens().iter().filter(|token| token.kind() == TokenKind::Comment) {
        let range = token.range();
        let body = cinder_text::slice(text, range).trim_start_matches('#').trim_start();
        if body.starts_with("region") {
            regions.push(range.start());
        } else if body.starts_with("endregion")
            && let Some(start) = regions.pop()
        {
            folds.push(Fold { range: TextRange::new(start, range.end()), kind: FoldKind::Region });
        }
        let line = lines.line_of(range.start());
        let stands_alone = text[lines.line_start(text, line).to_usize()..range.start().to_usize()].trim().is_empty();
        match run {
            Some(known) if stands_alone && lines.line_of(known.end()) + 1 == line => run = Some(known.cover(range)),
            _ => {
                folds.extend(run.take().map(|range| Fold { range, kind: FoldKind::Comment }));
                run = stands_alone.then_some(range);
            }
        }
    }
    folds.extend(run.map(|range| Fold { range, kind: FoldKind::Comment }));
}

/// The ranges a selection at a place grows through, innermost first; each contains the one before.
pub fn selection_ranges(db: &dyn Db, file: File, offset: TextSize) -> Vec<TextRange> {
    let text = source_text(db, file).as_str();
    let offset = TextSize::new(cinder_text::floor_char_boundary(text, offset.to_usize()) as u32);
    let mut ranges: Vec<TextRange> = identifier_at(db, file, offset).into_iter().collect();
    let path = path_to(db, file, TextRange::empty(offset));
    for node in path.iter().rev() {
        ranges.push(node.range());
        // A body is more than one of its statements and less than what it belongs to.
        let body = match node {
            AnyNodeRef::StmtFunctionDef(function) => &function.body[..],
            AnyNodeRef::StmtClassDef(class) => &class.body[..],
            _ => &[],
        };
        if let (Some(first), Some(last)) = (body.first(), body.last()) {
            let range = TextRange::new(first.start(), last.end());
            if range.contains_inclusive(offset) {
                let at = ranges.len() - 1;
                ranges.insert(at, range);
            }
        }
    }
    ranges.push(TextRange::new(TextSize::new(0), TextSize::new(text.len() as u32)));
    let mut grown: Vec<TextRange> = Vec::new();
    for range in ranges {
        if grown.last().is_none_or(|last| range.contains_range(*last) && range != *last) {
            grown.push(range);
        }
    }
    grown
}
