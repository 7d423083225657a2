//! Frames and the instruction loop.

/// The interpreter's state: VM stack and current frame.
#[derive(Default)]
pub struct State {}

impl State {
    pub(crate) fn new() -> State {
        State {}
    }

    /// Visits the VM stack.
    pub(crate) fn trace(&self, _tracer: &mut cinder_heap::Tracer<'_>) {}
}

impl crate::vm::Vm {
    /// The exception being handled by the innermost frame that handles one.
    pub fn handled_exception(&self) -> Option<cinder_layout::Value> {
        None
    }
}
