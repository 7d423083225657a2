//! Printing exceptions that nobody caught, as CPython's `traceback` does, without running Python code but `__str__`.
//!
//! Source: Lib/traceback.py.

use std::io::IsTerminal;

use cinder_bytecode::LineEntry;
use cinder_layout::Value;

use super::suggest;
use crate::native::PyResult;
use crate::types::frame::PyFrame;
use crate::types::traceback::PyTraceback;
use crate::vm::Vm;

/// Equal rows of a traceback in a row before the rest is only counted.
const REPEATED_ROWS: usize = 3;
const MAX_GROUP_WIDTH: usize = 15;
const MAX_GROUP_DEPTH: usize = 10;

impl Vm {
    /// Prints an exception that left the program, and gives the exit code: SystemExit's own, else 1.
    pub fn report_uncaught(&self, exception: Value) -> u8 {
        if self.is_instance(exception, self.exceptions.SystemExit) {
            return self.exit_code(exception);
        }
        match self.call_excepthook(exception) {
            Ok(true) => return 1,
            Ok(false) => {}
            Err(raised) => {
                let second = self.take_exception(raised);
                if self.is_instance(second, self.exceptions.SystemExit) {
                    return self.exit_code(second);
                }
                let text = self.format_exception(second);
                self.write_stderr(&format!("Error in sys.excepthook:\n{text}\nOriginal exception was:\n"));
            }
        }
        self.print_exception(exception);
        1
    }

    /// Prints an exception with its traceback to `sys.stderr`: in colours where the terminal and the environment want them.
    pub fn print_exception(&self, exception: Value) {
        if (self.config.asks_for_colors || std::io::stderr().is_terminal())
            && self.quietly(self.print_in_colors(exception)) == Some(true)
        {
            return;
        }
        let text = self.format_exception(exception);
        self.write_stderr(&text);
    }

    /// Leaves printing to the library, which knows the colours; `false`: there are none.
    fn print_in_colors(&self, exception: Value) -> PyResult<bool> {
        let colors = self.import("_colorize")?;
        let stream = self.sys_attribute("stderr").unwrap_or(Value::NONE);
        let ask = self.getattr_text(colors, "can_colorize")?;
        let has_colors = self.call_with(ask, &[], &[("file", stream)])?;
        if stream.is_none() || !self.truthy(has_colors)? {
            return Ok(false);
        }
        self.lend_sources(exception)?;
        let printer = self.getattr_text(self.import("traceback")?, "_print_exception_bltin")?;
        self.call(printer, &[exception]).map(|_| true)
    }

    /// Calls `sys.excepthook` when the program replaced it.
    fn call_excepthook(&self, exception: Value) -> PyResult<bool> {
        let Some(sys) = self.modules.get_interned(self.names.sys) else { return Ok(false) };
        let hook = self.getattr_opt(sys, self.names.excepthook)?;
        let own = self.getattr_opt(sys, self.intern("__excepthook__"))?;
        let Some(hook) = hook.filter(|hook| own != Some(*hook)) else { return Ok(false) };
        let traceback = self.as_exception(exception).map_or(Value::NONE, |payload| payload.traceback.get());
        self.call(hook, &[self.type_of(exception).as_value(), exception, traceback])?;
        Ok(true)
    }

    fn exit_code(&self, exception: Value) -> u8 {
        match self.exception_field(exception, "code") {
            None => 0,
            Some(code) if code.is_none() => 0,
            Some(code) if self.is_int(code) => self.int_to_i64(code).map_or(255, |code| code as u8),
            Some(code) => {
                match self.quietly(self.str(code)) {
                    // As it is: the stream knows what to do with surrogates.
                    Some(text) if self.quietly(self.write_to_stderr(text)).is_some() => {}
                    Some(text) => self.write_stderr(&self.str_text(text)),
                    None => {}
                }
                self.write_stderr("\n");
                1
            }
        }
    }

    fn write_to_stderr(&self, text: Value) -> PyResult<Value> {
        let stream = self.sys_attribute("stderr").unwrap_or(Value::NONE);
        self.call_method(stream, self.names.write, &[text])
    }

