# pathlib and os.path
from pathlib import PurePosixPath as P, PureWindowsPath as W, Path
import os, tempfile, shutil, glob, fnmatch
p = P("/usr/lib/python3/x.tar.gz")
print(p.name, p.stem, p.suffix, p.suffixes, p.parent, p.parts, p.parents[1], p.root, p.is_absolute(), p.with_name("y"), p.with_suffix(".zip"), p.relative_to("/usr"), p / "sub", P("a") / "b" / "/c", P("a//b/./c/"), P(), p.as_posix(), p.with_stem("z"))
# expect: x.tar.gz x.tar .gz ['.tar', '.gz'] /usr/lib/python3 ('/', 'usr', 'lib', 'python3', 'x.tar.gz') /usr/lib / True /usr/lib/python3/y /usr/lib/python3/x.tar.zip lib/python3/x.tar.gz /usr/lib/python3/x.tar.gz/sub /c a/b/c . /usr/lib/python3/x.tar.gz /usr/lib/python3/z.gz
print(repr(p), p == P("/usr/lib/python3/x.tar.gz"), P("a") < P("b"), p.match("*.gz"), P("a/b.py").full_match("a/*.py"), hash(P("a")) == hash(P("a")), W("c:\\x\\y").parts, W("C:/X") == W("c:/x"), p.is_relative_to("/usr"), P("a/../b"), str(P("x")))
# expect: PurePosixPath('/usr/lib/python3/x.tar.gz') True True True True True ('c:\\', 'x', 'y') True True a/../b x
for f in (lambda: p.relative_to("/var"), lambda: P("/").with_name("x"), lambda: P("a").with_suffix("x"), lambda: P(5)):
    try:
        print(f())
    except (ValueError, TypeError) as e:
        print(e)
# expect: '/usr/lib/python3/x.tar.gz' is not in the subpath of '/var'
# expect: PurePosixPath('/') has an empty name
# expect: Invalid suffix 'x'
# expect: argument should be a str or an os.PathLike object where __fspath__ returns a str, not 'int'
j = os.path
print(j.join("a", "b", "/c", "d"), j.split("/a/b"), j.splitext("a.b.c"), j.splitext(".rc"), j.basename("/a/b/"), j.dirname("/a/b"), j.normpath("a/../b//c/."), j.isabs("/x"), j.commonpath(["/a/b", "/a/c"]), j.commonprefix(["abc", "abd"]), j.relpath("/a/b", "/a/c"))
# expect: /c/d ('/a', 'b') ('a.b', '.c') ('.rc', '')  /a b/c True /a ab ../b
with tempfile.TemporaryDirectory() as t:
    d = Path(t)
    (d / "sub" / "deep").mkdir(parents=True)
    (d / "a.txt").write_text("hello\n")
    (d / "sub" / "b.txt").write_bytes(b"bytes")
    (d / "sub" / "deep" / "c.py").touch()
    print((d / "a.txt").read_text(), (d / "a.txt").stat().st_size, (d / "nope").exists(), d.is_dir(), (d / "a.txt").is_file())
    print(sorted(x.name for x in d.iterdir()), sorted(str(x.relative_to(d)) for x in d.rglob("*")), [x.name for x in d.glob("*.txt")], [x.name for x in d.glob("**/*.py")])
    print(sorted((os.path.relpath(r, t), sorted(ds), sorted(fs)) for r, ds, fs in os.walk(t)), sorted(e.name for e in os.scandir(t) if e.is_dir()))
    try:
        (d / "sub").mkdir()
    except FileExistsError as e:
        print(type(e).__name__)
    (d / "sub").mkdir(exist_ok=True)
    for f in (lambda: (d / "no").read_text(), lambda: (d / "sub").rmdir(), lambda: (d / "no").unlink(), lambda: os.mkdir(d / "x" / "y")):
        try:
            f()
        except OSError as e:
            print(type(e).__name__)
    (d / "no").unlink(missing_ok=True)
    print((d / "a.txt").rename(d / "r.txt").name, (d / "r.txt").replace(d / "sub" / "r").name, sorted(os.listdir(d)))
    shutil.copytree(d / "sub", d / "copy")
    shutil.copy(d / "sub" / "r", d / "r2")
    shutil.rmtree(d / "sub")
    print(sorted(os.path.relpath(x, t) for x in glob.glob(t + "/**", recursive=True)), (d / "r2").read_text())
    os.chdir(t)
    print(Path("r2").resolve() == Path(os.getcwd()) / "r2", Path.cwd() == Path(os.getcwd()))
    os.chdir("/")
# expect: hello
# expect:  6 False True True
# expect: ['a.txt', 'sub'] ['a.txt', 'sub', 'sub/b.txt', 'sub/deep', 'sub/deep/c.py'] ['a.txt'] ['c.py']
# expect: [('.', ['sub'], ['a.txt']), ('sub', ['deep'], ['b.txt']), ('sub/deep', [], ['c.py'])] ['sub']
# expect: FileExistsError
# expect: FileNotFoundError
# expect: OSError
# expect: FileNotFoundError
# expect: FileNotFoundError
# expect: r.txt r ['sub']
# expect: ['.', 'copy', 'copy/b.txt', 'copy/deep', 'copy/deep/c.py', 'copy/r', 'r2'] hello
# expect:
# expect: True True
print(fnmatch.fnmatch("a.py", "*.py"), fnmatch.filter(["a", "b1"], "?[0-9]"), os.sep, os.linesep == "\n", os.environ.get("SURELY_NOT_SET", "d"), isinstance(os.getpid(), int), os.path.expanduser("x"))
# expect: True ['b1'] / True d True x
os.environ["MADE_UP"] = "v"
print(os.getenv("MADE_UP"), "MADE_UP" in os.environ, os.fspath(Path("q")))  # expect: v True q
