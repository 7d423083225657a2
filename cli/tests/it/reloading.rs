//! Static modules that change on disk and are loaded again in one process.

use crate::{Folder, stderr, stdout};

const OLD: &str = "import __static__
class C:
    def __init__(self) -> None:
        self.a: int = 1
        self.b: str = 'b'
    def m(self) -> int:
        return self.a
def make() -> C:
    return C()
def size(c: C) -> int:
    return c.a
";

/// Fields in other places and of other kinds.
const NEW: &str = "import __static__
from __static__ import box, int64
class C:
    def __init__(self) -> None:
        self.z: int64 = 9
        self.a: int64 = 7
        self.b: int = 4
    def m(self) -> int:
        return self.b
def make() -> C:
    return C()
def size(c: C) -> int:
    return box(c.a)
";

const USER: &str = "import __static__
from lib import C, make, size
class Holder:
    def __init__(self) -> None:
        self.c: C = make()
def early(h: Holder) -> str:
    return h.c.b
def late(h: Holder) -> str:
    return h.c.b
def late_method(h: Holder) -> int:
    return h.c.m()
def late_call(h: Holder) -> int:
    return size(h.c)
def stores(h: Holder) -> int:
    h.c.a = 5
    return h.c.a
def fresh() -> str:
    return make().b
def takes(c: C) -> str:
    return c.b
def again(h: Holder, reload: object) -> str:
    first = h.c.b
    reload()
    return first + h.c.b
";

const PROGRAM: &str = "import importlib, os, sys
import lib, user
from __static__ import is_static_callable

def write(text):
    with open('lib.py', 'w') as file:
        file.write(text)
    os.utime('lib.py', (9e8 + len(text), 9e8 + len(text)))

def load():
    global lib
    if MODE == 'reload':
        lib = importlib.reload(lib)
    else:
        del sys.modules['lib']
        lib = importlib.import_module('lib')

def show(function, *arguments):
    try:
        print(function.__name__, function(*arguments))
    except TypeError as error:
        print(function.__name__, type(error).__name__)

MODE = sys.argv[1]
h = user.Holder()
old = lib.make()
print(user.early(h), user.fresh(), user.takes(old))
write(open('new.txt').read())
show(user.again, h, load)
print(is_static_callable(lib.make), lib.size(lib.make()), lib.make().m())
for function in (user.early, user.late, user.late_method, user.late_call, user.stores):
    show(function, h)
show(user.fresh)
show(user.takes, old)
show(user.takes, lib.make())
show(lib.size, old)
print(user.Holder().c.a)
write(open('old.txt').read())
load()
print(is_static_callable(lib.make), user.fresh(), user.takes(lib.make()), lib.size(lib.make()), user.early(user.Holder()))
";

#[test]
fn a_static_module_that_changed_is_compiled_anew_and_old_typed_code_stays_safe() {
    let files = [("lib.py", OLD), ("old.txt", OLD), ("new.txt", NEW), ("user.py", USER), ("main.py", PROGRAM)];
    let expected = "b b b
again bb
True 7 4
early b
late b
late_method 1
late_call 1
stores 5
fresh StaticTypeError
takes StaticTypeError
takes StaticTypeError
size StaticTypeError
7
True b b 1 b
";
    for how in ["reload", "delete"] {
        for mode in ["off", "eager", "soon"] {
            let folder = Folder::new(&format!("reloading-{how}-{mode}"), &files);
            let output = folder.cinder_with(&["run", "main.py", how], &[("CINDER_JIT", mode)]);
            assert_eq!(stdout(&output), expected, "{how} {mode}: {}", stderr(&output));
        }
    }
}
