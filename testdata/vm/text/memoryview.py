# views: items, casts, slices, assignment, release
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e)


m=memoryview(b"abcdef")
b=bytearray(b"abcdef")
w=memoryview(b)
t(lambda: [m.format, m.itemsize, m.nbytes, m.shape, m.strides, m.suboffsets, m.ndim, m.readonly, m.contiguous, m.obj])
# expect: ['B', 1, 6, (6,), (1,), (), 1, True, True, b'abcdef']
t(lambda: [(v.shape, v.strides, v.contiguous, v.c_contiguous, v.f_contiguous) for v in (m[::2], m.cast('B', [2, 3]))])
# expect: [((3,), (2,), False, False, False), ((2, 3), (3, 1), True, True, False)]
t(lambda: m[0])  # expect: 97
t(lambda: m[-1])  # expect: 102
t(lambda: m[10])  # expect: IndexError index out of bounds on dimension 1
t(lambda: m["a"])  # expect: TypeError memoryview: invalid slice key
t(lambda: m[1:3].tobytes())  # expect: b'bc'
t(lambda: m[::-1].tolist())  # expect: [102, 101, 100, 99, 98, 97]
t(lambda: m.cast('H').tolist())  # expect: [25185, 25699, 26213]
t(lambda: m.cast('B',[2,3]).tolist())  # expect: [[97, 98, 99], [100, 101, 102]]
t(lambda: m.cast('B',[2,3])[1,2])  # expect: 102
t(lambda: m.cast('B',[2,3])[1])  # expect: NotImplementedError multi-dimensional sub-views are not implemented
t(lambda: m.cast('I'))  # expect: TypeError memoryview: length is not a multiple of itemsize
t(lambda: m.cast('Z'))  # expect: ValueError memoryview: destination format must be a native single character format prefixed with an optional '@'
t(lambda: m.cast('H').cast('I'))  # expect: TypeError memoryview: cannot cast between two non-byte formats
t(lambda: m.cast('B',[2,2]))  # expect: TypeError memoryview: product(shape) * itemsize != buffer size
t(lambda: m.cast('H').cast('B').tobytes())  # expect: b'abcdef'
t(lambda: m.cast(5))  # expect: TypeError cast() argument 'format' must be str, not int
t(lambda: m[::2].cast('B'))  # expect: TypeError memoryview: casts are restricted to C-contiguous views
t(lambda: m.cast('B',[0,3]))  # expect: ValueError memoryview.cast(): elements of shape must be integers > 0
t(lambda: m.cast('B',[-1]))  # expect: ValueError memoryview.cast(): elements of shape must be integers > 0
t(lambda: m.cast('B','a'))  # expect: TypeError shape must be a list or a tuple
t(lambda: m.cast('B',['a']))  # expect: TypeError memoryview.cast(): elements of shape must be integers
t(lambda: m.cast("c").tolist())  # expect: [b'a', b'b', b'c', b'd', b'e', b'f']
t(lambda: m.cast("b").tolist())  # expect: [97, 98, 99, 100, 101, 102]
t(lambda: memoryview(bytes(8)).cast("d").tolist())  # expect: [0.0]
t(lambda: memoryview(bytes(8)).cast("?").tolist())  # expect: [False, False, False, False, False, False, False, False]
t(lambda: memoryview(bytes(8)).cast("P").tolist())  # expect: [0]
t(lambda: memoryview(bytes(8)).cast("@q").tolist())  # expect: [0]
t(lambda: memoryview(bytes(8)).cast("e").tolist())  # expect: [0.0, 0.0, 0.0, 0.0]
t(lambda: m.__setitem__(0,1))  # expect: TypeError cannot modify read-only memory
t(lambda: w.__setitem__(0,300))  # expect: ValueError memoryview: invalid value for format 'B'
t(lambda: w.__setitem__(0,"a"))  # expect: TypeError memoryview: invalid type for format 'B'
t(lambda: w.__setitem__(0,97.0))  # expect: TypeError memoryview: invalid type for format 'B'
t(lambda: w.__setitem__(slice(0,2),b"xy"))  # expect: None
t(lambda: b)  # expect: bytearray(b'xycdef')
t(lambda: w.__setitem__(slice(0,2),b"xyz"))  # expect: ValueError memoryview assignment: lvalue and rvalue have different structures
t(lambda: w.__setitem__(slice(0,2),5))  # expect: TypeError a bytes-like object is required, not 'int'
t(lambda: w.__delitem__(0))  # expect: TypeError cannot delete memory
t(lambda: w.__setitem__(slice(None,None,2),b"123"))  # expect: None
t(lambda: b)  # expect: bytearray(b'1y2d3f')
t(lambda: w.cast('c').__setitem__(0,b"z"))  # expect: None
t(lambda: w.cast('c').__setitem__(0,b"zz"))  # expect: ValueError memoryview: invalid value for format 'c'
t(lambda: w.cast('c').__setitem__(0,5))  # expect: TypeError memoryview: invalid type for format 'c'
t(lambda: w.cast('H').__setitem__(0,70000))  # expect: ValueError memoryview: invalid value for format 'H'
t(lambda: w.cast('H').__setitem__(0,-1))  # expect: ValueError memoryview: invalid value for format 'H'
t(lambda: w.cast('H').__setitem__(0,"s"))  # expect: TypeError memoryview: invalid type for format 'H'
t(lambda: hash(m)==hash(b"abcdef"))  # expect: True
t(lambda: hash(w))  # expect: ValueError cannot hash writable memoryview object
t(lambda: m==b"abcdef")  # expect: True
t(lambda: m==w)  # expect: False
t(lambda: m[::2]==b"ace")  # expect: True
t(lambda: b"ace"==m[::2])  # expect: True
t(lambda: m.cast('H')==m)  # expect: False
t(lambda: m<m)  # expect: TypeError '<' not supported between instances of 'memoryview' and 'memoryview'
t(lambda: m==5)  # expect: False
t(lambda: memoryview(5))  # expect: TypeError memoryview: a bytes-like object is required, not 'int'
t(lambda: memoryview())  # expect: TypeError memoryview() missing required argument 'object' (pos 1)
t(lambda: memoryview("a"))  # expect: TypeError memoryview: a bytes-like object is required, not 'str'
t(lambda: bytes(m[::2]))  # expect: b'ace'
t(lambda: b"x".join([m[::2]]))  # expect: TypeError sequence item 0: expected a bytes-like object, memoryview found
t(lambda: len(m.cast('B',[2,3])))  # expect: 2
t(lambda: len(m))  # expect: 6
t(lambda: m.hex())  # expect: '616263646566'
t(lambda: m.hex(":"))  # expect: '61:62:63:64:65:66'
t(lambda: m.hex(":",2))  # expect: '6162:6364:6566'
t(lambda: m.toreadonly().readonly)  # expect: True
t(lambda: w.toreadonly()[0:1].readonly)  # expect: True
t(lambda: list(m))  # expect: [97, 98, 99, 100, 101, 102]
t(lambda: list(reversed(m)))  # expect: [102, 101, 100, 99, 98, 97]
t(lambda: 97 in m)  # expect: True
t(lambda: m.index(98))  # expect: 1
t(lambda: m.count(98))  # expect: 1
t(lambda: m.index(5))  # expect: ValueError memoryview.index(x): x not found
t(lambda: m.cast('B',[2,3]).index(98))  # expect: NotImplementedError multi-dimensional lookup is not implemented
t(lambda: list(m.cast('B',[2,3])))  # expect: NotImplementedError multi-dimensional sub-views are not implemented
t(lambda: m.cast('B',[2,3]).tobytes('F'))  # expect: b'adbecf'
t(lambda: m.cast('B',[2,3]).tobytes('X'))  # expect: ValueError order must be 'C', 'F' or 'A'
t(lambda: m+m)  # expect: TypeError unsupported operand type(s) for +: 'memoryview' and 'memoryview'
t(lambda: m[...])  # expect: TypeError memoryview: invalid slice key
t(lambda: m.cast('B',[1,2,3]).tolist())  # expect: [[[97, 98, 99], [100, 101, 102]]]
z=memoryview(bytearray(4)).cast('i',[])
t(lambda: z[()])  # expect: 0
t(lambda: z[0])  # expect: TypeError invalid indexing of 0-dim memory
t(lambda: len(z))  # expect: TypeError 0-dim memory has no length
t(lambda: z.tolist())  # expect: 0
t(lambda: z.shape)  # expect: ()
t(lambda: list(z))  # expect: TypeError invalid indexing of 0-dim memory
t(lambda: m[()])  # expect: NotImplementedError sub-views are not implemented
t(lambda: b.append(1))  # expect: BufferError Existing exports of data: object cannot be re-sized
w.release()
t(lambda: w[0])  # expect: ValueError operation forbidden on released memoryview object
t(lambda: w.nbytes)  # expect: ValueError operation forbidden on released memoryview object
t(lambda: len(w))  # expect: ValueError operation forbidden on released memoryview object
t(lambda: w.tolist())  # expect: ValueError operation forbidden on released memoryview object
t(lambda: w==w)  # expect: True
t(lambda: w.obj)  # expect: ValueError operation forbidden on released memoryview object
t(lambda: hash(w))  # expect: ValueError operation forbidden on released memoryview object
t(lambda: bytes(w))  # expect: ValueError operation forbidden on released memoryview object
t(lambda: w.release())  # expect: None
t(lambda: w.__enter__())  # expect: ValueError operation forbidden on released memoryview object
t(lambda: w==m)  # expect: False
t(lambda: memoryview(w))  # expect: ValueError operation forbidden on released memoryview object
with memoryview(b"a") as q:
    pass
