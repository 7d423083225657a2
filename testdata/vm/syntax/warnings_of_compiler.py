# SyntaxWarnings, and the errors they become
import warnings

for source in [
    r"'\d'",
    r"b'\400'",
    r"f'\w{1}'",
    "x = 1 is 1",
    "x = () is not y",
    "assert (1, 'm')",
    "[1 (2)]",
    "[1 [2, 3]]",
    "['a' ['b']]",
    "0x1for x in y" if False else "1if 1else 2",
    "def f():\n    try: pass\n    finally: return 1",
    "for i in j:\n    try: pass\n    finally:\n        for k in l: break\n        break",
    r"r'\d', '\\d', '\n'",
]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        compile(source, "<text>", "exec")
    print([(str(w.message).split(".")[0], w.lineno) for w in found])
# expect: [('"\\d" is an invalid escape sequence', 1)]
# expect: [('"\\400" is an invalid octal escape sequence', 1)]
# expect: [('"\\w" is an invalid escape sequence', 1)]
# expect: [('"is" with \'int\' literal', 1)]
# expect: [('"is not" with \'tuple\' literal', 1)]
# expect: [('assertion is always true, perhaps remove parentheses?', 1)]
# expect: [("'int' object is not callable; perhaps you missed a comma?", 1)]
# expect: [("'int' object is not subscriptable; perhaps you missed a comma?", 1)]
# expect: [('str indices must be integers or slices, not str; perhaps you missed a comma?', 1)]
# expect: [('invalid decimal literal', 1), ('invalid decimal literal', 1)]
# expect: [("'return' in a 'finally' block", 3)]
# expect: [("'break' in a 'finally' block", 5)]
# expect: []
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        compile("x = 2\ny = '\\q'", "<text>", "exec")
    except SyntaxError as error:
        print(error.msg, error.lineno, error.filename)
# expect: "\q" is an invalid escape sequence. Did you mean "\\q"? A raw string is also an option. 2 <text>
