"""Rules for where a test runs: in plain Python, apart from the student's files, output, memory and clock."""

from __future__ import annotations

import ast
import re

from scaleml_course.course.rules.exercise import ExerciseTest
from scaleml_course.course.rules.names import dotted, named_in, root, texts_in
from scaleml_course.course.rules.rule import Found, Rule, of_each_test

WRITERS = re.compile(r"(to_|write_)\w+\Z|save\w*\Z|(imsave|dump|mkdir|open_memmap|touch|tofile)\Z")
READERS = re.compile(
    r"read_\w+\Z|(exists|fromfile|genfromtxt|getsize|glob|is_dir|is_file|iterdir|load|loadtxt|open|stat)\Z"
)
FRESH_PATHS = re.compile(r"(pathlib\.(Pure|Posix)?Path|tempfile\.\w+|os\.path\.join|builtins\.str)\Z")
FILE = re.compile(r"[^\s{}]*(/[^\s{}]+|\.[A-Za-z]\w{0,7})\Z")

CLOCK = re.compile(
    r"(time\.(time|perf_counter|monotonic|process_time|thread_time)(_ns)?|timeit\.(timeit|repeat|default_timer))\Z"
)
MEASURED_HERE = re.compile(
    r"time\.(process|thread)_time(_ns)?\Z|tracemalloc\.\w+\Z|resource\.getrusage\Z"
    r"|psutil\.Process\Z|memory_profiler\.\w+\Z"
)
CAPTURING = re.compile(
    r"(contextlib\.redirect_std(out|err)|IPython\.utils\.(io|capture)\.capture_output|pytest\.warns)\Z"
)
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def not_plain_python(test: ExerciseTest) -> Found:
    """Magics, shell commands, top-level await, input, and what is no Python at all."""
    if test.code.fault:
        yield 0, f"the test is not Python ({test.code.fault})"
    for node, name in test.calls():
        if (isinstance(node.func, ast.Name) and node.func.id == "get_ipython") or name.endswith(".get_ipython"):
            yield node, "a magic, a shell command or get_ipython needs a notebook's kernel, and a test has none"
        elif name == "builtins.input":
            yield node, "input() waits for a person"
    for part in test.top_level():
        if isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield part, "a top-level await needs a notebook's kernel, and a test has none"


def unseen_output(test: ExerciseTest) -> Found:
    """A student's prints or warnings, captured around a call."""
    for node in ast.walk(test.tree):
        if not isinstance(node, ast.With):
            continue
        called = {root(part) for line in node.body for part in ast.walk(line) if isinstance(part, ast.Call)}
        if not called & (test.students | test.results):
            continue
        for item in node.items:
            if isinstance(item.context_expr, ast.Call) and captures(test, item.context_expr):
                yield (
                    node,
                    f"{ast.unparse(item.context_expr)[:50]} sees nothing of what an answer prints or warns of",
                )


def captures(test: ExerciseTest, call: ast.Call) -> bool:
    """Whether a context manager collects output or warnings."""
    name = test.full_name(call.func)
    recording = any(word.arg == "record" and getattr(word.value, "value", False) for word in call.keywords)
    return bool(CAPTURING.match(name)) or (name == "warnings.catch_warnings" and recording)


def unseen_file(test: ExerciseTest) -> Found:
    """A file that an answer writes and the test reads."""
    imported, bound = test.exercise.imported, test.exercise.bound
    written = {
        name
        for tree in test.exercise.answer_trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and writes(node, dotted(node.func, imported, bound))
        for name in file_names(node)
    }
    own = {
        part for node, name in test.calls() if writes(node, name) for part in [*file_names(node), *named_in(node)]
    }
    handed_over = fresh_paths(test) & {
        part for node, _ in test.calls() if root(node) in test.students | test.results for part in named_in(node)
    }
    for node, name in test.calls():
        if not reads(node, name) or root(node) in test.students:
            continue
        for file in sorted((set(file_names(node)) & written | set(named_in(node)) & handed_over) - own):
            yield node, f"{file!r} is written by the answer, in a folder of its own that the test does not see"


def writes(node: ast.Call, name: str) -> bool:
    """Whether a call writes a file."""
    if name == "builtins.open" or (isinstance(node.func, ast.Attribute) and node.func.attr == "open"):
        return any(re.fullmatch(r"[rbt]*[wax+][bt+]*", text) for text in texts_in(node))
    return isinstance(node.func, ast.Attribute) and bool(WRITERS.match(node.func.attr))


