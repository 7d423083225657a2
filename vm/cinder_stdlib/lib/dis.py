"""Shows the instructions of functions.

The instructions are those of this machine: registers and 8-byte words, not CPython's stack code. Offsets count two bytes for each word, as
co_lines() and f_lasti do. The interface is that of CPython's module.
"""

import collections
import io
import sys
import types
from opcode import (
    EXTENDED_ARG, HAVE_ARGUMENT, cmp_op, hasarg, hascompare, hasconst, hasexc, hasfree, hasjabs, hasjump, hasjrel, haslocal, hasname, stack_effect,
)

__all__ = [
    "code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code", "get_instructions", "Instruction",
    "Bytecode", "cmp_op", "stack_effect", "hasarg", "hasconst", "hasname", "hasjrel", "hasjabs", "haslocal", "hascompare", "hasfree",
    "hasexc", "hasjump", "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG",
]

opname = list(types.CodeType._opcodes())
opmap = {name: number for number, name in enumerate(opname)}

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR", 64: "NOFREE", 128: "COROUTINE",
    256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR", 0x4000000: "HAS_DOCSTRING", 0x8000000: "METHOD",
}

_have_code = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)

Positions = collections.namedtuple(
    "Positions", ["lineno", "end_lineno", "col_offset", "end_col_offset"], defaults=[None] * 4
)

_Instruction = collections.namedtuple(
    "_Instruction",
    [
        "opname", "opcode", "arg", "argval", "argrepr", "offset", "start_offset", "starts_line", "line_number", "label", "positions",
        "cache_info",
    ],
    defaults=[None, None, None],
)


class Instruction(_Instruction):
    """One instruction: its name and number, operands, place and label."""

    @property
    def oparg(self):
        return self.arg

    @property
    def baseopcode(self):
        return self.opcode

    @property
    def baseopname(self):
        return self.opname

    @property
    def cache_offset(self):
        return self.offset + 2

    @property
    def end_offset(self):
        return self.offset + 2 + sum(2 * size for _, size, _ in self.cache_info or ())

    @property
    def jump_target(self):
        return self.argval if self.is_jump_target_known else None

    @property
    def is_jump_target_known(self):
        return "JUMP" in self.opname or self.opname.startswith("FOR_ITER")

    @property
    def is_jump_target(self):
        return self.label is not None

    def __str__(self):
        return f"{self.opname} {self.argrepr}".rstrip()


def _instructions(code, first_line=None):
    rows = code._instructions()
    targets = sorted({row[7] for row in rows if row[7] is not None})
    labels = {target: number for number, target in enumerate(targets, 1)}
    shift = 0 if first_line is None else first_line - code.co_firstlineno
    last = None
    ends = [row[0] for row in rows[1:]]
    ends.append(rows[-1][0] + 1 if rows else 0)
    for (word, _, number, name, arg, value, text, target, place), end in zip(rows, ends):
        # Further words of an instruction stand where CPython has caches.
        more = [("operands", end - word - 1, bytes(8 * (end - word - 1)))] if end - word > 1 else None
        line = place[0]
        if line is not None:
            line += shift
            place = (line, place[1] + shift, place[2], place[3])
        if target is not None:
            text = f"to L{labels[target]}" if not text else f"{text} (to L{labels[target]})"
        starts = line is not None and line != last
        last = line if line is not None else last
        yield Instruction(name, number, arg, value, text, word * 2, word * 2, starts, line, labels.get(word), Positions(*place), more)


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """The instructions of a function, method, string of source or code object."""
    return _instructions(_get_code_object(x), first_line)


def _get_code_object(x):
    x = getattr(x, "__func__", x)
    for name in ("__code__", "gi_code", "ag_code", "cr_code"):
        x = getattr(x, name, x) if not isinstance(x, types.CodeType) else x
    if isinstance(x, str):
        try:
            x = compile(x, "<disassembly>", "eval")
        except SyntaxError:
            x = compile(x, "<disassembly>", "exec")
    if hasattr(x, "co_code"):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Disassembles classes, methods, functions, code, or the last traceback."""
    if x is None:
        distb(file=file, show_offsets=show_offsets)
        return
    x = getattr(x, "__func__", x)
    for name in ("__code__", "gi_code", "ag_code", "cr_code"):
        if not isinstance(x, type):
            x = getattr(x, name, x)
    if hasattr(x, "__dict__") and not isinstance(x, types.CodeType):
        for name, part in sorted(x.__dict__.items()):
            if isinstance(part, _have_code):
                print(f"Disassembly of {name}:", file=file)
                try:
                    dis(part, file=file, depth=depth, show_offsets=show_offsets, show_positions=show_positions)
                except TypeError as message:
                    print("Sorry:", message, file=file)
                print(file=file)
    elif isinstance(x, (str, types.CodeType)):
        _disassemble_recursive(_get_code_object(x), file, depth, show_offsets, show_positions)
    else:
        raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _disassemble_recursive(code, file, depth, show_offsets, show_positions):
    disassemble(code, file=file, show_offsets=show_offsets, show_positions=show_positions)
    if depth is None or depth > 0:
        for inner in code.co_consts:
            if isinstance(inner, types.CodeType):
                print(file=file)
                print(f"Disassembly of {inner!r}:", file=file)
                _disassemble_recursive(inner, file, None if depth is None else depth - 1, show_offsets, show_positions)


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Disassembles the function where a traceback ends."""
    if tb is None:
        try:
            tb = sys.last_exc.__traceback__ if hasattr(sys, "last_exc") else sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
        while tb.tb_next:
            tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_offsets=show_offsets, show_positions=show_positions)


