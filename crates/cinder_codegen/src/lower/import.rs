//! Imports.

use super::{Lowerer, Reg};
use cinder_bytecode::{Constant, Intrinsic, Opcode};
use cinder_syntax::ast;
use num_bigint::BigInt;

impl<'a> Lowerer<'a> {
    pub(super) fn import(&mut self, node: &'a ast::StmtImport) {
        for alias in &node.names {
            let mark = self.top;
            self.at(node);
            let module = self.import_name(&alias.name.id, 0, Constant::None);
            match &alias.asname {
                None => {
                    let first = alias.name.split('.').next().unwrap_or_default();
                    self.store_name(first, module);
                }
                Some(name) => {
                    // `import a.b.c as d` binds the innermost module.
                    for part in alias.name.split('.').skip(1) {
                        self.emit_name(Opcode::IMPORT_FROM, module, module, 0, part);
                    }
                    self.store_name(&name.id, module);
                }
            }
            self.top = mark;
        }
    }

    pub(super) fn import_from(&mut self, node: &'a ast::StmtImportFrom) {
        let mark = self.top;
        self.at(node);
        let names = node.names.iter().map(|alias| Constant::Str(alias.name.as_str().into())).collect();
        let module_name = node.module.as_ref().map_or("", |name| name.id.as_str());
        let module = self.import_name(module_name, node.level, Constant::Tuple(names));
        for alias in &node.names {
            self.at(node);
            let value = self.alloc();
            if alias.name.as_str() == "*" {
                self.emit(Opcode::CALL_INTRINSIC, value, module, Intrinsic::ImportStar.number().into());
            } else {
                self.emit_name(Opcode::IMPORT_FROM, value, module, 0, &alias.name.id);
                self.store_name(&alias.asname.as_ref().unwrap_or(&alias.name).id, value);
            }
            self.top = value;
        }
        if module_name == "__static__.compiler_flags" && self.facts.is_some() {
            self.rebind_containers(node);
        }
        self.top = mark;
    }

    /// Under these flags a static module's names `dict` and `list` mean the checked generics.
    fn rebind_containers(&mut self, node: &'a ast::StmtImportFrom) {
        for (flag, name, generic) in [("checked_dicts", "dict", "chkdict"), ("checked_lists", "list", "chklist")] {
            if node.names.iter().any(|alias| alias.name.as_str() == flag) {
                let names = Constant::Tuple([Constant::Str(generic.into())].into());
                let module = self.import_name("__static__", 0, names);
                self.emit_name(Opcode::IMPORT_FROM, module, module, 0, generic);
                self.store_name(name, module);
                self.top = module;
            }
        }
    }

    fn import_name(&mut self, name: &str, level: u32, from_list: Constant) -> Reg {
        let mark = self.top;
        let operands = self.alloc_run(2);
        self.load_constant(operands, Constant::Int(BigInt::from(level)));
        self.load_constant(operands + 1, from_list);
        let out = self.finish(mark, None);
        self.emit_name(Opcode::IMPORT_NAME, out, operands, 0, name);
        out
    }
}
