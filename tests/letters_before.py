"""Letters as people write them, written before the tables of Indre were widened (ADR 0028).

`expected`: what must be recognised — complaint, appeal, elected — and `None` for harmless ones.
"""

from typing import NamedTuple


class Letter(NamedTuple):
    """Name of the sender, subject, text, and what the shipped tables must see in it."""

    sender: str
    subject: str
    text: str
    expected: str | None


COMPLAINTS = (
    ("Guichet", "C'est indigne d'un service public. J'ai attendu trois heures pour rien."),
    ("Mon dossier", "Personne ne répond au téléphone depuis des semaines, c'est inacceptable."),
    ("Accueil du 4 mai", "Votre agent m'a parlé avec mépris. J'attends des excuses."),
    ("Titre de séjour", "Cela fait huit mois que j'attends et je n'ai aucune nouvelle. C'est honteux."),
    ("Standard", "Le standard raccroche au nez des gens. C'est scandaleux."),
    ("Rendez-vous", "Je suis très mécontente de la façon dont j'ai été reçue."),
    ("Rendez-vous", "Impossible d'avoir un rendez-vous, on se moque de nous."),
    ("Carte grise", "Je tiens à vous faire part de mon mécontentement."),
    ("Dossier perdu", "Vous avez perdu mon dossier deux fois, ça suffit !"),
    ("Permis", "Je trouve anormal de devoir attendre quatre mois pour un simple papier."),
    ("Accueil", "J'ai été très mal reçu au guichet 3, l'agent était agressif."),
    ("Courriers sans suite", "Trois courriers restés sans réponse. Quel manque de respect."),
    ("Plainte", "Je souhaite me plaindre du comportement d'un de vos agents."),
    ("Votre service", "Votre incompétence me coûte mon emploi."),
    ("File d'attente", "Aucune considération pour les personnes âgées, c'est une honte."),
)
APPEALS = (
    ("Refus de séjour", "Par la présente, je forme un recours contre la décision du 3 avril."),
    ("Décision du 12 mars", "Je conteste votre décision de suspension de mon permis."),
    ("Votre refus", "J'entends contester le refus qui m'a été opposé."),
    ("Recours", "Veuillez trouver mon recours à l'encontre de l'arrêté du 2 février."),
    ("Arrêté", "Nous sollicitons le retrait de la décision attaquée."),
    ("OQTF", "Je fais appel de la décision d'obligation de quitter le territoire."),
    ("Naturalisation", "Je demande le réexamen de ma demande et l'annulation de votre décision."),
    ("Décision implicite", "Le présent recours est dirigé contre le refus implicite né le 1er mai."),
    ("Contestation", "Je souhaite contester la rétention de mon permis de conduire."),
    ("Refus", "À défaut de réponse sous quinze jours je porterai l'affaire devant la justice administrative."),
)
ELECTED = (
    ("Permanence Députée Claire Vauquelin", "Titre de M. A.", "Je vous signale la situation de M. A."),
    ("Permanence parlementaire", "Dossier", "Mme la Députée m'a chargée de vous saisir."),
    ("Lucie Gaillard", "Situation", "Cordialement,\nLucie Gaillard\ncollaboratrice parlementaire"),
    ("Paul Hervé", "Intervention", "Paul Hervé\nSénateur\nPermanence : 3 rue Haute"),
    ("Anne Roche", "Demande", "Attachée parlementaire de M. le Sénateur Denis Blin"),
    ("Jean Blanc", "Voirie", "Jean Blanc\nDéputé de la 2e circonscription"),
    ("Cabinet", "Courrier", "L'assistant parlementaire de Madame Durand, députée"),
)
HARMLESS = (
    ("Titre de séjour", "Bonjour, où en est ma demande de renouvellement ? Merci d'avance."),
    ("Permis", "Je souhaite échanger mon permis étranger. Quelles pièces faut-il ?"),
    ("Rendez-vous", "Je voudrais prendre un rendez-vous pour ma mère, très âgée."),
    ("Association", "Nous voulons déclarer le changement de bureau de notre association."),
    ("Merci", "Merci pour votre accueil, l'agent du guichet a été parfait."),
    ("Horaires", "À quelle heure ouvrez-vous le vendredi ?"),
    ("Changement d'adresse", "J'ai déménagé, comment modifier mon adresse ?"),
    ("Vote", "Comment donner procuration à mon frère ?"),
    ("Excuses", "Je vous présente mes excuses pour le retard de mes pièces."),
    ("Dossier", "Je n'ai pas pu répondre à votre appel, pouvez-vous rappeler ?"),
    ("Recours à un traducteur", "Puis-je avoir recours à un traducteur lors du rendez-vous ?"),
    ("Attestation", "J'attends votre attestation pour mon employeur, merci."),
    ("Appel", "J'ai fait appel à un avocat pour les papiers de mon entreprise, il faut quoi ?"),
    ("Député junior", "Mon fils participe au concours du parlement des enfants à l'école."),
    ("Naissance", "Je souhaite inscrire ma fille sur ma carte de séjour."),
    ("Chasse", "Je renouvelle ma demande de détention d'arme."),
    ("Naturalisation", "La décision favorable m'est parvenue, que dois-je faire ensuite ?"),
    ("Copie", "Pouvez-vous m'envoyer une copie de mon récépissé ?"),
    ("Décision", "J'ai bien reçu votre décision et je vous en remercie."),
    ("Facture EDF", "Voici mon justificatif de domicile, une facture d'électricité."),
    ("Passeport", "Mon passeport est périmé, puis-je voyager en Corse ?"),
    ("Vide-grenier", "Notre comité organise un vide-grenier en juin."),
    ("Question", "Est-il normal que je n'aie pas encore reçu de SMS ?"),
    ("Suspension", "Quand puis-je récupérer mon permis ? La suspension finit le 3."),
    ("Permanence d'accueil", "Y a-t-il une permanence le samedi à la maison France services ?"),
    ("Contestation PV", "Où dois-je m'adresser pour une contravention de stationnement ?"),
    ("Stage", "Je cherche un stage de troisième dans vos services."),
    ("Handicap", "Le bâtiment est-il accessible en fauteuil roulant ?"),
    ("Réponse", "Je réponds à votre lettre du 3 mai : voici les pièces."),
    ("Concert", "Nous organisons un concert, faut-il une autorisation ?"),
    ("Don", "Une tombola pour l'école : quelle déclaration ?"),
    ("Sénat", "J'ai visité le Sénat avec ma classe et souhaite visiter la préfecture."),
)


def letters() -> list[Letter]:
    """All of them."""
    return [
        *(Letter("Claire Renard", *pair, "complaint") for pair in COMPLAINTS),
        *(Letter("Claire Renard", *pair, "appeal") for pair in APPEALS),
        *(Letter(*three, "elected") for three in ELECTED),
        *(Letter("Claire Renard", *pair, None) for pair in HARMLESS),
    ]
