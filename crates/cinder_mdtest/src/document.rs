//! A Markdown file as cases.

/// A suite file.
#[derive(Debug)]
pub struct Document {
    /// In order of the text; only headings with at least one program.
    pub cases: Vec<Case>,
}

/// One case: the programs and expected outputs under one heading.
#[derive(Debug)]
pub struct Case {
    /// The headings that lead here, outermost first, joined by ` / `.
    pub name: String,
    /// The one-based line of the heading.
    pub line_number: u32,
    /// In order of first mention; at least one.
    pub files: Vec<CaseFile>,
    /// Blocks whose language the suite declared as output, in order.
    pub outputs: Vec<OutputBlock>,
    /// Other blocks: language and text.
    pub attachments: Vec<(String, String)>,
}

impl Case {
    /// A program, or (for suites below the front end) a block in another language.
    fn has_input(&self) -> bool {
        !self.files.is_empty() || (!self.attachments.is_empty() && !self.outputs.is_empty())
    }

    /// The file that holds the unnamed `py` blocks, else the first.
    pub fn main_file(&self) -> &CaseFile {
        let main = self.files.iter().find(|file| file.path == MAIN_PATH);
        main.or(self.files.first()).expect("a case has at least one file")
    }
}

/// The name of a program without a name.
const MAIN_PATH: &str = "main.py";

/// One program of a case.
#[derive(Debug)]
pub struct CaseFile {
    /// Relative, with forward slashes.
    pub path: String,
    pub text: String,
    /// Shape: the one-based line in the Markdown file of each line of `text`.
    pub(crate) line_numbers: Vec<u32>,
}

impl CaseFile {
    /// The Markdown line of a zero-based line of the program.
    pub(crate) fn markdown_line(&self, line_index: u32) -> u32 {
        self.line_numbers.get(line_index as usize).or(self.line_numbers.last()).copied().unwrap_or(1)
    }
}

/// An expected output.
#[derive(Debug)]
pub struct OutputBlock {
    /// The first word after the fence.
    pub language: String,
    /// The other words after the fence, for example a function's name.
    pub arguments: Vec<String>,
    pub text: String,
    /// Zero-based lines of the Markdown file that hold `text`: first and one past the last.
    pub(crate) lines: (usize, usize),
}

impl Document {
    /// Reads a suite. `output_languages` are the languages of blocks that hold expected output.
    ///
    /// Errors: a fence that is never closed, an output without a program; both are the suite's mistakes.
    pub fn parse(markdown: &str, output_languages: &[&str]) -> Result<Self, String> {
        let lines: Vec<&str> = markdown.lines().collect();
        let mut headings: Vec<String> = Vec::new();
        let mut cases: Vec<Case> = Vec::new();
        let mut current: Option<Case> = None;
        let mut heading_line = 1;
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            if let Some((level, title)) = heading(line) {
                cases.extend(current.take());
                headings.truncate(level - 1);
                headings.resize(level - 1, String::new());
                headings.push(title.to_owned());
                heading_line = at as u32 + 1;
            } else if let Some(fence) = Fence::open(line) {
                let first = at + 1;
                let len = lines[first..].iter().position(|line| fence.closes(line));
                let last = first + len.ok_or_else(|| format!("line {}: this block is never closed", at + 1))?;
                let case = current.get_or_insert_with(|| Case {
                    name: case_name(&headings),
                    line_number: heading_line,
                    files: Vec::new(),
                    outputs: Vec::new(),
                    attachments: Vec::new(),
                });
                add_block(case, &fence, &lines[first..last], first, output_languages);
                at = last;
            }
            at += 1;
        }
        cases.extend(current);
        for case in &cases {
            if !case.has_input() && !case.outputs.is_empty() {
                return Err(format!("line {}: `{}` has expected output but no program", case.line_number, case.name));
            }
        }
        cases.retain(Case::has_input);
        Ok(Self { cases })
    }
}

fn case_name(headings: &[String]) -> String {
    let named: Vec<&str> = headings.iter().map(String::as_str).filter(|title| !title.is_empty()).collect();
    if named.is_empty() { "(no heading)".to_owned() } else { named.join(" / ") }
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|&byte| byte == b'#').count();
    let title = line[level..].strip_prefix(' ')?;
    (1..=6).contains(&level).then(|| (level, title.trim()))
}

struct Fence {
    ticks: usize,
    words: Vec<String>,
}

impl Fence {
    fn open(line: &str) -> Option<Self> {
        let ticks = line.bytes().take_while(|&byte| byte == b'`').count();
        if ticks < 3 || line[ticks..].contains('`') {
            return None;
        }
        Some(Self { ticks, words: line[ticks..].split_whitespace().map(str::to_owned).collect() })
    }

    fn closes(&self, line: &str) -> bool {
        line.trim_end().len() >= self.ticks && line.trim_end().bytes().all(|byte| byte == b'`')
    }
}

fn add_block(case: &mut Case, fence: &Fence, lines: &[&str], first: usize, output_languages: &[&str]) {
    let language = fence.words.first().map_or("", String::as_str);
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    if output_languages.contains(&language) {
        case.outputs.push(OutputBlock {
            language: language.to_owned(),
            arguments: fence.words[1..].to_vec(),
            text,
            lines: (first, first + lines.len()),
        });
        return;
    }
    if !matches!(language, "py" | "pyi" | "python") {
        case.attachments.push((language.to_owned(), text));
        return;
    }
    let path = lines.first().and_then(|line| file_name(line)).unwrap_or(MAIN_PATH);
    let numbers = (0..lines.len()).map(|offset| (first + offset) as u32 + 1);
    match case.files.iter_mut().find(|file| file.path == path) {
        Some(file) => {
            file.text.push_str(&text);
            file.line_numbers.extend(numbers);
        }
        None => case.files.push(CaseFile { path: path.to_owned(), text, line_numbers: numbers.collect() }),
    }
}

/// A first line such as `# package/module.py` names the file.
fn file_name(line: &str) -> Option<&str> {
    let name = line.strip_prefix("# ")?.trim_end();
    let is_path = [".py", ".pyi", ".pys"].iter().any(|suffix| name.ends_with(suffix));
    (is_path && !name.contains(char::is_whitespace)).then_some(name)
}
