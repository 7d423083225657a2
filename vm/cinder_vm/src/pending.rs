//! Operations whose rooms are being built; each moves to its room with a real body.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::vm::Vm;

impl Vm {
    /// `import name`: the module of that dotted name.
    pub fn import(&self, name: &str) -> PyResult<Value> {
        Err(self.import_error_text(format!("No module named '{name}'")))
    }

    /// `types.MappingProxyType(mapping)`.
    pub fn new_mapping_proxy(&self, mapping: Value) -> PyResult<Value> {
        Ok(mapping)
    }

    /// `origin[args]` of a builtin generic.
    pub fn new_generic_alias(&self, _origin: Value, _args: Value) -> PyResult<Value> {
        Err(self.not_implemented_error("generic aliases are not there yet"))
    }

    /// Members of a union type (`int | str`), as tuple.
    pub fn union_args(&self, _value: Value) -> Option<Value> {
        None
    }
}

/// A resolved slice.
pub struct SliceIndices {
    pub start: usize,
    pub len: usize,
    pub step: i64,
}

impl SliceIndices {
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len).map(|index| (self.start as i64 + index as i64 * self.step) as usize)
    }
}

impl Vm {
    /// Indices of a slice key; `None` when the key is no slice.
    pub fn slice_indices(&self, _key: Value, _len: usize) -> PyResult<Option<SliceIndices>> {
        Ok(None)
    }

    /// A builtin by name.
    pub fn builtin(&self, name: &str) -> PyResult<Value> {
        match self.builtins.get_interned(self.intern(name)) {
            Some(found) => Ok(found),
            None => Err(self.name_error_text(format!("name '{name}' is not defined"))),
        }
    }

    /// A negative number to a fractional power.
    pub fn complex_power(&self, _base: f64, _exponent: f64) -> PyResult<Value> {
        Err(self.not_implemented_error("complex numbers are not there yet"))
    }
}
