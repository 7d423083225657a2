"""The strict-module suite: lays out the folder the extractor reads, and holds results against the list of expected failures.

    strict_suite.py prepare CHECKOUT FOLDER      CHECKOUT is a clone of facebookincubator/cinderx with its history
    strict_suite.py judge EXPECTED.toml RESULT.json [FILTER]
"""

import json
import pathlib
import subprocess
import sys
import tarfile
import tomllib

# Folder, commit, path in the repository, leading parts to drop. The commits are the last with the native analyser and its tests.
ROWS = [
    ("native", "ef6375c384f40a43edf943779c498eca8538af2c", "StrictModules/Tests/comparison_tests", 3),
    ("stubs", "ef6375c384f40a43edf943779c498eca8538af2c", "PythonLib/cinderx/compiler/strict/stubs", 5),
    ("test_strict_native", "1ce4a277595fdf04f5f058a5859348b60a8653b9", "PythonLib/test_cinderx/test_compiler/test_strict", 4),
    ("test_strict_native", "1ce4a277595fdf04f5f058a5859348b60a8653b9", "PythonLib/test_cinderx/test_strictmodule.py", 2),
    ("test_strict_head", "47f254f1d22224f3bf2d622116ec3c2addee336d",
     "cinderx/PythonLib/test_cinderx/test_compiler/test_strict", 5),
]


def prepare(checkout, folder):
    for name, commit, path, parts in ROWS:
        target = pathlib.Path(folder, name)
        target.mkdir(parents=True, exist_ok=True)
        archive = subprocess.Popen(["git", "-C", checkout, "archive", commit, path], stdout=subprocess.PIPE)
        with tarfile.open(fileobj=archive.stdout, mode="r|") as members:
            for member in members:
                inner = pathlib.PurePosixPath(member.name).parts[parts:]
                if not inner or not member.isfile():
                    continue
                place = target.joinpath(*inner)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(members.extractfile(member).read())
        if archive.wait():
            sys.exit(f"the checkout has no commit {commit}; it needs its history")


def judge(expected_file, result_file, is_filtered=""):
    expected = tomllib.loads(pathlib.Path(expected_file).read_text())
    results = json.loads(pathlib.Path(result_file).read_text())["results"]
    judged = [r for r in results if r["status"] != "skip"]
    if not judged:
        sys.exit("no case was run")
    failed = {r["id"]: r for r in judged if r["status"] != "pass"}
    known = expected["cases"]
    lines = [r for r in judged if "line_ok" in r]
    shares = {
        "agreement": 100 * (len(judged) - len(failed)) / len(judged),
        "lines": 100 * sum(r["line_ok"] for r in lines) / max(1, len(lines)),
    }
    counts = {"agreement": f"{len(judged) - len(failed)} of {len(judged)} cases agree",
              "lines": f"{sum(r['line_ok'] for r in lines)} of {len(lines)} findings at the line"}
    bad = False
    for what, share in shares.items():
        bar, recorded = expected["bars"][what], expected["recorded"][what]
        print(f"{counts[what]}: {share:.2f} % (bar {bar} %, recorded {recorded} %)")
        # Two decimals are what the file records.
        if not is_filtered and round(share, 2) < max(bar, recorded):
            bad = True
            print(f"{what}: below {'the bar' if share < bar else 'the recorded state'}")
    for name in sorted(set(failed) - set(known)):
        bad = True
        print(f"unexpected failure: {name}: {failed[name].get('why', failed[name]['status'])[:200]}")
    ran = {r["id"] for r in judged}
    for name in sorted((set(known) & ran) - set(failed)):
        bad = True
        print(f"unexpected pass: {name}; take it off the list")
    if not is_filtered:
        for name in sorted(set(known) - ran):
            bad = True
            print(f"listed and not run: {name}")
    reasons = sorted(set(failed) & set(known))
    print(f"{len(reasons)} cases disagree with a recorded reason:")
    for name in reasons:
        print(f"  {name}: {known[name]}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    {"prepare": prepare, "judge": judge}[sys.argv[1]](*sys.argv[2:])
