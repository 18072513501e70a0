-- lst_sessions
-- what:    the sessions of a batch as planned, with its programme; one line without a session where none is planned
-- grain:   one row per session_code
-- reads:   accepted.batches, accepted.programmes, accepted.sessions
-- params:  $batch_code
select
    batches.batch_code,
    coalesce(programmes.programme_name, batches.programme_code) as programme,
    sessions.starts_at,
    sessions.ends_at
from accepted.batches as batches
left join accepted.programmes as programmes on programmes.programme_code = batches.programme_code
left join accepted.sessions as sessions on sessions.batch_code = batches.batch_code
where batches.batch_code = $batch_code
order by sessions.starts_at, sessions.session_code
