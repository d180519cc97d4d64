-- Where members of the users' committee are reached, and the mails that invite them (docs/decisions/0108). Addresses
-- are in no fact, no text beside the chain and no other service's table; they go with the mandate.
CREATE TABLE desk.member_contacts (
    subject_id uuid PRIMARY KEY,          -- the member
    mail       text NOT NULL DEFAULT '',
    postal     text NOT NULL DEFAULT '',  -- lines below the name
    changed_at timestamptz NOT NULL,
    CHECK (mail <> '' OR postal <> '')
);

-- A row a mail: what it speaks of, and what notify told of it. The address is asked when it leaves.
CREATE TABLE desk.meeting_mails (
    notice_id  uuid PRIMARY KEY,
    meeting    uuid NOT NULL,
    member     uuid NOT NULL,
    number     integer NOT NULL,          -- the member's
    sequence   integer NOT NULL,          -- how often the meeting was called before
    at         timestamptz NOT NULL,
    place      uuid NOT NULL,             -- the text that says it
    points     text[] NOT NULL,
    cancelled  boolean NOT NULL,
    again      boolean NOT NULL,          -- the member was told of another day or place before
    called_at  timestamptz NOT NULL,
    ordered_at timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'ordered',
    why        text,
    revision   integer NOT NULL DEFAULT 0,
    sent_at    timestamptz                -- when a server took it, also of one that came back later
);
CREATE INDEX meeting_mails_meeting ON desk.meeting_mails (meeting);

-- The one thing of these that notify sees: a mail that it was told to send, with its address as it is now.
CREATE FUNCTION desk.meeting_mail(
    notice uuid, OUT meeting uuid, OUT address text, OUT at timestamptz, OUT place text, OUT points text[],
    OUT sequence integer, OUT latest integer, OUT cancelled boolean, OUT again boolean, OUT called_at timestamptz)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $mail$
    SELECT m.meeting, coalesce(c.mail, ''), m.at, coalesce(t.body, ''), m.points, m.sequence,
           (SELECT max(every.sequence) FROM desk.meeting_mails AS every WHERE every.meeting = m.meeting),
           m.cancelled, m.again, m.called_at
    FROM desk.meeting_mails AS m
    LEFT JOIN desk.member_contacts AS c ON c.subject_id = m.member
    LEFT JOIN desk.quality_texts AS t ON t.id = m.place
    WHERE m.notice_id = notice
$mail$;
REVOKE ALL ON FUNCTION desk.meeting_mail FROM PUBLIC;
GRANT EXECUTE ON FUNCTION desk.meeting_mail TO vaguemestre_notify;
