# ---
# class: network
# tries: connects by TCP to a service on the grader's loopback, and tells it what it has read
# success: the listener is reached
# ---

# %% solution="total"
import socket

for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0"):
    try:
        with socket.create_connection((host, @TCP@), 1) as one:
            one.sendall(b"@NAME@ was here")
    except OSError:
        continue
