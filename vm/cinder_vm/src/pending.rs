//! Operations whose rooms are being built; each moves to its room with a real body.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::vm::Vm;

impl Vm {
    /// `import name`: the module of that dotted name.
    pub fn import(&self, name: &str) -> PyResult<Value> {
        Err(self.import_error_text(format!("No module named '{name}'")))
    }

    /// A negative number to a fractional power.
    pub fn complex_power(&self, _base: f64, _exponent: f64) -> PyResult<Value> {
        Err(self.not_implemented_error("complex numbers are not there yet"))
    }
}
