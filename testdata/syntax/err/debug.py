__debug__ = 1
x.__debug__ = 2
f(__debug__=3)
def __debug__(): pass
