"""The page a student gets back: one HTML file that asks for nothing, and in which no script can run.

nbgrader's own page loads MathJax from elsewhere and lets markup in markdown cells through. Here all
markup passes an allow-list, formulas become MathML (which browsers show without a script), and the page
forbids itself every request and every script by a Content-Security-Policy, should the list have a gap.
"""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import bleach  # type: ignore[import-untyped]
from bs4 import BeautifulSoup
from docutils.utils.math import MathError  # type: ignore[import-untyped]
from docutils.utils.math.latex2mathml import tex2mathml  # type: ignore[import-untyped]
from markupsafe import escape
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from traitlets.config import Config

TEMPLATES = Path(__file__).parent / "templates"

TEXT_TAGS = {"a", "abbr", "b", "br", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s", "samp"}
TEXT_TAGS |= {"small", "span", "strong", "sub", "sup", "u", "var"}
BLOCK_TAGS = {"blockquote", "dd", "details", "div", "dl", "dt", "hr", "li", "ol", "p", "pre", "summary", "ul"}
BLOCK_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6"}
TABLE_TAGS = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
TAGS = TEXT_TAGS | BLOCK_TAGS | TABLE_TAGS
#: Their text is no text to read.
DROPPED_WITH_CONTENT = ("script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript")
IMAGE_DATA = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+\Z")
#: The classes of highlighted code; others could pass for parts of the page.
CODE_CLASS = re.compile(r"(highlight|[a-z]{1,3}[0-9]?)\Z")
LONGEST_FORMULA = 2_000


class StudentPage(HTMLExporter):
    """For ``GenerateFeedback.exporter_class``; what else is configured for HTML pages does not apply."""

    @property
    def default_config(self) -> Config:
        """Stands before the user's configuration, but in a section of this class, which wins."""
        config = Config(
            {
                "StudentPage": {
                    "template_name": "student_page",
                    "extra_template_basedirs": [str(TEMPLATES)],
                    "sanitize_html": True,
                    "exclude_anchor_links": True,
                },
                # No scripts and no widgets: what they stand for also comes as text or as a picture.
                "NbConvertBase": {
                    "display_data_priority": [
                        "text/html",
                        "text/markdown",
                        "image/svg+xml",
                        "text/latex",
                        "image/png",
                        "image/jpeg",
                        "text/plain",
                    ]
                },
            }
        )
        inherited = super().default_config.copy()
        inherited.merge(config)
        return inherited

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's, with stricter ones in the place of those that make markup."""
        yield from super().default_filters()
        yield "markdown2html", markdown
        yield "clean_html", clean
        yield "formula", formula_source
        yield "points", points

    def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> tuple[str, Any]:
        """The page, and nbconvert's resources."""
        resources = {} if resources is None else resources
        resources["code_css"] = code_css()
        return super().from_notebook_node(nb, resources, **options)

    def _preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """After all configured preprocessors, whichever they are, make the outputs harmless."""
        nb, resources = super()._preprocess(nb, resources)
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                disarm(output)
        return nb, resources


def disarm(output: Any) -> None:
    """Take from an output the metadata, by which a page would be told to load files, save for alt texts."""
    output.pop("svg_filename", None)
    if "metadata" in output:
        given = output.metadata
        alt = next((one.get("alt") for one in [*given.values(), given] if isinstance(one, dict)), None)
        output.metadata = type(given)()
        if isinstance(alt, str):
            output.metadata["alt"] = alt
    for kind in {"image/png", "image/jpeg"} & set(output.get("data", {})):
        try:
            picture = base64.b64decode("".join(str(output.data[kind]).split()), validate=True)
        except ValueError:
            del output.data[kind]
        else:
            output.data[kind] = base64.b64encode(picture).decode()


class Renderer(IPythonRenderer):
    """nbconvert's markdown, with a token in the place of each formula.

    The formulas are put in once the rest has passed the allow-list, which knows no MathML.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, **options)
        self.formulas: dict[str, str] = {}

    def _token(self, mathml: str) -> str:
        token = f"formula-{uuid4().hex}"
        self.formulas[token] = mathml
        return token

    def inline_math(self, body: str) -> str:
        """A formula within a line."""
        return self._token(mathml(body))

    def block_math(self, body: str) -> str:
        """A formula by itself."""
        return self._token(mathml(body, block=True))

    def latex_environment(self, name: str, body: str) -> str:
        """A formula by itself, such as an aligned one."""
        return self._token(mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", block=True))

    def block_mermaidjs(self, code: str) -> str:
        """A diagram, as its source: drawing it would take a script."""
        return f"<pre>{escape(code.strip())}</pre>"


def markdown(source: str) -> str:
    """HTML of a markdown text: allowed markup only, formulas as MathML."""
    renderer = Renderer()
    page = clean(MarkdownWithMath(renderer=renderer).render(source))
    for token, made in renderer.formulas.items():
        page = page.replace(token, made)
    return page


def mathml(tex: str, *, block: bool = False) -> str:
    """MathML of a formula; the formula's TeX where it is beyond what docutils knows."""
    if len(tex) <= LONGEST_FORMULA:
        try:
            return str(tex2mathml(tex, as_block=block))
        # The parser meets a student's text here: whatever trips it, the source is shown.
        except (MathError, SyntaxError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
            pass
    return f"<code>{escape(tex)}</code>"


def formula_source(tex: str) -> str:
    """MathML of an output of type text/latex, which has its dollar signs about it."""
    return mathml(tex.strip().strip("$"), block=True)


def clean(element: Any) -> str:
    """HTML with allowed tags and attributes, and nothing that is loaded from elsewhere."""
    text = element.decode(errors="replace") if isinstance(element, bytes) else str(element)
    if "<" in text:
        soup = BeautifulSoup(text, "html.parser")
        for tag in soup.find_all(DROPPED_WITH_CONTENT):
            tag.decompose()
        for picture in soup.find_all("img"):
            if not IMAGE_DATA.match(str(picture.get("src", ""))):
                picture.replace_with(f"[a picture from elsewhere: {picture.get('alt') or 'no name'}]")
        text = str(soup)
    return str(
        bleach.clean(text, tags=TAGS, attributes=allowed, protocols={"https", "http", "mailto", "data"}, strip=True)
    )


def allowed(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay: pictures only from within the page, links to pages, table spans."""
    if name == "class":
        return all(CODE_CLASS.match(word) for word in value.split())
    if tag == "img":
        return name == "alt" or (name == "src" and bool(IMAGE_DATA.match(value)))
    if tag == "a":
        return name == "title" or (name == "href" and value.startswith(("https://", "http://", "mailto:", "#")))
    return tag in ("td", "th") and name in ("colspan", "rowspan") and value.isdigit()


def points(value: Any) -> str:
    """Points as people write them: 3, 2.5."""
    return f"{round(float(value), 2):g}"


def code_css() -> str:
    """Colours of highlighted code, by day and by night."""
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n.highlight {{ background: none }}"
