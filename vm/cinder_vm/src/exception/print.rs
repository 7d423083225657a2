//! Printing exceptions that nobody caught, as CPython's `traceback` does.

use cinder_layout::Value;

use crate::types::frame::PyFrame;
use crate::types::traceback::PyTraceback;
use crate::vm::Vm;

impl Vm {
    /// Prints an exception that left the program, and gives the exit code: SystemExit's own, else 1.
    pub fn report_uncaught(&self, exception: Value) -> u8 {
        if self.is_instance(exception, self.exceptions.SystemExit) {
            return self.exit_code(exception);
        }
        let text = self.format_exception(exception);
        self.write_stderr(&text);
        1
    }

    fn exit_code(&self, exception: Value) -> u8 {
        match self.exception_field(exception, "code") {
            None => 0,
            Some(code) if code.is_none() => 0,
            Some(code) if self.is_int(code) => self.int_to_i64(code).map_or(255, |code| code as u8),
            Some(code) => {
                let text = match self.str(code) {
                    Ok(text) => self.str_text(text).into_owned(),
                    Err(raised) => {
                        self.take_exception(raised);
                        String::new()
                    }
                };
                self.write_stderr(&format!("{text}\n"));
                1
            }
        }
    }

    /// Writes to `sys.stderr`, or to the process's standard error when there is none.
    fn write_stderr(&self, text: &str) {
        let stream = self.modules.get_interned(self.names.sys).and_then(|sys| {
            let found = self.getattr_opt(sys, self.names.stderr);
            found.unwrap_or_else(|raised| {
                self.take_exception(raised);
                None
            })
        });
        if let Some(stream) = stream.filter(|stream| !stream.is_none())
            && let Ok(text) = self.new_str(text)
        {
            let written = self.call_method(stream, self.names.write, &[text]);
            let flushed = written.and_then(|_| self.call_method(stream, self.names.flush, &[]));
            match flushed {
                Ok(_) => return,
                Err(raised) => {
                    self.take_exception(raised);
                }
            }
        }
        // SAFETY: writing bytes of a str. A standard error that cannot be written to has no one to tell.
        unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
    }

    /// The text of an exception with its traceback.
    pub fn format_exception(&self, exception: Value) -> String {
        let mut out = String::new();
        let payload = self.as_exception(exception);
        if let Some(traceback) = payload.map(|payload| payload.traceback.get()).filter(|traceback| !traceback.is_none()) {
            out.push_str("Traceback (most recent call last):\n");
            let mut current = traceback;
            while let Some(entry) = self.downcast::<PyTraceback>(current) {
                let frame = self.downcast::<PyFrame>(entry.frame.get()).expect("a traceback holds a frame");
                let code = frame.code.get();
                let file = self.str_text(code.filename.get());
                out += &format!("  File \"{file}\", line {}, in {}\n", entry.line(self), code.object().qualname);
                current = entry.next.get();
            }
        }
        let name = self.class_full_name(self.type_of(exception));
        let text = match self.str(exception) {
            Ok(text) => self.str_text(text).into_owned(),
            Err(raised) => {
                self.take_exception(raised);
                "<exception str() failed>".to_owned()
            }
        };
        out += &name;
        if !text.is_empty() {
            out += ": ";
            out += &text;
        }
        out.push('\n');
        out
    }
}
