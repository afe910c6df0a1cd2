# ---
# class: disk exhaustion
# tries: 60,000 empty files and folders nested 5,000 deep in its folder
# success: a stalled class
# dangerous: true
# ---

# %% solution="total"
import os

os.mkdir("many")
for number in range(60_000):
    open(f"many/{number}", "w").close()
here = os.getcwd()
for number in range(5_000):
    os.mkdir("d")
    os.chdir("d")
os.chdir(here)
