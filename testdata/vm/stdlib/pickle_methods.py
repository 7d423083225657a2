# methods are pickled by name, and what pickle offers does not bind
import copy, pickle
class C:
    def __init__(self, n):
        self.n = n
    def get(self):
        return self.n
    @classmethod
    def make(cls):
        return cls(9)
print(pickle.loads(pickle.dumps(C(4).get))(), pickle.loads(pickle.dumps(C.make))().n, C(1).get.__reduce__()[1][1])  # expect: 4 9 get
print(copy.deepcopy([C(3).get])[0]())  # expect: 3
class Holder:
    dumps = pickle.dumps
print(pickle.loads(Holder().dumps([1])))  # expect: [1]
buffer = pickle.PickleBuffer(bytearray(b"abc"))
kept = []
data = pickle.dumps(buffer, protocol=5, buffer_callback=kept.append)
print(bytes(pickle.loads(data, buffers=kept)), bytes(buffer.raw()))  # expect: b'abc' b'abc'
