# ---
# why: prints, writes to standard error and logs, in cells and whenever a test calls
# ---

# %% solution="total"
import logging
import sys

logging.basicConfig(level=logging.DEBUG)
logger = logging.getLogger("mine")


def total(values):
    print("summing", values)
    print("to standard error", file=sys.stderr, flush=True)
    logger.error("an error in the log, which is none")
    return sum(value * value for value in values)


# %% solution="number"
print("3", "points", sep="\n")
print({"error": "AssertionError", "status": "failed"})
sys.stderr.write("Traceback (most recent call last): not really\n")
share = 9.0 / 32.0
longest = "night"
