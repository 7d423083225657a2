break
def f():
    continue
for x in y:
    def g():
        break
while 1:
    try:
        pass
    except* A:
        break
