schemasdir = $(pkgdatadir)/schemas
dist_schemas_DATA =
