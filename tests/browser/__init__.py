"""Pages as people see them, in a real browser: the site, the report, the dashboard, a notebook. `make test-browser`."""
