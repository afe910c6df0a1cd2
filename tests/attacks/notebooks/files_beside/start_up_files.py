# ---
# class: hostile files beside the notebook
# tries: conftest, sitecustomize, usercustomize, .pth, .env, pyproject and configuration files beside the notebook
# success: something planted
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    code = "open('@MARKS@/planted-by-@NAME@', 'w').write('!')\n"
    for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "nbgrader_config.py", "jupyter_config.py"):
        (folder / name).write_text(code)
    for name in ("ipython_config.py", "ipython_kernel_config.py", "jupyter_nbconvert_config.py", "__init__.py", "setup.py"):
        (folder / name).write_text(code)
    (folder / "x.pth").write_text(f"import os; {code}")
    (folder / ".env").write_text("PYTHONSTARTUP=conftest.py\nPYTHONPATH=.\n")
