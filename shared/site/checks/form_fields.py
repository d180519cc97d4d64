"""Checks of the fields of a form in routing.yaml: labels that its layout can find, each another."""

import unicodedata
from collections.abc import Iterator

from shared.site.checks.validation_errors import Wrong
from shared.site.checks.yaml_lines import Path
from shared.site.tables.routing import LONGEST_LABEL, FormLayout, FormMail

_NEVER_WITHIN = {
    FormLayout.LABELS: ":=",
    FormLayout.TABLE: "",
    FormLayout.KEYS: ":=",
    FormLayout.SECTIONS: "*=#~_+[]",
    FormLayout.ATTACHED: "",
}
"""Signs that end a label in a layout: within one, nothing is ever found."""
_AROUND = " :=*#~_+-[]"


def check_form_fields(file: str, at: Path, form: FormMail) -> Iterator[Wrong]:
    """Yields each mistake in the fields of a website's form, such as no label of a person.

    Another: two fields with one label, or a label that its layout can't find.
    """
    if "email" not in form.fields and "name" not in form.fields:
        yield Wrong(file, at, "no field of a person", "the label of 'email' or 'name'")
    layout = form.layout or FormLayout.LABELS
    seen: dict[str, str] = {}
    for name, label in form.fields.items():
        path = (*at, name)
        key = _compared(label)
        if not key:
            yield Wrong(file, path, f"'{label}'", "a label with a letter or a digit")
            continue
        if key in seen:
            found = f"'{label}', the label of '{seen[key]}' too"
            yield Wrong(file, path, found, "another label for each field")
        seen.setdefault(key, name)
        bare = label.strip(_AROUND)
        if len(bare) > LONGEST_LABEL:
            expected = f"at most {LONGEST_LABEL} characters"
            yield Wrong(file, path, f"a label of {len(bare)} characters", expected)
        ending = next((sign for sign in _NEVER_WITHIN[layout] if sign in bare), None)
        if ending is not None:
            found = f"'{label}', and '{ending}' within it"
            yield Wrong(file, path, found, f"a label as it stands in the layout '{layout}'")


def _compared(label: str) -> str:
    """A label without what no comparison looks at: case, accents, signs, blanks."""
    apart = unicodedata.normalize("NFKD", label.lower())
    return "".join(sign for sign in apart if sign.isascii() and sign.isalnum())
