//! From the arguments of a call to the parameters of a Python function (CPython `initialize_locals`), with its error texts.

use cinder_bytecode::code::flags;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::dispatch::Fp;
use crate::native::{PyResult, Raised};
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// Lays the arguments down in the registers of the frame `fp`, whose header is complete, and clears all others. `args` may lie in these registers.
///
/// # Safety
/// The window holds the code's registers, and the code is ready.
pub(crate) unsafe fn bind(
    vm: &Vm,
    function: Gc<PyFunction>,
    code: Gc<PyCode>,
    fp: Fp,
    args: *const [Value],
    keyword_names: Option<Value>,
) -> PyResult<()> {
    let (given, wanted) = (args.len(), code.argument_count as usize);
    let plain = code.flags & (flags::VARARGS | flags::VARKEYWORDS) == 0 && code.object().keyword_only_count == 0;
    if plain && keyword_names.is_none() && given <= wanted {
        let defaults: &[Value] =
            if given == wanted { &[] } else { function.defaults.get().map_or(&[][..], |d| vm.tuple_items(d)) };
        if given + defaults.len() >= wanted {
            // SAFETY: the window has room for the parameters; source and destination may overlap.
            unsafe {
                std::ptr::copy(args.cast::<u64>(), fp, given);
                let missing = wanted - given;
                std::ptr::copy_nonoverlapping(
                    defaults[defaults.len() - missing..].as_ptr().cast::<u64>(),
                    fp.add(given),
                    missing,
                );
                clear(fp, wanted, code.register_count as usize);
            }
            return Ok(());
        }
    }
    if keyword_names.is_none() && given <= code.register_count as usize {
        // SAFETY: per contract.
        if let Some(done) = unsafe { bind_positional(vm, function, code, fp, args) } {
            return done;
        }
    }
    let takes_all = code.flags & flags::VARKEYWORDS == 0;
    if let (true, Some(names)) = (takes_all, keyword_names)
        // SAFETY: per contract.
        && let Some(done) = unsafe { bind_names(vm, function, code, fp, args, names) }
    {
        return done;
    }
    // SAFETY: callers pass readable arguments.
    let args: ValueVec<[Value; 24]> = unsafe { &*args }.into();
    let positional = given - keyword_names.map_or(0, |names| vm.tuple_items(names).len());
    let binding = Binding { vm, function, code, fp, given: positional };
    let direct = positional.min(wanted);
    // SAFETY: the window has room for the parameters.
    unsafe {
        std::ptr::copy_nonoverlapping(args.as_ptr().cast::<u64>(), fp, direct);
        clear(fp, direct, code.register_count as usize);
    }
    binding.run(&args, keyword_names)
}

/// [`bind`] of positional arguments, no more than the window has registers, for a function with `*`, `**` or keyword-only parameters. `None`, and nothing is
/// changed: there is a mistake, which the general way finds.
///
/// # Safety
/// As of [`bind`].
unsafe fn bind_positional(
    vm: &Vm,
    function: Gc<PyFunction>,
    code: Gc<PyCode>,
    fp: Fp,
    args: *const [Value],
) -> Option<PyResult<()>> {
    let (given, wanted) = (args.len(), code.argument_count as usize);
    let keyword_only = code.object().keyword_only_count as usize;
    let direct = given.min(wanted);
    if given > wanted && code.flags & flags::VARARGS == 0 {
        return None;
    }
    let defaults = function.last_defaults(wanted - direct)?;
    let mut more = [0u64; 2];
    let mut count = 0;
    if code.flags & flags::VARARGS != 0 {
        // The arguments lie in registers of the frame, which is current, or with the caller: a collection finds them.
        // SAFETY: callers pass readable arguments.
        match vm.new_tuple(unsafe { &(&*args)[direct..] }) {
            Ok(rest) => more[0] = rest.bits(),
            Err(raised) => return Some(Err(raised)),
        }
        count = 1;
    }
    if code.flags & flags::VARKEYWORDS != 0 {
        match vm.new_dict() {
            Ok(dict) => more[count] = dict.bits(),
            Err(raised) => return Some(Err(raised)),
        }
        count += 1;
    }
    // SAFETY: the window has room for the parameters; source and destination may overlap.
    unsafe {
        std::ptr::copy(args.cast::<u64>(), fp, direct);
        std::ptr::copy_nonoverlapping(defaults.as_ptr().cast::<u64>(), fp.add(direct), defaults.len());
        clear(fp, wanted, code.register_count as usize);
        std::ptr::copy_nonoverlapping(more.as_ptr(), fp.add(wanted + keyword_only), count);
    }
    if keyword_only == 0 {
        return Some(Ok(()));
    }
    Some(Binding { vm, function, code, fp, given: direct }.fill_keyword_only())
}

