//! The modules of single families: `_md5`, `_sha1`, `_sha2`, `_sha3`.

use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{ArgsExt, ModuleDef, NativeDef, Vm};

use super::{NO_NEW, SPONGE_GETSET, XOF_METHODS, algorithm, class, start};
use crate::payload::construct;

const SIGNATURE: &str = "data=b'', *, usedforsecurity=True, string=None";

/// `hash_functions!(MODULE, "_module", "Type" "name" CLASS ..)`: a module of functions that make objects of classes without constructor.
macro_rules! hash_functions {
    ($module:ident, $text:literal, $($type_name:literal $name:literal $class:ident),*) => {
        $(static $class: TypeDef = class(concat!($text, ".", $type_name), NO_NEW);)*

        pub(crate) static $module: ModuleDef = ModuleDef {
            functions: &[$(NativeDef::function($name, SIGNATURE, |vm, args| {
                let state = algorithm::by_name($name).expect("an algorithm of this name");
                start(vm, vm.native_class(&$class)?, state, args.opt(0), args.opt(2))
            })),*],
            setup: Some(|vm, dict| {
                $(vm.add_class(dict, &$class)?;)*
                add_chunk_size(vm, dict)
            }),
            ..ModuleDef::new($text)
        };
    };
}

/// From this size on CPython releases its lock.
fn add_chunk_size(vm: &Vm, dict: cinder_vm::Gc<cinder_vm::types::dict::PyDict>) -> cinder_vm::PyResult<()> {
    vm.set_item_text(dict, "_GIL_MINSIZE", vm.new_int(2048)?)
}

hash_functions!(MD5, "_md5", "MD5Type" "md5" MD5_TYPE);
hash_functions!(SHA1, "_sha1", "SHA1Type" "sha1" SHA1_TYPE);
hash_functions!(
    SHA2,
    "_sha2",
    "SHA224Type" "sha224" SHA224_TYPE,
    "SHA256Type" "sha256" SHA256_TYPE,
    "SHA384Type" "sha384" SHA384_TYPE,
    "SHA512Type" "sha512" SHA512_TYPE
);

/// `sponge_classes!(NAME "name" methods ..)`: classes that are called themselves.
macro_rules! sponge_classes {
    ($($class:ident $name:literal $methods:ident),*) => {
        $(static $class: TypeDef = TypeDef {
            slots: Slots {
                new: Some(|vm, class, args, names| {
                    static NEW: NativeDef =
                        NativeDef::class_method($name, "cls, data=b'', *, usedforsecurity=True, string=None", |vm, args| {
                            let class = vm.as_class(args.at(0)).expect("bound to its class");
                            let state = algorithm::by_name($name).expect("an algorithm of this name");
                            start(vm, class, state, args.opt(1), args.opt(3))
                        });
                    construct(vm, &NEW, class.as_value(), args, names)
                }),
                ..Slots::NONE
            },
            methods: $methods,
            getset: SPONGE_GETSET,
            ..class(concat!("_sha3.", $name), 0)
        };)*

        pub(crate) static SHA3: ModuleDef = ModuleDef {
            setup: Some(|vm, dict| {
                $(vm.add_class(dict, &$class)?;)*
                vm.set_item_text(dict, "implementation", vm.new_str("RustCrypto")?)?;
                add_chunk_size(vm, dict)
            }),
            ..ModuleDef::new("_sha3")
        };
    };
}

use super::METHODS;

sponge_classes!(
    SHA3_224 "sha3_224" METHODS,
    SHA3_256 "sha3_256" METHODS,
    SHA3_384 "sha3_384" METHODS,
    SHA3_512 "sha3_512" METHODS,
    SHAKE_128 "shake_128" XOF_METHODS,
    SHAKE_256 "shake_256" XOF_METHODS
);
