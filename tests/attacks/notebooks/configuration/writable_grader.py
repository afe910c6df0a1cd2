# ---
# class: rewriting the notebook or the configuration
# tries: opens the grader's own code, packages and interpreter for writing (and writes nothing)
# success: any of them opens
# ---

# %% solution="total"
import sys

import numpy

places = [numpy.__file__, sys.executable, sys.modules["json"].__file__, "/proc/self/exe", "/etc/passwd"]
for name in ("scaleml_course", "nbgrader"):
    try:
        places.append(__import__(name).__file__)
    except ImportError:
        continue
for path in places:
    try:
        open(path, "r+b").close()
        print("PROOF", "@NAME@", "could write " + path.rpartition("/")[2], sep="::")
    except OSError:
        continue
