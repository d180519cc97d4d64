"""Jinja for pages, and how they look: autoescape, strict, compiled once a process."""

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import escape

from shared.platform.template_cache import COMPILED
from shared.site.tables.identity import Accessibility, Identity
from shared.web.assets import Assets

TEMPLATES: Final = Path(__file__).parent / "templates"
"""Macros of fields, header and footer of the State's sites: for every set of pages."""


def escape_value(value: object) -> str:
    """Returns a value as HTML text, escaped as markupsafe does.

    A plain text without a character to escape is itself: a page is joined of some hundred values,
    and `escape` makes an object of each.
    """
    if type(value) is str and not (
        "&" in value or "<" in value or ">" in value or '"' in value or "'" in value
    ):
        return value
    return escape(value)


class PageCode(CodeGenerator):
    """The compiler of templates, which writes each value by `escape_value` where it is escaped."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: "CodeGenerator._FinalizeInfo"
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("environment.escape_value(")
        if finalize.src is not None:
            self.write(finalize.src)


class PageEnvironment(jinja2.Environment):
    """The Jinja environment of pages: as strict and as safe, quicker at what needs no escape."""

    code_generator_class = PageCode
    escape_value = staticmethod(escape_value)


def environment(folders: Sequence[Path], assets: Assets) -> jinja2.Environment:
    """Makes the Jinja environment of these template folders; `asset` there gives URLs."""
    made = _of_folders(folders)
    made.globals["asset"] = assets.url
    return made


def compile_pages(folders: Sequence[Path]) -> None:
    """Compiles every HTML template of these folders for this process, and forks of it to come."""
    prepare(_of_folders(folders))


def _of_folders(folders: Sequence[Path]) -> jinja2.Environment:
    return PageEnvironment(
        loader=jinja2.FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=COMPILED,
        auto_reload=False,  # a program that runs has the templates that it came with
    )


def prepare(made: jinja2.Environment) -> None:
    """Compiles every HTML template now, so that the first visitor does not wait.

    What compiling alone needed, 2 MB for the register's pages, is given back to the machine.
    """
    for name in made.list_templates(extensions=["html"]):
        made.get_template(name)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc, not of every C library
    if trim is not None:
        trim(0)


def look(identity: Identity | None, assets: Assets) -> Mapping[str, Any]:
    """Returns the values by which templates show the site's name and theme.

    `identity` `None`: no site was applied yet.
    """
    if identity is None:
        return {
            "authority": "Vaguemestre",
            "theme": "neutral",
            "brand": (),
            "accessibility": Accessibility().state,
        }
    there = assets.url("vendor/dsfr.min.css")
    return {
        "authority": identity.authority,
        "theme": identity.theme if there else "neutral",
        "brand": identity.brand,
        "accessibility": identity.accessibility.state,
    }
