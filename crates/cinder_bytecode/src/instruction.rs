//! One instruction as fields, and its word.

use crate::opcode::{Imm, Opcode};

/// A decoded instruction. `ext` is the second word's `imm` and is 0 for rows without one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Instruction {
    pub op: Opcode,
    pub a: u16,
    pub b: u16,
    pub c: u16,
    pub ext: u32,
    /// Cache site, for rows with an ext word.
    pub site: u32,
}

impl Instruction {
    #[must_use]
    pub fn new(op: Opcode, a: u16, b: u16, c: u16) -> Self {
        Instruction { op, a, b, c, ext: 0, site: 0 }
    }

    /// With a 32-bit number in place of b and c.
    #[must_use]
    pub fn with_imm(op: Opcode, a: u16, imm: u32) -> Self {
        Instruction { op, a, b: imm as u16, c: (imm >> 16) as u16, ext: 0, site: 0 }
    }

    #[must_use]
    pub fn imm(&self) -> u32 {
        u32::from(self.b) | u32::from(self.c) << 16
    }

    pub fn set_imm(&mut self, imm: u32) {
        self.b = imm as u16;
        self.c = (imm >> 16) as u16;
    }

    #[must_use]
    pub fn words(&self) -> usize {
        self.op.words()
    }

    /// Word index this instruction may jump to.
    #[must_use]
    pub fn jump_target(&self) -> Option<u32> {
        let info = self.op.info();
        match (info.imm, info.ext) {
            (Imm::Jump, _) => Some(self.imm()),
            (_, Imm::Jump) => Some(self.ext),
            _ => None,
        }
    }

    /// Appends the instruction's one or two words.
    pub fn encode(&self, words: &mut Vec<u64>) {
        words.push(
            u64::from(self.op as u16) | u64::from(self.a) << 16 | u64::from(self.b) << 32 | u64::from(self.c) << 48,
        );
        if self.words() == 2 {
            words.push(u64::from(self.ext) | u64::from(self.site) << 32);
        }
    }

    /// The instruction at word `index`; `None` for an unknown opcode or a missing word.
    #[must_use]
    pub fn decode(words: &[u64], index: usize) -> Option<Self> {
        let word = *words.get(index)?;
        let op = Opcode::from_number(word as u16)?;
        let (ext, site) = if op.words() == 2 {
            let second = *words.get(index + 1)?;
            (second as u32, (second >> 32) as u32)
        } else {
            (0, 0)
        };
        Some(Instruction { op, a: (word >> 16) as u16, b: (word >> 32) as u16, c: (word >> 48) as u16, ext, site })
    }
}

/// Every instruction with its word index; stops at the first word that does not decode.
pub fn instructions(words: &[u64]) -> impl Iterator<Item = (usize, Instruction)> {
    let mut index = 0;
    std::iter::from_fn(move || {
        let instruction = Instruction::decode(words, index)?;
        let at = index;
        index += instruction.words();
        Some((at, instruction))
    })
}
