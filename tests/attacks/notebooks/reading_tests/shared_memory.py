# ---
# class: reading tests from disk, memory and processes
# tries: "reads shared memory of every kind: /dev/shm, System V segments, message queues"
# success: a secret told
# ---

# %% solution="total"
import ctypes
import glob

for path in glob.glob("/dev/shm/**", recursive=True) + glob.glob("/dev/mqueue/*"):
    try:
        print(path, open(path, "rb").read(10**5))
    except OSError:
        continue
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for line in open("/proc/sysvipc/shm").read().splitlines()[1:]:
    where = libc.shmat(int(line.split()[1]), None, 0o10000)
    if where not in (None, 2**64 - 1):
        print(ctypes.string_at(where, min(10**5, int(line.split()[3]))))