    /// The value, or `None` with the exception dropped.
    fn quietly<T>(&self, result: PyResult<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(raised) => {
                self.take_exception(raised);
                None
            }
        }
    }

    /// Writes to `sys.stderr`, or to the process's standard error when there is none.
    pub fn write_stderr(&self, text: &str) {
        let sys = self.modules.get_interned(self.names.sys);
        let stream = sys.and_then(|sys| self.quietly(self.getattr_opt(sys, self.names.stderr)).flatten());
        if let Some(stream) = stream.filter(|stream| !stream.is_none())
            && let Some(text) = self.quietly(self.new_str(text))
        {
            let written = self.call_method(stream, self.names.write, &[text]);
            let flushed = written.and_then(|_| self.call_method(stream, self.names.flush, &[]));
            if self.quietly(flushed).is_some() {
                return;
            }
        }
        // SAFETY: writing bytes of a str. A standard error that cannot be written to has no one to tell.
        unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
    }

    /// The text of an exception with its traceback, causes, notes and group members.
    pub fn format_exception(&self, exception: Value) -> String {
        let mut printer = Printer { vm: self, out: String::new(), depth: 0, need_close: false };
        printer.chain(exception, &mut Vec::new());
        printer.out
    }
}

impl Vm {
    /// Makes source texts that are in no file (`-c`) known to the library, for the functions of a traceback.
    fn lend_sources(&self, exception: Value) -> PyResult<()> {
        let Some(payload) = self.as_exception(exception) else { return Ok(()) };
        let register = self.getattr_text(self.import("linecache")?, "_register_code")?;
        let mut next = payload.traceback.get();
        while let Some(entry) = self.downcast::<PyTraceback>(next) {
            next = entry.next.get();
            let Some(frame) = self.downcast::<PyFrame>(entry.frame.get()) else { continue };
            let code = frame.code.get();
            let name = self.str_text(code.filename.get()).into_owned();
            if let Some(text) = self.sources.unfiled(&name) {
                self.call(register, &[code.as_value(), self.new_str(&text)?, code.filename.get()])?;
            }
        }
        Ok(())
    }
}

struct Printer<'a> {
    vm: &'a Vm,
    out: String,
    /// Nesting of exception groups.
    depth: usize,
    need_close: bool,
}

