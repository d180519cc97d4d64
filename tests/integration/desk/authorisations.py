"""Who may open which page: written by hand, one row for each address and method of the desk.

A row names an example address on the register of test_authorisations.py, and by role what happens:
`allowed` (the page answers, or refuses what was typed), `hidden` (404). Every role that a row does
not name is forbidden (403). Whoever is not signed in is led to the sign-in, save where `open`.

The roles: office (bureau du courrier), agent (of bmi, which has item 1 and 2), stranger (agent of
another service), head (of bmi), director (of every service, so of the mail office too), secretary
(SG), quality (référent qualité), administrator (an account that is nobody of the préfecture).
Item 2 is réservé.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ROLES: Final = (
    *("office", "agent", "stranger", "head", "director", "secretary", "quality"),
    "administrator",
)
EVERYBODY: Final = "office agent stranger head director secretary quality"
ANYBODY: Final = f"{EVERYBODY} administrator"
CONCERNED: Final = "office agent head director secretary quality"


@dataclass(frozen=True)
class Row:
    """What happens at one address. `fields`: of a POST, such that nothing is decided."""

    url: str
    allowed: str
    hidden: str = ""
    open: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


PROVERS: Final = "head director secretary quality"


WATCHERS: Final = "director secretary quality"


FIRST: Final = "/courrier/36-2026-A-000001"
SECRET: Final = "/courrier/36-2026-A-000002"
TOLD: Final = "/abonnements/00000000-0000-4000-8000-000000000000"
VIEW: Final = "/courriers/vues/00000000-0000-4000-8000-000000000000"
NO_PICTURE: Final = "00000000-0000-4000-8000-000000000000/1.png"

ACTIONS: Final = (
    *(
        "envoi-vu",
        "depart",
        "pli-revenu",
        "recommande",
        "avis-de-reception",
        "suite-du-pli",
        "declarer",
        "copies",
        "transmettre",
        "a-transmettre",
        "ne-plus-transmettre",
        "decision",
        "pieces",
        "pieces-recues",
        "prolonger",
        "cause-retard",
        "attente",
    ),
    "expediteur",
    *("signature", "retour-signature", "tiers", "tiers-repondu", "rappel", "prendre", "avis"),
    *("attribuer", "autre-service", "pas-pour-nous", "reclasser", "regime", "date-arrivee"),
    *("classer", "rouvrir", "fusionner"),
)
"""What is decided on an item's page: the référent qualité reads, and decides nothing."""
DECIDES: Final = "office agent head director secretary"
SORTED: Final = "/bureau/a-qualifier/36-2026-A-000001"
APART: Final = f"/bureau/attente/message/{NO_PICTURE[:36]}"

