"""The files of a site folder, each a table with its type; `bundle` is one version of all."""
