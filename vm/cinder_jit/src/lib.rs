//! The optimising compiler: static functions and hot loops to machine code.
//!
//! Problem: the interpreter pays for dispatch, windows and boxes at each instruction.
//! Idea: bytecode becomes SSA with frame states ([`hir`]), passes shrink it ([`pass`]), Cranelift makes code of it ([`lower`]). What the compiler does
//! not know is left to the interpreter one instruction at a time, so every function compiles.
//! Holds: a compile reads its [`CompileRequest`] only; what code and VM promise each other is [`cinder_layout::jit`].

mod build;
mod code;
mod hir;
mod lower;
mod pass;
mod worth;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cinder_layout::jit::{CompileError, CompileRequest, CompiledCode, DumpStage, EntrySignature, Helpers, JitCompiler};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

use code::Arena;

/// The compiler for this machine.
pub struct Compiler {
    isa: OwnedTargetIsa,
    arena: Mutex<Arena>,
    stubs: Mutex<HashMap<EntrySignature, usize>>,
}

impl Compiler {
    /// `None` on machines without a back end or without room for code: everything is interpreted then.
    #[must_use]
    pub fn new() -> Option<Arc<Compiler>> {
        if !cfg!(all(target_arch = "x86_64", unix)) {
            return None;
        }
        let mut flags = settings::builder();
        for (name, value) in [
            ("opt_level", "speed"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
            // Code is leaf-like between helper calls and has no unwinder; frames are walked by the VM.
            ("unwind_info", "false"),
            ("preserve_frame_pointers", "true"),
            ("enable_probestack", "false"),
        ] {
            flags.set(name, value).ok()?;
        }
        let isa = cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()?;
        Some(Arc::new(Compiler { isa, arena: Mutex::new(Arena::new()?), stubs: Mutex::default() }))
    }

    fn target(&self) -> lower::Target {
        let has_fma = self.isa.isa_flags().iter().any(|flag| flag.name == "has_fma" && flag.as_bool() == Some(true));
        lower::Target { config: self.isa.frontend_config(), has_fma }
    }

    fn arena(&self) -> MutexGuard<'_, Arena> {
        self.arena.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn machine_code(&self, clif: ir::Function, disassemble: bool) -> Result<(Vec<u8>, Option<String>), CompileError> {
        let mut context = Context::for_function(clif);
        context.set_disasm(disassemble);
        let compiled = context
            .compile(&*self.isa, &mut ControlPlane::default())
            .map_err(|error| failure(&format!("code generation failed: {:?}", error.inner)))?;
        if !compiled.buffer.relocs().is_empty() {
            return Err(failure("code generation wants a library call"));
        }
        Ok((compiled.code_buffer().to_vec(), compiled.vcode.clone()))
    }

    fn install(&self, clif: ir::Function) -> Result<(usize, usize), CompileError> {
        let (bytes, _) = self.machine_code(clif, false)?;
        let address = self.arena().install(&bytes).ok_or_else(|| failure("the memory for code is full"))?;
        Ok((address, bytes.len()))
    }

    fn optimised(&self, request: &CompileRequest, last: Option<&str>) -> Result<hir::Function, CompileError> {
        let mut function = build::build(request)?;
        pass::run(request, &mut function, last)?;
        Ok(function)
    }
}

impl JitCompiler for Compiler {
    fn compile(&self, request: &CompileRequest) -> Result<CompiledCode, CompileError> {
        let function = self.optimised(request, None)?;
        if !request.is_forced && !worth::pays(&function) {
            return Err(failure("most of it is left to the interpreter"));
        }
        let target = self.target();
        let lowered = lower::lower(request, &function, target);
        let (body, body_bytes) = self.install(lowered.clif)?;
        let mut code = CompiledCode {
            window_entry: body,
            typed_entry: 0,
            points: lowered.points,
            code_bytes: body_bytes,
            wrapper_bytes: 0,
            writes_header: lowered.writes_header,
            uses_valid: function.uses_valid,
        };
        if request.osr.is_none() {
            let params = &function.blocks[0].params;
            let signature = EntrySignature {
                parameters: params.iter().map(|param| function.ty(*param).kind()).collect(),
                result: function.result.unwrap_or_default(),
            };
            let (wrapper, bytes) = self.install(lower::window_entry(&signature, body, target.config))?;
            code.typed_entry = body;
            code.window_entry = wrapper;
            code.wrapper_bytes = bytes;
        }
        Ok(code)
    }

    fn stub(&self, helpers: &Helpers, signature: &EntrySignature) -> Result<usize, CompileError> {
        let mut stubs = self.stubs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = stubs.get(signature) {
            return Ok(*address);
        }
        let (address, _) = self.install(lower::stub(signature, helpers.enter, self.isa.frontend_config()))?;
        stubs.insert(signature.clone(), address);
        Ok(address)
    }

    fn release(&self, code: CompiledCode) {
        let mut arena = self.arena();
        if code.typed_entry == 0 {
            arena.free(code.window_entry, code.code_bytes);
        } else {
            arena.free(code.typed_entry, code.code_bytes);
            arena.free(code.window_entry, code.wrapper_bytes);
        }
    }

    fn dump(&self, request: &CompileRequest, stage: DumpStage<'_>) -> Result<String, CompileError> {
        let last = match stage {
            DumpStage::Hir(last) => last,
            DumpStage::Clif | DumpStage::Asm => None,
        };
        let function = self.optimised(request, last)?;
        if let DumpStage::Hir(_) = stage {
            return Ok(hir::print::print(&function));
        }
        let lowered = lower::lower(request, &function, self.target());
        if stage == DumpStage::Clif {
            return Ok(lowered.clif.display().to_string());
        }
        let (_, text) = self.machine_code(lowered.clif, true)?;
        text.ok_or_else(|| failure("code generation gave no disassembly"))
    }
}

fn failure(reason: &str) -> CompileError {
    CompileError { word: None, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
