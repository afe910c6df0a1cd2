# ---
# class: hostile files beside the notebook
# tries: modules beside the notebook named as those that tests and the kernel import
# success: any point
# ---

# %% solution="number"
share, longest = 0.4, "morning"

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    fake = "class K:\n    def __getattr__(self, n):\n        return lambda *a, **k: True\n"
    fake += "import sys\nsys.modules[__name__] = K()\n"
    names = ("numpy", "pandas", "random", "ast", "json", "msgpack", "IPython", "zmq", "codecs", "unittest")
    for name in names:
        (folder / f"{name}.py").write_text(fake)
    (folder / "ipykernel").mkdir()
    (folder / "ipykernel" / "__init__.py").write_text(fake)
