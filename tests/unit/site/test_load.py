import json
from pathlib import Path

import pytest

from shared.site.checks.validation_errors import BadSite
from shared.site.load import load_folder
from shared.site.tables.regimes import Period, PeriodUnit, Regime


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(BadSite) as caught:
        load_folder(folder)
    return [str(mistake) for mistake in caught.value.mistakes]


SPOILS = [
    ("routing.yaml", "service: bmi, regime", "service: bmj, regime", "did you mean 'bmi'?"),
    (
        "routing.yaml",
        "regime: titre-de-sejour",
        "regime: titre-de-sejours",
        "regime of regimes.yaml",
    ),
    ("routing.yaml", "{category: facture,", "{category: factures,", "did you mean 'facture'?"),
    ("routing.yaml", "reason: facture, ", "", "out of the perimeter without a reason"),
    ("routing.yaml", "id: candidature, label", "id: facture, label", "'facture' again"),
    ("routing.yaml", "certain: {by: Stéphane Delorme, ", "certain: {", "the key 'by'"),
    ("routing.yaml", "on: 2026-04-20, ", "", "the key 'on'"),
    ("routing.yaml", "mailboxes: [pref-bsr]", "mailboxes: [pref-brs]", "did you mean 'pref-bsr'?"),
    ("routing.yaml", "'*@indre.example'", "'*indre.example'", "exact address"),
    ("routing.yaml", "separators: [bmi]", "separator: [bmi]", "did you mean 'separators'?"),
    ("routing.yaml", "fallback: a-qualifier", "fallback: qualifier", "did you mean 'a-qualifier'?"),
    (
        "routing.yaml",
        "then: {nature: complaint}",
        "then: {nature: complain}",
        "did you mean 'complaint'?",
    ),
    ("routing.yaml", "- id: contestation\n", "- id: fallback\n", "that no rule recognised"),
    ("routing.yaml", "then: {nature: complaint}", "then: {}", "a rule that proposes nothing"),
    ("services.yaml", "head: c.aubry", "head: c.aubri", "did you mean 'c.aubry'?"),
    ("services.yaml", "pref-bmi@indre.example", "bmi@indre.example", "so that a reply joins"),
    ("services.yaml", "id: sg", "id: sg\n    replaces: [bmi]", "still exists"),
    ("roles.yaml", "service: bmi}", "service: bmj}", "did you mean 'bmi'?"),
    ("roles.yaml", "role: agent, service: bmi", "role: agnet, service: bmi", "mean 'agent'?"),
    ("roles.yaml", "role: agent, service: bmi", "role: agent", "a service of services.yaml"),
    ("roles.yaml", "role: mail_office", "role: mail_office, service: bmi", "no service"),
    (
        "roles.yaml",
        "role: head, service: bre}",
        "role: head, service: bre, x: 1}",
        "one of role, service",
    ),
    (
        "roles.yaml",
        "value: PREF36-DCL-BRE-chef, role: head",
        "value: PREF36-DCL-BRE, role: agent",
        "(see groups[2])",
    ),
    ("roles.yaml", "PREF36-DCL-BRE-chef", "'Pref36-DCL-BRE '", "of the form"),
    ("roles.yaml", "PREF36-DCL-BRE-chef", "Pref36-dcl-BRE", "but for case or spaces"),
    ("roles.yaml", "claim: [groups]", "claim: [a, b, c, d]", "at most 3"),
    ("roles.yaml", "claim: [groups]", "claim: groups", "a list"),
    ("quality.yaml", "code: usagers", "code: usager", "id of a form of survey.yaml"),
    (
        "survey.yaml",
        "version: 1\n    title: Votre avis sur la préfecture",
        "version: 0\n    title: Votre avis sur la préfecture",
        "greater than or equal to 1",
    ),
    ("survey.yaml", "never: [suspension-permis,", "never: [suspensions,", "id of routing.yaml"),
    ("survey.yaml", "id: pan,", "id: accueil,", "each place once"),
    ("survey.yaml", "id: attente", "id: horaires", "each question of a form once"),
    ("survey.yaml", "form: usagers-1", "form: usagers-2", "form with its version"),
    ("survey.yaml", "      horaires: Do", "      horaire: Do", "every question of usagers-1"),
    ("survey.yaml", "Your opinion of the", "Ваш 意見 of the", "Latin, Greek"),
    ("quality.yaml", "framework: qual-e-pref-2", "framework: qual-e-pref-3", "'qual-e-pref-2'?"),
    ("quality.yaml", "compared_with: qualipref-2.0", "compared_with: qualipref", "of this file"),
    ("quality.yaml", "framework: qual-e-pref-2", "", "framework: one of"),
    ("quality.yaml", "id: courriels", "id: courriers", "each engagement once"),
    ("quality.yaml", "id: demande, kind", "id: fin, kind", "each step once"),
    ("quality.yaml", "owner: sidpc", "owner: sidcp", "did you mean 'sidpc'?"),
    ("quality.yaml", "code: reponse,", "code: reponses,", "did you mean 'reponse'?"),
    ("quality.yaml", "target: 0.9", "# none", "a target between 0 and 1"),
    ("quality.yaml", "at: [14, 30]", "at: [14, 30], every: 3", "either 'at' or 'every'"),
    (
        "quality.yaml",
        "kind: check, code: informations",
        "kind: draw, channels: [email], code: i",
        "it is no figure of channels",
    ),
    ("people.yaml", "{id: v.noel", "{id: oidc-noel", "identity provider"),
    ("people.yaml", "deputy: t.renard", "deputy: c.aubry", "themselves"),
    ("people.yaml", "last: 2026-05-22", "last: 2026-05-02", "a day from 2026-05-11 on"),
    ("site.yaml", "department: '36'", "department: 36", "write it between quotes, '36'"),
    ("site.yaml", "Europe/Paris", "Indian/Reunion", "'Europe/Paris'"),
    ("site.yaml", "Europe/Paris", "Europe/Chateauroux", "a zone"),
    ("site.yaml", "legal_office: juridique", "legal_office: juridic", "did you mean 'juridique'?"),
    ("site.yaml", "on_call: a.gauthier", "", "the key 'on_call'"),
    ("site.yaml", "demo: true", "demo: true\nsignature: x", "the key 'signature'"),
    ("site.yaml", "demo: true", "demo: true\ntheme: dsrf", "did you mean 'dsfr'?"),
    ("site.yaml", "demo: true", "demo: true\nbrand: []", "at least 1 item"),
    ("site.yaml", "demo: true", "demo: true\naccessibility: {state: conforme}", "non conforme"),
    ("site.yaml", "demo: true", "demo: true\naccessibility: {text: ''}", "at least 1 character"),
    ("site.yaml", "empreintes@archives.example", "x@indre.example", "another house"),
    ("site.yaml", "return_path: retour@", "return_path: retours@", "`bounces: true`"),
    ("commitments.yaml", "ladder: accuse\n", "ladder: accuses\n", "did you mean 'accuse'?"),
    ("commitments.yaml", "at: -2, tell: [holder]", "at: 2, tell: [holder]", "offsets that rise"),
    ("commitments.yaml", "certainty: likely", "certainty: sure", "'law', 'published'"),
    ("commitments.yaml", "    days: 5\n", "", "the key 'days' for clock 'reply'"),
    (
        "commitments.yaml",
        "    natures: [complaint, suggestion]\n",
        "",
        "as specific as 'reponse-courriel'",
    ),
    (
        "commitments.yaml",
        "commitments:\n",
        (
            "commitments:\n  - {id: bre, clock: reply, services: [bre], days: 3,"
            " ladder: cinq-jours, source: {text: note, certainty: choice}}\n"
        ),
        "as specific as 'bre'",
    ),
    ("commitments.yaml", "clock: holding\n", "clock: pieces\n", "no commitment for 'holding'"),
    (
        "regimes.yaml",
        "effect: rejection\n    period: {n: 4",
        "effect: acceptance\n    period: {n: 4",
        "appeal",
    ),
    (
        "regimes.yaml",
        "effect: acceptance\n    period: {n: 4, unit: months}\n    start: complete_file",
        "effect: acceptance\n    period: {n: 4, unit: months}\n    start: first_office",
        "the competent office or the complete file (CRPA, art. L114-3 and L114-5)",
    ),
    ("regimes.yaml", "{n: 90, unit: days}", "{n: 90, unit: jours}", "'months'"),
    ("routing.yaml", "[titre-90-jours,", "[titre-90-jour,", "did you mean 'titre-90-jours'?"),
    ("routing.yaml", "transmit_to: mairie", "transmit_to: marie", "did you mean 'mairie'?"),
    (
        "routing.yaml",
        (
            "    source: {text: loi n° 2015-177 et décret n° 2015-317, certainty: law,"
            " checked_by: nobody}\n"
        ),
        "",
        "'mairie' without a source",
    ),
    ("routing.yaml", "{text: loi n° 2015-177 et décret n° 2015-317,", "{text: ' ',", "without a"),
    ("regimes.yaml", "      on: 2026-04-15\n", "", "the key 'on'"),
    (
        "regimes.yaml",
        "text: Code général des collectivités territoriales, article R. 2223-74",
        "text: ''",
        "text for 'text'",
    ),
    (
        "calendar.yaml",
        "closures: []",
        "closures:\n  - {day: 2026-05-16, decided: {by: X, on: 2026-01-02, why: pont}}",
        "from Monday to Friday",
    ),
    ("mailboxes.yaml", "id: pref-bre,", "id: pref-bmi,", "'pref-bmi' again"),
    ("mailboxes.yaml", "received_by: [mx.indre.example]", "received_by: []", "at least one host"),
    ("mailboxes.yaml", "authserv_ids: [mx.indre.example]", "authserv_ids: []", "is ever proven"),
    ("mailboxes.yaml", "authserv_ids: [mx.indre.example]", "authserv_ids: ['']", "is ever proven"),
    ("mailboxes.yaml", "id: pref-bre,", "id: pref-bre, sign_in: token, signs_in_as: x,", "none: a"),
    ("mailboxes.yaml", "id: pref-bre,", "id: pref-bre, sign_in: oauth,", "'token'"),
    ("mailboxes.yaml", "id: pref-bre,", "id: pref-bre, folders: [A, A],", "'A' again"),
    ("mailboxes.yaml", "id: pref-bre,", "id: pref-bre, folders: [Sent],", "'Sent' again"),
    ("mailboxes.yaml", "address: pref-pan@indre", "address: pref-pan@ailleurs", "domains"),
    ("notices.yaml", "action: hold, reason: recours", "action: hold", "a hold without reason"),
    ("notices.yaml", "after: P3D", "after: three days", "duration"),
    ("notices.yaml", "kinds: [pointer]", "kinds: [pointers]", "did you mean 'pointer'?"),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), SPOILS)