t(lambda: q[0])  # expect: ValueError operation forbidden on released memoryview object
t(lambda: m.__reduce_ex__(2))  # expect: TypeError cannot pickle memoryview objects
t(lambda: memoryview[int])  # expect: memoryview[int]
t(lambda: b"abc" + memoryview(b"d"))  # expect: b'abcd'
t(lambda: bytearray(b"a")+memoryview(b"b"))  # expect: bytearray(b'ab')
t(lambda: memoryview.__doc__)  # expect: 'Create a new memoryview object which references the given object.'
t(lambda: m[1:][1:].obj)  # expect: b'abcdef'
t(lambda: memoryview(b'abc')[0:0].tolist())  # expect: []
t(lambda: m.cast('B',[2,3])[2])  # expect: NotImplementedError multi-dimensional sub-views are not implemented
t(lambda: m.cast('B',[2,3])[0,9])  # expect: IndexError index out of bounds on dimension 2
t(lambda: m.cast('B',[2,3])[0,"a"])  # expect: TypeError memoryview: invalid slice key
t(lambda: m.cast('B',[2,3])[0,0,0])  # expect: TypeError cannot index 2-dimension view with 3-element tuple
t(lambda: m[0,0])  # expect: TypeError cannot index 1-dimension view with 2-element tuple
t(lambda: m.cast('B',[2,3])[0,0:1])  # expect: TypeError memoryview: invalid slice key
t(lambda: m.cast('B',[2,3]).cast('B').tolist())  # expect: [97, 98, 99, 100, 101, 102]
t(lambda: m.cast('H',[1,3]).cast('B').tolist())  # expect: [97, 98, 99, 100, 101, 102]
