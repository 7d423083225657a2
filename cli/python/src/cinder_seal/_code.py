"""What the text of a module says of its classes, and code that freezes those of functions.

Classes of the module's level and those inside them are frozen when the module's body has run; those that a function makes, when it returns. Only
`class` statements count: a class that is made by a call belongs to whoever makes it.
"""

import ast

FREEZE = "<freeze-classes>"
_MADE = "<classes>"


def class_names(tree):
    """The classes of the module's level, those inside them too, by their dotted names, in order."""
    names = []

    def collect(body, prefix):
        for statement in body:
            if isinstance(statement, ast.ClassDef):
                names.append(prefix + statement.name)
                collect(statement.body, prefix + statement.name + ".")
            elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for block in _blocks(statement):
                    collect(block, prefix)

    collect(tree.body, "")
    return names


def _blocks(statement):
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if isinstance(block, list):
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for case in getattr(statement, "cases", ()):
        yield case.body


def freezes_in_functions(tree):
    """Changes functions with class statements so that they freeze these when they return; tells whether there are any."""
    changer = _Functions()
    changer.visit(tree)
    return changer.found


class _Functions(ast.NodeTransformer):
    found = False

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        noted = [_noting(statement) for statement in node.body]
        if not any(is_noted for _, is_noted in noted):
            return node
        self.found = True
        body = [statement for statements, _ in noted for statement in statements]
        docstring = body[:1] if ast.get_docstring(node, clean=False) is not None else []
        first = body[len(docstring)]
        # `finally`, since what an exception takes out of the function may be in use, too.
        start = ast.Assign([ast.Name(_MADE, ast.Store())], ast.List([], ast.Load()))
        freeze = ast.Expr(ast.Call(ast.Name(FREEZE, ast.Load()), [ast.Name(_MADE, ast.Load())], []))
        guarded = ast.Try(body=body[len(docstring):], handlers=[], orelse=[], finalbody=[freeze])
        added = [ast.fix_missing_locations(ast.copy_location(part, first)) for part in (start, guarded)]
        node.body = docstring + added
        return node

    visit_AsyncFunctionDef = visit_FunctionDef


def _noting(statement):
    """The statement with a note of each class behind its `class` statement, and whether there is one. Functions inside are left alone."""
    if isinstance(statement, ast.ClassDef):
        name = ast.Name(statement.name, ast.Load())
        note = ast.Expr(ast.Call(ast.Attribute(ast.Name(_MADE, ast.Load()), "append", ast.Load()), [name], []))
        return [statement, ast.fix_missing_locations(ast.copy_location(note, statement))], True
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [statement], False
    is_noted = False
    for block in _blocks(statement):
        parts = [_noting(inner) for inner in block]
        block[:] = [inner for inners, _ in parts for inner in inners]
        is_noted = is_noted or any(noted for _, noted in parts)
    return [statement], is_noted
