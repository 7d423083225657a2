# ast, tokenize, symtable-free source tools
import ast, io, tokenize, keyword, linecache
t = ast.parse("def f(a, *b: int, c=1, **d) -> str:\n    '''doc'''\n    return [x for x in a if x > 1][0].y(*b, k=c)\n")
print(ast.dump(t.body[0].args), ast.get_docstring(t.body[0]), ast.dump(t.body[0].body[1]))
# expect: arguments(args=[arg(arg='a')], vararg=arg(arg='b', annotation=Name(id='int', ctx=Load())), kwonlyargs=[arg(arg='c')], kw_defaults=[Constant(value=1)], kwarg=arg(arg='d')) doc Return(value=Call(func=Attribute(value=Subscript(value=ListComp(elt=Name(id='x', ctx=Load()), generators=[comprehension(target=Name(id='x', ctx=Store()), iter=Name(id='a', ctx=Load()), ifs=[Compare(left=Name(id='x', ctx=Load()), ops=[Gt()], comparators=[Constant(value=1)])], is_async=0)]), slice=Constant(value=0), ctx=Load()), attr='y', ctx=Load()), args=[Starred(value=Name(id='b', ctx=Load()), ctx=Load())], keywords=[keyword(arg='k', value=Name(id='c', ctx=Load()))]))
src = "async def f[T](x: T = 1, /) -> T:\n    async with a as b, c:\n        await g(x, *y, **z)\n    try:\n        raise E from e\n    except* (A, B) as g:\n        pass\n    else:\n        del q[1:2, ::3]\n    finally:\n        global w\n    match v:\n        case {'k': [1, *_], **rest} | C(x=0) if (n := 2):\n            return lambda *a, k=1: (yield)\n    for i, (j, k) in z:\n        continue\n    else:\n        break\n    while not x:\n        x @= -y ** ~2\n    assert f'{a!r:>{w}}{{}}' and t'{b}', 'm'\n    return a if b else {**c, 'd': 1} or {e} and not (f < g <= h is not None)\n"
print(ast.unparse(ast.parse(src)))
# expect: async def f[T](x: T=1, /) -> T:
# expect:     async with a as b, c:
# expect:         await g(x, *y, **z)
# expect:     try:
# expect:         raise E from e
# expect:     except* (A, B) as g:
# expect:         pass
# expect:     else:
# expect:         del q[1:2, ::3]
# expect:     finally:
# expect:         global w
# expect:     match v:
# expect:         case {'k': [1, *_], **rest} | C(x=0) if (n := 2):
# expect:             return lambda *a, k=1: (yield)
# expect:     for i, (j, k) in z:
# expect:         continue
# expect:     else:
# expect:         break
# expect:     while not x:
# expect:         x @= -y ** (~2)
# expect:     assert f'{a!r:>{w}}{{}}' and t'{b}', 'm'
# expect:     return a if b else {**c, 'd': 1} or ({e} and (not f < g <= h is not None))
print(ast.unparse(ast.parse(ast.unparse(ast.parse(src)))) == ast.unparse(ast.parse(src)))  # expect: True
class V(ast.NodeVisitor):
    def visit_Name(self, n): names.append((n.id, type(n.ctx).__name__, n.lineno, n.col_offset))
names = []
V().visit(ast.parse("a = b + c\nfor d in a: pass"))
print(names)
# expect: [('a', 'Store', 1, 0), ('b', 'Load', 1, 4), ('c', 'Load', 1, 8), ('d', 'Store', 2, 4), ('a', 'Load', 2, 9)]
class Tr(ast.NodeTransformer):
    def visit_Constant(self, n): return ast.Constant(n.value * 2) if isinstance(n.value, int) else n
    def visit_BinOp(self, n):
        self.generic_visit(n)
        return ast.BinOp(n.left, ast.Mult(), n.right)
new = ast.fix_missing_locations(Tr().visit(ast.parse("x = 1 + 2", mode="exec")))
ns = {}
exec(compile(new, "<t>", "exec"), ns)
print(ns["x"], ast.unparse(new), [type(n).__name__ for n in ast.walk(ast.parse("a.b[0]"))])
# expect: 8 x = 2 * 4 ['Module', 'Expr', 'Subscript', 'Attribute', 'Constant', 'Load', 'Name', 'Load', 'Load']
n = ast.parse("f(x,\n  y)").body[0].value
print(n.lineno, n.end_lineno, n.end_col_offset, ast.get_source_segment("f(x,\n  y)", n.args[1]), list(ast.iter_fields(n))[0][0], [type(c).__name__ for c in ast.iter_child_nodes(n)])
# expect: 1 2 4 y func ['Name', 'Name', 'Name']
for bad in ("open('x')", "1 + 1", "a", "[1, 2"):
    try:
        print(ast.literal_eval(bad))
    except (ValueError, SyntaxError) as e:
        print(type(e).__name__)
# expect: ValueError
# expect: ValueError
# expect: ValueError
# expect: SyntaxError
print(ast.dump(ast.parse("x: int = 5; y += 1", mode="exec"), include_attributes=False), ast.dump(ast.parse("(a, b)", mode="eval").body), repr(ast.Name("q")), ast.Name("q").id)
# expect: Module(body=[AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), value=Constant(value=5), simple=1), AugAssign(target=Name(id='y', ctx=Store()), op=Add(), value=Constant(value=1))]) Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()) Name(id='q', ctx=Load()) q
for tok in tokenize.generate_tokens(io.StringIO("if x1 >= 0x1F:  # c\n    f'a{b}'\n").readline):
    print(tokenize.tok_name[tok.type], repr(tok.string), tok.start)
# expect: NAME 'if' (1, 0)
# expect: NAME 'x1' (1, 3)
# expect: OP '>=' (1, 6)
# expect: NUMBER '0x1F' (1, 9)
# expect: OP ':' (1, 13)
# expect: COMMENT '# c' (1, 16)
# expect: NEWLINE '\n' (1, 19)
# expect: INDENT '    ' (2, 0)
# expect: FSTRING_START "f'" (2, 4)
# expect: FSTRING_MIDDLE 'a' (2, 6)
# expect: OP '{' (2, 7)
# expect: NAME 'b' (2, 8)
# expect: OP '}' (2, 9)
# expect: FSTRING_END "'" (2, 10)
# expect: NEWLINE '\n' (2, 11)
# expect: DEDENT '' (3, 0)
# expect: ENDMARKER '' (3, 0)
try:
    compile(ast.Expression(ast.Name("x")), "f", "eval")
except TypeError as e:
    print(e)
# expect: required field "lineno" missing from expr
print(keyword.kwlist[:5], len(keyword.kwlist), keyword.softkwlist)
# expect: ['False', 'None', 'True', 'and', 'as'] 35 ['_', 'case', 'match', 'type']
