//! Small adapters between the ways to call.

use cinder_bytecode::RegisterKind;
use cinder_layout::jit::EntrySignature;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

use super::{clif_type, typed_signature, window_signature};

fn make(
    signature: ir::Signature,
    config: TargetFrontendConfig,
    fill: impl FnOnce(&mut FunctionBuilder<'_>, &[ir::Value]),
) -> ir::Function {
    let mut function = ir::Function::with_name_signature(ir::UserFuncName::default(), signature);
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let params = builder.block_params(entry).to_vec();
    fill(&mut builder, &params);
    builder.seal_all_blocks();
    builder.finalize(config);
    function
}

/// `(vm, fp) -> (value, status)`: takes the arguments from the window and calls the typed entry.
pub(crate) fn window_entry(
    signature: &EntrySignature,
    typed_entry: usize,
    config: TargetFrontendConfig,
) -> ir::Function {
    make(window_signature(), config, |b, params| {
        let (vm, fp) = (params[0], params[1]);
        let mut args = vec![vm, fp];
        for (register, kind) in (0..).zip(&signature.parameters) {
            args.push(b.ins().load(clif_type(*kind), MemFlagsData::trusted(), fp, register * 8));
        }
        let callee = b.ins().iconst(I64, typed_entry as i64);
        let typed = b.import_signature(typed_signature(signature.parameters.iter().copied(), signature.result));
        let call = b.ins().call_indirect(typed, callee, &args);
        let results = b.inst_results(call).to_vec();
        let (value, status) = match signature.result {
            RegisterKind::Tagged => {
                let returned = b.ins().icmp_imm_s(IntCC::NotEqual, results[0], 0);
                (results[0], b.ins().uextend(I64, returned))
            }
            RegisterKind::Int => (results[0], results[1]),
            RegisterKind::Double => (b.ins().bitcast(I64, MemFlagsData::new(), results[0]), results[1]),
        };
        b.ins().return_(&[value, status]);
    })
}

/// Typed entry that puts the arguments into the window and calls `enter(vm, fp) -> (value, status)`.
pub(crate) fn stub(signature: &EntrySignature, enter: usize, config: TargetFrontendConfig) -> ir::Function {
    let typed = typed_signature(signature.parameters.iter().copied(), signature.result);
    make(typed, config, |b, params| {
        let (vm, fp) = (params[0], params[1]);
        for (register, arg) in (0..).zip(&params[2..]) {
            b.ins().store(MemFlagsData::trusted(), *arg, fp, register * 8);
        }
        let callee = b.ins().iconst(I64, enter as i64);
        let window = b.import_signature(window_signature());
        let call = b.ins().call_indirect(window, callee, &[vm, fp]);
        let results = b.inst_results(call).to_vec();
        match signature.result {
            RegisterKind::Tagged => {
                let zero = b.ins().iconst(I64, 0);
                let raised = b.ins().icmp_imm_s(IntCC::Equal, results[1], 0);
                let value = b.ins().select(raised, zero, results[0]);
                b.ins().return_(&[value]);
            }
            RegisterKind::Int => {
                b.ins().return_(&results);
            }
            RegisterKind::Double => {
                let value = b.ins().bitcast(F64, MemFlagsData::new(), results[0]);
                b.ins().return_(&[value, results[1]]);
            }
        }
    })
}
