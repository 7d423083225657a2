"""Whether a source text opts in: the leading block of docstring, future imports and flags."""

import ast

_FLAGS = ("__strict__", "__static__")


def is_marked(source):
    """Whether `source` (bytes or text) is a strict or static module. Text that does not parse is not."""
    # Cheap for the many modules that never mention a flag.
    if isinstance(source, bytes):
        if b"__strict__" not in source and b"__static__" not in source:
            return False
    elif not any(flag in source for flag in _FLAGS):
        return False
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    marked = False
    for index, statement in enumerate(body):
        if index == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            if isinstance(statement.value.value, str):
                continue
        if isinstance(statement, ast.ImportFrom) and statement.level == 0:
            if statement.module == "__future__":
                continue
            if statement.module == "__strict__":
                if any(alias.name == "allow_side_effects" for alias in statement.names):
                    continue
        if isinstance(statement, ast.Import) and len(statement.names) == 1:
            alias = statement.names[0]
            if alias.name in _FLAGS and alias.asname is None:
                marked = True
                continue
        break
    return marked
