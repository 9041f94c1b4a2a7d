EXTRA_DIST += packaging/packages packaging/packages.sh
