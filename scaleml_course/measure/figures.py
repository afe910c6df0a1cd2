"""One look for every figure of the course, and alt text that says the finding."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import PIL.Image
from cycler import cycler

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# M. Okabe and K. Ito, "Color Universal Design" (2008): told apart with any common colour blindness.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

STYLE: dict[Any, Any] = {
    "axes.prop_cycle": cycler(color=PALETTE) + cycler(marker=["o", "s", "^", "D", "v", "P", "X"]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "figure.figsize": (7.0, 3.8),
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "legend.frameon": False,
}


def style() -> None:
    """Apply the course's Matplotlib style to this process."""
    mpl.rcParams.update(STYLE)


def figure(fig: Figure, *, alt: str) -> None:
    """Show `fig` once, with alt text, and close it.

    Parameters
    ----------
    fig : matplotlib Figure
    alt : str
        The finding in words, for a reader who does not see the picture; not what kind of chart it is.

    Raises
    ------
    ValueError
        If the alt text is too short to say a finding.
    """
    import matplotlib.pyplot as plt
    from IPython.display import Image, display

    if len(alt.split()) < 5:
        raise ValueError(f"alt text {alt!r} says too little: put the figure's finding in a sentence")
    drawn, picture = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png")
    plt.close(fig)
    # A chart has few colours: a palette makes the file a third as large, on the page and in the repository.
    PIL.Image.open(drawn).convert("RGB").quantize(128, dither=PIL.Image.Dither.NONE).save(
        picture, format="png", optimize=True
    )
    display(Image(picture.getvalue(), alt=alt))


style()
