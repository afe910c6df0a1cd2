# ---
# class: editing metadata
# tries: asks for another kernel, by a path and by a name of the student's own
# success: any point or harm
# ---

# %% solution="total"

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    kernel = folder / "kernels" / "mine"
    kernel.mkdir(parents=True)
    spec = {"argv": ["sh", "-c", "touch @MARKS@/planted-by-@NAME@"], "display_name": "x", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    notebook["metadata"]["kernelspec"] = {"name": "../../kernels/mine", "display_name": "x", "language": "bash"}
    notebook["metadata"]["language_info"] = {"name": "bash", "file_extension": "/../../x"}
