"""Plateforme: is everything that comes in told and heard, by processes that are well?"""

from deploy.grafana.panels import AMBER, RED, Board, Panel, Prom, Shown

_COUNTS = "Rien de tel n’a encore eu lieu."

BOARD = Board(
    "vaguemestre-plateforme",
    "Plateforme",
    "Tout ce qui entre est-il dit et entendu, par des processus en bonne santé ?",
    "now-6h",
    "15s",
    (
        Panel(
            "Processus",
            "1 : Prometheus le joint ; 0 : il ne répond pas.",
            Shown.BARS,
            (Prom('up{job="vaguemestre"}', "{{process}}"),),
            width=8,
        ),
        Panel(
            "Contrôles en échec",
            "Les contrôles de /health qui ne vont pas, par processus.",
            Shown.BARS,
            (
                Prom(
                    "count by (process) (vaguemestre_well == 0) "
                    "or sum by (process) (vaguemestre_well) * 0",
                    "{{process}}",
                ),
            ),
            steps=((1, RED),),
            width=8,
        ),
        Panel(
            "Entrées non comptées",
            "Arrivées gardées par la porte que le registre n’a pas encore nommées : doit revenir à "
            "zéro en quelques secondes.",
            Shown.FIGURE,
            (Prom("sum(vaguemestre:unaccounted:arrivals)", "arrivées"),),
            steps=((1, AMBER), (100, RED)),
            width=8,
        ),
        Panel(
            "Retard d’écoute",
            "Faits que chaque service n’a pas encore lus, par sujet.",
            Shown.LINES,
            (Prom("sum by (process, topic) (vaguemestre_lag_records)", "{{process}} {{topic}}"),),
            width=8,
        ),
        Panel(
            "Âge de ce qui attend de partir",
            "Depuis combien de temps le plus ancien fait attend Kafka, par service.",
            Shown.LINES,
            (Prom("max by (schema) (vaguemestre_outbox_age_seconds)", "{{schema}}"),),
            unit="s",
            steps=((60, AMBER), (300, RED)),
            width=8,
        ),
        Panel(
            "Retard des rappels",
            "Depuis combien de temps le premier courrier à réveiller attend.",
            Shown.LINES,
            (Prom("max(vaguemestre_sla_wake_lag_seconds)", "retard"),),
            unit="s",
            steps=((300, AMBER), (1800, RED)),
            width=8,
        ),
        Panel(
            "Lettres mortes",
            "Faits mis de côté jusqu’à ce qu’une personne décide.",
            Shown.FIGURE,
            (Prom("max by (schema) (vaguemestre_dead_letters)", "{{schema}}"),),
            steps=((1, RED),),
            width=8,
            height=5,
        ),
        Panel(
            "Qui publie",
            "Un seul processus par service publie ses faits ; 0 : personne.",
            Shown.FIGURE,
            (Prom("sum by (schema) (vaguemestre_relay_leads)", "{{schema}}"),),
            width=8,
            height=5,
        ),
        Panel(
            "File d’envoi",
            "Depuis combien de temps le plus ancien courriel prêt attend le relais SMTP.",
            Shown.FIGURE,
            (Prom("max(vaguemestre_mail_queue_oldest_seconds)", "attente"),),
            unit="s",
            steps=((300, AMBER), (1800, RED)),
            width=8,
            height=5,
        ),
        Panel(
            "Réponses du relais SMTP",
            "Courriels remis, par la réponse du serveur.",
            Shown.LINES,
            (
                Prom(
                    "sum by (answer) (rate(vaguemestre_mails_handed_total[5m])) * 60", "{{answer}}"
                ),
            ),
            width=8,
            may_be_empty=_COUNTS,
        ),
        Panel(
            "Faits entendus, par seconde",
            "Le débit de chaque service.",
            Shown.LINES,
            (Prom("sum by (process) (rate(vaguemestre_facts_total[5m]))", "{{process}}"),),
            width=8,
        ),
        Panel(
            "Durée d’un lot, 95e centile",
            "Le temps que prend une transaction d’écoute.",
            Shown.LINES,
            (
                Prom(
                    "histogram_quantile(0.95, sum by (process, le) "
                    "(rate(vaguemestre_batch_seconds_bucket[5m])))",
                    "{{process}}",
                ),
            ),
            unit="s",
            width=8,
        ),
        Panel(
            "Erreurs",
            "Faits refusés et questions de relevé sans réponse, par minute.",
            Shown.LINES,
            (
                Prom(
                    "sum by (process) (rate(vaguemestre_poisoned_total[5m])) * 60",
                    "refusés, {{process}}",
                ),
                Prom(
                    "sum by (process) (rate(vaguemestre_scrape_failures_total[5m])) * 60",
                    "relevé, {{process}}",
                ),
            ),
            width=8,
            may_be_empty=_COUNTS,
        ),
        Panel(
            "Mémoire",
            "Mémoire résidente de chaque processus.",
            Shown.LINES,
            (Prom('process_resident_memory_bytes{job="vaguemestre"}', "{{process}}"),),
            unit="bytes",
            width=8,
        ),
        Panel(
            "Disque libre",
            "Part libre du disque des originaux, des dépôts et des numérisations.",
            Shown.BARS,
            (Prom("min by (folder) (vaguemestre_disk_free_ratio)", "{{folder}}"),),
            unit="percentunit",
            width=8,
        ),
        Panel(
            "Recherche en retard",
            "Courriers enregistrés que la recherche ne trouve pas encore.",
            Shown.FIGURE,
            (Prom("max(vaguemestre_desk_unindexed)", "courriers"),),
            steps=((100, AMBER), (1000, RED)),
            width=6,
            height=5,
        ),
        Panel(
            "Récapitulatifs manquants",
            "Personnes qui devaient avoir leur récapitulatif ce jour ouvré et ne l’ont pas.",
            Shown.FIGURE,
            (Prom("max(vaguemestre_digests_missing)", "personnes"),),
            steps=((1, RED),),
            width=6,
            height=5,
        ),
        Panel(
            "Empreintes parties",
            "Âge de la dernière empreinte de la preuve partie vers chaque destinataire.",
            Shown.FIGURE,
            (Prom("max by (road) (vaguemestre_root_left_age_seconds)", "{{road}}"),),
            unit="s",
            steps=((90_000, AMBER), (93_600, RED)),
            width=6,
            height=5,
            may_be_empty="Aucune empreinte encore : elles partent dès le premier jour ouvré.",
        ),
        Panel(
            "Règles dépassées",
            "Courriers ouverts dont le plan date d’une version précédente des règles.",
            Shown.FIGURE,
            (Prom("max(vaguemestre_sla_outdated_items)", "courriers"),),
            width=6,
            height=5,
        ),
        Panel(
            "Abonnés à prévenir",
            "Courriers dont un logiciel abonné a encore quelque chose à apprendre, et ceux pour "
            "lesquels une personne doit décider (Envois en échec).",
            Shown.LINES,
            (
                Prom('max(vaguemestre_desk_webhook_items{result="open"})', "à dire"),
                Prom('max(vaguemestre_desk_webhook_items{result="late"})', "en échec"),
            ),
            width=12,
            height=5,
        ),
        Panel(
            "Attente des abonnés",
            "Depuis combien de temps le plus ancien de ces courriers attend d’être dit.",
            Shown.LINES,
            (Prom("max(vaguemestre_desk_webhook_oldest_seconds)", "attente"),),
            unit="s",
            steps=((300, AMBER), (1800, RED)),
            width=12,
            height=5,
        ),
        Panel(
            "Lettres au parapheur",
            "Lettres à déposer, à signer là-bas, signées et pas encore parties, en échec ; "
            "« sans réponse » : le parapheur se tait depuis trois tentatives.",
            Shown.LINES,
            tuple(
                Prom(f'max(vaguemestre_desk_parapheur_letters{{result="{result}"}})', name)
                for result, name in (
                    ("open", "à déposer"),
                    ("sent", "à signer"),
                    ("signed", "à envoyer"),
                    ("late", "en échec"),
                    ("unanswered", "sans réponse"),
                )
            ),
            width=12,
            height=5,
        ),
        Panel(
            "Attente au parapheur",
            "Depuis combien de temps attend la plus ancienne de ces lettres.",
            Shown.LINES,
            tuple(
                Prom(f'max(vaguemestre_desk_parapheur_oldest_seconds{{result="{result}"}})', name)
                for result, name in (
                    ("open", "à déposer"),
                    ("sent", "à signer"),
                    ("signed", "à envoyer"),
                    ("late", "en échec"),
                )
            ),
            unit="s",
            width=12,
            height=5,
        ),
        Panel(
            "Mails sécurisés",
            "Lettres à envoyer en mail sécurisé, envoyées et pas encore lues, en échec ; "
            "« sans réponse » : Pastell se tait depuis trois tentatives.",
            Shown.LINES,
            tuple(
                Prom(f'max(vaguemestre_desk_secure_mails{{result="{result}"}})', name)
                for result, name in (
                    ("open", "à envoyer"),
                    ("sent", "pas encore lues"),
                    ("late", "en échec"),
                    ("unanswered", "sans réponse"),
                )
            ),
            width=12,
            height=5,
        ),
        Panel(
            "Paquets pour les archives",
            "Paquets à déposer ou pas encore confirmés, déposés et sans réponse encore, en échec ; "
            "« muet » : le serveur d’archives se tait depuis trois tentatives.",
            Shown.LINES,
            tuple(
                Prom(f'max(vaguemestre_desk_archive_deposits{{result="{result}"}})', name)
                for result, name in (
                    ("open", "à déposer"),
                    ("sent", "déposés"),
                    ("late", "en échec"),
                    ("unanswered", "muet"),
                )
            ),
            width=12,
            height=5,
        ),
        Panel(
            "Justesse de ce qui est appris",
            "Part des propositions apprises des tris que les personnes ont suivies, sur les "
            "derniers courriers ; vide là où le site ne le demande pas.",
            Shown.LINES,
            (
                Prom(
                    'max by (question) (vaguemestre_desk_learned_letters{result="right"})'
                    ' / (max by (question) (vaguemestre_desk_learned_letters{result="shown"}) > 0)',
                    "{{question}}",
                ),
            ),
            unit="percentunit",
            width=12,
            height=5,
            may_be_empty="Le site ne demande pas d’apprendre.",
        ),
        Panel(
            "Part des courriers avec une proposition",
            "Part des derniers courriers pour lesquels ce qui est appris propose une réponse.",
            Shown.LINES,
            (
                Prom(
                    'max by (question) (vaguemestre_desk_learned_letters{result="shown"})'
                    ' / (max by (question) (vaguemestre_desk_learned_letters{result="measured"})'
                    " > 0)",
                    "{{question}}",
                ),
            ),
            unit="percentunit",
            width=12,
            height=5,
            may_be_empty="Le site ne demande pas d’apprendre.",
        ),
    ),
    filtered=False,
)
