//! Operations whose rooms are being built; each moves to its room with a real body.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::vm::Vm;

impl Vm {
    /// `import name`: the module of that dotted name.
    pub fn import(&self, name: &str) -> PyResult<Value> {
        Err(self.import_error_text(format!("No module named '{name}'")))
    }
}
