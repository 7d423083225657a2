//! The opcode table: the one place where an instruction is declared.
//!
//! Problem: encoder, decoder, verifier, disassembler, interpreter and JIT must agree on every instruction.
//! Idea: `for_each_op!` lists one row per opcode (name, operand kinds, effects, meaning) and every consumer is a macro
//! applied to that list. Nothing else in the project knows an opcode's shape.
//! Holds: numbers are dense from zero in row order; rows marked `quick` are made by the VM only and never verify.
//!
//! # Machine model
//!
//! A frame is a window of 64-bit registers. Registers `0..locals.len()` are the function's named locals (parameters first),
//! the rest are temporaries. A register holds a tagged `Value` (0 = unbound) or, where [`crate::RegisterKind`] says so, a raw
//! `int64` or `double`. An instruction is one 8-byte word `op:u16 a:u16 b:u16 c:u16`; `imm` is the 32-bit number made of `b` (low half)
//! and `c` (high half). Rows with `ext` are followed by a second word `{ imm: u32, site: u32 }`, where `site` numbers the cache
//! records of the code object densely from 0 in order of appearance. Jump targets are absolute word indices.
//!
//! # Calls
//!
//! A call window begins at register `base`: `r[base]` is the callable, `r[base+1..base+8]` is left free for the callee's frame
//! header ([`crate::FRAME_HEADER`] words, the callable being word 0), arguments start at `r[base+8]`. So arguments are laid down where the callee's registers
//! begin and a positional call copies nothing. Everything at and above `base` is dead after the call.
//!
//! # Restarting
//!
//! An instruction that raises leaves its destination unchanged, so it can be resumed before it; after it, its result is in `a`.
//!
//! # Operand kinds (columns a, b, c)
//!
//! | kind | meaning |
//! | --- | --- |
//! | `N` | unused, zero |
//! | `W` | register written, tagged |
//! | `R` | register read, tagged and bound |
//! | `M` | register read, tagged, may be unbound |
//! | `X` | register read and written, tagged |
//! | `IW` `IR` | raw integer register written, read (every integer primitive, `char` and `cbool`, sign- or zero-extended to 64 bits) |
//! | `DW` `DR` | raw double register written, read |
//! | `AW` `AR` | register of any kind; both of an instruction have the same kind |
//! | `F` | first register of a run that the row's text describes, read |
//! | `FW` | first register of a run that the row's text describes, written |
//! | `WIN` | base of a call window |
//! | `CNT` | plain count |
//! | `K` | index into constants |
//! | `NM` | index into names |
//! | `LIT` | small number with the meaning the row gives |
//!
//! Kinds of `imm` and of the ext word's `imm`: `None`, `Const`, `Name`, `Jump`, `Type`, `Field`, `Func`, `Lit`.

