-- PostgreSQL runs this once, in an empty data folder: who there is, and what they own. The passwords come from files.
\set yekuo_password `cat /run/secrets/yekuo_database_password`
\set temporal_password `cat /run/secrets/temporal_database_password`

CREATE ROLE yekuo LOGIN PASSWORD :'yekuo_password';
CREATE DATABASE yekuo OWNER yekuo ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE yekuo FROM PUBLIC;

-- Temporal's schema tool makes its two databases itself.
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal_password';
