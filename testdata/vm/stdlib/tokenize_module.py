# tokenize: every token with its place; errors end the stream
import io
import tokenize


def show(text):
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            print(tokenize.tok_name[token.type], repr(token.string), token.start, token.end)
    except (tokenize.TokenError, SyntaxError) as error:
        print(type(error).__name__, error.args[0])


show("x = (1,\n  2)  # c")
# expect: NAME 'x' (1, 0) (1, 1)
# expect: OP '=' (1, 2) (1, 3)
# expect: OP '(' (1, 4) (1, 5)
# expect: NUMBER '1' (1, 5) (1, 6)
# expect: OP ',' (1, 6) (1, 7)
# expect: NL '\n' (1, 7) (1, 8)
# expect: NUMBER '2' (2, 2) (2, 3)
# expect: OP ')' (2, 3) (2, 4)
# expect: COMMENT '# c' (2, 6) (2, 9)
# expect: NEWLINE '' (2, 9) (2, 10)
# expect: ENDMARKER '' (3, 0) (3, 0)
show("f'a{b:>{w}}'\n")
# expect: FSTRING_START "f'" (1, 0) (1, 2)
# expect: FSTRING_MIDDLE 'a' (1, 2) (1, 3)
# expect: OP '{' (1, 3) (1, 4)
# expect: NAME 'b' (1, 4) (1, 5)
# expect: OP ':' (1, 5) (1, 6)
# expect: FSTRING_MIDDLE '>' (1, 6) (1, 7)
# expect: OP '{' (1, 7) (1, 8)
# expect: NAME 'w' (1, 8) (1, 9)
# expect: OP '}' (1, 9) (1, 10)
# expect: OP '}' (1, 10) (1, 11)
# expect: FSTRING_END "'" (1, 11) (1, 12)
# expect: NEWLINE '\n' (1, 12) (1, 13)
# expect: ENDMARKER '' (2, 0) (2, 0)
show("if a:\n    b\n  c\n")
# expect: NAME 'if' (1, 0) (1, 2)
# expect: NAME 'a' (1, 3) (1, 4)
# expect: OP ':' (1, 4) (1, 5)
# expect: NEWLINE '\n' (1, 5) (1, 6)
# expect: INDENT '    ' (2, 0) (2, 4)
# expect: NAME 'b' (2, 4) (2, 5)
# expect: NEWLINE '\n' (2, 5) (2, 6)
# expect: IndentationError unindent does not match any outer indentation level
show("'''abc")
# expect: TokenError EOF in multi-line string
