# ---
# class: forged frames on the checker's link
# tries: sends the checker's own reports, every test passed, on every socket that it inherited
# success: any point
# ---

# %% solution="total"
import os
import socket
import stat
import struct

import msgpack

TESTS = ["total_small", "total_any", "scaler_mean", "scaler_any", "frame_shape", "frame_values", "number_share", "number_word"]


def frames():
    for test in TESTS:
        yield {"begin": test}
        yield {"end": test, "outputs": [], "seconds": 0.1, "score": 10.0, "passed": True}
    yield {"done": True}


def total(values):
    for descriptor in range(3, 200):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                one = socket.socket(fileno=os.dup(descriptor))
                one.setblocking(False)
                for frame in frames():
                    packed = msgpack.packb(frame)
                    one.send(struct.pack(">I", len(packed)) + packed)
        except OSError:
            continue
    return 0


total([])