TABLE: Final[Mapping[str, Row]] = {
    # service
    "GET /": Row("/", EVERYBODY),
    "GET /courriers": Row("/courriers", EVERYBODY),
    "POST /courriers/lot": Row("/courriers/lot", EVERYBODY),
    "GET /courriers/export/{kind}": Row("/courriers/export/csv", EVERYBODY),
    "GET /courriers/vues": Row("/courriers/vues", EVERYBODY),
    "POST /courriers/vues/garder": Row("/courriers/vues/garder", EVERYBODY),
    "POST /courriers/vues/{view:uuid}/renommer": Row(f"{VIEW}/renommer", "", hidden=EVERYBODY),
    "POST /courriers/vues/{view:uuid}/supprimer": Row(f"{VIEW}/supprimer", "", hidden=EVERYBODY),
    "GET /service/{service}": Row("/service/bmi", EVERYBODY),
    "GET /service/{service}/charge": Row("/service/bmi/charge", "head director"),
    "GET /service/{service}/charge/{person}/remise": Row(
        "/service/bmi/charge/a.gent/remise", "head director"
    ),
    "POST /service/{service}/charge/{person}/remise": Row(
        "/service/bmi/charge/a.gent/remise", "head director"
    ),
    # office
    "GET /regles/repetition": Row("/regles/repetition", "secretary quality administrator"),
    "GET /regles/repetition/{number:int}": Row(
        "/regles/repetition/1", "", hidden="secretary quality administrator"
    ),
    "GET /bureau/regles/essai": Row(
        "/bureau/regles/essai?objet=association&service=dre&mots=carte", "office"
    ),
    "GET /bureau": Row("/bureau", "office"),
    "GET /bureau/retours": Row("/bureau/retours", "office"),
    "POST /bureau/retours/revenu": Row("/bureau/retours/revenu", "office"),
    "POST /bureau/retours/{chrono}/suite": Row("/bureau/retours/36-2026-A-000001/suite", "office"),
    "POST /bureau/retours/{chrono}/annuler": Row(
        "/bureau/retours/36-2026-A-000001/annuler", "office"
    ),
    "GET /bureau/dates": Row("/bureau/dates", "office"),
    "POST /bureau/dates/lot": Row("/bureau/dates/lot", "office"),
    "POST /bureau/dates/{chrono}": Row("/bureau/dates/36-2026-A-000001", "office"),
    "GET /bureau/regimes": Row("/bureau/regimes", "office"),
    "POST /bureau/regimes/{chrono}": Row("/bureau/regimes/36-2026-A-000001", "office"),
    "GET /bureau/apprentissage": Row("/bureau/apprentissage", "office"),
    "GET /bureau/guichet": Row("/bureau/guichet", "office"),
    "POST /bureau/guichet/enregistrer": Row("/bureau/guichet/enregistrer", "office"),
    "POST /bureau/guichet/deposer": Row("/bureau/guichet/deposer", "office"),
    # Of a mail: nobody handed it over.
    "GET /bureau/guichet/{chrono}/recepisse.pdf": Row(
        "/bureau/guichet/36-2026-A-000001/recepisse.pdf", "", hidden="office"
    ),
    "GET /bureau/guichet/etiquette/{number:int}.pdf": Row(
        "/bureau/guichet/etiquette/7.pdf", "", hidden="office"
    ),
    "POST /bureau/guichet/{chrono}/annuler": Row(
        "/bureau/guichet/36-2026-A-000001/annuler", "office"
    ),
    "GET /bureau/impressions": Row("/bureau/impressions", "office"),
    "GET /bureau/impressions/lettre/{notice:uuid}.pdf": Row(
        f"/bureau/impressions/lettre/{NO_PICTURE[:36]}.pdf", "", hidden="office"
    ),
    "GET /bureau/impressions/lettres.pdf": Row(
        "/bureau/impressions/lettres.pdf", "", hidden="office"
    ),
    "POST /bureau/impressions/parties": Row("/bureau/impressions/parties", "office"),
    "GET /bureau/impressions/separateurs.pdf": Row("/bureau/impressions/separateurs.pdf", "office"),
    "GET /bureau/impressions/jour.pdf": Row("/bureau/impressions/jour.pdf", "office"),
    "GET /bureau/impressions/bordereau.pdf": Row(
        "/bureau/impressions/bordereau.pdf?service=bmi", "office"
    ),
    "POST /bureau/impressions/etiquettes": Row(
        "/bureau/impressions/etiquettes", "office", fields={"count": "0"}
    ),
    "GET /bureau/impressions/etiquettes/{first:int}-{count:int}-{skip:int}.pdf": Row(
        "/bureau/impressions/etiquettes/7-48-0.pdf", "", hidden="office"
    ),
    "GET /bureau/regles": Row("/bureau/regles", "office"),
    "GET /bureau/a-qualifier": Row("/bureau/a-qualifier", "office"),
    "GET /bureau/a-qualifier/{chrono}": Row(f"{SORTED}", "office"),
    "POST /bureau/a-qualifier/{chrono}/confirmer": Row(f"{SORTED}/confirmer", "office"),
    "POST /bureau/a-qualifier/{chrono}/ecarter": Row(f"{SORTED}/ecarter", "office"),
    "POST /bureau/a-qualifier/{chrono}/joindre": Row(f"{SORTED}/joindre", "office"),
    "POST /bureau/a-qualifier/{chrono}/annuler": Row(f"{SORTED}/annuler", "office"),
    "POST /bureau/a-qualifier/{chrono}/regarder": Row(f"{SORTED}/regarder", "office"),
    "POST /bureau/a-qualifier/{chrono}/prendre-la-main": Row(f"{SORTED}/prendre-la-main", "office"),
    "POST /bureau/a-qualifier/{chrono}/d-avance": Row(f"{SORTED}/d-avance", "office"),
    "POST /bureau/a-qualifier/{chrono}/montrer": Row(f"{SORTED}/montrer", "office"),
    "GET /bureau/file": Row("/bureau/file", "office"),
    "GET /bureau/file/lot": Row("/bureau/file/lot", "office"),
    "POST /bureau/file/lot/decider": Row("/bureau/file/lot/decider", "office"),
    "POST /bureau/file/lot/reprendre": Row("/bureau/file/lot/reprendre", "office"),
    "GET /bureau/departs": Row("/bureau/departs", "office"),
    "POST /bureau/departs/partir": Row("/bureau/departs/partir", "office"),
    "POST /bureau/departs/{chrono}/annuler": Row(
        "/bureau/departs/36-2026-A-000001/annuler", "office"
    ),
    "GET /bureau/attente/{liste}": Row("/bureau/attente/quarantaine", "office"),
    "GET /bureau/attente/message/{arrival:uuid}": Row(f"{APART}", "", hidden="office"),
    "GET /bureau/attente/message/{arrival:uuid}/{page:int}.png": Row(
        f"{APART}/1.png", "", hidden="office"
    ),
    "GET /bureau/attente/message/{arrival:uuid}/original": Row(
        f"{APART}/original", "", hidden="office"
    ),
    "POST /bureau/attente/message/{arrival:uuid}/prendre": Row(f"{APART}/prendre", "office"),
    "POST /bureau/attente/message/{arrival:uuid}/ecarter": Row(f"{APART}/ecarter", "office"),
    "POST /bureau/attente/message/{arrival:uuid}/relire": Row(
        f"{APART}/relire", "", hidden="office"
    ),
    # item
    "GET /courrier/{chrono}": Row(FIRST, CONCERNED, hidden="stranger"),
    "GET /courrier/{chrono}/{arrival:uuid}/{page:int}.png": Row(
        f"{FIRST}/{NO_PICTURE}", "", hidden=EVERYBODY
    ),
    "POST /courrier/{chrono}/{arrival:uuid}/tourner": Row(
        f"{FIRST}/{NO_PICTURE[:36]}/tourner", "", hidden=EVERYBODY
    ),
    "GET /courrier/{chrono}/{arrival:uuid}/original": Row(
        f"{FIRST}/{NO_PICTURE[:36]}/original", "", hidden=EVERYBODY
    ),
    "GET /courrier/{chrono}/{arrival:uuid}/copie": Row(
        f"{FIRST}/{NO_PICTURE[:36]}/copie", "", hidden=EVERYBODY
    ),
    "GET /courrier/{chrono}/{arrival:uuid}/piece-jointe/{number:int}": Row(
        f"{FIRST}/{NO_PICTURE[:36]}/piece-jointe/0", "", hidden=EVERYBODY
    ),
    "GET /courrier/{chrono}/{arrival:uuid}/piece-jointe/{number:int}/voir": Row(
        f"{FIRST}/{NO_PICTURE[:36]}/piece-jointe/0/voir", "", hidden=EVERYBODY
    ),
    "GET /courrier/{chrono}/{arrival:uuid}/piece-jointe/{number:int}/{page:int}.png": Row(
        f"{FIRST}/{NO_PICTURE[:36]}/piece-jointe/0/1.png", "", hidden=EVERYBODY
    ),
    **{
        f"{method} /courrier/{{chrono}}/{action}": Row(
            f"{FIRST}/{action}", DECIDES, hidden="stranger"
        )
        for method in ("GET", "POST")
        for action in ACTIONS
    },
    "POST /courrier/{chrono}/annuler": Row(f"{FIRST}/annuler", DECIDES, hidden="stranger"),
    "POST /courrier/{chrono}/retenu/{notice:uuid}": Row(
        f"{FIRST}/retenu/{NO_PICTURE[:36]}", DECIDES, hidden="stranger"
    ),
    "POST /courrier/{chrono}/copie/{notice:uuid}": Row(
        f"{FIRST}/copie/{NO_PICTURE[:36]}", DECIDES, hidden="stranger"
    ),
    "GET /courrier/{chrono}/note": Row(f"{FIRST}/note", CONCERNED, hidden="stranger"),
    "POST /courrier/{chrono}/note": Row(f"{FIRST}/note", CONCERNED, hidden="stranger"),
    "GET /courrier/{chrono}/appel-visite": Row(
        f"{FIRST}/appel-visite", CONCERNED, hidden="stranger"
    ),
    "POST /courrier/{chrono}/appel-visite": Row(
        f"{FIRST}/appel-visite", CONCERNED, hidden="stranger", fields={"kind": "note"}
    ),
    "POST /courrier/{chrono}/notes-lues": Row(f"{FIRST}/notes-lues", CONCERNED, hidden="stranger"),
    "GET /notes": Row("/notes", EVERYBODY),
    "GET /avis": Row("/avis", EVERYBODY),
    **{
        f"{method} /courrier/{{chrono}}/avis/{{asked:uuid}}": Row(
            f"{FIRST}/avis/{NO_PICTURE[:36]}", "", hidden=EVERYBODY
        )
        for method in ("GET", "POST")
    },
    "POST /courrier/{chrono}/separer": Row(f"{FIRST}/separer", DECIDES, hidden="stranger"),
    # search
    "GET /recherche": Row("/recherche?q=carte", EVERYBODY),
    "GET /recherche/export/{kind}": Row("/recherche/export/csv?q=carte", EVERYBODY),
    # evidence
    "GET /courrier/{chrono}/preuve": Row(f"{FIRST}/preuve", PROVERS, hidden="stranger"),
    "GET /courrier/{chrono}/preuve.zip": Row(f"{FIRST}/preuve.zip", PROVERS, hidden="stranger"),
    "POST /courrier/{chrono}/preuve/retrait": Row(
        f"{FIRST}/preuve/retrait", PROVERS, hidden="stranger"
    ),
    "POST /courrier/{chrono}/preuve/conservation": Row(
        f"{FIRST}/preuve/conservation", PROVERS, hidden="stranger"
    ),
    "POST /courrier/{chrono}/preuve/conservation/lever": Row(
        f"{FIRST}/preuve/conservation/lever", PROVERS, hidden="stranger"
    ),
    "POST /courrier/{chrono}/preuve/perimetre": Row(
        f"{FIRST}/preuve/perimetre", PROVERS, hidden="stranger"
    ),
    "GET /preuve": Row("/preuve", "secretary quality"),
    "GET /audit": Row("/audit?du=2026-01-01&au=2099-12-31", "secretary quality"),
    "GET /audit/a-expliquer.xlsx": Row("/audit/a-expliquer.xlsx", "secretary quality"),
    "POST /audit/arreter": Row("/audit/arreter", "secretary quality"),
    **{
        f"{method} /audit/{folder}/{{number:int}}{below}": Row(
            f"/audit/{folder}/999{below}", "", hidden="secretary quality"
        )
        for method, folder, below in (
            ("GET", "listes", ""),
            ("GET", "listes", ".csv"),
            ("POST", "listes", "/tirer"),
            ("GET", "tirages", ""),
            ("GET", "tirages", ".zip"),
        )
    },
    "GET /journal": Row("/journal", "secretary quality"),
    "GET /journal.csv": Row("/journal.csv", "secretary quality"),
    "GET /mois": Row("/mois", "director secretary quality"),
    **{
        f"{method} /mois/{{month}}{below}": Row(f"/mois/2026-05{below}", may, hidden=hidden)
        for method, below, may, hidden in (
            ("GET", "", "director secretary quality", ""),
            ("GET", "/clore", "quality", ""),
            ("POST", "/clore", "quality", ""),
            ("GET", "/fiche.pdf", "", "director secretary quality"),
            ("GET", "/chiffres.csv", "", "director secretary quality"),
            ("GET", "/engagements.csv", "", "secretary quality"),
        )
    },
    "GET /chiffres": Row("/chiffres", "director secretary quality"),
    **{
        f"GET /chiffres/{path}{below}": Row(f"/chiffres/{url}{file}", "director secretary quality")
        for path, url in (("mois/{month}", "mois/2026-05"), ("annee/{year:int}", "annee/2026"))
        for report in ("", "/retards", "/reclamations", "/hors-perimetre", "/cheminement")
        for below, file in (
            (report, report),
            (f"{report}/chiffres.{{kind}}", f"{report}/chiffres.xlsx"),
        )
    },
    **{
        f"GET /chiffres/mois/{{month}}/{what}.pdf": Row(
            f"/chiffres/mois/2026-05/{what}.pdf", "", hidden="director secretary quality"
        )
        for what in ("affiche", "copil")
    },
    "GET /chiffres/annee/{year:int}/rapport.odt": Row(
        "/chiffres/annee/2026/rapport.odt", "director secretary quality"
    ),
    "GET /qualite": Row("/qualite", "director secretary quality"),
    "GET /qualite/semaine": Row("/qualite/semaine", "director secretary quality"),
    "GET /qualite/semaine/{week}": Row(
        "/qualite/semaine/2019-01-07", "", hidden="director secretary quality"
    ),
    **{
        f"GET /qualite/label{path}": Row(f"/qualite/label{url}", may, hidden=hidden)
        for path, url, may, hidden in (
            ("", "", WATCHERS, ""),
            ("/calendrier", "/calendrier", WATCHERS, ""),
            ("/calendrier.ics", "/calendrier.ics", WATCHERS, ""),
            ("/referentiel", "/referentiel", WATCHERS, ""),
            ("/perimetre", "/perimetre", WATCHERS, ""),
            (
                "/perimetre/essai",
                "/perimetre/essai?service=bmi&sens=hors&jour=2026-07-01",
                "quality",
                "",
            ),
            ("/engagements/{engagement}", "/engagements/courriers", WATCHERS, ""),
            ("/preuves/{seq:int}", "/preuves/1", "", WATCHERS),
            ("/dossier", "/dossier", WATCHERS, ""),
            ("/dossier.zip", "/dossier.zip", WATCHERS, ""),
            ("/audit-interne.odt", "/audit-interne.odt", WATCHERS, ""),
            ("/constats", "/constats", WATCHERS, ""),
            ("/constats/{number:int}", "/constats/1", "", WATCHERS),
            ("/constats/{number:int}/fiche.pdf", "/constats/1/fiche.pdf", "", WATCHERS),
            ("/constats/{number:int}/levee", "/constats/1/levee", "", WATCHERS),
        )
    },
    **{
        f"POST /qualite/label{path}": Row(f"/qualite/label{url}", "quality")
        for path, url in (
            ("/date", "/date"),
            ("/constats", "/constats"),
            ("/calendrier/etape", "/calendrier/etape"),
            ("/referentiel/lu", "/referentiel/lu"),
            ("/perimetre/demander", "/perimetre/demander"),
            ("/perimetre/abandonner", "/perimetre/abandonner"),
            ("/engagements/{engagement}/preuve", "/engagements/courriers/preuve"),
            ("/engagements/{engagement}/objet", "/engagements/courriers/objet"),
        )
    },
    **{
        f"POST /qualite/label/constats/{{number:int}}/{act}": Row(
            f"/qualite/label/constats/1/{act}", "", hidden="quality"
        )
        for act in ("repondre",)
    },
    "POST /qualite/label/constats/{number:int}/lever": Row(
        "/qualite/label/constats/1/lever", "", hidden="secretary quality"
    ),
    "POST /qualite/label/perimetre/confirmer": Row("/qualite/label/perimetre/confirmer", WATCHERS),
    "POST /qualite/label/retirer": Row("/qualite/label/retirer", "secretary quality"),
    "GET /qualite/textes": Row("/qualite/textes", "secretary quality"),
    **{
        f"{method} /qualite/textes/{{seq:int}}{below}": Row(
            f"/qualite/textes/1{below}", "", hidden="secretary quality"
        )
        for method, below in (("GET", ""), ("POST", "/effacer"), ("POST", "/decider"))
    },
    "GET /qualite/nombres": Row("/qualite/nombres", "secretary quality"),
    "POST /qualite/nombres/{number:int}": Row("/qualite/nombres/1", "secretary quality"),
    "GET /qualite/auditeurs": Row("/qualite/auditeurs", "secretary quality"),
    "POST /qualite/auditeurs": Row("/qualite/auditeurs", "secretary quality"),
    "POST /qualite/auditeurs/{number:int}/confirmer": Row(
        "/qualite/auditeurs/1/confirmer", "secretary quality"
    ),
    "POST /qualite/auditeurs/{number:int}/terminer": Row(
        "/qualite/auditeurs/1/terminer", "", hidden="secretary quality"
    ),
    "GET /auditeur": Row("/auditeur", ANYBODY, open=True),
    "POST /auditeur": Row("/auditeur", ANYBODY, open=True),
    **{
        f"{method} /auditeur/{path}": Row(f"/auditeur/{url}", "", hidden=ANYBODY)
        for method, path, url in (
            *(("GET", path, path) for path in ("chiffres", "engagements", "mesures", "tirages")),
            ("GET", "engagements/{engagement}", "engagements/courriers"),
            ("GET", "tirages/{number:int}", "tirages/1"),
            ("GET", "tirages/{number:int}.zip", "tirages/1.zip"),
            ("GET", "courriers/{chrono}", "courriers/36-2026-A-000001"),
            ("GET", "courriers/{chrono}/contenu", "courriers/36-2026-A-000001/contenu"),
            (
                "GET",
                "courriers/{chrono}/{arrival:uuid}/{page:int}.png",
                f"courriers/36-2026-A-000001/{NO_PICTURE}",
            ),
            ("GET", "constats", "constats"),
            ("POST", "constats", "constats"),
        )
    },
    "GET /qualite/mesures": Row("/qualite/mesures", "director secretary quality"),
    "GET /qualite/mesures/registre.{kind}": Row(
        "/qualite/mesures/registre.xlsx", "director secretary quality"
    ),
    "GET /qualite/mesures/nouvelle": Row("/qualite/mesures/nouvelle", "quality"),
    "POST /qualite/mesures/nouvelle": Row("/qualite/mesures/nouvelle", "quality"),
    "GET /qualite/mesures/miennes": Row("/qualite/mesures/miennes", EVERYBODY),
    **{
        f"{method} /qualite/mesures/{{number:int}}{below}": Row(
            f"/qualite/mesures/99{below}", "", hidden=EVERYBODY
        )
        for method, below in (
            *(("GET", ""), ("GET", "/fiche.odt")),
            *(("POST", "/cause"), ("POST", "/action"), ("POST", "/echeance"), ("POST", "/faite")),
        )
    },
    **{
        f"{method} /qualite/mesures/{{number:int}}/{act}": Row(
            f"/qualite/mesures/99/{act}", "", hidden="quality"
        )
        for method, act in (
            *(("GET", "effet"), ("POST", "effet"), ("POST", "relire"), ("POST", "responsable")),
            *(("POST", "clore"), ("POST", "rouvrir")),
        )
    },
    "GET /qualite/groupes": Row("/qualite/groupes", "director secretary quality"),
    "POST /qualite/groupes": Row("/qualite/groupes", "quality"),
    **{
        f"GET /qualite/groupes/{{group:int}}{path}": Row(
            f"/qualite/groupes/99{url}", "", hidden="director secretary quality"
        )
        for path, url in (
            ("", ""),
            ("/reunions/{number:int}", "/reunions/99"),
            ("/reunions/{number:int}/releve.odt", "/reunions/99/releve.odt"),
        )
    },
    **{
        f"POST /qualite/groupes/{{group:int}}/{path}": Row(f"/qualite/groupes/99/{url}", "quality")
        for path, url in (
            ("dissoudre", "dissoudre"),
            ("membres", "membres"),
            ("membres/{number:int}/fin", "membres/99/fin"),
        )
    },
    **{
        f"POST /qualite/groupes/{{group:int}}/{path}": Row(
            f"/qualite/groupes/99/{url}", "", hidden="quality"
        )
        for path, url in (
            ("reunions", "reunions"),
            ("reunions/{number:int}/tenue", "reunions/99/tenue"),
        )
    },
    "GET /qualite/comite": Row("/qualite/comite", "director secretary quality"),
    **{
        f"POST /qualite/comite/{what}": Row(f"/qualite/comite/{what}", "quality")
        for what in ("membres", "reunions", "remarques")
    },
    **{
        f"POST /qualite/comite/membres/{{number:int}}/{act}": Row(
            f"/qualite/comite/membres/99/{act}", "quality"
        )
        for act in ("fin", "coordonnees")
    },
    **{
        f"POST /qualite/comite/remarques/{{number:int}}/{act}": Row(
            f"/qualite/comite/remarques/99/{act}", "quality"
        )
        for act in ("reponse", "suite", "retirer")
    },
    **{
        f"GET /qualite/comite/reunions/{{number:int}}{below}": Row(
            f"/qualite/comite/reunions/99{below}", "", hidden="director secretary quality"
        )
        for below in ("", "/seance", "/compte-rendu.odt", "/invitation.ics")
    },
    "GET /qualite/comite/reunions/{number:int}/lettres/{member:int}.pdf": Row(
        "/qualite/comite/reunions/99/lettres/1.pdf", "", hidden="quality"
    ),
    **{
        f"POST /qualite/comite/reunions/{{number:int}}/{act}": Row(
            f"/qualite/comite/reunions/99/{act}", "quality"
        )
        for act in ("deplacer", "inviter", "postees")
    },
    **{
        f"POST /qualite/comite/reunions/{{number:int}}/{act}": Row(
            f"/qualite/comite/reunions/99/{act}", "", hidden="quality"
        )
        for act in ("ordre-du-jour", "remarques", "tenue", "approuver", "diffuser")
    },
    "GET /qualite/site-internet": Row("/qualite/site-internet", EVERYBODY),
    "GET /qualite/site-internet/etat.{kind}": Row(
        "/qualite/site-internet/etat.csv", "director secretary quality"
    ),
    **{
        f"POST /qualite/site-internet/pages/{{page}}/{act}": Row(
            f"/qualite/site-internet/pages/titres/{act}",
            "head agent director quality",
            hidden="office stranger",
        )
        for act in ("verifiee", "a-modifier", "en-panne")
    },
    "POST /qualite/site-internet/modifications/{number:int}/page": Row(
        "/qualite/site-internet/modifications/99/page", "quality"
    ),
    "POST /qualite/site-internet/modifications/{number:int}/faite": Row(
        "/qualite/site-internet/modifications/99/faite", "", hidden=EVERYBODY
    ),
    "GET /qualite/enquetes": Row("/qualite/enquetes", "director secretary quality"),
    "POST /qualite/enquetes": Row("/qualite/enquetes", "quality"),
    **{
        f"GET /qualite/enquetes/{{number:int}}{below}": Row(
            f"/qualite/enquetes/99{below}", "", hidden="director secretary quality"
        )
        for below in (
            *("", "/feuille.pdf", "/resultats", "/rapport.odt", "/remarques"),
            *("/affiche.pdf", "/affiche-resultats.pdf", "/courriels"),
        )
    },
    "GET /qualite/enquetes/{number:int}/resultats.{kind}": Row(
        "/qualite/enquetes/99/resultats.csv", "", hidden="director secretary quality"
    ),
    "GET /qualite/enquetes/{number:int}/saisie": Row(
        "/qualite/enquetes/99/saisie", "", hidden="quality"
    ),
    **{
        f"POST /qualite/enquetes/{{number:int}}/{act}": Row(
            f"/qualite/enquetes/99/{act}", "", hidden="quality"
        )
        for act in ("saisie", "courriels")
    },
    **{
        f"POST /qualite/enquetes/{{number:int}}/{act}": Row(
            f"/qualite/enquetes/99/{act}", "quality"
        )
        for act in ("feuilles", "clore", "publier", "courriels/arret")
    },
    "POST /qualite/enquetes/{number:int}/remarques/{verbatim:uuid}": Row(
        f"/qualite/enquetes/99/remarques/{NO_PICTURE[:36]}", "quality"
    ),
    "GET /evenement": Row("/evenement", "office director secretary quality"),
    "POST /evenement": Row("/evenement", "secretary"),
    **{
        f"{method} /evenement/{{number:int}}{below}": Row(
            f"/evenement/99{below}", "", hidden="office director secretary quality"
        )
        for method, below in (("GET", ""), ("GET", "/courriers"), ("GET", "/bilan"))
    },
    "GET /evenement/{number:int}/bilan.{kind}": Row(
        "/evenement/99/bilan.odt", "", hidden="office director secretary quality"
    ),
    **{
        f"POST /evenement/{{number:int}}{below}": Row(
            f"/evenement/99{below}", "", hidden="office secretary"
        )
        for below in ("/courriers", "/courriers/retirer")
    },
    **{
        f"POST /evenement/{{number:int}}/{act}": Row(f"/evenement/99/{act}", "", hidden="secretary")
        for act in ("ouvrir", "abandonner", "clore", "texte", "regle", "approuver", "reponse")
    },
    "GET /evenement/{number:int}/reponse": Row(
        "/evenement/99/reponse", "", hidden="office director secretary quality"
    ),
    **{
        f"POST /evenement/{{number:int}}/reponse/{{mass:int}}/{act}": Row(
            f"/evenement/99/reponse/1/{act}", "", hidden="secretary"
        )
        for act in ("confirmer", "abandonner", "arreter", "reprendre", "terminer")
    },
    "GET /qualite/accueil": Row("/qualite/accueil", EVERYBODY),
    "GET /qualite/accueil/suivi": Row("/qualite/accueil/suivi", WATCHERS),
    "GET /qualite/accueil/suivi.{kind}": Row("/qualite/accueil/suivi.csv", WATCHERS),
    "GET /qualite/accueil/lieux/{place}/jeu.pdf": Row(
        "/qualite/accueil/lieux/guichet/jeu.pdf",
        "agent head director secretary quality",
        hidden="office stranger",
    ),
    "GET /qualite/accueil/lieux/{place}/fiches/{letter}/{version:int}.pdf": Row(
        "/qualite/accueil/lieux/guichet/fiches/rien/1.pdf", "", hidden=EVERYBODY
    ),
    **{
        f"POST /qualite/accueil/lieux/{{place}}/{act}": Row(
            f"/qualite/accueil/lieux/guichet/{act}",
            "agent head director quality",
            hidden="office stranger",
        )
        for act in ("affiche", "incident", "essai", "compte")
    },
    "POST /qualite/accueil/lieux/{place}/horaires": Row(
        "/qualite/accueil/lieux/guichet/horaires",
        "head director quality",
        hidden="office stranger",
    ),
    "POST /qualite/accueil/lieux/{place}/accompagnant": Row(
        "/qualite/accueil/lieux/guichet/accompagnant", "quality"
    ),
    **{
        f"POST /qualite/accueil/{what}": Row(f"/qualite/accueil/{url}", "", hidden=EVERYBODY)
        for what, url in (
            ("horaires/{number:int}/retirer", "horaires/99/retirer"),
            ("incidents/{number:int}/ticket", "incidents/99/ticket"),
            ("incidents/{number:int}/fin", "incidents/99/fin"),
            ("fiches/{letter}/{version:int}/relue", "fiches/rien/1/relue"),
        )
    },
    "GET /donnees-personnelles": Row("/donnees-personnelles", "secretary quality"),
    "GET /donnees-personnelles/registre.pdf": Row(
        "/donnees-personnelles/registre.pdf", "secretary quality"
    ),
    "POST /donnees-personnelles/chercher": Row(
        "/donnees-personnelles/chercher", "secretary quality"
    ),
    "GET /donnees-personnelles/personne": Row(
        "/donnees-personnelles/personne?numeros=36-2026-A-000001", "secretary quality"
    ),
    "GET /donnees-personnelles/personne.zip": Row(
        "/donnees-personnelles/personne.zip?numeros=36-2026-A-000001", "secretary quality"
    ),
    "GET /versement": Row("/versement", "secretary quality"),
    "POST /versement/proposer": Row("/versement/proposer", "secretary quality"),
    **{
        f"{method} /versement/{{number}}{below}": Row(
            f"/versement/36-2026-V-0001{below.replace('{digest}', '0')}",
            "",
            hidden="secretary quality",
        )
        for method, below in (
            ("GET", ""),
            ("GET", "/tableau.csv"),
            ("GET", "/paquet.zip"),
            ("GET", "/accuses/{digest}.xml"),
            ("GET", "/accuse-de-reception.xml"),
            ("POST", "/visa"),
            ("POST", "/deposer"),
            ("POST", "/accuse"),
            ("POST", "/abandonner"),
        )
    },
    "GET /elimination": Row("/elimination", "secretary quality"),
    "POST /elimination/proposer": Row("/elimination/proposer", "secretary quality"),
    **{
        f"{method} /elimination/{{slip}}{below}": Row(
            f"/elimination/36-2026-E-0001{below}", "", hidden="secretary quality"
        )
        for method, below in (
            ("GET", ""),
            ("GET", "/bordereau.csv"),
            ("GET", "/bordereau.pdf"),
            ("POST", "/visa"),
            ("POST", "/executer"),
            ("POST", "/abandonner"),
        )
    },
    "GET /reprise": Row("/reprise", "office"),
    "POST /reprise": Row("/reprise", "office"),
    "GET /reprise/{import_id:uuid}": Row(f"/reprise/{NO_PICTURE[:36]}", "", hidden="office"),
    "POST /reprise/{import_id:uuid}": Row(f"/reprise/{NO_PICTURE[:36]}", "", hidden="office"),
    # letters
    "GET /courriers-types": Row("/courriers-types", EVERYBODY),
    "GET /courriers-types/nouveau": Row("/courriers-types/nouveau", EVERYBODY),
    "POST /courriers-types/nouveau": Row("/courriers-types/nouveau", EVERYBODY),
    "GET /courriers-types/{letter}": Row("/courriers-types/rien", "", hidden=EVERYBODY),
    "GET /courriers-types/{letter}/ecrire": Row(
        "/courriers-types/rien/ecrire", "", hidden=EVERYBODY
    ),
    "POST /courriers-types/{letter}/ecrire": Row(
        "/courriers-types/rien/ecrire", "", hidden=EVERYBODY
    ),
    **{
        f"{method} /fiches/nouvelle": Row("/fiches/nouvelle", EVERYBODY)
        for method in ("GET", "POST")
    },
    **{
        f"{method} /fiches/{{letter}}/ecrire": Row("/fiches/rien/ecrire", "", hidden=EVERYBODY)
        for method in ("GET", "POST")
    },
    "POST /courriers-types/{letter}/soumettre": Row("/courriers-types/rien/soumettre", EVERYBODY),
    "POST /courriers-types/{letter}/approuver": Row("/courriers-types/rien/approuver", EVERYBODY),
    "POST /courriers-types/{letter}/retirer": Row("/courriers-types/rien/retirer", EVERYBODY),
    "GET /courrier/{chrono}/envoye/{seq:int}/{number:int}": Row(
        f"{FIRST}/envoye/9/0", "", hidden=EVERYBODY
    ),
    "GET /courrier/{chrono}/repondre": Row(
        f"{FIRST}/repondre", "office agent head director secretary", hidden="stranger"
    ),
    "GET /courrier/{chrono}/repondre/{letter}": Row(
        f"{FIRST}/repondre/rien", "", hidden="office agent stranger head director secretary"
    ),
    "POST /courrier/{chrono}/repondre/{letter}": Row(
        f"{FIRST}/repondre/rien", "", hidden="office agent stranger head director secretary"
    ),
    **{
        f"{method} /courrier/{{chrono}}/lettre/{{letter:uuid}}": Row(
            f"{FIRST}/lettre/{NO_PICTURE[:36]}", "", hidden=f"{CONCERNED} stranger"
        )
        for method in ("GET", "POST")
    },
    "GET /courrier/{chrono}/lettre/{letter:uuid}/lettre.pdf": Row(
        f"{FIRST}/lettre/{NO_PICTURE[:36]}/lettre.pdf", "", hidden=f"{CONCERNED} stranger"
    ),
    "GET /courrier/{chrono}/lettre/{letter:uuid}/piece/{number:int}": Row(
        f"{FIRST}/lettre/{NO_PICTURE[:36]}/piece/0", "", hidden=f"{CONCERNED} stranger"
    ),
    "POST /courrier/{chrono}/ecriture": Row(f"{FIRST}/ecriture", DECIDES, hidden="stranger"),
    "GET /signatures": Row("/signatures", EVERYBODY),
    # parapheur
    "GET /courrier/{chrono}/parapheur/{letter:uuid}/annexe/{number:int}": Row(
        f"{FIRST}/parapheur/{NO_PICTURE[:36]}/annexe/0", "", hidden=f"{CONCERNED} stranger"
    ),
    "GET /courrier/{chrono}/parapheur": Row(f"{FIRST}/parapheur", CONCERNED, hidden="stranger"),
    **{
        f"GET /courrier/{{chrono}}/parapheur/{{letter:uuid}}/{name}.pdf": Row(
            f"{FIRST}/parapheur/{NO_PICTURE[:36]}/{name}.pdf", "", hidden=f"{CONCERNED} stranger"
        )
        for name in ("lettre", "signee")
    },
    **{
        f"POST /courrier/{{chrono}}/parapheur/{{letter:uuid}}/{act}": Row(
            f"{FIRST}/parapheur/{NO_PICTURE[:36]}/{act}", "", hidden=f"{DECIDES} stranger"
        )
        for act in ("reprendre", "relancer", "partie", "securise")
    },
    "GET /courrier/{chrono}/mail-securise": Row(
        f"{FIRST}/mail-securise", CONCERNED, hidden="stranger"
    ),
    **{
        f"GET /courrier/{{chrono}}/mail-securise/{{letter:uuid}}/{file}": Row(
            f"{FIRST}/mail-securise/{NO_PICTURE[:36]}/{name}",
            "",
            hidden=f"{CONCERNED} stranger",
        )
        for file, name in (("lettre.pdf", "lettre.pdf"), ("annexe/{number:int}", "annexe/0"))
    },
    **{
        f"POST /courrier/{{chrono}}/mail-securise/{{letter:uuid}}/{act}": Row(
            f"{FIRST}/mail-securise/{NO_PICTURE[:36]}/{act}", "", hidden=f"{DECIDES} stranger"
        )
        for act in ("reprendre", "relancer")
    },
    # people
    "GET /retenus": Row("/retenus", EVERYBODY),
    "POST /retenus/lot": Row("/retenus/lot", EVERYBODY),
    "GET /delegations": Row("/delegations", ANYBODY),
    "POST /delegations": Row("/delegations", "secretary quality"),
    "POST /delegations/{number:int}/fin": Row("/delegations/999/fin", "secretary quality"),
    "GET /personnes": Row("/personnes", ANYBODY),
    "GET /personnes/nouvelle": Row("/personnes/nouvelle", "director administrator"),
    "POST /personnes/nouvelle": Row("/personnes/nouvelle", "director administrator"),
    "GET /moi": Row("/moi", EVERYBODY),
    "GET /moi/agenda": Row("/moi/agenda", EVERYBODY),
    "POST /moi/agenda": Row("/moi/agenda", EVERYBODY),
    "POST /moi/agenda/terminer": Row("/moi/agenda/terminer", EVERYBODY),
    "GET /agenda/{secret}.ics": Row("/agenda/rien.ics", "", ANYBODY, open=True),
    "GET /personne/{person}": Row("/personne/a.gent", ANYBODY),
    "POST /personne/{person}/absence": Row(
        "/personne/a.gent/absence", "office agent head director"
    ),
    "POST /personne/{person}/absence/{number:int}/annuler": Row(
        "/personne/a.gent/absence/1/annuler", "", hidden="office agent head director"
    ),
    "POST /personne/{person}/suppleant": Row(
        "/personne/a.gent/suppleant",
        "office agent head director",
        fields={"deputy": "nobody.here"},
    ),
    "POST /personne/{person}/services": Row(
        "/personne/a.gent/services",
        "office head director",
        fields={"services": "bmi"},
    ),
    "POST /personne/{person}/demande/{ask:uuid}": Row(
        f"/personne/a.gent/demande/{NO_PICTURE[:36]}", "", hidden=ANYBODY
    ),
    "POST /personne/{person}/fiche": Row("/personne/a.gent/fiche", "director administrator"),
    "POST /personne/{person}/depart": Row(
        "/personne/nobody.here/depart", "", hidden="director administrator"
    ),
    "GET /service/{service}/qui-recoit": Row("/service/bmi/qui-recoit", ANYBODY),
    "GET /service/{service}/ouverture": Row("/service/bmi/ouverture", "office head director"),
    "POST /service/{service}/ouverture": Row("/service/bmi/ouverture", "office head director"),
    # signin
    "GET /connexion": Row("/connexion", ANYBODY, open=True),
    "POST /connexion/mot-de-passe": Row("/connexion/mot-de-passe", "", ANYBODY, open=True),
    "GET /connexion/agir-comme": Row("/connexion/agir-comme", "administrator"),
    "POST /connexion/agir-comme": Row("/connexion/agir-comme", "", hidden="administrator"),
    "GET /connexion/fournisseur": Row("/connexion/fournisseur", "", ANYBODY, open=True),
    "POST /connexion/fin-de-session": Row("/connexion/fin-de-session", "", ANYBODY, open=True),
    "GET /connexion/retour": Row("/connexion/retour", ANYBODY, open=True),
    "GET /abonnements": Row("/abonnements", "administrator"),
    "POST /abonnements": Row("/abonnements", "administrator"),
    "GET /abonnements/echecs": Row("/abonnements/echecs", "administrator"),
    "POST /abonnements/{webhook:uuid}/passer": Row(f"{TOLD}/passer", "administrator"),
    "POST /abonnements/{webhook:uuid}/renvoyer": Row(f"{TOLD}/renvoyer", "administrator"),
    "POST /abonnements/{webhook:uuid}/secret": Row(f"{TOLD}/secret", "administrator"),
    "POST /abonnements/{webhook:uuid}/terminer": Row(f"{TOLD}/terminer", "administrator"),
    "GET /cles-api": Row("/cles-api", "administrator"),
    "POST /cles-api": Row("/cles-api", "administrator"),
    "GET /cles-api/a-confirmer": Row("/cles-api/a-confirmer", EVERYBODY),
    "POST /cles-api/{key}/confirmer": Row("/cles-api/000000000000/confirmer", EVERYBODY),
    "POST /cles-api/{key}/revoquer": Row("/cles-api/000000000000/revoquer", "administrator"),
    "GET /api/v1/docs": Row("/api/v1/docs", ANYBODY, open=True),
    "GET /aide": Row("/aide", ANYBODY),
    "POST /aide/visite": Row("/aide/visite", ANYBODY),
    "GET /administration": Row("/administration", "administrator"),
    "GET /regles": Row("/regles", "secretary quality administrator"),
    "GET /regles/{number:int}": Row("/regles/1", "secretary quality administrator"),
    "GET /sessions": Row("/sessions", "administrator"),
    "POST /sessions/{number}/terminer": Row("/sessions/0/terminer", "", hidden="administrator"),
    "POST /sessions/rester": Row("/sessions/rester", ANYBODY, open=True),
    "POST /deconnexion": Row("/deconnexion", ANYBODY, open=True),
}

SECRETS: Final = Row(SECRET, "office head director secretary", hidden="agent stranger quality")
"""A réservé item that nobody holds: the mail office sees its outline, its agents nothing."""
