-- The role of the servers. The state database runs this once, when it is created.
\set password `cat /run/secrets/state-app-password`
create role switchboard_app login password :'password';
