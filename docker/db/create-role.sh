#!/bin/bash
# Run once by the database image, as its superuser: the application gets a role of its own that is no superuser, and
# finds PostGIS installed in its database.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --set=password="$GRIDWARDEN_DB_PASSWORD" --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
CREATE ROLE gridwarden LOGIN PASSWORD :'password';
CREATE DATABASE gridwarden OWNER gridwarden TEMPLATE template0;
\connect gridwarden
CREATE EXTENSION postgis;
SQL
