"""Rules for what a handle cannot do: a test calls the student's functions, and does not look into them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scaleml_course.course.rules.exercise import ExerciseTest
from scaleml_course.course.rules.names import named_in, texts_in
from scaleml_course.course.rules.rule import Found, Rule, of_each_test

#: Classes whose objects arrive as values, by module; of scipy, only the sparse matrices.
VALUES = re.compile(
    r"(builtins|numpy|pandas|scipy\.sparse|numbers|decimal|fractions|pathlib|datetime|zoneinfo|collections|array)\."
    r"|(types|typing)\."
)
#: What is there among them that only has a handle, or is one.
NO_VALUES = re.compile(
    r"(collections\.abc|typing)\.(Async)?Generator\Z|types\.(?!NoneType|EllipsisType)|builtins\.(map|filter|zip|enumerate|reversed|memoryview)\Z"
)
INSPECTING = re.compile(
    r"(inspect|dis)\.\w+\Z|builtins\.(help|vars|dir|id)\Z|scaleml_course\.kernels(\.\w+)?\.bytecodes_executed\Z"
)
INNER = re.compile(r"__(?!init__|call__|len__|getitem__|iter__|next__|enter__|exit__)\w+__\Z")
COPYING = re.compile(
    r"(pickle|cloudpickle|dill|marshal|joblib)\.dumps?\Z|copy\.(copy|deepcopy)\Z|builtins\.hash\Z|json\.dumps?\Z"
)
MUTABLE = re.compile(r"(numpy|pandas|scipy\.sparse|collections|array)\.|builtins\.(list|dict|set|bytearray)\Z")
MOCKING = re.compile(r"(unittest\.)?mock\.(patch(\.\w+)?|create_autospec)\Z")


def type_of_answer(test: ExerciseTest) -> Found:
    """isinstance, type, except or inheritance where the object or the class is only a handle."""
    for node, name in test.calls():
        if name in ("builtins.isinstance", "builtins.issubclass") and len(node.args) == 2:
            if test.is_callable(node.args[0]):
                yield node, f"{name[9:]} looks at the type of {ast.unparse(node.args[0])!r}, which is a handle here"
            elif test.is_result(node.args[0]) and (kind := handle_class(test, node.args[1])):
                yield node, f"an object of class {kind!r} from an answer is a handle here, and of no such class"
        elif name == "builtins.type" and len(node.args) == 1 and test.is_callable(node.args[0]):
            yield node, f"type() of {ast.unparse(node.args[0])!r} is that of a handle"
    for part in ast.walk(test.tree):
        if isinstance(part, ast.Compare):
            yield from compared_type(test, part)
        elif isinstance(part, ast.ExceptHandler) and part.type is not None:
            for kind in classes(test, part.type):
                yield part, f"{kind!r} is a handle, which except cannot catch"
        elif isinstance(part, ast.ClassDef):
            for kind in (kind for base in part.bases for kind in classes(test, base)):
                yield part, f"{kind!r} is a handle, which no class can inherit from"


def compared_type(test: ExerciseTest, node: ast.Compare) -> Found:
    """`type(result) is SomeClass`, for a class whose objects do not arrive as values."""
    sides = [node.left, *node.comparators]
    types = [side for side in sides if isinstance(side, ast.Call) and test.full_name(side.func) == "builtins.type"]
    results = [side for side in types if len(side.args) == 1 and test.is_result(side.args[0])]
    kinds = [kind for side in sides if side not in types and (kind := handle_class(test, side))]
    if results and kinds:
        yield node, f"an object of class {kinds[0]!r} from an answer is a handle here, and of no such class"


def handle_class(test: ExerciseTest, node: ast.expr) -> str:
    """The name of a class whose objects are handles; "" when it is not known to be one."""
    if isinstance(node, ast.Tuple | ast.List):
        return next((kind for part in node.elts if (kind := handle_class(test, part))), "")
    if isinstance(node, ast.BinOp):
        return handle_class(test, node.left) or handle_class(test, node.right)
    kinds = test.exercise.given | test.exercise.answers | test.binds
    if isinstance(node, ast.Name) and kinds.get(node.id) == "class":
        return node.id
    name = test.full_name(node)
    # A class is written with a capital; what is not may be a tuple of classes under a name.
    imported = bool(name) and not name.startswith("builtins.") and name.rpartition(".")[2][:1].isupper()
    return ast.unparse(node) if NO_VALUES.match(name) or (imported and not VALUES.match(name)) else ""


def classes(test: ExerciseTest, node: ast.expr) -> list[str]:
    """The student's classes in an expression that names classes."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return [part.id for part in parts if isinstance(part, ast.Name) and test.is_callable(part)]


def inside_answer(test: ExerciseTest) -> Found:
    """inspect, dis, help, and a function's or class's attributes with two underscores."""
    for node, name in test.calls():
        if INSPECTING.match(name) and any(test.is_callable(argument) for argument in node.args):
            yield node, f"{ast.unparse(node.func)} would look into a handle"
        elif name in ("builtins.getattr", "builtins.hasattr") and node.args and test.is_callable(node.args[0]):
            inner = [text for argument in node.args[1:] for text in texts_in(argument) if INNER.match(text)]
            yield from ((node, f"a handle has no {text} of the answer's") for text in inner)
    for part in ast.walk(test.tree):
        if isinstance(part, ast.Attribute) and test.is_callable(part.value) and INNER.match(part.attr):
            yield part, f"a handle has no {part.attr} of the answer's"


