# f_locals of a function writes through to its variables
import sys
def f(x):
    y = 1
    view = sys._getframe().f_locals
    view["y"] = 5
    view["extra"] = 7
    print(y, view["extra"], sorted(view), len(view), "x" in view, "z" in view)
    print(locals()["extra"], view.get("nothing", "none"), view.pop("extra"), "extra" in view)
    for change in (lambda: view.pop("y"), lambda: view.__delitem__("x"), lambda: view["q"], lambda: hash(view)):
        try:
            change()
        except Exception as e:
            print(type(e).__name__, e)
    return view
view = f(3)
# expect: 5 7 ['extra', 'view', 'x', 'y'] 4 True False
# expect: 7 none 7 False
# expect: ValueError cannot remove local variables from FrameLocalsProxy
# expect: ValueError cannot remove local variables from FrameLocalsProxy
# expect: KeyError "local variable ''q'' is not defined"
# expect: TypeError unhashable type: 'FrameLocalsProxy'
print(view["y"], type(view).__name__)  # expect: 5 FrameLocalsProxy
def outer():
    shared = 1
    def inner():
        sys._getframe().f_locals["shared"] += 10
        return shared
    return inner(), shared
print(outer())  # expect: (11, 11)
def unbound():
    sys._getframe().f_locals["later"] = "early"
    print(later)
    later = 0
unbound()  # expect: early
def comprehension():
    i = "outside"
    return [dict(sys._getframe().f_locals)["i"] for i in (0, 1)], i
print(comprehension())  # expect: ([0, 1], 'outside')
def caller():
    word = "old"
    called()
    return word
def called():
    sys._getframe(1).f_locals["word"] = "new"
print(caller())  # expect: new
def generator():
    held = 1
    yield sys._getframe()
    yield held
g = generator()
frame = next(g)
frame.f_locals["held"] = [2]
print(next(g), frame.f_locals | {"more": 3} == {"held": [2], "more": 3})  # expect: [2] True
class C:
    a = 1
    sys._getframe().f_locals["b"] = 2
print(C.b)  # expect: 2