def test_a_mistake_is_told_with_its_file_and_what_is_expected(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    spoil(folder, file, old, new)
    told = [line for line in mistakes(folder) if expected in line]
    assert told
    assert told[0].startswith(f"{file}:")


def test_one_of_several_regimes_that_says_not_when_it_is_chosen_is_a_mistake(
    folder: Path,
) -> None:
    spoil(folder, "regimes.yaml", "    label: cas général\n", "")
    (told,) = mistakes(folder)
    assert told.startswith("routing.yaml:")
    assert "'titre-de-sejour' says not in which case it is chosen" in told


def test_a_regime_of_a_bundle_applied_before_periods_had_a_unit_is_still_read() -> None:
    old = {
        "id": "titre-de-sejour",
        "effect": "rejection",
        "months": 4,
        "start": "complete_file",
        "text": "R. 432-1",
        "appeals": "Deux mois.",
        "tribunal": "Limoges",
        "checked": {"by": "É. Juriste", "on": "2026-04-15", "why": "relu"},
    }
    assert Regime.model_validate_json(json.dumps(old)).period == Period(n=4, unit=PeriodUnit.MONTHS)


def test_all_mistakes_are_told_together_with_their_lines(folder: Path) -> None:
    spoil(folder, "services.yaml", "head: c.aubry", "head: nobody")
    spoil(folder, "routing.yaml", "fallback: a-qualifier", "fallback: nothing")
    spoil(folder, "regimes.yaml", "{n: 4, unit: months}", "{n: 40, unit: months}")
    (folder / "calendar.yaml").unlink()
    lines = mistakes(folder)
    assert [line.split(":")[0] for line in lines] == [
        "calendar.yaml",
        "regimes.yaml",
        "routing.yaml",
        "services.yaml",
    ]
    text = (folder / "services.yaml").read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(text, 1) if "head: nobody" in line)
    assert lines[-1].startswith(f"services.yaml:{number}: services[1].head: found 'nobody'")


