x = 'abc
y = f"{a"
z = b"é"