def reads(node: ast.Call, name: str) -> bool:
    """Whether a call reads a file, or asks whether it is there."""
    return not writes(node, name) and (
        name == "builtins.open" or (isinstance(node.func, ast.Attribute) and bool(READERS.match(node.func.attr)))
    )


def file_names(node: ast.Call) -> list[str]:
    """Texts in a call that look like names of files."""
    return [text for text in texts_in(node) if FILE.match(text)]


def fresh_paths(test: ExerciseTest) -> set[str]:
    """Names that the test binds to paths of its own making, at which nothing lies yet."""
    found: set[str] = set()
    for node in ast.walk(test.tree):
        if isinstance(node, ast.Assign) and is_fresh_path(test, node.value, found):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def is_fresh_path(test: ExerciseTest, node: ast.expr, known: set[str]) -> bool:
    """Paths, texts and temporary folders put together, and nothing else."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Call | ast.Name | ast.Constant)]
    calls = [test.full_name(part.func) for part in parts if isinstance(part, ast.Call)]
    if not calls or not all(FRESH_PATHS.match(name) for name in calls):
        return False
    values = {part.id for part in parts if isinstance(part, ast.Name) and part.id not in test.imported}
    return values <= known | {"str"}


def measured_elsewhere(test: ExerciseTest) -> Found:
    """CPU time, memory and the garbage collector of the process in which no answer runs."""
    for node, name in test.calls():
        if MEASURED_HERE.match(name):
            yield node, f"{name} measures the test's own process, where no answer runs"


def absolute_seconds(test: ExerciseTest) -> Found:
    """Measured seconds compared with a number, and waiting for a while."""
    timed = timed_names(test)
    for node in ast.walk(test.tree):
        if isinstance(node, ast.Compare) and all(isinstance(sign, ORDER) for sign in node.ops):
            sides = [node.left, *node.comparators]
            if any(is_time(test, side, timed) for side in sides) and any(is_number(side) for side in sides):
                yield node, f"`{ast.unparse(node)[:60]}` holds on one machine and not on another"
    for node in test.top_level():
        if isinstance(node, ast.Call) and test.full_name(node.func) == "time.sleep":
            yield node, "it waits for a time that is too short on a slow machine"


def timed_names(test: ExerciseTest) -> set[str]:
    """Names that hold moments or durations."""
    found: set[str] = set()
    assigned = [node for node in ast.walk(test.tree) if isinstance(node, ast.Assign)]
    for _ in assigned:
        for node in assigned:
            if is_time(test, node.value, found):
                found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def is_time(test: ExerciseTest, node: ast.expr, timed: set[str]) -> bool:
    """Whether an expression is a moment or a duration; one duration over another is a ratio, and none."""
    if isinstance(node, ast.BinOp):
        left, right = is_time(test, node.left, timed), is_time(test, node.right, timed)
        return left != right if isinstance(node.op, ast.Div | ast.FloorDiv) else left or right
    if isinstance(node, ast.Call):
        by_course = isinstance(node.func, ast.Attribute) and node.func.attr == "seconds" and bool(node.args)
        return bool(CLOCK.match(test.full_name(node.func))) or by_course
    if isinstance(node, ast.Attribute):
        return node.attr in ("value", "low", "high") and is_time(test, node.value, timed)
    return isinstance(node, ast.Name) and node.id in timed


def is_number(node: ast.expr) -> bool:
    """A number that stands in the test's text."""
    parts = [part for part in ast.walk(node) if not isinstance(part, ast.operator | ast.unaryop)]
    return all(isinstance(part, ast.Constant | ast.BinOp | ast.UnaryOp) for part in parts)


RULES = (
    Rule(
        "plain-python",
        "A test is plain Python: no magic, no shell command, no top-level await, no input.",
        "Write it as a script would: subprocess.run, asyncio.run, values given in the test.",
        of_each_test(not_plain_python),
    ),
    Rule(
        "output",
        "A test sees neither what an answer prints nor its warnings.",
        "Ask for the text as a result, and check that.",
        of_each_test(unseen_output),
    ),
    Rule(
        "files",
        "A test does not see files that an answer writes.",
        "Let the answer return what it wrote, or what it reads back from the file.",
        of_each_test(unseen_file),
    ),
    Rule(
        "measuring",
        "A test measures time by ratios of wall time and memory by measure.peak_memory, not by its own process.",
        "Use scaleml_course.measure: compare for time, peak_memory for memory.",
        of_each_test(measured_elsewhere),
    ),
    Rule(
        "seconds",
        "A test asserts no absolute time.",
        "Compare with another way on the same machine: measure.compare({...}).ratio(...).",
        of_each_test(absolute_seconds),
    ),
)
