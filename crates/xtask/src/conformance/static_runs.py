#!/usr/bin/env python3
"""Runs the `runs` cases of the outside Static Python suite on `cinder run`.

    static_runs.py CASES.jsonl CHECKOUT CINDER -o RESULTS.json [--workers N] [--filter REGEX] [--keep FOLDER]

A test method is run as it stands, in a process of its own: its class is taken from the checkout, with the other test methods left
out, and put behind static_harness.py. Cases of a method are counted as the extractor counts them: by the calls that hand over
source. A method that ends early fails the case it was in and those after it.
"""
import argparse
import ast
import json
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = "cinderx/PythonLib/test_cinderx/test_compiler/test_static"
# What the harness has when the machine's library has not.
SPARE = {"asyncio", "patch", "Mock", "MagicMock"}
BATCH = 25
HARNESS = Path(__file__).with_name("static_harness.py")
KNOWN = {
    "StaticTestBase": "Case", "CompilerTest": "Case", "TestCase": "Case",
    "StaticCodeGenerator": "STATIC_GENERATOR", "PythonCodeGenerator": "PYTHON_GENERATOR",
    "TypedSyntaxError": "SyntaxError",
    "bad_ret_type": "None", "type_mismatch": "None", "PRIM_NAME_TO_TYPE": "PRIM_NAME_TO_TYPE", "TModule": "object",
    "disable_hir_inliner": "no_change", "TestErrors": "object",
}


def imports(statement, wanted):
    """Names a test file imports; what is not there is missing, and complains when it is used."""
    out = []
    for alias in statement.names:
        name = alias.asname or alias.name.split(".")[0]
        module = getattr(statement, "module", None)
        if name in KNOWN:
            out.append(f"{name} = {KNOWN[name]}")
            continue
        if name in ("annotations", "*") or name not in wanted:
            continue
        if isinstance(statement, ast.ImportFrom):
            text = f"from {module} import {alias.name} as {name}" if not statement.level else "raise ImportError"
        else:
            text = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        spare = name if name in SPARE else f"Missing({alias.name!r})"
        out.append(f"try:\n    {text}\nexcept Exception:\n    {name} = {spare}")
    return out


def used_names(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def program(tree, wanted):
    """Text of the file with some of its test methods: {class: [method]}, and the calls that run them."""
    kept = []
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            body = []
            for member in statement.body:
                is_test = isinstance(member, ast.FunctionDef) and member.name.startswith("test")
                if is_test and member.name not in wanted.get(statement.name, {}):
                    continue
                if is_test:
                    member = ast.FunctionDef(**{**vars(member), "decorator_list": []})
                body.append(member)
            kept.append(ast.ClassDef(**{**vars(statement), "body": body or [ast.Pass()], "decorator_list": []}))
        else:
            kept.append(statement)
    # Only what the methods reach, so that nothing else can fail.
    reached, names = [], set(wanted)
    for statement in reversed(kept):
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef)):
            defined = {statement.name}
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            defined = {(a.asname or a.name.split(".")[0]) for a in statement.names}
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            defined = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        else:
            defined = set()
        if defined & names:
            reached.append(statement)
            names |= used_names(statement)
    out = []
    for statement in reversed(reached):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            out += imports(statement, names)
        else:
            out.append(ast.unparse(ast.fix_missing_locations(statement)))
    for class_name, methods in wanted.items():
        out += [f"run({place}, {class_name}, {method!r})" for method, place in methods.items()]
    return "\n".join(out) + "\n"


def run_batch(batch, trees, arguments, folder):
    """Runs methods of one file in one process; after a crash or timeout the rest goes on in another."""
    results, todo = [], list(enumerate(batch))
    while todo:
        file, level = todo[0][1][0][0], todo[0][1][2]
        wanted = defaultdict(dict)
        for place, ((_, class_name, method), _, _) in todo:
            wanted[class_name][method] = place
        text = "from __future__ import annotations\n" + HARNESS.read_text() + "\n" + program(trees[file], wanted)
        path = folder / f"{file[:-3]}_{todo[0][1][0][2]}_{level}.py"
        path.write_text(text)
        command = [*arguments.cinder.split(), "run", *["-O"] * level, str(path)]
        broken = None
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=arguments.timeout,
                                  stdin=subprocess.DEVNULL, errors="replace", cwd=folder)
            stdout = done.stdout
            tail = (done.stderr.strip().splitlines() or ["no output"])[-1]
            broken = "crash", f"exit {done.returncode}: {tail}"
        except subprocess.TimeoutExpired as late:
            stdout = (late.stdout or b"").decode(errors="replace")
            broken = "timeout", ""
        ends = {int(p): (int(n), s, w) for p, n, s, w in re.findall(r"^##end (\d+) (\d+) (\w+) (.*)$", stdout, re.M)}
        states = {(int(p), int(n)): (s, w) for p, n, s, w in re.findall(r"^##case (\d+) (\d+) (\w+) (.*)$", stdout, re.M)}
        begun = [int(p) for p in re.findall(r"^##begin (\d+)$", stdout, re.M)]
        victim = next((p for p in begun if p not in ends), None)
        if not begun:
            victim = todo[0][0]
        rest = []
        for place, item in todo:
            _, cases, _ = item
            if place not in ends and place != victim:
                rest.append((place, item))
                continue
            for case in cases:
                number = int(case["id"].split("#")[1]) if "#" in case["id"] else 1
                if place not in ends:
                    status, why = broken
                elif (place, number) in states:
                    status, why = states[place, number]
                else:
                    reached, end, text = ends[place]
                    status, why = ("pass", "") if end == "pass" or number < reached else (end, text)
                results.append({"id": case["id"], "status": status, "why": why})
        if victim is None and rest:
            results += [{"id": c["id"], "status": "crash", "why": "the process ended silently"} for _, i in rest for c in i[1]]
            break
        todo = rest
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("cinder")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--filter", default="")
    parser.add_argument("--keep", type=Path, help="folder for the programs")
    arguments = parser.parse_args()
    methods = defaultdict(list)
    skipped = Counter()
    for line in arguments.cases.open():
        case = json.loads(line)
        if case["kind"] != "runs" or not re.search(arguments.filter, case["id"]):
            continue
        if any("skip_test_if_oss" in n or "passIf(True" in n or "passUnless(ENABLE_IMPLICIT" in n for n in case["notes"]):
            skipped["switched off in the suite"] += 1
            continue
        file, class_name, method = case["id"].split("#")[0].split("::")
        methods[file, class_name, method].append(case)
    trees = {file: ast.parse((arguments.checkout / TESTS / file).read_text()) for file, _, _ in methods}
    groups = defaultdict(list)
    for key, cases in methods.items():
        level = max(case["optimize"] for case in cases)
        groups[key[0], level].append((key, cases, level))
    batches = [items[at:at + BATCH] for items in groups.values() for at in range(0, len(items), BATCH)]
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(arguments.workers) as pool:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = [r for part in pool.map(lambda b: run_batch(b, trees, arguments, folder), batches) for r in part]
    counts = Counter(result["status"] for result in results)
    bound = len(results) - counts["internals"] - counts["skipped"]
    summary = {"cases": len(results), "bound": bound, "passed": counts["pass"], "by_status": dict(counts), "skipped": dict(skipped)}
    print(f"runs: {counts['pass']} of {bound} ({100 * counts['pass'] / max(1, bound):.1f} %), {dict(counts)}, skipped {dict(skipped)}")
    if arguments.output:
        arguments.output.write_text(json.dumps({"summary": summary, "results": results}, indent=1))


if __name__ == "__main__":
    main()
