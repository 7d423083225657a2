x =  1
y = “hello”
