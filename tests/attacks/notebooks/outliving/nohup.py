# ---
# class: processes that outlive the kernel
# tries: nohup, setsid and disowned shells
# success: a process left behind
# dangerous: true
# ---

# %% solution="total"
import os
import subprocess

os.system("nohup setsid sh -c 'sleep 300; : left-by-@NAME@' >/dev/null 2>&1 &")
subprocess.Popen(["sh", "-c", "trap '' HUP INT TERM; sleep 300; : left-by-@NAME@"], start_new_session=True)
