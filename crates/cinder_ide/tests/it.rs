//! Feature tests written in Markdown: a program with a mark `<CURSOR>`, and what each feature says at it.

use std::path::PathBuf;
use std::process::ExitCode;

use cinder_db::testing::TestDb;
use cinder_db::{Db, File, FilePath, line_index, source_text};
use cinder_ide::inlay_hints::HintOptions;
use cinder_ide::{
    Search, code_actions, completion, folding, goto, hierarchy, hover, inlay_hints, native, references, rename,
    semantic_tokens, signature_help, symbols,
};
use cinder_mdtest::{Case, Findings, OutputBlock, Suite};
use cinder_text::{TextRange, TextSize};

const MARK: &str = "<CURSOR>";

fn main() -> ExitCode {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/ide");
    let output_languages = &[
        "hover",
        "definition",
        "declaration",
        "type-definition",
        "implementation",
        "references",
        "highlights",
        "rename",
        "completion",
        "signature",
        "symbols",
        "workspace-symbols",
        "tokens",
        "hints",
        "folds",
        "selection",
        "calls",
        "types",
        "actions",
        "native",
    ];
    cinder_mdtest::main(&[Suite { directory, output_languages, run }])
}

struct Session {
    db: TestDb,
    files: Vec<File>,
    file: File,
    offset: TextSize,
}

fn run(case: &Case) -> Findings {
    let mut db = TestDb::new();
    let mut cursor = None;
    for file in &case.files {
        let text = file.text.replace(MARK, "");
        if let Some(at) = file.text.find(MARK) {
            cursor = Some((file.path.clone(), TextSize::new(at as u32)));
        }
        db.write(&format!("/src/{}", file.path), &text);
    }
    let files: Vec<File> = case.files.iter().map(|file| db.file(&format!("/src/{}", file.path))).collect();
    let (path, offset) = cursor.unwrap_or((case.main_file().path.clone(), TextSize::new(0)));
    let file = db.file(&format!("/src/{path}"));
    let session = Session { db, files, file, offset };
    let outputs = cinder_syntax::with_deep_stack(|| case.outputs.iter().map(|block| session.output(block)).collect());
    Findings { outputs, ..Findings::default() }
}

impl Session {
    fn output(&self, block: &OutputBlock) -> String {
        let (db, file, offset): (&dyn Db, File, TextSize) = (&self.db, self.file, self.offset);
        match block.language.as_str() {
            "hover" => match hover::hover(db, file, offset) {
                None => "nothing".to_string(),
                Some(hover) => {
                    let parts = hover.parts.iter().map(|part| match part {
                        hover::Part::Code(text) | hover::Part::Text(text) => text.clone(),
                        hover::Part::Remark(text) => format!("({text})"),
                    });
                    format!("`{}`\n{}", self.text(file, hover.range), parts.collect::<Vec<_>>().join("\n---\n"))
                }
            },
            "definition" => self.destinations(goto::definition(db, file, offset)),
            "declaration" => self.destinations(goto::declaration(db, file, offset)),
            "type-definition" => self.destinations(goto::type_definition(db, file, offset)),
            "implementation" => self.destinations(goto::implementation(db, file, offset, Search::silent(&self.files))),
            "references" => {
                let search = Search::silent(&self.files);
                self.references(references::references(db, file, offset, search, true))
            }
            "highlights" => self.references(references::highlights(db, file, offset)),
            "rename" => {
                let name = block.arguments.first().map_or("renamed", String::as_str);
                match rename::rename(db, file, offset, name, Search::silent(&self.files)) {
                    Err(reason) => format!("refused: {reason}"),
                    Ok(edits) => lines(
                        edits.iter().map(|edit| format!("{} -> {}", self.place(edit.file, edit.range), edit.text)),
                    ),
                }
            }
            "completion" => self.completion(block),
            "signature" => self.signature(),
            "symbols" => {
                let mut text = String::new();
                for symbol in symbols::document_symbols(db, file) {
                    outline(symbol, 0, &mut text);
                }
                text
            }
            "workspace-symbols" => {
                let query = block.arguments.first().map_or("", String::as_str);
                let found = symbols::workspace_symbols(db, &self.files, query, 20);
                lines(found.iter().map(|it| {
                    format!("{} {} in {} at {}", it.kind.name(), it.name, it.container, self.place(it.file, it.range))
                }))
            }
            "tokens" => lines(semantic_tokens::semantic_tokens(db, file, None).iter().map(|token| {
                let names = semantic_tokens::MODIFIERS.iter().enumerate();
                let modifiers: String = names
                    .filter(|(bit, _)| token.modifiers & (1 << bit) != 0)
                    .map(|(_, name)| format!(" {name}"))
                    .collect();
                format!("{} {}{modifiers}", self.place(file, token.range), semantic_tokens::TYPES[token.kind as usize])
            })),
            "hints" => self.hints(),
            "folds" => lines(folding::folding_ranges(db, file).iter().map(|fold| {
                let (first, last) = (self.line(file, fold.range.start()), self.line(file, fold.range.end()));
                format!("{first}-{last} {:?}", fold.kind)
            })),
            "selection" => lines(
                folding::selection_ranges(db, file, offset)
                    .iter()
                    .map(|range| format!("{:?}", self.text(file, *range))),
            ),
            "calls" => self.calls(),
            "types" => self.types(),
            "actions" => lines(code_actions::code_actions(db, file, TextRange::empty(offset), &self.files).iter().map(
                |action| {
                    let edits: Vec<String> = action
                        .edits
                        .iter()
                        .map(|(range, text)| format!("{} {text:?}", self.place(file, *range)))
                        .collect();
                    format!("{}: {}", action.title, edits.join(", "))
                },
            )),
            "native" => lines(native::functions(db, file).iter().flat_map(|report| {
                let operations = report.operations.iter().map(|operation| {
                    let why: String =
                        operation.reason.iter().chain(&operation.cure).map(|text| format!("; {text}")).collect();
                    format!(
                        "  `{}` {}: {}{why}",
                        self.text(file, operation.range),
                        operation.level.name(),
                        operation.what
                    )
                });
                std::iter::once(format!("{}: {}", report.name, report.summary())).chain(operations).collect::<Vec<_>>()
            })),
            other => panic!("no feature `{other}`"),
        }
    }

