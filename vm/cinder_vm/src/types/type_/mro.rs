//! Method resolution order: the C3 linearisation. Source: Objects/typeobject.c `mro_implementation`.

use crate::value_vec::ValueVec;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::PyType;
use crate::native::PyResult;
use crate::vm::Vm;

type Sequence = ValueVec<[Value; 8]>;

impl Vm {
    /// MRO of a class with these bases, the class itself first, as tuple.
    ///
    /// Errors: TypeError `Cannot create a consistent method resolution order (MRO) for bases A, B`.
    pub(crate) fn compute_mro(&self, class: Gc<PyType>, bases: &[Gc<PyType>]) -> PyResult<Value> {
        if let Some(incomplete) = bases.iter().find(|base| base.has(super::type_flags::NO_MRO)) {
            return Err(self.type_error(format!("Cannot extend an incomplete type '{}'", incomplete.name())));
        }
        let mut order: Sequence = ValueVec::new();
        order.push(class.as_value());
        if let [only] = bases {
            order.extend_from_slice(self.tuple_items(only.mro.get()));
            return self.new_tuple(&order);
        }
        for (index, base) in bases.iter().enumerate() {
            if bases[..index].contains(base) {
                return Err(self.type_error(format!("duplicate base class {}", base.name())));
            }
        }
        let mut sequences: Vec<Sequence> = bases.iter().map(|base| self.tuple_items(base.mro.get()).into()).collect();
        sequences.push(bases.iter().map(|base| base.as_value()).collect());
        loop {
            sequences.retain(|sequence| !sequence.is_empty());
            if sequences.is_empty() {
                return self.new_tuple(&order);
            }
            let candidate = sequences
                .iter()
                .map(|sequence| sequence[0])
                .find(|head| sequences.iter().all(|other| !other[1..].contains(head)));
            let Some(next) = candidate else { return Err(self.inconsistent(&sequences)) };
            order.push(next);
            for sequence in &mut sequences {
                if sequence[0] == next {
                    sequence.remove(0);
                }
            }
        }
    }

    fn inconsistent(&self, sequences: &[Sequence]) -> crate::native::Raised {
        let mut names: Vec<String> = Vec::new();
        for sequence in sequences {
            let name = self.as_class(sequence[0]).map_or_else(String::new, |class| class.name());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let names = names.join(", ");
        self.type_error(format!("Cannot create a consistent method resolution order (MRO) for bases {names}"))
    }
}
