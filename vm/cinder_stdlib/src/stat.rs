//! `_stat`: the bits of file modes. Source: Modules/_stat.c.

use cinder_vm::{ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::add_constants;

const FILE_TYPE: u32 = 0o170_000;
const SOCKET: u32 = 0o140_000;
const LINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;
const BLOCK: u32 = 0o060_000;
const FOLDER: u32 = 0o040_000;
const CHARACTER: u32 = 0o020_000;
const FIFO: u32 = 0o010_000;

const CONSTANTS: &[(&str, i64)] = &[
    ("S_IFDIR", FOLDER as i64),
    ("S_IFCHR", CHARACTER as i64),
    ("S_IFBLK", BLOCK as i64),
    ("S_IFREG", REGULAR as i64),
    ("S_IFIFO", FIFO as i64),
    ("S_IFLNK", LINK as i64),
    ("S_IFSOCK", SOCKET as i64),
    ("S_IFDOOR", 0),
    ("S_IFPORT", 0),
    ("S_IFWHT", 0),
    ("S_ISUID", 0o4000),
    ("S_ISGID", 0o2000),
    ("S_ISVTX", 0o1000),
    ("S_ENFMT", 0o2000),
    ("S_IREAD", 0o400),
    ("S_IWRITE", 0o200),
    ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700),
    ("S_IRUSR", 0o400),
    ("S_IWUSR", 0o200),
    ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o070),
    ("S_IRGRP", 0o040),
    ("S_IWGRP", 0o020),
    ("S_IXGRP", 0o010),
    ("S_IRWXO", 0o007),
    ("S_IROTH", 0o004),
    ("S_IWOTH", 0o002),
    ("S_IXOTH", 0o001),
    ("UF_SETTABLE", 0xffff),
    ("UF_NODUMP", 0x1),
    ("UF_IMMUTABLE", 0x2),
    ("UF_APPEND", 0x4),
    ("UF_OPAQUE", 0x8),
    ("UF_NOUNLINK", 0x10),
    ("UF_COMPRESSED", 0x20),
    ("UF_TRACKED", 0x40),
    ("UF_DATAVAULT", 0x80),
    ("UF_HIDDEN", 0x8000),
    ("SF_SETTABLE", 0xffff_0000),
    ("SF_ARCHIVED", 0x1_0000),
    ("SF_IMMUTABLE", 0x2_0000),
    ("SF_APPEND", 0x4_0000),
    ("SF_NOUNLINK", 0x10_0000),
    ("SF_SNAPSHOT", 0x20_0000),
    ("SF_FIRMLINK", 0x80_0000),
    ("SF_DATALESS", 0x4000_0000),
    ("ST_MODE", 0),
    ("ST_INO", 1),
    ("ST_DEV", 2),
    ("ST_NLINK", 3),
    ("ST_UID", 4),
    ("ST_GID", 5),
    ("ST_SIZE", 6),
    ("ST_ATIME", 7),
    ("ST_MTIME", 8),
    ("ST_CTIME", 9),
];

/// A mode argument. Errors: OverflowError for what is no `unsigned int`.
fn mode(vm: &Vm, value: Value) -> PyResult<u32> {
    let number = vm.index(value)?;
    if vm.int_is_negative(number) {
        return Err(vm.overflow_error("can't convert negative value to unsigned int"));
    }
    match vm.int_to_i64(number) {
        Some(number) => u32::try_from(number).map_err(|_| vm.overflow_error("mode out of range")),
        None => Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
    }
}

fn is_type(vm: &Vm, value: Value, kind: u32) -> PyResult<Value> {
    Ok(Value::from_bool(mode(vm, value)? & FILE_TYPE == kind))
}

/// `-rwxr-xr-x`.
fn file_mode(mode: u32) -> String {
    let kind = match mode & FILE_TYPE {
        REGULAR => '-',
        FOLDER => 'd',
        LINK => 'l',
        BLOCK => 'b',
        CHARACTER => 'c',
        FIFO => 'p',
        SOCKET => 's',
        _ => '?',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

macro_rules! tests {
    ($($name:literal $kind:expr, $what:literal;)*) => {
        &[
            $(NativeDef::function($name, "mode, /", |vm, args| is_type(vm, args.at(0), $kind))
                .doc(concat!($name, "(mode) -> bool\n\nReturn True if mode is from ", $what, ".")),)*
            // These do not exist on this system.
            NativeDef::function("S_ISDOOR", "mode, /", |vm, args| mode(vm, args.at(0)).map(|_| Value::FALSE))
                .doc("S_ISDOOR(mode) -> bool\n\nReturn True if mode is from a door."),
            NativeDef::function("S_ISPORT", "mode, /", |vm, args| mode(vm, args.at(0)).map(|_| Value::FALSE))
                .doc("S_ISPORT(mode) -> bool\n\nReturn True if mode is from an event port."),
            NativeDef::function("S_ISWHT", "mode, /", |vm, args| mode(vm, args.at(0)).map(|_| Value::FALSE))
                .doc("S_ISWHT(mode) -> bool\n\nReturn True if mode is from a whiteout."),
            NativeDef::function("S_IMODE", "mode, /", |vm, args| vm.new_int((mode(vm, args.at(0))? & 0o7777).into()))
                .doc("Return the portion of the file's mode that can be set by os.chmod()."),
            NativeDef::function("S_IFMT", "mode, /", |vm, args| vm.new_int((mode(vm, args.at(0))? & FILE_TYPE).into()))
                .doc("Return the portion of the file's mode that describes the file type."),
            NativeDef::function("filemode", "mode, /", |vm, args| vm.new_str(&file_mode(mode(vm, args.at(0))?)))
                .doc("Convert a file's mode to a string of the form '-rwxrwxrwx'"),
        ]
    };
}

pub(crate) static STAT: ModuleDef = ModuleDef {
    doc: "Bits of the st_mode of files: S_IF* for its kind, S_I* for its permissions, UF_* and SF_* for flags.",
    functions: tests!(
        "S_ISDIR" FOLDER, "a directory";
        "S_ISCHR" CHARACTER, "a character special device file";
        "S_ISBLK" BLOCK, "a block special device file";
        "S_ISREG" REGULAR, "a regular file";
        "S_ISFIFO" FIFO, "a FIFO (named pipe)";
        "S_ISLNK" LINK, "a symbolic link";
        "S_ISSOCK" SOCKET, "a socket";
    ),
    setup: Some(|vm, dict| add_constants(vm, dict, CONSTANTS)),
    ..ModuleDef::new("_stat")
};
