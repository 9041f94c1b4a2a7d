EXTRA_DIST += packaging/packages packaging/packages.sh packaging/realm.sh
EXTRA_DIST += packaging/grafana/daftar.json packaging/prometheus/daftar.rules.yml packaging/prometheus/daftar.rules.test.yml
EXTRA_DIST += packaging/systemd/daftard.service packaging/systemd/daftar-alert.service packaging/systemd/daftar-dashboard.service packaging/systemd/daftar-adapter@.service
