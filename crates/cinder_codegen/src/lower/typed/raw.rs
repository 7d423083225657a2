//! Raw temporaries and the windows of calls with raw arguments, numbered apart until the frame's size is known.

use super::super::Reg;
use cinder_bytecode::{FRAME_HEADER, RegisterKind};

/// Where a register with a number of its own belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pool {
    Int,
    Double,
    Window,
}

const BASES: [(Pool, Reg); 3] = [(Pool::Int, 1 << 24), (Pool::Double, 2 << 24), (Pool::Window, 3 << 24)];

/// The pool of a register and its place there; `None` for named and tagged registers.
pub(crate) fn pool_of(register: Reg) -> Option<(Pool, Reg)> {
    BASES.iter().rev().find(|(_, base)| register >= *base).map(|(pool, base)| (*pool, register - base))
}

/// Raw registers of one frame.
#[derive(Default)]
pub(crate) struct RawRegisters {
    /// Next and highest register of the integer and the double pool.
    tops: [(Reg, Reg); 2],
    windows: Vec<Option<RegisterKind>>,
}

/// A state of the pools to return to.
#[derive(Clone, Copy)]
pub(crate) struct RawMark([Reg; 2]);

impl RawRegisters {
    pub(crate) fn mark(&self) -> RawMark {
        RawMark([self.tops[0].0, self.tops[1].0])
    }

    pub(crate) fn release(&mut self, mark: RawMark) {
        self.tops[0].0 = mark.0[0];
        self.tops[1].0 = mark.0[1];
    }

    pub(crate) fn alloc(&mut self, pool: Pool) -> Reg {
        let (next, highest) = &mut self.tops[usize::from(pool == Pool::Double)];
        let register = *next;
        *next += 1;
        *highest = (*highest).max(*next);
        let base = if pool == Pool::Double { BASES[1].1 } else { BASES[0].1 };
        base + register
    }

    pub(crate) fn count(&self, pool: Pool) -> Reg {
        match pool {
            Pool::Int => self.tops[0].1,
            Pool::Double => self.tops[1].1,
            Pool::Window => self.windows.len() as Reg,
        }
    }

    pub(crate) fn window_kinds(&self) -> &[Option<RegisterKind>] {
        &self.windows
    }

    /// The base of a window whose arguments have these kinds: the first place where no other window has other kinds.
    pub(crate) fn window(&mut self, kinds: &[RegisterKind]) -> Reg {
        let header = usize::from(FRAME_HEADER);
        let fits = |windows: &[Option<RegisterKind>], base: usize| {
            kinds.iter().enumerate().all(|(position, kind)| {
                windows.get(base + header + position).is_none_or(|known| known.is_none_or(|known| known == *kind))
            })
        };
        let base = (0..).find(|base| fits(&self.windows, *base)).expect("there is room after all windows");
        let end = base + header + kinds.len();
        if self.windows.len() < end {
            self.windows.resize(end, None);
        }
        for (position, kind) in kinds.iter().enumerate() {
            self.windows[base + header + position] = Some(*kind);
        }
        BASES[2].1 + base as Reg
    }
}