/// Calls macro `$m` with every row of the table. Row: `NAME [a b c] imm ext flags "meaning"`.
/// `imm` other than `None` takes the place of `b` and `c`. Flags: `plain`, `jump` (may jump), `end` (never falls through), `quick` (VM-private).
#[macro_export]
macro_rules! for_each_op {
    ($m:ident) => {
        $m! {
            // ---- moves and constants -------------------------------------------------------------------
            NOP [N N N] None None plain "Does nothing."
            MOVE [AW AR N] None None plain "a = b, same register kind."
            LOAD_CONST [W N N] Const None plain "a = constants[imm]."
            CLEAR [W N N] None None plain "a becomes unbound."
            CHECK_BOUND [M N N] Name None plain "Raises UnboundLocalError for names[imm] when a is unbound."
            // ---- cells ---------------------------------------------------------------------------------
            MAKE_CELL [X N N] None None plain "a = new cell holding the old a (which may be unbound)."
            COPY_FREE_VARS [FW N N] Lit None plain "Registers a.. a+imm = the cells of the running function's closure, in order."
            LOAD_DEREF [W R NM] None None plain "a = contents of cell b; NameError (free variable) or UnboundLocalError for names[c] when empty."
            STORE_DEREF [R R N] None None plain "Cell a gets the contents b."
            DELETE_DEREF [R N N] Name None plain "Empties cell a; NameError/UnboundLocalError for names[imm] when already empty."
            LOAD_FROM_DICT_OR_DEREF [W R R] None Name plain "a = b[names[ext]] of mapping b, else the contents of cell c."
            LOAD_FROM_DICT_OR_GLOBALS [W R N] None Name plain "a = b[names[ext]] of mapping b, else the global, else the builtin; NameError."
            // ---- names ---------------------------------------------------------------------------------
            LOAD_GLOBAL [W N N] None Name plain "a = global or builtin names[ext]; NameError."
            STORE_GLOBAL [R N N] None Name plain "Global names[ext] = a."
            DELETE_GLOBAL [N N N] Name None plain "Deletes the global; NameError."
            LOAD_NAME [W N N] None Name plain "a = names[ext] in the frame's namespace, globals, builtins; NameError. Module, class, exec and eval code."
            STORE_NAME [R N N] None Name plain "Frame namespace[names[ext]] = a."
            DELETE_NAME [N N N] Name None plain "Deletes from the frame's namespace; NameError."
            LOAD_LOCALS [W N N] None None plain "a = the frame's namespace mapping (class and module code), or a dict of locals in functions."
            LOAD_BUILD_CLASS [W N N] None None plain "a = builtins.__build_class__."
            LOAD_COMMON_CONSTANT [W N N] Lit None plain "a = one of CommonConstant."
            // ---- attributes and items ------------------------------------------------------------------
            LOAD_ATTR [W R N] None Name plain "a = b.names[ext]."
            STORE_ATTR [R R N] None Name plain "a.names[ext] = b."
            DELETE_ATTR [R N N] Name None plain "del a.names[imm]."
            LOAD_METHOD [WIN R N] None Name plain "For a call at window a: r[a] = function and r[a+8] = b when b.names[ext] is a method, else r[a] = the attribute and r[a+8] = unbound. Ends in CALL_METHOD or CALL_METHOD_KW."
            LOAD_SUPER_ATTR [W F LIT] None Name plain "a = super(b+1, b+2).names[ext], where b holds the global `super`, b+1 the class, b+2 self; c=1 when the source wrote super(cls, self), 0 for super(). A replaced `super` is called."
            LOAD_SUPER_METHOD [WIN F LIT] None Name plain "As LOAD_SUPER_ATTR, delivering as LOAD_METHOD."
            LOAD_SUBSCR [W R R] None Lit plain "a = b[c]. ext.imm = 0."
            LOAD_SUBSCR_K [W R K] None Lit plain "a = b[constants[c]]. ext.imm = 0."
            STORE_SUBSCR [R R R] None Lit plain "a[b] = c. ext.imm = 0."
            DELETE_SUBSCR [R R N] None None plain "del a[b]."
            LOAD_SLICE [W R F] None None plain "a = b[c : c+1] (two registers, None where omitted)."
            STORE_SLICE [R F R] None None plain "a[b : b+1] = c."
            BUILD_SLICE [W F N] None None plain "a = slice(b, b+1, b+2)."
            // ---- operators -----------------------------------------------------------------------------
            BINARY_OP [W R R] None Lit plain "a = b op c, op = BinaryOp number in ext.imm (in-place forms included)."
            BINARY_OP_K [W R K] None Lit plain "a = b op constants[c]."
            UNARY_NEGATIVE [W R N] None None plain "a = -b."
            UNARY_POSITIVE [W R N] None None plain "a = +b."
            UNARY_INVERT [W R N] None None plain "a = ~b."
            UNARY_NOT [W R N] None None plain "a = not b."
            TO_BOOL [W R N] None None plain "a = bool(b)."
            COMPARE_OP [W R R] None Lit plain "a = b op c, op = CompareOp number in ext.imm."
            COMPARE_OP_K [W R K] None Lit plain "a = b op constants[c]."
            IS_OP [W R R] None None plain "a = b is c."
            IS_NOT_OP [W R R] None None plain "a = b is not c."
            CONTAINS_OP [W R R] None Lit plain "a = b in c. ext.imm = 0."
            NOT_CONTAINS_OP [W R R] None Lit plain "a = b not in c. ext.imm = 0."
            // ---- jumps ---------------------------------------------------------------------------------
            JUMP [N N N] Jump None end "Forward jump to imm."
            JUMP_BACKWARD [N N N] None Jump end "Loop back edge to ext.imm: safepoint, loop counter, entry point for on-stack replacement."
            JUMP_IF_TRUE [R N N] Jump None jump "To imm when a is true."
            JUMP_IF_FALSE [R N N] Jump None jump "To imm when a is false."
            JUMP_IF_NONE [R N N] Jump None jump "To imm when a is None."
            JUMP_IF_NOT_NONE [R N N] Jump None jump "To imm when a is not None."
            // ---- iteration and unpacking ---------------------------------------------------------------
            GET_ITER [W R N] None None plain "a = iter(b)."
            FOR_ITER [W R N] None Jump jump "a = next(b), or to ext.imm when exhausted (a unchanged)."
            UNPACK_SEQUENCE [FW R CNT] None Lit plain "Registers a.. a+c = the c items of b; ValueError. ext.imm = 0."
            UNPACK_EX [FW R CNT] None Lit plain "Registers a.. = c items before, one list, ext.imm items after."
            // ---- building ------------------------------------------------------------------------------
            BUILD_TUPLE [W F CNT] None None plain "a = tuple of registers b.. b+c."
            BUILD_LIST [W F CNT] None None plain "a = list of registers b.. b+c."
            BUILD_SET [W F CNT] None None plain "a = set of registers b.. b+c."
            BUILD_MAP [W F CNT] None None plain "a = dict of c pairs (key, value) in registers b.. b+2c."
            BUILD_STRING [W F CNT] None None plain "a = concatenation of the c strings in b.."
            LIST_APPEND [R R N] None None plain "a.append(b), a is an exact list of this frame."
            LIST_EXTEND [R R N] None None plain "a.extend(b), a is an exact list; TypeError text of `*` unpacking."
            LIST_TO_TUPLE [W R N] None None plain "a = tuple(b), b an exact list."
            SET_ADD [R R N] None None plain "a.add(b)."
            SET_UPDATE [R R N] None None plain "a.update(b)."
            MAP_ADD [R R R] None None plain "a[b] = c, a is an exact dict."
            DICT_UPDATE [R R N] None None plain "a.update(b); TypeError text of `**` in displays."
            DICT_MERGE [R R R] None None plain "a.update(b) for keyword arguments of callable c; TypeError on a repeated or non-string key."
            FORMAT_SIMPLE [W R N] None None plain "a = format(b, '')."
            FORMAT_WITH_SPEC [W R R] None None plain "a = format(b, c)."
            CONVERT_VALUE [W R LIT] None None plain "a = str(b), repr(b) or ascii(b): c = 1, 2, 3."
            BUILD_INTERPOLATION [W F LIT] None None plain "a = Interpolation(value=b, expression=b+1, conversion c as in CONVERT_VALUE or 0, format_spec=b+2)."
            BUILD_TEMPLATE [W R R] None None plain "a = Template(strings tuple b, interpolations tuple c)."
            // ---- pattern matching ----------------------------------------------------------------------
            MATCH_MAPPING [W R N] None None plain "a = whether b is a mapping for patterns."
            MATCH_SEQUENCE [W R N] None None plain "a = whether b is a sequence for patterns."
            MATCH_KEYS [W R R] None None plain "a = tuple of b's values for the keys of tuple c, or None."
            MATCH_CLASS [W F CNT] None None plain "Subject b, class b+1, tuple of keyword names b+2, c positional patterns: a = tuple of attribute values or None."
            GET_LEN [W R N] None None plain "a = len(b)."
            // ---- calls ---------------------------------------------------------------------------------
            CALL [W WIN CNT] None Lit plain "a = call of window b with c positional arguments. ext.imm = 0."
            CALL_METHOD [W WIN CNT] None Lit plain "After LOAD_METHOD (or LOAD_SPECIAL) at b: arguments r[b+9].. (c of them, self not counted); self slot r[b+8] bound or unbound."
            CALL_KW [W WIN CNT] None Const plain "As CALL; the last n of the c arguments are keyword values for the n names in tuple constants[ext]."
            CALL_METHOD_KW [W WIN CNT] None Const plain "As CALL_METHOD with keyword names."
            CALL_EX [W WIN LIT] None None plain "a = r[b](*r[b+8], **r[b+9]); r[b+8] any iterable, c=1 when r[b+9] is given."
            CALL_INTRINSIC [W F LIT] None None plain "a = intrinsic c (Intrinsic number) applied to registers b.. as its text says."
            MAKE_FUNCTION [W F LIT] None Const plain "a = function of code constants[ext]; c = FunctionFlags bits; in order from b, four fixed places: defaults tuple, kwdefaults dict, annotate function, closure tuple."
            RETURN_VALUE [R N N] None None end "Returns a."
            IMPORT_NAME [W F N] None Name plain "a = __import__(names[ext], globals, namespace, fromlist b+1, level b)."
            IMPORT_FROM [W R N] None Name plain "a = from b import names[ext]; ImportError."
            // ---- exceptions ----------------------------------------------------------------------------
            RAISE [R N N] None None end "raise a."
            RAISE_FROM [R R N] None None end "raise a from b."
            RAISE_AGAIN [N N N] None None end "Bare raise: the exception being handled; RuntimeError when none."
            PUSH_EXC [FW N N] None None plain "First instruction of a handler: a = the exception caught, a+1 = the frame's handled exception (may be unbound), which a replaces."
            POP_EXC [F N N] None None plain "The frame's handled exception becomes a+1 again."
            RERAISE [R N N] None None end "Raises a again without a new traceback entry for this instruction's line (ends of finally, with and unmatched except)."
            CHECK_EXC_MATCH [W R R] None None plain "a = whether exception b matches class or tuple c; TypeError for a non-exception class."
            CHECK_EG_MATCH [FW R R] None None plain "except*: a = rest (None when all matched), a+1 = the matched group or None, of exception b and class c."
            EXC_INFO [FW R N] None None plain "a, a+1, a+2 = type, value, traceback of exception b (for __exit__)."
            LOAD_SPECIAL [WIN R LIT] None None plain "As LOAD_METHOD for SpecialMethod number c looked up on b's type; TypeError with the text of `with`."
            // ---- generators and coroutines -------------------------------------------------------------
            YIELD_VALUE [W R LIT] None None plain "Suspends with value b; a = what is sent. c = 1 + register of the sub-iterator when delegating (yield from, await), else 0. A thrown exception is raised at this instruction."
            GET_YIELD_FROM_ITER [W R N] None None plain "a = iterator for `yield from b`."
            GET_AWAITABLE [W R LIT] None None plain "a = awaitable's iterator; c = 0 await, 1 __aenter__, 2 __aexit__ (for the TypeError text)."
            GET_AITER [W R N] None None plain "a = b.__aiter__() checked."
            GET_ANEXT [W R N] None None plain "a = awaitable of b.__anext__()."
            SEND [W R R] None Jump jump "Sends c to iterator b. Yielded: a = value, falls through. Finished: a = its return value, to ext.imm."
            CLEANUP_THROW [W R N] None None plain "In the handler of a delegating YIELD_VALUE: exception b is StopIteration -> a = its value; else re-raised as RERAISE."
            END_ASYNC_FOR [R N N] None None plain "In the handler of an async for: re-raises a unless it is StopAsyncIteration."
            // ---- static python: borders ----------------------------------------------------------------
            CHECK_ARGS [N N N] None None plain "First instruction of a static function, skipped by direct calls: checks and unboxes the parameters as the code's StaticSignature says."
            CAST [W R N] None Type plain "a = b if b is an instance of types[ext], else TypeError `expected 'X', got 'Y'`. An `int` given where types[ext] is float is accepted as the specification says."
            LOAD_FIELD [AW R N] None Field plain "a = field fields[ext] of instance b, raw for a primitive field; AttributeError when unset."
            STORE_FIELD [R AR N] None Field plain "Field fields[ext] of a = b; b has the field's type already."
            INVOKE_FUNCTION [AW WIN CNT] None Func plain "Direct call of functions[ext] with c arguments at r[b+8].. in their signature's representation; result in the signature's representation."
            INVOKE_METHOD [AW WIN CNT] None Func plain "Virtual call of method functions[ext]; self is the first of the c arguments."
            TP_ALLOC [W N N] None Type plain "a = new instance of class types[ext] with unset fields (primitives zero)."
            LOAD_TYPE [W N N] None Type plain "a = the class object types[ext]."
            RETURN_PRIMITIVE [AR LIT N] None None end "Returns raw a of Primitive b: raw to a direct caller, boxed to others."
            // ---- static python: primitives -------------------------------------------------------------
            PRIMITIVE_LOAD_INT [IW N N] Lit None plain "a = imm as signed 32-bit number."
            PRIMITIVE_LOAD_CONST [AW N N] Const None plain "a = raw value of the int or float constants[imm]."
            PRIMITIVE_BOX_INT [W IR LIT] None None plain "a = Python object of raw b, Primitive c (bool for cbool, str for char)."
            PRIMITIVE_BOX_DOUBLE [W DR N] None None plain "a = float of raw b."
            PRIMITIVE_UNBOX_INT [IW R LIT] None None plain "a = raw Primitive c of object b; TypeError, OverflowError."
            PRIMITIVE_UNBOX_DOUBLE [DW R N] None None plain "a = raw double of float b (an int is converted); TypeError."
            CONVERT_INT [IW IR LIT] None None plain "a = b wrapped to Primitive c."
            CONVERT_INT_DOUBLE [DW IR LIT] None None plain "a = double of integer b; c = 1 when b is unsigned."
            CONVERT_DOUBLE_INT [IW DR LIT] None None plain "a = b truncated to Primitive c (saturating, NaN is 0)."
            PRIMITIVE_ADD_INT [IW IR IR] None None plain "a = b + c, wrapping at 64 bits (narrow kinds are followed by CONVERT_INT)."
            PRIMITIVE_SUB_INT [IW IR IR] None None plain "a = b - c, wrapping."
            PRIMITIVE_MUL_INT [IW IR IR] None None plain "a = b * c, wrapping."
            PRIMITIVE_DIV_INT [IW IR IR] None None plain "a = b / c truncating as C; ZeroDivisionError."
            PRIMITIVE_MOD_INT [IW IR IR] None None plain "a = C remainder; ZeroDivisionError."
            PRIMITIVE_DIV_UINT [IW IR IR] None None plain "Unsigned division; ZeroDivisionError."
            PRIMITIVE_MOD_UINT [IW IR IR] None None plain "Unsigned remainder; ZeroDivisionError."
            PRIMITIVE_POW_INT [DW IR IR] None None plain "a = double of b ** c."
            PRIMITIVE_AND_INT [IW IR IR] None None plain "a = b & c."
            PRIMITIVE_OR_INT [IW IR IR] None None plain "a = b | c."
            PRIMITIVE_XOR_INT [IW IR IR] None None plain "a = b ^ c."
            PRIMITIVE_LSHIFT_INT [IW IR IR] None None plain "a = b << c; 0 when c is outside 0..64."
            PRIMITIVE_RSHIFT_INT [IW IR IR] None None plain "Arithmetic shift; sign when c is outside 0..64."
            PRIMITIVE_RSHIFT_UINT [IW IR IR] None None plain "Logical shift; 0 when c is outside 0..64."
            PRIMITIVE_NEG_INT [IW IR N] None None plain "a = -b, wrapping."
            PRIMITIVE_INVERT_INT [IW IR N] None None plain "a = ~b."
            PRIMITIVE_NOT_INT [IW IR N] None None plain "a = 1 when b is 0, else 0."
            PRIMITIVE_ADD_DOUBLE [DW DR DR] None None plain "a = b + c."
            PRIMITIVE_SUB_DOUBLE [DW DR DR] None None plain "a = b - c."
            PRIMITIVE_MUL_DOUBLE [DW DR DR] None None plain "a = b * c."
            PRIMITIVE_DIV_DOUBLE [DW DR DR] None None plain "a = b / c; ZeroDivisionError."
            PRIMITIVE_MOD_DOUBLE [DW DR DR] None None plain "a = Python float remainder; ZeroDivisionError."
            PRIMITIVE_POW_DOUBLE [DW DR DR] None None plain "a = b ** c as C pow."
            PRIMITIVE_NEG_DOUBLE [DW DR N] None None plain "a = -b."
            PRIMITIVE_COMPARE_INT [IW IR IR] None Lit plain "a = 1 or 0: b op c, CompareOp in ext.imm, signed."
            PRIMITIVE_COMPARE_UINT [IW IR IR] None Lit plain "Unsigned comparison."
            PRIMITIVE_COMPARE_DOUBLE [IW DR DR] None Lit plain "IEEE comparison."
            PRIMITIVE_JUMP_IF_TRUE [IR N N] Jump None jump "To imm when raw a is not 0."
            PRIMITIVE_JUMP_IF_FALSE [IR N N] Jump None jump "To imm when raw a is 0."
            // ---- static python: containers -------------------------------------------------------------
            FAST_LEN [IW R LIT] None None plain "a = raw length of b, FastKind c."
            SEQUENCE_GET [W R IR] None Lit plain "a = b[raw c] for FastKind ext.imm with object items; negative counts from the end; IndexError."
            SEQUENCE_SET [R IR R] None Lit plain "a[raw b] = c likewise; the item has the right type already."
            SEQUENCE_APPEND [R R LIT] None None plain "a.append(b) for a list of exact FastKind c; the item has the right type already."
            SEQUENCE_POP [W R LIT] None None plain "a = b.pop() for a list of exact FastKind c; IndexError."
            ARRAY_GET_INT [IW R IR] None Lit plain "a = raw item of Array b, Primitive ext.imm."
            ARRAY_GET_DOUBLE [DW R IR] None Lit plain "a = raw item of Array[double] b. ext.imm = 0."
            ARRAY_SET_INT [R IR IR] None Lit plain "Array a[b] = raw c, Primitive ext.imm."
            ARRAY_SET_DOUBLE [R IR DR] None Lit plain "Array[double] a[b] = raw c. ext.imm = 0."
            BUILD_CHECKED_LIST [W F CNT] None Type plain "a = CheckedList type types[ext] of registers b.. b+c."
            BUILD_CHECKED_MAP [W F CNT] None Type plain "a = CheckedDict type types[ext] of c pairs."
            // ---- quickened forms (made by the VM in its private copy; same words and operands as the pristine form) ----
            BINARY_ADD_INT [W R R] None Lit quick "BINARY_OP + of small ints."
            BINARY_SUB_INT [W R R] None Lit quick "BINARY_OP - of small ints."
            BINARY_MUL_INT [W R R] None Lit quick "BINARY_OP * of small ints."
            BINARY_FLOORDIV_INT [W R R] None Lit quick "BINARY_OP // of small ints."
            BINARY_MOD_INT [W R R] None Lit quick "BINARY_OP % of small ints."
            BINARY_AND_INT [W R R] None Lit quick "BINARY_OP & of small ints."
            BINARY_OR_INT [W R R] None Lit quick "BINARY_OP | of small ints."
            BINARY_XOR_INT [W R R] None Lit quick "BINARY_OP ^ of small ints."
            BINARY_LSHIFT_INT [W R R] None Lit quick "BINARY_OP << of small ints."
            BINARY_RSHIFT_INT [W R R] None Lit quick "BINARY_OP >> of small ints."
            BINARY_ADD_FLOAT [W R R] None Lit quick "BINARY_OP + of immediate floats."
            BINARY_SUB_FLOAT [W R R] None Lit quick "BINARY_OP - of immediate floats."
            BINARY_MUL_FLOAT [W R R] None Lit quick "BINARY_OP * of immediate floats."
            BINARY_DIV_FLOAT [W R R] None Lit quick "BINARY_OP / of immediate floats."
            COMPARE_LT_INT [W R R] None Lit quick "COMPARE_OP < of small ints."
            COMPARE_LT_INT_JUMP_TRUE [W R R] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_LT_INT_JUMP_FALSE [W R R] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_LE_INT [W R R] None Lit quick "COMPARE_OP <= of small ints."
            COMPARE_LE_INT_JUMP_TRUE [W R R] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_LE_INT_JUMP_FALSE [W R R] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_EQ_INT [W R R] None Lit quick "COMPARE_OP == of small ints."
            COMPARE_EQ_INT_JUMP_TRUE [W R R] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_EQ_INT_JUMP_FALSE [W R R] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_NE_INT [W R R] None Lit quick "COMPARE_OP != of small ints."
            COMPARE_NE_INT_JUMP_TRUE [W R R] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_NE_INT_JUMP_FALSE [W R R] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_GT_INT [W R R] None Lit quick "COMPARE_OP > of small ints."
            COMPARE_GT_INT_JUMP_TRUE [W R R] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_GT_INT_JUMP_FALSE [W R R] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_GE_INT [W R R] None Lit quick "COMPARE_OP >= of small ints."
            COMPARE_GE_INT_JUMP_TRUE [W R R] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_GE_INT_JUMP_FALSE [W R R] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_FLOAT [W R R] None Lit quick "COMPARE_OP of immediate floats."
            BINARY_ADD_INT_K [W R K] None Lit quick "BINARY_OP_K + of small ints."
            BINARY_SUB_INT_K [W R K] None Lit quick "BINARY_OP_K - of small ints."
            BINARY_MUL_INT_K [W R K] None Lit quick "BINARY_OP_K * of small ints."
            BINARY_FLOORDIV_INT_K [W R K] None Lit quick "BINARY_OP_K // of small ints."
            BINARY_MOD_INT_K [W R K] None Lit quick "BINARY_OP_K % of small ints."
            BINARY_AND_INT_K [W R K] None Lit quick "BINARY_OP_K & of small ints."
            BINARY_OR_INT_K [W R K] None Lit quick "BINARY_OP_K | of small ints."
            BINARY_XOR_INT_K [W R K] None Lit quick "BINARY_OP_K ^ of small ints."
            BINARY_LSHIFT_INT_K [W R K] None Lit quick "BINARY_OP_K << of small ints."
            BINARY_RSHIFT_INT_K [W R K] None Lit quick "BINARY_OP_K >> of small ints."
            BINARY_ADD_FLOAT_K [W R K] None Lit quick "BINARY_OP_K + of immediate floats."
            BINARY_SUB_FLOAT_K [W R K] None Lit quick "BINARY_OP_K - of immediate floats."
            BINARY_MUL_FLOAT_K [W R K] None Lit quick "BINARY_OP_K * of immediate floats."
            BINARY_DIV_FLOAT_K [W R K] None Lit quick "BINARY_OP_K / of immediate floats."
            COMPARE_LT_INT_K [W R K] None Lit quick "COMPARE_OP_K < of small ints."
            COMPARE_LT_INT_K_JUMP_TRUE [W R K] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_LT_INT_K_JUMP_FALSE [W R K] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_LE_INT_K [W R K] None Lit quick "COMPARE_OP_K <= of small ints."
            COMPARE_LE_INT_K_JUMP_TRUE [W R K] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_LE_INT_K_JUMP_FALSE [W R K] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_EQ_INT_K [W R K] None Lit quick "COMPARE_OP_K == of small ints."
            COMPARE_EQ_INT_K_JUMP_TRUE [W R K] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_EQ_INT_K_JUMP_FALSE [W R K] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_NE_INT_K [W R K] None Lit quick "COMPARE_OP_K != of small ints."
            COMPARE_NE_INT_K_JUMP_TRUE [W R K] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_NE_INT_K_JUMP_FALSE [W R K] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_GT_INT_K [W R K] None Lit quick "COMPARE_OP_K > of small ints."
            COMPARE_GT_INT_K_JUMP_TRUE [W R K] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_GT_INT_K_JUMP_FALSE [W R K] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_GE_INT_K [W R K] None Lit quick "COMPARE_OP_K >= of small ints."
            COMPARE_GE_INT_K_JUMP_TRUE [W R K] None Lit quick "The same with the JUMP_IF_TRUE that follows."
            COMPARE_GE_INT_K_JUMP_FALSE [W R K] None Lit quick "The same with the JUMP_IF_FALSE that follows."
            COMPARE_FLOAT_K [W R K] None Lit quick "COMPARE_OP_K of immediate floats."
            BINARY_ADD_STR [W R R] None Lit quick "BINARY_OP + of exact strings."
            COMPARE_EQ_STR [W R R] None Lit quick "COMPARE_OP == or != of exact strings."
            COMPARE_EQ_STR_K [W R K] None Lit quick "COMPARE_OP_K == or != of exact strings."
            LOAD_GLOBAL_MODULE [W N N] None Name quick "LOAD_GLOBAL found in the globals."
            LOAD_GLOBAL_BUILTIN [W N N] None Name quick "LOAD_GLOBAL found in the builtins."
            LOAD_NAME_GLOBAL [W N N] None Name quick "LOAD_NAME whose namespace is the globals and has the name."
            LOAD_NAME_BUILTIN [W N N] None Name quick "LOAD_NAME found in the builtins of a namespace that is the globals."
            STORE_GLOBAL_KNOWN [R N N] None Name quick "STORE_GLOBAL of a name that the globals have."
            STORE_NAME_GLOBAL [R N N] None Name quick "STORE_NAME of a name that the namespace, which is the globals, has."
            LOAD_ATTR_SLOT [W R N] None Name quick "LOAD_ATTR of an inline slot."
            LOAD_ATTR_OVERFLOW [W R N] None Name quick "LOAD_ATTR of a slot in the overflow buffer."
            LOAD_ATTR_VALUE [W R N] None Name quick "LOAD_ATTR of a class attribute that needs no binding."
            LOAD_ATTR_CLASS [W R N] None Name quick "LOAD_ATTR on one certain class object."
            LOAD_ATTR_MODULE [W R N] None Name quick "LOAD_ATTR on a module."
            LOAD_ATTR_PROPERTY [W R N] None Name quick "LOAD_ATTR of a property whose getter is a Python function."
            STORE_ATTR_SLOT [R R N] None Name quick "STORE_ATTR to an inline slot."
            STORE_ATTR_ADD [R R N] None Name quick "STORE_ATTR that adds an inline slot."
            LOAD_METHOD_VALUE [WIN R N] None Name quick "LOAD_METHOD of a function or native method found in the class."
            LOAD_METHOD_PLAIN [WIN R N] None Name quick "LOAD_METHOD of an attribute of one certain class object or module."
            CALL_FUNCTION [W WIN CNT] None Lit quick "CALL of a Python function with exactly its positional arguments."
            CALL_NATIVE [W WIN CNT] None Lit quick "CALL of one certain native function with positional arguments that need no binding."
            CALL_CLASS [W WIN CNT] None Lit quick "CALL of one certain class whose instances are plain and whose __init__ is a Python function."
            CALL_METHOD_FUNCTION [W WIN CNT] None Lit quick "CALL_METHOD of a Python function with exactly its positional arguments, self bound."
            CALL_METHOD_NATIVE [W WIN CNT] None Lit quick "CALL_METHOD of one certain native method with positional arguments that need no binding, self bound."
            FOR_ITER_LIST [W R N] None Jump quick "FOR_ITER over a list iterator."
            FOR_ITER_TUPLE [W R N] None Jump quick "FOR_ITER over a tuple iterator."
            FOR_ITER_RANGE [W R N] None Jump quick "FOR_ITER over a range iterator."
            FOR_ITER_GENERATOR [W R N] None Jump quick "FOR_ITER over a generator."
            LOAD_SUBSCR_LIST [W R R] None Lit quick "LOAD_SUBSCR list[small int]."
            LOAD_SUBSCR_LIST_K [W R K] None Lit quick "LOAD_SUBSCR_K list[small int]."
            LOAD_SUBSCR_TUPLE [W R R] None Lit quick "LOAD_SUBSCR tuple[small int]."
            LOAD_SUBSCR_TUPLE_K [W R K] None Lit quick "LOAD_SUBSCR_K tuple[small int]."
            LOAD_SUBSCR_DICT [W R R] None Lit quick "LOAD_SUBSCR of an exact dict."
            STORE_SUBSCR_LIST [R R R] None Lit quick "STORE_SUBSCR list[small int]."
            STORE_SUBSCR_DICT [R R R] None Lit quick "STORE_SUBSCR of an exact dict."
            CAST_SHAPE [W R N] None Type quick "CAST of an object of one certain shape, or as CAST."
            LOAD_FIELD_TAGGED [W R N] None Field quick "LOAD_FIELD of a resolved object field."
            LOAD_FIELD_RAW [IW R N] None Field quick "LOAD_FIELD of a resolved primitive field."
            STORE_FIELD_TAGGED [R R N] None Field quick "STORE_FIELD of a resolved object field."
            STORE_FIELD_RAW [R IR N] None Field quick "STORE_FIELD of a resolved primitive field."
            INVOKE_FUNCTION_DIRECT [AW WIN CNT] None Func quick "INVOKE_FUNCTION of a resolved static function."
            INVOKE_METHOD_SHAPE [AW WIN CNT] None Func quick "INVOKE_METHOD for receivers of one shape."
            TP_ALLOC_CLASS [W N N] None Type quick "TP_ALLOC of a resolved plain class."
            UNPACK_SEQUENCE_TUPLE [FW R CNT] None Lit quick "UNPACK_SEQUENCE of an exact tuple."
            LOAD_SUBSCR_GETITEM [W R R] None Lit quick "LOAD_SUBSCR of an object of one certain shape whose __getitem__ is a Python function."
            LOAD_ATTR_POLY [W R N] None Name quick "LOAD_ATTR of objects of many shapes."
            STORE_ATTR_POLY [R R N] None Name quick "STORE_ATTR to objects of many shapes."
            LOAD_METHOD_POLY [WIN R N] None Name quick "LOAD_METHOD on objects of many shapes."
            CALL_FUNCTION_ANY [W WIN CNT] None Lit quick "CALL of Python functions with positional arguments and perhaps defaults, or as CALL."
            TRACE [N N N] None None quick "Stands for another instruction while a trace function watches."
            CALL_METHOD_FUNCTION_ANY [W WIN CNT] None Lit quick "CALL_METHOD of Python functions with positional arguments and perhaps defaults, self bound, or as CALL_METHOD."
            CALL_GENERATOR [W WIN CNT] None Lit quick "CALL of Python functions that make a generator or coroutine, or as CALL."
            CALL_METHOD_GENERATOR [W WIN CNT] None Lit quick "CALL_METHOD of Python functions that make a generator or coroutine, self bound, or as CALL_METHOD."
            CALL_FUNCTION_AWAY [W WIN CNT] None Lit quick "CALL_FUNCTION_ANY in a generator, whose callees' frames lie elsewhere."
            CALL_METHOD_FUNCTION_AWAY [W WIN CNT] None Lit quick "CALL_METHOD_FUNCTION_ANY in a generator, whose callees' frames lie elsewhere."
            LOAD_SUBSCR_DICT_K [W R K] None Lit quick "LOAD_SUBSCR_K of an exact dict."
            LOAD_METHOD_FOUND [WIN R N] None Name quick "LOAD_METHOD of a static or class method, or of what needs no binding, found in the class."
            CALL_METHOD_PLAIN [W WIN CNT] None Lit quick "CALL_METHOD of callables without self, or as CALL_METHOD."
            CALL_BOUND [W WIN CNT] None Lit quick "CALL of bound methods of Python functions with positional arguments and perhaps defaults, or as CALL."
            LOAD_ATTR_METHOD [W R N] None Name quick "LOAD_ATTR of a function found in the class, which is bound."
            LOAD_ATTR_GETSET [W R N] None Name quick "LOAD_ATTR of a computed attribute of a builtin class."
            LOAD_METHOD_SLOT [WIN R N] None Name quick "LOAD_METHOD of an attribute in an inline slot."
            CALL_SLOT [W WIN CNT] None Lit quick "CALL of objects of one certain builtin class that is no function, most often of classes."
            LOAD_ATTR_DICT [W R N] None Name quick "LOAD_ATTR of objects whose attributes are in a dict."
            STORE_ATTR_DICT [R R N] None Name quick "STORE_ATTR to objects whose attributes are in a dict."
            LOAD_METHOD_DICT [WIN R N] None Name quick "LOAD_METHOD of a function or native method found in the class, on objects whose attributes are in a dict without it."
            BINARY_FUNCTION [W R R] None Lit quick "BINARY_OP of a left operand of one certain shape whose method is a Python function."
            BINARY_FUNCTION_K [W R K] None Lit quick "BINARY_OP_K of a left operand of one certain shape whose method is a Python function."
            COMPARE_FUNCTION [W R R] None Lit quick "COMPARE_OP of a left operand of one certain shape whose method is a Python function."
            COMPARE_FUNCTION_K [W R K] None Lit quick "COMPARE_OP_K of a left operand of one certain shape whose method is a Python function."
            BINARY_SLOT [W R R] None Lit quick "BINARY_OP of operands of two certain builtin classes."
            BINARY_SLOT_K [W R K] None Lit quick "BINARY_OP_K of operands of two certain builtin classes."
            COMPARE_SLOT [W R R] None Lit quick "COMPARE_OP of operands of two certain builtin classes."
            COMPARE_SLOT_K [W R K] None Lit quick "COMPARE_OP_K of operands of two certain builtin classes."
            LOAD_SUBSCR_SLOT [W R R] None Lit quick "LOAD_SUBSCR of objects of one certain builtin class."
            LOAD_SUBSCR_SLOT_K [W R K] None Lit quick "LOAD_SUBSCR_K of objects of one certain builtin class."
            STORE_SUBSCR_SLOT [R R R] None Lit quick "STORE_SUBSCR to objects of one certain builtin class."
            CALL_LEN [W WIN CNT] None Lit quick "CALL of the builtin len with one argument."
            CALL_ISINSTANCE [W WIN CNT] None Lit quick "CALL of the builtin isinstance with two arguments."
            LOAD_METHOD_CLASS [WIN R N] None Name quick "LOAD_METHOD of a class method of one certain class, from the class."
            FOR_ITER_SLOT [W R N] None Jump quick "FOR_ITER over iterators of one certain builtin class."
            LOAD_SUPER_METHOD_VALUE [WIN F LIT] None Name quick "LOAD_SUPER_METHOD of a function or native method found for one certain class and objects of one certain shape."
            CALL_LIST_APPEND [W WIN CNT] None Lit quick "CALL_METHOD of list.append on an exact list."
            CALL_KW_FUNCTION [W WIN CNT] None Const quick "CALL_KW of a Python function whose parameters the keywords name."
            CALL_METHOD_KW_FUNCTION [W WIN CNT] None Const quick "CALL_METHOD_KW of a Python function whose parameters the keywords name."
        }
    };
}

