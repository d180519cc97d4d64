-- Desk alone writes who works where, who is away and when a service opens (docs/design.md §9): rows are
-- added, never changed, and everything else of schema `site` is only read.
GRANT INSERT ON site.people, site.absences, site.opening_hours TO vaguemestre_desk;
