# ---
# class: fork bombs
# tries: processes that fork their successor and end, in their own sessions, too quick to be caught one by one, for 15 s
# success: a process left behind
# dangerous: true
# ---

# %% solution="total"
import subprocess
import sys

code = """
import os, time
end = time.monotonic() + 15
while time.monotonic() < end:
    if os.fork():
        os._exit(0)
    os.setsid()
    time.sleep(0.01)
"""
subprocess.Popen([sys.executable, "-c", code, "left-by-@NAME@"], start_new_session=True)