/// What an operand field means; the module text has the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    N,
    W,
    R,
    M,
    X,
    IW,
    IR,
    DW,
    DR,
    AW,
    AR,
    F,
    FW,
    WIN,
    CNT,
    K,
    NM,
    LIT,
}

/// What a 32-bit number of an instruction means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Imm {
    None,
    Const,
    Name,
    Jump,
    Type,
    Field,
    Func,
    Lit,
}

/// How control leaves the instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types, reason = "the names are the table's tokens")]
pub enum Flow {
    plain,
    jump,
    end,
    /// Made by the VM in a private copy; falls through like the pristine form it replaces.
    quick,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    pub name: &'static str,
    pub operands: [Operand; 3],
    /// Meaning of `imm`; other than `None` it replaces operands b and c.
    pub imm: Imm,
    /// Meaning of the ext word's `imm`; `None` when the instruction is one word long.
    pub ext: Imm,
    pub flow: Flow,
    pub meaning: &'static str,
}

macro_rules! define_opcodes {
    ($($name:ident [$a:ident $b:ident $c:ident] $imm:ident $ext:ident $flow:ident $doc:literal)*) => {
        /// An instruction's operation, numbered densely in table order.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(non_camel_case_types, reason = "opcodes keep the names of CPython and CinderX")]
        #[repr(u16)]
        pub enum Opcode { $(#[doc = $doc] $name,)* }

        /// Rows by opcode number.
        pub static OPCODES: &[OpInfo] = &[$(OpInfo {
            name: stringify!($name),
            operands: [Operand::$a, Operand::$b, Operand::$c],
            imm: Imm::$imm,
            ext: Imm::$ext,
            flow: Flow::$flow,
            meaning: $doc,
        },)*];

        const ALL: &[Opcode] = &[$(Opcode::$name,)*];
    };
}
for_each_op!(define_opcodes);

impl Opcode {
    pub const COUNT: usize = ALL.len();

    /// The opcode with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Opcode> {
        ALL.get(usize::from(number)).copied()
    }

    /// Every opcode in table order.
    pub fn all() -> impl Iterator<Item = Opcode> {
        ALL.iter().copied()
    }

    #[must_use]
    pub fn info(self) -> &'static OpInfo {
        &OPCODES[self as usize]
    }

    /// Length in words: 2 when an ext word follows, else 1.
    #[must_use]
    pub fn words(self) -> usize {
        if self.info().ext == Imm::None { 1 } else { 2 }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        self.info().name
    }
}

