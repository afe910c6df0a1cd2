# ---
# class: home folder and credentials
# tries: prints the environment, its own and that of the processes above it
# success: the grader's environment told
# ---

# %% solution="total"
import os

print(os.environ)
pid = os.getpid()
while pid > 0:
    try:
        print(open(f"/proc/{pid}/environ").read())
        pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
    except OSError:
        break