def test_a_file_nobody_knows_is_a_mistake_with_a_near_name(folder: Path) -> None:
    (folder / "notice.yaml").write_text("", encoding="utf-8")
    assert any("did you mean 'notices.yaml'?" in line for line in mistakes(folder))


def test_a_site_may_give_no_role_by_group(folder: Path) -> None:
    (folder / "roles.yaml").unlink()
    assert load_folder(folder).roles.groups == ()


def test_a_site_without_the_label_s_file_prepares_no_label(folder: Path) -> None:
    (folder / "quality.yaml").unlink()
    assert load_folder(folder).quality.current is None


def test_the_example_has_modules_1_and_7_and_says_of_each_row_how_sure_it_is(folder: Path) -> None:
    framework = load_folder(folder).quality.current
    assert framework is not None
    assert {row.module for row in framework.engagements} == {1, 7}
    assert {row.source.certainty.value for row in framework.engagements} == {"published", "likely"}


def test_a_file_that_is_not_utf8_is_told_with_its_line(folder: Path) -> None:
    (folder / "calendar.yaml").write_bytes(b"# ok\nterritory: m\xe9tropole\n")
    assert mistakes(folder)[0].startswith("calendar.yaml:2: found a character that is not UTF-8")


def test_no_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    assert "no such folder" in mistakes(tmp_path / "nowhere")[0]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("receipt.txt.j2", "{{ reference }} : c’est", "{{ referenc }} : c’est", "'reference'"),
        ("receipt.txt.j2", "{{ emergency_line }}", "", "no 'emergency_line'"),
        ("svr.txt.j2", "{{ appeals }}", "", "no 'appeals'"),
        ("svr.txt.j2", "{{ limit|jour }}", "", "no 'limit'"),
        ("svr.txt.j2", "{{ text }}", "", "no 'text'"),
        ("sva.txt.j2", "{% include '_salut.txt.j2' %}", "{% include '_saluts.txt.j2' %}", "exists"),
        ("holding_reply.txt.j2", "{{ promised|jour }}", "{{ promised|", "a Jinja template"),
        ("reply.txt.j2", "{{ text }}", "{{ text.nothing }}", "an error by mail"),
        ("reply.txt.j2", "{{ text }}", "{{ text.__class__.__mro__ }}", "an error by mail"),
        ("pointer.txt.j2", "{{ without_internet }}", "", "no 'without_internet'"),
        ("reply.txt.j2", "{{ text }}", "{% include 'reply.txt.j2' %}", "an error by mail"),
        ("reply.txt.j2", "{{ text }}", "{{ " + "(" * 9000 + "1", "too many levels"),
        ("reply.txt.j2", "{{ text }}", "{{ range(9) }}", "the variable 'range'"),
    ],
)
def test_a_template_that_does_not_say_what_it_must_is_refused(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    spoil(folder, f"templates/{file}", old, new)
    told = [line for line in mistakes(folder) if expected in line]
    assert told
    assert told[0].startswith(f"templates/{file}:")


def test_a_missing_template_is_named(folder: Path) -> None:
    (folder / "templates" / "svr.txt.j2").unlink()
    assert mistakes(folder)[0].startswith("templates/svr.txt.j2:1: found no such file")
