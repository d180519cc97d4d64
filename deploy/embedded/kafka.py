"""Apache Kafka: one node, broker and controller in one, on the JRE of a wheel."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded.child import Child
from deploy.embedded.downloads import from_what_was_learned, java, kafka_class_path
from deploy.embedded.errors import EmbeddedError
from deploy.embedded.ports import free_port, require_free
from deploy.embedded.server import Server

_CLUSTER_ID = "dmFndWVtZXN0cmUtMDAwMA"  # 16 bytes in URL-safe base64, as Kafka wants them
_READY = "Kafka Server started"
_READY_SECONDS = 180
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={log_dirs}
num.partitions=1
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
metadata.max.idle.interval.ms=30000
"""
"""The last line: Kafka writes and syncs a record that says nothing, unless told otherwise twice a
second, and half of what it computes while nobody asks anything of it is this."""
_LOGGING = """\
status = warn
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""


class KafkaServer(Server):
    """A Kafka node with its data in DATA/kafka and its log in DATA/logs/kafka.log.

    Topics are not created by use; `stop()` then `start()` keeps port, topics and messages.
    """

    key = "kafka"
    name = "Kafka"

    def __init__(self, data: Path, *, port: int | None = None, heap_mb: int = 384) -> None:
        super().__init__(data)
        self._heap_mb = heap_mb
        self.port = port if port is not None else free_port()

    @property
    def address(self) -> str:
        """The host and port of the Kafka server, for clients."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts Kafka and waits until it serves: about one second formats, three start.

        Raises:
            EmbeddedError: the port is busy or the server did not start.
        """
        require_free("Kafka", self.port)
        self._folder.mkdir(parents=True, exist_ok=True)
        logs = self._folder / "data"
        properties = self._folder / "server.properties"
        properties.write_text(self._properties(free_port(), logs))
        (self._folder / "log4j2.properties").write_text(_LOGGING)
        if not (logs / "meta.properties").exists():
            self._format(properties)
        self._child = Child(
            "Kafka",
            [*self._java(*self._starting()), "kafka.Kafka", properties],
            self.log,
            end_signal=signal.SIGTERM,
        )
        self._child.wait_until(lambda: _READY in self.child.log_output(), _READY_SECONDS)

    def _properties(self, controller_port: int, logs: Path) -> str:
        return _PROPERTIES.format(port=self.port, controller_port=controller_port, log_dirs=logs)

    def _begins_as(self) -> list[str]:
        """What a new data folder is told: it is the whole cluster."""
        return ["--standalone"]

    def _starting(self) -> Sequence[str]:
        """What Java is told of starts that went before."""
        return from_what_was_learned(kafka_class_path())

    def _java(self, *starting: str) -> list[str]:
        return [
            str(java()),
            *starting,
            "-XX:TieredStopAtLevel=1",
            "-Xms128m",
            f"-Xmx{self._heap_mb}m",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dlog4j2.shutdownHookEnabled=false",
            f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}",
            "-cp",
            kafka_class_path(),
        ]

    def _format(self, properties: Path) -> None:
        words = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(properties)]
        done = subprocess.run(  # noqa: S603 (argv is ours, no shell)
            [*self._java(*from_what_was_learned(kafka_class_path())), *words, *self._begins_as()],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()
            raise EmbeddedError(f"Kafka's data folder could not be prepared: {said}")
