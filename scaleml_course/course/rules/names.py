"""What a cell's code binds, reads and imports, found without running it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def bound_names(tree: ast.AST) -> dict[str, str]:
    """Names that code binds at its top level, and as what.

    Returns
    -------
    dict of str to {"function", "class", "import", "value"}
        The last kind, where there are several.
    """
    names: dict[str, str] = {}
    for node in outside_functions(tree):
        if isinstance(node, Function):
            names[node.name] = "function"
        elif isinstance(node, ast.ClassDef):
            names[node.name] = "class"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = "value"
        elif isinstance(node, ast.alias):
            names[(node.asname or node.name).partition(".")[0]] = "import"
    return names


def outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run at the top level, in order, without what functions, classes and comprehensions hold."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
            continue
        yield from outside_functions(node)


def read_names(source: str) -> set[str]:
    """Global names that code reads, within its functions too; parameters and local names are not among them."""
    return {
        symbol.get_name()
        for scope in scopes(source)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (scope.get_type() == "module" or symbol.is_global())
    }


def local_names(source: str) -> set[str]:
    """Parameters and local names of the functions, classes and comprehensions in the code."""
    return {
        symbol.get_name()
        for scope in scopes(source)
        for symbol in scope.get_symbols()
        if scope.get_type() != "module" and symbol.is_local()
    }


def scopes(source: str) -> Iterator[symtable.SymbolTable]:
    """The module's own scope, then all within it; none when the code does not compile."""
    try:
        waiting = [symtable.symtable(source, "<cell>", "exec")]
    except (SyntaxError, ValueError):
        return
    while waiting:
        scope = waiting.pop()
        yield scope
        waiting.extend(scope.get_children())


def origins(tree: ast.AST) -> dict[str, str]:
    """Where imported names come from: `np` is "numpy", and after `from a import b as c`, `c` is "a.b"."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(node: ast.AST, imported: dict[str, str], bound: set[str]) -> str:
    """The full name of what an expression names, "numpy.random.default_rng" for one; "" when it is not known.

    Parameters
    ----------
    imported : dict
        From `origins`.
    bound : set of str
        Names that mean something else than the builtin of that name.
    """
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, imported, bound)
        return f"{before}.{node.attr}" if before else ""
    if isinstance(node, ast.Name):
        if node.id in imported:
            return imported[node.id]
        return f"builtins.{node.id}" if hasattr(builtins, node.id) and node.id not in bound else ""
    return ""


def texts_in(node: ast.AST) -> list[str]:
    """The literal texts in an expression."""
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def named_in(tree: ast.AST, context: type[ast.expr_context] = ast.expr_context) -> list[str]:
    """Each name in the code, as often as it stands there; with `ast.Store`, where it is bound."""
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)]


def root(node: ast.AST) -> str:
    """The name at the left end of `name.a[b](c).d`; "" when there is none."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return ""
    return node.id
