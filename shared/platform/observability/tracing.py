"""Tracing: one letter is one trace, from the mailbox to the notice.

A batch of a hundred facts speaks of a hundred letters, so no batch can carry their context. The id
of a trace *is* the id of the item (of the item that an arrival will open, before the register has
made it). Each fact told is a span; its `traceparent` travels with it, and the span of whoever hears
it hangs below. Spans hold types and ids, never anything personal.

Nothing happens, and nothing is imported, where no collector is named (VAGUEMESTRE_OTLP).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.facts import ids
from shared.facts.arrivals import Arrived
from shared.facts.envelope import Fact
from shared.facts.publication import Publication

SITE = "vaguemestre.site"
"""The resource attribute that names the préfecture, and by which a process knows it is traced."""
_W3C = TraceContextTextMapPropagator()
_LOW = (1 << 64) - 1


def start(collector: str, service: str, site: str) -> Any:
    """Starts OpenTelemetry tracing of this process to a collector; returns it, to shut it down."""
    # Imported here: the exporter costs memory that only a traced process should pay.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415  (loaded only where it is asked for)
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  (loaded only where it is asked for)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  (loaded only where it is asked for)
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  (loaded only where it is asked for)

    resource = Resource.create({"service.name": f"vaguemestre-{service}", SITE: site})
    # Our own end is the only one: at exit it would wait for a collector that hangs.
    provider: Any = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.id_generator = _LetterIds(provider.id_generator)
    endpoint = f"{collector.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    return provider


def trace_published(facts: Sequence[Publication]) -> Sequence[Mapping[str, str]]:
    """Makes a trace span for each published fact; returns the headers that link readers' spans."""
    provider: Any = trace.get_tracer_provider()
    site = _site(provider)
    return [{}] * len(facts) if site is None else [_told(provider, site, fact) for fact in facts]


@contextmanager
def tracing_handled(reader: str, heard: Iterable[tuple[Fact, Mapping[str, str]]]) -> Iterator[None]:
    """A context manager that opens a trace span for each handled fact, below its producer's."""
    provider: Any = trace.get_tracer_provider()
    site = _site(provider)
    spans = [] if site is None else [_heard(provider, site, reader, *fact) for fact in heard]
    try:
        yield
    finally:
        for span in spans:
            span.end()


def _site(provider: Any) -> str | None:
    resource = getattr(provider, "resource", None)
    return None if resource is None else resource.attributes.get(SITE)


def _told(provider: Any, site: str, fact: Publication) -> Mapping[str, str]:
    letter = _letter(fact, site)
    if letter is None:
        return {}
    opens = isinstance(fact, Arrived)
    if opens:
        provider.id_generator.use(letter, letter & _LOW)
    context = Context() if opens else _below(letter, letter & _LOW)
    span = _span(provider, f"tell {fact.type}", fact, SpanKind.PRODUCER, context)
    headers: dict[str, str] = {}
    _W3C.inject(headers, trace.set_span_in_context(span))
    span.end()
    return headers


def _heard(provider: Any, site: str, reader: str, fact: Fact, headers: Mapping[str, str]) -> Span:
    letter = _letter(fact, site)
    context = _W3C.extract(headers, Context())
    if letter is not None and not trace.get_current_span(context).get_span_context().is_valid:
        context = _below(letter, letter & _LOW)
    return _span(provider, f"{reader} hears {fact.type}", fact, SpanKind.CONSUMER, context)


def _span(provider: Any, name: str, fact: Publication, kind: SpanKind, context: Context) -> Span:
    tracer = provider.get_tracer("vaguemestre")
    attributes = {"vaguemestre.event": fact.id_text, "vaguemestre.topic": fact.topic.value}
    span: Span = tracer.start_span(name, context, kind=kind, attributes=attributes)
    return span


def _letter(fact: Any, site: str) -> int | None:
    """The trace of the letter that a fact speaks of; `None`: of none."""
    if (item := getattr(fact, "item_id", None)) is not None:
        return int(item.int)
    if items := getattr(fact, "item_ids", None):
        return int(items[0].int)
    if (arrival := getattr(fact, "arrival_id", None)) is not None:
        return int(ids.item_id(site, arrival).int)
    return None


def _below(letter: int, span: int) -> Context:
    parent = SpanContext(letter, span, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())


class _LetterIds:
    """Random ids, save for the one span that opens a letter's trace."""

    def __init__(self, others: Any) -> None:
        self._others = others
        self._next: tuple[int, int] | None = None

    def use(self, letter: int, span: int) -> None:
        """The next span made is the first of this letter."""
        self._next = (letter, span)

    def generate_trace_id(self) -> int:
        """The id of the next trace, as the SDK asks: before the span's."""
        return int(self._others.generate_trace_id()) if self._next is None else self._next[0]

    def generate_span_id(self) -> int:
        """The id of the next span, as the SDK asks: after the trace's."""
        if self._next is None:
            return int(self._others.generate_span_id())
        (_, span), self._next = self._next, None
        return span

    def is_trace_id_random(self) -> bool:
        """Newer versions of the SDK ask."""
        return False
