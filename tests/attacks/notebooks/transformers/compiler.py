# ---
# class: AST and input transformers
# tries: IPython's own compiler and the builtin `compile`, replaced by ones that compile nothing
# success: any point
# ---

# %% solution="total"
import ast
import builtins

shell = get_ipython()
shell.compile.ast_parse = lambda *args, **kwargs: ast.parse("pass")
real = builtins.compile
builtins.compile = lambda source, *args, **kwargs: real("None", "<nothing>", "exec")
builtins.exec = lambda *args, **kwargs: None