macro_rules! numbered {
    ($(#[$meta:meta])* $type:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u16)]
        pub enum $type { $($(#[$vmeta])* $variant,)* }

        impl $type {
            pub const ALL: &[$type] = &[$($type::$variant,)*];

            #[must_use]
            pub fn from_number(number: u32) -> Option<Self> {
                Self::ALL.get(number as usize).copied()
            }

            #[must_use]
            pub fn number(self) -> u16 {
                self as u16
            }

            /// Spelling in disassembly.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $($type::$variant => $text,)* }
            }

            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.text() == text)
            }
        }
    };
}

numbered! {
    /// Operator of BINARY_OP; the second half are the in-place forms, in the same order.
    BinaryOp {
        Add = "+", Subtract = "-", Multiply = "*", TrueDivide = "/", FloorDivide = "//", Remainder = "%", Power = "**",
        LeftShift = "<<", RightShift = ">>", And = "&", Or = "|", Xor = "^", MatrixMultiply = "@",
        InplaceAdd = "+=", InplaceSubtract = "-=", InplaceMultiply = "*=", InplaceTrueDivide = "/=", InplaceFloorDivide = "//=",
        InplaceRemainder = "%=", InplacePower = "**=", InplaceLeftShift = "<<=", InplaceRightShift = ">>=", InplaceAnd = "&=",
        InplaceOr = "|=", InplaceXor = "^=", InplaceMatrixMultiply = "@=",
    }
}

impl BinaryOp {
    /// Number of operators that are not in-place; an in-place form is its plain form plus this.
    pub const PLAIN: u16 = 13;
}

numbered! {
    /// Operator of COMPARE_OP and the primitive comparisons.
    CompareOp { Lt = "<", Le = "<=", Eq = "==", Ne = "!=", Gt = ">", Ge = ">=", }
}

numbered! {
    /// Operand of LOAD_COMMON_CONSTANT.
    CommonConstant {
        AssertionError = "AssertionError", NotImplementedError = "NotImplementedError",
        BuiltinTuple = "tuple", BuiltinAll = "all", BuiltinAny = "any", BuiltinList = "list", BuiltinSet = "set",
    }
}

numbered! {
    /// Operand of LOAD_SPECIAL.
    SpecialMethod { Enter = "__enter__", Exit = "__exit__", AsyncEnter = "__aenter__", AsyncExit = "__aexit__", }
}

numbered! {
    /// Operand of CALL_INTRINSIC; the text lists the registers from b.
    Intrinsic {
        /// (value): sys.displayhook, for single mode.
        Print = "print",
        /// (module): `from module import *` into the frame's namespace.
        ImportStar = "import_star",
        /// (exception): the exception that leaves a generator: StopIteration becomes RuntimeError (StopAsyncIteration too in async generators).
        StopIterationError = "stopiteration_error",
        /// (value): marks a value yielded by an async generator.
        AsyncGenWrap = "async_gen_wrap",
        /// (name): TypeVar.
        TypeVar = "typevar",
        /// (name, bound evaluator).
        TypeVarWithBound = "typevar_with_bound",
        /// (name, constraints evaluator).
        TypeVarWithConstraints = "typevar_with_constraints",
        /// (name): ParamSpec.
        ParamSpec = "paramspec",
        /// (name): TypeVarTuple.
        TypeVarTuple = "typevartuple",
        /// (type parameter, default evaluator): the parameter with its default set.
        SetTypeParamDefault = "set_typeparam_default",
        /// (type parameters tuple): Generic[...] base of a PEP 695 class.
        SubscriptGeneric = "subscript_generic",
        /// (name, type parameters tuple or None, value evaluator): TypeAliasType.
        TypeAlias = "typealias",
        /// (function, type parameters tuple): the function with __type_params__ set.
        SetFunctionTypeParams = "set_function_type_params",
        /// (original exception, list of raised or unmatched exceptions): what an except* statement raises at its end, or None.
        PrepReraiseStar = "prep_reraise_star",
        /// (): a new, empty set of conditional annotation indices.
        ConditionalAnnotations = "conditional_annotations",
        /// (iterable, names): the items of `*x` as a tuple, one for each of the names of parameters; TypeError.
        SpreadPositional = "spread_positional",
        /// (dict, (names, defaults, other names)): the values of `**x` by name as a tuple, defaults for the last names; TypeError for names
        /// it lacks and for keys that are none of the names (other names are parameters that have a value).
        SpreadNamed = "spread_named",
    }
}

numbered! {
    /// A primitive type of Static Python (specification section 4).
    Primitive {
        Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
        UInt8 = "uint8", UInt16 = "uint16", UInt32 = "uint32", UInt64 = "uint64",
        Char = "char", CBool = "cbool", Double = "double", Single = "single",
    }
}

numbered! {
    /// Container that FAST_LEN and the SEQUENCE instructions know.
    FastKind {
        List = "list", CheckedList = "checked_list", Array = "array", Tuple = "tuple",
        Str = "str", Dict = "dict", CheckedDict = "checked_dict", Set = "set",
        /// FAST_LEN only: any object with __len__.
        Any = "any",
    }
}
