//! What could be written next.

use cinder_db::{Db, File, parsed_module, source_text};
use cinder_module_resolver::{resolve_import, submodules};
use cinder_semantic::{DefinitionKind, ScopeKind, semantic_index};
use cinder_syntax::ast::token::TokenKind;
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal, walk_expr};
use cinder_syntax::ast::{AnyNodeRef, Expr};
use cinder_text::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashSet;

use crate::auto_import::{self, ImportEdit};
use crate::describe::{Kind, ParameterKind, constructor, documentation, headline, kind_of, signature};
use crate::semantics::{Def, Semantics};
use crate::signature_help::enclosing_call;
use crate::syntax::is_name_char;
use crate::ty::Ty;

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub label: String,
    pub kind: Kind,
    /// What is written in place of [`Completions::replaced`].
    pub insert: String,
    /// A short remark beside the label: where it comes from.
    pub detail: Option<String>,
    /// Items of lower rank come first.
    pub rank: u8,
    /// An import to add.
    pub import: Option<ImportEdit>,
    /// Where it is defined, to find its documentation later.
    pub origin: Option<(File, TextRange)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The part of the word that is written already.
    pub replaced: TextRange,
    pub items: Vec<Item>,
    /// More letters may bring more items.
    pub is_incomplete: bool,
}

/// Auto-imports are offered from this many letters on.
const MIN_IMPORT_PREFIX: usize = 2;
/// More proposals help nobody.
const MAX_IMPORTS: usize = 100;

/// Ranks, the first the best.
const RANK_ARGUMENT: u8 = 0;
const RANK_LOCAL: u8 = 1;
const RANK_MODULE: u8 = 2;
const RANK_BUILTIN: u8 = 3;
const RANK_KEYWORD: u8 = 4;
const RANK_IMPORT: u8 = 5;
/// Added for names that begin with one, and with two underscores.
const RANK_PRIVATE: u8 = 10;

/// Proposals at a place. `files` is where names to import are looked for; without any, none are offered.
pub fn completions(db: &dyn Db, file: File, offset: TextSize, files: &[File]) -> Completions {
    let text = source_text(db, file).as_str();
    let at = cinder_text::floor_char_boundary(text, offset.to_usize());
    let start = at - text[..at].chars().rev().take_while(|c| is_name_char(*c)).map(char::len_utf8).sum::<usize>();
    let replaced = TextRange::new(TextSize::new(start as u32), TextSize::new(at as u32));
    let prefix = &text[start..at];
    let semantics = Semantics::new(db);
    let mut context = Context {
        semantics,
        file,
        replaced,
        prefix,
        items: Vec::new(),
        known: FxHashSet::default(),
        is_incomplete: false,
    };
    if prefix.chars().next().is_none_or(|first| !first.is_numeric()) && !context.is_in_text() {
        context.collect(text, files);
    }
    let Context { mut items, is_incomplete, .. } = context;
    items.sort_by(|one, other| (one.rank, &one.label).cmp(&(other.rank, &other.label)));
    Completions { replaced, items, is_incomplete }
}

/// The headline and documentation of a proposal.
pub fn describe(db: &dyn Db, file: File, range: TextRange) -> Option<(String, Option<String>)> {
    let semantics = Semantics::new(db);
    let def = semantics.def_with_range(file, range)?;
    let ty = semantics.type_of_def(&def);
    Some((headline(&semantics, &def, &ty), documentation(&semantics, &def)))
}

struct Context<'a, 'db> {
    semantics: Semantics<'db>,
    file: File,
    replaced: TextRange,
    prefix: &'a str,
    items: Vec<Item>,
    known: FxHashSet<String>,
    is_incomplete: bool,
}

