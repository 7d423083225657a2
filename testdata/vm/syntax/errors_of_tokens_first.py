# A parser that fails reads on: what the tokenizer refuses further down takes the place of its error.
def show(source):
    try:
        compile(source, "<text>", "exec")
    except SyntaxError as error:
        print(f"{error.lineno}:{error.offset} {error.msg}")


show("x = = 1\n'''abc\n")  # expect: 2:1 unterminated triple-quoted string literal (detected at line 2)
show("print 1\ny = 'abc\n")  # expect: 2:5 unterminated string literal (detected at line 2)
show("if x = 1: pass\n0777\n")  # expect: 2:1 leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers
show("x = [1,\n2 3\n]\n}")  # expect: 4:1 unmatched '}'
show("a b\n\x01\n")  # expect: 2:1 invalid non-printable character U+0001
show("if 1:\nx\n'''")  # expect: 3:1 unterminated triple-quoted string literal (detected at line 3)
show("  x\n'''")  # expect: 1:2 unexpected indent
show("x = {1: 2, 3}\ny = 0b12\n")  # expect: 2:8 invalid digit '2' in binary literal
show("x = (1,\ny b\n")  # expect: 1:5 '(' was never closed
show("a b\n$\n")  # expect: 1:3 invalid syntax

import ast

for source in ("x = 'abc", "αβγδ = 00010", "y = 5x", "(]"):
    try:
        ast.parse(source)
    except SyntaxError as error:
        print(error.offset, error.end_offset >= error.offset, error.msg)
# expect: 5 True unterminated string literal (detected at line 1)
# expect: 8 True leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers
# expect: 5 True invalid decimal literal
# expect: 2 True closing parenthesis ']' does not match opening parenthesis '('