impl Printer<'_> {
    fn indent(&self) -> String {
        " ".repeat(2 * self.depth)
    }

    fn emit(&mut self, text: &str, margin: char) {
        if self.depth == 0 {
            self.out.push_str(text);
            return;
        }
        let indent = format!("{}{margin} ", self.indent());
        for line in text.split_inclusive('\n') {
            self.out.push_str(&indent);
            self.out.push_str(line);
        }
    }

    /// The exception, after what caused it.
    fn chain(&mut self, exception: Value, seen: &mut Vec<Value>) {
        let vm = self.vm;
        // Exceptions in these lists are reachable from `exception`.
        let mut links: Vec<(Value, Option<&str>)> = Vec::new();
        let mut current = exception;
        let mut message = None;
        loop {
            seen.push(current);
            links.push((current, message));
            let Some(payload) = vm.as_exception(current) else { break };
            let (cause, context) = (payload.cause.get(), payload.context.get());
            if !cause.is_none() && !seen.contains(&cause) {
                message = Some("\nThe above exception was the direct cause of the following exception:\n\n");
                current = cause;
            } else if cause.is_none()
                && !context.is_none()
                && !payload.suppress_context.get()
                && !seen.contains(&context)
            {
                message = Some("\nDuring handling of the above exception, another exception occurred:\n\n");
                current = context;
            } else {
                break;
            }
        }
        // The message of a link stands between it and what it leads to, so it comes after the link.
        for index in (0..links.len()).rev() {
            let (link, message) = links[index];
            self.one(link, seen);
            if let Some(message) = message {
                self.emit(message, '|');
            }
        }
    }

    fn one(&mut self, exception: Value, seen: &mut Vec<Value>) {
        if self.vm.is_group(exception) {
            self.group(exception, seen);
            return;
        }
        if let Some(stack) = self.stack(exception) {
            self.emit("Traceback (most recent call last):\n", '|');
            self.emit(&stack, '|');
        }
        let last = self.last_lines(exception);
        self.emit(&last, '|');
    }

    fn group(&mut self, exception: Value, seen: &mut Vec<Value>) {
        if self.depth > MAX_GROUP_DEPTH {
            self.emit(&format!("... (max_group_depth is {MAX_GROUP_DEPTH})\n"), '|');
            return;
        }
        let is_outermost = self.depth == 0;
        if is_outermost {
            self.depth += 1;
        }
        if let Some(stack) = self.stack(exception) {
            self.emit("Exception Group Traceback (most recent call last):\n", if is_outermost { '+' } else { '|' });
            self.emit(&stack, '|');
        }
        let last = self.last_lines(exception);
        self.emit(&last, '|');
        let members = self.vm.group_exceptions(exception);
        let shown = if members.len() <= MAX_GROUP_WIDTH { members.len() } else { MAX_GROUP_WIDTH + 1 };
        self.need_close = false;
        for index in 0..shown {
            let is_last = index == shown - 1;
            if is_last {
                self.need_close = true;
            }
            let is_cut = index >= MAX_GROUP_WIDTH;
            let title = if is_cut { "...".to_owned() } else { (index + 1).to_string() };
            let corner = if index == 0 { "+-" } else { "  " };
            self.out += &format!("{}{corner}+---------------- {title} ----------------\n", self.indent());
            self.depth += 1;
            if is_cut {
                let rest = members.len() - MAX_GROUP_WIDTH;
                let plural = if rest > 1 { "s" } else { "" };
                self.emit(&format!("and {rest} more exception{plural}\n"), '|');
            } else {
                self.chain(members[index], seen);
            }
            if is_last && self.need_close {
                self.out += &format!("{}+------------------------------------\n", self.indent());
                self.need_close = false;
            }
            self.depth -= 1;
        }
        if is_outermost {
            self.depth = 0;
        }
    }

    /// `sys.tracebacklimit`: how many entries are shown, the innermost.
    fn limit(&self) -> Option<usize> {
        let limit = self.vm.sys_attribute("tracebacklimit").filter(|limit| self.vm.is_int(*limit))?;
        match self.vm.int_to_i64(limit) {
            Some(limit) => Some(usize::try_from(limit).unwrap_or(0)),
            None => self.vm.int_is_negative(limit).then_some(0),
        }
    }

    /// The rows of the traceback; `None` when there is none.
    fn stack(&self, exception: Value) -> Option<String> {
        let vm = self.vm;
        let mut current = vm.as_exception(exception)?.traceback.get();
        if current.is_none() {
            return None;
        }
        if let Some(limit) = self.limit() {
            if limit == 0 {
                return None;
            }
            let entries =
                std::iter::successors(vm.downcast::<PyTraceback>(current), |entry| vm.downcast(entry.next.get()));
            for _ in limit..entries.count() {
                current = vm.downcast::<PyTraceback>(current).map_or(Value::NONE, |entry| entry.next.get());
            }
        }
        let mut out = String::new();
        let mut last: Option<(String, u32, String)> = None;
        let mut repeated = 0;
        let compiler = vm.interp.compiler.is_set().then(|| &**vm.interp.compiler);
        while let Some(entry) = vm.downcast::<PyTraceback>(current) {
            current = entry.next.get();
            let frame = vm.downcast::<PyFrame>(entry.frame.get()).expect("a traceback holds a frame");
            let code = frame.code.get();
            let file = vm.str_text(code.filename.get()).into_owned();
            let row = (file, entry.line(vm), code.object().name.to_string());
            if last.as_ref() == Some(&row) {
                repeated += 1;
                if repeated > REPEATED_ROWS {
                    continue;
                }
            } else {
                out += &repetition(repeated);
                repeated = 1;
                last = Some(row.clone());
            }
            out += &format!("  File \"{}\", line {}, in {}\n", row.0, row.1, row.2);
            if let Some(place) = code.object().place(entry.position.get()) {
                let line = LineEntry { end_line: place.line, column: 0, end_column: 0, ..*place };
                out += &vm.sources.show(&row.0, if vm.config.has_no_columns { &line } else { place }, compiler);
            }
        }
        out += &repetition(repeated);
        Some(out)
    }

    /// Class and message, notes, and for syntax errors the place.
    fn last_lines(&self, exception: Value) -> String {
        let vm = self.vm;
        let name = vm.class_full_name(vm.type_of(exception));
        let mut out = if vm.is_instance(exception, vm.exceptions.SyntaxError) {
            self.syntax_error(exception, &name)
        } else {
            let text = match vm.quietly(vm.str(exception)) {
                Some(text) => vm.str_text(text).into_owned(),
                None => "<exception str() failed>".to_owned(),
            };
            let hint = self.hint(exception).unwrap_or_default();
            if text.is_empty() && hint.is_empty() { format!("{name}\n") } else { format!("{name}: {text}{hint}\n") }
        };
        let notes =
            vm.quietly(vm.getattr_opt(exception, vm.names.__notes__)).flatten().filter(|notes| !notes.is_none());
        if let Some(notes) = notes {
            match vm.quietly(vm.sequence_values(notes)) {
                Some(notes) => {
                    for note in notes.iter() {
                        match vm.quietly(vm.str(*note)) {
                            Some(text) => vm.str_text(text).split('\n').for_each(|line| out += &format!("{line}\n")),
                            None => out += "<note str() failed>\n",
                        }
                    }
                }
                None => {
                    if let Some(text) = vm.quietly(vm.repr_text(notes)) {
                        out += &format!("{text}\n");
                    }
                }
            }
        }
        out
    }

    fn field_text(&self, exception: Value, name: &str) -> Option<String> {
        let vm = self.vm;
        let value = vm.exception_field(exception, name).filter(|value| !value.is_none())?;
        vm.quietly(vm.str(value)).map(|text| vm.str_text(text).into_owned())
    }

    fn field_number(&self, exception: Value, name: &str) -> Option<i64> {
        self.vm.exception_field(exception, name).and_then(|value| self.vm.int_to_i64(value))
    }

    fn syntax_error(&self, exception: Value, name: &str) -> String {
        let filename = self.field_text(exception, "filename");
        let line = self.field_number(exception, "lineno");
        let message = self.field_text(exception, "msg").unwrap_or_else(|| "<no detail available>".to_owned());
        let mut out = String::new();
        let mut suffix = String::new();
        match (line, &filename) {
            (Some(line), _) => {
                out += &format!("  File \"{}\", line {line}\n", filename.as_deref().unwrap_or("<string>"))
            }
            (None, Some(filename)) => suffix = format!(" ({filename})"),
            (None, None) => {}
        }
        if let Some(text) = self.field_text(exception, "text") {
            out += &self.syntax_source(exception, &text, line);
        }
        out + &format!("{name}: {message}{suffix}\n")
    }

    fn syntax_source(&self, exception: Value, text: &str, line: Option<i64>) -> String {
        let whole = text.trim_end_matches('\n');
        let shown = whole.trim_start_matches([' ', '\n', '\x0c']);
        let removed = (whole.chars().count() - shown.chars().count()) as i64;
        let Some(mut offset) = self.field_number(exception, "offset") else { return format!("    {shown}\n") };
        let length = whole.chars().count() as i64;
        let mut end = if line == self.field_number(exception, "end_lineno") {
            self.field_number(exception, "end_offset").filter(|end| *end != 0).unwrap_or(offset)
        } else {
            length + 1
        };
        let available = text.chars().count() as i64;
        if offset > available && available > 0 {
            offset = length + 1;
        }
        if end > available && available > 0 {
            end = length + 1;
        }
        if offset >= end || end < 0 {
            end = offset + 1;
        }
        let (column, end_column) = (offset - 1 - removed, end - 1 - removed);
        if column < 0 {
            return format!("    {shown}\n");
        }
        let space: String =
            shown.chars().take(column as usize).map(|c| if c.is_whitespace() { c } else { ' ' }).collect();
        let carets = "^".repeat((end_column - column).max(0) as usize);
        format!("    {shown}\n    {space}{carets}\n")
    }

    /// ". Did you mean: 'x'?" for names and attributes.
    fn hint(&self, exception: Value) -> Option<String> {
        let vm = self.vm;
        let name_value = vm.exception_field(exception, "name").filter(|name| vm.is_str(*name));
        if vm.is_instance(exception, vm.exceptions.ImportError) {
            let from = vm.exception_field(exception, "name_from").filter(|name| vm.is_str(*name))?;
            let module = vm.modules.get_interned(vm.intern_value(name_value?))?;
            let names = self.names_of(module, &vm.str_text(from))?;
            let wrong = vm.str_text(from);
            return suggest::closest(&wrong, names.iter().map(String::as_str))
                .map(|name| format!(". Did you mean: '{name}'?"));
        }
        let wrong = vm.str_text(name_value?);
        if vm.is_instance(exception, vm.exceptions.AttributeError) {
            let object = vm.exception_field(exception, "obj")?;
            let names = self.names_of(object, &wrong)?;
            return suggest::closest(&wrong, names.iter().map(String::as_str))
                .map(|name| format!(". Did you mean: '{name}'?"));
        }
        if vm.is_instance(exception, vm.exceptions.NameError) {
            return self.name_hint(exception, &wrong);
        }
        None
    }

    /// `dir(object)`, without private names unless the wrong name is private.
    fn names_of(&self, object: Value, wrong: &str) -> Option<Vec<String>> {
        let vm = self.vm;
        let names = vm.quietly(vm.call_builtin("dir", &[object]).and_then(|names| vm.sequence_values(names)))?;
        let names = names.iter().filter(|name| vm.is_str(**name)).map(|name| vm.str_text(*name).into_owned());
        Some(names.filter(|name| wrong.starts_with('_') || !name.starts_with('_')).collect())
    }

    fn name_hint(&self, exception: Value, wrong: &str) -> Option<String> {
        let vm = self.vm;
        let mut current = vm.as_exception(exception)?.traceback.get();
        let mut innermost = None;
        while let Some(entry) = vm.downcast::<PyTraceback>(current) {
            innermost = Some(entry.frame.get());
            current = entry.next.get();
        }
        let frame = vm.downcast::<PyFrame>(innermost?)?;
        let function = frame.function.get();
        let locals = vm.quietly(vm.getattr_text(frame.as_value(), "f_locals"))?;
        let mut names: Vec<String> = Vec::new();
        if let Some(locals) = vm.as_dict(locals) {
            if let Some(own) = locals.get_interned(vm.intern("self"))
                && let Some(Some(_)) = vm.quietly(vm.getattr_opt(own, vm.intern(wrong)))
            {
                return Some(format!(". Did you mean: 'self.{wrong}'?"));
            }
            for dict in [locals, function.globals.get(), function.builtins.get()] {
                let keys = (0..dict.entry_count()).filter_map(|number| dict.entry(number)).map(|(key, _)| key);
                names.extend(keys.filter(|key| vm.is_str(*key)).map(|key| vm.str_text(key).into_owned()));
            }
        }
        let similar = suggest::closest(wrong, names.iter().map(String::as_str)).map(str::to_owned);
        let modules = vm.sys_attribute("stdlib_module_names");
        let is_module = modules.and_then(|modules| vm.quietly(vm.contains(modules, vm.intern(wrong)))).unwrap_or(false);
        match (similar, is_module) {
            (Some(similar), true) => {
                Some(format!(". Did you mean: '{similar}'? Or did you forget to import '{wrong}'?"))
            }
            (Some(similar), false) => Some(format!(". Did you mean: '{similar}'?")),
            (None, true) => Some(format!(". Did you forget to import '{wrong}'?")),
            (None, false) => None,
        }
    }
}

fn repetition(count: usize) -> String {
    if count <= REPEATED_ROWS {
        return String::new();
    }
    let more = count - REPEATED_ROWS;
    format!("  [Previous line repeated {more} more time{}]\n", if more > 1 { "s" } else { "" })
}