impl<'db> Context<'_, 'db> {
    fn db(&self) -> &'db dyn Db {
        self.semantics.db
    }

    /// Whether the place is in a string or a comment.
    fn is_in_text(&self) -> bool {
        let offset = self.replaced.end();
        let tokens = parsed_module(self.db(), self.file).tokens();
        let after = tokens.partition_point(|token| token.range().start() < offset);
        let Some(token) = after.checked_sub(1).map(|index| tokens[index]) else { return false };
        match token.kind() {
            TokenKind::Comment => offset <= token.range().end(),
            TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle => offset < token.range().end(),
            _ => false,
        }
    }

    /// Adds what begins like the prefix; case does not matter.
    fn add(&mut self, label: &str, kind: Kind, rank: u8, origin: Option<&Def>, detail: Option<String>) {
        if !matches(label, self.prefix) || !self.known.insert(label.to_string()) {
            return;
        }
        let underscores = label.chars().take_while(|c| *c == '_').count().min(2) as u8;
        let wanted = self.prefix.chars().take_while(|c| *c == '_').count() as u8;
        let rank = rank + RANK_PRIVATE * underscores.saturating_sub(wanted);
        let origin = origin.and_then(|def| Some((def.file()?, def.range())));
        self.items.push(Item {
            label: label.to_string(),
            kind,
            insert: label.to_string(),
            detail,
            rank,
            import: None,
            origin,
        });
    }

    fn add_def(&mut self, name: &str, def: &Def, rank: u8) {
        if matches(name, self.prefix) {
            let kind = kind_of(&self.semantics, def);
            self.add(name, kind, rank, Some(def), None);
        }
    }

    fn collect(&mut self, text: &str, files: &[File]) {
        let before = text[..self.replaced.start().to_usize()].trim_end_matches([' ', '\t']);
        let line = before.rsplit(['\n', ';']).next().unwrap_or_default().trim_start();
        if let Some(rest) = line.strip_prefix("from ") {
            if let Some((module, names)) = split_import(rest) {
                if !names.ends_with(" as") {
                    self.names_of_module(module);
                }
                return;
            }
            return self.modules(rest, self.prefix.is_empty() && !rest.ends_with('.') && !rest.is_empty());
        }
        if let Some(rest) = line.strip_prefix("import ") {
            let name = rest.rsplit(',').next().unwrap_or_default().trim_start();
            return self.modules(name, false);
        }
        if matches!(line, "from" | "import") {
            return self.modules("", false);
        }
        if before.ends_with('.') && !before.ends_with("..") {
            return self.attributes(TextSize::new(before.len() as u32 - 1));
        }
        if line == "def" || line == "class" || line.ends_with(" as") && !line.starts_with("case ") {
            // A new name.
            return;
        }
        self.arguments();
        self.names();
        self.keywords(line.is_empty());
        if self.prefix.len() >= MIN_IMPORT_PREFIX {
            self.imports(files);
        } else if !files.is_empty() {
            self.is_incomplete = true;
        }
    }

    /// What follows a dot.
    fn attributes(&mut self, dot: TextSize) {
        let Some(value) = self.value_before(dot) else { return };
        let ty = self.semantics.expression(self.file, value);
        for (name, def) in self.semantics.member_names(&ty) {
            // Names mangled by their class are nobody else's business.
            self.add_def(&name, &def, RANK_LOCAL);
        }
        for (name, def) in self.semantics.loose_names(self.file, value) {
            // What is being written here is no attribute yet.
            if !def.range().contains_range(self.replaced) || def.file() != Some(self.file) {
                self.add_def(&name, &def, RANK_LOCAL);
            }
        }
    }

    /// The outermost expression that ends at a place: all of `a.b(c)`, not only `c`.
    fn value_before(&self, end: TextSize) -> Option<&'db Expr> {
        struct Find<'a> {
            text: &'a str,
            end: TextSize,
            found: Option<&'a Expr>,
        }
        impl<'a> SourceOrderVisitor<'a> for Find<'a> {
            fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
                match self.found.is_none() && node.range().contains_inclusive(self.end) {
                    true => TraversalSignal::Traverse,
                    false => TraversalSignal::Skip,
                }
            }
            fn visit_expr(&mut self, expr: &'a Expr) {
                let ends_here = expr.end() == self.end || is_wrapped(self.text, expr, self.end);
                if ends_here && expr.start() < self.end && self.found.is_none() {
                    self.found = Some(expr);
                }
                walk_expr(self, expr);
            }
        }
        let text = source_text(self.db(), self.file).as_str();
        let end = TextSize::new(text[..end.to_usize()].trim_end().len() as u32);
        let mut find = Find { text, end, found: None };
        find.visit_body(parsed_module(self.db(), self.file).suite());
        find.found
    }

    /// Names of modules below the dotted name written so far.
    fn modules(&mut self, written: &str, expects_import: bool) {
        if expects_import {
            return self.add("import", Kind::Keyword, RANK_KEYWORD, None, None);
        }
        let written: String = written.split_whitespace().collect();
        let level = written.chars().take_while(|c| *c == '.').count() as u32;
        let parent = written.trim_start_matches('.').trim_end_matches('.');
        if level == 0 && parent.is_empty() {
            for name in auto_import::top_level_modules(self.db()) {
                self.add(&name, Kind::Module, RANK_MODULE, None, None);
            }
            return;
        }
        let parent = (!parent.is_empty()).then_some(parent);
        let Ok(module) = resolve_import(self.db(), self.file, level, parent) else { return };
        for inner in submodules(self.db(), &module) {
            let name = inner.components().next_back().unwrap_or_default().to_string();
            self.add(&name, Kind::Module, RANK_MODULE, None, None);
        }
    }

    /// What `from module import` offers.
    fn names_of_module(&mut self, module: &str) {
        let module: String = module.split_whitespace().collect();
        let level = module.chars().take_while(|c| *c == '.').count() as u32;
        let name = module.trim_start_matches('.');
        let found = resolve_import(self.db(), self.file, level, (!name.is_empty()).then_some(name));
        let Ok(module) = found else { return };
        for (name, def) in self.semantics.member_names(&Ty::Module(module)) {
            self.add_def(&name, &def, RANK_LOCAL);
        }
    }

    /// Names of arguments of the call around.
    fn arguments(&mut self) {
        let Some(call) = enclosing_call(self.db(), self.file, self.replaced.end()) else { return };
        let callee = self.semantics.expression(self.file, &call.func);
        let mut names = Vec::new();
        for callee in callee.members() {
            let text = match callee {
                Ty::Function(function, receiver) => signature(&self.semantics, *function, receiver.is_some()),
                Ty::Class(class, _) => constructor(&self.semantics, *class),
                _ => continue,
            };
            let named = text.parameters.into_iter();
            names.extend(named.filter(|it| matches!(it.kind, ParameterKind::Ordinary | ParameterKind::KeywordOnly)));
        }
        for parameter in names {
            let is_given = call.arguments.keywords.iter().any(|keyword| {
                keyword.arg.as_ref().is_some_and(|name| name.as_str() == parameter.name)
                    && !keyword.range.contains_range(self.replaced)
            });
            if !is_given {
                let label = format!("{}=", parameter.name);
                self.add(&label, Kind::Parameter, RANK_ARGUMENT, None, Some(parameter.text));
            }
        }
    }

    /// Names visible here.
    fn names(&mut self) {
        let index = semantic_index(self.db(), self.file);
        let mut scope = Some(self.semantics.scope_at(self.file, self.replaced.start()));
        let mut is_first = true;
        while let Some(id) = scope {
            let this = index.scope(id);
            let is_module = this.kind == ScopeKind::Module;
            if is_first || this.kind != ScopeKind::Class {
                for symbol in this.symbols.iter().filter(|symbol| !symbol.name.starts_with('.')) {
                    let definitions = symbol.definitions.iter().map(|id| index.definition(*id));
                    let elsewhere = |it: &&cinder_semantic::Definition| {
                        it.range != self.replaced && it.kind != DefinitionKind::Delete
                    };
                    if let Some(definition) = definitions.rev().find(elsewhere) {
                        let rank = if is_module { RANK_MODULE } else { RANK_LOCAL };
                        self.add_def(&symbol.name, &Def::Name(self.file, definition.clone()), rank);
                    }
                }
            }
            is_first = false;
            scope = this.parent;
        }
        let mut starred: Vec<(String, Def)> = Vec::new();
        self.semantics.each_module_name(self.file, &mut |name: &str, def| starred.push((name.to_string(), def)));
        starred.retain(|(_, def)| def.file() != Some(self.file));
        for (name, def) in starred {
            self.add_def(&name, &def, RANK_MODULE);
        }
        if let Some(builtins) = self.semantics.module("builtins", None).and_then(|module| module.declaration()) {
            let mut found = Vec::new();
            self.semantics.each_module_name(builtins, &mut |name: &str, def| found.push((name.to_string(), def)));
            for (name, def) in found.into_iter().filter(|(name, def)| {
                (!name.starts_with('_') || name.starts_with("__")) && def.kind() != Some(DefinitionKind::Import)
            }) {
                self.add_def(&name, &def, RANK_BUILTIN);
            }
        }
    }

    fn keywords(&mut self, begins_statement: bool) {
        const EXPRESSIONS: [&str; 13] =
            ["False", "None", "True", "and", "await", "else", "for", "if", "in", "is", "lambda", "not", "or"];
        const STATEMENTS: [&str; 27] = [
            "assert", "async", "await", "break", "case", "class", "continue", "def", "del", "elif", "else", "except",
            "finally", "for", "from", "global", "if", "import", "match", "nonlocal", "pass", "raise", "return", "try",
            "type", "while", "with",
        ];
        for keyword in EXPRESSIONS {
            self.add(keyword, Kind::Keyword, RANK_KEYWORD, None, None);
        }
        let statements: &[&str] = if begins_statement { &STATEMENTS } else { &[] };
        for keyword in statements.iter().chain(begins_statement.then_some(&"yield")) {
            self.add(keyword, Kind::Keyword, RANK_KEYWORD, None, None);
        }
    }

    /// Names that would have to be imported.
    fn imports(&mut self, files: &[File]) {
        if files.is_empty() {
            return;
        }
        let prefix = self.prefix.to_string();
        let found = auto_import::candidates(self.db(), self.file, files, &|name| matches(name, &prefix));
        self.is_incomplete |= found.len() > MAX_IMPORTS;
        for candidate in
            found.into_iter().filter(|it| !self.known.contains(&it.name)).take(MAX_IMPORTS).collect::<Vec<_>>()
        {
            let detail = candidate.module.as_ref().map_or("import".to_string(), |module| format!("from {module}"));
            let def = candidate.module.as_ref().and_then(|module| {
                let module = self.semantics.module(module, Some(self.file))?;
                self.semantics.module_members(&module, &candidate.name, false).pop()
            });
            let kind = match &def {
                Some(def) => kind_of(&self.semantics, def),
                None => Kind::Module,
            };
            self.items.push(Item {
                label: candidate.name.clone(),
                kind,
                insert: candidate.name.clone(),
                detail: Some(detail),
                rank: RANK_IMPORT,
                import: Some(auto_import::import_edit(self.db(), self.file, &candidate)),
                origin: def.and_then(|def| Some((def.file()?, def.range()))),
            });
        }
    }
}

