*a = b
*a, *b = c
*a
print(*a for a in b)
x = *y
