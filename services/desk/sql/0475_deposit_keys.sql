-- The keys by which other programs deposit (docs/decisions/0162), as the portal knows them: that one holds, for which
-- services, how often it may, and the digest of its secret (256 random bits, which it does not tell). It knows no label, no
-- other scope, and no key that does not deposit. `security_barrier`: no function of whoever asks sees the other keys.
CREATE VIEW portal.deposit_keys WITH (security_barrier) AS
    SELECT key, digest, services, per_minute, expires_at
    FROM desk.api_keys
    WHERE 'deposit' = ANY (scopes) AND revoked_at IS NULL
      AND (confirmed_at IS NOT NULL OR NOT scopes && ARRAY['content', 'decide', 'reserved']);
GRANT SELECT ON portal.deposit_keys TO vaguemestre_portal;

-- What a program deposits uses nothing up of what the public may send in ten minutes.
ALTER TABLE portal.deposits ADD COLUMN by_program boolean NOT NULL DEFAULT false;
