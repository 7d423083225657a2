//! Readers: a machine with one state per place in a record.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::list::PyList;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, PyResult, Value, Vm};

use super::dialect::{self, PyDialect};
use super::{error, field_limit};

/// Where in a record the reader is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuotes,
    EscapedInQuotes,
    QuoteInQuotes,
    /// Behind the end of a record: only line breaks may follow.
    LineEnd,
    AfterEscapedLineEnd,
}

/// Payload of a reader.
#[repr(C)]
struct PyReader {
    header: Header,
    input: Slot<Value>,
    dialect: Slot<Gc<PyDialect>>,
    /// The record being read.
    fields: Slot<Gc<PyList>>,
    state: Cell<State>,
    field: RefCell<Vec<u32>>,
    is_unquoted: Cell<bool>,
    lines: Cell<usize>,
}

impl Trace for PyReader {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.input.get());
        tracer.visit_object(self.dialect.get().header());
        tracer.visit_object(self.fields.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyReader {}

cinder_vm::layout!(PyReader, "_csv.reader");

const LF: u32 = 10;
const CR: u32 = 13;

impl PyReader {
    fn add(&self, vm: &Vm, c: u32) -> PyResult<()> {
        let mut field = self.field.borrow_mut();
        if field.len() as i64 >= field_limit() {
            return Err(error(vm, &format!("field larger than field limit ({})", field_limit())));
        }
        field.push(c);
        Ok(())
    }

    /// Ends the field; numbers and nulls by the rules of the dialect.
    fn save(&self, vm: &Vm) -> PyResult<()> {
        let quoting = self.dialect.get().quoting;
        let field = self.field.take();
        let unquoted = self.is_unquoted.get();
        let value = if field.is_empty() && unquoted && matches!(quoting, dialect::NOTNULL | dialect::STRINGS) {
            Value::NONE
        } else {
            let text = vm.new_str_points(&field)?;
            if !field.is_empty() && unquoted && matches!(quoting, dialect::NONNUMERIC | dialect::STRINGS) {
                vm.call(vm.types.float.as_value(), &[text])?
            } else {
                text
            }
        };
        vm.list_push(self.fields.get(), value)
    }

    /// Ends the field at the end of a line (`None` is the end of the text given).
    fn save_at_line_end(&self, vm: &Vm, c: Option<u32>) -> PyResult<()> {
        self.save(vm)?;
        self.state.set(if c.is_none() { State::StartRecord } else { State::LineEnd });
        Ok(())
    }

    /// One character; `None` is the end of a line.
    fn step(&self, vm: &Vm, c: Option<u32>) -> PyResult<()> {
        let dialect = self.dialect.get();
        let is_line_end = matches!(c, None | Some(LF | CR));
        let is_quote = c.is_some() && c == dialect.quote && dialect.quoting != dialect::NONE;
        let is_escape = c.is_some() && c == dialect.escape;
        let is_delimiter = c == Some(dialect.delimiter);
        match self.state.get() {
            State::StartRecord if c.is_none() => Ok(()),
            State::StartRecord if is_line_end => {
                self.state.set(State::LineEnd);
                Ok(())
            }
            State::StartRecord | State::StartField => {
                self.is_unquoted.set(true);
                self.state.set(State::StartField);
                match c {
                    _ if is_line_end => self.save_at_line_end(vm, c),
                    _ if is_quote => {
                        self.is_unquoted.set(false);
                        self.state.set(State::InQuotes);
                        Ok(())
                    }
                    _ if is_escape => {
                        self.state.set(State::Escaped);
                        Ok(())
                    }
                    Some(0x20) if dialect.skips_blank => Ok(()),
                    _ if is_delimiter => self.save(vm),
                    Some(c) => {
                        self.state.set(State::InField);
                        self.add(vm, c)
                    }
                    None => Ok(()),
                }
            }
            State::Escaped => {
                let is_break = matches!(c, Some(LF | CR));
                self.state.set(if is_break { State::AfterEscapedLineEnd } else { State::InField });
                self.add(vm, c.unwrap_or(LF))
            }
            State::AfterEscapedLineEnd if c.is_none() => Ok(()),
            State::AfterEscapedLineEnd | State::InField => match c {
                _ if is_line_end => self.save_at_line_end(vm, c),
                _ if is_escape => {
                    self.state.set(State::Escaped);
                    Ok(())
                }
                _ if is_delimiter => {
                    self.state.set(State::StartField);
                    self.save(vm)
                }
                Some(c) => {
                    self.state.set(State::InField);
                    self.add(vm, c)
                }
                None => Ok(()),
            },
            State::InQuotes => match c {
                None => Ok(()),
                _ if is_escape => {
                    self.state.set(State::EscapedInQuotes);
                    Ok(())
                }
                _ if is_quote => {
                    self.state.set(if dialect.doubles_quotes { State::QuoteInQuotes } else { State::InField });
                    Ok(())
                }
                Some(c) => self.add(vm, c),
            },
            State::EscapedInQuotes => {
                self.state.set(State::InQuotes);
                self.add(vm, c.unwrap_or(LF))
            }
            State::QuoteInQuotes => match c {
                Some(c) if is_quote => {
                    self.state.set(State::InQuotes);
                    self.add(vm, c)
                }
                _ if is_delimiter => {
                    self.state.set(State::StartField);
                    self.save(vm)
                }
                _ if is_line_end => self.save_at_line_end(vm, c),
                Some(c) if !dialect.strict => {
                    self.state.set(State::InField);
                    self.add(vm, c)
                }
                _ => {
                    let shown = |c: Option<u32>| c.and_then(char::from_u32).unwrap_or('"');
                    let (delimiter, quote) = (shown(Some(dialect.delimiter)), shown(dialect.quote));
                    Err(error(vm, &format!("'{delimiter}' expected after '{quote}'")))
                }
            },
            State::LineEnd => match c {
                None => {
                    self.state.set(State::StartRecord);
                    Ok(())
                }
                _ if is_line_end => Ok(()),
                _ => Err(error(
                    vm,
                    "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                )),
            },
        }
    }
}

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let own = vm.downcast::<PyReader>(value).expect("slot of this class");
    let fields = vm.new_pylist()?;
    own.fields.set(&vm.heap, own, fields);
    own.field.take();
    own.state.set(State::StartRecord);
    own.is_unquoted.set(false);
    loop {
        let Some(line) = vm.next(own.input.get())? else {
            if own.field.borrow().is_empty() && own.state.get() != State::InQuotes {
                return Ok(None);
            }
            if own.dialect.get().strict {
                return Err(error(vm, "unexpected end of data"));
            }
            own.save(vm)?;
            break;
        };
        let Some(text) = vm.as_str(line) else {
            let found = vm.type_name(line);
            return Err(error(
                vm,
                &format!("iterator should return strings, not {found} (the file should be opened in text mode)"),
            ));
        };
        own.lines.set(own.lines.get() + 1);
        for c in text.iter() {
            own.step(vm, Some(c))?;
        }
        own.step(vm, None)?;
        if own.state.get() == State::StartRecord {
            break;
        }
    }
    let fields = own.fields.get();
    let empty = vm.new_pylist()?;
    own.fields.set(&vm.heap, own, empty);
    Ok(Some(fields.as_value()))
}

pub(super) fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let input = vm.iter(args.at(0))?;
    let dialect = dialect::make(vm, args.opt(1), args.opt(2))?;
    let (class, fields) = (vm.native_class(&READER)?, vm.new_pylist()?);
    let made = vm.alloc_instance(class, 0, |header| PyReader {
        header,
        input: Slot::new(input),
        dialect: Slot::new(dialect),
        fields: Slot::new(fields),
        state: Cell::new(State::StartRecord),
        field: RefCell::default(),
        is_unquoted: Cell::new(false),
        lines: Cell::new(0),
    })?;
    Ok(made.as_value())
}

fn own(vm: &Vm, value: Value) -> Gc<PyReader> {
    vm.downcast::<PyReader>(value).expect("attribute of this class")
}

pub(super) static READER: TypeDef = TypeDef {
    doc: "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.\n",
    flags: type_flags::NO_NEW,
    slots: Slots { iter: Some(|_, value| Ok(value)), next: Some(next), ..Slots::NONE },
    getset: &[
        GetSetDef::member("dialect", |vm, value| Ok(own(vm, value).dialect.get().as_value())),
        GetSetDef::member("line_num", |vm, value| vm.new_uint(own(vm, value).lines.get())),
    ],
    ..TypeDef::new("_csv.reader", <PyReader as Payload>::LAYOUT)
};
