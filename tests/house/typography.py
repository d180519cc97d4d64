"""French typography of what people read: `make typography` lists what breaks it, WRITE=1 mends it.

In French a mark of two parts stands after a space at which no line may break, and so do the inner
sides of guillemets and what follows « n° »; an elision bears the typographic apostrophe. Sources
are read, not pages: templates (what stands in a tag only inside its quoted strings), the letters
and words of the site, the guide, and strings of Python that are neither docstrings, nor SQL, nor
patterns.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NBSP: Final = "\N{NO-BREAK SPACE}"
ELIDED: Final = (
    r"[cdjlmnstCDJLMNST]|[Qq]u|[Jj]usqu|[Ll]orsqu|[Pp]uisqu|[Aa]ujourd|[Qq]uelqu|[Pp]resqu"
)
RULES: Final = (
    (re.compile(r"(?<=[^\s\[(&]) (?=[:;?!»](?:[\s<)\"',.…&{}\\/\ufffc]|$))"), NBSP),
    (re.compile(r"(?<=«) (?=\S)"), NBSP),
    (re.compile(r"(?<=[\d}\ufffc]) (?=[%€](?:[\s<)\"',.;…{\ufffc]|$))"), NBSP),
    (re.compile(r"(?<=\b[Nn]°) (?=[\d{<\ufffc])"), NBSP),
    (re.compile(rf"(?<![\w'’])({ELIDED})'(?=[A-Za-zÀ-ÿŒœ«{{<\ufffc])"), r"\1’"),
)
"""What is looked for, and what stands there in print; U+FFFC is an expression of a template."""
TAG: Final = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->",
    re.DOTALL,
)
VERBATIM: Final = re.compile(
    r"^ *```.*?^ *```|`[^`\n]+`|\]\([^)\n]*\)|<!--.*?-->", re.DOTALL | re.MULTILINE
)
QUOTED: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
SQL: Final = re.compile(
    r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|WHERE|JOIN|ORDER BY|GRANT|WITH)\b"
)
PAGES: Final = ("services/**/*.html", "services/**/*.j2", "shared/**/*.html", "shared/**/*.j2")
SITE: Final = ("deploy/site/**/*.j2", "deploy/site/**/*.html")
WORDS: Final = tuple(
    f"deploy/site/*/{name}.yaml"
    for name in ("events", "labels", "places", "quality", "services", "site", "survey", "website")
)
GUIDE: Final = ("docs/guide/**/*.md",)
CODE: Final = ("services/**/*.py", "shared/**/*.py")
LEFT_ALONE: Final = {
    "docs/guide/variables.md": "written from the code, and compared with it",
    "shared/content/phrases.py": "what people write is compared with it",
    "shared/calendar/working_days.py": "a library's names of holidays are its keys",
    "services/desk/letters/domain/letter_file.py": "what people typed in a file is read",
    "services/desk/evidence/proof/verifier.py": "a console of any age prints it",
    "services/desk/evidence/proof/retirer.py": "likewise",
}
"""Files whose spaces are not for print, each with its reason."""
ENGLISH: Final = ("services/ingest/domain/", "services/ops/")
"""Folders that say nothing in French: one compares what people write, one speaks to operators."""


def set_right(text: str) -> str:
    """Returns a text as it should be printed."""
    for pattern, printed in RULES:
        text = pattern.sub(printed, text)
    return text


def template_set_right(source: str) -> str:
    """Returns a template whose text, and whose strings within tags, are as they should be."""
    return _outside(TAG, source, _tag_set_right)


def _tag_set_right(tag: str) -> str:
    if not tag.startswith(("{%", "{{")):
        return tag
    return QUOTED.sub(lambda found: _quoted(found.group()), tag)


def _quoted(text: str) -> str:
    # Without its quotes: a mark that begins a string has no word before it.
    return text[0] + set_right(text[1:-1]) + text[-1]


def guide_set_right(source: str) -> str:
    """Returns a chapter whose sentences, not its commands and addresses, are as they should be."""
    return _outside(VERBATIM, source)


def _outside(
    left: re.Pattern[str], source: str, inside: Callable[[str], str] = lambda part: part
) -> str:
    """Sets right what stands around the parts that a pattern finds, and these by `inside`."""
    kept: list[str] = []

    def hide(found: re.Match[str]) -> str:
        kept.append(inside(found.group()))
        return f"\N{OBJECT REPLACEMENT CHARACTER}{len(kept) - 1}\N{OBJECT REPLACEMENT CHARACTER}"

    right = set_right(left.sub(hide, source))
    return re.sub(
        "\N{OBJECT REPLACEMENT CHARACTER}(\\d+)\N{OBJECT REPLACEMENT CHARACTER}",
        lambda found: kept[int(found.group(1))],
        right,
    )


def code_set_right(source: str) -> str:
    """Returns a module whose strings for people are as they should be."""
    if set_right(source) == source:
        return source
    docstrings = set(_docstrings(ast.parse(source)))
    lines = source.splitlines(keepends=True)
    tokens = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.STRING
    ]
    for token in reversed(tokens):
        if token.start in docstrings or _is_a_pattern(token.string) or SQL.search(token.string):
            continue
        right = set_right(token.string)
        if right == token.string:
            continue
        (top, left), (bottom, end) = token.start, token.end
        lines[top - 1 : bottom] = [lines[top - 1][:left] + right + lines[bottom - 1][end:]]
    return "".join(lines)


def _is_a_pattern(literal: str) -> bool:
    return "r" in re.split("[\"']", literal, maxsplit=1)[0].lower()


def _docstrings(tree: ast.AST) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                yield node.value.lineno, node.value.col_offset


def sources() -> Iterator[tuple[Path, Callable[[str], str]]]:
    """Yields each file that people read something of, with what sets it right."""
    for patterns, judge in (
        (PAGES + SITE, template_set_right),
        (WORDS, set_right),
        (GUIDE, guide_set_right),
        (CODE, code_set_right),
    ):
        for pattern in patterns:
            for path in sorted(ROOT.glob(pattern)):
                name = path.relative_to(ROOT).as_posix()
                if name not in LEFT_ALONE and not name.startswith(ENGLISH):
                    yield path, judge


def faults() -> Iterator[str]:
    """Yields « file:line: what stands there » for each line that print would set otherwise."""
    for path, judge in sources():
        source = path.read_text()
        for number, (is_now, right) in enumerate(
            zip(source.splitlines(), judge(source).splitlines(), strict=True), 1
        ):
            if is_now != right:
                yield f"{path.relative_to(ROOT)}:{number}: {is_now.strip()}"


def main() -> int:
    """Lists each fault, or mends it where asked to."""
    if sys.argv[1:] == ["1"]:
        for path, judge in sources():
            source = path.read_text()
            if (right := judge(source)) != source:
                path.write_text(right)
    found = list(faults())
    sys.stdout.write("\n".join(found or ["typography: nothing to set right"]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
