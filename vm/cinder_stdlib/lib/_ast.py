"""Classes of the abstract syntax tree. Source text is not parsed into them yet."""

PyCF_ONLY_AST = 0x400
PyCF_TYPE_COMMENTS = 0x1000
PyCF_ALLOW_TOP_LEVEL_AWAIT = 0x2000
PyCF_OPTIMIZED_AST = 0x8400


class AST:
    _fields = ()
    _attributes = ()
    __match_args__ = ()

    def __init__(self, *args, **kwargs):
        fields = self._fields
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} constructor takes at most {len(fields)} positional argument{'s' if len(fields) != 1 else ''}")
        for name, value in zip(fields, args):
            setattr(self, name, value)
        for name, value in kwargs.items():
            if name in fields[:len(args)]:
                raise TypeError(f"{type(self).__name__} got multiple values for argument {name!r}")
            setattr(self, name, value)
        for name in fields:
            if name in self._lists and name not in self.__dict__:
                setattr(self, name, [])
            elif name == "ctx" and name not in self.__dict__:
                self.ctx = Load()

    _lists = ()

    def __reduce__(self):
        return type(self), (), self.__dict__

    def __repr__(self):
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields if hasattr(self, name))
        return f"{type(self).__name__}({shown})"


def _node(name, base, fields="", lists="", optional="", attributes=False):
    names = tuple(fields.split())
    space = {"__module__": "ast", "_fields": names, "__match_args__": names, "_lists": tuple(lists.split())}
    for field in optional.split():
        space[field] = None
    if attributes:
        space["_attributes"] = ("lineno", "col_offset", "end_lineno", "end_col_offset")
        space["end_lineno"] = space["end_col_offset"] = None
    made = type(name, (base,), space)
    globals()[name] = made
    return made


