//! One line of uuencoded data.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::{ascii_input, error};
use crate::args::flag;

pub(super) fn decode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = ascii_input(vm, args.at(0))?;
    let Some(first) = text.first() else { return Err(error(vm, "Missing length byte")) };
    let len = usize::from(first.wrapping_sub(b' ') & 0x3f);
    let mut bytes = Vec::with_capacity(len);
    let (mut bits, mut count, mut at) = (0u32, 0, 1);
    while bytes.len() < len {
        let value = match text.get(at).copied() {
            // Trailing blanks may have been lost on the way.
            None | Some(b'\n' | b'\r') => 0,
            Some(c @ b' '..=0x60) => u32::from(c - b' ') & 0x3f,
            Some(_) => return Err(error(vm, "Illegal char")),
        };
        at += 1;
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    let rest = text.get(at..).unwrap_or_default();
    if rest.iter().any(|c| !matches!(c, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error(vm, "Trailing garbage"));
    }
    vm.new_bytes(&bytes)
}

pub(super) fn encode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let backtick = flag(vm, args.opt(1), false)?;
    let digit = |value: u32| match value & 0x3f {
        0 if backtick => b'`',
        value => value as u8 + b' ',
    };
    let line = vm.with_bytes(args.at(0), |data| {
        if data.len() > 45 {
            return None;
        }
        let mut line = vec![digit(data.len() as u32)];
        for group in data.chunks(3) {
            let part = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
            let bits = part(0) << 16 | part(1) << 8 | part(2);
            line.extend([18, 12, 6, 0].map(|shift| digit(bits >> shift)));
        }
        line.push(b'\n');
        Some(line)
    })?;
    match line {
        Some(line) => vm.new_bytes(&line),
        None => Err(error(vm, "At most 45 bytes at once")),
    }
}
