"""What each variable means, in French, for docs/guide/variables.md; in the order of the page."""

from collections.abc import Mapping, Sequence
from typing import Final

FAMILIES: Final[Mapping[str, Sequence[str]]] = {
    "Serveurs et processus": (
        "DATABASE_URL", "DATABASE_URL_INGEST", "DATABASE_URL_DESK", "DATABASE_URL_SLA",
        "DATABASE_URL_NOTIFY", "POOL", "HTTP_HOST", "HTTP_PORT", "HEALTH_HOST", "HEALTH_PORT",
        "HTTP_PORTS", "START_WAIT", "FREE_FLOOR", "OTLP", "INSTANCE", "BATCH",
    ),
    "Kafka": (
        "KAFKA", "KAFKA_TLS", "KAFKA_CA", "KAFKA_USER", "KAFKA_PASSWORD", "KAFKA_MECHANISM",
        "KAFKA_CERTIFICATE", "KAFKA_KEY", "KAFKA_OPEN", "PREFIX",
    ),
    "Disques et secrets": (
        "BLOBS", "SPOOL", "SECRET", "FORMER_SECRETS", "PSEUDONYM_SECRET", "CODE_SECRET",
        "FORMER_CODE_SECRETS", "KEYRING", "ENCRYPTION_KEY", "BUCKET", "BUCKET_ENDPOINT",
        "BUCKET_KEY", "BUCKET_SECRET", "BUCKET_REGION", "BUCKET_PREFIX", "BUCKET_CA", "BUCKET_OPEN",
        "DEPOSITS_URL", "DEPOSITS_SECRET", "DEPOSITS_CA", "DEPOSITS_SECRETS", "DEPOSITS_HOST",
        "DEPOSITS_PORT", "DEPOSITS_CERTIFICATE", "DEPOSITS_KEY", "DEPOSITS_OPEN",
    ),
    "Boîtes et numérisations": (
        "IMAP_HOST", "IMAP_PORT", "IMAP_TLS", "IMAP_MARK", "IMAP_LARGEST", "SCANS", "SCAN_STILL",
        "SCAN_BROKEN", "TESSDATA", "SMIME_ROOTS",
    ),
    "Jetons": (
        "OAUTH_TOKEN_URL", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPE", "OAUTH_HEADER",
        "OAUTH_MECHANISM",
    ),
    "Envois": (
        "SMTP_HOST", "SMTP_PORT", "SMTP_TLS", "SMTP_USER", "SMTP_SIGN_IN", "SMTP_PASSWORD",
        "SMTP_TIMEOUT", "SMTP_CONNECTIONS", "PROBE_EVERY",
    ),
    "Délais": ("WAKE_BATCH", "WAKE_POLL"),
    "Pages": (
        "DESK_URL", "PORTAL_URL", "PROXIES", "VENDOR", "CLAMD", "OIDC_ISSUER", "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET", "OIDC_SCOPE", "OIDC_ALGORITHMS", "OIDC_CLIENT_AUTH", "OIDC_ACR",
        "OIDC_AMR", "OIDC_CLAIM", "OIDC_ROLES", "OIDC_ADMINISTRATOR", "LOCAL_ACCOUNT",
    ),
    "Registre": (
        "EVENING_FOLDER", "EVENING_AT", "EVENING_DAYS", "SYSLOG", "SYSLOG_CA", "PARAPHEUR_LOGIN",
        "PARAPHEUR_PASSWORD", "SECURE_MAIL_LOGIN", "SECURE_MAIL_PASSWORD", "ARCHIVE_LOGIN",
        "ARCHIVE_PASSWORD",
    ),
}  # fmt: skip
"""The variables of each section of the page, in its order."""