mod = _node("mod", AST)
_node("Module", mod, "body type_ignores", lists="body type_ignores")
_node("Interactive", mod, "body", lists="body")
_node("Expression", mod, "body")
_node("FunctionType", mod, "argtypes returns", lists="argtypes")
stmt = _node("stmt", AST, attributes=True)
_node("FunctionDef", stmt, "name args body decorator_list returns type_comment type_params", lists="body decorator_list type_params", optional="returns type_comment")
_node("AsyncFunctionDef", stmt, "name args body decorator_list returns type_comment type_params", lists="body decorator_list type_params", optional="returns type_comment")
_node("ClassDef", stmt, "name bases keywords body decorator_list type_params", lists="bases keywords body decorator_list type_params")
_node("Return", stmt, "value", optional="value")
_node("Delete", stmt, "targets", lists="targets")
_node("Assign", stmt, "targets value type_comment", lists="targets", optional="type_comment")
_node("TypeAlias", stmt, "name type_params value", lists="type_params")
_node("AugAssign", stmt, "target op value")
_node("AnnAssign", stmt, "target annotation value simple", optional="value")
_node("For", stmt, "target iter body orelse type_comment", lists="body orelse", optional="type_comment")
_node("AsyncFor", stmt, "target iter body orelse type_comment", lists="body orelse", optional="type_comment")
_node("While", stmt, "test body orelse", lists="body orelse")
_node("If", stmt, "test body orelse", lists="body orelse")
_node("With", stmt, "items body type_comment", lists="items body", optional="type_comment")
_node("AsyncWith", stmt, "items body type_comment", lists="items body", optional="type_comment")
_node("Match", stmt, "subject cases", lists="cases")
_node("Raise", stmt, "exc cause", optional="exc cause")
_node("Try", stmt, "body handlers orelse finalbody", lists="body handlers orelse finalbody")
_node("TryStar", stmt, "body handlers orelse finalbody", lists="body handlers orelse finalbody")
_node("Assert", stmt, "test msg", optional="msg")
_node("Import", stmt, "names", lists="names")
_node("ImportFrom", stmt, "module names level", lists="names", optional="module level")
_node("Global", stmt, "names", lists="names")
_node("Nonlocal", stmt, "names", lists="names")
_node("Expr", stmt, "value")
_node("Pass", stmt, "")
_node("Break", stmt, "")
_node("Continue", stmt, "")
expr = _node("expr", AST, attributes=True)
_node("BoolOp", expr, "op values", lists="values")
_node("NamedExpr", expr, "target value")
_node("BinOp", expr, "left op right")
_node("UnaryOp", expr, "op operand")
_node("Lambda", expr, "args body")
_node("IfExp", expr, "test body orelse")
_node("Dict", expr, "keys values", lists="keys values")
_node("Set", expr, "elts", lists="elts")
_node("ListComp", expr, "elt generators", lists="generators")
_node("SetComp", expr, "elt generators", lists="generators")
_node("DictComp", expr, "key value generators", lists="generators")
_node("GeneratorExp", expr, "elt generators", lists="generators")
_node("Await", expr, "value")
_node("Yield", expr, "value", optional="value")
_node("YieldFrom", expr, "value")
_node("Compare", expr, "left ops comparators", lists="ops comparators")
_node("Call", expr, "func args keywords", lists="args keywords")
_node("FormattedValue", expr, "value conversion format_spec", optional="format_spec")
_node("Interpolation", expr, "value str conversion format_spec", optional="format_spec")
_node("JoinedStr", expr, "values", lists="values")
_node("TemplateStr", expr, "values", lists="values")
_node("Constant", expr, "value kind", optional="kind")
_node("Attribute", expr, "value attr ctx")
_node("Subscript", expr, "value slice ctx")
_node("Starred", expr, "value ctx")
_node("Name", expr, "id ctx")
_node("List", expr, "elts ctx", lists="elts")
_node("Tuple", expr, "elts ctx", lists="elts")
_node("Slice", expr, "lower upper step", optional="lower upper step")
expr_context = _node("expr_context", AST)
_node("Load", expr_context, "")
_node("Store", expr_context, "")
_node("Del", expr_context, "")
boolop = _node("boolop", AST)
_node("And", boolop, "")
_node("Or", boolop, "")
operator = _node("operator", AST)
_node("Add", operator, "")
_node("Sub", operator, "")
_node("Mult", operator, "")
_node("MatMult", operator, "")
_node("Div", operator, "")
_node("Mod", operator, "")
_node("Pow", operator, "")
_node("LShift", operator, "")
_node("RShift", operator, "")
_node("BitOr", operator, "")
_node("BitXor", operator, "")
_node("BitAnd", operator, "")
_node("FloorDiv", operator, "")
unaryop = _node("unaryop", AST)
_node("Invert", unaryop, "")
_node("Not", unaryop, "")
_node("UAdd", unaryop, "")
_node("USub", unaryop, "")
cmpop = _node("cmpop", AST)
_node("Eq", cmpop, "")
_node("NotEq", cmpop, "")
_node("Lt", cmpop, "")
_node("LtE", cmpop, "")
_node("Gt", cmpop, "")
_node("GtE", cmpop, "")
_node("Is", cmpop, "")
_node("IsNot", cmpop, "")
_node("In", cmpop, "")
_node("NotIn", cmpop, "")
excepthandler = _node("excepthandler", AST, attributes=True)
_node("ExceptHandler", excepthandler, "type name body", lists="body", optional="type name")
pattern = _node("pattern", AST, attributes=True)
_node("MatchValue", pattern, "value")
_node("MatchSingleton", pattern, "value")
_node("MatchSequence", pattern, "patterns", lists="patterns")
_node("MatchMapping", pattern, "keys patterns rest", lists="keys patterns", optional="rest")
_node("MatchClass", pattern, "cls patterns kwd_attrs kwd_patterns", lists="patterns kwd_attrs kwd_patterns")
_node("MatchStar", pattern, "name", optional="name")
_node("MatchAs", pattern, "pattern name", optional="pattern name")
_node("MatchOr", pattern, "patterns", lists="patterns")
type_ignore = _node("type_ignore", AST)
_node("TypeIgnore", type_ignore, "lineno tag")
type_param = _node("type_param", AST, attributes=True)
_node("TypeVar", type_param, "name bound default_value", optional="bound default_value")
_node("ParamSpec", type_param, "name default_value", optional="default_value")
_node("TypeVarTuple", type_param, "name default_value", optional="default_value")
_node("comprehension", AST, "target iter ifs is_async", lists="ifs")
_node("arguments", AST, "posonlyargs args vararg kwonlyargs kw_defaults kwarg defaults", lists="posonlyargs args kwonlyargs kw_defaults defaults", optional="vararg kwarg")
_node("arg", AST, "arg annotation type_comment", optional="annotation type_comment", attributes=True)
_node("keyword", AST, "arg value", optional="arg", attributes=True)
_node("alias", AST, "name asname", optional="asname", attributes=True)
_node("withitem", AST, "context_expr optional_vars", optional="optional_vars")
_node("match_case", AST, "pattern guard body", lists="body", optional="guard")
