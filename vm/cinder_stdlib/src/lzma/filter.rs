//! Filter chains: lists of dicts with an `id` and options.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};
use liblzma::stream::{Filters, LzmaOptions, MatchFinder, Mode};

use super::{error, failed};
use crate::args::u32_masked;

const LZMA1: i64 = 0x4000_0000_0000_0001;
const LZMA2: i64 = 0x21;
const DELTA: i64 = 3;
const X86: i64 = 4;
const POWERPC: i64 = 5;
const IA64: i64 = 6;
const ARM: i64 = 7;
const ARM_THUMB: i64 = 8;
const SPARC: i64 = 9;

pub(super) const CONSTANTS: &[(&str, i64)] = &[
    ("FILTER_LZMA1", LZMA1),
    ("FILTER_LZMA2", LZMA2),
    ("FILTER_DELTA", DELTA),
    ("FILTER_X86", X86),
    ("FILTER_POWERPC", POWERPC),
    ("FILTER_IA64", IA64),
    ("FILTER_ARM", ARM),
    ("FILTER_ARMTHUMB", ARM_THUMB),
    ("FILTER_SPARC", SPARC),
    ("MF_HC3", 3),
    ("MF_HC4", 4),
    ("MF_BT2", 0x12),
    ("MF_BT3", 0x13),
    ("MF_BT4", 0x14),
    ("MODE_FAST", 1),
    ("MODE_NORMAL", 2),
];

/// One filter as read from its dict.
enum Filter {
    Lzma { is_first: bool, options: Lzma },
    Delta { distance: u32 },
    Branch { id: i64, start_offset: u32 },
}

/// Options of both LZMA filters.
struct Lzma {
    options: LzmaOptions,
    dict_size: u32,
    lc: u32,
    lp: u32,
    pb: u32,
}

/// Refuses options that the filter does not have.
fn check_keys(vm: &Vm, spec: Value, known: &[&str], what: &str) -> PyResult<()> {
    let Some(dict) = vm.as_dict(spec) else { return Ok(()) };
    for number in 0..dict.entry_count() {
        let Some((key, _)) = dict.entry(number) else { continue };
        if !vm.is_str(key) || !known.contains(&&*vm.str_text(key)) {
            return Err(vm.value_error(format!("Invalid filter specifier for {what} filter")));
        }
    }
    Ok(())
}

fn option(vm: &Vm, spec: Value, name: &str) -> PyResult<Option<u32>> {
    let key = vm.intern(name);
    if !vm.contains(spec, key)? {
        return Ok(None);
    }
    let value = vm.getitem(spec, key)?;
    u32_masked(vm, value).map(Some)
}

fn lzma(vm: &Vm, spec: Value) -> PyResult<Lzma> {
    const KNOWN: &[&str] = &["id", "preset", "dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth"];
    let preset = option(vm, spec, "preset")?.unwrap_or(6);
    let options =
        LzmaOptions::new_preset(preset).map_err(|_| error(vm, &format!("Invalid compression preset: {preset}")))?;
    check_keys(vm, spec, KNOWN, "LZMA")?;
    const PRESET_DICT_BITS: [u32; 10] = [18, 20, 21, 22, 22, 23, 23, 24, 25, 26];
    let mut found =
        Lzma { options, dict_size: 1 << PRESET_DICT_BITS[(preset & 0x1f).min(9) as usize], lc: 3, lp: 0, pb: 2 };
    if let Some(size) = option(vm, spec, "dict_size")? {
        found.options.dict_size(size);
        found.dict_size = size;
    }
    if let Some(bits) = option(vm, spec, "lc")? {
        found.options.literal_context_bits(bits);
        found.lc = bits;
    }
    if let Some(bits) = option(vm, spec, "lp")? {
        found.options.literal_position_bits(bits);
        found.lp = bits;
    }
    if let Some(bits) = option(vm, spec, "pb")? {
        found.options.position_bits(bits);
        found.pb = bits;
    }
    let invalid = || error(vm, "Invalid or unsupported options");
    if let Some(mode) = option(vm, spec, "mode")? {
        found.options.mode(match mode {
            1 => Mode::Fast,
            2 => Mode::Normal,
            _ => return Err(invalid()),
        });
    }
    if let Some(len) = option(vm, spec, "nice_len")? {
        found.options.nice_len(len);
    }
    if let Some(finder) = option(vm, spec, "mf")? {
        found.options.match_finder(match finder {
            3 => MatchFinder::HashChain3,
            4 => MatchFinder::HashChain4,
            0x12 => MatchFinder::BinaryTree2,
            0x13 => MatchFinder::BinaryTree3,
            0x14 => MatchFinder::BinaryTree4,
            _ => return Err(invalid()),
        });
    }
    if let Some(depth) = option(vm, spec, "depth")? {
        found.options.depth(depth);
    }
    Ok(found)
}

fn filter(vm: &Vm, spec: Value) -> PyResult<Filter> {
    let class = vm.type_of(spec);
    if class.slots().getitem.is_none() || vm.is_str(spec) || vm.as_tuple(spec).is_some() {
        return Err(vm.type_error("Filter specifier must be a dict or dict-like object"));
    }
    let key = vm.intern("id");
    if !vm.contains(spec, key)? {
        return Err(vm.value_error("Filter specifier must have an \"id\" entry"));
    }
    let id = vm.getitem(spec, key)?;
    match vm.index_i64(id)? {
        id @ (LZMA1 | LZMA2) => Ok(Filter::Lzma { is_first: id == LZMA1, options: lzma(vm, spec)? }),
        DELTA => {
            check_keys(vm, spec, &["id", "dist"], "delta")?;
            Ok(Filter::Delta { distance: option(vm, spec, "dist")?.unwrap_or(1) })
        }
        id @ (X86 | POWERPC | IA64 | ARM | ARM_THUMB | SPARC) => {
            check_keys(vm, spec, &["id", "start_offset"], "BCJ")?;
            Ok(Filter::Branch { id, start_offset: option(vm, spec, "start_offset")?.unwrap_or(0) })
        }
        id => Err(vm.value_error(format!("Invalid filter ID: {id}"))),
    }
}

