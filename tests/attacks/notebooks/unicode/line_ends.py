# ---
# class: Unicode and encodings
# tries: line ends that are none to Python, so that lines are counted in two ways where hidden tests are cut out
# success: hidden tests told, or any point
# ---

# %% solution="total"
import linecache
import sys


def total(values):
    frame = sys._getframe(1)
    print(frame.f_lineno, "".join(linecache.getlines(frame.f_code.co_filename)))
    raise ValueError("\u2028\x85\x1c" * 50)

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = cell["source"].replace("\n", "\r\u2028\x85\n")
