//! Bytecode to HIR to CLIF to machine code.
