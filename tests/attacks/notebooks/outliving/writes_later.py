# ---
# class: processes that outlive the kernel
# tries: a daemon that plants a file half a second after the kernel has ended
# success: something planted, or a process left behind
# dangerous: true
# ---

# %% solution="total"
import os
import subprocess
import sys

code = """
import os, sys, time
kernel = int(sys.argv[1])
while os.path.exists(f"/proc/{kernel}"):
    time.sleep(0.05)
time.sleep(0.5)
open("@MARKS@/planted-by-@NAME@", "w").close()
"""
command = [sys.executable, "-c", code, str(os.getpid()), "left-by-@NAME@"]
subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
