#!/bin/bash
# Run once by the postgres image over an empty data directory: the two roles and the database.
set -euo pipefail

OWNER_PASSWORD=$(cat /run/secrets/owner_password)
APPLICATION_PASSWORD=$(cat /run/secrets/application_password)
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
  --set owner_password="$OWNER_PASSWORD" --set application_password="$APPLICATION_PASSWORD" <<'SQL'
CREATE ROLE dispatch_owner LOGIN CREATEDB PASSWORD :'owner_password';
CREATE ROLE dispatch_app LOGIN PASSWORD :'application_password';
GRANT dispatch_app TO dispatch_owner;
CREATE DATABASE dispatch OWNER dispatch_owner ENCODING 'UTF8' TEMPLATE template0;
SQL