def disassemble(code, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Shows the instructions of one code object."""
    _show(_instructions(code), lasti, file, show_offsets, show_positions)


disco = disassemble


def _show(instructions, lasti, file, show_offsets, show_positions):
    instructions = list(instructions)
    width = max((len(str(i.line_number)) for i in instructions if i.line_number is not None), default=1)
    width = max(width, 3)
    label_width = max((len(f"L{i.label}:") for i in instructions if i.label is not None), default=0)
    is_first = True
    for instruction in instructions:
        if instruction.starts_line and not is_first:
            print(file=file)
        is_first = False
        fields = [f"{instruction.line_number if instruction.starts_line else '':>{width}} "]
        if show_positions:
            p = instruction.positions
            fields.append(f"{p.lineno}:{p.col_offset}-{p.end_lineno}:{p.end_col_offset}".ljust(16))
        if label_width:
            fields.append(f"L{instruction.label}:".rjust(label_width) if instruction.label is not None else " " * label_width)
        fields.append("-->" if instruction.offset == lasti else "   ")
        if show_offsets:
            fields.append(f"{instruction.offset:>4}")
        fields.append(instruction.opname.ljust(24))
        fields.append(instruction.argrepr)
        print(" ".join(fields).rstrip(), file=file)


def findlinestarts(code):
    """Pairs of offset and line where a line of source begins in the code."""
    last = False
    for start, _, line in code.co_lines():
        if line is not last:
            if line != last or last is False:
                yield start, line
            last = line


def findlabels(code):
    """Offsets of instructions that are jumped to."""
    if not isinstance(code, types.CodeType):
        return []
    return sorted({row[7] * 2 for row in code._instructions() if row[7] is not None})


def pretty_flags(flags):
    names = []
    for bit in range(32):
        flag = 1 << bit
        if flags & flag:
            names.append(COMPILER_FLAG_NAMES.get(flag, hex(flag)))
            flags ^= flag
            if not flags:
                break
    else:
        names.append(hex(flags))
    return ", ".join(names)


def code_info(x):
    """What is known of a code object besides its instructions, as text."""
    code = _get_code_object(x)
    lines = [
        f"Name:              {code.co_name}",
        f"Filename:          {code.co_filename}",
        f"Argument count:    {code.co_argcount}",
        f"Positional-only arguments: {code.co_posonlyargcount}",
        f"Kw-only arguments: {code.co_kwonlyargcount}",
        f"Number of locals:  {code.co_nlocals}",
        f"Stack size:        {code.co_stacksize}",
        f"Flags:             {pretty_flags(code.co_flags)}",
    ]
    for title, items in [
        ("Constants", code.co_consts), ("Names", code.co_names), ("Variable names", code.co_varnames),
        ("Free variables", code.co_freevars), ("Cell variables", code.co_cellvars),
    ]:
        if items:
            lines.append(f"{title}:")
            shown = repr if title == "Constants" else str
            lines.extend(f"{number:4}: {shown(item)}" for number, item in enumerate(items))
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Prints what code_info() gives."""
    print(code_info(co), file=file)


class Bytecode:
    """The instructions of a piece of code."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
        self.codeobj = code = _get_code_object(x)
        self.first_line = code.co_firstlineno if first_line is None else first_line
        self._original_object = x
        self._first_line = first_line
        self.current_offset = current_offset
        self.show_offsets = show_offsets
        self.show_positions = show_positions

    def __iter__(self):
        return _instructions(self.codeobj, self._first_line)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, **options):
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti, **options)

    def info(self):
        return code_info(self.codeobj)

    def dis(self):
        out = io.StringIO()
        lasti = -1 if self.current_offset is None else self.current_offset
        _show(self, lasti, out, self.show_offsets, self.show_positions)
        return out.getvalue()


def main(args=None):
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("-O", "--show-offsets", action="store_true", help="show instruction offsets")
    parser.add_argument("-P", "--show-positions", action="store_true", help="show instruction positions")
    parser.add_argument("infile", nargs="?", default="-")
    options = parser.parse_args(args)
    if options.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = options.infile
        with open(name, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"), show_offsets=options.show_offsets, show_positions=options.show_positions)


if __name__ == "__main__":
    main()
