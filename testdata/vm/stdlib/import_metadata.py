# distributions are found on sys.path, and sources have hashes
import importlib.metadata, importlib.util, os, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    info = os.path.join(folder, "plum_pie-1.2.dist-info")
    os.mkdir(info)
    with open(os.path.join(info, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\nName: plum-pie\nVersion: 1.2\n")
    with open(os.path.join(info, "entry_points.txt"), "w") as file:
        file.write("[console_scripts]\npie = plum:main\n")
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    print(importlib.metadata.version("plum_pie"), [point.value for point in importlib.metadata.entry_points(name="pie")])
    # expect: 1.2 ['plum:main']
    sys.path.pop(0)
try:
    importlib.metadata.version("nobody-has-this")
except importlib.metadata.PackageNotFoundError as error:
    print(error)
# expect: No package metadata was found for nobody-has-this
print(len(importlib.util.source_hash(b"x = 1\n")), importlib.util.source_hash(b"a") != importlib.util.source_hash(b"b"))
# expect: 8 True
