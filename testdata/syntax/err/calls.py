f(a=1, 2)
f(**a, *b)
f(1=2)
f(a b)
print "hello"
