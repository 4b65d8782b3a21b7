-- Run by the role that owns the schema, in its database, after the migrations. Safe to run again.
do $$ begin
  create role crm_worker login password 'CHANGE-ME';
exception when duplicate_object then
  alter role crm_worker login password 'CHANGE-ME';
end $$;
do $$ begin
  execute format('revoke create, temporary on database %I from public', current_database());
end $$;
revoke create on schema public from public;
grant usage on schema public to crm_worker;
grant select, insert, update, delete on all tables in schema public to crm_worker;
-- The audit only grows.
revoke update, delete on audit from crm_worker;
grant usage on all sequences in schema public to crm_worker;
grant execute on all routines in schema public to crm_worker;
-- What later migrations of this same role make.
alter default privileges in schema public grant select, insert, update, delete on tables to crm_worker;
alter default privileges in schema public grant usage on sequences to crm_worker;
alter default privileges in schema public grant execute on routines to crm_worker;
