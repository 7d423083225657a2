match x:
    case a: pass
    case _: pass
match x:
    case _ | 1: pass
    case [a, a]: pass
    case [a] | b: pass
    case {1: a, 1: b}: pass
    case C(a=1, a=2): pass
    case [*a, *b]: pass
