#!/usr/bin/env python3
"""Readies the extracted cases for a runner and judges its results against the list of expected failures.

    static_suite.py prepare CASES.jsonl OUT.jsonl    modules a case imports are static like its main module
    static_suite.py judge EXPECTED.toml RESULTS.json..   exit 1: a case fails that is not listed, a listed one passes, or a bar is missed
    static_suite.py judge --partial ...              the results are of some cases only: bars and cases that were not run do not count
"""
import json
import sys
import tomllib
from pathlib import Path

BARS = {"type_error": 97.0, "compiles": 99.0, "runs": 90.0}


def with_static_import(source):
    if "import __static__" in source:
        return source
    lines, at = source.split("\n"), 0
    while at < len(lines) and (not lines[at].strip() or lines[at].startswith(("#", "from __future__"))):
        at += 1
    return "\n".join([*lines[:at], "import __static__", *lines[at:]])


def prepare(cases, out):
    with open(out, "w", encoding="utf-8") as file:
        for line in open(cases, encoding="utf-8"):
            case = json.loads(line)
            modules = case.get("modules")
            if modules:
                # A module that is a package of others is a folder.
                packages = {name.rsplit(".", 1)[0] for name in modules if "." in name}
                case["modules"] = {
                    (f"{name}.__init__" if name in packages else name): with_static_import(text)
                    for name, text in modules.items()
                }
            file.write(json.dumps(case) + "\n")


def judge(expected, results, is_partial):
    """`expected`: a table of reasons per kind, each with the ids it explains."""
    listed = {}
    for kind, reasons in tomllib.loads(Path(expected).read_text(encoding="utf-8")).items():
        for entry in reasons:
            for case in entry["cases"]:
                listed[kind, case] = entry["reason"]
    bad, counts = [], {}
    seen = set()
    for path in results:
        for result in json.loads(Path(path).read_text(encoding="utf-8"))["results"]:
            kind = result.get("kind", "runs")
            if result["status"] in ("internals", "skipped"):
                continue
            passed = result["status"] == "pass"
            # A runs case is checked twice: that it compiles, and what it does.
            group = "compiles" if kind == "runs" and "kind" in result else kind
            total = counts.setdefault(group, [0, 0])
            total[0] += passed
            total[1] += 1
            key = (group, result["id"])
            seen.add(key)
            if passed and key in listed:
                bad.append(f"passes, but is listed: {group} {result['id']}")
            if not passed and key not in listed:
                bad.append(f"fails: {group} {result['id']} {result['status']} {result.get('why', '')}")
    for (kind, case) in listed:
        if (kind, case) not in seen and not is_partial:
            bad.append(f"is listed, but was not run: {kind} {case}")
    for group, (passed, total) in sorted(counts.items()):
        share = 100 * passed / total
        bar = BARS.get(group)
        print(f"{group:14} {passed:5} of {total:5}  {share:5.1f} %" + (f"  (bar {bar:.0f} %)" if bar else ""))
        if bar and share < bar and not is_partial:
            bad.append(f"{group} is below its bar")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(*sys.argv[2:4])
    else:
        words = [word for word in sys.argv[2:] if word != "--partial"]
        sys.exit(judge(words[0], words[1:], "--partial" in sys.argv))