/// [`bind`] of keywords that are parameters by identity, for a function without `**`. `None`, and nothing is changed: the general way finds out.
///
/// # Safety
/// As of [`bind`].
unsafe fn bind_names(
    vm: &Vm,
    function: Gc<PyFunction>,
    code: Gc<PyCode>,
    fp: Fp,
    args: *const [Value],
    keyword_names: Value,
) -> Option<PyResult<()>> {
    const MOST: usize = 16;
    let object = code.object();
    let (wanted, keyword_only) = (object.argument_count as usize, object.keyword_only_count as usize);
    let names = vm.tuple_items(keyword_names);
    let takes_rest = code.flags & flags::VARARGS != 0;
    let all = args.len().checked_sub(names.len()).filter(|_| names.len() <= MOST)?;
    let given = all.min(wanted);
    if given < all && !takes_rest {
        return None;
    }
    let first = (object.positional_only_count as usize).max(given);
    let parameters = code.local_names().get(first..wanted + keyword_only)?;
    let mut places = [0usize; MOST];
    for (number, name) in names.iter().enumerate() {
        let place = first + parameters.iter().position(|own| own == name)?;
        if places[..number].contains(&place) {
            // A name given twice.
            return None;
        }
        places[number] = place;
    }
    let mut values = [Value::NONE; MOST];
    let mut rest = 0;
    if takes_rest {
        // The arguments lie in registers of the frame, which is current, or with the caller: a collection finds them.
        // SAFETY: callers pass readable arguments.
        match vm.new_tuple(unsafe { &(&*args)[given..all] }) {
            Ok(tuple) => rest = tuple.bits(),
            Err(raised) => return Some(Err(raised)),
        }
    }
    // SAFETY: the window has room for the parameters; the keywords' values are taken before anything is written over them.
    unsafe {
        let from = args.cast::<Value>();
        std::ptr::copy_nonoverlapping(from.add(all), values.as_mut_ptr(), names.len());
        std::ptr::copy(from.cast::<u64>(), fp, given);
        clear(fp, given, code.register_count as usize);
        for (place, value) in places.iter().zip(&values[..names.len()]) {
            *fp.add(*place) = value.bits();
        }
        if takes_rest {
            *fp.add(wanted + keyword_only) = rest;
        }
    }
    let binding = Binding { vm, function, code, fp, given };
    Some(binding.fill_positional().and_then(|()| binding.fill_keyword_only()))
}

/// Clears registers `from..to`, and perhaps one more.
///
/// # Safety
/// They belong to a window on the VM stack; above the window nothing is in use.
#[inline(always)]
pub(crate) unsafe fn clear(fp: Fp, from: usize, to: usize) {
    let (mut at, end) = (fp.wrapping_add(from), fp.wrapping_add(to));
    while at < end {
        // SAFETY: per contract; the stack ends a header's length above the highest window. The barrier keeps this a loop: windows are small, and a
        // call of memset would cost the handlers their registers.
        unsafe {
            at.cast::<[u64; 2]>().write([0; 2]);
            std::arch::asm!("", options(nostack, nomem, preserves_flags));
        }
        at = at.wrapping_add(2);
    }
}

