//! Registers, constants and cells.

use cinder_heap::Gc;

use super::prelude::*;
use crate::interp::calls::copy_few;
use crate::types::cell::PyCell;

op!(NOP(ip, fp, vm, k, w) { go(ip.add(1), fp, vm, k) });

op!(MOVE(ip, fp, vm, k, w) {
    *fp.add(a(w)) = *fp.add(b(w));
    go(ip.add(1), fp, vm, k)
});

op!(LOAD_CONST(ip, fp, vm, k, w) {
    *fp.add(a(w)) = *k.add(imm(w) as usize);
    go(ip.add(1), fp, vm, k)
});

op!(CLEAR(ip, fp, vm, k, w) {
    *fp.add(a(w)) = 0;
    go(ip.add(1), fp, vm, k)
});

op!(CHECK_BOUND(ip, fp, vm, k, w) {
    if *fp.add(a(w)) == 0 {
        return unbound_local(ip, fp, vm, k, w);
    }
    go(ip.add(1), fp, vm, k)
});

unit_op!(unbound_local, 1, |vm, fp, w, k, ip| {
    let name = frame(fp).code().name(imm(w));
    let text = vm.str_text(name);
    Err(vm.unbound_local_error(
        name,
        &format!("cannot access local variable '{text}' where it is not associated with a value"),
    ))
});

value_op!(MAKE_CELL, 1, |vm, fp, w, k, ip| vm.new_cell(opt(fp, a(w))));

op!(COPY_FREE_VARS(ip, fp, vm, k, w) {
    // SAFETY of the closure: MAKE_FUNCTION gave the function a tuple of as many cells as the code has free variables.
    let cells = frame(fp).function().closure.get().unwrap_unchecked();
    let cells: Gc<crate::types::tuple::PyTuple> = Gc::from_value(cells);
    let (first, count) = (a(w), imm(w) as usize);
    copy_few(cells.items().as_ptr().cast(), fp.add(first), count);
    go(ip.add(1), fp, vm, k)
});

#[inline(always)]
unsafe fn cell(fp: Fp, index: usize) -> Gc<PyCell> {
    // SAFETY: the verifier proves that the register holds a cell.
    unsafe { Gc::from_value(reg(fp, index)) }
}

op!(LOAD_DEREF(ip, fp, vm, k, w) {
    match cell(fp, b(w)).contents.get() {
        Some(value) => {
            set(fp, a(w), value);
            go(ip.add(1), fp, vm, k)
        }
        None => empty_cell(ip, fp, vm, k, w),
    }
});

unit_op!(empty_cell, 1, |vm, fp, w, k, ip| Err(empty_cell_error(vm, fp, b(w), c(w) as u32)));

fn empty_cell_error(vm: &Vm, fp: Fp, register: usize, name: u32) -> crate::native::Raised {
    let code = frame(fp).code();
    let name = code.name(name);
    let text = vm.str_text(name);
    let is_free =
        code.object().locals.get(register).is_some_and(|local| local.kind == cinder_bytecode::LocalKind::Free);
    // Cells that a class body has for its methods are no variables of its own.
    if is_free || matches!(&*text, "__class__" | "__classdict__" | "__conditional_annotations__") {
        let message =
            format!("cannot access free variable '{text}' where it is not associated with a value in enclosing scope");
        vm.name_error(name, &message)
    } else {
        vm.unbound_local_error(
            name,
            &format!("cannot access local variable '{text}' where it is not associated with a value"),
        )
    }
}

op!(STORE_DEREF(ip, fp, vm, k, w) {
    let cell = cell(fp, a(w));
    if cell.header().as_ref().has_flag(cinder_layout::flag::UNLOGGED) {
        return store_logged_cell(ip, fp, vm, k, w);
    }
    cell.contents.init(Some(reg(fp, b(w))));
    go(ip.add(1), fp, vm, k)
});
// Notes that the cell is written to, and executes the instruction again. A call in the instruction would cost it its registers.
op!(store_logged_cell(ip, fp, vm, k, w) {
    vm.heap.write_barrier(cell(fp, a(w)).header());
    go(ip, fp, vm, k)
});

unit_op!(DELETE_DEREF, 1, |vm, fp, w, k, ip| {
    let held = cell(fp, a(w));
    if held.contents.get().is_none() {
        return Err(empty_cell_error(vm, fp, a(w), imm(w)));
    }
    held.contents.init(None);
    Ok(())
});

value_op!(LOAD_FROM_DICT_OR_DEREF, 2, |vm, fp, w, k, ip| {
    let name = rec(ip).imm();
    match vm.mapping_get(reg(fp, b(w)), frame(fp).code().name(name))? {
        Some(value) => Ok(value),
        None => match cell(fp, c(w)).contents.get() {
            Some(value) => Ok(value),
            None => Err(empty_cell_error(vm, fp, c(w), name)),
        },
    }
});

impl Vm {
    /// `mapping[name]`, `None` on KeyError.
    pub(crate) fn mapping_get(&self, mapping: Value, name: Value) -> PyResult<Option<Value>> {
        match self.downcast_exact::<crate::types::dict::PyDict>(mapping) {
            Some(dict) => Ok(dict.get_interned(name)),
            None => self.catch(self.getitem(mapping, name), self.exceptions.KeyError),
        }
    }

    /// NameError with its `name`.
    #[cold]
    pub fn name_error(&self, name: Value, message: &str) -> crate::native::Raised {
        let raised = self.name_error_text(message);
        if let Some(exception) = self.pending.get() {
            self.set_exception_field(exception, "name", name);
        }
        raised
    }

    #[cold]
    pub(crate) fn unbound_local_error(&self, name: Value, message: &str) -> crate::native::Raised {
        let raised = self.raise_text(self.exceptions.UnboundLocalError, message);
        if let Some(exception) = self.pending.get() {
            self.set_exception_field(exception, "name", name);
        }
        raised
    }
}
