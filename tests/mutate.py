#!/usr/bin/env python3
"""Makes small mistakes in the sources, one at a time, and lists those that no test notices."""
import argparse
import os
import random
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KNOWN = os.path.join(ROOT, "tests/bugs/survivors.txt")
LIST = os.path.join(ROOT, "build/mutants.txt")

FLIP = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
OPERATORS = re.compile(r"(?<=[\w\]\)] )(<=|>=|==|!=|<|>|\+|-|&&|\|\|)(?= [\w\(\-!&*])")
CALL = re.compile(r"\b([a-z_0-9]+)\(([^(),]+), ([^(),]+)\)")
SKIP = re.compile(r"^\s*(#|//|/?\*|_Static_assert|must\(|static|struct|enum|const|extern|case|default|return|break|\}|\{|[a-z_0-9]+:$)")


def in_function(lines):
    """Numbers of the lines inside of functions, comments and tables left out."""
    inside, comment, found = False, False, []
    for i, line in enumerate(lines):
        if re.match(r"^\{", line):
            inside = True
        elif line.startswith("}"):
            inside = False
        elif inside:
            if "/*" in line and "*/" not in line:
                comment = True
            if not comment and line.strip() and not line.strip().startswith(("/*", "*")):
                found.append(i)
            if "*/" in line:
                comment = False
    return found


def mistakes(line):
    """All (what, mutated line) of a line."""
    code = line.split("/*")[0]
    if "must(" in code or "_Static_assert" in code or code.lstrip().startswith("#"):
        return
    bare = re.sub(r'"(\\.|[^"])*"', lambda m: "\x01" * len(m.group()), code)
    for m in OPERATORS.finditer(bare):
        op = m.group()
        new = FLIP.get(op) or {"+": "-", "-": "+", "&&": "||", "||": "&&"}[op]
        yield "operator", line[: m.start()] + new + line[m.end():]
    for m in re.finditer(r"\bif \((?!\()", bare):
        end = bare.rfind(")")
        if end > m.end() and bare.count("(") == bare.count(")"):
            yield "condition", line[: m.end()] + "!(" + line[m.end(): end] + ")" + line[end:]
    for m in re.finditer(r"(?<![\w.\"])([1-9]\d*)(?![\w.])", bare):
        yield "constant", line[: m.start()] + str(int(m.group()) + 1) + line[m.end():]
    m = CALL.search(bare)
    if m and m.group(2) != m.group(3):
        yield "arguments", line[: m.start(2)] + line[m.start(3): m.end(3)] + ", " + line[m.start(2): m.end(2)] + line[m.end(3):]
    if bare.rstrip().endswith(";") and not SKIP.match(bare) and re.match(r"^\s+[\w>\-\.\[\]\*]+.*(\(|[^=!<>]=[^=]|\+\+|--)", bare):
        yield "statement", re.match(r"\s*", line).group() + ";"
    if re.match(r"^\s*return;", bare):
        yield "return", re.match(r"\s*", line).group() + ";"


def alone(lines, i, text):
    """The mutated line with as many before it as make the old text stand once in its file."""
    for k in range(i, max(-1, i - 12), -1):
        old = "\n".join(lines[k: i + 1])
        if text.count(old) == 1:
            return k, old
    return None


def collect(files):
    found = []
    for path in files:
        text = open(os.path.join(ROOT, path), encoding="utf-8").read()
        lines = text.split("\n")
        for i in in_function(lines):
            for what, mutated in mistakes(lines[i]):
                place = alone(lines, i, text)
                if mutated == lines[i] or not place:
                    continue
                k, old = place
                new = "\n".join(lines[k:i] + [mutated])
                found.append((path, i + 1, what, lines[i].strip(), mutated.strip(), old, new))
    return found


def known():
    """Survivors that somebody has looked at: (file, old, new) -> reason."""
    reasons = {}
    if os.path.exists(KNOWN):
        for line in open(KNOWN, encoding="utf-8"):
            part = line.rstrip("\n").split(" | ")
            if len(part) == 4 and not line.startswith("#"):
                reasons[(part[0], part[1], part[2])] = part[3]
    return reasons


def arguments():
    p = argparse.ArgumentParser(prog="tests/mutate.py", description=__doc__)
    p.add_argument("--count", type=int, default=100, help="how many mistakes are drawn (100); 0: all")
    p.add_argument("--seed", type=int, default=1, help="which ones")
    p.add_argument("--file", action="append", help="only in this file; may be given again")
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--seeds", type=int, default=6, help="seeds of the simulator for what the suites have not noticed (6)")
    p.add_argument("--base", default=os.path.join(ROOT, "build/mutants"), help="where the builds are made")
    p.add_argument("--print", action="store_true", help="only print the mistakes")
    return p.parse_args()


def main():
    a = arguments()
    folder = os.path.join(ROOT, "core/trade")
    files = a.file or sorted("core/trade/" + f for f in os.listdir(folder) if f.endswith(".c"))
    all_of_them = collect(files)
    drawn = all_of_them
    if a.count and a.count < len(all_of_them):
        drawn = random.Random(a.seed).sample(all_of_them, a.count)
    if a.print:
        for path, line, what, old, new, _, _ in drawn:
            print(f"{path}:{line}: {what}: {old}  ->  {new}")
        return 0
    os.makedirs(os.path.dirname(LIST), exist_ok=True)
    by_name = {}
    with open(LIST, "w", encoding="utf-8") as out:
        out.write("Mistakes drawn by tests/mutate.py.\n")
        for n, m in enumerate(drawn):
            name = f"m{n}"
            by_name[name] = m
            out.write(f"\n== {name} | {m[0]} | - | {m[2]}\n{m[5]}\n=>\n{m[6]}\n")
    command = [os.path.join(ROOT, "tests/plant"), "--quick", "--list", LIST, "--seeds", str(a.seeds),
               "--jobs", str(a.jobs), "--base", a.base]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    reasons, survived, excused, refused, found = known(), [], 0, 0, 0
    for line in run.stdout.splitlines():
        name = line.split()[0] if line.strip() else ""
        if name not in by_name:
            continue
        path, at, what, old, new, _, _ = by_name[name]
        if "does not compile" in line or "does not apply" in line:
            refused += 1
        elif "FOUND BY NOBODY" not in line:
            found += 1
        elif (path, old, new) in reasons:
            excused += 1
        else:
            survived.append(f"{path}:{at}: {what}: {old}  ->  {new}")
    for line in survived:
        print(line)
    print(f"{len(drawn)} of {len(all_of_them)} mistakes: {found} noticed, {len(survived)} not, "
          f"{excused} not and known why, {refused} that the compiler refused")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
