"""What a document is called that a fact of an item names."""

from typing import Final

from shared.facts.items import Items

LABELS: Final = {
    ("ItemRegistered", "original"): "Original du courrier",
    ("ItemRegistered", "pli"): "Texte et expéditeur du courrier",
    ("SenderWroteAgain", "original"): "Original d’un nouveau message",
    ("SenderWroteAgain", "pli"): "Texte d’un nouveau message",
    ("AttachmentsRead", "pli"): "Texte d’un message avec ses pièces jointes",
    ("SubjectNoted", "pli"): "Objet noté",
    ("SenderNoted", "pli"): "Expéditeur noté",
    ("NoteWritten", "pli"): "Texte d’une note interne",
    ("NoticeOrdered", "pli"): "Texte commandé d’un envoi",
    ("ReceiptSent", "document"): "Accusé d’enregistrement, tel qu’il est parti",
    ("AcknowledgementSent", "document"): "Accusé de réception, tel qu’il est parti",
    ("PiecesRequested", "document"): "Demande de pièces, telle qu’elle est partie",
    ("HoldingReplySent", "document"): "Réponse d’attente, telle qu’elle est partie",
    ("PersonTold", "document"): "Avis de transmission, tel qu’il est parti",
    ("ReplySent", "document"): "Réponse, telle qu’elle est partie",
    ("ReplyObserved", "original"): "Message vu dans les envois",
}
"""French label of a document, by the fact that names it and the field in which it stands."""


def document_label(fact: Items, key: str) -> str:
    """Returns the French label of a document (its blob's key) that a fact of an item names."""
    name = next((name for name, value in fact.model_dump().items() if value == key), "")
    return LABELS.get((fact.type, name), f"Document nommé par {fact.type}")
