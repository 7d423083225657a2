"""Classes of the abstract syntax tree.

The grammar below is one line per class: its base, and its fields with their types, `*` for lists and `?` for what may be None. Trees are made
and compiled by the machine itself, which finds the classes here by name.
"""

from warnings import warn as _warn

PyCF_ONLY_AST = 0x400
PyCF_TYPE_COMMENTS = 0x1000
PyCF_ALLOW_TOP_LEVEL_AWAIT = 0x2000
PyCF_OPTIMIZED_AST = 0x8400

_MISSING = object()
_REPR_DEPTH = 3


class AST:
    __module__ = "ast"
    _fields = ()
    _attributes = ()
    _field_types = {}
    __match_args__ = ()

    def __init__(self, *args, **kwargs):
        cls = type(self)
        fields = self._fields
        if len(args) > len(fields):
            plural = "" if len(fields) == 1 else "s"
            raise TypeError(f"{cls.__name__} constructor takes at most {len(fields)} positional argument{plural}")
        for name, value in zip(fields, args):
            setattr(self, name, value)
        given = set(fields[: len(args)])
        for name, value in kwargs.items():
            if name in given:
                raise TypeError(f"{cls.__name__} got multiple values for argument {name!r}")
            if name in fields:
                given.add(name)
            elif name not in self._attributes:
                _warn(
                    f"{cls.__name__}.__init__ got an unexpected keyword argument {name!r}. "
                    "Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15.",
                    DeprecationWarning,
                    stacklevel=2,
                )
            setattr(self, name, value)
        if len(given) == len(fields):
            return
        types = self._field_types
        for name in fields:
            if name in given:
                continue
            kind = types.get(name, _MISSING)
            if kind is _MISSING:
                _warn(
                    f"Field {name!r} is missing from {cls.__module__}.{cls.__qualname__}._field_types. "
                    "This will become an error in Python 3.15.",
                    DeprecationWarning,
                    stacklevel=2,
                )
            elif kind is expr_context:
                setattr(self, name, _singletons["Load"])
            elif type(kind) is _list_type:
                setattr(self, name, [])
            elif type(kind) is not _union_type:
                _warn(
                    f"{cls.__name__}.__init__ missing 1 required positional argument: {name!r}. "
                    "This will become an error in Python 3.15.",
                    DeprecationWarning,
                    stacklevel=2,
                )

    def __reduce_ex__(self, protocol, /):
        state = dict(self.__dict__)
        names = self._fields
        head = []
        for name in names:
            if name not in state:
                break
            head.append(state.pop(name))
        return type(self), tuple(head), state or None

    def __replace__(self, /, **changes):
        cls = type(self)
        known = {*self._fields, *self._attributes}
        state = dict(self.__dict__)
        if unknown := [name for name in changes if name not in known and name not in state]:
            shown = ", ".join(map(repr, sorted(unknown)))
            plural = "" if len(unknown) == 1 else "s"
            raise TypeError(f"{cls.__name__}.__replace__ got {len(unknown)} unexpected keyword argument{plural}: {shown}.")
        state.update(changes)
        optional = {name for name, kind in self._field_types.items() if type(kind) is _union_type}
        missing = [name for name in self._fields if name not in state and name not in optional]
        if missing:
            shown = ", ".join(map(repr, sorted(missing)))
            plural = "" if len(missing) == 1 else "s"
            raise TypeError(f"{cls.__name__}.__replace__ missing {len(missing)} keyword argument{plural}: {shown}.")
        made = cls.__new__(cls)
        made.__dict__.update(state)
        return made

    def __repr__(self):
        return _shown(self, _REPR_DEPTH)


def _shown(node, depth):
    if depth <= 0:
        return f"{type(node).__name__}(...)"
    parts = []
    for name in node._fields:
        value = getattr(node, name)
        if isinstance(value, (list, tuple)):
            open, close = "[]" if isinstance(value, list) else "()"
            items = [_item(item, depth) for item in (value if len(value) < 2 else (value[0], value[-1]))]
            if len(value) > 2:
                items.insert(1, "...")
            text = open + ", ".join(items) + close
        else:
            text = _item(value, depth)
        parts.append(f"{name}={text}")
    return f"{type(node).__name__}({', '.join(parts)})"


def _item(value, depth):
    return _shown(value, depth - 1) if isinstance(value, AST) else repr(value)


_list_type = type(list[int])
_union_type = type(int | str)
_PLACE = "lineno:int col_offset:int end_lineno:int? end_col_offset:int?"
_PLAIN = {"identifier": str, "string": str, "int": int, "constant": object}

