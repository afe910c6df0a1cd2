"""Work on many processes or machines: a cluster that always closes, data larger than memory, blocks."""

from scaleml_course.distributed.blocks import (
    KMeansBlocks,
    assign_and_sum,
    blob_block,
    delayed_blocks,
    fit_blocks,
)
from scaleml_course.distributed.cluster import ClusterUnreachable, local_cluster, memory_thresholds
from scaleml_course.distributed.out_of_core import design, feature_block, partial_fit_blocks, product_columns
from scaleml_course.distributed.watch import ClusterRun, watch

__all__ = [
    "ClusterRun",
    "ClusterUnreachable",
    "KMeansBlocks",
    "assign_and_sum",
    "blob_block",
    "delayed_blocks",
    "design",
    "feature_block",
    "fit_blocks",
    "local_cluster",
    "memory_thresholds",
    "partial_fit_blocks",
    "product_columns",
    "watch",
]
