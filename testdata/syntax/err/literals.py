a = 0o8
b = 012
c = 1x
d = "\x1"
