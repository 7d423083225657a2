# an exception thrown into a generator that has not begun meets no handler of its code
def g():
    try:
        yield 1
    except ValueError:
        print("caught")
        yield 2
    finally:
        print("finally")
fresh = g()
try:
    fresh.throw(ValueError("early"))
except ValueError as e:
    print("left", e, e.__traceback__.tb_next.tb_frame.f_code.co_name)
# expect: left early g
print(list(fresh))  # expect: []
begun = g()
next(begun)
print(begun.throw(ValueError))
# expect: caught
# expect: 2
begun.close()  # expect: finally
try:
    g().throw(StopIteration(1))
except StopIteration as e:
    print(repr(e))  # expect: StopIteration(1)
frame = (waiting := g()).gi_frame
next(waiting)
try:
    frame.clear()
except RuntimeError as e:
    print(e)
# expect: cannot clear a suspended frame
waiting.close()  # expect: finally
