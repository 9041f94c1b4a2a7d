EXTRA_DIST += packaging/packages packaging/packages.sh packaging/realm.sh
EXTRA_DIST += packaging/grafana/daftar.json packaging/prometheus/daftar.rules.yml packaging/prometheus/daftar.rules.test.yml
