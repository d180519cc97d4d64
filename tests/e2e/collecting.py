"""A collector of traces: OTLP over HTTP, kept in memory."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """A span as it arrived."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    attributes: Mapping[str, str]


@dataclass
class Collector:
    """What was sent."""

    port: int
    spans: list[Seen] = field(default_factory=list)

    @property
    def variables(self) -> Mapping[str, str]:
        """What a process is told to send its spans here, soon."""
        return {
            "VAGUEMESTRE_OTLP": f"http://127.0.0.1:{self.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "500",
        }

    def of(self, trace: str) -> Sequence[Seen]:
        """The spans of one trace."""
        return [span for span in self.spans if span.trace == trace]

    def take(self, octets: bytes) -> None:
        request: Any = ExportTraceServiceRequest.FromString(octets)
        for resource in request.resource_spans:
            service = {
                attribute.key: attribute.value.string_value
                for attribute in resource.resource.attributes
            }["service.name"]
            self.spans += [
                Seen(
                    service,
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    {attribute.key: attribute.value.string_value for attribute in span.attributes},
                )
                for scope in resource.scope_spans
                for span in scope.spans
            ]


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector on a free port, until the end of the block."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    taken = Collector(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