def compared_or_copied(test: ExerciseTest) -> Found:
    """A function or class of the student's compared, pickled or copied."""
    for part in ast.walk(test.tree):
        if isinstance(part, ast.Compare):
            for side in [part.left, *part.comparators]:
                if test.is_callable(side):
                    yield part, f"{ast.unparse(side)!r} is a handle here, equal to nothing and like nothing"
    for node, name in test.calls():
        if COPYING.match(name) and any(test.is_callable(argument) for argument in node.args):
            yield node, f"{ast.unparse(node.func)} cannot take a handle"


def changed_in_place(test: ExerciseTest) -> Found:
    """A function called for what it does to its argument, and a check of that argument alone."""
    made_here = mutable_names(test)
    for node in outside_try(test.tree):
        if not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and test.is_callable(node.value.func)
        ):
            continue
        for argument in [*node.value.args, *(keyword.value for keyword in node.value.keywords)]:
            if isinstance(argument, ast.Name) and argument.id in made_here and checked_after(test, argument):
                yield node, f"the answer gets a copy of {argument.id!r}, and a check reads it as if it had changed"


def mutable_names(test: ExerciseTest) -> set[str]:
    """Names that the test gives to lists, dictionaries, arrays and other things that can be changed."""
    displays = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    return {
        name
        for node in ast.walk(test.tree)
        if isinstance(node, ast.Assign)
        if isinstance(node.value, displays)
        or (isinstance(node.value, ast.Call) and MUTABLE.match(test.full_name(node.value.func)))
        for target in node.targets
        for name in named_in(target, ast.Store)
    }


def outside_try(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, save those where a call may be made for the error that it raises."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.Try | ast.With):
            yield node
            yield from outside_try(node)


def checked_after(test: ExerciseTest, argument: ast.Name) -> bool:
    """Whether a later check reads this name, not bound anew, and nothing of the student's.

    A check that also reads a result is about the result: the first call may have been there to compile.
    """

    def uses(tree: ast.AST) -> list[ast.Name]:
        named = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == argument.id]
        return [node for node in named if node.lineno > argument.lineno]

    bound_anew = min((use.lineno for use in uses(test.tree) if isinstance(use.ctx, ast.Store)), default=10**9)
    checks = [node.test for node in ast.walk(test.tree) if isinstance(node, ast.Assert)]
    theirs = test.students | test.results
    about_it = [
        check for check in checks if not {n.id for n in ast.walk(check) if isinstance(n, ast.Name)} & theirs
    ]
    return any(use.lineno < bound_anew for check in about_it for use in uses(check))


def patched(test: ExerciseTest) -> Found:
    """An attribute set on the student's function, or on a module that the student's code would use."""
    for part in ast.walk(test.tree):
        targets: list[ast.expr] = []
        if isinstance(part, ast.Assign | ast.Delete):
            targets = part.targets
        elif isinstance(part, ast.AugAssign | ast.AnnAssign):
            targets = [part.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and lives_elsewhere(test, target.value):
                yield part, f"`{ast.unparse(target)}` is set in the test's own process, where no answer runs"
    for node, name in test.calls():
        if MOCKING.match(name):
            yield node, "mock.patch replaces something in the test's own process, where no answer runs"
        elif name in ("builtins.setattr", "builtins.delattr") and lives_elsewhere(test, node.args[0]):
            yield node, f"`{ast.unparse(node)[:60]}` acts in the test's own process, where no answer runs"


def lives_elsewhere(test: ExerciseTest, node: ast.expr) -> bool:
    """Whether answers would have to see a change of this object: it is theirs, or a module."""
    return test.is_callable(node) or is_module(test, node)


def is_module(test: ExerciseTest, node: ast.expr) -> bool:
    """Whether an expression names a module by `import`."""
    if isinstance(node, ast.Attribute):
        return is_module(test, node.value) and node.attr.islower()
    return isinstance(node, ast.Name) and node.id in modules(test)


def modules(test: ExerciseTest) -> set[str]:
    """Names that an `import` statement of the test binds to modules."""
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(test.tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def scored_by_answer(test: ExerciseTest) -> Found:
    """`model.score(X, y)` of a model that the student made: it may say what it likes."""
    for node, _ in test.calls():
        if isinstance(node.func, ast.Attribute) and node.func.attr == "score" and test.is_result(node.func.value):
            yield node, f"`{ast.unparse(node)[:60]}` asks the student's own object how good it is"


RULES = (
    Rule(
        "type",
        "A test looks at the type of values only: Python's own, NumPy, pandas, scipy.sparse. All else is a handle.",
        "Call it and check what comes back: predictions, shapes, raised errors.",
        of_each_test(type_of_answer),
    ),
    Rule(
        "inside",
        "A test calls the student's functions and does not look into them: no source, name, closure or bytecode.",
        "Check what the function does; forbid a way of doing it by a case that this way gets wrong, or too slowly.",
        of_each_test(inside_answer),
    ),
    Rule(
        "handle",
        "A student's function or class is not compared, hashed, pickled or copied.",
        "Compare what it returns.",
        of_each_test(compared_or_copied),
    ),
    Rule(
        "in-place",
        "What a test passes to a student's function is copied: the test uses what comes back.",
        "Ask for the changed object as the result, and check that.",
        of_each_test(changed_in_place),
    ),
    Rule(
        "patching",
        "A test replaces nothing in a function, class or module: the student's code runs elsewhere.",
        "Pass a function of the test's own as an argument.",
        of_each_test(patched),
    ),
    Rule(
        "own-score",
        "A test scores a student's predictions itself.",
        "Compute it from what predict returns: accuracy_score(y, model.predict(X)).",
        of_each_test(scored_by_answer),
    ),
)
