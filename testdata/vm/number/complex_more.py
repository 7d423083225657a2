# complex: construction, parsing, arithmetic, formats
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e)


t(lambda: complex([]))  # expect: TypeError complex() argument must be a string or a number, not list
t(lambda: complex(b"1"))  # expect: TypeError complex() argument must be a string or a number, not bytes
t(lambda: complex("1",2))  # expect: TypeError complex() argument 'real' must be a real number, not str
t(lambda: complex(1,"2"))  # expect: TypeError complex() argument 'imag' must be a real number, not str
t(lambda: complex(1,[]))  # expect: TypeError complex() argument 'imag' must be a real number, not list
t(lambda: complex([],1))  # expect: TypeError complex() argument 'real' must be a real number, not list
t(lambda: complex(1j,2))  # expect: 3j
t(lambda: complex(1,2j))  # expect: (-1+0j)
t(lambda: complex(real="1"))  # expect: TypeError complex() argument 'real' must be a real number, not str
t(lambda: complex(real=1,imag=2))  # expect: (1+2j)
t(lambda: complex(imag=2))  # expect: 2j
t(lambda: complex(1,2,3))  # expect: TypeError complex() takes at most 2 arguments (3 given)
t(lambda: complex(1j,2j))  # expect: (-2+1j)
t(lambda: complex("1", "2"))  # expect: TypeError complex() argument 'real' must be a real number, not str
t(lambda:complex(imag="3"))  # expect: TypeError complex() argument 'imag' must be a real number, not str
t(lambda: complex(foo=1))  # expect: TypeError complex() got an unexpected keyword argument 'foo'
t(lambda: complex(None))  # expect: TypeError complex() argument must be a string or a number, not NoneType
t(lambda: complex(real=[], imag=1))  # expect: TypeError complex() argument 'real' must be a real number, not list
t(lambda: complex.from_number("1"))  # expect: TypeError must be real number, not str
t(lambda: complex.from_number(3))  # expect: (3+0j)
t(lambda: complex.from_number(3j))  # expect: 3j
class C:
    def __complex__(self): return 5
t(lambda: complex(C()))  # expect: TypeError __complex__ returned non-complex (type int)
class D:
    def __complex__(self): return 5j
t(lambda: complex(D()))  # expect: 5j
t(lambda: complex(D(),1))  # expect: 6j
t(lambda: complex(1,D()))  # expect: TypeError complex() argument 'imag' must be a real number, not D
class E(complex):
    def __complex__(self): return 7
