EXTRA_DIST += packaging/packages packaging/packages.sh packaging/realm.sh