/// Whether only closing parentheses stand between the end of an expression and `end`.
fn is_wrapped(text: &str, value: &Expr, end: TextSize) -> bool {
    let between = text.get(value.end().to_usize()..end.to_usize());
    between.is_some_and(|between| between.ends_with(')') && between.chars().all(|c| c == ')' || c.is_whitespace()))
}

/// `module import names` after `from`.
fn split_import(rest: &str) -> Option<(&str, &str)> {
    let (module, names) = match rest.split_once(" import") {
        Some(parts) => parts,
        // `from . import`
        None => rest.split_once(".import").map(|(module, names)| (&rest[..module.len() + 1], names))?,
    };
    Some((module, names))
}

/// Whether the letters of `prefix` occur in `name` in order, the first one at its beginning or after an underscore; case does not matter.
fn matches(name: &str, prefix: &str) -> bool {
    let mut wanted = prefix.chars().flat_map(char::to_lowercase);
    let Some(first) = wanted.next() else { return true };
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let starts =
        (0..letters.len()).filter(|at| letters[*at] == first && (*at == 0 || letters[*at - 1] == '_' && first != '_'));
    let wanted: Vec<char> = wanted.collect();
    starts.into_iter().any(|start| {
        let mut rest = letters[start + 1..].iter();
        wanted.iter().all(|letter| rest.any(|it| it == letter))
    })
}
