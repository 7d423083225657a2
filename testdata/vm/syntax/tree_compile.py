# trees that programs build or change are compiled, with the places they say
import ast

tree = ast.parse("def f(a, b=2, *c, d=4, **e):\n    return [a, b, c, d, e]\nr = f(1, 3, 5, d=6, g=7)\n")
names = {}
exec(compile(tree, "made", "exec"), names)
print(names["r"])  # expect: [1, 3, (5,), 6, {'g': 7}]


class Double(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value * 2), node) if isinstance(node.value, int) else node


tree = ast.fix_missing_locations(Double().visit(ast.parse("1 + 2 * 3 - len('ab')", mode="eval")))
print(eval(compile(tree, "made", "eval")))  # expect: 24
tree = ast.Module([ast.Expr(ast.BinOp(ast.Constant(1), ast.Div(), ast.Constant(0)))], [])
ast.fix_missing_locations(tree)
ast.increment_lineno(tree, 41)
try:
    exec(compile(tree, "made", "exec"))
except ZeroDivisionError as error:
    print(error.__traceback__.tb_next.tb_lineno)  # expect: 42
for bad in [
    ast.Name("x", ast.Load()),
    ast.Expression(ast.Name("None", ast.Load(), lineno=1, col_offset=0)),
    ast.Expression(ast.Name("x", ast.Store(), lineno=1, col_offset=0)),
    ast.Expression(ast.Constant(object(), lineno=1, col_offset=0)),
    ast.Expression(ast.Compare(ast.Constant(1, lineno=1, col_offset=0), [], [], lineno=1, col_offset=0)),
    ast.Expression(ast.Constant(1)),
]:
    try:
        compile(bad, "bad", "eval")
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
# expect: TypeError expected Expression node, got Name
# expect: ValueError identifier field can't represent 'None' constant
# expect: ValueError expression must have Load context but has Store instead
# expect: TypeError got an invalid type in Constant: object
# expect: ValueError Compare with no comparators
# expect: TypeError required field "lineno" missing from expr
source = "match p:\n    case -1 + 2j | 'x' | None: pass\n    case [C(a, k=[1, *_]), {'q': b, **r}] as s if s: x = f'{a!r:>{b}}{{' 'z'\n"
print(compile(ast.parse(source), "m", "exec").co_names[:3] == compile(source, "m", "exec").co_names[:3])  # expect: True