struct Binding<'a> {
    vm: &'a Vm,
    function: Gc<PyFunction>,
    code: Gc<PyCode>,
    fp: Fp,
    /// Positional arguments.
    given: usize,
}

impl Binding<'_> {
    fn slot(&self, index: usize) -> Option<Value> {
        // SAFETY: parameters are tagged registers of the window when they are bound.
        unsafe { Value::from_bits(*self.fp.add(index)) }
    }

    fn set(&self, index: usize, value: Value) {
        // SAFETY: as above.
        unsafe { *self.fp.add(index) = value.bits() }
    }

    /// The rest, once the first parameters are laid down and all other registers are clear.
    fn run(&self, args: &[Value], keyword_names: Option<Value>) -> PyResult<()> {
        let (vm, object) = (self.vm, self.code.object());
        let (wanted, keyword_only) = (object.argument_count as usize, object.keyword_only_count as usize);
        let direct = self.given.min(wanted);
        let mut next = wanted + keyword_only;
        if object.flags & flags::VARARGS != 0 {
            self.set(next, vm.new_tuple(&args[direct..self.given])?);
            next += 1;
        }
        let extra = if object.flags & flags::VARKEYWORDS != 0 {
            let dict = vm.new_dict()?;
            self.set(next, dict);
            Some(dict)
        } else {
            None
        };
        if let Some(names) = keyword_names {
            for (name, value) in vm.tuple_items(names).iter().zip(&args[self.given..]) {
                self.bind_keyword(*name, *value, extra, names)?;
            }
        }
        if self.given > wanted && object.flags & flags::VARARGS == 0 {
            return Err(self.too_many());
        }
        self.fill_positional()?;
        self.fill_keyword_only()
    }

    fn bind_keyword(&self, name: Value, value: Value, extra: Option<Value>, all_names: Value) -> PyResult<()> {
        let (vm, object) = (self.vm, self.code.object());
        let range = object.positional_only_count as usize..(object.argument_count + object.keyword_only_count) as usize;
        let mut found = self.code.local_names()[range.clone()].iter().position(|own| *own == name);
        if found.is_none() {
            if !vm.is_str(name) {
                return Err(vm.type_error(format!("{}() keywords must be strings", self.function.display_name(vm))));
            }
            // A name that is not interned, or one for `**`.
            if !vm.as_str(name).is_some_and(|name| name.is_interned()) || !vm.is_exact_str(name) {
                let text = vm.str_text(name);
                found = object.locals[range.clone()].iter().position(|local| *local.name == *text);
            }
        }
        if let Some(index) = found.map(|found| found + range.start) {
            if self.slot(index).is_some() {
                let (function, name) = (self.function.display_name(vm), vm.str_text(name));
                return Err(vm.type_error(format!("{function}() got multiple values for argument '{name}'")));
            }
            self.set(index, value);
            return Ok(());
        }
        match extra {
            Some(dict) => vm.dict_set(dict, name, value),
            None => Err(self.unexpected(name, all_names)),
        }
    }

    #[cold]
    fn unexpected(&self, name: Value, all_names: Value) -> Raised {
        let (vm, object) = (self.vm, self.code.object());
        let function = self.function.display_name(vm);
        let names: Vec<_> = vm.tuple_items(all_names).iter().map(|name| vm.str_text(*name)).collect();
        let positional_only: Vec<&str> = object.locals[..object.positional_only_count as usize]
            .iter()
            .map(|local| &*local.name)
            .filter(|local| names.iter().any(|name| name == local))
            .collect();
        if !positional_only.is_empty() {
            let list = positional_only.join(", ");
            return vm.type_error(format!(
                "{function}() got some positional-only arguments passed as keyword arguments: '{list}'"
            ));
        }
        let range = object.positional_only_count as usize..(object.argument_count + object.keyword_only_count) as usize;
        let text = vm.str_text(name);
        let candidates = object.locals[range].iter().map(|local| &*local.name);
        match crate::exception::suggest::closest(&text, candidates) {
            Some(similar) => vm.type_error(format!(
                "{function}() got an unexpected keyword argument '{text}'. Did you mean '{similar}'?"
            )),
            None => vm.type_error(format!("{function}() got an unexpected keyword argument '{text}'")),
        }
    }

    fn defaults(&self) -> &'static [Value] {
        self.function.defaults.get().map_or(&[], |defaults| self.vm.tuple_items(defaults))
    }

    fn fill_positional(&self) -> PyResult<()> {
        let object = self.code.object();
        let wanted = object.argument_count as usize;
        let defaults = self.defaults();
        let required = wanted.saturating_sub(defaults.len());
        let from = self.given.min(wanted);
        if (from..required).any(|index| self.slot(index).is_none()) {
            let missing: Vec<&str> = (from..required)
                .filter(|index| self.slot(*index).is_none())
                .map(|index| &*object.locals[index].name)
                .collect();
            return Err(self.missing(&missing, "positional"));
        }
        for index in required.max(from)..wanted {
            if self.slot(index).is_none() {
                self.set(index, defaults[index + defaults.len() - wanted]);
            }
        }
        Ok(())
    }

    fn fill_keyword_only(&self) -> PyResult<()> {
        let (vm, object) = (self.vm, self.code.object());
        let first = object.argument_count as usize;
        let defaults = self.function.kwdefaults.get().and_then(|defaults| vm.as_dict(defaults));
        let mut missing: Vec<&str> = Vec::new();
        for index in first..first + object.keyword_only_count as usize {
            if self.slot(index).is_some() {
                continue;
            }
            let default = match defaults {
                Some(defaults) => match defaults.get_interned(self.code.local_name(index)) {
                    None => vm.dict_get(defaults, self.code.local_name(index))?,
                    found => found,
                },
                None => None,
            };
            match default {
                Some(default) => self.set(index, default),
                None => missing.push(&object.locals[index].name),
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(self.missing(&missing, "keyword-only")) }
    }

    #[cold]
    fn missing(&self, names: &[&str], kind: &str) -> Raised {
        let vm = self.vm;
        let list = match names {
            [one] => format!("'{one}'"),
            [one, two] => format!("'{one}' and '{two}'"),
            [init @ .., last] => {
                let init: Vec<String> = init.iter().map(|name| format!("'{name}'")).collect();
                format!("{}, and '{last}'", init.join(", "))
            }
            [] => String::new(),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        let function = self.function.display_name(vm);
        vm.type_error(format!("{function}() missing {} required {kind} argument{plural}: {list}", names.len()))
    }

    #[cold]
    fn too_many(&self) -> Raised {
        let (vm, object) = (self.vm, self.code.object());
        let (wanted, given) = (object.argument_count as usize, self.given);
        let first = wanted;
        let keyword_only_given =
            (first..first + object.keyword_only_count as usize).filter(|index| self.slot(*index).is_some()).count();
        let defaults = self.defaults().len();
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let takes = if defaults > 0 {
            format!("from {} to {wanted} positional arguments", wanted.saturating_sub(defaults))
        } else {
            format!("{wanted} positional argument{}", plural(wanted))
        };
        let keywords = if keyword_only_given > 0 {
            let n = keyword_only_given;
            format!(" positional argument{} (and {n} keyword-only argument{})", plural(given), plural(n))
        } else {
            String::new()
        };
        let were = if given == 1 && keyword_only_given == 0 { "was" } else { "were" };
        vm.type_error(format!("{}() takes {takes} but {given}{keywords} {were} given", self.function.display_name(vm)))
    }
}
