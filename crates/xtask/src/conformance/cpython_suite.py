#!/usr/bin/env python3
"""Runs chosen files of CPython's own test package on cinder and holds the results against the list of expected failures.

    cpython_suite.py LIB CINDER EXPECTED.toml [--tier N] [--file NAME] [--bless]

LIB is a CPython 3.14 `Lib` folder with `test` in it. Exit code 1: a test fails that is not listed, a listed one passes, or a file ends by a signal
or a panic. `--bless` writes the list anew: reasons that are known are kept, new failures get none.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

TIERS = {
    1: """grammar syntax scope generators coroutines asyncgen yield_from exceptions baseexception exception_group except_star
          exception_variations raise class descr metaclass subclassinit super decorators property patma with fstring tstring
          string_literals type_params type_aliases type_annotations named_expressions positional_only_arg keywordonlyarg extcall unpack
          unpack_ex listcomps genexps augassign binop richcmp global funcattrs iter builtin call compile dynamic isinstance
          source_encoding""",
    2: """int long int_literal float complex bool str bytes list dict dictviews set tuple range slice memoryview format enumerate hash
          types genericalias index sort pow strtod array""",
    3: """re json collections deque defaultdict ordered_dict itertools functools operator dataclasses enum typing abc contextlib
          contextlib_async copy heapq bisect datetime decimal fractions random math struct pickle io memoryio os pathlib tempfile glob
          fnmatch shutil subprocess threading queue asyncio context unittest argparse logging string textwrap hashlib base64 binascii csv
          zlib sqlite3 configparser tomllib urlparse html xml_etree shlex pprint difflib graphlib codecs time""",
    4: """gc weakref weakset sys inspect traceback ast importlib import frame finalization marshal atexit warnings signal thread
          runpy""",
}
BARS = {1: 95.0, 2: 93.0, 3: 60.0, 4: 60.0}
# Files in which one import of a C helper would take everything away.
WITH_STAND_INS = set("class compile bytes asyncio context unittest traceback importlib import marshal signal".split())
FILE_SECONDS = 600
STALL_SECONDS = 60
RESTARTS = 8


def run_process(command, folder, environment, events, log):
    """The exit code, or None when nothing happened for too long."""
    start = last = time.monotonic()
    size = -1
    with open(log, "ab") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   start_new_session=True)
        try:
            while process.poll() is None:
                time.sleep(0.05)
                now = time.monotonic()
                grown = os.path.getsize(events) if os.path.exists(events) else -1
                if grown != size:
                    size, last = grown, now
                if now - last > STALL_SECONDS or now - start > FILE_SECONDS:
                    return None
            return process.returncode
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def run_file(name, cinder, stage, inside):
    """State of every test by its id; whether the process crashed; a note about the file."""
    folder = Path(tempfile.mkdtemp(prefix=f"test_{name}."))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment.update(HOME=str(folder), TMPDIR=str(folder), LC_ALL="C.UTF-8", TERM="dumb", PYTHONPATH=str(stage))
    states, reasons, crashes, note = {}, {}, [], ""
    done = folder / "done"
    for attempt in range(RESTARTS):
        work = folder / f"run{attempt}"
        work.mkdir()
        events, log = folder / f"events{attempt}", folder / f"log{attempt}"
        done.write_text("\n".join(states), encoding="utf-8")
        stand_ins = "1" if name in WITH_STAND_INS else "0"
        command = [cinder, "run", str(inside), str(events), f"test.test_{name}", str(done), str(stage), stand_ins]
        code = run_process(command, work, environment, str(events), str(log))
        current, is_finished = None, False
        lines = events.read_text(encoding="utf-8", errors="replace").splitlines() if events.exists() else []
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            match event:
                case ["start", test]:
                    current = test
                case ["end", test, state, why]:
                    states[test], reasons[test], current = state, why, None
                case ["skipped" | "not imported" as state, why]:
                    note, is_finished = f"{state}: {why}", True
                case ["done"]:
                    is_finished = True
        panics = b"panicked at" in log.read_bytes()
        if is_finished and not (code is not None and code < 0) and not panics:
            break
        if current is None:
            crashes.append(f"test_{name}: ended by {code} outside a test")
            break
        states[current] = "hangs" if code is None else "crashes"
        reasons[current] = f"ended by {code}"
        if code is not None and (code < 0 or panics):
            crashes.append(current)
    shutil.rmtree(folder, ignore_errors=True)
    return states, reasons, crashes, note


def short_id(test):
    return test.removeprefix("test.")


def read_expected(path):
    """Reason by id, and the reasons in order with whether their tests are unstable."""
    listed, unstable = {}, set()
    if path.exists():
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in content.get("fails", []):
            listed.update({case: entry["reason"] for case in entry["cases"]})
        for entry in content.get("unstable", []):
            listed.update({case: entry["reason"] for case in entry["cases"]})
            unstable.update(entry["cases"])
    return listed, unstable


HEADER = """# Tests of CPython's own suite that fail, with reasons. `cargo xtask conformance cpython` holds the results against this list, which is
# strict. Tests under `unstable` depend on time, load or the state of the machine: they may pass.
"""


def write_expected(path, listed, unstable):
    groups = {}
    for case, reason in listed.items():
        groups.setdefault((case in unstable, reason), []).append(case)
    text = [HEADER]
    for (is_unstable, reason), cases in sorted(groups.items()):
        text.append(f"[[{'unstable' if is_unstable else 'fails'}]]\nreason = {json.dumps(reason)}\ncases = [")
        text.extend(f"    {json.dumps(case)}," for case in sorted(cases))
        text.append("]\n")
    path.write_text("\n".join(text), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lib", type=Path)
    parser.add_argument("cinder", type=Path)
    parser.add_argument("expected", type=Path)
    parser.add_argument("--tier", type=int, action="append", choices=TIERS)
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--bless", action="store_true")
    arguments = parser.parse_args()
    stage = Path(tempfile.mkdtemp(prefix="cinder-conformance."))
    (stage / "test").symlink_to((arguments.lib / "test").resolve())
    inside = Path(__file__).with_name("cpython_inside.py")
    listed, unstable = read_expected(arguments.expected)
    bad, fresh, seen_files, seen = [], {}, set(), set()
    for tier, names in TIERS.items():
        if arguments.tier and tier not in arguments.tier:
            continue
        passed = total = 0
        for name in names.split():
            if arguments.file and name not in [file.removeprefix("test_") for file in arguments.file]:
                continue
            states, reasons, crashes, note = run_file(name, str(arguments.cinder), stage, inside)
            seen_files.add(f"test_{name}")
            bad += [f"crashes: {test}" for test in crashes]
            counted = [state for state in states.values() if state != "skipped"]
            good = counted.count("ok")
            passed, total = passed + good, total + len(counted)
            print(f"tier {tier}  test_{name:22} {good:5} of {len(counted):5}  {note}", flush=True)
            if note.startswith("not imported"):
                fresh[f"test_{name}"] = "the file cannot be imported"
            for test, state in states.items():
                case = short_id(test)
                seen.add(case)
                if state not in ("ok", "skipped"):
                    fresh[case] = reasons[test]
                    if case not in listed:
                        bad.append(f"{state}: {case}  {reasons[test]}")
                elif state == "ok" and case in listed and case not in unstable:
                    bad.append(f"passes, but is listed: {case}")
        if not total:
            continue
        share = 100 * passed / total
        print(f"tier {tier}  {passed} of {total}  {share:.1f} %  (bar {BARS[tier]:.0f} %)", flush=True)
        if not arguments.file and share < BARS[tier]:
            bad.append(f"tier {tier} is below its bar")
    shutil.rmtree(stage, ignore_errors=True)
    if arguments.bless:
        ran = seen | seen_files
        kept = {case: reason for case, reason in listed.items() if case not in ran or case in fresh or case in unstable}
        kept.update({case: listed.get(case, "not yet looked into") for case in fresh})
        write_expected(arguments.expected, kept, unstable)
        return 0
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
