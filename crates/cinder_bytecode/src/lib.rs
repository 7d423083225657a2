//! Opcode table, code objects; encode, verify, disassemble.
