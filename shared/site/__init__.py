"""The rules and people of a préfecture: read from a folder, checked whole, applied as a version.

What runs is an applied version, never a folder (docs/design.md, law 4).

The tables   each file of the folder is described in the module of its own name, `site.yaml` in
             `identity`, `mailboxes.yaml` in `mailboxes`; together they are a `bundle.Site`
Reading      `load.load_folder`: every mistake at once, by file and line (`mistakes`, `checks`)
Texts        `letters` and `pages` are what a template may say, `templates.render` says it
Applying     `store` keeps immutable versions, `applying` compares and applies, `effects` asks what
             would move; `applied_rules.AppliedRules` gives a process the version that runs
People       rows, not rules: `people_store.people_at` gives the `directory` of a moment
Commands     `vaguemestre site`
"""
