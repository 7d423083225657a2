# `global x` anywhere in a module names the module's variable for the module's own code, too; it shows where the namespaces differ.
source = """
def outer():
    y = 1
    def reads_global():
        global y
        return y
    def reads_outer():
        return y + 1
    return reads_global, reads_outer
y = 9
z = 3
first, second = outer()
result = first(), second()
del y
y = 10
"""
globals_, locals_ = {}, {}
exec(source, globals_, locals_)
print(sorted(name for name in globals_ if name != "__builtins__"), sorted(locals_))
print(globals_["y"], locals_["result"])
# expect: ['y'] ['first', 'outer', 'result', 'second', 'z']
# expect: 10 (9, 2)