t(lambda: complex(E(1)))  # expect: TypeError __complex__ returned non-complex (type int)
t(lambda: 1j/0)  # expect: ZeroDivisionError division by zero
t(lambda: 1/0j)  # expect: ZeroDivisionError division by zero
t(lambda: 0j**-1)  # expect: ZeroDivisionError zero to a negative or complex power
t(lambda: 0j**1j)  # expect: ZeroDivisionError zero to a negative or complex power
t(lambda: 1e200j**100)  # expect: OverflowError complex exponentiation
t(lambda: 1j//2)  # expect: TypeError unsupported operand type(s) for //: 'complex' and 'int'
t(lambda: 1j%2)  # expect: TypeError unsupported operand type(s) for %: 'complex' and 'int'
t(lambda: divmod(1j,2))  # expect: TypeError unsupported operand type(s) for divmod(): 'complex' and 'int'
t(lambda: 1j<2)  # expect: TypeError '<' not supported between instances of 'complex' and 'int'
t(lambda: pow(1j,2,3))  # expect: ValueError complex modulo
t(lambda: int(1j))  # expect: TypeError int() argument must be a string, a bytes-like object or a real number, not 'complex'
t(lambda: float(1j))  # expect: TypeError float() argument must be a string or a real number, not 'complex'
t(lambda: abs(complex(1e308,1e308)))  # expect: 1.4142135623730951e+308
t(lambda: (-1)**.5)  # expect: (6.123233995736766e-17+1j)
t(lambda: (-1.5)**2.5)  # expect: (8.436824361685386e-16+2.7556759606310752j)
t(lambda: (-8)**(1/3))  # expect: (1.0000000000000002+1.7320508075688772j)
t(lambda: format(1.5 - 2j, ''))  # expect: '(1.5-2j)'
t(lambda: format(1.5 - 2j, '.2f'))  # expect: '1.50-2.00j'
t(lambda: format(1.5 - 2j, 'e'))  # expect: '1.500000e+00-2.000000e+00j'
t(lambda: format(1.5 - 2j, '10.2f'))  # expect: '1.50-2.00j'
t(lambda: format(1.5 - 2j, '>20.3'))  # expect: '            (1.5-2j)'
t(lambda: format(1.5 - 2j, '^30.2e'))  # expect: '      1.50e+00-2.00e+00j      '
t(lambda: format(1.5 - 2j, ',.2f'))  # expect: '1.50-2.00j'
t(lambda: format(1.5 - 2j, '=10'))  # expect: ValueError '=' alignment flag is not allowed in complex format specifier
t(lambda: format(1.5 - 2j, '010'))  # expect: ValueError Zero padding is not allowed in complex format specifier
t(lambda: format(1.5 - 2j, 'd'))  # expect: ValueError Unknown format code 'd' for object of type 'complex'
t(lambda: format(1.5 - 2j, '+'))  # expect: '(+1.5-2j)'
t(lambda: format(1.5 - 2j, '#g'))  # expect: '1.50000-2.00000j'
t(lambda: format(1.5 - 2j, '.3'))  # expect: '(1.5-2j)'
t(lambda: format(1.5 - 2j, 'z.1f'))  # expect: '1.5-2.0j'
t(lambda: format(1.5 - 2j, ' '))  # expect: '( 1.5-2j)'
t(lambda: hash(1+2j))  # expect: 2000007
t(lambda: hash(3+0j)==hash(3))  # expect: True
t(lambda: (1+0j)==1)  # expect: True
t(lambda: (1+0j)==1.0)  # expect: True
t(lambda: (2**53+0j)==2**53+1)  # expect: False
t(lambda: (1j).__getnewargs__())  # expect: (0.0, 1.0)
t(lambda: 1-0j)  # expect: (1-0j)
t(lambda: -0.0+0j)  # expect: 0j
t(lambda: 0-1j)  # expect: -1j
t(lambda: 2*(1+2j))  # expect: (2+4j)
t(lambda: 1/(1+2j))  # expect: (0.2-0.4j)
t(lambda: (1+2j)/3)  # expect: (0.3333333333333333+0.6666666666666666j)
t(lambda: (1+2j)**0.5)  # expect: (1.272019649514069+0.7861513777574233j)
t(lambda: (1+2j)**3)  # expect: (-11-2j)
t(lambda: (1+2j)**-3)  # expect: (-0.08800000000000001+0.016j)
t(lambda: 2**(1+2j))  # expect: (0.36691394948660344+1.9660554808224875j)
t(lambda: complex("inf")*2j)  # expect: (nan+infj)
t(lambda: repr(complex(-0.0,-0.0)))  # expect: '(-0-0j)'
t(lambda: -complex(0,0))  # expect: (-0-0j)
t(lambda: round(1j))  # expect: TypeError type complex doesn't define __round__ method
t(lambda: 1j@2)  # expect: TypeError unsupported operand type(s) for @: 'complex' and 'int'
t(lambda: 1//0)  # expect: ZeroDivisionError division by zero
t(lambda: 1%0)  # expect: ZeroDivisionError division by zero
t(lambda: divmod(1,0))  # expect: ZeroDivisionError division by zero
t(lambda: 1.0//0)  # expect: ZeroDivisionError division by zero
t(lambda: 1.0%0)  # expect: ZeroDivisionError division by zero
t(lambda: divmod(1.0,0))  # expect: ZeroDivisionError division by zero
t(lambda: 0.0**-1)  # expect: ZeroDivisionError zero to a negative power
t(lambda: 0**-1)  # expect: ZeroDivisionError zero to a negative power
t(lambda: 1/0)  # expect: ZeroDivisionError division by zero
t(lambda: 1.0/0)  # expect: ZeroDivisionError division by zero
