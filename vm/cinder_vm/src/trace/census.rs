//! How often inline caches answer: what `cinder dump caches` shows.
//!
//! Problem: a hit must cost nothing, so nothing counts them; but whoever wonders why a program is slow wants to see the sites that keep missing.
//! Idea: while the census runs every instruction with a cache record is armed like a line that a debugger watches. Before it runs, the census notes which
//! form stands there; before the next one runs, whether that form is still there with the same facts. A quick form that stayed has hit; a generic
//! form, or a quick one that gave way, has missed.
//! Holds: results are those of a run without census. The JIT is off while it runs.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;

use cinder_bytecode::{Instruction, Opcode};
use cinder_heap::Gc;
use cinder_layout::{Header, Value};
use rustc_hash::FxHashMap;

use crate::cache::{CacheRecord, SiteUse};
use crate::interp::dispatch::{Ip, rec};
use crate::interp::stack::Frame;
use crate::types::code::PyCode;
use crate::vm::Vm;

/// What one site did.
#[derive(Default)]
struct Site {
    runs: u64,
    hits: u64,
    /// The form met last.
    form: u16,
}

/// A site that runs: its form and facts before.
struct Running {
    key: (u64, u32),
    form: u16,
    record: CacheRecord,
    at: Ip,
    is_known: bool,
}

/// Counts by code object and word. The code objects are kept by [`Census::codes`].
#[derive(Default)]
pub(crate) struct Census {
    sites: RefCell<FxHashMap<(u64, u32), Site>>,
    running: Cell<Option<Running>>,
    pub(super) codes: RefCell<FxHashMap<u64, Gc<PyCode>>>,
}

/// Whether `op` is a generic form that a site starts with.
fn is_generic(op: u16) -> bool {
    Opcode::from_number(op).is_none_or(|op| op.info().flow != cinder_bytecode::Flow::quick)
}

/// The groups of the summary.
fn group(op: Opcode) -> Option<&'static str> {
    use Opcode::*;
    Some(match op {
        LOAD_ATTR | STORE_ATTR => "attributes",
        LOAD_METHOD => "methods",
        LOAD_GLOBAL | LOAD_NAME | STORE_GLOBAL | STORE_NAME => "names",
        CALL | CALL_METHOD => "calls",
        LOAD_SUBSCR | LOAD_SUBSCR_K | STORE_SUBSCR => "subscripts",
        BINARY_OP | BINARY_OP_K => "operators",
        COMPARE_OP | COMPARE_OP_K => "comparisons",
        FOR_ITER => "loops",
        UNPACK_SEQUENCE => "unpacking",
        _ => return None,
    })
}

/// Whether the instruction has a cache that the census looks at.
pub(super) fn is_site(instruction: &Instruction) -> bool {
    group(instruction.op).is_some()
}

impl Census {
    /// The instruction at `ip` of `frame`, whose private form is `form`, is about to run.
    pub(super) fn begin(&self, vm: &Vm, frame: Frame, word: u32, ip: Ip, form: u16) {
        self.end();
        let code = frame.code();
        let description = code.object();
        let Some(instruction) = Instruction::decode(&description.instructions, word as usize) else { return };
        if !is_site(&instruction) {
            return;
        }
        let bits = code.as_value().bits();
        self.codes.borrow_mut().entry(bits).or_insert(code);
        // SAFETY: sites have records.
        let record = unsafe { *rec(ip) };
        let is_known = knows_shape(vm, frame, &instruction, form, &record);
        self.running.set(Some(Running { key: (bits, word), form, record, at: ip, is_known }));
    }

