# random: the stream of the Mersenne twister, seeds and state
import random
r = random.Random(42)
print([r.random() for _ in range(3)], r.getrandbits(100), r.randint(1, 100), r.choice("abc"), r.sample(range(100), 5), r.gauss(0, 1))
# expect: [0.6394267984578837, 0.025010755222666936, 0.27502931836911926] 137577423665220539048064734942 87 c [69, 11, 75, 54, 4] 0.6901729991646017
for seed in ("abc", -5, 2**100, 1.5, b"xx", bytearray(b"y")):
    r.seed(seed)
    print(r.random())
# expect: 0.7720246314157545
# expect: 0.6229016948897019
# expect: 0.7586581712996778
# expect: 0.551763726942059
# expect: 0.5137135883838221
# expect: 0.9726130454885895
state = r.getstate()
a = r.random()
r.setstate(state)
print(a == r.random(), len(state[1]))
# expect: True 625
for f in (lambda: r.getrandbits(-1), lambda: r.seed([]), lambda: r.setstate((3, (1, 2), None)), lambda: r.setstate((9, (), None))):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
# expect: ValueError Cannot convert negative int
# expect: TypeError The only supported seed types are:
# expect: None, int, float, str, bytes, and bytearray.
# expect: ValueError state vector is the wrong size
# expect: ValueError state with version 9 passed to Random.setstate() of version 3
