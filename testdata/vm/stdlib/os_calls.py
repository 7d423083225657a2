# What os asks of the system: descriptors, folders, results with names, environments.
import os
import pickle
import pkgutil
import runpy
import shutil
import stat
import sys
import tempfile
import zipfile

folder = tempfile.mkdtemp()
path = os.path.join(folder, "file")
with open(path, "wb") as file:
    file.write(b"0123456789")
found = os.stat(path)
print(found.st_size, stat.S_ISREG(found.st_mode), len(found), isinstance(found.st_mtime, float), isinstance(found[8], int))  # expect: 10 True 10 True True
print(found.st_mtime_ns // 10**9 == found[8], "st_mtime_ns" in dir(found))  # expect: True True
print(pickle.loads(pickle.dumps(found)).st_mtime_ns == found.st_mtime_ns)  # expect: True
try:
    found.st_size = 1
except AttributeError as error:
    print(error)  # expect: readonly attribute
try:
    os.stat_result((1, 2))
except TypeError as error:
    print(error)  # expect: os.stat_result() takes an at least 10-sequence (2-sequence given)

fd = os.open(path, os.O_RDWR)
print(os.pread(fd, 3, 2), os.pwrite(fd, b"ab", 1), os.read(fd, 4), os.lseek(fd, 0, os.SEEK_CUR))  # expect: b'234' 2 b'0ab3' 4
rooms = [bytearray(2), bytearray(3)]
print(os.preadv(fd, rooms, 0), rooms)  # expect: 5 [bytearray(b'0a'), bytearray(b'b34')]
os.ftruncate(fd, 4)
print(os.fstat(fd).st_size, os.get_inheritable(fd), os.get_blocking(fd))  # expect: 4 False True
other = os.dup(fd)
os.close(fd)
print(os.fstat(other).st_size)  # expect: 4
os.close(other)
try:
    os.close(other)
except OSError as error:
    print(error)  # expect: [Errno 9] Bad file descriptor

here = os.open(folder, os.O_RDONLY)
os.mkdir("sub", dir_fd=here)
os.symlink("file", "link", dir_fd=here)
print(os.readlink("link", dir_fd=here), sorted(os.listdir(here)))  # expect: file ['file', 'link', 'sub']
with os.scandir(folder) as entries:
    for entry in sorted(entries, key=lambda entry: entry.name):
        print(entry.name, entry.is_file(), entry.is_dir(), entry.is_symlink(), entry.inode() == os.lstat(entry.path).st_ino)
# expect: file True False False True
# expect: link True False True True
# expect: sub False True False True
os.rename("link", "moved", src_dir_fd=here, dst_dir_fd=here)
os.chmod(path, 0o600)
os.utime(path, ns=(10**9, 2 * 10**9))
print(oct(os.stat(path).st_mode & 0o777), os.stat(path).st_mtime, os.access("file", os.R_OK, dir_fd=here))  # expect: 0o600 2.0 True
os.close(here)

for call in [lambda: os.mkdir("a\0b"), lambda: os.stat(1.5), lambda: os.lstat(0), lambda: os.listdir("/no/such"), lambda: os.rename("/no/such", "/no/other")]:
    try:
        call()
    except (OSError, TypeError, ValueError) as error:
        print(type(error).__name__, error)
# expect: ValueError mkdir: embedded null character in path
# expect: TypeError stat: path should be string, bytes, os.PathLike or integer, not float
# expect: TypeError lstat: path should be string, bytes or os.PathLike, not int
# expect: FileNotFoundError [Errno 2] No such file or directory: '/no/such'
# expect: FileNotFoundError [Errno 2] No such file or directory: '/no/such' -> '/no/other'

os.environ["CINDER_TEST"] = "x"
print(os.popen("echo $CINDER_TEST").read())
# expect: x
# expect:
try:
    os.putenv("a=b", "c")
except ValueError as error:
    print(error)  # expect: illegal environment variable name

package = os.path.join(folder, "package")
os.mkdir(package)
for name, text in [("__init__", ""), ("one", "value = 1"), ("__main__", "print('main of', repr(__package__))")]:
    with open(os.path.join(package, name + ".py"), "w") as file:
        file.write(text)
sys.path.insert(0, folder)
import package as imported

print([found.name for found in pkgutil.iter_modules(imported.__path__)])  # expect: ['__main__', 'one']
runpy.run_module("package")
# expect: main of 'package'
print(runpy.run_path(package)["__name__"])
# expect: main of ''
# expect: <run_path>
archive = os.path.join(folder, "archive.zip")
with zipfile.ZipFile(archive, "w") as file:
    file.writestr("zipped/__init__.py", "from .inner import value")
    file.writestr("zipped/inner.py", "value = 'from a zip file'")
sys.path.insert(0, archive)
import zipped

print(zipped.value, zipped.__file__ == os.path.join(archive, "zipped", "__init__.py"))  # expect: from a zip file True
shutil.rmtree(folder)
print(os.path.exists(folder))  # expect: False
