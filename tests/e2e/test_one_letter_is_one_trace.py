"""From the mailbox to the notice, across Kafka: what one letter did can be followed by its id."""

from tests.e2e import discretion
from tests.e2e.collecting import Collector
from tests.e2e.house import House


async def test_one_letter_is_one_trace_from_the_mailbox_to_the_notice(
    live: House, traces: Collector
) -> None:
    mail = live.mail("Tracy Suivie")
    await live.write(mail)
    await live.settle()
    chrono = await live.chrono_of(mail)
    item = await live.ask("SELECT item_id FROM desk.items WHERE chrono = $1", chrono)
    letter = item.hex

    def names() -> set[str]:
        return {span.name for span in traces.of(letter)}

    wanted = {
        "tell Arrived",
        "desk hears Arrived",
        "tell ItemRegistered",
        "sla hears ItemRegistered",
        "notify hears ItemRegistered",
        "tell NoticeSent",
        "desk hears NoticeSent",
        "tell ReceiptSent",
        "tell ClockStopped",
    }
    await live.when(lambda: wanted <= names(), f"the spans {sorted(wanted)}")

    spans = traces.of(letter)
    services = {span.service for span in spans}
    assert services >= {f"vaguemestre-{n}" for n in ("ingest", "desk keep", "sla", "notify")}
    # One root, which the door made; every other span hangs below a span of the same trace.
    (root,) = [span for span in spans if not span.parent]
    assert (root.service, root.name) == ("vaguemestre-ingest", "tell Arrived")
    known = {span.span for span in spans}
    assert [span for span in spans if span.parent and span.parent not in known] == []
    heard = next(span for span in spans if span.name == "notify hears ItemRegistered")
    told = next(span for span in spans if span.span == heard.parent)
    assert (told.service, told.name) == ("vaguemestre-desk keep", "tell ItemRegistered")


async def test_no_sender_stands_in_a_trace(live: House, traces: Collector) -> None:
    await live.write(live.mail("Theo Discret"))
    await live.settle()
    assert discretion.in_traces(live, traces) == []
