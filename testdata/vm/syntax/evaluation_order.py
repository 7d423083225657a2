# the order in which the parts of expressions and statements are evaluated
def v(x):
    print(x, end=",")
    return x
class O(dict):
    def __setattr__(self, k, x): print("setattr", k, end=","); object.__setattr__(self, k, x)
    def __setitem__(self, k, x): print("setitem", k, end=",")
    def __getitem__(self, k): print("getitem", k, end=","); return 1
    def __delitem__(self, k): print("delitem", k, end=",")
o = O()
def ob(n):
    print(n, end=",")
    return o
print(v(1) + v(2) * v(3) - v(4))  # expect: 1,2,3,4,3
print([v(1), v(2)], {v("k"): v("v")}, (v(5), v(6)))  # expect: 1,2,k,v,5,6,[1, 2] {'k': 'v'} (5, 6)
ob("t")[v("i")] = v("value"); print()  # expect: value,t,i,setitem i,
ob("t").attr = v("value"); print()  # expect: value,t,setattr attr,
ob("t")[v("i")] += v(5); print()  # expect: t,i,getitem i,5,setitem i,
ob("a")[v("x")], ob("b").y = v(1), v(2); print()  # expect: 1,2,a,x,setitem x,b,setattr y,
ob("first")[v(1)] = ob("second")[v(2)] = v("val"); print()  # expect: val,first,1,setitem 1,second,2,setitem 2,
del ob("d")[v("i")], ob("e")[v("j")]; print()  # expect: d,i,delitem i,e,j,delitem j,
print(v(1) < v(2) < v(0) < v(9))  # expect: 1,2,0,False
print(v(0) or v(2) and v(3))  # expect: 0,2,3,3
print(v("yes") if v(1) else v("no"))  # expect: 1,yes,yes
print((lambda *a, **k: None)(v(1), *[v(2)], v(3), k=v(4), **{"m": v(5)}))  # expect: 1,2,3,4,5,None
def deco(n):
    print("deco", n, end=",")
    return lambda f: print("apply", n, end=",") or f
@deco(1)
@deco(2)
def fn(a=v("default a"), *, b=v("default b")) -> v("annotation"): pass
print()  # expect: deco 1,deco 2,default a,default b,apply 2,apply 1,
@deco("c")
class K(v(dict) and object, metaclass=v(type)):
    v("body")
print()  # expect: deco c,<class 'dict'>,<class 'type'>,body,apply c,
for ob("target")[v("loop")] in v([1, 2]): print("body")
# expect: [1, 2],target,loop,setitem loop,body
# expect: target,loop,setitem loop,body
with __import__("contextlib").nullcontext(v("cm")) as ob("as")[v("w")]: print("in")  # expect: cm,as,w,setitem w,in
print([v(("elt", a, b)) for a in v([1, 2]) if v(a > 1) for b in v([3])])
# expect: [1, 2],False,True,[3],('elt', 2, 3),[('elt', 2, 3)]
print(f"{v(1)}{v(2):{v(3)}}", v("obj").__class__ is v(str))  # expect: 1,2,3,obj,<class 'str'>,1  2 True
x = y = v([]); print(x is y)  # expect: [],True
x = [0, 0]; i = 0
i = x[i] = 1; print(i, x)  # expect: 1 [0, 1]
try:
    v(1) / v(0) + v("never")
except ZeroDivisionError: print("error")
# expect: 1,0,error
print(v(2) ** v(3) ** v(2), -v(1), not v(0), v(5)[v(0):v(1)] if v(0) else v("skipped"))
# expect: 2,3,2,1,0,0,skipped,512 -1 True skipped
assert v(True), v("not evaluated"); print()  # expect: True,
try:
    assert v(False), v("message")
except AssertionError as e: print("|", e)
# expect: False,message,| message
