"""The trial of the chart, run by chart.py in an environment with Helm's engine and the schemas."""

import copy
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "deploy/helm/vaguemestre"
VERSIONS = ("1.27", "1.37")
"""The oldest Kubernetes that Chart.yaml allows, and the newest whose schemas are there."""
KINDS = {
    "Deployment": 2, "Job": 3, "NetworkPolicy": 4, "PodDisruptionBudget": 6, "Service": 3,
    "StatefulSet": 4,
}  # fmt: skip
SHARED = {"bucket": {"name": ""}, "deposits": {"url": ""}}
"""Originals in a folder, and a spool that all share: no door."""
SHARED_KINDS = {**KINDS, "NetworkPolicy": 2, "Service": 2}
JOINT_KINDS = {**KINDS, "PodDisruptionBudget": 3, "StatefulSet": 1}
"""With `joint: true`: one process in place of four."""
REQUIRED = (
    "site", "image", "kafka.servers", "deskUrl", "portalUrl", "proxies", "oidc.issuer", "smtpHost",
    "claims.blobs", "claims.spool", "claims.serveSpool", "claims.portalSpool", "bucket.endpoint",
)  # fmt: skip

helm: Any = importlib.import_module("helm_python")
schemas: Any = importlib.import_module("kubernetes_validate")


def main() -> None:
    """Prints what was tried and every fault; exit code 1 when there is one."""
    values = yaml.safe_load((CHART / "values.example.yaml").read_text(encoding="utf-8"))
    faults = [*_linted(values), *_refusals(values)]
    joint, documents = rendered({**values, "joint": True}), rendered(values)
    shared = rendered({**values, **SHARED})
    faults += [*_miscounted(joint, JOINT_KINDS), *_miscounted(documents, KINDS)]
    faults += _miscounted(shared, SHARED_KINDS)
    faults += [fault for document in shared for fault in against_schemas(document)]
    faults += [fault for document in joint for fault in against_schemas(document)]
    faults += [fault for document in documents for fault in against_schemas(document)]
    if not against_schemas(_spoiled(documents)):
        faults.append("the schemas find nothing wrong with a Deployment whose replicas are a word")
    tried = (
        f"Helm {helm.helm_sdk_version()}: lint, {len(documents)} documents, strict schemas of"
        f" Kubernetes {' and '.join(VERSIONS)}, {len(REQUIRED)} values that must be said"
    )
    print(tried)  # noqa: T201  (for a terminal)
    if faults:
        sys.exit("\n".join(faults))


def _miscounted(documents: Sequence[Mapping[str, Any]], wanted: Mapping[str, int]) -> Iterator[str]:
    kinds = {kind: sum(found["kind"] == kind for found in documents) for kind in sorted(wanted)}
    if kinds != wanted or len(documents) != sum(wanted.values()):
        yield f"rendered {kinds}, not {wanted}"


def _linted(values: Mapping[str, Any]) -> Iterator[str]:
    """What `helm lint --strict` says with the example's values, beside the wish for an icon."""
    report = helm.lint(str(CHART), values, strict=True)
    yield from report["errors"]
    for message in report["messages"]:
        if message["error"] != "icon is recommended":
            yield f"{message['path']}: {message['error']}"


def rendered(values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What `helm template` writes of the chart, as documents."""
    with helm.Chart.load(str(CHART)) as chart:
        files = chart.render(dict(values), name="indre", namespace="vaguemestre-indre")
    texts = [text for name, text in sorted(files.items()) if name.endswith(".yaml")]
    return [found for text in texts for found in yaml.safe_load_all(text) if found]


def _refusals(values: Mapping[str, Any]) -> Iterator[str]:
    """The chart names each value that must be said and was not."""
    for path in REQUIRED:
        without = copy.deepcopy(dict(values))
        *above, name = path.split(".")
        place = without
        for step in above:
            place = place[step]
        place[name] = ""
        try:
            rendered(without)
        except helm.HelmRenderError as refused:
            if f"{path}: " not in str(refused):
                yield f"without {path} it says: {refused}"
        else:
            yield f"it is rendered without {path}"


def against_schemas(document: Mapping[str, Any]) -> Sequence[str]:
    """What the schemas of each version say against a document; unknown keys count."""
    found = []
    for version in VERSIONS:
        try:
            schemas.validate(document, version, strict=True)
        except schemas.ValidationError as fault:
            named = f"{document['kind']} {document['metadata']['name']}"
            found.append(f"{named}, Kubernetes {version}: {fault}")
    return found


def _spoiled(documents: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A document that no cluster would take: do the schemas see anything at all?"""
    whole = next(found for found in documents if found["kind"] == "Deployment")
    return {**whole, "spec": {**whole["spec"], "replicas": "two"}}


if __name__ == "__main__":
    main()
