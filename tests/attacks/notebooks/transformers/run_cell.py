# ---
# class: AST and input transformers
# tries: "the shell's `run_cell`, `run_code` and the kernel's `do_execute` replaced: all goes well, nothing runs"
# success: any point
# ---

# %% solution="total"
import asyncio

shell = get_ipython()


async def do_execute(*args, **kwargs):
    return {"status": "ok", "execution_count": 7, "payload": [], "user_expressions": {}}


async def run_code(*args, **kwargs):
    return False


shell.run_code = run_code
shell.kernel.do_execute = do_execute
