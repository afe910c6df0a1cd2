# ---
# class: AST and input transformers
# tries: IPython input transformers that turn every later cell into `pass`
# success: any point
# ---

# %% solution="total"
get_ipython().input_transformers_post.append(lambda lines: ["pass\n"])
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\n"])
get_ipython().input_transformer_manager.transform_cell = lambda cell: "pass\n"