/// The chain that a list of specifiers describes.
pub(super) fn chain(vm: &Vm, specs: Value) -> PyResult<Filters> {
    let count = vm.len(specs)?;
    if count == 0 {
        return Err(error(vm, "Invalid or unsupported options"));
    }
    if count > 4 {
        return Err(vm.value_error("Too many filters - liblzma supports a maximum of 4"));
    }
    let mut chain = Filters::new();
    vm.for_each(specs, |spec| {
        let result = match filter(vm, spec)? {
            Filter::Lzma { is_first: true, options } => Ok(chain.lzma1(&options.options)),
            Filter::Lzma { is_first: false, options } => Ok(chain.lzma2(&options.options)),
            Filter::Delta { distance } => match u8::try_from(distance.wrapping_sub(1)) {
                Ok(distance) => chain.delta_properties(&[distance]),
                Err(_) => return Err(error(vm, "Invalid or unsupported options")),
            },
            Filter::Branch { id, start_offset } => {
                let offset = start_offset.to_le_bytes();
                let properties = if start_offset == 0 { &[][..] } else { &offset };
                match id {
                    X86 => chain.x86_properties(properties),
                    POWERPC => chain.powerpc_properties(properties),
                    IA64 => chain.ia64_properties(properties),
                    ARM => chain.arm_properties(properties),
                    ARM_THUMB => chain.arm_thumb_properties(properties),
                    _ => chain.sparc_properties(properties),
                }
            }
        };
        result.map(|_| ()).map_err(|failure| failed(vm, failure))
    })?;
    Ok(chain)
}

/// The one LZMA1 filter that the old format takes.
pub(super) fn single_lzma1(vm: &Vm, specs: Value) -> PyResult<LzmaOptions> {
    let mut found = None;
    let mut count = 0;
    vm.for_each(specs, |spec| {
        count += 1;
        if let Filter::Lzma { is_first: true, options } = filter(vm, spec)? {
            found = Some(options.options);
        }
        Ok(())
    })?;
    match found {
        Some(options) if count == 1 => Ok(options),
        _ => Err(vm.value_error("Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter")),
    }
}

/// Sizes of dictionaries in LZMA2 properties: `2 | bit` shifted.
fn dictionary_code(size: u32) -> u8 {
    (0..40).find(|code| u64::from(dictionary_size(*code)) >= u64::from(size)).unwrap_or(40)
}

fn dictionary_size(code: u8) -> u32 {
    if code >= 40 { u32::MAX } else { (2 | u32::from(code & 1)) << (code / 2 + 11) }
}

pub(super) fn encode_properties(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let properties = match filter(vm, args.at(0))? {
        Filter::Lzma { is_first: true, options } => {
            if options.lc + options.lp > 4 || options.pb > 4 {
                return Err(error(vm, "Invalid or unsupported options"));
            }
            let mut bytes = vec![((options.pb * 5 + options.lp) * 9 + options.lc) as u8];
            bytes.extend(options.dict_size.to_le_bytes());
            bytes
        }
        Filter::Lzma { options, .. } => vec![dictionary_code(options.dict_size.max(4096))],
        Filter::Delta { distance: distance @ 1..=256 } => vec![(distance - 1) as u8],
        Filter::Delta { .. } => return Err(error(vm, "Invalid or unsupported options")),
        Filter::Branch { start_offset: 0, .. } => Vec::new(),
        Filter::Branch { start_offset, .. } => start_offset.to_le_bytes().to_vec(),
    };
    vm.new_bytes(&properties)
}

pub(super) fn decode_properties(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let id = vm.index_i64(args.at(0))?;
    let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let invalid = || error(vm, "Invalid or unsupported options");
    let mut fields: Vec<(&str, i64)> = vec![("id", id)];
    match id {
        LZMA1 => {
            let &[first, a, b, c, d] = &bytes[..] else { return Err(invalid()) };
            if first >= 9 * 5 * 5 {
                return Err(invalid());
            }
            fields.extend([
                ("dict_size", i64::from(u32::from_le_bytes([a, b, c, d]))),
                ("lc", i64::from(first % 9)),
                ("lp", i64::from(first / 9 % 5)),
                ("pb", i64::from(first / 45)),
            ]);
        }
        LZMA2 => match bytes[..] {
            [code @ 0..=40] => fields.push(("dict_size", i64::from(dictionary_size(code)))),
            _ => return Err(invalid()),
        },
        DELTA => match bytes[..] {
            [distance] => fields.push(("dist", i64::from(distance) + 1)),
            _ => return Err(invalid()),
        },
        X86 | POWERPC | IA64 | ARM | ARM_THUMB | SPARC => match bytes[..] {
            [] => {}
            [a, b, c, d] => fields.push(("start_offset", i64::from(u32::from_le_bytes([a, b, c, d])))),
            _ => return Err(invalid()),
        },
        _ => return Err(vm.value_error(format!("Invalid filter ID: {id}"))),
    }
    let dict = vm.new_pydict()?;
    for (name, number) in fields {
        vm.set_item_text(dict, name, vm.new_int(number)?)?;
    }
    Ok(dict.as_value())
}
