"""Which folders of a mailbox are read, and under which names."""

from shared.site.tables.mailboxes import Mailbox

BOX = Mailbox(id="pref-bmi", address="pref-bmi@indre.example")


def test_a_mailbox_is_read_by_its_inbox() -> None:
    assert BOX.watched == {"mailbox:pref-bmi": "INBOX"}


def test_each_further_folder_is_read_under_its_own_name_whatever_its_place() -> None:
    box = BOX.model_copy(update={"inbox": "Arrivée", "folders": ("À traiter", "Archives/2026")})
    assert box.watched == {
        "mailbox:pref-bmi": "Arrivée",
        "mailbox:pref-bmi/À traiter": "À traiter",
        "mailbox:pref-bmi/Archives/2026": "Archives/2026",
    }
    turned = box.model_copy(update={"folders": tuple(reversed(box.folders))})
    assert turned.watched == box.watched
