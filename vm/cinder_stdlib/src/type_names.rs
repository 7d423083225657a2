//! `_types`: the names that Lib/types.py gives to classes of the VM. Source: Modules/_typesmodule.c.

use cinder_vm::ModuleDef;

pub(crate) static TYPES: ModuleDef = ModuleDef {
    doc: "Define names for built-in types.",
    setup: Some(|vm, namespace| {
        let types = &vm.types;
        for (name, class) in [
            ("AsyncGeneratorType", types.async_generator),
            ("BuiltinFunctionType", types.native_function),
            ("BuiltinMethodType", types.native_function),
            ("CellType", types.cell),
            ("ClassMethodDescriptorType", types.class_method_descriptor),
            ("CodeType", types.code),
            ("CoroutineType", types.coroutine),
            ("EllipsisType", types.ellipsis_type),
            ("FrameType", types.frame),
            ("FunctionType", types.function),
            ("GeneratorType", types.generator),
            ("GenericAlias", types.generic_alias),
            ("GetSetDescriptorType", types.getset_descriptor),
            ("LambdaType", types.function),
            ("MappingProxyType", types.mapping_proxy),
            ("MemberDescriptorType", types.member_descriptor),
            ("MethodDescriptorType", types.method_descriptor),
            ("MethodType", types.method),
            ("MethodWrapperType", types.method_wrapper),
            ("ModuleType", types.module),
            ("NoneType", types.none_type),
            ("NotImplementedType", types.not_implemented_type),
            ("SimpleNamespace", types.simple_namespace),
            ("TracebackType", types.traceback),
            ("UnionType", types.union),
            ("WrapperDescriptorType", types.slot_wrapper),
        ] {
            vm.set_item_text(namespace, name, class.as_value())?;
        }
        Ok(())
    }),
    ..ModuleDef::new("_types")
};
