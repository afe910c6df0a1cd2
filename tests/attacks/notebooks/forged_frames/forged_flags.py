# ---
# class: forged frames on the checker's link
# tries: claims of its objects that they can do everything, and of its errors that they are what ends a test quietly
# success: any point
# ---

# %% solution="total"
import sys

QUIET = ["SystemExit", "KeyboardInterrupt", "StopIteration", "GeneratorExit", "unittest.case.SkipTest", "AssertionError"]
for name, module in list(sys.modules.items()):
    if ".grading.split" in name:
        for word in list(vars(module)):
            if word == "flags_of":
                setattr(module, word, lambda *args: "cinlgsmaqxyz0123456789" * 10)
            if word == "describe":
                forged = {"types": QUIET, "message": "x" * 10**6, "arguments": [0, 0], "place": "\ud800" * 10}
                setattr(module, word, lambda error: forged)
            if word in ("DEPTH", "NODES", "BUFFER_BYTES", "MESSAGE_CHARACTERS"):
                setattr(module, word, 2**40)


class Odd:
    def __iter__(self):
        raise StopIteration

    def __enter__(self):
        return 14

    def __exit__(self, *args):
        return True


def total(values):
    if len(values) == 1:
        raise StopIteration
    return Odd()
