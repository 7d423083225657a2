//! The table of native modules.

use cinder_vm::ModuleDef;

/// Every native module, by name.
static MODULES: &[&ModuleDef] = &[
    &crate::abc::ABC,
    &cinder_vm::classloader::STATIC_MODULE,
    &crate::accounts::GRP,
    &crate::accounts::PWD,
    &crate::array::ARRAY,
    &crate::asyncio::ASYNCIO,
    &crate::binascii::BINASCII,
    &crate::bisect::BISECT,
    &crate::bz2::BZ2,
    &cinder_vm::classloader::COMPILER_FLAGS,
    &cinder_vm::classloader::STRICT,
    &cinder_vm::classloader::STRICT_MODULES,
    &crate::cmath::CMATH,
    &crate::collections::COLLECTIONS,
    &crate::contextvars::CONTEXTVARS,
    &crate::csv::CSV,
    &crate::datetime::DATETIME,
    &crate::decimal::DECIMAL,
    &crate::faults::FAULTS,
    &crate::fcntl::FCNTL,
    &crate::foreign::FOREIGN,
    &crate::functools::FUNCTOOLS,
    &crate::gc::GC,
    &crate::hash::BLAKE2,
    &crate::hash::HASHLIB,
    &crate::hash::MD5,
    &crate::hash::SHA1,
    &crate::hash::SHA2,
    &crate::hash::SHA3,
    &crate::heapq::HEAPQ,
    &crate::immortal::CINDER,
    &crate::io::IO,
    &crate::itertools::ITERTOOLS,
    &crate::json::JSON,
    &crate::locale::LOCALE,
    &crate::lzma::LZMA,
    &crate::mapping::MAPPING,
    &crate::marshal::MARSHAL,
    &crate::math::MATH,
    &crate::multibyte::MULTIBYTE,
    &crate::multiprocessing::MULTIPROCESSING,
    &crate::multiprocessing::POSIX_SHARED_MEMORY,
    &crate::operator::OPERATOR,
    &crate::posix::POSIX,
    &crate::posixsubprocess::POSIX_SUBPROCESS,
    &crate::queue::QUEUE,
    &crate::random::RANDOM,
    &crate::resource::RESOURCE,
    &crate::select::SELECT,
    &crate::signal::SIGNAL,
    &crate::sre::SRE,
    &crate::socket::SOCKET,
    &crate::source_hash::SOURCE_HASH,
    &crate::sqlite::SQLITE,
    &crate::ssl::SSL,
    &crate::small::SUGGESTIONS,
    &crate::small::SYSCONFIG,
    &crate::stat::STAT,
    &crate::structs::STRUCT,
    &crate::sys::SYS,
    &crate::syslog::SYSLOG,
    &crate::termios::TERMIOS,
    &crate::thread::THREAD,
    &crate::time::TIME,
    &crate::tokens::TOKENS,
    &crate::type_names::TYPES,
    &crate::unicodedata::UNICODEDATA,
    &crate::warnings::WARNINGS,
    &crate::weakref::WEAKREF,
    &crate::zlib::ZLIB,
];

/// Declaration of the native module of this name.
pub(crate) fn find(name: &str) -> Option<&'static ModuleDef> {
    if name == "builtins" {
        return Some(&cinder_vm::builtins::BUILTINS);
    }
    MODULES.iter().find(|def| def.name == name).copied()
}

/// Names of all native modules in alphabetical order.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = MODULES.iter().map(|def| def.name).chain(["builtins"]).collect();
    names.sort_unstable();
    names
}
