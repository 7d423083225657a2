//! Writers.

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::dialect::{self, PyDialect};
use super::error;

/// Payload of a writer.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyWriter {
    header: Header,
    write: Slot<Value>,
    dialect: Slot<Gc<PyDialect>>,
}

cinder_vm::layout!(PyWriter, "_csv.writer");

fn own(vm: &Vm, value: Value) -> Gc<PyWriter> {
    vm.downcast::<PyWriter>(value).expect("method of this class")
}

/// Appends one field.
fn push_field(
    vm: &Vm,
    record: &mut Vec<u32>,
    dialect: Gc<PyDialect>,
    field: &[u32],
    is_null: bool,
    mut quoted: bool,
) -> PyResult<()> {
    let line_end = vm.str_text(dialect.line_end.get());
    let mut text = Vec::with_capacity(field.len());
    for &c in field {
        let is_special = c == dialect.delimiter
            || Some(c) == dialect.escape
            || Some(c) == dialect.quote
            || c == 10
            || c == 13
            || char::from_u32(c).is_some_and(|c| line_end.contains(c));
        if is_special {
            let needs_escape = if dialect.quoting == dialect::NONE {
                true
            } else if Some(c) == dialect.quote {
                if dialect.doubles_quotes {
                    text.push(c);
                }
                !dialect.doubles_quotes
            } else {
                Some(c) == dialect.escape
            };
            if needs_escape {
                match dialect.escape {
                    Some(escape) => text.push(escape),
                    None => return Err(error(vm, "need to escape, but no escapechar set")),
                }
            } else {
                quoted = true;
            }
        }
        text.push(c);
    }
    if field.is_empty() && dialect.delimiter == 0x20 && dialect.skips_blank {
        if cannot_quote(dialect, is_null) {
            return Err(error(vm, "empty field must be quoted if delimiter is a space and skipinitialspace is true"));
        }
        quoted = true;
    }
    let quote = dialect.quote.filter(|_| quoted);
    record.extend(quote);
    record.extend(text);
    record.extend(quote);
    Ok(())
}

/// Whether the rules forbid quotes around an empty field.
fn cannot_quote(dialect: Gc<PyDialect>, is_null: bool) -> bool {
    dialect.quoting == dialect::NONE || (is_null && matches!(dialect.quoting, dialect::STRINGS | dialect::NOTNULL))
}

fn is_number(vm: &Vm, value: Value) -> bool {
    let class = vm.type_of(value);
    let slots = class.slots();
    slots.index.is_some() || slots.int.is_some() || slots.float.is_some() || vm.complex_value(value).is_some()
}

fn write_row(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let dialect = own.dialect.get();
    let iterator = match vm.iter(args.at(1)) {
        Err(raised) if vm.pending_matches(vm.exceptions.TypeError) => {
            vm.take_exception(raised);
            let found = vm.type_name(args.at(1));
            return Err(error(vm, &format!("iterable expected, not {found}")));
        }
        iterator => iterator?,
    };
    let (mut record, mut count, mut is_null) = (Vec::new(), 0, false);
    while let Some(field) = vm.next(iterator)? {
        let quoted = match dialect.quoting {
            dialect::NONNUMERIC => !is_number(vm, field),
            dialect::ALL => true,
            dialect::STRINGS => vm.is_str(field),
            dialect::NOTNULL => !field.is_none(),
            _ => false,
        };
        is_null = field.is_none();
        let points: Vec<u32> = match vm.as_str(field) {
            Some(text) => text.iter().collect(),
            None if is_null => Vec::new(),
            None => {
                let text = vm.str(field)?;
                vm.as_str(text).map(|text| text.iter().collect()).unwrap_or_default()
            }
        };
        if count > 0 {
            record.push(dialect.delimiter);
        }
        push_field(vm, &mut record, dialect, &points, is_null, quoted)?;
        count += 1;
    }
    if count > 0 && record.is_empty() {
        if cannot_quote(dialect, is_null) {
            return Err(error(vm, "single empty field record must be quoted"));
        }
        push_field(vm, &mut record, dialect, &[], is_null, true)?;
    }
    if let Some(end) = vm.as_str(dialect.line_end.get()) {
        record.extend(end.iter());
    }
    let text = vm.new_str_points(&record)?;
    vm.call(own.write.get(), &[text])
}

fn write_rows(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.for_each(args.at(1), |row| write_row(vm, &[args[0], Some(row)]).map(|_| ()))?;
    Ok(Value::NONE)
}

pub(super) fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let write = vm.getattr_opt(args.at(0), vm.names.write)?.filter(|write| vm.is_callable(*write));
    let Some(write) = write else { return Err(vm.type_error("argument 1 must have a \"write\" method")) };
    let dialect = dialect::make(vm, args.opt(1), args.opt(2))?;
    let class = vm.native_class(&WRITER)?;
    let made = vm.alloc_instance(class, 0, |header| PyWriter {
        header,
        write: Slot::new(write),
        dialect: Slot::new(dialect),
    })?;
    Ok(made.as_value())
}

pub(super) static WRITER: TypeDef = TypeDef {
    doc: "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.\n",
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::method("writerow", "self, row, /", write_row),
        NativeDef::method("writerows", "self, rows, /", write_rows),
    ],
    getset: &[GetSetDef::member("dialect", |vm, value| Ok(own(vm, value).dialect.get().as_value()))],
    ..TypeDef::new("_csv.writer", <PyWriter as Payload>::LAYOUT)
};