MEANINGS: Final[Mapping[str, str]] = {
    "DATABASE_URL": "`postgresql://rôle:secret@hôte:5432/base`, le rôle de ce processus ; TLS :"
    " `?sslmode=verify-full&sslrootcert=/etc/ssl/interieur.pem`",
    "DATABASE_URL_INGEST": "pour `run`, l’adresse sous le rôle d’ingest ; `DATABASE_URL` y est"
    " celle du rôle qui finit par `_relay`",
    "DATABASE_URL_DESK": "de même, sous le rôle du registre",
    "DATABASE_URL_SLA": "de même, sous le rôle de sla",
    "DATABASE_URL_NOTIFY": "de même, sous le rôle de notify",
    "POOL": "connexions à PostgreSQL au plus, outre celles qui mesurent, écoutent ou tiennent un"
    " verrou ; pour `run`, de chacun de ses services",
    "HTTP_HOST": "où répondent les pages (`desk serve`, `portal serve`), sinon `/live`, `/ready`,"
    " `/health` et `/metrics`",
    "HTTP_PORT": "0 : un port libre, que nomme le journal",
    "HEALTH_HOST": "où répondent `/live`, `/ready`, `/health` et `/metrics` d’un processus qui a"
    " des pages (`desk serve`, `portal serve`), jamais au port des pages",
    "HEALTH_PORT": "de même ; 0 : un port libre",
    "HTTP_PORTS": 'où chaque processus répond, en JSON : `{"ingest": 9101, "sla": 9104}`',
    "START_WAIT": "attente de PostgreSQL et de Kafka au départ",
    "FREE_FLOOR": "Mo libres au-dessous desquels rien de nouveau n’est pris (formulaire, guichet,"
    " boîtes, numérisations)",
    "OTLP": "collecteur de traces (OTLP sur HTTP) : chaque courrier est une trace, dont"
    " l’identifiant est celui du courrier ; aucun",
    "INSTANCE": "le nom de cet exemplaire, à lui seul, le même à chaque démarrage : Kafka lui rend"
    " ses partitions sans attendre, et ce qu’un autre exemplaire a en main ne passe pas pour un"
    " arrêt brutal",
    "BATCH": "faits lus par transaction ; le registre en lit moins",
    "KAFKA": "`hôte:port`, plusieurs séparés par des virgules",
    "KAFKA_TLS": "`true` : TLS, le certificat est vérifié",
    "KAFKA_CA": "autorité (PEM) ; sinon celles du système",
    "KAFKA_USER": "utilisateur SASL ; personne",
    "KAFKA_PASSWORD": "son mot de passe",
    "KAFKA_MECHANISM": "ou `SCRAM-SHA-256`, `PLAIN`",
    "KAFKA_CERTIFICATE": "certificat du client (PEM), si Kafka le demande ; aucun",
    "KAFKA_KEY": "sa clef (PEM), un fichier",
    "KAFKA_OPEN": "`yes` : le réseau jusqu’à Kafka est sûr, les faits peuvent y passer en clair et"
    " de n’importe qui ; sans elle, un Kafka d’une autre machine sans TLS est refusé au départ",
    "PREFIX": "avant le nom des sujets (*topics*) et des groupes de Kafka",
    "BLOBS": "dossier des originaux ; avec un `BUCKET`, de ceux qui n’y sont pas encore déplacés",
    "SPOOL": "dossier des dépôts, des demandes de relecture et (`.survey`) des feuilles d’enquête,"
    " que prend `desk keep` ; `chmod 2770` : le portail peut avoir un compte à lui, du même groupe",
    "SECRET": "signe références, adresses de retour et codes imprimés ; se remplace par"
    " [`secret rotate`](exploitation.md#secret-du-site). `desk` s’en sert aussi pour qu’un courrier"
    " repris d’un ancien registre retrouve les réponses"
    " à son expéditeur",
    "FORMER_SECRETS": "les secrets d’avant, en JSON comme `FORMER_CODE_SECRETS` : ce qu’ils ont"
    " signé dans nos courriels est cru jusqu’à leur jour",
    "PSEUDONYM_SECRET": "le premier `SECRET`, une fois qu’il a été remplacé : les pseudonymes des"
    " correspondants le gardent, pour toujours",
    "CODE_SECRET": "signe les codes imprimés (feuilles, étiquettes, lettres) à la place de"
    " `SECRET` : voir [Codes imprimés](exploitation.md#codes-imprimés)",
    "FORMER_CODE_SECRETS": "les secrets qui les signaient avant, en JSON :"
    ' `[{"secret": "…", "until": "2027-12-31"}]`',
    "KEYRING": "trousseau qui chiffre et ouvre originaux et dépôts, en JSON ; aucun : rien n’est"
    " chiffré. `vaguemestre keys` l’écrit : voir [Chiffrer les fichiers](exploitation.md#chiffrer)",
    "ENCRYPTION_KEY": "moitié publique de la clé qui écrit, `2026:…` : le portail chiffre les"
    " dépôts et n’en relit aucun ; aucune : ils sont en clair. `vaguemestre keys` l’écrit,"
    " `up` la tire de `KEYRING`",
    "BUCKET": "compartiment (*bucket*) S3 où s’écrivent les originaux, au lieu du dossier `BLOBS` ;"
    " aucun : ils sont dans le dossier ([comment](exploitation.md#bucket))",
    "BUCKET_ENDPOINT": "où répond son serveur, `https://s3.prefecture.example`",
    "BUCKET_KEY": "identifiant de la clé d’accès",
    "BUCKET_SECRET": "son secret",
    "BUCKET_REGION": "sa région, si le serveur en distingue",
    "BUCKET_PREFIX": "avant le nom de chaque objet, `indre/` : pour plusieurs préfectures d’un même"
    " compartiment",
    "BUCKET_CA": "fichier (PEM) de l’autorité qui a signé le certificat du serveur ; celles que la"
    " machine connaît",
    "BUCKET_OPEN": "`yes` : le réseau jusqu’au serveur est sûr, les originaux peuvent y passer en"
    " clair (`http`) ; sans elle, une adresse sans TLS est refusée au départ",
    "DEPOSITS_URL": "`portal serve`, `desk serve` : adresse où `ingest` prend les dépôts par HTTP,"
    " `https://depots.prefecture.example` ; `SPOOL` est alors un dossier à soi"
    " ([comment](exploitation.md#depotshttp)) ; aucune : `SPOOL` est un dossier qu’`ingest` lit",
    "DEPOSITS_SECRET": "notre secret à cette porte, de 32 caractères au moins",
    "DEPOSITS_CA": "fichier (PEM) de l’autorité qui a signé le certificat de la porte ; celles que"
    " la machine connaît",
    "DEPOSITS_SECRETS": "qui peut déposer par HTTP, en JSON :"
    ' `{"portal": ["…"], "desk": ["…"]}` ; deux secrets valent à la fois pendant leur'
    " remplacement ; aucun : pas de porte",
    "DEPOSITS_HOST": "où répond cette porte",
    "DEPOSITS_PORT": "0 : un port libre, que nomme le journal",
    "DEPOSITS_CERTIFICATE": "certificat de la porte (PEM, avec sa chaîne) ; aucun : un mandataire"
    " l’a",
    "DEPOSITS_KEY": "sa clef (PEM), un fichier",
    "DEPOSITS_OPEN": "`yes` : le réseau entre qui dépose et la porte est sûr, les dépôts peuvent y"
    " passer en clair ; sans elle, une adresse sans TLS est refusée au départ, des deux côtés",
    "IMAP_HOST": "serveur des boîtes sans `host` dans `mailboxes.yaml`",
    "IMAP_PORT": "993, chiffré",
    "IMAP_TLS": "comme le dit `mailboxes.yaml`",
    "IMAP_MARK": "marque posée sur un courriel gardé ; `\\Seen`, un mot-clé, ou vide : aucune",
    "IMAP_LARGEST": "octets ; au-delà, l’en-tête seul, en quarantaine",
    "SCANS": "racine des dossiers de numérisation ; un partage réseau : `share: true` dans"
    " `mailboxes.yaml`, et un fichier vide `.vaguemestre` sur le partage, sans quoi il est dit"
    " absent au lieu d’être cru vide",
    "SCAN_STILL": "immobilité d’un fichier avant lecture ; trois fois plus pour un TIFF, entier"
    " après chacune de ses pages",
    "SCAN_BROKEN": "temps avant la quarantaine de ce qui ne se lit pas, et pendant lequel un"
    " fichier rangé dans `.pris` est surveillé",
    "TESSDATA": "dossier qui contient `fra.traineddata` (Tesseract), s’il y a des numérisations",
    "SMIME_ROOTS": "fichier (PEM) des autorités de certification que la préfecture connaît : la"
    " page d’un courriel signé (S/MIME) dit si l’une d’elles répond du certificat ; aucun : elle"
    " dit que l’autorité n’a pas été cherchée",
    "OAUTH_TOKEN_URL": "adresse https où se demandent les jetons d’accès"
    " ([comment](exploitation.md#jetons)) ; aucune : chaque boîte a un mot de passe",
    "OAUTH_CLIENT_ID": "identifiant de ce logiciel chez qui donne les jetons",
    "OAUTH_CLIENT_SECRET": "son secret ; par `_FILE`, un nouveau vaut à la demande suivante, sans"
    " relance",
    "OAUTH_SCOPE": "portée demandée ; Microsoft 365 : `https://outlook.office365.com/.default`",
    "OAUTH_HEADER": "`true` : identifiant et secret dans l’en-tête, si le serveur les veut là",
    "OAUTH_MECHANISM": "ou `OAUTHBEARER` (RFC 7628) : par quoi IMAP et SMTP prennent un jeton",
    "SMTP_SIGN_IN": "`token` : `SMTP_USER` se connecte par un jeton au lieu d’un mot de passe",
    "SMTP_HOST": "relais qui prend nos courriels",
    "SMTP_PORT": "587 : STARTTLS ; 465 : chiffré d’emblée",
    "SMTP_TLS": "`false` vers un relais de cette machine seulement",
    "SMTP_USER": "compte du relais ; aucun",
    "SMTP_PASSWORD": "son mot de passe",
    "SMTP_TIMEOUT": "attente d’une réponse du relais",
    "SMTP_CONNECTIONS": "connexions au relais entre lesquelles se partagent les envois ordinaires",
    "PROBE_EVERY": "période des messages de contrôle vers chaque boîte ; aucun",
    "WAKE_BATCH": "courriers réveillés ensemble",
    "WAKE_POLL": "sommeil le plus long",
    "DESK_URL": "`desk serve` : adresse https des pages, `https://courrier.prefecture.example` ;"
    " aucune : cette machine",
    "PORTAL_URL": "adresse https du portail, `https://ecrire.prefecture.example`, jamais celle de"
    " `DESK_URL` ; aucune : cette machine. `desk serve` y renvoie les anciennes adresses du"
    " formulaire, `notify` dit où suivre son courrier."
    " `up` la donne, sauf si `DESK_URL` est posée : posez-la alors aussi",
    "PROXIES": "mandataires dont `X-Forwarded-For` est cru : adresses ou réseaux, entre virgules",
    "VENDOR": "dossier de ce que `make setup` a pris de npm (htmx, [thème](exploitation.md#theme)"
    " de l’État) : `~/.cache/vaguemestre/web-…/pages` ; sans lui, les pages marchent comme sans"
    " JavaScript, dans le thème neutre",
    "CLAMD": "où clamd examine ce que le public joint (portail), ce qui est joint aux courriels et"
    " les papiers (ingest), ce que les agents joignent à leurs lettres (desk) : chemin de sa prise"
    " (`/run/clamav/clamd.ctl`) ou `hôte:port` ; aucun : rien n’est examiné",
    "OIDC_ISSUER": "adresse https du fournisseur d’identité ; aucune : compte local seul",
    "OIDC_CLIENT_ID": "ce que le fournisseur a donné pour ce service",
    "OIDC_CLIENT_SECRET": "de même",
    "OIDC_SCOPE": "ce qui est demandé",
    "OIDC_ALGORITHMS": "par quoi le fournisseur peut signer, entre espaces ; jamais par un secret"
    " partagé (HS256)",
    "OIDC_CLIENT_AUTH": "comment part notre secret : `client_secret_basic`, `client_secret_post`"
    " (ProConnect), ou `auto`, le premier des deux que le fournisseur propose",
    "OIDC_ACR": "niveaux, entre espaces, dont l’identification doit avoir l’un ; aucun : tous",
    "OIDC_AMR": "méthodes, entre espaces, dont l’identification doit avoir employé l’une"
    " (`mfa`) ; aucune : toutes",
    "OIDC_CLAIM": "ce qui dit qui c’est : `email` (l’adresse de la fiche), ou un autre"
    " (l’identifiant de la fiche)",
    "OIDC_ROLES": "où sont les rôles",
    "OIDC_ADMINISTRATOR": "celui d’administrateur",
    "LOCAL_ACCOUNT": "empreinte Argon2id du mot de passe local ; `up` la fait lui-même",
    "PARAPHEUR_LOGIN": "`desk keep` : compte, de Pastell ou d’i-Parapheur, qui dépose les lettres"
    " au [parapheur](exploitation.md#parapheur) que nomme le site",
    "PARAPHEUR_PASSWORD": "son mot de passe",
    "SECURE_MAIL_LOGIN": "`desk keep` : compte de Pastell qui envoie les"
    " [mails sécurisés](exploitation.md#mailsecurise), là où le site en envoie",
    "SECURE_MAIL_PASSWORD": "son mot de passe",
    "ARCHIVE_LOGIN": "`desk keep` : compte qui dépose les paquets au [service d’archives]"
    "(exploitation.md#archives), là où le site nomme son serveur",
    "ARCHIVE_PASSWORD": "son mot de passe",
    "EVENING_FOLDER": "`desk keep` : dossier de l’export du soir (un partage qui reste accessible"
    " si cette machine s’arrête ; il contient des noms) ; aucun : pas d’export",
    "EVENING_AT": "heure locale de cet export",
    "EVENING_DAYS": "jours pendant lesquels il est gardé",
    "SYSLOG": "`desk keep` : où part le journal (RFC 5424) :"
    " `tls://journaux.prefecture.example:6514` (certificat et nom vérifiés, RFC 5425), `tcp://` ou"
    " `udp://` ; nulle part",
    "SYSLOG_CA": "fichier PEM de l’autorité qui a signé le certificat du collecteur ; celles du"
    " système",
}
"""The meaning of each variable, without the prefix."""

