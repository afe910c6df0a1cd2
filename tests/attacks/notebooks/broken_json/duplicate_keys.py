# ---
# class: hostile notebook JSON
# tries: "every key twice, `cells` and `source` too: one reader sees the first, another the last"
# success: any point, or a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    text = json.dumps(notebook)
    text = text.replace('"cells": [', '"cells": [], "cells": [')
    return text.replace('"source": ', '"source": "pass", "source": ').encode()
