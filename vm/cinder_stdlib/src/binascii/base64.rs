//! Base64 of RFC 4648, with the two ways of reading it: strict, and skipping whatever is not of the alphabet.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::{ascii_input, error};
use crate::args::flag;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Value of each character, 255 for others.
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut index = 0;
    while index < 64 {
        values[ALPHABET[index] as usize] = index as u8;
        index += 1;
    }
    values
};

pub(super) fn encode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let newline = flag(vm, args.opt(1), true)?;
    let text = vm.with_bytes(args.at(0), |data| {
        let mut text = Vec::with_capacity(data.len().div_ceil(3) * 4 + 1);
        for group in data.chunks(3) {
            let bits = u32::from(group[0]) << 16
                | u32::from(group.get(1).copied().unwrap_or(0)) << 8
                | u32::from(group.get(2).copied().unwrap_or(0));
            let digit = |shift: u32| ALPHABET[(bits >> shift & 63) as usize];
            text.extend([digit(18), digit(12)]);
            text.push(if group.len() > 1 { digit(6) } else { b'=' });
            text.push(if group.len() > 2 { digit(0) } else { b'=' });
        }
        if newline {
            text.push(b'\n');
        }
        text
    })?;
    vm.new_bytes(&text)
}

/// What is wrong with a text.
enum Wrong {
    LeadingPadding,
    ExcessPadding,
    Discontinuous,
    ExcessData,
    BadCharacter,
    OneTooMany(usize),
    Padding,
}

impl Wrong {
    fn text(&self) -> String {
        match self {
            Wrong::LeadingPadding => "Leading padding not allowed".to_owned(),
            Wrong::ExcessPadding => "Excess padding not allowed".to_owned(),
            Wrong::Discontinuous => "Discontinuous padding not allowed".to_owned(),
            Wrong::ExcessData => "Excess data after padding".to_owned(),
            Wrong::BadCharacter => "Only base64 data is allowed".to_owned(),
            Wrong::OneTooMany(bytes) => format!(
                "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
                bytes / 3 * 4 + 1
            ),
            Wrong::Padding => "Incorrect padding".to_owned(),
        }
    }
}

fn read(text: &[u8], strict: bool) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::with_capacity(text.len().div_ceil(4) * 3);
    if strict && text.first() == Some(&b'=') {
        return Err(Wrong::LeadingPadding);
    }
    let (mut quad, mut left, mut pads) = (0, 0u8, 0);
    for (index, &c) in text.iter().enumerate() {
        if c == b'=' {
            match quad {
                0 if strict => return Err(Wrong::ExcessPadding),
                1 if strict => return Err(Wrong::OneTooMany(bytes.len())),
                0 | 1 => {}
                _ => pads += 1,
            }
            if strict && quad + pads >= 4 {
                return match text.get(index + 1) {
                    None => Ok(bytes),
                    Some(b'=') => Err(Wrong::ExcessPadding),
                    Some(c) if VALUES[usize::from(*c)] == 255 => Err(Wrong::BadCharacter),
                    Some(_) => Err(Wrong::ExcessData),
                };
            }
            continue;
        }
        let value = VALUES[usize::from(c)];
        if value == 255 {
            if strict {
                return Err(Wrong::BadCharacter);
            }
            continue;
        }
        if strict && pads > 0 {
            return Err(Wrong::Discontinuous);
        }
        pads = 0;
        match quad {
            0 => left = value,
            1 => {
                bytes.push(left << 2 | value >> 4);
                left = value & 15;
            }
            2 => {
                bytes.push(left << 4 | value >> 2);
                left = value & 3;
            }
            _ => bytes.push(left << 6 | value),
        }
        quad = (quad + 1) % 4;
    }
    match quad {
        0 => Ok(bytes),
        1 => Err(Wrong::OneTooMany(bytes.len())),
        _ if quad + pads >= 4 => Ok(bytes),
        _ => Err(Wrong::Padding),
    }
}

pub(super) fn decode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = ascii_input(vm, args.at(0))?;
    let strict = flag(vm, args.opt(1), false)?;
    match read(&text, strict) {
        Ok(bytes) => vm.new_bytes(&bytes),
        Err(wrong) => Err(error(vm, &wrong.text())),
    }
}