_GRAMMAR = """
mod
    Module body:stmt* type_ignores:type_ignore*
    Interactive body:stmt*
    Expression body:expr
    FunctionType argtypes:expr* returns:expr
stmt @
    FunctionDef name:identifier args:arguments body:stmt* decorator_list:expr* returns:expr? type_comment:string? type_params:type_param*
    AsyncFunctionDef name:identifier args:arguments body:stmt* decorator_list:expr* returns:expr? type_comment:string? type_params:type_param*
    ClassDef name:identifier bases:expr* keywords:keyword* body:stmt* decorator_list:expr* type_params:type_param*
    Return value:expr?
    Delete targets:expr*
    Assign targets:expr* value:expr type_comment:string?
    TypeAlias name:expr type_params:type_param* value:expr
    AugAssign target:expr op:operator value:expr
    AnnAssign target:expr annotation:expr value:expr? simple:int
    For target:expr iter:expr body:stmt* orelse:stmt* type_comment:string?
    AsyncFor target:expr iter:expr body:stmt* orelse:stmt* type_comment:string?
    While test:expr body:stmt* orelse:stmt*
    If test:expr body:stmt* orelse:stmt*
    With items:withitem* body:stmt* type_comment:string?
    AsyncWith items:withitem* body:stmt* type_comment:string?
    Match subject:expr cases:match_case*
    Raise exc:expr? cause:expr?
    Try body:stmt* handlers:excepthandler* orelse:stmt* finalbody:stmt*
    TryStar body:stmt* handlers:excepthandler* orelse:stmt* finalbody:stmt*
    Assert test:expr msg:expr?
    Import names:alias*
    ImportFrom module:identifier? names:alias* level:int?
    Global names:identifier*
    Nonlocal names:identifier*
    Expr value:expr
    Pass
    Break
    Continue
expr @
    BoolOp op:boolop values:expr*
    NamedExpr target:expr value:expr
    BinOp left:expr op:operator right:expr
    UnaryOp op:unaryop operand:expr
    Lambda args:arguments body:expr
    IfExp test:expr body:expr orelse:expr
    Dict keys:expr?* values:expr*
    Set elts:expr*
    ListComp elt:expr generators:comprehension*
    SetComp elt:expr generators:comprehension*
    DictComp key:expr value:expr generators:comprehension*
    GeneratorExp elt:expr generators:comprehension*
    Await value:expr
    Yield value:expr?
    YieldFrom value:expr
    Compare left:expr ops:cmpop* comparators:expr*
    Call func:expr args:expr* keywords:keyword*
    FormattedValue value:expr conversion:int format_spec:expr?
    Interpolation value:expr str:constant conversion:int format_spec:expr?
    JoinedStr values:expr*
    TemplateStr values:expr*
    Constant value:constant kind:string?
    Attribute value:expr attr:identifier ctx:expr_context
    Subscript value:expr slice:expr ctx:expr_context
    Starred value:expr ctx:expr_context
    Name id:identifier ctx:expr_context
    List elts:expr* ctx:expr_context
    Tuple elts:expr* ctx:expr_context
    Slice lower:expr? upper:expr? step:expr?
expr_context !
    Load
    Store
    Del
boolop !
    And
    Or
operator !
    Add
    Sub
    Mult
    MatMult
    Div
    Mod
    Pow
    LShift
    RShift
    BitOr
    BitXor
    BitAnd
    FloorDiv
unaryop !
    Invert
    Not
    UAdd
    USub
cmpop !
    Eq
    NotEq
    Lt
    LtE
    Gt
    GtE
    Is
    IsNot
    In
    NotIn
comprehension = target:expr iter:expr ifs:expr* is_async:int
excepthandler @
    ExceptHandler type:expr? name:identifier? body:stmt*
arguments = posonlyargs:arg* args:arg* vararg:arg? kwonlyargs:arg* kw_defaults:expr?* kwarg:arg? defaults:expr*
arg @ = arg:identifier annotation:expr? type_comment:string?
keyword @ = arg:identifier? value:expr
alias @ = name:identifier asname:identifier?
withitem = context_expr:expr optional_vars:expr?
match_case = pattern:pattern guard:expr? body:stmt*
pattern @
    MatchValue value:expr
    MatchSingleton value:constant
    MatchSequence patterns:pattern*
    MatchMapping keys:expr* patterns:pattern* rest:identifier?
    MatchClass cls:expr patterns:pattern* kwd_attrs:identifier* kwd_patterns:pattern*
    MatchStar name:identifier?
    MatchAs pattern:pattern? name:identifier?
    MatchOr patterns:pattern*
type_ignore
    TypeIgnore lineno:int tag:string
type_param @
    TypeVar name:identifier bound:expr? default_value:expr?
    ParamSpec name:identifier default_value:expr?
    TypeVarTuple name:identifier default_value:expr?
"""

_singletons = {}


def _make():
    space = globals()
    waiting = []

    def add(name, base, fields, has_place):
        pairs = [field.split(":") for field in fields.split()]
        names = tuple(name for name, _ in pairs)
        # `?` follows the type and `*` follows that in the grammar; the signature shows one of them.
        shown = ", ".join(f"{kind.replace('?*', '?') if kind.endswith('?*') else kind} {field}" for field, kind in pairs)
        body = {
            "__module__": "ast",
            "__doc__": f"{name}({shown})" if pairs else name,
            "_fields": names,
            "__match_args__": names,
        }
        for field, kind in pairs:
            if kind.endswith("?"):
                body[field] = None
        if has_place:
            body["_attributes"] = tuple(pair.split(":")[0] for pair in _PLACE.split())
            body["end_lineno"] = body["end_col_offset"] = None
        made = type(name, (base,), body)
        space[name] = made
        waiting.append((made, pairs))
        return made

    category, has_place, is_single = None, False, False
    members = []

    def finish():
        if category is not None and members:
            category.__doc__ = f"{category.__name__} = " + ("\n" + " " * len(category.__name__) + " | ").join(members)

    for line in _GRAMMAR.strip().split("\n"):
        if line.startswith(" "):
            name, _, fields = line.strip().partition(" ")
            made = add(name, category, fields, False)
            members.append(made.__doc__)
            if is_single:
                _singletons[name] = made()
        else:
            finish()
            head, _, fields = line.partition(" =")
            name, *marks = head.split()
            has_place, is_single = "@" in marks, "!" in marks
            category, members = add(name, AST, fields, has_place), []
    finish()
    for made, pairs in waiting:
        types = {}
        for field, kind in pairs:
            base = kind.rstrip("?*")
            base = _PLAIN.get(base) or space[base]
            types[field] = list[base] if kind.endswith("*") else base | None if kind.endswith("?") else base
        made._field_types = types


_make()
del _make