    fn text(&self, file: File, range: TextRange) -> &str {
        cinder_text::slice(source_text(&self.db, file), range)
    }

    fn line(&self, file: File, offset: TextSize) -> u32 {
        line_index(&self.db, file).line_of(offset) + 1
    }

    /// `main.py:3:5 `text``; files of the library without places, which are not ours.
    fn place(&self, file: File, range: TextRange) -> String {
        let path = match file.path(&self.db) {
            FilePath::Disk(path) => path.strip_prefix("/src").unwrap_or(path).display().to_string(),
            FilePath::Vendored(path) => return format!("{path} `{}`", self.text(file, range)),
            FilePath::Virtual(name) => name.to_string(),
        };
        let at = line_index(&self.db, file).line_column(source_text(&self.db, file), range.start());
        format!("{path}:{}:{} `{}`", at.line_number, at.column_number, self.text(file, range))
    }

    fn destinations(&self, found: Option<goto::Destinations>) -> String {
        match found {
            None => "nothing".to_string(),
            Some(found) => lines(found.targets.iter().map(|target| self.place(target.file, target.range))),
        }
    }

    fn references(&self, found: Option<Vec<references::Reference>>) -> String {
        let show = |it: &references::Reference| {
            format!("{}{}", self.place(it.file, it.range), if it.is_definition { " (definition)" } else { "" })
        };
        found.map_or("nothing".to_string(), |found| lines(found.iter().map(show)))
    }

    /// The arguments of the block choose labels; without any, all are shown.
    fn completion(&self, block: &OutputBlock) -> String {
        let found = completion::completions(&self.db, self.file, self.offset, &self.files);
        let wanted = |label: &str| block.arguments.is_empty() || block.arguments.iter().any(|it| it == label);
        let shown = found.items.iter().filter(|item| wanted(&item.label)).map(|item| {
            let detail = item.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
            let import = item.import.as_ref().map(|edit| format!(" + {:?}", edit.text)).unwrap_or_default();
            format!("{} {}{detail}{import}", item.kind.name(), item.label)
        });
        let text = lines(shown);
        if text.is_empty() { "nothing".to_string() } else { text }
    }

    fn signature(&self) -> String {
        let Some(help) = signature_help::signature_help(&self.db, self.file, self.offset) else {
            return "nothing".to_string();
        };
        lines(help.signatures.iter().enumerate().map(|(index, signature)| {
            let active = signature.active_parameter.and_then(|at| signature.parameters.get(at));
            let parameter =
                active.map(|(start, end)| format!(" [{}]", &signature.label[*start..*end])).unwrap_or_default();
            format!("{}{}{parameter}", if index == help.active { "* " } else { "  " }, signature.label)
        }))
    }

    fn hints(&self) -> String {
        let text = source_text(&self.db, self.file).as_str();
        let options = HintOptions { variable_types: true, return_types: true, parameter_names: true, native: true };
        let whole = TextRange::new(TextSize::new(0), TextSize::new(text.len() as u32));
        let mut marked = text.to_string();
        for hint in inlay_hints::inlay_hints(&self.db, self.file, whole, options).iter().rev() {
            marked.insert_str(hint.offset.to_usize(), &format!("[{}]", hint.label));
        }
        marked
    }

    fn calls(&self) -> String {
        let mut text = String::new();
        for node in hierarchy::prepare_calls(&self.db, self.file, self.offset) {
            text.push_str(&format!("{} {} in {}\n", node.kind.name(), node.name, node.detail));
            let show = |direction: &str, call: &hierarchy::Call, file: File| {
                let places: Vec<String> = call.places.iter().map(|range| self.place(file, *range)).collect();
                format!("  {direction} {} {}: {}\n", call.node.kind.name(), call.node.name, places.join(", "))
            };
            for call in hierarchy::incoming_calls(&self.db, node.file, node.range, Search::silent(&self.files)) {
                text.push_str(&show("from", &call, call.node.file));
            }
            for call in hierarchy::outgoing_calls(&self.db, node.file, node.range) {
                text.push_str(&show("to", &call, node.file));
            }
        }
        text
    }

    fn types(&self) -> String {
        let mut text = String::new();
        for node in hierarchy::prepare_types(&self.db, self.file, self.offset) {
            text.push_str(&format!("{} in {}\n", node.name, node.detail));
            for above in hierarchy::supertypes(&self.db, node.file, node.range) {
                text.push_str(&format!("  above {} in {}\n", above.name, above.detail));
            }
            for below in hierarchy::subtypes(&self.db, node.file, node.range, Search::silent(&self.files)) {
                text.push_str(&format!("  below {} in {}\n", below.name, below.detail));
            }
        }
        text
    }
}

fn outline(symbol: &symbols::Symbol, depth: usize, text: &mut String) {
    text.push_str(&format!("{}{} {}\n", "  ".repeat(depth), symbol.kind.name(), symbol.name));
    for child in &symbol.children {
        outline(child, depth + 1, text);
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}