ELSEWHERE: Final[Mapping[str, tuple[str, str]]] = {
    "PASSWORD_<BOÎTE>": (
        "ingest",
        (
            "(S) secret d’une boîte : `PASSWORD_PREF_BMI` pour `pref-bmi`. Par `_FILE`, un nouveau"
            " mot de passe vaut à la connexion suivante de cette boîte (au plus cinq minutes après"
            " un refus), sans relance ; par `LoadCredential=`, après une relance"
        ),
    ),
    "PROGRAM": (
        "vaguemestre-as",
        (
            "le programme à employer au lieu de celui de la préfecture :"
            " `/opt/vaguemestre/1.3.0/bin/vaguemestre`, pour une mise à jour"
        ),
    ),
    "WHY": (
        "les commandes qui décident",
        (
            "pourquoi par commande et non sur une page : un code, tel que `page-en-panne`, à"
            " défaut de `--why`"
        ),
    ),
    "DATA": ("commandes", "dossier d’un `vaguemestre up` en marche, qui donne ce qui manque"),
    "PORTAL_DATABASE_URL": (
        "`up`",
        (
            "(S) l’adresse de PostgreSQL sous le rôle `_portal`, quand `DATABASE_URL` en donne un :"
            " `up` ne donne jamais celle du registre au portail, et sans elle ne le lance pas"
        ),
    ),
    "DRILL_DATABASE_URL": (
        "`drill`",
        (
            "(S) l’adresse d’une base vide, à lui seul, où l’exercice de restauration écrit, et"
            " qu’il vide ; jamais celle du registre"
        ),
    ),
    "CACHE": ("`make setup`", "dossier de ce qui est pris une fois ; `~/.cache/vaguemestre`"),
}
"""Variables that no settings class declares: who reads each, and its meaning."""