    /// Counts the site that ran last.
    pub(super) fn end(&self) {
        let Some(ran) = self.running.take() else { return };
        // SAFETY: the code object is kept, and its instructions stay where they are.
        let (now, record) = unsafe { (*ran.at as u16, *rec(ran.at)) };
        // A recursive call may have armed it again: TRACE stands there then.
        let form_stayed = now == ran.form || now == Opcode::TRACE as u16;
        let is_poly = matches!(
            Opcode::from_number(ran.form),
            Some(Opcode::LOAD_ATTR_POLY | Opcode::STORE_ATTR_POLY | Opcode::LOAD_METHOD_POLY)
        );
        let facts_stayed = is_poly || (record.misses == ran.record.misses && record.shape == ran.record.shape);
        let mut sites = self.sites.borrow_mut();
        let site = sites.entry(ran.key).or_default();
        site.runs += 1;
        site.hits += u64::from(!is_generic(ran.form) && form_stayed && facts_stayed && ran.is_known);
        site.form = ran.form;
    }

    /// The sites by function and line, and sums by group.
    fn report(&self) -> String {
        self.end();
        let (sites, codes) = (self.sites.borrow(), self.codes.borrow());
        let mut rows = Vec::new();
        let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for ((bits, word), site) in sites.iter() {
            let Some(code) = codes.get(bits) else { continue };
            let object = code.object();
            let Some(instruction) = Instruction::decode(&object.instructions, *word as usize) else { continue };
            let Some(group) = group(instruction.op) else { continue };
            let line = object.place(*word).map_or(0, |place| place.line);
            let form = Opcode::from_number(site.form).map_or("?", |op| op.name());
            let name = match group {
                "attributes" | "methods" | "names" => {
                    object.names.get(instruction.ext as usize).map_or("", |name| &**name)
                }
                _ => "",
            };
            rows.push((&*object.filename, &*object.qualname, line, *word, instruction.op.name(), name, form, site));
            let sum = sums.entry(group).or_default();
            sum.0 += site.runs;
            sum.1 += site.hits;
        }
        rows.sort_by_key(|row| (row.0, row.1, row.3));
        let mut text = String::new();
        let mut function = ("", "");
        for (file, qualname, line, _, op, name, form, site) in rows {
            if function != (file, qualname) {
                let _ = writeln!(text, "{file}: {qualname}");
                function = (file, qualname);
            }
            let (rate, runs) = (percent(site.hits, site.runs), site.runs);
            let _ = writeln!(text, "  {line:>5}  {op:<16} {name:<20} {form:<26} {runs:>9} {rate:>6.1} %");
        }
        text.push_str("hits by kind\n");
        for (group, (runs, hits)) in &sums {
            let _ = writeln!(text, "  {group:<12} {runs:>10} {:>6.1} %", percent(*hits, *runs));
        }
        text
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 100.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// For forms that ask the table of all sites: whether the object's shape is known there.
fn knows_shape(vm: &Vm, frame: Frame, instruction: &Instruction, form: u16, record: &CacheRecord) -> bool {
    let (register, used) = match Opcode::from_number(form) {
        Some(Opcode::LOAD_ATTR_POLY) => (instruction.b, SiteUse::Load),
        Some(Opcode::LOAD_METHOD_POLY) => (instruction.b, SiteUse::Method),
        Some(Opcode::STORE_ATTR_POLY) => (instruction.a, SiteUse::Store),
        _ => return true,
    };
    let Some(header) = frame.register(register.into()).and_then(Value::try_ptr::<Header>) else { return false };
    // SAFETY: a bound register holds a live object.
    let shape = unsafe { header.as_ref() }.shape();
    vm.sites
        .find(used, shape, frame.code().name(record.imm()).bits(), vm.lookups.generation())
        .is_some_and(|site| !matches!(site.op, Opcode::LOAD_ATTR | Opcode::STORE_ATTR | Opcode::LOAD_METHOD))
}

impl Vm {
    /// Counts from now on how often caches answer. Before the program's code is made ready; without JIT.
    pub fn start_cache_census(&self) {
        self.tracing.census.set(Some(Box::leak(Box::default())));
        self.watchers_changed();
    }

    /// What the census has counted; `None` when none was started.
    pub fn cache_census(&self) -> Option<String> {
        let report = self.tracing.census.get()?.report();
        self.tracing.census.set(None);
        self.watchers_changed();
        Some(report)
    }
}
