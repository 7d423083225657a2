# exec with builtins and globals that are mappings of their own
class Names:
    def __getitem__(self, key):
        if key == "answer":
            return 42
        raise KeyError(key)
print(eval("answer", {"__builtins__": Names()}))  # expect: 42
for builtins in (Names(), {}, 123):
    try:
        exec("missing", {"__builtins__": builtins})
    except Exception as e:
        print(type(e).__name__, e)
# expect: NameError name 'missing' is not defined
# expect: NameError name 'missing' is not defined
# expect: TypeError 'int' object is not subscriptable
class Log(dict):
    def __setitem__(self, key, value):
        if not key.startswith("__"):
            print("store", key)
        super().__setitem__(key, value)
    def __getitem__(self, key):
        if key == "made":
            return "up"
        return super().__getitem__(key)
log = Log()
exec("x = 1\nprint(made)", log)
# expect: store x
# expect: up
try:
    exec("class A: pass", {"__builtins__": {}})
except NameError as e:
    print(e)
# expect: __build_class__ not found
for text in (b"#\xff", b"#coding: utf-8\n#\xff", b"# coding: nothing\n", b"\xef\xbb\xbf# coding: latin-1\n"):
    try:
        compile(text, "<s>", "exec")
    except SyntaxError as e:
        print(e.msg[:40], e.lineno)
# expect: Non-UTF-8 code starting with '\xff' on l 1
# expect: Non-UTF-8 code starting with '\xff' on l 2
# expect: unknown encoding: nothing 0
# expect: encoding problem: iso-8859-1 with BOM 1
