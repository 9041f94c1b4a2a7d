schemasdir = $(pkgdatadir)/schemas
dist_schemas_DATA = \
	schemas/birth.xsd schemas/case.xsd schemas/codes.csv schemas/codes.xsd \
	schemas/content.xsd schemas/envelope.xsd schemas/trust.xsd schemas/types.xsd \
	schemas/xades.xsd schemas/xml.xsd schemas/xmldsig.xsd schemas/xmldsig11.xsd \
	schemas/xmlenc.xsd schemas/xmlenc11.xsd
EXTRA_DIST += schemas/codes.awk
# What squeezed messages begin with, see lib/squeeze.h.
EXTRA_DIST += schemas/squeeze-1.txt schemas/squeeze.awk
dist_schemas_DATA += schemas/places-iso.csv schemas/places-lengths.csv schemas/places-ocha.csv \
	schemas/places.md
