"""Actions that say who answers an item: take it, give it to a colleague, to another service."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.decisions.classification import Assign
from services.desk.domain.item_changes import debtors, lasting_copies
from services.desk.pages.item.action import About, ActionField, ActionGroup, Done, ItemAction
from shared.web.forms import Form


def _may_take(about: About) -> bool:
    me = about.visit.person.id
    return about.in_hand and about.works_there(me) and (about.item.agent != me or _signing(about))


def _signing(about: About) -> bool:
    return about.item.signatory is not None


async def _take(about: About, form: Form) -> Done:
    item = about.item
    command = Assign(item.service, about.visit.person.id, item.copies)
    return Done(await about.decide(form, command), f"Le courrier {item.chrono} est à vous.")


def _colleagues(about: About) -> Sequence[ActionField]:
    item, directory, day = about.item, about.visit.directory, about.visit.today
    there = [person for person in directory.of(item.service) if person.id != item.agent]
    people = [
        (
            person.id,
            f"{person.first_name} {person.name}"
            + (" (en absence)" if directory.is_away(person.id, day) else ""),
        )
        for person in there
    ]
    head = about.service and about.names.person(about.service.head)
    alone = [("", f"Au service, sans agent ({head})")] if item.agent or item.signatory else []
    return (ActionField("agent", "À qui", options=[*people, *alone]),)


async def _assign(about: About, form: Form) -> Done:
    item, agent = about.item, form.text("agent") or None
    after = await about.decide(form, Assign(item.service, agent, item.copies))
    whom = about.names.person(agent) if agent else about.names.service(item.service)
    return Done(after, f"{item.chrono} : confié à {whom}.")


def _elsewhere(about: About) -> Sequence[ActionField]:
    services = about.visit.applied.site.services.services
    return (
        ActionField(
            "service",
            "Service",
            options=[
                (service.id, service.name)
                for service in services
                if service.id != about.item.service
            ],
            empty="Choisissez",
            required=True,
        ),
        ActionField("copy", "Garder notre service en copie, pour information", kind="checkbox"),
    )


async def _give(about: About, form: Form) -> Done:
    item = about.item
    service = form.require("service", "Choisissez le service qui doit répondre.")
    ours = (item.service,) if form.is_ticked("copy") else ()
    kept = tuple(service_id for service_id in (*item.copies, *ours) if service_id != service)
    after = await about.decide(form, Assign(service, None, tuple(dict.fromkeys(kept))))
    return Done(after, f"{item.chrono} : transmis au service {about.names.service(service)}.")


def _copies(about: About) -> Sequence[ActionField]:
    services = about.visit.applied.site.services.services
    return (
        ActionField(
            "copy",
            "Services en copie",
            options=[
                (service.id, service.name)
                for service in services
                if service.id != about.item.service and service.id not in debtors(about.item)
            ],
            boxes=True,
            ticked=lasting_copies(about.item),
        ),
    )


async def _copy(about: About, form: Form) -> Done:
    item = about.item
    after = await about.decide(form, Assign(item.service, item.agent, tuple(form.texts("copy"))))
    told = ", ".join(map(about.names.service, after.copies)) or "personne"
    return Done(after, f"{item.chrono} : en copie, pour information : {told}.")


def _is_the_office(about: About) -> bool:
    return about.item.service == about.visit.applied.site.identity.mail_office


async def _not_for_us(about: About, form: Form) -> Done:
    """It leaves the service and lies among what the mail office has to sort."""
    item = about.item
    after = await about.visit.decider(form.decision).hand_back(item)
    said = f"{item.chrono} : rendu au bureau du courrier, qui trouvera à qui il revient."
    proposed = item.opened.proposal
    if proposed is not None and proposed.certain and item.opened.service == item.service:
        said += (
            f" La règle « {proposed.certain} », qui vous l’avait donné, est peut-être à rectifier."
        )
    return Done(after, said)


TAKE: Final = ItemAction("prendre", "Je m’en charge", ActionGroup.GIVE, _may_take, _take, key="p")

ACTIONS: Final[Sequence[ItemAction]] = (
    TAKE,
    ItemAction(
        "attribuer",
        "Confier à un collègue",
        ActionGroup.GIVE,
        lambda about: about.in_hand,
        _assign,
        _colleagues,
        key="c",
        intro="Il ou elle le trouvera dans ses courriers ; le délai ne change pas.",
    ),
    ItemAction(
        "autre-service",
        "Transmettre à un autre service",
        ActionGroup.GIVE,
        lambda about: about.in_hand,
        _give,
        _elsewhere,
        key="s",
        intro=(
            "À l’intérieur de la préfecture. Le délai compté depuis l’arrivée continue de courir."
        ),
    ),
    ItemAction(
        "copies",
        "Mettre en copie",
        ActionGroup.GIVE,
        lambda about: about.open and about.item.signatory is None,
        _copy,
        _copies,
        intro="Ces services lisent le courrier, sans en décider ; un seul en reste chargé.",
    ),
    ItemAction(
        "pas-pour-nous",
        "Pas pour nous",
        ActionGroup.GIVE,
        lambda about: about.open and not _is_the_office(about),
        _not_for_us,
        intro=(
            "Le courrier retourne à trier au bureau du courrier, qui cherche à qui il revient."
            " Si vous le savez, transmettez-le plutôt vous-même."
        ),
    ),
)
